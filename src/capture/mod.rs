//! A file exists → it is whole, ours, hashed, recorded once.
//!
//! In: a claimed file and who left it. Out: a captured transmission, or the earlier one that it repeats ([`duplicate`]).
//!
//! The order of the steps is the promise: the bytes are durable in the archive (or in the ledger, when they are few)
//! before the row commits, and the row commits before anybody moves or deletes the partner's file. Whoever is
//! killed in between finds the claimed file at the next start and captures it again; its claim, which is
//! unique, says then whether the row was already there.
//!
//! Never here: what the bytes mean.

pub mod settling;
pub mod duplicate;
pub mod hand_in;
pub mod message;

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::config::duplicates::Duplicates;
use crate::config::partner::PartnerId;
use crate::crash;
use crate::ledger::content::hex;
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::transmission::{Direction, NewTransmission, Transmission};
use crate::ledger::{self, Content, Id, Ledger, Submitted, Transaction};
use crate::transport::inlet::Claimed;
use duplicate::Verdict;

/// A claimed file, and how it came.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Whose folder it lay in.
    pub partner: PartnerId,
    /// By which endpoint.
    pub endpoint: String,
    /// The file.
    pub claimed: Claimed,
    /// The id that the wire gave it; folders give none.
    pub message_id: Option<String>,
    /// What becomes of it if it came before.
    pub duplicates: Duplicates,
    /// When it was taken.
    pub at: Timestamp,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Captured {
    /// New bytes, to be processed.
    New(Id),
    /// It came in before; recorded, nothing to process. Answers may be due once more.
    Duplicate(Id),
    /// Other bytes under a known message id; kept and not processed.
    Quarantined(Id),
    /// This very claim was recorded before a crash; nothing to do but put the file away.
    Already(Id),
}

impl fmt::Display for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Captured::New(id) => write!(f, "captured as {id}"),
            Captured::Duplicate(id) => write!(f, "duplicate, recorded as {id}"),
            Captured::Quarantined(id) => write!(f, "quarantined as {id}"),
            Captured::Already(id) => write!(f, "captured before as {id}"),
        }
    }
}

/// How many files share their questions to the ledger; while they are being recorded, the next ones are read.
const TOGETHER: usize = 64;

/// Takes custody of claimed files: the bytes of each are safe before its row commits. Many share a commit, and one that fails
/// fails alone. It blocks until all are durable; on an `Err` a file stays claimed and is tried again.
pub fn capture(ledger: &Ledger, arrivals: Vec<Arrival>) -> Vec<Result<Captured, ledger::Error>> {
    let begun: Vec<_> = in_shares(arrivals).into_iter().map(|share| begin(ledger, share)).collect();
    begun.into_iter().flat_map(|share| share.finish(ledger)).collect()
}

fn in_shares(arrivals: Vec<Arrival>) -> Vec<Vec<Arrival>> {
    let mut shares = Vec::new();
    let mut rest = arrivals.into_iter().peekable();
    while rest.peek().is_some() {
        shares.push(rest.by_ref().take(TOGETHER).collect());
    }
    shares
}

/// A file whose bytes are safe, or go in with its row.
#[derive(Debug)]
struct Held {
    arrival: Arrival,
    content: Content,
}

/// Files on their way into the ledger.
struct Begun {
    /// Each of the arrivals in their order: its place among those that are held, or why it could not be read.
    places: Vec<Result<usize, ledger::Error>>,
    held: Arc<Vec<Held>>,
    recording: Submitted<Vec<Captured>>,
}

fn begin(ledger: &Ledger, arrivals: Vec<Arrival>) -> Begun {
    let (mut places, mut held) = (Vec::with_capacity(arrivals.len()), Vec::with_capacity(arrivals.len()));
    for arrival in arrivals {
        let taken_in = ledger.archive().take_in(&arrival.claimed.path);
        places.push(taken_in.map(|content| {
            held.push(Held { arrival, content });
            held.len() - 1
        }));
    }
    let held = Arc::new(held);
    let recording = submit(ledger, &held, 0..held.len());
    Begun { places, held, recording }
}

fn submit(ledger: &Ledger, held: &Arc<Vec<Held>>, which: Range<usize>) -> Submitted<Vec<Captured>> {
    let held = Arc::clone(held);
    ledger.submit_hopefully(move |tx| {
        let captured = record(tx, &held[which.clone()])?;
        crash::point("capture.row.before");
        Ok(captured)
    })
}

impl Begun {
    fn finish(self, ledger: &Ledger) -> Vec<Result<Captured, ledger::Error>> {
        let Begun { places, held, recording } = self;
        let recorded: Vec<Result<Captured, ledger::Error>> = match recording.wait() {
            Ok(captured) => captured.into_iter().map(Ok).collect(),
            // What is wrong with one of them is no reason to leave the others.
            Err(error) if held.len() > 1 && error.may_be_of_one() => {
                let alone: Vec<_> = (0..held.len()).map(|one| submit(ledger, &held, one..one + 1)).collect();
                alone.into_iter().map(|one| one.wait().map(|mut captured| captured.remove(0))).collect()
            }
            Err(error) => held.iter().map(|_| Err(error.clone())).collect(),
        };
        places.into_iter().map(|place| recorded[place?].clone()).collect()
    }
}

