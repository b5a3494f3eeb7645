//! Questions about the tree of a page.

use std::rc::Rc;

use clawback_mail::message::NodeKind;
use clawback_mql::{Arguments, Host, Prepared, RecordType, Value};

use crate::model::lazy::{Fields, Lazy, known, made_of};
use crate::model::link;
use crate::model::page::{BodyHtml, Page, fold};
use crate::model::types::answers::{XPATH_NODE, XPATH_RESULT};
use crate::model::xpath::{Expression, Item};

/// An expression, read.
pub(super) fn expression(texts: &[&str]) -> Prepared {
    Box::new(texts.first().and_then(|text| Expression::parse(text)))
}

/// `html.xpath(html, expression)`: the nodes in their order; null for an expression that cannot be
/// read, or that takes too many steps.
pub(super) fn xpath(_: &dyn Host, arguments: &Arguments<'_>, expression: &Prepared) -> Value {
    let Some(page) = page(arguments.get(0)) else { return Value::Null };
    let Some(Some(expression)) = expression.downcast_ref::<Option<Expression>>() else {
        return Value::Null;
    };
    let Some(items) = expression.nodes(page.dom()) else { return Value::Null };
    let node = |item| Lazy::value(Node { page: Rc::clone(&page), item });
    known(&XPATH_RESULT, [("nodes", Value::list(items.into_iter().take(NODES_MAX).map(node)))])
}

/// The page of a record, or of a text.
fn page(value: &Value) -> Option<Rc<Page>> {
    if let Some(html) = made_of::<BodyHtml>(value) {
        return Some(Rc::clone(&html.page));
    }
    match value {
        Value::Text(text) => Some(Page::new(text.as_str())),
        other => Some(Page::new(other.get("raw").as_str()?)),
    }
}

/// A node that was found.
struct Node {
    page: Rc<Page>,
    item: Item,
}

impl Node {
    /// The text of what is no element.
    fn own_text(&self) -> Option<String> {
        let dom = self.page.dom();
        match self.item {
            Item::Attribute(node, place) => {
                dom.attributes(node).nth(place).map(|(_, value)| value.into_owned())
            }
            Item::Node(node) => match dom.kind(node) {
                NodeKind::Text | NodeKind::Comment => Some(dom.text(node).into_owned()),
                _ => None,
            },
        }
    }
}

impl Fields for Node {
    const TYPE: &'static RecordType = &XPATH_NODE;

    fn compute(&self, name: &'static str) -> Value {
        let node = match self.item {
            Item::Node(node) | Item::Attribute(node, _) => node,
        };
        let own = self.own_text();
        match (name, own) {
            ("links", None) => {
                let (start, end) = self.page.view().spot(node);
                let inside = |found: &&link::Found| (start..=end).contains(&found.at);
                link::unique(self.page.links().iter().filter(inside))
            }
            ("links", Some(_)) => Value::List(Rc::from([])),
            ("raw", None) => Value::text(self.page.dom().raw(node)),
            ("raw", Some(own)) => Value::text(own),
            ("inner_text", None) => Value::text(self.page.inner_text_of(node)),
            ("inner_text", Some(own)) => Value::text(own),
            ("display_text", None) => {
                let seen = self.page.view().text_of(node);
                fold(seen).map_or_else(|| Value::filled(seen), Value::text)
            }
            ("display_text", Some(own)) => Value::filled(own.trim()),
            _ => Value::Null,
        }
    }
}

const NODES_MAX: usize = 5_000;
