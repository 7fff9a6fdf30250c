#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| engine::x12::fuzz::checker(bytes));
