//! BER as far as AS2 needs it: elements with definite and indefinite lengths are read, definite ones written.
//!
//! ```text
//! 30 80 06 09 … 00 00    ->  tag 30 and what stands before the two zeros
//! ```
//!
//! Peers that stream do not know a length before its end and write `80`; OpenSSL reads that for signatures and encryption, but
//! knows no compressed data and does not say which algorithm a message used. In: untrusted bytes. Out: slices of them, or why
//! they are none. Depth is limited; nothing is copied.

use super::header::Malformed;

/// How deep elements of indefinite length may stand in one another.
const DEEPEST: usize = 16;

/// Tags that are read here.
pub const SEQUENCE: u8 = 0x30;
/// A set.
pub const SET: u8 = 0x31;
/// An object identifier.
pub const OID: u8 = 0x06;
/// An octet string; its constructed form has bit 0x20.
pub const OCTETS: u8 = 0x04;
/// An integer.
pub const INTEGER: u8 = 0x02;
/// `[0]`, constructed.
pub const CONTEXT_0: u8 = 0xa0;
/// `[1]`, constructed.
pub const CONTEXT_1: u8 = 0xa1;

/// One element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'b> {
    /// Its first byte.
    pub tag: u8,
    /// What it contains.
    pub contents: &'b [u8],
}

impl<'b> Element<'b> {
    /// The elements in it.
    pub fn inside(&self) -> Reader<'b> {
        Reader { rest: self.contents }
    }
}

/// Reads elements one after the other.
#[derive(Debug, Clone)]
pub struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    /// From the first byte on.
    pub fn of(bytes: &'b [u8]) -> Reader<'b> {
        Reader { rest: bytes }
    }

    /// The next element; nothing at the end.
    pub fn element(&mut self) -> Result<Option<Element<'b>>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (element, rest) = read(self.rest, 0)?;
        self.rest = rest;
        Ok(Some(element))
    }

    /// The next element, which must have this tag.
    pub fn expect(&mut self, tag: u8) -> Result<Element<'b>, Malformed> {
        match self.element()? {
            Some(element) if element.tag == tag => Ok(element),
            Some(other) => Err(Malformed::new(format!("expected BER tag {tag:02x}, found {:02x}", other.tag))),
            None => Err(Malformed::new(format!("expected BER tag {tag:02x}, found the end"))),
        }
    }

    /// The next element if it has this tag; else nothing is read.
    pub fn take(&mut self, tag: u8) -> Result<Option<Element<'b>>, Malformed> {
        if self.rest.first() == Some(&tag) { self.element() } else { Ok(None) }
    }
}

fn read(bytes: &[u8], depth: usize) -> Result<(Element<'_>, &[u8]), Malformed> {
    let short = || Malformed::new("a BER element is cut off");
    let (&tag, rest) = bytes.split_first().ok_or_else(short)?;
    if tag & 0x1f == 0x1f {
        return Err(Malformed::new("a BER tag of more than one byte"));
    }
    let (&first, rest) = rest.split_first().ok_or_else(short)?;
    if first == 0x80 {
        return indefinite(tag, rest, depth);
    }
    let (length, rest) = match first {
        first if first < 0x80 => (usize::from(first), rest),
        first => {
            let count = usize::from(first & 0x7f);
            let digits = rest.get(..count).filter(|_| count <= 8).ok_or_else(short)?;
            let length = digits.iter().fold(0_u64, |sum, digit| (sum << 8) | u64::from(*digit));
            (usize::try_from(length).map_err(|_| short())?, &rest[count..])
        }
    };
    let contents = rest.get(..length).ok_or_else(short)?;
    Ok((Element { tag, contents }, &rest[length..]))
}

/// An element that ends with two zeros; whatever stands in it is walked over to find them.
fn indefinite(tag: u8, start: &[u8], depth: usize) -> Result<(Element<'_>, &[u8]), Malformed> {
    if tag & 0x20 == 0 {
        return Err(Malformed::new("a primitive BER element of indefinite length"));
    }
    if depth == DEEPEST {
        return Err(Malformed::new(format!("BER elements stand more than {DEEPEST} deep in one another")));
    }
    let mut rest = start;
    loop {
        if let [0, 0, after @ ..] = rest {
            let contents = &start[..start.len() - rest.len()];
            return Ok((Element { tag, contents }, after));
        }
        rest = read(rest, depth + 1)?.1;
    }
}

/// The pieces of an octet string, primitive or constructed, in their order.
pub fn octets<'b>(element: Element<'b>, tag: u8) -> Result<Vec<&'b [u8]>, Malformed> {
    let mut pieces = Vec::new();
    collect(element, tag, 0, &mut pieces)?;
    Ok(pieces)
}

fn collect<'b>(element: Element<'b>, tag: u8, depth: usize, pieces: &mut Vec<&'b [u8]>) -> Result<(), Malformed> {
    if element.tag == tag {
        pieces.push(element.contents);
        return Ok(());
    }
    if element.tag != tag | 0x20 || depth == DEEPEST {
        return Err(Malformed::new(format!("expected a string of BER octets, found tag {:02x}", element.tag)));
    }
    let mut inside = element.inside();
    while let Some(piece) = inside.element()? {
        collect(piece, OCTETS, depth + 1, pieces)?;
    }
    Ok(())
}

/// Writes an element of definite length.
pub fn write(tag: u8, contents: &[&[u8]]) -> Vec<u8> {
    let length: usize = contents.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(length + 10);
    out.push(tag);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let digits = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
            // At most eight digits.
            out.push(0x80 | digits.len() as u8);
            out.extend_from_slice(digits);
        }
    }
    for part in contents {
        out.extend_from_slice(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_whatever_its_length() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let contents = vec![7; length];
            let written = write(OCTETS, &[&contents]);
            let mut reader = Reader::of(&written);
            assert_eq!(reader.expect(OCTETS).unwrap().contents, contents);
            assert_eq!(reader.element().unwrap(), None);
        }
    }

    #[test]
    fn an_indefinite_length_ends_with_its_own_zeros() {
        let bytes = [0x30, 0x80, 0x24, 0x80, 0x04, 0x02, 0, 0, 0x04, 0x01, 9, 0, 0, 0, 0, 0x02, 0x01, 5];
        let mut reader = Reader::of(&bytes);
        let sequence = reader.expect(SEQUENCE).unwrap();
        let string = sequence.inside().element().unwrap().unwrap();
        assert_eq!(octets(string, OCTETS).unwrap(), [&[0, 0][..], &[9]]);
        assert_eq!(reader.expect(INTEGER).unwrap().contents, [5]);
    }

    #[test]
    fn what_is_no_ber_says_why() {
        let deep: Vec<u8> = [0x30, 0x80].repeat(40);
        for (bytes, why) in [
            (&[0x30, 5, 1][..], "cut off"),
            (&[0x30], "cut off"),
            (&[0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "cut off"),
            (&[0x30, 0x80, 0x04, 0x01], "cut off"),
            (&[0x04, 0x80, 0, 0], "primitive"),
            (&[0x3f, 0x81, 0], "tag of more than one byte"),
            (&deep, "deep in one another"),
        ] {
            let error = Reader::of(bytes).element().unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
