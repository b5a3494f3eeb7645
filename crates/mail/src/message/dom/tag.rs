//! The names of elements, as numbers.

/// Declares the elements that something here treats in its own way.
macro_rules! tags {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// An element whose name somebody knows; any other is [`Tag::Other`].
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the name says it")]
        pub enum Tag { $($variant,)* Other }

        impl Tag {
            /// Reads a name of any case.
            #[allow(non_upper_case_globals, reason = "constants named as the variants")]
            pub(super) fn read(name: &[u8]) -> Self {
                $(const $variant: u64 = key($name.as_bytes());)*
                let tag = match key(name) {
                    $($variant => Self::$variant,)*
                    _ => Self::Other,
                };
                // The key of a long name leaves out its end.
                if name.len() <= KEY_OCTETS || tag.name().is_some_and(|whole| {
                    whole.as_bytes().eq_ignore_ascii_case(name)
                }) {
                    tag
                } else {
                    Self::Other
                }
            }

            /// The name in lower case; `None` for any other.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($name),)*
                    Self::Other => None,
                }
            }
        }
    };
}

tags! {
    A = "a", Area = "area", Article = "article", Aside = "aside", B = "b", Base = "base",
    Blockquote = "blockquote", Body = "body", Br = "br", Button = "button", Caption = "caption",
    Center = "center", Col = "col", Colgroup = "colgroup", Dd = "dd", Details = "details",
    Dir = "dir", Div = "div", Dl = "dl", Dt = "dt", Em = "em", Embed = "embed",
    Fieldset = "fieldset", Figcaption = "figcaption", Figure = "figure", Font = "font",
    Footer = "footer", Form = "form", Frame = "frame", H1 = "h1", H2 = "h2", H3 = "h3",
    H4 = "h4", H5 = "h5", H6 = "h6", Head = "head", Header = "header", Hr = "hr", Html = "html",
    I = "i", Iframe = "iframe", Img = "img", Input = "input", Label = "label", Li = "li",
    Link = "link", Main = "main", Map = "map", Menu = "menu", Meta = "meta", Nav = "nav",
    Noembed = "noembed", Noframes = "noframes", Noscript = "noscript", Object = "object",
    Ol = "ol", Optgroup = "optgroup", Option = "option", P = "p", Param = "param", Pre = "pre",
    S = "s", Script = "script", Section = "section", Select = "select", Small = "small",
    Source = "source", Span = "span", Strong = "strong", Style = "style", Sub = "sub",
    Summary = "summary", Sup = "sup", Svg = "svg", Table = "table", Tbody = "tbody", Td = "td",
    Template = "template", Textarea = "textarea", Tfoot = "tfoot", Th = "th", Thead = "thead",
    Title = "title", Tr = "tr", Track = "track", U = "u", Ul = "ul", Video = "video",
    Wbr = "wbr", Xmp = "xmp",
}

impl Tag {
    /// Whether it never has content.
    pub(super) const fn is_void(self) -> bool {
        matches!(
            self,
            Self::Area
                | Self::Base
                | Self::Br
                | Self::Col
                | Self::Embed
                | Self::Hr
                | Self::Img
                | Self::Input
                | Self::Link
                | Self::Meta
                | Self::Param
                | Self::Source
                | Self::Track
                | Self::Wbr
                | Self::Frame
        )
    }

    /// Whether its content is text up to its end tag, whatever stands in it.
    pub(crate) const fn is_raw(self) -> bool {
        matches!(
            self,
            Self::Script
                | Self::Style
                | Self::Textarea
                | Self::Title
                | Self::Xmp
                | Self::Iframe
                | Self::Noembed
                | Self::Noframes
        )
    }

    /// Whether it stands on lines of its own.
    #[must_use]
    pub const fn is_block(self) -> bool {
        matches!(
            self,
            Self::Article
                | Self::Aside
                | Self::Blockquote
                | Self::Body
                | Self::Caption
                | Self::Center
                | Self::Dd
                | Self::Details
                | Self::Dir
                | Self::Div
                | Self::Dl
                | Self::Dt
                | Self::Fieldset
                | Self::Figcaption
                | Self::Figure
                | Self::Footer
                | Self::Form
                | Self::H1
                | Self::H2
                | Self::H3
                | Self::H4
                | Self::H5
                | Self::H6
                | Self::Header
                | Self::Hr
                | Self::Html
                | Self::Li
                | Self::Main
                | Self::Menu
                | Self::Nav
                | Self::Ol
                | Self::P
                | Self::Pre
                | Self::Section
                | Self::Summary
                | Self::Table
                | Self::Tbody
                | Self::Tfoot
                | Self::Thead
                | Self::Tr
                | Self::Ul
        )
    }

    /// Whether an end tag inside it does not reach what is open around it.
    pub(super) const fn is_scope(self) -> bool {
        matches!(
            self,
            Self::Td | Self::Th | Self::Caption | Self::Table | Self::Html | Self::Object
        )
    }
}

/// The first octets of a name and its length in one number.
const fn key(name: &[u8]) -> u64 {
    let mut key = (name.len() as u64) << 56;
    let mut rest = name;
    let mut at = 0;
    while let [octet, after @ ..] = rest {
        if at == KEY_OCTETS {
            break;
        }
        key |= (octet.to_ascii_lowercase() as u64) << (at * 8);
        rest = after;
        at += 1;
    }
    key
}

const KEY_OCTETS: usize = 7;
