//! Mailboxes on a partner's server, by SFTP (draft-ietf-secsh-filexfer-02, the version that every server speaks).
//!
//! ```text
//! in    list -> copied to the spool -> captured -> deleted, moved or remembered there        [`mailbox`]
//! out   .KEY.tmp, all -> a roll of them -> renamed to names that nobody has -> receipts       [`outlet`]
//! both  sessions, each opened, proved and used by one thread at a time                        [`session`], [`pool`]
//! ```
//!
//! The server is known by the fingerprint of its host key before it is told a name or a password. Every call has a time limit,
//! and each endpoint has sessions of its own: a dead peer holds up nobody else. Paths are texts that the server reads, with `/`
//! between their parts, also where it runs Windows.
//!
//! What a partner's server does with a file that it has named is its own affair: it is not asked to flush its disk.

pub mod session;
pub mod pool;
pub mod mailbox;
pub mod outlet;

use crate::diagnostic::codes::{custody, wire};
use crate::diagnostic::{Code, Diagnostic};

/// What can go wrong with a server.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SftpError {
    /// It does not answer.
    #[error("{server} does not answer: {why}")]
    Unreachable {
        /// The server.
        server: String,
        /// What the operating system said.
        why: String,
    },
    /// It is another one than we mean.
    #[error("{server} shows the host key {found}, and not {expected}; nothing was told to it")]
    HostKey {
        /// The server.
        server: String,
        /// The fingerprints of the partner file.
        expected: String,
        /// What it shows.
        found: String,
    },
    /// It does not let us in.
    #[error("{server} does not let us in by {tried}: {why}")]
    Login {
        /// The server.
        server: String,
        /// What we showed.
        tried: String,
        /// What it said.
        why: String,
    },
    /// We have nothing to show.
    #[error("{server}: {why}")]
    Secret {
        /// The server.
        server: String,
        /// Why not; never the secret itself.
        why: String,
    },
    /// The connection is no good any more.
    #[error("the connection to {server} broke while we tried to {action} {path}: {why}")]
    Lost {
        /// The server.
        server: String,
        /// What we tried, as a verb.
        action: &'static str,
        /// With what.
        path: String,
        /// What was heard.
        why: String,
    },
    /// It refuses one operation.
    #[error("{server} refuses to {action} {path}: {why}")]
    Refused {
        /// The server.
        server: String,
        /// What we tried, as a verb.
        action: &'static str,
        /// With what.
        path: String,
        /// The status as the protocol numbers it.
        status: i32,
        /// The status in words.
        why: &'static str,
    },
    /// A file is not what the listing said.
    #[error("{path} had {listed} bytes when it was listed and {read} when it was read")]
    Changed {
        /// The file.
        path: String,
        /// Bytes.
        listed: u64,
        /// Bytes.
        read: u64,
    },
    /// A file of that name with other bytes is already there.
    #[error("{path} already exists with other content; nothing was replaced")]
    NameTaken {
        /// The file.
        path: String,
    },
    /// A file bears its name and has no marker yet.
    #[error("{path} is there, and its marker is not: {why}")]
    Unmarked {
        /// The file.
        path: String,
        /// What was wrong with the marker.
        why: String,
        /// The session that it happened in is of no more use.
        lost: bool,
    },
    /// A name that would leave the directory or that no file may have.
    #[error("{name:?} is not a usable file name")]
    BadName {
        /// The name.
        name: String,
    },
    /// This machine's own disk.
    #[error("cannot {action} {path}: {why}")]
    Spool {
        /// What we tried, as a verb.
        action: &'static str,
        /// With what.
        path: String,
        /// What the operating system said.
        why: String,
    },
}

/// Statuses of the protocol (draft-ietf-secsh-filexfer-02, 7; later drafts for 8 and above).
pub(crate) mod status {
    pub(crate) const NO_SUCH_FILE: i32 = 2;
    pub(crate) const PERMISSION_DENIED: i32 = 3;
    pub(crate) const FAILURE: i32 = 4;
    pub(crate) const ALREADY_EXISTS: i32 = 11;
}

fn in_words(status: i32) -> &'static str {
    match status {
        status::NO_SUCH_FILE => "there is no such file or directory",
        status::PERMISSION_DENIED => "permission denied",
        status::FAILURE => "failure, as the server puts it, which is its word for a full disk and for much else",
        5 => "bad message",
        8 => "the server cannot do that",
        10 => "there is no such path",
        status::ALREADY_EXISTS => "the file already exists",
        12 => "the disk is write-protected",
        14 => "no space left on its disk",
        15 => "the quota is used up",
        17 => "the file is locked",
        _ => "an error",
    }
}

impl SftpError {
    /// True when the session that it happened in is of no more use.
    pub fn ends_the_session(&self) -> bool {
        !matches!(
            self,
            SftpError::Unmarked { lost: false, .. }
                | SftpError::Refused { .. }
                | SftpError::Changed { .. }
                | SftpError::NameTaken { .. }
                | SftpError::BadName { .. }
                | SftpError::Spool { .. }
        )
    }

    /// True when the server says that the path leads nowhere.
    pub(crate) fn is_no_such_file(&self) -> bool {
        matches!(self, SftpError::Refused { status: status::NO_SUCH_FILE, .. })
    }

    fn code(&self) -> Code {
        match self {
            SftpError::Unreachable { .. } => &wire::UNREACHABLE,
            SftpError::HostKey { .. } => &wire::HOST_KEY,
            SftpError::Login { .. } => &wire::LOGIN_REFUSED,
            SftpError::Secret { .. } => &wire::SECRET_UNREADABLE,
            SftpError::Lost { .. } => &wire::CONNECTION_LOST,
            SftpError::Refused { .. } | SftpError::Unmarked { .. } => &wire::REFUSED_BY_SERVER,
            SftpError::Changed { .. } => &wire::CHANGED_WHILE_READ,
            SftpError::NameTaken { .. } => &custody::NAME_TAKEN,
            SftpError::BadName { .. } => &custody::CANNOT_SUCCEED,
            SftpError::Spool { .. } => &custody::NOT_CAPTURED,
        }
    }
}

impl From<&SftpError> for Diagnostic {
    fn from(error: &SftpError) -> Diagnostic {
        Diagnostic::new(error.code(), error.to_string())
    }
}
