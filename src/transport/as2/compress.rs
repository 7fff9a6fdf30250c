//! Compressed data (RFC 3274 in an AS2 message, RFC 5402).
//!
//! ```text
//! ContentInfo { compressedData, [0] { 0, { zlib }, { data, [0] OCTETS } } }    <->    the MIME entity that is in it
//! ```
//!
//! In: untrusted bytes. Out: what was compressed, or why not. A message that would grow beyond a limit is given up in the
//! middle, before it fills the memory.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};

use super::ber::{self, CONTEXT_0, INTEGER, OCTETS, OID, Reader, SEQUENCE};
use super::header::Malformed;

/// 1.2.840.113549.1.9.16.1.9
pub(super) const COMPRESSED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x09];
/// 1.2.840.113549.1.9.16.3.8
const ZLIB: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x03, 0x08];
/// 1.2.840.113549.1.7.1
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];

/// How far compressed data may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// Bytes, whatever the ratio.
    pub most: u64,
    /// How many times larger than it was compressed.
    pub ratio: u64,
    /// Up to this size the ratio does not count: a few hundred repeated lines are no bomb.
    pub free: u64,
}

impl Default for Growth {
    fn default() -> Growth {
        Growth { most: 1 << 30, ratio: 200, free: 16 << 20 }
    }
}

/// Compresses bytes.
pub fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 3 + 64), Compression::default());
    // Writing into a vector does not fail.
    let zlib = encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default();
    let content = ber::write(CONTEXT_0, &[&ber::write(OCTETS, &[&zlib])]);
    let encapsulated = ber::write(SEQUENCE, &[&ber::write(OID, &[DATA]), &content]);
    let algorithm = ber::write(SEQUENCE, &[&ber::write(OID, &[ZLIB])]);
    let version = ber::write(INTEGER, &[&[0]]);
    let compressed = ber::write(SEQUENCE, &[&version, &algorithm, &encapsulated]);
    let explicit = ber::write(CONTEXT_0, &[&compressed]);
    ber::write(SEQUENCE, &[&ber::write(OID, &[COMPRESSED_DATA]), &explicit])
}

/// What was compressed.
pub fn expand(der: &[u8], growth: Growth) -> Result<Vec<u8>, Malformed> {
    let mut info = Reader::of(der).expect(SEQUENCE)?.inside();
    if info.expect(OID)?.contents != COMPRESSED_DATA {
        return Err(Malformed::new("the message is no compressed data"));
    }
    let mut compressed = info.expect(CONTEXT_0)?.inside().expect(SEQUENCE)?.inside();
    compressed.expect(INTEGER)?;
    if compressed.expect(SEQUENCE)?.inside().expect(OID)?.contents != ZLIB {
        return Err(Malformed::new("the message is compressed by another method than zlib"));
    }
    let mut encapsulated = compressed.expect(SEQUENCE)?.inside();
    encapsulated.expect(OID)?;
    let content = encapsulated.expect(CONTEXT_0)?.inside().element()?;
    let content = content.ok_or_else(|| Malformed::new("the compressed message is empty"))?;
    inflate(&ber::octets(content, OCTETS)?, growth)
}

