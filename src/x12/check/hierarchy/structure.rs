//! The orders in which a ship notice may say that its levels stand (BSN05, data element 1005).
//!
//! ```text
//! 0001  S-O-P-I pick and pack      S O t P q I     an item stands below a carton, or a subpack in it
//! 0002  S-O-I-P standard pack      S O t I t P q   a carton stands below what is in it
//! 0003  S-P-O-I                    S t P q O I
//! 0004  S-O-I   no cartons         S O t I
//! ```
//!
//! Small letters are levels that may be there or not: pallets (T) and subpacks (Q). Levels that no structure names, such as
//! equipment, are not judged, nor what stands below them.

use crate::x12::segment::SetText;

/// One order of levels.
#[derive(Debug)]
pub(super) struct Structure {
    /// BSN05.
    pub code: &'static str,
    /// From the outermost level inwards.
    levels: &'static [u8],
}

static STRUCTURES: [Structure; 4] = [
    Structure { code: "0001", levels: b"SOtPqI" },
    Structure { code: "0002", levels: b"SOtItPq" },
    Structure { code: "0003", levels: b"StPqOI" },
    Structure { code: "0004", levels: b"SOtI" },
];

/// The levels that are judged.
const JUDGED: &[u8] = b"SOTPQI";
/// A ship notice begins with ST and BSN.
const BEFORE_LEVELS: usize = 2;

impl Structure {
    /// The one that a set tells.
    pub fn told_by(set: &SetText) -> Option<&'static Structure> {
        let bsn = set.segments().take(BEFORE_LEVELS).find(|segment| segment.is("BSN"))?;
        let code = bsn.element(5).trim_ascii();
        STRUCTURES.iter().find(|one| one.code.as_bytes() == code)
    }

    /// True when a level may stand below another, or below none; also when nobody can say.
    pub fn allows(&self, level: &[u8], above: Option<&[u8]>) -> bool {
        let judged = |code: &[u8]| match code {
            [code] if JUDGED.contains(code) => Some(*code),
            _ => None,
        };
        let Some(level) = judged(level) else { return true };
        match above.map(judged) {
            None => self.is_outermost(level),
            Some(None) => true,
            Some(Some(above)) => self.has_below(level, above),
        }
    }

    fn is_outermost(&self, level: u8) -> bool {
        self.levels[0] == level
    }

    /// True when between the two only such levels stand as may be left out.
    fn has_below(&self, level: u8, above: u8) -> bool {
        let is = |at: usize, code: u8| self.levels[at].to_ascii_uppercase() == code;
        (1..self.levels.len()).filter(|at| is(*at, level)).any(|at| {
            let outer = (0..at).rev();
            let last = outer.clone().find(|outer| self.levels[*outer].is_ascii_uppercase()).unwrap_or(0);
            outer.take_while(|outer| *outer >= last).any(|outer| is(outer, above))
        })
    }

    /// `S, O, T if any, P, Q if any, I`
    pub fn in_words(&self) -> String {
        let one = |level: &u8| match level.is_ascii_uppercase() {
            true => char::from(*level).to_string(),
            false => format!("{} if any", char::from(level.to_ascii_uppercase())),
        };
        self.levels.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The levels that may stand directly below each other, as `SO OT OP …`.
    fn pairs(code: &str) -> String {
        let structure = STRUCTURES.iter().find(|one| one.code == code).unwrap();
        let mut pairs = Vec::new();
        for above in JUDGED {
            let below = JUDGED.iter().filter(|level| structure.allows(&[**level], Some(&[*above])));
            pairs.extend(below.map(|level| format!("{}{}", char::from(*above), char::from(*level))));
        }
        pairs.join(" ")
    }

    #[test]
    fn each_structure_has_its_own_order_with_and_without_pallets() {
        assert_eq!(pairs("0001"), "SO OT OP TP PQ PI QI");
        assert_eq!(pairs("0002"), "SO OT OI TP TI PQ IT IP");
        assert_eq!(pairs("0003"), "ST SP OI TP PO PQ QO");
        assert_eq!(pairs("0004"), "SO OT OI TI");
    }

    #[test]
    fn a_shipment_is_outermost_and_what_no_structure_names_is_not_judged() {
        let structure = &STRUCTURES[0];
        assert!(structure.allows(b"S", None) && !structure.allows(b"O", None));
        assert!(
            structure.allows(b"E", Some(b"I")) && structure.allows(b"I", Some(b"E")) && structure.allows(b"", None)
        );
    }
}
