//! Text in files: decoding, the strings that one can read, the URLs in them.

use crate::octets::{from, piece, u16_be, u16_le};

/// The readable text of a file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Strings {
    /// The whole file, where all of it is text.
    pub raw: Option<String>,
    /// Lines of a text; elsewhere runs of signs, of one octet or two.
    pub strings: Vec<String>,
}

/// What can be read in a file.
#[must_use]
pub fn strings(octets: &[u8]) -> Strings {
    let head = piece(octets, 0, STRINGS_FROM_MAX);
    let is_wide = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    let decoded = (is_wide || crate::kind::looks_like_text(head)).then(|| decode(head));
    let Some(raw) = decoded else {
        let mut strings = runs(head);
        strings.extend(wide_runs(head));
        strings.truncate(STRINGS_MAX);
        return Strings { raw: None, strings };
    };
    let lines = raw.lines().map(str::trim_end).filter(|line| !line.trim().is_empty());
    let strings = lines.take(STRINGS_MAX).map(|line| cut(line).to_owned()).collect();
    Strings { raw: Some(raw), strings }
}

/// Runs of at least four signs of ASCII.
fn runs(octets: &[u8]) -> Vec<String> {
    let is_sign = |octet: &u8| matches!(octet, 0x20..=0x7e | b'\t');
    let mut strings = Vec::new();
    for run in octets.split(|octet| !is_sign(octet)).filter(|run| run.len() >= RUN_MIN) {
        if strings.len() >= STRINGS_MAX {
            break;
        }
        strings.push(String::from_utf8_lossy(piece(run, 0, STRING_MAX)).into_owned());
    }
    strings
}

/// Runs of signs with a zero behind each, as Windows writes text.
fn wide_runs(octets: &[u8]) -> Vec<String> {
    let mut strings = Vec::new();
    let mut run = String::new();
    let mut at = 0usize;
    while let Some(unit) = u16_le(octets, at) {
        let sign = u8::try_from(unit).ok().filter(|octet| matches!(octet, 0x20..=0x7e));
        match sign {
            Some(octet) if run.len() < STRING_MAX => {
                run.push(char::from(octet));
                at = at.saturating_add(2);
                continue;
            }
            _ if run.len() >= RUN_MIN => strings.push(std::mem::take(&mut run)),
            _ => {}
        }
        // The next run may begin at an odd place; within one, only every second octet is a sign.
        at = at.saturating_add(1);
        run.clear();
        if strings.len() >= STRINGS_MAX {
            break;
        }
    }
    if run.len() >= RUN_MIN {
        strings.push(run);
    }
    strings
}

/// Octets as text: UTF-16 by its mark, UTF-8, else each octet the sign that Windows-1252 has.
#[must_use]
pub fn decode(octets: &[u8]) -> String {
    let wide = |read: fn(&[u8], usize) -> Option<u16>| {
        let units = from(octets, 2).chunks_exact(2).filter_map(|two| read(two, 0));
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    if octets.starts_with(&[0xff, 0xfe]) {
        return wide(u16_le);
    }
    if octets.starts_with(&[0xfe, 0xff]) {
        return wide(u16_be);
    }
    let octets = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets);
    match std::str::from_utf8(octets) {
        Ok(text) => text.to_owned(),
        // A text cut in the midst of a sign is still UTF-8.
        Err(error) if error.error_len().is_none() => {
            String::from_utf8_lossy(piece(octets, 0, error.valid_up_to())).into_owned()
        }
        Err(_) => octets.iter().map(|octet| from_1252(*octet)).collect(),
    }
}

/// The sign of one octet in Windows-1252.
pub(crate) fn from_1252(octet: u8) -> char {
    const HIGH: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    match octet {
        0x80..=0x9f => HIGH.chars().nth(usize::from(octet - 0x80)).unwrap_or('\u{fffd}'),
        _ => char::from(octet),
    }
}

