//! Which segments structure a file; to the reader all others are data.

use crate::x12::delimiters::{Delimiters, is_line_break};

/// The segments that structure a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    St,
    Se,
    Gs,
    Ge,
    Iea,
    /// Interchange acknowledgments and the interchange's rare companions.
    BetweenEnvelopes,
    /// BIN and BDS.
    Binary,
    Data,
}

impl Tag {
    /// The tag of a segment without blanks before it.
    pub fn of(segment: &[u8], delimiters: Delimiters) -> Tag {
        // Wrapping may have put a line break into the tag itself.
        let is_wrapping = |byte: u8| !delimiters.terminated_by_line_break() && is_line_break(byte);
        let mut tag = [0; 4];
        let letters =
            segment.iter().take_while(|&&byte| byte != delimiters.element).filter(|&&byte| !is_wrapping(byte));
        for (place, letter) in tag.iter_mut().zip(letters) {
            // Zero means that there is no letter.
            if *letter == 0 {
                return Tag::Data;
            }
            *place = *letter;
        }
        match &tag {
            b"ST\0\0" => Tag::St,
            b"SE\0\0" => Tag::Se,
            b"GS\0\0" => Tag::Gs,
            b"GE\0\0" => Tag::Ge,
            b"IEA\0" => Tag::Iea,
            b"TA1\0" | b"TA3\0" | b"ISB\0" | b"ISE\0" => Tag::BetweenEnvelopes,
            b"BIN\0" | b"BDS\0" => Tag::Binary,
            _ => Tag::Data,
        }
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Tag::St => "ST",
            Tag::Se => "SE",
            Tag::Gs => "GS",
            Tag::Ge => "GE",
            Tag::Iea => "IEA",
            Tag::BetweenEnvelopes => "TA1",
            Tag::Binary => "BIN",
            Tag::Data => "data",
        }
    }
}
