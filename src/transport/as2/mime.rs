//! MIME as far as AS2 needs it: an entity is header fields and a body; a multipart is entities between delimiters.
//!
//! ```text
//! --b                      The bytes of a part go from behind its delimiter's line end to before the line end of the next
//! Content-Type: text/plain delimiter: exactly these bytes are what somebody signed.
//!
//! hello
//! --b--
//! ```
//!
//! Lines may end in CR LF or LF alone: `openssl smime` and more than one peer mix them. Never here: what a part means.

use std::borrow::Cow;

use memchr::memmem;
use openssl::base64;

use super::header::{Headers, LONGEST, Malformed, Parameterized, decoded_words, from_hex};

/// The most parts of one multipart.
pub const MOST_PARTS: usize = 100;

/// Header fields and a body.
#[derive(Debug, Clone)]
pub struct Entity<'b> {
    /// The fields.
    pub headers: Headers,
    /// The body as it was transferred.
    pub body: &'b [u8],
}

impl<'b> Entity<'b> {
    /// Reads an entity; the empty line ends its header fields.
    pub fn parse(bytes: &'b [u8]) -> Result<Entity<'b>, Malformed> {
        let (block, body) = split_header(bytes)?;
        Ok(Entity { headers: Headers::parse(block)?, body })
    }

    /// Its media type with parameters; `text/plain` where nothing is said.
    pub fn content_type(&self) -> Parameterized {
        self.headers
            .parameterized("content-type")
            .filter(|kind| kind.value.contains('/'))
            .unwrap_or_else(|| Parameterized::parse("text/plain"))
    }

    /// The name that its sender gave to the file; without any path.
    pub fn file_name(&self) -> Option<String> {
        let disposition = self.headers.parameterized("content-disposition");
        let told = disposition
            .and_then(|disposition| disposition.parameter("filename"))
            .or_else(|| self.content_type().parameter("name"))?;
        clean_name(&decoded_words(&told))
    }

    /// Its body without its transfer encoding.
    pub fn decoded(&self) -> Result<Cow<'b, [u8]>, Malformed> {
        let encoding = self.headers.field("content-transfer-encoding").unwrap_or("binary");
        match encoding.trim().to_ascii_lowercase().as_str() {
            "base64" => decode_base64(self.body).map(Cow::Owned),
            "quoted-printable" => Ok(Cow::Owned(quoted_printable(self.body))),
            "binary" | "8bit" | "7bit" | "" => Ok(Cow::Borrowed(self.body)),
            other => {
                Err(Malformed::new(format!("the transfer encoding {other:?} is none of base64, binary, 7bit, 8bit")))
            }
        }
    }
}

/// The last part of a path, whatever system it was written on; nothing where no name is left.
fn clean_name(told: &str) -> Option<String> {
    let last = told.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).collect();
    let name = name.trim().trim_start_matches('.');
    (!name.is_empty()).then(|| name.chars().take(200).collect())
}

fn split_header(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    // A part may begin with the empty line: it has no fields.
    for empty in [b"\r\n".as_slice(), b"\n"] {
        if let Some(body) = bytes.strip_prefix(empty) {
            return Ok((&[], body));
        }
    }
    let window = &bytes[..bytes.len().min(LONGEST + 4)];
    let ends = memchr::memchr_iter(b'\n', window).find_map(|at| match &window[at + 1..] {
        [b'\r', b'\n', ..] => Some((at + 1, at + 3)),
        [b'\n', ..] => Some((at + 1, at + 2)),
        _ => None,
    });
    match ends {
        Some((block, body)) => Ok((&bytes[..block], &bytes[body..])),
        None if bytes.len() > LONGEST => Err(Malformed::new(format!("no header ends within {LONGEST} bytes"))),
        None => Err(Malformed::new("the empty line behind the header fields is missing")),
    }
}

/// The parts of a multipart body, each with exactly the bytes between its delimiters.
pub fn parts<'b>(body: &'b [u8], boundary: &str) -> Result<Vec<&'b [u8]>, Malformed> {
    if boundary.is_empty() || boundary.len() > 200 {
        return Err(Malformed::new("a multipart has no usable boundary"));
    }
    let delimiter = format!("--{boundary}");
    let (mut found, mut start) = (Vec::new(), None);
    for at in memmem::find_iter(body, delimiter.as_bytes()) {
        if at > 0 && body[at - 1] != b'\n' {
            continue;
        }
        let Some((is_last, next)) = end_of_delimiter(&body[at + delimiter.len()..]) else { continue };
        if let Some(start) = start {
            let before = &body[start..at.max(start)];
            let before = before.strip_suffix(b"\n").unwrap_or(before);
            found.push(before.strip_suffix(b"\r").unwrap_or(before));
        }
        if is_last {
            return Ok(found);
        }
        if found.len() == MOST_PARTS {
            return Err(Malformed::new(format!("a multipart has more than {MOST_PARTS} parts")));
        }
        start = Some(at + delimiter.len() + next);
    }
    Err(Malformed::new(match start {
        None => "a multipart does not contain its boundary",
        Some(_) => "a multipart ends before its last delimiter",
    }))
}

