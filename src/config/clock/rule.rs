//! One rule of a partner: what it demands, how grave a breach is, what it costs, and who says so.
//!
//! Eight shapes, told apart by the key that only they have. The first two are one: what we owe within a time.
//!
//! | shape | in the file |
//! |---|---|
//! | an acknowledgment in time | `what = "997"  within = "24 h"  of = "850"` |
//! | a document in time | `what = "856"  within = "60 min"  of = "departure"`, `what = "856"  before = "6 h"  of = "arrival"`, `what = "855"  within = "1 business day"  by = "14:00"  of = "850"`, `what = "855"  by = "14:00"  of = "850"` |
//! | never before | `what = "810"  not_before = "856"` |
//! | equality | `what = "810"  same = ["unit price", "unit"]  same_as = "850"` |
//! | a limit | `limit = "shipped"  at_most = "ordered"`, `limit = "cartons"  equals = "packs"` |
//! | unique for a time | `unique = "sscc"  for = "365 days"` |
//! | required, of a pattern | `what = "856"  require = "bill of lading"  characters = "A-Z a-z 0-9 space -"` |
//! | the partner's verdict | `what = "856"  watch = ["997", "824"]  correct_within = "24 h"` |
//!
//! Every rule has `name`, `source` and `as_of`; it may have `severity` (else a breach is an error), `cost` and `secondary = true` where the number is
//! hearsay, and one with a deadline `warn`. Without `warn` it is at risk in the last quarter of its time.

use std::ops::RangeInclusive;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::Fault;
use super::calendar::TimeOfDay;
use super::cost::{Cost, CostText};
use super::noun::{Answerer, Field, Figure, Moment, Number};
use super::term::Term;
use crate::diagnostic::Severity;

/// A `[[clock]]` table as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the keys are explained where their shape is, in the module's table")]
pub struct RuleText {
    pub name: Option<String>,
    pub what: Option<String>,
    pub within: Option<String>,
    pub before: Option<String>,
    pub by: Option<String>,
    pub of: Option<String>,
    pub not_before: Option<String>,
    pub same: Option<Vec<String>>,
    pub same_as: Option<String>,
    pub limit: Option<String>,
    pub at_most: Option<String>,
    pub equals: Option<String>,
    pub tolerance: Option<String>,
    pub unique: Option<String>,
    pub r#for: Option<String>,
    pub require: Option<String>,
    pub characters: Option<String>,
    pub matching: Option<String>,
    pub watch: Option<Vec<String>>,
    pub correct_within: Option<String>,
    pub warn: Option<String>,
    pub severity: Option<String>,
    pub cost: Option<CostText>,
    pub source: Option<String>,
    pub as_of: Option<String>,
    #[serde(default)]
    pub secondary: bool,
}

/// A rule that can be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name for people, unique among the partner's rules.
    pub name: String,
    /// What it demands.
    pub shape: Shape,
    /// How grave a breach is.
    pub severity: Severity,
    /// What a breach costs, where that is known.
    pub cost: Option<Cost>,
    /// Who says so.
    pub source: Source,
}

/// What a rule demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// This must have happened by a time.
    Deadline {
        /// What.
        what: Moment,
        /// By when.
        due: Due,
        /// How long before that it is at risk; the last quarter of the time when `None`.
        warn: Option<Term>,
    },
    /// This must not happen before that.
    NotBefore {
        /// What.
        what: Moment,
        /// Before what.
        reference: Moment,
    },
    /// Two documents must say the same.
    Same {
        /// The document that must agree.
        what: Moment,
        /// In what.
        fields: Vec<Field>,
        /// The document that it must agree with.
        reference: Moment,
        /// How far numbers may be apart.
        tolerance: Decimal,
    },
    /// A figure is bound by another.
    Limit {
        /// Which figure.
        figure: Figure,
        /// How it is bound.
        bound: Bound,
        /// By which.
        of: Figure,
        /// How far beyond it may be.
        tolerance: Decimal,
    },
    /// A number must not come again within a time.
    Unique {
        /// Which number.
        number: Number,
        /// Within which time.
        window: Term,
    },
    /// A document must say this, written in this way.
    Required {
        /// Which document.
        what: Moment,
        /// What it must say.
        field: Field,
        /// How it must be written.
        pattern: Pattern,
    },
    /// What the partner refuses must be corrected.
    Accepted {
        /// Which document.
        what: Moment,
        /// By what the partner may refuse it.
        answerers: Vec<Answerer>,
        /// How long there is for a corrected one; a refusal is a breach at once when `None`.
        correct_within: Option<Term>,
    },
}

