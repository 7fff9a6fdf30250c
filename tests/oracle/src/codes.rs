//! The codes of X12 in the words of the model, written down from the code lists of the standard once more.

use edigate::document::order::OrderType;
use edigate::document::order_ack::{LineStatus, Verdict};
use edigate::document::party::{PartyCodeIssuer, PartyRole};
use edigate::document::{AdjustmentKind, DateKind, Purpose, ReferenceKind};

/// 353, transaction set purpose.
pub fn purpose(code: String) -> Purpose {
    match code.as_str() {
        "00" => Purpose::Original,
        "01" => Purpose::Cancel,
        "04" => Purpose::Change,
        "05" => Purpose::Replace,
        "07" => Purpose::Duplicate,
        _ => Purpose::Other(code),
    }
}

/// 92, purchase order type.
pub fn order_type(code: String) -> OrderType {
    match code.as_str() {
        "BK" => OrderType::Blanket,
        "DS" => OrderType::DropShip,
        "NE" => OrderType::New,
        "RL" => OrderType::Release,
        "RO" => OrderType::Rush,
        "SA" => OrderType::StandAlone,
        _ => OrderType::Other(code),
    }
}

/// 128, reference identification.
pub fn reference(code: String) -> ReferenceKind {
    match code.as_str() {
        "2I" => ReferenceKind::Tracking,
        "AO" => ReferenceKind::Appointment,
        "BM" => ReferenceKind::BillOfLading,
        "CN" => ReferenceKind::CarrierReference,
        "CO" => ReferenceKind::CustomerOrder,
        "CT" => ReferenceKind::Contract,
        "DP" => ReferenceKind::Department,
        "IA" => ReferenceKind::VendorNumber,
        "MR" => ReferenceKind::MerchandiseType,
        "PD" => ReferenceKind::Promotion,
        "PK" => ReferenceKind::PackingList,
        "ST" => ReferenceKind::Store,
        _ => ReferenceKind::Other(code),
    }
}

/// 374, date or time.
pub fn date(code: String) -> DateKind {
    match code.as_str() {
        "001" => DateKind::CancelAfter,
        "002" => DateKind::RequestedDelivery,
        "010" => DateKind::RequestedShip,
        "011" => DateKind::Shipped,
        "017" => DateKind::EstimatedDelivery,
        "035" => DateKind::Delivered,
        "037" => DateKind::ShipNotBefore,
        "038" => DateKind::ShipNotAfter,
        "063" => DateKind::DeliverNotAfter,
        "064" => DateKind::DeliverNotBefore,
        "067" => DateKind::PlannedDelivery,
        "068" => DateKind::PlannedShip,
        _ => DateKind::Other(code),
    }
}

/// 98, entity.
pub fn role(code: String) -> PartyRole {
    match code.as_str() {
        "BT" => PartyRole::BillTo,
        "BY" => PartyRole::Buyer,
        "RI" => PartyRole::RemitTo,
        "SF" => PartyRole::ShipFrom,
        "ST" => PartyRole::ShipTo,
        "SU" => PartyRole::Supplier,
        "Z7" => PartyRole::MarkFor,
        _ => PartyRole::Other(code),
    }
}

/// 66, who gave an identification code.
pub fn issuer(code: String) -> PartyCodeIssuer {
    match code.as_str() {
        "1" => PartyCodeIssuer::Duns,
        "91" => PartyCodeIssuer::Seller,
        "92" => PartyCodeIssuer::Buyer,
        "UL" => PartyCodeIssuer::Gln,
        _ => PartyCodeIssuer::Other(code),
    }
}

/// 248, allowance or charge.
pub fn adjustment(code: String) -> AdjustmentKind {
    match code.as_str() {
        "A" => AdjustmentKind::Allowance,
        "C" => AdjustmentKind::Charge,
        _ => AdjustmentKind::Other(code),
    }
}

/// 668, line item status.
pub fn status(code: String) -> LineStatus {
    match code.as_str() {
        "DR" => LineStatus::DateChanged,
        "IA" => LineStatus::Accepted,
        "IB" => LineStatus::Backordered,
        "IP" => LineStatus::PriceChanged,
        "IQ" => LineStatus::QuantityChanged,
        "IR" => LineStatus::Rejected,
        "IS" => LineStatus::Substituted,
        _ => LineStatus::Other(code),
    }
}

/// 587, acknowledgment type.
pub fn verdict(code: &str) -> Verdict {
    match code {
        "AC" | "AE" => Verdict::AcceptedWithChanges,
        "AD" | "AK" | "AT" => Verdict::Accepted,
        "RD" | "RJ" => Verdict::Rejected,
        other => panic!("{other} is no answer to an order"),
    }
}
