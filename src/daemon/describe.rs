//! One line that says what a document is, for the journal: `order 4500012345: 2 lines, 152.64 USD`.

use rust_decimal::Decimal;

use crate::document::application_advice::AdviceVerdict;
use crate::document::{
    ApplicationAdvice, CreditDebit, CreditOrDebit, Document, OrderChange, Purpose, Receipt, Remittance, Shipment,
};

/// What a document is, in one line.
pub fn in_words(document: &Document) -> String {
    match document {
        Document::Order(order) => {
            let money = money(order.amount(), order.currency.as_deref());
            format!("order {}: {}, {money}", order.po_number, lines(order.lines.len()))
        }
        Document::OrderChange(change) => changed(change),
        Document::OrderAck(ack) => format!("order acknowledgment for {}: {}", ack.po_number, lines(ack.lines.len())),
        Document::Shipment(shipment) => shipped(shipment),
        Document::Invoice(invoice) => {
            let money = money(invoice.amount(), invoice.currency.as_deref());
            format!("invoice {}: {}, {money}", invoice.invoice_number, lines(invoice.lines.len()))
        }
        Document::Receipt(receipt) => received(receipt),
        Document::ApplicationAdvice(advice) => advised(advice),
        Document::TextMessage(message) => {
            let says = message.messages.iter().map(|one| one.excerpt()).collect::<Vec<_>>().join(" | ");
            format!("text message {}: {says}", document.number())
        }
        Document::Remittance(remittance) => paid(remittance),
        Document::CreditDebit(memo) => memo_line(memo),
        Document::Return(returned) => {
            let pieces: Decimal = returned.lines.iter().map(|line| line.quantity.value).sum();
            format!("return {}: {}, {pieces} units", returned.return_number, lines(returned.lines.len()))
        }
        Document::Inventory(inventory) => {
            let (number, items) = (&inventory.report_number, count(inventory.lines.len(), "item", "items"));
            format!("inventory {number} as of {}: {items}", inventory.as_of.strftime("%Y-%m-%d %H:%M"))
        }
        Document::Settlement(settlement) => {
            let money = money(settlement.amount, settlement.currency.as_deref());
            format!(
                "settlement {}: {}, {money}",
                settlement.settlement_id,
                count(settlement.entries.len(), "entry", "entries")
            )
        }
    }
}

fn changed(change: &OrderChange) -> String {
    let number = change.sequence.as_ref().map(|number| format!(" {number}")).unwrap_or_default();
    let of = format!("change{number} of order {}", change.po_number);
    match change.header.purpose {
        Purpose::Cancel => format!("{of}: it is cancelled"),
        Purpose::Replace => format!("{of}: stated anew, {}", lines(change.changes.len())),
        _ => format!("{of}: {}", lines(change.changes.len())),
    }
}

fn shipped(shipment: &Shipment) -> String {
    let cartons = count(shipment.cartons().count(), "carton", "cartons");
    let items = shipment.orders.iter().flat_map(|order| order.all_items());
    let pieces: Decimal = items.map(|item| item.quantity.value).sum();
    format!("shipment {}: {cartons}, {pieces} units", shipment.shipment_id)
}

fn received(receipt: &Receipt) -> String {
    let pieces: Decimal = receipt.lines.iter().map(|line| line.received.value).sum();
    let questions = receipt.lines.iter().filter(|line| !line.questions.is_empty()).count();
    let in_question = if questions == 0 { String::new() } else { format!(", {} in question", lines(questions)) };
    format!("receipt {}: {}, {pieces} units{in_question}", receipt.receipt_number, lines(receipt.lines.len()))
}

fn advised(advice: &ApplicationAdvice) -> String {
    let [rejected, accepted] = [true, false].map(|wanted| {
        advice.answers.iter().filter(|answer| (answer.verdict == AdviceVerdict::Rejected) == wanted).count()
    });
    match &advice.answers[..] {
        [only] if rejected == 1 => format!("application advice {}: {} rejected", advice.advice_number, only.label()),
        [only] => format!("application advice {}: {} not rejected", advice.advice_number, only.label()),
        _ => format!("application advice {}: {rejected} rejected, {accepted} not", advice.advice_number),
    }
}

fn paid(remittance: &Remittance) -> String {
    let money = money(remittance.amount, remittance.currency.as_deref());
    format!("remittance {}: {}, {money}", remittance.trace_number, lines(remittance.lines.len()))
}

fn memo_line(memo: &CreditDebit) -> String {
    let sense = match memo.sense {
        CreditOrDebit::Credit => "credit",
        CreditOrDebit::Debit => "debit",
    };
    let money = money(memo.amount, memo.currency.as_deref());
    format!("{sense} memo {}: {}, {money}", memo.memo_number, lines(memo.lines.len()))
}

/// `152.64 USD`, or the number alone where no currency is named.
fn money(amount: Decimal, currency: Option<&str>) -> String {
    match currency {
        Some(currency) => format!("{amount:.2} {currency}"),
        None => format!("{amount:.2}"),
    }
}

fn lines(number: usize) -> String {
    count(number, "line", "lines")
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
