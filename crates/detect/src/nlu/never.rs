//! Names that others' classifiers answer with and ours never does: rules that ask for one are told
//! apart from rules that find nothing.

/// What of the classifier a rule's text asks for and never gets, each with the function it asks.
#[must_use]
pub fn never_answered(source: &str) -> Vec<String> {
    let asks = |function: &str| source.contains(function);
    let named = |name: &str| {
        let quoted = |quote| source.contains(&format!("{quote}{name}{quote}"));
        quoted('"') || quoted('\'')
    };
    let function = match (asks(CLASSIFIER), asks(TOPICS)) {
        (false, false) => return Vec::new(),
        (true, _) => CLASSIFIER,
        (false, true) => TOPICS,
    };
    let all = NEVER.iter().filter(|name| named(name));
    all.map(|name| format!("{function}: {name}")).collect()
}

const CLASSIFIER: &str = "ml.nlu_classifier";
const TOPICS: &str = "beta.ml_topic";
/// Intents first, then topics; docs/nlu.md says why.
const NEVER: &[&str] = &[
    "job_scam",
    "steal_pii",
    "Acts of Violence",
    "Benefit Enrollment",
    "Charity and Non-Profit",
    "Contact List Solicitation",
    "E-vite with External RSVP",
    "Educational and Research",
    "Emergency Alerts",
    "Entertainment and Sports",
    "Environmental and Sustainability",
    "Government Services",
    "Health and Wellness",
    "News and Current Events",
    "Out of Band Pivot",
    "Political Mail",
    "Purchase Orders",
    "Secure Message",
    "Travel and Transportation",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nlu::{SUPPORTED_INTENTS, SUPPORTED_TOPICS};

    #[test]
    fn what_is_never_answered_is_named() {
        let asks = |name: &str| {
            format!("any(ml.nlu_classifier(body.current_thread.text).intents, .name == \"{name}\")")
        };
        assert_eq!(never_answered(&asks("job_scam")), ["ml.nlu_classifier: job_scam"]);
        assert_eq!(never_answered(&asks("cred_theft")), [""; 0]);
        assert_eq!(never_answered("subject.subject == 'job_scam'"), [""; 0]);
        let topic = "any(beta.ml_topic('x').topics, .name in ('Newsletters', 'Political Mail'))";
        assert_eq!(never_answered(topic), ["beta.ml_topic: Political Mail"]);
    }

    #[test]
    fn what_is_answered_is_not_among_them() {
        let topics = SUPPORTED_TOPICS.iter().map(|topic| topic.as_str());
        let intents = SUPPORTED_INTENTS.iter().map(|intent| intent.as_str());
        assert!(topics.chain(intents).all(|name| !NEVER.contains(&name)));
    }
}
