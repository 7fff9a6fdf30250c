//! One connection to a server: opened, proved, and asked one thing at a time.
//!
//! In: a server as the partner file describes it. Out: directories listed, files read, written, renamed and removed, each
//! within the endpoint's time limit, or a fault that says what was tried.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use ssh2::{ErrorCode, FileStat, HashType, KeyboardInteractivePrompt, MethodType, OpenFlags, OpenType, Prompt};

use super::{SftpError, in_words, status};
use crate::config::partner::SftpServer;
use crate::transport::bandwidth::Bandwidth;
use crate::transport::inlet::recorded;

/// Bytes that are asked for and handed over at a time: with less, every answer is waited for.
const BUFFER: usize = 1 << 20;

/// A file or directory of the server.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name within its directory, as it is recorded.
    pub name: String,
    /// The same as the server has it.
    pub file_name: OsString,
    /// What it is.
    pub kind: EntryKind,
    /// Bytes.
    pub size: u64,
    /// Time of its last change, to the second; the epoch where the server does not say.
    pub modified: SystemTime,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A plain file.
    File,
    /// A directory.
    Directory,
    /// A link, a pipe, a device.
    Other,
}

/// How a file is opened to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// It must not exist.
    New,
    /// It may exist, and is written over.
    Over,
}

/// A connection that is proved and open.
pub struct Session {
    server: String,
    sftp: ssh2::Sftp,
    session: ssh2::Session,
    stream: TcpStream,
    /// How fast files may go.
    pub(super) bandwidth: Option<Arc<Bandwidth>>,
    /// When it was last of use.
    pub(super) used: Instant,
    /// Why it is of no more use.
    is_broken: bool,
}

impl Drop for Session {
    fn drop(&mut self) {
        // A farewell to a peer that is dead would wait for its answer, and so would freeing the session.
        if self.is_broken {
            let _ = self.stream.shutdown(Shutdown::Both);
        } else {
            self.session.set_timeout(1_000);
            let _ = self.session.disconnect(None, "done", None);
            let _ = self.stream.shutdown(Shutdown::Both);
        }
    }
}

/// Connects, compares the host key, logs in and starts the SFTP subsystem.
pub fn open(server: &SftpServer) -> Result<Session, SftpError> {
    open_telling(server, &mut |_, _| {})
}

/// The same, and tells each step that was taken and what answered.
pub fn open_telling(server: &SftpServer, tell: &mut dyn FnMut(String, String)) -> Result<Session, SftpError> {
    let name = server.to_string();
    let stream = connect(server)?;
    let peer = stream.peer_addr().map_or_else(|_| "somebody".to_owned(), |address| address.to_string());
    tell(format!("connect to {}:{}", server.host, server.port), format!("{peer} answers"));
    let kept = stream.try_clone().map_err(|error| unreachable(server, &error))?;
    let mut session = ssh2::Session::new().map_err(|error| unreachable(server, &error))?;
    session.set_timeout(milliseconds(server.timeout));
    session.set_tcp_stream(stream);
    prefer_what_processors_do(&session);
    let shaken = session.handshake();
    // Until here nobody has heard anything of us but our greeting.
    let proved = shaken.map_err(|error| unreachable(server, &error)).and_then(|()| {
        let shown = expect_host_key(server, &session)?;
        tell("compare the host key".to_owned(), format!("it is {shown}"));
        let by = log_in(server, &session)?;
        tell(format!("log in as {}", server.user), format!("let in by {by}"));
        let sftp = session.sftp().map_err(|error| SftpError::Lost {
            server: name.clone(),
            action: "start",
            path: "the SFTP subsystem".to_owned(),
            why: error.message().to_owned(),
        })?;
        tell("start SFTP".to_owned(), "it is there".to_owned());
        Ok(sftp)
    });
    match proved {
        Ok(sftp) => {
            let (bandwidth, used) = (None, Instant::now());
            Ok(Session { server: name, sftp, session, stream: kept, bandwidth, used, is_broken: false })
        }
        Err(error) => {
            let _ = kept.shutdown(Shutdown::Both);
            Err(error)
        }
    }
}

