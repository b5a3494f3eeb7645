//! Whether what lies in a mailbox says the same as what was journaled.
//!
//! A Message-ID, a sender and a subject can be copied; what a message says is what somebody would
//! lose. A mailbox never holds the octets that were journaled: Exchange takes a message apart and
//! writes it anew, with a banner above it or a footer below, other line ends, a text made from the
//! HTML, and links that lead through a page of its own. So words, attached octets and the hosts
//! that links lead to are compared, and all that an organisation adds must be small and stand
//! before or behind: a word that is missing, changed or put in between is a difference.
//!
//! It deliberately errs on the side of difference: what is left alone by mistake can be looked at
//! by a person, what is deleted by mistake cannot.

use std::fmt;

use sha2::{Digest, Sha256};
use url::Url;

use crate::message::{self, Attachment, LinkSource, Message};
use crate::redacted_debug;

/// What of a message is compared, without the message: at most some 500 kB.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Likeness {
    html: Option<Form>,
    text: Form,
    /// Digests of what is attached, sorted.
    attachments: Vec<[u8; 32]>,
    /// Digests of the pictures that are shown in it, sorted, each once.
    pictures: Vec<[u8; 32]>,
}

redacted_debug!(Likeness, this => this.shown().words.len() * 8);

/// In what a live message differs from the journaled one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Difference {
    /// Something else is attached, or something less, or more.
    Attachments,
    /// A link leads elsewhere.
    Links,
    /// It says something else.
    Text,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Attachments => "attachments",
            Self::Links => "links",
            Self::Text => "text",
        })
    }
}

/// One of the forms in which a message says what it says.
#[derive(Clone, Default, Eq, PartialEq)]
struct Form {
    /// The first words, each as the front of its digest.
    words: Vec<u64>,
    /// How many there are in all.
    all: usize,
    /// The hosts that links lead to, sorted, each once, as the front of their digests.
    hosts: Vec<u64>,
    /// The addresses that links lead to, likewise.
    targets: Vec<u64>,
}

impl Likeness {
    /// Reads a message. Never fails: what cannot be read has nothing to compare.
    #[must_use]
    pub fn of(raw: &[u8]) -> Self {
        Self::at(raw, 0)
    }

    /// Compares the journaled message, this one, with the live one.
    ///
    /// # Errors
    /// The first thing that differs.
    pub fn compare(&self, live: &Self) -> Result<(), Difference> {
        if self.attachments != live.attachments {
            return Err(Difference::Attachments);
        }
        has_all(&self.pictures, &live.pictures, ADDED_PICTURES_MAX)
            .ok_or(Difference::Attachments)?;
        match (&self.html, &live.html) {
            (Some(mine), Some(theirs)) => self.same(mine, theirs),
            (None, Some(theirs)) => self.same(&self.text, theirs),
            (None, None) => self.same(&self.text, &live.text),
            // Its text was made from the HTML, or is the one that was sent beside it, where that
            // says more than that there is HTML.
            (Some(mine), None) => self.same(mine, &live.text).or_else(|different| {
                let says_enough = self.text.all >= TELLING_WORDS;
                if says_enough { self.same(&self.text, &live.text) } else { Err(different) }
            }),
        }
    }

    fn same(&self, mine: &Form, theirs: &Form) -> Result<(), Difference> {
        // What says next to nothing is found in everything: the less it says, the less may be
        // added to it.
        let is_attached = !(self.attachments.is_empty() && self.pictures.is_empty());
        let is_linked = !mine.targets.is_empty()
            && has_all(&mine.targets, &theirs.targets, ADDED_HOSTS_MAX).is_some();
        let added_max = match mine.all {
            _ if is_attached || is_linked => (BANNER_WORDS_MAX, FOOTER_WORDS_MAX),
            TELLING_WORDS.. => (BANNER_WORDS_MAX, FOOTER_WORDS_MAX),
            SHORT_WORDS.. => (BANNER_WORDS_MAX, 0),
            _ => (0, 0),
        };
        if !mine.is_within(theirs, added_max) {
            return Err(Difference::Text);
        }
        let hosts_max = if added_max == (0, 0) { 0 } else { ADDED_HOSTS_MAX };
        has_all(&mine.hosts, &theirs.hosts, hosts_max).ok_or(Difference::Links)
    }

