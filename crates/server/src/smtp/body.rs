//! The message under way: small ones in memory, large ones straight into a segment of their own.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use clawback_core::source::SourceFault;
use clawback_mail::smtp::Trouble;
use clawback_store::{Committed, Envelope, Incoming, LargeMessage, StoreError};

use super::Receiver;
use super::origin::{Passage, binding, passage};
use crate::directory::Route;

/// What was collected of the message under way.
pub(super) struct Body {
    receiver: Arc<Receiver>,
    collected: Collected,
    /// How much of the shared memory budget it holds.
    charged: usize,
    /// Of one that streams: whose it is, and how much of it came.
    large: Option<Large>,
}

struct Large {
    route: Route,
    /// Whether it is kept for review only.
    reviewed: bool,
    octets: usize,
}

enum Collected {
    Nothing,
    Memory(Vec<u8>),
    Streaming(Box<LargeMessage>),
    /// It cannot be stored; the rest is read and thrown away.
    Lost(Trouble),
}

/// What is known of a message before its octets: whose it is, and what it said and did not pass.
pub(super) struct Cover<'a> {
    pub(super) route: Option<&'a Route>,
    pub(super) envelope: Envelope,
}

impl Body {
    pub(super) fn new(receiver: Arc<Receiver>) -> Self {
        Self { receiver, collected: Collected::Nothing, charged: 0, large: None }
    }

    /// Whether octets of a message were collected.
    pub(super) fn is_begun(&self) -> bool {
        !matches!(self.collected, Collected::Nothing)
    }

