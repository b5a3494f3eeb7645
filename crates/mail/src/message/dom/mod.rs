//! A page as a tree, read in one pass and forgivingly, as mail programs read it.
//!
//! Nodes lie in one list in the order of the source, so that what is inside a node is a range of
//! that list; texts and attributes are places in the source and decoded when asked for. It keeps
//! to how browsers close what was left open, but never moves a node elsewhere: what browsers put
//! before a table stays where it was written.
//!
//! It promises to be linear in the octets, for any octets. It knows no styles and runs nothing.

mod tag;
mod tokens;

use std::borrow::Cow;

use self::tokens::{Attribute, Placed, Token, Tokens};
use crate::message::html::decode_entities;
use crate::redacted_debug;

pub use self::tag::Tag;

/// A page.
#[derive(Clone)]
pub struct Dom {
    source: Box<str>,
    nodes: Vec<Entry>,
    attributes: Vec<Attribute>,
    cut: bool,
}

redacted_debug!(Dom, this => this.source.len());

/// Two pages are the same where what was written is.
impl PartialEq for Dom {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Dom {}

/// One node of a page: its place in the order of the source.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NodeId(u32);

impl NodeId {
    /// Its place as an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NodeKind {
    /// The page itself.
    Document,
    /// An element.
    Element(Tag),
    /// A text; that of scripts and styles as well.
    Text,
    /// A comment.
    Comment,
}

#[derive(Clone, Copy)]
struct Entry {
    kind: NodeKind,
    parent: u32,
    /// The first node after this one that is not inside it.
    after: u32,
    /// Of an element with its tags.
    start: u32,
    end: u32,
    /// Of a text or comment its content; of an element its name.
    inner: (u32, u32),
    first_attribute: u32,
    attributes: u32,
}

impl Dom {
    /// Reads a page.
    pub fn parse(html: &str) -> Self {
        let within = html.len().min(OCTETS_MAX);
        let within = (0..=within).rev().find(|at| html.is_char_boundary(*at)).unwrap_or(0);
        let source = html.get(..within).unwrap_or_default();
        let mut build = Build::new(source);
        let mut tokens = Tokens::new(source);
        while let Some(placed) = tokens.next() {
            if build.nodes.len() >= NODES_MAX {
                build.cut = true;
                break;
            }
            build.take(&placed, &mut tokens);
        }
        build.finish(within < html.len())
    }

    /// The page as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it goes on beyond what was read.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The page itself.
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() <= 1
    }

