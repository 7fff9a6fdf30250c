//! The segments, elements and codes of one version of the standard.
//!
//! ```text
//! segment PO1 ordered line                SegmentSpec { id: "PO1", name: "ordered line", elements, conditions }
//!   04 O R 1-17 212 unit price            ElementSpec { mandatory: false, kind: Decimal, 1 to 17, 212, "unit price" }
//!   if C0302 C0504                        Condition { rule: IfFirstThenAll, first: 3, others: {2} }, …
//! segment CTX context of a fault
//!   01 M x10 comp - C998 context          repeats: 10; an element that says nothing of it stands there once
//! ```

use super::lines::{Block, Blocks, Line, ParseError, is_addition, split};
use super::overlay::ElementRule;
use super::packed::Packed;

/// A segment identifier packed into a number, so that places compare without looking at text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u32);

impl Tag {
    /// No segment has it.
    pub const NONE: Tag = Tag(0);

    /// The tag of an identifier; `NONE` unless it has one to three characters, as all of the standard have.
    pub fn of(id: &str) -> Tag {
        Tag::of_bytes(id.as_bytes())
    }

    /// The same of bytes.
    pub fn of_bytes(id: &[u8]) -> Tag {
        if id.len() > 3 {
            return Tag::NONE;
        }
        Tag(id.iter().fold(0, |packed, byte| packed << 8 | u32::from(*byte)))
    }

    /// The number; 0 for `NONE`.
    pub(super) fn packed(self) -> u64 {
        u64::from(self.0)
    }
}

/// The segments, elements and codes of one version.
#[derive(Debug)]
pub struct Dictionary {
    /// The version, such as `004010`.
    pub version: &'static str,
    segments: Vec<SegmentSpec>,
    composites: Vec<Composite>,
    lists: Vec<CodeList>,
    others: Vec<Tag>,
}

/// One segment of the standard.
#[derive(Debug, Clone)]
pub struct SegmentSpec {
    tag: Tag,
    /// The identifier, such as `PO1`.
    pub id: &'static str,
    /// What people call it, such as `ordered line`.
    pub name: &'static str,
    /// Its elements in order; empty when they are not described.
    pub elements: Vec<ElementSpec>,
    /// Its relational conditions.
    pub conditions: Conditions,
    /// The elements that must be there.
    pub mandatory: Positions,
    /// Whose rules these are.
    pub layer: &'static str,
    /// What a partner demands of its elements at one place, beyond all that.
    pub(crate) rules: Vec<ElementRule>,
    /// The elements whose values some of these rules look at.
    pub(crate) ruled: Positions,
}

impl SegmentSpec {
    /// The same as a partner narrows it.
    pub(crate) fn narrowed(&self, rules: Vec<ElementRule>) -> SegmentSpec {
        let mut spec = SegmentSpec { rules, ..self.clone() };
        for rule in &spec.rules {
            if rule.requires(rule.position) {
                spec.elements[rule.position - 1].mandatory = true;
                spec.mandatory.add(rule.position);
            } else {
                spec.ruled.add(rule.position);
            }
        }
        spec
    }

    /// An element by its position from 1.
    pub fn element(&self, position: usize) -> Option<&ElementSpec> {
        self.elements.get(position.checked_sub(1)?)
    }
}

/// One element of a segment, or component of a composite.
#[derive(Debug, Clone)]
pub struct ElementSpec {
    /// It must be there.
    pub mandatory: bool,
    /// What may stand in it.
    pub kind: Kind,
    /// The least number of characters; signs and decimal points of numbers do not count.
    pub min: usize,
    /// The greatest number of characters.
    pub max: usize,
    /// How often it may stand there, repetition separators between; 1 for nearly all, and for every component.
    pub repeats: usize,
    /// What people call it, such as `unit price`.
    pub name: &'static str,
    number: u32,
}

impl ElementSpec {
    /// The number in the X12 dictionary; `None` for composites and the interchange's own elements.
    pub fn data_element(&self) -> Option<u32> {
        (self.number > 0).then_some(self.number)
    }

    /// How long a value is, as lengths are counted: signs and decimal points of numbers do not count.
    pub(crate) fn length_of(&self, value: &str) -> usize {
        match self.kind {
            Kind::Decimal | Kind::Implied(_) => value.bytes().filter(u8::is_ascii_digit).count(),
            _ => value.chars().count(),
        }
    }
}

