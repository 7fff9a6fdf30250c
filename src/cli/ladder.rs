//! How far documents got, as a table: one line for each, one column for each rung.
//!
//! ```text
//! document        by        in or out     MDN  TA1  997           824           handed on     answered
//! 850 4500012345  megamart  Mar 03 09:15            Mar 03 09:15                Mar 03 09:15  855 4500012345
//! 856 SHP0000777  us        Mar 06 14:10            OVERDUE       due Mar 09 14:10
//! ```

use jiff::tz::TimeZone;

use super::paint::Paint;
use super::table::{Align, table};
use crate::ledger::ladder::{Author, Ladder, Rung, Standing, Step};

/// The columns behind the document and its author, and the rungs that they show.
const COLUMNS: [(&str, &[Step]); 8] = [
    ("in or out", &[Step::Received, Step::Sent]),
    ("MDN", &[Step::Mdn]),
    ("TA1", &[Step::Ta1]),
    ("997", &[Step::Functional]),
    ("824", &[Step::Application]),
    ("864", &[Step::Text]),
    ("handed on", &[Step::HandedOn]),
    ("answered", &[Step::Answered]),
];

/// The table, without the columns that no document uses.
pub fn ladder_table(ladders: &[Ladder], zone: &TimeZone, paint: Paint) -> String {
    let row = |ladder: &Ladder| {
        let author = match ladder.from {
            Author::Partner => ladder.partner.clone(),
            Author::Us => "us".to_owned(),
        };
        let rungs = COLUMNS.map(|(_, steps)| cell(ladder, steps, zone));
        [ladder.label.clone(), author].into_iter().chain(rungs).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = ladders.iter().map(row).collect();
    let names = ["document", "by"].into_iter().chain(COLUMNS.map(|(name, _)| name));
    let used = |column: usize| rows.iter().any(|row| !row[column].is_empty());
    let columns: Vec<(usize, &str)> = names.enumerate().filter(|(column, _)| used(*column)).collect();
    let heading: Vec<(&str, Align)> = columns.iter().map(|(_, name)| (*name, Align::Left)).collect();
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| columns.iter().map(|(column, _)| row[*column].clone()).collect()).collect();
    let text = table(&heading, &rows);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let rest = rest.lines().map(|line| if is_trouble(line) { paint.red(line) } else { line.to_owned() });
    std::iter::once(paint.bold(first)).chain(rest).map(|line| format!("{line}\n")).collect()
}

fn is_trouble(line: &str) -> bool {
    ["OVERDUE", "REJECTED", "PARKED"].iter().any(|word| line.contains(word))
}

/// The worst of the rungs in one column: a document may be handed to several systems.
fn cell(ladder: &Ladder, steps: &[Step], zone: &TimeZone) -> String {
    let rungs = ladder.rungs.iter().filter(|rung| steps.contains(&rung.step));
    rungs.max_by_key(|rung| gravity(rung.standing)).map(|rung| word(rung, zone)).unwrap_or_default()
}

fn gravity(standing: Standing) -> u8 {
    match standing {
        Standing::NotExpected => 0,
        Standing::Done => 1,
        Standing::Late => 2,
        Standing::Waived => 3,
        Standing::Waiting => 4,
        Standing::Overdue => 5,
        Standing::Failed => 6,
    }
}

fn word(rung: &Rung, zone: &TimeZone) -> String {
    let time = |at| zone.to_datetime(at).strftime("%b %d %H:%M").to_string();
    let at = rung.at.map(time).unwrap_or_default();
    match rung.standing {
        Standing::Done if rung.step == Step::Answered => rung.detail.clone().unwrap_or(at),
        Standing::Done => at,
        Standing::Late => format!("late {at}"),
        Standing::Waiting => rung.due.map_or_else(|| "waits".to_owned(), |due| format!("due {}", time(due))),
        Standing::Overdue => "OVERDUE".to_owned(),
        Standing::Failed if matches!(rung.step, Step::Sent | Step::HandedOn) => "PARKED".to_owned(),
        Standing::Failed => "REJECTED".to_owned(),
        Standing::Waived => "waived".to_owned(),
        Standing::NotExpected => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::ledger::Id;

    fn ladder(label: &str, from: Author, rungs: &[(Step, Standing)]) -> Ladder {
        let at: Timestamp = "2026-03-03T15:15:00Z".parse().unwrap();
        let rung = |(step, standing): &(Step, Standing)| Rung {
            step: *step,
            standing: *standing,
            at: matches!(standing, Standing::Done | Standing::Late).then_some(at),
            due: matches!(standing, Standing::Waiting | Standing::Overdue).then_some(at),
            detail: (*step == Step::Answered).then(|| "855 PO1".to_owned()),
        };
        let rungs = rungs.iter().map(rung).collect();
        Ladder { document: Id("1".to_owned()), label: label.to_owned(), partner: "mega".to_owned(), from, rungs }
    }

    #[test]
    fn each_rung_is_a_word_and_what_nobody_uses_has_no_column() {
        let theirs = ladder(
            "850 PO1",
            Author::Partner,
            &[
                (Step::Received, Standing::Done),
                (Step::Mdn, Standing::NotExpected),
                (Step::Functional, Standing::Late),
                (Step::HandedOn, Standing::Done),
                (Step::HandedOn, Standing::Failed),
                (Step::Answered, Standing::Done),
            ],
        );
        let ours = ladder(
            "856 SHP1",
            Author::Us,
            &[
                (Step::Built, Standing::Done),
                (Step::Sent, Standing::Done),
                (Step::Functional, Standing::Overdue),
                (Step::Application, Standing::Waiting),
                (Step::Answered, Standing::NotExpected),
            ],
        );
        insta::assert_snapshot!(ladder_table(&[theirs, ours], &TimeZone::UTC, Paint::plain()), @"
        document  by    in or out     997                824               handed on  answered
        850 PO1   mega  Mar 03 15:15  late Mar 03 15:15                    PARKED     855 PO1
        856 SHP1  us    Mar 03 15:15  OVERDUE            due Mar 03 15:15
        ");
    }
}
