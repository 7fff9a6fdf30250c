//! Headers against trailers: counts, control numbers, what must be unique, and to which level a fault belongs.

use std::collections::{BTreeMap, HashSet};

use super::judge::{Judged, Judges};
use super::{
    ExaminedSet, GroupReport, GroupVerdict, InterchangeReport, Keep, Report, SetReport, SetVerdict, group_verdict,
    set_verdict,
};
use crate::diagnostic::codes::x12;
use crate::diagnostic::{AckCode, Code, Diagnostic, Place, SegmentSpot, Spot};
use crate::x12::acknowledgment::InterchangeAcknowledgment;
use crate::x12::envelope::{GroupHeader, InterchangeHeader, functional_id, is_functional_id, names_a_guide};
use crate::x12::segment::{Segment, SetText};
use crate::x12::value::read_count;

/// The report as far as the file was read.
pub(super) struct Progress {
    pub report: Report,
    keep: Keep,
    file: Option<String>,
    in_interchange: bool,
    in_group: bool,
    /// GS06 of the interchange's groups and ST02 of the group's sets, without leading zeros where they are numbers.
    groups_seen: HashSet<String>,
    sets_seen: Seen,
    /// Faults of a set that the reader is about to hand over.
    of_next_set: Vec<Diagnostic>,
}

/// The most that GE01 and AK902 can say (element 97).
const MAX_INCLUDED: u32 = 999_999;

/// What the reader gives up a set for.
const LEAVES_ONLY_ST: [Code; 4] = [&x12::SET_TOO_LARGE, &x12::BINARY_LENGTH, &x12::BINARY_END, &x12::BINARY_TOO_LONG];

/// Which envelope a fault belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    File,
    Interchange,
    Group,
    Set,
}

impl Progress {
    pub fn new(file: Option<&str>, keep: Keep) -> Self {
        Progress {
            report: Report::default(),
            keep,
            file: file.map(str::to_owned),
            in_interchange: false,
            in_group: false,
            groups_seen: HashSet::new(),
            sets_seen: Seen::default(),
            of_next_set: Vec::new(),
        }
    }

    pub fn start_interchange(&mut self, header: InterchangeHeader) {
        let bytes = header.offset..header.offset;
        self.in_interchange = true;
        self.groups_seen.clear();
        let (acknowledgments, groups, diagnostics) = Default::default();
        self.report.interchanges.push(InterchangeReport { header, acknowledgments, groups, bytes, diagnostics });
    }

    pub fn between_envelopes(&mut self, text: &SetText) {
        let Some(segment) = text.first().filter(|segment| segment.tag() == "TA1") else { return };
        let element = |number| segment.text(number).into_owned();
        let acknowledgment = InterchangeAcknowledgment {
            control_number: element(1),
            date: element(2),
            time: element(3),
            verdict: element(4),
            note: element(5),
        };
        if let Some(interchange) = self.report.interchanges.last_mut() {
            interchange.acknowledgments.push(acknowledgment);
        }
    }

    pub fn start_group(&mut self, header: GroupHeader) {
        self.in_group = true;
        self.sets_seen = Seen::default();
        let number = header.control_number.trim_start_matches('0').to_owned();
        let is_new = self.groups_seen.insert(number);
        let place = header_place(&header, 6);
        let message = format!("GS06 {} was used by an earlier group of this interchange", header.control_number);
        let found = header.control_number.clone();
        let unsupported = unsupported_group(&header);
        let bytes = header.offset..header.offset;
        let verdict = GroupVerdict::Accepted;
        let (sets, diagnostics) = Default::default();
        let group = GroupReport { header, sets, clean: 0, sets_included: 0, bytes, diagnostics, verdict };
        if let Some(interchange) = self.report.interchanges.last_mut() {
            interchange.groups.push(group);
        }
        if !is_new {
            let fault =
                Diagnostic::new(&x12::DUPLICATE_GROUP, message).expected("a number not used before").found(found);
            self.problem(fault.acknowledged_as(AckCode::Group(19)).at(place));
        }
        if let Some(fault) = unsupported {
            self.problem(fault);
        }
    }

