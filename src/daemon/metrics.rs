//! The figures of this gateway, for Prometheus.
//!
//! ```text
//! counted here     files, attempts, failures, latencies      of this process, from 0 when it starts
//! asked            queue ages, what is overdue, findings     of the whole ledger, at most every ten seconds
//! ```
//!
//! Labels are partners, endpoints, kinds, states and codes: what the configuration and this build name. Several nodes that share
//! a ledger each tell what they counted, to be added up, and what the ledger holds, which is the same from each.
//!
//! Never here: a file name, a document's number, an id.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::gateway::Gateway;
use crate::deliver::Attempt;
use crate::diagnostic::Diagnostic;
use crate::document::Kind;
use crate::ledger;
use crate::ledger::backlog::Waiting;
use crate::ledger::delivery::Outcome;
use crate::ledger::gauges::{Count, Drop};
use crate::ledger::transmission::Transmission;

/// How long what the ledger said is shown.
const SHOWN_FOR: Duration = Duration::from_secs(10);
/// Rows are committed within this time of the moment that they name.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Seconds from the arrival of a file on.
const LATENCIES: [f64; 14] =
    [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 86_400.0];

macro_rules! labels {
    ($name:ident { $($label:ident),+ }) => {
        #[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
        struct $name { $($label: String),+ }
    };
}

labels!(OfFile { partner, endpoint, state });
labels!(OfAttempt { partner, endpoint, outcome });
labels!(OfCode { code });
labels!(OfPartner { partner });
labels!(OfKind { kind });
labels!(OfState { state });
labels!(OfOwed { partner, owed_by });
labels!(OfSeverity { partner, severity });
labels!(OfClock { partner, state });
labels!(OfMoney { partner, currency });
labels!(OfWay { partner, endpoint, direction });

type Latency = Family<OfPartner, Histogram, fn() -> Histogram>;
type Seconds = Gauge<f64, AtomicU64>;

/// The figures.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    counted: Counted,
    asked: Asked,
    documents: Mutex<Documents>,
    /// When the ledger was asked last.
    refreshed: Mutex<Option<Instant>>,
}

/// What is counted as it happens.
#[derive(Debug)]
struct Counted {
    transmissions: Family<OfFile, Counter>,
    attempts: Family<OfAttempt, Counter>,
    failures: Family<OfCode, Counter>,
    to_answer: Latency,
    to_delivery: Latency,
}

/// What the ledger and the registry of troubles say when they are asked.
#[derive(Debug, Default)]
struct Asked {
    ledger_up: Gauge,
    ledger_bytes: Gauge,
    documents: Family<OfKind, Gauge>,
    waiting: Family<OfState, Gauge>,
    oldest: Family<OfState, Seconds>,
    overdue: Family<OfOwed, Gauge>,
    findings: Family<OfSeverity, Gauge>,
    at_stake: Family<OfMoney, Seconds>,
    clocks: Family<OfClock, Gauge>,
    troubles: Family<OfCode, Gauge>,
    untold: Gauge,
    worked: Family<OfWay, Seconds>,
    nodes: Gauge,
}

/// How many documents of each kind there are: counted once up to a time, and from there on each time anew.
#[derive(Debug, Default)]
struct Documents {
    until: Option<Timestamp>,
    before: BTreeMap<&'static str, i64>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let latency: fn() -> Histogram = || Histogram::new(LATENCIES);
        let counted = Counted {
            transmissions: Family::default(),
            attempts: Family::default(),
            failures: Family::default(),
            to_answer: Family::new_with_constructor(latency),
            to_delivery: Family::new_with_constructor(latency),
        };
        let mut metrics = Metrics {
            registry: Registry::with_prefix("gateway"),
            counted,
            asked: Asked::default(),
            documents: Mutex::default(),
            refreshed: Mutex::default(),
        };
        metrics.register_counted();
        metrics.register_asked();
        metrics
    }
}

impl Metrics {
    // The registry puts the full stop behind what a figure is.
    fn register_counted(&mut self) {
        let (registry, counted) = (&mut self.registry, &self.counted);
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The edigate that runs", build);
        let help = "Files that were taken in, by what became of them";
        registry.register("transmissions_taken_in", help, counted.transmissions.clone());
        let help = "Attempts at deliveries: sent, failed, unclear, parked";
        registry.register("delivery_attempts", help, counted.attempts.clone());
        let help = "Faults that files and deliveries had, by the code that `edigate explain` knows";
        registry.register("failures", help, counted.failures.clone());
        let help = "From the arrival of a file to our answer, of a sample";
        registry.register("drop_to_acknowledgment_seconds", help, counted.to_answer.clone());
        let help = "From the arrival of a file to the delivery of what it led to, of a sample";
        registry.register("drop_to_delivery_seconds", help, counted.to_delivery.clone());
    }

