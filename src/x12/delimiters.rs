//! The four characters that structure an interchange, learnt from its ISA.
//!
//! ```text
//! ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*T*>~
//!    ^ element, byte 3                                                          repetition, byte 82 ^     ^^ component, terminator
//! ```
//!
//! The ISA is the only segment of fixed width, so that its delimiters can be read before anything is known of
//! them. Senders and editors break that width in three ways; two can be undone with certainty (padding that is
//! too little or too much, lines wrapped, or both), the third (an element too long) is refused rather than guessed at.

/// The separators of one interchange; all differ, and none may occur in data (X12 has no escape).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiters {
    /// Between elements; usually `*`.
    pub element: u8,
    /// Between components of a composite element (ISA16); usually `>` or `:`.
    pub component: u8,
    /// Between repetitions of an element (ISA11), from control version 00402 on; usually `^`.
    pub repetition: Option<u8>,
    /// After each segment; usually `~`.
    pub terminator: u8,
}

impl Default for Delimiters {
    /// `*`, `>`, `~`, no repetition: what a 004010 interchange is written with unless the partner asks otherwise.
    fn default() -> Self {
        Delimiters { element: b'*', component: b'>', repetition: None, terminator: b'~' }
    }
}

impl Delimiters {
    /// Two of them that are the same byte, named; `None` when all differ as they must.
    pub fn clash(&self) -> Option<(&'static str, &'static str, u8)> {
        let mut named = vec![
            ("element separator", self.element),
            ("component separator", self.component),
            ("segment terminator", self.terminator),
        ];
        named.extend(self.repetition.map(|byte| ("repetition separator", byte)));
        for (index, (first, byte)) in named.iter().enumerate() {
            if let Some((second, _)) = named[index + 1..].iter().find(|(_, other)| other == byte) {
                return Some((first, second, *byte));
            }
        }
        None
    }

    /// True for a byte that structures rather than says something.
    pub fn contains(&self, byte: u8) -> bool {
        byte == self.element
            || byte == self.component
            || byte == self.terminator
            || self.repetition.is_some_and(|repetition| byte == repetition)
    }

    /// True when segments end with a line break, so that a line break within one cannot be wrapping.
    pub(crate) fn terminated_by_line_break(&self) -> bool {
        is_line_break(self.terminator)
    }
}

/// True from control version 00402 on, where ISA11 is the repetition separator instead of `U`.
pub(crate) fn has_repetition(control_version: &str) -> bool {
    control_version.len() == 5 && control_version >= "00402"
}

pub(crate) fn is_line_break(byte: u8) -> bool {
    byte == b'\r' || byte == b'\n'
}

/// Widths of ISA01 to ISA16.
pub(crate) const ISA_WIDTHS: [usize; 16] = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];
/// Bytes of an ISA with its terminator.
pub(crate) const ISA_LENGTH: usize = 106;
/// Bytes to look at: an ISA, and the line breaks that wrapping may have put into it.
pub(crate) const ISA_WINDOW: usize = 4 * ISA_LENGTH;

/// An ISA as read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Isa {
    pub delimiters: Delimiters,
    /// ISA01 to ISA16, padding kept.
    pub elements: Vec<String>,
    /// Bytes of the file it takes, terminator included.
    pub length: usize,
    pub layout: Layout,
}

/// How the ISA's width was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// 106 bytes, as the standard has it.
    Fixed,
    /// Line breaks stood in it: the file was wrapped, usually at 80 columns.
    Wrapped,
    /// Padding too short or too long: the sender did not count, or an editor trimmed.
    Unpadded,
    /// Both.
    UnpaddedAndWrapped,
}

impl Layout {
    /// True when line breaks stood in it.
    pub fn is_wrapped(self) -> bool {
        matches!(self, Layout::Wrapped | Layout::UnpaddedAndWrapped)
    }

    /// True when its padding is not that of the standard.
    pub fn is_unpadded(self) -> bool {
        matches!(self, Layout::Unpadded | Layout::UnpaddedAndWrapped)
    }
}

