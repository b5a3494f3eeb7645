//! What became of some messages, counted by message and by campaign.

use std::collections::BTreeMap;

use clawback_core::Disposition;
use serde::Serialize;

use super::Proportion;

/// Counts of one row.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    counts: BTreeMap<Disposition, u64>,
    /// What a rule without any content would have caught.
    cheat: u64,
    /// Messages that came out exactly as they were read.
    exact: u64,
    groups: BTreeMap<String, Group>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Group {
    messages: u64,
    caught: u64,
    exact: u64,
}

impl Tally {
    /// Counts one message.
    pub(super) fn add(&mut self, disposition: Disposition, group: &str, cheat: bool, exact: bool) {
        *self.counts.entry(disposition).or_default() += 1;
        self.cheat += u64::from(cheat);
        self.exact += u64::from(exact);
        let group = self.groups.entry(group.to_owned()).or_default();
        group.messages += 1;
        group.caught += u64::from(is_caught(disposition));
        group.exact += u64::from(exact);
    }

    /// How many messages there are.
    pub(super) fn messages(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The figures of these counts.
    pub(super) fn figures(&self) -> Figures {
        let of = self.messages();
        let share = |what: fn(Disposition) -> bool| {
            let hits = self.counts.iter().filter(|(disposition, _)| what(**disposition));
            Proportion::new(hits.map(|(_, count)| count).sum(), of)
        };
        let by_campaign = |hits: fn(&Group) -> u64| {
            let shares = self.groups.values().map(|it| Proportion::new(hits(it), it.messages));
            Proportion::of_shares(shares)
        };
        Figures {
            messages: of,
            campaigns: self.groups.len(),
            dispositions: Disposition::ALL
                .map(|it| (it.as_str(), self.counts.get(&it).copied().unwrap_or_default())),
            caught: share(is_caught),
            caught_by_campaign: by_campaign(|group| group.caught),
            alarm: share(is_alarm),
            spam: share(|disposition| disposition == Disposition::Spam),
            exact: Proportion::new(self.exact, of),
            exact_by_campaign: by_campaign(|group| group.exact),
            cheat: Proportion::new(self.cheat, of),
        }
    }
}

/// What is printed of a row.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figures {
    pub(super) messages: u64,
    pub(super) campaigns: usize,
    #[serde(serialize_with = "as_map")]
    pub(super) dispositions: [(&'static str, u64); 7],
    /// Anything that takes it out of the inbox for being bad.
    pub(super) caught: Proportion,
    pub(super) caught_by_campaign: Proportion,
    /// Called dangerous.
    pub(super) alarm: Proportion,
    /// Called junk.
    pub(super) spam: Proportion,
    /// Exactly what a person read it as.
    pub(super) exact: Proportion,
    pub(super) exact_by_campaign: Proportion,
    /// What a rule without any content would have caught.
    pub(super) cheat: Proportion,
}

fn as_map<S: serde::Serializer>(
    counts: &[(&'static str, u64); 7],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(counts.iter().copied())
}

/// Whether a disposition says that a message is bad.
pub(super) fn is_caught(disposition: Disposition) -> bool {
    is_alarm(disposition) || disposition == Disposition::Spam
}

/// Whether a disposition says that a message is dangerous.
pub(super) fn is_alarm(disposition: Disposition) -> bool {
    use Disposition::{Malicious, Spoof, Suspicious};
    matches!(disposition, Malicious | Suspicious | Spoof)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_counted_by_message_and_by_campaign() {
        let mut tally = Tally::default();
        for (disposition, group, cheat, exact) in [
            (Disposition::Malicious, "one", true, true),
            (Disposition::Spam, "one", true, false),
            (Disposition::Clean, "one", false, false),
            (Disposition::Bulk, "one", false, false),
            (Disposition::Spoof, "two", false, false),
            (Disposition::Unknown, "three", false, false),
        ] {
            tally.add(disposition, group, cheat, exact);
        }
        let figures = tally.figures();
        assert_eq!((figures.messages, figures.campaigns), (6, 3));
        assert_eq!(figures.caught, Proportion::new(3, 6), "UNKNOWN and BULK are not caught");
        assert_eq!(figures.alarm, Proportion::new(2, 6));
        assert_eq!(figures.spam, Proportion::new(1, 6));
        assert_eq!(figures.cheat, Proportion::new(2, 6));
        assert_eq!(figures.exact, Proportion::new(1, 6));
        assert_eq!(figures.caught_by_campaign.rate(), Some(0.5), "a half, one and none");
        let all: u64 = figures.dispositions.iter().map(|(_, count)| count).sum();
        assert_eq!(all, 6);
    }
}
