//! Reads the file of one transaction set: which segments stand in which order.
//!
//! ```text
//! set 997 at 004010 functional acknowledgment
//! group FA
//!
//! ST  M 1    transaction set header
//! AK1 M 1    group being acknowledged
//! loop AK2 O >1 set being acknowledged
//!   AK2 M 1    set being acknowledged
//!   …
//! ```

use std::sync::OnceLock;

use super::dictionary::{Dictionary, Tag};
use super::lines::{Line, ParseError, lines, split};
use super::{Content, File, Guide, Place};

/// The guide in a file; every segment it names must be in the dictionary.
pub(crate) fn parse(file: File, dictionary: &'static Dictionary) -> Result<Guide, ParseError> {
    let lines = lines(file)?;
    let Some((first, mut rest)) = lines.split_first() else {
        return Err(ParseError { file: file.name.to_owned(), line: 1, problem: "expected a set".to_owned() });
    };
    let mut guide = header(first, dictionary)?;
    while let Some((line, below)) = rest.split_first() {
        if !setting(line, &mut guide)? {
            break;
        }
        rest = below;
    }
    guide.content = places(rest, 0, &mut guide.places, dictionary)?;
    if guide.functional_id.is_empty() {
        return Err(first.error("expected a line \"group GS01\" below"));
    }
    Ok(guide)
}

/// `set 850 at 004010 purchase order`
fn header(line: &Line, dictionary: &'static Dictionary) -> Result<Guide, ParseError> {
    let wrong = || line.error("expected \"set NUMBER at VERSION NAME\"");
    let (set, rest) = split(line.text.strip_prefix("set ").ok_or_else(wrong)?);
    let (version, name) = split(rest.strip_prefix("at ").ok_or_else(wrong)?);
    if version != dictionary.version {
        return Err(line.error(format!("version {version} stands beside segments of {}", dictionary.version)));
    }
    Ok(Guide {
        set,
        version,
        name,
        functional_id: "",
        counted: None,
        hashed: None,
        places: Vec::new(),
        content: 0..0,
        dictionary,
        steps: OnceLock::new(),
    })
}

/// `group PO`, `count PO1` or `hash PO102`; false when the line is none of them.
fn setting(line: &Line, guide: &mut Guide) -> Result<bool, ParseError> {
    let (word, value) = line.split();
    match word {
        "group" => guide.functional_id = value,
        "count" => guide.counted = Some(Tag::of(value)),
        "hash" => {
            let split = value.len().checked_sub(2).filter(|at| value.is_char_boundary(*at));
            let (tag, element) = value.split_at(split.ok_or_else(|| line.error("expected a tag and two digits"))?);
            guide.hashed = Some((Tag::of(tag), line.number(element)?));
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Adds the places at one depth, then those of each loop among them, so that every loop's places are a run.
fn places(lines: &[Line], depth: usize, all: &mut Vec<Place>, dictionary: &Dictionary) -> Result<Content, ParseError> {
    let start = all.len();
    let mut within = Vec::new();
    let mut rest = lines;
    while let Some((line, below)) = rest.split_first() {
        if line.depth != depth {
            return Err(line.error(format!("expected an indentation of {} spaces", depth * 2)));
        }
        let inner = below.iter().position(|line| line.depth <= depth).unwrap_or(below.len());
        let (is_loop, place) = place(line, dictionary)?;
        match (is_loop, below.first().filter(|_| inner > 0)) {
            (true, Some(first)) if first.split().0 == place.id => within.push((all.len(), &below[..inner])),
            (true, _) => return Err(line.error(format!("a loop must begin with its own segment, {}", place.id))),
            (false, None) => {}
            (false, Some(first)) => return Err(first.error("only a loop can hold other segments")),
        }
        all.push(place);
        rest = &below[inner..];
    }
    let end = all.len();
    for (index, lines) in within {
        all[index].content = Some(places(lines, depth + 1, all, dictionary)?);
    }
    Ok(start..end)
}

/// `PO1 M 1 ordered line` or `loop PO1 M 100000 ordered line`
fn place(line: &Line, dictionary: &Dictionary) -> Result<(bool, Place), ParseError> {
    let (is_loop, text) = match line.text.strip_prefix("loop ") {
        Some(rest) => (true, rest.trim_start()),
        None => (false, line.text),
    };
    let (id, rest) = split(text);
    let (mandatory, rest) = split(rest);
    let (max, name) = split(rest);
    if dictionary.segment(id).is_none() {
        return Err(line.error(format!("segment {id} is not in the segments of {}", dictionary.version)));
    }
    let max = if max == ">1" { u32::MAX } else { line.number(max)? };
    let mandatory = line.mandatory(mandatory)?;
    Ok((is_loop, Place { tag: Tag::of(id), id, name, mandatory, max, content: None }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &'static str, expect: &str) {
        let dictionary = crate::x12::guide::find("997", "004010").unwrap().dictionary();
        let error = parse(File { name: "t.guide", text }, dictionary).unwrap_err();
        assert_eq!(error.to_string(), expect);
    }

    #[test]
    fn a_mistake_in_a_set_file_is_named_with_file_and_line() {
        check("", "t.guide, line 1: expected a set");
        check("st 850", "t.guide, line 1: expected \"set NUMBER at VERSION NAME\"");
        check("set 1 at 005010 x", "t.guide, line 1: version 005010 stands beside segments of 004010");
        check("set 1 at 004010 x\n\nST M 1", "t.guide, line 1: expected a line \"group GS01\" below");
        check("set 1 at 004010 x\ngroup X\nQQQ M 1", "t.guide, line 3: segment QQQ is not in the segments of 004010");
        check("set 1 at 004010 x\ngroup X\nST X 1", "t.guide, line 3: expected M or O, found \"X\"");
        check("set 1 at 004010 x\ngroup X\nST M many", "t.guide, line 3: expected a number, found \"many\"");
        check(
            "set 1 at 004010 x\ngroup X\n ST M 1",
            "t.guide, line 3: expected an indentation of two spaces for each level",
        );
        check("set 1 at 004010 x\ngroup X\n  ST M 1", "t.guide, line 3: expected an indentation of 0 spaces");
        check("set 1 at 004010 x\ngroup X\nST M 1\n  N1 M 1", "t.guide, line 4: only a loop can hold other segments");
        check(
            "set 1 at 004010 x\ngroup X\nloop N1 M 1\n  N2 M 1",
            "t.guide, line 3: a loop must begin with its own segment, N1",
        );
    }
}
