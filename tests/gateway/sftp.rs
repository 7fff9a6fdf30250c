//! A retailer's mailbox on an OpenSSH server: everything comes in once, goes out once, and every fault explains itself.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use crate::house::disk::Disk;
use crate::house::erp_api::Api;
use crate::house::http::{request, say};
use crate::house::sshd::Sshd;
use crate::house::{House, order_numbered_throughout, sample};
use edigate::ledger::engine::Value;

const TO_ERP: &str = "folders/erp/inbox";
const ACKNOWLEDGMENT: &str = "megamart_997_000000501.edi";

/// A house whose retailer is reached by its key, with nothing running.
fn house_on(server: &Sshd, pick_up: &str, drop_off: &str) -> House {
    let house = House::new();
    server.serve(&house, &server.by_key("id_ed25519"), pick_up, drop_off);
    house
}

/// The order of the sample came in and went on once, its 997 went out once, and nothing else is at the server.
fn one_order_went_through(house: &House, server: &Sshd) {
    house.wait_for("the acknowledgment and nothing hidden", |_| server.names("inbound") == [ACKNOWLEDGMENT]);
    house.wait_for("the order", |house| house.names(TO_ERP) == ["4500012345.csv", "4500012345.json"]);
    let text = String::from_utf8(server.bytes("inbound", ACKNOWLEDGMENT)).unwrap();
    assert!(text.contains("AK9*A*1*1*1"), "{text}");
    let verified = house.ask(&["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    assert_eq!(taken(house), 1);
}

/// How many files were taken and not known before.
fn taken(house: &House) -> usize {
    let rows = house.rows(&["ledger", "transmissions"]);
    rows.iter()
        .filter(|row| row["direction"] == "in" && row["endpoint"] == "mailbox" && row["state"] == "processed")
        .count()
}

#[test]
fn an_order_comes_in_and_its_acknowledgment_goes_out_by_every_way_to_log_in() {
    let Some(server) = Sshd::started_for("every way to log in") else { return };
    let password = format!("password = \"file:{}\"", server.path("password").display());
    let locked =
        format!("{}\nkey_passphrase = \"file:{}\"", server.by_key("id_protected"), server.path("passphrase").display());
    for log_in in [server.by_key("id_ed25519"), server.by_key("id_rsa"), locked, password] {
        let mut house = House::new();
        server.serve(&house, &log_in, "then = \"delete\"", "");
        house.start();
        server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
        one_order_went_through(&house, &server);
        assert_eq!(server.names("outbound"), [""; 0], "{log_in}");
        fs::remove_file(server.path("root/inbound").join(ACKNOWLEDGMENT)).unwrap();
    }
}

#[test]
fn a_server_that_asks_for_the_key_and_the_password_gets_both() {
    let Some(server) = Sshd::that_asks_for_both("the key and the password") else { return };
    let mut house = House::new();
    server.serve(&house, &server.by_key("id_ed25519"), "then = \"delete\"", "");
    house.start();
    let said = house.in_trouble("NET-E003");
    assert!(said.contains("does not let us in by key"), "{said}");
    let both = format!("{}\npassword = \"file:{}\"", server.by_key("id_ed25519"), server.path("password").display());
    server.serve(&house, &both, "then = \"delete\"", "");
    house.signal("-HUP");
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    one_order_went_through(&house, &server);
    house.is_well_again();
}

#[test]
fn a_server_that_asks_for_the_password_by_a_question_alone_is_answered() {
    let Some(server) = Sshd::that_asks_questions("questions") else { return };
    let password = format!("password = \"file:{}\"", server.path("password").display());
    let mut house = House::new();
    server.serve(&house, &password, "then = \"delete\"", "");
    house.start();
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    one_order_went_through(&house, &server);
    assert!(server.says("log").contains("Accepted keyboard-interactive"), "{}", server.says("log"));
    house.is_well_again();
}

#[test]
fn a_changed_host_key_stops_everything_until_the_partner_file_has_the_new_one() {
    let Some(server) = Sshd::started_for("a changed host key") else { return };
    let mut house = house_on(&server, "then = \"delete\"", "");
    let old = server.says("fingerprint");
    server.rekey();
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    house.start();
    let said = house.in_trouble("NET-E002");
    let new = server.says("fingerprint");
    assert!(said.contains(&old) && said.contains(&new), "{said}");
    assert_eq!(server.names("outbound"), ["order.edi"]);
    // Nobody heard our name: the server saw no attempt to log in.
    assert!(!server.says("log").contains(&format!("for {}", server.says("user"))), "{}", server.says("log"));
    server.serve(&house, &server.by_key("id_ed25519"), "then = \"delete\"", "");
    house.signal("-HUP");
    one_order_went_through(&house, &server);
    house.is_well_again();
}

#[test]
fn a_wrong_secret_is_told_and_no_secret_is() {
    let Some(server) = Sshd::started_for("wrong secrets") else { return };
    let wrong = server.path("wrong");
    fs::write(&wrong, "correct-horse-battery\n").unwrap();
    let file = |name: &str| server.path(name).display().to_string();
    for (log_in, code) in [
        (format!("password = \"file:{}\"", wrong.display()), "NET-E003"),
        (format!("password = \"file:{}\"", file("missing")), "NET-E004"),
        (format!("{}\nkey_passphrase = \"file:{}\"", server.by_key("id_protected"), wrong.display()), "NET-E004"),
        (format!("key = \"file:{}\"", file("password")), "NET-E004"),
    ] {
        let mut house = House::new();
        server.serve(&house, &log_in, "then = \"delete\"", "");
        house.start();
        house.in_trouble(code);
        let status = house.ask(&["status"]).out;
        let events = house.ask(&["ledger", "events"]).out;
        let told = format!("{}{status}{events}", house.log());
        for secret in ["correct-horse-battery".to_owned(), server.says("password"), server.says("passphrase")] {
            assert!(!told.contains(&secret), "{log_in}: {told}");
        }
        assert!(!told.contains("PRIVATE KEY"));
    }
}

/// What is in a process's list of arguments, everybody on the machine can read.
#[test]
fn no_secret_stands_in_a_list_of_processes_in_the_log_or_in_a_file_of_the_house() {
    let Some(server) = Sshd::that_asks_for_both("secrets that stay where they are") else { return };
    let (ours, theirs) = ("our-token-for-the-api-of-the-erp-4711", "their-token-for-our-api-which-is-long-0815");
    let api = Api::that(&[]);
    let mut house = House::new();
    let file = |name: &str| format!("\"file:{}\"", server.path(name).display());
    let log_in = format!(
        "{}\nkey_passphrase = {}\npassword = {}",
        server.by_key("id_protected"),
        file("passphrase"),
        file("password")
    );
    server.serve(&house, &log_in, "then = \"delete\"", "");
    let erp = house.path("partners/erp/partner.toml");
    let folder = "via      = \"folder\"\ndrop_off = { to = \"folders/erp/inbox\", name = \"{kind}_{number}.json\" }\n";
    let post = format!(
        "via = \"http\"\n[endpoint.post]\nto = \"http://127.0.0.1:{}/orders\"\nplain = true\n\
         name = \"{{kind}}_{{number}}.json\"\nauth = {{ bearer = \"file:erp.bearer\" }}\n",
        api.port
    );
    let text = fs::read_to_string(&erp).unwrap();
    assert!(text.contains(folder), "{text}");
    fs::write(&erp, text.replace(folder, &post)).unwrap();
    fs::write(house.path("erp.bearer"), ours).unwrap();
    house.give_token("megamart", theirs, "");
    let port = house.listen("");
    house.start();
    house.wait_for("the listener", |_| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    let handed_in = [("Authorization", format!("Bearer {theirs}")), ("Idempotency-Key", "k1".to_owned())];
    let handed_in = handed_in.each_ref().map(|(name, value)| (*name, value.as_str()));
    let answer =
        say(port, &request("POST", "/api/v1/documents?name=by_api.edi", &handed_in, &order_numbered_throughout(102)));
    assert_eq!(answer.status, 202, "{answer:?}");
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    house.wait_for("both orders at the ERP", |_| api.asked().len() >= 4);
    house.wait_for("both acknowledgments", |_| server.names("inbound").len() == 2);
    assert!(api.asked().iter().all(|asked| asked.header("authorization") == Some(&format!("Bearer {ours}"))));
    let key = server.says("id_protected");
    let secrets: [(&str, String); 5] = [
        ("the password", server.says("password")),
        ("the passphrase", server.says("passphrase")),
        ("a line of the key", key.lines().nth(1).unwrap().to_owned()),
        ("our token", ours.to_owned()),
        ("their token", theirs.to_owned()),
    ];
    let shown = shown_of(&house);
    assert!(shown.iter().any(|(place, bytes)| place.ends_with("cmdline") && contains(bytes, "gateway.toml")));
    assert!(shown.iter().any(|(place, _)| place.ends_with("ledger.db")));
    for (place, bytes) in &shown {
        for (what, secret) in &secrets {
            assert!(!contains(bytes, secret), "{what} stands in {place}");
        }
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// What others may come to see: of the daemon and its children what the system tells of processes, and every file of the house
/// but those that are there to keep a secret.
fn shown_of(house: &House) -> Vec<(String, Vec<u8>)> {
    let mut shown = Vec::new();
    let mut processes = vec![house.process()];
    while let Some(process) = processes.pop() {
        let directory = format!("/proc/{process}");
        shown.extend(["cmdline", "environ"].map(|name| {
            let place = format!("{directory}/{name}");
            let bytes = fs::read(&place).unwrap();
            (place, bytes)
        }));
        for task in fs::read_dir(format!("{directory}/task")).unwrap() {
            let children = fs::read_to_string(task.unwrap().path().join("children")).unwrap_or_default();
            processes.extend(children.split_whitespace().map(|child| child.parse::<u32>().unwrap()));
        }
    }
    let mut directories = vec![house.path("")];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let is_secret = ["erp.bearer", "megamart.token"].iter().any(|name| path.ends_with(name));
            if path.is_dir() {
                directories.push(path);
            } else if path.is_file() && !is_secret {
                shown.push((path.display().to_string(), fs::read(path).unwrap()));
            }
        }
    }
    shown
}

#[test]
fn after_it_was_taken_a_file_is_moved_where_the_partner_file_says() {
    let Some(server) = Sshd::started_for("moved files") else { return };
    let mut house = house_on(&server, "then = \"archive\"", "");
    house.start();
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    one_order_went_through(&house, &server);
    house.wait_for("the file in the archive", |_| server.names("outbound") == ["archive"]);
    assert_eq!(server.bytes("outbound/archive", "order.edi"), sample("megamart/850_101.edi"));
    // A name that is taken there is no reason to replace it.
    server.put("outbound", "order.edi", &order_numbered_throughout(102));
    house.wait_for("the second file in the archive", |_| server.names("outbound/archive").len() == 2);
    assert_eq!(server.bytes("outbound/archive", "order.edi"), sample("megamart/850_101.edi"));
}

#[test]
fn a_remembered_file_stays_and_is_taken_once_and_what_comes_in_its_place_is_new() {
    let Some(server) = Sshd::started_for("remembered files") else { return };
    let mut house = house_on(&server, "then = \"remember\"", "");
    house.start();
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    one_order_went_through(&house, &server);
    assert_eq!(house.stop(), 0);
    house.start();
    server.put("outbound", "second.edi", &order_numbered_throughout(102));
    house.wait_for("the second order", |house| taken(house) == 2);
    assert_eq!(server.names("outbound"), ["order.edi", "second.edi"]);
    assert_eq!(house.rows(&["ledger", "transmissions"]).iter().filter(|row| row["name"] == "order.edi").count(), 1);
    // The protocol tells time to the second.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    server.put("outbound", "order.edi", &order_numbered_throughout(103));
    house.wait_for("the order in its place", |house| taken(house) == 3);
    // The very same file that went away and came back is a file that came again.
    fs::remove_file(server.path("root/outbound/second.edi")).unwrap();
    house.wait_for("the file to be held no longer", |house| house.number("SELECT COUNT(*) FROM held_file") == Some(1));
    server.put("outbound", "second.edi", &order_numbered_throughout(102));
    house.wait_for("the repetition to be told", |house| {
        house
            .rows(&["ledger", "transmissions"])
            .iter()
            .any(|row| row["name"] == "second.edi" && row["state"] == "duplicate")
    });
}

#[test]
fn with_markers_a_file_waits_for_its_own_and_gets_one() {
    let Some(server) = Sshd::started_for("markers") else { return };
    let mut house = house_on(&server, "then = \"delete\", marker = \".done\"", ", marker = \".ok\"");
    // What a crash left of an earlier file does not offer the next one.
    server.put("outbound", "order.edi.done", b"");
    house.start();
    house.wait_for("the old marker to go", |_| server.names("outbound").is_empty());
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    server.put("outbound", "other.edi", &order_numbered_throughout(102));
    server.put("outbound", "other.edi.done", b"");
    house.wait_for("the file with a marker", |house| taken(house) == 1);
    house.wait_for("both to go", |_| server.names("outbound") == ["order.edi"]);
    house.wait_for("the acknowledgment with a marker", |_| {
        server.names("inbound") == [ACKNOWLEDGMENT.to_owned(), format!("{ACKNOWLEDGMENT}.ok")]
    });
}

#[test]
fn files_beyond_the_bounds_are_left_alone_and_named() {
    let Some(server) = Sshd::started_for("bounds") else { return };
    let mut house = house_on(&server, "then = \"delete\", max_size = \"2 KB\", max_age = \"30 days\"", "");
    server.put("outbound", "large.edi", &[b'x'; 2_001]);
    server.put("outbound", "old.edi", &order_numbered_throughout(102));
    let old = server.path("root/outbound/old.edi");
    let year = std::time::Duration::from_secs(365 * 86_400);
    fs::File::options().write(true).open(old).unwrap().set_modified(std::time::SystemTime::now() - year).unwrap();
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    house.start();
    one_order_went_through(&house, &server);
    let said = house.in_trouble("NET-W008");
    assert!(said.contains("large.edi and 1 others"), "{said}");
    assert_eq!(server.names("outbound"), ["large.edi", "old.edi"]);
}

#[test]
fn a_name_that_is_no_utf8_is_taken_and_one_that_would_lead_elsewhere_is_told() {
    use std::os::unix::ffi::OsStrExt as _;
    let Some(server) = Sshd::started_for("odd names") else { return };
    let mut house = house_on(&server, "then = \"archive\", marker = \".done\"", "");
    // Two names that a lossy reading takes for one, of the same size and time.
    for (name, number) in [(b"caf\xE8.edi".as_slice(), 102), (b"caf\xE9.edi", 103), (b"C:\\edi\\850.edi", 104)] {
        let path = server.path("root/outbound").join(std::ffi::OsStr::from_bytes(name));
        fs::write(&path, order_numbered_throughout(number)).unwrap();
        server.give_to_user(&path);
        fs::write(server.path("root/outbound").join(std::ffi::OsStr::from_bytes(&[name, b".done"].concat())), "")
            .unwrap();
    }
    house.start();
    house.wait_for("both", |house| taken(house) == 2);
    let rows = house.rows(&["ledger", "transmissions"]);
    let mut names: Vec<&str> =
        rows.iter().filter(|row| row["direction"] == "in").map(|row| row["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["caf%E8.edi", "caf%E9.edi"]);
    house.wait_for("both in the archive", |_| server.names("outbound/archive") == ["caf%E8.edi", "caf%E9.edi"]);
    house.wait_for("their markers to go", |_| {
        server.names("outbound") == ["C:\\edi\\850.edi", "C:\\edi\\850.edi.done", "archive"]
    });
    let said = house.in_trouble("NET-W009");
    assert!(said.contains("C:\\edi\\850.edi"), "{said}");
}

#[test]
fn a_name_as_long_as_a_server_lets_it_be_is_taken_and_one_that_cannot_be_moved_is_told() {
    let Some(server) = Sshd::started_for("long names") else { return };
    let mut house = house_on(&server, "then = \"archive\"", "");
    let name = format!("{}.edi", "n".repeat(251));
    let leave = |number: u32| {
        let path = server.path("root/outbound").join(&name);
        fs::write(&path, order_numbered_throughout(number)).unwrap();
        server.give_to_user(&path);
    };
    leave(102);
    house.start();
    house.wait_for("the file in the archive", |_| server.names("outbound") == ["archive"]);
    assert_eq!(server.names("outbound/archive"), [name.as_str()]);
    leave(103);
    server.put("outbound", "order.edi", &order_numbered_throughout(104));
    house.wait_for("every order", |house| taken(house) == 3);
    // Another file has its name in the archive, and an id before it would make it too long.
    house.in_trouble("NET-E005");
    house.wait_for("the last file in the archive", |_| server.names("outbound/archive").len() == 2);
    let told = house.trouble("NET-E005").unwrap();
    assert_eq!(told["what"], format!("file megamart/mailbox/{name}"));
    assert_eq!(server.bytes("outbound", &name), order_numbered_throughout(103));
    fs::remove_file(server.path("root/outbound/archive").join(&name)).unwrap();
    house.is_well_again();
    assert_eq!(server.names("outbound"), ["archive"]);
    assert_eq!(taken(&house), 3);
}

#[test]
fn what_a_killed_proof_left_at_a_server_is_removed() {
    let Some(server) = Sshd::started_for("a killed proof") else { return };
    let mut house = house_on(&server, "then = \"delete\"", "");
    server.put("inbound", ".edigate-01a20b760b917033aa327e1bbbcc66b6.tmp", b"half a proof");
    house.start();
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    one_order_went_through(&house, &server);
}

#[test]
fn a_file_that_cannot_be_read_is_told_once_however_often_it_is_looked_at() {
    let Some(server) = Sshd::started_for("a file that cannot be read") else { return };
    let mut house = house_on(&server, "then = \"delete\"", "");
    server.put("outbound", "locked.edi", &order_numbered_throughout(102));
    fs::set_permissions(server.path("root/outbound/locked.edi"), fs::Permissions::from_mode(0o000)).unwrap();
    house.start();
    house.in_trouble("NET-E005");
    // Each of them is seen at one look at least and taken at a later one.
    for number in 103..107 {
        server.put("outbound", "order.edi", &order_numbered_throughout(number));
        house.wait_for("the next order", |house| taken(house) == number as usize - 102);
        house.wait_for("it to go", |_| server.names("outbound") == ["locked.edi"]);
    }
    let events = house.rows(&["ledger", "events"]);
    let told: Vec<&str> =
        events.iter().filter_map(|event| event["text"].as_str().filter(|text| text.contains("locked.edi"))).collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    fs::set_permissions(server.path("root/outbound/locked.edi"), fs::Permissions::from_mode(0o644)).unwrap();
    house.wait_for("the locked one", |house| taken(house) == 5);
    house.is_well_again();
}

#[test]
fn a_name_that_is_taken_is_never_replaced_and_the_delivery_waits() {
    let Some(server) = Sshd::started_for("a taken name") else { return };
    let mut house = house_on(&server, "then = \"delete\"", "");
    server.put("inbound", ACKNOWLEDGMENT, b"somebody else's");
    house.start();
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    let retrying = |house: &House| {
        house.rows(&["ledger", "deliveries"]).iter().any(|row| {
            row["state"] == "retrying" && row["last_error"].as_str().unwrap().contains("nothing was replaced")
        })
    };
    house.wait_for("the delivery to be tried again", retrying);
    assert_eq!(server.bytes("inbound", ACKNOWLEDGMENT), b"somebody else's");
    fs::remove_file(server.path("root/inbound").join(ACKNOWLEDGMENT)).unwrap();
    one_order_went_through(&house, &server);
    // What worked and what failed last stays to be seen.
    let report = house.rows(&["status"]).remove(0);
    let way = |direction: &str| {
        let rows = report["traffic"].as_array().unwrap();
        rows.iter().find(|row| row["partner"] == "megamart" && row["direction"] == direction).unwrap().clone()
    };
    assert_eq!((way("in")["files"].as_u64(), way("out")["files"].as_u64()), (Some(1), Some(1)), "{report:#}");
    assert!(way("out")["why"].as_str().unwrap().contains("nothing was replaced"), "{report:#}");
    assert!(way("in")["failed"].is_null() && !way("in")["worked"].is_null(), "{report:#}");
}

#[test]
fn a_server_that_goes_away_in_mid_work_and_comes_back_loses_and_doubles_nothing() {
    let Some(server) = Sshd::started_for("a server that goes away") else { return };
    let mut house = house_on(&server, "then = \"delete\"", "");
    house.start();
    let count = 60;
    for number in 101..101 + count {
        server.put("outbound", &format!("{number}.edi"), &order_numbered_throughout(number));
        if number % 20 == 10 {
            house.wait_for("something to be on its way", |house| taken(house) > 0);
            server.kill();
            server.resume();
        }
    }
    house.wait_for("every order", |house| house.names(TO_ERP).len() == 2 * count as usize);
    house.wait_for("every acknowledgment and nothing hidden", |_| {
        let names = server.names("inbound");
        names.len() == count as usize && names.iter().all(|name| name.starts_with("megamart_997_"))
    });
    let answered: std::collections::BTreeSet<Vec<u8>> = server
        .names("inbound")
        .iter()
        .map(|name| {
            let text = String::from_utf8(server.bytes("inbound", name)).unwrap();
            text.lines().find(|line| line.starts_with("AK1")).unwrap().as_bytes().to_vec()
        })
        .collect();
    assert_eq!(answered.len(), count as usize, "one 997 for each group");
    house.wait_for("the mailbox to be empty", |_| server.names("outbound").is_empty());
    assert_eq!(taken(&house), count as usize);
    assert_eq!(house.ask(&["ledger", "verify"]).code, 0);
    house.is_well_again();
}

#[test]
fn a_full_disk_at_the_far_end_is_told_and_what_waits_goes_out_when_there_is_room() {
    let Some(server) = Sshd::started_for("a full disk at the far end") else { return };
    let mut house = house_on(&server, "then = \"delete\"", "");
    let disk = Disk::mounted_at(server.path("root/inbound"), 2);
    disk.fill();
    house.start();
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    let said = house.in_trouble("DLV-E001");
    assert!(said.contains("/inbound/"), "{said}");
    let visible: Vec<String> = server.names("inbound").into_iter().filter(|name| !name.starts_with('.')).collect();
    assert_eq!(visible, [""; 0], "no half file bears a name");
    disk.free();
    one_order_went_through(&house, &server);
    house.is_well_again();
}

#[test]
fn where_the_right_to_delete_is_lost_a_file_is_taken_once_and_goes_when_it_may() {
    let Some(server) = Sshd::started_for("a lost permission") else { return };
    let mut house = house_on(&server, "then = \"delete\"", "");
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    let outbound = server.path("root/outbound");
    fs::set_permissions(&outbound, fs::Permissions::from_mode(0o555)).unwrap();
    house.start();
    let said = house.in_trouble("NET-E005");
    assert!(said.contains("refuses to delete /outbound/order.edi: permission denied"), "{said}");
    assert_eq!(house.stop(), 0);
    house.start();
    house.in_trouble("NET-E005");
    fs::set_permissions(&outbound, fs::Permissions::from_mode(0o755)).unwrap();
    house.wait_for("the file to go", |_| server.names("outbound").is_empty());
    one_order_went_through(&house, &server);
    house.is_well_again();
}

/// Nothing but its bytes tells such a file from the one before it: a copy that keeps times makes one.
#[test]
fn a_file_like_the_one_that_was_to_be_deleted_is_read_before_it_goes() {
    let Some(server) = Sshd::started_for("a file in the place of another") else { return };
    for restarts in [false, true] {
        let mut house = house_on(&server, "then = \"delete\"", "");
        let (path, outbound) = (server.path("root/outbound/order.edi"), server.path("root/outbound"));
        server.put("outbound", "order.edi", &order_numbered_throughout(7));
        let written = fs::metadata(&path).unwrap().modified().unwrap();
        fs::set_permissions(&outbound, fs::Permissions::from_mode(0o555)).unwrap();
        house.start();
        house.in_trouble("NET-E005");
        if restarts {
            assert_eq!(house.stop(), 0);
        }
        fs::write(&path, order_numbered_throughout(8)).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
        if restarts {
            house.start();
        }
        house.wait_for("the second file to be taken", |house| taken(house) == 2);
        fs::set_permissions(&outbound, fs::Permissions::from_mode(0o755)).unwrap();
        house.wait_for("the file to go", |_| server.names("outbound").is_empty());
        house.wait_for("both orders", |house| {
            house.names(TO_ERP).iter().filter(|name| name.ends_with(".json")).eq(["4500000007.json", "4500000008.json"])
        });
        house.is_well_again();
        assert_eq!(house.stop(), 0);
    }
}

#[test]
fn a_peer_that_says_nothing_holds_up_nobody() {
    let Some(server) = Sshd::started_for("a silent peer") else { return };
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut house = house_on(&server, "then = \"delete\"", "");
    let erp = house.path("partners/erp/partner.toml");
    let text = fs::read_to_string(&erp).unwrap();
    let endpoint = format!(
        "[[endpoint]]\nname = \"silent\"\nvia = \"sftp\"\naddress = \"{}\"\nuser = \"nobody\"\n{}\nhost_key = \"{}\"\n\
         timeout = \"1 s\"\npick_up = {{ from = \"/\", every = \"100 ms\" }}\n\n[[document]]",
        silent.local_addr().unwrap(),
        server.by_key("id_ed25519"),
        server.says("fingerprint")
    );
    fs::write(&erp, text.replacen("[[document]]", &endpoint, 1)).unwrap();
    house.start();
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    one_order_went_through(&house, &server);
    let said = house.in_trouble("NET-E001");
    assert!(said.contains("does not answer"), "{said}");
    assert_eq!(house.stop(), 0, "a drain does not wait for it");
}

#[test]
fn ten_thousand_files_are_looked_through_and_a_large_one_is_taken_in_little_memory() {
    let Some(server) = Sshd::started_for("many files and a large one") else { return };
    let mut house = house_on(&server, "then = \"delete\"", "");
    let outbound = server.path("root/outbound");
    for number in 0..10_000 {
        fs::write(outbound.join(format!("{number}.txt")), b"not ours").unwrap();
    }
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    let size: u64 = if std::env::var_os("EDIGATE_FULL").is_some() { 1_000_000_000 } else { 200_000_000 };
    let large = outbound.join(".large");
    fs::File::create(&large).unwrap().set_len(size).unwrap();
    server.give_to_user(&large);
    fs::rename(&large, outbound.join("large.edi")).unwrap();
    house.start();
    house.wait_for("the order", |house| !house.names(TO_ERP).is_empty());
    let row = house.settled("large.edi");
    assert_eq!((row["state"].as_str(), row["size"].as_u64()), (Some("quarantined"), Some(size)), "{row:#}");
    house.wait_for("both to go", |_| server.names("outbound").len() == 10_000);
    let peak = house.peak_memory_kib();
    assert!(peak < 150_000, "{peak} KiB for a file of {size} bytes");
}

#[test]
fn at_whatever_point_a_crash_comes_the_order_goes_through_once() {
    let Some(server) = Sshd::started_for("crashes") else { return };
    let points = edigate::crash::WIRES.iter().chain(edigate::crash::POINTS);
    let on_the_way = |point: &&&str| {
        ["sftp.", "deliver.", "capture.row.", "capture.put_away."].iter().any(|room| point.starts_with(room))
    };
    let mut crashed = 0;
    for point in points.filter(on_the_way) {
        let mut house = house_on(&server, "then = \"delete\"", "");
        house.begin(|command| command.env("EDIGATE_CRASH_AT", point));
        server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
        // Folders have steps that servers have not, and the ERP's folder comes by most of them.
        house.wait_for(&format!("the crash at {point}, or the end"), |_| {
            server.names("outbound").is_empty() || house.is_gone()
        });
        house.wait_for("the crash or the acknowledgment", |_| {
            server.names("inbound") == [ACKNOWLEDGMENT] || house.is_gone()
        });
        if house.is_gone() {
            house.ended();
            crashed += 1;
        } else {
            house.kill();
        }
        house.start();
        one_order_went_through(&house, &server);
        house.wait_for("the mailbox to be empty", |_| server.names("outbound").is_empty());
        fs::remove_file(server.path("root/inbound").join(ACKNOWLEDGMENT)).unwrap();
    }
    assert!(crashed >= 16, "only {crashed} points were met");
}

/// Whether the delivery of the acknowledgment is done, as the ledger has it.
fn is_sent(house: &House) -> bool {
    let rows = house.rows(&["ledger", "deliveries"]);
    rows.iter().any(|row| row["partner"] == "megamart" && row["state"] == "sent")
}

#[test]
fn a_server_without_rename_gets_a_file_under_its_name_at_once_and_half_of_one_is_written_over() {
    let Some(server) = Sshd::started_for("no rename") else { return };
    let log_in = format!("{}\nrename = false", server.by_key("id_ed25519"));
    let notes = server.notes();
    let mut cut = 0;
    for point in ["", "deliver.roll.after", "deliver.name.after", "deliver.name.after:2", "deliver.name.after:3"] {
        let mut house = House::new();
        server.serve(&house, &log_in, "then = \"delete\"", "");
        server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
        let path = server.path("root/inbound").join(ACKNOWLEDGMENT);
        if point.is_empty() {
            house.start();
        } else {
            house.begin(|command| command.env("EDIGATE_CRASH_AT", point));
            house.wait_for(&format!("the crash at {point}"), House::is_gone);
            house.ended();
            // The crash may have come at the ERP's own file, before or after this one.
            if path.exists() && !is_sent(&house) {
                let whole = fs::read(&path).unwrap();
                fs::write(&path, &whole[..whole.len() / 2]).unwrap();
                cut += 1;
            }
            house.start();
        }
        one_order_went_through(&house, &server);
        house.is_well_again();
        fs::remove_file(path).unwrap();
    }
    assert!(cut > 0, "no crash came while the acknowledgment was on its way");
    let asked = notes.so_far();
    assert!(asked.contains(&format!("open \"/inbound/{ACKNOWLEDGMENT}\"")), "{asked}");
    assert!(!asked.contains("rename"), "{asked}");
}

#[test]
fn paths_with_drive_letters_are_taken_as_a_windows_server_tells_them() {
    let Some(server) = Sshd::started_for("drive letters") else { return };
    let mut house = house_on(&server, "then = \"archive\"", "");
    for folder in ["C:/EDI/out", "C:/EDI/in"] {
        let path = server.path("root").join(folder);
        fs::create_dir_all(&path).unwrap();
        server.give_to_user(&path);
    }
    move_mailboxes(&house, "/C:/EDI/out", "/C:/EDI/in");
    server.put("C:/EDI/out", "order.edi", &sample("megamart/850_101.edi"));
    server.put("C:/EDI/out", "EDI\\850.edi", &order_numbered_throughout(102));
    let tried = house.ask(&["partner", "test", "megamart"]);
    assert!(tried.code == 0 && tried.out.contains("list /C:/EDI/out"), "{}{}", tried.out, tried.err);
    house.start();
    house.wait_for("the acknowledgment and nothing hidden", |_| server.names("C:/EDI/in") == [ACKNOWLEDGMENT]);
    house.wait_for("the file in the archive", |_| server.names("C:/EDI/out/archive") == ["order.edi"]);
    assert_eq!(server.names("C:/EDI/out"), ["EDI\\850.edi", "archive"]);
    assert_eq!(taken(&house), 1);
    let rows = house.rows(&["ledger", "deliveries"]);
    let receipt = rows.iter().find(|row| row["partner"] == "megamart").unwrap()["receipt"].to_string();
    assert!(receipt.contains(&format!("/C:/EDI/in/{ACKNOWLEDGMENT}")), "{receipt}");
    let said = house.in_trouble("NET-W009");
    assert!(said.contains("EDI\\850.edi"), "{said}");
}

/// Makes the retailer's mailbox a directory of that path at the server.
fn move_mailboxes(house: &House, outbound: &str, inbound: &str) {
    let partner = house.path("partners/megamart/partner.toml");
    let text = fs::read_to_string(&partner).unwrap();
    let text = text.replace("\"/outbound\"", &format!("\"{outbound}\""));
    fs::write(&partner, text.replace("\"/inbound\"", &format!("\"{inbound}\""))).unwrap();
}

#[test]
fn files_that_a_server_lists_in_no_order_are_taken_once_and_by_their_names() {
    let Some(server) = Sshd::that_lists_in_no_order("no order") else { return };
    let mut house = house_on(&server, "then = \"delete\"", "");
    let path = |mailbox: &str| server.path("root").join(mailbox).display().to_string();
    move_mailboxes(&house, &path("outbound"), &path("inbound"));
    let numbers = 101..141;
    // The last name is that of the oldest file.
    for number in numbers.clone().rev() {
        server.put("outbound", &format!("{number}.edi"), &order_numbered_throughout(number));
    }
    house.start();
    house.wait_for("an empty mailbox", |_| server.names("outbound").is_empty());
    house.wait_for("every order", |house| house.names(TO_ERP).len() == 2 * numbers.len());
    house.wait_for("every acknowledgment", |_| server.names("inbound").len() == numbers.len());
    let came: Vec<Vec<Value>> = {
        let table = house.table("transmission", "WHERE direction = 'in' ORDER BY id");
        let column = |name| table.columns.iter().position(|column| column == name).unwrap();
        let (name, state) = (column("name"), column("state"));
        table.rows.iter().map(|row| vec![row[name].clone(), row[state].clone()]).collect()
    };
    let expected = numbers.map(|number| vec![format!("{number}.edi").into(), "processed".into()]);
    assert_eq!(came, expected.collect::<Vec<_>>());
    let report = house.rows(&["status"]).remove(0);
    let rows = report["traffic"].as_array().unwrap();
    let way = rows.iter().find(|row| row["partner"] == "megamart" && row["direction"] == "in").unwrap();
    assert_eq!(way["files"], came.len(), "each entry was listed twice");
    house.is_well_again();
}

/// Many servers refuse to set times or modes; whoever insists on it never delivers there.
#[test]
fn no_server_is_asked_to_set_times_or_modes() {
    let Some(server) = Sshd::started_for("no times are set") else { return };
    let mut house = house_on(&server, "then = \"archive\", marker = \".done\"", ", marker = \".ok\"");
    let notes = server.notes();
    house.start();
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    server.put("outbound", "order.edi.done", b"");
    house.wait_for("the file in the archive", |_| server.path("root/outbound/archive/order.edi").exists());
    house.wait_for("the acknowledgment with a marker, and nothing hidden", |_| server.names("inbound").len() == 2);
    assert_eq!(house.ask(&["partner", "test", "megamart"]).code, 0);
    assert_eq!(house.stop(), 0);
    let asked = notes.so_far();
    for operation in ["opendir", "open \"/outbound/order.edi\"", "rename old", "remove name", "mkdir"] {
        assert!(asked.contains(operation), "{operation} is not noted, so that nothing is proved:\n{asked}");
    }
    for operation in ["setstat", "set \"", "utimes", "chmod"] {
        assert!(!asked.contains(operation), "{operation}:\n{asked}");
    }
}

#[test]
fn a_trial_says_what_was_tried_and_what_answered_and_takes_and_leaves_nothing() {
    let Some(server) = Sshd::started_for("a trial") else { return };
    let house = house_on(&server, "then = \"delete\"", "");
    server.put("outbound", "order.edi", &sample("megamart/850_101.edi"));
    let said = house.ask(&["partner", "test", "megamart"]);
    let expected = format!(
        "megamart/mailbox\n  ok  connect to 127.0.0.1:{port}: 127.0.0.1:{port} answers\n  ok  compare the host key: it is {}\n  \
         ok  log in as {}: let in by key\n  ok  start SFTP: it is there\n  ok  list /outbound for *.edi: 1 file waits\n  \
         ok  write to /inbound and delete again: it takes files\n",
        server.says("fingerprint"),
        server.says("user"),
        port = server.says("port"),
    );
    assert_eq!((said.code, said.out), (0, expected), "{}", said.err);
    assert_eq!((server.names("outbound").len(), server.names("inbound").len()), (1, 0));
    server.rekey();
    let said = house.ask(&["check", "--live"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("NO  go on with sftp://") && said.out.contains("NET-E002"), "{}", said.out);
    assert!(said.out.contains("erp/inbox\n  ok  write to "), "{}", said.out);
    let rows = house.rows(&["partner", "test", "megamart"]);
    assert_eq!(
        (rows[0]["ok"].as_bool(), rows[1]["fault"]["code"].as_str()),
        (Some(true), Some("NET-E002")),
        "{rows:#?}"
    );
}
