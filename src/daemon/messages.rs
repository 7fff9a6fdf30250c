//! A message that was kept whole, put back by a person: it is opened once more, with the keys and certificates of now.
//!
//! In: the archived message. Out: its files as transmissions to be taken in, or what is still wrong with it. No receipt goes out: its
//! sender heard when the message came that it failed, and may have sent the files again; then their bytes are known.

use std::io::Read as _;

use super::intake::{Ended, File, Source, Usable, tell};
use crate::capture::message;
use crate::config::Config;
use crate::config::as2::As2Partner;
use crate::config::partner::{PartnerId, Wire};
use crate::diagnostic::codes::as2 as codes;
use crate::diagnostic::{Diagnostic, Place};
use crate::ledger::transmission::Transmission;
use crate::ledger::{self, Content, Transaction};
use crate::transport::as2::mime;
use crate::transport::as2_wire;

/// What a message brought when it was opened once more.
pub type Interpreted = Result<Vec<(String, Content)>, Diagnostic>;

/// The partner of a message that was kept whole; nothing for any other transmission.
pub fn partner_of<'c>(config: &'c Config, transmission: &Transmission) -> Option<&'c As2Partner> {
    let id = transmission.message_id.as_deref()?;
    if transmission.name != message::name_of_whole(id) {
        return None;
    }
    let partner = config.partners.get(&PartnerId::parse(&transmission.partner).ok()?)?;
    partner.endpoints.iter().find_map(|endpoint| match &endpoint.via {
        Wire::As2(as2) if endpoint.name == transmission.endpoint => Some(as2.as_ref()),
        _ => None,
    })
}

/// Opens a message.
pub fn interpret(
    partner: &As2Partner,
    transmission: &Transmission,
    mut source: Source,
    now: jiff::Timestamp,
) -> Result<Interpreted, ledger::Error> {
    let mut bytes = Vec::new();
    let read = source.read_to_end(&mut bytes);
    read.map_err(|error| ledger::Error::Unexpected(format!("cannot read {}: {error}", transmission.name)))?;
    let at_message = |fault: Diagnostic| fault.at(Place { file: Some(transmission.name.clone()), ..Place::default() });
    let entity = match mime::Entity::parse(&bytes) {
        Ok(entity) => entity,
        Err(why) => return Ok(Err(at_message(Diagnostic::new(&codes::UNREADABLE, why.to_string())))),
    };
    let (identities, faults) = as2_wire::identities(&partner.ours);
    let opened = as2_wire::open_message(partner, &identities, &entity.headers, entity.body, now);
    let payloads = match (opened.outcome, faults.into_iter().next()) {
        (Ok(payloads), _) => payloads,
        // A key that cannot be read is the likelier cause.
        (Err(_), Some(fault)) => return Ok(Err(fault)),
        (Err(refusal), None) => return Ok(Err(at_message(refusal.fault))),
    };
    let files = as2_wire::named(payloads, transmission.message_id.as_deref().unwrap_or_default());
    Ok(Ok(files.into_iter().map(|(name, bytes)| (name, Content::in_memory(bytes))).collect()))
}

/// Records what it brought.
pub fn record(tx: &mut Transaction<'_>, file: File<'_>, interpreted: &Interpreted) -> Result<Ended, ledger::Error> {
    let File { config, transmission, now, .. } = file;
    match interpreted {
        Ok(files) => {
            let partner = PartnerId::parse(&transmission.partner).ok().and_then(|id| config.partners.get(&id));
            let duplicates = partner.map(|partner| partner.duplicates).unwrap_or_default();
            message::take_files(tx, transmission, files, duplicates, now)?;
            Ok(Ended { usable: Usable::Something, diagnostics: Vec::new() })
        }
        Err(fault) => {
            let diagnostics = vec![fault.clone()];
            tell(tx, transmission, &transmission.partner, &transmission.name, &diagnostics, now)?;
            Ok(Ended { usable: Usable::Nothing, diagnostics })
        }
    }
}
