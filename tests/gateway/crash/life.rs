//! A small complete life of a gateway, with one crash somewhere in it or none.
//!
//! Each act waits until the one before it has settled, so that control numbers are given in the same order every time.
//! The clock stands still, so that times are the same as well.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::snapshot::{self, Snapshot};
use crate::house::{House, sample};

pub const RETAILER: &str = "folders/megamart/outbound";
pub const TO_RETAILER: &str = "folders/megamart/inbound";
pub const ERP: &str = "folders/erp/outbox";
pub const TO_ERP: &str = "folders/erp/inbox";

/// When the life begins, and the moment a day and some hours later when a 997 is overdue.
const BEGINS: &str = "2026-03-03T09:15:02-06:00";
const THE_NEXT_DAY: &str = "2026-03-04T15:00:00-06:00";

/// How long an act may take; it takes a fifth of a second on an idle machine.
const PATIENCE: Duration = Duration::from_secs(60);

const SIGABRT: i32 = 6;

/// Where the crash comes.
#[derive(Debug, Clone, Copy)]
pub struct CrashAt {
    pub point: &'static str,
    pub pass: u32,
}

impl fmt::Display for CrashAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.point, self.pass)
    }
}

/// One gateway that lives it.
pub struct Life {
    pub house: House,
    /// The crash that is still to come.
    crash: Option<CrashAt>,
    now: &'static str,
    /// Processes that were started, each with a trace of its own.
    processes: u32,
    /// Files that were left for the gateway.
    dropped: i64,
    /// How much of the log earlier daemons wrote.
    log_before: usize,
}

/// Failures of which the alerts have not heard.
const UNHEARD: &str = "SELECT COUNT(*) FROM failure WHERE news > 0";

impl Life {
    pub fn new(crash: Option<CrashAt>) -> Life {
        let house = House::new();
        let edit = |name: &str, edits: &[(&str, &str)]| {
            let mut text = fs::read_to_string(house.path(name)).unwrap();
            for (from, to) in edits {
                assert!(text.contains(from), "{name} has no {from:?}");
                text = text.replace(from, to);
            }
            fs::write(house.path(name), text).unwrap();
        };
        edit("gateway.toml", &[("scan_every = \"5 s\"", "scan_every = \"100 ms\"")]);
        edit("partners/megamart/partner.toml", &[("settle = \"200 ms\"", "settle = \"10 ms\"")]);
        edit("partners/erp/partner.toml", &[("settle = \"200 ms\"", "settle = \"10 ms\", marker = \".done\"")]);
        Life { house, crash, now: BEGINS, processes: 0, dropped: 0, log_before: 0 }
    }

    /// Lives it to its end, and says what there is then.
    pub fn live(&mut self) -> Snapshot {
        let coming = self.crash;
        self.start();
        self.give(RETAILER, "850_1.edi", &order(101, "4500012345", 0));
        self.give(RETAILER, "850_2.edi", &order(102, "4500012346", 1000));
        self.give(RETAILER, "850_1_again.edi", &order(101, "4500012345", 0));
        self.give(RETAILER, "noise.edi", b"this is no interchange");
        self.put_back("SELECT id FROM transmission WHERE name = 'noise.edi'", "replay");
        self.wait_for("what was put back to settle", |life| life.is_settled(0));
        self.give(ERP, "ack_1.json", &sample("erp/ack_4500012345.json"));
        self.give(ERP, "ship_1.csv", &sample("erp/ship_SHP0000777.csv"));
        self.give(ERP, "invoice_1.xml", &sample("erp/invoice_INV-20306.xml"));
        self.give(RETAILER, "997_1.edi", &answer("megamart/997_201.edi", "504", "503"));
        self.give(RETAILER, "997_2.edi", &answer("megamart/997_202.edi", "506", "505"));
        self.fail_to_deliver_for_a_while();
        self.wait_for_the_next_day();
        self.stop();
        if let Some(crash) = coming {
            assert!(self.crash.is_none(), "no process aborted at {crash}");
        }
        let verified = self.house.ask(&["ledger", "verify"]);
        assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
        snapshot::take(&self.house)
    }

    /// How often the process that came by most often came by each point.
    pub fn passes(&self) -> BTreeMap<String, u32> {
        let mut most = BTreeMap::new();
        for process in 1..=self.processes {
            let text = fs::read_to_string(self.house.path(&format!("trace.{process}"))).unwrap_or_default();
            let mut passes = BTreeMap::<String, u32>::new();
            for point in text.lines() {
                *passes.entry(point.to_owned()).or_default() += 1;
            }
            for (point, count) in passes {
                let before = most.entry(point).or_default();
                *before = count.max(*before);
            }
        }
        most
    }

