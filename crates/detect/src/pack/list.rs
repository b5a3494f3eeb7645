//! List files: one entry a line, or a ranking as CSV. The file's name is the list's name.

use std::sync::Arc;

use clawback_mql::Set;

/// The name by which rules know a list file, and what is in it.
pub(crate) fn read(path: &str, text: &str) -> (String, Arc<Set>) {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines = lines.filter(|line| !line.starts_with('#')).take(ENTRIES_MAX);
    let set = if extension.eq_ignore_ascii_case("csv") {
        // A ranking: the rank, and the name.
        Set::new(lines.map(|line| line.rsplit(',').next().unwrap_or(line).trim_matches('"')))
    } else {
        Set::new(lines)
    };
    (name(stem), set)
}

/// Rankings are published by other names than rules call them by.
fn name(stem: &str) -> String {
    stem.to_ascii_lowercase().replace("_top_", "_").replace('-', "_")
}

const ENTRIES_MAX: usize = 5_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_table() {
        let (name, set) =
            read("lists/url_shorteners.txt", "# hosts\nbit.example\n\n  t.example \n");
        assert_eq!(name, "url_shorteners");
        assert_eq!(set.iter().collect::<Vec<_>>(), ["bit.example", "t.example"]);
        let (name, set) = read("ranking_top_10k.csv", "1,a.example\n2,b.example\n");
        assert_eq!(name, "ranking_10k");
        assert!(set.contains("b.example"));
    }
}
