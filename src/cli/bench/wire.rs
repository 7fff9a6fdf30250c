//! `edigate bench sftp`: our SFTP beside OpenSSH's own client, on the same server in the same run.
//!
//! ```text
//! one large file    put, get      `sftp -b`, edigate, `sftp -b`, edigate …     the medians compared
//! many small files  put, get      the same
//! ```
//!
//! Both log in, do their work and leave. Ours leaves files as the daemon does, each under a temporary name first and by a roll,
//! and takes them as the daemon does, each looked up before it is deleted; the client only copies.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::report::{self, Bounds, Row, percentile};
use super::tell;
use super::workspace::{Workspace, refused};
use crate::cli::{Exit, Failure, output};
use crate::config::partner::{AfterPickUp, DropOff, PickUp, SftpServer};
use crate::config::secret::SecretReference;
use crate::diagnostic::Diagnostic;
use crate::transport::inlet::Inlet as _;
use crate::transport::outlet::{Leaving, Manner, Order, Outlet as _, Unsent};
use crate::transport::sftp::mailbox::Mailbox;
use crate::transport::sftp::outlet::Directory;
use crate::transport::sftp::pool::Pool;

/// Our SFTP beside OpenSSH's own client
///
/// Copies one large file and many small ones to a directory of a server and back, by `sftp -b` and by edigate's own wire in
/// turn, and compares the medians. The directory must be empty and is empty again afterwards.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  edigate bench sftp --address 127.0.0.1:22 --user bench --key ~/.ssh/id_ed25519 \\\n      \
    --host-key SHA256:… --directory /scratch\n\
    Exit codes: 0 every measured \"must\" was met · 1 one was not · 2 could not run"
)]
pub struct Args {
    /// The server: HOST:PORT
    #[arg(long, value_name = "HOST:PORT")]
    address: String,
    /// Who we are there
    #[arg(long)]
    user: String,
    /// The private key, without a passphrase
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The fingerprint of its host key, as `ssh-keygen -l` prints it
    #[arg(long, value_name = "SHA256:…")]
    host_key: String,
    /// An empty directory on it
    #[arg(long, value_name = "DIR")]
    directory: String,
    /// Work in a new directory below this one [default: the current directory]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Megabytes of the large file
    #[arg(long, value_name = "MB", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    megabytes: u32,
    /// How many small files of 5 kB
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    files: u32,
    /// How often each is done
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// How many sessions of ours work at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    at_once: u32,
    /// JSON, one object per row
    #[arg(long)]
    json: bool,
}

/// One large file: at least as fast.
const LARGE: Bounds = Bounds::AtLeast { must: 1.0, aim: 1.0 };
/// Many small ones: one and a half times as fast.
const SMALL: Bounds = Bounds::AtLeast { must: 1.5, aim: 1.5 };
/// Bytes of a small file.
const SMALL_SIZE: usize = 5_000;

/// Measures and tells.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let workspace = Workspace::below(args.dir.as_deref().unwrap_or(Path::new(".")))?;
    let bench = Bench::of(args, &workspace)?;
    let large = vec![("large.bin".to_owned(), noise(args.megabytes as usize * 1_000_000))];
    let small = (0..args.files).map(|number| (format!("{number:06}.edi"), noise(SMALL_SIZE))).collect();
    let mut rows = bench.compare("large", large, LARGE)?;
    rows.extend(bench.compare("small", small, SMALL)?);
    tell(&rows, args.json)?;
    Ok(if rows.iter().all(Row::meets_must) { Exit::Fine } else { Exit::Findings })
}

/// Bytes that no compression shrinks.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ count as u64;
    let mut bytes = Vec::with_capacity(count + 8);
    while bytes.len() < count {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}

/// Files by name, with their bytes.
type Files = Vec<(String, Vec<u8>)>;

struct Bench<'a> {
    args: &'a Args,
    server: Arc<SftpServer>,
    workspace: &'a Workspace,
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Put,
    Get,
}

