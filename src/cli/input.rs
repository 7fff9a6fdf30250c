//! Files named on the command line; `-` is standard input.

use std::fs::File;
use std::io::{self, BufReader, Read};

use super::Failure;

/// Opens a file to be read as a stream.
pub fn open(name: &str) -> Result<Box<dyn Read + Send>, Failure> {
    if name == "-" {
        return Ok(Box::new(io::stdin()));
    }
    let path = std::path::Path::new(name);
    if path.is_dir() {
        return Err(Failure::new(format!("{name} is a directory")).hint(format!("name the files in it: {name}/*")));
    }
    let file = File::open(path).map_err(|error| Failure::new(format!("cannot open {name}: {error}")))?;
    Ok(Box::new(BufReader::with_capacity(256 << 10, file)))
}

/// Reads a whole file.
pub fn read(name: &str) -> Result<Vec<u8>, Failure> {
    read_all(open(name)?, name)
}

/// Reads what is left of an opened file.
pub fn read_all(mut source: impl Read, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).map_err(|error| Failure::new(format!("cannot read {name}: {error}")))?;
    Ok(bytes)
}

/// Opens a file to be read as a stream, knowing by its first bytes what it is.
pub fn open_known(name: &str) -> Result<(Format, Box<dyn Read + Send>), Failure> {
    let mut source = open(name)?;
    let head = read_all((&mut source).take(HEAD), name)?;
    Ok((format_of(&head), Box::new(io::Cursor::new(head).chain(source))))
}

/// How much of a file is looked at to know it.
const HEAD: u64 = 1024;

/// What a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// X12, or nothing that is known.
    X12,
    /// Canonical JSON.
    Json,
}

/// Looks at the first bytes that are not space.
pub fn format_of(bytes: &[u8]) -> Format {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{' | b'[') => Format::Json,
        _ => Format::X12,
    }
}
