//! The text of the pages of a PDF, in the order in which it is drawn.
//!
//! Fonts are followed as far as their own tables say which sign a code is. It does not measure:
//! words come apart where the file moves far, lines where it moves down.

use std::collections::{HashMap, HashSet};

use crate::octets::{array, from, piece};
use crate::pdf::document::Document;
use crate::pdf::object::{Dict, Lexer, Value};
use crate::text::from_1252;

/// The pages, in order: by the tree of pages, and where that is broken every page there is.
pub(crate) fn pages<'d>(document: &'d Document<'_>) -> Vec<&'d Dict> {
    let mut pages = Vec::new();
    let root = document.trailer.get("Root").map(|root| document.resolve(root));
    let tree = root.and_then(Value::dict).and_then(|root| root.get("Pages"));
    let mut seen = HashSet::new();
    let mut waiting: Vec<&Value> = tree.into_iter().collect();
    while let Some(value) = waiting.pop() {
        if let Value::Reference(number) = value
            && !seen.insert(*number)
        {
            continue;
        }
        let Some(dict) = document.resolve(value).dict() else { continue };
        match document.get(dict, "Kids") {
            Value::List(kids) => waiting.extend(kids.iter().rev().take(PAGES_MAX)),
            _ => pages.push(dict),
        }
        if pages.len() >= PAGES_MAX || waiting.len() > PAGES_MAX {
            break;
        }
    }
    if pages.is_empty() {
        let all = document.objects.iter().filter_map(|object| object.value.dict());
        pages = all.filter(|dict| dict.is("Type", "Page")).take(PAGES_MAX).collect();
    }
    pages
}

/// The text of all pages, a form feed between them.
pub(crate) fn text(document: &Document<'_>) -> String {
    let mut writer = Writer { text: String::new(), fonts: HashMap::new(), steps: STEPS_MAX };
    for page in pages(document).into_iter().take(TEXT_PAGES_MAX) {
        if writer.text.len() >= TEXT_MAX || writer.steps == 0 {
            break;
        }
        let contents = match document.get(page, "Contents") {
            Value::List(list) => list.iter().collect(),
            _ => page.get("Contents").into_iter().collect::<Vec<_>>(),
        };
        let mut drawing = Vec::new();
        for part in contents.into_iter().take(CONTENTS_MAX) {
            drawing.extend(document.stream_of(part).unwrap_or_default());
            drawing.push(b'\n');
        }
        let resources = resources(document, page);
        writer.draw(document, &drawing, resources, 0);
        if !writer.text.is_empty() && !writer.text.ends_with('\u{c}') {
            writer.text.push('\u{c}');
        }
    }
    writer.text
}

/// A page's resources, or those of a node above it.
fn resources<'d>(document: &'d Document<'_>, page: &'d Dict) -> Option<&'d Dict> {
    let mut node = page;
    for _ in 0..PARENTS_MAX {
        if let Some(found) = document.get(node, "Resources").dict() {
            return Some(found);
        }
        node = document.get(node, "Parent").dict()?;
    }
    None
}

struct Writer {
    text: String,
    fonts: HashMap<u32, Font>,
    steps: usize,
}

impl Writer {
    fn draw(
        &mut self,
        document: &Document<'_>,
        drawing: &[u8],
        resources: Option<&Dict>,
        depth: usize,
    ) {
        let mut lexer = Lexer::new(drawing, 0);
        let mut operands: Vec<Value> = Vec::new();
        let mut font = Font::default();
        let mut line = 0.0f64;
        while let Some(value) = lexer.value() {
            let Some(left) = self.steps.checked_sub(1) else { return };
            self.steps = left;
            let Value::Word(word) = value else {
                if operands.len() < OPERANDS_MAX {
                    operands.push(value);
                }
                continue;
            };
            if self.text.len() >= TEXT_MAX {
                return;
            }
            match word.as_slice() {
                b"Tf" => font = self.font(document, resources, &operands),
                b"Tj" => self.show(&font, operands.last()),
                b"'" | b"\"" => {
                    self.new_line();
                    self.show(&font, operands.last());
                }
                b"TJ" => self.show_spaced(&font, operands.last()),
                b"T*" | b"ET" => self.new_line(),
                b"Td" | b"TD" => {
                    if operands.get(1).and_then(Value::number).unwrap_or_default().abs() > 0.1 {
                        self.new_line();
                    } else {
                        self.space();
                    }
                }
                b"Tm" => {
                    let y = operands.get(5).and_then(Value::number).unwrap_or_default();
                    if (y - line).abs() > 0.5 {
                        self.new_line()
                    } else {
                        self.space()
                    }
                    line = y;
                }
                b"Do" if depth < FORMS_MAX => self.form(document, resources, &operands, depth),
                // The octets of a picture in the midst of a drawing are no operators.
                b"ID" => {
                    let rest = from(drawing, lexer.at);
                    lexer.at += memchr::memmem::find(rest, b"EI").unwrap_or(rest.len());
                }
                _ => {}
            }
            operands.clear();
        }
    }

