//! A PostgreSQL in trouble: connections that die, a server that is gone or full, nodes that write the same rows.
//!
//! They need a server (`EDIGATE_TEST_LEDGER=$(tests/postgres start)`); without one, standard error says that they were skipped.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use super::engine::busy;
use super::{Books, at, no_server_for};
use crate::config::secret::SecretReference;
use crate::config::{LedgerAddress, PostgresAddress};
use crate::ledger::engine::{Purpose, Session, Value, gathering};
use crate::ledger::event::NewEvent;
use crate::ledger::verify::Contents;
use crate::ledger::{Error, Ledger, Transaction, delivery, envelope, expectation, transmission};

/// A ledger on the server of the tests, or a word that there is none.
fn on_a_server() -> Option<Books> {
    (!no_server_for(thread::current().name().unwrap_or_default())).then(Books::new)
}

const PID: &str = "SELECT pg_backend_pid()";

/// Ends connections from outside, as an administrator or a restart does, and waits until they are gone.
fn kill(books: &Books, processes: &[i64]) {
    let mut killer = Session::open(books.address(), Purpose::Reading).unwrap();
    for process in processes {
        kill_by(&mut killer, *process);
    }
}

fn kill_by(killer: &mut Session, process: i64) {
    killer.query("SELECT pg_terminate_backend($1)", &[Value::Int(process)]).unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while !killer.query("SELECT 1 FROM pg_stat_activity WHERE pid = $1", &[Value::Int(process)]).unwrap().is_empty() {
        assert!(Instant::now() < deadline, "connection {process} does not end");
        thread::yield_now();
    }
}

fn writers_process(ledger: &Ledger) -> i64 {
    ledger.write(|tx| tx.query_one(PID, &[])?.unwrap().int(0)).unwrap()
}

/// How the server finds the rows of a statement whose plan it made while the ledger was empty.
fn plan_for_ever(session: &mut Session, sql: &str, parameters: usize) -> String {
    session.batch(&format!("PREPARE it AS {sql}")).unwrap();
    let nothing = vec!["NULL"; parameters].join(", ");
    let steps = session.query(&format!("EXPLAIN EXECUTE it ({nothing})"), &[]).unwrap();
    session.batch("DEALLOCATE it").unwrap();
    steps.iter().map(|step| step.text(0).unwrap()).collect::<Vec<_>>().join("\n")
}

/// A plan is kept while the ledger grows: one that reads an index from end to end looks good on the first day only.
#[test]
fn what_is_asked_for_every_file_is_planned_for_a_full_ledger_on_the_first_day() {
    let Some(books) = on_a_server() else { return };
    let mut session = Session::open(books.address(), Purpose::Writing).unwrap();
    session.batch("SET plan_cache_mode = force_generic_plan").unwrap();
    let finish = gathering::many(transmission::FINISH, &["text", "text", "text", "int8"]);
    for (sql, parameters, index) in [
        (envelope::accepted_under_each("($1, $2, $3, $4), ($5, $6, $7, $8)"), 8, "(sender = \"*VALUES*\".column3)"),
        (transmission::named_by_bytes("$1, $2"), 2, "(sha256 = ANY ("),
        (expectation::started_by("$2, $3"), 3, "(delivery = ANY ("),
        (expectation::met_by("$2, $3"), 3, "(delivery = ANY ("),
        (delivery::left_as_sent("($2, $3), ($4, $5)"), 5, "(id = \"*VALUES*\".column1)"),
        (finish, 4, "(id = gathered.p1)"),
    ] {
        let plan = plan_for_ever(&mut session, &sql, parameters);
        let conditions: Vec<&str> = plan.lines().filter(|line| line.contains("Index Cond:")).collect();
        assert!(conditions.iter().any(|condition| condition.contains(index)), "{sql}\n{plan}");
        // Every scan has its condition; a table of the values in the statement has no index.
        let scans = plan.lines().filter(|line| line.contains("Index Scan") || line.contains("Index Only Scan")).count();
        assert_eq!(scans, conditions.len(), "{sql}\n{plan}");
        assert!(!plan.contains("Seq Scan"), "{sql}\n{plan}");
    }
}

/// Keeps a name, without waiting for the server's answer.
fn keep(tx: &mut Transaction<'_>, name: &str) -> Result<(), Error> {
    let sql = "INSERT INTO sscc (code, partner, shipment) VALUES ($1, 'mega', 'SHP1')";
    tx.put(sql, &[name.into()])
}

fn kept(books: &Books) -> Vec<String> {
    books.texts("SELECT code FROM sscc ORDER BY code")
}