    /// Takes a set in: what is wrong with its envelope is known then.
    pub fn take(&mut self, text: SetText) -> Option<Waiting> {
        let mut diagnostics = std::mem::take(&mut self.of_next_set);
        let group = self.report.interchanges.last()?.groups.last()?;
        let st = text.first()?;
        header_faults(st, &group.header, &mut self.sets_seen, &mut diagnostics);
        // Of a set that is too large, or that ends in doubt, only the ST is there.
        let is_whole = !diagnostics.iter().any(|fault| LEAVES_ONLY_ST.contains(&fault.code));
        if is_whole {
            trailer_faults(st, &text, &mut diagnostics);
        }
        Some(Waiting { text, diagnostics, is_whole })
    }

    /// The envelopes that are open.
    pub fn open(&self) -> Option<(&InterchangeHeader, &GroupHeader)> {
        let interchange = self.report.interchanges.last()?;
        Some((&interchange.header, &interchange.groups.last()?.header))
    }

    /// The file's name, for places.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Files the report of a set, which must be the next of its group.
    pub fn settle(&mut self, Judgment { report, unknown_version }: Judgment) {
        let Some(group) = self.report.interchanges.last_mut().and_then(|one| one.groups.last_mut()) else { return };
        // That the version is unknown is a fault of the group, told once.
        if let Some(fault) = unknown_version
            && !group.diagnostics.iter().any(|fault| fault.code == &x12::GROUP_VERSION)
        {
            group.diagnostics.push(fault);
        }
        group.bytes.end = report.bytes.end;
        if self.keep == Keep::Faulty && report.diagnostics.is_empty() && report.verdict == SetVerdict::Accepted {
            group.clean += 1;
        } else {
            group.sets.push(report);
        }
    }

    pub fn end_group(&mut self, trailer: Option<&SetText>) {
        let Some(group) = self.report.interchanges.last_mut().and_then(|one| one.groups.last_mut()) else { return };
        let counted = u32::try_from(group.sets.len()).unwrap_or(u32::MAX).saturating_add(group.clean);
        group.sets_included = counted;
        let mut faults = Vec::new();
        if let Some((trailer, ge)) = trailer.and_then(|trailer| Some((trailer, trailer.first()?))) {
            group.bytes.end = trailer.end_offset();
            let included = read_count(&ge.text(1)).ok();
            group.sets_included = included.filter(|count| *count <= MAX_INCLUDED).unwrap_or(counted);
            if included != Some(counted) {
                let message = format!("GE01 says {} transaction sets, counted {counted}", ge.text(1));
                faults.push(count_fault(&x12::GE_COUNT, message, counted, ge, AckCode::Group(5)));
            }
            let same = read_count(&ge.text(2)).ok() == read_count(&group.header.control_number).ok();
            if !same || ge.text(2).is_empty() {
                let fault = number_fault(&x12::GE_CONTROL_NUMBER, "GE02", "GS06", &group.header.control_number, ge);
                faults.push(fault.acknowledged_as(AckCode::Group(4)));
            }
            if counted == 0 && faults.is_empty() {
                let fault = Diagnostic::new(&x12::EMPTY_GROUP, "no transaction set between GS and GE");
                faults.push(fault.expected("ST").found("GE").at(ge.place()));
            }
        }
        for mut fault in faults {
            fault.place.file = self.file.clone();
            group.diagnostics.push(fault);
        }
        group.verdict = group_verdict(&group.diagnostics, &group.sets, group.clean);
        // A group whose envelope is wrong may have lost a set: none of it is used.
        if group.diagnostics.iter().any(Diagnostic::is_error) {
            group.sets.iter_mut().for_each(|set| set.verdict = SetVerdict::Rejected);
        }
        self.in_group = false;
    }

