//! Who we are: what is sent, when it is renewed, and when we stop.

use std::sync::{Arc, Mutex};

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Verifier};
use serde_json::json;

use super::*;

const PLAIN: &str = "[request]\npath = \"/items\"\n";

fn described(auth: &str) -> String {
    format!("[auth]\n{auth}\n{PLAIN}{ITEMS}")
}

fn nothing() -> Answer {
    Answer::json(json!({ "items": [] }))
}

#[test]
fn keys_go_into_their_headers_and_their_secrets_come_from_references() {
    for (auth, header, value) in [
        ("kind = \"header\"\nname = \"X-Key\"\nsecret = \"file:secret\"", "x-key", "sk_live_0123456789"),
        ("kind = \"bearer\"\nsecret = \"file:secret\"", "authorization", "Bearer sk_live_0123456789"),
        (
            "kind = \"basic\"\nuser = \"acme\"\npassword = \"file:secret\"",
            "authorization",
            "Basic YWNtZTpza19saXZlXzAxMjM0NTY3ODk=",
        ),
    ] {
        let heard = Arc::new(Mutex::new(String::new()));
        let log = Arc::clone(&heard);
        let (_, outcome) = poll_once(&described(auth), move |heard| {
            *log.lock().unwrap() = heard.header(header).to_owned();
            nothing()
        });
        outcome.unwrap();
        assert_eq!(*heard.lock().unwrap(), value);
    }
}

#[test]
fn a_refused_key_stops_the_endpoint_and_is_not_quoted() {
    let auth = "kind = \"bearer\"\nsecret = \"file:secret\"";
    let asked = Arc::new(Mutex::new(0));
    let count = Arc::clone(&asked);
    let (_, outcome) = poll_once(&described(auth), move |heard| {
        *count.lock().unwrap() += 1;
        Answer::text(401, &format!("no such key: {}", heard.header("authorization")))
    });
    let error = outcome.unwrap_err();
    assert!(error.is_final(), "{error}");
    let said = Diagnostic::from(&error).to_string();
    assert!(said.contains("POL-E003") && said.contains("no such key") && !said.contains("sk_live"), "{said}");
    assert_eq!(*asked.lock().unwrap(), 1);
}

/// A token endpoint whose tokens last an hour, and an API that takes them.
fn client_credentials(base: &str) -> String {
    described(&format!(
        "kind = \"client credentials\"\ntoken_url = \"{base}/token\"\nclient_id = \"acme\"\nclient_secret = \"file:secret\"\nscope = \"orders\""
    ))
}

#[test]
fn a_token_is_fetched_once_renewed_before_it_runs_out_and_once_when_it_is_refused() {
    let mut desk = Desk::new();
    let issued = Arc::new(Mutex::new((0, 0)));
    let state = Arc::clone(&issued);
    let api = Api::play_at(Some(Arc::clone(&desk.time)), move |heard| {
        let mut state = state.lock().unwrap();
        match heard.path.as_str() {
            "/token" => {
                assert_eq!(heard.form().get("grant_type").unwrap(), "client_credentials");
                assert_eq!(heard.form().get("scope").unwrap(), "orders");
                assert!(heard.header("authorization").starts_with("Basic "));
                state.0 += 1;
                state.1 = state.0;
                Answer::json(json!({ "access_token": format!("at{}", state.0), "expires_in": 3600 }))
            }
            _ if heard.header("authorization") == format!("Bearer at{}", state.1) => nothing(),
            _ => Answer::status(401),
        }
    });
    let configured = Configured::new();
    let mut poller = configured.described(&api.base(), &client_credentials(&api.base()));
    desk.round(&mut poller).unwrap();
    desk.forward(3_000);
    desk.round(&mut poller).unwrap();
    assert_eq!(issued.lock().unwrap().0, 1);
    desk.forward(560);
    desk.round(&mut poller).unwrap();
    assert_eq!(issued.lock().unwrap().0, 2, "a minute before it runs out");
    issued.lock().unwrap().1 = 99;
    desk.round(&mut poller).unwrap();
    assert_eq!(issued.lock().unwrap().0, 3, "it was revoked");
}

