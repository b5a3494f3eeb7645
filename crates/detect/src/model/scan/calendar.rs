//! Invitations.

use clawback_mql::Value;
use clawback_unpack::ics::{self as calendars, Attachment, Attendee, Calendar, Component, Person};

use super::addresses;
use crate::model::lazy::known;
use crate::model::link;
use crate::model::names::named_address;
use crate::model::page::{BodyHtml, Page};
use crate::model::types::files::{
    ICS, ICS_EVENT, SCAN_ICS, SCAN_ICS_ATTACHMENT, SCAN_ICS_ATTENDEE, SCAN_ICS_CALENDAR,
    SCAN_ICS_COMPONENT, SCAN_ICS_ORGANIZER, SCAN_ICS_TOTAL, SCAN_KEY_VAL,
};
use crate::model::types::mail::MAILBOX;

/// What the scanner of calendars says.
pub(crate) fn ics(octets: &[u8]) -> Value {
    let Some(found) = calendars::scan(octets) else { return Value::Null };
    let total = total(&found.calendars);
    let calendars = found.calendars.iter().map(calendar);
    known(
        &SCAN_ICS,
        [("calendars", Value::list(calendars)), ("flags", Value::texts([""; 0])), ("total", total)],
    )
}

/// `beta.file.parse_ics`.
pub(crate) fn events(octets: &[u8]) -> Value {
    let Some(found) = calendars::scan(octets) else { return Value::Null };
    let first = found.calendars.first();
    let of_first = |read: fn(&Calendar) -> &Option<String>| {
        Value::text_or_null(first.and_then(|first| read(first).as_deref()))
    };
    let components = found.calendars.iter().flat_map(|calendar| &calendar.components);
    let all = components.filter(|component| component.kind.eq_ignore_ascii_case("VEVENT"));
    known(
        &ICS,
        [
            ("events", Value::list(all.map(event))),
            ("method", of_first(|calendar| &calendar.method)),
            ("product_id", of_first(|calendar| &calendar.prodid)),
            ("version", of_first(|calendar| &calendar.version)),
        ],
    )
}

fn event(component: &Component) -> Value {
    let page = component.description_html.as_deref().map(Page::new);
    let description = component.description.as_deref().unwrap_or_default();
    let of_page = page.iter().flat_map(|page| page.links().iter());
    let written = [description, component.location.as_deref().unwrap_or_default()].join("\n");
    let urls = component.urls.join("\n");
    let of_text = link::in_text(&format!("{written}\n{urls}"));
    let links = link::unique(of_page.chain(&of_text));
    let html = page.as_ref().map_or(Value::Null, |page| BodyHtml::of(std::rc::Rc::clone(page)));
    known(
        &ICS_EVENT,
        [
            ("attendees", Value::list(component.attendees.iter().map(|one| mailbox(&one.person)))),
            ("description", Value::text_or_null(component.description.as_deref())),
            ("description_html", html),
            ("end", Value::text_or_null(component.dtend.as_deref())),
            ("links", links),
            ("location", Value::text_or_null(component.location.as_deref())),
            ("organizer", component.organizers.first().map_or(Value::Null, mailbox)),
            ("raw_properties", properties(component)),
            ("start", Value::text_or_null(component.dtstart.as_deref())),
            ("status", Value::text_or_null(component.status.as_deref())),
            ("summary", Value::text_or_null(component.summary.as_deref())),
            ("uid", Value::text_or_null(component.uid.as_deref())),
        ],
    )
}

fn properties(component: &Component) -> Value {
    let named = [
        ("CLASS", &component.class),
        ("CREATED", &component.created),
        ("DESCRIPTION", &component.description),
        ("DTEND", &component.dtend),
        ("DTSTAMP", &component.dtstamp),
        ("DTSTART", &component.dtstart),
        ("DURATION", &component.duration),
        ("LAST-MODIFIED", &component.last_modified),
        ("LOCATION", &component.location),
        ("PRIORITY", &component.priority),
        ("SEQUENCE", &component.sequence),
        ("STATUS", &component.status),
        ("SUMMARY", &component.summary),
        ("TRANSP", &component.transp),
        ("UID", &component.uid),
    ];
    let filled = named.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    Value::list(filled.map(|(name, value)| {
        known(&SCAN_KEY_VAL, [("key", Value::text(name)), ("value", Value::text(value))])
    }))
}