    pub fn end_interchange(&mut self, trailer: Option<&SetText>, end: u64) {
        let mut faults = Vec::new();
        if let (Some(interchange), Some(iea)) = (self.report.interchanges.last(), trailer.and_then(SetText::first)) {
            let counted = u32::try_from(interchange.groups.len()).unwrap_or(u32::MAX);
            let only_acknowledgments = counted == 0 && !interchange.acknowledgments.is_empty();
            let included = read_count(&iea.text(1)).ok();
            // A TA1 alone counts as no group; some senders count it as one.
            if included != Some(counted) && !(only_acknowledgments && included == Some(1)) {
                let message = format!("IEA01 says {} functional groups, counted {counted}", iea.text(1));
                faults.push(count_fault(&x12::IEA_COUNT, message, counted, iea, AckCode::Interchange(21)));
            }
            let header_number = &interchange.header.control_number;
            if format!("{:0>9}", iea.text(2).trim()) != format!("{header_number:0>9}") {
                let fault = number_fault(&x12::IEA_CONTROL_NUMBER, "IEA02", "ISA13", header_number, iea);
                faults.push(fault.acknowledged_as(AckCode::Interchange(1)));
            }
        }
        for fault in faults {
            self.problem(fault);
        }
        if let Some(interchange) = self.report.interchanges.last_mut() {
            interchange.bytes.end = end;
        }
        self.in_interchange = false;
    }

    /// Files a fault of the reader's under the envelope that it concerns.
    pub fn problem(&mut self, mut fault: Diagnostic) {
        fault.place.file = self.file.clone();
        let level = self.level_of(&fault);
        let interchange = self.report.interchanges.last_mut();
        match (level, interchange) {
            (Level::Set, _) => self.of_next_set.push(fault),
            (Level::Interchange, Some(interchange)) => interchange.diagnostics.push(fault),
            (Level::Group, Some(interchange)) => match interchange.groups.last_mut() {
                Some(group) => group.diagnostics.push(fault),
                None => interchange.diagnostics.push(fault),
            },
            (Level::File, _) | (_, None) => self.report.diagnostics.push(fault),
        }
    }

    fn level_of(&self, fault: &Diagnostic) -> Level {
        if !self.in_interchange {
            return Level::File;
        }
        match (&fault.ack, &fault.place.spot) {
            (Some(AckCode::Interchange(_)), _) => Level::Interchange,
            (Some(AckCode::Group(_)), _) => Level::Group,
            (_, Spot::Segment(spot)) if spot.set.is_some() => Level::Set,
            (_, Spot::Segment(spot)) if spot.tag == "ISA" => Level::Interchange,
            _ if self.in_group => Level::Group,
            _ => Level::Interchange,
        }
    }
}

/// A set whose envelope was looked at.
pub(super) struct Waiting {
    text: SetText,
    diagnostics: Vec<Diagnostic>,
    is_whole: bool,
}

/// What became of it.
pub(super) struct Judgment {
    report: SetReport,
    unknown_version: Option<Diagnostic>,
}

