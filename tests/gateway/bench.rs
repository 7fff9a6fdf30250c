//! The published benchmark at tiny sizes: its rows are there and plausible, its figures are of work that was done, and
//! nothing stays behind. How fast anything is stands in no test.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a condition may take before the test fails; far more than it ever needs.
const PATIENCE: Duration = Duration::from_secs(120);

fn bench(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_edigate"));
    command.args(["bench", "gateway", "--dir"]).arg(dir).args(args);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The rows of a benchmark that ran to its end, which left nothing behind.
fn rows(args: &[&str]) -> Vec<Value> {
    let dir = tempfile::tempdir().unwrap();
    let output = bench(dir.path(), args).arg("--json").output().unwrap();
    let rows: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let missed = rows.iter().any(|row| row["must_met"] == false);
    assert_eq!(output.status.code(), Some(i32::from(missed)), "{}", text(&output.stderr));
    assert!(is_empty(dir.path()), "something stays in the directory");
    rows
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).unwrap().next().is_none()
}

fn names(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| format!("{} {}", row["unit"].as_str().unwrap(), row["what"].as_str().unwrap())).collect()
}

fn figures(rows: &[Value]) -> Vec<f64> {
    rows.iter().map(|row| row["figure"].as_f64().unwrap()).collect()
}

#[test]
fn the_limits_of_the_disk_are_figures_to_compare_with() {
    let rows = rows(&["--only", "limits"]);
    assert_eq!(
        names(&rows),
        [
            "per s append 4 KiB and fsync",
            "per s new file of 700 bytes, fsynced",
            "per s SQLite rows, 256 per durable commit",
            "MB/s written in sequence and fsynced",
        ]
    );
    assert!(figures(&rows).iter().all(|figure| *figure > 0.0), "{rows:?}");
    assert!(rows.iter().all(|row| row.get("must").is_none()), "a limit is not held against anything");
}

#[test]
fn files_are_taken_in_answered_and_counted_with_their_memory() {
    let rows = rows(&["--only", "files", "--only", "memory", "--files", "50"]);
    let expected = ["MB peak memory, 50 files queued", "files/s files taken in and answered", "ms CPU per file"];
    assert_eq!(names(&rows), expected);
    assert!(figures(&rows).iter().all(|figure| *figure > 0.0), "{rows:?}");
    assert_eq!([&rows[0]["must"], &rows[0]["aim"]], [200.0, 100.0]);
    assert_eq!([&rows[1]["must"], &rows[1]["aim"]], [400.0, 1500.0]);
}

#[test]
fn with_the_limits_of_the_disk_files_are_held_against_them() {
    let rows = rows(&["--only", "limits", "--only", "files", "--files", "20"]);
    let figure = |what: &str| rows.iter().find(|row| row["what"] == what).unwrap()["figure"].as_f64().unwrap();
    let share = figure("files taken in and answered") / figure("new file of 700 bytes, fsynced");
    let told = figure("files taken in for each new file that the disk can take");
    // A decimal text may differ from the number in its last bit.
    assert!((told / share - 1.0).abs() < 1e-9, "{told} is not {share}");
}

#[test]
fn the_sets_of_one_file_are_all_taken_in() {
    let rows = rows(&["--only", "sets", "--sets", "50"]);
    assert_eq!(names(&rows), ["sets/s orders of one file taken in", "ms CPU per order", "MB peak memory"]);
    assert!(figures(&rows).iter().all(|figure| *figure > 0.0), "{rows:?}");
    assert_eq!([&rows[0]["must"], &rows[0]["aim"]], [5000.0, 20_000.0]);
}

#[test]
fn the_latency_of_the_slowest_is_no_less_than_that_of_the_median() {
    let rows = rows(&["--only", "latency", "--latency", "5"]);
    assert_eq!(names(&rows), ["ms file to 997, median", "ms file to 997, 99 of 100"]);
    let figures = figures(&rows);
    assert!(figures[0] > 0.0 && figures[1] >= figures[0], "{rows:?}");
}

#[test]
fn a_file_that_cannot_be_used_is_timed_to_its_alert() {
    let rows = rows(&["--only", "alerts", "--alerts", "3"]);
    assert_eq!(names(&rows), ["ms bad file to its alert, median", "ms bad file to its alert, 99 of 100"]);
    let figures = figures(&rows);
    assert!(figures[0] > 0.0 && figures[1] >= figures[0], "{rows:?}");
    assert_eq!([&rows[1]["must"], &rows[1]["aim"]], [1000.0, 250.0]);
}

#[test]
fn an_idle_daemon_is_watched_for_its_share_of_a_core() {
    let rows = rows(&["--only", "idle", "--partners", "5", "--idle-settle", "200 ms", "--idle-window", "500 ms"]);
    assert_eq!(names(&rows), ["% of a core CPU, 5 partners, nothing to do"]);
    assert!(figures(&rows)[0] >= 0.0, "{rows:?}");
}

#[test]
fn a_full_ledger_is_held_against_a_fresh_one_for_files_and_for_every_question() {
    let rows = rows(&["--only", "history", "--documents", "500", "--history-files", "20", "--runs", "3"]);
    assert_eq!(rows.len(), 6 + 16 + 2 + 3, "{rows:?}");
    assert!(figures(&rows).iter().all(|figure| *figure > 0.0), "{rows:?}");
    let what = |row: &Value| row["what"].as_str().unwrap().to_owned();
    for question in ["acks", "documents", "deliveries", "expectations", "findings", "transmissions", "events", "trace"]
    {
        assert!(rows.iter().any(|row| what(row).starts_with(question)), "{question} is missing in {rows:?}");
    }
    let held: Vec<String> = rows.iter().filter(|row| row["must"] == 1.3).map(what).collect();
    assert_eq!(held.len(), 2, "{held:?}");
    assert_eq!(held[0], "intake: fresh against full");
    assert!(held[1].starts_with("worst question: "), "{held:?}");
}

