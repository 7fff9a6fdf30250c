//! The request that carries one file: where to, with which headers, signed and in whose name.

use jiff::Timestamp;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use reqwest::blocking::{Client, RequestBuilder};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use crate::config::post::{Auth, Post, Sign};
use crate::config::secret::SecretReference;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::{config, wire};
use crate::transport::roll::hash;

/// What the placeholders of a template stand for.
pub(super) struct Filled<'f> {
    pub name: &'f str,
    /// The delivery's id.
    pub key: &'f str,
    pub endpoint: &'f str,
    pub bytes: &'f [u8],
    pub at: Timestamp,
}

impl Filled<'_> {
    /// A template with everything in its place; `write` says how a value is written there.
    fn fill(&self, template: &str, write: impl Fn(&str) -> String) -> String {
        let stem = self.name.rsplit_once('.').map_or(self.name, |(stem, _)| stem);
        let mut text = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, (name, after))) =
            rest.split_once('{').and_then(|(before, inner)| Some((before, inner.split_once('}')?)))
        {
            text.push_str(before);
            text.push_str(&write(&match name {
                "name" => self.name.to_owned(),
                "stem" => stem.to_owned(),
                "key" => self.key.to_owned(),
                "endpoint" => self.endpoint.to_owned(),
                "sha256" => hash(self.bytes),
                "timestamp" => self.at.as_second().to_string(),
                // The configuration refuses every other one.
                other => format!("{{{other}}}"),
            }));
            rest = after;
        }
        text + rest
    }
}

/// Builds it without its body; the fault when a secret cannot be read.
pub(super) fn build(client: &Client, post: &Post, filled: &Filled<'_>) -> Result<RequestBuilder, Diagnostic> {
    let url = url(&filled.fill(&post.to, percent_encoded))?;
    // The three that the configuration knows are methods.
    let method = Method::from_bytes(post.method.as_bytes()).unwrap_or(Method::POST);
    let kind = post.content_type.as_deref().unwrap_or_else(|| kind_of(filled.name));
    let mut request = client.request(method, url).header(CONTENT_TYPE, header("content_type", kind)?);
    for (name, template) in &post.headers {
        request = request.header(named(name)?, header(name, &filled.fill(template, str::to_owned))?);
    }
    if let Some(name) = &post.idempotency {
        request = request.header(named(name)?, header(name, filled.key)?);
    }
    if let Some(sign) = &post.sign {
        request = signed(request, sign, filled)?;
    }
    authorized(request, &post.auth)
}

/// A request that carries nothing.
pub(super) fn probe(
    client: &Client,
    post: &Post,
    method: &str,
    to: &str,
    with_auth: bool,
) -> Result<RequestBuilder, Diagnostic> {
    let request = client.request(Method::from_bytes(method.as_bytes()).unwrap_or(Method::HEAD), url(to)?);
    if with_auth { authorized(request, &post.auth) } else { Ok(request) }
}

/// Every secret of an endpoint with what it is for, read.
pub(super) fn secrets(post: &Post) -> Vec<(String, Result<String, Diagnostic>)> {
    let auth = match &post.auth {
        Auth::None => None,
        Auth::Bearer(token) => Some(("the token", token)),
        Auth::Basic { password, .. } => Some(("the password", password)),
        Auth::Header { value, .. } => Some(("the key", value)),
    };
    let sign = post.sign.as_ref().map(|sign| ("the secret of signatures", &sign.secret));
    auth.into_iter().chain(sign).map(|(what, secret)| (format!("read {what}"), read(secret))).collect()
}

fn read(secret: &SecretReference) -> Result<String, Diagnostic> {
    secret.read().map_err(|why| Diagnostic::new(&wire::SECRET_UNREADABLE, why))
}

fn authorized(request: RequestBuilder, auth: &Auth) -> Result<RequestBuilder, Diagnostic> {
    let secret = |text: &str| {
        let value = HeaderValue::try_from(text).map(|mut value| {
            value.set_sensitive(true);
            value
        });
        value.map_err(|_| Diagnostic::new(&wire::SECRET_UNREADABLE, "the secret holds what no header may hold"))
    };
    Ok(match auth {
        Auth::None => request,
        Auth::Bearer(token) => request.header(AUTHORIZATION, secret(&format!("Bearer {}", read(token)?))?),
        Auth::Basic { user, password } => {
            let shown = openssl::base64::encode_block(format!("{user}:{}", read(password)?).as_bytes());
            request.header(AUTHORIZATION, secret(&format!("Basic {shown}"))?)
        }
        Auth::Header { header, value } => request.header(named(header)?, secret(&read(value)?)?),
    })
}

fn signed(request: RequestBuilder, sign: &Sign, filled: &Filled<'_>) -> Result<RequestBuilder, Diagnostic> {
    let secret = read(&sign.secret)?;
    let second = filled.at.as_second().to_string();
    let before = if sign.timestamp.is_some() { format!("{second}.") } else { String::new() };
    let signature = hmac(secret.as_bytes(), &[before.as_bytes(), filled.bytes])
        .map_err(|error| Diagnostic::new(&wire::SECRET_UNREADABLE, format!("cannot sign: {error}")))?;
    let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = sign.form.replace("{hex}", &hex).replace("{base64}", &openssl::base64::encode_block(&signature));
    let request = request.header(named(&sign.header)?, header(&sign.header, &text)?);
    Ok(match &sign.timestamp {
        Some(name) => request.header(named(name)?, header(name, &second)?),
        None => request,
    })
}

fn hmac(secret: &[u8], parts: &[&[u8]]) -> Result<Vec<u8>, openssl::error::ErrorStack> {
    let key = PKey::hmac(secret)?;
    let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
    for part in parts {
        signer.update(part)?;
    }
    signer.sign_to_vec()
}

fn url(text: &str) -> Result<Url, Diagnostic> {
    Url::parse(text).map_err(|error| Diagnostic::new(&config::ADDRESS, format!("{text} is no URL: {error}")))
}

fn named(name: &str) -> Result<HeaderName, Diagnostic> {
    HeaderName::try_from(name).map_err(|_| Diagnostic::new(&config::UNKNOWN_WORD, format!("{name:?} is no header")))
}

fn header(name: &str, value: &str) -> Result<HeaderValue, Diagnostic> {
    let fault = |_| Diagnostic::new(&config::UNKNOWN_WORD, format!("the header {name} cannot have this value"));
    HeaderValue::try_from(value).map_err(fault)
}

/// A value within one part of a path or query.
fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn kind_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("json") => "application/json",
        Some("xml") => "application/xml",
        Some("csv") => "text/csv",
        Some("edi" | "x12") => "application/edi-x12",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_and_what_goes_into_a_url_cannot_leave_its_place() {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let filled = Filled { name: "PO 1/2.json", key: "k1", endpoint: "orders", bytes: b"x", at };
        let check = |template: &str, expect: &str| assert_eq!(filled.fill(template, percent_encoded), expect);
        check("https://a.example/{endpoint}/{stem}?t={timestamp}", "https://a.example/orders/PO%201%2F2?t=1700000000");
        check("/plain", "/plain");
        check("{key}{key}", "k1k1");
    }

    /// RFC 4231, test case 2.
    #[test]
    fn a_body_is_signed_by_hmac_sha256() {
        let signature = hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]).unwrap();
        let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