    fn form(
        &mut self,
        document: &Document<'_>,
        resources: Option<&Dict>,
        operands: &[Value],
        depth: usize,
    ) {
        let Some(Value::Name(name)) = operands.last() else { return };
        let forms = resources.and_then(|dict| document.get(dict, "XObject").dict());
        let name = String::from_utf8_lossy(name);
        let Some(reference) = forms.and_then(|forms| forms.get(&name)) else { return };
        let Some(dict) =
            document.resolve(reference).dict().filter(|dict| dict.is("Subtype", "Form"))
        else {
            return;
        };
        if let Some(drawing) = document.stream_of(reference) {
            let inner = document.get(dict, "Resources").dict().or(resources);
            self.draw(document, &drawing, inner, depth + 1);
        }
    }

    fn font(
        &mut self,
        document: &Document<'_>,
        resources: Option<&Dict>,
        operands: &[Value],
    ) -> Font {
        let Some(Value::Name(name)) = operands.first() else { return Font::default() };
        let name = String::from_utf8_lossy(name);
        let fonts = resources.and_then(|dict| document.get(dict, "Font").dict());
        let Some(value) = fonts.and_then(|fonts| fonts.get(&name)) else { return Font::default() };
        let number = match value {
            Value::Reference(number) => Some(*number),
            _ => None,
        };
        if let Some(known) = number.and_then(|number| self.fonts.get(&number)) {
            return known.clone();
        }
        let font = document.resolve(value).dict().map(|dict| Font::read(document, dict));
        let font = font.unwrap_or_default();
        if let Some(number) = number.filter(|_| self.fonts.len() < FONTS_MAX) {
            self.fonts.insert(number, font.clone());
        }
        font
    }

    fn show(&mut self, font: &Font, value: Option<&Value>) {
        if let Some(octets) = value.and_then(Value::text) {
            font.read_into(octets, &mut self.text);
        }
    }

    fn show_spaced(&mut self, font: &Font, value: Option<&Value>) {
        let Some(Value::List(list)) = value else { return };
        for item in list {
            match item {
                Value::Text(octets) => font.read_into(octets, &mut self.text),
                Value::Number(gap) if *gap < WORD_GAP => self.space(),
                _ => {}
            }
        }
    }

    fn new_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(['\n', '\u{c}']) {
            self.text.push('\n');
        }
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(char::is_whitespace) {
            self.text.push(' ');
        }
    }
}

/// Which signs the codes of a font are.
#[derive(Clone, Debug, Default)]
struct Font {
    signs: std::sync::Arc<HashMap<u32, String>>,
    is_wide: bool,
    has_table: bool,
}

impl Font {
    fn read(document: &Document<'_>, dict: &Dict) -> Self {
        let is_wide = dict.is("Subtype", "Type0");
        let mut signs = HashMap::new();
        let table = dict.get("ToUnicode").and_then(|value| document.stream_of(value));
        if let Some(table) = &table {
            read_table(table, &mut signs);
        }
        let has_table = !signs.is_empty();
        if let Some(encoding) = document.get(dict, "Encoding").dict()
            && let Value::List(list) = document.get(encoding, "Differences")
            && !has_table
        {
            read_differences(list, &mut signs);
        }
        Self { signs: signs.into(), is_wide, has_table }
    }

    fn read_into(&self, octets: &[u8], text: &mut String) {
        if self.is_wide {
            for two in octets.chunks(2) {
                let code = two.iter().fold(0u32, |sum, octet| sum << 8 | u32::from(*octet));
                match self.signs.get(&code) {
                    Some(signs) => text.push_str(signs),
                    None if self.has_table => {}
                    // Without a table the code is often the sign itself.
                    None => text.extend(char::from_u32(code).filter(|sign| !sign.is_control())),
                }
            }
            return;
        }
        for octet in octets {
            match self.signs.get(&u32::from(*octet)) {
                Some(signs) => text.push_str(signs),
                None => text.extend(Some(from_1252(*octet)).filter(|sign| !sign.is_control())),
            }
        }
    }
}

/// A `ToUnicode` table: lists and ranges of codes.
fn read_table(table: &[u8], signs: &mut HashMap<u32, String>) {
    let mut lexer = Lexer::new(table, 0);
    let mut operands: Vec<Value> = Vec::new();
    while let Some(value) = lexer.value() {
        let Value::Word(word) = value else {
            if operands.len() < OPERANDS_MAX {
                operands.push(value);
            }
            continue;
        };
        match word.as_slice() {
            b"endbfchar" => {
                for pair in operands.chunks_exact(2) {
                    let [Value::Text(code), Value::Text(sign)] = pair else { continue };
                    insert(signs, code_of(code), utf16(sign));
                }
            }
            b"endbfrange" => {
                for three in operands.chunks_exact(3) {
                    let [Value::Text(first), Value::Text(last), target] = three else { continue };
                    range(code_of(first), code_of(last), target, signs);
                }
            }
            _ => {}
        }
        operands.clear();
    }
}

