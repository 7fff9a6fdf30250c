//! Which path leads to which handler, and what every request goes through on its way.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::routing::{MethodRouter, get, post};

use super::answer::{Answer, Refusal};
use super::call::{Call, Peer};
use super::context::Context;
use super::v1::table::{ROUTES, Route};
use super::{api, as2, health, metrics, page, v1};
use crate::config::listen::{Listen, Serves};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::web;

/// The largest head of a request that is answered, in bytes.
pub const LARGEST_HEAD: usize = 32 << 10;

/// What a listener answers.
pub fn router(context: &Arc<Context>, listen: &Arc<Listen>) -> Router {
    let desk = Desk { context: Arc::clone(context), listen: Arc::clone(listen) };
    let mut router = Router::new();
    let reads = listen.serves.contains(&Serves::V1);
    for serves in &listen.serves {
        router = match serves {
            Serves::V1 => ROUTES.iter().fold(router, |router, route| {
                let hands_in = route.path == api::DOCUMENTS && listen.serves.contains(&Serves::Api);
                router.route(route.path, desk.reading(route, hands_in))
            }),
            // Where the books are read too, the table of that has these paths.
            Serves::Api if reads => router,
            Serves::Api => router
                .route(api::DOCUMENTS, {
                    let (here, other) = (desk.clone(), desk.clone());
                    post(move |request| here.answer(request, api::hand_in))
                        .fallback(move |request| other.answer(request, |_, _| refuse(Refusal::wrong_method("POST"))))
                })
                .route(api::ONE_DOCUMENT, {
                    let (here, other) = (desk.clone(), desk.clone());
                    get(move |request| here.answer(request, api::look_up))
                        .fallback(move |request| other.answer(request, |_, _| refuse(Refusal::wrong_method("GET"))))
                }),
            Serves::Metrics => router.route(metrics::METRICS, desk.only_read(metrics::metrics)),
            Serves::Health => {
                let router = router.route(health::ALIVE, desk.only_read(health::alive));
                router.route(health::READY, desk.only_read(health::ready))
            }
            Serves::As2 => router.route(as2::MESSAGES, {
                let (here, other) = (desk.clone(), desk.clone());
                post(move |request| here.answer(request, as2::receive))
                    .fallback(move |request| other.answer(request, |_, _| refuse(Refusal::wrong_method("POST"))))
            }),
            Serves::Pages => page::routes(router, &desk),
        };
    }
    if listen.serves.contains(&Serves::Pages) {
        return router.fallback(move |request| desk.answer(request, page::nowhere));
    }
    router.fallback(move |request| desk.answer(request, |_, _| refuse(no_such_place())))
}

async fn refuse(refusal: Refusal) -> Result<Answer, Refusal> {
    Err(refusal)
}

fn no_such_place() -> Refusal {
    Refusal::of(StatusCode::NOT_FOUND, &web::NO_SUCH_PLACE, "there is nothing at this path")
}

/// Where requests become calls, and refusals answers.
#[derive(Clone)]
pub(super) struct Desk {
    context: Arc<Context>,
    listen: Arc<Listen>,
}

impl Desk {
    /// Answers what is only asked for.
    fn only_read<A, F>(&self, handler: A) -> MethodRouter
    where
        A: FnOnce(Arc<Context>, Call) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Answer, Refusal>> + Send + 'static,
    {
        let (here, other) = (self.clone(), self.clone());
        get(move |request| here.answer(request, handler))
            .fallback(move |request| other.answer(request, |_, _| refuse(Refusal::wrong_method("GET, HEAD"))))
    }

    /// Answers what is asked of the books at a path; where documents are handed in at the same path, takes them too.
    fn reading(&self, route: &'static Route, hands_in: bool) -> MethodRouter {
        let (here, other) = (self.clone(), self.clone());
        let router = get(move |request| {
            here.answer(request, move |context, call| async move { Ok(v1::answer(context, call, route).await) })
        })
        .fallback(move |request| other.answer(request, |_, call| async move { Ok(v1::wrong_method(&call)) }));
        if !hands_in {
            return router;
        }
        let intake = self.clone();
        router.post(move |request| intake.answer(request, api::hand_in))
    }

    pub(super) async fn answer<A, F>(self, request: Request, handler: A) -> Answer
    where
        A: FnOnce(Arc<Context>, Call) -> F,
        F: Future<Output = Result<Answer, Refusal>>,
    {
        let (head, body) = request.into_parts();
        let Some(peer) = head.extensions.get::<Peer>().cloned() else {
            // Every connection puts its peer into its requests.
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let path = head.uri.path().to_owned();
        let headers = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
        let size = head.uri.to_string().len() + headers.sum::<usize>();
        let call = Call {
            peer: peer.clone(),
            listen: self.listen,
            method: head.method,
            uri: head.uri,
            headers: head.headers,
            body,
        };
        let outcome = match size > LARGEST_HEAD {
            true => Err(head_too_large(size)),
            false => handler(Arc::clone(&self.context), call).await,
        };
        outcome.unwrap_or_else(|refusal| {
            refusal.log(&peer, &path);
            if let Some(partner) = refusal.partner() {
                self.context.host.failed(partner, crate::config::listen::Api::ENDPOINT, refusal.message());
            }
            refusal.into_response()
        })
    }
}

fn head_too_large(size: usize) -> Refusal {
    let fault = Diagnostic::new(&web::HEAD_TOO_LARGE, "the request line and its headers are too large");
    let fault = fault.expected(format!("at most {LARGEST_HEAD} bytes")).found(format!("{size} bytes"));
    Refusal::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, fault)
}
