//! Bytes for as long as they must be kept, and no longer; a copy that can be gone back to; evidence that others can check.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::house::{House, order_numbered};

const RETAILER: &str = "folders/megamart/outbound";
const TO_RETAILER: &str = "folders/megamart/inbound";

/// A file that nothing can be made of and that is too large for a row of the ledger.
fn large_noise(seed: u8) -> Vec<u8> {
    (0..200_000_u32).map(|place| (place.wrapping_mul(2_654_435_761) >> 13) as u8 ^ seed).collect()
}

/// Files below a directory, by their path from there.
fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files_below(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

fn change(path: &Path, edit: impl Fn(String) -> String) {
    fs::write(path, edit(fs::read_to_string(path).unwrap())).unwrap();
}

/// A house whose bytes are kept for a moment only, after some traffic, with nothing running.
fn house_after_traffic() -> House {
    let mut house = House::running();
    house.drop_file(RETAILER, "a.edi", &order_numbered(301));
    house.drop_file(RETAILER, "noise.edi", &large_noise(7));
    house.settled("a.edi");
    house.settled("noise.edi");
    let sent = |house: &House| {
        let rows = house.rows(&["ledger", "deliveries"]);
        rows.len() >= 3 && rows.iter().all(|row| row["state"] == "sent")
    };
    house.wait_for("everything to be delivered", sent);
    house.stop();
    change(&house.config(), |text| text.replace("keep = \"7 years\"", "keep = \"1 ms\""));
    house
}

fn verified(house: &House) -> serde_json::Value {
    let said = house.ask(&["ledger", "verify", "--json"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    serde_json::from_str(&said.out).unwrap()
}

fn pruned(proof: &serde_json::Value) -> u64 {
    proof["pruned"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
}

#[test]
fn pruned_bytes_are_gone_and_the_proof_says_when() {
    let house = house_after_traffic();
    let before = verified(&house);
    let dry = house.ask(&["ledger", "prune", "--dry-run"]);
    assert!(dry.out.contains("would be pruned"), "{}", dry.out);
    assert_eq!(verified(&house), before);
    assert_eq!(files_below(&house.path("archive")).len(), 1);

    let said = house.ask(&["ledger", "prune"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(files_below(&house.path("archive")), Vec::<PathBuf>::new());
    let after = verified(&house);
    assert_eq!(after["contents"], 0);
    assert_eq!(pruned(&after), before["contents"].as_u64().unwrap());
    assert!(house.ask(&["ledger", "verify"]).out.contains("pruned on 20"));
    let of = |rows: Vec<serde_json::Value>| rows.iter().filter(|row| row["kind"] == "pruned").count();
    assert_eq!(of(house.rows(&["ledger", "events", "--partner", "megamart"])), 1);

    let id = house.rows(&["ledger", "transmissions"])[0]["id"].as_str().unwrap().to_owned();
    for command in [&["show", "--transmission", &id][..], &["replay", &id][..]] {
        let said = house.ask(command);
        assert_eq!(said.code, 2);
        assert!(said.err.contains("were pruned on"), "{}", said.err);
    }
}

#[test]
fn a_legal_hold_outlasts_every_retention() {
    let house = house_after_traffic();
    change(&house.path("partners/megamart/partner.toml"), |text| {
        format!("{text}\n[retention]\nkeep = \"1 ms\"\nlegal_hold = \"case 4711\"\n")
    });
    let before = verified(&house);
    let said = house.ask(&["ledger", "prune"]);
    assert!(said.out.contains("a legal hold keeps"), "{}", said.out);
    assert_eq!(
        verified(&house)["contents"],
        before["contents"],
        "the ERP's copies of megamart's orders are held as well"
    );
}

#[test]
fn a_partner_that_is_not_there_is_not_pruned_silently() {
    let said = house_after_traffic().ask(&["ledger", "prune", "--partner", "megamrt"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("there is no partner"), "{}", said.err);
}

/// Wherever a run is killed: the chain holds, nothing is missing without a word, and the next run ends the work.
#[test]
fn a_prune_that_is_killed_is_finished_by_the_next() {
    for point in ["prune.rows.before", "prune.rows.after", "prune.file.before", "prune.file.after", "prune.files.after"]
    {
        let house = house_after_traffic();
        let contents = verified(&house)["contents"].as_u64().unwrap();
        let status = Command::new(env!("CARGO_BIN_EXE_edigate"))
            .args(["ledger", "prune", "--config", house.config().to_str().unwrap()])
            .env("EDIGATE_CRASH_AT", point)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(status.code().is_none(), "{point} was never reached");
        let proof = verified(&house);
        assert_eq!(proof["contents"].as_u64().unwrap() + pruned(&proof), contents, "{point}");
        assert_eq!(house.ask(&["ledger", "prune"]).code, 0, "{point}");
        assert_eq!(pruned(&verified(&house)), contents, "{point}");
        assert_eq!(files_below(&house.path("archive")), Vec::<PathBuf>::new(), "{point}");
    }
}

/// A second house on what was restored into its folder `restored`.
fn house_on_restored(backup: &Path, more: &[&str]) -> House {
    let house = House::new();
    let home = house.path("restored");
    let mut args = vec!["ledger", "restore", backup.to_str().unwrap(), "--to", home.to_str().unwrap()];
    args.extend(more);
    let said = house.edigate(&args);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    change(&house.config(), |text| text.replace("home = \".\"", "home = \"restored\""));
    for folder in ["megamart/outbound", "megamart/inbound", "erp/outbox", "erp/inbox"] {
        fs::create_dir_all(home.join("folders").join(folder)).unwrap();
    }
    house
}

/// The interchange control numbers of the files in a folder.
fn control_numbers(house: &House, folder: &str) -> Vec<u32> {
    let number = |name: String| {
        let text = fs::read_to_string(house.path(folder).join(name)).unwrap();
        text.split('*').nth(13).unwrap().parse().unwrap()
    };
    house.names(folder).into_iter().map(number).collect()
}

#[test]
fn a_backup_made_under_traffic_is_restored_and_goes_on() {
    let house = House::running();
    house.drop_file(RETAILER, "noise.edi", &large_noise(1));
    house.settled("noise.edi");
    let backup = house.path("backup");
    let feed = |from: u32| {
        for number in from..from + 12 {
            house.drop_file(RETAILER, &format!("{number}.edi"), &order_numbered(number));
            house.drop_file(RETAILER, &format!("noise_{number}.edi"), &large_noise(number as u8));
        }
    };
    std::thread::scope(|scope| {
        let traffic = scope.spawn(|| (400..700).step_by(20).for_each(feed));
        while !traffic.is_finished() {
            let said = house.ask(&["ledger", "backup", backup.to_str().unwrap()]);
            assert_eq!(said.code, 0, "{}", said.err);
        }
    });
    house.wait_for("every order to be answered", |house| house.names(TO_RETAILER).len() >= 15 * 12);
    let given = control_numbers(&house, TO_RETAILER);

    let sums = Command::new("sha256sum").args(["-c", "--quiet", "SHA256SUMS"]).current_dir(&backup).status().unwrap();
    assert!(sums.success());
    let mut second = house_on_restored(&backup, &["--skip-control-numbers", "1000"]);
    let proof = verified(&second);
    assert!(proof["contents"].as_u64().unwrap() > 1, "{proof}");
    second.start();
    second.drop_file("restored/folders/megamart/outbound", "after.edi", &order_numbered(999));
    assert_eq!(second.settled("after.edi")["state"], "processed");
    second.wait_for("its 997", |second| {
        let events = second.rows(&["ledger", "events", "--partner", "megamart"]);
        events.iter().any(|event| event["kind"] == "acknowledged" && event["text"].to_string().contains("000000999"))
    });
    let unsent = |second: &House| second.rows(&["ledger", "deliveries"]).iter().any(|row| row["state"] != "sent");
    second.wait_for("everything to be delivered", |second| !unsent(second));
    let highest = given.iter().max().unwrap();
    let again = control_numbers(&second, "restored/folders/megamart/inbound");
    assert!(again.iter().max().unwrap() > highest, "{again:?} after {highest}");
    let events = second.rows(&["ledger", "events", "--partner", "megamart"]);
    assert!(events.iter().any(|event| event["kind"] == "numbers_skipped"), "the journal tells of the gap");
    verified(&second);
}

#[test]
fn a_second_backup_copies_only_what_is_new_and_drops_what_was_pruned() {
    let mut house = house_after_traffic();
    let backup = house.path("backup");
    let run = |house: &House| house.rows(&["ledger", "backup", backup.to_str().unwrap()]).remove(0);
    assert_eq!(run(&house)["new_files"], 1);
    house.start();
    house.drop_file(RETAILER, "more.edi", &large_noise(9));
    house.settled("more.edi");
    let second = run(&house);
    assert_eq!((&second["files"], &second["new_files"]), (&2.into(), &1.into()));
    house.stop();
    house.ask(&["ledger", "prune"]);
    assert_eq!(run(&house)["files"], 0);
    assert_eq!(files_below(&backup.join("archive")), Vec::<PathBuf>::new());
    let restored = house_on_restored(&backup, &[]);
    assert!(pruned(&verified(&restored)) > 0);
}

#[test]
fn a_backup_that_is_killed_leaves_one_that_can_be_restored() {
    for point in ["backup.list.before", "backup.list.after"] {
        let house = house_after_traffic();
        let backup = house.path("backup");
        assert_eq!(house.ask(&["ledger", "backup", backup.to_str().unwrap()]).code, 0);
        house.ask(&["ledger", "prune"]);
        let status = Command::new(env!("CARGO_BIN_EXE_edigate"))
            .args(["ledger", "backup", backup.to_str().unwrap(), "--config", house.config().to_str().unwrap()])
            .env("EDIGATE_CRASH_AT", point)
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(status.code().is_none(), "{point} was never reached");
        let proof = verified(&house_on_restored(&backup, &[]));
        assert_eq!(pruned(&proof) > 0, point == "backup.list.after", "{point}: {proof}");
    }
}

#[test]
fn a_backup_that_was_changed_is_not_restored() {
    for damaged in ["archive", "ledger.db"] {
        let house = house_after_traffic();
        let backup = house.path("backup");
        assert_eq!(house.ask(&["ledger", "backup", backup.to_str().unwrap()]).code, 0);
        let file = match damaged {
            "archive" => files_below(&backup.join("archive")).remove(0),
            name => backup.join(name),
        };
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        // A new file, so that the house's own, which may be the same, stays as it is.
        fs::remove_file(&file).unwrap();
        fs::write(&file, bytes).unwrap();
        let home = house.path("restored");
        let said = house.edigate(&["ledger", "restore", backup.to_str().unwrap(), "--to", home.to_str().unwrap()]);
        assert_eq!(said.code, 2);
        assert!(said.err.contains("was changed after the backup was made"), "{}", said.err);
        assert!(!home.join("ledger.db").exists(), "no daemon may start on half a ledger");
    }
}

#[test]
fn a_home_that_is_not_empty_is_never_restored_over() {
    let house = house_after_traffic();
    let backup = house.path("backup");
    assert_eq!(house.ask(&["ledger", "backup", backup.to_str().unwrap()]).code, 0);
    let before = fs::read(house.path("ledger.db")).unwrap();
    let said =
        house.edigate(&["ledger", "restore", backup.to_str().unwrap(), "--to", house.path("").to_str().unwrap()]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("is not empty"), "{}", said.err);
    assert!(fs::read(house.path("ledger.db")).unwrap() == before);
}

/// The hash of an event as README.txt of the package describes it, from its line in journal.jsonl alone.
fn event_hash(event: &serde_json::Value, previous: &str) -> String {
    let mut bytes = Vec::new();
    let mut field = |tag: u8, value: &[u8]| {
        bytes.push(tag);
        bytes.extend((value.len() as u64).to_be_bytes());
        bytes.extend(value);
    };
    field(b't', previous.as_bytes());
    for name in
        ["partner", "sequence", "at", "kind", "transmission", "document", "delivery", "po_number", "text", "data"]
    {
        match &event[name] {
            serde_json::Value::Null => field(b'-', b""),
            serde_json::Value::Number(number) => field(b'i', &number.as_i64().unwrap().to_be_bytes()),
            text => field(b't', text.as_str().unwrap().as_bytes()),
        }
    }
    openssl::sha::sha256(&bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn export(house: &House, name: &str, more: &[&str]) -> PathBuf {
    let directory = house.path(name);
    let mut args = vec!["export", "--partner", "megamart", directory.to_str().unwrap()];
    args.extend(more);
    let said = house.ask(&args);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    directory
}

fn sums_hold(directory: &Path) -> bool {
    let said = Command::new("sha256sum").args(["-c", "--quiet", "SHA256SUMS"]).current_dir(directory).output().unwrap();
    said.status.success()
}

#[test]
fn a_third_party_can_check_the_evidence() {
    let house = house_after_traffic();
    let package = export(&house, "evidence", &[]);
    assert!(sums_hold(&package));
    let listed = fs::read_to_string(package.join("SHA256SUMS")).unwrap().lines().count();
    assert_eq!(files_below(&package).len(), listed + 1, "nothing stands there that is not listed");

    let journal = fs::read_to_string(package.join("journal.jsonl")).unwrap();
    let mut previous = String::new();
    for (sequence, line) in (1..).zip(journal.lines()) {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["sequence"], sequence);
        assert_eq!(event["previous"], previous.as_str());
        assert_eq!(event["hash"], event_hash(&event, &previous), "event {sequence}");
        previous = event["hash"].as_str().unwrap().to_owned();
    }
    assert!(
        fs::read_to_string(package.join("README.txt")).unwrap().contains(&previous),
        "the end of the chain is noted"
    );

    let of = |ending: &str| {
        files_below(&package.join("transmissions")).into_iter().find(|path| path.to_str().unwrap().ends_with(ending))
    };
    assert!(fs::read(of("_in_a.edi").unwrap()).unwrap() == order_numbered(301));
    assert!(fs::read(of("_in_noise.edi").unwrap()).unwrap() == large_noise(7));
    assert!(of(".edi").is_some_and(|path| path.exists()));
    for (table, word) in [
        ("documents.csv", "4500000301"),
        ("deliveries.csv", "997"),
        ("acknowledgments.csv", ",us,"),
        ("transmissions.csv", "noise.edi"),
    ] {
        assert!(fs::read_to_string(package.join(table)).unwrap().contains(word), "{table}");
    }
    let tampered = files_below(&package.join("transmissions")).remove(0);
    fs::write(tampered, "other").unwrap();
    assert!(!sums_hold(&package));
}

#[test]
fn the_same_ledger_gives_the_same_package() {
    let house = house_after_traffic();
    let (one, other) = (export(&house, "one", &[]), export(&house, "other", &[]));
    let names = |directory: &Path| -> Vec<PathBuf> {
        files_below(directory).iter().map(|path| path.strip_prefix(directory).unwrap().to_owned()).collect()
    };
    assert_eq!(names(&one), names(&other));
    for name in names(&one) {
        assert!(fs::read(one.join(&name)).unwrap() == fs::read(other.join(&name)).unwrap(), "{}", name.display());
    }
}

#[test]
fn a_span_has_its_own_events_without_a_gap_and_pruned_bytes_are_listed() {
    let mut house = house_after_traffic();
    let now = house.rows(&["ledger", "events"]).last().unwrap()["at"].as_str().unwrap().to_owned();
    house.ask(&["ledger", "prune"]);
    house.start();
    house.drop_file(RETAILER, "later.edi", &order_numbered(302));
    house.settled("later.edi");
    house.stop();
    let before = export(&house, "before", &["--until", &now]);
    let table = fs::read_to_string(before.join("transmissions.csv")).unwrap();
    assert!(table.contains(",pruned on 20"), "{table}");
    assert!(!table.contains("later.edi"));
    assert!(sums_hold(&before));

    let after = export(&house, "after", &["--since", &now]);
    let journal = fs::read_to_string(after.join("journal.jsonl")).unwrap();
    let events: Vec<serde_json::Value> = journal.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.len() > 2 && events[0]["sequence"].as_u64().unwrap() > 1);
    for event in &events {
        assert_eq!(event["hash"], event_hash(event, event["previous"].as_str().unwrap()));
    }
    assert!(events.windows(2).all(|pair| pair[1]["previous"] == pair[0]["hash"]));
}