fn range(first: u32, last: u32, target: &Value, signs: &mut HashMap<u32, String>) {
    let last = last.min(first.saturating_add(RANGE_MAX));
    match target {
        Value::List(list) => {
            for (code, item) in (first..=last).zip(list) {
                insert(signs, code, utf16(item.text().unwrap_or_default()));
            }
        }
        Value::Text(start) => {
            let start = utf16(start);
            let mut head: Vec<char> = start.chars().collect();
            let Some(tail) = head.pop() else { return };
            for code in first..=last {
                let sign =
                    char::from_u32(u32::from(tail).saturating_add(code.saturating_sub(first)));
                let text: String = head.iter().copied().chain(sign).collect();
                insert(signs, code, text);
            }
        }
        _ => {}
    }
}

fn insert(signs: &mut HashMap<u32, String>, code: u32, text: String) {
    if signs.len() < SIGNS_MAX {
        signs.insert(code, text);
    }
}

/// Names of glyphs in the place of codes. Letters are named so, and most fonts go no further.
fn read_differences(list: &[Value], signs: &mut HashMap<u32, String>) {
    let mut code = 0u32;
    for item in list {
        match item {
            Value::Number(_) => code = u32::try_from(item.count()).unwrap_or_default(),
            Value::Name(name) => {
                if let Some(sign) = glyph(name) {
                    insert(signs, code, sign.to_string());
                }
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
}

fn glyph(name: &[u8]) -> Option<char> {
    let text = std::str::from_utf8(name).ok()?;
    let mut signs = text.chars();
    if let (Some(only), None) = (signs.next(), signs.next()) {
        return Some(only);
    }
    if let Some(hex) = text.strip_prefix("uni").or_else(|| text.strip_prefix('u'))
        && let Ok(code) = u32::from_str_radix(hex.get(..4.min(hex.len()))?, 16)
    {
        return char::from_u32(code);
    }
    GLYPHS.iter().find(|(its, _)| *its == text).map(|(_, sign)| *sign)
}

fn code_of(octets: &[u8]) -> u32 {
    piece(octets, 0, 4).iter().fold(0, |sum, octet| sum << 8 | u32::from(*octet))
}

fn utf16(octets: &[u8]) -> String {
    let units = octets.chunks(2).filter_map(|two| array::<2>(two, 0).map(u16::from_be_bytes));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Pages that are counted.
const PAGES_MAX: usize = 20_000;
/// Pages whose text is read: a lure says what it wants on the first.
const TEXT_PAGES_MAX: usize = 100;
/// Streams of one page.
const CONTENTS_MAX: usize = 1_000;
/// Octets of text.
const TEXT_MAX: usize = 1024 * 1024;
/// Values of all drawings.
const STEPS_MAX: usize = 2_000_000;
/// Values in front of one operator.
const OPERANDS_MAX: usize = 10_000;
/// Drawings within drawings.
const FORMS_MAX: usize = 4;
const PARENTS_MAX: usize = 16;
const FONTS_MAX: usize = 200;
/// Codes of one range and of one font.
const RANGE_MAX: u32 = 65_535;
const SIGNS_MAX: usize = 70_000;
/// A gap wider than this, in thousandths of the size, is one between words.
const WORD_GAP: f64 = -180.0;
const GLYPHS: &[(&str, char)] = &[
    ("space", ' '),
    ("exclam", '!'),
    ("quotedbl", '"'),
    ("numbersign", '#'),
    ("dollar", '$'),
    ("percent", '%'),
    ("ampersand", '&'),
    ("quotesingle", '\''),
    ("parenleft", '('),
    ("parenright", ')'),
    ("asterisk", '*'),
    ("plus", '+'),
    ("comma", ','),
    ("hyphen", '-'),
    ("period", '.'),
    ("slash", '/'),
    ("zero", '0'),
    ("one", '1'),
    ("two", '2'),
    ("three", '3'),
    ("four", '4'),
    ("five", '5'),
    ("six", '6'),
    ("seven", '7'),
    ("eight", '8'),
    ("nine", '9'),
    ("colon", ':'),
    ("semicolon", ';'),
    ("less", '<'),
    ("equal", '='),
    ("greater", '>'),
    ("question", '?'),
    ("at", '@'),
    ("underscore", '_'),
    ("quoteright", '’'),
    ("quoteleft", '‘'),
    ("quotedblleft", '“'),
    ("quotedblright", '”'),
    ("endash", '–'),
    ("emdash", '—'),
    ("fi", 'ﬁ'),
    ("fl", 'ﬂ'),
    ("bullet", '•'),
    ("Euro", '€'),
];
