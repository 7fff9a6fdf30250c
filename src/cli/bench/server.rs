//! A PostgreSQL server to be measured on: a schema of its own, dropped on every way out.
//!
//! ```text
//! postgres://edigate@db.example/edigate   ->   …?options=-c search_path=edigate_bench_0198c…
//! ```

use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode};
use postgres_openssl::MakeTlsConnector;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::Client;

use super::limits::{LIMITS, per_second};
use super::report::Row;
use super::run::LedgerLines;
use super::workspace::Interrupt;
use crate::cli::Failure;
use crate::config::secret::SecretReference;
use crate::ledger::Id;

/// A schema of our own on a server.
pub struct Server {
    runtime: Runtime,
    client: Client,
    schema: String,
    url: String,
    password: Option<String>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let sql = format!("DROP SCHEMA IF EXISTS {} CASCADE", self.schema);
        // A server that went away in between keeps it; it was told where.
        if let Err(error) = self.runtime.block_on(self.client.batch_execute(&sql)) {
            crate::cli::output::talk(format!("the schema {} stays on the server: {error}", self.schema));
        }
    }
}

impl Server {
    /// Connects and makes the schema.
    pub fn connect(url: &str, password: Option<&str>) -> Result<Server, Failure> {
        let cannot = |why: String| {
            Failure::new(format!("cannot use the ledger {}: {why}", url.split('?').next().unwrap_or_default()))
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| cannot(error.to_string()))?;
        let config = configure(url, password).map_err(cannot)?;
        let client = runtime.block_on(async {
            let (client, connection) = config.connect(tls()?).await.map_err(|error| told(&error))?;
            tokio::spawn(connection);
            Ok::<_, String>(client)
        });
        let client = client.map_err(cannot)?;
        let schema = format!("edigate_bench_{}", Id::new().as_str().replace('-', ""));
        let sql = format!("CREATE SCHEMA {schema}; SET search_path = {schema}");
        let server = Server { runtime, client, schema, url: url.to_owned(), password: password.map(ToOwned::to_owned) };
        server.execute(&sql)?;
        Ok(server)
    }

    fn execute(&self, sql: &str) -> Result<(), Failure> {
        self.runtime
            .block_on(self.client.batch_execute(sql))
            .map_err(|error| Failure::new(format!("the server refused: {}", told(&error))))
    }

    /// An empty schema, as a ledger's lines in gateway.toml.
    pub fn empty_ledger(&self) -> Result<LedgerLines, Failure> {
        let schema = &self.schema;
        self.execute(&format!("DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}"))?;
        let joint = if self.url.contains('?') { '&' } else { '?' };
        let url = format!("{}{joint}options=-c%20search_path%3D{schema}", self.url);
        Ok(LedgerLines::server(&url, self.password.as_deref()))
    }

    /// What the server and the way to it can do at all.
    pub fn limits(&self, interrupt: &Interrupt) -> Result<Vec<Row>, Failure> {
        self.execute("CREATE TABLE line (id BIGINT GENERATED ALWAYS AS IDENTITY, text TEXT NOT NULL)")?;
        let trips = per_second(interrupt, |_| self.execute("SELECT 1"))?;
        let insert = format!("INSERT INTO line (text) VALUES ('{}')", "x".repeat(300));
        let commits = per_second(interrupt, |_| self.execute(&insert))?;
        Ok(vec![
            Row::new(LIMITS, "round trips to PostgreSQL (SELECT 1)", trips, "per s"),
            Row::new(LIMITS, "PostgreSQL commits of one row", commits, "per s"),
        ])
    }
}

fn configure(url: &str, password: Option<&str>) -> Result<tokio_postgres::Config, String> {
    let mut config: tokio_postgres::Config = url.parse().map_err(|error: tokio_postgres::Error| error.to_string())?;
    if let Some(reference) = password {
        config.password(SecretReference::parse(reference).map_err(|fault| fault.message)?.read()?);
    }
    config.application_name("edigate bench");
    Ok(config)
}

/// The daemon under measurement proves the server where its address says so; we only make and drop a schema.
fn tls() -> Result<MakeTlsConnector, String> {
    let mut builder = SslConnector::builder(SslMethod::tls()).map_err(|error| error.to_string())?;
    builder.set_verify(SslVerifyMode::NONE);
    Ok(MakeTlsConnector::new(builder.build()))
}

fn told(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |told| told.message().to_owned())
}
