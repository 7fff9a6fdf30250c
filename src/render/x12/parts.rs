//! What several sets share: parties, references, dates, terms, adjustments, item numbers.

use std::fmt::Display;

use super::codes;
use super::draft::{Draft, Text, count, date, decimal, none, text, word};
use crate::document::gs1::{Gtin, check_digit};
use crate::document::item::{ItemIds, OtherItemId};
use crate::document::party::Party;
use crate::document::{Adjustment, AdjustmentKind, Carrier, DatedEvent, Reference, Terms};
use crate::x12::value;

/// The trade's code for an allowance or charge that has none of its own: "other".
const OTHER_ADJUSTMENT: &str = "F050";

/// REF per reference.
pub(super) fn references(references: &[Reference], draft: &mut Draft) {
    for reference in references {
        draft.push("REF", [word(codes::reference(&reference.is)), word(&reference.value)]);
    }
}

/// One REF, where there is a value.
pub(super) fn reference(code: &str, value: Option<&str>, draft: &mut Draft) {
    if let Some(value) = value {
        draft.push("REF", [word(code), word(value)]);
    }
}

/// DTM per date.
pub(super) fn dates(dates: &[DatedEvent], draft: &mut Draft) {
    for event in dates {
        let at = event.at.map(value::write_time4).map(Text::from).unwrap_or_default();
        draft.push("DTM", [word(codes::date(&event.is)), date(Some(event.on)), at]);
    }
}

/// N1 loop per party.
pub(super) fn parties(parties: &[Party], draft: &mut Draft) {
    for (index, party) in parties.iter().enumerate() {
        one_party(party, &format!("parties[{index}]"), draft);
    }
}

/// A name longer than 60 characters runs on in N2.
fn one_party(party: &Party, path: &str, draft: &mut Draft) {
    let mut names =
        draft.wrap(party.name.as_deref().unwrap_or_default(), 60, 5, format_args!("{path}.name")).into_iter();
    let first = names.next().unwrap_or_default();
    let (qualifier, code) = match &party.code {
        Some(code) => (word(codes::issuer(&code.by)), word(&code.value)),
        None => (none(), none()),
    };
    if first.is_empty() && code.is_empty() {
        draft.needed(None, format_args!("{path}.name"), "N102");
    }
    draft.push("N1", [word(codes::role(&party.role)), first, qualifier, code]);
    while let Some(name) = names.next() {
        draft.push("N2", [name, names.next().unwrap_or_default()]);
    }
    let Some(address) = &party.address else { return };
    let mut lines = Vec::new();
    for line in &address.lines {
        lines.extend(draft.wrap(line, 55, 2, format_args!("{path}.address.lines")));
    }
    if lines.len() > 4 {
        let joined = lines[3..].join(", ");
        lines.truncate(3);
        lines.push(draft.cut(&joined, 55, format_args!("{path}.address.lines")).into_owned().into());
    }
    for pair in lines.chunks(2) {
        draft.push("N3", pair);
    }
    let (city, state) = (text(address.city.as_deref()), text(address.state.as_deref()));
    draft.push("N4", [city, state, text(address.postal_code.as_deref()), text(address.country.as_deref())]);
}

/// ITD.
pub(super) fn terms(terms: Option<&Terms>, draft: &mut Draft) {
    let Some(terms) = terms else { return };
    let days = |days: Option<u32>| days.map(count).unwrap_or_default();
    let discount = draft.cents(terms.discount_amount, "terms.discount_amount");
    let words = draft.cut(terms.description.as_deref().unwrap_or_default(), 80, "terms.description");
    draft.push(
        "ITD",
        [
            text(terms.kind.as_deref()),
            text(terms.basis.as_deref()),
            decimal(terms.discount_percent),
            date(terms.discount_due),
            days(terms.discount_days),
            date(terms.net_due),
            days(terms.net_days),
            discount,
            none(),
            none(),
            none(),
            words,
        ],
    );
}

/// TD5.
pub(super) fn carrier(carrier: Option<&Carrier>, draft: &mut Draft) {
    let Some(carrier) = carrier else { return };
    let name = draft.cut(carrier.name.as_deref().unwrap_or_default(), 35, "carrier.name");
    let (routing, qualifier) = match carrier.scac {
        Some(_) => (word("B"), word("2")),
        None => (none(), none()),
    };
    draft.push("TD5", [routing, qualifier, text(carrier.scac.as_deref()), text(carrier.mode.as_deref()), name]);
}

