//! Whole SMTP conversations with a session that owns no socket.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use clawback_mail::smtp::{Limits, Routing, Session, Settings, Step, TlsMode, Trouble};

/// Stands for what only the store can make.
#[derive(Debug)]
struct Committed;

/// What the store answers.
type Store = fn() -> Result<Committed, Trouble>;

struct Conversation {
    session: Session<Committed>,
    store: Store,
    /// What was sent, one reply after the other.
    said: String,
    /// Bodies for which the store was asked.
    stored: Vec<(String, Vec<String>)>,
    body: Vec<u8>,
    closed: bool,
}

fn settings(tls: TlsMode) -> Settings {
    Settings { hostname: "mx.clawback.example".into(), limits: Limits::default(), tls }
}

impl Conversation {
    fn new(settings: Settings) -> Self {
        Self {
            session: Session::new(settings),
            store: || Ok(Committed),
            said: String::new(),
            stored: Vec::new(),
            body: Vec::new(),
            closed: false,
        }
    }

    fn plain() -> Self {
        Self::new(settings(TlsMode::Off))
    }

    fn say(&mut self, reply: clawback_mail::smtp::Reply) {
        self.said.push_str(&reply.to_line());
    }

    fn hear(&mut self, input: &[u8]) {
        let mut rest = input;
        while !self.closed {
            let (consumed, step) = self.session.receive(rest);
            rest = &rest[consumed..];
            match step {
                Step::More => break,
                Step::Send(reply) => self.say(reply),
                Step::Route(address) => {
                    let routing = match address.local() {
                        "ours" | "ours2" => Routing::Accepted,
                        "other" => Routing::OtherTenant,
                        "full" => Routing::NoRoom,
                        "busy" => Routing::Busy,
                        "elsewhere" => Routing::WrongSource,
                        "broken" => Routing::Trouble,
                        _ => Routing::Unknown,
                    };
                    let reply = self.session.routed(routing);
                    self.say(reply);
                }
                Step::Body(octets) => self.body.extend(octets),
                Step::Discard(reply) => {
                    self.body.clear();
                    self.say(reply);
                }
                Step::Store(transaction) => {
                    let body = String::from_utf8(std::mem::take(&mut self.body)).unwrap();
                    let recipients = transaction.recipients.iter().map(ToString::to_string);
                    self.stored.push((body, recipients.collect()));
                    let reply = self.session.stored((self.store)());
                    self.say(reply);
                }
                Step::StartTls(reply) => {
                    self.say(reply);
                    self.session.tls_started();
                    break;
                }
                Step::Close(reply) => {
                    self.say(reply);
                    self.closed = true;
                }
            }
        }
    }

    fn heard(mut self, input: &str) -> Self {
        self.hear(input.as_bytes());
        self
    }

    fn codes(&self) -> Vec<&str> {
        let last = self.said.lines().filter(|line| line.as_bytes().get(3) != Some(&b'-'));
        last.map(|line| {
            let enhanced = line.split(' ').nth(1).filter(|word| word.matches('.').count() == 2);
            let is_code =
                enhanced.is_some_and(|w| w.bytes().all(|o| o == b'.' || o.is_ascii_digit()));
            if is_code { &line[..4 + enhanced.unwrap().len()] } else { &line[..3] }
        })
        .collect()
    }
}

const START: &str = "EHLO a.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<ours@j.example>\r\n";

