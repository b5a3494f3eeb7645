//! Calendars: components, organizers, attendees, links, attachments.
//!
//! Lines as calendars fold them, values as they escape them. It does not reckon with times: they
//! are told as written.

use crate::explode::Sink;
use crate::text;

/// A file of calendars.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Ics {
    /// Each `VCALENDAR`.
    pub calendars: Vec<Calendar>,
}

/// One `VCALENDAR`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Calendar {
    /// The calendar's scale.
    pub calscale: Option<String>,
    /// `REQUEST`, `PUBLISH`, `CANCEL`, ….
    pub method: Option<String>,
    /// The program that made it.
    pub prodid: Option<String>,
    /// The version of the format.
    pub version: Option<String>,
    /// Events, tasks, alarms, …, in order; an alarm follows what it belongs to.
    pub components: Vec<Component>,
}

/// An event, a task, a time zone, an alarm.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Component {
    /// `VEVENT`, `VTODO`, ….
    pub kind: String,
    /// Files that it carries or names.
    pub attachments: Vec<Attachment>,
    /// Who is invited.
    pub attendees: Vec<Attendee>,
    /// `PUBLIC`, `PRIVATE`, ….
    pub class: Option<String>,
    /// When it was made.
    pub created: Option<String>,
    /// Its text.
    pub description: Option<String>,
    /// Its text as a page, where a program of Microsoft or another wrote one.
    pub description_html: Option<String>,
    /// When it ends.
    pub dtend: Option<String>,
    /// When this version was made.
    pub dtstamp: Option<String>,
    /// When it begins.
    pub dtstart: Option<String>,
    /// How long it lasts.
    pub duration: Option<String>,
    /// When it was changed last.
    pub last_modified: Option<String>,
    /// Where it is.
    pub location: Option<String>,
    /// Who invites.
    pub organizers: Vec<Person>,
    /// 0 to 9.
    pub priority: Option<String>,
    /// How often it was changed.
    pub sequence: Option<String>,
    /// `CONFIRMED`, `TENTATIVE`, ….
    pub status: Option<String>,
    /// Its title.
    pub summary: Option<String>,
    /// Whether it takes time.
    pub transp: Option<String>,
    /// What identifies it.
    pub uid: Option<String>,
    /// Its `URL`s, and those in title, text and place, each once.
    pub urls: Vec<String>,
}

/// Somebody with an address.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Person {
    /// The address, without `mailto:`.
    pub email: String,
    /// The name that is shown.
    pub display_name: Option<String>,
}

/// Somebody who is invited.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Attendee {
    /// Who it is.
    pub person: Person,
    /// What they answered.
    pub partstat: Option<String>,
    /// Whether they have to come.
    pub role: Option<String>,
    /// Whether an answer is wanted.
    pub rsvp: Option<bool>,
}

/// A file that a component carries or names.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Attachment {
    /// Its name.
    pub filename: Option<String>,
    /// Its type, as claimed.
    pub mime_type: Option<String>,
    /// Where it is, when it is not carried.
    pub uri: Option<String>,
    /// What it holds, when it is carried.
    pub octets: Option<Vec<u8>>,
}

/// Reads calendars; `None` where there is none.
#[must_use]
pub fn scan(octets: &[u8]) -> Option<Ics> {
    let decoded = text::decode(octets);
    let mut ics = Ics::default();
    let mut open: Vec<String> = Vec::new();
    let mut components = 0usize;
    for line in unfolded(&decoded).take(LINES_MAX) {
        let Some(line) = Line::read(&line) else { continue };
        match line.name.as_str() {
            "BEGIN" => {
                let kind = line.value.trim().to_uppercase();
                if kind == "VCALENDAR" && ics.calendars.len() < CALENDARS_MAX {
                    ics.calendars.push(Calendar::default());
                } else if let Some(calendar) = ics.calendars.last_mut()
                    && matches!(
                        kind.as_str(),
                        "VEVENT" | "VTODO" | "VJOURNAL" | "VTIMEZONE" | "VALARM"
                    )
                    && components < COMPONENTS_MAX
                {
                    components += 1;
                    calendar
                        .components
                        .push(Component { kind: kind.clone(), ..Component::default() });
                }
                if open.len() < NESTING_MAX {
                    open.push(kind);
                }
            }
            "END" => {
                open.pop();
            }
            _ => {
                let Some(calendar) = ics.calendars.last_mut() else { continue };
                if open.len() <= 1 {
                    calendar.property(&line);
                } else if let Some(component) = calendar.components.last_mut() {
                    component.property(&line);
                }
            }
        }
    }
    for component in ics.calendars.iter_mut().flat_map(|calendar| &mut calendar.components) {
        component.collect_urls();
    }
    (!ics.calendars.is_empty()).then_some(ics)
}

