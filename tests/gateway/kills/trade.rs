//! The others: what two retailers send, and what they and the ERP do with what they get.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::house::{House, sample};

pub const RETAILERS: [&str; 2] = ["megamart", "bigbox"];

/// Numbers that look random and are the same for the same seed (xorshift).
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// A file to be left for the gateway.
pub struct Sent {
    pub folder: String,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// What is sent, and what must come of it.
#[derive(Default)]
pub struct Mixture {
    pub files: Vec<Sent>,
    /// The orders that the ERP must get.
    pub orders: BTreeSet<String>,
    /// Those among them that the ERP acknowledges.
    pub orders_to_answer: BTreeSet<String>,
    /// The groups that must be answered, per retailer.
    pub groups: BTreeMap<&'static str, BTreeSet<u32>>,
    pub duplicates: i64,
    /// Files of which nothing can be used.
    pub rejected: i64,
}

impl Mixture {
    pub fn new(files: usize, chance: &mut Chance) -> Mixture {
        let mut mixture = Mixture::default();
        let mut originals: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for index in 0..files {
            let retailer = RETAILERS[chance.below(2) as usize];
            let earlier = originals.entry(retailer).or_default();
            let control_number = 10_001 + index as u32;
            let kind = chance.below(100);
            let bytes = match kind {
                0..10 if !earlier.is_empty() => {
                    mixture.duplicates += 1;
                    mixture.files[earlier[chance.below(earlier.len() as u64) as usize]].bytes.clone()
                }
                _ => {
                    mixture.groups.entry(retailer).or_default().insert(control_number);
                    earlier.push(index);
                    let sets = if (20..30).contains(&kind) { 2 + chance.below(3) as u32 } else { 1 };
                    mixture.original(retailer, control_number, sets, (10..20).contains(&kind))
                }
            };
            let folder = format!("folders/{retailer}/outbound");
            mixture.files.push(Sent { folder, name: format!("850_{index:05}.edi"), bytes });
        }
        mixture
    }

    /// One interchange with one group of orders; a date that does not exist makes its orders unusable.
    fn original(&mut self, retailer: &str, control_number: u32, sets: u32, faulty: bool) -> Vec<u8> {
        let text = String::from_utf8(sample("megamart/850_101.edi")).unwrap();
        let text = text.replace("000000101", &format!("{control_number:09}"));
        let text = text.replace("*101*X", &format!("*{control_number}*X"));
        let text = text.replace("GE*1*101", &format!("GE*{sets}*{control_number}"));
        let text = text.replace("MEGAMART       *", &format!("{:<15}*", retailer.to_uppercase()));
        let text = text.replace("GS*PO*MEGAMART", &format!("GS*PO*{}", retailer.to_uppercase()));
        let (start, end) = (text.find("ST*").unwrap(), text.find("GE*").unwrap());
        let mut orders = String::new();
        for set in 1..=sets {
            let po_number = format!("{}{control_number}{set}", if retailer == RETAILERS[0] { 'M' } else { 'B' });
            let order = text[start..end].replace("4500012345", &po_number).replace("0001~", &format!("{set:04}~"));
            orders += &if faulty { order.replace("**20260302~", "**20260230~") } else { order };
            if !faulty {
                if control_number.is_multiple_of(4) {
                    self.orders_to_answer.insert(po_number.clone());
                }
                self.orders.insert(po_number);
            }
        }
        self.rejected += i64::from(faulty);
        format!("{}{orders}{}", &text[..start], &text[end..]).into_bytes()
    }
}

pub fn retailer_of(po_number: &str) -> &'static str {
    RETAILERS[usize::from(po_number.starts_with('B'))]
}

/// A folder whose files are taken as soon as they are seen: every other one deleted, the others moved away.
struct Taker {
    from: PathBuf,
    taken: PathBuf,
    count: usize,
}

