//! How many bytes an endpoint may move per second, in each direction.
//!
//! ```text
//! part, part, part   ->   each waits until those before it have had their time
//! ```
//!
//! What all threads of one endpoint move in one direction is counted together. Whoever was idle has saved up nothing: a line
//! that is to stay free for others stays free also at the beginning of a file.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Parts are so long that they take this much of a second: short enough that the line looks evenly used.
const PARTS_PER_SECOND: u64 = 16;
/// The shortest part; with less, requests cost more than what they carry.
const SHORTEST: u64 = 4 << 10;

/// The bytes per second of one endpoint in one direction.
#[derive(Debug)]
pub struct Bandwidth {
    per_second: u64,
    /// When what was let through so far has had its time.
    free: Mutex<Option<Instant>>,
}

impl Bandwidth {
    /// So many bytes per second, if there is a limit.
    pub fn of(limit: Option<u64>) -> Option<Arc<Bandwidth>> {
        limit.map(|per_second| Arc::new(Bandwidth { per_second: per_second.max(1), free: Mutex::default() }))
    }

    /// How many bytes are best moved at a time, where it could be so many.
    pub fn part(&self, most: usize) -> usize {
        let part = (self.per_second / PARTS_PER_SECOND).max(SHORTEST);
        usize::try_from(part).unwrap_or(most).min(most)
    }

    /// How long so many bytes take.
    pub fn time_of(&self, bytes: u64) -> Duration {
        Duration::from_secs_f64(bytes as f64 / self.per_second as f64)
    }

    /// Waits until so many bytes may go; returns how long that was.
    pub fn wait(&self, bytes: u64) -> Duration {
        let pause = self.turn(bytes, Instant::now());
        thread::sleep(pause);
        pause
    }

    /// Takes the next turn; how long it is until then.
    fn turn(&self, bytes: u64, now: Instant) -> Duration {
        // One assignment.
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = free.map_or(now, |free| free.max(now));
        let end = begin + self.time_of(bytes);
        *free = Some(end);
        // A part is on its way when its time is over, so that the first one waits as well.
        end - now
    }
}

/// Bytes that are read no faster than they may go.
pub struct Paced<R> {
    from: R,
    bandwidth: Arc<Bandwidth>,
}

impl<R> Paced<R> {
    /// These.
    pub fn of(from: R, bandwidth: Arc<Bandwidth>) -> Paced<R> {
        Paced { from, bandwidth }
    }
}

impl<R: Read> Read for Paced<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let part = self.bandwidth.part(buffer.len());
        let count = self.from.read(&mut buffer[..part])?;
        self.bandwidth.wait(count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_asks_together_moves_no_more_than_the_limit() {
        let bandwidth = Bandwidth::of(Some(1_000_000)).unwrap();
        let now = Instant::now();
        let turns: Vec<Duration> = (0..4).map(|_| bandwidth.turn(250_000, now)).collect();
        assert_eq!(turns, [250, 500, 750, 1_000].map(Duration::from_millis));
        // A second of rest saves up nothing.
        let later = now + Duration::from_secs(2);
        assert_eq!(bandwidth.turn(500_000, later), Duration::from_millis(500));
        assert_eq!(bandwidth.turn(500_000, later), Duration::from_secs(1));
    }

    #[test]
    fn parts_are_short_against_a_second_and_long_against_a_request() {
        let part = |limit: u64| Bandwidth::of(Some(limit)).unwrap().part(1 << 20);
        assert_eq!(part(1_000), 4 << 10);
        assert_eq!(part(1_600_000), 100_000);
        assert_eq!(part(1_000_000_000), 1 << 20);
        assert!(Bandwidth::of(None).is_none());
    }

    #[test]
    fn paced_bytes_are_the_same_bytes_later() {
        let bytes: Vec<u8> = (0..40_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        let begin = Instant::now();
        let mut read = Vec::new();
        let bandwidth = Bandwidth::of(Some(200_000)).unwrap();
        Paced::of(bytes.as_slice(), bandwidth).read_to_end(&mut read).unwrap();
        assert_eq!(read, bytes);
        assert!(begin.elapsed() >= Duration::from_millis(200), "{:?}", begin.elapsed());
    }
}
