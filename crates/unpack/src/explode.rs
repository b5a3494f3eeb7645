//! Takes a file apart: a tree of the files within it, breadth first.
//!
//! One worklist and one budget for the whole tree: no recursion, so a file within a file within a
//! file costs no stack, and a bomb costs its budget once, however it is folded.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::archive;
use crate::codec::{self, End, Run};
use crate::defect::{Defect, DefectKind};
use crate::kind::Kind;
use crate::octets::{from, u16_le};
use crate::{eml, html, ics, office, ole, pdf, rtf, vba};

/// A file as mail brings it.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Its name, as decoded; may be empty.
    pub name: &'a str,
    /// The content type that the mail claims. Told, never trusted.
    pub content_type: &'a str,
    /// What it holds.
    pub octets: &'a [u8],
}

/// What helps to take a file apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// Words of the message that may be the password of an archive; a few usual ones are added.
    pub passwords: &'a [String],
}

/// A file and everything found within it.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The file itself first, then what was found, nearest first. A node's id is its place here.
    pub nodes: Vec<Node>,
    /// Limits reached, locks, breaks.
    pub defects: Vec<Defect>,
}

/// One file of a [`Tree`].
#[derive(Clone, Debug)]
pub struct Node {
    /// Its place in the tree.
    pub id: usize,
    /// The node that it was in; the root has none.
    pub parent: Option<usize>,
    /// 0 for the root.
    pub depth: usize,
    /// Its name, with folders as the archive has them; a placeholder for what has none.
    pub name: String,
    /// The extension of its name, in lower case and without the dot.
    pub extension: Option<String>,
    /// What it is, by its content.
    pub kind: Kind,
    /// The MIME type of its content.
    pub mime: &'static str,
    /// Its length in octets, as far as it was unpacked.
    pub size: usize,
    /// The reader that found it, as `ScanZip`; empty for the root.
    pub source: &'static str,
    /// What it holds.
    pub octets: Arc<[u8]>,
    /// What its reader knows about it beyond its octets, as `vba_file`.
    pub external: Vec<&'static str>,
    /// What came of unpacking it, where it is something that can be.
    pub unpacked: Option<Unpacked>,
}

/// What came of unpacking one node.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Unpacked {
    /// Files that it has, by its own list.
    pub total_files: usize,
    /// Files that came out.
    pub total_extracted: usize,
    /// Whether a file in it, or its list, is encrypted.
    pub is_encrypted: bool,
    /// The password that opened it.
    pub password: Option<String>,
    /// The program or system that made it, where the format tells.
    pub host_os: Option<&'static str>,
}

/// Takes a file apart, as deep as the limits go.
///
/// It always comes back with a tree of at least the file itself.
#[must_use]
pub fn explode(file: &File<'_>, options: &Options<'_>) -> Tree {
    let root = Node::new(0, None, 0, file.name.to_owned(), "", file.octets.into(), Vec::new());
    let mut tree = Tree { nodes: vec![root], defects: Vec::new() };
    let mut budget = Budget { octets: OCTETS_MAX, opened: 0 };
    let passwords = candidates(options.passwords);
    let mut waiting = VecDeque::from([0usize]);
    while let Some(id) = waiting.pop_front() {
        let Some(node) = tree.nodes.get(id) else { break };
        let (kind, depth, octets) = (node.kind, node.depth, Arc::clone(&node.octets));
        if depth >= DEPTH_MAX {
            if holds_files(kind) {
                tree.defects.push(Defect {
                    node: id,
                    kind: DefectKind::DepthLimit,
                    reader: "tree",
                });
            }
            continue;
        }
        let mut sink = Sink::new(&mut budget, &passwords, octets.len(), &node.name);
        // What a page's own reader put was looked through with the page.
        let is_new = node.source != html::SOURCE;
        open(kind, &octets, is_new, &mut sink);
        if !is_zip(kind) && ends_as_zip(&octets, node.extension.as_deref()) {
            archive::zip::open(&octets, &mut sink);
        }
        let Sink { found, defects, unpacked, .. } = sink;
        for (kind, reader) in defects {
            if tree.defects.len() < DEFECTS_MAX {
                tree.defects.push(Defect { node: id, kind, reader });
            }
        }
        let extracted = found.len();
        if let Some(node) = tree.nodes.get_mut(id) {
            node.unpacked = unpacked.map(|told| Unpacked { total_extracted: extracted, ..told });
        }
        for part in found {
            let next = tree.nodes.len();
            let octets = part.octets.into();
            let Found { name, source, external, .. } = part;
            tree.nodes.push(Node::new(next, Some(id), depth + 1, name, source, octets, external));
            waiting.push_back(next);
        }
    }
    tree
}

