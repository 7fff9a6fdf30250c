//! Captured bytes to documents, deliveries and acknowledgments: the pure stages back to back, one commit.
//!
//! In: a captured transmission. Out, in one transaction: its envelopes, documents, diagnostics, the acknowledgment that
//! we owe, every delivery, the clocks, the journal, and the transmission's own end: processed or quarantined.
//! A fault of ours (ledger, disk) leaves it captured, to be tried again; a fault in the bytes never does.
//!
//! Files are read here while the ledger's writer records those before them; what is submitted together shares a commit.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::gateway::Gateway;
use super::{interchange, mapped};
use crate::config::Config;
use crate::config::partner::{PartnerId, ReceiveFormat, ReceiveRule};
use crate::config::pattern;
use crate::crash;
use crate::diagnostic::codes::custody;
use crate::diagnostic::{Diagnostic, Place, Record};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::transmission::{Transmission, TransmissionState};
use crate::ledger::{self, Id, Submitted, Transaction};

/// How many transmissions are leased at a time.
const BATCH: u32 = 256;
/// Contents up to this size are read together, and their files taken in side by side; a larger one is taken in alone.
const SMALL: u64 = 64 << 10;
/// How long to wait when another node wrote the same rows at the same moment.
const AFTER_CONTENTION: Duration = Duration::from_millis(50);
/// How long to wait after a fault of ours before trying again.
const AFTER_FAULT: Duration = Duration::from_secs(2);

/// Takes in what was captured until told to stop.
pub async fn work(gateway: Arc<Gateway>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let (at_work, stopping) = (Arc::clone(&gateway), stop.clone());
        let outcome = tokio::task::spawn_blocking(move || {
            let tell = |fault: &ledger::Error| match fault {
                // Nothing is wrong: one of two nodes goes first.
                ledger::Error::Contended => {}
                fault => at_work.tell_fault(fault, "cannot take in, trying again"),
            };
            batch(&at_work, &stopping).inspect_err(tell)
        })
        .await;
        match outcome {
            Ok(Ok(0)) => tokio::select! {
                () = stop.cancelled() => {}
                () = gateway.captured.notified() => {}
                () = tokio::time::sleep(AFTER_FAULT) => {}
            },
            Ok(Ok(_)) => {}
            Ok(Err(ledger::Error::Contended)) => tokio::time::sleep(AFTER_CONTENTION).await,
            // Told already; the wake comes when the ledger can be written again.
            Ok(Err(_)) => tokio::select! {
                () = stop.cancelled() => {}
                () = gateway.captured.notified() => {}
                () = tokio::time::sleep(AFTER_FAULT) => {}
            },
            Err(panicked) => {
                error!(error = %panicked, "taking in broke off, trying again");
                tokio::time::sleep(AFTER_FAULT).await;
            }
        }
    }
}

/// Takes in what waits; returns how much that was.
fn batch(gateway: &Gateway, stop: &CancellationToken) -> Result<usize, ledger::Error> {
    let (node, lease) = (gateway.nodes.id.clone(), gateway.nodes.lease());
    let leased = gateway.ledger.write(move |tx| tx.lease_transmissions(&node, lease, BATCH))?;
    let count = leased.len();
    let (small, large): (Vec<_>, Vec<_>) = leased.into_iter().partition(|one| one.size <= SMALL);
    let outcome = take_in_together(gateway, small, stop);
    for transmission in large {
        if stop.is_cancelled() {
            break;
        }
        let source = gateway.ledger.read(|tx| tx.open_content(&transmission.sha256));
        finish(gateway, &transmission, begin(gateway, &transmission, source.map(|source| Box::new(source) as Source)))?;
    }
    // Wakes cost nothing when there is nothing to do.
    gateway.due.notify_one();
    gateway.books.notify_one();
    outcome.map(|()| count)
}

/// Takes in many small files: each is read while those before it are being recorded.
fn take_in_together(
    gateway: &Gateway,
    transmissions: Vec<Transmission>,
    stop: &CancellationToken,
) -> Result<(), ledger::Error> {
    let mut contents =
        gateway.ledger.read(|tx| Ok(transmissions.iter().map(|one| tx.content(&one.sha256)).collect::<Vec<_>>()))?;
    let mut begun = Vec::with_capacity(transmissions.len());
    for (transmission, content) in transmissions.into_iter().zip(contents.drain(..)) {
        if stop.is_cancelled() {
            break;
        }
        let source = content.map(|bytes| Box::new(Cursor::new(bytes)) as Source);
        let taking = begin(gateway, &transmission, source);
        begun.push((transmission, taking));
    }
    let mut outcome = Ok(());
    for (transmission, taking) in begun {
        let finished = finish(gateway, &transmission, taking);
        // One that failed is tried again; it does not keep the others from their ends.
        outcome = outcome.and(finished);
    }
    outcome
}

/// Bytes that were captured.
pub type Source = Box<dyn Read + Send>;

/// Reads one transmission and submits what it yields.
fn begin(
    gateway: &Gateway,
    transmission: &Transmission,
    source: Result<Source, ledger::Error>,
) -> Result<Submitted<()>, ledger::Error> {
    let source = source?;
    let config = gateway.config();
    // A file that makes us panic must not stop the files behind it.
    let begun = catch_unwind(AssertUnwindSafe(|| match reading(&config, transmission) {
        Reading::X12 => interchange::take_in(gateway, &config, transmission, source),
        Reading::ByRule(rule) => mapped::take_in(gateway, &config, transmission, rule, source),
        Reading::Nobody => Ok(quarantine(gateway, transmission, vec![no_rule(transmission)])),
    }));
    begun.unwrap_or(Err(ledger::Error::Panicked))
}

