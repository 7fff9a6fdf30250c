//! What the system knows of a process: CPU time and memory, read from /proc.
//!
//! ```text
//! /proc/4711/stat … utime stime     /proc/4711/status VmHWM     /proc/4711/task/*/schedstat
//! ```
//!
//! Elsewhere than on Linux there is no /proc: every answer is `None` and the row is left out.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use crate::cli::Failure;

/// Ticks of `utime` and `stime` per second, as the kernel shows them to programs (`USER_HZ`).
const TICKS: f64 = 100.0;

/// CPU seconds that a process used so far, in steps of a hundredth.
pub fn cpu_seconds(id: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    ticks(&stat).map(|ticks| ticks as f64 / TICKS)
}

/// User and system time of a `stat` line.
fn ticks(stat: &str) -> Option<u64> {
    // The second field is the program's name in parentheses, which may hold spaces and parentheses itself.
    let fields: Vec<&str> = stat.get(stat.rfind(')')? + 1..)?.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some(field(14)? + field(15)?)
}

/// The most memory that a process ever held, in megabytes.
pub fn peak_megabytes(id: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024.0 / 1e6)
}

/// The processor time of this thread: others on the machine do not count.
pub fn processor_time() -> Result<Duration, Failure> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let spent = text.split_whitespace().next().and_then(|spent| spent.parse().ok());
    spent.map(Duration::from_nanos).ok_or_else(|| Failure::new("this kernel does not tell processor time"))
}

/// Nanoseconds on a CPU by thread.
pub type Threads = BTreeMap<u64, u64>;

/// What each thread of a process used so far, to the nanosecond; `None` when the kernel does not keep it.
pub fn threads(id: u32) -> Option<Threads> {
    let mut threads = Threads::new();
    for entry in fs::read_dir(format!("/proc/{id}/task")).ok()?.flatten() {
        // A thread may end between the listing and the look.
        let Ok(text) = fs::read_to_string(entry.path().join("schedstat")) else { continue };
        let thread = entry.file_name().to_string_lossy().parse().ok()?;
        threads.insert(thread, text.split_whitespace().next()?.parse().ok()?);
    }
    (!threads.is_empty()).then_some(threads)
}

/// CPU seconds between two looks; of a thread that ended in between, the time until the first is known and no more.
pub fn seconds_between(before: &Threads, after: &Threads) -> f64 {
    let nanoseconds: u64 =
        after.iter().map(|(thread, used)| used.saturating_sub(before.get(thread).copied().unwrap_or(0))).sum();
    nanoseconds as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_whose_name_looks_like_fields_is_counted_right() {
        let stat = "12 (a) b) (c) S 1 12 12 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 8 0 1 2 3";
        assert_eq!(ticks(stat), Some(300));
    }

    #[test]
    fn what_a_thread_used_is_counted_whether_it_was_there_before_or_not() {
        let before = Threads::from([(1, 1_000_000_000), (2, 5)]);
        let after = Threads::from([(1, 1_500_000_000), (3, 250_000_000)]);
        assert_eq!(seconds_between(&before, &after), 0.75);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_very_process_has_used_memory_and_time() {
        let id = std::process::id();
        assert!(peak_megabytes(id).unwrap() > 1.0);
        assert!(cpu_seconds(id).unwrap() >= 0.0);
        assert!(threads(id).unwrap().values().sum::<u64>() > 0);
    }
}
