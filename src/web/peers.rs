//! How many of something each has, so that nobody takes the others' place.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts by whose they are.
#[derive(Debug)]
pub struct Counts<K: Eq + Hash + Clone> {
    counts: Arc<Mutex<HashMap<K, usize>>>,
}

impl<K: Eq + Hash + Clone> Default for Counts<K> {
    fn default() -> Self {
        Counts { counts: Arc::default() }
    }
}

/// One that is counted for as long as this lives.
#[derive(Debug)]
pub struct Counted<K: Eq + Hash + Clone> {
    counts: Arc<Mutex<HashMap<K, usize>>>,
    whose: K,
}

impl<K: Eq + Hash + Clone> Counts<K> {
    /// Counts one more; `None` when there are as many as there may be.
    pub fn one_more(&self, whose: K, most: usize) -> Option<Counted<K>> {
        let mut counts = locked(&self.counts);
        let count = counts.entry(whose.clone()).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Counted { counts: Arc::clone(&self.counts), whose })
    }
}

impl<K: Eq + Hash + Clone> Drop for Counted<K> {
    fn drop(&mut self) {
        let mut counts = locked(&self.counts);
        if let Some(count) = counts.get_mut(&self.whose) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.whose);
            }
        }
    }
}

fn locked<K>(counts: &Mutex<HashMap<K, usize>>) -> MutexGuard<'_, HashMap<K, usize>> {
    // A count cannot be half changed.
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whom an address belongs to: of IPv6, everybody has a network of 64 bits to take addresses from.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX))),
        },
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_so_many_and_one_that_goes_makes_room() {
        let counts = Counts::default();
        let first = counts.one_more("a", 1);
        assert!(first.is_some());
        assert!(counts.one_more("a", 1).is_none());
        assert!(counts.one_more("b", 1).is_some(), "another one has room of its own");
        drop(first);
        assert!(counts.one_more("a", 1).is_some());
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let address = |text: &str| network(text.parse().unwrap());
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:2"));
        assert_ne!(address("2001:db8:0:1::1"), address("2001:db8:0:2::1"));
        assert_eq!(address("::ffff:192.0.2.7"), address("192.0.2.7"));
    }
}
