//! Reads expressions.

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Binary(Binary, Box<Self>, Box<Self>),
    Negate(Box<Self>),
    Text(String),
    Number(f64),
    Call(Box<str>, Vec<Self>),
    /// A path from the context or from the page.
    Path {
        absolute: bool,
        steps: Vec<Step>,
    },
    /// What an expression finds, filtered, and a path from there.
    Filter {
        from: Box<Self>,
        predicates: Vec<Self>,
        steps: Vec<Step>,
    },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Binary {
    Or,
    And,
    Equal,
    Different,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Union,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) axis: Axis,
    pub(super) test: Test,
    pub(super) predicates: Vec<Expr>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Axis {
    Ancestor,
    AncestorOrSelf,
    Attribute,
    Child,
    Descendant,
    DescendantOrSelf,
    Following,
    FollowingSibling,
    Parent,
    Preceding,
    PrecedingSibling,
    Itself,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Test {
    /// `*`.
    Any,
    Name(Box<str>),
    Text,
    Comment,
    /// `node()`.
    Node,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Text(String),
    Number(f64),
    /// `::` and what is one or two marks.
    Mark(&'static str),
}

/// Reads a whole expression.
pub(super) fn parse(text: &str) -> Option<Expr> {
    if text.len() > EXPRESSION_OCTETS_MAX {
        return None;
    }
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens: &tokens, at: 0, depth: 0 };
    let whole = reader.binary(0)?;
    (reader.at == tokens.len()).then_some(whole)
}

const MARKS: [&str; 22] = [
    "::", "//", "..", "!=", "<=", ">=", "(", ")", "[", "]", ".", "@", ",", "/", "|", "+", "-", "=",
    "<", ">", "*", "$",
];

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '"' | '\'' => {
                let inner = rest.get(1..)?;
                let end = inner.find(first)?;
                (Token::Text(inner.get(..end)?.to_owned()), end + 2)
            }
            _ if first.is_ascii_digit() || starts_number(rest) => {
                let end =
                    rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                (Token::Number(rest.get(..end)?.parse().ok()?), end)
            }
            _ if first.is_alphabetic() || first == '_' => {
                let end = name_end(rest);
                (Token::Name(rest.get(..end)?.to_owned()), end)
            }
            _ => {
                let mark = MARKS.iter().find(|mark| rest.starts_with(**mark))?;
                (Token::Mark(mark), mark.len())
            }
        };
        tokens.push(token);
        rest = rest.get(length..)?.trim_start();
        if tokens.len() > TOKENS_MAX {
            return None;
        }
    }
    Some(tokens)
}

fn starts_number(text: &str) -> bool {
    matches!(text.as_bytes(), [b'.', digit, ..] if digit.is_ascii_digit())
}