    /// Every node, in the order of the source.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..number(self.nodes.len())).map(NodeId)
    }

    /// What is inside a node, in the order of the source.
    pub fn descendants(&self, of: NodeId) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (of.0 + 1..self.after(of)).map(NodeId)
    }

    /// What is directly inside a node, in the order of the source.
    pub fn children(&self, of: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.after(of);
        let first = of.0 + 1;
        let next = move |at: &u32| Some(self.after(NodeId(*at))).filter(|next| *next < end);
        std::iter::successors((first < end).then_some(first), next).map(NodeId)
    }

    /// What a node stands in.
    pub fn parent(&self, of: NodeId) -> Option<NodeId> {
        let entry = self.entry(of)?;
        (of.0 > 0).then_some(NodeId(entry.parent))
    }

    /// Whether a node is inside another, or is it.
    pub fn is_within(&self, node: NodeId, other: NodeId) -> bool {
        node >= other && node.0 < self.after(other)
    }

    /// What a node is.
    pub fn kind(&self, of: NodeId) -> NodeKind {
        self.entry(of).map_or(NodeKind::Document, |entry| entry.kind)
    }

    /// The element that a node is; `None` for texts and comments.
    pub fn tag(&self, of: NodeId) -> Option<Tag> {
        match self.kind(of) {
            NodeKind::Element(tag) => Some(tag),
            _ => None,
        }
    }

    /// The name of an element in lower case; empty for what is none.
    pub fn name(&self, of: NodeId) -> Cow<'_, str> {
        match self.kind(of) {
            NodeKind::Element(tag) => match tag.name() {
                Some(name) => Cow::Borrowed(name),
                None => Cow::Owned(self.inner(of).to_ascii_lowercase()),
            },
            _ => Cow::Borrowed(""),
        }
    }

    /// A node as it was written.
    pub fn raw(&self, of: NodeId) -> &str {
        self.entry(of).map_or("", |entry| self.slice((entry.start, entry.end)))
    }

    /// Where a node stands in the source.
    pub fn range(&self, of: NodeId) -> std::ops::Range<usize> {
        self.entry(of).map_or(0..0, |entry| entry.start as usize..entry.end as usize)
    }

    /// The content of a text, decoded, or of a comment, as it was written.
    pub fn text(&self, of: NodeId) -> Cow<'_, str> {
        let inner = self.inner(of);
        let is_code = || {
            let parent = self.parent(of).and_then(|parent| self.tag(parent));
            matches!(parent, Some(Tag::Script | Tag::Style | Tag::Xmp | Tag::Iframe))
        };
        match self.kind(of) {
            NodeKind::Text if inner.contains('&') && !is_code() => {
                Cow::Owned(decode_entities(inner))
            }
            NodeKind::Text | NodeKind::Comment => Cow::Borrowed(inner),
            _ => Cow::Borrowed(""),
        }
    }

    /// An attribute, decoded; the first where it stands twice.
    pub fn attribute(&self, of: NodeId, name: &str) -> Option<Cow<'_, str>> {
        let found = self
            .entries(of)
            .iter()
            .find(|attribute| self.slice(attribute.name).eq_ignore_ascii_case(name))?;
        Some(self.decoded(found.value))
    }

    /// Every attribute with its name as written, in order.
    pub fn attributes(&self, of: NodeId) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.entries(of)
            .iter()
            .map(|attribute| (self.slice(attribute.name), self.decoded(attribute.value)))
    }

    /// The name of every attribute as written, in order.
    pub fn attribute_names(&self, of: NodeId) -> impl Iterator<Item = &str> {
        self.entries(of).iter().map(|attribute| self.slice(attribute.name))
    }

    fn decoded(&self, place: (u32, u32)) -> Cow<'_, str> {
        let value = self.slice(place);
        if value.contains('&') { Cow::Owned(decode_entities(value)) } else { Cow::Borrowed(value) }
    }

    fn entry(&self, of: NodeId) -> Option<&Entry> {
        self.nodes.get(of.0 as usize)
    }

    fn after(&self, of: NodeId) -> u32 {
        self.entry(of).map_or(0, |entry| entry.after)
    }

    fn inner(&self, of: NodeId) -> &str {
        self.entry(of).map_or("", |entry| self.slice(entry.inner))
    }

    fn entries(&self, of: NodeId) -> &[Attribute] {
        let Some(entry) = self.entry(of) else { return &[] };
        let first = entry.first_attribute as usize;
        self.attributes.get(first..first + entry.attributes as usize).unwrap_or_default()
    }

    fn slice(&self, (start, end): (u32, u32)) -> &str {
        self.source.get(start as usize..end as usize).unwrap_or_default()
    }
}

struct Build<'a> {
    source: &'a str,
    nodes: Vec<Entry>,
    attributes: Vec<Attribute>,
    open: Vec<u32>,
    /// How many of each element are open.
    counts: [u16; 256],
    cut: bool,
}

impl<'a> Build<'a> {
    fn new(source: &'a str) -> Self {
        let mut build = Self {
            source,
            nodes: Vec::with_capacity(source.len() / 40 + 8),
            attributes: Vec::with_capacity(source.len() / 60 + 8),
            open: Vec::with_capacity(32),
            counts: [0; 256],
            cut: false,
        };
        build.push(NodeKind::Document, (0, number(source.len())), (0, 0));
        build.open.push(0);
        build
    }

