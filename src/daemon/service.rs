//! The daemon as a service: signals in, notifications to systemd out.
//!
//! SIGTERM and SIGINT drain, SIGHUP reloads. systemd is told READY, RELOADING, STOPPING and WATCHDOG (sd_notify(3));
//! without systemd that is silence. The watchdog is fed while the ledger answers, be it with a refusal: what it refuses is a
//! trouble that is shown and tried again, which another start would not mend; a call that never comes back is one for it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info};

use super::clock::Clock;
use super::running::{Running, open_ledger, start_with};
use super::status::{self, Teller};
use super::troubles::Troubles;
use super::{custody, rounds};
use crate::config::{Config, load};
use crate::diagnostic::Diagnostic;
use crate::ledger::Ledger;

/// Why the daemon cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The ledger cannot be opened.
    #[error("{0}")]
    Ledger(#[from] crate::ledger::Error),
    /// Another daemon works in this home.
    #[error("another edigate runs in {home} (process {process})")]
    HomeInUse {
        /// The home.
        home: PathBuf,
        /// Its process id, as it wrote it.
        process: String,
    },
    /// The lock file cannot be made.
    #[error("cannot lock {path}: {source}")]
    NoLock {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The operating system gives us no threads or signals.
    #[error("cannot start: {0}")]
    Runtime(#[from] std::io::Error),
}

/// How many may wait at the same time for a disk, a ledger or a partner's server: each of the latter may keep several waiting for
/// as long as its time limit says, and nobody else may wait for that.
const MOST_WAITING: usize = 4096;

/// Runs until a signal says stop. True when everything that was begun had ended.
pub fn serve(config: Config) -> Result<bool, ServiceError> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().max_blocking_threads(MOST_WAITING).build()?;
    let outcome = runtime.block_on(serve_async(config));
    leave_behind(runtime);
    outcome
}

/// Ends without waiting for blocking work that outlived the drain: dropping a runtime would wait for it for ever.
fn leave_behind(runtime: tokio::runtime::Runtime) {
    runtime.shutdown_background();
}

async fn serve_async(config: Config) -> Result<bool, ServiceError> {
    let _lock = lock(&config.home)?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let file = config.file.clone();
    let (clock, troubles) = (Clock::system(), Arc::<Troubles>::default());
    let teller = Arc::new(Teller::new(Arc::clone(&troubles), clock.clone(), config.node.lease));
    let _socket = status::serve(&config.home, Arc::clone(&teller))?;
    let ledger = tokio::select! {
        () = received(&mut terminate) => None,
        () = received(&mut interrupt) => None,
        opened = open_patiently(&config, &troubles, &clock) => Some(opened?),
    };
    let Some(ledger) = ledger else {
        info!("stopped before the ledger could be opened");
        return Ok(true);
    };
    teller.join(ledger.clone());
    let partners = config.partners.len();
    let mut running = start_with(config, ledger, clock, troubles);
    teller.count(Arc::clone(&running.gateway.traffic));
    info!(config = %file.display(), partners, "ready");
    tell(&[NotifyState::Ready]);
    let watchdog = feed_watchdog(&running);
    loop {
        tokio::select! {
            () = received(&mut terminate) => break,
            () = received(&mut interrupt) => break,
            () = received(&mut hangup) => reload(&mut running, &file),
        }
    }
    tell(&[NotifyState::Stopping, NotifyState::Status("draining")]);
    info!("draining");
    let within = running.gateway.config().drain_within;
    let drained = running.drain(within).await;
    watchdog.abort();
    teller.leave();
    info!(drained, "stopped");
    Ok(drained)
}

/// How long to wait before a ledger that could not be opened is tried again.
const AFTER_FAULT: Duration = Duration::from_secs(2);

/// Opens the ledger as soon as that is possible. A disk that is full or not mounted yet, and a damaged ledger, are troubles
/// that are shown while we wait: ending would only have systemd start us again and again. A ledger of another version
/// waits for nothing.
async fn open_patiently(config: &Config, troubles: &Troubles, clock: &Clock) -> Result<Ledger, ServiceError> {
    loop {
        let opening = config.clone();
        let opened = tokio::task::spawn_blocking(move || {
            let opened = open_ledger(&opening).and_then(|ledger| custody::keeps_a_row(&ledger).map(|()| ledger));
            let trouble = opened.as_ref().err().and_then(|error| custody::trouble_of_opening(&opening, error));
            (opened, trouble)
        });
        let (opened, trouble) = opened.await.map_err(io::Error::other)?;
        let error = match opened {
            Ok(ledger) => {
                for what in troubles.affected() {
                    troubles.clear(&what, clock.now());
                }
                return Ok(ledger);
            }
            Err(error) => error,
        };
        let Some((what, diagnostic)) = trouble else { return Err(error.into()) };
        troubles.raise(what, &diagnostic, clock.now());
        tell(&[NotifyState::Ready, NotifyState::Status(&diagnostic.message)]);
        tokio::time::sleep(AFTER_FAULT).await;
    }
}

/// Makes sure that one daemon works in a home; the lock ends with the process, however that ends.
pub fn lock(home: &Path) -> Result<File, ServiceError> {
    let path = home.join("edigate.lock");
    let no_lock = |source| ServiceError::NoLock { path: path.clone(), source };
    fs::create_dir_all(home).map_err(no_lock)?;
    let mut file = File::options().create(true).truncate(false).read(true).write(true).open(&path).map_err(no_lock)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let process = fs::read_to_string(&path).unwrap_or_default().trim().to_owned();
            return Err(ServiceError::HomeInUse { home: home.to_owned(), process });
        }
        Err(TryLockError::Error(source)) => return Err(no_lock(source)),
    }
    file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(no_lock)?;
    Ok(file)
}