/// A name goes on over hyphens and dots, and over one colon that is no axis.
fn name_end(text: &str) -> usize {
    let mut end = 0;
    for (at, character) in text.char_indices() {
        let next = text.get(at + 1..).and_then(|rest| rest.chars().next());
        let previous_colon = at > 0 && text.get(at - 1..at) == Some(":");
        let belongs = character.is_alphanumeric()
            || matches!(character, '-' | '_' | '.')
            || character == ':' && !previous_colon && next.is_some_and(char::is_alphabetic);
        if !belongs {
            break;
        }
        end = at + character.len_utf8();
    }
    end
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is(&self, mark: &str) -> bool {
        matches!(self.peek(), Some(Token::Mark(found)) if *found == mark)
    }

    fn is_ahead(&self, by: usize, mark: &str) -> bool {
        matches!(self.tokens.get(self.at + by), Some(Token::Mark(found)) if *found == mark)
    }

    fn take(&mut self, mark: &str) -> bool {
        let found = self.is(mark);
        self.at += usize::from(found);
        found
    }

    /// Operators bind by their level, from `or` to `*`.
    fn binary(&mut self, level: usize) -> Option<Expr> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let found = self.binary_at(level);
        self.depth -= 1;
        found
    }

    fn binary_at(&mut self, level: usize) -> Option<Expr> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some((_, operator)) = operators.iter().find(|(word, _)| self.is_operator(word)) {
            self.at += 1;
            let right = self.binary(level + 1)?;
            left = Expr::Binary(*operator, Box::new(left), Box::new(right));
        }
        Some(left)
    }

    fn is_operator(&self, word: &str) -> bool {
        match self.peek() {
            Some(Token::Name(name)) => name == word,
            Some(Token::Mark(mark)) => *mark == word,
            _ => false,
        }
    }

    fn unary(&mut self) -> Option<Expr> {
        if self.take("-") {
            return Some(Expr::Negate(Box::new(self.binary(LEVELS.len())?)));
        }
        let mut left = self.path()?;
        while self.take("|") {
            let right = self.path()?;
            left = Expr::Binary(Binary::Union, Box::new(left), Box::new(right));
        }
        Some(left)
    }

    fn path(&mut self) -> Option<Expr> {
        if self.is_primary() {
            let from = self.primary()?;
            let predicates = self.predicates()?;
            let steps = self.more_steps()?;
            if predicates.is_empty() && steps.is_empty() {
                return Some(from);
            }
            return Some(Expr::Filter { from: Box::new(from), predicates, steps });
        }
        if self.is("//") {
            let steps = self.more_steps()?;
            return Some(Expr::Path { absolute: true, steps });
        }
        let absolute = self.take("/");
        if absolute && !self.starts_step() {
            return Some(Expr::Path { absolute, steps: Vec::new() });
        }
        let mut steps = vec![self.step()?];
        steps.extend(self.more_steps()?);
        Some(Expr::Path { absolute, steps: merged(steps) })
    }

    fn is_primary(&self) -> bool {
        match self.peek() {
            Some(Token::Text(_) | Token::Number(_) | Token::Mark("(")) => true,
            Some(Token::Name(name)) => {
                let is_test = matches!(name.as_str(), "text" | "node" | "comment");
                self.is_ahead(1, "(") && !is_test
            }
            _ => false,
        }
    }

    fn starts_step(&self) -> bool {
        match self.peek() {
            Some(Token::Name(_)) => true,
            Some(Token::Mark(mark)) => matches!(*mark, "." | ".." | "@" | "*"),
            _ => false,
        }
    }

    fn primary(&mut self) -> Option<Expr> {
        let token = self.peek()?.clone();
        self.at += 1;
        match token {
            Token::Text(text) => Some(Expr::Text(text)),
            Token::Number(number) => Some(Expr::Number(number)),
            Token::Mark("(") => {
                let inner = self.binary(0)?;
                self.take(")").then_some(inner)
            }
            Token::Name(name) => {
                self.at += 1;
                let mut arguments = Vec::new();
                while !self.take(")") {
                    if !arguments.is_empty() && !self.take(",") {
                        return None;
                    }
                    arguments.push(self.binary(0)?);
                }
                Some(Expr::Call(name.into(), arguments))
            }
            Token::Mark(_) => None,
        }
    }

    fn more_steps(&mut self) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        loop {
            if self.take("//") {
                let (axis, test) = (Axis::DescendantOrSelf, Test::Node);
                steps.push(Step { axis, test, predicates: Vec::new() });
            } else if !self.take("/") {
                return Some(merged(steps));
            }
            steps.push(self.step()?);
        }
    }

    fn step(&mut self) -> Option<Step> {
        if self.take("..") {
            return Some(Step { axis: Axis::Parent, test: Test::Node, predicates: Vec::new() });
        }
        if self.take(".") {
            return Some(Step { axis: Axis::Itself, test: Test::Node, predicates: Vec::new() });
        }
        let named = match self.peek() {
            Some(Token::Name(name)) if self.is_ahead(1, "::") => Some(axis(name)?),
            _ => None,
        };
        let axis = match named {
            Some(axis) => {
                self.at += 2;
                axis
            }
            None if self.take("@") => Axis::Attribute,
            None => Axis::Child,
        };
        let test = self.test()?;
        Some(Step { axis, test, predicates: self.predicates()? })
    }

    fn test(&mut self) -> Option<Test> {
        if self.take("*") {
            return Some(Test::Any);
        }
        let Some(Token::Name(name)) = self.peek() else { return None };
        let name = name.to_lowercase();
        self.at += 1;
        if !self.take("(") {
            return Some(Test::Name(name.into()));
        }
        let test = match name.as_str() {
            "text" => Test::Text,
            "comment" => Test::Comment,
            "node" => Test::Node,
            _ => return None,
        };
        self.take(")").then_some(test)
    }

    fn predicates(&mut self) -> Option<Vec<Expr>> {
        let mut predicates = Vec::new();
        while self.take("[") {
            predicates.push(self.binary(0)?);
            if !self.take("]") {
                return None;
            }
        }
        Some(predicates)
    }
}

