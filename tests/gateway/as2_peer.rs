//! AS2 with another make: pyas2lib in a process of its own, in both directions, in every way that it can.
//!
//! It knows PKCS #1 signatures and key transport, CBC ciphers, one place of compression on sending, both on receiving. It returns no
//! digest of what nobody signed. The rest is tested between edigate and itself (`transport::as2::tests::permutations`).

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::house::as2::identity;
use crate::house::http::free_port;
use crate::house::{House, sample};
use serde_json::{Value, json};

/// The other process.
struct Peer {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    port: u16,
}

impl Peer {
    fn start(house: &House) -> Peer {
        let venv = std::env::var("EDIGATE_TEST_VENV")
            .unwrap_or_else(|_| format!("{}/target/venv", env!("CARGO_MANIFEST_DIR")));
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gateway/as2_peer.py");
        let mut command = Command::new(format!("{venv}/bin/python"));
        command.arg(script).arg(house.path("")).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("tests/run installs pyas2lib into target/venv");
        let (input, output) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        let mut peer = Peer { process, input, output, port: 0 };
        peer.port = u16::try_from(peer.hear()["port"].as_u64().unwrap()).unwrap();
        peer
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("the peer ended: {error}"))
    }

    fn say(&mut self, what: &Value) -> Value {
        writeln!(self.input, "{what}").unwrap();
        let said = self.hear();
        assert!(said["error"].is_null(), "{said}");
        said
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A house that speaks AS2 with the peer; `lines` stand in the endpoint.
fn agree(lines: &str) -> (House, Peer, u16) {
    let mut house = House::new();
    identity(&house, "ours");
    identity(&house, "peer");
    let peer = Peer::start(&house);
    let listens = free_port();
    let gateway = std::fs::read_to_string(house.config()).unwrap();
    let ours = format!(
        "\n[as2]\nid = \"ACME\"\naddress = \"http://127.0.0.1:{listens}/as2\"\n[[as2.certificate]]\nfile = \"ours.pem\"\n\
         key = \"file:ours.key\"\n[[listen]]\naddress = \"127.0.0.1:{listens}\"\nserves = [\"as2\"]\n"
    );
    std::fs::write(house.config(), gateway + &ours).unwrap();
    let path = house.path("partners/megamart/partner.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    let begin = file.find("via      = \"folder\"").unwrap();
    let end = begin + file[begin..].find("\n\n").unwrap();
    let wire = format!(
        "via = \"as2\"\naddress = \"http://127.0.0.1:{}/as2\"\nplain = true\nid = \"Mega Mart\"\n\
         certificate = \"../../peer.pem\"\nretry = {{ first = \"100 ms\", longest = \"300 ms\", give_up_after = \"60 s\" }}\n\
         receipt_hosts = \"127.0.0.1\"\n{lines}",
        peer.port
    );
    std::fs::write(&path, format!("{}{wire}{}", &file[..begin], &file[end..])).unwrap();
    house.start();
    house.wait_for("the listener", |_| std::net::TcpStream::connect(("127.0.0.1", listens)).is_ok());
    (house, peer, listens)
}

#[test]
fn every_message_that_pyas2lib_can_send_is_taken_and_our_receipt_satisfies_it() {
    let (house, mut peer, port) = agree("require = \"nothing\"\nweak = true");
    let mut count = 0;
    let digests = ["sha1", "sha256", "sha384", "sha512"];
    let ciphers = ["tripledes_192_cbc", "aes_128_cbc", "aes_192_cbc", "aes_256_cbc"];
    let signs = [None].into_iter().chain(digests.map(Some));
    for sign in signs {
        for encrypt in [None].into_iter().chain(ciphers.map(Some)) {
            for compress in [false, true] {
                for (mode, receipt) in [
                    (None, None),
                    (Some("SYNC"), None),
                    // It compares by its signature's digest, whatever it asked for.
                    (Some("SYNC"), Some(sign.unwrap_or("sha256"))),
                    (Some("ASYNC"), None),
                    (Some("ASYNC"), Some(sign.unwrap_or("sha512"))),
                ] {
                    // A weekday's worth of posted receipts proves no more than a few of them.
                    if mode == Some("ASYNC") && encrypt.is_some_and(|cipher| cipher != "aes_256_cbc") {
                        continue;
                    }
                    count += 1;
                    let name = format!("850_{count}.edi");
                    // Bytes of their own, so that none is known.
                    let order = [sample("megamart/850_101.edi"), format!("{count}\n").into_bytes()].concat();
                    let file = house.path(&name);
                    std::fs::write(&file, &order).unwrap();
                    let mut options = json!({
                        "sign": sign.is_some(), "encrypt": encrypt.is_some(), "compress": compress,
                        "digest_alg": sign.unwrap_or("sha256"), "enc_alg": encrypt.unwrap_or("aes_256_cbc"),
                    });
                    if let Some(mode) = mode {
                        options["mdn_mode"] = mode.into();
                    }
                    if let Some(receipt) = receipt {
                        options["mdn_digest_alg"] = receipt.into();
                    }
                    let url = format!("http://127.0.0.1:{port}/as2");
                    let said =
                        peer.say(&json!({ "do": "send", "url": url, "file": file, "name": name, "options": options }));
                    assert_eq!(said["status"], 200, "{options}: {said}");
                    if mode.is_some() {
                        assert_eq!(
                            (&said["receipt"], &said["detail"]),
                            (&"processed".into(), &Value::Null),
                            "{options}: {said}"
                        );
                    }
                }
            }
        }
    }
    eprintln!("{count} permutations from pyas2lib to edigate");
    let taken = |house: &House| {
        let rows = house.rows(&["ledger", "transmissions"]);
        rows.iter().filter(|row| row["name"].as_str().is_some_and(|name| name.starts_with("850_"))).count()
    };
    assert_eq!(taken(&house), count);
}

#[test]
fn every_message_that_we_can_send_to_pyas2lib_is_read_there_and_its_receipt_is_believed() {
    let mut count = 0;
    for (protection, options) in [
        ("sign = \"none\"\nencrypt = \"none\"", json!({})),
        ("sign = \"sha-1\"\nencrypt = \"none\"", json!({ "sign": true })),
        ("sign = \"sha-256\"\nencrypt = \"none\"", json!({ "sign": true })),
        ("sign = \"none\"\nencrypt = \"3des\"", json!({ "encrypt": true })),
        ("sign = \"sha-384\"\nencrypt = \"aes-128-cbc\"", json!({ "sign": true, "encrypt": true })),
        ("sign = \"sha-512\"\nencrypt = \"aes-192-cbc\"", json!({ "sign": true, "encrypt": true })),
        ("sign = \"sha-256\"\nencrypt = \"aes-256-cbc\"", json!({ "sign": true, "encrypt": true })),
    ] {
        for rest in [
            "receipt = \"none\"",
            "receipt = \"unsigned\"",
            "receipt = \"signed\"",
            "receipt = \"signed\"\ncompress = \"before signing\"",
            "receipt = \"signed\"\ncompress = \"after signing\"\ntransfer = \"base64\"",
            "receipt = \"signed\"\nreceipt_by = \"post\"",
        ] {
            let (house, mut peer, port) = agree(&format!("require = \"nothing\"\n{protection}\n{rest}"));
            let mut options = options.clone();
            if rest.contains("base64") {
                // It would decode the part before it verifies the signature.
                options["canonicalize_as_binary"] = false.into();
            }
            peer.say(&json!({ "do": "options", "options": options }));
            let file = house.path("order.edi");
            std::fs::write(&file, sample("megamart/850_101.edi")).unwrap();
            let sending = json!({ "sign": true, "encrypt": true, "enc_alg": "aes_256_cbc", "mdn_mode": "SYNC", "mdn_digest_alg": "sha256" });
            let url = format!("http://127.0.0.1:{port}/as2");
            peer.say(&json!({ "do": "send", "url": url, "file": file, "name": "850_101.edi", "options": sending }));
            let what = format!("{protection}\n{rest}");
            let delivery = |house: &House| {
                let rows = house.rows(&["ledger", "deliveries"]);
                rows.into_iter().find(|row| {
                    row["partner"] == "megamart" && row["label"].as_str().is_some_and(|label| label.starts_with("997"))
                })
            };
            house.wait_for(&format!("the 997 to be sent ({what})"), |house| {
                delivery(house).is_some_and(|row| row["state"] == "sent" || row["state"] == "parked")
            });
            let row = delivery(&house).unwrap();
            assert_eq!(row["state"], "sent", "{what}: {row}");
            if rest.contains("post") {
                let met = |house: &House| {
                    house
                        .rows(&["ledger", "expectations"])
                        .iter()
                        .any(|row| row["what"] == "mdn" && row["state"] == "met")
                };
                house.wait_for(&format!("the posted receipt ({what})"), met);
            }
            let got = peer.say(&json!({ "do": "got" }))["got"][0].clone();
            assert!(got["error"].is_null(), "{what}: {got}");
            assert_eq!(got["name"], row["name"], "{what}");
            assert!(got["content"].as_str().unwrap().starts_with("495341"), "{what}: it begins with ISA");
            count += 1;
        }
    }
    eprintln!("{count} permutations from edigate to pyas2lib");
}
