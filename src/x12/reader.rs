//! Bytes to envelope parts and transaction sets, one set in memory at a time.
//!
//! ```text
//! ISA*…~GS*PO*…~ST*850*0001~BEG*…~SE*3*0001~GE*1*101~IEA*1*000000101~
//!   -> InterchangeStart, GroupStart, Set, GroupEnd, InterchangeEnd
//! ```
//!
//! The reader says where envelopes begin and end and what is missing between; whether counts and control numbers
//! agree is `examine`'s. It goes on after a fault only where the next envelope segment makes that certain: it
//! never searches for `ISA` in data. A problem precedes the part it concerns.
//!
//! Where a binary segment ends in doubt, everything behind it is: it may be data, even if it looks like an envelope. Reading
//! goes on at the trailer of the group or interchange that is open, which is known by its control number.

mod between;
mod doubt;
mod foreign;
mod tag;
#[cfg(test)]
mod tests;
mod window;

use std::collections::VecDeque;
use std::io;

use super::binary::{HEAD_WINDOW, Head};
use super::delimiters::{Delimiters, ISA_WINDOW, Isa, begins_isa, learn};
use super::envelope::{GroupHeader, InterchangeHeader};
use super::header::{isa_place, quote, read_gs, read_isa};
use super::segment::{Room, SetText, body, is_blank, text_of};
use crate::diagnostic::codes::x12;
use crate::diagnostic::{AckCode, Diagnostic, Place, SegmentSpot, Spot};
use between::is_filler;
use doubt::Doubt;
use foreign::show;
use tag::Tag;
use window::{End, Window};

/// The largest transaction set that is held in memory; a larger one is refused with a diagnostic.
/// Its spans may take twice as much again.
pub const MAX_SET_BYTES: usize = 64 << 20;
/// Bytes of a segment that are quoted.
const MAX_QUOTE: usize = 400;
/// The longest segment that is read; no X12 segment comes near it but a [binary](super::binary) one.
pub const MAX_SEGMENT_BYTES: usize = 1 << 20;

/// One step through a file, in the file's order. Bad structure arrives as `Problem` and reading goes on where that is certain.
#[derive(Debug)]
pub enum Part {
    /// ISA.
    InterchangeStart(InterchangeHeader),
    /// TA1, or another segment that stands between ISA and GS; the segment alone.
    BetweenEnvelopes(SetText),
    /// GS.
    GroupStart(GroupHeader),
    /// ST to SE, complete or not (the check says what is missing). Of a set that is too large or ends in doubt, the ST alone.
    Set(SetText),
    /// GE, with its two elements as written; `None` when the group ended without one.
    GroupEnd(Option<SetText>),
    /// IEA; `None` when the interchange ended without one. The offset is that of the byte after it.
    InterchangeEnd(Option<SetText>, u64),
    /// Something wrong with the structure.
    Problem(Diagnostic),
}

/// Reads a file of any size; `source` gives bytes, an error of it is ours and not the sender's.
#[derive(Debug)]
pub struct Reader<R> {
    window: Window<R>,
    /// Parts that are known and not yet handed out; never more than one step makes.
    ready: VecDeque<Part>,
    level: Level,
    delimiters: Delimiters,
    /// Offset of the open interchange's ISA and of the open group's GS, for what is missing at their end.
    isa_offset: u64,
    gs_offset: u64,
    set: Option<OpenSet>,
    /// What the last set needed; the next one is most likely like it.
    last_room: Room,
    interchanges: u64,
    max_set_bytes: usize,
    told: Told,
    doubt: Doubt,
    finished: bool,
}

/// How deep in the envelopes the next segment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    File,
    Interchange,
    Group,
}

#[derive(Debug)]
struct OpenSet {
    text: SetText,
    too_large: bool,
}

/// What was said once and is not worth saying again of this interchange or run.
#[derive(Debug, Default)]
struct Told {
    wrapped: bool,
    empty: bool,
    stray: bool,
    filler: bool,
}

/// What stands next in the window.
enum Next {
    /// A segment of that many bytes, leading blanks and terminator included.
    Segment(usize),
    /// A binary segment: blanks before it, all of its bytes with its terminator, and how it begins.
    Binary(usize, usize, Head),
    /// A binary segment that does not end where it says, after blanks.
    Unending(usize, Head),
    /// An ISA, after blanks that were already taken.
    Isa(Isa),
    /// Bytes to the end of the file without a terminator; none when it ends cleanly.
    Rest(usize),
    TooLong,
}

