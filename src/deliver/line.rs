//! The line of an endpoint that keeps the order: what a delivery in it waits for.

use crate::config::Config;
use crate::ledger::delivery::Lane;
use crate::ledger::view::DeliveryRow;
use crate::ledger::{Error, Transaction};

/// Where an endpoint keeps the order, says of those behind the first one what they wait for.
pub fn tell_the_line(tx: &mut Transaction<'_>, config: &Config, rows: &mut [DeliveryRow]) -> Result<(), Error> {
    for partner in config.partners.values() {
        for endpoint in partner.endpoints.iter().filter(|endpoint| endpoint.sending.keep_order) {
            let lane = Lane { partner: partner.id.to_string(), endpoint: endpoint.name.clone() };
            let Some((first, state)) = tx.head_of_line(&lane)? else { continue };
            let is_behind = |row: &DeliveryRow| {
                row.partner == lane.partner
                    && row.endpoint == lane.endpoint
                    && ["pending", "retrying", "parked"].contains(&row.state.as_str())
                    && row.id != first.id.0
            };
            for row in rows.iter_mut().filter(|row| is_behind(row)) {
                row.waits_for = Some(format!("{}, which is {state} ({})", first.label, first.id));
            }
        }
    }
    Ok(())
}
