//! What a command writes: data to standard output, talk to standard error.
//!
//! ```text
//! output::line(&headline)?     data; a reader that went away ends the command quietly, a full disk is a failure
//! output::talk(&diagnostic)    talk; nobody need listen
//! ```
//!
//! `println!` panics when the pipe behind it is closed, which `edigate … | head` does every day; no command uses it.

use std::fmt::Display;
use std::io::{self, Write as _};

use serde::Serialize;

use super::Failure;

/// Writes bytes as they are.
pub fn bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(refused)
}

/// Writes text as it is.
pub fn text(text: impl Display) -> Result<(), Failure> {
    bytes(text.to_string().as_bytes())
}

/// Writes text and ends the line.
pub fn line(text: impl Display) -> Result<(), Failure> {
    bytes(format!("{text}\n").as_bytes())
}

/// Writes one JSON value on one line.
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    line(serde_json::to_string(value).map_err(|error| Failure::new(error.to_string()))?)
}

/// Copies a stream as it is; `name` says what it is, should it fail.
pub fn copy(source: &mut impl io::Read, name: &str) -> Result<(), Failure> {
    let mut chunk = vec![0; 256 << 10];
    loop {
        match source.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(read) => bytes(&chunk[..read])?,
            Err(error) => return Err(Failure::new(format!("cannot read {name}: {error}"))),
        }
    }
}

/// Says something to the person at the terminal.
pub fn talk(text: impl Display) {
    // With standard error closed there is nobody else to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn refused(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::reader_gone(),
        _ => Failure::new(format!("cannot write to standard output: {error}")),
    }
}
