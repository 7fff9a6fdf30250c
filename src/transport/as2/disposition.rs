//! Which receipt a message asks for, and in which words a receipt says what became of it.
//!
//! ```text
//! Disposition-Notification-Options: signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, sha-256
//! Disposition: automatic-action/MDN-sent-automatically; processed/error: decryption-failed
//! ```
//!
//! In: header fields. Out: a wish, or a disposition. Never here: whether the wish is granted.

use std::fmt;

use super::header::Headers;
use crate::config::agreement::Digest;

/// The receipt that a message asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// It is to be signed.
    pub signed: bool,
    /// The digest that it is to return, and the name that the sender gave it; none where the sender named none that we know.
    pub mic: Option<(Digest, String)>,
    /// Where it is to be sent when it is not to be the answer.
    pub reply_to: Option<String>,
    /// Something is insisted on that we cannot do.
    pub impossible: Option<Modifier>,
}

impl Wish {
    /// What these header fields ask for; nothing where they ask for none.
    pub fn of(headers: &Headers) -> Option<Wish> {
        headers.field("disposition-notification-to")?;
        let options = headers.field("disposition-notification-options").unwrap_or_default();
        let protocol = option(options, "signed-receipt-protocol");
        let algorithms = option(options, "signed-receipt-micalg");
        let signed = protocol.as_ref().is_some_and(|(_, words)| words.iter().any(|word| word == "pkcs7-signature"));
        let mic = algorithms.as_ref().and_then(|(_, words)| {
            // The sender's order is its preference.
            words.iter().find_map(|word| Some((Digest::parse(word)?, word.clone())))
        });
        let insists = |asked: &Option<(bool, Vec<String>)>| asked.as_ref().is_some_and(|(required, _)| *required);
        let impossible = if insists(&protocol) && !signed {
            Some(Modifier::UnsupportedFormat)
        } else if insists(&algorithms) && mic.is_none() {
            Some(Modifier::UnsupportedMicAlgorithms)
        } else {
            None
        };
        let reply_to = headers.field("receipt-delivery-option").map(|url| url.trim_matches(['<', '>']).to_owned());
        let reply_to = reply_to.filter(|url| !url.is_empty());
        Some(Wish { signed, mic, reply_to, impossible })
    }
}

/// One option: whether it is required, and its words in lower case.
fn option(options: &str, wanted: &str) -> Option<(bool, Vec<String>)> {
    let value = options.split(';').find_map(|one| {
        let (name, value) = one.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then_some(value)
    })?;
    let mut words = value.split(',').map(|word| word.trim().trim_matches('"').to_ascii_lowercase());
    let importance = words.next()?;
    let mut words: Vec<String> = words.collect();
    // Some leave the importance out.
    if !matches!(importance.as_str(), "required" | "optional") {
        words.insert(0, importance.clone());
    }
    Some((importance == "required", words))
}

/// Why a message was not taken, as its receipt says it (RFC 4130, 7.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Modifier {
    /// The signature is not that of the partner.
    AuthenticationFailed,
    /// What was compressed cannot be read.
    DecompressionFailed,
    /// What was encrypted cannot be read.
    DecryptionFailed,
    /// It lacks a signature or encryption that was agreed on.
    InsufficientMessageSecurity,
    /// It is not what was signed.
    IntegrityCheckFailed,
    /// Something else of it cannot be read.
    UnexpectedProcessingError,
    /// These two have no agreement.
    UnknownTradingRelationship,
    /// The receipt that is insisted on is of an unknown kind.
    UnsupportedFormat,
    /// The digests that are insisted on are unknown.
    UnsupportedMicAlgorithms,
}

impl fmt::Display for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Modifier::AuthenticationFailed => "processed/error: authentication-failed",
            Modifier::DecompressionFailed => "processed/error: decompression-failed",
            Modifier::DecryptionFailed => "processed/error: decryption-failed",
            Modifier::InsufficientMessageSecurity => "processed/error: insufficient-message-security",
            Modifier::IntegrityCheckFailed => "processed/error: integrity-check-failed",
            Modifier::UnexpectedProcessingError => "processed/error: unexpected-processing-error",
            Modifier::UnknownTradingRelationship => "processed/error: unknown-trading-relationship",
            Modifier::UnsupportedFormat => "failed/failure: unsupported format",
            Modifier::UnsupportedMicAlgorithms => "failed/failure: unsupported MIC-algorithms",
        })
    }
}

/// How a disposition is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disposition {
    /// `processed`; with the words of a warning, if there is one.
    Processed {
        /// `duplicate-document`, for one.
        warning: Option<String>,
    },
    /// Anything else, in the words behind the semicolon.
    Refused(String),
}

impl Disposition {
    /// Reads the field of a receipt; nothing where it is none.
    pub fn parse(field: &str) -> Option<Disposition> {
        let (_, what) = field.split_once(';')?;
        let what = what.trim();
        let (kind, modifier) = match what.split_once('/') {
            Some((kind, modifier)) => (kind.trim(), Some(modifier.trim())),
            None => (what, None),
        };
        let is_processed = kind.eq_ignore_ascii_case("processed");
        match (is_processed, modifier) {
            (true, None) => Some(Disposition::Processed { warning: None }),
            (true, Some(modifier)) if modifier.to_ascii_lowercase().starts_with("warning") => {
                let words = modifier.split_once(':').map_or(modifier, |(_, words)| words.trim());
                Some(Disposition::Processed { warning: Some(words.to_owned()) })
            }
            _ if what.is_empty() => None,
            _ => Some(Disposition::Refused(what.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(options: &str) -> Wish {
        let fields = [("Disposition-Notification-To", "x@example.com"), ("Disposition-Notification-Options", options)];
        Wish::of(&Headers::of(fields)).unwrap()
    }

    #[test]
    fn a_receipt_is_signed_when_the_protocol_is_named() {
        let told =
            "signed-receipt-protocol=optional,pkcs7-signature; signed-receipt-micalg=optional, md5, SHA-256,sha1";
        let asked = wish(told);
        assert!(asked.signed);
        assert_eq!(asked.mic, Some((Digest::Sha256, "sha-256".to_owned())), "the first one that we know");
        assert_eq!(asked.impossible, None);
        assert!(!wish("").signed);
        assert_eq!(Wish::of(&Headers::of([("AS2-From", "a")])), None);
    }

    #[test]
    fn what_we_cannot_do_is_said_only_where_it_is_insisted_on() {
        assert_eq!(wish("signed-receipt-protocol=required, pgp").impossible, Some(Modifier::UnsupportedFormat));
        assert_eq!(wish("signed-receipt-protocol=optional, pgp").impossible, None);
        let micalg = "signed-receipt-protocol=optional,pkcs7-signature; signed-receipt-micalg=required, md5";
        assert_eq!(wish(micalg).impossible, Some(Modifier::UnsupportedMicAlgorithms));
    }

    #[test]
    fn only_processed_without_an_error_is_good() {
        let judged = |text: &str| Disposition::parse(&format!("automatic-action/MDN-sent-automatically; {text}"));
        assert_eq!(judged("processed"), Some(Disposition::Processed { warning: None }));
        let warned = judged("Processed/Warning: duplicate-document");
        assert_eq!(warned, Some(Disposition::Processed { warning: Some("duplicate-document".to_owned()) }));
        for refused in
            ["processed/error: decryption-failed", "failed/failure: unsupported format", "processed/Error", "deleted"]
        {
            assert_eq!(judged(refused), Some(Disposition::Refused(refused.to_owned())), "{refused}");
        }
        assert_eq!(Disposition::parse("processed"), None);
    }
}
