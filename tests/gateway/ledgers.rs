//! A ledger as a whole, from the command line: its schema, and its way to another database.

use crate::house::{House, sample, schema_on};

const RETAILER: &str = "folders/megamart/outbound";
const TO_RETAILER: &str = "folders/megamart/inbound";

/// The line of gateway.toml that names the ledger.
const FILE: &str = r#"ledger = "sqlite:ledger.db""#;

/// The samples' order under another interchange control number and order number.
fn order(number: u32) -> Vec<u8> {
    let text = String::from_utf8(sample("megamart/850_101.edi")).unwrap();
    let text = text.replace("000000101", &format!("{number:09}")).replace("4500012345", &format!("45000{number:05}"));
    text.into_bytes()
}

/// Takes an order in and waits until it is acknowledged.
fn trade(house: &House, number: u32) {
    let acknowledged = house.names(TO_RETAILER).len();
    house.drop_file(RETAILER, &format!("order_{number}.edi"), &order(number));
    assert_eq!(house.settled(&format!("order_{number}.edi"))["state"], "processed");
    house.wait_for("the acknowledgment", |house| house.names(TO_RETAILER).len() > acknowledged);
    house.wait_for("everything to be sent", |house| house.rows(&["ledger", "deliveries", "--overdue"]).is_empty());
}

