//! The elements of one segment against the dictionary: present, typed, in range, and fitting together.
//!
//! ```text
//! CTX*CLM01:123^REF:9*CLM    repetition 1 and 2 of element 1, each judged as if it stood alone
//! REF*DP^IA*038              X12-E074 REF element 1 repetition 2: the standard gives it no second one
//! ```
//!
//! Nothing is split where no separator stands: a segment of plain bytes is looked at once.

use super::faults::{ElementAt, Faults, PositionInSegment};
use super::narrowed;
use super::value::{self, ValueFault};
use crate::diagnostic::codes::x12;
use crate::diagnostic::{AckCode, Code, Diagnostic, SegmentSpot};
use crate::x12::delimiters::Delimiters;
use crate::x12::guide::dictionary::{
    CompositeIndex, Condition, Conditions, Dictionary, ElementSpec, Kind, Positions, Rule, SegmentSpec,
};
use crate::x12::segment::Segment;

/// No element beyond this is looked at: a segment with so many is wrong as a whole.
const FAR_BEYOND: usize = 64;

/// Checks the elements of a segment.
pub(super) fn check<'a>(
    segment: Segment<'a>,
    in_loop: Option<&'static str>,
    spec: &'static SegmentSpec,
    dictionary: &'static Dictionary,
    delimiters: Delimiters,
    faults: &mut Faults<'a>,
) {
    let fields = segment.fields();
    let count = fields.len();
    let is_plain = segment.is_plain();
    let mut check = Check { segment, in_loop, spec, dictionary, delimiters, faults };
    let mut present = Positions::default();
    for (index, element) in spec.elements.iter().enumerate().take(count) {
        let range = fields.range(index);
        if range.is_empty() {
            continue;
        }
        if is_plain && !spec.ruled.has(index + 1) && value::fits(fields.bytes, range.clone(), element, dictionary) {
            present.add(index + 1);
            continue;
        }
        if check.element(index + 1, element, &fields.bytes[range]) {
            present.add(index + 1);
        }
    }
    let beyond = if count > spec.elements.len() { check.beyond(spec, count) } else { None };
    if present.is_empty() && beyond.is_none() {
        return check.empty();
    }
    for position in spec.mandatory.without(present).iter() {
        check.missing(PositionInSegment::element(position), &spec.elements[position - 1]);
    }
    check.conditions(&spec.conditions, &spec.elements, present, None);
    match beyond {
        Some(extra) => check.too_many(spec, extra),
        None if count > 0 && fields.range(count - 1).is_empty() => {
            check.faults.warn_trailing_separator(segment, in_loop)
        }
        None => {}
    }
}

/// The check of one segment.
struct Check<'a, 'f> {
    segment: Segment<'a>,
    in_loop: Option<&'static str>,
    spec: &'static SegmentSpec,
    dictionary: &'static Dictionary,
    delimiters: Delimiters,
    faults: &'f mut Faults<'a>,
}

