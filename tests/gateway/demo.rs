//! What the demo left, as it is served: the pages that it says to look at show what they are said to show.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::house::http::{Answer, free_port, request, say};

/// A demo that serves what it left, until the test is over.
struct Demo {
    process: Child,
    port: u16,
    cookie: String,
    /// What it printed.
    told: String,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Demo {
    fn serving() -> Demo {
        let port = free_port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_edigate"));
        command.args(["demo", "--serve", &format!("127.0.0.1:{port}")]).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut demo = Demo { process, port, cookie: String::new(), told: String::new() };
        loop {
            let line = lines.next().unwrap_or_else(|| panic!("it ended: {}", demo.told)).unwrap();
            demo.told.push_str(&line);
            demo.told.push('\n');
            if line == "Ctrl-C ends it." {
                break;
            }
        }
        let (_, after) = demo.told.split_once("sign in as demo with the password ").unwrap();
        let body = format!("name=demo&password={}&then=%2F", after.lines().next().unwrap());
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        let answer = say(port, &request("POST", "/sign-in", &form, body.as_bytes()));
        assert_eq!(answer.status, 303, "{answer:?}");
        demo.cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        demo
    }

    fn get(&self, path: &str) -> Answer {
        say(self.port, &request("GET", path, &[("Cookie", &self.cookie)], b""))
    }
}

#[test]
fn the_pages_that_the_demo_says_to_look_at_show_what_it_played() {
    let demo = Demo::serving();
    assert!(demo.told.contains("The ledger holds exactly what the samples call for."), "{}", demo.told);
    for (path, shown) in [
        ("/", &["856 SHP0000779", "810 INV-20306", "their 864 writes of 856 SHP0000778"][..]),
        ("/orders/megamart/4500012401", &["60", "864 RCV01", "REC-W003"]),
        ("/findings", &["ACK-W009", "REC-W001", "REC-W005", "REC-W011", "anna", "43.32"]),
        ("/failures", &["850_104.edi", "X12-E071"]),
        ("/acknowledgments", &["overdue", "violated", "864"]),
        ("/deliveries?state=retrying", &["856 SHP0000779", "does not exist"]),
        ("/partners/megamart", &["ASN in time", "100.00"]),
        ("/nodes", &["pager"]),
        ("/journal", &["864_302.edi"]),
        ("/api/v1/openapi.json", &["\"openapi\""]),
    ] {
        let answer = demo.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let missing: Vec<&&str> = shown.iter().filter(|part| !answer.text.contains(**part)).collect();
        assert!(missing.is_empty(), "{path} lacks {missing:?}: {}", answer.text);
    }
    let named =
        demo.told.lines().filter_map(|line| line.strip_prefix("  /")).map(|line| line.split(' ').next().unwrap());
    for path in named {
        assert_eq!(demo.get(&format!("/{path}")).status, 200, "/{path}");
    }
}
