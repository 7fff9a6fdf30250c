//! What was judged goes into the books: rows, findings, and the events that somebody should hear.

use jiff::Timestamp;
use serde_json::json;

use super::{JudgedChain, JudgedClock, Work};
use crate::diagnostic::codes::clock as codes;
use crate::ledger::clock::{ClockRow, ClockState, NewClock};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::finding::{AtStake, NewFinding};
use crate::ledger::remedy::By;
use crate::ledger::{self, Id, Transaction};

/// Records what was judged, all of it or nothing. Refused as contended when another node recorded what it judged since.
pub fn record(tx: &mut Transaction<'_>, work: &Work) -> Result<(), ledger::Error> {
    tx.clocks_were_judged(&work.partner, &work.before, &work.after)?;
    if work.rules_changed {
        tx.judge_clocks_again(&work.partner, work.now)?;
    }
    for chain in &work.chains {
        Recording { tx, work, subject: chain.chain.to_string() }.chain(chain)?;
    }
    // Behind all rows: what is to be judged again must not be overwritten by a judgment of before.
    for chain in &work.chains {
        Recording { tx, work, subject: chain.chain.to_string() }.serials(chain)?;
    }
    Ok(())
}

struct Recording<'r, 't> {
    tx: &'r mut Transaction<'t>,
    work: &'r Work,
    subject: String,
}

impl Recording<'_, '_> {
    fn chain(&mut self, judged: &JudgedChain) -> Result<(), ledger::Error> {
        let known = self.tx.clocks_of(&self.work.partner, &self.subject)?;
        for one in &judged.clocks {
            let before = known.iter().find(|row| row.rule == one.rule);
            if before.is_none_or(|row| row.state != ClockState::Waived) {
                self.clock(one, before)?;
            }
        }
        for row in known.iter().filter(|row| row.look.is_some() || row.state == ClockState::Broken) {
            if judged.clocks.iter().all(|one| one.rule != row.rule) {
                self.rule_is_gone(row)?;
            }
        }
        Ok(())
    }

    fn clock(&mut self, judged: &JudgedClock, before: Option<&ClockRow>) -> Result<(), ledger::Error> {
        let was = before.map(|row| row.state);
        match &judged.clock {
            Some(clock) => {
                if before.is_none_or(|row| differs(row, clock)) {
                    self.tx.record_clock(clock)?;
                }
                if is_news(was, clock.state) {
                    self.tell(clock, judged)?;
                }
            }
            None => {
                if let Some(row) = before {
                    self.tx.forget_clock(&self.work.partner, &judged.rule, &self.subject)?;
                    self.tell_end(row, &format!("{}: {:?} is not about it any more", row.subject, row.rule))?;
                }
            }
        }
        self.finding(judged, was)
    }

    fn finding(&mut self, judged: &JudgedClock, was: Option<ClockState>) -> Result<(), ledger::Error> {
        let subject = subject_of_finding(&self.subject, &judged.rule);
        match (&judged.finding, &judged.clock) {
            (Some(diagnostic), Some(clock)) => {
                if was == Some(ClockState::Broken) {
                    // It may have been broken in another way.
                    let others = codes::ALL.iter().filter(|code| code.code != diagnostic.code.code);
                    self.resolve(others.map(|code| code.code), &subject)?;
                }
                self.tx.record_finding(&NewFinding {
                    partner: &self.work.partner,
                    subject: &subject,
                    diagnostic,
                    document: clock.document.as_ref(),
                    po_number: clock.po_number.as_deref(),
                    at_stake: at_stake(clock).as_ref(),
                    at: self.work.now,
                })?;
                Ok(())
            }
            _ if was == Some(ClockState::Broken) => self.resolve(codes::ALL.iter().map(|code| code.code), &subject),
            _ => Ok(()),
        }
    }

