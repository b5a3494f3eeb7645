//! Evaluates expressions over a page.

use std::cell::Cell;

use clawback_mail::message::{Dom, NodeId, NodeKind};

use super::Item;
use super::functions;
use super::parse::{Axis, Binary, Expr, Step, Test};

/// What an expression is worth.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Got {
    Nodes(Vec<Item>),
    Text(String),
    Number(f64),
    Bool(bool),
}

/// Where in a page an expression is evaluated.
#[derive(Clone, Copy)]
pub(super) struct Context {
    pub(super) item: Item,
    pub(super) position: usize,
    pub(super) last: usize,
}

/// One evaluation with its steps.
pub(super) struct Evaluation<'a> {
    pub(super) dom: &'a Dom,
    steps: Cell<usize>,
}

impl<'a> Evaluation<'a> {
    pub(super) const fn new(dom: &'a Dom) -> Self {
        Self { dom, steps: Cell::new(0) }
    }

    /// From the page itself.
    pub(super) fn whole(&self, expression: &Expr) -> Option<Got> {
        let item = Item::Node(self.dom.root());
        self.evaluate(expression, Context { item, position: 1, last: 1 })
    }

    /// Counts steps; `None` once there were too many.
    pub(super) fn spend(&self, steps: usize) -> Option<()> {
        let spent = self.steps.get().saturating_add(steps);
        self.steps.set(spent);
        (spent <= STEPS_MAX).then_some(())
    }

    pub(super) fn evaluate(&self, expression: &Expr, context: Context) -> Option<Got> {
        self.spend(1)?;
        match expression {
            Expr::Text(text) => Some(Got::Text(text.clone())),
            Expr::Number(number) => Some(Got::Number(*number)),
            Expr::Negate(inner) => {
                let inner = self.evaluate(inner, context)?;
                Some(Got::Number(-self.number(&inner)))
            }
            Expr::Call(name, arguments) => functions::call(self, name, arguments, context),
            Expr::Binary(operator, left, right) => self.binary(*operator, left, right, context),
            Expr::Path { absolute, steps } => {
                let from = if *absolute { Item::Node(self.dom.root()) } else { context.item };
                self.walk(vec![from], steps)
            }
            Expr::Filter { from, predicates, steps } => {
                let Got::Nodes(mut nodes) = self.evaluate(from, context)? else { return None };
                for predicate in predicates {
                    nodes = self.filter(nodes, predicate)?;
                }
                self.walk(nodes, steps)
            }
        }
    }

    fn walk(&self, from: Vec<Item>, steps: &[Step]) -> Option<Got> {
        let mut nodes = from;
        for step in steps {
            let mut next = Vec::new();
            for item in &nodes {
                if step.predicates.is_empty() {
                    self.axis(*item, step, &mut next)?;
                    continue;
                }
                let mut found = Vec::new();
                self.axis(*item, step, &mut found)?;
                for predicate in &step.predicates {
                    found = self.filter(found, predicate)?;
                }
                next.extend(found);
            }
            if nodes.len() > 1 || is_reverse(step.axis) {
                next.sort_unstable_by_key(|item| item.order());
                next.dedup();
            }
            nodes = next;
        }
        Some(Got::Nodes(nodes))
    }

    fn filter(&self, nodes: Vec<Item>, predicate: &Expr) -> Option<Vec<Item>> {
        let last = nodes.len();
        let mut kept = Vec::new();
        for (place, item) in nodes.into_iter().enumerate() {
            let context = Context { item, position: place + 1, last };
            let keep = match self.evaluate(predicate, context)? {
                Got::Number(number) => is_place(number, place + 1),
                other => self.truth(&other),
            };
            if keep {
                kept.push(item);
            }
        }
        Some(kept)
    }

