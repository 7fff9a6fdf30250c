//! What a line demands of an element or component, and whether the guide below leaves room for it.
//!
//! ```text
//! BEG01 codes 00 06      Codes(["00", "06"])
//! BEG01 required         nothing: the standard requires it already
//! BEG01 unused           refused: the standard requires it
//! ```

use super::path::ElementName;
use super::{Demand, ElementRule, ElementSpec, Kind, Line, Narrowing, ParseError, Pattern, split, uncommented};

impl Narrowing<'_> {
    /// The rule of a line on an element; `None` where the guide demands it already.
    pub(super) fn element_rule(
        &self,
        line: &Line,
        name: ElementName,
        (word, value): (&str, &'static str),
    ) -> Result<Option<ElementRule>, ParseError> {
        let spec = self.spec(line, name)?;
        self.no_contradiction(line, word)?;
        let (position, component, cited) = (name.position, name.component, self.cited(line));
        let demand = self.demand(line, spec, word, value)?;
        Ok(demand.map(|demand| ElementRule { position, component, spec, demand, cited }))
    }

    /// What the guide says of an element or component.
    pub(super) fn spec(&self, line: &Line, name: ElementName) -> Result<&'static ElementSpec, ParseError> {
        let ElementName { tag, position, component } = name;
        let segment = self.base.dictionary.segment(tag).filter(|segment| !segment.elements.is_empty());
        let segment = segment.ok_or_else(|| line.error(format!("the elements of {tag} are not described")))?;
        let element = segment.element(position).ok_or_else(|| {
            line.error(format!("expected one of the {} elements of {tag}, found {position:02}", segment.elements.len()))
        })?;
        let Some(component) = component else { return Ok(element) };
        let Kind::Composite(index) = element.kind else {
            return Err(line.error(format!("{tag}{position:02} has no components")));
        };
        let components = &self.base.dictionary.composite(index).components;
        components.get(component - 1).ok_or_else(|| {
            let count = components.len();
            line.error(format!("expected one of the {count} components of {tag}{position:02}, found {component}"))
        })
    }

    /// What a line demands of an element; `None` where the guide demands it already.
    fn demand(
        &self,
        line: &Line,
        spec: &ElementSpec,
        word: &str,
        value: &'static str,
    ) -> Result<Option<Demand>, ParseError> {
        let is_composite = matches!(spec.kind, Kind::Composite(_));
        if is_composite && ["codes", "constant", "pattern", "max"].contains(&word) {
            let problem = "expected required or unused for a composite, whose components have rules of their own";
            return Err(line.error(format!("{problem}; found {word:?}")));
        }
        let missing = || line.error(format!("expected a value behind {word}"));
        match word {
            "required" | "unused" if !value.is_empty() => {
                Err(line.error(format!("expected nothing behind {word}, found {value:?}")))
            }
            "required" => Ok((!spec.mandatory).then_some(Demand::Required)),
            "unused" if spec.mandatory => {
                Err(line.error(format!("{} must be there, so that it cannot be left out", line.split().0)))
            }
            "unused" => Ok(Some(Demand::Unused)),
            "codes" => {
                let codes: Vec<&'static str> = value.split_whitespace().collect();
                codes.iter().try_for_each(|code| self.can_be(line, spec, code))?;
                if codes.is_empty() { Err(missing()) } else { Ok(Some(Demand::Codes(codes))) }
            }
            "constant" if value.is_empty() => Err(missing()),
            "constant" => self.can_be(line, spec, value).map(|()| Some(Demand::Constant(value))),
            "pattern" => {
                let (pattern, rest) = split(value);
                if !uncommented(rest).is_empty() {
                    return Err(line.error(format!("expected a pattern without blanks, found {value:?}")));
                }
                Pattern::parse(pattern).map(|pattern| Some(Demand::Pattern(pattern))).ok_or_else(missing)
            }
            "max" if matches!(spec.kind, Kind::Date | Kind::Time) => {
                Err(line.error("a date or time has the length that the standard gives it"))
            }
            "max" => {
                let max = line.number(value)?;
                if max < spec.min.max(1) || max > spec.max {
                    let (min, max_allowed) = (spec.min.max(1), spec.max);
                    return Err(line.error(format!("expected a number from {min} to {max_allowed}, found {max}")));
                }
                Ok((max < spec.max).then_some(Demand::Max(max)))
            }
            _ => Err(line.error(format!("expected required, unused, codes, constant, pattern or max, found {word:?}"))),
        }
    }

    /// A value that the standard refuses could never come.
    pub(super) fn can_be(&self, line: &Line, spec: &ElementSpec, value: &str) -> Result<(), ParseError> {
        let length = spec.length_of(value);
        if length < spec.min || length > spec.max {
            let problem = format!("expected {} to {} characters, found {value:?}", spec.min, spec.max);
            return Err(line.error(problem));
        }
        let Kind::Identifier(Some(list)) = spec.kind else { return Ok(()) };
        let list = self.base.dictionary.list(list);
        if !list.closed || list.text(value).is_some() {
            return Ok(());
        }
        let codes: Vec<&str> = list.codes().collect();
        Err(line.error(format!("expected codes of {}: {}; found {value:?}", list.name, codes.join(" "))))
    }
}
