//! Today: what needs a person, who traded how much, and whether the gateway keeps up.

use askama::Template;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::asking::Asking;
use super::chart::Chart;
use super::days::DAYS;
use super::fault::Fault;
use super::form::encoded;
use super::frame::Frame;
use super::html;
use super::moment::{Moment, in_words};
use super::sheet::path;
use super::table::money;
use crate::ledger::backlog::{Backlog, Waiting};
use crate::ledger::day::Traffic;
use crate::ledger::need::{Need, NeedKind};
use crate::web::answer::Answer;
use crate::web::host::Trouble;

/// How many needs are shown, and how many partners.
const SHOWN: usize = 60;
const PARTNERS: usize = 40;
/// How many are looked at from each source.
const LOOKED_AT: u32 = 200;

#[derive(Template)]
#[template(path = "today.html", config = "src/web/page/askama.toml")]
struct Page {
    frame: Frame,
    needs: Vec<NeedRow>,
    /// How many more there are; with a plus where nobody counted on.
    more: Option<String>,
    at_stake: Vec<String>,
    partners: Vec<PartnerRow>,
    more_partners: usize,
    /// What waits, and what does not work; nothing for who sees some partners only.
    stages: Vec<Stage>,
    troubles: Vec<Trouble>,
    days: usize,
}

struct NeedRow {
    kind: &'static str,
    urgency: &'static str,
    link: String,
    subject: String,
    what: String,
    partner: String,
    money: String,
    /// `22 min left`, `late by 3 h`, `for 2 days`.
    time: String,
    owner: String,
}

struct PartnerRow {
    id: String,
    name: String,
    chart: Chart,
    received: i64,
    sent: i64,
    answered: String,
    overdue: i64,
}

struct Stage {
    name: &'static str,
    count: i64,
    oldest: Option<Moment>,
    waits: String,
    is_late: bool,
}

/// Shows it.
pub(super) fn show(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let seen = asking.who().partners.as_ref();
    let (needs, backlog) = asking.read(|tx| {
        let backlog = if seen.is_none() { Some(tx.backlog(asking.now)?) } else { None };
        Ok((tx.needs(seen, asking.now, LOOKED_AT)?, backlog))
    })?;
    let more = needs.len().saturating_sub(SHOWN);
    let plus = if needs.len() >= LOOKED_AT as usize { "+" } else { "" };
    let ids: Vec<&str> =
        asking.config.partners.keys().map(|id| id.as_str()).filter(|id| asking.who().sees(id)).collect();
    let partners = ids.iter().take(PARTNERS).map(|id| partner_row(asking, id)).collect::<Result<_, _>>()?;
    html(&Page {
        frame: asking.frame("Today"),
        more: (more > 0).then(|| format!("{more}{plus}")),
        at_stake: at_stake(&needs),
        needs: needs.iter().take(SHOWN).map(|need| need_row(asking, need)).collect(),
        partners,
        more_partners: ids.len().saturating_sub(PARTNERS),
        stages: backlog.map(|backlog| stages(asking, &backlog)).unwrap_or_default(),
        troubles: if seen.is_none() { asking.host().troubles() } else { Vec::new() },
        days: DAYS,
    })
}

/// The sums, one for each currency.
fn at_stake(needs: &[Need]) -> Vec<String> {
    let mut sums: Vec<(String, Decimal)> = Vec::new();
    for need in needs {
        let (Some(money), currency) = (need.money, need.currency.clone().unwrap_or_default()) else { continue };
        match sums.iter_mut().find(|(known, _)| *known == currency) {
            Some((_, sum)) => *sum += money,
            None => sums.push((currency, money)),
        }
    }
    sums.iter().map(|(currency, sum)| money(*sum, currency)).collect()
}

fn need_row(asking: &Asking<'_>, need: &Need) -> NeedRow {
    let (urgency, time) = time_left(need, asking.now);
    let money = need.money.map(|amount| money(amount, need.currency.as_deref().unwrap_or_default()));
    NeedRow {
        kind: match need.kind {
            NeedKind::Clock => "clock",
            NeedKind::Finding => "finding",
            NeedKind::Acknowledgment => "answer",
            NeedKind::Delivery => "delivery",
            NeedKind::File => "file",
        },
        urgency,
        link: link(need),
        subject: need.subject.clone(),
        what: need.what.clone(),
        partner: asking.partner_name(&need.partner),
        money: money.unwrap_or_default(),
        time,
        owner: need.owner.clone().unwrap_or_default(),
    }
}

/// Where the whole of it is told.
fn link(need: &Need) -> String {
    match need.kind {
        NeedKind::Finding => path("findings", &need.id),
        NeedKind::Delivery => path("deliveries", &need.id),
        NeedKind::File => path("files", &need.id),
        NeedKind::Clock => path("clocks", &need.id),
        NeedKind::Acknowledgment => {
            format!("/acknowledgments?state=overdue&partner={}", encoded(&need.partner))
        }
    }
}

/// How urgent it is, in a word that a stylesheet knows and in one that a person reads.
fn time_left(need: &Need, now: Timestamp) -> (&'static str, String) {
    match need.due {
        Some(due) if due > now => {
            let left = due.duration_since(now);
            let urgency = if left < SignedDuration::from_hours(1) { "soon" } else { "later" };
            (urgency, format!("{} left", in_words(left)))
        }
        Some(due) => ("late", format!("late by {}", in_words(now.duration_since(due)))),
        None => ("open", format!("for {}", in_words(now.duration_since(need.since)))),
    }
}

/// More answers that are late are not counted.
const MOST_LATE: u32 = 1000;

fn partner_row(asking: &Asking<'_>, id: &str) -> Result<PartnerRow, Fault> {
    let (now, zone) = (asking.now, &asking.config.us.zone);
    let (days, overdue) =
        asking.read(|tx| Ok((asking.context.days.of(tx, id, now, zone)?, tx.overdue_with(id, MOST_LATE)?)))?;
    let sum = |count: fn(&Traffic) -> i64| days.iter().map(count).sum::<i64>();
    let (asked, answered) = (sum(|day| day.asked), sum(|day| day.answered));
    Ok(PartnerRow {
        id: id.to_owned(),
        name: asking.partner_name(id),
        chart: Chart::of(&days),
        received: sum(|day| day.documents),
        sent: sum(|day| day.deliveries),
        answered: if asked == 0 { "–".to_owned() } else { format!("{answered} of {asked}") },
        overdue,
    })
}

/// What waits longer than this stands still.
const STANDS_STILL: SignedDuration = SignedDuration::from_mins(5);

fn stages(asking: &Asking<'_>, backlog: &Backlog) -> Vec<Stage> {
    let stage = |name, waiting: Waiting| {
        let waits = waiting.oldest.map(|oldest| asking.now.duration_since(oldest).max(SignedDuration::ZERO));
        Stage {
            name,
            count: waiting.count,
            oldest: waiting.oldest.map(|oldest| asking.moment(oldest)),
            waits: waits.map(in_words).unwrap_or_default(),
            is_late: waits.is_some_and(|waits| waits > STANDS_STILL),
        }
    };
    vec![
        stage("Files in custody, to be read", backlog.captured),
        stage("Deliveries due", backlog.due),
        stage("Deliveries tried again", backlog.retrying),
        stage("Deliveries parked", backlog.parked),
    ]
}
