//! `edigate partner`: who the partners are, and whether the wires to one of them work.

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::paint::Paint;
use super::table::{Align, table};
use super::{Exit, Failure, certificate, load_config, no_partner, output};
use crate::config::Config;
use crate::config::partner::{Partner, PartnerId};
use crate::config::poll::presets;
use crate::config::profile;
use crate::diagnostic::Record;
use crate::transport::trial::{self, Step};
use crate::web::v1::partners::PartnerRow;

/// Who the partners are, and whether the wires to one of them work
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate partner list\n  edigate partner test megamart\n  edigate partner presets shopify-orders > own.api.toml\n  \
    edigate partner profiles target\n\
    Exit codes: 0 fine · 1 a wire does not work · 2 could not run"
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    List(List),
    Test(Test),
    Presets(Presets),
    Profiles(Profiles),
    Cert(certificate::Args),
}

/// The partners, with their wires and the documents that are exchanged
#[derive(Debug, clap::Args)]
struct List {
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

/// Connect to every endpoint of a partner, and say what was tried and what answered
///
/// Names the host key that a server shows, how it let us in, how many files wait and whether files are taken. Takes nothing and
/// leaves nothing: a drop-off gets a file that readers ignore, which is deleted at once.
#[derive(Debug, clap::Args)]
struct Test {
    /// The partner's id: the name of its folder
    #[arg(value_name = "PARTNER")]
    partner: String,
    /// One JSON object per step
    #[arg(long)]
    json: bool,
}

/// The APIs that edigate knows how to poll, or the file of one of them to be copied and changed
#[derive(Debug, clap::Args)]
struct Presets {
    /// The preset whose file is printed
    #[arg(value_name = "PRESET")]
    preset: Option<String>,
    /// Print its map into the canonical model instead
    #[arg(long, requires = "preset")]
    map: bool,
}

/// The compliance rules of well-known retailers, or the file of one of them
///
/// `[compliance] profile = "NAME"` in a partner file takes the rules over; a [[clock]] of the same name replaces one of them. Every
/// number is hearsay with its source and date: hold it against the retailer's own guide.
#[derive(Debug, clap::Args)]
struct Profiles {
    /// The profile whose file is printed
    #[arg(value_name = "PROFILE")]
    profile: Option<String>,
}

/// Runs the command.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    match &args.what {
        What::Cert(args) => certificate::run(args, config),
        What::Presets(args) => show_presets(args),
        What::Profiles(args) => show_profiles(args),
        What::List(args) => list(&load_config(config)?, args.json),
        What::Test(args) => {
            let config = load_config(config)?;
            let id = PartnerId::parse(&args.partner).ok();
            let partner =
                id.and_then(|id| config.partners.get(&id)).ok_or_else(|| no_partner(&args.partner, &config))?;
            let trials = trials([partner]);
            tell(&trials, args.json)?;
            Ok(if trials.iter().all(Trial::is_well) { Exit::Fine } else { Exit::Findings })
        }
    }
}

fn show_presets(args: &Presets) -> Result<Exit, Failure> {
    let Some(name) = &args.preset else {
        let heading = ["preset", "its map makes"].map(|name| (name, Align::Left));
        let made =
            |map: &str| map.lines().find_map(|line| line.strip_prefix("document = ")).unwrap_or_default().to_owned();
        let rows = presets::ALL
            .iter()
            .map(|preset| vec![preset.name.to_owned(), made(preset.map).trim_matches('"').to_owned()]);
        output::text(table(&heading, &rows.collect::<Vec<_>>()))?;
        return Ok(Exit::Fine);
    };
    let names: Vec<&str> = presets::ALL.iter().map(|preset| preset.name).collect();
    let unknown =
        || Failure::new(format!("there is no preset {name:?}")).hint(format!("there are {}", names.join(", ")));
    let preset = presets::find(name).ok_or_else(unknown)?;
    let text = if args.map { preset.map } else { preset.api };
    output::text(text.to_owned())?;
    Ok(Exit::Fine)
}

