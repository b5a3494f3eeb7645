//! Trees and attributes, by example.

use super::*;

/// The tree in one line: `div(p("x"),br)`.
fn shape(html: &str) -> String {
    fn write(dom: &Dom, node: NodeId, out: &mut String) {
        let children: Vec<_> = dom.children(node).collect();
        match dom.kind(node) {
            NodeKind::Text => out.push_str(&format!("{:?}", dom.text(node))),
            NodeKind::Comment => out.push_str(&format!("<!{}>", dom.text(node))),
            _ => out.push_str(&dom.name(node)),
        }
        if children.is_empty() {
            return;
        }
        out.push('(');
        for (place, child) in children.into_iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            write(dom, child, out);
        }
        out.push(')');
    }
    let dom = Dom::parse(html);
    let mut out = String::new();
    write(&dom, dom.root(), &mut out);
    out
}

#[test]
fn shapes() {
    let rows = [
        ("nested", "<div><p>a</p><br>b</div>c", r#"(div(p("a"),br,"b"),"c")"#),
        ("p is closed by a block", "<p>a<div>b</div>", r#"(p("a"),div("b"))"#),
        ("items close each other", "<ul><li>a<li>b</ul>", r#"(ul(li("a"),li("b")))"#),
        (
            "cells and rows close each other",
            "<table><tr><td>a<td>b<tr><td>c</table>d",
            r#"(table(tr(td("a"),td("b")),tr(td("c"))),"d")"#,
        ),
        (
            "a stray end tag in a cell closes nothing around the table",
            "<div><table><tr><td>a</div>b</td></tr></table>c</div>",
            r#"(div(table(tr(td("a","b"))),"c"))"#,
        ),
        ("links do not nest", "<a href=x>a<a href=y>b</a>", r#"(a("a"),a("b"))"#),
        ("case", "<DIV>a</div>b", r#"(div("a"),"b")"#),
        ("unknown names", "<o:p>a</o:p>b", r#"(o:p("a"),"b")"#),
        (
            "scripts are one text",
            "<script>if (a<b) '</p>'</script>c",
            r#"(script("if (a<b) '</p>'"),"c")"#,
        ),
        ("an unclosed title", "<title>a<b>", r#"(title("a<b>"))"#),
        ("comments", "<!--a--b-->c<!-->d<!---->", r#"(<!a--b>,"c",<!>,"d",<!>)"#),
        ("an unclosed comment", "a<!--b", r#"("a",<!b>)"#),
        ("a lone sign is text", "a < b <3", r#"("a < b <3")"#),
        ("declarations are nothing", "<!doctype html><?xml?><![if !mso]>a<![endif]>", r#"("a")"#),
        ("entities", "a&amp;b&#x41;&nbsp", r#"("a&bA&nbsp")"#),
        (
            "a head that never ends",
            "<head><title>t</title>a<p>b",
            r#"(head(title("t")),"a",p("b"))"#,
        ),
        ("a tag without its end", "a<div", r#"("a",div)"#),
        ("self-closing in a drawing", "<svg><path/>a</svg>", r#"(svg(path,"a"))"#),
        ("self-closing elsewhere opens", "<span/>a", r#"(span("a"))"#),
    ];
    for (rule, html, meant) in rows {
        assert_eq!(shape(html), meant, "{rule}");
    }
}

#[test]
fn attributes_as_browsers_read_them() {
    let dom = Dom::parse(
        "<a HREF='x y' href=second data-a=b/c disabled title = \"1 &gt; 0\" / =odd=1>t</a>",
    );
    let a = dom.children(dom.root()).next().unwrap();
    let value = |name: &str| dom.attribute(a, name).map(Cow::into_owned);
    assert_eq!(value("href").as_deref(), Some("x y"));
    assert_eq!(value("data-a").as_deref(), Some("b/c"));
    assert_eq!(value("disabled").as_deref(), Some(""));
    assert_eq!(value("title").as_deref(), Some("1 > 0"));
    assert_eq!(value("=odd").as_deref(), Some("1"));
    assert_eq!(value("none"), None);
    assert_eq!(dom.raw(a), dom.source());
}

#[test]
fn what_is_inside_is_a_range() {
    let dom = Dom::parse("<div>a<p>b</p></div><i>c</i>");
    let [div, i] = dom.children(dom.root()).collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(dom.descendants(div).count(), 3);
    assert_eq!(dom.raw(div), "<div>a<p>b</p></div>");
    assert_eq!(dom.raw(i), "<i>c</i>");
    assert!(dom.descendants(div).all(|node| dom.is_within(node, div) && !dom.is_within(node, i)));
    assert_eq!(dom.parent(i), Some(dom.root()));
    assert_eq!(dom.parent(dom.root()), None);
}

#[test]
fn a_million_nested_elements_come_back() {
    let html = "<div><font><x>".repeat(400_000);
    let dom = Dom::parse(&html);
    assert!(dom.is_cut());
    assert!(dom.len() <= NODES_MAX + 1);
}

proptest::proptest! {
    #[test]
    fn any_text_is_a_tree(html in "(<|>|/|!|-|=|'|\"|&|;|a|td|tr|table|p|li|div|script|title| |\\PC){0,80}") {
        let dom = Dom::parse(&html);
        for node in dom.nodes() {
            assert!(html.get(dom.range(node)).is_some());
            for child in dom.children(node) {
                assert_eq!(dom.parent(child), Some(node));
            }
            let _ = (dom.text(node), dom.name(node), dom.attributes(node).count());
        }
    }
}
