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

    /// An error at this line, which builds on what was not read.
    pub fn not_before(&self, version: &str) -> ParseError {
        self.error(format!("{version} is not read before this file"))
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

/// A line without indentation, with the indented lines below it.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub head: Line,
    pub below: Vec<Line>,
}

/// The blocks of a file, and those of the file that it builds on.
#[derive(Debug)]
pub(crate) struct Blocks {
    /// The version that they are of.
    pub version: &'static str,
    /// The line that opens the file.
    pub first: Line,
    pub blocks: Vec<Block>,
}

impl Blocks {
    /// Reads a file that opens with `KIND at VERSION`, or with `KIND at VERSION from EARLIER`: such a file takes over the
    /// blocks of an earlier one and writes whole those that differ. `subject` gives what a block describes.
    pub fn read(
        file: File,
        kind: &str,
        subject: fn(&Line) -> Option<&'static str>,
        earlier: &[Blocks],
    ) -> Result<Blocks, ParseError> {
        let missing = || ParseError {
            file: file.name.to_owned(),
            line: 1,
            problem: format!("expected \"{kind} at VERSION\" before anything else"),
        };
        let lines = lines(file)?;
        let (first, rest) = lines.split_first().ok_or_else(missing)?;
        let (word, version) = first.text.split_once(" at ").ok_or_else(missing)?;
        if word != kind {
            return Err(missing());
        }
        let own = blocks(rest)?;
        let Some((version, base)) = version.split_once(" from ") else {
            return Ok(Blocks { version: version.trim(), first: *first, blocks: own });
        };
        let base = earlier.iter().find(|blocks| blocks.version == base).ok_or_else(|| first.not_before(base))?;
        Ok(Blocks { version, first: *first, blocks: replaced(&base.blocks, own, subject) })
    }
}

/// The older blocks, with newer ones in the place of those that describe the same, and the others behind them.
fn replaced(older: &[Block], newer: Vec<Block>, subject: fn(&Line) -> Option<&'static str>) -> Vec<Block> {
    let mut blocks = older.to_vec();
    let mut taken = Vec::new();
    for block in newer {
        let same = |old: &Block| subject(&block.head).is_some() && subject(&old.head) == subject(&block.head);
        match older.iter().position(same) {
            // What a file describes twice stays there twice, for its reader to refuse.
            Some(at) if !taken.contains(&at) => {
                taken.push(at);
                blocks[at] = block;
            }
            _ => blocks.push(block),
        }
    }
    blocks
}

fn blocks(lines: &[Line]) -> Result<Vec<Block>, ParseError> {
    let mut blocks = Vec::new();
    let mut rest = lines;
    while let Some((line, below)) = rest.split_first() {
        if line.depth != 0 {
            return Err(line.error("expected a line without indentation first"));
        }
        let end = below.iter().position(|line| line.depth == 0).unwrap_or(below.len());
        blocks.push(Block { head: *line, below: below[..end].to_vec() });
        rest = &below[end..];
    }
    Ok(blocks)
}
