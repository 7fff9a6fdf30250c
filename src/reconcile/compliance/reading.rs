//! Which chains are to be judged, what is known of them, and how their rules stand.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{JudgedChain, JudgedClock, NEWS, Watched, Work};
use crate::config::clock::noun::{Answerer, Number};
use crate::config::clock::rule::{Rule, Shape};
use crate::config::compliance::Compliance;
use crate::diagnostic::codes::clock as codes;
use crate::diagnostic::{Code, Diagnostic};
use crate::ledger::clock::chain::{ChainAnswer, ChainDocument};
use crate::ledger::clock::{ClockReader, ClockState, NewClock, Read};
use crate::ledger::expectation::ExpectationState;
use crate::ledger::{self, Id, Transaction};
use crate::reconcile::clock::chain::{Chain, Scope};
use crate::reconcile::clock::facts::{Facts, Verdict};
use crate::reconcile::clock::gather::{self, Answered, OtherUse, Told};
use crate::reconcile::clock::judge::{self, Breach, Judgment};
use crate::reconcile::clock::words;

/// Judges what the events behind the last judged one are about, and the chains of these subjects, whose time has come. `None`
/// when there is nothing to do.
pub fn judge(
    tx: &mut Transaction<'_>,
    watched: Watched<'_>,
    reader: &ClockReader,
    due: &[String],
    now: Timestamp,
) -> Result<Option<Work>, ledger::Error> {
    let Some(before) = &reader.read else { return Ok(None) };
    let (orders, sequence) = match watched.compliance {
        Some(_) => tx.orders_in_news(&reader.partner, before.sequence, NEWS)?,
        None => (Vec::new(), reader.last),
    };
    let rules = watched.compliance.map(Compliance::fingerprint).unwrap_or_default();
    let rules_changed = rules != before.rules;
    if sequence == before.sequence && due.is_empty() && !rules_changed {
        return Ok(None);
    }
    let mut library = Library { tx, watched, orders: BTreeMap::new() };
    let mut chains: BTreeSet<Chain> = due.iter().filter_map(|subject| Chain::parse(subject)).collect();
    for order in &orders {
        chains.insert(Chain::of_order(order));
        chains.extend(library.about(order)?.iter().filter_map(|(_, one)| Chain::of(&one.document)));
    }
    let mut judged = Vec::new();
    for chain in chains {
        judged.push(library.judged(chain, now)?);
    }
    let after = Read { sequence, turn: before.turn + 1, rules };
    Ok(Some(Work {
        partner: reader.partner.clone(),
        before: before.clone(),
        after,
        rules_changed,
        chains: judged,
        now,
    }))
}

/// The documents of orders, each order read once, however many chains it has.
struct Library<'l, 't, 'c> {
    tx: &'l mut Transaction<'t>,
    watched: Watched<'c>,
    orders: BTreeMap<String, Vec<(Id, Told)>>,
}

impl Library<'_, '_, '_> {
    fn about(&mut self, order: &str) -> Result<&[(Id, Told)], ledger::Error> {
        if !self.orders.contains_key(order) {
            let mut documents = self.tx.chain_documents(self.watched.partner, order)?;
            documents.retain(|one| self.watched.counts_tests || !one.document.header().test);
            let documents = documents.into_iter().map(|one| (one.id.clone(), told(one))).collect();
            self.orders.insert(order.to_owned(), documents);
        }
        Ok(self.orders.get(order).map_or(&[], Vec::as_slice))
    }

    fn judged(&mut self, chain: Chain, now: Timestamp) -> Result<JudgedChain, ledger::Error> {
        let Some(compliance) = self.watched.compliance else {
            return Ok(JudgedChain { chain, clocks: Vec::new(), serials: Vec::new() });
        };
        let orders = match chain.scope {
            Scope::Order => vec![chain.number.clone()],
            scope => self.tx.orders_of_number(self.watched.partner, scope.kind(), &chain.number)?,
        };
        for order in &orders {
            self.about(order)?;
        }
        let mut documents: Vec<&(Id, Told)> =
            orders.iter().filter_map(|order| self.orders.get(order)).flatten().collect();
        documents.sort_by_key(|(id, _)| id);
        documents.dedup_by(|one, other| one.0 == other.0);
        let told: Vec<&Told> = documents.iter().map(|(_, told)| told).collect();
        let rules: Vec<&Rule> = compliance.rules.iter().filter(|rule| Scope::of(rule) == chain.scope).collect();
        let is_serial = |rule: &&&Rule| matches!(rule.shape, Shape::Unique { number: Number::Sscc, .. });
        let serials = match rules.iter().find(is_serial) {
            Some(_) => gather::serial_numbers(&chain, &told),
            None => Vec::new(),
        };
        let others = others(self.tx, self.watched.partner, &chain, &serials)?;
        let facts = gather::facts(&chain, &told, &others, &compliance.calendar);
        let own = documents.iter().filter(|(_, one)| chain.is_of(&one.document));
        let subject = Subject {
            partner: self.watched.partner,
            compliance,
            document: own.max_by_key(|(_, one)| one.revision).map(|(id, _)| id.clone()),
            po_number: orders.first().cloned(),
            opened: gather::began(&chain, &told).unwrap_or(now),
            chain: &chain,
            facts: &facts,
        };
        let clocks = rules.iter().map(|rule| subject.held_against(rule, now)).collect();
        Ok(JudgedChain { chain, clocks, serials })
    }
}

