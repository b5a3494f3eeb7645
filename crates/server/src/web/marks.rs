//! Words of the domain as a page marks them: colour, shape and word together, so that none is
//! told by colour alone.

use std::borrow::Borrow;

use askama::filters::Safe;
use clawback_core::copy::{Copy, Order};
use clawback_core::job::{JobState, Tally};
use clawback_core::retraction::{Reason, State};
use clawback_core::verdict::Severity;
use clawback_core::{Disposition, Folder, Reach};

use super::assets;

/// An icon of the sprite.
pub(super) fn icon(name: &'static str) -> Safe<String> {
    drawn(name, "i")
}

/// A small icon of the sprite.
pub(super) fn icon_sm(name: &'static str) -> Safe<String> {
    drawn(name, "i i-sm")
}

/// An icon of the sprite that is coloured by how well something stands.
pub(super) fn icon_toned(name: &'static str, tone: &'static str) -> Safe<String> {
    Safe(drawn(name, "i").0.replacen("class=\"i\"", &format!("class=\"i {tone}\""), 1))
}

/// A small icon that stands in a line of text.
pub(super) fn icon_inline(name: &'static str) -> Safe<String> {
    drawn(name, "i i-sm i-inline")
}

fn drawn(name: &'static str, class: &'static str) -> Safe<String> {
    let sprite = assets::url("icons.svg");
    Safe(format!(
        "<svg class=\"{class}\" aria-hidden=\"true\"><use href=\"{sprite}#i-{name}\"/></svg>"
    ))
}

/// How a disposition looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct DispositionMark {
    /// The class that sets its colours: `d-mal`.
    pub(super) class: &'static str,
    /// The class that fills it in a chart: `f-mal`.
    pub(super) fill: &'static str,
    /// Its shape in a 12 by 12 box.
    pub(super) shape: &'static str,
    /// The word as it stands in running text: `Malicious`.
    pub(super) name: &'static str,
    /// What it means, in one line.
    pub(super) meaning: &'static str,
}

/// How a disposition looks.
pub(super) fn mark(disposition: impl Borrow<Disposition>) -> DispositionMark {
    let (class, fill, shape, name, meaning) = match disposition.borrow() {
        Disposition::Malicious => {
            ("d-mal", "f-mal", OCTAGON, "Malicious", "Confirmed phishing or malware")
        }
        Disposition::Suspicious => {
            ("d-sus", "f-sus", TRIANGLE, "Suspicious", "Likely a campaign, not proven")
        }
        Disposition::Spoof => ("d-spf", "f-spf", CRESCENT, "Spoof", "Pretends to be somebody"),
        Disposition::Spam => ("d-spm", "f-spm", SQUARE, "Spam", "Unwanted commercial mail"),
        Disposition::Bulk => ("d-blk", "f-blk", BARS, "Bulk", "Newsletters and marketing"),
        Disposition::Clean => ("d-cln", "f-cln", DISC, "Clean", "Nothing bad found"),
        Disposition::Unknown => ("d-unk", "f-unk", RING, "Unknown", "Could not be judged yet"),
    };
    DispositionMark { class, fill, shape, name, meaning }
}

/// The badge of a disposition.
pub(super) fn badge(disposition: impl Borrow<Disposition>) -> Safe<String> {
    badge_of(*disposition.borrow(), "disp")
}

/// The badge of a disposition in a page's head.
pub(super) fn badge_lg(disposition: impl Borrow<Disposition>) -> Safe<String> {
    badge_of(*disposition.borrow(), "disp lg")
}

fn badge_of(disposition: Disposition, class: &'static str) -> Safe<String> {
    let mark = mark(disposition);
    Safe(format!("<span class=\"{class} {}\">{}{disposition}</span>", mark.class, shape(mark)))
}

/// The shape of a disposition alone, for where its word stands beside it.
pub(super) fn shape(mark: impl Borrow<DispositionMark>) -> String {
    format!(
        "<svg viewBox=\"0 0 12 12\" aria-hidden=\"true\"><path d=\"{}\"/></svg>",
        mark.borrow().shape
    )
}

/// How well something stands: dots differ in shape as well as in colour.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tone {
    /// Not as it should be, for good.
    Bad,
    /// Nothing to say.
    Off,
    /// As it should be.
    Ok,
    /// Being worked on.
    Run,
    /// Not as it should be yet.
    Warn,
}

