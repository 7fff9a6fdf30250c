//! One order's life in quantities and money, line by line, from first order to payment.
//!
//! In: everything that was told about the order. Out: a [`Matrix`], and the [`Posting`]s that it is the sum of.
//!
//! ```text
//! line  item     ordered  confirmed  shipped  received  invoiced  credited  paid
//! 001   550001        24         24       24        24        24         0    24
//! 002   550002        12         12        6         6         6         0     0
//! ```
//!
//! Documents are taken in an order of their own (kind, sequence, date, key), so the order in which they came does not matter; each
//! counts once, in its latest revision. What cannot be brought to a line is a stray and counts nowhere.

mod units;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::{Index, IndexMut};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use super::bills::{self, Account, Bill};
use super::lines::{Catalog, Found};
use crate::config::cross_reference::CrossReferences;
use crate::document::invoice::InvoiceSense;
use crate::document::item::ItemIds;
use crate::document::order::OrderLine;
use crate::document::order_change::ChangePlace;
use crate::document::packing::Packing;
use crate::document::shipment::ShippedOrder;
use crate::document::wanted::Wanted;
use crate::document::{
    CreditDebit, Document, Invoice, Kind, Order, OrderAck, OrderChange, Purpose, Quantity, Receipt, Return, Shipment,
    cents,
};
use crate::ledger::Id;
use crate::ledger::document::StoredDocument;
use crate::ledger::order_book::Papers;

/// The matrix of one order.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Matrix {
    /// The buyer's order number.
    pub po_number: String,
    /// ISO 4217 currency of the amounts, where the order names one.
    pub currency: Option<String>,
    /// The order's lines in its own sequence.
    pub lines: Vec<MatrixLine>,
    /// What the documents say in sum: the freight and the taxes of an invoice belong to no line.
    pub total: Stages,
    /// The invoices, each with what was paid for it.
    pub bills: Vec<Bill>,
    /// What documents say about lines that the order does not have, or that could be two.
    pub strays: Vec<Stray>,
    /// The orders as the buyer wants them now.
    #[serde(skip)]
    pub orders: Vec<Order>,
    /// What every figure is the sum of.
    #[serde(skip)]
    pub postings: Vec<Posting>,
}

/// One line of the order.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MatrixLine {
    /// The buyer's line number.
    pub line: String,
    /// The item number that a person would quote.
    pub item: String,
    /// In words.
    pub description: Option<String>,
    /// Unit of the quantities.
    pub unit: String,
    /// What one unit costs by the order.
    pub price: Option<Decimal>,
    /// How much.
    pub quantity: Stages,
    /// The same in money: confirmed at the confirmed price, shipped and received at the order's, invoiced as invoiced.
    pub amount: Stages,
}

/// A step of an order's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// As the buyer first ordered // X12 850
    Ordered,
    /// As the buyer wants it now // X12 850 that replaces, 860
    Changed,
    /// Promised now or later // X12 855
    Confirmed,
    /// Told as shipped // X12 856
    Shipped,
    /// Told as received // X12 861
    Received,
    /// Asked to be paid // X12 810
    Invoiced,
    /// Given back in money // X12 812, 810
    Credited,
    /// Sent back // X12 180
    Returned,
    /// Paid // X12 820
    Paid,
}

/// A figure at each stage of an order's life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Stages {
    /// As first ordered.
    pub ordered: Decimal,
    /// As ordered now.
    pub changed: Decimal,
    /// Promised.
    pub confirmed: Decimal,
    /// Shipped.
    pub shipped: Decimal,
    /// Received.
    pub received: Decimal,
    /// Invoiced.
    pub invoiced: Decimal,
    /// Credited.
    pub credited: Decimal,
    /// Returned.
    pub returned: Decimal,
    /// Paid; a line counts as paid in quantity when its invoice is settled.
    pub paid: Decimal,
}

impl Index<Stage> for Stages {
    type Output = Decimal;

    fn index(&self, stage: Stage) -> &Decimal {
        match stage {
            Stage::Ordered => &self.ordered,
            Stage::Changed => &self.changed,
            Stage::Confirmed => &self.confirmed,
            Stage::Shipped => &self.shipped,
            Stage::Received => &self.received,
            Stage::Invoiced => &self.invoiced,
            Stage::Credited => &self.credited,
            Stage::Returned => &self.returned,
            Stage::Paid => &self.paid,
        }
    }
}

