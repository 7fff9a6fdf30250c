//! What disagrees about one order: held against a partner's tolerances, at a moment.
//!
//! In: the matrix of an order with everything that was told about it, what was agreed with the partner, the time. Out: a
//! [`Judgment`]: every disagreement with its code, its subject and the money at stake; and the next moment at which time alone
//! may change it.
//!
//! ```text
//! 850 4500012345 line 002   REC-W001 shipped 30 EA of 24 ordered            21.66 USD at stake
//! 810 INV-7                 REC-W011 paid 110.00 of 117.64: -5.29 01        5.29 USD
//! ```
//!
//! It is a function of its input: what the books hold of it is brought in line by `daemon::reconciling`.
//! Never here: a guess. What could be two lines is a finding of its own and counts nowhere.

mod goods;
mod money;
pub mod named;

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::matrix::{Matrix, Posting, Stage, Stray, StrayKind};
use crate::config::partner::Partner;
use crate::config::tolerance::Tolerance;
use crate::diagnostic::codes::reconcile as codes;
use crate::diagnostic::{Code, Diagnostic};
use crate::document::Kind;
use crate::ledger::Id;
use crate::ledger::finding::AtStake;
use crate::ledger::order_book::Papers;

/// What was agreed with a partner.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// By how much figures may differ.
    pub tolerance: Tolerance,
    /// The zone of its dates.
    pub zone: TimeZone,
    /// The documents that we send it: what is never sent is never missing.
    pub sends: Vec<Kind>,
}

impl Agreement {
    /// What a partner file says.
    pub fn with(partner: &Partner) -> Agreement {
        Agreement {
            tolerance: partner.tolerance.clone(),
            zone: partner.zone.clone(),
            sends: partner.sends.iter().map(|rule| rule.kind).collect(),
        }
    }
}

/// Something that disagrees.
#[derive(Debug, Clone, PartialEq)]
pub struct Disagreement {
    /// What about: `850 4500012345 line 002`.
    pub subject: String,
    /// What disagrees.
    pub diagnostic: Diagnostic,
    /// The document that shows it, where one does.
    pub document: Option<Id>,
    /// What it may cost.
    pub at_stake: Option<AtStake>,
}

/// What is to be said of an order.
#[derive(Debug, Default, PartialEq)]
pub struct Judgment {
    /// What disagrees now.
    pub disagreements: Vec<Disagreement>,
    /// When time alone may change that.
    pub look: Option<Timestamp>,
}

/// Judges an order.
pub fn judge(papers: &Papers, matrix: &Matrix, agreement: &Agreement, now: Timestamp) -> Judgment {
    let mut postings = vec![Vec::new(); matrix.lines.len()];
    for posting in &matrix.postings {
        if let Some(line) = posting.line {
            postings[line].push(posting);
        }
    }
    let mut judging = Judging { papers, matrix, postings, agreement, now, judgment: Judgment::default() };
    judging.strays();
    goods::judge(&mut judging);
    money::judge(&mut judging);
    judging.judgment
}

/// True when nothing of an order is open: everything promised was shipped, what was shipped was invoiced and paid.
pub fn is_settled(matrix: &Matrix, tolerance: &Tolerance) -> bool {
    let is_even = |figure: Decimal, other: Decimal| (figure - other).abs() <= tolerance.quantity;
    let lines = matrix.lines.iter().all(|line| {
        let quantity = &line.quantity;
        is_even(quantity.changed, quantity.shipped) && is_even(quantity.shipped, quantity.invoiced)
    });
    lines && open_amount(matrix).abs() <= tolerance.total
}

/// What is still to be paid for an order: what was invoiced less credits, discounts and payments.
pub fn open_amount(matrix: &Matrix) -> Decimal {
    let discount: Decimal = matrix.bills.iter().map(|bill| bill.discount).sum();
    matrix.total.invoiced - matrix.total.credited - discount - matrix.total.paid
}

/// One order on the table.
struct Judging<'j> {
    papers: &'j Papers,
    matrix: &'j Matrix,
    /// What was posted to each line.
    postings: Vec<Vec<&'j Posting>>,
    agreement: &'j Agreement,
    now: Timestamp,
    judgment: Judgment,
}

impl<'j> Judging<'j> {
    /// Notes a disagreement; nothing at stake is no money.
    fn find(&mut self, code: Code, subject: String, message: String, document: Option<Id>, money: Decimal) {
        let currency = self.matrix.currency.clone();
        let at_stake = (money > Decimal::ZERO).then_some(AtStake { money, currency });
        let diagnostic = Diagnostic::new(code, message);
        self.judgment.disagreements.push(Disagreement { subject, diagnostic, document, at_stake });
    }

    /// True when the time that is tolerated after a moment is over; else that is a moment to look again.
    fn is_over(&mut self, since: Timestamp, tolerated: Duration) -> bool {
        let tolerated = SignedDuration::try_from(tolerated).unwrap_or(SignedDuration::MAX);
        let end = since.checked_add(tolerated).unwrap_or(Timestamp::MAX);
        let is_over = self.now >= end;
        if !is_over {
            self.judgment.look = Some(self.judgment.look.map_or(end, |look| look.min(end)));
        }
        is_over
    }

    /// The end of a day in the partner's zone.
    fn end_of(&self, day: Date) -> Timestamp {
        let next = day.tomorrow().unwrap_or(Date::MAX).at(0, 0, 0, 0);
        self.agreement.zone.to_timestamp(next).unwrap_or(Timestamp::MAX)
    }

    /// `850 4500012345 line 002`.
    fn line_subject(&self, line: usize) -> String {
        format!("850 {} line {}", self.matrix.po_number, self.matrix.lines[line].line)
    }

    /// The order's own document.
    fn order_document(&self) -> Option<Id> {
        self.papers.documents.iter().find(|one| one.document.kind() == Kind::Order).map(|one| one.id.clone())
    }

    /// What was posted to a line at a stage, in the matrix's order.
    fn posted(&self, stage: Stage, line: usize) -> impl DoubleEndedIterator<Item = &'j Posting> {
        self.postings[line].iter().copied().filter(move |posting| posting.stage == stage)
    }

    /// The last document that posted something at a stage of a line.
    fn posted_by(&self, stage: Stage, line: usize) -> Option<Id> {
        self.posted(stage, line).next_back().map(|posting| posting.paper.id.clone())
    }

    /// What of each document does not fit, in one finding.
    fn strays(&mut self) {
        let mut strays: Vec<&Stray> = self.matrix.strays.iter().collect();
        strays.sort_by_key(|stray| (stray.is, &stray.document));
        for of_document in strays.chunk_by(|one, other| (one.is, &one.document) == (other.is, &other.document)) {
            let Stray { is, label, document, .. } = of_document[0];
            let code = match is {
                StrayKind::Line => &codes::NO_SUCH_LINE,
                StrayKind::Change => &codes::CHANGE_DOES_NOT_FIT,
                StrayKind::Unit => &codes::UNITS_DIFFER,
            };
            let subject = format!("{label} in 850 {}", self.matrix.po_number);
            let messages: Vec<&str> = of_document.iter().map(|stray| stray.message.as_str()).collect();
            self.find(code, subject, messages.join("; "), Some(document.clone()), Decimal::ZERO);
        }
    }
}

/// A figure without zeros at its end; the price of one in a case may have no end.
fn plain(figure: Decimal) -> String {
    figure.round_dp(6).normalize().to_string()
}

#[cfg(test)]
mod tests;
