//! What the samples call for, as facts that can be read, against what the ledger holds.

use std::collections::BTreeSet;
use std::fs;

use rust_decimal::Decimal;

use super::{ORDER, acts};
use crate::config::Config;
use crate::ledger::clock::ClockState;
use crate::ledger::verify::Contents;
use crate::ledger::view::Filter;
use crate::ledger::{Error, Ledger};
use crate::reconcile::story::story;

/// Every fact, one a line; nothing else may be in the ledger or in the folders.
const EXPECTED: &str = include_str!("expected.txt");

/// Facts that are missing (`-`) and facts that nobody asked for (`+`).
pub fn differences(ledger: &Ledger, config: &Config) -> Result<Vec<String>, Error> {
    let expected: BTreeSet<String> = EXPECTED.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let found: BTreeSet<String> = facts(ledger, config)?.into_iter().collect();
    let missing = expected.difference(&found).map(|fact| format!("- {fact}"));
    let strange = found.difference(&expected).map(|fact| format!("+ {fact}"));
    Ok(missing.chain(strange).collect())
}

fn facts(ledger: &Ledger, config: &Config) -> Result<Vec<String>, Error> {
    let all = Filter::default();
    let mut facts = Vec::new();
    ledger.read(|tx| {
        for row in tx.transmissions(&all)?.rows.into_iter().filter(|row| row.direction == "in") {
            let codes: BTreeSet<String> = row.diagnostics.into_iter().map(|one| one.code).collect();
            let codes: Vec<String> = codes.into_iter().collect();
            facts.push(format!("file {}: {} {}", row.name, row.state, codes.join(" ")).trim_end().to_owned());
        }
        for row in tx.documents(&all)?.rows {
            facts.push(format!("document {} {} of {} from {}", row.kind, row.number, row.partner, row.source));
        }
        for row in tx.deliveries(&all)?.rows {
            facts.push(format!("delivery {} to {} as {}: {}", row.label, row.partner, row.name, row.state));
        }
        for row in tx.acks(&all)?.rows {
            facts.push(match row.owed_by.as_str() {
                "us" => format!("we owe {}: {}", row.label, row.state),
                _ => format!("{} owes {} for {}: {}", row.partner, row.what, row.label, row.state),
            });
        }
        for row in tx.findings(&all)?.rows {
            let money = money(row.money, row.currency.as_deref());
            facts.push(format!("finding {} {} at {}: {}{money}", row.rule, row.subject, row.partner, row.state.name()));
        }
        for row in tx.clocks(&all)?.rows.into_iter().filter(|row| is_shown(row.state)) {
            let money = money(row.money, row.currency.as_deref());
            facts.push(format!("rule {:?} about {}: {}{money}", row.rule, row.subject, row.state.name()));
        }
        for target in &config.alerts {
            let standing = tx.alert_standing(&target.name)?;
            let reached = if standing.error.is_some() { "not reached" } else { "told" };
            facts.push(format!("alert {}: {reached}", target.name));
        }
        let proof = tx.verify(Contents::Too)?;
        facts.extend(proof.faults.into_iter().map(|fault| format!("proof: {fault}")));
        Ok(())
    })?;
    for folder in [acts::RETAILER, acts::GONE, acts::ERP, super::INBOX] {
        let Ok(entries) = fs::read_dir(config.home.join(folder)) else { continue };
        for entry in entries.flatten().filter(|entry| entry.path().is_file()) {
            let name = entry.file_name().to_string_lossy().into_owned();
            facts.extend(verdicts_and_labels(&name, &fs::read_to_string(entry.path()).unwrap_or_default()));
            facts.push(format!("in {folder}: {name}"));
        }
    }
    if let Some(story) = story(ledger, config, ORDER.0, ORDER.1)? {
        facts.extend(story.matrix.lines.iter().map(|line| {
            let figures = line.quantity;
            let [ordered, confirmed, shipped, invoiced] =
                [figures.ordered, figures.confirmed, figures.shipped, figures.invoiced]
                    .map(|figure| figure.normalize());
            format!(
                "line {}: ordered {ordered}, confirmed {confirmed}, shipped {shipped}, invoiced {invoiced}",
                line.line
            )
        }));
    }
    Ok(facts)
}

/// What a rule is told for: that it is kept is what everybody expects.
fn is_shown(state: ClockState) -> bool {
    matches!(state, ClockState::AtRisk | ClockState::Broken)
}

/// `, 43.32 USD`; nothing where no money is known.
fn money(amount: Option<Decimal>, currency: Option<&str>) -> String {
    amount.map(|amount| format!(", {amount:.2} {}", currency.unwrap_or_default())).unwrap_or_default()
}

/// The segments of what we sent that say who is accepted, what is wrong, and which carton is which.
fn verdicts_and_labels(name: &str, text: &str) -> Vec<String> {
    let telling =
        |line: &&str| ["AK3*", "AK4*", "AK5*", "AK9*", "MAN*", "TDS*"].iter().any(|tag| line.starts_with(tag));
    text.lines().filter(telling).map(|line| format!("{name} says {line}")).collect()
}