impl Tone {
    /// The class.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Off => "off",
            Self::Ok => "ok",
            Self::Run => "run",
            Self::Warn => "warn",
        }
    }
}

/// A word with its dot, and what there is to say about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Status {
    /// Its dot.
    pub(super) tone: Tone,
    /// The word.
    pub(super) word: String,
    /// One sentence more; empty where the word says all.
    pub(super) note: String,
}

impl Status {
    /// The same, with a folder named as the provider's own pages name it.
    pub(super) fn named(self, is_at_google: impl Borrow<bool>) -> Self {
        Self { word: folder_word(&self.word, is_at_google).to_owned(), ..self }
    }
}

/// A folder's word as the provider's own pages have it; any other word as it is.
pub(super) fn folder_word(word: &str, is_at_google: impl Borrow<bool>) -> &str {
    let at_google = [(Folder::Junk, "Spam"), (Folder::Trash, "Trash"), (Folder::Purged, "Deleted")];
    let named =
        at_google.into_iter().find(|(folder, _)| *is_at_google.borrow() && folder.label() == word);
    named.map_or(word, |(_, name)| name)
}

fn status(tone: Tone, word: impl Into<String>, note: impl Into<String>) -> Status {
    Status { tone, word: word.into(), note: note.into() }
}

/// Where a copy is now, as far as anybody looked.
pub(super) fn location(copy: &Copy) -> Status {
    if copy.reach == Reach::External {
        return status(Tone::Off, "Outside", "Not one of your mailboxes");
    }
    let Some(order) = &copy.order else {
        return match copy.reach {
            Reach::Exempt => status(Tone::Off, "Exempt", "On your list of exempt recipients"),
            _ => untouched(copy.folder),
        };
    };
    if order.is_restoration() {
        return match order.retraction.state {
            State::Retracted | State::AlreadyGone => put_back(copy),
            _ => untouched(copy.folder),
        };
    }
    match order.retraction.state {
        State::Retracted | State::AlreadyGone if copy.folder.is_open() => {
            status(Tone::Warn, copy.folder.label(), "Its owner put it back after the retraction")
        }
        State::Retracted => status(Tone::Ok, place(copy.folder, order), ""),
        State::AlreadyGone => status(Tone::Off, "Already gone", ""),
        State::NotFound => status(Tone::Off, "Never arrived", ""),
        _ if copy.folder == Folder::Unknown => {
            status(Tone::Warn, "Mailbox", "Not seen yet: it may be open to its owner")
        }
        _ => untouched(copy.folder),
    }
}

/// Purged and verified is not "Purged" to a reader of the destination's name.
fn place(folder: Folder, order: &Order) -> &'static str {
    match folder {
        Folder::Unknown => Folder::of(order.destination).label(),
        folder => folder.label(),
    }
}

fn put_back(copy: &Copy) -> Status {
    let note = match copy.place.is_recreated {
        true => "Made again from the stored original; the item itself was deleted",
        false => "As it was before",
    };
    status(Tone::Off, copy.folder.label(), note)
}

fn untouched(folder: Folder) -> Status {
    match folder {
        Folder::Unknown => status(Tone::Off, "Mailbox", "Delivered; nobody had to look it up"),
        Folder::Inbox | Folder::Other => status(Tone::Warn, folder.label(), ""),
        Folder::Junk | Folder::Trash | Folder::SoftDeleted | Folder::Purged => {
            status(Tone::Ok, folder.label(), "")
        }
    }
}

/// How far the order on a copy is.
pub(super) fn retraction(order: &Order) -> Status {
    let state = order.retraction.state;
    let (tone, word) = state_words(state);
    if order.is_restoration() {
        return restoration(order, tone, word);
    }
    let note = match (state, order.retraction.reason) {
        (State::AlreadyGone, _) => "Somebody else had taken it as far, or further",
        (State::Moved, Reason::None) => "The provider said it moved; looking again",
        (State::Uncertain, _) => "Asked, and no answer came: looking before asking again",
        (State::Planned, Reason::None) => "As soon as a worker is free",
        (State::Retracted, _) => "Seen where it should be",
        (_, reason) => reason.explanation(),
    };
    status(tone, word, note)
}

