//! Short words packed into numbers, found by hashing: the tags of a guide, the codes of a list.

/// Numbers, each with its place among them; open addressing, less than half full.
#[derive(Debug)]
pub(super) struct Packed {
    /// 0 where none is.
    slots: Vec<(u64, u32)>,
    /// How many there are.
    pub count: usize,
}

impl Packed {
    /// A table of these, of which none is 0 and none stands twice.
    pub fn of(words: impl ExactSizeIterator<Item = u64>) -> Packed {
        let mut packed = Packed { slots: vec![(0, 0); (2 * words.len() + 1).next_power_of_two()], count: words.len() };
        for (place, word) in (0..).zip(words) {
            let slot = packed.slot(word);
            packed.slots[slot] = (word, place);
        }
        packed
    }

    /// The place of one.
    pub fn find(&self, word: u64) -> Option<usize> {
        let (found, place) = self.slots[self.slot(word)];
        (found == word && word != 0).then_some(place as usize)
    }

    /// The slot of a word, or the free one where it would be.
    fn slot(&self, word: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = (word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & mask;
        while self.slots[slot].0 != word && self.slots[slot].0 != 0 {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_found_at_its_place_and_no_other_is() {
        let packed = Packed::of((1..1001_u32).map(|word| u64::from(word) * 3));
        assert!((0..1000).all(|place: usize| packed.find((place as u64 + 1) * 3) == Some(place)));
        assert!([0, 1, 2, 3001, u64::MAX].iter().all(|other| packed.find(*other).is_none()));
        assert_eq!(packed.count, 1000);
        assert_eq!(Packed::of([].into_iter()).find(7), None);
    }
}
