//! The pages: what the books say, for people who signed in. Made here, readable without a script, on paper and on a phone.
//!
//! ```text
//! GET  /findings?partner=megamart      who is it? ─ may they see it? ─ one read of the books ─ one template ─ HTML
//! POST /deliveries/0198…/release       the same, and: does the form carry the token of their visit? may they act?
//! ```
//!
//! A page is a function from an `Asking` to an answer, a template beside it, and a line in `PAGES`; a button is one in
//! `BUTTONS`. Whoever may see only some partners is told of the others what a stranger is told: there is no such thing.
//!
//! Never here: a page that reads what it does not show, a link to another house, a script, a text that is not escaped, a change
//! without a line in the journal.

pub mod days;
mod asking;
mod chart;
mod fault;
mod form;
mod frame;
mod moment;
mod raw;
mod sheet;
mod table;
mod sign_in;
mod today;
mod acknowledgments;
mod evidence;
mod orders;
mod documents;
mod files;
mod findings;
mod clocks;
mod failures;
mod deliveries;
mod remedies;
mod partners;
mod guides;
mod journal;
mod nodes;
mod people;
mod account;

use std::io::Read as _;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, HOST, HeaderName, HeaderValue, LOCATION, ORIGIN,
    REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use tracing::error;

use super::answer::{Answer, Refusal};
use super::call::Call;
use super::context::Context;
use super::people::{self as visitors, Asker, Visit};
use super::routes::Desk;
use crate::ledger::Error;
use asking::Asking;
use fault::Fault;
use form::Form;