    /// The environment of every process: the clock, the trace, and the crash as long as it has not come.
    fn environment(&mut self) -> Vec<(&'static str, String)> {
        self.processes += 1;
        let trace = self.house.path(&format!("trace.{}", self.processes)).display().to_string();
        let mut environment = vec![
            ("EDIGATE_CLOCK_STARTS", self.now.to_owned()),
            ("EDIGATE_CRASH_TRACE", trace),
            ("USER", "operator".into()),
        ];
        environment.extend(self.crash.map(|crash| ("EDIGATE_CRASH_AT", crash.to_string())));
        environment
    }

    pub fn start(&mut self) {
        let environment = self.environment();
        self.log_before = self.house.log().len();
        self.house.begin(|command| command.env_remove("SUDO_USER").envs(environment.clone()));
    }

    /// Starts the daemon again when it crashed as it should.
    fn mind_the_daemon(&mut self) {
        if let Some(status) = self.house.has_ended() {
            self.crashed(status);
            self.start();
        }
    }

    fn crashed(&mut self, status: ExitStatus) {
        let crash = self.crash.take();
        let log = self.house.log();
        assert!(crash.is_some() && status.signal() == Some(SIGABRT), "a process ended with {status}; the log:\n{log}");
    }

    pub fn wait_for(&mut self, what: &str, condition: impl Fn(&Life) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self) {
            let crash = self.crash.map(|crash| crash.to_string()).unwrap_or_default();
            assert!(Instant::now() < deadline, "waited in vain for {what} ({crash}); the log:\n{}", self.house.log());
            std::thread::sleep(Duration::from_millis(10));
            self.mind_the_daemon();
        }
    }

    /// Leaves a file, and its marker where the folder wants one, and waits until everything that it sets off has ended.
    pub fn give(&mut self, folder: &str, name: &str, bytes: &[u8]) {
        self.drop_file(folder, name, bytes);
        self.wait_for(&format!("{name} to settle"), |life| life.is_settled(0));
    }

    fn drop_file(&mut self, folder: &str, name: &str, bytes: &[u8]) {
        self.house.drop_file(folder, name, bytes);
        if folder == ERP {
            self.house.drop_file(folder, &format!("{name}.done"), b"");
        }
        self.dropped += 1;
    }

    /// Every file that was left is in the books and out of its folder, and nothing is under way but deliveries that
    /// failed and wait for their time; the clocks and the alerts were told all of it, and the orders' books are up to date.
    fn is_settled(&self, waiting: i64) -> bool {
        let counts = self.house.numbers(&[
            "SELECT COUNT(*) FROM transmission WHERE direction = 'in'",
            "SELECT COUNT(*) FROM transmission WHERE state = 'captured'",
            "SELECT COUNT(*) FROM delivery WHERE state = 'retrying'",
            "SELECT COUNT(*) FROM delivery WHERE state IN ('pending', 'parked')",
            "SELECT COUNT(*) FROM acknowledgment WHERE state = 'unmatched'",
            "SELECT COUNT(*) FROM event_head LEFT JOIN clock_reader ON clock_reader.partner = event_head.partner
             WHERE event_head.partner = 'megamart' AND COALESCE(clock_reader.sequence, 0) < event_head.sequence",
            UNHEARD,
            "SELECT COUNT(*) FROM unjoined",
            "SELECT COUNT(*) FROM mention_news",
        ]);
        counts.as_deref() == Some(&[self.dropped, 0, waiting, 0, 0, 0, 0, 0, 0]) && self.is_tidy()
    }

    /// No file waits, and none of ours lies hidden.
    fn is_tidy(&self) -> bool {
        let is_empty =
            |folder: &str| fs::read_dir(self.house.path(folder)).is_ok_and(|mut entries| entries.next().is_none());
        let has_files = |folder: &str| !self.house.names(folder).iter().all(|name| name == "archive" || name == "done");
        let claims_are_empty = [RETAILER, ERP].iter().all(|folder| {
            let claims = format!("{folder}/.edigate");
            !self.house.path(&claims).exists() || is_empty(&claims)
        });
        let hidden =
            [TO_RETAILER, TO_ERP].iter().filter_map(|folder| fs::read_dir(self.house.path(folder)).ok()).flatten();
        let hides_nothing = !hidden.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with('.'));
        claims_are_empty && hides_nothing && !has_files(RETAILER) && !has_files(ERP)
    }

    /// One number from the ledger; nothing while it cannot be read.
    pub fn number(&self, sql: &str) -> Option<i64> {
        self.house.number(sql)
    }

    /// A person puts something back. Whoever sees the command die looks whether it took effect before typing it again.
    fn put_back(&mut self, which: &str, command: &str) {
        let id: String = self.house.look_up(which, |row| row.text(0)).unwrap();
        let effects = "SELECT COUNT(*) FROM event WHERE kind = 'replayed'";
        let before = self.number(effects).unwrap();
        while self.number(effects) == Some(before) {
            let config = self.house.config();
            let mut process = Command::new(env!("CARGO_BIN_EXE_edigate"));
            process.args([command, &id, "--config"]).arg(config).stdin(Stdio::null());
            process.env_remove("SUDO_USER").envs(self.environment());
            let output = process.output().unwrap();
            if !output.status.success() {
                self.crashed(output.status);
            }
        }
    }

    /// The retailer's folder is gone, an acknowledgment cannot be delivered, a person releases it. The daemon is at rest
    /// meanwhile: it would find the folder mended by itself, before or after the person does.
    fn fail_to_deliver_for_a_while(&mut self) {
        fs::rename(self.house.path(TO_RETAILER), self.house.path("unmounted")).unwrap();
        self.drop_file(RETAILER, "850_3.edi", &order(103, "4500012347", 0));
        self.wait_for("the delivery to fail", |life| life.is_settled(1));
        self.stop();
        fs::rename(self.house.path("unmounted"), self.house.path(TO_RETAILER)).unwrap();
        self.put_back("SELECT id FROM delivery WHERE state = 'retrying'", "release");
        self.start();
        self.wait_for("what was released to settle", |life| life.is_settled(0));
    }

    /// One order, and a crash after which readers take what they find before the next start: all that they ever took.
    /// Nothing when the daemon does not come by that often.
    pub fn take_what_a_crash_left(&mut self) -> Option<Vec<String>> {
        self.start();
        self.drop_file(RETAILER, "850_1.edi", &order(101, "4500012345", 0));
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.house.has_ended() {
                break status;
            }
            if self.is_settled(0) {
                // Everything is on record; the crash may still be on its way.
                self.house.signal("-TERM");
                break self.ended();
            }
            assert!(Instant::now() < deadline, "neither an end nor a crash; the log:\n{}", self.house.log());
            std::thread::sleep(Duration::from_millis(10));
        };
        if status.success() {
            return None;
        }
        self.crashed(status);
        let mut taken = self.take();
        self.start();
        self.wait_for("the deliveries to settle", |life| life.is_settled(0));
        self.stop();
        taken.extend(self.take());
        Some(taken)
    }

    /// Readers take what lies in their folders.
    fn take(&self) -> Vec<String> {
        let mut taken = Vec::new();
        for folder in [TO_RETAILER, TO_ERP] {
            for name in self.house.names(folder) {
                fs::remove_file(self.house.path(folder).join(&name)).unwrap();
                taken.push(name);
            }
        }
        taken
    }

    fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.house.has_ended() {
                return status;
            }
            assert!(Instant::now() < deadline, "the daemon does not end; its log:\n{}", self.house.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn wait_for_the_next_day(&mut self) {
        self.stop();
        self.now = THE_NEXT_DAY;
        self.start();
        let overdue = "SELECT COUNT(*) FROM expectation WHERE state = 'overdue'";
        self.wait_for("the overdue acknowledgment", |life| {
            life.house.numbers(&[overdue, UNHEARD]).as_deref() == Some(&[1, 0])
        });
    }

    /// Stops the daemon as systemd would; it may crash on the way.
    fn stop(&mut self) {
        // Before it is ready it does not yet know the signal.
        self.wait_for("the daemon to be ready", |life| life.house.log()[life.log_before..].contains(" ready "));
        self.house.signal("-TERM");
        let status = self.ended();
        if !status.success() {
            self.crashed(status);
            // What the crash left undone is done by the next start.
            self.start();
            self.stop();
        }
    }
}

