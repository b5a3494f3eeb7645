//! What is suspicious about an Office document: macros and their words, links that leave it, locks.
//!
//! The shape of the answer is that of the well-known tools of this name; the lists of words are our
//! own and shorter. It reads; it does not emulate: a word put together at run time is not seen.

use crate::archive::zip::Archive;
use crate::office::{self, Relationship};
use crate::ole::Container;
use crate::vba::{self, Module};
use crate::{Kind, text};

/// The answer about one document.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// Why nothing could be said.
    pub error: Option<String>,
    /// What is notable at a glance.
    pub indicators: Indicators,
    /// Macros; absent where there are none.
    pub macros: Option<Macros>,
    /// Links that leave the document.
    pub relationships: Vec<Relationship>,
}

/// What is notable at a glance.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Indicators {
    /// `OLE`, `OpenXML`, `RTF`.
    pub container_format: Option<&'static str>,
    /// Locked with a password.
    pub encryption: bool,
    /// How many links leave the document.
    pub external_relationships: usize,
    /// As `MS Word 2007+ Document (.docx)`.
    pub file_format: Option<&'static str>,
    /// Flash files within.
    pub flash_objects: usize,
    /// Whether it has a store of embedded objects.
    pub object_pool: bool,
    /// Whether it has macros.
    pub vba_macros: bool,
}

/// How bad an indicator is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Risk {
    /// Of no account.
    None,
    /// Worth knowing.
    Low,
    /// Worth a look.
    Medium,
    /// Rarely honest.
    High,
}

impl Risk {
    /// The schema's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl Indicators {
    /// The risk of an indicator by its name in the schema.
    #[must_use]
    pub fn risk(&self, name: &str) -> Risk {
        let when = |found: bool, risk: Risk| if found { risk } else { Risk::None };
        match name {
            "encryption" => when(self.encryption, Risk::Low),
            "external_relationships" => when(self.external_relationships > 0, Risk::High),
            "flash_objects" => when(self.flash_objects > 0, Risk::High),
            "object_pool" => when(self.object_pool, Risk::Low),
            "vba_macros" => when(self.vba_macros, Risk::Medium),
            _ => Risk::None,
        }
    }
}

/// The macros of a document.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Macros {
    /// Words in them that tell.
    pub keywords: Vec<Keyword>,
    /// The modules.
    pub modules: Vec<Module>,
    /// The source of all of them.
    pub vba_code_all_modules: String,
}

/// A word in a macro.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Keyword {
    /// What it may be used for.
    pub description: &'static str,
    /// The word, as the macro has it.
    pub keyword: String,
    /// What kind of word it is.
    pub kind: KeywordKind,
}

/// Kinds of [`Keyword`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeywordKind {
    /// Runs without being asked.
    AutoExec,
    /// Readable once it is no longer base64.
    Base64String,
    /// Readable once it is no longer hexadecimal.
    HexString,
    /// Something to look up.
    Ioc,
    /// Leads out of the document.
    Suspicious,
}

impl KeywordKind {
    /// The schema's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AutoExec => "autoexec",
            Self::Base64String => "base64_string",
            Self::HexString => "hex_string",
            Self::Ioc => "ioc",
            Self::Suspicious => "suspicious",
        }
    }
}

/// Looks at a document. Every file gets an answer; what is no document has an `error`.
#[must_use]
pub fn scan(octets: &[u8]) -> Report {
    let kind = Kind::of(octets);
    let mut report = Report::default();
    let indicators = &mut report.indicators;
    match kind {
        Kind::Docx | Kind::Xlsx | Kind::Pptx | Kind::Zip => {
            indicators.container_format = Some("OpenXML");
            let archive = Archive::read(octets);
            let has_flash = |entry: &&crate::archive::zip::Entry| {
                archive.unpack(entry, 3).is_some_and(|head| is_flash(&head.octets))
            };
            let parts = archive.entries.iter().filter(|entry| entry.name.ends_with(".bin"));
            indicators.flash_objects = parts.take(PARTS_MAX).filter(has_flash).count();
        }
        Kind::Rtf => indicators.container_format = Some("RTF"),
        _ => {
            let Some(container) = Container::open(octets) else {
                report.error = Some("not an Office document".to_owned());
                return report;
            };
            indicators.container_format = Some("OLE");
            indicators.encryption = container.is_encrypted();
            indicators.object_pool = container.find("ObjectPool").is_some();
            let streams = container.entries.iter().filter(|entry| entry.is_stream);
            let flash =
                streams.take(PARTS_MAX).filter(|entry| holds_flash(&container.stream(entry)));
            indicators.flash_objects = flash.count();
        }
    }
    indicators.file_format = format_of(kind, octets);
    let relationships = office::external_relationships(octets);
    let leaving = relationships.iter().filter(|its| its.name != "hyperlink").count();
    let modules = vba::modules(octets);
    report.indicators.external_relationships = leaving;
    report.indicators.vba_macros = !modules.is_empty();
    report.relationships = relationships;
    if !modules.is_empty() {
        let code = vba::all_code(&modules);
        let keywords = keywords(&code);
        report.macros = Some(Macros { keywords, modules, vba_code_all_modules: code });
    }
    report
}

