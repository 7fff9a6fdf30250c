//! Codes about AS2 messages and their receipts (AS2-...).

use crate::diagnostic::{Meaning, Who};

/// Every code of this area.
pub static ALL: &[&Meaning] = &[
    &NO_ENVELOPE,
    &UNKNOWN_RELATION,
    &DECRYPTION_FAILED,
    &AUTHENTICATION_FAILED,
    &SIGNER_LAPSED,
    &INTEGRITY_CHECK_FAILED,
    &DECOMPRESSION_FAILED,
    &INSUFFICIENT_SECURITY,
    &UNREADABLE,
    &TOO_MANY_LAYERS,
    &RECEIPT_IMPOSSIBLE,
    &MIC_MISMATCH,
    &RECEIPT_SIGNATURE,
    &RECEIPT_UNREADABLE,
    &RECEIPT_NEGATIVE,
    &RECEIPT_UNSIGNED,
    &RECEIPT_OTHER_MESSAGE,
    &RECEIPT_HOST,
    &CERTIFICATE_UNUSABLE,
    &NOTHING_IN_FORCE,
    &KEY_UNUSABLE,
    &SERVER_REFUSES,
    &SERVER_FAILED,
    &CERTIFICATE_ENDS,
    &CERTIFICATE_ENDED,
];

/// A request without the fields that every AS2 message has.
pub static NO_ENVELOPE: Meaning = Meaning {
    code: "AS2-E001",
    title: "a request is no AS2 message",
    meaning: "AS2-From, AS2-To or Message-ID is missing or cannot be used. Without them nobody knows whom to answer, so the sender gets HTTP status 400 and no receipt.",
    cause: "A scanner, a browser, or a program that posts files without AS2.",
    fix: "nothing, if it is a stranger; else have the partner send AS2-From, AS2-To and Message-ID",
    who: Who::Sender,
    example: "AS2-From: \"\"",
    corrected: "AS2-From: MEGAMART",
};

/// Ids that belong to no agreement.
pub static UNKNOWN_RELATION: Meaning = Meaning {
    code: "AS2-E002",
    title: "nobody agreed on AS2 with these ids",
    meaning: "The message is from an AS2 id that no partner file names, or for one that is not ours. It gets a receipt that says unknown-trading-relationship. AS2 ids count with their capitals and spaces.",
    cause: "A new partner whose file is not there yet, a test id used in production, or a typing error in `as2` of [as2] or of the endpoint.",
    fix: "compare the two ids in the message with `id` in gateway.toml [as2] and `their_id` in the partner file; ask the partner to send again",
    who: Who::Us,
    example: "AS2-To: Acme",
    corrected: "AS2-To: ACME",
};

