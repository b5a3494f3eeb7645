//! Rules as their users see them: added one by one, finished together, asked for each message.

use std::collections::BTreeSet;

use crate::builder::Builder;
use crate::check::{Checked, Environment, Purpose, check};
use crate::diagnostic::{Diagnostic, Span};
use crate::eval::Machine;
use crate::explain::{Reason, explain};
use crate::parser::parse;
use crate::program::{NodeId, Program};
use crate::types::Host;

/// Compiles rules into one set.
#[derive(Debug)]
pub struct Compiler {
    environment: Environment,
    builder: Builder,
    roots: Vec<Root>,
}

/// Where a rule begins, and the parts of its outermost `and`.
#[derive(Debug)]
struct Root {
    node: NodeId,
    parts: Box<[(Span, NodeId)]>,
}

/// What became of one rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Compiled {
    /// Its place in the set: what it is asked by.
    pub number: usize,
    /// Whether it can do what its author meant.
    pub state: RuleState,
    /// What the language has and this program has not, of what the rule uses.
    pub unsupported: Vec<String>,
    /// The lists it speaks of that were not loaded: what asks them is null.
    pub missing_lists: Vec<String>,
    /// All lists it speaks of.
    pub lists: Vec<String>,
}

/// Whether a rule can do what its author meant.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum RuleState {
    /// All of it is carried out.
    Complete,
    /// Parts of it are null, always; it can fire all the same.
    Degraded,
    /// It can never fire.
    Off,
}

impl Compiler {
    /// Begins a set of rules that are checked against one environment.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        Self { environment, builder: Builder::default(), roots: Vec::new() }
    }

    /// Adds a rule.
    ///
    /// # Errors
    ///
    /// What is wrong with its text; the set is as if it had not been there.
    pub fn add(&mut self, source: &str, purpose: Purpose) -> Result<Compiled, Vec<Diagnostic>> {
        if self.roots.len() >= RULES_MAX || self.builder.nodes.len() >= OPERATIONS_MAX {
            let full = format!("the set is full: {RULES_MAX} rules, {OPERATIONS_MAX} operations");
            return Err(vec![Diagnostic::new(Span::default(), full)]);
        }
        let expression = parse(source).map_err(|wrong| vec![wrong])?;
        let checked = check(&expression, purpose, &self.environment, &mut self.builder)?;
        let Checked { root, parts, unsupported, missing_lists, lists } = checked;
        let fires = self.builder.node(root).is_some_and(|node| node.can.yes);
        let state = match (fires, unsupported.is_empty()) {
            (false, _) => RuleState::Off,
            (true, true) => RuleState::Complete,
            (true, false) => RuleState::Degraded,
        };
        self.roots.push(Root { node: root, parts: parts.into() });
        let all = |names: BTreeSet<String>| names.into_iter().collect();
        Ok(Compiled {
            number: self.roots.len() - 1,
            state,
            unsupported: all(unsupported),
            missing_lists: all(missing_lists),
            lists: all(lists),
        })
    }

    /// Ends the adding.
    #[must_use]
    pub fn finish(self) -> Rules {
        let nodes: Vec<NodeId> = self.roots.iter().map(|root| root.node).collect();
        let program = self.builder.finish(&nodes);
        let begins = nodes.into_iter().map(|node| (node, program.gate(node))).collect();
        Rules { program, begins, roots: self.roots.into() }
    }
}

/// A set of compiled rules. It never changes and is shared between threads.
#[derive(Debug, Default)]
pub struct Rules {
    program: Program,
    /// Where each rule begins, and where what must stand in the message for it to be true.
    begins: Box<[(NodeId, Option<u32>)]>,
    roots: Box<[Root]>,
}

/// What a set is made of, for people.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Statistics {
    /// Rules.
    pub rules: usize,
    /// Operations, equal ones counted once.
    pub operations: usize,
    /// Literals that are looked for in one reading of a text.
    pub literals: usize,
    /// Regular expressions.
    pub patterns: usize,
    /// Octets of the automaton for the literals.
    pub automaton_octets: usize,
}

impl Rules {
    /// Begins to ask the rules about one message.
    #[must_use]
    pub fn examine<'m>(&'m self, host: &'m dyn Host) -> Examination<'m> {
        Examination {
            rules: self,
            machine: Machine::new(&self.program, host),
            budget: MESSAGE_STEPS_MAX,
        }
    }

