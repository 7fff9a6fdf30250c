//! The lines of a guide file: comments and blanks dropped, indentation counted, errors that name file and line.
//!
//! ```text
//! # comment
//! loop PO1 M 100000 ordered line      -> depth 0, "loop PO1 M 100000 ordered line"
//!   PO1 M 1 ordered line              -> depth 1
//! ```

use super::File;

/// A guide file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {problem}")]
pub struct ParseError {
    /// The file's name.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

/// One line that says something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    file: &'static str,
    number: usize,
    /// Steps of two spaces.
    pub depth: usize,
    /// The line without indentation and trailing spaces.
    pub text: &'static str,
}

impl Line {
    /// The first word and what follows it.
    pub fn split(&self) -> (&'static str, &'static str) {
        split(self.text)
    }

    /// An error at this line.
    pub fn error(&self, problem: impl Into<String>) -> ParseError {
        ParseError { file: self.file.to_owned(), line: self.number, problem: problem.into() }
    }

    /// A number of this line.
    pub fn number<N: std::str::FromStr>(&self, word: &str) -> Result<N, ParseError> {
        word.parse().map_err(|_| self.error(format!("expected a number, found {word:?}")))
    }

    /// `M` or `O`: true when mandatory.
    pub fn mandatory(&self, word: &str) -> Result<bool, ParseError> {
        match word {
            "M" => Ok(true),
            "O" => Ok(false),
            _ => Err(self.error(format!("expected M or O, found {word:?}"))),
        }
    }
}

/// The first word of a text and what follows it, without the spaces between.
pub(crate) fn split(text: &'static str) -> (&'static str, &'static str) {
    match text.split_once(' ') {
        Some((word, rest)) => (word, rest.trim_start()),
        None => (text, ""),
    }
}

/// The lines of a file that say something.
pub(crate) fn lines(file: File) -> Result<Vec<Line>, ParseError> {
    let mut lines = Vec::new();
    for (index, raw) in file.text.lines().enumerate() {
        let text = raw.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let indent = raw.len() - raw.trim_start_matches(' ').len();
        let line = Line { file: file.name, number: index + 1, depth: indent / 2, text };
        if indent % 2 == 1 || raw.trim_start_matches(' ').starts_with('\t') {
            return Err(line.error("expected an indentation of two spaces for each level"));
        }
        lines.push(line);
    }
    Ok(lines)
}

/// Takes the line `KIND at VERSION` that opens a file and gives the version and the lines below.
pub(crate) fn headed<'l>(file: File, lines: &'l [Line], kind: &str) -> Result<(&'static str, &'l [Line]), ParseError> {
    let missing = || ParseError {
        file: file.name.to_owned(),
        line: 1,
        problem: format!("expected \"{kind} at VERSION\" before anything else"),
    };
    let (first, rest) = lines.split_first().ok_or_else(missing)?;
    match first.text.split_once(" at ") {
        Some((word, version)) if word == kind => Ok((version.trim(), rest)),
        _ => Err(missing()),
    }
}