/// The message cannot be decrypted.
pub static DECRYPTION_FAILED: Meaning = Meaning {
    code: "AS2-E003",
    title: "an AS2 message cannot be decrypted",
    meaning: "The message is encrypted for a certificate whose key we do not have, or is damaged. Its receipt says decryption-failed; the bytes as they came are in the archive and can be replayed once the key is there.",
    cause: "The partner uses an old certificate of ours, or that of its test system.",
    fix: "send the partner our present certificate (`edigate partner cert export`); keep the old key in [as2] of gateway.toml until it has changed",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// The signature is not the partner's.
pub static AUTHENTICATION_FAILED: Meaning = Meaning {
    code: "AS2-E004",
    title: "the signature of an AS2 message is not that of the partner",
    meaning: "No certificate that the partner file names made this signature. The message may be from anybody: its receipt says authentication-failed, and nothing of it is processed. The message names the serial number that signed and those that we know.",
    cause: "The partner changed its certificate without telling, or signs with that of its test system.",
    fix: "ask the partner for its certificate by a way that you trust, `edigate partner cert import` it beside the old one, and have the message sent again",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// The certificate of the signature is over.
pub static SIGNER_LAPSED: Meaning = Meaning {
    code: "AS2-E005",
    title: "an AS2 message is signed by a certificate whose time is over",
    meaning: "The signature is right, but the partner file or the certificate itself says that it is not used any more. Its receipt says authentication-failed.",
    cause: "The partner did not renew its certificate, or still uses the one before.",
    fix: "ask for the new certificate and import it; where the partner cannot change in time, write a later `until` beside the old one",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// The content is not what was signed.
pub static INTEGRITY_CHECK_FAILED: Meaning = Meaning {
    code: "AS2-E006",
    title: "an AS2 message is not what its sender signed",
    meaning: "The signature is that of the partner, but about other bytes: something between changed them. Its receipt says integrity-check-failed, and nothing of it is processed.",
    cause: "A proxy or virus scanner that rewrites bodies, or a sender that converts line ends after signing.",
    fix: "have whoever runs the wire pass bodies through unchanged; ask the partner to send again, with encryption if it is not encrypted",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// The compressed data cannot be expanded.
pub static DECOMPRESSION_FAILED: Meaning = Meaning {
    code: "AS2-E007",
    title: "an AS2 message cannot be decompressed",
    meaning: "What should be compressed is damaged, made by another method than zlib, or would grow beyond what the gateway takes. Its receipt says decompression-failed. Expansion stops at the limit, so that a bomb costs no memory.",
    cause: "A damaged message, or one that is far larger than agreed.",
    fix: "ask the partner to send without compression; raise `largest` of [as2] in gateway.toml if files of this size are business",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// A layer that was agreed on is missing.
pub static INSUFFICIENT_SECURITY: Meaning = Meaning {
    code: "AS2-E008",
    title: "an AS2 message is protected less than agreed",
    meaning: "The endpoint's `require` asks for a signature, for encryption or for both, and for algorithms that are not broken. This message has less. Its receipt says insufficient-message-security, and nothing of it is processed: anybody could have sent it.",
    cause: "The partner's system is set up without signature or encryption, or with SHA-1 or 3DES.",
    fix: "ask the partner to sign and encrypt with SHA-256 and AES; only if it cannot, lower `require` or write weak = true in the endpoint",
    who: Who::Sender,
    example: "require = \"signed and encrypted\"",
    corrected: "",
};

/// The message is not MIME or CMS as it should be.
pub static UNREADABLE: Meaning = Meaning {
    code: "AS2-E009",
    title: "an AS2 message cannot be read",
    meaning: "A header, a multipart or a CMS structure is broken, cut off, or larger than any message needs. Its receipt says unexpected-processing-error; the bytes as they came are in the archive.",
    cause: "A connection that was cut off behind a proxy, or a fault in the partner's program.",
    fix: "ask the partner to send again; if it happens again, send it the message of this fault",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// Layers within layers.
pub static TOO_MANY_LAYERS: Meaning = Meaning {
    code: "AS2-E010",
    title: "an AS2 message has more layers than a message needs",
    meaning: "A message is signed once, encrypted once and compressed once or twice. More than that is a fault or an attack, and was not opened. Its receipt says unexpected-processing-error.",
    cause: "The partner's program wraps a message that was wrapped already.",
    fix: "ask the partner to send the document itself",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// A receipt is insisted on that nobody here can write.
pub static RECEIPT_IMPOSSIBLE: Meaning = Meaning {
    code: "AS2-E011",
    title: "an AS2 message insists on a receipt that we cannot give",
    meaning: "Disposition-Notification-Options says `required` before a protocol other than pkcs7-signature, or before digests of which we know none. Its receipt says so, and nothing of the message is processed: the sender would count it as failed.",
    cause: "The partner asks for MD5, or for a protocol that nobody uses any more.",
    fix: "ask the partner for signed-receipt-micalg=optional, sha-256",
    who: Who::Sender,
    example: "signed-receipt-micalg=required, md5",
    corrected: "signed-receipt-micalg=required, sha-256",
};

/// The digest that a receipt returns is not ours.
pub static MIC_MISMATCH: Meaning = Meaning {
    code: "AS2-E020",
    title: "they received something else than we sent",
    meaning: "The receipt returns a digest of what arrived, and it is not that of what we signed or sent. The delivery is parked as failed, whatever else the receipt says; the receipt is kept as evidence.",
    cause: "Something between changed the bytes, or the partner's program computes the digest over other bytes than RFC 4130 says.",
    fix: "ask the partner what it has; if it has the right file and only its digest is wrong, waive the delivery and ask for receipt = \"unsigned\" until it is mended",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// The signature of a receipt is wrong.
pub static RECEIPT_SIGNATURE: Meaning = Meaning {
    code: "AS2-E021",
    title: "the signature of a receipt proves nothing",
    meaning: "The receipt is signed by a certificate that the partner file does not name, or its signature does not fit. It may be from anybody, so the delivery is parked as failed; the receipt is kept.",
    cause: "The partner changed its certificate, or signs receipts with another one than messages.",
    fix: "import the certificate that signs their receipts beside the other one, ask the partner whether it has the file, then waive or release the delivery",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// What should be a receipt is none.
pub static RECEIPT_UNREADABLE: Meaning = Meaning {
    code: "AS2-E022",
    title: "what should be a receipt is none",
    meaning: "The partner's server answered with success, but not with a receipt that can be read. Nothing proves that the message was taken, so it is sent again under the same message id, which the partner recognises.",
    cause: "A proxy or a maintenance page in front of the partner's AS2 server, or an endpoint that answers asynchronously without being asked to.",
    fix: "open `address` of the endpoint in a browser; ask the partner whether it sends its receipts another way (receipt_by = \"post\")",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// They say no.
pub static RECEIPT_NEGATIVE: Meaning = Meaning {
    code: "AS2-E023",
    title: "the partner did not take a message",
    meaning: "The receipt says in so many words that the message was not processed, and why: decryption-failed, authentication-failed, insufficient-message-security and so on. The delivery is parked; the same message would fail again.",
    cause: "For decryption-failed we use an old certificate of theirs, for authentication-failed they an old one of ours.",
    fix: "mend what the receipt names, most often by exchanging certificates, then `edigate release` the delivery",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A receipt that anybody could have written.
pub static RECEIPT_UNSIGNED: Meaning = Meaning {
    code: "AS2-E024",
    title: "a receipt is not signed, though it should be",
    meaning: "The endpoint asks for signed receipts, which prove later who has received what. This one says processed and is signed by nobody, so that it proves nothing; the delivery is parked.",
    cause: "The partner's system is set up to answer without signature.",
    fix: "ask the partner to sign its receipts; or agree on receipt = \"unsigned\" in the endpoint, and waive this delivery",
    who: Who::Sender,
    example: "receipt = \"signed\"",
    corrected: "receipt = \"unsigned\"",
};

/// A receipt about something else.
pub static RECEIPT_OTHER_MESSAGE: Meaning = Meaning {
    code: "AS2-E025",
    title: "a receipt is about another message",
    meaning: "The answer to a message names the id of another one. What became of the message that was sent is not known; the delivery is parked.",
    cause: "A fault in the partner's program, or a cache in front of its server.",
    fix: "ask the partner whether it has the file, then waive or release the delivery",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// A receipt is to go where the partner file does not allow it.
pub static RECEIPT_HOST: Meaning = Meaning {
    code: "AS2-W026",
    title: "a receipt is to go to a host that the partner file does not name",
    meaning: "The message asks for a receipt that is posted to an address of its own, and that host is not in `receipt_hosts`. Messages may be forged before anybody has verified them, so receipts go to agreed hosts only. The message itself is treated like any other; its receipt is kept and not sent.",
    cause: "The partner changed the host of its AS2 server, or `receipt_hosts` was never written.",
    fix: "ask the partner whether the host is its own, write it into `receipt_hosts` of the endpoint, reload, and have the message sent again",
    who: Who::Us,
    example: "",
    corrected: "receipt_hosts = [\"as2.megamart.example\"]",
};

/// A certificate file that is none.
pub static CERTIFICATE_UNUSABLE: Meaning = Meaning {
    code: "AS2-E030",
    title: "a certificate cannot be used",
    meaning: "A file that gateway.toml or a partner file names as certificate is not there, or holds none. Certificates are read with the configuration, so that this shows before the first message.",
    cause: "The file was moved or never copied, or it is a key, a request or a PKCS #12 container.",
    fix: "copy the certificate there as PEM or DER; `edigate partner cert show FILE` says what a file holds",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// No certificate is in use now.
pub static NOTHING_IN_FORCE: Meaning = Meaning {
    code: "AS2-E031",
    title: "no certificate is in use at this time",
    meaning: "A message is to be signed or encrypted, and each certificate that could do it is over, or not yet in use. Nothing is sent in a weaker way; the delivery waits and is tried again.",
    cause: "The certificate was not renewed in time, or `from` and `until` leave a gap.",
    fix: "exchange new certificates with the partner, or write a later `until` where the partner agrees; then reload",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// Our private key cannot be used.
pub static KEY_UNUSABLE: Meaning = Meaning {
    code: "AS2-E032",
    title: "a private key for AS2 cannot be used",
    meaning: "The key that [as2] of gateway.toml refers to is not there, cannot be read, has a passphrase, or does not belong to the certificate beside it. Nothing can be signed or decrypted with it; what waits is tried again.",
    cause: "The credential was not handed over, or the certificate was renewed with another key.",
    fix: "correct `key` beside the certificate; `edigate check --live` tries it",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The partner's server refuses a message for good.
pub static SERVER_REFUSES: Meaning = Meaning {
    code: "AS2-E033",
    title: "the partner's AS2 server refuses a message",
    meaning: "The server answered with an HTTP status between 300 and 499 that says that the same request will never be taken. The delivery is parked; nothing was received there.",
    cause: "`address` leads to the wrong place, the server expects a client certificate or another id, or it sends us elsewhere.",
    fix: "correct `address` or have the partner let us in, then `edigate release` the delivery",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The partner's server failed.
pub static SERVER_FAILED: Meaning = Meaning {
    code: "AS2-E034",
    title: "the partner's AS2 server failed",
    meaning: "The server answered with an HTTP status of 500 or more, or 408 or 429. The message is sent again under the same message id after 5, 10, 20 and 40 minutes, so that it counts once whatever became of it there.",
    cause: "The server is overloaded or being maintained.",
    fix: "nothing, if it is rare; else ask the partner",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// A certificate ends soon.
pub static CERTIFICATE_ENDS: Meaning = Meaning {
    code: "AS2-W040",
    title: "a certificate for AS2 ends soon",
    meaning: "Told 30, 14 and 3 days before the end. From then on messages are neither signed with it nor encrypted for it, and its signatures prove nothing.",
    cause: "Certificates are made for a year or two.",
    fix: "exchange the next certificate now and name both: old and new work side by side until the day of the change",
    who: Who::Us,
    example: "certificate = \"megamart-2026.pem\"",
    corrected: "certificate = [\"megamart-2026.pem\", \"megamart-2027.pem from 2026-12-15\"]",
};

/// A certificate is over and no other takes its place.
pub static CERTIFICATE_ENDED: Meaning = Meaning {
    code: "AS2-E041",
    title: "the last certificate for AS2 is over",
    meaning: "None of the certificates that are named is in use any more: messages cannot be sent, or their signatures prove nothing.",
    cause: "The certificate was not renewed.",
    fix: "exchange new certificates with the partner at once",
    who: Who::Us,
    example: "",
    corrected: "",
};
