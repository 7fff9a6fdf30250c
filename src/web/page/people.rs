//! People: who may sign in, as what, and what they hold; for admins who see every partner.
//!
//! A password and a token are made here and shown once, on the page that answers the button; nobody types one for somebody else.
//! What is done goes by [`change`], as `edigate user` does it. Nobody takes a role or the way in from themselves: the last admin
//! would be gone.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::asking::Asking;
use super::fault::Fault;
use super::form::Form;
use super::redirect;
use super::sheet::{Block, Button, Field, FieldKind, choices, path, sheet};
use super::table::{Cell, Sign, Table};
use crate::config::partner::PartnerId;
use crate::ledger::people::{Person, Presence, Role};
use crate::ledger::remedy::By;
use crate::web::answer::Answer;
use crate::web::people::change::{self, Change};
use crate::web::people::password::{self, Cost};
use crate::web::people::secret::Secret;

/// People on the page; `edigate user list` has all.
const MOST: u32 = 200;

/// The list, and the form by which somebody is added.
pub(super) fn list(asking: &Asking<'_>) -> Result<Answer, Fault> {
    asking.keeps_people()?;
    let people = presences(asking)?;
    let mut fields = vec![
        Field::empty("name", "Name", FieldKind::Required),
        Field { value: Role::Viewer.name().to_owned(), ..Field::empty("role", "Role", FieldKind::Select(roles())) },
        Field::empty("partners", "Partners, by id, with blanks between (empty: all)", FieldKind::Text),
    ];
    if asking.config.people.proxy.is_some() {
        let ways = [("password", "a password"), ("proxy", "the proxy")];
        let ways = ways.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
        fields.push(Field {
            value: "password".to_owned(),
            ..Field::empty("way", "Signs in by", FieldKind::Select(ways))
        });
    }
    fields.push(Field::reason());
    let token = asking.visit.secret.form_token();
    let add = Button { path: "/people".to_owned(), label: "Add", fields, token };
    let table = Table {
        caption: "By name".to_owned(),
        columns: vec!["State", "Name", "Role", "Partners", "Since", "Signed in", "Seen", "Tokens"],
        rows: people.iter().map(|one| cells(asking, one)).collect(),
    };
    let blocks = vec![Block::Table(table), Block::Heading("Somebody else".to_owned()), Block::Buttons(vec![add])];
    sheet(asking, "People", blocks)
}

fn presences(asking: &Asking<'_>) -> Result<Vec<Presence>, Fault> {
    let people = &asking.config.people;
    let ago = |span| {
        let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
        asking.now.saturating_sub(span).unwrap_or(Timestamp::MIN)
    };
    asking.read(|tx| tx.presences(ago(people.longest), ago(people.idle), MOST))
}

fn roles() -> Vec<(String, String)> {
    choices(&Role::ALL.map(Role::name))
}

fn cells(asking: &Asking<'_>, one: &Presence) -> Vec<Cell> {
    let person = &one.person;
    vec![
        state(person),
        Cell::link(path("people", &person.name), &person.name),
        Cell::text(person.role.name()),
        Cell::text(partners(person)),
        Cell::Time(asking.moment(person.created)),
        Cell::number(one.sign_ins),
        Cell::time(one.seen.map(|seen| asking.moment(seen))),
        Cell::number(one.tokens),
    ]
}

fn state(person: &Person) -> Cell {
    let (sign, words) = match (&person.disabled, &person.password) {
        (Some(_), _) => (Sign::Late, "disabled"),
        (None, None) => (Sign::Fine, "by proxy"),
        (None, Some(_)) => (Sign::Fine, "may sign in"),
    };
    Cell::Mark(sign, words.to_owned())
}

fn partners(person: &Person) -> String {
    let some = person.partners.as_ref().map(|some| some.iter().cloned().collect::<Vec<_>>().join(", "));
    some.unwrap_or_else(|| "all".to_owned())
}

/// One of them, with what can be done.
pub(super) fn show(asking: &Asking<'_>) -> Result<Answer, Fault> {
    asking.keeps_people()?;
    let name = asking.part(2);
    let one = presences(asking)?.into_iter().find(|one| one.person.name == name).ok_or(Fault::NoSuchPage)?;
    let person = &one.person;
    let mut facts = vec![
        ("State", state(person)),
        ("Role", Cell::text(person.role.name())),
        ("Partners", Cell::text(partners(person))),
        ("Since", Cell::Time(asking.moment(person.created))),
        ("Browsers signed in", Cell::number(one.sign_ins)),
        ("Tokens", Cell::number(one.tokens)),
    ];
    facts.extend(one.seen.map(|seen| ("Seen", Cell::Time(asking.moment(seen)))));
    facts.extend(person.disabled.map(|since| ("Disabled", Cell::Time(asking.moment(since)))));
    let place = path("people", &person.name);
    let button = |what, label| asking.button(format!("{place}/{what}"), label);
    let mut buttons = Vec::new();
    if asking.who().name != person.name {
        let mut role = button("role", "Change the role");
        let now = person.role.name().to_owned();
        role.fields.insert(0, Field { value: now, ..Field::empty("role", "Role", FieldKind::Select(roles())) });
        buttons.push(role);
    }
    buttons.push(button("password", "Make a new password"));
    if person.disabled.is_none() {
        buttons.push(button("token", "Make a token"));
        buttons.push(button("revoke", "Revoke the tokens"));
        buttons.push(button("sign-out", "Sign out everywhere"));
        if asking.who().name != person.name {
            buttons.push(button("disable", "Disable"));
        }
    }
    sheet(asking, &person.name, vec![Block::Facts(facts), Block::Buttons(buttons)])
}

