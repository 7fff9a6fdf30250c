//! Segments and elements as spans of one buffer: nothing is copied to look at them.
//!
//! ```text
//! ST*850*0001~BEG*00*SA*4500012345**20260302~
//!             ^ segment 2, tag BEG, 5 elements; element 3 is "4500012345", element 4 is empty
//! ```
//!
//! A set's bytes are copied once, out of the reader's window; a position in them is turned into an offset of the
//! file on demand. Where line wrapping was undone, the bytes removed are remembered, so that offsets stay exact.

use std::borrow::Cow;
use std::ops::Range;

use super::binary::{self, Head};
use super::delimiters::{Delimiters, is_line_break};
use super::guide::dictionary::Tag;
use super::scan::{Marks, scan};
use crate::diagnostic::{Place, SegmentSpot, Spot};

/// A run of segments in one buffer: a transaction set from ST to SE, or an envelope segment alone.
#[derive(Debug, Clone)]
pub struct SetText {
    bytes: Vec<u8>,
    /// Offset in the file of the first byte, and of the byte after the last.
    file: Range<u64>,
    delimiters: Delimiters,
    segments: Vec<Span>,
    /// Positions of the element separators of all segments, in order.
    separators: Vec<u32>,
    /// Positions in `bytes` before which a byte of the file was left out, ascending; one entry for each byte.
    removed: Vec<u32>,
}

/// Bytes with their marks, as a window has them.
#[derive(Clone, Copy)]
pub(crate) struct Run<'w> {
    /// Positions count from its first byte.
    pub buffer: &'w [u8],
    /// Where the run begins in it.
    pub from: usize,
    /// Separators and terminators from there on, as far as they are known.
    pub separators: &'w [u32],
    /// Bytes from there on that are not plain.
    pub odd: &'w [u32],
}

/// How much room a run of segments takes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Room {
    bytes: usize,
    segments: usize,
    separators: usize,
}

/// Room for more than so many bytes is not made before they are there.
const USUAL: usize = 64 << 10;

/// One segment within the buffer. Positions fit in 32 bits because a set is at most `MAX_SET_BYTES` long.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
    first_separator: u32,
    /// No byte of it is odd, see [`scan`](super::scan).
    is_plain: bool,
}

impl SetText {
    /// Splits bytes that are known to be segments of those delimiters, such as a set taken out of the archive again.
    /// A last segment without its terminator is taken as it is; line breaks within segments are removed.
    pub fn parse(bytes: &[u8], delimiters: Delimiters, offset: u64) -> Self {
        let lead = bytes.iter().take_while(|&&byte| is_blank(byte)).count();
        let mut set = SetText::starting_at(offset + lead as u64, delimiters);
        let mut rest = &bytes[lead..];
        let mut marks = Marks::default();
        while !rest.is_empty() {
            if let Some(taken) = set.push_if_binary(rest) {
                rest = &rest[taken..];
                continue;
            }
            let end = memchr::memchr(delimiters.terminator, rest).map_or(rest.len(), |at| at + 1);
            let (segment, after) = rest.split_at(end);
            let body = body(segment, delimiters);
            marks.clear();
            scan(&segment[body.clone()], delimiters, body.start as u32, &mut marks);
            let separators = marks.separators.iter().map(|&mark| mark as usize);
            set.push(segment, body, separators, marks.odd.is_empty());
            rest = after;
        }
        set
    }

