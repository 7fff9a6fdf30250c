//! The values of X12 that a configuration names: identities, version, separators.
//!
//! ```text
//! isa        = "ZZ:MEGAMART"    -> qualifier ZZ, identifier MEGAMART
//! version    = "004010"         -> GS08, and from it which separators there are
//! separators = "* > ~"          -> element, component, terminator
//! ```

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;
use crate::x12::delimiters::Delimiters;
use crate::x12::envelope::InterchangeId;

/// An ISA identity: `qualifier:identifier`.
pub(crate) fn isa(text: &str) -> Result<InterchangeId, Diagnostic> {
    InterchangeId::parse(text).map_err(|why| {
        let expected = r#"a qualifier of two characters, a colon and 1 to 15 characters, such as "ZZ:MEGAMART""#;
        Diagnostic::new(&codes::INTERCHANGE_ID, why).expected(expected).found(text)
    })
}

/// A GS identity: what GS02 and GS03 can carry.
pub(crate) fn gs(text: &str) -> Result<String, Diagnostic> {
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if (2..=15).contains(&text.len()) && printable && text.trim() == text {
        return Ok(text.to_owned());
    }
    let fault = Diagnostic::new(&codes::X12_VALUE, format!("{text:?} does not fit GS02"));
    Err(fault.expected("2 to 15 printable characters").found(text))
}

/// A version: what GS08 carries, such as `004010` or `004010VICS`.
pub(crate) fn version(text: &str) -> Result<String, Diagnostic> {
    let (digits, suffix) = text.split_at_checked(6).unwrap_or((text, ""));
    let fits = digits.len() == 6
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && suffix.len() <= 6
        && suffix.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if fits {
        return Ok(text.to_owned());
    }
    let fault = Diagnostic::new(&codes::X12_VALUE, format!("{text:?} is no version of X12"));
    Err(fault.expected("six digits, and at most six capitals or digits: 004010, 004010VICS, 005010").found(text))
}

/// The separators of a version when the partner asks for none in particular.
pub(crate) fn usual_separators(version: &str) -> Delimiters {
    let repetition = has_repetition(version).then_some(b'^');
    Delimiters { repetition, ..Delimiters::default() }
}

/// Separators parted by spaces: element, component, terminator, and from 00402 on repetition.
pub(crate) fn separators(text: &str, version: &str) -> Result<Delimiters, Diagnostic> {
    let expected = if has_repetition(version) {
        r#"element, component, terminator and repetition, such as "* > ~ ^""#
    } else {
        r#"element, component and terminator, such as "* > ~""#
    };
    let fault = |message: String| Diagnostic::new(&codes::SEPARATORS, message).expected(expected).found(text);
    let characters = text.split_whitespace().map(separator).collect::<Result<Vec<u8>, String>>().map_err(&fault)?;
    for (index, character) in characters.iter().enumerate() {
        if characters[..index].contains(character) {
            return Err(fault(format!("two separators are {:?}", char::from(*character))));
        }
    }
    match (characters.as_slice(), has_repetition(version)) {
        (&[element, component, terminator], false) => {
            Ok(Delimiters { element, component, repetition: None, terminator })
        }
        (&[element, component, terminator, repetition], true) => {
            Ok(Delimiters { element, component, repetition: Some(repetition), terminator })
        }
        (found, _) => Err(fault(format!("{} separators at version {version}", found.len()))),
    }
}

/// Whether ISA11 is the repetition separator, as it is from 00402 on.
fn has_repetition(version: &str) -> bool {
    // Versions are compared as text: six digits sort as numbers do.
    version.get(..6).is_some_and(|digits| digits >= "004020")
}

/// One separator: the character itself, `newline`, or its byte as `0x1D`.
fn separator(word: &str) -> Result<u8, String> {
    let byte = match (word, word.strip_prefix("0x")) {
        ("newline", _) => Some(b'\n'),
        (_, Some(hex)) => u8::from_str_radix(hex, 16).ok(),
        _ => <[u8; 1]>::try_from(word.as_bytes()).ok().map(|[byte]| byte),
    };
    let byte = byte.ok_or_else(|| format!("{word:?} is not one character"))?;
    // Points and hyphens stand in every decimal and in negative amounts.
    let in_data = byte.is_ascii_alphanumeric() || b" .-".contains(&byte) || !byte.is_ascii();
    if in_data {
        return Err(format!("{word:?} occurs in names and numbers"));
    }
    Ok(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, version: &str, expect: Result<[u8; 4], &str>) {
        let found = separators(text, version).map_err(|fault| fault.message);
        let found = found.map(|d| [d.element, d.component, d.terminator, d.repetition.unwrap_or(0)]);
        assert_eq!(found, expect.map_err(str::to_owned), "{text} at {version}");
    }

    #[test]
    fn separators_are_read_in_the_order_they_are_spoken() {
        check("* > ~", "004010", Ok(*b"*>~\0"));
        check("* : ~ ^", "005010", Ok(*b"*:~^"));
        check("| > newline", "004010", Ok(*b"|>\n\0"));
        check("0x1D 0x1F 0x1C", "003040", Ok([0x1D, 0x1F, 0x1C, 0]));
    }

    #[test]
    fn separators_that_would_break_the_data_are_refused() {
        check("* * ~", "004010", Err("two separators are '*'"));
        check("A > ~", "004010", Err(r#""A" occurs in names and numbers"#));
        check("* . ~", "004010", Err(r#""." occurs in names and numbers"#));
        check("* > § ", "004010", Err(r#""§" is not one character"#));
        check("*>~", "004010", Err(r#""*>~" is not one character"#));
    }

    #[test]
    fn repetition_belongs_to_versions_that_have_it() {
        check("* > ~ ^", "004010", Err("4 separators at version 004010"));
        check("* > ~", "005010", Err("3 separators at version 005010"));
        assert_eq!(usual_separators("004010").repetition, None);
        assert_eq!(usual_separators("005010X").repetition, Some(b'^'));
    }

    #[test]
    fn a_version_keeps_its_leading_zeros_and_its_suffix() {
        assert_eq!(version("004010VICS").as_deref(), Ok("004010VICS"));
        assert!(version("4010").is_err());
        assert!(version("004010vics").is_err());
    }
}
