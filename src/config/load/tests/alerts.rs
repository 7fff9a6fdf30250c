//! Alerts: who is told, and the faults in saying so.

use super::*;
use crate::config::alerts::{Encryption, Shape, Way};
use crate::diagnostic::{Severity, Who};

const SMTP: &str = "[smtp]\nhost = \"mail.acme.example\"\nfrom = \"edi@acme.example\"\n";

/// The configuration with these tables at the end of gateway.toml.
fn with(tables: &str) -> Setup {
    Setup::new().change("gateway.toml", r#"format = "json""#, &format!("format = \"json\"\n{tables}"))
}

fn faults(tables: &str) -> String {
    with(tables).faults()
}

/// The faults of one alert, with a mail server.
fn alert(lines: &str) -> String {
    faults(&format!("{SMTP}[[alert]]\n{lines}"))
}

#[test]
fn an_alert_that_is_right_is_read_with_its_defaults() {
    let (config, _) =
        with(&format!("{SMTP}[[alert]]\nname = \"ops\"\nto = \"mailto:ops@acme.example\"")).load().unwrap();
    let target = &config.alerts[0];
    let hears = &target.hears;
    assert_eq!(
        (hears.severity, hears.partners.len(), hears.owners.len(), hears.kinds.len()),
        (Severity::Warning, 0, 0, 0)
    );
    assert_eq!((target.group.as_secs(), target.at_most, target.at_once, target.digest), (900, 30, true, None));
    assert_eq!(target.zone.iana_name(), Some("America/New_York"));
    let Way::Mail { to, server } = &target.way else { panic!("{:?}", target.way) };
    assert_eq!((to.len(), server.encryption, server.port), (1, Encryption::StartTls, 587));
}

#[test]
fn every_way_and_every_filter_is_read() {
    let tables = "[[alert]]\nname = \"chat\"\nwebhook = \"env:CHAT\"\nshape = \"teams\"\nseverity = \"error\"\n\
                  partners = [\"megamart\", \"gateway\"]\nowner = \"us\"\nkinds = [\"parked\", \"rejected\"]\n\
                  [[alert]]\nname = \"pager\"\nshape = \"pagerduty\"\nkey = \"env:KEY\"\n\
                  [[alert]]\nname = \"script\"\ncommand = [\"/bin/page\", \"-x\"]\ndigest = \"06:30\"\nat_once = false\n\
                  zone = \"America/Chicago\"\n";
    let (config, _) = with(tables).load().unwrap();
    let [chat, pager, script] = config.alerts.as_slice() else { panic!() };
    assert!(matches!(chat.way, Way::Webhook { shape: Shape::Teams, .. }));
    assert_eq!((chat.hears.owners.as_slice(), chat.hears.kinds.len()), (&[Who::Us][..], 2));
    assert!(matches!(pager.way, Way::PagerDuty { url: None, .. }));
    assert_eq!(script.way.in_words(), "command /bin/page -x");
    assert_eq!((script.digest, script.at_once), (Some(jiff::civil::time(6, 30, 0, 0)), false));
}

#[test]
fn an_alert_has_one_way_that_can_be_gone() {
    assert_snapshot!(faults("[[alert]]\nname = \"ops\"\nto = \"mailto:ops@acme.example\""), @r#"
    error CFG-E002: an alert goes by e-mail, and no server takes it
      at gateway.toml, line 15, column 1
      expected a table [smtp] with host and from
      hint: add the line that the message shows, with your own value
    "#);
    assert_snapshot!(alert("name = \"ops\""), @r#"
    error CFG-E002: an alert needs one way to its reader
      at gateway.toml, line 18, column 1
      expected one of to = "mailto:…", webhook = "credential:…" and command = ["…"]
      hint: add the line that the message shows, with your own value
    "#);
    assert_snapshot!(alert("name = \"ops\"\nto = \"ops@acme.example\""), @r#"
    error CFG-E070: "ops@acme.example" says no way to its reader
      at gateway.toml, line 20, column 6
      expected such as "mailto:ops@acme.example"; other ways are webhook and command, found "ops@acme.example"
      hint: correct the line; `edigate alert test NAME` sends one to try it
    "#);
    assert_snapshot!(alert("name = \"ops\"\nwebhook = \"https://hooks.slack.example/T0/B0\""), @r#"
    error CFG-E027: a secret is written into the file
      at gateway.toml, line 20, column 11
      expected file:PATH, env:NAME or credential:NAME
      hint: move the secret away and write file:PATH, env:NAME or credential:NAME; then change the secret, for it was exposed
    "#);
    assert_snapshot!(alert("name = \"ops\"\nshape = \"pagerduty\""), @r#"
    error CFG-E002: an alert to PagerDuty has no routing key
      at gateway.toml, line 18, column 1
      expected a line such as: key = "credential:pagerduty_key"
      hint: add the line that the message shows, with your own value
    "#);
}

#[test]
fn what_an_alert_asks_for_must_be_there() {
    assert_snapshot!(alert("name = \"On Call\"\ncommand = \"x\"\nkinds = \"park\"\ndigest = \"7\""), @r#"
    error CFG-E070: "On Call" is no name of an alert
      at gateway.toml, line 19, column 8
      expected 1 to 40 lower-case letters, digits, - or _, found "On Call"
      hint: correct the line; `edigate alert test NAME` sends one to try it
    error CFG-E005: "park" is no kind of failure
      at gateway.toml, line 21, column 9
      expected one of quarantined, parked, rejected, overdue, finding, clock, fault
      hint: did you mean "parked"?
    error CFG-E070: "7" is no time of day
      at gateway.toml, line 22, column 10
      expected hours and minutes, such as "07:00", found "7"
      hint: correct the line; `edigate alert test NAME` sends one to try it
    "#);
    let unknown = alert("name = \"ops\"\ncommand = \"x\"\npartners = [\"megamarkt\"]");
    assert!(unknown.contains("an alert names the partner \"megamarkt\", which has no folder"), "{unknown}");
    assert_snapshot!(alert("name = \"a\"\ncommand = \"x\"\nat_once = false\n[[alert]]\nname = \"a\"\ncommand = \"x\""), @r#"
    error CFG-E002: an alert that is told nothing at once and has no digest is told nothing at all
      at gateway.toml, line 18, column 1
      expected a line such as: digest = "07:00"
      hint: add the line that the message shows, with your own value
    error CFG-E026: two alerts have the name "a"
      at gateway.toml, line 22, column 1
      hint: rename one of them
    "#);
}

#[test]
fn a_password_goes_over_no_connection_that_is_not_encrypted() {
    let login = "user = \"edi\"\npassword = \"env:MAIL\"\n";
    assert_snapshot!(faults(&format!("{SMTP}{login}encryption = \"none\"")), @r#"
    error CFG-E027: [smtp] would send a password over a connection that is not encrypted
      at gateway.toml, line 15, column 1
      expected encryption = "starttls" or "tls", or no password
      hint: move the secret away and write file:PATH, env:NAME or credential:NAME; then change the secret, for it was exposed
    "#);
    assert_snapshot!(faults(&format!("{SMTP}user = \"edi\"")), @r#"
    error CFG-E002: [smtp] has one of user and password
      at gateway.toml, line 15, column 1
      expected both, or neither where the server asks for none
      hint: add the line that the message shows, with your own value
    "#);
    assert_eq!(faults(&format!("{SMTP}{login}")), "");
}
