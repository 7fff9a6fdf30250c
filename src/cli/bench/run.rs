//! The gateway under measurement: a home with partners, and `edigate run` over it as a child of our own.
//!
//! ```text
//! home/gateway.toml   partners/retailer, partners/erp   folders/retailer/{outbound,inbound}   folders/erp/inbox
//! ```
//!
//! It is the daemon that everybody runs, started from this very binary as a process of its own, so that its memory and CPU
//! time can be read where the system keeps them. It is killed at the end of its measurement: nothing is lost by that.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::load::{OUR_ISA, RETAILER_ISA};
use super::process;
use super::workspace::{Interrupt, Workspace, refused};
use crate::cli::Failure;
use crate::config::{Config, load};
use crate::ledger::Ledger;

/// A ledger's address as gateway.toml has it, with where its password is kept.
#[derive(Debug, Clone, Default)]
pub struct LedgerLines(String);

impl LedgerLines {
    /// The embedded ledger.
    pub fn sqlite() -> LedgerLines {
        LedgerLines("ledger = \"sqlite:ledger.db\"\n".to_owned())
    }

    /// A server.
    pub fn server(url: &str, password: Option<&str>) -> LedgerLines {
        let password = password.map(|from| format!("ledger_password = {from:?}\n")).unwrap_or_default();
        LedgerLines(format!("ledger = {url:?}\n{password}"))
    }
}

/// The configuration and folders of a gateway.
#[derive(Debug)]
pub struct Home {
    path: PathBuf,
}

impl Home {
    /// A home with one retailer that sends orders and one ERP that gets them.
    pub fn with_one_retailer(workspace: &Workspace, name: &str, ledger: &LedgerLines) -> Result<Home, Failure> {
        let home = Home { path: workspace.room(name)? };
        home.write("gateway.toml", &gateway_toml(ledger))?;
        home.write("partners/retailer/partner.toml", &retailer_toml())?;
        home.write("partners/erp/partner.toml", ERP_TOML)?;
        for folder in [home.orders_in(), home.acknowledgments(), home.orders_out(), home.path.join("staging")] {
            fs::create_dir_all(&folder).map_err(refused("make", &folder))?;
        }
        Ok(home)
    }

    /// A home with many partners, each with a folder to watch and one to leave files in.
    pub fn with_partners(workspace: &Workspace, name: &str, partners: u32) -> Result<Home, Failure> {
        let home = Home { path: workspace.room(name)? };
        home.write("gateway.toml", &gateway_toml(&LedgerLines::sqlite()))?;
        for number in 1..=partners {
            workspace.interrupt.check()?;
            let id = format!("partner-{number:04}");
            home.write(&format!("partners/{id}/partner.toml"), &idle_toml(&id, number))?;
            for side in ["outbound", "inbound"] {
                let folder = home.path.join("folders").join(&id).join(side);
                fs::create_dir_all(&folder).map_err(refused("make", &folder))?;
            }
        }
        Ok(home)
    }

    /// Adds tables to its gateway.toml.
    pub fn configure(&self, tables: &str) -> Result<(), Failure> {
        let path = self.file("gateway.toml");
        let text = fs::read_to_string(&path).map_err(refused("read", &path))?;
        self.write("gateway.toml", &(text + tables))
    }

    /// Makes room for the next measurement.
    pub fn remove(&self) -> Result<(), Failure> {
        fs::remove_dir_all(&self.path).map_err(refused("remove", &self.path))
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.path.join(name);
        let parent = path.parent().unwrap_or(&self.path);
        fs::create_dir_all(parent).map_err(refused("make", parent))?;
        fs::write(&path, text).map_err(refused("write", &path))
    }

    /// Where the retailer leaves its orders.
    pub fn orders_in(&self) -> PathBuf {
        self.path.join("folders/retailer/outbound")
    }

    /// Where the retailer finds our acknowledgments.
    pub fn acknowledgments(&self) -> PathBuf {
        self.path.join("folders/retailer/inbound")
    }

