//! The `[[endpoint]]` tables of a partner, and the `via` of whatever is sent through one.
//!
//! ```toml
//! [[endpoint]]
//! name     = "mailbox"
//! via      = "folder"
//! pick_up  = { from = "megamart/outbound", match = "*.edi", settle = "1 s", then = "archive" }
//! drop_off = { to = "megamart/inbound", name = "{partner}_{set}_{isa13}.edi" }
//! ```
//!
//! `via = "sftp"` has the server beside them: [`super::sftp`]; `via = "http"` has `post` or `poll` instead of them:
//! [`super::post`], [`super::poll`]; `via = "as2"` has the partner's address and certificates: [`super::as2`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::agreement::As2Id;
use super::as2::OurAs2;
use super::gateway::absolute;
use super::hours::Hours;
use super::partner::{AfterPickUp, DropOff, Endpoint, PickUp, Sending, SftpServer, Wire};
use super::reader::{At, Table, choice, meant, one_of};
use super::retry::Retry;
use super::{as2, file_name, hours, poll, post, retry, sftp, size};
use crate::diagnostic::codes::config as codes;
use crate::diagnostic::{Diagnostic, Place};

/// One `[[endpoint]]`, as far as it could be read.
pub(crate) struct Declared {
    pub name: String,
    /// Whether drop_off was written, even with faults in it: those are reported once, where they are.
    pub drops_off: bool,
    pub drop_off: Option<DropOff>,
    pub pick_up: Option<At<PickUp>>,
    pub endpoint: Option<Endpoint>,
    pub place: Place,
}

impl Declared {
    /// Between which ids it speaks AS2, ours first.
    pub fn as2(&self) -> Option<At<(As2Id, As2Id)>> {
        let Wire::As2(partner) = &self.endpoint.as_ref()?.via else { return None };
        Some(At { value: (partner.our_id.clone(), partner.id.clone()), place: self.place.clone() })
    }
}

/// What the endpoints of a partner stand in.
#[derive(Clone, Copy)]
pub(crate) struct Around<'p> {
    /// Where files that an endpoint names stand: the partner's.
    pub folder: &'p Path,
    /// Where its directories start.
    pub home: &'p Path,
    /// Whose clocks its hours follow.
    pub zone: &'p TimeZone,
    /// Who we are by AS2.
    pub as2: Option<&'p Arc<OurAs2>>,
}

/// Reads every endpoint.
pub(crate) fn read(root: &Table, around: Around<'_>) -> Vec<Declared> {
    let mut declared: Vec<Declared> = Vec::new();
    for table in root.optional("endpoint").tables() {
        let Some((one, place)) = endpoint(&table, around) else { continue };
        if declared.iter().any(|other| other.name == one.name) {
            let message = format!("two endpoints are named {:?}", one.name);
            table.source.report(Diagnostic::new(&codes::SAME_NAME, message).at(place));
        }
        declared.push(one);
    }
    declared
}

/// The endpoint that a rule sends through: the one it names, or the only one that drops off.
pub(crate) fn via<'d>(table: &Table, declared: &'d [Declared]) -> Option<&'d Declared> {
    let mut droppers = declared.iter().filter(|endpoint| endpoint.drops_off);
    match (table.optional("via").is_given(), droppers.next(), droppers.next()) {
        (false, Some(only), None) => return Some(only),
        (false, None, _) => {
            let message = "no endpoint of this file has drop_off";
            table.source.report(Diagnostic::new(&codes::NO_DROP_OFF, message).at(table.place.clone()));
            return None;
        }
        _ => {}
    }
    let via = table.required("via", r#"via = "mailbox""#).text()?;
    let names: Vec<&str> = declared.iter().map(|endpoint| endpoint.name.as_str()).collect();
    let Some(found) = declared.iter().find(|endpoint| endpoint.name == via.value) else {
        let fault = Diagnostic::new(&codes::UNKNOWN_ENDPOINT, format!("no endpoint is named {:?}", via.value));
        let known = if names.is_empty() { "an [[endpoint]] of this file".to_owned() } else { one_of(&names) };
        table.source.report(meant(fault.at(via.place).expected(known), via.value, names));
        return None;
    };
    if !found.drops_off {
        let message = format!("the endpoint {:?} has no drop_off", via.value);
        table.source.report(Diagnostic::new(&codes::NO_DROP_OFF, message).at(via.place));
        return None;
    }
    Some(found)
}

