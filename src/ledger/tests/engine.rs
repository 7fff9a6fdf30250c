//! Statements, transactions, threads, opening.

use std::sync::mpsc;
use std::thread;

use super::{Books, at};
use crate::ledger::engine::{Value, open_for_writing};
use crate::ledger::{Error, Ledger, schema};

#[test]
fn parameters_are_found_by_number_and_not_by_order() {
    let books = Books::new();
    let values: Vec<Value> = (1..=11).map(|number: i64| number.into()).collect();
    let row = books.read(|tx| Ok(tx.query_one("SELECT $2, $1, $11, $2, $10", &values[..])?.unwrap()));
    assert_eq!(row.values(), [2_i64, 1, 11, 2, 10].map(Value::from));
}

#[test]
fn every_kind_of_value_comes_back_as_it_went_in() {
    let values = [
        Value::Null,
        Value::Int(i64::MIN),
        Value::Text("Zoë ~*\u{0} $1 ?1".to_owned()),
        Value::Text(String::new()),
        Value::Bytes(vec![0, 255, 7]),
        Value::Bytes(Vec::new()),
        at(3).into(),
        true.into(),
        Some(7_u32).into(),
        None::<i64>.into(),
    ];
    let sql = "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10";
    let row = Books::new().read(|tx| Ok(tx.query_one(sql, &values)?.unwrap()));
    assert_eq!(row.values(), values);
    assert_eq!(row.time(6).unwrap(), at(3));
    assert_eq!(row.optional_time(0).unwrap(), None);
}

#[test]
fn a_column_of_another_type_is_an_error_that_says_which() {
    let row = Books::new().read(|tx| Ok(tx.query_one("SELECT 'x', NULL", &[])?.unwrap()));
    let told = row.int(0).unwrap_err().to_string();
    assert_eq!(told, "the ledger holds something unreadable: column 0: expected a number, found Text(\"x\")");
    assert!(row.text(1).is_err() && row.bytes(0).is_err() && row.id(1).is_err());
}

/// Holds the writer at work until told, so that what is written meanwhile shares the next commit.
fn busy(ledger: &Ledger) -> (mpsc::Sender<()>, thread::JoinHandle<()>) {
    let (go, wait) = mpsc::channel::<()>();
    let (started, has_started) = mpsc::channel();
    let ledger = ledger.clone();
    let holder = thread::spawn(move || {
        let held = ledger.write(move |_| {
            started.send(()).unwrap();
            let _ = wait.recv();
            Ok(())
        });
        held.unwrap();
    });
    has_started.recv().unwrap();
    (go, holder)
}

/// Three writes of one serial each in one group, the middle one ending as told.
fn with_a_bad_neighbour(ends: fn() -> Result<u64, Error>) -> (Vec<Result<u64, Error>>, i64) {
    let books = Books::new();
    let (go, holder) = busy(&books.ledger);
    let mut threads = Vec::new();
    for number in 0..3 {
        let ledger = books.ledger.clone();
        threads.push(thread::spawn(move || {
            ledger.write(move |tx| {
                let serial = tx.next_serial(&format!("counter {number}"))?;
                if number == 1 { ends() } else { Ok(serial) }
            })
        }));
    }
    drop(go);
    holder.join().unwrap();
    let outcomes = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    // The ledger goes on, whatever happened.
    assert_eq!(books.write(|tx| tx.next_serial("after")), 1);
    let kept = books.count("SELECT COUNT(*) FROM number WHERE counter <> 'after'");
    (outcomes, kept)
}

#[test]
fn a_write_that_fails_undoes_itself_and_not_its_neighbours() {
    let (outcomes, kept) = with_a_bad_neighbour(|| Err(Error::Unexpected("no".to_owned())));
    assert!(matches!(&outcomes[..], [Ok(1), Err(Error::Unexpected(_)), Ok(1)]), "{outcomes:?}");
    assert_eq!(kept, 2);
}

