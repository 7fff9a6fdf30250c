//! What a paper says of itself, proved: a payment and its lines, a memo and its lines, a receiver's verdict.
//!
//! ```text
//! RMR*IV*INV-20077**110*117.64*2.35~   ->   invoice INV-20077 is paid 110; 117.64 less 2.35 is 115.29
//! ```
//!
//! Each is a warning, never an error: the money moves and the verdict stands whatever we think of it. Whoever reads the
//! paper says where in it that is.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::books::{LINE_PAID_OTHERWISE, MEMO_SUM, PAYMENT_SUM, REFUSED_BY_RECEIVER};
use crate::document::application_advice::{AdviceVerdict, Answer};
use crate::document::remittance::{PaidItem, RemittanceLine};
use crate::document::{CreditDebit, Remittance};

/// A line that pays another amount than its own figures say.
pub(super) fn paid_line(line: &RemittanceLine) -> Option<Diagnostic> {
    let (gross, owed) = (line.gross?, line.owed()?);
    if owed == line.paid {
        return None;
    }
    let discount = line.discount.map(|discount| format!(" less {discount}")).unwrap_or_default();
    let adjusted: Vec<String> = line.adjustments.iter().map(|one| one.amount.to_string()).collect();
    let adjusted = if adjusted.is_empty() { String::new() } else { format!(" adjusted by {}", adjusted.join(", ")) };
    let message = format!("{} is paid {}; {gross}{discount}{adjusted} is {owed}", item_of(line), line.paid);
    Some(Diagnostic::new(&LINE_PAID_OTHERWISE, message).expected(owed.to_string()).found(line.paid.to_string()))
}

/// `invoice INV-20077`.
fn item_of(line: &RemittanceLine) -> String {
    let number = line.number.as_deref().unwrap_or("without number");
    match &line.is {
        PaidItem::Invoice => format!("invoice {number}"),
        PaidItem::Order => format!("order {number}"),
        PaidItem::CreditMemo => format!("credit memo {number}"),
        PaidItem::DebitMemo => format!("debit memo {number}"),
        PaidItem::Other(code) => format!("{code} {number}"),
    }
}

/// A payment that is not the sum of its lines.
pub(super) fn payment(remittance: &Remittance) -> Option<Diagnostic> {
    let (amount, accounted) = (remittance.amount, remittance.accounted());
    let tells_nothing = remittance.lines.is_empty() && remittance.adjustments.is_empty();
    if tells_nothing || accounted == amount {
        return None;
    }
    let message = format!("payment {} is {amount}, its lines add up to {accounted}", remittance.trace_number);
    Some(Diagnostic::new(&PAYMENT_SUM, message).expected(accounted.to_string()).found(amount.to_string()))
}

/// A memo that is not the sum of its lines.
pub(super) fn memo(memo: &CreditDebit) -> Option<Diagnostic> {
    let accounted = memo.accounted().filter(|accounted| *accounted != memo.amount)?;
    let message = format!("memo {} is {}, its lines add up to {accounted}", memo.memo_number, memo.amount);
    Some(Diagnostic::new(&MEMO_SUM, message).expected(accounted.to_string()).found(memo.amount.to_string()))
}

/// A document of ours that the receiver does not take as it is.
pub(super) fn verdict(answer: &Answer) -> Option<Diagnostic> {
    let verdict = match &answer.verdict {
        AdviceVerdict::Rejected => "rejected",
        AdviceVerdict::AcceptedWithErrors => "accepted with errors",
        AdviceVerdict::PartlyAccepted => "accepted in part",
        AdviceVerdict::Accepted | AdviceVerdict::AcceptedWithChange | AdviceVerdict::Other(_) => return None,
    };
    let why = match &answer.errors[..] {
        [] => "no reason given".to_owned(),
        [only] => only.sentence(),
        [first, rest @ ..] => format!("{}, and {} more", first.sentence(), rest.len()),
    };
    let message = format!("{} is {verdict} by its receiver: {why}", answer.label());
    let mut diagnostic = Diagnostic::new(&REFUSED_BY_RECEIVER, message);
    if let Some(first) = answer.errors.first() {
        diagnostic.expected.clone_from(&first.expected);
        diagnostic.found.clone_from(&first.found);
    }
    Some(diagnostic)
}
