//! How an HTTP API is asked for what is new: one text file per API, and a few words of the partner's file.
//!
//! ```toml
//! # partner.toml
//! [[endpoint]]
//! name = "shop"
//! via  = "http"
//! poll = { preset = "shopify-orders", every = "5 min", set = { shop = "acme", token = "credential:shopify" } }
//! ```
//!
//! ```toml
//! # shopify-orders.api.toml: of the presets in this binary, or a file beside partner.toml (poll = { api = "own.api.toml" })
//! base  = "https://{shop}.myshopify.com/admin/api/2025-07"
//! needs = { shop = "…", token = "…" }          what the partner file must set; secrets as references
//! [auth]    kind = "header", name = "X-Shopify-Access-Token", secret = "{token}"
//! [request] path = "/orders.json", query = { status = "any", updated_at_min = "{since}", limit = "250" }
//! [since]   field = "/updated_at", format = "iso", overlap = "5 min", look_back = "60 d"
//! [pages]   by = "link", size = 250
//! [items]   list = "/orders", id = "/id", version = "/updated_at", name = "order_{id}.json"
//! ```
//!
//! | table | keys |
//! |---|---|
//! | top | `base`, `every`, `timeout`, `hosts`, `needs` (words for `set`), `usual` (what they are when not set) |
//! | `[request]` | `method`, `path`, `query`, `headers`, `body`; gaps are filled for each request ([`template`]) |
//! | `[auth]` | `kind` and what it needs, `refused` (statuses that mean "not you") |
//! | `[since]` | `field`, `format` (iso, seconds, milliseconds, date, number, strftime), `zone`, `overlap`, `look_back`, `lag` |
//! | `[pages]` | `by`, `first`, `size`, `next`, `more`, `pages`, `total`, `end`, `with_cursor` |
//! | `[items]` | `list`, `may_lack`, `inside`, `id`, `version`, `name` |
//! | `[[detail]]` | a request as above, and `list`, `pages`, `into`, `file`, `packed`, `signed` |
//! | `[rate]`, `[fault]`, `[limits]` | `interval`, `remaining`, `reserve`, `reset`; `at`, `throttled`; `answer`, `pages` |
//!
//! In: those texts. Out: one [`Poll`] that cannot be wrong, or every fault with its line. Never here: asking anybody.

mod read;
mod auth;
pub mod template;
pub mod presets;

use std::time::Duration;

use jiff::tz::TimeZone;

use super::secret::SecretReference;
pub(super) use read::read;
use template::Template;

/// An API, and how it is polled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// The preset's name, or the file's.
    pub name: String,
    /// How often it is asked.
    pub every: Duration,
    /// How long any single answer may take.
    pub timeout: Duration,
    /// What every path is put behind; no slash at its end.
    pub base: String,
    /// Plain http is allowed: for a machine of our own.
    pub allow_http: bool,
    /// Hosts besides the one of `base` to which answers may send us on; `*.example.com` means all below it.
    pub hosts: Vec<String>,
    /// Who we are there.
    pub auth: Auth,
    /// Answers that mean "the token is no good": 401, and what an API says instead of it.
    pub refused: Vec<u16>,
    /// The request for a page of items.
    pub list: Asking,
    /// What was seen already; `None` asks for everything every time.
    pub since: Option<Since>,
    /// Where an item is told from others.
    pub items: Items,
    /// What is asked for each item.
    pub details: Vec<Detail>,
    /// How fast we may ask.
    pub rate: Rate,
    /// An answer with status 200 that is a fault all the same.
    pub fault: Option<Fault>,
    /// The largest answer that is read, in bytes.
    pub max_answer: u64,
    /// The most pages of one round.
    pub max_pages: u32,
}

/// A request whose answers hold a list, page by page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// How it is asked.
    pub method: Method,
    /// Behind `base`, or a whole URL.
    pub path: Template,
    /// Parameters in the order of their names; one whose template has no value is left out.
    pub query: Vec<(String, Template)>,
    /// Headers beside those of the authentication.
    pub headers: Vec<(String, Template)>,
    /// JSON to be sent.
    pub body: Option<Template>,
    /// Pointer to the list within an answer; empty when the answer is the list. Of a detail, `None` means the whole answer.
    pub list: Option<String>,
    /// An answer without the list has an empty one.
    pub may_lack_list: bool,
    /// How one page leads to the next.
    pub pages: Pages,
}

/// How it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Reads as well: GraphQL and SuiteQL ask so.
    Post,
}

/// How one page leads to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    /// By what.
    pub by: By,
    /// How many items a full page has; 0 where nobody says.
    pub size: u32,
    /// The parameters that go with a cursor; `None` when all do.
    pub with_cursor: Option<Vec<String>>,
    /// Pointer to a value that is true while there is more.
    pub more: Option<String>,
    /// How many there are in all.
    pub total: Option<Total>,
    /// Statuses that mean "no such page", beside 204.
    pub end: Vec<u16>,
}

