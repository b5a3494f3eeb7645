//! What a style attribute or a simple style sheet says about whether text can be seen.

use std::collections::HashMap;

/// What of a style matters here. What is not set is inherited.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Style {
    /// Gone with everything inside, whatever that says.
    pub(crate) gone: bool,
    /// Not drawn; what is inside may say otherwise.
    pub(crate) invisible: Option<bool>,
    /// Whether letters are too small to be read.
    pub(crate) tiny: Option<bool>,
    pub(crate) color: Option<Color>,
    pub(crate) background: Option<Background>,
}

/// Red, green and blue.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Color(pub(crate) [u8; 3]);

/// What is behind text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Background {
    Plain(Color),
    /// A picture, or a colour that is not understood.
    Unknown,
}

impl Style {
    /// Reads declarations as in a style attribute.
    pub(crate) fn parse(text: &str) -> Self {
        let mut style = Self::default();
        let mut cropped = false;
        let mut clipped = false;
        for declaration in text.split(';') {
            let Some((name, value)) = declaration.split_once(':') else { continue };
            let (name, value) = (name.trim(), value.trim());
            let is = |word: &str| name.eq_ignore_ascii_case(word);
            let says = |word: &str| starts(value, word);
            match name.as_bytes().first().map(u8::to_ascii_lowercase) {
                Some(b'd') if is("display") => style.gone |= says("none"),
                Some(b'v') if is("visibility") => {
                    style.invisible = Some(says("hidden") || says("collapse"));
                }
                Some(b'o') if is("opacity") => {
                    style.gone |= value.parse::<f32>().is_ok_and(|opacity| opacity < OPACITY_MIN);
                }
                Some(b'o') if is("overflow") => clipped |= says("hidden"),
                Some(b'f') if is("font-size") => style.tiny = pixels(value).map(is_tiny),
                Some(b'm') if is("max-height") || is("max-width") => cropped |= is_zero(value),
                Some(b'h') if is("height") => cropped |= is_zero(value),
                Some(b'w') if is("width") => cropped |= is_zero(value),
                Some(b't') if is("text-indent") => style.gone |= is_far_out(value),
                Some(b'l' | b't') if is("left") || is("top") => style.gone |= is_far_out(value),
                Some(b'c') if is("color") => style.color = Color::parse(value).or(style.color),
                Some(b'b') if is("background") || is("background-color") => {
                    style.background = Background::parse(value).or(style.background);
                }
                Some(b'b') if is("background-image") && !says("none") => {
                    style.background = Some(Background::Unknown);
                }
                _ => {}
            }
        }
        style.gone |= cropped && clipped;
        style
    }

    /// Lays another over this one.
    pub(crate) fn with(self, over: Self) -> Self {
        Self {
            gone: self.gone || over.gone,
            invisible: over.invisible.or(self.invisible),
            tiny: over.tiny.or(self.tiny),
            color: over.color.or(self.color),
            background: over.background.or(self.background),
        }
    }

    /// Whether text so written cannot be seen. Where nothing is said about what is behind, it is
    /// white.
    pub(crate) fn hides(&self) -> bool {
        if self.gone || self.invisible == Some(true) || self.tiny == Some(true) {
            return true;
        }
        let behind = match self.background {
            None => Color::WHITE,
            Some(Background::Plain(color)) => color,
            Some(Background::Unknown) => return false,
        };
        self.color.is_some_and(|color| color.is_like(behind))
    }
}

impl Color {
    pub(crate) const WHITE: Self = Self([255; 3]);

