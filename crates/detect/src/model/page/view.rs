//! What a person sees of a page: one text, and where on it each node begins and ends.

use clawback_mail::message::{Dom, NodeId, NodeKind, Tag};

use super::fold::is_invisible;
use super::style::{Background, Color, Sheet, Style};

/// The text that can be seen, and the places of all nodes on it.
pub(crate) struct View {
    text: String,
    /// Where each node begins and ends.
    spots: Vec<(u32, u32)>,
    /// Which nodes cannot be seen, one bit each.
    hidden: Vec<u64>,
}

impl View {
    /// Reads a page in one pass.
    pub(crate) fn of(dom: &Dom) -> Self {
        let mut walk = Walk::new(dom);
        for node in dom.nodes() {
            walk.visit(node);
        }
        walk.finish()
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What can be seen of a node, trimmed.
    pub(crate) fn text_of(&self, node: NodeId) -> &str {
        let (start, end) = self.spot(node);
        self.text.get(start..end).unwrap_or_default().trim()
    }

    /// Where on the text a node stands.
    pub(crate) fn spot(&self, node: NodeId) -> (usize, usize) {
        let spot = self.spots.get(node.index()).copied().unwrap_or_default();
        (spot.0 as usize, spot.1 as usize)
    }

    /// Whether a node, or what it stands in, is hidden.
    pub(crate) fn is_hidden(&self, node: NodeId) -> bool {
        let index = node.index();
        self.hidden.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }
}

/// An element that is open at this point of the walk.
struct Open {
    node: NodeId,
    tag: Tag,
    style: Style,
    hidden: bool,
    /// Whether white space counts.
    verbatim: bool,
}

struct Walk<'a> {
    dom: &'a Dom,
    sheet: Sheet,
    open: Vec<Open>,
    out: Collapsing,
    spots: Vec<(u32, u32)>,
    hidden: Vec<u64>,
}

impl<'a> Walk<'a> {
    fn new(dom: &'a Dom) -> Self {
        let mut sheet = Sheet::default();
        for node in dom.nodes().filter(|node| dom.tag(*node) == Some(Tag::Style)) {
            let texts = dom.children(node);
            texts.for_each(|text| sheet.add(&dom.text(text)));
        }
        Self {
            dom,
            sheet,
            open: Vec::with_capacity(32),
            out: Collapsing::with_capacity(dom.source().len() / 4),
            spots: Vec::with_capacity(dom.len()),
            hidden: vec![0; dom.len().div_ceil(64)],
        }
    }

    fn visit(&mut self, node: NodeId) {
        self.leave_before(node);
        let at = self.out.place();
        match self.dom.kind(node) {
            NodeKind::Element(tag) => self.enter(node, tag),
            NodeKind::Text => self.text(node),
            NodeKind::Document | NodeKind::Comment => {}
        }
        // An element that begins on a line of its own begins after the break before it.
        let end = self.out.place();
        self.spots.push((at, end));
    }

    /// Leaves the elements that a node is not inside.
    fn leave_before(&mut self, node: NodeId) {
        while let Some(last) = self.open.last() {
            if self.dom.is_within(node, last.node) {
                return;
            }
            self.leave();
        }
    }

    fn leave(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let end = self.out.place();
        if let Some(spot) = self.spots.get_mut(open.node.index()) {
            spot.1 = end;
        }
        if !open.hidden {
            self.separate(open.tag);
        }
    }

    fn separate(&mut self, tag: Tag) {
        match tag {
            Tag::P | Tag::H1 | Tag::H2 | Tag::H3 | Tag::H4 | Tag::H5 | Tag::H6 => {
                self.out.lines(2);
            }
            Tag::Td | Tag::Th => self.out.space(),
            _ if tag.is_block() => self.out.lines(1),
            _ => {}
        }
    }

