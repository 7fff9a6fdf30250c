//! A copy of the ledger and its archive that can be gone back to, made while the daemon works.
//!
//! ```text
//! backup   DIR/ledger.db        one moment of the database
//!          DIR/archive/ab/…     every file that this moment names; one that is there already is not copied again
//!          DIR/SHA256SUMS       what must be there; `sha256sum -c SHA256SUMS` checks it anywhere
//! restore  the same files below an empty home, hashed on the way, the database last
//! ```
//!
//! The moment comes first and the files second: bytes are durable before the row that names them commits, so whatever
//! the moment names is there to be copied. The list comes last, by a rename: until then the earlier backup stands.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use openssl::sha::Sha256;
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;
use serde_json::json;

use super::content::{hex, refused};
use super::event::{EventKind, NewEvent};
use super::store::Store;
use super::store::folder::{Folder, make_durable};
use super::{Error, Ledger};

/// The list of a backup's files with their hashes.
const SUMS: &str = "SHA256SUMS";

/// The database in a backup and in a home.
const DATABASE: &str = "ledger.db";

/// The database of a backup whose list was not written yet.
const NEXT_DATABASE: &str = "ledger.db.new";

/// What was copied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Copied {
    /// Files of the archive that the copy has.
    pub files: u64,
    /// Of these, how many were not there before.
    pub new_files: u64,
    /// How many bytes were written anew, the database included.
    pub bytes: u64,
}

/// How many names are in memory at a time.
const CHUNK: i64 = 1000;

/// The command that makes a PostgreSQL server's part of a backup.
pub fn pg_dump_sentence(address: &str, directory: &Path) -> String {
    let file = directory.join("ledger.dump");
    format!(
        "the ledger is in PostgreSQL: run `pg_dump --format=custom --file={} {address}` before this command, so that the \
         archive has every byte that the dump names; `pg_restore` brings it back",
        file.display()
    )
}

/// Copies a SQLite ledger and its archive into a directory, which may hold an earlier backup.
pub fn backup(ledger: &Ledger, database: &Path, directory: &Path) -> Result<Copied, Error> {
    fs::create_dir_all(directory).map_err(refused("create", directory))?;
    let snapshot = directory.join(NEXT_DATABASE);
    take_moment(database, &snapshot)?;
    let names = names_of_files(&snapshot)?;
    let (mut copied, mut sums) = copy_archive(ledger, directory, &names)?;
    let database = hash_file(&snapshot)?;
    copied.bytes += database.1;
    sums.insert(DATABASE.to_owned(), database.0);
    crate::crash::point("backup.list.before");
    write_sums(directory, &sums)?;
    crate::crash::point("backup.list.after");
    let place = directory.join(DATABASE);
    fs::rename(&snapshot, &place).map_err(refused("write", &place))?;
    make_durable(directory)?;
    remove_unlisted(directory, &sums)?;
    Ok(copied)
}

/// Copies the archive alone: the part that a database server's own backup does not have.
pub fn backup_archive(ledger: &Ledger, directory: &Path) -> Result<Copied, Error> {
    fs::create_dir_all(directory).map_err(refused("create", directory))?;
    let mut names = Vec::new();
    loop {
        let after: String = names.last().cloned().unwrap_or_default();
        let sql = "SELECT sha256 FROM content WHERE encoding = 'file' AND sha256 > $1 ORDER BY sha256 LIMIT $2";
        let rows = ledger.read(|tx| tx.query(sql, &[(&after).into(), CHUNK.into()]))?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            names.push(row.text(0)?);
        }
    }
    let (copied, sums) = copy_archive(ledger, directory, &names)?;
    write_sums(directory, &sums)?;
    remove_unlisted(directory, &sums)?;
    Ok(copied)
}

/// One moment of the database as a file of its own; whoever writes goes on writing.
fn take_moment(database: &Path, target: &Path) -> Result<(), Error> {
    remove_if_there(target)?;
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.execute("VACUUM INTO ?1", [target.to_string_lossy().as_ref()])?;
    // SQLite does not make such a copy durable itself.
    File::open(target).and_then(|file| file.sync_all()).map_err(refused("make durable", target))
}

/// The contents that a moment keeps as files: those with a row that says so, and those of an earlier build without one.
fn names_of_files(snapshot: &Path) -> Result<Vec<String>, Error> {
    let connection = Connection::open(snapshot)?;
    let mut statement = connection.prepare(
        "SELECT sha256 FROM content WHERE encoding = 'file'
         UNION SELECT sha256 FROM transmission
         WHERE repeats = 1
           AND NOT EXISTS (SELECT 1 FROM content WHERE content.sha256 = transmission.sha256)
           AND NOT EXISTS (SELECT 1 FROM pruned WHERE pruned.sha256 = transmission.sha256)
         ORDER BY 1",
    )?;
    let names = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(names)
}

