//! The server: PostgreSQL over one connection, statements prepared once, writes sent without waiting for each answer.
//!
//! ```text
//! put, put, put, query   ->   one round trip: three writes and the query go out together, the answers come in order
//! gather, gather, query  ->   the rows of one table in one statement, then the query
//! ```
//!
//! The connection lives on a small runtime of its own, so that the rest of the ledger stays synchronous. A
//! connection that broke is never mended: its session says so and the ledger opens another one.

use std::collections::HashMap;
use std::error::Error as _;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use jiff::Timestamp;
use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode};
use postgres_openssl::{MakeTlsConnector, TlsStream};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{AsyncMessage, Client, Config, Socket, Statement};

use super::gathering::{self, Expected, Gathered};
use super::{Purpose, Row, Value};
use crate::config::PostgresAddress;
use crate::ledger::Error;

/// Triggers that refuse to change or remove an event.
pub(in crate::ledger) const GUARDS: &str = "
    CREATE OR REPLACE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$;
    CREATE OR REPLACE TRIGGER event_is_not_changed BEFORE UPDATE OR DELETE ON event
        FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
    CREATE OR REPLACE TRIGGER event_is_not_deleted BEFORE TRUNCATE ON event
        FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();";

/// Every question that is asked often has its index. The planner, whose figures of a new or fast growing table are of yesterday,
/// must not read tables from end to end instead.
const PLANNING: &str = "-c enable_seqscan=off -c jit=off";

/// Documents longer than 2 kB are packed by the server; its own way takes longer than all else that it does with the row.
const PACKING: &str = "SET default_toast_compression = lz4";

/// After so many writes that were only queued, the socket gets them, so that the server works while we go on.
const SEND_AFTER: usize = 32;
/// So many rows at most are on their way with their values; beyond that, the writes of the older half are waited for.
const MOST_ROWS: u64 = 4096;

type Connection = tokio_postgres::Connection<Socket, TlsStream<Socket>>;
type Answer = Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send>>;

/// A write whose answer was not awaited yet.
struct Sent {
    answer: Answer,
    /// How many rows it must change; `None` where that is nobody's business.
    expected: Option<u64>,
    /// How many rows it carries.
    rows: u64,
}

/// A connection to the server.
pub(in crate::ledger) struct Session {
    /// `None` only while it is being dropped.
    runtime: Option<Runtime>,
    client: Arc<Client>,
    statements: HashMap<String, Statement>,
    /// Writes whose answers were not awaited yet, in order.
    sent: Vec<Sent>,
    /// Rows that were not even sent yet.
    gathered: Gathered,
    /// What went wrong in this transaction and was not settled yet. The server does nothing more in it, so that whoever
    /// looked away must still be told.
    failed: Option<Error>,
    /// The server said that it ends this connection, or it ended.
    lost: bool,
    /// The server's name for messages.
    name: String,
    purpose: Purpose,
}

impl Session {
    pub(in crate::ledger) fn open(address: &PostgresAddress, purpose: Purpose) -> Result<Session, Error> {
        // It ends with an error when the server goes; every later call of the client says so.
        Session::open_with(address, purpose, |connection| async {
            let _ = connection.await;
        })
    }

