//! Lines of a text that say that what follows was written by somebody else.

use super::words::{BEGINS, Name, ON, SEPARATORS, WROTE, name_of};

/// What a run of lines is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Marker {
    /// A block of `From:`, `Sent:`, `To:`, `Subject:`, so many lines long, with what stands above
    /// it.
    Block(usize),
    /// `On … wrote:`, over so many lines.
    Wrote(usize),
}

/// The lines from here on, as far as they matter: the text and whether it is quoted deeper.
pub(super) trait Lines {
    /// The line so far on, trimmed; `None` beyond the end or where the depth of quoting changes.
    fn ahead(&self, by: usize) -> Option<&str>;
}

/// What begins at a line.
pub(super) fn at(lines: &impl Lines) -> Option<Marker> {
    let first = lines.ahead(0)?;
    let mark = *first.as_bytes().first()?;
    let separator = usize::from(is_separator(first, mark));
    if separator == 1 || mark == b'_' && is_rule(first) {
        let block = block(lines, 1);
        if block > 0 {
            return Some(Marker::Block(block));
        }
        return (separator == 1).then_some(Marker::Block(1));
    }
    let block = block(lines, 0);
    if block > 0 {
        return Some(Marker::Block(block));
    }
    wrote(lines).map(Marker::Wrote)
}

/// `-----Original Message-----`, `Begin forwarded message:`.
fn is_separator(line: &str, mark: u8) -> bool {
    if line.len() > SEPARATOR_OCTETS_MAX {
        return false;
    }
    if matches!(mark, b'-' | b'=' | b'*' | b'_') {
        let inner = line.trim_matches(|c: char| matches!(c, '-' | '=' | '*' | '_' | ' ' | ':'));
        if inner.is_empty() || line.len() - inner.len() < 4 {
            return false;
        }
        let lower = inner.to_lowercase().replace('\u{2019}', "'");
        return SEPARATORS.iter().any(|words| lower.starts_with(words));
    }
    if !line.ends_with([':', '：', '。']) {
        return false;
    }
    let lower = line.to_lowercase();
    BEGINS.iter().any(|words| lower.starts_with(words))
}

/// A line of underscores: Outlook draws one above its block.
fn is_rule(line: &str) -> bool {
    line.len() >= RULE_OCTETS_MIN && line.bytes().all(|octet| octet == b'_')
}

/// How many lines the block of header fields takes that begins so far on; 0 where there is none.
fn block(lines: &impl Lines, from: usize) -> usize {
    let mut at = from;
    // A blank line may stand between a separator and its block.
    while from > 0 && at < from + 3 && lines.ahead(at).is_some_and(str::is_empty) {
        at += 1;
    }
    let Some(first) = lines.ahead(at).and_then(field) else { return 0 };
    if from == 0 && !matches!(first.0, Name::From | Name::Date) {
        return 0;
    }
    let mut seen = vec![first.0];
    let mut end = at + 1;
    let mut blanks = 0;
    for ahead in at + 1..at + BLOCK_LINES_MAX {
        let Some(line) = lines.ahead(ahead) else { break };
        match field(line) {
            Some((name, _)) if name == Name::Other || !seen.contains(&name) => {
                seen.push(name);
                end = ahead + 1;
                blanks = 0;
            }
            Some(_) => break,
            // Programs that turn HTML into text put blank lines between fields.
            None if line.is_empty() && seen.len() < 3 && blanks < 2 => blanks += 1,
            None if line.is_empty() => break,
            // A long list of recipients goes on.
            None if continues(line, *seen.last().unwrap_or(&Name::Other)) => end = ahead + 1,
            None => break,
        }
    }
    let has = |name: Name| seen.contains(&name);
    let others =
        [Name::Date, Name::To, Name::Subject].into_iter().filter(|name| has(*name)).count();
    let enough =
        has(Name::From) && others >= 2 || has(Name::Date) && has(Name::To) && has(Name::Subject);
    if enough { end } else { 0 }
}

fn continues(line: &str, last: Name) -> bool {
    matches!(last, Name::To | Name::Cc | Name::Bcc) && (line.contains('@') || line.contains(';'))
}

/// The field and the value of a line such as `From: Anna <anna@a.example>`.
pub(super) fn field(line: &str) -> Option<(Name, &str)> {
    let line = line.trim_start_matches(['*', '>', ' ', '|']);
    let front = line.char_indices().take(FIELD_CHARS_MAX);
    let (colon, mark) = front.into_iter().find(|(_, c)| matches!(c, ':' | '：'))?;
    let (word, rest) = line.split_at(colon);
    let word = word.trim().trim_matches('*').trim();
    let value = rest.strip_prefix(mark)?.trim_start_matches(['*', ' ', '\t']).trim();
    if word.is_ascii() {
        let mut lower = [0_u8; FIELD_CHARS_MAX];
        let lower = lower.get_mut(..word.len())?;
        lower.copy_from_slice(word.as_bytes());
        lower.make_ascii_lowercase();
        return Some((name_of(std::str::from_utf8(lower).ok()?)?, value));
    }
    Some((name_of(&word.to_lowercase())?, value))
}

