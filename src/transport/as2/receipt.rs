//! The receipt that a message gets: for people a sentence, for machines what became of it (RFC 4130, 7; RFC 8098).
//!
//! ```text
//! multipart/report
//!   text/plain                          The message <1@megamart> was received and is in safe keeping.
//!   message/disposition-notification    Disposition: …; processed    Received-Content-MIC: ungWv48B…, sha-256
//! ```
//!
//! In: an envelope and what became of its message. Out: header fields and body, signed where that was asked for. A partner
//! reads no more than its own fault: what we know beyond that stays in our ledger.

use openssl::error::ErrorStack;

use super::digest::Digests;
use super::disposition::Modifier;
use super::envelope::{Envelope, written};
use super::header::{Headers, quote};
use super::mime;
use super::seal::{Signing, boundary_seed, signed};
use crate::config::agreement::Digest;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// It is in safe keeping.
    Processed,
    /// It is nothing new: it was in safe keeping before.
    Duplicate,
    /// It was not taken.
    Refused(Modifier),
}

/// A receipt to be written.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The message that it is about.
    pub about: &'a Envelope,
    /// What became of it.
    pub became: Became,
    /// Digests of what was received, where it was opened as far as that.
    pub digests: Option<&'a Digests>,
    /// The digest of the message's own signature, for senders who named none.
    pub signed_by: Option<Digest>,
    /// Who signs it, where a signed one was asked for.
    pub sign: Option<Signing<'a>>,
    /// Its own message id, with angle brackets.
    pub message_id: &'a str,
}

/// A receipt that can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Header fields of the answer, or of a request of its own.
    pub headers: Headers,
    /// Its body.
    pub body: Vec<u8>,
}

/// The digest that a receipt of this message returns, and its name as the sender knows it.
pub fn mic_of(about: &Envelope, signed_by: Option<Digest>) -> (Digest, String) {
    let asked = about.wish.as_ref().and_then(|wish| wish.mic.clone());
    asked.unwrap_or_else(|| {
        let digest = signed_by.unwrap_or_default();
        (digest, digest.name().to_owned())
    })
}

/// Writes a receipt.
pub fn write(answer: Answer<'_>) -> Result<Written, ErrorStack> {
    let about = answer.about;
    let seed = boundary_seed(answer.message_id);
    let text = mime::entity(
        &Headers::of([("Content-Type", "text/plain; charset=us-ascii"), ("Content-Transfer-Encoding", "7bit")]),
        sentence(answer).as_bytes(),
    );
    let machine = mime::entity(
        &Headers::of([("Content-Type", "message/disposition-notification"), ("Content-Transfer-Encoding", "7bit")]),
        &fields(answer).to_bytes(),
    );
    let boundary = mime::boundary(&format!("{seed}_m"), &[&text, &machine]);
    let kind = format!("multipart/report; report-type=disposition-notification; boundary=\"{boundary}\"");
    let mut part = (Headers::of([("Content-Type", kind)]), mime::join(&[&text, &machine], &boundary));
    if let Some(signing) = answer.sign {
        (part, _) = signed(&part, signing, &seed)?;
    }
    let (mime_headers, body) = part;
    let mut headers = Headers::of([
        ("AS2-Version", "1.2".to_owned()),
        ("AS2-From", written(&about.to)),
        ("AS2-To", written(&about.from)),
        ("Message-ID", answer.message_id.to_owned()),
        ("Subject", "Message Disposition Notification".to_owned()),
        ("EDIINT-Features", "multiple-attachments".to_owned()),
        ("MIME-Version", "1.0".to_owned()),
    ]);
    for (name, value) in mime_headers.iter() {
        headers.push(name, value);
    }
    Ok(Written { headers, body })
}

fn sentence(answer: Answer<'_>) -> String {
    let id: String = answer.about.message_id.chars().filter(char::is_ascii).collect();
    match answer.became {
        Became::Processed => {
            format!(
                "The message {id} was received and is in safe keeping. This does not say that its contents are right.\r\n"
            )
        }
        Became::Duplicate => format!("The message {id} had been received before and is not processed again.\r\n"),
        Became::Refused(modifier) => {
            let (_, why) =
                modifier.to_string().split_once(": ").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap_or_default();
            format!(
                "The message {id} was received and could not be processed: {why}.\r\nIt was kept, and somebody will look at it.\r\n"
            )
        }
    }
}

fn fields(answer: Answer<'_>) -> Headers {
    let about = answer.about;
    let what = match answer.became {
        Became::Processed => "processed".to_owned(),
        Became::Duplicate => "processed/warning: duplicate-document".to_owned(),
        Became::Refused(modifier) => modifier.to_string(),
    };
    let recipient = about.to.as_str();
    let recipient = if recipient.contains(' ') { quote(recipient) } else { recipient.to_owned() };
    let mut fields = Headers::of([
        ("Reporting-UA", "edigate".to_owned()),
        ("Original-Recipient", format!("rfc822; {recipient}")),
        ("Final-Recipient", format!("rfc822; {recipient}")),
        ("Original-Message-ID", about.message_id.clone()),
        ("Disposition", format!("automatic-action/MDN-sent-automatically; {what}")),
    ]);
    if let Some(digests) = answer.digests {
        let (digest, name) = mic_of(about, answer.signed_by);
        fields.push("Received-Content-MIC", format!("{}, {name}", digests.by(digest)));
    }
    fields
}
