//! What becomes of attempts.

use std::path::PathBuf;

use super::*;
use crate::config::partner::{DropOff, Sending, Wire};
use crate::transport::drop_off::Folder;

fn delivery(name: &str) -> Delivery {
    Delivery {
        id: Id(format!("0198c0de-{}", name.len())),
        transmission: Id::new(),
        partner: "megamart".to_owned(),
        endpoint: "mailbox".to_owned(),
        name: name.to_owned(),
        label: "856 SHP1".to_owned(),
        document: None,
        attempts: 0,
        journal: "megamart".to_owned(),
        po_number: None,
        failing_since: None,
        batch: None,
        unclear: 0,
    }
}

fn mailbox(to: PathBuf) -> Endpoint {
    let drop_off = Some(DropOff { to, marker: None, name: "{isa13}.edi".to_owned() });
    Endpoint {
        name: "mailbox".to_owned(),
        via: Wire::Folder,
        pick_up: None,
        drop_off,
        sending: Sending::default(),
        open: None,
        limit: None,
    }
}

/// What one attempt leads to, and the code of its fault.
fn outcome(attempt: &Attempt) -> (&'static str, &'static str) {
    let word = match attempt.outcome {
        Outcome::Sent { .. } => "sent",
        Outcome::Failed(Failed { again: Some(_), .. }) => "retry",
        Outcome::Unclear(Failed { again: Some(_), .. }) => "unclear",
        Outcome::Failed(_) => "park",
        Outcome::Unclear(_) => "park, unclear",
    };
    (word, attempt.fault.as_ref().map_or("", |fault| fault.code.code))
}

fn handed_over(endpoint: &Endpoint, deliveries: Vec<Delivery>, bytes: Vec<Held>, now: Timestamp) -> Vec<Attempt> {
    let drop_off = endpoint.drop_off.as_ref();
    let outlet: Option<Arc<dyn Outlet>> = drop_off.map(|to| Arc::new(Folder::at(to)) as Arc<dyn Outlet>);
    hand_over(Target { endpoint, outlet: outlet.as_ref() }, deliveries, bytes, now, &|| true)
}

fn attempted(endpoint: &Endpoint, delivery: Delivery, now: Timestamp) -> Attempt {
    handed_over(endpoint, vec![delivery], vec![Ok(b"x".to_vec())], now).remove(0)
}

#[test]
fn a_name_that_is_taken_and_a_missing_folder_need_time_and_a_bad_name_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let check = |to: PathBuf, name: &str, expect: (&str, &str)| {
        assert_eq!(outcome(&attempted(&mailbox(to), delivery(name), Timestamp::UNIX_EPOCH)), expect, "{name}");
    };
    std::fs::write(folder.path().join("a.edi"), "other").unwrap();
    check(folder.path().to_owned(), "a.edi", ("retry", "DLV-E002"));
    // What an attempt of an earlier life left there is not known.
    check(folder.path().join("gone"), "a.edi", ("unclear", "DLV-E001"));
    check(folder.path().to_owned(), "../a.edi", ("park", "DLV-E004"));
    check(folder.path().to_owned(), &"long".repeat(100), ("park", "DLV-E004"));
    check(folder.path().to_owned(), "b.edi", ("sent", ""));
}

#[test]
fn when_the_time_is_over_a_delivery_is_parked_with_its_story() {
    let folder = tempfile::tempdir().unwrap();
    let gone = mailbox(folder.path().join("gone"));
    let failing = Delivery { attempts: 6, failing_since: Some(Timestamp::UNIX_EPOCH), ..delivery("a.edi") };
    let hours = |count: i64| Timestamp::from_second(count * 3600).unwrap();
    assert_eq!(outcome(&attempted(&gone, failing.clone(), hours(23))), ("unclear", "DLV-E001"));
    let parked = attempted(&gone, failing, hours(24));
    assert_eq!(outcome(&parked), ("park, unclear", "DLV-E003"));
    let error = &parked.outcome.failed().unwrap().error;
    let story =
        "does not exist (failing since 1970-01-01T00:00:00Z, 7 attempts); whether it was left could not be found out";
    assert!(error.ends_with(story), "{error}");
}

