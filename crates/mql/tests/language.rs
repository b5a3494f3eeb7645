//! What the language means: each inferred point of `docs/mql.md` is pinned here.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use clawback_mql::{
    Answer, Arguments, Body, Compiler, Cost, Environment, Function, Host, Library, Parameter,
    Purpose, RuleState, Rules, Set, Ty, Value, record,
};

record! {
    /// A message of the tests.
    struct Mail = "Message" {
        /// A text.
        subject: Ty::Text,
        /// A text in mixed case.
        body: Ty::Text,
        /// Never known.
        missing: Ty::Text,
        /// Never known.
        unknown: Ty::Bool,
        /// Links.
        links: Ty::List(&Ty::Record(Link::TYPE)),
        /// Nothing in it.
        empty: Ty::List(&Ty::Text),
        /// Never known.
        no_list: Ty::List(&Ty::Text),
        /// A map of lists.
        query: Ty::Map(&Ty::List(&Ty::Text)),
        /// A number.
        size: Ty::Int,
        /// A keyword in Rust.
        type_: Ty::Record(Kind::TYPE),
    }
    /// A link of the tests.
    struct Link = "Link" {
        /// Where it leads.
        url: Ty::Text,
        /// How long it is.
        size: Ty::Int,
        /// Further links.
        links: Ty::List(&Ty::Record(Link::INNER)),
    }
    /// Directions.
    struct Kind = "Type" {
        /// From outside.
        inbound: Ty::Bool,
    }
    /// What ml gives.
    struct Guess = "Guess" {
        /// Its name.
        name: Ty::Text,
    }
}

impl Link {
    const INNER: &'static clawback_mql::RecordType = Guess::TYPE;
}

struct World(Value);

impl Host for World {
    fn message(&self) -> Value {
        self.0.clone()
    }

