//! One address that is listened at: opened as soon as that is possible, and never more connections than it may have.
//!
//! ```text
//! cannot be opened       told once, tried again every two seconds
//! settings changed       certificates are read anew; what stands goes on with what it had
//! asked to stop          no connection is accepted any more; those that stand end what they began
//! ```

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, interval, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use super::connection::{self, Door};
use super::context::Context;
use super::peers::{Counts, network};
use super::{routes, tls};
use crate::config::listen::Listen;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::web;

/// How long to wait before what could not be opened is tried again.
const AFTER_FAULT: Duration = Duration::from_secs(2);
/// How often it is looked whether our certificate ends soon.
const LOOK_AT_CERTIFICATE: Duration = Duration::from_secs(3600);
/// Connections that are turned away are told together, this often at most.
const TELL_EVERY: Duration = Duration::from_secs(10);
/// What one that is turned away is told where that costs nothing.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nContent-Type: application/json\r\n\
Content-Length: 146\r\nConnection: close\r\n\r\n\
{\"error\":{\"code\":\"WEB-W004\",\"message\":\"too many connections are open\",\
\"fix\":\"reuse connections, and try again after the seconds of Retry-After\"}}\n";

/// A listener at work.
pub struct Listener {
    /// What every handler shares.
    pub context: Arc<Context>,
    /// Its settings, and their changes.
    pub settings: watch::Receiver<Arc<Listen>>,
    /// What waits for its connections when the daemon drains.
    pub tasks: TaskTracker,
    /// Stops it.
    pub stop: CancellationToken,
    /// How many connections each peer has.
    pub peers: Counts<std::net::IpAddr>,
    /// How many there are.
    pub all: Counts<()>,
}

impl Listener {
    /// Listens until told to stop.
    pub async fn work(mut self) {
        let mut refused = Refused::default();
        let Some((socket, mut door)) = self.open().await else { return };
        info!(address = %door.listen.address, encrypted = door.tls.is_some(), "listening");
        let mut look = interval(LOOK_AT_CERTIFICATE);
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                _ = look.tick() => self.look_at_certificate(&door.listen),
                changed = self.settings.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    door = self.renewed(door).await;
                    self.look_at_certificate(&door.listen);
                }
                accepted = socket.accept() => match accepted {
                    Ok((stream, peer)) => self.admit(stream, peer, &door, &mut refused),
                    Err(error) => {
                        // No handles left, most likely: the next attempt must not spin.
                        warn!(address = %door.listen.address, %error, "cannot accept a connection");
                        sleep(Duration::from_millis(200)).await;
                    }
                },
            }
        }
    }

    /// Opens it, however long that takes; `None` when told to stop before.
    async fn open(&mut self) -> Option<(TcpListener, Door)> {
        loop {
            let listen = Arc::clone(&self.settings.borrow_and_update());
            let what = what(&listen);
            let opened = match self.door(&listen).await {
                Err(fault) => Err(fault),
                Ok(door) => TcpListener::bind(listen.address).await.map(|socket| (socket, door)).map_err(|error| {
                    Diagnostic::new(&web::LISTENER_CLOSED, format!("cannot listen at {}: {error}", listen.address))
                }),
            };
            match opened {
                Ok(opened) => {
                    self.context.host.clear(&what);
                    return Some(opened);
                }
                Err(fault) => self.context.host.raise(&what, &fault),
            }
            tokio::select! {
                () = self.stop.cancelled() => {
                    self.context.host.clear(&what);
                    return None;
                }
                () = sleep(AFTER_FAULT) => {}
                changed = self.settings.changed() => changed.ok()?,
            }
        }
    }

    /// Reads certificates and keys, on a thread that may wait for a disk.
    async fn door(&self, listen: &Arc<Listen>) -> Result<Door, Diagnostic> {
        let tls = match listen.tls.clone() {
            None => None,
            Some(settings) => {
                let read = tokio::task::spawn_blocking(move || tls::acceptor(&settings)).await;
                Some(read.map_err(|error| Diagnostic::new(&web::CERTIFICATE, error.to_string()))??)
            }
        };
        Ok(Door { listen: Arc::clone(listen), tls, router: routes::router(&self.context, listen) })
    }

    /// The door by the settings as they are now; what cannot be used stays as it was.
    async fn renewed(&mut self, before: Door) -> Door {
        let listen = Arc::clone(&self.settings.borrow_and_update());
        match self.door(&listen).await {
            Ok(door) => {
                self.context.host.clear(&what(&listen));
                door
            }
            Err(fault) => {
                self.context.host.raise(&what(&listen), &fault);
                before
            }
        }
    }

    fn look_at_certificate(&self, listen: &Listen) {
        let what = format!("certificate of {}", what(listen));
        match listen.tls.as_ref().and_then(|tls| tls::ends_soon(tls, self.context.host.now())) {
            Some(fault) => self.context.host.raise(&what, &fault),
            None => self.context.host.clear(&what),
        }
    }

    /// Serves a connection, or turns it away.
    fn admit(&self, stream: TcpStream, peer: SocketAddr, door: &Door, refused: &mut Refused) {
        let of_all = self.all.one_more((), door.listen.connections);
        let of_peer = self.peers.one_more(network(peer.ip()), door.listen.connections_per_peer);
        let (Some(of_all), Some(of_peer)) = (of_all, of_peer) else {
            if door.tls.is_none() {
                // It fits into the buffer of a new connection, or it is not said.
                let _ = stream.try_write(FULL);
            }
            refused.tell(peer, door.listen.address);
            return;
        };
        let (door, stop) = (door.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            connection::serve(stream, peer, door, stop).await;
            drop((of_all, of_peer));
        });
    }
}

/// How a listener is named where its troubles are shown.
pub fn what(listen: &Listen) -> String {
    format!("listener {}", listen.address)
}

/// Connections that were turned away since that was told last.
#[derive(Default)]
struct Refused {
    count: u64,
    told: Option<Instant>,
}

impl Refused {
    fn tell(&mut self, peer: SocketAddr, address: SocketAddr) {
        self.count += 1;
        if self.told.is_none_or(|told| told.elapsed() > TELL_EVERY) {
            let (code, count) = (web::TOO_MANY_CONNECTIONS.code, std::mem::take(&mut self.count));
            warn!(peer = %peer.ip(), %address, code, count, "connections turned away");
            self.told = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FULL;

    #[test]
    fn what_is_said_to_one_that_is_turned_away_is_as_long_as_it_says() {
        let text = std::str::from_utf8(FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let length: usize = head.split_once("Content-Length: ").unwrap().1.lines().next().unwrap().parse().unwrap();
        assert_eq!(body.len(), length);
        serde_json::from_str::<serde_json::Value>(body).unwrap();
    }
}
