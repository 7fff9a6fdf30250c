//! Showing who we are: keys, tokens that are fetched and renewed, and signatures.
//!
//! ```text
//! refresh token    old one -> token endpoint -> access token and a new refresh token
//!                  the new one is durable before the access token is used: most APIs take the old one never again
//! ```
//!
//! What is kept is sealed by the first refresh token, which only the reference of the partner's file leads to: ledger and
//! backups hold no secret in the clear.
//!
//! A secret is read when it is needed and kept no longer than its token; none appears in a fault.

use jiff::{SignedDuration, Timestamp};
use openssl::base64::{decode_block, encode_block};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Padding;
use openssl::sha::sha256;
use openssl::sign::{RsaPssSaltlen, Signer};
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use reqwest::Url;
use serde_json::{Value, json};

use super::World;
use super::fault::PollError;
use super::page;
use crate::config::poll::{Algorithm, Auth, Grant, Hmac, TokenSource, Word};
use crate::config::secret::SecretReference;
use crate::transport::http::client::{Outgoing, target};
use crate::transport::roll;

/// A token that was fetched.
struct Token {
    text: String,
    /// From when on another one is fetched.
    stale: Option<Timestamp>,
}

/// What is kept between requests.
#[derive(Default)]
pub struct Session {
    token: Option<Token>,
}

/// The largest answer of a token endpoint.
const MAX_TOKEN_ANSWER: u64 = 1 << 20;
/// A token is renewed so long before it runs out.
const EARLY: SignedDuration = SignedDuration::from_secs(60);

impl Session {
    /// Puts on a request what shows who we are; the secrets in it, which no fault may quote.
    pub fn sign(
        &mut self,
        auth: &Auth,
        outgoing: &mut Outgoing,
        world: &mut dyn World,
    ) -> Result<Vec<String>, PollError> {
        let mut secrets = Vec::new();
        match auth {
            Auth::None => {}
            Auth::Header { name, secret } => {
                let secret = read(secret)?;
                outgoing.headers.push((name.clone(), secret.clone()));
                secrets.push(secret);
            }
            Auth::Basic { user, password } => {
                let (user, password) = (word(user)?, read(password)?);
                outgoing.headers.push(basic(&user, &password));
                secrets.extend([password, user]);
            }
            Auth::Bearer(secret) => {
                let secret = read(secret)?;
                outgoing.headers.push(("Authorization".to_owned(), format!("Bearer {secret}")));
                secrets.push(secret);
            }
            Auth::Token(source) => {
                let token = self.token(source, world)?;
                outgoing.headers.push((source.header.clone(), format!("{}{token}", source.prefix)));
                secrets.push(token);
            }
            Auth::Hmac(hmac) => secrets.push(put_signature(hmac, outgoing, world.now())?),
        }
        Ok(secrets)
    }

    /// Forgets the token that was refused; false where there is none that could be renewed.
    pub fn renew(&mut self, auth: &Auth) -> bool {
        self.token = None;
        matches!(auth, Auth::Token(_))
    }

    fn token(&mut self, source: &TokenSource, world: &mut dyn World) -> Result<String, PollError> {
        let now = world.now();
        if let Some(token) = &self.token
            && token.stale.is_none_or(|stale| now < stale)
        {
            return Ok(token.text.clone());
        }
        let token = fetch(source, world)?;
        let text = token.text.clone();
        self.token = Some(token);
        Ok(text)
    }
}

