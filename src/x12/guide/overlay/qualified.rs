//! Rules that hold where the values of segments say so: which of them are meant, and what is demanded of them.
//!
//! ```text
//! HL***P/MAN*GM/MAN02 max 20    the HL loops with P in HL03, in them each MAN with GM in MAN01: MAN02 has 20 characters at most
//! N1*ST/N4 required             the N1 loops with ST in N101, in each of them an N4
//! ```

use super::path::{ElementName, Part};
use super::{Cited, ElementRule, Kind, Line, Narrowing, ParseError};

/// A rule that holds where the values of segments say so.
#[derive(Debug, Clone)]
pub(crate) struct QualifiedRule {
    /// The loops from the set inwards, and last the segment or loop that it is about.
    pub path: Vec<Selector>,
    pub demand: QualifiedDemand,
    pub cited: Cited,
}

/// Selects some of the segments, or of the loops that they begin, that take one place.
#[derive(Debug, Clone)]
pub(crate) struct Selector {
    /// The place.
    pub place: usize,
    /// As the overlay writes it, such as `REF*DP`.
    pub name: &'static str,
    /// Positions from 1, with the values that stand there; none where every segment is meant.
    pub values: Vec<(usize, &'static str)>,
}

/// What is demanded of the segments that were selected.
#[derive(Debug, Clone)]
pub(crate) enum QualifiedDemand {
    /// There must be one.
    Required,
    /// There must not be more.
    Max(u32),
    /// There must be none.
    Unused,
    /// Something of an element of each.
    Element(ElementRule),
}

impl Narrowing<'_> {
    /// `REF*DP required`, `REF*DP/REF02 pattern 00##`, `N1*ST/N4 required`, `HL***P/MAN*GM max 1`
    pub(super) fn qualified(
        &mut self,
        line: &Line,
        parts: &[Part],
        element: Option<ElementName>,
        (word, value): (&str, &'static str),
    ) -> Result<(), ParseError> {
        let mut parts = parts.to_vec();
        // An element of the segment with the qualifier, or of another one in its loop.
        parts.extend(
            element.map(|name| Part::any(name.tag)).filter(|part| parts.last().is_none_or(|last| last.id != part.id)),
        );
        let at = self.place(line, &parts)?;
        let path = self.selectors(line, at, &parts)?;
        let demand = match element {
            Some(name) => self.element_rule(line, name, (word, value))?.map(QualifiedDemand::Element),
            None => self.occurrence(line, at, &parts, (word, value))?,
        };
        let cited = self.cited(line);
        self.qualified.extend(demand.map(|demand| QualifiedRule { path, demand, cited }));
        Ok(())
    }

    /// The places from the set inwards to one, each with the values that the path has for it.
    fn selectors(&self, line: &Line, at: usize, parts: &[Part]) -> Result<Vec<Selector>, ParseError> {
        let places: Vec<usize> = self.around[at].iter().rev().copied().chain([at]).collect();
        // A path of one part may leave out the loops around it.
        let unnamed = places.len() - parts.len();
        let any = places[..unnamed].iter().map(|place| Part::any(self.places[*place].id));
        let parts: Vec<Part> = any.chain(parts.iter().cloned()).collect();
        for part in &parts {
            self.can_select(line, part)?;
        }
        let selector = |(place, part): (usize, Part)| Selector { place, name: part.name, values: part.values };
        Ok(places.into_iter().zip(parts).map(selector).collect())
    }

    fn can_select(&self, line: &Line, part: &Part) -> Result<(), ParseError> {
        if part.name != part.id && part.values.is_empty() {
            return Err(line.error(format!("expected a value in {:?}, as in REF*DP", part.name)));
        }
        for (position, value) in &part.values {
            let name = ElementName { tag: part.id, position: *position, component: None };
            let spec = self.spec(line, name)?;
            if matches!(spec.kind, Kind::Composite(_)) {
                return Err(line.error(format!("{}{position:02} is a composite, which selects nothing", part.id)));
            }
            self.can_be(line, spec, value)?;
        }
        Ok(())
    }

    /// How often segments with a qualifier, or segments in the loop of one, may or must be there.
    fn occurrence(
        &self,
        line: &Line,
        at: usize,
        parts: &[Part],
        (word, value): (&str, &str),
    ) -> Result<Option<QualifiedDemand>, ParseError> {
        let path = line.split().0;
        let is_any = parts.last().is_some_and(|part| part.values.is_empty());
        self.no_contradiction(line, word)?;
        let left_out = self.around[at].iter().chain([&at]).any(|place| self.is_unused(*place));
        match word {
            "required" | "unused" if !value.is_empty() => {
                Err(line.error(format!("expected nothing behind {word}, found {value:?}")))
            }
            "required" if left_out => Err(line.error(format!("{path} is required, and left out by another line"))),
            "required" => Ok((!is_any || !self.places[at].mandatory).then_some(QualifiedDemand::Required)),
            "unused" if is_any && self.places[at].mandatory => {
                Err(line.error(format!("{path} must be there, so that it cannot be left out")))
            }
            "unused" => Ok(Some(QualifiedDemand::Unused)),
            "max" => self.max(line, at, value).map(|max| Some(QualifiedDemand::Max(max))),
            _ => Err(line.error(format!("expected required, max or unused, found {word:?}"))),
        }
    }
}
