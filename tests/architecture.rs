//! The house keeps its shape: arrows point down, and pure rooms do no I/O.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, from the top floor down. A room may use rooms on lower floors, and itself.
const FLOORS: [&[&str]; 9] = [
    &["cli"],
    &["daemon"],
    &["web"],
    &["capture", "normalize", "route", "render", "deliver", "reconcile", "alert"],
    &["transport", "ledger"],
    &["config"],
    &["document", "x12"],
    &["diagnostic"],
    &["crash"],
];

/// `x12` builds on nothing but `diagnostic`; `document` likewise: neither may know the other.
const PURE: [&str; 7] = ["diagnostic", "document", "x12", "normalize", "route", "render", "alert"];

/// Pure parts of rooms that are not: a protocol apart from its wire, rules apart from where they are kept, what disagrees from the
/// books that keep it.
const PURE_PARTS: [&str; 10] = [
    "src/transport/as2/",
    "src/config/clock/",
    "src/reconcile/clock/",
    "src/reconcile/lines.rs",
    "src/reconcile/matrix.rs",
    "src/reconcile/matrix/",
    "src/reconcile/bills.rs",
    "src/reconcile/findings",
    "src/reconcile/parity.rs",
    "src/reconcile/prices.rs",
];

/// What a pure room may not mention outside its tests.
const IMPURE: [&str; 14] = [
    "tokio",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "Timestamp::now",
    "Zoned::now",
    "uuid",
    "tracing",
    "static mut",
    "println!",
];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// The code files of a directory and those below, in order.
fn source_files(directory: &Path) -> Vec<PathBuf> {
    all_sources(directory).into_iter().filter(|path| !is_test(path)).collect()
}

fn all_sources(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(all_sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Tests in files of their own (`tests.rs`, `tests/…`) may use whatever they need.
fn is_test(path: &Path) -> bool {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap_or(path);
    below.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
}

/// The code of a file without its tests and comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let before_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
    before_tests.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn room_of(path: &Path, source: &Path) -> String {
    let first = path.strip_prefix(source).unwrap().components().next().unwrap();
    Path::new(first.as_os_str()).file_stem().unwrap().to_string_lossy().into_owned()
}

/// Every `crate::room` that a text mentions, in `use` lines and in paths.
fn rooms_used(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => {
                let group = group.split('}').next().unwrap_or_default();
                rooms
                    .extend(group.split(',').map(|item| item.trim().split("::").next().unwrap_or_default().to_owned()));
            }
            None => {
                rooms.push(rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned())
            }
        }
    }
    rooms.retain(|room| !room.is_empty());
    rooms
}

/// A message per arrow that points up or sideways.
fn wrong_arrows(room: &str, code: &str) -> Vec<String> {
    let Some(from) = floor(room) else { return Vec::new() };
    rooms_used(code)
        .into_iter()
        .filter(|used| used != room && floor(used).is_none_or(|to| to <= from))
        .map(|used| format!("{room} uses {used}"))
        .collect()
}

#[test]
fn arrows_point_down() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for path in source_files(&source) {
        let room = room_of(&path, &source);
        if ["main", "lib"].contains(&room.as_str()) {
            continue;
        }
        assert!(floor(&room).is_some(), "{} is in no room of the map in src/lib.rs", path.display());
        wrong.extend(wrong_arrows(&room, &code(&path)).into_iter().map(|arrow| format!("{}: {arrow}", path.display())));
    }
    assert!(wrong.is_empty(), "arrows that point up or sideways:\n{}", wrong.join("\n"));
}

#[test]
fn pure_rooms_do_no_io() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let parts = PURE_PARTS.map(|part| Path::new(env!("CARGO_MANIFEST_DIR")).join(part));
    let is_part = |path: &PathBuf| parts.iter().any(|part| path.starts_with(part));
    let is_pure = |path: &PathBuf| PURE.contains(&room_of(path, &source).as_str()) || is_part(path);
    for part in &parts {
        assert!(part.exists(), "{} is where it was", part.display());
    }
    for path in source_files(&source).into_iter().filter(is_pure) {
        let code = code(&path);
        wrong.extend(
            IMPURE.iter().filter(|word| code.contains(**word)).map(|word| format!("{}: {word}", path.display())),
        );
    }
    assert!(wrong.is_empty(), "pure rooms that do I/O:\n{}", wrong.join("\n"));
}

/// The names of the libraries in a manifest's `[dependencies]`.
fn libraries(manifest: &str) -> Vec<String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest)).unwrap();
    let section = text.split("[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let lines = section.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(" = ")).map(|(name, _)| name.replace('-', "_")).collect()
}

/// `fuzz/` compiles these rooms by themselves.
#[test]
fn what_is_fuzzed_is_built_with_every_library_that_it_uses() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let has = libraries("fuzz/Cargo.toml");
    let mut missing = Vec::new();
    for path in ["x12", "diagnostic"].iter().flat_map(|room| source_files(&source.join(room))) {
        let code = code(&path);
        let used = libraries("Cargo.toml").into_iter().filter(|name| code.contains(&format!("{name}::")));
        missing.extend(used.filter(|name| !has.contains(name)).map(|name| format!("{name} in {}", path.display())));
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// The README says with the name of a test how each promise is kept.
#[test]
fn every_test_that_the_readme_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let promises = readme.lines().filter(|line| line.starts_with("| **"));
    let names: Vec<&str> = promises
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|name| name.contains('_') && !name.contains(['/', ' ', '.']))
        .collect();
    assert!(names.len() >= 12, "the table of promises names {} tests", names.len());
    let mut sources = String::new();
    for directory in ["src", "tests"] {
        for path in all_sources(&root.join(directory)) {
            sources.push_str(&fs::read_to_string(path).unwrap());
        }
    }
    for name in names {
        assert!(sources.contains(&format!("fn {name}(")), "the README names a test that is not there: {name}");
    }
}

#[test]
fn the_test_itself_sees_an_arrow_that_points_up() {
    assert_eq!(wrong_arrows("x12", "use crate::ledger::Ledger;"), ["x12 uses ledger"]);
    assert_eq!(wrong_arrows("capture", "use crate::deliver;"), ["capture uses deliver"]);
    assert_eq!(wrong_arrows("route", "use crate::{config::Config, daemon::Clock};"), ["route uses daemon"]);
    assert!(wrong_arrows("deliver", "use crate::ledger::Ledger; use crate::x12::envelope;").is_empty());
}
