//! The laws of storage, each told once and held by every backend.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "contract/world.rs"]
mod world;

#[path = "contract/control.rs"]
mod control;
#[path = "contract/copies.rs"]
mod copies;
#[path = "contract/history.rs"]
mod history;
#[path = "contract/orders.rs"]
mod orders;
#[path = "contract/pages.rs"]
mod pages;
#[path = "contract/reading.rs"]
mod reading;
#[path = "contract/recording.rs"]
mod recording;
#[path = "contract/room.rs"]
mod room;
#[path = "contract/segments.rs"]
mod segments;
#[path = "contract/turns.rs"]
mod turns;
