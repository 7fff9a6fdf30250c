//! The `post` table of an endpoint with `via = "http"`: each file is the body of one request to an API.
//!
//! ```toml
//! [[endpoint]]
//! name = "orders"
//! via  = "http"
//! [endpoint.post]
//! to      = "https://erp.acme.example/api/orders/{stem}"
//! name    = "{po_number}.json"
//! auth    = { bearer = "credential:erp_api" }
//! sign    = { header = "X-Signature", secret = "credential:erp_signing" }
//! success = { pointer = "/status", equals = "accepted" }
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::partner::DropOff;
use super::reader::{Entry, Table, choice, meant, one_of};
use super::secret::SecretReference;
use super::{file_name, gateway};
use crate::diagnostic::codes::config as codes;
use crate::diagnostic::{Code, Diagnostic};

/// How files are posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The URL, with [`PLACEHOLDERS`] in its path and query.
    pub to: String,
    /// `POST`, `PUT` or `PATCH`.
    pub method: &'static str,
    /// The type of the body; by the file's name when `None`.
    pub content_type: Option<String>,
    /// Headers that every request has, with [`PLACEHOLDERS`] in their values.
    pub headers: Vec<(String, String)>,
    /// How we show who we are.
    pub auth: Auth,
    /// The header that holds the delivery's id, by which a repetition is known; `None` where the API has no such thing.
    pub idempotency: Option<String>,
    /// How a body is signed.
    pub sign: Option<Sign>,
    /// What says that the file was taken.
    pub success: Success,
    /// A URL that answers a GET with success while all is well; without it any answer of the host will do.
    pub check: Option<String>,
    /// Certificates of issuers that are trusted besides the system's, as PEM.
    pub ca: Option<PathBuf>,
    /// How long one request may take.
    pub timeout: Duration,
}

/// What templates may speak of.
pub const PLACEHOLDERS: [&str; 6] = ["name", "stem", "key", "sha256", "timestamp", "endpoint"];

/// How we show who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// Not at all.
    None,
    /// `Authorization: Bearer …`
    Bearer(SecretReference),
    /// `Authorization: Basic …`
    Basic {
        /// Who we are there.
        user: String,
        /// Our password there.
        password: SecretReference,
    },
    /// A header of the API's own.
    Header {
        /// Its name.
        header: String,
        /// Its value.
        value: SecretReference,
    },
}

/// How a body is signed: HMAC-SHA256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// The header that holds the signature.
    pub header: String,
    /// What both sides know.
    pub secret: SecretReference,
    /// How the header is written: `{hex}` or `{base64}` stands for the signature.
    pub form: String,
    /// The header that holds the time in seconds since 1970, where that is signed with the body: `TIME.BODY`.
    pub timestamp: Option<String>,
}

/// What says that a file was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Success {
    /// These statuses; any of 200 to 299 when there are none.
    pub status: Vec<u16>,
    /// And this place in the JSON of the answer.
    pub pointer: Option<String>,
    /// Which must be there, or have this value.
    pub equals: Option<String>,
    /// Whether 409 says that a request with this key was taken before.
    pub conflict_is_success: bool,
}

const METHODS: [(&str, &str); 3] = [("POST", "POST"), ("PUT", "PUT"), ("PATCH", "PATCH")];
const IDEMPOTENCY: &str = "Idempotency-Key";
const TIMEOUT: Duration = Duration::from_secs(30);

/// Headers that the request has by itself; another one of the name would contradict it.
const OURS: [&str; 6] = ["host", "content-length", "transfer-encoding", "connection", "content-type", "authorization"];

