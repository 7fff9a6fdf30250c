//! `[archive]` and `[retention]`: where large bytes are kept, and for how long all of them are.
//!
//! ```toml
//! [archive]
//! store = "folder"              # or "s3", with endpoint, bucket, region, access_key and secret_key
//! path  = "/srv/edi/archive"    # default: archive, below home
//! [retention]
//! keep       = "7 years"        # the default; a partner.toml may say otherwise for its partner
//! legal_hold = "case 4711"      # partner.toml only: nothing of this partner is removed
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::reader::{Table, choice};
use super::secret::SecretReference;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;

/// What tax and commercial law ask for in most places, with a margin.
pub(crate) const SEVEN_YEARS: Duration = Duration::from_secs(7 * 366 * 86_400);

/// Where large bytes are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveSettings {
    /// In this directory, absolute.
    Folder(PathBuf),
    /// In a bucket of an S3-compatible store.
    S3(BucketSettings),
}

/// A bucket, and how to get in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketSettings {
    /// `https://s3.eu-central-1.amazonaws.com`, or another store's address.
    pub endpoint: String,
    /// Its name.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// Who we are.
    pub access_key: SecretReference,
    /// That it is us.
    pub secret_key: SecretReference,
}

/// How long bytes are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// From when they came in or went out.
    pub keep: Duration,
    /// Why nothing may be removed, whatever its age.
    pub legal_hold: Option<String>,
}

impl Default for Retention {
    fn default() -> Self {
        Retention { keep: SEVEN_YEARS, legal_hold: None }
    }
}

/// Reads `[archive]` of gateway.toml; `None` when it cannot be used.
pub(crate) fn read_archive(table: &Table, home: &Path) -> Option<ArchiveSettings> {
    let stores = [("folder", false), ("s3", true)];
    let store = table.optional("store");
    let in_bucket = store.parse(|text| choice(text, "store", &stores)).map(|store| store.value);
    let settings = match in_bucket {
        Some(true) => {
            if !cfg!(feature = "s3") {
                store.parse(|text| -> Result<(), Diagnostic> {
                    Err(Diagnostic::new(&codes::NO_S3, "this edigate was built without S3").found(text))
                });
            }
            read_bucket(table).map(ArchiveSettings::S3)
        }
        _ => {
            let path = table.optional("path").text().map_or("archive", |path| path.value);
            Some(ArchiveSettings::Folder(super::gateway::absolute(&home.join(path))))
        }
    };
    table.finish();
    settings
}

fn read_bucket(table: &Table) -> Option<BucketSettings> {
    let endpoint = table.required("endpoint", r#"endpoint = "https://s3.eu-central-1.amazonaws.com""#).text();
    let bucket = table.required("bucket", r#"bucket = "edi-archive""#).text();
    let region = table.optional("region").text();
    let access_key =
        table.required("access_key", r#"access_key = "credential:s3_access_key""#).parse(SecretReference::parse);
    let secret_key =
        table.required("secret_key", r#"secret_key = "credential:s3_secret_key""#).parse(SecretReference::parse);
    Some(BucketSettings {
        endpoint: endpoint?.value.to_owned(),
        bucket: bucket?.value.to_owned(),
        region: region.map_or("us-east-1", |region| region.value).to_owned(),
        access_key: access_key?.value,
        secret_key: secret_key?.value,
    })
}

/// Reads `keep` of a `[retention]`.
pub(crate) fn read_keep(table: &Table) -> Option<Duration> {
    table.optional("keep").duration()
}
