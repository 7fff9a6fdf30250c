//! What the reader makes of whole files: good ones, bad ones, and bytes that are no file at all.

use proptest::prelude::*;

use super::*;
use crate::x12::delimiters::Delimiters;
use crate::x12::examples::{EXAMPLES, ORDER, TA1_ACCEPTED, draft, parts_again};
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
}

#[test]
fn blanks_a_byte_order_mark_and_what_fills_the_last_block_mean_nothing() {
    for text in [
        format!("\u{feff}{ORDER}"),
        format!(" \r\n\t{ORDER}"),
        format!("{ORDER}\u{1a}"),
        format!("{ORDER}\u{1a}\0\0\0\0"),
        format!("{ORDER}\r\n\r\n  "),
    ] {
        assert_eq!(outline(text), GOOD);
    }
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
        (format!("{ISA}{GS}{SET}GE*1*101~IEA*1*000000101\r\n\u{1a}"), "ISA:MEGAMART GS:PO 850:3:SE GE W009 IEA"),
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

/// Reads every file under a directory named by the environment: real files hold what nobody thinks of.
#[test]
fn no_file_of_the_corpus_makes_the_reader_panic() {
    let Some(root) = std::env::var_os("EDIGATE_CORPUS") else {
        eprintln!("EDIGATE_CORPUS is not set: no corpus was read");
        return;
    };
    let mut directories = vec![std::path::PathBuf::from(root)];
    let mut files = 0;
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                eprintln!("{name}: {}", outline(&bytes));
                assert_ranges_hold(&bytes);
                files += 1;
            }
        }
    }
    eprintln!("{files} files read");
    assert!(files > 0, "the corpus is empty");
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
    fn what_was_read_and_written_reads_the_same(
        names in proptest::collection::vec("[A-Z][A-Z0-9]{1,2}", 1..6),
        words in proptest::collection::vec("[A-Za-z0-9 .,é-]{1,12}", 1..8),
        terminator in prop_oneof![Just(b'~'), Just(b'\n'), Just(b'\''), Just(0x1c)],
    ) {
        let (envelope, mut groups) = parts_again(ORDER.as_bytes());
        let reserved = ["ST", "SE", "GS", "GE", "IEA", "ISA"];
        let names = names.iter().filter(|name| !reserved.contains(&name.as_str()));
        let segments = names.map(|name| crate::x12::writer::SegmentDraft::new(name, words.iter().map(String::as_str)));
        groups[0].sets[0].segments = segments.collect();
        let delimiters = Delimiters { terminator, ..envelope.delimiters };
        let envelope = Envelope { delimiters, line_breaks: false, ..envelope };
        let bytes = interchange(&envelope, &groups).unwrap();
        let (envelope_again, groups_again) = parts_again(&bytes);
        prop_assert_eq!(&groups_again[0].sets, &groups[0].sets);
        prop_assert_eq!(interchange(&Envelope { line_breaks: false, ..envelope_again }, &groups_again).unwrap(), bytes);
    }
}

#[test]
fn a_draft_of_a_segment_is_the_segment() {
    let set = SetText::parse(b"SV1*HC>9**A~", Delimiters::default(), 0);
    let drafted = draft(set.segment(0));
    assert_eq!((drafted.tag.as_str(), drafted.elements.len()), ("SV1", 3));
}
