//! What several sets share: parties, references, dates, terms, adjustments, item numbers.

use super::codes;
use super::reading::Reading;
use crate::diagnostic::codes::document::BAD_GS1_NUMBER;
use crate::document::gs1::{Gln, Gtin, Sscc};
use crate::document::item::{ItemIds, OtherItemId};
use crate::document::party::{Address, Party, PartyCode, PartyCodeIssuer, PartyRole};
use crate::document::{Adjustment, Carrier, DatedEvent, Price, Quantity, Reference, Terms};
use crate::x12::check::Loop;
use crate::x12::segment::Segment;

/// What `N9` must hold for its messages to be notes of ours and no reference.
pub(super) const NOTE_REFERENCE: (&str, &str) = ("ZZ", "NOTE");

/// REF segments of a loop.
pub(super) fn references(from: &Loop<'_>, reading: &mut Reading) -> Vec<Reference> {
    references_in("REF", from, reading)
}

/// The same where the set says them in N9.
pub(super) fn references_in(tag: &str, from: &Loop<'_>, reading: &mut Reading) -> Vec<Reference> {
    from.segments(tag).filter_map(|segment| reference(segment, reading)).collect()
}

/// A reference by its qualifier.
pub(super) fn named(code: &str, value: String) -> Reference {
    Reference { is: codes::reference(code), value }
}

/// Takes the first reference of one of these codes out of the list, because it has a field of its own.
pub(super) fn take_code(references: &mut Vec<Reference>, codes: &[&str]) -> Option<String> {
    let is_it = |reference: &Reference| codes.iter().any(|code| codes::reference(code) == reference.is);
    let index = references.iter().position(is_it)?;
    Some(references.remove(index).value)
}

/// One REF or N9.
pub(super) fn reference(segment: Segment<'_>, reading: &mut Reading) -> Option<Reference> {
    let value = segment.value(2)?;
    reading.take(segment, 2);
    Some(Reference { is: codes::reference(&reading.code(segment, 1)?), value })
}

/// DTM segments of a loop.
pub(super) fn dates(from: &Loop<'_>, reading: &mut Reading) -> Vec<DatedEvent> {
    from.segments("DTM").filter_map(|segment| date(segment, reading)).collect()
}

/// Takes the first date of that code out of the list, because it has a field of its own.
pub(super) fn take_date(dates: &mut Vec<DatedEvent>, code: &str) -> Option<DatedEvent> {
    let index = dates.iter().position(|date| date.is == codes::date(code))?;
    Some(dates.remove(index))
}

/// One DTM; a period (DTM05, DTM06) is left where it is.
pub(super) fn date(segment: Segment<'_>, reading: &mut Reading) -> Option<DatedEvent> {
    let on = reading.date(segment, 2)?;
    Some(DatedEvent { is: codes::date(&reading.code(segment, 1)?), on, at: reading.time(segment, 3) })
}

/// N1 loops of a loop. BS becomes bill-to and ship-to.
pub(super) fn parties(from: &Loop<'_>, reading: &mut Reading) -> Vec<Party> {
    parties_in(from.loops("N1"), reading)
}

/// The parties of these N1 loops.
pub(super) fn parties_in<'a>(loops: impl IntoIterator<Item = Loop<'a>>, reading: &mut Reading) -> Vec<Party> {
    let mut parties = Vec::new();
    for inner in loops {
        let Some(n1) = inner.segment("N1") else { continue };
        let Some(role) = reading.code(n1, 1) else { continue };
        let party = party(&inner, n1, codes::role(&role), reading);
        if role == "BS" {
            parties.push(Party { role: PartyRole::BillTo, ..party.clone() });
            parties.push(Party { role: PartyRole::ShipTo, ..party });
        } else {
            parties.push(party);
        }
    }
    parties
}

fn party(inner: &Loop<'_>, n1: Segment<'_>, role: PartyRole, reading: &mut Reading) -> Party {
    let mut names: Vec<String> = reading.text(n1, 2).into_iter().collect();
    for n2 in inner.segments("N2") {
        names.extend([1, 2].into_iter().filter_map(|element| reading.text(n2, element)));
    }
    let name = (!names.is_empty()).then(|| names.join(", "));
    Party { role, name, code: party_code(n1, reading), address: address(inner, reading) }
}

fn party_code(n1: Segment<'_>, reading: &mut Reading) -> Option<PartyCode> {
    let by = codes::issuer(&reading.code(n1, 3)?);
    let value = reading.text(n1, 4)?;
    if by == PartyCodeIssuer::Gln
        && let Err(error) = Gln::parse(&value)
    {
        reading.report(&BAD_GS1_NUMBER, n1, Some(4), format!("location number: {error}"));
    }
    Some(PartyCode { by, value })
}