/// The URLs in a text, each once, as written: with a scheme, or `www.`, or a host with a path.
#[must_use]
pub fn urls(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let octets = text.as_bytes();
    let mut at = 0usize;
    while found.len() < URLS_MAX {
        let rest = from(octets, at);
        let Some(start) = rest.iter().position(|octet| is_word(*octet)) else { break };
        let start = at.saturating_add(start);
        let run = from(octets, start);
        let len = run.iter().position(|octet| is_stop(*octet)).unwrap_or(run.len());
        at = start.saturating_add(len.max(1));
        let word = piece(run, 0, len.min(URL_MAX));
        // Within one run there may be several, glued by commas or quotes of a script.
        let mut inner = 0usize;
        while let Some((url, next)) = url_within(word, inner) {
            if !found.contains(&url) {
                found.push(url);
            }
            inner = next;
        }
    }
    found
}

/// The first URL of a run from `at` on, and where to go on behind it.
fn url_within(run: &[u8], at: usize) -> Option<(String, usize)> {
    let rest = run.get(at..)?;
    if rest.is_empty() {
        return None;
    }
    let by_scheme = memchr::memmem::find(rest, b"://").map(|colon| {
        let letters = piece(rest, 0, colon).iter().rev();
        let len = letters.take_while(|octet| octet.is_ascii_alphanumeric()).count();
        colon.saturating_sub(len)
    });
    if let Some(start) = by_scheme {
        let from_here = from(rest, start);
        let colon = memchr::memchr(b':', from_here).unwrap_or_default();
        let scheme = piece(from_here, 0, colon).to_ascii_lowercase();
        let known = SCHEMES.iter().find(|known| scheme.ends_with(known));
        let lead = known.map_or(0, |known| colon.saturating_sub(known.len()));
        let body = from(from_here, lead);
        let first = colon.saturating_sub(lead).saturating_add(3);
        // Where a second scheme stands right behind a comma the first URL has ended.
        let len = glued(body, first).unwrap_or(body.len());
        let next = at.saturating_add(start).saturating_add(lead).saturating_add(len.max(3));
        let url = trim(piece(body, 0, len));
        if known.is_some() && url.len() > first {
            return Some((String::from_utf8_lossy(url).into_owned(), next));
        }
        return url_within(run, next);
    }
    bare(trim(rest)).map(|url| (url, run.len()))
}

fn glued(body: &[u8], first: usize) -> Option<usize> {
    let rest = from(body, first);
    let next = memchr::memmem::find(rest, b",http")?;
    Some(first.saturating_add(next))
}

/// `www.host` or `host/path`, with a public suffix that exists.
fn bare(word: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(word).ok()?;
    let text = text.trim_start_matches(['(', '[', '*', '-', '=']);
    let end = text.find(['/', '?', '#', ':']).unwrap_or(text.len());
    let (host, path) = text.split_at(end);
    let is_www = host.len() > 4 && starts_ignoring_case(host, "www.");
    let labels = host.split('.').count();
    let well_formed = labels >= 2
        && host.split('.').all(|label| {
            !label.is_empty() && label.chars().all(|sign| sign.is_alphanumeric() || sign == '-')
        });
    let has_path = path.len() > 1 && path.starts_with('/');
    let is_known = || {
        let lower = host.to_lowercase();
        psl::suffix(lower.as_bytes()).is_some_and(|suffix| suffix.is_known())
    };
    (well_formed && (is_www || has_path) && is_known()).then(|| text.to_owned())
}

