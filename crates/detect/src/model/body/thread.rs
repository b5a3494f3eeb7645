//! The newest message of a conversation and the older ones below it, as records.

use std::cell::OnceCell;
use std::rc::Rc;

use clawback_mail::message::Moment;
use clawback_mql::{RecordType, Text, Value};

use super::banner;
use super::markers::field;
use super::quotes::Quotes;
use super::split::{Line, Split};
use super::when::date_in;
use super::words::{Name, WROTE};
use crate::model::lazy::{Fields, Lazy, known};
use crate::model::link::{self, Found};
use crate::model::names::{mailbox_in, mailboxes_in, named_address};
use crate::model::page::Page;
use crate::model::subject::Subject;
use crate::model::types::mail::{BANNER, MAILBOX, PREVIOUS_THREAD, THREAD, THREAD_RECIPIENTS};

/// A text taken apart into the messages of a conversation.
pub(crate) struct Threads {
    text: Text,
    split: Split,
    page: Option<Rc<Page>>,
    plain_links: OnceCell<Vec<Found>>,
    /// Which lines of each piece are warnings.
    banners: OnceCell<Vec<Vec<std::ops::Range<usize>>>>,
}

impl Threads {
    /// Of what a person sees of a page.
    pub(crate) fn of_page(page: &Rc<Page>) -> Rc<Self> {
        let text = page.seen().clone();
        let split = Split::page(text.as_str(), &Quotes::of(page));
        Rc::new(Self::new(text, split, Some(Rc::clone(page))))
    }

    /// Of a plain text.
    pub(crate) fn of_text(text: Text) -> Rc<Self> {
        let split = Split::plain(text.as_str());
        Rc::new(Self::new(text, split, None))
    }

    fn new(text: Text, split: Split, page: Option<Rc<Page>>) -> Self {
        let (plain_links, banners) = (OnceCell::new(), OnceCell::new());
        Self { text, split, page, plain_links, banners }
    }

    /// The newest message.
    pub(crate) fn current(self: &Rc<Self>) -> Value {
        Lazy::value(Current(Thread { threads: Rc::clone(self), index: 0 }))
    }

    /// The older ones.
    pub(crate) fn previous(self: &Rc<Self>) -> Value {
        let thread = |index| Thread { threads: Rc::clone(self), index };
        Value::list((1..self.split.pieces.len()).map(|index| Lazy::value(Previous(thread(index)))))
    }

    fn line(&self, index: usize) -> &str {
        let Some(Line { start, end, .. }) = self.split.lines.get(index) else { return "" };
        self.text.as_str().get(*start..*end).unwrap_or_default()
    }

    fn body(&self, piece: usize) -> &[usize] {
        self.split.pieces.get(piece).map_or(&[], |piece| piece.body.as_slice())
    }

    fn preamble(&self, piece: usize) -> &[usize] {
        self.split.pieces.get(piece).map_or(&[], |piece| piece.preamble.as_slice())
    }

    /// The runs of warnings in a piece, as places in its filled lines.
    fn banners(&self, piece: usize) -> &[std::ops::Range<usize>] {
        let all = self.banners.get_or_init(|| {
            let of = |piece: usize| {
                let lines: Vec<&str> = self.filled(piece).map(|line| self.line(line)).collect();
                banner::runs(&lines)
            };
            (0..self.split.pieces.len()).map(of).collect()
        });
        all.get(piece).map_or(&[], Vec::as_slice)
    }

    fn filled(&self, piece: usize) -> impl Iterator<Item = usize> + '_ {
        self.body(piece).iter().copied().filter(|line| !self.line(*line).is_empty())
    }

    fn join(&self, lines: impl Iterator<Item = usize>) -> String {
        let mut out = String::new();
        for line in lines {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(self.line(line));
        }
        out.truncate(out.trim_end().len());
        out
    }

    fn text(&self, piece: usize) -> Value {
        let banners = self.banners(piece);
        let whole = self.text.as_str();
        if self.split.is_whole() && banners.is_empty() && whole.trim().len() == whole.len() {
            return crate::model::page::filled(&self.text);
        }
        let mut place = 0;
        let lines = self.body(piece).iter().copied().filter(|line| {
            if self.line(*line).is_empty() {
                return true;
            }
            place += 1;
            !banners.iter().any(|run| run.contains(&(place - 1)))
        });
        Value::filled(self.join(lines).trim())
    }

    fn links(&self) -> &[Found] {
        match &self.page {
            Some(page) => page.links(),
            None => self.plain_links.get_or_init(|| link::in_text(self.text.as_str())),
        }
    }

    /// The links that stand on the given lines.
    fn links_on(&self, lines: &[usize]) -> Value {
        let on = |found: &&Found| {
            let line = self.split.lines.partition_point(|line| line.start <= found.at);
            lines.binary_search(&line.saturating_sub(1)).is_ok()
        };
        link::unique(self.links().iter().filter(on))
    }

    fn banner_values(&self, piece: usize) -> Value {
        let filled: Vec<usize> = self.filled(piece).collect();
        Value::list(self.banners(piece).iter().map(|run| {
            let lines = filled.get(run.clone()).unwrap_or_default();
            let text = self.join(lines.iter().copied());
            known(&BANNER, [("links", self.links_on(lines)), ("text", Value::text(text))])
        }))
    }

    fn thread_links(&self, piece: usize) -> Value {
        let banners = self.banners(piece);
        if self.split.is_whole() && banners.is_empty() {
            return link::unique(self.links().iter());
        }
        let filled = self.filled(piece).enumerate();
        let own = filled.filter(|(place, _)| !banners.iter().any(|run| run.contains(place)));
        let lines: Vec<usize> = own.map(|(_, line)| line).collect();
        self.links_on(&lines)
    }
}

