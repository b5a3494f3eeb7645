//! Macros of Office: where they hide, and their text.
//!
//! A project is read by its own list of modules; where that is broken (on purpose: macros run all
//! the same) every stream is searched for text that is packed as modules are.

use crate::archive::zip::Archive;
use crate::explode::Sink;
use crate::octets::{find, from, piece, size, u16_le, u32_le};
use crate::ole::Container;
use crate::oletools::{KeywordKind, keywords};
use crate::text;

/// One module of a project.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Module {
    /// Its name, with the extension that an export would give.
    pub vba_file_name: String,
    /// Where it stands in its container.
    pub ole_stream: String,
    /// Its source.
    pub vba_code: String,
}

/// What the macros of a file would do, by the words in them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Vba {
    /// Names of macros that run by themselves.
    pub auto_exec: Vec<String>,
    /// Strings that were in base64.
    pub base64: Vec<String>,
    /// Strings that were in hexadecimal.
    pub hex: Vec<String>,
    /// Things that can be looked up: URLs, addresses of machines, names of programs.
    pub ioc: Vec<String>,
    /// Words that lead out of the document.
    pub suspicious: Vec<String>,
    /// How many modules there are.
    pub total_files: usize,
}

/// Reads the macros of a document; `None` where there are none.
#[must_use]
pub fn scan(octets: &[u8]) -> Option<Vba> {
    let modules = modules(octets);
    if modules.is_empty() {
        return None;
    }
    let mut vba = Vba { total_files: modules.len(), ..Vba::default() };
    for keyword in keywords(&all_code(&modules)) {
        let list = match keyword.kind {
            KeywordKind::AutoExec => &mut vba.auto_exec,
            KeywordKind::Base64String => &mut vba.base64,
            KeywordKind::HexString => &mut vba.hex,
            KeywordKind::Ioc => &mut vba.ioc,
            KeywordKind::Suspicious => &mut vba.suspicious,
        };
        list.push(keyword.keyword);
    }
    Some(vba)
}

/// The modules of a document: an old one, a new one, a project by itself.
#[must_use]
pub fn modules(octets: &[u8]) -> Vec<Module> {
    if let Some(container) = Container::open(octets) {
        return of_container(&container);
    }
    let mut modules = Vec::new();
    if octets.starts_with(b"PK") {
        let archive = Archive::read(octets);
        // The part may have any name: what it is tells.
        for entry in archive.entries.iter().filter(|entry| !entry.is_folder()).take(PARTS_MAX) {
            let Some(head) = archive.unpack(entry, 8) else { continue };
            if head.octets.starts_with(&crate::kind::OLE)
                && let Some(run) = archive.unpack(entry, PROJECT_MAX)
                && let Some(container) = Container::open(&run.octets)
            {
                modules.extend(of_container(&container));
            }
        }
    }
    modules.truncate(MODULES_MAX);
    modules
}

/// Puts each module as a file of its own.
pub(crate) fn open(octets: &[u8], sink: &mut Sink<'_>) {
    for module in modules(octets) {
        let code = module.vba_code.into_bytes();
        if !sink.put_marked("ScanVba", &module.vba_file_name, code, vec!["vba_file"]) {
            break;
        }
    }
}

pub(crate) fn all_code(modules: &[Module]) -> String {
    let code: Vec<&str> = modules.iter().map(|module| module.vba_code.as_str()).collect();
    code.join("\n")
}

