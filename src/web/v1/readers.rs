//! Who reads, and which partners they see.
//!
//! ```text
//! Authorization: Bearer TOKEN     the token of a partner: that partner alone
//! ```

use std::collections::BTreeSet;

use super::Fault;
use crate::web::answer::Refusal;
use crate::web::api;
use crate::web::call::Call;
use crate::web::context::Context;

/// The partners that a reader sees; every one where this is `None`.
pub type Scope = Option<BTreeSet<String>>;

/// The token that a request shows.
pub fn token(call: &Call) -> Result<String, Refusal> {
    api::bearer(call).map(str::to_owned)
}

/// What whoever shows a token may see. It blocks.
pub fn scope(context: &Context, token: &str) -> Result<Scope, Fault> {
    let partner = context.tokens.owner(token).ok_or_else(|| api::no_token("the token belongs to nobody"))?;
    Ok(Some(BTreeSet::from([partner.to_string()])))
}
