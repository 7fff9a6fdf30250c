//! Parse the command line, run it, choose the exit code.

use std::process::ExitCode;

use clap::Parser;
use edigate::cli::{self, Cli, Exit, output};

fn main() -> ExitCode {
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
