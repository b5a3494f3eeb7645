//! What was known of a message beside its octets when it was judged, in lines for its page.

use clawback_core::UnixMillis;
use clawback_core::history::{Gathered, Prevalence, Profile};

use super::when as w;

/// What was known of one thing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Line {
    /// Of what: a place in the message, or a domain, defanged.
    pub(super) of: String,
    /// What.
    pub(super) told: String,
}

/// What was gathered for a message, nearest to its sender first.
pub(super) fn lines(gathered: &Gathered) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut add = |of: &str, told: String| lines.push(Line { of: of.to_owned(), told });
    if let Some(senders) = &gathered.senders {
        let profiles = [
            ("Sender’s address", senders.address),
            ("Sender’s domain", senders.domain),
            ("Replies go to", senders.reply_to),
            ("The domain there", senders.reply_to_domain),
        ];
        for (of, profile) in profiles {
            if let Some(profile) = profile {
                add(of, words(&profile));
            }
        }
        if senders.shared {
            add("Shared domain", "strangers have mailboxes there".to_owned());
        }
    }
    for (domain, created) in &gathered.registered {
        let seconds = u64::try_from(*created).unwrap_or_default();
        let mut told = format!("registered {}", w::print(UnixMillis(seconds * 1_000), "%Y-%m-%d"));
        if let Some(received) = gathered.received_at {
            let days = (received - created).max(0) / DAY_SECONDS;
            told.push_str(&match days {
                0 => ", on the same day".to_owned(),
                1 => ", a day before".to_owned(),
                days => format!(", {days} days before"),
            });
        }
        add(&super::marks::defang(domain), told);
    }
    lines
}

fn words(profile: &Profile) -> String {
    let often = match profile.prevalence {
        Prevalence::New => "new: no message before",
        Prevalence::Outlier => "seen once or hardly more",
        Prevalence::Rare => "seldom seen",
        Prevalence::Uncommon => "seen now and then",
        Prevalence::Common => "often seen",
    };
    let mut told = often.to_owned();
    if profile.prevalence != Prevalence::New {
        told.push_str(&format!(", for {:.0} days", profile.days_known));
    }
    told.push_str(match profile.solicited {
        Some(true) => "; your people wrote there",
        Some(false) => "; none of your people wrote there",
        None => "",
    });
    for (is, what) in [
        (profile.bad, "; bad mail came from there"),
        (profile.benign, "; somebody found its mail to be harmless"),
    ] {
        if is {
            told.push_str(what);
        }
    }
    told
}

const DAY_SECONDS: i64 = 86_400;

#[cfg(test)]
mod tests {
    use clawback_core::history::Senders;

    use super::*;

    #[test]
    fn what_was_known_is_told_in_words_and_what_was_not_is_left_out() {
        assert_eq!(lines(&Gathered::default()), []);
        let known = Profile {
            prevalence: Prevalence::Rare,
            solicited: Some(true),
            bad: true,
            days_known: 12.3,
            ..Profile::default()
        };
        let senders = Senders {
            address: Some(Profile { solicited: Some(false), ..Profile::default() }),
            domain: Some(known),
            ..Senders::default()
        };
        let gathered = Gathered {
            senders: Some(senders),
            received_at: Some(1_795_000_000),
            registered: [("shop.example".to_owned(), 1_794_614_400)].into(),
        };
        let told: Vec<String> =
            lines(&gathered).iter().map(|line| format!("{}: {}", line.of, line.told)).collect();
        assert_eq!(
            told,
            [
                "Sender’s address: new: no message before; none of your people wrote there",
                "Sender’s domain: seldom seen, for 12 days; your people wrote there; bad mail \
                 came from there",
                "shop[.]example: registered 2026-11-14, 4 days before",
            ]
        );
    }
}
