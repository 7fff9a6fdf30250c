//! `edigate partner cert`: make, look at, take in and hand out the certificates of AS2.
//!
//! Nothing of the configuration is changed by itself: a certificate that is taken in is a file beside partner.toml, and the line
//! that puts it to use is printed.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::KeyUsage;
use openssl::x509::{X509, X509Name};
use serde_json::json;

use super::{Exit, Failure, load_config, no_partner, output};
use crate::config::as2::newest;
use crate::config::certificate::Certificate;
use crate::config::partner::PartnerId;
use crate::transport::as2_wire;

/// Make, look at, take in and hand out the certificates of AS2
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate partner cert new acme-as2 --certificate as2/acme.pem --key as2/acme.key\n  \
    edigate partner cert show partners/megamart/megamart.pem\n  edigate partner cert import megamart from-their-mail.cer\n  \
    edigate partner cert export > acme.pem\n\
    Exit codes: 0 fine · 1 a certificate ends soon · 2 could not run"
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    New(New),
    Show(Show),
    Import(Import),
    Export(Export),
}

/// A new key and a certificate that it signs itself, for AS2
#[derive(Debug, clap::Args)]
struct New {
    /// The name in it, by which partners know it
    name: String,
    /// Where the certificate is written, as PEM
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// Where the key is written, as PEM, readable by its owner alone
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// For how long it is good
    #[arg(long, default_value_t = 730, value_parser = clap::value_parser!(u32).range(1..=7300))]
    days: u32,
    /// How long the key is
    #[arg(long, default_value_t = 2048, value_parser = clap::value_parser!(u32).range(2048..=8192))]
    bits: u32,
}

/// What a file holds; without one, every certificate of the configuration
#[derive(Debug, clap::Args)]
struct Show {
    /// PEM or DER
    file: Option<PathBuf>,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

/// Put a partner's certificate beside its partner.toml, and print the line that puts it to use
#[derive(Debug, clap::Args)]
struct Import {
    /// The partner's id
    partner: String,
    /// PEM or DER, as the partner sent it
    file: PathBuf,
}

/// Our present certificate as PEM, to be sent to partners
#[derive(Debug, clap::Args)]
struct Export {}

/// Runs the command.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    match &args.what {
        What::New(args) => new(args),
        What::Show(Show { file: Some(file), json }) => tell(&[(String::new(), read(file)?)], *json),
        What::Show(Show { file: None, json }) => show_all(*json, config),
        What::Import(args) => import(args, config),
        What::Export(_) => export(config),
    }
}

fn new(args: &New) -> Result<Exit, Failure> {
    let made = make(&args.name, args.bits, args.days);
    let (certificate, key) = made.map_err(|error| Failure::new(format!("no certificate could be made: {error}")))?;
    let encoded = key.private_key_to_pem_pkcs8().and_then(|key| Ok((key, certificate.to_pem()?)));
    let (key, certificate) = encoded.map_err(|error| Failure::new(format!("the key cannot be written: {error}")))?;
    write_new(&args.key, &key, 0o600)?;
    write_new(&args.certificate, &certificate, 0o644)?;
    output::text(format!(
        "[[as2.certificate]]\nfile = \"{}\"\nkey  = \"file:{}\"\n",
        args.certificate.display(),
        args.key.display()
    ))?;
    Ok(Exit::Fine)
}

/// A key, and a certificate that it signs itself.
pub(super) fn make(name: &str, bits: u32, days: u32) -> Result<(X509, PKey<Private>), ErrorStack> {
    let key = PKey::from_rsa(Rsa::generate(bits)?)?;
    let mut subject = X509Name::builder()?;
    subject.append_entry_by_text("CN", name)?;
    let subject = subject.build();
    let mut serial = BigNum::new()?;
    serial.rand(120, MsbOption::MAYBE_ZERO, false)?;
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    let serial = serial.to_asn1_integer()?;
    let (from, until) = (Asn1Time::days_from_now(0)?, Asn1Time::days_from_now(days)?);
    builder.set_serial_number(&serial)?;
    builder.set_subject_name(&subject)?;
    builder.set_issuer_name(&subject)?;
    builder.set_pubkey(&key)?;
    builder.set_not_before(&from)?;
    builder.set_not_after(&until)?;
    builder.append_extension(KeyUsage::new().digital_signature().key_encipherment().data_encipherment().build()?)?;
    builder.sign(&key, MessageDigest::sha256())?;
    Ok((builder.build(), key))
}

