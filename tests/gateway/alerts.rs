//! Alerts: whoever is to be told is told, by mail, webhook or command, once, and of the end as well; and what cannot be delivered
//! is told to the others.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::house::certificates::Identity;
use crate::house::disk::Disk;
use crate::house::erp_api::{Api, Reply, says};
use crate::house::http::free_port;
use crate::house::{House, sample};
use serde_json::Value;

const RETAILER: &str = "folders/megamart/outbound";

/// A house with these tables at the end of its gateway.toml.
fn house_with(tables: &str) -> House {
    let house = House::new();
    let file = fs::read_to_string(house.config()).unwrap();
    fs::write(house.config(), format!("{file}\n{tables}")).unwrap();
    house
}

/// A webhook of that name and shape to an API.
fn webhook(house: &House, name: &str, shape: &str, api: &Api, lines: &str) {
    fs::write(house.path(&format!("{name}.url")), format!("http://127.0.0.1:{}/hook/very-secret\n", api.port)).unwrap();
    let file = fs::read_to_string(house.config()).unwrap();
    let table = format!("[[alert]]\nname = \"{name}\"\nwebhook = \"file:{name}.url\"\nshape = \"{shape}\"\n{lines}\n");
    fs::write(house.config(), format!("{file}\n{table}")).unwrap();
}

/// Drops a file of which one order cannot be read.
fn fail(house: &House) {
    house.drop_file(RETAILER, "850_103.edi", &sample("megamart/850_103.edi"));
}

/// Drops a file whose sender nobody knows; the file's transmission.
fn fail_by_a_stranger(house: &House) -> String {
    let text = String::from_utf8(sample("megamart/850_101.edi")).unwrap();
    house.drop_file(RETAILER, "renamed.edi", text.replace("*ZZ*MEGAMART ", "*ZZ*MEGASTORE").as_bytes());
    house.settled("renamed.edi")["id"].as_str().unwrap().to_owned()
}

/// Gives the stranger a name, and puts the file back.
fn mend(house: &House, id: &str) {
    let partner_toml = house.path("partners/megamart/partner.toml");
    let known = fs::read_to_string(&partner_toml).unwrap();
    fs::write(&partner_toml, known.replace("ZZ:MEGAMART", "ZZ:MEGASTORE")).unwrap();
    house.signal("-HUP");
    house.wait_for("the reload", |house| house.log().contains("configuration reloaded"));
    assert_eq!(house.ask(&["replay", id, "--by", "anna", "--because", "their new name"]).code, 0);
}

fn bodies(api: &Api) -> Vec<Value> {
    api.asked().iter().map(|asked| serde_json::from_slice(&asked.body).unwrap()).collect()
}

fn told(house: &House, api: &Api, count: usize) -> Vec<Value> {
    house.wait_for(&format!("{count} messages"), |_| api.asked().len() >= count);
    bodies(api)
}

#[test]
fn a_bad_file_is_told_whole_and_so_is_its_end() {
    let api = Api::that(&[]);
    let mut house = House::new();
    webhook(&house, "ops", "json", &api, "");
    house.start();
    let id = fail_by_a_stranger(&house);
    let first = told(&house, &api, 1).remove(0);
    let story = &first["stories"][0];
    assert_eq!(first["subject"], "megamart: the interchange is from nobody that we know (CAP-E012)");
    assert_eq!(
        (&story["kind"], &story["severity"], &story["who"]),
        (&"quarantined".into(), &"error".into(), &"us".into())
    );
    assert_eq!(story["history"], "first time with this partner");
    assert_eq!(story["commands"][0], format!("edigate replay {id} --because WHY"));
    for key in ["text", "cause", "fix", "event", "key"] {
        assert!(story[key].as_str().is_some_and(|text| !text.is_empty()), "no {key}: {story}");
    }
    assert_eq!(house.ask(&["explain", story["event"].as_str().unwrap()]).code, 0);

    mend(&house, &id);
    let end = told(&house, &api, 2).remove(1);
    assert_eq!(end["subject"], format!("over: {}", first["subject"].as_str().unwrap()));
    assert_eq!(end["stories"][0]["key"], story["key"]);
    assert!(end["stories"][0]["over"].is_string());
    let list = house.rows(&["alert", "list"]).remove(0);
    assert_eq!((&list["name"], &list["pending"]), (&"ops".into(), &Value::Null));
}

