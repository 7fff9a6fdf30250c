//! `edigate demo --serve`: the pages, the API and the figures of what the demo left, until somebody stops it.
//!
//! The configuration gets a listener on this machine alone, and the ledger one person with a password that is shown once, so
//! that the sign-in is the real one.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

use jiff::Timestamp;

use super::acts::{GONE, MAILBOX};
use crate::cli::{Failure, output};
use crate::ledger::Ledger;
use crate::ledger::people::{Person, Role};
use crate::web::people::password::{self, Cost};
use crate::web::people::secret::Secret;

/// Where it is reached when nothing is said.
pub const USUAL: &str = "127.0.0.1:8080";

/// An address that only this machine reaches: the demo encrypts nothing.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| format!("expected an address such as {USUAL}"))?;
    match address.ip().is_loopback() {
        true => Ok(address),
        false => {
            Err(format!("other machines reach {address}; the demo is for this one, by an address such as {USUAL}"))
        }
    }
}

/// Adds the listener to the demo's configuration.
pub fn listen(gateway: &Path, address: SocketAddr) -> Result<(), Failure> {
    let table =
        format!("\n[[listen]]\naddress = \"{address}\"\nserves  = [\"pages\", \"v1\", \"metrics\", \"health\"]\n");
    let written =
        fs::OpenOptions::new().append(true).open(gateway).and_then(|mut file| file.write_all(table.as_bytes()));
    written.map_err(|error| Failure::new(format!("cannot write {}: {error}", gateway.display())))
}

/// Where to look first, and at what.
const PLACES: [(&str, &str); 8] = [
    ("/", "what needs a person: a ship notice about to be late, broken rules, money that disagrees"),
    ("/orders/megamart/4500012401", "an order shipped late and too much of it, billed wrongly and twice, paid short"),
    ("/findings", "each disagreement with what it may cost and whose it is; anna sees to one"),
    ("/failures", "what failed and why; the newest 850 has the fault of an earlier one, and says so"),
    ("/acknowledgments", "one answer is overdue, one a rejection; the ladder of each document"),
    ("/deliveries?state=retrying", "a ship notice that cannot go out: the mailbox is gone"),
    ("/partners/megamart", "its rules and what a breach costs, its guides, its wires"),
    ("/nodes", "what is in trouble here; the pager that is to be told is not reached"),
];

/// Lets somebody in, says where and how, and waits until the demo is interrupted.
pub async fn until_stopped(ledger: &Ledger, address: SocketAddr, home: &Path, now: Timestamp) -> Result<(), Failure> {
    let secret = Secret::new();
    let hashed = password::hash(secret.text(), Cost::usual()).map_err(Failure::new)?;
    let person = Person {
        name: "demo".to_owned(),
        role: Role::Admin,
        partners: None,
        created: now,
        disabled: None,
        password: Some(hashed),
    };
    ledger.write(move |tx| tx.add_person(&person)).map_err(|error| Failure::new(error.to_string()))?;
    output::line(format!("\nOpen http://{address}/ and sign in as demo with the password {}", secret.text()))?;
    output::line("\nWhat to look at first:")?;
    for (path, what) in PLACES {
        output::line(format!("  {path:<28} {what}"))?;
    }
    let (home, gone) = (home.display(), home.join(GONE));
    output::line(format!("\nThe desk was told of failures: {home}/alerts.jsonl"))?;
    output::line(format!("Give the mailbox back and watch the notice go: mv {} {home}/{MAILBOX}", gone.display()))?;
    output::line(format!("The same as data: http://{address}/api/v1/openapi.json, http://{address}/metrics"))?;
    output::line("Ctrl-C ends it.")?;
    let interrupted = tokio::signal::ctrl_c().await;
    interrupted.map_err(|error| Failure::new(format!("cannot wait for Ctrl-C: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_served() {
        assert!(address(USUAL).is_ok() && address("[::1]:0").is_ok());
        let refused = address("0.0.0.0:8080").unwrap_err();
        assert_eq!(
            refused,
            "other machines reach 0.0.0.0:8080; the demo is for this one, by an address such as 127.0.0.1:8080"
        );
        assert_eq!(address("8080").unwrap_err(), "expected an address such as 127.0.0.1:8080");
    }
}
