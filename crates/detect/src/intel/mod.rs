//! Indicators that somebody says are bad, looked up exactly.
//!
//! Values lie in one text, and an open-addressed table of places finds them: some sixteen octets
//! an entry beside its value, and one probe on average. A URL is compared without its scheme, in
//! full and without its query; a host with itself; a domain with everything below it.
//!
//! A domain that many strangers share (free mail, hosting) is never matched as a whole: only its
//! hosts, URLs and addresses are. Whose own domains are exempt is the caller's to say.

mod file;

use std::hash::{DefaultHasher, Hasher};

use clawback_mail::indicator::{Indicator, IndicatorKind};

pub use file::{LineError, intel_file};

use crate::domains::is_shared;

/// One indicator that somebody says is bad.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IntelEntry {
    /// What to look for.
    pub indicator: Indicator,
    /// Who says so.
    pub source: String,
    /// How sure they are, 0 to 100.
    pub confidence: u8,
    /// What they say about it.
    pub note: String,
}

/// Intel, compiled for lookups; shared between tenants.
#[derive(Clone, Default)]
pub struct Intel {
    /// Every value and note, one after the other.
    text: String,
    /// Sources, each once.
    sources: Vec<String>,
    entries: Vec<Compact>,
    /// Places in `entries` plus one; zero is free. Its length is a power of two.
    slots: Vec<u32>,
}

/// An entry without its texts.
#[derive(Clone, Copy)]
struct Compact {
    start: u32,
    value_octets: u16,
    note_octets: u16,
    source: u16,
    kind: IndicatorKind,
    confidence: u8,
}

/// An entry that was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Hit<'a> {
    pub(crate) source: &'a str,
    pub(crate) confidence: u8,
    pub(crate) note: &'a str,
}

impl std::fmt::Debug for Intel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Intel of {} entries", self.entries.len())
    }
}

impl Intel {
    /// Compiles entries; of two for the same indicator the surer one is kept.
    ///
    /// Beyond [`ENTRIES_MAX`] entries or 4 GiB of text the rest is left out: compare
    /// [`Intel::len`] with what was given.
    #[must_use]
    pub fn compile(entries: impl IntoIterator<Item = IntelEntry>) -> Self {
        let mut entries: Vec<IntelEntry> = entries.into_iter().take(ENTRIES_MAX).collect();
        for entry in &mut entries {
            if entry.indicator.kind == IndicatorKind::Url {
                entry.indicator.value = url_form(&entry.indicator.value).to_owned();
            }
        }
        entries.sort_by(|a, b| a.indicator.cmp(&b.indicator).then(b.confidence.cmp(&a.confidence)));
        entries.dedup_by(|later, first| later.indicator == first.indicator);
        let mut intel = Self::default();
        for entry in &entries {
            intel.push(entry);
        }
        intel.index();
        intel
    }

    /// How many different indicators there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Looks one value up, exactly.
    pub(crate) fn find(&self, kind: IndicatorKind, value: &str) -> Option<Hit<'_>> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = slot_of(kind, value) & mask;
        loop {
            let place = (*self.slots.get(at)?).checked_sub(1)?;
            let entry = self.entries.get(place as usize)?;
            if entry.kind == kind && self.value(entry) == value {
                return Some(self.hit(entry));
            }
            at = (at + 1) & mask;
        }
    }

    /// Looks a normalised URL up: in full, then without its query.
    pub(crate) fn find_url(&self, url: &str) -> Option<Hit<'_>> {
        let form = url_form(url);
        self.find(IndicatorKind::Url, form).or_else(|| {
            let (bare, _) = form.split_once('?')?;
            self.find(IndicatorKind::Url, bare.trim_end_matches('/'))
        })
    }

    /// Looks a domain up, then each above it; what strangers share is passed over.
    pub(crate) fn find_domain(&self, domain: &str) -> Option<(String, Hit<'_>)> {
        crate::lists::above(domain)
            .filter(|domain| !is_shared(domain))
            .find_map(|domain| Some((domain.to_owned(), self.find(IndicatorKind::Domain, domain)?)))
    }

    fn push(&mut self, entry: &IntelEntry) {
        let value = &entry.indicator.value;
        let note_end = entry.note.floor_char_boundary(NOTE_OCTETS_MAX);
        let note = entry.note.get(..note_end).unwrap_or_default();
        let (Ok(start), Ok(value_octets)) =
            (u32::try_from(self.text.len()), u16::try_from(value.len()))
        else {
            return;
        };
        let source = match self.sources.iter().position(|source| *source == entry.source) {
            Some(place) => place,
            None if self.sources.len() < SOURCES_MAX => {
                self.sources.push(entry.source.clone());
                self.sources.len() - 1
            }
            None => 0,
        };
        self.text.push_str(value);
        self.text.push_str(note);
        self.entries.push(Compact {
            start,
            value_octets,
            note_octets: u16::try_from(note.len()).unwrap_or_default(),
            source: u16::try_from(source).unwrap_or_default(),
            kind: entry.indicator.kind,
            confidence: entry.confidence.min(100),
        });
    }

    /// At most half of the slots are taken, so that a miss ends soon.
    fn index(&mut self) {
        if self.entries.is_empty() {
            return;
        }
        let count = (self.entries.len() * 2).next_power_of_two();
        let mut slots = vec![0_u32; count];
        for (place, entry) in (1_u32..).zip(&self.entries) {
            let mut at = slot_of(entry.kind, self.value(entry)) & (count - 1);
            while slots.get(at).is_some_and(|taken| *taken != 0) {
                at = (at + 1) & (count - 1);
            }
            if let Some(slot) = slots.get_mut(at) {
                *slot = place;
            }
        }
        self.slots = slots;
    }

    fn value(&self, entry: &Compact) -> &str {
        let start = entry.start as usize;
        self.text.get(start..start + usize::from(entry.value_octets)).unwrap_or_default()
    }

    fn hit(&self, entry: &Compact) -> Hit<'_> {
        let start = entry.start as usize + usize::from(entry.value_octets);
        let note = self.text.get(start..start + usize::from(entry.note_octets));
        let source = self.sources.get(usize::from(entry.source));
        Hit {
            source: source.map(String::as_str).unwrap_or_default(),
            confidence: entry.confidence,
            note: note.unwrap_or_default(),
        }
    }
}

