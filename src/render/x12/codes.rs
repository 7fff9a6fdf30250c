//! The names of the canonical model to X12 qualifiers: the way back from `normalize::x12`.
//!
//! Exhaustive on purpose: a new name in the model does not compile until it has its code.

use crate::document::order::OrderType;
use crate::document::order_ack::{LineStatus, Verdict};
use crate::document::party::{PartyCodeIssuer, PartyRole};
use crate::document::{AdjustmentKind, DateKind, Purpose, ReferenceKind};

/// Element 353.
pub(super) fn purpose(purpose: &Purpose) -> &str {
    match purpose {
        Purpose::Original => "00",
        Purpose::Cancel => "01",
        Purpose::Change => "04",
        Purpose::Replace => "05",
        Purpose::Duplicate => "07",
        Purpose::Other(code) => code,
    }
}

/// Element 92.
pub(super) fn order_type(order_type: &OrderType) -> &str {
    match order_type {
        OrderType::StandAlone => "SA",
        OrderType::New => "NE",
        OrderType::DropShip => "DS",
        OrderType::Release => "RL",
        OrderType::Blanket => "BK",
        OrderType::Rush => "RO",
        OrderType::Other(code) => code,
    }
}

/// Element 128.
pub(super) fn reference(kind: &ReferenceKind) -> &str {
    match kind {
        ReferenceKind::Department => "DP",
        ReferenceKind::VendorNumber => "IA",
        ReferenceKind::BillOfLading => "BM",
        ReferenceKind::CarrierReference => "CN",
        ReferenceKind::Tracking => "2I",
        ReferenceKind::PackingList => "PK",
        ReferenceKind::Promotion => "PD",
        ReferenceKind::Contract => "CT",
        ReferenceKind::MerchandiseType => "MR",
        ReferenceKind::Store => "ST",
        ReferenceKind::CustomerOrder => "CO",
        ReferenceKind::Appointment => "AO",
        ReferenceKind::Other(code) => code,
    }
}

/// Element 374.
pub(super) fn date(kind: &DateKind) -> &str {
    match kind {
        DateKind::RequestedShip => "010",
        DateKind::ShipNotBefore => "037",
        DateKind::ShipNotAfter => "038",
        DateKind::RequestedDelivery => "002",
        DateKind::DeliverNotBefore => "064",
        DateKind::DeliverNotAfter => "063",
        DateKind::CancelAfter => "001",
        DateKind::PlannedShip => "068",
        DateKind::PlannedDelivery => "067",
        DateKind::Shipped => "011",
        DateKind::EstimatedDelivery => "017",
        DateKind::Delivered => "035",
        DateKind::Other(code) => code,
    }
}

/// Element 98.
pub(super) fn role(role: &PartyRole) -> &str {
    match role {
        PartyRole::Buyer => "BY",
        PartyRole::BillTo => "BT",
        PartyRole::ShipTo => "ST",
        PartyRole::ShipFrom => "SF",
        PartyRole::Supplier => "SU",
        PartyRole::RemitTo => "RI",
        PartyRole::MarkFor => "Z7",
        PartyRole::Payer => "PR",
        PartyRole::Payee => "PE",
        PartyRole::Warehouse => "WH",
        PartyRole::Other(code) => code,
    }
}

/// Element 66.
pub(super) fn issuer(issuer: &PartyCodeIssuer) -> &str {
    match issuer {
        PartyCodeIssuer::Gln => "UL",
        PartyCodeIssuer::Duns => "1",
        PartyCodeIssuer::Buyer => "92",
        PartyCodeIssuer::Seller => "91",
        PartyCodeIssuer::Other(code) => code,
    }
}

/// Element 248.
pub(super) fn adjustment(kind: &AdjustmentKind) -> &str {
    match kind {
        AdjustmentKind::Allowance => "A",
        AdjustmentKind::Charge => "C",
        AdjustmentKind::Other(code) => code,
    }
}

/// Element 668.
pub(super) fn status(status: &LineStatus) -> &str {
    match status {
        LineStatus::Accepted => "IA",
        LineStatus::QuantityChanged => "IQ",
        LineStatus::PriceChanged => "IP",
        LineStatus::DateChanged => "DR",
        LineStatus::Substituted => "IS",
        LineStatus::Backordered => "IB",
        LineStatus::Rejected => "IR",
        LineStatus::Other(code) => code,
    }
}

/// Element 587: our answers always have detail.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "AD",
        Verdict::AcceptedWithChanges => "AC",
        Verdict::Rejected => "RD",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::x12::codes as read;

    /// Codes of the standard's lists, known and unknown to the model.
    fn there_and_back(codes: &[&str], round: impl Fn(&str) -> String) {
        for code in codes {
            assert_eq!(round(code), *code);
        }
    }

    #[test]
    fn every_code_that_is_read_is_written_again_as_it_was() {
        there_and_back(&["00", "01", "04", "05", "06", "07", "14"], |code| purpose(&read::purpose(code)).to_owned());
        there_and_back(&["SA", "NE", "DS", "RL", "BK", "RO", "KN"], |code| {
            order_type(&read::order_type(code)).to_owned()
        });
        there_and_back(
            &["DP", "IA", "VR", "BM", "CN", "2I", "PK", "PD", "CT", "MR", "ST", "CO", "AO", "ZZ", "MA"],
            |code| reference(&read::reference(code)).to_owned(),
        );
        there_and_back(
            &["010", "037", "038", "002", "064", "063", "001", "068", "067", "011", "017", "035", "106"],
            |code| date(&read::date(code)).to_owned(),
        );
        there_and_back(&["BY", "BT", "ST", "SF", "SU", "RI", "Z7", "VN"], |code| role(&read::role(code)).to_owned());
        there_and_back(&["UL", "1", "92", "91", "9", "ZZ"], |code| issuer(&read::issuer(code)).to_owned());
        there_and_back(&["A", "C", "N"], |code| adjustment(&read::adjustment(code)).to_owned());
        there_and_back(&["IA", "IQ", "IP", "DR", "IS", "IB", "IR", "R2"], |code| {
            status(&read::status(code)).to_owned()
        });
    }

    #[test]
    fn a_verdict_is_read_as_it_was_written() {
        for given in [Verdict::Accepted, Verdict::AcceptedWithChanges, Verdict::Rejected] {
            assert_eq!(read::verdict(verdict(given)), Some(given));
        }
    }
}
