//! partner.toml: from its text to a [`Partner`], and what it claims that others could contradict.
//!
//! ```toml
//! name   = "MegaMart Stores"
//! role   = "retailer"
//! status = "production"
//! [x12]
//! isa         = "ZZ:MEGAMART"
//! version     = "004010"
//! acknowledge = { with = "997", within = "24 h" }
//! ```

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::acknowledge;
use super::agreement::As2Id;
use super::archive::{self, Retention};
use super::as2::OurAs2;
use super::compliance;
use super::cross_reference;
use super::duplicates::{self, Speaks};
use super::endpoints::{self, Around, Declared};
use super::guides::{self, Guides};
use super::listen::{self, Api};
use super::partner::{Partner, PartnerId, PickUp, Role, Status, X12Settings};
use super::reader::{At, Source, Table, choice};
use super::rules::{self, Context, Route};
use super::{tolerance, us, x12_values};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;
use crate::document::Kind;
use crate::x12::envelope::InterchangeId;
use crate::x12::guide::Library;

const ROLES: [(&str, Role); 5] = [
    ("retailer", Role::Retailer),
    ("erp", Role::Erp),
    ("wms", Role::Wms),
    ("3pl", Role::ThirdPartyLogistics),
    ("storefront", Role::Storefront),
];
const STATUSES: [(&str, Status); 2] = [("production", Status::Production), ("test", Status::Test)];

/// What a partner file takes from the gateway's.
pub(crate) struct Defaults<'d> {
    /// Where relative folders start.
    pub home: &'d Path,
    /// The zone of partners that name none.
    pub zone: TimeZone,
    /// How long bytes are kept.
    pub keep: Duration,
    /// Who we are where AS2 is spoken.
    pub as2: Option<&'d Arc<OurAs2>>,
    /// What documents are checked by.
    pub guides: &'d Library,
}

/// What a file says that the files of other partners must agree to.
#[derive(Default)]
pub(crate) struct Claims {
    pub status: Option<Status>,
    pub isa: Option<At<InterchangeId>>,
    pub pick_ups: Vec<At<PickUp>>,
    /// The AS2 ids between which it speaks, ours first.
    pub as2: Vec<At<(As2Id, As2Id)>>,
    pub routes: Vec<Route>,
    /// The kinds that are sent to it; `None` when some could not be read.
    pub sent: Option<Vec<Kind>>,
}

