//! AS2 on the wire: keys and certificates as they are in force now, and messages posted to partners ([`outlet`]).
//!
//! ```text
//! [as2] and an endpoint, now   ->   who signs, who decrypts, whose signatures count, which certificates end soon
//! ```
//!
//! The protocol itself is [`super::as2`]; what is received comes in by the listener. Private keys are read when something is
//! signed or decrypted, and kept no longer.

pub mod outlet;

use jiff::{SignedDuration, Timestamp};

use super::as2::compress::Growth;
use super::as2::header::Headers;
use super::as2::identity::Identity;
use super::as2::open::{self, Opened, Payload, Trust};
use crate::config::Config;
use crate::config::as2::{As2Partner, InUse, OurAs2, OurCertificate, newest};
use crate::config::certificate::Certificate;
use crate::config::partner::Wire;
use crate::diagnostic::codes::as2 as codes;
use crate::diagnostic::{Diagnostic, Place};

/// All of our identities: whichever a message is encrypted for. Those that cannot be read are told beside them.
pub fn identities(ours: &OurAs2) -> (Vec<Identity>, Vec<Diagnostic>) {
    let (mut read, mut faults) = (Vec::new(), Vec::new());
    for one in &ours.certificates {
        match identity(one) {
            Ok(identity) => read.push(identity),
            Err(fault) => faults.push(fault),
        }
    }
    (read, faults)
}

/// Who signs for us now.
pub fn signer(ours: &OurAs2, now: Timestamp) -> Result<Identity, Diagnostic> {
    let chosen = newest(ours.certificates.iter().map(|one| &one.in_use), now);
    let chosen = ours.certificates.iter().find(|one| Some(&one.in_use) == chosen);
    let nobody = || {
        Diagnostic::new(&codes::NOTHING_IN_FORCE, "none of our certificates is in use now, so nothing can be signed")
    };
    identity(chosen.ok_or_else(nobody)?)
}

fn identity(one: &OurCertificate) -> Result<Identity, Diagnostic> {
    let certificate = &one.in_use.certificate;
    let read = one.key.read().and_then(|key| Identity::of(certificate.clone(), key.as_bytes()));
    read.map_err(|why| {
        let message = format!("the key of {} cannot be used: {why}", certificate.subject());
        Diagnostic::new(&codes::KEY_UNUSABLE, message).at(place(&one.in_use))
    })
}

/// For which certificate of a partner we encrypt now.
pub fn recipient(partner: &As2Partner, now: Timestamp) -> Result<&Certificate, Diagnostic> {
    let chosen = newest(&partner.certificates, now);
    let message = "none of the partner's certificates is in use now, so nothing can be encrypted for it";
    chosen.map(|one| &one.certificate).ok_or_else(|| Diagnostic::new(&codes::NOTHING_IN_FORCE, message))
}

/// Whose signatures count, and whose time is over. A partner that changes early is believed: its certificate is named.
pub fn signers(partner: &As2Partner, now: Timestamp) -> (Vec<Certificate>, Vec<Certificate>) {
    let (good, lapsed): (Vec<&InUse>, Vec<&InUse>) = partner.certificates.iter().partition(|one| now < one.until);
    let own = |all: Vec<&InUse>| all.into_iter().map(|one| one.certificate.clone()).collect();
    (own(good), own(lapsed))
}

/// Opens a message of a partner with what is in force now.
pub fn open_message(partner: &As2Partner, ours: &[Identity], headers: &Headers, body: &[u8], now: Timestamp) -> Opened {
    let (theirs, lapsed) = signers(partner, now);
    let growth = Growth { most: partner.ours.largest, ..Growth::default() };
    let trust = Trust { ours, theirs: &theirs, lapsed: &lapsed, required: partner.required, growth };
    open::open(headers, body, trust)
}

/// Files under the names that their sender gave them, or names that follow from the message.
pub fn named(payloads: Vec<Payload>, message_id: &str) -> Vec<(String, Vec<u8>)> {
    let plain: String = message_id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(80).collect();
    let several = payloads.len() > 1;
    let name = |index: usize, payload: &Payload| {
        let ending = match payload.content_type.as_str() {
            "application/json" => "json",
            "application/xml" | "text/xml" => "xml",
            "text/csv" => "csv",
            _ => "edi",
        };
        let number = if several { format!("_{}", index + 1) } else { String::new() };
        format!("{}{number}.{ending}", plain.trim_matches('_'))
    };
    let named = payloads.into_iter().enumerate().map(|(index, payload)| {
        let name = payload.file_name.clone().unwrap_or_else(|| name(index, &payload));
        (name, payload.bytes)
    });
    named.collect()
}

fn place(one: &InUse) -> Place {
    Place { file: Some(one.file.display().to_string()), ..Place::default() }
}

/// How many days ahead a certificate's end is told.
const AHEAD: [i64; 3] = [3, 14, 30];

/// Every certificate of the configuration, by whose they are.
pub fn certificates(config: &Config) -> Vec<(String, Vec<&InUse>)> {
    let mut all = Vec::new();
    if let Some(ours) = &config.as2 {
        all.push((format!("ours, {}", ours.id), ours.certificates.iter().map(|one| &one.in_use).collect()));
    }
    for partner in config.partners.values() {
        for endpoint in &partner.endpoints {
            if let Wire::As2(as2) = &endpoint.via {
                all.push((format!("{}/{}", partner.id, endpoint.name), as2.certificates.iter().collect()));
            }
        }
    }
    all
}

/// What ends soon or has ended, by whose it is.
pub fn endings(config: &Config, now: Timestamp) -> Vec<(String, Diagnostic)> {
    let all = certificates(config).into_iter();
    all.filter_map(|(whose, all)| Some((whose.clone(), ending(&whose, &all, now)?))).collect()
}