    /// The segments in order; a set's first is ST.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        (0..self.segments.len()).map(|index| self.segment(index))
    }

    /// How many segments there are, as SE01 counts them.
    pub fn len(&self) -> usize {
        self.segments.len()
    }

    /// True when it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The segment at an index from 0, which must be less than `len`.
    pub fn segment(&self, index: usize) -> Segment<'_> {
        Segment { set: self, span: self.segments[index], index: index as u32 }
    }

    /// The first segment, if there is one.
    pub fn first(&self) -> Option<Segment<'_>> {
        (!self.is_empty()).then(|| self.segment(0))
    }

    /// The last segment, if there is one.
    pub fn last(&self) -> Option<Segment<'_>> {
        self.len().checked_sub(1).map(|index| self.segment(index))
    }

    /// The bytes as they came, terminators and line breaks between segments included.
    /// Line breaks within segments (wrapping) are left out.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Offset of the first byte in the file.
    pub fn offset(&self) -> u64 {
        self.file.start
    }

    /// Offset in the file of the byte after the last terminator.
    pub fn end_offset(&self) -> u64 {
        self.file.end
    }

    /// The delimiters it is written with.
    pub fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// An empty run; its first segment must be pushed without anything before it.
    pub(crate) fn starting_at(offset: u64, delimiters: Delimiters) -> Self {
        SetText {
            bytes: Vec::new(),
            file: offset..offset,
            delimiters,
            segments: Vec::new(),
            separators: Vec::new(),
            removed: Vec::new(),
        }
    }

    /// The same, with room for so much.
    pub(crate) fn with_room(offset: u64, delimiters: Delimiters, room: Room) -> Self {
        SetText {
            bytes: Vec::with_capacity(room.bytes),
            segments: Vec::with_capacity(room.segments),
            separators: Vec::with_capacity(room.separators),
            ..SetText::starting_at(offset, delimiters)
        }
    }

    /// The room that it takes, where that is no more than a set usually takes.
    pub(crate) fn room(&self) -> Room {
        let room = Room { bytes: self.bytes.len(), segments: self.segments.len(), separators: self.separators.len() };
        if room.bytes <= USUAL { room } else { Room::default() }
    }

    /// Takes in the next bytes of the file: blanks, one segment, its terminator. `body` is where the segment proper stands in
    /// them, `separators` where its elements begin; `is_plain` when none of its bytes is odd. True when line breaks stood
    /// within it. Bytes that are only blanks or an empty segment are kept but do not count as a segment.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        body: Range<usize>,
        separators: impl Iterator<Item = usize>,
        is_plain: bool,
    ) -> bool {
        self.file.end += bytes.len() as u64;
        let base = self.bytes.len();
        let first_separator = self.separators.len() as u32;
        let wrapped = !is_plain
            && !self.delimiters.terminated_by_line_break()
            && memchr::memchr2(b'\r', b'\n', &bytes[body.clone()]).is_some();
        let (start, end) = if wrapped {
            self.push_without_line_breaks(bytes, &body)
        } else {
            self.bytes.extend_from_slice(bytes);
            self.separators.extend(separators.map(|at| (base + at) as u32));
            (base + body.start, base + body.end)
        };
        if !body.is_empty() {
            self.segments.push(Span { start: start as u32, end: end as u32, first_separator, is_plain });
        }
        wrapped
    }

    /// Takes in the next bytes of the file: `lead` blanks, and a binary segment with nothing but its terminator behind the data.
    pub(crate) fn push_binary(&mut self, bytes: &[u8], lead: usize, head: Head) {
        let base = self.bytes.len();
        let first_separator = self.separators.len() as u32;
        let here = |at: usize| (base + lead + at) as u32;
        let end = head.data().map_or(bytes.len() - lead, |data| data.end);
        self.separators.extend(head.separators().iter().map(|&at| here(at)));
        self.segments.push(Span { start: here(0), end: here(end), first_separator, is_plain: false });
        self.bytes.extend_from_slice(bytes);
        self.file.end += bytes.len() as u64;
    }

    /// Takes in a binary segment that stands at the front of some bytes and is whole; returns how many bytes it has.
    fn push_if_binary(&mut self, bytes: &[u8]) -> Option<usize> {
        let lead = bytes.iter().take_while(|&&byte| is_blank(byte) && byte != self.delimiters.element).count();
        let head = Head::read(&bytes[lead..], self.delimiters)?;
        let end = lead + head.data()?.end;
        if bytes.get(end).is_some_and(|&byte| byte != self.delimiters.terminator) || end > bytes.len() {
            return None;
        }
        let taken = bytes.len().min(end + 1);
        self.push_binary(&bytes[..taken], lead, head);
        Some(taken)
    }

    /// Takes in whole segments from the front of a run, up to the first that is structural, empty, has line breaks within it,
    /// or does not end in the run. Returns how many bytes were taken.
    pub(crate) fn push_run(&mut self, run: &Run<'_>, is_structural: impl Fn(&[u8], Delimiters) -> bool) -> usize {
        let Run { buffer, from, separators, odd } = *run;
        let Delimiters { element, terminator, .. } = self.delimiters;
        let by_line_break = self.delimiters.terminated_by_line_break();
        let base = self.bytes.len();
        let here = |position: usize| (position - from + base) as u32;
        self.separators.reserve(separators.len());
        let (mut taken, mut first_separator, mut odd) = (from, self.separators.len(), odd.iter().peekable());
        for &mark in separators {
            let mark = mark as usize;
            if buffer[mark] != terminator {
                self.separators.push(here(mark));
                continue;
            }
            let lead = buffer[taken..mark].iter().take_while(|&&byte| is_blank(byte) && byte != element).count();
            let (start, mut end) = (taken + lead, mark);
            while by_line_break && end > start && is_line_break(buffer[end - 1]) {
                end -= 1;
            }
            let segment = &buffer[start..end];
            while odd.next_if(|&&odd| (odd as usize) < start).is_some() {}
            let is_plain = odd.peek().is_none_or(|&&odd| odd as usize >= end);
            let is_broken = || !by_line_break && memchr::memchr2(b'\r', b'\n', segment).is_some();
            if segment.is_empty() || is_structural(segment, self.delimiters) || !is_plain && is_broken() {
                break;
            }
            let first = std::mem::replace(&mut first_separator, self.separators.len());
            self.segments.push(Span { start: here(start), end: here(end), first_separator: first as u32, is_plain });
            taken = mark + 1;
        }
        self.separators.truncate(first_separator);
        self.bytes.extend_from_slice(&buffer[from..taken]);
        self.file.end += (taken - from) as u64;
        taken - from
    }

    /// Where the segment stands in the buffer, now that its line breaks are gone.
    fn push_without_line_breaks(&mut self, bytes: &[u8], body: &Range<usize>) -> (usize, usize) {
        self.bytes.extend_from_slice(&bytes[..body.start]);
        let start = self.bytes.len();
        for &byte in &bytes[body.clone()] {
            if is_line_break(byte) {
                self.removed.push(self.bytes.len() as u32);
                continue;
            }
            if byte == self.delimiters.element {
                self.separators.push(self.bytes.len() as u32);
            }
            self.bytes.push(byte);
        }
        let end = self.bytes.len();
        self.bytes.extend_from_slice(&bytes[body.end..]);
        (start, end)
    }

    /// Gives back all but the first segment: what is left of a set that is too large to be held.
    pub(crate) fn keep_first_segment(&mut self) {
        let Some(&Span { end, .. }) = self.segments.first() else { return };
        let separators = self.segments.get(1).map_or(self.separators.len(), |next| next.first_separator as usize);
        self.segments.truncate(1);
        self.separators.truncate(separators);
        self.removed.retain(|&at| at <= end);
        self.bytes.truncate(end as usize);
        self.bytes.shrink_to_fit();
        self.segments.shrink_to_fit();
        self.separators.shrink_to_fit();
    }

    /// Bytes of memory that the spans take: what makes a set of nothing but separators larger than it looks.
    pub(crate) fn index_size(&self) -> usize {
        self.segments.len() * size_of::<Span>() + (self.separators.len() + self.removed.len()) * size_of::<u32>()
    }

    /// Notes that bytes of the file belong to the run although they are not kept.
    pub(crate) fn skip(&mut self, length: usize) {
        self.file.end += length as u64;
    }

    fn file_offset(&self, at: usize) -> u64 {
        let removed_before = self.removed.partition_point(|&removed| removed as usize <= at);
        self.file.start + (at + removed_before) as u64
    }
}

