//! Bytes for as long as they must be kept, and no longer; a copy that can be gone back to; evidence that others can check.

mod house;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use house::{House, sample};

const RETAILER: &str = "folders/megamart/outbound";

/// The clean order of the samples under other numbers.
fn order(control_number: u32) -> Vec<u8> {
    let text = String::from_utf8(sample("megamart/850_101.edi")).unwrap();
    let text = text.replace("000000101", &format!("{control_number:09}"));
    text.replace("4500012345", &format!("45{control_number:08}")).into_bytes()
}

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
    house.drop_file(RETAILER, "a.edi", &order(301));
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
