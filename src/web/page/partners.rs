//! Partners: who they are, by which wires, with which certificates and for how long, and what is asked of us.

use std::time::Duration;

use super::asking::Asking;
use super::chart::Chart;
use super::fault::Fault;
use super::form::encoded;
use super::moment::in_words;
use super::sheet::{Block, path, sheet};
use super::table::{Cell, Sign, Table};
use super::{clocks, guides};
use crate::config::as2::InUse;
use crate::config::clock::cost::Cost;
use crate::config::clock::rule::{Rule, Standing};
use crate::config::duration;
use crate::config::partner::{Endpoint, Partner, PartnerId, Role, SendFormat, Status, Wire};
use crate::web::answer::Answer;

/// Partners on one page.
const MOST: usize = 200;

/// The list.
pub(super) fn list(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let seen = asking.config.partners.values().filter(|partner| asking.who().sees(partner.id.as_str()));
    let cells = |partner: &Partner| {
        vec![
            Cell::text(partner.id.as_str()),
            Cell::link(path("partners", partner.id.as_str()), &partner.name),
            Cell::text(role(partner.role)),
            Cell::text(if partner.status == Status::Test { "test" } else { "production" }),
            Cell::text(zone(partner)),
            Cell::number(partner.endpoints.len()),
        ]
    };
    let rows: Vec<Vec<Cell>> = seen.map(cells).take(MOST).collect();
    let columns = vec!["Id", "Partner", "Role", "Status", "Zone", "Endpoints"];
    let table = Table { caption: "By id".to_owned(), columns, rows };
    sheet(asking, "Partners", vec![Block::Table(table)])
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Retailer => "retailer",
        Role::Erp => "ERP",
        Role::Wms => "warehouse system",
        Role::ThirdPartyLogistics => "third-party logistics",
        Role::Storefront => "storefront",
    }
}

fn zone(partner: &Partner) -> String {
    partner.zone.iana_name().unwrap_or("of its own").to_owned()
}

/// One partner.
pub(super) fn show(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let named = asking.part(2);
    asking.see(&named)?;
    let id = PartnerId::parse(&named).map_err(|_| Fault::NoSuchPage)?;
    let partner = asking.config.partners.get(&id).ok_or(Fault::NoSuchPage)?;
    let (now, our_zone) = (asking.now, &asking.config.us.zone);
    let days = asking.read(|tx| asking.context.days.of(tx, &named, now, our_zone))?;
    let chart = Chart::of(&days);
    let mut facts = vec![
        ("Id", Cell::text(partner.id.as_str())),
        ("Role", Cell::text(role(partner.role))),
        ("Status", Cell::text(if partner.status == Status::Test { "test" } else { "production" })),
        ("Zone", Cell::text(zone(partner))),
    ];
    if let Some(x12) = &partner.x12 {
        facts.push(("X12", Cell::text(format!("{} at {}", x12.isa, x12.version))));
        let owed =
            x12.acknowledge.as_ref().map(|owed| format!("within {}, by {}", duration::display(owed.within), owed.via));
        facts.push(("We acknowledge", Cell::text(owed.unwrap_or_else(|| "never".to_owned()))));
    }
    facts.push(("Bytes are kept for", Cell::text(kept(partner.retention.keep))));
    let days = format!(
        "{} documents and {} deliveries in 14 days",
        sum(&days, |day| day.documents),
        sum(&days, |day| day.deliveries)
    );
    sheet(
        asking,
        &partner.name,
        vec![
            Block::Facts(facts),
            Block::Text(days),
            Block::Chart(chart),
            Block::Heading("Endpoints".to_owned()),
            Block::Table(endpoints(partner)),
            Block::Heading("Certificates".to_owned()),
            Block::Table(certificates(asking, partner)),
            Block::Heading("Documents".to_owned()),
            Block::Table(documents(partner)),
            Block::Heading("Guides".to_owned()),
            Block::Table(guides::table(partner)),
            Block::Heading("Rules".to_owned()),
            Block::Table(rules(partner)),
            Block::Heading("Clocks".to_owned()),
            Block::Table(clocks::urgent(asking, &named)?),
            Block::Links(vec![(format!("/clocks?partner={}", encoded(&named)), "Every clock".to_owned())]),
        ],
    )
}

fn sum(days: &[crate::ledger::day::Traffic], count: fn(&crate::ledger::day::Traffic) -> i64) -> i64 {
    days.iter().map(count).sum()
}

fn kept(keep: Duration) -> String {
    duration::display(keep)
}