/// Where the segment proper stands within its bytes: after blanks, before the terminator.
pub(crate) fn body(bytes: &[u8], delimiters: Delimiters) -> Range<usize> {
    let mut end = bytes.len();
    if bytes.last() == Some(&delimiters.terminator) {
        end -= 1;
    }
    // CR LF where the header was terminated by LF alone: mixed line ends, seen where files are glued together.
    while delimiters.terminated_by_line_break() && end > 0 && is_line_break(bytes[end - 1]) {
        end -= 1;
    }
    let start = bytes[..end].iter().take_while(|&&byte| is_blank(byte) && byte != delimiters.element).count();
    start..end
}

/// What may stand between segments and means nothing.
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Bytes as text: UTF-8, else read as Latin-1.
pub fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()),
    }
}

/// One segment; cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    set: &'a SetText,
    span: Span,
    index: u32,
}

impl<'a> Segment<'a> {
    /// The segment identifier, such as `PO1`; empty if it is not ASCII.
    pub fn tag(&self) -> &'a str {
        let end = self.separators().first().copied().unwrap_or(self.span.end);
        let tag = &self.set.bytes[self.span.start as usize..end as usize];
        match std::str::from_utf8(tag) {
            Ok(tag) if tag.is_ascii() => tag,
            _ => "",
        }
    }

    /// The same packed into a number; see [`Tag`].
    pub fn packed_tag(&self) -> Tag {
        let end = self.separators().first().copied().unwrap_or(self.span.end);
        Tag::of_bytes(&self.set.bytes[self.span.start as usize..end as usize])
    }

    /// True when that is its identifier, compared byte by byte.
    pub fn is(&self, tag: &str) -> bool {
        let end = self.separators().first().copied().unwrap_or(self.span.end);
        self.set.bytes[self.span.start as usize..end as usize] == *tag.as_bytes()
    }

    /// True when it holds no component or repetition separator, control character or byte beyond ASCII.
    pub(crate) fn is_plain(&self) -> bool {
        self.span.is_plain
    }

    /// Ordinal in its set with ST = 1, as AK302 counts.
    pub fn position(&self) -> u32 {
        self.index + 1
    }

    /// Offset of its first byte in the file.
    pub fn offset(&self) -> u64 {
        self.set.file_offset(self.span.start as usize)
    }

    /// The number of elements, empty ones between separators included.
    pub fn element_count(&self) -> usize {
        self.separators().len()
    }

    /// True for the element that holds the data of a binary segment, whose bytes mean nothing to X12.
    pub fn holds_binary(&self, number: usize) -> bool {
        binary::data_element(self.tag().as_bytes()) == Some(number)
    }

    /// The bytes of an element counted from 1; empty when absent.
    pub fn element(&self, number: usize) -> &'a [u8] {
        let separators = self.separators();
        let Some(start) = number.checked_sub(1).and_then(|index| separators.get(index)) else { return &[] };
        let end = separators.get(number).copied().unwrap_or(self.span.end);
        &self.set.bytes[*start as usize + 1..end as usize]
    }

    /// Offset in the file of an element's first byte; that of the segment's end when absent.
    pub fn element_offset(&self, number: usize) -> u64 {
        match number.checked_sub(1).and_then(|index| self.separators().get(index)) {
            Some(separator) => self.set.file_offset(*separator as usize + 1),
            None => self.set.file_offset(self.span.end as usize),
        }
    }

    /// An element as text: UTF-8, else read as Latin-1; trailing spaces trimmed (X12.6: they are padding). Empty when absent.
    pub fn text(&self, number: usize) -> Cow<'a, str> {
        text_of(trim_end(self.element(number)))
    }

    /// An element as owned text, `None` when absent or blank.
    pub fn value(&self, number: usize) -> Option<String> {
        let text = self.text(number);
        (!text.is_empty()).then(|| text.into_owned())
    }

    /// The components of an element, split at the component separator; none when the element is empty. Binary data is one.
    pub fn components(&self, number: usize) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let is_binary = self.holds_binary(number);
        let separator = self.set.delimiters.component;
        let element = self.element(number);
        let parts = (!element.is_empty()).then(|| element.split(move |&byte| byte == separator && !is_binary));
        parts.into_iter().flatten()
    }

    /// A component counted from 1 as text, read as [`Segment::text`] reads; empty when absent.
    pub fn component_text(&self, element: usize, component: usize) -> Cow<'a, str> {
        let bytes = component.checked_sub(1).and_then(|index| self.components(element).nth(index));
        text_of(trim_end(bytes.unwrap_or_default()))
    }

    /// The delimiters it is written with.
    pub fn delimiters(&self) -> Delimiters {
        self.set.delimiters
    }

    /// The whole segment as written, without its terminator.
    pub fn raw(&self) -> &'a [u8] {
        &self.set.bytes[self.span.start as usize..self.span.end as usize]
    }

    /// Where it is, for a diagnostic about it; in the envelope, position 0.
    pub fn place(&self) -> Place {
        let in_set = self.set.first().filter(|first| first.tag() == "ST");
        let spot = SegmentSpot {
            set: in_set.map(|first| first.text(1).into_owned()),
            set_control_number: in_set.map(|first| first.text(2).into_owned()),
            position: in_set.map_or(0, |_| self.position()),
            tag: self.tag().to_owned(),
            ..SegmentSpot::default()
        };
        Place { file: None, byte: Some(self.offset()), spot: Spot::Segment(spot) }
    }

    /// Where one of its elements is.
    pub fn element_place(&self, number: usize) -> Place {
        let mut place = self.place();
        place.byte = Some(self.element_offset(number));
        if let Spot::Segment(spot) = &mut place.spot {
            spot.element = u16::try_from(number).ok();
        }
        place
    }

    /// Its elements as ranges of the set's bytes.
    pub(crate) fn fields(&self) -> Fields<'a> {
        Fields { bytes: &self.set.bytes, separators: self.separators(), end: self.span.end }
    }

    fn separators(&self) -> &'a [u32] {
        let start = self.span.first_separator as usize;
        let end = match self.set.segments.get(self.index as usize + 1) {
            Some(next) => next.first_separator as usize,
            None => self.set.separators.len(),
        };
        &self.set.separators[start..end]
    }
}

