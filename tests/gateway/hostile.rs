//! Files that are made to cost more than they weigh: the work grows with their size and no faster.
//!
//! Each is made at two sizes, of which one is sixteen times the other, and the processor's time for them is compared; what is
//! quadratic takes 256 times as long.

use std::fs;
use std::time::Instant;

use edigate::diagnostic::{AckCode, Diagnostic, codes};
use edigate::x12::examine::{GroupVerdict, Report, examine};
use edigate::x12::guide::Library;

const ISA: &str =
    "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*T*>~";

fn report(bytes: &[u8]) -> Report {
    examine(bytes, None, &Library::standard_for, &mut |_| {}).unwrap()
}

/// The distinct codes of a report, in the order of their numbers.
fn codes(report: &Report) -> String {
    let mut codes: Vec<&str> =
        report.all_diagnostics().map(|fault| fault.code.code.trim_start_matches("X12-")).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.join(" ")
}

/// Nanoseconds that this thread has had of the processor; what other programs take is not counted.
fn processor_time() -> Option<u64> {
    fs::read_to_string("/proc/thread-self/schedstat").ok()?.split_whitespace().next()?.parse().ok()
}

/// How long some work takes, in nanoseconds.
fn time_of(work: impl FnOnce()) -> u64 {
    let (start, clock) = (processor_time(), Instant::now());
    work();
    match start.zip(processor_time()) {
        Some((start, end)) => end - start,
        None => u64::try_from(clock.elapsed().as_nanos()).unwrap(),
    }
}

/// Examines a file of a sixteenth of that size and of the whole. What it comes to is the same at both.
fn check(size: usize, file: impl Fn(usize) -> Vec<u8>, expect: &str) {
    let look_at = |bytes: &[u8]| assert_eq!(codes(&report(bytes)), expect);
    let (few, many) = (file(size / 16), file(size));
    assert_linear(time_of(|| (0..TIMES).for_each(|_| look_at(&few))), time_of(|| look_at(&many)));
}

/// How often the sixteenth is worked on: the kernel counts in ticks of some milliseconds.
const TIMES: u64 = 4;
/// What is shorter is not measured well.
const SHORT: u64 = 10_000_000;

/// What is linear takes sixteen times as long, give or take the caches; `few` is how long the sixteenth took [`TIMES`] times.
fn assert_linear(few: u64, many: u64) {
    assert!(many < 16 / TIMES * 4 * few.max(SHORT), "{few} nanoseconds for {TIMES} sixteenths, {many} for the whole");
}

/// One set in its envelopes.
fn in_envelopes(kind: &str, id: &str, body: &str, segments: usize) -> Vec<u8> {
    let set = format!("ST*{id}*0001~{body}SE*{}*0001~", segments + 2);
    format!("{ISA}GS*{kind}*A*B*20260303*0915*101*X*004010~{set}GE*1*101~IEA*1*000000101~").into_bytes()
}

fn order(body: &str, segments: usize) -> Vec<u8> {
    in_envelopes("PO", "850", &format!("BEG*00*SA*45**20260302~PO1*1*1*EA~{body}"), segments + 2)
}

#[test]
fn a_million_empty_segments() {
    check(1_000_000, |size| order(&"~".repeat(size), 0), "W008");
}

#[test]
fn a_segment_of_a_million_separators() {
    check(1_000_000, |size| order(&format!("REF{}~", "*".repeat(size)), 1), "E060 E061 E062");
    check(1_000_000, |size| order(&format!("REF*{}~", ">".repeat(size)), 1), "E061 E069");
}

#[test]
fn a_million_unknown_segments() {
    check(1_000_000, |size| order(&"X9*1~".repeat(size), size), "E050 N002");
}

#[test]
fn a_hundred_thousand_levels_each_in_the_one_before() {
    let levels = |size: usize| -> String { (2..=size).map(|level| format!("HL*{level}*{}*I~", level - 1)).collect() };
    let notice = |size| ship_notice(&levels(size), size);
    check(100_000, notice, "N002 W027");
}

#[test]
fn a_hundred_thousand_levels_in_one() {
    let levels = |size: usize| -> String { (2..=size).map(|level| format!("HL*{level}*1*I~")).collect() };
    check(100_000, |size| ship_notice(&levels(size), size), "N002 W027");
}

