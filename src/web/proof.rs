//! What can be proved of the listeners without starting them: certificates, keys, tokens, and that the addresses are free.

use std::io::ErrorKind;
use std::net::TcpListener;

use jiff::Timestamp;

use super::{tls, tokens};
use crate::config::Config;
use crate::config::listen::{Listen, Serves, Tls};
use crate::config::secret::SecretReference;
use crate::diagnostic::codes::web;
use crate::diagnostic::{Diagnostic, Place};

/// Who has the addresses now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Daemon {
    /// The daemon of this home runs, and listens at them.
    Runs,
    /// Nobody should.
    Rests,
}

/// Everything that is wrong with the listeners and those who come in by them. It opens every address for a moment.
pub fn faults(config: &Config, daemon: Daemon, now: Timestamp) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for listen in &config.listen {
        let at = |fault: Diagnostic| {
            fault.at(Place { file: Some(format!("listener {}", listen.address)), ..Place::default() })
        };
        if let Some(tls) = &listen.tls {
            if is_at_hand(tls) {
                faults.extend(tls::acceptor(tls).err().map(at));
            }
            faults.extend(tls::ends_soon(tls, now).map(at));
        }
        faults.extend(address_fault(listen, daemon).map(at));
    }
    let is_served = config.listen.iter().any(|listen| listen.serves.contains(&Serves::Api));
    let with_token = config.partners.values().find(|partner| partner.api.is_some());
    if let (Some(partner), false) = (with_token, is_served) {
        let message = format!("{} has a token, and no listener serves the API", partner.id);
        faults.push(Diagnostic::new(&web::NOBODY_LISTENS, message));
    }
    for (partner, fault) in tokens::read(config).1 {
        let of_the_service = config.partners.get(&partner).and_then(|partner| partner.api.as_ref());
        if of_the_service.is_some_and(|api| api.tokens.iter().all(is_readable_here)) {
            faults.push(fault.at(Place { file: Some(format!("partner {partner}, [api]")), ..Place::default() }));
        }
    }
    faults
}

/// Credentials are handed to the service alone: a person who checks its configuration has none.
fn is_readable_here(secret: &SecretReference) -> bool {
    !matches!(secret, SecretReference::Credential(_)) || std::env::var_os("CREDENTIALS_DIRECTORY").is_some()
}

fn is_at_hand(tls: &Tls) -> bool {
    is_readable_here(&tls.key)
}

fn address_fault(listen: &Listen, daemon: Daemon) -> Option<Diagnostic> {
    let error = TcpListener::bind(listen.address).err()?;
    if daemon == Daemon::Runs && error.kind() == ErrorKind::AddrInUse {
        return None;
    }
    Some(Diagnostic::new(&web::LISTENER_CLOSED, format!("cannot listen at {}: {error}", listen.address)))
}
