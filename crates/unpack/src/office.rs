//! Documents of Office in the newer format: text, properties, links that leave them.

use crate::Kind;
use crate::archive::zip::{self, Archive};
use crate::explode::Sink;
use crate::markup::{Token, Tokens, unescape};
use crate::octets::find;
use crate::text;

/// A document (`docx`).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Docx {
    /// What it says of itself.
    pub properties: Properties,
    /// Colours of letters that are not black, without `#`, each once.
    pub font_colors: Vec<String>,
    /// How many pictures it has.
    pub image_count: usize,
    /// How many words.
    pub word_count: usize,
}

/// A presentation (`pptx`).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Pptx {
    /// What it says of itself.
    pub properties: Properties,
    /// How many pictures it has.
    pub image_count: usize,
    /// How many slides.
    pub slide_count: usize,
    /// How many words.
    pub word_count: usize,
    /// Its links, and URLs in its text.
    pub urls: Vec<String>,
}

/// What a document says of itself.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Properties {
    /// Who wrote it.
    pub author: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// Comments.
    pub comments: Option<String>,
    /// When it was made, as the document writes it (RFC 3339 by the format).
    pub created: Option<String>,
    /// Key words.
    pub keywords: Option<String>,
    /// Who changed it last.
    pub last_modified_by: Option<String>,
    /// When it was printed last.
    pub last_printed: Option<String>,
    /// When it was changed last.
    pub modified: Option<String>,
    /// How often it was saved.
    pub revision: Option<u32>,
    /// Its subject.
    pub subject: Option<String>,
    /// Its title.
    pub title: Option<String>,
}

/// A link from a document to something outside of it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Relationship {
    /// What it is for: `hyperlink`, `attachedTemplate`, `oleObject`, `frame`, ….
    pub name: String,
    /// Where it leads.
    pub target: String,
}

/// Reads a document; `None` for what is none.
#[must_use]
pub fn docx(octets: &[u8]) -> Option<Docx> {
    let archive = opened(octets, Kind::Docx)?;
    let body = archive.octets_of("word/document.xml", PART_MAX).unwrap_or_default();
    let mut docx = Docx { properties: properties(&archive), ..Docx::default() };
    for token in Tokens::xml(&body) {
        let Token::Open(tag) = token else { continue };
        if tag.name == b"w:color"
            && let Some(color) = tag.attribute("w:val").map(|color| color.to_uppercase())
            && !matches!(color.as_str(), "AUTO" | "000000")
            && docx.font_colors.len() < COLORS_MAX
            && !docx.font_colors.contains(&color)
        {
            docx.font_colors.push(color);
        }
    }
    docx.image_count = count(&archive, "word/media/");
    docx.word_count = document_text(&archive).split_whitespace().count();
    Some(docx)
}

/// Reads a presentation; `None` for what is none.
#[must_use]
pub fn pptx(octets: &[u8]) -> Option<Pptx> {
    let archive = opened(octets, Kind::Pptx)?;
    let words = document_text(&archive);
    let links = external_relationships(octets);
    let links = links.into_iter().filter(|link| link.name == "hyperlink").map(|link| link.target);
    let mut urls: Vec<String> = Vec::new();
    for url in links.chain(text::urls(&words)) {
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    Some(Pptx {
        properties: properties(&archive),
        image_count: count(&archive, "ppt/media/"),
        slide_count: archive.entries.iter().filter(|entry| is_slide(&entry.name)).count(),
        word_count: words.split_whitespace().count(),
        urls,
    })
}

/// Puts the text as one file, the macros, and every part.
pub(crate) fn open(octets: &[u8], sink: &mut Sink<'_>) {
    let archive = Archive::read(octets);
    let words = document_text(&archive);
    if !words.trim().is_empty() {
        let source = match Kind::of(octets) {
            Kind::Pptx => "ScanPptx",
            Kind::Xlsx => "ScanXlsx",
            _ => "ScanDocx",
        };
        sink.put(source, "text", words.into_bytes());
    }
    zip::open(octets, sink);
}

/// Every link that leaves the document, of every part of it; and those within fields.
pub(crate) fn external_relationships(octets: &[u8]) -> Vec<Relationship> {
    let mut found: Vec<Relationship> = Vec::new();
    if !octets.starts_with(b"PK") {
        return found;
    }
    let archive = Archive::read(octets);
    let parts = archive.entries.iter().filter(|entry| entry.name.ends_with(".rels"));
    for entry in parts.take(PARTS_MAX) {
        let Some(run) = archive.unpack(entry, PART_MAX) else { continue };
        let plain = text::decode(&run.octets);
        for token in Tokens::xml(plain.as_bytes()) {
            let Token::Open(tag) = token else { continue };
            let mode = tag.attribute("TargetMode");
            if !mode.is_some_and(|mode| mode.eq_ignore_ascii_case("external")) {
                continue;
            }
            let kind = tag.attribute("Type").unwrap_or_default();
            let name = kind.rsplit('/').next().unwrap_or_default().to_owned();
            let target = tag.attribute("Target").unwrap_or_default();
            let link = Relationship { name, target };
            if found.len() < LINKS_MAX && !found.contains(&link) {
                found.push(link);
            }
        }
    }
    found
}

fn opened(octets: &[u8], kind: Kind) -> Option<Archive<'_>> {
    (Kind::of(octets) == kind).then(|| Archive::read(octets))
}

