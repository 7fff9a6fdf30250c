//! Due deliveries go out, those of different partners side by side: a slow partner slows nobody else.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::gateway::Gateway;
use super::troubles::What;
use crate::config::partner::{Endpoint, PartnerId};
use crate::deliver;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::custody;
use crate::ledger;
use crate::ledger::delivery::Delivery;
use crate::transport::folder;

/// How many due deliveries are fetched at a time.
const BATCH: u32 = 500;
/// How often the ledger is asked when nothing woke us: retries come due by the clock alone.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Sends what is due until told to stop.
pub async fn work(gateway: Arc<Gateway>, stop: CancellationToken) {
    let clearing = Arc::clone(&gateway);
    // It only tidies: what it cannot do now the next start does.
    let _ = tokio::task::spawn_blocking(move || forget_recorded(&clearing)).await;
    while !stop.is_cancelled() {
        let fetching = Arc::clone(&gateway);
        let due = tokio::task::spawn_blocking(move || due_now(&fetching)).await.unwrap_or_default();
        if due.is_empty() {
            tokio::select! {
                () = stop.cancelled() => {}
                () = gateway.due.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            continue;
        }
        send_side_by_side(&gateway, due, &stop).await;
        gateway.books.notify_one();
    }
}

/// What may go out now. While nothing can be recorded that is nothing: what is left in a folder must get its receipt.
fn due_now(gateway: &Gateway) -> Vec<Delivery> {
    let due = match gateway.ledger.read(|tx| tx.due_deliveries(gateway.clock.now(), BATCH)) {
        Ok(due) => due,
        Err(fault) => {
            gateway.tell_fault(&fault, "cannot look for due deliveries, trying again");
            return Vec::new();
        }
    };
    if !due.is_empty() && !gateway.custody_is_possible() {
        return Vec::new();
    }
    due
}

/// Tidies what an earlier life left in the folders that we deliver to.
fn forget_recorded(gateway: &Gateway) {
    for endpoint in gateway.config().partners.values().flat_map(|partner| &partner.endpoints) {
        if let Err(fault) = deliver::forget_recorded(&gateway.ledger, endpoint) {
            warn!(endpoint = endpoint.name, error = %fault, "cannot tidy a folder");
        }
    }
}

async fn send_side_by_side(gateway: &Arc<Gateway>, due: Vec<Delivery>, stop: &CancellationToken) {
    let mut by_partner: BTreeMap<String, Vec<Delivery>> = BTreeMap::new();
    for delivery in due {
        by_partner.entry(delivery.partner.clone()).or_default().push(delivery);
    }
    let mut lanes = JoinSet::new();
    for deliveries in by_partner.into_values() {
        let (gateway, stop) = (Arc::clone(gateway), stop.clone());
        lanes.spawn_blocking(move || {
            for delivery in deliveries {
                if stop.is_cancelled() || !gateway.custody_is_possible() {
                    return;
                }
                if let Err(fault) = send(&gateway, &delivery) {
                    gateway.tell_fault(&fault, "cannot record a delivery");
                    // What failed is the ledger or the disk: a pause, and the same delivery is due again.
                    std::thread::sleep(LOOK_EVERY);
                }
            }
        });
    }
    while lanes.join_next().await.is_some() {}
}

fn send(gateway: &Gateway, delivery: &Delivery) -> Result<(), ledger::Error> {
    let config = gateway.config();
    let partner = PartnerId::parse(&delivery.partner).ok().and_then(|id| config.partners.get(&id));
    let endpoint = partner.and_then(|partner| partner.endpoints.iter().find(|one| one.name == delivery.endpoint));
    let sent = deliver::attempt(&gateway.ledger, delivery, endpoint, gateway.clock.now())?;
    if sent {
        info!(partner = delivery.partner, file = delivery.name, delivery = %delivery.id, "delivered");
    } else {
        warn!(partner = delivery.partner, file = delivery.name, delivery = %delivery.id, "not delivered");
    }
    tell_of_drop_off(gateway, delivery, endpoint, sent);
    Ok(())
}

/// A folder that takes nothing is a trouble of its own, which ends when it takes files again; a folder that refused one
/// delivery (its name was taken) is not.
fn tell_of_drop_off(gateway: &Gateway, delivery: &Delivery, endpoint: Option<&Endpoint>, sent: bool) {
    let what = What::DropOff { partner: delivery.partner.clone(), endpoint: delivery.endpoint.clone() };
    let Some(drop_off) = endpoint.and_then(|endpoint| endpoint.drop_off.as_ref()) else { return };
    if sent {
        gateway.troubles.clear(&what, gateway.clock.now());
    } else if let Err(error) = folder::accepts(&drop_off.to) {
        let diagnostic = Diagnostic::new(&custody::DELIVERY_REFUSED, error.to_string());
        gateway.troubles.raise(what, &diagnostic, gateway.clock.now());
    }
}
