//! Captured bytes to documents, deliveries and acknowledgments: the pure stages back to back, one commit.
//!
//! In: a captured transmission. Out, in one transaction: its envelopes, documents, diagnostics, the acknowledgment that
//! we owe, every delivery, the clocks, the journal, and the transmission's own end: processed or quarantined.
//! A fault of ours (ledger, disk) leaves it captured, to be tried again; a fault in the bytes never does.
//!
//! Files are read here while the ledger's writer records those before them; what is submitted together shares a commit.

use std::io::{Cursor, Read};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, info_span, warn};

use super::gateway::Gateway;
use super::{interchange, mapped, messages};
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
/// How many small files share their questions to the ledger; while they are being recorded, the next ones are read.
const TOGETHER: usize = 64;
/// Contents up to this size are held in memory while they are read; a larger file is taken in alone, as a stream.
const SMALL: u64 = 64 << 10;
/// The sets of an X12 file up to this size are held in memory between reading and recording.
const HELD: u64 = 1 << 20;
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
    let leased = gateway.ledger.write_beside(move |tx| tx.lease_transmissions(&node, lease, BATCH))?;
    let count = leased.len();
    let (mut small, large): (Vec<_>, Vec<_>) = leased.into_iter().partition(|one| one.size <= SMALL);
    // Each partner's files keep their order.
    small.sort_by(|one, next| one.partner.cmp(&next.partner));
    let outcome = take_in_together(gateway, &small, stop);
    for transmission in large {
        if stop.is_cancelled() {
            break;
        }
        let source = gateway.ledger.read(|tx| tx.open_content(&transmission.sha256));
        let source = source.map(|source| Box::new(source) as Source);
        begin(gateway, vec![(transmission, source)]).finish(gateway)?;
    }
    // Wakes cost nothing when there is nothing to do.
    gateway.due.notify_one();
    gateway.books.notify_one();
    gateway.clocks.notify_one();
    outcome.map(|()| count)
}

/// Takes in many small files: some are read while those before them are being recorded.
fn take_in_together(
    gateway: &Gateway,
    transmissions: &[Transmission],
    stop: &CancellationToken,
) -> Result<(), ledger::Error> {
    let mut begun = Vec::new();
    // Those of one partner go together: what is recorded together holds the counters of few partners.
    let shares = transmissions.chunk_by(|one, next| one.partner == next.partner).flat_map(|one| one.chunks(TOGETHER));
    for share in shares {
        if stop.is_cancelled() {
            break;
        }
        let contents =
            gateway.ledger.read(|tx| Ok(share.iter().map(|one| tx.content(&one.sha256)).collect::<Vec<_>>()))?;
        let sources = contents.into_iter().map(|bytes| bytes.map(|bytes| Box::new(Cursor::new(bytes)) as Source));
        begun.push(begin(gateway, share.iter().cloned().zip(sources).collect()));
    }
    let mut outcome = Ok(());
    for share in begun {
        let finished = share.finish(gateway);
        // What failed is tried again; it does not keep the others from their ends.
        outcome = outcome.and(finished);
    }
    outcome
}

/// Bytes that were captured.
pub type Source = Box<dyn Read + Send>;

/// What a file yielded before anything of it was recorded.
enum Yielded {
    /// Envelopes and sets.
    X12(interchange::Interpreted),
    /// A large X12 file, which is read while it is recorded.
    LargeX12,
    /// Documents of our own systems.
    Mapped(mapped::Interpreted),
    /// Files of a message that was opened once more.
    Message(Box<messages::Interpreted>),
    /// Nothing; why.
    Nothing(Vec<Diagnostic>),
}

/// Files that were read, on their way into the ledger.
struct Begun {
    read: Arc<Vec<(Transmission, Yielded)>>,
    recording: Submitted<Vec<Ended>>,
    /// Those that could not be read.
    unread: Vec<(Transmission, ledger::Error)>,
}