impl<'a> Check<'a, '_> {
    fn at(&self, position: PositionInSegment, spec: Option<&'static ElementSpec>) -> ElementAt<'a> {
        ElementAt { segment: self.segment, in_loop: self.in_loop, position, spec }
    }

    /// Checks one element, each repetition of it on its own; true when it holds a value.
    fn element(&mut self, element: usize, spec: &'static ElementSpec, value: &'a [u8]) -> bool {
        let position = PositionInSegment::element(element);
        let Some(separator) = self.delimiters.repetition.filter(|separator| value.contains(separator)) else {
            return self.repetition(position, spec, value);
        };
        let mut holds_value = false;
        for (index, one) in value.split(|byte| *byte == separator).enumerate() {
            let position = position.repetition(index + 1);
            if index < spec.repeats {
                holds_value |= self.repetition(position, spec, one);
            } else if !is_blank(one) {
                self.repeated_too_often(position, spec, one);
                return true;
            }
        }
        if value.last() == Some(&separator) {
            self.faults.warn_trailing_separator(self.segment, self.in_loop);
        }
        holds_value
    }

    /// Checks one repetition of an element, or all of it; true when it holds a value.
    fn repetition(&mut self, position: PositionInSegment, spec: &'static ElementSpec, value: &'a [u8]) -> bool {
        let errors = self.faults.errors();
        let holds_value = match spec.kind {
            Kind::Composite(index) => self.composite(position, value, index),
            _ => self.simple(position, spec, value),
        };
        // What the guide itself refuses needs no second fault.
        if holds_value && self.spec.ruled.has(position.element) && self.faults.errors() == errors {
            self.narrowed(position, value);
        }
        holds_value
    }

    /// Checks a value that has no components; true when it is one.
    fn simple(&mut self, position: PositionInSegment, spec: &'static ElementSpec, value: &'a [u8]) -> bool {
        if is_blank(value) {
            return false;
        }
        let at = self.at(position, Some(spec));
        let separator = self.delimiters.component;
        if value.contains(&separator) {
            let fault = self.faults.element_error(&x12::SEPARATOR_IN_ELEMENT, 6, &at, "holds the component separator");
            let expected = format!("a value without {:?}", char::from(separator));
            self.add(fault.expected(expected).found(lossy(value)));
        } else {
            self.value(at, spec, value);
        }
        true
    }

    /// Checks the components of a composite; true when one of them holds a value.
    fn composite(&mut self, position: PositionInSegment, value: &'a [u8], index: CompositeIndex) -> bool {
        let (composite, separator) = (self.dictionary.composite(index), self.delimiters.component);
        let mut present = Positions::default();
        let mut surplus = None;
        for (index, component) in value.split(|byte| *byte == separator).enumerate().take(FAR_BEYOND) {
            if is_blank(component) {
                continue;
            }
            present.add(index + 1);
            let position = position.component(index + 1);
            match composite.components.get(index) {
                Some(spec) => self.value(self.at(position, Some(spec)), spec, component),
                None => surplus = surplus.or(Some((position, component))),
            }
        }
        if present.is_empty() {
            return false;
        }
        for (index, spec) in composite.components.iter().enumerate() {
            if spec.mandatory && !present.has(index + 1) {
                self.missing(position.component(index + 1), spec);
            }
        }
        self.conditions(&composite.conditions, &composite.components, present, Some(position));
        if let Some((position, text)) = surplus {
            let at = self.at(position, None);
            let problem = format!("is beyond the last component of a {}", composite.name);
            let fault = self.faults.element_error(&x12::TOO_MANY_COMPONENTS, 13, &at, &problem);
            let expected = format!("at most {} components", composite.components.len());
            self.add(fault.expected(expected).found(lossy(text)));
        } else if value.last() == Some(&separator) {
            self.faults.warn_trailing_separator(self.segment, self.in_loop);
        }
        true
    }

    /// Reports the first repetition that is one too many; those behind it are not looked at.
    fn repeated_too_often(&mut self, position: PositionInSegment, spec: &'static ElementSpec, value: &[u8]) {
        let at = self.at(position, Some(spec));
        let (problem, expected) = match spec.repeats {
            1 => ("is one too many: it may not be repeated".to_owned(), "one value".to_owned()),
            most => {
                (format!("is one too many: it may stand there {most} times"), format!("at most {most} repetitions"))
            }
        };
        let fault = self.faults.element_error(&x12::TOO_MANY_REPETITIONS, 12, &at, &problem);
        self.add(fault.expected(expected).found(lossy(value)));
    }

    /// Checks a value that is not blank.
    fn value(&mut self, at: ElementAt<'a>, spec: &'static ElementSpec, value: &'a [u8]) {
        if !value.is_ascii() {
            self.faults.warn_foreign_character(&at);
        }
        if let Some(fault) = value::fault(value, spec) {
            return self.add(describe(fault, self.faults, &at, spec).found(lossy(value)));
        }
        let Kind::Identifier(Some(list)) = spec.kind else { return };
        let list = self.dictionary.list(list);
        let code = value.trim_ascii_end();
        if list.has(code) {
            return;
        }
        if !list.closed {
            return self.faults.note_unlisted_code(&at, code, list.name);
        }
        let fault = self.faults.element_error(&x12::UNKNOWN_CODE, 7, &at, "is not one of the codes of this element");
        let codes: Vec<_> = list.codes().collect();
        self.add(fault.expected(format!("one of {}", codes.join(" "))).found(lossy(value)).of_layer(list.layer));
    }

    /// Lists a fault; the rule is the segment's, where nothing else is said.
    fn add(&mut self, mut fault: Diagnostic) {
        fault.layer.get_or_insert(self.spec.layer);
        self.faults.add(fault);
    }

    /// Checks a value of the standard against what the partner makes of its element and of its components.
    fn narrowed(&mut self, position: PositionInSegment, value: &'a [u8]) {
        let at = self.at(position, None);
        for rule in self.spec.rules.iter().filter(|rule| rule.position == position.element) {
            if let Some(fault) = narrowed::fault(rule, at, value, None, self.faults) {
                // One fault is enough.
                return self.add(fault);
            }
        }
    }

    /// The first value beyond the last element that the segment has.
    fn beyond(&self, spec: &SegmentSpec, count: usize) -> Option<usize> {
        let last = spec.elements.len();
        let mut extra = last + 1..=count.min(last + FAR_BEYOND);
        let found = extra.find(|position| !is_blank(self.segment.element(*position)));
        found.or((count > last + FAR_BEYOND).then_some(last + FAR_BEYOND + 1))
    }

    fn too_many(&mut self, spec: &SegmentSpec, position: usize) {
        let at = self.at(PositionInSegment::element(position), None);
        let problem = format!("is beyond the last element of {}", self.segment.tag());
        let fault = self.faults.element_error(&x12::TOO_MANY_ELEMENTS, 3, &at, &problem);
        let fault = fault.expected(format!("at most {} elements", spec.elements.len()));
        self.add(fault.found(lossy(self.segment.element(position))));
    }

    fn empty(&mut self) {
        let message = format!("{} holds nothing but its identifier", self.segment.tag());
        let place = self.faults.segment_place(self.segment, self.in_loop);
        let fault = Diagnostic::new(&x12::BARE_SEGMENT, message).at(place).expected("at least one element");
        self.add(fault.found(lossy(self.segment.raw())).acknowledged_as(AckCode::Segment(8)));
    }

    fn missing(&mut self, position: PositionInSegment, spec: &'static ElementSpec) {
        let at = self.at(position, Some(spec));
        let is_element = position.component.is_none();
        let required = self.spec.rules.iter().find(|rule| is_element && rule.requires(position.element));
        self.add(match required {
            Some(rule) => narrowed::missing(rule, &at, None, self.faults),
            None => missing(&x12::ELEMENT_MISSING, &at, "is missing", spec, self.faults),
        });
    }

    /// Checks the conditions between elements, or between the components of one composite.
    fn conditions(
        &mut self,
        conditions: &Conditions,
        specs: &'static [ElementSpec],
        present: Positions,
        composite: Option<PositionInSegment>,
    ) {
        if conditions.hold(present) {
            return;
        }
        let mut reported = Positions::default();
        for condition in conditions.all.iter().filter(|condition| !condition.holds(present)) {
            let positions = culprits(condition, present);
            for position in positions.iter().filter(|position| !specs[position - 1].mandatory) {
                if reported.has(position) {
                    continue;
                }
                reported.add(position);
                let spec = &specs[position - 1];
                let position = match composite {
                    Some(composite) => composite.component(position),
                    None => PositionInSegment::element(position),
                };
                let at = self.at(position, Some(spec));
                self.condition(&at, condition, present, specs);
            }
        }
    }

    /// Reports one violated condition at one position.
    fn condition(&mut self, at: &ElementAt<'a>, condition: &Condition, present: Positions, specs: &[ElementSpec]) {
        let part = if at.position.component.is_some() { "component" } else { "element" };
        let name = |position: usize| format!("{position} ({})", specs[position - 1].name);
        let names = |positions: Positions, word: &str| positions.iter().map(name).collect::<Vec<_>>().join(word);
        if condition.rule == Rule::Exclusive {
            let other = name(condition.all.and(present).iter().next().unwrap_or(condition.first));
            let problem = format!("excludes {part} {other}");
            let mut fault = self.faults.element_error(&x12::EXCLUSION_VIOLATED, 10, at, &problem);
            fault.trigger = trigger(at, condition, present).map(Box::new);
            let expected = format!("at most one of the {part}s {}", names(condition.all, ", "));
            self.add(fault.expected(expected).found(lossy(self.segment.element(at.position.element))));
            return;
        }
        let (requiring, expected) = match condition.rule {
            Rule::Required => (String::new(), format!("one of the {part}s {}", names(condition.all, ", "))),
            Rule::List => (name(condition.first), format!("one of the {part}s {}", names(condition.others, ", "))),
            Rule::Conditional => (name(condition.first), "a value".to_owned()),
            _ => (
                names(condition.all.and(present), " and "),
                (if condition.all.len() == 2 { "both or neither" } else { "all or none" }).to_owned(),
            ),
        };
        let several = condition.rule == Rule::Paired && condition.all.and(present).len() > 1;
        let (plural, singular) = if several { ("s", "") } else { ("", "s") };
        let (problem, hint) = match condition.rule {
            Rule::Required => {
                ("is missing, and so is every alternative to it".to_owned(), format!("the sender must send {expected}"))
            }
            Rule::List => (
                format!("is missing, which {part} {requiring} requires"),
                format!("the sender must send {expected}, or leave out {part} {requiring}"),
            ),
            _ => (
                format!("is missing, which {part}{plural} {requiring} require{singular}"),
                format!("the sender must fill it in, or leave out {part}{plural} {requiring}"),
            ),
        };
        let mut fault = self.faults.element_error(&x12::CONDITIONAL_ELEMENT_MISSING, 2, at, &problem);
        fault.trigger = trigger(at, condition, present).map(Box::new);
        self.add(fault.expected(expected).hint(hint));
    }
}