/// A piece of work for the writer.
type Work = Box<dyn FnOnce(&mut Transaction<'_>) -> Result<(), Error> + Send>;

/// What each of some pieces of work of one group was told.
fn in_one_group(books: &Books, work: Vec<Work>) -> Vec<Result<(), Error>> {
    let (go, holder) = busy(&books.ledger);
    let submitted: Vec<_> = work.into_iter().map(|work| books.ledger.submit(work)).collect();
    drop(go);
    holder.join().unwrap();
    submitted.into_iter().map(crate::ledger::Submitted::wait).collect()
}

#[test]
fn connections_that_died_while_nobody_used_them_are_replaced_unnoticed() {
    let Some(books) = on_a_server() else { return };
    for round in 1..=5 {
        assert_eq!(books.write(|tx| tx.next_serial("serial")), round);
        let reader = books.count(PID);
        kill(&books, &[writers_process(&books.ledger), reader]);
        assert_eq!(books.count("SELECT value FROM number"), i64::try_from(round).unwrap());
        assert_ne!(books.count(PID), reader);
    }
}

#[test]
fn a_connection_that_dies_in_a_closure_takes_what_was_begun_and_nothing_else() {
    let Some(books) = on_a_server() else { return };
    let mut killer = Session::open(books.address(), Purpose::Reading).unwrap();
    let told = in_one_group(
        &books,
        vec![
            Box::new(|tx| keep(tx, "before")),
            Box::new(move |tx| {
                keep(tx, "itself")?;
                let process = tx.query_one(PID, &[])?.unwrap().int(0)?;
                kill_by(&mut killer, process);
                keep(tx, "itself too")
            }),
            Box::new(|tx| keep(tx, "after")),
        ],
    );
    let is_told = |error: &Error| matches!(error, Error::Unreachable { .. } | Error::Database(_));
    assert!(told[..2].iter().all(|told| told.as_ref().is_err_and(is_told)), "{told:?}");
    // What had not begun was begun on a new connection.
    assert!(told[2].is_ok(), "{told:?}");
    assert_eq!(kept(&books), ["after"]);
    books.write(|tx| keep(tx, "later"));
    assert_eq!(kept(&books), ["after", "later"]);
}

#[test]
fn a_connection_that_dies_before_the_commit_records_nothing_and_says_so() {
    let Some(books) = on_a_server() else { return };
    let mut killer = Session::open(books.address(), Purpose::Reading).unwrap();
    let told = books.ledger.write(move |tx| {
        let process = tx.query_one(PID, &[])?.unwrap().int(0)?;
        tx.append_event(&NewEvent { partner: "mega".to_owned(), ..NewEvent::default() })?;
        kill_by(&mut killer, process);
        Ok(())
    });
    assert!(matches!(told, Err(Error::Unreachable { .. })), "{told:?}");
    assert_eq!(books.count("SELECT COUNT(*) FROM event"), 0);
    books.write(|tx| tx.append_event(&NewEvent { partner: "mega".to_owned(), ..NewEvent::default() }));
    assert_eq!(books.count("SELECT COUNT(*) FROM event"), 1);
}

#[test]
fn a_reader_whose_connection_dies_is_told_and_the_next_one_reads() {
    let Some(books) = on_a_server() else { return };
    let told = books.ledger.read(|tx| {
        let process = tx.query_one(PID, &[])?.unwrap().int(0)?;
        kill(&books, &[process]);
        tx.query("SELECT value FROM number", &[])
    });
    assert!(matches!(told, Err(Error::Unreachable { .. })), "{told:?}");
    assert_eq!(books.count("SELECT COUNT(*) FROM number"), 0);
}

/// No server is needed for this one.
#[test]
fn a_server_that_is_not_there_is_named_with_the_reason_and_without_the_password() {
    let home = tempfile::tempdir().unwrap();
    let secret = home.path().join("password");
    std::fs::write(&secret, "hunter2\n").unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://edigate@{}/edigate?connect_timeout=3", listener.local_addr().unwrap());
    drop(listener);
    let address =
        LedgerAddress::Postgres(PostgresAddress { url: url.clone(), password: Some(SecretReference::File(secret)) });
    let error = Ledger::open(&address, home.path()).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    let server = url.split('?').next().unwrap();
    let expect = format!("the ledger {server} cannot be reached: Connection refused (os error 111)");
    assert_eq!(error.to_string(), expect);
    let missing = PostgresAddress { url, password: Some(SecretReference::File("/nowhere/secret".into())) };
    let error = Ledger::open(&LedgerAddress::Postgres(missing), home.path()).unwrap_err();
    assert!(error.to_string().contains("cannot read the secret in /nowhere/secret"), "{error}");
}

#[test]
fn a_server_that_refuses_us_is_quoted() {
    let Some(books) = on_a_server() else { return };
    let LedgerAddress::Postgres(server) = books.address() else { unreachable!() };
    let (host, _) = server.url.rsplit_once('/').unwrap();
    let url = format!("{host}/no_such_database");
    let nowhere = LedgerAddress::Postgres(PostgresAddress { url, password: None });
    let error = Ledger::open(&nowhere, books.home.path()).unwrap_err();
    assert!(error.to_string().contains("database \"no_such_database\" does not exist"), "{error}");
}

#[test]
fn a_full_disk_is_told_as_one_whether_the_statement_is_awaited_or_not() {
    let Some(books) = on_a_server() else { return };
    const FULL: &str = "DO $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$";
    let awaited = books.ledger.write(|tx| tx.execute(FULL, &[]));
    assert!(matches!(awaited, Err(Error::Full)), "{awaited:?}");
    let sent = books.ledger.write(|tx| tx.put(FULL, &[]));
    assert!(matches!(sent, Err(Error::Full)), "{sent:?}");
    books.write(|tx| keep(tx, "later"));
    assert_eq!(kept(&books), ["later"]);
}

#[test]
fn a_write_that_fails_unawaited_is_told_to_its_own_caller_and_to_no_neighbour() {
    let Some(books) = on_a_server() else { return };
    let told = in_one_group(
        &books,
        vec![
            Box::new(|tx| keep(tx, "one")),
            Box::new(|tx| {
                // The tenth is there already; what follows is sent all the same.
                (0..80).try_for_each(|number| keep(tx, if number == 10 { "one" } else { "two" }))
            }),
            Box::new(|tx| keep(tx, "three")),
        ],
    );
    assert!(told[0].is_ok() && told[2].is_ok(), "{told:?}");
    let refused = told[1].as_ref().unwrap_err().to_string();
    assert!(refused.contains("duplicate key value violates unique constraint \"sscc_pkey\""), "{refused}");
    assert_eq!(kept(&books), ["one", "three"]);
}

#[test]
fn a_panic_among_unawaited_writes_undoes_its_own_and_no_others() {
    let Some(books) = on_a_server() else { return };
    let told = in_one_group(
        &books,
        vec![
            Box::new(|tx| keep(tx, "one")),
            Box::new(|tx| {
                tx.next_serial("panicked")?;
                (0..40).try_for_each(|number| keep(tx, &format!("panicked {number}")))?;
                // Of these, one fails: its answer is on the way when the panic comes.
                keep(tx, "one")?;
                panic!("a test's fault")
            }),
            Box::new(|tx| keep(tx, "three")),
        ],
    );
    assert!(matches!(&told[..], [Ok(()), Err(Error::Panicked), Ok(())]), "{told:?}");
    assert_eq!(kept(&books), ["one", "three"]);
    assert_eq!(books.count("SELECT COUNT(*) FROM number"), 0);
}

/// The server does nothing more in a transaction in which something failed, whoever looked away.
#[test]
fn a_failure_that_a_closure_ignores_is_its_own_all_the_same() {
    let Some(books) = on_a_server() else { return };
    let told = in_one_group(
        &books,
        vec![
            Box::new(|tx| keep(tx, "one")),
            Box::new(|tx| {
                keep(tx, "two")?;
                let _ = tx.query("SELECT 1 / COUNT(*) FROM event", &[]);
                Ok(())
            }),
            Box::new(|tx| keep(tx, "three")),
        ],
    );
    assert!(told[0].is_ok() && told[2].is_ok(), "{told:?}");
    assert_eq!(told[1].as_ref().unwrap_err().to_string(), "the ledger refused: division by zero");
    assert_eq!(kept(&books), ["one", "three"]);
}

/// Everybody of a group learns that the server is gone, not only those whose own statement failed.
#[test]
fn a_connection_that_breaks_in_a_group_is_told_to_all_of_it_as_a_server_out_of_reach() {
    let Some(books) = on_a_server() else { return };
    let process = writers_process(&books.ledger);
    let mut killer = Session::open(books.address(), Purpose::Reading).unwrap();
    let told = in_one_group(
        &books,
        vec![
            Box::new(|tx| keep(tx, "one")),
            Box::new(move |tx| {
                kill_by(&mut killer, process);
                tx.execute("DELETE FROM number", &[]).map(|_| ())
            }),
        ],
    );
    assert!(told.iter().all(|told| matches!(told, Err(Error::Unreachable { .. }))), "{told:?}");
    assert_eq!(kept(&books), Vec::<String>::new());
}

#[test]
fn a_server_is_asked_whether_it_answers_on_a_new_connection_where_the_old_one_died() {
    let Some(books) = on_a_server() else { return };
    let idle = books.read(|tx| tx.query_one(PID, &[])?.unwrap().int(0));
    books.ledger.answers(Duration::from_secs(5)).unwrap();
    kill(&books, &[idle]);
    books.ledger.answers(Duration::from_secs(5)).unwrap();
}

/// Writes until it is done, and counts how often another node was in the way.
fn persist(ledger: &Ledger, in_the_way: &AtomicU32) -> u64 {
    loop {
        let written = ledger.write(|tx| {
            let number = tx.next_serial("shared")?;
            tx.append_event(&NewEvent {
                partner: "mega".to_owned(),
                at: at(0),
                text: format!("number {number}"),
                ..NewEvent::default()
            })?;
            Ok(number)
        });
        match written {
            Err(Error::Contended) => in_the_way.fetch_add(1, Ordering::Relaxed),
            other => return other.unwrap(),
        };
    }
}

#[test]
fn two_nodes_that_write_one_journal_and_one_counter_lose_nothing_and_repeat_nothing() {
    let Some(books) = on_a_server() else { return };
    let other = books.opened_again().unwrap();
    let in_the_way = AtomicU32::new(0);
    let mut numbers: Vec<u64> = thread::scope(|scope| {
        let write_many = |ledger: &Ledger| (0..25).map(|_| persist(ledger, &in_the_way)).collect::<Vec<_>>();
        let threads: Vec<_> = (0..8)
            .map(|number| if number % 2 == 0 { &books.ledger } else { &other })
            .map(|ledger| scope.spawn(move || write_many(ledger)))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=200).collect::<Vec<u64>>());
    let found = books.read(|tx| tx.verify(Contents::Not));
    assert_eq!((found.events, found.faults), (200, Vec::new()));
    assert_eq!(books.count("SELECT COUNT(DISTINCT text) FROM event"), 200);
    // Counters before journals, journals in order: there is nothing to hold crosswise.
    assert_eq!(in_the_way.into_inner(), 0);
}

#[test]
fn of_two_nodes_that_take_two_counters_crosswise_one_is_told_and_succeeds_the_second_time() {
    let Some(books) = on_a_server() else { return };
    let other = books.opened_again().unwrap();
    let both_hold_one = Arc::new(Barrier::new(2));
    let crosswise = |ledger: &Ledger, first: &'static str, second: &'static str| {
        let both_hold_one = Arc::clone(&both_hold_one);
        ledger.submit(move |tx| {
            tx.next_serial(first)?;
            both_hold_one.wait();
            tx.next_serial(second)
        })
    };
    let told = [crosswise(&books.ledger, "a", "b"), crosswise(&other, "b", "a")].map(crate::ledger::Submitted::wait);
    let contended = told.iter().filter(|told| matches!(told, Err(Error::Contended))).count();
    assert_eq!((contended, told.iter().filter(|told| told.is_ok()).count()), (1, 1), "{told:?}");
    books.write(|tx| tx.next_serial("a"));
    assert_eq!(books.texts("SELECT counter || ' ' || value FROM number ORDER BY 1"), ["a 2", "b 1"]);
}

#[test]
fn a_nul_in_an_event_is_kept_as_its_picture_and_the_chain_holds() {
    let Some(books) = on_a_server() else { return };
    books.write(|tx| {
        tx.append_event(&NewEvent {
            partner: "me\0ga".to_owned(),
            text: "PO 45\0 01".to_owned(),
            data: serde_json::json!({ "found": "a\0b" }),
            ..NewEvent::default()
        })
    });
    let event = books.read(|tx| tx.event("me\u{2400}ga", 1));
    assert_eq!((event.text.as_str(), &event.data["found"]), ("PO 45\u{2400} 01", &serde_json::json!("a\0b")));
    assert_eq!(books.read(|tx| tx.verify(Contents::Not)).faults, Vec::<String>::new());
}

#[test]
fn what_is_written_beside_the_rest_does_not_wait_for_a_long_piece_of_work() {
    let Some(books) = on_a_server() else { return };
    let (go, holder) = busy(&books.ledger);
    for name in ["a", "b"] {
        books.ledger.write_beside(move |tx| keep(tx, name)).unwrap();
    }
    let refused = books.ledger.write_beside(|tx| {
        keep(tx, "c")?;
        Err::<(), _>(Error::Surprised)
    });
    assert!(matches!(refused, Err(Error::Surprised)));
    assert_eq!(kept(&books), ["a", "b"], "while the writer is still at its work");
    drop(go);
    holder.join().unwrap();
}

#[test]
fn what_is_written_beside_the_rest_finds_a_connection_that_died() {
    let Some(books) = on_a_server() else { return };
    let process = books.ledger.write_beside(|tx| tx.query_one(PID, &[])?.unwrap().int(0)).unwrap();
    kill(&books, &[process]);
    books.ledger.write_beside(|tx| keep(tx, "a")).unwrap();
    assert_eq!(kept(&books), ["a"]);
}
