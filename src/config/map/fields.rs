//! The canonical fields that a map can name, per kind of document: one table for both directions.
//!
//! A field has a short singular name, the scope that it belongs to (document, line, carton …), its place in
//! the canonical JSON of that scope, and a type. The same table reads, writes, and finds the nearest name.
//!
//! ```text
//! carton.item.gtin   scope carton.item   place item.gtin       a GTIN
//! ship_to.city       scope document      place parties[role=ship_to].address.city
//! ```

use crate::document::Kind;

/// A level of a document that repeats; the first of each kind is the document itself.
#[derive(Debug)]
pub struct Scope {
    /// Its name under `[repeat]`.
    pub name: &'static str,
    /// The list that holds it in the canonical JSON of its parent.
    pub list: &'static str,
    /// What may hold it, nearest first.
    pub parents: &'static [usize],
    /// A member that tells it from others in the same list.
    pub mark: Option<(&'static str, &'static str)>,
    /// Whether a document must have one, and how rows of a CSV file make one.
    pub role: ScopeRole,
}

/// What part a scope plays in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeRole {
    /// Every document has at least one.
    Needed,
    /// A level that may be left out: what is in it then belongs to what holds it.
    Level,
    /// Beside the levels, such as a charge; a CSV file has at most one, in every row.
    Beside,
}

const fn scope(name: &'static str, list: &'static str, parents: &'static [usize], role: ScopeRole) -> Scope {
    Scope { name, list, parents, mark: None, role }
}

const fn adjustment(name: &'static str) -> Scope {
    Scope { name, list: "adjustments", parents: &[0], mark: Some(("is", name)), role: ScopeRole::Beside }
}

use ScopeRole::{Beside, Level, Needed};

static ORDER: [Scope; 5] = [
    scope("document", "", &[], Needed),
    scope("line", "lines", &[0], Needed),
    scope("line.allocation", "allocations", &[1], Level),
    adjustment("allowance"),
    adjustment("charge"),
];
static ORDER_ACK: [Scope; 3] = [
    scope("document", "", &[], Needed),
    scope("line", "lines", &[0], Needed),
    scope("line.outcome", "outcomes", &[1], Needed),
];
static SHIPMENT: [Scope; 5] = [
    scope("document", "", &[], Needed),
    scope("order", "orders", &[0], Needed),
    scope("pallet", "pallets", &[1], Level),
    scope("carton", "cartons", &[2, 1], Level),
    scope("carton.item", "items", &[3, 1], Needed),
];
static INVOICE: [Scope; 5] = [
    scope("document", "", &[], Needed),
    scope("line", "lines", &[0], Needed),
    adjustment("allowance"),
    adjustment("charge"),
    scope("tax", "taxes", &[0], Beside),
];

static SETTLEMENT: [Scope; 2] = [scope("document", "", &[], Needed), scope("entry", "entries", &[0], Level)];

/// The scopes of a kind, outermost first.
pub fn scopes(kind: Kind) -> &'static [Scope] {
    match kind {
        Kind::Order => &ORDER,
        Kind::OrderAck => &ORDER_ACK,
        Kind::Shipment => &SHIPMENT,
        Kind::Invoice => &INVOICE,
        Kind::Settlement => &SETTLEMENT,
    }
}

/// What a field's text must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// Any text.
    Text,
    /// A decimal number.
    Decimal,
    /// A whole number from 0.
    Integer,
    /// A day.
    Date,
    /// A day and a local time.
    DateTime,
    /// An item number of GS1.
    Gtin,
    /// A container number of GS1.
    Sscc,
    /// One of these words.
    Code(&'static [&'static str]),
}

/// Whether a map, and every instance of the scope, must have a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// No.
    Optional,
    /// Yes.
    Required,
    /// One of the fields of the scope with this need.
    OneOf,
}

/// A canonical field.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name in maps.
    pub name: String,
    /// Its scope, by index in [`scopes`].
    pub scope: usize,
    /// Its place in the canonical JSON of the scope.
    pub place: String,
    /// What its text must be.
    pub value: ValueType,
    /// Whether it must be there.
    pub need: Need,
    /// It tells instances of its scope apart.
    pub key: bool,
    /// The field that says of what it counts.
    pub unit: Option<String>,
    /// What stands beside it when the map does not say: a place and a word.
    pub beside: Option<(String, &'static str)>,
}

