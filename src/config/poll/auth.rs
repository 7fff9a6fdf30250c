//! The `[auth]` table of an API.
//!
//! ```toml
//! [auth]
//! kind = "header"               name, secret
//! kind = "basic"                user, password
//! kind = "bearer"               secret
//! kind = "client credentials"   token_url, client_id, client_secret; or key, key_id, algorithm instead of the last
//! kind = "refresh token"        token_url, client_id, client_secret, refresh_token
//! kind = "hmac"                 secret, header, over
//! ```

use std::path::Path;

use super::read::{templates, url};
use super::{Algorithm, Auth, Grant, Hmac, TokenSource, Word};
use crate::config::reader::{Entry, Table, choice};
use crate::config::secret::SecretReference;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;

#[derive(Clone, Copy)]
enum Kind {
    None,
    Header,
    Basic,
    Bearer,
    ClientCredentials,
    RefreshToken,
    Hmac,
}

const KINDS: [(&str, Kind); 7] = [
    ("none", Kind::None),
    ("header", Kind::Header),
    ("basic", Kind::Basic),
    ("bearer", Kind::Bearer),
    ("client credentials", Kind::ClientCredentials),
    ("refresh token", Kind::RefreshToken),
    ("hmac", Kind::Hmac),
];

/// Reads the table: who we are, and the answers that mean that we are not.
pub(super) fn read(table: &Table, home: &Path, allow_http: bool) -> (Option<Auth>, Vec<u16>) {
    let kind =
        table.required("kind", r#"kind = "bearer""#).parse(|text| choice(text, "way to show who we are", &KINDS));
    let refused = table.optional("refused").parse_each(|text| {
        text.parse::<u16>().map_err(|_| Diagnostic::new(&codes::UNKNOWN_WORD, "that is no status").expected("\"401\""))
    });
    let refused = refused.into_iter().map(|status| status.value).collect();
    let auth = kind.and_then(|kind| of_kind(table, kind.value, home, allow_http));
    table.finish();
    (auth, refused)
}

fn of_kind(table: &Table, kind: Kind, home: &Path, allow_http: bool) -> Option<Auth> {
    let needed = |key: &'static str| secret(&table.required(key, &format!(r#"{key} = "credential:…""#)), home);
    Some(match kind {
        Kind::None => Auth::None,
        Kind::Header => {
            let name = table.required("name", r#"name = "X-Api-Key""#).text();
            let secret = needed("secret");
            Auth::Header { name: name?.value.to_owned(), secret: secret? }
        }
        Kind::Basic => {
            let user = word(&table.required("user", r#"user = "acme""#), home);
            let password = needed("password");
            Auth::Basic { user: user?, password: password? }
        }
        Kind::Bearer => Auth::Bearer(needed("secret")?),
        Kind::ClientCredentials | Kind::RefreshToken => {
            Auth::Token(Box::new(token_source(table, kind, home, allow_http)?))
        }
        Kind::Hmac => {
            let secret = needed("secret");
            let header = table.required("header", r#"header = "X-Signature""#).text();
            let over = table.required("over", r#"over = "{timestamp}{method}{path}{body}""#).text();
            let timestamp = table.optional("timestamp").text().map(|header| header.value.to_owned());
            let encodings = [("hex", false), ("base64", true)];
            let base64 = table.optional("encoding").parse(|text| choice(text, "encoding", &encodings));
            let (header, over) = (header?.value.to_owned(), over?.value.to_owned());
            let base64 = base64.is_some_and(|base64| base64.value);
            Auth::Hmac(Box::new(Hmac { secret: secret?, header, over, timestamp, base64 }))
        }
    })
}

fn token_source(table: &Table, kind: Kind, home: &Path, allow_http: bool) -> Option<TokenSource> {
    let token_url = table.required("token_url", r#"token_url = "https://…/token""#);
    let token_url = token_url.parse(|text| url(text, allow_http));
    let client_id = word(&table.required("client_id", r#"client_id = "…""#), home);
    let client_secret = secret(&table.optional("client_secret"), home);
    let key = secret(&table.optional("key"), home);
    let key_id = word(&table.optional("key_id"), home);
    let algorithms = [("PS256", Algorithm::Ps256), ("ES256", Algorithm::Es256)];
    let algorithm = table.optional("algorithm").parse(|text| choice(text, "algorithm", &algorithms));
    let scope = table.optional("scope").text().map(|scope| scope.value.to_owned());
    let refresh = matches!(kind, Kind::RefreshToken)
        .then(|| secret(&table.required("refresh_token", r#"refresh_token = "credential:…""#), home));
    let send =
        table.optional("send").parse(|text| choice(text, "place for the secret", &[("header", false), ("form", true)]));
    let form = table.optional("form").table().map(|form| form.texts()).unwrap_or_default();
    let form: Vec<(String, String)> = form.into_iter().map(|(key, value)| (key, value.value.to_owned())).collect();
    let headers = templates(&table.optional("headers"));
    let header = table.optional("token_header").text().map_or("Authorization", |header| header.value).to_owned();
    let prefix = if header.eq_ignore_ascii_case("Authorization") { "Bearer " } else { "" }.to_owned();
    let grant = match (refresh, key) {
        (Some(token), _) => Grant::Refresh(token?),
        (None, Some(key)) => {
            let algorithm = algorithm.map_or(Algorithm::Ps256, |algorithm| algorithm.value);
            Grant::Assertion { key, key_id: key_id?, algorithm, scope: scope.clone() }
        }
        (None, None) => Grant::ClientCredentials,
    };
    let is_proved = client_secret.is_some() || matches!(grant, Grant::Assertion { .. });
    if !is_proved {
        let fault =
            Diagnostic::new(&codes::MISSING_KEY, "[auth] has neither client_secret nor key").at(table.place.clone());
        table.source.report(fault.expected(r#"client_secret = "credential:…""#));
        return None;
    }
    let form = match (&grant, scope) {
        (Grant::Assertion { .. }, _) | (_, None) => form,
        (_, Some(scope)) => form.into_iter().chain([("scope".to_owned(), scope)]).collect(),
    };
    let in_form = send.is_some_and(|send| send.value);
    Some(TokenSource {
        url: token_url?.value,
        grant,
        client_id: client_id?,
        client_secret,
        in_form,
        form,
        headers,
        header,
        prefix,
    })
}

/// A reference to a secret; a relative file starts at `home`.
fn secret(entry: &Entry, home: &Path) -> Option<SecretReference> {
    let reference = entry.parse(SecretReference::parse)?.value;
    Some(match reference {
        SecretReference::File(path) => SecretReference::File(home.join(path)),
        other => other,
    })
}

/// A text, or a reference to one.
fn word(entry: &Entry, home: &Path) -> Option<Word> {
    let text = entry.text()?.value;
    Some(match SecretReference::parse(text) {
        Ok(SecretReference::File(path)) => Word::Secret(SecretReference::File(home.join(path))),
        Ok(reference) => Word::Secret(reference),
        Err(_) => Word::Plain(text.to_owned()),
    })
}