/// Of the ciphers that both sides know, the first of ours is used: AES-GCM (RFC 5647), which processors have instructions for.
///
/// The library's own first choice, ChaCha20 in plain C, takes several times as long as everything else that is done with a file.
fn prefer_what_processors_do(session: &ssh2::Session) {
    for direction in [MethodType::CryptCs, MethodType::CryptSc] {
        let Ok(mut known) = session.supported_algs(direction) else { continue };
        known.sort_by_key(|name| match *name {
            "aes128-gcm@openssh.com" => 0,
            "aes256-gcm@openssh.com" => 1,
            _ => 2,
        });
        // Where this fails, the library's order stands.
        let _ = session.method_pref(direction, &known.join(","));
    }
}

fn unreachable(server: &SftpServer, error: &impl ToString) -> SftpError {
    SftpError::Unreachable { server: server.to_string(), why: error.to_string() }
}

fn milliseconds(time: Duration) -> u32 {
    // 0 would mean for ever.
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX).max(1)
}

/// Tries every address of the host, within the time limit of one.
fn connect(server: &SftpServer) -> Result<TcpStream, SftpError> {
    let addresses = (server.host.as_str(), server.port).to_socket_addrs();
    let mut last = std::io::Error::other("its name has no address");
    for address in addresses.map_err(|error| unreachable(server, &error))? {
        match TcpStream::connect_timeout(&address, server.timeout) {
            Ok(stream) => {
                // Requests are small and each waits for its answer.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(unreachable(server, &last))
}

fn expect_host_key(server: &SftpServer, session: &ssh2::Session) -> Result<String, SftpError> {
    let hash = session.host_key_hash(HashType::Sha256).unwrap_or_default();
    let found = format!("SHA256:{}", openssl::base64::encode_block(hash).trim_end_matches('='));
    if server.host_keys.contains(&found) {
        return Ok(found);
    }
    Err(SftpError::HostKey { server: server.to_string(), expected: server.host_keys.join(" or "), found })
}

/// Answers every question of the server by the password: whoever asks for it so asks for nothing else.
struct Answer<'p>(&'p str);

impl KeyboardInteractivePrompt for Answer<'_> {
    fn prompt<'a>(&mut self, _: &str, _: &str, prompts: &[Prompt<'a>]) -> Vec<String> {
        prompts.iter().map(|_| self.0.to_owned()).collect()
    }
}

/// Shows the key, then the password, as far as we have them, until the server is satisfied; says what it took.
fn log_in(server: &SftpServer, session: &ssh2::Session) -> Result<String, SftpError> {
    let secret = |reference: &Option<crate::config::secret::SecretReference>| match reference {
        None => Ok(None),
        Some(reference) => {
            reference.read().map(Some).map_err(|why| SftpError::Secret { server: server.to_string(), why })
        }
    };
    let (key, passphrase, password) =
        (secret(&server.key)?, secret(&server.key_passphrase)?, secret(&server.password)?);
    let refused = |tried: &[&str], why: &ssh2::Error| SftpError::Login {
        server: server.to_string(),
        tried: tried.join(" and "),
        why: why.message().to_owned(),
    };
    let (mut tried, mut last) = (Vec::new(), None);
    if let Some(key) = key {
        tried.push("key");
        let shown = session.userauth_pubkey_memory(&server.user, None, &key, passphrase.as_deref());
        last = shown.err();
        if let Some(error) = last.as_ref().filter(|error| is_no_key(error)) {
            let why = format!("the private key cannot be used: {}", error.message());
            return Err(SftpError::Secret { server: server.to_string(), why });
        }
    }
    if let (Some(password), false) = (password, session.authenticated()) {
        tried.push("password");
        let methods = session.auth_methods(&server.user).unwrap_or_default().to_owned();
        let asks_otherwise =
            methods.contains("keyboard-interactive") && !methods.split(',').any(|one| one == "password");
        let shown = match asks_otherwise {
            true => session.userauth_keyboard_interactive(&server.user, &mut Answer(&password)),
            false => session.userauth_password(&server.user, &password),
        };
        last = shown.err();
    }
    match (session.authenticated(), last) {
        (true, _) => Ok(tried.join(" and ")),
        (false, Some(error)) if lost(&error) => Err(unreachable(server, &error)),
        (false, Some(error)) => Err(refused(&tried, &error)),
        (false, None) => Err(refused(&tried, &ssh2::Error::from_errno(ErrorCode::Session(NOT_ENOUGH)))),
    }
}

/// libssh2: authentication failed.
const NOT_ENOUGH: i32 = -18;
/// libssh2: the server answered with a status.
const SFTP_PROTOCOL: i32 = -31;

