//! A page of HTML: its tree, the text a person sees, and what it links to.
//!
//! Each is worked out once, when it is asked for. What a style hides is found where the style
//! stands in the page itself and is simple; there is no layout engine here.

mod fold;
mod style;
mod view;

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use clawback_mail::message::{Dom, NodeId};
use clawback_mql::{RecordType, Text, Value};

use crate::model::lazy::{Fields, Lazy};
use crate::model::link::{self, Found};
use crate::model::types::mail::BODY_HTML;

pub(crate) use self::fold::{fold, is_invisible, readable};
pub(crate) use self::view::View;

/// A page, shared by everything that was found on it.
pub(crate) struct Page {
    raw: Text,
    dom: OnceCell<Arc<Dom>>,
    view: OnceCell<View>,
    seen: OnceCell<Text>,
    display: OnceCell<Text>,
    inner: OnceCell<Text>,
    links: OnceCell<Rc<[Found]>>,
}

impl Page {
    pub(crate) fn new(raw: &str) -> Rc<Self> {
        Self::with(raw, OnceCell::new())
    }

    /// Of a page that was read already.
    pub(crate) fn read(raw: &str, dom: &Arc<Dom>) -> Rc<Self> {
        Self::with(raw, OnceCell::from(Arc::clone(dom)))
    }

    fn with(raw: &str, dom: OnceCell<Arc<Dom>>) -> Rc<Self> {
        Rc::new(Self {
            raw: Text::new(raw),
            dom,
            view: OnceCell::new(),
            seen: OnceCell::new(),
            display: OnceCell::new(),
            inner: OnceCell::new(),
            links: OnceCell::new(),
        })
    }

    /// As it was written.
    pub(crate) const fn raw(&self) -> &Text {
        &self.raw
    }

    pub(crate) fn dom(&self) -> &Dom {
        self.dom.get_or_init(|| Arc::new(Dom::parse(self.raw.as_str())))
    }

    /// What a person sees, and where on it each node begins and ends.
    pub(crate) fn view(&self) -> &View {
        self.view.get_or_init(|| View::of(self.dom()))
    }

    /// What a person sees.
    pub(crate) fn seen(&self) -> &Text {
        self.seen.get_or_init(|| Text::new(self.view().text()))
    }

    /// What a person sees, in ASCII as far as that is possible; the same text where it is ASCII.
    pub(crate) fn display(&self) -> &Text {
        self.display.get_or_init(|| match fold(self.seen().as_str()) {
            Some(folded) => Text::new(folded),
            None => self.seen().clone(),
        })
    }

    /// All text, hidden text as well; the same text as what a person sees where nothing is hidden.
    pub(crate) fn inner(&self) -> &Text {
        self.inner.get_or_init(|| {
            let inner = view::inner_text(self.dom(), self.dom().root());
            let seen = self.seen();
            if seen.as_str() == inner { seen.clone() } else { Text::new(inner) }
        })
    }

    /// What it links to, in order, with where on the view it stands.
    pub(crate) fn links(&self) -> &Rc<[Found]> {
        self.links.get_or_init(|| link::on_page(self).into())
    }

    /// All text inside a node, hidden text as well.
    pub(crate) fn inner_text_of(&self, node: NodeId) -> String {
        view::inner_text(self.dom(), node)
    }
}

/// The record of a page.
pub(crate) struct BodyHtml {
    pub(crate) page: Rc<Page>,
    pub(crate) charset: Value,
    pub(crate) encoding: Value,
}

impl BodyHtml {
    /// The record of a page that was in no message.
    pub(crate) fn of(page: Rc<Page>) -> Value {
        Lazy::value(Self { page, charset: Value::Null, encoding: Value::Null })
    }
}

impl Fields for BodyHtml {
    const TYPE: &'static RecordType = &BODY_HTML;

    fn compute(&self, name: &'static str) -> Value {
        match name {
            "charset" => self.charset.clone(),
            "content_transfer_encoding" => self.encoding.clone(),
            "display_text" => filled(self.page.display()),
            "inner_text" => filled(self.page.inner()),
            "links" => link::unique(self.page.links().iter()),
            "raw" => Value::Text(self.page.raw().clone()),
            _ => Value::Null,
        }
    }
}

/// A text, or null for an empty one.
pub(crate) fn filled(text: &Text) -> Value {
    if text.as_str().is_empty() { Value::Null } else { Value::Text(text.clone()) }
}