/// Reads the file of one partner, which stands in `folder`.
pub(crate) fn read(source: &Source, id: &PartnerId, folder: &Path, defaults: &Defaults) -> (Option<Partner>, Claims) {
    let Some(parsed) = source.parse() else { return (None, Claims::default()) };
    let root = source.root(&parsed);
    let name = root.required("name", r#"name = "MegaMart Stores""#).text();
    let role = root.required("role", r#"role = "retailer""#).parse(|text| choice(text, "role", &ROLES));
    let status = root.required("status", r#"status = "production""#).parse(|text| choice(text, "status", &STATUSES));
    let zone = root.optional("zone").parse(us::zone).map_or(defaults.zone.clone(), |zone| zone.value);
    let x12_table = root.optional("x12").table();
    let around = Around { folder, home: defaults.home, zone: &zone, as2: defaults.as2 };
    let declared = endpoints::read(&root, around);
    let whose = (id.as_str(), name.as_ref().map_or(id.as_str(), |name| name.value));
    let overlays = &|table: &Table| guides::overlays(table, folder, whose, defaults.guides);
    let (x12, isa) = x12_table.as_ref().map(|table| read_x12(table, &declared, overlays)).unwrap_or_default();
    let context = Context { folder, endpoints: &declared, zone: &zone, speaks_x12: root.has("x12") };
    let rules = rules::read(&root, &context);
    let compliance = compliance::read(&root, &zone);
    let duplicates = duplicates::read(&root, speaks(x12_table.as_ref()));
    let cross_references = Arc::new(cross_reference::read(&root, folder));
    let tolerance = tolerance::read(root.optional("tolerance").table().as_ref());
    let retention = read_retention(root.optional("retention").table().as_ref(), defaults.keep);
    let api = root.optional("api").table().and_then(|table| read_api(&table, defaults.home, &declared));
    root.finish();

    let claims = Claims {
        status: status.as_ref().map(|status| status.value),
        isa,
        pick_ups: declared.iter().filter_map(|endpoint| endpoint.pick_up.clone()).collect(),
        as2: declared.iter().filter_map(Declared::as2).collect(),
        routes: rules.routes,
        sent: rules.complete.then_some(rules.sent),
    };
    let partner = || {
        Some(Partner {
            id: id.clone(),
            name: name?.value.to_owned(),
            role: role?.value,
            status: status?.value,
            zone,
            x12,
            endpoints: declared.into_iter().filter_map(|declared| declared.endpoint).collect(),
            receives: rules.receives,
            sends: rules.sends,
            compliance,
            duplicates,
            tolerance,
            cross_references,
            retention,
            api,
        })
    };
    (partner(), claims)
}

/// The `[retention]` table, where there is one.
fn read_retention(table: Option<&Table>, keep: Duration) -> Retention {
    let Some(table) = table else { return Retention { keep, legal_hold: None } };
    let keep = archive::read_keep(table).unwrap_or(keep);
    let legal_hold = table.optional("legal_hold").text().map(|reason| reason.value.to_owned());
    table.finish();
    Retention { keep, legal_hold }
}

/// The `[api]` table. What comes by the API has its name in the books, which no endpoint may have as well.
fn read_api(table: &Table, home: &Path, declared: &[Declared]) -> Option<Api> {
    let api = listen::read_api(table, home);
    if declared.iter().any(|endpoint| endpoint.name == Api::ENDPOINT) {
        let message = format!("an endpoint is named {:?}, which is the name of what [api] takes", Api::ENDPOINT);
        table.source.report(Diagnostic::new(&codes::SAME_NAME, message).at(table.place.clone()));
    }
    api
}

/// The `[x12]` table; the second value is the identity, which no other partner may have.
fn read_x12(
    table: &Table,
    declared: &[Declared],
    overlays: &dyn Fn(&Table) -> Guides,
) -> (Option<X12Settings>, Option<At<InterchangeId>>) {
    let isa = table.required("isa", r#"isa = "ZZ:MEGAMART""#).parse(x12_values::isa);
    let gs = table.optional("gs").parse(x12_values::gs);
    let version = table.required("version", r#"version = "004010""#).parse(x12_values::version);
    let version = version.map(|version| version.value);
    let separators = table.optional("separators");
    // Without a version it is unknown how many separators there are; that fault comes first.
    let delimiters = version.as_ref().map(|version| {
        let asked_for = separators.parse(|text| x12_values::separators(text, version));
        asked_for.map_or_else(|| x12_values::usual_separators(version), |delimiters| delimiters.value)
    });
    let line_breaks = table.optional("line_breaks").boolean().unwrap_or(false);
    let first_control_number = table.optional("first_control_number").integer(1..=999_999_999).unwrap_or(1);
    let acknowledge = acknowledge::read(table, declared);
    let ta1 = acknowledge::read_ta1(table, declared);
    let exceptions = acknowledge::read_exceptions(table);
    let guides = overlays(table);
    table.finish();
    let identity = isa.clone();
    let settings = || {
        let isa = isa?.value;
        Some(X12Settings {
            gs: gs.map_or_else(|| isa.id().to_owned(), |gs| gs.value),
            isa,
            version: version?,
            delimiters: delimiters?,
            line_breaks,
            acknowledge,
            ta1,
            exceptions,
            first_control_number,
            guides,
        })
    };
    (settings(), identity)
}

/// Whether what the partner sends is X12 and acknowledged, as the file says it, whatever else is wrong there.
fn speaks(x12: Option<&Table>) -> Speaks {
    match x12 {
        None => Speaks::NoX12,
        Some(x12) if x12.optional("acknowledge").is_text() => Speaks::Unacknowledged,
        Some(_) => Speaks::Acknowledged,
    }
}