    fn open_with<D, F>(address: &PostgresAddress, purpose: Purpose, drive: D) -> Result<Session, Error>
    where
        D: FnOnce(Connection) -> F,
        F: Future<Output = ()> + Send + 'static,
    {
        let name = address.to_string();
        let cannot = |detail: String| Error::Unreachable { ledger: name.clone(), detail };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| cannot(error.to_string()))?;
        let config = configure(address, purpose).map_err(cannot)?;
        let connector = tls(config.get_ssl_mode()).map_err(|error| cannot(error.to_string()))?;
        let client = runtime.block_on(async {
            let (client, connection) = config.connect(connector).await?;
            tokio::spawn(drive(connection));
            if purpose == Purpose::Writing {
                // A server that was built without it says no and goes on with its own way.
                let _ = client.batch_execute(PACKING).await;
            }
            Ok::<_, tokio_postgres::Error>(client)
        });
        let client = client.map_err(|error| cannot(detail(&error)))?;
        let client = Arc::new(client);
        let (statements, sent, gathered) = (HashMap::new(), Vec::new(), Gathered::default());
        Ok(Session {
            runtime: Some(runtime),
            client,
            statements,
            sent,
            gathered,
            failed: None,
            lost: false,
            name,
            purpose,
        })
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        // The runtime is taken only by `drop`.
        self.runtime.as_ref().map(|runtime| runtime.block_on(future)).expect("the session lives")
    }

    pub(in crate::ledger) fn batch(&mut self, sql: &str) -> Result<(), Error> {
        self.send_gathered()?;
        self.await_sent()?;
        self.block_on(self.client.batch_execute(sql)).map_err(|error| self.trouble(error))
    }

    pub(in crate::ledger) fn begin(&mut self) -> Result<(), Error> {
        debug_assert_eq!(self.purpose, Purpose::Writing);
        self.failed = None;
        self.batch("BEGIN")
    }

    pub(in crate::ledger) fn begin_reading(&mut self) -> Result<(), Error> {
        self.failed = None;
        self.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    /// The client sees the end of a connection only when it next listens; the server's farewell comes before.
    pub(in crate::ledger) fn is_undone(&self) -> bool {
        self.lost || self.client.is_closed()
    }

    /// Makes sure that the server answers within some time; one that does not is as good as gone.
    pub(in crate::ledger) fn answers(&mut self, within: Duration) -> Result<(), Error> {
        let asked = async { tokio::time::timeout(within, self.client.batch_execute("")).await };
        match self.block_on(asked) {
            Ok(answer) => answer.map_err(|error| self.trouble(error)),
            Err(_) => {
                self.lost = true;
                Err(self.is_lost(format!("no answer within {} s", within.as_secs())))
            }
        }
    }

    /// That the server is out of reach, and why.
    pub(in crate::ledger) fn is_lost(&self, detail: String) -> Error {
        Error::Unreachable { ledger: self.name.clone(), detail }
    }

    /// Sends a write and does not wait for its answer.
    pub(in crate::ledger) fn put(&mut self, sql: &str, values: &[Value]) -> Result<(), Error> {
        self.put_expecting(sql, values, Expected::Anything)
    }

    fn put_expecting(&mut self, sql: &str, values: &[Value], expected: Expected) -> Result<(), Error> {
        self.send_gathered()?;
        let statement = self.prepared(sql)?;
        let (client, values) = (Arc::clone(&self.client), values.to_vec());
        let answer = Box::pin(async move { client.execute_raw(&statement, values.iter()).await });
        self.send(Sent { answer, expected: expected.rows(1), rows: 1 })
    }

    /// Keeps a row back to send it together with others of its table: before the next other statement at the latest, so
    /// that whoever looks finds it.
    pub(in crate::ledger) fn gather(&mut self, sql: &str, values: &[Value], expected: Expected) -> Result<(), Error> {
        if !gathering::can_be_gathered(sql) {
            return self.put_expecting(sql, values, expected);
        }
        if self.gathered.add(sql, values, expected) { self.send_gathered() } else { Ok(()) }
    }

    /// Forgets rows that were gathered and not sent: what they belong to is undone.
    pub(in crate::ledger) fn forget_gathered(&mut self) {
        self.gathered.take();
    }

    /// Sends what was gathered: a statement for each table, parents before those who refer to them.
    fn send_gathered(&mut self) -> Result<(), Error> {
        for rows in self.gathered.take() {
            let single = self.prepared(&rows.sql)?;
            let types: Vec<&str> = single.params().iter().map(Type::name).collect();
            let statement = self.prepared(&gathering::many(&rows.sql, &types))?;
            let client = Arc::clone(&self.client);
            let (expected, count) = (rows.expected.rows(rows.count), rows.count);
            let answer = Box::pin(async move { client.execute_raw(&statement, rows.columns.iter()).await });
            self.send(Sent { answer, expected, rows: count })?;
        }
        Ok(())
    }

    fn send(&mut self, mut sent: Sent) -> Result<(), Error> {
        // The first poll puts the request on its way; the answer is awaited with those of the others.
        match sent.answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(changed)) => self.compare(sent.expected, changed)?,
            Poll::Ready(Err(error)) => return Err(self.trouble(error)),
            Poll::Pending => self.sent.push(sent),
        }
        let on_their_way: u64 = self.sent.iter().map(|sent| sent.rows).sum();
        if on_their_way > MOST_ROWS {
            let later = self.sent.split_off(self.sent.len().div_ceil(2));
            self.await_sent()?;
            self.sent = later;
        } else if self.sent.len().is_multiple_of(SEND_AFTER) || self.sent.last().is_some_and(|sent| sent.rows > 1) {
            self.block_on(tokio::task::yield_now());
        }
        Ok(())
    }

    fn compare(&mut self, expected: Option<u64>, changed: u64) -> Result<(), Error> {
        match expected {
            Some(expected) if expected != changed => Err(self.failed.get_or_insert(Error::Surprised).clone()),
            _ => Ok(()),
        }
    }

    /// Waits for what was sent, and tells of any statement of this transaction that failed, once.
    pub(in crate::ledger) fn settle(&mut self) -> Result<(), Error> {
        let outcome = self.send_gathered().and_then(|()| self.await_sent());
        match self.failed.take() {
            Some(first) => Err(first),
            None => outcome,
        }
    }

    fn await_sent(&mut self) -> Result<(), Error> {
        if self.sent.is_empty() {
            return Ok(());
        }
        let (expected, answers) = self.take_sent();
        let answered = self.block_on(all(answers));
        self.compare_all(&expected, answered)
    }

    /// What each write that was sent must have changed, and the answers to come.
    fn take_sent(&mut self) -> (Vec<Option<u64>>, Vec<Answer>) {
        std::mem::take(&mut self.sent).into_iter().map(|sent| (sent.expected, sent.answer)).unzip()
    }

    fn compare_all(
        &mut self,
        expected: &[Option<u64>],
        answered: Result<Vec<u64>, tokio_postgres::Error>,
    ) -> Result<(), Error> {
        let changed = answered.map_err(|error| self.trouble(error))?;
        expected.iter().zip(changed).try_for_each(|(expected, changed)| self.compare(*expected, changed))
    }

    pub(in crate::ledger) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<usize, Error> {
        self.send_gathered()?;
        let statement = self.prepared(sql)?;
        let (expected, sent) = self.take_sent();
        // Polled in this order, so that it reaches the server behind the writes before it.
        let (before, changed) =
            self.block_on(async { tokio::join!(all(sent), self.client.execute_raw(&statement, values.iter())) });
        self.compare_all(&expected, before)?;
        changed.map(|rows| usize::try_from(rows).unwrap_or(usize::MAX)).map_err(|error| self.trouble(error))
    }

    pub(in crate::ledger) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Error> {
        self.send_gathered()?;
        let statement = self.prepared(sql)?;
        let parameters: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        let (expected, sent) = self.take_sent();
        let (before, rows) =
            self.block_on(async { tokio::join!(all(sent), self.client.query(&statement, &parameters)) });
        self.compare_all(&expected, before)?;
        rows.map_err(|error| self.trouble(error))?.iter().map(row).collect()
    }

    /// The server's clock.
    pub(in crate::ledger) fn time(&mut self) -> Result<Timestamp, Error> {
        let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";
        let rows = self.query(sql, &[])?;
        rows.first().ok_or_else(|| Error::Unexpected("a server without a clock".to_owned()))?.time(0)
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let (expected, sent) = self.take_sent();
        let (before, statement) = self.block_on(async { tokio::join!(all(sent), self.client.prepare(sql)) });
        // A write that failed before makes everything after it fail; its own words are the ones that help.
        self.compare_all(&expected, before)?;
        let statement = statement.map_err(|error| self.trouble(error))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn trouble(&mut self, error: tokio_postgres::Error) -> Error {
        let told = self.explain(&error);
        self.lost |= error.is_closed() || self.client.is_closed() || is_farewell(&error);
        self.failed.get_or_insert_with(|| told.clone());
        told
    }

    fn explain(&self, error: &tokio_postgres::Error) -> Error {
        match error.code() {
            Some(&SqlState::DISK_FULL) => Error::Full,
            Some(&SqlState::T_R_DEADLOCK_DETECTED | &SqlState::T_R_SERIALIZATION_FAILURE) => Error::Contended,
            Some(_) if is_farewell(error) => self.is_lost(detail(error)),
            None if error.is_closed() || self.client.is_closed() => self.is_lost("the connection broke".to_owned()),
            _ => Error::Database(detail(error)),
        }
    }
}

