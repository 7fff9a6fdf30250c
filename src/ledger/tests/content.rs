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
    assert_eq!(books.count("SELECT COUNT(*) FROM content"), 1);
    assert_eq!(archived(&books).len(), 1);
    assert_eq!(books.count("SELECT COUNT(*) FROM transmission"), 4);
}

#[test]
fn small_bytes_of_an_undone_write_are_undone() {
    let books = Books::new();
    let undone = books.ledger.write(|tx| {
        tx.keep(&Content::in_memory(vec![7; 9]))?;
        Err::<(), _>(Error::Unexpected("no".to_owned()))
    });
    assert!(undone.is_err());
    assert_eq!(books.count("SELECT COUNT(*) FROM content"), 0);
}

#[test]
fn an_archived_file_that_was_changed_is_found_on_reading_and_by_the_proof() {
    let books = Books::new();
    let content = take_in(&books, &vec![7; LARGE]);
    let sha256 = content.sha256().to_owned();
    keep(&books, content);
    let mut bytes = vec![7; LARGE];
    bytes[LARGE / 2] = 8;
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
