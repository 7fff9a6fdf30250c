//! A stand-in for the network between a node and the server, which can stop without closing anything.

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The name that PostgreSQL's clients look for in a directory.
const SOCKET: &str = ".s.PGSQL.5432";

/// Forwards connections until told to hold.
pub struct Proxy {
    directory: tempfile::TempDir,
    address: String,
    holds: Arc<AtomicBool>,
}

impl Proxy {
    /// A proxy before the server of that address.
    pub fn before(address: &str) -> Proxy {
        let directory = tempfile::tempdir().unwrap();
        let (rest, after) = address.split_once('@').unwrap();
        let (host, path) = after.split_once('/').unwrap();
        let through = directory.path().display().to_string().replace('/', "%2F");
        let address = format!("{rest}@{through}/{path}");
        let server = Path::new(&host.replace("%2F", "/")).join(SOCKET);
        let holds = Arc::new(AtomicBool::new(false));
        let listener = UnixListener::bind(directory.path().join(SOCKET)).unwrap();
        let held = Arc::clone(&holds);
        // It ends with the test's process.
        std::thread::spawn(move || accept(&listener, &server, &held));
        Proxy { directory, address, holds }
    }

    /// The address of the same books through this proxy.
    pub fn address(&self) -> &str {
        assert!(self.directory.path().exists());
        &self.address
    }

    /// Forwards nothing from now on; every connection stays open.
    pub fn hold(&self) {
        self.holds.store(true, Ordering::SeqCst);
    }

    /// Forwards what it held back, and everything after it.
    pub fn heal(&self) {
        self.holds.store(false, Ordering::SeqCst);
    }
}

fn accept(listener: &UnixListener, server: &PathBuf, holds: &Arc<AtomicBool>) {
    for client in listener.incoming().flatten() {
        let Ok(upstream) = UnixStream::connect(server) else { continue };
        let (from_client, from_server) = (client.try_clone().unwrap(), upstream.try_clone().unwrap());
        let (there, back) = (Arc::clone(holds), Arc::clone(holds));
        std::thread::spawn(move || forward(from_client, upstream, &there));
        std::thread::spawn(move || forward(from_server, client, &back));
    }
}

fn forward(mut from: UnixStream, mut to: UnixStream, holds: &AtomicBool) {
    let mut buffer = [0; 16 << 10];
    while let Ok(count) = from.read(&mut buffer) {
        while holds.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        if count == 0 || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
    let _ = from.shutdown(std::net::Shutdown::Both);
}
