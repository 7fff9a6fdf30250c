//! Evidence: what was exchanged with one partner, as files that a third party can check without us.
//!
//! ```text
//! DIR/transmissions/20260303T091502Z_in_850_101.edi   the bytes as they came in or went out
//! DIR/transmissions.csv                               all of them, the pruned ones too, with their sha256
//! DIR/journal.jsonl                                   the partner's events with their chain of hashes
//! DIR/documents.csv, deliveries.csv, acknowledgments.csv
//! DIR/README.txt, DIR/SHA256SUMS                      how to check all of it
//! ```
//!
//! Nothing in it depends on when or where it is made: the same ledger and the same span give the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::content::{hex, refused};
use super::engine::{Row, Value};
use super::{Error, Ledger, Transaction, event};

/// Whose evidence, from when to when.
#[derive(Debug, Clone)]
pub struct Span {
    /// With whom.
    pub partner: String,
    /// From this time on.
    pub since: Timestamp,
    /// Before this time.
    pub until: Timestamp,
}

/// What the package has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Files that came in or went out, with their bytes.
    pub transmissions: u64,
    /// Files whose bytes were pruned.
    pub pruned: u64,
    /// Files whose bytes are damaged or missing.
    pub damaged: u64,
    /// Events of the journal.
    pub events: u64,
}

/// A directory being filled, and the hash of each file in it.
struct Package<'d> {
    directory: &'d Path,
    sums: BTreeMap<String, String>,
}

/// How many rows are in memory at a time.
const CHUNK: i64 = 1000;

/// Writes the package into a directory that is empty or not there yet.
pub fn export(ledger: &Ledger, span: &Span, directory: &Path) -> Result<Exported, Error> {
    let is_empty = fs::read_dir(directory).map(|mut entries| entries.next().is_none()).unwrap_or(true);
    if !is_empty {
        return Err(Error::Store(format!("{} is not empty; evidence stands alone", directory.display())));
    }
    let bytes = directory.join("transmissions");
    fs::create_dir_all(&bytes).map_err(refused("create", &bytes))?;
    let mut package = Package { directory, sums: BTreeMap::new() };
    // One view for all of it: the tables say the same as the journal.
    let exported = ledger.read(|tx| {
        let mut exported = Exported::default();
        package.transmissions(tx, span, &mut exported)?;
        let chain = package.journal(tx, span, &mut exported)?;
        package.table(tx, span, "documents.csv", &DOCUMENTS)?;
        package.table(tx, span, "deliveries.csv", &DELIVERIES)?;
        package.table(tx, span, "acknowledgments.csv", &ACKNOWLEDGMENTS)?;
        package.write("README.txt", readme(span, &chain).as_bytes())?;
        Ok(exported)
    })?;
    let list: String = package.sums.iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect();
    package.write("SHA256SUMS", list.as_bytes())?;
    Ok(exported)
}

/// A table of the package: its query, its columns, and which of them are times.
struct Table {
    /// Takes `$1` partner, `$2` since, `$3` until.
    sql: &'static str,
    columns: &'static [&'static str],
    times: &'static [usize],
}

const DOCUMENTS: Table = Table {
    sql: "SELECT document.at, document.kind, document.number, document.revision, document.source, document.test,
                 transmission.name, transmission.sha256, document.transmission, document.id
          FROM document JOIN transmission ON transmission.id = document.transmission
          WHERE document.partner = $1 AND document.at >= $2 AND document.at < $3 ORDER BY document.at, document.id",
    columns: &["at", "kind", "number", "revision", "source", "test", "file", "sha256", "transmission", "document"],
    times: &[0],
};

const DELIVERIES: Table = Table {
    sql: "SELECT delivery.created, delivery.label, delivery.endpoint, delivery.name, delivery.state, delivery.attempts,
                 delivery.sent, delivery.receipt, delivery.last_error, transmission.sha256, delivery.transmission, delivery.id
          FROM delivery JOIN transmission ON transmission.id = delivery.transmission
          WHERE delivery.partner = $1 AND delivery.created >= $2 AND delivery.created < $3
          ORDER BY delivery.created, delivery.id",
    columns: &[
        "created", "label", "endpoint", "file", "state", "attempts", "sent", "receipt", "last_error", "sha256", "transmission",
        "delivery",
    ],
    times: &[0, 6],
};

const ACKNOWLEDGMENTS: Table = Table {
    sql: "SELECT expectation.opened, expectation.what, expectation.owed_by, expectation.label, expectation.interchange_number,
                 expectation.functional_id, expectation.group_number, expectation.set_id, expectation.set_number,
                 delivery.sent, expectation.due, expectation.closed, expectation.state, expectation.detail, expectation.delivery
          FROM expectation JOIN delivery ON delivery.id = expectation.delivery
          WHERE expectation.partner = $1 AND expectation.opened >= $2 AND expectation.opened < $3
          ORDER BY expectation.opened, expectation.id",
    columns: &[
        "opened", "what", "owed_by", "label", "interchange_control_number", "functional_id", "group_control_number", "set_id",
        "set_control_number", "sent", "due", "closed", "state", "detail", "delivery",
    ],
    times: &[0, 9, 10, 11],
};