/// Waits for the end of one transmission; a fault that will not go away by itself ends it in quarantine.
fn finish(
    gateway: &Gateway,
    transmission: &Transmission,
    taking: Result<Submitted<()>, ledger::Error>,
) -> Result<(), ledger::Error> {
    match taking.and_then(Submitted::wait) {
        Err(ledger::Error::Panicked) => quarantine(gateway, transmission, vec![internal_fault(transmission)]).wait(),
        // An archive that is not there (not mounted) says nothing of the bytes in it.
        Err(fault @ ledger::Error::Damaged { .. }) if !gateway.custody_is_possible() => Err(fault),
        Err(ledger::Error::Damaged { detail, .. }) => {
            quarantine(gateway, transmission, vec![damaged(transmission, &detail)]).wait()
        }
        Err(error @ ledger::Error::NotOurs { .. }) => {
            info!(file = transmission.name, %error, "left to another node");
            Ok(())
        }
        Ok(()) => {
            crash::point("intake.commit.after");
            Ok(())
        }
        other => other,
    }
}

/// Who reads a transmission.
enum Reading<'c> {
    /// Its bytes are an X12 file.
    X12,
    /// A rule of its partner reads files of that name.
    ByRule(&'c ReceiveRule),
    /// Nobody.
    Nobody,
}

fn reading<'c>(config: &'c Config, transmission: &Transmission) -> Reading<'c> {
    let partner = PartnerId::parse(&transmission.partner).ok().and_then(|id| config.partners.get(&id));
    let Some(partner) = partner else { return Reading::Nobody };
    let by_name = partner.receives.iter().find(|rule| match &rule.format {
        ReceiveFormat::Mapped { matching, .. } | ReceiveFormat::Canonical { matching } => {
            pattern::matches(matching, &transmission.name)
        }
        ReceiveFormat::X12 => false,
    });
    match by_name {
        Some(rule) => Reading::ByRule(rule),
        None if partner.x12.is_some() => Reading::X12,
        None => Reading::Nobody,
    }
}

fn at_file(transmission: &Transmission) -> Place {
    Place { file: Some(transmission.name.clone()), ..Place::default() }
}

fn no_rule(transmission: &Transmission) -> Diagnostic {
    let message = format!("no receive rule of {} reads {}", transmission.partner, transmission.name);
    Diagnostic::new(&custody::NO_RULE, message).at(at_file(transmission))
}

fn internal_fault(transmission: &Transmission) -> Diagnostic {
    let message = format!("edigate itself failed on {}", transmission.name);
    Diagnostic::new(&custody::INTERNAL_FAULT, message).at(at_file(transmission))
}

fn damaged(transmission: &Transmission, detail: &str) -> Diagnostic {
    Diagnostic::new(&custody::DAMAGED_BYTES, detail.to_owned()).at(at_file(transmission))
}

/// Ends a transmission of which nothing can be used.
pub fn quarantine(gateway: &Gateway, transmission: &Transmission, diagnostics: Vec<Diagnostic>) -> Submitted<()> {
    let (transmission, node, now) = (transmission.clone(), gateway.nodes.id.clone(), gateway.clock.now());
    gateway.ledger.submit(move |tx| {
        tell(tx, &transmission, &transmission.partner, &transmission.name, &diagnostics, now)?;
        end(tx, &transmission, &node, &diagnostics, Usable::Nothing)?;
        crash::point("intake.commit.before");
        Ok(())
    })
}

/// Whether anything in a transmission could be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usable {
    /// Something was.
    Something,
    /// Nothing was.
    Nothing,
}

/// Writes a transmission's diagnostics and its end, if it is still this node's.
pub fn end(
    tx: &mut Transaction<'_>,
    transmission: &Transmission,
    node: &Id,
    diagnostics: &[Diagnostic],
    usable: Usable,
) -> Result<(), ledger::Error> {
    tx.record_diagnostics(&transmission.id, diagnostics)?;
    let state = match usable {
        Usable::Something => TransmissionState::Processed,
        Usable::Nothing => TransmissionState::Quarantined,
    };
    info!(partner = transmission.partner, file = transmission.name, state = state.name(), "taken in");
    tx.finish_transmission(&transmission.id, node, &state)
}

/// Journals that something cannot be used: one event per thing, its first error in words, all of them in its data.
/// Nothing is written when there is no error among the diagnostics.
pub fn tell(
    tx: &mut Transaction<'_>,
    transmission: &Transmission,
    journal: &str,
    what: &str,
    diagnostics: &[Diagnostic],
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let refs = Refs { transmission: Some(transmission.id.clone()), ..Refs::default() };
    tell_with(tx, transmission, journal, what, diagnostics, refs, now)
}

/// The same for something that belongs to an order or a document.
pub fn tell_with(
    tx: &mut Transaction<'_>,
    transmission: &Transmission,
    journal: &str,
    what: &str,
    diagnostics: &[Diagnostic],
    refs: Refs,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|one| one.is_error()).collect();
    let Some(first) = errors.first() else { return Ok(()) };
    for one in &errors {
        warn!(partner = journal, file = transmission.name, code = one.code.code, "{}", one.message);
    }
    let more = match errors.len() {
        1 => String::new(),
        2 => ", and 1 more error".to_owned(),
        count => format!(", and {} more errors", count - 1),
    };
    let records: Vec<Record> = errors.iter().map(|one| Record::from(*one)).collect();
    tx.append_event(&NewEvent {
        partner: journal.to_owned(),
        at: now,
        kind: EventKind::Quarantined,
        refs,
        text: format!("{what} quarantined: {} ({}){more}", first.message, first.code.code),
        data: serde_json::json!({ "code": first.code.code, "diagnostics": records }),
    })?;
    Ok(())
}