    /// Adds the items on an axis that pass a test, the nearest first.
    fn axis(&self, from: Item, step: &Step, found: &mut Vec<Item>) -> Option<()> {
        let dom = self.dom;
        let node = match (from, step.axis) {
            (Item::Node(node), _) => node,
            (Item::Attribute(node, _), Axis::Parent | Axis::Ancestor | Axis::AncestorOrSelf) => {
                let mut above = vec![node];
                if step.axis != Axis::Parent {
                    above.extend(self.ancestors(node));
                }
                return self.passing(above.into_iter(), &step.test, found);
            }
            (Item::Attribute(..), Axis::Itself) => {
                found.push(from);
                return Some(());
            }
            (Item::Attribute(..), _) => return Some(()),
        };
        let itself = std::iter::once(node);
        match step.axis {
            Axis::Attribute => self.attributes(node, &step.test, found),
            Axis::Child => self.passing(dom.children(node), &step.test, found),
            Axis::Descendant => self.passing(dom.descendants(node), &step.test, found),
            Axis::DescendantOrSelf => {
                self.passing(itself.chain(dom.descendants(node)), &step.test, found)
            }
            Axis::Parent => self.passing(dom.parent(node).into_iter(), &step.test, found),
            Axis::Ancestor => self.passing(self.ancestors(node), &step.test, found),
            Axis::AncestorOrSelf => {
                self.passing(itself.chain(self.ancestors(node)), &step.test, found)
            }
            Axis::Itself => self.passing(itself, &step.test, found),
            Axis::FollowingSibling => {
                let siblings = dom.parent(node).into_iter().flat_map(|above| dom.children(above));
                self.passing(siblings.filter(|other| *other > node), &step.test, found)
            }
            Axis::PrecedingSibling => {
                let siblings = dom.parent(node).into_iter().flat_map(|above| dom.children(above));
                let before: Vec<NodeId> = siblings.take_while(|other| *other < node).collect();
                self.passing(before.into_iter().rev(), &step.test, found)
            }
            Axis::Following => {
                let after =
                    dom.nodes().filter(|other| *other > node && !dom.is_within(*other, node));
                self.passing(after, &step.test, found)
            }
            Axis::Preceding => {
                let before = dom.nodes().rev();
                let before = before.filter(|other| *other < node && !dom.is_within(node, *other));
                self.passing(before, &step.test, found)
            }
        }
    }

