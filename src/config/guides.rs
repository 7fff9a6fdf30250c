//! Guide files beside the configuration, and the overlays of partners: read, and made into the libraries that documents are
//! checked by.
//!
//! ```text
//! gateway.toml
//! guides/004010/852.guide              one more transaction set; codes.guide and segments.guide add to their lists
//! partners/megamart/partner.toml       [x12] guides = ["850.overlay"]
//! partners/megamart/850.overlay        what MegaMart demands of an 850
//! ```
//!
//! Guides are referred to from everywhere, so that what is made of these files stays in memory for the life of the program.
//! It is made once for each content: a reload of the same files finds what is there already, and one of changed files adds
//! what they have become.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::reader::{At, Table, cannot_read, meant};
use super::x12_values;
use crate::diagnostic::codes::config as codes;
use crate::diagnostic::{Diagnostic, Place, Spot};
use crate::x12::guide::lines::ParseError;
use crate::x12::guide::overlay::Whose;
use crate::x12::guide::{Added, File, Guide, Library, Subject};

/// The folder beside gateway.toml.
const FOLDER: &str = "guides";
/// How its files end.
const ENDING: &str = ".guide";

/// What documents are checked by, and the files that have a part in it.
#[derive(Debug, Clone)]
pub struct Guides {
    /// The guides.
    pub library: Library,
    /// The files beside the standard's own: guide files of the gateway, or overlays of the partner.
    pub files: Vec<PathBuf>,
}

impl Default for Guides {
    fn default() -> Guides {
        Guides { library: Library::standard().clone(), files: Vec::new() }
    }
}

/// Reads `guides/` in the folder of gateway.toml, if it is there; `None` when something in it is wrong.
pub(crate) fn read(base: &Path, faults: &mut Vec<Diagnostic>) -> Option<Guides> {
    let folder = base.join(FOLDER);
    if !folder.is_dir() {
        return Some(Guides::default());
    }
    let before = faults.len();
    let (mut texts, mut files) = (Vec::new(), Vec::new());
    for version_folder in entries(&folder, faults).into_iter().filter(|path| path.is_dir()) {
        let version = name_of(&version_folder);
        if let Err(fault) = x12_values::version(&version) {
            faults.push(fault.at(whole(&version_folder)));
            continue;
        }
        for file in entries(&version_folder, faults) {
            let name = name_of(&file);
            // What has another ending is not ours to understand: notes, or what an editor leaves.
            let Some(stem) = name.strip_suffix(ENDING) else { continue };
            match fs::read_to_string(&file) {
                Ok(text) => {
                    texts.push(Text { version: version.clone(), stem: stem.to_owned(), file: shown(&file), text })
                }
                Err(error) => {
                    let fault = Diagnostic::new(&codes::UNREADABLE, cannot_read(&file, &error));
                    faults.push(fault.at(whole(&file)));
                }
            }
            files.push(file);
        }
    }
    if faults.len() > before {
        return None;
    }
    match library(texts) {
        Ok(library) => Some(Guides { library, files }),
        Err(wrong) => {
            faults.extend(wrong);
            None
        }
    }
}

/// What is not hidden in a folder, in order.
fn entries(folder: &Path, faults: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            faults.push(Diagnostic::new(&codes::UNREADABLE, cannot_read(folder, &error)).at(whole(folder)));
            return Vec::new();
        }
    };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = paths.filter(|path| !name_of(path).starts_with('.')).collect();
    paths.sort();
    paths
}

/// A guide file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Text {
    version: String,
    stem: String,
    file: String,
    text: String,
}

/// The library with these files in it, which is made once.
fn library(texts: Vec<Text>) -> Result<Library, Vec<Diagnostic>> {
    static MADE: Made<Vec<Text>, Library> = Made::new();
    if texts.is_empty() {
        return Ok(Library::standard().clone());
    }
    MADE.get(texts, |texts| {
        let mut wrong = Vec::new();
        let mut added = Vec::new();
        for text in texts {
            match Subject::parse(kept(&text.stem)) {
                Some(subject) => added.push(Added {
                    version: kept(&text.version),
                    subject,
                    file: File::added(kept(&text.file), kept(&text.text)),
                }),
                None => {
                    let fault =
                        Diagnostic::new(&codes::GUIDE, format!("{:?} names nothing that a guide is about", text.stem));
                    let place = Place { file: Some(text.file.clone()), ..Place::default() };
                    wrong.push(fault.at(place).expected("segments.guide, codes.guide, or the set as in 852.guide"));
                }
            }
        }
        if wrong.is_empty() {
            return Library::with(&added).map_err(|faults| faults.into_iter().map(as_diagnostic).collect());
        }
        Err(wrong)
    })
}