/// The data types of X12.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// AN.
    Text,
    /// ID, with its code list where we have one.
    Identifier(Option<ListIndex>),
    /// N0 to N9: a whole number with that many implied decimals.
    Implied(u8),
    /// R.
    Decimal,
    /// DT.
    Date,
    /// TM.
    Time,
    /// Several components.
    Composite(CompositeIndex),
}

/// Finds a code list in its dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListIndex(usize);

/// Finds a composite in its dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompositeIndex(usize);

/// The components of a composite element.
#[derive(Debug)]
pub struct Composite {
    /// Such as `C001`.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Its components in order.
    pub components: Vec<ElementSpec>,
    /// Its relational conditions.
    pub conditions: Conditions,
    /// True when the first component alone is all that it needs.
    pub first_suffices: bool,
}

/// A set of positions from 1 to 63, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Positions(u64);

impl Positions {
    /// One position alone.
    pub fn only(position: usize) -> Positions {
        let mut positions = Positions::default();
        positions.add(position);
        positions
    }

    /// Adds a position; those that no segment has are ignored.
    pub fn add(&mut self, position: usize) {
        if position < 64 {
            self.0 |= 1 << position;
        }
    }

    /// True when it holds the position.
    pub fn has(self, position: usize) -> bool {
        position < 64 && self.0 & (1 << position) != 0
    }

    /// True when it holds none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many it holds.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Those that are in both.
    pub fn and(self, other: Positions) -> Positions {
        Positions(self.0 & other.0)
    }

    /// Those that are in this one only.
    pub fn without(self, other: Positions) -> Positions {
        Positions(self.0 & !other.0)
    }

    /// Each position in order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let position = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            (position < 64).then_some(position)
        })
    }
}

/// The conditions of one segment or composite. Most are on two elements side by side, both or neither: those are asked at once.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    /// All of them.
    pub all: Vec<Condition>,
    /// The first of each two neighbours that are both there or neither.
    pairs: Positions,
    /// The others.
    rest: Vec<Condition>,
}

impl Conditions {
    fn of(all: Vec<Condition>) -> Conditions {
        let (mut pairs, mut rest) = (Positions::default(), Vec::new());
        for condition in &all {
            if condition.rule == Rule::Paired
                && condition.others.has(condition.first + 1)
                && condition.others.len() == 1
            {
                pairs.add(condition.first);
            } else {
                rest.push(*condition);
            }
        }
        Conditions { all, pairs, rest }
    }

    /// True when the present positions satisfy all of them.
    pub fn hold(&self, present: Positions) -> bool {
        let alone = (present.0 ^ present.0 >> 1) & self.pairs.0;
        alone == 0 && self.rest.iter().all(|condition| condition.holds(present))
    }
}

/// A condition between elements of one segment, or components of one composite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// What it demands.
    pub rule: Rule,
    /// The position named first.
    pub first: usize,
    /// The positions named after the first.
    pub others: Positions,
    /// Every position that it names.
    pub all: Positions,
}

/// What a relational condition demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// P: all or none.
    Paired,
    /// R: at least one.
    Required,
    /// E: at most one.
    Exclusive,
    /// C: if the first, then all the others.
    Conditional,
    /// L: if the first, then at least one of the others.
    List,
}

impl Condition {
    /// Reads `C030405`.
    fn parse(text: &str) -> Option<Condition> {
        let rule = match text.as_bytes().first()? {
            b'P' => Rule::Paired,
            b'R' => Rule::Required,
            b'E' => Rule::Exclusive,
            b'C' => Rule::Conditional,
            b'L' => Rule::List,
            _ => return None,
        };
        let digits = text.get(1..)?;
        if digits.len() < 4 || digits.len() % 2 == 1 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut positions = (0..digits.len()).step_by(2).filter_map(|at| digits[at..at + 2].parse::<usize>().ok());
        let first = positions.next()?;
        let mut others = Positions::default();
        positions.for_each(|position| others.add(position));
        let mut all = others;
        all.add(first);
        Some(Condition { rule, first, others, all })
    }

    /// True when the present positions satisfy it.
    pub fn holds(&self, present: Positions) -> bool {
        let (all, others) = (self.all, self.others);
        match self.rule {
            Rule::Paired => present.and(all).is_empty() || all.without(present).is_empty(),
            Rule::Required => !present.and(all).is_empty(),
            Rule::Exclusive => present.and(all).len() < 2,
            Rule::Conditional => !present.has(self.first) || others.without(present).is_empty(),
            Rule::List => !present.has(self.first) || !present.and(others).is_empty(),
        }
    }
}

