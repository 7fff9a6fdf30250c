//! What partner files must agree on among themselves: identities, folders, routes.
//!
//! ```text
//! megamart: isa = "ZZ:MEGAMART", to = "erp"      acme: isa = "ZZ:MEGAMART"
//!   -> two partners with one identity, each with its file and line
//! ```

use std::collections::{BTreeMap, HashMap};

use super::partner::{AfterPickUp, Status};
use super::partner_file::Claims;
use super::pattern;
use super::reader::{At, meant};
use super::rules::Route;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;
use crate::x12::envelope::InterchangeId;

/// What the partners claim, by id; `None` for a partner whose file could not be read at all.
pub(crate) type Everybody = BTreeMap<String, Option<Claims>>;

/// Everything that the files disagree on.
pub(crate) fn check(our_isa: Option<&At<InterchangeId>>, everybody: &Everybody) -> Vec<Diagnostic> {
    let mut faults = identities(our_isa, everybody);
    faults.extend(pick_ups(everybody));
    faults.extend(as2_ids(everybody));
    for (id, claims) in read(everybody) {
        for route in &claims.routes {
            faults.extend(targets(route, claims.status, everybody));
            faults.extend(test_only(id, route, claims.status, everybody));
        }
    }
    faults
}

fn read(everybody: &Everybody) -> impl Iterator<Item = (&str, &Claims)> {
    everybody.iter().filter_map(|(id, claims)| Some((id.as_str(), claims.as_ref()?)))
}

/// No two partners have one ISA identity, and none has ours.
fn identities(our_isa: Option<&At<InterchangeId>>, everybody: &Everybody) -> Vec<Diagnostic> {
    let ours = our_isa.map(|isa| ("the gateway itself".to_owned(), isa));
    let theirs = read(everybody).filter_map(|(id, claims)| Some((format!("the partner {id}"), claims.isa.as_ref()?)));
    let mut owners: HashMap<&InterchangeId, (String, &At<InterchangeId>)> = HashMap::new();
    let mut faults = Vec::new();
    for (who, isa) in ours.into_iter().chain(theirs) {
        if let Some((owner, first)) = owners.get(&isa.value) {
            let message = format!("\"{}\" is also the identity of {owner}", isa.value);
            let hint = format!("the other one is at {}: correct one of the two", first.place);
            faults.push(Diagnostic::new(&codes::SAME_IDENTITY, message).at(isa.place.clone()).hint(hint));
        } else {
            owners.insert(&isa.value, (who, isa));
        }
    }
    faults
}

/// Between two AS2 ids there is one agreement.
fn as2_ids(everybody: &Everybody) -> Vec<Diagnostic> {
    let mut owners: HashMap<_, &At<_>> = HashMap::new();
    let mut faults = Vec::new();
    for pair in read(everybody).flat_map(|(_, claims)| &claims.as2) {
        let Some(first) = owners.insert(&pair.value, pair) else { continue };
        let message = format!("two endpoints speak AS2 as {} with {}", pair.value.0, pair.value.1);
        let hint = format!("the other one is at {}: correct one of the two", first.place);
        faults.push(Diagnostic::new(&codes::SAME_IDENTITY, message).at(pair.place.clone()).hint(hint));
    }
    faults
}

/// No file can be picked up twice, nor again after it was moved away.
fn pick_ups(everybody: &Everybody) -> Vec<Diagnostic> {
    let all: Vec<_> = read(everybody).flat_map(|(_, claims)| &claims.pick_ups).collect();
    let mut faults = Vec::new();
    for (index, one) in all.iter().enumerate() {
        for other in &all[..index] {
            if (&one.value.from, &one.value.server) != (&other.value.from, &other.value.server) {
                continue;
            }
            let Some(what) = pattern::shared(&one.value.matching, &other.value.matching) else { continue };
            let message = format!("two endpoints would pick up {what} in this folder");
            let hint = format!("the other one is at {}: give each a folder or a pattern of its own", other.place);
            faults.push(Diagnostic::new(&codes::SAME_FILES, message).at(one.place.clone()).hint(hint));
        }
        let AfterPickUp::Archive(archive) = &one.value.then else { continue };
        let again = all.iter().find(|other| {
            (&other.value.from, &other.value.server) == (archive, &one.value.server)
                && pattern::common(&one.value.matching, &other.value.matching).is_some()
        });
        if let Some(other) = again {
            let message = "files are moved to a folder from which they would be picked up again";
            let hint = format!("that folder is watched at {}: move the files elsewhere", other.place);
            faults.push(Diagnostic::new(&codes::ARCHIVE_LOOP, message).at(one.place.clone()).hint(hint));
        }
    }
    faults
}

/// Every target of a route exists, is sent documents of the kind, and is no production system behind a test.
fn targets(route: &Route, status: Option<Status>, everybody: &Everybody) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for target in &route.to {
        let Some(claims) = everybody.get(&target.value) else {
            let message = format!("there is no partner {:?}", target.value);
            let fault = Diagnostic::new(&codes::UNKNOWN_PARTNER, message).at(target.place.clone());
            faults.push(meant(fault, &target.value, everybody.keys().map(String::as_str)));
            continue;
        };
        let Some(claims) = claims else { continue };
        if status == Some(Status::Test) && claims.status == Some(Status::Production) {
            let message = format!("a test partner is routed to the production system {:?}", target.value);
            faults.push(Diagnostic::new(&codes::TEST_TO_PRODUCTION, message).at(target.place.clone()));
        }
        if claims.sent.as_ref().is_some_and(|sent| !sent.contains(&route.kind)) {
            let message = format!("no rule of {:?} sends it {} documents", target.value, route.kind);
            faults.push(Diagnostic::new(&codes::NOT_SENT_ON, message).at(target.place.clone()));
        }
    }
    faults
}

/// A production partner whose documents reach test systems only.
fn test_only(id: &str, route: &Route, status: Option<Status>, everybody: &Everybody) -> Option<Diagnostic> {
    let first = route.to.first()?;
    let status_of = |target: &At<String>| everybody.get(&target.value)?.as_ref()?.status;
    let only_tests = route.to.iter().all(|target| status_of(target) == Some(Status::Test));
    if status != Some(Status::Production) || !only_tests {
        return None;
    }
    let message = format!("{} documents of the production partner {id:?} reach test systems only", route.kind);
    Some(Diagnostic::new(&codes::NO_PRODUCTION_TARGET, message).at(first.place.clone()))
}
