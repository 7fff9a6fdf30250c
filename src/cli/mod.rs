//! The command line: one file per command; data on stdout, talk on stderr.
//!
//! Exit codes: 0 fine, 1 findings (something in the input or the ledger needs a look), 2 could not run.
//! Every read command has `--json`. `lint`, `ack`, `show`, `render`, `explain` and `guide` need no configuration and no
//! ledger.

pub mod demo;
pub mod init;
pub mod check;
pub mod partner;
mod certificate;
pub mod run;
pub mod status;
mod side_by_side;
mod rules;
pub mod ladder;
pub mod lint;
pub mod ack;
pub mod show;
pub mod render;
pub mod submit;
pub mod ledger;
pub mod export;
pub mod trace;
pub mod explain;
pub mod guide;
mod by;
pub mod replay;
pub mod resend;
pub mod alert;
pub mod finding;
pub mod clock;
pub mod report;
pub mod user;
pub mod bench;
pub mod input;
pub mod output;
pub mod table;
pub mod paint;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::config::partner::{Partner, PartnerId};
use crate::diagnostic::Diagnostic;

/// What a command that ran to its end says by its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: all is well.
    Fine,
    /// 1: something needs a look; it was printed.
    Findings,
}

/// Why a command could not run (exit code 2): one sentence, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Lower case, no full stop.
    pub message: String,
    /// What to do, where that is not obvious.
    pub hint: Option<String>,
    /// Whoever read our output wants no more of it; that is no failure of ours.
    reader_gone: bool,
}

impl Failure {
    /// A failure whose message says it all.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), hint: None, reader_gone: false }
    }

    /// The end of a command whose output nobody reads any more (`| head`).
    pub fn reader_gone() -> Failure {
        Failure { reader_gone: true, ..Failure::new("nobody reads the output any more") }
    }

    /// Adds what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }
}

/// An EDI and file-batch gateway: it takes custody of business documents and proves what it did with each.
#[derive(Debug, Parser)]
#[command(name = "edigate", version, max_term_width = 110, after_help = AFTER_HELP)]
pub struct Cli {
    /// The gateway.toml to use [default: $EDIGATE_CONFIG, else ./gateway.toml, else /etc/edigate/gateway.toml]
    #[arg(long, global = true, value_name = "FILE", env = "EDIGATE_CONFIG", hide_env = true, display_order = 900)]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "\
Try it:       edigate demo
Set it up:    edigate init /etc/edigate, then edigate check, then edigate run
Every day:    edigate ledger acks --overdue · edigate trace 4500012345 · edigate explain X12-E017
Exit codes:   0 fine · 1 findings · 2 could not run";

/// The commands, in the order in which a newcomer meets them; what `--help` says of each stands on its `Args`.
#[derive(Debug, Subcommand)]
#[allow(missing_docs, reason = "a comment here would hide the longer one of the command's Args from --help")]
pub enum Command {
    Demo(demo::Args),
    Init(init::Args),
    Check(check::Args),
    Partner(partner::Args),
    Run(run::Args),
    Status(status::Args),
    Lint(lint::Args),
    Ack(ack::Args),
    Show(show::Args),
    Render(render::Args),
    Submit(submit::Args),
    Ledger(ledger::Args),
    Export(export::Args),
    Trace(trace::Args),
    Explain(explain::Args),
    Guide(guide::Args),
    Replay(replay::Args),
    Accept(replay::AcceptArgs),
    Release(replay::ReleaseArgs),
    Resend(resend::Args),
    Waive(resend::WaiveArgs),
    Finding(finding::Args),
    Clock(clock::Args),
    Report(report::Args),
    User(user::Args),
    Alert(alert::Args),
    Bench(bench::Args),
}

/// Runs a command to its end.
pub fn run(cli: Cli) -> Result<Exit, Failure> {
    let config = cli.config.as_deref();
    let done = match cli.command {
        Command::Demo(args) => demo::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Check(args) => check::run(&args, config),
        Command::Partner(args) => partner::run(&args, config),
        Command::Run(args) => run::run(&args, config),
        Command::Status(args) => status::run(&args, config),
        Command::Lint(args) => lint::run(&args, config),
        Command::Ack(args) => ack::run(&args, config),
        Command::Show(args) => show::run(&args, config),
        Command::Render(args) => render::run(&args, config),
        Command::Submit(args) => submit::run(&args, config),
        Command::Ledger(args) => ledger::run(&args, config),
        Command::Export(args) => export::run(&args, config),
        Command::Trace(args) => trace::run(&args, config),
        Command::Explain(args) => explain::run(&args, config),
        Command::Guide(args) => guide::run(&args, config),
        Command::Replay(args) => replay::run(&args, config),
        Command::Accept(args) => replay::accept(&args, config),
        Command::Release(args) => replay::release(&args, config),
        Command::Resend(args) => resend::run(&args, config),
        Command::Waive(args) => resend::waive(&args, config),
        Command::Finding(args) => finding::run(&args, config),
        Command::Clock(args) => clock::run(&args, config),
        Command::Report(args) => report::run(&args, config),
        Command::User(args) => user::run(&args, config),
        Command::Alert(args) => alert::run(&args, config),
        Command::Bench(args) => bench::run(&args),
    };
    match done {
        Err(failure) if failure.reader_gone => Ok(Exit::Fine),
        done => done,
    }
}

/// The gateway.toml that a command uses.
pub fn config_path(given: Option<&std::path::Path>) -> PathBuf {
    match given {
        Some(path) => path.to_owned(),
        None if PathBuf::from("gateway.toml").exists() => "gateway.toml".into(),
        None => "/etc/edigate/gateway.toml".into(),
    }
}

/// The configuration, or every error in it as one failure.
pub fn load_config(given: Option<&std::path::Path>) -> Result<Config, Failure> {
    let path = config_path(given);
    if !path.exists() {
        return Err(Failure::new(format!("{} does not exist", path.display()))
            .hint("name it with --config FILE, or make one with `edigate init DIR`"));
    }
    crate::config::load::load(&path).map(|(config, _warnings)| config).map_err(|errors| {
        let count = errors.iter().filter(|error| error.is_error()).count();
        let texts: Vec<String> = errors.iter().map(Diagnostic::to_string).collect();
        let count = lint::plural(count, "error");
        Failure::new(format!("the configuration has {count}\n{}", texts.join("\n")))
            .hint("`edigate check` shows warnings and missing folders as well")
    })
}

/// The partner that somebody named.
fn partner_named<'c>(named: &str, config: &'c Config) -> Result<&'c Partner, Failure> {
    let id = PartnerId::parse(named).ok();
    id.and_then(|id| config.partners.get(&id)).ok_or_else(|| no_partner(named, config))
}

/// Somebody named a partner that the configuration does not have.
fn no_partner(named: &str, config: &Config) -> Failure {
    let known: Vec<&str> = config.partners.keys().map(PartnerId::as_str).collect();
    Failure::new(format!("there is no partner {named:?}")).hint(format!("the partners are {}", known.join(", ")))
}
