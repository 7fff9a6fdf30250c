//! Who reads, and which partners they see.
//!
//! ```text
//! Authorization: Bearer edg_…     of `edigate user token mary`: what mary sees, to be read
//! ```
//!
//! The token by which a partner hands in documents reads nothing here: what we found about it is not for it.

use std::collections::BTreeSet;

use axum::http::HeaderMap;

use super::Fault;
use crate::web::answer::Refusal;
use crate::web::call::Call;
use crate::web::context::Context;
use crate::web::{api, people};

/// The partners that a reader sees; every one where this is `None`.
pub type Scope = Option<BTreeSet<String>>;

/// What a request shows of its reader; there must be a token.
pub fn shown(call: &Call) -> Result<HeaderMap, Refusal> {
    api::bearer(call).map(|_| call.headers.clone())
}

/// What whoever shows this may see. It blocks.
pub fn scope(context: &Context, shown: &HeaderMap) -> Result<Scope, Fault> {
    let who = people::who_asks(context.host.ledger(), shown)?;
    who.map(|who| who.partners).ok_or_else(|| api::no_token("the token belongs to nobody").into())
}
