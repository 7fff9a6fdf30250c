//! `edigate ack`: the acknowledgment that a file would get, on stdout.

use std::path::Path;

use clap::ValueEnum;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::rules::Rules;
use super::{Exit, Failure, input, output};
use crate::config::Us;
use crate::config::partner::{Partner, Status, X12Settings};
use crate::x12::acknowledgment::{self, AnswerKind, Style};
use crate::x12::envelope::{InterchangeHeader, InterchangeId, Usage};
use crate::x12::examine::{InterchangeReport, examine};
use crate::x12::writer::{self, Envelope, WriteError};

/// Print the acknowledgment that a file would get
///
/// Checks an X12 file and prints the acknowledgment that its sender would get: one interchange per interchange received, one
/// 997 per functional group at the group's version (a 999 where the group follows an implementation guide such as
/// 005010X222A1), none for groups of acknowledgments.
///
/// Needs no configuration and no ledger: control numbers start at --control-number, identities are those of the file, swapped.
/// With --config, or with --partner, it is the answer that the daemon would give: by the guides, the exceptions and the
/// acknowledgment agreed on with the partner that sent the file, or with the one that is named, between its identity and ours.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate ack 850.edi\n  edigate ack --kind ta1 850.edi\n  edigate ack --json 850.edi | jq .groups[].verdict\n  \
    edigate ack --partner megamart 850.edi\n\
    Exit codes: 0 everything accepted · 1 something rejected · 2 could not run, or nothing to answer"
)]
pub struct Args {
    /// The file to acknowledge; `-` for standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Which acknowledgment; 997 or 999 by the version of each group when not given
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Answer as the agreement with this partner says, whoever the file names as its sender
    #[arg(long, value_name = "PARTNER")]
    partner: Option<String>,
    /// First control number to use
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    control_number: u32,
    /// Say what was decided, one JSON object per interchange, instead of writing X12
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Functional acknowledgment
    #[value(name = "997")]
    Functional,
    /// Implementation acknowledgment
    #[value(name = "999")]
    Implementation,
    /// Interchange acknowledgment
    #[value(name = "ta1")]
    Interchange,
}

/// Writes the acknowledgments of every interchange in the file.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let rules = Rules::of(args.partner.as_deref(), config)?;
    let guides = |header: &InterchangeHeader| rules.library(header);
    let mut report = examine(input::open(&args.file)?, Some(&args.file), &guides, &mut |_| {})
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", args.file)))?;
    if report.interchanges.is_empty() {
        let reasons: Vec<String> = report.diagnostics.iter().map(ToString::to_string).collect();
        return Err(Failure::new(format!("{} holds no interchange to acknowledge\n{}", args.file, reasons.join("\n"))));
    }
    for (interchange, number) in report.interchanges.iter_mut().zip(args.control_number..) {
        let agreement = Agreement::of(&rules, &interchange.header);
        if let Some(agreement) = &agreement {
            interchange.judge_by(&agreement.x12.exceptions);
        }
        if args.json {
            output::json(&decided(interchange))?;
        } else if let Some(bytes) = acknowledge(args, interchange, agreement.as_ref(), number)? {
            output::bytes(&bytes)?;
        }
    }
    for diagnostic in report.all_diagnostics().filter(|diagnostic| diagnostic.is_error()) {
        output::talk(diagnostic);
    }
    Ok(if report.all_diagnostics().any(|diagnostic| diagnostic.is_error()) { Exit::Findings } else { Exit::Fine })
}

/// What was agreed on with a partner that speaks X12.
struct Agreement<'r> {
    us: &'r Us,
    partner: &'r Partner,
    x12: &'r X12Settings,
}

