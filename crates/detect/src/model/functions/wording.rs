//! What a text wants and is about, as rules ask it: `docs/nlu.md` says what the answers are worth.

use clawback_mql::{Arguments, Host, Value};

use crate::model::lazy::known;
use crate::model::types::answers::{
    ML_TOPIC_RESULT, NLU_CONTENT, NLU_ENTITY, NLU_INTENT, NLU_RESULT, TOPIC,
};
use crate::nlu::{Confidence, classify};

/// `ml.nlu_classifier(text, subject=)`.
pub(super) fn nlu_classifier(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let text = arguments.text(0).unwrap_or_default();
    let found = classify(text, arguments.text(1));
    let entities = found.entities.into_iter().map(|(kind, text)| {
        known(&NLU_ENTITY, [("name", Value::text(kind.as_str())), ("text", Value::text(text))])
    });
    let named = |name: &'static str, confidence: Confidence, of| {
        let confidence = Value::text(confidence.as_str());
        known(of, [("name", Value::text(name)), ("confidence", confidence)])
    };
    let intents = found.intents.iter().map(|(it, sure)| named(it.as_str(), *sure, &NLU_INTENT));
    let tags = found.tags.iter().map(|(it, sure)| named(it.as_str(), *sure, &NLU_CONTENT));
    let topics = found.topics.iter().map(|(it, sure)| named(it.as_str(), *sure, &TOPIC));
    known(
        &NLU_RESULT,
        [
            ("entities", Value::list(entities)),
            ("intents", Value::list(intents)),
            ("tags", Value::list(tags)),
            ("topics", Value::list(topics)),
            ("language", Value::text(found.language.as_str())),
            ("success", Value::Bool(true)),
        ],
    )
}

/// `beta.ml_topic(text)`.
pub(super) fn topics(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let found = classify(arguments.text(0).unwrap_or_default(), None);
    let topics = found.topics.iter().map(|(topic, confidence)| {
        let confidence = Value::text(confidence.as_str());
        known(&TOPIC, [("name", Value::text(topic.as_str())), ("confidence", confidence)])
    });
    known(&ML_TOPIC_RESULT, [("topics", Value::list(topics))])
}
