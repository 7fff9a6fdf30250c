//! A settlement, proved: it is the sum of its entries.

use super::Findings;
use crate::config::partner::PartnerId;
use crate::diagnostic::codes::document::{MISSING_VALUE, SETTLEMENT_TOTAL};
use crate::document::settlement::Settlement;

pub(super) fn complete(settlement: &Settlement, findings: &mut Findings) -> Option<PartnerId> {
    let (amount, entered) = (settlement.amount, settlement.entered());
    if !settlement.entries.is_empty() && entered != amount {
        let id = &settlement.settlement_id;
        let message = format!("settlement {id} pays {amount}, its entries add up to {entered}");
        let finding = findings.report(&SETTLEMENT_TOTAL, "amount", message);
        (finding.expected, finding.found) = (Some(entered.to_string()), Some(amount.to_string()));
    }
    let partner = PartnerId::parse(&settlement.header.partner);
    if let Err(why) = &partner {
        findings.report(&MISSING_VALUE, "partner", format!("the settlement names no partner: {why}"));
    }
    partner.ok()
}
