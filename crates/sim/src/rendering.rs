//! The octets of a message as the service gives them today: rarely those that were delivered.
//!
//! Exchange takes a message apart when it stores it and writes it anew when it is asked for it:
//! other boundaries and transfer encodings, fields in another order and more of them, a text made
//! from the HTML, a `meta` tag in it, and, where the organisation wants that, a banner above mail
//! from outside and links that lead through a page of its own. Gmail keeps the octets and writes
//! its own trace above them.

use std::fmt::Write;

use mail_parser::{MessageParser, MessagePart, PartKind, PartRole};

use crate::config::Behaviour;
use crate::content::Content;
use crate::mailbox::Item;
use crate::odata::escape;
use crate::stream::mime::{base64_lines, date, quoted_printable};

/// What Exchange makes of a message; `domains` are those of its own organisation.
pub(crate) fn exchange(item: &Item, behaviour: &Behaviour, domains: &[String]) -> Vec<u8> {
    let content = &*item.content;
    if !behaviour.alter_bodies {
        return content.raw.clone();
    }
    let Some(mut parts) = Parts::of(&content.raw) else { return content.raw.clone() };
    if let Some(banner) = behaviour.banner.as_deref().filter(|_| !is_inside(content, domains)) {
        parts.put_banner(banner);
    }
    if behaviour.safe_links {
        parts.html = parts.html.as_deref().map(with_safe_links);
    }
    let boundary = format!("_{:08x}{:04x}EUR05prod_", item.serial, item.moves);
    let mut out = fields(content, item);
    out.push_str("MIME-Version: 1.0\r\n");
    let body = parts.body(&boundary);
    if parts.attached.is_empty() {
        out.push_str(&body);
        return out.into_bytes();
    }
    let _infallible = write!(
        out,
        "Content-Type: multipart/mixed;\r\n\tboundary=\"_004{boundary}\"\r\n\r\n--_004{boundary}\r\n{body}"
    );
    for attached in &parts.attached {
        let _infallible = write!(out, "\r\n--_004{boundary}\r\n{attached}");
    }
    let _infallible = write!(out, "\r\n--_004{boundary}--\r\n");
    out.into_bytes()
}

/// What Gmail gives of a message that it delivered to somebody.
pub(crate) fn google(item: &Item, owner: &str) -> Vec<u8> {
    let (at, id) = (date(item.received), item.serial);
    let head = format!(
        "Delivered-To: {owner}\r\n\
         Received: by 2002:a05:7300:a00c:b0:1a0:1:2 with SMTP id dl{id}csp4711;\r\n        {at}\r\n\
         X-Received: by 2002:a05:600c:4e8a:b0:43b with SMTP id 5b{id}mr1;\r\n        {at}\r\n\
         ARC-Seal: i=1; a=rsa-sha256; t=1; cv=none; d=google.com; s=arc-20240605; b=AAAA\r\n\
         ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=google.com;\r\n        \
         s=arc-20240605; h=message-id:subject; bh=AAAA; b=AAAA\r\n\
         ARC-Authentication-Results: i=1; mx.google.com; spf=pass\r\n"
    );
    [head.as_bytes(), &item.content.raw].concat()
}

/// What a message was taken apart into.
struct Parts {
    text: Option<String>,
    html: Option<String>,
    /// Each with its own fields.
    attached: Vec<String>,
}

impl Parts {
    fn of(raw: &[u8]) -> Option<Self> {
        let message = MessageParser::new().parse(raw)?;
        let mut parts = Self { text: None, html: None, attached: Vec::new() };
        for part in message.parts().filter(|part| part.message().container().is_none()) {
            let is_body = part.role() != PartRole::Attachment;
            let body = match part.kind() {
                PartKind::Multipart => continue,
                PartKind::Text if is_body => &mut parts.text,
                PartKind::Html if is_body => &mut parts.html,
                _ => {
                    parts.attached.push(attached(part));
                    continue;
                }
            };
            let text = part.text().unwrap_or_default();
            body.get_or_insert_default().push_str(&text);
        }
        Some(parts)
    }

    fn put_banner(&mut self, banner: &str) {
        if let Some(html) = &mut self.html {
            let div = format!("<div style=\"background-color:#FFEB9C;\">{banner}</div>\r\n<br>");
            let body = tag_end(html, "<body").unwrap_or_default();
            html.insert_str(body, &div);
        }
        if let Some(text) = &mut self.text {
            text.insert_str(0, &format!("{banner}\r\n\r\n"));
        }
    }

    fn body(&self, boundary: &str) -> String {
        let Some(html) = &self.html else {
            let text = quoted_printable(&lines(self.text.as_deref().unwrap_or_default()));
            return format!(
                "Content-Type: text/plain; charset=\"utf-8\"\r\n\
                 Content-Transfer-Encoding: quoted-printable\r\n\r\n{text}"
            );
        };
        let (text, html) = (quoted_printable(&without_tags(html)), wrapped(html));
        format!(
            "Content-Type: multipart/alternative;\r\n\tboundary=\"_000{boundary}\"\r\n\r\n\
             --_000{boundary}\r\nContent-Type: text/plain; charset=\"utf-8\"\r\n\
             Content-Transfer-Encoding: quoted-printable\r\n\r\n{text}\r\n\
             --_000{boundary}\r\nContent-Type: text/html; charset=\"utf-8\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--_000{boundary}--\r\n",
            base64_lines(html.as_bytes()),
        )
    }
}

