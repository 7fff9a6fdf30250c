//! Why a page is not shown, or a button does nothing: said on a page of its own, with what to do.

use askama::Template;
use axum::http::StatusCode;
use tracing::error;

use super::asking::Asking;
use super::frame::Frame;
use super::{html, plain};
use crate::ledger::Error;
use crate::web::answer::Answer;

/// Why not.
#[derive(Debug)]
pub enum Fault {
    /// There is nothing at this path, or nothing that this person may see.
    NoSuchPage,
    /// This person may look and not act.
    MayNotAct,
    /// This person may not say who else signs in.
    MayNotKeepPeople,
    /// The form was not filled in on a page of this visit.
    NotOurForm,
    /// What the form says cannot be done; why.
    Refused(String),
    /// The books.
    Books(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        match error {
            Error::NoSuch { .. } => Fault::NoSuchPage,
            other => Fault::Books(other),
        }
    }
}

#[derive(Template)]
#[template(path = "fault.html", config = "src/web/page/askama.toml")]
struct Page<'a> {
    frame: Frame,
    title: &'a str,
    why: &'a str,
    hint: &'a str,
}

impl Fault {
    /// The page that says so.
    pub fn answer(&self, asking: &Asking<'_>) -> Answer {
        let (status, title, why, hint) = match self {
            Fault::NoSuchPage => (
                StatusCode::NOT_FOUND,
                "Nothing is here",
                "There is nothing at this address, or nothing that you may see.",
                "Search for a number, or go back to Today.",
            ),
            Fault::MayNotAct => (
                StatusCode::FORBIDDEN,
                "You may look, and not change",
                "Your role is viewer: nothing was done.",
                "An operator can do it.",
            ),
            Fault::MayNotKeepPeople => (
                StatusCode::FORBIDDEN,
                "This is for admins",
                "Who may sign in is kept by an admin who sees every partner: nothing was done.",
                "Ask one of them.",
            ),
            Fault::NotOurForm => (
                StatusCode::FORBIDDEN,
                "Nothing was done",
                "The form did not come from a page of this visit.",
                "Go back, load the page anew and press the button again.",
            ),
            Fault::Refused(why) => {
                (StatusCode::CONFLICT, "Nothing was done", why.as_str(), "Go back and look at its state as it is now.")
            }
            Fault::Books(error) => {
                error!(%error, path = asking.call.path, "a page cannot be made");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The books cannot be read",
                    "This page cannot be made at the moment. What came in is in custody all the same.",
                    "edigate status on the machine says what is wrong.",
                )
            }
        };
        let page = html(&Page { frame: asking.frame(title), title, why, hint });
        let mut answer = page.unwrap_or_else(|_| plain(status, "this page cannot be made"));
        *answer.status_mut() = status;
        answer
    }
}
