//! Rich text: the objects within it, however their hexadecimal digits are scattered.

use crate::explode::Sink;
use crate::octets::{find, from, piece, size, u32_le};
use crate::ole;

/// Puts each embedded object, and the text as a person sees it.
pub(crate) fn open(octets: &[u8], sink: &mut Sink<'_>) {
    let words = plain_text(octets);
    if !words.trim().is_empty() {
        sink.put(SOURCE, "text", words.into_bytes());
    }
    let mut at = 0usize;
    let mut count = 0usize;
    while let Some(next) = find(from(octets, at), b"\\objdata") {
        at = at.saturating_add(next).saturating_add(8);
        let (object, used) = digits(from(octets, at));
        at = at.saturating_add(used);
        count = count.saturating_add(1);
        if count > OBJECTS_MAX {
            break;
        }
        let (name, body) = native(&object).unwrap_or_else(|| (String::new(), object));
        let name = if name.is_empty() { format!("rtf_object_{count}") } else { name };
        if !body.is_empty() && !sink.put(SOURCE, &name, body) {
            break;
        }
    }
    sink.told(|told| told.total_files = count);
}

/// Digits up to the end of the group, with words and groups between them set aside, as Word does.
fn digits(octets: &[u8]) -> (Vec<u8>, usize) {
    let mut plain = Vec::new();
    let mut high: Option<u8> = None;
    let mut depth = 0usize;
    let mut at = 0usize;
    while let Some(octet) = octets.get(at).copied() {
        at += 1;
        match octet {
            b'{' => depth += 1,
            b'}' => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => break,
            },
            b'\\' => {
                let word = from(octets, at);
                if word.first() == Some(&b'\'') {
                    at += 3;
                    continue;
                }
                if word.starts_with(b"bin") {
                    let number = from(word, 3);
                    let len = number.iter().take_while(|octet| octet.is_ascii_digit()).count();
                    let count = std::str::from_utf8(piece(number, 0, len)).ok();
                    let count =
                        count.and_then(|text| text.parse::<usize>().ok()).unwrap_or_default();
                    at += 3 + len + 1;
                    plain.extend_from_slice(piece(octets, at, count));
                    at = at.saturating_add(count);
                    continue;
                }
                at += word
                    .iter()
                    .take_while(|octet| octet.is_ascii_alphanumeric() || **octet == b'-')
                    .count();
            }
            _ => {
                let Some(digit) =
                    char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
                else {
                    continue;
                };
                match high.take() {
                    Some(high) => plain.push(high << 4 | digit),
                    None => high = Some(digit),
                }
            }
        }
        if plain.len() >= OBJECT_MAX {
            break;
        }
    }
    (plain, at)
}

/// The inside of an object: version, format, three strings with their lengths, then its octets.
fn native(object: &[u8]) -> Option<(String, Vec<u8>)> {
    let class_len = size(u32_le(object, 8)?);
    let class = piece(object, 12, class_len);
    let mut at = 12usize.checked_add(class_len)?;
    for _ in 0..2 {
        at = at.checked_add(4)?.checked_add(size(u32_le(object, at)?))?;
    }
    let len = size(u32_le(object, at)?);
    let body = piece(object, at.checked_add(4)?, len);
    if class.starts_with(b"Package") {
        return package(body);
    }
    (!body.is_empty()).then(|| (String::new(), body.to_vec()))
}

fn package(body: &[u8]) -> Option<(String, Vec<u8>)> {
    // The same as in an OLE stream, but for the length in front.
    let len = u32::try_from(body.len()).ok()?.to_le_bytes();
    ole::package(&[&len, body].concat())
}

