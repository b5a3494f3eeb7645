//! Tokens to the shape of a rule, by recursive descent.
//!
//! Nesting has a limit, so that no text of a rule can exhaust the stack.

use crate::diagnostic::{Diagnostic, Span};
use crate::lexer::{Kind, Token, tokens};
use crate::syntax::{Argument, Arithmetic, Call, Comparison, Expression, Form};

/// Reads the text of a rule.
pub(crate) fn parse(source: &str) -> Result<Expression, Diagnostic> {
    let tokens = tokens(source)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    let rule = parser.expression()?;
    match parser.peek() {
        Kind::End => Ok(rule),
        _ => Err(parser.unexpected("an operator, `and`, `or` or the end of the rule")),
    }
}

struct Parser<'t, 's> {
    tokens: &'t [Token<'s>],
    at: usize,
    depth: usize,
}

type Parsed = Result<Expression, Diagnostic>;

impl<'s> Parser<'_, 's> {
    fn peek(&self) -> &Kind<'s> {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> &Kind<'s> {
        self.tokens.get(self.at + ahead).map_or(&Kind::End, |token| &token.kind)
    }

    fn span(&self) -> Span {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        token.map(|token| token.span).unwrap_or_default()
    }

    fn span_before(&self) -> Span {
        let token = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        token.map(|token| token.span).unwrap_or_default()
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Kind::Symbol(other) if *other == symbol);
        self.at += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Kind::Word(other) if *other == word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str, after: &str) -> Result<(), Diagnostic> {
        if self.take_symbol(symbol) {
            return Ok(());
        }
        Err(self.unexpected(&format!("`{symbol}` {after}")))
    }

    fn unexpected(&self, expected: &str) -> Diagnostic {
        let found = match self.peek() {
            Kind::Dots(count) => format!("`{}`", ".".repeat(*count)),
            Kind::End => "the end of the rule".to_owned(),
            Kind::Float(number) => format!("`{number}`"),
            Kind::Int(number) => format!("`{number}`"),
            Kind::List(name) => format!("`${name}`"),
            Kind::Symbol(symbol) => format!("`{symbol}`"),
            Kind::Text(_) => "a text".to_owned(),
            Kind::Word(word) => format!("`{word}`"),
        };
        let wrong = Diagnostic::new(self.span(), format!("expected {expected}, found {found}"));
        match self.peek() {
            Kind::Symbol("=") => wrong.hint("`==` compares"),
            Kind::Word("AND" | "OR" | "NOT" | "IN" | "IS" | "OF") => {
                wrong.hint("keywords are written in lower case")
            }
            _ => wrong,
        }
    }

    fn expression(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let message = format!("nested deeper than {DEPTH_MAX} levels");
            return Err(Diagnostic::new(self.span(), message));
        }
        let condition = self.or()?;
        let expression = if self.take_symbol("?") {
            let yes = self.expression()?;
            self.expect(":", "between the two values of `? :`")?;
            let no = self.expression()?;
            let span = condition.span.to(no.span);
            let form = Form::If(Box::new(condition), Box::new(yes), Box::new(no));
            Expression { form, span }
        } else {
            condition
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn or(&mut self) -> Parsed {
        let first = self.and()?;
        let mut all = vec![first];
        while self.take_word("or") {
            all.push(self.and()?);
        }
        Ok(several(all, Form::Or))
    }

    fn and(&mut self) -> Parsed {
        let first = self.not()?;
        let mut all = vec![first];
        while self.take_word("and") {
            all.push(self.not()?);
        }
        Ok(several(all, Form::And))
    }

    fn not(&mut self) -> Parsed {
        let start = self.span();
        let mut count = 0_usize;
        while self.take_word("not") {
            count += 1;
        }
        let inner = self.comparison()?;
        let span = start.to(inner.span);
        // Twice `not` is the value itself, as a truth.
        let wraps = if count == 0 { 0 } else { 2 - count % 2 };
        Ok((0..wraps).fold(inner, |inner, _| Expression { form: Form::Not(Box::new(inner)), span }))
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        let mut chain = Vec::new();
        loop {
            match *self.peek() {
                Kind::Symbol(symbol) => {
                    let Some(how) = Comparison::parse(symbol) else { break };
                    self.at += 1;
                    chain.push((how, self.sum()?));
                }
                Kind::Word("in") => return self.membership(left, false),
                Kind::Word("not") if matches!(self.peek_at(1), Kind::Word("in")) => {
                    self.at += 1;
                    return self.membership(left, true);
                }
                Kind::Word("is") => {
                    self.at += 1;
                    let negated = self.take_word("not");
                    if !self.take_word("null") {
                        return Err(self.unexpected("`null` after `is`"));
                    }
                    let span = left.span.to(self.span_before());
                    let form = Form::IsNull { of: Box::new(left), negated };
                    return Ok(Expression { form, span });
                }
                Kind::Word("of") => {
                    self.at += 1;
                    self.expect("(", "after `of`")?;
                    let items = self.items(")")?;
                    let span = left.span.to(self.span_before());
                    return Ok(Expression { form: Form::AtLeast(Box::new(left), items), span });
                }
                _ => break,
            }
        }
        let Some((_, last)) = chain.last() else { return Ok(left) };
        let span = left.span.to(last.span);
        Ok(Expression { form: Form::Compare(Box::new(left), chain), span })
    }

    fn membership(&mut self, needle: Expression, negated: bool) -> Parsed {
        self.at += 1;
        let fold = self.take_symbol("~");
        let hay = self.sum()?;
        let span = needle.span.to(hay.span);
        let (needle, hay) = (Box::new(needle), Box::new(hay));
        Ok(Expression { form: Form::In { needle, hay, fold, negated }, span })
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.product()?;
        loop {
            let how = match self.peek() {
                Kind::Symbol("+") => Arithmetic::Plus,
                Kind::Symbol("-") => Arithmetic::Minus,
                _ => return Ok(left),
            };
            self.at += 1;
            left = arithmetic(how, left, self.product()?);
        }
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.unary()?;
        loop {
            let how = match self.peek() {
                Kind::Symbol("*") => Arithmetic::Times,
                Kind::Symbol("/") => Arithmetic::Divide,
                Kind::Symbol("%") => Arithmetic::Remainder,
                _ => return Ok(left),
            };
            self.at += 1;
            left = arithmetic(how, left, self.unary()?);
        }
    }

    fn unary(&mut self) -> Parsed {
        let start = self.span();
        if self.take_symbol("-") {
            let inner = self.postfix()?;
            let span = start.to(inner.span);
            return Ok(Expression { form: Form::Negative(Box::new(inner)), span });
        }
        self.postfix()
    }

    fn postfix(&mut self) -> Parsed {
        let mut inner = self.primary()?;
        let mut length = 0_usize;
        loop {
            length += 1;
            if length > DEPTH_MAX {
                return Err(Diagnostic::new(inner.span, "this path is too long"));
            }
            let start = inner.span;
            if let (Kind::Dots(1), Kind::Word(name)) = (self.peek(), self.peek_at(1)) {
                let name = (*name).to_owned();
                self.at += 2;
                let span = start.to(self.span_before());
                inner = Expression { form: Form::Field(Box::new(inner), name), span };
            } else if self.take_symbol("[") {
                let index = self.expression()?;
                self.expect("]", "after an index")?;
                let span = start.to(self.span_before());
                inner = Expression { form: Form::Index(Box::new(inner), Box::new(index)), span };
            } else if matches!(self.peek(), Kind::Symbol("(")) {
                let Some(name) = path_of(&inner) else {
                    return Err(self.unexpected("an operator: only functions can be called"));
                };
                self.at += 1;
                let arguments = self.arguments()?;
                let span = start.to(self.span_before());
                let call = Call { name, name_span: start, arguments };
                inner = Expression { form: Form::Call(call), span };
            } else {
                return Ok(inner);
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        let span = self.span();
        let form = match self.peek().clone() {
            Kind::Text(text) => Form::Text(text),
            Kind::Int(number) => Form::Int(number),
            Kind::Float(number) => Form::Float(number),
            Kind::List(name) => Form::List(name.to_owned()),
            Kind::Dots(count) => return Ok(self.item(count, span)),
            Kind::Symbol("(") => {
                self.at += 1;
                let mut items = self.items(")")?;
                let span = span.to(self.span_before());
                if items.len() == 1 {
                    let inner = items.pop().map(|inner| inner.form).unwrap_or(Form::Null);
                    return Ok(Expression { form: inner, span });
                }
                return Ok(Expression { form: Form::Array(items), span });
            }
            Kind::Symbol("[") => {
                self.at += 1;
                let items = self.items("]")?;
                return Ok(Expression {
                    form: Form::Array(items),
                    span: span.to(self.span_before()),
                });
            }
            Kind::Word("true") => Form::Bool(true),
            Kind::Word("false") => Form::Bool(false),
            Kind::Word("null") => Form::Null,
            Kind::Word(word) if !KEYWORDS.contains(&word) => Form::Root(word.to_owned()),
            _ => return Err(self.unexpected("a value")),
        };
        self.at += 1;
        Ok(Expression { form, span })
    }

    /// `.`, `..`, `.name`: the name belongs to the dots only where it follows them directly.
    fn item(&mut self, count: usize, span: Span) -> Expression {
        self.at += 1;
        let item = Expression { form: Form::Item(count), span };
        let Kind::Word(name) = *self.peek() else { return item };
        if self.span().start != span.end {
            return item;
        }
        self.at += 1;
        let whole = span.to(self.span_before());
        Expression { form: Form::Field(Box::new(item), name.to_owned()), span: whole }
    }

    /// Expressions with commas between, perhaps one after the last, up to a bracket.
    fn items(&mut self, close: &str) -> Result<Vec<Expression>, Diagnostic> {
        let mut items = Vec::new();
        loop {
            if self.take_symbol(close) {
                return Ok(items);
            }
            items.push(self.expression()?);
            if !self.take_symbol(",") {
                self.expect(close, "or `,`")?;
                return Ok(items);
            }
        }
    }

    fn arguments(&mut self) -> Result<Vec<Argument>, Diagnostic> {
        let mut arguments = Vec::new();
        loop {
            if self.take_symbol(")") {
                return Ok(arguments);
            }
            let name = match (self.peek(), self.peek_at(1)) {
                (Kind::Word(name), Kind::Symbol("=")) => Some((*name).to_owned()),
                _ => None,
            };
            self.at += if name.is_some() { 2 } else { 0 };
            arguments.push(Argument { name, value: self.expression()? });
            if !self.take_symbol(",") {
                self.expect(")", "or `,` after an argument")?;
                return Ok(arguments);
            }
        }
    }
}

fn several(mut all: Vec<Expression>, form: fn(Vec<Expression>) -> Form) -> Expression {
    if all.len() == 1 {
        return all.pop().unwrap_or(Expression { form: Form::Null, span: Span::default() });
    }
    let span = match (all.first(), all.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => Span::default(),
    };
    Expression { form: form(all), span }
}

fn arithmetic(how: Arithmetic, left: Expression, right: Expression) -> Expression {
    let span = left.span.to(right.span);
    Expression { form: Form::Arithmetic(how, Box::new(left), Box::new(right)), span }
}

/// `a.b.c` as one name.
fn path_of(expression: &Expression) -> Option<String> {
    match &expression.form {
        Form::Root(name) => Some(name.clone()),
        Form::Field(of, name) => Some(format!("{}.{name}", path_of(of)?)),
        _ => None,
    }
}

const KEYWORDS: [&str; 6] = ["and", "or", "not", "in", "is", "of"];
/// The deepest rule seen has 14 levels.
const DEPTH_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    /// The shape with brackets around everything.
    fn shape(expression: &Expression) -> String {
        let all = |items: &[Expression], between: &str| {
            items.iter().map(shape).collect::<Vec<_>>().join(between)
        };
        match &expression.form {
            Form::And(items) => format!("({})", all(items, " and ")),
            Form::Or(items) => format!("({})", all(items, " or ")),
            Form::Not(inner) => format!("not({})", shape(inner)),
            Form::Array(items) => format!("[{}]", all(items, ", ")),
            Form::AtLeast(count, items) => format!("{} of [{}]", shape(count), all(items, ", ")),
            Form::Arithmetic(how, left, right) => {
                format!("({} {how:?} {})", shape(left), shape(right))
            }
            Form::Bool(truth) => truth.to_string(),
            Form::Call(call) => {
                let one = |argument: &Argument| match &argument.name {
                    Some(name) => format!("{name}={}", shape(&argument.value)),
                    None => shape(&argument.value),
                };
                let arguments: Vec<_> = call.arguments.iter().map(one).collect();
                format!("{}({})", call.name, arguments.join(", "))
            }
            Form::Compare(left, chain) => {
                let rest = chain.iter().map(|(how, to)| format!(" {} {}", how.as_str(), shape(to)));
                format!("({}{})", shape(left), rest.collect::<String>())
            }
            Form::Field(of, name) => format!("{}.{name}", shape(of)),
            Form::Float(number) => number.to_string(),
            Form::If(a, b, c) => format!("({} ? {} : {})", shape(a), shape(b), shape(c)),
            Form::In { needle, hay, fold, negated } => {
                let not = if *negated { "not " } else { "" };
                let fold = if *fold { "~" } else { "" };
                format!("({} {not}in{fold} {})", shape(needle), shape(hay))
            }
            Form::Index(of, at) => format!("{}[{}]", shape(of), shape(at)),
            Form::Int(number) => number.to_string(),
            Form::IsNull { of, negated } => {
                format!("({} is {}null)", shape(of), if *negated { "not " } else { "" })
            }
            Form::Item(level) => format!("@{level}"),
            Form::List(name) => format!("${name}"),
            Form::Negative(inner) => format!("-{}", shape(inner)),
            Form::Null => "null".to_owned(),
            Form::Root(name) => name.clone(),
            Form::Text(text) => format!("'{text}'"),
        }
    }

    #[test]
    fn shape_table() {
        let rows = [
            ("and before or", "a or b and c", "(a or (b and c))"),
            ("not before and", "not a and b", "(not(a) and b)"),
            ("twice not is a truth", "not not a", "not(not(a))"),
            ("three times not", "not not not a", "not(a)"),
            ("comparison before not", "not a == b", "not((a == b))"),
            ("chain", "0 < length(x) <= 10", "(0 < length(x) <= 10)"),
            ("sums before comparisons", "a + b * 2 > -c", "((a Plus (b Times 2)) > -c)"),
            ("in", "a in ('x', 'y',)", "(a in ['x', 'y'])"),
            ("a group of one", "a in ('x')", "(a in 'x')"),
            ("not in, folded", "a not in~ $l", "(a not in~ $l)"),
            (
                "items",
                "any(a, . in ..b and .c == ...d)",
                "any(a, ((@1 in @2.b) and (@1.c == @3.d)))",
            ),
            ("fields of results", "f.g(x)[0].h.i", "f.g(x)[0].h.i"),
            ("named arguments", "f(x, a=true, b=[1])", "f(x, a=true, b=[1])"),
            ("n of", "2 of (a, b, c)", "2 of [a, b, c]"),
            ("is null", "a.b is null and c is not null", "((a.b is null) and (c is not null))"),
            ("ternary", "a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
            ("a dot on the next line", "f(x)\n  .y", "f(x).y"),
            ("nothing between brackets", "x in ()", "(x in [])"),
        ];
        for (rule, source, meant) in rows {
            assert_eq!(shape(&parse(source).unwrap()), meant, "{rule}");
        }
    }

    #[test]
    fn mistakes_say_what_was_expected() {
        let rows = [
            ("", "a value, found the end"),
            ("a and", "a value, found the end"),
            ("a b", "found `b`"),
            ("f(a", "`)` or `,` after an argument, found the end"),
            ("a in", "a value"),
            ("a is b", "`null` after `is`"),
            ("2 of a", "`(` after `of`"),
            ("a = b", "found `=`"),
            ("a AND b", "found `AND`"),
            ("f(a).b(c)", "only functions can be called"),
            ("a[0", "`]` after an index"),
        ];
        for (source, message) in rows {
            let wrong = parse(source).unwrap_err();
            assert!(wrong.message.contains(message), "{source}: {wrong}");
        }
    }

    #[test]
    fn nesting_is_limited() {
        for open in ["(", "not (", "-(", "f(", "[", "a[", "a ? "] {
            let source = open.repeat(100_000);
            assert!(parse(&source).is_err());
        }
        assert!(parse(&format!("a{}", ".b".repeat(100_000))).is_err());
        assert!(parse(&"not ".repeat(100_000)).is_err());
        let wide = vec!["a"; 10_000].join(" and ");
        assert!(parse(&wide).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn any_text_comes_back(source in "(a|and|or|not|in|is|null|of|\\.|\\(|\\)|\\[|,|'x'|\"|\\$l|==|~|-|1|\\?|:|//| |\n|\\PC){0,40}") {
            let _ = parse(&source);
        }
    }
}