impl IndexMut<Stage> for Stages {
    fn index_mut(&mut self, stage: Stage) -> &mut Decimal {
        match stage {
            Stage::Ordered => &mut self.ordered,
            Stage::Changed => &mut self.changed,
            Stage::Confirmed => &mut self.confirmed,
            Stage::Shipped => &mut self.shipped,
            Stage::Received => &mut self.received,
            Stage::Invoiced => &mut self.invoiced,
            Stage::Credited => &mut self.credited,
            Stage::Returned => &mut self.returned,
            Stage::Paid => &mut self.paid,
        }
    }
}

/// What one document says about one line, or about the order as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Posting {
    /// At which stage.
    pub stage: Stage,
    /// The line, by its place; none for what belongs to no line.
    pub line: Option<usize>,
    /// How much of it.
    pub quantity: Decimal,
    /// The same in money.
    pub amount: Decimal,
    /// The price of one unit that the document names.
    pub price: Option<Decimal>,
    /// The document.
    pub paper: Arc<StoredDocument>,
}

/// Something that could be brought to no line.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Stray {
    /// What of it does not fit.
    pub is: StrayKind,
    /// What says it: `856 SHP0000777`.
    pub label: String,
    /// In words.
    pub message: String,
    /// The document.
    pub document: Id,
}

/// What of a document does not fit its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StrayKind {
    /// The line or the item: the order does not have it, or has it twice.
    Line,
    /// A change of the order.
    Change,
    /// The unit in which it counts.
    Unit,
}

impl std::fmt::Display for Stray {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.label, self.message)
    }
}

/// Lays everything that was told about an order beside it; `None` where the order itself did not come yet.
pub fn matrix(papers: &Papers, cross_references: &CrossReferences) -> Option<Matrix> {
    let mut sheet = Sheet::of(papers, cross_references)?;
    let papers_in_order = in_order(&papers.documents);
    for paper in &papers_in_order {
        sheet.add(paper);
    }
    sheet.settle(bills::account(&papers.po_number, &papers_in_order));
    sheet.matrix.orders = sheet.wanted.into_orders().collect();
    Some(sheet.matrix)
}

/// Whatever came when: by kind, then by what the document says of its own turn and day, then by key. The documents that were taken
/// back are left out, unless they take back an order.
fn in_order(documents: &[Arc<StoredDocument>]) -> Vec<&Arc<StoredDocument>> {
    let is_taken_back = |one: &&Arc<StoredDocument>| one.document.header().purpose == Purpose::Cancel;
    let mut sorted: Vec<&Arc<StoredDocument>> =
        documents.iter().filter(|one| one.document.kind().orders() || !is_taken_back(one)).collect();
    sorted.sort_by_cached_key(|one| turn(one));
    sorted
}

/// What documents are put in order by.
type Turn<'d> = (Kind, Option<(ChangePlace<'d>, Timestamp)>, Option<Date>, Cow<'d, str>, &'d Id);

/// Changes that nobody numbered and dated have their turn as they came.
fn turn(one: &StoredDocument) -> Turn<'_> {
    let (change, written_on) = match &one.document {
        Document::OrderChange(change) => (Some((change.place(), one.at)), None),
        Document::OrderAck(ack) => (None, ack.acknowledged_on),
        _ => (None, None),
    };
    (one.document.kind(), change, written_on, key(&one.document), &one.id)
}

/// The business key of a document; those of which an order has many have their number as such.
fn key(document: &Document) -> Cow<'_, str> {
    match document {
        Document::Shipment(_) | Document::Invoice(_) => Cow::Borrowed(document.number()),
        other => Cow::Owned(other.business_key()),
    }
}

/// A matrix being made.
struct Sheet<'x> {
    matrix: Matrix,
    wanted: Wanted,
    /// How the item of each line is packed.
    packings: Vec<Packing>,
    catalog: Catalog<'x>,
}

