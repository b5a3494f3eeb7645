//! Calls in the text of a rule: which function is meant, whether its arguments fit, and the
//! operation that carries it out.

use crate::check::{Checker, Lowered};
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::functions::STANDARD;
use crate::kind::Type;
use crate::program::{FunctionRef, Match, NodeId, Op, PatternId, RegexUse};
use crate::syntax::{Argument, Call, Expression, Form};
use crate::types::{Body, Function, Ty};

impl Checker<'_> {
    pub(crate) fn call(&mut self, call: &Call, span: Span) -> Lowered {
        if let Some(iterator) = Iterator::parse(&call.name) {
            return self.iterate(iterator, call, span);
        }
        if let Some((how, fold)) = text_match(&call.name) {
            return self.text_match(how, fold, call, span);
        }
        if let Some((how, fold, whole)) = regex_use(&call.name) {
            return self.regex(how, fold, whole, call, span);
        }
        match call.name.as_str() {
            "length" => return self.length(call, span),
            "coalesce" => return self.coalesce(call, span),
            "flatten" => return self.flatten(call, span),
            "keys" | "values" => return self.of_map(call, span),
            _ => {}
        }
        match self.find(&call.name) {
            Some(function) => self.declared(function, call, span),
            None => self.unknown(call),
        }
    }

    fn find(&self, name: &str) -> Option<&'static Function> {
        let library = self.environment.library.functions.iter().flat_map(|all| all.iter());
        STANDARD.iter().chain(library).find(|function| function.name == name)
    }

    /// A function nobody here knows: a slip of the pen where a known one is near, else a part of
    /// the language that this program does not have.
    fn unknown(&mut self, call: &Call) -> Lowered {
        let library = self.environment.library.functions.iter().flat_map(|all| all.iter());
        let known = STANDARD.iter().chain(library).map(|function| function.name);
        let known = known.chain(LANGUAGE.iter().copied());
        if let Some(near) = nearest(&call.name, known) {
            let problem =
                Diagnostic::new(call.name_span, format!("there is no function `{}`", call.name));
            self.wrong(problem.hint(format!("did you mean `{near}`?")));
        } else if !call.name.contains('.') {
            let problem =
                Diagnostic::new(call.name_span, format!("there is no function `{}`", call.name));
            self.wrong(problem);
        }
        self.unsupported.insert(call.name.clone());
        self.null()
    }

    fn positional<'a>(
        &mut self,
        call: &'a Call,
        least: usize,
        most: usize,
        span: Span,
    ) -> Option<Vec<&'a Expression>> {
        if let Some(named) = call.arguments.iter().find_map(|argument| argument.name.as_ref()) {
            self.wrong(Diagnostic::new(
                span,
                format!("`{}` takes no argument named `{named}`", call.name),
            ));
            return None;
        }
        let count = call.arguments.len();
        if count < least || count > most {
            let wanted = if least == most {
                format!("{least}")
            } else if most == usize::MAX {
                format!("at least {least}")
            } else {
                format!("{least} to {most}")
            };
            self.wrong(Diagnostic::new(
                span,
                format!("`{}` takes {wanted} arguments, here are {count}", call.name),
            ));
            return None;
        }
        Some(call.arguments.iter().map(|argument| &argument.value).collect())
    }

    fn iterate(&mut self, iterator: Iterator, call: &Call, span: Span) -> Lowered {
        let least = if iterator.needs_body() { 2 } else { 1 };
        let Some(arguments) = self.positional(call, least, 2, span) else { return self.null() };
        let (Some(list), body) = (arguments.first().copied(), arguments.get(1).copied()) else {
            return self.null();
        };
        let (list_node, kind) = self.lower(list);
        let item = match &kind {
            Type::List(item) => (**item).clone(),
            Type::Set => Type::Text,
            Type::Any => Type::Any,
            other => {
                let problem =
                    Diagnostic::new(list.span, format!("expected a list, this is {other}"));
                self.wrong(problem);
                Type::Any
            }
        };
        self.scopes.push(item.clone());
        let body = body.map(|body| {
            if iterator.body_is_truth() { (self.truth(body), Type::Bool) } else { self.lower(body) }
        });
        self.scopes.pop();
        let op = self.iteration(iterator, list_node, body.as_ref().map(|(node, _)| *node));
        let kind = match iterator {
            Iterator::All | Iterator::Any => Type::Bool,
            Iterator::Filter | Iterator::Distinct => Type::list(item),
            Iterator::Map => Type::list(body.map_or(Type::Any, |(_, kind)| kind)),
            Iterator::Ratio => Type::Float,
            Iterator::Sum => match body.map_or(item, |(_, kind)| kind) {
                Type::Int => Type::Int,
                Type::Any | Type::Float => Type::Float,
                other => {
                    return self.fail(list.span, format!("expected numbers, these are {other}"));
                }
            },
        };
        (self.builder.add(op), kind)
    }

    fn iteration(&mut self, iterator: Iterator, list: NodeId, body: Option<NodeId>) -> Op {
        let test = body.unwrap_or(list);
        // Whatever is gone through may be looked for in texts.
        if let Some(Op::Set(set)) = self.builder.node(list).map(|node| &node.op) {
            let set = *set;
            self.builder.searched_set(set);
        }
        if let Some(op) = self.set_in_text(iterator, list, test) {
            return op;
        }
        match iterator {
            Iterator::All => Op::All { list, test },
            Iterator::Any => Op::Any { list, test },
            Iterator::Distinct => Op::Distinct { list, key: body },
            Iterator::Filter => Op::Filter { list, test },
            Iterator::Map => Op::Map { list, of: test },
            Iterator::Ratio => Op::Ratio { list, test },
            Iterator::Sum => Op::Sum { list, of: body },
        }
    }

    /// `any($list, strings.icontains(text, .))`: the entries become literals of the rule set, and
    /// the text is read once for all of them.
    fn set_in_text(&mut self, iterator: Iterator, list: NodeId, test: NodeId) -> Option<Op> {
        let keep = match iterator {
            Iterator::Any => false,
            Iterator::Filter => true,
            _ => return None,
        };
        let Op::Set(set) = self.builder.node(list)?.op else { return None };
        let Op::MatchValues { how: Match::Contains, fold, text, needles } =
            &self.builder.node(test)?.op
        else {
            return None;
        };
        let (fold, text) = (*fold, *text);
        let [needle] = &**needles else { return None };
        let is_item = matches!(self.builder.node(*needle)?.op, Op::Item(1));
        if !is_item || mentions(self.builder, text, 1) {
            return None;
        }
        Some(Op::SetInText { set, text, fold, keep })
    }

    fn text_match(&mut self, how: Match, fold: bool, call: &Call, span: Span) -> Lowered {
        let Some(arguments) = self.positional(call, 2, usize::MAX, span) else {
            return self.null();
        };
        let Some((text, needles)) = arguments.split_first() else { return self.null() };
        let text = self.text(text);
        let (mut literal, mut given) = (Vec::new(), Vec::new());
        for needle in needles {
            match &needle.form {
                Form::Text(needle) => literal.push(needle.clone()),
                _ => given.push(self.text(needle)),
            }
        }
        let mut nodes = Vec::new();
        if !literal.is_empty() {
            let room = self.builder.room(text);
            let needles = self.builder.needles(literal, how, fold, room);
            nodes.push(self.builder.add(Op::Match { how, fold, text, needles }));
        }
        if !given.is_empty() {
            let op = Op::MatchValues { how, fold, text, needles: given.into() };
            nodes.push(self.builder.add(op));
        }
        let node = match nodes.as_slice() {
            [one] => *one,
            _ => self.builder.add(Op::Or(nodes.into())),
        };
        (node, Type::Bool)
    }

    fn text(&mut self, expression: &Expression) -> NodeId {
        let (node, kind) = self.lower(expression);
        if !Type::Text.takes(&kind) {
            let problem =
                Diagnostic::new(expression.span, format!("expected a text, this is {kind}"));
            self.wrong(match kind {
                Type::List(_) | Type::Set => {
                    problem.hint("ask its items: `any(…, strings.contains(…, .))`")
                }
                _ => problem,
            });
        }
        node
    }

    fn regex(
        &mut self,
        how: RegexUse,
        fold: bool,
        whole: bool,
        call: &Call,
        span: Span,
    ) -> Lowered {
        let Some(arguments) = self.positional(call, 2, usize::MAX, span) else {
            return self.null();
        };
        let Some((text, patterns)) = arguments.split_first() else { return self.null() };
        let text = self.text(text);
        let room = self.builder.room(text);
        let mut ids: Vec<PatternId> = Vec::new();
        for pattern in patterns {
            let Form::Text(source) = &pattern.form else {
                self.wrong(
                    Diagnostic::new(pattern.span, "a pattern must be written out, as a text")
                        .hint("for what the message gives, use strings.contains"),
                );
                continue;
            };
            match self.builder.pattern(source, fold, whole, room) {
                Ok(id) => ids.push(id),
                Err(wrong) => {
                    self.wrong(
                        Diagnostic::new(pattern.span, format!("not a regular expression: {wrong}"))
                            .hint("the syntax is that of RE2: no look-around, no backreferences"),
                    );
                }
            }
        }
        let kind = match how {
            RegexUse::Contains => Type::Bool,
            RegexUse::Count => Type::Int,
            RegexUse::Extract => Type::list(Type::Record(crate::functions::RegexMatch::TYPE)),
        };
        (self.builder.add(Op::Regex { how, text, patterns: ids.into() }), kind)
    }

    fn length(&mut self, call: &Call, span: Span) -> Lowered {
        let Some(arguments) = self.positional(call, 1, 1, span) else { return self.null() };
        let Some(of) = arguments.first() else { return self.null() };
        let (node, kind) = self.lower(of);
        if !matches!(kind, Type::Any | Type::List(_) | Type::Map(_) | Type::Set | Type::Text) {
            self.wrong(Diagnostic::new(
                of.span,
                format!("expected a list or a text, this is {kind}"),
            ));
        }
        (self.builder.add(Op::Length(node)), Type::Int)
    }

    fn coalesce(&mut self, call: &Call, span: Span) -> Lowered {
        let Some(arguments) = self.positional(call, 1, usize::MAX, span) else {
            return self.null();
        };
        let lowered: Vec<Lowered> = arguments.into_iter().map(|one| self.lower(one)).collect();
        let kind =
            lowered.iter().map(|(_, kind)| kind.clone()).reduce(|one, other| one.joined(&other));
        let nodes: Vec<NodeId> = lowered.into_iter().map(|(node, _)| node).collect();
        (self.builder.add(Op::Coalesce(nodes.into())), kind.unwrap_or(Type::Any))
    }

    fn flatten(&mut self, call: &Call, span: Span) -> Lowered {
        let Some(arguments) = self.positional(call, 1, 1, span) else { return self.null() };
        let Some(of) = arguments.first() else { return self.null() };
        let (node, kind) = self.lower(of);
        let kind = match kind {
            Type::List(inner) => match &*inner {
                Type::List(inner) => Type::list((**inner).clone()),
                Type::Any => Type::list(Type::Any),
                other => Type::list(other.clone()),
            },
            Type::Any => Type::list(Type::Any),
            other => {
                return self.fail(of.span, format!("expected a list of lists, this is {other}"));
            }
        };
        let function = FunctionRef(crate::functions::FLATTEN);
        (self.builder.add(Op::Call { function, arguments: [node].into() }), kind)
    }

    fn of_map(&mut self, call: &Call, span: Span) -> Lowered {
        let Some(arguments) = self.positional(call, 1, 1, span) else { return self.null() };
        let Some(of) = arguments.first() else { return self.null() };
        let (node, kind) = self.lower(of);
        let inner = match kind {
            Type::Map(inner) => (*inner).clone(),
            Type::Any => Type::Any,
            other => return self.fail(of.span, format!("expected a map, this is {other}")),
        };
        let (function, item) = if call.name == "keys" {
            (crate::functions::KEYS, Type::Text)
        } else {
            (crate::functions::VALUES, inner)
        };
        let function = FunctionRef(function);
        (self.builder.add(Op::Call { function, arguments: [node].into() }), Type::list(item))
    }

    fn declared(&mut self, function: &'static Function, call: &Call, span: Span) -> Lowered {
        let arguments = self.arguments(function, &call.arguments, span);
        if matches!(function.body, Body::Unsupported) {
            self.unsupported.insert(function.name.to_owned());
        }
        let op = match self.prepared(function, &arguments) {
            Some(op) => op,
            None => Op::Call { function: FunctionRef(function), arguments: arguments.into() },
        };
        (self.builder.add(op), Type::from(function.result))
    }

    /// The call with what follows its first argument prepared, where that is texts of the rule.
    fn prepared(&mut self, function: &'static Function, arguments: &[NodeId]) -> Option<Op> {
        let Body::Prepared(prepare, _) = function.body else { return None };
        let (known, rest) = arguments.split_at_checked(1)?;
        let text = |id: &NodeId| match self.builder.node(*id).map(|node| &node.op) {
            Some(Op::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let texts = rest.iter().map(text).collect::<Option<Vec<_>>>()?;
        let prepared = self.builder.prepared(function, texts, prepare);
        Some(Op::CallPrepared {
            function: FunctionRef(function),
            arguments: known.into(),
            prepared,
        })
    }

    /// The arguments in the order of the parameters, null for what is left out, then the rest.
    fn arguments(
        &mut self,
        function: &'static Function,
        given: &[Argument],
        span: Span,
    ) -> Vec<NodeId> {
        let null = self.builder.add(Op::Null);
        let mut nodes = vec![None; function.parameters.len()];
        let mut rest = Vec::new();
        let mut next = 0;
        for argument in given {
            let place = match &argument.name {
                Some(name) => {
                    let place = function.parameters.iter().position(|known| known.name == name);
                    if place.is_none() {
                        let names = function.parameters.iter().map(|known| known.name);
                        let message =
                            format!("`{}` takes no argument named `{name}`", function.name);
                        let problem = Diagnostic::new(argument.value.span, message);
                        self.wrong(match nearest(name, names) {
                            Some(near) => problem.hint(format!("did you mean `{near}`?")),
                            None => problem,
                        });
                        continue;
                    }
                    place
                }
                None => {
                    next += 1;
                    Some(next - 1).filter(|place| *place < function.parameters.len())
                }
            };
            let wanted = match place {
                Some(place) => function.parameters.get(place).map_or(Ty::Any, |known| known.ty),
                None => function.rest.unwrap_or_else(|| {
                    let message = format!("too many arguments for `{}`", function.name);
                    self.wrong(Diagnostic::new(argument.value.span, message));
                    Ty::Any
                }),
            };
            let (node, kind) = self.lower(&argument.value);
            let wanted = Type::from(wanted);
            if !wanted.takes(&kind) {
                let message = format!("expected {wanted}, this is {kind}");
                self.wrong(Diagnostic::new(argument.value.span, message));
            }
            match place.and_then(|place| nodes.get_mut(place)) {
                Some(slot) => *slot = Some(node),
                None => rest.push(node),
            }
        }
        for (parameter, node) in function.parameters.iter().zip(&nodes) {
            if !parameter.optional && node.is_none() {
                let message =
                    format!("`{}` needs its argument `{}`", function.name, parameter.name);
                self.wrong(Diagnostic::new(span, message));
            }
        }
        nodes.into_iter().map(|node| node.unwrap_or(null)).chain(rest).collect()
    }
}

/// The functions that are worked out once for each item of a list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Iterator {
    All,
    Any,
    Distinct,
    Filter,
    Map,
    Ratio,
    Sum,
}

