//! Bytes by their sha256.

use std::fs;
use std::path::PathBuf;

use super::{Books, at};
use crate::ledger::transmission::{Direction, NewTransmission, TransmissionState};
use crate::ledger::verify::Contents;
use crate::ledger::{Content, Error, Id};

const LARGE: usize = (64 << 10) + 1;

fn keep(books: &Books, content: Content) -> Id {
    books.write(move |tx| {
        tx.record_transmission(&NewTransmission {
            direction: Direction::In,
            partner: "mega".to_owned(),
            endpoint: "folder".to_owned(),
            name: "a.edi".to_owned(),
            claim: None,
            message_id: None,
            content,
            at: at(0),
            state: TransmissionState::Captured,
        })
    })
}

fn take_in(books: &Books, bytes: &[u8]) -> Content {
    let path = books.home.path().join("arrived");
    fs::write(&path, bytes).unwrap();
    books.ledger.archive().take_in(&path).unwrap()
}

/// Bytes that no compressor makes fewer.
fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..size)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .collect()
}

/// An X12 order with so many lines.
fn order_file(lines: usize) -> Vec<u8> {
    let line = |number| format!("PO1*{number:03}*24*EA*3.61*PE*UP*0614141000{number:03}~PID*F****RED WIDGET {number}~");
    (0..lines).map(line).collect::<String>().into_bytes()
}

/// The one file of the archive is replaced by these bytes, compressed, under the name of a compressed file.
fn replace_with_frame(books: &Books, bytes: &[u8]) {
    fs::write(&archived(books)[0], zstd::encode_all(bytes, 1).unwrap()).unwrap();
}

fn archived(books: &Books) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for directory in fs::read_dir(books.home.path().join("archive")).unwrap() {
        files.extend(fs::read_dir(directory.unwrap().path()).unwrap().map(|file| file.unwrap().path()));
    }
    files
}

fn faults(books: &Books) -> Vec<String> {
    books.read(|tx| tx.verify(Contents::Too)).faults
}

#[test]
fn bytes_of_any_size_come_back_however_they_came() {
    for size in [0, 1, LARGE - 1, LARGE, 3 << 20] {
        let bytes: Vec<u8> = (0..size).map(|place| (place % 251) as u8).collect();
        let books = Books::new();
        let contents = [Content::in_memory(bytes.clone()), take_in(&books, &bytes)];
        for content in contents {
            assert_eq!(content.size(), size as u64);
            let sha256 = content.sha256().to_owned();
            keep(&books, content);
            assert!(books.read(|tx| tx.content(&sha256)) == bytes, "{size} bytes");
        }
        assert_eq!(archived(&books).len(), usize::from(size >= LARGE), "{size} bytes");
        assert_eq!(books.spooled(), 0, "{size} bytes");
        assert_eq!(faults(&books), Vec::<String>::new());
    }
}

#[test]
fn the_same_bytes_are_stored_once() {
    let books = Books::new();
    for bytes in [vec![7; 9], vec![7; 9], vec![7; LARGE], vec![7; LARGE]] {
        let content = take_in(&books, &bytes);
        keep(&books, content);
    }
    assert_eq!(books.count("SELECT COUNT(*) FROM content WHERE encoding <> 'file'"), 1);
    assert_eq!(archived(&books).len(), 1);
    assert_eq!(books.count("SELECT COUNT(*) FROM transmission"), 4);
}

#[test]
fn small_bytes_of_an_undone_write_are_undone() {
    let books = Books::new();
    let undone = books.ledger.write(|tx| {
        tx.keep(&Content::in_memory(vec![7; 9]), &Id::new(), false)?;
        Err::<(), _>(Error::Unexpected("no".to_owned()))
    });
    assert!(undone.is_err());
    assert_eq!(books.count("SELECT COUNT(*) FROM content"), 0);
}

#[test]
fn an_archived_file_that_was_changed_is_found_on_reading_and_by_the_proof() {
    let books = Books::new();
    let content = take_in(&books, &noise(LARGE));
    let sha256 = content.sha256().to_owned();
    keep(&books, content);
    let mut bytes = noise(LARGE);
    bytes[LARGE / 2] ^= 1;
    fs::write(&archived(&books)[0], bytes).unwrap();
    let told = books.ledger.read(|tx| tx.content(&sha256)).unwrap_err();
    assert!(matches!(told, Error::Damaged { .. }), "{told}");
    let faults = faults(&books);
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with(&format!("the archived bytes {sha256} were changed or are missing: ")), "{faults:?}");
}

#[test]
fn an_archived_file_that_is_gone_is_found_on_reading_and_by_the_proof() {
    let books = Books::new();
    let content = take_in(&books, &vec![7; LARGE]);
    let sha256 = content.sha256().to_owned();
    keep(&books, content);
    fs::remove_file(&archived(&books)[0]).unwrap();
    assert!(matches!(books.ledger.read(|tx| tx.content(&sha256)), Err(Error::Damaged { .. })));
    assert_eq!(faults(&books).len(), 1);
}

#[test]
fn small_bytes_that_were_changed_or_are_gone_are_found_too() {
    let changed = if Books::new().is_sqlite() { "x'00'" } else { "'\\x00'" };
    for sql in
        [&format!("UPDATE content SET bytes = {changed}"), "DELETE FROM content", "UPDATE transmission SET sha256 = ''"]
    {
        let books = Books::new();
        keep(&books, Content::in_memory(vec![7; 9]));
        books.tamper(sql);
        assert_eq!(faults(&books).len(), 1, "{sql}");
    }
}

