//! What a page is made of: who asks for what, at which time, and the books.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use super::Asked;
use super::fault::Fault;
use super::form::Form;
use super::frame::{Frame, places};
use super::moment::Moment;
use super::sheet::{Button, Field};
use crate::config::Config;
use crate::config::partner::PartnerId;
use crate::ledger::view::Filter;
use crate::ledger::view::listing::Cursor;
use crate::ledger::{Error, Id, Transaction};
use crate::web::call::decoded;
use crate::web::context::Context;
use crate::web::host::Host;
use crate::web::people::{Asker, Visit, Who};

/// Rows of a list on one page.
const ROWS: u32 = 50;

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

    /// The question behind the path.
    pub fn query(&self) -> &Form {
        &self.call.query
    }

    /// The part of the path at a place, decoded: `/orders/megamart/4500012345` has three.
    pub fn part(&self, number: usize) -> String {
        self.call.path.split('/').nth(number).map(decoded).unwrap_or_default()
    }

    /// The id in the path.
    pub fn id(&self) -> Id {
        Id(self.part(2))
    }

    /// Nothing, unless they may see what is this partner's.
    pub fn see(&self, partner: &str) -> Result<(), Fault> {
        if self.who().sees(partner) { Ok(()) } else { Err(Fault::NoSuchPage) }
    }

    /// Who acts and why, where they may and say why.
    pub fn acts(&self, form: &Form) -> Result<(String, String), Fault> {
        if !self.who().acts() {
            return Err(Fault::MayNotAct);
        }
        let reason = form.value("reason").ok_or_else(|| Fault::Refused("No reason was given.".to_owned()))?;
        Ok((self.who().name.clone(), reason.to_owned()))
    }

    /// Nothing, unless they may say who else signs in.
    pub fn keeps_people(&self) -> Result<(), Fault> {
        if self.who().keeps_people() { Ok(()) } else { Err(Fault::MayNotKeepPeople) }
    }

    /// The rows that the question asks for, of what they may see.
    pub fn filter(&self) -> Result<Filter, Fault> {
        let query = self.query();
        let partners = match query.value("partner") {
            Some(partner) => {
                self.see(partner)?;
                Some(BTreeSet::from([partner.to_owned()]))
            }
            None => self.who().partners.clone(),
        };
        let owned = |name| query.value(name).map(str::to_owned);
        Ok(Filter {
            partners,
            since: self.day("since", 0),
            until: self.day("until", 1),
            state: owned("state"),
            kind: owned("kind"),
            set: owned("set"),
            number: owned("number"),
            limit: Some(ROWS),
            // What is no place in a list begins it.
            after: query.value("after").and_then(Cursor::parse),
        })
    }

    /// The midnight of a day that the question names, or one some days later.
    fn day(&self, name: &str, later: i64) -> Option<Timestamp> {
        let day: Date = self.query().value(name)?.parse().ok()?;
        let day = day.checked_add(later.days()).ok()?;
        self.config.us.zone.to_timestamp(day.at(0, 0, 0, 0)).ok()
    }

    /// A choice among the partners that they see.
    pub fn partner_field(&self) -> Field {
        let seen = self.config.partners.values().filter(|partner| self.who().sees(partner.id.as_str()));
        let choices = seen.map(|partner| (partner.id.to_string(), partner.name.clone())).collect();
        Field::choice(self.query(), "partner", "Partner", choices)
    }

    /// From and until which day.
    pub fn day_fields(&self) -> [Field; 2] {
        [Field::day(self.query(), "since", "From"), Field::day(self.query(), "until", "Until")]
    }

    /// A button that asks for a reason.
    pub fn button(&self, path: String, label: &'static str) -> Button {
        Button { path, label, fields: vec![Field::reason()], token: self.visit.secret.form_token() }
    }

    /// Reads the books as they are at one moment.
    pub fn read<T>(&self, work: impl FnOnce(&mut Transaction<'_>) -> Result<T, Error>) -> Result<T, Fault> {
        Ok(self.host().ledger().read(work)?)
    }

    /// Writes into the books, durably.
    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Fault> {
        self.host().ledger().write(work).map_err(|error| match error {
            // It was there when the page was made.
            Error::NoSuch { .. } | Error::Pruned { .. } => Fault::Refused(error.to_string()),
            other => other.into(),
        })
    }

    /// What stands around a page.
    pub fn frame(&self, title: &str) -> Frame {
        Frame {
            title: title.to_owned(),
            us: self.config.us.name.clone(),
            who: self.who().name.clone(),
            role: self.who().role.name(),
            places: places(self.who()),
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
