//! The `[smtp]` and `[[alert]]` tables of gateway.toml: who is told of failures, by which way, and of which.
//!
//! ```toml
//! [smtp]
//! host     = "mail.acme.example"
//! user     = "edigate"
//! password = "credential:smtp_password"
//! from     = "edigate <edi@acme.example>"
//!
//! [[alert]]
//! name     = "ops"
//! to       = "mailto:ops@acme.example"
//! severity = "error"
//! digest   = "07:00"
//! ```
//!
//! Never here: reading secrets, reaching anybody.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use lettre::message::Mailbox;

use super::gateway::absolute;
use super::partner::PartnerId;
use super::reader::{At, Table, choice};
use super::secret::SecretReference;
use super::us;
use crate::diagnostic::codes::config as codes;
use crate::diagnostic::{Diagnostic, Severity, Who};

/// Somebody who is told.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its name, unique among them.
    pub name: String,
    /// How it is reached.
    pub way: Way,
    /// Of what it is told.
    pub hears: Hears,
    /// How long more failures of a kind are gathered once it was told of the first.
    pub group: Duration,
    /// How many messages it gets in an hour at most.
    pub at_most: u32,
    /// Whether it is told when something happens.
    pub at_once: bool,
    /// When it is told each day of everything that happened and stands.
    pub digest: Option<Time>,
    /// By whose clocks, and in whose days.
    pub zone: TimeZone,
    /// How long one message may take to go out.
    pub timeout: Duration,
}

/// How somebody is reached.
#[derive(Debug, Clone)]
pub enum Way {
    /// By e-mail.
    Mail {
        /// To whom.
        to: Vec<Mailbox>,
        /// By which server.
        server: Arc<Smtp>,
    },
    /// By a request to a URL, which is a secret.
    Webhook {
        /// Where.
        url: SecretReference,
        /// What the body looks like.
        shape: Shape,
    },
    /// By the Events API of PagerDuty.
    PagerDuty {
        /// Where, when it is not PagerDuty's own.
        url: Option<SecretReference>,
        /// The routing key of the service.
        key: SecretReference,
    },
    /// By a program, which gets JSON.
    Command {
        /// The program and its arguments.
        program: Vec<String>,
    },
}

impl Way {
    /// The same for a person, without secrets.
    pub fn in_words(&self) -> String {
        match self {
            Way::Mail { to, .. } => {
                let to: Vec<String> = to.iter().map(|one| one.email.to_string()).collect();
                format!("mail to {}", to.join(", "))
            }
            Way::Webhook { shape, .. } => format!("webhook ({})", shape.word()),
            Way::PagerDuty { .. } => "PagerDuty".to_owned(),
            Way::Command { program } => format!("command {}", program.join(" ")),
        }
    }
}

/// What the body of a webhook looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As Slack and what imitates it take it.
    Slack,
    /// As the workflows of Teams take it: an adaptive card.
    Teams,
    /// Ours, whole.
    Json,
}

impl Shape {
    fn word(self) -> &'static str {
        match self {
            Shape::Slack => "slack",
            Shape::Teams => "teams",
            Shape::Json => "json",
        }
    }
}

/// Of what somebody is told; an empty list means everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hears {
    /// What is less bad is not told.
    pub severity: Severity,
    /// Of these partners; `gateway` stands for the machine itself.
    pub partners: Vec<String>,
    /// What these must mend.
    pub owners: Vec<Who>,
    /// These kinds: `quarantined`, `parked`, `overdue`, `finding`, `fault` …
    pub kinds: Vec<String>,
}

/// The server that takes our e-mail.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub encryption: Encryption,
    /// Who we are there; `None` where nobody asks.
    pub login: Option<(String, SecretReference)>,
    /// Whom the mail comes from.
    pub from: Mailbox,
    /// Certificates of issuers that are trusted besides the system's, as PEM.
    pub ca: Option<PathBuf>,
}

/// How a connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// It begins in the clear and must be encrypted before anything is said.
    StartTls,
    /// From the first byte.
    Tls,
    /// Not at all.
    None,
}

/// The journal of the machine itself, as a partner in lists.
const OURSELVES: &str = "gateway";

/// The kinds of events that tell failures, as they are written.
const KINDS: [(&str, &str); 7] = [
    ("quarantined", "quarantined"),
    ("parked", "parked"),
    ("rejected", "acknowledgment_received"),
    ("overdue", "overdue"),
    ("finding", "finding"),
    ("clock", "clock"),
    ("fault", "fault"),
];

