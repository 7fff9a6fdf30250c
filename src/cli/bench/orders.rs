//! Orders and shipments as partners send them, the same in every run: no two alike, of every length.
//!
//! ```text
//! ST BEG CUR REF REF [PER] FOB ITD DTM DTM [TD5] N1 N1 N3 N4  3 to 21 × (PO1 PID [PO4])  CTT SE
//! ```

use std::io::{self, Write};

use jiff::civil;
use rust_decimal::Decimal;

use crate::cli::Failure;
use crate::document::gs1::{self, Gtin, Sscc};
use crate::document::item::ItemIds;
use crate::document::party::{Party, PartyCode, PartyCodeIssuer, PartyRole};
use crate::document::shipment::{Carton, Shipment, ShippedItem, ShippedOrder};
use crate::document::{Carrier, Header, Quantity, Reference, ReferenceKind, SCHEMA_VERSION};
use crate::x12::delimiters::Delimiters;
use crate::x12::envelope::{InterchangeId, Usage};
use crate::x12::writer::Envelope;

const WORDS: [&str; 16] = [
    "WIDGET", "RED", "BLUE", "LARGE", "STEEL", "OAK", "GARDEN", "HOSE", "LAMP", "TABLE", "COTTON", "SHIRT", "CASE",
    "PACK", "DELUXE", "KITCHEN",
];
const CITIES: [(&str, &str); 5] =
    [("BENTONVILLE", "AR"), ("DAYTON", "OH"), ("SAN ANTONIO", "TX"), ("LOS ANGELES", "CA"), ("ERIE", "PA")];

/// Makes one order after the other.
pub struct Orders {
    state: u64,
}

impl Orders {
    /// The same number makes the same orders.
    pub fn new(seed: u64) -> Orders {
        Orders { state: seed.wrapping_add(0x9e37_79b9_7f4a_7c15) }
    }

    /// A number from `least` to `most`, by a xorshift.
    fn number(&mut self, least: u64, most: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        least + self.state % (most - least + 1)
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.number(0, all.len() as u64 - 1) as usize]
    }

    fn words(&mut self, count: u64) -> String {
        let words: Vec<&str> = (0..count).map(|_| self.one_of(&WORDS)).collect();
        words.join(" ")
    }

    fn date(&mut self) -> String {
        format!("2026{:02}{:02}", self.number(1, 12), self.number(1, 28))
    }

    fn upc(&mut self) -> String {
        let body = format!("{:011}", self.number(0, 99_999_999_999));
        format!("{body}{}", gs1::check_digit(&body))
    }

    /// One order, ST to SE, with that number.
    fn order(&mut self, number: u64, out: &mut Vec<String>) {
        out.clear();
        let city = self.one_of(&CITIES);
        out.push(format!("ST*850*{number:04}"));
        out.push(format!("BEG*00*SA*45{number:08}**{}", self.date()));
        out.push("CUR*BY*USD".to_owned());
        out.push(format!("REF*DP*{:04}", self.number(1, 9_999)));
        out.push(format!("REF*IA*{}", self.number(100, 9_999_999)));
        if self.number(0, 9) < 7 {
            let name = self.words(2);
            out.push(format!("PER*BD*{name}*TE*{}", self.number(1_000_000_000, 9_999_999_999)));
        }
        out.push("FOB*CC".to_owned());
        out.push(format!("ITD*01*3*{}**{}**{}", self.number(1, 3), self.number(5, 20), self.number(20, 90)));
        out.push(format!("DTM*010*{}", self.date()));
        out.push(format!("DTM*001*{}", self.date()));
        if self.number(0, 1) == 0 {
            out.push(format!("TD5*B*2*{}*M", self.one_of(&["ABCD", "FEDX", "UPSN", "XPOL"])));
        }
        let body = format!("{:012}", self.number(0, 999_999_999_999));
        out.push(format!("N1*BY*MEGAMART INC*UL*{body}{}", gs1::check_digit(&body)));
        let store = self.number(100, 9_999);
        out.push(format!("N1*ST*MEGAMART DC {store}*92*{store}"));
        let street = self.words(1);
        out.push(format!("N3*{} {street} WAY", self.number(1, 9_999)));
        out.push(format!("N4*{}*{}*{:05}*US", city.0, city.1, self.number(1, 99_999)));
        let (lines, mut total) = (self.number(3, 21), 0);
        for line in 1..=lines {
            let quantity = self.number(1, 500);
            total += quantity;
            let price = Decimal::new(self.number(1, 99_999) as i64, 2).normalize();
            let (upc, buyer, name) = (self.upc(), self.number(1_000, 9_999_999), self.words(1));
            let vendor = self.number(1, 999);
            out.push(format!("PO1*{line:03}*{quantity}*EA*{price}*PE*UP*{upc}*IN*{buyer}*VN*{name}-{vendor}"));
            let count = self.number(1, 5);
            out.push(format!("PID*F****{}", self.words(count)));
            if self.number(0, 9) < 6 {
                out.push(format!("PO4*{}", self.one_of(&[1, 6, 12, 24])));
            }
        }
        out.push(format!("CTT*{lines}*{total}"));
        out.push(format!("SE*{}*{number:04}", out.len() + 1));
    }

    /// A shipment of one order, a carton for each item.
    pub fn shipment(&mut self) -> Shipment {
        let cartons = self.number(3, 21);
        let party = |role, name: &str, code: u64| Party {
            role,
            name: Some(name.to_owned()),
            code: Some(PartyCode { by: PartyCodeIssuer::Buyer, value: code.to_string() }),
            address: None,
        };
        let cartons = (1..=cartons).map(|line| {
            let body = format!("{:017}", self.number(0, 99_999_999_999_999_999));
            let quantity = Quantity { value: Decimal::from(self.number(1, 500)), unit: "EA".to_owned() };
            let item = ItemIds {
                gtin: Gtin::parse(&self.upc()).ok(),
                buyer: Some(self.number(1_000, 9_999_999).to_string()),
                ..ItemIds::default()
            };
            let count = self.number(1, 5);
            let shipped = ShippedItem {
                line: Some(format!("{line:03}")),
                item,
                description: Some(self.words(count)),
                ordered: Some(quantity.clone()),
                quantity,
                lot: None,
            };
            Carton {
                sscc: Sscc::parse(&format!("{body}{}", gs1::check_digit(&body))).ok(),
                number: None,
                tracking: None,
                weight: None,
                items: vec![shipped],
            }
        });
        let cartons = cartons.collect();
        let order = ShippedOrder {
            po_number: self.number(4_500_000_000, 4_599_999_999).to_string(),
            references: vec![Reference { is: ReferenceKind::Department, value: self.number(1, 9_999).to_string() }],
            cartons,
            ..ShippedOrder::default()
        };
        Shipment {
            header: Header { schema: SCHEMA_VERSION, ..Header::default() },
            shipment_id: format!("SHP{:08}", self.number(1, 99_999_999)),
            parties: vec![
                party(PartyRole::ShipFrom, "ACME SUPPLY", self.number(1, 99)),
                party(PartyRole::ShipTo, "MEGAMART DC", self.number(100, 9_999)),
            ],
            shipped_at: Some(civil::datetime(2026, 3, 6, 14, 10, 0, 0)),
            carrier: Some(Carrier { scac: Some("ABCD".to_owned()), mode: Some("M".to_owned()), name: None }),
            orders: vec![order],
            ..Shipment::default()
        }
    }
}