/// One message of a conversation.
struct Thread {
    threads: Rc<Threads>,
    index: usize,
}

impl Thread {
    fn common(&self, name: &str) -> Value {
        let threads = &self.threads;
        match name {
            "banners" => threads.banner_values(self.index),
            "links" => threads.thread_links(self.index),
            "preamble" => {
                Value::filled(&threads.join(threads.preamble(self.index).iter().copied()))
            }
            "text" => threads.text(self.index),
            _ => Value::Null,
        }
    }

    /// The value of a field of the block above.
    fn field(&self, wanted: Name) -> Option<String> {
        let threads = &self.threads;
        let mut lines =
            threads.preamble(self.index).iter().map(|line| threads.line(*line)).peekable();
        while let Some(line) = lines.next() {
            let Some((name, value)) = field(line) else { continue };
            if name != wanted {
                continue;
            }
            let mut value = value.to_owned();
            // Long values go on below.
            while let Some(next) = lines.next_if(|next| field(next).is_none() && !next.is_empty()) {
                value.push(' ');
                value.push_str(next);
            }
            return Some(value);
        }
        None
    }

    /// `On … wrote:` as one line.
    fn introduction(&self) -> String {
        let lines = self.threads.preamble(self.index);
        lines.iter().map(|line| self.threads.line(*line)).collect::<Vec<_>>().join(" ")
    }

    fn sender(&self) -> Value {
        match self.field(Name::From) {
            Some(from) => mailbox_in(&from),
            None => introduced(&self.introduction()),
        }
    }

    fn date(&self) -> Value {
        let text = self.field(Name::Date).unwrap_or_else(|| self.introduction());
        date_in(&text).map_or(Value::Null, |seconds| Value::text(Moment::utc(seconds).rfc3339()))
    }

    fn recipients(&self) -> Value {
        let list =
            |name| Value::list(self.field(name).map(|to| mailboxes_in(&to)).unwrap_or_default());
        known(
            &THREAD_RECIPIENTS,
            [("bcc", list(Name::Bcc)), ("cc", list(Name::Cc)), ("to", list(Name::To))],
        )
    }
}

/// Who is named in `On Tue, Mar 3, 2026 at 10:00 AM Anna Berg <anna@a.example> wrote:`.
fn introduced(line: &str) -> Value {
    let address = line.split(['<', '(', '[', ' ']).find_map(|word| {
        let word = word.trim_start_matches("mailto:");
        let word = word.split(['>', ')', ']', ':', ',']).next()?;
        word.contains('@').then_some(word)
    });
    let before = match address.and_then(|address| line.find(address)) {
        Some(at) => line.get(..at).unwrap_or_default(),
        None => line.trim_end_matches([':', '：', ' ']),
    };
    let mut name = before.trim_end_matches(['<', '(', '[', ' ']);
    let lower = name.to_lowercase();
    let same_length = lower.len() == name.len();
    for word in WROTE {
        let Some(at) = lower.rfind(word).filter(|_| same_length) else { continue };
        let (front, rest) = (name.get(..at), name.get(at + word.len()..));
        name = match rest.map(str::trim) {
            Some("") | None => front.unwrap_or_default(),
            Some(rest) => rest,
        };
        break;
    }
    named_address(&MAILBOX, after_date(name.trim()), address.unwrap_or_default())
}

/// What follows the last word that belongs to a date.
fn after_date(text: &str) -> &str {
    let mut start = 0;
    for (at, word) in words(text) {
        let is_date = word.ends_with(',') && at < text.len()
            || word.bytes().any(|octet| octet.is_ascii_digit())
            || DATE_WORDS.contains(&word.trim_end_matches([',', '.']).to_lowercase().as_str());
        if is_date {
            start = at + word.len();
        }
    }
    text.get(start..).unwrap_or_default().trim().trim_matches(['"', ','])
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let start = move |word: &str| word.as_ptr().addr() - text.as_ptr().addr();
    text.split_whitespace().map(move |word| (start(word), word))
}

/// The newest message.
struct Current(Thread);

impl Fields for Current {
    const TYPE: &'static RecordType = &THREAD;

    fn compute(&self, name: &'static str) -> Value {
        self.0.common(name)
    }
}

/// An older message.
struct Previous(Thread);

impl Fields for Previous {
    const TYPE: &'static RecordType = &PREVIOUS_THREAD;

    fn compute(&self, name: &'static str) -> Value {
        match name {
            "date" => self.0.date(),
            "index" => Value::int(self.0.index),
            "recipients" => self.0.recipients(),
            "sender" => self.0.sender(),
            "subject" => match self.0.field(Name::Subject) {
                Some(subject) => Lazy::value(Subject::new(&subject, false)),
                None => Value::Null,
            },
            _ => self.0.common(name),
        }
    }
}

/// Words that stand between the date and the name.
const DATE_WORDS: [&str; 14] =
    ["at", "am", "pm", "um", "uhr", "à", "a", "las", "às", "alle", "ore", "om", "kl", "klo"];

#[cfg(test)]
mod tests;
