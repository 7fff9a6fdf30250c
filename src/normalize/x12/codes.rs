//! X12 qualifiers to the names of the canonical model.
//!
//! Each name of ours stands for exactly one code, so that the code can be written again; every other code is kept in
//! `Other`. `render::x12` has the way back, and a test goes both ways through all of them.

use crate::document::order::OrderType;
use crate::document::order_ack::{LineStatus, Verdict};
use crate::document::party::{PartyCodeIssuer, PartyRole};
use crate::document::{AdjustmentKind, DateKind, Purpose, ReferenceKind};

/// Element 353, as in BEG01.
pub(crate) fn purpose(code: &str) -> Purpose {
    match code {
        "00" => Purpose::Original,
        "01" => Purpose::Cancel,
        "04" => Purpose::Change,
        "05" => Purpose::Replace,
        "07" => Purpose::Duplicate,
        other => Purpose::Other(other.to_owned()),
    }
}

/// Element 92, as in BEG02.
pub(crate) fn order_type(code: &str) -> OrderType {
    match code {
        "SA" => OrderType::StandAlone,
        "NE" => OrderType::New,
        "DS" => OrderType::DropShip,
        "RL" => OrderType::Release,
        "BK" => OrderType::Blanket,
        "RO" => OrderType::Rush,
        other => OrderType::Other(other.to_owned()),
    }
}

/// Element 128, as in REF01. IA (our number at the buyer) is the vendor number; VR stays VR, so that it is echoed as VR.
pub(crate) fn reference(code: &str) -> ReferenceKind {
    match code {
        "DP" => ReferenceKind::Department,
        "IA" => ReferenceKind::VendorNumber,
        "BM" => ReferenceKind::BillOfLading,
        "CN" => ReferenceKind::CarrierReference,
        "2I" => ReferenceKind::Tracking,
        "PK" => ReferenceKind::PackingList,
        "PD" => ReferenceKind::Promotion,
        "CT" => ReferenceKind::Contract,
        "MR" => ReferenceKind::MerchandiseType,
        "ST" => ReferenceKind::Store,
        "CO" => ReferenceKind::CustomerOrder,
        "AO" => ReferenceKind::Appointment,
        other => ReferenceKind::Other(other.to_owned()),
    }
}

/// Element 374, as in DTM01.
pub(crate) fn date(code: &str) -> DateKind {
    match code {
        "010" => DateKind::RequestedShip,
        "037" => DateKind::ShipNotBefore,
        "038" => DateKind::ShipNotAfter,
        "002" => DateKind::RequestedDelivery,
        "064" => DateKind::DeliverNotBefore,
        "063" => DateKind::DeliverNotAfter,
        "001" => DateKind::CancelAfter,
        "068" => DateKind::PlannedShip,
        "067" => DateKind::PlannedDelivery,
        "011" => DateKind::Shipped,
        "017" => DateKind::EstimatedDelivery,
        "035" => DateKind::Delivered,
        other => DateKind::Other(other.to_owned()),
    }
}

/// Element 98, as in N101. BS (bill-to and ship-to in one) is two parties and is taken apart by the reader.
pub(crate) fn role(code: &str) -> PartyRole {
    match code {
        "BY" => PartyRole::Buyer,
        "BT" => PartyRole::BillTo,
        "ST" => PartyRole::ShipTo,
        "SF" => PartyRole::ShipFrom,
        "SU" => PartyRole::Supplier,
        "RI" => PartyRole::RemitTo,
        "Z7" => PartyRole::MarkFor,
        "PR" => PartyRole::Payer,
        "PE" => PartyRole::Payee,
        "WH" => PartyRole::Warehouse,
        other => PartyRole::Other(other.to_owned()),
    }
}

/// Element 66, as in N103.
pub(crate) fn issuer(code: &str) -> PartyCodeIssuer {
    match code {
        "UL" => PartyCodeIssuer::Gln,
        "1" => PartyCodeIssuer::Duns,
        "92" => PartyCodeIssuer::Buyer,
        "91" => PartyCodeIssuer::Seller,
        other => PartyCodeIssuer::Other(other.to_owned()),
    }
}

/// Element 248, as in SAC01.
pub(crate) fn adjustment(code: &str) -> AdjustmentKind {
    match code {
        "A" => AdjustmentKind::Allowance,
        "C" => AdjustmentKind::Charge,
        other => AdjustmentKind::Other(other.to_owned()),
    }
}

/// Element 668, as in ACK01.
pub(crate) fn status(code: &str) -> LineStatus {
    match code {
        "IA" => LineStatus::Accepted,
        "IQ" => LineStatus::QuantityChanged,
        "IP" => LineStatus::PriceChanged,
        "DR" => LineStatus::DateChanged,
        "IS" => LineStatus::Substituted,
        "IB" => LineStatus::Backordered,
        "IR" => LineStatus::Rejected,
        other => LineStatus::Other(other.to_owned()),
    }
}

/// Element 587, as in BAK02; `None` for holds and other answers that are none yet.
pub(crate) fn verdict(code: &str) -> Option<Verdict> {
    match code {
        "AD" | "AK" | "AT" => Some(Verdict::Accepted),
        "AC" | "AE" => Some(Verdict::AcceptedWithChanges),
        "RD" | "RF" | "RJ" => Some(Verdict::Rejected),
        _ => None,
    }
}