    fn register_asked(&mut self) {
        let (registry, asked) = (&mut self.registry, &self.asked);
        registry.register("ledger_up", "Whether the ledger answered", asked.ledger_up.clone());
        registry.register("ledger_bytes", "The size of the ledger, without the archive", asked.ledger_bytes.clone());
        registry.register("documents", "Documents in the ledger, by kind", asked.documents.clone());
        let help = "What waits: captured files, deliveries that are due, retrying or parked";
        registry.register("waiting", help, asked.waiting.clone());
        registry.register("waiting_oldest_seconds", "For how long the oldest of it waits", asked.oldest.clone());
        let help = "Acknowledgments out of time, by who owes them";
        registry.register("acknowledgments_overdue", help, asked.overdue.clone());
        registry.register("findings_open", "Findings that need a person", asked.findings.clone());
        registry.register("findings_money", "What is at stake in them", asked.at_stake.clone());
        registry.register("clocks", "Compliance clocks that run, are at risk or are broken", asked.clocks.clone());
        registry.register("alerts_undelivered", "Messages that their target did not take", asked.untold.clone());
        registry.register("troubles", "What does not work now, by code", asked.troubles.clone());
        let help = "When an endpoint worked last, in seconds since 1970";
        registry.register("endpoint_worked_timestamp_seconds", help, asked.worked.clone());
        registry.register("nodes_alive", "Nodes that share the ledger and live", asked.nodes.clone());
    }

    /// A file was taken in.
    pub fn taken_in(&self, transmission: &Transmission, state: &str, faults: &[Diagnostic]) {
        let Transmission { partner, endpoint, .. } = transmission;
        let (partner, endpoint, state) = (partner.clone(), endpoint.clone(), state.to_owned());
        self.counted.transmissions.get_or_create(&OfFile { partner, endpoint, state }).inc();
        for fault in faults.iter().filter(|fault| fault.is_error()) {
            self.failed(fault.code.code);
        }
    }

    fn failed(&self, code: &str) {
        self.counted.failures.get_or_create(&OfCode { code: code.to_owned() }).inc();
    }

    /// Attempts are on record; of some of them it is known what they go back to, which is the sample for latencies.
    pub fn attempted(&self, attempts: &[Attempt], drops: &[Drop], now: Timestamp) {
        for attempt in attempts {
            let (partner, endpoint) = (attempt.delivery.partner.clone(), attempt.delivery.endpoint.clone());
            let outcome = match &attempt.outcome {
                Outcome::Sent { .. } => "sent",
                Outcome::Failed(failed) | Outcome::Unclear(failed) if failed.again.is_none() => "parked",
                Outcome::Failed(_) => "failed",
                Outcome::Unclear(_) => "unclear",
            };
            let of = OfAttempt { partner, endpoint, outcome: outcome.to_owned() };
            self.counted.attempts.get_or_create(&of).inc();
            if let Some(fault) = attempt.fault() {
                self.failed(fault.code.code);
            }
        }
        let is_sent = |attempt: &&Attempt| matches!(attempt.outcome, Outcome::Sent { .. });
        for attempt in attempts.iter().filter(is_sent) {
            let Some(drop) = drops.iter().find(|drop| drop.delivery == attempt.delivery.id) else { continue };
            let latency = if drop.is_answer { &self.counted.to_answer } else { &self.counted.to_delivery };
            let of = OfPartner { partner: attempt.delivery.partner.clone() };
            latency.get_or_create(&of).observe(now.duration_since(drop.at).as_secs_f64().max(0.0));
        }
    }

    /// All figures as text.
    fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string fails only where an encoder of ours is wrong; half a page would be read as a whole one.
        text::encode(&mut text, &self.registry).map(|()| text).unwrap_or_default()
    }
}

impl Gateway {
    /// All figures of this moment, as Prometheus reads them. It blocks.
    pub fn figures(&self) -> String {
        let mut refreshed = self.metrics.refreshed.lock().unwrap_or_else(PoisonError::into_inner);
        if refreshed.is_none_or(|refreshed| refreshed.elapsed() > SHOWN_FOR) {
            let outcome = self.ask_ledger();
            self.metrics.asked.ledger_up.set(outcome.is_ok().into());
            if let Err(fault) = outcome {
                self.metrics.asked.forget();
                self.tell_fault(&fault, "the ledger cannot be asked for its figures");
            }
            *refreshed = Some(Instant::now());
        }
        self.look_around();
        self.metrics.text()
    }