/// Who else uses the serial numbers of a chain.
fn others(
    tx: &mut Transaction<'_>,
    partner: &str,
    chain: &Chain,
    serials: &[OtherUse],
) -> Result<Vec<OtherUse>, ledger::Error> {
    let mut others = Vec::new();
    for own in serials {
        let users = tx.other_users_of(partner, &own.value, &chain.to_string())?;
        others.extend(users.into_iter().map(|(document, at)| OtherUse { value: own.value.clone(), document, at }));
    }
    Ok(others)
}

fn told(one: ChainDocument) -> Told {
    Told {
        document: one.document,
        revision: one.revision,
        at: one.at,
        sent: one.sent,
        acknowledged: one.acknowledged,
        answers: one.answers.into_iter().map(answered).collect(),
    }
}

fn answered(answer: ChainAnswer) -> Answered {
    let by = match answer.what.as_str() {
        "997" => Some(Answerer::Functional),
        "999" => Some(Answerer::Implementation),
        "TA1" => Some(Answerer::Interchange),
        _ => None,
    };
    let verdict = match answer.state {
        ExpectationState::Violated => Verdict::Rejected,
        _ => Verdict::Accepted,
    };
    Answered { by, verdict, at: answer.at, text: answer.detail.unwrap_or_default() }
}

/// What rules are held against.
struct Subject<'s> {
    partner: &'s str,
    compliance: &'s Compliance,
    chain: &'s Chain,
    document: Option<Id>,
    po_number: Option<String>,
    opened: Timestamp,
    facts: &'s Facts,
}

impl Subject<'_> {
    fn held_against(&self, rule: &Rule, now: Timestamp) -> JudgedClock {
        let Subject { compliance, facts, .. } = self;
        let judgment = judge::judge(rule, &compliance.calendar, facts, now);
        let line = words::line(&judgment, rule, &facts.about, &compliance.calendar, now);
        let statement = words::statement(&judgment, rule, &facts.about, &compliance.calendar);
        let finding = match &judgment {
            Judgment::Broken { breach, .. } => Some(finding(rule, breach, &statement)),
            _ => None,
        };
        let clock = match &judgment {
            Judgment::NotStarted { .. } => None,
            _ => Some(self.clock(rule, &judgment, statement, now)),
        };
        JudgedClock { rule: rule.name.clone(), clock, line, finding }
    }

    fn clock(&self, rule: &Rule, judgment: &Judgment, statement: String, now: Timestamp) -> NewClock {
        let (state, due, closed, charge) = match judgment {
            Judgment::Running { due, at_risk_from, charge, .. } if now < *at_risk_from => {
                (ClockState::Running, Some(*due), None, charge.as_ref())
            }
            Judgment::Running { due, charge, .. } => (ClockState::AtRisk, Some(*due), None, charge.as_ref()),
            Judgment::Kept { at } => (ClockState::Met, None, Some(*at), None),
            Judgment::Broken { since, charge, .. } => (ClockState::Broken, Some(*since), None, charge.as_ref()),
            Judgment::NotApplicable { .. } | Judgment::NotStarted { .. } => (ClockState::Idle, None, None, None),
        };
        // How long something is overdue is reckoned when it is shown.
        let recorded = match judgment {
            Judgment::Broken { since, breach: Breach::Overdue(_), .. } => judgment.clone().later(*since),
            other => other.clone(),
        };
        NewClock {
            partner: self.partner.to_owned(),
            rule: rule.name.clone(),
            subject: self.chain.to_string(),
            document: self.document.clone(),
            po_number: self.po_number.clone(),
            state,
            severity: rule.severity.to_string(),
            opened: self.opened,
            due,
            look: judgment.look_again(),
            closed,
            money: charge.map(|charge| crate::document::cents(charge.amount)),
            currency: charge.map(|charge| charge.currency.clone()),
            line: statement,
            judgment: serde_json::to_value(&recorded).unwrap_or_default(),
        }
    }
}

/// What is found while a rule is broken.
fn finding(rule: &Rule, breach: &Breach, statement: &str) -> Diagnostic {
    let source = format!("{} says so (as of {})", rule.source.text, rule.source.as_of);
    Diagnostic::new(code(breach), statement).agreed_as(rule.severity).expected(format!("{:?}: {source}", rule.name))
}

fn code(breach: &Breach) -> Code {
    match breach {
        Breach::Overdue(_) | Breach::Late(_) => &codes::LATE,
        Breach::Early(_) => &codes::EARLY,
        Breach::Differs(_) => &codes::DIFFERS,
        Breach::Off { .. } => &codes::OFF,
        Breach::Reused { .. } => &codes::REUSED,
        Breach::Missing | Breach::Malformed { .. } => &codes::NOT_AS_REQUIRED,
        Breach::Rejected { .. } => &codes::NOT_CORRECTED,
    }
}
