//! Clocks: the rules of partners held against what happened; one with what a breach costs and who says so.

use super::asking::Asking;
use super::fault::Fault;
use super::form::Form;
use super::sheet::{Block, Field, choices, path, sheet};
use super::table::{Cell, Table};
use super::{orders, redirect};
use crate::config::clock::rule::Rule;
use crate::config::partner::PartnerId;
use crate::ledger::clock::{ClockRow, ClockState};
use crate::ledger::remedy::By;
use crate::ledger::view::{Filter, STATES_OF_CLOCKS};
use crate::reconcile::compliance;
use crate::reconcile::standing::says;
use crate::web::answer::Answer;

/// The list.
pub(super) fn list(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let (filter, query) = (asking.filter()?, asking.query());
    let rows = asking.read(|tx| tx.clocks(&filter))?;
    let [from, until] = asking.day_fields();
    sheet(
        asking,
        "Clocks",
        vec![
            Block::Filter(vec![
                asking.partner_field(),
                Field::choice(query, "state", "State", choices(&STATES_OF_CLOCKS)),
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

/// Clocks as rows.
pub(super) fn table(asking: &Asking<'_>, rows: &[ClockRow]) -> Table {
    let cells = |row: &ClockRow| {
        vec![
            Cell::state(row.state.name()),
            Cell::link(path("clocks", &row.id), &row.subject),
            Cell::text(&row.rule),
            Cell::money(row.money, row.currency.as_deref()),
            Cell::time(row.due.map(|due| asking.moment(due))),
            Cell::text(says(&asking.config, row, asking.now)),
            Cell::text(asking.partner_name(&row.partner)),
        ]
    };
    Table {
        caption: "The newest first".to_owned(),
        columns: vec!["State", "About", "Rule", "At stake", "Due", "How it stands", "Partner"],
        rows: rows.iter().map(cells).collect(),
    }
}

/// Clocks of each state that are shown with a partner.
const BESIDE: u32 = 20;

/// What runs out and what is broken of a partner's, for its page.
pub(super) fn urgent(asking: &Asking<'_>, partner: &str) -> Result<Table, Fault> {
    let in_state =
        |state: ClockState| Filter { state: Some(state.name().to_owned()), limit: Some(BESIDE), ..Filter::of(partner) };
    let (mut rows, broken) = asking.read(|tx| {
        let at_risk = tx.clocks(&in_state(ClockState::AtRisk))?.rows;
        Ok((at_risk, tx.clocks(&in_state(ClockState::Broken))?.rows))
    })?;
    rows.extend(broken);
    let caption = "What runs out soon, and what is broken".to_owned();
    Ok(Table { caption, ..table(asking, &rows) })
}

/// One clock.
pub(super) fn show(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let row = asking.read(|tx| tx.clock(&asking.id()))?;
    asking.see(&row.partner)?;
    let mut facts = vec![
        ("State", Cell::state(row.state.name())),
        ("Rule", Cell::text(&row.rule)),
        ("Partner", Cell::link(path("partners", &row.partner), asking.partner_name(&row.partner))),
    ];
    facts.extend(row.due.map(|due| ("Due", Cell::Time(asking.moment(due)))));
    facts.extend(row.money.map(|_| ("At stake", Cell::money(row.money, row.currency.as_deref()))));
    facts.extend(row.po_number.as_ref().map(|po| ("Order", Cell::link(orders::place(&row.partner, po), po))));
    facts.extend(row.document.as_ref().map(|id| ("Document", Cell::link(path("documents", id), &row.subject))));
    if let Some(rule) = rule(asking, &row) {
        facts.extend(rule.cost.as_ref().map(|cost| ("A breach costs", Cell::text(cost.to_string()))));
        facts.push(("Who says so", Cell::text(format!("{}, {}", rule.source.text, rule.source.as_of))));
    }
    facts.extend(row.closed.map(|at| ("Closed", Cell::Time(asking.moment(at)))));
    facts.extend(row.waived_by.as_ref().map(|by| ("Given up by", Cell::text(by))));
    let mut blocks = vec![Block::Text(says(&asking.config, &row, asking.now)), Block::Facts(facts)];
    let is_unsettled = matches!(row.state, ClockState::Running | ClockState::AtRisk | ClockState::Broken);
    if asking.who().acts() && is_unsettled {
        let place = path("clocks", &row.id);
        blocks.push(Block::Buttons(vec![asking.button(format!("{place}/waive"), "Waive: give it up")]));
    }
    sheet(asking, &format!("{}, {}", row.subject, row.rule), blocks)
}

/// Its rule as it is configured now.
fn rule<'a>(asking: &'a Asking<'_>, row: &ClockRow) -> Option<&'a Rule> {
    let partner = asking.config.partners.get(&PartnerId::parse(&row.partner).ok()?)?;
    partner.compliance.rules.iter().find(|rule| rule.name == row.rule)
}

/// Gives it up, with what was found of it.
pub(super) fn waive(asking: &Asking<'_>, form: &Form) -> Result<Answer, Fault> {
    let (id, now) = (asking.id(), asking.now);
    let row = asking.read(|tx| tx.clock(&id))?;
    asking.see(&row.partner)?;
    let (who, why) = asking.acts(form)?;
    let place = path("clocks", &row.id);
    asking.write(move |tx| compliance::waive(tx, &id, &By { who, why }, now))?;
    Ok(redirect(&place))
}