#[test]
fn a_fresh_token_that_is_refused_stops_the_endpoint() {
    let mut desk = Desk::new();
    let api = Api::play(move |heard| match heard.path.as_str() {
        "/token" => Answer::json(json!({ "access_token": "at", "expires_in": "3600" })),
        _ => Answer::status(401),
    });
    let configured = Configured::new();
    let mut poller = configured.described(&api.base(), &client_credentials(&api.base()));
    let error = desk.round(&mut poller).unwrap_err();
    assert!(error.is_final() && error.to_string().contains("a fresh token"), "{error}");
    assert_eq!((api.heard_at("/token").len(), api.heard_at("/items").len()), (2, 2));
}

#[test]
fn a_token_endpoint_that_says_no_stops_the_endpoint_and_one_that_fails_is_tried_again() {
    for (status, body, is_final) in [
        (400, "{\"error\":\"invalid_grant\"}", true),
        (401, "{\"error\":\"invalid_client\"}", true),
        (503, "overloaded", false),
        (200, "{}", false),
    ] {
        let mut desk = Desk::new();
        let api = Api::play(move |_| Answer::text(status, body));
        let configured = Configured::new();
        let mut poller = configured.described(&api.base(), &client_credentials(&api.base()));
        let error = desk.round(&mut poller).unwrap_err();
        assert_eq!(Diagnostic::from(&error).code.code, "POL-E004");
        assert_eq!(error.is_final(), is_final, "{error}");
    }
}

fn refreshing(base: &str) -> String {
    described(&format!(
        "kind = \"refresh token\"\ntoken_url = \"{base}/token\"\nclient_id = \"acme\"\nclient_secret = \"file:secret\"\n\
         refresh_token = \"file:first\"\nsend = \"form\""
    ))
}

/// Each refresh token is taken until the one that replaced it was used.
fn rotating() -> impl FnMut(&Heard) -> Answer {
    let mut newest = 0;
    move |heard| match heard.path.as_str() {
        "/token" => {
            let shown = heard.form().get("refresh_token").cloned().unwrap_or_default();
            let number: u32 = shown.trim_start_matches("rt").parse().unwrap_or(99);
            if number != newest && number + 1 != newest {
                return Answer::json(json!({ "error": "invalid_grant" })).with("X", 1).into_status(400);
            }
            newest = number + 1;
            Answer::json(
                json!({ "access_token": format!("at{newest}"), "refresh_token": format!("rt{newest}"), "expires_in": 60 }),
            )
        }
        _ if heard.header("authorization") == format!("Bearer at{newest}") => nothing(),
        _ => Answer::status(401),
    }
}

impl Answer {
    fn into_status(mut self, status: u16) -> Answer {
        self.status = status;
        self
    }
}

#[test]
fn a_rotating_refresh_token_is_kept_sealed_before_its_access_token_is_used() {
    let mut desk = Desk::new();
    let api = Api::play_at(Some(Arc::clone(&desk.time)), rotating());
    let configured = Configured::new();
    configured.write("home/first", "rt0\n");
    for life in 1..=4 {
        // Each life is a process of its own: what it knows of the token is what was kept.
        let mut poller = configured.described(&api.base(), &refreshing(&api.base()));
        desk.round(&mut poller).unwrap_or_else(|error| panic!("life {life}: {error}"));
        desk.forward(61);
    }
    assert_eq!(desk.tokens.len(), 1);
    assert!(!format!("{:?}", desk.tokens).contains("rt4"), "it is sealed");
    // A crash before it was kept: the one before is shown again, which the endpoint still takes.
    desk.dies_at_token = true;
    let mut poller = configured.described(&api.base(), &refreshing(&api.base()));
    assert_eq!(desk.round(&mut poller), Err(PollError::Stopped));
    assert_eq!(api.heard_at("/items").len(), 4, "nothing was asked with a token whose successor was not kept");
    desk.dies_at_token = false;
    desk.round(&mut poller).unwrap();
}