fn of_container(container: &Container<'_>) -> Vec<Module> {
    let mut modules = Vec::new();
    let lists = container
        .entries
        .iter()
        .filter(|entry| entry.is_stream && entry.name.eq_ignore_ascii_case("dir"));
    for list in lists {
        let folder = list.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let plain = unpack(&container.stream(list));
        for (name, stream, offset, extension) in listed(&plain) {
            let path =
                if folder.is_empty() { stream.clone() } else { format!("{folder}/{stream}") };
            let entry =
                container.entries.iter().find(|entry| entry.path.eq_ignore_ascii_case(&path));
            let Some(entry) = entry.or_else(|| container.find(&stream)) else { continue };
            let code = unpack(from(&container.stream(entry), offset));
            if !code.is_empty() && modules.len() < MODULES_MAX {
                modules.push(Module {
                    vba_file_name: format!("{name}.{extension}"),
                    ole_stream: entry.path.clone(),
                    vba_code: text::decode(&code),
                });
            }
        }
    }
    if modules.is_empty() {
        for entry in container.entries.iter().filter(|entry| entry.is_stream) {
            let stream = container.stream(entry);
            // `Attribute` packed: three octets of head, one of flags, then the word as it is.
            let Some(at) = find(&stream, b"\0Attribut").and_then(|at| at.checked_sub(3)) else {
                continue;
            };
            let code = unpack(from(&stream, at));
            if !code.is_empty() && modules.len() < MODULES_MAX {
                modules.push(Module {
                    vba_file_name: format!("{}.bas", entry.name),
                    ole_stream: entry.path.clone(),
                    vba_code: text::decode(&code),
                });
            }
        }
    }
    modules
}

