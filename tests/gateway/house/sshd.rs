//! An OpenSSH server of its own for one test, and a retailer whose mailbox is on it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::House;

/// A server that is there until the end of its test.
pub struct Sshd {
    directory: PathBuf,
}

impl Sshd {
    /// Starts one that lets in by a password or a key; `None` and a word where the tests have no server.
    pub fn started_for(test: &str) -> Option<Sshd> {
        Sshd::started_with(test, ("EDIGATE_SSHD_AUTH", "any"))
    }

    /// The same, which asks for the key and then for the password.
    pub fn that_asks_for_both(test: &str) -> Option<Sshd> {
        Sshd::started_with(test, ("EDIGATE_SSHD_AUTH", "both"))
    }

    /// The same, which asks for the password by a question alone.
    pub fn that_asks_questions(test: &str) -> Option<Sshd> {
        Sshd::started_with(test, ("EDIGATE_SSHD_AUTH", "questions"))
    }

    /// The same as the first, which lists a directory in no order and names an entry twice; the paths of its mailboxes are those
    /// of this disk.
    pub fn that_lists_in_no_order(test: &str) -> Option<Sshd> {
        Sshd::started_with(test, ("EDIGATE_SSHD_LISTS", "shuffled"))
    }

    fn started_with(test: &str, manner: (&str, &str)) -> Option<Sshd> {
        if std::env::var_os("EDIGATE_TEST_SSHD").is_none() {
            eprintln!("SKIPPED, it needs EDIGATE_TEST_SSHD=1 and root, as tests/run sets it: {test}");
            return None;
        }
        Some(Sshd { directory: control(&["start"], manner).into() })
    }

    /// A file or directory of it on this disk.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// What one of its files says.
    pub fn says(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap().trim().to_owned()
    }

    /// The names in a mailbox, hidden ones included.
    pub fn names(&self, mailbox: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path("root").join(mailbox)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The bytes of a file in a mailbox.
    pub fn bytes(&self, mailbox: &str, name: &str) -> Vec<u8> {
        fs::read(self.path("root").join(mailbox).join(name)).unwrap()
    }

    /// Writes down what the server is asked to do with files from now on, in its own words.
    pub fn notes(&self) -> Notes {
        let socket = self.path("root/dev/log");
        fs::create_dir_all(socket.parent().unwrap()).unwrap();
        let log = UnixDatagram::bind(&socket).unwrap();
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o777)).unwrap();
        log.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let notes = Notes::default();
        let text = Arc::clone(&notes.0);
        std::thread::spawn(move || {
            let mut line = vec![0; 1 << 16];
            // Whoever holds the notes lets them go at the end of the test.
            while Arc::strong_count(&text) > 1 {
                let Ok(length) = log.recv(&mut line) else { continue };
                let mut text = text.lock().unwrap();
                text.push_str(&String::from_utf8_lossy(&line[..length]));
                text.push('\n');
            }
        });
        notes
    }

    /// How many connections it has at this moment: each is a child of the process that listens.
    pub fn connections(&self) -> usize {
        let found = Command::new("pgrep").args(["-c", "-P", &self.says("pid")]).output().unwrap();
        String::from_utf8(found.stdout).unwrap().trim().parse().unwrap()
    }

    /// How often somebody was let in.
    pub fn logins(&self) -> usize {
        let told = format!(" for {} ", self.says("user"));
        self.says("log").lines().filter(|line| line.starts_with("Accepted ") && line.contains(&told)).count()
    }

    /// Leaves a file in a mailbox as its user would, whole at once.
    pub fn put(&self, mailbox: &str, name: &str, bytes: &[u8]) {
        let folder = self.path("root").join(mailbox);
        let temporary = folder.join(format!(".{name}.tmp"));
        fs::write(&temporary, bytes).unwrap();
        self.give_to_user(&temporary);
        fs::rename(temporary, folder.join(name)).unwrap();
    }

    /// Makes its user the owner.
    pub fn give_to_user(&self, path: &Path) {
        assert!(Command::new("chown").arg(self.says("user")).arg(path).status().unwrap().success());
    }

    pub fn kill(&self) {
        self.control("kill");
    }

    pub fn resume(&self) {
        self.control("resume");
    }

    pub fn rekey(&self) {
        self.control("rekey");
    }

    fn control(&self, what: &str) {
        control(&[what, self.directory.to_str().unwrap()], ("EDIGATE_SSHD_AUTH", "any"));
    }

    /// How to log in by that key.
    pub fn by_key(&self, name: &str) -> String {
        format!("key = \"file:{}\"", self.path(name).display())
    }

    /// The lines of an endpoint on it, up to pick_up and drop_off.
    pub fn endpoint(&self, log_in: &str) -> String {
        format!(
            "via = \"sftp\"\naddress = \"127.0.0.1:{}\"\nuser = \"{}\"\nhost_key = \"{}\"\ntimeout = \"5 s\"\n{log_in}\n",
            self.says("port"),
            self.says("user"),
            self.says("fingerprint")
        )
    }

    /// Moves the retailer's mailbox of a house to this server. The rules are what stands within the braces behind `from` and
    /// `to`.
    pub fn serve(&self, house: &House, log_in: &str, pick_up: &str, drop_off: &str) {
        let lines = format!(
            "{}pick_up = {{ from = \"/outbound\", match = \"*.edi\", settle = \"100 ms\", every = \"150 ms\", {pick_up} }}\n\
             drop_off = {{ to = \"/inbound\", name = \"{{partner}}_{{set}}_{{isa13}}.edi\"{drop_off} }}\n\
             retry = {{ first = \"300 ms\", longest = \"300 ms\" }}\n\n",
            self.endpoint(log_in)
        );
        let partner = house.path("partners/megamart/partner.toml");
        let text = fs::read_to_string(&partner).unwrap();
        let begin = text.find("via      = \"folder\"").or_else(|| text.find("via = \"sftp\"")).unwrap();
        let end = begin + text[begin..].find("[[document]]").unwrap();
        fs::write(&partner, format!("{}{lines}{}", &text[..begin], &text[end..])).unwrap();
    }
}

/// What a server was asked to do with files.
#[derive(Default)]
pub struct Notes(Arc<Mutex<String>>);

impl Notes {
    pub fn so_far(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = script().args(["stop", self.directory.to_str().unwrap()]).stderr(Stdio::null()).status();
    }
}

fn script() -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sshd"));
    command.stdin(Stdio::null());
    command
}

fn control(arguments: &[&str], (setting, value): (&str, &str)) -> String {
    let output = script().args(arguments).env(setting, value).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tests/sshd {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
