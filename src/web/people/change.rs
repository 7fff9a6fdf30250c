//! What an admin does about people: each change is one transaction with its line in the gateway's journal, who did it and why.
//!
//! ```text
//! add mary, operator, of megamart     -> "mary may sign in as operator, by anna"
//! Change::Role(Viewer)                -> "mary is viewer now, by anna"
//! ```
//!
//! The command `edigate user` and the page of people call the same functions. Never here: who may do it, and a secret in the journal.

use jiff::Timestamp;
use serde_json::json;

use super::secret::Secret;
use crate::ledger::event::{EventKind, NewEvent, OUR_JOURNAL};
use crate::ledger::people::{Person, Role};
use crate::ledger::remedy::By;
use crate::ledger::{Error, Ledger, Transaction};

/// The longest name.
const LONGEST: usize = 64;

/// A name as somebody may be known by.
pub fn name(text: &str) -> Result<String, String> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_@".contains(&byte);
    match (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_plain) {
        true => Ok(text.to_owned()),
        false => Err("expected 1 to 64 lower-case letters, digits, ., -, _ or @".to_owned()),
    }
}

/// A change of somebody who is known.
#[derive(Debug, Clone)]
pub enum Change {
    /// Another password, by its hash; who was shut out is back, and who is signed in is signed out.
    Password(String),
    /// Another role, from now on.
    Role(Role),
    /// They are shut out, with their tokens.
    Disabled,
    /// They are signed out wherever they are signed in.
    SignedOut,
    /// What programs show in their name is worth nothing any more.
    TokensRevoked,
}

impl Change {
    /// What it did, for the journal and for whoever did it.
    fn in_words(&self, name: &str) -> String {
        match self {
            Change::Password(_) => format!("{name} has another password"),
            Change::Role(role) => format!("{name} is {} now", role.name()),
            Change::Disabled => format!("{name} may not sign in any more"),
            Change::SignedOut => format!("{name} was signed out everywhere"),
            Change::TokensRevoked => format!("the tokens in the name of {name} are worth nothing any more"),
        }
    }

    fn make(&self, tx: &mut Transaction<'_>, name: &str, now: Timestamp) -> Result<(), Error> {
        match self {
            Change::Password(hash) => tx.set_password(name, hash),
            Change::Role(role) => tx.set_role(name, *role),
            Change::Disabled => tx.disable_person(name, now),
            Change::SignedOut => tx.sign_out_everywhere(name),
            Change::TokensRevoked => tx.revoke_tokens(name),
        }
    }
}

/// Changes somebody; says what was done.
pub fn change(ledger: &Ledger, name: &str, change: Change, by: &By, now: Timestamp) -> Result<String, Error> {
    let (done, whose) = (change.in_words(name), name.to_owned());
    let event = event(&done, json!({ "user": name }), by, now);
    ledger.write(move |tx| {
        known(tx, &whose)?;
        change.make(tx, &whose, now)?;
        tx.append_event(&event)
    })?;
    Ok(done)
}

/// Adds somebody; says so, or nothing where there is one of that name.
pub fn add(ledger: &Ledger, new: Person, by: &By) -> Result<Option<String>, Error> {
    let done = format!("{} may sign in as {}", new.name, new.role.name());
    let data = json!({ "user": new.name, "role": new.role.name(), "partners": new.partners });
    let event = event(&done, data, by, new.created);
    let added = ledger.write(move |tx| {
        let added = tx.add_person(&new)?;
        if added {
            tx.append_event(&event)?;
        }
        Ok(added)
    })?;
    Ok(added.then_some(done))
}

/// Makes a token by which a program reads in somebody's name.
pub fn make_token(ledger: &Ledger, name: &str, by: &By, now: Timestamp) -> Result<Secret, Error> {
    let (token, whose) = (Secret::for_a_program(), name.to_owned());
    let hash = token.hash();
    let event = event(&format!("a token reads in the name of {name}"), json!({ "user": name }), by, now);
    ledger.write(move |tx| {
        if known(tx, &whose)?.disabled.is_some() {
            return Err(Error::NoSuch { what: "user", id: whose });
        }
        tx.add_token(&hash, &whose, now)?;
        tx.append_event(&event)
    })?;
    Ok(token)
}

fn known(tx: &mut Transaction<'_>, name: &str) -> Result<Person, Error> {
    tx.person(name)?.ok_or_else(|| Error::NoSuch { what: "user", id: name.to_owned() })
}

fn event(done: &str, mut data: serde_json::Value, by: &By, now: Timestamp) -> NewEvent {
    data["by"] = by.who.as_str().into();
    if !by.why.is_empty() {
        data["reason"] = by.why.as_str().into();
    }
    NewEvent {
        partner: OUR_JOURNAL.to_owned(),
        at: now,
        kind: EventKind::PeopleChanged,
        text: format!("{done}, by {}", by.who),
        data,
        ..NewEvent::default()
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_name_is_short_and_plain() {
        for fine in ["mary", "m.smith-2_x@acme"] {
            assert_eq!(name(fine), Ok(fine.to_owned()));
        }
        for odd in ["", "Mary", "a b", "../x", "é", &"m".repeat(65)] {
            assert!(name(odd).is_err(), "{odd}");
        }
    }
}