/// By what one page leads to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// There is one page.
    None,
    /// `{page}`: numbers from the first.
    Number(u32),
    /// `{offset}`: how many items to pass over, and what the first is called.
    Offset(u32),
    /// `{cursor}`: a text at this pointer.
    Cursor(String),
    /// `{last_id}`: the id of the page's last item.
    LastId,
    /// The Link header's `rel="next"` (RFC 8288).
    Link,
    /// A URL at this pointer.
    Url(String),
    /// A query string at this pointer.
    Query(String),
}

/// Where an answer says how much there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Total {
    /// Pages.
    Pages(Spot),
    /// Items.
    Items(Spot),
}

/// A place in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// A header.
    Header(String),
    /// A JSON pointer (RFC 6901) into the body.
    Body(String),
}

/// What was seen already, and how it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// Pointer to the time (or number) of an item.
    pub field: String,
    /// How `{since}` and `{until}` are written.
    pub format: TimeFormat,
    /// The zone of texts without one, in both directions.
    pub zone: TimeZone,
    /// How far back every round begins behind what was seen.
    pub overlap: Duration,
    /// How far back the first round begins.
    pub look_back: Duration,
    /// How far behind now `{until}` stays.
    pub lag: Duration,
}

/// How a time is written in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeFormat {
    /// `2026-03-06T14:10:44Z`
    Iso,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// By strftime directives, in the zone.
    Pattern(String),
    /// It is no time: a number that grows, such as an id.
    Number,
}

/// Where an item is told from others. Pointers begin at the item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Items {
    /// Pointer from an element of the list to the item; empty when it is the element (`/node` in GraphQL).
    pub inside: String,
    /// Its id.
    pub id: String,
    /// What changes with it; the hash of its bytes when `None`.
    pub version: Option<String>,
    /// The name of the file that it becomes.
    pub name: Template,
}

/// A further request for each item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The request.
    pub ask: Asking,
    /// The answer goes into the item under this name; when `None`, it takes the item's place.
    pub into: Option<String>,
    /// False when it is asked without showing who we are: a link that carries its own signature.
    pub signed: bool,
    /// The answer is no JSON: it is taken as it is.
    pub is_file: bool,
    /// Pointer, within the item before, to a word that says GZIP when the file is packed.
    pub packed: Option<String>,
}

/// How fast we may ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rate {
    /// The shortest time between two requests.
    pub interval: Duration,
    /// The header that says how many requests are left: `12`, or `28/40` for used of all.
    pub remaining: Option<String>,
    /// How many we leave.
    pub reserve: u32,
    /// The header that says when there are more.
    pub reset: Option<(String, ResetIn)>,
}

/// What a reset header counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetIn {
    /// Seconds from now.
    Seconds,
    /// Milliseconds from now.
    Milliseconds,
    /// Seconds since 1970.
    Epoch,
}

/// An answer with status 200 that is a fault all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Pointer to a list or text that is there only then.
    pub at: String,
    /// A word in it that means "too fast".
    pub throttled: Option<String>,
}

/// A text that may be kept as a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// Written in the file.
    Plain(String),
    /// Kept elsewhere.
    Secret(SecretReference),
}

/// Who we are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// Anybody.
    None,
    /// A key in a header.
    Header {
        /// Its name.
        name: String,
        /// The key.
        secret: SecretReference,
    },
    /// User and password (RFC 7617).
    Basic {
        /// The user.
        user: Word,
        /// The password.
        password: SecretReference,
    },
    /// A token that somebody gave us (RFC 6750).
    Bearer(SecretReference),
    /// A token that we fetch (RFC 6749).
    Token(Box<TokenSource>),
    /// A signature of each request.
    Hmac(Box<Hmac>),
}

/// Where tokens come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSource {
    /// The token endpoint.
    pub url: String,
    /// By what right.
    pub grant: Grant,
    /// Our id there.
    pub client_id: Word,
    /// Our secret there.
    pub client_secret: Option<SecretReference>,
    /// Id and secret go in the form, not in the Authorization header.
    pub in_form: bool,
    /// Further fields of the form, such as the scope.
    pub form: Vec<(String, String)>,
    /// Headers of the token request.
    pub headers: Vec<(String, Template)>,
    /// The header that carries the token.
    pub header: String,
    /// What stands before the token there: `Bearer `.
    pub prefix: String,
}

/// By what right a token is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// Our own (RFC 6749, 4.4).
    ClientCredentials,
    /// Our own, proved by a signature (RFC 7523, 2.2).
    Assertion {
        /// The private key in PEM.
        key: SecretReference,
        /// Under which id the other side knows the key.
        key_id: Word,
        /// The algorithm.
        algorithm: Algorithm,
        /// What the assertion asks for, where it must say so itself.
        scope: Option<String>,
    },
    /// A refresh token (RFC 6749, 6), which the answer may replace by another.
    Refresh(SecretReference),
}

/// How an assertion is signed (RFC 7518, 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

/// A signature of each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hmac {
    /// The key.
    pub secret: SecretReference,
    /// The header that carries the signature.
    pub header: String,
    /// What is signed: `{method}`, `{path}`, `{query}`, `{timestamp}`, `{body}` and text between them.
    pub over: String,
    /// The header that carries the timestamp.
    pub timestamp: Option<String>,
    /// The signature is written in base64, not in hexadecimal digits.
    pub base64: bool,
}
