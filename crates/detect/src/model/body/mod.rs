//! The body: its texts, its links, and the conversation in it.

mod banner;
mod markers;
mod quotes;
mod split;
mod thread;
mod when;
mod words;

use std::borrow::Cow;
use std::rc::Rc;

use clawback_mql::{RecordType, Text, Value};

use crate::model::ip;
use crate::model::lazy::{Fields, Lazy};
use crate::model::link;
use crate::model::page::{BodyHtml, filled};
use crate::model::source::Source;
use crate::model::types::mail::{BODY, PLAIN};

pub(crate) use self::thread::Threads;

/// The body of a message.
pub(crate) struct Body(pub(crate) Rc<Source>);

impl Body {
    fn html(&self) -> Value {
        let Some(page) = self.0.page() else { return Value::Null };
        let form = &self.0.message.html_form;
        Lazy::value(BodyHtml {
            page: Rc::clone(page),
            charset: Value::filled(&form.charset),
            encoding: Value::filled(&form.encoding),
        })
    }

    fn plain(&self) -> Value {
        if self.0.message.text.is_empty() {
            return Value::Null;
        }
        Lazy::value(Plain(Rc::clone(&self.0)))
    }

    fn links(&self) -> Value {
        let of_page = self.0.page().map(|page| Rc::clone(page.links()));
        let of_page = of_page.iter().flat_map(|links| links.iter());
        link::unique(of_page.chain(self.0.plain_links()))
    }

    /// Addresses of machines in the text that is seen, each once.
    fn ips(&self) -> Value {
        let text = match self.0.page() {
            Some(page) => page.seen(),
            None => self.0.plain(),
        };
        let mut seen = Vec::new();
        for ip in ip::all_in(text.as_str()).take(IPS_MAX) {
            if !seen.contains(&ip) {
                seen.push(ip);
            }
        }
        Value::list(seen.into_iter().map(ip::value))
    }
}

impl Fields for Body {
    const TYPE: &'static RecordType = &BODY;

    fn compute(&self, name: &'static str) -> Value {
        match name {
            "current_thread" => self.0.threads().current(),
            "html" => self.html(),
            "ips" => self.ips(),
            "links" => self.links(),
            "plain" => self.plain(),
            "previous_threads" => self.0.threads().previous(),
            _ => Value::Null,
        }
    }
}

/// The plain text of a message.
struct Plain(Rc<Source>);

impl Fields for Plain {
    const TYPE: &'static RecordType = &PLAIN;

    fn compute(&self, name: &'static str) -> Value {
        let form = &self.0.message.text_form;
        match name {
            "charset" => Value::filled(&form.charset),
            "content_transfer_encoding" => Value::filled(&form.encoding),
            "links" => link::unique(self.0.plain_links().iter()),
            "raw" => filled(self.0.plain()),
            _ => Value::Null,
        }
    }
}

/// The text that is taken apart into a conversation: that of the page where one is seen.
pub(crate) fn threads(source: &Source) -> Rc<Threads> {
    match source.page().filter(|page| !page.seen().as_str().is_empty()) {
        Some(page) => Threads::of_page(page),
        None => {
            let text = source.plain();
            let seen = crate::model::page::readable(text.as_str());
            let same = matches!(seen, Cow::Borrowed(_)) && !seen.contains('\r');
            Threads::of_text(if same { text.clone() } else { Text::new(seen.replace('\r', "")) })
        }
    }
}

const IPS_MAX: usize = 200;