    fn list(&self, index: usize) -> Value {
        if index == 0 { Value::Set(Set::new(["corp.example"])) } else { Value::Null }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

static LIBRARY: Library = Library {
    message: Mail::TYPE,
    functions: &[&[
        Function {
            name: "strings.shout",
            parameters: &[
                Parameter::required("source", Ty::Text),
                Parameter::optional("mark", Ty::Text),
            ],
            rest: None,
            result: Ty::Text,
            cost: Cost::Low,
            body: Body::Native(shout),
        },
        Function {
            name: "ml.guess",
            parameters: &[Parameter::required("source", Ty::Text)],
            rest: None,
            result: Ty::List(&Ty::Record(Guess::TYPE)),
            cost: Cost::High,
            body: Body::Unsupported,
        },
    ]],
};

thread_local! {
    /// How often [`shout`] was asked.
    static SHOUTED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

fn shout(_: &dyn Host, given: &Arguments<'_>) -> Value {
    SHOUTED.set(SHOUTED.get() + 1);
    let mark = given.text(1).unwrap_or("!");
    Value::text(format!("{}{mark}", given.text(0).unwrap_or_default().to_uppercase()))
}

fn world() -> World {
    let link = |url: &str, size: i64, inner: &[&str]| {
        let inner = inner.iter().map(|name| Value::record(Guess { name: Value::text(*name) }));
        Value::record(Link {
            url: Value::text(url),
            size: Value::Int(size),
            links: Value::list(inner.collect::<Vec<_>>()),
        })
    };
    let query = BTreeMap::from([("u".to_owned(), Value::texts(["one", "two"]))]);
    World(Value::record(Mail {
        subject: Value::text("Résumé Pay 42"),
        body: Value::text("Please VERIFY your password at https://a.example\nNow"),
        links: Value::list([
            link("https://a.example/x", 3, &["x"]),
            link("https://b.example/y", 5, &["a", "b"]),
        ]),
        empty: Value::list([]),
        query: Value::Map(Rc::new(query)),
        size: Value::Int(7),
        type_: Value::record(Kind { inbound: Value::Bool(true) }),
        ..Mail::default()
    }))
}

fn environment() -> Environment {
    let list = |texts: &[&str]| Set::new(texts.iter().copied());
    Environment {
        library: &LIBRARY,
        lists: HashMap::from([
            ("hosts".to_owned(), list(&["https://a.example/x", "Other"])),
            ("many".to_owned(), Set::new((0..5_000).map(|n| format!("Entry {n} your")))),
            ("phrases".to_owned(), list(&["verify your", "Password", "no such thing", "at"])),
        ]),
        tenant_lists: &[
            ("org_domains", Ty::Text),
            ("vips", Ty::Text),
            ("people", Ty::Record(Guess::TYPE)),
        ],
        unsupported_fields: &[("Guess", "name")],
    }
}

fn compiled(source: &str) -> (Rules, RuleState) {
    let mut compiler = Compiler::new(environment());
    let compiled = compiler.add(source, Purpose::Find).unwrap_or_else(|wrong| {
        panic!("{source}\n{}", wrong.iter().map(|w| w.render(source)).collect::<String>())
    });
    (compiler.finish(), compiled.state)
}

fn answer(source: &str) -> Answer {
    let world = world();
    let (rules, _) = compiled(source);
    let mut asked = rules.examine(&world);
    let fires = asked.fires(0);
    let answer = asked.test(0);
    assert_eq!(fires == Yes, answer == Yes, "{source}: fires {fires:?}, is {answer:?}");
    assert_eq!(asked.fires(0), fires, "{source}, asked again");
    answer
}

/// Holds each expression against what it should come to.
fn table(rows: &[(&str, Answer)]) {
    for (source, meant) in rows {
        assert_eq!(answer(source), *meant, "{source}");
    }
}

use Answer::{No, Unknown, Yes};

#[test]
fn truth_has_three_values() {
    table(&[
        ("null", Unknown),
        ("not null", Unknown),
        ("null and false", No),
        ("false and null", No),
        ("null and true", Unknown),
        ("null or true", Yes),
        ("null or false", Unknown),
        ("unknown and type.inbound", Unknown),
        ("unknown or type.inbound", Yes),
        ("not unknown", Unknown),
        ("missing == 'x'", Unknown),
        ("missing != 'x'", Unknown),
        ("missing == missing", Unknown),
        ("missing is null", Yes),
        ("missing is not null", No),
        ("(missing == 'x') is null", Yes),
        ("strings.contains(missing, 'x')", Unknown),
        ("strings.contains(subject, missing)", Unknown),
        ("missing in ('a', 'b')", Unknown),
        ("missing in $hosts", Unknown),
        ("missing not in $hosts", Unknown),
        ("coalesce(unknown, true)", Yes),
        ("coalesce(unknown, missing == 'a', false)", No),
        ("unknown ? true : true", Unknown),
        ("type.inbound ? false : true", No),
    ]);
}

#[test]
fn lists_and_null() {
    table(&[
        ("any(empty, . == 'x')", No),
        ("all(empty, . == 'x')", Yes),
        ("any(no_list, . == 'x')", Unknown),
        ("all(no_list, . == 'x')", Unknown),
        ("length(empty) == 0", Yes),
        ("length(no_list) == 0", Unknown),
        ("length(filter(links, unknown)) == 0", Yes),
        ("length(map(links, missing)) == 2", Yes),
        ("any(links, unknown)", Unknown),
        ("any(links, .size == 3 or unknown)", Yes),
        ("all(links, unknown or .size > 0)", Yes),
        ("'x' in [missing, 'x']", Yes),
        ("'x' in [missing, 'y']", Unknown),
        ("links[0].size == 3", Yes),
        ("links[-1].size == 5", Yes),
        ("links[2].size == 5", Unknown),
        ("query['u'][1] == 'two'", Yes),
        ("query['v'] is null", Yes),
        ("any(query['u'], . == 'one')", Yes),
        ("'u' in keys(query)", Yes),
        ("any(values(query), any(., . == 'two'))", Yes),
        ("any(flatten(values(query)), . == 'two')", Yes),
        ("any(flatten(map(links, .links)), . is not null)", Yes),
        ("sum(links, .size) == 8", Yes),
        ("sum(map(links, .size)) == 8", Yes),
        ("ratio(links, .size > 3) == 0.5", Yes),
        ("ratio(empty, . == 'x') == 0", Yes),
        ("length(distinct(map(links, .size > 0))) == 1", Yes),
        ("length(distinct(links, .url)) == 2", Yes),
        ("length(distinct(['a', 'a', 'b'])) == 2", Yes),
        ("any([subject, body], strings.contains(., 'VERIFY'))", Yes),
    ]);
}

#[test]
fn scopes() {
    table(&[
        ("any(links, any(.links, ..size == 3))", Yes),
        ("any(links, any(.links, ..url == 'https://b.example/y' and ..size == 5))", Yes),
        ("any(links, any(.links, ..size == 9))", No),
        ("any(links, any(empty, ..size == 3))", No),
        ("any(links, any(links, ..size > .size))", Yes),
        ("any(links, any(links, any(['x'], ...size == 5 and ..size == 3)))", Yes),
        ("any(links, any([.url], . == ..url))", Yes),
        // A name without a dot is the message's, everywhere.
        ("any(links, size == 7 and .size == 3)", Yes),
        ("any(map(links, .url), . == 'https://a.example/x')", Yes),
    ]);
}

#[test]
fn operators() {
    table(&[
        ("subject == 'Résumé Pay 42'", Yes),
        ("subject == 'résumé pay 42'", No),
        ("subject =~ 'RÉSUMÉ pay 42'", Yes),
        ("subject !~ 'RÉSUMÉ pay 42'", No),
        ("subject in ('a', 'Résumé Pay 42')", Yes),
        ("subject in~ ('a', 'RÉSUMÉ PAY 42')", Yes),
        ("subject in ('résumé pay 42')", No),
        ("'corp.example' in $org_domains", Yes),
        ("'CORP.example' in $org_domains", No),
        ("'CORP.example' in~ $org_domains", Yes),
        ("'x' in $vips", Unknown),
        ("any($people, .name == 'x')", Unknown),
        ("'other' in~ $hosts", Yes),
        ("any(links, .url in $hosts)", Yes),
        ("any($hosts, . == 'Other')", Yes),
        ("length($hosts) == 2", Yes),
        ("0 < size < 10", Yes),
        ("0 < size < 7", No),
        ("size + 1 == 8 and size - 8 == -1 and size * 2 == 14 and size % 4 == 3", Yes),
        ("size / 2 == 3.5", Yes),
        ("size / 0 == 1", Unknown),
        ("size % 0 == 1", Unknown),
        ("'a' < 'b'", Yes),
        ("2 of (true, false, true)", Yes),
        ("2 of (true, false, false)", No),
        ("2 of (true, null, false)", Unknown),
        ("2 of (true, null, true)", Yes),
        ("2 of (true, true)", Yes),
        ("true ? size == 7 : false", Yes),
    ]);
}

#[test]
fn texts() {
    table(&[
        ("length(subject) == 13", Yes),
        ("strings.contains(body, 'VERIFY')", Yes),
        ("strings.contains(body, 'verify')", No),
        ("strings.icontains(body, 'verify')", Yes),
        ("strings.icontains(subject, 'RÉSU')", Yes),
        ("strings.icontains(body, 'no such', 'word AT')", Yes),
        ("strings.icontains(body, 'no such', missing)", Unknown),
        ("strings.icontains(body, 'verify', missing)", Yes),
        ("strings.starts_with(body, 'Please')", Yes),
        ("strings.istarts_with(body, 'PLEASE')", Yes),
        ("strings.ends_with(body, 'now')", No),
        ("strings.iends_with(body, 'now')", Yes),
        ("strings.like(body, 'Please*Now')", Yes),
        ("strings.like(body, 'Please*')", Yes),
        ("strings.like(body, 'lease*')", No),
        ("strings.ilike(body, '*password?at*')", Yes),
        ("strings.count(body, 'a') == 5", Yes),
        ("strings.icount(body, 'P') == 4", Yes),
        ("strings.concat('a', subject, 'b') == 'aRésumé Pay 42b'", Yes),
        ("strings.concat('a', missing) is null", Yes),
        ("strings.levenshtein('paypal', 'paypa1') == 1", Yes),
        ("strings.ilevenshtein('PayPal', 'paypa1') == 1", Yes),
        ("strings.decode_base64('aGVsbG8=') == 'hello'", Yes),
        ("any(strings.scan_base64('x/aGVsbG8gd29ybGQ='), . == 'hello world')", Yes),
        (
            "hash.sha256('') == 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
            Yes,
        ),
        ("strings.shout(subject) == 'RÉSUMÉ PAY 42!'", Yes),
        ("strings.shout(subject, mark='?') == 'RÉSUMÉ PAY 42?'", Yes),
        ("strings.shout(missing) is null", Yes),
        ("any($phrases, strings.icontains(body, .))", Yes),
        ("length(filter($phrases, strings.icontains(body, .))) == 3", Yes),
        ("length(filter($phrases, strings.contains(body, .))) == 1", Yes),
        ("length(filter($phrases, strings.icontains(missing, .))) == 0", Yes),
        ("any($phrases, strings.icontains(missing, .))", Unknown),
        ("any(links, any($hosts, strings.icontains(..url, .)))", Yes),
        // Long lists are looked for in another way.
        ("any($many, strings.icontains('an ENTRY 42 your password', .))", Yes),
        ("any($many, strings.contains('an ENTRY 42 your password', .))", No),
        ("length(filter($many, strings.icontains('entry 1 your entry 2 your', .))) == 2", Yes),
        ("any(links, any($phrases, . == 'at' and strings.icontains(..url, .)))", No),
    ]);
}

#[test]
fn regular_expressions() {
    table(&[
        (r"regex.contains(body, 'https?://\w')", Yes),
        (r"regex.contains(body, 'verify')", No),
        (r"regex.icontains(body, 'verify\s+your')", Yes),
        (r"regex.icontains(body, 'nothing', 'pass.?word')", Yes),
        (r"regex.match(subject, 'R.*42')", Yes),
        (r"regex.match(subject, 'R.*4')", No),
        (r"regex.match(subject, 'R|.*2')", Yes),
        (r"regex.imatch(subject, 'r.*42')", Yes),
        (r"regex.count(body, '[A-Z]{2,}') == 1", Yes),
        (r"regex.icount(body, 'p') == 4", Yes),
        (r"any(regex.extract(subject, '(?P<word>\w+) (\d+)$'), .full_match == 'Pay 42')", Yes),
        (
            r"any(regex.extract(subject, '(?P<word>\w+) (\d+)$'), .named_groups['word'] == 'Pay')",
            Yes,
        ),
        (r"any(regex.iextract(subject, '(?<word>pay) (\d+)'), .groups[1] == '42')", Yes),
        (r"regex.contains(missing, 'x')", Unknown),
    ]);
}

#[test]
fn what_is_not_there_is_named() {
    let rows = [
        ("any(ml.guess(body), .name == 'x')", RuleState::Off, "ml.guess"),
        ("type.inbound and ml.guess(body)[0].name == 'x'", RuleState::Off, "Guess.name"),
        ("type.inbound or any(ml.guess(body), .name == 'x')", RuleState::Degraded, "ml.guess"),
        ("type.inbound and not any(ml.guess(body), .name == 'x')", RuleState::Off, "ml.guess"),
        ("type.inbound and ml.guess(body) is null", RuleState::Degraded, "ml.guess"),
        (
            "beta.from_the_future(., x=..y) or type.inbound",
            RuleState::Degraded,
            "beta.from_the_future",
        ),
        (
            "links[0].from_the_future == 1 or type.inbound",
            RuleState::Degraded,
            "Link.from_the_future",
        ),
        ("2 of (type.inbound, ml.guess(body)[0].name == 'x')", RuleState::Off, "ml.guess"),
        (
            "2 of (type.inbound, size == 1, ml.guess(body)[0].name == 'x')",
            RuleState::Degraded,
            "ml.guess",
        ),
        ("type.inbound and false", RuleState::Off, ""),
    ];
    for (source, state, construct) in rows {
        let compiled = Compiler::new(environment()).add(source, Purpose::Find).unwrap();
        assert_eq!(compiled.state, state, "{source}");
        assert!(
            construct.is_empty() || compiled.unsupported.contains(&construct.to_owned()),
            "{source}"
        );
    }
    let compiled = Compiler::new(environment())
        .add("subject in $tranco_1m or size == 7", Purpose::Find)
        .unwrap();
    assert_eq!(compiled.state, RuleState::Complete);
    assert_eq!(compiled.missing_lists, ["tranco_1m"]);
}

#[test]
fn mistakes_are_explained() {
    let rows = [
        ("sbject == 'x'", "a message has no `sbject`", "did you mean `subject`?"),
        ("links[0].ur == 'x'", "Link has no `ur`", "did you mean `url`?"),
        (
            "strings.icontain(subject, 'x')",
            "no function `strings.icontain`",
            "did you mean `strings.icontains`?",
        ),
        ("frobnicate(subject)", "no function `frobnicate`", ""),
        ("subject", "a rule must be true or false, this is a text", ""),
        ("subject and true", "expected true or false, this is a text", "is not null"),
        ("links and true", "expected true or false, this is a list", "length"),
        ("size == 'x'", "a number cannot be compared with a text", ""),
        ("subject > 3", "cannot be compared", ""),
        ("links > 3", "cannot be compared", ""),
        ("size in ('a', 'b')", "a number cannot be in a list of texts", ""),
        ("size in $hosts", "cannot be in a list", ""),
        ("size in~ (1, 2)", "`in~` is for texts", ""),
        ("any(subject, . == 'x')", "expected a list, this is a text", ""),
        ("any(links)", "`any` takes 2 arguments, here are 1", ""),
        (". == 'x'", "there is none here", ""),
        ("any(links, ..size == 1)", "there is none here", ""),
        ("links.url == 'x'", "a list has no `url`", "any("),
        ("subject.x == 'x'", "a text has no `x`", ""),
        ("regex.contains(subject, missing)", "a pattern must be written out", "strings.contains"),
        ("regex.contains(subject, '(?=a)')", "not a regular expression", "RE2"),
        ("strings.shout(subject, loud=true) == 'x'", "no argument named `loud`", ""),
        ("strings.shout(1) == 'x'", "expected a text, this is a number", ""),
        ("strings.shout() == 'x'", "needs its argument `source`", ""),
        ("strings.shout(subject, 'a', 'b') == 'x'", "too many arguments", ""),
        ("'x' in $host", "there is no list `$host`", "did you mean `$hosts`?"),
        ("length(size) == 1", "expected a list or a text", ""),
        ("size + 'x' == 1", "expected a number", ""),
    ];
    for (source, message, hint) in rows {
        let wrong = Compiler::new(environment()).add(source, Purpose::Find).unwrap_err();
        let first = wrong.first().unwrap();
        assert_eq!(wrong.iter().filter(|other| *other == first).count(), 1, "{source}: told once");
        assert!(first.message.contains(message), "{source}: {first}");
        let given = first.hint.clone().unwrap_or_default();
        assert!(given.contains(hint), "{source}: {given}");
    }
}

#[test]
fn the_parts_of_a_rule_say_why_it_does_not_fire() {
    let source = "type.inbound and size == 8 // no\n and (missing == 'x' or unknown)";
    let (rules, _) = compiled(source);
    let world = world();
    let parts = rules.examine(&world).parts(0);
    let told: Vec<(&str, Answer)> =
        parts.iter().map(|(span, answer)| (&source[span.start..span.end], *answer)).collect();
    assert_eq!(
        told,
        [("type.inbound", Yes), ("size == 8", No), ("(missing == 'x' or unknown)", Unknown)]
    );
}

#[test]
fn a_query_is_true_where_it_shows_something() {
    for (source, meant) in [
        ("links", Yes),
        ("filter(links, .size > 99)", No),
        ("no_list", Unknown),
        ("subject", Yes),
        ("missing", No),
        ("size == 8", No),
    ] {
        let mut compiler = Compiler::new(environment());
        compiler.add(source, Purpose::Show).unwrap();
        assert_eq!(compiler.finish().examine(&world()).test(0), meant, "{source}");
    }
}

#[test]
fn what_rules_share_is_worked_out_once() {
    let mut compiler = Compiler::new(environment());
    for n in 0..50 {
        compiler
            .add(&format!("strings.icontains(body, 'verify') and size == {n}"), Purpose::Find)
            .unwrap();
    }
    let rules = compiler.finish();
    let world = world();
    let mut examination = rules.examine(&world);
    let fired: Vec<usize> = (0..50).filter(|n| examination.test(*n) == Yes).collect();
    assert_eq!(fired, [7]);
    assert!(rules.statistics().operations < 50 * 3 + 10, "{:?}", rules.statistics());
}

#[test]
fn what_speaks_of_no_item_is_worked_out_once_for_all_items() {
    let list: Vec<String> = (0..50).map(|item| format!("'{item}'")).collect();
    let source = format!(
        "any([{}], strings.icontains(strings.concat(subject, body, strings.shout(body)), strings.concat(., 'nowhere')))",
        list.join(", ")
    );
    let mut compiler = Compiler::new(environment());
    compiler.add(&source, Purpose::Find).unwrap();
    let rules = compiler.finish();
    let world = world();
    let mut examination = rules.examine(&world);
    SHOUTED.set(0);
    assert_eq!(examination.test(0), Answer::No);
    assert_eq!(SHOUTED.get(), 1);
}

#[test]
fn a_rule_cannot_go_on_for_ever() {
    // Ten lists of ten, each inside the other: ten thousand million steps.
    let list = "['0','1','2','3','4','5','6','7','8','9']";
    let deep = (0..10).fold("size == 8".to_owned(), |inner, _| format!("any({list}, {inner})"));
    // What does not speak of an item is worked out once, so the items are spoken of.
    let deep_items = (0..10).fold(". == 'x'".to_owned(), |inner, n| {
        if n == 0 {
            format!("any({list}, {inner})")
        } else {
            format!("any({list}, . == 'y' or {inner})")
        }
    });
    let mut compiler = Compiler::new(environment());
    compiler.add(&deep, Purpose::Find).unwrap();
    compiler.add(&deep_items, Purpose::Find).unwrap();
    compiler.add("size == 7", Purpose::Find).unwrap();
    let rules = compiler.finish();
    let world = world();
    let mut examination = rules.examine(&world);
    let cut = [examination.test(0), examination.test(1)];
    assert!(cut.iter().all(|answer| matches!(answer, Answer::CutShort | No)), "{cut:?}");
    assert_eq!(examination.test(2), Yes);
}

#[test]
fn a_reason_is_what_made_it_true() {
    let rows = [
        (
            "type.inbound and strings.icontains(body, 'nothing', 'your password')",
            "body",
            "VERIFY your password at",
            "has “your password”",
        ),
        (
            "type.inbound and any(links, .size > 3 and strings.ends_with(.url, '/y'))",
            "links[1].url",
            "https://b.example/y",
            "has “/y”",
        ),
        (
            r"regex.icontains(body, 'verify\s+\w+') and not unknown is not null",
            "body",
            "VERIFY your password",
            r"matches /verify\s+\w+/",
        ),
        ("any(links, .url in $hosts)", "links[0].url", "https://a.example/x", "in the list"),
        ("'corp.example' in $org_domains", "message", "corp.example", "is in $org_domains"),
        ("2 of (size == 7, size == 8, size > 6)", "size", "7", "is == 7"),
        ("any($phrases, strings.icontains(body, .))", "body", "VERIFY your", "has “verify your”"),
        (
            "length(filter($phrases, strings.icontains(body, .))) >= 2",
            "body",
            "verify your · Password · at",
            "found 3, is >= 2",
        ),
        (
            "strings.icontains(strings.concat('a', body, '-'), 'your password')",
            "body",
            "VERIFY your password",
            "has “your password”",
        ),
        ("type.inbound", "type.inbound", "true", ""),
    ];
    for (source, place, quote, note) in rows {
        let world = world();
        let (rules, _) = compiled(source);
        let reasons = rules.examine(&world).explain(0);
        let told = reasons
            .iter()
            .any(|r| r.place == place && r.quote.contains(quote) && r.note.contains(note));
        assert!(told, "{source}: {reasons:?}");
    }
    let (rules, _) = compiled("size == 8");
    assert!(rules.examine(&world()).explain(0).is_empty());
    let (rules, _) = compiled("length(links) > 0 and size != 9 and any(links, .size > 3)");
    let reasons = rules.examine(&world()).explain(0);
    let aside = reasons.iter().any(|reason| reason.place.starts_with("length("));
    assert!(!reasons.is_empty() && !aside, "what all mail has is not told: {reasons:?}");
}
