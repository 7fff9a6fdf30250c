//! Named places at which a test kills the process, before and after every step that must survive a crash.
//!
//! ```text
//! crash::point("capture.row.committed");
//! EDIGATE_CRASH_AT=capture.row.committed      the process aborts when it first comes by
//! EDIGATE_CRASH_AT=capture.row.committed:3    the third time
//! ```
//!
//! An abort unwinds nothing and flushes nothing: what the next start finds is what a `kill -9` at that instruction would
//! leave. Builds without debug assertions (every release build) compile the points away.

#[cfg(debug_assertions)]
use std::sync::OnceLock;
#[cfg(debug_assertions)]
use std::sync::atomic::{AtomicU32, Ordering};

/// The points in the order in which a file comes by them; the tests crash at each one.
pub const POINTS: &[&str] = &[
    // Deliveries.
    "deliver.fetched",
    "deliver.temporary.written",
    "deliver.synced",
    "deliver.named",
    "deliver.directory.synced",
    "deliver.recorded",
];

/// Aborts the process when the environment names this point.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    static WANTED: OnceLock<Option<(String, u32)>> = OnceLock::new();
    static PASSED: AtomicU32 = AtomicU32::new(0);
    let wanted = WANTED.get_or_init(|| {
        let text = std::env::var("EDIGATE_CRASH_AT").ok()?;
        Some(match text.split_once(':') {
            Some((name, time)) => (name.to_owned(), time.parse().unwrap_or(1)),
            None => (text, 1),
        })
    });
    let Some((wanted, time)) = wanted else { return };
    if wanted == name && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *time {
        std::process::abort();
    }
}

/// Aborts the process when the environment names this point; nothing in this build.
#[cfg(not(debug_assertions))]
pub fn point(_name: &str) {}
