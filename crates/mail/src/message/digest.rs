//! Digests that stay the same where the message is the same, and a key for subjects.

use sha2::{Digest, Sha256};

use crate::message::{fields, header_section};

/// See [`crate::message::Message::canonical_digest`].
///
/// Named fields are kept and all others left out, so that no header a provider invents next year
/// makes two copies differ. They are sorted, since relays reorder them, and their white space is
/// collapsed, since relays fold them anew. Line ends of the body are one octet, and empty lines
/// at its end do not count.
pub(crate) fn canonical(raw: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(b"clawback canonical message 1\n");
    let Some(parsed) = header_section(raw) else {
        body(raw, &mut digest);
        return digest.finalize().into();
    };
    let root = parsed.root();
    let mut kept: Vec<String> = root
        .headers()
        .iter()
        .filter_map(|header| {
            let name = header.raw_name().trim().to_ascii_lowercase();
            if !KEPT.contains(&name.as_str()) {
                return None;
            }
            let value = fields::decode(header.raw_value());
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            Some(format!("{name}:{value}\n"))
        })
        .collect();
    kept.sort_unstable();
    kept.truncate(FIELDS_MAX);
    for field in &kept {
        digest.update(field.as_bytes());
    }
    digest.update(b"\n");
    body(root.root_part().raw_body(), &mut digest);
    digest.finalize().into()
}

fn body(octets: &[u8], digest: &mut Sha256) {
    let mut pending = Vec::with_capacity(PENDING_OCTETS_MAX);
    for line in octets.trim_ascii_end().split(|octet| *octet == b'\n') {
        pending.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        pending.push(b'\n');
        if pending.len() >= PENDING_OCTETS_MAX {
            digest.update(&pending);
            pending.clear();
        }
    }
    digest.update(&pending);
}

/// See [`crate::message::Message::text_digest`].
pub(crate) fn text(visible: &str) -> [u8; 32] {
    let mut normal = String::with_capacity(visible.len());
    for word in visible.split_whitespace() {
        normal.push_str(&word.to_lowercase());
        normal.push(' ');
    }
    Sha256::digest(normal).into()
}

/// What stays of a subject when a campaign varies it: no reply and forward marks of any language,
/// no digits, no case, one space between words. The key of a key is itself.
pub fn subject_key(subject: &str) -> String {
    let lower: String = subject.chars().take(SUBJECT_CHARS_MAX).collect::<String>().to_lowercase();
    // Digits go first, so that `RE2:` is a mark, too.
    let plain: String = lower.chars().filter(|c| !c.is_numeric()).take(SUBJECT_CHARS_MAX).collect();
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rest = words.as_str();
    while let Some(stripped) = strip_mark(rest) {
        rest = stripped;
    }
    rest.to_owned()
}

/// Takes one `Re:`, `Fwd[2]:` or `[EXT]` off the front.
fn strip_mark(subject: &str) -> Option<&str> {
    if let Some(after) = subject.strip_prefix('[') {
        let (tag, rest) = after.split_once(']')?;
        let tag = tag.trim().to_lowercase();
        return TAGS.contains(&tag.as_str()).then(|| rest.trim_start());
    }
    let (mark, rest) = subject.split_once([':', '：'])?;
    let mark = mark.split(['[', '(']).next()?.trim().to_lowercase();
    MARKS.contains(&mark.as_str()).then(|| rest.trim_start())
}

/// Fields that the author's program wrote, and that no honest relay changes.
const KEPT: [&str; 13] = [
    "cc",
    "content-disposition",
    "content-transfer-encoding",
    "content-type",
    "date",
    "from",
    "in-reply-to",
    "message-id",
    "references",
    "reply-to",
    "sender",
    "subject",
    "to",
];
/// Reply and forward marks as mail programs of many languages write them.
const MARKS: [&str; 34] = [
    "aw",
    "antw",
    "bls",
    "doorst",
    "enc",
    "fs",
    "fw",
    "fwd",
    "i",
    "odp",
    "pd",
    "r",
    "re",
    "ref",
    "res",
    "rif",
    "rv",
    "sv",
    "tr",
    "vb",
    "vl",
    "vs",
    "wg",
    "ynt",
    "ilt",
    "továbbítás",
    "vá",
    "απ",
    "σχετ",
    "на",
    "回复",
    "转发",
    "答复",
    "返信",
];
/// Marks that gateways put on mail from outside.
const TAGS: [&str; 5] = ["ext", "extern", "external", "externe", "spam"];
const FIELDS_MAX: usize = 1_000;
/// Octets gathered before they are hashed: many small updates are slow.
const PENDING_OCTETS_MAX: usize = 64 * 1024;
const SUBJECT_CHARS_MAX: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subject_key_table() {
        let rows = [
            ("plain", "Your invoice", "your invoice"),
            ("digits", "Invoice 4711 of  2026", "invoice of"),
            ("marks", "AW: Re[2]: FWD: Hello", "hello"),
            ("full-width colon", "回复：你好", "你好"),
            ("gateway tag", "[EXTERNAL] Re: hi", "hi"),
            ("own tag stays", "[list] hi", "[list] hi"),
            ("a word with a colon stays", "Reminder: pay", "reminder: pay"),
            ("only marks", "Re: Fwd:", ""),
            ("counted marks", "RE2: Fwd3: hello", "hello"),
        ];
        for (rule, subject, key) in rows {
            assert_eq!(subject_key(subject), key, "{rule}");
            assert_eq!(subject_key(key), key, "{rule}");
        }
    }
}