fn restoration(order: &Order, tone: Tone, word: &'static str) -> Status {
    let (word, note) = match (order.retraction.state, order.retraction.reason) {
        (State::Retracted, _) => ("Restored", "Seen where it was before"),
        (State::AlreadyGone, _) => ("Back already", "Somebody else had put it back"),
        (State::Moved, Reason::None) => (word, "The provider said it is back; looking again"),
        (State::Uncertain, _) => (word, "Asked, and no answer came: looking before asking again"),
        (State::Planned, Reason::None) => (word, "As soon as a worker is free"),
        (_, reason) => (word, reason.explanation()),
    };
    status(tone, word, note)
}

/// A state of a copy's order in a word.
pub(super) fn state_words(state: State) -> (Tone, &'static str) {
    match state {
        State::Planned => (Tone::Run, "Queued"),
        State::Asked => (Tone::Run, "Moving"),
        State::Uncertain => (Tone::Warn, "Checking"),
        State::Waiting => (Tone::Warn, "Waiting"),
        State::Held => (Tone::Warn, "Held"),
        State::Moved => (Tone::Run, "Verifying"),
        State::Retracted => (Tone::Ok, "Retracted"),
        State::AlreadyGone => (Tone::Off, "Already gone"),
        State::NotFound => (Tone::Bad, "Not found"),
        State::Refused => (Tone::Bad, "Refused"),
        State::Cancelled => (Tone::Off, "Cancelled"),
        State::Abandoned => (Tone::Bad, "Given up"),
    }
}

/// Where the copies of a message are, in one line of a row.
pub(super) fn whereabouts(
    disposition: Disposition,
    folders: &[(Folder, u64)],
    tally: &Tally,
) -> Status {
    let total = tally.total();
    if total == 0 {
        return without_order(disposition, folders);
    }
    let (open, failed) = (open(tally), tally.failed());
    let retracted = tally.of(State::Retracted);
    if failed > 0 {
        return status(Tone::Bad, of_all("Failed", failed, total), "");
    }
    if open > 0 && tally.any_of(&[State::Waiting, State::Held]) == open {
        let word = if tally.of(State::Held) > 0 { "Held" } else { "Waiting" };
        return status(Tone::Warn, of_all(word, open, total), "");
    }
    if open > 0 {
        return status(Tone::Run, of_all("Retracting", open, total), "");
    }
    if retracted == 0 {
        let gone = tally.of(State::AlreadyGone) > 0;
        return status(Tone::Off, if gone { "Already gone" } else { "Cancelled" }, "");
    }
    let label = farthest(folders).map_or("Retracted", Folder::label);
    status(Tone::Ok, label, "")
}

fn without_order(disposition: Disposition, folders: &[(Folder, u64)]) -> Status {
    let Some(folder) = farthest(folders) else { return status(Tone::Off, "No mailbox", "") };
    let harmless =
        matches!(disposition, Disposition::Bulk | Disposition::Clean | Disposition::Unknown);
    match folder {
        Folder::Unknown | Folder::Inbox | Folder::Other if harmless => {
            status(Tone::Off, "Mailbox", "")
        }
        Folder::Unknown => status(Tone::Warn, "Mailbox", "No action by your settings"),
        folder => untouched(folder),
    }
}

/// The folder most copies are in; of two the one farther out of reach.
fn farthest(folders: &[(Folder, u64)]) -> Option<Folder> {
    let filled = folders.iter().filter(|(_, copies)| *copies > 0);
    filled.max_by_key(|(folder, copies)| (*copies, *folder)).map(|(folder, _)| *folder)
}

fn of_all(word: &str, some: u64, all: u64) -> String {
    if all == 1 { word.to_owned() } else { format!("{word} {some} of {all}") }
}

/// Copies whose order is not at its end.
pub(super) fn open(tally: &Tally) -> u64 {
    State::ALL.iter().filter(|state| !state.is_final()).map(|state| tally.of(*state)).sum()
}

