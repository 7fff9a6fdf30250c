//! Folders of this machine at their worst: no events or too many, other file systems, far too many files, names that no file
//! should have. What comes is taken once, and what cannot be taken is told and stays.
//!
//! ```text
//! cargo test --test gateway folders::                   5,000 files wait in one folder
//! EDIGATE_FULL=1 cargo test --test gateway folders::    50,000
//! ```

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::house::disk::Disk;
use crate::house::{House, order_numbered};
use serde_json::Value;

const RETAILER: &str = "folders/megamart/outbound";
const TO_RETAILER: &str = "folders/megamart/inbound";
const TO_ERP: &str = "folders/erp/inbox";

fn drop_orders(house: &House, numbers: std::ops::Range<u32>) {
    for number in numbers {
        house.drop_file(RETAILER, &format!("{number}.edi"), &order_numbered(number));
    }
}

/// A house whose folders are looked at so often when nothing happens.
fn house_that_looks_every(scan_every: &str) -> House {
    let house = House::new();
    house.edit_config("scan_every = \"5 s\"", &format!("scan_every = \"{scan_every}\""));
    house
}

/// Changes the retailer's partner file.
fn edit_retailer(house: &House, from: &str, to: &str) {
    let file = house.path("partners/megamart/partner.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(file, text.replace(from, to)).unwrap();
}

/// So many files came in, each once and each with one order, and nobody holds one of them.
fn each_was_taken_once(house: &House, files: u32) {
    let files = files as usize;
    house.wait_for("every order at the ERP", |house| house.names(TO_ERP).len() >= 2 * files);
    house.wait_for("nothing to be claimed", |_| claims(house).is_empty());
    let rows = house.rows(&["ledger", "transmissions"]);
    let came: Vec<&Value> = rows.iter().filter(|row| row["direction"] == "in").collect();
    assert_eq!(came.len(), files, "{came:#?}");
    assert!(came.iter().all(|row| row["state"] == "processed"), "{came:#?}");
    assert_eq!(house.names(TO_ERP).len(), 2 * files);
    let verified = house.ask(&["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}

/// What the gateway holds of the retailer's folder.
fn claims(house: &House) -> Vec<PathBuf> {
    let entries = fs::read_dir(house.path(RETAILER).join(".edigate")).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

// --- Events ---

#[test]
fn a_folder_with_more_events_than_the_kernel_keeps_loses_no_file_and_is_still_watched() {
    // Nothing but events makes anybody look within this test.
    let mut house = house_that_looks_every("1 h");
    house.start();
    drop_orders(&house, 1..2);
    each_was_taken_once(&house, 1);
    house.pause();
    let kept = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let kept: usize = kept.trim().parse().unwrap();
    let names = [".a.tmp", ".b.tmp"].map(|name| house.path(RETAILER).join(name));
    fs::write(&names[0], "").unwrap();
    // Two events each, of which no two that follow each other are alike.
    for round in 0..=kept {
        fs::rename(&names[round % 2], &names[(round + 1) % 2]).unwrap();
    }
    drop_orders(&house, 2..31);
    house.resume();
    each_was_taken_once(&house, 30);
    drop_orders(&house, 31..32);
    each_was_taken_once(&house, 31);
}

#[test]
fn a_folder_that_another_took_the_place_of_gives_no_events_and_is_looked_at_all_the_same() {
    let mut house = house_that_looks_every("300 ms");
    house.start();
    drop_orders(&house, 1..2);
    each_was_taken_once(&house, 1);
    // The watch goes with the folder that it was made for.
    fs::rename(house.path(RETAILER), house.path("aside")).unwrap();
    fs::create_dir(house.path(RETAILER)).unwrap();
    drop_orders(&house, 2..12);
    each_was_taken_once(&house, 11);
    house.is_well_again();
}

#[test]
fn a_share_that_is_mounted_over_the_folder_gives_no_events_and_is_looked_at_all_the_same() {
    let mut house = house_that_looks_every("300 ms");
    house.start();
    drop_orders(&house, 1..2);
    each_was_taken_once(&house, 1);
    let _share = Disk::mounted_at(house.path(RETAILER), 8);
    drop_orders(&house, 2..12);
    each_was_taken_once(&house, 11);
    house.is_well_again();
}

// --- Other file systems ---

/// A house whose retailer's files go to a disk of their own when they were taken, and come from another.
fn house_on_disks() -> (House, Disk, Disk) {
    let house = House::new();
    let (archive, answers) = (Disk::mounted_at(house.path("taken"), 8), Disk::mounted_at(house.path("answers"), 8));
    edit_retailer(&house, "then = \"archive\"", "then = \"move to taken\"");
    edit_retailer(&house, TO_RETAILER, "answers");
    (house, archive, answers)
}

#[test]
fn files_that_go_to_other_file_systems_come_there_whole_and_once() {
    let (mut house, archive, answers) = house_on_disks();
    house.start();
    house.drop_file(RETAILER, "order.edi", &order_numbered(1));
    house.wait_for("the first in the archive", |house| house.names("taken") == ["order.edi"]);
    // Another file of that name is kept beside it.
    house.drop_file(RETAILER, "order.edi", &order_numbered(2));
    each_was_taken_once(&house, 2);
    house.wait_for("both acknowledgments", |house| house.names("answers").len() == 2);
    assert_eq!(fs::read(house.path("taken/order.edi")).unwrap(), order_numbered(1));
    let names = house.names("taken");
    let other = names.iter().find(|name| *name != "order.edi").unwrap();
    assert_eq!((names.len(), fs::read(house.path("taken").join(other)).unwrap()), (2, order_numbered(2)));
    // A full archive keeps nobody's order back, and no half file bears a name.
    archive.fill();
    house.drop_file(RETAILER, "third.edi", &order_numbered(3));
    house.wait_for("the order", |house| house.names(TO_ERP).len() == 6);
    house.in_trouble("CAP-E004");
    assert_eq!((house.names("taken"), claims(&house).len()), (names, 1));
    archive.free();
    each_was_taken_once(&house, 3);
    assert_eq!(fs::read(house.path("taken/third.edi")).unwrap(), order_numbered(3));
    assert_eq!(hidden(&house, "taken"), [""; 0]);
    // Nor does a full drop-off folder.
    answers.fill();
    house.drop_file(RETAILER, "fourth.edi", &order_numbered(4));
    house.in_trouble("DLV-E001");
    answers.free();
    house.wait_for("every acknowledgment", |house| house.names("answers").len() == 4);
    each_was_taken_once(&house, 4);
    house.is_well_again();
}

/// The names in a folder that readers leave alone.
fn hidden(house: &House, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(house.path(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with('.')).collect()
}

#[test]
fn a_crash_between_two_file_systems_loses_nothing_and_doubles_nothing() {
    for point in [
        "capture.claim.after",
        "capture.row.after",
        "capture.put_away.before",
        "capture.copy.before",
        "capture.copy.after",
        "capture.put_away.after",
        "deliver.roll.after",
        "deliver.name.after:2",
        "deliver.name.after:3",
        "deliver.row.after",
    ] {
        let (mut house, _archive, _answers) = house_on_disks();
        house.drop_file(RETAILER, "order.edi", &order_numbered(1));
        house.begin(|command| command.env("EDIGATE_CRASH_AT", point));
        house.wait_for(&format!("the crash at {point}"), House::is_gone);
        house.ended();
        house.start();
        each_was_taken_once(&house, 1);
        house.wait_for("the acknowledgment", |house| house.names("answers").len() == 1);
        house.wait_for("nothing hidden", |house| hidden(house, "answers").is_empty());
        assert_eq!((house.names("taken"), hidden(&house, "taken")), (vec!["order.edi".to_owned()], vec![]), "{point}");
        assert_eq!(fs::read(house.path("taken/order.edi")).unwrap(), order_numbered(1), "{point}");
    }
}

// --- Many files ---

/// The most memory that the daemon may need, however many files wait.
const MOST_KIB: u64 = 200 << 10;

#[test]
fn a_folder_full_of_files_is_emptied_in_little_memory_while_status_answers() {
    let (files, patience) = match std::env::var_os("EDIGATE_FULL").is_some() {
        true => (50_000, Duration::from_secs(3600)),
        false => (5_000, Duration::from_secs(180)),
    };
    let mut house = House::new();
    for number in 0..files {
        fs::write(house.path(RETAILER).join(format!("{number:05}.edi")), order_numbered(number)).unwrap();
    }
    house.start();
    let (began, mut slowest) = (Instant::now(), Duration::ZERO);
    let out = "SELECT COUNT(*) FROM delivery WHERE state = 'sent'";
    while house.number(out) != Some(3 * i64::from(files)) {
        let asked = Instant::now();
        let report = house.rows(&["status"]).remove(0);
        slowest = slowest.max(asked.elapsed());
        assert!(report["running"] == true && report["troubles"] == serde_json::json!([]), "{report:#}");
        assert!(began.elapsed() < patience, "{files} files are not through; the log:\n{}", house.log());
        // Asked more often, it would be the asking that is measured.
        std::thread::sleep(Duration::from_millis(200));
    }
    let peak = house.peak_memory_kib();
    println!("{files} files in {:.1} s, {peak} KiB, status within {slowest:?}", began.elapsed().as_secs_f64());
    assert!(peak < MOST_KIB, "{peak} KiB for {files} files");
    assert!(slowest < Duration::from_secs(5), "status took {slowest:?}");
    let came = "SELECT COUNT(*) FROM transmission WHERE direction = 'in'";
    let once = "SELECT COUNT(DISTINCT sha256) FROM transmission WHERE direction = 'in' AND state = 'processed'";
    assert_eq!((house.number(came), house.number(once)), (Some(files.into()), Some(files.into())));
    assert_eq!(house.names(TO_ERP).len(), 2 * files as usize);
    assert_eq!(house.names(TO_RETAILER).len(), files as usize, "one 997 for each");
    house.wait_for("all of them in the archive", |house| house.names(RETAILER) == ["archive"]);
    assert_eq!(house.names(&format!("{RETAILER}/archive")).len(), files as usize);
}

// --- Names and things ---

#[test]
fn whatever_a_file_is_called_it_is_taken_once_and_writes_no_line_of_its_own() {
    let mut house = House::new();
    let names: [(&[u8], &str); 8] = [
        (b"caf\xE9.edi", "caf%E9.edi"),
        (b"C:\\edi\\850.edi", "C:\\edi\\850.edi"),
        (b"..\\..\\850.edi.edi", ""),
        (b"850\nERROR all is lost.edi", "850%0AERROR all is lost.edi"),
        (b"\x1b[2J.edi", "%1B[2J.edi"),
        (b"-rf.edi", "-rf.edi"),
        (b"850 $(reboot);.edi", "850 $(reboot);.edi"),
        (b"%2e%2e%2f850.edi", "%2e%2e%2f850.edi"),
    ];
    for (number, (name, _)) in (1..).zip(&names) {
        fs::write(house.path(RETAILER).join(OsStr::from_bytes(name)), order_numbered(number)).unwrap();
    }
    house.start();
    // A name that begins with a dot is one that is still being written.
    each_was_taken_once(&house, 7);
    let recorded: Vec<&str> = names.iter().map(|(_, name)| *name).filter(|name| !name.is_empty()).collect();
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let expected = sorted(recorded.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(house.names(&format!("{RETAILER}/archive")), expected);
    let rows = house.rows(&["ledger", "transmissions"]);
    let came = rows.iter().filter(|row| row["direction"] == "in").map(|row| row["name"].as_str().unwrap().to_owned());
    assert_eq!(sorted(came.collect()), expected);
    assert!(house.path(RETAILER).join("..\\..\\850.edi.edi").exists());
    let told = format!("{}{}", house.log(), house.ask(&["ledger", "transmissions"]).out);
    assert!(!told.lines().any(|line| line.starts_with("ERROR all")) && !told.contains("\x1b[2J"), "{told}");
    house.is_well_again();
}

#[test]
fn a_name_that_is_too_long_to_be_claimed_is_told_and_stays_and_holds_up_nobody() {
    let mut house = house_that_looks_every("300 ms");
    let folder = house.path(RETAILER);
    let name_of = |bytes: usize| format!("{}.edi", "n".repeat(bytes - 4));
    // A claim puts an id of 32 digits and a dash before the name.
    let (longest, too_long) = (name_of(222), [name_of(223), name_of(255)]);
    for (name, number) in [&longest, &too_long[0], &too_long[1]].into_iter().zip(1..) {
        fs::write(folder.join(name), order_numbered(number)).unwrap();
    }
    house.start();
    drop_orders(&house, 4..7);
    each_was_taken_once(&house, 4);
    assert_eq!(house.names(&format!("{RETAILER}/archive")), ["4.edi", "5.edi", "6.edi", longest.as_str()]);
    assert_eq!(house.names(RETAILER), ["archive", &too_long[0], &too_long[1]]);
    house.in_trouble("CAP-E001");
    let report = house.rows(&["status"]).remove(0);
    let troubles = report["troubles"].as_array().unwrap();
    assert_eq!(troubles.len(), 2, "{troubles:#?}");
    for name in &too_long {
        let told = troubles.iter().find(|one| one["text"].as_str().unwrap().contains(&format!("/{name}: ")));
        let told = told.unwrap_or_else(|| panic!("{name} is not told: {troubles:#?}"));
        assert_eq!(told["code"], "CAP-E001");
        assert_eq!(told["fix"], "give it a name of 222 bytes at most");
    }
    for (name, shorter) in too_long.iter().zip(["short.edi", "shorter.edi"]) {
        fs::rename(folder.join(name), folder.join(shorter)).unwrap();
    }
    each_was_taken_once(&house, 6);
    house.is_well_again();
}

#[test]
fn what_is_no_file_is_told_and_stays_and_holds_up_nobody() {
    let mut house = house_that_looks_every("300 ms");
    let folder = house.path(RETAILER);
    let outside = house.path("outside.edi");
    fs::write(&outside, order_numbered(99)).unwrap();
    std::os::unix::fs::symlink(&outside, folder.join("link\n.edi")).unwrap();
    std::os::unix::fs::symlink("/nowhere", folder.join("nowhere.edi")).unwrap();
    let _socket = UnixListener::bind(folder.join("socket.edi")).unwrap();
    assert!(Command::new("mkfifo").arg(folder.join("pipe.edi")).status().unwrap().success());
    fs::create_dir(folder.join("directory.edi")).unwrap();
    house.start();
    drop_orders(&house, 1..4);
    each_was_taken_once(&house, 3);
    let odd = ["archive", "directory.edi", "link\n.edi", "nowhere.edi", "pipe.edi", "socket.edi"];
    assert_eq!(house.names(RETAILER), odd);
    let said = house.in_trouble("CAP-W003");
    assert_eq!(said, "link%0A.edi and 3 others are links or special files and are left where they are");
    for name in &odd[2..] {
        fs::remove_file(folder.join(name)).unwrap();
    }
    house.is_well_again();
    assert_eq!(fs::read(&outside).unwrap(), order_numbered(99));
}

/// Whoever may write into the folder may write into that of the claims as well.
#[test]
fn what_somebody_planted_among_the_claims_is_told_and_holds_up_nobody() {
    let mut house = house_that_looks_every("300 ms");
    let claims = house.path(RETAILER).join(".edigate");
    fs::create_dir(&claims).unwrap();
    let secret = house.path("secret");
    fs::write(&secret, "nobody's business").unwrap();
    std::os::unix::fs::symlink(&secret, claims.join("0198-link.edi")).unwrap();
    assert!(Command::new("mkfifo").arg(claims.join("0198-pipe.edi")).status().unwrap().success());
    house.start();
    drop_orders(&house, 1..4);
    house.wait_for("every order at the ERP", |house| house.names(TO_ERP).len() == 6);
    house.in_trouble("CAP-E005");
    let rows = house.rows(&["ledger", "transmissions"]);
    assert_eq!(rows.iter().filter(|row| row["direction"] == "in").count(), 3, "{rows:#?}");
    fs::remove_file(claims.join("0198-link.edi")).unwrap();
    fs::remove_file(claims.join("0198-pipe.edi")).unwrap();
    house.is_well_again();
    each_was_taken_once(&house, 3);
    assert_eq!(fs::read(&secret).unwrap(), b"nobody's business");
}

#[test]
fn a_claim_folder_that_is_a_link_leads_nowhere() {
    let mut house = house_that_looks_every("300 ms");
    let (claims, theirs) = (house.path(RETAILER).join(".edigate"), house.path("theirs"));
    fs::create_dir(&theirs).unwrap();
    fs::write(theirs.join("0198-order.edi"), order_numbered(99)).unwrap();
    std::os::unix::fs::symlink(&theirs, &claims).unwrap();
    house.start();
    drop_orders(&house, 1..2);
    let said = house.in_trouble("CAP-E001");
    assert!(said.contains("it is a link"), "{said}");
    assert_eq!(
        (house.names("theirs"), house.names(RETAILER)),
        (vec!["0198-order.edi".to_owned()], vec!["1.edi".to_owned()])
    );
    fs::remove_file(&claims).unwrap();
    each_was_taken_once(&house, 1);
    house.is_well_again();
}
