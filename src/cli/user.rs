//! `edigate user`: who may sign in to the pages, what they may do there, and the tokens of programs.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use clap::Subcommand;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use super::by::ByArgs;
use super::ledger::{open, open_to_write};
use super::table::{Align, table};
use super::{Exit, Failure, load_config, output, partner_named};
use crate::config::secret::SecretReference;
use crate::daemon::clock::Clock;
use crate::ledger::Error;
use crate::ledger::people::{Person, Role};
use crate::web::people::change::{self, Change};
use crate::web::people::password::{self, Cost};

/// Who may sign in to the pages
///
/// Keeps the people who sign in to the pages (a listener that serves "pages"), in the ledger. A viewer looks; an operator
/// releases, replays, resends, waives and assigns as well; an admin who sees every partner also keeps the people. With
/// --partner they see those partners and nothing else. Everything that is done here is in the journal.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate user add mary --role operator\n  edigate user add audit --role viewer --partner megamart\n  \
    edigate user token mary > mary.token\n  edigate user role mary viewer --because \"she is with sales now\"\n  edigate user disable mary\n\
    Exit codes: 0 done · 2 could not run"
)]
pub struct Args {
    #[command(subcommand)]
    doing: Doing,
}

#[derive(Debug, Subcommand)]
enum Doing {
    Add(Add),
    List(List),
    Password(NewPassword),
    Role(NewRole),
    /// Print a new token, by which a program reads in their name
    Token(Named),
    /// Make the tokens in somebody's name worth nothing
    Revoke(Named),
    /// Sign somebody out wherever they are signed in
    SignOut(Named),
    /// Shut somebody out, with their tokens
    Disable(Named),
}

/// Add somebody; the password is asked for, or read from the first line of standard input
#[derive(Debug, clap::Args)]
struct Add {
    /// Their name: lower-case letters, digits, `.`, `-`, `_`, `@`
    #[arg(value_parser = change::name)]
    name: String,
    /// What they may do: viewer, operator or admin
    #[arg(long, value_parser = Role::parse)]
    role: Role,
    /// Only this partner; may be given several times
    #[arg(long, value_name = "PARTNER")]
    partner: Vec<String>,
    #[command(flatten)]
    password: Password,
    /// None: they come by a proxy that signs them in
    #[arg(long, conflicts_with = "from")]
    no_password: bool,
    #[command(flatten)]
    by: ByArgs,
}

/// Everybody, by name
#[derive(Debug, clap::Args)]
struct List {
    /// JSON, one object per line
    #[arg(long)]
    json: bool,
}

/// Give somebody another password; who was disabled is back, and who is signed in is signed out
#[derive(Debug, clap::Args)]
struct NewPassword {
    /// Whose
    #[arg(value_parser = change::name)]
    name: String,
    #[command(flatten)]
    password: Password,
    #[command(flatten)]
    by: ByArgs,
}

/// Give somebody another role, from now on
#[derive(Debug, clap::Args)]
struct NewRole {
    /// Whose
    #[arg(value_parser = change::name)]
    name: String,
    /// What they may do: viewer, operator or admin
    #[arg(value_parser = Role::parse)]
    role: Role,
    #[command(flatten)]
    by: ByArgs,
}

#[derive(Debug, clap::Args)]
struct Password {
    /// Where it is kept: file:PATH, env:NAME or credential:NAME
    #[arg(long = "password", value_name = "REFERENCE")]
    from: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Named {
    /// Whose
    #[arg(value_parser = change::name)]
    name: String,
    #[command(flatten)]
    by: ByArgs,
}

/// Does what was asked.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    match &args.doing {
        Doing::Add(args) => add(args, config)?,
        Doing::List(args) => list(args, config)?,
        Doing::Password(args) => give_password(args, config)?,
        Doing::Role(args) => change_somebody(&args.name, Change::Role(args.role), &args.by, config)?,
        Doing::Token(args) => make_token(args, config)?,
        Doing::Revoke(args) => change_somebody(&args.name, Change::TokensRevoked, &args.by, config)?,
        Doing::SignOut(args) => change_somebody(&args.name, Change::SignedOut, &args.by, config)?,
        Doing::Disable(args) => change_somebody(&args.name, Change::Disabled, &args.by, config)?,
    }
    Ok(Exit::Fine)
}