fn show_profiles(args: &Profiles) -> Result<Exit, Failure> {
    let Some(name) = &args.profile else {
        let rules = |profile: &profile::Profile| {
            profile.rules().into_iter().map(|rule| rule.name).collect::<Vec<_>>().join(", ")
        };
        let rows: Vec<Vec<String>> =
            profile::ALL.iter().map(|profile| vec![profile.name.to_owned(), rules(profile)]).collect();
        output::text(table(&[("profile", Align::Left), ("its rules", Align::Left)], &rows))?;
        return Ok(Exit::Fine);
    };
    let names: Vec<&str> = profile::ALL.iter().map(|profile| profile.name).collect();
    let unknown =
        || Failure::new(format!("there is no profile {name:?}")).hint(format!("there are {}", names.join(", ")));
    output::text(profile::find(name).ok_or_else(unknown)?.text.to_owned())?;
    Ok(Exit::Fine)
}

fn list(config: &Config, as_json: bool) -> Result<Exit, Failure> {
    let heading = ["partner", "name", "role", "status", "wires", "receives", "sends"];
    let now = Timestamp::now();
    let partners = config.partners.values().map(|partner| PartnerRow::of(partner, now));
    if as_json {
        partners.into_iter().try_for_each(|partner| output::json(&partner))?;
        return Ok(Exit::Fine);
    }
    let row = |row: PartnerRow| {
        let words = [row.partner, row.name, row.role.to_owned(), row.status.to_owned()];
        words.into_iter().chain([row.wires, row.receives, row.sends].map(|words| words.join(", "))).collect()
    };
    let rows: Vec<Vec<String>> = partners.map(row).collect();
    output::text(table(&heading.map(|name| (name, Align::Left)), &rows))?;
    Ok(Exit::Fine)
}

/// What became of the trial of one endpoint.
pub(super) struct Trial {
    partner: PartnerId,
    endpoint: String,
    steps: Vec<Step>,
}

impl Trial {
    /// True when every step was answered well.
    pub(super) fn is_well(&self) -> bool {
        self.steps.iter().all(|step| step.outcome.is_ok())
    }
}

/// Tries every endpoint of these partners, all at the same time: a dead one holds up no other.
pub(super) fn trials<'p>(partners: impl IntoIterator<Item = &'p Partner>) -> Vec<Trial> {
    let endpoints =
        partners.into_iter().flat_map(|partner| partner.endpoints.iter().map(move |one| (&partner.id, one)));
    std::thread::scope(|scope| {
        let begun: Vec<_> = endpoints
            .map(|(partner, endpoint)| {
                let steps = scope.spawn(|| trial::of(endpoint));
                (partner.clone(), endpoint.name.clone(), steps)
            })
            .collect();
        let ended = begun.into_iter().map(|(partner, endpoint, steps)| Trial {
            partner,
            endpoint,
            steps: steps.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault)),
        });
        ended.collect()
    })
}

/// Prints trials, step by step.
pub(super) fn tell(trials: &[Trial], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return as_objects(trials).iter().try_for_each(output::json);
    }
    let paint = Paint::for_stdout();
    let mut text = String::new();
    for trial in trials {
        text.push_str(&format!("{}\n", paint.bold(&format!("{}/{}", trial.partner, trial.endpoint))));
        for step in &trial.steps {
            match &step.outcome {
                Ok(said) => text.push_str(&format!("  {}  {}: {said}\n", paint.green("ok"), step.what)),
                Err(fault) => {
                    text.push_str(&format!("  {}  {}\n", paint.red("NO"), step.what));
                    fault.to_string().lines().for_each(|line| text.push_str(&format!("      {line}\n")));
                }
            }
        }
    }
    output::text(text)
}

/// The same as JSON: one object per step.
pub(super) fn as_objects(trials: &[Trial]) -> Vec<Value> {
    let object = |trial: &Trial, step: &Step| {
        let mut object = json!({
            "partner": trial.partner.as_str(), "endpoint": trial.endpoint, "tried": step.what, "ok": step.outcome.is_ok(),
        });
        match &step.outcome {
            Ok(said) => object["said"] = said.as_str().into(),
            Err(fault) => object["fault"] = json!(Record::from(fault)),
        }
        object
    };
    trials.iter().flat_map(|trial| trial.steps.iter().map(move |step| object(trial, step))).collect()
}
