//! The archive in a bucket of an S3-compatible store: `ab/abcdef…`, or `ab/abcdef….zst` when it is compressed.
//!
//! An object is there or it is not: a put that was cut off leaves nothing under the name. The calls block, as those of a
//! directory do; a runtime of their own carries them, for the thread that writes the ledger has none.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path as Key;
use object_store::{ObjectStoreExt as _, PutPayload, RetryConfig};
use tokio::runtime::Runtime;

use super::{Form, Stored};
use crate::config::archive::BucketSettings;
use crate::config::secret::SecretReference;
use crate::ledger::Error;
use crate::ledger::content::refused;

/// A part of an upload, and what is fetched at a time: the memory that a content of any size needs.
const PART: usize = 8 << 20;

/// A bucket that we have the keys to.
#[derive(Debug, Clone)]
pub struct Bucket {
    store: Arc<AmazonS3>,
    name: String,
}

impl Bucket {
    /// Reads the keys; the bucket itself is asked at the first use.
    pub fn open(settings: &BucketSettings) -> Result<Bucket, Error> {
        let name = settings.bucket.clone();
        let retry = RetryConfig { max_retries: 5, retry_timeout: Duration::from_secs(30), ..RetryConfig::default() };
        let store = AmazonS3Builder::new()
            .with_endpoint(&settings.endpoint)
            .with_allow_http(settings.endpoint.starts_with("http://"))
            .with_bucket_name(&name)
            .with_region(&settings.region)
            .with_access_key_id(secret(&settings.access_key)?)
            .with_secret_access_key(secret(&settings.secret_key)?)
            .with_retry(retry)
            .build()
            .map_err(|error| told(&name, &error))?;
        Ok(Bucket { store: Arc::new(store), name })
    }

    pub(super) fn put(&self, spooled: &Path, sha256: &str, form: Form) -> Result<(), Error> {
        let mut file = File::open(spooled).map_err(refused("read", spooled))?;
        let mut part = next_part(&mut file, spooled)?;
        let key = key(sha256, form);
        if part.len() < PART {
            self.wait(self.store.put(&key, PutPayload::from(part)))?;
        } else {
            let mut upload = self.wait(self.store.put_multipart(&key))?;
            while !part.is_empty() {
                let sent = self.wait(upload.put_part(PutPayload::from(part)));
                if let Err(error) = sent {
                    // Parts that nobody completes are paid for until somebody aborts them.
                    let _ = self.wait(upload.abort());
                    return Err(error);
                }
                part = next_part(&mut file, spooled)?;
            }
            self.wait(upload.complete())?;
        }
        fs::remove_file(spooled).map_err(refused("remove", spooled))
    }

    pub(super) fn open_content(&self, sha256: &str) -> Result<Option<(Form, Stored)>, Error> {
        for form in Form::ALL {
            let key = key(sha256, form);
            if let Some(size) = self.size(&key)? {
                let reader = Ranges { bucket: self.clone(), key, at: 0, size, part: io::Cursor::new(Vec::new()) };
                return Ok(Some((form, Box::new(reader))));
            }
        }
        Ok(None)
    }

    pub(super) fn holds(&self, sha256: &str) -> Result<bool, Error> {
        for form in Form::ALL {
            if self.size(&key(sha256, form))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn remove(&self, sha256: &str) -> Result<(), Error> {
        for form in Form::ALL {
            let key = key(sha256, form);
            match runtime()?.block_on(self.store.delete(&key)) {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(told(&self.name, &error)),
            }
        }
        Ok(())
    }

    /// How many bytes an object has; `None` when there is none.
    fn size(&self, key: &Key) -> Result<Option<u64>, Error> {
        match runtime()?.block_on(self.store.head(key)) {
            Ok(object) => Ok(Some(object.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(told(&self.name, &error)),
        }
    }

    fn wait<T>(&self, call: impl Future<Output = object_store::Result<T>>) -> Result<T, Error> {
        runtime()?.block_on(call).map_err(|error| told(&self.name, &error))
    }
}

/// An object as a stream, a part at a time.
struct Ranges {
    bucket: Bucket,
    key: Key,
    at: u64,
    size: u64,
    part: io::Cursor<Vec<u8>>,
}

impl Read for Ranges {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.part.read(buffer)?;
        if read > 0 || buffer.is_empty() || self.at >= self.size {
            return Ok(read);
        }
        let end = self.size.min(self.at + PART as u64);
        let fetched =
            self.bucket.wait(self.bucket.store.get_range(&self.key, self.at..end)).map_err(io::Error::other)?;
        self.at = end;
        self.part = io::Cursor::new(fetched.to_vec());
        self.part.read(buffer)
    }
}

fn next_part(file: &mut File, path: &Path) -> Result<Vec<u8>, Error> {
    let mut part = Vec::new();
    file.take(PART as u64).read_to_end(&mut part).map_err(refused("read", path))?;
    Ok(part)
}

fn key(sha256: &str, form: Form) -> Key {
    Key::from(format!("{}/{sha256}{}", sha256.get(..2).unwrap_or(sha256), form.suffix()))
}

fn told(bucket: &str, error: &object_store::Error) -> Error {
    Error::Store(format!("the bucket {bucket} refused: {error}"))
}

/// One for the process: it is never dropped, for a runtime must not end within another one.
fn runtime() -> Result<&'static Runtime, Error> {
    static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();
    let made = RUNTIME.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1).thread_name("s3").enable_all().build().map_err(|error| error.to_string())
    });
    made.as_ref().map_err(|error| Error::Store(format!("cannot speak to the bucket: {error}")))
}

/// What a reference leads to. Neither the secret nor a part of it is ever told.
fn secret(reference: &SecretReference) -> Result<String, Error> {
    let from_file = |path: &Path| {
        let text = fs::read_to_string(path);
        text.map_err(|error| Error::Store(format!("cannot read the secret in {}: {error}", path.display())))
    };
    let text = match reference {
        SecretReference::File(path) => from_file(path)?,
        SecretReference::Environment(name) => std::env::var(name)
            .map_err(|_| Error::Store(format!("the environment has no {name}, which is a secret")))?,
        SecretReference::Credential(name) => {
            let directory = std::env::var_os("CREDENTIALS_DIRECTORY").ok_or_else(|| {
                Error::Store(format!(
                    "systemd gave us no credentials, and {name} is one: add LoadCredential to the unit"
                ))
            })?;
            from_file(&Path::new(&directory).join(name))?
        }
    };
    Ok(text.trim_end().to_owned())
}
