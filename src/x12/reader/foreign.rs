//! What stands where an ISA should: other formats, noise, the remains of something.

use super::byte_place;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::x12;

/// What stands where an ISA should: said so that the file's owner recognises it.
pub(super) fn not_an_interchange(bytes: &[u8], offset: u64, interchanges: u64) -> Diagnostic {
    let found = show(bytes);
    let fault = if interchanges > 0 {
        let message = format!("after the last IEA, from byte {offset} on, stands something that is no interchange");
        Diagnostic::new(&x12::TRAILING_DATA, message)
    } else if is_noise(bytes) {
        Diagnostic::new(&x12::NOISE, "the file is not text")
    } else {
        Diagnostic::new(&x12::NO_ISA, "the file does not begin with an ISA segment")
    };
    let fault = match recognise(bytes) {
        Some(hint) => fault.hint(hint),
        None => fault,
    };
    fault.expected("ISA and an element separator").found(found).at(byte_place(offset))
}

/// The first bytes in printable characters, however strange they are.
pub(super) fn show(bytes: &[u8]) -> String {
    bytes[..bytes.len().min(24)].escape_ascii().to_string()
}

fn is_noise(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(256)];
    let strange = head.iter().filter(|&&byte| byte >= 0x80).count();
    head.iter().any(|&byte| byte < b'\t') || strange * 3 > head.len()
}

fn recognise(bytes: &[u8]) -> Option<&'static str> {
    let signatures: [(&[u8], &str); 12] = [
        (b"PK\x03\x04", "this looks like a ZIP archive: unpack it before it is handed over"),
        (b"\x1f\x8b", "this looks like gzip data: unpack it before it is handed over"),
        (b"%PDF", "this looks like a PDF: the partner sent a document for people, not EDI"),
        (b"\xff\xfe", "this looks like UTF-16 text: the sender must write one byte for each character"),
        (b"\xfe\xff", "this looks like UTF-16 text: the sender must write one byte for each character"),
        (b"I\0S\0A\0", "this looks like UTF-16 text: the sender must write one byte for each character"),
        (b"-----BEGIN", "this looks encrypted or signed: decrypt it before it is handed over"),
        (b"UNA", "this looks like EDIFACT, which is another standard than X12"),
        (b"UNB", "this looks like EDIFACT, which is another standard than X12"),
        (b"<", "this looks like XML or HTML: check which folder or endpoint it was meant for"),
        (b"GS", "the ISA is missing: the file begins with its functional group"),
        (b"ST", "the envelope is missing: the file begins with a transaction set"),
    ];
    signatures.into_iter().find(|(signature, _)| bytes.starts_with(signature)).map(|(_, hint)| hint)
}
