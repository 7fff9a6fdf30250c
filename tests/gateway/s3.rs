//! The archive in a bucket, with the real binary against a real server of another make (moto) in a process of its own.
//!
//! `tests/run s3` installs the server and builds with `--features s3`; EDIGATE_MOTO names its program.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::house::{House, sample};

const RETAILER: &str = "folders/megamart/outbound";

/// A server with one bucket, which goes with it.
struct Moto {
    child: Child,
    port: u16,
}

impl Moto {
    fn start() -> Moto {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let moto = Moto::start_at(port);
        moto.ask("PUT", "/edi");
        moto
    }

    fn start_at(port: u16) -> Moto {
        let program = std::env::var("EDIGATE_MOTO").expect("EDIGATE_MOTO names moto_server; run `tests/run s3`");
        let child = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "moto does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Moto { child, port }
    }

    fn ask(&self, method: &str, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let request = format!("{method} {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.lines().next().unwrap().contains(" 200 "), "{answer}");
        answer
    }

    fn objects(&self) -> usize {
        self.ask("GET", "/edi").matches("<Key>").count()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn house_with_bucket(port: u16) -> House {
    let house = House::new();
    let archive = format!(
        "store = \"s3\"\nendpoint = \"http://127.0.0.1:{port}\"\nbucket = \"edi\"\n\
         access_key = \"file:{key}\"\nsecret_key = \"file:{key}\"",
        key = house.path("key").display()
    );
    fs::write(house.path("key"), "secret\n").unwrap();
    change(&house.config(), "store = \"folder\"", &archive);
    house
}

fn change(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

/// Bytes that no compressor makes fewer and that make no document.
fn noise(size: u64) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ size;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..size).map(|_| next()).collect()
}

fn verified(house: &House) -> serde_json::Value {
    let said = house.ask(&["ledger", "verify", "--json"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    serde_json::from_str(&said.out).unwrap()
}

#[test]
fn large_files_are_kept_in_the_bucket_backed_up_from_it_and_pruned_in_it() {
    let moto = Moto::start();
    let mut house = house_with_bucket(moto.port);
    house.start();
    // One goes up whole, one in parts, one compressed, one not at all.
    let whole = noise(300_000);
    let parts = noise(18 << 20);
    let packed = b"NAD+BY+5412345000013::9'".repeat(20_000);
    for (name, bytes) in [("whole.edi", &whole), ("parts.edi", &parts), ("packed.edi", &packed)] {
        house.drop_file(RETAILER, name, bytes);
    }
    house.drop_file(RETAILER, "order.edi", &sample("megamart/850_101.edi"));
    for name in ["whole.edi", "parts.edi", "packed.edi", "order.edi"] {
        house.settled(name);
    }
    assert_eq!(moto.objects(), 3);
    assert!(moto.ask("GET", "/edi").contains(".zst</Key>"));
    assert!(!house.path("archive").exists(), "nothing is kept here");
    assert_eq!(house.names("spool").len(), 0);
    verified(&house);
    for (name, bytes) in [("whole.edi", &whole), ("parts.edi", &parts), ("packed.edi", &packed)] {
        let id = house.settled(name)["id"].as_str().unwrap().to_owned();
        let config = house.config();
        let args = ["show", "--transmission", &id, "--config", config.to_str().unwrap()];
        let shown = Command::new(env!("CARGO_BIN_EXE_edigate")).args(args).output().unwrap();
        assert!(shown.stdout == *bytes, "{name}");
    }

    let backup = house.path("backup");
    let made = house.rows(&["ledger", "backup", backup.to_str().unwrap()]).remove(0);
    assert_eq!((&made["files"], &made["new_files"]), (&3.into(), &3.into()));
    let sent = |house: &House| house.rows(&["ledger", "deliveries"]).iter().all(|row| row["state"] == "sent");
    house.wait_for("everything to be delivered", sent);
    house.stop();
    change(&house.config(), "keep = \"7 years\"", "keep = \"1 ms\"");
    assert_eq!(house.ask(&["ledger", "prune"]).code, 0);
    assert_eq!(moto.objects(), 0);
    assert_eq!(verified(&house)["contents"], 0);

    let restored = House::new();
    let home = restored.path("restored");
    let said = restored.edigate(&["ledger", "restore", backup.to_str().unwrap(), "--to", home.to_str().unwrap()]);
    assert_eq!(said.code, 0, "{}", said.err);
    change(&restored.config(), "home = \".\"", "home = \"restored\"");
    assert!(verified(&restored)["contents"].as_u64().unwrap() >= 4);
}

#[test]
fn a_bucket_that_does_not_answer_loses_nothing() {
    let moto = Moto::start();
    let port = moto.port;
    let mut house = house_with_bucket(port);
    house.start();
    drop(moto);
    house.drop_file(RETAILER, "large.edi", &noise(300_000));
    house.wait_for("the fault to be told", |house| house.log().contains("the bucket edi refused"));
    assert!(house.rows(&["ledger", "transmissions"]).is_empty(), "no row names bytes that are nowhere");
    let moto = Moto::start_at(port);
    moto.ask("PUT", "/edi");
    house.settled("large.edi");
    assert_eq!(moto.objects(), 1);
    verified(&house);
}
