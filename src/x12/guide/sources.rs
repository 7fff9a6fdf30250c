//! The files of every version, put together: those of this build, then those that are added.
//!
//! ```text
//! guides/004010/codes.guide     codes at 004010 from 004010     the lists of the standard, with what differs
//! guides/004010/852.guide       set 852 at 004010 …             one more set
//! guides/006010/segments.guide  segments at 006010 from 005010  one more version
//! ```
//!
//! An added file builds on what was read before it: the standard, then the added files of earlier versions. What is added to
//! a version of the standard is not in the standard's later versions, which were written without it.

use super::dictionary::{self, Dictionary};
use super::lines::{Blocks, ParseError};
use super::structure::{self, Outline};
use super::{Added, File, Guide, Subject, VERSIONS, Version};

/// What was read so far; of two with one name and version the later one counts.
pub(super) struct Sources {
    codes: Vec<Blocks>,
    segments: Vec<Blocks>,
    outlines: Vec<Outline>,
}

impl Sources {
    /// Those of this build.
    pub fn standard() -> Sources {
        // The files are part of the program, and a test of this module parses them all.
        Sources::read(VERSIONS).expect("the embedded guides are well formed")
    }

    pub fn read(versions: &[Version]) -> Result<Sources, ParseError> {
        let mut sources = Sources { codes: Vec::new(), segments: Vec::new(), outlines: Vec::new() };
        for version in versions {
            sources.codes.push(sources.codes_of(version.codes)?);
            sources.segments.push(sources.segments_of(version.segments)?);
            for file in version.sets {
                sources.outlines.push(structure::read(*file, &sources.outlines)?);
            }
        }
        Ok(sources)
    }

    fn codes_of(&self, file: File) -> Result<Blocks, ParseError> {
        Blocks::read(file, "codes", dictionary::listed, &self.codes)
    }

    fn segments_of(&self, file: File) -> Result<Blocks, ParseError> {
        Blocks::read(file, "segments", dictionary::described, &self.segments)
    }

    /// Every guide, by version and set.
    pub fn all_guides(&self) -> Result<Vec<&'static Guide>, ParseError> {
        let mut guides = Vec::new();
        for codes in &self.codes {
            guides.extend(self.guides(codes.version).map_err(|mut faults| faults.remove(0))?);
        }
        Ok(guides)
    }

    /// The guides of the versions that these files have a part in, and those versions.
    pub fn with(mut self, files: &[Added]) -> Result<(Vec<&'static Guide>, Vec<&'static str>), Vec<ParseError>> {
        let mut touched: Vec<&'static str> = files.iter().map(|added| added.version).collect();
        touched.sort_unstable();
        touched.dedup();
        let (mut guides, mut faults) = (Vec::new(), Vec::new());
        for version in &touched {
            let of_version = || files.iter().filter(|added| added.version == *version);
            let before = faults.len();
            for added in of_version() {
                faults.extend(self.add(added).err());
            }
            if faults.len() > before {
                continue;
            }
            let missing = match (last(&self.codes, version), last(&self.segments, version)) {
                (Some(_), Some(_)) => None,
                (None, _) => Some("codes"),
                (_, None) => Some("segments"),
            };
            if let (Some(kind), Some(first)) = (missing, of_version().next()) {
                let problem = format!("expected a {kind}.guide beside it, since there are no {kind} of {version} yet");
                faults.push(ParseError { file: first.file.name.to_owned(), line: 1, problem });
                continue;
            }
            match self.guides(version) {
                Ok(of_version) => guides.extend(of_version),
                Err(mut of_version) => faults.append(&mut of_version),
            }
        }
        if faults.is_empty() { Ok((guides, touched)) } else { Err(faults) }
    }

    fn add(&mut self, added: &Added) -> Result<(), ParseError> {
        let (what, first, is_so) = match added.subject {
            Subject::Codes => {
                let read = self.codes_of(added.file)?;
                let said = ("codes".to_owned(), read.first, read.version == added.version);
                self.codes.push(read);
                said
            }
            Subject::Segments => {
                let read = self.segments_of(added.file)?;
                let said = ("segments".to_owned(), read.first, read.version == added.version);
                self.segments.push(read);
                said
            }
            Subject::Set(set) => {
                let read = structure::read(added.file, &self.outlines)?;
                let said = (format!("set {set}"), read.first, (read.set, read.version) == (set, added.version));
                self.outlines.push(read);
                said
            }
        };
        if is_so {
            return Ok(());
        }
        let problem = format!("expected \"{what} at {}\", as the names of the file and its folder say", added.version);
        Err(first.error(problem))
    }

    /// The guides of one version, or the first fault of each of its files.
    fn guides(&self, version: &str) -> Result<Vec<&'static Guide>, Vec<ParseError>> {
        let (Some(codes), Some(segments)) = (last(&self.codes, version), last(&self.segments, version)) else {
            return Ok(Vec::new());
        };
        // Read once for the life of the program: guides refer to their dictionary.
        let dictionary: &'static Dictionary =
            Box::leak(Box::new(Dictionary::parse(segments, codes).map_err(|fault| vec![fault])?));
        let (mut guides, mut faults) = (Vec::new(), Vec::new());
        for (at, outline) in self.outlines.iter().enumerate().filter(|(_, outline)| outline.version == version) {
            let is_replaced = self.outlines[at + 1..].iter().any(|it| (it.set, it.version) == (outline.set, version));
            if is_replaced {
                continue;
            }
            match structure::guide(outline, dictionary) {
                Ok(guide) => guides.push(&*Box::leak(Box::new(guide))),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(guides) } else { Err(faults) }
    }
}

/// The blocks of a version that were read last.
fn last<'s>(all: &'s [Blocks], version: &str) -> Option<&'s Blocks> {
    all.iter().rfind(|blocks| blocks.version == version)
}
