//! A stand-in for the network between the daemon and a server, which breaks where a test says.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the server.
    There,
    /// From the server.
    Back,
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Both ends see it closed.
    Cut,
    /// Nothing comes any more, and nobody is told.
    Stall,
    /// It pauses, and goes on.
    Delay(Duration),
}

/// What is to happen once, to the first connection that carries so many bytes that way.
type Plan = Arc<Mutex<Option<(Way, usize, Fault)>>>;

/// Forwards every connection to one server until it ends with the test's process.
pub struct Link {
    address: SocketAddr,
    plan: Plan,
    open: Arc<Mutex<Vec<TcpStream>>>,
    /// How often all connections that were open were forgotten.
    forgotten: Arc<AtomicUsize>,
}

impl Link {
    /// A link to the server at that port of this machine.
    pub fn to(port: u16) -> Link {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let link = Link { address, plan: Arc::default(), open: Arc::default(), forgotten: Arc::default() };
        let (plan, open, forgotten) = (Arc::clone(&link.plan), Arc::clone(&link.open), Arc::clone(&link.forgotten));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                let (from_client, from_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                open.lock().unwrap().push(client.try_clone().unwrap());
                let born = forgotten.load(Ordering::SeqCst);
                for (way, from, to) in [(Way::There, from_client, server), (Way::Back, from_server, client)] {
                    let (plan, forgotten) = (Arc::clone(&plan), Arc::clone(&forgotten));
                    let is_forgotten = move || forgotten.load(Ordering::SeqCst) != born;
                    std::thread::spawn(move || forward(way, from, to, &plan, &is_forgotten));
                }
            }
        });
        link
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends every connection that is open, and lets the first one that carries so many bytes that way suffer the fault.
    pub fn plan(&self, way: Way, after: usize, fault: Fault) {
        *self.plan.lock().unwrap() = Some((way, after, fault));
        self.cut();
    }

    /// Ends every connection that is open.
    pub fn cut(&self) {
        for connection in self.open.lock().unwrap().drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    /// Carries nothing more of the connections that are open and tells nobody, as a firewall does with what was quiet for long.
    pub fn forget(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
    }

    /// Gives up what was planned; true when it had happened.
    pub fn has_happened(&self) -> bool {
        self.plan.lock().unwrap().take().is_none()
    }
}

fn forward(way: Way, mut from: TcpStream, mut to: TcpStream, plan: &Plan, is_forgotten: &dyn Fn() -> bool) {
    let (mut buffer, mut carried) = ([0; 16 << 10], 0);
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 {
            break;
        }
        if is_forgotten() {
            continue;
        }
        let (mut part, mut fault) = (count, None);
        {
            let mut plan = plan.lock().unwrap();
            match *plan {
                Some((its, after, what)) if its == way && carried + count > after => {
                    // Exactly so many bytes arrive.
                    part = after.saturating_sub(carried);
                    fault = Some(what);
                    *plan = None;
                }
                _ => {}
            }
        }
        if to.write_all(&buffer[..part]).is_err() {
            break;
        }
        match fault {
            None => {}
            Some(Fault::Cut) => break,
            Some(Fault::Stall) => while from.read(&mut buffer).is_ok_and(|count| count > 0) {},
            Some(Fault::Delay(pause)) => {
                std::thread::sleep(pause);
                if to.write_all(&buffer[part..count]).is_err() {
                    break;
                }
            }
        }
        carried += count;
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