/// Reads the table; relative files start at `home`. The second value names its files as a `drop_off` would.
pub(super) fn read(table: &Table, home: &Path) -> (Option<Post>, Option<DropOff>) {
    let to_entry = table.required("to", r#"to = "https://erp.acme.example/api/orders""#);
    let plain = table.optional("plain").boolean().unwrap_or(false);
    let to = to_entry.parse(|text| url(text, plain).and_then(|()| template(text)).map(|()| text.to_owned()));
    let name_entry = table.optional("name");
    let name = name_entry.parse(|text| file_name::check(text).map(|()| text.to_owned())).map(|name| name.value);
    let method = table.optional("method").parse(|text| choice(text, "method", &METHODS)).map(|method| method.value);
    let content_type = table.optional("content_type").parse(header_value).map(|kind| kind.value);
    let headers = headers(table.optional("headers"));
    let auth = table.optional("auth").table().and_then(|table| auth(&table, home));
    let idempotency = table.optional("idempotency").parse(header_or_none).map(|header| header.value);
    let sign = table.optional("sign").table().and_then(|table| sign(&table, home));
    let success = table.optional("success").table().and_then(|table| success(&table));
    let check = table.optional("check").parse(|text| url(text, plain).map(|()| text.to_owned()));
    let ca = table.optional("ca").text().map(|file| gateway::absolute(&home.join(file.value)));
    let timeout = table.optional("timeout").duration().unwrap_or(TIMEOUT);
    table.finish();
    let is_whole = ["auth", "sign", "success", "headers"].iter().all(|key| match *key {
        "auth" => auth.is_some() || !table.has(key),
        "sign" => sign.is_some() || !table.has(key),
        "success" => success.is_some() || !table.has(key),
        _ => headers.is_some(),
    });
    let drop_off = to.as_ref().filter(|_| name.is_some() || !name_entry.is_given()).map(|to| DropOff {
        to: PathBuf::from(&to.value),
        marker: None,
        name: name.unwrap_or_else(|| file_name::DEFAULT.to_owned()),
    });
    let post = to.filter(|_| is_whole).map(|to| Post {
        to: to.value,
        method: method.unwrap_or("POST"),
        content_type,
        headers: headers.unwrap_or_default(),
        auth: auth.unwrap_or(Auth::None),
        idempotency: idempotency.unwrap_or_else(|| Some(IDEMPOTENCY.to_owned())),
        sign,
        success: success.unwrap_or_else(usual_success),
        check: check.map(|check| check.value),
        ca,
        timeout,
    });
    (post, drop_off)
}

fn usual_success() -> Success {
    Success { status: Vec::new(), pointer: None, equals: None, conflict_is_success: true }
}

/// `https://`, or `http://` where the file says that plain text will do; without a name or password in it.
fn url(text: &str, plain: bool) -> Result<(), Diagnostic> {
    let fault = |why: &str| {
        let fault = Diagnostic::new(&codes::ADDRESS, why.to_owned());
        let fault = fault.expected(r#"a URL such as "https://erp.acme.example/api/orders""#);
        fault.hint("write the URL of the API as its documentation has it")
    };
    let (scheme, rest) = text.split_once("://").ok_or_else(|| fault("that is no URL").found(text))?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        // The text is not repeated: it may hold a password.
        let fault = Diagnostic::new(&codes::SECRET, "a URL holds a name or a password");
        return Err(fault.expected(r#"auth = { user = "…", password = "credential:…" }"#));
    }
    if host.is_empty() || host.contains(['{', '}', ' ']) {
        return Err(fault("the host of the URL must be written out").found(text));
    }
    match scheme {
        "https" => Ok(()),
        "http" if plain => Ok(()),
        "http" => {
            let hint = "what goes there can be read on its way; where that will do, say plain = true";
            Err(fault("the URL is not encrypted").found(text).hint(hint))
        }
        _ => Err(fault("that is no URL of an API").found(text)),
    }
}

/// Checks the placeholders of a template.
fn template(text: &str) -> Result<(), Diagnostic> {
    let fault = |message: String| Diagnostic::new(&codes::FILE_NAME, message).found(text);
    let mut rest = text;
    while let Some(open) = rest.find(['{', '}']) {
        let inner = rest[open..].strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, after) = inner.ok_or_else(|| fault("the braces of a template do not match".to_owned()))?;
        if !PLACEHOLDERS.contains(&name) {
            let listed = PLACEHOLDERS.map(|name| format!("{{{name}}}")).join(", ");
            let unknown = fault(format!("unknown placeholder {{{name}}}")).expected(format!("one of {listed}"));
            return Err(meant(unknown, name, PLACEHOLDERS));
        }
        rest = after;
    }
    Ok(())
}

fn headers(entry: Entry<'_>) -> Option<Vec<(String, String)>> {
    let Some(table) = entry.table() else { return (!entry.is_given()).then(Vec::new) };
    let mut headers = Vec::new();
    for (name, value) in table.texts() {
        let checked = header_name(&name).and_then(|name| {
            header_value(value.value)?;
            template(value.value)?;
            Ok((name, value.value.to_owned()))
        });
        match checked {
            Ok(header) => headers.push(header),
            Err(fault) => {
                table.source.report(fault.at(value.place));
                return None;
            }
        }
    }
    Some(headers)
}

fn unusable(code: Code, what: &str, expected: &str) -> Diagnostic {
    Diagnostic::new(code, what.to_owned()).expected(expected)
}

fn header_name(text: &str) -> Result<String, Diagnostic> {
    let is_name = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !is_name || OURS.contains(&text.to_ascii_lowercase().as_str()) {
        let what = format!("{text:?} is no header that can be set here");
        return Err(unusable(&codes::UNKNOWN_WORD, &what, r#"a name such as "X-Source""#));
    }
    Ok(text.to_owned())
}

fn header_or_none(text: &str) -> Result<Option<String>, Diagnostic> {
    if text == "none" { Ok(None) } else { header_name(text).map(Some) }
}

fn header_value(text: &str) -> Result<String, Diagnostic> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Ok(text.to_owned());
    }
    Err(unusable(&codes::UNKNOWN_WORD, "the value of a header is no plain text", "printable ASCII"))
}

fn auth(table: &Table, home: &Path) -> Option<Auth> {
    let secret = |key| table.optional(key).parse(SecretReference::parse).map(|secret| secret.value.below(home));
    let (bearer, password, value) = (secret("bearer"), secret("password"), secret("value"));
    let user = table.optional("user").text().map(|user| user.value.to_owned());
    let header = table.optional("header").parse(header_name).map(|header| header.value);
    table.finish();
    let kinds = ["bearer", "user", "header"].iter().filter(|key| table.has(key)).count();
    let auth = match (bearer, user, password, header, value) {
        (Some(token), None, None, None, None) => Some(Auth::Bearer(token)),
        (None, Some(user), Some(password), None, None) => Some(Auth::Basic { user, password }),
        (None, None, None, Some(header), Some(value)) => Some(Auth::Header { header, value }),
        _ => None,
    };
    // A reference with a fault was reported where it stands.
    let is_complete = (table.has("user") == table.has("password")) && (table.has("header") == table.has("value"));
    if auth.is_none() && (kinds != 1 || !is_complete) {
        let fault = Diagnostic::new(&codes::MISSING_KEY, "auth says in none or in several ways who we are");
        let expected = r#"{ bearer = "…" }, { user = "…", password = "…" } or { header = "X-API-Key", value = "…" }"#;
        table.source.report(fault.at(table.place.clone()).expected(expected));
    }
    auth
}

fn sign(table: &Table, home: &Path) -> Option<Sign> {
    let header = table.required("header", r#"header = "X-Signature""#).parse(header_name);
    let secret = table.required("secret", r#"secret = "credential:…""#).parse(SecretReference::parse);
    let form = table.optional("form").parse(|text| {
        let is_form = (text.contains("{hex}") || text.contains("{base64}")) && header_value(text).is_ok();
        let expected = r#"a text with {hex} or {base64}, such as "sha256={hex}""#;
        if is_form {
            Ok(text.to_owned())
        } else {
            Err(unusable(&codes::UNKNOWN_WORD, "no form of a signature", expected))
        }
    });
    let timestamp = table.optional("timestamp").parse(header_name).map(|header| header.value);
    table.finish();
    let form = form.map_or_else(|| "sha256={hex}".to_owned(), |form| form.value);
    Some(Sign { header: header?.value, secret: secret?.value.below(home), form, timestamp })
}

fn success(table: &Table) -> Option<Success> {
    let status = table.optional("status").parse_each(|text| {
        let number = text.parse::<u16>().ok().filter(|status| (200..=299).contains(status));
        number.ok_or_else(|| unusable(&codes::OUT_OF_RANGE, "no status of success", r#""200" to "299""#).found(text))
    });
    let pointer = table.optional("pointer").parse(|text| match text.starts_with('/') {
        true => Ok(text.to_owned()),
        false => Err(unusable(&codes::UNKNOWN_WORD, "no JSON pointer", r#"a text such as "/status""#).found(text)),
    });
    let equals = table.optional("equals").text().map(|text| text.value.to_owned());
    let words = [("success", true), ("failure", false)];
    let conflict = table.optional("conflict").parse(|text| choice(text, "meaning of 409", &words));
    table.finish();
    if equals.is_some() && !table.has("pointer") {
        let fault = Diagnostic::new(&codes::MISSING_KEY, "equals is given, and nothing says of what");
        table.source.report(fault.at(table.place.clone()).expected(one_of(&[r#"pointer = "/status""#])));
        return None;
    }
    Some(Success {
        status: status.into_iter().map(|status| status.value).collect(),
        pointer: pointer.map(|pointer| pointer.value),
        equals,
        conflict_is_success: conflict.is_none_or(|conflict| conflict.value),
    })
}
