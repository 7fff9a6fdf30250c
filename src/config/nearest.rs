//! "Did you mean …": the known word nearest to one that is unknown.
//!
//! ```text
//! nearest("acknowlege", ["isa", "gs", "acknowledge"]) -> Some("acknowledge")
//! nearest("colour", ["isa", "gs", "acknowledge"])     -> None
//! ```

/// The candidate with the fewest edits, if they are few for its length; the first of equals.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Case, blanks and punctuation are no difference: "PO Number" is po_number.
    let plain = |text: &str| -> String {
        text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let meant = plain(word);
    let counted = candidates.into_iter().map(|candidate| (edits(&meant, &plain(candidate)), candidate));
    let (distance, candidate) = counted.min_by_key(|(distance, _)| *distance)?;
    // A third of the longer word may be wrong; short words may have one slip.
    let allowed = (word.chars().count().max(candidate.chars().count()) / 3).max(1);
    (distance <= allowed).then_some(candidate)
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other.
fn edits(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows = vec![vec![0; to.len() + 1]; from.len() + 1];
    rows[0] = (0..=to.len()).collect();
    for i in 1..=from.len() {
        rows[i][0] = i;
        for j in 1..=to.len() {
            let substituted = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
            rows[i][j] = substituted.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            let swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
            if swapped {
                rows[i][j] = rows[i][j].min(rows[i - 2][j - 2] + 1);
            }
        }
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word() {
        let keys = ["isa", "gs", "version", "acknowledge"];
        assert_eq!(nearest("acknowlege", keys), Some("acknowledge"));
        assert_eq!(nearest("vresion", keys), Some("version"));
        assert_eq!(nearest("ISA", keys), Some("isa"));
        assert_eq!(nearest("PO Number", ["shipment_id", "po_number"]), Some("po_number"));
    }

    #[test]
    fn a_stranger_finds_nothing() {
        assert_eq!(nearest("colour", ["isa", "gs", "acknowledge"]), None);
        assert_eq!(nearest("isa", []), None);
    }
}
