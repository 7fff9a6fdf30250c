//! The canonical fields that a map can name, per kind of document: one table for both directions.
//!
//! A field has a short singular name, the scope that it belongs to (document, line, carton …), its place in
//! the canonical JSON of that scope, and a type. The same table reads, writes, and finds the nearest name.
//!
//! ```text
//! carton.item.gtin   scope carton.item   place item.gtin       a GTIN
//! ship_to.city       scope document      place parties[role=ship_to].address.city
//! ```

mod books;
mod purchase;

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

/// The document itself: the first scope of each kind.
const DOCUMENT: Scope = scope("document", "", &[], ScopeRole::Needed);

/// The scopes of a kind, outermost first.
pub fn scopes(kind: Kind) -> &'static [Scope] {
    match kind {
        Kind::Order => &purchase::ORDER,
        Kind::OrderChange => &purchase::ORDER_CHANGE,
        Kind::OrderAck => &purchase::ORDER_ACK,
        Kind::Shipment => &purchase::SHIPMENT,
        Kind::Invoice => &purchase::INVOICE,
        Kind::Receipt => &books::RECEIPT,
        Kind::ApplicationAdvice => &books::APPLICATION_ADVICE,
        Kind::TextMessage => &books::TEXT_MESSAGE,
        Kind::Remittance => &books::REMITTANCE,
        Kind::CreditDebit => &books::CREDIT_DEBIT,
        Kind::Return => &books::RETURN,
        Kind::Inventory => &books::INVENTORY,
        Kind::Settlement => &books::SETTLEMENT,
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
        Kind::Order => purchase::order(),
        Kind::OrderChange => purchase::order_change(),
        Kind::OrderAck => purchase::order_ack(),
        Kind::Shipment => purchase::shipment(),
        Kind::Invoice => purchase::invoice(),
        Kind::Receipt => books::receipt(),
        Kind::ApplicationAdvice => books::application_advice(),
        Kind::TextMessage => books::text_message(),
        Kind::Remittance => books::remittance(),
        Kind::CreditDebit => books::credit_debit(),
        Kind::Return => books::returned(),
        Kind::Inventory => books::inventory(),
        Kind::Settlement => books::settlement(),
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
    let ours = matches!(role, "supplier" | "ship_from" | "remit_to" | "payee" | "warehouse");
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