fn format_of(kind: Kind, octets: &[u8]) -> Option<&'static str> {
    Some(match kind {
        Kind::Doc => "MS Word 97-2003 Document or Template",
        Kind::Xls => "MS Excel 97-2003 Workbook or Template",
        Kind::Ppt => "MS PowerPoint 97-2003 Presentation or Template",
        Kind::Docx => "MS Word 2007+ Document",
        Kind::Xlsx => "MS Excel 2007+ Workbook",
        Kind::Pptx => "MS PowerPoint 2007+ Presentation",
        Kind::Msg => "MS Outlook Message",
        Kind::Rtf => "Rich Text Format",
        _ if Container::open(octets)?.is_encrypted() => "Encrypted OpenXML Document",
        _ => "Unknown file type",
    })
}

fn is_flash(head: &[u8]) -> bool {
    matches!(head.get(..3), Some(b"FWS" | b"CWS" | b"ZWS"))
}

/// A Flash file within a stream: its sign, and a version that exists.
fn holds_flash(stream: &[u8]) -> bool {
    [b"FWS", b"CWS", b"ZWS"].iter().any(|sign| {
        let mut found = memchr::memmem::find_iter(stream, sign.as_slice());
        found.any(|at| matches!(stream.get(at + 3), Some(1..=50)) && is_flash_length(stream, at))
    })
}

fn is_flash_length(stream: &[u8], at: usize) -> bool {
    crate::octets::u32_le(stream, at + 4).is_some_and(|len| (21..50_000_000).contains(&len))
}

/// The words of a macro that tell, each once.
#[must_use]
pub(crate) fn keywords(code: &str) -> Vec<Keyword> {
    let lower = code.to_ascii_lowercase();
    let mut found = Vec::new();
    let lists = [(AUTO_EXEC, KeywordKind::AutoExec), (SUSPICIOUS, KeywordKind::Suspicious)];
    for (list, kind) in lists {
        for (word, description) in list {
            if holds_word(&lower, &word.to_ascii_lowercase()) {
                found.push(Keyword { description, keyword: (*word).to_owned(), kind });
            }
        }
    }
    for url in text::urls(code) {
        found.push(Keyword { description: "URL", keyword: url, kind: KeywordKind::Ioc });
    }
    for literal in literals(code).take(LITERALS_MAX) {
        literal_keywords(literal, &mut found);
        if found.len() >= KEYWORDS_MAX {
            break;
        }
    }
    found
}

/// What one string of a macro is, on its own and once it is decoded.
fn literal_keywords(literal: &str, found: &mut Vec<Keyword>) {
    let mut push = |keyword: Keyword| {
        if !found.contains(&keyword) {
            found.push(keyword);
        }
    };
    for word in literal.split([' ', ',', ';', '"']).filter(|word| word.len() <= NAME_MAX) {
        let lower = word.to_ascii_lowercase();
        if EXECUTABLE.iter().any(|ending| lower.len() > ending.len() && lower.ends_with(ending)) {
            let description = "Executable file name";
            push(Keyword { description, keyword: word.to_owned(), kind: KeywordKind::Ioc });
        }
        if word.parse::<std::net::Ipv4Addr>().is_ok() {
            let description = "IPv4 address";
            push(Keyword { description, keyword: word.to_owned(), kind: KeywordKind::Ioc });
        }
    }
    let is_long = literal.len() >= CODED_MIN;
    if is_long
        && literal.len().is_multiple_of(2)
        && literal.bytes().all(|octet| octet.is_ascii_hexdigit())
    {
        let plain = hex(literal);
        if let Some(keyword) = readable(&plain) {
            push(Keyword {
                description: "Hex-encoded string",
                keyword,
                kind: KeywordKind::HexString,
            });
        }
        return;
    }
    if is_long
        && literal.len().is_multiple_of(4)
        && let Some(keyword) = text::base64(literal.as_bytes()).as_deref().and_then(readable)
    {
        let description = "Base64-encoded string";
        push(Keyword { description, keyword, kind: KeywordKind::Base64String });
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|sign| sign.to_digit(16)).collect();
    let pair = |two: &[u32]| {
        let number = two.iter().fold(0, |sum, digit| sum * 16 + digit);
        u8::try_from(number).unwrap_or_default()
    };
    digits.chunks_exact(2).map(pair).collect()
}