/// Whether a delimiter is the last one, and where the next line begins; nothing where the line goes on.
fn end_of_delimiter(after: &[u8]) -> Option<(bool, usize)> {
    let (is_last, mut at) = if after.starts_with(b"--") { (true, 2) } else { (false, 0) };
    while matches!(after.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    match &after[at..] {
        [b'\r', b'\n', ..] => Some((is_last, at + 2)),
        [b'\n', ..] => Some((is_last, at + 1)),
        [] => Some((is_last, at)),
        _ => None,
    }
}

/// Joins entities to a multipart body.
pub fn join(parts: &[&[u8]], boundary: &str) -> Vec<u8> {
    let mut body = Vec::with_capacity(parts.iter().map(|part| part.len() + boundary.len() + 8).sum::<usize>() + 80);
    for part in parts {
        body.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        body.extend_from_slice(part);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}

/// A boundary that none of these parts contains, beginning with `seed`.
pub fn boundary(seed: &str, parts: &[&[u8]]) -> String {
    let mut boundary = seed.to_owned();
    let mut number = 0_u32;
    while parts.iter().any(|part| memmem::find(part, boundary.as_bytes()).is_some()) {
        number += 1;
        boundary = format!("{seed}-{number}");
    }
    boundary
}

/// Header fields, an empty line and a body.
pub fn entity(headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut bytes = headers.to_bytes();
    bytes.reserve_exact(body.len() + 2);
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// In lines of 76 characters.
pub fn encode_base64(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 3 * 4 + bytes.len() / 28 + 8);
    for line in bytes.chunks(57) {
        out.extend_from_slice(base64::encode_block(line).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Reads base64, whatever stands between its characters.
pub fn decode_base64(text: &[u8]) -> Result<Vec<u8>, Malformed> {
    let plain: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let plain = std::str::from_utf8(&plain).ok().filter(|plain| plain.len() % 4 == 0);
    let decoded = plain.and_then(|plain| base64::decode_block(plain).ok());
    decoded.ok_or_else(|| Malformed::new("what should be base64 is none"))
}

/// Reads quoted-printable; what is none stays as it is.
pub(super) fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = match (first, after) {
            (b'=', [b'\r', b'\n', rest @ ..]) | (b'=', [b'\n', rest @ ..]) => rest,
            (b'=', [high, low, tail @ ..]) => match from_hex(&[*high, *low]) {
                Some(byte) => {
                    out.push(byte);
                    tail
                }
                None => {
                    out.push(b'=');
                    after
                }
            },
            _ => {
                out.push(*first);
                after
            }
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_exactly_what_stands_between_its_delimiters() {
        let body = b"preamble\r\n--b\r\nA: 1\r\n\r\none\r\n\r\n--b \nA: 2\n\ntwo --b\n--b--\r\nepilogue";
        assert_eq!(parts(body, "b").unwrap(), [b"A: 1\r\n\r\none\r\n".as_slice(), b"A: 2\n\ntwo --b"]);
    }

    #[test]
    fn a_boundary_that_begins_like_another_one_is_none() {
        let body = b"--b\r\n\r\n--bc\r\n--b--";
        assert_eq!(parts(body, "b").unwrap(), [b"\r\n--bc".as_slice()]);
    }

    #[test]
    fn half_a_multipart_is_none() {
        for (body, why) in [
            (b"--b\r\n\r\nhalf".to_vec(), "a multipart ends before its last delimiter"),
            (b"nothing".to_vec(), "a multipart does not contain its boundary"),
            (b"--b\r\n\r\n\r\n".repeat(102), "a multipart has more than 100 parts"),
        ] {
            assert_eq!(parts(&body, "b").unwrap_err().to_string(), why);
        }
    }

    #[test]
    fn what_is_joined_comes_apart_again() {
        let given = [b"A: 1\r\n\r\nend\n".as_slice(), b"\r\n--seed\r\nlooks like one"];
        let boundary = boundary("seed", &given);
        assert_eq!(boundary, "seed-1");
        assert_eq!(parts(&join(&given, &boundary), &boundary).unwrap(), given);
    }

    #[test]
    fn a_body_comes_out_of_its_transfer_encoding() {
        for (entity, expected) in [
            ("Content-Transfer-Encoding: Base64\r\n\r\nSVNB\r\nKjAw\n", "ISA*00"),
            ("Content-Transfer-Encoding: quoted-printable\n\nISA=2A0=\n0=x", "ISA*00=x"),
            ("Content-Transfer-Encoding: binary\r\n\r\nISA*00", "ISA*00"),
            ("\r\nISA*00", "ISA*00"),
        ] {
            let entity = Entity::parse(entity.as_bytes()).unwrap();
            assert_eq!(entity.decoded().unwrap(), expected.as_bytes());
        }
        let broken = Entity::parse(b"Content-Transfer-Encoding: base64\r\n\r\nSVN*").unwrap();
        assert!(broken.decoded().is_err());
        assert!(Entity::parse(b"Content-Transfer-Encoding: x-zip\r\n\r\n").unwrap().decoded().is_err());
    }

    #[test]
    fn a_file_name_has_no_way_out_of_a_folder() {
        for (told, expected) in [
            ("850.edi", Some("850.edi")),
            ("../../etc/passwd", Some("passwd")),
            ("C:\\\\out\\\\850.edi", Some("850.edi")),
            (".hidden", Some("hidden")),
            ("..", None),
            ("", None),
        ] {
            let text = format!("Content-Disposition: attachment; filename=\"{told}\"\r\n\r\n");
            assert_eq!(Entity::parse(text.as_bytes()).unwrap().file_name().as_deref(), expected, "{told}");
        }
        let named = Entity::parse(b"Content-Type: text/plain; name=a.txt\r\n\r\n").unwrap();
        assert_eq!(named.file_name().as_deref(), Some("a.txt"));
    }
}
