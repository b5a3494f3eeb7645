//! What a text wants and is about, as rules ask it: `docs/nlu.md` says what the answers are worth.
//!
//! A text is read once, however many rules ask about it, and each answer is worked out when it is
//! asked for.

use std::cell::RefCell;
use std::rc::Rc;

use clawback_mql::{Arguments, Host, RecordType, Text, Value};

use crate::model::Model;
use crate::model::lazy::{Fields, Lazy, known};
use crate::model::types::answers::{
    ML_TOPIC_RESULT, NLU_CONTENT, NLU_ENTITY, NLU_INTENT, NLU_RESULT, TOPIC,
};
use crate::nlu::{Confidence, Reading};

/// The texts of a message that were read.
#[derive(Default)]
pub(crate) struct Readings(RefCell<Vec<Wording>>);

/// A text, its subject, and what was gathered of them.
#[derive(Clone)]
struct Wording {
    text: Text,
    subject: Option<Text>,
    reading: Rc<Reading>,
}

impl Wording {
    /// Of a text, which need not be read again where that was done before.
    fn of(host: &dyn Host, text: &Text, subject: Option<&Text>) -> Self {
        let known = host.as_any().downcast_ref::<Model>().map(|model| &model.readings.0);
        let is = |it: &&Self| same(&it.text, text) && same_or_none(it.subject.as_ref(), subject);
        if let Some(known) = known.and_then(|known| known.borrow().iter().find(is).cloned()) {
            return known;
        }
        let reading = Rc::new(Reading::of(subject.map_or("", Text::as_str), text.as_str()));
        let new = Self { text: text.clone(), subject: subject.cloned(), reading };
        if let Some(mut known) =
            known.map(RefCell::borrow_mut).filter(|known| known.len() < READINGS_MAX)
        {
            known.push(new.clone());
        }
        new
    }

    fn entities(&self) -> Value {
        let subject = self.subject.as_ref().map_or("", Text::as_str);
        let entities = self.reading.entities(subject, self.text.as_str()).into_iter();
        Value::list(entities.map(|(kind, text)| {
            known(&NLU_ENTITY, [("name", Value::text(kind.as_str())), ("text", Value::text(text))])
        }))
    }

    fn topics(&self) -> Value {
        let topics = self.reading.topics().into_iter();
        Value::list(topics.map(|(it, sure)| named(&TOPIC, it.as_str(), sure)))
    }
}

fn same(one: &Text, other: &Text) -> bool {
    one.is_same(other) || one.as_str() == other.as_str()
}

fn same_or_none(one: Option<&Text>, other: Option<&Text>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => same(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

fn named(of: &'static RecordType, name: &'static str, sure: Confidence) -> Value {
    known(of, [("name", Value::text(name)), ("confidence", Value::text(sure.as_str()))])
}

impl Fields for Wording {
    const TYPE: &'static RecordType = &NLU_RESULT;

    fn compute(&self, name: &'static str) -> Value {
        let reading = &self.reading;
        match name {
            "entities" => self.entities(),
            "intents" => Value::list(
                reading.intents().iter().map(|(it, sure)| named(&NLU_INTENT, it.as_str(), *sure)),
            ),
            "language" => Value::text(reading.language().as_str()),
            "success" => Value::Bool(true),
            "tags" => Value::list(
                reading.tags().iter().map(|(it, sure)| named(&NLU_CONTENT, it.as_str(), *sure)),
            ),
            "topics" => self.topics(),
            _ => Value::Null,
        }
    }
}

/// `ml.nlu_classifier(text, subject=)`.
pub(super) fn nlu_classifier(host: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let Some(text) = arguments.get(0).as_text() else { return Value::Null };
    Lazy::value(Wording::of(host, text, arguments.get(1).as_text()))
}

/// `beta.ml_topic(text)`.
pub(super) fn topics(host: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let Some(text) = arguments.get(0).as_text() else { return Value::Null };
    known(&ML_TOPIC_RESULT, [("topics", Wording::of(host, text, None).topics())])
}

/// A message has few texts; what is asked of parts of them is read anew.
const READINGS_MAX: usize = 16;
