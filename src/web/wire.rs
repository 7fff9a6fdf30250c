//! One TCP connection under everything else: a peer that does not read is given up, and one that is refused in mid-sentence
//! still hears why.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep, timeout};

/// How long and how much is still read, and thrown away, of a peer whose request was answered before its end.
const LINGER: (Duration, u64) = (Duration::from_secs(2), 16 << 20);

/// A connection whose writes have a time limit.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    patience: Duration,
    /// Runs while the peer reads nothing of what we write.
    stuck: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    /// A connection that was accepted.
    pub fn over(stream: TcpStream, patience: Duration) -> Wire {
        Wire { stream, patience, stuck: None }
    }

    /// Ends it: closing a socket that holds unread bytes resets it, and the answer would be lost on its way.
    pub async fn close(&mut self) {
        let (within, most) = LINGER;
        let rest = async {
            // It may have been shut down by what stands above.
            let _ = self.stream.shutdown().await;
            tokio::io::copy(&mut (&mut self.stream).take(most), &mut tokio::io::sink()).await
        };
        // Whoever does not stop talking is cut off.
        let _ = timeout(within, rest).await;
    }

    fn limited<T>(&mut self, outcome: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stuck = None;
            return outcome;
        }
        let patience = self.patience;
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(sleep(patience)));
        match stuck.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.limited(outcome, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