fn address(inner: &Loop<'_>, reading: &mut Reading) -> Option<Address> {
    let mut address = Address::default();
    for n3 in inner.segments("N3") {
        address.lines.extend([1, 2].into_iter().filter_map(|element| reading.text(n3, element)));
    }
    if let Some(n4) = inner.segment("N4") {
        address.city = reading.text(n4, 1);
        address.state = reading.text(n4, 2);
        address.postal_code = reading.text(n4, 3);
        address.country = reading.text(n4, 4);
    }
    (address != Address::default()).then_some(address)
}

/// The first ITD of a loop.
pub(super) fn terms(from: &Loop<'_>, reading: &mut Reading) -> Option<Terms> {
    let itd = from.segment("ITD")?;
    Some(Terms {
        kind: reading.text(itd, 1),
        basis: reading.text(itd, 2),
        discount_percent: reading.decimal(itd, 3),
        discount_due: reading.date(itd, 4),
        discount_days: reading.count(itd, 5),
        net_due: reading.date(itd, 6),
        net_days: reading.count(itd, 7),
        discount_amount: reading.cents(itd, 8),
        description: reading.text(itd, 12),
    })
}

/// The first TD5 of a loop: a carrier by its SCAC, or its name.
pub(super) fn carrier(from: &Loop<'_>, reading: &mut Reading) -> Option<Carrier> {
    let td5 = from.segment("TD5")?;
    reading.take_if(td5, 1, &["B"]);
    let scac = if td5.text(2) == "2" {
        reading.take(td5, 2);
        reading.text(td5, 3)
    } else {
        None
    };
    let carrier = Carrier { scac, mode: reading.text(td5, 4), name: reading.text(td5, 5) };
    (carrier != Carrier::default()).then_some(carrier)
}

/// SAC loops of a loop. Off-invoice (02) and paid by the customer (06) are what an allowance and a charge are anyway.
pub(super) fn adjustments(from: &Loop<'_>, reading: &mut Reading) -> Vec<Adjustment> {
    // Some sets have SAC with a loop of its own below it, others alone.
    let within = from.loops("SAC").filter_map(|inner| inner.segment("SAC"));
    within.chain(from.segments("SAC")).filter_map(|sac| adjustment(sac, reading)).collect()
}

/// NTE segments of a loop.
pub(super) fn notes(from: &Loop<'_>, reading: &mut Reading) -> Vec<String> {
    from.segments("NTE").filter_map(|nte| note(nte, reading)).collect()
}

/// One NTE.
pub(super) fn note(nte: Segment<'_>, reading: &mut Reading) -> Option<String> {
    reading.take_if(nte, 1, &["GEN"]);
    reading.text(nte, 2)
}

fn adjustment(sac: Segment<'_>, reading: &mut Reading) -> Option<Adjustment> {
    let is = codes::adjustment(&reading.code(sac, 1)?);
    reading.take_if(sac, 12, &["02", "06"]);
    let percent = reading.decimal(sac, 7);
    if percent.is_some() {
        reading.take_if(sac, 6, &["6"]);
    }
    Some(Adjustment {
        is,
        code: reading.text(sac, 2),
        amount: reading.cents(sac, 5),
        percent,
        description: reading.text(sac, 15),
    })
}

/// Qualifier and number pairs from an element on, to the end of the segment.
pub(super) fn item(segment: Segment<'_>, first: usize, reading: &mut Reading) -> ItemIds {
    item_in(segment, (first..=segment.element_count()).step_by(2), reading)
}

/// The pairs that begin at these elements.
pub(super) fn item_in(
    segment: Segment<'_>,
    elements: impl IntoIterator<Item = usize>,
    reading: &mut Reading,
) -> ItemIds {
    let mut item = ItemIds::default();
    for element in elements {
        let (Some(is), Some(value)) = (reading.code(segment, element), reading.code(segment, element + 1)) else {
            continue;
        };
        let kept = match is.as_ref() {
            "UP" | "EN" | "UK" | "UI" => gtin(&mut item, &is, &value, segment, element + 1, reading),
            "IN" | "BP" | "CB" | "PI" => put(&mut item.buyer, &value) && is == "IN",
            "VN" | "VP" | "VC" | "VA" => put(&mut item.vendor, &value) && is == "VN",
            "SK" => put(&mut item.sku, &value),
            _ => false,
        };
        if !kept {
            item.other.push(OtherItemId { is: is.into_owned(), value: value.into_owned() });
        }
    }
    item
}

/// Fills an empty field; false when the pair must be kept beside it.
fn put(field: &mut Option<String>, value: &str) -> bool {
    if field.is_some() {
        return false;
    }
    *field = Some(value.to_owned());
    true
}

/// True when the canonical field alone brings back the same qualifier and number.
fn gtin(
    item: &mut ItemIds,
    is: &str,
    value: &str,
    segment: Segment<'_>,
    element: usize,
    reading: &mut Reading,
) -> bool {
    let gtin = match gtin_of(is, value) {
        Ok(gtin) => gtin,
        Err(error) => {
            reading.report(&BAD_GS1_NUMBER, segment, Some(element), format!("item number {is}: {error}"));
            return false;
        }
    };
    if item.gtin.is_some() {
        return false;
    }
    let brings_back = match gtin.as_upc() {
        Some(upc) => is == "UP" && upc == value,
        None => match gtin.as_ean() {
            Some(ean) => is == "EN" && ean == value,
            None => is == "UK" && gtin.as_str() == value,
        },
    };
    item.gtin = Some(gtin);
    brings_back
}

