//! A gateway of its own for one test: a temporary home with the partners of this tree, and the real binary.

#[allow(dead_code, reason = "the tests of polling in the library use the rest of it")]
pub mod api;
pub mod books;
pub mod as2;
pub mod erp_api;
pub mod certificates;
pub mod disk;
pub mod http;
pub mod link;
pub mod server;
pub mod sshd;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use edigate::ledger::Ledger;
use serde_json::Value;

/// How long a condition may take before the test fails; far more than it ever needs.
const PATIENCE: Duration = Duration::from_secs(30);

/// A home with configuration and folders, and the daemon over it when it was started.
pub struct House {
    home: tempfile::TempDir,
    daemon: Option<Child>,
    /// A connection to books on a server, once they were read.
    reader: Mutex<Option<Ledger>>,
}

/// What a command said.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl House {
    /// The configuration and partners that the demo runs on, with nothing started; the books on a server where the tests
    /// have one.
    pub fn new() -> House {
        let house = House::with_a_file();
        if let Ok(server) = std::env::var("EDIGATE_TEST_LEDGER") {
            house.keep_books_on(&server);
        }
        house
    }

    /// The same with the books in a file, whatever the tests have.
    pub fn with_a_file() -> House {
        let home = tempfile::tempdir().unwrap();
        let house = House { home, daemon: None, reader: Mutex::new(None) };
        let said = house.edigate(&["demo", "--prepare", house.path("").to_str().unwrap()]);
        assert_eq!(said.code, 0, "{}", said.err);
        house
    }

    /// Names a schema of its own on that server as this house's ledger.
    pub fn keep_books_on(&self, server: &str) {
        let line = r#"ledger = "sqlite:ledger.db""#;
        self.edit_config(line, &format!(r#"ledger = "{}""#, schema_on(server)));
    }

    /// Replaces a line of gateway.toml.
    pub fn edit_config(&self, line: &str, with: &str) {
        let file = fs::read_to_string(self.config()).unwrap();
        let line = format!("\n{line}\n");
        assert!(file.contains(&line), "gateway.toml has no line {line:?}:\n{file}");
        fs::write(self.config(), file.replace(&line, &format!("\n{with}\n"))).unwrap();
    }

    /// The same, with the daemon running.
    pub fn running() -> House {
        let mut house = House::new();
        house.start();
        house
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn config(&self) -> PathBuf {
        self.path("gateway.toml")
    }

    pub fn start(&mut self) {
        self.start_with(|command| command);
    }

    /// Starts the daemon and does not wait for it: it may be meant to die on its way.
    pub fn begin(&mut self, adjust: impl Fn(&mut Command) -> &mut Command) {
        self.spawn(Path::new(env!("CARGO_BIN_EXE_edigate")), adjust);
    }

    /// How the daemon ended, when it did.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        let ended = self.daemon.as_mut()?.try_wait().unwrap();
        if ended.is_some() {
            self.daemon = None;
        }
        ended
    }

    /// True when the daemon ended by itself, and nobody has asked how yet.
    pub fn is_gone(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.daemon.as_ref().unwrap().id())).unwrap_or_default();
        stat.rsplit(") ").next().is_none_or(|state| state.starts_with('Z') || state.is_empty())
    }

    fn daemon_command(&self, binary: &Path) -> Command {
        let log = fs::File::options().create(true).append(true).open(self.path("daemon.log")).unwrap();
        let mut command = Command::new(binary);
        command.args(["run", "--config"]).arg(self.config());
        command.stdout(Stdio::null()).stderr(log).stdin(Stdio::null());
        command
    }

    pub fn start_with(&mut self, adjust: impl Fn(&mut Command) -> &mut Command) {
        self.start_binary(Path::new(env!("CARGO_BIN_EXE_edigate")), adjust);
    }

    /// Starts a copy of the binary, for a user who may not go where the original is.
    pub fn start_binary(&mut self, binary: &Path, adjust: impl Fn(&mut Command) -> &mut Command) {
        let already = self.log().matches("ready").count();
        self.spawn(binary, adjust);
        self.wait_for("the daemon to be ready", |house| house.log().matches("ready").count() > already);
    }

    /// Starts the daemon where it cannot become ready yet, and waits until it can be asked.
    pub fn start_waiting(&mut self) {
        self.spawn(Path::new(env!("CARGO_BIN_EXE_edigate")), |command| command);
        self.wait_for("the daemon to answer", |house| house.rows(&["status"])[0]["running"] == true);
    }

    /// Starts the daemon as a user whom modes stop: as nobody when this is root, in a home that belongs to nobody.
    pub fn start_as_nobody(&mut self) {
        const NOBODY: u32 = 65534;
        if !disk::is_root() {
            return self.start();
        }
        let home = self.path("");
        fs::set_permissions(&home, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let owner = format!("{NOBODY}:{NOBODY}");
        assert!(Command::new("chown").args(["-R", &owner]).arg(&home).status().unwrap().success());
        // A checkout below root's own directory is closed to nobody, so the binary comes to them.
        let binary = self.path("edigate");
        fs::copy(env!("CARGO_BIN_EXE_edigate"), &binary).unwrap();
        self.start_binary(&binary, |command| std::os::unix::process::CommandExt::uid(command, NOBODY));
    }

    fn spawn(&mut self, binary: &Path, adjust: impl Fn(&mut Command) -> &mut Command) {
        let mut command = self.daemon_command(binary);
        adjust(&mut command);
        let deadline = Instant::now() + PATIENCE;
        self.daemon = loop {
            match command.spawn() {
                // A child that another test was starting held the copied binary open for a moment.
                Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy && Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                started => break Some(started.unwrap()),
            }
        };
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path("daemon.log")).unwrap_or_default()
    }

    pub fn signal(&self, signal: &str) {
        // The shell's own kill: the command of that name is in a package that a small system lacks.
        let line = format!("kill {signal} {}", self.daemon.as_ref().unwrap().id());
        assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success());
    }

    /// Stops its clock, as it were: it does nothing until it is resumed.
    pub fn pause(&self) {
        self.signal("-STOP");
        self.wait_for("the daemon to stand still", |house| house.state() == Some('T'));
    }

    pub fn resume(&self) {
        self.signal("-CONT");
    }

    /// What the kernel says that the daemon's process does.
    fn state(&self) -> Option<char> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.daemon.as_ref().unwrap().id())).unwrap_or_default();
        stat.rsplit(") ").next()?.chars().next()
    }

    /// The daemon's process.
    pub fn process(&self) -> u32 {
        self.daemon.as_ref().unwrap().id()
    }

    /// Waits for the daemon to end by itself.
    pub fn ended(&mut self) -> i32 {
        let mut child = self.daemon.take().unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(Instant::now() < deadline, "the daemon does not end; its log:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Stops the daemon as systemd would.
    pub fn stop(&mut self) -> i32 {
        self.signal("-TERM");
        self.ended()
    }

    /// Stops it as a power failure would.
    pub fn kill(&mut self) {
        let mut child = self.daemon.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub fn edigate(&self, args: &[&str]) -> Said {
        edigate(args)
    }

    /// A command with this house's configuration.
    pub fn ask(&self, args: &[&str]) -> Said {
        let config = self.config();
        let mut all = args.to_vec();
        all.extend(["--config", config.to_str().unwrap()]);
        edigate(&all)
    }

    /// A read command's rows: one JSON value per line, or one array.
    pub fn rows(&self, args: &[&str]) -> Vec<Value> {
        let mut all = args.to_vec();
        all.push("--json");
        let said = self.ask(&all);
        assert!(said.code < 2, "{args:?}: {}", said.err);
        match serde_json::from_str(&said.out) {
            Ok(Value::Array(rows)) => rows,
            Ok(one) => vec![one],
            Err(_) => said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
        }
    }

    /// Leaves a file for the gateway in a folder of the house, whole at once.
    pub fn drop_file(&self, folder: &str, name: &str, bytes: &[u8]) {
        let temporary = self.path(folder).join(format!(".{name}.tmp"));
        fs::write(&temporary, bytes).unwrap();
        fs::rename(temporary, self.path(folder).join(name)).unwrap();
    }

    /// The names in a folder, without what is hidden.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort();
        names
    }

    pub fn wait_for(&self, what: &str, condition: impl Fn(&House) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self) {
            assert!(Instant::now() < deadline, "waited in vain for {what}; the daemon's log:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What `status` says of a trouble, by its code.
    pub fn trouble(&self, code: &str) -> Option<Value> {
        let report = self.rows(&["status"]).remove(0);
        report["troubles"].as_array().unwrap().iter().find(|one| one["code"] == code).cloned()
    }

    /// Waits for a trouble of that code, which can be explained; its words.
    pub fn in_trouble(&self, code: &str) -> String {
        self.wait_for(&format!("{code} in status"), |house| house.trouble(code).is_some());
        assert_eq!(self.edigate(&["explain", code]).code, 0);
        self.trouble(code).unwrap()["text"].as_str().unwrap().to_owned()
    }

    /// Waits until nothing is wrong.
    pub fn is_well_again(&self) {
        self.wait_for("all to be well", |house| house.ask(&["status"]).code == 0);
    }

    /// Waits until a file's transmission came to its end, and returns its row.
    pub fn settled(&self, name: &str) -> Value {
        let found = || {
            self.rows(&["ledger", "transmissions"])
                .into_iter()
                .find(|row| row["name"] == name && row["direction"] == "in" && row["state"] != "captured")
        };
        self.wait_for(&format!("{name} to be processed"), |_| found().is_some());
        found().unwrap()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(mut child) = self.daemon.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The address of a new schema on the server of the tests, which is thrown away after them.
pub fn schema_on(server: &str) -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let schema = format!("house_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(&format!("CREATE SCHEMA {schema}")).await.unwrap();
    });
    format!("{server}?options=-c%20search_path%3D{schema}")
}

/// Runs the binary.
pub fn edigate(args: &[&str]) -> Said {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_edigate")).args(args).stdin(Stdio::null()).output().unwrap();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A file of the samples.
pub fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)).unwrap()
}

/// The clean order of the samples with other things in it, each in place of something that it has.
pub fn order_with(edits: &[(&str, &str)]) -> String {
    let mut text = String::from_utf8(sample("megamart/850_101.edi")).unwrap();
    for (from, to) in edits {
        assert!(text.contains(from), "the sample has no {from:?}");
        text = text.replace(from, to);
    }
    text
}

/// The same under another interchange control number.
pub fn order_under(control_number: u32, edits: &[(&str, &str)]) -> Vec<u8> {
    let control_number = format!("{control_number:09}");
    order_with(&[&[("000000101", control_number.as_str())], edits].concat()).into_bytes()
}

/// The same under a PO number of its own as well.
pub fn order_numbered(number: u32) -> Vec<u8> {
    order_under(number, &[("4500012345", &format!("45{number:08}"))])
}

/// The same under a group control number of its own as well.
pub fn order_numbered_throughout(number: u32) -> Vec<u8> {
    let [po_number, group, trailer] = [format!("45{number:08}"), format!("*{number}*X*"), format!("GE*1*{number}")];
    order_under(number, &[("4500012345", &po_number), ("*101*X*", &group), ("GE*1*101", &trailer)])
}

impl House {
    /// The processor time that the daemon used, in hundredths of a second.
    pub fn processor_ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.daemon.as_ref().unwrap().id())).unwrap();
        let after_name = stat.rsplit(')').next().unwrap();
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    /// The most memory that the daemon ever held, as the kernel counts it.
    pub fn peak_memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.daemon.as_ref().unwrap().id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}