    /// Reads `#fff`, `#ffffff`, `rgb(255, 255, 255)` and the commonest names.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches("!important").trim_end();
        if let Some(hex) = text.strip_prefix('#') {
            return Self::hex(hex);
        }
        if let Some(at) = text.find('(')
            && starts(text, "rgb")
        {
            let mut parts = text.get(at + 1..)?.split([',', ' ', ')']).filter(|p| !p.is_empty());
            let mut part = || parts.next()?.trim().parse::<u8>().ok();
            let color = [part()?, part()?, part()?];
            let is_clear = parts.find(|p| *p != "/").is_some_and(|alpha| {
                alpha.trim().parse::<f32>().is_ok_and(|alpha| alpha < OPACITY_MIN)
            });
            return (!is_clear).then_some(Self(color));
        }
        let names = [("white", [255; 3]), ("black", [0; 3]), ("red", [255, 0, 0])];
        let named = |(name, _): &&(&str, [u8; 3])| starts(text, name) && text.len() == name.len();
        names.iter().find(named).map(|(_, color)| Self(*color))
    }

    fn hex(text: &str) -> Option<Self> {
        let digit = |at: usize| {
            let digit = char::from(*text.as_bytes().get(at)?).to_digit(16)?;
            u8::try_from(digit).ok()
        };
        match text.bytes().take_while(u8::is_ascii_hexdigit).count() {
            3 | 4 => Some(Self([digit(0)? * 17, digit(1)? * 17, digit(2)? * 17])),
            6 | 8 => {
                let pair = |at: usize| Some(digit(at)? * 16 + digit(at + 1)?);
                Some(Self([pair(0)?, pair(2)?, pair(4)?]))
            }
            _ => None,
        }
    }

    /// Whether nobody can tell them apart.
    fn is_like(self, other: Self) -> bool {
        self.0.iter().zip(other.0).all(|(one, other)| one.abs_diff(other) <= SHADES_ALIKE_MAX)
    }
}

impl Background {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if starts(text, "transparent") || starts(text, "none") || starts(text, "inherit") {
            return None;
        }
        if text.contains("url(") || text.contains("gradient") {
            return Some(Self::Unknown);
        }
        let first = if starts(text, "rgb") { text } else { text.split(' ').next()? };
        Some(Color::parse(first).map_or(Self::Unknown, Self::Plain))
    }
}

/// The classes and ids that the style sheets of a page hide, outside of conditions such as
/// `@media`.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    classes: HashMap<Box<str>, Style>,
    ids: HashMap<Box<str>, Style>,
}

impl Sheet {
    /// Adds what one style sheet says.
    pub(crate) fn add(&mut self, text: &str) {
        let mut rest = text.get(..SHEET_OCTETS_MAX).unwrap_or(text);
        while let Some(open) = rest.find('{') {
            let (selectors, after) = rest.split_at(open);
            let body = after.get(1..).unwrap_or_default();
            let selectors = selectors.rsplit(['}', ';']).next().unwrap_or_default().trim();
            let selectors = selectors.rsplit("*/").next().unwrap_or_default().trim();
            if selectors.starts_with('@') && !selectors.starts_with("@font-face") {
                rest = after_block(body);
                continue;
            }
            let end = body.find('}').unwrap_or(body.len());
            let (block, next) = body.split_at(end);
            self.rule(selectors, block);
            rest = next;
        }
    }