fn endpoints(partner: &Partner) -> Table {
    let cells = |endpoint: &Endpoint| {
        let wire = match &endpoint.via {
            Wire::Folder => "a folder".to_owned(),
            Wire::Sftp(server) => server.to_string(),
            Wire::Post(_) => "an API that we post to".to_owned(),
            Wire::Poll(_) => "an API that we ask".to_owned(),
            Wire::As2(_) => "AS2".to_owned(),
        };
        let from = endpoint.pick_up.as_ref().map(|pick_up| pick_up.from.display().to_string());
        let to = endpoint.drop_off.as_ref().map(|drop_off| drop_off.to.display().to_string());
        vec![
            Cell::text(&endpoint.name),
            Cell::text(wire),
            Cell::optional(from),
            Cell::optional(to),
            Cell::text(if endpoint.sending.keep_order { "in order" } else { "as they can" }),
        ]
    };
    Table {
        caption: "The wires to it".to_owned(),
        columns: vec!["Endpoint", "Wire", "We take from", "We leave in", "Deliveries go"],
        rows: partner.endpoints.iter().map(cells).collect(),
    }
}

/// A certificate that ends sooner is told of.
const SOON: i64 = 30;

fn certificates(asking: &Asking<'_>, partner: &Partner) -> Table {
    let of_endpoints = partner.endpoints.iter().filter_map(|endpoint| match &endpoint.via {
        Wire::As2(as2) => Some((endpoint, as2)),
        _ => None,
    });
    let rows = of_endpoints.flat_map(|(endpoint, as2)| as2.certificates.iter().map(move |dated| (endpoint, dated)));
    let cells = |(endpoint, dated): (&Endpoint, &InUse)| {
        let left = dated.certificate.until().duration_since(asking.now);
        let sign = match left.as_hours() / 24 {
            days if days < 0 => Sign::Late,
            days if days < SOON => Sign::Soon,
            _ => Sign::Fine,
        };
        let words = if left.is_negative() { "over".to_owned() } else { format!("{} left", in_words(left)) };
        vec![
            Cell::Mark(sign, words),
            Cell::text(dated.certificate.subject()),
            Cell::text(&endpoint.name),
            Cell::Time(asking.moment(dated.certificate.until())),
        ]
    };
    Table {
        caption: "What it signs and reads with".to_owned(),
        columns: vec!["Time left", "Certificate", "Endpoint", "Until"],
        rows: rows.map(cells).collect(),
    }
}

/// What it demands of us, and whose word that is.
fn rules(partner: &Partner) -> Table {
    let cells = |rule: &Rule| {
        let own_word = match rule.source.standing {
            Standing::Primary => "",
            Standing::Secondary => ", secondary",
        };
        vec![
            Cell::text(&rule.name),
            Cell::text(rule.severity.to_string()),
            Cell::optional(rule.cost.as_ref().map(Cost::to_string)),
            Cell::text(format!("{}, {}{own_word}", rule.source.text, rule.source.as_of)),
        ]
    };
    Table {
        caption: "What it demands of us in time and form".to_owned(),
        columns: vec!["Rule", "A breach is", "It costs", "Source"],
        rows: partner.compliance.rules.iter().map(cells).collect(),
    }
}

fn documents(partner: &Partner) -> Table {
    let received = partner.receives.iter().map(|rule| {
        let to: Vec<&str> = rule.to.iter().map(PartnerId::as_str).collect();
        let goes = match to.is_empty() {
            false => format!("goes to {}", to.join(", ")),
            true if rule.kind.is_for_the_books() => "stays in the books".to_owned(),
            true => "goes to the order's retailer".to_owned(),
        };
        vec![Cell::text("comes in"), Cell::text(rule.kind.name().replace('_', " ")), Cell::text(goes), Cell::text("")]
    });
    let sent = partner.sends.iter().map(|rule| {
        let format = match &rule.format {
            SendFormat::X12 => "X12",
            SendFormat::Mapped(_) => "by a map",
            SendFormat::Canonical => "canonical JSON",
        };
        let expect = &rule.expect;
        let functional = expect.functional.as_ref().map(|(_, within)| ("997", *within));
        let answers = [
            functional,
            expect.interchange.map(|within| ("TA1", within)),
            expect.application.map(|within| ("824", within)),
        ];
        let answers: Vec<String> = answers
            .iter()
            .flatten()
            .map(|(what, within)| format!("{what} within {}", duration::display(*within)))
            .collect();
        vec![
            Cell::text("goes out"),
            Cell::text(rule.kind.name().replace('_', " ")),
            Cell::text(format!("as {format}, by {}", rule.via)),
            Cell::text(answers.join(", ")),
        ]
    });
    Table {
        caption: "What is exchanged".to_owned(),
        columns: vec!["Way", "Document", "How", "Clock"],
        rows: received.chain(sent).collect(),
    }
}