/// When something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// How it is reckoned.
    pub reckoned: Reckoned,
    /// From which moment.
    pub of: Moment,
}

/// How a due time is reckoned from a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reckoned {
    /// So long after, or at this time of the day on which that is.
    Within(Term, Option<TimeOfDay>),
    /// So long before, or at this time of the day on which that is.
    Before(Term, Option<TimeOfDay>),
    /// At the first such time of day from then on.
    By(TimeOfDay),
}

/// How a figure is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// It may be less.
    AtMost,
    /// It may not.
    Equal,
}

/// How a text must be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pattern {
    /// Only of these; of any when empty.
    characters: Vec<RangeInclusive<char>>,
    /// As `*` and `?` of file names say.
    matching: Option<String>,
}

/// Where a rule was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The guide, letter or page.
    pub text: String,
    /// The day on which it said so.
    pub as_of: Date,
    /// Whether it is the partner's own word.
    pub standing: Standing,
}

/// Whether a source is the partner's own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Primary,
    /// Somebody else tells of it.
    Secondary,
}

impl Pattern {
    /// Whether a text is written so.
    pub fn fits(&self, text: &str) -> bool {
        let allowed = |c: char| self.characters.iter().any(|range| range.contains(&c));
        (self.characters.is_empty() || text.chars().all(allowed))
            && self.matching.as_ref().is_none_or(|pattern| crate::config::pattern::matches(pattern, text))
    }
}

impl Rule {
    /// Reads a table; every fault of it at once.
    pub fn read(text: &RuleText) -> Result<Rule, Vec<Fault>> {
        let mut reader = Reader { text, faults: Vec::new(), used: Vec::new() };
        let name = reader.required("name", r#"name = "ASN in time""#).map(str::to_owned);
        let shape = reader.shape();
        reader.refuse_keys_of_other_shapes();
        let severity = reader.severity();
        let cost = text.cost.as_ref().map(Cost::read).transpose();
        let cost = cost.map_err(|faults| reader.faults.extend(faults));
        let source = reader.source();
        match (name, shape, cost, source) {
            (Some(name), Some(shape), Ok(cost), Some(source)) if reader.faults.is_empty() => {
                Ok(Rule { name, shape, severity, cost, source })
            }
            _ => Err(reader.faults),
        }
    }

    /// The moment that it is about, where it is about one.
    pub fn what(&self) -> Option<Moment> {
        match self.shape {
            Shape::Deadline { what, .. }
            | Shape::NotBefore { what, .. }
            | Shape::Same { what, .. }
            | Shape::Required { what, .. }
            | Shape::Accepted { what, .. } => Some(what),
            Shape::Limit { .. } | Shape::Unique { .. } => None,
        }
    }
}

/// One table that is being read, with the keys of its shape that were asked for.
struct Reader<'t> {
    text: &'t RuleText,
    faults: Vec<Fault>,
    used: Vec<&'static str>,
}

/// The keys of one text by which shapes are told apart; the first three are of one shape.
const SHAPES: [&str; 7] = ["within", "before", "by", "not_before", "limit", "unique", "require"];
const A_SHAPE: &str = "one of within, before, by, not_before, same, limit, unique, require, watch";

impl<'t> Reader<'t> {
    fn shape(&mut self) -> Option<Shape> {
        let text = self.text;
        let given = |key: &&'static str| self.keys().iter().any(|(known, value)| known == key && value.is_some());
        let mut found: Vec<&'static str> = SHAPES.iter().copied().filter(given).collect();
        found.extend(text.same.as_ref().map(|_| "same"));
        found.extend(text.watch.as_ref().map(|_| "watch"));
        // `by` says at what time of the day that `within` and `before` name.
        if found.len() > 1 {
            found.retain(|key| *key != "by");
        }
        match found[..] {
            [] => self.refuse(Fault::new("name", "the rule demands nothing", A_SHAPE)),
            ["within"] => self.deadline(Some("within")),
            ["before"] => self.deadline(Some("before")),
            ["by"] => self.deadline(None),
            ["not_before"] => self.not_before(),
            ["same"] => self.same(),
            ["limit"] => self.limit(),
            ["unique"] => self.unique(),
            ["require"] => self.requirement(),
            [_] => self.accepted(),
            [_, second, ..] => {
                let message = format!("a rule with {} demands two things", found.join(" and "));
                let fault = Fault::new(second, message, A_SHAPE);
                self.refuse(fault.hint("write a [[clock]] for each"))
            }
        }
    }