fn count(archive: &Archive<'_>, folder: &str) -> usize {
    archive.entries.iter().filter(|entry| entry.name.starts_with(folder)).count()
}

fn is_slide(name: &str) -> bool {
    name.starts_with("ppt/slides/slide") && name.ends_with(".xml")
}

fn holds_text(name: &str) -> bool {
    let is_word = ["document", "header", "footer", "footnotes", "endnotes", "comments"]
        .iter()
        .any(|part| name.strip_prefix("word/").is_some_and(|rest| rest.starts_with(part)));
    let is_sheet = name == "xl/sharedStrings.xml"
        || ["xl/worksheets/", "xl/drawings/", "xl/comments"]
            .iter()
            .any(|part| name.starts_with(part));
    let is_shown = is_slide(name) || name.starts_with("ppt/notesSlides/");
    (is_word || is_sheet || is_shown) && name.ends_with(".xml")
}

/// The text of all parts that a person sees. Letters of tags named `t` and of formulas count.
fn document_text(archive: &Archive<'_>) -> String {
    let mut words = String::new();
    let parts = archive.entries.iter().filter(|entry| holds_text(&entry.name));
    for entry in parts.take(PARTS_MAX) {
        let Some(run) = archive.unpack(entry, PART_MAX) else { continue };
        part_text(&run.octets, &mut words);
        if words.len() >= TEXT_MAX {
            break;
        }
    }
    words
}

fn part_text(part: &[u8], words: &mut String) {
    let plain = text::decode(part);
    let mut depth = 0usize;
    for token in Tokens::xml(plain.as_bytes()) {
        match token {
            Token::Open(tag) if is_letters(tag.name) => depth = 1,
            Token::Open(tag) if matches!(local(tag.name), b"tab" | b"br" | b"cr") => {
                words.push(' ')
            }
            Token::Close(name) if is_letters(name) => depth = 0,
            Token::Close(name) if matches!(local(name), b"p" | b"si" | b"row") => words.push('\n'),
            Token::Text(letters) if depth > 0 => words.push_str(&unescape(letters)),
            _ => {}
        }
        if words.len() >= TEXT_MAX {
            return;
        }
    }
}

fn local(name: &[u8]) -> &[u8] {
    memchr::memrchr(b':', name).map_or(name, |at| crate::octets::from(name, at + 1))
}

fn is_letters(name: &[u8]) -> bool {
    matches!(local(name), b"t" | b"instrText" | b"f")
}

/// The entries of the two files of properties, by the names that ExifTool gives them.
pub(crate) fn fields(archive: &Archive<'_>) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for part in ["docProps/core.xml", "docProps/app.xml", "docProps/custom.xml"] {
        let octets = archive.octets_of(part, PART_MAX).unwrap_or_default();
        let plain = text::decode(&octets);
        let mut tag: Option<Vec<u8>> = None;
        let mut list: Option<(String, Vec<String>)> = None;
        for token in Tokens::xml(plain.as_bytes()) {
            match token {
                Token::Open(open) => {
                    if matches!(local(open.name), b"TitlesOfParts" | b"HeadingPairs") {
                        list = Some((name_of(open.name), Vec::new()));
                    }
                    tag = Some(open.name.to_vec());
                }
                Token::Text(value) => {
                    let value = unescape(value.trim_ascii());
                    let Some(name) = tag.as_deref().filter(|_| !value.is_empty()) else { continue };
                    let value = value.chars().take(VALUE_MAX).collect();
                    match &mut list {
                        Some((_, values)) => values.push(value),
                        None if fields.len() < FIELDS_MAX => fields.push((name_of(name), value)),
                        None => {}
                    }
                }
                Token::Close(name) => {
                    tag = None;
                    if let Some((its, values)) = list.take_if(|(its, _)| name_of(name) == *its) {
                        fields.push((its, values.join(", ")));
                    }
                }
                _ => {}
            }
        }
    }
    fields
}