/// An attached part. A picture that is shown in the text loses its name.
fn attached(part: MessagePart<'_>) -> String {
    let declared = part.content_type();
    let subtype = declared.and_then(|it| it.subtype()).unwrap_or("octet-stream");
    let kind = declared.map_or("application", |it| it.ctype());
    let content_id = part.content_id().map(|id| format!("Content-ID: <{id}>\r\n"));
    let shown = part.is_inline() || content_id.is_some();
    let name = part.attachment_name().filter(|_| !shown);
    let name = name.map(|name| name.replace(['"', '\r', '\n'], "")).unwrap_or_default();
    if let PartKind::Message(_) = part.kind() {
        let inner = String::from_utf8_lossy(part.raw_body());
        return format!("Content-Type: message/rfc822\r\n\r\n{inner}");
    }
    let disposition = if shown { "inline" } else { "attachment" };
    format!(
        "Content-Type: {kind}/{subtype}; name=\"{name}\"\r\n\
         Content-Disposition: {disposition}; filename=\"{name}\"\r\n{}\
         Content-Transfer-Encoding: base64\r\n\r\n{}",
        content_id.unwrap_or_default(),
        base64_lines(&part.decoded()),
    )
}

/// The fields: the trace first, then the others by their names, then what the service adds.
fn fields(content: &Content, item: &Item) -> String {
    let is_mime = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("content-") || name == "mime-version"
    };
    let (trace, mut others): (Vec<_>, Vec<_>) = content
        .headers
        .iter()
        .filter(|(name, _)| !is_mime(name))
        .partition(|(name, _)| name.eq_ignore_ascii_case("Received"));
    others.sort_by_key(|(name, _)| name.to_ascii_lowercase());
    let mut out = String::new();
    for (name, value) in trace.into_iter().chain(others) {
        let _infallible = write!(out, "{name}: {value}\r\n");
    }
    let _infallible = write!(
        out,
        "X-MS-Exchange-Transport-EndToEndLatency: 00:00:01.{:07}\r\n\
         X-MS-Exchange-Processed-By-BccFoldering: 15.20.9115.000\r\n\
         X-Microsoft-Antispam-Mailbox-Delivery:\r\n\tucf:0;jmr:0;auth:0;dest:I;ENG:(910001)\r\n",
        item.serial,
    );
    out
}

/// Whether a message is from one of the organisation's own domains.
fn is_inside(content: &Content, domains: &[String]) -> bool {
    let from = content.from.as_ref().and_then(|from| from.address.rsplit_once('@'));
    from.is_some_and(|(_, domain)| domains.iter().any(|own| own.eq_ignore_ascii_case(domain)))
}

/// HTML with the character set that it is sent in.
fn wrapped(html: &str) -> String {
    let meta = "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\r\n";
    if let Some(at) = tag_end(html, "<head") {
        let (before, after) = html.split_at(at);
        return format!("{before}\r\n{meta}{after}");
    }
    match tag_end(html, "<html") {
        Some(at) => {
            let (before, after) = html.split_at(at);
            format!("{before}<head>\r\n{meta}</head>\r\n{after}")
        }
        None => format!("<html><head>\r\n{meta}</head>\r\n<body>\r\n{html}\r\n</body>\r\n</html>"),
    }
}

/// Where the first tag that begins so ends.
fn tag_end(html: &str, begin: &str) -> Option<usize> {
    let lower = html.to_ascii_lowercase();
    let at = lower.match_indices(begin).find(|(at, _)| {
        let next = lower.as_bytes().get(at + begin.len());
        next.is_some_and(|next| *next == b'>' || next.is_ascii_whitespace())
    });
    let (at, _) = at?;
    lower.get(at..)?.find('>').map(|end| at + end + 1)
}

/// HTML whose links lead through the page that looks at them first.
fn with_safe_links(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find("href=\"http") {
        let (before, after) = rest.split_at(at + "href=\"".len());
        let (target, behind) = after.split_at(after.find('"').unwrap_or(after.len()));
        let target = target.replace("&amp;", "&");
        let _infallible = write!(
            out,
            "{before}https://eur05.safelinks.protection.outlook.com/?url={}&amp;data=05%7C02%7C&amp;reserved=0",
            escape(&target)
        );
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The text of HTML as the service makes it: what stands between tags, a line for each paragraph.
fn without_tags(html: &str) -> String {
    let (mut out, mut rest) = (String::new(), html);
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        out.push_str(text);
        let tag_end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let (name, after) = tag.split_at(tag_end);
        let breaks = ["<p", "<br", "<div", "<tr", "<li", "</p", "</div"];
        if breaks.iter().any(|it| name.to_ascii_lowercase().starts_with(it)) {
            out.push_str("\r\n");
        }
        let skipped = ["<style", "<script", "<title"]
            .into_iter()
            .find(|it| name.to_ascii_lowercase().starts_with(it));
        let close = skipped.map(|open| open.replacen('<', "</", 1));
        let end = close.and_then(|close| after.to_ascii_lowercase().find(&close));
        rest = end.and_then(|end| after.get(end..)).unwrap_or(after);
    }
    out.push_str(rest);
    for (entity, sign) in [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")] {
        out = out.replace(entity, sign);
    }
    lines(&out)
}

/// A text with the line ends of mail.
fn lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\r\n", line.trim_end())).collect()
}