/// The elements of a segment.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    /// Those of the whole set.
    pub bytes: &'a [u8],
    separators: &'a [u32],
    end: u32,
}

impl Fields<'_> {
    /// How many there are, empty ones between separators included.
    pub fn len(&self) -> usize {
        self.separators.len()
    }

    /// Where one stands, by its index from 0, which must be less than `len`.
    pub fn range(&self, index: usize) -> Range<usize> {
        let end = self.separators.get(index + 1).copied().unwrap_or(self.end);
        self.separators[index] as usize + 1..end as usize
    }
}

fn trim_end(bytes: &[u8]) -> &[u8] {
    if bytes.last().is_none_or(|last| *last != b' ') {
        return bytes;
    }
    let end = bytes.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1);
    &bytes[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> SetText {
        SetText::parse(text.as_bytes(), Delimiters::default(), 100)
    }

    #[test]
    fn segments_and_elements_are_spans_with_offsets() {
        let set = set("ST*850*0001~\nBEG*00*SA*45**2026~");
        let beg = set.segment(1);
        assert_eq!((set.len(), beg.tag(), beg.position(), beg.offset()), (2, "BEG", 2, 113));
        assert_eq!((beg.element_count(), beg.element(3), beg.element(4)), (5, &b"45"[..], &b""[..]));
        assert_eq!((beg.element_offset(3), beg.element_offset(9)), (123, 131));
        assert_eq!((beg.element(0), beg.element(6)), (&b""[..], &b""[..]));
        assert_eq!(beg.raw(), b"BEG*00*SA*45**2026");
        assert_eq!(set.end_offset(), 132);
    }

    #[test]
    fn trailing_spaces_are_padding_and_leading_ones_are_data() {
        let set = set("N1*ST* MEGAMART  *   ~");
        assert_eq!(set.segment(0).text(2), " MEGAMART");
        assert_eq!(set.segment(0).value(3), None);
    }

    #[test]
    fn text_that_is_not_utf_8_is_read_as_latin_1() {
        let set = SetText::parse(b"N1*ST*CAF\xc9~", Delimiters::default(), 0);
        assert_eq!(set.segment(0).text(2), "CAFÉ");
    }

    #[test]
    fn a_tag_that_is_not_ascii_is_empty() {
        let set = SetText::parse(b"N\xc9*ST~", Delimiters::default(), 0);
        assert_eq!(set.segment(0).tag(), "");
    }

    #[test]
    fn components_are_split_and_empty_elements_have_none() {
        let set = set("SV1*HC>99213>>25**A~");
        let segment = set.segment(0);
        assert_eq!(segment.components(1).collect::<Vec<_>>(), [&b"HC"[..], b"99213", b"", b"25"]);
        assert_eq!((segment.components(2).count(), segment.components(3).count()), (0, 1));
        assert_eq!((segment.component_text(1, 4), segment.component_text(1, 9)), ("25".into(), "".into()));
    }

    #[test]
    fn wrapping_is_undone_and_offsets_stay_those_of_the_file() {
        let text = "ST*850*0001~BEG*00*S\r\nA*4500~SE*\n3*0001~";
        let set = set(text);
        let beg = set.segment(1);
        assert_eq!(beg.raw(), b"BEG*00*SA*4500");
        for (element, expect) in [(2, "S\r\nA"), (3, "4500"), (1, "00*S")] {
            assert_eq!(beg.element_offset(element), 100 + text.find(expect).unwrap() as u64, "{expect}");
        }
        assert_eq!(set.segment(2).element_offset(2), 100 + text.rfind("0001").unwrap() as u64);
        assert_eq!(set.end_offset(), 100 + text.len() as u64);
    }

    #[test]
    fn binary_data_is_one_element_whatever_stands_in_it() {
        let text = "ST*275*0001~\nBIN*9*a~b*c>\r\nd~\nBDS*ASC*2*~~~SE*4*0001~";
        let set = set(text);
        let (bin, bds) = (set.segment(1), set.segment(2));
        assert_eq!((set.len(), bin.tag(), bin.element_count(), bds.element_count()), (4, "BIN", 2, 3));
        assert_eq!((bin.element(2), bds.element(3)), (&b"a~b*c>\r\nd"[..], &b"~~"[..]));
        assert_eq!((bin.components(2).count(), bin.holds_binary(1), bds.holds_binary(3)), (1, false, true));
        assert_eq!((bin.offset(), bds.offset()), (113, 100 + text.find("BDS").unwrap() as u64));
        assert_eq!((set.segment(3).element_offset(2), set.bytes()), (148, text.as_bytes()));
    }

    #[test]
    fn two_terminators_in_a_row_are_no_segment() {
        assert_eq!(set("ST*850*0001~~\n~SE*2*0001~").len(), 2);
    }

    #[test]
    fn a_line_break_before_the_terminator_is_not_data_when_lines_end_with_either() {
        let delimiters = Delimiters { terminator: b'\n', ..Delimiters::default() };
        let set = SetText::parse(b"ST*850*0001\r\nSE*2*0001", delimiters, 0);
        assert_eq!(set.segment(0).text(2), "0001");
        assert_eq!(set.len(), 2);
    }

    #[test]
    fn a_place_names_the_set_and_the_element() {
        let set = set("ST*850*0001~BEG*00~");
        assert_eq!(set.segment(1).element_place(1).to_string(), "850 0001, segment 2 (BEG), element 1, byte 116");
    }
}