fn name_of(tag: &[u8]) -> String {
    let local = local(tag);
    let known = match local {
        b"creator" => "Creator",
        b"lastModifiedBy" => "LastModifiedBy",
        b"created" => "CreateDate",
        b"modified" => "ModifyDate",
        b"revision" => "RevisionNumber",
        b"lastPrinted" => "LastPrinted",
        b"TotalTime" => "TotalEditTime",
        _ => {
            let mut name = String::from_utf8_lossy(local).into_owned();
            if let Some(first) = name.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            return name;
        }
    };
    known.to_owned()
}

fn properties(archive: &Archive<'_>) -> Properties {
    let fields = fields(archive);
    let get =
        |name: &str| fields.iter().find(|(its, _)| its == name).map(|(_, value)| value.clone());
    Properties {
        author: get("Creator"),
        category: get("Category"),
        comments: get("Description"),
        created: get("CreateDate"),
        keywords: get("Keywords"),
        last_modified_by: get("LastModifiedBy"),
        last_printed: get("LastPrinted"),
        modified: get("ModifyDate"),
        revision: get("RevisionNumber").and_then(|number| number.parse().ok()),
        subject: get("Subject"),
        title: get("Title"),
    }
}

/// Whether a part looks like a set of links: cheap, for those who look at each part.
#[must_use]
pub fn is_relationships(octets: &[u8]) -> bool {
    find(octets, b"<Relationships").is_some()
}

/// Parts that are read.
const PARTS_MAX: usize = 500;
/// Octets of one part.
const PART_MAX: usize = 8 * 1024 * 1024;
/// Octets of the text of one document.
const TEXT_MAX: usize = 2 * 1024 * 1024;
/// Links that are told.
const LINKS_MAX: usize = 2_000;
const COLORS_MAX: usize = 200;
const FIELDS_MAX: usize = 200;
const VALUE_MAX: usize = 4_096;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::archive::zip::tests::Writer;
    use crate::explode::{File, Options, explode};
    use crate::oletools;

    pub(crate) fn document() -> Vec<u8> {
        let body = "<w:document><w:body><w:p><w:r><w:rPr><w:color w:val='FFFFFF'/></w:rPr>\
            <w:t>Enable</w:t></w:r><w:r><w:t xml:space='preserve'> editing &amp; content</w:t></w:r></w:p>";
        let rels = "<Relationships><Relationship Id='r1' TargetMode='External' \
            Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate' \
            Target='https://corp.example/t.dotm'/><Relationship Id='r2' Type='x/image' Target='a.png'/>";
        let core = "<cp:coreProperties><dc:creator>Kim</dc:creator><dcterms:created>2024-01-02T03:04:05Z\
            </dcterms:created><cp:revision>3</cp:revision></cp:coreProperties>";
        let app = "<Properties><TotalTime>0</TotalTime><TitlesOfParts><vt:vector><vt:lpstr>A</vt:lpstr>\
            <vt:lpstr>B</vt:lpstr></vt:vector></TitlesOfParts></Properties>";
        Writer::default()
            .file("[Content_Types].xml", b"<Types/>")
            .file("word/document.xml", body.as_bytes())
            .file("word/_rels/settings.xml.rels", rels.as_bytes())
            .file("docProps/core.xml", core.as_bytes())
            .file("docProps/app.xml", app.as_bytes())
            .file("word/media/image1.png", b"x")
            .finish()
    }

    #[test]
    fn a_template_that_is_fetched_is_told() {
        let report = oletools::scan(&document());
        assert_eq!(report.relationships.len(), 1);
        assert_eq!(report.relationships[0].name, "attachedTemplate");
        assert_eq!(report.relationships[0].target, "https://corp.example/t.dotm");
        assert_eq!(report.indicators.external_relationships, 1);
        assert_eq!(report.indicators.risk("external_relationships"), oletools::Risk::High);
    }

    #[test]
    fn a_document_tells_its_text_and_properties() {
        let docx = docx(&document()).unwrap();
        assert_eq!(
            (docx.properties.author.as_deref(), docx.properties.revision),
            (Some("Kim"), Some(3))
        );
        assert_eq!(
            (docx.font_colors, docx.image_count, docx.word_count),
            (vec!["FFFFFF".into()], 1, 4)
        );
        let octets = document();
        let tree = explode(
            &File { name: "a.docx", content_type: "", octets: &octets },
            &Options::default(),
        );
        assert_eq!(&*tree.nodes[1].octets, b"Enable editing & content\n");
        assert_eq!(tree.nodes[1].source, "ScanDocx");
        assert!(tree.nodes.iter().any(|node| node.name == "word/document.xml"));
    }

    #[test]
    fn lists_of_properties_are_one_field() {
        let octets = document();
        let fields = fields(&Archive::read(&octets));
        assert!(fields.contains(&("TitlesOfParts".into(), "A, B".into())), "{fields:?}");
        assert!(fields.contains(&("TotalEditTime".into(), "0".into())));
    }
}
