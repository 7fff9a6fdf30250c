//! `kill -9` at random moments, while retailers and an ERP work with the folders as they do: they take files out as soon
//! as they see them, and answer.
//!
//! ```text
//! cargo test --test gateway kills::                  300 files, 8 kills
//! EDIGATE_FULL=1 cargo test --test gateway kills::   2,000 files, 50 kills
//! EDIGATE_SEED=7 cargo test --test gateway kills::   the same mixture and moments again
//! ```

pub mod trade;

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::house::House;
use trade::{Chance, Erp, Mixture, RETAILERS, Retailer};

/// How long the house may take to come to rest after the last kill.
const PATIENCE: Duration = Duration::from_secs(180);

fn seed() -> u64 {
    let named = std::env::var("EDIGATE_SEED").ok().and_then(|text| text.parse().ok());
    named.unwrap_or_else(|| u64::from(std::process::id()) * 2_654_435_761 + 1)
}

/// A house with two retailers who send the same kinds of files.
fn house() -> House {
    let house = House::new();
    let gateway = fs::read_to_string(house.path("gateway.toml")).unwrap();
    fs::write(house.path("gateway.toml"), gateway.replace("scan_every = \"5 s\"", "scan_every = \"100 ms\"")).unwrap();
    let megamart = fs::read_to_string(house.path("partners/megamart/partner.toml")).unwrap();
    let megamart = megamart.replace("settle = \"200 ms\"", "settle = \"10 ms\"");
    for retailer in RETAILERS {
        let text = megamart.replace("MEGAMART", &retailer.to_uppercase()).replace("megamart", retailer);
        fs::create_dir_all(house.path(&format!("partners/{retailer}"))).unwrap();
        fs::write(house.path(&format!("partners/{retailer}/partner.toml")), text).unwrap();
        for folder in ["outbound", "inbound", "taken"] {
            fs::create_dir_all(house.path(&format!("folders/{retailer}/{folder}"))).unwrap();
        }
    }
    let erp = fs::read_to_string(house.path("partners/erp/partner.toml")).unwrap();
    fs::write(house.path("partners/erp/partner.toml"), erp.replace("settle = \"200 ms\"", "settle = \"10 ms\""))
        .unwrap();
    fs::create_dir_all(house.path("folders/erp/taken")).unwrap();
    house
}

fn number(house: &House, sql: &str) -> i64 {
    house.number(sql).unwrap()
}

/// Nothing waits, anywhere.
fn is_at_rest(house: &House, files: usize) -> bool {
    let open = "SELECT (SELECT COUNT(*) FROM transmission WHERE state = 'captured')
                     + (SELECT COUNT(*) FROM delivery WHERE state <> 'sent')
                     + (SELECT COUNT(*) FROM acknowledgment WHERE state = 'unmatched')
                     + (SELECT COUNT(*) FROM expectation WHERE state IN ('waiting', 'pending'))";
    let came = "SELECT COUNT(*) FROM transmission WHERE direction = 'in'";
    number(house, came) >= files as i64 && number(house, open) == 0 && what_lies_about(house).is_empty()
}

/// Files that nobody took: in the folders we read, in our claims, and in the folders that others read.
fn what_lies_about(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec!["folders/erp/inbox".to_owned(), "folders/erp/outbox".to_owned()];
    for retailer in RETAILERS {
        folders.extend([format!("folders/{retailer}/outbound"), format!("folders/{retailer}/inbound")]);
    }
    for folder in folders.iter().flat_map(|folder| [folder.clone(), format!("{folder}/.edigate")]) {
        let Ok(entries) = fs::read_dir(house.path(&folder)) else { continue };
        let files = entries.flatten().filter(|entry| entry.path().is_file());
        found.extend(files.map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy())));
    }
    found
}

#[test]
fn kills_at_random_moments_lose_nothing_and_repeat_nothing() {
    let (files, kills) = if std::env::var_os("EDIGATE_FULL").is_some() { (2_000, 50) } else { (300, 8) };
    let seed = seed();
    println!("EDIGATE_SEED={seed}");
    let mut chance = Chance(seed);
    let mixture = Mixture::new(files, &mut chance);
    let mut house = house();
    house.start();
    let (stop, began) = (AtomicBool::new(false), Instant::now());
    let mut erp = Erp::new(&house);
    let mut retailers: Vec<Retailer> = RETAILERS.iter().map(|name| Retailer::new(&house, name)).collect();
    std::thread::scope(|scope| {
        scope.spawn(|| erp.work(&stop));
        for retailer in &mut retailers {
            scope.spawn(|| retailer.work(&stop));
        }
        // However this ends, the others go home.
        let _ends = Ends(&stop);
        feed_and_kill(&mut house, &mixture, kills, &mut chance);
        println!("{files} files, {kills} kills in {:.1} s", began.elapsed().as_secs_f64());
        let deadline = Instant::now() + PATIENCE;
        let answers = mixture.orders_to_answer.len() * 2;
        while !is_at_rest(&house, files + answers) {
            let about = what_lies_about(&house);
            assert!(Instant::now() < deadline, "it does not come to rest; {about:?}; the log:\n{}", house.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    assert_eq!(house.stop(), 0);
    trade::everything_came_once(&mixture, &erp, &retailers);
    assert_eq!(number(&house, "SELECT COUNT(*) FROM transmission WHERE state = 'quarantined'"), mixture.rejected);
    assert_eq!(number(&house, "SELECT COUNT(*) FROM transmission WHERE state = 'duplicate'"), mixture.duplicates);
    assert_eq!(number(&house, "SELECT COUNT(*) FROM expectation WHERE state NOT IN ('met', 'met_late')"), 0);
    let verified = house.ask(&["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    assert!(what_lies_about(&house).is_empty(), "{:?}", what_lies_about(&house));
}

/// Tells the others to stop when it goes.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Leaves the files, a handful between two kills, and kills at a moment that chance chooses.
fn feed_and_kill(house: &mut House, mixture: &Mixture, kills: usize, chance: &mut Chance) {
    let share = mixture.files.len().div_ceil(kills);
    for files in mixture.files.chunks(share) {
        for file in files {
            house.drop_file(&file.folder, &file.name, &file.bytes);
        }
        // Not a wait for anything: the moment of the kill is what is being varied.
        std::thread::sleep(Duration::from_millis(chance.below(900)));
        house.kill();
        house.start();
    }
}