#[test]
fn damaged_bytes_are_parked_and_the_others_go_out() {
    let folder = tempfile::tempdir().unwrap();
    let damaged = || ledger::Error::Damaged { sha256: "ab".to_owned(), detail: "gone".to_owned() };
    let (good, bad) = (delivery("good.edi"), delivery("bad.edi"));
    let bytes = vec![Ok(b"x".to_vec()), Err(damaged())];
    let mailbox = mailbox(folder.path().to_owned());
    let first = handed_over(&mailbox, vec![good, bad.clone()], bytes, Timestamp::UNIX_EPOCH);
    assert_eq!(first.iter().map(outcome).collect::<Vec<_>>(), [("sent", "")]);
    let bytes = vec![Err(damaged())];
    let later = handed_over(&mailbox, vec![bad], bytes, Timestamp::UNIX_EPOCH);
    assert_eq!(later.iter().map(outcome).collect::<Vec<_>>(), [("park", "CAP-E091")]);
}

#[test]
fn a_long_queue_goes_out_in_rounds_that_hold_little_at_a_time() {
    use crate::ledger::Content;
    use crate::ledger::delivery::{Lane, Line, NewDelivery, What};
    use crate::ledger::tests::Books;
    use crate::ledger::transmission::{Direction, NewTransmission, TransmissionState};

    let (books, folder) = (Books::new(), tempfile::tempdir().unwrap());
    let now = Timestamp::from_second(1_772_524_800).unwrap();
    let total: usize = 1000;
    books.write(move |tx| {
        for number in 0..total {
            let (partner, endpoint) = ("mega".to_owned(), "mailbox".to_owned());
            let name = format!("{number:05}.edi");
            let transmission = tx.record_transmission(&NewTransmission {
                message_id: None,
                direction: Direction::Out,
                partner: partner.clone(),
                endpoint: endpoint.clone(),
                name: name.clone(),
                claim: None,
                content: Content::in_memory(format!("ISA {number}").repeat(100).into_bytes()),
                at: now,
                state: TransmissionState::Built,
            })?;
            let (what, label, po_number) = (What::Ta1(Id(format!("i{number}"))), "TA1".to_owned(), None);
            tx.record_delivery(&NewDelivery {
                transmission,
                partner,
                endpoint,
                name,
                what,
                label,
                po_number,
                due: now,
            })?;
        }
        Ok(())
    });
    let lane = Lane { partner: "mega".to_owned(), endpoint: "mailbox".to_owned() };
    let endpoint = mailbox(folder.path().to_owned());
    let outlet: Arc<dyn Outlet> = Arc::new(Folder::at(endpoint.drop_off.as_ref().unwrap()));
    let target = Target { endpoint: &endpoint, outlet: Some(&outlet) };
    let mut rounds = 0;
    loop {
        let due = books.read(|tx| tx.due_deliveries(&lane, Line::Free, now, ROUND));
        if due.is_empty() {
            break;
        }
        assert!(due.len() <= ROUND as usize);
        rounds += 1;
        attempt(&books.ledger, due, Some(target), now, &|| true).unwrap().recorded().unwrap();
    }
    assert_eq!(rounds, total.div_ceil(ROUND as usize));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), total);
    assert_eq!(books.count("SELECT COUNT(*) FROM delivery WHERE state = 'sent' AND attempts = 1"), total as i64);
    assert_eq!(books.count("SELECT COUNT(*) FROM attempt WHERE outcome = 'sent'"), total as i64);
    assert_eq!(books.count("SELECT COUNT(*) FROM event WHERE kind = 'delivered'"), total as i64);
    assert!(books.read(|tx| tx.verify(crate::ledger::verify::Contents::Too)).faults.is_empty());
}
