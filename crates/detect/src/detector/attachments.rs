//! Attached pages, programs and locked archives, by content before name.

use clawback_core::verdict::{Evidence, Finding};
use clawback_mail::message::Attachment;

use crate::case::Case;
use crate::catalogue::{
    DOUBLE_EXTENSION, ENCRYPTED_ARCHIVE, ENCRYPTED_ARCHIVE_PASSWORD, EXECUTABLE, HTML_ATTACHMENT,
    HTML_ATTACHMENT_ACTIVE,
};
use crate::words::Theme;

pub(crate) fn look(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let all = || case.message.attachments.iter().take(ATTACHMENTS_MAX);
    let evidence = |attachment: &Attachment, note: &str| {
        let place = format!("attachment {}", attachment.name);
        let quote = match attachment.found_type {
            "" => attachment.declared_type.as_str(),
            found => found,
        };
        Evidence::new(place, quote, note)
    };

    let active = all().filter_map(|a| Some(evidence(a, active_part(a)?)));
    findings.extend(HTML_ATTACHMENT_ACTIVE.found_all(active));
    let plain = all().filter(|a| is_page(a) && active_part(a).is_none());
    findings.extend(HTML_ATTACHMENT.found_all(plain.map(|a| evidence(a, "a web page"))));

    let disguised = all().filter_map(|a| Some(evidence(a, disguise(a)?)));
    findings.extend(DOUBLE_EXTENSION.found_all(disguised));
    let programs = all().filter(|a| disguise(a).is_none()).filter_map(|attachment| {
        let note = if is_program_by_content(attachment) {
            "a program by its content"
        } else if PROGRAM_ENDINGS.contains(&ending(&attachment.name).as_str()) {
            "runs on a click by its name"
        } else {
            return None;
        };
        Some(evidence(attachment, note))
    });
    findings.extend(EXECUTABLE.found_all(programs));

    let password = case.wording.phrases(Theme::Password);
    let rule = if password.is_empty() || case.is_discussion {
        ENCRYPTED_ARCHIVE
    } else {
        ENCRYPTED_ARCHIVE_PASSWORD
    };
    let locked = all().filter(|a| is_locked_archive(a));
    let locked = locked.map(|a| evidence(a, "its first entry is encrypted"));
    let words = password.first().map(|phrase| Evidence::new("subject and text", phrase, ""));
    findings.extend(
        rule.found_all(locked).map(|finding| words.into_iter().fold(finding, Finding::with)),
    );
}

/// An attached page. Parts that the message shows itself are its body, and a picture is none; what
/// is declared to be no text is never shown.
fn is_page(attachment: &Attachment) -> bool {
    let is_picture = attachment.found_type == "image/svg+xml"
        || attachment.declared_type == "image/svg+xml"
        || ending(&attachment.name) == "svg";
    let is_shown = attachment.inline && attachment.declared_type.starts_with("text/");
    attachment.is_html
        && !is_shown
        && !attachment.name.is_empty()
        && !is_picture
        && attachment.depth == 0
}

/// What makes a page more than a text: found in its first octets, in plain or escaped.
fn active_part(attachment: &Attachment) -> Option<&'static str> {
    if !attachment.is_html || attachment.name.is_empty() || attachment.depth > 0 {
        return None;
    }
    let head = String::from_utf8_lossy(&attachment.head).to_ascii_lowercase();
    let holds = |words: &[&str]| words.iter().any(|word| head.contains(word));
    if holds(&["type=\"password\"", "type='password'", "type=password"]) {
        return Some("asks for a password");
    }
    let loads = holds(&[
        "eval(",
        "unescape(",
        "atob(",
        "document.write(",
        "fromcharcode",
        "location.href",
        "location.replace",
        "window.location",
        "createobjecturl",
        "new blob(",
    ]);
    if holds(&["<script"]) && loads {
        return Some("runs a script that writes or opens a page");
    }
    let sends = holds(&["action=\"http", "action='http", "action=http"]);
    if holds(&["<form"]) && sends {
        return Some("sends a form to the web");
    }
    if holds(&["http-equiv=\"refresh\"", "http-equiv='refresh'", "http-equiv=refresh"])
        && holds(&["url=http", "url='http", "url=\"http"])
    {
        return Some("opens another page by itself");
    }
    None
}

/// How a program hides that it is one.
fn disguise(attachment: &Attachment) -> Option<&'static str> {
    let last = ending(&attachment.name);
    if DOCUMENT_ENDINGS.contains(&last.as_str()) && is_program_by_content(attachment) {
        return Some("named like a document, and a program by its content");
    }
    let front = attachment.name.rsplit_once('.').map_or("", |(front, _)| front);
    let before = ending(front.trim_end());
    let is_double =
        PROGRAM_ENDINGS.contains(&last.as_str()) && DOCUMENT_ENDINGS.contains(&before.as_str());
    if is_double {
        return Some("a document's ending before a program's");
    }
    let turned = attachment.name.contains(['\u{202e}', '\u{2066}', '\u{2067}']);
    turned.then_some("a character that turns the name round")
}

