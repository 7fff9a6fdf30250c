//! `edigate bench as2`: what a message and its receipt cost, beside the three private operations of RSA without which there is none.
//!
//! ```text
//! sender     compress, sign ●, encrypt             ...   judge the receipt
//! receiver   decrypt ●, verify, expand, sign the receipt ●
//! ```
//!
//! One core, 2048-bit keys, in memory, in processor time: the wire and the disk are measured elsewhere. The limit is measured before and behind the
//! messages, in the same run, since a shared machine is not as fast at all times.

use std::hint::black_box;
use std::time::{Duration, Instant};

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::sign::Signer;

use super::process::{self, processor_time};
use super::report::{Bounds, Row};
use super::tell;
use crate::cli::certificate::make;
use crate::cli::{Exit, Failure, output};
use crate::config::agreement::{
    As2Id, Cipher, Compress, Digest, KeyPadding, Receipt, Required, SignaturePadding, Transfer,
};
use crate::config::certificate::Certificate;
use crate::transport::as2::compress::Growth;
use crate::transport::as2::envelope::Envelope;
use crate::transport::as2::identity::Identity;
use crate::transport::as2::open::{self, Trust};
use crate::transport::as2::receipt::{self, Answer, Became};
use crate::transport::as2::seal::{self, About, Encrypting, File, Manner, Signing};
use crate::transport::as2::verdict::{self, Expected};

/// What an AS2 message costs, beside RSA itself
///
/// Signs, encrypts and compresses messages of 10 KiB, opens them, signs their receipts and judges those, on one core and in memory,
/// and compares that with three private RSA operations measured in the same run. With --large, one message of that many
/// megabytes goes the same way, not compressed, and the peak of memory is shown.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate bench as2\n  edigate bench as2 --large 500\n\
    Exit codes: 0 every measured \"must\" was met · 1 one was not · 2 could not run")]
pub struct Args {
    /// Messages in one round; there are five
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    messages: u32,
    /// Send and open one message of this many megabytes instead
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u32).range(1..=1_500))]
    large: Option<u32>,
    /// JSON, one object per row
    #[arg(long)]
    json: bool,
}

const ROUNDS: usize = 5;
/// Three private operations in a message with its receipt.
const OPERATIONS: f64 = 3.0;
const SHARE: Bounds = Bounds::AtLeast { must: 70.0, aim: 85.0 };

/// Both sides.
struct Cast {
    acme: Identity,
    mega: Identity,
    from: As2Id,
    to: As2Id,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let cast = cast()?;
    let rows = match args.large {
        Some(megabytes) => large(&cast, megabytes as usize * 1_000_000)?,
        None => small(&cast, args.messages)?,
    };
    let is_met = rows.iter().all(Row::meets_must);
    tell(&rows, args.json)?;
    Ok(if is_met { Exit::Fine } else { Exit::Findings })
}

fn cast() -> Result<Cast, Failure> {
    let identity = |name: &str| {
        let made =
            make(name, 2048, 30).and_then(|(certificate, key)| Ok((certificate, key.private_key_to_pem_pkcs8()?)));
        let (certificate, key) = made.map_err(|error| broken(&error))?;
        Certificate::of(certificate).and_then(|certificate| Identity::of(certificate, &key)).map_err(Failure::new)
    };
    let id = |text: &str| As2Id::parse(text).map_err(Failure::new);
    Ok(Cast { acme: identity("acme")?, mega: identity("mega")?, from: id("ACME")?, to: id("MEGAMART")? })
}

fn broken(error: &ErrorStack) -> Failure {
    Failure::new(format!("OpenSSL failed: {error}"))
}

fn small(cast: &Cast, messages: u32) -> Result<Vec<Row>, Failure> {
    let order = b"PO1*1*10*EA*5.50**UP*012345678905*VN*4711~\nPID*F****WIDGET BLUE 12 IN~\n".repeat(160);
    let order = &order[..10 << 10];
    output::talk(format!("{ROUNDS} rounds of {messages} messages of 10 KiB, and as many times three RSA operations"));
    let (mut cycles, mut limits) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Whoever goes first meets another machine than who goes last.
        for is_limit in if round % 2 == 0 { [true, false] } else { [false, true] } {
            let began = processor_time()?;
            for number in 0..messages {
                match is_limit {
                    true => rsa(cast)?,
                    false => cycle(cast, order, &format!("<{number}@acme>"), Compress::BeforeSigning)?,
                }
            }
            let rate = f64::from(messages) / (processor_time()? - began).as_secs_f64();
            if is_limit { &mut limits } else { &mut cycles }.push(rate);
        }
    }
    let (cycles, limit) = (median(cycles), median(limits));
    Ok(vec![
        Row::new("as2", "private RSA-2048 operations, one core", limit * OPERATIONS, "/s"),
        Row::new("as2", "the limit: three of them for each message", limit, "messages/s"),
        Row::new(
            "as2",
            "signed, encrypted, compressed, 10 KiB, with a signed receipt, both sides",
            cycles,
            "messages/s",
        ),
        Row::new("as2", "of the limit", cycles / limit * 100.0, "%").held_against(SHARE),
    ])
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn rsa(cast: &Cast) -> Result<(), Failure> {
    for _ in 0..3 {
        let signed = Signer::new(MessageDigest::sha256(), cast.acme.key())
            .and_then(|mut signer| signer.sign_oneshot_to_vec(b"a digest, or a key"));
        black_box(signed.map_err(|error| broken(&error))?);
    }
    Ok(())
}