#[test]
fn bytes_that_come_again_mend_a_damaged_file() {
    let books = Books::new();
    let content = take_in(&books, &vec![7; LARGE]);
    keep(&books, content);
    fs::write(&archived(&books)[0], "").unwrap();
    let content = take_in(&books, &vec![7; LARGE]);
    keep(&books, content);
    assert_eq!(faults(&books), Vec::<String>::new());
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_leaves_nothing() {
    let books = Books::new();
    let path = books.home.path().join("not-there");
    let told = books.ledger.archive().take_in(&path).unwrap_err().to_string();
    assert!(told.starts_with(&format!("cannot read {}: ", path.display())), "{told}");
    assert_eq!(books.spooled(), 0);
}

#[test]
fn the_spool_is_cleared_of_what_a_crash_left() {
    let books = Books::new();
    fs::write(books.home.path().join("spool").join("half"), "ISA*").unwrap();
    books.ledger.archive().clear_spool().unwrap();
    assert_eq!(books.spooled(), 0);
}

#[test]
fn what_shrinks_is_stored_compressed_and_what_does_not_is_stored_as_it_is() {
    for (bytes, encoding) in [(order_file(10), "zstd"), (order_file(1), "plain"), (noise(4000), "plain")] {
        let books = Books::new();
        keep(&books, take_in(&books, &bytes));
        assert_eq!(books.texts("SELECT encoding FROM content"), [encoding], "{} bytes", bytes.len());
        let stored = books.read(|tx| tx.query_one("SELECT bytes FROM content", &[])?.unwrap().bytes(0)).len();
        assert_eq!(stored < bytes.len() / 2, encoding == "zstd", "{stored} of {} bytes", bytes.len());
    }
    for (bytes, compressed) in [(order_file(9000), true), (noise(LARGE), false)] {
        let books = Books::new();
        keep(&books, take_in(&books, &bytes));
        let file = archived(&books).remove(0);
        assert_eq!(file.extension().is_some_and(|ending| ending == "zst"), compressed);
        assert_eq!(fs::metadata(file).unwrap().len() < bytes.len() as u64 / 3, compressed);
    }
}

#[test]
fn bytes_that_an_earlier_build_kept_are_read_as_they_are() {
    let books = Books::new();
    let (few, many) = (order_file(20), order_file(9000));
    for bytes in [&few, &many] {
        keep(&books, take_in(&books, bytes));
    }
    let name = |bytes: &[u8]| Content::in_memory(bytes.to_vec()).sha256().to_owned();
    // The first schema had neither encoding nor size, and no row for a file.
    fs::remove_file(&archived(&books)[0]).unwrap();
    fs::write(books.home.path().join("archive").join(&name(&many)[..2]).join(name(&many)), &many).unwrap();
    let plain: String = few.iter().map(|byte| format!("{byte:02x}")).collect();
    let plain = if books.is_sqlite() { format!("x'{plain}'") } else { format!("'\\x{plain}'") };
    books.tamper(&format!(
        "DELETE FROM content; INSERT INTO content (sha256, bytes) VALUES ('{}', {plain})",
        name(&few)
    ));
    for bytes in [&few, &many] {
        assert!(books.read(|tx| tx.content(&name(bytes))) == *bytes);
    }
    assert_eq!(faults(&books), Vec::<String>::new());
    keep(&books, take_in(&books, &many));
    assert_eq!(archived(&books).len(), 1, "the compressed file took the plain one's place");
    assert!(books.read(|tx| tx.content(&name(&many))) == many);
}

#[test]
fn a_frame_with_more_bytes_than_were_taken_in_is_given_up_at_once() {
    let books = Books::new();
    let bytes = order_file(2000);
    let content = take_in(&books, &bytes);
    let sha256 = content.sha256().to_owned();
    keep(&books, content);
    replace_with_frame(&books, &vec![0; 200 << 20]);
    let mut unpacked = 0;
    let mut stream = books.read(|tx| tx.open_content(&sha256));
    let mut chunk = vec![0; 64 << 10];
    let told = loop {
        match std::io::Read::read(&mut stream, &mut chunk) {
            Ok(read) => unpacked += read,
            Err(error) => break error.to_string(),
        }
    };
    assert!(told.contains("more than were taken in"), "{told}");
    assert!(unpacked <= bytes.len(), "{unpacked} bytes were let through");
}

#[test]
fn a_compressed_file_that_was_cut_or_changed_is_found() {
    let bytes = order_file(2000);
    for damage in [
        |frame: &mut Vec<u8>| frame.truncate(frame.len() / 2),
        |frame: &mut Vec<u8>| frame.clear(),
        |frame: &mut Vec<u8>| frame.extend(b"more"),
        |frame: &mut Vec<u8>| *frame = zstd::encode_all(&b"other bytes"[..], 1).unwrap(),
    ] {
        let books = Books::new();
        let content = take_in(&books, &bytes);
        let sha256 = content.sha256().to_owned();
        keep(&books, content);
        let file = archived(&books).remove(0);
        let mut frame = fs::read(&file).unwrap();
        damage(&mut frame);
        fs::write(&file, frame).unwrap();
        let told = books.ledger.read(|tx| tx.content(&sha256)).unwrap_err();
        assert!(matches!(told, Error::Damaged { .. }), "{told}");
        assert_eq!(faults(&books).len(), 1);
    }
}

/// Compressing must not cost more than it saves: an order of 700 bytes is smaller by a third, in microseconds.
#[test]
fn the_order_of_the_samples_shrinks_by_a_third() {
    let bytes = include_bytes!("../../../samples/megamart/850_101.edi");
    let books = Books::new();
    keep(&books, Content::in_memory(bytes.to_vec()));
    let stored = books.read(|tx| tx.query_one("SELECT bytes FROM content", &[])?.unwrap().bytes(0)).len();
    assert!(stored * 3 < bytes.len() * 2, "{stored} of {} bytes", bytes.len());
}
