//! An API of a partner, played by axum in the test process: every request is heard and answered by a function of the test.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::Response;
use jiff::Timestamp;
use tokio::sync::oneshot;

/// A request as it was heard.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    pub method: String,
    pub path: String,
    /// The parameters, decoded.
    pub query: BTreeMap<String, String>,
    /// The whole query string.
    pub raw_query: String,
    /// Headers with lower-case names.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Heard {
    /// A parameter, empty when it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.query.get(name).map(String::as_str).unwrap_or_default()
    }

    /// A header, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The fields of a form.
    pub fn form(&self) -> BTreeMap<String, String> {
        decoded(&self.body)
    }
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// How long it takes.
    pub delay: Duration,
}

impl Answer {
    pub fn json(body: serde_json::Value) -> Answer {
        Answer::text(200, &body.to_string())
    }

    pub fn text(status: u16, body: &str) -> Answer {
        Answer { status, body: body.as_bytes().to_vec(), ..Answer::default() }
    }

    pub fn status(status: u16) -> Answer {
        Answer::text(status, "")
    }

    pub fn with(mut self, name: &str, value: impl ToString) -> Answer {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }
}

/// The time of the test, which the API tells in its Date header.
pub type Time = Arc<Mutex<Timestamp>>;

/// An API that listens; it ends with this value.
pub struct Api {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    _end: oneshot::Sender<()>,
}

impl Api {
    /// Plays an API; its clock is the machine's.
    pub fn play(play: impl FnMut(&Heard) -> Answer + Send + 'static) -> Api {
        Api::play_at(None, play)
    }

    /// Plays an API with the clock of the test.
    pub fn play_at(time: Option<Time>, play: impl FnMut(&Heard) -> Answer + Send + 'static) -> Api {
        let heard: Arc<Mutex<Vec<Heard>>> = Arc::default();
        let (listening, address) = mpsc::channel();
        let (end, ended) = oneshot::channel();
        let (log, play) = (Arc::clone(&heard), Arc::new(Mutex::new(play)));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                listening.send(listener.local_addr().unwrap()).unwrap();
                let app = Router::new().fallback(move |request: Request| {
                    let (log, play, time) = (Arc::clone(&log), Arc::clone(&play), time.clone());
                    async move {
                        let one = hear(request).await;
                        log.lock().unwrap().push(one.clone());
                        let answer = (play.lock().unwrap())(&one);
                        tokio::time::sleep(answer.delay).await;
                        let mut response = Response::builder().status(answer.status);
                        if let Some(time) = &time {
                            let now = *time.lock().unwrap();
                            response = response.header("date", now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
                        }
                        for (name, value) in &answer.headers {
                            response = response.header(name, value);
                        }
                        response.body(Body::from(answer.body)).unwrap()
                    }
                });
                let _ = axum::serve(listener, app).with_graceful_shutdown(async { _ = ended.await }).await;
            });
        });
        Api { address: address.recv().unwrap(), heard, _end: end }
    }

    /// Its address, for `base`.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// The requests for a path.
    pub fn heard_at(&self, path: &str) -> Vec<Heard> {
        self.heard().into_iter().filter(|one| one.path == path).collect()
    }
}

async fn hear(request: Request) -> Heard {
    let (parts, body) = request.into_parts();
    let raw_query = parts.uri.query().unwrap_or_default().to_owned();
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Heard {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: decoded(&raw_query),
        raw_query,
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: String::from_utf8_lossy(&to_bytes(body, usize::MAX).await.unwrap_or_default()).into_owned(),
    }
}

fn decoded(query: &str) -> BTreeMap<String, String> {
    let url = reqwest::Url::parse(&format!("http://query/?{query}")).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}
