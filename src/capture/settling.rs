//! When a file is whole: its size and time were the same at two looks that lie far enough apart.
//!
//! In: what each look at a folder found, and when. Out: the files that may be taken.
//! A writer that pauses for longer than the settle time fools this; such writers need a marker file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
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
    is_whole: bool,
}

impl Settling {
    /// Takes in one look; returns the files that are whole, in the order of the look, and whether others still settle.
    ///
    /// A file that was whole and could not be taken is whole at the next look too: its fault goes on, instead of ending and
    /// beginning again with every settle time.
    pub fn look(&mut self, candidates: &[Candidate], settle: Duration, now: Instant) -> (Vec<Candidate>, bool) {
        let mut whole = Vec::new();
        let mut seen = HashMap::with_capacity(candidates.len());
        for candidate in candidates {
            let earlier = self
                .seen
                .get(&candidate.path)
                .filter(|look| look.size == candidate.size && look.modified == candidate.modified);
            let since = earlier.map_or(now, |look| look.since);
            // Where files need not settle, they appear whole: their writers rename them into the folder.
            let is_second_look = earlier.is_some() || settle.is_zero();
            let is_whole = is_second_look && now.duration_since(since) >= settle;
            if is_whole {
                whole.push(candidate.clone());
            }
            let look = Look { size: candidate.size, modified: candidate.modified, since, is_whole };
            seen.insert(candidate.path.clone(), look);
        }
        // What is no longer there is forgotten; a file that comes back settles anew.
        self.seen = seen;
        (whole, self.seen.values().any(|look| !look.is_whole))
    }

    /// Forgets a file that was taken; what comes in its place settles anew.
    pub fn taken(&mut self, path: &Path) {
        self.seen.remove(path);
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

    #[test]
    fn a_file_that_could_not_be_taken_stays_whole_and_keeps_nobody_looking() {
        let (start, mut settling) = (Instant::now(), Settling::default());
        let look = |second, settling: &mut Settling| {
            let (whole, more) = settling.look(&[file(5)], SETTLE, start + Duration::from_secs(second));
            (whole.len(), more)
        };
        let looks: Vec<_> = [0, 2, 3, 9].map(|second| look(second, &mut settling)).into();
        assert_eq!(looks, [(0, true), (1, false), (1, false), (1, false)]);
        settling.taken(&file(5).path);
        assert_eq!(look(9, &mut settling), (0, true), "what comes in its place settles anew");
    }
}
