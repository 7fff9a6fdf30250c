//! What the benchmark feeds the gateway: one realistic order of twelve lines, as often as is wanted.
//!
//! ```text
//! ISA … GS … ST*850*0001  BEG … CUR REF PER FOB ITD DTM TD5 N1 N1 N3 N4  12 × (PO1 PID PO4 REF)  CTT SE … GE … IEA
//! ```
//!
//! Orders differ in their control numbers and PO numbers alone, so that every file costs the same.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;

use super::workspace::Interrupt;
use crate::cli::Failure;
use crate::document::gs1;

/// Lines of an order.
pub const LINES: u32 = 12;

/// The ISA identity of the retailer whose orders these are.
pub const RETAILER_ISA: &str = "BENCHRETAILER";
/// Ours.
pub const OUR_ISA: &str = "BENCHSUPPLIER";

/// An interchange of one group with `sets` orders; its control number is in ISA13 and GS06, POs count up from `first_po`.
pub fn interchange(out: &mut impl io::Write, control: u32, first_po: u64, sets: u32, lines: u32) -> io::Result<()> {
    let isa = format!(
        "ISA*00*          *00*          *ZZ*{RETAILER_ISA:<15}*ZZ*{OUR_ISA:<15}*260303*0915*U*00401*{control:09}*0*P*>~\n"
    );
    out.write_all(isa.as_bytes())?;
    writeln!(out, "GS*PO*{RETAILER_ISA}*{OUR_ISA}*20260303*0915*{control}*X*004010~")?;
    let items: String = (1..=lines).map(item).collect();
    for set in 1..=sets {
        out.write_all(order(set, first_po + u64::from(set) - 1, lines, &items).as_bytes())?;
    }
    write!(out, "GE*{sets}*{control}~\nIEA*1*{control:09}~\n")
}

/// The segments of a header between BEG and the lines.
const HEADER: &str = "\
CUR*BY*USD~
REF*DP*0042~
REF*IA*778899~
PER*BD*JANE BUYER*TE*5015550100~
FOB*CC~
ITD*01*3*2**10**30~
DTM*010*20260306~
DTM*001*20260313~
TD5*B*2*ABCD*M~
N1*BY*BENCH RETAILER INC*UL*0614141000005~
N1*ST*BENCH RETAILER DC 6021*92*6021~
N3*100 DISTRIBUTION WAY~
N4*BENTONVILLE*AR*72712*US~
";

fn order(set: u32, po: u64, lines: u32, items: &str) -> String {
    let mut text = String::with_capacity(512 + items.len());
    let body = HEADER.lines().count() + items.lines().count();
    // ST, BEG, CTT and SE are counted as well.
    let segments = body + 4;
    let quantity = lines * QUANTITY;
    let _ = write!(text, "ST*850*{set:04}~\nBEG*00*SA*{po:010}**20260302~\n{HEADER}{items}");
    let _ = write!(text, "CTT*{lines}*{quantity}~\nSE*{segments}*{set:04}~\n");
    text
}

/// Pieces of each line.
const QUANTITY: u32 = 24;

fn item(line: u32) -> String {
    let body = format!("0614141{line:04}");
    let check = gs1::check_digit(&body);
    let buyer = 550_000 + line;
    format!(
        "PO1*{line:03}*{QUANTITY}*EA*{}.61*PE*UP*{body}{check}*IN*{buyer}*VN*WIDGET-{line:02}~\n\
         PID*F****WIDGET NUMBER {line:02}~\nPO4*12~\nREF*LI*{line}~\n",
        line + 2
    )
}

/// Leaves `count` files of one order each in a folder, numbered from `first`.
pub fn files(folder: &Path, first: u32, count: u32, interrupt: &Interrupt) -> Result<(), Failure> {
    for number in first..first + count {
        interrupt.check()?;
        let path = folder.join(format!("850_{number:09}.edi"));
        fs::write(&path, one_order(number)).map_err(super::workspace::refused("write", &path))?;
    }
    Ok(())
}

/// The bytes of a file with one order; its number is that of the interchange and makes that of the PO.
pub fn one_order(number: u32) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(2_048);
    // Writing into memory does not fail.
    let _ = interchange(&mut bytes, number, po(number), 1, LINES);
    bytes
}

/// The PO of the file of that number.
pub fn po(number: u32) -> u64 {
    4_500_000_000 + u64::from(number)
}

/// Leaves one file with `sets` orders.
pub fn one_file(path: &Path, number: u32, sets: u32) -> Result<u64, Failure> {
    let written = || -> io::Result<u64> {
        let mut out = BufWriter::with_capacity(1 << 20, File::create_new(path)?);
        interchange(&mut out, number, po(number), sets, LINES)?;
        out.into_inner()?.sync_all()?;
        Ok(path.metadata()?.len())
    };
    written().map_err(super::workspace::refused("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::examine::examine;
    use crate::x12::guide::Library;

    fn faults(bytes: &[u8]) -> Vec<String> {
        let report = examine(bytes, None, &Library::standard_for, &mut |_| {}).unwrap();
        report.all_diagnostics().map(ToString::to_string).collect()
    }

    #[test]
    fn the_order_is_clean_and_has_twelve_lines() {
        let bytes = one_order(7);
        assert_eq!(faults(&bytes), [""; 0]);
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.matches("\nPO1*").count(), 12);
        assert!(text.contains("*000000007*0*P*") && text.contains("*4500000007*"), "{text}");
    }

    #[test]
    fn a_file_of_many_orders_is_clean_and_each_has_a_po_of_its_own() {
        let mut bytes = Vec::new();
        interchange(&mut bytes, 1, po(1), 3, LINES).unwrap();
        assert_eq!(faults(&bytes), [""; 0]);
        let text = String::from_utf8(bytes).unwrap();
        for po in ["*4500000001*", "*4500000002*", "*4500000003*"] {
            assert_eq!(text.matches(po).count(), 1, "{po}");
        }
    }
}
