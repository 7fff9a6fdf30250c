//! Findings: disagreements, what they may cost, whose they are; one with its explanation and what people decided.

use super::asking::Asking;
use super::fault::Fault;
use super::form::Form;
use super::sheet::{Block, Button, Field, FieldKind, choices, path, sheet};
use super::table::{Cell, Table};
use super::{failures, orders, redirect};
use crate::ledger::finding::{Decision, FindingState};
use crate::ledger::view::{FindingRow, STATES_OF_FINDINGS};
use crate::ledger::{Error, Id, Transaction};
use crate::web::answer::Answer;

/// The list.
pub(super) fn list(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let filter = asking.filter()?;
    let rows = asking.read(|tx| tx.findings(&filter))?;
    let query = asking.query();
    let [from, until] = asking.day_fields();
    sheet(
        asking,
        "Findings",
        vec![
            Block::Filter(vec![
                asking.partner_field(),
                Field::choice(query, "state", "State", choices(&STATES_OF_FINDINGS)),
                Field::text(query, "kind", "Rule"),
                Field::text(query, "number", "Number"),
                from,
                until,
            ]),
            Block::Table(table(asking, &rows.rows)),
            Block::turn(query, &rows),
        ],
    )
}

/// Findings as rows.
pub(super) fn table(asking: &Asking<'_>, rows: &[FindingRow]) -> Table {
    let cells = |row: &FindingRow| {
        vec![
            Cell::state(row.state.name()),
            Cell::link(path("findings", &row.id), &row.subject),
            Cell::text(&row.detail.message),
            Cell::money(row.money, row.currency.as_deref()),
            Cell::text(asking.partner_name(&row.partner)),
            Cell::text(owner(&row.state)),
            Cell::Time(asking.moment(row.opened)),
            Cell::text(&row.rule),
        ]
    };
    Table {
        caption: "The newest first".to_owned(),
        columns: vec!["State", "About", "What", "At stake", "Partner", "Owner", "Since", "Rule"],
        rows: rows.iter().map(cells).collect(),
    }
}

fn owner(state: &FindingState) -> &str {
    match state {
        FindingState::Assigned { owner } => owner,
        FindingState::Open | FindingState::Waived { .. } | FindingState::Resolved => "",
    }
}

/// One finding.
pub(super) fn show(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let row = asking.read(|tx| tx.finding(&asking.id()))?;
    asking.see(&row.partner)?;
    let mut facts = vec![
        ("State", Cell::state(row.state.name())),
        ("Partner", Cell::text(asking.partner_name(&row.partner))),
        ("Since", Cell::Time(asking.moment(row.opened))),
    ];
    facts.extend(row.money.map(|_| ("At stake", Cell::money(row.money, row.currency.as_deref()))));
    facts.extend(row.po_number.as_ref().map(|po| ("Order", Cell::link(orders::place(&row.partner, po), po))));
    facts.extend(
        row.document.as_ref().map(|id| ("Document", Cell::link(path("documents", id), "the document that shows it"))),
    );
    match &row.state {
        FindingState::Assigned { owner } => facts.push(("Owner", Cell::text(owner))),
        FindingState::Waived { reason } => facts.push(("Reason", Cell::text(reason))),
        FindingState::Open | FindingState::Resolved => {}
    }
    if let (Some(at), Some(by)) = (row.changed, &row.changed_by) {
        facts.push(("Decided", Cell::Time(asking.moment(at))));
        facts.push(("By", Cell::text(by)));
    }
    let mut blocks = vec![Block::Facts(facts), Block::Faults(vec![row.detail.clone()])];
    if asking.who().acts() {
        blocks.push(Block::Buttons(buttons(asking, &row)));
    }
    blocks.extend(failures::told_of(asking, &row.id)?);
    sheet(asking, &row.subject, blocks)
}

fn buttons(asking: &Asking<'_>, row: &FindingRow) -> Vec<Button> {
    let place = path("findings", &row.id);
    if !row.state.is_unsettled() {
        return vec![asking.button(format!("{place}/reopen"), "Open it again")];
    }
    let mut assign = asking.button(format!("{place}/assign"), "Assign");
    let value = asking.who().name.clone();
    assign.fields.insert(0, Field { name: "owner", label: "To", value, kind: FieldKind::Required });
    vec![assign, asking.button(format!("{place}/waive"), "Waive")]
}

/// A decision about a finding, written into the books.
type Decide = fn(&mut Transaction<'_>, &Id, &str, &Decision<'_>) -> Result<FindingRow, Error>;

/// Makes it somebody's.
pub(super) fn assign(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    decide(asking, form, |tx, id, owner, decision| tx.assign_finding(id, owner, decision))
}

/// Gives it up.
pub(super) fn waive(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    decide(asking, form, |tx, id, _, decision| tx.waive_finding(id, decision))
}

/// Opens it again.
pub(super) fn reopen(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    decide(asking, form, |tx, id, _, decision| tx.reopen_finding(id, decision))
}

fn decide(asking: &Asking<'_>, form: &Form, decide: Decide) -> Result<Answer, Fault> {
    let (id, now) = (asking.id(), asking.now);
    let finding = asking.read(|tx| tx.finding(&id))?;
    asking.see(&finding.partner)?;
    let (by, because) = asking.acts(form)?;
    let owner = form.value("owner").unwrap_or(&by).to_owned();
    let place = path("findings", id.as_str());
    asking.write(move |tx| decide(tx, &id, &owner, &Decision { by: &by, because: &because, at: now }))?;
    Ok(redirect(&place))
}
