//! Text out of mail, as a page may show it: escaped, isolated in direction, with the marks that
//! turn text around made visible, and never a link.

use std::fmt::Write as _;

use askama::filters::Safe;

/// Untrusted text for the content of an element. The one way such text gets onto a page.
pub(super) fn untrusted(text: impl AsRef<str>) -> Safe<String> {
    let text = text.as_ref();
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str("<bdi>");
    for character in text.chars().take(CHARS_MAX) {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if turns_text(c) || c.is_control() => {
                let _ = write!(
                    out,
                    "<span class=\"ctl\" title=\"Hidden character\">U+{:04X}</span>",
                    u32::from(c),
                );
            }
            c => out.push(c),
        }
    }
    if text.chars().nth(CHARS_MAX).is_some() {
        out.push('…');
    }
    out.push_str("</bdi>");
    Safe(out)
}

/// The same, with whatever looks like the start of a URL made harmless.
pub(super) fn quoted(text: impl AsRef<str>) -> Safe<String> {
    untrusted(text.as_ref().replace("https://", "hxxps://").replace("http://", "hxxp://"))
}

/// Embeddings, overrides and isolates: with them `exe.pdf` is really `fdp.exe`.
fn turns_text(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{061c}')
}

const CHARS_MAX: usize = 4_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untrusted_table() {
        let rows = [
            ("plain", "<bdi>plain</bdi>"),
            ("<script>\"'&", "<bdi>&lt;script&gt;&#34;&#39;&amp;</bdi>"),
            ("a\r\nb", "<bdi>a  b</bdi>"),
            (
                "a\u{202e}b",
                "<bdi>a<span class=\"ctl\" title=\"Hidden character\">U+202E</span>b</bdi>",
            ),
        ];
        for (text, meant) in rows {
            assert_eq!(untrusted(text).0, meant);
        }
    }

    #[test]
    fn a_quote_holds_nothing_a_terminal_or_chat_would_make_a_link() {
        assert_eq!(quoted("see https://a.example").0, "<bdi>see hxxps://a.example</bdi>");
    }

    #[test]
    fn endless_text_ends() {
        assert!(untrusted("x".repeat(1_000_000)).0.len() < 5_000);
    }
}
