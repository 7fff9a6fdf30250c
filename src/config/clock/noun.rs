//! What a rule may speak of, by the words of a partner file: moments, figures, fields, numbers that must be unique, answers.
//!
//! ```text
//! within = "60 min"  of = "departure"        a Moment
//! limit  = "shipped" at_most = "ordered"     two Figures
//! same   = ["unit price", "unit"]            Fields
//! ```

use serde::{Deserialize, Serialize};

use super::Fault;

/// Something that happens to an order, or is planned for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// The order came in // X12 850
    Order,
    /// Our functional acknowledgment of it was delivered // X12 997
    Acknowledgment,
    /// Our answer to it was delivered // X12 855
    Confirmation,
    /// The ship notice was delivered // X12 856
    ShipNotice,
    /// The partner has the ship notice: its receipt says so.
    ShipNoticeReceived,
    /// The invoice was delivered // X12 810
    Invoice,
    /// The partner has the invoice.
    InvoiceReceived,
    /// The payment was advised // X12 820
    Payment,
    /// The goods left.
    Departure,
    /// The goods were delivered.
    Delivery,
    /// The goods should arrive.
    Arrival,
    /// The goods should leave, and not before.
    ShipDate,
    /// After this day the order is void.
    CancelDate,
}

/// What a moment is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// A document passed: it may do so more than once, and the first time meets a deadline.
    Document,
    /// Something happened to the goods, as was told last.
    Event,
    /// Something should happen, as was told last.
    Plan,
}

/// The word of the file, the word for people, the nature.
const MOMENTS: [(Moment, &str, &str, Nature); 13] = [
    (Moment::Order, "850", "order", Nature::Document),
    (Moment::Acknowledgment, "997", "997", Nature::Document),
    (Moment::Confirmation, "855", "order acknowledgment", Nature::Document),
    (Moment::ShipNotice, "856", "ASN", Nature::Document),
    (Moment::ShipNoticeReceived, "856 received", "ASN receipt", Nature::Document),
    (Moment::Invoice, "810", "invoice", Nature::Document),
    (Moment::InvoiceReceived, "810 received", "invoice receipt", Nature::Document),
    (Moment::Payment, "820", "payment", Nature::Document),
    (Moment::Departure, "departure", "departure", Nature::Event),
    (Moment::Delivery, "delivery", "delivery", Nature::Event),
    (Moment::Arrival, "arrival", "planned arrival", Nature::Plan),
    (Moment::ShipDate, "ship date", "ship date", Nature::Plan),
    (Moment::CancelDate, "cancel date", "cancel date", Nature::Plan),
];

impl Moment {
    /// Reads a moment that stands under a key.
    pub fn parse(key: &'static str, text: &str) -> Result<Moment, Fault> {
        super::word(key, text, &MOMENTS.map(|(moment, word, ..)| (word, moment)))
    }

    /// Reads a moment that is the passing of a document.
    pub fn parse_document(key: &'static str, text: &str) -> Result<Moment, Fault> {
        let documents = MOMENTS.iter().filter(|(.., nature)| *nature == Nature::Document);
        super::word(key, text, &documents.map(|(moment, word, ..)| (*word, *moment)).collect::<Vec<_>>())
    }

    /// As people say it.
    pub fn name(self) -> &'static str {
        self.row().2
    }

    /// What it is made of.
    pub fn nature(self) -> Nature {
        self.row().3
    }

    fn row(self) -> &'static (Moment, &'static str, &'static str, Nature) {
        // The table is in the order of the enum, which a test keeps.
        &MOMENTS[self as usize]
    }
}

/// A quantity or an amount of the order's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Units ordered.
    Ordered,
    /// Units that we promised.
    Confirmed,
    /// Units shipped.
    Shipped,
    /// Units that the partner received.
    Received,
    /// Units invoiced.
    Invoiced,
    /// Cartons in the shipment.
    Cartons,
    /// Cartons that the ship notice names, each by its own number.
    Packs,
    /// Cases in the shipment.
    Cases,
    /// Different items.
    Items,
    /// Value of the order.
    OrderAmount,
    /// Value of what was shipped, at the order's prices.
    ShippedAmount,
    /// Total of the invoice.
    InvoiceAmount,
    /// What was paid.
    PaidAmount,
}

const FIGURES: [(&str, Figure); 13] = [
    ("ordered", Figure::Ordered),
    ("confirmed", Figure::Confirmed),
    ("shipped", Figure::Shipped),
    ("received", Figure::Received),
    ("invoiced", Figure::Invoiced),
    ("cartons", Figure::Cartons),
    ("packs", Figure::Packs),
    ("cases", Figure::Cases),
    ("items", Figure::Items),
    ("order amount", Figure::OrderAmount),
    ("shipped amount", Figure::ShippedAmount),
    ("invoice amount", Figure::InvoiceAmount),
    ("paid amount", Figure::PaidAmount),
];

impl Figure {
    /// Reads a figure that stands under a key.
    pub fn parse(key: &'static str, text: &str) -> Result<Figure, Fault> {
        super::word(key, text, &FIGURES)
    }

