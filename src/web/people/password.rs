//! Passwords of people: hashed by argon2id, compared in the same time whoever is meant.

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

/// The shortest that is taken.
pub const SHORTEST: usize = 12;
/// The longest: what is longer only costs time.
pub const LONGEST: usize = 200;

/// What a guess costs.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    kib: u32,
    rounds: u32,
}

impl Cost {
    /// What OWASP recommends for argon2id: 19 MiB, two rounds, one lane.
    pub fn usual() -> Cost {
        Cost { kib: 19 * 1024, rounds: 2 }
    }

    fn argon2(self) -> Argon2<'static> {
        // The parameters are within the function's limits.
        let params = Params::new(self.kib, self.rounds, 1, None).unwrap_or(Params::DEFAULT);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// Hashes a password that is long enough; else says what is wrong with it.
pub fn hash(password: &str, cost: Cost) -> Result<String, String> {
    if !(SHORTEST..=LONGEST).contains(&password.len()) {
        return Err(format!("expected {SHORTEST} to {LONGEST} bytes, found {}", password.len()));
    }
    let mut salt = [0; 16];
    openssl::rand::rand_bytes(&mut salt).map_err(|error| error.to_string())?;
    let salt = SaltString::encode_b64(&salt).map_err(|error| error.to_string())?;
    cost.argon2().hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string()).map_err(|e| e.to_string())
}

/// Whether a password is the one of a hash; without a hash it takes as long, and is wrong.
pub fn is_right(password: &str, hash: Option<&str>, cost: Cost) -> bool {
    if password.len() > LONGEST {
        return false;
    }
    match hash.and_then(|hash| PasswordHash::new(hash).ok()) {
        Some(hash) => cost.argon2().verify_password(password.as_bytes(), &hash).is_ok(),
        None => {
            let mut wasted = [0; 32];
            // Its outcome is of no use, its time is.
            let _ = cost.argon2().hash_password_into(password.as_bytes(), b"nobody-is-known!", &mut wasted);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { kib: 64, rounds: 1 };

    #[test]
    fn a_password_is_known_by_its_hash_alone() {
        let hashed = hash("correct horse", CHEAP).unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=64,t=1,p=1$") && !hashed.contains("horse"), "{hashed}");
        assert!(is_right("correct horse", Some(&hashed), CHEAP));
        assert!(!is_right("correct mouse", Some(&hashed), CHEAP));
        assert!(!is_right("correct horse", None, CHEAP));
        assert_ne!(hash("correct horse", CHEAP), Ok(hashed), "each has a salt of its own");
    }

    #[test]
    fn what_is_too_short_or_too_long_is_refused() {
        assert_eq!(hash("elevenbytes", CHEAP), Err("expected 12 to 200 bytes, found 11".to_owned()));
        assert!(hash(&"x".repeat(201), CHEAP).is_err());
    }
}
