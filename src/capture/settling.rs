//! When a file is whole: its size and time were the same at two looks that lie far enough apart.
//!
//! In: what each look at a folder found, and when. Out: the files that may be taken.
//! A writer that pauses for longer than the settle time fools this; such writers need a marker file.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use crate::transport::inlet::Candidate;

/// What earlier looks saw.
#[derive(Debug, Default)]
pub struct Settling {
    seen: HashMap<PathBuf, Look>,
}

#[derive(Debug, Clone, Copy)]
struct Look {
    size: u64,
    modified: SystemTime,
    since: Instant,
}

impl Settling {
    /// Takes in one look; returns the files that are whole, in the order of the look, and whether others still settle.
    pub fn look(&mut self, candidates: &[Candidate], settle: Duration, now: Instant) -> (Vec<Candidate>, bool) {
        let mut whole = Vec::new();
        let mut still = HashMap::with_capacity(candidates.len());
        for candidate in candidates {
            let earlier = self
                .seen
                .get(&candidate.path)
                .filter(|look| look.size == candidate.size && look.modified == candidate.modified);
            let since = earlier.map_or(now, |look| look.since);
            // Where files need not settle, they appear whole: their writers rename them into the folder.
            let is_second_look = earlier.is_some() || settle.is_zero();
            if is_second_look && now.duration_since(since) >= settle {
                whole.push(candidate.clone());
            } else {
                let look = Look { size: candidate.size, modified: candidate.modified, since };
                still.insert(candidate.path.clone(), look);
            }
        }
        // What is no longer there is forgotten; a file that comes back settles anew.
        self.seen = still;
        (whole, !self.seen.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_secs(2);

    fn file(size: u64) -> Candidate {
        Candidate { path: "in/a.edi".into(), name: "a.edi".into(), size, modified: SystemTime::UNIX_EPOCH }
    }

    fn looks(steps: &[(u64, Option<u64>)]) -> Vec<bool> {
        let start = Instant::now();
        let mut settling = Settling::default();
        let look = |settling: &mut Settling, second: u64, size: Option<u64>| {
            let candidates: Vec<Candidate> = size.map(file).into_iter().collect();
            !settling.look(&candidates, SETTLE, start + Duration::from_secs(second)).0.is_empty()
        };
        steps.iter().map(|&(second, size)| look(&mut settling, second, size)).collect()
    }

    #[test]
    fn one_look_is_never_enough() {
        assert_eq!(looks(&[(100, Some(5))]), [false]);
    }

    #[test]
    fn where_nothing_needs_to_settle_the_first_look_is_enough() {
        let (whole, more) = Settling::default().look(&[file(5)], Duration::ZERO, Instant::now());
        assert_eq!((whole.len(), more), (1, false));
    }

    #[test]
    fn a_file_that_stands_still_is_whole_after_the_settle_time() {
        assert_eq!(looks(&[(0, Some(5)), (1, Some(5)), (2, Some(5))]), [false, false, true]);
    }

    #[test]
    fn a_file_that_grows_starts_over() {
        assert_eq!(looks(&[(0, Some(5)), (1, Some(9)), (2, Some(9)), (3, Some(9))]), [false, false, false, true]);
    }

    #[test]
    fn a_file_that_vanished_and_came_back_starts_over() {
        assert_eq!(looks(&[(0, Some(5)), (2, None), (3, Some(5)), (5, Some(5))]), [false, false, false, true]);
    }
}
