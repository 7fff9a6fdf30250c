//! The machine under the daemon fails: nothing is lost, everybody is told, work resumes by itself.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use crate::house::disk::Disk;
use crate::house::server::Server;
use crate::house::{House, sample};
use serde_json::Value;

const RETAILER: &str = "folders/megamart/outbound";
const TO_RETAILER: &str = "folders/megamart/inbound";
const TO_ERP: &str = "folders/erp/inbox";

/// A clean order under a number of its own.
fn order(number: u32) -> Vec<u8> {
    let text = String::from_utf8(sample("megamart/850_101.edi")).unwrap();
    let text = text.replace("000000101", &format!("{number:09}")).replace("4500012345", &po(number));
    text.into_bytes()
}

fn po(number: u32) -> String {
    format!("45{number:08}")
}

fn drop_order(house: &House, number: u32) {
    house.drop_file(RETAILER, &format!("{number}.edi"), &order(number));
}

/// What `edigate status` says.
fn status(house: &House) -> Value {
    house.rows(&["status"]).remove(0)
}

/// The present trouble of that kind.
fn trouble(house: &House, what: &str) -> Option<Value> {
    status(house)["troubles"].as_array().unwrap().iter().find(|one| one["what"] == what).cloned()
}

/// Waits for a trouble of that kind and code, and checks what it says.
fn in_trouble(house: &House, what: &str, code: &str) -> Value {
    let is_told = |house: &House| trouble(house, what).is_some_and(|one| one["code"] == code);
    house.wait_for(&format!("{code} of {what}"), is_told);
    let told = trouble(house, what).unwrap();
    for field in ["text", "fix", "since"] {
        assert!(!told[field].as_str().unwrap().is_empty(), "{told:#}");
    }
    assert_eq!(house.ask(&["status"]).code, 1, "a trouble is for somebody to look at");
    assert_eq!(house.edigate(&["explain", code]).code, 0);
    told
}

fn all_is_well(house: &House) {
    house.wait_for("all to be well", |house| house.ask(&["status"]).code == 0);
}

