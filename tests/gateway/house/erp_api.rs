//! The API of an ERP, played in this process: it notes what is asked of it and answers as it was told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Response, StatusCode};

/// What was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What to answer.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A status, headers and a body.
    Says(u16, Vec<(&'static str, String)>, &'static str),
    /// Nothing, for longer than anybody waits.
    Nothing,
}

pub fn says(status: u16) -> Reply {
    Reply::Says(status, Vec::new(), "")
}

/// The API.
pub struct Api {
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    _runtime: tokio::runtime::Runtime,
}

impl Api {
    /// Answers these in this order, and 201 ever after. What only asks whether it is there (HEAD) is answered 200 and not noted.
    pub fn that(replies: &[Reply]) -> Api {
        let (asked, replies) =
            (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(replies.iter().cloned().collect())));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (notes, told) = (Arc::clone(&asked), Arc::clone(&replies));
        let router = Router::new().fallback(move |request| answer(request, Arc::clone(&notes), Arc::clone(&told)));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Api { port, asked, replies, _runtime: runtime }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Forgets the replies that were not given yet, and gives these.
    pub fn answers_now(&self, replies: &[Reply]) {
        *self.replies.lock().unwrap() = replies.iter().cloned().collect();
    }

    /// True when every reply was given.
    pub fn is_done(&self) -> bool {
        self.replies.lock().unwrap().is_empty()
    }
}

async fn answer(
    request: Request,
    asked: Arc<Mutex<Vec<Asked>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    if head.method == "HEAD" {
        return Response::new(Body::empty());
    }
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let path = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let one = Asked { method: head.method.to_string(), path, headers: headers.collect(), body };
    asked.lock().unwrap().push(one);
    let reply = replies.lock().unwrap().pop_front();
    match reply.unwrap_or(says(201)) {
        Reply::Says(status, headers, body) => {
            let mut answer = Response::new(Body::from(body));
            *answer.status_mut() = StatusCode::from_u16(status).unwrap();
            for (name, value) in headers {
                answer.headers_mut().insert(name, value.parse().unwrap());
            }
            answer
        }
        Reply::Nothing => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            Response::new(Body::empty())
        }
    }
}