#[test]
fn the_books_move_and_the_daemon_goes_on_with_the_next_number_and_event() {
    let mut house = House::with_a_file();
    house.start();
    trade(&house, 301);
    let to = match std::env::var("EDIGATE_TEST_LEDGER") {
        Ok(server) => schema_on(&server),
        Err(_) => "sqlite:moved.db".to_owned(),
    };
    let refused = house.ask(&["ledger", "copy", "sqlite:ledger.db", &to]);
    assert_eq!(refused.code, 2, "{}", refused.out);
    assert!(refused.err.contains("another edigate runs in "), "{}", refused.err);
    assert!(refused.err.contains("hint: stop the daemon first"), "{}", refused.err);
    house.stop();
    let (events, names) = (house.rows(&["ledger", "events"]), house.names(TO_RETAILER));

    let said = house.ask(&["ledger", "copy", "sqlite:ledger.db", &to]);
    assert_eq!(said.code, 0, "{}", said.err);
    let proved = format!("proved there: {} events in their chains", events.len());
    assert!(said.out.contains(&proved) && said.out.contains("the archive stays where it is: "), "{}", said.out);
    assert!(said.err.contains("copied event: "), "{}", said.err);

    house.edit_config(FILE, &format!("ledger = \"{to}\""));
    assert_eq!(house.rows(&["ledger", "events"]), events);
    house.start();
    trade(&house, 302);
    let all = house.rows(&["ledger", "events"]);
    assert!(all.len() > events.len());
    assert_eq!(all[..events.len()], events);
    let next = house.names(TO_RETAILER).into_iter().find(|name| !names.contains(name)).unwrap();
    let number = |name: &str| name.trim_end_matches(".edi").rsplit('_').next().unwrap().parse::<u32>().unwrap();
    assert_eq!(number(&next), number(&names[0]) + 1);
    let verified = house.ask(&["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{}", verified.out);

    let again = house.ask(&["ledger", "copy", "sqlite:ledger.db", &to]);
    assert_eq!(again.code, 2, "{}", again.out);
}

#[test]
fn a_copy_into_a_ledger_that_holds_anything_is_refused_and_says_what_to_do() {
    let mut house = House::with_a_file();
    house.start();
    trade(&house, 303);
    house.stop();
    let said = house.ask(&["ledger", "copy", "sqlite:ledger.db", "sqlite:other.db", "--json"]);
    let copied: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(copied["events"], house.rows(&["ledger", "events"]).len());
    let said = house.ask(&["ledger", "copy", "sqlite:ledger.db", "sqlite:other.db"]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("already holds rows (table "), "{}", said.err);
    assert!(said.err.contains("hint: name another file or database"), "{}", said.err);
    for (from, complaint) in [
        ("sqlite:missing.db", "there is no ledger at "),
        ("ledger.db", "\"ledger.db\" is no address of a ledger"),
        ("postgres://me:hunter2@db.example/edigate", "the ledger's address holds a password"),
    ] {
        let said = house.ask(&["ledger", "copy", from, "sqlite:third.db"]);
        assert!(said.code == 2 && said.err.contains(complaint), "{from}: {}", said.err);
        assert!(!said.err.contains("hunter2"), "{}", said.err);
    }
    assert!(!house.path("third.db").exists());
}

/// The schema of version 1 is the one that the first release made.
#[test]
fn an_older_ledger_is_named_as_such_and_migrated_on_demand_or_by_the_daemon() {
    for by_the_daemon in [false, true] {
        let mut house = House::with_a_file();
        let ledger = rusqlite::Connection::open(house.path("ledger.db")).unwrap();
        ledger.execute_batch(include_str!("../../src/ledger/schema/001.sql")).unwrap();
        ledger
            .execute_batch(
                "CREATE TABLE schema_version (version BIGINT NOT NULL); INSERT INTO schema_version VALUES (1)",
            )
            .unwrap();
        drop(ledger);
        let said = house.ask(&["ledger", "events"]);
        assert_eq!(said.code, 2, "{}", said.out);
        assert!(said.err.contains(" has schema version 1, this build reads "), "{}", said.err);
        assert!(said.err.contains("`edigate ledger migrate` brings the ledger to "), "{}", said.err);
        let copy = house.ask(&["ledger", "copy", "sqlite:ledger.db", "sqlite:other.db"]);
        assert!(copy.code == 2 && copy.err.contains("edigate ledger migrate"), "{}", copy.err);
        if by_the_daemon {
            house.start();
        } else {
            let said = house.ask(&["ledger", "migrate"]);
            assert_eq!(said.code, 0, "{}", said.err);
            assert!(said.out.contains(" from version 1 to version "), "{}", said.out);
        }
        let said = house.ask(&["ledger", "migrate"]);
        assert!(said.code == 0 && said.out.contains(" is already at version "), "{}{}", said.out, said.err);
        assert_eq!(house.ask(&["ledger", "events"]).code, 0);
    }
}

#[test]
fn a_newer_ledger_is_refused_by_every_command_and_not_touched() {
    let house = House::with_a_file();
    assert_eq!(house.ask(&["ledger", "migrate"]).code, 2, "there is none yet");
    let ledger = rusqlite::Connection::open(house.path("ledger.db")).unwrap();
    ledger
        .execute_batch("CREATE TABLE schema_version (version BIGINT NOT NULL); INSERT INTO schema_version VALUES (99)")
        .unwrap();
    drop(ledger);
    for command in [&["ledger", "migrate"][..], &["ledger", "events"], &["run"]] {
        let said = house.ask(command);
        assert_eq!(said.code, 2, "{command:?}: {}", said.out);
        let complaint = "has schema version 99, this build knows ";
        assert!(said.err.contains(complaint), "{command:?}: {}", said.err);
    }
    let version: i64 = rusqlite::Connection::open(house.path("ledger.db"))
        .unwrap()
        .query_row("SELECT version FROM schema_version", [], |row| row.get(0))
        .unwrap();
    assert_eq!(version, 99);
}

#[test]
fn migrating_says_the_same_in_json_and_makes_a_ledger_on_a_server_that_has_none() {
    let house = House::new();
    let Ok(_) = std::env::var("EDIGATE_TEST_LEDGER") else {
        let mut house = house;
        house.start();
        let row = &house.rows(&["ledger", "migrate"])[0];
        assert_eq!(row["from"], row["to"]);
        return;
    };
    let row = &house.rows(&["ledger", "migrate"])[0];
    assert_eq!(row["from"], 0);
    assert!(row["ledger"].as_str().unwrap().starts_with("postgres://"), "{row}");
    let said = house.ask(&["ledger", "migrate"]);
    assert!(said.out.contains("is already at version "), "{}", said.out);
}