impl Waiting {
    /// Checks it against its guide and shows it to `work`.
    pub fn judged<T>(
        self,
        file: Option<&str>,
        interchange: &InterchangeHeader,
        group: &GroupHeader,
        judges: Judges<'_>,
        work: impl FnOnce(ExaminedSet<'_>) -> T,
    ) -> (Judgment, T) {
        let Waiting { text, mut diagnostics, is_whole } = self;
        let (id, control_number) = text.first().map(|st| (st.text(1), st.text(2))).unwrap_or_default();
        let convention = text.first().map(|st| st.text(3).into_owned()).unwrap_or_default();
        let (mut checked, mut unknown_version) = (None, None);
        match is_whole.then(|| judges(&text, &id, &group.version)) {
            Some(Judged::Checked(mut its)) => {
                diagnostics.append(&mut its.diagnostics);
                checked = Some(its);
            }
            Some(Judged::UnknownVersion) => unknown_version = Some(unknown_version_of(group, &id)),
            // What ST01 does not say at all was already complained of.
            Some(Judged::UnknownSet) if is_set_id(&id) => {
                diagnostics.extend(text.first().map(|st| unsupported(st, &id)))
            }
            Some(Judged::UnknownSet) | None => {}
        }
        for fault in diagnostics.iter_mut().chain(&mut unknown_version) {
            fault.place.file = file.map(str::to_owned);
        }
        let verdict = if unknown_version.is_none() { set_verdict(&diagnostics) } else { SetVerdict::Rejected };
        let report = SetReport {
            id: id.into_owned(),
            control_number: control_number.into_owned(),
            convention,
            bytes: text.offset()..text.end_offset(),
            segments: u32::try_from(text.len()).unwrap_or(u32::MAX),
            diagnostics,
            verdict,
        };
        let made = work(ExaminedSet { interchange, group, text: &text, checked: checked.as_ref(), report: &report });
        (Judgment { report, unknown_version }, made)
    }
}

/// Control numbers of the sets of one group. Those that count up, as nearly all do, take one entry together.
#[derive(Default)]
struct Seen {
    /// Numbers of up to nine digits by how they are written: length and value of the first, and the value of the last.
    runs: BTreeMap<(usize, u32), u32>,
    others: HashSet<String>,
}

impl Seen {
    /// False when it was there before.
    fn insert(&mut self, number: &str) -> bool {
        let length = number.len();
        let value = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok()).flatten();
        let Some(value) = value.filter(|_| length < 10) else { return self.others.insert(number.to_owned()) };
        let before = self.runs.range_mut((length, 0)..=(length, value)).next_back();
        match before {
            Some((_, last)) if *last >= value => return false,
            Some((_, last)) if *last + 1 == value => *last = value,
            _ => drop(self.runs.insert((length, value), value)),
        }
        true
    }
}

fn is_set_id(id: &str) -> bool {
    id.len() == 3 && id.bytes().all(|byte| byte.is_ascii_digit())
}

fn header_faults(st: Segment<'_>, group: &GroupHeader, seen: &mut Seen, faults: &mut Vec<Diagnostic>) {
    let (id, number) = (st.text(1), st.text(2));
    if !is_set_id(&id) {
        let fault = Diagnostic::new(&x12::SET_ID, "ST01 is no transaction set identifier").expected("three digits");
        faults.push(fault.found(&*id).acknowledged_as(AckCode::Set(6)).at(st.element_place(1)));
    } else if let Some(expected) = functional_id(&id).filter(|expected| *expected != group.functional_id) {
        let message = format!("an {id} travels in a group {expected}, found it in a group {}", group.functional_id);
        // Table 718 can say it from 005010 on; before, the identifier is simply not valid here.
        let code = if *group.version >= *"005010" { 18 } else { 6 };
        let fault = Diagnostic::new(&x12::SET_IN_WRONG_GROUP, message).expected(expected).found(&*group.functional_id);
        faults.push(fault.acknowledged_as(AckCode::Set(code)).at(st.element_place(1)));
    }
    let length = number.chars().count();
    if length == 0 || length > 9 {
        let fault =
            Diagnostic::new(&x12::SET_CONTROL_NUMBER, "ST02 is no control number").expected("4 to 9 characters");
        faults.push(fault.found(&*number).acknowledged_as(AckCode::Set(7)).at(st.element_place(2)));
    } else if length < 4 {
        let message = format!("ST02 has {length} characters, expected at least 4");
        let fault = Diagnostic::new(&x12::SHORT_SET_CONTROL_NUMBER, message).expected("4 to 9 characters");
        faults.push(fault.found(&*number).acknowledged_as(AckCode::Set(7)).at(st.element_place(2)));
    }
    if length > 0 && !seen.insert(&number) {
        let message = format!("ST02 {number} was used by an earlier set of this group");
        let fault = Diagnostic::new(&x12::DUPLICATE_SET, message).expected("a number not used before").found(&*number);
        faults.push(fault.acknowledged_as(AckCode::Set(23)).at(st.element_place(2)));
    }
    let convention = st.text(3);
    if *group.version >= *"005010"
        && names_a_guide(&group.version)
        && !convention.is_empty()
        && *convention != *group.version
    {
        let message = format!("ST03 says {convention}, GS08 says {}", group.version);
        let fault = Diagnostic::new(&x12::OTHER_CONVENTION, message).expected(&*group.version).found(&*convention);
        faults.push(fault.acknowledged_as(AckCode::Set(19)).at(st.element_place(3)));
    }
}

