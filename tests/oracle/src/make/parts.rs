//! Values, and the parts that several documents share.

use edigate::document::gs1::{Gtin, Sscc, check_digit};
use edigate::document::item::{ItemIds, OtherItemId};
use edigate::document::party::{Address, Party, PartyCode, PartyCodeIssuer, PartyRole};
use edigate::document::{
    Adjustment, AdjustmentKind, Carrier, DateKind, DatedEvent, Header, Measure, Price, Purpose, Quantity, Reference,
    ReferenceKind, Terms,
};
use jiff::civil::{Date, Time};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use rust_decimal::Decimal;

/// A number or code: no space, none of the delimiters * > ~ ^.
pub fn id() -> impl Strategy<Value = String> {
    "[A-Z0-9][A-Z0-9./#:_-]{1,19}"
}

/// Words of printable ASCII, one space between them, at most so many characters.
pub fn words(most: usize) -> impl Strategy<Value = String> {
    vec(r#"[!-)+-=?-\]_-}]{2,12}"#, 1..=1 + most / 9).prop_map(move |words| {
        let mut text = String::new();
        for word in words {
            if text.len() + 1 + word.len() <= most {
                text = if text.is_empty() { word } else { format!("{text} {word}") };
            }
        }
        text
    })
}

/// A number above zero with at most so many digits and decimals.
pub fn decimal(digits: u32, places: u32) -> impl Strategy<Value = Decimal> {
    (1..10_i64.pow(digits), 0..=places).prop_map(|(number, places)| Decimal::new(number, places))
}

pub fn day() -> impl Strategy<Value = Date> {
    (1990..2050_i16, 1..=12_i8, 1..=28_i8).prop_map(|(year, month, day)| Date::new(year, month, day).unwrap())
}

pub fn time() -> impl Strategy<Value = Time> {
    (0..24_i8, 0..60_i8).prop_map(|(hour, minute)| Time::new(hour, minute, 0, 0).unwrap())
}

pub fn quantity() -> impl Strategy<Value = Quantity> {
    (decimal(6, 2), select(vec!["EA", "CA", "DZ", "LB"]))
        .prop_map(|(value, unit)| Quantity { value, unit: unit.to_owned() })
}

pub fn weight() -> impl Strategy<Value = Measure> {
    (decimal(7, 3), select(vec!["LB", "KG"])).prop_map(|(value, unit)| Measure { value, unit: unit.to_owned() })
}

pub fn price() -> impl Strategy<Value = Price> {
    (decimal(6, 4), of(select(vec!["PE", "CT"])))
        .prop_map(|(amount, basis)| Price { amount, basis: basis.map(str::to_owned) })
}

pub fn cents() -> impl Strategy<Value = Decimal> {
    (0..10_000_000_i64).prop_map(|cents| Decimal::new(cents, 2))
}

pub fn purpose() -> impl Strategy<Value = Purpose> {
    let other = Purpose::Other("06".to_owned());
    select(vec![Purpose::Original, Purpose::Cancel, Purpose::Change, Purpose::Replace, Purpose::Duplicate, other])
}

/// Purpose, references of some kinds and notes, each note of at most so many characters.
pub fn header(kinds: Vec<ReferenceKind>, most: usize) -> impl Strategy<Value = Header> {
    (purpose(), references(kinds), vec(words(most), 0..3)).prop_map(|(purpose, references, notes)| Header {
        purpose,
        references,
        notes,
        ..Header::default()
    })
}

pub fn every_reference() -> Vec<ReferenceKind> {
    let mut kinds = plain_references();
    kinds.extend([ReferenceKind::BillOfLading, ReferenceKind::CarrierReference]);
    kinds
}

/// Those that no field of a shipment or an invoice is told by.
pub fn plain_references() -> Vec<ReferenceKind> {
    vec![
        ReferenceKind::Department,
        ReferenceKind::VendorNumber,
        ReferenceKind::Tracking,
        ReferenceKind::PackingList,
        ReferenceKind::Promotion,
        ReferenceKind::Contract,
        ReferenceKind::MerchandiseType,
        ReferenceKind::Store,
        ReferenceKind::CustomerOrder,
        ReferenceKind::Appointment,
        ReferenceKind::Other("ZZ".to_owned()),
    ]
}

pub fn references(kinds: Vec<ReferenceKind>) -> impl Strategy<Value = Vec<Reference>> {
    vec((select(kinds), id()).prop_map(|(is, value)| Reference { is, value }), 0..4)
}

pub fn dates() -> impl Strategy<Value = Vec<DatedEvent>> {
    let kinds = vec![
        DateKind::RequestedShip,
        DateKind::ShipNotBefore,
        DateKind::ShipNotAfter,
        DateKind::RequestedDelivery,
        DateKind::DeliverNotBefore,
        DateKind::DeliverNotAfter,
        DateKind::CancelAfter,
        DateKind::PlannedShip,
        DateKind::PlannedDelivery,
        DateKind::Shipped,
        DateKind::EstimatedDelivery,
        DateKind::Delivered,
        DateKind::Other("106".to_owned()),
    ];
    vec((select(kinds), day(), of(time())).prop_map(|(is, on, at)| DatedEvent { is, on, at }), 0..4)
}

pub fn parties() -> impl Strategy<Value = Vec<Party>> {
    let roles = vec![
        PartyRole::Buyer,
        PartyRole::BillTo,
        PartyRole::ShipTo,
        PartyRole::ShipFrom,
        PartyRole::Supplier,
        PartyRole::RemitTo,
        PartyRole::MarkFor,
        PartyRole::Other("VN".to_owned()),
    ];
    let known = prop_oneof![
        (words(200), of(code())).prop_map(|(name, code)| (Some(name), code)),
        code().prop_map(|code| (None, Some(code))),
    ];
    let party = (select(roles), known, of(address())).prop_map(|(role, (name, code), address)| Party {
        role,
        name,
        code,
        address,
    });
    vec(party, 0..4)
}