/// Records files, or finds them recorded; what came before is looked up for all of them at once.
fn record(tx: &mut Transaction<'_>, all: &[Held]) -> Result<Vec<Captured>, ledger::Error> {
    let Some(Held { arrival: Arrival { partner, .. }, .. }) = all.first() else { return Ok(Vec::new()) };
    // They come out of one folder, so that their partner is one.
    let partner = partner.as_str();
    let claims: Vec<&str> = all.iter().map(|held| held.arrival.claimed.claim.as_str()).collect();
    // They are of one kind as well: what stands at a server is known there until it is put away.
    let already = match all.iter().any(|held| held.arrival.claimed.there.is_some()) {
        true => tx.transmissions_of_held_files(&claims)?,
        false => tx.transmissions_by_claim(&claims)?,
    };
    let hashes: Vec<&str> = all.iter().map(|held| held.content.sha256()).collect();
    let with_bytes = tx.transmissions_with_bytes(partner, &hashes)?;
    let mut seen = HashSet::new();
    let mut captured = Vec::with_capacity(all.len());
    for held in all {
        let (claim, sha256) = (&held.arrival.claimed.claim, held.content.sha256());
        match already.get(claim) {
            Some(known) if known.sha256 == sha256 => {
                captured.push(Captured::Already(known.id.clone()));
                continue;
            }
            // Another file came in the place of the one that was taken.
            Some(_) => tx.release_files(&[claim])?,
            None => {}
        }
        let same_bytes = match (with_bytes.get(sha256), seen.insert(sha256)) {
            (Some(first), _) => Some(first.clone()),
            (None, true) => None,
            // One of these very files has them.
            (None, false) => tx.transmission_with_bytes(partner, sha256)?,
        };
        captured.push(record_one(tx, held, same_bytes)?);
    }
    Ok(captured)
}

fn record_one(
    tx: &mut Transaction<'_>,
    held: &Held,
    same_bytes: Option<Transmission>,
) -> Result<Captured, ledger::Error> {
    let Held { arrival, content } = held;
    let same_message = match &arrival.message_id {
        Some(id) => tx.transmission_with_message_id(arrival.partner.as_str(), id)?,
        None => None,
    };
    let verdict = duplicate::judge(&arrival.duplicates, content.sha256(), same_bytes, same_message);
    let new = NewTransmission {
        direction: Direction::In,
        partner: arrival.partner.to_string(),
        endpoint: arrival.endpoint.clone(),
        name: arrival.claimed.name.clone(),
        claim: arrival.claimed.there.is_none().then(|| arrival.claimed.claim.clone()),
        message_id: arrival.message_id.clone(),
        content: content.clone(),
        at: arrival.at,
        state: verdict.state(),
    };
    let id = tx.record_arrival(&new)?;
    if arrival.claimed.there.is_some() {
        tx.hold_file(&arrival.claimed.claim, &new, &id)?;
    }
    let answers = answer_again(tx, &verdict, arrival.at)?;
    journal(tx, &new, &id, &verdict, &answers)?;
    Ok(match verdict {
        Verdict::New | Verdict::Replacement { .. } => Captured::New(id),
        Verdict::Repetition { .. } => Captured::Duplicate(id),
        Verdict::Reused { .. } => Captured::Quarantined(id),
    })
}

/// Makes the answers to the first one due again where the policy says so; the names of their files.
fn answer_again(tx: &mut Transaction<'_>, verdict: &Verdict, at: Timestamp) -> Result<Vec<String>, ledger::Error> {
    let mut names = Vec::new();
    if let Some(first) = verdict.answered_again() {
        for interchange in tx.interchanges_of(&first.id)? {
            names.extend(tx.answer_again(&interchange, at)?);
        }
    }
    Ok(names)
}

/// Tells the arrival in the partner's journal, and beside its row what is wrong with it.
fn journal(
    tx: &mut Transaction<'_>,
    new: &NewTransmission,
    id: &Id,
    verdict: &Verdict,
    answers: &[String],
) -> Result<(), ledger::Error> {
    let diagnostic = duplicate::diagnostic(new, verdict);
    if let Some(diagnostic) = &diagnostic {
        tx.record_diagnostics(id, &new.partner, std::slice::from_ref(diagnostic))?;
    }
    let (sha256, size) = (new.content.sha256(), new.content.size());
    tx.append_event(&NewEvent {
        partner: new.partner.clone(),
        at: new.at,
        kind: match verdict {
            Verdict::New | Verdict::Replacement { .. } => EventKind::Received,
            Verdict::Repetition { .. } => EventKind::Duplicate,
            Verdict::Reused { .. } => EventKind::Quarantined,
        },
        refs: Refs { transmission: Some(id.clone()), ..Refs::default() },
        text: duplicate::journal_text(new, verdict, answers),
        data: match verdict {
            Verdict::New => serde_json::json!({ "file": new.name, "sha256": sha256, "bytes": size }),
            _ => duplicate::journal_data(diagnostic.as_ref(), verdict),
        },
    })?;
    Ok(())
}

/// The name of a file's bytes, read once more.
pub fn sha256_of(path: &Path) -> Result<String, ledger::Error> {
    let unreadable = |source| ledger::Error::Unreadable { path: path.to_owned(), source: Arc::new(source) };
    let mut hash = openssl::sha::Sha256::new();
    let mut file = File::open(path).map_err(unreadable)?;
    let mut chunk = vec![0; 256 << 10];
    loop {
        match file.read(&mut chunk).map_err(unreadable)? {
            0 => return Ok(hex(&hash.finish())),
            read => hash.update(&chunk[..read]),
        }
    }
}

#[cfg(test)]
mod tests;
