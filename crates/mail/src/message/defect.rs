//! The ways in which a message departs from what a well-behaved program writes.
//!
//! A defect is evidence, not an error: parsing goes on, and detectors read the list.

/// One departure from the form of a message.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Defect {
    /// A transfer encoding or a charset was broken or unknown.
    BadEncoding,
    /// A field that may appear once appears several times.
    DuplicateField(Single),
    /// A part's end was found in the middle of a line.
    FallbackDelimiter,
    /// A header section is longer than any honest one.
    HugeHeader,
    /// A limit of ours was reached; what lies beyond was not looked at.
    Limit(Cap),
    /// A multipart delimiter is missing.
    MissingDelimiter,
    /// Multiparts or messages are nested too deep to follow.
    NestingLimit,
    /// A header section without the blank line that ends it.
    NoBlankLine,
    /// There is no header section at all.
    NoHeader,
    /// A NUL octet in the header section or the body text.
    NulOctet,
    /// A multipart is not closed.
    Unterminated,
}

/// A field that may appear once.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Single {
    /// `Cc`.
    Cc,
    /// `Content-Type` of the message itself.
    ContentType,
    /// `Date`.
    Date,
    /// `From`.
    From,
    /// `Message-ID`.
    MessageId,
    /// `Reply-To`.
    ReplyTo,
    /// `Sender`.
    Sender,
    /// `Subject`.
    Subject,
    /// `To`.
    To,
}

impl Single {
    pub(crate) const ALL: [(Self, &'static str); 9] = [
        (Self::Cc, "Cc"),
        (Self::ContentType, "Content-Type"),
        (Self::Date, "Date"),
        (Self::From, "From"),
        (Self::MessageId, "Message-ID"),
        (Self::ReplyTo, "Reply-To"),
        (Self::Sender, "Sender"),
        (Self::Subject, "Subject"),
        (Self::To, "To"),
    ];
}

/// A limit of ours.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Cap {
    /// Mailboxes in one address field.
    Addresses,
    /// Attachments.
    Attachments,
    /// Header fields.
    Fields,
    /// Octets of HTML.
    Html,
    /// Links.
    Links,
    /// Octets of the message.
    Octets,
    /// MIME parts.
    Parts,
    /// Octets of text.
    Text,
}

/// A list of defects, each once.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Defects(Vec<Defect>);

impl Defects {
    pub(crate) fn add(&mut self, defect: Defect) {
        if !self.0.contains(&defect) {
            self.0.push(defect);
        }
    }

    pub(crate) fn into_sorted(mut self) -> Vec<Defect> {
        self.0.sort_unstable();
        self.0
    }
}