/// Hands a file to the reader of its kind.
fn open(kind: Kind, octets: &[u8], is_new: bool, sink: &mut Sink<'_>) {
    match kind {
        Kind::Zip | Kind::Epub => archive::zip::open(octets, sink),
        Kind::Docx | Kind::Xlsx | Kind::Pptx => office::open(octets, sink),
        Kind::Gz => {
            let (run, name) = codec::gzip(octets, sink.room());
            sink.run("ScanGzip", &name.unwrap_or_else(|| stem(&sink.name)), run);
        }
        Kind::Bz2 => sink.run("ScanBzip2", &stem(&sink.name), codec::bzip2(octets, sink.room())),
        Kind::Xz | Kind::Lzma => {
            sink.run("ScanLzma", &stem(&sink.name), codec::xz(octets, sink.room()));
        }
        Kind::Zst => sink.run("ScanZstd", &stem(&sink.name), codec::zstd(octets, sink.room())),
        Kind::Zlib => sink.run("ScanZlib", &stem(&sink.name), codec::zlib(octets, sink.room())),
        Kind::Tar => archive::tar::open(octets, sink),
        Kind::Ar | Kind::Deb => archive::ar::open(octets, sink),
        Kind::Iso => archive::iso::open(octets, sink),
        Kind::Cab => archive::cab::open(octets, sink),
        Kind::Rar => archive::rar::open(octets, sink),
        Kind::SevenZ => archive::sevenz::open(octets, sink),
        Kind::Pdf => pdf::open(octets, sink),
        Kind::Html | Kind::Svg | Kind::Xml => html::open(octets, sink),
        Kind::Rtf => rtf::open(octets, sink),
        Kind::Eml | Kind::Mhtml => eml::open(octets, sink),
        Kind::Ics => ics::open(octets, sink),
        Kind::Doc | Kind::Xls | Kind::Ppt | Kind::Msg | Kind::Ole | Kind::Msi => {
            ole::open(octets, sink);
            vba::open(octets, sink);
        }
        Kind::OneNote => ole::open_one_note(octets, sink),
        Kind::Javascript | Kind::Vbs | Kind::Powershell | Kind::Batch | Kind::Text if is_new => {
            html::smuggled(octets, sink);
        }
        _ => {}
    }
}

fn is_zip(kind: Kind) -> bool {
    matches!(kind, Kind::Zip | Kind::Epub | Kind::Docx | Kind::Xlsx | Kind::Pptx)
}

/// Whether a file that begins as something else ends as a zip file: programs that open zip files
/// look at the end. Archives that hold one as their last entry go on behind it.
fn ends_as_zip(octets: &[u8], extension: Option<&str>) -> bool {
    let tail = from(octets, octets.len().saturating_sub(ZIP_TAIL));
    let Some(at) = memchr::memmem::rfind(tail, b"PK\x05\x06") else { return false };
    let comment = u16_le(tail, at + ZIP_END - 2).map_or(0, usize::from);
    let is_last = at + ZIP_END + comment == tail.len();
    (is_last || extension == Some("zip")) && memchr::memmem::find(octets, b"PK\x01\x02").is_some()
}

/// Whether a file of this name is run by a click.
pub(crate) fn runs(name: &str) -> bool {
    extension(name).is_some_and(|extension| RUN_BY_CLICK.contains(&extension.as_str()))
}