impl Taker {
    fn take(&mut self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.from).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let text = fs::read_to_string(entry.path()).unwrap();
            self.count += 1;
            match self.count.is_multiple_of(2) {
                true => fs::remove_file(entry.path()).unwrap(),
                false => fs::rename(entry.path(), self.taken.join(format!("{}_{name}", self.count))).unwrap(),
            }
            found.push((name, text));
        }
        found
    }

    fn until(&mut self, stop: &AtomicBool, mut each: impl FnMut(String, String)) {
        loop {
            // What is there when the others stop is still taken.
            let last = stop.load(Ordering::SeqCst);
            for (name, text) in self.take() {
                each(name, text);
            }
            if last {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn leave(folder: &Path, name: &str, bytes: &[u8]) {
    let temporary = folder.join(format!(".{name}.tmp"));
    fs::write(&temporary, bytes).unwrap();
    fs::rename(temporary, folder.join(name)).unwrap();
}

/// Takes orders, and acknowledges some.
pub struct Erp {
    taker: Taker,
    outbox: PathBuf,
    pub seen: BTreeSet<String>,
    /// Names that came a second time.
    pub again: Vec<String>,
}

impl Erp {
    pub fn new(house: &House) -> Erp {
        let taker = Taker { from: house.path("folders/erp/inbox"), taken: house.path("folders/erp/taken"), count: 0 };
        Erp { taker, outbox: house.path("folders/erp/outbox"), seen: BTreeSet::new(), again: Vec::new() }
    }

    pub fn work(&mut self, stop: &AtomicBool) {
        let template = String::from_utf8(sample("erp/ack_4500012345.json")).unwrap();
        let (outbox, seen, again) = (&self.outbox, &mut self.seen, &mut self.again);
        self.taker.until(stop, |name, text| {
            let po_number = name.split('.').next().unwrap().to_owned();
            assert!(text.contains(&po_number), "{name} holds another order");
            if !seen.insert(name.clone()) {
                again.push(name);
                return;
            }
            let control_number: u32 = po_number[1..6].parse().unwrap();
            if name.ends_with(".json") && control_number.is_multiple_of(4) {
                let ack = template.replace("4500012345", &po_number).replace("SO-9001", &format!("SO-{po_number}"));
                leave(outbox, &format!("ack_{po_number}.json"), ack.as_bytes());
            }
        });
    }
}

/// Takes acknowledgments, and accepts every 855 by a 997.
pub struct Retailer {
    pub name: &'static str,
    taker: Taker,
    outbound: PathBuf,
    seen: BTreeSet<String>,
    pub again: Vec<String>,
    /// How often each group was answered.
    pub answered: BTreeMap<u32, u32>,
    /// How often each order was acknowledged by an 855.
    pub acknowledged: BTreeMap<String, u32>,
    /// ISA13 of everything that came.
    pub control_numbers: Vec<u32>,
}

impl Retailer {
    pub fn new(house: &House, name: &'static str) -> Retailer {
        let folder = |folder: &str| house.path(&format!("folders/{name}/{folder}"));
        Retailer {
            name,
            taker: Taker { from: folder("inbound"), taken: folder("taken"), count: 0 },
            outbound: folder("outbound"),
            seen: BTreeSet::new(),
            again: Vec::new(),
            answered: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            control_numbers: Vec::new(),
        }
    }

    pub fn work(&mut self, stop: &AtomicBool) {
        let Retailer { name: own, taker, outbound, seen, again, answered, acknowledged, control_numbers } = self;
        taker.until(stop, |name, text| {
            if !seen.insert(name.clone()) {
                again.push(name);
                return;
            }
            let control_number = element(&text, "ISA", 13).parse().unwrap();
            control_numbers.push(control_number);
            if text.contains("ST*997*") {
                *answered.entry(element(&text, "AK1", 2).parse().unwrap()).or_default() += 1;
            } else {
                *acknowledged.entry(element(&text, "BAK", 3).to_owned()).or_default() += 1;
                let group = element(&text, "GS", 6);
                leave(outbound, &format!("997_{group}.edi"), &accepting(own, control_number, group));
            }
        });
    }
}

fn element<'t>(text: &'t str, segment: &str, element: usize) -> &'t str {
    let line = text.lines().find(|line| line.starts_with(&format!("{segment}*"))).unwrap();
    line.trim_end_matches('~').split('*').nth(element).unwrap()
}

/// The 997 of the samples for another retailer and group.
fn accepting(retailer: &str, number: u32, group: &str) -> Vec<u8> {
    let text = String::from_utf8(sample("megamart/997_201.edi")).unwrap();
    let text = text.replace("000000201", &format!("{number:09}")).replace("*201*X", &format!("*{number}*X"));
    let text = text.replace("GE*1*201", &format!("GE*1*{number}")).replace("AK1*PR*504", &format!("AK1*PR*{group}"));
    let text = text.replace("MEGAMART       *", &format!("{:<15}*", retailer.to_uppercase()));
    text.replace("GS*FA*MEGAMART", &format!("GS*FA*{}", retailer.to_uppercase())).into_bytes()
}

/// Everybody has what is theirs once, whatever happened in between.
pub fn everything_came_once(mixture: &Mixture, erp: &Erp, retailers: &[Retailer]) {
    let again: Vec<&String> = erp.again.iter().chain(retailers.iter().flat_map(|retailer| &retailer.again)).collect();
    println!("{} files came again after they had been taken", again.len());
    assert!(again.is_empty(), "delivered again after it had been taken: {again:?}");
    let at_erp: BTreeSet<&str> = erp.seen.iter().map(String::as_str).collect();
    let expected: BTreeSet<String> =
        mixture.orders.iter().flat_map(|po| [format!("{po}.json"), format!("{po}.csv")]).collect();
    assert_eq!(at_erp, expected.iter().map(String::as_str).collect(), "the ERP has each order once, in both formats");
    for retailer in retailers {
        let expected: BTreeMap<u32, u32> = mixture.groups[retailer.name].iter().map(|group| (*group, 1)).collect();
        assert_eq!(retailer.answered, expected, "{} got exactly one 997 for each group", retailer.name);
        let answers: BTreeMap<String, u32> = mixture
            .orders_to_answer
            .iter()
            .filter(|po| retailer_of(po) == retailer.name)
            .map(|po| (po.clone(), 1))
            .collect();
        assert_eq!(retailer.acknowledged, answers, "{} got exactly one 855 for each answered order", retailer.name);
        let numbers = &retailer.control_numbers;
        let unique: BTreeSet<&u32> = numbers.iter().collect();
        assert_eq!(unique.len(), numbers.len(), "{}: a control number was used twice", retailer.name);
        let (first, last) = (**unique.first().unwrap(), **unique.last().unwrap());
        let gaps = (last - first + 1) as usize - unique.len();
        println!("{}: {} control numbers from {first} to {last}, {gaps} gaps", retailer.name, unique.len());
        assert_eq!(first, 501);
    }
}