    fn take(&mut self, placed: &Placed, tokens: &mut Tokens<'_>) {
        let whole = (placed.start, placed.end);
        match placed.token {
            Token::Text => {
                let text = self.source.get(whole.0 as usize..whole.1 as usize).unwrap_or_default();
                if !text.trim_ascii().is_empty() {
                    self.leave_head(Tag::Other, whole.0);
                }
                self.push(NodeKind::Text, whole, whole);
            }
            Token::Comment { inner } => {
                self.push(NodeKind::Comment, whole, inner);
            }
            Token::Other => {}
            Token::Start { tag, name, closed } => {
                self.close_implied(tag, placed.start);
                let node = self.push(NodeKind::Element(tag), whole, name);
                self.keep_attributes(node, &tokens.attributes);
                let in_drawing = closed && self.count(Tag::Svg) > 0;
                if !tag.is_void() && !in_drawing && self.open.len() < DEPTH_MAX {
                    self.open.push(node);
                    self.count_mut(tag, 1);
                }
                if tag.is_raw() {
                    tokens.raw_text(tag);
                }
            }
            Token::End { tag: Tag::Br, name } => {
                self.push(NodeKind::Element(Tag::Br), whole, name);
            }
            Token::End { tag, name } => self.close(tag, name, placed.end),
        }
    }

    fn push(&mut self, kind: NodeKind, whole: (u32, u32), inner: (u32, u32)) -> u32 {
        let id = number(self.nodes.len());
        let parent = self.open.last().copied().unwrap_or(0);
        self.nodes.push(Entry {
            kind,
            parent,
            after: id + 1,
            start: whole.0,
            end: whole.1,
            inner,
            first_attribute: 0,
            attributes: 0,
        });
        id
    }

    fn keep_attributes(&mut self, node: u32, found: &[Attribute]) {
        let first = number(self.attributes.len());
        self.attributes.extend_from_slice(found);
        if let Some(entry) = self.nodes.get_mut(node as usize) {
            entry.first_attribute = first;
            entry.attributes = number(found.len());
        }
    }

    /// Whatever does not belong into a head ends it.
    fn leave_head(&mut self, tag: Tag, at: u32) {
        let last = self.open.last().and_then(|node| self.nodes.get(*node as usize));
        let in_head = last.is_some_and(|entry| entry.kind == NodeKind::Element(Tag::Head));
        let belongs = matches!(
            tag,
            Tag::Title
                | Tag::Meta
                | Tag::Link
                | Tag::Style
                | Tag::Script
                | Tag::Base
                | Tag::Noscript
                | Tag::Template
        );
        if in_head && !belongs {
            self.pop_to(self.open.len() - 1, at);
        }
    }

    /// Closes what may not stand around a start tag.
    fn close_implied(&mut self, tag: Tag, at: u32) {
        self.leave_head(tag, at);
        let (closed, within): (&[Tag], &[Tag]) = match tag {
            Tag::A => (&[Tag::A], &[Tag::Td, Tag::Th, Tag::Table]),
            Tag::Li => (&[Tag::Li], &[Tag::Ul, Tag::Ol, Tag::Menu, Tag::Table]),
            Tag::Td | Tag::Th => (&[Tag::Td, Tag::Th], &[Tag::Table, Tag::Tr]),
            Tag::Tr => (&[Tag::Tr], &[Tag::Table]),
            Tag::Tbody | Tag::Thead | Tag::Tfoot => {
                (&[Tag::Tbody, Tag::Thead, Tag::Tfoot], &[Tag::Table])
            }
            Tag::Option => (&[Tag::Option], &[Tag::Select]),
            Tag::Dd | Tag::Dt => (&[Tag::Dd, Tag::Dt], &[Tag::Dl, Tag::Table]),
            Tag::Body => (&[Tag::Head], &[]),
            _ if tag.is_block() => (&[Tag::P], &[Tag::Td, Tag::Th, Tag::Table, Tag::Button]),
            _ => return,
        };
        if closed.iter().all(|tag| self.count(*tag) == 0) {
            return;
        }
        let found = self.find(|open| closed.contains(&open), |open| within.contains(&open));
        if let Some(depth) = found {
            self.pop_to(depth, at);
        }
    }