fn holds_files(kind: Kind) -> bool {
    !matches!(kind, Kind::Html | Kind::Svg | Kind::Xml | Kind::Text | Kind::Unknown | Kind::Empty)
        && (!kind.is_text() || matches!(kind, Kind::Eml | Kind::Mhtml))
        && !kind.mime().starts_with("image/")
}

/// The words of the mail first: the usual ones cost a try each on what has none of them.
fn candidates(passwords: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let usual = USUAL_PASSWORDS.iter().map(|word| (*word).to_owned());
    for word in passwords.iter().take(PASSWORDS_MAX).cloned().chain(usual) {
        if !word.is_empty() && !all.contains(&word) {
            all.push(word);
        }
    }
    all
}

/// The name of what is within a packed file of this name.
fn stem(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    match base.rsplit_once('.') {
        Some((stem, "tgz")) => format!("{stem}.tar"),
        Some((stem, _)) if !stem.is_empty() => stem.to_owned(),
        _ => base.to_owned(),
    }
}

/// The extension of a name, in lower case.
pub(crate) fn extension(name: &str) -> Option<String> {
    let base = name.trim_end_matches(['\0', ' ', '.']);
    let base = base.rsplit(['/', '\\']).next()?;
    let (_, extension) = base.rsplit_once('.')?;
    (!extension.is_empty() && extension.len() <= EXTENSION_MAX).then(|| extension.to_lowercase())
}

impl Node {
    fn new(
        id: usize,
        parent: Option<usize>,
        depth: usize,
        name: String,
        source: &'static str,
        octets: Arc<[u8]>,
        external: Vec<&'static str>,
    ) -> Self {
        let kind = Kind::of(&octets);
        let extension = extension(&name);
        let size = octets.len();
        let mime = kind.mime();
        let unpacked = None;
        Self {
            id,
            parent,
            depth,
            name,
            extension,
            kind,
            mime,
            size,
            source,
            octets,
            external,
            unpacked,
        }
    }
}

/// What one tree may still cost.
#[derive(Debug)]
struct Budget {
    octets: usize,
    opened: usize,
}

/// A file that a reader found.
#[derive(Debug)]
struct Found {
    name: String,
    source: &'static str,
    octets: Vec<u8>,
    external: Vec<&'static str>,
}

/// Where readers put what they find. It holds them to the budget.
#[derive(Debug)]
pub(crate) struct Sink<'b> {
    budget: &'b mut Budget,
    pub(crate) passwords: &'b [String],
    packed: usize,
    pub(crate) name: String,
    found: Vec<Found>,
    given: usize,
    defects: Vec<(DefectKind, &'static str)>,
    unpacked: Option<Unpacked>,
}

impl<'b> Sink<'b> {
    fn new(budget: &'b mut Budget, passwords: &'b [String], packed: usize, name: &str) -> Self {
        let (found, defects) = (Vec::new(), Vec::new());
        let name = name.to_owned();
        Self { budget, passwords, packed, name, found, given: 0, defects, unpacked: None }
    }

    /// How many octets the next file may have.
    pub(crate) fn room(&self) -> usize {
        let by_ratio = self.packed.saturating_mul(RATIO_MAX).max(RATIO_FREE);
        self.budget.octets.min(PART_MAX).min(by_ratio.saturating_sub(self.given))
    }

    /// How many more files would be kept.
    pub(crate) fn places(&self) -> usize {
        NODES_MAX.saturating_sub(self.budget.opened)
    }

    /// Whether one more file would be kept.
    pub(crate) fn is_open(&self) -> bool {
        self.budget.opened < NODES_MAX && self.budget.octets > 0
    }

    /// Puts a file; longer than there is room, it is cut. `false`: nothing more will be kept.
    pub(crate) fn put(&mut self, source: &'static str, name: &str, octets: Vec<u8>) -> bool {
        self.put_marked(source, name, octets, Vec::new())
    }

