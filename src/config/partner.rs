//! One partner: who they are, how they are reached, which documents go which way.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Us;
use super::archive::Retention;
use super::as2::As2Partner;
use super::batch::Batch;
use super::compliance::Compliance;
use super::cross_reference::CrossReferences;
use super::duplicates::Duplicates;
use super::guides::Guides;
use super::hours::Hours;
use super::listen::Api;
use super::map::Map;
use super::poll::Poll;
use super::post::Post;
use super::retry::Retry;
use super::secret::SecretReference;
use super::tolerance::Tolerance;
use crate::document::Kind;
use crate::x12::acknowledgment::{AnswerKind, AnswerVersion, SetDetail, Style};
use crate::x12::delimiters::Delimiters;
use crate::x12::envelope::{InterchangeId, Usage};
use crate::x12::examine::exceptions::Exceptions;
use crate::x12::writer::Envelope;

/// The partner's folder name: lower-case letters, digits, `-` and `_`, at most 40 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartnerId(String);

impl PartnerId {
    /// Reads an id.
    pub fn parse(text: &str) -> Result<PartnerId, String> {
        let fits = (1..=40).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte));
        if !fits {
            return Err(format!("{text:?} is not 1 to 40 lower-case letters, digits, - or _"));
        }
        Ok(PartnerId(text.to_owned()))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PartnerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// Everything that partner.toml says.
#[derive(Debug, Clone)]
pub struct Partner {
    /// Folder name.
    pub id: PartnerId,
    /// Name for people.
    pub name: String,
    /// Which side of the trade it is on.
    pub role: Role,
    /// Whether real business is done with it.
    pub status: Status,
    /// The zone of its dates and clocks.
    pub zone: TimeZone,
    /// How it speaks X12, if it does.
    pub x12: Option<X12Settings>,
    /// The wires to it.
    pub endpoints: Vec<Endpoint>,
    /// What it sends us.
    pub receives: Vec<ReceiveRule>,
    /// What we send it.
    pub sends: Vec<SendRule>,
    /// What it demands of us in time and form.
    pub compliance: Compliance,
    /// What becomes of what it sends twice.
    pub duplicates: Duplicates,
    /// By how much figures may differ before it is a finding.
    pub tolerance: Tolerance,
    /// Which item numbers mean the same item.
    pub cross_references: Arc<CrossReferences>,
    /// How long its bytes are kept.
    pub retention: Retention,
    /// Who it is when it hands in documents by HTTP; `None` where it may not.
    pub api: Option<Api>,
}

/// Which side of the trade a partner is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Buys from us.
    Retailer,
    /// Our own or our suppliers' systems.
    Erp,
    /// Warehouse system.
    Wms,
    /// Third-party logistics.
    ThirdPartyLogistics,
    /// Web shop.
    Storefront,
}

impl Role {
    /// Its name, as the partner file writes it.
    pub fn name(self) -> &'static str {
        match self {
            Role::Retailer => "retailer",
            Role::Erp => "erp",
            Role::Wms => "wms",
            Role::ThirdPartyLogistics => "3pl",
            Role::Storefront => "storefront",
        }
    }
}

/// Whether real business is done with a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Real business.
    Production,
    /// Tests only: nothing of it reaches production.
    Test,
}

impl Status {
    /// Its name, as the partner file writes it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Production => "production",
            Status::Test => "test",
        }
    }
}

/// How a partner speaks X12.
#[derive(Debug, Clone)]
pub struct X12Settings {
    /// Its ISA identity.
    pub isa: InterchangeId,
    /// Its GS identity.
    pub gs: String,
    /// GS08 of what we send, such as `004010`.
    pub version: String,
    /// What we write with.
    pub delimiters: Delimiters,
    /// Write a line feed after each terminator.
    pub line_breaks: bool,
    /// The acknowledgment that we owe for what it sends; `None` when the agreement says none.
    pub acknowledge: Option<Acknowledge>,
    /// When a TA1 answers an interchange of its.
    pub ta1: Ta1,
    /// Which faults are judged otherwise than the standard does.
    pub exceptions: Exceptions,
    /// The first control number we use, for a move from another translator.
    pub first_control_number: u32,
    /// What is checked by: the gateway's guides, narrowed by the partner's overlays.
    pub guides: Guides,
}

