//! The write-ahead log is folded into the file beside the thread that writes, so that no commit waits for it.
//!
//! ```text
//! commit: 8192 pages in the log, and quiet for a moment   ->   a connection of its own copies them into the file
//! ```
//!
//! It waits for a quiet moment, since the disk has better things to do while many orders wait to be delivered; pages that are
//! written again meanwhile are copied once. A log that grows long is not waited with.
//!
//! Nothing depends on when that is done: what is in the log is durable, and whoever opens the ledger reads both. Where the log
//! grows faster than it is folded, the commit waits after all.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, OpenFlags};

use super::BUSY;

/// So many pages of 4 KiB in the log are worth folding: 32 MiB.
const WORTH_FOLDING: i32 = 8192;
/// So many, 512 MiB, are folded at once.
const MANY: i32 = 16 * WORTH_FOLDING;
/// So many, 1 GiB, are too many: the log must begin anew.
const TOO_MANY: i32 = 32 * WORTH_FOLDING;
/// Without a commit for so long it is quiet.
const QUIET: Duration = Duration::from_millis(200);

/// The thread that folds; it ends with this value.
pub(super) struct Folding {
    thread: Option<JoinHandle<()>>,
}

impl Folding {
    /// Folds the log of a ledger whenever this connection, which writes it, has filled it.
    pub(super) fn beside(writer: &mut Connection, path: &Path) -> rusqlite::Result<Folding> {
        let (wake, wakes) = sync_channel(1);
        let pages = Arc::new(AtomicI32::new(0));
        let counted = Arc::clone(&pages);
        writer.wal_hook(Some(move |log: &mut Wal, pages| {
            counted.store(pages, Ordering::Relaxed);
            filled(log, pages, &wake)
        }))?;
        let path = path.to_owned();
        // Without that thread the log is folded when it is too long.
        let thread = thread::Builder::new().name("folding".to_owned()).spawn(move || work(&path, &wakes, &pages)).ok();
        Ok(Folding { thread })
    }

    /// Waits for the thread to end, after the writer let go of its hook.
    pub(super) fn end(&mut self, writer: &mut Connection) {
        let _ = writer.wal_hook(None::<fn(&mut Wal, i32) -> rusqlite::Result<()>>);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// After each commit: how many pages are in the log.
fn filled(log: &mut Wal, pages: i32, wake: &SyncSender<()>) -> rusqlite::Result<()> {
    if pages >= TOO_MANY {
        // A commit that is done is not undone by a log that cannot be folded: the next one tries again.
        let _ = log.checkpoint_v2(CheckpointMode::RESTART);
    } else if pages >= WORTH_FOLDING {
        // One that is awake already needs no second wake.
        let _ = wake.try_send(());
    }
    Ok(())
}

fn work(path: &PathBuf, wakes: &Receiver<()>, pages: &AtomicI32) {
    while wakes.recv().is_ok() {
        while pages.load(Ordering::Relaxed) < MANY && wakes.recv_timeout(QUIET).is_ok() {}
        // A connection for each time: the file may be another one by now. What fails is tried at the next wake, and what is
        // wrong with the disk is told by whoever writes.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let _ = Connection::open_with_flags(path, flags).and_then(|connection| {
            connection.busy_timeout(BUSY)?;
            connection.execute_batch("PRAGMA wal_checkpoint(PASSIVE)")
        });
    }
}
