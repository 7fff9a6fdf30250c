//! From a document to the text on the wire, and from there into the structs of x12-types.

use edigate::diagnostic::Diagnostic;
use edigate::document::Document;
use edigate::render::x12::set_at;
use edigate::x12::delimiters::Delimiters;
use edigate::x12::draft::SetDraft;
use edigate::x12::envelope::{InterchangeId, Usage};
use edigate::x12::examine::{Report, examine};
use edigate::x12::guide::Library;
use edigate::x12::writer::{Envelope, GroupDraft, interchange};
use jiff::civil::datetime;
use proptest::test_runner::Config;
use serde::Serialize;
use x12_types::util::Parser;
use x12_types::v005010::Transmission;

use crate::elements::Elements;

pub const VERSION: &str = "005010";
const GROUP: u32 = 503;
const INTERCHANGE: u32 = 7;

/// As many documents of each kind as PROPTEST_CASES says, else proptest's 256; what fails is for a test, not for a file.
pub fn config() -> Config {
    Config { failure_persistence: None, ..Config::default() }
}

/// A document as one interchange that edigate's own check has nothing against.
pub fn write(document: &Document) -> String {
    let rendered = set_at(document, VERSION).unwrap();
    assert!(rendered.warnings.is_empty(), "{:?}", rendered.warnings);
    let text = enclose(VERSION, vec![rendered.draft]);
    let report = examined(&text);
    let errors: Vec<&Diagnostic> = report.all_diagnostics().filter(|one| one.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{text}");
    text
}

/// Sets in one group and one interchange.
pub fn enclose(version: &str, sets: Vec<SetDraft>) -> String {
    let id = |text: &str| InterchangeId::parse(text).unwrap();
    let envelope = Envelope {
        sender: id("ZZ:ACMESUPPLY"),
        receiver: id("01:987654321"),
        group_sender: "ACME".to_owned(),
        group_receiver: "MEGAMART".to_owned(),
        version: version.to_owned(),
        control_number: INTERCHANGE,
        acknowledgment_requested: true,
        usage: Usage::Test,
        at: datetime(2026, 3, 6, 14, 10, 0, 0),
        delimiters: Delimiters::default(),
        line_breaks: true,
    };
    let bytes = interchange(&envelope, &[GroupDraft { control_number: GROUP, sets }]).unwrap();
    String::from_utf8(bytes).unwrap()
}

pub fn examined(text: &str) -> Report {
    examine(text.as_bytes(), None, &Library::standard_for, &mut |_| {}).unwrap()
}

/// What x12-types reads, to the last byte, or the rest that it could not.
pub fn parsed<'t, T>(text: &'t str) -> Result<Transmission<T>, String>
where
    T: Default + Parser<&'t str, T, nom::error::Error<&'t str>>,
{
    match Transmission::<T>::parse(text) {
        Ok(("", transmission)) => Ok(transmission),
        Ok((rest, _)) => Err(rest.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The sets of the one group, after a look at the envelope around them.
pub fn sets<'t, T>(text: &'t str, functional_id: &str) -> Vec<T>
where
    T: Default + Parser<&'t str, T, nom::error::Error<&'t str>>,
{
    let transmission = parsed::<T>(text).unwrap_or_else(|rest| panic!("x12-types stops: {rest}\nin {text}"));
    let isa = Elements::of(&transmission.isa);
    assert_eq!([isa.needed(5), isa.needed(6)], ["ZZ", "ACMESUPPLY     "]);
    assert_eq!([isa.needed(7), isa.needed(8)], ["01", "987654321      "]);
    assert_eq!([isa.needed(9), isa.needed(10)], ["260306", "1410"]);
    assert_eq!([isa.needed(11), isa.needed(12)], ["^", "00501"]);
    assert_eq!([isa.needed(13), isa.needed(14), isa.needed(15)], ["000000007", "1", "T"]);
    let [group] = transmission.functional_group.try_into().unwrap_or_else(|_| panic!("one group was written"));
    let (gs, ge) = (Elements::of(&group.gs), Elements::of(&group.ge));
    assert_eq!([gs.needed(1), gs.needed(2), gs.needed(3)], [functional_id, "ACME", "MEGAMART"]);
    assert_eq!([gs.needed(4), gs.needed(5), gs.needed(7)], ["20260306", "1410", "X"]);
    assert!(gs.needed(8).starts_with(VERSION));
    assert_eq!((gs.count(6), ge.count(2)), (Some(GROUP), Some(GROUP)));
    assert_eq!(ge.count(1), Some(group.segments.len() as u32));
    let iea = Elements::of(&transmission.iea);
    assert_eq!((iea.count(1), iea.needed(2)), (Some(1), isa.needed(13)));
    group.segments
}

/// ST and SE of the only set: its kind, one number, and as many segments as there are.
pub fn trailer(text: &str, st: &impl Serialize, se: &impl Serialize, id: &str) {
    let (st, se) = (Elements::of(st), Elements::of(se));
    assert_eq!([st.needed(1), st.needed(2)], [id, "0001"]);
    assert_eq!(se.needed(2), "0001");
    let segments = text.matches('~').count() - "ISA GS GE IEA".split(' ').count();
    assert_eq!(se.count(1), Some(segments as u32));
}

/// A document as it can be told: where one note ends and the next begins is lost where a long one runs over several segments.
pub fn told(mut document: Document) -> Document {
    let notes = &mut document.header_mut().notes;
    *notes = vec![notes.join(" ")];
    document
}
