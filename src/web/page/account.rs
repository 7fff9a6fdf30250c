//! One's own account: who one is here, and another password for who knows the present one.

use super::asking::Asking;
use super::fault::Fault;
use super::form::Form;
use super::moment::in_words;
use super::redirect;
use super::sheet::{Block, Button, Field, FieldKind, sheet};
use super::table::Cell;
use crate::ledger::remedy::By;
use crate::web::answer::Answer;
use crate::web::people::change::{self, Change};
use crate::web::people::password::{self, Cost};
use crate::web::people::{self, Proof};

/// The account of who asks.
pub(super) fn show(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let who = asking.who();
    let person = asking.read(|tx| tx.person(&who.name))?.ok_or(Fault::NoSuchPage)?;
    let partners = who.partners.as_ref().map(|some| some.iter().cloned().collect::<Vec<_>>().join(", "));
    let facts = vec![
        ("Name", Cell::text(&who.name)),
        ("Role", Cell::text(who.role.name())),
        ("Partners", Cell::text(partners.unwrap_or_else(|| "all".to_owned()))),
        ("Since", Cell::Time(asking.moment(person.created))),
    ];
    let mut blocks = vec![Block::Facts(facts), Block::Heading("Another password".to_owned())];
    if person.password.is_none() {
        blocks.push(Block::Text("You come by a proxy that signs you in, and have no password here.".to_owned()));
        return sheet(asking, "Your account", blocks);
    }
    let fields = vec![
        Field { value: who.name.clone(), ..Field::empty("name", "Name", FieldKind::Whose) },
        Field::empty("present", "The present one", FieldKind::Secret("current-password")),
        Field::empty("new", "The new one, 12 characters at least", FieldKind::Secret("new-password")),
        Field::empty("again", "The new one once more", FieldKind::Secret("new-password")),
    ];
    let (path, token) = ("/account/password".to_owned(), asking.visit.secret.form_token());
    blocks.push(Block::Text("You are signed out everywhere, and sign in with the new one.".to_owned()));
    blocks.push(Block::Buttons(vec![Button { path, label: "Change it", fields, token }]));
    sheet(asking, "Your account", blocks)
}

/// Gives who asks another password, and leads to the sign-in.
pub(super) fn change_password(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    let field = |name| form.exactly(name).unwrap_or_default();
    let refuse = |why: String| Err(Fault::Refused(why));
    let name = asking.who().name.clone();
    if field("new") != field("again") {
        return refuse("The new password and its repetition are not the same.".to_owned());
    }
    match people::prove(asking.host(), asking.asker, &name, field("present"))? {
        Proof::Right(_) => {}
        Proof::Wrong => return refuse("The present password is another one.".to_owned()),
        Proof::Paused(until) => {
            let wait = in_words(until.duration_since(asking.now));
            return refuse(format!("Too many attempts failed. Try again in {wait}."));
        }
    }
    let hash = password::hash(field("new"), Cost::usual());
    let hash = hash.map_err(|why| Fault::Refused(format!("The new password cannot be used: {why}.")))?;
    let by = By { who: name.clone(), why: String::new() };
    change::change(asking.host().ledger(), &name, Change::Password(hash), &by, asking.now)?;
    Ok(redirect("/sign-in"))
}