fn copy_archive(
    ledger: &Ledger,
    directory: &Path,
    names: &[String],
) -> Result<(Copied, BTreeMap<String, String>), Error> {
    let target = Folder::at(directory.join("archive"));
    target.create()?;
    // What the list of the earlier backup vouches for is not read again.
    let known = read_sums(directory).unwrap_or_default();
    let mut copied = Copied::default();
    let mut sums = BTreeMap::new();
    for sha256 in names {
        let there = target.find(sha256).map(|(_, place)| relative(directory, &place));
        let name = match there.and_then(|name| known.get(&name).map(|sum| (name, sum.clone()))) {
            Some((name, sum)) => {
                sums.insert(name, sum);
                copied.files += 1;
                continue;
            }
            None => copy_content(ledger, &target, sha256)?,
        };
        let (sum, size) = hash_file(&name)?;
        sums.insert(relative(directory, &name), sum);
        copied.files += 1;
        copied.new_files += 1;
        copied.bytes += size;
    }
    Ok((copied, sums))
}

/// Brings one stored file over as it is stored; returns where it stands.
fn copy_content(ledger: &Ledger, target: &Folder, sha256: &str) -> Result<PathBuf, Error> {
    if let Store::Folder(folder) = ledger.archive().store()
        && let Some((form, from)) = folder.find(sha256)
    {
        let place = target.place(sha256, form);
        make_parent(&place)?;
        remove_if_there(&place)?;
        // Archived files are never written again, so that a second name for the same file is as good as a copy there.
        if fs::hard_link(&from, &place).is_ok() {
            return Ok(place);
        }
    }
    let Some((form, mut stored)) = ledger.archive().store().open(sha256)? else {
        return Err(match ledger.read(|tx| tx.pruned_at(sha256))? {
            Some(_) => Error::Store(format!("{sha256} was pruned while the backup was made; run it again")),
            None => Error::Damaged { sha256: sha256.to_owned(), detail: "they are not in the archive".to_owned() },
        });
    };
    let place = target.place(sha256, form);
    make_parent(&place)?;
    write_durably(&mut stored, &place)?;
    Ok(place)
}

/// Brings a backup into an empty home. Every file is hashed on its way, and the database comes last.
pub fn restore(directory: &Path, home: &Path) -> Result<Copied, Error> {
    let sums = read_sums(directory)?;
    let is_empty = fs::read_dir(home).map(|mut entries| entries.next().is_none()).unwrap_or(true);
    if !is_empty {
        return Err(Error::Store(format!("{} is not empty; a ledger is never restored over another", home.display())));
    }
    let mut copied = Copied::default();
    fs::create_dir_all(home.join("archive")).map_err(refused("create", home))?;
    for (name, sum) in sums.iter().filter(|(name, _)| *name != DATABASE) {
        copied.bytes += copy_checked(&directory.join(name), &home.join(name), sum)?;
        copied.files += 1;
        copied.new_files += 1;
    }
    let Some(sum) = sums.get(DATABASE) else {
        return Err(Error::Store(format!(
            "{} has no database: it is the archive of a ledger in PostgreSQL, which `pg_restore` brings back",
            directory.display()
        )));
    };
    // A backup that was cut off between its list and the rename of its database has it under the other name.
    let sources = [DATABASE, NEXT_DATABASE].map(|name| directory.join(name));
    let source = sources.iter().find(|path| hash_file(path).is_ok_and(|(found, _)| found == *sum));
    let arriving = home.join(NEXT_DATABASE);
    copied.bytes += copy_checked(source.unwrap_or(&sources[0]), &arriving, sum)?;
    let place = home.join(DATABASE);
    fs::rename(&arriving, &place).map_err(refused("write", &place))?;
    make_durable(home)?;
    Ok(copied)
}

/// Advances every counter, with a line in each partner's journal: numbers that were given after the backup are not
/// given again. Returns how many counters there are.
pub fn skip_numbers(ledger: &Ledger, count: u32, by: &str, now: Timestamp) -> Result<u64, Error> {
    let by = by.to_owned();
    ledger.write(move |tx| {
        let counters = tx.query("SELECT counter, partner, value FROM number ORDER BY partner, counter", &[])?;
        for row in &counters {
            let (counter, partner, value) = (row.text(0)?, row.text(1)?, row.int(2)?);
            let next = advanced(value, i64::from(count), partner.is_empty());
            let sql = "UPDATE number SET value = $3 WHERE counter = $1 AND partner = $2";
            tx.execute(sql, &[(&counter).into(), (&partner).into(), next.into()])?;
            // A serial belongs to us; its line stands in the journal of the gateway itself.
            tx.append_event(&NewEvent {
                partner,
                at: now,
                kind: EventKind::NumbersSkipped,
                text: format!("{counter} skipped from {value} to {next} after a restore, by {by}"),
                data: json!({ "counter": counter, "from": value, "to": next, "by": by }),
                ..NewEvent::default()
            })?;
        }
        Ok(counters.len() as u64)
    })
}