#[test]
fn whatever_a_webhook_answers_it_gets_the_same_message_until_it_takes_it() {
    let wrong = [
        Reply::Says(429, vec![("retry-after", "1".to_owned())], "slow down"),
        says(500),
        Reply::Says(302, vec![("location", "http://127.0.0.1:1/elsewhere".to_owned())], ""),
    ];
    let api = Api::that(&wrong);
    let other = Api::that(&[]);
    let mut house = House::new();
    webhook(&house, "ops", "json", &api, "");
    webhook(&house, "second", "json", &other, "kinds = [\"fault\"]");
    house.start();
    fail(&house);
    let bodies = told(&house, &api, 4);
    assert!(bodies.iter().all(|body| body == &bodies[0]), "{bodies:#?}");
    // That it was not reached is told to the other, and when it is reached again as well.
    let heard = told(&house, &other, 2);
    let story = &heard[0]["stories"][0];
    assert_eq!((&story["code"], &story["partner"]), (&"ALR-E001".into(), &"gateway".into()));
    assert!(story["text"].as_str().unwrap().contains("127.0.0.1 answers "), "{story}");
    assert!(heard[1]["stories"][0]["over"].is_string(), "{heard:#?}");
    let everything = format!("{}{}{heard:?}", house.log(), house.ask(&["ledger", "events", "--json"]).out);
    assert!(!everything.contains("very-secret"), "the URL is a secret");
}

#[test]
fn what_was_sent_when_the_daemon_was_killed_is_sent_again_under_the_same_id() {
    let api = Api::that(&[Reply::Nothing]);
    let mut house = House::new();
    webhook(&house, "ops", "json", &api, "");
    house.start();
    fail(&house);
    told(&house, &api, 1);
    house.kill();
    house.start();
    let bodies = told(&house, &api, 2);
    assert_eq!(bodies[0], bodies[1]);
}

#[test]
fn a_target_that_hangs_is_a_trouble_and_shown_by_status_and_list() {
    let api = Api::that(&[Reply::Nothing, Reply::Nothing]);
    let mut house = House::new();
    webhook(&house, "ops", "slack", &api, "timeout = \"500 ms\"");
    house.start();
    fail(&house);
    let text = house.in_trouble("ALR-E001");
    assert!(
        text.starts_with("the alert \"ops\" (webhook (slack)) cannot be delivered: 127.0.0.1: nothing within"),
        "{text}"
    );
    assert_eq!(house.ask(&["alert", "list"]).code, 1);
    let row = house.rows(&["alert", "list"]).remove(0);
    assert!(row["pending"].as_str().unwrap().starts_with("megamart: "), "{row}");
    house.is_well_again();
    assert_eq!(house.ask(&["alert", "list"]).code, 0);
}