/// Faults of our own key, which no server has seen: wrong format, wrong passphrase.
fn is_no_key(error: &ssh2::Error) -> bool {
    // LIBSSH2_ERROR_FILE: it cannot be read; METHOD_NONE and METHOD_NOT_SUPPORTED: its kind is not known.
    matches!(error.code(), ErrorCode::Session(-16 | -17 | -33))
}

/// Faults of the connection itself.
fn lost(error: &ssh2::Error) -> bool {
    // SOCKET_SEND, TIMEOUT, SOCKET_DISCONNECT, SOCKET_RECV and BAD_SOCKET of libssh2.
    matches!(error.code(), ErrorCode::Session(-7 | -9 | -13 | -43 | -45))
}

/// A path on the server: parts are joined by `/`, whatever the server runs on.
pub fn join(directory: &Path, name: &str) -> String {
    let directory = directory.to_string_lossy();
    match directory.ends_with('/') {
        true => format!("{directory}{name}"),
        false => format!("{directory}/{name}"),
    }
}

fn entry(file_name: OsString, stat: &FileStat) -> Entry {
    let kind = match stat.perm {
        _ if stat.is_dir() => EntryKind::Directory,
        // A server that says nothing of its kind lists a file.
        None => EntryKind::File,
        Some(_) if stat.is_file() => EntryKind::File,
        Some(mode) if mode & 0o170_000 == 0 => EntryKind::File,
        Some(_) => EntryKind::Other,
    };
    let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(stat.mtime.unwrap_or(0));
    Entry { name: recorded(&file_name), file_name, kind, size: stat.size.unwrap_or(0), modified }
}

impl Session {
    fn fault(&mut self, action: &'static str, path: impl AsRef<Path>, error: &ssh2::Error) -> SftpError {
        let (server, path) = (self.server.clone(), recorded(path.as_ref().as_os_str()));
        match error.code() {
            ErrorCode::SFTP(status) => SftpError::Refused { server, action, path, status, why: in_words(status) },
            ErrorCode::Session(_) => {
                self.is_broken = true;
                SftpError::Lost { server, action, path, why: error.message().to_owned() }
            }
        }
    }

    /// The same for reads and writes, which come as errors of the operating system.
    fn io_fault(&mut self, action: &'static str, path: &str, error: &std::io::Error) -> SftpError {
        match ssh2::Error::last_session_error(&self.session) {
            // The server answered, with a status that the library keeps to itself but for what it makes of it here.
            Some(said) if said.code() == ErrorCode::Session(SFTP_PROTOCOL) => {
                let status = match error.kind() {
                    std::io::ErrorKind::NotFound => status::NO_SUCH_FILE,
                    std::io::ErrorKind::PermissionDenied => status::PERMISSION_DENIED,
                    _ => status::FAILURE,
                };
                let (server, path) = (self.server.clone(), path.to_owned());
                SftpError::Refused { server, action, path, status, why: in_words(status) }
            }
            Some(said) => self.fault(action, path, &said),
            None => {
                self.is_broken = true;
                let (server, path) = (self.server.clone(), path.to_owned());
                SftpError::Lost { server, action, path, why: error.to_string() }
            }
        }
    }

    /// What stands in a directory, in the server's own order.
    pub fn list(&mut self, directory: &Path) -> Result<Vec<Entry>, SftpError> {
        let told = directory.display().to_string();
        let mut handle = self.sftp.opendir(directory).map_err(|error| self.fault("list", &told, &error))?;
        let mut entries = Vec::new();
        loop {
            match handle.readdir() {
                Ok((path, stat)) => {
                    let name = path.into_os_string();
                    if name != "." && name != ".." {
                        entries.push(entry(name, &stat));
                    }
                }
                // libssh2 says so at the end of a directory.
                Err(error) if error.code() == ErrorCode::Session(-16) => return Ok(entries),
                Err(error) => return Err(self.fault("list", &told, &error)),
            }
        }
    }

    /// What stands under a path; links are not followed.
    pub fn look_at(&mut self, path: impl AsRef<Path>) -> Result<Entry, SftpError> {
        let path = path.as_ref();
        let stat = self.sftp.lstat(path).map_err(|error| self.fault("look at", path, &error))?;
        Ok(entry(path.as_os_str().to_owned(), &stat))
    }

