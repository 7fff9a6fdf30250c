//! Digests of what was signed: the message integrity check (MIC) that a receipt returns.
//!
//! In: bytes. Out: all four digests of them, since peers differ in which one they return: some take the signature's, some
//! the one that was asked for. A receipt is compared by the algorithm that it names.
//!
//! ```text
//! Received-Content-MIC: 7v7F++fQaNB1sVLFtMRp+dF+eG4=, sha1
//! ```

use openssl::base64;
use openssl::hash::{MessageDigest, hash};

use crate::config::agreement::Digest;

/// The algorithm, as OpenSSL names it.
pub(super) fn algorithm(digest: Digest) -> MessageDigest {
    match digest {
        Digest::Sha1 => MessageDigest::sha1(),
        Digest::Sha256 => MessageDigest::sha256(),
        Digest::Sha384 => MessageDigest::sha384(),
        Digest::Sha512 => MessageDigest::sha512(),
    }
}

/// The digest of an object identifier, as it stands in a signature.
pub(super) fn of_oid(oid: &[u8]) -> Option<Digest> {
    match oid {
        [0x2b, 0x0e, 0x03, 0x02, 0x1a] => Some(Digest::Sha1),
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last] => match last {
            1 => Some(Digest::Sha256),
            2 => Some(Digest::Sha384),
            3 => Some(Digest::Sha512),
            _ => None,
        },
        _ => None,
    }
}

/// All digests of the same bytes, each in base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests([String; 4]);

impl Digests {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Digests {
        // A digest fails for want of memory alone; an empty one matches nothing.
        Digests(
            Digest::ALL.map(|digest| {
                hash(algorithm(digest), bytes).map(|bytes| base64::encode_block(&bytes)).unwrap_or_default()
            }),
        )
    }

    /// One of them, in base64.
    pub fn by(&self, digest: Digest) -> &str {
        &self.0[digest as usize]
    }

    /// As one text, which [`Digests::parse`] reads again.
    pub fn to_text(&self) -> String {
        self.0.join(" ")
    }

    /// Reads what [`Digests::to_text`] wrote.
    pub fn parse(text: &str) -> Option<Digests> {
        let all: Vec<String> = text.split(' ').map(str::to_owned).collect();
        all.try_into().ok().map(Digests)
    }

    /// True when a digest that somebody sent us is that of our bytes.
    pub fn matches(&self, digest: Digest, theirs: &str) -> bool {
        // Some peers break the line or drop the padding.
        let plain = |text: &str| text.chars().filter(|c| !c.is_ascii_whitespace() && *c != '=').collect::<String>();
        let ours = plain(self.by(digest));
        !ours.is_empty() && ours == plain(theirs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_may_name_any_digest_of_the_same_bytes() {
        let digests = Digests::of(b"abc");
        assert!(digests.matches(Digest::Sha1, "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="));
        assert!(digests.matches(Digest::Sha256, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0"), "without its padding");
        assert!(!digests.matches(Digest::Sha256, "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="));
        assert!(!digests.matches(Digest::Sha256, ""));
        assert_eq!(Digests::parse(&digests.to_text()), Some(digests));
        assert_eq!(Digests::parse("a b c"), None);
    }
}