/// The positions to blame for a violated condition: those that are missing, or the surplus one.
fn culprits(condition: &Condition, present: Positions) -> Positions {
    let one = |position: Option<usize>| Positions::only(position.unwrap_or(condition.first));
    match condition.rule {
        Rule::Paired => condition.all.without(present),
        Rule::Conditional => condition.others.without(present),
        Rule::Required => one(Some(condition.first)),
        Rule::List => one(condition.others.iter().next()),
        Rule::Exclusive => one(condition.all.and(present).iter().nth(1)),
    }
}

/// What made an element necessary, or excluded it: the one that the condition hangs on. Where it is one of several, the segment
/// is all that is said; where an alternative would do, nothing is.
fn trigger(at: &ElementAt<'_>, condition: &Condition, present: Positions) -> Option<SegmentSpot> {
    let PositionInSegment { element, component, .. } = at.position;
    let others = match condition.rule {
        Rule::Required => return None,
        Rule::Conditional | Rule::List => Positions::only(condition.first),
        Rule::Paired | Rule::Exclusive => {
            condition.all.and(present).without(Positions::only(component.unwrap_or(element)))
        }
    };
    let other = others.iter().next().filter(|_| others.len() == 1).and_then(|other| u16::try_from(other).ok());
    let spot = SegmentSpot { data_element: None, ..at.spot() };
    Some(match component {
        Some(_) => SegmentSpot { component: other, ..spot },
        None => SegmentSpot { element: other, ..spot },
    })
}

