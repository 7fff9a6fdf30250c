//! What several sets share, out of the segments of x12-types.

use edigate::document::gs1::{Gtin, check_digit};
use edigate::document::item::{ItemIds, OtherItemId};
use edigate::document::party::{Address, Party, PartyCode};
use edigate::document::{Adjustment, Carrier, DatedEvent, Price, Reference, Terms};
use serde::Serialize;

use crate::codes;
use crate::elements::Elements;

pub fn each<S: Serialize, T>(segments: &[S], read: impl Fn(&Elements) -> T) -> Vec<T> {
    segments.iter().map(|segment| read(&Elements::of(segment))).collect()
}

/// What at most one segment says.
pub fn one<S: Serialize, T>(segments: &[S], read: impl Fn(&Elements) -> T) -> Option<T> {
    assert!(segments.len() < 2, "one segment was expected");
    each(segments, read).pop()
}

/// REF.
pub fn reference(r#ref: &Elements) -> Reference {
    Reference { is: codes::reference(r#ref.needed(1)), value: r#ref.needed(2) }
}

/// DTM.
pub fn dated(dtm: &Elements) -> DatedEvent {
    DatedEvent { is: codes::date(dtm.needed(1)), on: dtm.date(2).unwrap(), at: dtm.time(3) }
}

/// N1, N2, N3, N4.
pub fn party<A: Serialize, B: Serialize, C: Serialize, D: Serialize>(
    n1: &A,
    n2: &[B],
    n3: &[C],
    n4: Option<&D>,
) -> Party {
    let n1 = Elements::of(n1);
    let both = |segment: &Elements| [segment.text(1), segment.text(2)];
    let names: Vec<String> = n1.text(2).into_iter().chain(each(n2, both).into_iter().flatten().flatten()).collect();
    let lines: Vec<String> = each(n3, both).into_iter().flatten().flatten().collect();
    let place = n4.map(Elements::of).map(|n4| Address {
        lines: Vec::new(),
        city: n4.text(1),
        state: n4.text(2),
        postal_code: n4.text(3),
        country: n4.text(4),
    });
    Party {
        role: codes::role(n1.needed(1)),
        name: (!names.is_empty()).then(|| names.join(" ")),
        code: n1.text(3).map(|by| PartyCode { by: codes::issuer(by), value: n1.needed(4) }),
        address: (place.is_some() || !lines.is_empty()).then(|| Address { lines, ..place.unwrap_or_default() }),
    }
}

/// ITD.
pub fn terms(itd: &Elements) -> Terms {
    Terms {
        kind: itd.text(1),
        basis: itd.text(2),
        discount_percent: itd.decimal(3),
        discount_due: itd.date(4),
        discount_days: itd.count(5),
        net_due: itd.date(6),
        net_days: itd.count(7),
        discount_amount: itd.cents(8),
        description: itd.text(12),
    }
}

/// TD5: a SCAC is qualifier 2.
pub fn carrier(td5: &Elements) -> Carrier {
    if td5.text(3).is_some() {
        assert_eq!(td5.needed(2), "2");
    }
    Carrier { scac: td5.text(3), mode: td5.text(4), name: td5.text(5) }
}

/// SAC: an allowance is taken off (02), a charge is paid by the customer (06); a percentage is one of the total (6). F050 is
/// "other".
pub fn adjustment(sac: &Elements) -> Adjustment {
    let handling = sac.text(12);
    match sac.needed(1).as_str() {
        "A" => assert_eq!(handling.as_deref(), Some("02")),
        "C" => assert_eq!(handling.as_deref(), Some("06")),
        _ => assert_eq!(handling, None),
    }
    assert_eq!(sac.text(6).as_deref(), sac.text(7).and(Some("6")));
    Adjustment {
        is: codes::adjustment(sac.needed(1)),
        code: sac.text(2).filter(|code| code != "F050"),
        amount: sac.cents(5),
        percent: sac.decimal(7),
        description: sac.text(15),
    }
}

/// PID: free text (F).
pub fn description(pid: &Elements) -> String {
    assert_eq!(pid.needed(1), "F");
    pid.needed(5)
}

/// PO1 and IT1: price and basis.
pub fn price(line: &Elements) -> Option<Price> {
    line.decimal(4).map(|amount| Price { amount, basis: line.text(5) })
}

/// The numbers of an item by their qualifiers. Under a qualifier that is not the usual one of its kind a number is kept as
/// one of the others too, so that the answer can use the same one.
pub fn item(pairs: Vec<(String, String)>) -> ItemIds {
    let mut item = ItemIds::default();
    for (qualifier, value) in pairs {
        let is_usual = match qualifier.as_str() {
            "UP" | "EN" | "UK" | "UI" => {
                let gtin = gtin(&qualifier, &value);
                let is_usual = (qualifier.as_str(), value.as_str()) == usual(&gtin);
                item.gtin = Some(gtin);
                is_usual
            }
            "IN" | "BP" | "CB" | "PI" => {
                item.buyer = Some(value.clone());
                qualifier == "IN"
            }
            "VN" | "VP" | "VC" | "VA" => {
                item.vendor = Some(value.clone());
                qualifier == "VN"
            }
            "SK" => {
                item.sku = Some(value.clone());
                true
            }
            _ => false,
        };
        if !is_usual {
            item.other.push(OtherItemId { is: qualifier, value });
        }
    }
    item
}

/// UI may lack the check digit.
fn gtin(qualifier: &str, value: &str) -> Gtin {
    let lacks_check_digit = qualifier == "UI" && value.len() == 11;
    let check = if lacks_check_digit { check_digit(value).to_string() } else { String::new() };
    Gtin::parse(&format!("{value}{check}")).unwrap()
}

/// A UPC is UP and 12 digits, an EAN is EN and 13, anything longer is UK and 14.
fn usual(gtin: &Gtin) -> (&'static str, &str) {
    let digits = gtin.as_str();
    match digits.bytes().take_while(|digit| *digit == b'0').count() {
        0 => ("UK", digits),
        1 => ("EN", &digits[1..]),
        _ => ("UP", &digits[2..]),
    }
}
