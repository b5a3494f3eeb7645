//! What `$filter` means: its terms, read strictly, and whether a resource meets them.
//!
//! Equality, order of times, `any` over a collection, `and`, `or` and parentheses; functions and
//! `not` are refused as the service refuses them without an eventual consistency level.

use jiff::Timestamp;

use super::{QueryError, UNSUPPORTED, no_property};

/// What a property holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Boolean,
    Text,
    Texts,
    Time,
}

/// What a property of one resource holds, as a filter looks at it.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Boolean(bool),
    Text(String),
    Texts(Vec<String>),
    Time(Timestamp),
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    And(Box<Self>, Box<Self>),
    Any { property: String, literal: Literal },
    Compare { property: String, operator: Operator, literal: Literal },
    Or(Box<Self>, Box<Self>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Boolean(bool),
    Text(String),
    Time(Timestamp),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operator {
    Equal,
    GreaterOrEqual,
    Greater,
    LessOrEqual,
    Less,
    NotEqual,
}

impl Filter {
    /// Whether a resource meets the condition; texts compare as `alike` says.
    pub(crate) fn matches(
        &self,
        value_of: &dyn Fn(&str) -> Option<Value>,
        alike: fn(&str, &str) -> bool,
    ) -> bool {
        match self {
            Self::And(left, right) => {
                left.matches(value_of, alike) && right.matches(value_of, alike)
            }
            Self::Or(left, right) => {
                left.matches(value_of, alike) || right.matches(value_of, alike)
            }
            Self::Any { property, literal } => match (value_of(property), literal) {
                (Some(Value::Texts(texts)), Literal::Text(wanted)) => {
                    texts.iter().any(|text| alike(text, wanted))
                }
                _ => false,
            },
            Self::Compare { property, operator, literal } => match (value_of(property), literal) {
                (Some(Value::Text(text)), Literal::Text(wanted)) => {
                    alike(&text, wanted) == (*operator == Operator::Equal)
                }
                (Some(Value::Boolean(value)), Literal::Boolean(wanted)) => {
                    (value == *wanted) == (*operator == Operator::Equal)
                }
                (Some(Value::Time(time)), Literal::Time(wanted)) => operator.holds(&time, wanted),
                _ => false,
            },
        }
    }

    /// The properties it names, in the order it names them.
    pub(crate) fn properties(&self) -> Vec<&str> {
        match self {
            Self::And(left, right) | Self::Or(left, right) => {
                let mut all = left.properties();
                all.extend(right.properties());
                all
            }
            Self::Any { property, .. } | Self::Compare { property, .. } => vec![property],
        }
    }

    /// The text that one of a collection must be, where the filter asks for nothing else: whoever
    /// has an index need not look at each.
    pub(crate) fn one_of(&self, collection: &str) -> Option<&str> {
        match self {
            Self::Any { property, literal: Literal::Text(text) } if property == collection => {
                Some(text)
            }
            _ => None,
        }
    }

    /// Whether it asks for anything but equality.
    pub(crate) fn has_not_equal(&self) -> bool {
        match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.has_not_equal() || right.has_not_equal()
            }
            Self::Any { .. } => false,
            Self::Compare { operator, .. } => *operator == Operator::NotEqual,
        }
    }

    pub(super) fn check(&self, known: &[(&str, Kind)], type_name: &str) -> Result<(), QueryError> {
        let kind_of = |name: &str| {
            let found = known.iter().find(|(known, _)| *known == name);
            found.map(|(_, kind)| *kind).ok_or_else(|| no_property(name, type_name))
        };
        match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.check(known, type_name)?;
                right.check(known, type_name)
            }
            Self::Any { property, literal } => match (kind_of(property)?, literal) {
                (Kind::Texts, Literal::Text(_)) => Ok(()),
                _ => Err(QueryError::filter("'any' needs a collection of texts.")),
            },
            Self::Compare { property, operator, literal } => {
                let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
                match (kind_of(property)?, literal) {
                    (Kind::Text, Literal::Text(_)) if equality => Ok(()),
                    (Kind::Boolean, Literal::Boolean(_)) if equality => Ok(()),
                    (Kind::Time, Literal::Time(_)) => Ok(()),
                    _ => Err(QueryError::filter(format!(
                        "Operator or operand is incompatible with '{property}'."
                    ))),
                }
            }
        }
    }
}

impl Operator {
    fn named(word: &str) -> Option<Self> {
        match word {
            "eq" => Some(Self::Equal),
            "ge" => Some(Self::GreaterOrEqual),
            "gt" => Some(Self::Greater),
            "le" => Some(Self::LessOrEqual),
            "lt" => Some(Self::Less),
            "ne" => Some(Self::NotEqual),
            _ => None,
        }
    }

