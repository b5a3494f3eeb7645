//! Where the labelled collection is, unpacked, and a part of it for slow programs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::step;

/// The collection on this machine.
pub(super) struct Corpus {
    /// Its messages.
    pub(super) mail: PathBuf,
    /// What each is.
    pub(super) list: PathBuf,
    /// What a person read some of them as.
    pub(super) labels: PathBuf,
}

impl Corpus {
    /// Finds it and unpacks it below `scratch`; an error says what is missing.
    pub(super) fn open(given: Option<&Path>, scratch: &Path) -> anyhow::Result<Self> {
        let folder = match given {
            Some(folder) => folder.to_owned(),
            None => crate::root()?.join(BESIDE),
        };
        let missing: Vec<&str> = [ARCHIVE, LIST, LABELS]
            .into_iter()
            .filter(|name| !folder.join(name).is_file())
            .collect();
        if !missing.is_empty() {
            bail!(
                "{} has no {}; --corpus says where the collection is. It is not part of the \
                 project; docs/eval.md says what it consists of, and how to measure on own mail",
                folder.display(),
                missing.join(", no ")
            );
        }
        let mail = scratch.join("mail");
        unpack(&folder.join(ARCHIVE), &mail)?;
        Ok(Self { mail, list: folder.join(LIST), labels: folder.join(LABELS) })
    }

    /// A list of at most so many messages a source, and all that a person read: always the same.
    pub(super) fn sample(&self, most: usize, to: &Path) -> anyhow::Result<()> {
        let text = fs::read_to_string(&self.list).context("the list")?;
        fs::write(to, sampled(&text, &self.labelled()?, most)).context("the sample's list")
    }

    /// What a person read each path as.
    pub(super) fn labelled(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let text = fs::read_to_string(&self.labels).context("the labels")?;
        let rows = Rows::of(&text);
        let pair = |row: &[&str]| (rows.cell(row, "path"), rows.cell(row, "label"));
        Ok(rows.rows.iter().map(|row| pair(row)).collect())
    }
}

/// Unpacks once: the mark beside the folder says from what.
fn unpack(archive: &Path, to: &Path) -> anyhow::Result<()> {
    let mark = to.with_extension("from");
    let about = fs::metadata(archive)?;
    let now = format!("{} {} {:?}\n", archive.display(), about.len(), about.modified()?);
    if fs::read_to_string(&mark).is_ok_and(|before| before == now) {
        return Ok(());
    }
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    println!("unpacking {}", archive.display());
    let mut zstd = Command::new("zstd")
        .args(["-dc", "--long=27"])
        .arg(archive)
        .stdout(Stdio::piped())
        .spawn()
        .context("start zstd; on Debian: apt-get install zstd")?;
    let pipe = zstd.stdout.take().context("what zstd unpacks")?;
    step::run(Command::new("tar").args(["-x", "-C"]).arg(to).stdin(pipe))?;
    if !zstd.wait()?.success() {
        bail!("{} cannot be unpacked", archive.display());
    }
    fs::write(mark, now).context("the mark of what is unpacked")
}

/// Rows of a tab-separated file, with columns by their names.
pub(super) struct Rows<'a> {
    columns: Vec<&'a str>,
    pub(super) rows: Vec<Vec<&'a str>>,
}

impl<'a> Rows<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut lines = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        Self { columns: lines.next().unwrap_or_default(), rows: lines.collect() }
    }

    pub(super) fn cell(&self, row: &[&str], name: &str) -> String {
        let at = self.columns.iter().position(|column| *column == name);
        at.and_then(|at| row.get(at)).map(|cell| (*cell).to_owned()).unwrap_or_default()
    }
}

/// The lines of a list with the smallest digests of each source, and those that are labelled.
fn sampled(text: &str, labels: &BTreeMap<String, String>, most: usize) -> String {
    let rows = Rows::of(text);
    let mut by_source: BTreeMap<String, Vec<(String, &Vec<&str>)>> = BTreeMap::new();
    for row in &rows.rows {
        let source = by_source.entry(rows.cell(row, "source")).or_default();
        source.push((rows.cell(row, "sha256"), row));
    }
    let mut out = rows.columns.join("\t");
    for rows_of_source in by_source.values_mut() {
        rows_of_source.sort_unstable();
        for (at, (_, row)) in rows_of_source.iter().enumerate() {
            if at < most || labels.contains_key(&rows.cell(row, "path")) {
                out.push('\n');
                out.push_str(&row.join("\t"));
            }
        }
    }
    out.push('\n');
    out
}

const BESIDE: &str = "../shared/corpus";
const ARCHIVE: &str = "dev.tar.zst";
const LIST: &str = "dev.tsv";
const LABELS: &str = "labels.tsv";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_some_of_each_source_and_all_that_was_read() {
        let text = "path\tsource\tsha256\na\tx\t3\nb\tx\t1\nc\tx\t2\nd\ty\t9\n";
        let labels = BTreeMap::from([("a".to_owned(), "SPAM".to_owned())]);
        assert_eq!(sampled(text, &labels, 1), "path\tsource\tsha256\nb\tx\t1\na\tx\t3\nd\ty\t9\n");
    }

    #[test]
    fn what_is_missing_is_named() {
        let folder = std::env::temp_dir();
        let error = Corpus::open(Some(&folder.join("nowhere")), &folder).err().unwrap().to_string();
        assert!(error.contains("no dev.tar.zst, no dev.tsv, no labels.tsv"), "{error}");
    }
}
