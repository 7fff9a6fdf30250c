//! Asking an API for what is new, page by page, as its description says ([`crate::config::poll`]).
//!
//! ```text
//! watermark ─► page ─► items that are not known ─► details of each ─► kept (durable) ─┐
//!                ▲                                                                    │
//!                └────────────────────────── next page ◄──────────────────────────────┘
//! all pages kept ─► the latest time that was seen is the new watermark
//! ```
//!
//! In: a description, the last watermark, and a [`World`] that sends, keeps and waits. Out: items handed to the world, and the
//! watermark to be committed when everything is durable. Whoever is killed in between begins at the old watermark; every item
//! is known by its id and version, so what is read again is not taken again.
//!
//! Numbered pages are read once more until a pass brings nothing new: a row that is changed while we read goes to the end of
//! the list, and the row behind the cut slips onto a page that was read already.
//!
//! Never here: when to ask (the daemon), what an item means, and a clock of its own: tests drive it through years.

pub mod fault;
pub mod mark;
mod pace;
mod page;
mod pages;
mod auth;
mod ask;
pub mod trial;

use std::collections::HashSet;
use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::client::{HttpError, Incoming, Outgoing};
use crate::config::poll::{Auth, Detail, Poll, Since};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::poll as codes;
use crate::transport::roll;
use ask::{Asker, Fields};
use auth::Session;
use fault::PollError;
use mark::Mark;
use pace::Pace;
use pages::Seen;

/// What tells an item from all others of its endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Its id at the API.
    pub id: String,
    /// Which state of it.
    pub version: String,
}

/// An item on its way into custody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What tells it from others.
    pub identity: Identity,
    /// The name of the file that it becomes.
    pub name: String,
    /// Its bytes, as the API wrote them.
    pub bytes: Vec<u8>,
}

/// What a round needs of those around it.
pub trait World {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Waits; false when it was told to stop.
    fn pause(&mut self, pause: Duration) -> bool;

    /// Between 0 and 1, each time another.
    fn chance(&mut self) -> f64;

    /// Sends a request.
    fn send(&mut self, outgoing: &Outgoing) -> Result<Incoming, HttpError>;

    /// Of each, whether it was kept before.
    fn known(&mut self, identities: &[Identity]) -> Result<Vec<bool>, PollError>;

    /// Takes custody: when it returns, they are durable.
    fn keep(&mut self, items: Vec<Item>) -> Result<(), PollError>;

    /// The refresh token, sealed, that a token endpoint gave us last, of those that began with the one of this hash.
    fn kept_token(&mut self, lineage: &str) -> Result<Option<String>, PollError>;

    /// Keeps a sealed refresh token: when it returns, it is durable.
    fn keep_token(&mut self, lineage: &str, sealed: &str) -> Result<(), PollError>;

    /// Tells something that is odd and holds nothing up.
    fn warn(&mut self, warning: Diagnostic);
}

/// What a round came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// The watermark to be committed; `None` leaves it where it is.
    pub mark: Option<Mark>,
    /// Pages that were read.
    pub pages: u64,
    /// Items on them.
    pub items: u64,
    /// Those that were not known.
    pub new: u64,
}

/// How often numbered pages are read before a list that never stands still is given up.
const MOST_PASSES: u32 = 5;
/// How far in the future an item's time may be before it is told.
const AHEAD: SignedDuration = SignedDuration::from_secs(300);

/// An API with what is kept between rounds: a token, and how fast we may ask.
pub struct Poller {
    /// The API.
    pub poll: Arc<Poll>,
    session: Session,
    pace: Pace,
}

/// A list on its way through its pages.
#[derive(Default)]
struct Pass {
    seen: Seen,
    newest: Option<Mark>,
    new: u64,
    /// Items without a time.
    timeless: u64,
}

impl Poller {
    /// A poller that asked nothing yet.
    pub fn of(poll: Arc<Poll>) -> Poller {
        Poller { poll, session: Session::default(), pace: Pace::default() }
    }

