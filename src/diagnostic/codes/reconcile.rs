//! Codes of the reconciliation: what disagrees between order, promise, goods, invoice and payment (REC-W0…).

use crate::diagnostic::{Meaning, Who};

/// Every code of this area.
pub static ALL: &[&Meaning] = &[
    &OVER_SHIPPED,
    &SHIPPED_NOT_INVOICED,
    &INVOICED_NOT_SHIPPED,
    &PRICE_DIFFERS,
    &DUPLICATE_INVOICE,
    &UNCONFIRMED,
    &UNSHIPPED,
    &CONFIRMED_DIFFERS,
    &RECEIVED_DIFFERS,
    &UNPAID,
    &SHORT_PAID,
    &UNKNOWN_DEDUCTION,
    &PAID_UNKNOWN_INVOICE,
    &CREDIT_WITHOUT_INVOICE,
    &NO_SUCH_LINE,
    &STOCK_DIFFERS,
    &SETTLED_UNKNOWN,
    &CHANGE_DOES_NOT_FIT,
    &UNITS_DIFFER,
];

/// More was shipped than ordered.
pub static OVER_SHIPPED: Meaning = Meaning {
    code: "REC-W001",
    title: "more was shipped than ordered",
    meaning: "The ship notices of a line add up to more than the order asks for, by more than the partner's tolerance. \
              Retailers refuse the overage or fine it.",
    cause: "A line was picked twice, a ship notice was sent twice under two numbers, or a change of the order came after \
            the goods had left.",
    fix: "compare with what left the dock: correct the ship notice where it is wrong, else ask the buyer whether the \
          overage is taken",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// Shipped goods are not invoiced.
pub static SHIPPED_NOT_INVOICED: Meaning = Meaning {
    code: "REC-W002",
    title: "shipped goods are not invoiced",
    meaning: "Goods left longer ago than `uninvoiced` in [tolerance] allows, and no invoice bills them. Nobody will pay \
              for them until one does.",
    cause: "The invoice was not made, or was refused on its way: see the deliveries and acknowledgments of the order.",
    fix: "have the invoice made and sent, or correct the one that was refused",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// Invoiced goods are not shipped.
pub static INVOICED_NOT_SHIPPED: Meaning = Meaning {
    code: "REC-W003",
    title: "invoiced goods are not shipped",
    meaning: "The invoices of a line bill more than its ship notices tell of. Buyers match the two and do not pay the \
              difference.",
    cause: "The invoice was sent before the ship notice, or the ship notice was refused, or less was shipped than the \
            system that invoices knows.",
    fix: "send the ship notice that is missing, or credit what was not shipped",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// An invoice asks for another price than the order gives.
pub static PRICE_DIFFERS: Meaning = Meaning {
    code: "REC-W004",
    title: "an invoice asks for another price than the order gives",
    meaning: "The price of a line of an invoice differs from the order's by more than `price` in [tolerance]. The buyer \
              pays its own price and takes the difference off.",
    cause: "A price list was changed after the order, or the price is of another unit (each, case).",
    fix: "agree on the price with the buyer, then credit the difference or have the order changed",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// Two invoices bill the same.
pub static DUPLICATE_INVOICE: Meaning = Meaning {
    code: "REC-W005",
    title: "two invoices bill the same",
    meaning: "Two invoices of one order have different numbers and the same lines, and not each names a shipment of its \
              own. The buyer refuses the second or takes it off as paid twice.",
    cause: "The invoice was made again after a fault, under a new number.",
    fix: "credit the second one, unless the goods were really sent twice",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// An order is not confirmed.
pub static UNCONFIRMED: Meaning = Meaning {
    code: "REC-W006",
    title: "an order is not confirmed",
    meaning: "The order came in longer ago than `unconfirmed` in [tolerance] allows, and no order acknowledgment answers \
              it. The buyer may cancel it.",
    cause: "The order waits in the ERP, or its acknowledgment was refused on its way.",
    fix: "have the order confirmed or refused, line by line",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// Promised goods were not shipped in their window.
pub static UNSHIPPED: Meaning = Meaning {
    code: "REC-W007",
    title: "promised goods were not shipped in their window",
    meaning: "The last day on which the order may ship is over, with `unshipped` of [tolerance] on top, and less was \
              shipped than was promised.",
    cause: "The goods are out of stock, or the ship notice is missing.",
    fix: "ship and send the ship notice, or tell the buyer that the rest is cancelled",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// Something else was confirmed than ordered.
pub static CONFIRMED_DIFFERS: Meaning = Meaning {
    code: "REC-W008",
    title: "something else was confirmed than ordered",
    meaning: "The order acknowledgment promises another quantity or another price than the order asks for. The buyer must \
              take it or change the order; until then both sides plan with different figures.",
    cause: "Stock or price are not what the buyer expects.",
    fix: "wait for the buyer's change of the order, or ask for it",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// Something else was received than shipped.
pub static RECEIVED_DIFFERS: Meaning = Meaning {
    code: "REC-W009",
    title: "something else was received than shipped",
    meaning: "The receiving advice counts another quantity than the ship notices that it is about. The buyer pays what it \
              counted.",
    cause: "Goods were lost or damaged under way, a carton was miscounted, or the ship notice was wrong.",
    fix: "compare with the proof of delivery, and claim from carrier or buyer what was shipped",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// An invoice is unpaid past its terms.
pub static UNPAID: Meaning = Meaning {
    code: "REC-W010",
    title: "an invoice is unpaid past its terms",
    meaning: "The day on which the terms want the invoice paid is over, with `unpaid` of [tolerance] on top, and something \
              of it is open.",
    cause: "The buyer did not get the invoice, disputes it, or is late.",
    fix: "ask the buyer for the state of the invoice; an 824 or 864 about it may tell",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// An invoice was paid short.
pub static SHORT_PAID: Meaning = Meaning {
    code: "REC-W011",
    title: "an invoice was paid short",
    meaning: "A payment pays less than the invoice asks for, and does not say that the rest is to come. Discounts that the \
              terms allow and credits are taken into account.",
    cause: "The message quotes the payer's reasons: a shortage, a price, a discount after its day, a fine.",
    fix: "dispute the difference within the buyer's time for it, or credit it",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// A payment takes off something that nobody announced.
pub static UNKNOWN_DEDUCTION: Meaning = Meaning {
    code: "REC-W012",
    title: "a payment takes off something that nobody announced",
    meaning: "A payment takes off an amount for a memo that did not come, or for nothing that has a number. Fines and \
              claims are often told on the payment alone.",
    cause: "A chargeback of which the buyer's portal has the papers, or a memo that was not sent to us.",
    fix: "look the number up in the buyer's portal, then dispute it or record the memo",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// A payment pays an invoice that is unknown.
pub static PAID_UNKNOWN_INVOICE: Meaning = Meaning {
    code: "REC-W013",
    title: "a payment pays an invoice that is unknown",
    meaning: "The payment names an invoice of which nothing is in the books. The money cannot be brought to an order.",
    cause: "The invoice went another way, its number was typed wrong, or the payment is meant for another supplier.",
    fix: "find the invoice that is meant and bring it in, or give the money back",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A credit is about an invoice that is unknown.
pub static CREDIT_WITHOUT_INVOICE: Meaning = Meaning {
    code: "REC-W014",
    title: "a credit is about an invoice that is unknown",
    meaning: "A credit or debit memo names an invoice of which nothing is in the books, or a credit is about an order that \
              was never invoiced.",
    cause: "The number of the invoice was typed wrong, or the invoice went another way.",
    fix: "ask the author which invoice is meant",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// A document speaks of a line that cannot be found.
pub static NO_SUCH_LINE: Meaning = Meaning {
    code: "REC-W015",
    title: "a document speaks of a line that cannot be found",
    meaning: "What the document says of an item belongs to no line of the order, or could belong to two. It counts nowhere \
              until somebody looked.",
    cause: "The item is not on the order, is known by another number, or stands on two lines and the document names \
            none. Two numbers that are two items are told as a conflict.",
    fix: "add the numbers of the item to the partner's cross_references, or have the document corrected with the \
          order's line number",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// Two reports of the same stock differ.
pub static STOCK_DIFFERS: Meaning = Meaning {
    code: "REC-W016",
    title: "two reports of the same stock differ",
    meaning: "Two systems report the same item in the same place for times that lie within `stock` of [tolerance], and \
              count differently. Orders are promised from stock that is not there.",
    cause: "A movement is booked in one system and not in the other, or the units differ (each, case).",
    fix: "count the item, and book the difference in the system that is wrong",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A payout settles an order that is unknown.
pub static SETTLED_UNKNOWN: Meaning = Meaning {
    code: "REC-W017",
    title: "a payout settles an order that is unknown",
    meaning: "Entries of a payout name an order or a refund of which nothing is in the books.",
    cause: "The shop's orders were not polled for that time, or the entry belongs to another shop of ours.",
    fix: "have the shop's orders of that time brought in, then look again",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A change of an order does not fit the order.
pub static CHANGE_DOES_NOT_FIT: Meaning = Meaning {
    code: "REC-W018",
    title: "a change of an order does not fit the order",
    meaning: "The buyer changes an order that did not come, or a line that the order does not have or has twice, makes a change of a \
              kind that edigate does not know, or says that the line was something else before. What of the change fits is applied; what does not \
              is not, so that goods and invoices are held against an order that the buyer may not mean.",
    cause: "An earlier change of the order did not come, the order itself came in another revision, or the line's number was \
            typed wrong.",
    fix: "ask the buyer for the order as it stands, and for changes whose numbers are missing",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// A document counts in another unit than the order.
pub static UNITS_DIFFER: Meaning = Meaning {
    code: "REC-W019",
    title: "a document counts in another unit than the order",
    meaning: "The order asks for cases and the document counts eaches, or the other way round, and neither the order (PO4) nor the \
              partner's cross_references tells how many are in one, or the two contradict each other. What the document counts \
              stands on no line until one does.",
    cause: "The order does not name the pack of the item, or one of the two systems knows the item by another unit.",
    fix: "write how many eaches a case of the item holds into the column `case` of the partner's cross_references",
    who: Who::Us,
    example: "PO1*001*2*CA*43.32 without PO4, and SN1**24*EA",
    corrected: "PO1*001*2*CA*43.32 and PO4*12",
};