/// A ship notice with so many levels, the first of which is there. In structure 0001 no item stands right below the shipment, nor
/// below another item: the first hundred of them say so.
fn ship_notice(levels: &str, count: usize) -> Vec<u8> {
    let body = format!("BSN*00*SHP0000777*20260306*1410*0001~HL*1**S~{levels}CTT*{count}~");
    in_envelopes("SH", "856", &body, count + 2)
}

#[test]
fn a_hundred_thousand_interchanges_each_with_other_delimiters() {
    let one = format!("{ISA}TA1*000000503*260306*1410*A*000~IEA*0*000000101~");
    let other = one.replace('*', "|").replace('~', "'").replace('>', ":");
    check(100_000, |size| [one.as_str(), &other].concat().repeat(size / 2).into_bytes(), "");
}

#[test]
fn a_header_that_is_repeated_without_end() {
    check(100_000, |size| ISA.repeat(size).into_bytes(), "E016");
    let with_group = format!("{ISA}GS*PO*A*B*20260303*0915*101*X*004010~ST*850*0001~");
    check(20_000, |size| with_group.repeat(size).into_bytes(), "E016 E020 E030 E054");
}

#[test]
fn lengths_of_binary_data_that_are_all_untrue() {
    let set = "ST*850*0001~BIN*9999999*x~SE*3*0001~";
    let group = format!("GS*PO*A*B*20260303*0915*101*X*004010~{set}GE*1*101~");
    check(20_000, |size| format!("{ISA}{}IEA*{size}*000000101~", group.repeat(size)).into_bytes(), "E024 E046");
}

#[test]
fn groups_and_sets_that_all_have_one_number() {
    let group = "GS*PO*A*B*20260303*0915*101*X*004010~GE*0*101~";
    check(50_000, |size| format!("{ISA}{}IEA*{size}*000000101~", group.repeat(size)).into_bytes(), "E024 E026");
    let set = "ST*997*0001~AK1*PO*1~AK9*A*1*1*1~SE*4*0001~";
    let sets = |size: usize| {
        let group = format!("GS*FA*A*B*20260303*0915*101*X*004010~{}GE*{size}*101~", set.repeat(size));
        format!("{ISA}{group}IEA*1*000000101~").into_bytes()
    };
    check(20_000, sets, "E036");
}

#[test]
fn counts_that_no_number_holds() {
    let file = |se: &str, ge: &str, iea: &str| {
        let text = String::from_utf8(order("", 0)).unwrap();
        let text = text.replace("SE*4*", &format!("SE*{se}*")).replace("GE*1*", &format!("GE*{ge}*"));
        codes(&report(text.replace("IEA*1*", &format!("IEA*{iea}*")).as_bytes()))
    };
    assert_eq!(file("4", "1", "1"), "");
    for count in ["2147483648", "4294967300", "18446744073709551620", "99999999999999999999", "-4", "4e0", "४"] {
        assert_eq!(file(count, "1", "1"), "E032", "{count}");
        assert_eq!(file("4", count, "1"), "E022", "{count}");
        assert_eq!(file("4", "1", count), "W004", "{count}");
    }
}

#[test]
fn a_hundred_thousand_sets_that_are_rejected_one_by_one() {
    let reject_all = |size: usize| {
        let sets: String =
            (1..=size).map(|number| format!("ST*997*{number:06}~AK1*PO*1~AK9*A*1*1*1~SE*4*{number:06}~")).collect();
        let group = format!("GS*FA*A*B*20260303*0915*101*X*004010~{sets}GE*{size}*101~");
        let mut report = report(format!("{ISA}{group}IEA*1*000000101~").as_bytes());
        let group = &mut report.interchanges[0].groups[0];
        assert_eq!(group.verdict, GroupVerdict::Accepted);
        time_of(|| {
            for index in 0..size {
                let reason = Diagnostic::new(&codes::x12::SET_UNSUPPORTED, "not agreed on");
                group.reject_set(index, reason.acknowledged_as(AckCode::Set(1)));
            }
            assert_eq!(group.verdict, GroupVerdict::Rejected);
        })
    };
    let few = (0..TIMES).map(|_| reject_all(6_250)).sum();
    assert_linear(few, reject_all(100_000));
}