fn code() -> impl Strategy<Value = PartyCode> {
    let issuers = vec![
        PartyCodeIssuer::Gln,
        PartyCodeIssuer::Duns,
        PartyCodeIssuer::Buyer,
        PartyCodeIssuer::Seller,
        PartyCodeIssuer::Other("9".to_owned()),
    ];
    (select(issuers), id()).prop_map(|(by, value)| PartyCode { by, value })
}

fn address() -> impl Strategy<Value = Address> {
    (vec(words(55), 0..=4), words(30), of("[A-Z]{2}"), of("[0-9]{5}(-[0-9]{4})?"), of(select(vec!["US", "CA", "MX"])))
        .prop_map(|(lines, city, state, postal_code, country)| Address {
            lines,
            city: Some(city),
            state,
            postal_code,
            country: country.map(str::to_owned),
        })
}

/// Terms say a discount together with its last day or its days (ITD needs one of them), and what is left out else.
pub fn terms() -> impl Strategy<Value = Terms> {
    let discount = (
        decimal(4, 3),
        of(cents()),
        prop_oneof![
            (day(), of(1..100_u32)).prop_map(|(due, days)| (Some(due), days)),
            (1..100_u32).prop_map(|days| (None, Some(days))),
        ],
    );
    (of(discount), of(day()), of(1..366_u32), select(vec!["01", "08"]), of(select(vec!["3", "15"])), of(words(80)))
        .prop_map(|(discount, net_due, net_days, kind, basis, description)| {
            let terms = Terms {
                net_due,
                net_days,
                kind: Some(kind.to_owned()),
                basis: basis.map(str::to_owned),
                description,
                ..Terms::default()
            };
            let Some((percent, discount_amount, (discount_due, discount_days))) = discount else { return terms };
            Terms { discount_percent: Some(percent), discount_amount, discount_due, discount_days, ..terms }
        })
}

/// At least a SCAC or a name.
pub fn carrier() -> impl Strategy<Value = Carrier> {
    let known = prop_oneof![
        ("[A-Z]{4}", of(words(35))).prop_map(|(scac, name)| (Some(scac), name)),
        words(35).prop_map(|name| (None, Some(name))),
    ];
    (known, of(select(vec!["M", "A", "U"]))).prop_map(|((scac, name), mode)| Carrier {
        scac,
        name,
        mode: mode.map(str::to_owned),
    })
}

pub fn adjustments() -> impl Strategy<Value = Vec<Adjustment>> {
    let kinds = vec![AdjustmentKind::Allowance, AdjustmentKind::Charge, AdjustmentKind::Other("N".to_owned())];
    let adjustment =
        (select(kinds), of(select(vec!["C310", "D240", "H850"])), of(cents()), of(decimal(4, 3)), of(words(80)));
    let adjustment = adjustment.prop_map(|(is, code, amount, percent, description)| Adjustment {
        is,
        code: code.map(str::to_owned),
        amount,
        percent,
        description,
    });
    vec(adjustment, 0..3)
}

/// GTIN, buyer's, vendor's and SKU number under the usual qualifiers and others; numbers of other kinds.
pub fn item() -> impl Strategy<Value = ItemIds> {
    let buyer = numbered(vec!["IN", "BP", "CB", "PI"]);
    let vendor = numbered(vec!["VN", "VP", "VC", "VA"]);
    let others = (subsequence(vec!["MG", "UD", "ZZ"], 0..=3), vec(id(), 3));
    (of(gtin()), of(buyer), of(vendor), of(id()), others)
        .prop_map(|(gtin, buyer, vendor, sku, (kinds, values))| {
            let mut other: Vec<OtherItemId> = gtin.iter().filter_map(|(_, as_written)| as_written.clone()).collect();
            let mut named = |number: Option<(&str, String)>| {
                let (is, value) = number?;
                if !matches!(is, "IN" | "VN") {
                    other.push(OtherItemId { is: is.to_owned(), value: value.clone() });
                }
                Some(value)
            };
            let (buyer, vendor) = (named(buyer), named(vendor));
            other.extend(kinds.into_iter().zip(values).map(|(is, value)| OtherItemId { is: is.to_owned(), value }));
            ItemIds { gtin: gtin.map(|(gtin, _)| gtin), buyer, vendor, sku, other }
        })
        .prop_filter("an item has a number", |item| !item.is_empty())
}

fn numbered(qualifiers: Vec<&'static str>) -> impl Strategy<Value = (&'static str, String)> {
    (select(qualifiers), id())
}

/// GTIN-12, 13 and 14, some of them under another qualifier than their usual one.
fn gtin() -> impl Strategy<Value = (Gtin, Option<OtherItemId>)> {
    let digits = prop_oneof!["[1-9][0-9]{10}", "[1-9][0-9]{11}", "[1-9][0-9]{12}"];
    (digits, 0..3).prop_map(|(body, form)| {
        let whole = format!("{body}{}", check_digit(&body));
        let as_written = match (body.len(), form) {
            (11, 1) => Some(("UI", body)),
            (11, 2) => Some(("EN", format!("0{whole}"))),
            (12, 1) => Some(("UK", format!("0{whole}"))),
            _ => None,
        };
        let other = as_written.map(|(is, value)| OtherItemId { is: is.to_owned(), value });
        (Gtin::parse(&whole).unwrap(), other)
    })
}

pub fn sscc() -> impl Strategy<Value = Sscc> {
    "[0-9]{17}".prop_map(|body| Sscc::parse(&format!("{body}{}", check_digit(&body))).unwrap())
}
