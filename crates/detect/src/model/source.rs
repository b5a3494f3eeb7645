//! What a message and everything below it is worked out from, each part once.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use clawback_mail::message::Message;
use clawback_mql::Text;

use crate::model::Context;
use crate::model::body::{self, Threads};
use crate::model::link::{self, Found};
use crate::model::page::Page;

/// A message, its octets and what is known about it.
pub(crate) struct Source {
    pub(crate) message: Arc<Message>,
    pub(crate) raw: Arc<[u8]>,
    pub(crate) context: Arc<Context>,
    /// How many messages are around it.
    pub(crate) nesting: usize,
    page: OnceCell<Option<Rc<Page>>>,
    plain: OnceCell<Text>,
    plain_links: OnceCell<Vec<Found>>,
    threads: OnceCell<Rc<Threads>>,
    contents: OnceCell<Vec<Arc<[u8]>>>,
    passwords: OnceCell<Rc<[String]>>,
}

impl Source {
    pub(crate) fn new(
        message: Arc<Message>,
        raw: Arc<[u8]>,
        context: Arc<Context>,
        nesting: usize,
    ) -> Rc<Self> {
        Rc::new(Self {
            message,
            raw,
            context,
            nesting,
            page: OnceCell::new(),
            plain: OnceCell::new(),
            plain_links: OnceCell::new(),
            threads: OnceCell::new(),
            contents: OnceCell::new(),
            passwords: OnceCell::new(),
        })
    }

    /// The HTML of the message, where there is any.
    pub(crate) fn page(&self) -> Option<&Rc<Page>> {
        let html = self.message.html.as_str();
        let read = || match &self.message.html_tree {
            _ if html.is_empty() => None,
            Some(dom) => Some(Page::read(html, dom)),
            None => Some(Page::new(html)),
        };
        self.page.get_or_init(read).as_ref()
    }

    /// The plain text of the message.
    pub(crate) fn plain(&self) -> &Text {
        self.plain.get_or_init(|| Text::new(self.message.text.as_str()))
    }

    /// The links in the plain text.
    pub(crate) fn plain_links(&self) -> &[Found] {
        self.plain_links.get_or_init(|| link::in_text(self.plain().as_str()))
    }

    pub(crate) fn threads(&self) -> &Rc<Threads> {
        self.threads.get_or_init(|| body::threads(self))
    }

    /// The octets of an attachment of the message itself, by its place among all attachments.
    pub(crate) fn content(&self, place: usize) -> Arc<[u8]> {
        let all = self.contents.get_or_init(|| {
            let attachments: Vec<_> = self.message.attachments.iter().collect();
            let contents = Message::contents(&self.raw, &attachments);
            contents.into_iter().map(Arc::from).collect()
        });
        all.get(place).cloned().unwrap_or_else(|| Arc::from([]))
    }

    /// Words of the text that may open what is locked.
    pub(crate) fn passwords(&self) -> Rc<[String]> {
        Rc::clone(self.passwords.get_or_init(|| {
            let text = match self.page() {
                Some(page) => page.seen(),
                None => self.plain(),
            };
            passwords_in(text.as_str()).into()
        }))
    }

    /// The first value of a header field, trimmed; `None` for none or an empty one.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.message.header(name).map(str::trim).filter(|value| !value.is_empty())
    }
}

/// The words that follow a word for password, in its line or the next.
fn passwords_in(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    while let Some(line) = lines.next() {
        let lower = line.to_lowercase();
        if !PASSWORD_WORDS.iter().any(|word| lower.contains(word)) {
            continue;
        }
        let both = [line, lines.peek().copied().unwrap_or_default()];
        let words = both.iter().flat_map(|line| line.split([' ', '\t', ':', '=', '"', '\'']));
        for word in words.map(|word| {
            word.trim_matches(|c: char| matches!(c, '.' | ',' | ';' | '(' | ')' | '[' | ']'))
        }) {
            let fits = (PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&word.chars().count());
            if fits && found.len() < PASSWORDS_MAX && !found.iter().any(|known| known == word) {
                found.push(word.to_owned());
            }
        }
    }
    found
}

const PASSWORD_WORDS: [&str; 14] = [
    "password",
    "passcode",
    "passwort",
    "kennwort",
    "mot de passe",
    "contraseña",
    "senha",
    "wachtwoord",
    "hasło",
    "heslo",
    "lösenord",
    "parola",
    "пароль",
    "pass:",
];
const PASSWORD_CHARS_MAX: usize = 40;
const PASSWORD_CHARS_MIN: usize = 3;
const PASSWORDS_MAX: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_stand_near_their_word() {
        let found = passwords_in("Hello\n\nThe password is: 4711\n\nBye now");
        assert!(found.iter().any(|word| word == "4711"));
        assert!(passwords_in("Hello 4711").is_empty());
    }
}