    /// As the file and people say it.
    pub fn name(self) -> &'static str {
        FIGURES[self as usize].0
    }

    /// What to reckon with as long as it is not known: what was promised stands in for what was done.
    pub fn stand_in(self) -> Option<Figure> {
        match self {
            Figure::Invoiced => Some(Figure::Shipped),
            Figure::Shipped => Some(Figure::Confirmed),
            Figure::Confirmed => Some(Figure::Ordered),
            Figure::Cartons => Some(Figure::Packs),
            Figure::InvoiceAmount => Some(Figure::ShippedAmount),
            Figure::ShippedAmount => Some(Figure::OrderAmount),
            Figure::Ordered
            | Figure::Received
            | Figure::Packs
            | Figure::Cases
            | Figure::Items
            | Figure::OrderAmount
            | Figure::PaidAmount => None,
        }
    }
}

/// Something that a document says, in its head or on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The buyer's order number.
    PoNumber,
    /// Store or ship-to.
    Store,
    /// Item number.
    Item,
    /// GTIN or UPC.
    Barcode,
    /// Quantity of a line.
    Quantity,
    /// Its unit of measure.
    Unit,
    /// Price of a unit.
    UnitPrice,
    /// Units in the vendor's case.
    CasePack,
    /// Department.
    Department,
    /// Vendor number.
    VendorNumber,
    /// Number of the shipment.
    ShipmentId,
    /// Bill of lading.
    BillOfLading,
    /// The carrier's own number.
    ProNumber,
    /// Trailer.
    Trailer,
    /// Seal.
    Seal,
}

const FIELDS: [(&str, Field); 15] = [
    ("po number", Field::PoNumber),
    ("store", Field::Store),
    ("item", Field::Item),
    ("barcode", Field::Barcode),
    ("quantity", Field::Quantity),
    ("unit", Field::Unit),
    ("unit price", Field::UnitPrice),
    ("case pack", Field::CasePack),
    ("department", Field::Department),
    ("vendor number", Field::VendorNumber),
    ("shipment id", Field::ShipmentId),
    ("bill of lading", Field::BillOfLading),
    ("pro number", Field::ProNumber),
    ("trailer", Field::Trailer),
    ("seal", Field::Seal),
];

impl Field {
    /// Reads a field that stands under a key.
    pub fn parse(key: &'static str, text: &str) -> Result<Field, Fault> {
        super::word(key, text, &FIELDS)
    }

    /// As the file and people say it.
    pub fn name(self) -> &'static str {
        FIELDS[self as usize].0
    }
}

/// A number that may not come twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Number {
    /// Of a carton or pallet.
    Sscc,
    /// Of an invoice.
    Invoice,
    /// Of a shipment.
    Shipment,
    /// An order number together with its ship-to.
    OrderAndShipTo,
}

const NUMBERS: [(&str, Number); 4] = [
    ("sscc", Number::Sscc),
    ("invoice number", Number::Invoice),
    ("shipment id", Number::Shipment),
    ("po number and ship-to", Number::OrderAndShipTo),
];

impl Number {
    /// Reads a kind of number that stands under a key.
    pub fn parse(key: &'static str, text: &str) -> Result<Number, Fault> {
        super::word(key, text, &NUMBERS)
    }

    /// As the file and people say it.
    pub fn name(self) -> &'static str {
        NUMBERS[self as usize].0
    }
}

/// By what a partner says what it thinks of a document of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answerer {
    /// TA1.
    Interchange,
    /// 997.
    Functional,
    /// 999.
    Implementation,
    /// 824.
    Application,
    /// 864, a text.
    Text,
}

const ANSWERERS: [(&str, Answerer); 5] = [
    ("TA1", Answerer::Interchange),
    ("997", Answerer::Functional),
    ("999", Answerer::Implementation),
    ("824", Answerer::Application),
    ("864", Answerer::Text),
];

impl Answerer {
    /// Reads an answer that stands under a key.
    pub fn parse(key: &'static str, text: &str) -> Result<Answerer, Fault> {
        super::word(key, text, &ANSWERERS)
    }

    /// As the file and people say it.
    pub fn name(self) -> &'static str {
        ANSWERERS[self as usize].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_what_it_names() {
        for (moment, word, name, nature) in MOMENTS {
            assert_eq!(Moment::parse("of", word), Ok(moment));
            assert_eq!((moment.name(), moment.nature()), (name, nature));
        }
        FIGURES.iter().for_each(|(word, figure)| assert_eq!(figure.name(), *word));
        FIELDS.iter().for_each(|(word, field)| assert_eq!(field.name(), *word));
        NUMBERS.iter().for_each(|(word, number)| assert_eq!(number.name(), *word));
        ANSWERERS.iter().for_each(|(word, answerer)| assert_eq!(answerer.name(), *word));
    }

    #[test]
    fn a_word_that_is_none_names_the_nearest() {
        assert_eq!(
            Figure::parse("limit", "shiped").unwrap_err().to_string(),
            "limit: \"shiped\" is no word that it knows\n  expected one of ordered, confirmed, shipped, received, \
             invoiced, cartons, packs, cases, items, order amount, shipped amount, invoice amount, paid amount\n  \
             hint: did you mean \"shipped\"?"
        );
        assert_eq!(Moment::parse("of", "857").unwrap_err().hint, None);
        assert!(Moment::parse_document("same_as", "departure").is_err());
    }
}
