//! Whose a token is. Only hashes of tokens are kept; which one is meant is found in the same time whatever was shown.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::config::Config;
use crate::config::partner::PartnerId;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::web;

use super::host::Host;

/// A shorter token could be guessed.
const SHORTEST: usize = 16;

type Hash = [u8; 32];

/// The tokens of all partners.
#[derive(Default)]
pub struct Tokens {
    known: RwLock<Arc<Vec<(Hash, PartnerId)>>>,
    /// What the last reading raised.
    troubled: RwLock<Vec<String>>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl Tokens {
    /// Reads them anew, raises what cannot be used and clears what can again. It reads files.
    pub fn read_again(&self, host: &dyn Host) {
        let (known, unusable) = read(&host.config());
        let mut troubled = self.troubled.write().unwrap_or_else(PoisonError::into_inner);
        let now: Vec<String> = unusable.keys().map(|partner| format!("token of {partner}")).collect();
        troubled.iter().filter(|what| !now.contains(what)).for_each(|what| host.clear(what));
        for (what, fault) in now.iter().zip(unusable.values()) {
            host.raise(what, fault);
        }
        *troubled = now;
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
    }

    /// True when the last reading found some that cannot be used.
    pub fn are_in_trouble(&self) -> bool {
        !self.troubled.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Whose a token is.
    pub fn owner(&self, token: &str) -> Option<PartnerId> {
        let known = Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner));
        let shown = openssl::sha::sha256(token.as_bytes());
        let mut owner = None;
        // All are looked at, also behind the one that is meant.
        for (hash, partner) in known.iter() {
            if openssl::memcmp::eq(hash, &shown) {
                owner = Some(partner);
            }
        }
        owner.cloned()
    }
}

/// The tokens that can be used, and of each partner why one cannot.
pub fn read(config: &Config) -> (Vec<(Hash, PartnerId)>, BTreeMap<PartnerId, Diagnostic>) {
    let (mut known, mut unusable): (Vec<(Hash, PartnerId)>, BTreeMap<PartnerId, Diagnostic>) = Default::default();
    for partner in config.partners.values() {
        for reference in partner.api.iter().flat_map(|api| &api.tokens) {
            match usable(reference.read()) {
                Ok(hash) => known.push((hash, partner.id.clone())),
                Err(fault) => {
                    unusable.insert(partner.id.clone(), fault);
                }
            }
        }
    }
    let shared: Vec<(Hash, PartnerId)> = known
        .iter()
        .filter(|(hash, partner)| known.iter().any(|(other, its)| other == hash && its != partner))
        .cloned()
        .collect();
    for (_, partner) in &shared {
        let message = "another partner has the same token, so that it tells nobody from anybody";
        unusable.insert(partner.clone(), Diagnostic::new(&web::TOKEN_UNUSABLE, message));
    }
    known.retain(|one| !shared.contains(one));
    (known, unusable)
}

fn usable(read: Result<String, String>) -> Result<Hash, Diagnostic> {
    let token = read.map_err(|why| Diagnostic::new(&web::TOKEN_UNUSABLE, why))?;
    if token.len() < SHORTEST {
        let message = format!("the token has fewer than {SHORTEST} characters");
        return Err(Diagnostic::new(&web::TOKEN_UNUSABLE, message));
    }
    Ok(openssl::sha::sha256(token.as_bytes()))
}
