//! Everything that a gateway leaves behind, in a form that two lives can be compared by.
//!
//! Files are compared by name and byte, rows by every column. What may differ between two lives of the same gateway,
//! and why, is all said here:
//!
//! - ids are drawn anew in each life; each is replaced by its place in the order of all ids, which is the order in which
//!   they were drawn;
//! - the journal's hashes and a delivery's key are hashes over such ids (`ledger verify` has proved the chain before);
//! - files go to two partners side by side, so neighbouring lines of the journal about deliveries stand in any order;
//! - what a daemon tells of troubles of its machine is known to that process alone, so that one which crashed may not have
//!   told it; those lines are left out of the journal, their failures with them, and the others numbered as if they had never been
//!   there;
//! - an attempt at a folder that is away counts as failed, unless its daemon has just started and does not know what an earlier
//!   life left there: then it counts as unclear. So such attempts are left out, and the others numbered as if they had never been;
//! - the home's path differs, and stands in receipts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use edigate::ledger::engine::Value;

use crate::house::House;

/// Columns that are hashes over ids.
const HASHES_OVER_IDS: [&str; 4] = ["event.hash", "event.previous", "event_head.hash", "delivery.idempotency"];

/// Who is at work on what, not what was done.
const WHO_IS_AT_WORK: [&str; 3] = ["node", "lease", "clock_reader"];
const COLUMNS_OF_WHO_IS_AT_WORK: [&str; 2] = ["leased_by", "leased_until"];

/// The events of troubles.
const TOLD_OF_TROUBLES: [&str; 2] = ["fault", "recovered"];

/// Files that tell of processes: their log, lock and trace; the database is compared row by row.
const OF_PROCESSES: [&str; 6] = ["node-id", "edigate.sock", "daemon.log", "edigate.lock", "trace.", "ledger.db"];

/// Files by name, and rows by table, as lines of text.
pub type Snapshot = BTreeMap<String, Vec<String>>;

type Cells = Vec<(String, Value)>;

pub fn take(house: &House) -> Snapshot {
    let mut snapshot = Snapshot::new();
    files(&house.path(""), &house.path(""), &mut snapshot);
    let tables = tables(house);
    let home = house.path("").display().to_string();
    let ids = ids(tables.values().flatten().flatten().map(|(_, value)| value));
    for (table, rows) in tables {
        let mut lines: Vec<String> =
            rows.iter().map(|row| line(&table, row, &ids, home.trim_end_matches('/'))).collect();
        match table.as_str() {
            "event" => sort_runs_of_deliveries(&mut lines),
            _ => lines.sort(),
        }
        snapshot.insert(format!("table {table}"), lines);
    }
    snapshot
}

/// What differs, one line each: what was expected and what was found.
pub fn differences(expected: &Snapshot, found: &Snapshot) -> Vec<String> {
    let names: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let mut differences = Vec::new();
    for name in names {
        match (expected.get(name), found.get(name)) {
            (Some(_), None) => differences.push(format!("{name} is missing")),
            (None, Some(_)) => differences.push(format!("{name} should not be there")),
            (Some(expected), Some(found)) => {
                let missing =
                    expected.iter().filter(|line| !found.contains(line)).map(|line| format!("{name} - {line}"));
                let added = found.iter().filter(|line| !expected.contains(line)).map(|line| format!("{name} + {line}"));
                let before = differences.len();
                differences.extend(missing.chain(added));
                if differences.len() == before && expected != found {
                    differences.push(format!("{name}: the same lines in another order or number"));
                }
            }
            (None, None) => {}
        }
    }
    differences
}

fn files(directory: &Path, home: &Path, snapshot: &mut Snapshot) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(home).unwrap().display().to_string();
        if OF_PROCESSES.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        if path.is_dir() {
            snapshot.insert(format!("directory {name}"), Vec::new());
            files(&path, home, snapshot);
        } else {
            let mut text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            if name == "gateway.toml" {
                // On a server each house has a schema of its own.
                text = text.lines().filter(|line| !line.starts_with("ledger = ")).collect::<Vec<_>>().join("\n");
            }
            snapshot.insert(format!("file {name}"), vec![text]);
        }
    }
}

