//! The shape of a rule: what its text says, before anything is known of types.

use crate::diagnostic::Span;

/// An expression and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expression {
    pub(crate) form: Form,
    pub(crate) span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Form {
    And(Vec<Expression>),
    Arithmetic(Arithmetic, Box<Expression>, Box<Expression>),
    /// `[a, b]`, and `(a, b)` of more than one.
    Array(Vec<Expression>),
    /// `n of (…)`.
    AtLeast(Box<Expression>, Vec<Expression>),
    Bool(bool),
    Call(Call),
    /// `a < b < c`: the first operand, and what each is compared with.
    Compare(Box<Expression>, Vec<(Comparison, Expression)>),
    Field(Box<Expression>, String),
    Float(f64),
    If(Box<Expression>, Box<Expression>, Box<Expression>),
    In {
        needle: Box<Expression>,
        hay: Box<Expression>,
        fold: bool,
        negated: bool,
    },
    Index(Box<Expression>, Box<Expression>),
    Int(i64),
    IsNull {
        of: Box<Expression>,
        negated: bool,
    },
    /// The item of the innermost iteration (1), or of the one around it (2), …
    Item(usize),
    /// `$name`.
    List(String),
    Negative(Box<Expression>),
    Not(Box<Expression>),
    Null,
    Or(Vec<Expression>),
    /// A field of the message.
    Root(String),
    Text(Box<str>),
}

/// `module.function(a, name=b)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) name_span: Span,
    pub(crate) arguments: Vec<Argument>,
}

/// One argument, perhaps by name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Argument {
    pub(crate) name: Option<String>,
    pub(crate) value: Expression,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Comparison {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    NotEqual,
    /// Texts without regard to case.
    NotSame,
    /// Texts without regard to case.
    Same,
}

/// What is calculated of two numbers.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Arithmetic {
    Divide,
    Minus,
    Plus,
    Remainder,
    Times,
}

impl Comparison {
    pub(crate) fn parse(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            "=~" => Self::Same,
            "!~" => Self::NotSame,
            _ => return None,
        })
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Same => "=~",
            Self::NotSame => "!~",
        }
    }
}
