//! The numbers of GS1: items (GTIN), shipping containers (SSCC), locations (GLN), with their check digit.
//!
//! The check digit of all of them is the same: from the right of the body, weights 3, 1, 3, 1 …; it fills
//! the sum up to a multiple of ten (GS1 General Specifications, section 7.9).

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Why a text is not a GS1 number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Gs1Error {
    /// A character that is no digit.
    #[error("{text:?} holds something other than digits")]
    NotDigits {
        /// The text.
        text: String,
    },
    /// A length that the number cannot have.
    #[error("{text:?} has {found} digits, expected {expected}")]
    Length {
        /// The text.
        text: String,
        /// The lengths it may have, in words.
        expected: &'static str,
        /// The length it has.
        found: usize,
    },
    /// The last digit is not the check digit of the others.
    #[error("{text:?} ends in {found}, its check digit is {expected}")]
    CheckDigit {
        /// The text.
        text: String,
        /// The digit it should end in.
        expected: u8,
        /// The digit it ends in.
        found: u8,
    },
}

/// The check digit of a body of ASCII digits.
pub fn check_digit(body: &str) -> u8 {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, digit)| u32::from(digit - b'0') * if index % 2 == 0 { 3 } else { 1 })
        .sum();
    // A remainder of ten is below ten, so the cast keeps it.
    ((10 - sum % 10) % 10) as u8
}

fn digits(text: &str) -> Result<&str, Gs1Error> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Gs1Error::NotDigits { text: text.to_owned() });
    }
    Ok(text)
}

fn checked(text: &str) -> Result<&str, Gs1Error> {
    let (body, last) = text.split_at(text.len() - 1);
    let (expected, found) = (check_digit(body), last.as_bytes()[0] - b'0');
    if expected != found {
        return Err(Gs1Error::CheckDigit { text: text.to_owned(), expected, found });
    }
    Ok(text)
}

/// A Global Trade Item Number; GTIN-8, -12 (UPC), -13 (EAN) and -14 compare in one 14-digit form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Gtin(String);

impl Gtin {
    /// Reads 8, 12, 13 or 14 digits with a right check digit.
    pub fn parse(text: &str) -> Result<Gtin, Gs1Error> {
        let text = digits(text.trim())?;
        if !matches!(text.len(), 8 | 12 | 13 | 14) {
            return Err(Gs1Error::Length { text: text.to_owned(), expected: "8, 12, 13 or 14", found: text.len() });
        }
        let text = checked(text)?;
        let mut all = String::with_capacity(14);
        all.push_str(&"000000"[..14 - text.len()]);
        all.push_str(text);
        Ok(Gtin(all))
    }

    /// All 14 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 12 digits of a UPC, when it is one.
    pub fn as_upc(&self) -> Option<&str> {
        self.0.strip_prefix("00")
    }

    /// The 13 digits of an EAN, when it is one (a UPC is one with a leading zero).
    pub fn as_ean(&self) -> Option<&str> {
        self.0.strip_prefix('0')
    }
}

/// A Serial Shipping Container Code: 18 digits that no other carton or pallet ever gets.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sscc(String);

impl Sscc {
    /// Reads 18 digits, or 20 that begin with the application identifier 00, with a right check digit.
    pub fn parse(text: &str) -> Result<Sscc, Gs1Error> {
        let text = digits(text.trim())?;
        let bare = match text.len() {
            18 => text,
            20 if text.starts_with("00") => &text[2..],
            found => {
                return Err(Gs1Error::Length {
                    text: text.to_owned(),
                    expected: "18, or 20 that begin with 00",
                    found,
                });
            }
        };
        Ok(Sscc(checked(bare)?.to_owned()))
    }

    /// Makes the code of a serial number under a GS1 company prefix of 6 to 12 digits.
    ///
    /// The serial fills what extension digit and prefix leave of 17 digits; `None` when it needs more.
    pub fn mint(extension: u8, company_prefix: &str, serial: u64) -> Option<Sscc> {
        let prefix_fits = (6..=12).contains(&company_prefix.len()) && digits(company_prefix).is_ok();
        if extension > 9 || !prefix_fits {
            return None;
        }
        let room = 16 - company_prefix.len();
        let serial = format!("{serial:0>room$}");
        if serial.len() > room {
            return None;
        }
        let body = format!("{extension}{company_prefix}{serial}");
        Some(Sscc(format!("{body}{}", check_digit(&body))))
    }

    /// The 18 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A Global Location Number: 13 digits for a legal entity or a place.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Gln(String);

impl Gln {
    /// Reads 13 digits with a right check digit.
    pub fn parse(text: &str) -> Result<Gln, Gs1Error> {
        let text = digits(text.trim())?;
        if text.len() != 13 {
            return Err(Gs1Error::Length { text: text.to_owned(), expected: "13", found: text.len() });
        }
        Ok(Gln(checked(text)?.to_owned()))
    }

    /// The 13 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the three numbers share: JSON strings, display, schema. A macro because a blanket impl over a
/// local trait may not implement foreign traits.
macro_rules! as_text {
    ($name:ident, $pattern:literal) => {
        impl TryFrom<String> for $name {
            type Error = Gs1Error;

            fn try_from(text: String) -> Result<Self, Gs1Error> {
                $name::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(number: $name) -> String {
                number.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

as_text!(Gtin, "^[0-9]{14}$");
as_text!(Sscc, "^[0-9]{18}$");
as_text!(Gln, "^[0-9]{13}$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_follow_the_published_vectors() {
        assert_eq!(check_digit("06141410001"), 4);
        assert_eq!(check_digit("00614141000000001"), 2);
    }

    #[test]
    fn a_upc_an_ean_and_a_gtin_14_of_one_item_are_equal() {
        let upc = Gtin::parse("061414100014").unwrap();
        assert_eq!(upc, Gtin::parse("0061414100014").unwrap());
        assert_eq!(upc, Gtin::parse("00061414100014").unwrap());
        assert_eq!(upc.as_upc(), Some("061414100014"));
    }

    #[test]
    fn a_wrong_check_digit_says_the_right_one() {
        let error = Gtin::parse("061414100015").unwrap_err();
        assert_eq!(error.to_string(), r#""061414100015" ends in 5, its check digit is 4"#);
    }

    #[test]
    fn an_sscc_is_read_with_and_without_its_application_identifier() {
        let bare = Sscc::parse("006141410000000012").unwrap();
        assert_eq!(bare, Sscc::parse("00006141410000000012").unwrap());
    }

    #[test]
    fn a_minted_sscc_is_valid_and_its_serial_fills_the_room() {
        let minted = Sscc::mint(0, "0614141", 1).unwrap();
        assert_eq!(minted.as_str(), "006141410000000012");
        assert_eq!(Sscc::parse(minted.as_str()).unwrap(), minted);
        assert_eq!(Sscc::mint(0, "0614141", 1_000_000_000), None, "ten digits do not fit nine");
    }
}
