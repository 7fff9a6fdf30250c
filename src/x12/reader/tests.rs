//! What the reader makes of whole files: good ones, bad ones, and bytes that are no file at all.

use proptest::prelude::*;

use super::*;
use crate::x12::delimiters::Delimiters;
use crate::x12::draft::{ElementDraft, SegmentDraft, SetDraft};
use crate::x12::examples::{EXAMPLES, IMPLEMENTATION_ACK, ORDER, TA1_ACCEPTED, draft, parts_again};
use crate::x12::writer::{Envelope, interchange};

const ISA: &str =
    "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*T*>~";
const GS: &str = "GS*PO*A*B*20260303*0915*101*X*004010~";
const SET: &str = "ST*850*0001~BEG*00~SE*3*0001~";
const END: &str = "GE*1*101~IEA*1*000000101~";

fn parts(source: impl io::Read) -> Vec<Part> {
    let mut reader = Reader::new(source);
    let mut parts = Vec::new();
    while let Some(part) = reader.next().unwrap() {
        parts.push(part);
    }
    parts
}

/// A file as its reader sees it: one word for each part, a code for each problem.
fn outline(bytes: impl AsRef<[u8]>) -> String {
    let words: Vec<String> = parts(bytes.as_ref()).iter().map(word).collect();
    words.join(" ")
}

fn word(part: &Part) -> String {
    let last_tag = |set: &SetText| set.last().map_or("", |last| last.tag()).to_owned();
    match part {
        Part::InterchangeStart(header) => format!("ISA:{}", header.sender),
        Part::BetweenEnvelopes(segment) => last_tag(segment),
        Part::GroupStart(header) => format!("GS:{}", header.functional_id),
        Part::Set(set) => format!("{}:{}:{}", set.segment(0).text(1), set.len(), last_tag(set)),
        Part::GroupEnd(trailer) => if trailer.is_some() { "GE" } else { "-GE" }.to_owned(),
        Part::InterchangeEnd(trailer, _) => if trailer.is_some() { "IEA" } else { "-IEA" }.to_owned(),
        Part::Problem(fault) => fault.code.code.trim_start_matches("X12-").to_owned(),
    }
}

fn problems(bytes: impl AsRef<[u8]>) -> Vec<Diagnostic> {
    let problem = |part| match part {
        Part::Problem(fault) => Some(fault),
        _ => None,
    };
    parts(bytes.as_ref()).into_iter().filter_map(problem).collect()
}

const GOOD: &str = "ISA:MEGAMART GS:PO 850:22:SE GE IEA";

#[test]
fn a_file_is_envelopes_and_sets_in_order() {
    assert_eq!(outline(ORDER), GOOD);
    assert_eq!(outline(TA1_ACCEPTED), "ISA:MEGAMART TA1 IEA");
    let ta1 = "TA1*000000503*260306*1410*A*000~";
    assert_eq!(outline(format!("{ISA}{ta1}{ta1}{GS}{SET}{END}")), "ISA:MEGAMART TA1 TA1 GS:PO 850:3:SE GE IEA");
}

#[test]
fn blanks_around_an_interchange_mean_nothing() {
    for text in [format!(" \r\n\t{ORDER}"), format!("{ORDER}\r\n\r\n  "), format!("{ORDER} \n{ORDER}")] {
        assert_eq!(outline(&text).replace(GOOD, "").trim(), "", "{text}");
    }
}

#[test]
fn a_byte_order_mark_is_passed_over_with_a_warning() {
    assert_eq!(outline(format!("\u{feff}{ORDER}")), GOOD.replace("GS", "W015 GS"));
    assert_eq!(outline(format!("\u{feff}\r\n{ORDER}")), GOOD.replace("GS", "W015 GS"));
    // In the middle of a file it is the rest of something.
    assert_eq!(outline(format!("{ORDER}\u{feff}{ORDER}")), format!("{GOOD} E009"));
}

#[test]
fn what_fills_the_last_block_is_passed_over_with_one_warning() {
    for filler in ["\u{1a}", "\u{1a}\0\0\0\0", "\0\0\r\n\u{1a}", "\r\n\0"] {
        assert_eq!(outline(format!("{ORDER}{filler}")), format!("{GOOD} W016"), "{filler:?}");
    }
    assert_eq!(outline(format!("{ORDER}\0\0{ORDER}\0")), format!("{GOOD} W016 {GOOD} W016"));
    assert_eq!(outline(format!("\0{ORDER}")), "E003");
    // In a segment it is data, of which the check complains.
    assert_eq!(outline(ORDER.replace("WIDGET", "WID\0GET")), GOOD);
}

