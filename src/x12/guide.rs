//! Guides: what the standard says about a transaction set, as data read from text files.
//!
//! The files stand under `src/x12/guides/`, one folder for each version, and are embedded at build time: one file
//! for the order of each set, one for the segments, one for the codes. They are made to be proofread:
//!
//! ```text
//! 850.guide        loop PO1 M 100000 ordered line         the loop, then what stands in it
//! segments.guide   segment PO1 ordered line
//!                    04 O R 1-17 212 unit price           position, optional, type, length, data element
//!                    if C0302 C0504                       a unit needs a quantity, a basis needs a price
//! codes.guide      639 open price basis                   a subset of the list; "closed" is all of it
//!                    PE per each
//! ```
//!
//! A further version is a further folder and an entry in `VERSIONS`. Its files build on those of an earlier version and say
//! only what differs, so that they read as the list of what the later version changed:
//!
//! ```text
//! segments.guide   segments at 005010 from 004010      segments, written whole, in the place of those of 004010
//! codes.guide      codes at 005010 from 004010         lists, written whole, in the place of those of 004010
//! 850.guide        set 850 at 005010 from 004010       the order of 004010, changed line by line:
//!                  now TD5 O >1                        the use and the maximum of a place
//!                  after N1/N2                         places behind another; also "instead of" and "without"
//!                    IN2 O >1 parts of a name
//! ```
//!
//! Everything is parsed once, at the first use, into tables that the check walks without building a string.

pub mod dictionary;
mod lines;
pub(crate) mod steps;
mod structure;

use std::sync::{LazyLock, OnceLock};

use dictionary::{Dictionary, Tag};
use lines::{Blocks, ParseError};
use steps::Steps;

/// What one version of the standard says about one transaction set.
#[derive(Debug)]
pub struct Guide {
    /// ST01, such as `850`.
    pub set: &'static str,
    /// The version, such as `004010`.
    pub version: &'static str,
    /// What people call it, such as `purchase order`.
    pub name: &'static str,
    /// GS01, such as `PO`.
    pub functional_id: &'static str,
    /// What CTT01 counts.
    pub(crate) counted: Option<Tag>,
    /// The element that CTT02 adds up.
    pub(crate) hashed: Option<(Tag, usize)>,
    /// The places of the set; a loop's own places stand behind it and are found by `Content`.
    pub(crate) places: Vec<Place>,
    /// The places of the set itself.
    pub(crate) content: Content,
    dictionary: &'static Dictionary,
    steps: OnceLock<Steps>,
}

/// A place in a set or loop: where one segment, or one loop, may stand.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The segment, or the loop's first segment.
    pub tag: Tag,
    /// The same as text.
    pub id: &'static str,
    /// What it is here.
    pub name: &'static str,
    /// At least one must be there.
    pub mandatory: bool,
    /// How often it may stand there in a row.
    pub max: u32,
    /// The places within, when it is a loop.
    pub content: Option<Content>,
}

/// The places of one loop: a run of `Guide::places`.
pub(crate) type Content = std::ops::Range<usize>;

impl Guide {
    /// The segments, elements and codes of its version.
    pub fn dictionary(&self) -> &'static Dictionary {
        self.dictionary
    }

    /// What comes after each of its places.
    pub(crate) fn steps(&self) -> &Steps {
        self.steps.get_or_init(|| Steps::of(self, self.dictionary))
    }

    /// What a segment is called, such as `ordered line`.
    pub fn segment_name(&self, tag: &str) -> Option<&'static str> {
        Some(self.dictionary.segment(tag)?.name)
    }

    /// What an element is called, by segment and position from 1, such as `unit price`.
    pub fn element_name(&self, tag: &str, element: usize) -> Option<&'static str> {
        Some(self.dictionary.segment(tag)?.element(element)?.name)
    }

    /// The number of an element in the X12 dictionary, by segment and position from 1; `None` for composites.
    pub fn data_element(&self, tag: &str, element: usize) -> Option<u32> {
        self.dictionary.segment(tag)?.element(element)?.data_element()
    }

    /// What a code means, by data element number; `None` when it is not in our list.
    pub fn code_text(&self, data_element: u32, code: &str) -> Option<&'static str> {
        self.dictionary.codes(data_element)?.text(code)
    }

    /// True when some place of the set has that segment.
    pub fn uses(&self, tag: &str) -> bool {
        let tag = Tag::of(tag);
        self.places.iter().any(|place| place.tag == tag)
    }
}

