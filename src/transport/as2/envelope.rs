//! Who writes to whom, and about what: the header fields that are read before anything else is.
//!
//! ```text
//! AS2-From: "Mega Mart"   AS2-To: ACME   Message-ID: <1@megamart>     ->  an envelope, or why there is none
//! ```
//!
//! Nobody has proved anything yet: what stands here is a claim.

use super::disposition::Wish;
use super::header::{Headers, Parameterized, unquote};
use super::mime;
use crate::config::agreement::As2Id;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::as2 as codes;

/// The fields that every message has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Who says to have sent it.
    pub from: As2Id,
    /// For whom it is.
    pub to: As2Id,
    /// What tells it from every other message of that sender; with its angle brackets.
    pub message_id: String,
    /// For people.
    pub subject: Option<String>,
    /// The receipt that it asks for.
    pub wish: Option<Wish>,
}

/// Whether a message brings documents or the receipt of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brings {
    /// Documents.
    Documents,
    /// A receipt.
    Receipt,
}

/// The longest message id that is taken; RFC 5322 allows 998.
const LONGEST_ID: usize = 998;

impl Envelope {
    /// Reads the fields; nothing can be answered where they are missing.
    #[allow(clippy::result_large_err)]
    pub fn read(headers: &Headers) -> Result<Envelope, Diagnostic> {
        let wrong = |message: String| Diagnostic::new(&codes::NO_ENVELOPE, message);
        let field =
            |name: &str| headers.field(name).ok_or_else(|| wrong(format!("the header field {name} is missing")));
        let id = |name: &str| {
            let told = field(name)?;
            As2Id::parse(&bare(told)).map_err(|why| wrong(format!("{name}: {why}")).found(told))
        };
        let message_id = field("Message-ID")?.trim();
        let is_usable = !message_id.is_empty()
            && message_id.len() <= LONGEST_ID
            && message_id.chars().all(|c| !c.is_control() && !c.is_whitespace());
        if !is_usable {
            return Err(wrong("the Message-ID is empty, too long, or has spaces in it".to_owned()).found(message_id));
        }
        Ok(Envelope {
            from: id("AS2-From")?,
            to: id("AS2-To")?,
            message_id: message_id.to_owned(),
            subject: headers.field("Subject").map(str::to_owned),
            wish: Wish::of(headers),
        })
    }
}

/// An id without its quotes. Some peers quote what was quoted already when they answer, with and without escapes.
fn bare(told: &str) -> String {
    let inner = told.trim();
    let inner = match inner.strip_prefix("\"\"").and_then(|inner| inner.strip_suffix("\"\"")) {
        Some(inner) if !inner.is_empty() => inner.to_owned(),
        _ => unquote(inner),
    };
    match inner.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        Some(twice) if !twice.contains('"') => twice.to_owned(),
        _ => inner,
    }
}

/// What a message brings, as its outermost parts say.
pub fn brings(headers: &Headers, body: &[u8]) -> Brings {
    let kind = headers.parameterized("content-type").unwrap_or_default();
    if is_report(&kind) {
        return Brings::Receipt;
    }
    let signed = (kind.value == "multipart/signed").then(|| kind.parameter("boundary")).flatten();
    let parts = signed.and_then(|boundary| mime::parts(body, &boundary).ok());
    let first = parts.and_then(|parts| mime::Entity::parse(parts.first()?).ok());
    match first {
        Some(first) if is_report(&first.content_type()) => Brings::Receipt,
        _ => Brings::Documents,
    }
}

fn is_report(kind: &Parameterized) -> bool {
    kind.value == "multipart/report" || kind.value == "message/disposition-notification"
}

/// An id as it stands in a header field: quoted where it has spaces in it.
pub(super) fn written(id: &As2Id) -> String {
    let is_plain = id.as_str().bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
    if is_plain { id.to_string() } else { super::header::quote(id.as_str()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_may_be_quoted_and_comes_back_as_it_was() {
        for id in ["ACME", "Mega Mart", "say \"hi\"", "a\\b"] {
            let id = As2Id::parse(id).unwrap();
            let fields =
                [("AS2-From", written(&id)), ("as2-to", "ACME".to_owned()), ("Message-Id", "<1@x>".to_owned())];
            assert_eq!(Envelope::read(&Headers::of(fields)).unwrap().from, id);
        }
    }

    #[test]
    fn an_id_that_was_quoted_twice_is_the_same_one() {
        for told in ["Mega Mart", "\"Mega Mart\"", "\"\"Mega Mart\"\"", "\"\\\"Mega Mart\\\"\""] {
            assert_eq!(bare(told), "Mega Mart", "{told}");
        }
        assert_eq!(bare("\"\""), "");
    }

    #[test]
    fn without_its_fields_nobody_can_be_answered() {
        for (fields, message) in [
            (vec![("AS2-To", "a"), ("Message-ID", "<1>")], "the header field AS2-From is missing"),
            (vec![("AS2-From", "a"), ("AS2-To", "b")], "the header field Message-ID is missing"),
            (
                vec![("AS2-From", "\"\""), ("AS2-To", "b"), ("Message-ID", "<1>")],
                "AS2-From: an AS2 id has 1 to 128 characters, found 0",
            ),
        ] {
            let fault = Envelope::read(&Headers::of(fields)).unwrap_err();
            assert_eq!((fault.code.code, fault.message.as_str()), ("AS2-E001", message));
        }
    }
}
