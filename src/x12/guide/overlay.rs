//! Overlays: what one partner demands of a set beyond what its guide says, and the narrower guide that comes of it.
//!
//! ```text
//! overlay 850 at 004010 MegaMart's purchase order
//! use only BEG REF N1 N3 N4 PO1 PID CTT     # other segments are a fault; ST and SE go without saying
//! REF required                              # the segment must be there
//! PO1 max 500                               # it may stand there so often
//! PO1/N1 unused                             # that place is not used; a path goes from loop to loop
//! BEG05 required                            # the element must be there
//! BEG01 codes 00 06                         # these codes only
//! N1/N103 constant 92                       # this value only, in the N1 of the set and not in that of PO1
//! BEG03 pattern 45########                  # this form only, see `pattern`
//! REF02 max 20                              # so many characters at most
//! BEG07 unused                              # the element is not used
//! SLN05-1 codes EA                          # a component, likewise
//! REF*DP required                           # a REF with DP in its first element must be there
//! REF*DP/REF02 pattern 00##                 # the element of that REF, and of no other
//! N1*ST/N4 required                         # in the loop of the N1 with ST
//! ```
//!
//! A rule about an element holds wherever its segment stands, unless a path says where. A rule about a segment holds at one
//! place: that of the set itself, or the only one that there is. A comment begins with a `#` between blanks.
//!
//! A component is required where its composite is there; that the composite must be there is a rule of its own.
//!
//! A segment with a qualifier is written as it stands in a file, `REF*DP`, and what is left empty may be anything: `HL***P` is
//! an HL with P in its third element. Such a rule is asked of the finished tree (`check::qualified`), so that a guide without
//! one pays nothing for it; the others are part of the places and segments that the walk goes through.
//!
//! An overlay narrows and never widens: it cannot make optional what the standard requires, nor allow more of anything.

mod demand;
pub mod path;
pub(crate) mod qualified;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::dictionary::{ElementSpec, Kind, SegmentSpec, Tag};
use super::lines::{Line, ParseError, lines, split};
use super::pattern::Pattern;
use super::steps::loops_around;
use super::{File, Guide, Library, PARTNERS, Place, PlaceRules};
use crate::diagnostic::Diagnostic;
use path::{ElementName, Part, Subject};
use qualified::QualifiedRule;

/// Whose overlay a file is.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'w> {
    /// The partner's id, such as `megamart`.
    pub id: &'w str,
    /// Its name for people.
    pub name: &'w str,
    /// The file as the partner's configuration names it.
    pub file: &'w str,
}

/// What an overlay says, for people.
#[derive(Debug, Clone)]
pub struct Overlaid {
    /// The partner's name.
    pub partner: String,
    /// The file as the partner's configuration names it.
    pub file: String,
    /// What the file calls it; often nothing.
    pub title: String,
    /// The file as it is written.
    pub text: &'static str,
    /// Its rules in the order of the file.
    pub rules: Vec<Told>,
}

/// A rule in words.
#[derive(Debug, Clone)]
pub struct Told {
    /// What it is about: `BEG05`, `N1/N104`, `PO1`, `REF*DP/REF02`; empty for the set as a whole.
    pub at: String,
    /// What it demands: `required`, `codes 00 06`.
    pub demand: String,
    /// Where it is about an element.
    pub element: Option<ElementName>,
    /// It holds for segments with a qualifier, or for what stands in their loop.
    pub is_qualified: bool,
    /// The line of the file.
    pub line: usize,
}

impl Overlaid {
    /// `MegaMart's`, `MegaMart Stores'`.
    pub fn whose(&self) -> String {
        possessive(&self.partner)
    }
}

/// The line of an overlay that a fault goes back to.
#[derive(Debug, Clone)]
pub(crate) struct Cited {
    /// `MegaMart's guide, 850.overlay line 6`
    pub words: String,
    /// The line.
    pub line: usize,
    /// `partner megamart`
    pub layer: &'static str,
}

impl Cited {
    /// Says in a fault that it goes back to this line.
    pub fn by(&self, fault: Diagnostic) -> Diagnostic {
        let expected = match &fault.expected {
            Some(expected) => format!("{expected} ({})", self.words),
            None => self.words.clone(),
        };
        fault.expected(expected).of_layer(self.layer)
    }
}

/// What is demanded of one element or component.
#[derive(Debug, Clone)]
pub(crate) struct ElementRule {
    /// Its position from 1.
    pub position: usize,
    /// The component from 1, where one is meant.
    pub component: Option<usize>,
    /// What the guide says of it.
    pub spec: &'static ElementSpec,
    pub demand: Demand,
    pub cited: Cited,
}

