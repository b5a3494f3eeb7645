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
        })
    }

    /// The HTML of the message, where there is any.
    pub(crate) fn page(&self) -> Option<&Rc<Page>> {
        let read = || (!self.message.html.is_empty()).then(|| Page::new(&self.message.html));
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

    /// The first value of a header field, trimmed; `None` for none or an empty one.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.message.header(name).map(str::trim).filter(|value| !value.is_empty())
    }
}
