//! The first pass over the bytes of a file: where its separators stand, and which bytes need a second look.
//!
//! ```text
//! PO1*001*24*EA~\r\nSN1**24>X*EA~
//!    ^   ^  ^  ^       ^^    ^  ^      marks: element separators and segment terminators
//!               ^ ^         ^          odd: component separators, control characters, bytes beyond ASCII
//! ```
//!
//! A segment without an odd byte needs no look for composites, line breaks or foreign letters, which is nearly every segment.
//!
//! 64 bytes at a time with AVX2 where the processor has it, byte by byte elsewhere; both give the same marks (proved by a
//! property test below). This is the only unsafe code of the engine, each part with its reason beside it.

use super::delimiters::Delimiters;

/// Positions that a scan found, ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Of element separators and segment terminators.
    pub separators: Vec<u32>,
    /// Of other bytes that are not plain: component and repetition separators, control characters, bytes beyond ASCII.
    pub odd: Vec<u32>,
}

impl Marks {
    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.separators.clear();
        self.odd.clear();
    }
}

/// Adds the marks of some bytes, of which the first is at position `base`; all positions must fit into 32 bits.
pub fn scan(bytes: &[u8], delimiters: Delimiters, base: u32, marks: &mut Marks) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, which is all that the function asks for.
        return unsafe { wide::scan(bytes, delimiters, base, marks) };
    }
    scan_bytes(bytes, delimiters, base, marks);
}

/// The same byte by byte: on every processor, and what the wide scan is measured and tested against.
pub fn scan_bytes(bytes: &[u8], delimiters: Delimiters, base: u32, marks: &mut Marks) {
    for (position, &byte) in (base..).zip(bytes) {
        if byte == delimiters.element || byte == delimiters.terminator {
            marks.separators.push(position);
        } else if is_odd(byte, delimiters) {
            marks.odd.push(position);
        }
    }
}

fn is_odd(byte: u8, delimiters: Delimiters) -> bool {
    !(b' '..=b'~').contains(&byte) || byte == delimiters.component || Some(byte) == delimiters.repetition
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::*;

    use super::{Delimiters, Marks, scan_bytes};

    /// Bytes of one step: one bit for each in a register.
    const STEP: usize = 64;

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    pub(super) fn scan(bytes: &[u8], delimiters: Delimiters, base: u32, marks: &mut Marks) {
        let all = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
        let (element, terminator) = (all(delimiters.element), all(delimiters.terminator));
        let component = all(delimiters.component);
        let repetition = all(delimiters.repetition.unwrap_or(delimiters.component));
        let (space, delete) = (all(b' '), all(0x7f));
        let (steps, rest) = bytes.as_chunks::<STEP>();
        let mut position = base;
        for step in steps {
            let (mut separators, mut odd) = (0, 0);
            for (half, shift) in [(&step[..32], 0), (&step[32..], 32)] {
                // SAFETY: 32 bytes are there, and the load asks for no alignment.
                let block = unsafe { _mm256_loadu_si256(half.as_ptr().cast()) };
                let is = |byte| _mm256_cmpeq_epi8(block, byte);
                let mask = |lanes| u64::from(_mm256_movemask_epi8(lanes).cast_unsigned()) << shift;
                separators |= mask(_mm256_or_si256(is(element), is(terminator)));
                // Bytes beyond ASCII are negative, so that one comparison finds them and the control characters.
                let strange = _mm256_or_si256(_mm256_cmpgt_epi8(space, block), is(delete));
                odd |= mask(_mm256_or_si256(strange, _mm256_or_si256(is(component), is(repetition))));
            }
            push(&mut marks.separators, separators, position);
            push(&mut marks.odd, odd & !separators, position);
            position += STEP as u32;
        }
        scan_bytes(rest, delimiters, position, marks);
    }

    /// Adds the position of each bit. Eight are written at a time whether there are so many or not, since a branch for
    /// each costs more than the writing.
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn push(positions: &mut Vec<u32>, mut bits: u64, base: u32) {
        if bits == 0 {
            return;
        }
        let count = bits.count_ones() as usize;
        positions.reserve(STEP);
        let room = positions.spare_capacity_mut();
        for eight in room.chunks_exact_mut(8).take(count.div_ceil(8)) {
            for one in eight {
                // Beyond the last bit this is the position after the step, which nobody looks at.
                one.write(base + bits.trailing_zeros());
                bits &= bits.wrapping_sub(1);
            }
        }
        // SAFETY: at least `count` were written, into room for 64 of them.
        unsafe { positions.set_len(positions.len() + count) };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scanned(text: &str) -> (Vec<u32>, Vec<u32>) {
        let mut marks = Marks::default();
        scan(text.as_bytes(), Delimiters::default(), 0, &mut marks);
        (marks.separators, marks.odd)
    }

    #[test]
    fn separators_are_marked_and_what_is_not_plain_is_odd() {
        assert_eq!(scanned("PO1*1~\r\nN1*A>B~"), (vec![3, 5, 10, 14], vec![6, 7, 12]));
        assert_eq!(scanned("N1*Zü~\u{7f}"), (vec![2, 6], vec![4, 5, 7]));
    }

    #[test]
    fn a_position_counts_from_the_base() {
        let mut marks = Marks::default();
        scan("*".repeat(70).as_bytes(), Delimiters::default(), 1000, &mut marks);
        assert_eq!(marks.separators, (1000..1070).collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn wide_or_byte_by_byte_the_marks_are_the_same(
            bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'*'), Just(b'~'), Just(b'A')], 0..400),
            element: u8, component: u8, terminator: u8, repetition: Option<u8>, base in 0u32..1_000_000,
        ) {
            let delimiters = Delimiters { element, component, terminator, repetition };
            let (mut wide, mut narrow) = (Marks::default(), Marks::default());
            scan(&bytes, delimiters, base, &mut wide);
            scan_bytes(&bytes, delimiters, base, &mut narrow);
            prop_assert_eq!(wide, narrow);
        }
    }
}
