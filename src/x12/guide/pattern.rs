//! The form that a value must have, in a language of four characters.
//!
//! ```text
//! 45########     45, then eight digits         #  one digit
//! @@-####        two letters, -, four digits   @  one letter
//! ????           four characters               ?  one character, whatever it is
//! DC*            DC, then anything             *  any number of characters, also none
//! ```
//!
//! Everything else stands for itself. A pattern has no blanks; where a value has one, `?` stands for it.

/// The form of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// Reads a pattern; `None` when it is empty or has a blank.
    pub fn parse(text: &str) -> Option<Pattern> {
        (!text.is_empty() && !text.contains(char::is_whitespace)).then(|| Pattern(text.to_owned()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True when a value has the form.
    pub fn fits(&self, value: &str) -> bool {
        let (mut form, mut value) = (self.0.chars(), value.chars());
        // Where to go on when the last star must take one character more.
        let mut retry = None;
        loop {
            let rest = value.clone();
            match (form.next(), value.next()) {
                (Some('*'), _) => {
                    value = rest;
                    retry = Some((form.clone(), value.clone()));
                }
                (Some(sign), Some(found)) if fits_one(sign, found) => {}
                (None, None) => return true,
                _ => {
                    let Some((behind_star, taken)) = &mut retry else { return false };
                    if taken.next().is_none() {
                        return false;
                    }
                    (form, value) = (behind_star.clone(), taken.clone());
                }
            }
        }
    }
}

fn fits_one(sign: char, found: char) -> bool {
    match sign {
        '#' => found.is_ascii_digit(),
        '@' => found.is_alphabetic(),
        '?' => true,
        sign => sign == found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_fits_as_the_signs_say() {
        let check = |form: &str, value: &str, expect: bool| {
            assert_eq!(Pattern::parse(form).unwrap().fits(value), expect, "{form} {value:?}");
        };
        check("45########", "4500012345", true);
        check("45########", "450001234", false);
        check("45########", "45000123456", false);
        check("45########", "450001234A", false);
        check("@@-####", "Zü-1234", true);
        check("@@-####", "Z1-1234", false);
        check("???", "a b", true);
        check("DC*", "DC", true);
        check("DC*", "DC 6021", true);
        check("*-#*-X", "a-b-1-2-X", true);
        check("*-#*-X", "a-b-X", false);
        check("**", "", true);
        check("*#", "", false);
    }

    #[test]
    fn a_pattern_is_one_word() {
        assert_eq!(Pattern::parse(""), None);
        assert_eq!(Pattern::parse("A B"), None);
    }
}
