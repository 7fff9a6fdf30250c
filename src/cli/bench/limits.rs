//! What the disk under the gateway can do at all: a second or so of each thing that a gateway asks of it.
//!
//! ```text
//! append 4 KiB, fsync                              a commit of a log
//! create, write 700 bytes, fsync, close            a file left for a partner
//! 256 rows of 300 bytes in one durable transaction a group of the embedded ledger
//! write 256 MiB, fsync                             a large file taken into the archive
//! ```
//!
//! Measured in the same run as the gateway, so that the two can be compared on a machine that others use as well.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::report::Row;
use super::workspace::{Interrupt, Workspace, refused};
use crate::cli::Failure;

/// How long each thing is done.
const SECOND: Duration = Duration::from_secs(1);

/// The name of the measurement.
pub const LIMITS: &str = "limits";

/// What the disk can do in small files, per second.
pub const SMALL_FILES: &str = "new file of 700 bytes, fsynced";

/// Measures the disk below the workspace.
pub fn disk(workspace: &Workspace) -> Result<Vec<Row>, Failure> {
    let room = workspace.room("limits")?;
    let interrupt = &workspace.interrupt;
    let rows = vec![
        Row::new(LIMITS, "append 4 KiB and fsync", appends(&room.join("appended"), interrupt)?, "per s"),
        Row::new(LIMITS, SMALL_FILES, small_files(&room, interrupt)?, "per s"),
        Row::new(LIMITS, "SQLite rows, 256 per durable commit", rows_committed(&room, interrupt)?, "per s"),
        Row::new(LIMITS, "written in sequence and fsynced", megabytes(&room.join("large"), interrupt)?, "MB/s"),
    ];
    fs::remove_dir_all(&room).map_err(refused("remove", &room))?;
    Ok(rows)
}

/// Repeats something for a second; returns how often per second it was done.
pub fn per_second(interrupt: &Interrupt, mut work: impl FnMut(u64) -> Result<(), Failure>) -> Result<f64, Failure> {
    let began = Instant::now();
    let mut done = 0;
    while began.elapsed() < SECOND {
        interrupt.check()?;
        work(done)?;
        done += 1;
    }
    Ok(done as f64 / began.elapsed().as_secs_f64())
}

fn appends(path: &Path, interrupt: &Interrupt) -> Result<f64, Failure> {
    let mut file = File::create_new(path).map_err(refused("write", path))?;
    let block = [b'x'; 4 << 10];
    per_second(interrupt, |_| file.write_all(&block).and_then(|()| file.sync_all()).map_err(refused("write", path)))
}

fn small_files(room: &Path, interrupt: &Interrupt) -> Result<f64, Failure> {
    let folder = room.join("files");
    fs::create_dir(&folder).map_err(refused("make", &folder))?;
    per_second(interrupt, |number| {
        let path = folder.join(format!("{number}.edi"));
        let written = File::create_new(&path).and_then(|mut file| {
            file.write_all(&[b'x'; 700])?;
            file.sync_all()
        });
        written.map_err(refused("write", &path))
    })
}

/// Rows of a group, as the embedded ledger commits them at its best.
const GROUP: u32 = 256;

fn rows_committed(room: &Path, interrupt: &Interrupt) -> Result<f64, Failure> {
    let failed = |error: rusqlite::Error| Failure::new(format!("SQLite refused: {error}"));
    let mut database = rusqlite::Connection::open(room.join("rows.db")).map_err(failed)?;
    let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                    CREATE TABLE line (id INTEGER PRIMARY KEY, text TEXT NOT NULL);";
    database.execute_batch(settings).map_err(failed)?;
    let text = "x".repeat(300);
    let groups = per_second(interrupt, |_| {
        let group = database.transaction().map_err(failed)?;
        {
            let mut insert = group.prepare_cached("INSERT INTO line (text) VALUES (?1)").map_err(failed)?;
            for _ in 0..GROUP {
                insert.execute([&text]).map_err(failed)?;
            }
        }
        group.commit().map_err(failed)
    })?;
    Ok(groups * f64::from(GROUP))
}

/// At most so many blocks of a mebibyte: a fast disk needs no more to show what it can do.
const BLOCKS: u32 = 256;

fn megabytes(path: &Path, interrupt: &Interrupt) -> Result<f64, Failure> {
    let mut file = File::create_new(path).map_err(refused("write", path))?;
    let block = vec![b'x'; 1 << 20];
    let began = Instant::now();
    let mut written = 0;
    while written < BLOCKS && began.elapsed() < SECOND {
        interrupt.check()?;
        file.write_all(&block).map_err(refused("write", path))?;
        written += 1;
    }
    file.sync_all().map_err(refused("write", path))?;
    Ok(f64::from(written) * block.len() as f64 / 1e6 / began.elapsed().as_secs_f64())
}