impl X12Settings {
    /// How it wants to be acknowledged; `None` when the agreement says not at all.
    pub fn answer_style(&self) -> Option<Style> {
        let acknowledge = self.acknowledge.as_ref()?;
        Some(Style {
            with: acknowledge.with,
            sets: acknowledge.sets,
            version: acknowledge.version.clone(),
            delimiters: self.delimiters,
        })
    }

    /// The envelope of what we send it.
    pub fn envelope(&self, us: &Us, control_number: u32, usage: Usage, at: DateTime) -> Envelope {
        Envelope {
            sender: us.isa.clone(),
            receiver: self.isa.clone(),
            group_sender: us.gs.clone(),
            group_receiver: self.gs.clone(),
            version: self.version.clone(),
            control_number,
            acknowledgment_requested: false,
            usage,
            at,
            delimiters: self.delimiters,
            line_breaks: self.line_breaks,
        }
    }
}

/// The acknowledgment that we owe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledge {
    /// With which set; `None` for the one that the group's version calls for.
    pub with: Option<AnswerKind>,
    /// For which sets it has an AK2 loop.
    pub sets: SetDetail,
    /// Under which version.
    pub version: AnswerVersion,
    /// Within which time after receipt it must be delivered.
    pub within: Duration,
    /// The endpoint it goes to.
    pub via: String,
}

/// When a TA1 answers an interchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ta1 {
    /// When its sender asks for one (ISA14 = 1).
    OnRequest,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A wire to a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name within the partner.
    pub name: String,
    /// What it is.
    pub via: Wire,
    /// Where we look for its files.
    pub pick_up: Option<PickUp>,
    /// Where we leave files for it.
    pub drop_off: Option<DropOff>,
    /// How what is left there is sent.
    pub sending: Sending,
    /// When it may be used; always, where nothing is said.
    pub open: Option<Hours>,
    /// How many bytes it may move per second, in each direction; as many as it can, where nothing is said.
    pub limit: Option<u64>,
}

impl Endpoint {
    /// When it may be used next; `None` while it may.
    pub fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.open.as_ref().and_then(|hours| hours.closed_until(now))
    }
}

impl Endpoint {
    /// Its API, where it is one that is asked for what is new.
    pub fn poll(&self) -> Option<&Arc<Poll>> {
        match &self.via {
            Wire::Poll(poll) => Some(poll),
            Wire::Folder | Wire::Sftp(_) | Wire::Post(_) | Wire::As2(_) => None,
        }
    }
}

/// How deliveries go out through an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sending {
    /// When a failed one is tried again.
    pub retry: Retry,
    /// How many attempts may run at the same time; 1 where the order is kept.
    pub at_once: usize,
    /// They go out strictly in the order in which they were made.
    pub keep_order: bool,
}

impl Default for Sending {
    fn default() -> Sending {
        Sending { retry: Retry::default(), at_once: 4, keep_order: false }
    }
}

/// The kinds of wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wire {
    /// A directory of this machine.
    Folder,
    /// A directory of a server that speaks SFTP.
    Sftp(Arc<SftpServer>),
    /// An API that files are posted to.
    Post(Arc<Post>),
    /// An API that is asked for what is new.
    Poll(Arc<Poll>),
    /// A partner who speaks AS2.
    As2(Arc<As2Partner>),
}

/// A server that speaks SFTP, and how we get in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SftpServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who we are there.
    pub user: String,
    /// The password; with a key as well, both are shown.
    pub password: Option<SecretReference>,
    /// The private key, as OpenSSH or PEM writes it.
    pub key: Option<SecretReference>,
    /// What the private key is locked with.
    pub key_passphrase: Option<SecretReference>,
    /// Fingerprints of the host keys that it may show, as `ssh-keygen -l` prints them: `SHA256:…`, without padding.
    pub host_keys: Vec<String>,
    /// How long any single call may take.
    pub timeout: Duration,
    /// False for a server that cannot rename: a file is then written under its final name.
    pub rename: bool,
}