    /// Takes more octets; `cover` is asked for when the message turns out to be large.
    pub(super) async fn collect<'a>(&mut self, octets: &[u8], cover: impl FnOnce() -> Cover<'a>) {
        match std::mem::replace(&mut self.collected, Collected::Nothing) {
            Collected::Nothing => {
                self.charge(octets.len());
                self.collected = Collected::Memory(octets.to_vec());
            }
            Collected::Memory(mut kept) => {
                kept.extend_from_slice(octets);
                self.charge(octets.len());
                self.collected = if self.is_large(kept.len()) {
                    self.uncharge();
                    self.spill(&kept, cover()).await.unwrap_or_else(Collected::Lost)
                } else {
                    Collected::Memory(kept)
                };
            }
            Collected::Streaming(large) => self.collected = self.stream(large, octets).await,
            lost @ Collected::Lost(_) => self.collected = lost,
        }
    }

    /// Stores what was collected; returns when it is durable.
    pub(super) async fn store(&mut self, cover: Cover<'_>) -> Result<Committed, Trouble> {
        let stored = self.put(cover).await;
        self.uncharge();
        stored
    }

    async fn put(&mut self, cover: Cover<'_>) -> Result<Committed, Trouble> {
        let collected = std::mem::replace(&mut self.collected, Collected::Nothing);
        let octets = match collected {
            Collected::Lost(trouble) => return Err(trouble),
            Collected::Streaming(large) => {
                return large.finish().await.map_err(|error| trouble(&error));
            }
            Collected::Nothing => Vec::new(),
            Collected::Memory(octets) => octets,
        };
        let Cover { route: Some(route), mut envelope } = cover else {
            return Err(Trouble::Storage);
        };
        self.admit(route, &octets, &mut envelope.faults)?;
        let region = self.receiver.store.region(&route.region);
        let incoming = Incoming { tenant: route.tenant, envelope, octets: octets.into() };
        region.append(incoming).await.map_err(|error| trouble(&error))
    }

    /// Forgets it.
    pub(super) async fn forget(&mut self) {
        let collected = std::mem::replace(&mut self.collected, Collected::Nothing);
        if let Collected::Streaming(large) = collected {
            large.abort().await;
        }
        self.uncharge();
    }

    async fn spill(&mut self, kept: &[u8], cover: Cover<'_>) -> Result<Collected, Trouble> {
        let Cover { route: Some(route), mut envelope } = cover else {
            return Err(Trouble::Storage);
        };
        self.admit(route, kept, &mut envelope.faults)?;
        let reviewed = !envelope.faults.is_empty();
        let region = self.receiver.store.region(&route.region);
        let large = region.stream(route.tenant, envelope).await;
        let large = Box::new(large.map_err(|error| trouble(&error))?);
        self.large = Some(Large { route: route.clone(), reviewed, octets: kept.len() });
        Ok(write(large, kept).await)
    }

    /// Writes more of a large message, as long as its tenant has room for all of it.
    async fn stream(&mut self, large: Box<LargeMessage>, octets: &[u8]) -> Collected {
        let Some(Large { route, reviewed, octets: written }) = &mut self.large else {
            large.abort().await;
            return Collected::Lost(Trouble::Storage);
        };
        *written = written.saturating_add(octets.len());
        let (review, now) = (&self.receiver.review, self.receiver.clock.now());
        let refused = if !has_room(&self.receiver, route, *written) {
            Some(Trouble::NoRoom)
        } else if *reviewed && !review.grow(route.tenant, now, octets.len()) {
            Some(Trouble::Busy)
        } else {
            None
        };
        match refused {
            Some(trouble) => {
                large.abort().await;
                Collected::Lost(trouble)
            }
            None => write(large, octets).await,
        }
    }

    /// Checks what binds a message to its tenant; adds what it did not pass and is kept with.
    fn admit(
        &self,
        route: &Route,
        head: &[u8],
        faults: &mut Vec<SourceFault>,
    ) -> Result<(), Trouble> {
        if !has_room(&self.receiver, route, head.len()) {
            return Err(Trouble::NoRoom);
        }
        match passage(&route.rules.sources, binding(&route.rules.sources, head)) {
            Passage::Kept(found) => faults.extend(found),
            Passage::Refused => return Err(Trouble::WrongSource),
        }
        let reviewed = !faults.is_empty();
        if reviewed
            && !self.receiver.review.take(route.tenant, self.receiver.clock.now(), head.len())
        {
            return Err(Trouble::Busy);
        }
        Ok(())
    }

    fn is_large(&self, octets: usize) -> bool {
        let tight = self.receiver.collecting.load(Ordering::Relaxed) > COLLECTING_OCTETS_MAX;
        octets > LARGE_OCTETS || (tight && octets > LARGE_OCTETS_TIGHT)
    }

    fn charge(&mut self, octets: usize) {
        self.charged += octets;
        self.receiver.collecting.fetch_add(octets, Ordering::Relaxed);
    }

    fn uncharge(&mut self) {
        self.receiver.collecting.fetch_sub(self.charged, Ordering::Relaxed);
        self.charged = 0;
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.uncharge();
    }
}

/// Whether the disk and the tenant's quota have room for so many octets more.
pub(super) fn has_room(receiver: &Receiver, route: &Route, octets: usize) -> bool {
    let region = receiver.store.region(&route.region);
    let more = u64::try_from(octets).unwrap_or(u64::MAX);
    let within = |quota: u64| region.usage(route.tenant).saturating_add(more) <= quota;
    region.has_room() && route.rules.quota_octets.is_none_or(within)
}

async fn write(mut large: Box<LargeMessage>, octets: &[u8]) -> Collected {
    match large.write(octets).await {
        Ok(()) => Collected::Streaming(large),
        Err(error) => {
            large.abort().await;
            Collected::Lost(trouble(&error))
        }
    }
}

fn trouble(error: &StoreError) -> Trouble {
    tracing::error!(%error, "a message could not be stored; its sender will try again");
    match error {
        StoreError::Full => Trouble::NoRoom,
        _ => Trouble::Storage,
    }
}

/// Memory for messages being collected; beyond it, messages stream to disk sooner.
const COLLECTING_OCTETS_MAX: usize = 64 * 1024 * 1024;
const LARGE_OCTETS: usize = 4 * 1024 * 1024;
const LARGE_OCTETS_TIGHT: usize = 256 * 1024;
