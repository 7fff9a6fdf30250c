//! One connection from its first byte to its last: TLS, then one request after the other, each within limits of size and time.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use openssl::ssl::{Ssl, SslAcceptor};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_openssl::SslStream;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::answer::Answer;
use super::call::Peer;
use super::routes::LARGEST_HEAD;
use super::tls;
use super::wire::Wire;
use crate::config::listen::Listen;
use crate::diagnostic::codes::web;

/// What every connection of a listener needs; it is made anew when the listener's settings are.
#[derive(Clone)]
pub struct Door {
    /// The settings.
    pub listen: Arc<Listen>,
    /// What accepts TLS; `None` where there is none.
    pub tls: Option<SslAcceptor>,
    /// What is answered.
    pub router: Router,
}

/// Serves a connection to its end; asked to stop, it ends what was begun and closes.
pub async fn serve(stream: TcpStream, address: SocketAddr, door: Door, stop: CancellationToken) {
    // An answer is one small write.
    let _ = stream.set_nodelay(true);
    let wire = Wire::over(stream, door.listen.patience);
    let Some(acceptor) = &door.tls else {
        let peer = Peer { address, certificate: None };
        let mut wire = serve_http(wire, peer, &door, stop).await;
        wire.close().await;
        return;
    };
    match accept(acceptor, wire, &door).await {
        Ok(stream) => {
            let certificate = tls::shown(stream.ssl()).map(Arc::from);
            let mut stream = serve_http(stream, Peer { address, certificate }, &door, stop).await;
            // Our word that this is the end; theirs is not waited for.
            let _ = timeout(door.listen.patience, stream.shutdown()).await;
            stream.get_mut().close().await;
        }
        Err(why) => tell_broken(address, &why),
    }
}

async fn accept(acceptor: &SslAcceptor, wire: Wire, door: &Door) -> Result<SslStream<Wire>, String> {
    let ssl = Ssl::new(acceptor.context()).map_err(|error| error.to_string())?;
    let mut stream = SslStream::new(ssl, wire).map_err(|error| error.to_string())?;
    match timeout(door.listen.patience, Pin::new(&mut stream).accept()).await {
        Ok(Ok(())) => Ok(stream),
        Ok(Err(error)) => Err(format!("no TLS: {error}")),
        Err(_) => Err("no TLS within the patience of the listener".to_owned()),
    }
}

/// One request after the other; returns the stream when either side has ended the conversation.
async fn serve_http<S>(stream: S, peer: Peer, door: &Door, stop: CancellationToken) -> S
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let address = peer.address;
    let router = TowerToHyperService::new(door.router.clone());
    let was_asked = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&was_asked);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        asked.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(peer.clone());
        let answer = router.call(request);
        Box::pin(answer) as Pin<Box<dyn Future<Output = Result<Answer, Infallible>> + Send>>
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(door.listen.patience).max_header_size(2 * LARGEST_HEAD);
    // Who has said everything may close that half and listen on.
    http.half_close(true);
    let mut connection = http.serve_connection(TokioIo::new(stream), service);
    let mut is_stopping = false;
    let outcome = loop {
        tokio::select! {
            outcome = poll_fn(|cx| connection.poll_without_shutdown(cx)) => break outcome,
            () = stop.cancelled(), if !is_stopping => {
                is_stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    // Whoever was answered and says nothing more has gone home.
    if let Err(error) = outcome
        && !(error.is_timeout() && was_asked.load(Ordering::Relaxed))
    {
        tell_broken(address, &error.to_string());
    }
    connection.into_parts().io.into_inner()
}

fn tell_broken(address: SocketAddr, why: &str) {
    let code = web::BROKEN_CONNECTION.code;
    info!(peer = %address.ip(), code, "connection broke off: {why}");
}
