//! One map, both directions: what a map writes, the same map reads back as the same document.

use std::path::Path;

use edigate::config::map::Map;
use edigate::document::gs1::{Gtin, Sscc};
use edigate::document::invoice::{Invoice, InvoiceLine};
use edigate::document::item::ItemIds;
use edigate::document::order::{Allocation, Order, OrderLine};
use edigate::document::order_ack::{LineOutcome, LineStatus, OrderAck, OrderAckLine};
use edigate::document::party::{Party, PartyCode, PartyCodeIssuer, PartyRole};
use edigate::document::settlement::{Settlement, SettlementEntry};
use edigate::document::shipment::{Carton, Pallet, Shipment, ShippedItem, ShippedOrder};
use edigate::document::{
    Adjustment, AdjustmentKind, Carrier, DateKind, DatedEvent, Document, Header, Measure, Price, Quantity, Terms,
};
use edigate::{normalize, render};
use jiff::civil::{Date, DateTime, date};
use proptest::prelude::*;
use rust_decimal::Decimal;

const SHIPMENT_CSV: &str = include_str!("../../partners/erp/shipment.map.toml");
const ORDER_CSV: &str = include_str!("../../partners/erp/order.map.toml");
const ACK_JSON: &str = include_str!("../../partners/erp/order_ack.map.toml");
const INVOICE_XML: &str = include_str!("../../partners/erp/invoice.map.toml");

const SHIPMENT_TREE: &str = r#"
document = "shipment"
format = "json"
[repeat]
order = "orders"
pallet = "orders.pallets"
carton = "orders.pallets.cartons"
"carton.item" = "orders.pallets.cartons.items"
[fields]
shipment_id = "id"
shipped_at = { path = "left", format = "%Y-%m-%dT%H:%M:%S%z", zone = "America/Los_Angeles", to_zone = "America/Chicago" }
weight = { path = "kilos", unit = "LB" }
"carrier.scac" = "scac"
bill_of_lading = "bol"
po_number = "orders.po"
"pallet.sscc" = "orders.pallets.sscc"
"carton.sscc" = "orders.pallets.cartons.sscc"
"carton.number" = "orders.pallets.cartons.no"
"carton.item.gtin" = { path = "orders.pallets.cartons.items.gtin", digits = 14 }
"carton.item.quantity" = { path = "orders.pallets.cartons.items.qty", unit = "EA" }
"#;

/// The same paths as elements, with the carton's number as an attribute.
fn shipment_as_xml() -> String {
    let is_path = |text: &str| text.starts_with("orders.") && !text.contains(' ');
    let parts: Vec<String> = SHIPMENT_TREE
        .replace("\"json\"", "\"xml\"\nroot = \"Shipment\"\nnamespace = \"urn:acme\"")
        .replace("cartons.no", "cartons.@no")
        .split('"')
        .map(|text| if is_path(text) { text.replace('.', "/") } else { text.to_owned() })
        .collect();
    parts.join("\"")
}

fn map(text: &str) -> Map {
    Map::read(Path::new("test.map.toml"), text).unwrap_or_else(|faults| panic!("{}", faults[0]))
}

fn bytes(document: &Document, map: &Map) -> Vec<u8> {
    render::mapped::render(document, map).unwrap_or_else(|faults| panic!("{}", faults[0]))
}

fn written(document: &Document, map: &Map) -> String {
    String::from_utf8(bytes(document, map)).unwrap()
}

fn refused(document: &Document, map: &Map) -> String {
    let faults = render::mapped::render(document, map).unwrap_err();
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}

/// What the map writes is read back as the same document.
fn round_trip(document: &Document, map_text: &str) {
    let map = map(map_text);
    let bytes = bytes(document, &map);
    let text = String::from_utf8_lossy(&bytes);
    let (read, diagnostics) = normalize::mapped::documents(&bytes, "back", &map);
    let said: String = diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect();
    assert_eq!(said, "", "{text}");
    assert_eq!(&read[..], std::slice::from_ref(document), "{text}");
}

fn gtin(index: u64) -> Gtin {
    let body = format!("06141410{index:03}");
    Gtin::parse(&format!("{body}{}", edigate::document::gs1::check_digit(&body))).unwrap()
}

