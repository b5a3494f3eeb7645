//! The shape of a rule against a data model: types, names, and the operations that carry it out.
//!
//! What is wrong is told with its place; what the language has and this program has not is null,
//! and is named.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::builder::Builder;
use crate::diagnostic::{Diagnostic, Span, distance, nearest};
use crate::kind::Type;
use crate::program::{NodeId, Op};
use crate::set::Set;
use crate::syntax::{Arithmetic, Comparison, Expression, Form};
use crate::types::{Library, RecordType, Ty};

/// What rules are checked against.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The message and the functions.
    pub library: &'static Library,
    /// The lists that are the same for every message, by name.
    pub lists: HashMap<String, Arc<Set>>,
    /// The lists that the host gives, in the order it counts them: their names and what their
    /// items are.
    pub tenant_lists: &'static [(&'static str, Ty)],
    /// Fields of results that the language has and this program never fills.
    pub unsupported_fields: &'static [(&'static str, &'static str)],
}

/// A rule that was checked.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) root: NodeId,
    /// The parts of the outermost `and`, in the order of the text.
    pub(crate) parts: Vec<(Span, NodeId)>,
    pub(crate) unsupported: BTreeSet<String>,
    pub(crate) missing_lists: BTreeSet<String>,
    pub(crate) lists: BTreeSet<String>,
}

/// What the text of a rule may come to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// It finds messages: true or false.
    Find,
    /// It shows something of a message: any value. It counts as true where there is something to
    /// show, which is a list that is not empty, or anything else but false and null.
    Show,
}

/// Checks one rule and adds its operations to the store.
pub(crate) fn check(
    rule: &Expression,
    purpose: Purpose,
    environment: &Environment,
    builder: &mut Builder,
) -> Result<Checked, Vec<Diagnostic>> {
    let mut checker = Checker::new(environment, builder);
    let (mut root, kind) = checker.lower(rule);
    match (purpose, &kind) {
        (_, Type::Bool | Type::Any) => {}
        (Purpose::Show, Type::List(_) | Type::Set | Type::Map(_)) => {
            let (left, right) =
                (checker.builder.add(Op::Length(root)), checker.builder.add(Op::Int(0)));
            let how = Comparison::Greater;
            root = checker.builder.add(Op::Compare { how, left, right });
        }
        (Purpose::Show, _) => {
            let is_null = checker.builder.add(Op::IsNull(root));
            root = checker.builder.add(Op::Not(is_null));
        }
        (Purpose::Find, kind) => {
            let message = format!("a rule must be true or false, this is {kind}");
            checker.wrong(Diagnostic::new(rule.span, message));
        }
    }
    if !checker.problems.is_empty() {
        return Err(checker.problems);
    }
    // Once more, for their places: what is there already is the same operation.
    let parts = match &rule.form {
        Form::And(items) => items.iter().map(|item| (item.span, checker.lower(item).0)).collect(),
        _ => vec![(rule.span, root)],
    };
    let Checker { unsupported, missing_lists, lists, .. } = checker;
    builder.use_as_rule(root);
    Ok(Checked { root, parts, unsupported, missing_lists, lists })
}

pub(crate) struct Checker<'c> {
    pub(crate) environment: &'c Environment,
    pub(crate) builder: &'c mut Builder,
    /// The types of the items of the iterations around, innermost last.
    pub(crate) scopes: Vec<Type>,
    pub(crate) unsupported: BTreeSet<String>,
    problems: Vec<Diagnostic>,
    missing_lists: BTreeSet<String>,
    lists: BTreeSet<String>,
}

/// An operation and the type of what it gives.
pub(crate) type Lowered = (NodeId, Type);

impl<'c> Checker<'c> {
    fn new(environment: &'c Environment, builder: &'c mut Builder) -> Self {
        Self {
            environment,
            builder,
            scopes: Vec::new(),
            unsupported: BTreeSet::new(),
            problems: Vec::new(),
            missing_lists: BTreeSet::new(),
            lists: BTreeSet::new(),
        }
    }