    /// What the set is made of.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        Statistics {
            rules: self.roots.len(),
            operations: self.program.nodes.len(),
            literals: self.program.words.len() + self.program.pages.len(),
            patterns: self.program.patterns.len(),
            automaton_octets: self.program.words.octets() + self.program.pages.octets(),
        }
    }

    /// The patterns that take more memory than a pattern may: what asks them is null. Compiles all.
    #[must_use]
    pub fn oversized_patterns(&self) -> Vec<&str> {
        let all = self.program.patterns.iter();
        all.filter(|entry| entry.pattern.regex().is_none())
            .map(|entry| &*entry.pattern.source)
            .collect()
    }
}

/// One message that rules are asked about.
pub struct Examination<'m> {
    rules: &'m Rules,
    machine: Machine<'m>,
    /// Steps left for all rules together.
    budget: u64,
}

/// What a rule says of a message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Answer {
    /// It was stopped: it took more steps than a rule may, or the message had used up all.
    CutShort,
    /// It is false.
    No,
    /// It is null: something it depends on is not known.
    Unknown,
    /// It is true.
    Yes,
}

impl From<Option<bool>> for Answer {
    fn from(truth: Option<bool>) -> Self {
        match truth {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::Unknown,
        }
    }
}

impl Examination<'_> {
    /// Asks one rule, by its place in the set.
    pub fn test(&mut self, number: usize) -> Answer {
        let Some(root) = self.rules.roots.get(number) else { return Answer::No };
        let given = self.budget.min(RULE_STEPS_MAX);
        self.machine.left = given;
        self.machine.exhausted = given == 0;
        let truth = self.machine.test(root.node);
        self.budget -= given - self.machine.left.min(given);
        if self.machine.exhausted { Answer::CutShort } else { truth.into() }
    }

    /// Whether one rule fires: [`Answer::Yes`] as [`Self::test`] says it, [`Answer::No`] for what
    /// is false or not known. Nearly all are passed over by what does not stand in the message.
    pub fn fires(&mut self, number: usize) -> Answer {
        let Some((node, gate)) = self.rules.begins.get(number).copied() else { return Answer::No };
        let given = self.budget.min(RULE_STEPS_MAX);
        self.machine.left = given;
        self.machine.exhausted = given == 0;
        let may = gate.is_none_or(|gate| self.machine.may(gate));
        let fires = may && self.machine.holds(node);
        self.budget -= given - self.machine.left.min(given);
        match fires {
            _ if self.machine.exhausted => Answer::CutShort,
            true => Answer::Yes,
            false => Answer::No,
        }
    }

    /// How many steps all rules asked so far took.
    #[must_use]
    pub fn steps(&self) -> u64 {
        MESSAGE_STEPS_MAX - self.budget
    }

    /// What each part of a rule's outermost `and` says, with its place in the rule's text: why a
    /// rule does not fire.
    pub fn parts(&mut self, number: usize) -> Vec<(Span, Answer)> {
        let Some(root) = self.rules.roots.get(number) else { return Vec::new() };
        let answer = |(span, node): &(Span, NodeId)| {
            self.machine.left = RULE_STEPS_MAX;
            self.machine.exhausted = false;
            let truth = self.machine.test(*node);
            (*span, if self.machine.exhausted { Answer::CutShort } else { truth.into() })
        };
        root.parts.iter().map(answer).collect()
    }

    /// What made a rule true, most telling first; empty for a rule that is not.
    pub fn explain(&mut self, number: usize) -> Vec<Reason> {
        let Some(root) = self.rules.roots.get(number) else { return Vec::new() };
        self.machine.left = RULE_STEPS_MAX * 4;
        self.machine.exhausted = false;
        explain(&mut self.machine, root.node)
    }
}

/// A thousand times what an ordinary rule takes on an ordinary message.
const RULE_STEPS_MAX: u64 = 2_000_000;
/// A message may cost about a second, not more.
const MESSAGE_STEPS_MAX: u64 = 20_000_000;
const RULES_MAX: usize = 50_000;
const OPERATIONS_MAX: usize = 4_000_000;
