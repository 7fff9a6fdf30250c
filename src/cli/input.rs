//! Files named on the command line; `-` is standard input.

use std::fs::File;
use std::io::{self, BufReader, Read};

use super::Failure;

/// Opens a file to be read as a stream.
pub fn open(name: &str) -> Result<Box<dyn Read>, Failure> {
    if name == "-" {
        return Ok(Box::new(io::stdin().lock()));
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
    let mut bytes = Vec::new();
    open(name)?.read_to_end(&mut bytes).map_err(|error| Failure::new(format!("cannot read {name}: {error}")))?;
    Ok(bytes)
}

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