fn readable(octets: &[u8]) -> Option<String> {
    let is_plain = octets.iter().all(|octet| matches!(octet, 0x20..=0x7e | 9 | 10 | 13));
    (is_plain && octets.len() >= 4).then(|| String::from_utf8_lossy(octets).into_owned())
}

/// The strings of a macro.
fn literals(code: &str) -> impl Iterator<Item = &str> {
    code.lines().flat_map(|line| line.split('"').skip(1).step_by(2))
}

/// Whether a word stands by itself.
fn holds_word(text: &str, word: &str) -> bool {
    let is_letter = |octet: Option<&u8>| {
        octet.is_some_and(|octet| octet.is_ascii_alphanumeric() || *octet == b'_')
    };
    let octets = text.as_bytes();
    let ends_in_letter = is_letter(word.as_bytes().last());
    let starts_with_letter = is_letter(word.as_bytes().first());
    memchr::memmem::find_iter(octets, word.as_bytes()).any(|at| {
        let before = at.checked_sub(1).and_then(|at| octets.get(at));
        let after = octets.get(at + word.len());
        !(starts_with_letter && is_letter(before) || ends_in_letter && is_letter(after))
    })
}

/// Words that are told.
const KEYWORDS_MAX: usize = 1_000;
/// Strings of a macro that are looked into.
const LITERALS_MAX: usize = 20_000;
/// Parts that are looked into for Flash.
const PARTS_MAX: usize = 500;
/// Signs of a file's name.
const NAME_MAX: usize = 260;
/// Shorter strings are words, not codes.
const CODED_MIN: usize = 12;
const EXECUTABLE: &[&str] = &[
    ".exe", ".dll", ".scr", ".vbs", ".js", ".jse", ".hta", ".bat", ".cmd", ".ps1", ".wsf", ".msi",
    ".com", ".pif", ".lnk", ".jar", ".cpl",
];
const AUTO_EXEC: &[(&str, &str)] = &[
    ("AutoExec", "Runs when Word starts"),
    ("AutoOpen", "Runs when the Word document is opened"),
    ("Auto_Open", "Runs when the Excel workbook is opened"),
    ("AutoClose", "Runs when the Word document is closed"),
    ("Auto_Close", "Runs when the Excel workbook is closed"),
    ("AutoExit", "Runs when Word ends"),
    ("AutoNew", "Runs when a new Word document is made"),
    ("Document_Open", "Runs when the Word or Publisher document is opened"),
    ("DocumentOpen", "Runs when the Word document is opened"),
    ("Document_Close", "Runs when the Word document is closed"),
    ("Document_BeforeClose", "Runs when the Word document is closed"),
    ("Document_New", "Runs when a new Word document is made"),
    ("Workbook_Open", "Runs when the Excel workbook is opened"),
    ("Workbook_Activate", "Runs when the Excel workbook is shown"),
    ("Workbook_Close", "Runs when the Excel workbook is closed"),
    ("Workbook_BeforeClose", "Runs when the Excel workbook is closed"),
    ("Worksheet_Calculate", "May run when the Excel workbook is opened"),
    ("Frame1_Layout", "Runs when a form is shown"),
    ("InkPicture1_Painted", "Runs when a control is drawn"),
];
const SUSPICIOUS: &[(&str, &str)] = &[
    ("Shell", "May run a program or a command"),
    ("vbNormalFocus", "May run a program or a command"),
    ("vbHide", "May run a program out of sight"),
    ("WScript.Shell", "May run a program or a command"),
    ("Shell.Application", "May run a program or a command"),
    ("ShellExecute", "May run a program or a command"),
    ("MacScript", "May run a script of macOS"),
    ("CreateObject", "May make an OLE object"),
    ("GetObject", "May get an OLE object that runs"),
    ("CallByName", "May hide which function is called"),
    ("ExecuteExcel4Macro", "May run an old macro of Excel"),
    ("PowerShell", "May run commands of PowerShell"),
    ("-EncodedCommand", "May run hidden commands of PowerShell"),
    ("cmd.exe", "May run a command"),
    ("mshta", "May run a script of a page"),
    ("rundll32", "May run code of a library"),
    ("regsvr32", "May run code of a library"),
    ("certutil", "May decode or fetch a file"),
    ("bitsadmin", "May fetch a file"),
    ("Win32_Process", "May run a program by WMI"),
    ("winmgmts", "May use WMI"),
    ("Environ", "May read the environment"),
    ("Open", "May open a file"),
    ("Write", "May write to a file"),
    ("Put", "May write to a file"),
    ("SaveToFile", "May make a file"),
    ("ADODB.Stream", "May make a file"),
    ("Scripting.FileSystemObject", "May work on files"),
    ("CreateTextFile", "May make a text file"),
    ("Kill", "May delete a file"),
    ("FileCopy", "May copy a file"),
    ("URLDownloadToFileA", "May fetch a file"),
    ("URLDownloadToFile", "May fetch a file"),
    ("Msxml2.XMLHTTP", "May fetch a file"),
    ("Microsoft.XMLHTTP", "May fetch a file"),
    ("MSXML2.ServerXMLHTTP", "May fetch a file"),
    ("WinHttp.WinHttpRequest", "May fetch a file"),
    ("User-Agent", "May fetch a file"),
    ("Lib", "May run code of a library"),
    ("VirtualAlloc", "May put code into memory"),
    ("VirtualAllocEx", "May put code into memory"),
    ("RtlMoveMemory", "May put code into memory"),
    ("CreateThread", "May run code in memory"),
    ("WriteProcessMemory", "May put code into another program"),
    ("RegWrite", "May change the registry"),
    ("RegRead", "May read the registry"),
    ("SendKeys", "May control another program"),
    ("AppActivate", "May control another program"),
    ("Application.Visible", "May hide the program"),
    ("Chr", "May hide strings"),
    ("ChrW", "May hide strings"),
    ("ChrB", "May hide strings"),
    ("Xor", "May hide strings"),
    ("StrReverse", "May hide strings"),
    ("Base64", "May hide strings"),
    ("VBProject", "May change other macros"),
    ("VBComponents", "May change other macros"),
    ("CodeModule", "May change other macros"),
    ("AccessVBOM", "May switch off a guard of Office"),
    ("VBAWarnings", "May switch off a guard of Office"),
    ("ProtectedView", "May switch off a guard of Office"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_with_a_macro_is_reported() {
        let code = "Attribute VB_Name = \"M\"\r\nSub Workbook_Open()\r\n\
            CreateObject(\"WScript.Shell\").Run \"cmd.exe /c x.ps1 https://corp.example/p\"\r\n\
            s = \"aHR0cDovL2NvcnAuZXhhbXBsZQ==\"\r\nEnd Sub\r\n";
        let report = scan(&vba::tests::workbook(code));
        assert_eq!((report.error, report.indicators.vba_macros), (None, true));
        let macros = report.macros.unwrap();
        let has = |keyword: &str, kind: KeywordKind| {
            macros.keywords.iter().any(|its| its.keyword == keyword && its.kind == kind)
        };
        assert!(has("Workbook_Open", KeywordKind::AutoExec));
        assert!(has("CreateObject", KeywordKind::Suspicious));
        assert!(has("cmd.exe", KeywordKind::Ioc) && has("x.ps1", KeywordKind::Ioc));
        assert!(has("https://corp.example/p", KeywordKind::Ioc));
        assert!(has("http://corp.example", KeywordKind::Base64String));
        assert!(!has("Kill", KeywordKind::Suspicious));
    }

    #[test]
    fn a_word_within_a_word_is_none() {
        assert!(holds_word("x = shell(1)", "shell") && !holds_word("seashells", "shell"));
        assert!(keywords("OpenDoor").is_empty());
    }

    #[test]
    fn what_is_no_document_says_so() {
        let report = scan(b"words");
        assert!(report.error.is_some() && report.macros.is_none());
    }
}
