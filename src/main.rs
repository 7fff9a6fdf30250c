//! Parse the command line, run it, choose the exit code.

use std::process::ExitCode;

use clap::Parser;
use edigate::cli::{self, Cli, Exit, output};

// Documents are made on one thread and dropped on the one that recorded them, which the C library's arenas are slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Left to itself, OpenSSL frees its globals when the process exits, under the feet of threads that are still ending.
    // Initialised by name, it leaves that to the system.
    openssl::init();
    match cli::run(Cli::parse()) {
        Ok(Exit::Fine) => ExitCode::SUCCESS,
        Ok(Exit::Findings) => ExitCode::from(1),
        Err(failure) => {
            output::talk(format!("error: {failure}"));
            if let Some(hint) = &failure.hint {
                output::talk(format!("hint: {hint}"));
            }
            ExitCode::from(2)
        }
    }
}
