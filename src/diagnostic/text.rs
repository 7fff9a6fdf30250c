//! A diagnostic as a person reads it in a terminal or a log: what, where, expected and found, hint.

use std::fmt::{self, Display, Write as _};

use super::{Diagnostic, Place, Record, SegmentSpot, Severity, Spot};

impl Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.file.clone());
        match &self.spot {
            Spot::Whole => {}
            Spot::Segment(spot) => parts.push(spot.to_string()),
            Spot::Line { line, column: 0 } => parts.push(format!("line {line}")),
            Spot::Line { line, column } => parts.push(format!("line {line}, column {column}")),
            Spot::Path { path } => parts.push(path.clone()),
        }
        parts.extend(self.byte.map(|byte| format!("byte {byte}")));
        f.write_str(&parts.join(", "))
    }
}

impl Display for SegmentSpot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(set) = &self.set {
            write!(f, "{set}")?;
            if let Some(number) = &self.set_control_number {
                write!(f, " {number}")?;
            }
            f.write_str(", ")?;
        }
        match (self.position, self.tag.as_str()) {
            (0, tag) => write!(f, "segment {tag}")?,
            (position, "") => write!(f, "segment {position}")?,
            (position, tag) => write!(f, "segment {position} ({tag})")?,
        }
        if let Some(element) = self.element {
            write!(f, ", element {element}")?;
        }
        if let Some(repetition) = self.repetition {
            write!(f, ", repetition {repetition}")?;
        }
        if let Some(component) = self.component {
            write!(f, ", component {component}")?;
        }
        Ok(())
    }
}

/// In quotes, with what a terminal would act upon made visible; what was escaped already stays as it is.
fn quoted(text: &str) -> String {
    let visible = text.chars().map(|found| match found {
        '"' => "\\\"".to_owned(),
        found if found.is_control() => found.escape_default().to_string(),
        found => found.to_string(),
    });
    format!("\"{}\"", visible.collect::<String>())
}

impl Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Record::from(self).fmt(f)
    }
}

/// The layer that needs no word: nearly every rule is of it.
const STANDARD: &str = "standard";

/// Several lines: the sentence, the place, expected and found, whose rule it is unless it is the standard's, the hint. No final
/// line break.
impl Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.severity, self.code, self.message)?;
        let place = self.place.to_string();
        if !place.is_empty() {
            write!(f, "\n  at {place}")?;
        }
        let mut comparison = String::new();
        if let Some(expected) = &self.expected {
            write!(comparison, "expected {expected}")?;
        }
        if let Some(found) = &self.found {
            let comma = if comparison.is_empty() { "" } else { ", " };
            write!(comparison, "{comma}found {}", quoted(found))?;
        }
        if !comparison.is_empty() {
            write!(f, "\n  {comparison}")?;
        }
        if let Some(layer) = self.layer.as_deref().filter(|layer| *layer != STANDARD) {
            write!(f, "\n  layer: {layer}")?;
        }
        write!(f, "\n  hint: {}", self.fix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::x12;

    #[test]
    fn the_layer_of_a_rule_is_named_unless_it_is_the_standard() {
        let told = |layer| Diagnostic::new(&x12::ELEMENT_MISSING, "x").of_layer(layer).hint("y").to_string();
        assert_eq!(told("standard"), "error X12-E060: x\n  hint: y");
        assert_eq!(told("guides"), "error X12-E060: x\n  layer: guides\n  hint: y");
        assert_eq!(told("partner megamart"), "error X12-E060: x\n  layer: partner megamart\n  hint: y");
    }

    #[test]
    fn a_place_names_element_repetition_and_component_in_words_and_in_json() {
        let spot = SegmentSpot {
            position: 8,
            tag: "SV1".to_owned(),
            element: Some(3),
            repetition: Some(2),
            component: Some(1),
            ..SegmentSpot::default()
        };
        assert_eq!(spot.to_string(), "segment 8 (SV1), element 3, repetition 2, component 1");
        let json = serde_json::to_string(&spot).unwrap();
        assert_eq!(json, r#"{"position":8,"tag":"SV1","element":3,"repetition":2,"component":1}"#);
        let earlier = r#"{"position":8,"tag":"SV1","element":3}"#;
        assert_eq!(serde_json::from_str::<SegmentSpot>(earlier).unwrap().repetition, None);
    }
}
