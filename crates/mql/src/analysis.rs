//! What is known of an operation before any message: what it speaks of, what it costs, and what it
//! can come to.

use crate::builder::Builder;
use crate::program::{FunctionRef, NodeId, Op, Possible};
use crate::types::{Body, Cost};

/// What is known of one operation.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) free: u8,
    pub(crate) cost: u32,
    pub(crate) can: Possible,
}

impl Facts {
    pub(crate) fn of(builder: &Builder, op: &Op) -> Self {
        Self { free: free(builder, op), cost: cost(builder, op), can: can(builder, op) }
    }
}

/// The operations that an operation refers to.
pub(crate) fn parts(op: &Op) -> Vec<NodeId> {
    match op {
        Op::All { list, test }
        | Op::Any { list, test }
        | Op::Filter { list, test }
        | Op::Ratio { list, test } => vec![*list, *test],
        Op::And(all) | Op::Or(all) | Op::Coalesce(all) | Op::List(all) => all.to_vec(),
        Op::Arithmetic { left, right, .. } | Op::Compare { left, right, .. } => {
            vec![*left, *right]
        }
        Op::AtLeast { count, of } => [&[*count], &**of].concat(),
        Op::Call { arguments, .. } | Op::CallPrepared { arguments, .. } => arguments.to_vec(),
        Op::Distinct { list, key } => std::iter::once(*list).chain(*key).collect(),
        Op::Sum { list, of } => std::iter::once(*list).chain(*of).collect(),
        Op::If { condition, yes, no } => vec![*condition, *yes, *no],
        Op::In { needle, hay, .. } => vec![*needle, *hay],
        Op::Index { of, at } => vec![*of, *at],
        Op::Map { list, of } => vec![*list, *of],
        Op::MatchValues { text, needles, .. } => [&[*text], &**needles].concat(),
        Op::Field { of: one, .. }
        | Op::Named { of: one, .. }
        | Op::InTexts { needle: one, .. }
        | Op::IsNull(one)
        | Op::Length(one)
        | Op::Match { text: one, .. }
        | Op::Negative(one)
        | Op::Not(one)
        | Op::Regex { text: one, .. }
        | Op::SameText { of: one, .. }
        | Op::SetInText { text: one, .. } => vec![*one],
        Op::Bool(_)
        | Op::Float(_)
        | Op::Int(_)
        | Op::Item(_)
        | Op::Null
        | Op::Root { .. }
        | Op::Set(_)
        | Op::TenantList { .. }
        | Op::Text(_) => Vec::new(),
    }
}

/// The operations that an operation refers to, and whether each is worked out for an item: then
/// it is the last one.
pub(crate) fn scoped_parts(op: &Op) -> Vec<(NodeId, bool)> {
    let has_inner = match op {
        Op::All { .. }
        | Op::Any { .. }
        | Op::Filter { .. }
        | Op::Ratio { .. }
        | Op::Map { .. }
        | Op::SetInText { .. } => true,
        Op::Sum { of: key, .. } | Op::Distinct { key, .. } => key.is_some(),
        _ => false,
    };
    let parts = parts(op);
    let last = parts.len().wrapping_sub(1);
    let scoped = |(at, part)| (part, has_inner && at == last);
    parts.into_iter().enumerate().map(scoped).collect()
}

/// Whether the operation gives true, false or null and nothing else.
pub(crate) fn is_truth(op: &Op) -> bool {
    use crate::program::RegexUse;
    match op {
        Op::All { .. }
        | Op::And(_)
        | Op::Any { .. }
        | Op::AtLeast { .. }
        | Op::Bool(_)
        | Op::Compare { .. }
        | Op::In { .. }
        | Op::InTexts { .. }
        | Op::IsNull(_)
        | Op::Match { .. }
        | Op::MatchValues { .. }
        | Op::Not(_)
        | Op::Or(_)
        | Op::SameText { .. } => true,
        Op::Regex { how, .. } => *how == RegexUse::Contains,
        Op::SetInText { keep, .. } => !keep,
        _ => false,
    }
}

fn free(builder: &Builder, op: &Op) -> u8 {
    let of = |id: NodeId| builder.node(id).map_or(0, |node| node.free);
    if let Op::Item(level) = op {
        return *level;
    }
    let each = scoped_parts(op).into_iter();
    each.map(|(part, is_inner)| of(part).saturating_sub(u8::from(is_inner))).max().unwrap_or(0)
}

