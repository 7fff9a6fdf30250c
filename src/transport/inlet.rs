//! What every wire that takes files from a partner promises, whatever it is made of.
//!
//! In: a place where a partner leaves files. Out: files of this machine that are ours to capture, each once, and afterwards
//! the partner's file put away as its rules say. Nothing is put away before the caller says that its bytes are safe.
//! Never here: when to look, whether a file is whole, and what it means.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::diagnostic::{Diagnostic, Place};

/// A file that waits at a partner's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is.
    pub path: PathBuf,
    /// Its name as it is recorded: bytes that are no UTF-8 stand there as `%E9`.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Time of its last change.
    pub modified: SystemTime,
}

/// A file that is ours to capture and that no other reader can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Where it is now, on this machine.
    pub path: PathBuf,
    /// The name under which the partner left it, as it is recorded.
    pub name: String,
    /// What tells this claim from every other one: whoever takes the same file again after a crash claims it by the same.
    pub claim: String,
    /// The file at the partner's place, where that is elsewhere.
    pub there: Option<Candidate>,
}

/// What a look at a place found.
#[derive(Debug, Default)]
pub struct Listing {
    /// Files to be taken once they are whole, by name.
    pub candidates: Vec<Candidate>,
    /// Things that stand there under a matching name and are no plain files: links, directories, devices.
    pub oddities: Vec<PathBuf>,
    /// Names that a server tells and that no file of one directory can have: they would lead elsewhere.
    pub bad_names: Vec<String>,
}

/// What became of a partner's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutAway {
    /// It is not offered any more.
    Gone,
    /// It stays where it is, and is remembered by its claim.
    Stays,
}

/// A place where one partner leaves files.
pub trait Inlet: Send {
    /// Lists the files that match, in the order of their names; what is being written is left out.
    fn list(&mut self) -> Result<Listing, Diagnostic>;

    /// Files of this machine that an earlier life claimed and did not put away.
    fn leftovers(&mut self) -> Result<Vec<Claimed>, Diagnostic>;

    /// The claim that taking this file would make, where the file stays at the partner's place until it is put away and can be
    /// told from any other one by it.
    fn claim_of(&self, candidate: &Candidate) -> Option<String>;

    /// Makes files ours, and says of each what came of it, in their order. The answer ends early when `go_on` says so.
    fn take(&mut self, candidates: &[Candidate], go_on: &(dyn Fn() -> bool + Sync))
    -> Vec<Result<Claimed, Diagnostic>>;

    /// Does with captured files what the partner file says; of each, what became of it, in their order.
    fn put_away(&mut self, claimed: &[Claimed]) -> Vec<Result<PutAway, Diagnostic>>;
}

/// A name as the ledger and the messages have it. Partners' systems write names in code pages of old; in a name that is no
/// UTF-8, the bytes that are none stand as `%E9`, and a percent sign as `%25`, so that no two such names become one. So
/// does what would move the cursor or begin a line: such a name could write a log of its own.
///
/// ```text
/// 850_101.edi, 100%.edi  ->  the same        caf\xE9.edi  ->  caf%E9.edi        a\nb.edi  ->  a%0Ab.edi
/// ```
pub fn recorded(name: &OsStr) -> String {
    if let Some(text) = name.to_str().filter(|text| !text.contains(char::is_control)) {
        return text.to_owned();
    }
    let mut text = String::new();
    let escape = |text: &mut String, bytes: &[u8]| bytes.iter().for_each(|byte| text.push_str(&format!("%{byte:02X}")));
    for chunk in name.as_bytes().utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '%' => text.push_str("%25"),
                control if control.is_control() => escape(&mut text, control.encode_utf8(&mut [0; 4]).as_bytes()),
                plain => text.push(plain),
            }
        }
        escape(&mut text, chunk.invalid());
    }
    text
}

/// Endings that programs give to files they are still writing.
const TEMPORARY: [&str; 9] =
    [".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".swp", ".writing", ".inprogress"];

/// True for the name of a file that is still being written.
pub(super) fn is_temporary(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.starts_with('.')
        || name.starts_with('~')
        || name.ends_with('~')
        || TEMPORARY.iter().any(|ending| lower.ends_with(ending))
}

/// The place of a whole file or directory.
pub(crate) fn place(path: &std::path::Path) -> Place {
    Place { file: Some(path.display().to_string()), ..Place::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_no_utf8_or_no_line_of_text_is_recorded_without_loss() {
        for (name, expect) in [
            (b"850_101.edi".as_slice(), "850_101.edi"),
            (b"100%.edi", "100%.edi"),
            ("caf\u{e9}.edi".as_bytes(), "caf\u{e9}.edi"),
            (b"caf\xE9.edi", "caf%E9.edi"),
            (b"caf\xE8 5%.edi", "caf%E8 5%25.edi"),
            (b"a\nb 5%.edi", "a%0Ab 5%25.edi"),
            (b"\x1b[2J.edi", "%1B[2J.edi"),
            ("\u{85}.edi".as_bytes(), "%C2%85.edi"),
        ] {
            assert_eq!(recorded(OsStr::from_bytes(name)), expect);
        }
    }
}