/// The codes of one data element.
#[derive(Debug)]
pub struct CodeList {
    number: u32,
    /// True when the list is complete, so that another code is a fault.
    pub closed: bool,
    /// What it lists.
    pub name: &'static str,
    /// Whose list it is.
    pub layer: &'static str,
    codes: Vec<(&'static str, &'static str)>,
    /// Those of up to eight bytes.
    packed: Packed,
}

/// A code of up to eight bytes as a number, its first byte the least.
fn packed(code: &[u8]) -> Option<u64> {
    let mut bytes = [0; 8];
    bytes.get_mut(..code.len())?.copy_from_slice(code);
    Some(u64::from_le_bytes(bytes))
}

impl CodeList {
    /// True when a code is listed. Codes are a few letters, so that they are compared as numbers.
    pub fn has(&self, code: &[u8]) -> bool {
        match packed(code) {
            Some(code) => self.has_packed(code),
            None => std::str::from_utf8(code).is_ok_and(|code| self.text(code).is_some()),
        }
    }

    /// The same of a code of up to eight bytes that is packed already, its first byte the least.
    pub(crate) fn has_packed(&self, code: u64) -> bool {
        self.packed.find(code).is_some()
    }

    /// What a code means.
    pub fn text(&self, code: &str) -> Option<&'static str> {
        let index = self.codes.binary_search_by_key(&code, |(known, _)| known).ok()?;
        Some(self.codes[index].1)
    }

    /// The codes, in alphabetical order.
    pub fn codes(&self) -> impl Iterator<Item = &'static str> {
        self.codes.iter().map(|(code, _)| *code)
    }
}

impl Dictionary {
    /// A segment by its identifier.
    pub fn segment(&self, id: &str) -> Option<&SegmentSpec> {
        self.segment_by_tag(Tag::of(id))
    }

    /// A segment by its packed identifier.
    pub fn segment_by_tag(&self, tag: Tag) -> Option<&SegmentSpec> {
        let index = self.segments.binary_search_by_key(&tag, |segment| segment.tag).ok()?;
        Some(&self.segments[index])
    }

    /// Every segment that is described, in the order of their tags.
    pub fn segments(&self) -> impl Iterator<Item = &SegmentSpec> {
        self.segments.iter()
    }

    /// True when the standard has such a segment, described here or not.
    pub fn knows(&self, tag: Tag) -> bool {
        self.segment_by_tag(tag).is_some() || self.others.binary_search(&tag).is_ok()
    }

    /// The codes of a data element.
    pub fn codes(&self, data_element: u32) -> Option<&CodeList> {
        self.list_index(data_element).map(|index| self.list(index))
    }

    /// A code list of this dictionary.
    pub fn list(&self, index: ListIndex) -> &CodeList {
        &self.lists[index.0]
    }

    /// A composite of this dictionary.
    pub fn composite(&self, index: CompositeIndex) -> &Composite {
        &self.composites[index.0]
    }

    fn list_index(&self, data_element: u32) -> Option<ListIndex> {
        self.lists.binary_search_by_key(&data_element, |list| list.number).ok().map(ListIndex)
    }

    /// Reads the segments and codes of one version.
    pub(crate) fn parse(segments: &Blocks, codes: &Blocks) -> Result<Dictionary, ParseError> {
        let version = codes.version;
        if segments.version != version {
            let problem = format!("segments of {} stand beside codes of {version}", segments.version);
            return Err(segments.first.error(problem));
        }
        let mut dictionary =
            Dictionary { version, segments: Vec::new(), composites: Vec::new(), lists: Vec::new(), others: Vec::new() };
        dictionary.lists = parse_lists(&codes.blocks)?;
        dictionary.parse_composites(&segments.blocks)?;
        dictionary.parse_segments(&segments.blocks)?;
        dictionary.segments.sort_by_key(|segment| segment.tag);
        dictionary.others.sort();
        Ok(dictionary)
    }

