//! The OpenAPI document says what the API does: schemathesis, a program of others, makes requests of every kind from it and
//! holds the answers against it.

use std::path::Path;
use std::process::Command;

use crate::house::{House, sample};

#[test]
fn a_program_that_knows_nothing_but_the_document_finds_no_answer_that_it_does_not_describe() {
    let venv =
        std::env::var("EDIGATE_TEST_VENV").unwrap_or_else(|_| format!("{}/target/venv", env!("CARGO_MANIFEST_DIR")));
    let schemathesis = Path::new(&venv).join("bin/schemathesis");
    assert!(schemathesis.exists(), "tests/run api installs schemathesis into target/venv");
    let mut house = House::new();
    let port = house.listen_for(r#""v1""#, "connections_per_peer = 512");
    house.start();
    house.drop_file("folders/megamart/outbound", "850_101.edi", &sample("megamart/850_101.edi"));
    house.settled("850_101.edi");
    let token = house.reader("auditor", &[]);
    let mut command = Command::new(schemathesis);
    command.current_dir(house.path("")).args(["run", &format!("http://127.0.0.1:{port}/api/v1/openapi.json")]);
    command.args(["--header", &format!("Authorization: Bearer {token}"), "--checks", "all", "--seed", "1"]);
    command.args(["--max-examples", "15", "--generation-database", "none", "--no-color", "--continue-on-failure"]);
    let said = command.output().unwrap();
    let told = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{told}\n{}", String::from_utf8_lossy(&said.stderr));
    assert!(house.log().lines().all(|line| !line.contains(&token)), "a token is in the log");
}
