//! How a partner is acknowledged, and what is agreed beyond the standard: the part of `[x12]` about answers.
//!
//! ```toml
//! acknowledge = { with = "997", sets = "not accepted", version = "004010", within = "24 h" }
//! ta1         = "always"
//! tolerate    = ["X12-E065"]       # errors that are accepted with errors
//! reject      = ["X12-W023"]       # warnings that reject
//! ```

use std::time::Duration;

use super::endpoints::{self, Declared};
use super::file_name::{self, Carries};
use super::partner::{Acknowledge, Ta1};
use super::reader::{Table, choice, meant};
use super::x12_values;
use crate::diagnostic::codes::config as codes;
use crate::diagnostic::codes::x12;
use crate::diagnostic::{Code, Diagnostic};
use crate::x12::acknowledgment::{AnswerKind, AnswerVersion, SetDetail};
use crate::x12::envelope::names_a_guide;
use crate::x12::examine::exceptions::{Exceptions, NoException};

const WITH: [(&str, Option<AnswerKind>); 3] =
    [("997", Some(AnswerKind::Functional)), ("999", Some(AnswerKind::Implementation)), ("by version", None)];
const SETS: [(&str, SetDetail); 4] = [
    ("all", SetDetail::All),
    ("not accepted", SetDetail::NotAccepted),
    ("rejected", SetDetail::Rejected),
    ("none", SetDetail::None),
];
const TA1: [(&str, Ta1); 3] = [("on request", Ta1::OnRequest), ("always", Ta1::Always), ("never", Ta1::Never)];
const DEFAULT_WITHIN: Duration = Duration::from_secs(24 * 60 * 60);
/// The version of the group that is answered.
const ECHO: &str = "echo";

/// `acknowledge = { with = "997", … }`, or `"none"` where the agreement says so. It has no default: silence is
/// what partners fine us for, and an acknowledgment that nobody expects breaks their import.
pub(crate) fn read(x12: &Table, declared: &[Declared]) -> Option<Acknowledge> {
    let entry = x12.required("acknowledge", r#"acknowledge = { with = "997", within = "24 h" }, or "none""#);
    if entry.is_text() {
        entry.parse(|text| choice(text, "way to acknowledge", &[("none", ())]));
        return None;
    }
    let table = entry.table()?;
    let with_entry = table.optional("with");
    let with = with_entry.parse(|text| choice(text, "acknowledgment", &WITH));
    let with_is_faulty = with_entry.is_given() && with.is_none();
    let with = with.and_then(|with| with.value);
    let sets = table.optional("sets").parse(|text| choice(text, "choice of sets", &SETS));
    let version = table.optional("version").parse(|text| version(text, with));
    let within = table.optional("within").duration().unwrap_or(DEFAULT_WITHIN);
    let via = endpoints::via(&table, declared);
    table.finish();
    let via = via?;
    if let Some(drop_off) = &via.drop_off
        && let Err(fault) = file_name::check_for(&drop_off.name, Carries::Acknowledgment)
    {
        table.source.report(fault.at(table.place.clone()));
    }
    if with_is_faulty {
        return None;
    }
    Some(Acknowledge {
        with,
        sets: sets.map(|sets| sets.value).unwrap_or_default(),
        version: version.map(|version| version.value).unwrap_or_default(),
        within,
        via: via.name.clone(),
    })
}

/// When a TA1 is sent.
pub(crate) fn read_ta1(x12: &Table, declared: &[Declared]) -> Ta1 {
    let Some(ta1) = x12.optional("ta1").parse(|text| choice(text, "time to send a TA1", &TA1)) else {
        return Ta1::OnRequest;
    };
    if ta1.value == Ta1::Always && declared.iter().all(|endpoint| endpoint.drop_off.is_none()) {
        let fault = Diagnostic::new(&codes::NO_DROP_OFF, "no endpoint of this file has drop_off, so no TA1 can go out");
        x12.source.report(fault.at(ta1.place));
    }
    ta1.value
}

/// What is tolerated, and what rejects.
pub(crate) fn read_exceptions(x12: &Table) -> Exceptions {
    let mut exceptions = Exceptions::default();
    for code in x12.optional("tolerate").parse_each(diagnostic_code) {
        if let Err(why) = exceptions.tolerate(code.value) {
            x12.source.report(no_exception(code.value, "tolerated", why).at(code.place));
        }
    }
    for code in x12.optional("reject").parse_each(diagnostic_code) {
        if let Err(why) = exceptions.reject(code.value) {
            x12.source.report(no_exception(code.value, "made to reject", why).at(code.place));
        }
    }
    exceptions
}

fn version(text: &str, with: Option<AnswerKind>) -> Result<AnswerVersion, Diagnostic> {
    if text == ECHO {
        return Ok(AnswerVersion::Echo);
    }
    let refused =
        |message: &str, expected: &str| Err(Diagnostic::new(&codes::X12_VALUE, message).expected(expected).found(text));
    let version = match x12_values::version(text) {
        Ok(version) => version,
        Err(_) => {
            let fault = Diagnostic::new(&codes::X12_VALUE, format!("{text:?} is no version of X12"));
            return Err(meant(fault.expected("\"echo\", or a version such as 004010").found(text), text, [ECHO]));
        }
    };
    if *version < *"004010" {
        return refused("acknowledgments are written at 004010 or later", "\"echo\", or a version such as 004010");
    }
    if with == Some(AnswerKind::Implementation) && (*version < *"005010" || !names_a_guide(&version)) {
        return refused("a 999 follows its implementation guide", "\"echo\", or a version such as 005010X231A1");
    }
    Ok(AnswerVersion::Fixed(version))
}

/// The code of a fault in X12, however it is capitalised.
fn diagnostic_code(text: &str) -> Result<Code, Diagnostic> {
    if let Some(code) = x12::ALL.iter().find(|code| code.code.eq_ignore_ascii_case(text.trim())) {
        return Ok(code);
    }
    let fault = Diagnostic::new(&codes::UNKNOWN_WORD, format!("{text:?} is no fault of X12 that edigate knows"))
        .expected("a code as `edigate lint` shows it, such as X12-E065")
        .found(text);
    // Codes that differ in a digit are different things: only another with the same number can be meant.
    let digits = |text: &str| text.chars().rev().take_while(char::is_ascii_digit).collect::<String>();
    let wanted = digits(text.trim());
    let near = x12::ALL.iter().find(|code| !wanted.is_empty() && digits(code.code) == wanted);
    Err(match near {
        Some(code) => fault.hint(format!("did you mean {:?}, {}?", code.code, code.title)),
        None => fault.hint("look the code up in what `edigate lint` says about a file of the partner"),
    })
}

fn no_exception(code: Code, what: &str, why: NoException) -> Diagnostic {
    let fault = Diagnostic::new(&codes::EXCEPTION, format!("{} cannot be {what}: {why}", code.code)).found(code.title);
    match why {
        NoException::NeverRejects | NoException::AlwaysRejects => fault.hint("delete the code from the list"),
        NoException::Note | NoException::Unusable => fault,
    }
}