/// What became of a file in the ledger.
pub struct Ended {
    /// Whether anything in it could be used.
    pub usable: Usable,
    /// Everything wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads files and submits what they yield.
fn begin(gateway: &Gateway, files: Vec<(Transmission, Result<Source, ledger::Error>)>) -> Begun {
    let (config, now) = (gateway.config(), gateway.clock.now());
    let (mut read, mut unread) = (Vec::with_capacity(files.len()), Vec::new());
    for (transmission, source) in files {
        // A file that makes us panic must not stop the files behind it.
        let _within = span(&transmission).entered();
        let interpreting = AssertUnwindSafe(|| interpret(&config, &transmission, source?, now));
        match catch_unwind(interpreting).unwrap_or(Err(ledger::Error::Panicked)) {
            Ok(yielded) => read.push((transmission, yielded)),
            Err(error) => unread.push((transmission, error)),
        }
    }
    let read = Arc::new(read);
    let recording = submit(gateway, &config, now, &read, 0..read.len());
    Begun { read, recording, unread }
}

/// Reads one file, as its name or its partner says.
fn interpret(
    config: &Config,
    transmission: &Transmission,
    source: Source,
    now: Timestamp,
) -> Result<Yielded, ledger::Error> {
    if let Some(partner) = messages::partner_of(config, transmission) {
        return Ok(Yielded::Message(Box::new(messages::interpret(partner, transmission, source, now)?)));
    }
    Ok(match reading(config, transmission) {
        Reading::X12 if transmission.size > HELD => Yielded::LargeX12,
        Reading::X12 => Yielded::X12(interchange::interpret(config, transmission, source, now)?),
        Reading::ByRule(rule) => match mapped::interpret(transmission, rule, source)? {
            Ok(interpreted) => Yielded::Mapped(interpreted),
            Err(diagnostics) => Yielded::Nothing(diagnostics),
        },
        Reading::Nobody => Yielded::Nothing(vec![no_rule(transmission)]),
    })
}

fn submit(
    gateway: &Gateway,
    config: &Arc<Config>,
    now: Timestamp,
    read: &Arc<Vec<(Transmission, Yielded)>>,
    which: Range<usize>,
) -> Submitted<Vec<Ended>> {
    let (config, read, node) = (Arc::clone(config), Arc::clone(read), gateway.nodes.id.clone());
    gateway.ledger.submit_hopefully(move |tx| {
        let ended = record(tx, &config, now, &read[which.clone()], &node)?;
        crash::point("intake.commit.before");
        Ok(ended)
    })
}

/// Records what files yielded, and their ends; what came before is looked up for all of them at once.
fn record(
    tx: &mut Transaction<'_>,
    config: &Config,
    now: Timestamp,
    files: &[(Transmission, Yielded)],
    node: &Id,
) -> Result<Vec<Ended>, ledger::Error> {
    let ids: Vec<Id> = files.iter().map(|(transmission, _)| transmission.id.clone()).collect();
    let replayed = tx.taken_in_before(&ids)?;
    let interpreted = files.iter().filter_map(|(_, yielded)| match yielded {
        Yielded::X12(interpreted) => Some(interpreted),
        Yielded::LargeX12 | Yielded::Mapped(_) | Yielded::Message(_) | Yielded::Nothing(_) => None,
    });
    let mut numbers = interchange::KnownNumbers::of(tx, interpreted)?;
    let mut ended = Vec::with_capacity(files.len());
    for (transmission, yielded) in files {
        let is_replay = replayed.contains(&transmission.id);
        let file = File { config, transmission, now, is_replay };
        ended.push(match yielded {
            Yielded::X12(interpreted) => interchange::record(tx, file, interpreted, &mut numbers)?,
            Yielded::LargeX12 => interchange::ahead::record(tx, file)?,
            Yielded::Mapped(interpreted) => mapped::record(tx, file, interpreted)?,
            Yielded::Message(interpreted) => messages::record(tx, file, interpreted)?,
            Yielded::Nothing(diagnostics) => {
                tell(tx, transmission, &transmission.partner, &transmission.name, diagnostics, now)?;
                Ended { usable: Usable::Nothing, diagnostics: diagnostics.clone() }
            }
        });
    }
    for ((transmission, _), ended) in files.iter().zip(&ended) {
        if replayed.contains(&transmission.id) {
            tx.forget_diagnostics(&transmission.id)?;
        }
        tx.record_diagnostics(&transmission.id, &transmission.partner, &ended.diagnostics)?;
        tx.finish_transmission(&transmission.id, node, &ended.usable.as_state())?;
    }
    Ok(ended)
}

/// A file on its way into the ledger.
#[derive(Clone, Copy)]
pub struct File<'a> {
    /// The configuration that this piece of work began with.
    pub config: &'a Config,
    /// The file.
    pub transmission: &'a Transmission,
    /// The time of this piece of work.
    pub now: Timestamp,
    /// It was taken in before, and put back.
    pub is_replay: bool,
}

