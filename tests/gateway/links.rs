//! Links that break: between the daemon and an OpenSSH server, connections are cut, stall or pause after so many bytes, in
//! either direction, while files are taken or left. Whatever broke, everything comes in once and goes out once, nothing hidden
//! stays, and status says what went wrong. A session that rests between two uses is trusted, asked or closed.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::house::link::{Fault, Link, Way};
use crate::house::sshd::Sshd;
use crate::house::{House, order_numbered_throughout};
use edigate::config::load::load;
use edigate::config::partner::{PartnerId, Wire};
use edigate::transport::sftp::SftpError;
use edigate::transport::sftp::pool::Pool;
use edigate::transport::sftp::session::Session;

/// Which half of the retailer's mailbox is behind the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Taking,
    Leaving,
}

/// A house whose retailer has two endpoints on one server, `inbox` to take from and `mailbox` to leave at.
fn house_behind(link: &Link, server: &Sshd, half: Half) -> House {
    let house = House::new();
    server.serve(&house, &server.by_key("id_ed25519"), "then = \"delete\"", "");
    let partner = house.path("partners/megamart/partner.toml");
    let text = fs::read_to_string(&partner).unwrap().replace("timeout = \"5 s\"", "timeout = \"1 s\"");
    let begin = text.find("pick_up = ").unwrap();
    let end = begin + text[begin..].find('\n').unwrap() + 1;
    let (pick_up, lines) = (&text[begin..end], server.endpoint(&server.by_key("id_ed25519")));
    let leaving = format!("{}{}", &text[..begin], &text[end..]);
    let taking = format!(
        "[[endpoint]]\nname = \"inbox\"\n{}{pick_up}\n",
        lines.replace("timeout = \"5 s\"", "timeout = \"1 s\"")
    );
    let (direct, through) = (format!("127.0.0.1:{}", server.says("port")), link.address().to_string());
    let (leaving, taking) = match half {
        Half::Leaving => (leaving.replace(&direct, &through), taking),
        Half::Taking => (leaving, taking.replace(&direct, &through)),
    };
    fs::write(&partner, leaving.replacen("[[document]]", &format!("{taking}[[document]]"), 1)).unwrap();
    house
}

/// So many orders came in and went on once, their acknowledgments went out once, and nothing else is at the server.
fn all_went_through(house: &House, server: &Sshd, count: usize, what: &str) {
    house.wait_for(&format!("{count} orders at the ERP, {what}"), |house| {
        house.names("folders/erp/inbox").len() == 2 * count
    });
    house.wait_for(&format!("{count} acknowledgments and nothing hidden, {what}"), |_| {
        let names = server.names("inbound");
        names.len() == count && names.iter().all(|name| name.starts_with("megamart_997_"))
    });
    house.wait_for(&format!("an empty mailbox, {what}"), |_| server.names("outbound").is_empty());
}

fn last_failure(house: &House, direction: &str) -> Option<String> {
    let report = house.rows(&["status"]).remove(0);
    let rows = report["traffic"].as_array().unwrap().clone();
    let row = rows.iter().find(|row| row["partner"] == "megamart" && row["direction"] == direction)?;
    row["why"].as_str().map(str::to_owned)
}

/// Breaks the link of that half once per place and direction, each time with an order on its way.
fn breaks(half: Half, fault: Fault, places: &[usize]) {
    let Some(server) = Sshd::started_for("links that break") else { return };
    let link = Link::to(server.says("port").parse().unwrap());
    let mut house = house_behind(&link, &server, half);
    house.start();
    let (mut count, mut happened) = (0, 0);
    for &after in places {
        for way in [Way::There, Way::Back] {
            link.plan(way, after, fault);
            count += 1;
            server.put("outbound", "order.edi", &order_numbered_throughout(101 + u32::try_from(count).unwrap()));
            all_went_through(&house, &server, count, &format!("{fault:?} after {after} bytes {way:?}"));
            happened += usize::from(link.has_happened());
        }
    }
    // The last places lie behind the last byte of some sessions.
    assert!(happened >= places.len(), "only {happened} of {} faults happened", 2 * places.len());
    let direction = if half == Half::Taking { "in" } else { "out" };
    match fault {
        Fault::Delay(_) => {}
        Fault::Cut | Fault::Stall => {
            let why = last_failure(&house, direction).unwrap();
            assert!(why.contains(&link.address().to_string()), "{why}");
        }
    }
    let rows = house.rows(&["ledger", "transmissions"]);
    let taken: Vec<_> = rows.iter().filter(|row| row["partner"] == "megamart" && row["direction"] == "in").collect();
    assert_eq!(taken.len(), count, "each was taken once, and none came as a duplicate");
    assert!(taken.iter().all(|row| row["state"] == "processed"));
    assert_eq!(house.ask(&["ledger", "verify"]).code, 0);
    house.wait_for("all to be well", |house| house.ask(&["status"]).code == 0);
}