#[test]
fn a_message_goes_through() {
    let talk = Conversation::plain().heard(
        "EHLO out.corp.example\r\nMAIL FROM:<> SIZE=100 BODY=8BITMIME SMTPUTF8\r\n\
         RCPT TO:<ours@journal.example>\r\nDATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n",
    );
    insta::assert_snapshot!(talk.said.replace('\r', ""), @r"
    250-mx.clawback.example
    250-PIPELINING
    250-8BITMIME
    250-SMTPUTF8
    250-CHUNKING
    250-ENHANCEDSTATUSCODES
    250 SIZE 167772160
    250 2.1.0 sender ok
    250 2.1.5 recipient ok
    354 end with CRLF . CRLF
    250 2.0.0 stored
    221 2.0.0 bye
    ");
    assert_eq!(talk.stored[0].0, "Subject: x\r\n\r\n.dot\r\n");
    assert_eq!(talk.stored[0].1, ["ours@journal.example"]);
}

#[test]
fn each_command_gets_its_codes() {
    let rows: &[(&str, &str, &[&str])] = &[
        ("mail before hello", "MAIL FROM:<a@b.example>\r\n", &["503 5.5.1"]),
        ("helo has no extensions", "HELO a\r\nMAIL FROM:<a@b.example>\r\n", &["250", "250 2.1.0"]),
        ("rcpt before mail", "EHLO a\r\nRCPT TO:<ours@b.example>\r\n", &["250", "503 5.5.1"]),
        (
            "data before rcpt",
            "EHLO a\r\nMAIL FROM:<>\r\nDATA\r\n",
            &["250", "250 2.1.0", "503 5.5.1"],
        ),
        (
            "second mail",
            "EHLO a\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\n",
            &["250", "250 2.1.0", "503 5.5.1"],
        ),
        (
            "declared too large",
            "EHLO a\r\nMAIL FROM:<> SIZE=999999999999\r\n",
            &["250", "552 5.3.4"],
        ),
        (
            "SIZE that 64 bits cannot hold",
            "EHLO a\r\nMAIL FROM:<> SIZE=184467440737095516165\r\n",
            &["250", "552 5.3.4"],
        ),
        (
            "two sizes: the larger counts",
            "EHLO a\r\nMAIL FROM:<>size=999999999999 SIZE=1\r\n",
            &["250", "552 5.3.4"],
        ),
        (
            "a size in two words, after which the grammar begins anew",
            "EHLO a\r\nMAIL FROM:<> SIZE=18446744073709551616 5\r\n",
            &["250", "552 5.3.4"],
        ),
        ("SIZE without a number", "EHLO a\r\nMAIL FROM:<> SIZE= 5\r\n", &["250", "555 5.5.4"]),
        (
            "a size in an address is an address",
            "EHLO a\r\nMAIL FROM:<SIZE=99999999999999999999@b.example>\r\n",
            &["250", "250 2.1.0"],
        ),
        (
            "not offered: DSN, AUTH, DELIVERBY, priority",
            "EHLO a\r\nMAIL FROM:<> RET=HDRS\r\nMAIL FROM:<> ENVID=x\r\nMAIL FROM:<> AUTH=<>\r\n\
             MAIL FROM:<> BY=99999999999999999999;R\r\nMAIL FROM:<> MT-PRIORITY=3\r\n\
             MAIL FROM:<>\r\nRCPT TO:<ours@j.example> NOTIFY=NEVER\r\n\
             RCPT TO:<ours@j.example> ORCPT=rfc822;a@b.example\r\n",
            &[
                "250",
                "555 5.5.4",
                "555 5.5.4",
                "555 5.5.4",
                "555 5.5.4",
                "555 5.5.4",
                "250 2.1.0",
                "555 5.5.4",
                "555 5.5.4",
            ],
        ),
        (
            "not offered: BINARYMIME",
            "EHLO a\r\nMAIL FROM:<> BODY=BINARYMIME\r\n",
            &["250", "555 5.5.4"],
        ),
        (
            "not offered: anything",
            "EHLO a\r\nMAIL FROM:<> XOORG=a.example\r\n",
            &["250", "555 5.5.4"],
        ),
        ("no address", "EHLO a\r\nMAIL FROM:<nobody>\r\n", &["250", "553 5.1.7"]),
        (
            "8-bit address without SMTPUTF8",
            "EHLO a\r\nMAIL FROM:<ä@b.example>\r\n",
            &["250", "553 5.6.7"],
        ),
        (
            "noop, rset, vrfy",
            "NOOP x\r\nRSET\r\nVRFY ours\r\n",
            &["250 2.0.0", "250 2.0.0", "252 2.5.0"],
        ),
        (
            "known, not here",
            "EXPN x\r\nAUTH PLAIN\r\nHELP\r\n",
            &["502 5.5.1", "502 5.5.1", "502 5.5.1"],
        ),
        ("starttls when off", "STARTTLS\r\n", &["502 5.5.1"]),
        ("unknown", "BREW coffee\r\n", &["500 5.5.1"]),
        ("bare LF ends no command", "NOOP\n", &["501 5.5.2"]),
        ("NUL in a command", "NOOP \0\r\n", &["501 5.5.2"]),
        ("CR in a command", "NO\rOP\r\n", &["501 5.5.2"]),
    ];
    for (rule, input, codes) in rows {
        assert_eq!(Conversation::plain().heard(input).codes(), *codes, "{rule}");
    }
}

#[test]
fn recipients_are_answered_one_by_one() {
    let talk = Conversation::plain().heard(
        "EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<ours@j.example>\r\nRCPT TO:<other@j.example>\r\n\
         RCPT TO:<full@j.example>\r\nRCPT TO:<who@j.example>\r\nRCPT TO:<postmaster>\r\n\
         RCPT TO:<busy@j.example>\r\nRCPT TO:<elsewhere@j.example>\r\nRCPT TO:<broken@j.example>\r\n\
         RCPT TO:<x@[192.0.2.1]>\r\nRCPT TO:<ours2@j.example>\r\nDATA\r\n.\r\n",
    );
    let codes = talk.codes();
    assert_eq!(
        codes[2..12],
        [
            "250 2.1.5",
            "452 4.5.3",
            "452 4.3.1",
            "550 5.1.1",
            "550 5.1.1",
            "451 4.7.1",
            "550 5.7.1",
            "451 4.3.0",
            "553 5.1.3",
            "250 2.1.5"
        ]
    );
    assert_eq!(talk.stored[0].1, ["ours@j.example", "ours2@j.example"]);
}

#[test]
fn recipients_have_a_limit() {
    let limits = Limits { recipients: 1, ..Limits::default() };
    let talk = Conversation::new(Settings { limits, ..settings(TlsMode::Off) })
        .heard(&format!("{START}RCPT TO:<ours2@j.example>\r\n"));
    assert_eq!(talk.codes()[3], "452 4.5.3");
}

#[test]
fn trouble_of_ours_is_never_250_and_never_final() {
    let rows: [(Store, &str); 5] = [
        (|| Err(Trouble::Busy), "451 4.7.1"),
        (|| Err(Trouble::Storage), "451 4.3.0"),
        (|| Err(Trouble::NoRoom), "452 4.3.1"),
        (|| Err(Trouble::TooLarge), "552 5.3.4"),
        (|| Err(Trouble::WrongSource), "550 5.7.1"),
    ];
    for (store, code) in rows {
        let mut talk = Conversation::plain();
        talk.store = store;
        let talk = talk.heard(&format!("{START}DATA\r\nhi\r\n.\r\n"));
        assert_eq!(talk.codes().last().unwrap(), &code);
    }
}

#[test]
fn a_message_with_a_bare_line_ending_is_refused_after_its_true_end() {
    for smuggled in ["\n.\r\n", "\n.\n", "\r\n.\n", "\r.\r", "\r\n.\r"] {
        let talk = Conversation::plain().heard(&format!(
            "{START}DATA\r\nhi{smuggled}MAIL FROM:<evil@b.example>\r\nRCPT TO:<ours@j.example>\r\n.\r\nNOOP\r\n"
        ));
        assert_eq!(talk.codes()[4..], ["550 5.6.11", "250 2.0.0"], "{smuggled:?}");
        assert!(talk.stored.is_empty(), "{smuggled:?}");
    }
}

#[test]
fn chunks_are_taken_as_they_are() {
    let talk = Conversation::plain()
        .heard(&format!("{START}BDAT 6\r\na\r\n.\r\nBDAT 3\r\n\nb\rBDAT 0 LAST\r\nNOOP\r\n"));
    assert_eq!(talk.codes()[3..], ["250 2.0.0", "250 2.0.0", "250 2.0.0", "250 2.0.0"]);
    assert_eq!(talk.stored[0].0, "a\r\n.\r\n\nb\r");
}

#[test]
fn a_chunk_without_recipients_is_read_and_refused() {
    let talk =
        Conversation::plain().heard("EHLO a\r\nMAIL FROM:<>\r\nBDAT 6 LAST\r\nNOOP\r\nNOOP\r\n");
    assert_eq!(talk.codes()[2..], ["503 5.5.1", "250 2.0.0"]);
}

#[test]
fn a_chunk_without_a_size_ends_the_session() {
    let long = format!("BDAT {}5", " ".repeat(5_000));
    for bad in [
        "BDAT",
        "BDAT x",
        "BDAT -1",
        "BDAT +1",
        "BDAT 0x5",
        "BDAT 5 6",
        "BDAT 5 LASTLY",
        "BDAT 5 LAST 5",
        "BDAT 5 !",
        " BDAT",
        // What does not fit into 64 bits is no smaller number.
        "BDAT 18446744073709551621",
        "BDAT 184467440737095516155",
        "BDAT 18446744073709551616 5",
        "BDAT 99999999999999999999 LAST",
        &long,
    ] {
        let talk = Conversation::plain().heard(&format!("{START}{bad}\r\nhello\r\nNOOP\r\n"));
        assert!(talk.closed && talk.codes().len() == 4, "{bad}: {:?}", talk.codes());
        assert!(talk.codes()[3].starts_with("50"), "{bad}: {:?}", talk.codes());
    }
}

#[test]
fn a_chunk_of_any_size_that_can_be_counted_is_counted() {
    let talk = Conversation::plain()
        .heard(&format!("{START}bdat  0005\t\r\nhelloBDAT 9999999999999999999 last\r\nQUIT\r\n"));
    assert_eq!(talk.codes()[3..], ["250 2.0.0"]);
    assert_eq!(talk.body, b"helloQUIT\r\n");
    assert!(!talk.closed);
}

#[test]
fn reset_between_chunks_forgets_what_was_collected() {
    let talk = Conversation::plain().heard(&format!(
        "{START}BDAT 3\r\nabcRSET\r\nMAIL FROM:<>\r\nRCPT TO:<ours@j.example>\r\nBDAT 1 LAST\r\nz"
    ));
    assert_eq!(talk.stored, [("z".to_owned(), vec!["ours@j.example".to_owned()])]);
}

#[test]
fn too_large_is_read_to_its_end_and_refused() {
    let limits = Limits { message_octets: 10, ..Limits::default() };
    let small = Settings { limits, ..settings(TlsMode::Off) };
    let data = Conversation::new(small.clone())
        .heard(&format!("{START}DATA\r\n0123456789\r\nQUIT\r\n.\r\nNOOP\r\n"));
    assert_eq!(data.codes()[4..], ["552 5.3.4", "250 2.0.0"]);
    let chunk =
        Conversation::new(small).heard(&format!("{START}BDAT 11 LAST\r\nQUIT\r\nQUIT\nNOOP\r\n"));
    assert_eq!(chunk.codes()[3..], ["552 5.3.4", "250 2.0.0"]);
    assert!(data.stored.is_empty() && chunk.stored.is_empty());
}

#[test]
fn long_lines_and_many_errors() {
    let long = format!("NOOP {}\r\nNOOP\r\n", "x".repeat(5_000));
    assert_eq!(Conversation::plain().heard(&long).codes(), ["500 5.5.2", "250 2.0.0"]);
    let talk = Conversation::plain().heard(&"X\r\n".repeat(20));
    assert_eq!(talk.codes().len(), 10);
    assert_eq!(talk.codes()[9], "421 4.7.0");
    assert!(talk.closed);
}

#[test]
fn messages_in_a_session_have_a_limit() {
    let limits = Limits { transactions: 1, ..Limits::default() };
    let talk = Conversation::new(Settings { limits, ..settings(TlsMode::Off) })
        .heard(&format!("{START}RSET\r\nMAIL FROM:<>\r\n"));
    assert_eq!(talk.codes().last().unwrap(), &"421 4.7.0");
}

#[test]
fn tls_can_be_required_and_forgets_what_was_said() {
    let mut talk = Conversation::new(settings(TlsMode::Required));
    talk.hear(b"EHLO a\r\nMAIL FROM:<>\r\n");
    assert!(talk.said.contains("STARTTLS"));
    talk.hear(b"STARTTLS\r\n");
    assert_eq!(talk.codes()[1..], ["530 5.7.0", "220 2.0.0"]);
    talk.said.clear();
    talk.hear(b"MAIL FROM:<>\r\nEHLO a\r\nMAIL FROM:<>\r\nSTARTTLS\r\n");
    assert!(!talk.said.contains("250 STARTTLS") && !talk.said.contains("250-STARTTLS"));
    assert_eq!(talk.codes(), ["503 5.5.1", "250", "250 2.1.0", "502 5.5.1"]);
}

#[test]
fn commands_behind_starttls_in_the_clear_end_the_session() {
    let talk =
        Conversation::new(settings(TlsMode::Offered)).heard("EHLO a\r\nSTARTTLS\r\nRSET\r\n");
    assert_eq!(talk.codes()[1..], ["554 5.5.1"]);
    assert!(talk.closed);
    let mut session: Session<Committed> = Session::new(settings(TlsMode::Offered));
    assert!(matches!(session.receive(b"STARTTLS\r\n").1, Step::StartTls(_)));
    assert!(matches!(session.receive(b"RSET\r\n").1, Step::Close(_)));
}

#[test]
fn silence_and_shutdown_are_temporary() {
    let mut session: Session<Committed> = Session::new(settings(TlsMode::Off));
    assert_eq!(session.greeting().to_line(), "220 mx.clawback.example ESMTP\r\n");
    assert_eq!(session.timed_out().code(), 421);
    let mut session: Session<Committed> = Session::new(settings(TlsMode::Off));
    assert_eq!(session.shutting_down().code(), 421);
    assert!(matches!(session.receive(b"NOOP\r\n").1, Step::Close(_)));
}

#[test]
fn nothing_of_a_session_reaches_a_debug_text() {
    let mut session: Session<Committed> = Session::new(settings(TlsMode::Off));
    let mut rest: &[u8] = b"EHLO secret.example\r\nMAIL FROM:<secret@b.example>\r\nRCPT TO:<secret@j.example>\r\nDATA\r\nsecret\r\n";
    let mut text = String::new();
    loop {
        let (consumed, step) = session.receive(rest);
        rest = &rest[consumed..];
        text.push_str(&format!("{step:?} {session:?} "));
        match step {
            Step::More => break,
            Step::Route(_) => drop(session.routed(Routing::Accepted)),
            _ => {}
        }
    }
    assert!(text.contains("Body(<redacted 8 octets>)"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}