#[test]
fn a_new_first_refresh_token_begins_a_new_lineage() {
    let mut desk = Desk::new();
    let api = Api::play_at(Some(Arc::clone(&desk.time)), rotating());
    let configured = Configured::new();
    configured.write("home/first", "rt0\n");
    desk.round(&mut configured.described(&api.base(), &refreshing(&api.base()))).unwrap();
    // Somebody used our token elsewhere, and a person authorized us anew.
    configured.write("home/first", "rt7\n");
    let error = desk.round(&mut configured.described(&api.base(), &refreshing(&api.base()))).unwrap_err();
    assert!(error.is_final(), "{error}");
    let shown = api.heard_at("/token").last().unwrap().form().get("refresh_token").cloned();
    assert_eq!(shown.as_deref(), Some("rt7"), "the kept one goes with the old one");
}

#[test]
fn a_request_is_signed_over_what_the_file_says() {
    let auth = "kind = \"hmac\"\nsecret = \"file:secret\"\nheader = \"X-Signature\"\ntimestamp = \"X-Time\"\nover = \"{timestamp}.{method}.{path}\"";
    let heard = Arc::new(Mutex::new(Heard::default()));
    let log = Arc::clone(&heard);
    let (_, outcome) = poll_once(&described(auth), move |heard| {
        *log.lock().unwrap() = heard.clone();
        nothing()
    });
    outcome.unwrap();
    let heard = heard.lock().unwrap();
    // printf '1772834400.GET./items' | openssl dgst -sha256 -hmac sk_live_0123456789
    assert_eq!(heard.header("x-time"), "1772834400");
    assert_eq!(heard.header("x-signature"), EXPECTED_SIGNATURE);
}

const EXPECTED_SIGNATURE: &str = "87e7a4afe99c0e3740ed5748611bc2311c995c20765a218a20fef0bba8d48977";

#[test]
fn an_assertion_is_signed_by_pss_and_names_the_key_and_the_endpoint() {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let public = PKey::public_key_from_pem(&key.public_key_to_pem().unwrap()).unwrap();
    let configured = Configured::new();
    configured.write("home/key.pem", &String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap());
    let mut desk = Desk::new();
    let api = Api::play(move |heard| {
        if heard.path != "/token" {
            return nothing();
        }
        let form = heard.form();
        let assertion = form.get("client_assertion").unwrap();
        let (signed, signature) = assertion.rsplit_once('.').unwrap();
        let mut verifier = Verifier::new(MessageDigest::sha256(), &public).unwrap();
        verifier.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
        verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).unwrap();
        assert!(verifier.verify_oneshot(&from_base64_url(signature), signed.as_bytes()).unwrap());
        let part = |part: &str| -> serde_json::Value { serde_json::from_slice(&from_base64_url(part)).unwrap() };
        let (header, claims) = signed.split_once('.').unwrap();
        assert_eq!(part(header), json!({ "typ": "JWT", "alg": "PS256", "kid": "k1" }));
        assert_eq!(part(claims)["iss"], "acme");
        assert_eq!(part(claims)["scope"], "rest_webservices");
        assert!(part(claims)["aud"].as_str().unwrap().ends_with("/token"));
        Answer::json(json!({ "access_token": "at" }))
    });
    let auth = format!(
        "kind = \"client credentials\"\ntoken_url = \"{}/token\"\nclient_id = \"acme\"\nkey = \"file:key.pem\"\nkey_id = \"k1\"\nscope = \"rest_webservices\"",
        api.base()
    );
    let mut poller = configured.described(&api.base(), &described(&auth));
    desk.round(&mut poller).unwrap();
    assert_eq!(api.heard_at("/items")[0].header("authorization"), "Bearer at");
}

fn from_base64_url(text: &str) -> Vec<u8> {
    let padded = format!("{}{}", text.replace('-', "+").replace('_', "/"), "=".repeat((4 - text.len() % 4) % 4));
    openssl::base64::decode_block(&padded).unwrap()
}