fn inflate(pieces: &[&[u8]], growth: Growth) -> Result<Vec<u8>, Malformed> {
    let size: u64 = pieces.iter().map(|piece| piece.len() as u64).sum();
    let most = growth.most.min(growth.free.max(size.saturating_mul(growth.ratio)));
    let mut inflater = Decompress::new(true);
    let mut out = Vec::with_capacity(usize::try_from(size.saturating_mul(4).min(most).min(64 << 20)).unwrap_or(0));
    for piece in pieces {
        let mut rest = *piece;
        loop {
            if out.len() == out.capacity() {
                out.reserve((out.len() / 2).max(32 << 10));
            }
            let (read, written) = (inflater.total_in(), inflater.total_out());
            let status = inflater.decompress_vec(rest, &mut out, FlushDecompress::None);
            let status = status.map_err(|_| Malformed::new("what should be zlib data is none"))?;
            // A piece is never longer than memory.
            rest = &rest[(inflater.total_in() - read) as usize..];
            if out.len() as u64 > most {
                let size = size.max(1);
                return Err(Malformed::new(format!(
                    "{size} compressed bytes grow beyond {most}, which is as far as they may"
                )));
            }
            let is_stuck = inflater.total_in() == read && inflater.total_out() == written;
            match status {
                Status::StreamEnd => return Ok(out),
                _ if rest.is_empty() && out.len() < out.capacity() => break,
                _ if is_stuck && out.len() < out.capacity() => break,
                _ => {}
            }
        }
    }
    Err(Malformed::new("the compressed data ends in the middle"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_LIMIT: Growth = Growth { most: u64::MAX, ratio: u64::MAX, free: u64::MAX };

    #[test]
    fn what_was_compressed_comes_back() {
        for bytes in [Vec::new(), b"ISA*00*".to_vec(), b"PO1*1*10*EA*5.50**UP*0123~".repeat(20_000)] {
            assert_eq!(expand(&compress(&bytes), Growth::default()).unwrap(), bytes);
        }
    }

    #[test]
    fn pieces_of_indefinite_length_are_one_stream() {
        let der = compress(&b"abcdefgh".repeat(1000));
        let (plain, zlib) = (b"abcdefgh".repeat(1000), {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&b"abcdefgh".repeat(1000)).unwrap();
            encoder.finish().unwrap()
        });
        let pieces: Vec<u8> = zlib.chunks(5).flat_map(|piece| ber::write(OCTETS, &[piece])).collect();
        let indefinite = |tag: u8, parts: &[&[u8]]| [&[tag, 0x80], parts.concat().as_slice(), &[0, 0]].concat();
        let content = indefinite(CONTEXT_0, &[&indefinite(OCTETS | 0x20, &[&pieces])]);
        let encapsulated = indefinite(SEQUENCE, &[&ber::write(OID, &[DATA]), &content]);
        let algorithm = ber::write(SEQUENCE, &[&ber::write(OID, &[ZLIB])]);
        let compressed = indefinite(SEQUENCE, &[&[2, 1, 0], &algorithm, &encapsulated]);
        let whole =
            indefinite(SEQUENCE, &[&ber::write(OID, &[COMPRESSED_DATA]), &indefinite(CONTEXT_0, &[&compressed])]);
        assert_eq!(expand(&whole, NO_LIMIT).unwrap(), plain);
        assert_eq!(expand(&der, NO_LIMIT).unwrap(), plain);
    }

    #[test]
    fn a_bomb_is_given_up_by_its_ratio_and_by_its_size() {
        let bomb = compress(&vec![0; 1 << 20]);
        let ratio = Growth { most: u64::MAX, ratio: 100, free: 10_000 };
        assert!(expand(&bomb, ratio).unwrap_err().to_string().contains("grow beyond"), "1000 times");
        let size = Growth { most: 100_000, ratio: u64::MAX, free: 0 };
        assert!(expand(&bomb, size).unwrap_err().to_string().contains("grow beyond 100000"));
        assert_eq!(expand(&bomb, Growth { free: 1 << 20, ..ratio }).unwrap().len(), 1 << 20, "small enough to be none");
    }

    #[test]
    fn half_of_it_is_none_of_it() {
        let der = compress(&(0..2000_u32).flat_map(u32::to_be_bytes).collect::<Vec<u8>>());
        assert!(expand(&der[..der.len() - 9], NO_LIMIT).is_err());
        let mut broken = der.clone();
        let middle = der.len() / 2;
        broken[middle] ^= 0xff;
        assert!(expand(&broken, NO_LIMIT).is_err());
        assert!(expand(b"nothing", NO_LIMIT).is_err());
    }
}