    fn holds(self, left: &Timestamp, right: &Timestamp) -> bool {
        match self {
            Self::Equal => left == right,
            Self::GreaterOrEqual => left >= right,
            Self::Greater => left > right,
            Self::LessOrEqual => left <= right,
            Self::Less => left < right,
            Self::NotEqual => left != right,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Close,
    Colon,
    Open,
    Quoted(String),
    Word(String),
}

pub(super) struct Parser {
    tokens: std::vec::IntoIter<Token>,
    ahead: Option<Token>,
    depth: usize,
}

impl Parser {
    pub(super) fn new(text: &str) -> Result<Self, QueryError> {
        let mut tokens = tokens(text)?.into_iter();
        let ahead = tokens.next();
        Ok(Self { tokens, ahead, depth: 0 })
    }

    pub(super) fn whole(mut self) -> Result<Filter, QueryError> {
        let filter = self.either()?;
        match self.ahead {
            None => Ok(filter),
            Some(token) => Err(QueryError::filter(format!("Syntax error at {token:?}."))),
        }
    }

    fn take(&mut self) -> Option<Token> {
        let next = self.tokens.next();
        std::mem::replace(&mut self.ahead, next)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_it = matches!(&self.ahead, Some(Token::Word(ahead)) if ahead == word);
        if is_it {
            self.take();
        }
        is_it
    }

    fn expect(&mut self, token: &Token) -> Result<(), QueryError> {
        match self.take() {
            Some(taken) if taken == *token => Ok(()),
            _ => Err(QueryError::filter(format!("{token:?} expected."))),
        }
    }

    fn either(&mut self) -> Result<Filter, QueryError> {
        let mut filter = self.both()?;
        while self.take_word("or") {
            filter = Filter::Or(Box::new(filter), Box::new(self.both()?));
        }
        Ok(filter)
    }

    fn both(&mut self) -> Result<Filter, QueryError> {
        let mut filter = self.single()?;
        while self.take_word("and") {
            filter = Filter::And(Box::new(filter), Box::new(self.single()?));
        }
        Ok(filter)
    }

    fn single(&mut self) -> Result<Filter, QueryError> {
        self.depth += 1;
        if self.depth > TERMS_MAX {
            return Err(QueryError::filter("The filter has too many terms."));
        }
        match self.take() {
            Some(Token::Open) => {
                let filter = self.either()?;
                self.expect(&Token::Close)?;
                Ok(filter)
            }
            Some(Token::Word(word)) => match word.strip_suffix("/any") {
                Some(property) => self.any(property),
                None => self.compare(word),
            },
            _ => Err(QueryError::filter("A condition was expected.")),
        }
    }

    /// `(p:p eq 'text')`
    fn any(&mut self, property: &str) -> Result<Filter, QueryError> {
        self.expect(&Token::Open)?;
        let Some(Token::Word(variable)) = self.take() else {
            return Err(QueryError::filter("A range variable was expected."));
        };
        self.expect(&Token::Colon)?;
        if !self.take_word(&variable) || !self.take_word("eq") {
            return Err(QueryError::filter("'any' is supported with 'eq' only."));
        }
        let literal = self.literal()?;
        self.expect(&Token::Close)?;
        Ok(Filter::Any { property: property.to_owned(), literal })
    }

    fn compare(&mut self, property: String) -> Result<Filter, QueryError> {
        if self.ahead == Some(Token::Open) || property == "not" {
            let message = format!("The function '{property}' is not supported here.");
            return Err(QueryError::new(UNSUPPORTED, message));
        }
        let operator = match self.take() {
            Some(Token::Word(word)) => Operator::named(&word),
            _ => None,
        };
        let operator = operator.ok_or_else(|| QueryError::filter("An operator was expected."))?;
        Ok(Filter::Compare { property, operator, literal: self.literal()? })
    }

    fn literal(&mut self) -> Result<Literal, QueryError> {
        match self.take() {
            Some(Token::Quoted(text)) => Ok(Literal::Text(text)),
            Some(Token::Word(word)) if word == "true" => Ok(Literal::Boolean(true)),
            Some(Token::Word(word)) if word == "false" => Ok(Literal::Boolean(false)),
            Some(Token::Word(word)) => word
                .parse()
                .map(Literal::Time)
                .map_err(|_| QueryError::filter(format!("'{word}' is not a value."))),
            _ => Err(QueryError::filter("A value was expected.")),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, QueryError> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or("");
        rest = match first {
            ' ' => after,
            '(' | ')' | ':' => {
                tokens.push(match first {
                    '(' => Token::Open,
                    ')' => Token::Close,
                    _ => Token::Colon,
                });
                after
            }
            '\'' => {
                let (quoted, after) = quoted(after)?;
                // A text ends where a term ends: `'it's'` is an error, not two terms.
                if after.starts_with(|next: char| next != ' ' && next != ')') {
                    return Err(QueryError::filter("A quote inside a text must be doubled."));
                }
                tokens.push(Token::Quoted(quoted));
                after
            }
            _ => {
                let (word, after) = word(rest, tokens.last());
                tokens.push(Token::Word(word.to_owned()));
                after
            }
        };
    }
    Ok(tokens)
}

/// The text up to its closing quote, and what follows it.
fn quoted(text: &str) -> Result<(String, &str), QueryError> {
    let mut quoted = String::new();
    let mut rest = text;
    loop {
        let Some((before, after)) = rest.split_once('\'') else {
            return Err(QueryError::filter("There is an unterminated text."));
        };
        quoted.push_str(before);
        let Some(doubled) = after.strip_prefix('\'') else { return Ok((quoted, after)) };
        quoted.push('\'');
        rest = doubled;
    }
}

/// A bare word. A colon ends a range variable and belongs to a time.
fn word<'t>(text: &'t str, before: Option<&Token>) -> (&'t str, &'t str) {
    let in_time =
        matches!(before, Some(Token::Word(operator)) if Operator::named(operator).is_some());
    let ends = |next: char| matches!(next, ' ' | '(' | ')' | '\'') || (next == ':' && !in_time);
    let end = text.find(ends).unwrap_or(text.len());
    text.split_at_checked(end.max(1)).unwrap_or((text, ""))
}

const TERMS_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::odata::Query;

    const KNOWN: &[(&str, Kind)] = &[
        ("internetMessageId", Kind::Text),
        ("isRead", Kind::Boolean),
        ("receivedDateTime", Kind::Time),
        ("proxyAddresses", Kind::Texts),
    ];

    fn filter(raw: &str) -> Result<Filter, QueryError> {
        let query = Query::read(raw, &["$filter"])?;
        query.filter(KNOWN, "message").map(|filter| filter.expect("a filter"))
    }

    fn text(property: &str, text: &str) -> Filter {
        Filter::Compare {
            property: property.to_owned(),
            operator: Operator::Equal,
            literal: Literal::Text(text.to_owned()),
        }
    }

    #[test]
    fn literals_table() {
        let rows = [
            ("escaped", "$filter=internetMessageId%20eq%20%27%3Ca%2Bb%3E%27", "<a+b>"),
            ("a bare plus is a space", "$filter=internetMessageId+eq+'<a+b>'", "<a b>"),
            ("a doubled quote", "$filter=internetMessageId eq 'it''s'", "it's"),
            ("empty", "$filter=internetMessageId eq ''", ""),
        ];
        for (rule, raw, wanted) in rows {
            assert_eq!(filter(raw), Ok(text("internetMessageId", wanted)), "{rule}");
        }
    }

    #[test]
    fn refused_filters() {
        for raw in [
            "$filter=internetMessageId eq 'it's'",
            "$filter=internetMessageId eq 'open",
            "$filter=internetMessageId eq",
            "$filter=internetMessageId 'x'",
            "$filter=nothing eq 'x'",
            "$filter=isRead eq 'x'",
            "$filter=isRead gt true",
            "$filter=",
            "$filter=(isRead eq true",
            "$filter=isRead eq true)",
            "$filter=proxyAddresses eq 'smtp:a'",
            "$filter=proxyAddresses/any(p:q eq 'smtp:a')",
            "$filter=startswith(internetMessageId,'x')",
            "$filter=not isRead eq true",
            "filter=isRead eq true",
            "$filter=isRead eq true&$filter=isRead eq true",
            "$filter=%FF",
        ] {
            assert!(filter(raw).is_err(), "{raw}");
        }
        let deep = format!("$filter={}isRead eq true", "(".repeat(4_000));
        assert!(filter(&deep).is_err());
    }

    #[test]
    fn a_time_and_a_range_variable_both_hold_colons() {
        assert!(filter("$filter=receivedDateTime ge 2026-09-15T08:00:00Z").is_ok());
        let any = filter("$filter=proxyAddresses/any(p:p eq 'smtp:a@corp.example')");
        let wanted = Filter::Any {
            property: "proxyAddresses".to_owned(),
            literal: Literal::Text("smtp:a@corp.example".to_owned()),
        };
        assert_eq!(any, Ok(wanted));
    }

    #[test]
    fn and_binds_closer_than_or() {
        let left = filter("$filter=isRead eq true or isRead eq false and isRead eq true");
        assert!(matches!(left, Ok(Filter::Or(..))), "{left:?}");
    }
}
