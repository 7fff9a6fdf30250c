//! Public X12 files of other people's test suites, and what edigate says of each: one reviewed line in `corpus/results.txt`.
//!
//! The files themselves are not here; `EDIGATE_CORPUS` names the directory that holds them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use edigate::diagnostic::Severity;
use edigate::x12::examine::{Report, SetVerdict, examine};
use edigate::x12::guide::Library;
use edigate::x12::reader::{Part, Reader};
use edigate::{normalize, render};

/// Each line: file; interchanges, groups and sets; verdict; codes with their counts. Lines with `#` say why the line
/// below them is right.
const REVIEWED: &str = include_str!("corpus/results.txt");

/// What edigate says of a file, as a line of the table without its name.
fn result(bytes: &[u8]) -> String {
    let report = examine(bytes, None, &Library::standard_for, &mut |_| {}).unwrap();
    let groups = || report.interchanges.iter().flat_map(|one| &one.groups);
    let sets: usize = groups().map(|group| group.sets.len()).sum();
    let mut codes = BTreeMap::new();
    for fault in report.all_diagnostics() {
        *codes.entry(fault.code.code.trim_start_matches("X12-")).or_insert(0) += 1;
    }
    let codes: Vec<String> = codes.into_iter().map(|(code, count)| format!("{code} x{count}")).collect();
    let counts = format!("{} {} {sets}", report.interchanges.len(), groups().count());
    let codes = if codes.is_empty() { "-".to_owned() } else { codes.join(", ") };
    format!("{counts} | {} | {codes}", verdict(&report))
}

/// One word for a file: its worst.
fn verdict(report: &Report) -> String {
    let sets: Vec<SetVerdict> = report
        .interchanges
        .iter()
        .flat_map(|one| {
            let rejected = one.is_rejected();
            let sets = one.groups.iter().flat_map(|group| &group.sets);
            sets.map(move |set| if rejected { SetVerdict::Rejected } else { set.verdict })
        })
        .collect();
    let rejected = sets.iter().filter(|verdict| **verdict == SetVerdict::Rejected).count();
    let worst = report.all_diagnostics().map(|fault| fault.severity()).max();
    match worst {
        _ if report.interchanges.is_empty() => "unreadable".to_owned(),
        Some(Severity::Error) if rejected < sets.len() => format!("rejected {rejected} of {}", sets.len()),
        Some(Severity::Error) => "rejected".to_owned(),
        Some(Severity::Warning) => "with errors".to_owned(),
        Some(Severity::Note) | None => "accepted".to_owned(),
    }
}

/// Every segment stands where it says, and every element within the file.
fn assert_offsets_hold(name: &str, bytes: &[u8]) {
    let mut reader = Reader::new(bytes);
    while let Some(part) = reader.next().unwrap() {
        let Part::Set(set) = part else { continue };
        for segment in set.segments() {
            assert_eq!(bytes[segment.offset() as usize], segment.raw()[0], "{name}");
            for number in 1..=segment.element_count() {
                let from = segment.element_offset(number) as usize;
                assert!(begins_with(&bytes[from..], segment.element(number)), "{name}: {} {number}", segment.tag());
            }
        }
    }
}

/// As it was written, or with line breaks in it that wrapping has put there.
fn begins_with(bytes: &[u8], element: &[u8]) -> bool {
    let mut flat = bytes.iter().filter(|byte| !matches!(byte, b'\r' | b'\n'));
    bytes.starts_with(element) || element.iter().all(|byte| flat.next() == Some(byte))
}

/// The X12 files below a directory, as paths from there.
fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|ending| ending != "tsv") {
                found.push(path.strip_prefix(root).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_file_of_the_corpus_comes_to_its_reviewed_result() {
    let Some(root) = std::env::var_os("EDIGATE_CORPUS").map(PathBuf::from) else {
        eprintln!("EDIGATE_CORPUS is not set: no corpus was read");
        return;
    };
    let reviewed: BTreeMap<&str, &str> = REVIEWED
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(" | ").expect("a line has its name first"))
        .collect();
    let mut differences = Vec::new();
    let mut names = Vec::new();
    for path in files(&root) {
        let bytes = fs::read(root.join(&path)).unwrap();
        let name = path.to_str().unwrap().to_owned();
        assert_offsets_hold(&name, &bytes);
        let found = result(&bytes);
        match reviewed.get(name.as_str()) {
            Some(expected) if *expected == found => {}
            Some(expected) => differences.push(format!("- {name} | {expected}\n+ {name} | {found}")),
            None => differences.push(format!("+ {name} | {found}")),
        }
        names.push(name);
    }
    let missing = reviewed.keys().filter(|name| !names.iter().any(|found| found == **name));
    differences.extend(missing.map(|name| format!("- {name} | {} (no such file)", reviewed[name])));
    assert!(differences.is_empty(), "what edigate says differs from the table:\n{}", differences.join("\n"));
}

/// Whatever edigate has a document for is read into one, comes back from its JSON, and nothing panics.
#[test]
fn every_set_of_the_corpus_that_has_a_document_is_read_into_it() {
    let Some(root) = std::env::var_os("EDIGATE_CORPUS").map(PathBuf::from) else {
        eprintln!("EDIGATE_CORPUS is not set: no corpus was read");
        return;
    };
    let mut read: BTreeMap<String, usize> = BTreeMap::new();
    for path in files(&root) {
        let bytes = fs::read(root.join(&path)).unwrap();
        let name = path.to_str().unwrap();
        let mut documents = Vec::new();
        examine(&bytes[..], Some(name), &Library::standard_for, &mut |set| {
            let (document, diagnostics) =
                set.checked.map(|checked| normalize::x12::document(checked, Some(name))).unzip();
            assert!(diagnostics.iter().flatten().all(|one| one.place.file.as_deref() == Some(name)), "{name}");
            documents.extend(document.flatten());
        })
        .unwrap();
        for document in documents {
            let (again, said) = normalize::json::canonical(&render::json::canonical(&document), "c.json");
            assert!(said.is_empty(), "{name}: {}", said[0]);
            assert_eq!(again, std::slice::from_ref(&document), "{name}");
            *read.entry(document.kind().name().to_owned()).or_insert(0) += 1;
        }
    }
    for kind in ["order", "shipment", "invoice", "remittance", "application_advice"] {
        assert!(read.contains_key(kind), "the corpus has no {kind} that can be read: {read:?}");
    }
}