    /// The composites come first: segments name them, and a version that builds on another has new ones behind its segments.
    fn parse_composites(&mut self, blocks: &[Block]) -> Result<(), ParseError> {
        for block in blocks {
            let Some(rest) = block.head.text.strip_prefix("composite ") else { continue };
            let (id, name) = split(rest);
            let (components, conditions) = self.elements(&block.below)?;
            if let Some(line) =
                block.below.iter().zip(&components).find(|(_, one)| one.repeats > 1).map(|(line, _)| line)
            {
                return Err(line.error("a component cannot be repeated"));
            }
            let first = Positions::only(1);
            let first_suffices = mandatory(&components).without(first).is_empty() && conditions.hold(first);
            self.composites.push(Composite { id, name, components, conditions, first_suffices });
        }
        Ok(())
    }

    fn parse_segments(&mut self, blocks: &[Block]) -> Result<(), ParseError> {
        for Block { head: line, below } in blocks {
            let (word, rest) = line.split();
            let (id, name) = split(rest);
            match word {
                "also" => self.others.extend(rest.split_whitespace().map(Tag::of)),
                "composite" => {}
                "segment" | "unlisted" => {
                    let (elements, conditions) = self.elements(below)?;
                    if self.segments.iter().any(|segment| segment.id == id) || id.is_empty() {
                        return Err(line.error(format!("segment {id:?} is described twice, or not at all")));
                    }
                    let mandatory = mandatory(&elements);
                    let (layer, rules, ruled) = (line.layer, Vec::new(), Positions::default());
                    let tag = Tag::of(id);
                    self.segments.push(SegmentSpec {
                        tag,
                        id,
                        name,
                        elements,
                        conditions,
                        mandatory,
                        layer,
                        rules,
                        ruled,
                    });
                }
                _ => return Err(line.error(format!("expected segment, composite, unlisted or also, found {word:?}"))),
            }
        }
        Ok(())
    }

    /// The elements and conditions under one segment or composite.
    fn elements(&self, lines: &[Line]) -> Result<(Vec<ElementSpec>, Conditions), ParseError> {
        let (mut elements, mut conditions) = (Vec::new(), Vec::new());
        for line in lines {
            if let Some(codes) = line.text.strip_prefix("if ") {
                for text in codes.split_whitespace() {
                    let wrong = || line.error(format!("{text:?} is no condition on the elements above"));
                    let condition = Condition::parse(text).ok_or_else(wrong)?;
                    let beyond = condition.all.iter().any(|position| position > elements.len()) || condition.first == 0;
                    conditions.push(if beyond { return Err(wrong()) } else { condition });
                }
                continue;
            }
            let (position, rest) = line.split();
            if line.number::<usize>(position)? != elements.len() + 1 {
                return Err(line.error(format!("expected element {}, found {position}", elements.len() + 1)));
            }
            elements.push(self.element(line, rest)?);
        }
        Ok((elements, Conditions::of(conditions)))
    }

    /// `O R 1-17 212 unit price`, `O comp - C001 unit of measure` or `M x10 comp - C998 context`
    fn element(&self, line: &Line, text: &'static str) -> Result<ElementSpec, ParseError> {
        let (mandatory, rest) = split(text);
        let (repeats, rest) = repeats(line, rest)?;
        let (kind, rest) = split(rest);
        let (length, rest) = split(rest);
        let (number, name) = split(rest);
        let mandatory = line.mandatory(mandatory)?;
        if kind == "comp" {
            let index = self.composites.iter().position(|composite| composite.id == number);
            let index = index.ok_or_else(|| line.error(format!("composite {number} is not described above")))?;
            let kind = Kind::Composite(CompositeIndex(index));
            return Ok(ElementSpec { mandatory, kind, min: 0, max: 0, repeats, name, number: 0 });
        }
        let number = if number == "-" { 0 } else { line.number(number)? };
        let kind = match kind {
            "AN" => Kind::Text,
            "ID" => Kind::Identifier(self.list_index(number)),
            "R" => Kind::Decimal,
            "DT" => Kind::Date,
            "TM" => Kind::Time,
            _ => match kind.strip_prefix('N').and_then(|decimals| decimals.parse().ok()) {
                Some(decimals) => Kind::Implied(decimals),
                None => return Err(line.error(format!("{kind:?} is no data type"))),
            },
        };
        let (min, max) = length.split_once('-').ok_or_else(|| line.error("expected a length such as 1-17"))?;
        Ok(ElementSpec { mandatory, kind, min: line.number(min)?, max: line.number(max)?, repeats, name, number })
    }
}

