//! Header fields as peers write them: folded, quoted, encoded; and as we write them.
//!
//! ```text
//! Content-Disposition: attachment;\r\n filename*=UTF-8''caf%C3%A9.edi    ->  attachment, filename = café.edi
//! ```
//!
//! In: bytes. Out: names with values, or why they are none. Bytes that are no UTF-8 become U+FFFD: nothing here is what
//! somebody signed, those bytes are kept as they came.

use openssl::base64;

/// The longest block of header fields that is read.
pub const LONGEST: usize = 64 << 10;
/// The most fields in one block.
const MOST: usize = 200;

/// Why bytes are not what they should be: one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

impl Malformed {
    pub(super) fn new(why: impl Into<String>) -> Malformed {
        Malformed(why.into())
    }
}

/// Header fields in their order; names count without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Fields of which each has a name and a value.
    pub fn of<N: Into<String>, V: Into<String>>(fields: impl IntoIterator<Item = (N, V)>) -> Headers {
        Headers(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// Reads the block before the empty line.
    pub fn parse(block: &[u8]) -> Result<Headers, Malformed> {
        if block.len() > LONGEST {
            return Err(Malformed::new(format!("the header fields are longer than {LONGEST} bytes")));
        }
        let text = String::from_utf8_lossy(block);
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)) {
            if line.is_empty() {
                continue;
            }
            if line.starts_with([' ', '\t']) {
                let Some((_, value)) = fields.last_mut() else {
                    return Err(Malformed::new("the first header field is a continuation"));
                };
                value.push(' ');
                value.push_str(line.trim());
                continue;
            }
            let Some((name, value)) = line.split_once(':') else {
                let line: String = line.chars().take(40).collect();
                return Err(Malformed::new(format!("a header field has no colon: {line:?}")));
            };
            if fields.len() == MOST {
                return Err(Malformed::new(format!("there are more than {MOST} header fields")));
            }
            fields.push((name.trim().to_owned(), value.trim().to_owned()));
        }
        Ok(Headers(fields))
    }

    /// The value of the first field of this name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Adds a field.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// Every field.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of a field with parameters, such as `Content-Type`.
    pub fn parameterized(&self, name: &str) -> Option<Parameterized> {
        self.field(name).map(Parameterized::parse)
    }

    /// The lines of these fields, each with its line end.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|(name, value)| format!("{name}: {value}\r\n").into_bytes()).collect()
    }
}

/// `multipart/signed; protocol="…"; micalg=sha-256`: a word in lower case, and parameters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameterized {
    /// What stands before the first semicolon.
    pub value: String,
    parameters: Vec<(String, String)>,
}

impl Parameterized {
    /// Reads one; what is no parameter is passed over, since peers write much that is none.
    pub fn parse(text: &str) -> Parameterized {
        let mut pieces = split_outside_quotes(text, ';').into_iter();
        let value = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
        let parameters = pieces.filter_map(|piece| {
            let (name, value) = piece.split_once('=')?;
            Some((name.trim().to_ascii_lowercase(), unquote(value.trim())))
        });
        Parameterized { value, parameters: parameters.collect() }
    }

    /// A parameter: plain, extended or in several pieces (RFC 2231).
    pub fn parameter(&self, name: &str) -> Option<String> {
        let exactly = |wanted: &str| self.parameters.iter().find(|(known, _)| known == wanted).map(|(_, value)| value);
        if let Some(extended) = exactly(&format!("{name}*")) {
            return Some(extended_value(extended));
        }
        if let Some(plain) = exactly(name) {
            return Some(plain.clone());
        }
        let mut joined = String::new();
        let mut is_extended = false;
        for number in 0..self.parameters.len() {
            if let Some(piece) = exactly(&format!("{name}*{number}")) {
                joined.push_str(piece);
            } else if let Some(piece) = exactly(&format!("{name}*{number}*")) {
                is_extended = true;
                joined.push_str(piece);
            } else {
                break;
            }
        }
        match joined.is_empty() {
            true => None,
            false => Some(if is_extended { extended_value(&joined) } else { joined }),
        }
    }
}