/// Reads everybody who is told, and the partners that they name; who those are is not known here, see [`unknown_partners`].
pub(super) fn read(
    alerts: &[Table],
    smtp: Option<Table>,
    home: &Path,
    zone: &TimeZone,
) -> (Vec<Target>, Vec<At<String>>) {
    let server = smtp.as_ref().and_then(|table| read_smtp(table, home)).map(Arc::new);
    let (mut targets, mut named): (Vec<Target>, Vec<At<String>>) = (Vec::new(), Vec::new());
    for table in alerts {
        let Some((target, partners)) = read_target(table, (smtp.is_some(), server.as_ref()), home, zone) else {
            continue;
        };
        if targets.iter().any(|other| other.name == target.name) {
            let message = format!("two alerts have the name {:?}", target.name);
            let fault = Diagnostic::new(&codes::SAME_NAME, message).at(table.place.clone());
            table.source.report(fault.hint("rename one of them"));
            continue;
        }
        targets.push(target);
        named.extend(partners);
    }
    (targets, named)
}

/// A fault for every partner that an alert names and nobody knows.
pub(super) fn unknown_partners<'p>(
    named: &'p [At<String>],
    known: impl Fn(&PartnerId) -> bool + 'p,
) -> impl Iterator<Item = Diagnostic> + 'p {
    let is_known = move |name: &str| name == OURSELVES || PartnerId::parse(name).is_ok_and(|id| known(&id));
    named.iter().filter(move |one| !is_known(&one.value)).map(|one| {
        let message = format!("an alert names the partner {:?}, which has no folder", one.value);
        let fault = Diagnostic::new(&codes::UNKNOWN_PARTNER, message).at(one.place.clone()).found(&one.value);
        fault.expected("the name of a partner's folder, or \"gateway\" for the machine itself")
    })
}