/// `x10 …`: how often an element may stand there, and what follows.
fn repeats(line: &Line, text: &'static str) -> Result<(usize, &'static str), ParseError> {
    let (word, rest) = split(text);
    match word.strip_prefix('x') {
        None => Ok((1, text)),
        Some(">1") => Ok((usize::MAX, rest)),
        Some(times) => match line.number(times)? {
            0 => Err(line.error("an element stands there at least once")),
            times => Ok((times, rest)),
        },
    }
}

/// What a block of a segments file describes: a segment or composite by its identifier.
pub(crate) fn described(line: &Line) -> Option<&'static str> {
    let (word, rest) = line.split();
    matches!(word, "segment" | "unlisted" | "composite").then(|| split(rest).0)
}

/// What a block of a codes file describes: a list by its data element number.
pub(crate) fn listed(line: &Line) -> Option<&'static str> {
    Some(line.split().0)
}

fn mandatory(elements: &[ElementSpec]) -> Positions {
    let mut mandatory = Positions::default();
    (1..).zip(elements).filter(|(_, element)| element.mandatory).for_each(|(position, _)| mandatory.add(position));
    mandatory
}

/// The code lists of a file, by data element number.
fn parse_lists(blocks: &[Block]) -> Result<Vec<CodeList>, ParseError> {
    let mut lists: Vec<CodeList> = Vec::new();
    for Block { head: line, below } in blocks {
        let (number, rest) = line.split();
        let (state, name) = split(rest);
        let number = line.number(number)?;
        let closed = match state {
            "open" => false,
            "closed" => true,
            _ if is_addition(line) => return Err(line.error(format!("there is no list {number} to add codes to"))),
            _ => return Err(line.error(format!("expected open or closed, found {state:?}"))),
        };
        let mut codes: Vec<_> = below.iter().map(Line::split).collect();
        codes.sort();
        if codes.windows(2).any(|pair| pair[0].0 == pair[1].0) || lists.iter().any(|list| list.number == number) {
            return Err(line.error(format!("a code of {number}, or the list itself, stands here twice")));
        }
        let short: Vec<u64> = codes.iter().filter_map(|(code, _)| packed(code.as_bytes())).collect();
        let packed = Packed::of(short.into_iter());
        lists.push(CodeList { number, closed, name, layer: line.layer, codes, packed });
    }
    lists.sort_by_key(|list| list.number);
    Ok(lists)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::guide::File;

    /// The dictionary of the last version, each after the first building on those before it.
    fn read(versions: &[(&'static str, &'static str)]) -> Result<Dictionary, ParseError> {
        let (mut segments, mut codes): (Vec<Blocks>, Vec<Blocks>) = (Vec::new(), Vec::new());
        for (index, (s, c)) in versions.iter().enumerate() {
            let [s_name, c_name] = [["s", "c"], ["s2", "c2"]][index];
            let (s, c) = (File::standard(s_name, s), File::standard(c_name, c));
            codes.push(Blocks::read(c, "codes", listed, &codes)?);
            segments.push(Blocks::read(s, "segments", described, &segments)?);
        }
        Dictionary::parse(segments.last().unwrap(), codes.last().unwrap())
    }

    fn check(segments: &'static str, codes: &'static str, expect: &str) {
        assert_eq!(read(&[(segments, codes)]).unwrap_err().to_string(), expect);
    }

    #[test]
    fn a_version_that_builds_on_another_takes_over_what_it_does_not_describe_itself() {
        let first = (
            "segments at 1\ncomposite C1 c\n  01 M AN 1-2 3 a\nsegment A a\n  01 M comp - C1 a\nunlisted B b",
            "codes at 1\n3 open x\n  A a",
        );
        let second = (
            "segments at 2 from 1\nsegment B b\n  01 O comp - C2 b\ncomposite C2 d\n  01 O ID 1-1 3 a",
            "codes at 2 from 1\n4 open y\n  B b",
        );
        let later = read(&[first, second]).unwrap();
        assert_eq!(later.version, "2");
        assert_eq!(later.segment("A").unwrap().elements.len(), 1);
        assert_eq!(later.segment("B").unwrap().elements.len(), 1);
        assert_eq!((later.codes(3).unwrap().text("A"), later.codes(4).unwrap().text("B")), (Some("a"), Some("b")));

        let errors = [
            (("segments at 2 from 0", "codes at 2 from 1"), "s2, line 1: 0 is not read before this file"),
            (
                ("segments at 2 from 1\nsegment A a\nsegment A b", "codes at 2 from 1"),
                "s2, line 3: segment \"A\" is described twice, or not at all",
            ),
            (
                ("segments at 2 from 1", "codes at 2 from 1\n3 open x\n  A a\n  A b"),
                "c2, line 2: a code of 3, or the list itself, stands here twice",
            ),
        ];
        for (second, expect) in errors {
            assert_eq!(read(&[first, second]).unwrap_err().to_string(), expect);
        }
    }

    #[test]
    fn a_mistake_in_a_dictionary_file_is_named_with_file_and_line() {
        let codes = "codes at 1";
        check("", "", "c, line 1: expected \"codes at VERSION\" before anything else");
        check("segments at 2\nalso A", codes, "s, line 1: segments of 2 stand beside codes of 1");
        check("segments at 1\nseg A", codes, "s, line 2: expected segment, composite, unlisted or also, found \"seg\"");
        check("segments at 1\n  01", codes, "s, line 2: expected a line without indentation first");
        check("segments at 1\nsegment A a\n  02 M", codes, "s, line 3: expected element 1, found 02");
        check("segments at 1\nsegment A a\n  01 M X 1-2 3 b", codes, "s, line 3: \"X\" is no data type");
        check("segments at 1\nsegment A a\n  01 M R 12 3 b", codes, "s, line 3: expected a length such as 1-17");
        check(
            "segments at 1\nsegment A a\n  01 M comp - C9 b",
            codes,
            "s, line 3: composite C9 is not described above",
        );
        check("segments at 1\nsegment A a\n  01 M xx R 1-2 3 b", codes, "s, line 3: expected a number, found \"x\"");
        check(
            "segments at 1\nsegment A a\n  01 M x0 R 1-2 3 b",
            codes,
            "s, line 3: an element stands there at least once",
        );
        check("segments at 1\ncomposite C1 c\n  01 M x2 R 1-2 3 b", codes, "s, line 3: a component cannot be repeated");
        check(
            "segments at 1\nunlisted A\nunlisted A",
            codes,
            "s, line 3: segment \"A\" is described twice, or not at all",
        );
        check("segments at 1", "codes at 1\n3 half x", "c, line 2: expected open or closed, found \"half\"");
        check(
            "segments at 1",
            "codes at 1\n3 open x\n  A a\n  A b",
            "c, line 2: a code of 3, or the list itself, stands here twice",
        );
    }

    #[test]
    fn an_element_stands_once_unless_its_line_says_more() {
        let segment = "segments at 1\nsegment A a\n  01 M R 1-2 3 b\n  02 O x10 AN 1-2 3 b\n  03 O x>1 AN 1-2 3 b";
        let dictionary = read(&[(segment, "codes at 1")]).unwrap();
        let elements = &dictionary.segment("A").unwrap().elements;
        assert_eq!(elements.iter().map(|element| element.repeats).collect::<Vec<_>>(), [1, 10, usize::MAX]);
        assert_eq!((elements[1].kind, elements[1].name), (Kind::Text, "b"));
    }

    #[test]
    fn a_condition_on_an_element_that_does_not_exist_is_refused() {
        let segment = "segments at 1\nsegment A a\n  01 O R 1-2 3 b\n  02 O R 1-2 3 b\n  if P0102 C0203";
        check(segment, "codes at 1", "s, line 5: \"C0203\" is no condition on the elements above");
    }

    #[test]
    fn conditions_hold_as_the_standard_says() {
        let check = |text: &str, present: &[usize], expect: bool| {
            let mut positions = Positions::default();
            present.iter().for_each(|position| positions.add(*position));
            assert_eq!(Condition::parse(text).unwrap().holds(positions), expect, "{text} {present:?}");
        };
        check("P0304", &[], true);
        check("P0304", &[3], false);
        check("P0304", &[3, 4], true);
        check("R0203", &[1], false);
        check("R0203", &[3], true);
        check("E0412", &[4, 12], false);
        check("E0412", &[12], true);
        check("C030405", &[4], true);
        check("C030405", &[3, 4], false);
        check("L130204", &[13], false);
        check("L130204", &[13, 4], true);
        assert_eq!(Condition::parse("P03"), None);
        assert_eq!(Condition::parse("X0304"), None);
    }
}
