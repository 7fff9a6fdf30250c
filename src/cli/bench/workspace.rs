//! Where the benchmark works: a directory of its own, removed on every way out, and the wish to stop.
//!
//! SIGINT, SIGTERM and SIGHUP only note the wish; every loop of the benchmark looks at it and returns, so that the
//! daemons are stopped and the directory is removed by the values that own them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

use crate::cli::Failure;

/// Turns what the system said about a path into a failure.
pub fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.display().to_string();
    move |error| Failure::new(format!("cannot {action} {path}: {error}"))
}

/// Whether somebody wants us to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    asked: Arc<AtomicBool>,
}

impl Interrupt {
    /// Listens for signals from now on.
    pub fn by_signals() -> Result<Interrupt, Failure> {
        let interrupt = Interrupt::default();
        let asked = Arc::clone(&interrupt.asked);
        let cannot = |error: io::Error| Failure::new(format!("cannot listen for signals: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(cannot)?;
        // Registered before anything is made that a signal would leave behind.
        let (mut interrupted, mut terminated, mut hung_up) = {
            let _context = runtime.enter();
            let listen = |kind| signal(kind).map_err(cannot);
            (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?, listen(SignalKind::hangup())?)
        };
        thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = interrupted.recv() => {}
                    _ = terminated.recv() => {}
                    _ = hung_up.recv() => {}
                }
            });
            asked.store(true, Ordering::SeqCst);
        });
        Ok(interrupt)
    }

    /// Fails when somebody wants us to stop.
    pub fn check(&self) -> Result<(), Failure> {
        match self.asked.load(Ordering::SeqCst) {
            true => Err(Failure::new("interrupted; what was made for the benchmark is removed")),
            false => Ok(()),
        }
    }
}

/// The directory of one benchmark.
#[derive(Debug)]
pub struct Workspace {
    directory: tempfile::TempDir,
    /// The wish to stop.
    pub interrupt: Interrupt,
}

impl Workspace {
    /// A new one below a directory.
    pub fn below(directory: &Path) -> Result<Workspace, Failure> {
        let interrupt = Interrupt::by_signals()?;
        let made = tempfile::Builder::new().prefix("edigate-bench-").tempdir_in(directory);
        let directory = made.map_err(refused("make a directory in", directory))?;
        Ok(Workspace { directory, interrupt })
    }

    /// Where it is, from the root.
    pub fn path(&self) -> PathBuf {
        std::path::absolute(self.directory.path()).unwrap_or_else(|_| self.directory.path().to_owned())
    }

    /// A new directory in it.
    pub fn room(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.path().join(name);
        fs::create_dir(&path).map_err(refused("make", &path))?;
        Ok(path)
    }
}

/// Has the system write out what it still holds in memory of a directory's file system, so that this is not measured.
pub fn settle_disk(directory: &Path) {
    // Where there is no such program the measurement begins with a busier disk, no more.
    let _ = Command::new("sync").arg("-f").arg(directory).stdout(Stdio::null()).stderr(Stdio::null()).status();
}
