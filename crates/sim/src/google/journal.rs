//! The copies that a routing rule of Gmail sends: the message itself, once for each recipient.
//!
//! There is no report around it. What is added stands above it: who it went to, Gmail's own marks,
//! and the field that the rule's administrator asked for.

/// What one copy is made of.
#[derive(Clone, Copy, Debug)]
pub struct Copy<'a> {
    /// The message as its recipient got it.
    pub original: &'a [u8],
    /// The recipient that this copy is of.
    pub recipient: &'a str,
    /// A field that the rule adds: its name and its value.
    pub custom: Option<(&'a str, &'a str)>,
    /// Whether Gmail itself took it for spam, and for phishing.
    pub marks: (bool, bool),
}

/// Builds one copy.
pub fn copy(of: &Copy<'_>) -> Vec<u8> {
    let mut head = String::new();
    if let Some((name, value)) = of.custom {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mark = |yes: bool| if yes { "1" } else { "0" };
    head.push_str(&format!(
        "X-Gm-Original-To: {}\r\nX-Gm-Spam: {}\r\nX-Gm-Phishy: {}\r\n",
        of.recipient,
        mark(of.marks.0),
        mark(of.marks.1),
    ));
    [head.as_bytes(), of.original].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_names_its_recipient_and_carries_the_original_octet_for_octet() {
        let original = b"Subject: Hello\r\n\r\nHello.\r\n";
        let made = copy(&Copy {
            original,
            recipient: "anna@gsuite.example",
            custom: Some(("X-Clawback-Key", "k")),
            marks: (true, false),
        });
        assert!(made.ends_with(original));
        let text = String::from_utf8(made).expect("UTF-8");
        assert!(text.starts_with("X-Clawback-Key: k\r\nX-Gm-Original-To: anna@gsuite.example\r\n"));
        assert!(text.contains("X-Gm-Spam: 1\r\nX-Gm-Phishy: 0\r\n"));
    }
}
