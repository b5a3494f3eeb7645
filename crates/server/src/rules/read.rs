//! Rule packs in folders.
//!
//! Every `.yml` and `.yaml` below a folder is a rule file; every `.txt` and `.csv` in a folder
//! named `lists` is a list; every `.yar` and `.yara` holds YARA rules. Folders of test messages are
//! left alone.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clawback_detect::pack::PackSources;

/// Reads the files of packs, in the order of their paths.
pub(crate) fn pack_sources(dirs: &[PathBuf]) -> anyhow::Result<PackSources> {
    let mut sources = PackSources::default();
    for dir in dirs {
        for path in files(dir)? {
            add(&path, &mut sources)?;
        }
    }
    Ok(sources)
}

/// The files below a folder, sorted.
pub(crate) fn files(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    walk(dir, &mut found, 0).with_context(|| format!("rules in {}", dir.display()))?;
    found.sort();
    Ok(found)
}

fn walk(path: &Path, found: &mut Vec<PathBuf>, depth: usize) -> anyhow::Result<()> {
    let metadata = std::fs::symlink_metadata(path)?;
    if metadata.is_symlink() && depth > 0 {
        return Ok(());
    }
    if !path.is_dir() {
        found.push(path.to_owned());
        anyhow::ensure!(found.len() <= FILES_MAX, "more than {FILES_MAX} files");
        return Ok(());
    }
    anyhow::ensure!(depth < DEPTH_MAX, "folders nested deeper than {DEPTH_MAX}");
    let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        if !hidden(&entry.file_name()) && entry.file_name() != "messages" {
            walk(&entry.path(), found, depth + 1)?;
        }
    }
    Ok(())
}

fn add(path: &Path, sources: &mut PackSources) -> anyhow::Result<()> {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let in_lists = path.parent().and_then(Path::file_name).is_some_and(|name| name == "lists");
    let target = match extension.as_str() {
        "yml" | "yaml" => &mut sources.rules,
        "yar" | "yara" => &mut sources.yara,
        "txt" | "csv" if in_lists => &mut sources.lists,
        _ => return Ok(()),
    };
    let octets = std::fs::metadata(path)?.len();
    anyhow::ensure!(
        octets <= FILE_OCTETS_MAX,
        "{} is larger than {FILE_OCTETS_MAX} octets",
        path.display()
    );
    let raw = std::fs::read(path).with_context(|| path.display().to_string())?;
    target.push((path.display().to_string(), String::from_utf8_lossy(&raw).into_owned()));
    Ok(())
}

const DEPTH_MAX: usize = 16;
const FILES_MAX: usize = 100_000;
const FILE_OCTETS_MAX: u64 = 64 * 1024 * 1024;
