//! Where bytes are kept and for how long.

use std::time::Duration;

use super::*;
use crate::config::archive::{ArchiveSettings, SEVEN_YEARS};

const DAY: Duration = Duration::from_secs(86_400);

#[test]
fn without_a_word_the_archive_is_below_home_and_bytes_are_kept_for_seven_years() {
    let setup = Setup::new();
    let (config, _) = setup.load().unwrap();
    assert_eq!(config.archive, ArchiveSettings::Folder(setup.dir.path().join("home/archive")));
    for partner in config.partners.values() {
        assert_eq!((partner.retention.keep, &partner.retention.legal_hold), (SEVEN_YEARS, &None));
    }
}

#[test]
fn a_partner_may_have_a_retention_and_a_hold_of_its_own() {
    let setup = Setup::new()
        .change("gateway.toml", "[log]", "[archive]\npath = \"/srv/bytes\"\n[retention]\nkeep = \"90 days\"\n[log]")
        .with(
            "partners/megamart/partner.toml",
            &format!("{MEGAMART}[retention]\nkeep = \"10 years\"\nlegal_hold = \"case 4711\""),
        );
    let (config, _) = setup.load().unwrap();
    assert_eq!(config.archive, ArchiveSettings::Folder("/srv/bytes".into()));
    let of = |id| config.partners[&PartnerId::parse(id).unwrap()].retention.clone();
    assert_eq!(of("erp").keep, 90 * DAY);
    assert_eq!(of("megamart").keep, 3660 * DAY);
    assert_eq!(of("megamart").legal_hold.as_deref(), Some("case 4711"));
}

#[test]
fn a_legal_hold_has_a_reason() {
    let setup =
        Setup::new().with("partners/megamart/partner.toml", &format!("{MEGAMART}[retention]\nlegal_hold = true"));
    assert_snapshot!(setup.faults(), @r#"
    error CFG-E003: "legal_hold" is true or false
      at partners/megamart/partner.toml, line 25, column 14
      expected a text in quotes, found "true"
      hint: write the value in the form that the message expects
    "#);
}

#[test]
fn a_hold_in_gateway_toml_is_in_the_wrong_file() {
    assert_snapshot!(gateway("[log]", "[retention]\nlegal_hold = \"case\"\n[log]"), @r#"
    error CFG-E001: unknown key "legal_hold" in [retention]
      at gateway.toml, line 14, column 1
      expected keep
      hint: correct the key's name, move it to the table it belongs to, or delete the line
    "#);
}

#[cfg(not(feature = "s3"))]
#[test]
fn a_build_without_s3_says_so() {
    let bucket = "[archive]\nstore = \"s3\"\nendpoint = \"http://127.0.0.1:1\"\nbucket = \"edi\"\n\
                  access_key = \"env:KEY\"\nsecret_key = \"hunter2\"\n[log]";
    assert_snapshot!(gateway("[log]", bucket), @r#"
    error CFG-E050: this edigate was built without S3
      at gateway.toml, line 14, column 9
      found "s3"
      hint: build with `cargo build --release --features s3`, or keep the archive in a folder: store = "folder"
    error CFG-E027: a secret is written into the file
      at gateway.toml, line 18, column 14
      expected file:PATH, env:NAME or credential:NAME
      hint: move the secret away and write file:PATH, env:NAME or credential:NAME; then change the secret, for it was exposed
    "#);
}