/// How many lines `On … wrote:` takes that begins here.
fn wrote(lines: &impl Lines) -> Option<usize> {
    let mut whole = String::new();
    for count in 0..WROTE_LINES_MAX {
        let line = lines.ahead(count)?;
        if line.is_empty() {
            return None;
        }
        let ends = line.ends_with([':', '：']);
        // Most lines are settled by their last character, without copying them.
        if !ends
            && (count + 1 == WROTE_LINES_MAX || !may_begin(if count == 0 { line } else { &whole }))
        {
            return None;
        }
        if count > 0 {
            whole.push(' ');
        }
        whole.push_str(line);
        if whole.len() > WROTE_OCTETS_MAX {
            return None;
        }
        if ends {
            return says_wrote(&whole).then_some(count + 1);
        }
    }
    None
}

/// Whether a line may be the first of several that end in `wrote:`.
fn may_begin(line: &str) -> bool {
    let has_date = line.bytes().filter(u8::is_ascii_digit).count() >= 3;
    let begins =
        |on: &&str| line.get(..on.len()).is_some_and(|front| front.eq_ignore_ascii_case(on));
    has_date && (ON.iter().any(begins) || line.starts_with(|c: char| c.is_ascii_digit()))
}

fn says_wrote(line: &str) -> bool {
    let lower = line.to_lowercase();
    let body = lower.trim_end_matches([':', '：', ' ']);
    let names_somebody = body.contains('@') || body.bytes().filter(u8::is_ascii_digit).count() >= 3;
    let introduces = ON.iter().any(|on| body.starts_with(on))
        || body.starts_with(|c: char| c.is_ascii_digit() || c == '"');
    let is_word = |at: usize, word: &str| {
        let before = body.get(..at).and_then(|front| front.chars().next_back());
        let after = body.get(at + word.len()..).and_then(|rest| rest.chars().next());
        let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && c.is_ascii());
        // Scripts without spaces write their words right after what stands before.
        let spaced = word.is_ascii();
        !(joins(after) || spaced && joins(before))
    };
    let wrote = WROTE.iter().find_map(|word| {
        body.rfind(word).filter(|at| is_word(*at, word)).map(|at| at + word.len())
    });
    let Some(end) = wrote else { return false };
    // In some languages the name follows the verb.
    let ends = body.len() - end <= NAME_OCTETS_MAX;
    ends && names_somebody && (introduces || end == body.len() || body.contains('@'))
}

