//! What a page is made of: who asks for what, at which time, and the books.

use std::sync::Arc;

use jiff::Timestamp;

use super::Asked;
use super::fault::Fault;
use super::frame::Frame;
use super::moment::Moment;
use crate::config::Config;
use crate::config::partner::PartnerId;
use crate::ledger::{Error, Transaction};
use crate::web::context::Context;
use crate::web::host::Host;
use crate::web::people::{Asker, Visit, Who};

/// Somebody who signed in, and what they want to see.
pub struct Asking<'a> {
    /// What every handler shares.
    pub context: &'a Context,
    /// The configuration that this page is made by.
    pub config: Arc<Config>,
    /// The path and the question behind it.
    pub call: &'a Asked,
    /// From where.
    pub asker: &'a Asker,
    /// Who.
    pub visit: &'a Visit,
    /// When.
    pub now: Timestamp,
}

impl<'a> Asking<'a> {
    pub(super) fn new(context: &'a Context, call: &'a Asked, asker: &'a Asker, visit: &'a Visit) -> Asking<'a> {
        let host = context.host.as_ref();
        Asking { context, config: host.config(), call, asker, visit, now: host.now() }
    }

    /// The house.
    pub fn host(&self) -> &dyn Host {
        self.context.host.as_ref()
    }

    /// Who asks.
    pub fn who(&self) -> &Who {
        &self.visit.who
    }

    /// Reads the books as they are at one moment.
    pub fn read<T>(&self, work: impl FnOnce(&mut Transaction<'_>) -> Result<T, Error>) -> Result<T, Fault> {
        Ok(self.host().ledger().read(work)?)
    }

    /// What stands around a page.
    pub fn frame(&self, title: &str) -> Frame {
        Frame {
            title: title.to_owned(),
            us: self.config.us.name.clone(),
            who: self.who().name.clone(),
            role: self.who().role.name(),
            path: self.call.path.clone(),
            token: self.visit.secret.form_token(),
            zone: self.config.us.zone.iana_name().unwrap_or("our own zone").to_owned(),
            now: self.moment(self.now),
        }
    }

    /// A time as it is shown.
    pub fn moment(&self, at: Timestamp) -> Moment {
        Moment::new(at, self.now, &self.config.us.zone)
    }

    /// A partner's name for people.
    pub fn partner_name(&self, id: &str) -> String {
        let partner = PartnerId::parse(id).ok().and_then(|id| self.config.partners.get(&id));
        partner.map_or_else(|| id.to_owned(), |partner| partner.name.clone())
    }
}