    /// How deep the innermost open element lies that is meant, if nothing that holds is between.
    fn find(&self, meant: impl Fn(Tag) -> bool, holds: impl Fn(Tag) -> bool) -> Option<usize> {
        for (depth, node) in self.open.iter().enumerate().rev().take(LOOK_BACK_MAX) {
            let NodeKind::Element(tag) = self.nodes.get(*node as usize)?.kind else { return None };
            if meant(tag) {
                return Some(depth);
            }
            if holds(tag) {
                return None;
            }
        }
        None
    }

    fn close(&mut self, tag: Tag, name: (u32, u32), end: u32) {
        if self.count(tag) == 0 {
            return;
        }
        let in_table = matches!(
            tag,
            Tag::Table | Tag::Tr | Tag::Td | Tag::Th | Tag::Tbody | Tag::Thead | Tag::Tfoot
        );
        let holds = |open: Tag| {
            if in_table { open == Tag::Table && tag != Tag::Table } else { open.is_scope() }
        };
        let depth = if tag == Tag::Other {
            self.find_named(name)
        } else {
            self.find(|open| open == tag, |open| holds(open) && open != tag)
        };
        let Some(depth) = depth else { return };
        let node = self.open.get(depth).copied().unwrap_or(0);
        self.pop_to(depth, end);
        if let Some(entry) = self.nodes.get_mut(node as usize) {
            entry.end = end;
        }
    }

    fn find_named(&self, name: (u32, u32)) -> Option<usize> {
        let text = |place: (u32, u32)| self.source.get(place.0 as usize..place.1 as usize);
        let name = text(name)?;
        for (depth, node) in self.open.iter().enumerate().rev().take(LOOK_BACK_MAX) {
            let entry = self.nodes.get(*node as usize)?;
            match entry.kind {
                NodeKind::Element(Tag::Other)
                    if text(entry.inner).is_some_and(|open| open.eq_ignore_ascii_case(name)) =>
                {
                    return Some(depth);
                }
                NodeKind::Element(tag) if tag.is_scope() => return None,
                _ => {}
            }
        }
        None
    }

    /// Closes everything from a depth on.
    fn pop_to(&mut self, depth: usize, end: u32) {
        let after = number(self.nodes.len());
        while self.open.len() > depth {
            let Some(node) = self.open.pop() else { return };
            let Some(entry) = self.nodes.get_mut(node as usize) else { return };
            entry.after = after;
            entry.end = end.max(entry.end);
            if let NodeKind::Element(tag) = entry.kind {
                self.count_mut(tag, -1);
            }
        }
    }

    fn count(&self, tag: Tag) -> u16 {
        self.counts.get(tag as usize).copied().unwrap_or(0)
    }

    fn count_mut(&mut self, tag: Tag, by: i16) {
        if let Some(count) = self.counts.get_mut(tag as usize) {
            *count = count.saturating_add_signed(by);
        }
    }

    fn finish(mut self, shortened: bool) -> Dom {
        let end = number(self.source.len());
        self.pop_to(0, end);
        Dom {
            source: self.source.into(),
            nodes: self.nodes,
            attributes: self.attributes,
            cut: self.cut || shortened,
        }
    }
}

/// Pages are cut long before their places leave 32 bits.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// What is deeper lies beside rather than inside.
const DEPTH_MAX: usize = 400;
/// How many open elements an end tag looks at.
const LOOK_BACK_MAX: usize = 100;
const NODES_MAX: usize = 300_000;
const OCTETS_MAX: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests;
