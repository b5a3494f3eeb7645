//! The state of one SMTP session, and its one entrance for octets.

use std::fmt;
use std::marker::PhantomData;

use crate::address::Address;
use crate::smtp::command::{Command, Sender};
use crate::smtp::data::DataReader;
use crate::smtp::reply::Reply;
use crate::smtp::settings::{Routing, Settings, TlsMode, Transaction, Trouble};

/// What the connection has to do next.
#[derive(Eq, PartialEq)]
pub enum Step {
    /// Read more from the peer.
    More,
    /// Send this.
    Send(Reply),
    /// Decide about this recipient, then call [`Session::routed`] and send what it returns.
    Route(Address),
    /// Collect these octets of the message: dots are unstuffed, line ends are as sent.
    Body(Vec<u8>),
    /// Forget every octet collected for this message, then send this.
    Discard(Reply),
    /// Store what was collected, **wait for the store**, then call [`Session::stored`] and send
    /// what it returns.
    Store(Transaction),
    /// Send this, throw away every octet already read, shake hands, then call
    /// [`Session::tls_started`].
    StartTls(Reply),
    /// Send this and close the connection; nothing collected counts.
    Close(Reply),
}

/// One SMTP session, from the greeting to the end.
///
/// `C` is the proof of a commit: a type that only the store can make. [`Session::stored`] asks for
/// one, and is the only place where a message is answered with 250.
pub struct Session<C> {
    settings: Settings,
    state: State,
    line: Vec<u8>,
    helo: Option<String>,
    tls: bool,
    transaction: Option<Transaction>,
    bad_commands: u32,
    transactions: u32,
    proof: PhantomData<fn(C)>,
}

enum State {
    /// Waiting for a command line.
    Command,
    /// Throwing away a command line that is too long.
    LongLine,
    /// Waiting for [`Session::routed`].
    Routing(Address),
    /// Inside DATA.
    Data(DataReader),
    /// Inside a chunk.
    Chunk { left: u64, last: bool, refused: Option<Reply> },
    /// Waiting for [`Session::stored`].
    Storing,
    /// Waiting for [`Session::tls_started`].
    Handshake,
    /// Over.
    Closed,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::More => f.write_str("More"),
            Self::Send(reply) => write!(f, "Send({})", reply.code()),
            Self::Route(address) => write!(f, "Route({address:?})"),
            Self::Body(octets) => write!(f, "Body(<redacted {} octets>)", octets.len()),
            Self::Discard(reply) => write!(f, "Discard({})", reply.code()),
            Self::Store(transaction) => write!(f, "Store({transaction:?})"),
            Self::StartTls(reply) => write!(f, "StartTls({})", reply.code()),
            Self::Close(reply) => write!(f, "Close({})", reply.code()),
        }
    }
}

impl<C> fmt::Debug for Session<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let recipients = self.transaction.as_ref().map_or(0, |begun| begun.recipients.len());
        write!(f, "Session {{ tls: {}, recipients: {recipients} }}", self.tls)
    }
}