/// How far a job is.
pub(super) fn job(state: JobState) -> Status {
    let (tone, word) = match state {
        JobState::Queued => (Tone::Run, "Queued"),
        JobState::Running => (Tone::Run, "Running"),
        JobState::Paused => (Tone::Warn, "Paused"),
        JobState::AwaitingApproval => (Tone::Warn, "Awaiting approval"),
        JobState::Done => (Tone::Ok, "Done"),
        JobState::DoneWithFailures => (Tone::Bad, "Done with failures"),
        JobState::Cancelled => (Tone::Off, "Cancelled"),
    };
    status(tone, word, "")
}

/// The class that colours how much a finding weighs.
pub(super) fn weight(severity: impl Borrow<Severity>) -> &'static str {
    match severity.borrow() {
        Severity::Critical | Severity::High => "w3",
        Severity::Medium => "w2",
        Severity::Low | Severity::Info => "w1",
    }
}

/// A URL, host or address that nothing can follow: `hxxps://pay[.]example[.]net/x`.
pub(super) fn defang(url: &str) -> String {
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    let (scheme, rest) = if lower.starts_with("https://") {
        ("hxxps://", url.get(8..).unwrap_or_default())
    } else if url.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("http://")) {
        ("hxxp://", url.get(7..).unwrap_or_default())
    } else {
        ("", url)
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    format!("{scheme}{}{path}", host.replace('.', "[.]"))
}

const OCTAGON: &str = "M4 .8h4L11.2 4v4L8 11.2H4L.8 8V4z";
const TRIANGLE: &str = "M6 1 11.5 11H.5z";
const CRESCENT: &str = "M4.2 2a4 4 0 1 0 0 8 4.6 4.6 0 0 1 0-8zM8 2a4 4 0 1 1 0 8 4 4 0 0 1 0-8z";
const SQUARE: &str = "M1.5 1.5h9v9h-9z";
const BARS: &str = "M1 1.5h10V4H1zM1 5h10v2H1zM1 8h10v2.5H1z";
const DISC: &str = "M6 .8a5.2 5.2 0 1 1 0 10.4A5.2 5.2 0 0 1 6 .8z";
const RING: &str =
    "M6 .8a5.2 5.2 0 1 1 0 10.4A5.2 5.2 0 0 1 6 .8zM6 3a3 3 0 1 0 0 6 3 3 0 0 0 0-6z";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_named_as_its_provider_names_it() {
        let junk = || status(Tone::Ok, Folder::Junk.label(), "");
        assert_eq!(junk().named(true).word, "Spam");
        assert_eq!(junk().named(false).word, "Junk Email");
        assert_eq!(status(Tone::Run, "Retracting", "").named(true).word, "Retracting");
    }

    #[test]
    fn defang_table() {
        let rows = [
            ("https://a.example.net/p.html?x=1.2", "hxxps://a[.]example[.]net/p.html?x=1.2"),
            ("HTTP://A.example", "hxxp://A[.]example"),
            ("mailto:a@b.example", "mailto:a@b[.]example"),
            ("javascript:alert(1)", "javascript:alert(1)"),
            ("", ""),
            ("héé", "héé"),
        ];
        for (url, meant) in rows {
            assert_eq!(defang(url), meant);
        }
    }

    #[test]
    fn already_gone_is_never_shown_as_our_success() {
        let mut tally = Tally::default();
        tally.add(State::AlreadyGone, 2);
        let shown = whereabouts(Disposition::Malicious, &[(Folder::Purged, 2)], &tally);
        assert_eq!((shown.tone, shown.word.as_str()), (Tone::Off, "Already gone"));
    }

    #[test]
    fn one_failure_outshines_every_success() {
        let mut tally = Tally::default();
        tally.add(State::Retracted, 4);
        tally.add(State::Refused, 1);
        let shown = whereabouts(Disposition::Malicious, &[(Folder::SoftDeleted, 4)], &tally);
        assert_eq!((shown.tone, shown.word.as_str()), (Tone::Bad, "Failed 1 of 5"));
    }

    #[test]
    fn bad_mail_nobody_ordered_away_is_a_warning_and_clean_mail_is_not() {
        let folders = [(Folder::Unknown, 1)];
        let tally = Tally::default();
        assert_eq!(whereabouts(Disposition::Spam, &folders, &tally).tone, Tone::Warn);
        assert_eq!(whereabouts(Disposition::Clean, &folders, &tally).tone, Tone::Off);
    }
}