impl ElementRule {
    /// True for a rule on the element itself that it must be there; the mandatory positions of a segment hold such rules too.
    pub fn requires(&self, position: usize) -> bool {
        matches!(self.demand, Demand::Required) && self.component.is_none() && self.position == position
    }
}

/// The kinds of demands on an element.
#[derive(Debug, Clone)]
pub(crate) enum Demand {
    /// It must be there.
    Required,
    /// It must not be there.
    Unused,
    /// It has one of these codes.
    Codes(Vec<&'static str>),
    /// It has this value.
    Constant(&'static str),
    /// It has this form.
    Pattern(Pattern),
    /// It has so many characters at most.
    Max(usize),
}

/// The guide that an overlay makes of the one that a library has, or every fault of the overlay.
pub(super) fn derive(library: &Library, file: File, whose: &Whose<'_>) -> Result<Guide, Vec<ParseError>> {
    let lines = lines(file).map_err(|fault| vec![fault])?;
    let Some((first, rest)) = lines.split_first() else {
        let problem = "expected \"overlay SET at VERSION\"".to_owned();
        return Err(vec![ParseError { file: file.name.to_owned(), line: 1, problem }]);
    };
    let (base, title) = header(library, first).map_err(|fault| vec![fault])?;
    let layer = String::leak(format!("{PARTNERS}{}", whose.id));
    let mut narrowing = Narrowing {
        base,
        around: loops_around(base),
        places: base.places.clone(),
        elements: BTreeMap::new(),
        qualified: Vec::new(),
        rules: Vec::new(),
        whose,
        layer,
    };
    let faults: Vec<ParseError> = rest.iter().filter_map(|line| narrowing.rule(line).err()).collect();
    if faults.is_empty() { Ok(narrowing.guide(title, file.text)) } else { Err(faults) }
}

/// `overlay 850 at 004010 MegaMart's purchase order`
fn header(library: &Library, line: &Line) -> Result<(&'static Guide, &'static str), ParseError> {
    let wrong = || line.error("expected \"overlay SET at VERSION\"");
    let (set, rest) = split(line.text.strip_prefix("overlay ").ok_or_else(wrong)?);
    let (version, title) = split(rest.strip_prefix("at ").ok_or_else(wrong)?);
    let all = library.list();
    let versions: Vec<&str> = all.iter().filter(|(known, _)| *known == set).map(|(_, version)| *version).collect();
    let guide = library.find(set, version).filter(|guide| guide.version == version);
    let guide = guide.ok_or_else(|| {
        line.error(match versions.is_empty() {
            true => format!("there is no guide for transaction set {set:?}"),
            false => {
                format!("expected a version that has a guide for {set}: {}; found {version:?}", versions.join(", "))
            }
        })
    })?;
    Ok((guide, title.split(" # ").next().unwrap_or_default().trim()))
}

/// An overlay being read.
struct Narrowing<'w> {
    base: &'static Guide,
    /// For each place, the places of the loops around it.
    around: Vec<Vec<usize>>,
    places: Vec<Place>,
    /// By place.
    elements: BTreeMap<usize, Vec<ElementRule>>,
    qualified: Vec<QualifiedRule>,
    rules: Vec<Told>,
    whose: &'w Whose<'w>,
    layer: &'static str,
}

impl Narrowing<'_> {
    fn rule(&mut self, line: &Line) -> Result<(), ParseError> {
        if line.depth > 0 {
            return Err(line.error("expected a line without indentation"));
        }
        if let Some(tags) = line.text.strip_prefix("use only ") {
            return self.use_only(line, uncommented(tags));
        }
        let (at, rest) = line.split();
        let (word, value) = split(rest);
        // The pattern may be, or begin with, what begins a comment elsewhere.
        let value = if word == "pattern" { value } else { uncommented(value) };
        let demand = format!("{word} {}", if word == "pattern" { split(value).0 } else { value });
        if let Some(earlier) = self.told(at, word) {
            return Err(line.error(format!("{at} {word} stands in line {} already", earlier.line)));
        }
        let subject = Subject::parse(at);
        match (subject.is_qualified(), subject.element) {
            (true, element) => self.qualified(line, &subject.parts, element, (word, value))?,
            (false, Some(element)) => self.element(line, &subject.parts, element, (word, value))?,
            (false, None) => self.segment(line, at, &subject.parts, (word, value))?,
        }
        self.rules.push(Told {
            at: at.to_owned(),
            demand: demand.trim().to_owned(),
            element: subject.element,
            is_qualified: subject.is_qualified(),
            line: line.number,
        });
        Ok(())
    }

