//! Mail within files: each part as a file of its own. Archives of pages have the same form.

use mail_parser::{MessageParser, PartKind};

use crate::defect::{DefectKind, fenced};
use crate::explode::Sink;
use crate::octets::find;

/// Puts the parts of a message: bodies, attachments, messages within it.
pub(crate) fn open(octets: &[u8], sink: &mut Sink<'_>) {
    match fenced(|| read(octets, sink)) {
        Some(true) => {}
        Some(false) => sink.defect(DefectKind::Malformed, READER),
        None => sink.defect(DefectKind::Failed, READER),
    }
}

fn read(octets: &[u8], sink: &mut Sink<'_>) -> bool {
    if header_len(octets) > HEADER_MAX {
        return false;
    }
    let Some(message) = MessageParser::default().parse(octets) else { return false };
    let mut count = 0usize;
    // Parts of this message only: one within it is a file, and is taken apart in its turn.
    for part in message.root().parts().take(PARTS_MAX) {
        let extension = match part.kind() {
            PartKind::Multipart => continue,
            PartKind::Text => "txt",
            PartKind::Html => "html",
            PartKind::Message(_) => "eml",
            _ => "bin",
        };
        count = count.saturating_add(1);
        let name = part.attachment_name().unwrap_or_default().trim().to_owned();
        let name = if name.is_empty() { format!("part_{count}.{extension}") } else { name };
        if part.raw_body().len() > sink.room() {
            sink.defect(DefectKind::SizeLimit, READER);
            continue;
        }
        if !sink.put("ScanEmail", &name, part.decoded().into_owned()) {
            break;
        }
    }
    sink.told(|told| told.total_files = count);
    count > 0
}

/// How long the first header section is.
fn header_len(octets: &[u8]) -> usize {
    let crlf = find(octets, b"\r\n\r\n");
    let lf = find(octets, b"\n\n");
    crlf.into_iter().chain(lf).min().unwrap_or(octets.len())
}

const READER: &str = "eml";
/// Parts of one message.
const PARTS_MAX: usize = 1_000;
/// Taking apart megabytes of one header costs the parser gigabytes.
const HEADER_MAX: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use crate::explode::{File, Options, explode};

    #[test]
    fn parts_of_a_message_are_files() {
        let mail = "From: a@corp.example\r\nTo: b@corp.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
            Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n\
            --b\r\nContent-Type: application/octet-stream; name=a.js\r\n\
            Content-Transfer-Encoding: base64\r\n\r\nYWxlcnQoMSk=\r\n--b--\r\n";
        let tree = explode(
            &File { name: "a.eml", content_type: "", octets: mail.as_bytes() },
            &Options::default(),
        );
        let names: Vec<&str> = tree.nodes.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["a.eml", "part_1.txt", "a.js"]);
        assert_eq!(&*tree.nodes[2].octets, b"alert(1)");
    }
}
