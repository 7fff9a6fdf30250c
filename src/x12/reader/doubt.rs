//! What follows a binary segment that does not end where it says: data, or the file's next segments; nobody can tell.
//!
//! ```text
//! GS*PI*…*101*…~ST*275*0001~ … BIN*4*GE*1*7~ST*850*0001~ … SE*3*0001~GE*1*101~
//!                                    └──────────── not read ─────────┘ the group's own trailer
//! ```
//!
//! An attachment may hold a whole interchange of somebody else's, so that no header, and no trailer of another number, is
//! believed before the envelope's own.

use std::io;

use super::between::is_filler;
use super::foreign::show;
use super::tag::Tag;
use super::window::End;
use super::{Level, MAX_SEGMENT_BYTES, Reader};
use crate::diagnostic::codes::x12;
use crate::diagnostic::{AckCode, Diagnostic, Place, SegmentSpot, Spot};
use crate::x12::binary::{Head, MAX_BINARY_BYTES};
use crate::x12::delimiters::is_line_break;
use crate::x12::header::quote;
use crate::x12::segment::{body, is_blank};

/// Whether the reader passes over what is in doubt, and the numbers by which it knows where that ends.
#[derive(Debug, Default)]
pub(super) struct Doubt {
    state: State,
    /// ISA13 and GS06 of the open envelopes.
    interchange: String,
    group: String,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    None,
    /// The next byte may begin a segment.
    AtSegment,
    /// It does not: the bytes before it had no terminator for too long.
    WithinSegment,
}

impl Doubt {
    /// None, in an interchange of that number.
    pub fn of_interchange(number: &str) -> Self {
        Doubt { interchange: number.to_owned(), ..Doubt::default() }
    }

    /// None, in a group of that number.
    pub fn enter_group(&mut self, number: &str) {
        number.clone_into(&mut self.group);
    }

    /// True while bytes are passed over.
    pub fn is_open(&self) -> bool {
        self.state != State::None
    }
}

impl<R: io::Read> Reader<R> {
    /// Gives up the binary segment that stands next, after `lead` blanks, and the set that it stands in. `head` is how it
    /// begins, if that could be read.
    pub(super) fn doubt_length(&mut self, lead: usize, head: Option<Head>) {
        let segment = &self.window.bytes()[lead..];
        let letters = segment.iter().filter(|&&byte| !is_line_break(byte)).take(3);
        let tag: String = letters.map(|&byte| char::from(byte)).collect();
        let element = if tag == "BDS" { 2 } else { 1 };
        let (fault, ack) = match head {
            None => {
                let fault =
                    Diagnostic::new(&x12::BINARY_LENGTH, format!("{tag}{element:02} is no length of binary data"));
                (fault.expected("a number of at most 15 digits").found(show(segment)), AckCode::Element(6))
            }
            Some(head) => match head.data() {
                None => {
                    let message = format!("{tag}{element:02} says {} bytes of data", head.length);
                    let fault = Diagnostic::new(&x12::BINARY_TOO_LONG, message);
                    let fault = fault.expected(format!("at most {MAX_BINARY_BYTES} bytes"));
                    (fault.found(head.length.to_string()), AckCode::Segment(8))
                }
                Some(data) => {
                    let message =
                        format!("{tag}{element:02} says {} bytes of data, which do not end there", head.length);
                    let found = segment.get(data.end).map_or("the end of the file".to_owned(), |&byte| quote(byte));
                    let expected = format!("{} after the data", quote(self.delimiters.terminator));
                    let fault = Diagnostic::new(&x12::BINARY_END, message);
                    (fault.expected(expected).found(found), AckCode::Segment(8))
                }
            },
        };
        let byte = self.window.offset() + lead as u64;
        let spot = SegmentSpot { tag, element: Some(element), data_element: Some(784), ..SegmentSpot::default() };
        let (spot, ack) = match &mut self.set {
            Some(set) => {
                let position = if set.too_large { 0 } else { set.text.len() as u32 + 1 };
                let named = |number| set.text.first().map(|st| st.text(number).into_owned());
                let spot = SegmentSpot { set: named(1), set_control_number: named(2), position, ..spot };
                set.too_large = true;
                set.text.keep_first_segment();
                (spot, ack)
            }
            None => (spot, AckCode::Interchange(if self.level == Level::Group { 24 } else { 22 })),
        };
        let place = Place { file: None, byte: Some(byte), spot: Spot::Segment(spot) };
        self.problem(fault.acknowledged_as(ack).at(place));
        self.doubt.state = State::AtSegment;
    }

    /// Passes over the next segment, or what may be one, unless it is the trailer of the open group or interchange.
    pub(super) fn pass_doubtful(&mut self) -> io::Result<()> {
        match self.window.segment_end(0, MAX_SEGMENT_BYTES)? {
            End::Found(length) if self.doubt.state == State::AtSegment && self.is_own_trailer(length) => {
                self.end_doubt()
            }
            End::Found(length) => {
                self.pass_over(length);
                self.doubt.state = State::AtSegment;
            }
            End::TooFar => {
                self.pass_over(self.window.bytes().len());
                self.doubt.state = State::WithinSegment;
            }
            End::OfSource(length) if self.doubt.state == State::AtSegment && self.is_own_trailer(length) => {
                self.end_doubt();
                self.take_rest(length);
            }
            End::OfSource(length) => {
                self.pass_over(length);
                self.end_doubt();
                self.close_interchange_without_trailer(23, "the end of the file");
                self.finished = true;
            }
        }
        Ok(())
    }

    fn pass_over(&mut self, length: usize) {
        if let Some(set) = &mut self.set {
            set.text.skip(length);
        }
        self.window.take(length);
    }

    fn end_doubt(&mut self) {
        self.doubt.state = State::None;
        self.finish_set();
    }

    fn is_own_trailer(&self, length: usize) -> bool {
        let bytes = &self.window.bytes()[..length];
        let end = bytes.iter().rposition(|&byte| !is_blank(byte) && !is_filler(byte)).map_or(0, |last| last + 1);
        let segment = &bytes[body(&bytes[..end], self.delimiters)];
        let own = match Tag::of(segment, self.delimiters) {
            Tag::Ge if self.level == Level::Group => &self.doubt.group,
            Tag::Iea => &self.doubt.interchange,
            _ => return false,
        };
        let number = segment.split(|&byte| byte == self.delimiters.element).nth(2).unwrap_or_default();
        let number =
            number.iter().filter(|&&byte| !is_line_break(byte) && byte != b' ').skip_while(|&&byte| byte == b'0');
        let own = own.trim_start_matches('0');
        !own.is_empty() && own.bytes().eq(number.copied())
    }
}