fn starts_ignoring_case(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

fn is_word(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || octet >= 0x80
}

fn is_stop(octet: u8) -> bool {
    octet <= b' '
        || octet == 0x7f
        || matches!(octet, b'<' | b'>' | b'"' | b'\'' | b'`' | b'\\' | b'|' | b'^' | b'{' | b'}')
}

/// A URL ends before the marks of the sentence that it stands in.
fn trim(mut url: &[u8]) -> &[u8] {
    while let Some((last, head)) = url.split_last() {
        let count = |sign: u8| url.iter().filter(|octet| **octet == sign).count();
        let is_mark = match last {
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'*' => true,
            b')' => count(b'(') < count(b')'),
            b']' => count(b'[') < count(b']'),
            _ => false,
        };
        if !is_mark {
            break;
        }
        url = head;
    }
    url
}

/// Base64 of either alphabet, white space and a missing end set aside; `None` for other signs.
pub(crate) fn base64(octets: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(octets.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0u32);
    for octet in octets {
        let value = match octet {
            b'A'..=b'Z' => octet - b'A',
            b'a'..=b'z' => octet - b'a' + 26,
            b'0'..=b'9' => octet - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            let [_, _, _, low] = (bits >> count).to_be_bytes();
            plain.push(low);
        }
    }
    Some(plain)
}

/// `%41` as its octet.
pub(crate) fn unescape_percent(octets: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(octets.len());
    let mut at = 0usize;
    while let Some(octet) = octets.get(at).copied() {
        let pair = std::str::from_utf8(piece(octets, at + 1, 2)).ok();
        let value = pair.filter(|_| octet == b'%').and_then(|two| u8::from_str_radix(two, 16).ok());
        match value {
            Some(value) => {
                plain.push(value);
                at = at.saturating_add(3);
            }
            None => {
                plain.push(octet);
                at = at.saturating_add(1);
            }
        }
    }
    plain
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(STRING_MAX);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}

/// A file larger than this has what it says in its first part.
const STRINGS_FROM_MAX: usize = 4 * 1024 * 1024;
/// Strings of one file.
const STRINGS_MAX: usize = 50_000;
/// Octets of one string.
const STRING_MAX: usize = 64 * 1024;
/// Shorter runs are chance.
const RUN_MIN: usize = 4;
/// URLs of one text.
const URLS_MAX: usize = 2_000;
/// Octets of one URL.
const URL_MAX: usize = 64 * 1024;
const SCHEMES: &[&[u8]] =
    &[b"https", b"http", b"ftp", b"hxxps", b"hxxp", b"file", b"mhtml", b"smb"];

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn to_base64(octets: &[u8]) -> String {
        const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for three in octets.chunks(3) {
            let at = |place: usize| u32::from(three.get(place).copied().unwrap_or_default());
            let bits = at(0) << 16 | at(1) << 8 | at(2);
            for place in 0..4 {
                let sign = if place <= three.len() {
                    SIGNS[usize::try_from(bits >> (18 - 6 * place) & 63).unwrap()]
                } else {
                    b'='
                };
                text.push(char::from(sign));
            }
        }
        text
    }

    #[test]
    fn urls_table() {
        let rows: &[(&str, &str, &[&str])] = &[
            (
                "in a sentence",
                "See https://corp.example/a?b=1. Now",
                &["https://corp.example/a?b=1"],
            ),
            ("in brackets", "(http://a.example/x_(1))", &["http://a.example/x_(1)"]),
            ("in quotes", "x='http://a.example';", &["http://a.example"]),
            ("without scheme", "go to www.corp.com now", &["www.corp.com"]),
            ("host and path", "pay at corp.com/pay today", &["corp.com/pay"]),
            ("a file is none", "see report.pdf and main.rs", &[]),
            (
                "two glued",
                "http://a.example/1,http://b.example/2",
                &["http://a.example/1", "http://b.example/2"],
            ),
            ("glued to a word", "urlhttp://a.example/x", &["http://a.example/x"]),
            ("defanged", "hxxps://a.example/x", &["hxxps://a.example/x"]),
            ("nothing behind", "http:// and ://", &[]),
        ];
        for (rule, text, expected) in rows {
            assert_eq!(urls(text), *expected, "{rule}");
        }
    }

    #[test]
    fn a_text_is_its_lines_and_a_program_its_runs() {
        let text = strings("one\r\n\r\nzwei ü\n".as_bytes());
        assert_eq!(text.strings, ["one", "zwei ü"]);
        assert!(text.raw.is_some());
        let mut program = b"\0\x01abcdef\0\x02xy\0\0".to_vec();
        program.extend("wide text".encode_utf16().flat_map(u16::to_le_bytes));
        program.push(1);
        let found = strings(&program);
        assert_eq!((found.raw, found.strings), (None, vec!["abcdef".into(), "wide text".into()]));
    }

    #[test]
    fn base64_of_either_alphabet() {
        assert_eq!(base64(b"aGVs bG8=").unwrap(), b"hello");
        assert_eq!(base64(b"-_8").unwrap(), base64(b"+/8").unwrap());
        assert_eq!(base64(b"a.b"), None);
        assert_eq!(base64(to_base64(&[1, 2, 3, 4]).as_bytes()).unwrap(), [1, 2, 3, 4]);
    }

    #[test]
    fn text_that_is_not_utf_8_is_that_of_windows() {
        assert_eq!(decode(b"\x93x\x94 \xfc"), "“x” ü");
        assert_eq!(unescape_percent(b"a%41%zz%"), b"aA%zz%");
    }
}
