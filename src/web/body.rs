//! Bodies as they come: a small one stays in memory, a large one goes to the spool, and none takes longer or more than its
//! listener allows.
//!
//! ```text
//! 812 bytes        Received in memory
//! 90 MB            Received in spool/<id>, which goes when nobody needs it any more
//! one byte a second, an end that never comes, more than max_body     a refusal; what came is gone
//! ```
//!
//! What stands in the spool is in nobody's custody: nobody was told that it came. A start clears it.

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use http_body_util::BodyExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, timeout};
use tracing::warn;

use super::answer::Refusal;
use crate::config::listen::Listen;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::web;
use crate::ledger::{self, Archive, Content, Id};

/// Bodies up to this size are held in memory.
const HELD: usize = 64 << 10;
/// A body that is slower than this on the whole, in bytes per second, is given up.
const SLOWEST: u64 = 1_000;
/// All bodies that are under way have so much of the spool together.
const MOST_SPOOLED: u64 = 4 << 30;

/// Where large bodies go while they come.
#[derive(Debug, Clone)]
pub struct Spool {
    folder: PathBuf,
    used: Arc<AtomicU64>,
}

impl Spool {
    /// The spool below a home.
    pub fn below(home: &Path) -> Spool {
        Spool { folder: home.join("spool"), used: Arc::default() }
    }

    /// A new file in it; it is removed when the answer is dropped.
    pub fn new_file(&self) -> Spooled {
        Spooled { path: self.folder.join(Id::new().as_str()), size: 0, used: Arc::clone(&self.used) }
    }
}

/// A file of the spool, which is removed with this.
#[derive(Debug)]
pub struct Spooled {
    path: PathBuf,
    size: u64,
    used: Arc<AtomicU64>,
}

impl Spooled {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Counts bytes before they are written; false when all bodies together would be too many.
    fn grows_by(&mut self, bytes: u64) -> bool {
        self.size += bytes;
        self.used.fetch_add(bytes, Ordering::Relaxed) + bytes <= MOST_SPOOLED
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        self.used.fetch_sub(self.size, Ordering::Relaxed);
        // It may never have been made; what stays is removed at the next start.
        let _ = fs::remove_file(&self.path);
    }
}

/// A body that came whole.
#[derive(Debug)]
pub enum Received {
    /// In memory.
    Held(Vec<u8>),
    /// In the spool.
    Spooled(Spooled),
}

impl Received {
    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        match self {
            Received::Held(bytes) => bytes.len() as u64,
            Received::Spooled(spooled) => spooled.size,
        }
    }

    /// Reads it from its beginning.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(match self {
            Received::Held(bytes) => Box::new(Cursor::new(bytes.as_slice())),
            Received::Spooled(spooled) => Box::new(File::open(&spooled.path)?),
        })
    }

    /// Makes it ready for the ledger: what is large is durable in the archive afterwards. It blocks.
    pub fn into_content(self, archive: &Archive) -> Result<Content, ledger::Error> {
        match self {
            Received::Held(bytes) => Ok(Content::in_memory(bytes)),
            Received::Spooled(spooled) => archive.take_in(&spooled.path),
        }
    }
}

/// Reads a body whole, or refuses it.
pub async fn receive(
    mut body: Body,
    announced: Option<u64>,
    listen: &Listen,
    spool: &Spool,
) -> Result<Received, Refusal> {
    if let Some(announced) = announced.filter(|announced| *announced > listen.max_body) {
        return Err(too_large(listen.max_body, Some(announced)));
    }
    let began = Instant::now();
    let (mut size, mut target) = (0, Target::Held(Vec::new()));
    while let Some(chunk) = next_chunk(&mut body, listen.patience).await? {
        size += chunk.len() as u64;
        if size > listen.max_body {
            return Err(too_large(listen.max_body, None));
        }
        let within = began.elapsed();
        if within > listen.patience && size / within.as_secs().max(1) < SLOWEST {
            return Err(too_slow(&format!("{size} bytes came in {} s", within.as_secs())));
        }
        target = target.add(&chunk, spool).await?;
    }
    target.finish().await
}

/// The next bytes; `None` at the end.
async fn next_chunk(body: &mut Body, patience: Duration) -> Result<Option<Bytes>, Refusal> {
    loop {
        let frame = timeout(patience, body.frame()).await;
        match frame.map_err(|_| too_slow(&format!("nothing came for {} s", patience.as_secs_f32())))? {
            None => return Ok(None),
            // Trailers say nothing that we need.
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => return Ok(Some(data)),
                Err(_) => continue,
            },
            Some(Err(error)) => {
                let message = format!("the body broke off: {error}");
                return Err(Refusal::of(StatusCode::BAD_REQUEST, &web::BODY_BROKEN, message));
            }
        }
    }
}

fn too_large(most: u64, announced: Option<u64>) -> Refusal {
    let fault = Diagnostic::new(&web::BODY_TOO_LARGE, "the body is larger than is taken in one request");
    let found = announced.map_or_else(|| "more than that".to_owned(), |announced| format!("{announced} bytes"));
    let fault = fault.expected(format!("at most {most} bytes")).found(found);
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, fault)
}

fn too_slow(found: &str) -> Refusal {
    let fault = Diagnostic::new(&web::TOO_SLOW, "the body comes too slowly");
    Refusal::new(StatusCode::REQUEST_TIMEOUT, fault.expected(format!("{SLOWEST} bytes per second")).found(found))
}

/// Where bytes go.
enum Target {
    Held(Vec<u8>),
    Spooled(Spooled, tokio::fs::File),
}

impl Target {
    async fn add(self, chunk: &[u8], spool: &Spool) -> Result<Target, Refusal> {
        let (mut spooled, mut file) = match self {
            Target::Held(mut held) if held.len() + chunk.len() <= HELD => {
                held.extend_from_slice(chunk);
                return Ok(Target::Held(held));
            }
            Target::Held(held) => {
                let mut spooled = spool.new_file();
                let file = tokio::fs::File::create_new(&spooled.path).await;
                let mut file = file.map_err(|error| cannot_spool(&spooled.path, &error))?;
                write(&mut spooled, &mut file, &held).await?;
                (spooled, file)
            }
            Target::Spooled(spooled, file) => (spooled, file),
        };
        write(&mut spooled, &mut file, chunk).await?;
        Ok(Target::Spooled(spooled, file))
    }

    async fn finish(self) -> Result<Received, Refusal> {
        match self {
            Target::Held(bytes) => Ok(Received::Held(bytes)),
            Target::Spooled(spooled, mut file) => {
                // What was written in the background is done, or failed, after this.
                file.flush().await.map_err(|error| cannot_spool(&spooled.path, &error))?;
                Ok(Received::Spooled(spooled))
            }
        }
    }
}

async fn write(spooled: &mut Spooled, file: &mut tokio::fs::File, chunk: &[u8]) -> Result<(), Refusal> {
    if !spooled.grows_by(chunk.len() as u64) {
        warn!("bodies that are under way fill the spool, one is refused");
        return Err(Refusal::not_now());
    }
    file.write_all(chunk).await.map_err(|error| cannot_spool(&spooled.path, &error))
}

/// Our own disk is at fault, so that the sender only hears when to try again.
fn cannot_spool(path: &Path, error: &io::Error) -> Refusal {
    warn!(path = %path.display(), %error, "a body cannot be kept");
    Refusal::not_now()
}
