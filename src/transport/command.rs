//! A program of the operator's own, run without a shell.
//!
//! In: the program and its arguments, what it reads on its standard input. Out: it ended with 0, or why not; one that hangs is
//! ended when its time is over.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often it is looked whether it ended.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How much of what it says on its standard error is told.
const MOST: usize = 500;

/// Runs it.
pub fn run(program: &[String], input: &[u8], timeout: Duration) -> Result<(), String> {
    let Some((name, arguments)) = program.split_first() else { return Err("no program is named".to_owned()) };
    let mut command = Command::new(name);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("cannot run {name}: {error}"))?;
    // What does not read, or says much, must not hold us: each has a thread of its own, which ends with it.
    let (stdin, stderr, input) = (child.stdin.take(), child.stderr.take(), input.to_vec());
    thread::spawn(move || {
        // A program that wants to know nothing of it closes its end.
        stdin.map(|mut stdin| stdin.write_all(&input))
    });
    let said = thread::spawn(move || {
        let mut said = Vec::new();
        // What was read before it broke off is told.
        stderr.map(|stderr| stderr.take(1 << 20).read_to_end(&mut said));
        String::from_utf8_lossy(&said).trim().chars().take(MOST).collect::<String>()
    });
    match ended_within(&mut child, timeout) {
        Some(status) if status.success() => Ok(()),
        Some(status) => {
            let said = said.join().unwrap_or_default();
            Err(format!("{name} ended with {status}{}{said}", if said.is_empty() { "" } else { ": " }))
        }
        None => {
            // It is ended either way; only its row in the table of processes is left otherwise.
            let _ = child.kill();
            let _ = child.wait();
            Err(format!("{name} did not end within {} s", timeout.as_secs_f32()))
        }
    }
}

fn ended_within(child: &mut Child, timeout: Duration) -> Option<ExitStatus> {
    let deadline = Instant::now() + timeout;
    while Instant::now() < deadline {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        thread::sleep(LOOK_EVERY);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str, expect: Result<(), &str>) {
        let program = ["sh", "-c", script].map(str::to_owned);
        let ended = run(&program, b"{}", Duration::from_millis(700));
        assert_eq!(ended, expect.map_err(str::to_owned), "{script}");
    }

    #[test]
    fn a_program_takes_it_fails_or_hangs() {
        check("test \"$(cat)\" = '{}'", Ok(()));
        check("exit 0", Ok(()));
        check("echo no route >&2; exit 3", Err("sh ended with exit status: 3: no route"));
        check("exec sleep 60", Err("sh did not end within 0.7 s"));
        let missing = run(&["/no/such/program".to_owned()], b"", Duration::from_secs(1)).unwrap_err();
        assert!(missing.starts_with("cannot run /no/such/program: "), "{missing}");
    }
}