fn ending(name: &str) -> String {
    let name = name.trim().trim_end_matches('.');
    name.rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.trim().to_ascii_lowercase())
}

fn is_program_by_content(attachment: &Attachment) -> bool {
    const TYPES: [&str; 6] = [
        "application/vnd.microsoft.portable-executable",
        "application/x-msdownload",
        "application/x-executable",
        "application/x-mach-binary",
        "application/x-ole-storage-shortcut",
        "application/x-ms-shortcut",
    ];
    let is_shortcut = attachment.head.starts_with(b"L\0\0\0\x01\x14\x02\0");
    TYPES.contains(&attachment.found_type) || is_shortcut
}

/// ZIP: bit 0 of the first entry's flags.
fn is_locked_archive(attachment: &Attachment) -> bool {
    let is_zip = attachment.head.starts_with(b"PK\x03\x04");
    is_zip && attachment.head.get(6).is_some_and(|flags| flags & 1 == 1)
}

const ATTACHMENTS_MAX: usize = 200;
const DOCUMENT_ENDINGS: [&str; 16] = [
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "rtf", "csv", "jpg", "jpeg", "png",
    "gif", "html", "mp3",
];
const PROGRAM_ENDINGS: [&str; 26] = [
    "exe", "scr", "pif", "com", "bat", "cmd", "vbs", "vbe", "js", "jse", "wsf", "wsh", "hta",
    "lnk", "ps1", "msi", "msix", "jar", "cpl", "dll", "iso", "img", "vhd", "vhdx", "reg", "xll",
];

#[cfg(test)]
mod tests {
    use crate::testing::{Sample, assert_rules};

    #[test]
    fn pages_table() {
        let page = |name: &str, content: &str| {
            Sample::new().from("x <a@b.example>").attach(
                name,
                "application/octet-stream",
                content.as_bytes(),
            )
        };
        assert_rules(&[
            (
                "password form",
                page("login.html", "<html><form><input type=\"password\"></form>"),
                &["html-attachment-active"],
            ),
            (
                "script that decodes",
                page("fax.htm", "<script>document.write(atob('eA=='))</script>"),
                &["html-attachment-active"],
            ),
            (
                "form to the web",
                page("a.html", "<html><form action=\"https://lure.example.net/\">"),
                &["html-attachment-active"],
            ),
            (
                "by content alone",
                page("invoice.pdf", "<!doctype html><script>eval(x)</script>"),
                &["html-attachment-active"],
            ),
            (
                "picture with a script",
                page("a.svg", "<svg><script>location.href='x'</script></svg>"),
                &["html-attachment-active"],
            ),
            (
                "plain page",
                page("report.html", "<html><p>Figures</p></html>"),
                &["html-attachment"],
            ),
            ("picture", page("logo.svg", "<svg><path d=\"M0 0\"/></svg>"), &[]),
            ("text", page("notes.txt", "See you"), &[]),
        ]);
    }

    #[test]
    fn programs_table() {
        let file = |name: &str, content: &[u8]| {
            Sample::new().from("x <a@b.example>").attach(name, "application/octet-stream", content)
        };
        let mut program = vec![0_u8; 256];
        program[..2].copy_from_slice(b"MZ");
        program[0x3c] = 0x80;
        program[0x80..0x84].copy_from_slice(b"PE\0\0");
        let locked = b"PK\x03\x04\x14\0\x01\0\x08\0aaaaaaaaaaaaaaaaaaaa";
        let open = b"PK\x03\x04\x14\0\0\0\x08\0aaaaaaaaaaaaaaaaaaaa";
        assert_rules(&[
            ("double ending", file("invoice.pdf.exe", b"x"), &["double-extension"]),
            ("spaces between", file("invoice.pdf      .scr", b"x"), &["double-extension"]),
            ("program named document", file("invoice.pdf", &program), &["double-extension"]),
            ("turned round", file("invoice\u{202e}fdp.exe", b"x"), &["double-extension"]),
            ("program", file("setup.exe", &program), &["executable-attachment"]),
            ("script", file("a.vbs", b"x"), &["executable-attachment"]),
            ("document with dots", file("report.v2.pdf", b"%PDF-1.7"), &[]),
            ("locked", file("a.zip", locked), &["encrypted-archive"]),
            (
                "locked with its key",
                file("a.zip", locked).subject("File password: 1234"),
                &["encrypted-archive-password"],
            ),
            ("open", file("a.zip", open), &[]),
        ]);
    }
}
