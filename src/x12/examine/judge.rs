//! Which guide a set is judged by, and what it means when there is none.

use crate::x12::check::{self, Checked};
use crate::x12::guide::Library;
use crate::x12::segment::SetText;

/// What the guides say of a set.
pub(super) enum Judged<'a> {
    /// It was checked; what is wrong is in the diagnostics.
    Checked(Checked<'a>),
    /// No guide at any version.
    UnknownSet,
    /// There is a guide, but not at this version.
    UnknownVersion,
}

/// Judges a set by its identifier (ST01) and version (GS08).
pub(super) type Judges<'f> = &'f dyn for<'a> Fn(&'a SetText, &str, &str) -> Judged<'a>;

/// By the guides of a library.
pub(super) fn by_library<'a>(text: &'a SetText, library: &Library, set: &str, version: &str) -> Judged<'a> {
    match library.find(set, version) {
        Some(guide) => Judged::Checked(check::check(text, guide)),
        None if library.nearest(set).is_some() => Judged::UnknownVersion,
        None => Judged::UnknownSet,
    }
}
