//! XPath 1.0 over the tree of a page.
//!
//! All axes but those of namespaces, all functions but those of ids and languages, and of later
//! versions `ends-with`, `lower-case` and `upper-case`. Names are compared in lower case, as they
//! are in pages. Every node that is looked at is a step, and steps are limited: reaching the limit
//! gives no result, not part of one.

mod evaluate;
mod functions;
mod parse;

use clawback_mail::message::{Dom, NodeId};

use self::evaluate::{Evaluation, Got};

/// A node of a page, or one of its attributes by its place.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Item {
    /// An element, a text, a comment or the page itself.
    Node(NodeId),
    /// An attribute.
    Attribute(NodeId, usize),
}

impl Item {
    /// By which items stand in the order of the page.
    fn order(self) -> (NodeId, usize) {
        match self {
            Self::Node(node) => (node, 0),
            Self::Attribute(node, place) => (node, place + 1),
        }
    }
}

/// An expression that was read.
#[derive(Debug)]
pub(crate) struct Expression(parse::Expr);

impl Expression {
    /// Reads an expression; `None` for what is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        parse::parse(text).map(Self)
    }

    /// The nodes that it finds in a page, in their order; `None` where it finds a text or a
    /// number, or takes too many steps.
    pub(crate) fn nodes(&self, dom: &Dom) -> Option<Vec<Item>> {
        match Evaluation::new(dom).whole(&self.0)? {
            Got::Nodes(nodes) => Some(nodes),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
