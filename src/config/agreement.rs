//! What two AS2 partners agree on: their ids, how messages are protected, and which receipt is asked for.
//!
//! ```text
//! sign = "sha-256", encrypt = "aes-256-cbc", compress = "before signing", receipt = "signed"
//! ```
//!
//! In: words of a partner file. Out: values that cannot be wrong. SHA-1 and 3DES are here for partners who insist on them.

use std::fmt;

/// An AS2 id: 1 to 128 printable characters; capitals count (RFC 4130, 6.2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct As2Id(String);

impl As2Id {
    /// Reads an id as a partner says it, without quotes.
    pub fn parse(text: &str) -> Result<As2Id, String> {
        let is_printable = |byte: u8| (b' '..0x7f).contains(&byte);
        if text.is_empty() || text.len() > 128 {
            return Err(format!("an AS2 id has 1 to 128 characters, found {}", text.len()));
        }
        if !text.bytes().all(is_printable) || text.trim() != text {
            return Err("an AS2 id has printable ASCII characters only, and no space at its ends".to_owned());
        }
        Ok(As2Id(text.to_owned()))
    }

    /// As people write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for As2Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A digest that AS2 knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Digest {
    /// SHA-1: only where a partner insists on it.
    Sha1,
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Digest {
    /// All of them, the weakest first.
    pub const ALL: [Digest; 4] = [Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512];

    /// Reads a name as any peer writes it: `sha-256`, `SHA256`, `sha2-256`.
    pub fn parse(name: &str) -> Option<Digest> {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        match plain.to_ascii_lowercase().as_str() {
            "sha1" => Some(Digest::Sha1),
            "sha256" | "sha2256" => Some(Digest::Sha256),
            "sha384" | "sha2384" => Some(Digest::Sha384),
            "sha512" | "sha2512" => Some(Digest::Sha512),
            _ => None,
        }
    }

    /// Its name in `micalg` (RFC 8551, 3.5.3.2).
    pub fn name(self) -> &'static str {
        match self {
            Digest::Sha1 => "sha-1",
            Digest::Sha256 => "sha-256",
            Digest::Sha384 => "sha-384",
            Digest::Sha512 => "sha-512",
        }
    }

    /// Its name in the older S/MIME, which some peers know alone and newer ones read as well.
    pub fn old_name(self) -> &'static str {
        match self {
            Digest::Sha1 => "sha1",
            Digest::Sha256 => "sha256",
            Digest::Sha384 => "sha384",
            Digest::Sha512 => "sha512",
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a message is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Cipher {
    /// Triple DES: only where a partner insists on it.
    TripleDes,
    /// AES with 128 bits.
    Aes128,
    /// AES with 192 bits.
    Aes192,
    /// AES with 256 bits.
    #[default]
    Aes256,
    /// AES with 128 bits and a tag (AuthEnvelopedData).
    Aes128Gcm,
    /// AES with 192 bits and a tag.
    Aes192Gcm,
    /// AES with 256 bits and a tag.
    Aes256Gcm,
}

impl Cipher {
    /// All of them with their names, the weakest first.
    pub const ALL: [(&'static str, Cipher); 7] = [
        ("3des", Cipher::TripleDes),
        ("aes-128-cbc", Cipher::Aes128),
        ("aes-192-cbc", Cipher::Aes192),
        ("aes-256-cbc", Cipher::Aes256),
        ("aes-128-gcm", Cipher::Aes128Gcm),
        ("aes-192-gcm", Cipher::Aes192Gcm),
        ("aes-256-gcm", Cipher::Aes256Gcm),
    ];

    /// Its name in a partner file.
    pub fn name(self) -> &'static str {
        Cipher::ALL.iter().find(|(_, cipher)| *cipher == self).map_or("", |(name, _)| name)
    }
}

/// How the digest of a signature is padded for RSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SignaturePadding {
    /// PKCS #1 version 1.5, which every peer reads.
    #[default]
    Pkcs1,
    /// PSS.
    Pss,
}

/// How the content key is padded for RSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum KeyPadding {
    /// PKCS #1 version 1.5, which every peer reads.
    #[default]
    Pkcs1,
    /// OAEP with SHA-256.
    Oaep,
}

/// Whether and when a message is compressed (RFC 5402).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Compress {
    /// It is not.
    #[default]
    Never,
    /// Before it is signed: the signature is about the compressed bytes.
    BeforeSigning,
    /// After it was signed.
    AfterSigning,
}

/// How bodies are transferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Transfer {
    /// As they are.
    #[default]
    Binary,
    /// In base64, a third larger, for peers behind gateways that were made for mail.
    Base64,
}

/// Which receipt a message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Receipt {
    /// None: nothing proves that it arrived.
    None,
    /// One that anybody could have written.
    Unsigned,
    /// One that only they can have written.
    #[default]
    Signed,
}

/// What a message must have before it is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Required {
    /// A signature of the partner.
    pub signed: bool,
    /// Encryption for us.
    pub encrypted: bool,
    /// SHA-1 and 3DES are taken for signature and encryption as well.
    pub weak_is_enough: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_known_by_every_name_that_peers_give_it() {
        for name in ["sha-256", "SHA256", "sha2-256", "Sha-256"] {
            assert_eq!(Digest::parse(name), Some(Digest::Sha256), "{name}");
        }
        assert_eq!((Digest::parse("sha1"), Digest::parse("SHA-1")), (Some(Digest::Sha1), Some(Digest::Sha1)));
        assert_eq!((Digest::parse("md5"), Digest::parse("")), (None, None));
    }

    #[test]
    fn an_id_is_printable_and_its_capitals_count() {
        assert_ne!(As2Id::parse("Acme Corp"), As2Id::parse("ACME CORP"));
        for wrong in ["", " acme", "caf\u{e9}", "a\r\nb", &"a".repeat(129)] {
            assert!(As2Id::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