/// The guide of a transaction set at a version (GS08; industry suffixes such as `004010VICS` fall back to `004010`).
/// `None` when this build has none.
pub fn find(transaction_set: &str, version: &str) -> Option<&'static Guide> {
    let fits = |guide: &&Guide| guide.set == transaction_set && version.trim().starts_with(guide.version);
    LIBRARY.iter().find(fits)
}

/// The guide that is nearest to a version that we do not have, for reading what can be read: the same set at another version.
pub fn nearest(transaction_set: &str) -> Option<&'static Guide> {
    LIBRARY.iter().rfind(|guide| guide.set == transaction_set)
}

/// Every transaction set and version that this build has a guide for, in order.
pub fn list() -> Vec<(&'static str, &'static str)> {
    LIBRARY.iter().map(|guide| (guide.set, guide.version)).collect()
}

/// An embedded file: its name for error messages, and its text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct File {
    pub name: &'static str,
    pub text: &'static str,
}

/// The files of one version.
struct Version {
    segments: File,
    codes: File,
    sets: &'static [File],
}

macro_rules! file {
    // `include_str!` takes literals only, and the name is wanted beside the text.
    ($name:literal) => {
        File { name: $name, text: include_str!(concat!("guides/", $name)) }
    };
}

/// Every embedded file; another version is another entry, behind those that it builds on.
static VERSIONS: &[Version] = &[
    Version {
        segments: file!("004010/segments.guide"),
        codes: file!("004010/codes.guide"),
        sets: &[
            file!("004010/180.guide"),
            file!("004010/810.guide"),
            file!("004010/812.guide"),
            file!("004010/820.guide"),
            file!("004010/824.guide"),
            file!("004010/832.guide"),
            file!("004010/846.guide"),
            file!("004010/850.guide"),
            file!("004010/855.guide"),
            file!("004010/856.guide"),
            file!("004010/860.guide"),
            file!("004010/861.guide"),
            file!("004010/864.guide"),
            file!("004010/865.guide"),
            file!("004010/870.guide"),
            file!("004010/940.guide"),
            file!("004010/943.guide"),
            file!("004010/944.guide"),
            file!("004010/945.guide"),
            file!("004010/997.guide"),
        ],
    },
    Version {
        segments: file!("005010/segments.guide"),
        codes: file!("005010/codes.guide"),
        sets: &[
            file!("005010/180.guide"),
            file!("005010/810.guide"),
            file!("005010/812.guide"),
            file!("005010/820.guide"),
            file!("005010/824.guide"),
            file!("005010/832.guide"),
            file!("005010/846.guide"),
            file!("005010/850.guide"),
            file!("005010/855.guide"),
            file!("005010/856.guide"),
            file!("005010/860.guide"),
            file!("005010/861.guide"),
            file!("005010/864.guide"),
            file!("005010/865.guide"),
            file!("005010/870.guide"),
            file!("005010/940.guide"),
            file!("005010/943.guide"),
            file!("005010/944.guide"),
            file!("005010/945.guide"),
            file!("005010/997.guide"),
            file!("005010/999.guide"),
        ],
    },
];

/// Every guide, by version and set.
static LIBRARY: LazyLock<Vec<Guide>> = LazyLock::new(|| {
    // The files are part of the program, and a test of this module parses them all.
    load(VERSIONS).expect("the embedded guides are well formed")
});

fn load(versions: &[Version]) -> Result<Vec<Guide>, ParseError> {
    let (mut segments, mut codes, mut outlines) = (Vec::new(), Vec::new(), Vec::new());
    let mut guides = Vec::new();
    for version in versions {
        let of_codes = Blocks::read(version.codes, "codes", dictionary::listed, &codes)?;
        let of_segments = Blocks::read(version.segments, "segments", dictionary::described, &segments)?;
        // Read once for the life of the program: guides refer to their dictionary.
        let dictionary: &'static Dictionary = Box::leak(Box::new(Dictionary::parse(&of_segments, &of_codes)?));
        for file in version.sets {
            let outline = structure::read(*file, &outlines)?;
            guides.push(structure::guide(&outline, dictionary)?);
            outlines.push(outline);
        }
        codes.push(of_codes);
        segments.push(of_segments);
    }
    Ok(guides)
}

#[cfg(test)]
mod tests;