impl<C> Session<C> {
    /// A session in the clear, before its greeting.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            state: State::Command,
            line: Vec::new(),
            helo: None,
            tls: false,
            transaction: None,
            bad_commands: 0,
            transactions: 0,
            proof: PhantomData,
        }
    }

    /// What is sent before anything is read.
    pub fn greeting(&self) -> Reply {
        Reply::greeting(&self.settings.hostname)
    }

    /// Whether the session is encrypted.
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// What is known of the message under way, if there is one.
    pub fn transaction(&self) -> Option<&Transaction> {
        self.transaction.as_ref()
    }

    /// Takes octets from the peer: says how many of them were used, and what to do.
    ///
    /// Call it with what is left **until it says [`Step::More`]**, also when nothing is left: the
    /// end of a message is a step of its own after its last octets. It uses nothing while an
    /// answer of the caller is owed ([`Step::Route`] is then repeated, and after [`Step::Store`]
    /// it says [`Step::More`]).
    pub fn receive(&mut self, input: &[u8]) -> (usize, Step) {
        match &mut self.state {
            State::Routing(address) => (0, Step::Route(address.clone())),
            State::Storing => (0, Step::More),
            State::Closed => (input.len(), Step::Close(Reply::BYE)),
            _ if input.is_empty() => (0, self.idle()),
            State::Command => self.receive_command(input),
            State::LongLine => self.receive_long_line(input),
            State::Data(_) => self.receive_data(input),
            State::Chunk { .. } => self.receive_chunk(input),
            State::Handshake => (input.len(), self.close(Reply::PIPELINED_TLS)),
        }
    }

    /// Takes the caller's decision about the recipient of [`Step::Route`].
    pub fn routed(&mut self, routing: Routing) -> Reply {
        let State::Routing(address) = std::mem::replace(&mut self.state, State::Command) else {
            debug_assert!(false, "routed without a route step");
            return Reply::BAD_SEQUENCE;
        };
        match routing {
            Routing::Accepted => {
                if let Some(transaction) = &mut self.transaction {
                    transaction.recipients.push(address);
                }
                Reply::RECIPIENT
            }
            Routing::Busy => Reply::BUSY,
            Routing::NoRoom => Reply::NO_ROOM,
            Routing::OtherTenant => Reply::ONE_TENANT,
            Routing::Trouble => Reply::STORAGE_TROUBLE,
            Routing::Unknown => Reply::UNKNOWN_RECIPIENT,
            Routing::WrongSource => Reply::WRONG_SOURCE,
        }
    }

    /// Takes the outcome of [`Step::Store`]. The promise of this product in one line: 250 follows
    /// a commit, and nothing else.
    // spec: rfc5321#4.2.5
    pub fn stored(&mut self, outcome: Result<C, Trouble>) -> Reply {
        debug_assert!(matches!(self.state, State::Storing), "stored without a store step");
        self.state = State::Command;
        match outcome {
            Ok(_proof) => Reply::STORED,
            Err(Trouble::Busy) => Reply::BUSY,
            Err(Trouble::NoRoom) => Reply::NO_ROOM,
            Err(Trouble::Storage) => Reply::STORAGE_TROUBLE,
            Err(Trouble::TooLarge) => Reply::TOO_LARGE,
            Err(Trouble::WrongSource) => Reply::WRONG_SOURCE,
        }
    }

    /// The handshake after [`Step::StartTls`] succeeded: what was learned in the clear is
    /// forgotten.
    // spec: rfc3207#4.2
    pub fn tls_started(&mut self) {
        self.tls = true;
        self.helo = None;
        self.transaction = None;
        self.line.clear();
        self.state = State::Command;
    }

    /// What is said to a peer that was silent for too long, before closing.
    pub fn timed_out(&mut self) -> Reply {
        self.end(Reply::IDLE)
    }

    /// What is said to a peer when the program stops, before closing.
    pub fn shutting_down(&mut self) -> Reply {
        self.end(Reply::SHUTTING_DOWN)
    }

    fn end(&mut self, reply: Reply) -> Reply {
        self.state = State::Closed;
        self.transaction = None;
        reply
    }

    fn close(&mut self, reply: Reply) -> Step {
        Step::Close(self.end(reply))
    }

    /// An empty chunk is complete without a further octet.
    fn idle(&mut self) -> Step {
        match &self.state {
            State::Chunk { left: 0, .. } => self.end_of_chunk(),
            _ => Step::More,
        }
    }

    fn receive_command(&mut self, input: &[u8]) -> (usize, Step) {
        let room = self.settings.limits.line_octets.saturating_sub(self.line.len());
        let newline = input.iter().position(|octet| *octet == b'\n');
        let length = newline.map_or(input.len(), |at| at + 1);
        let Some(taken) = input.get(..length).filter(|_| length <= room) else {
            // The octets behind a chunk's command are no commands, and nobody knows how many.
            let verb: Vec<u8> = self.line.iter().chain(input).take(4).copied().collect();
            if verb.eq_ignore_ascii_case(b"BDAT") {
                return (input.len(), self.close(Reply::LINE_TOO_LONG));
            }
            self.line.clear();
            self.state = State::LongLine;
            return self.receive_long_line(input);
        };
        self.line.extend_from_slice(taken);
        if newline.is_none() {
            return (length, Step::More);
        }
        let line = std::mem::take(&mut self.line);
        let smtp_utf8 = self.transaction.as_ref().is_some_and(|t| t.smtp_utf8);
        let step = match Command::parse(&line, smtp_utf8) {
            Ok(Command::StartTls) => self.start_tls(input.len() > length),
            Ok(command) => self.command(command),
            Err(refused) if refused.lost => self.close(refused.reply),
            Err(refused) => self.bad(refused.reply),
        };
        match (step, input.get(length..)) {
            // A chunk has no reply of its own before its octets.
            (Step::More, Some(rest)) if !rest.is_empty() => {
                let (taken, step) = self.receive_chunk(rest);
                (length + taken, step)
            }
            (step, _) => (length, step),
        }
    }

    fn receive_long_line(&mut self, input: &[u8]) -> (usize, Step) {
        match input.iter().position(|octet| *octet == b'\n') {
            Some(at) => {
                self.state = State::Command;
                (at + 1, self.bad(Reply::LINE_TOO_LONG))
            }
            None => (input.len(), Step::More),
        }
    }

    /// Refuses a command, and closes the session when there were too many.
    fn bad(&mut self, reply: Reply) -> Step {
        self.bad_commands += 1;
        if self.bad_commands >= self.settings.limits.bad_commands {
            return self.close(Reply::TOO_MANY_ERRORS);
        }
        Step::Send(reply)
    }

    fn command(&mut self, command: Command) -> Step {
        match command {
            Command::Bdat { octets, last } => self.bdat(octets, last),
            Command::Data => self.data(),
            Command::Ehlo(name) => {
                let reply = Reply::hello(&self.settings.hostname, &self.extensions());
                self.hello(name, reply)
            }
            Command::Helo(name) => {
                let reply = Reply::hello(&self.settings.hostname, &[]);
                self.hello(name, reply)
            }
            Command::Mail(sender) => self.mail(sender),
            Command::Noop => Step::Send(Reply::OK),
            Command::Quit => self.close(Reply::BYE),
            Command::Rcpt(address) => self.rcpt(address),
            Command::Rset => self.reset(Reply::OK),
            Command::StartTls => self.start_tls(false),
            Command::Vrfy => Step::Send(Reply::CANNOT_VERIFY),
        }
    }

    // spec: rfc5321#4.1.1.1
    fn hello(&mut self, name: String, reply: Reply) -> Step {
        self.helo = Some(name);
        self.reset(reply)
    }

    fn extensions(&self) -> Vec<String> {
        let mut extensions: Vec<String> =
            ["PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "ENHANCEDSTATUSCODES"]
                .map(str::to_owned)
                .into();
        extensions.push(format!("SIZE {}", self.settings.limits.message_octets));
        if self.settings.tls != TlsMode::Off && !self.tls {
            extensions.push("STARTTLS".to_owned());
        }
        extensions
    }

    /// Forgets the message under way, and has the caller forget it where octets were given out.
    fn reset(&mut self, reply: Reply) -> Step {
        match self.transaction.take() {
            Some(transaction) if transaction.octets > 0 => Step::Discard(reply),
            _ => Step::Send(reply),
        }
    }

    /// What follows STARTTLS in the clear may have been put there by somebody in between.
    // spec: rfc3207#4 rfc3207#6
    fn start_tls(&mut self, more_follows: bool) -> Step {
        if self.settings.tls == TlsMode::Off || self.tls {
            return self.bad(Reply::NOT_IMPLEMENTED);
        }
        if more_follows {
            return self.close(Reply::PIPELINED_TLS);
        }
        self.transaction = None;
        self.state = State::Handshake;
        Step::StartTls(Reply::READY_FOR_TLS)
    }

    // spec: rfc5321#4.1.1.2 rfc1870#6
    fn mail(&mut self, sender: Sender) -> Step {
        if self.settings.tls == TlsMode::Required && !self.tls {
            return self.bad(Reply::NEED_TLS);
        }
        let Some(helo) = self.helo.clone().filter(|_| self.transaction.is_none()) else {
            return self.bad(Reply::BAD_SEQUENCE);
        };
        if sender.size > self.settings.limits.message_octets {
            return Step::Send(Reply::TOO_LARGE);
        }
        if self.transactions >= self.settings.limits.transactions {
            return self.close(Reply::TOO_MANY_MESSAGES);
        }
        self.transactions += 1;
        self.transaction = Some(Transaction {
            helo,
            mail_from: sender.address,
            mail_from_raw: sender.raw,
            recipients: Vec::new(),
            octets: 0,
            body: sender.body,
            smtp_utf8: sender.smtp_utf8,
            tls: self.tls,
        });
        Step::Send(Reply::SENDER)
    }

    // spec: rfc5321#4.1.1.3
    fn rcpt(&mut self, address: Address) -> Step {
        let Some(transaction) = self.transaction.as_ref().filter(|t| t.octets == 0) else {
            return self.bad(Reply::BAD_SEQUENCE);
        };
        if transaction.recipients.len() >= self.settings.limits.recipients {
            return Step::Send(Reply::TOO_MANY_RECIPIENTS);
        }
        self.state = State::Routing(address.clone());
        Step::Route(address)
    }

    // spec: rfc5321#4.1.1.4
    fn data(&mut self) -> Step {
        let ready = |t: &Transaction| !t.recipients.is_empty() && t.octets == 0;
        if !self.transaction.as_ref().is_some_and(ready) {
            return self.bad(Reply::BAD_SEQUENCE);
        }
        self.state = State::Data(DataReader::new());
        Step::Send(Reply::GO_AHEAD)
    }

    /// A refused chunk is read to its end all the same: its octets are no commands.
    // spec: rfc3030#2
    fn bdat(&mut self, octets: u64, last: bool) -> Step {
        let ready = self.transaction.as_ref().is_some_and(|t| !t.recipients.is_empty());
        let refused = (!ready).then_some(Reply::BAD_SEQUENCE);
        self.state = State::Chunk { left: octets, last, refused };
        self.idle()
    }

    fn receive_data(&mut self, input: &[u8]) -> (usize, Step) {
        let State::Data(reader) = &mut self.state else { return (0, Step::More) };
        let portion = reader.read(input);
        let bare = reader.met_bare_line_ending();
        let given = self.count(portion.body.len());
        if !portion.ended {
            let step = match given {
                // A refused body is read to its end and not given out.
                Ok(()) if !bare && !portion.body.is_empty() => Step::Body(portion.body),
                _ => Step::More,
            };
            return (portion.consumed, step);
        }
        if bare {
            return (portion.consumed, self.discard(Reply::BARE_LINE_ENDING));
        }
        if given.is_err() {
            return (portion.consumed, self.discard(Reply::TOO_LARGE));
        }
        if portion.body.is_empty() {
            return (portion.consumed, self.store());
        }
        // The last octets first; the next call says that they were the last.
        self.state = State::Chunk { left: 0, last: true, refused: None };
        (portion.consumed, Step::Body(portion.body))
    }

    fn receive_chunk(&mut self, input: &[u8]) -> (usize, Step) {
        let State::Chunk { left, refused, .. } = &mut self.state else { return (0, Step::More) };
        if *left == 0 {
            return (0, self.end_of_chunk());
        }
        let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
        *left -= u64::try_from(taken).unwrap_or(u64::MAX);
        let keep = refused.is_none();
        let octets = input.get(..taken).unwrap_or_default();
        if keep && self.count(taken).is_ok() {
            return (taken, Step::Body(octets.to_vec()));
        }
        if keep && let State::Chunk { refused, .. } = &mut self.state {
            *refused = Some(Reply::TOO_LARGE);
        }
        (taken, self.idle())
    }

    fn end_of_chunk(&mut self) -> Step {
        let State::Chunk { last, refused, .. } = std::mem::replace(&mut self.state, State::Command)
        else {
            return Step::More;
        };
        match refused {
            Some(reply) if reply == Reply::BAD_SEQUENCE => self.bad(reply),
            Some(reply) => self.discard(reply),
            None if last => self.store(),
            None => Step::Send(Reply::CHUNK),
        }
    }

    /// Counts body octets of the message under way; an error when there are too many.
    fn count(&mut self, octets: usize) -> Result<(), ()> {
        let Some(transaction) = &mut self.transaction else { return Err(()) };
        let octets = u64::try_from(octets).unwrap_or(u64::MAX);
        transaction.octets = transaction.octets.saturating_add(octets);
        if transaction.octets > self.settings.limits.message_octets { Err(()) } else { Ok(()) }
    }

    fn discard(&mut self, reply: Reply) -> Step {
        self.transaction = None;
        self.state = State::Command;
        Step::Discard(reply)
    }

    fn store(&mut self) -> Step {
        let Some(transaction) = self.transaction.take() else {
            self.state = State::Command;
            return Step::Send(Reply::BAD_SEQUENCE);
        };
        self.state = State::Storing;
        Step::Store(transaction)
    }
}