/// The pieces between separators that stand in no quoted string.
pub(super) fn split_outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let (mut pieces, mut start, mut is_quoted, mut is_escaped) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            c if c == separator && !is_quoted => {
                pieces.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// The text of a quoted string, or of a word that is none.
pub(super) fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"') else { return text.to_owned() };
    let (mut out, mut is_escaped) = (String::new(), false);
    for c in inner.chars() {
        match c {
            c if is_escaped => {
                out.push(c);
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            '"' => break,
            c => out.push(c),
        }
    }
    out
}

/// A text as a quoted string.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// `UTF-8''caf%C3%A9`, or whatever of it can be read.
fn extended_value(text: &str) -> String {
    let encoded = text.splitn(3, '\'').nth(2).unwrap_or(text);
    let mut bytes = Vec::new();
    let mut rest = encoded.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten().and_then(from_hex);
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(super) fn from_hex(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// A parameter as we write it: extended where it is not plain ASCII.
pub(super) fn parameter(name: &str, value: &str) -> String {
    if value.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return format!("{name}={}", quote(value));
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encoded: String = value
        .bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("{name}*=UTF-8''{encoded}")
}

/// The text of a value in which words may be encoded (`=?utf-8?B?…?=`, RFC 2047), as Java's mail library writes file names.
pub fn decoded_words(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(start) = rest.find("=?") {
        let word = &rest[start + 2..];
        let mut pieces = word.splitn(3, '?');
        let (_charset, encoding, tail) = (pieces.next(), pieces.next(), pieces.next());
        let decoded = tail.and_then(|tail| tail.split_once("?=")).and_then(|(encoded, after)| {
            let bytes = match encoding {
                Some("B" | "b") => base64::decode_block(encoded).ok()?,
                Some("Q" | "q") => super::mime::quoted_printable(encoded.replace('_', " ").as_bytes()),
                _ => return None,
            };
            Some((String::from_utf8(bytes).ok()?, after))
        });
        let Some((decoded, after)) = decoded else { break };
        // White space between two encoded words is none.
        if !rest[..start].trim().is_empty() {
            out.push_str(&rest[..start]);
        }
        out.push_str(&decoded);
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter_of(text: &str, name: &str) -> Option<String> {
        Parameterized::parse(text).parameter(name)
    }

    #[test]
    fn a_folded_field_is_one_value_and_its_name_has_no_case() {
        let headers = Headers::parse(b"Content-Type: multipart/signed;\r\n\tmicalg=sha1\r\nX:1\n").unwrap();
        assert_eq!(headers.field("CONTENT-TYPE"), Some("multipart/signed; micalg=sha1"));
        assert_eq!(headers.field("x"), Some("1"));
    }

    #[test]
    fn what_is_no_header_says_why() {
        for (block, why) in [
            (b"no colon here".as_slice(), "a header field has no colon: \"no colon here\""),
            (b" folded first", "the first header field is a continuation"),
            (&[b'a'; LONGEST + 1], "the header fields are longer than 65536 bytes"),
            ("a:1\r\n".repeat(201).as_bytes(), "there are more than 200 header fields"),
        ] {
            assert_eq!(Headers::parse(block).unwrap_err().to_string(), why);
        }
    }

    #[test]
    fn parameters_are_read_however_they_are_written() {
        for (text, expected) in [
            ("attachment; filename=a.edi", "a.edi"),
            (r#"attachment; FileName = "a;b \"c\".edi""#, "a;b \"c\".edi"),
            ("attachment; filename*=UTF-8''caf%C3%A9.edi; filename=cafe.edi", "café.edi"),
            ("attachment; filename*0=\"long \"; filename*1=name.edi", "long name.edi"),
            ("attachment; filename*0*=UTF-8''caf%C3; filename*1*=%A9", "café"),
        ] {
            assert_eq!(parameter_of(text, "filename").as_deref(), Some(expected), "{text}");
        }
        assert_eq!(parameter_of("attachment; file=a", "filename"), None);
        assert_eq!(
            parameter_of(&format!("x; {}", parameter("filename", "a\"b é.edi")), "filename").unwrap(),
            "a\"b é.edi"
        );
        assert_eq!(parameter_of(&format!("x; {}", parameter("filename", "a\"b\\c")), "filename").unwrap(), "a\"b\\c");
    }

    #[test]
    fn encoded_words_are_decoded_and_what_is_none_stays() {
        assert_eq!(decoded_words("=?UTF-8?B?Y2Fmw6k=?= =?utf-8?Q?_one=2E?= two"), "café one. two");
        assert_eq!(decoded_words("a =?x?y"), "a =?x?y");
    }
}