#[test]
fn any_terminator_is_learnt_with_or_without_line_breaks_after_it() {
    for terminator in ["~", "\n", "\r\n", "\r", "~\r\n", "'\n", "\\", "\u{1c}", "~  \n\n", "\n\n"] {
        let text = ORDER.replace("~\n", terminator);
        assert_eq!(outline(&text), GOOD, "{terminator:?}");
    }
    let latin: Vec<u8> = ORDER.replace("~\n", "~").bytes().map(|b| if b == b'~' { 0x85 } else { b }).collect();
    assert_eq!(outline(latin), GOOD);
}

#[test]
fn a_file_wrapped_at_80_columns_is_joined_with_one_warning_and_exact_offsets() {
    let flat = ORDER.replace("~\n", "~");
    for line_break in ["\n", "\r\n"] {
        let lines: Vec<&str> = flat.as_bytes().chunks(80).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let text = lines.join(line_break);
        assert_eq!(outline(&text), "ISA:MEGAMART W002 GS:PO 850:22:SE GE IEA");
        let parts = parts(text.as_bytes());
        let Some(Part::Set(set)) = parts.iter().find(|part| matches!(part, Part::Set(_))) else { panic!() };
        for segment in set.segments() {
            let at = segment.offset() as usize;
            let written = text[at..].replace(line_break, "");
            assert!(written.as_bytes().starts_with(segment.raw()), "{}", segment.tag());
        }
        assert_eq!(set.bytes(), &flat.as_bytes()[set_range(&flat)]);
    }
}

fn set_range(flat: &str) -> std::ops::Range<usize> {
    flat.find("ST*850").unwrap()..flat.find("GE*1").unwrap()
}

#[test]
fn a_header_that_was_not_padded_is_read_with_a_warning() {
    let text = ORDER.replace("          ", "").replace("       ", "").replace("     ", "");
    assert_eq!(outline(text), "ISA:MEGAMART W001 GS:PO 850:22:SE GE IEA");
}

#[test]
fn a_header_that_was_trimmed_and_wrapped_is_read_with_both_warnings() {
    let text =
        ORDER.replace("          ", "").replace("       ", "").replace("     ", "").replace("*0915*U", "*09\n15*U");
    assert_eq!(outline(text), "ISA:MEGAMART W001 W002 GS:PO 850:22:SE GE IEA");
}

