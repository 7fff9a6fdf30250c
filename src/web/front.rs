//! All listeners of the configuration: started, changed by a reload, and stopped.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::body::Spool;
use super::context::Context;
use super::host::Host;
use super::listener::{self, Listener};
use super::page::days::Days;
use super::peers::Counts;
use super::tokens::Tokens;
use crate::config::listen::Listen;

/// How often tokens that cannot be used are read again.
const READ_TOKENS_AGAIN: Duration = Duration::from_secs(3);

/// How many passwords are looked at in the same moment; each takes 19 MiB.
const SIGN_INS: usize = 4;

/// How long the last answers may take when everything else has ended.
const ANSWERED_WITHIN: Duration = Duration::from_secs(1);

/// The listeners at work.
pub struct Front {
    context: Arc<Context>,
    tasks: TaskTracker,
    stop: CancellationToken,
    open: HashMap<SocketAddr, Open>,
    /// Those that only say how the gateway is, which end after everything else.
    last: (TaskTracker, CancellationToken),
}

struct Open {
    settings: watch::Sender<Arc<Listen>>,
    stop: CancellationToken,
}

impl fmt::Debug for Front {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Front").field("open", &self.open.keys()).finish_non_exhaustive()
    }
}

impl Front {
    /// Starts the listeners of the configuration in force; must be called within a tokio runtime. What they begin is among
    /// `tasks`, and ends after `stop`.
    pub fn start(host: Arc<dyn Host>, tasks: &TaskTracker, stop: &CancellationToken) -> Front {
        let spool = Spool::below(&host.config().home);
        let context = Context {
            host,
            spool,
            tokens: Tokens::default(),
            sign_ins: Semaphore::new(SIGN_INS),
            days: Days::default(),
            busy: Counts::default(),
        };
        let context = Arc::new(context);
        let mut front =
            Front { context, tasks: tasks.clone(), stop: stop.clone(), open: HashMap::new(), last: Default::default() };
        front.reload();
        front.tasks.spawn(read_tokens_again(Arc::clone(&front.context), front.stop.clone()));
        front
    }

    /// Takes over the configuration as it is now: what is gone is closed, what is new is opened, certificates and tokens are read
    /// anew. Connections that stand are not disturbed.
    pub fn reload(&mut self) {
        self.context.tokens.read_again(self.context.host.as_ref());
        let config = self.context.host.config();
        self.open.retain(|address, open| {
            let stays = config.listen.iter().any(|listen| listen.address == *address);
            if !stays {
                open.stop.cancel();
            }
            stays
        });
        for listen in &config.listen {
            let listen = Arc::new(listen.clone());
            match self.open.get(&listen.address) {
                // Also where nothing changed: the certificate may be another one.
                Some(open) => {
                    open.settings.send_replace(listen);
                }
                None => {
                    let open = self.begin(&listen);
                    self.open.insert(listen.address, open);
                }
            }
        }
    }

    /// Closes the listeners that were still open while the daemon drained.
    pub async fn close(self) {
        let (tasks, stop) = self.last;
        stop.cancel();
        tasks.close();
        // Whoever asks at this moment is answered, or is not.
        let _ = tokio::time::timeout(ANSWERED_WITHIN, tasks.wait()).await;
    }

    fn begin(&self, listen: &Arc<Listen>) -> Open {
        let (settings, changes) = watch::channel(Arc::clone(listen));
        let (last, stop_last) = &self.last;
        let (tasks, stop) = if listen.only_watches() { (last, stop_last) } else { (&self.tasks, &self.stop) };
        let stop = stop.child_token();
        let listener = Listener {
            context: Arc::clone(&self.context),
            settings: changes,
            tasks: tasks.clone(),
            stop: stop.clone(),
            peers: Counts::default(),
            all: Counts::default(),
        };
        tasks.spawn(work(listener));
        Open { settings, stop }
    }
}

/// Listens, and takes back what was said to be in trouble with it.
async fn work(listener: Listener) {
    let (context, what) = (Arc::clone(&listener.context), listener::what(&listener.settings.borrow()));
    listener.work().await;
    context.host.clear(&what);
    context.host.clear(&format!("certificate of {what}"));
}

async fn read_tokens_again(context: Arc<Context>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(READ_TOKENS_AGAIN) => {}
        }
        if context.tokens.are_in_trouble() {
            let reading = Arc::clone(&context);
            // What panics there is read again next time.
            let _ = tokio::task::spawn_blocking(move || reading.tokens.read_again(reading.host.as_ref())).await;
        }
    }
}