#[test]
fn chats_and_pagers_get_the_shapes_that_they_take() {
    let [slack, teams, pager] = [(); 3].map(|()| Api::that(&[]));
    pager.answers_now(&vec![Reply::Says(202, Vec::new(), r#"{"status":"success"}"#); 20]);
    let mut house = House::new();
    webhook(&house, "chat", "slack", &slack, "");
    webhook(&house, "team", "teams", &teams, "");
    fs::write(house.path("routing.key"), "R0UTING").unwrap();
    webhook(&house, "pager", "pagerduty", &pager, "key = \"file:routing.key\"");
    house.start();
    let id = fail_by_a_stranger(&house);
    let said = told(&house, &slack, 1).remove(0);
    assert_eq!(said["text"], "megamart: the interchange is from nobody that we know (CAP-E012)");
    assert!(said["attachments"][0]["text"].as_str().unwrap().contains("who must act: us"), "{said}");
    let card = told(&house, &teams, 1).remove(0);
    assert_eq!(card["attachments"][0]["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(card["attachments"][0]["content"]["body"][0]["text"], said["text"]);
    let event = told(&house, &pager, 1).remove(0);
    assert_eq!((&event["routing_key"], &event["event_action"]), (&"R0UTING".into(), &"trigger".into()));
    assert_eq!((&event["payload"]["severity"], &event["payload"]["class"]), (&"error".into(), &"CAP-E012".into()));
    mend(&house, &id);
    house.wait_for("the resolve", |_| bodies(&pager).iter().any(|body| body["event_action"] == "resolve"));
    let resolve = bodies(&pager).into_iter().find(|body| body["event_action"] == "resolve").unwrap();
    assert_eq!(resolve["dedup_key"], event["dedup_key"]);
}

#[test]
fn a_pager_that_does_not_say_success_took_nothing() {
    let pager = Api::that(&[Reply::Says(200, Vec::new(), "<html>please sign in</html>")]);
    let house = House::new();
    fs::write(house.path("routing.key"), "R0UTING").unwrap();
    webhook(&house, "pager", "pagerduty", &pager, "key = \"file:routing.key\"");
    let said = house.ask(&["alert", "test", "pager"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("127.0.0.1 answers 200 and does not say that it took it: <html>"), "{}", said.err);
}

#[test]
fn a_command_gets_json_and_is_asked_again_when_it_fails() {
    let mut house = House::new();
    let script = house.path("page.sh");
    let lines = "#!/bin/sh\ncd \"$(dirname \"$0\")\"\n[ -e second ] || { touch second; echo \"no line\" >&2; exit 7; }\n\
                 cat > told.tmp && mv told.tmp told.json\n";
    fs::write(&script, lines).unwrap();
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let table = format!("\n[[alert]]\nname = \"page\"\ncommand = [\"{}\", \"--now\"]\n", script.display());
    let file = fs::read_to_string(house.config()).unwrap();
    fs::write(house.config(), file + &table).unwrap();
    house.start();
    fail(&house);
    house.wait_for("the command to take it", |house| house.path("told.json").exists());
    let told: Value = serde_json::from_slice(&fs::read(house.path("told.json")).unwrap()).unwrap();
    assert_eq!(told["stories"][0]["code"], "X12-E071");
    house.is_well_again();
    let events = house.rows(&["ledger", "events"]);
    let fault = events.iter().find(|event| event["kind"] == "fault").unwrap();
    assert!(fault["text"].as_str().unwrap().ends_with("ended with exit status: 7: no line"), "{fault}");
}

/// A mail server of another make.
struct MailServer {
    process: Child,
    port: u16,
}

impl MailServer {
    fn start(folder: &Path, identity: &Identity) -> MailServer {
        let venv = std::env::var("EDIGATE_TEST_VENV")
            .unwrap_or_else(|_| format!("{}/target/venv", env!("CARGO_MANIFEST_DIR")));
        let port = free_port();
        let mut command = Command::new(format!("{venv}/bin/python"));
        command
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gateway/mail_server.py"))
            .arg(folder)
            .arg(port.to_string());
        command.arg(&identity.certificate_file).arg(&identity.key_file).args(["edigate", "mail-secret"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("tests/run installs aiosmtpd into target/venv");
        let mut ready = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        assert_eq!(ready, "ready\n", "the mail server ended");
        MailServer { process, port }
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_mail_goes_out_encrypted_after_a_login_and_a_wrong_password_is_told() {
    let mut house = House::new();
    let (tls, mails) = (house.path("tls"), house.path("mails"));
    fs::create_dir_all(&tls).unwrap();
    fs::create_dir_all(&mails).unwrap();
    let authority = Identity::authority(&tls, "authority");
    let server = MailServer::start(&mails, &authority.signed_by(&tls, "mail", 30));
    fs::write(house.path("mail.password"), "wrong").unwrap();
    let tables = format!(
        "\n[smtp]\nhost = \"localhost\"\nport = {}\nuser = \"edigate\"\npassword = \"file:mail.password\"\n\
         from = \"EDI gateway <edi@acme.example>\"\nca = \"tls/authority.pem\"\n\n\
         [[alert]]\nname = \"ops\"\nto = [\"mailto:ops@acme.example\", \"mailto:Anna <anna@acme.example>\"]\n",
        server.port
    );
    let file = fs::read_to_string(house.config()).unwrap();
    fs::write(house.config(), file + &tables).unwrap();
    house.start();
    fail(&house);
    let text = house.in_trouble("ALR-E001");
    assert!(text.contains("mail to ops@acme.example, anna@acme.example"), "{text}");
    assert!(text.contains("535"), "the server's own words are told: {text}");
    fs::write(house.path("mail.password"), "mail-secret\n").unwrap();
    house.wait_for("the mail", |_| mails.join("1.eml").exists());
    house.is_well_again();
    let mail = fs::read_to_string(mails.join("1.eml")).unwrap().replace("\r\n", "\n");
    for words in [
        "Subject: megamart: element is not a date (X12-E071)\n",
        "From: \"EDI gateway\" <edi@acme.example>\n",
        "Auto-Submitted: auto-generated\n",
        "@acme.example>\n",
        "who must act: the sender of the document\n",
        "history: first time with this partner\n",
    ] {
        assert!(mail.contains(words), "{words:?} is missing:\n{mail}");
    }
    let said = house.ask(&["alert", "test", "ops"]);
    assert_eq!((said.code, said.out.as_str()), (0, "mail to ops@acme.example, anna@acme.example took the test\n"));
    assert!(mails.join("2.eml").exists());
}

#[test]
fn a_test_says_why_it_was_not_taken_and_which_alerts_there_are() {
    let house = house_with("[[alert]]\nname = \"page\"\ncommand = \"false\"\n");
    let said = house.ask(&["alert", "test", "page"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("command false did not take the test: false ended with exit status: 1"), "{}", said.err);
    let said = house.ask(&["alert", "test", "pager"]);
    assert!(said.err.contains("the alerts are page"), "{}", said.err);
}

#[test]
fn a_ledger_that_takes_nothing_is_told_past_it_once_and_its_end_as_well() {
    let api = Api::that(&[]);
    let mut house = House::with_a_file();
    let disk = Disk::mounted_at(house.path("disk"), 16);
    webhook(&house, "ops", "json", &api, "");
    let text = fs::read_to_string(house.config()).unwrap();
    fs::write(house.config(), text.replace("sqlite:ledger.db", "sqlite:disk/ledger.db")).unwrap();
    house.start();
    let code = disk.code("LGR-E001", "LGR-E002");
    disk.fill();
    house.drop_file(RETAILER, "850_101.edi", &sample("megamart/850_101.edi"));
    let begins = told(&house, &api, 1).remove(0);
    let story = &begins["stories"][0];
    assert_eq!((&story["code"], &story["partner"], &story["over"]), (&code.into(), &"gateway".into(), &Value::Null));
    assert!(story["fix"].as_str().is_some_and(|fix| !fix.is_empty()), "{story}");
    assert!(story["text"].as_str().is_some_and(|text| text.starts_with("nothing can be recorded: ")), "{story}");
    disk.free();
    house.is_well_again();
    let ends = |api: &Api| bodies(api).iter().filter(|body| !body["stories"][0]["over"].is_null()).count();
    house.wait_for("that it is over", |_| ends(&api) > 0);
    let before_the_end = bodies(&api).iter().take_while(|body| body["stories"][0]["over"].is_null()).count();
    assert_eq!(before_the_end, 1, "{:#?}", bodies(&api));
}
