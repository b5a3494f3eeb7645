//! The one implementation of the end of DATA, and of a BDAT chunk.
//!
//! [`DataReader`] ends at CRLF . CRLF and nowhere else, undoes dot-stuffing, and remembers a bare
//! CR or a bare LF: such a message is refused whole, after its true end, because two servers that
//! read it differently is what SMTP smuggling lives on.
//!
//! It gives octets out as they come and holds back at most three of them.

/// Reads the octets between the reply 354 and CRLF . CRLF.
// spec: rfc5321#4.1.1.4 rfc5321#4.5.2 rfc5321#2.3.8
#[derive(Debug)]
pub(crate) struct DataReader {
    place: Place,
    bare: bool,
}

/// Where in a line the last octet was.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    /// At the start of a line.
    Start,
    /// After a dot at the start of a line; it is not given out yet.
    Dot,
    /// After a dot and a CR at the start of a line; neither is given out yet.
    DotCr,
    /// Inside a line.
    Inside,
    /// After a CR inside a line; the CR was given out.
    Cr,
}

/// What one call of [`DataReader::read`] did.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Portion {
    /// How many octets of the input were used.
    pub(crate) consumed: usize,
    /// The octets of the message among them.
    pub(crate) body: Vec<u8>,
    /// Whether CRLF . CRLF was met.
    pub(crate) ended: bool,
}

impl DataReader {
    pub(crate) fn new() -> Self {
        Self { place: Place::Start, bare: false }
    }

    /// Whether a CR or LF stood alone anywhere so far.
    pub(crate) fn met_bare_line_ending(&self) -> bool {
        self.bare
    }

    /// Reads as far as the message or the input goes.
    pub(crate) fn read(&mut self, input: &[u8]) -> Portion {
        let mut body = Vec::with_capacity(input.len());
        let mut rest = input;
        while let Some((&octet, tail)) = rest.split_first() {
            if self.place == Place::Inside {
                // The common case, a run without line ends, is copied at once.
                let run = rest.iter().position(|o| matches!(o, b'\r' | b'\n'));
                let (plain, from_end) = rest.split_at(run.unwrap_or(rest.len()));
                if !plain.is_empty() {
                    body.extend_from_slice(plain);
                    rest = from_end;
                    continue;
                }
            }
            rest = tail;
            if self.step(octet, &mut body) {
                return Portion { consumed: input.len() - rest.len(), body, ended: true };
            }
        }
        Portion { consumed: input.len(), body, ended: false }
    }

    /// Takes one octet; true at the end of the message.
    fn step(&mut self, octet: u8, body: &mut Vec<u8>) -> bool {
        self.place = match (self.place, octet) {
            (Place::Start, b'.') => Place::Dot,
            (Place::Dot, b'\r') => Place::DotCr,
            (Place::DotCr, b'\n') => return true,
            (Place::DotCr, _) => {
                // `.CR` and no LF: the stuffed dot goes, the CR was bare.
                self.bare = true;
                body.push(b'\r');
                return self.in_line(octet, body);
            }
            (Place::Cr, b'\n') => {
                body.push(octet);
                Place::Start
            }
            (Place::Cr, _) => {
                self.bare = true;
                return self.in_line(octet, body);
            }
            // After a stuffed dot, which is not given out, a line goes on like any other.
            (Place::Start | Place::Dot | Place::Inside, _) => return self.in_line(octet, body),
        };
        false
    }

    fn in_line(&mut self, octet: u8, body: &mut Vec<u8>) -> bool {
        body.push(octet);
        self.bare |= octet == b'\n';
        self.place = if octet == b'\r' { Place::Cr } else { Place::Inside };
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(input: &[u8]) -> (Vec<u8>, Option<usize>, bool) {
        let mut reader = DataReader::new();
        let portion = reader.read(input);
        (portion.body, portion.ended.then_some(portion.consumed), reader.met_bare_line_ending())
    }

    #[test]
    fn end_and_stuffing_table() {
        let rows: &[(&str, &[u8], &[u8], bool)] = &[
            ("plain", b"hi\r\n.\r\n", b"hi\r\n", true),
            ("empty message", b".\r\n", b"", true),
            ("stuffed dot", b"..\r\n.a\r\n.\r\n", b".\r\na\r\n", true),
            ("dot inside a line", b"a.\r\n.\r\n", b"a.\r\n", true),
            ("not over yet", b"hi\r\n.\r", b"hi\r\n", false),
        ];
        for (rule, input, body, ended) in rows {
            let (got, end, bare) = read_all(input);
            assert_eq!((got.as_slice(), end.is_some(), bare), (*body, *ended, false), "{rule}");
        }
    }

    #[test]
    fn smuggled_ends_neither_end_nor_pass() {
        let tries: &[&[u8]] = &[
            b"a\n.\r\nMAIL FROM:<x@y.example>\r\n.\r\n",
            b"a\n.\nMAIL FROM:<x@y.example>\r\n.\r\n",
            b"a\r\n.\nMAIL FROM:<x@y.example>\r\n.\r\n",
            b"a\r.\r\nMAIL FROM:<x@y.example>\r\n.\r\n",
            b"a\r\n.\rMAIL FROM:<x@y.example>\r\n.\r\n",
            b"a\r\n.\r\r\nMAIL FROM:<x@y.example>\r\n.\r\n",
            b"a\r\r\n.\r\nMAIL FROM:<x@y.example>\r\n.\r\n",
        ];
        for (index, input) in tries.iter().enumerate() {
            let (_, end, bare) = read_all(input);
            assert!(bare, "try {index} passed as clean");
            // CR CR LF ends a line, so the dot after it ends the message; it is refused all the
            // same.
            if index != 6 {
                assert_eq!(end, Some(input.len()), "try {index} ended early");
            }
        }
    }

    proptest::proptest! {
        /// However the octets are cut, the same body, end and judgement come out.
        #[test]
        fn cutting_changes_nothing(
            input in proptest::collection::vec(proptest::sample::select(b"a.\r\n".to_vec()), 0..60),
            cut in 0usize..60,
        ) {
            let whole = read_all(&input);
            let mut reader = DataReader::new();
            let (front, back) = input.split_at(cut.min(input.len()));
            let first = reader.read(front);
            let mut body = first.body;
            let mut end = first.ended.then_some(first.consumed);
            if end.is_none() {
                let second = reader.read(back);
                body.extend(second.body);
                end = second.ended.then_some(front.len() + second.consumed);
            }
            assert_eq!(whole, (body, end, reader.met_bare_line_ending()));
        }
    }
}