#[test]
fn a_terminator_of_several_bytes_is_refused_by_name() {
    insta::assert_snapshot!(problems(ORDER.replace('~', "…"))[0], @r#"
    error X12-E005: the segment terminator is a character of 3 bytes
      at segment ISA, byte 0
      expected one byte, found "3 bytes"
      hint: the sender must choose a delimiter of ASCII, or write one byte for each character
    "#);
}

#[test]
fn what_looks_like_wrapping_is_data_where_segments_end_with_a_line_break() {
    let text = ORDER.replace("~\n", "\n").replace("CTT*2*36\nSE*", "CTT*2*36\nS\rE*");
    assert_eq!(outline(&text), "ISA:MEGAMART GS:PO E030 850:22:S\rE GE IEA");
    // Wherever its bytes stand in the blocks that are scanned at once.
    let long = text.replace("CTT*2*36\n", &format!("{}CTT*2*36\n", "NTE*GEN*A\n".repeat(900)));
    assert_eq!(outline(&long), "ISA:MEGAMART GS:PO E030 850:922:S\rE GE IEA");
}

#[test]
fn interchanges_follow_one_another_each_with_its_own_delimiters() {
    let other = ORDER.replace("~\n", "'").replace('*', "|").replace("MEGAMART ", "OTHER    ");
    let text = format!("{ORDER}\r\n{other}{ORDER}");
    assert_eq!(outline(text), format!("{GOOD} ISA:OTHER GS:PO 850:22:SE GE IEA {GOOD}"));
}

#[test]
fn names_that_begin_with_isa_are_data() {
    let set = "ST*850*0001~N1*BY*ISAAC~ISAAC*1~NTE*GEN*~ISA ~SE*6*0001~";
    assert_eq!(outline(format!("{ISA}{GS}{set}{END}")), "ISA:MEGAMART GS:PO 850:6:SE GE IEA");
    assert_eq!(outline(format!("{ISA}{GS}ST*850*0001~ISA*1*2~SE*3*0001~{END}")), "ISA:MEGAMART GS:PO 850:3:SE GE IEA");
}

#[test]
fn what_is_missing_is_said_and_reading_goes_on_at_the_next_envelope() {
    let open = "ST*850*0001~BEG*00~";
    for (text, expect) in [
        (format!("{ISA}{GS}{open}{SET}{END}"), "ISA:MEGAMART GS:PO E030 850:2:BEG 850:3:SE GE IEA"),
        (format!("{ISA}{GS}{open}{END}"), "ISA:MEGAMART GS:PO E030 850:2:BEG GE IEA"),
        (format!("{ISA}{GS}{SET}IEA*1*000000101~"), "ISA:MEGAMART GS:PO 850:3:SE E020 -GE IEA"),
        (format!("{ISA}{GS}{SET}{GS}{SET}{END}"), "ISA:MEGAMART GS:PO 850:3:SE E020 -GE GS:PO 850:3:SE GE IEA"),
        (
            format!("{ISA}{GS}{open}{ISA}{GS}{SET}{END}"),
            "ISA:MEGAMART GS:PO E030 850:2:BEG E020 -GE E016 -IEA ISA:MEGAMART GS:PO 850:3:SE GE IEA",
        ),
        (format!("{ISA}{GS}{SET}GE*1*101~"), "ISA:MEGAMART GS:PO 850:3:SE GE E016 -IEA"),
        (format!("{ISA}{GS}{open}PO1*1"), "ISA:MEGAMART GS:PO E030 850:2:BEG E020 -GE E016 -IEA"),
        (format!("{ISA}{GS}BEG*00~REF*1~{SET}X1*2~{END}"), "ISA:MEGAMART GS:PO E017 850:3:SE E017 GE IEA"),
        (format!("{ISA}{SET}{GS}{SET}{END}"), "ISA:MEGAMART E018 GS:PO 850:3:SE GE IEA"),
        (format!("{ISA}{GS}{SET}~~{END}"), "ISA:MEGAMART GS:PO 850:3:SE W008 GE IEA"),
        (format!("{ISA}{GS}{SET}{END}GS*PO~"), "ISA:MEGAMART GS:PO 850:3:SE GE IEA E009"),
        (format!("{ISA}{GS}{SET}GE*1*101~IEA*1*000000101"), "ISA:MEGAMART GS:PO 850:3:SE GE W009 IEA"),
        (format!("{ISA}{GS}{SET}GE*1*101~IEA*1*000000101\r\n\u{1a}"), "ISA:MEGAMART GS:PO 850:3:SE GE W009 IEA W016"),
        (ISA.to_owned(), "ISA:MEGAMART E016 -IEA"),
    ] {
        assert_eq!(outline(&text), expect, "{text}");
    }
}

#[test]
fn what_is_no_interchange_has_a_code_for_each_kind() {
    for (bytes, expect) in [
        (&b""[..], "E001"),
        (b" \r\n", "E001"),
        (b"\xef\xbb\xbf", "E001"),
        (b"hello", "E002"),
        (b"ISA", "E002"),
        (b"ISAAC NEWTON", "E002"),
        (b"GS*PO*A*B~", "E002"),
        (b"\x7fELF\x02\x01\x01\0\0", "E003"),
        (b"PK\x03\x04\x14\0", "E003"),
        (b"\x84\x83\x92\xff\xfe\xfd", "E003"),
        (b"ISA*00*          *00*", "E004"),
        (b"ISA*00*          *00*          *ZZ*A-NAME-THAT-IS-TOO-LONG*ZZ*", "E005"),
    ] {
        assert_eq!(outline(bytes), expect, "{bytes:?}");
    }
    assert_eq!(outline(ISA.replace(">~", ">X")), "E005");
    assert_eq!(outline(ISA.replace(">~", "~~")), "E006");
}

#[test]
fn noise_is_quoted_so_that_it_can_be_shown_anywhere() {
    insta::assert_snapshot!(problems(b"PK\x03\x04\x14\0\x1b[31m")[0], @r#"
    error X12-E003: the file is not text
      at byte 0
      expected ISA and an element separator, found "PK\x03\x04\x14\x00\x1b[31m"
      hint: this looks like a ZIP archive: unpack it before it is handed over
    "#);
}

#[test]
fn a_missing_trailer_is_placed_where_it_should_have_stood() {
    insta::assert_snapshot!(problems(format!("{ISA}{GS}ST*850*0001~BEG*00~{END}"))[0], @r#"
    error X12-E030: the transaction set has no SE before GE
      at 850 0001, segment 3 (SE), byte 162
      expected SE, found "GE"
      hint: the sender must end the set with SE and send it again
    "#);
}

#[test]
fn a_shifted_header_says_which_element_moved_it_and_keeps_passwords_to_itself() {
    let text = ISA.replace("*00*          *ZZ", "*01*SECRET-PASSWORD*ZZ");
    let fault = &problems(text)[0];
    assert_eq!(fault.message, "ISA04 is 15 characters long, expected at most 10");
    assert!(!fault.to_string().contains("SECRET"));
}

fn in_a_group(sets: impl std::fmt::Display) -> String {
    format!("{ISA}{GS}{sets}{END}")
}

#[test]
fn binary_data_is_read_by_its_length_whatever_stands_in_it() {
    for segment in [
        "BIN*5*a~b*c~",
        "BDS*ASC*5*a~b*c~",
        "BIN*0*~",
        "BIN*10*SE*3*0001~~",
        "\r\nBIN*8*\r\n~\n~GE*~\n",
        "BIN*6*GE*1*1~",
    ] {
        let text = in_a_group(format!("ST*850*0001~BEG*00~{segment}SE*4*0001~{SET}"));
        assert_eq!(outline(&text), "ISA:MEGAMART GS:PO 850:4:SE 850:3:SE GE IEA", "{segment}");
        let parts = parts(text.as_bytes());
        let Some(Part::Set(set)) = parts.iter().find(|part| matches!(part, Part::Set(_))) else { panic!() };
        let binary = set.segment(2);
        let data =
            segment.trim_start()[..segment.trim_start().rfind('~').unwrap()].splitn(binary.element_count() + 1, '*');
        assert_eq!(binary.element(binary.element_count()), data.last().unwrap().as_bytes());
        assert_eq!(binary.offset() as usize, text.find(segment.trim_start()).unwrap());
        assert_eq!(set.segment(3).offset() as usize, text.find("SE*4").unwrap());
        assert_eq!(set.end_offset() as usize, text.find(SET).unwrap());
        assert!(text.contains(std::str::from_utf8(set.bytes()).unwrap()), "the bytes are those of the file");
    }
}

#[test]
fn an_interchange_within_an_attachment_is_not_read() {
    let inner = ORDER.replace('\n', "\r\n");
    let text = in_a_group(format!("ST*850*0001~BDS*ASC*{}*{inner}~SE*3*0001~", inner.len()));
    assert_eq!(outline(text), "ISA:MEGAMART GS:PO 850:3:SE GE IEA");
}

#[test]
fn binary_data_may_be_longer_than_what_is_read_at_once() {
    for length in [8 << 10, 128 << 10, 300 << 10, 2 << 20] {
        let data = "~*\n>GE*1*101~".repeat(length / 13 + 1);
        let text = in_a_group(format!("ST*850*0001~BIN*{length}*{}~SE*3*0001~{SET}", &data[..length]));
        let mut reader = Reader::new(text.as_bytes());
        let mut words = Vec::new();
        while let Some(part) = reader.next().unwrap() {
            words.push(word(&part));
            let Part::Set(set) = &part else { continue };
            assert_eq!(text.as_bytes()[set.last().unwrap().offset() as usize..][..4], *b"SE*3");
            if set.segment(1).tag() == "BIN" {
                assert!(set.segment(1).element(2) == &data.as_bytes()[..length]);
            }
        }
        assert_eq!(words.join(" "), "ISA:MEGAMART GS:PO 850:3:SE 850:3:SE GE IEA", "{length}");
    }
}

#[test]
fn binary_data_in_a_set_that_is_too_large_is_stepped_over() {
    let text = in_a_group(format!("ST*850*0001~{}BIN*9*~SE*3*1~~~SE*102*0001~{SET}", "N9*PO*1~".repeat(99)));
    let mut reader = Reader { max_set_bytes: 400, ..Reader::new(text.as_bytes()) };
    let mut words = Vec::new();
    while let Some(part) = reader.next().unwrap() {
        words.push(word(&part));
    }
    assert_eq!(words.join(" "), "ISA:MEGAMART GS:PO E008 850:1:ST 850:3:SE GE IEA");
}

#[test]
fn binary_data_that_ends_in_doubt_is_refused_and_reading_goes_on_at_the_groups_own_trailer() {
    let doubtful = |segment: &str| in_a_group(format!("{SET}ST*850*0002~BEG*00~{segment}SE*4*0002~"));
    for (segment, code) in [
        ("BIN*4*a~b*c~", "E046"),
        ("BIN*6*a~b*c~", "E046"),
        ("BIN*9999*a~b*c~", "E046"),
        ("BIN**a~b*c~", "E045"),
        ("BIN*five*a~b*c~", "E045"),
        ("BIN*5~", "E045"),
        ("BDS*5*a~b*c~", "E045"),
        ("BDS*ASC*x*a~b*c~", "E045"),
        ("B\nIN*5*a~b*c~", "E045"),
        ("BIN*99999999*a~b*c~", "E047"),
        // None of these is the trailer of this group, nor is anything between them a set of it.
        ("BIN*1*aa~SE*4*0002~GE*1*7~IEA*1*000000007~ISA*00*x~GS*PO~ST*850*0003~BEG*00~SE*3*0003~", "E046"),
    ] {
        let expect = format!("ISA:MEGAMART GS:PO 850:3:SE {code} 850:1:ST GE IEA");
        assert_eq!(outline(doubtful(segment)), expect, "{segment}");
    }
    let lost = doubtful("BIN*4*a~b*c~");
    assert_eq!(outline(lost.replace("GE*1*101", "GE*1*102")), "ISA:MEGAMART GS:PO 850:3:SE E046 850:1:ST E020 -GE IEA");
    assert_eq!(outline(lost.replace("GE*1*101", "GE*1*000101")), "ISA:MEGAMART GS:PO 850:3:SE E046 850:1:ST GE IEA");
    let cut = lost.replace(END, "GE*1*102~IEA*1*000000102~");
    assert_eq!(outline(&cut), "ISA:MEGAMART GS:PO 850:3:SE E046 850:1:ST E020 -GE E016 -IEA");
    let unterminated = lost.trim_end_matches('~').replace("GE*1*101~", "");
    assert_eq!(outline(&unterminated), "ISA:MEGAMART GS:PO 850:3:SE E046 850:1:ST E020 -GE W009 IEA");
    assert_eq!(outline(format!("{ISA}BIN*4*a~b*c~{GS}{SET}{END}")), "ISA:MEGAMART E046 IEA");
    assert_eq!(outline(format!("{ISA}{GS}BIN*5*a~b*c~{SET}{END}")), "ISA:MEGAMART GS:PO E017 850:3:SE GE IEA");
}

#[test]
fn doubtful_data_without_terminators_is_passed_over_to_the_trailer() {
    let text = in_a_group(format!("ST*850*0001~BIN*4*{}GE*1*101~", "A".repeat(3 << 20)));
    // The first GE may be the end of the data; the second stands behind a terminator.
    assert_eq!(outline(text), "ISA:MEGAMART GS:PO E046 850:1:ST GE IEA");
}

#[test]
fn a_binary_segment_in_doubt_is_placed_where_it_stands() {
    insta::assert_snapshot!(problems(in_a_group("ST*850*0001~BEG*00~BIN*12*café at noon~SE*4*0001~"))[0], @r#"
    error X12-E046: BIN01 says 12 bytes of data, which do not end there
      at 850 0001, segment 3 (BIN), element 1, byte 162
      expected ~ after the data, found "n"
      hint: the sender must count the bytes of the data as they are sent. Transfer the file in binary mode so that nobody rewrites line ends
    "#);
    insta::assert_snapshot!(problems(in_a_group("ST*850*0001~BDS*ASC**a~b*c~SE*3*0001~"))[0], @r#"
    error X12-E045: BDS02 is no length of binary data
      at 850 0001, segment 2 (BDS), element 2, byte 155
      expected a number of at most 15 digits, found "BDS*ASC**a~b*c~SE*3*0001"
      hint: the sender must write the number of bytes of the data in BIN01 or BDS02, in digits alone
    "#);
}

/// Gives the same bytes for ever and counts how many were taken.
struct Endless {
    head: Vec<u8>,
    given: usize,
    limit: usize,
}

impl io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.limit - self.given);
        for (index, byte) in buffer[..count].iter_mut().enumerate() {
            *byte = self.head.get(self.given + index).copied().unwrap_or(b'A');
        }
        self.given += count;
        Ok(count)
    }
}

#[test]
fn a_file_without_terminators_is_refused_after_the_bound_and_not_read_to_its_end() {
    let head = format!("{ISA}{GS}{SET}").into_bytes();
    let mut source = Endless { head, given: 0, limit: 200 << 20 };
    let words: Vec<String> = parts(&mut source).iter().map(word).collect();
    assert_eq!(words.join(" "), "ISA:MEGAMART GS:PO 850:3:SE E007 E020 -GE E016 -IEA");
    assert!(source.given < MAX_SEGMENT_BYTES + (256 << 10), "{} bytes were read", source.given);
}

#[test]
fn a_set_that_is_too_large_is_refused_and_the_next_one_is_read() {
    let large = format!("ST*850*0001~{}SE*102*0001~", "N9*PO*1~".repeat(100));
    let text = format!("{ISA}{GS}{large}{}{END}", SET.replace("0001", "0002"));
    let mut reader = Reader { max_set_bytes: 400, ..Reader::new(text.as_bytes()) };
    let mut words = Vec::new();
    while let Some(part) = reader.next().unwrap() {
        words.push(word(&part));
        if let Part::Set(set) = &part {
            let range = set.offset() as usize..set.end_offset() as usize;
            assert!(text[range.clone()].starts_with("ST") && text[range].ends_with("~"));
        }
    }
    assert_eq!(words.join(" "), "ISA:MEGAMART GS:PO E008 850:1:ST 850:3:SE GE IEA");
}

#[test]
fn a_set_of_nothing_but_separators_or_line_breaks_is_bounded_too() {
    for filler in ["N9***************~", "N9*\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n1~"] {
        let text = format!("{ISA}{GS}ST*850*0001~{}SE*42*0001~{END}", filler.repeat(40));
        let mut reader = Reader { max_set_bytes: 800, ..Reader::new(text.as_bytes()) };
        let mut words = Vec::new();
        while let Some(part) = reader.next().unwrap() {
            words.push(word(&part));
        }
        assert!(words.contains(&"E008".to_owned()), "{words:?}");
    }
}

#[test]
fn segments_are_found_however_the_source_cuts_its_bytes() {
    struct OneByOne<'a>(&'a [u8]);
    impl io::Read for OneByOne<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            (buffer[0], self.0) = (*first, rest);
            Ok(1)
        }
    }
    for example in EXAMPLES {
        let words: Vec<String> = parts(OneByOne(example.as_bytes())).iter().map(word).collect();
        assert_eq!(words.join(" "), outline(example));
    }
}