/// From the greeting to the farewell: the handshake takes some 2 kB each way, logging in another.
const MANY: [usize; 12] = [0, 300, 1_200, 1_900, 2_300, 2_700, 3_100, 3_500, 3_900, 4_400, 5_000, 6_000];
const FEW: [usize; 4] = [100, 700, 1_300, 1_900];

#[test]
fn a_link_that_is_cut_while_files_are_taken_loses_and_doubles_nothing() {
    breaks(Half::Taking, Fault::Cut, &MANY);
}

#[test]
fn a_link_that_is_cut_while_files_are_left_loses_and_doubles_nothing() {
    breaks(Half::Leaving, Fault::Cut, &MANY);
}

#[test]
fn a_link_that_stalls_while_files_are_taken_loses_and_doubles_nothing() {
    breaks(Half::Taking, Fault::Stall, &FEW);
}

#[test]
fn a_link_that_stalls_while_files_are_left_loses_and_doubles_nothing() {
    breaks(Half::Leaving, Fault::Stall, &FEW);
}

#[test]
fn a_slow_link_is_no_fault() {
    breaks(Half::Taking, Fault::Delay(Duration::from_millis(300)), &FEW);
    breaks(Half::Leaving, Fault::Delay(Duration::from_millis(300)), &FEW);
}

// --- Sessions that rest ---

/// The sessions of a retailer's endpoint behind a link.
fn pool_behind(link: &Link, server: &Sshd) -> Pool {
    let house = house_behind(link, server, Half::Taking);
    let config = load(&house.config()).unwrap().0;
    let endpoints = &config.partners[&PartnerId::parse("megamart").unwrap()].endpoints;
    let found = endpoints.iter().find_map(|endpoint| match &endpoint.via {
        Wire::Sftp(server) if server.port == link.address().port() => Some(Arc::clone(server)),
        _ => None,
    });
    Pool::of(found.unwrap(), None)
}

fn look(session: &mut Session) -> Result<usize, SftpError> {
    session.list("/outbound".as_ref()).map(|entries| entries.len())
}

const NEVER: Duration = Duration::from_secs(3_600);

#[test]
fn a_fresh_session_is_used_again_without_a_question() {
    let Some(server) = Sshd::started_for("fresh sessions") else { return };
    let (link, notes) = (Link::to(server.says("port").parse().unwrap()), server.notes());
    let mut pool = pool_behind(&link, &server);
    (pool.asked_after, pool.closed_after) = (NEVER, NEVER);
    server.put("outbound", "order.edi", b"");
    let looks = |times: usize| {
        let deadline = Instant::now() + Duration::from_secs(20);
        while notes.so_far().matches("opendir").count() < times {
            assert!(Instant::now() < deadline, "{times} looks are not noted:\n{}", notes.so_far());
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    for _ in 0..3 {
        assert_eq!(pool.with(look).unwrap(), 1);
        pool.rest();
    }
    looks(3);
    // The question is what a path is called in full.
    assert!(!notes.so_far().contains("realpath"), "{}", notes.so_far());
    pool.asked_after = Duration::ZERO;
    assert_eq!(pool.with(look).unwrap(), 1);
    looks(4);
    assert_eq!(notes.so_far().matches("realpath").count(), 1, "after a rest there is one:\n{}", notes.so_far());
    assert_eq!((server.logins(), server.connections()), (1, 1));
}

#[test]
fn a_session_whose_connection_was_lost_while_it_rested_is_found_out_before_it_is_used() {
    let Some(server) = Sshd::started_for("sessions that were lost") else { return };
    let link = Link::to(server.says("port").parse().unwrap());
    let mut pool = pool_behind(&link, &server);
    (pool.asked_after, pool.closed_after) = (Duration::ZERO, NEVER);
    server.put("outbound", "order.edi", b"");
    assert_eq!(pool.with(look).unwrap(), 1);
    for (logins, lose) in [(2, Link::cut as fn(&Link)), (3, Link::forget)] {
        lose(&link);
        assert_eq!(pool.with(look).unwrap(), 1);
        assert_eq!(server.logins(), logins, "it was done in a new one");
        assert_eq!(pool.with(look).unwrap(), 1);
        assert_eq!(server.logins(), logins, "which lives");
    }
}

#[test]
fn sessions_that_rested_for_long_are_closed_and_the_server_sees_it() {
    let Some(server) = Sshd::started_for("sessions that are closed") else { return };
    let link = Link::to(server.says("port").parse().unwrap());
    let mut pool = pool_behind(&link, &server);
    (pool.asked_after, pool.closed_after) = (NEVER, NEVER);
    let things = [(); 12];
    let done = pool.with_each(3, &things, |session, ()| look(session));
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    pool.rest();
    assert_eq!(server.connections(), 3, "they rest, and are kept");
    pool.closed_after = Duration::ZERO;
    pool.rest();
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.connections() > 0 {
        assert!(Instant::now() < deadline, "{} connections stay open", server.connections());
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(pool.with(look).is_ok());
    assert_eq!(server.logins(), 4);
}
