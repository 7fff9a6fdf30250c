//! How many of one unit another holds, where a document or a table of items tells: never by guess.
//!
//! ```text
//! the order says 12 to a case      2 CA  = 24 EA
//! everywhere                       2 DZ  = 24 EA
//! nobody says what a PL holds      1 PL  = ?
//! ```

use rust_decimal::Decimal;

/// Units that are a case: case, carton, and what systems write for it.
const CASES: [&str; 3] = ["CA", "CT", "CS"];

/// How an item is packed, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Packing {
    case: Option<Decimal>,
    contradicts: bool,
}

impl Packing {
    /// What an order line says: units in a case, or inner packs in it and the units in each.
    pub fn of(pack: Option<Decimal>, inner_pack: Option<Decimal>) -> Packing {
        let case = pack.map(|pack| pack * inner_pack.unwrap_or(Decimal::ONE));
        Packing { case: case.filter(|case| *case > Decimal::ZERO), contradicts: false }
    }

    /// What two say of the same item; nothing is known where they contradict each other.
    pub fn and(self, other: Packing) -> Packing {
        let differs = self.case.zip(other.case).is_some_and(|(one, other)| one != other);
        Packing { case: self.case.or(other.case), contradicts: self.contradicts || other.contradicts || differs }
    }

    /// How many eaches one of a unit holds.
    pub fn eaches_in(&self, unit: &str) -> Option<Decimal> {
        match unit {
            "EA" => Some(Decimal::ONE),
            "DZ" => Some(Decimal::from(12)),
            case if CASES.contains(&case) && !self.contradicts => self.case,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packing(pack: i64, inner: Option<i64>) -> Packing {
        Packing::of(Some(pack.into()), inner.map(Decimal::from))
    }

    #[test]
    fn a_case_holds_what_is_said_and_a_dozen_is_twelve() {
        assert_eq!(packing(12, None).eaches_in("CA"), Some(12.into()));
        assert_eq!(packing(4, Some(6)).eaches_in("CT"), Some(24.into()));
        assert_eq!(Packing::default().eaches_in("DZ"), Some(12.into()));
        assert_eq!(Packing::default().eaches_in("CA"), None);
        assert_eq!(packing(0, None).eaches_in("CA"), None);
        assert_eq!(packing(12, None).eaches_in("PL"), None);
    }

    #[test]
    fn what_two_say_differently_is_not_known() {
        let both = packing(12, None).and(packing(10, None));
        assert_eq!((both.eaches_in("CA"), both.eaches_in("EA")), (None, Some(Decimal::ONE)));
        assert_eq!(packing(12, None).and(Packing::default()).eaches_in("CA"), Some(12.into()));
    }
}