    /// One round from a watermark. On an `Err`, what was kept stays kept and the watermark stays where it is.
    pub fn round(&mut self, mark: Option<Mark>, world: &mut dyn World) -> Result<Round, PollError> {
        let fields = self.window(mark, world.now());
        let mut round = Round::default();
        let mut newest = None;
        for _ in 0..MOST_PASSES {
            let pass = self
                .pass(&fields, world, u32::MAX, &mut |asker, rows, fields, world| take(asker, rows, fields, world))?;
            round.pages += pass.seen.pages;
            round.items = round.items.max(pass.seen.in_all);
            round.new += pass.new;
            newest = newest.max(pass.newest);
            if pass.timeless > 0 && self.poll.since.is_some() {
                let (count, field) = (pass.timeless, self.poll.since.as_ref().map(|since| since.field.clone()));
                let text =
                    format!("{count} items of {} have no time at {:?}", self.poll.base, field.unwrap_or_default());
                world.warn(Diagnostic::new(&codes::NO_ID, text));
            }
            let may_have_shifted = pages::may_shift(&self.poll.list.pages) && pass.seen.pages > 1 && pass.new > 0;
            if !may_have_shifted {
                round.mark =
                    newest.map(|newest| not_ahead(newest, world)).filter(|newest| mark.is_none_or(|old| old < *newest));
                return Ok(round);
            }
        }
        let text = format!("the list of {} changed in each of {MOST_PASSES} passes", self.poll.base);
        world.warn(Diagnostic::new(&codes::UNSETTLED, text));
        Ok(round)
    }

    /// Asks for the first page of a round and takes nothing; what it holds.
    pub fn look(&mut self, mark: Option<Mark>, world: &mut dyn World) -> Result<Round, PollError> {
        let fields = self.window(mark, world.now());
        let pass = self.pass(&fields, world, 1, &mut |_, _, _, _| Ok(0))?;
        Ok(Round { mark: pass.newest, pages: pass.seen.pages, items: pass.seen.in_all, new: 0 })
    }

    fn window(&self, mark: Option<Mark>, now: Timestamp) -> Fields {
        let since = self.poll.since.as_ref();
        Fields {
            since: since.and_then(|since| mark::since(since, mark, now)),
            until: since.and_then(|since| mark::until(since, now)),
            ..Fields::default()
        }
    }

    /// Walks through the pages once; `take` gets the rows of each.
    fn pass(
        &mut self,
        fields: &Fields,
        world: &mut dyn World,
        most: u32,
        take: &mut Take<'_>,
    ) -> Result<Pass, PollError> {
        let poll = Arc::clone(&self.poll);
        let mut asker = Asker { poll: &poll, session: &mut self.session, pace: &mut self.pace };
        let mut pass = Pass::default();
        let mut step = pages::first(&poll.list.pages);
        let mut asked = HashSet::new();
        loop {
            let outgoing = ask::build(&poll, &poll.list, &step, fields, world.now())?;
            let target = outgoing.target();
            let endless = |why: String| PollError::Endless { target: target.clone(), why };
            if !asked.insert((outgoing.url.clone(), outgoing.body.clone())) {
                return Err(endless(format!("page {} leads to one that was read already", pass.seen.pages)));
            }
            if pass.seen.pages >= u64::from(poll.max_pages) {
                return Err(endless(format!("there are more than {}", poll.max_pages)));
            }
            let (end_pages, before) = (&poll.list.pages, pass.seen.clone());
            let is_end = move |status: u16| pages::is_end(end_pages, status, &before);
            let answer = asker.ask(&outgoing, &poll.auth, &is_end, world)?;
            if is_end(answer.status) {
                return Ok(pass);
            }
            let text = page::text(&answer.body, &target)?;
            let body = page::value(text, &target)?;
            refuse_faults(&poll, &body, &target, world.now())?;
            let rows = rows(&poll, text, &target)?;
            pass.seen.pages += 1;
            pass.seen.here = rows.len() as u64;
            pass.seen.in_all += rows.len() as u64;
            pass.seen.last_id = rows.last().map(|row| row.identity.id.clone());
            pass.new += take(&mut asker, &rows, fields, world)?;
            tell_nameless(&rows, &target, world);
            if let Some(since) = &poll.since {
                let marks = rows.iter().map(|row| mark_of(row, since));
                pass.timeless += marks.clone().filter(Option::is_none).count() as u64;
                pass.newest = pass.newest.max(marks.flatten().max());
            }
            if pass.seen.pages >= u64::from(most) {
                return Ok(pass);
            }
            match pages::next(&poll.list.pages, &step, &pass.seen, &answer, &body) {
                Some(next) => step = next,
                None => return Ok(pass),
            }
        }
    }
}

/// What is done with the rows of a page; how many were new.
type Take<'t> = dyn FnMut(&mut Asker<'_>, &[Row<'_>], &Fields, &mut dyn World) -> Result<u64, PollError> + 't;

/// An element of the list.
struct Row<'b> {
    identity: Identity,
    /// False when its id or version is missing.
    is_named: bool,
    text: &'b str,
    value: Value,
}