impl<R: io::Read> Reader<R> {
    /// Starts at the file's first byte.
    pub fn new(source: R) -> Self {
        Reader {
            window: Window::new(source),
            ready: VecDeque::new(),
            level: Level::File,
            delimiters: Delimiters::default(),
            isa_offset: 0,
            gs_offset: 0,
            set: None,
            last_room: Room::default(),
            interchanges: 0,
            max_set_bytes: MAX_SET_BYTES,
            told: Told::default(),
            doubt: Doubt::default(),
            finished: false,
        }
    }

    /// The next part, `None` at the end of the file.
    // Not an Iterator: a source that failed must not be read on, and `?` reads better than `Option<Result<_>>`.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> io::Result<Option<Part>> {
        while self.ready.is_empty() && !self.finished {
            match self.level {
                Level::File => self.read_header()?,
                Level::Interchange | Level::Group => self.read_segment()?,
            }
        }
        Ok(self.ready.pop_front())
    }

    fn start_interchange(&mut self, isa: &Isa) {
        self.isa_offset = self.window.offset();
        let (header, faults) = read_isa(isa, self.isa_offset);
        self.window.take(isa.length);
        self.level = Level::Interchange;
        self.delimiters = isa.delimiters;
        self.window.expect(isa.delimiters);
        self.interchanges += 1;
        self.told = Told::default();
        self.doubt = Doubt::of_interchange(&header.control_number);
        self.ready.push_back(Part::InterchangeStart(header));
        for fault in faults {
            self.problem(fault);
        }
        if isa.layout.is_wrapped() {
            self.tell_wrapped(self.isa_offset);
        }
    }

    fn read_segment(&mut self) -> io::Result<()> {
        if self.doubt.is_open() {
            return self.pass_doubtful();
        }
        self.take_run();
        match self.find_next()? {
            Next::Segment(length) => self.take_segment(length),
            Next::Binary(lead, length, head) => self.take_binary(lead, length, head),
            Next::Unending(lead, head) => self.doubt_length(lead, Some(head)),
            Next::Isa(isa) => {
                self.close_interchange_without_trailer(22, "another ISA");
                self.start_interchange(&isa);
            }
            Next::Rest(length) => self.take_rest(length),
            Next::TooLong => {
                let message = format!("no segment terminator within {MAX_SEGMENT_BYTES} bytes");
                let fault = Diagnostic::new(&x12::SEGMENT_TOO_LONG, message)
                    .expected(format!("{} at the end of each segment", quote(self.delimiters.terminator)))
                    .acknowledged_as(AckCode::Interchange(4));
                // Said of the interchange: nothing after this byte can be read.
                let place = Place { byte: Some(self.window.offset()), ..isa_place(self.isa_offset, None) };
                self.problem(fault.at(place));
                self.close_interchange_without_trailer(23, "a segment without an end");
                self.finished = true;
            }
        }
        Ok(())
    }

    /// Moves the plain data segments that stand next into the open set, many at once. What structures the file, and whatever
    /// needs a second look, is left for the steps that look at one segment.
    fn take_run(&mut self) {
        let Some(set) = self.set.as_mut().filter(|set| !set.too_large) else { return };
        let taken = set.text.push_run(&self.window.run(), is_structural);
        if taken > 0 {
            self.window.take(taken);
            self.limit_set();
        }
    }

    fn find_next(&mut self) -> io::Result<Next> {
        let blanks = self.count_blanks()?;
        let ahead = &self.window.look_ahead(blanks + 4)?[blanks..];
        let may_be_binary = ahead.first() == Some(&b'B');
        if begins_isa(ahead) {
            let bytes = &self.window.look_ahead(blanks + ISA_WINDOW)?[blanks..];
            // Only a header that can be read is one; else the segment is judged like any other.
            if let Ok(isa) = learn(bytes) {
                self.window.take(blanks);
                if let Some(set) = &mut self.set {
                    set.text.skip(blanks);
                }
                return Ok(Next::Isa(isa));
            }
        }
        if may_be_binary {
            let bytes = &self.window.look_ahead(blanks + HEAD_WINDOW)?[blanks..];
            if let Some(head) = Head::read(bytes, self.delimiters) {
                return self.find_end_of_data(blanks, head);
            }
        }
        Ok(match self.window.segment_end(blanks, MAX_SEGMENT_BYTES)? {
            End::Found(length) => Next::Segment(length),
            End::OfSource(length) => Next::Rest(length),
            End::TooFar => Next::TooLong,
        })
    }

    /// Binary data ends where its length says, or nobody knows where.
    fn find_end_of_data(&mut self, blanks: usize, head: Head) -> io::Result<Next> {
        let Some(data) = head.data() else { return Ok(Next::Unending(blanks, head)) };
        let end = blanks + data.end;
        let is_ended = self.window.look_ahead(end + 1)?.get(end) == Some(&self.delimiters.terminator);
        Ok(if is_ended { Next::Binary(blanks, end + 1, head) } else { Next::Unending(blanks, head) })
    }

    /// How many blanks stand before the next segment.
    fn count_blanks(&mut self) -> io::Result<usize> {
        let element = self.delimiters.element;
        let mut count = 0;
        loop {
            let bytes = self.window.look_ahead(count + 1)?;
            let more = bytes[count..].iter().take_while(|&&byte| is_blank(byte) && byte != element).count();
            if more == 0 || count > MAX_SEGMENT_BYTES {
                return Ok(count);
            }
            count += more;
        }
    }

    /// Deals with the next segment, or closes what it shows to be without a trailer and leaves it for the next step.
    fn take_segment(&mut self, length: usize) {
        let bytes = &self.window.bytes()[..length];
        let segment = &bytes[body(bytes, self.delimiters)];
        if segment.is_empty() {
            return self.take_empty(length);
        }
        let tag = Tag::of(segment, self.delimiters);
        match (self.level, tag) {
            // What begins as it should was dealt with by its length.
            (_, Tag::Binary) => self.doubt_length(body(bytes, self.delimiters).start, None),
            (_, Tag::Se) if self.set.is_some() => {
                self.push_to_set(length);
                self.finish_set();
            }
            (_, Tag::St | Tag::Gs | Tag::Ge | Tag::Iea) if self.set.is_some() => {
                self.close_set_without_trailer(tag.name())
            }
            (_, _) if self.set.is_some() => self.push_to_set(length),
            (Level::Group, Tag::St) => {
                self.told.stray = false;
                let lead = self.take_blanks(length);
                let text = SetText::with_room(self.window.offset(), self.delimiters, self.last_room);
                self.set = Some(OpenSet { text, too_large: false });
                self.push_to_set(length - lead);
            }
            (Level::Group, Tag::Ge) => {
                let trailer = self.take_alone(length);
                self.ready.push_back(Part::GroupEnd(Some(trailer)));
                self.level = Level::Interchange;
            }
            (Level::Group, Tag::Gs | Tag::Iea) => self.close_group_without_trailer(tag.name()),
            (Level::Interchange, Tag::Gs) => self.start_group(length),
            (Level::Interchange, Tag::Iea) => {
                let trailer = self.take_alone(length);
                self.ready.push_back(Part::InterchangeEnd(Some(trailer), self.window.offset()));
                self.level = Level::File;
            }
            (Level::Interchange, Tag::BetweenEnvelopes) => {
                let segment = self.take_alone(length);
                self.ready.push_back(Part::BetweenEnvelopes(segment));
            }
            _ => self.take_stray(length, tag),
        }
    }

    fn take_binary(&mut self, lead: usize, length: usize, head: Head) {
        if self.set.is_none() {
            self.window.take(lead);
            let mut text = SetText::starting_at(self.window.offset(), self.delimiters);
            text.push_binary(&self.window.bytes()[..length - lead], 0, head);
            self.window.take(length - lead);
            return self.tell_stray(&text, Tag::Binary);
        }
        if let Some(set) = &mut self.set {
            match set.too_large {
                true => set.text.skip(length),
                false => set.text.push_binary(&self.window.bytes()[..length], lead, head),
            }
        }
        self.window.take(length);
        self.limit_set();
    }

    fn start_group(&mut self, length: usize) {
        self.told.stray = false;
        let gs = self.take_alone(length);
        self.gs_offset = gs.offset();
        self.level = Level::Group;
        if let Some(segment) = gs.first() {
            let (header, faults) = read_gs(segment);
            self.doubt.enter_group(&header.control_number);
            self.ready.push_back(Part::GroupStart(header));
            self.ready.extend(faults.into_iter().map(Part::Problem));
        }
    }

    /// A segment outside every set; the segments that follow it in the same wrong place are not named one by one.
    fn take_stray(&mut self, length: usize, tag: Tag) {
        let stray = self.take_alone(length);
        self.tell_stray(&stray, tag);
    }

    fn tell_stray(&mut self, stray: &SetText, tag: Tag) {
        let Some(segment) = stray.first().filter(|_| !self.told.stray) else { return };
        self.told.stray = true;
        let fault = if tag == Tag::St {
            Diagnostic::new(&x12::SET_OUTSIDE_GROUP, "a transaction set begins outside any functional group")
                .expected("GS before ST")
        } else {
            let name = segment.raw().escape_ascii().to_string();
            let name = name.split(char::from(self.delimiters.element)).next().unwrap_or_default();
            let message =
                format!("segment {} stands outside any transaction set", name.chars().take(20).collect::<String>());
            Diagnostic::new(&x12::STRAY_SEGMENT, message).expected(match self.level {
                Level::Group => "ST or GE",
                _ => "TA1, GS or IEA",
            })
        };
        let note = if self.level == Level::Group { 24 } else { 22 };
        let found = &segment.raw()[..segment.raw().len().min(MAX_QUOTE)];
        let fault = fault.found(text_of(found)).acknowledged_as(AckCode::Interchange(note)).at(segment.place());
        self.problem(fault);
    }

    fn take_empty(&mut self, length: usize) {
        if !self.told.empty {
            self.told.empty = true;
            let byte = self.window.offset() + length as u64 - 1;
            let place = Place { byte: Some(byte), ..isa_place(self.isa_offset, None) };
            self.problem(Diagnostic::new(&x12::EMPTY_SEGMENT, "two segment terminators in a row").at(place));
        }
        if let Some(set) = self.set.as_mut().filter(|set| !set.too_large) {
            push(&mut set.text, &self.window, length);
        }
        self.window.take(length);
        self.limit_set();
    }

    /// Moves the next segment into the open set.
    fn push_to_set(&mut self, length: usize) {
        let offset = self.window.offset();
        let Some(set) = &mut self.set else { return };
        let mut wrapped = false;
        if set.too_large {
            set.text.skip(length);
        } else {
            wrapped = push(&mut set.text, &self.window, length);
        }
        self.window.take(length);
        if wrapped {
            self.tell_wrapped(offset);
        }
        self.limit_set();
    }

    /// Lets go of a set that has grown too large: what follows is only looked at for its end.
    fn limit_set(&mut self) {
        let limit = self.max_set_bytes;
        let Some(set) = self.set.as_mut().filter(|set| !set.too_large) else { return };
        if set.text.bytes().len() <= limit && set.text.index_size() <= 2 * limit {
            return;
        }
        set.too_large = true;
        set.text.keep_first_segment();
        let fault = Diagnostic::new(&x12::SET_TOO_LARGE, "the transaction set is too large to be held")
            .expected(format!("at most {limit} bytes from ST to SE"))
            .acknowledged_as(AckCode::Set(5));
        let place = set.text.first().map(|st| st.place()).unwrap_or_default();
        self.problem(fault.at(place));
    }

    fn finish_set(&mut self) {
        if let Some(set) = self.set.take() {
            self.last_room = set.text.room();
            self.ready.push_back(Part::Set(set.text));
        }
    }

    fn close_set_without_trailer(&mut self, before: &str) {
        let Some(OpenSet { text, .. }) = &self.set else { return };
        let mut place = text.first().map(|st| st.place()).unwrap_or_default();
        place.byte = Some(self.window.offset());
        if let Spot::Segment(spot) = &mut place.spot {
            spot.tag = "SE".to_owned();
            spot.position = text.len() as u32 + 1;
        }
        let fault = Diagnostic::new(&x12::MISSING_SE, format!("the transaction set has no SE before {before}"))
            .expected("SE")
            .found(before)
            .acknowledged_as(AckCode::Set(2));
        self.problem(fault.at(place));
        self.finish_set();
    }

    fn close_group_without_trailer(&mut self, before: &str) {
        let spot = SegmentSpot { tag: "GE".to_owned(), ..SegmentSpot::default() };
        let place = Place { file: None, byte: Some(self.window.offset()), spot: Spot::Segment(spot) };
        let message = format!("the functional group that begins at byte {} has no GE before {before}", self.gs_offset);
        let fault = Diagnostic::new(&x12::MISSING_GE, message).expected("GE").found(before);
        self.problem(fault.acknowledged_as(AckCode::Group(3)).at(place));
        self.ready.push_back(Part::GroupEnd(None));
        self.level = Level::Interchange;
    }

    /// Ends everything that is open; `note` is how a TA1 says it.
    fn close_interchange_without_trailer(&mut self, note: u8, before: &str) {
        self.close_set_without_trailer(before);
        if self.level == Level::Group {
            self.close_group_without_trailer(before);
        }
        let spot = SegmentSpot { tag: "IEA".to_owned(), ..SegmentSpot::default() };
        let place = Place { file: None, byte: Some(self.window.offset()), spot: Spot::Segment(spot) };
        let message = format!("the interchange that begins at byte {} has no IEA before {before}", self.isa_offset);
        let fault = Diagnostic::new(&x12::MISSING_IEA, message).expected("IEA").found(before);
        self.problem(fault.acknowledged_as(AckCode::Interchange(note)).at(place));
        self.ready.push_back(Part::InterchangeEnd(None, self.window.offset()));
        self.level = Level::File;
    }

    /// The end of the file within an interchange. An IEA may lack its terminator: editors trim it, and nothing is lost.
    fn take_rest(&mut self, length: usize) {
        let bytes = &self.window.bytes()[..length];
        let end = bytes.iter().rposition(|&byte| !is_blank(byte) && !is_filler(byte)).map_or(0, |last| last + 1);
        let segment = &bytes[body(&bytes[..end], self.delimiters)];
        if Tag::of(segment, self.delimiters) == Tag::Iea {
            if self.set.is_none() && self.level == Level::Interchange {
                let place = Place { byte: Some(self.window.offset()), ..isa_place(self.isa_offset, None) };
                let fault =
                    Diagnostic::new(&x12::LAST_TERMINATOR, "the IEA at the end of the file has no segment terminator")
                        .expected(quote(self.delimiters.terminator));
                self.problem(fault.at(place));
            }
            return self.take_segment(end);
        }
        let before = match segment {
            [] => "the end of the file".to_owned(),
            cut => format!("the end of the file, which cuts off {:?}", show(cut)),
        };
        self.window.take(length);
        self.close_interchange_without_trailer(23, &before);
        self.finished = true;
    }

    fn take_blanks(&mut self, length: usize) -> usize {
        let lead = body(&self.window.bytes()[..length], self.delimiters).start;
        self.window.take(lead);
        lead
    }

    /// The next segment as a run of its own.
    fn take_alone(&mut self, length: usize) -> SetText {
        let lead = self.take_blanks(length);
        let mut text = SetText::starting_at(self.window.offset(), self.delimiters);
        if push(&mut text, &self.window, length - lead) {
            self.tell_wrapped(self.window.offset());
        }
        self.window.take(length - lead);
        text
    }

    fn tell_wrapped(&mut self, offset: u64) {
        if self.told.wrapped {
            return;
        }
        self.told.wrapped = true;
        let place = Place { byte: Some(offset), ..isa_place(self.isa_offset, None) };
        let message = "line breaks stand within segments; they were left out";
        self.problem(Diagnostic::new(&x12::WRAPPED, message).at(place));
    }

    fn problem(&mut self, fault: Diagnostic) {
        self.ready.push_back(Part::Problem(fault));
    }
}

/// Moves the next bytes of the window, blanks and one segment, into a run. True when line breaks stood within the segment.
fn push<R: io::Read>(text: &mut SetText, window: &Window<R>, length: usize) -> bool {
    let bytes = &window.bytes()[..length];
    let body = body(bytes, text.delimiters());
    let (separators, is_plain) = window.marks(body.clone());
    text.push(bytes, body, separators, is_plain)
}

/// True for a segment that may end a set, be an envelope's, or end elsewhere than at the next terminator.
fn is_structural(segment: &[u8], delimiters: Delimiters) -> bool {
    let may_be = matches!(
        segment,
        [b'S', b'T' | b'E', ..] | [b'G', b'S' | b'E', ..] | [b'I', b'E' | b'S', ..] | [b'B', b'I' | b'D', ..]
    );
    may_be && (begins_isa(segment) || !matches!(Tag::of(segment, delimiters), Tag::Data | Tag::BetweenEnvelopes))
}

fn byte_place(offset: u64) -> Place {
    Place { byte: Some(offset), ..Place::default() }
}