impl Field {
    fn required(mut self) -> Field {
        self.need = Need::Required;
        self
    }

    fn key(mut self) -> Field {
        self.key = true;
        self
    }

    fn one_of(mut self) -> Field {
        self.need = Need::OneOf;
        self
    }
}

/// Every field of a kind.
pub fn fields(kind: Kind) -> Vec<Field> {
    match kind {
        Kind::Order => order(),
        Kind::OrderAck => order_ack(),
        Kind::Shipment => shipment(),
        Kind::Invoice => invoice(),
        Kind::Settlement => settlement(),
    }
}

fn field(scope: usize, name: &str, place: &str, value: ValueType) -> Field {
    Field {
        name: name.to_owned(),
        scope,
        place: place.to_owned(),
        value,
        need: Need::Optional,
        key: false,
        unit: None,
        beside: None,
    }
}

fn text(scope: usize, name: &str, place: &str) -> Field {
    field(scope, name, place, ValueType::Text)
}

/// A counted or measured value and its unit.
fn measured(scope: usize, name: &str, unit: &str, place: &str) -> [Field; 2] {
    let mut value = field(scope, name, &format!("{place}.value"), ValueType::Decimal);
    value.unit = Some(unit.to_owned());
    [value, text(scope, unit, &format!("{place}.unit"))]
}

fn header() -> Vec<Field> {
    const PURPOSES: &[&str] = &["original", "cancel", "change", "replace", "duplicate"];
    vec![
        text(0, "partner", "partner"),
        field(0, "purpose", "purpose", ValueType::Code(PURPOSES)),
        text(0, "note", "notes[0]"),
    ]
}

fn references(scope: usize, names: &[&str]) -> Vec<Field> {
    names.iter().map(|name| text(scope, name, &format!("references[is={name}].value"))).collect()
}

fn dates(names: &[&str]) -> Vec<Field> {
    names.iter().map(|name| field(0, name, &format!("dates[is={name}].on"), ValueType::Date)).collect()
}

fn party(scope: usize, role: &str) -> Vec<Field> {
    const ISSUERS: &[&str] = &["gln", "duns", "buyer", "seller"];
    let place = |rest: &str| format!("parties[role={role}].{rest}");
    let ours = matches!(role, "supplier" | "ship_from" | "remit_to");
    let mut code = text(scope, &format!("{role}.code"), &place("code.value"));
    code.beside = Some((place("code.by"), if ours { "seller" } else { "buyer" }));
    let issuer = field(scope, &format!("{role}.code_by"), &place("code.by"), ValueType::Code(ISSUERS));
    let mut all = vec![code, issuer, text(scope, &format!("{role}.name"), &place("name"))];
    for (name, rest) in [
        ("street", "address.lines[0]"),
        ("street_2", "address.lines[1]"),
        ("city", "address.city"),
        ("state", "address.state"),
        ("postal_code", "address.postal_code"),
        ("country", "address.country"),
    ] {
        all.push(text(scope, &format!("{role}.{name}"), &place(rest)));
    }
    all
}

fn carrier() -> Vec<Field> {
    vec![
        text(0, "carrier.scac", "carrier.scac"),
        text(0, "carrier.name", "carrier.name"),
        text(0, "carrier.mode", "carrier.mode"),
    ]
}

fn terms() -> Vec<Field> {
    use ValueType::{Date, Decimal, Integer, Text};
    [
        ("discount_percent", Decimal),
        ("discount_days", Integer),
        ("discount_due", Date),
        ("discount_amount", Decimal),
        ("net_days", Integer),
        ("net_due", Date),
        ("basis", Text),
        ("kind", Text),
        ("description", Text),
    ]
    .into_iter()
    .map(|(name, value)| field(0, &format!("terms.{name}"), &format!("terms.{name}"), value))
    .collect()
}

fn adjustments(scope: usize, name: &str) -> Vec<Field> {
    vec![
        text(scope, &format!("{name}.code"), "code"),
        field(scope, &format!("{name}.amount"), "amount", ValueType::Decimal),
        field(scope, &format!("{name}.percent"), "percent", ValueType::Decimal),
        text(scope, &format!("{name}.description"), "description"),
    ]
}

