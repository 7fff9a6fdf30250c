//! Binary segments: BIN and BDS say how many bytes their data has, and any byte may stand in it.
//!
//! ```text
//! BIN*5*a~b*c~          length, data: "a~b*c"
//! BDS*ASC*5*a~b*c~      filter, length, data
//! ```
//!
//! Nothing in the data is looked at: neither separators nor line breaks. Where the length cannot be believed, nothing in
//! the segment can.

use std::ops::Range;

use super::delimiters::Delimiters;

/// The longest data that is read. It is held twice for a moment, in the reader's window and in its set.
pub const MAX_BINARY_BYTES: usize = 16 << 20;
/// Bytes to look at for what stands before the data.
pub(crate) const HEAD_WINDOW: usize = 64;
/// Digits that a length may have (element 784).
const MAX_DIGITS: usize = 15;

/// What stands before the data of a binary segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    separators: [usize; 3],
    /// How many of them there are; the data begins after the last.
    count: usize,
    /// How many bytes the data has.
    pub length: u64,
}

impl Head {
    /// Reads it from the first bytes of a segment; `None` when the segment is not binary, or its length is not to be read.
    pub fn read(segment: &[u8], delimiters: Delimiters) -> Option<Head> {
        let count = match segment.get(..4)? {
            [b'B', b'I', b'N', separator] if *separator == delimiters.element => 2,
            [b'B', b'D', b'S', separator] if *separator == delimiters.element => 3,
            _ => return None,
        };
        let mut separators = [3; 3];
        for index in 1..count {
            let from = separators[index - 1] + 1;
            let ahead = segment.get(from..segment.len().min(HEAD_WINDOW))?;
            let end = ahead.iter().position(|&byte| byte == delimiters.element || byte == delimiters.terminator)?;
            if ahead[end] != delimiters.element {
                return None;
            }
            separators[index] = from + end;
        }
        let digits = &segment[separators[count - 2] + 1..separators[count - 1]];
        let is_number = (1..=MAX_DIGITS).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
        let value = |number: u64, digit: &u8| number * 10 + u64::from(digit - b'0');
        is_number.then(|| Head { separators, count, length: digits.iter().fold(0, value) })
    }

    /// Where its element separators stand.
    pub fn separators(&self) -> &[usize] {
        &self.separators[..self.count]
    }

    /// Where the data stands; `None` when it is longer than what is read.
    pub fn data(&self) -> Option<Range<usize>> {
        let start = self.separators[self.count - 1] + 1;
        let length = usize::try_from(self.length).ok().filter(|length| *length <= MAX_BINARY_BYTES)?;
        Some(start..start + length)
    }
}

/// The element that holds the data of a binary segment.
pub(crate) fn data_element(tag: &[u8]) -> Option<usize> {
    match tag {
        b"BIN" => Some(2),
        b"BDS" => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(segment: &str) -> Option<&str> {
        let range = Head::read(segment.as_bytes(), Delimiters::default())?.data()?;
        segment.get(range)
    }

    #[test]
    fn the_data_is_as_long_as_the_segment_says() {
        assert_eq!(data("BIN*5*a~b*c~"), Some("a~b*c"));
        assert_eq!(data("BDS*ASC*5*a~b*c~"), Some("a~b*c"));
        assert_eq!(data("BIN*00005*abcde~"), Some("abcde"));
        assert_eq!((data("BIN*0*~"), data("BDS**0*~")), (Some(""), Some("")));
        let head = Head::read(b"BDS*ASC*5*a", Delimiters::default()).unwrap();
        assert_eq!((head.separators(), head.data()), (&[3, 7, 9][..], Some(10..15)));
    }

    #[test]
    fn a_length_that_is_no_number_says_nothing() {
        for text in
            ["BIN*", "BIN**x", "BIN*-5*x", "BIN*5~*x", "BIN*+5*x", "BIN* 5*x", "BIN*1\n2*x", "BIN*5", "BDS*5*abcde~"]
        {
            assert_eq!(Head::read(text.as_bytes(), Delimiters::default()), None, "{text}");
        }
        assert_eq!(Head::read(format!("BIN*{}*", "1".repeat(16)).as_bytes(), Delimiters::default()), None);
        assert_eq!(Head::read(format!("BDS*{}*5*abcde", "A".repeat(99)).as_bytes(), Delimiters::default()), None);
    }

    #[test]
    fn other_segments_are_not_binary() {
        for text in ["BIG*5*a", "BINS*5*a", "BIN", "BI", "N1*BIN*5*a"] {
            assert_eq!(Head::read(text.as_bytes(), Delimiters::default()), None, "{text}");
        }
    }

    #[test]
    fn more_than_can_be_held_is_known_by_its_length() {
        let head = Head::read(b"BIN*999999999999999*a", Delimiters::default()).unwrap();
        assert_eq!((head.length, head.data()), (999_999_999_999_999, None));
    }
}