    /// An earlier rule on the same with that word.
    fn told(&self, at: &str, word: &str) -> Option<&Told> {
        self.rules.iter().find(|told| told.at == at && told.demand.split(' ').next() == Some(word))
    }

    /// What is required must be used.
    fn no_contradiction(&self, line: &Line, word: &str) -> Result<(), ParseError> {
        let opposite = match word {
            "required" => "unused",
            "unused" => "required",
            _ => return Ok(()),
        };
        match self.told(line.split().0, opposite) {
            Some(earlier) => Err(line.error(format!("line {} says {opposite}", earlier.line))),
            None => Ok(()),
        }
    }

    /// `use only BEG REF N1`
    fn use_only(&mut self, line: &Line, tags: &'static str) -> Result<(), ParseError> {
        let tags: Vec<&str> = tags.split_whitespace().collect();
        if let Some(unknown) = tags.iter().find(|tag| !self.base.uses(tag)) {
            return Err(line.error(format!("{unknown} is not used in the {}", self.base.set)));
        }
        for at in 0..self.places.len() {
            let id = self.places[at].id;
            // What stands in a loop that is not used goes with it.
            let is_gone = self.around[at].iter().any(|outer| self.is_unused(*outer));
            if !is_gone && !tags.contains(&id) && !["ST", "SE"].contains(&id) {
                self.leave_out(line, at)?;
            }
        }
        let demand = format!("use only {}", tags.join(" "));
        let at = String::new();
        self.rules.push(Told { at, demand, element: None, is_qualified: false, line: line.number });
        Ok(())
    }

    fn is_unused(&self, at: usize) -> bool {
        self.places[at].rules.as_ref().is_some_and(|rules| rules.unused.is_some())
    }

    fn leave_out(&mut self, line: &Line, at: usize) -> Result<(), ParseError> {
        if self.places[at].mandatory {
            let path = self.base.path(at);
            return Err(line.error(format!("{path} must be there, so that it cannot be left out")));
        }
        let cited = self.cited(line);
        self.rules_at(at).unused = Some(cited);
        Ok(())
    }

    /// `REF required`, `PO1 max 500`, `PO1/N1 unused`
    fn segment(
        &mut self,
        line: &Line,
        path: &str,
        parts: &[Part],
        (word, value): (&str, &str),
    ) -> Result<(), ParseError> {
        let at = self.place(line, parts)?;
        match word {
            "required" | "unused" if !value.is_empty() => {
                return Err(line.error(format!("expected nothing behind {word}, found {value:?}")));
            }
            "required" if self.is_unused(at) => {
                return Err(line.error(format!("{path} is required, and left out by another line")));
            }
            "required" if !self.places[at].mandatory => {
                let cited = self.cited(line);
                self.rules_at(at).required = Some(cited);
                self.places[at].mandatory = true;
            }
            "required" => {}
            "unused" => self.leave_out(line, at)?,
            "max" => {
                let max = self.max(line, at, value)?;
                if max < self.places[at].max {
                    let cited = self.cited(line);
                    self.rules_at(at).max = Some(cited);
                    self.places[at].max = max;
                }
            }
            _ => return Err(line.error(format!("expected required, max or unused, found {word:?}"))),
        }
        Ok(())
    }

    /// How often something may stand at a place.
    fn max(&self, line: &Line, at: usize, value: &str) -> Result<u32, ParseError> {
        let (max, allowed) = (line.number::<u32>(value)?, self.places[at].max);
        if max == 0 || max > allowed {
            return Err(line.error(format!("expected a number from 1 to {}, found {max}", many(allowed))));
        }
        Ok(max)
    }