fn cost(builder: &Builder, op: &Op) -> u32 {
    let of = |id: NodeId| builder.node(id).map_or(1, |node| node.cost);
    let items = match parts(op).first().and_then(|list| builder.node(*list)).map(|it| &it.op) {
        Some(Op::Set(set)) => u32::try_from(builder.set_len(*set)).unwrap_or(u32::MAX),
        _ => ITEMS_GUESS,
    };
    let each = |(part, is_inner): (NodeId, bool)| {
        of(part).saturating_mul(if is_inner { items } else { 1 })
    };
    let inside: u32 = scoped_parts(op).into_iter().map(each).fold(0, u32::saturating_add);
    let own = match op {
        Op::Bool(_) | Op::Float(_) | Op::Int(_) | Op::Null | Op::Text(_) | Op::Item(_) => 0,
        Op::Call { function, .. } | Op::CallPrepared { function, .. } => match function.0.cost {
            Cost::Low => 20,
            Cost::Text => 500,
            Cost::High => 20_000,
        },
        // The host makes it anew each time it is asked.
        Op::TenantList { .. } => 20,
        Op::Match { needles: _, .. } => 6,
        Op::MatchValues { needles, .. } => 10 * u32::try_from(needles.len()).unwrap_or(u32::MAX),
        Op::Regex { patterns, .. } => patterns
            .iter()
            .fold(0_u32, |sum, id| sum.saturating_add(if builder.is_cheap(*id) { 8 } else { 300 })),
        Op::SetInText { set, .. } => {
            u32::try_from(builder.set_len(*set)).unwrap_or(u32::MAX).saturating_mul(2)
        }
        _ => 1,
    };
    inside.saturating_add(own)
}

fn can(builder: &Builder, op: &Op) -> Possible {
    let of = |id: NodeId| builder.node(id).map_or(Possible::ANY, |node| node.can);
    let all = |ids: &[NodeId]| ids.iter().map(|id| of(*id)).collect::<Vec<_>>();
    match op {
        Op::Null => Possible::NULL,
        Op::Bool(truth) => Possible { yes: *truth, no: !truth, null: false },
        Op::And(items) => every(&all(items)),
        Op::Or(items) => not(every(&all(items).into_iter().map(not).collect::<Vec<_>>())),
        Op::Not(inner) => not(of(*inner)),
        Op::AtLeast { count, of: items } => at_least(builder, *count, &all(items)),
        Op::IsNull(inner) => {
            let inner = of(*inner);
            Possible { yes: inner.null, no: inner.yes || inner.no, null: false }
        }
        Op::Any { list, test } => {
            if of(*list).only_null() {
                return Possible::NULL;
            }
            Possible { no: true, ..of(*test) }
        }
        Op::All { list, test } => {
            if of(*list).only_null() {
                return Possible::NULL;
            }
            Possible { yes: true, ..of(*test) }
        }
        Op::Filter { list, .. } | Op::Map { list, .. } | Op::Ratio { list, .. } => {
            Possible::strict(&[of(*list)])
        }
        Op::Coalesce(items) => {
            let items = all(items);
            Possible {
                yes: items.iter().any(|item| item.yes),
                no: items.iter().any(|item| item.no),
                null: items.iter().all(|item| item.null),
            }
        }
        Op::If { condition, yes, no } => {
            let (condition, yes, no) = (of(*condition), of(*yes), of(*no));
            let either = |get: fn(Possible) -> bool| {
                (condition.yes && get(yes)) || (condition.no && get(no))
            };
            Possible {
                yes: either(|p| p.yes),
                no: either(|p| p.no),
                null: condition.null || either(|p| p.null),
            }
        }
        Op::List(_) => Possible { yes: true, no: false, null: false },
        Op::Call { function, arguments } | Op::CallPrepared { function, arguments, .. } => {
            call(*function, &all(arguments))
        }
        Op::SetInText { .. } => Possible::ANY,
        _ => Possible::strict(&all(&parts(op))),
    }
}

fn call(function: FunctionRef, arguments: &[Possible]) -> Possible {
    if matches!(function.0.body, Body::Unsupported) {
        return Possible::NULL;
    }
    let required = function.0.parameters.iter().zip(arguments);
    let missing =
        required.into_iter().any(|(parameter, can)| !parameter.optional && can.only_null());
    if missing { Possible::NULL } else { Possible::ANY }
}

fn not(of: Possible) -> Possible {
    Possible { yes: of.no, no: of.yes, null: of.null }
}

fn every(items: &[Possible]) -> Possible {
    Possible {
        yes: items.iter().all(|item| item.yes),
        no: items.iter().any(|item| item.no),
        null: items.iter().any(|item| item.null) && items.iter().all(|item| item.yes || item.null),
    }
}

fn at_least(builder: &Builder, count: NodeId, items: &[Possible]) -> Possible {
    let Some(Op::Int(least)) = builder.node(count).map(|node| &node.op) else {
        return Possible::ANY;
    };
    let count = |test: fn(&Possible) -> bool| {
        i64::try_from(items.iter().filter(|item| test(item)).count()).unwrap_or(i64::MAX)
    };
    Possible {
        yes: count(|item| item.yes) >= *least,
        no: count(|item| !item.no && !item.null) < *least,
        null: count(|item| item.null) > 0,
    }
}

/// How many items a list is taken to have when costs are compared.
const ITEMS_GUESS: u32 = 6;