impl Begun {
    /// Waits for the ends of all files; a fault that will not go away by itself ends its file in quarantine.
    fn finish(self, gateway: &Gateway) -> Result<(), ledger::Error> {
        let Begun { read, recording, unread } = self;
        let outcome = match recording.wait() {
            Ok(ended) => {
                crash::point("intake.commit.after");
                read.iter().zip(&ended).for_each(|((transmission, _), ended)| told(gateway, transmission, ended));
                Ok(())
            }
            // What is wrong with one of them is no reason to leave the others.
            Err(error) if read.len() > 1 && error.may_be_of_one() => {
                let (config, now) = (gateway.config(), gateway.clock.now());
                let alone: Vec<_> =
                    (0..read.len()).map(|one| submit(gateway, &config, now, &read, one..one + 1)).collect();
                let mut outcome = Ok(());
                for ((transmission, _), one) in read.iter().zip(alone) {
                    let ended =
                        one.wait().map(|ended| ended.iter().for_each(|ended| told(gateway, transmission, ended)));
                    // One that failed is tried again; it does not keep the others from their ends.
                    let settled = settle(gateway, transmission, ended);
                    outcome = outcome.and(settled);
                }
                outcome
            }
            Err(error) => match read.as_slice() {
                [(transmission, _)] => settle(gateway, transmission, Err(error)),
                _ => Err(error),
            },
        };
        let ends = unread.into_iter().map(|(transmission, error)| settle(gateway, &transmission, Err(error)));
        ends.fold(outcome, |outcome, one| outcome.and(one))
    }
}

/// Ends a file by what became of its recording.
fn settle(
    gateway: &Gateway,
    transmission: &Transmission,
    recorded: Result<(), ledger::Error>,
) -> Result<(), ledger::Error> {
    match recorded {
        Err(ledger::Error::Panicked) => quarantine(gateway, transmission, vec![internal_fault(transmission)]),
        // An archive that is not there (not mounted) says nothing of the bytes in it.
        Err(fault @ ledger::Error::Damaged { .. }) if !gateway.custody_is_possible() => Err(fault),
        Err(ledger::Error::Damaged { detail, .. }) => {
            quarantine(gateway, transmission, vec![damaged(transmission, &detail)])
        }
        Err(error @ ledger::Error::NotOurs { .. }) => {
            info!(file = transmission.name, %error, "left to another node");
            Ok(())
        }
        other => other,
    }
}

/// What the lines about a file have in common.
fn span(transmission: &Transmission) -> tracing::Span {
    info_span!(
        "transmission",
        transmission = %transmission.id,
        partner = transmission.partner,
        endpoint = transmission.endpoint,
        file = transmission.name,
    )
}

/// Says in the log what became of a file, once it is durable.
fn told(gateway: &Gateway, transmission: &Transmission, ended: &Ended) {
    gateway.metrics.taken_in(transmission, ended.usable.as_state().name(), &ended.diagnostics);
    let _within = span(transmission).entered();
    let (partner, file) = (&transmission.partner, &transmission.name);
    for one in ended.diagnostics.iter().filter(|one| one.is_error()) {
        warn!(partner, file, code = one.code.code, "{}", one.message);
    }
    info!(partner, file, state = ended.usable.as_state().name(), "taken in");
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
fn quarantine(
    gateway: &Gateway,
    transmission: &Transmission,
    diagnostics: Vec<Diagnostic>,
) -> Result<(), ledger::Error> {
    let read = Arc::new(vec![(transmission.clone(), Yielded::Nothing(diagnostics))]);
    let ended = submit(gateway, &gateway.config(), gateway.clock.now(), &read, 0..1).wait()?;
    ended.iter().for_each(|ended| told(gateway, transmission, ended));
    Ok(())
}

/// Whether anything in a transmission could be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usable {
    /// Something was.
    Something,
    /// Nothing was.
    Nothing,
}

impl Usable {
    fn as_state(self) -> TransmissionState {
        match self {
            Usable::Something => TransmissionState::Processed,
            Usable::Nothing => TransmissionState::Quarantined,
        }
    }
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
    tell_with(tx, journal, what, diagnostics, refs, now)
}

/// The same for something that belongs to an order or a document.
pub fn tell_with(
    tx: &mut Transaction<'_>,
    journal: &str,
    what: &str,
    diagnostics: &[Diagnostic],
    refs: Refs,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|one| one.is_error()).collect();
    let Some(first) = errors.first() else { return Ok(()) };
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