/// Puts what its components carry, and their text as a page.
pub(crate) fn open(octets: &[u8], sink: &mut Sink<'_>) {
    let Some(ics) = scan(octets) else { return };
    let components = ics.calendars.into_iter().flat_map(|calendar| calendar.components);
    let mut count = 0usize;
    for component in components {
        if let Some(page) = component.description_html {
            sink.put(SOURCE, "description.html", page.into_bytes());
        }
        for attachment in component.attachments {
            count = count.saturating_add(1);
            let name = attachment.filename.unwrap_or_else(|| format!("attachment_{count}"));
            if let Some(octets) = attachment.octets {
                sink.put(SOURCE, &name, octets);
            }
        }
    }
    sink.told(|told| told.total_files = count);
}

/// Lines whose continuations are joined.
fn unfolded(text: &str) -> impl Iterator<Item = String> {
    let mut lines = text.lines().peekable();
    std::iter::from_fn(move || {
        let mut line = lines.next()?.to_owned();
        while let Some(next) = lines.next_if(|next| next.starts_with([' ', '\t'])) {
            line.push_str(next.get(1..).unwrap_or_default());
        }
        Some(line)
    })
}

/// A name, its parameters, its value.
struct Line {
    name: String,
    parameters: Vec<(String, String)>,
    value: String,
}

impl Line {
    fn read(line: &str) -> Option<Self> {
        let mut is_quoted = false;
        let colon = line.find(|sign: char| {
            is_quoted ^= sign == '"';
            sign == ':' && !is_quoted
        });
        let colon = colon.or_else(|| line.find(':'))?;
        let (head, value) = (line.get(..colon)?, line.get(colon + 1..)?);
        let mut is_quoted = false;
        let mut parts = head.split(move |sign: char| {
            is_quoted ^= sign == '"';
            sign == ';' && !is_quoted
        });
        let name = parts.next()?.trim().to_uppercase();
        let parameters = parts.take(PARAMETERS_MAX).filter_map(|part| part.split_once('='));
        let parameters = parameters.map(|(name, value)| {
            (name.trim().to_uppercase(), value.trim().trim_matches('"').to_owned())
        });
        Some(Self { name, parameters: parameters.collect(), value: value.to_owned() })
    }

    fn parameter(&self, name: &str) -> Option<String> {
        self.parameters.iter().find(|(its, _)| its == name).map(|(_, value)| value.clone())
    }

    fn text(&self) -> String {
        let mut plain = String::with_capacity(self.value.len());
        let mut signs = self.value.chars();
        while let Some(sign) = signs.next() {
            match sign {
                '\\' => match signs.next() {
                    Some('n' | 'N') => plain.push('\n'),
                    Some(other) => plain.push(other),
                    None => plain.push('\\'),
                },
                _ => plain.push(sign),
            }
        }
        plain
    }

    fn person(&self) -> Person {
        let value = self.value.trim();
        let is_address = value.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:"));
        let email = if is_address { value.get(7..).unwrap_or_default() } else { value };
        Person { email: email.to_owned(), display_name: self.parameter("CN") }
    }
}

impl Calendar {
    fn property(&mut self, line: &Line) {
        let field = match line.name.as_str() {
            "CALSCALE" => &mut self.calscale,
            "METHOD" => &mut self.method,
            "PRODID" => &mut self.prodid,
            "VERSION" => &mut self.version,
            _ => return,
        };
        field.get_or_insert_with(|| line.text());
    }
}

impl Component {
    fn property(&mut self, line: &Line) {
        let field = match line.name.as_str() {
            "ATTENDEE" if self.attendees.len() < PEOPLE_MAX => {
                self.attendees.push(Attendee {
                    person: line.person(),
                    partstat: line.parameter("PARTSTAT"),
                    role: line.parameter("ROLE"),
                    rsvp: line.parameter("RSVP").map(|rsvp| rsvp.eq_ignore_ascii_case("true")),
                });
                return;
            }
            "ORGANIZER" if self.organizers.len() < PEOPLE_MAX => {
                self.organizers.push(line.person());
                return;
            }
            "ATTACH" if self.attachments.len() < ATTACHMENTS_MAX => {
                self.attach(line);
                return;
            }
            "URL" => {
                self.urls.push(line.value.trim().to_owned());
                return;
            }
            "X-ALT-DESC" => &mut self.description_html,
            "CLASS" => &mut self.class,
            "CREATED" => &mut self.created,
            "DESCRIPTION" => &mut self.description,
            "DTEND" | "DUE" => &mut self.dtend,
            "DTSTAMP" => &mut self.dtstamp,
            "DTSTART" => &mut self.dtstart,
            "DURATION" => &mut self.duration,
            "LAST-MODIFIED" => &mut self.last_modified,
            "LOCATION" => &mut self.location,
            "PRIORITY" => &mut self.priority,
            "SEQUENCE" => &mut self.sequence,
            "STATUS" => &mut self.status,
            "SUMMARY" => &mut self.summary,
            "TRANSP" => &mut self.transp,
            "UID" => &mut self.uid,
            _ => return,
        };
        field.get_or_insert_with(|| line.text());
    }

