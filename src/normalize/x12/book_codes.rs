//! X12 codes of what is changed, paid, received, judged and kept in stock to the names of the canonical model.
//!
//! These sets are read and not written. Every code without a name of ours is kept as the sender wrote it.

use crate::document::CreditOrDebit;
use crate::document::application_advice::{AdviceLevel, AdviceVerdict};
use crate::document::credit_debit::MemoHandling;
use crate::document::inventory::{Reporter, StockKind};
use crate::document::order_change::ChangeKind;
use crate::document::receipt::ReceivingCondition;
use crate::document::remittance::{PaidItem, PaymentAction, PaymentHandling, PaymentMethod};

/// Element 478, as in BPR03; `None` for any other code, which the check reports.
pub(super) fn sense(code: &str) -> Option<CreditOrDebit> {
    match code {
        "C" => Some(CreditOrDebit::Credit),
        "D" => Some(CreditOrDebit::Debit),
        _ => None,
    }
}

/// Element 670, as in POC02.
pub(super) fn change(code: &str) -> ChangeKind {
    match code {
        "AI" => ChangeKind::Add,
        "DI" => ChangeKind::Delete,
        "CA" => ChangeKind::Change,
        "QI" => ChangeKind::QuantityIncrease,
        "QD" => ChangeKind::QuantityDecrease,
        "PC" => ChangeKind::Price,
        "PQ" => ChangeKind::PriceAndQuantity,
        "PR" => ChangeKind::PriceAndSchedule,
        "MU" => ChangeKind::PriceQuantityAndSchedule,
        "RQ" => ChangeKind::QuantityAndSchedule,
        "RS" => ChangeKind::Schedule,
        "CT" => ChangeKind::Dates,
        "RB" => ChangeKind::AllDates,
        "RA" => ChangeKind::ShipMode,
        "RZ" => ChangeKind::ReplaceAll,
        "RE" => ChangeKind::ReplaceItem,
        "RM" => ChangeKind::ReplaceItemModified,
        "RC" => ChangeKind::Rejected,
        "NC" => ChangeKind::Unchanged,
        other => ChangeKind::Other(other.to_owned()),
    }
}

/// Element 305, as in BPR01.
pub(super) fn payment_handling(code: &str) -> PaymentHandling {
    match code {
        "I" => PaymentHandling::AdviceOnly,
        "C" => PaymentHandling::WithPayment,
        "D" => PaymentHandling::PaymentOnly,
        "U" => PaymentHandling::Split,
        "H" => PaymentHandling::Notification,
        other => PaymentHandling::Other(other.to_owned()),
    }
}

/// The same element, as in BCD03.
pub(super) fn memo_handling(code: &str) -> MemoHandling {
    match code {
        "O" => MemoHandling::NextPayment,
        "A" => MemoHandling::OffInvoice,
        "L" => MemoHandling::OnAccount,
        "N" => MemoHandling::Check,
        "M" => MemoHandling::Memo,
        other => MemoHandling::Other(other.to_owned()),
    }
}

/// Element 591, as in BPR04.
pub(super) fn payment_method(code: &str) -> PaymentMethod {
    match code {
        "ACH" => PaymentMethod::Ach,
        "CHK" => PaymentMethod::Check,
        "FWT" => PaymentMethod::Wire,
        "NON" => PaymentMethod::None,
        other => PaymentMethod::Other(other.to_owned()),
    }
}

/// Element 128, as in RMR01.
pub(super) fn paid_item(code: &str) -> PaidItem {
    match code {
        "IV" => PaidItem::Invoice,
        "PO" => PaidItem::Order,
        "CM" => PaidItem::CreditMemo,
        "DB" => PaidItem::DebitMemo,
        other => PaidItem::Other(other.to_owned()),
    }
}

/// Element 482, as in RMR03.
pub(super) fn payment_action(code: &str) -> PaymentAction {
    match code {
        "PI" => PaymentAction::Whole,
        "PP" => PaymentAction::Part,
        "PO" => PaymentAction::OnAccount,
        "AJ" => PaymentAction::Adjust,
        other => PaymentAction::Other(other.to_owned()),
    }
}

/// Element 412, as in RCD08.
pub(super) fn receiving_condition(code: &str) -> ReceivingCondition {
    match code {
        "01" => ReceivingCondition::Damaged,
        "02" => ReceivingCondition::Short,
        "03" => ReceivingCondition::Over,
        "04" => ReceivingCondition::Quality,
        "05" => ReceivingCondition::WrongItem,
        "07" => ReceivingCondition::Good,
        "08" => ReceivingCondition::Rejected,
        "09" => ReceivingCondition::OnHold,
        other => ReceivingCondition::Other(other.to_owned()),
    }
}

/// Element 110, as in OTI01: of what it is said, and what.
pub(super) fn advice(code: &str) -> (AdviceLevel, AdviceVerdict) {
    let level = match code.as_bytes().first() {
        Some(b'I') => AdviceLevel::Item,
        Some(b'G') => AdviceLevel::Group,
        Some(b'B') => AdviceLevel::Batch,
        _ => AdviceLevel::Document,
    };
    let verdict = match code {
        "TA" | "IA" | "GA" | "BA" => AdviceVerdict::Accepted,
        "TC" | "IC" => AdviceVerdict::AcceptedWithChange,
        "TE" | "IE" => AdviceVerdict::AcceptedWithErrors,
        "TP" | "GP" | "BP" => AdviceVerdict::PartlyAccepted,
        "TR" | "IR" | "GR" | "BR" => AdviceVerdict::Rejected,
        other => AdviceVerdict::Other(other.to_owned()),
    };
    (level, verdict)
}

/// Element 755, as in BIA02.
pub(super) fn reporter(code: &str) -> Reporter {
    match code {
        "SI" => Reporter::Seller,
        "DD" => Reporter::Distributor,
        "MM" => Reporter::Manufacturer,
        other => Reporter::Other(other.to_owned()),
    }
}

/// Element 673, as in QTY01.
pub(super) fn stock(code: &str) -> StockKind {
    match code {
        "33" => StockKind::Available,
        "17" => StockKind::OnHand,
        "29" => StockKind::Projected,
        "63" => StockKind::OnOrder,
        "27" => StockKind::Committed,
        "74" => StockKind::Damaged,
        "20" => StockKind::Unusable,
        "72" => StockKind::Minimum,
        "73" => StockKind::Maximum,
        other => StockKind::Other(other.to_owned()),
    }
}
