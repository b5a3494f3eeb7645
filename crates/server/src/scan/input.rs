//! Where `scan` finds mail: files, folders, mbox files, standard input.

use super::{Path, PathBuf};
use anyhow::Context as _;
use std::io::Read as _;

/// A file to be read, or standard input.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Input {
    /// A file.
    File(PathBuf),
    /// `-`.
    Standard,
}

/// One mail with its place.
pub(crate) struct Mail {
    /// The file's path, with `#n` for the nth of an mbox file.
    pub(crate) path: String,
    /// Its octets.
    pub(crate) octets: Vec<u8>,
}

/// Every file under the paths, folders opened in the order of names; and how many paths are
/// unusable.
pub(crate) fn files(paths: &[PathBuf]) -> (Vec<Input>, u64) {
    let (mut found, mut unusable) = (Vec::new(), 0);
    for path in paths {
        if path.as_os_str() == "-" {
            found.push(Input::Standard);
        } else if path.exists() && !path.is_dir() {
            found.push(Input::File(path.clone()));
        } else if let Err(error) = walk(path, &mut found) {
            unusable += 1;
            eprintln!("clawback: {error:#}");
        }
    }
    (found, unusable)
}

/// Links to folders are not followed: they may lead round in a circle.
fn walk(folder: &Path, found: &mut Vec<Input>) -> anyhow::Result<()> {
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        let mut entries =
            entries.collect::<Result<Vec<_>, _>>().with_context(|| folder.display().to_string())?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let kind = entry.file_type().with_context(|| path.display().to_string())?;
            if kind.is_dir() {
                open.push(path);
            } else if path.is_file() {
                found.push(Input::File(path));
            }
        }
    }
    Ok(())
}

impl Input {
    /// The mails in it.
    pub(crate) fn read(&self) -> anyhow::Result<Vec<Mail>> {
        let (name, octets) = match self {
            Self::File(path) => {
                let name = path.display().to_string();
                let file = std::fs::File::open(path).with_context(|| name.clone())?;
                let octets = limited(file).with_context(|| name.clone())?;
                (name, octets)
            }
            Self::Standard => ("-".to_owned(), limited(std::io::stdin()).context("-")?),
        };
        if !octets.starts_with(b"From ") {
            return Ok(vec![Mail { path: name, octets }]);
        }
        let mails = split_mbox(&octets).enumerate();
        Ok(mails
            .map(|(at, mail)| Mail { path: format!("{name}#{}", at + 1), octets: unquote(mail) })
            .collect())
    }
}

fn limited(from: impl std::io::Read) -> anyhow::Result<Vec<u8>> {
    let mut octets = Vec::new();
    from.take(FILE_OCTETS_MAX + 1).read_to_end(&mut octets)?;
    anyhow::ensure!(octets.len() as u64 <= FILE_OCTETS_MAX, "larger than {FILE_OCTETS_MAX} octets");
    Ok(octets)
}

/// The mails of an mbox file: each begins after a line `From …` that follows an empty one.
// spec: rfc4155#A
fn split_mbox(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut starts = Vec::new();
    let (mut at, mut empty_before) = (0, true);
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        if empty_before && line.starts_with(b"From ") {
            starts.push((at, at + line.len()));
        }
        empty_before = line == b"\n" || line == b"\r\n";
        at += line.len();
    }
    let ends: Vec<usize> =
        starts.iter().skip(1).map(|(start, _)| *start).chain([octets.len()]).collect();
    let spans: Vec<(usize, usize)> = starts.iter().map(|(_, body)| *body).zip(ends).collect();
    spans.into_iter().filter_map(|(from, to)| octets.get(from..to))
}

/// Takes the quoting off lines that begin with `>From `.
fn unquote(mail: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(mail.len());
    for line in mail.split_inclusive(|octet| *octet == b'\n') {
        let quoted = line.starts_with(b">From ");
        out.extend_from_slice(if quoted { line.get(1..).unwrap_or(line) } else { line });
    }
    out
}

const FILE_OCTETS_MAX: u64 = 1024 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_mbox_is_split_at_from_lines_after_empty_ones() {
        let mbox = b"From a@b.example Mon\nSubject: 1\n\nFrom here on: text\n\n>From x\n\nFrom c Tue\nSubject: 2\n\nbye\n";
        let mails: Vec<&[u8]> = split_mbox(mbox).collect();
        assert_eq!(mails.len(), 3, "an unquoted From line after an empty one is a mail");
        assert_eq!(unquote(b">From x\n>>From y\n"), b"From x\n>>From y\n");
    }

    #[test]
    fn folders_are_read_in_order_and_links_to_folders_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("in")).unwrap();
        std::fs::write(dir.path().join("b.eml"), "x").unwrap();
        std::fs::write(dir.path().join("a.eml"), "x").unwrap();
        std::fs::write(dir.path().join("in/c.eml"), "x").unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("in/loop")).unwrap();
        let (found, unusable) = files(&[dir.path().to_owned(), dir.path().join("none")]);
        assert_eq!(unusable, 1);
        let names: Vec<String> = found
            .iter()
            .map(|input| match input {
                Input::File(path) => path.file_name().unwrap().to_string_lossy().into_owned(),
                Input::Standard => "-".into(),
            })
            .collect();
        assert_eq!(names, ["a.eml", "b.eml", "c.eml"]);
    }
}
