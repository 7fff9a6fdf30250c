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
//!
//! The file of a later version may say only what differs:
//!
//! ```text
//! set 850 at 005010 from 004010
//!
//! without LDT             the place LDT, with all that stands in it, is not there
//! now TD5 O >1            the place is optional or mandatory, and may be repeated, as said here
//! after N1/N2             behind that place stand those that follow, indented
//!   IN2 O >1   parts of a name
//! instead of N9/MSG       in the place of that one stand those that follow
//!   MTX O >1   text
//! ```

use std::sync::OnceLock;

use super::dictionary::{Dictionary, Tag};
use super::lines::{Line, ParseError, lines, split};
use super::{Content, File, Guide, Place};

/// A set as its file has it, before its segments are looked up.
#[derive(Debug)]
pub(crate) struct Outline {
    pub first: Line,
    text: &'static str,
    pub set: &'static str,
    pub version: &'static str,
    name: &'static str,
    functional_id: &'static str,
    counted: Option<Tag>,
    hashed: Option<(Tag, usize)>,
    nodes: Vec<Node>,
}

/// One place of an outline, with those within.
#[derive(Debug, Clone)]
struct Node {
    line: Line,
    is_loop: bool,
    id: &'static str,
    name: &'static str,
    mandatory: bool,
    max: u32,
    within: Vec<Node>,
}

/// Reads a file; one that builds on another version of its set finds that among the earlier ones.
pub(crate) fn read(file: File, earlier: &[Outline]) -> Result<Outline, ParseError> {
    let lines = lines(file)?;
    let Some((first, mut rest)) = lines.split_first() else {
        return Err(ParseError { file: file.name.to_owned(), line: 1, problem: "expected a set".to_owned() });
    };
    let (mut outline, builds_on) = header(first, file.text, earlier)?;
    while let Some((line, below)) = rest.split_first() {
        if !setting(line, &mut outline)? {
            break;
        }
        rest = below;
    }
    if builds_on {
        changes(rest, &mut outline.nodes)?;
    } else {
        outline.nodes = nodes(rest, 0)?;
    }
    if outline.functional_id.is_empty() {
        return Err(first.error("expected a line \"group GS01\" below"));
    }
    Ok(outline)
}

/// The guide of an outline; every segment it names must be in the dictionary.
pub(crate) fn guide(outline: &Outline, dictionary: &'static Dictionary) -> Result<Guide, ParseError> {
    if outline.version != dictionary.version {
        let problem = format!("version {} stands beside segments of {}", outline.version, dictionary.version);
        return Err(outline.first.error(problem));
    }
    let mut guide = Guide {
        set: outline.set,
        version: outline.version,
        name: outline.name,
        functional_id: outline.functional_id,
        counted: outline.counted,
        hashed: outline.hashed,
        places: Vec::new(),
        content: 0..0,
        dictionary,
        steps: OnceLock::new(),
        layer: outline.first.layer,
        text: outline.text,
        overlay: None,
        qualified: Vec::new(),
    };
    guide.content = places(&outline.nodes, &mut guide.places, dictionary)?;
    Ok(guide)
}

/// `set 850 at 004010 purchase order`, or `set 850 at 005010 from 004010`; true when it builds on another version.
fn header(line: &Line, text: &'static str, earlier: &[Outline]) -> Result<(Outline, bool), ParseError> {
    let wrong = || line.error("expected \"set NUMBER at VERSION NAME\" or \"set NUMBER at VERSION from EARLIER\"");
    let (set, rest) = split(line.text.strip_prefix("set ").ok_or_else(wrong)?);
    let (version, name) = split(rest.strip_prefix("at ").ok_or_else(wrong)?);
    let empty = Outline {
        first: *line,
        text,
        set,
        version,
        name,
        functional_id: "",
        counted: None,
        hashed: None,
        nodes: Vec::new(),
    };
    let Some(base) = name.strip_prefix("from ") else { return Ok((empty, false)) };
    let base = earlier
        .iter()
        .rfind(|outline| outline.set == set && outline.version == base)
        .ok_or_else(|| line.not_before(&format!("set {set} at {base}")))?;
    let outline = Outline {
        name: base.name,
        functional_id: base.functional_id,
        counted: base.counted,
        hashed: base.hashed,
        nodes: base.nodes.clone(),
        ..empty
    };
    Ok((outline, true))
}