#[test]
fn the_table_says_of_each_figure_whether_it_met_what_it_must() {
    let dir = tempfile::tempdir().unwrap();
    let output = bench(dir.path(), &["--only", "latency", "--latency", "5"]).output().unwrap();
    let table = text(&output.stdout);
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["measurement", "what", "figure", "unit", "must", "met", "aim", "met"], "{table}");
    let last = &lines[2];
    assert_eq!((last[0], last[last.len() - 4]), ("latency", "250"), "{table}");
    assert!(["yes", "no"].contains(&last[last.len() - 1]), "{table}");
}

#[test]
fn a_directory_that_is_not_there_is_said() {
    let output = bench(Path::new("/no/such/directory"), &["--only", "limits"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("/no/such/directory"), "{}", text(&output.stderr));
}

// --- Stopping ---

/// Processes whose command line names a directory.
fn at_work_in(dir: &Path) -> usize {
    let dir = dir.to_str().unwrap();
    let lines =
        fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(&format!("{dir}/edigate-bench-"))).count()
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn ended(child: Child) -> Output {
    child.wait_with_output().unwrap()
}

#[test]
fn an_interrupted_benchmark_leaves_no_directory_and_no_daemon() {
    for signal in ["INT", "TERM"] {
        let dir = tempfile::tempdir().unwrap();
        // It would watch the idle daemon for an hour.
        let args = ["--only", "idle", "--partners", "5", "--idle-window", "1 h"];
        let child = bench(dir.path(), &args).spawn().unwrap();
        wait_until("the daemon", || at_work_in(dir.path()) == 1);
        // The shell's own kill: the command of that name is in a package that a small system lacks.
        let line = format!("kill -{signal} {}", child.id());
        assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success());
        let output = ended(child);
        assert_eq!(output.status.code(), Some(2), "{signal}");
        assert!(text(&output.stderr).contains("interrupted"), "{}", text(&output.stderr));
        assert_eq!(at_work_in(dir.path()), 0, "the daemon is gone after SIG{signal}");
        assert!(is_empty(dir.path()), "the directory is gone after SIG{signal}");
    }
}

#[test]
fn an_interrupted_generation_of_a_history_leaves_no_directory() {
    let dir = tempfile::tempdir().unwrap();
    let args = ["--only", "history", "--documents", "200000"];
    let child = bench(dir.path(), &args).spawn().unwrap();
    let a_ledger_grows = || {
        let homes = fs::read_dir(dir.path()).unwrap().flatten();
        homes
            .map(|home| home.path().join("history/ledger.db"))
            .any(|file| file.metadata().is_ok_and(|it| it.len() > 1 << 20))
    };
    wait_until("the history to grow", a_ledger_grows);
    let line = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success());
    let output = ended(child);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(is_empty(dir.path()));
}

// --- On a server ---

/// With a server at hand (EDIGATE_TEST_POSTGRES), files, sets and latency run on it as well, and it is left as it was.
#[test]
fn on_a_server_the_same_is_measured_and_held_against_the_embedded_ledger() {
    let Ok(server) = std::env::var("EDIGATE_TEST_POSTGRES") else { return };
    let args = ["--files", "20", "--sets", "20", "--latency", "3", "--ledger", &server];
    let only = ["--only", "limits", "--only", "files", "--only", "sets", "--only", "latency"];
    let rows = rows(&[args.as_slice(), only.as_slice()].concat());
    let names = names(&rows);
    for expected in [
        "per s round trips to PostgreSQL (SELECT 1)",
        "per s PostgreSQL commits of one row",
        "files/s files taken in and answered on PostgreSQL",
        "sets/s orders of one file taken in on PostgreSQL",
        "ms file to 997, 99 of 100 on PostgreSQL",
    ] {
        assert!(names.contains(&expected.to_owned()), "{expected} is missing in {names:?}");
    }
    let ratios: Vec<&Value> = rows.iter().filter(|row| row["what"].as_str().unwrap().contains("against")).collect();
    assert_eq!(ratios.len(), 3, "{ratios:?}");
    assert!(ratios.iter().all(|row| row["figure"].as_f64().unwrap() > 0.0), "{ratios:?}");
}

#[test]
fn every_page_is_timed_and_weighed() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_edigate"));
    command.args(["bench", "pages", "--documents", "2000", "--runs", "2", "--json", "--dir"]).arg(dir.path());
    let output = command.stdin(Stdio::null()).output().unwrap();
    let rows: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names = names(&rows);
    for page in ["ms /: p99", "ms /documents, the next page: p99", "ms /journal?partner=retailer: p99"] {
        assert!(names.iter().any(|name| name == page), "{page}: {names:?}, {}", text(&output.stderr));
    }
    assert!(names.last().unwrap().starts_with("kB the largest page: /"), "{names:?}");
    assert!(figures(&rows).iter().all(|figure| *figure > 0.0), "{rows:?}");
    assert!(is_empty(dir.path()), "something stays in the directory");
}