/// The numbers of an item; one of them must be there, or the line where the order is known.
fn item(scope: usize, prefix: &str) -> Vec<Field> {
    let name = |rest: &str| format!("{prefix}.{rest}");
    vec![
        field(scope, &name("gtin"), "item.gtin", ValueType::Gtin).one_of().key(),
        text(scope, &name("buyer_item"), "item.buyer").one_of().key(),
        text(scope, &name("vendor_item"), "item.vendor").one_of().key(),
        text(scope, &name("sku"), "item.sku").one_of().key(),
        text(scope, &name("description"), "description"),
    ]
}

fn quantity(scope: usize, prefix: &str) -> Vec<Field> {
    let [value, unit] = measured(scope, &format!("{prefix}.quantity"), &format!("{prefix}.unit"), "quantity");
    vec![value.required(), unit]
}

fn price(prefix: &str) -> [Field; 2] {
    [
        field(1, &format!("{prefix}.price"), "price.amount", ValueType::Decimal),
        text(1, &format!("{prefix}.price_basis"), "price.basis"),
    ]
}

const WINDOWS: &[&str] = &[
    "requested_ship",
    "ship_not_before",
    "ship_not_after",
    "requested_delivery",
    "deliver_not_before",
    "deliver_not_after",
    "cancel_after",
];

fn order() -> Vec<Field> {
    const TYPES: &[&str] = &["stand_alone", "new", "drop_ship", "release", "blanket", "rush"];
    let mut all = vec![
        text(0, "po_number", "po_number").required(),
        text(0, "release", "release"),
        field(0, "order_type", "order_type", ValueType::Code(TYPES)),
        field(0, "ordered_on", "ordered_on", ValueType::Date).required(),
        text(0, "currency", "currency"),
        text(0, "freight_payment", "freight_payment"),
    ];
    all.extend(header());
    all.extend(references(0, &["department", "vendor_number", "promotion", "contract", "merchandise_type", "store"]));
    all.extend(references(0, &["customer_order"]));
    all.extend(dates(WINDOWS));
    for role in ["buyer", "ship_to", "bill_to", "ship_from", "supplier", "mark_for"] {
        all.extend(party(0, role));
    }
    all.extend(carrier());
    all.extend(terms());
    all.push(text(1, "line.line", "line").required().key());
    all.extend(item(1, "line"));
    all.extend(quantity(1, "line"));
    all.extend(price("line"));
    all.push(field(1, "line.pack", "pack", ValueType::Decimal));
    all.push(text(2, "line.allocation.location", "location").required());
    all.extend(quantity(2, "line.allocation"));
    all.extend(adjustments(3, "allowance"));
    all.extend(adjustments(4, "charge"));
    all
}

fn order_ack() -> Vec<Field> {
    const VERDICTS: &[&str] = &["accepted", "accepted_with_changes", "rejected"];
    const STATUSES: &[&str] =
        &["accepted", "quantity_changed", "price_changed", "date_changed", "substituted", "backordered", "rejected"];
    let mut all = vec![
        text(0, "po_number", "po_number").required(),
        text(0, "release", "release"),
        field(0, "ordered_on", "ordered_on", ValueType::Date),
        text(0, "seller_order_number", "seller_order_number"),
        field(0, "acknowledged_on", "acknowledged_on", ValueType::Date),
        field(0, "verdict", "verdict", ValueType::Code(VERDICTS)),
        field(0, "ships_on", "dates[is=planned_ship].on", ValueType::Date),
        field(0, "delivers_on", "dates[is=planned_delivery].on", ValueType::Date),
    ];
    all.extend(header());
    all.extend(references(0, &["department", "vendor_number"]));
    all.extend(party(0, "ship_to"));
    all.push(text(1, "line.line", "line").one_of().key());
    all.extend(item(1, "line"));
    all.extend(measured(1, "line.ordered_quantity", "line.ordered_unit", "ordered"));
    all.extend(price("line"));
    all.push(field(2, "line.status", "status", ValueType::Code(STATUSES)).required());
    all.extend(quantity(2, "line"));
    all.push(field(2, "line.ships_on", "ships_on", ValueType::Date));
    all
}

