//! What the rules look at: the files of the checkout and the graph of its crates.
//!
//! A house is a value, so that a rule is a function of it and its tests build small bad ones.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::Context as _;
use serde::Deserialize;

use crate::step;

/// The checkout, read once.
#[derive(Debug, Default)]
pub(crate) struct House {
    /// Every text file that git knows or would add, by its path.
    pub(crate) files: Vec<File>,
    /// The crates and what they depend on.
    pub(crate) graph: Graph,
}

/// A text file.
#[derive(Debug, Default)]
pub(crate) struct File {
    /// Its path from the root of the checkout, with `/`.
    pub(crate) path: String,
    /// What stands in it.
    pub(crate) text: String,
}

/// The crates in use on this platform.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// Our own crates.
    pub(crate) members: Vec<Package>,
    /// Everybody else's.
    pub(crate) others: Vec<Package>,
}

/// A crate.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Package {
    /// Cargo's name for exactly this one.
    #[serde(default)]
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// Its licence as an SPDX expression.
    pub(crate) license: Option<String>,
    /// What its manifest asks for.
    #[serde(default)]
    pub(crate) dependencies: Vec<Dependency>,
}

/// A dependency in a manifest.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Dependency {
    /// The crate asked for.
    pub(crate) name: String,
    /// `None` for a normal one, else `dev` or `build`.
    pub(crate) kind: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
}

impl House {
    /// Reads the checkout.
    pub(crate) fn read() -> anyhow::Result<Self> {
        Ok(Self { files: read_files()?, graph: Graph::read()? })
    }

    /// The file with exactly this path.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Every Rust file.
    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// Every document for people.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".md"))
    }
}

impl File {
    /// A file for a rule's tests.
    #[cfg(test)]
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Its lines, numbered from one.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// Whether all of it is tests or a program of its own beside the library.
    pub(crate) fn is_beside(&self) -> bool {
        ["tests", "examples", "benches"]
            .iter()
            .any(|folder| self.path.contains(&format!("/{folder}/")))
            || self.path.ends_with("/tests.rs")
    }

    /// The line where its tests begin: the module under `#[cfg(test)]`, at the foot of a file.
    pub(crate) fn tests_from(&self) -> usize {
        if self.is_beside() {
            return 1;
        }
        let mut lines = self.lines().peekable();
        while let Some((number, line)) = lines.next() {
            let test = line.trim() == "#[cfg(test)]";
            if test && lines.peek().is_some_and(|(_, next)| next.trim_start().starts_with("mod ")) {
                return number;
            }
        }
        usize::MAX
    }
}

impl Graph {
    fn read() -> anyhow::Result<Self> {
        let version = step::output(Command::new("rustc").arg("-vV"))?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.context("rustc -vV names no host")?;
        let json = step::output(&mut step::cargo(&[
            "metadata",
            "--format-version=1",
            "--filter-platform",
            host,
        ])?)?;
        let metadata: Metadata = serde_json::from_str(&json).context("read cargo metadata")?;
        // Metadata also lists what only a feature nobody asks for would bring; the tree does not.
        let tree = step::output(&mut step::cargo(&[
            "tree",
            "--workspace",
            "--edges=all",
            "--prefix=none",
            "--format={p}",
        ])?)?;
        Ok(Self::new(metadata, &tree))
    }

    fn new(metadata: Metadata, tree: &str) -> Self {
        let used: BTreeSet<(&str, &str)> = tree.lines().filter_map(name_and_version).collect();
        let (members, others): (Vec<_>, Vec<_>) = metadata
            .packages
            .into_iter()
            .filter(|package| used.contains(&(package.name.as_str(), package.version.as_str())))
            .partition(|package| metadata.workspace_members.contains(&package.id));
        Self { members, others }
    }
}

fn name_and_version(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    Some((words.next()?, words.next()?.strip_prefix('v')?))
}

fn read_files() -> anyhow::Result<Vec<File>> {
    let root = crate::root()?;
    let mut git = Command::new("git");
    git.current_dir(&root);
    // A build machine may run as another user than the one who made the clone.
    git.args(["-c", "safe.directory=*"]);
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let list = step::output(&mut git)?;
    let mut files = Vec::new();
    for path in list.split('\0').filter(|path| !path.is_empty()) {
        // Deleted and not yet committed, a link, or no text: nothing to read.
        if let Ok(text) = std::fs::read_to_string(root.join(path)) {
            files.push(File { path: path.to_owned(), text });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_begin_at_the_module_under_cfg_test() {
        let file = File::new("crates/a/src/b.rs", "fn a() {}\n#[cfg(test)]\nmod tests {}\n");
        assert_eq!(file.tests_from(), 2);
        let file = File::new("crates/a/src/b.rs", "#[cfg(test)]\nfn helper() {}\n");
        assert_eq!(file.tests_from(), usize::MAX, "a helper is not the tests");
        assert_eq!(File::new("crates/a/tests/b.rs", "fn a() {}\n").tests_from(), 1);
    }

    #[test]
    fn only_what_the_tree_names_is_in_the_graph() {
        let package = |name: &str| Package {
            id: format!("id-{name}"),
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            ..Package::default()
        };
        let metadata = Metadata {
            packages: vec![package("ours"), package("used"), package("listed-only")],
            workspace_members: BTreeSet::from(["id-ours".to_owned()]),
        };
        let graph = Graph::new(metadata, "ours v1.0.0 (/somewhere)\nused v1.0.0 (*)\n");
        assert_eq!(graph.members.len(), 1);
        let others: Vec<&str> = graph.others.iter().map(|other| other.name.as_str()).collect();
        assert_eq!(others, ["used"]);
    }
}