fn read_smtp(table: &Table, home: &Path) -> Option<Smtp> {
    let host = table.required("host", r#"host = "mail.acme.example""#).text().map(|host| host.value.to_owned());
    let words = [("starttls", Encryption::StartTls), ("tls", Encryption::Tls), ("none", Encryption::None)];
    let encryption = table.optional("encryption").parse(|text| choice(text, "encryption", &words));
    let encryption = encryption.map_or(Encryption::StartTls, |one| one.value);
    let usual = match encryption {
        Encryption::StartTls => 587,
        Encryption::Tls => 465,
        Encryption::None => 25,
    };
    let port = table.optional("port").integer(1..=65_535).and_then(|port| u16::try_from(port).ok()).unwrap_or(usual);
    let user = table.optional("user").text().map(|user| user.value.to_owned());
    let password = table.optional("password").parse(SecretReference::parse).map(|one| one.value.below(home));
    let from = table.required("from", r#"from = "edigate <edi@acme.example>""#).parse(mailbox);
    let ca = table.optional("ca").text().map(|ca| absolute(&home.join(ca.value)));
    table.finish();
    if user.is_some() != password.is_some() {
        let fault = Diagnostic::new(&codes::MISSING_KEY, "[smtp] has one of user and password").at(table.place.clone());
        table.source.report(fault.expected("both, or neither where the server asks for none"));
        return None;
    }
    let login = user.zip(password);
    if encryption == Encryption::None && login.is_some() {
        let message = "[smtp] would send a password over a connection that is not encrypted";
        let fault = Diagnostic::new(&codes::SECRET, message).at(table.place.clone());
        table.source.report(fault.expected(r#"encryption = "starttls" or "tls", or no password"#));
        return None;
    }
    Some(Smtp { host: host?, port, encryption, login, from: from?.value, ca })
}

type Named = (Target, Vec<At<String>>);

fn read_target(
    table: &Table,
    (has_smtp, server): (bool, Option<&Arc<Smtp>>),
    home: &Path,
    zone: &TimeZone,
) -> Option<Named> {
    let name = table.required("name", r#"name = "ops""#).parse(name).map(|name| name.value);
    let way = read_way(table, (has_smtp, server), home);
    let severities = [("note", Severity::Note), ("warning", Severity::Warning), ("error", Severity::Error)];
    let severity = table.optional("severity").parse(|text| choice(text, "severity", &severities));
    let owners = [("sender", Who::Sender), ("us", Who::Us), ("transport", Who::Transport)];
    let owners = table.optional("owner").parse_each(|text| choice(text, "owner of a failure", &owners));
    let kinds = table.optional("kinds").parse_each(|text| choice(text, "kind of failure", &KINDS));
    let partners = table.optional("partners").parse_each(|text| Ok(text.to_owned()));
    let group = table.optional("group").duration().unwrap_or(Duration::from_secs(15 * 60));
    let at_most = table.optional("at_most").integer(1..=10_000).unwrap_or(30);
    let at_once = table.optional("at_once").boolean().unwrap_or(true);
    let digest = table.optional("digest").parse(time_of_day).map(|time| time.value);
    let own_zone = table.optional("zone").parse(us::zone).map(|zone| zone.value);
    let timeout = table.optional("timeout").duration().unwrap_or(Duration::from_secs(20));
    table.finish();
    if !at_once && digest.is_none() {
        let message = "an alert that is told nothing at once and has no digest is told nothing at all";
        let fault = Diagnostic::new(&codes::MISSING_KEY, message).at(table.place.clone());
        table.source.report(fault.expected(r#"a line such as: digest = "07:00""#));
    }
    let hears = Hears {
        severity: severity.map_or(Severity::Warning, |severity| severity.value),
        partners: partners.iter().map(|partner| partner.value.clone()).collect(),
        owners: owners.into_iter().map(|owner| owner.value).collect(),
        kinds: kinds.into_iter().map(|kind| kind.value.to_owned()).collect(),
    };
    let zone = own_zone.unwrap_or_else(|| zone.clone());
    let target = Target { name: name?, way: way?, hears, group, at_most, at_once, digest, zone, timeout };
    Some((target, partners))
}

/// What may stand behind `shape`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spoken {
    Body(Shape),
    PagerDuty,
}

const SHAPES: [(&str, Spoken); 4] = [
    ("slack", Spoken::Body(Shape::Slack)),
    ("teams", Spoken::Body(Shape::Teams)),
    ("json", Spoken::Body(Shape::Json)),
    ("pagerduty", Spoken::PagerDuty),
];

/// One of `to`, `webhook` and `command`; PagerDuty is a webhook whose URL is known.
fn read_way(table: &Table, (has_smtp, server): (bool, Option<&Arc<Smtp>>), home: &Path) -> Option<Way> {
    let to: Vec<Mailbox> = table.optional("to").parse_each(mail_address).into_iter().map(|one| one.value).collect();
    let url = table.optional("webhook").parse(SecretReference::parse).map(|url| url.value.below(home));
    let shape = table.optional("shape").parse(|text| choice(text, "shape of a webhook", &SHAPES));
    let shape = shape.map_or(Spoken::Body(Shape::Json), |shape| shape.value);
    let key = table.optional("key").parse(SecretReference::parse).map(|key| key.value.below(home));
    let program = table.optional("command").parse_each(|text| Ok(text.to_owned()));
    let lacks = |message: &str, expected: &str| {
        let fault = Diagnostic::new(&codes::MISSING_KEY, message).at(table.place.clone());
        table.source.report(fault.expected(expected));
    };
    let by_webhook = table.has("webhook") || shape == Spoken::PagerDuty;
    match (table.has("to"), by_webhook, table.has("command")) {
        (true, false, false) if !has_smtp => {
            lacks("an alert goes by e-mail, and no server takes it", "a table [smtp] with host and from");
            None
        }
        (true, false, false) => (!to.is_empty()).then_some(Way::Mail { to, server: Arc::clone(server?) }),
        (false, true, false) => match shape {
            Spoken::Body(shape) => Some(Way::Webhook { url: url?, shape }),
            Spoken::PagerDuty if !table.has("key") => {
                lacks(
                    "an alert to PagerDuty has no routing key",
                    r#"a line such as: key = "credential:pagerduty_key""#,
                );
                None
            }
            Spoken::PagerDuty => Some(Way::PagerDuty { url, key: key? }),
        },
        (false, false, true) if !program.is_empty() => {
            Some(Way::Command { program: program.into_iter().map(|word| word.value).collect() })
        }
        (false, false, true) => None,
        _ => {
            let expected = r#"one of to = "mailto:…", webhook = "credential:…" and command = ["…"]"#;
            lacks("an alert needs one way to its reader", expected);
            None
        }
    }
}

fn name(text: &str) -> Result<String, Diagnostic> {
    let fits = text.len() <= 40
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte));
    if fits {
        return Ok(text.to_owned());
    }
    let fault = Diagnostic::new(&codes::ALERT, format!("{text:?} is no name of an alert")).found(text);
    Err(fault.expected("1 to 40 lower-case letters, digits, - or _"))
}

fn mailbox(text: &str) -> Result<Mailbox, Diagnostic> {
    text.parse().map_err(|_| {
        let fault = Diagnostic::new(&codes::ALERT, format!("{text:?} is no e-mail address")).found(text);
        fault.expected(r#"such as "ops@acme.example" or "EDI <edi@acme.example>""#)
    })
}

fn mail_address(text: &str) -> Result<Mailbox, Diagnostic> {
    match text.strip_prefix("mailto:") {
        Some(address) => mailbox(address),
        None => {
            let fault = Diagnostic::new(&codes::ALERT, format!("{text:?} says no way to its reader")).found(text);
            Err(fault.expected(r#"such as "mailto:ops@acme.example"; other ways are webhook and command"#))
        }
    }
}

fn time_of_day(text: &str) -> Result<Time, Diagnostic> {
    Time::strptime("%H:%M", text).map_err(|_| {
        let fault = Diagnostic::new(&codes::ALERT, format!("{text:?} is no time of day")).found(text);
        fault.expected(r#"hours and minutes, such as "07:00""#)
    })
}