#[test]
fn a_failing_source_is_our_trouble_and_not_the_files() {
    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("disk on fire"))
        }
    }
    assert!(Reader::new(Broken).next().is_err());
}

/// Every segment's offset points at its first byte.
fn assert_ranges_hold(bytes: &[u8]) {
    for part in parts(bytes) {
        let Part::Set(set) = part else { continue };
        for segment in set.segments() {
            assert_eq!(bytes[segment.offset() as usize], segment.raw()[0]);
            for number in 1..=segment.element_count() {
                assert!(segment.element_offset(number) <= bytes.len() as u64);
            }
        }
    }
}

/// Bytes that look enough like X12 to get past the header.
fn x12_like() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        Just(ISA.as_bytes().to_vec()),
        Just(GS.as_bytes().to_vec()),
        Just(SET.as_bytes().to_vec()),
        Just(END.as_bytes().to_vec()),
        Just(b"ST*850*0001~".to_vec()),
        Just(b"SE*3*0001~".to_vec()),
        Just(b"ISA*~".to_vec()),
        Just(b"~".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"I\nEA".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..20),
        "[A-Z0-9*>~ \n]{0,20}".prop_map(String::into_bytes),
    ];
    proptest::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_read_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(!parts(bytes.as_slice()).is_empty());
    }

    #[test]
    fn anything_after_a_header_is_read_to_an_end_and_envelopes_balance(tail in x12_like()) {
        let bytes = [ISA.as_bytes(), &tail].concat();
        let parts = parts(bytes.as_slice());
        let count = |wanted: fn(&Part) -> bool| parts.iter().filter(|part| wanted(part)).count();
        let starts = count(|part| matches!(part, Part::InterchangeStart(_)));
        prop_assert_eq!(starts, count(|part| matches!(part, Part::InterchangeEnd(..))));
        let groups = count(|part| matches!(part, Part::GroupStart(_)));
        prop_assert_eq!(groups, count(|part| matches!(part, Part::GroupEnd(_))));
        prop_assert!(parts.len() <= 4 * bytes.len() + 8);
        assert_ranges_hold(&bytes);
    }

    #[test]
    fn what_was_read_and_written_is_the_same_bytes(segments in proptest::collection::vec(drafts(), 1..8), delimiters in delimiters()) {
        let (envelope, mut groups) = parts_again(IMPLEMENTATION_ACK.as_bytes());
        let line_breaks = delimiters.terminator == b'~';
        let envelope = Envelope { delimiters, line_breaks, ..envelope };
        groups[0].sets[0] = SetDraft::of("999", &segments);
        let bytes = interchange(&envelope, &groups).unwrap();
        let (envelope_again, groups_again) = parts_again(&bytes);
        prop_assert_eq!(envelope_again.delimiters, delimiters);
        prop_assert_eq!(&groups_again[0].sets, &groups[0].sets);
        prop_assert_eq!(interchange(&envelope_again, &groups_again).unwrap(), bytes);
    }
}