/// Why no delimiters can be learnt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum IsaFault {
    /// The bytes do not begin with `ISA` and a separator.
    Absent,
    /// The file ends within the header.
    Truncated { length: usize },
    /// An element is longer than its width, so that everything after it has moved.
    TooLong { element: usize, width: usize, found: usize },
    /// Segments end with a line break, and one stands within this element.
    Broken { element: usize },
    /// A letter, digit, space or line break stands where a delimiter must that it cannot be.
    NotADelimiter { name: &'static str, byte: u8 },
    /// A character of several bytes stands there: whoever changed the encoding changed the delimiters.
    WideDelimiter { name: &'static str, length: usize },
    /// Two delimiters are one byte.
    Clash { first: &'static str, second: &'static str, byte: u8 },
}

/// True where an interchange begins: `ISA` and a byte that can separate. Names such as ISAAC do not.
pub(crate) fn begins_isa(bytes: &[u8]) -> bool {
    bytes.starts_with(b"ISA") && bytes.get(3).is_some_and(|&byte| can_delimit(byte) && !is_line_break(byte))
}

/// Learns the delimiters; `bytes` begins with the ISA and holds [`ISA_WINDOW`] bytes unless the file ends before.
pub(crate) fn learn(bytes: &[u8]) -> Result<Isa, IsaFault> {
    if !begins_isa(bytes) {
        return Err(IsaFault::Absent);
    }
    if has_fixed_width(bytes) {
        return isa(bytes, widths_to_elements(bytes), ISA_LENGTH, Layout::Fixed);
    }
    let (flat, length) = without_line_breaks(bytes);
    if has_fixed_width(&flat) {
        return isa(&flat, widths_to_elements(&flat), length, Layout::Wrapped);
    }
    unpadded(bytes)
}

fn has_fixed_width(bytes: &[u8]) -> bool {
    let mut at = 3;
    for width in ISA_WIDTHS {
        if bytes.get(at) != Some(&bytes[3]) {
            return false;
        }
        at += width + 1;
    }
    bytes.len() >= ISA_LENGTH
}

fn widths_to_elements(bytes: &[u8]) -> Vec<&[u8]> {
    let mut at = 4;
    let mut elements = Vec::with_capacity(ISA_WIDTHS.len());
    for width in ISA_WIDTHS {
        elements.push(&bytes[at..at + width]);
        at += width + 1;
    }
    elements
}

/// The first 106 bytes that are no line breaks, and how many bytes of the file they span.
fn without_line_breaks(bytes: &[u8]) -> (Vec<u8>, usize) {
    let mut flat = Vec::with_capacity(ISA_LENGTH);
    for (index, &byte) in bytes.iter().enumerate() {
        if !is_line_break(byte) {
            flat.push(byte);
        }
        if flat.len() == ISA_LENGTH {
            return (flat, index + 1);
        }
    }
    let length = bytes.len();
    (flat, length)
}

/// Splits at the separator instead of trusting widths; every element must fit its width without padding and line breaks.
fn unpadded(bytes: &[u8]) -> Result<Isa, IsaFault> {
    let truncated = IsaFault::Truncated { length: bytes.len().min(ISA_LENGTH) };
    let mut elements = Vec::with_capacity(ISA_WIDTHS.len());
    let mut broken = None;
    let mut rest = &bytes[4..];
    for (index, width) in ISA_WIDTHS.into_iter().enumerate().take(15) {
        let end = rest.iter().position(|&byte| byte == bytes[3]);
        let written = &rest[..end.unwrap_or(rest.len())];
        let element: Vec<u8> = written.iter().copied().filter(|&byte| !is_line_break(byte)).collect();
        if element.len() < written.len() {
            broken = broken.or(Some(index + 1));
        }
        let found = element.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1);
        if found > width {
            return Err(IsaFault::TooLong { element: index + 1, width, found });
        }
        let Some(end) = end else { return Err(truncated) };
        elements.push(element);
        rest = &rest[end + 1..];
    }
    let [component, terminator, ..] = rest else { return Err(truncated) };
    if let Some(element) = broken.filter(|_| is_line_break(*terminator)) {
        return Err(IsaFault::Broken { element });
    }
    elements.push(vec![*component]);
    let layout = if broken.is_some() { Layout::UnpaddedAndWrapped } else { Layout::Unpadded };
    isa(bytes, elements.iter().map(Vec::as_slice).collect(), bytes.len() - rest.len() + 2, layout)
}