    fn rule(&mut self, selectors: &str, block: &str) {
        let style = Style::parse(block);
        // Colours of a sheet depend on rules that are not understood here.
        let style = Style { color: None, background: None, ..style };
        if style == Style::default() || self.classes.len() + self.ids.len() >= RULES_MAX {
            return;
        }
        for selector in selectors.split(',').map(str::trim) {
            let simple = |name: &str| {
                !name.is_empty()
                    && name.bytes().all(|o| o.is_ascii_alphanumeric() || matches!(o, b'-' | b'_'))
            };
            let tail = selector.find(['.', '#']).and_then(|at| selector.split_at_checked(at));
            let Some((element, name)) = tail else { continue };
            if !element.is_empty() && !simple(element) {
                continue;
            }
            let (into, name) = match name.strip_prefix('.') {
                Some(class) => (&mut self.classes, class),
                None => (&mut self.ids, name.trim_start_matches('#')),
            };
            if simple(name) {
                let entry = into.entry(name.into()).or_default();
                *entry = entry.with(style);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.classes.is_empty() && self.ids.is_empty()
    }

    /// What is said about an element with these classes and this id.
    pub(crate) fn style(&self, classes: Option<&str>, id: Option<&str>) -> Style {
        let classes = classes.into_iter().flat_map(str::split_ascii_whitespace);
        let by_class = classes.filter_map(|class| self.classes.get(class));
        let by_id = id.and_then(|id| self.ids.get(id));
        by_class.chain(by_id).fold(Style::default(), |style, over| style.with(*over))
    }
}

/// What follows a block with blocks in it.
fn after_block(text: &str) -> &str {
    let mut depth = 1_u32;
    for (at, octet) in text.bytes().enumerate() {
        match octet {
            b'{' => depth = depth.saturating_add(1),
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}

fn starts(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|front| front.eq_ignore_ascii_case(word))
}

/// A length in pixels; `None` for what is relative.
fn pixels(value: &str) -> Option<f32> {
    let digits = value.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'));
    let (number, unit) = value.split_at_checked(digits.unwrap_or(value.len()))?;
    let number: f32 = number.parse().ok()?;
    let unit = unit.trim().trim_end_matches("!important").trim_end();
    match unit.to_ascii_lowercase().as_str() {
        "" | "px" => Some(number),
        "pt" => Some(number * 4.0 / 3.0),
        _ if number == 0.0 => Some(0.0),
        "em" | "rem" => Some(number * 16.0),
        _ => None,
    }
}

fn is_tiny(size: f32) -> bool {
    size < LETTER_PIXELS_MIN
}

fn is_zero(value: &str) -> bool {
    pixels(value).is_some_and(|size| size < 1.0)
}

fn is_far_out(value: &str) -> bool {
    pixels(value).is_some_and(|size| size < -FAR_OUT_PIXELS_MIN)
}

const FAR_OUT_PIXELS_MIN: f32 = 900.0;
const LETTER_PIXELS_MIN: f32 = 2.0;
const OPACITY_MIN: f32 = 0.05;
const RULES_MAX: usize = 2_000;
const SHADES_ALIKE_MAX: u8 = 6;
const SHEET_OCTETS_MAX: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_or_not() {
        let rows = [
            ("nothing said", "font-weight:bold", false),
            ("display", "DISPLAY : None", true),
            ("visibility", "visibility:hidden", true),
            ("no size", "font-size:0", true),
            ("one pixel", "font-size:1px; line-height:1px", true),
            ("readable", "font-size:9pt", false),
            ("opacity", "opacity:0.0", true),
            ("half opaque", "opacity:.5", false),
            ("no room", "max-height:0px;overflow:hidden", true),
            ("no room but flowing over", "max-height:0px", false),
            ("white on white", "color:#fff;background-color:#FFFFFF", true),
            ("white on what is behind", "color:#fefefe", true),
            ("white on blue", "color:white;background:#0000ff", false),
            ("white on a picture", "color:#fff;background:url(x)", false),
            ("nearly the same", "color:rgb(10,10,10);background:#0c0c0c", true),
            ("out of the window", "text-indent:-9999px", true),
        ];
        for (rule, style, meant) in rows {
            assert_eq!(Style::parse(style).hides(), meant, "{rule}");
        }
    }

    #[test]
    fn sheets_hide_classes_but_not_on_conditions() {
        let mut sheet = Sheet::default();
        sheet.add(
            "/* x */ .gone, td.also { display:none } #it{font-size:0}
             @media (max-width:600px){ .narrow{display:none} } .shown{color:#fff} .a .b{display:none}",
        );
        let hides = |class, id| sheet.style(class, id).hides();
        assert!(
            hides(Some("x gone"), None) && hides(Some("also"), None) && hides(None, Some("it"))
        );
        assert!(!hides(Some("narrow shown b"), None));
    }
}