impl fmt::Display for SftpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sftp://{}@{}:{}", self.user, self.host, self.port)
    }
}

/// Where we look for a partner's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickUp {
    /// The directory: absolute on this machine, as it was written on a server.
    pub from: PathBuf,
    /// The server that it is on, as its user would name it; `None` on this machine.
    pub server: Option<String>,
    /// Which names, as a pattern with `*` and `?`; `*` when it was not given.
    pub matching: String,
    /// A file is whole when its size and time did not change for this long.
    pub settle: Duration,
    /// A file is taken only when a marker of the same name plus this suffix stands beside it (`.done`).
    pub marker: Option<String>,
    /// What becomes of a file after its bytes are ours.
    pub then: AfterPickUp,
    /// How often it is looked at; as often as the gateway looks at folders when `None`.
    pub every: Option<Duration>,
    /// Files that are older are left alone.
    pub max_age: Option<Duration>,
    /// Files that are larger are left alone, in bytes.
    pub max_size: Option<u64>,
}

/// What becomes of a picked-up file after its bytes are ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AfterPickUp {
    /// Deleted.
    Delete,
    /// Moved to this directory: absolute on this machine, as it was written on a server.
    Archive(PathBuf),
    /// Left where it is and remembered for as long as it is there; on servers only.
    Remember,
}

/// Where we leave files for a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropOff {
    /// The directory: absolute on this machine, as it was written on a server.
    pub to: PathBuf,
    /// An empty file of the same name plus this suffix is left after the file bears its name.
    pub marker: Option<String>,
    /// How they are named where the send rule says nothing: `{partner}_{set}_{isa13}.edi`.
    pub name: String,
}

/// What a partner sends us.
#[derive(Debug, Clone)]
pub struct ReceiveRule {
    /// The kind of document.
    pub kind: Kind,
    /// How it is read.
    pub format: ReceiveFormat,
    /// Partners whose systems get it (an order goes to `erp`); empty for answers, which go to the order's retailer, and for what
    /// only the books are to know.
    pub to: Vec<PartnerId>,
}

/// How a document is read.
#[derive(Debug, Clone)]
pub enum ReceiveFormat {
    /// The X12 transaction set of its kind.
    X12,
    /// CSV, XML or JSON by a map, for files whose name matches the pattern.
    Mapped {
        /// The map.
        map: Map,
        /// Which file names, with `*` and `?`.
        matching: String,
    },
    /// Canonical JSON, for files whose name matches the pattern.
    Canonical {
        /// Which file names, with `*` and `?`.
        matching: String,
    },
}

/// What we send a partner.
#[derive(Debug, Clone)]
pub struct SendRule {
    /// The kind of document.
    pub kind: Kind,
    /// How it is written.
    pub format: SendFormat,
    /// The endpoint it goes to.
    pub via: String,
    /// File name template; the endpoint's own when `None`.
    pub name: Option<String>,
    /// What it owes us for each.
    pub expect: Expected,
    /// Documents of this rule wait for each other and go out as one interchange.
    pub batch: Option<Batch>,
}

/// The answers that a partner owes us for what was delivered, each within which time after that; `None` where none is expected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expected {
    /// To each set: a 997, or a 999.
    pub functional: Option<(AnswerKind, Duration)>,
    /// To the interchange: a TA1, which it is asked for (ISA14 = 1).
    pub interchange: Option<Duration>,
    /// To each document, by the application that uses it: an 824.
    pub application: Option<Duration>,
}

/// How a document is written.
#[derive(Debug, Clone)]
pub enum SendFormat {
    /// The X12 transaction set of its kind.
    X12,
    /// CSV, XML or JSON by a map.
    Mapped(Map),
    /// Canonical JSON.
    Canonical,
}
