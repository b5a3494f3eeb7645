//! The header section as rules see it.

mod hops;
mod received;
mod results;
mod signature;
mod spf;
mod summary;

use std::cell::OnceCell;
use std::rc::Rc;

use clawback_mail::message::Moment;
use clawback_mql::{RecordType, Value};

use self::hops::Hop;
use crate::model::ip;
use crate::model::lazy::{Fields, Lazy};
use crate::model::names::{Domain, EmailAddress, mailbox};
use crate::model::source::Source;
use crate::model::types::mail::{HEADERS, MAILBOX};

/// The header section of a message.
pub(crate) struct Headers {
    source: Rc<Source>,
    hops: OnceCell<Rc<[hops::Range]>>,
}

impl Headers {
    pub(crate) const fn new(source: Rc<Source>) -> Self {
        Self { source, hops: OnceCell::new() }
    }

    fn hops(&self) -> &Rc<[hops::Range]> {
        self.hops.get_or_init(|| hops::ranges(&self.source.message.headers).into())
    }

    fn hop_values(&self) -> Value {
        let hop = |(index, range): (usize, &hops::Range)| {
            Lazy::value(Hop { source: Rc::clone(&self.source), index, range: range.clone() })
        };
        Value::list(self.hops().iter().enumerate().map(hop))
    }

    fn text(&self, name: &str) -> Value {
        Value::text_or_null(self.source.header(name))
    }

    fn address(&self, name: &str) -> Value {
        let text = self.source.header(name).unwrap_or_default();
        // A name may stand before the address.
        let text = text.rsplit_once('<').map_or(text, |(_, address)| address);
        EmailAddress::value(text.split([' ', ';', ',']).next().unwrap_or_default())
    }

    fn ip(&self, name: &str) -> Value {
        self.source.header(name).map_or(Value::Null, ip::first_in)
    }

    fn moment(&self) -> Option<Moment> {
        Moment::parse(self.source.header("Date")?)
    }

    fn references(&self) -> Value {
        let ids = self.source.header("References").unwrap_or_default().split_whitespace();
        let ids = ids.flat_map(|word| word.split("><")).map(|id| id.trim_matches(['<', '>', ',']));
        Value::texts(ids.filter(|id| !id.is_empty()).take(REFERENCES_MAX))
    }

    fn reply_to(&self) -> Value {
        let all = self.source.message.reply_to.iter().map(|one| mailbox(&MAILBOX, one));
        Value::list(all.filter(|one| !one.is_null()))
    }

    /// Names of hosts in all Received fields, each once, the newest first.
    fn domains(&self) -> Value {
        let mut names: Vec<String> = Vec::new();
        for received in self.source.message.all_headers("Received").take(RECEIVED_MAX) {
            for name in received::hosts(received) {
                if names.len() < HOSTS_MAX && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        Value::list(names.iter().map(|name| Domain::value(name)))
    }

    /// Addresses of machines in all Received fields, each once, the newest first.
    fn ips(&self) -> Value {
        let mut found = Vec::new();
        for received in self.source.message.all_headers("Received").take(RECEIVED_MAX) {
            for ip in received::addresses(received) {
                if found.len() < HOSTS_MAX && !found.contains(&ip) {
                    found.push(ip);
                }
            }
        }
        Value::list(found.into_iter().map(ip::value))
    }
}

impl Fields for Headers {
    const TYPE: &'static RecordType = &HEADERS;

    fn compute(&self, name: &'static str) -> Value {
        let message = &self.source.message;
        match name {
            "auth_summary" => summary::value(&self.source, self.hops()),
            "date" => {
                message.date.map_or(Value::Null, |date| Value::text(Moment::utc(date).rfc3339()))
            }
            "date_original_offset" => Value::text_or_null(self.moment().map(Moment::zone)),
            "delivered_to" => self.address("Delivered-To"),
            "domains" => self.domains(),
            "from" => message.from.first().map_or(Value::Null, |from| mailbox(&MAILBOX, from)),
            "hops" => self.hop_values(),
            "in_reply_to" => self.text("In-Reply-To"),
            "ips" => self.ips(),
            "mailer" => match self.text("X-Mailer") {
                Value::Null => self.text("User-Agent"),
                mailer => mailer,
            },
            "message_id" => self.text("Message-ID"),
            "references" => self.references(),
            "reply_to" => self.reply_to(),
            "return_path" => self.address("Return-Path"),
            "x_authenticated_domain" => {
                Domain::value(self.source.header("X-Authenticated-Domain").unwrap_or_default())
            }
            "x_authenticated_sender" => match self.address("X-Authenticated-Sender") {
                Value::Null => self.address("X-AuthUser"),
                sender => sender,
            },
            "x_client_ip" => self.ip("X-Client-IP"),
            "x_originating_ip" => self.ip("X-Originating-IP"),
            "x_secure_server_account" => self.text("X-SecureServer-Acct"),
            "x_sender" => self.address("X-Sender"),
            _ => Value::Null,
        }
    }
}

/// Each is compared with all before it.
const HOSTS_MAX: usize = 300;
const RECEIVED_MAX: usize = 100;
const REFERENCES_MAX: usize = 500;

#[cfg(test)]
mod tests;
