//! Codes about HTTP: the listener (WEB-…), the intake API (API-…), posting to a partner's API (NET-E04x).

use crate::diagnostic::{Meaning, Who};

/// Every code of this area.
pub static ALL: &[&Meaning] = &[
    &LISTENER_CLOSED,
    &CERTIFICATE,
    &CERTIFICATE_ENDS,
    &TOO_MANY_CONNECTIONS,
    &BROKEN_CONNECTION,
    &HEAD_TOO_LARGE,
    &TOO_SLOW,
    &BODY_TOO_LARGE,
    &BODY_BROKEN,
    &NO_SUCH_PLACE,
    &WRONG_METHOD,
    &NO_TOKEN,
    &TOKEN_UNUSABLE,
    &WRONG_CERTIFICATE,
    &BAD_HEADER,
    &WRONG_CONTENT,
    &NOTHING_HANDED_IN,
    &KEY_REUSED,
    &TOO_MANY_AT_ONCE,
    &NOT_NOW,
    &NO_SUCH_DOCUMENT,
    &NOBODY_LISTENS,
    &BAD_PARAMETER,
    &NOT_FOR_THIS_READER,
    &NO_SUCH_ROW,
    &PRUNED,
    &REFUSED_BY_API,
    &ASKED_TO_WAIT,
    &API_FAILED,
    &REDIRECTED,
    &ANSWER_LOST,
];

/// A listener cannot be opened.
pub static LISTENER_CLOSED: Meaning = Meaning {
    code: "WEB-E001",
    title: "a listener cannot be opened",
    meaning: "The operating system does not let edigate listen at the address of a `[[listen]]`. Nobody reaches it there; everything else works. It is tried again every few seconds.",
    cause: "Another program has the port, the address belongs to no interface of this machine, or the port is below 1024 and edigate's user may not take it.",
    fix: "`ss -ltnp` names who has the port: stop it or choose another address; for a port below 1024 give the unit AmbientCapabilities= and CapabilityBoundingSet=CAP_NET_BIND_SERVICE; it opens by itself then",
    who: Who::Us,
    example: "address = \"0.0.0.0:443\"",
    corrected: "address = \"0.0.0.0:8443\"",
};

/// The certificate of a listener cannot be used.
pub static CERTIFICATE: Meaning = Meaning {
    code: "WEB-E002",
    title: "the certificate of a listener cannot be used",
    meaning: "The files that `certificate`, `key` and `client_ca` of a `[[listen]]` name are missing, are no PEM, or do not belong together. A listener that is open keeps what it had; one that is not stays closed, since it never falls back to plain text.",
    cause: "A certificate was renewed without its key, the file is not readable by edigate's user, or it was saved in another form (DER, PFX).",
    fix: "put a PEM chain (our own certificate first) and its PEM key where the listener points, prove them by `edigate check`, and reload",
    who: Who::Us,
    example: "certificate = \"tls/edi.pfx\"",
    corrected: "certificate = \"tls/edi.pem\"",
};