fn sscc(serial: u64) -> Sscc {
    Sscc::mint(0, "0614141", serial).unwrap()
}

fn header() -> Header {
    Header { schema: edigate::document::SCHEMA_VERSION, ..Header::default() }
}

fn each(value: Decimal) -> Quantity {
    Quantity { value, unit: "EA".to_owned() }
}

fn text() -> impl Strategy<Value = String> {
    "[A-Za-z0-9=+@é&<>\",;'/-][A-Za-z0-9 é&<>\",;'/-]{0,8}[A-Za-z0-9é&<>\",;'/-]"
}

fn decimal() -> impl Strategy<Value = Decimal> {
    (1i64..10_000_000, 0u32..5).prop_map(|(digits, scale)| Decimal::new(digits, scale))
}

fn day() -> impl Strategy<Value = Date> {
    (2020i16..2035, 1i8..13, 1i8..29).prop_map(|(year, month, day)| date(year, month, day))
}

fn moment() -> impl Strategy<Value = DateTime> {
    // Not in the hours in which clocks change.
    (day(), 6i8..20, 0i8..60).prop_map(|(day, hour, minute)| day.at(hour, minute, 0, 0))
}

fn items() -> impl Strategy<Value = Vec<ShippedItem>> {
    proptest::collection::vec((0u64..5, decimal()), 1..4).prop_map(|items| {
        let item = |(index, value)| ShippedItem {
            line: None,
            item: ItemIds { gtin: Some(gtin(index)), ..ItemIds::default() },
            description: None,
            quantity: each(value),
            ordered: None,
            lot: None,
        };
        items.into_iter().map(item).collect()
    })
}

prop_compose! {
    fn shipment()(
        id in text(),
        shipped_at in moment(),
        bol in proptest::option::of(text()),
        weight in proptest::option::of(decimal()),
        orders in proptest::collection::vec((text(), proptest::collection::vec(items(), 1..4)), 1..3),
    ) -> Shipment {
        let mut serial = 0;
        let mut carton = |items: Vec<ShippedItem>| {
            serial += 1;
            Carton { sscc: Some(sscc(serial)), number: Some(serial.to_string()), items, ..Carton::default() }
        };
        let mut all: Vec<ShippedOrder> = Vec::new();
        for (index, (po, cartons)) in orders.into_iter().enumerate() {
            let cartons = cartons.into_iter().map(&mut carton).collect();
            let pallet = Pallet { sscc: Some(sscc(1000 + index as u64)), number: None, cartons };
            let po_number = format!("{po}{index}");
            all.push(ShippedOrder { po_number, pallets: vec![pallet], ..ShippedOrder::default() });
        }
        Shipment {
            header: header(),
            shipment_id: id,
            shipped_at: Some(shipped_at),
            carrier: Some(Carrier { scac: Some("ABCD".to_owned()), ..Carrier::default() }),
            bill_of_lading: bol,
            weight: weight.map(|value| Measure { value, unit: "LB".to_owned() }),
            orders: all,
            ..Shipment::default()
        }
    }
}

prop_compose! {
    fn order()(
        po_number in text(),
        ordered_on in day(),
        cancel in proptest::option::of(day()),
        name in proptest::option::of(text()),
        lines in proptest::collection::vec((decimal(), decimal(), text(), 0u64..3), 1..4),
    ) -> Order {
        let line = |(index, (value, price, description, stores)): (usize, (Decimal, Decimal, String, u64))| OrderLine {
            line: (index + 1).to_string(),
            item: ItemIds { gtin: Some(gtin(index as u64)), vendor: Some(description.clone()), ..ItemIds::default() },
            description: Some(description),
            quantity: each(value),
            price: Some(Price { amount: price, basis: None }),
            pack: None,
            inner_pack: None,
            allocations: (0..stores)
                .map(|store| Allocation { location: format!("0{store}"), quantity: each(value) })
                .collect(),
            dates: Vec::new(),
            references: Vec::new(),
            adjustments: Vec::new(),
        };
        let code = Some(PartyCode { by: PartyCodeIssuer::Buyer, value: "0042".to_owned() });
        Order {
            header: header(),
            po_number,
            ordered_on,
            dates: cancel.map(|on| DatedEvent { is: DateKind::CancelAfter, on, at: None }).into_iter().collect(),
            parties: vec![Party { role: PartyRole::ShipTo, name, code, address: None }],
            lines: lines.into_iter().enumerate().map(line).collect(),
            ..Order::default()
        }
    }
}

