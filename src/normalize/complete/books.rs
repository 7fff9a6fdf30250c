//! Papers that answer no order, proved: what they say of themselves must add up.

use super::Findings;
use crate::diagnostic::codes::document::SETTLEMENT_TOTAL;
use crate::document::{Document, Settlement};
use crate::normalize::proof;

pub(super) fn prove(paper: &Document, findings: &mut Findings) {
    match paper {
        Document::Settlement(settlement) => prove_settlement(settlement, findings),
        Document::Remittance(remittance) => {
            for (index, line) in remittance.lines.iter().enumerate() {
                findings.tell(proof::paid_line(line), &format!("lines[{index}].paid"));
            }
            findings.tell(proof::payment(remittance), "amount");
        }
        Document::CreditDebit(memo) => findings.tell(proof::memo(memo), "amount"),
        Document::ApplicationAdvice(advice) => {
            for (index, answer) in advice.answers.iter().enumerate() {
                findings.tell(proof::verdict(answer), &format!("answers[{index}]"));
            }
        }
        _ => {}
    }
}

/// It is the sum of its entries: it exists nowhere but in the report, so that another sum is no payment.
fn prove_settlement(settlement: &Settlement, findings: &mut Findings) {
    let (amount, entered) = (settlement.amount, settlement.entered());
    if !settlement.entries.is_empty() && entered != amount {
        let id = &settlement.settlement_id;
        let message = format!("settlement {id} pays {amount}, its entries add up to {entered}");
        let finding = findings.report(&SETTLEMENT_TOTAL, "amount", message);
        (finding.expected, finding.found) = (Some(entered.to_string()), Some(amount.to_string()));
    }
}
