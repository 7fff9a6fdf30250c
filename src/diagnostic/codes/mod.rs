//! The catalogue of diagnostic codes, one file per area; `edigate explain CODE` prints an entry.
//!
//! A code is a `pub static` with a telling name; its text is for the person who reads it at six in the
//! morning. Adding one: write it in its area's file and add it to that file's `ALL`. A test sees to it
//! that every code is listed, unique and complete.

pub mod x12;
pub mod files;
pub mod document;
pub mod books;
pub mod clock;
pub mod reconcile;
pub mod custody;
pub mod alerts;
pub mod wire;
pub mod web;
pub mod poll;
pub mod as2;
pub mod config;

use super::Meaning;

/// Every code of every area, in the order of the reference page.
pub fn all() -> impl Iterator<Item = &'static Meaning> {
    let areas = [
        x12::ALL,
        files::ALL,
        document::ALL,
        books::ALL,
        clock::ALL,
        reconcile::ALL,
        custody::ALL,
        alerts::ALL,
        wire::ALL,
        web::ALL,
        poll::ALL,
        as2::ALL,
        config::ALL,
    ];
    areas.into_iter().flatten().copied()
}

/// The meaning of a code, however it is capitalised.
pub fn find(code: &str) -> Option<&'static Meaning> {
    all().find(|meaning| meaning.code.eq_ignore_ascii_case(code.trim()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_is_unique_and_well_formed() {
        let mut seen = HashSet::new();
        for meaning in all() {
            assert!(seen.insert(meaning.code), "{} is used twice", meaning.code);
            let (area, rest) = meaning.code.split_once('-').unwrap_or_default();
            let is_area =
                area.len() == 3 && area.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            let is_number = rest.len() == 4 && rest[1..].bytes().all(|byte| byte.is_ascii_digit());
            assert!(
                is_area && is_number && "EWN".contains(&rest[..1]),
                "{} is not of the form AREA-E001",
                meaning.code
            );
        }
    }

    #[test]
    fn every_code_explains_itself() {
        for meaning in all() {
            let texts = [meaning.title, meaning.meaning, meaning.cause, meaning.fix];
            assert!(texts.iter().all(|text| !text.trim().is_empty()), "{} leaves something empty", meaning.code);
            assert!(!meaning.title.ends_with('.'), "{}: a title has no full stop", meaning.code);
        }
    }

    #[test]
    fn a_code_is_found_however_it_is_written() {
        assert_eq!(find(" cap-e012 ").map(|meaning| meaning.code), Some("CAP-E012"));
        assert!(find("CAP-E999").is_none());
    }

    /// A code that is written in a file but not listed cannot be explained to anyone.
    #[test]
    fn every_code_that_is_declared_is_listed() {
        let sources = [
            include_str!("x12.rs"),
            include_str!("files.rs"),
            include_str!("document.rs"),
            include_str!("books.rs"),
            include_str!("clock.rs"),
            include_str!("reconcile.rs"),
            include_str!("custody.rs"),
            include_str!("alerts.rs"),
            include_str!("wire.rs"),
            include_str!("web.rs"),
            include_str!("poll.rs"),
            include_str!("as2.rs"),
            include_str!("config.rs"),
        ];
        let declared =
            sources.iter().flat_map(|source| source.lines()).filter(|line| line.trim_start().starts_with("code: \""));
        assert_eq!(declared.count(), all().count());
    }
}
