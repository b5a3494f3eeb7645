//! What is attached: its name, what it says it is, what it is, and its digest.

use mail_parser::{MessagePart, PartKind};
use sha2::{Digest, Sha256};

use crate::redacted_debug;

/// One attached file, or one attached message.
#[derive(Clone, Eq, PartialEq)]
pub struct Attachment {
    /// The file name, decoded; empty where there is none.
    pub name: String,
    /// The declared media type in lower case; empty where there is none.
    pub declared_type: String,
    /// The media type that the content has; empty where it tells nothing.
    pub found_type: &'static str,
    /// Octets after decoding.
    pub octets: usize,
    /// SHA-256 of the decoded octets.
    pub sha256: [u8; 32],
    /// Whether a browser would show it as a page: by type, by name or by content.
    pub is_html: bool,
    /// Whether it is shown in the message rather than offered as a file.
    pub inline: bool,
    /// In how many nested messages; 0 in the message itself.
    pub depth: u8,
    /// The first octets of the decoded content.
    pub head: Vec<u8>,
    /// Which MIME part it is, in document order.
    pub place: u32,
    /// The `Content-ID` without its angle brackets; empty where there is none.
    pub content_id: String,
    /// The `Content-Transfer-Encoding` in lower case; empty where there is none.
    pub encoding: String,
    /// The first word of the `Content-Disposition` in lower case; empty where there is none.
    pub disposition: String,
}

redacted_debug!(Attachment, this => this.octets);

impl Attachment {
    pub(crate) fn read(part: MessagePart<'_>, content: &[u8], depth: u8) -> Self {
        let name = part.attachment_name().unwrap_or_default().trim().to_owned();
        let declared_type = declared_type(part);
        let found_type = sniff(content);
        let is_html = is_html_type(&declared_type)
            || matches!(found_type, "text/html" | "image/svg+xml")
            || has_page_name(&name);
        Self {
            name: name.chars().take(NAME_CHARS_MAX).collect(),
            declared_type,
            found_type,
            octets: content.len(),
            sha256: Sha256::digest(content).into(),
            is_html,
            inline: part.is_inline(),
            depth,
            head: content.get(..HEAD_OCTETS_MAX).unwrap_or(content).to_vec(),
            place: part.id(),
            content_id: clipped(
                part.content_id().unwrap_or_default().trim_matches(['<', '>', ' ']),
            ),
            encoding: encoding(part),
            disposition: part
                .content_disposition()
                .map(|disposition| clipped(disposition.ctype()).to_ascii_lowercase())
                .unwrap_or_default(),
        }
    }
}

/// The declared transfer encoding in lower case.
pub(crate) fn encoding(part: MessagePart<'_>) -> String {
    clipped(part.content_transfer_encoding().unwrap_or_default().trim()).to_ascii_lowercase()
}

fn clipped(text: &str) -> String {
    text.chars().take(NAME_CHARS_MAX).collect()
}

/// The declared media type; what a part without one is by default.
pub(crate) fn declared_type(part: MessagePart<'_>) -> String {
    match part.content_type() {
        Some(declared) => {
            let subtype = declared.subtype().unwrap_or_default();
            format!("{}/{subtype}", declared.ctype()).to_ascii_lowercase()
        }
        None if matches!(part.kind(), PartKind::Message(_)) => "message/rfc822".to_owned(),
        None => String::new(),
    }
}

fn is_html_type(media_type: &str) -> bool {
    matches!(media_type, "text/html" | "application/xhtml+xml" | "image/svg+xml")
}

/// By any extension in the name: `invoice.html.pdf` is no page, `invoice.pdf.html` is.
fn has_page_name(name: &str) -> bool {
    let name = name.to_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension.trim());
    matches!(
        extension,
        "htm" | "html" | "shtml" | "xht" | "xhtml" | "mht" | "mhtml" | "svg" | "hta"
    )
}

/// The media type by content: pages and messages by their first words, the rest by magic numbers.
pub(crate) fn sniff(content: &[u8]) -> &'static str {
    let head = content.get(..HEAD_OCTETS_MAX).unwrap_or(content);
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let head = head.trim_ascii_start();
    let starts = |word: &str| {
        head.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
    };
    let holds = |word: &[u8]| {
        head.windows(word.len()).take(SNIFF_OCTETS_MAX).any(|w| w.eq_ignore_ascii_case(word))
    };
    if starts("<svg") || (starts("<?xml") && holds(b"<svg")) {
        return "image/svg+xml";
    }
    let tags = ["<!doctype html", "<html", "<head", "<body", "<script", "<meta", "<title", "<!--"];
    if tags.iter().any(|tag| starts(tag)) || (starts("<") && holds(b"<script")) {
        return "text/html";
    }
    infer::get(content).map_or("", |kind| kind.mime_type())
}

const HEAD_OCTETS_MAX: usize = 4_096;
const NAME_CHARS_MAX: usize = 512;
const SNIFF_OCTETS_MAX: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sniff_table() {
        let rows: &[(&str, &[u8], &str)] = &[
            ("page", b"  <!DOCTYPE html><p>", "text/html"),
            ("page after a byte order mark", b"\xef\xbb\xbf<HTML>", "text/html"),
            ("page by its script", b"<div><script>x</script>", "text/html"),
            ("drawing", b"<?xml version='1.0'?><svg xmlns=''>", "image/svg+xml"),
            ("pdf", b"%PDF-1.7\n", "application/pdf"),
            ("program", b"MZ\x90\x00\x03", "application/vnd.microsoft.portable-executable"),
            ("text", b"hello", ""),
            ("nothing", b"", ""),
        ];
        for (rule, content, meant) in rows {
            assert_eq!(sniff(content), *meant, "{rule}");
        }
    }

    #[test]
    fn the_last_extension_decides() {
        assert!(has_page_name("invoice.pdf.HTML"));
        assert!(!has_page_name("invoice.html.pdf"));
        assert!(!has_page_name("html"));
    }
}
