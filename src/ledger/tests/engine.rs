//! Statements, transactions, threads, opening.

use std::sync::mpsc;
use std::thread;

use super::{Books, at};
use crate::config::LedgerAddress;
use crate::ledger::engine::{Purpose, Session, Value};
use crate::ledger::{Error, Ledger, Transaction, schema};

#[test]
fn parameters_are_found_by_number_and_not_by_order() {
    let books = Books::new();
    let all: Vec<Value> = (1..=11).map(|number: i64| number.into()).collect();
    // The casts tell every engine the type of each.
    let number = |n: i64| format!("CAST(${n} AS BIGINT)");
    let rest: Vec<String> = (3..=10).map(number).collect();
    let sql = format!("SELECT {}, {}, {}, {}, {}", number(2), number(1), number(11), number(2), rest.join(" + "));
    let row = books.read(|tx| Ok(tx.query_one(&sql, &all)?.unwrap().values().to_vec()));
    assert_eq!(row, [2_i64, 1, 11, 2, 52].map(Value::from));
}

#[test]
fn every_kind_of_value_comes_back_as_it_went_in() {
    let texts = ["Zoë ~*$1 ?1 'x' \\ \r\n", "", "日本"];
    let books = Books::new();
    for text in texts {
        let row = books.read(|tx| Ok(tx.query_one("SELECT CAST($1 AS TEXT)", &[text.into()])?.unwrap()));
        assert_eq!(row.values(), [Value::Text(text.to_owned())]);
    }
    let numbers: [Value; 5] = [i64::MIN.into(), i64::MAX.into(), at(3).into(), true.into(), Some(7_u32).into()];
    for number in numbers {
        let sql = "SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT)";
        let values = [number, None::<i64>.into()];
        let row = books.read(|tx| Ok(tx.query_one(sql, &values)?.unwrap()));
        assert_eq!(row.values(), values);
        assert_eq!(row.optional_time(1).unwrap(), None);
    }
    for bytes in [vec![0, 255, 7], Vec::new()] {
        let values = [Value::from("name"), Value::Bytes(bytes)];
        let (sql, again) = ("INSERT INTO content (sha256, bytes) VALUES ($1, $2)", values.clone());
        books.write(move |tx| tx.execute(sql, &again));
        let row = books.read(|tx| Ok(tx.query_one("SELECT sha256, bytes FROM content", &[])?.unwrap()));
        assert_eq!(row.values(), values);
        books.write(|tx| tx.execute("DELETE FROM content", &[]));
    }
}

/// One of the two engines cannot hold it, so neither does: what is hashed is what is kept.
#[test]
fn a_nul_in_a_text_is_kept_as_its_picture() {
    assert_eq!(Value::from("a\0b"), Value::Text("a\u{2400}b".to_owned()));
}

#[test]
fn a_column_of_another_type_is_an_error_that_says_which() {
    let row = Books::new().read(|tx| Ok(tx.query_one("SELECT 'x', NULL", &[])?.unwrap()));
    let told = row.int(0).unwrap_err().to_string();
    assert_eq!(told, "the ledger holds something unreadable: column 0: expected a number, found Text(\"x\")");
    assert!(row.text(1).is_err() && row.bytes(0).is_err() && row.id(1).is_err());
}