/// Writes a file that is not there yet: a key that is overwritten is lost.
fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Failure> {
    let opened = File::options().write(true).create_new(true).mode(mode).open(path);
    let written = opened.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))
}

fn read(file: &Path) -> Result<Certificate, Failure> {
    let bytes = fs::read(file).map_err(|error| Failure::new(format!("cannot read {}: {error}", file.display())))?;
    Certificate::parse(&bytes).map_err(|why| Failure::new(format!("{}: {why}", file.display())))
}

fn tell(certificates: &[(String, Certificate)], as_json: bool) -> Result<Exit, Failure> {
    for (whose, certificate) in certificates {
        let (subject, issuer, serial) = (certificate.subject(), certificate.issuer(), certificate.serial());
        let (from, until, fingerprint) = (certificate.from(), certificate.until(), certificate.fingerprint());
        if as_json {
            output::json(&json!({
                "whose": whose, "subject": subject, "issuer": issuer, "serial": serial,
                "from": from.to_string(), "until": until.to_string(), "fingerprint": fingerprint,
            }))?;
            continue;
        }
        let heading = if whose.is_empty() { String::new() } else { format!("{whose}\n") };
        output::text(format!(
            "{heading}subject      {subject}\nissuer       {issuer}\nserial       {serial}\nfrom         {from}\n\
             until        {until}\nfingerprint  {fingerprint}\n"
        ))?;
    }
    Ok(Exit::Fine)
}

fn show_all(as_json: bool, config: Option<&Path>) -> Result<Exit, Failure> {
    let config = load_config(config)?;
    let all: Vec<(String, Certificate)> = as2_wire::certificates(&config)
        .into_iter()
        .flat_map(|(whose, all)| all.into_iter().map(move |one| (whose.clone(), one.certificate.clone())))
        .collect();
    tell(&all, as_json)?;
    Ok(if as2_wire::endings(&config, Timestamp::now()).is_empty() { Exit::Fine } else { Exit::Findings })
}

fn import(args: &Import, config: Option<&Path>) -> Result<Exit, Failure> {
    let loaded = load_config(config)?;
    let id = PartnerId::parse(&args.partner).ok().filter(|id| loaded.partners.contains_key(id));
    let id = id.ok_or_else(|| no_partner(&args.partner, &loaded))?;
    let certificate = read(&args.file)?;
    let name = format!("as2-{}.pem", certificate.serial().to_ascii_lowercase());
    let folder = loaded.partner_folder(&id);
    write_new(&folder.join(&name), &certificate.to_pem(), 0o644)?;
    tell(&[(String::new(), certificate)], false)?;
    output::text(format!(
        "compare the fingerprint with the partner by telephone, then name it in {}:\n\
         certificate = [\"…\", \"{name}\"]\n",
        folder.join("partner.toml").display()
    ))?;
    Ok(Exit::Fine)
}

fn export(config: Option<&Path>) -> Result<Exit, Failure> {
    let config = load_config(config)?;
    let ours = config.as2.as_ref().ok_or_else(|| Failure::new("gateway.toml has no [as2]"))?;
    let chosen = newest(ours.certificates.iter().map(|one| &one.in_use), Timestamp::now());
    let chosen = chosen.ok_or_else(|| Failure::new("none of our certificates is in use now"))?;
    output::text(String::from_utf8_lossy(&chosen.certificate.to_pem()).into_owned())?;
    Ok(Exit::Fine)
}
