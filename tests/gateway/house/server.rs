//! A PostgreSQL of its own for one test, which may end it and start it again.

use std::path::Path;
use std::process::{Command, Stdio};

/// A server that is there until the end of its test.
pub struct Server {
    address: String,
}

impl Server {
    /// Starts one, where the tests have PostgreSQL at all; a word that the test is skipped where they have not.
    pub fn started_for(test: &str) -> Option<Server> {
        if std::env::var_os("EDIGATE_TEST_LEDGER").is_none() {
            eprintln!("SKIPPED, it needs EDIGATE_TEST_LEDGER=$(tests/postgres start): {test}");
            return None;
        }
        Some(Server { address: control(&["start"]) })
    }

    /// Where it listens, for `ledger = "…"`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Ends it at once, as a power failure does.
    pub fn pause(&self) {
        control(&["pause", &self.address]);
    }

    /// Starts it again after a pause.
    pub fn resume(&self) {
        control(&["resume", &self.address]);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = script().args(["stop", &self.address]).stderr(Stdio::null()).status();
    }
}

fn script() -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/postgres"));
    command.stdin(Stdio::null());
    command
}

fn control(arguments: &[&str]) -> String {
    let output = script().args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tests/postgres {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
