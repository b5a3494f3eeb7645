//! Laws of the SMTP session over any octets, however the network cuts them, and a corpus of ways
//! in which two servers are made to disagree about where a message ends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use clawback_mail::smtp::{Limits, Routing, Session, Settings, Step, TlsMode, Trouble};
use proptest::prelude::*;

/// Stands for what only the store can make.
struct Committed;

/// Everything that a session had done: what a peer and a store could tell apart.
#[derive(Debug, Default, Eq, PartialEq)]
struct Log {
    /// The codes of the replies, in order.
    said: Vec<u16>,
    /// What was asked to be stored: its recipients and its octets.
    stored: Vec<(usize, Vec<u8>)>,
    closed: bool,
}

/// Lets a session hear the parts one after the other, and answers what it asks.
fn talk(settings: Settings, parts: &[&[u8]]) -> Log {
    let mut session: Session<Committed> = Session::new(settings);
    let mut log = Log::default();
    let mut collected = Vec::new();
    for part in parts {
        let mut rest = *part;
        while !log.closed {
            let (consumed, step) = session.receive(rest);
            rest = &rest[consumed..];
            let reply = match step {
                Step::More => break,
                Step::Send(reply) => reply,
                Step::Route(address) => session.routed(route(address.local())),
                Step::Body(octets) => {
                    assert!(!octets.is_empty(), "a step without an effect");
                    collected.extend(octets);
                    continue;
                }
                Step::Discard(reply) => {
                    collected.clear();
                    reply
                }
                Step::Store(transaction) => {
                    assert_eq!(transaction.octets, collected.len() as u64);
                    let recipients = transaction.recipients.len();
                    log.stored.push((recipients, std::mem::take(&mut collected)));
                    session.stored(outcome(log.stored.len()))
                }
                Step::StartTls(_) => panic!("STARTTLS is off"),
                Step::Close(reply) => {
                    log.closed = true;
                    collected.clear();
                    reply
                }
            };
            log.said.push(reply.code());
        }
    }
    log
}

fn route(local: &str) -> Routing {
    match local.len() % 7 {
        0 => Routing::Busy,
        1 => Routing::NoRoom,
        2 => Routing::OtherTenant,
        3 => Routing::Unknown,
        5 => Routing::WrongSource,
        _ => Routing::Accepted,
    }
}

fn outcome(count: usize) -> Result<Committed, Trouble> {
    match count % 5 {
        2 => Err(Trouble::Busy),
        3 => Err(Trouble::Storage),
        4 => Err(Trouble::WrongSource),
        _ => Ok(Committed),
    }
}

fn small() -> Settings {
    let limits = Limits { line_octets: 60, message_octets: 40, recipients: 3, ..Limits::default() };
    Settings { hostname: "mx.clawback.example".into(), limits, tls: TlsMode::Off }
}

fn roomy() -> Settings {
    Settings { limits: Limits::default(), ..small() }
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let begin: &[u8] = b"EHLO a.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<ours@j.example>\r\n";
    let words: Vec<&'static [u8]> = vec![
        begin,
        begin,
        b"EHLO a.example\r\n",
        b"MAIL FROM:<a@b.example> SIZE=30\r\n",
        b"MAIL FROM:<> SIZE=99999999999999999999\r\n",
        b"RCPT TO:<ours@j.example>\r\n",
        b"RCPT TO:<x@j.example>\r\nRCPT TO:<other@j.example>\r\n",
        b"DATA\r\n",
        b"BDAT 5\r\n",
        b"BDAT 0\r\n",
        b"bdat 4 last\r\n",
        b"BDAT 60 LAST\r\n",
        b"BDAT 99999999999999999999\r\n",
        b"RSET\r\n",
        b"NOOP\r\n",
        b"NOOP a line that is longer than a line may be in this one session\r\n",
        b"STARTTLS\r\n",
        b"QUIT\r\n",
        b".\r\n",
        b"\r\n.\r\n",
        b"\n.\n",
        b"\r.\r",
        b"hello\r\n",
        b"a body line that is as long as the largest message here\r\n",
        b"..x",
        b"\r",
        b"\n",
        b"\0",
        b"BDAT",
        b"\xff",
    ];
    prop_oneof![
        4 => proptest::collection::vec(proptest::sample::select(words), 0..30)
            .prop_map(|words| words.concat()),
        1 => proptest::collection::vec(any::<u8>(), 0..300),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// However the network cuts the octets, the same is said and the same is stored.
    #[test]
    fn cutting_changes_no_reply(
        input in stream(),
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..8),
    ) {
        let whole = talk(small(), &[&input]);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(input.len() + 1)).collect();
        cuts.extend([0, input.len()]);
        cuts.sort_unstable();
        let parts: Vec<&[u8]> = cuts.windows(2).map(|pair| &input[pair[0]..pair[1]]).collect();
        prop_assert_eq!(&whole, &talk(small(), &parts));
        let octets: Vec<&[u8]> = input.chunks(1).collect();
        prop_assert_eq!(&whole, &talk(small(), &octets));
    }

    /// A second opinion about DATA, written as the standard reads and not as the program does: the
    /// message ends at the first CRLF . CRLF, and is kept only if no CR or LF stands alone in it.
    #[test]
    fn data_ends_where_the_standard_says(
        body in proptest::collection::vec(proptest::sample::select(b"ab.\r\n".to_vec()), 0..24),
    ) {
        let mut input = body;
        input.extend(b"\r\n.\r\n");
        let framed: Vec<u8> = [b"\r\n".as_slice(), &input].concat();
        let end = framed.windows(5).position(|five| five == b"\r\n.\r\n").unwrap();
        let text = String::from_utf8(framed[2..(end + 2).max(2)].to_vec()).unwrap();
        let bare = text.replace("\r\n", "").contains(['\r', '\n']);
        let plain: String =
            text.split_inclusive("\r\n").map(|line| line.strip_prefix('.').unwrap_or(line)).collect();

        let sent = [START, input.get(..end + 3).unwrap()].concat();
        let log = talk(roomy(), &[&sent, b"NOOP\r\n"]);
        let (code, stored) =
            if bare { (550, vec![]) } else { (250, vec![(1, plain.into_bytes())]) };
        prop_assert_eq!(&log.said[3..], [354, code, 250]);
        prop_assert_eq!(log.stored, stored);
    }
}