    fn shown(&self) -> &Form {
        self.html.as_ref().unwrap_or(&self.text)
    }

    fn at(raw: &[u8], depth: usize) -> Self {
        let message = Message::parse(raw);
        let html = (!message.html.trim().is_empty()).then(|| {
            let links = message.links.iter();
            let links = links.filter(|it| it.depth == 0 && it.source == LinkSource::Html);
            let urls = links.filter_map(|link| link.url.as_deref());
            Form::of(&message.html_text, urls)
        });
        let spots = message::spots_in_text(&message.text, LINKS_MAX);
        let text = Form::of(&message.text, spots.iter().map(|(_, url)| url.as_str()));
        let own = message.attachments.iter().filter(|it| it.depth == 0 && !is_wrapping(it));
        let (shown, attached): (Vec<&Attachment>, Vec<&Attachment>) =
            own.partition(|it| is_picture(it));
        let mut pictures: Vec<[u8; 32]> = shown.iter().map(|it| it.sha256).collect();
        pictures.sort_unstable();
        pictures.dedup();
        let mut attachments = digests(raw, &attached, depth);
        attachments.sort_unstable();
        Self { html, text, attachments, pictures }
    }

    /// What stands for an attached message: providers write its octets anew, too.
    fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new_with_prefix(b"clawback attached message 1\n");
        let form = self.shown();
        for word in form.words.iter().chain(&form.hosts) {
            digest.update(word.to_be_bytes());
        }
        for attached in self.attachments.iter().chain(&self.pictures) {
            digest.update(attached);
        }
        digest.finalize().into()
    }
}

impl Form {
    fn of<'a>(text: &str, urls: impl Iterator<Item = &'a str>) -> Self {
        let mut form = Self::default();
        let mut at = 0;
        for (spot, _) in message::spots_in_text(text, LINKS_MAX) {
            form.read(text.get(at..spot.start).unwrap_or_default());
            at = spot.end;
        }
        form.read(text.get(at..).unwrap_or_default());
        for target in urls.filter_map(target).take(LINKS_MAX) {
            form.targets.push(front(target.as_str().as_bytes()));
            form.hosts.push(front(target.host_str().unwrap_or_default().as_bytes()));
        }
        for all in [&mut form.hosts, &mut form.targets] {
            all.sort_unstable();
            all.dedup();
        }
        form
    }

    fn read(&mut self, text: &str) {
        let mut word = String::new();
        for token in text.split_whitespace().filter(|token| !is_picture_name(token)) {
            for letter in token.chars() {
                let stands_alone = stands_alone(letter);
                if letter.is_alphanumeric() && !stands_alone {
                    word.extend(letter.to_lowercase());
                    continue;
                }
                if is_invisible(letter) {
                    continue;
                }
                self.take(&mut word);
                if stands_alone {
                    word.push(letter);
                    self.take(&mut word);
                }
            }
            self.take(&mut word);
        }
    }

    fn take(&mut self, word: &mut String) {
        if word.is_empty() {
            return;
        }
        self.all = self.all.saturating_add(1);
        if self.words.len() < WORDS_MAX {
            self.words.push(front(word.as_bytes()));
        }
        word.clear();
    }

    /// Whether another form says all of this, in one piece, and at most so many words before it
    /// and behind it.
    fn is_within(&self, other: &Self, (before_max, behind_max): (usize, usize)) -> bool {
        let Some(added) = other.all.checked_sub(self.all) else { return false };
        let least = added.saturating_sub(behind_max);
        (least..=before_max.min(added)).any(|before| {
            let theirs = other.words.get(before..).unwrap_or_default();
            // Where both are cut, as far as both go.
            let common = theirs.len().min(self.words.len());
            theirs.get(..common) == self.words.get(..common)
        })
    }
}

/// Whether all of a sorted list is in another, which has at most so many more.
fn has_all<T: Ord>(mine: &[T], theirs: &[T], added_max: usize) -> Option<()> {
    let all = mine.iter().all(|it| theirs.binary_search(it).is_ok());
    (all && theirs.len() <= mine.len().saturating_add(added_max)).then_some(())
}