/// What ends soon of several certificates, and whether all have ended. One that has a successor is not missed, unless that
/// begins too late.
fn ending(whose: &str, all: &[&InUse], now: Timestamp) -> Option<Diagnostic> {
    let mut last = *all.iter().filter(|one| one.from <= now).max_by_key(|one| one.until)?;
    while let Some(next) = all.iter().filter(|one| one.from <= last.until).max_by_key(|one| one.until)
        && next.until > last.until
    {
        last = *next;
    }
    let (left, subject) = (last.until.duration_since(now), last.certificate.subject());
    let day = last.until.strftime("%Y-%m-%d");
    let then = match all.iter().map(|one| one.from).filter(|from| *from > last.until).min() {
        Some(from) => format!(", and the next is not used before {}", from.strftime("%Y-%m-%d")),
        None => String::new(),
    };
    if left <= SignedDuration::ZERO {
        let message = format!("the last certificate of {whose}, {subject}, ended on {day}{then}");
        return Some(Diagnostic::new(&codes::CERTIFICATE_ENDED, message).at(place(last)));
    }
    let days = left.as_hours() / 24;
    let limit = AHEAD.into_iter().find(|limit| days < *limit)?;
    let message = format!("the last certificate of {whose}, {subject}, ends on {day}, in less than {limit} days{then}");
    Some(Diagnostic::new(&codes::CERTIFICATE_ENDS, message).at(place(last)))
}

/// The host of a URL, without its port.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// Whether receipts of a partner may be posted to a URL.
pub fn may_receive_receipts(partner: &As2Partner, url: &str) -> bool {
    let is_http = url.starts_with("https://") || url.starts_with("http://");
    is_http && partner.receipt_hosts.iter().any(|known| known.eq_ignore_ascii_case(host(url)))
}

#[cfg(test)]
mod tests {
    use openssl::asn1::Asn1Time;
    use openssl::hash::MessageDigest;
    use openssl::pkey::PKey;
    use openssl::x509::{X509, X509NameBuilder};

    use super::*;

    fn certificate() -> Certificate {
        let key = PKey::generate_ed25519().unwrap();
        let mut name = X509NameBuilder::new().unwrap();
        name.append_entry_by_text("CN", "mega").unwrap();
        let mut builder = X509::builder().unwrap();
        builder.set_subject_name(&name.build()).unwrap();
        builder.set_pubkey(&key).unwrap();
        builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
        builder.sign(&key, MessageDigest::null()).unwrap();
        Certificate::of(builder.build()).unwrap()
    }

    /// A certificate that is used between these days from a certain one on.
    fn used(certificate: &Certificate, days: (i64, i64)) -> InUse {
        let [from, until] = [days.0, days.1].map(day);
        InUse { certificate: certificate.clone(), file: "mega.pem".into(), from, until }
    }

    fn day(number: i64) -> Timestamp {
        "2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * number)
    }

    #[test]
    fn a_certificate_that_ends_is_told_thirty_and_fourteen_and_three_days_before_unless_another_follows() {
        let certificate = certificate();
        let told = |all: &[(i64, i64)]| {
            let all: Vec<InUse> = all.iter().map(|days| used(&certificate, *days)).collect();
            let fault = ending("megamart/as2", &all.iter().collect::<Vec<_>>(), day(0));
            fault.map(|fault| fault.message.replace(&format!(" of megamart/as2, {},", certificate.subject()), ""))
        };
        for (all, expected) in [
            (&[(-300, 30)][..], None),
            (&[(-300, 29)], Some("the last certificate ends on 2026-03-30, in less than 30 days")),
            (&[(-300, 14)], Some("the last certificate ends on 2026-03-15, in less than 30 days")),
            (&[(-300, 13)], Some("the last certificate ends on 2026-03-14, in less than 14 days")),
            (&[(-300, 3)], Some("the last certificate ends on 2026-03-04, in less than 14 days")),
            (&[(-300, 2)], Some("the last certificate ends on 2026-03-03, in less than 3 days")),
            (&[(-300, 0)], Some("the last certificate ended on 2026-03-01")),
            (&[(-300, -5)], Some("the last certificate ended on 2026-02-24")),
            // A successor is enough while it begins in time, also one that is used already or has one of its own.
            (&[(-300, 2), (1, 300)], None),
            (&[(-300, 2), (-10, 300)], None),
            (&[(-300, 2), (2, 20), (19, 300)], None),
            (&[(-300, -5), (-6, 300)], None),
            (&[(-300, 1), (1, 2)], Some("the last certificate ends on 2026-03-03, in less than 3 days")),
            (
                &[(-300, 2), (9, 300)],
                Some(
                    "the last certificate ends on 2026-03-03, in less than 3 days, and the next is not used before 2026-03-10",
                ),
            ),
            (
                &[(-300, -1), (9, 300)],
                Some("the last certificate ended on 2026-02-28, and the next is not used before 2026-03-10"),
            ),
            (&[], None),
        ] {
            assert_eq!(told(all).as_deref(), expected, "{all:?}");
        }
    }

    #[test]
    fn the_host_of_a_url_is_what_is_connected_to() {
        for (url, expected) in [
            ("https://as2.megamart.example/as2", "as2.megamart.example"),
            ("http://as2.megamart.example:8080", "as2.megamart.example"),
            ("https://as2.megamart.example@evil.example/", "evil.example"),
            ("https://[::1]:8443/as2", "::1"),
            ("https://evil.example?as2.megamart.example", "evil.example"),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }
}