fn shipment() -> Vec<Field> {
    let mut all = vec![
        text(0, "shipment_id", "shipment_id").required(),
        field(0, "shipped_at", "shipped_at", ValueType::DateTime),
        field(0, "arrives_on", "arrives_on", ValueType::Date),
        text(0, "freight_payment", "freight_payment"),
        text(0, "bill_of_lading", "bill_of_lading"),
        text(0, "carrier_reference", "carrier_reference"),
        text(0, "trailer", "trailer"),
        text(0, "seal", "seal"),
    ];
    all.extend(header());
    all.extend(carrier());
    all.extend(measured(0, "weight", "weight_unit", "weight"));
    all.extend(references(0, &["tracking", "packing_list", "appointment"]));
    for role in ["ship_to", "ship_from"] {
        all.extend(party(0, role));
    }
    all.push(text(1, "po_number", "po_number").required().key());
    all.push(text(1, "release", "release").key());
    all.push(field(1, "ordered_on", "ordered_on", ValueType::Date));
    all.extend(references(1, &["department", "vendor_number", "store"]));
    for role in ["buyer", "mark_for"] {
        all.extend(party(1, role));
    }
    all.push(field(2, "pallet.sscc", "sscc", ValueType::Sscc).key());
    all.push(text(2, "pallet.number", "number").key());
    all.push(field(3, "carton.sscc", "sscc", ValueType::Sscc).key());
    all.push(text(3, "carton.number", "number").key());
    all.push(text(3, "carton.tracking", "tracking").key());
    all.extend(measured(3, "carton.weight", "carton.weight_unit", "weight"));
    all.push(text(4, "carton.item.line", "line").one_of().key());
    all.extend(item(4, "carton.item"));
    all.extend(quantity(4, "carton.item"));
    all.extend(measured(4, "carton.item.ordered_quantity", "carton.item.ordered_unit", "ordered"));
    all.push(text(4, "carton.item.lot", "lot"));
    all
}

fn invoice() -> Vec<Field> {
    let mut all = vec![
        text(0, "invoice_number", "invoice_number").required(),
        field(0, "sense", "sense", ValueType::Code(&["debit", "credit"])),
        field(0, "invoiced_on", "invoiced_on", ValueType::Date).required(),
        text(0, "po_number", "po_number"),
        field(0, "ordered_on", "ordered_on", ValueType::Date),
        text(0, "shipment_id", "shipment_id"),
        text(0, "bill_of_lading", "bill_of_lading"),
        text(0, "currency", "currency"),
        field(0, "total", "stated_amount", ValueType::Decimal),
        field(0, "shipped_on", "dates[is=shipped].on", ValueType::Date),
    ];
    all.extend(header());
    all.extend(references(0, &["department", "vendor_number"]));
    all.extend(carrier());
    all.extend(terms());
    all.extend(measured(0, "weight", "weight_unit", "weight"));
    for role in ["buyer", "ship_to", "bill_to", "ship_from", "supplier", "remit_to"] {
        all.extend(party(0, role));
    }
    all.push(text(1, "line.line", "line").one_of().key());
    all.extend(item(1, "line"));
    all.extend(quantity(1, "line"));
    let [amount, basis] = price("line");
    all.extend([amount.required(), basis]);
    all.extend(adjustments(2, "allowance"));
    all.extend(adjustments(3, "charge"));
    all.push(text(4, "tax.code", "code").required());
    all.push(field(4, "tax.amount", "amount", ValueType::Decimal));
    all.push(field(4, "tax.percent", "percent", ValueType::Decimal));
    all
}

fn settlement() -> Vec<Field> {
    let mut all = vec![
        text(0, "settlement_id", "settlement_id").required(),
        field(0, "from", "from", ValueType::Date),
        field(0, "to", "to", ValueType::Date),
        field(0, "deposited_on", "deposited_on", ValueType::Date),
        text(0, "currency", "currency"),
        text(0, "status", "status"),
        field(0, "amount", "amount", ValueType::Decimal).required(),
    ];
    all.extend(header());
    all.push(field(1, "entry.posted_on", "posted_on", ValueType::Date));
    all.push(text(1, "entry.is", "is"));
    all.push(text(1, "entry.part", "part"));
    all.push(text(1, "entry.description", "description"));
    all.push(text(1, "entry.order_number", "order_number"));
    all.push(text(1, "entry.sku", "sku"));
    all.extend(measured(1, "entry.quantity", "entry.unit", "quantity"));
    all.push(field(1, "entry.amount", "amount", ValueType::Decimal).required());
    all
}
