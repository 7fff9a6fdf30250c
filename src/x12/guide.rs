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
//! Guides come in layers, and a diagnostic says which layer its rule came from: what the standard says, what files of the same
//! formats add to it or put in its place ([`Library::with`]), and what one partner demands beyond that ([`overlay`]).
//!
//! Everything is parsed once, at the first use, into tables that the check walks without building a string.

pub mod dictionary;
pub mod lines;
mod packed;
pub(crate) mod steps;
mod structure;
mod sources;
pub mod overlay;
pub mod pattern;

use std::fmt;
use std::sync::{LazyLock, OnceLock};

use dictionary::{Dictionary, Kind, SegmentSpec, Tag};
use lines::ParseError;
use overlay::qualified::QualifiedRule;
use overlay::{Cited, Overlaid, Whose};
use sources::Sources;
use steps::Steps;

use super::envelope::InterchangeHeader;

/// The layer of the rules that the standard has.
pub const STANDARD: &str = "standard";
/// The layer of the rules that files beside the configuration have.
pub const ADDED: &str = "guides";

/// How the name of the layer of a partner's rules begins: `partner megamart`.
pub(crate) const PARTNERS: &str = "partner ";

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
    /// Whose rules these are, where nothing else is said.
    pub layer: &'static str,
    /// The file that says so, as it is written.
    pub text: &'static str,
    /// What a partner demands beyond them.
    pub overlay: Option<Overlaid>,
    /// What of that holds where the values of segments say so.
    pub(crate) qualified: Vec<QualifiedRule>,
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
    /// Whose rule it is that it stands there.
    pub layer: &'static str,
    /// What a partner demands of it.
    pub rules: Option<Box<PlaceRules>>,
}

/// What a partner demands of one place, each rule with the line that has it.
#[derive(Debug, Clone, Default)]
pub(crate) struct PlaceRules {
    /// It must be there.
    pub required: Option<Cited>,
    /// It may stand there less often.
    pub max: Option<Cited>,
    /// It must not be there.
    pub unused: Option<Cited>,
    /// What may stand in its segment, in the place of what the dictionary says.
    pub spec: Option<&'static SegmentSpec>,
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

    /// What a component of a composite is called, by segment and both positions from 1.
    pub fn component_name(&self, tag: &str, element: usize, component: usize) -> Option<&'static str> {
        let Kind::Composite(index) = self.dictionary.segment(tag)?.element(element)?.kind else { return None };
        Some(self.dictionary.composite(index).components.get(component.checked_sub(1)?)?.name)
    }

    /// The number of an element in the X12 dictionary, by segment and position from 1; `None` for composites.
    pub fn data_element(&self, tag: &str, element: usize) -> Option<u32> {
        self.dictionary.segment(tag)?.element(element)?.data_element()
    }

    /// What a code means, by data element number; `None` when it is not in our list.
    pub fn code_text(&self, data_element: u32, code: &str) -> Option<&'static str> {
        self.dictionary.codes(data_element)?.text(code)
    }

    /// The path of a place, from loop to loop, such as `PO1/N1/N3`.
    pub(crate) fn path(&self, at: usize) -> String {
        let around = steps::loops_around(self);
        let outer = around[at].iter().rev().map(|outer| self.places[*outer].id);
        outer.chain([self.places[at].id]).collect::<Vec<_>>().join("/")
    }

    /// True when some place of the set has that segment.
    pub fn uses(&self, tag: &str) -> bool {
        let tag = Tag::of(tag);
        self.places.iter().any(|place| place.tag == tag)
    }
}

/// The guides that documents are checked by; cheap to copy.
#[derive(Clone)]
pub struct Library {
    guides: Vec<&'static Guide>,
}

/// Says which guides an interchange is checked by; its sender may have some of its own.
pub type GuidesFor<'f, 'l> = &'f dyn Fn(&InterchangeHeader) -> &'l Library;

