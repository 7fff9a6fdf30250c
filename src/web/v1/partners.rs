//! A partner as it is listed: who it is, and by which wires it is reached.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::config::listen::Api;
use crate::config::partner::{Endpoint, Partner, Wire};

/// A partner, with nothing secret of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Partner")]
pub struct PartnerRow {
    /// Its id.
    pub partner: String,
    /// Its name.
    pub name: String,
    /// retailer, erp, wms, 3pl, storefront.
    pub role: &'static str,
    /// production, test.
    pub status: &'static str,
    /// By which wires it is reached, and until when one is closed.
    pub wires: Vec<String>,
    /// What it sends us.
    pub receives: Vec<String>,
    /// What we send it.
    pub sends: Vec<String>,
}

impl PartnerRow {
    /// A partner of the configuration at this hour.
    pub fn of(partner: &Partner, now: Timestamp) -> PartnerRow {
        let hours = |endpoint: &Endpoint| {
            let until = partner.zone.to_datetime(endpoint.closed_until(now)?);
            Some(format!(", closed until {}", until.strftime("%a %H:%M")))
        };
        let wire = |endpoint: &Endpoint| wire(endpoint) + &hours(endpoint).unwrap_or_default();
        let mut wires: Vec<String> = partner.endpoints.iter().map(wire).collect();
        wires.extend(partner.api.as_ref().map(|_| format!("{} (by token)", Api::ENDPOINT)));
        PartnerRow {
            partner: partner.id.to_string(),
            name: partner.name.clone(),
            role: partner.role.name(),
            status: partner.status.name(),
            wires,
            receives: partner.receives.iter().map(|rule| rule.kind.to_string()).collect(),
            sends: partner.sends.iter().map(|rule| rule.kind.to_string()).collect(),
        }
    }
}

fn wire(endpoint: &Endpoint) -> String {
    match &endpoint.via {
        Wire::Folder => format!("{} (folder)", endpoint.name),
        Wire::Sftp(server) => format!("{} ({server})", endpoint.name),
        Wire::As2(partner) => format!("{} (as2 {})", endpoint.name, partner.id),
        Wire::Post(post) => format!("{} ({} {})", endpoint.name, post.method, post.to),
        Wire::Poll(poll) => format!("{} ({})", endpoint.name, poll.base),
    }
}
