//! The outlets of the configuration in force: each is opened once and kept while its endpoint says the same.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::partner::{Endpoint, PartnerId, Wire};
use crate::transport::drop_off::Folder;
use crate::transport::outlet::Outlet;

/// By partner and endpoint.
#[derive(Default)]
pub struct Outlets {
    open: Mutex<HashMap<(PartnerId, String), (Endpoint, Arc<dyn Outlet>)>>,
}

impl fmt::Debug for Outlets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outlets").finish_non_exhaustive()
    }
}

impl Outlets {
    /// The outlet of an endpoint; `None` where it takes no files. Nothing is connected before something is sent.
    pub fn of(&self, partner: &PartnerId, endpoint: &Endpoint) -> Option<Arc<dyn Outlet>> {
        // A map cannot be half changed.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (partner.clone(), endpoint.name.clone());
        match open.get(&at) {
            Some((as_it_was, outlet)) if as_it_was == endpoint => return Some(Arc::clone(outlet)),
            _ => {}
        }
        let outlet = outlet(endpoint)?;
        open.insert(at, (endpoint.clone(), Arc::clone(&outlet)));
        Some(outlet)
    }
}

fn outlet(endpoint: &Endpoint) -> Option<Arc<dyn Outlet>> {
    let drop_off = endpoint.drop_off.as_ref()?;
    Some(match endpoint.via {
        Wire::Folder => Arc::new(Folder::at(drop_off.to.clone())),
    })
}
