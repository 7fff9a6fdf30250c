//! By what a document is known, and what it names: its key, its orders, other documents.

use openssl::sha::sha256;
use serde::Serialize;

use super::remittance::PaidItem;
use super::text_message::Message;
use super::{Document, Kind};

/// A number without what systems add to it: blanks around it, zeros before it, small letters.
pub fn plain_number(number: &str) -> String {
    number.trim().trim_start_matches('0').to_uppercase()
}

/// True when two systems write the same number: one 1, another 001.
pub fn is_same_number(one: &str, other: &str) -> bool {
    plain_number(one) == plain_number(other)
}

/// What tells contents apart that have no number: twelve hexadecimal digits of a digest of their JSON.
pub(super) fn fingerprint(content: &impl Serialize) -> String {
    let content = serde_json::to_string(content).unwrap_or_default();
    sha256(content.as_bytes())[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Document {
    /// The key under which one partner's documents of one kind are the same document.
    ///
    /// Order: PO number, release and ship-to; change of an order: PO number, which change, release and ship-to; acknowledgment: PO number, release and our order number; receipt: its number
    /// with shipment or order; application advice: what it answers and its number; text message: its number, its day and what it says; remittance: trace number and payer;
    /// return: the authorization, else its own number; inventory: its number and day; others: their number.
    /// Parts are joined by `/`, empty ones dropped from the end.
    pub fn business_key(&self) -> String {
        let optional = |part: &Option<String>| part.clone().unwrap_or_default();
        let parts: Vec<String> = match self {
            Document::Order(order) => {
                let ship_to = order.ship_to_code().unwrap_or_default();
                vec![order.po_number.clone(), optional(&order.release), ship_to.to_owned()]
            }
            Document::OrderChange(change) => {
                let ship_to = change.ship_to_code().unwrap_or_default();
                vec![change.po_number.clone(), change.mark(), optional(&change.release), ship_to.to_owned()]
            }
            Document::OrderAck(ack) => {
                vec![ack.po_number.clone(), optional(&ack.release), optional(&ack.seller_order_number)]
            }
            Document::Receipt(receipt) => {
                let of = receipt.shipment_id.as_ref().or(receipt.po_numbers.first());
                vec![receipt.receipt_number.clone(), of.cloned().unwrap_or_default()]
            }
            Document::ApplicationAdvice(advice) => {
                let answered = advice.answers.first().map(|answer| answer.reference.value.clone());
                vec![answered.unwrap_or_default(), advice.advice_number.clone()]
            }
            Document::TextMessage(message) => vec![self.number().to_owned(), message.mark()],
            Document::Remittance(remittance) => {
                vec![remittance.trace_number.clone(), remittance.payer().unwrap_or_default().to_owned()]
            }
            Document::Return(returned) => {
                vec![returned.authorization_number.as_ref().unwrap_or(&returned.return_number).clone()]
            }
            Document::Inventory(inventory) => {
                vec![inventory.report_number.clone(), inventory.as_of.date().to_string()]
            }
            Document::Shipment(_) | Document::Invoice(_) | Document::CreditDebit(_) | Document::Settlement(_) => {
                vec![self.number().to_owned()]
            }
        };
        parts.join("/").trim_end_matches('/').to_owned()
    }

    /// The purchase orders that it is about, by number, each once.
    pub fn po_numbers(&self) -> Vec<&str> {
        match self {
            Document::Order(order) => vec![&order.po_number],
            Document::OrderChange(change) => vec![&change.po_number],
            Document::OrderAck(ack) => vec![&ack.po_number],
            Document::Shipment(shipment) => distinct(shipment.orders.iter().map(|order| &order.po_number)),
            Document::Invoice(invoice) => distinct(&invoice.po_number),
            Document::Receipt(receipt) => {
                let of_lines = receipt.lines.iter().filter_map(|line| line.po_number.as_ref());
                distinct(receipt.po_numbers.iter().chain(of_lines))
            }
            Document::ApplicationAdvice(advice) => distinct(advice.answers.iter().filter_map(|one| one.po_number())),
            Document::TextMessage(message) => distinct(message.po_numbers()),
            Document::Remittance(remittance) => {
                let orders = remittance.lines.iter().filter(|line| line.is == PaidItem::Order);
                let of_lines = remittance.lines.iter().filter_map(|line| line.po_number.as_ref());
                distinct(of_lines.chain(orders.filter_map(|line| line.number.as_ref())))
            }
            Document::CreditDebit(memo) => {
                distinct(memo.po_number.iter().chain(memo.lines.iter().filter_map(|line| line.po_number.as_ref())))
            }
            Document::Return(returned) => {
                let of_lines = returned.lines.iter().filter_map(|line| line.po_number.as_ref());
                distinct(returned.po_number.iter().chain(of_lines))
            }
            Document::Inventory(_) | Document::Settlement(_) => Vec::new(),
        }
    }

    /// The documents of ours or theirs that it names by their own numbers, each once: the invoices that a payment pays, the
    /// shipment that was received. Whatever order those are about, it is about as well.
    pub fn mentions(&self) -> Vec<(Kind, &str)> {
        let mut all: Vec<(Kind, &str)> = match self {
            Document::Receipt(receipt) => receipt.shipment_id.iter().map(|id| (Kind::Shipment, id.as_str())).collect(),
            Document::ApplicationAdvice(advice) => {
                advice.answers.iter().filter_map(|one| Some((one.kind()?, one.reference.value.as_str()))).collect()
            }
            Document::TextMessage(message) => message.messages.iter().flat_map(Message::mentions).collect(),
            Document::Remittance(remittance) => {
                let of_lines =
                    remittance.lines.iter().filter_map(|line| Some((line.names()?, line.number.as_deref()?)));
                let taken_off = remittance.adjustments.iter().filter_map(|adjustment| adjustment.reference.as_ref());
                of_lines.chain(taken_off.map(|memo| (Kind::CreditDebit, memo.value.as_str()))).collect()
            }
            Document::CreditDebit(memo) => {
                let of_lines = memo.lines.iter().filter_map(|line| line.invoice_number.as_ref());
                memo.invoice_number.iter().chain(of_lines).map(|number| (Kind::Invoice, number.as_str())).collect()
            }
            Document::Return(returned) => {
                let of_lines = returned.lines.iter().filter_map(|line| line.invoice_number.as_ref());
                returned.invoice_number.iter().chain(of_lines).map(|number| (Kind::Invoice, number.as_str())).collect()
            }
            Document::Settlement(settlement) => settlement.entries.iter().flat_map(|entry| entry.names()).collect(),
            Document::OrderChange(change) => vec![(Kind::Order, change.po_number.as_str())],
            Document::Order(_)
            | Document::OrderAck(_)
            | Document::Shipment(_)
            | Document::Invoice(_)
            | Document::Inventory(_) => Vec::new(),
        };
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The numbers without repetition, in their order; blank ones are none.
fn distinct<'n, N: AsRef<str> + ?Sized + 'n>(numbers: impl IntoIterator<Item = &'n N>) -> Vec<&'n str> {
    let mut seen = std::collections::HashSet::new();
    let numbers = numbers.into_iter().map(|number| number.as_ref());
    numbers.filter(|number| !number.is_empty() && seen.insert(*number)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn document(json: Value) -> Document {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn each_kind_is_known_by_its_key() {
        let key = |json: Value| document(json).business_key();
        let payer = json!([{ "role": "payer", "name": "MEGAMART", "code": { "by": "gln", "value": "0614141000005" } }]);
        let payment = json!({ "kind": "remittance", "trace_number": "T1", "amount": "1", "parties": payer });
        assert_eq!(key(payment), "T1/0614141000005");
        assert_eq!(key(json!({ "kind": "remittance", "trace_number": "T1", "amount": "1" })), "T1");
        let memo = json!({ "kind": "credit_debit", "memo_number": "M1", "issued_on": "2026-03-10", "sense": "debit", "amount": "1" });
        assert_eq!(key(memo), "M1");
        let receipt = json!({ "kind": "receipt", "receipt_number": "R1", "po_numbers": ["45"], "lines": [] });
        assert_eq!(key(receipt), "R1/45");
        let answer = json!({ "verdict": "accepted", "reference": { "is": "SI", "value": "S1" } });
        assert_eq!(key(json!({ "kind": "application_advice", "advice_number": "A1", "answers": [answer] })), "S1/A1");
        let stock = json!({ "kind": "inventory", "report_number": "N1", "as_of": "2026-03-03T06:00:00", "lines": [] });
        assert_eq!(key(stock), "N1/2026-03-03");
        assert_eq!(key(json!({ "kind": "return", "return_number": "R1" })), "R1");
        assert_eq!(key(json!({ "kind": "return", "return_number": "R1", "authorization_number": "RMA" })), "RMA");
    }

    #[test]
    fn changes_of_an_order_are_told_apart_by_their_sequence_else_by_what_they_change() {
        let change = |more: Value| {
            let mut json = json!({ "kind": "order_change", "po_number": "45", "changed_on": "2026-03-04" });
            json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            document(json).business_key()
        };
        assert_eq!(change(json!({ "sequence": "2" })), "45/2");
        let less = |count: &str| {
            let quantity = json!({ "value": count, "unit": "EA" });
            change(json!({ "changes": [{ "is": "quantity_decrease", "line": "001", "quantity": quantity }] }))
        };
        assert!(less("18").starts_with("45/2026-03-04 "), "{}", less("18"));
        assert_eq!(less("18"), less("18"));
        assert_ne!(less("18"), less("17"));
    }

    #[test]
    fn an_order_is_named_once_however_many_lines_name_it() {
        let line = |po: &str| json!({ "number": format!("INV-{po}"), "po_number": po, "paid": "1" });
        let lines = [line("2"), line("1"), line("2"), line("")];
        let payment = document(json!({ "kind": "remittance", "trace_number": "T1", "amount": "4", "lines": lines }));
        assert_eq!(payment.po_numbers(), ["2", "1"]);
        assert_eq!(payment.mentions(), ["INV-", "INV-1", "INV-2"].map(|number| (Kind::Invoice, number)));
    }

    #[test]
    fn a_verdict_about_an_order_is_about_that_order() {
        let answer = json!({ "verdict": "rejected", "reference": { "is": "PO", "value": "45" } });
        let advice = document(json!({ "kind": "application_advice", "advice_number": "A1", "answers": [answer] }));
        assert_eq!(advice.po_numbers(), ["45"]);
        let answer =
            json!({ "verdict": "rejected", "reference": { "is": "SI", "value": "S1" }, "transaction_set": "856" });
        let advice = document(json!({ "kind": "application_advice", "advice_number": "A1", "answers": [answer] }));
        assert_eq!((advice.po_numbers(), advice.mentions()), (Vec::new(), vec![(Kind::Shipment, "S1")]));
    }

    #[test]
    fn each_kind_has_a_schema_that_names_its_number() {
        for kind in Kind::ALL {
            let mut schema = crate::document::schema::json_schema(kind);
            assert_eq!(schema["title"], kind.name());
            // A text has no number but those of its messages.
            let (numbered, names) = match kind {
                Kind::TextMessage => (schema["$defs"]["Message"].take(), ["number", "number"]),
                _ => (schema, ["_number", "_id"]),
            };
            let required = numbered["required"].as_array().unwrap();
            let is_a_number =
                |name: &Value| names.iter().any(|end| name.as_str().is_some_and(|name| name.ends_with(end)));
            assert!(required.iter().any(is_a_number), "{kind}");
        }
    }
}
