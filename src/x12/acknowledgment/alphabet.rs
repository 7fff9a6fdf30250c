//! What of the sender's own text an acknowledgment can repeat: X12 has no escape, so a delimiter is never copied.
//!
//! ```text
//! 12:30   with * > ~   ->  12:30          AB*C  with * > ~  ->  no copy in AK404, AB?C where something must stand
//! ```

use crate::x12::delimiters::Delimiters;

/// Characters of AK404.
const MAX_COPY: usize = 99;

/// A copy of bad data; nothing when it cannot be written as it is.
pub(super) fn copy(text: &str, delimiters: &Delimiters) -> String {
    let copy: String = text.chars().take(MAX_COPY).collect();
    if copy.chars().all(|character| is_writable(character, delimiters)) {
        copy.trim_end().to_owned()
    } else {
        String::new()
    }
}

/// The sender's own reference, with what cannot be written shown as a question mark; where the sender gave none, a
/// question mark alone, since AK1 and AK2 must hold one.
pub(super) fn reference(text: &str, delimiters: &Delimiters) -> String {
    shown(text, |character| is_writable(character, delimiters))
}

/// A code of so many characters; question marks where the sender's own has another length, for a part of it would be another
/// code.
pub(super) fn code(text: &str, length: usize, delimiters: &Delimiters) -> String {
    let code = reference(text, delimiters);
    if code.chars().count() == length { code } else { "?".repeat(length) }
}

/// A number of at most so many digits; 0, which numbers nothing, where the sender's own is none.
pub(super) fn number(text: &str, max: usize) -> String {
    let is_number = (1..=max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.to_owned() } else { "0".to_owned() }
}

/// A text with blanks behind it up to the least length that its element has, as X12.6 fills one that is too short; what
/// is beyond the greatest is cut.
pub(super) fn filled(text: &str, min: usize, max: usize) -> String {
    let text: String = text.chars().take(max).collect();
    format!("{text:<min$}")
}

/// The sender's own reference for any delimiters: without the marks that somebody uses as one.
pub(super) fn plain(text: &str) -> String {
    shown(text, |character| character.is_ascii_alphanumeric() || " .,-/()&#%_@\"=?;$".contains(character))
}

/// Whom a group was from or for, where that can stand in GS02 and GS03.
pub(super) fn party(text: &str, delimiters: &Delimiters) -> Option<String> {
    let fits = (2..=15).contains(&text.len()) && text.chars().all(|character| is_writable(character, delimiters));
    fits.then(|| text.to_owned())
}

/// A segment identifier as AK301 can hold it: two or three characters.
pub(super) fn tag(text: &str, delimiters: &Delimiters) -> String {
    let tag: String = reference(text, delimiters).chars().take(3).collect();
    format!("{tag:?<2}")
}

fn shown(text: &str, is_writable: impl Fn(char) -> bool) -> String {
    match text.trim() {
        "" => "?".to_owned(),
        text => text.chars().map(|character| if is_writable(character) { character } else { '?' }).collect(),
    }
}

/// Letters beyond ASCII are left out, since nobody agrees on how they are encoded; a caret may become the repetition separator.
fn is_writable(character: char, delimiters: &Delimiters) -> bool {
    let is_delimiter = u8::try_from(character).is_ok_and(|byte| delimiters.contains(byte));
    (character == ' ' || character.is_ascii_graphic()) && character != '^' && !is_delimiter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_a_delimiter_of_the_partner_is_not_copied() {
        let usual = Delimiters::default();
        assert_eq!(copy("12:30", &usual), "12:30");
        assert_eq!(copy("A>B", &usual), "");
        assert_eq!(copy("A>B", &Delimiters { component: b':', ..usual }), "A>B");
        for unwritable in ["A*B", "A~B", "A^B", "A\nB", "Z\u{fc}rich"] {
            assert_eq!(copy(unwritable, &usual), "", "{unwritable:?}");
        }
        assert_eq!(copy(&"x".repeat(120), &usual).len(), 99);
        assert_eq!((copy(" x  ", &usual).as_str(), copy("   ", &usual).as_str()), (" x", ""));
    }

    #[test]
    fn what_must_be_named_is_named_as_far_as_it_can_be_written() {
        let usual = Delimiters::default();
        assert_eq!(reference("00*1", &usual), "00?1");
        assert_eq!(reference("  ", &usual), "?");
        assert_eq!(plain("26:303"), "26?303");
        assert_eq!(["850", "8500", "85", "8*0"].map(|text| code(text, 3, &usual)), ["850", "???", "???", "8?0"]);
        assert_eq!(["0101", "1A1", "", "1234567890"].map(|text| number(text, 9)), ["0101", "0", "0", "0"]);
        assert_eq!(["1", "0001", "1234567890"].map(|text| filled(text, 4, 9)), ["1   ", "0001", "123456789"]);
        assert_eq!(["N", "IT1X", "", "\u{fc}"].map(|text| tag(text, &usual)), ["N?", "IT1", "??", "??"]);
        assert_eq!(
            (party("MEGAMART", &usual), party("M", &usual), party("A*B", &usual)),
            (Some("MEGAMART".into()), None, None)
        );
    }
}