    /// Copies a file of the server, which had so many bytes when it was listed, into a new file of this machine.
    pub fn read_into(&mut self, path: &Path, size: u64, target: &PathBuf) -> Result<(), SftpError> {
        let mut file = self.sftp.open(path).map_err(|error| self.fault("read", path, &error))?;
        let spool = |action, error: std::io::Error| SftpError::Spool {
            action,
            path: target.display().to_string(),
            why: error.to_string(),
        };
        let mut copy = File::create(target).map_err(|error| spool("write", error))?;
        // One byte more than there should be is asked for, so that the answer says whether it is the end.
        let mut buffer = vec![0; usize::try_from(size).unwrap_or(BUFFER).saturating_add(1).min(self.part())];
        let mut read = 0;
        loop {
            let count = match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) => return Err(self.io_fault("read", &recorded(path.as_os_str()), &error)),
            };
            self.wait(count);
            read += count as u64;
            copy.write_all(&buffer[..count]).map_err(|error| spool("write", error))?;
            if read > size {
                break;
            }
        }
        match read == size {
            true => Ok(()),
            false => Err(SftpError::Changed { path: recorded(path.as_os_str()), listed: size, read }),
        }
    }

    /// How many bytes are moved at a time.
    fn part(&self) -> usize {
        self.bandwidth.as_ref().map_or(BUFFER, |bandwidth| bandwidth.part(BUFFER))
    }

    /// Waits until so many bytes may go.
    fn wait(&self, bytes: usize) {
        if let Some(bandwidth) = &self.bandwidth {
            bandwidth.wait(bytes as u64);
        }
    }

    /// The bytes of a small file.
    pub fn read(&mut self, path: &str, most: u64) -> Result<Vec<u8>, SftpError> {
        let file = self.sftp.open(Path::new(path)).map_err(|error| self.fault("read", path, &error))?;
        let mut bytes = Vec::new();
        match file.take(most).read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) => Err(self.io_fault("read", path, &error)),
        }
    }

    /// Writes a file; half of one may stay where it fails.
    pub fn write(&mut self, path: &str, bytes: &[u8], open: Open) -> Result<(), SftpError> {
        let how = match open {
            Open::New => OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::EXCLUSIVE,
            Open::Over => OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::TRUNCATE,
        };
        let opened = self.sftp.open_mode(Path::new(path), how, 0o644, OpenType::File);
        let mut file = opened.map_err(|error| self.fault("write", path, &error))?;
        // What was sent and is not confirmed yet is offered again behind what is: the line is never waited empty.
        let mut rest = bytes;
        while !rest.is_empty() {
            match file.write(&rest[..rest.len().min(self.part())]) {
                Ok(0) => return Err(self.io_fault("write", path, &std::io::ErrorKind::WriteZero.into())),
                Ok(confirmed) => {
                    self.wait(confirmed);
                    rest = &rest[confirmed..];
                }
                Err(error) => return Err(self.io_fault("write", path, &error)),
            }
        }
        // A server may keep a full disk to itself until the end.
        file.close().map_err(|error| self.fault("write", path, &error))
    }

    /// Renames a file to a name that nobody has.
    pub fn rename(&mut self, from: impl AsRef<Path>, to: &str) -> Result<(), SftpError> {
        // Version 3 has no flags, and its servers refuse a name that is taken; those of later versions are told to.
        let renamed = self.sftp.rename(from.as_ref(), Path::new(to), Some(ssh2::RenameFlags::empty()));
        renamed.map_err(|error| self.fault("rename to", to, &error))
    }

    /// Removes a file; one that is not there is no fault.
    pub fn remove(&mut self, path: impl AsRef<Path>) -> Result<(), SftpError> {
        let path = path.as_ref();
        match self.sftp.unlink(path).map_err(|error| self.fault("delete", path, &error)) {
            Err(error) if error.is_no_such_file() => Ok(()),
            other => other,
        }
    }

    /// Makes a directory, unless there is one.
    pub fn make_directory(&mut self, path: &Path) -> Result<(), SftpError> {
        let told = path.display().to_string();
        let made = self.sftp.mkdir(path, 0o755).map_err(|error| self.fault("make", &told, &error));
        match made {
            Err(error) if !error.ends_the_session() => match self.look_at(&told) {
                Ok(found) if found.kind == EntryKind::Directory => Ok(()),
                _ => Err(error),
            },
            other => other,
        }
    }

    /// Whether the server still answers.
    pub(super) fn is_alive(&mut self) -> bool {
        self.sftp.realpath(Path::new(".")).is_ok()
    }

    pub(super) fn is_broken(&self) -> bool {
        self.is_broken
    }
}