    /// Where the ERP finds its orders.
    pub fn orders_out(&self) -> PathBuf {
        self.path.join("folders/erp/inbox")
    }

    /// Where files are written before they are renamed into a folder, on the same file system.
    pub fn staging(&self, name: &str) -> PathBuf {
        self.path.join("staging").join(name)
    }

    /// A file of the home.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The partners take what lies in their folders.
    pub fn empty_folders(&self) -> Result<(), Failure> {
        for folder in [self.orders_out(), self.acknowledgments()] {
            fs::remove_dir_all(&folder).map_err(refused("empty", &folder))?;
            fs::create_dir(&folder).map_err(refused("make", &folder))?;
        }
        Ok(())
    }

    /// Its configuration, as the daemon reads it.
    pub fn config(&self) -> Result<Config, Failure> {
        load::load(&self.file("gateway.toml")).map(|(config, _)| config).map_err(|errors| {
            let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Failure::new(format!("the benchmark's configuration is wrong\n{}", texts.join("\n")))
        })
    }
}

fn gateway_toml(ledger: &LedgerLines) -> String {
    let LedgerLines(ledger) = ledger;
    format!(
        "[us]\nname = \"Bench Supplier\"\nisa = \"ZZ:{OUR_ISA}\"\nzone = \"America/Chicago\"\n\n[gateway]\nhome = \".\"\n{ledger}"
    )
}

/// Files appear by rename and are whole, so none needs to settle.
fn retailer_toml() -> String {
    format!(
        r#"name   = "Bench Retailer"
role   = "retailer"
status = "production"
zone   = "America/Chicago"

[x12]
isa         = "ZZ:{RETAILER_ISA}"
gs          = "{RETAILER_ISA}"
version     = "004010"
acknowledge = {{ with = "997", sets = "all", within = "24 h", via = "mailbox" }}

[[endpoint]]
name     = "mailbox"
via      = "folder"
pick_up  = {{ from = "folders/retailer/outbound", match = "*.edi", settle = "0 s", then = "archive" }}
drop_off = {{ to = "folders/retailer/inbound", name = "{{partner}}_{{set}}_{{isa13}}.edi" }}

[[document]]
receive = "850"
to      = "erp"
"#
    )
}

const ERP_TOML: &str = r#"name   = "ERP"
role   = "erp"
status = "production"

[[endpoint]]
name     = "inbox"
via      = "folder"
drop_off = { to = "folders/erp/inbox", name = "{kind}_{number}.json" }

[[document]]
send = "order"
via  = "inbox"
as   = "json"
name = "{po_number}.json"
"#;

fn idle_toml(id: &str, number: u32) -> String {
    format!(
        r#"name   = "Partner {number}"
role   = "retailer"
status = "production"

[x12]
isa         = "ZZ:IDLE{number:06}"
version     = "004010"
acknowledge = {{ with = "997", via = "mailbox" }}

[[endpoint]]
name     = "mailbox"
via      = "folder"
pick_up  = {{ from = "folders/{id}/outbound", match = "*.edi" }}
drop_off = {{ to = "folders/{id}/inbound" }}
"#
    )
}

/// A running daemon; it ends with this value.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    log: PathBuf,
    started: Instant,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone after this, and its files can be removed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How long nothing may happen before the measurement is given up; a large file in a slow build shows nothing for minutes.
const PATIENCE: Duration = Duration::from_secs(900);