impl<'a> Bench<'a> {
    fn of(args: &'a Args, workspace: &'a Workspace) -> Result<Bench<'a>, Failure> {
        let (host, port) = args.address.rsplit_once(':').unwrap_or((&args.address, "22"));
        let port = port.parse().map_err(|_| Failure::new(format!("{:?} is no HOST:PORT", args.address)))?;
        let key = std::path::absolute(&args.key).map_err(refused("find", &args.key))?;
        let server = Arc::new(SftpServer {
            host: host.to_owned(),
            port,
            user: args.user.clone(),
            password: None,
            key: Some(SecretReference::File(key)),
            key_passphrase: None,
            host_keys: vec![args.host_key.clone()],
            timeout: Duration::from_secs(30),
            rename: true,
        });
        Ok(Bench { args, server, workspace })
    }

    fn compare(&self, name: &'static str, files: Files, bounds: Bounds) -> Result<Vec<Row>, Failure> {
        let total = files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        output::talk(format!(
            "{name}: {} files, {} MB, {} times each way",
            files.len(),
            total / 1_000_000,
            self.args.rounds
        ));
        let here = self.workspace.room(name)?;
        for (name, bytes) in &files {
            fs::write(here.join(name), bytes).map_err(refused("write", &here))?;
        }
        let mut seconds = [[Vec::new(), Vec::new()], [Vec::new(), Vec::new()]];
        for _ in 0..self.args.rounds {
            self.workspace.interrupt.check()?;
            seconds[0][0].push(self.theirs(Way::Put, &files, &here)?);
            seconds[1][0].push(self.theirs(Way::Get, &files, &here)?);
            self.ours(Way::Get, &files, AfterPickUp::Delete)?;
            seconds[0][1].push(self.ours(Way::Put, &files, AfterPickUp::Delete)?);
            seconds[1][1].push(self.ours(Way::Get, &files, AfterPickUp::Delete)?);
        }
        let mut rows = Vec::new();
        for (way, [theirs, ours]) in ["put", "get"].into_iter().zip(seconds) {
            let [theirs, ours] = [theirs, ours].map(|mut seconds| {
                seconds.sort_by(f64::total_cmp);
                percentile(&seconds, 0.5)
            });
            rows.push(Row::new(name, format!("{way} by sftp -b"), theirs, "s"));
            rows.push(Row::new(name, format!("{way} by edigate"), ours, "s"));
            let ratio = Row::new(name, format!("{way}: as fast as sftp -b"), theirs / ours, "ratio");
            rows.push(ratio.held_against(bounds));
        }
        rows.iter().for_each(report::announce);
        Ok(rows)
    }

    /// OpenSSH's client, with a batch file.
    fn theirs(&self, way: Way, files: &Files, here: &Path) -> Result<f64, Failure> {
        let batch = self.workspace.path().join("batch");
        let mut lines = String::new();
        let back = self.workspace.path().join("theirs");
        fs::create_dir_all(&back).map_err(refused("make", &back))?;
        for (name, _) in files {
            let there = format!("{}/{name}", self.args.directory);
            lines.push_str(&match way {
                Way::Put => format!("put {} {there}\n", here.join(name).display()),
                Way::Get => format!("get {there} {}\n", back.join(name).display()),
            });
        }
        fs::File::create(&batch)
            .and_then(|mut file| file.write_all(lines.as_bytes()))
            .map_err(refused("write", &batch))?;
        let began = Instant::now();
        let status = Command::new("sftp")
            .args([
                "-q",
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
                "-o",
                "LogLevel=ERROR",
            ])
            .args(["-P", &self.server.port.to_string(), "-i"])
            .arg(&self.args.key)
            .arg("-b")
            .arg(&batch)
            .arg(format!("{}@{}", self.args.user, self.server.host))
            .stdout(Stdio::null())
            .status();
        let took = began.elapsed().as_secs_f64();
        let status = status.map_err(|error| {
            Failure::new(format!("cannot run sftp: {error}")).hint("install OpenSSH's client (Debian: openssh-client)")
        })?;
        fs::remove_dir_all(&back).map_err(refused("remove", &back))?;
        match status.success() {
            true => Ok(took),
            false => Err(Failure::new(format!("sftp -b failed: {status}"))),
        }
    }

    fn pool(&self) -> Pool {
        Pool::of(Arc::clone(&self.server), None)
    }

    /// Our own wire, from the connection to the last name.
    fn ours(&self, way: Way, files: &Files, then: AfterPickUp) -> Result<f64, Failure> {
        let told = |fault: &Diagnostic| Failure::new(fault.message.clone());
        let began = Instant::now();
        match way {
            Way::Put => {
                let to = PathBuf::from(&self.args.directory);
                let outlet = Directory::of(self.pool(), &DropOff { to, marker: None, name: String::new() });
                let leaving: Vec<Leaving<'_>> =
                    files.iter().map(|(name, bytes)| Leaving { name, key: name, bytes }).collect();
                for round in leaving.chunks(crate::deliver::ROUND as usize) {
                    let manner =
                        Manner { at_once: self.args.at_once as usize, order: Order::Free, still_ours: &|| true };
                    for left in outlet.leave(round, manner) {
                        left.map_err(|unsent| match unsent {
                            Unsent::NotOurs => Failure::new("nothing was left"),
                            Unsent::Unclear(fault) | Unsent::Temporary(fault) | Unsent::Permanent(fault) => {
                                told(&fault)
                            }
                        })?;
                    }
                    outlet.forget(&round.iter().map(|file| file.key).collect::<Vec<_>>());
                }
            }
            Way::Get => {
                let pick_up = PickUp {
                    from: PathBuf::from(&self.args.directory),
                    server: Some(self.server.to_string()),
                    matching: "*".to_owned(),
                    settle: Duration::ZERO,
                    marker: None,
                    then,
                    every: None,
                    max_age: None,
                    max_size: None,
                };
                let arrivals = self.workspace.path().join("ours");
                let mut inlet =
                    Mailbox::of(self.pool(), pick_up, "bench".to_owned(), arrivals, self.args.at_once as usize);
                inlet.leftovers().map_err(|fault| told(&fault))?;
                let listing = inlet.list().map_err(|fault| told(&fault))?;
                for candidates in listing.candidates.chunks(256) {
                    let taken = inlet.take(candidates, &|| true);
                    let claimed = taken.into_iter().collect::<Result<Vec<_>, _>>().map_err(|fault| told(&fault))?;
                    for put_away in inlet.put_away(&claimed) {
                        put_away.map_err(|fault| told(&fault))?;
                    }
                }
                if listing.candidates.len() != files.len() {
                    let found = listing.candidates.len();
                    return Err(Failure::new(format!("{found} files came back of {}", files.len())));
                }
            }
        }
        Ok(began.elapsed().as_secs_f64())
    }
}