    fn ancestors(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.dom.parent(node), |above| self.dom.parent(*above))
    }

    fn passing(
        &self,
        nodes: impl Iterator<Item = NodeId>,
        test: &Test,
        found: &mut Vec<Item>,
    ) -> Option<()> {
        for node in nodes {
            self.spend(1)?;
            let passes = match (test, self.dom.kind(node)) {
                (Test::Node, _)
                | (Test::Any, NodeKind::Element(_))
                | (Test::Text, NodeKind::Text)
                | (Test::Comment, NodeKind::Comment) => true,
                (Test::Name(name), NodeKind::Element(tag)) => match tag.name() {
                    Some(known) => known == &**name,
                    None => self.dom.name(node) == **name,
                },
                _ => false,
            };
            if passes {
                found.push(Item::Node(node));
            }
        }
        Some(())
    }

    fn attributes(&self, node: NodeId, test: &Test, found: &mut Vec<Item>) -> Option<()> {
        for (place, name) in self.dom.attribute_names(node).enumerate() {
            self.spend(1)?;
            let passes = match test {
                Test::Any | Test::Node => true,
                Test::Name(wanted) => name.eq_ignore_ascii_case(wanted),
                Test::Text | Test::Comment => false,
            };
            if passes {
                found.push(Item::Attribute(node, place));
            }
        }
        Some(())
    }

    fn binary(&self, operator: Binary, left: &Expr, right: &Expr, context: Context) -> Option<Got> {
        let first = self.evaluate(left, context)?;
        match (operator, self.truth(&first)) {
            (Binary::Or, true) => return Some(Got::Bool(true)),
            (Binary::And, false) => return Some(Got::Bool(false)),
            _ => {}
        }
        let second = self.evaluate(right, context)?;
        let numbers = || (self.number(&first), self.number(&second));
        Some(match operator {
            Binary::Or | Binary::And => Got::Bool(self.truth(&second)),
            Binary::Add => Got::Number(numbers().0 + numbers().1),
            Binary::Subtract => Got::Number(numbers().0 - numbers().1),
            Binary::Multiply => Got::Number(numbers().0 * numbers().1),
            Binary::Divide => Got::Number(numbers().0 / numbers().1),
            Binary::Remainder => Got::Number(numbers().0 % numbers().1),
            Binary::Union => {
                let (Got::Nodes(mut nodes), Got::Nodes(others)) = (first, second) else {
                    return None;
                };
                nodes.extend(others);
                nodes.sort_unstable_by_key(|item| item.order());
                nodes.dedup();
                Got::Nodes(nodes)
            }
            _ => Got::Bool(self.compare(operator, &first, &second)?),
        })
    }

    /// Of nodes, one that compares as asked is enough.
    fn compare(&self, operator: Binary, left: &Got, right: &Got) -> Option<bool> {
        match (left, right) {
            (Got::Nodes(nodes), other) if !matches!(other, Got::Bool(_)) => {
                for node in nodes {
                    let text = Got::Text(self.text_of(*node)?);
                    if self.compare(operator, &text, other)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
            (other, Got::Nodes(nodes)) if !matches!(other, Got::Bool(_)) => {
                for node in nodes {
                    let text = Got::Text(self.text_of(*node)?);
                    if self.compare(operator, other, &text)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
            _ => Some(self.compare_plain(operator, left, right)),
        }
    }

    fn compare_plain(&self, operator: Binary, left: &Got, right: &Got) -> bool {
        let equal = || match (left, right) {
            (Got::Bool(_), _) | (_, Got::Bool(_)) => self.truth(left) == self.truth(right),
            #[expect(clippy::float_cmp, reason = "so the language says")]
            (Got::Number(_), _) | (_, Got::Number(_)) => self.number(left) == self.number(right),
            (Got::Text(left), Got::Text(right)) => left == right,
            _ => false,
        };
        match operator {
            Binary::Equal => equal(),
            Binary::Different => !equal(),
            Binary::Less => self.number(left) < self.number(right),
            Binary::LessOrEqual => self.number(left) <= self.number(right),
            Binary::Greater => self.number(left) > self.number(right),
            _ => self.number(left) >= self.number(right),
        }
    }

    pub(super) fn truth(&self, got: &Got) -> bool {
        match got {
            Got::Bool(truth) => *truth,
            Got::Nodes(nodes) => !nodes.is_empty(),
            Got::Number(number) => *number != 0.0 && !number.is_nan(),
            Got::Text(text) => !text.is_empty(),
        }
    }

    pub(super) fn number(&self, got: &Got) -> f64 {
        match got {
            Got::Number(number) => *number,
            Got::Bool(truth) => f64::from(u8::from(*truth)),
            other => self.text(other).and_then(|text| text.trim().parse().ok()).unwrap_or(f64::NAN),
        }
    }

    /// As text: of nodes that of the first.
    pub(super) fn text(&self, got: &Got) -> Option<String> {
        match got {
            Got::Text(text) => Some(text.clone()),
            Got::Bool(truth) => Some(truth.to_string()),
            Got::Number(number) => Some(number.to_string()),
            Got::Nodes(nodes) => match nodes.first() {
                Some(node) => self.text_of(*node),
                None => Some(String::new()),
            },
        }
    }

    /// The text of a node: of an element all text inside.
    pub(super) fn text_of(&self, item: Item) -> Option<String> {
        let node = match item {
            Item::Attribute(node, place) => {
                let found = self.dom.attributes(node).nth(place);
                return Some(found.map(|(_, value)| value.into_owned()).unwrap_or_default());
            }
            Item::Node(node) => node,
        };
        if matches!(self.dom.kind(node), NodeKind::Text | NodeKind::Comment) {
            return Some(self.dom.text(node).into_owned());
        }
        let mut out = String::new();
        for inner in self.dom.descendants(node) {
            self.spend(1)?;
            if self.dom.kind(inner) == NodeKind::Text {
                out.push_str(&self.dom.text(inner));
            }
        }
        self.spend(out.len() / OCTETS_PER_STEP)?;
        Some(out)
    }
}

const fn is_reverse(axis: Axis) -> bool {
    matches!(axis, Axis::Ancestor | Axis::AncestorOrSelf | Axis::Preceding | Axis::PrecedingSibling)
}

fn is_place(number: f64, place: usize) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "pages have few nodes")]
    let place = place as f64;
    (number - place).abs() < 0.5 && number.fract() == 0.0
}

const OCTETS_PER_STEP: usize = 64;
const STEPS_MAX: usize = 2_000_000;