    fn enter(&mut self, node: NodeId, tag: Tag) {
        let above = self.open.last();
        let inherited = above.map_or_else(Style::default, |open| open.style);
        let verbatim = above.is_some_and(|open| open.verbatim);
        let mut style = self.style(node, tag, inherited);
        let unseen = matches!(
            tag,
            Tag::Head
                | Tag::Title
                | Tag::Script
                | Tag::Style
                | Tag::Noscript
                | Tag::Template
                | Tag::Noframes
                | Tag::Noembed
                | Tag::Iframe
        );
        style.gone |= unseen;
        let hidden = style.hides();
        if hidden {
            self.hide(node);
        } else if tag == Tag::Br {
            self.out.line_break();
        } else {
            self.separate(tag);
        }
        let verbatim = verbatim || tag == Tag::Pre;
        self.open.push(Open { node, tag, style, hidden, verbatim });
    }

    fn style(&self, node: NodeId, tag: Tag, inherited: Style) -> Style {
        let attribute = |name| self.dom.attribute(node, name);
        let mut style = inherited;
        if !self.sheet.is_empty() {
            let (class, id) = (attribute("class"), attribute("id"));
            style = style.with(self.sheet.style(class.as_deref(), id.as_deref()));
        }
        let mut over = Style::default();
        for (name, value) in self.dom.attributes(node) {
            match name.len() {
                5 if name.eq_ignore_ascii_case("style") => {
                    over = over.with(Style::parse(&value));
                }
                5 if tag == Tag::Font && name.eq_ignore_ascii_case("color") => {
                    over.color = over.color.or_else(|| Color::parse(&value));
                }
                7 if name.eq_ignore_ascii_case("bgcolor") => {
                    over.background = over.background.or_else(|| Background::parse(&value));
                }
                6 if name.eq_ignore_ascii_case("hidden") => over.gone = true,
                10 if name.eq_ignore_ascii_case("background") && !value.is_empty() => {
                    over.background = over.background.or(Some(Background::Unknown));
                }
                _ => {}
            }
        }
        style.with(over)
    }

    fn hide(&mut self, node: NodeId) {
        let index = node.index();
        if let Some(word) = self.hidden.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    fn text(&mut self, node: NodeId) {
        let (hidden, verbatim) =
            self.open.last().map_or((false, false), |open| (open.hidden, open.verbatim));
        if hidden {
            self.hide(node);
            return;
        }
        let text = self.dom.text(node);
        self.out.push(&text, verbatim);
    }

    fn finish(mut self) -> View {
        while !self.open.is_empty() {
            self.leave();
        }
        let end = self.out.place();
        if let Some(page) = self.spots.first_mut() {
            page.1 = end;
        }
        View { text: self.out.text, spots: self.spots, hidden: self.hidden }
    }
}

/// Text whose white space is collapsed as a browser would.
struct Collapsing {
    text: String,
    /// What is due before the next character that is seen.
    space: bool,
    lines: u8,
}

impl Collapsing {
    fn with_capacity(octets: usize) -> Self {
        Self { text: String::with_capacity(octets), space: false, lines: 0 }
    }

    fn place(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    fn space(&mut self) {
        self.space = true;
    }

    /// At least so many line ends stand before what follows.
    fn lines(&mut self, lines: u8) {
        self.lines = self.lines.max(lines);
    }

    /// One more line end, up to a blank line.
    fn line_break(&mut self) {
        self.lines = (self.lines + 1).min(2);
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            match self.lines {
                0 if self.space => self.text.push(' '),
                0 => {}
                1 => self.text.push('\n'),
                _ => self.text.push_str("\n\n"),
            }
        }
        self.space = false;
        self.lines = 0;
    }

