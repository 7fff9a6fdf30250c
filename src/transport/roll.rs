//! What was about to be named when an attempt was cut off.
//!
//! ```text
//! drafts stand, whole and durable   -->  a roll: one line per file   -->  each gets its name   -->  receipts   -->  the roll goes
//! ```
//!
//! A name is given by a rename, so that a draft that is on a roll and no longer there was named: whoever reads the place may
//! have taken the file since, and it is not left again. Without its roll a draft is half a file of no meaning. A roll stands
//! in the place that it speaks of and goes where that goes; when a cleaner took both, a file is left twice, under the same
//! name and control number, and never lost.
//!
//! In: files, and the rolls that stand. Out: which of the files an earlier attempt had begun to name. Pure.

use std::collections::HashMap;

use uuid::Uuid;

/// The name of a roll; like that of a draft it begins with a dot, and readers ignore it.
const BEGINNING: &str = ".edigate-";
const ENDING: &str = ".roll";

/// The rolls that stand in one place.
#[derive(Debug, Default)]
pub struct Rolls {
    /// By the key of an attempt: which roll it is on, and the hash of its bytes.
    begun: HashMap<String, (String, String)>,
    /// By roll: how many of its attempts still need it.
    open: HashMap<String, usize>,
    /// Rolls that say nothing: a crash came while they were being written, so that nothing on them was named.
    empty: Vec<String>,
}

impl Rolls {
    /// Takes in a roll that stands; of what is no roll, nothing. Only lines with a hash count, so that an empty or
    /// planted file says nothing.
    pub fn read(&mut self, roll: &str, text: &str) {
        let lines = text.lines().filter_map(|line| line.split_once(' '));
        let mut lines = lines.filter(|(key, hash)| !key.is_empty() && hash.len() == 64).peekable();
        if lines.peek().is_none() {
            self.empty.push(roll.to_owned());
        }
        for (key, hash) in lines {
            // An attempt is on one roll: whoever finds it there does not put it on another.
            if self.begun.insert(key.to_owned(), (roll.to_owned(), hash.to_owned())).is_none() {
                *self.open.entry(roll.to_owned()).or_default() += 1;
            }
        }
    }

    /// True when an attempt of this key was about to name these bytes.
    pub fn has_begun(&self, key: &str, bytes: &[u8]) -> bool {
        self.begun.get(key).is_some_and(|(_, known)| *known == hash(bytes))
    }

    /// The rolls that say nothing, once: whoever alone leaves files here removes them.
    pub fn take_empty(&mut self) -> Vec<String> {
        std::mem::take(&mut self.empty)
    }

    /// The attempts that are on a roll.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.begun.keys().map(String::as_str)
    }

    /// Forgets an attempt whose receipt is durable; the roll that nobody needs any more, if it was the last one on it.
    pub fn forget(&mut self, key: &str) -> Option<String> {
        let (roll, _) = self.begun.remove(key)?;
        let open = self.open.get_mut(&roll)?;
        *open = open.saturating_sub(1);
        if *open > 0 {
            return None;
        }
        self.open.remove(&roll);
        Some(roll)
    }
}

/// The name of a new roll.
pub fn name(id: Uuid) -> String {
    format!("{BEGINNING}{}{ENDING}", id.simple())
}

/// What a roll says: of each attempt its key and the hash of its bytes.
pub fn text<'f>(files: impl Iterator<Item = (&'f str, &'f [u8])>) -> String {
    files.map(|(key, bytes)| line(key, &hash(bytes))).collect()
}

/// What it says of one.
pub(super) fn line(key: &str, hash: &str) -> String {
    format!("{key} {hash}\n")
}

/// True for the name of a roll.
pub fn is_roll(name: &str) -> bool {
    name.starts_with(BEGINNING) && name.ends_with(ENDING)
}

/// The sha256 of some bytes, in hex.
pub(super) fn hash(bytes: &[u8]) -> String {
    openssl::sha::sha256(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rolls() -> (Rolls, String) {
        let files = [("d1.1", b"one".as_slice()), ("d2.1", b"two")];
        let (name, text) = (name(Uuid::nil()), text(files.into_iter()));
        let mut rolls = Rolls::default();
        rolls.read(&name, &text);
        (rolls, name)
    }

    #[test]
    fn a_roll_knows_its_attempts_by_their_key_and_their_bytes() {
        let (rolls, name) = rolls();
        assert!(is_roll(&name), "{name}");
        assert!(rolls.has_begun("d2.1", b"two"));
        assert!(!rolls.has_begun("d2.1", b"other"), "a corrected file is another one");
        assert!(!rolls.has_begun("d2.2", b"two"), "a later attempt leaves it again");
    }

    #[test]
    fn a_roll_goes_with_the_last_attempt_on_it() {
        let (mut rolls, name) = rolls();
        assert_eq!(rolls.forget("d1.1"), None);
        assert_eq!(rolls.forget("d1.1"), None, "twice is once");
        assert_eq!(rolls.forget("d2.1"), Some(name));
        assert_eq!(rolls.keys().count(), 0);
    }

    #[test]
    fn what_is_no_roll_says_nothing() {
        let mut rolls = Rolls::default();
        for text in ["", "d1.1", "d1.1 abc\n", " 0123456789012345678901234567890123456789012345678901234567890123"] {
            rolls.read(".d1.1.roll", text);
        }
        assert_eq!(rolls.keys().count(), 0);
        assert_eq!((rolls.take_empty().len(), rolls.take_empty().len()), (4, 0));
    }
}