/// One interchange of one group with orders, until they are so many bytes; another seed makes other orders.
pub fn write(out: &mut impl Write, seed: u64, size: usize) -> io::Result<()> {
    out.write_all(
        b"ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*T*>~\n\
          GS*PO*MEGAMART*ACMESUPPLY*20260303*0915*101*X*004010~\n",
    )?;
    let (mut orders, mut segments) = (Orders::new(seed), Vec::new());
    let (mut written, mut number) = (0, 0);
    while written < size {
        number += 1;
        orders.order(number, &mut segments);
        for segment in &segments {
            out.write_all(segment.as_bytes())?;
            out.write_all(b"~\n")?;
            written += segment.len() + 2;
        }
    }
    write!(out, "GE*{number}*101~\nIEA*1*000000101~\n")
}

/// What shipments travel in.
pub fn envelope() -> Result<Envelope, Failure> {
    let id = |id: &str| InterchangeId::new("ZZ", id).map_err(Failure::new);
    Ok(Envelope {
        sender: id("ACMESUPPLY")?,
        receiver: id("MEGAMART")?,
        group_sender: "ACMESUPPLY".to_owned(),
        group_receiver: "MEGAMART".to_owned(),
        version: "004010".to_owned(),
        control_number: 1,
        acknowledgment_requested: false,
        usage: Usage::Test,
        at: civil::datetime(2026, 3, 6, 14, 10, 0, 0),
        delimiters: Delimiters::default(),
        line_breaks: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::x12::examine::examine;
    use crate::x12::guide::Library;

    #[test]
    fn the_orders_are_clean_and_no_two_are_alike() {
        let mut bytes = Vec::new();
        write(&mut bytes, 7, 50_000).unwrap();
        let mut sets = Vec::new();
        let report =
            examine(bytes.as_slice(), None, &Library::standard_for, &mut |set| sets.push(set.text.bytes().to_vec()))
                .unwrap();
        assert_eq!(report.all_diagnostics().map(ToString::to_string).collect::<Vec<_>>(), [""; 0]);
        assert!(sets.len() > 20);
        sets.sort();
        assert!(sets.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn the_shipments_can_be_written_whole() {
        for number in 0..50 {
            let rendered = crate::render::x12::set(&Document::Shipment(Orders::new(number).shipment())).unwrap();
            assert_eq!(rendered.warnings, []);
        }
    }
}
