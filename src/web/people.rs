//! Who asks: people who signed in, and programs that show a token which was made for them.
//!
//! ```text
//! Cookie: edigate=…              a browser whose person signed in        reads, and acts as far as the role goes
//! Authorization: Bearer edg_…    a program, in somebody's name           reads
//! X-Remote-User: mary            said by a proxy that the configuration trusts, from an address of its
//! ```
//!
//! What a browser or a program holds is random and kept as a hash. A wrong password costs the person and the address a pause that
//! grows; the journal tells of pauses, of who came and of who went. Everything here blocks: never call it on an async thread.
//!
//! Never here: a password, a token or a cookie in a log line, in the journal or in an answer other than to whom it belongs.

pub mod password;
pub mod secret;
pub mod change;

use std::collections::BTreeSet;
use std::net::IpAddr;

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE, HeaderName};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::call::Call;
use super::host::Host;
use super::peers::network;
use crate::config::listen::Listen;
use crate::config::people::SignIns;
use crate::ledger::event::{EventKind, NewEvent, OUR_JOURNAL};
use crate::ledger::people::{Person, Role, SignIn};
use crate::ledger::{Error, Ledger, Transaction};
use password::Cost;
use secret::Secret;

/// Somebody who may look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Their name, as the journal has it.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The partners that they see; every one where this is `None`.
    pub partners: Option<BTreeSet<String>>,
}

impl Who {
    fn of(person: Person) -> Who {
        Who { name: person.name, role: person.role, partners: person.partners }
    }

    /// Whether they may see what is a partner's.
    pub fn sees(&self, partner: &str) -> bool {
        self.partners.as_ref().is_none_or(|partners| partners.contains(partner))
    }

    /// Whether they may release, replay, resend, waive and assign.
    pub fn acts(&self) -> bool {
        self.role >= Role::Operator
    }

    /// Whether they may see the machine, which belongs to no partner.
    pub fn sees_everything(&self) -> bool {
        self.partners.is_none()
    }

    /// Whether they may say who else may sign in: whoever sees some partners only could give themselves the others.
    pub fn keeps_people(&self) -> bool {
        self.role == Role::Admin && self.sees_everything()
    }
}

/// In whose name a program reads that shows a token of `edigate user token`; it may look and nothing else.
pub fn who_asks(ledger: &Ledger, headers: &HeaderMap) -> Result<Option<Who>, Error> {
    let shown = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.split_once(' '));
    let Some((_, token)) = shown.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) else { return Ok(None) };
    let token = token.trim();
    if !token.starts_with(secret::TOKEN) {
        return Ok(None);
    }
    let person = ledger.read(|tx| tx.person_of_token(&secret::hash(token)))?;
    Ok(person.map(|person| Who { role: Role::Viewer, ..Who::of(person) }))
}

/// What a request says of who sends it.
#[derive(Debug, Clone)]
pub struct Asker {
    /// Where it comes from: the address that the trusted proxy names, else the peer's own.
    pub address: IpAddr,
    /// Whom the trusted proxy names.
    named: Option<String>,
    cookie: Option<Secret>,
}

impl Asker {
    /// Of a request.
    pub fn of(call: &Call, sign_ins: &SignIns) -> Asker {
        let peer = call.peer.address.ip();
        let proxy = sign_ins.proxy.as_ref().filter(|proxy| proxy.speaks_from(peer));
        let text = |name: &HeaderName| call.headers.get(name).and_then(|value| value.to_str().ok());
        let named = proxy.and_then(|proxy| call.headers.get(proxy.header.as_str())?.to_str().ok());
        // The proxy adds the last one itself; those before it are hearsay.
        let forwarded = proxy.and_then(|_| text(&HeaderName::from_static("x-forwarded-for"))?.rsplit(',').next());
        let address = forwarded.and_then(|address| address.trim().parse().ok()).unwrap_or(peer);
        let cookies = text(&COOKIE).unwrap_or_default().split(';').filter_map(|pair| pair.trim().split_once('='));
        let ours = cookie_name(&call.listen);
        let cookie = cookies.into_iter().find(|(name, _)| *name == ours).map(|(_, value)| Secret::shown(value));
        Asker { address, named: named.map(str::to_owned).filter(|name| !name.is_empty()), cookie }
    }