fn fetch(source: &TokenSource, world: &mut dyn World) -> Result<Token, PollError> {
    let url = Url::parse(&source.url)
        .map_err(|error| PollError::Secret { why: format!("{} is no URL: {error}", source.url) })?;
    let client_id = word(&source.client_id)?;
    let client_secret = source.client_secret.as_ref().map(read).transpose()?;
    let mut secrets: Vec<String> = client_secret.iter().cloned().collect();
    let mut form: Vec<(&str, String)> = Vec::new();
    let mut handed_out = None;
    match &source.grant {
        Grant::ClientCredentials => form.push(("grant_type", "client_credentials".to_owned())),
        Grant::Assertion { key, key_id, algorithm, scope } => {
            let (key, key_id) = (read(key)?, word(key_id)?);
            let claims =
                Claims { issuer: &client_id, audience: &source.url, scope: scope.as_deref(), now: world.now() };
            let assertion = assertion(&key, &key_id, *algorithm, &claims)?;
            form.push(("grant_type", "client_credentials".to_owned()));
            form.push(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned()));
            secrets.push(assertion.clone());
            form.push(("client_assertion", assertion));
        }
        Grant::Refresh(reference) => {
            let first = read(reference)?;
            let lineage = roll::hash(first.as_bytes());
            let kept = world.kept_token(&lineage)?.and_then(|sealed| unsealed(&first, &sealed));
            let token = kept.unwrap_or_else(|| first.clone());
            form.push(("grant_type", "refresh_token".to_owned()));
            form.push(("refresh_token", token.clone()));
            secrets.push(token.clone());
            secrets.push(first.clone());
            handed_out = Some((lineage, first, token));
        }
    }
    form.extend(source.form.iter().map(|(key, value)| (key.as_str(), value.clone())));
    let mut headers = vec![
        ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
        ("Accept".to_owned(), "application/json".to_owned()),
    ];
    match &client_secret {
        Some(secret) if !source.in_form => headers.push(basic(&client_id, secret)),
        Some(secret) => {
            form.push(("client_id", client_id.clone()));
            form.push(("client_secret", secret.clone()));
        }
        None => {}
    }
    for (name, template) in &source.headers {
        let value = template.fill(&super::ask::of_nothing(world.now()), &str::to_owned);
        headers.extend(value.map(|value| (name.clone(), value)));
    }
    let encoded: String = url::form(&form);
    let outgoing = Outgoing {
        method: "POST",
        url: url.clone(),
        headers,
        body: Some(encoded.into_bytes()),
        max_answer: MAX_TOKEN_ANSWER,
    };
    let answer = world.send(&outgoing)?;
    let no_token = |why: String, is_final: bool| PollError::NoToken { target: target(&url), why, is_final };
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    if !(200..300).contains(&answer.status) {
        let said = super::ask::hidden(&page::beginning(&text), &secrets);
        // Anything else may pass: the endpoint is overloaded, or a proxy stands in between.
        let is_final = matches!(answer.status, 400 | 401)
            && body
                .get("error")
                .and_then(Value::as_str)
                .is_some_and(|error| ["invalid_grant", "invalid_client", "unauthorized_client"].contains(&error));
        return Err(no_token(format!("it answered {}: {said}", answer.status), is_final));
    }
    let Some(access) = page::word(&body, "/access_token") else {
        return Err(no_token("its answer has no access_token".to_owned(), false));
    };
    if let (Some((lineage, first, before)), Some(after)) = (handed_out, page::word(&body, "/refresh_token"))
        && before != after
    {
        world.keep_token(&lineage, &sealed(&first, &after)?)?;
    }
    let lasts = page::word(&body, "/expires_in").and_then(|seconds| seconds.parse::<i64>().ok());
    let stale = lasts.and_then(|seconds| {
        let ends = world.now().checked_add(SignedDuration::from_secs(seconds)).ok()?;
        ends.checked_sub(EARLY.min(SignedDuration::from_secs(seconds / 2))).ok()
    });
    Ok(Token { text: access, stale })
}

mod url {
    /// A form as it is sent (WHATWG URL, 5.2).
    pub(super) fn form(fields: &[(&str, String)]) -> String {
        // The invariant: a constant address is one.
        let mut url = reqwest::Url::parse("http://form/").expect("a constant");
        url.query_pairs_mut().extend_pairs(fields);
        url.query().unwrap_or_default().to_owned()
    }
}

fn basic(user: &str, password: &str) -> (String, String) {
    let encoded = encode_block(format!("{user}:{password}").as_bytes());
    ("Authorization".to_owned(), format!("Basic {encoded}"))
}

fn read(secret: &SecretReference) -> Result<String, PollError> {
    secret.read().map_err(|why| PollError::Secret { why })
}

fn word(word: &Word) -> Result<String, PollError> {
    match word {
        Word::Plain(text) => Ok(text.clone()),
        Word::Secret(reference) => read(reference),
    }
}

/// A token that nobody can read without the first one.
fn sealed(first: &str, token: &str) -> Result<String, PollError> {
    let failed = |error: openssl::error::ErrorStack| PollError::Secret { why: format!("cannot seal a token: {error}") };
    let (mut nonce, mut tag) = ([0; 12], [0; 16]);
    openssl::rand::rand_bytes(&mut nonce).map_err(failed)?;
    let text = encrypt_aead(Cipher::aes_256_gcm(), &key_of(first), Some(&nonce), &[], token.as_bytes(), &mut tag);
    Ok(encode_block(&[nonce.as_slice(), &tag, &text.map_err(failed)?].concat()))
}

