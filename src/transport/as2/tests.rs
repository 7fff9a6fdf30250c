//! Messages and receipts as a whole: every permutation in both roles, every fault, and OpenSSL's own command as the peer.

pub mod cast;
mod permutations;
mod faults;
mod receipts;
mod openssl_command;