    fn pauses(&self, name: &str) -> [String; 2] {
        [format!("address {}", network(self.address)), format!("person {name}")]
    }
}

/// A browser sends the first kind to nobody but us, and only encrypted.
fn cookie_name(listen: &Listen) -> &'static str {
    if is_secure(listen) { "__Host-edigate" } else { "edigate" }
}

/// False where nothing leaves this machine.
fn is_secure(listen: &Listen) -> bool {
    listen.tls.is_some() || !listen.address.ip().is_loopback()
}

/// The line that gives a browser its secret.
pub fn cookie(listen: &Listen, secret: &Secret) -> String {
    let secure = if is_secure(listen) { "; Secure" } else { "" };
    format!("{}={}; Path=/; HttpOnly; SameSite=Lax{secure}", cookie_name(listen), secret.text())
}

/// The line that takes it away.
pub fn no_cookie(listen: &Listen) -> String {
    format!("{}; Max-Age=0", cookie(listen, &Secret::shown("")))
}

/// A browser whose person signed in.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Who it is.
    pub who: Who,
    /// What the browser holds.
    pub secret: Secret,
    /// True when the browser does not hold it yet: a proxy named the person just now.
    pub is_new: bool,
}

/// How often it is noted that somebody is still there.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// The visit that a request belongs to; a person whom a trusted proxy names is signed in by that.
pub fn visit(host: &dyn Host, asker: &Asker) -> Result<Option<Visit>, Error> {
    let (now, config) = (host.now(), host.config());
    if let Some(secret) = &asker.cookie {
        let known = host.ledger().read(|tx| tx.sign_in(&secret.hash()))?;
        let known = known.filter(|known| is_good(known, &config.people, now));
        // Whoever sits at the same browser now is another one.
        let known = known.filter(|known| asker.named.as_ref().is_none_or(|name| *name == known.person.name));
        if let Some(known) = known {
            if now.duration_since(known.seen) >= NOTED_EVERY {
                let id = known.id.clone();
                host.ledger().write(move |tx| tx.keep_sign_in(&id, now))?;
            }
            return Ok(Some(Visit { who: Who::of(known.person), secret: secret.clone(), is_new: false }));
        }
    }
    let Some(name) = &asker.named else { return Ok(None) };
    let person = host.ledger().read(|tx| tx.person(name))?;
    let Some(person) = person.filter(|person| person.disabled.is_none()) else { return Ok(None) };
    let secret = begin(host, asker, &person, "named by the proxy")?;
    Ok(Some(Visit { who: Who::of(person), secret, is_new: true }))
}

fn is_good(known: &SignIn, sign_ins: &SignIns, now: Timestamp) -> bool {
    let within = |since: Timestamp, longest| now.duration_since(since) < signed(longest);
    known.person.disabled.is_none() && within(known.seen, sign_ins.idle) && within(known.began, sign_ins.longest)
}