    fn resolve<'k>(&mut self, codes: impl Iterator<Item = &'k str>, subject: &str) -> Result<(), ledger::Error> {
        for code in codes {
            self.tx.resolve_finding(&self.work.partner, code, subject)?;
        }
        Ok(())
    }

    fn tell(&mut self, clock: &NewClock, judged: &JudgedClock) -> Result<(), ledger::Error> {
        let text = match &judged.finding {
            Some(diagnostic) => format!("{} ({})", clock.line, diagnostic.code.code),
            None => judged.line.clone(),
        };
        self.tx.append_event(&NewEvent {
            partner: clock.partner.clone(),
            at: self.work.now,
            kind: EventKind::Clock,
            refs: Refs { document: clock.document.clone(), po_number: clock.po_number.clone(), ..Refs::default() },
            text,
            data: json!({
                "rule": clock.rule,
                "subject": clock.subject,
                "state": clock.state.name(),
                "severity": clock.severity,
                "code": judged.finding.as_ref().map(|diagnostic| diagnostic.code.code),
                "due": clock.due,
                "money": clock.money,
                "currency": clock.currency,
            }),
        })
    }

    /// What was told of a clock is over, though nothing was judged.
    fn tell_end(&mut self, row: &ClockRow, text: &str) -> Result<(), ledger::Error> {
        if !matches!(row.state, ClockState::AtRisk | ClockState::Broken) {
            return Ok(());
        }
        self.tx.append_event(&NewEvent {
            partner: row.partner.clone(),
            at: self.work.now,
            kind: EventKind::Clock,
            refs: Refs { document: row.document.clone().map(Id), po_number: row.po_number.clone(), ..Refs::default() },
            text: text.to_owned(),
            data: json!({ "rule": row.rule, "subject": row.subject, "state": ClockState::Idle.name() }),
        })
    }

    /// The partner's file does not have the rule any more.
    fn rule_is_gone(&mut self, row: &ClockRow) -> Result<(), ledger::Error> {
        let line = format!("{:?} is no rule of {} any more", row.rule, row.partner);
        self.tx.record_clock(&NewClock {
            partner: row.partner.clone(),
            rule: row.rule.clone(),
            subject: row.subject.clone(),
            document: row.document.clone().map(Id),
            po_number: row.po_number.clone(),
            state: ClockState::Idle,
            severity: row.severity.clone(),
            opened: row.opened,
            due: None,
            look: None,
            closed: None,
            money: None,
            currency: None,
            line: line.clone(),
            judgment: row.judgment.clone(),
        })?;
        self.tell_end(row, &format!("{}: {line}", row.subject))?;
        let subject = subject_of_finding(&self.subject, &row.rule);
        self.resolve(codes::ALL.iter().map(|code| code.code), &subject)
    }

    /// Whoever uses a number of this chain's as well is judged again: it may have come first.
    fn serials(&mut self, judged: &JudgedChain) -> Result<(), ledger::Error> {
        let (partner, now) = (self.work.partner.as_str(), self.work.now);
        for own in &judged.serials {
            if !self.tx.use_serial(partner, &own.value, &self.subject, own.at)? {
                continue;
            }
            let others = self.tx.other_users_of(partner, &own.value, &self.subject)?;
            if !others.is_empty() {
                self.tx.judge_chain_again(partner, &self.subject, now)?;
            }
            for (other, _) in others {
                self.tx.judge_chain_again(partner, &other, now)?;
            }
        }
        Ok(())
    }
}

/// Gives up a clock that runs or is broken, with what was found of it; who and why is in the journal.
pub fn waive(tx: &mut Transaction<'_>, id: &Id, by: &By, now: Timestamp) -> Result<ClockRow, ledger::Error> {
    let row = tx.waive_clock(id, by, now)?;
    for code in codes::ALL {
        tx.resolve_finding(&row.partner, code.code, &subject_of_finding(&row.subject, &row.rule))?;
    }
    tx.append_event(&NewEvent {
        partner: row.partner.clone(),
        at: now,
        kind: EventKind::Decided,
        refs: Refs { document: row.document.clone().map(Id), po_number: row.po_number.clone(), ..Refs::default() },
        text: format!("{}: {}: given up by {}: {}", row.subject, row.line, by.who, by.why),
        data: json!({ "clock": row.id, "rule": row.rule, "subject": row.subject, "by": by.who, "reason": by.why, "state": row.state.name() }),
    })?;
    Ok(row)
}

/// `856 SHP0000777, ASN in time`.
fn subject_of_finding(subject: &str, rule: &str) -> String {
    format!("{subject}, {rule}")
}

/// What somebody should hear: that it is at risk, that it is broken, and that it is in time after all.
fn is_news(was: Option<ClockState>, is: ClockState) -> bool {
    let alarming = |state| matches!(state, ClockState::AtRisk | ClockState::Broken);
    was != Some(is) && (alarming(is) || was.is_some_and(alarming))
}

/// What the breach costs, where that is known and something.
fn at_stake(clock: &NewClock) -> Option<AtStake> {
    let money = clock.money.filter(|money| !money.is_zero())?;
    Some(AtStake { money, currency: clock.currency.clone() })
}

fn differs(row: &ClockRow, clock: &NewClock) -> bool {
    let of_row = (&row.document, &row.po_number, row.state, &row.severity, row.opened, row.due, row.look, row.closed);
    let document = clock.document.as_ref().map(|id| id.0.clone());
    let of_clock =
        (&document, &clock.po_number, clock.state, &clock.severity, clock.opened, clock.due, clock.look, clock.closed);
    of_row != of_clock || row.line != clock.line || row.judgment != clock.judgment
}
