//! The dashboard as a browser sees it, over a real store in a folder of its own.

mod hostile;
mod pages;
mod signing_in;
mod world;