    /// What is known without the ledger.
    fn look_around(&self) {
        let asked = &self.metrics.asked;
        asked.troubles.clear();
        for trouble in self.troubles.present() {
            asked.troubles.get_or_create(&OfCode { code: trouble.code }).inc();
        }
        for row in self.traffic.rows() {
            let Some(worked) = row.counts.worked else { continue };
            let way = OfWay { partner: row.way.partner, endpoint: row.way.endpoint, direction: row.way.direction };
            asked.worked.get_or_create(&way).set(worked.as_second() as f64);
        }
    }

    fn ask_ledger(&self) -> Result<(), ledger::Error> {
        let (asked, now, lease) = (&self.metrics.asked, self.clock.now(), self.config().node.lease);
        let ledger = &self.ledger;
        let size = ledger.size()?;
        ledger.read(|tx| {
            let backlog = tx.backlog(now)?;
            let documents = self.metrics.count_documents(tx, now)?;
            let (overdue, findings, clocks) =
                (tx.overdue_by_partner()?, tx.unsettled_by_partner()?, tx.clocks_by_partner()?);
            let at_stake = tx.at_stake_by_partner()?;
            let untold = tx.count_undelivered_alerts()?;
            let nodes =
                if ledger.is_shared() { tx.count_nodes_alive(lease.try_into().unwrap_or_default())? } else { 1 };
            asked.forget();
            asked.ledger_bytes.set(i64::try_from(size).unwrap_or(i64::MAX));
            asked.untold.set(untold);
            asked.nodes.set(i64::try_from(nodes).unwrap_or(i64::MAX));
            for (kind, count) in documents {
                asked.documents.get_or_create(&OfKind { kind: kind.to_owned() }).set(count);
            }
            let stages = [
                ("captured", backlog.captured),
                ("due", backlog.due),
                ("retrying", backlog.retrying),
                ("parked", backlog.parked),
            ];
            stages.into_iter().for_each(|(state, waiting)| asked.waits(state, waiting, now));
            for Count { partner, state, count } in overdue {
                asked.overdue.get_or_create(&OfOwed { partner, owed_by: state }).set(count);
            }
            for Count { partner, state, count } in findings {
                asked.findings.get_or_create(&OfSeverity { partner, severity: state }).set(count);
            }
            for Count { partner, state, count } in clocks {
                asked.clocks.get_or_create(&OfClock { partner, state }).set(count);
            }
            for one in at_stake {
                let of = OfMoney { partner: one.partner, currency: one.currency };
                asked.at_stake.get_or_create(&of).set(one.cents as f64 / 100.0);
            }
            Ok(())
        })
    }
}

impl Metrics {
    /// How many documents of each kind there are.
    fn count_documents(
        &self,
        tx: &mut ledger::Transaction<'_>,
        now: Timestamp,
    ) -> Result<Vec<(&'static str, i64)>, ledger::Error> {
        let mut known = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        let (from, settled) = (known.until.unwrap_or(Timestamp::MIN), now.checked_sub(SETTLED_AFTER).unwrap_or(now));
        let settled = settled.max(from);
        let mut counts = Vec::new();
        let mut before = known.before.clone();
        for kind in Kind::ALL {
            let so_far = before.entry(kind.name()).or_default();
            *so_far += tx.documents_between(kind, from, settled)?;
            counts.push((kind.name(), *so_far + tx.documents_between(kind, settled, Timestamp::MAX)?));
        }
        *known = Documents { until: Some(settled), before };
        Ok(counts)
    }
}

impl Asked {
    /// Takes back what the ledger said.
    fn forget(&self) {
        self.documents.clear();
        self.waiting.clear();
        self.oldest.clear();
        self.overdue.clear();
        self.findings.clear();
        self.at_stake.clear();
        self.clocks.clear();
    }

    fn waits(&self, state: &str, waiting: Waiting, now: Timestamp) {
        let of = OfState { state: state.to_owned() };
        let age = waiting.oldest.map_or(0.0, |oldest| now.duration_since(oldest).as_secs_f64().max(0.0));
        self.waiting.get_or_create(&of).set(waiting.count);
        self.oldest.get_or_create(&of).set(age);
    }
}