/// True when the server ends the connection with this error: a shutdown, an administrator, a timeout of its own.
fn is_farewell(error: &tokio_postgres::Error) -> bool {
    let severity = error.as_db_error().and_then(tokio_postgres::error::DbError::parsed_severity);
    matches!(severity, Some(Severity::Fatal | Severity::Panic))
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Dropping it would wait, and may happen on an async thread.
            runtime.shutdown_background();
        }
    }
}

/// A connection that hears what others tell on a channel.
pub(in crate::ledger) struct Ear {
    /// It keeps the connection open.
    _session: Session,
    heard: tokio::sync::mpsc::UnboundedReceiver<String>,
}

impl Ear {
    pub(in crate::ledger) fn open(address: &PostgresAddress, channel: &str) -> Result<Ear, Error> {
        let (tell, heard) = tokio::sync::mpsc::unbounded_channel();
        let mut session = Session::open_with(address, Purpose::Reading, |mut connection| async move {
            // Ends with the connection, which drops `tell`.
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                if let AsyncMessage::Notification(told) = message {
                    let _ = tell.send(told.payload().to_owned());
                }
            }
        })?;
        session.batch(&format!("LISTEN {channel}"))?;
        Ok(Ear { _session: session, heard })
    }

    /// What was told next, or nothing when nothing was for so long.
    pub(in crate::ledger) fn hear(&mut self, within: Duration) -> Result<Option<String>, Error> {
        let Ear { _session: session, heard } = self;
        let told = session.block_on(async { tokio::time::timeout(within, heard.recv()).await });
        match told {
            Ok(Some(told)) => Ok(Some(told)),
            Ok(None) => {
                let (ledger, detail) = (session.name.clone(), "the connection is closed".to_owned());
                Err(Error::Unreachable { ledger, detail })
            }
            Err(_) => Ok(None),
        }
    }
}

