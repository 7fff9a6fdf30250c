//! `edigate render`: a canonical document in a partner's format.

use std::path::Path;

use clap::ValueEnum;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::rules::Rules;
use super::{Exit, Failure, input, output};
use crate::config::map::Layout;
use crate::config::partner::SendFormat;
use crate::diagnostic::{Diagnostic, Record};
use crate::document::Document;
use crate::normalize;
use crate::render;
use crate::x12::delimiters::Delimiters;
use crate::x12::envelope::{InterchangeHeader, InterchangeId, Usage};
use crate::x12::examine::examine;
use crate::x12::writer::{self, Envelope, GroupDraft};

/// Write a canonical document in a partner's format
///
/// Reads canonical JSON and writes it as X12 (in an interchange of its own), CSV or XML, checked as its receiver would check it.
///
/// Without --partner the identities are placeholders and nothing else is needed; with it, gateway.toml and the partner's
/// identities, separators, version, guides, overlays and maps are used. Nothing is recorded, and control numbers are not taken
/// from the ledger: this is for looking, not for sending. CSV and XML need the partner's map.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate show 850.edi --as canonical | edigate render - --as 850\n  \
    edigate render order.json --partner erp --as csv\n\
    Exit codes: 0 written, its receiver would accept it · 1 written, but it would be rejected; or it cannot be written · 2 could not run")]
pub struct Args {
    /// Canonical JSON; `-` for standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Whose identities, separators and maps
    #[arg(long, value_name = "PARTNER")]
    partner: Option<String>,
    /// In which format
    #[arg(long = "as", value_enum, value_name = "FORMAT")]
    format: Format,
    /// Interchange and group control number to write
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    control_number: u32,
    /// One JSON object per document: the text, and what is wrong with it
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Purchase order
    #[value(name = "850")]
    Order,
    /// Purchase order acknowledgment
    #[value(name = "855")]
    OrderAck,
    /// Ship notice
    #[value(name = "856")]
    Shipment,
    /// Invoice
    #[value(name = "810")]
    Invoice,
    /// By the partner's CSV map
    Csv,
    /// By the partner's XML map
    Xml,
    /// Canonical JSON, or by the partner's JSON map
    Json,
}

impl Format {
    fn transaction_set(self) -> Option<&'static str> {
        match self {
            Format::Order => Some("850"),
            Format::OrderAck => Some("855"),
            Format::Shipment => Some("856"),
            Format::Invoice => Some("810"),
            Format::Csv | Format::Xml | Format::Json => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xml => "xml",
            Format::Json => "json",
            x12 => x12.transaction_set().unwrap_or_default(),
        }
    }
}

/// Writes every document of the file.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let bytes = input::read(&args.file)?;
    let (documents, diagnostics) = normalize::json::canonical(&bytes, &args.file);
    for diagnostic in &diagnostics {
        output::talk(diagnostic);
    }
    if documents.is_empty() {
        return Err(Failure::new(format!("{} holds no canonical document", args.file))
            .hint("`edigate show FILE --as canonical` makes one of X12; `edigate show --schema KIND` describes it"));
    }
    let rules = Rules::of(args.partner.as_deref(), config.filter(|_| args.partner.is_some()))?;
    let mut exit = if diagnostics.iter().any(Diagnostic::is_error) { Exit::Findings } else { Exit::Fine };
    for (document, number) in documents.iter().zip(args.control_number..) {
        let (bytes, remarks) = match write(args, document, &rules, number)? {
            Ok((bytes, remarks)) => (Some(bytes), remarks),
            Err(faults) => (None, faults),
        };
        if remarks.iter().any(Diagnostic::is_error) {
            exit = Exit::Findings;
        }
        if args.json {
            let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            let records: Vec<Record> = remarks.iter().map(Record::from).collect();
            output::json(&json!({ "number": document.number(), "text": text, "diagnostics": records }))?;
        } else {
            output::bytes(&bytes.unwrap_or_default())?;
            remarks.iter().for_each(output::talk);
        }
    }
    Ok(exit)
}

fn is_layout(layout: &Layout, format: Format) -> bool {
    matches!(
        (layout, format),
        (Layout::Csv(_), Format::Csv) | (Layout::Xml(_), Format::Xml) | (Layout::Json(_), Format::Json)
    )
}

type Written = Result<(Vec<u8>, Vec<Diagnostic>), Vec<Diagnostic>>;

fn write(args: &Args, document: &Document, rules: &Rules, number: u32) -> Result<Written, Failure> {
    if let Some(set) = args.format.transaction_set() {
        let kind = document.kind();
        if kind.transaction_set() != Some(set) {
            let own = kind.transaction_set().unwrap_or("csv, xml or json");
            return Err(Failure::new(format!("{} holds {kind}, which is written as {own}, not {set}", args.file)));
        }
        return write_x12(document, rules, number);
    }
    let map = rules.named().and_then(|(_, partner)| {
        partner.sends.iter().find_map(|send| match &send.format {
            SendFormat::Mapped(map) if map.kind == document.kind() && is_layout(&map.layout, args.format) => Some(map),
            _ => None,
        })
    });
    match (map, args.format) {
        (Some(map), _) => Ok(render::mapped::render(document, map).map(|bytes| (bytes, Vec::new()))),
        (None, Format::Json) => Ok(Ok((render::json::canonical(document), Vec::new()))),
        (None, _) => {
            let name = args.format.name();
            Err(Failure::new(format!("there is no {name} map that writes {}", document.kind()))
                .hint("name a --partner whose partner.toml sends it by such a map"))
        }
    }
}

fn write_x12(document: &Document, rules: &Rules, number: u32) -> Result<Written, Failure> {
    let envelope = envelope(rules, number)?;
    let rendered = match render::x12::set_at(document, &envelope.version) {
        Ok(rendered) => rendered,
        Err(faults) => return Ok(Err(faults)),
    };
    let group = GroupDraft { control_number: number, sets: vec![rendered.draft] };
    let bytes = writer::interchange(&envelope, &[group]).map_err(|error| Failure::new(error.to_string()))?;
    let mut remarks = rendered.warnings;
    let report = examine(bytes.as_slice(), None, &|_: &InterchangeHeader| rules.own_library(), &mut |_| {})
        .map_err(|error| Failure::new(error.to_string()))?;
    remarks.extend(report.all_diagnostics().filter(|one| one.is_error()).cloned());
    Ok(Ok((bytes, remarks)))
}

/// Between us and the partner that was named, or between placeholders; a test in any case.
fn envelope(rules: &Rules, number: u32) -> Result<Envelope, Failure> {
    let named = rules.named().and_then(|(config, partner)| Some((config, partner, partner.x12.as_ref()?)));
    if let Some((config, partner, x12)) = named {
        return Ok(x12.envelope(&config.us, number, Usage::Test, partner.zone.to_datetime(Timestamp::now())));
    }
    let placeholder = |text: &str| InterchangeId::parse(text).map_err(Failure::new);
    let us = rules.named().map(|(config, _)| &config.us);
    Ok(Envelope {
        sender: us.map_or_else(|| placeholder("ZZ:SUPPLIER"), |us| Ok(us.isa.clone()))?,
        receiver: placeholder("ZZ:RETAILER")?,
        group_sender: us.map_or("SUPPLIER", |us| &us.gs).to_owned(),
        group_receiver: "RETAILER".to_owned(),
        version: "004010".to_owned(),
        control_number: number,
        acknowledgment_requested: false,
        usage: Usage::Test,
        at: TimeZone::system().to_datetime(Timestamp::now()),
        delimiters: Delimiters::default(),
        line_breaks: true,
    })
}