/// Delimiters of which none stands in the values of [`drafts`].
fn delimiters() -> impl Strategy<Value = Delimiters> {
    let choices = (
        prop_oneof![Just(b'*'), Just(b'|'), Just(b'\t'), Just(0x1d)],
        prop_oneof![Just(b'>'), Just(b':'), Just(0x1f)],
        prop_oneof![Just(b'~'), Just(b'\n'), Just(b'\r'), Just(b'\''), Just(0x1c)],
        prop_oneof![Just(b'^'), Just(b'!'), Just(0x1e)],
    );
    choices.prop_map(|(element, component, terminator, repetition)| Delimiters {
        element,
        component,
        terminator,
        repetition: Some(repetition),
    })
}

/// Segments in the one form that the writer gives them: nothing empty at their ends.
fn drafts() -> impl Strategy<Value = SegmentDraft> {
    let text = || "[A-Za-z0-9 .,é€-]{0,12}";
    let full = || "[A-Za-z0-9é]{1,12}";
    // Composites have two components at least, repetitions two values.
    let composite = move || (proptest::collection::vec(text(), 1..4), full()).prop_map(closed);
    let value = move || prop_oneof![full().prop_map(|text| vec![text]), composite()];
    let repeated = (proptest::collection::vec(value(), 1..4), value()).prop_map(closed);
    let element = prop_oneof![
        text().prop_map(ElementDraft::Simple),
        composite().prop_map(ElementDraft::Composite),
        repeated.prop_map(ElementDraft::Repeated),
    ];
    let last = prop_oneof![full().prop_map(ElementDraft::Simple), composite().prop_map(ElementDraft::Composite)];
    let elements = (proptest::collection::vec(element, 0..6), last).prop_map(closed);
    let reserved = ["ST", "SE", "GS", "GE", "IEA", "ISA", "BIN", "BDS"];
    let tag = "[A-Z][A-Z0-9]{1,2}".prop_filter("an envelope's", move |tag| !reserved.contains(&tag.as_str()));
    let plain = (tag, elements).prop_map(|(tag, elements)| SegmentDraft { tag, elements });
    let binary = (proptest::collection::vec(any::<u8>(), 0..80), any::<bool>()).prop_map(|(data, is_filtered)| {
        let (tag, filter) = if is_filtered { ("BDS", Some("B64")) } else { ("BIN", None) };
        let length = ElementDraft::Simple(data.len().to_string());
        SegmentDraft::new(tag, filter.map(ElementDraft::from).into_iter().chain([length, ElementDraft::Binary(data)]))
    });
    prop_oneof![4 => plain, 1 => binary]
}

fn closed<T>((mut list, last): (Vec<T>, T)) -> Vec<T> {
    list.push(last);
    list
}

#[test]
fn a_draft_of_a_segment_is_the_segment() {
    let set = SetText::parse(b"SV1*HC>9**A~", Delimiters::default(), 0);
    let drafted = draft(set.segment(0));
    assert_eq!((drafted.tag.as_str(), drafted.elements.len()), ("SV1", 3));
}