/// `group PO`, `count PO1` or `hash PO102`; false when the line is none of them.
fn setting(line: &Line, outline: &mut Outline) -> Result<bool, ParseError> {
    let (word, value) = line.split();
    match word {
        "group" => outline.functional_id = value,
        "count" => outline.counted = Some(Tag::of(value)),
        "hash" => {
            let split = value.len().checked_sub(2).filter(|at| value.is_char_boundary(*at));
            let (tag, element) = value.split_at(split.ok_or_else(|| line.error("expected a tag and two digits"))?);
            outline.hashed = Some((Tag::of(tag), line.number(element)?));
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The places at one depth, with those of each loop within it.
fn nodes(lines: &[Line], depth: usize) -> Result<Vec<Node>, ParseError> {
    let mut nodes = Vec::new();
    let mut rest = lines;
    while let Some((line, below)) = rest.split_first() {
        if line.depth != depth {
            return Err(line.error(format!("expected an indentation of {} spaces", depth * 2)));
        }
        let inner = below.iter().position(|line| line.depth <= depth).unwrap_or(below.len());
        let mut node = node(line)?;
        match below.first().filter(|_| inner > 0) {
            Some(first) if !node.is_loop => return Err(first.error("only a loop can hold other segments")),
            _ => node.within = self::nodes(&below[..inner], depth + 1)?,
        }
        nodes.push(node);
        rest = &below[inner..];
    }
    Ok(nodes)
}

/// `PO1 M 1 ordered line` or `loop PO1 M 100000 ordered line`
fn node(line: &Line) -> Result<Node, ParseError> {
    let (is_loop, text) = match line.text.strip_prefix("loop ") {
        Some(rest) => (true, rest.trim_start()),
        None => (false, line.text),
    };
    let (id, rest) = split(text);
    let (mandatory, max, name) = use_of(line, rest)?;
    Ok(Node { line: *line, is_loop, id, name, mandatory, max, within: Vec::new() })
}

/// `M 100000 ordered line`
fn use_of(line: &Line, text: &'static str) -> Result<(bool, u32, &'static str), ParseError> {
    let (mandatory, rest) = split(text);
    let (max, name) = split(rest);
    let mandatory = line.mandatory(mandatory)?;
    let max = if max == ">1" { u32::MAX } else { line.number(max)? };
    Ok((mandatory, max, name))
}

/// Makes the changes that a file lists.
fn changes(lines: &[Line], nodes: &mut Vec<Node>) -> Result<(), ParseError> {
    let mut rest = lines;
    while let Some((line, below)) = rest.split_first() {
        let inner = below.iter().position(|line| line.depth == 0).unwrap_or(below.len());
        change(line, &below[..inner], nodes)?;
        rest = &below[inner..];
    }
    Ok(())
}

fn change(line: &Line, below: &[Line], nodes: &mut Vec<Node>) -> Result<(), ParseError> {
    let (word, text) = line.split();
    let (path, text) = split(text.strip_prefix("of ").unwrap_or(text));
    if let Some(first) = below.first().filter(|_| !["after", "instead"].contains(&word)) {
        return Err(first.error("only after and instead of can have places below them"));
    }
    let added = self::nodes(below, 1)?;
    let (among, at) = find(line, path, nodes)?;
    match word {
        "without" => {
            among.remove(at);
        }
        "now" => {
            let place = &mut among[at];
            (place.mandatory, place.max, _) = use_of(line, text)?;
            place.line = *line;
        }
        "after" => drop(among.splice(at + 1..at + 1, added)),
        "instead" => drop(among.splice(at..=at, added)),
        _ => return Err(line.error(format!("expected without, now, after or instead of, found {word:?}"))),
    }
    Ok(())
}

/// The place with a path such as `PO1/N9/DTM`: those that it stands among, and where.
fn find<'n>(line: &Line, path: &str, nodes: &'n mut Vec<Node>) -> Result<(&'n mut Vec<Node>, usize), ParseError> {
    let (id, rest) = path.split_once('/').map_or((path, None), |(id, rest)| (id, Some(rest)));
    let mut same = nodes.iter().enumerate().filter(|(_, node)| node.id == id).map(|(at, _)| at);
    let (first, second) = (same.next(), same.next());
    match (first, second, rest) {
        (Some(at), None, None) => Ok((nodes, at)),
        (Some(at), None, Some(rest)) => find(line, rest, &mut nodes[at].within),
        (None, ..) => Err(line.error(format!("{id} does not stand there"))),
        (_, Some(_), _) => Err(line.error(format!("{id} stands there twice"))),
    }
}

/// Adds the places at one depth, then those of each loop among them, so that every loop's places are a run.
fn places(nodes: &[Node], all: &mut Vec<Place>, dictionary: &Dictionary) -> Result<Content, ParseError> {
    let start = all.len();
    for node in nodes {
        if dictionary.segment(node.id).is_none() {
            let problem = format!("segment {} is not in the segments of {}", node.id, dictionary.version);
            return Err(node.line.error(problem));
        }
        if node.is_loop && node.within.first().is_none_or(|first| first.id != node.id) {
            return Err(node.line.error(format!("a loop must begin with its own segment, {}", node.id)));
        }
        all.push(Place {
            tag: Tag::of(node.id),
            id: node.id,
            name: node.name,
            mandatory: node.mandatory,
            max: node.max,
            content: None,
            layer: node.line.layer,
            rules: None,
        });
    }
    let end = all.len();
    for (index, node) in (start..end).zip(nodes).filter(|(_, node)| node.is_loop) {
        all[index].content = Some(places(&node.within, all, dictionary)?);
    }
    Ok(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &'static str, expect: &str) {
        let dictionary = crate::x12::guide::find("997", "004010").unwrap().dictionary();
        let earlier = read(File::standard("e.guide", EARLIER), &[]).unwrap();
        let read = read(File::standard("t.guide", text), &[earlier]);
        let error = read.and_then(|outline| guide(&outline, dictionary)).unwrap_err();
        assert_eq!(error.to_string(), expect);
    }

    const EARLIER: &str =
        "set 2 at 003060 x\ngroup X\nST M 1\nDTM O 1\nDTM O 1\nloop N1 O 1\n  N1 M 1\n  N2 O 1\nSE M 1";

    #[test]
    fn a_later_version_says_only_what_differs() {
        let dictionary = crate::x12::guide::find("997", "004010").unwrap().dictionary();
        let earlier = read(File::standard("e.guide", EARLIER), &[]).unwrap();
        let text = "set 2 at 004010 from 003060\ncount N1\ninstead of N1/N2\n  N4 O 1\nnow N1 M >1\nafter N1/N1\n  N3 O 2 a\n  loop REF O 3 b\n    REF M 1";
        let outline = read(File::standard("t.guide", text), &[earlier]).unwrap();
        let guide = guide(&outline, dictionary).unwrap();
        assert_eq!((guide.name, guide.functional_id, guide.counted), ("x", "X", Some(Tag::of("N1"))));
        let ids: Vec<_> = guide.places.iter().map(|place| (place.id, place.mandatory, place.max)).collect();
        let set = [("ST", true, 1), ("DTM", false, 1), ("DTM", false, 1), ("N1", true, u32::MAX), ("SE", true, 1)];
        let within = [("N1", true, 1), ("N3", false, 2), ("REF", false, 3), ("N4", false, 1), ("REF", true, 1)];
        assert_eq!(ids, [&set[..], &within[..]].concat());
    }

    #[test]
    fn a_change_that_cannot_be_made_is_named_with_file_and_line() {
        let check = |change: &str, expect: &str| {
            let text = format!("set 2 at 004010 from 003060\n{change}");
            super::tests::check(Box::leak(text.into_boxed_str()), expect);
        };
        check("without N1/N3", "t.guide, line 2: N3 does not stand there");
        check("now DTM O 2", "t.guide, line 2: DTM stands there twice");
        check("now N1 O many", "t.guide, line 2: expected a number, found \"many\"");
        check("before N1", "t.guide, line 2: expected without, now, after or instead of, found \"before\"");
        check("without N1\n  N2 O 1", "t.guide, line 3: only after and instead of can have places below them");
        check("after N1\n    N2 O 1", "t.guide, line 3: expected an indentation of 2 spaces");
        check("without N1/N1", "e.guide, line 6: a loop must begin with its own segment, N1");
    }

    #[test]
    fn a_mistake_in_a_set_file_is_named_with_file_and_line() {
        check("", "t.guide, line 1: expected a set");
        check(
            "st 850",
            "t.guide, line 1: expected \"set NUMBER at VERSION NAME\" or \"set NUMBER at VERSION from EARLIER\"",
        );
        check("set 9 at 004010 from 003060", "t.guide, line 1: set 9 at 003060 is not read before this file");
        check("set 1 at 005010 x\ngroup X", "t.guide, line 1: version 005010 stands beside segments of 004010");
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
