//! The rules of well-known retailers, as public sources tell them: a partner file takes them by name.
//!
//! ```text
//! find("target")   the rules of partners/profiles/target.toml, which is compiled in
//! ```
//!
//! Every number has its source and date and is marked as secondary: the retailer's own guide is behind a login. What a rule
//! cannot say yet stands at the head of each file as not covered.

use serde::Deserialize;

use super::clock::rule::{Rule, RuleText};

/// A profile.
#[derive(Debug)]
pub struct Profile {
    /// Its name in partner.toml.
    pub name: &'static str,
    /// Its file.
    pub text: &'static str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileText {
    clock: Vec<RuleText>,
}

macro_rules! profile {
    // A macro, since include_str! wants its path as a literal.
    ($name:literal) => {
        Profile { name: $name, text: include_str!(concat!("../../partners/profiles/", $name, ".toml")) }
    };
}

/// All of them.
pub static ALL: &[Profile] = &[
    profile!("walmart"),
    profile!("target"),
    profile!("amazon-vendor"),
    profile!("home-depot"),
    profile!("lowes"),
    profile!("kroger"),
    profile!("macys"),
];

/// The profile of that name.
pub fn find(name: &str) -> Option<&'static Profile> {
    ALL.iter().find(|profile| profile.name == name)
}

impl Profile {
    /// Its rules.
    pub fn rules(&self) -> Vec<Rule> {
        // The files are part of this program, and a test reads each of them whole.
        let text: ProfileText = toml::from_str(self.text).unwrap_or(ProfileText { clock: Vec::new() });
        text.clock.iter().filter_map(|rule| Rule::read(rule).ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::clock::rule::Standing;

    #[test]
    fn every_rule_of_every_profile_is_read_and_marked_as_hearsay() {
        for profile in ALL {
            let text: ProfileText =
                toml::from_str(profile.text).unwrap_or_else(|error| panic!("{}: {error}", profile.name));
            let mut names = BTreeSet::new();
            for rule in &text.clock {
                let rule = Rule::read(rule).unwrap_or_else(|faults| panic!("{}: {rule:?} {faults:?}", profile.name));
                assert_eq!(rule.source.standing, Standing::Secondary, "{}: {}", profile.name, rule.name);
                assert!(names.insert(rule.name.clone()), "{}: {} twice", profile.name, rule.name);
            }
            assert_eq!(profile.rules().len(), text.clock.len());
        }
    }
}