/// How many rows each changed, or the first failure, after all answers came.
async fn all(sent: Vec<Answer>) -> Result<Vec<u64>, tokio_postgres::Error> {
    let mut outcome = Ok(Vec::with_capacity(sent.len()));
    for answer in sent {
        match (answer.await, &mut outcome) {
            (Ok(changed), Ok(all)) => all.push(changed),
            (Err(error), Ok(_)) => outcome = Err(error),
            (_, Err(_)) => {}
        }
    }
    outcome
}

/// What the server said, or what kept us from it; the error's own text is only its class.
fn detail(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(told) => told.message().to_owned(),
        None => error.source().map_or_else(|| error.to_string(), ToString::to_string),
    }
}

/// What the server does with a writer that stands still in a transaction.
///
/// A node that lost the network, or was stopped, in the middle of one keeps its locks until the server ends it; without
/// this that would be hours, and everybody who needs the same rows would wait as long.
const STILL: &str = "-c idle_in_transaction_session_timeout=5s";

fn configure(address: &PostgresAddress, purpose: Purpose) -> Result<Config, String> {
    let mut config: Config = address.url.parse().map_err(|error: tokio_postgres::Error| detail(&error))?;
    if let Some(password) = &address.password {
        config.password(password.read()?);
    }
    config.application_name("edigate");
    // What the server merely notes ("relation already exists, skipping") is no line of our log.
    let options = config.get_options().unwrap_or_default().to_owned();
    let still = if purpose == Purpose::Writing { STILL } else { "" };
    // Of two values for one setting the later one holds: what the address says is stronger than ours.
    config.options(format!("{PLANNING} {still} {options} -c client_min_messages=warning"));
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(5));
    }
    // A server behind a dead network must be noticed before leases of this node run out.
    config.tcp_user_timeout(Duration::from_secs(10));
    config.keepalives_idle(Duration::from_secs(10)).keepalives_interval(Duration::from_secs(3)).keepalives_retries(3);
    Ok(config)
}

/// TLS that proves the server where the address demands TLS, and takes what it gets where TLS is only preferred.
fn tls(mode: SslMode) -> Result<MakeTlsConnector, openssl::error::ErrorStack> {
    let mut builder = SslConnector::builder(SslMethod::tls())?;
    if mode != SslMode::Require {
        builder.set_verify(SslVerifyMode::NONE);
    }
    let mut connector = MakeTlsConnector::new(builder.build());
    if mode != SslMode::Require {
        connector.set_callback(|configuration, _| {
            configuration.set_verify_hostname(false);
            Ok(())
        });
    }
    Ok(connector)
}

fn row(found: &tokio_postgres::Row) -> Result<Row, Error> {
    let mut values = Vec::with_capacity(found.len());
    for (index, column) in found.columns().iter().enumerate() {
        let kind = column.type_();
        let value = if *kind == Type::INT8 {
            found.try_get::<_, Option<i64>>(index).map(|value| value.map_or(Value::Null, Value::Int))
        } else if *kind == Type::INT4 {
            found.try_get::<_, Option<i32>>(index).map(|value| value.map_or(Value::Null, |it| Value::Int(it.into())))
        } else if *kind == Type::BOOL {
            found.try_get::<_, Option<bool>>(index).map(|value| value.map_or(Value::Null, |it| Value::Int(it.into())))
        } else if *kind == Type::BYTEA {
            found.try_get::<_, Option<Vec<u8>>>(index).map(|value| value.map_or(Value::Null, Value::Bytes))
        } else {
            found.try_get::<_, Option<String>>(index).map(|value| value.map_or(Value::Null, Value::Text))
        };
        values.push(value.map_err(|error| Error::Unexpected(format!("column {index}: {}", detail(&error))))?);
    }
    Ok(Row(values))
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Value::Int(number) if *kind == Type::INT8 => number.to_sql(kind, out),
            Value::Text(text) if *kind == Type::TEXT || *kind == Type::VARCHAR => text.to_sql(kind, out),
            Value::Bytes(bytes) if *kind == Type::BYTEA => bytes.to_sql(kind, out),
            other => Err(format!("{other:?} is no {kind}").into()),
        }
    }

    fn accepts(_kind: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