fn isa(bytes: &[u8], elements: Vec<&[u8]>, length: usize, layout: Layout) -> Result<Isa, IsaFault> {
    let end = if layout.is_unpadded() { length } else { ISA_LENGTH };
    let (component, terminator) = (bytes[end - 2], bytes[end - 1]);
    for (name, at) in [("component separator", end - 2), ("segment terminator", end - 1)] {
        if let Some(length) = wide(&bytes[at..]) {
            return Err(IsaFault::WideDelimiter { name, length });
        }
        if !can_delimit(bytes[at]) {
            return Err(IsaFault::NotADelimiter { name, byte: bytes[at] });
        }
    }
    // A line break there is the end of a line: ISA16 is missing.
    if is_line_break(component) {
        return Err(IsaFault::NotADelimiter { name: "component separator", byte: component });
    }
    let elements: Vec<String> = elements.into_iter().map(|bytes| super::segment::text_of(bytes).into_owned()).collect();
    let repetition = elements[10].bytes().next().filter(|&byte| has_repetition(&elements[11]) && can_delimit(byte));
    let delimiters = Delimiters { element: bytes[3], component, repetition, terminator };
    if let Some((first, second, byte)) = delimiters.clash() {
        return Err(IsaFault::Clash { first, second, byte });
    }
    Ok(Isa { delimiters, elements, length, layout })
}

