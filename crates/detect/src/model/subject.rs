//! The subject: what it is about, without what mail programs and gateways put in front.

use clawback_mql::{RecordType, Value};

use crate::model::lazy::Fields;
use crate::model::types::mail::SUBJECT;

/// A subject.
pub(crate) struct Subject {
    text: Box<str>,
    /// The message's own fields say that a machine answered.
    auto: bool,
}

/// What stands in front of a subject.
#[derive(Debug, Default, PartialEq)]
struct Front<'a> {
    base: &'a str,
    tags: Vec<&'a str>,
    reply: bool,
    forward: bool,
    auto: bool,
}

impl Subject {
    pub(crate) fn new(text: &str, auto: bool) -> Self {
        Self { text: text.into(), auto }
    }
}

impl Fields for Subject {
    const TYPE: &'static RecordType = &SUBJECT;

    fn compute(&self, name: &'static str) -> Value {
        let front = Front::read(&self.text);
        match name {
            "base" => Value::text(front.base),
            "is_auto_reply" => Value::Bool(self.auto || front.auto),
            "is_forward" => Value::Bool(front.forward),
            "is_reply" => Value::Bool(front.reply),
            "subject" => Value::text(&*self.text),
            "tags" => Value::texts(front.tags),
            _ => Value::Null,
        }
    }
}

impl<'a> Front<'a> {
    fn read(text: &'a str) -> Self {
        let mut front = Self { base: text.trim(), ..Self::default() };
        for _ in 0..STEPS_MAX {
            if !(front.take_tag() || front.take_prefix()) {
                break;
            }
        }
        let lower = front.base.to_lowercase();
        front.auto |= AUTO.iter().any(|words| lower.starts_with(words));
        front
    }

    /// `[External]`, `(Warning)`, `{Spam?}`, and the same in stars.
    fn take_tag(&mut self) -> bool {
        let close = match self.base.chars().next() {
            Some('[') => ']',
            Some('(') => ')',
            Some('{') => '}',
            Some('【') => '】',
            _ => return self.take_starred(),
        };
        let Some(end) = self.base.find(close).filter(|end| *end <= TAG_OCTETS_MAX) else {
            return false;
        };
        let (tag, rest) = self.base.split_at(end + close.len_utf8());
        // A subject that is nothing but its tag is no tag.
        if rest.trim().is_empty() {
            return false;
        }
        self.tags.push(tag);
        self.base = rest.trim_start();
        true
    }

    fn take_starred(&mut self) -> bool {
        let Some(rest) = self.base.strip_prefix('*') else { return false };
        let inner = rest.trim_start_matches('*');
        let Some(end) = inner.find('*').filter(|end| (1..=TAG_OCTETS_MAX).contains(end)) else {
            return false;
        };
        let after = inner.get(end..).unwrap_or_default().trim_start_matches('*');
        if after.trim().is_empty() {
            return false;
        }
        let length = self.base.len() - after.len();
        self.tags.push(self.base.get(..length).unwrap_or_default());
        self.base = after.trim_start();
        true
    }

    /// `Re:`, `AW:`, `Re[2]:`, `转发：`.
    fn take_prefix(&mut self) -> bool {
        let front = self.base.char_indices().take(PREFIX_CHARS_MAX);
        let Some((colon, mark)) = front.into_iter().find(|(_, c)| matches!(c, ':' | '：')) else {
            return false;
        };
        let (word, rest) = self.base.split_at(colon);
        let word =
            word.trim_end().trim_end_matches(']').trim_end_matches(|c: char| c.is_ascii_digit());
        let word = word.trim_end_matches(['[', '(', '^']).trim_end().to_lowercase();
        let is_reply = REPLY.contains(&word.as_str());
        let is_forward = FORWARD.contains(&word.as_str());
        let is_auto = AUTO_PREFIX.contains(&word.as_str());
        if !(is_reply || is_forward || is_auto) {
            return false;
        }
        self.reply |= is_reply;
        self.forward |= is_forward;
        self.auto |= is_auto;
        self.base = rest.strip_prefix(mark).unwrap_or(rest).trim_start();
        true
    }
}

