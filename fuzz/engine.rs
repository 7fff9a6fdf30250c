//! The rooms of edigate that are fuzzed; they build on nothing else.

// What only the daemon uses is not used here.
#![allow(dead_code)]

#[path = "../src/diagnostic/mod.rs"]
pub mod diagnostic;
#[path = "../src/x12/mod.rs"]
pub mod x12;