impl Iterator {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "all" => Self::All,
            "any" => Self::Any,
            "distinct" => Self::Distinct,
            "filter" => Self::Filter,
            "map" => Self::Map,
            "ratio" => Self::Ratio,
            "sum" => Self::Sum,
            _ => return None,
        })
    }

    fn needs_body(self) -> bool {
        !matches!(self, Self::Distinct | Self::Sum)
    }

    fn body_is_truth(self) -> bool {
        matches!(self, Self::All | Self::Any | Self::Filter | Self::Ratio)
    }
}

fn text_match(name: &str) -> Option<(Match, bool)> {
    Some(match name.strip_prefix("strings.").unwrap_or(name) {
        "contains" => (Match::Contains, false),
        "icontains" => (Match::Contains, true),
        "starts_with" => (Match::StartsWith, false),
        "istarts_with" => (Match::StartsWith, true),
        "ends_with" => (Match::EndsWith, false),
        "iends_with" => (Match::EndsWith, true),
        "like" => (Match::Like, false),
        "ilike" => (Match::Like, true),
        _ => return None,
    })
}

/// What is wanted, whether case counts, and whether the whole text must match.
fn regex_use(name: &str) -> Option<(RegexUse, bool, bool)> {
    Some(match name.strip_prefix("regex.")? {
        "contains" => (RegexUse::Contains, false, false),
        "icontains" => (RegexUse::Contains, true, false),
        "match" => (RegexUse::Contains, false, true),
        "imatch" => (RegexUse::Contains, true, true),
        "count" => (RegexUse::Count, false, false),
        "icount" => (RegexUse::Count, true, false),
        "extract" => (RegexUse::Extract, false, false),
        "iextract" => (RegexUse::Extract, true, false),
        _ => return None,
    })
}

/// Whether an operation speaks of the item of the given iteration around it.
fn mentions(builder: &crate::builder::Builder, id: NodeId, level: u8) -> bool {
    let Some(node) = builder.node(id) else { return false };
    if node.free < level {
        return false;
    }
    if let Op::Item(item) = node.op {
        return item == level;
    }
    crate::analysis::scoped_parts(&node.op)
        .into_iter()
        .any(|(part, deeper)| mentions(builder, part, level + u8::from(deeper)))
}

/// The functions of the language itself, for near names.
const LANGUAGE: [&str; 27] = [
    "all",
    "any",
    "coalesce",
    "distinct",
    "filter",
    "flatten",
    "keys",
    "length",
    "map",
    "ratio",
    "regex.contains",
    "regex.count",
    "regex.extract",
    "regex.icontains",
    "regex.icount",
    "regex.iextract",
    "regex.imatch",
    "regex.match",
    "strings.contains",
    "strings.ends_with",
    "strings.icontains",
    "strings.iends_with",
    "strings.ilike",
    "strings.istarts_with",
    "strings.like",
    "strings.starts_with",
    "sum",
];
