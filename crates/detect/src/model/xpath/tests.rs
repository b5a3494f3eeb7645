//! Expressions by example.

use clawback_mail::message::Dom;

use super::*;

const PAGE: &str = "<html><head><title>T</title></head><body><!-- c1 -->\
<table class='a b'><tr><td>1</td><td style='background-color:#fff'>2</td></tr>\
<tr><td><img src='https://a.example/x.png' height='25px' alt='Logo'></td><td><a href='https://a.example/'>go <b>now</b></a></td></tr></table>\
<div id=x><ul><li>one</li><li>two</li><li>three</li></ul><p> a  b </p></div><o:p>n</o:p></body></html>";

/// What is found, each as its raw text or value.
fn found(expression: &str) -> Option<Vec<String>> {
    let dom = Dom::parse(PAGE);
    let items = Expression::parse(expression)?.nodes(&dom)?;
    let evaluation = Evaluation::new(&dom);
    Some(items.into_iter().map(|item| evaluation.text_of(item).unwrap()).collect())
}

#[test]
fn expressions() {
    let rows: &[(&str, &[&str])] = &[
        ("//title", &["T"]),
        ("/html/head/title", &["T"]),
        ("//img/@src", &["https://a.example/x.png"]),
        ("//@class", &["a b"]),
        ("//*/@class", &["a b"]),
        ("//comment()", &[" c1 "]),
        ("//td[contains(@style, \"background-color\")]", &["2"]),
        ("//tr[td[1]/img[@height='25px']]/td[2]//a", &["go now"]),
        ("//a[@href]", &["go now"]),
        ("//td[1]", &["1", ""]),
        ("(//td)[1]", &["1"]),
        ("//td[last()]", &["2", "go now"]),
        ("//li[position() > 1]", &["two", "three"]),
        ("//li[position() mod 2 = 1]", &["one", "three"]),
        ("//div/ul[count(li) = 3]/li[2]", &["two"]),
        ("//li[2]/following-sibling::li", &["three"]),
        ("//li[3]/preceding-sibling::li[1]", &["two"]),
        ("//b/ancestor::tr/td[1]/img/@alt", &["Logo"]),
        ("//b/..", &["go now"]),
        ("//b/parent::a/@href", &["https://a.example/"]),
        ("//p[normalize-space() = 'a b']", &[" a  b "]),
        ("//*[local-name() = 'p'][name() != 'p']", &["n"]),
        ("//li[starts-with(text(), 't') and not(contains(., 'w'))]", &["three"]),
        ("//li[string-length(.) = 3 or . = 'three']", &["one", "two", "three"]),
        ("//li[translate(., 'eno', 'ENO') = 'ONE']", &["one"]),
        ("//li[substring(., 1, 2) = 'th']", &["three"]),
        ("//title | //b", &["T", "now"]),
        ("//div//text()[normalize-space()]", &["one", "two", "three", " a  b "]),
        ("//a[.//b]", &["go now"]),
        ("//td[not(*)]", &["1", "2"]),
        ("//ul/child::node()[1]/self::li", &["one"]),
        ("id('x')", &[]),
        ("//nothing", &[]),
    ];
    for (expression, meant) in rows {
        let got = found(expression).unwrap_or_default();
        assert_eq!(got, *meant, "{expression}");
    }
}

#[test]
fn what_is_no_expression() {
    for expression in
        ["", "//", "//a[", "//a]", "//a[@href", "//tr[td[1]]/td[2]//a]", "nope::a", "'x"]
    {
        assert!(Expression::parse(expression).is_none(), "{expression}");
    }
    // A text and a number are no nodes.
    assert!(found("1 + 1").is_none() && found("count(//a)").is_none());
}

#[test]
fn steps_are_limited() {
    let dom = Dom::parse(&"<p>x</p>".repeat(5_000));
    let slow = Expression::parse("//*[count(//*[count(//*) > 1]) > 1]").unwrap();
    assert!(slow.nodes(&dom).is_none());
    let deep = "(".repeat(5_000);
    assert!(Expression::parse(&deep).is_none());
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(/|//|a|@|\\[|\\]|\\(|\\)|\\.|\\*|::|1|'x'|=|and|text\\(\\)|position\\(\\)|count|,| ){0,30}") {
        let _ = found(&text);
    }
}
