//! One element or component against one rule of a partner.
//!
//! ```text
//! BEG03 pattern 45########    BEG*00*SA*PO-4711~     X12-E096, AK4*3*324*7*PO-4711, IK4*3*324*I12*PO-4711
//! N1*ST/N104 required         N1*ST*MEGAMART DC~     X12-E093, AK4*4*67*1, IK4*4*67*I9
//! ```
//!
//! What the standard refuses is not for this module to tell: its callers ask for values that passed.

use super::elements::{self, is_blank, lossy};
use super::faults::{ElementAt, Faults, PositionInSegment};
use crate::diagnostic::codes::x12;
use crate::diagnostic::{Code, Diagnostic};
use crate::x12::guide::dictionary::Kind;
use crate::x12::guide::overlay::{Demand, ElementRule};
use crate::x12::segment::text_of;

/// Table 621 of the 999, the numbers behind the I.
const CODE_NOT_USED: u8 = 6;
const DEPENDENT_MISSING: u8 = 9;
const ELEMENT_NOT_USED: u8 = 10;
const PATTERN_MISMATCH: u8 = 12;
const DEPENDENT_NOT_USED: u8 = 13;

/// The qualifier that a rule hangs on.
#[derive(Clone, Copy)]
pub(super) struct Trigger<'a> {
    /// Its segment as the overlay writes it, such as `N1*ST`.
    pub name: &'static str,
    /// Where it stands.
    pub at: ElementAt<'a>,
}

/// How a value breaks a rule.
struct Broken {
    code: Code,
    /// In table 723.
    ack: u8,
    /// In table 621, where that has a code for it.
    convention: Option<u8>,
    problem: String,
    expected: String,
}

/// What is wrong by a rule with an element that holds something, or with one repetition of it.
pub(super) fn fault(
    rule: &ElementRule,
    at: ElementAt<'_>,
    value: &[u8],
    trigger: Option<Trigger<'_>>,
    faults: &Faults<'_>,
) -> Option<Diagnostic> {
    let position = PositionInSegment { component: rule.component, ..at.position };
    let at = ElementAt { position, spec: Some(rule.spec), ..at };
    let separator = at.segment.delimiters().component;
    let value = match rule.component {
        Some(component) => value.split(|byte| *byte == separator).nth(component - 1).unwrap_or_default(),
        None => value,
    };
    if is_blank(value) {
        return matches!(rule.demand, Demand::Required).then(|| missing(rule, &at, trigger, faults));
    }
    let broken = broken(rule, &text_of(value.trim_ascii_end()), trigger.is_some())?;
    let problem = format!("{}{}", broken.problem, within(trigger));
    let mut fault = faults.element_error(broken.code, broken.ack, &at, &problem);
    fault.convention = broken.convention;
    if matches!(rule.demand, Demand::Unused) {
        fault.trigger = trigger.map(|trigger| Box::new(trigger.at.spot()));
    }
    Some(rule.cited.by(fault.expected(broken.expected)).found(lossy(value.trim_ascii_end())))
}

fn broken(rule: &ElementRule, text: &str, is_dependent: bool) -> Option<Broken> {
    let spec = rule.spec;
    let (code, ack, convention, problem, expected) = match &rule.demand {
        Demand::Unused => (
            &x12::PARTNER_ELEMENT_UNUSED,
            3,
            Some(if is_dependent { DEPENDENT_NOT_USED } else { ELEMENT_NOT_USED }),
            "is not used by this partner".to_owned(),
            "no value there".to_owned(),
        ),
        Demand::Codes(codes) if !codes.contains(&text) => (
            &x12::PARTNER_CODE,
            7,
            Some(CODE_NOT_USED),
            "is not one of the codes of the partner's guide".to_owned(),
            format!("one of {}", codes.join(" ")),
        ),
        Demand::Constant(constant) if *constant != text => (
            &x12::PARTNER_CONSTANT,
            7,
            Some(if matches!(spec.kind, Kind::Identifier(_)) { CODE_NOT_USED } else { PATTERN_MISMATCH }),
            "is not the value that the partner's guide has there".to_owned(),
            format!("{constant:?}"),
        ),
        Demand::Pattern(pattern) if !pattern.fits(text) => (
            &x12::PARTNER_PATTERN,
            7,
            Some(PATTERN_MISMATCH),
            "does not have the form that the partner's guide gives it".to_owned(),
            format!("the form {}, with # for a digit and @ for a letter", pattern.as_str()),
        ),
        Demand::Max(max) if spec.length_of(text) > *max => (
            &x12::PARTNER_TOO_LONG,
            5,
            None,
            format!("has {} characters, more than the partner's guide allows", spec.length_of(text)),
            format!("at most {max}"),
        ),
        _ => return None,
    };
    Some(Broken { code, ack, convention, problem, expected })
}

/// An element or component that the partner requires.
pub(super) fn missing(
    rule: &ElementRule,
    at: &ElementAt<'_>,
    trigger: Option<Trigger<'_>>,
    faults: &Faults<'_>,
) -> Diagnostic {
    let problem = format!("is missing{}", within(trigger));
    let fault = elements::missing(&x12::PARTNER_ELEMENT_MISSING, at, &problem, rule.spec, faults);
    rule.cited.by(match trigger {
        Some(trigger) => fault.by_convention(DEPENDENT_MISSING).depending_on(trigger.at.spot()),
        None => fault,
    })
}

/// ` in N1*ST`, where the rule is about that alone.
pub(super) fn within(trigger: Option<Trigger<'_>>) -> String {
    trigger.map(|trigger| format!(" in {}", trigger.name)).unwrap_or_default()
}