    /// `BEG05 required`, `BEG01 codes 00 06`, `N1/N103 constant 92`, `BEG03 pattern 45########`, `REF02 max 20`
    fn element(
        &mut self,
        line: &Line,
        above: &[Part],
        name: ElementName,
        demand: (&str, &'static str),
    ) -> Result<(), ParseError> {
        let places = match above {
            [] => (0..self.places.len()).filter(|at| self.places[*at].id == name.tag).collect(),
            above => vec![self.place(line, &[above, &[Part::any(name.tag)]].concat())?],
        };
        if places.is_empty() {
            return Err(line.error(format!("{} is not used in the {}", name.tag, self.base.set)));
        }
        let Some(rule) = self.element_rule(line, name, demand)? else { return Ok(()) };
        for at in places {
            // A loop and its first segment are one place for whoever reads a guide, and two for the walk.
            let first = self.places[at].content.as_ref().map(|content| content.start);
            let outer = self.around[at].first().copied().filter(|outer| self.is_first_of(at, *outer));
            for at in [Some(at), first, outer].into_iter().flatten() {
                let rules = self.elements.entry(at).or_default();
                if !rules.iter().any(|known| known.cited.words == rule.cited.words) {
                    rules.push(rule.clone());
                }
            }
        }
        Ok(())
    }

    fn is_first_of(&self, at: usize, outer: usize) -> bool {
        self.places[outer].content.as_ref().is_some_and(|content| content.start == at)
    }

    /// The place that a path means: `N1/N3` goes from loop to loop; `REF` is the set's own, or the only one that there is.
    fn place(&self, line: &Line, path: &[Part]) -> Result<usize, ParseError> {
        let mut content = self.base.content.clone();
        for (index, Part { id, .. }) in path.iter().enumerate() {
            let here: Vec<usize> = content.clone().filter(|at| self.places[*at].id == *id).collect();
            let at = match here[..] {
                [at] => at,
                [] if path.len() == 1 => self.only_place(line, id)?,
                [] => return Err(line.error(format!("{id} does not stand there in the {}", self.base.set))),
                _ => return Err(line.error(format!("{id} stands there twice"))),
            };
            if index + 1 == path.len() {
                return Ok(at);
            }
            let within = self.places[at].content.clone();
            content = within.ok_or_else(|| line.error(format!("{id} is no loop in the {}", self.base.set)))?;
        }
        Err(line.error("expected a segment, found nothing"))
    }

    /// The place of a segment that stands in one loop only.
    fn only_place(&self, line: &Line, id: &str) -> Result<usize, ParseError> {
        let is_first = |at: usize| self.around[at].first().is_some_and(|outer| self.is_first_of(at, *outer));
        let all: Vec<usize> = (0..self.places.len()).filter(|at| self.places[*at].id == id && !is_first(*at)).collect();
        match all[..] {
            [at] => Ok(at),
            [] => Err(line.error(format!("{id} is not used in the {}", self.base.set))),
            _ => {
                let paths: Vec<String> = all.iter().map(|at| self.base.path(*at)).collect();
                Err(line.error(format!("expected one of {}, found {id:?}", paths.join(", "))))
            }
        }
    }

    fn cited(&self, line: &Line) -> Cited {
        let words = format!("{} guide, {} line {}", possessive(self.whose.name), self.whose.file, line.number);
        Cited { words, line: line.number, layer: self.layer }
    }

    fn rules_at(&mut self, at: usize) -> &mut PlaceRules {
        self.places[at].rules.get_or_insert_default()
    }

    fn guide(mut self, title: &str, text: &'static str) -> Guide {
        for (at, rules) in std::mem::take(&mut self.elements) {
            if let Some(spec) = self.base.dictionary.segment_by_tag(Tag::of(self.places[at].id)) {
                // It is part of a guide, which stays for the life of the program.
                let spec: &'static SegmentSpec = Box::leak(Box::new(spec.narrowed(rules)));
                self.rules_at(at).spec = Some(spec);
            }
        }
        let overlay = Overlaid {
            partner: self.whose.name.to_owned(),
            file: self.whose.file.to_owned(),
            title: title.to_owned(),
            text,
            rules: self.rules,
        };
        let base = self.base;
        Guide {
            set: base.set,
            version: base.version,
            name: base.name,
            functional_id: base.functional_id,
            counted: base.counted,
            hashed: base.hashed,
            places: self.places,
            content: base.content.clone(),
            dictionary: base.dictionary,
            steps: OnceLock::new(),
            layer: base.layer,
            text: base.text,
            overlay: Some(overlay),
            qualified: self.qualified,
        }
    }
}

/// A value without the comment behind it.
fn uncommented(text: &'static str) -> &'static str {
    if text == "#" || text.starts_with("# ") {
        return "";
    }
    text.split(" # ").next().unwrap_or_default().trim_end_matches(" #").trim_end()
}

fn many(max: u32) -> String {
    if max == u32::MAX { "any".to_owned() } else { max.to_string() }
}

fn possessive(name: &str) -> String {
    if name.ends_with('s') { format!("{name}'") } else { format!("{name}'s") }
}

#[cfg(test)]
mod tests;
