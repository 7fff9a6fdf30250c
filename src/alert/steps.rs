//! The commands that may settle a failure, for whoever reads of it.
//!
//! ```text
//! parked delivery   ->  edigate release ID …   edigate resend ID …   edigate waive ID …
//! ```

use crate::ledger::event::Refs;
use crate::ledger::failure::Failure;
use crate::ledger::remedy::is_acceptable;

/// The commands, the gentlest first; none where nothing of ours settles it, or it is settled.
pub fn of(failure: &Failure, refs: &Refs) -> Vec<String> {
    if failure.settled.is_some() {
        return Vec::new();
    }
    let because = "--because WHY";
    let (transmission, delivery) = (refs.transmission.as_ref(), refs.delivery.as_ref());
    match (failure.kind.as_str(), transmission, delivery) {
        ("quarantined", Some(id), _) => {
            let accept = is_acceptable(&failure.code).then(|| format!("edigate accept {id} {because}"));
            [format!("edigate replay {id} {because}")].into_iter().chain(accept).collect()
        }
        ("parked", _, Some(id)) => {
            ["release", "resend", "waive"].map(|remedy| format!("edigate {remedy} {id} {because}")).into()
        }
        ("overdue" | "acknowledgment_received", _, Some(id)) => vec![
            format!("edigate resend {id} {because}"),
            format!("edigate resend {id} --new-control-number {because}"),
        ],
        _ => Vec::new(),
    }
}