fn rows<'b>(poll: &Poll, text: &'b str, target: &str) -> Result<Vec<Row<'b>>, PollError> {
    let listed = page::list(text, poll.list.list.as_deref().unwrap_or_default(), target, poll.list.may_lack_list)?;
    let mut rows = Vec::with_capacity(listed.len());
    for raw in listed {
        let raw = page::part(raw, &poll.items.inside).ok_or_else(|| PollError::NotThere {
            target: target.to_owned(),
            pointer: poll.items.inside.clone(),
            expected: "item",
            found: page::beginning(raw.get()),
        })?;
        let (text, value) = (raw.get(), page::value(raw.get(), target)?);
        let hash = roll::hash(text.as_bytes());
        let (id, version) = (page::word(&value, &poll.items.id), &poll.items.version);
        let found = version.as_ref().map(|pointer| page::word(&value, pointer));
        let is_named = id.is_some() && found.as_ref().is_none_or(Option::is_some);
        let version = found.flatten().unwrap_or_else(|| hash.clone());
        let id = id.unwrap_or_else(|| format!("sha256-{}", &hash[..16]));
        rows.push(Row { identity: Identity { id, version }, is_named, text, value });
    }
    Ok(rows)
}

fn tell_nameless(rows: &[Row], target: &str, world: &mut dyn World) {
    let nameless = rows.iter().filter(|row| !row.is_named).count();
    if nameless > 0 {
        let text = format!("{nameless} items of {target} have no id or version, and are known by their bytes");
        world.warn(Diagnostic::new(&codes::NO_ID, text));
    }
}

fn mark_of(row: &Row, since: &Since) -> Option<Mark> {
    mark::of_item(row.value.pointer(&since.field)?, since)
}

/// A time that is not yet is the fault of a clock; the watermark stays behind our now.
fn not_ahead(newest: Mark, world: &mut dyn World) -> Mark {
    let now = world.now();
    match newest {
        Mark::Time(time) if time.duration_since(now) > AHEAD => {
            let text = format!("an item has the time {time}, and it is {now}");
            world.warn(Diagnostic::new(&codes::CLOCKS_DIFFER, text));
            Mark::Time(now)
        }
        Mark::Time(time) => Mark::Time(time.min(now)),
        other => other,
    }
}

fn refuse_faults(poll: &Poll, body: &Value, target: &str, now: Timestamp) -> Result<(), PollError> {
    let Some(fault) = &poll.fault else { return Ok(()) };
    let found = body.pointer(&fault.at).filter(|found| match found {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        Value::String(text) => !text.is_empty(),
        _ => true,
    });
    let Some(found) = found else { return Ok(()) };
    let said = found.to_string();
    if fault.throttled.as_ref().is_some_and(|word| said.contains(word.as_str())) {
        // What a query costs grows back within seconds; the next round begins where this one did.
        let until = now.checked_add(SignedDuration::from_secs(10)).unwrap_or(now);
        return Err(PollError::TooFast { target: target.to_owned(), until });
    }
    Err(PollError::FaultInAnswer { target: target.to_owned(), said: page::beginning(&said) })
}

/// Takes custody of the rows that are not known; how many those are.
fn take(asker: &mut Asker, rows: &[Row], fields: &Fields, world: &mut dyn World) -> Result<u64, PollError> {
    let identities: Vec<Identity> = rows.iter().map(|row| row.identity.clone()).collect();
    let known = world.known(&identities)?;
    let (mut items, mut here) = (Vec::new(), HashSet::new());
    for (row, known) in rows.iter().zip(known) {
        // A page may hold a row twice.
        if known || !here.insert(row.identity.clone()) {
            continue;
        }
        let mut fields = Fields {
            id: Some(row.identity.id.clone()),
            version: Some(row.identity.version.clone()),
            item: row.value.clone(),
            ..fields.clone()
        };
        let Some(bytes) = with_details(asker, row.text, &mut fields, world)? else { continue };
        let name =
            asker.poll.items.name.fill(&|gap| fields_of_row(row, &fields, gap, world.now()), &|value| value.to_owned());
        let name = file_name(&name.unwrap_or_else(|| row.identity.id.clone()));
        items.push(Item { identity: row.identity.clone(), name, bytes });
    }
    let count = items.len() as u64;
    if count > 0 {
        world.keep(items)?;
    }
    Ok(count)
}

