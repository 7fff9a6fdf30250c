//! What a line of an overlay is about: a path from loop to loop, with the values that tell one segment from another.
//!
//! ```text
//! PO1/N1               the loop N1 in the loop PO1
//! BEG05, N1/N103       an element wherever its segment stands, or at one place
//! SLN05-1              a component of it
//! REF*DP               the REF whose first element is DP, written as it stands in a file
//! HL***P               the loop HL whose third element is P; what is left empty may be anything
//! REF*DP/REF02         an element of that REF
//! N1*ST/N4             the N4 in the loop of that N1
//! HL***P/MAN*GM/MAN02  an element of the MAN with GM, in that HL
//! ```
//!
//! A path is only read here; whether a guide has such a place is for the overlay to say.

/// A path as it was written.
#[derive(Debug)]
pub(super) struct Subject {
    /// The loops, and the segment at the end; empty for an element that stands alone.
    pub parts: Vec<Part>,
    /// The element, where one is meant.
    pub element: Option<ElementName>,
}

/// A loop or segment, and the values it is told by.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The identifier, such as `REF`.
    pub id: &'static str,
    /// As it was written, such as `REF*DP`.
    pub name: &'static str,
    /// Positions from 1, with what stands there.
    pub values: Vec<(usize, &'static str)>,
}

/// An element or component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ElementName {
    /// The segment, such as `SLN`.
    pub tag: &'static str,
    /// The position in it from 1.
    pub position: usize,
    /// The component from 1, where one is meant.
    pub component: Option<usize>,
}

impl Subject {
    pub fn parse(at: &'static str) -> Subject {
        let (above, last) = at.rsplit_once('/').map_or((None, at), |(above, last)| (Some(above), last));
        match ElementName::parse(last) {
            Some(element) => Subject { parts: parts(above), element: Some(element) },
            None => Subject { parts: parts(Some(at)), element: None },
        }
    }

    /// True where a value says which segment is meant.
    pub fn is_qualified(&self) -> bool {
        self.parts.iter().any(|part| part.name != part.id)
    }
}

fn parts(path: Option<&'static str>) -> Vec<Part> {
    path.into_iter().flat_map(|path| path.split('/')).map(Part::parse).collect()
}

impl Part {
    fn parse(name: &'static str) -> Part {
        let mut words = name.split('*');
        let id = words.next().unwrap_or_default();
        let values = (1..).zip(words).filter(|(_, value)| !value.is_empty()).collect();
        Part { id, name, values }
    }

    /// A segment of whatever values.
    pub fn any(id: &'static str) -> Part {
        Part { id, name: id, values: Vec::new() }
    }
}

impl ElementName {
    /// `N104` or `SLN05-1`; `None` where no element is meant.
    fn parse(name: &'static str) -> Option<ElementName> {
        if name.contains('*') {
            return None;
        }
        let number = |text: &str| text.parse().ok().filter(|number: &usize| *number > 0);
        let (element, component) = match name.split_once('-') {
            Some((element, component)) => (element, Some(number(component)?)),
            None => (name, None),
        };
        // Segments have two or three characters, elements two digits more.
        let length = element.len().checked_sub(2).filter(|length| (2..=3).contains(length))?;
        let (tag, position) = element.split_at_checked(length)?;
        Some(ElementName { tag, position: number(position)?, component })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `REF:1=DP` for each part, and `REF02-1` for the element.
    fn check(at: &'static str, parts: &str, element: Option<(&'static str, usize, Option<usize>)>) {
        let subject = Subject::parse(at);
        let of = |part: &Part| {
            let values: String = part.values.iter().map(|(position, value)| format!(":{position}={value}")).collect();
            format!("{}{values}", part.id)
        };
        assert_eq!(subject.parts.iter().map(of).collect::<Vec<_>>().join(" "), parts, "{at}");
        let element = element.map(|(tag, position, component)| ElementName { tag, position, component });
        assert_eq!(subject.element, element, "{at}");
    }

    #[test]
    fn a_path_names_loops_segments_elements_and_components() {
        check("REF", "REF", None);
        check("PO1/N1", "PO1 N1", None);
        check("BEG05", "", Some(("BEG", 5, None)));
        check("N1/N103", "N1", Some(("N1", 3, None)));
        check("SLN05-1", "", Some(("SLN", 5, Some(1))));
        check("PO1/SLN/SLN05-02", "PO1 SLN", Some(("SLN", 5, Some(2))));
        check("BEG00", "BEG00", None);
        check("SLN05-0", "SLN05-0", None);
    }

    #[test]
    fn values_tell_one_segment_from_another() {
        check("REF*DP", "REF:1=DP", None);
        check("DTM*002", "DTM:1=002", None);
        check("N1*91", "N1:1=91", None);
        check("HL***P", "HL:3=P", None);
        check("N1*ST**92/N104", "N1:1=ST:3=92", Some(("N1", 4, None)));
        check("HL***P/MAN*GM/MAN02", "HL:3=P MAN:1=GM", Some(("MAN", 2, None)));
        assert!(Subject::parse("N1*ST/N4").is_qualified() && !Subject::parse("N1/N4").is_qualified());
        assert!(Subject::parse("REF*").is_qualified());
    }
}
