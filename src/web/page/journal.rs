//! The journal: what happened, and the proof that no line of it was changed.

use super::asking::Asking;
use super::fault::Fault;
use super::form::Form;
use super::sheet::{Block, Field, sheet};
use super::table::{Cell, Sign, Table};
use crate::ledger::event::Event;
use crate::ledger::event::OUR_JOURNAL;
use crate::web::answer::Answer;

/// The list.
pub(super) fn list(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let filter = asking.filter()?;
    let rows = asking.read(|tx| tx.events(&filter))?;
    let cells = |event: &Event| {
        vec![
            Cell::Time(asking.moment(event.at)),
            Cell::text(&event.text),
            Cell::text(event.kind.replace('_', " ")),
            Cell::text(format!("{} {}", asking.partner_name(&event.partner), event.sequence)),
            Cell::optional(event.data["by"].as_str()),
            Cell::optional(event.data["reason"].as_str()),
        ]
    };
    let [from, until] = asking.day_fields();
    let query = asking.query();
    sheet(
        asking,
        "Journal",
        vec![
            Block::Filter(vec![
                journal_field(asking),
                Field::text(query, "kind", "Kind"),
                Field::text(query, "number", "Number"),
                from,
                until,
            ]),
            Block::Buttons(vec![super::sheet::Button {
                path: "/journal/verify".to_owned(),
                label: "Verify its chain",
                fields: vec![Field { name: "partner", label: "Journal", ..journal_field(asking) }],
                token: asking.visit.secret.form_token(),
            }]),
            Block::Table(Table {
                caption: "The newest first".to_owned(),
                columns: vec!["When", "What", "Kind", "Journal", "By", "Reason"],
                rows: rows.rows.iter().map(cells).collect(),
            }),
            Block::turn(query, &rows),
        ],
    )
}

/// The partners' journals, and the gateway's own for who sees everything.
fn journal_field(asking: &Asking<'_>) -> Field {
    let mut field = asking.partner_field();
    if let (true, super::sheet::FieldKind::Choice(choices)) = (asking.who().sees(OUR_JOURNAL), &mut field.kind) {
        choices.push((OUR_JOURNAL.to_owned(), "the gateway itself".to_owned()));
    }
    Field { label: "Journal", ..field }
}

/// Hashes a journal anew from its first line.
pub(super) fn verify(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    let partner = form.value("partner").ok_or_else(|| Fault::Refused("Choose a journal to verify.".to_owned()))?;
    asking.see(partner)?;
    let found = asking.read(|tx| tx.verify_journal(partner))?;
    let (sign, words) = match found.faults.is_empty() {
        true => (Sign::Fine, "every line is as it was written"),
        false => (Sign::Late, "something was changed"),
    };
    let mut facts = vec![
        ("Journal", Cell::text(asking.partner_name(partner))),
        ("Proof", Cell::Mark(sign, words.to_owned())),
        ("Lines hashed", Cell::number(found.events)),
    ];
    facts.extend(found.faults.iter().map(|fault| ("Fault", Cell::text(fault))));
    let links = Block::Links(vec![("/journal".to_owned(), "Back to the journal".to_owned())]);
    sheet(asking, "Proof of a journal", vec![Block::Facts(facts), links])
}