/// The letters of the document: control words, and groups that are not shown, left out.
fn plain_text(octets: &[u8]) -> String {
    let mut words = String::new();
    let mut depth = 0usize;
    let mut hidden: Option<usize> = None;
    let mut at = 0usize;
    while let Some(octet) = octets.get(at).copied() {
        at += 1;
        match octet {
            b'{' => {
                depth += 1;
                let rest = from(octets, at);
                if hidden.is_none() && HIDDEN.iter().any(|start| rest.starts_with(start)) {
                    hidden = Some(depth);
                }
            }
            b'}' => {
                if hidden == Some(depth) {
                    hidden = None;
                }
                depth = depth.saturating_sub(1);
            }
            b'\\' => at += control(from(octets, at), hidden.is_none().then_some(&mut words)),
            b'\r' | b'\n' => {}
            _ if hidden.is_none() => words.push(crate::text::from_1252(octet)),
            _ => {}
        }
        if words.len() >= TEXT_MAX {
            break;
        }
    }
    words
}

/// One control word; answers how long it is.
fn control(rest: &[u8], words: Option<&mut String>) -> usize {
    let letters = rest.iter().take_while(|octet| octet.is_ascii_alphabetic()).count();
    if letters == 0 {
        let Some(words) = words else { return 1 };
        if rest.first() == Some(&b'\'') {
            let pair = std::str::from_utf8(piece(rest, 1, 2)).ok();
            let octet = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
            words.extend(octet.map(crate::text::from_1252));
            return 3;
        }
        words.extend(
            rest.first()
                .filter(|octet| matches!(octet, b'\\' | b'{' | b'}'))
                .map(|octet| char::from(*octet)),
        );
        return 1;
    }
    let number = from(rest, letters);
    let len = number.iter().take_while(|octet| octet.is_ascii_digit() || **octet == b'-').count();
    let mut used = letters + len;
    used += usize::from(rest.get(used) == Some(&b' '));
    if let Some(words) = words {
        match piece(rest, 0, letters) {
            b"par" | b"line" | b"row" => words.push('\n'),
            b"tab" | b"cell" => words.push(' '),
            b"u" => {
                let text = std::str::from_utf8(piece(number, 0, len)).unwrap_or_default();
                let unit = text.parse::<i32>().unwrap_or_default().rem_euclid(0x1_0000);
                words.extend(u32::try_from(unit).ok().and_then(char::from_u32));
            }
            _ => {}
        }
    }
    used
}

const SOURCE: &str = "ScanRtf";
/// Objects of one document.
const OBJECTS_MAX: usize = 100;
/// Octets of one object.
const OBJECT_MAX: usize = 16 * 1024 * 1024;
/// Octets of the text.
const TEXT_MAX: usize = 1024 * 1024;
const HIDDEN: &[&[u8]] = &[
    b"\\*",
    b"\\fonttbl",
    b"\\colortbl",
    b"\\stylesheet",
    b"\\info",
    b"\\pict",
    b"\\object",
    b"\\objdata",
];

#[cfg(test)]
mod tests {
    use crate::explode::{File, Options, explode};

    #[test]
    fn an_object_with_scattered_digits_is_a_file() {
        let mut object = vec![1, 5, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0];
        object.extend(b"Package\0");
        object.extend([0; 8]);
        let mut inner = vec![2, 0];
        inner.extend(b"a.hta\0C:\\a.hta\0\0\0\x03\0\x03\0\0\0C:\0");
        inner.extend(4u32.to_le_bytes());
        inner.extend(b"<hta");
        object.extend(u32::try_from(inner.len()).unwrap().to_le_bytes());
        object.extend(inner);
        let hex: String = object.iter().map(|octet| format!("{octet:02x}\n{{\\x1 }}")).collect();
        let rtf = format!(
            "{{\\rtf1{{\\fonttbl Arial;}}Pay\\par now \\'fc{{\\object{{\\*\\objdata {hex}}}}}}}"
        );
        let tree = explode(
            &File { name: "a.doc", content_type: "", octets: rtf.as_bytes() },
            &Options::default(),
        );
        assert_eq!(&*tree.nodes[1].octets, "Pay\nnow ü".as_bytes());
        assert_eq!(
            (tree.nodes[2].name.as_str(), &*tree.nodes[2].octets),
            ("a.hta", b"<hta".as_slice())
        );
    }
}
