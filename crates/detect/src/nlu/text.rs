//! A text as the phrase search wants it: cut into sentences, folded to bare words.
//!
//! Folded words are lower case without accents and look-alikes, and stand between single spaces;
//! each sentence remembers where in the original it came from, so that what is found can be shown
//! as it was written. Lines quoted from other mail are left out. Linear in the text, up to a limit.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

/// One sentence, button or heading.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sentence {
    /// Where it begins in the original.
    pub(super) start: usize,
    /// Where it ends in the original.
    pub(super) end: usize,
    /// Where its words end in the folded text.
    pub(super) folded_end: usize,
    /// How many words it has.
    pub(super) words: usize,
    /// Whether it is the subject.
    pub(super) of_subject: bool,
}

/// Subject and text together.
#[derive(Debug, Default)]
pub(super) struct Prose {
    /// The words: a space before and after each sentence's, a line feed between sentences.
    pub(super) folded: String,
    /// The sentences in order, at most [`SENTENCES_MAX`].
    pub(super) sentences: Vec<Sentence>,
    /// Letters of scripts that are written without spaces, and of kana and hangul among them.
    pub(super) scripts: Scripts,
    /// Lines that quote another message.
    pub(super) quoted: usize,
}

/// How many letters were seen of scripts that tell a language by themselves.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scripts {
    pub(super) han: usize,
    pub(super) hangul: usize,
    pub(super) kana: usize,
    pub(super) latin: usize,
}

impl Prose {
    /// Reads a subject and a text.
    pub(super) fn of(subject: &str, text: &str) -> Self {
        let mut prose = Self::default();
        prose.folded.reserve(text.len().min(TEXT_OCTETS_MAX) + subject.len() + 16);
        let subject = front(subject, SUBJECT_OCTETS_MAX);
        if !subject.trim().is_empty() {
            prose.push(subject, 0, subject.len(), true);
        }
        prose.read_lines(front(text, TEXT_OCTETS_MAX));
        prose
    }

    /// The sentence that holds an octet of the folded text; `from` is where to begin to look.
    pub(super) fn sentence_at(&self, folded: usize, from: usize) -> usize {
        let rest = self.sentences.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|sentence| sentence.folded_end < folded).count()
    }

    fn read_lines(&mut self, text: &str) {
        // A sentence under way: where it began and where its last line ended.
        let mut open: Option<(usize, usize)> = None;
        let mut offset = 0;
        let mut own = 0;
        for line in text.split_inclusive('\n') {
            let (start, words) = (offset, line.trim());
            offset += line.len();
            if words.starts_with('>') {
                self.quoted += 1;
                self.close(text, &mut open);
                continue;
            }
            if own >= OWN_OCTETS_MIN && opens_quotation(words) {
                self.quoted += 1;
                break;
            }
            if words.is_empty() {
                self.close(text, &mut open);
                continue;
            }
            own += words.len();
            // Plain text is wrapped in the middle of sentences; short lines are headings, buttons
            // and rows of tables, and stand alone.
            let continues = words.starts_with(|c: char| c.is_lowercase() || c.is_numeric());
            if open.is_some_and(|(_, end)| !continues || !self.was_wrapped(text, end)) {
                self.close(text, &mut open);
            }
            open = self.read_line(text, open.map_or(start, |(start, _)| start), start, line);
            if self.sentences.len() >= SENTENCES_MAX {
                break;
            }
        }
        self.close(text, &mut open);
    }

    /// Whether the line that ends here is long enough to have been wrapped.
    fn was_wrapped(&self, text: &str, end: usize) -> bool {
        let before = text.get(..end).unwrap_or_default().trim_end();
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.len() >= WRAPPED_OCTETS_MIN
    }

    /// Takes whole sentences out of a line; what remains stays open.
    fn read_line(
        &mut self,
        text: &str,
        mut begin: usize,
        start: usize,
        line: &str,
    ) -> Option<(usize, usize)> {
        let mut at = 0;
        loop {
            // White space ends a sentence only where it is long.
            let may_be_long = start + line.len() > begin + SENTENCE_OCTETS_MAX;
            let rest = line.get(at..).unwrap_or_default();
            let Some(skipped) = octets_before_stop(rest, may_be_long) else { break };
            at += skipped;
            let mut rest = line.get(at..).unwrap_or_default().chars();
            let Some(character) = rest.next() else { break };
            let next = rest.next();
            let stop =
                matches!(character, '.' | '!' | '?' | ';' | ':' | '。' | '！' | '？' | '|' | '•');
            let ends = (stop && next.is_none_or(char::is_whitespace))
                || (start + at > begin + SENTENCE_OCTETS_MAX && character.is_whitespace());
            let here = at;
            at += character.len_utf8();
            if ends && self.sentences.len() < SENTENCES_MAX {
                let end = start + here + character.len_utf8();
                self.push(text, begin, end, false);
                begin = end;
            }
        }
        (begin < start + line.len()).then_some((begin, start + line.len()))
    }

    fn close(&mut self, text: &str, open: &mut Option<(usize, usize)>) {
        if let Some((start, end)) = open.take() {
            self.push(text, start, end, false);
        }
    }

    fn push(&mut self, text: &str, start: usize, end: usize, of_subject: bool) {
        let Some(original) = text.get(start..end) else { return };
        if original.trim().is_empty() {
            return;
        }
        let begin = self.folded.len();
        let words = fold_into(original, &mut self.folded, &mut self.scripts);
        if words == 0 {
            self.folded.truncate(begin);
            return;
        }
        let folded_end = self.folded.len();
        self.folded.push('\n');
        self.sentences.push(Sentence { start, end, folded_end, words, of_subject });
    }
}

