//! The dashboard as a browser sees it, over a real store in a folder of its own.

mod authorizing;
mod failures;
mod hostile;
mod locking;
mod pages;
mod review;
mod signing_in;
mod world;
