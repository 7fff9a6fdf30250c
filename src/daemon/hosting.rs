//! The gateway as the house of the listeners.

use std::sync::Arc;

use jiff::Timestamp;
use schemars::{Schema, SchemaGenerator};

use super::again;
use super::gateway::Gateway;
use super::status::{self, Report};
use super::traffic::Way;
use super::troubles::{self, What};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::ledger::remedy::By;
use crate::ledger::{self, Id, Ledger};
use crate::web::health::NotReady;
use crate::web::host::{Host, Trouble};

impl Host for Gateway {
    fn config(&self) -> Arc<Config> {
        Gateway::config(self)
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn custody_is_possible(&self) -> bool {
        Gateway::custody_is_possible(self)
    }

    fn custody_failed(&self, error: &ledger::Error) -> bool {
        Gateway::custody_failed(self, error)
    }

    fn captured(&self) {
        self.captured.notify_one();
        // An answer to what came again may be due once more.
        self.due.notify_one();
    }

    fn worked(&self, partner: &str, endpoint: &str, documents: usize) {
        self.traffic.worked(&Way::from(partner, endpoint), documents, self.clock.now());
    }

    fn failed(&self, partner: &str, endpoint: &str, why: &str) {
        self.traffic.failed(&Way::from(partner, endpoint), why, self.clock.now());
    }

    fn send_anew(&self, id: &Id, by: &By) -> Result<Result<Id, String>, ledger::Error> {
        let (config, id, by, now) = (self.config(), id.clone(), by.clone(), self.clock.now());
        let made = self.ledger.write(move |tx| again::send_anew(tx, &config, &id, &by, now))?;
        self.due.notify_one();
        Ok(made.map(|anew| anew.id).map_err(|refusal| refusal.to_string()))
    }

    fn troubles(&self) -> Vec<Trouble> {
        let shown = |one: troubles::Trouble| {
            let troubles::Trouble { what, since, code, text, fix } = one;
            Trouble { what, since, code, text, fix }
        };
        self.troubles.present().into_iter().map(shown).collect()
    }

    fn report(&self) -> serde_json::Value {
        // Everything in a report is text, numbers and times.
        serde_json::to_value(status::of(self)).unwrap_or_default()
    }

    fn report_schema(&self, generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Report>()
    }

    fn not_ready(&self) -> Vec<NotReady> {
        Gateway::not_ready(self)
    }

    fn metrics(&self) -> String {
        self.figures()
    }

    fn raise(&self, what: &str, fault: &Diagnostic) {
        self.troubles.raise(What::Web { what: what.to_owned() }, fault, self.clock.now());
    }

    fn clear(&self, what: &str) {
        self.troubles.clear(&What::Web { what: what.to_owned() }, self.clock.now());
    }
}