/// SAC per adjustment: an allowance is taken off the invoice (02), a charge is paid by the customer (06).
pub(super) fn adjustments(adjustments: &[Adjustment], path: &str, draft: &mut Draft) {
    for (index, adjustment) in adjustments.iter().enumerate() {
        let path = format!("{path}adjustments[{index}]");
        let amount = draft.cents(adjustment.amount, format_args!("{path}.amount"));
        let words = draft.cut(adjustment.description.as_deref().unwrap_or_default(), 80, &path);
        let percent = decimal(adjustment.percent);
        let basis = if percent.is_empty() { none() } else { word("6") };
        let handling = match adjustment.is {
            AdjustmentKind::Allowance => word("02"),
            AdjustmentKind::Charge => word("06"),
            AdjustmentKind::Other(_) => none(),
        };
        let code = word(adjustment.code.as_deref().unwrap_or(OTHER_ADJUSTMENT));
        let is = word(codes::adjustment(&adjustment.is));
        let between = [none(), none(), none(), none()];
        let [e8, e9, e10, e11] = between;
        let elements =
            [is, code, none(), none(), amount, basis, percent, e8, e9, e10, e11, handling, none(), none(), words];
        draft.push("SAC", elements);
    }
}

/// The notes of a document as one N9 loop, for the sets that have no NTE: MSG, whose place MTX takes from 005010 on.
pub(super) fn notes(notes: &[String], version: &str, draft: &mut Draft) {
    if notes.is_empty() {
        return;
    }
    // The reader knows this number as no reference of the sender's.
    draft.push("N9", [word("ZZ"), word("NOTE")]);
    let has_mtx = *version >= *"005010";
    for (index, note) in notes.iter().enumerate() {
        let path = format_args!("notes[{index}]");
        if has_mtx {
            let text = draft.cut(note.trim(), 4096, path);
            draft.push("MTX", [none(), text]);
            continue;
        }
        for part in draft.wrap(note, 264, 10, path) {
            draft.push("MSG", [part]);
        }
    }
}

/// PID with a free description.
pub(super) fn description(words: Option<&str>, path: impl Display, draft: &mut Draft) {
    let Some(words) = words else { return };
    let words = draft.cut(words, 80, path);
    draft.push("PID", [word("F"), none(), none(), none(), words]);
}

/// Qualifier and number pairs: GTIN, buyer's, vendor's, SKU, others. A number that the partner wrote under another
/// qualifier is written under that one, so that it finds its own item again.
pub(super) fn item(item: &ItemIds) -> Vec<Text<'_>> {
    let mut others: Vec<&OtherItemId> = item.other.iter().collect();
    let mut pairs = Vec::new();
    if let Some(gtin) = &item.gtin {
        let as_written = take(&mut others, &["UP", "EN", "UK", "UI"], |other| is_gtin(other, gtin));
        pairs.extend(as_written.unwrap_or_else(|| gtin_pair(gtin)));
    }
    let named = [
        (&item.buyer, "IN", &["BP", "CB", "PI"][..]),
        (&item.vendor, "VN", &["VP", "VC", "VA"][..]),
        (&item.sku, "SK", &[][..]),
    ];
    for (value, qualifier, others_for_it) in named {
        let Some(value) = value else { continue };
        let as_written = take(&mut others, others_for_it, |other| other.value == *value);
        pairs.extend(as_written.unwrap_or_else(|| [word(qualifier), word(value)]));
    }
    for other in others {
        pairs.extend([word(&other.is), word(&other.value)]);
    }
    pairs
}

/// Takes the first pair that fits out of the others.
fn take<'t>(
    others: &mut Vec<&'t OtherItemId>,
    qualifiers: &[&str],
    fits: impl Fn(&OtherItemId) -> bool,
) -> Option<[Text<'t>; 2]> {
    let index = others.iter().position(|other| qualifiers.contains(&other.is.as_str()) && fits(other))?;
    let other = others.remove(index);
    Some([word(&other.is), word(&other.value)])
}

fn is_gtin(other: &OtherItemId, gtin: &Gtin) -> bool {
    let is_body = other.is == "UI" && other.value.len() == 11 && other.value.bytes().all(|byte| byte.is_ascii_digit());
    let whole = if is_body { format!("{}{}", other.value, check_digit(&other.value)) } else { other.value.clone() };
    Gtin::parse(&whole).as_ref() == Ok(gtin)
}

fn gtin_pair(gtin: &Gtin) -> [Text<'_>; 2] {
    match (gtin.as_upc(), gtin.as_ean()) {
        (Some(upc), _) => [word("UP"), word(upc)],
        (None, Some(ean)) => [word("EN"), word(ean)],
        (None, None) => [word("UK"), word(gtin.as_str())],
    }
}