/// `//a` looks at every descendant once, where no predicate counts places among siblings.
fn merged(steps: Vec<Step>) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::with_capacity(steps.len());
    for step in steps {
        let below = out.last().is_some_and(|last| {
            last.axis == Axis::DescendantOrSelf
                && last.test == Test::Node
                && last.predicates.is_empty()
        });
        if below && step.axis == Axis::Child && !step.predicates.iter().any(counts_places) {
            out.pop();
            out.push(Step { axis: Axis::Descendant, ..step });
        } else {
            out.push(step);
        }
    }
    out
}

/// Whether a predicate may depend on the place of a node among others.
fn counts_places(predicate: &Expr) -> bool {
    match predicate {
        Expr::Number(_) | Expr::Negate(_) => true,
        Expr::Call(name, arguments) => {
            !matches!(
                &**name,
                "contains" | "starts-with" | "ends-with" | "not" | "boolean" | "true" | "false"
            ) || arguments.iter().any(asks_place)
        }
        Expr::Binary(operator, left, right) => {
            !matches!(
                operator,
                Binary::Or
                    | Binary::And
                    | Binary::Equal
                    | Binary::Different
                    | Binary::Less
                    | Binary::LessOrEqual
                    | Binary::Greater
                    | Binary::GreaterOrEqual
                    | Binary::Union
            ) || asks_place(left)
                || asks_place(right)
        }
        Expr::Path { .. } | Expr::Text(_) => false,
        Expr::Filter { from, .. } => counts_places(from),
    }
}

/// Whether `position()` or `last()` stands anywhere in it.
fn asks_place(expression: &Expr) -> bool {
    match expression {
        Expr::Call(name, arguments) => {
            matches!(&**name, "position" | "last") || arguments.iter().any(asks_place)
        }
        Expr::Binary(_, left, right) => asks_place(left) || asks_place(right),
        Expr::Negate(inner) => asks_place(inner),
        Expr::Filter { from, .. } => asks_place(from),
        Expr::Text(_) | Expr::Number(_) | Expr::Path { .. } => false,
    }
}

fn axis(name: &str) -> Option<Axis> {
    Some(match name {
        "ancestor" => Axis::Ancestor,
        "ancestor-or-self" => Axis::AncestorOrSelf,
        "attribute" => Axis::Attribute,
        "child" => Axis::Child,
        "descendant" => Axis::Descendant,
        "descendant-or-self" => Axis::DescendantOrSelf,
        "following" => Axis::Following,
        "following-sibling" => Axis::FollowingSibling,
        "parent" => Axis::Parent,
        "preceding" => Axis::Preceding,
        "preceding-sibling" => Axis::PrecedingSibling,
        "self" => Axis::Itself,
        _ => return None,
    })
}

type Level = &'static [(&'static str, Binary)];

const LEVELS: [Level; 6] = [
    &[("or", Binary::Or)],
    &[("and", Binary::And)],
    &[("=", Binary::Equal), ("!=", Binary::Different)],
    &[
        ("<", Binary::Less),
        ("<=", Binary::LessOrEqual),
        (">", Binary::Greater),
        (">=", Binary::GreaterOrEqual),
    ],
    &[("+", Binary::Add), ("-", Binary::Subtract)],
    &[("*", Binary::Multiply), ("div", Binary::Divide), ("mod", Binary::Remainder)],
];

/// Levels of operators count as well.
const DEPTH_MAX: usize = 400;
const EXPRESSION_OCTETS_MAX: usize = 16 * 1024;
const TOKENS_MAX: usize = 4_000;
