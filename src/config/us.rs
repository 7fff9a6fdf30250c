//! The `[us]` table: who we are on the wire, and the addresses that documents of ours may leave out.
//!
//! ```toml
//! [us]
//! name = "Acme Supply"
//! isa  = "ZZ:ACMESUPPLY"
//! zone = "America/New_York"
//! [us.remit_to]
//! name = "Acme Supply"
//! code = "duns:001234567"
//! ```

use jiff::tz::TimeZone;

use super::Us;
use super::reader::{At, Table, meant};
use super::x12_values;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;
use crate::document::gs1::Gln;
use crate::document::party::{Address, Party, PartyCode, PartyCodeIssuer, PartyRole};
use crate::x12::envelope::InterchangeId;

/// Reads the table; the second value is our identity, which no partner may have.
pub(crate) fn read(table: &Table) -> (Option<Us>, Option<At<InterchangeId>>) {
    let name = table.required("name", r#"name = "Acme Supply""#).text();
    let isa = table.required("isa", r#"isa = "ZZ:ACMESUPPLY""#).parse(x12_values::isa);
    let gs = table.optional("gs").parse(x12_values::gs);
    let zone = table.required("zone", r#"zone = "America/New_York""#).parse(zone);
    let prefix = table.optional("gs1_company_prefix").parse(company_prefix);
    let extension = table.optional("sscc_extension").integer(0..=9).unwrap_or(0);
    let ship_from = table.optional("ship_from").table().map(|table| party(&table, PartyRole::ShipFrom));
    let remit_to = table.optional("remit_to").table().map(|table| party(&table, PartyRole::RemitTo));
    table.finish();
    let identity = isa.clone();
    let us = || {
        let isa = isa?.value;
        Some(Us {
            name: name?.value.to_owned(),
            gs: gs.map_or_else(|| isa.id().to_owned(), |gs| gs.value),
            isa,
            zone: zone?.value,
            gs1_company_prefix: prefix.map(|prefix| prefix.value),
            // A single digit, by the range above.
            sscc_extension: extension as u8,
            ship_from,
            remit_to,
        })
    };
    (us(), identity)
}

/// A zone of the IANA database.
pub(crate) fn zone(text: &str) -> Result<TimeZone, Diagnostic> {
    // Names with a slash, and UTC: abbreviations such as EST are in the database, and never change their clocks.
    let is_place = text.contains('/') || text == "UTC";
    match TimeZone::get(text) {
        Ok(zone) if is_place => Ok(zone),
        _ => {
            let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
            let fault = Diagnostic::new(&codes::ZONE, format!("{text:?} is no time zone"))
                .expected("continent and city, such as America/Chicago")
                .found(text);
            Err(meant(fault, text, names.iter().map(String::as_str).filter(|name| name.contains('/'))))
        }
    }
}

fn company_prefix(text: &str) -> Result<String, Diagnostic> {
    if (6..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    let fault = Diagnostic::new(&codes::COMPANY_PREFIX, format!("{text:?} is no GS1 company prefix"));
    Err(fault.expected("6 to 12 digits in quotes").found(text))
}

/// A party with its address: `[us.ship_from]`.
fn party(table: &Table, role: PartyRole) -> Party {
    let owned = |key| table.optional(key).text().map(|text| text.value.to_owned());
    let name = table.required("name", r#"name = "Acme Supply""#).text().map(|name| name.value.to_owned());
    let code = table.optional("code").parse(party_code).map(|code| code.value);
    let street = table.optional("street").parse_each(|line| Ok(line.to_owned()));
    let address = Address {
        lines: street.into_iter().map(|line| line.value).collect(),
        city: owned("city"),
        state: owned("state"),
        postal_code: owned("postal_code"),
        country: owned("country"),
    };
    table.finish();
    let address = (address != Address::default()).then_some(address);
    Party { role, name, code, address }
}

/// An identifier with its issuer: `gln:0614141000012`, `seller:DC01`.
fn party_code(text: &str) -> Result<PartyCode, Diagnostic> {
    let fault = |message: String| {
        Diagnostic::new(&codes::PARTY_CODE, message)
            .expected("gln:, duns:, buyer: or seller: and the identifier, such as gln:0614141000012")
            .found(text)
    };
    let Some((issuer, value)) = text.split_once(':').filter(|(_, value)| !value.trim().is_empty()) else {
        return Err(fault(format!("{text:?} is not of the form issuer:identifier")));
    };
    let is_duns = |value: &str| [9, 13].contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
    let by = match issuer {
        "gln" => Gln::parse(value).map(|_| PartyCodeIssuer::Gln).map_err(|why| fault(why.to_string()))?,
        "duns" if is_duns(value) => PartyCodeIssuer::Duns,
        "duns" => return Err(fault(format!("{value:?} is not 9 or 13 digits"))),
        "buyer" => PartyCodeIssuer::Buyer,
        "seller" => PartyCodeIssuer::Seller,
        other => return Err(fault(format!("{other:?} issues no identifiers that edigate knows"))),
    };
    Ok(PartyCode { by, value: value.trim().to_owned() })
}