impl<'x> Sheet<'x> {
    /// The lines of the order as it was placed, and those that were added later.
    fn of(papers: &Papers, cross_references: &'x CrossReferences) -> Option<Sheet<'x>> {
        let first = papers.originals.first()?;
        let matrix = Matrix {
            po_number: papers.po_number.clone(),
            currency: first.currency.clone(),
            lines: Vec::new(),
            total: Stages::default(),
            bills: Vec::new(),
            strays: Vec::new(),
            orders: Vec::new(),
            postings: Vec::new(),
        };
        let mut sheet =
            Sheet { matrix, wanted: Wanted::default(), packings: Vec::new(), catalog: Catalog::new(cross_references) };
        let mut originals: Vec<&Order> = papers.originals.iter().collect();
        originals.sort_by_cached_key(|order| Document::Order((*order).clone()).business_key());
        for line in originals.into_iter().flat_map(|order| &order.lines) {
            let index = sheet.line_of(line);
            sheet.agree(index, &line.quantity.unit);
            let quantity = line.quantity.value * sheet.factor(index, &line.quantity.unit);
            let entry = &mut sheet.matrix.lines[index];
            entry.quantity.ordered += quantity;
            entry.amount.ordered += line.amount().unwrap_or_default();
            sheet.matrix.total.ordered += line.amount().unwrap_or_default();
        }
        Some(sheet)
    }

    /// The place of an order's line; a new one where it is not known yet. A split order has a line once for every ship-to.
    fn line_of(&mut self, line: &OrderLine) -> usize {
        if let Found::Line(index) = self.catalog.find(Some(&line.line), &line.item) {
            let same_number = self.matrix.lines[index].line == line.line;
            if same_number {
                self.packings[index] = self.packings[index].and(Packing::of(line.pack, line.inner_pack));
                return index;
            }
        }
        self.packings.push(Packing::of(line.pack, line.inner_pack).and(self.catalog.packing(&line.item)));
        self.catalog.add(&line.line, &line.item);
        self.matrix.lines.push(MatrixLine {
            line: line.line.clone(),
            item: line.item.label().to_owned(),
            description: line.description.clone(),
            unit: line.quantity.unit.clone(),
            price: line.price.as_ref().map(|price| price.amount),
            quantity: Stages::default(),
            amount: Stages::default(),
        });
        self.matrix.lines.len() - 1
    }

    fn add(&mut self, paper: &Arc<StoredDocument>) {
        match &paper.document {
            Document::Order(order) => self.add_order(paper, order),
            Document::OrderChange(change) => self.add_change(paper, change),
            Document::OrderAck(ack) => self.add_acknowledgment(paper, ack),
            Document::Shipment(shipment) => self.add_shipment(paper, shipment),
            Document::Invoice(invoice) => self.add_invoice(paper, invoice),
            Document::Receipt(receipt) => self.add_receipt(paper, receipt),
            Document::CreditDebit(memo) => self.add_memo(paper, memo),
            Document::Return(returned) => self.add_return(paper, returned),
            // Payments pay invoices, not lines; the account knows them. What an application or a person says is no goods and no money.
            Document::Remittance(_)
            | Document::ApplicationAdvice(_)
            | Document::TextMessage(_)
            | Document::Inventory(_)
            | Document::Settlement(_) => {}
        }
    }

    fn post(&mut self, posting: Posting) {
        let Posting { stage, line, quantity, amount, .. } = posting;
        if let Some(line) = line.and_then(|line| self.matrix.lines.get_mut(line)) {
            line.quantity[stage] += quantity;
            line.amount[stage] += amount;
        }
        self.matrix.total[stage] += amount;
        self.matrix.postings.push(posting);
    }

    /// A posting of a document, to be filled.
    fn posting(paper: &Arc<StoredDocument>, stage: Stage, line: Option<usize>) -> Posting {
        let paper = Arc::clone(paper);
        Posting { stage, line, quantity: Decimal::ZERO, amount: Decimal::ZERO, price: None, paper }
    }

    /// The line that a document means, or a stray.
    fn find(&mut self, paper: &Arc<StoredDocument>, line: Option<&str>, item: &ItemIds) -> Option<usize> {
        let message = match self.catalog.find(line, item) {
            Found::Line(index) => return Some(index),
            Found::Conflict(message) => message,
            Found::Nowhere => match line {
                Some(line) => format!("line {line}, item {} is not in the order", item.label()),
                None => format!("item {} is not in the order", item.label()),
            },
        };
        self.stray(StrayKind::Line, paper, message);
        None
    }

    fn stray(&mut self, is: StrayKind, paper: &Arc<StoredDocument>, message: String) {
        let stray = Stray { is, label: paper.document.label(), message, document: paper.id.clone() };
        let mut of_paper = self.matrix.strays.iter().rev().take_while(|known| known.document == paper.id);
        if !of_paper.any(|known| *known == stray) {
            self.matrix.strays.push(stray);
        }
    }

    fn price(&self, line: usize) -> Decimal {
        self.matrix.lines[line].price.unwrap_or_default()
    }

    /// The order as its latest revision says; nothing of it where it was cancelled.
    fn add_order(&mut self, paper: &Arc<StoredDocument>, order: &Order) {
        if order.header.purpose == Purpose::Cancel {
            return;
        }
        self.wanted.place(order.clone(), paper.at);
        for line in &order.lines {
            self.post_wanted(paper, None, line);
        }
    }

    /// What a change of the order adds to what was wanted before it, or takes from it.
    fn add_change(&mut self, paper: &Arc<StoredDocument>, change: &OrderChange) {
        let lines = |wanted: &Wanted| wanted.orders().map(|order| order.lines.clone()).collect::<Vec<_>>();
        let before = lines(&self.wanted);
        let untold = self.wanted.apply(change, paper.at);
        for (of_order, was) in lines(&self.wanted).iter().zip(&before) {
            for (place, line) in of_order.iter().enumerate() {
                let was = was.get(place);
                if was != Some(line) {
                    self.post_wanted(paper, was, line);
                }
            }
        }
        if !untold.is_empty() {
            self.stray(StrayKind::Change, paper, untold.join("; "));
        }
    }

    /// By how much a document changes what is wanted of a line.
    fn post_wanted(&mut self, paper: &Arc<StoredDocument>, was: Option<&OrderLine>, line: &OrderLine) {
        let index = self.line_of(line);
        let Some(per_unit) = self.per_unit(paper, index, &line.quantity.unit) else { return };
        let before = match was {
            Some(was) if self.agree(index, &was.quantity.unit) => {
                was.quantity.value * self.factor(index, &was.quantity.unit)
            }
            _ => Decimal::ZERO,
        };
        let price = line.price.as_ref().map(|price| price.amount / per_unit);
        self.matrix.lines[index].price = price;
        let amount_of = |line: &OrderLine| line.amount().unwrap_or_default();
        let amount = amount_of(line) - was.map(amount_of).unwrap_or_default();
        let quantity = line.quantity.value * per_unit - before;
        let posting = Self::posting(paper, Stage::Changed, Some(index));
        self.post(Posting { quantity, amount, price, ..posting });
    }

    fn add_acknowledgment(&mut self, paper: &Arc<StoredDocument>, ack: &OrderAck) {
        let mut answered = Vec::new();
        for line in &ack.lines {
            let Some(index) = self.find(paper, line.line.as_deref(), &line.item) else { continue };
            if !answered.contains(&index) {
                answered.push(index);
                self.forget_confirmed(index);
            }
            let promised = line.outcomes.iter().filter(|outcome| outcome.status.promises_goods());
            let counted: Vec<Decimal> =
                promised.filter_map(|outcome| self.count(paper, index, &outcome.quantity)).collect();
            let unit = line.ordered.as_ref().or(line.outcomes.first().map(|outcome| &outcome.quantity));
            let per_unit = unit.map_or(Decimal::ONE, |quantity| self.factor(index, &quantity.unit));
            let quantity: Decimal = counted.iter().sum();
            let named = line.price.as_ref().map(|price| price.amount / per_unit);
            let amount = cents(quantity * named.unwrap_or_else(|| self.price(index)));
            let posting = Self::posting(paper, Stage::Confirmed, Some(index));
            self.post(Posting { quantity, amount, price: named, ..posting });
        }
    }

    /// A later acknowledgment of a line replaces what an earlier one promised.
    fn forget_confirmed(&mut self, index: usize) {
        let line = &mut self.matrix.lines[index];
        self.matrix.total.confirmed -= line.amount.confirmed;
        (line.quantity.confirmed, line.amount.confirmed) = (Decimal::ZERO, Decimal::ZERO);
        self.matrix.postings.retain(|posting| posting.stage != Stage::Confirmed || posting.line != Some(index));
    }

    fn add_shipment(&mut self, paper: &Arc<StoredDocument>, shipment: &Shipment) {
        let of_this_order = |part: &&ShippedOrder| part.po_number == self.matrix.po_number;
        let parts: Vec<&ShippedOrder> = shipment.orders.iter().filter(of_this_order).collect();
        for item in parts.into_iter().flat_map(ShippedOrder::all_items) {
            let Some(index) = self.find(paper, item.line.as_deref(), &item.item) else { continue };
            self.post_goods(paper, Stage::Shipped, index, &item.quantity);
        }
    }

    /// Goods are worth what the order says.
    fn post_goods(&mut self, paper: &Arc<StoredDocument>, stage: Stage, line: usize, quantity: &Quantity) {
        let Some(quantity) = self.count(paper, line, quantity) else { return };
        let amount = cents(quantity * self.price(line));
        let posting = Self::posting(paper, stage, Some(line));
        self.post(Posting { quantity, amount, ..posting });
    }

    fn add_receipt(&mut self, paper: &Arc<StoredDocument>, receipt: &Receipt) {
        for line in &receipt.lines {
            let order = receipt.po_number_of(line);
            if order.is_some_and(|order| order != self.matrix.po_number) {
                continue;
            }
            let Some(index) = self.find(paper, line.line.as_deref(), &line.item) else { continue };
            self.post_goods(paper, Stage::Received, index, &line.received);
        }
    }

    fn add_return(&mut self, paper: &Arc<StoredDocument>, returned: &Return) {
        for line in &returned.lines {
            let order = line.po_number.as_ref().or(returned.po_number.as_ref());
            if order.is_some_and(|order| *order != self.matrix.po_number) {
                continue;
            }
            let Some(index) = self.find(paper, line.line.as_deref(), &line.item) else { continue };
            self.post_goods(paper, Stage::Returned, index, &line.quantity);
        }
    }

    /// An invoice counts whole, a credit as one; what stands on no line is posted to none.
    fn add_invoice(&mut self, paper: &Arc<StoredDocument>, invoice: &Invoice) {
        let stage = match invoice.sense {
            InvoiceSense::Debit => Stage::Invoiced,
            InvoiceSense::Credit => Stage::Credited,
        };
        let mut rest = invoice.amount();
        for line in &invoice.lines {
            let Some(index) = self.find(paper, line.line.as_deref(), &line.item) else { continue };
            let Some(per_unit) = self.per_unit(paper, index, &line.quantity.unit) else { continue };
            let posting = Self::posting(paper, stage, Some(index));
            let (quantity, amount) = (line.quantity.value * per_unit, line.amount());
            rest -= amount;
            self.post(Posting { quantity, amount, price: Some(line.price.amount / per_unit), ..posting });
        }
        if !rest.is_zero() {
            let posting = Self::posting(paper, stage, None);
            self.post(Posting { amount: rest, ..posting });
        }
    }

    fn add_memo(&mut self, paper: &Arc<StoredDocument>, memo: &CreditDebit) {
        let po_number = self.matrix.po_number.clone();
        let mut rest = bills::credited_by(paper, memo, &po_number);
        let sign = if rest.is_sign_negative() { Decimal::NEGATIVE_ONE } else { Decimal::ONE };
        for line in &memo.lines {
            let is_of_another = line.po_number.as_ref().is_some_and(|order| *order != po_number);
            let (Some(quantity), false) = (&line.quantity, line.item.is_empty() || is_of_another) else { continue };
            let Some(index) = self.find(paper, line.line.as_deref(), &line.item) else { continue };
            let Some(quantity) = self.count(paper, index, quantity) else { continue };
            let amount = sign * bills::worth(memo, line).unwrap_or_default();
            rest -= amount;
            let posting = Self::posting(paper, Stage::Credited, Some(index));
            self.post(Posting { quantity: sign * quantity, amount, ..posting });
        }
        if !rest.is_zero() {
            let posting = Self::posting(paper, Stage::Credited, None);
            self.post(Posting { amount: rest, ..posting });
        }
    }

    /// What was paid for an invoice is spread over its lines by their amounts; the cent that is left over belongs to none.
    fn settle(&mut self, account: Account) {
        let invoiced: Vec<Posting> =
            self.matrix.postings.iter().filter(|posting| posting.stage == Stage::Invoiced).cloned().collect();
        // Each invoice was posted at once.
        let invoices = invoiced.chunk_by(|one, other| one.paper.id == other.paper.id);
        let invoices: HashMap<&Id, &[Posting]> = invoices.map(|of_one| (&of_one[0].paper.id, of_one)).collect();
        for bill in &account.bills {
            let Some(invoiced) = invoices.get(&bill.document) else { continue };
            let mut rest = bill.paid;
            for posting in invoiced.iter().filter(|posting| posting.line.is_some()) {
                let share = match bill.amount.is_zero() {
                    true => Decimal::ZERO,
                    false => cents(bill.paid * posting.amount / bill.amount),
                };
                let quantity = if bill.is_settled() { posting.quantity } else { Decimal::ZERO };
                rest -= share;
                self.post(Posting { stage: Stage::Paid, quantity, amount: share, price: None, ..posting.clone() });
            }
            if !rest.is_zero() {
                let posting = Self::posting(&invoiced[0].paper, Stage::Paid, None);
                self.post(Posting { amount: rest, ..posting });
            }
        }
        for (paper, amount) in &account.loose_payments {
            let posting = Self::posting(paper, Stage::Paid, None);
            self.post(Posting { amount: *amount, ..posting });
        }
        self.matrix.bills = account.bills;
    }
}

#[cfg(test)]
mod tests;