const BLOCK_LINES_MAX: usize = 30;
const FIELD_CHARS_MAX: usize = 24;
const NAME_OCTETS_MAX: usize = 120;
const RULE_OCTETS_MIN: usize = 20;
const SEPARATOR_OCTETS_MAX: usize = 200;
const WROTE_LINES_MAX: usize = 4;
const WROTE_OCTETS_MAX: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    struct Whole<'a>(Vec<&'a str>);

    impl Lines for Whole<'_> {
        fn ahead(&self, by: usize) -> Option<&str> {
            self.0.get(by).copied()
        }
    }

    #[track_caller]
    fn marker(text: &str) -> Option<Marker> {
        at(&Whole(text.lines().map(str::trim).collect()))
    }

    #[test]
    fn introductions_by_language() {
        let rows = [
            ("English", "On Tue, Mar 3, 2026 at 10:00 AM Anna Berg <anna@a.example> wrote:"),
            ("English, no address", "On 3 Mar 2026, at 10:00, Anna Berg wrote:"),
            ("German", "Am 03.03.2026 um 10:00 schrieb Anna Berg:"),
            ("German, Gmail", "Am Di., 3. März 2026 um 10:00 Uhr schrieb Anna <anna@a.example>:"),
            ("French", "Le mar. 3 mars 2026 à 10:00, Anna <anna@a.example> a écrit :"),
            ("Spanish", "El mar, 3 mar 2026 a las 10:00, Anna (<anna@a.example>) escribió:"),
            ("Portuguese", "Em ter., 3 de mar. de 2026 às 10:00, Anna <anna@a.example> escreveu:"),
            (
                "Italian",
                "Il giorno mar 3 mar 2026 alle ore 10:00 Anna <anna@a.example> ha scritto:",
            ),
            ("Dutch", "Op di 3 mrt 2026 om 10:00 schreef Anna <anna@a.example>:"),
            ("Swedish", "Den tis 3 mars 2026 kl 10:00 skrev Anna <anna@a.example>:"),
            ("Danish", "Den tirs. 3. mar. 2026 kl. 10.00 skrev Anna <anna@a.example>:"),
            ("Norwegian", "tir. 3. mars 2026 kl. 10:00 skrev Anna <anna@a.example>:"),
            ("Finnish", "ti 3. maalisk. 2026 klo 10.00 Anna (anna@a.example) kirjoitti:"),
            ("Polish", "wt., 3 mar 2026 o 10:00 Anna <anna@a.example> napisał(a):"),
            ("Czech", "út 3. 3. 2026 v 10:00 odesílatel Anna <anna@a.example> napsal:"),
            ("Hungarian", "Anna <anna@a.example> ezt írta (időpont: 2026. márc. 3., K, 10:00):"),
            ("Turkish", "Anna <anna@a.example>, 3 Mar 2026 Sal, 10:00 tarihinde şunu yazdı:"),
            ("Russian", "вт, 3 мар. 2026 г. в 10:00, Anna <anna@a.example> пишет:"),
            ("Japanese", "2026年3月3日(火) 10:00 Anna <anna@a.example>のメール:"),
            ("Chinese", "Anna <anna@a.example> 于2026年3月3日周二 10:00写道："),
        ];
        for (rule, line) in rows {
            assert_eq!(marker(line), Some(Marker::Wrote(1)), "{rule}");
        }
        let wrapped = "On Tue, Mar 3, 2026 at 10:00 AM Anna Berg\n<anna@a.example>\nwrote:";
        assert_eq!(marker(wrapped), Some(Marker::Wrote(3)));
    }

    #[test]
    fn blocks_by_language() {
        let rows = [
            ("English", "From: Anna\nSent: Tuesday\nTo: Ben\nSubject: x\n\nHello"),
            ("German", "Von: Anna\nGesendet: Dienstag\nAn: Ben\nBetreff: x\n\nHallo"),
            ("French", "De : Anna\nEnvoyé : mardi\nÀ : Ben\nObjet : x\n\nBonjour"),
            ("Spanish", "De: Anna\nEnviado el: martes\nPara: Ben\nAsunto: x\n\nHola"),
            ("Portuguese", "De: Anna\nEnviada em: terça\nPara: Ben\nAssunto: x\n\nOi"),
            ("Italian", "Da: Anna\nInviato: martedì\nA: Ben\nOggetto: x\n\nCiao"),
            ("Dutch", "Van: Anna\nVerzonden: dinsdag\nAan: Ben\nOnderwerp: x\n\nHoi"),
            ("Swedish", "Från: Anna\nSkickat: tisdag\nTill: Ben\nÄmne: x\n\nHej"),
            ("Danish", "Fra: Anna\nSendt: tirsdag\nTil: Ben\nEmne: x\n\nHej"),
            ("Finnish", "Lähettäjä: Anna\nLähetetty: tiistai\nVastaanottaja: Ben\nAihe: x\n\nMoi"),
            ("Polish", "Od: Anna\nWysłano: wtorek\nDo: Ben\nTemat: x\n\nCześć"),
            ("Czech", "Od: Anna\nOdesláno: úterý\nKomu: Ben\nPředmět: x\n\nAhoj"),
            ("Turkish", "Kimden: Anna\nGönderildi: Salı\nKime: Ben\nKonu: x\n\nSelam"),
            ("Russian", "От: Anna\nОтправлено: вторник\nКому: Ben\nТема: x\n\nПривет"),
            ("Japanese", "差出人: Anna\n送信日時: 火曜日\n宛先: Ben\n件名: x\n\nこんにちは"),
            ("Chinese", "发件人: Anna\n发送时间: 星期二\n收件人: Ben\n主题: x\n\n你好"),
            ("bold", "*From:* Anna\n*Date:* Tuesday\n*To:* Ben\n*Subject:* x\n\nHello"),
        ];
        for (rule, text) in rows {
            assert_eq!(marker(text), Some(Marker::Block(4)), "{rule}");
        }
    }

    #[test]
    fn separators_and_what_is_none() {
        let rows = [
            (
                "dashes",
                "-----Original Message-----\nFrom: Anna\nSent: x\nTo: y\nSubject: z\nHello",
                Some(Marker::Block(5)),
            ),
            (
                "Gmail",
                "---------- Forwarded message ---------\nFrom: Anna\nDate: x\nSubject: z\nTo: y\n\nHello",
                Some(Marker::Block(5)),
            ),
            ("alone", "-------- Ursprüngliche Nachricht --------\nHallo", Some(Marker::Block(1))),
            (
                "Apple",
                "Begin forwarded message:\n\nFrom: Anna\nSubject: z\nDate: x\nTo: y\n\nHello",
                Some(Marker::Block(6)),
            ),
            (
                "Outlook's rule",
                "________________________________\nFrom: Anna\nSent: x\nTo: y\nSubject: z\n",
                Some(Marker::Block(5)),
            ),
            ("a rule alone", "________________________________\nRegards", None),
            ("a letter", "From: the board\nWe are happy", None),
            ("an invoice", "Date: 3 March\nTotal: 5", None),
            ("a sentence", "This is what he wrote:", None),
            ("a list", "Please note the following:", None),
            ("dashes alone", "----------", None),
        ];
        for (rule, text, meant) in rows {
            assert_eq!(marker(text), meant, "{rule}");
        }
    }
}