/// Who does it and why, where they may.
fn by(asking: &Asking<'_>, form: &Form) -> Result<By, Fault> {
    asking.keeps_people()?;
    let (who, why) = asking.acts(form)?;
    Ok(By { who, why })
}

/// Adds somebody with a password that is shown once.
pub(super) fn add(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    let by = by(asking, form)?;
    let name = change::name(form.value("name").unwrap_or_default());
    let name = name.map_err(|why| Fault::Refused(format!("The name cannot be used: {why}.")))?;
    let role = role(form)?;
    let partners = named_partners(asking, form.value("partners").unwrap_or_default())?;
    let secret = (form.value("way") != Some("proxy")).then(Secret::new);
    let password = secret.as_ref().map(hashed).transpose()?;
    let new = Person { name: name.clone(), role, partners, created: asking.now, disabled: None, password };
    let done = change::add(asking.host().ledger(), new, &by)?;
    let done = done.ok_or_else(|| Fault::Refused(format!("There is somebody named {name} already.")))?;
    match secret {
        Some(secret) => shown_once(asking, &name, done, "The password", &secret),
        None => Ok(redirect(&path("people", &name))),
    }
}

fn role(form: &Form) -> Result<Role, Fault> {
    Role::parse(form.value("role").unwrap_or_default()).map_err(|why| Fault::Refused(format!("The role: {why}.")))
}

/// The partners that somebody may see; `None` where none is named.
fn named_partners(asking: &Asking<'_>, text: &str) -> Result<Option<BTreeSet<String>>, Fault> {
    let named: BTreeSet<String> = text.split([' ', ',']).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    let is_known = |id: &&String| PartnerId::parse(id).is_ok_and(|id| asking.config.partners.contains_key(&id));
    match named.iter().find(|id| !is_known(id)) {
        Some(unknown) => Err(Fault::Refused(format!("There is no partner {unknown:?}."))),
        None => Ok((!named.is_empty()).then_some(named)),
    }
}

fn hashed(secret: &Secret) -> Result<String, Fault> {
    password::hash(secret.text(), Cost::usual()).map_err(Fault::Refused)
}

/// Says what was done, and a secret that nobody is told again.
fn shown_once(asking: &Asking<'_>, name: &str, done: String, what: &str, secret: &Secret) -> Result<Answer, Fault> {
    let blocks = vec![
        Block::Text(format!("{done}.")),
        Block::Text(format!("{what} is shown once; it is kept as a hash alone.")),
        Block::Pre(secret.text().to_owned()),
        Block::Links(vec![(path("people", name), format!("Back to {name}"))]),
    ];
    sheet(asking, name, blocks)
}

/// Gives somebody a new password, which is shown once.
pub(super) fn give_password(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    let (by, name, secret) = (by(asking, form)?, asking.part(2), Secret::new());
    let new = Change::Password(hashed(&secret)?);
    let done = change::change(asking.host().ledger(), &name, new, &by, asking.now)?;
    shown_once(asking, &name, done, "The password", &secret)
}

/// Makes a token, which is shown once.
pub(super) fn make_token(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    let (by, name) = (by(asking, form)?, asking.part(2));
    let token = change::make_token(asking.host().ledger(), &name, &by, asking.now)?;
    shown_once(asking, &name, format!("A token reads in the name of {name}"), "The token", &token)
}

/// Gives somebody another role.
pub(super) fn give_role(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    somebody_else(asking)?;
    changed(asking, form, Change::Role(role(form)?))
}

/// Makes the tokens in somebody's name worth nothing.
pub(super) fn revoke(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    changed(asking, form, Change::TokensRevoked)
}

/// Signs somebody out wherever they are signed in.
pub(super) fn sign_out(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    changed(asking, form, Change::SignedOut)
}

/// Shuts somebody out.
pub(super) fn disable(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    somebody_else(asking)?;
    changed(asking, form, Change::Disabled)
}

fn somebody_else(asking: &Asking<'_>) -> Result<(), Fault> {
    asking.keeps_people()?;
    match asking.part(2) == asking.who().name {
        true => Err(Fault::Refused("Another admin must do that: nobody shuts themselves out.".to_owned())),
        false => Ok(()),
    }
}

fn changed(asking: &Asking<'_>, form: &Form, what: Change) -> Result<Answer, Fault> {
    let (by, name) = (by(asking, form)?, asking.part(2));
    change::change(asking.host().ledger(), &name, what, &by, asking.now)?;
    Ok(redirect(&path("people", &name)))
}
