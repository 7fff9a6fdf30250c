//! Codes about APIs that are polled (API-...).

use crate::diagnostic::{Meaning, Who};

/// Every code of this area.
pub static ALL: &[&Meaning] = &[
    &UNREACHABLE,
    &SERVER_FAULT,
    &NOT_LET_IN,
    &NO_TOKEN,
    &REFUSED,
    &TOO_LARGE,
    &NOT_JSON,
    &NOT_THERE,
    &FAULT_IN_ANSWER,
    &ELSEWHERE,
    &ENDLESS,
    &UNSETTLED,
    &CLOCKS_DIFFER,
    &NO_ID,
    &DETAIL_GONE,
    &TOO_FAST,
    &NO_API,
    &NOT_SET,
    &TEMPLATE,
    &POINTER,
    &URL,
];

/// The API does not answer.
pub static UNREACHABLE: Meaning = Meaning {
    code: "POL-E001",
    title: "the API does not answer",
    meaning: "No connection could be made, it broke, or the answer was not whole within `timeout`. What was already taken in is safe; the round begins again from the last watermark, with growing pauses, and what comes twice is known.",
    cause: "The API is down, a proxy or firewall is in between, its certificate is not one that this machine trusts, or the answer takes longer than `timeout`.",
    fix: "try `curl -v` with the URL of the message from this machine; raise `timeout` in poll if the API is only slow; work resumes by itself",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// The API fails.
pub static SERVER_FAULT: Meaning = Meaning {
    code: "POL-E002",
    title: "the API answers with a fault of its own",
    meaning: "It answered with a status from 500 on, also after several tries with growing pauses. The watermark stays where it was and the round is made again later.",
    cause: "The API is overloaded or broken.",
    fix: "look at the status page of the API; work resumes by itself",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// The API does not let us in.
pub static NOT_LET_IN: Meaning = Meaning {
    code: "POL-E003",
    title: "the API does not let us in",
    meaning: "It refused what we showed, and where we fetch tokens also a fresh one. This endpoint has stopped: asking on would only lock the account. Nothing is lost; the next round begins at the last watermark.",
    cause: "The key or token was revoked or has run out, or it lacks a right that the API asks for.",
    fix: "issue a new key or grant the right in the API's own administration, put it where the reference points, and reload (`systemctl reload edigate`)",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// No token could be had.
pub static NO_TOKEN: Meaning = Meaning {
    code: "POL-E004",
    title: "no token could be had",
    meaning: "The token endpoint refused us or answered something that is no token. When it says that the grant is not valid, this endpoint has stopped until the configuration is read again; else it is tried again.",
    cause: "The client secret was changed, the refresh token was used elsewhere or has run out, or the wrong token endpoint is named.",
    fix: "authorize the application anew and put the new refresh token or secret where the reference points, then reload",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The API refused a request.
pub static REFUSED: Meaning = Meaning {
    code: "POL-E005",
    title: "the API refused a request",
    meaning: "It answered with a status that is neither success nor a fault of its own; its words are quoted. The watermark stays and the request is made again with growing pauses.",
    cause: "A parameter has a value that the API does not take, the version of the API was switched off, or a right is missing.",
    fix: "correct the `.api.toml` by the documentation of the API, or ask its operator",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// An answer is too large.
pub static TOO_LARGE: Meaning = Meaning {
    code: "POL-E006",
    title: "an answer is larger than allowed",
    meaning: "Reading stopped at the limit, so that one answer cannot fill memory or disk; nothing of it was taken. For packed files the limit holds for what comes out.",
    cause: "The pages are too large, or what answered is not the API.",
    fix: "ask for smaller pages, or raise `answer` in [limits] of the `.api.toml`",
    who: Who::Us,
    example: "[limits]\nanswer = \"32 MB\"",
    corrected: "[limits]\nanswer = \"100 MB\"",
};

/// An answer is no JSON.
pub static NOT_JSON: Meaning = Meaning {
    code: "POL-E007",
    title: "an answer is not what the API promises",
    meaning: "Its status says success and its body is no JSON (or no gzip, where that was promised). Nothing of it was taken; it is asked again with growing pauses.",
    cause: "A proxy or a login page answered in place of the API, or the answer was cut off.",
    fix: "look at the answer with `curl`; correct `base`, or ask who runs the proxy",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// Something is not where it should be.
pub static NOT_THERE: Meaning = Meaning {
    code: "POL-E008",
    title: "an answer lacks what a pointer names",
    meaning: "The answer is JSON and has nothing, or something of another shape, at a pointer of the `.api.toml`. The watermark stays where it was, so that nothing is passed over.",
    cause: "The API changed, another version answered, or the pointer is wrong.",
    fix: "compare the pointer with an answer of the API, correct the `.api.toml`, and reload",
    who: Who::Us,
    example: "[items]\nlist = \"/order\"",
    corrected: "[items]\nlist = \"/orders\"",
};

/// An answer says that it is a fault.
pub static FAULT_IN_ANSWER: Meaning = Meaning {
    code: "POL-E009",
    title: "an answer with status 200 says that it is a fault",
    meaning: "The API answers faults with status 200 and a list of errors, as GraphQL does; the first is quoted. The watermark stays and it is asked again with growing pauses.",
    cause: "The query asks for a field that is gone or for which a right is missing.",
    fix: "correct the `.api.toml` by the documentation of the API, or grant the right",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// An answer sends us elsewhere.
pub static ELSEWHERE: Meaning = Meaning {
    code: "POL-E010",
    title: "an answer sends us to another host",
    meaning: "The link to the next page or to a document leads to a host that is neither the one of `base` nor among `hosts`, or not to https. It was not followed: our key would be told to whoever is there.",
    cause: "The API moved, or keeps its documents on another host.",
    fix: "if the host belongs to the API, add it to `hosts` in poll; `*.example.com` means all below it",
    who: Who::Us,
    example: "",
    corrected: "poll = { preset = \"amazon-settlements\", hosts = [\"*.amazonaws.com\"] }",
};

/// Pages without end.
pub static ENDLESS: Meaning = Meaning {
    code: "POL-E011",
    title: "the pages do not end",
    meaning: "A page led to one that was seen in the same round, or there are more pages than `pages` in [limits]. What was taken in is safe; the watermark stays where it was.",
    cause: "The API repeats its cursor, or ignores the parameter for the page.",
    fix: "compare `[pages]` with the documentation of the API; raise the limit if there are really so many",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// Rows move between pages.
pub static UNSETTLED: Meaning = Meaning {
    code: "POL-W012",
    title: "rows move between pages faster than they are read",
    meaning: "The list changed in every pass through its numbered pages, so that a row may have slipped from one page to the one before it. What was seen is taken in; the watermark stays, so that the next round sees what was missed.",
    cause: "Very many changes during the round, or a sort order in which changed rows move.",
    fix: "nothing, if it is rare; else ask for fewer at a time by a shorter `look_back`, or sort by something that does not change",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The clocks differ.
pub static CLOCKS_DIFFER: Meaning = Meaning {
    code: "POL-W013",
    title: "the API's clock and ours differ",
    meaning: "The Date header of its answers is more than five minutes from our own time, or an item has a time that is not yet. The watermark follows the times of the items and never passes our now, so that nothing is passed over; more is read twice than needed.",
    cause: "One of the two clocks is wrong.",
    fix: "compare this machine's clock with a time server (`timedatectl`); else tell the operator of the API",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// An item has no id.
pub static NO_ID: Meaning = Meaning {
    code: "POL-W014",
    title: "an item has no id, version or time where they should be",
    meaning: "It was taken in all the same and is known by the hash of its bytes. Without its id and version a change of it cannot be told from another item, and without its time it does not move the watermark.",
    cause: "The API left the field out for this item, or the pointer in [items] or [since] is wrong.",
    fix: "compare the pointers with the item, which is among the transmissions",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The detail of an item is gone.
pub static DETAIL_GONE: Meaning = Meaning {
    code: "POL-W015",
    title: "an item was gone when its details were asked for",
    meaning: "The list had it, and the request for its details was answered with 404 or 410. It was deleted in between, and the round went on without it.",
    cause: "Somebody deleted it, or we may see lists and not details.",
    fix: "look the item up in the API's own administration",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// The API asks for a pause.
pub static TOO_FAST: Meaning = Meaning {
    code: "POL-W016",
    title: "the API asks for a long pause",
    meaning: "It answered that we ask too often, also after several pauses, or asks for one longer than we wait within a round. The round goes on from the last watermark when the pause is over.",
    cause: "Another program uses the same key, or the allowance is used up for today.",
    fix: "raise `every` in poll, or give the other program a key of its own",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// No such description of an API.
pub static NO_API: Meaning = Meaning {
    code: "POL-E021",
    title: "there is no such description of an API",
    meaning: "`preset` names one of those in this binary, `api` a file beside partner.toml.",
    cause: "A slip in the name, or the file was not copied.",
    fix: "correct the name, or put the file there",
    who: Who::Us,
    example: "poll = { preset = \"shopify\" }",
    corrected: "poll = { preset = \"shopify-orders\", set = { shop = \"acme\", token = \"credential:shopify\" } }",
};

/// A word that the API needs is not set.
pub static NOT_SET: Meaning = Meaning {
    code: "POL-E022",
    title: "a word that the description of an API needs is not set",
    meaning: "The description has gaps such as `{shop}` that only the partner's file can fill; secrets are filled by references, never by themselves.",
    cause: "`set` lacks the word, or its value has characters that would break the file.",
    fix: "add it to `set` in poll",
    who: Who::Us,
    example: "poll = { preset = \"shopify-orders\" }",
    corrected: "poll = { preset = \"shopify-orders\", set = { shop = \"acme\", token = \"credential:shopify\" } }",
};

/// A gap that nobody fills.
pub static TEMPLATE: Meaning = Meaning {
    code: "POL-E023",
    title: "a template has a gap that nobody fills",
    meaning: "Paths, parameters, headers and names may have gaps in braces, which are filled for each request: by the watermark, the page, the item.",
    cause: "A slip in the name of the gap, or a word of `set` that `needs` does not list.",
    fix: "correct the name of the gap",
    who: Who::Us,
    example: "query = { updated_at_min = \"{sicne}\" }",
    corrected: "query = { updated_at_min = \"{since}\" }",
};

/// No JSON pointer.
pub static POINTER: Meaning = Meaning {
    code: "POL-E024",
    title: "a text is no JSON pointer",
    meaning: "Places in answers are named by JSON pointers (RFC 6901): a slash before every step. A dot alone means the whole answer.",
    cause: "The slash at the beginning is missing.",
    fix: "write the pointer with slashes",
    who: Who::Us,
    example: "id = \"order.id\"",
    corrected: "id = \"/order/id\"",
};

/// A URL that cannot be asked.
pub static URL: Meaning = Meaning {
    code: "POL-E025",
    title: "a URL cannot be asked",
    meaning: "APIs are asked by https, so that nobody on the way reads keys and orders. Plain http is for machines of your own and is allowed by `allow_http` alone.",
    cause: "The URL begins with http://, or has no host.",
    fix: "write an https URL",
    who: Who::Us,
    example: "base = \"api.example.com\"",
    corrected: "base = \"https://api.example.com\"",
};