/// Every row of every table, the journal in its order.
fn tables(house: &House) -> BTreeMap<String, Vec<Cells>> {
    let mut tables = BTreeMap::new();
    for name in house.tables().into_iter().filter(|name| !WHO_IS_AT_WORK.contains(&name.as_str())) {
        let table = house.table(&name, if name == "event" { "ORDER BY partner, sequence" } else { "" });
        let cells = |row: Vec<Value>| {
            let cells = table.columns.iter().cloned().zip(row);
            cells.filter(|(column, _)| !COLUMNS_OF_WHO_IS_AT_WORK.contains(&column.as_str())).collect()
        };
        let mut rows: Vec<Cells> = table.rows.into_iter().map(cells).collect();
        // How often the ledger was asked whether it takes a row is no business of its partners.
        let probe = ("counter".to_owned(), Value::Text("probe".to_owned()));
        rows.retain(|row| name != "number" || !row.contains(&probe));
        tables.insert(name, rows);
    }
    leave_out_troubles(&mut tables);
    leave_out_attempts_at_what_was_away(&mut tables);
    // Each daemon that starts proves that a row can be kept.
    tables.get_mut("number").expect("there are counters").retain(|row| cell(row, "counter") != "probe");
    tables
}

fn cell<'r>(row: &'r Cells, name: &str) -> &'r str {
    match row.iter().find(|(column, _)| column == name) {
        Some((_, Value::Text(text))) => text,
        other => panic!("no text in {name}: {other:?}"),
    }
}

fn renumber(row: &mut Cells, number: i64) {
    let sequence = row.iter_mut().find(|(column, _)| column == "sequence");
    sequence.expect("events are numbered").1 = Value::Int(number);
}

fn count<'r>(row: &'r mut Cells, name: &str) -> &'r mut i64 {
    match row.iter_mut().find(|(column, _)| column == name) {
        Some((_, Value::Int(number))) => number,
        other => panic!("no number in {name}: {other:?}"),
    }
}

fn leave_out_attempts_at_what_was_away(tables: &mut BTreeMap<String, Vec<Cells>>) {
    let mut left_out = BTreeMap::<String, i64>::new();
    let attempts = tables.get_mut("attempt").expect("there are attempts");
    // In their order, so that those behind one that is left out move up.
    attempts.sort_by_key(|row| (cell(row, "delivery").to_owned(), *count(&mut row.clone(), "number")));
    attempts.retain_mut(|row| {
        let of_delivery = left_out.entry(cell(row, "delivery").to_owned()).or_default();
        if cell(row, "outcome") == "failed" && cell(row, "detail").ends_with(" does not exist") {
            *of_delivery += 1;
            return false;
        }
        *count(row, "number") -= *of_delivery;
        true
    });
    // The folder is taken away once, and its daemon tries once before it is at rest.
    assert!(left_out.values().sum::<i64>() <= 1, "{left_out:?}");
    for row in tables.get_mut("delivery").expect("there are deliveries") {
        let fewer = left_out.get(cell(row, "id")).copied().unwrap_or(0);
        *count(row, "attempts") -= fewer;
        *count(row, "unclear") = 0;
    }
}

fn leave_out_troubles(tables: &mut BTreeMap<String, Vec<Cells>>) {
    let mut numbers = BTreeMap::<String, i64>::new();
    let mut renumbered = BTreeMap::<(String, i64), i64>::new();
    if let Some(events) = tables.get_mut("event") {
        events.retain(|row| !TOLD_OF_TROUBLES.contains(&cell(row, "kind")));
        for row in events {
            let partner = cell(row, "partner").to_owned();
            let number = numbers.entry(partner.clone()).or_default();
            *number += 1;
            renumbered.insert((partner, *count(row, "sequence")), *number);
            renumber(row, *number);
        }
    }
    // A failure goes by the line that tells it; so does what settled it.
    if let Some(failures) = tables.get_mut("failure") {
        failures.retain(|row| !TOLD_OF_TROUBLES.contains(&cell(row, "kind")));
        for row in failures {
            let partner = cell(row, "partner").to_owned();
            for column in ["sequence", "settled_by"] {
                let cell = row.iter_mut().find(|(name, _)| name == column);
                if let Some((_, Value::Int(number))) = cell {
                    *number = renumbered.get(&(partner.clone(), *number)).copied().unwrap_or_default();
                }
            }
        }
    }
    // A journal of nothing but troubles is none.
    if let Some(heads) = tables.get_mut("event_head") {
        heads.retain(|row| numbers.contains_key(cell(row, "partner")));
        for row in heads {
            renumber(row, numbers[cell(row, "partner")]);
        }
    }
}

