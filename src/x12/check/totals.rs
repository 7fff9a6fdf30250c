//! CTT against what was counted: the number of lines, and the sum of their quantities.

use rust_decimal::Decimal;

use super::faults::{ElementAt, Faults, PositionInSegment};
use crate::diagnostic::codes::x12;
use crate::x12::guide::Guide;
use crate::x12::guide::dictionary::Tag;
use crate::x12::segment::Segment;
use crate::x12::value::read_short;

/// What was counted so far.
pub(super) struct Totals<'g> {
    guide: &'g Guide,
    trailer: Tag,
    lines: u64,
    sum: Sum,
}

/// A sum of quantities; once one of them is unreadable or too great, there is no sum to compare with.
struct Sum {
    /// The values as they are.
    values: Option<Decimal>,
    /// The values without regard to their decimal points, as the standard defines a hash total.
    digits: Option<Decimal>,
}

impl Sum {
    fn add(&mut self, segment: Segment<'_>, element: usize) {
        let (value, digits) = match read_short(segment.element(element)) {
            Some((number, scale)) => (Some(Decimal::new(number, scale)), Some(Decimal::from(number))),
            None => match segment.text(element) {
                text if text.is_empty() => return,
                text => (text.parse().ok(), text.replace(['.', '-'], "").parse().ok()),
            },
        };
        self.values = self.values.zip(value).and_then(|(sum, value)| sum.checked_add(value));
        self.digits = self.digits.zip(digits).and_then(|(sum, digits)| sum.checked_add(digits));
    }
}

impl<'g> Totals<'g> {
    /// Nothing counted yet.
    pub fn new(guide: &'g Guide) -> Self {
        let sum = Sum { values: Some(Decimal::ZERO), digits: Some(Decimal::ZERO) };
        Totals { guide, trailer: Tag::of("CTT"), lines: 0, sum }
    }

    /// Counts a segment, or compares when it is the CTT.
    pub fn add(&mut self, segment: Segment<'_>, tag: Tag, faults: &mut Faults<'_>) {
        if self.guide.counted == Some(tag) {
            self.lines += 1;
        }
        if let Some((_, element)) = self.guide.hashed.filter(|(hashed, _)| *hashed == tag) {
            self.sum.add(segment, element);
        }
        if tag == self.trailer && self.guide.counted.is_some() {
            self.compare(segment, faults);
        }
    }

    fn compare(&self, segment: Segment<'_>, faults: &mut Faults<'_>) {
        let at = |element| {
            let spec = self.guide.dictionary().segment_by_tag(self.trailer).and_then(|spec| spec.element(element));
            ElementAt { segment, in_loop: None, position: PositionInSegment::element(element), spec }
        };
        let stated = segment.text(1);
        if stated.parse::<u64>().is_ok_and(|stated| stated != self.lines) {
            let problem = format!("says {stated} lines, counted {}", self.lines);
            let warning = faults.element(&x12::LINE_COUNT_DIFFERS, &at(1), &problem);
            faults.add(warning.expected(self.lines.to_string()).found(stated));
        }
        let stated = segment.text(2);
        let (Ok(total), Some(values)) = (stated.parse::<Decimal>(), self.sum.values) else { return };
        let matches = total == values || self.sum.digits == Some(total);
        if self.guide.hashed.is_some() && !matches {
            let problem = format!("says {stated}, the quantities add up to {}", values.normalize());
            let warning = faults.element(&x12::HASH_TOTAL_DIFFERS, &at(2), &problem);
            faults.add(warning.expected(values.normalize().to_string()).found(stated));
        }
    }
}