/// How many bytes the first character has, if it is one of several in UTF-8. A single byte beyond ASCII is none: no two
/// such bytes follow one another where a header ends.
fn wide(bytes: &[u8]) -> Option<usize> {
    let length = match bytes.first()? {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let character = bytes.get(..length)?;
    std::str::from_utf8(character).is_ok().then_some(length)
}

/// Letters, digits and spaces are data in every header; NUL is a hole in the file.
fn can_delimit(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && byte != b' ' && byte != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISA: &str =
        "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*T*>~";

    fn learnt(text: &str) -> Isa {
        learn(text.as_bytes()).unwrap()
    }

    fn fault(text: &str) -> IsaFault {
        learn(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_header_of_fixed_width_names_its_delimiters() {
        let isa = learnt(&format!("{ISA}GS*PO"));
        assert_eq!(isa.delimiters, Delimiters::default());
        assert_eq!((isa.length, isa.layout), (106, Layout::Fixed));
        assert_eq!(isa.elements[5], "MEGAMART       ");
    }

    #[test]
    fn any_byte_but_a_letter_digit_or_space_may_terminate() {
        for terminator in [b'\n', b'\r', b'~', b'\'', b'\\', 0x1c, 0x85] {
            let mut bytes = ISA.as_bytes().to_vec();
            bytes[105] = terminator;
            assert_eq!(learn(&bytes).unwrap().delimiters.terminator, terminator);
        }
        for shifted in [b' ', b'G', b'1'] {
            let mut bytes = ISA.as_bytes().to_vec();
            bytes[105] = shifted;
            let expect = IsaFault::NotADelimiter { name: "segment terminator", byte: shifted };
            assert_eq!(learn(&bytes).unwrap_err(), expect);
        }
    }

    #[test]
    fn the_repetition_separator_counts_from_00402_only() {
        assert_eq!(learnt(&ISA.replace("*U*00401", "*^*00501")).delimiters.repetition, Some(b'^'));
        assert_eq!(learnt(&ISA.replace("*U*00401", "*^*00401")).delimiters.repetition, None);
        assert_eq!(learnt(&ISA.replace("*U*00401", "*U*00501")).delimiters.repetition, None);
        assert_eq!(learnt(&ISA.replace("*U*00401", "*^*00402")).delimiters.repetition, Some(b'^'));
    }

    #[test]
    fn trimmed_padding_is_read_by_splitting() {
        let isa = learnt("ISA*00**00**ZZ*MEGAMART*ZZ*ACMESUPPLY*260303*0915*U*00401*000000101*0*T*>~GS*PO");
        assert_eq!(isa.layout, Layout::Unpadded);
        assert_eq!(isa.delimiters, Delimiters::default());
        assert_eq!(isa.elements[7], "ACMESUPPLY");
        assert_eq!(isa.length, 74);
    }

    #[test]
    fn padding_that_is_too_long_moves_nothing_that_matters() {
        let isa = learnt(&format!("{}GS*PO", ISA.replace("MEGAMART       ", "MEGAMART        ")));
        assert_eq!((isa.length, isa.layout), (107, Layout::Unpadded));
        assert_eq!(isa.delimiters, Delimiters::default());
    }

    #[test]
    fn a_header_wrapped_at_80_columns_is_joined() {
        let isa = learnt(&format!("{}\r\n{}", &ISA[..80], &ISA[80..]));
        assert_eq!((isa.length, isa.layout), (108, Layout::Wrapped));
        assert_eq!(isa.elements[9], "0915");
    }

    #[test]
    fn a_header_that_was_trimmed_and_wrapped_is_split_and_joined() {
        let isa = learnt("ISA*00**00**ZZ*MEGA\r\nMART\n*ZZ*ACMESUPPLY*260303*09\n15*U*00401*000000101*0*T*>~\nGS*PO");
        assert_eq!((isa.length, isa.layout), (78, Layout::UnpaddedAndWrapped));
        assert_eq!((isa.elements[5].as_str(), isa.elements[9].as_str()), ("MEGAMART", "0915"));
        assert_eq!(isa.delimiters, Delimiters::default());
    }

    #[test]
    fn a_line_break_within_the_header_is_no_wrapping_where_segments_end_with_one() {
        let text = "ISA*00**00**ZZ*MEGAMART*ZZ*ACMESUPPLY*260303*09\n15*U*00401*000000101*0*T*>\nGS*PO";
        assert_eq!(fault(text), IsaFault::Broken { element: 10 });
    }

    #[test]
    fn a_header_without_its_last_element_is_refused_where_the_line_ends() {
        let expect = IsaFault::NotADelimiter { name: "component separator", byte: b'\r' };
        assert_eq!(fault(&format!("{}GS*PO", ISA.replace(">~", "\r\n"))), expect);
    }

    #[test]
    fn a_delimiter_of_several_bytes_is_refused() {
        let fault_of = |text: &str| fault(&format!("{}\nGS*PO", ISA.replace(">~", text)));
        assert_eq!(fault_of(">…"), IsaFault::WideDelimiter { name: "segment terminator", length: 3 });
        assert_eq!(fault_of("§~"), IsaFault::WideDelimiter { name: "component separator", length: 2 });
        // Latin-1, where both are one byte.
        let latin: Vec<u8> = ISA.bytes().map(|byte| if byte == b'~' { 0xa7 } else { byte }).chain(*b"\nGS").collect();
        assert_eq!(learn(&latin).unwrap().delimiters.terminator, 0xa7);
    }

    #[test]
    fn a_shifted_header_is_refused_and_says_which_element_is_too_long() {
        let long = ISA.replace("MEGAMART       ", "MEGAMART-STORES-INC");
        assert_eq!(fault(&long), IsaFault::TooLong { element: 6, width: 15, found: 19 });
    }

    #[test]
    fn a_header_that_the_file_ends_in_is_truncated() {
        for length in [4, 20, 70, 104, 105] {
            assert_eq!(fault(&ISA[..length]), IsaFault::Truncated { length }, "{length}");
        }
    }

    #[test]
    fn names_that_begin_with_isa_are_no_header() {
        for text in ["ISAAC*1", "ISA", "ISA 00", "GS*PO", ""] {
            assert_eq!(fault(text), IsaFault::Absent, "{text}");
        }
    }

    #[test]
    fn delimiters_must_differ() {
        let expect = |first, second, byte| IsaFault::Clash { first, second, byte };
        assert_eq!(fault(&ISA.replace(">~", "*~")), expect("element separator", "component separator", b'*'));
        assert_eq!(fault(&ISA.replace(">~", "~~")), expect("component separator", "segment terminator", b'~'));
        assert_eq!(
            fault(&ISA.replace("*U*00401", "*>*00501")),
            expect("component separator", "repetition separator", b'>')
        );
    }
}
