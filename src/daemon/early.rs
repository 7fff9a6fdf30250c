//! File-system events, which wake a folder's scan early.
//!
//! ```text
//! one watcher for all folders   out of inotify's few instances we take one, whatever the number of partners
//! an event in a folder          wakes whoever looks at that folder
//! ```
//!
//! Events are lost on overflow, on network file systems and before a watch began: the periodic look is the truth, and a folder
//! that cannot be watched is only looked at.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tracing::info;

type Sleepers = HashMap<PathBuf, Vec<Arc<Notify>>>;

/// Who is woken by what.
#[derive(Debug, Default)]
pub struct Early {
    watcher: Mutex<Option<RecommendedWatcher>>,
    sleepers: Arc<Mutex<Sleepers>>,
}

/// A folder that is watched for as long as this lives.
#[derive(Debug)]
pub struct Watched {
    early: Arc<Early>,
    folder: PathBuf,
    wake: Arc<Notify>,
}

impl Early {
    /// Wakes somebody at every event in a folder; nothing when the folder cannot be watched, which is told.
    pub fn watch(early: &Arc<Early>, folder: &Path, wake: &Arc<Notify>) -> Option<Watched> {
        let told = |error: notify::Error| info!(folder = %folder.display(), %error, "no events here, scanning only");
        let mut watcher = lock(&early.watcher);
        if watcher.is_none() {
            let sleepers = Arc::clone(&early.sleepers);
            *watcher = notify::recommended_watcher(move |event| wake_all(&sleepers, event)).map_err(told).ok();
        }
        watcher.as_mut()?.watch(folder, RecursiveMode::NonRecursive).map_err(told).ok()?;
        lock(&early.sleepers).entry(folder.to_owned()).or_default().push(Arc::clone(wake));
        Some(Watched { early: Arc::clone(early), folder: folder.to_owned(), wake: Arc::clone(wake) })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut watcher = lock(&self.early.watcher);
        // The sleepers are free again before the watcher is asked: it answers only when its own thread, which wakes them, is
        // at rest.
        if self.was_the_last()
            && let Some(watcher) = watcher.as_mut()
        {
            // A folder that is gone is not watched any more anyway.
            let _ = watcher.unwatch(&self.folder);
        }
    }
}

impl Watched {
    /// Takes the wake out; true when nobody looks at the folder any more.
    fn was_the_last(&self) -> bool {
        let mut sleepers = lock(&self.early.sleepers);
        let Some(here) = sleepers.get_mut(&self.folder) else { return false };
        here.retain(|wake| !Arc::ptr_eq(wake, &self.wake));
        let is_empty = here.is_empty();
        if is_empty {
            sleepers.remove(&self.folder);
        }
        is_empty
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A map of wakes and a watcher cannot be half changed in a way that matters: a wake too few is made up by the next look.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wake_all(sleepers: &Mutex<Sleepers>, event: notify::Result<notify::Event>) {
    let sleepers = lock(sleepers);
    let Ok(event) = event else {
        // An overflow: nobody knows what was missed.
        sleepers.values().flatten().for_each(|wake| wake.notify_one());
        return;
    };
    // Our own looks open the folder; an event of that would wake the next look, for ever.
    let is_a_mere_look = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
        EventKind::Access(_) => true,
        _ => false,
    };
    if event.need_rescan() {
        sleepers.values().flatten().for_each(|wake| wake.notify_one());
    } else if !is_a_mere_look {
        for path in &event.paths {
            let here = path.parent().and_then(|folder| sleepers.get(folder)).or_else(|| sleepers.get(path));
            here.into_iter().flatten().for_each(|wake| wake.notify_one());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn an_event_in_a_folder_wakes_whoever_looks_at_it() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let early = Arc::new(Early::default());
        let wakes = [Arc::new(Notify::new()), Arc::new(Notify::new())];
        let _one = Early::watch(&early, one.path(), &wakes[0]).unwrap();
        let _other = Early::watch(&early, other.path(), &wakes[1]).unwrap();
        std::fs::write(other.path().join("a.edi"), "x").unwrap();
        tokio::time::timeout(Duration::from_secs(20), wakes[1].notified()).await.unwrap();
        assert!(tokio::time::timeout(Duration::from_millis(1), wakes[0].notified()).await.is_err());
    }

    #[tokio::test]
    async fn two_that_look_at_one_folder_are_both_woken_also_after_one_of_them_went() {
        let folder = tempfile::tempdir().unwrap();
        let early = Arc::new(Early::default());
        let wakes = [Arc::new(Notify::new()), Arc::new(Notify::new())];
        let watched = wakes.each_ref().map(|wake| Early::watch(&early, folder.path(), wake).unwrap());
        std::fs::write(folder.path().join("a.edi"), "x").unwrap();
        for wake in &wakes {
            tokio::time::timeout(Duration::from_secs(20), wake.notified()).await.unwrap();
        }
        let [first, _second] = watched;
        drop(first);
        std::fs::write(folder.path().join("b.edi"), "x").unwrap();
        tokio::time::timeout(Duration::from_secs(20), wakes[1].notified()).await.unwrap();
    }
}