fn unsealed(first: &str, sealed: &str) -> Option<String> {
    let bytes = decode_block(sealed).ok()?;
    let (nonce, rest) = bytes.split_at_checked(12)?;
    let (tag, text) = rest.split_at_checked(16)?;
    let token = decrypt_aead(Cipher::aes_256_gcm(), &key_of(first), Some(nonce), &[], text, tag).ok()?;
    String::from_utf8(token).ok()
}

fn key_of(first: &str) -> [u8; 32] {
    sha256(format!("edigate seals what follows from\n{first}").as_bytes())
}

/// Signs a request; returns the key, which no fault may quote.
fn put_signature(hmac: &Hmac, outgoing: &mut Outgoing, now: Timestamp) -> Result<String, PollError> {
    let secret = read(&hmac.secret)?;
    let timestamp = now.as_second().to_string();
    let body = String::from_utf8_lossy(outgoing.body.as_deref().unwrap_or_default()).into_owned();
    let mut over = hmac.over.clone();
    for (gap, value) in [
        ("{method}", outgoing.method),
        ("{path}", outgoing.url.path()),
        ("{query}", outgoing.url.query().unwrap_or_default()),
        ("{timestamp}", &timestamp),
        // Last, so that nothing in it is taken for a gap.
        ("{body}", &body),
    ] {
        over = over.replace(gap, value);
    }
    let failed = |error: openssl::error::ErrorStack| PollError::Secret { why: format!("cannot sign: {error}") };
    let key = PKey::hmac(secret.as_bytes()).map_err(failed)?;
    let mut signer = Signer::new(MessageDigest::sha256(), &key).map_err(failed)?;
    let signature = signer.sign_oneshot_to_vec(over.as_bytes()).map_err(failed)?;
    let written = match hmac.base64 {
        true => encode_block(&signature),
        false => signature.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    outgoing.headers.push((hmac.header.clone(), written));
    outgoing.headers.extend(hmac.timestamp.iter().map(|header| (header.clone(), timestamp.clone())));
    Ok(secret)
}

struct Claims<'c> {
    issuer: &'c str,
    audience: &'c str,
    scope: Option<&'c str>,
    now: Timestamp,
}

/// A signed assertion of who we are (RFC 7519, RFC 7523).
fn assertion(pem: &str, key_id: &str, algorithm: Algorithm, claims: &Claims) -> Result<String, PollError> {
    let failed = |error: openssl::error::ErrorStack| PollError::Secret { why: format!("the key cannot sign: {error}") };
    let name = match algorithm {
        Algorithm::Ps256 => "PS256",
        Algorithm::Es256 => "ES256",
    };
    let header = json!({ "typ": "JWT", "alg": name, "kid": key_id });
    let now = claims.now.as_second();
    let mut payload = json!({ "iss": claims.issuer, "aud": claims.audience, "iat": now, "exp": now + 300 });
    if let Some(scope) = claims.scope {
        payload["scope"] = scope.into();
    }
    let signed =
        format!("{}.{}", base64_url(header.to_string().as_bytes()), base64_url(payload.to_string().as_bytes()));
    let key = PKey::private_key_from_pem(pem.as_bytes()).map_err(failed)?;
    let mut signer = Signer::new(MessageDigest::sha256(), &key).map_err(failed)?;
    if algorithm == Algorithm::Ps256 {
        signer.set_rsa_padding(Padding::PKCS1_PSS).map_err(failed)?;
        signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).map_err(failed)?;
    }
    let mut signature = signer.sign_oneshot_to_vec(signed.as_bytes()).map_err(failed)?;
    if algorithm == Algorithm::Es256 {
        // Two numbers of 32 bytes instead of DER (RFC 7518, 3.4).
        let parts = EcdsaSig::from_der(&signature).map_err(failed)?;
        signature = [parts.r().to_vec_padded(32), parts.s().to_vec_padded(32)]
            .into_iter()
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?
            .concat();
    }
    Ok(format!("{signed}.{}", base64_url(&signature)))
}

/// Without padding, in the alphabet for URLs (RFC 4648, 5).
fn base64_url(bytes: &[u8]) -> String {
    encode_block(bytes).replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned()
}
