//! Two gateways that speak AS2 with each other by HTTPS: an order goes one way, its 997 comes back, and each keeps the other's
//! receipts.
//!
//! ```text
//! store ──folder──► MegaMart's edigate ══850, signed, compressed, encrypted══► Acme's edigate ──folder──► ERP
//!                                      ◄══════════════ receipt ═══════════════
//!                                      ◄══════════ 997, and so on ════════════
//! ```

use std::fs;

use crate::house::certificates::Identity;
use crate::house::http::free_port;
use crate::house::{House, sample};
use serde_json::Value;

/// How both ask for receipts.
#[derive(Debug, Clone, Copy)]
enum Receipts {
    Answered,
    Posted,
}

/// MegaMart's gateway and Acme's, with their daemons running.
fn two_houses(receipts: Receipts) -> (House, House) {
    let (mut mega, mut acme) = (House::new(), House::new());
    let ports = [free_port(), free_port()];
    let authority = Identity::authority(&mega.path(""), "authority");
    for (house, name) in [(&mega, "mega"), (&acme, "acme")] {
        crate::house::as2::identity(house, name);
        authority.signed_by(&house.path(""), "localhost", 90);
    }
    fs::copy(&authority.certificate_file, acme.path("authority.pem")).unwrap();
    fs::copy(mega.path("mega.pem"), acme.path("mega.pem")).unwrap();
    fs::copy(acme.path("acme.pem"), mega.path("acme.pem")).unwrap();
    speaks(&mega, "mega", "MEGAMART", ports[0]);
    speaks(&acme, "acme", "ACME", ports[1]);
    mega.edit_config("isa = \"ZZ:ACMESUPPLY\"", "isa = \"ZZ:MEGAMART\"");
    mega.edit_config("gs = \"ACMESUPPLY\"", "gs = \"MEGAMART\"");
    fs::remove_dir_all(mega.path("partners/megamart")).unwrap();
    add_partner(&mega, "store", STORE);
    let supplier = SUPPLIER.replace("WIRE", &wire(receipts, "ACME", "acme", ports[1]));
    add_partner(&mega, "supplier", &supplier);
    for folder in ["folders/store/outbound", "folders/store/inbound"] {
        fs::create_dir_all(mega.path(folder)).unwrap();
    }
    let retailer = acme.path("partners/megamart/partner.toml");
    let text = fs::read_to_string(&retailer).unwrap();
    let begin = text.find("via      = \"folder\"").unwrap();
    let end = begin + text[begin..].find("\n\n").unwrap();
    let wire = wire(receipts, "MEGAMART", "mega", ports[0]);
    fs::write(&retailer, format!("{}{wire}{}", &text[..begin], &text[end..])).unwrap();
    for (house, port) in [(&mut mega, ports[0]), (&mut acme, ports[1])] {
        house.start();
        house.wait_for("the listener", |_| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    }
    (mega, acme)
}

/// Gives a house its id and a listener by TLS.
fn speaks(house: &House, name: &str, id: &str, port: u16) {
    let gateway = fs::read_to_string(house.config()).unwrap();
    let tables = format!(
        "\n[as2]\nid = \"{id}\"\naddress = \"https://localhost:{port}/as2\"\n[[as2.certificate]]\nfile = \"{name}.pem\"\n\
         key = \"file:{name}.key\"\n[[listen]]\naddress = \"127.0.0.1:{port}\"\nserves = [\"as2\"]\n\
         certificate = \"localhost.pem\"\nkey = \"file:localhost.key\"\n"
    );
    fs::write(house.config(), gateway + &tables).unwrap();
}

fn add_partner(house: &House, name: &str, text: &str) {
    let folder = house.path("partners").join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("partner.toml"), text).unwrap();
}

/// The lines of an endpoint that reaches the other house.
fn wire(receipts: Receipts, id: &str, name: &str, port: u16) -> String {
    let by = match receipts {
        Receipts::Answered => "answer",
        Receipts::Posted => "post",
    };
    format!(
        "via = \"as2\"\naddress = \"https://localhost:{port}/as2\"\nid = \"{id}\"\ncertificate = \"../../{name}.pem\"\n\
         ca = \"authority.pem\"\ncompress = \"before signing\"\nreceipt_by = \"{by}\"\nreceipt_hosts = \"localhost\"\n\
         retry = {{ first = \"100 ms\", longest = \"300 ms\", give_up_after = \"60 s\" }}"
    )
}

/// Orders from there go on to the supplier.
const STORE: &str = r#"
name   = "A store of MegaMart"
role   = "retailer"
status = "production"

[x12]
isa         = "ZZ:STORE"
gs          = "STORE"
version     = "004010"
acknowledge = "none"

[[endpoint]]
name    = "mailbox"
via     = "folder"
pick_up = { from = "folders/store/outbound", match = "*.edi", settle = "50 ms", then = "delete" }

[[document]]
receive = "850"
to      = "supplier"
"#;