fn signed(duration: std::time::Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

/// What became of a sign-in.
#[derive(Debug)]
pub enum Outcome {
    /// It is them.
    In(Visit),
    /// The name or the password is wrong; which one is not said.
    Wrong,
    /// There were too many wrong ones: the next is looked at after this time.
    Paused(Timestamp),
}

/// Signs somebody in by name and password.
pub fn sign_in(host: &dyn Host, asker: &Asker, name: &str, password: &str) -> Result<Outcome, Error> {
    Ok(match prove(host, asker, name, password)? {
        Proof::Right(person) => {
            let secret = begin(host, asker, &person, "by password")?;
            Outcome::In(Visit { who: Who::of(person), secret, is_new: true })
        }
        Proof::Wrong => Outcome::Wrong,
        Proof::Paused(until) => Outcome::Paused(until),
    })
}

/// Whether somebody knows their password.
#[derive(Debug)]
pub enum Proof {
    /// They do.
    Right(Person),
    /// They do not, or there is nobody of that name.
    Wrong,
    /// There were too many wrong ones: the next is looked at after this time.
    Paused(Timestamp),
}

/// Looks at a password, and makes whoever does not know it wait.
pub fn prove(host: &dyn Host, asker: &Asker, name: &str, password: &str) -> Result<Proof, Error> {
    let (now, whose) = (host.now(), asker.pauses(name));
    let names = whose.each_ref().map(String::as_str);
    let (pause, person) = host.ledger().read(|tx| Ok((tx.sign_in_pause(&names, now)?, tx.person(name)?)))?;
    if let Some(until) = pause {
        return Ok(Proof::Paused(until));
    }
    let person = person.filter(|person| person.disabled.is_none());
    let hash = person.as_ref().and_then(|person| person.password.as_deref());
    // Somebody unknown takes as long as somebody known.
    let is_right = password::is_right(password, hash, Cost::usual());
    let Some(person) = person.filter(|_| is_right) else {
        failed(host, asker, name, now)?;
        return Ok(Proof::Wrong);
    };
    host.ledger().write(move |tx| tx.forget_failures(&whose.each_ref().map(String::as_str)))?;
    Ok(Proof::Right(person))
}

fn failed(host: &dyn Host, asker: &Asker, name: &str, now: Timestamp) -> Result<(), Error> {
    let (whose, address) = (asker.pauses(name), asker.address);
    host.ledger().write(move |tx| {
        for one in &whose {
            if let Some(pause) = tx.sign_in_failed(one, now)? {
                let text = format!("sign-in of {one} waits {} s after too many failures", pause.as_secs());
                tell(tx, now, EventKind::SignInPaused, text, one, address)?;
            }
        }
        Ok(())
    })
}

/// Makes a sign-in that lasts; returns what the browser is to hold.
fn begin(host: &dyn Host, asker: &Asker, person: &Person, how: &str) -> Result<Secret, Error> {
    let (secret, now, address) = (Secret::new(), host.now(), asker.address);
    let over = now.saturating_sub(signed(host.config().people.longest)).unwrap_or(Timestamp::MIN);
    let (id, name, text) = (secret.hash(), person.name.clone(), format!("{} signed in {how}", person.name));
    host.ledger().write(move |tx| {
        tx.begin_sign_in(&id, &name, &address.to_string(), now, over)?;
        tell(tx, now, EventKind::SignedIn, text, &name, address)
    })?;
    Ok(secret)
}

/// Ends a visit.
pub fn sign_out(host: &dyn Host, asker: &Asker, visit: &Visit) -> Result<(), Error> {
    let (id, name, now, address) = (visit.secret.hash(), visit.who.name.clone(), host.now(), asker.address);
    host.ledger().write(move |tx| {
        if tx.end_sign_in(&id)? {
            tell(tx, now, EventKind::SignedOut, format!("{name} signed out"), &name, address)?;
        }
        Ok(())
    })
}

fn tell(
    tx: &mut Transaction<'_>,
    at: Timestamp,
    kind: EventKind,
    text: String,
    by: &str,
    address: IpAddr,
) -> Result<(), Error> {
    let data = json!({ "by": by, "address": address.to_string() });
    tx.append_event(&NewEvent { partner: OUR_JOURNAL.to_owned(), at, kind, text, data, ..NewEvent::default() })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_sign_in_ends_when_nothing_is_asked_for_and_after_its_longest_time_whatever_is() {
        let began: Timestamp = "2026-03-03T09:00:00Z".parse().unwrap();
        let after = |minutes: i64| began + SignedDuration::from_mins(minutes);
        let sign_ins =
            SignIns { idle: Duration::from_secs(1_800), longest: Duration::from_secs(7_200), ..SignIns::default() };
        let is_good_at = |seen: i64, asked: i64, disabled: Option<Timestamp>| {
            let name = "mary".to_owned();
            let person = Person { name, role: Role::Viewer, partners: None, created: began, disabled, password: None };
            let known = SignIn { id: "s".to_owned(), person, began, seen: after(seen) };
            is_good(&known, &sign_ins, after(asked))
        };
        assert!(is_good_at(0, 29, None) && !is_good_at(0, 30, None), "idle");
        assert!(is_good_at(100, 119, None) && !is_good_at(100, 120, None), "longest");
        assert!(!is_good_at(0, 1, Some(began)), "disabled");
    }
}
