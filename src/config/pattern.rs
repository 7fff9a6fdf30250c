//! File name patterns: `*` stands for any run of characters, `?` for one.
//!
//! ```text
//! matches("ship*.csv", "ship_0306.csv") -> true
//! common("ship*", "*.csv")              -> Some("ship.csv")    one name that both match
//! common("ship*.csv", "inv*.csv")       -> None
//! ```
//!
//! Letters count as they are written: `*.EDI` does not match `orders.edi`.

use std::collections::{HashSet, VecDeque};

/// Whether a file name fits a pattern.
pub fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    // Where the last star stood, and where the name was when it was met: there the search resumes.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == name[n] => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((star_at, resumed_at)) = star else { return false };
                star = Some((star_at, resumed_at + 1));
                p = star_at + 1;
                n = resumed_at + 1;
            }
        }
    }
    pattern[p..].iter().all(|wanted| *wanted == '*')
}

/// What fits both patterns, in words for a message; `None` when nothing does.
pub fn shared(one: &str, other: &str) -> Option<String> {
    let name = common(one, other)?;
    // A name that begins with its extension reads badly; most patterns have room for a stem.
    let with_stem = format!("x{name}");
    let reads_better = name.starts_with('.') && matches(one, &with_stem) && matches(other, &with_stem);
    Some(match name.as_str() {
        "" => "every file".to_owned(),
        _ if reads_better => format!("a file named {with_stem:?}"),
        name => format!("a file named {name:?}"),
    })
}

/// A shortest name that fits both patterns; `None` when they never meet.
pub fn common(one: &str, other: &str) -> Option<String> {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let mut seen = HashSet::new();
    let mut open = VecDeque::from([(0, 0, String::new())]);
    // Breadth first over positions in both patterns. Steps over a star without a character go to the front,
    // so that the first name found is a shortest one.
    while let Some((i, j, name)) = open.pop_front() {
        if i == one.len() && j == other.len() {
            return Some(name);
        }
        if !seen.insert((i, j)) {
            continue;
        }
        if one.get(i) == Some(&'*') {
            open.push_front((i + 1, j, name.clone()));
        }
        if other.get(j) == Some(&'*') {
            open.push_front((i, j + 1, name.clone()));
        }
        if let (Some(&left), Some(&right)) = (one.get(i), other.get(j))
            && let Some(character) = agreed(left, right)
        {
            let after = |position: usize, wanted: char| if wanted == '*' { position } else { position + 1 };
            open.push_back((after(i, left), after(j, right), format!("{name}{character}")));
        }
    }
    None
}

/// A character that both pattern characters accept.
fn agreed(left: char, right: char) -> Option<char> {
    let is_wild = |character| character == '*' || character == '?';
    match (is_wild(left), is_wild(right)) {
        (true, true) => Some('x'),
        (true, false) => Some(right),
        (false, true) => Some(left),
        (false, false) => (left == right).then_some(left),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stars_and_question_marks_match_what_they_say() {
        for (pattern, name, expect) in [
            ("*", "anything", true),
            ("*.edi", "850_101.edi", true),
            ("*.edi", "850_101.EDI", false),
            ("ship*.csv", "ship.csv", true),
            ("ship*.csv", "ship.csv.tmp", false),
            ("?.csv", "a.csv", true),
            ("?.csv", ".csv", false),
            ("a*b*c", "a--b-b--c", true),
            ("a*b*c", "a--b-b--", false),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern, name), expect, "{pattern} against {name}");
        }
    }

    #[test]
    fn patterns_that_meet_name_a_file_that_both_take() {
        assert_eq!(common("ship*", "*.csv").as_deref(), Some("ship.csv"));
        assert_eq!(common("*", "*").as_deref(), Some(""));
        assert_eq!(common("a?c", "?b?").as_deref(), Some("abc"));
    }

    #[test]
    fn what_is_shared_is_said_in_words() {
        assert_eq!(shared("*.edi", "*").as_deref(), Some(r#"a file named "x.edi""#));
        assert_eq!(shared("*", "*").as_deref(), Some("every file"));
        assert_eq!(shared("a*", "b*"), None);
    }

    #[test]
    fn patterns_that_never_meet_name_none() {
        assert_eq!(common("ship*.csv", "inv*.csv"), None);
        assert_eq!(common("*.csv", "*.json"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn a_common_name_matches_both(one in "[ab*?]{0,6}", other in "[ab*?]{0,6}", name in "[ab]{0,5}") {
            match common(&one, &other) {
                Some(both) => prop_assert!(matches(&one, &both) && matches(&other, &both), "{}", both),
                None => prop_assert!(!(matches(&one, &name) && matches(&other, &name))),
            }
        }
    }
}