impl Package<'_> {
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.directory.join(name);
        fs::write(&path, bytes).map_err(refused("write", &path))?;
        self.sums.insert(name.to_owned(), hex(&openssl::sha::sha256(bytes)));
        Ok(())
    }

    fn transmissions(&mut self, tx: &mut Transaction<'_>, span: &Span, exported: &mut Exported) -> Result<(), Error> {
        let columns =
            ["at", "direction", "endpoint", "name", "size", "sha256", "state", "file", "bytes", "transmission"];
        let mut lines = vec![columns.map(str::to_owned).to_vec()];
        let mut taken = BTreeSet::new();
        let sql = "SELECT at, direction, endpoint, name, size, sha256, state, id FROM transmission
                   WHERE partner = $1 AND at >= $2 AND at < $3 ORDER BY at, id";
        for row in tx.query(sql, &span.values())? {
            let sha256 = row.text(5)?;
            let readable = readable_name(&row, &mut taken)?;
            let name = format!("transmissions/{readable}");
            let stands = self.bytes(tx, &name, &sha256, exported)?;
            let file = if stands == "here" { name } else { String::new() };
            lines.push(vec![
                row.time(0)?.to_string(),
                row.text(1)?,
                row.text(2)?,
                row.text(3)?,
                row.int(4)?.to_string(),
                sha256,
                row.text(6)?,
                file,
                stands,
                row.text(7)?,
            ]);
        }
        self.write("transmissions.csv", &as_csv(&lines)?)
    }

    /// Writes the bytes of one transmission; says what became of them.
    fn bytes(
        &mut self,
        tx: &mut Transaction<'_>,
        name: &str,
        sha256: &str,
        exported: &mut Exported,
    ) -> Result<String, Error> {
        let path = self.directory.join(name);
        let mut source = match tx.open_content(sha256) {
            Ok(source) => source,
            Err(Error::Pruned { at, .. }) => {
                exported.pruned += 1;
                return Ok(format!("pruned on {}", at.strftime("%Y-%m-%d")));
            }
            Err(Error::Damaged { detail, .. }) => {
                exported.damaged += 1;
                return Ok(format!("damaged: {detail}"));
            }
            Err(other) => return Err(other),
        };
        let mut file = File::create(&path).map_err(refused("write", &path))?;
        match io::copy(&mut source, &mut file).and_then(|_| file.flush()) {
            Ok(()) => {
                exported.transmissions += 1;
                self.sums.insert(name.to_owned(), sha256.to_owned());
                Ok("here".to_owned())
            }
            Err(error) if error.kind() == io::ErrorKind::StorageFull => Err(refused("write", &path)(error)),
            Err(error) => {
                fs::remove_file(&path).map_err(refused("remove", &path))?;
                exported.damaged += 1;
                Ok(format!("damaged: {error}"))
            }
        }
    }

    /// Writes the events, without a gap from the first to the last of the span; says where the chain begins and ends.
    fn journal(&mut self, tx: &mut Transaction<'_>, span: &Span, exported: &mut Exported) -> Result<Chain, Error> {
        let sql = "SELECT MIN(sequence), MAX(sequence) FROM event WHERE partner = $1 AND at >= $2 AND at < $3";
        let ends = tx.query_one(sql, &span.values())?;
        let first = ends.as_ref().map(|row| row.optional_int(0)).transpose()?.flatten().unwrap_or(1);
        let last = ends.as_ref().map(|row| row.optional_int(1)).transpose()?.flatten().unwrap_or(0);
        let path = self.directory.join("journal.jsonl");
        let mut file = io::BufWriter::new(File::create(&path).map_err(refused("write", &path))?);
        let mut hash = openssl::sha::Sha256::new();
        let sql = format!(
            "SELECT {} FROM event WHERE partner = $1 AND sequence > $2 AND sequence <= $3 ORDER BY sequence LIMIT $4",
            event::COLUMNS
        );
        let mut done = first - 1;
        while done < last {
            let values = [span.partner.as_str().into(), done.into(), last.into(), CHUNK.into()];
            let rows = tx.query(&sql, &values)?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let line = format!("{}\n", journal_line(row)?);
                hash.update(line.as_bytes());
                file.write_all(line.as_bytes()).map_err(refused("write", &path))?;
                exported.events += 1;
                done = row.int(1)?;
            }
        }
        file.flush().map_err(refused("write", &path))?;
        self.sums.insert("journal.jsonl".to_owned(), hex(&hash.finish()));
        let head = "SELECT sequence, hash FROM event_head WHERE partner = $1";
        let head = tx.query_one(head, &[span.partner.as_str().into()])?;
        let head = head.map(|row| Ok::<_, Error>((row.int(0)?, row.text(1)?))).transpose()?;
        Ok(Chain { first, last, head: head.unwrap_or_default() })
    }

    fn table(&mut self, tx: &mut Transaction<'_>, span: &Span, name: &str, table: &Table) -> Result<(), Error> {
        let mut lines = vec![table.columns.iter().map(|column| (*column).to_owned()).collect::<Vec<_>>()];
        for row in tx.query(table.sql, &span.values())? {
            let mut line = Vec::with_capacity(table.columns.len());
            for (column, value) in row.values().iter().enumerate() {
                line.push(match value {
                    Value::Int(_) if table.times.contains(&column) => row.time(column)?.to_string(),
                    Value::Int(number) => number.to_string(),
                    Value::Text(text) => text.clone(),
                    Value::Null | Value::Bytes(_) => String::new(),
                });
            }
            lines.push(line);
        }
        self.write(name, &as_csv(&lines)?)
    }
}