/// UI is a UPC without its check digit; anything of another length is read as it stands.
fn gtin_of(is: &str, value: &str) -> Result<Gtin, crate::document::gs1::Gs1Error> {
    let lacks_check_digit = is == "UI" && value.len() == 11 && value.bytes().all(|byte| byte.is_ascii_digit());
    if lacks_check_digit {
        return Gtin::parse(&format!("{value}{}", crate::document::gs1::check_digit(value)));
    }
    Gtin::parse(value)
}

/// Quantity and unit in two elements; both must be there.
pub(super) fn required_quantity(
    segment: Segment<'_>,
    value: usize,
    unit: usize,
    what: &str,
    reading: &mut Reading,
) -> Option<Quantity> {
    let written = reading.required_code(segment, value, what);
    let unit = reading.required(segment, unit, "unit of measure");
    let value = crate::x12::value::read_decimal(&written?).ok()?;
    Some(Quantity { value, unit: unit? })
}

/// Quantity and unit in two elements, where they are given.
pub(super) fn quantity(segment: Segment<'_>, value: usize, unit: usize, reading: &mut Reading) -> Option<Quantity> {
    let value = reading.decimal(segment, value);
    let unit = reading.text(segment, unit);
    Some(Quantity { value: value?, unit: unit? })
}

/// Price and basis in elements 4 and 5 of PO1 and IT1.
pub(super) fn price(segment: Segment<'_>, reading: &mut Reading) -> Option<Price> {
    let amount = reading.decimal(segment, 4);
    let basis = reading.text(segment, 5);
    Some(Price { amount: amount?, basis })
}

/// PID loops of an item loop (plain PID segments in a ship notice), as one text.
pub(super) fn description(from: &Loop<'_>, reading: &mut Reading) -> Option<String> {
    let within = from.loops("PID").filter_map(|inner| inner.segment("PID"));
    let mut texts: Option<String> = None;
    for pid in within.chain(from.segments("PID")) {
        reading.take_if(pid, 1, &["F"]);
        let Some(text) = reading.code(pid, 5) else { continue };
        texts = Some(match texts {
            Some(before) => before + ", " + &text,
            None => text.into_owned(),
        });
    }
    texts
}

/// N9 loops: their texts are notes, their number a reference.
pub(super) fn notes_of_n9(from: &Loop<'_>, references: &mut Vec<Reference>, reading: &mut Reading) -> Vec<String> {
    let mut notes = Vec::new();
    for inner in from.loops("N9") {
        let Some(n9) = inner.segment("N9") else { continue };
        if (n9.text(1).as_ref(), n9.text(2).as_ref()) == NOTE_REFERENCE {
            reading.take_all(n9);
        } else {
            references.extend(reference(n9, reading));
        }
        notes.extend(reading.text(n9, 3));
        notes.extend(texts(&inner, reading));
    }
    notes
}

/// The free texts of a loop: MSG, whose place MTX takes from 005010 on.
pub(super) fn texts(inner: &Loop<'_>, reading: &mut Reading) -> Vec<String> {
    let mut texts: Vec<String> = inner.segments("MSG").filter_map(|msg| reading.text(msg, 1)).collect();
    for mtx in inner.segments("MTX") {
        texts.extend(reading.text(mtx, 2));
        texts.extend(reading.text(mtx, 3));
    }
    texts
}

/// One MAN that holds a container's code; any other mark is left where it is.
pub(super) fn container(man: Segment<'_>, reading: &mut Reading) -> Option<Sscc> {
    if !matches!(man.text(1).as_ref(), "GM" | "AA") {
        return None;
    }
    match Sscc::parse(&man.text(2)) {
        Ok(sscc) => {
            reading.take(man, 1);
            reading.take(man, 2);
            Some(sscc)
        }
        Err(error) => {
            reading.report(&BAD_GS1_NUMBER, man, Some(2), format!("container code: {error}"));
            None
        }
    }
}

/// PER segments in words: `contact BD: JANE BUYER, TE 5015550100`.
pub(super) fn contacts(from: &Loop<'_>, reading: &mut Reading) -> Vec<String> {
    let mut contacts = Vec::new();
    for per in from.segments("PER") {
        let mut parts: Vec<String> = reading.text(per, 2).into_iter().collect();
        for element in [3, 5, 7] {
            let (kind, value) = (reading.text(per, element), reading.text(per, element + 1));
            parts.extend(kind.zip(value).map(|(kind, value)| format!("{kind} {value}")));
        }
        let role = reading.text(per, 1).unwrap_or_default();
        if !parts.is_empty() {
            contacts.push(format!("contact {role}: {}", parts.join(", ")));
        }
    }
    contacts
}