fn endpoint(table: &Table, around: Around<'_>) -> Option<(Declared, Place)> {
    let Around { folder, home, zone, as2: ours } = around;
    let name = table.required("name", r#"name = "mailbox""#).text();
    let kinds = [("folder", Kind::Folder), ("sftp", Kind::Sftp), ("http", Kind::Http), ("as2", Kind::As2)];
    let kind = table.required("via", r#"via = "folder""#).parse(|text| choice(text, "kind of wire", &kinds));
    let is_as2 = matches!(kind, Some(At { value: Kind::As2, .. }));
    let sends_as2 = is_as2 && table.has("address");
    let (as2, sent) = if is_as2 { as2::read(table, folder, home, ours) } else { (None, None) };
    let is_http = matches!(kind, Some(At { value: Kind::Http, .. }));
    let (post_entry, poll_entry) = (table.optional("post"), table.optional("poll"));
    let (posting, posted) = match post_entry.table().filter(|_| is_http) {
        Some(table) => post::read(&table, home),
        None => (None, None),
    };
    let polled = poll_entry.table().filter(|_| is_http).and_then(|table| poll::read(&table, folder, home));
    let kind_is = kind.as_ref().map(|kind| kind.value);
    let wire = kind.and_then(|kind| match kind.value {
        Kind::Folder => Some(Wire::Folder),
        Kind::Sftp => sftp::read(table, home).map(|server| Wire::Sftp(Arc::new(server))),
        Kind::Http => match posting {
            Some(post) => Some(Wire::Post(Arc::new(post))),
            None => polled.map(|poll| Wire::Poll(Arc::new(poll))),
        },
        Kind::As2 => as2.map(|partner| Wire::As2(Arc::new(partner))),
    });
    let there = match &wire {
        Some(Wire::Sftp(server)) => There::On(server),
        _ => There::Below(home),
    };
    let (pick_up_entry, drop_off_entry) = (table.optional("pick_up"), table.optional("drop_off"));
    let pick_up = pick_up_entry.table().and_then(|table| pick_up(&table, there));
    let drop_off = drop_off_entry.table().and_then(|table| drop_off(&table, there));
    let sending = sending(table, if is_as2 { Retry::PATIENT } else { Retry::default() });
    let open = table.optional("open").parse_each(hours::parse).into_iter().map(|span| span.value).collect();
    let open = Hours::of(open, zone);
    let limit = limit(table, kind_is);
    table.finish();
    let has_directories = pick_up_entry.is_given() || drop_off_entry.is_given();
    let is_api = post_entry.is_given() || poll_entry.is_given();
    let is_both = post_entry.is_given() && poll_entry.is_given();
    if is_both || (is_http || is_as2) && has_directories || !is_http && is_api {
        let message = match is_both {
            true => "an endpoint either posts or polls",
            false => "pick_up and drop_off are for folders and servers, post and poll are for APIs",
        };
        let fault = Diagnostic::new(&codes::UNKNOWN_KEY, message).at(table.place.clone());
        table.source.report(fault.expected(r#"via = "http" with post or poll, or another via without them"#));
    }
    let drop_off = if is_http { posted } else { drop_off.or(sent) };
    if !has_directories && !is_api && !is_as2 {
        let message = match is_http {
            true => "the endpoint has neither post nor poll",
            false => "the endpoint has neither pick_up nor drop_off",
        };
        table.source.report(Diagnostic::new(&codes::IDLE_ENDPOINT, message).at(table.place.clone()));
    }
    let name = name?;
    let endpoint = wire.map(|wire| Endpoint {
        name: name.value.to_owned(),
        via: wire,
        pick_up: pick_up.as_ref().map(|pick_up| pick_up.value.clone()),
        drop_off: drop_off.clone(),
        sending,
        open,
        limit,
    });
    let drops_off = drop_off_entry.is_given() || post_entry.is_given() || sends_as2;
    let place = name.place.clone();
    Some((Declared { name: name.value.to_owned(), drops_off, drop_off, pick_up, endpoint, place }, name.place))
}

/// How many bytes may go over the line of an endpoint per second.
fn limit(table: &Table, kind: Option<Kind>) -> Option<u64> {
    let entry = table.optional("limit");
    if let (Some(Kind::Folder), true) = (kind, entry.is_given()) {
        entry.refuse(&codes::UNKNOWN_KEY, "another via, since a folder of this machine has no line");
        return None;
    }
    Some(entry.parse(size::per_second)?.value)
}

/// The kinds of wire, as they are written.
#[derive(Clone, Copy)]
enum Kind {
    Folder,
    Sftp,
    Http,
    As2,
}

/// Where the directories of an endpoint are.
#[derive(Clone, Copy)]
enum There<'h> {
    /// On this machine; what is not absolute starts here.
    Below(&'h Path),
    /// On a server, which reads its own paths: what is not absolute starts where it lets us in.
    On(&'h SftpServer),
}

impl There<'_> {
    fn directory(self, text: &str) -> PathBuf {
        match self {
            There::Below(home) => absolute(&home.join(text)),
            There::On(_) => text.into(),
        }
    }
}

/// How often a mailbox on a server is looked at, unless the partner file says otherwise.
const EVERY: Duration = Duration::from_secs(30);

fn pick_up(table: &Table, there: There<'_>) -> Option<At<PickUp>> {
    let from = table.required("from", r#"from = "megamart/outbound""#).text();
    let matching = table.optional("match").parse(name_pattern).map_or_else(|| "*".to_owned(), |name| name.value);
    let settle = table.optional("settle").duration().unwrap_or(Duration::from_secs(1));
    let marker = table.optional("marker").parse(suffix).map(|marker| marker.value);
    let then = table.optional("then");
    let after = then.parse(after_pick_up).map(|after| after.value);
    if let (Some(After::Remember), There::Below(_)) = (&after, there) {
        then.parse(|text| -> Result<(), Diagnostic> {
            let fault = Diagnostic::new(&codes::UNKNOWN_WORD, "only what is on a server is left there and remembered");
            Err(fault.expected("delete, archive or move to FOLDER").found(text))
        });
    }
    let every = table.optional("every").duration();
    let max_age = table.optional("max_age").duration();
    let max_size = table.optional("max_size").parse(size::parse).map(|size| size.value);
    table.finish();
    let from = from?;
    let folder = there.directory(from.value);
    let then = match after {
        Some(After::Delete) => AfterPickUp::Delete,
        Some(After::Remember) => AfterPickUp::Remember,
        Some(After::MoveTo(directory)) => AfterPickUp::Archive(there.directory(&directory)),
        Some(After::Archive) | None => AfterPickUp::Archive(folder.join("archive")),
    };
    let (server, every) = match there {
        There::Below(_) => (None, every),
        There::On(server) => (Some(server.to_string()), every.or(Some(EVERY))),
    };
    let value = PickUp { from: folder, server, matching, settle, marker, then, every, max_age, max_size };
    Some(At { value, place: from.place })
}

fn drop_off(table: &Table, there: There<'_>) -> Option<DropOff> {
    let to = table.required("to", r#"to = "megamart/inbound""#).text();
    let name_entry = table.optional("name");
    let name = name_entry.parse(|text| file_name::check(text).map(|()| text.to_owned()));
    let marker = table.optional("marker").parse(suffix).map(|marker| marker.value);
    table.finish();
    let name = match name {
        Some(name) => name.value,
        // A template with a fault was reported; the usual one would only raise faults that are none.
        None if name_entry.is_given() => return None,
        None => file_name::DEFAULT.to_owned(),
    };
    Some(DropOff { to: there.directory(to?.value), marker, name })
}

fn sending(table: &Table, usual_retry: Retry) -> Sending {
    let usual = Sending::default();
    let retry = retry::read(&table.optional("retry"), usual_retry);
    let keep_order = table.optional("keep_order").boolean().unwrap_or(usual.keep_order);
    let at_once_entry = table.optional("at_once");
    let at_once = at_once_entry.integer(1..=64);
    if keep_order && at_once.is_some_and(|at_once| at_once > 1) {
        at_once_entry.refuse(&codes::OUT_OF_RANGE, "1, since keep_order = true sends one after the other");
    }
    let at_once = if keep_order { 1 } else { at_once.map_or(usual.at_once, |at_once| at_once as usize) };
    Sending { retry, at_once, keep_order }
}

/// A pattern for the names of files in one folder.
pub(crate) fn name_pattern(text: &str) -> Result<String, Diagnostic> {
    if text.contains('/') {
        let fault = Diagnostic::new(&codes::FILE_NAME, "the pattern of a file name holds a folder");
        return Err(fault.expected("a name with * and ?, such as \"*.edi\"").found(text));
    }
    Ok(text.to_owned())
}

fn suffix(text: &str) -> Result<String, Diagnostic> {
    if text.contains(['/', '*', '?']) {
        let fault = Diagnostic::new(&codes::FILE_NAME, "a marker is the end of a file name");
        return Err(fault.expected("a text such as \".done\"").found(text));
    }
    Ok(text.to_owned())
}

/// `then` as it is written, before the folders are known.
enum After {
    Delete,
    Archive,
    MoveTo(String),
    Remember,
}

fn after_pick_up(text: &str) -> Result<After, Diagnostic> {
    match text.strip_prefix("move to ").map(str::trim) {
        Some(directory) if !directory.is_empty() => return Ok(After::MoveTo(directory.into())),
        _ => {}
    }
    match text {
        "delete" => Ok(After::Delete),
        "archive" => Ok(After::Archive),
        "remember" => Ok(After::Remember),
        _ => {
            let fault = Diagnostic::new(&codes::UNKNOWN_WORD, format!("{text:?} is nothing to do with a file"));
            Err(meant(
                fault.expected("delete, archive, remember or move to FOLDER"),
                text,
                ["delete", "archive", "remember"],
            ))
        }
    }
}