impl Span {
    fn values(&self) -> [Value; 3] {
        [self.partner.as_str().into(), self.since.into(), self.until.into()]
    }
}

/// Where the exported part of a chain begins and ends, and where the chain itself ends.
struct Chain {
    first: i64,
    last: i64,
    head: (i64, String),
}

/// Time, direction and name, of characters that no system minds; the second of the same name gets a number.
fn readable_name(row: &Row, taken: &mut BTreeSet<String>) -> Result<String, Error> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' };
    let name: String = row.text(3)?.chars().take(100).map(plain).collect();
    let whole = format!("{}_{}_{name}", row.time(0)?.strftime("%Y%m%dT%H%M%SZ"), row.text(1)?);
    let mut candidate = whole.clone();
    let mut number = 1;
    // Some systems know no capitals.
    while !taken.insert(candidate.to_ascii_lowercase()) {
        number += 1;
        candidate = format!("{number}_{whole}");
    }
    Ok(candidate)
}

/// One event with everything that its hash is made of, exactly as it is hashed: the time in microseconds, the particulars
/// as text.
pub(super) fn journal_line(row: &Row) -> Result<serde_json::Value, Error> {
    Ok(json!({
        "partner": row.text(0)?,
        "sequence": row.int(1)?,
        "at": row.int(2)?,
        "kind": row.text(3)?,
        "transmission": row.optional_text(4)?,
        "document": row.optional_text(5)?,
        "delivery": row.optional_text(6)?,
        "po_number": row.optional_text(7)?,
        "text": row.text(8)?,
        "data": row.text(9)?,
        "previous": row.text(10)?,
        "hash": row.text(11)?,
    }))
}

fn as_csv(lines: &[Vec<String>]) -> Result<Vec<u8>, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let unwritable = |error: csv::Error| Error::Unexpected(error.to_string());
    for line in lines {
        writer.write_record(line).map_err(unwritable)?;
    }
    writer.into_inner().map_err(|error| Error::Unexpected(error.to_string()))
}

fn readme(span: &Span, chain: &Chain) -> String {
    let is_open = |time: Timestamp| time == Timestamp::MIN || time == Timestamp::MAX;
    let time = |time: Timestamp, none: &str| if is_open(time) { none.to_owned() } else { time.to_string() };
    let partner = &span.partner;
    let (since, until) = (time(span.since, "the beginning"), time(span.until, "the end"));
    let (first, last) = (chain.first, chain.last);
    let (head, head_hash) = &chain.head;
    format!(
        "\
What was exchanged with {partner}, from {since} until {until} (times in UTC, the end not included)

  transmissions/        every file that came in or went out, byte for byte; its name begins with the time and the direction
  transmissions.csv     all of them with their sha256; `bytes` says here, pruned (removed when its retention was over) or damaged
  documents.csv         the business documents, each with the file that brought it
  deliveries.csv        what was sent, and the receipt
  acknowledgments.csv   what was expected in answer, by whom, when it was due, and how it ended
  journal.jsonl         what happened, one event per line, each bound to the one before it by a hash
  SHA256SUMS            the sha256 of every other file here

1. No file was changed

       sha256sum -c SHA256SUMS

   The sha256 of a file below transmissions/ is the one that transmissions.csv has for it; the journal's event of kind
   `received` names the sha256 of what came in in its data.

2. No event was changed, left out or put in

   Compute the hash of every line of journal.jsonl anew. It is the sha256, in lower-case hexadecimal digits, of these eleven
   fields, in this order:

       previous, partner, sequence, at, kind, transmission, document, delivery, po_number, text, data

   `previous` is the hash of the event before, and the empty text for event 1. Each field is written as three things:

       one byte      t for a text, i for a number (sequence and at), - for null
       eight bytes   the length of what follows, as an unsigned number, the highest byte first
       the value     a text in UTF-8; a number in eight bytes, signed, the highest byte first (so its length is 8);
                     for null nothing (so its length is 0)

   `at` is in microseconds since 1970-01-01T00:00:00Z. `data` is a text: it is hashed as it stands in the string, after the
   JSON of the line itself was read. The result must be the line's `hash` and the next line's `previous`, and `sequence` must
   grow by one from line to line.

   This package has the events {first} to {last}. The journal of {partner} ended at event {head} when it was made, with the hash
   {head_hash}
   An earlier package, or a hash that was noted elsewhere, must agree with the event of the same sequence.
"
    )
}