/// A name is made of the row as it was listed, whatever its details put in its place.
fn fields_of_row(
    row: &Row,
    fields: &Fields,
    gap: &crate::config::poll::template::Gap,
    now: Timestamp,
) -> Option<String> {
    Fields { item: row.value.clone(), ..fields.clone() }.value(gap, None, now)
}

/// Letters that every system takes in a file's name, and not too many of them.
fn file_name(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let name: String = text.chars().map(|letter| if plain(letter) { letter } else { '_' }).take(160).collect();
    name.trim_start_matches('.').to_owned()
}

/// An item with what is asked for it; `None` when it was deleted meanwhile.
fn with_details(
    asker: &mut Asker,
    text: &str,
    fields: &mut Fields,
    world: &mut dyn World,
) -> Result<Option<Vec<u8>>, PollError> {
    let mut item = text.to_owned();
    let poll = asker.poll;
    for detail in &poll.details {
        let Some(answer) = one_detail(asker, detail, fields, world)? else {
            let text = format!(
                "{} {} was gone when its details were asked for",
                poll.name,
                fields.id.clone().unwrap_or_default()
            );
            world.warn(Diagnostic::new(&codes::DETAIL_GONE, text));
            return Ok(None);
        };
        if detail.is_file {
            return Ok(Some(answer));
        }
        let answer = String::from_utf8_lossy(&answer).into_owned();
        item = match &detail.into {
            None => answer,
            Some(name) => page::put_into(&item, name, &answer).ok_or_else(|| PollError::NotThere {
                target: poll.base.clone(),
                pointer: String::new(),
                expected: "object",
                found: page::beginning(&item),
            })?,
        };
        fields.item = page::value(&item, &poll.base)?;
    }
    Ok(Some(item.into_bytes()))
}

fn one_detail(
    asker: &mut Asker,
    detail: &Detail,
    fields: &Fields,
    world: &mut dyn World,
) -> Result<Option<Vec<u8>>, PollError> {
    let poll = asker.poll;
    let auth = if detail.signed { &poll.auth } else { &Auth::None };
    let (mut seen, mut elements) = (Seen::default(), Vec::new());
    let mut step = pages::first(&detail.ask.pages);
    loop {
        let outgoing = ask::build(poll, &detail.ask, &step, fields, world.now())?;
        let target = outgoing.target();
        let is_gone = |status: u16| status == 404 || status == 410 || status == 204;
        let answer = asker.ask(&outgoing, auth, &is_gone, world)?;
        if is_gone(answer.status) {
            return Ok((answer.status == 204 || seen.pages > 0).then(|| in_brackets(&elements)));
        }
        if detail.is_file {
            return unpacked(poll, detail, fields, answer, &target).map(Some);
        }
        let text = page::text(&answer.body, &target)?;
        let body = page::value(text, &target)?;
        refuse_faults(poll, &body, &target, world.now())?;
        let Some(list) = &detail.ask.list else { return Ok(Some(text.as_bytes().to_vec())) };
        let rows = page::list(text, list, &target, false)?;
        seen.pages += 1;
        seen.here = rows.len() as u64;
        seen.in_all += rows.len() as u64;
        elements.extend(rows.iter().map(|row| row.get().to_owned()));
        match pages::next(&detail.ask.pages, &step, &seen, &answer, &body) {
            Some(next) if next != step && seen.pages < u64::from(poll.max_pages) => step = next,
            Some(_) => return Err(PollError::Endless { target, why: "a page of details leads to itself".to_owned() }),
            None => return Ok(Some(in_brackets(&elements))),
        }
    }
}

fn in_brackets(elements: &[String]) -> Vec<u8> {
    format!("[{}]", elements.join(",")).into_bytes()
}

/// A file as it is, or what was packed into it; a file that would burst the limit is refused while it is unpacked.
fn unpacked(
    poll: &Poll,
    detail: &Detail,
    fields: &Fields,
    answer: Incoming,
    target: &str,
) -> Result<Vec<u8>, PollError> {
    let says = detail.packed.as_ref().and_then(|pointer| page::word(&fields.item, pointer));
    if !says.is_some_and(|word| word.eq_ignore_ascii_case("gzip")) {
        return Ok(answer.body);
    }
    let mut bytes = Vec::new();
    let reader = flate2::read::MultiGzDecoder::new(answer.body.as_slice());
    reader
        .take(poll.max_answer + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| PollError::NotPacked { target: target.to_owned(), why: error.to_string() })?;
    if bytes.len() as u64 > poll.max_answer {
        return Err(HttpError::TooLarge { target: target.to_owned(), limit: poll.max_answer }.into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