prop_compose! {
    fn ack()(
        po_number in text(),
        acknowledged_on in proptest::option::of(day()),
        lines in proptest::collection::vec(proptest::collection::vec((decimal(), proptest::option::of(day())), 1..3), 1..4),
    ) -> OrderAck {
        let outcome = |(value, ships_on): (Decimal, Option<Date>)| {
            let status = if ships_on.is_some() { LineStatus::Backordered } else { LineStatus::Accepted };
            LineOutcome { status, quantity: each(value), ships_on }
        };
        let line = |(index, outcomes): (usize, Vec<(Decimal, Option<Date>)>)| OrderAckLine {
            line: Some((index + 1).to_string()),
            outcomes: outcomes.into_iter().map(outcome).collect(),
            ..OrderAckLine::default()
        };
        let lines = lines.into_iter().enumerate().map(line).collect();
        OrderAck { header: header(), po_number, acknowledged_on, lines, ..OrderAck::default() }
    }
}

prop_compose! {
    fn invoice()(
        number in text(),
        invoiced_on in day(),
        net_days in proptest::option::of(0u32..90),
        charges in proptest::collection::vec((decimal(), text()), 0..3),
        lines in proptest::collection::vec((decimal(), decimal(), text()), 1..4),
    ) -> Invoice {
        let line = |(index, (value, amount, description)): (usize, (Decimal, Decimal, String))| InvoiceLine {
            line: Some((index + 1).to_string()),
            item: ItemIds { gtin: Some(gtin(index as u64)), ..ItemIds::default() },
            description: Some(description),
            quantity: each(value),
            price: Price { amount, basis: None },
        };
        let charge = |(amount, description)| Adjustment {
            is: AdjustmentKind::Charge,
            code: Some("D240".to_owned()),
            amount: Some(amount),
            percent: None,
            description: Some(description),
        };
        Invoice {
            header: header(),
            invoice_number: number,
            invoiced_on,
            terms: net_days.map(|days| Terms { net_days: Some(days), ..Terms::default() }),
            lines: lines.into_iter().enumerate().map(line).collect(),
            adjustments: charges.into_iter().map(charge).collect(),
            ..Invoice::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_written_shipment_is_read_back(shipment in shipment()) {
        let document = Document::Shipment(shipment);
        round_trip(&document, SHIPMENT_CSV);
        round_trip(&document, SHIPMENT_TREE);
        round_trip(&document, &SHIPMENT_CSV.replace("[fields]", "delimiter = \";\"\nencoding = \"latin-1\"\n\
            skip_rows = 2\ndecimal_mark = \",\"\nspreadsheet_safe = true\nblank_cells = \"continue\"\n[fields]"));
        let as_xml = shipment_as_xml();
        round_trip(&document, &as_xml);
    }

    #[test]
    fn a_written_order_is_read_back(order in order()) {
        let document = Document::Order(order);
        round_trip(&document, ORDER_CSV);
        let (read, diagnostics) = normalize::json::canonical(&render::json::canonical(&document), "c.json");
        prop_assert!(diagnostics.is_empty());
        prop_assert_eq!(&read[..], std::slice::from_ref(&document));
    }

    #[test]
    fn a_written_acknowledgment_is_read_back(ack in ack()) {
        round_trip(&Document::OrderAck(ack), ACK_JSON);
    }

    #[test]
    fn a_written_invoice_is_read_back(invoice in invoice()) {
        round_trip(&Document::Invoice(invoice), INVOICE_XML);
    }
}

fn small_shipment() -> Shipment {
    let item = ShippedItem {
        line: None,
        item: ItemIds { gtin: Some(gtin(1)), ..ItemIds::default() },
        description: None,
        quantity: each(24.into()),
        ordered: None,
        lot: None,
    };
    let carton = Carton { number: Some("1".to_owned()), items: vec![item], ..Carton::default() };
    let order = ShippedOrder { po_number: "=45000".to_owned(), cartons: vec![carton], ..ShippedOrder::default() };
    Shipment { header: header(), shipment_id: "S1".to_owned(), orders: vec![order], ..Shipment::default() }
}

const SMALL: &str = r#"
document = "shipment"
format = "csv"
[fields]
shipment_id = "No"
po_number = "PO"
"carton.number" = "Carton"
"carton.item.gtin" = "UPC"
"carton.item.quantity" = { column = "Qty", unit = "EA" }
"#;

#[test]
fn a_row_is_written_for_every_item_and_cells_are_left_as_they_are_unless_asked() {
    let document = Document::Shipment(small_shipment());
    insta::assert_snapshot!(written(&document, &map(SMALL)), @"
    No,PO,Carton,UPC,Qty
    S1,=45000,1,061414100014,24
    ");
    let safe = SMALL.replace("[fields]", "spreadsheet_safe = true\n[fields]");
    assert!(written(&document, &map(&safe)).contains("S1,'=45000,1"));
    round_trip(&document, &safe);
    round_trip(&document, SMALL);
}

#[test]
fn what_the_map_cannot_say_is_refused_and_not_changed() {
    let check = |change: &dyn Fn(&mut Shipment), map_text: &str, expect: &str| {
        let mut shipment = small_shipment();
        change(&mut shipment);
        let said = refused(&Document::Shipment(shipment), &map(map_text));
        assert!(said.contains("MAP-E012") && said.contains(expect), "expected {expect:?} in:\n{said}");
    };
    let unit = |shipment: &mut Shipment| shipment.orders[0].cartons[0].items[0].quantity.unit = "CA".to_owned();
    check(&unit, SMALL, "carton.item.unit is \"CA\", and the map can say \"EA\" only");
    let nameless = |shipment: &mut Shipment| shipment.orders[0].cartons[0].number = None;
    check(&nameless, SMALL, "a carton has no number");
    check(&|_| {}, SHIPMENT_TREE, "a carton is in no pallet");
    let long = |shipment: &mut Shipment| {
        shipment.orders[0].cartons[0].items[0].item.gtin = Some(Gtin::parse("10614141000019").unwrap());
    };
    let upc = SMALL.replace("\"UPC\"", "{ column = \"UPC\", digits = 12 }");
    check(&long, &upc, "more than 12 digits");
    let greek = |shipment: &mut Shipment| shipment.shipment_id = "Σ".to_owned();
    check(&greek, &SMALL.replace("[fields]", "encoding = \"latin-1\"\n[fields]"), "'Σ' does not exist in latin-1");
    check(&|_| {}, ORDER_CSV, "the map writes order, the document is shipment");
}

#[test]
fn a_row_has_place_for_one_charge_and_a_word_for_each_status() {
    let charge = |code: &str| Adjustment {
        is: AdjustmentKind::Charge,
        code: Some(code.to_owned()),
        amount: Some(5.into()),
        percent: None,
        description: None,
    };
    let line = InvoiceLine {
        line: Some("1".to_owned()),
        item: ItemIds::default(),
        description: None,
        quantity: each(24.into()),
        price: Price { amount: 1.into(), basis: None },
    };
    let invoice = |adjustments: Vec<Adjustment>| {
        let (invoice_number, invoiced_on, lines) = ("INV-1".to_owned(), date(2026, 3, 6), vec![line.clone(); 2]);
        Document::Invoice(Invoice {
            header: header(),
            invoice_number,
            invoiced_on,
            lines,
            adjustments,
            ..Invoice::default()
        })
    };
    let rows = "document = \"invoice\"\nformat = \"csv\"\n[fields]\ninvoice_number = \"No\"\ninvoiced_on = \"Date\"\n\
                line.line = \"Line\"\nline.quantity = { column = \"Qty\", unit = \"EA\" }\nline.price = \"Price\"\n\
                charge.code = \"Charge\"\ncharge.amount = \"ChargeAmount\"\n";
    round_trip(&invoice(vec![charge("D240")]), rows);
    round_trip(&invoice(Vec::new()), rows);
    assert!(refused(&invoice(vec![charge("D240"), charge("G740")]), &map(rows)).contains("more than one charge"));

    let outcome = LineOutcome { status: LineStatus::Substituted, quantity: each(1.into()), ships_on: None };
    let line = OrderAckLine { line: Some("1".to_owned()), outcomes: vec![outcome], ..OrderAckLine::default() };
    let ack = OrderAck { header: header(), po_number: "1".to_owned(), lines: vec![line], ..OrderAck::default() };
    assert!(refused(&Document::OrderAck(ack), &map(ACK_JSON)).contains("values in the map has no word for that"));
}

#[test]
fn an_invoice_is_written_as_indented_xml() {
    let line = InvoiceLine {
        line: Some("1".to_owned()),
        item: ItemIds { vendor: Some("A&B".to_owned()), ..ItemIds::default() },
        description: None,
        quantity: each(24.into()),
        price: Price { amount: "3.61".parse().unwrap(), basis: None },
    };
    let invoice = Invoice {
        header: header(),
        invoice_number: "INV-1".to_owned(),
        invoiced_on: date(2026, 3, 6),
        lines: vec![line],
        ..Invoice::default()
    };
    insta::assert_snapshot!(written(&Document::Invoice(invoice), &map(INVOICE_XML)), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <Invoice>
      <Header>
        <InvoiceNo>INV-1</InvoiceNo>
        <InvoiceDate>2026-03-06</InvoiceDate>
      </Header>
      <Lines>
        <Line no="1">
          <Item>A&amp;B</Item>
          <Qty unit="EA">24</Qty>
          <Price>3.61</Price>
        </Line>
      </Lines>
    </Invoice>
    "#);
}

#[test]
fn an_acknowledgment_is_written_as_json_with_numbers_as_numbers() {
    let outcome =
        LineOutcome { status: LineStatus::Accepted, quantity: each("24.50".parse().unwrap()), ships_on: None };
    let line = OrderAckLine { line: Some("1".to_owned()), outcomes: vec![outcome], ..OrderAckLine::default() };
    let ack = OrderAck { header: header(), po_number: "45000".to_owned(), lines: vec![line], ..OrderAck::default() };
    insta::assert_snapshot!(written(&Document::OrderAck(ack), &map(ACK_JSON)), @r#"
    {
      "customerPo": "45000",
      "lines": [
        {
          "poLine": "1",
          "results": [
            {
              "qty": 24.50,
              "status": "OK"
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn a_settlement_is_written_and_read_with_cents_that_no_mark_sets_apart() {
    const SETTLEMENT: &str = "document = \"settlement\"\nformat = \"csv\"\ngroup_by = \"Payout\"\n[fields]\n\
        settlement_id = \"Payout\"\ndeposited_on = \"Day\"\namount = { column = \"Cents\", implied_decimals = 2 }\n\
        \"entry.is\" = \"What\"\n\"entry.amount\" = { column = \"Part\", implied_decimals = 2 }\n";
    let entry = |is: &str, cents: i64| SettlementEntry {
        is: Some(is.to_owned()),
        amount: Decimal::new(cents, 2),
        ..SettlementEntry::default()
    };
    let settlement = Settlement {
        header: header(),
        settlement_id: "P1".to_owned(),
        deposited_on: Some(date(2026, 3, 4)),
        amount: Decimal::new(4750, 2),
        entries: vec![entry("Order", 6000), entry("Fee", -1250), entry("Fee", -1250), entry("Fee", 1250)],
        ..Settlement::default()
    };
    let text = written(&Document::Settlement(settlement.clone()), &map(SETTLEMENT));
    assert!(text.contains("P1,2026-03-04,4750,Fee,-1250\n"), "{text}");
    round_trip(&Document::Settlement(settlement.clone()), SETTLEMENT);
    let fine = Settlement { amount: Decimal::new(47_505, 3), ..settlement };
    assert!(refused(&Document::Settlement(fine), &map(SETTLEMENT)).contains("writes it with 2 decimals"));
    let with_a_mark = text.replace("4750", "47.50");
    let (_, faults) = normalize::mapped::documents(with_a_mark.as_bytes(), "back", &map(SETTLEMENT));
    assert!(
        faults.iter().any(|fault| fault.found.as_deref() == Some("47.50")),
        "a written mark is no cents: {faults:?}"
    );
}