/// SE against what was counted; a set without SE was already complained of by the reader.
fn trailer_faults(st: Segment<'_>, text: &SetText, faults: &mut Vec<Diagnostic>) {
    let Some(se) = text.last().filter(|last| last.tag() == "SE") else { return };
    let counted = u32::try_from(text.len()).unwrap_or(u32::MAX);
    if read_count(&se.text(1)) != Ok(counted) {
        let message = format!("SE01 says {} segments, counted {counted}", se.text(1));
        faults.push(count_fault(&x12::SE_COUNT, message, counted, se, AckCode::Set(4)));
    }
    if se.text(2) != st.text(2) {
        let fault = number_fault(&x12::SE_CONTROL_NUMBER, "SE02", "ST02", &st.text(2), se);
        faults.push(fault.acknowledged_as(AckCode::Set(3)));
    }
}

fn count_fault(code: Code, message: String, counted: u32, trailer: Segment<'_>, ack: AckCode) -> Diagnostic {
    let fault = Diagnostic::new(code, message).expected(counted.to_string()).found(trailer.text(1));
    fault.acknowledged_as(ack).at(trailer.element_place(1))
}

fn number_fault(
    code: Code,
    trailer_name: &str,
    header_name: &str,
    header_number: &str,
    trailer: Segment<'_>,
) -> Diagnostic {
    let message = format!("{trailer_name} says {}, {header_name} says {header_number}", trailer.text(2));
    Diagnostic::new(code, message).expected(header_number).found(trailer.text(2)).at(trailer.element_place(2))
}

fn unsupported(st: Segment<'_>, id: &str) -> Diagnostic {
    Diagnostic::new(&x12::SET_UNSUPPORTED, format!("there is no guide for transaction set {id}"))
        .found(id)
        .acknowledged_as(AckCode::Set(1))
        .at(st.element_place(1))
}

fn unsupported_group(group: &GroupHeader) -> Option<Diagnostic> {
    if is_functional_id(&group.functional_id) {
        return None;
    }
    let message = format!("a functional group {} is of no kind that is known here", group.functional_id);
    let fault = Diagnostic::new(&x12::GROUP_KIND, message).expected("a kind that was agreed on, such as PO");
    Some(fault.found(&*group.functional_id).acknowledged_as(AckCode::Group(1)).at(header_place(group, 1)))
}

fn unknown_version_of(group: &GroupHeader, id: &str) -> Diagnostic {
    Diagnostic::new(&x12::GROUP_VERSION, format!("transaction set {id} is not supported at version {}", group.version))
        .expected("a version that was agreed on, such as 004010")
        .found(&*group.version)
        .acknowledged_as(AckCode::Group(2))
        .at(header_place(group, 8))
}

fn header_place(group: &GroupHeader, element: u16) -> Place {
    let spot = SegmentSpot { tag: "GS".to_owned(), element: Some(element), ..Default::default() };
    Place { file: None, byte: Some(group.offset), spot: Spot::Segment(spot) }
}
