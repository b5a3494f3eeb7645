//! The functions of expressions.

use super::Item;
use super::evaluate::{Context, Evaluation, Got};
use super::parse::Expr;

/// Calls a function; `None` for one that does not exist.
pub(super) fn call(
    evaluation: &Evaluation<'_>,
    name: &str,
    arguments: &[Expr],
    context: Context,
) -> Option<Got> {
    let argument = |index: usize| evaluation.evaluate(arguments.get(index)?, context);
    let text = |index: usize| evaluation.text(&argument(index)?);
    let number = |index: usize| Some(evaluation.number(&argument(index)?));
    // The text of the node itself where no argument is given.
    let own_text = || match arguments {
        [] => evaluation.text_of(context.item),
        _ => text(0),
    };
    Some(match name {
        "boolean" => Got::Bool(evaluation.truth(&argument(0)?)),
        "ceiling" => Got::Number(number(0)?.ceil()),
        "concat" => {
            let texts: Option<Vec<String>> = (0..arguments.len()).map(text).collect();
            let whole = texts?.concat();
            evaluation.spend(whole.len())?;
            Got::Text(whole)
        }
        "contains" => Got::Bool(text(0)?.contains(&text(1)?)),
        "count" => match argument(0)? {
            Got::Nodes(nodes) => Got::Number(count(nodes.len())),
            _ => return None,
        },
        "ends-with" => Got::Bool(text(0)?.ends_with(&text(1)?)),
        "false" => Got::Bool(false),
        "floor" => Got::Number(number(0)?.floor()),
        "last" => Got::Number(count(context.last)),
        "local-name" | "name" => Got::Text(name_of(evaluation, arguments, context, name)?),
        "lower-case" => Got::Text(text(0)?.to_lowercase()),
        "normalize-space" => {
            Got::Text(own_text()?.split_whitespace().collect::<Vec<_>>().join(" "))
        }
        "not" => Got::Bool(!evaluation.truth(&argument(0)?)),
        "number" => match arguments {
            [] => Got::Number(evaluation.number(&Got::Nodes(vec![context.item]))),
            _ => Got::Number(number(0)?),
        },
        "position" => Got::Number(count(context.position)),
        "round" => Got::Number((number(0)? + 0.5).floor()),
        "starts-with" => Got::Bool(text(0)?.starts_with(&text(1)?)),
        "string" => Got::Text(own_text()?),
        "string-length" => Got::Number(count(own_text()?.chars().count())),
        "substring" => {
            let length = if arguments.len() > 2 { Some(number(2)?) } else { None };
            Got::Text(substring(&text(0)?, number(1)?, length))
        }
        "substring-after" => Got::Text(
            text(0)?.split_once(&text(1)?).map(|(_, after)| after.to_owned()).unwrap_or_default(),
        ),
        "substring-before" => Got::Text(
            text(0)?.split_once(&text(1)?).map(|(before, _)| before.to_owned()).unwrap_or_default(),
        ),
        "sum" => Got::Number(sum(evaluation, argument(0)?)?),
        "translate" => Got::Text(translate(&text(0)?, &text(1)?, &text(2)?)),
        "true" => Got::Bool(true),
        "upper-case" => Got::Text(text(0)?.to_uppercase()),
        _ => return None,
    })
}

/// The sum of the numbers of nodes; `None` for what are no nodes.
fn sum(evaluation: &Evaluation<'_>, of: Got) -> Option<f64> {
    let Got::Nodes(nodes) = of else { return None };
    Some(nodes.into_iter().map(|node| evaluation.number(&Got::Nodes(vec![node]))).sum())
}

/// The name of a node, for `local-name` without what stands before its colon.
fn name_of(
    evaluation: &Evaluation<'_>,
    arguments: &[Expr],
    context: Context,
    function: &str,
) -> Option<String> {
    let item = match arguments.first() {
        None => context.item,
        Some(argument) => match evaluation.evaluate(argument, context)? {
            Got::Nodes(nodes) => match nodes.first() {
                Some(first) => *first,
                None => return Some(String::new()),
            },
            _ => return None,
        },
    };
    let name = match item {
        Item::Node(node) => evaluation.dom.name(node).into_owned(),
        Item::Attribute(node, place) => {
            let found = evaluation.dom.attributes(node).nth(place);
            found.map(|(name, _)| name.to_ascii_lowercase()).unwrap_or_default()
        }
    };
    match name.rsplit_once(':') {
        Some((_, local)) if function == "local-name" => Some(local.to_owned()),
        _ => Some(name),
    }
}

/// Characters from a place on, the first being 1, with the rounding that the language asks for.
fn substring(text: &str, start: f64, length: Option<f64>) -> String {
    let round = |number: f64| (number + 0.5).floor();
    let start = round(start);
    let end = length.map_or(f64::INFINITY, |length| start + round(length));
    let places = text.chars().enumerate();
    places
        .filter(|(place, _)| (start..end).contains(&count(place + 1)))
        .map(|(_, character)| character)
        .collect()
}

fn translate(text: &str, from: &str, to: &str) -> String {
    let replaced = |character: char| match from.chars().position(|other| other == character) {
        None => Some(character),
        Some(place) => to.chars().nth(place),
    };
    text.chars().filter_map(replaced).collect()
}

#[expect(clippy::cast_precision_loss, reason = "pages have few nodes and characters")]
const fn count(number: usize) -> f64 {
    number as f64
}
