//! What a browser or a program holds to be known again: 32 random bytes, of which we keep the hash.

use std::fmt;

use openssl::base64;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;

use crate::ledger::content::hex;

/// How the token of a program begins, so that it is recognised wherever it was lost.
pub const TOKEN: &str = "edg_";

/// A secret as its holder shows it.
#[derive(Clone)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// A new one.
    #[allow(clippy::new_without_default, reason = "each is another one")]
    pub fn new() -> Secret {
        let mut bytes = [0; 32];
        // Without randomness nothing here is safe; OpenSSL has none only where the operating system has none.
        openssl::rand::rand_bytes(&mut bytes).expect("the operating system gives randomness");
        Secret(base64::encode_block(&bytes).trim_end_matches('=').replace('+', "-").replace('/', "_"))
    }

    /// A new one for a program.
    pub fn for_a_program() -> Secret {
        Secret(format!("{TOKEN}{}", Secret::new().0))
    }

    /// One that was shown.
    pub fn shown(text: &str) -> Secret {
        Secret(text.to_owned())
    }

    /// Its text, for its holder alone.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> String {
        hash(&self.0)
    }

    /// What every form of a visit carries: whoever can read our pages knows it, and nobody else.
    pub fn form_token(&self) -> String {
        let signed = PKey::hmac(self.0.as_bytes())
            .and_then(|key| Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot_to_vec(b"edigate form"));
        // An HMAC of short texts has no way to fail; an empty one fits no form.
        signed.map(|bytes| hex(&bytes)).unwrap_or_default()
    }

    /// Whether a form carries it.
    pub fn is_form_token(&self, shown: &str) -> bool {
        let own = self.form_token();
        !own.is_empty() && own.len() == shown.len() && openssl::memcmp::eq(own.as_bytes(), shown.as_bytes())
    }
}

/// What is kept of a secret.
pub fn hash(text: &str) -> String {
    hex(&openssl::sha::sha256(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_alike_and_nothing_shows_them() {
        let (one, other) = (Secret::new(), Secret::new());
        assert_ne!(one.text(), other.text());
        assert_eq!(one.text().len(), 43);
        assert!(!format!("{one:?}").contains(one.text()) && !one.form_token().contains(one.text()));
    }

    #[test]
    fn the_token_of_a_form_belongs_to_its_visit() {
        let (one, other) = (Secret::new(), Secret::new());
        assert!(one.is_form_token(&one.form_token()));
        assert!(!one.is_form_token(&other.form_token()) && !one.is_form_token(""));
    }
}