impl Library {
    /// What the standard says, as this build has it.
    pub fn standard() -> &'static Library {
        static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
            let sources = Sources::standard();
            // The files are part of the program, and a test of this module parses them all.
            Library { guides: sources.all_guides().expect("the embedded guides are well formed") }
        });
        &LIBRARY
    }

    /// The same for any interchange.
    pub fn standard_for(_: &InterchangeHeader) -> &'static Library {
        Library::standard()
    }

    /// The standard with what these files add to it or put in its place, or every file's first fault.
    ///
    /// What is read stays in memory for the life of the program, since guides are referred to from everywhere: the caller
    /// asks once for the same files.
    pub fn with(files: &[Added]) -> Result<Library, Vec<ParseError>> {
        let (guides, touched) = Sources::standard().with(files)?;
        let mut library = Library::standard().clone();
        library.guides.retain(|guide| !touched.contains(&guide.version));
        library.guides.extend(guides);
        library.guides.sort_by_key(|guide| (guide.version, guide.set));
        Ok(library)
    }

    /// The guide of this library that a partner's overlay narrows, or every fault of the overlay. It stays in memory likewise.
    pub fn overlaid(&self, overlay: File, whose: &Whose<'_>) -> Result<&'static Guide, Vec<ParseError>> {
        Ok(Box::leak(Box::new(overlay::derive(self, overlay, whose)?)))
    }

    /// The same with a guide in the place of the one for its set and version.
    pub fn replacing(mut self, guide: &'static Guide) -> Library {
        for own in self.guides.iter_mut().filter(|own| (own.set, own.version) == (guide.set, guide.version)) {
            *own = guide;
        }
        self
    }

    /// The guide of a transaction set at a version (GS08; industry suffixes such as `004010VICS` fall back to `004010`).
    /// `None` when there is none.
    pub fn find(&self, transaction_set: &str, version: &str) -> Option<&'static Guide> {
        let fits = |guide: &&&Guide| guide.set == transaction_set && version.trim().starts_with(guide.version);
        // A version with the suffix itself is nearer than the one without.
        self.guides.iter().filter(fits).max_by_key(|guide| guide.version.len()).copied()
    }

    /// The guide that is nearest to a version that we do not have, for reading what can be read: the same set at another version.
    pub fn nearest(&self, transaction_set: &str) -> Option<&'static Guide> {
        self.guides.iter().rfind(|guide| guide.set == transaction_set).copied()
    }

    /// Every transaction set and version that there is a guide for, in order.
    pub fn list(&self) -> Vec<(&'static str, &'static str)> {
        self.guides.iter().map(|guide| (guide.set, guide.version)).collect()
    }
}

impl PartialEq for Library {
    /// True when they have the very same guides.
    fn eq(&self, other: &Library) -> bool {
        let mut both = self.guides.iter().zip(&other.guides);
        self.guides.len() == other.guides.len() && both.all(|(one, other)| std::ptr::eq(*one, *other))
    }
}

impl fmt::Debug for Library {
    /// The names alone: a guide has some hundred places.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list()).finish()
    }
}

/// The guide of the standard for a transaction set and version.
pub fn find(transaction_set: &str, version: &str) -> Option<&'static Guide> {
    Library::standard().find(transaction_set, version)
}

/// The standard's guide for a set at any version.
pub fn nearest(transaction_set: &str) -> Option<&'static Guide> {
    Library::standard().nearest(transaction_set)
}

/// A file of rules: its name for error messages, its text, and whose rules they are.
#[derive(Debug, Clone, Copy)]
pub struct File {
    name: &'static str,
    text: &'static str,
    layer: &'static str,
}

impl File {
    /// A file of the standard.
    const fn standard(name: &'static str, text: &'static str) -> File {
        File { name, text, layer: STANDARD }
    }

    /// A file beside the configuration.
    pub fn added(name: &'static str, text: &'static str) -> File {
        File { name, text, layer: ADDED }
    }
}

/// A file that adds to the standard, `guides/004010/852.guide`, with what its name says that it has.
#[derive(Debug, Clone, Copy)]
pub struct Added {
    /// The version.
    pub version: &'static str,
    /// What of it.
    pub subject: Subject,
    /// The file.
    pub file: File,
}

/// What a file of a version describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// `codes.guide`.
    Codes,
    /// `segments.guide`.
    Segments,
    /// `852.guide`: that transaction set.
    Set(&'static str),
}

impl Subject {
    /// By the name of a file without its ending.
    pub fn parse(stem: &'static str) -> Option<Subject> {
        match stem {
            "codes" => Some(Subject::Codes),
            "segments" => Some(Subject::Segments),
            set if set.len() == 3 && set.bytes().all(|byte| byte.is_ascii_digit()) => Some(Subject::Set(set)),
            _ => None,
        }
    }
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
        File::standard($name, include_str!(concat!("guides/", $name)))
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

#[cfg(test)]
mod tests;