/// What a page shows of the books.
type Show = fn(&Asking<'_>) -> Result<Answer, Fault>;
/// What a button does.
type Act = fn(&Asking<'_>, &Form) -> Result<Answer, Fault>;

/// Every page by its path.
const PAGES: [(&str, Show); 26] = [
    ("/", today::show),
    ("/acknowledgments", acknowledgments::show),
    ("/acknowledgments.csv", acknowledgments::csv),
    ("/evidence/{id}", evidence::show),
    ("/orders", orders::list),
    ("/orders/{partner}/{po_number}", orders::show),
    ("/documents", documents::list),
    ("/documents/{id}", documents::show),
    ("/files/{id}", files::show),
    ("/files/{id}/bytes", files::bytes),
    ("/findings", findings::list),
    ("/findings/{id}", findings::show),
    ("/clocks", clocks::list),
    ("/clocks/{id}", clocks::show),
    ("/failures", failures::list),
    ("/failures/{partner}/{sequence}", failures::show),
    ("/deliveries", deliveries::list),
    ("/deliveries/{id}", deliveries::show),
    ("/partners", partners::list),
    ("/partners/{id}", partners::show),
    ("/partners/{id}/guides/{set}/{version}", guides::show),
    ("/journal", journal::list),
    ("/nodes", nodes::list),
    ("/account", account::show),
    ("/people", people::list),
    ("/people/{name}", people::show),
];

/// Every button by its path.
const BUTTONS: [(&str, Act); 20] = [
    ("/sign-out", sign_in::sign_out),
    ("/findings/{id}/assign", findings::assign),
    ("/findings/{id}/waive", findings::waive),
    ("/findings/{id}/reopen", findings::reopen),
    ("/clocks/{id}/waive", clocks::waive),
    ("/deliveries/{id}/release", remedies::release),
    ("/deliveries/{id}/resend", remedies::resend),
    ("/deliveries/{id}/resend-anew", remedies::resend_anew),
    ("/deliveries/{id}/waive", remedies::waive),
    ("/files/{id}/replay", remedies::replay),
    ("/files/{id}/accept", remedies::accept),
    ("/journal/verify", journal::verify),
    ("/account/password", account::change_password),
    ("/people", people::add),
    ("/people/{name}/password", people::give_password),
    ("/people/{name}/role", people::give_role),
    ("/people/{name}/token", people::make_token),
    ("/people/{name}/revoke", people::revoke),
    ("/people/{name}/sign-out", people::sign_out),
    ("/people/{name}/disable", people::disable),
];

/// The paths of the pages, added to those of a listener.
pub(super) fn routes(mut router: Router, desk: &Desk) -> Router {
    for (path, page) in PAGES {
        let here = desk.clone();
        router = router
            .route(path, get(move |request| here.answer(request, move |context, call| show(context, call, page))));
    }
    for (path, button) in BUTTONS {
        let here = desk.clone();
        router = router
            .route(path, post(move |request| here.answer(request, move |context, call| press(context, call, button))));
    }
    let (form, sent, style) = (desk.clone(), desk.clone(), desk.clone());
    let sign_in = get(move |request| form.answer(request, sign_in::form))
        .post(move |request| sent.answer(request, sign_in::enter));
    router.route("/sign-in", sign_in).route(frame::STYLE, get(move |request| style.answer(request, stylesheet)))
}

/// What is answered where a listener serves pages and has none.
pub(super) async fn nowhere(context: Arc<Context>, call: Call) -> Result<Answer, Refusal> {
    show(context, call, |_| Err(Fault::NoSuchPage)).await
}

async fn stylesheet(_: Arc<Context>, _: Call) -> Result<Answer, Refusal> {
    let mut answer = of_type("text/css; charset=utf-8", frame::STYLESHEET);
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    Ok(answer)
}

/// What was asked, apart from its body.
struct Question {
    asker: Asker,
    call: Asked,
}

/// The parts of a call that a page needs; they may go to another thread.
#[derive(Debug, Clone)]
struct Asked {
    path: String,
    query: Form,
    listen: Arc<crate::config::listen::Listen>,
}

impl Question {
    fn of(context: &Context, call: &Call) -> Question {
        let query = Form::parse(call.uri.query().unwrap_or_default());
        let asked = Asked { path: call.uri.path().to_owned(), query, listen: Arc::clone(&call.listen) };
        Question { asker: Asker::of(call, &context.host.config().people), call: asked }
    }
}

/// Shows a page to whoever signed in; everybody else is asked to.
async fn show(context: Arc<Context>, call: Call, page: Show) -> Result<Answer, Refusal> {
    let question = Question::of(&context, &call);
    Ok(answered(context, question, page).await)
}

/// Does what a button says, for whoever signed in and pressed it on a page of ours.
async fn press(context: Arc<Context>, call: Call, button: Act) -> Result<Answer, Refusal> {
    let question = Question::of(&context, &call);
    let is_foreign = comes_from_elsewhere(&call);
    let form = read(&context, call).await?;
    Ok(answered(context, question, move |asking| {
        let token = form.exactly("token").unwrap_or_default();
        if is_foreign || !asking.visit.secret.is_form_token(token) {
            return Err(Fault::NotOurForm);
        }
        button(asking, &form)
    })
    .await)
}

/// Finds out who asks, and answers them, on a thread that may wait for the books.
async fn answered(
    context: Arc<Context>,
    question: Question,
    work: impl FnOnce(&Asking<'_>) -> Result<Answer, Fault> + Send + 'static,
) -> Answer {
    let listen = Arc::clone(&question.call.listen);
    let working = tokio::task::spawn_blocking(move || {
        let host = context.host.as_ref();
        let Question { asker, call } = question;
        let visit = match visitors::visit(host, &asker) {
            Ok(visit) => visit,
            Err(error) => return out_of_order(&error),
        };
        let Some(visit) = visit else { return ask_to_sign_in(&call) };
        let asking = Asking::new(&context, &call, &asker, &visit);
        let mut answer = match work(&asking) {
            Ok(answer) => answer,
            Err(fault) => fault.answer(&asking),
        };
        remember(&mut answer, &call, &visit);
        answer
    });
    let mut answer = working.await.unwrap_or_else(|error| {
        error!(%error, "a page broke");
        plain(StatusCode::INTERNAL_SERVER_ERROR, "this page broke; the log of edigate says where")
    });
    protect(&mut answer, &listen);
    answer
}

fn remember(answer: &mut Answer, call: &Asked, visit: &Visit) {
    if visit.is_new
        && !answer.headers().contains_key(SET_COOKIE)
        && let Ok(cookie) = HeaderValue::from_str(&visitors::cookie(&call.listen, &visit.secret))
    {
        answer.headers_mut().insert(SET_COOKIE, cookie);
    }
}

fn out_of_order(error: &Error) -> Answer {
    error!(%error, "the books cannot be read for a page");
    plain(StatusCode::SERVICE_UNAVAILABLE, "the books cannot be read at the moment; `edigate status` says why")
}

/// Sends a browser to the sign-in, which leads back to where it wanted to go.
fn ask_to_sign_in(call: &Asked) -> Answer {
    let here = format!("{}{}", call.path, call.query.with("", None));
    match here.as_str() {
        "/" => redirect("/sign-in"),
        _ => redirect(&format!("/sign-in?then={}", form::encoded(&here))),
    }
}

/// A request that another house's page made a browser send: no form of ours is filled in there.
fn comes_from_elsewhere(call: &Call) -> bool {
    const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    match (call.header(SITE), call.header(ORIGIN)) {
        (Some(site), _) => site != "same-origin" && site != "none",
        (None, Some(origin)) => {
            let host = call.header(HOST).unwrap_or_default();
            origin.split_once("://").is_none_or(|(_, origin)| origin != host)
        }
        // No browser of today sends neither with a form; a program that does has no cookie to misuse.
        (None, None) => false,
    }
}

/// The largest form.
const LARGEST_FORM: u64 = 64 << 10;

async fn read(context: &Context, call: Call) -> Result<Form, Refusal> {
    let received = call.receive(context).await?;
    let mut text = String::new();
    // What is larger, or no text, is no form of ours; its missing token says so.
    let read = received.open().and_then(|body| body.take(LARGEST_FORM).read_to_string(&mut text));
    Ok(read.map(|_| Form::parse(&text)).unwrap_or_default())
}

/// An answer that shows a text.
fn of_type(content_type: &'static str, text: impl Into<Body>) -> Answer {
    let mut answer = Response::new(text.into());
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    let mut answer = of_type("text/plain; charset=utf-8", text);
    *answer.status_mut() = status;
    answer
}

/// A page as its template made it.
fn html(page: &impl askama::Template) -> Result<Answer, Fault> {
    let text = page.render().map_err(|error| Fault::Books(Error::Unexpected(error.to_string())))?;
    Ok(of_type("text/html; charset=utf-8", text))
}

/// Sends a browser elsewhere in our house; it asks there anew.
fn redirect(to: &str) -> Answer {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    // What is no header was no path of ours.
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    answer.headers_mut().insert(LOCATION, to);
    answer
}

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// What keeps a browser from doing with a page what nobody meant.
fn protect(answer: &mut Answer, listen: &crate::config::listen::Listen) {
    let headers = answer.headers_mut();
    let always = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    headers.extend(always.map(|(name, value)| (name, HeaderValue::from_static(value))));
    // What somebody saw is not shown to the next one at the same browser.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.append(axum::http::header::VARY, HeaderValue::from_name(COOKIE));
    if listen.tls.is_some() {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(axum::http::header::STRICT_TRANSPORT_SECURITY, year);
    }
}
