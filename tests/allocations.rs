//! What reading and checking a set asks of the allocator: nothing for an element, little for a loop.
//!
//! The count is of this thread alone, and the guides are read before it begins.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use edigate::x12::check::check;
use edigate::x12::delimiters::Delimiters;
use edigate::x12::examine::examine;
use edigate::x12::guide::{self, Library};
use edigate::x12::segment::SetText;

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

fn count_one() {
    // A thread that is ending has nothing left to count with.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: everything is left to the system's allocator; the counter is a number of this thread, which allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_one();
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count_one();
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = COUNT.get();
    work();
    COUNT.get() - before
}

const THREE_ELEMENTS: &str = "PO1**24*EA~PID*F****RED WIDGET~";
const THIRTEEN_ELEMENTS: &str = "PO1*001*24*EA*3.61*PE*UP*061414100014*IN*550001*VN*WID-RED*BP*W7~PID*F****RED WIDGET~";

/// An order of so many lines.
fn order(line: &str, lines: usize) -> String {
    format!("ST*850*0001~BEG*00*SA*4500012345**20260302~{}CTT*{lines}~SE*{}*0001~", line.repeat(lines), 2 * lines + 4)
}

/// Allocations for checking an order that is already read.
fn checking(line: &str, lines: usize) -> usize {
    let guide = guide::find("850", "004010").unwrap();
    let set = SetText::parse(order(line, lines).as_bytes(), Delimiters::default(), 0);
    let mut faults = Vec::new();
    let mut run = || faults = check(&set, guide).diagnostics;
    // The first time reads the guide and its steps.
    run();
    let count = allocations(&mut run);
    assert!(faults.is_empty(), "{faults:?}");
    count
}

/// Allocations for a whole file of one order, from its bytes to its report.
fn examining(line: &str, lines: usize) -> usize {
    let isa =
        "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*T*>~";
    let order = order(line, lines);
    let file = format!("{isa}GS*PO*A*B*20260303*0915*101*X*004010~{order}GE*1*101~IEA*1*000000101~");
    let mut faults = 0;
    let mut run = || {
        faults = examine(file.as_bytes(), None, &Library::standard_for, &mut |_| {}).unwrap().all_diagnostics().count()
    };
    run();
    let count = allocations(&mut run);
    assert_eq!(faults, 0);
    count
}

#[test]
fn checking_allocates_nothing_for_an_element_and_little_for_a_loop() {
    for lines in [200, 2000] {
        let (few, many) = (checking(THREE_ELEMENTS, lines), checking(THIRTEEN_ELEMENTS, lines));
        eprintln!("{lines} lines of 3 elements: {few}, of 13: {many}");
        assert_eq!(few, many, "elements cost something");
        assert!(many <= 16 + lines / 100, "{many} allocations for {lines} lines");
    }
}

#[test]
fn reading_allocates_nothing_for_an_element_and_little_for_a_loop() {
    for lines in [200, 2000] {
        let (few, many) = (examining(THREE_ELEMENTS, lines), examining(THIRTEEN_ELEMENTS, lines));
        eprintln!("{lines} lines of 3 elements: {few}, of 13: {many}");
        // A longer file makes its buffers grow once or twice more.
        assert!(many <= few + 8, "elements cost something: {few} and {many}");
        assert!(many <= 160 + lines / 100, "{many} allocations for {lines} lines");
    }
}