/// Bare words between single spaces; returns how many. Anything but letters and digits separates,
/// and what nobody sees is dropped.
pub(super) fn fold_into(text: &str, out: &mut String, scripts: &mut Scripts) -> usize {
    let begin = out.len();
    out.push(' ');
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let length = if first.is_ascii_alphanumeric() {
            let word = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
            let start = out.len();
            out.push_str(rest.get(..word).unwrap_or_default());
            if let Some(copied) = out.get_mut(start..) {
                copied.make_ascii_lowercase();
            }
            scripts.latin += word;
            word
        } else if first.is_ascii() {
            separate(out);
            1
        } else {
            let Some(character) = rest.chars().next() else { break };
            fold_character(character, out, scripts);
            character.len_utf8()
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    separate(out);
    out.get(begin..).unwrap_or_default().bytes().filter(|octet| *octet == b' ').count() - 1
}

/// How many octets stand before the next character at which a sentence may end.
fn octets_before_stop(text: &str, or_space: bool) -> Option<usize> {
    let may_stop = |octet: &u8| match octet {
        b'.' | b'!' | b'?' | b';' | b':' | b'|' | 0xe2..=0xe3 | 0xef => true,
        b' ' | b'\t'..=b'\r' | 0xc2 | 0xe1 => or_space,
        _ => false,
    };
    text.as_bytes().iter().position(may_stop)
}

fn separate(out: &mut String) {
    if !out.ends_with(' ') {
        out.push(' ');
    }
}

fn fold_character(character: char, out: &mut String, scripts: &mut Scripts) {
    match character {
        // Joiners, bidi marks, soft hyphens, variation selectors, fillers.
        '\u{ad}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fffd}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0000}'..='\u{e0fff}' => return,
        'ß' => return out.push_str("ss"),
        'ø' | 'Ø' => return out.push('o'),
        'æ' | 'Æ' => return out.push_str("ae"),
        'œ' | 'Œ' => return out.push_str("oe"),
        '\u{4e00}'..='\u{9fff}' => scripts.han += 1,
        '\u{3040}'..='\u{30ff}' => scripts.kana += 1,
        '\u{ac00}'..='\u{d7a3}' => scripts.hangul += 1,
        _ => {}
    }
    if is_combining_mark(character) {
        return;
    }
    for part in std::iter::once(character).nfkd() {
        if part.is_ascii_alphanumeric() {
            out.push(part.to_ascii_lowercase());
            scripts.latin += 1;
        } else if is_combining_mark(part) {
        } else if part.is_alphanumeric() {
            let mut buffer = [0; 4];
            let seen = skeleton(part.encode_utf8(&mut buffer));
            let letters = seen.filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
            out.extend(letters);
        } else {
            separate(out);
        }
    }
}

/// Whether a line introduces a message that is quoted below it.
fn opens_quotation(line: &str) -> bool {
    let line = front(line, QUOTATION_OCTETS_MAX);
    let dashes = line.starts_with("--") || line.starts_with("__");
    if !dashes && !line.ends_with(':') {
        return false;
    }
    let bare = line.trim_matches(['-', '_', ' ', ':']);
    (dashes && ORIGINALS.iter().any(|name| bare.eq_ignore_ascii_case(name)))
        || (line.ends_with(':') && WROTE.iter().any(|word| bare.ends_with(word)))
}

/// The first octets of a text, cut between characters.
fn front(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or(text)
}

const ORIGINALS: [&str; 8] = [
    "original message",
    "mensagem original",
    "mensaje original",
    "message d'origine",
    "ursprüngliche nachricht",
    "messaggio originale",
    "oorspronkelijk bericht",
    "forwarded message",
];
const WROTE: [&str; 7] =
    [" wrote", " schrieb", " escreveu", " escribió", " a écrit", " ha scritto", " schreef"];

/// Of the text: what decides stands at the top, and padding below it is cheap to skip.
const TEXT_OCTETS_MAX: usize = 32 * 1024;
const SUBJECT_OCTETS_MAX: usize = 512;
const SENTENCES_MAX: usize = 1024;
/// A sentence without a full stop is cut after so much.
const SENTENCE_OCTETS_MAX: usize = 320;
/// Lines shorter than this were not wrapped by a program.
const WRAPPED_OCTETS_MIN: usize = 50;
const QUOTATION_OCTETS_MAX: usize = 256;
/// With less before it, a quoted message is a bare forward: it is what the sender wants read.
const OWN_OCTETS_MIN: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(text: &str) -> Vec<String> {
        let prose = Prose::of("", text);
        prose.folded.lines().map(|line| line.trim().to_owned()).collect()
    }

    #[test]
    fn what_nobody_sees_and_look_alikes_are_folded() {
        let rows = [
            ("joiners", "Ver\u{200b}i\u{2069}fy yo\u{ad}ur acc\u{34f}ount", "verify your account"),
            ("Cyrillic", "v\u{435}rify \u{430}ccount", "verify account"),
            ("mathematical", "\u{1d42c}\u{1d42e}\u{1d426}mer", "summer"),
            ("accents", "Você está bloqueado; müssen Straße", "voce esta bloqueado mussen strasse"),
            ("punctuation", "log-in (now), can't", "log in now can t"),
        ];
        for (rule, text, want) in rows {
            assert_eq!(sentences(text).join(" "), want, "{rule}");
        }
    }

    #[test]
    fn sentences_end_at_stops_and_short_lines_and_span_wrapped_ones() {
        assert_eq!(sentences("One. Two!\nVerify\nWallet"), ["one", "two", "verify", "wallet"]);
        let wrapped = "we have noticed that the account of yours was used to send\nunwanted mail.";
        assert_eq!(sentences(wrapped).len(), 1);
        assert_eq!(sentences("v1.2 at 10.0.0.1 costs 3.50").len(), 1);
    }

    #[test]
    fn quoted_mail_is_left_out_unless_it_is_all_there_is() {
        let own = "Thanks for the quick answer, I have asked our team to look at it next week.\n";
        let quoted = "> verify your account\nOn Monday Jo wrote:\nYour password has expired";
        assert_eq!(sentences(&format!("{own}{quoted}")).len(), 1);
        assert!(sentences("-- Original Message --\nYour password has expired").len() > 1);
    }

    #[test]
    fn a_sentence_knows_its_place_in_the_original() {
        let text = "Dear customer,\nPlease vérify. Thanks";
        let prose = Prose::of("A subject", text);
        let shown: Vec<&str> =
            prose.sentences.iter().skip(1).map(|s| &text[s.start..s.end]).collect();
        assert_eq!(shown, ["Dear customer,\n", "Please vérify.", " Thanks"]);
        let at = prose.folded.find("thanks").unwrap();
        assert_eq!(prose.sentence_at(at, 0), 3);
    }

    #[test]
    fn a_text_without_end_is_read_to_its_limit() {
        let prose = Prose::of("", &"a.\n".repeat(100_000));
        assert_eq!(prose.sentences.len(), SENTENCES_MAX);
        assert!(Prose::of("", &"ä ".repeat(1_000_000)).folded.len() <= TEXT_OCTETS_MAX);
    }
}