const SUPPLIER: &str = r#"
name   = "Acme Supply"
role   = "erp"
status = "production"

[x12]
isa         = "ZZ:ACMESUPPLY"
gs          = "ACMESUPPLY"
version     = "004010"
acknowledge = "none"

[[endpoint]]
name = "as2"
WIRE

[[document]]
send   = "850"
via    = "as2"
expect = { "997" = "24 h" }
"#;

/// The order of the samples as the store sends it.
fn order() -> Vec<u8> {
    let text = String::from_utf8(sample("megamart/850_101.edi")).unwrap();
    let text = text.replace("ZZ*MEGAMART       *ZZ*ACMESUPPLY     ", "ZZ*STORE          *ZZ*MEGAMART       ");
    text.replace("GS*PO*MEGAMART*ACMESUPPLY", "GS*PO*STORE*MEGAMART").into_bytes()
}

/// What a partner owes us, and whether it came.
fn expected(house: &House, what: &str) -> Vec<String> {
    let rows = house.rows(&["ledger", "expectations"]);
    let states = rows.iter().filter(|row| row["what"] == what).map(|row| row["state"].as_str().unwrap().to_owned());
    states.collect()
}

/// The delivery that begins so, once it is sent.
fn sent(house: &House, label: &str) -> Value {
    let find = |house: &House| {
        let rows = house.rows(&["ledger", "deliveries"]);
        rows.into_iter().find(|row| row["label"].as_str().unwrap().starts_with(label))
    };
    house.wait_for(&format!("{label} to be sent"), |house| find(house).is_some_and(|row| row["state"] == "sent"));
    find(house).unwrap()
}

/// The names of what a house keeps of one direction and begins so.
fn kept(house: &House, direction: &str, start: &str) -> usize {
    let rows = house.rows(&["ledger", "transmissions"]);
    let all =
        rows.iter().filter(|row| row["direction"] == direction && row["name"].as_str().unwrap().starts_with(start));
    all.count()
}

#[test]
fn two_gateways_exchange_an_order_and_its_acknowledgment_by_https_and_keep_each_others_receipts() {
    for receipts in [Receipts::Answered, Receipts::Posted] {
        let (mega, acme) = two_houses(receipts);
        mega.drop_file("folders/store/outbound", "850.edi", &order());
        acme.wait_for("the order at Acme's ERP", |house| {
            house.names("folders/erp/inbox") == ["4500012345.csv", "4500012345.json"]
        });
        let order = sent(&mega, "850");
        let answer = sent(&acme, "997");
        mega.wait_for("the 997 to meet what was expected", |house| expected(house, "997") == ["met"]);
        for (house, row, signer) in [(&mega, order, "CN=acme"), (&acme, answer, "CN=mega")] {
            let start = match receipts {
                Receipts::Answered => {
                    let receipt = row["receipt"].as_str().unwrap();
                    assert!(receipt.contains("processed, sha-256 ") && receipt.contains(signer), "{receipt}");
                    "receipt for "
                }
                Receipts::Posted => {
                    house.wait_for("the receipt", |house| expected(house, "mdn") == ["met"]);
                    "receipt for <"
                }
            };
            assert_eq!(kept(house, "in", start), 1, "{receipts:?}: {:#?}", house.rows(&["ledger", "transmissions"]));
            assert_eq!(kept(house, "in", "message <"), 1, "{receipts:?}: whole, as it was signed");
            assert_eq!(house.ask(&["status"]).code, 0, "{receipts:?}: {}", house.ask(&["status"]).out);
            let verified = house.ask(&["ledger", "verify"]);
            assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
        }
        for house in [&mega, &acme] {
            assert!(house.rows(&["ledger", "findings"]).is_empty(), "{:#?}", house.rows(&["ledger", "findings"]));
        }
    }
}

#[test]
fn without_the_authority_of_the_other_gateway_nothing_is_posted() {
    let (mut mega, acme) = two_houses(Receipts::Answered);
    assert_eq!(mega.stop(), 0);
    let supplier = mega.path("partners/supplier/partner.toml");
    let text = fs::read_to_string(&supplier).unwrap();
    fs::write(&supplier, text.replace("ca = \"authority.pem\"\n", "")).unwrap();
    mega.start();
    mega.drop_file("folders/store/outbound", "850.edi", &order());
    let retrying = |house: &House| {
        let rows = house.rows(&["ledger", "deliveries"]);
        rows.into_iter().find(|row| row["state"] == "retrying")
    };
    mega.wait_for("the refusal", |house| retrying(house).is_some());
    let why = retrying(&mega).unwrap()["last_error"].to_string();
    assert!(why.contains("certificate"), "{why}");
    assert_eq!(kept(&acme, "in", ""), 0);
    fs::write(&supplier, text).unwrap();
    mega.signal("-HUP");
    sent(&mega, "850");
    acme.wait_for("the order at Acme's ERP", |house| house.names("folders/erp/inbox").len() == 2);
}
