//! Warnings that a gateway or an organisation puts into mail from outside: not the sender's words.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Which of the lines are warnings, as runs of their places. Only the first lines and the last
/// few are looked at: that is where they are put.
pub(super) fn runs(lines: &[&str]) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    let tail = lines.len().saturating_sub(LAST_LINES_MAX).max(FIRST_LINES_MAX);
    let places = (0..lines.len().min(FIRST_LINES_MAX)).chain(tail..lines.len());
    for place in places {
        if !lines.get(place).is_some_and(|line| is_warning(line)) {
            continue;
        }
        let titled =
            place.checked_sub(1).filter(|before| lines.get(*before).is_some_and(|l| is_title(l)));
        let start = titled.unwrap_or(place);
        match runs.last_mut().filter(|run| run.end >= start) {
            Some(run) => run.end = place + 1,
            None => runs.push(start..place + 1),
        }
    }
    runs
}

fn is_warning(line: &str) -> bool {
    if line.len() > LINE_OCTETS_MAX || line.len() < 12 {
        return false;
    }
    let Some(phrases) = PHRASES.as_ref() else { return false };
    if line.is_ascii() { phrases.is_match(line) } else { phrases.is_match(&line.to_lowercase()) }
}

/// A line that only calls for attention: the warning follows.
fn is_title(line: &str) -> bool {
    let word = line.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    TITLES.contains(&word.as_str())
}

static PHRASES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let builder = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(WARNINGS);
    builder.ok()
});

const TITLES: [&str; 20] = [
    "caution",
    "warning",
    "external",
    "external email",
    "external e-mail",
    "external sender",
    "attention",
    "alert",
    "achtung",
    "vorsicht",
    "warnung",
    "externe e-mail",
    "atención",
    "advertencia",
    "atenção",
    "attenzione",
    "let op",
    "waarschuwing",
    "varning",
    "advarsel",
];

const WARNINGS: [&str; 58] = [
    "originated from outside",
    "originated outside",
    "originates from outside",
    "from outside of the organi",
    "from outside the organi",
    "from outside of your organi",
    "from outside your organi",
    "from outside our organi",
    "from outside of our organi",
    "sent from outside",
    "came from outside",
    "comes from outside",
    "external sender",
    "external email",
    "external e-mail",
    "external message",
    "from an external source",
    "from an external sender",
    "do not click links or open attachments",
    "do not click on links or open attachments",
    "do not click any links or open",
    "don't often get email from",
    "don\u{2019}t often get email from",
    "learn why this is important",
    "sender outside of your organi",
    "von außerhalb",
    "externer absender",
    "externe e-mail",
    "externen absender",
    "sie erhalten nicht oft e-mails von",
    "sie erhalten nicht häufig e-mails",
    "l'extérieur de",
    "l\u{2019}extérieur de",
    "expéditeur externe",
    "courriel externe",
    "e-mail externe",
    "email externe",
    "vous n'obtenez pas souvent",
    "correo externo",
    "remitente externo",
    "fuera de la organización",
    "fuera de su organización",
    "no suele recibir correo",
    "no suele recibir correos",
    "e-mail externo",
    "email externo",
    "remetente externo",
    "fora da organização",
    "fora da sua organização",
    "mittente esterno",
    "email esterna",
    "e-mail esterna",
    "esterno all'organizzazione",
    "externe afzender",
    "van buiten de organisatie",
    "utanför organisationen",
    "uden for organisationen",
    "社外からのメール",
];

const FIRST_LINES_MAX: usize = 8;
const LAST_LINES_MAX: usize = 3;
const LINE_OCTETS_MAX: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings() {
        let rows: &[(&str, &[&str], &str)] = &[
            ("none", &["Hello Ben,", "please pay."], "[]"),
            (
                "one line",
                &["CAUTION: This email originated from outside of the organization.", "Hello"],
                "[0..1]",
            ),
            (
                "a title and two lines",
                &[
                    "EXTERNAL EMAIL",
                    "This message is from an external sender.",
                    "Do not click links or open attachments unless you know the sender.",
                    "Hello",
                ],
                "[0..3]",
            ),
            ("German", &["Diese E-Mail kommt von außerhalb der Firma.", "Hallo"], "[0..1]"),
            (
                "at the end",
                &["Hello", "1", "2", "3", "4", "5", "6", "7", "8", "9", "[External Email]"],
                "[10..11]",
            ),
        ];
        for (rule, lines, meant) in rows {
            assert_eq!(format!("{:?}", runs(lines)), *meant, "{rule}");
        }
    }
}