/// Reads the overlays that the `[x12]` table of a partner names: files of its own folder, one for each set and version.
pub(crate) fn overlays(table: &Table, folder: &Path, (id, name): (&str, &str), library: &Library) -> Guides {
    let mut guides = Guides { library: library.clone(), files: Vec::new() };
    let mut known: Vec<(&'static Guide, String)> = Vec::new();
    for named in table.optional("guides").parse_each(|text| Ok(text.to_owned())) {
        let file = folder.join(&named.value);
        let Some(text) = text_of(table, &file, &named, folder) else { continue };
        let overlay = Overlay {
            library: library.clone(),
            id: id.to_owned(),
            name: name.to_owned(),
            named: named.value.clone(),
            file: shown(&file),
            text,
        };
        let guide = match overlaid(overlay) {
            Ok(guide) => guide,
            Err(faults) => {
                faults.into_iter().for_each(|fault| table.source.report(fault));
                continue;
            }
        };
        let same = known.iter().find(|(other, _)| (other.set, other.version) == (guide.set, guide.version));
        if let Some((_, other)) = same {
            let message = format!("{other} is an overlay for the {} at {} as well", guide.set, guide.version);
            table.source.report(Diagnostic::new(&codes::OVERLAY, message).at(named.place));
            continue;
        }
        known.push((guide, named.value));
        guides.library = guides.library.replacing(guide);
        guides.files.push(file);
    }
    guides
}

fn text_of(table: &Table, file: &Path, named: &At<String>, folder: &Path) -> Option<String> {
    let error = match fs::read_to_string(file) {
        Ok(text) => return Some(text),
        Err(error) => error,
    };
    let fault = if file.exists() {
        Diagnostic::new(&codes::UNREADABLE, cannot_read(file, &error)).at(named.place.clone())
    } else {
        let fault = Diagnostic::new(&codes::OVERLAY, format!("there is no overlay {}", file.display()));
        let beside: Vec<String> =
            fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| name_of(&entry.path())).collect();
        let overlays = beside.iter().map(String::as_str).filter(|name| name.ends_with(".overlay"));
        meant(fault.at(named.place.clone()), &named.value, overlays)
    };
    table.source.report(fault);
    None
}

/// An overlay as it was read, and what it narrows.
#[derive(PartialEq)]
struct Overlay {
    library: Library,
    id: String,
    name: String,
    named: String,
    file: String,
    text: String,
}

/// The guide that an overlay makes, which is made once.
fn overlaid(overlay: Overlay) -> Result<&'static Guide, Vec<Diagnostic>> {
    static MADE: Made<Overlay, &'static Guide> = Made::new();
    MADE.get(overlay, |overlay| {
        let whose = Whose { id: &overlay.id, name: &overlay.name, file: &overlay.named };
        let file = File::added(kept(&overlay.file), kept(&overlay.text));
        let guide = overlay.library.overlaid(file, &whose);
        guide.map_err(|faults| faults.into_iter().map(as_diagnostic).collect())
    })
}

/// What was made of each content.
struct Made<K, V>(Mutex<Vec<(K, Read<V>)>>);

/// What came of a content: a value, or its faults.
type Read<V> = Result<V, Vec<Diagnostic>>;

impl<K: PartialEq, V: Clone> Made<K, V> {
    const fn new() -> Made<K, V> {
        Made(Mutex::new(Vec::new()))
    }

    fn get(&self, content: K, make: impl FnOnce(&K) -> Read<V>) -> Read<V> {
        // What is in it is whole at any moment, also after a panic elsewhere.
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, result)) = made.iter().find(|(known, _)| *known == content) {
            return result.clone();
        }
        let result = make(&content);
        made.push((content, result.clone()));
        result
    }
}

/// A text that guides refer to, for the life of the program.
fn kept(text: &str) -> &'static str {
    String::leak(text.to_owned())
}

fn as_diagnostic(fault: ParseError) -> Diagnostic {
    let spot = Spot::Line { line: fault.line as u64, column: 0 };
    let place = Place { file: Some(fault.file), byte: None, spot };
    Diagnostic::new(&codes::GUIDE, fault.problem).at(place)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A file or folder as a whole.
fn whole(path: &Path) -> Place {
    Place { file: Some(shown(path)), ..Place::default() }
}