/// A digest for each attachment; those of attached messages are of what they say.
fn digests(raw: &[u8], attachments: &[&Attachment], depth: usize) -> Vec<[u8; 32]> {
    let is_opened = |it: &&Attachment| it.declared_type == "message/rfc822" && depth < DEPTH_MAX;
    let (messages, files): (Vec<&Attachment>, Vec<&Attachment>) =
        attachments.iter().copied().partition(is_opened);
    let mut all: Vec<[u8; 32]> = files.iter().map(|it| it.sha256).collect();
    if !messages.is_empty() {
        let contents = Message::contents(raw, &messages);
        all.extend(contents.iter().map(|content| Likeness::at(content, depth + 1).digest()));
    }
    all
}

/// Whether a part is of the wrapping and not of the content: signatures, which do not survive a
/// banner, and the calendar form of an invitation, which providers write anew.
fn is_wrapping(attachment: &Attachment) -> bool {
    WRAPPINGS.contains(&attachment.declared_type.as_str())
}

/// Whether a part is a picture that the text shows; a banner may bring one of its own.
fn is_picture(attachment: &Attachment) -> bool {
    !attachment.content_id.is_empty() && attachment.declared_type.starts_with("image/")
}

/// Where a link to the web leads in the end, as far as the address tells.
fn target(url: &str) -> Option<Url> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?;
    let is_rewritten = REWRITERS.iter().any(|rewriter| host.ends_with(rewriter));
    let behind = is_rewritten.then(|| url.query_pairs().find(|(name, _)| name == "url"));
    let behind = behind.flatten().and_then(|(_, target)| Url::parse(&target).ok());
    let target = behind.unwrap_or(url);
    (matches!(target.scheme(), "http" | "https") && target.has_host()).then_some(target)
}

/// Whether a word names a picture, as texts that are made from HTML do; names are lost on the way.
fn is_picture_name(token: &str) -> bool {
    let token = token.trim_matches(|c: char| c.is_ascii_punctuation()).to_ascii_lowercase();
    let begins = token.starts_with("cid:");
    begins || PICTURES.iter().any(|ending| token.ends_with(ending))
}

/// Whether a sign is a word of its own: one of a script without spaces, or one that changes a sum.
fn stands_alone(letter: char) -> bool {
    matches!(letter, '$' | '%' | '£' | '¥' | '\u{20a0}'..='\u{20cf}')
        || (matches!(letter, '\u{e00}'..='\u{eff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}')
            && letter.is_alphanumeric())
        || (letter >= '\u{20000}' && letter.is_alphanumeric())
}

/// Whether a sign is none that anybody sees: providers take some out and put others in.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// The front of a digest: eight octets, so that nobody finds another word with the same.
fn front(octets: &[u8]) -> u64 {
    let digest = Sha256::digest(octets);
    digest.first_chunk::<8>().map_or(0, |front| u64::from_be_bytes(*front))
}

/// What Exchange's own links lead through.
const REWRITERS: [&str; 3] = [
    ".safelinks.protection.office365.us",
    ".safelinks.protection.outlook.com",
    ".safelinks.protection.partner.outlook.cn",
];
const WRAPPINGS: [&str; 4] = [
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "text/calendar",
];
const PICTURES: [&str; 5] = [".bmp", ".gif", ".jpeg", ".jpg", ".png"];
/// A message of fewer words than an ordinary sentence, without anything attached and without a
/// link, may stand in any other by chance.
const TELLING_WORDS: usize = 12;
/// A message of so few words gets a banner, too, and is told from others by how they end.
const SHORT_WORDS: usize = 4;
/// The longest warnings above mail from outside that are in use have some sixty words.
const BANNER_WORDS_MAX: usize = 80;
/// Legal notices below mail have a hundred words and more, in two languages twice as many.
const FOOTER_WORDS_MAX: usize = 250;
/// A banner leads to a page that explains it, and a footer to the organisation's own.
const ADDED_HOSTS_MAX: usize = 3;
/// A banner may show a sign, and a footer a logo.
const ADDED_PICTURES_MAX: usize = 2;
/// Some forty pages: what lies behind is counted and not compared.
const WORDS_MAX: usize = 20_000;
const LINKS_MAX: usize = 2_000;
/// Messages attached to messages: below that their octets count.
const DEPTH_MAX: usize = 2;