    fn deadline(&mut self, side: Option<&'static str>) -> Option<Shape> {
        let what = self.moment("what", r#"what = "856""#, Moment::parse);
        let of = self.moment("of", r#"of = "departure""#, Moment::parse);
        let term = side.and_then(|key| self.term(key));
        let by = self.optional("by").map(|text| TimeOfDay::parse("by", text));
        let by = self.kept(by);
        let warn = self.term("warn");
        let reckoned = match (side, term, by) {
            (Some("before"), Some(term), by) => Reckoned::Before(term, by),
            (Some(_), Some(term), by) => Reckoned::Within(term, by),
            (None, _, Some(by)) => Reckoned::By(by),
            _ => return None,
        };
        let (what, of) = (what?, of?);
        if what == of {
            return self.refuse(Fault::new("of", "it is due by itself", "another moment than what"));
        }
        Some(Shape::Deadline { what, due: Due { reckoned, of }, warn })
    }

    fn not_before(&mut self) -> Option<Shape> {
        let what = self.moment("what", r#"what = "810""#, Moment::parse);
        let reference = self.moment("not_before", r#"not_before = "856""#, Moment::parse);
        Some(Shape::NotBefore { what: what?, reference: reference? })
    }

    fn same(&mut self) -> Option<Shape> {
        let what = self.moment("what", r#"what = "810""#, Moment::parse_document);
        let reference = self.moment("same_as", r#"same_as = "850""#, Moment::parse_document);
        let fields = self.words("same", self.text.same.as_deref(), r#""unit price""#, Field::parse);
        let tolerance = self.tolerance();
        Some(Shape::Same { what: what?, fields: fields?, reference: reference?, tolerance: tolerance? })
    }

    fn limit(&mut self) -> Option<Shape> {
        let figure = self.figure("limit");
        let (at_most, equals) = (self.figure("at_most"), self.figure("equals"));
        let tolerance = self.tolerance();
        let (bound, of) = match (at_most, equals) {
            (Some(of), None) => (Bound::AtMost, of),
            (None, Some(of)) => (Bound::Equal, of),
            _ => {
                let expected = r#"either at_most or equals, such as at_most = "ordered""#;
                return self.refuse(Fault::new("limit", "it is bound by no one figure", expected));
            }
        };
        Some(Shape::Limit { figure: figure?, bound, of, tolerance: tolerance? })
    }

    fn unique(&mut self) -> Option<Shape> {
        let number = self.optional("unique").map(|text| Number::parse("unique", text));
        let number = self.kept(number);
        self.required("for", r#"for = "365 days""#);
        let window = self.term("for");
        Some(Shape::Unique { number: number?, window: window? })
    }

    fn requirement(&mut self) -> Option<Shape> {
        let what = self.moment("what", r#"what = "856""#, Moment::parse_document);
        let field = self.optional("require").map(|text| Field::parse("require", text));
        let field = self.kept(field);
        let characters = self.optional("characters").map(characters);
        let characters = self.kept(characters).unwrap_or_default();
        let matching = self.optional("matching").map(str::to_owned);
        Some(Shape::Required { what: what?, field: field?, pattern: Pattern { characters, matching } })
    }

    fn accepted(&mut self) -> Option<Shape> {
        let what = self.moment("what", r#"what = "856""#, Moment::parse_document);
        let answerers = self.words("watch", self.text.watch.as_deref(), r#""824""#, Answerer::parse);
        let correct_within = self.term("correct_within");
        Some(Shape::Accepted { what: what?, answerers: answerers?, correct_within })
    }

    fn severity(&mut self) -> Severity {
        const WORDS: [(&str, Severity); 3] =
            [("error", Severity::Error), ("warning", Severity::Warning), ("note", Severity::Note)];
        let severity = self.text.severity.as_deref().map(|text| super::word("severity", text, &WORDS));
        self.kept(severity).unwrap_or(Severity::Error)
    }

    fn source(&mut self) -> Option<Source> {
        let text = self.required("source", r#"source = "MegaMart vendor guide, section 4""#).map(str::to_owned);
        let expected = r#"a day, such as "2026-03-01""#;
        let as_of = self.required("as_of", r#"as_of = "2026-03-01""#);
        let as_of = as_of
            .map(|text| text.parse::<Date>().map_err(|_| Fault::new("as_of", format!("{text:?} is no day"), expected)));
        let as_of = self.kept(as_of);
        let standing = if self.text.secondary { Standing::Secondary } else { Standing::Primary };
        Some(Source { text: text?, as_of: as_of?, standing })
    }

    fn tolerance(&mut self) -> Option<Decimal> {
        let Some(text) = self.optional("tolerance") else { return Some(Decimal::ZERO) };
        match text.parse::<Decimal>() {
            Ok(number) if !number.is_sign_negative() => Some(number),
            _ => {
                let expected = r#"a decimal that is not negative, such as "0.005""#;
                self.refuse(Fault::new("tolerance", format!("{text:?} is no tolerance"), expected))
            }
        }
    }

    fn moment(
        &mut self,
        key: &'static str,
        example: &str,
        parse: fn(&'static str, &str) -> Result<Moment, Fault>,
    ) -> Option<Moment> {
        let moment = self.required(key, example).map(|text| parse(key, text));
        self.kept(moment)
    }

    fn term(&mut self, key: &'static str) -> Option<Term> {
        let term = self.optional(key).map(|text| Term::parse(key, text));
        self.kept(term)
    }

    fn figure(&mut self, key: &'static str) -> Option<Figure> {
        let figure = self.optional(key).map(|text| Figure::parse(key, text));
        self.kept(figure)
    }

    fn words<T>(
        &mut self,
        key: &'static str,
        texts: Option<&[String]>,
        example: &str,
        parse: fn(&'static str, &str) -> Result<T, Fault>,
    ) -> Option<Vec<T>> {
        let texts = texts.unwrap_or_default();
        if texts.is_empty() {
            return self.refuse(Fault::new(key, "the list is empty", format!("a list such as [{example}]")));
        }
        let words: Vec<Option<T>> = texts.iter().map(|text| self.kept(Some(parse(key, text)))).collect();
        words.into_iter().collect()
    }

    fn required(&mut self, key: &'static str, example: &str) -> Option<&'t str> {
        let found = self.optional(key).filter(|text| !text.trim().is_empty());
        if found.is_none() {
            self.faults.push(Fault::new(key, "it is not given", format!("a line such as: {example}")));
        }
        found
    }

    fn optional(&mut self, key: &'static str) -> Option<&'t str> {
        self.used.push(key);
        self.keys().into_iter().find(|(known, _)| *known == key).and_then(|(_, value)| value)
    }

    fn kept<T>(&mut self, read: Option<Result<T, Fault>>) -> Option<T> {
        match read? {
            Ok(value) => Some(value),
            Err(fault) => self.refuse(fault),
        }
    }

    fn refuse<T>(&mut self, fault: Fault) -> Option<T> {
        self.faults.push(fault);
        None
    }

    /// A key that belongs to another shape would be a demand that nobody judges.
    fn refuse_keys_of_other_shapes(&mut self) {
        if !self.faults.is_empty() {
            return;
        }
        for (key, value) in self.keys() {
            let is_common = matches!(key, "name" | "source" | "as_of");
            if value.is_some() && !is_common && !self.used.contains(&key) {
                let fault = Fault::new(key, "it means nothing in a rule of this shape", "only the keys of one shape");
                self.faults.push(fault.hint(format!("delete {key}, or write a [[clock]] of its own for it")));
            }
        }
    }

    /// Every key that holds one text.
    fn keys(&self) -> [(&'static str, Option<&'t str>); 21] {
        let text = self.text;
        [
            ("name", text.name.as_deref()),
            ("what", text.what.as_deref()),
            ("within", text.within.as_deref()),
            ("before", text.before.as_deref()),
            ("by", text.by.as_deref()),
            ("of", text.of.as_deref()),
            ("not_before", text.not_before.as_deref()),
            ("same_as", text.same_as.as_deref()),
            ("limit", text.limit.as_deref()),
            ("at_most", text.at_most.as_deref()),
            ("equals", text.equals.as_deref()),
            ("tolerance", text.tolerance.as_deref()),
            ("unique", text.unique.as_deref()),
            ("for", text.r#for.as_deref()),
            ("require", text.require.as_deref()),
            ("characters", text.characters.as_deref()),
            ("matching", text.matching.as_deref()),
            ("correct_within", text.correct_within.as_deref()),
            ("warn", text.warn.as_deref()),
            ("source", text.source.as_deref()),
            ("as_of", text.as_of.as_deref()),
        ]
    }
}

/// `A-Z a-z 0-9 space -`: ranges, single characters, and the word for a space.
fn characters(text: &str) -> Result<Vec<RangeInclusive<char>>, Fault> {
    let range = |part: &str| {
        let characters: Vec<char> = part.chars().collect();
        match characters[..] {
            _ if part == "space" => Some(' '..=' '),
            [only] => Some(only..=only),
            [first, '-', last] if first <= last => Some(first..=last),
            _ => None,
        }
    };
    let read = |part: &str| {
        let expected = r#"ranges, characters and the word space, such as "A-Z a-z 0-9 space -""#;
        range(part).ok_or_else(|| Fault::new("characters", format!("{part:?} is no range of characters"), expected))
    };
    text.split_whitespace().map(read).collect()
}

#[cfg(test)]
mod tests;
