//! What the application asked for and how it was answered, in figures.

use std::collections::BTreeMap;

use crate::config::On;

/// Counts since the tenant was made.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Traffic {
    /// Requests by what they asked for, each item of a batch as a request of its own.
    pub calls: BTreeMap<On, u64>,
    /// Requests as they came over the wire: a batch is one.
    pub round_trips: u64,
    /// Batches among them.
    pub batches: u64,
    /// Requests that met a fault, by its kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// The most requests that ran at once.
    pub at_once_most: usize,
}

impl Traffic {
    /// All requests.
    pub fn calls_in_all(&self) -> u64 {
        self.calls.values().sum()
    }

    /// Requests that met a fault.
    pub fn faults_in_all(&self) -> u64 {
        self.faults.values().sum()
    }

    pub(crate) fn called(&mut self, on: On) {
        *self.calls.entry(on).or_default() += 1;
    }
}
