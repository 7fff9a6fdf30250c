//! The bytes of a file, as they came or went, handed out while they are read and verified.

use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::Response;
use axum::http::header::{
    CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
use hyper::body::Frame;
use tokio::sync::mpsc;
use tracing::error;

use super::asked::Asked;
use super::{Answered, Fault};
use crate::ledger::content::Verified;
use crate::ledger::transmission::Transmission;
use crate::web::answer::Answer;

/// How much is read at a time.
const CHUNK: usize = 64 << 10;
/// How many chunks wait for a slow reader.
const AHEAD: usize = 4;

/// A file that is about to be handed out.
pub struct Raw {
    transmission: Transmission,
    bytes: Verified,
}

pub(super) fn of_document(asked: &Asked) -> Result<Answered, Fault> {
    let found = asked.host.ledger().read(|tx| {
        let Some(row) = tx.document_row(&asked.id())? else { return Ok(None) };
        let brought_by = tx.document(&asked.id())?.transmission;
        let transmission = tx.transmission(&brought_by)?;
        let bytes = tx.open_content(&transmission.sha256)?;
        Ok(Some((row, Raw { transmission, bytes })))
    })?;
    let (_, raw) = asked.seen("document", found, |(row, _)| &row.partner)?;
    // A file of one partner may have brought documents of several.
    let raw = asked.seen("document", Some(raw), |raw| &raw.transmission.partner)?;
    Ok(Answered::Raw(Box::new(raw)))
}

impl Raw {
    /// Answers with it; the rest is read on a thread of its own while the reader takes it.
    pub fn into_answer(self) -> Answer {
        let (chunks, taken) = mpsc::channel(AHEAD);
        let Raw { transmission, bytes } = self;
        let name = transmission.name.clone();
        tokio::task::spawn_blocking(move || hand_out(bytes, &name, &chunks));
        let mut answer = Response::new(Body::new(Chunks(taken)));
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(CONTENT_LENGTH, transmission.size.into());
        let texts = [
            (ETAG, format!("\"{}\"", transmission.sha256)),
            (CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", plain(&transmission.name))),
        ];
        headers.extend(texts.into_iter().filter_map(|(name, text)| Some((name, HeaderValue::try_from(text).ok()?))));
        answer
    }
}

/// A name that needs no quoting.
fn plain(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_graphic() && !"\"\\/".contains(c) { c } else { '_' };
    name.chars().map(keep).collect()
}

/// Reads until the end, or until nobody takes it; what is damaged breaks off, so that nobody takes it for the whole.
fn hand_out(mut bytes: Verified, name: &str, chunks: &mpsc::Sender<std::io::Result<Bytes>>) {
    let mut chunk = vec![0; CHUNK];
    loop {
        let next = match bytes.read(&mut chunk) {
            Ok(0) => return,
            Ok(read) => Ok(Bytes::copy_from_slice(&chunk[..read])),
            Err(fault) => {
                error!(file = name, %fault, "archived bytes cannot be handed out");
                Err(fault)
            }
        };
        let is_end = next.is_err();
        if chunks.blocking_send(next).is_err() || is_end {
            return;
        }
    }
}

/// The chunks as a body.
struct Chunks(mpsc::Receiver<std::io::Result<Bytes>>);

impl hyper::body::Body for Chunks {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.0.poll_recv(cx).map(|next| next.map(|chunk| chunk.map(Frame::data)))
    }
}
