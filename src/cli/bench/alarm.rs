//! From a file that cannot be used to the alert that explains it.
//!
//! In: a workspace and how many files. Out: how long each took. The alert goes to a command, which leaves what it was told in a
//! folder: the time of its process is part of the figure.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::load;
use super::measures::{Engine, wait_for_files};
use super::report::{self, Row, percentile};
use super::run::Daemon;
use super::workspace::{Workspace, refused};
use crate::cli::{Failure, output};

/// Told of each failure at once, however many there are.
const TABLE: &str = r#"
[[alert]]
name    = "bench"
command = ["/bin/sh", "-c", "cat > \"$0/.$$\" && mv \"$0/.$$\" \"$(mktemp -u \"$0/XXXXXXXX\")\"", "DIRECTORY"]
group   = "1 ms"
at_most = 10000
"#;

/// Milliseconds from a file's rename into the folder to the appearance of its alert, sorted.
pub fn alerts(workspace: &Workspace, engine: Engine<'_>, files: u32) -> Result<Vec<f64>, Failure> {
    output::talk(format!("alerts: {files} files that cannot be used, one after the other"));
    let home = engine.home(workspace, "alerts")?;
    let told = home.file("told");
    fs::create_dir_all(&told).map_err(refused("make", &told))?;
    home.configure(&TABLE.replace("DIRECTORY", &told.display().to_string()))?;
    let mut daemon = Daemon::start(&home)?;
    daemon.wait_until_ready(&workspace.interrupt)?;
    let mut times = Vec::with_capacity(files as usize);
    // The first file pays for everything that is done once; it is not counted.
    for number in 1..=files + 1 {
        let name = format!("850_{number:09}.edi");
        let (staged, offered) = (home.staging(&name), home.orders_in().join(&name));
        fs::write(&staged, unusable(number)).map_err(refused("write", &staged))?;
        let began = Instant::now();
        fs::rename(&staged, &offered).map_err(refused("rename", &staged))?;
        wait_for_files("told", &told, number, &mut daemon, &workspace.interrupt)?;
        if number > 1 {
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        thread::sleep(Duration::from_millis(20));
    }
    drop(daemon);
    expect_explained(&told)?;
    home.remove()?;
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// An order whose first quantity is no number.
fn unusable(number: u32) -> Vec<u8> {
    String::from_utf8_lossy(&load::one_order(number)).replacen("PO1*001*24*", "PO1*001*TWO DOZEN*", 1).into_bytes()
}

/// An alert that explains nothing is worth nothing.
fn expect_explained(told: &std::path::Path) -> Result<(), Failure> {
    for entry in fs::read_dir(told).map_err(refused("read", told))?.flatten() {
        let bytes = fs::read(entry.path()).map_err(refused("read", &entry.path()))?;
        let message: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let story = &message["stories"][0];
        let is_told = |what: &str| story[what].as_str().is_some_and(|text| !text.is_empty());
        if !["code", "text", "found", "cause", "fix", "who"].into_iter().all(is_told) {
            return Err(Failure::new(format!("an alert explains nothing: {}", String::from_utf8_lossy(&bytes))));
        }
    }
    Ok(())
}

/// The rows of single files.
pub fn rows(sorted: &[f64]) -> Vec<Row> {
    vec![
        Row::new("alerts", "bad file to its alert, median", percentile(sorted, 0.5), "ms"),
        Row::new("alerts", "bad file to its alert, 99 of 100", percentile(sorted, 0.99), "ms")
            .held_against(report::ALERT),
    ]
}