    pub(crate) fn wrong(&mut self, problem: Diagnostic) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }

    pub(crate) fn null(&mut self) -> Lowered {
        (self.builder.add(Op::Null), Type::Any)
    }

    pub(crate) fn fail(&mut self, span: Span, message: impl Into<String>) -> Lowered {
        self.wrong(Diagnostic::new(span, message));
        self.null()
    }

    pub(crate) fn lower(&mut self, expression: &Expression) -> Lowered {
        let span = expression.span;
        match &expression.form {
            Form::Null => self.null(),
            Form::Bool(truth) => (self.builder.add(Op::Bool(*truth)), Type::Bool),
            Form::Int(number) => (self.builder.add(Op::Int(*number)), Type::Int),
            Form::Float(number) => (self.builder.add(Op::Float(number.to_bits())), Type::Float),
            Form::Text(text) => (self.builder.add(Op::Text(text.clone())), Type::Text),
            Form::List(name) => self.list(name, span),
            Form::Root(name) => self.root(name, span),
            Form::Item(level) => self.item(*level, span),
            Form::Field(of, name) => self.field(of, name, span),
            Form::Index(of, at) => self.index(of, at),
            Form::Array(items) => self.array(items),
            Form::And(items) => self.every(items),
            Form::Or(items) => self.some(items),
            Form::Not(inner) => {
                let inner = self.truth(inner);
                (self.builder.add(Op::Not(inner)), Type::Bool)
            }
            Form::AtLeast(count, items) => self.at_least(count, items),
            Form::Compare(first, chain) => self.compare(first, chain),
            Form::In { needle, hay, fold, negated } => {
                self.membership(needle, hay, *fold, *negated)
            }
            Form::IsNull { of, negated } => {
                let (of, _) = self.lower(of);
                let is_null = self.builder.add(Op::IsNull(of));
                let node = if *negated { self.builder.add(Op::Not(is_null)) } else { is_null };
                (node, Type::Bool)
            }
            Form::Arithmetic(how, left, right) => self.arithmetic(*how, left, right),
            Form::Negative(inner) => self.negative(inner),
            Form::If(condition, yes, no) => {
                let condition = self.truth(condition);
                let ((yes, one), (no, other)) = (self.lower(yes), self.lower(no));
                (self.builder.add(Op::If { condition, yes, no }), one.joined(&other))
            }
            Form::Call(call) => self.call(call, span),
        }
    }

    /// An expression that must be true or false.
    pub(crate) fn truth(&mut self, expression: &Expression) -> NodeId {
        let (node, kind) = self.lower(expression);
        if !matches!(kind, Type::Bool | Type::Any) {
            let problem =
                Diagnostic::new(expression.span, format!("expected true or false, this is {kind}"));
            self.wrong(match kind {
                Type::List(_) | Type::Set => problem.hint("`length(…) > 0`, or `any(…, …)`"),
                _ => problem.hint("compare it, or ask `is not null`"),
            });
        }
        node
    }

    fn list(&mut self, name: &str, span: Span) -> Lowered {
        self.lists.insert(name.to_owned());
        let mut given = self.environment.tenant_lists.iter().enumerate();
        if let Some((index, (_, item))) = given.find(|(_, (known, _))| *known == name) {
            let index = u16::try_from(index).unwrap_or(u16::MAX);
            let kind = match item {
                Ty::Text => Type::Set,
                other => Type::list(Type::from(*other)),
            };
            return (self.builder.add(Op::TenantList { index, name: name.into() }), kind);
        }
        if let Some(set) = self.environment.lists.get(name) {
            let set = self.builder.set(name, set);
            return (self.builder.add(Op::Set(set)), Type::Set);
        }
        let known = self.environment.lists.keys().map(String::as_str);
        let known = known.chain(self.environment.tenant_lists.iter().map(|(known, _)| *known));
        // `$tranco_1m` is no slip of the pen for `$tranco_10k`.
        let near = nearest(name, known).filter(|near| distance(name, near) == 1);
        let is_numbered = name.contains(|character: char| character.is_ascii_digit());
        if let Some(near) = near.filter(|_| !is_numbered) {
            let problem = Diagnostic::new(span, format!("there is no list `${name}`"));
            self.wrong(problem.hint(format!("did you mean `${near}`?")));
        }
        self.missing_lists.insert(name.to_owned());
        (self.builder.add(Op::Null), Type::Set)
    }

    fn root(&mut self, name: &str, span: Span) -> Lowered {
        let message = self.environment.library.message;
        let Some((index, field)) = position(message, name) else {
            let fields = message.fields.iter().map(|field| field.name);
            let problem = Diagnostic::new(span, format!("a message has no `{name}`"));
            self.wrong(match nearest(name, fields) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem.hint("texts stand in quotes, lists begin with `$`, items with `.`"),
            });
            return self.null();
        };
        let op = Op::Root { index, name: field.name };
        (self.builder.add(op), Type::from(field.ty))
    }

    fn item(&mut self, level: usize, span: Span) -> Lowered {
        let kind = self.scopes.len().checked_sub(level).and_then(|at| self.scopes.get(at)).cloned();
        let (Some(kind), Ok(level)) = (kind, u8::try_from(level)) else {
            let dots = ".".repeat(level.min(8));
            let message = format!("`{dots}` is the item of an iteration, and there is none here");
            return self.fail(span, message);
        };
        (self.builder.add(Op::Item(level)), kind)
    }

    fn field(&mut self, of: &Expression, name: &str, span: Span) -> Lowered {
        let (node, kind) = self.lower(of);
        match kind {
            Type::Record(record) => self.field_of(node, record, name, span),
            Type::Map(inner) => {
                let op = Op::Named { of: node, name: name.into() };
                (self.builder.add(op), (*inner).clone())
            }
            Type::Any => {
                let op = Op::Named { of: node, name: name.into() };
                (self.builder.add(op), Type::Any)
            }
            Type::List(_) => {
                let problem = Diagnostic::new(span, format!("a list has no `{name}`"));
                self.wrong(problem.hint(format!("ask its items: `any(…, .{name} …)`")));
                self.null()
            }
            other => self.fail(span, format!("{other} has no `{name}`")),
        }
    }

    fn field_of(
        &mut self,
        of: NodeId,
        record: &'static RecordType,
        name: &str,
        span: Span,
    ) -> Lowered {
        if let Some((index, field)) = position(record, name) {
            if self.environment.unsupported_fields.contains(&(record.name, field.name)) {
                self.unsupported.insert(format!("{}.{name}", record.name));
                return (self.builder.add(Op::Null), Type::from(field.ty));
            }
            let op = Op::Field { of, index, name: field.name };
            return (self.builder.add(op), Type::from(field.ty));
        }
        let fields = record.fields.iter().map(|field| field.name);
        if let Some(near) = nearest(name, fields) {
            let message = format!("{} has no `{name}`", record.name);
            self.wrong(Diagnostic::new(span, message).hint(format!("did you mean `{near}`?")));
        } else {
            self.unsupported.insert(format!("{}.{name}", record.name));
        }
        self.null()
    }

    fn index(&mut self, of: &Expression, at: &Expression) -> Lowered {
        let (node, kind) = self.lower(of);
        let (at_node, at_kind) = self.lower(at);
        let (wanted, inner) = match kind {
            Type::List(inner) => (Type::Int, (*inner).clone()),
            Type::Map(inner) => (Type::Text, (*inner).clone()),
            Type::Any => (Type::Any, Type::Any),
            other => return self.fail(of.span, format!("{other} has no items")),
        };
        if !wanted.takes(&at_kind) {
            self.wrong(Diagnostic::new(at.span, format!("expected {wanted}, this is {at_kind}")));
        }
        (self.builder.add(Op::Index { of: node, at: at_node }), inner)
    }

    fn array(&mut self, items: &[Expression]) -> Lowered {
        let lowered: Vec<Lowered> = items.iter().map(|item| self.lower(item)).collect();
        let kind =
            lowered.iter().map(|(_, kind)| kind.clone()).reduce(|one, other| one.joined(&other));
        let nodes = lowered.into_iter().map(|(node, _)| node).collect();
        (self.builder.add(Op::List(nodes)), Type::list(kind.unwrap_or(Type::Any)))
    }

    /// `and`: what is cheap first, since the order changes nothing but the time it takes.
    fn every(&mut self, items: &[Expression]) -> Lowered {
        let mut nodes = Vec::new();
        for item in items {
            let node = self.truth(item);
            match self.builder.node(node).map(|node| &node.op) {
                Some(Op::And(inner)) => nodes.extend(inner.iter().copied()),
                _ => nodes.push(node),
            }
        }
        let nodes = self.by_cost(nodes);
        (self.builder.add(Op::And(nodes)), Type::Bool)
    }

    fn some(&mut self, items: &[Expression]) -> Lowered {
        let mut nodes = Vec::new();
        for item in items {
            let node = self.truth(item);
            match self.builder.node(node).map(|node| &node.op) {
                Some(Op::Or(inner)) => nodes.extend(inner.iter().copied()),
                _ => nodes.push(node),
            }
        }
        let nodes = self.by_cost(nodes);
        (self.builder.add(Op::Or(nodes)), Type::Bool)
    }

    pub(crate) fn by_cost(&self, mut nodes: Vec<NodeId>) -> Box<[NodeId]> {
        nodes.sort_by_key(|id| self.builder.node(*id).map_or(0, |node| node.cost));
        let mut seen = BTreeSet::new();
        nodes.retain(|id| seen.insert(*id));
        nodes.into()
    }

    fn at_least(&mut self, count: &Expression, items: &[Expression]) -> Lowered {
        let (count_node, kind) = self.lower(count);
        if !Type::Int.takes(&kind) {
            self.wrong(Diagnostic::new(
                count.span,
                format!("expected a number before `of`, this is {kind}"),
            ));
        }
        // Not `by_cost`, which drops repetitions: here they count.
        let mut nodes: Vec<NodeId> = items.iter().map(|item| self.truth(item)).collect();
        nodes.sort_by_key(|id| self.builder.node(*id).map_or(0, |node| node.cost));
        (self.builder.add(Op::AtLeast { count: count_node, of: nodes.into() }), Type::Bool)
    }

    fn compare(&mut self, first: &Expression, chain: &[(Comparison, Expression)]) -> Lowered {
        let mut left = (self.lower(first), first.span);
        let mut nodes = Vec::new();
        for (how, operand) in chain {
            let right = self.lower(operand);
            self.comparable(*how, &left.0.1, &right.1, left.1.to(operand.span));
            nodes.push(self.comparison(*how, left.0.0, right.0));
            left = (right, operand.span);
        }
        match nodes.as_slice() {
            [one] => (*one, Type::Bool),
            _ => {
                let nodes = self.by_cost(nodes);
                (self.builder.add(Op::And(nodes)), Type::Bool)
            }
        }
    }

    fn comparison(&mut self, how: Comparison, left: NodeId, right: NodeId) -> NodeId {
        let folds = matches!(how, Comparison::Same | Comparison::NotSame);
        if let (true, Some(Op::Text(text))) = (folds, self.builder.node(right).map(|it| &it.op)) {
            let same = Op::SameText { of: left, lower: crate::fold::fold(text) };
            let same = self.builder.add(same);
            return match how {
                Comparison::NotSame => self.builder.add(Op::Not(same)),
                _ => same,
            };
        }
        self.builder.add(Op::Compare { how, left, right })
    }

    fn comparable(&mut self, how: Comparison, left: &Type, right: &Type, span: Span) {
        let fits = match how {
            Comparison::Same | Comparison::NotSame => {
                Type::Text.takes(left) && Type::Text.takes(right)
            }
            Comparison::Equal | Comparison::NotEqual => left.compares_with(right),
            _ => left.compares_with(right) && left.is_ordered() && right.is_ordered(),
        };
        if !fits {
            let message = format!("{left} cannot be compared with {right} by `{}`", how.as_str());
            self.wrong(Diagnostic::new(span, message));
        }
    }

    fn membership(
        &mut self,
        needle: &Expression,
        hay: &Expression,
        fold: bool,
        negated: bool,
    ) -> Lowered {
        let (needle_node, needle_kind) = self.lower(needle);
        if fold && !Type::Text.takes(&needle_kind) {
            self.wrong(Diagnostic::new(
                needle.span,
                format!("`in~` is for texts, this is {needle_kind}"),
            ));
        }
        let found = if let Some(texts) = literal_texts(hay) {
            if !Type::Text.takes(&needle_kind) {
                self.wrong(Diagnostic::new(
                    needle.span,
                    format!("{needle_kind} cannot be in a list of texts"),
                ));
            }
            let texts = self.builder.texts(texts);
            self.builder.add(Op::InTexts { needle: needle_node, texts, fold })
        } else {
            let (mut hay_node, hay_kind) = self.lower(hay);
            let item = match &hay_kind {
                Type::List(inner) => (**inner).clone(),
                Type::Set => Type::Text,
                Type::Any => Type::Any,
                Type::Map(_) | Type::Record(_) => {
                    self.wrong(Diagnostic::new(
                        hay.span,
                        format!("expected a list, this is {hay_kind}"),
                    ));
                    Type::Any
                }
                // A group of one is that one.
                _ => {
                    hay_node = self.builder.add(Op::List([hay_node].into()));
                    hay_kind.clone()
                }
            };
            if !needle_kind.compares_with(&item) {
                let message = format!("{needle_kind} cannot be in a list of {item}");
                self.wrong(Diagnostic::new(needle.span.to(hay.span), message));
            }
            self.builder.add(Op::In { needle: needle_node, hay: hay_node, fold })
        };
        let node = if negated { self.builder.add(Op::Not(found)) } else { found };
        (node, Type::Bool)
    }

    fn arithmetic(&mut self, how: Arithmetic, left: &Expression, right: &Expression) -> Lowered {
        let ((left_node, left_kind), (right_node, right_kind)) =
            (self.lower(left), self.lower(right));
        let texts = left_kind == Type::Text && right_kind == Type::Text && how == Arithmetic::Plus;
        for (kind, span) in [(&left_kind, left.span), (&right_kind, right.span)] {
            if !texts && !Type::Float.takes(kind) {
                self.wrong(Diagnostic::new(span, format!("expected a number, this is {kind}")));
            }
        }
        let kind = match (how, &left_kind, &right_kind) {
            _ if texts => Type::Text,
            (Arithmetic::Divide, _, _) => Type::Float,
            (_, Type::Int, Type::Int) => Type::Int,
            _ => Type::Float,
        };
        (self.builder.add(Op::Arithmetic { how, left: left_node, right: right_node }), kind)
    }

    fn negative(&mut self, inner: &Expression) -> Lowered {
        let (node, kind) = self.lower(inner);
        if !Type::Float.takes(&kind) {
            self.wrong(Diagnostic::new(inner.span, format!("expected a number, this is {kind}")));
        }
        let literal = match self.builder.node(node).map(|node| &node.op) {
            Some(Op::Int(number)) => Some(Op::Int(number.saturating_neg())),
            Some(Op::Float(bits)) => Some(Op::Float((-f64::from_bits(*bits)).to_bits())),
            _ => None,
        };
        (self.builder.add(literal.unwrap_or(Op::Negative(node))), kind)
    }
}

/// The texts of `('a', 'b')`, where all are literal.
fn literal_texts(hay: &Expression) -> Option<Vec<Box<str>>> {
    let text = |item: &Expression| match &item.form {
        Form::Text(text) => Some(text.clone()),
        _ => None,
    };
    match &hay.form {
        Form::Array(items) => items.iter().map(text).collect(),
        Form::Text(text) => Some(vec![text.clone()]),
        _ => None,
    }
}

fn position(
    record: &'static RecordType,
    name: &str,
) -> Option<(u16, &'static crate::types::Field)> {
    let index = record.position(name)?;
    Some((u16::try_from(index).ok()?, record.fields.get(index)?))
}

const PROBLEMS_MAX: usize = 20;