impl<'r> Agreement<'r> {
    fn of(rules: &'r Rules, header: &InterchangeHeader) -> Option<Agreement<'r>> {
        let (config, partner) = rules.partner(header)?;
        Some(Agreement { us: &config.us, partner, x12: partner.x12.as_ref()? })
    }

    /// The envelope of an answer to an interchange.
    fn envelope(&self, header: &InterchangeHeader, control_number: u32) -> Envelope {
        let is_test = header.usage == Some(Usage::Test) || self.partner.status == Status::Test;
        let usage = if is_test { Usage::Test } else { Usage::Production };
        self.x12.envelope(self.us, control_number, usage, self.partner.zone.to_datetime(Timestamp::now()))
    }
}

fn acknowledge(
    args: &Args,
    interchange: &InterchangeReport,
    agreement: Option<&Agreement<'_>>,
    number: u32,
) -> Result<Option<Vec<u8>>, Failure> {
    let envelope = match agreement {
        Some(agreement) => agreement.envelope(&interchange.header, number),
        None => envelope_back(interchange, number)?,
    };
    if args.kind == Some(Kind::Interchange) {
        let written = writer::interchange_acknowledgments(&envelope, &[acknowledgment::interchange(interchange)]);
        return written.map(Some).map_err(|error| unwritable(&error));
    }
    let Some(style) = style(args.kind, agreement, &envelope) else { return Ok(None) };
    let answers = acknowledgment::answers(interchange, &style);
    if answers.is_empty() {
        let number = &interchange.header.control_number;
        output::talk(format!("interchange {number} holds nothing that a 997 answers"));
        return Ok(None);
    }
    let envelope = acknowledgment::envelope_for(&answers, envelope);
    let groups: Vec<_> =
        answers.into_iter().zip(number..).map(|(group, number)| group.headed(number, &envelope)).collect();
    writer::interchange_of(&envelope, &groups).map(Some).map_err(|error| unwritable(&error))
}

/// How the answer is written: as was agreed on, with what was asked for; `None` where nothing was.
fn style(kind: Option<Kind>, agreement: Option<&Agreement<'_>>, envelope: &Envelope) -> Option<Style> {
    let with = match kind {
        Some(Kind::Functional) => Some(AnswerKind::Functional),
        Some(Kind::Implementation) => Some(AnswerKind::Implementation),
        Some(Kind::Interchange) | None => None,
    };
    let plain = Style { delimiters: envelope.delimiters, ..Style::default() };
    let style = match agreement.map(|agreement| (agreement.x12.answer_style(), &agreement.partner.name)) {
        Some((Some(agreed), _)) => agreed,
        Some((None, name)) if with.is_none() => {
            output::talk(format!("the agreement with {name} has no acknowledgment; --kind 997 shows what it would be"));
            return None;
        }
        _ => plain,
    };
    Some(Style { with: with.or(style.with), ..style })
}

fn unwritable(error: &WriteError) -> Failure {
    Failure::new(format!("the acknowledgment cannot be written: {error}"))
}

/// The envelope of the answer: sender and receiver swapped, the same delimiters.
fn envelope_back(interchange: &InterchangeReport, control_number: u32) -> Result<Envelope, Failure> {
    let header = &interchange.header;
    let id = |id: Option<InterchangeId>, what: &str| {
        id.ok_or_else(|| {
            Failure::new(format!("the {what} of interchange {} has no usable identifier", header.control_number))
        })
    };
    let group = interchange.groups.first().map(|group| &group.header);
    Ok(Envelope {
        sender: id(header.receiver_id(), "receiver")?,
        receiver: id(header.sender_id(), "sender")?,
        group_sender: group.map_or_else(|| header.receiver.clone(), |group| group.receiver.clone()),
        group_receiver: group.map_or_else(|| header.sender.clone(), |group| group.sender.clone()),
        version: "004010".to_owned(),
        control_number,
        acknowledgment_requested: false,
        usage: header.usage.unwrap_or(Usage::Test),
        at: TimeZone::system().to_datetime(Timestamp::now()),
        delimiters: header.delimiters,
        line_breaks: true,
    })
}

fn decided(interchange: &InterchangeReport) -> serde_json::Value {
    let groups: Vec<_> = interchange
        .groups
        .iter()
        .map(|group| {
            let sets: Vec<_> = group
                .sets
                .iter()
                .map(|set| json!({ "set": set.id, "control_number": set.control_number, "verdict": set.verdict }))
                .collect();
            json!({
                "functional_id": group.header.functional_id,
                "control_number": group.header.control_number,
                "verdict": group.verdict,
                "sets": sets,
            })
        })
        .collect();
    json!({ "interchange": interchange.header.control_number, "ta1": acknowledgment::interchange(interchange), "groups": groups })
}