#[test]
fn a_write_that_panics_says_so_undoes_itself_and_the_ledger_goes_on() {
    let (outcomes, kept) = with_a_bad_neighbour(|| panic!("a test's fault"));
    assert!(matches!(&outcomes[..], [Ok(1), Err(Error::Panicked), Ok(1)]), "{outcomes:?}");
    assert_eq!(kept, 2);
}

#[test]
fn when_the_database_undoes_the_whole_group_nobody_is_told_otherwise() {
    let books = Books::new();
    // What SQLite does by itself on a full disk.
    let undone = books.ledger.write(|tx| {
        tx.next_serial("lost")?;
        tx.execute("ROLLBACK", &[])?;
        Ok(())
    });
    assert!(undone.is_err());
    assert_eq!(books.write(|tx| tx.next_serial("kept")), 1);
    assert_eq!(books.texts("SELECT counter FROM number"), ["kept"]);
}

#[test]
fn many_threads_writing_at_once_lose_nothing() {
    let books = Books::new();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    books.write(|tx| tx.next_serial("shared"));
                }
            });
        }
    });
    assert_eq!(books.reopened().count("SELECT value FROM number"), 400);
}

#[test]
fn what_was_written_is_there_after_opening_again() {
    let books = Books::new();
    books.write(|tx| tx.next_serial("serial"));
    assert_eq!(books.reopened().count("SELECT value FROM number"), 1);
}

#[test]
fn a_returned_write_is_seen_by_another_process_at_once() {
    let books = Books::new();
    books.write(|tx| tx.next_serial("serial"));
    let other = rusqlite::Connection::open(books.path()).unwrap();
    let seen: i64 = other.query_row("SELECT value FROM number", [], |row| row.get(0)).unwrap();
    assert_eq!(seen, 1);
}

#[test]
fn a_reader_sees_one_moment_however_much_is_written_meanwhile() {
    let books = Books::new();
    books.write(|tx| tx.next_serial("serial"));
    let sql = "SELECT value FROM number";
    let (before, after) = books.read(|tx| {
        let before = tx.query_one(sql, &[])?.unwrap().int(0)?;
        books.write(|tx| tx.next_serial("serial"));
        Ok((before, tx.query_one(sql, &[])?.unwrap().int(0)?))
    });
    assert_eq!((before, after), (1, 1));
    assert_eq!(books.count(sql), 2);
}

#[test]
fn reading_cannot_write() {
    let books = Books::new();
    assert!(books.ledger.read(|tx| tx.next_serial("serial")).is_err());
    assert_eq!(books.count("SELECT COUNT(*) FROM number"), 0);
}

#[test]
fn a_ledger_of_a_newer_build_is_refused_and_left_as_it_is() {
    let books = Books::new();
    books.tamper("UPDATE schema_version SET version = 99");
    let error = Ledger::open(&books.path(), books.home.path()).unwrap_err();
    let known = books.path();
    let expect = format!(
        "the ledger {} has schema version 99, this build knows 2: use the newer edigate that wrote it",
        known.display()
    );
    assert_eq!(error.to_string(), expect);
    assert_eq!(books.count("SELECT version FROM schema_version"), 99);
}

#[test]
fn two_that_open_the_same_new_ledger_at_once_both_find_it_whole() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("ledger.db");
    let connections = [open_for_writing(&path).unwrap(), open_for_writing(&path).unwrap()];
    let threads = connections.map(|connection| {
        let path = path.clone();
        thread::spawn(move || schema::migrate(&connection, &path))
    });
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
}

#[test]
fn a_ledger_that_is_open_twice_takes_writes_from_both() {
    let books = Books::new();
    let other = Ledger::open(&books.path(), books.home.path()).unwrap();
    for _ in 0..20 {
        books.write(|tx| tx.next_serial("serial"));
        other.write(|tx| tx.next_serial("serial")).unwrap();
    }
    assert_eq!(books.count("SELECT value FROM number"), 40);
}

#[test]
fn a_file_that_is_no_ledger_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("ledger.db");
    std::fs::write(&path, "ISA*00*".repeat(200)).unwrap();
    let told = Ledger::open(&path, home.path()).unwrap_err().to_string();
    assert!(told.starts_with("cannot open the ledger "), "{told}");
}