/// A URL as it is compared: feeds and mail differ in the scheme and in a last slash.
fn url_form(url: &str) -> &str {
    let form = url.split_once("://").map_or(url, |(_, rest)| rest);
    form.trim_end_matches('/')
}

fn slot_of(kind: IndicatorKind, value: &str) -> usize {
    let mut hasher = DefaultHasher::new();
    hasher.write(kind.as_str().as_bytes());
    hasher.write(value.as_bytes());
    // The low half is enough for every table that fits `ENTRIES_MAX`.
    usize::try_from(hasher.finish() & u64::from(u32::MAX)).unwrap_or_default()
}

/// Most entries of one snapshot.
pub const ENTRIES_MAX: usize = 20_000_000;
/// Longest note kept.
const NOTE_OCTETS_MAX: usize = 200;
const SOURCES_MAX: usize = 60_000;

#[cfg(test)]
mod tests {
    use clawback_mail::indicator::normalise;

    use super::*;

    fn entry(kind: IndicatorKind, text: &str, confidence: u8) -> IntelEntry {
        IntelEntry {
            indicator: normalise(kind, text).unwrap(),
            source: "feed".into(),
            confidence,
            note: "kit".into(),
        }
    }

    #[test]
    fn url_forms_table() {
        let intel = Intel::compile([
            entry(IndicatorKind::Url, "hxxp://lure[.]example/kit/", 90),
            entry(IndicatorKind::Url, "https://a.example/x?id=1", 90),
        ]);
        let rows = [
            ("as listed", "http://lure.example/kit/", true),
            ("other scheme, no slash", "https://lure.example/kit", true),
            ("with a query of its own", "https://lure.example/kit?victim=1", true),
            ("slash before the query", "https://lure.example/kit/?v=1", true),
            ("listed with its query", "https://a.example/x?id=1", true),
            ("another query", "https://a.example/x?id=2", false),
            ("deeper path", "https://lure.example/kit/more", false),
            ("only the host", "https://lure.example/", false),
        ];
        for (rule, url, meant) in rows {
            assert_eq!(intel.find_url(url).is_some(), meant, "{rule}");
        }
    }

    #[test]
    fn a_domain_stands_for_all_below_it_unless_strangers_share_it() {
        let intel = Intel::compile([
            entry(IndicatorKind::Domain, "lure.example", 90),
            entry(IndicatorKind::Domain, "gmail.com", 90),
            entry(IndicatorKind::Domain, "web.app", 90),
        ]);
        assert!(intel.find_domain("a.b.lure.example").is_some());
        assert!(intel.find_domain("lure.example").is_some());
        assert!(intel.find_domain("notlure.example").is_none());
        assert!(intel.find_domain("gmail.com").is_none());
        assert!(intel.find_domain("someone.web.app").is_none());
    }

    #[test]
    fn the_surer_of_two_is_kept_and_kinds_are_apart() {
        let intel = Intel::compile([
            entry(IndicatorKind::Host, "lure.example", 40),
            entry(IndicatorKind::Host, "lure.example", 80),
        ]);
        assert_eq!(intel.len(), 1);
        let hit = intel.find(IndicatorKind::Host, "lure.example").unwrap();
        assert_eq!(hit, Hit { source: "feed", confidence: 80, note: "kit" });
        assert!(intel.find(IndicatorKind::Domain, "lure.example").is_none());
        assert!(Intel::default().find(IndicatorKind::Host, "lure.example").is_none());
    }

    #[test]
    fn every_one_of_many_is_found_and_nothing_else() {
        let host = |n: u32| format!("h{n}.lure.example");
        let entries = (0..20_000).map(|n| entry(IndicatorKind::Host, &host(n), 90));
        let intel = Intel::compile(entries);
        assert!((0..20_000).all(|n| intel.find(IndicatorKind::Host, &host(n)).is_some()));
        assert!((20_000..40_000).all(|n| intel.find(IndicatorKind::Host, &host(n)).is_none()));
    }
}