/// After every fault: each order once at the ERP, each 997 once at the retailer, nothing left behind, the chain whole.
fn each_order_went_through_once(house: &House, numbers: &[u32]) {
    let count = numbers.len();
    house.wait_for("every order at the ERP", |house| house.names(TO_ERP).len() >= 2 * count);
    house.wait_for("every acknowledgment", |house| house.names(TO_RETAILER).len() >= count);
    let settled = |house: &House| {
        let backlog = &status(house)["backlog"];
        ["captured", "due", "retrying", "parked"].iter().all(|stage| backlog[stage]["count"] == 0)
    };
    house.wait_for("nothing to be waiting", settled);
    let mut expected: Vec<String> =
        numbers.iter().flat_map(|number| [format!("{}.csv", po(*number)), format!("{}.json", po(*number))]).collect();
    expected.sort();
    assert_eq!(house.names(TO_ERP), expected);
    let answers: Vec<String> = house
        .names(TO_RETAILER)
        .iter()
        .map(|name| fs::read_to_string(house.path(TO_RETAILER).join(name)).unwrap())
        .filter(|text| text.contains("AK9*A*"))
        .collect();
    assert_eq!(answers.len(), count, "one 997 for each order");
    assert_eq!(house.names(RETAILER), ["archive"], "left behind in the folder");
    assert_eq!(house.names(&format!("{RETAILER}/archive")).len(), count);
    let claimed = fs::read_dir(house.path(RETAILER).join(".edigate")).map_or(0, Iterator::count);
    assert_eq!(claimed, 0, "files stay claimed");
    let verified = house.ask(&["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}

/// The events that tell of faults, in the order in which they were told.
fn told_events(house: &House, code: &str) -> Vec<(String, Value)> {
    let events = house.rows(&["ledger", "events"]);
    let about = events.into_iter().filter(|event| event["data"]["code"] == code);
    about.map(|event| (event["kind"].as_str().unwrap().to_owned(), event)).collect()
}

fn kinds(house: &House, code: &str) -> Vec<String> {
    told_events(house, code).into_iter().map(|(kind, _)| kind).collect()
}

// --- Status ---

#[test]
fn status_of_a_daemon_at_rest_is_all_well_and_its_socket_is_for_its_user_alone() {
    let house = House::running();
    let report = status(&house);
    assert_eq!(report["running"], true, "{report:#}");
    assert_eq!(report["troubles"], serde_json::json!([]));
    // A node among nodes is told of only where there can be several.
    let on_a_server = std::env::var_os("EDIGATE_TEST_LEDGER").is_some();
    assert_eq!(report["nodes"].as_array().unwrap().len(), usize::from(on_a_server));
    assert_eq!(report["backlog"]["captured"]["count"], 0);
    let said = house.ask(&["status"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.contains(": no trouble\n"), "{}", said.out);
    let mode = fs::metadata(house.path("edigate.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn status_without_a_daemon_says_so_and_reads_the_ledger() {
    let mut house = House::running();
    drop_order(&house, 11);
    each_order_went_through_once(&house, &[11]);
    house.kill();
    let report = status(&house);
    assert_eq!(report["running"], false, "{report:#}");
    assert_eq!(report["backlog"]["captured"]["count"], 0, "{report:#}");
    let said = house.ask(&["status"]);
    assert_eq!(said.code, 1);
    assert!(said.out.starts_with("no edigate runs in "), "{}", said.out);
    house.start();
    all_is_well(&house);
    assert_eq!(house.stop(), 0);
    assert!(!house.path("edigate.sock").exists(), "an orderly end takes the socket away");
}

#[test]
fn a_pick_up_folder_that_is_gone_is_one_trouble_until_it_is_back() {
    let house = House::running();
    fs::rename(house.path(RETAILER), house.path("unmounted")).unwrap();
    let told = in_trouble(&house, "folder megamart/mailbox", "CAP-E002");
    assert!(told["text"].as_str().unwrap().contains("does not exist"), "{told:#}");
    fs::rename(house.path("unmounted"), house.path(RETAILER)).unwrap();
    all_is_well(&house);
    drop_order(&house, 21);
    each_order_went_through_once(&house, &[21]);
    house.wait_for("both events", |house| kinds(house, "CAP-E002").len() == 2);
    assert_eq!(kinds(&house, "CAP-E002"), ["fault", "recovered"]);
    assert_eq!(house.log().matches("CAP-E002").count(), 2, "logged once when it began and once when it ended");
}

// --- Disks ---

/// The archive and the spool on a disk of their own.
fn archive_on_a_disk(house: &House) -> Disk {
    let disk = Disk::mounted_at(house.path("disk"), 8);
    for name in ["spool", "archive"] {
        fs::create_dir_all(house.path("disk").join(name)).unwrap();
        std::os::unix::fs::symlink(house.path("disk").join(name), house.path(name)).unwrap();
    }
    disk
}

/// The ledger on a disk of its own.
fn ledger_on_a_disk(house: &House) -> Disk {
    let disk = Disk::mounted_at(house.path("disk"), 16);
    let text = fs::read_to_string(house.config()).unwrap();
    let moved = text.replace("sqlite:ledger.db", "sqlite:disk/ledger.db");
    assert_ne!(text, moved, "the configuration names no ledger:\n{text}");
    fs::write(house.config(), moved).unwrap();
    disk
}

/// An order too large for the ledger itself: its bytes go into the archive.
fn drop_large_order(house: &House, number: u32) {
    let mut bytes = order(number);
    bytes.resize(200 << 10, b'\n');
    house.drop_file(RETAILER, &format!("{number}.edi"), &bytes);
}

/// While the trouble lasts, a further file stays where its sender left it.
fn nothing_more_is_taken(house: &House, number: u32) {
    drop_order(house, number);
    let now = || status(house)["at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    // What must not happen cannot be awaited: the folder is looked at every second, and this is more than two.
    let end = now() + jiff::SignedDuration::from_millis(2500);
    house.wait_for("some looks at the folder", |_| now() > end);
    assert!(house.names(RETAILER).contains(&format!("{number}.edi")), "{:?}", house.names(RETAILER));
    let claimed = fs::read_dir(house.path(RETAILER).join(".edigate")).map_or(0, Iterator::count);
    assert!(claimed <= 1, "one file may have been claimed when the fault was met, not {claimed}");
}

/// One trouble was logged once when it began and once when it ended, and the journal has both.
fn told_once(house: &House, code: &str) {
    house.wait_for("both events", |house| kinds(house, code).len() >= 2);
    assert_eq!(kinds(house, code), ["fault", "recovered"]);
    let lines: Vec<String> = house.log().lines().filter(|line| line.contains(code)).map(str::to_owned).collect();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    let errors: Vec<String> = house.log().lines().filter(|line| line.contains("ERROR")).map(str::to_owned).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn a_full_archive_stops_claims_and_work_resumes_by_itself() {
    let mut house = House::new();
    let disk = archive_on_a_disk(&house);
    house.start();
    drop_large_order(&house, 101);
    each_order_went_through_once(&house, &[101]);
    disk.fill();
    drop_large_order(&house, 102);
    in_trouble(&house, "archive", "LGR-E005");
    nothing_more_is_taken(&house, 103);
    assert_eq!(status(&house)["troubles"].as_array().unwrap().len(), 1);
    disk.free();
    all_is_well(&house);
    each_order_went_through_once(&house, &[101, 102, 103]);
    told_once(&house, "LGR-E005");
}

#[test]
fn a_full_disk_under_the_ledger_stops_claims_and_the_journal_names_it_afterwards() {
    let mut house = House::with_a_file();
    let disk = ledger_on_a_disk(&house);
    house.start();
    drop_order(&house, 111);
    each_order_went_through_once(&house, &[111]);
    let code = disk.code("LGR-E001", "LGR-E002");
    let before = jiff::Timestamp::now();
    disk.fill();
    drop_order(&house, 112);
    in_trouble(&house, "ledger", code);
    nothing_more_is_taken(&house, 113);
    let freed = jiff::Timestamp::now();
    disk.free();
    all_is_well(&house);
    each_order_went_through_once(&house, &[111, 112, 113]);
    told_once(&house, code);
    let since = told_events(&house, code)[0].1["data"]["since"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(before < since && since < freed, "the event says when the fault began");
}

#[test]
fn a_ledger_that_is_filled_in_mid_work_loses_and_repeats_nothing() {
    let mut house = House::with_a_file();
    let disk = ledger_on_a_disk(&house);
    house.start();
    let numbers: Vec<u32> = (121..151).collect();
    for number in &numbers {
        drop_order(&house, *number);
    }
    house.wait_for("the first order", |house| !house.names(TO_ERP).is_empty());
    disk.fill();
    drop_order(&house, 151);
    in_trouble(&house, "ledger", disk.code("LGR-E001", "LGR-E002"));
    // A restart does not help, and does no harm.
    house.kill();
    disk.free();
    house.start();
    all_is_well(&house);
    each_order_went_through_once(&house, &(121..152).collect::<Vec<_>>());
}

#[test]
fn a_daemon_that_starts_on_a_full_disk_waits_and_says_so() {
    let mut house = House::with_a_file();
    let disk = ledger_on_a_disk(&house);
    disk.fill();
    drop_order(&house, 161);
    house.start_waiting();
    in_trouble(&house, "ledger", disk.code("LGR-E001", "LGR-E002"));
    nothing_more_is_taken(&house, 162);
    disk.free();
    all_is_well(&house);
    each_order_went_through_once(&house, &[161, 162]);
}

#[test]
fn a_full_output_folder_delays_that_partner_alone_and_work_resumes_by_itself() {
    let mut house = House::new();
    let disk = Disk::mounted_at(house.path(TO_RETAILER), 4);
    house.start();
    disk.fill();
    drop_order(&house, 171);
    in_trouble(&house, "drop-off megamart/mailbox", "DLV-E001");
    house.wait_for("the order at the ERP", |house| house.names(TO_ERP).len() == 2);
    assert!(house.names(TO_RETAILER).is_empty(), "half a file is no delivery: {:?}", house.names(TO_RETAILER));
    disk.free();
    all_is_well(&house);
    each_order_went_through_once(&house, &[171]);
}

#[test]
fn an_archive_that_turns_read_only_stops_claims_and_work_resumes_by_itself() {
    let mut house = House::new();
    let disk = archive_on_a_disk(&house);
    house.start();
    drop_order(&house, 181);
    each_order_went_through_once(&house, &[181]);
    disk.make_read_only();
    drop_large_order(&house, 182);
    in_trouble(&house, "archive", "LGR-E005");
    nothing_more_is_taken(&house, 183);
    disk.make_writable();
    all_is_well(&house);
    each_order_went_through_once(&house, &[181, 182, 183]);
    told_once(&house, "LGR-E005");
}

#[test]
fn a_daemon_that_starts_on_a_read_only_ledger_waits_and_says_so() {
    let mut house = House::with_a_file();
    let disk = ledger_on_a_disk(&house);
    house.start();
    drop_order(&house, 191);
    each_order_went_through_once(&house, &[191]);
    assert_eq!(house.stop(), 0);
    disk.make_read_only();
    house.start_waiting();
    in_trouble(&house, "ledger", "LGR-E002");
    nothing_more_is_taken(&house, 192);
    disk.make_writable();
    all_is_well(&house);
    each_order_went_through_once(&house, &[191, 192]);
}

#[test]
fn folders_without_permission_to_write_are_told_and_work_resumes_by_itself() {
    let mut house = House::new();
    house.start_as_nobody();
    drop_order(&house, 201);
    each_order_went_through_once(&house, &[201]);
    set_mode(&house, TO_ERP, 0o555);
    drop_order(&house, 202);
    in_trouble(&house, "drop-off erp/inbox", "DLV-E001");
    set_mode(&house, TO_ERP, 0o755);
    all_is_well(&house);
    each_order_went_through_once(&house, &[201, 202]);
    // A file in a folder that may not be changed cannot be claimed.
    assert_eq!(house.stop(), 0);
    drop_order(&house, 203);
    set_mode(&house, RETAILER, 0o555);
    house.start_as_nobody();
    in_trouble(&house, "file megamart/mailbox/203.edi", "CAP-E001");
    assert!(house.names(RETAILER).contains(&"203.edi".to_owned()));
    set_mode(&house, RETAILER, 0o755);
    all_is_well(&house);
    each_order_went_through_once(&house, &[201, 202, 203]);
}

fn set_mode(house: &House, folder: &str, mode: u32) {
    fs::set_permissions(house.path(folder), fs::Permissions::from_mode(mode)).unwrap();
}

// --- A server that is gone ---

/// How long the server stays away.
fn away() -> Duration {
    Duration::from_secs(if std::env::var_os("EDIGATE_FULL").is_some() { 60 } else { 5 })
}

/// A house with its books on that server, at work.
fn at_work_on(server: &Server) -> House {
    let mut house = House::with_a_file();
    house.keep_books_on(server.address());
    house.start();
    house
}

#[test]
fn a_server_that_is_gone_for_a_minute_pauses_custody_and_work_resumes_by_itself() {
    let Some(server) = Server::started_for("a server that is gone for a minute") else { return };
    let house = at_work_on(&server);
    (301..331).for_each(|number| drop_order(&house, number));
    house.wait_for("the first order", |house| !house.names(TO_ERP).is_empty());
    let before = jiff::Timestamp::now();
    server.pause();
    let gone = Instant::now();
    let told = in_trouble(&house, "ledger", "LGR-E002");
    let (text, server_directory) = (told["text"].as_str().unwrap(), "edigate-postgres.");
    assert!(text.contains("cannot be reached") && text.contains(server_directory), "{text}");
    let answered = house.names(TO_RETAILER);
    let mut number = 331;
    while gone.elapsed() < away() {
        drop_order(&house, number);
        number += 1;
        // The pace at which partners send.
        std::thread::sleep(away() / 20);
    }
    let waiting = house.names(RETAILER);
    let came_meanwhile = (331..number).map(|number| format!("{number}.edi"));
    let taken: Vec<String> = came_meanwhile.filter(|name| !waiting.contains(name)).collect();
    assert!(taken.is_empty(), "taken from their sender while nothing could be recorded: {taken:?}");
    assert_eq!(house.names(TO_RETAILER), answered, "answered while nothing could be recorded");
    server.resume();
    let (back, resumed) = (jiff::Timestamp::now(), Instant::now());
    all_is_well(&house);
    assert!(resumed.elapsed() < Duration::from_secs(10), "work resumed only after {:?}", resumed.elapsed());
    each_order_went_through_once(&house, &(301..number).collect::<Vec<_>>());
    told_once(&house, "LGR-E002");
    let since = told_events(&house, "LGR-E002")[0].1["data"]["since"].as_str().unwrap().parse::<jiff::Timestamp>();
    assert!((before..back).contains(&since.unwrap()), "the event says when the fault began");
}

#[test]
fn a_server_that_ends_again_and_again_in_mid_work_loses_and_repeats_nothing() {
    let Some(server) = Server::started_for("a server that ends again and again") else { return };
    let house = at_work_on(&server);
    let rounds = if std::env::var_os("EDIGATE_FULL").is_some() { 20 } else { 4 };
    for round in 0..rounds {
        let there = house.names(TO_ERP).len();
        (0..20).for_each(|number| drop_order(&house, 1000 + round * 20 + number));
        // Each round ends the server somewhat later in the work than the one before it.
        house.wait_for("some orders", |house| house.names(TO_ERP).len() > there + 3 * round as usize % 20);
        server.pause();
        server.resume();
    }
    all_is_well(&house);
    each_order_went_through_once(&house, &(1000..1000 + rounds * 20).collect::<Vec<_>>());
}

#[test]
fn a_server_that_is_gone_when_a_daemon_starts_is_waited_for_and_told() {
    let Some(server) = Server::started_for("a daemon that starts while its server is gone") else { return };
    let mut house = at_work_on(&server);
    drop_order(&house, 401);
    each_order_went_through_once(&house, &[401]);
    assert_eq!(house.stop(), 0);
    server.pause();
    house.start_waiting();
    in_trouble(&house, "ledger", "LGR-E002");
    nothing_more_is_taken(&house, 402);
    server.resume();
    all_is_well(&house);
    each_order_went_through_once(&house, &[401, 402]);
}

// --- A damaged ledger ---

/// Overwrites the middle of the ledger's file, as a broken disk would.
fn damage(house: &House) {
    let path = house.path("ledger.db");
    let size = fs::metadata(&path).unwrap().len();
    let file = fs::File::options().write(true).open(&path).unwrap();
    let (from, to) = (size / 4 / 4096 * 4096, size * 3 / 4 / 4096 * 4096);
    assert!(to > from, "the file has only {size} bytes");
    let garbage = vec![0xA5; usize::try_from(to - from).unwrap()];
    std::os::unix::fs::FileExt::write_all_at(&file, &garbage, from).unwrap();
    file.sync_all().unwrap();
}

fn a_ledger_with_a_backup(house: &mut House, number: u32) {
    house.start();
    drop_order(house, number);
    each_order_went_through_once(house, &[number]);
    // An orderly end folds the write-ahead log into the file.
    assert_eq!(house.stop(), 0);
    fs::copy(house.path("ledger.db"), house.path("backup.db")).unwrap();
}

fn restore(house: &House) {
    for name in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = fs::remove_file(house.path(name));
    }
    fs::rename(house.path("backup.db"), house.path("ledger.db")).unwrap();
}

fn damage_is_named(house: &House) {
    let told = in_trouble(house, "ledger", "LGR-E003");
    let text = told["text"].as_str().unwrap();
    assert!(text.starts_with("the ledger is damaged: page ") && text.ends_with("restore it from a backup"), "{text}");
    let verified = house.ask(&["ledger", "verify"]);
    assert_eq!(verified.code, 1, "{}{}", verified.out, verified.err);
    assert!(verified.out.contains("the database is damaged: page "), "{}", verified.out);
}

#[test]
fn a_ledger_that_was_damaged_while_the_daemon_was_down_is_named_and_nothing_is_lost() {
    let mut house = House::with_a_file();
    a_ledger_with_a_backup(&mut house, 211);
    damage(&house);
    house.start_waiting();
    damage_is_named(&house);
    nothing_more_is_taken(&house, 212);
    assert_eq!(house.stop(), 0, "it did not end by itself, and it drains");
    restore(&house);
    house.start();
    all_is_well(&house);
    each_order_went_through_once(&house, &[211, 212]);
}

#[test]
fn a_ledger_that_is_damaged_under_the_daemon_is_named_and_nothing_more_is_claimed() {
    let mut house = House::with_a_file();
    a_ledger_with_a_backup(&mut house, 221);
    house.start();
    all_is_well(&house);
    damage(&house);
    // What the daemon remembers of the file hides the damage for a while; it looks every hour, and when it is reloaded.
    house.signal("-HUP");
    damage_is_named(&house);
    drop_order(&house, 222);
    nothing_more_is_taken(&house, 223);
    assert_eq!(house.names(TO_ERP).len(), 2, "nothing is made of a damaged ledger");
    house.kill();
    restore(&house);
    house.start();
    all_is_well(&house);
    each_order_went_through_once(&house, &[221, 222, 223]);
}

/// The daemon meets the damage where it works: it has claimed a file, and cannot record it.
#[test]
fn a_file_that_a_damaged_ledger_cannot_record_stays_claimed() {
    let mut house = House::with_a_file();
    a_ledger_with_a_backup(&mut house, 226);
    drop_order(&house, 227);
    let claims = house.path(RETAILER).join(".edigate");
    fs::rename(house.path(RETAILER).join("227.edi"), claims.join("0198c0de000070008000000000000000-227.edi")).unwrap();
    damage(&house);
    house.start_waiting();
    damage_is_named(&house);
    nothing_more_is_taken(&house, 228);
    assert_eq!(fs::read_dir(&claims).unwrap().count(), 1);
    house.kill();
    restore(&house);
    house.start();
    all_is_well(&house);
    each_order_went_through_once(&house, &[226, 227, 228]);
}

#[test]
fn a_ledger_whose_head_is_damaged_is_said_and_the_daemon_does_not_end() {
    let mut house = House::with_a_file();
    a_ledger_with_a_backup(&mut house, 231);
    let file = fs::File::options().write(true).open(house.path("ledger.db")).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &[0xA5; 100], 0).unwrap();
    house.start_waiting();
    in_trouble(&house, "ledger", "LGR-E003");
    // Restoring the backup is enough: the daemon has not opened the file, and opens it now.
    let verified = house.ask(&["ledger", "verify"]);
    assert!(verified.out.contains("the database is damaged: page 1: "), "{}{}", verified.out, verified.err);
    restore(&house);
    all_is_well(&house);
    drop_order(&house, 232);
    each_order_went_through_once(&house, &[231, 232]);
}

#[test]
fn a_ledger_that_is_taken_away_under_the_daemon_stops_claims_until_it_is_back() {
    let mut house = House::with_a_file();
    a_ledger_with_a_backup(&mut house, 241);
    house.start();
    all_is_well(&house);
    fs::rename(house.path("ledger.db"), house.path("moved.db")).unwrap();
    drop_order(&house, 242);
    in_trouble(&house, "ledger", "LGR-E004");
    nothing_more_is_taken(&house, 243);
    fs::rename(house.path("moved.db"), house.path("ledger.db")).unwrap();
    all_is_well(&house);
    each_order_went_through_once(&house, &[241, 242, 243]);
    told_once(&house, "LGR-E004");
}

// --- The clock ---

const HOUR: i64 = 3600;

/// Sets the daemon's clock to so many seconds from the machine's.
fn set_clock(house: &House, offset: i64) {
    fs::write(house.path("offset.tmp"), offset.to_string()).unwrap();
    fs::rename(house.path("offset.tmp"), house.path("offset")).unwrap();
}

/// Starts the daemon on a clock that the test sets.
fn start_on_our_clock(house: &mut House, offset: i64) {
    set_clock(house, offset);
    let file = house.path("offset");
    house.start_with(|command| command.env("EDIGATE_CLOCK_FILE", &file));
}

/// In no journal does time go back.
fn no_journal_goes_back(house: &House) {
    let mut last: std::collections::BTreeMap<String, (u64, String)> = std::collections::BTreeMap::new();
    let mut events = house.rows(&["ledger", "events"]);
    events.sort_by_key(|event| (event["partner"].to_string(), event["sequence"].as_u64()));
    for event in events {
        let (sequence, at) = (event["sequence"].as_u64().unwrap(), event["at"].as_str().unwrap().to_owned());
        let moment = at.parse::<jiff::Timestamp>().unwrap();
        if let Some((_, before)) = last.insert(event["partner"].to_string(), (sequence, at)) {
            assert!(moment >= before.parse().unwrap(), "time goes back at {event:#}");
        }
    }
}

#[test]
fn a_clock_that_is_set_back_and_forward_by_an_hour_is_told_and_loses_and_repeats_nothing() {
    let mut house = House::new();
    start_on_our_clock(&mut house, 0);
    drop_order(&house, 31);
    each_order_went_through_once(&house, &[31]);
    // A delivery that waits to be tried again must not wait an hour longer because the clock was set back by one.
    fs::rename(house.path(TO_RETAILER), house.path("unmounted")).unwrap();
    drop_order(&house, 32);
    in_trouble(&house, "drop-off megamart/mailbox", "DLV-E001");
    set_clock(&house, -HOUR);
    let told = in_trouble(&house, "clock", "LGR-W006");
    assert!(told["text"].as_str().unwrap().starts_with("the clock was set back by 1 h"), "{told:#}");
    fs::rename(house.path("unmounted"), house.path(TO_RETAILER)).unwrap();
    each_order_went_through_once(&house, &[31, 32]);
    drop_order(&house, 33);
    each_order_went_through_once(&house, &[31, 32, 33]);
    set_clock(&house, 0);
    all_is_well(&house);
    set_clock(&house, HOUR);
    house.wait_for("the step forward to be told", |house| {
        trouble(house, "clock").is_some_and(|one| one["text"].as_str().unwrap().contains("set forward by 1 h"))
    });
    drop_order(&house, 34);
    each_order_went_through_once(&house, &[31, 32, 33, 34]);
    house.wait_for("the events", |house| kinds(house, "LGR-W006").len() == 3);
    assert_eq!(kinds(&house, "LGR-W006"), ["fault", "recovered", "fault"]);
    no_journal_goes_back(&house);
}

#[test]
fn a_retry_is_not_delayed_by_a_clock_that_was_set_back_while_the_daemon_was_down() {
    let mut house = House::new();
    start_on_our_clock(&mut house, HOUR);
    fs::rename(house.path(TO_RETAILER), house.path("unmounted")).unwrap();
    drop_order(&house, 41);
    in_trouble(&house, "drop-off megamart/mailbox", "DLV-E001");
    house.wait_for("the retry in the books", |house| status(house)["backlog"]["retrying"]["count"] == 1);
    house.kill();
    fs::rename(house.path("unmounted"), house.path(TO_RETAILER)).unwrap();
    start_on_our_clock(&mut house, 0);
    each_order_went_through_once(&house, &[41]);
    in_trouble(&house, "clock", "LGR-W006");
    no_journal_goes_back(&house);
}

#[test]
fn a_deadline_that_a_step_of_the_clock_passes_is_told_once_however_often_it_is_passed() {
    let mut house = House::new();
    let partner = house.path("partners/megamart/partner.toml");
    let text = fs::read_to_string(&partner).unwrap();
    let shorter = text.replace("\"997\" = \"24 h\"", "\"997\" = \"30 min\"");
    assert_ne!(text, shorter, "the partner expects no 997");
    fs::write(&partner, shorter).unwrap();
    start_on_our_clock(&mut house, 0);
    drop_order(&house, 31);
    each_order_went_through_once(&house, &[31]);
    let acknowledged = String::from_utf8(sample("erp/ack_4500012345.json")).unwrap().replace("4500012345", &po(31));
    house.drop_file("folders/erp/outbox", "ack_1.json", acknowledged.as_bytes());
    house.wait_for("the 855", |house| house.names(TO_RETAILER).len() == 2);
    let overdue =
        |house: &House| house.rows(&["ledger", "events"]).iter().filter(|event| event["kind"] == "overdue").count();
    let clock_set = |house: &House, offset: i64, told: usize| {
        set_clock(house, offset);
        house.wait_for("the step to be told", |house| kinds(house, "LGR-W006").len() == told);
    };
    assert_eq!(overdue(&house), 0);
    clock_set(&house, HOUR, 1);
    house.wait_for("the deadline to be told", |house| overdue(house) == 1);
    clock_set(&house, 0, 2);
    clock_set(&house, HOUR, 3);
    drop_order(&house, 32);
    house.wait_for("work after the steps", |house| house.names(TO_ERP).len() == 4);
    assert_eq!(overdue(&house), 1);
    assert_eq!(status(&house)["backlog"]["overdue_to_us"], 1);
    no_journal_goes_back(&house);
    assert_eq!(house.ask(&["ledger", "verify"]).code, 0);
}

/// At 2 in the morning of November 1st 2026, clocks in Chicago show 1 o'clock again.
#[test]
fn the_night_in_which_an_hour_repeats_is_no_step_and_a_day_in_it_has_24_hours() {
    let mut house = House::new();
    let change: jiff::Timestamp = "2026-11-01T07:00:00Z".parse().unwrap();
    let begin = change.as_second() - 4;
    start_on_our_clock(&mut house, begin - jiff::Timestamp::now().as_second());
    drop_order(&house, 51);
    let first = house.settled("51.edi");
    house.wait_for("the hour to repeat", |house| {
        status(house)["at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap() > change
    });
    drop_order(&house, 52);
    let second = house.settled("52.edi");
    let at = |row: &Value| row["at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(at(&first) < change && at(&second) > change, "{first:#} {second:#}");
    each_order_went_through_once(&house, &[51, 52]);
    assert_eq!(status(&house)["troubles"], serde_json::json!([]));
    let acks = house.rows(&["ledger", "acks"]);
    assert_eq!(acks.len(), 2);
    for (ack, received) in acks.iter().zip([&first, &second]) {
        let due = ack["due"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        let given = due.duration_since(at(received)).as_secs();
        assert!((24 * HOUR..24 * HOUR + 10).contains(&given), "24 h after receipt, not {given} s: {ack:#}");
    }
    no_journal_goes_back(&house);
}