/// Name, stream, place within it and extension of each module.
fn listed(list: &[u8]) -> Vec<(String, String, usize, &'static str)> {
    let mut modules: Vec<(String, String, usize, &'static str)> = Vec::new();
    let mut at = 0usize;
    while let (Some(id), Some(len)) = (u16_le(list, at), u32_le(list, at + 2)) {
        // The version's length is that of one of its two numbers.
        let len = if id == 9 { 6 } else { size(len) };
        let body = piece(list, at + 6, len);
        match id {
            0x19 => modules.push((text::decode(body), String::new(), 0, "bas")),
            0x1a => {
                if let Some(last) = modules.last_mut() {
                    last.1 = text::decode(body);
                }
            }
            0x31 => {
                if let Some(last) = modules.last_mut() {
                    last.2 = u32_le(body, 0).map_or(0, size);
                }
            }
            0x22 => {
                if let Some(last) = modules.last_mut() {
                    last.3 = "cls";
                }
            }
            _ => {}
        }
        at = at.saturating_add(6).saturating_add(len);
        if modules.len() > MODULES_MAX {
            break;
        }
    }
    modules.retain(|(_, stream, ..)| !stream.is_empty());
    modules
}

/// Unpacks text as VBA packs it. What came before a break is kept.
fn unpack(packed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    if packed.first() != Some(&1) {
        return plain;
    }
    let mut at = 1usize;
    while let Some(header) = u16_le(packed, at) {
        if plain.len() >= CODE_MAX || (header >> 12) & 7 != 3 {
            break;
        }
        let len = usize::from(header & 0xfff) + 3;
        let chunk = piece(packed, at + 2, len - 2);
        at += len;
        if header & 0x8000 == 0 {
            plain.extend_from_slice(chunk);
            continue;
        }
        if unpack_chunk(chunk, &mut plain).is_none() {
            break;
        }
    }
    plain
}

fn unpack_chunk(chunk: &[u8], plain: &mut Vec<u8>) -> Option<()> {
    let start = plain.len();
    let mut at = 0usize;
    while at < chunk.len() {
        let flags = *chunk.get(at)?;
        at += 1;
        for bit in 0..8 {
            if at >= chunk.len() {
                return Some(());
            }
            if flags >> bit & 1 == 0 {
                plain.push(*chunk.get(at)?);
                at += 1;
                continue;
            }
            let token = usize::from(u16_le(chunk, at)?);
            at += 2;
            let position = plain.len() - start;
            let mut bits = 4u32;
            while 1usize << bits < position {
                bits += 1;
            }
            let bits = bits.min(12);
            let len = (token & (0xffff >> bits)) + 3;
            let back = (token >> (16 - bits)) + 1;
            let from = plain.len().checked_sub(back)?;
            for place in from..from + len {
                plain.push(*plain.get(place)?);
            }
            if plain.len() - start > CHUNK_MAX {
                return None;
            }
        }
    }
    Some(())
}

/// Modules of one document.
const MODULES_MAX: usize = 200;
/// Parts of a document that are looked into for a project.
const PARTS_MAX: usize = 2_000;
/// Octets of a project.
const PROJECT_MAX: usize = 16 * 1024 * 1024;
/// Octets of one module.
const CODE_MAX: usize = 2 * 1024 * 1024;
/// A chunk unpacks to 4,096 octets; broken ones to a little more.
const CHUNK_MAX: usize = 8_192;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::ole::tests::container;

    /// Packs without finding repetitions.
    fn pack(text: &[u8]) -> Vec<u8> {
        let mut packed = vec![1];
        for chunk in text.chunks(3600) {
            let body: Vec<u8> =
                chunk.chunks(8).flat_map(|eight| [&[0u8], eight].concat()).collect();
            let header = 0xb000 | u16::try_from(body.len() + 2 - 3).unwrap();
            packed.extend(header.to_le_bytes());
            packed.extend(body);
        }
        packed
    }

    fn list_of(modules: &[&str]) -> Vec<u8> {
        let mut list = Vec::new();
        let mut record = |id: u16, body: &[u8]| {
            list.extend(id.to_le_bytes());
            list.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
            list.extend(body);
        };
        for name in modules {
            record(0x19, name.as_bytes());
            record(0x1a, name.as_bytes());
            record(0x31, &2u32.to_le_bytes());
        }
        list
    }

    /// A workbook with a macro.
    pub(crate) fn workbook(code: &str) -> Vec<u8> {
        let module = [&[9, 9][..], &pack(code.as_bytes())].concat();
        container(&[
            ("Workbook", b"\x09\x08\0\0"),
            ("_VBA_PROJECT_CUR/VBA/dir", &pack(&list_of(&["Module1"]))),
            ("_VBA_PROJECT_CUR/VBA/Module1", &module),
        ])
    }

    #[test]
    fn a_macro_is_read_by_the_list_of_modules() {
        let code =
            "Attribute VB_Name = \"Module1\"\r\nSub AutoOpen()\r\nShell \"cmd\"\r\nEnd Sub\r\n";
        let book = workbook(code);
        let modules = modules(&book);
        assert_eq!(modules.len(), 1);
        assert_eq!(modules[0].vba_file_name, "Module1.bas");
        assert!(modules[0].vba_code.starts_with(code), "{:?}", modules[0].vba_code);
        let vba = scan(&book).unwrap();
        assert_eq!(vba.auto_exec, ["AutoOpen"]);
        assert!(vba.suspicious.contains(&"Shell".to_owned()));
    }

    #[test]
    fn a_macro_without_its_list_and_under_another_name_is_found() {
        let stream =
            [b"junk".as_slice(), &pack(b"Attribute VB_Name\r\nSub Document_Open()\r\n")].concat();
        let project = container(&[("VBA/dir", b"broken"), ("VBA/x", &stream)]);
        let docx = crate::archive::zip::tests::Writer::default()
            .file("word/document.xml", b"<w/>")
            .file("word/media/picture.png", &project)
            .finish();
        assert!(modules(&docx)[0].vba_code.contains("Document_Open"));
    }

    #[test]
    fn repetitions_are_followed_and_lies_are_not() {
        // `#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa`, the standard's example.
        let packed = [
            0x01, 0x2f, 0xb0, 0x00, 0x23, 0x61, 0x61, 0x61, 0x62, 0x63, 0x64, 0x65, 0x82, 0x66,
            0x00, 0x70, 0x61, 0x67, 0x68, 0x69, 0x6a, 0x01, 0x38, 0x08, 0x61, 0x6b, 0x6c, 0x00,
            0x30, 0x6d, 0x6e, 0x6f, 0x70, 0x06, 0x71, 0x02, 0x70, 0x04, 0x10, 0x72, 0x73, 0x74,
            0x75, 0x76, 0x10, 0x77, 0x78, 0x79, 0x7a, 0x00, 0x3c,
        ];
        assert_eq!(unpack(&packed), b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa");
        assert_eq!(unpack(&[1, 0x10, 0xb0, 0xff, 0xff, 0xff]), b"");
    }
}