/// The ids in any text, with and without dashes, each with its place in the order of all.
fn ids<'v>(values: impl Iterator<Item = &'v Value>) -> BTreeMap<String, usize> {
    let mut found = BTreeSet::new();
    for value in values {
        if let Value::Text(text) = value {
            found.extend(ids_in(text).into_iter().map(|id| (id.replace('-', ""), id)));
        }
    }
    let mut places = BTreeMap::new();
    let mut place = 0;
    let mut last = String::new();
    for (bare, id) in found {
        if bare != last {
            place += 1;
            last = bare;
        }
        places.insert(id, place);
    }
    places
}

fn ids_in(text: &str) -> Vec<String> {
    // A version 7 UUID: as rows carry it, or bare at the start of a claim's name.
    let is_dashed = |candidate: &str| {
        candidate.char_indices().all(|(index, c)| match index {
            8 | 13 | 18 | 23 => c == '-',
            14 => c == '7',
            _ => c.is_ascii_hexdigit(),
        })
    };
    let is_bare =
        |candidate: &str| candidate.chars().all(|c| c.is_ascii_hexdigit()) && candidate.as_bytes()[12] == b'7';
    let mut found = Vec::new();
    for start in text.char_indices().map(|(index, _)| index) {
        if let Some(candidate) = text.get(start..start + 36).filter(|candidate| is_dashed(candidate)) {
            found.push(candidate.to_owned());
        }
    }
    if let Some(candidate) = text.get(..32).filter(|candidate| text[32..].starts_with('-') && is_bare(candidate)) {
        found.push(candidate.to_owned());
    }
    found
}

fn line(table: &str, row: &Cells, ids: &BTreeMap<String, usize>, home: &str) -> String {
    let cells = row.iter().map(|(column, value)| {
        let name = format!("{table}.{column}");
        let text = match value {
            _ if HASHES_OVER_IDS.contains(&name.as_str()) => "a hash over ids".to_owned(),
            Value::Null => "null".to_owned(),
            Value::Int(number) => number.to_string(),
            Value::Text(text) => normalised(text, ids, home),
            Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        };
        format!("{column}={text}")
    });
    cells.collect::<Vec<_>>().join(" ")
}

fn normalised(text: &str, ids: &BTreeMap<String, usize>, home: &str) -> String {
    let mut text = text.replace(home, "HOME");
    for id in ids_in(&text) {
        text = text.replace(&id, &format!("id {:05}", ids[&id]));
    }
    text
}

/// The lines keep their numbers; what they say is put in order among neighbours that tell of deliveries.
fn sort_runs_of_deliveries(lines: &mut [String]) {
    // Whether a folder takes files is told beside what was or was not left in it.
    let kinds = [" kind=delivered ", " kind=delivery_failed ", " kind=fault ", " kind=recovered "];
    let is_delivery = |line: &String| kinds.iter().any(|kind| line.contains(kind));
    let split = |line: &String| {
        let (head, tail) = line.split_at(line.find(" at=").unwrap());
        (head.to_owned(), tail.to_owned())
    };
    for run in lines.chunk_by_mut(|a, b| is_delivery(a) && is_delivery(b)) {
        let (heads, mut tails): (Vec<String>, Vec<String>) = run.iter().map(split).unzip();
        tails.sort();
        for ((line, head), tail) in run.iter_mut().zip(heads).zip(tails) {
            *line = head + &tail;
        }
    }
}