/// What mail programs write before the subject of a reply.
const REPLY: [&str; 26] = [
    "re", "aw", "antw", "antwort", "sv", "svar", "res", "ref", "rép", "rep", "r", "rif", "odp",
    "vs", "vá", "ynt", "yanıt", "atb", "ακ", "απ", "на", "отв", "回复", "回覆", "答复", "返信",
];

/// What mail programs write before the subject of what is forwarded.
const FORWARD: [&str; 25] = [
    "fw",
    "fwd",
    "wg",
    "tr",
    "enc",
    "rv",
    "i",
    "inoltra",
    "doorst",
    "vb",
    "vl",
    "pd",
    "podaj",
    "továbbítás",
    "továbbítva",
    "ilet",
    "i̇lt",
    "ilt",
    "προωθ",
    "πρθ",
    "переслано",
    "пересл",
    "转发",
    "轉寄",
    "転送",
];

/// What programs that answer by themselves write before the subject.
const AUTO_PREFIX: [&str; 23] = [
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "out of office",
    "automatische antwort",
    "abwesenheitsnotiz",
    "réponse automatique",
    "respuesta automática",
    "resposta automática",
    "risposta automatica",
    "automatisch antwoord",
    "autosvar",
    "automatiskt svar",
    "automatisk svar",
    "automaattinen vastaus",
    "odpowiedź automatyczna",
    "automatická odpověď",
    "automatikus válasz",
    "otomatik yanıt",
    "автоответ",
    "自动答复",
    "自動応答",
];

/// How subjects of automatic answers begin.
const AUTO: [&str; 6] = [
    "out of office",
    "out of the office",
    "automatic reply",
    "auto-reply",
    "autoreply",
    "abwesend",
];

const PREFIX_CHARS_MAX: usize = 30;
const STEPS_MAX: usize = 20;
const TAG_OCTETS_MAX: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fronts() {
        let rows = [
            ("none", "Lunch", "Lunch  "),
            ("reply", "Re: Lunch", "Lunch  reply"),
            ("counted", "RE[2]: Lunch", "Lunch  reply"),
            ("German", "AW: WG: Essen", "Essen  reply forward"),
            ("French", "TR: Rép : Repas", "Repas  reply forward"),
            ("Spanish", "RV: Comida", "Comida  forward"),
            ("Portuguese", "ENC: Almoço", "Almoço  forward"),
            ("Dutch", "Antw: Lunch", "Lunch  reply"),
            ("Swedish", "SV: VB: Lunch", "Lunch  reply forward"),
            ("Polish", "ODP: PD: Obiad", "Obiad  reply forward"),
            ("Chinese", "回复：转发: 午餐", "午餐  reply forward"),
            ("Japanese", "転送: 昼食", "昼食  forward"),
            ("tags", "[External] Re: [Warning] Pay (now)", "Pay (now) [External],[Warning] reply"),
            ("stars", "***SPAM*** Re: x", "x ***SPAM*** reply"),
            ("only a tag", "[External]", "[External]  "),
            ("automatic", "Automatic reply: Lunch", "Lunch  auto"),
            ("a colon of its own", "Invoice: 12", "Invoice: 12  "),
            ("empty", "", "  "),
        ];
        for (rule, text, meant) in rows {
            let front = Front::read(text);
            let mut words = Vec::new();
            words.extend(front.reply.then_some("reply"));
            words.extend(front.forward.then_some("forward"));
            words.extend(front.auto.then_some("auto"));
            let got = format!("{} {} {}", front.base, front.tags.join(","), words.join(" "));
            assert_eq!(got, meant, "{rule}");
        }
    }
}