impl Daemon {
    /// Starts it.
    pub fn start(home: &Home) -> Result<Daemon, Failure> {
        let binary = std::env::current_exe().map_err(|error| Failure::new(format!("where is edigate? {error}")))?;
        let log = home.file("daemon.log");
        let file = File::options().create(true).append(true).open(&log).map_err(refused("write", &log))?;
        let mut command = Command::new(&binary);
        command.arg("run").arg("--config").arg(home.file("gateway.toml"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        let started = Instant::now();
        let child = command.spawn().map_err(refused("start", &binary))?;
        Ok(Daemon { child, log, started })
    }

    /// Since it was started.
    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it says that it is ready.
    pub fn wait_until_ready(&mut self, interrupt: &Interrupt) -> Result<(), Failure> {
        loop {
            self.check(interrupt)?;
            if self.said().contains("ready") {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Fails when it ended, or when we are to stop.
    pub fn check(&mut self, interrupt: &Interrupt) -> Result<(), Failure> {
        interrupt.check()?;
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            _ => Err(Failure::new(format!("the daemon ended in the middle of the benchmark\n{}", self.last_words()))),
        }
    }

    fn said(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// The end of its log.
    pub fn last_words(&self) -> String {
        let said = self.said();
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// CPU seconds that it used so far; `None` where the system keeps no /proc.
    pub fn cpu_seconds(&self) -> Option<f64> {
        process::cpu_seconds(self.id())
    }

    /// The most memory that it ever held, in megabytes.
    pub fn peak_megabytes(&self) -> Option<f64> {
        process::peak_megabytes(self.id())
    }
}

/// What must lie in the out-folders for a measurement to be over.
#[derive(Debug, Clone, Copy)]
pub struct Goal {
    /// Files for the ERP.
    pub orders: usize,
    /// Files for the retailer.
    pub acknowledgments: usize,
}

/// Waits until all files are out and the ledger shows nothing open; returns how long that took since the daemon's start.
pub fn wait_for(home: &Home, daemon: &mut Daemon, goal: Goal, interrupt: &Interrupt) -> Result<Duration, Failure> {
    let (mut done, mut changed) = (0, Instant::now());
    let mut ledger = None;
    loop {
        daemon.check(interrupt)?;
        let now = count(&home.orders_out()).min(goal.orders) + count(&home.acknowledgments()).min(goal.acknowledgments);
        if now != done {
            (done, changed) = (now, Instant::now());
        }
        if done == goal.orders + goal.acknowledgments && is_quiet(home, &mut ledger)? {
            return Ok(daemon.age());
        }
        if changed.elapsed() > PATIENCE {
            let words = daemon.last_words();
            return Err(Failure::new(format!("nothing moved for {PATIENCE:?}; {done} files are out\n{words}")));
        }
        thread::sleep(pause(daemon.age(), done, goal.orders + goal.acknowledgments));
    }
}

/// Looking costs the daemon time on a small machine: seldom at first, often when the end is near.
fn pause(age: Duration, done: usize, whole: usize) -> Duration {
    let left = whole.saturating_sub(done) as f64 / done.max(1) as f64;
    let until_the_end = age.as_secs_f64() * left;
    Duration::from_secs_f64((until_the_end / 4.0).clamp(0.002, 0.5))
}

/// How many files a folder offers to its reader.
pub fn count(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries.flatten().filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b".")).count()
}

/// True when nothing waits in the ledger: no file to be read, no delivery to be made.
fn is_quiet(home: &Home, ledger: &mut Option<Ledger>) -> Result<bool, Failure> {
    let opened = match ledger.take() {
        Some(ledger) => ledger,
        None => open(home)?,
    };
    let sql = "SELECT (SELECT COUNT(*) FROM transmission WHERE state = 'captured')
                    + (SELECT COUNT(*) FROM delivery WHERE state IN ('pending', 'retrying'))";
    let waiting = opened.read(|tx| tx.query(sql, &[])?[0].int(0)).map_err(ledger_failed)?;
    *ledger = Some(opened);
    Ok(waiting == 0)
}

/// A home's ledger, to be read.
pub fn open(home: &Home) -> Result<Ledger, Failure> {
    let config = home.config()?;
    Ledger::open_existing(&config.ledger, &config.home).map_err(ledger_failed)
}

/// The ledger's trouble as ours.
pub fn ledger_failed(error: crate::ledger::Error) -> Failure {
    Failure::new(error.to_string())
}