    fn attach(&mut self, line: &Line) {
        let is_carried =
            line.parameter("ENCODING").is_some_and(|it| it.eq_ignore_ascii_case("base64"))
                || line.parameter("VALUE").is_some_and(|it| it.eq_ignore_ascii_case("binary"));
        let name = ["FILENAME", "X-FILENAME", "X-APPLE-FILENAME"];
        self.attachments.push(Attachment {
            filename: name.iter().find_map(|name| line.parameter(name)),
            mime_type: line.parameter("FMTTYPE"),
            octets: is_carried.then(|| text::base64(line.value.as_bytes())).flatten(),
            uri: (!is_carried).then(|| line.value.trim().to_owned()),
        });
    }

    fn collect_urls(&mut self) {
        let texts = [&self.summary, &self.description, &self.location, &self.description_html];
        let found: Vec<String> =
            texts.into_iter().flatten().flat_map(|text| text::urls(text)).collect();
        let attached = self.attachments.iter().filter_map(|it| it.uri.clone());
        let attached: Vec<String> = attached.filter(|uri| uri.contains("://")).collect();
        for url in found.into_iter().chain(attached) {
            if !self.urls.contains(&url) {
                self.urls.push(url);
            }
        }
    }
}

const SOURCE: &str = "ScanIcs";
/// Lines that are read, folded ones counted once.
const LINES_MAX: usize = 100_000;
/// Calendars of one file.
const CALENDARS_MAX: usize = 100;
/// Components of one file.
const COMPONENTS_MAX: usize = 2_000;
/// Components within components.
const NESTING_MAX: usize = 100;
/// People of one component.
const PEOPLE_MAX: usize = 1_000;
/// Files of one component.
const ATTACHMENTS_MAX: usize = 100;
/// Parameters of one line.
const PARAMETERS_MAX: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explode::{File, Options, explode};

    const INVITATION: &str = "BEGIN:VCALENDAR\r\nPRODID:-//corp//x\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n\
        UID:1@corp.example\r\nSUMMARY:Pay\\, now\r\nDESCRIPTION:See https://corp.exa\r\n mple/p\\nBye\r\n\
        ORGANIZER;CN=\"Kim: Boss\":mailto:kim@corp.example\r\n\
        ATTENDEE;CN=Bo;ROLE=REQ-PARTICIPANT;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:MAILTO:bo@corp.example\r\n\
        ATTACH;FMTTYPE=text/html;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=a.html:PGh0bWw+PGEgaHJlZj14PjwvYT4=\r\n\
        BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nDESCRIPTION:alarm\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    #[test]
    fn an_invitation_tells_who_what_and_where() {
        let ics = scan(INVITATION.as_bytes()).unwrap();
        let calendar = &ics.calendars[0];
        assert_eq!((calendar.method.as_deref(), calendar.components.len()), (Some("REQUEST"), 2));
        let event = &calendar.components[0];
        assert_eq!(event.summary.as_deref(), Some("Pay, now"));
        assert_eq!(event.description.as_deref(), Some("See https://corp.example/p\nBye"));
        assert_eq!(event.urls, ["https://corp.example/p"]);
        assert_eq!(event.organizers[0].display_name.as_deref(), Some("Kim: Boss"));
        assert_eq!(event.organizers[0].email, "kim@corp.example");
        assert_eq!(event.attendees[0].person.email, "bo@corp.example");
        assert_eq!(event.attendees[0].rsvp, Some(true));
    }

    #[test]
    fn what_an_invitation_carries_is_a_file() {
        let file = File { name: "a.ics", content_type: "", octets: INVITATION.as_bytes() };
        let tree = explode(&file, &Options::default());
        assert_eq!(
            (tree.nodes[1].name.as_str(), tree.nodes[1].kind),
            ("a.html", crate::Kind::Html)
        );
    }

    #[test]
    fn nesting_without_end_ends() {
        assert!(scan("BEGIN:VEVENT\n".repeat(50_000).as_bytes()).is_none());
        let ics = scan(format!("BEGIN:VCALENDAR\n{}", "BEGIN:VALARM\n".repeat(50_000)).as_bytes());
        assert_eq!(ics.unwrap().calendars[0].components.len(), COMPONENTS_MAX);
    }
}
