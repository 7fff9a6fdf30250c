//! A client of the listener that can misbehave: bytes over a socket, and what came back.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use openssl::ssl::{SslConnector, SslConnectorBuilder, SslMethod};
use serde_json::Value;

use super::House;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }

    /// The code of a refusal, which must say what to do as well.
    pub fn code(&self) -> String {
        let error = &self.json()["error"];
        for key in ["message", "fix"] {
            assert!(error[key].as_str().is_some_and(|text| !text.is_empty()), "no {key}: {self:?}");
        }
        error["code"].as_str().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// What is left of an answer that came whole.
    pub fn parse(bytes: &[u8]) -> Answer {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, text) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        Answer { status, head: head.to_owned(), text: text.to_owned() }
    }
}

/// A port that nobody has, and that nobody else gets: below those from which the system takes one for a connection, and none twice
/// in this process.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let turn = u32::from(NEXT.fetch_add(1, Ordering::Relaxed)).wrapping_add(std::process::id() * 64);
        let port = 12_000 + u16::try_from(turn % 8_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A connection that gives up when nothing comes.
pub fn connect(port: u16) -> TcpStream {
    let stream =
        TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), Duration::from_secs(10)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// Everything that comes until the other end closes.
pub fn rest(stream: &mut impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => return bytes,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // A reset after the answer is an end as well.
            Err(_) => return bytes,
        }
    }
}

/// The bytes of a request with a length.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    [head.as_bytes(), body].concat()
}

/// Says something and hears the answer.
pub fn say(port: u16, bytes: &[u8]) -> Answer {
    let mut stream = connect(port);
    // What is refused in mid-sentence is not listened to until its end.
    let _ = stream.write_all(bytes);
    Answer::parse(&rest(&mut stream))
}

/// The same by TLS; the error of a handshake that fails.
pub fn say_by_tls(port: u16, bytes: &[u8], adjust: impl FnOnce(&mut SslConnectorBuilder)) -> Result<Answer, String> {
    let mut connector = SslConnector::builder(SslMethod::tls()).unwrap();
    adjust(&mut connector);
    let stream = connector.build().connect("localhost", connect(port));
    let mut stream = stream.map_err(|error| error.to_string())?;
    stream.write_all(bytes).map_err(|error| error.to_string())?;
    let answer = rest(&mut stream);
    // With TLS 1.3 a certificate is refused after the handshake.
    if answer.is_empty() { Err("the connection was closed".to_owned()) } else { Ok(Answer::parse(&answer)) }
}

impl House {
    /// Opens a listener for the API, with further lines in its table; returns its port.
    pub fn listen(&self, lines: &str) -> u16 {
        self.listen_for(r#""api""#, lines)
    }

    /// The same for other services, as they stand between the brackets.
    pub fn listen_for(&self, serves: &str, lines: &str) -> u16 {
        let port = free_port();
        let table = format!("\n[[listen]]\naddress = \"127.0.0.1:{port}\"\nserves = [{serves}]\n{lines}\n");
        let file = fs::read_to_string(self.config()).unwrap();
        fs::write(self.config(), file + &table).unwrap();
        port
    }

    /// The token of a program that reads what is of these partners; of all where none is named. The ledger must be there.
    pub fn reader(&self, name: &str, partners: &[&str]) -> String {
        let mut add = vec!["user", "add", name, "--role", "viewer", "--no-password"];
        partners.iter().for_each(|partner| add.extend(["--partner", partner]));
        let said = self.ask(&add);
        assert_eq!(said.code, 0, "{}", said.err);
        self.ask(&["user", "token", name]).out.trim().to_owned()
    }

    /// Gives a partner a token, with further lines in its table.
    pub fn give_token(&self, partner: &str, token: &str, lines: &str) {
        fs::write(self.path(&format!("{partner}.token")), format!("{token}\n")).unwrap();
        let path = self.path(&format!("partners/{partner}/partner.toml"));
        let file = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{file}\n[api]\ntoken = \"file:{partner}.token\"\n{lines}\n")).unwrap();
    }
}