fn add(args: &Add, config_file: Option<&Path>) -> Result<(), Failure> {
    let config = load_config(config_file)?;
    let ledger = open_to_write(config_file)?;
    for partner in &args.partner {
        partner_named(partner, &config)?;
    }
    let password = if args.no_password { None } else { Some(args.password.hashed()?) };
    let partners = (!args.partner.is_empty()).then(|| args.partner.iter().cloned().collect());
    let (name, role) = (args.name.clone(), args.role);
    let new = Person { name, role, partners, created: Clock::system().now(), disabled: None, password };
    match change::add(&ledger, new, &args.by.by()).map_err(failed)? {
        Some(done) => output::line(done),
        None => Err(Failure::new(format!("there is a user {:?} already", args.name))
            .hint("`edigate user password` gives them another password")),
    }
}

fn list(args: &List, config: Option<&Path>) -> Result<(), Failure> {
    let (config, ledger) = open(config)?;
    let people = ledger.read(|tx| tx.people()).map_err(failed)?;
    if args.json {
        return people.iter().try_for_each(output::json);
    }
    let day = |time| config.us.zone.to_datetime(time).strftime("%Y-%m-%d").to_string();
    let row = |person: &Person| {
        let partners = person.partners.as_ref().map(|some| some.iter().cloned().collect::<Vec<_>>().join(", "));
        let state = match (person.disabled, &person.password) {
            (Some(since), _) => format!("disabled since {}", day(since)),
            (None, None) => "by proxy".to_owned(),
            (None, Some(_)) => "may sign in".to_owned(),
        };
        let partners = partners.unwrap_or_else(|| "all".to_owned());
        vec![person.name.clone(), person.role.name().to_owned(), day(person.created), state, partners]
    };
    let heading = ["user", "role", "since", "state", "partners"].map(|title| (title, Align::Left));
    output::text(table(&heading, &people.iter().map(row).collect::<Vec<_>>()))
}

fn give_password(args: &NewPassword, config: Option<&Path>) -> Result<(), Failure> {
    let hash = args.password.hashed()?;
    change_somebody(&args.name, Change::Password(hash), &args.by, config)
}

fn make_token(args: &Named, config: Option<&Path>) -> Result<(), Failure> {
    let ledger = open_to_write(config)?;
    let token = change::make_token(&ledger, &args.name, &args.by.by(), Clock::system().now()).map_err(failed)?;
    output::talk("this is shown once; whoever has it reads what they may see");
    output::line(token.text())
}

fn change_somebody(name: &str, change: Change, by: &ByArgs, config: Option<&Path>) -> Result<(), Failure> {
    let ledger = open_to_write(config)?;
    output::line(change::change(&ledger, name, change, &by.by(), Clock::system().now()).map_err(failed)?)
}

fn failed(error: Error) -> Failure {
    let failure = Failure::new(error.to_string());
    match error {
        Error::NoSuch { .. } => failure.hint("`edigate user list` has everybody"),
        _ => failure,
    }
}

impl Password {
    fn hashed(&self) -> Result<String, Failure> {
        let shown = match &self.from {
            Some(reference) => {
                let reference = SecretReference::parse(reference).map_err(|fault| Failure::new(fault.to_string()))?;
                reference.read().map_err(Failure::new)?
            }
            None if io::stdin().is_terminal() => asked()?,
            None => line()?,
        };
        password::hash(&shown, Cost::usual()).map_err(|why| Failure::new(format!("the password cannot be used: {why}")))
    }
}

/// Asks a person twice, and shows nothing of what they type.
fn asked() -> Result<String, Failure> {
    let terminal = |error: rustix::io::Errno| Failure::new(format!("the terminal cannot be set: {error}"));
    let shown = tcgetattr(io::stdin()).map_err(terminal)?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(io::stdin(), OptionalActions::Flush, &hidden).map_err(terminal)?;
    output::talk("password:");
    let first = line();
    output::talk("once more:");
    let second = line();
    tcsetattr(io::stdin(), OptionalActions::Flush, &shown).map_err(terminal)?;
    let (first, second) = (first?, second?);
    if first != second {
        return Err(Failure::new("the two are not the same"));
    }
    Ok(first)
}

fn line() -> Result<String, Failure> {
    let mut line = String::new();
    io::stdin().read_line(&mut line).map_err(|error| Failure::new(format!("cannot read the password: {error}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