/// Every sequence that some server took for the end of a message, or for a line end before or
/// after the dot.
const FALSE_ENDS: &[&str] = &[
    "\n.\n",
    "\n.\r\n",
    "\r\n.\n",
    "\r.\r",
    "\r\n.\r",
    "\r.\r\n",
    "\n.\r",
    "\r.\n",
    "\r\r.\r\n",
    "\n\n.\r\n",
    "\r\n.\r\r\n",
    "\r\n\0.\r\n",
    "\r\n.\0\r\n",
    "\r\n. \r\n",
    "\r\n .\r\n",
    "\n\r.\n\r",
    "\u{b}.\u{b}",
    "\u{c}.\r\n",
    "\u{85}.\u{85}",
    "\u{2028}.\u{2028}",
    "\r\n..\r\n",
    "\r\n.\n\r\n",
    "\r\n.a\r\n",
    "\r\0\n.\r\0\n",
];

/// Whatever stands before it, a command in a message's body is never carried out.
#[test]
fn no_false_end_lets_a_command_out_of_a_message() {
    for end in FALSE_ENDS {
        let body =
            format!("hi{end}MAIL FROM:<evil@b.example>\r\nRCPT TO:<ours@j.example>\r\nDATA\r\n");
        let input = [START, body.as_bytes(), b"lure\r\n.\r\nNOOP\r\n"].concat();
        for cut in START.len()..input.len() {
            let log = talk(roomy(), &[&input[..cut], &input[cut..]]);
            let bare = body.replace("\r\n", "").contains(['\r', '\n']);
            let code = if bare { 550 } else { 250 };
            assert_eq!(log.said[3..], [354, code, 250], "{end:?} cut at {cut}");
            assert_eq!(log.stored.len(), usize::from(!bare), "{end:?} cut at {cut}");
        }
    }
}

/// A chunk's size alone says where it ends: what is in it is never a command and never an end,
/// wherever the border between two chunks lies.
#[test]
fn no_false_end_lets_a_command_out_of_a_chunk() {
    let begin = START.strip_suffix(b"DATA\r\n").unwrap();
    for end in FALSE_ENDS.iter().chain(&["\r\n.\r\n"]) {
        let body = format!("hi{end}QUIT\r\nBDAT 3 LAST\r\n");
        for border in 0..=body.len() {
            let (front, back) = body.as_bytes().split_at(border);
            let first = format!("BDAT {}\r\n", front.len()).into_bytes();
            let second = format!("BDAT {} LAST\r\n", back.len()).into_bytes();
            let input = [begin, &first, front, &second, back, b"NOOP\r\n"].concat();
            let log = talk(roomy(), &[&input]);
            assert_eq!(log.said[3..], [250, 250, 250], "{end:?} with a border at {border}");
            assert_eq!(log.stored, [(1, body.as_bytes().to_vec())], "{end:?} at {border}");
        }
    }
}

const START: &[u8] =
    b"EHLO a.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<ours@j.example>\r\nDATA\r\n";