/// The certificate of a listener ends soon.
pub static CERTIFICATE_ENDS: Meaning = Meaning {
    code: "WEB-W003",
    title: "the certificate of a listener ends soon, or has ended",
    meaning: "Partners that look at it will not connect any more once it has ended.",
    cause: "Nobody renewed it, or it was renewed and the daemon was not told.",
    fix: "renew it, put it in place of the old one, and reload (SIGHUP): connections that stand are not disturbed",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A listener has as many connections as it takes.
pub static TOO_MANY_CONNECTIONS: Meaning = Meaning {
    code: "WEB-W004",
    title: "a listener has as many connections as it takes",
    meaning: "`connections` of the `[[listen]]` in all, or `connections_per_peer` from one address, are open. Further ones are closed at once, so that those that stand go on; nothing of them was taken.",
    cause: "A sender opens a connection per document and closes none, many come through one proxy, or somebody tries to keep others out.",
    fix: "have the sender reuse its connections; raise `connections_per_peer` for a proxy; `ss -tn` shows who holds them",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// A connection was no use.
pub static BROKEN_CONNECTION: Meaning = Meaning {
    code: "WEB-W005",
    title: "a connection broke off before it said anything that could be answered",
    meaning: "The other end spoke no TLS that we accept (1.2 or newer), showed no certificate where one is asked for, sent what is no HTTP, or nothing within `patience`. Nothing was taken.",
    cause: "A scanner from the internet; a program that is too old for TLS 1.2; HTTP where HTTPS is meant; a client certificate that is missing or that `client_ca` does not know.",
    fix: "nothing, unless a partner complains: then compare what it speaks with what the log line says",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// The head of a request is too large.
pub static HEAD_TOO_LARGE: Meaning = Meaning {
    code: "WEB-E006",
    title: "the head of a request is too large",
    meaning: "The request line and its headers are larger than 32 KB together, which no document needs. Nothing was taken.",
    cause: "A cookie jar or a token that grew, or data in a header that belongs into the body.",
    fix: "send the document in the body and only the headers that the API names",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// A body comes too slowly.
pub static TOO_SLOW: Meaning = Meaning {
    code: "WEB-E007",
    title: "a body comes too slowly",
    meaning: "The sender said nothing for as long as the listener's `patience`, or less than 1 KB per second on the whole. Nothing was taken.",
    cause: "The sender hangs or its line is broken; or somebody holds connections open on purpose.",
    fix: "send it again, with the same Idempotency-Key",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// A body is too large.
pub static BODY_TOO_LARGE: Meaning = Meaning {
    code: "WEB-E008",
    title: "a body is too large",
    meaning: "The listener takes as many bytes in one request as its `max_body` says. Nothing was taken.",
    cause: "Many documents in one file, or a file that is no document.",
    fix: "hand it in in parts; or have `max_body` of the [[listen]] raised",
    who: Who::Sender,
    example: "",
    corrected: "max_body = \"500 MB\"",
};

/// A body broke off.
pub static BODY_BROKEN: Meaning = Meaning {
    code: "WEB-E009",
    title: "a body broke off before its end",
    meaning: "The connection ended, or its chunks could not be read, before all that was announced had come. Half a document is none; nothing was taken.",
    cause: "The sender was ended, or a proxy cut the connection.",
    fix: "send it again, with the same Idempotency-Key",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// There is nothing at this path.
pub static NO_SUCH_PLACE: Meaning = Meaning {
    code: "WEB-E010",
    title: "there is nothing at this path",
    meaning: "The path of the request is none that this listener serves.",
    cause: "A typing error, another version of the API, or a listener whose `serves` does not name it.",
    fix: "the API is POST /api/v1/documents and GET /api/v1/documents/ID",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// A path takes another method.
pub static WRONG_METHOD: Meaning = Meaning {
    code: "WEB-E011",
    title: "a path takes another method",
    meaning: "What is asked for is there, and not by this method; the header Allow of the answer names the right one.",
    cause: "GET where POST is meant, or the other way round.",
    fix: "hand documents in by POST /api/v1/documents, and ask for one by GET /api/v1/documents/ID",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// No token, or none that is known.
pub static NO_TOKEN: Meaning = Meaning {
    code: "API-E001",
    title: "a request shows no token, or one that belongs to nobody",
    meaning: "Each partner hands in documents under a token of its own. Without it nothing of the request is read.",
    cause: "The header is missing, the token was replaced, or it was copied in part.",
    fix: "send `Authorization: Bearer TOKEN` with the token that was agreed; ask for a new one if it is lost",
    who: Who::Sender,
    example: "",
    corrected: "Authorization: Bearer 3fJ…",
};

/// A token that a partner file names cannot be used.
pub static TOKEN_UNUSABLE: Meaning = Meaning {
    code: "API-E002",
    title: "a token that a partner file names cannot be used",
    meaning: "The reference under `token` of [api] leads to no secret, to one that is shorter than 16 characters, or to one that another partner has too. Whoever shows it is refused, and told so.",
    cause: "The file is missing or not readable by edigate's user, systemd was not told of the credential, or one file was given to two partners.",
    fix: "write a token of its own for each partner (`openssl rand -base64 32`) where the reference points; it is read again every few seconds",
    who: Who::Us,
    example: "token = \"file:erp.token\"",
    corrected: "",
};

/// The token is right, the certificate is not.
pub static WRONG_CERTIFICATE: Meaning = Meaning {
    code: "API-E003",
    title: "the token is right and the certificate beside it is not",
    meaning: "The partner's file names the certificates that must be shown beside its token. None or another one was shown, so nothing of the request is read. A token that somebody else found is of no use to them.",
    cause: "The partner renewed its certificate without telling us, or somebody else has its token.",
    fix: "connect with the certificate that was agreed; if it was renewed, its fingerprint belongs into `certificate` of [api] (a list while both are in use)",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// A header or parameter that says nothing usable.
pub static BAD_HEADER: Meaning = Meaning {
    code: "API-E004",
    title: "a header or parameter cannot be used as it is",
    meaning: "An Idempotency-Key has 1 to 200 visible characters; a `name` is a plain file name. Nothing was taken.",
    cause: "A key of another kind, or a path where a name is meant.",
    fix: "correct what the message names and send it again",
    who: Who::Sender,
    example: "Idempotency-Key:",
    corrected: "Idempotency-Key: 7c0a1f0e-ship-0000777",
};

/// A form or a compressed body where a document is expected.
pub static WRONG_CONTENT: Meaning = Meaning {
    code: "API-E005",
    title: "a form or a compressed body where a document is expected",
    meaning: "The body is the document itself, byte for byte. What a form encodes or a compressor packs is another document; nothing was taken.",
    cause: "`curl -d`, which sends a form and drops line breaks; a library that compresses by itself.",
    fix: "send the bytes as they are (`curl --data-binary @FILE -H 'Content-Type: application/edi-x12'`), without Content-Encoding",
    who: Who::Sender,
    example: "Content-Type: application/x-www-form-urlencoded",
    corrected: "Content-Type: application/edi-x12",
};

/// A request without a document.
pub static NOTHING_HANDED_IN: Meaning = Meaning {
    code: "API-E006",
    title: "a request brings no document",
    meaning: "The body is empty. Nothing was taken.",
    cause: "The file was empty, or the program forgot the body.",
    fix: "send the document as the body of the request",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// The same key with other bytes.
pub static KEY_REUSED: Meaning = Meaning {
    code: "API-E007",
    title: "an Idempotency-Key came before with other bytes",
    meaning: "A key stands for one document for ever. These bytes are kept and nothing is done with them, since nobody can tell whether they correct the first ones or were given the wrong key.",
    cause: "A counter that was reset, a key per day instead of per document, or a corrected document under the old key.",
    fix: "send it under a key of its own; where a partner corrects documents under their old keys, agree on `message_id = \"replace\"` under [duplicates]",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// One partner hands in too many at the same time.
pub static TOO_MANY_AT_ONCE: Meaning = Meaning {
    code: "API-W008",
    title: "a partner hands in more at the same time than is taken",
    meaning: "Each partner may hand in 32 documents at the same time, so that one does not take the others' place. Nothing of this one was taken.",
    cause: "Everything is sent at once after a pause.",
    fix: "send it again after the seconds that Retry-After names, with the same Idempotency-Key",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// Nothing can be taken now.
pub static NOT_NOW: Meaning = Meaning {
    code: "API-E009",
    title: "nothing can be taken into custody now",
    meaning: "Received is said only of what is durable. The disk or the ledger does not take anything at the moment, so that this document was not taken; `edigate status` says what is in trouble.",
    cause: "A full disk, or a database server that is away.",
    fix: "send it again after the seconds that Retry-After names, with the same Idempotency-Key: whether or not this one was recorded, it takes effect once",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// No document of that id was handed in by this partner.
pub static NO_SUCH_DOCUMENT: Meaning = Meaning {
    code: "API-E010",
    title: "no document of that id was handed in under this token",
    meaning: "Each partner sees what it handed in itself, and nothing else.",
    cause: "The id is another partner's, or was copied in part.",
    fix: "ask for the `id` that the answer to the POST named",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// Partners have tokens, and no listener serves the API.
pub static NOBODY_LISTENS: Meaning = Meaning {
    code: "API-W011",
    title: "partners have tokens, and no listener serves the API",
    meaning: "A partner file has [api], and gateway.toml has no `[[listen]]` with \"api\" among what it serves, so that nobody can hand in anything.",
    cause: "The listener was forgotten, or serves something else.",
    fix: "write a `[[listen]]` with `serves = [\"api\"]` into gateway.toml, or take [api] out of the partner file",
    who: Who::Us,
    example: "",
    corrected: "serves = [\"api\"]",
};

/// A parameter of a question cannot be used.
pub static BAD_PARAMETER: Meaning = Meaning {
    code: "API-E012",
    title: "a parameter cannot be used",
    meaning: "What stands behind the question mark has a name that this path does not know, or a value that cannot be. Nothing is guessed: a listing that were not narrowed as it was meant would show something else than what was asked for.",
    cause: "A misspelt name, a date without its time, or a limit that is too large.",
    fix: "give what is expected; `/api/v1/openapi.json` names every parameter of every path",
    who: Who::Sender,
    example: "GET /api/v1/deliveries?sate=parked",
    corrected: "GET /api/v1/deliveries?state=parked",
};

/// A reader asks for what its token is not for.
pub static NOT_FOR_THIS_READER: Meaning = Meaning {
    code: "API-E013",
    title: "the token is not for this",
    meaning: "A token shows the partners that it was made for, and nothing about the gateway as a whole. What was asked for is another partner's, or belongs to none.",
    cause: "The token is for some partners, and the question is about others.",
    fix: "ask for a partner that the token is for, or have a token made for more",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// There is no such row.
pub static NO_SUCH_ROW: Meaning = Meaning {
    code: "API-E014",
    title: "there is nothing of that id or number",
    meaning: "The books have nothing of that id or number, or it belongs to a partner that the token is not for; which of the two is not told.",
    cause: "The id was copied in part, is that of another kind of thing, or is another partner's.",
    fix: "take ids and cursors from a listing, as they stand there",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// The bytes were removed when their retention was over.
pub static PRUNED: Meaning = Meaning {
    code: "API-E015",
    title: "the bytes were removed when their retention was over",
    meaning: "The document and its story stay in the books; the file that brought it was kept for as long as the configuration says, and is gone.",
    cause: "`retention` of the partner or of the archive.",
    fix: "ask for the document itself, or restore the archive from a backup",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// An API refuses what was posted.
pub static REFUSED_BY_API: Meaning = Meaning {
    code: "NET-E040",
    title: "an API refuses what was posted to it",
    meaning: "The API answered with a status of 4xx, or with success around a body that says otherwise; the answer is quoted. The same request would be refused again, so the delivery is parked and waits for a person.",
    cause: "The API does not know the order or the item, expects other fields, or the URL is not the one for this document.",
    fix: "mend what the answer names: the map, the master data at the other side, or `to` of the endpoint; then `edigate release ID`",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// An API asks us to wait.
pub static ASKED_TO_WAIT: Meaning = Meaning {
    code: "NET-W041",
    title: "an API asks us to wait",
    meaning: "The API answered 429 or 503. Nothing more is posted there for as long as its Retry-After says, an hour at most; what waits keeps its place and goes on by itself.",
    cause: "More was posted than the API takes in its time, or it is being maintained.",
    fix: "nothing, if it is rare; else lower `at_once` of the endpoint, or have the limit raised",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// An API failed.
pub static API_FAILED: Meaning = Meaning {
    code: "NET-E042",
    title: "an API failed at what was posted to it",
    meaning: "The API answered with a status of 5xx, 408 or 425, which says that the same request may succeed later. It is made again with growing pauses, under the same key.",
    cause: "A fault at the other side, or behind it.",
    fix: "nothing, if it is rare; else ask whoever runs the API, by the time and the key of the delivery",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// An API sends us elsewhere.
pub static REDIRECTED: Meaning = Meaning {
    code: "NET-E043",
    title: "an API sends us elsewhere",
    meaning: "The answer names another place. Documents and secrets go to the host that the partner file names and to no other one, so that only a redirection within it (307, 308) is followed. The delivery is parked.",
    cause: "The API has moved, `http` is written where `https` is meant, or a proxy shows its own login page.",
    fix: "write the new address into `to` of the endpoint if it is right, reload, and `edigate release ID`",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The answer to what was posted did not come.
pub static ANSWER_LOST: Meaning = Meaning {
    code: "NET-E044",
    title: "the answer to what was posted did not come",
    meaning: "The request went out, and the connection ended or the time was over before an answer came. The API may have taken it: the same request is made again under the same key, by which the API knows it.",
    cause: "The network, a proxy with a shorter time limit, or an API that takes long.",
    fix: "nothing, where the API knows keys; else look at the other side whether the document is there, and raise `timeout`",
    who: Who::Transport,
    example: "",
    corrected: "",
};