async fn received(signal: &mut Signal) {
    // `None` means that the runtime is going away, which is a reason to stop as well.
    signal.recv().await;
}

/// A bad new configuration is reported and the old one stays in force.
fn reload(running: &mut Running, file: &Path) {
    let now = NotifyState::monotonic_usec_now();
    match now {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
    match load::load(file) {
        Ok((config, _warnings)) => {
            running.reload(config);
            tell(&[NotifyState::Ready, NotifyState::Status(&rounds::in_one_line(&running.gateway))]);
        }
        Err(errors) => {
            for one in errors.iter().filter(|one| one.is_error()) {
                error!(code = one.code.code, place = %one.place, "{}", Diagnostic::to_string(one));
            }
            error!(config = %file.display(), errors = errors.len(), "the new configuration is wrong, the old one stays in force");
            let status = "the new configuration is wrong, the old one stays in force";
            tell(&[NotifyState::Ready, NotifyState::Status(status)]);
        }
    }
}

fn tell(states: &[NotifyState<'_>]) {
    // Without NOTIFY_SOCKET this does nothing; with a broken one there is nobody else to tell.
    let _ = sd_notify::notify(states);
}

/// Feeds systemd's watchdog at a third of its period, each time after the ledger answered a read, one way or the other.
fn feed_watchdog(running: &Running) -> tokio::task::JoinHandle<()> {
    let gateway = std::sync::Arc::clone(&running.gateway);
    tokio::spawn(async move {
        let Some(period) = sd_notify::watchdog_enabled() else { return };
        loop {
            let gateway = std::sync::Arc::clone(&gateway);
            let answered = tokio::task::spawn_blocking(move || {
                if let Err(fault) = gateway.ledger.read(|tx| tx.waiting_transmissions(1)) {
                    gateway.custody_failed(&fault);
                }
            });
            if answered.await.is_ok() {
                tell(&[NotifyState::Watchdog]);
            }
            tokio::time::sleep((period / 3).max(Duration::from_millis(100))).await;
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Instant;

    use super::super::running::start;
    use super::*;

    #[test]
    fn a_drain_ends_at_its_limit_whatever_hangs() {
        let home = tempfile::tempdir().unwrap();
        let files = [
            ("gateway.toml", include_str!("../cli/init/gateway.toml")),
            ("partners/example-retailer/partner.toml", include_str!("../cli/init/example-retailer.toml")),
            ("partners/erp/partner.toml", include_str!("../cli/init/erp.toml")),
            ("partners/erp/order.map.toml", include_str!("../../partners/erp/order.map.toml")),
            ("partners/erp/order_ack.map.toml", include_str!("../../partners/erp/order_ack.map.toml")),
            ("partners/erp/shipment.map.toml", include_str!("../../partners/erp/shipment.map.toml")),
            ("partners/erp/invoice.map.toml", include_str!("../../partners/erp/invoice.map.toml")),
        ];
        for (name, text) in files {
            let path = home.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let (config, _) = load::load(&home.path().join("gateway.toml")).unwrap();
        let ledger = open_ledger(&config).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let (release, released) = mpsc::channel::<()>();
        let began = Instant::now();
        let drained = runtime.block_on(async {
            let running = start(config, ledger, Clock::system());
            // A call to a dead file server does not come back.
            running.track_blocking(move || {
                let _ = released.recv();
            });
            running.drain(Duration::from_millis(100)).await
        });
        leave_behind(runtime);
        assert!(!drained, "what hangs was not waited for, and that is said");
        // Only a drain that waits for the hanging call could take this long; nothing has released it yet.
        assert!(began.elapsed() < Duration::from_secs(20));
        drop(release);
    }
}
