//! A crash at every point: a small complete life is lived once undisturbed, and once for every crash point and pass;
//! whatever the crash, every file and every row at the end are the same.
//!
//! ```text
//! EDIGATE_FULL=1 cargo test --test gateway crash::     every pass of every point, not the first three alone (on a server the first)
//! ```

mod life;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use edigate::crash::{HTTP, POINTS, UPKEEP, WIRES};
use life::{CrashAt, Life};

/// The passes that are tried of a point that is passed often.
const PASSES: u32 = 3;
/// The same where the books are on a server, where a life takes several times as long.
const PASSES_ON_A_SERVER: u32 = 1;

/// Houses that live side by side: they wait for the disk and for each other's clocks most of the time.
const SIDE_BY_SIDE: usize = 10;

#[test]
fn a_crash_at_any_point_changes_nothing_in_the_end() {
    let began = Instant::now();
    let mut undisturbed = Life::new(None);
    let expected = undisturbed.live();
    let passes = undisturbed.passes();
    let never: Vec<&&str> = POINTS.iter().filter(|point| !passes.contains_key(**point)).collect();
    assert!(never.is_empty(), "the life never comes by {never:?}: a crash there is not tested");
    drop(undisturbed);
    let runs = Mutex::new(runs(&passes));
    let count = runs.lock().unwrap().len();
    let differing = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let Some(crash) = runs.lock().unwrap().pop_front() else { return };
                    let name = crash.to_string();
                    let lived = catch_unwind(AssertUnwindSafe(|| Life::new(Some(crash)).live()));
                    let differences = match lived {
                        Ok(found) => snapshot::differences(&expected, &found),
                        Err(_) => vec!["it did not come to its end; see the panic above".to_owned()],
                    };
                    if !differences.is_empty() {
                        differing.lock().unwrap().push(format!("{name}:\n  {}", differences.join("\n  ")));
                    }
                }
            });
        }
    });
    println!("{count} crashes at {} points in {:.1} s", POINTS.len(), began.elapsed().as_secs_f64());
    let differing = differing.into_inner().unwrap();
    assert!(differing.is_empty(), "a crash changed the outcome ({count} tried):\n{}", differing.join("\n"));
}

/// Every point, as often as it is passed, at most [`PASSES`] times.
fn runs(passes: &BTreeMap<String, u32>) -> VecDeque<CrashAt> {
    let is_set = |name: &str| std::env::var_os(name).is_some();
    let most = match (is_set("EDIGATE_FULL"), is_set("EDIGATE_TEST_LEDGER")) {
        (true, _) => u32::MAX,
        (false, true) => PASSES_ON_A_SERVER,
        (false, false) => PASSES,
    };
    let mut runs = VecDeque::new();
    for point in POINTS {
        // Which writes share a commit, and which events are judged together, is decided by threads: the last passes of all may
        // not come in every run.
        let shares = point.starts_with("ledger.commit") || point.starts_with("reconcile.clocks");
        let sure = if shares { passes[*point].div_ceil(2) } else { passes[*point] };
        runs.extend((1..=sure.min(most)).map(|pass| CrashAt { point, pass }));
    }
    runs
}

#[test]
fn what_was_taken_before_the_crash_was_recorded_does_not_come_again() {
    let deliveries = POINTS.iter().filter(|point| point.starts_with("deliver."));
    std::thread::scope(|scope| {
        for point in deliveries {
            scope.spawn(move || {
                // Three files by two endpoints: each is named by itself, and waits for the disk with those of its endpoint.
                let is_of_a_file = point.contains(".name.");
                for pass in 1..=(if is_of_a_file { 3 } else { 2 }) {
                    let crash = CrashAt { point, pass };
                    // How many rounds the deliveries take is decided by threads; there is one at least.
                    let Some(mut taken) = Life::new(Some(crash)).take_what_a_crash_left() else {
                        assert_ne!(pass, 1, "no delivery comes by {point}");
                        break;
                    };
                    taken.sort();
                    assert_eq!(taken, ["4500012345.csv", "4500012345.json", "megamart_997_000000501.edi"], "{crash}");
                }
            });
        }
    });
}

/// Every file of the source, without its comments.
fn sources(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("src/crash.rs") {
            let text = fs::read_to_string(path).unwrap();
            found.push(text.lines().filter(|line| !line.trim_start().starts_with("//")).collect());
        }
    }
    found
}

fn points_in(code: &str) -> BTreeSet<&str> {
    code.split("crash::point(\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default()).collect()
}

#[test]
fn the_list_of_points_is_what_the_code_has() {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let in_code: BTreeSet<&str> = sources.iter().flat_map(|code| points_in(code)).collect();
    let listed: BTreeSet<&str> = POINTS.iter().chain(WIRES).chain(HTTP).chain(UPKEEP).copied().collect();
    let unlisted: Vec<_> = in_code.difference(&listed).collect();
    assert!(
        unlisted.is_empty(),
        "points that crash::POINTS does not list, so that no test crashes there: {unlisted:?}"
    );
    let missing: Vec<_> = listed.difference(&in_code).collect();
    assert!(missing.is_empty(), "points that crash::POINTS lists and no code has: {missing:?}");
    assert_eq!(
        listed.len(),
        POINTS.len() + WIRES.len() + HTTP.len() + UPKEEP.len(),
        "crash::POINTS lists a point twice"
    );
    for point in POINTS {
        let parts: Vec<&str> = point.split('.').collect();
        assert!(parts.len() == 3 && ["before", "after"].contains(&parts[2]), "{point}: room.step.before or .after");
        let counterpart = match point.strip_suffix(".before") {
            Some(step) => format!("{step}.after"),
            None => point.replace(".after", ".before"),
        };
        assert!(listed.contains(counterpart.as_str()), "{point} has no counterpart {counterpart}");
    }
}

#[test]
fn the_scan_sees_a_point_that_is_not_listed() {
    let code = "fn f() { crash::point(\"a.b.before\"); g(); crate::crash::point(\"a.b.after\") }";
    assert_eq!(points_in(code).into_iter().collect::<Vec<_>>(), ["a.b.after", "a.b.before"]);
}