    fn push(&mut self, text: &str, verbatim: bool) {
        let mut rest = text;
        // Runs of plain ASCII words are copied whole.
        while !rest.is_empty() {
            let plain = rest.bytes().take_while(u8::is_ascii_graphic).count();
            if plain > 0 {
                let (word, after) = rest.split_at(plain);
                self.flush();
                self.text.push_str(word);
                rest = after;
                continue;
            }
            let mut characters = rest.chars();
            let Some(character) = characters.next() else { return };
            rest = characters.as_str();
            if verbatim && character == '\n' {
                self.line_break();
            } else if character.is_whitespace() {
                self.space = true;
            } else if !is_invisible(character) {
                self.flush();
                self.text.push(character);
            }
        }
    }
}

/// All text inside a node but scripts and styles, hidden text as well, white space collapsed.
pub(super) fn inner_text(dom: &Dom, of: NodeId) -> String {
    let mut out = Collapsing::with_capacity(dom.raw(of).len() / 4);
    let nodes = std::iter::once(of).chain(dom.descendants(of));
    let mut blocks: Vec<NodeId> = Vec::new();
    for node in nodes {
        while blocks.pop_if(|block| !dom.is_within(node, *block)).is_some() {
            out.lines(1);
        }
        match dom.kind(node) {
            NodeKind::Element(Tag::Br) => out.line_break(),
            NodeKind::Element(tag) if tag.is_block() => {
                out.lines(1);
                blocks.push(node);
            }
            NodeKind::Element(Tag::Td | Tag::Th) => out.space(),
            NodeKind::Text => {
                let inside = dom.parent(node).and_then(|parent| dom.tag(parent));
                if !matches!(inside, Some(Tag::Script | Tag::Style)) {
                    push_whole(&mut out, &dom.text(node));
                }
            }
            _ => {}
        }
    }
    out.text
}

fn push_whole(out: &mut Collapsing, text: &str) {
    for (place, word) in text.split([' ', '\n', '\r', '\t']).enumerate() {
        out.space |= place > 0;
        if !word.is_empty() {
            out.flush();
            out.text.push_str(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(html: &str) -> String {
        View::of(&Dom::parse(html)).text().to_owned()
    }

    #[test]
    fn what_is_seen() {
        let rows = [
            ("words", "<b>a</b>  b\n c", "a b c"),
            ("blocks are lines", "<div>a</div><div><div>b</div></div>", "a\nb"),
            ("paragraphs are apart", "<p>a</p><p>b</p>", "a\n\nb"),
            ("breaks", "a<br>b<br><br><br>c", "a\nb\n\nc"),
            ("cells", "<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc"),
            (
                "head and code",
                "<head><title>x</title></head><style>y</style><script>z</script>a",
                "a",
            ),
            ("hidden", "a<div style='display:none'>x<p>y</p></div>b", "ab"),
            ("hidden by class", "<style>.p{display:none}</style><i class='q p'>x</i>a", "a"),
            ("shown again", "<td style='font-size:0'>x<b style='font-size:12px'>a</b></td>", "a"),
            (
                "never shown again",
                "<div style='display:none'><b style='display:block'>x</b></div>a",
                "a",
            ),
            ("white on white", "<font color=white>x</font>a", "a"),
            ("white on blue", "<table bgcolor=#00f><tr><td><font color=#fff>a</font></table>", "a"),
            ("zero width", "pass&#8203;word&shy;s", "passwords"),
            ("hard spaces", "a&nbsp;&nbsp;b", "a b"),
            ("verbatim", "<pre>a\nb  c</pre>", "a\nb c"),
            ("comments", "a<!-- x -->b", "ab"),
        ];
        for (rule, html, meant) in rows {
            assert_eq!(seen(html), meant, "{rule}");
        }
    }

    #[test]
    fn nodes_have_their_place() {
        let dom = Dom::parse("<p>a <a href=x>b <b>c</b></a> d</p>");
        let view = View::of(&dom);
        let link = dom.nodes().find(|node| dom.tag(*node) == Some(Tag::A)).unwrap();
        assert_eq!(view.text_of(link), "b c");
        assert_eq!(view.text_of(dom.root()), "a b c d");
    }

    #[test]
    fn inner_text_has_what_is_hidden() {
        let dom = Dom::parse("<p>a<i style='display:none'>b</i></p><script>x</script>c");
        assert_eq!(inner_text(&dom, dom.root()), "ab\nc");
    }

    proptest::proptest! {
        #[test]
        fn any_page_has_a_view(html in "(<|>|/|a|td|tr|table|p|br|div|style=display:none| |\\PC){0,80}") {
            let dom = Dom::parse(&html);
            let view = View::of(&dom);
            for node in dom.nodes() {
                let (start, end) = view.spot(node);
                assert!(view.text.get(start..end).is_some());
            }
        }
    }
}