/// An element that is not there, and what should be.
pub(super) fn missing(
    code: Code,
    at: &ElementAt<'_>,
    problem: &str,
    spec: &ElementSpec,
    faults: &Faults<'_>,
) -> Diagnostic {
    let fault = faults.element_error(code, 1, at, problem);
    fault.expected(wanted(spec)).hint(format!("the sender must fill in the {}", spec.name))
}

/// A fault of a value as a diagnostic.
fn describe(fault: ValueFault, faults: &Faults<'_>, at: &ElementAt<'_>, spec: &ElementSpec) -> Diagnostic {
    let (code, ack, problem) = match fault {
        ValueFault::TooShort(count) => {
            (&x12::ELEMENT_TOO_SHORT, 4, format!("has {count} characters, at least {} are required", spec.min))
        }
        ValueFault::TooLong(count) => {
            (&x12::ELEMENT_TOO_LONG, 5, format!("has {count} characters, at most {} are allowed", spec.max))
        }
        ValueFault::ControlCharacter => (&x12::CONTROL_CHARACTER, 6, "holds a control character".to_owned()),
        ValueFault::NotANumber => (&x12::NOT_A_NUMBER, 6, "is not a number".to_owned()),
        ValueFault::Point => (&x12::POINT_NOT_ALLOWED, 6, "has a decimal point, its decimals are implied".to_owned()),
        ValueFault::NotADate => (&x12::NOT_A_DATE, 8, "is not a date".to_owned()),
        ValueFault::NotATime => (&x12::NOT_A_TIME, 9, "is not a time".to_owned()),
    };
    faults.element_error(code, ack, at, &problem).expected(wanted(spec))
}

/// What should stand in an element, in a few words.
fn wanted(spec: &ElementSpec) -> String {
    let range = if spec.min == spec.max { spec.max.to_string() } else { format!("{} to {}", spec.min, spec.max) };
    match spec.kind {
        Kind::Text => format!("a text of {range} characters"),
        Kind::Identifier(_) => format!("a code of {range} characters"),
        Kind::Implied(0) => format!("a whole number of {range} digits"),
        Kind::Implied(decimals) => format!("{range} digits, the last {decimals} of them decimals, without a point"),
        Kind::Decimal => format!("a decimal of {range} digits such as 5.50"),
        Kind::Date if spec.max == 6 => "a date as YYMMDD".to_owned(),
        Kind::Date => "a date as CCYYMMDD".to_owned(),
        Kind::Time => "a time as HHMM, HHMMSS or HHMMSSDD".to_owned(),
        Kind::Composite(_) => "a composite".to_owned(),
    }
}

/// Spaces alone are no value (X12.6: they are padding).
pub(super) fn is_blank(value: &[u8]) -> bool {
    value.iter().all(|byte| *byte == b' ')
}

/// As AK404 quotes it; the start is enough.
pub(super) fn lossy(value: &[u8]) -> String {
    let start = &value[..value.len().min(400)];
    match std::str::from_utf8(start) {
        Ok(text) => text.to_owned(),
        Err(error) if error.error_len().is_none() => {
            String::from_utf8_lossy(&start[..error.valid_up_to()]).into_owned()
        }
        Err(_) => start.iter().map(|byte| char::from(*byte)).collect(),
    }
}