/// Control numbers have nine digits and begin again at 1; serials never do.
fn advanced(value: i64, by: i64, is_serial: bool) -> i64 {
    match is_serial {
        true => value + by,
        false => (value + by - 1) % super::number::LARGEST + 1,
    }
}

fn relative(directory: &Path, path: &Path) -> String {
    path.strip_prefix(directory).unwrap_or(path).to_string_lossy().into_owned()
}

fn make_parent(path: &Path) -> Result<(), Error> {
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).map_err(refused("create", parent))
}

fn remove_if_there(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refused("remove", path)(error)),
        _ => Ok(()),
    }
}

fn write_durably(source: &mut dyn Read, target: &Path) -> Result<(), Error> {
    let mut file = File::create(target).map_err(refused("write", target))?;
    io::copy(source, &mut file).and_then(|_| file.sync_all()).map_err(refused("write", target))
}

/// The hash and size of a file.
fn hash_file(path: &Path) -> Result<(String, u64), Error> {
    let mut file = File::open(path).map_err(refused("read", path))?;
    let mut hash = Sha256::new();
    let (mut size, mut chunk) = (0, vec![0; 256 << 10]);
    loop {
        let read = file.read(&mut chunk).map_err(refused("read", path))?;
        if read == 0 {
            return Ok((hex(&hash.finish()), size));
        }
        hash.update(&chunk[..read]);
        size += read as u64;
    }
}

/// Copies a file and refuses it when it is not what the list says.
fn copy_checked(from: &Path, to: &Path, sum: &str) -> Result<u64, Error> {
    make_parent(to)?;
    let mut source = File::open(from).map_err(refused("read", from))?;
    write_durably(&mut source, to)?;
    let (found, size) = hash_file(to)?;
    match found == sum {
        true => Ok(size),
        false => {
            let _ = fs::remove_file(to);
            Err(Error::Store(format!(
                "{} was changed after the backup was made: its hash is not the listed one",
                from.display()
            )))
        }
    }
}

fn write_sums(directory: &Path, sums: &BTreeMap<String, String>) -> Result<(), Error> {
    let arriving = directory.join(format!("{SUMS}.new"));
    let mut file = File::create(&arriving).map_err(refused("write", &arriving))?;
    let text: String = sums.iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect();
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(refused("write", &arriving))?;
    for entry in files_in(&directory.join("archive"))? {
        make_durable(entry.parent().unwrap_or(directory))?;
    }
    let place = directory.join(SUMS);
    fs::rename(&arriving, &place).map_err(refused("write", &place))?;
    make_durable(directory)
}

fn read_sums(directory: &Path) -> Result<BTreeMap<String, String>, Error> {
    let path = directory.join(SUMS);
    let text = fs::read_to_string(&path).map_err(refused("read", &path))?;
    let mut sums = BTreeMap::new();
    for line in text.lines() {
        let (sum, name) = line
            .split_once("  ")
            .ok_or_else(|| Error::Store(format!("{} has a line that is no hash and name: {line:?}", path.display())))?;
        // A list that was tampered with must not lead out of the backup or the home.
        let leads_out = Path::new(name).components().any(|part| !matches!(part, std::path::Component::Normal(_)));
        if leads_out {
            return Err(Error::Store(format!("{} names {name:?}, which is no file of a backup", path.display())));
        }
        sums.insert(name.to_owned(), sum.to_owned());
    }
    Ok(sums)
}

/// Removes files that only an earlier backup had: their bytes were pruned since.
fn remove_unlisted(directory: &Path, sums: &BTreeMap<String, String>) -> Result<(), Error> {
    for path in files_in(&directory.join("archive"))? {
        if !sums.contains_key(&relative(directory, &path)) {
            remove_if_there(&path)?;
        }
    }
    Ok(())
}

/// The files in the folders of an archive.
fn files_in(archive: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = |path: &Path| -> Result<Vec<PathBuf>, Error> {
        let listed = fs::read_dir(path).map_err(refused("list", path))?;
        listed.map(|entry| entry.map(|entry| entry.path()).map_err(refused("list", path))).collect()
    };
    let mut files = Vec::new();
    if archive.is_dir() {
        for folder in entries(archive)?.into_iter().filter(|path| path.is_dir()) {
            files.extend(entries(&folder)?);
        }
    }
    Ok(files)
}
