//! The evidence for one answer, as a tar: the bytes that went and came, their hashes, and the lines of the journal.
//!
//! ```text
//! files/01_out_megamart_856_000000503.edi · files/02_in_997_202.edi · journal.jsonl · README.txt · SHA256SUMS
//! ```
//!
//! The same ledger gives the same bytes: nothing in it says when or by whom it was fetched.

use std::io::Read as _;

use axum::http::header::{CONTENT_DISPOSITION, HeaderValue};

use super::asking::Asking;
use super::fault::Fault;
use super::of_type;
use crate::ledger::content::hex;
use crate::ledger::transmission::Direction;
use crate::ledger::whole::Evidence;
use crate::ledger::{Error, Transaction};
use crate::web::answer::Answer;

/// What all files of it may have together; `edigate export` has no limit.
const LARGEST: u64 = 64 << 20;

/// Hands it out.
pub(super) fn show(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let evidence = asking.read(|tx| tx.evidence(&asking.id()))?;
    asking.see(&evidence.partner)?;
    if evidence.files.iter().map(|file| file.size).sum::<u64>() > LARGEST {
        let why = format!(
            "The files are larger than is handed out here; `edigate export --partner {}` has them.",
            evidence.partner
        );
        return Err(Fault::Refused(why));
    }
    let mut answer = of_type("application/x-tar", asking.read(|tx| packed(tx, &evidence))?);
    answer.headers_mut().insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"evidence.tar\""));
    Ok(answer)
}

fn packed(tx: &mut Transaction<'_>, evidence: &Evidence) -> Result<Vec<u8>, Error> {
    let mut entries: Vec<(String, Vec<u8>)> = Vec::new();
    let mut gone = String::new();
    for (number, file) in evidence.files.iter().enumerate() {
        let way = if file.direction == Direction::In { "in" } else { "out" };
        let name = format!("files/{:02}_{way}_{}", number + 1, plain(&file.name));
        let mut bytes = Vec::new();
        match tx.open_content(&file.sha256) {
            Ok(mut source) => {
                let read = source.read_to_end(&mut bytes);
                read.map_err(|error| Error::Store(format!("{}: {error}", file.name)))?;
                entries.push((name, bytes));
            }
            Err(Error::Pruned { at, sha256 }) => {
                gone.push_str(&format!("{name} (sha256 {sha256}) was removed on {at}: its retention was over\n"));
            }
            Err(other) => return Err(other),
        }
    }
    let lines: String = evidence.events.iter().map(|event| format!("{event}\n")).collect();
    entries.push(("journal.jsonl".to_owned(), lines.into_bytes()));
    entries.push(("README.txt".to_owned(), readme(evidence, &gone).into_bytes()));
    let sums: String =
        entries.iter().map(|(name, bytes)| format!("{}  {name}\n", hex(&openssl::sha::sha256(bytes)))).collect();
    entries.push(("SHA256SUMS".to_owned(), sums.into_bytes()));
    let at = u64::try_from(evidence.opened.as_second()).unwrap_or(0);
    Ok(tar(&entries, at))
}

fn readme(evidence: &Evidence, gone: &str) -> String {
    let Evidence { partner, label, what, state, opened, receipt, .. } = evidence;
    let receipt = receipt.as_deref().unwrap_or("none");
    format!(
        "Evidence about the {what} for {label}, exchanged with {partner}.\n\n\
         It is owed since {opened} and stands as: {state}. Receipt of what was sent: {receipt}\n\n\
         files/         the bytes as they went out and came in\n\
         journal.jsonl  the lines of the journal about them; each names its hash and the one before it\n\n\
         Check the files: sha256sum -c SHA256SUMS\n\
         The whole journal with its chain of hashes: edigate export --partner {partner} DIR\n{gone}"
    )
}

/// Characters that no system minds.
fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' };
    name.chars().take(80).map(plain).collect()
}

const BLOCK: usize = 512;

/// The entries as a tar (POSIX ustar); names have fewer than 100 bytes.
fn tar(entries: &[(String, Vec<u8>)], at: u64) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, bytes) in entries {
        tar.extend(header(name, bytes.len(), at));
        tar.extend(bytes);
        tar.resize(tar.len().next_multiple_of(BLOCK), 0);
    }
    // Two empty blocks end it.
    tar.resize(tar.len() + 2 * BLOCK, 0);
    tar
}

fn header(name: &str, size: usize, at: u64) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let mut put = |from: usize, text: &str| header[from..from + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{size:011o}"));
    put(136, &format!("{at:011o}"));
    // The sum is taken with blanks in its own place.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar");
    put(263, "00");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}
