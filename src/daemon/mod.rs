//! The daemon: starts the stages, reloads, drains; every stage takes rows in one state and moves them on.
//!
//! ```text
//! watch      a pick-up folder  -> captured transmissions           one task per folder, scan as the truth
//! poll       an API            -> captured transmissions           one task per API, its watermark as the truth
//! intake     captured          -> documents, deliveries, 997s      one worker; the pure stages back to back, one commit
//! outbox     due deliveries    -> sent, retried, parked            one lane per endpoint with something due
//! batches    documents that wait -> one interchange together       one worker, by the clock
//! nodes      heartbeat, leases -> which endpoints this node polls  only where several nodes share a ledger
//! books      acknowledgments, deadlines -> met, rejected, overdue  one worker; orders against their documents by reconciling
//! clocks     what the journal tells -> rules kept, at risk, broken one worker, its wheel an index of the ledger
//! alerts     failures          -> people are told                  one worker, and one per target
//! listeners  documents handed in   -> captured transmissions            crate::web, lent what it needs by hosting
//! rounds     what is in trouble -> tried again, told, journaled   one worker
//! ```
//!
//! Stages meet only in the ledger; the wake-ups between them save waiting and carry nothing. Blocking work (files, ledger)
//! runs on blocking threads; the async side only waits. Stopping: no new file is claimed, what was begun ends.

pub mod clock;
pub mod troubles;
pub mod traffic;
pub mod status;
pub mod gateway;
pub mod nodes;
pub mod custody;
pub mod stages;
pub mod readiness;
pub mod metrics;
pub mod clock_watch;
pub mod rounds;
pub mod hosting;
pub mod running;
pub mod service;
pub mod early;
pub mod watch;
pub mod poll;
pub mod intake;
pub mod interchange;
pub mod mapped;
pub mod messages;
pub mod orders;
pub mod describe;
pub mod outgoing;
pub mod answers;
pub mod outlets;
pub mod batches;
pub mod again;
pub mod outbox;
pub mod books;
pub mod clocks;
pub mod reconciling;
pub mod alerts;
