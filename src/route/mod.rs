//! A document and the partners' rules: where it must go. Pure.
//!
//! ```text
//! order from megamart        -> megamart receives 850 "to erp" -> erp sends order as JSON through its folder
//! shipment from erp for 45…  -> the order is megamart's        -> megamart sends 856 through its mailbox
//! ```
//!
//! This is the only way to a target, and it keeps tests and real business apart (invariant 6): a document is a test
//! when it says so or when one of its partners has status test, and then it goes to partners of status test alone.
//! Never here: formats, files, the ledger.

use crate::config::Config;
use crate::config::partner::{Endpoint, Partner, PartnerId, SendRule, Status};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::document::{
    NO_ENDPOINT, NOBODY, NOT_RECEIVED, NOT_SENT, PRODUCTION_TO_TEST, TEST_TO_PRODUCTION, UNKNOWN_PARTNER,
};
use crate::document::{Document, Kind};

/// One delivery that is owed.
#[derive(Debug, Clone)]
pub struct Target {
    /// Who gets it.
    pub partner: PartnerId,
    /// In which form.
    pub send: SendRule,
    /// Through which endpoint; it has a `drop_off`.
    pub endpoint: Endpoint,
}

/// Where a document goes that came in from one partner and belongs to the business with another.
///
/// `from` is whose endpoint it came through; `counterparty` is whose order it is about: for an order its sender,
/// for an answer the retailer that ordered. Either there is a target, or the reason why there is none; what is for the books
/// needs none.
pub fn route(
    document: &Document,
    from: &PartnerId,
    counterparty: &PartnerId,
    config: &Config,
) -> Result<Vec<Target>, Box<Diagnostic>> {
    let kind = document.kind();
    let sender = partner(from, config)?;
    let owner = partner(counterparty, config)?;
    let rule =
        sender.receives.iter().find(|rule| rule.kind == kind).ok_or_else(|| Box::new(not_received(sender, kind)))?;
    let receivers = match rule.to.is_empty() {
        false => rule.to.clone(),
        true if kind.is_for_the_books() => Vec::new(),
        true if from != counterparty => vec![counterparty.clone()],
        true => return Err(Box::new(nobody(sender, kind))),
    };
    let is_test = document.header().test || [sender, owner].iter().any(|partner| partner.status == Status::Test);
    let mut targets = Vec::new();
    for receiver in &receivers {
        let receiver = partner(receiver, config)?;
        keep_apart(document, is_test, receiver)?;
        targets.extend(targets_at(receiver, kind)?);
    }
    Ok(targets)
}

fn partner<'c>(id: &PartnerId, config: &'c Config) -> Result<&'c Partner, Box<Diagnostic>> {
    config.partners.get(id).ok_or_else(|| {
        let refusal = Diagnostic::new(&UNKNOWN_PARTNER, format!("there is no partner {id}"));
        Box::new(refusal.hint(format!("create partners/{id}/partner.toml, or correct the rule that names it")))
    })
}

/// Invariant 6.
fn keep_apart(document: &Document, is_test: bool, receiver: &Partner) -> Result<(), Box<Diagnostic>> {
    let (what, id) = (format!("{} {}", document.kind(), document.number()), &receiver.id);
    let refusal = match (is_test, receiver.status) {
        (true, Status::Test) | (false, Status::Production) => return Ok(()),
        (true, Status::Production) => {
            Diagnostic::new(&TEST_TO_PRODUCTION, format!("{what} is a test, and {id} is a production partner"))
                .expected("a partner with status \"test\"")
        }
        (false, Status::Test) => {
            Diagnostic::new(&PRODUCTION_TO_TEST, format!("{what} is real, and {id} is a test partner"))
                .expected("a partner with status \"production\"")
        }
    };
    Err(Box::new(refusal.found(id.as_str())))
}

fn targets_at(receiver: &Partner, kind: Kind) -> Result<Vec<Target>, Box<Diagnostic>> {
    let mut targets = Vec::new();
    for send in receiver.sends.iter().filter(|send| send.kind == kind) {
        let endpoint = receiver.endpoints.iter().find(|endpoint| endpoint.name == send.via);
        let endpoint = endpoint
            .filter(|endpoint| endpoint.drop_off.is_some())
            .ok_or_else(|| Box::new(no_endpoint(receiver, kind, &send.via)))?;
        targets.push(Target { partner: receiver.id.clone(), send: send.clone(), endpoint: endpoint.clone() });
    }
    if targets.is_empty() {
        return Err(Box::new(not_sent(receiver, kind)));
    }
    Ok(targets)
}

fn not_received(sender: &Partner, kind: Kind) -> Diagnostic {
    let set = kind.label();
    let in_x12 = kind.transaction_set().map(|set| format!(" ({set})")).unwrap_or_default();
    Diagnostic::new(&NOT_RECEIVED, format!("{} is not set up to send {kind}{in_x12}", sender.id)).hint(format!(
        "add [[document]] receive = \"{set}\" with what reads it to partners/{}/partner.toml, then replay",
        sender.id
    ))
}

fn nobody(sender: &Partner, kind: Kind) -> Diagnostic {
    Diagnostic::new(&NOBODY, format!("the rule for {kind} from {} names nobody who gets it", sender.id)).hint(format!(
        "add to = \"<partner>\" to that [[document]] in partners/{}/partner.toml, then replay",
        sender.id
    ))
}

fn not_sent(receiver: &Partner, kind: Kind) -> Diagnostic {
    let known: Vec<&str> = receiver.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
    Diagnostic::new(&NOT_SENT, format!("{} has no rule that sends {kind}", receiver.id)).hint(format!(
        "add [[document]] send = \"{}\" with via = \"{}\" to partners/{}/partner.toml, then replay",
        kind.label(),
        known.first().unwrap_or(&"<endpoint>"),
        receiver.id
    ))
}

fn no_endpoint(receiver: &Partner, kind: Kind, via: &str) -> Diagnostic {
    let able = receiver.endpoints.iter().filter(|endpoint| endpoint.drop_off.is_some());
    let able: Vec<&str> = able.map(|endpoint| endpoint.name.as_str()).collect();
    let expected = if able.is_empty() { "an endpoint with drop_off".to_owned() } else { able.join(" or ") };
    Diagnostic::new(
        &NO_ENDPOINT,
        format!("the rule for {kind} to {} names endpoint {via:?}, which takes no files", receiver.id),
    )
    .expected(expected)
    .found(via)
    .hint(format!("correct via, or give {via} a drop_off, in partners/{}/partner.toml", receiver.id))
}

#[cfg(test)]
mod tests;