/// Holds the writer at work until told, so that what is written meanwhile shares the next commit.
pub(super) fn busy(ledger: &Ledger) -> (mpsc::Sender<()>, thread::JoinHandle<()>) {
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
    // What SQLite does by itself on a full disk, and what a server does that goes down.
    let is_sqlite = books.is_sqlite();
    let undone = books.ledger.write(move |tx| {
        tx.next_serial("lost")?;
        match is_sqlite {
            true => tx.execute("ROLLBACK", &[])?,
            false => tx.execute("SELECT pg_terminate_backend(pg_backend_pid())", &[])?,
        };
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
    let mut other = Session::open(books.address(), Purpose::Reading).unwrap();
    assert_eq!(other.query("SELECT value FROM number", &[]).unwrap()[0].int(0).unwrap(), 1);
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
    let error = books.opened_again().unwrap_err();
    let expect = format!(
        "the ledger {} has schema version 99, this build knows {}: use the newer edigate that wrote it",
        books.address(),
        schema::NEWEST
    );
    assert_eq!(error.to_string(), expect);
    assert_eq!(books.count("SELECT version FROM schema_version"), 99);
}

#[test]
fn two_that_open_the_same_new_ledger_at_once_both_find_it_whole() {
    let books = Books::new();
    let tables = match books.address() {
        LedgerAddress::Sqlite(path) => {
            let address = LedgerAddress::Sqlite(path.with_extension("new"));
            [address.clone(), address]
        }
        LedgerAddress::Postgres(_) => {
            let address = super::a_schema_of_its_own(&std::env::var("EDIGATE_TEST_LEDGER").unwrap());
            [address.clone(), address]
        }
    };
    let threads = tables.map(|address| {
        thread::spawn(move || {
            let mut session = Session::open(&address, Purpose::Writing).unwrap();
            schema::migrate(&mut session, "new").unwrap();
            session.query("SELECT version FROM schema_version", &[]).unwrap()[0].int(0).unwrap()
        })
    });
    assert_eq!(threads.map(|thread| thread.join().unwrap()), [schema::NEWEST, schema::NEWEST]);
}

#[test]
fn a_ledger_that_is_open_twice_takes_writes_from_both() {
    let books = Books::new();
    let other = books.opened_again().unwrap();
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
    let told = Ledger::open(&LedgerAddress::Sqlite(path), home.path()).unwrap_err().to_string();
    assert!(told.starts_with("cannot open the ledger "), "{told}");
}

/// Puts a name that must be new.
fn put_new(tx: &mut Transaction<'_>, name: &str) -> Result<bool, Error> {
    let sql = "INSERT INTO sscc (code, partner, shipment) VALUES ($1, 'mega', 'SHP1') ON CONFLICT (code) DO NOTHING";
    tx.changes_a_row(sql, &[name.into()])
}

#[test]
fn work_in_hope_is_told_the_truth_in_the_end() {
    let books = Books::new();
    let put = |names: [&'static str; 3]| {
        let told = books.ledger.submit_hopefully(move |tx| {
            let mut new = Vec::new();
            for name in names {
                if put_new(tx, name)? {
                    new.push(name);
                }
            }
            Ok(new)
        });
        told.wait().unwrap()
    };
    assert_eq!(put(["a", "b", "c"]), ["a", "b", "c"]);
    assert_eq!(put(["d", "b", "e"]), ["d", "e"], "one that was known is told, and hinders no other");
    assert_eq!(put(["f", "g", "f"]), ["f", "g"], "one that comes twice in the same work is told as well");
    assert_eq!(books.texts("SELECT code FROM sscc ORDER BY code"), ["a", "b", "c", "d", "e", "f", "g"]);
}

#[test]
fn work_in_hope_sees_its_own_rows_and_one_that_fails_leaves_none() {
    let books = Books::new();
    let seen = books.ledger.submit_hopefully(|tx| {
        put_new(tx, "a")?;
        let count = tx.query_one("SELECT COUNT(*) FROM sscc", &[])?.unwrap().int(0)?;
        put_new(tx, "b")?;
        Ok(count)
    });
    let failed = books.ledger.submit_hopefully(|tx| {
        put_new(tx, "c")?;
        tx.put("INSERT INTO sscc (code, partner, shipment) VALUES ($1, NULL, 'SHP1')", &["d".into()])?;
        put_new(tx, "e")
    });
    assert_eq!(seen.wait().unwrap(), 1);
    assert!(matches!(failed.wait(), Err(Error::Database(_))));
    assert_eq!(books.texts("SELECT code FROM sscc ORDER BY code"), ["a", "b"]);
}

#[test]
fn an_attempt_that_is_given_up_leaves_the_rest_of_its_work() {
    let books = Books::new();
    for in_hope in [false, true] {
        let work = move |tx: &mut Transaction<'_>| {
            let name = |name: &str| format!("{name}{in_hope}");
            put_new(tx, &name("before"))?;
            let attempt = tx.attempt(|tx| {
                put_new(tx, &name("within"))?;
                Err::<(), _>(Error::Surprised)
            });
            assert!(matches!(attempt, Err(Error::Surprised)));
            put_new(tx, &name("after"))
        };
        match in_hope {
            true => books.ledger.submit_hopefully(work).wait().unwrap(),
            false => books.ledger.write(work).unwrap(),
        };
    }
    let kept = books.texts("SELECT code FROM sscc ORDER BY code");
    assert_eq!(kept, ["afterfalse", "aftertrue", "beforefalse", "beforetrue"]);
}

#[test]
fn many_rows_of_several_tables_are_kept_whole_and_in_order() {
    let books = Books::new();
    let told = books.ledger.submit_hopefully(|tx| {
        for number in 0..3000 {
            let document = super::order(&format!("PO{number:04}"));
            super::document(tx, "mega", &document)?;
        }
        Ok(())
    });
    told.wait().unwrap();
    assert_eq!(books.count("SELECT COUNT(*) FROM document"), 3000);
    assert_eq!(books.count("SELECT COUNT(*) FROM document_order"), 3000);
    let numbers = books.texts("SELECT number FROM document ORDER BY id");
    assert!(numbers.is_sorted(), "ids are drawn in the order of the work");
}

#[test]
fn a_panic_within_an_attempt_undoes_the_whole_of_its_work() {
    let books = Books::new();
    let broken = books.ledger.submit(|tx| {
        put_new(tx, "before")?;
        tx.attempt(|tx| {
            put_new(tx, "within")?;
            if tx.query_one("SELECT 1", &[])?.is_some() {
                panic!("a fault of ours");
            }
            Ok(())
        })
    });
    let later = books.ledger.submit(|tx| put_new(tx, "later"));
    assert!(matches!(broken.wait(), Err(Error::Panicked)));
    assert!(later.wait().unwrap());
    assert_eq!(books.texts("SELECT code FROM sscc"), ["later"]);
}