/// One message and its receipt, from both sides.
fn cycle(cast: &Cast, bytes: &[u8], message_id: &str, compress: Compress) -> Result<(), Failure> {
    let signing = |identity| Signing { identity, digest: Digest::Sha256, padding: SignaturePadding::Pkcs1 };
    let recipient = cast.mega.certificate();
    let manner = Manner {
        from: &cast.from,
        to: &cast.to,
        sign: Some(signing(&cast.acme)),
        encrypt: Some(Encrypting { certificate: recipient, cipher: Cipher::Aes256, padding: KeyPadding::Pkcs1 }),
        compress,
        transfer: Transfer::Binary,
        receipt: Receipt::Signed,
        mic: Digest::Sha256,
        receipt_to: None,
    };
    let file = File { name: "850.edi", content_type: "application/edi-x12", bytes };
    let sealed = seal::seal(&[file], manner, About { message_id, subject: "850" }).map_err(|error| broken(&error))?;
    let (ours, theirs) = (std::slice::from_ref(&cast.mega), [cast.acme.certificate().clone()]);
    let required = Required { signed: true, encrypted: true, weak_is_enough: false };
    let growth = Growth { most: u64::MAX, ..Growth::default() };
    let opened =
        open::open(&sealed.headers, &sealed.body, Trust { ours, theirs: &theirs, lapsed: &[], required, growth });
    let is_whole = opened.outcome.as_ref().is_ok_and(|files| files.len() == 1 && files[0].bytes == bytes);
    let about = Envelope::read(&sealed.headers).map_err(|fault| Failure::new(fault.message))?;
    let answer = Answer {
        about: &about,
        became: Became::Processed,
        digests: opened.digests.as_ref(),
        signed_by: Some(Digest::Sha256),
        sign: Some(signing(&cast.mega)),
        message_id: "<receipt@mega>",
    };
    let receipt = receipt::write(answer).map_err(|error| broken(&error))?;
    let theirs = [cast.mega.certificate().clone()];
    let expected =
        Expected { message_id, digests: &sealed.digests, receipt: Receipt::Signed, is_signed: true, theirs: &theirs };
    let judged = verdict::judge(&receipt.headers, &receipt.body, expected);
    match (is_whole, judged) {
        (true, Ok(matched)) => drop(black_box(matched)),
        (false, _) => return Err(Failure::new("a message did not come back as it was sent")),
        (_, Err(fault)) => return Err(Failure::new(fault.to_string())),
    }
    Ok(())
}

/// One large message; what it takes of memory is what it is about.
fn large(cast: &Cast, size: usize) -> Result<Vec<Row>, Failure> {
    output::talk(format!("one message of {} MB, there and back", size / 1_000_000));
    let line = b"PO1*1*10*EA*5.50**UP*012345678905*VN*4711~\n";
    let mut bytes = Vec::with_capacity(size + line.len());
    let mut number = 0_u64;
    while bytes.len() < size {
        bytes.extend_from_slice(line);
        bytes.extend_from_slice(format!("REF*{:x}~\n", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)).as_bytes());
        number += 1;
    }
    bytes.truncate(size);
    let began = Instant::now();
    cycle(cast, &bytes, "<large@acme>", Compress::Never)?;
    let took: Duration = began.elapsed();
    let peak = process::peak_megabytes(std::process::id()).unwrap_or(f64::NAN);
    let share = peak * 1_000_000.0 / size as f64;
    Ok(vec![
        Row::new("as2", format!("one message of {} MB, there and back", size / 1_000_000), took.as_secs_f64(), "s"),
        Row::new("as2", "peak memory, both sides in one process", peak, "MB"),
        Row::new("as2", "of the message's size", share, "times"),
    ])
}
