//! Signing in and out.
//!
//! The form of signing in belongs to no visit and carries no token: a browser sends along from where it was filled in, and what
//! was filled in elsewhere is refused.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, SET_COOKIE};

use super::asking::Asking;
use super::fault::Fault;
use super::form::Form;
use super::moment::in_words;
use super::{Question, comes_from_elsewhere, html, out_of_order, plain, protect, read, redirect};
use crate::ledger::Error;
use crate::web::answer::{Answer, Refusal};
use crate::web::call::Call;
use crate::web::context::Context;
use crate::web::people::{self, Outcome};

#[derive(Template)]
#[template(path = "sign_in.html", config = "src/web/page/askama.toml")]
struct Page {
    us: String,
    then: String,
    name: String,
    why: Option<String>,
}

/// The form.
pub(super) async fn form(context: Arc<Context>, call: Call) -> Result<Answer, Refusal> {
    let query = Form::parse(call.uri.query().unwrap_or_default());
    let then = place_of_ours(query.value("then"));
    let mut answer = page(&context, StatusCode::OK, then, String::new(), None);
    protect(&mut answer, &call.listen);
    Ok(answer)
}

/// Looks at what was filled in.
pub(super) async fn enter(context: Arc<Context>, call: Call) -> Result<Answer, Refusal> {
    let (question, listen) = (Question::of(&context, &call), Arc::clone(&call.listen));
    let is_foreign = comes_from_elsewhere(&call);
    let form = read(&context, call).await?;
    let mut answer = if is_foreign {
        let why = "The form was filled in on another site.".to_owned();
        page(&context, StatusCode::FORBIDDEN, "/".to_owned(), String::new(), Some(why))
    } else {
        // Each guess takes memory and a processor; those who wait here wait for each other.
        let _turn = context.sign_ins.acquire().await;
        let context = Arc::clone(&context);
        let entering = tokio::task::spawn_blocking(move || entered(&context, &question, &form));
        entering.await.unwrap_or_else(|_| out_of_order(&Error::Panicked))
    };
    protect(&mut answer, &listen);
    Ok(answer)
}

fn entered(context: &Context, question: &Question, form: &Form) -> Answer {
    let then = place_of_ours(form.value("then"));
    let (name, password) = (form.value("name").unwrap_or_default(), form.exactly("password").unwrap_or_default());
    let host = context.host.as_ref();
    let refused = |status, why: String| page(context, status, then.clone(), name.to_owned(), Some(why));
    match people::sign_in(host, &question.asker, name, password) {
        Ok(Outcome::In(visit)) => {
            let mut answer = redirect(&then);
            if let Ok(cookie) = HeaderValue::from_str(&people::cookie(&question.call.listen, &visit.secret)) {
                answer.headers_mut().insert(SET_COOKIE, cookie);
            }
            answer
        }
        Ok(Outcome::Wrong) => refused(StatusCode::FORBIDDEN, "The name or the password is wrong.".to_owned()),
        Ok(Outcome::Paused(until)) => {
            let wait = in_words(until.duration_since(host.now()));
            refused(StatusCode::TOO_MANY_REQUESTS, format!("Too many attempts failed. Try again in {wait}."))
        }
        Err(error) => out_of_order(&error),
    }
}

/// Ends the visit.
pub(super) fn sign_out(asking: &Asking<'_>, _: &Form) -> Result<Answer, Fault> {
    people::sign_out(asking.host(), asking.asker, asking.visit)?;
    let mut answer = redirect("/sign-in");
    if let Ok(cookie) = HeaderValue::from_str(&people::no_cookie(&asking.call.listen)) {
        answer.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(answer)
}

fn page(context: &Context, status: StatusCode, then: String, name: String, why: Option<String>) -> Answer {
    let us = context.host.config().us.name.clone();
    let made = html(&Page { us, then, name, why });
    let mut answer = made.unwrap_or_else(|_| plain(status, "this page cannot be made"));
    *answer.status_mut() = status;
    answer
}

/// Where to go afterwards: a path of ours, and no other house's address in disguise.
fn place_of_ours(then: Option<&str>) -> String {
    let is_ours = |path: &&str| {
        path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']) && path.is_ascii()
    };
    then.filter(is_ours).unwrap_or("/").to_owned()
}

#[cfg(test)]
mod tests {
    use super::place_of_ours;

    #[test]
    fn nobody_is_led_out_of_the_house() {
        for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\r\nSet-Cookie: x"] {
            assert_eq!(place_of_ours(Some(elsewhere)), "/", "{elsewhere}");
        }
        assert_eq!(place_of_ours(Some("/findings?partner=mega")), "/findings?partner=mega");
    }
}