/// An order of the samples under other numbers, with more lines when it shall be large.
pub fn order(control_number: u32, po_number: &str, more: usize) -> Vec<u8> {
    let text = String::from_utf8(sample("megamart/850_101.edi")).unwrap();
    let text = text.replace("000000101", &format!("{control_number:09}")).replace("4500012345", po_number);
    let text =
        text.replace("*101*X", &format!("*{control_number}*X")).replace("GE*1*101", &format!("GE*1*{control_number}"));
    let lines: String = (3..more + 3)
        .map(|line| format!("PO1*{line:03}*1*EA*3.61*PE*UP*061414100014*IN*550001*VN*WID-RED~\nPID*F****RED WIDGET~\n"))
        .collect();
    let text = text.replace("CTT*2*36~", &format!("{lines}CTT*{}*{}~", 2 + more, 36 + more));
    text.replace("SE*22*", &format!("SE*{}*", 22 + 2 * more)).into_bytes()
}

/// A 997 of the samples for another group.
fn answer(name: &str, sampled: &str, group: &str) -> Vec<u8> {
    let text = String::from_utf8(sample(name)).unwrap();
    let (from, to) = (format!("*{sampled}~\nAK2"), format!("*{group}~\nAK2"));
    assert!(text.contains(&from));
    text.replace(&from, &to).into_bytes()
}