    /// The same, with what its reader knows about it.
    pub(crate) fn put_marked(
        &mut self,
        source: &'static str,
        name: &str,
        mut octets: Vec<u8>,
        external: Vec<&'static str>,
    ) -> bool {
        if self.budget.opened >= NODES_MAX {
            self.defect(DefectKind::NodeLimit, reader_of(source));
            return false;
        }
        let room = self.room();
        if octets.len() > room {
            octets.truncate(room);
            self.defect(DefectKind::SizeLimit, reader_of(source));
        }
        self.budget.opened = self.budget.opened.saturating_add(1);
        self.budget.octets = self.budget.octets.saturating_sub(octets.len());
        self.given = self.given.saturating_add(octets.len());
        let name = name.chars().take(NAME_MAX).collect();
        self.found.push(Found { name, source, octets, external });
        true
    }

    /// Puts what a decoder gave, and tells how it ended.
    pub(crate) fn run(&mut self, source: &'static str, name: &str, run: Run) {
        self.told(|told| told.total_files = told.total_files.saturating_add(1));
        self.ended(source, run.end);
        if !run.octets.is_empty() || run.end == End::Whole {
            self.put(source, name, run.octets);
        }
    }

    /// Tells how an unpacking ended, where that is a defect.
    pub(crate) fn ended(&mut self, source: &'static str, end: End) {
        match end {
            End::Whole => {}
            End::Broken => self.defect(DefectKind::Malformed, reader_of(source)),
            End::Limit if self.budget.octets.min(PART_MAX) > self.room() => {
                self.defect(DefectKind::RatioLimit, reader_of(source));
            }
            End::Limit => self.defect(DefectKind::SizeLimit, reader_of(source)),
        }
    }

    /// Tells a defect of the file that is open, once a kind.
    pub(crate) fn defect(&mut self, kind: DefectKind, reader: &'static str) {
        if !self.defects.contains(&(kind, reader)) {
            self.defects.push((kind, reader));
        }
    }

    /// Changes what is told of the unpacking.
    pub(crate) fn told(&mut self, change: impl FnOnce(&mut Unpacked)) {
        change(self.unpacked.get_or_insert_default());
    }
}

/// `ScanZip` is the node's word, `zip` the defect's.
fn reader_of(source: &'static str) -> &'static str {
    source.strip_prefix("Scan").unwrap_or(source)
}

/// Archives in archives: more than this is a game.
const DEPTH_MAX: usize = 8;
/// Files of one tree. Each is looked at by every rule that explodes.
const NODES_MAX: usize = 500;
/// Octets of one tree, beyond the file itself.
const OCTETS_MAX: usize = 64 * 1024 * 1024;
/// Octets of one file in it.
const PART_MAX: usize = 32 * 1024 * 1024;
/// How many times its own length a file may give. Text packs to a twentieth, seldom to a hundredth.
pub(crate) const RATIO_MAX: usize = 200;
/// What comes out of any file without being asked for a ratio.
const RATIO_FREE: usize = 4 * 1024 * 1024;
/// Defects that one tree tells.
const DEFECTS_MAX: usize = 200;
/// Signs of a name.
const NAME_MAX: usize = 1024;
/// A longer extension is not one.
const EXTENSION_MAX: usize = 64;
/// The record that ends a zip file, and how far from the end it may stand: a comment follows it.
const ZIP_END: usize = 22;
const ZIP_TAIL: usize = ZIP_END + 65_535;
/// Endings of names of files that are run by a click, and of pages.
const RUN_BY_CLICK: &[&str] = &[
    "bat", "chm", "cmd", "com", "cpl", "exe", "hta", "htm", "html", "jar", "js", "jse", "lnk",
    "msi", "pif", "ps1", "scr", "svg", "url", "vbe", "vbs", "wsf", "xll",
];
/// Passwords that are tried from the mail's text.
const PASSWORDS_MAX: usize = 200;
/// What senders of such mail use when they do not say.
const USUAL_PASSWORDS: &[&str] =
    &["infected", "password", "1234", "123456", "12345", "123", "0000"];

#[cfg(test)]
mod tests;
