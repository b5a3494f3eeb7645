//! The page that shows every mailbox as its owner would see it.
//!
//! Rendered here, swapped in by a small script each second, under a policy that allows no inline
//! script or style. Everything that comes from a message is escaped.

use std::fmt::Write;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;

use crate::config::User;
use crate::mailbox::{Folder, Item, Mailbox};
use crate::world::{Tenant, World};

/// The page, its parts and its assets.
pub(crate) fn routes() -> Router<World> {
    Router::new()
        .route("/", get(whole))
        .route("/mailboxes", get(whole))
        .route("/mailboxes/fragment", get(fragment))
        .route("/mailboxes/{user}/{serial}", get(one))
        .route("/assets/sim.js", get(|| asset("text/javascript; charset=utf-8", SCRIPT)))
        .route("/assets/sim.css", get(|| asset("text/css; charset=utf-8", STYLE)))
}

async fn asset(kind: &'static str, text: &'static str) -> Response {
    guarded(kind, text.to_owned())
}

/// `GET /mailboxes`
async fn whole(State(world): State<World>) -> Response {
    let organisation = escape(&world.config().organisation);
    let service = world.config().service.name();
    let mailboxes = mailboxes(&world);
    page(&format!(
        "<header><h1>Simulated {service} <span>{organisation}</span></h1>\
         <p>Nothing here is real. Each mailbox as its owner would see it; \
         the page refreshes by itself.</p></header>\n\
         <main id=\"mailboxes\" aria-live=\"off\">{mailboxes}</main>\n\
         <script src=\"/assets/sim.js\" defer></script>"
    ))
}

/// `GET /mailboxes/fragment`
async fn fragment(State(world): State<World>) -> Response {
    guarded(HTML, mailboxes(&world))
}

/// `GET /mailboxes/{user}/{serial}`: one message, as plain text.
async fn one(State(world): State<World>, Path((user, serial)): Path<(String, u64)>) -> Response {
    let now = world.now();
    let tenant = world.tenant();
    let mailbox = tenant.mailbox_of(&user);
    let item = mailbox.and_then(|mailbox| mailbox.get(serial)).filter(|it| it.is_visible(now));
    let Some(item) = item else {
        drop(tenant);
        return (StatusCode::NOT_FOUND, page("<main><h1>No such message</h1></main>"))
            .into_response();
    };
    let from = item.content.from.as_ref();
    let from = from.map(|from| format!("{} <{}>", from.name, from.address)).unwrap_or_default();
    let body = format!(
        "<header><p><a href=\"/mailboxes\">All mailboxes</a></p></header>\
         <main class=\"message\"><h1>{}</h1><dl><dt>From</dt><dd>{}</dd><dt>In</dt><dd>{}</dd>\
         <dt>Received</dt><dd>{}</dd></dl><pre>{}</pre></main>",
        escape(&item.content.subject),
        escape(&from),
        folder_name(item.folder, tenant.is_gmail),
        clock_time(item.received),
        escape(&item.content.body),
    );
    drop(tenant);
    page(&body)
}

fn mailboxes(world: &World) -> String {
    let now = world.now();
    let tenant = world.tenant();
    let mut out = String::new();
    for user in tenant.users.iter().filter(|user| user.has_mailbox()) {
        mailbox(&mut out, &tenant, user, now);
    }
    if out.is_empty() {
        out.push_str("<p class=\"none\">There are no mailboxes.</p>");
    }
    out
}

fn mailbox(out: &mut String, tenant: &Tenant, user: &User, now: Timestamp) {
    let Some(mailbox) = tenant.mailboxes.get(&user.id) else { return };
    let name = escape(&user.display_name);
    let address = escape(user.mail.as_deref().unwrap_or(&user.upn));
    let _infallible = write!(
        out,
        "<section class=\"mailbox\" data-mailbox=\"{}\"><h2>{name} <span>{address}</span></h2>\
         <div class=\"folders\">",
        escape(&user.id)
    );
    let shown: &[Folder] = if tenant.is_gmail { &SHOWN_GMAIL } else { &SHOWN };
    for shown in shown.iter().copied() {
        folder(out, mailbox, user, shown, now);
    }
    out.push_str("</div></section>\n");
}

fn folder(out: &mut String, mailbox: &Mailbox, user: &User, folder: Folder, now: Timestamp) {
    let items: Vec<&Item> = mailbox
        .newest_first()
        .filter(|item| item.folder == folder && item.is_visible(now))
        .collect();
    let unread = items.iter().filter(|item| !item.marks.is_read).count();
    let _infallible = write!(
        out,
        "<div class=\"folder\" data-folder=\"{folder:?}\"><h3>{} <span>{}</span></h3><ul>",
        folder_name(folder, mailbox.is_gmail),
        if folder == Folder::Inbox { unread } else { items.len() },
    );
    let shown_max = if folder == Folder::Inbox { INBOX_SHOWN_MAX } else { OTHERS_SHOWN_MAX };
    for item in items.iter().take(shown_max) {
        row(out, user, item);
    }
    out.push_str("</ul>");
    if let Some(more) = items.len().checked_sub(shown_max).filter(|more| *more > 0) {
        let _infallible = write!(out, "<p class=\"more\">and {more} older</p>");
    }
    out.push_str("</div>");
}

fn row(out: &mut String, user: &User, item: &Item) {
    let from = item.content.from.as_ref().map(|from| from.name.as_str()).unwrap_or("(no sender)");
    let subject = match item.content.subject.trim() {
        "" => "(no subject)",
        subject => subject,
    };
    let state = if item.marks.is_read { "read" } else { "unread" };
    let _infallible = write!(
        out,
        "<li class=\"{state}\" data-item=\"{serial}\" data-message-id=\"{id}\">\
         <a href=\"/mailboxes/{user}/{serial}\"><b>{from}</b><time>{time}</time>\
         <span>{subject}</span></a></li>",
        serial = item.serial,
        id = escape(&item.content.message_id),
        user = escape(&user.id),
        from = escape(from),
        subject = escape(subject),
        time = clock_time(item.received),
    );
}

pub(crate) fn page(body: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <title>Simulated Microsoft 365</title>\
         <link rel=\"icon\" href=\"data:,\">\
         <link rel=\"stylesheet\" href=\"/assets/sim.css\"></head>\n<body>{body}</body></html>\n"
    );
    guarded(HTML, page)
}

fn guarded(kind: &'static str, text: String) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn clock_time(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// A text as it may stand in HTML, between tags and in a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

const HTML: &str = "text/html; charset=utf-8";
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const SCRIPT: &str = include_str!("../assets/sim.js");
const STYLE: &str = include_str!("../assets/sim.css");
/// The name of a folder as the mailbox's owner reads it.
fn folder_name(folder: Folder, is_gmail: bool) -> &'static str {
    match folder {
        Folder::Archive if is_gmail => "All Mail",
        Folder::DeletedItems if is_gmail => "Trash",
        Folder::JunkEmail if is_gmail => "Spam",
        Folder::Purges if is_gmail => "Deleted for ever",
        _ => folder.display_name(),
    }
}

const SHOWN_GMAIL: [Folder; 5] =
    [Folder::Inbox, Folder::JunkEmail, Folder::DeletedItems, Folder::Archive, Folder::Purges];
const SHOWN: [Folder; 5] =
    [Folder::Inbox, Folder::JunkEmail, Folder::DeletedItems, Folder::Deletions, Folder::Purges];
const INBOX_SHOWN_MAX: usize = 7;
const OTHERS_SHOWN_MAX: usize = 4;
