//! Named places at which a test kills the process, before and after every step that must survive a crash.
//!
//! ```text
//! crash::point("capture.row.after");
//! EDIGATE_CRASH_AT=capture.row.after      the process aborts when it first comes by
//! EDIGATE_CRASH_AT=capture.row.after:3    the third time
//! EDIGATE_CRASH_TRACE=FILE                every point that it comes by is a line of that file
//! ```
//!
//! An abort unwinds nothing and flushes nothing: what the next start finds is what a `kill -9` at that instruction would
//! leave. Builds without debug assertions (every release build) compile the points away.
//!
//! A name is room, step, and `before` or `after`. For a commit, `before` stands at the end of the closure that is
//! about to be committed, `after` where its caller has just learnt that it is durable.

#[cfg(debug_assertions)]
use std::fs::File;
#[cfg(debug_assertions)]
use std::io::Write as _;
#[cfg(debug_assertions)]
use std::sync::OnceLock;
#[cfg(debug_assertions)]
use std::sync::atomic::{AtomicU32, Ordering};

/// The points in the order in which a file comes by them; the tests crash at each one.
pub const POINTS: &[&str] = &[
    // The house is opened.
    "ledger.migration.before",
    "ledger.migration.after",
    // A file is taken.
    "capture.claim.before",
    "capture.claim.after",
    "capture.marker.before",
    "capture.marker.after",
    // Many bytes go into the archive.
    "ledger.spool_write.before",
    "ledger.spool_write.after",
    "ledger.spool_fsync.before",
    "ledger.spool_fsync.after",
    "ledger.archive_rename.before",
    "ledger.archive_rename.after",
    "ledger.archive_fsync.before",
    "ledger.archive_fsync.after",
    // Its row, and every other row below, by one way.
    "capture.row.before",
    "ledger.commit.before",
    "ledger.commit.after",
    "capture.row.after",
    "capture.put_away.before",
    "capture.put_away.after",
    // It is understood.
    "intake.commit.before",
    "intake.commit.after",
    // What it led to goes out.
    "deliver.write.before",
    "deliver.write.after",
    "deliver.fsync.before",
    "deliver.fsync.after",
    "deliver.roll.before",
    "deliver.roll.after",
    "deliver.name.before",
    "deliver.name.after",
    "deliver.directory_fsync.before",
    "deliver.directory_fsync.after",
    "deliver.row.before",
    "deliver.row.after",
    "deliver.forget.before",
    "deliver.forget.after",
    // What came back is held against what was promised.
    "reconcile.match.before",
    "reconcile.match.after",
    "reconcile.overdue.before",
    "reconcile.overdue.after",
    // The rules of partners are held against all of it.
    "reconcile.clocks.before",
    "reconcile.clocks.after",
    "reconcile.join.before",
    "reconcile.join.after",
    "reconcile.order.before",
    "reconcile.order.after",
    // A person puts something back.
    "replay.commit.before",
    "replay.commit.after",
    "release.commit.before",
    "release.commit.after",
];

/// The points of files that are taken from a server, of items that are taken from an API and of files that are put away on
/// another file system; a file that stays on its own does not come by them.
pub const WIRES: &[&str] = &[
    "capture.copy.before",
    "capture.copy.after",
    "sftp.copy.before",
    "sftp.copy.after",
    "sftp.release.before",
    "sftp.release.after",
    "poll.answer.before",
    "poll.answer.after",
    "poll.token.before",
    "poll.token.after",
    "poll.keep.before",
    "poll.keep.after",
    "poll.mark.before",
    "poll.mark.after",
];

/// The points of HTTP, at which tests of their own crash: behind the commit of what was handed in, and around a request of ours.
pub const HTTP: &[&str] = &[
    "api.answer.before",
    "as2.answer.before",
    "as2.post.before",
    "as2.post.after",
    "post.request.before",
    "post.request.after",
];

/// The points of upkeep, at which tests of their own crash; a file's life does not come by them.
pub const UPKEEP: &[&str] = &[
    "prune.rows.before",
    "prune.rows.after",
    "prune.file.before",
    "prune.file.after",
    "prune.files.after",
    "backup.list.before",
    "backup.list.after",
];

/// Aborts the process when the environment names this point.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    static WANTED: OnceLock<Option<(String, u32)>> = OnceLock::new();
    static PASSED: AtomicU32 = AtomicU32::new(0);
    trace(name);
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

/// Notes that the process came by, so that a test knows how often it can crash where.
#[cfg(debug_assertions)]
fn trace(name: &str) {
    static TRACE: OnceLock<Option<File>> = OnceLock::new();
    let file = TRACE.get_or_init(|| {
        let path = std::env::var_os("EDIGATE_CRASH_TRACE")?;
        File::options().create(true).append(true).open(path).ok()
    });
    if let Some(mut file) = file.as_ref() {
        // One write, so that lines of several threads and processes do not mix; a test that misses a line fails.
        let _ = file.write_all(format!("{name}\n").as_bytes());
    }
}

/// Aborts the process when the environment names this point; nothing in this build.
#[cfg(not(debug_assertions))]
pub fn point(_name: &str) {}
