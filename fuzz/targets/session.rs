//! SMTP sessions: the input is settings, the caller's answers, where the network cuts, and what
//! the peer sends. However it is cut, the same is said and stored; a message is answered with
//! success only by the store; and a session that is over says nothing more.

#![no_main]

use clawback_mail::smtp::{Class, Limits, Routing, Session, Settings, Step, TlsMode, Trouble};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let Some((choices, stream)) = raw.split_at_checked(CHOICES) else { return };
    let [kind, answers, stride] = choices else { return };
    let settings = settings(*kind);
    let whole = talk(settings.clone(), *answers, std::iter::once(stream));
    let cut = talk(settings.clone(), *answers, stream.chunks(usize::from(*stride) + 1));
    // What follows STARTTLS in the same packet decides, so that cutting does, too.
    assert!(whole == cut || settings.tls != TlsMode::Off, "cutting changes nothing");
});

/// What a peer and a store could tell apart.
#[derive(Default, Eq, PartialEq)]
struct Log {
    said: Vec<u16>,
    stored: Vec<(usize, Vec<u8>)>,
}

/// Small limits are reached sooner.
fn settings(kind: u8) -> Settings {
    let limits = match kind % 3 {
        0 => Limits::default(),
        1 => Limits { line_octets: 40, message_octets: 30, ..Limits::default() },
        _ => Limits { recipients: 2, transactions: 2, bad_commands: 3, ..Limits::default() },
    };
    let tls = if kind & 0x80 == 0 { TlsMode::Off } else { TlsMode::Required };
    Settings { hostname: "mx.clawback.example".to_owned(), limits, tls }
}

fn talk<'a>(settings: Settings, answers: u8, parts: impl Iterator<Item = &'a [u8]>) -> Log {
    let mut session: Session<()> = Session::new(settings);
    let mut log = Log::default();
    let mut collected = Vec::new();
    for part in parts {
        let mut rest = part;
        loop {
            let (consumed, step) = session.receive(rest);
            rest = rest.get(consumed..).unwrap_or_default();
            let reply = match step {
                Step::More => break,
                Step::Send(reply) => reply,
                Step::Route(address) => session.routed(routing(answers, address.local().len())),
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
                    assert!(transaction.octets == collected.len() as u64, "every octet, once");
                    assert!(!transaction.recipients.is_empty(), "somebody's");
                    let kept = (transaction.recipients.len(), std::mem::take(&mut collected));
                    log.stored.push(kept);
                    let outcome = outcome(answers, log.stored.len());
                    let is_kept = outcome.is_ok();
                    let reply = session.stored(outcome);
                    assert!((reply.class() == Class::Done) == is_kept, "only the store says so");
                    reply
                }
                Step::StartTls(reply) => {
                    log.said.push(reply.code());
                    session.tls_started();
                    break;
                }
                Step::Close(reply) => {
                    log.said.push(reply.code());
                    return log;
                }
            };
            log.said.push(reply.code());
        }
    }
    log
}

fn routing(answers: u8, length: usize) -> Routing {
    match usize::from(answers).wrapping_mul(31).wrapping_add(length) % 9 {
        0 => Routing::Busy,
        1 => Routing::NoRoom,
        2 => Routing::OtherTenant,
        3 => Routing::Trouble,
        4 => Routing::Unknown,
        5 => Routing::WrongSource,
        _ => Routing::Accepted,
    }
}

fn outcome(answers: u8, count: usize) -> Result<(), Trouble> {
    match usize::from(answers).wrapping_add(count) % 9 {
        0 => Err(Trouble::Busy),
        1 => Err(Trouble::NoRoom),
        2 => Err(Trouble::Storage),
        3 => Err(Trouble::TooLarge),
        4 => Err(Trouble::WrongSource),
        _ => Ok(()),
    }
}

/// Octets of the input before what the peer sends.
const CHOICES: usize = 3;