fn mailbox(person: &Person) -> Value {
    named_address(&MAILBOX, person.display_name.as_deref().unwrap_or_default(), &person.email)
}

fn calendar(found: &Calendar) -> Value {
    let text = |text: &Option<String>| Value::text_or_null(text.as_deref());
    known(
        &SCAN_ICS_CALENDAR,
        [
            ("calscale", text(&found.calscale)),
            ("components", Value::list(found.components.iter().map(component))),
            ("method", text(&found.method)),
            ("prodid", text(&found.prodid)),
            ("version", text(&found.version)),
        ],
    )
}

fn component(found: &Component) -> Value {
    let text = |text: &Option<String>| Value::text_or_null(text.as_deref());
    let organizer = |one: &Person| known(&SCAN_ICS_ORGANIZER, [("mailbox", mailbox(one))]);
    known(
        &SCAN_ICS_COMPONENT,
        [
            ("attachments", Value::list(found.attachments.iter().map(attachment))),
            ("attendees", Value::list(found.attendees.iter().map(attendee))),
            ("class", text(&found.class)),
            ("created", text(&found.created)),
            ("description", text(&found.description)),
            ("dtend", text(&found.dtend)),
            ("dtstamp", text(&found.dtstamp)),
            ("dtstart", text(&found.dtstart)),
            ("duration", text(&found.duration)),
            ("last_modified", text(&found.last_modified)),
            ("location", text(&found.location)),
            ("organizers", Value::list(found.organizers.iter().map(organizer))),
            ("priority", text(&found.priority)),
            ("sequence", text(&found.sequence)),
            ("status", text(&found.status)),
            ("summary", text(&found.summary)),
            ("transp", text(&found.transp)),
            ("type", Value::text(found.kind.as_str())),
            ("uid", text(&found.uid)),
            ("urls", addresses(&found.urls).0),
        ],
    )
}

fn attendee(found: &Attendee) -> Value {
    known(
        &SCAN_ICS_ATTENDEE,
        [
            ("mailbox", mailbox(&found.person)),
            ("partstat", Value::text_or_null(found.partstat.as_deref())),
            ("role", Value::text_or_null(found.role.as_deref())),
            ("rsvp", found.rsvp.map_or(Value::Null, Value::Bool)),
        ],
    )
}

fn attachment(found: &Attachment) -> Value {
    let kind = match (&found.uri, &found.octets) {
        (_, Some(_)) => "base64_binary",
        (Some(_), None) => "uri",
        (None, None) => "other",
    };
    let size = found.octets.as_ref().map(|octets| octets.len().to_string());
    known(
        &SCAN_ICS_ATTACHMENT,
        [
            ("extracted", Value::Bool(found.octets.is_some())),
            ("filename", Value::text_or_null(found.filename.as_deref())),
            ("mime_type", Value::text_or_null(found.mime_type.as_deref())),
            ("size", Value::text_or_null(size)),
            ("type", Value::text(kind)),
            ("uri", Value::text_or_null(found.uri.as_deref())),
        ],
    )
}

fn total(found: &[Calendar]) -> Value {
    let all = || found.iter().flat_map(|calendar| &calendar.components);
    let of_kind = |kind: &str| {
        Value::int(all().filter(|component| component.kind.eq_ignore_ascii_case(kind)).count())
    };
    let sum = |read: fn(&Component) -> usize| Value::int(all().map(read).sum::<usize>());
    known(
        &SCAN_ICS_TOTAL,
        [
            ("alarms", of_kind("VALARM")),
            ("attachments", sum(|component| component.attachments.len())),
            ("attendees", sum(|component| component.attendees.len())),
            ("components", Value::int(all().count())),
            ("events", of_kind("VEVENT")),
            ("journals", of_kind("VJOURNAL")),
            ("organizers", sum(|component| component.organizers.len())),
            ("timezones", of_kind("VTIMEZONE")),
            ("todos", of_kind("VTODO")),
            ("urls", sum(|component| component.urls.len())),
        ],
    )
}
