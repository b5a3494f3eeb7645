//! How many connections each peer has open: one that takes all of them locks everybody else out.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Open connections by peer. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Peers(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl Peers {
    /// Counts a connection in, until the guard is dropped; `None` where its peer has enough.
    pub(super) fn enter(&self, peer: IpAddr) -> Option<Place> {
        let peer = network(peer);
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(peer).or_default();
        if *count >= OF_ONE_PEER_MAX {
            return None;
        }
        *count += 1;
        Some(Place { peers: self.clone(), peer })
    }
}

/// One open connection.
#[derive(Debug)]
pub(super) struct Place {
    peers: Peers,
    peer: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = open.get(&self.peer).copied().unwrap_or_default().saturating_sub(1);
        if left == 0 {
            open.remove(&self.peer);
        } else {
            open.insert(self.peer, left);
        }
    }
}

/// Whoever has one address of an IPv6 network has all of its /64.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => {
            let prefix = u128::from(address) >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from(prefix))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// An Exchange server opens 20 to one domain unless told otherwise.
const OF_ONE_PEER_MAX: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_peer_has_a_limit_and_others_do_not_feel_it() {
        let peers = Peers::default();
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        let mut places: Vec<_> = (0..OF_ONE_PEER_MAX).map(|_| peers.enter(one).unwrap()).collect();
        assert!(peers.enter("2001:db8::2".parse().unwrap()).is_none(), "the same /64");
        assert!(peers.enter("2001:db8:0:1::2".parse().unwrap()).is_some());
        assert!(peers.enter("192.0.2.1".parse().unwrap()).is_some());
        places.pop();
        let again = peers.enter(one);
        assert!(again.is_some());
        drop((places, again));
        assert!(peers.0.lock().unwrap().is_empty(), "nothing is remembered of who left");
    }
}
