//! Who we are to a partner: a certificate of ours with its private key.
//!
//! In: both, in PEM. Out: a pair that fits. The key has no `Display`, and its `Debug` says nothing.

use std::fmt;

use openssl::pkey::{PKey, PKeyRef, Private};

use crate::config::certificate::Certificate;

/// A certificate of ours with its private key.
#[derive(Clone)]
pub struct Identity {
    certificate: Certificate,
    key: PKey<Private>,
}

impl Identity {
    /// Of a certificate and the PEM of its private key, which is not encrypted.
    pub fn of(certificate: Certificate, key: &[u8]) -> Result<Identity, String> {
        let key = PKey::private_key_from_pem_callback(key, |_| Ok(0))
            .map_err(|_| "the private key cannot be read: it is no PEM, or it has a passphrase".to_owned())?;
        let public = certificate.x509().public_key();
        if !public.is_ok_and(|public| public.public_eq(&key)) {
            return Err(format!("the private key is not that of the certificate {}", certificate.subject()));
        }
        Ok(Identity { certificate, key })
    }

    /// The certificate, which partners know.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The private key.
    pub fn key(&self) -> &PKeyRef<Private> {
        &self.key
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}
