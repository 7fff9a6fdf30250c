//! Orders as their buyer wants them now: as they were written, with the changes of them applied one after the other.
//!
//! ```text
//! 850: 001 24 EA, 002 12 EA      860/1: 001 QD 18, 002 DI      860/2: 003 AI 6 EA
//!   -> 001 18 EA, 002 0 EA, 003 6 EA
//! ```
//!
//! A line never goes: what is not wanted any more is wanted 0 times. Who revises a whole order (purpose change or replace) states it
//! anew, so that changes which were known before are in it. What cannot be brought to a line is told in words and changes nothing;
//! it is never guessed. Changes are applied in the order in which they are given: [`OrderChange::place`] is theirs.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::item::Match;
use super::keys::is_same_number;
use super::order::OrderLine;
use super::order_change::{ChangeKind, LineChange, OrderChange};
use super::{Document, Order, Purpose, Quantity};

/// Orders with what was changed of them.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    placed: Vec<Placed>,
}

/// An order with when it was said.
#[derive(Debug, Clone)]
struct Placed {
    order: Order,
    at: Timestamp,
}

/// The place of a line: the order, and its line.
type Spot = (usize, usize);

impl Wanted {
    /// The orders among documents, each in its latest revision, with the changes among them applied when it is their turn; what
    /// does not fit is left out.
    pub fn of<'d>(documents: impl IntoIterator<Item = (&'d Document, Timestamp)>) -> Wanted {
        let mut wanted = Wanted::default();
        let mut changes = Vec::new();
        for (document, at) in documents {
            match document {
                Document::Order(order) => wanted.place(order.clone(), at),
                Document::OrderChange(change) => changes.push((change, at)),
                _ => {}
            }
        }
        changes.sort_by_key(|(change, at)| (change.place(), *at));
        for (change, at) in changes {
            wanted.apply(change, at);
        }
        wanted
    }

    /// Adds an order as it was written, in its latest revision.
    pub fn place(&mut self, order: Order, at: Timestamp) {
        self.placed.push(Placed { order, at });
    }

    /// The orders as they are now.
    pub fn orders(&self) -> impl Iterator<Item = &Order> {
        self.placed.iter().map(|placed| &placed.order)
    }

    /// The same, by value.
    pub fn into_orders(self) -> impl Iterator<Item = Order> {
        self.placed.into_iter().map(|placed| placed.order)
    }

    /// Applies a change that came at a time; what of it could not be applied, in words.
    pub fn apply(&mut self, change: &OrderChange, at: Timestamp) -> Vec<String> {
        let meant = self.meant(change, at);
        if meant.is_empty() {
            return Vec::new();
        }
        if change.header.purpose == Purpose::Cancel {
            self.forget_others(&meant, &[]);
            return Vec::new();
        }
        for &order in &meant {
            self.change_head(order, change, meant.len() == 1);
        }
        let mut untold = Vec::new();
        let mut named: Vec<Spot> = Vec::new();
        for line in &change.changes {
            match self.change_line(&meant, line, &mut untold) {
                Ok(spot) => named.push(spot),
                Err(why) => untold.push(why),
            }
        }
        if change.header.purpose == Purpose::Replace {
            self.forget_others(&meant, &named);
        }
        untold
    }

    /// The orders that a change speaks of; release and ship-to narrow the choice where they fit one.
    fn meant(&self, change: &OrderChange, at: Timestamp) -> Vec<usize> {
        let is_of_the_number = |order: &usize| self.placed[*order].order.po_number == change.po_number;
        let mut meant: Vec<usize> = (0..self.placed.len()).filter(is_of_the_number).collect();
        let mut narrow = |fits: &dyn Fn(&Order) -> bool| {
            let fitting: Vec<usize> = meant.iter().copied().filter(|order| fits(&self.placed[*order].order)).collect();
            if !fitting.is_empty() {
                meant = fitting;
            }
        };
        if change.release.is_some() {
            narrow(&|order| order.release == change.release);
        }
        if change.ship_to_code().is_some() {
            narrow(&|order| order.ship_to_code() == change.ship_to_code());
        }
        meant.retain(|order| !self.placed[*order].states_anew_since(at));
        meant
    }

    /// What a change says of an order as a whole.
    fn change_head(&mut self, order: usize, change: &OrderChange, is_the_only_one: bool) {
        let order = &mut self.placed[order].order;
        for date in &change.dates {
            order.dates.retain(|known| known.is != date.is);
        }
        order.dates.extend(change.dates.iter().cloned());
        order.terms = change.terms.clone().or(order.terms.take());
        order.freight_payment = change.freight_payment.clone().or(order.freight_payment.take());
        order.carrier = change.carrier.clone().or(order.carrier.take());
        if !is_the_only_one {
            return;
        }
        for party in change.parties.iter().filter(|party| party.code.is_some()) {
            match order.parties.iter_mut().find(|known| known.role == party.role) {
                Some(known) if known.code == party.code => {}
                Some(known) => *known = party.clone(),
                None => order.parties.push(party.clone()),
            }
        }
    }

    /// Changes one line; its place, or why that cannot be.
    fn change_line(&mut self, meant: &[usize], change: &LineChange, untold: &mut Vec<String>) -> Result<Spot, String> {
        let found = self.find(meant, change)?;
        let Some(spot) = found else {
            return match &change.is {
                ChangeKind::Add => self.add(meant, change),
                _ => Err(format!("{} is not in the order", name(change))),
            };
        };
        let line = &mut self.placed[spot.0].order.lines[spot.1];
        if let Some(before) = change.before.quantity.as_ref().filter(|before| **before != line.quantity) {
            let [before, now] =
                [before, &line.quantity].map(|quantity| format!("{} {}", quantity.value, quantity.unit));
            untold.push(format!("line {} was {before} before it, and is {now}: a change may be missing", line.line));
        }
        match &change.is {
            ChangeKind::Delete => nothing_of(line),
            ChangeKind::Other(code) => return Err(format!("{}: what {code} changes is not known", name(change))),
            kind if kind.is_another_item() => {
                let replaced = line.clone();
                nothing_of(line);
                return Ok(self.put_in_place(spot, change, replaced));
            }
            _ => update(line, change),
        }
        Ok(spot)
    }

    /// The line that a change means: by its number, unless the item beside it is another, else by the item.
    fn find(&self, meant: &[usize], change: &LineChange) -> Result<Option<Spot>, String> {
        let lines_of = |order: usize| (0..self.placed[order].order.lines.len()).map(move |line| (order, line));
        let spots: Vec<Spot> = meant.iter().copied().flat_map(lines_of).collect();
        let is_numbered =
            |spot: &Spot| change.line.as_ref().is_some_and(|number| is_same_number(number, &self.line(*spot).line));
        let numbered: Vec<Spot> = spots.iter().copied().filter(is_numbered).collect();
        let compared = |spot: &Spot| self.line(*spot).item.compare(&change.item);
        if let Some(first) = numbered.first() {
            let is_meant = |spot: &Spot| change.is.is_another_item() || compared(spot) != Match::Different;
            let fitting: Vec<Spot> = numbered.iter().copied().filter(is_meant).collect();
            return match fitting[..] {
                [only] => Ok(Some(only)),
                // What took the place of another item stands behind it.
                [(order, _), .., last] if last.0 == order => Ok(Some(last)),
                [_, ..] => Err(format!("{} is in several orders of that number", name(change))),
                // A new line may have the number of one that was another item's.
                [] if change.is == ChangeKind::Add => Ok(None),
                [] => Err(format!("{} is item {} in the order", name(change), self.line(*first).item.label())),
            };
        }
        if change.is == ChangeKind::Add && change.line.is_some() {
            return Ok(None);
        }
        let of_the_item: Vec<Spot> = spots.into_iter().filter(|spot| compared(spot) == Match::Same).collect();
        match of_the_item[..] {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            _ => Err(format!("{} could be several lines", name(change))),
        }
    }

    fn line(&self, (order, line): Spot) -> &OrderLine {
        &self.placed[order].order.lines[line]
    }

    /// A line that is new.
    fn add(&mut self, meant: &[usize], change: &LineChange) -> Result<Spot, String> {
        let [order] = *meant else { return Err(format!("{} is new to one of several orders", name(change))) };
        let lines = &mut self.placed[order].order.lines;
        let Some(quantity) = change.quantity.clone() else {
            return Err(format!("{} is new, and nothing says how much", name(change)));
        };
        let number = change.line.clone().unwrap_or_else(|| (lines.len() + 1).to_string());
        lines.push(new_line(number, quantity, change));
        Ok((order, lines.len() - 1))
    }

    /// Another item in the place of a line.
    fn put_in_place(&mut self, of: Spot, change: &LineChange, replaced: OrderLine) -> Spot {
        let quantity = change.quantity.clone().unwrap_or(replaced.quantity);
        let mut line = new_line(replaced.line, quantity, change);
        line.price = line.price.or(replaced.price);
        let lines = &mut self.placed[of.0].order.lines;
        lines.push(line);
        (of.0, lines.len() - 1)
    }

    /// Nothing is wanted of the lines that were not named.
    fn forget_others(&mut self, meant: &[usize], named: &[Spot]) {
        for &order in meant {
            for (index, line) in self.placed[order].order.lines.iter_mut().enumerate() {
                if !named.contains(&(order, index)) {
                    nothing_of(line);
                }
            }
        }
    }
}

impl Placed {
    /// True when the order was stated anew after a time.
    fn states_anew_since(&self, at: Timestamp) -> bool {
        matches!(self.order.header.purpose, Purpose::Change | Purpose::Replace) && self.at > at
    }
}

fn nothing_of(line: &mut OrderLine) {
    line.quantity.value = Decimal::ZERO;
    line.allocations.clear();
}

fn new_line(line: String, quantity: Quantity, change: &LineChange) -> OrderLine {
    OrderLine {
        line,
        item: change.item.clone(),
        description: change.description.clone(),
        quantity,
        price: change.price.clone(),
        pack: change.pack,
        inner_pack: change.inner_pack,
        allocations: change.allocations.clone(),
        dates: change.dates.clone(),
        references: change.references.clone(),
        adjustments: change.adjustments.clone(),
    }
}

/// Takes over what the kind of change speaks of.
fn update(line: &mut OrderLine, change: &LineChange) {
    line.item.fill_from(&change.item);
    if let Some(quantity) = change.quantity.as_ref().filter(|_| change.is.is_about_quantity()) {
        line.quantity = quantity.clone();
        line.allocations.clone_from(&change.allocations);
    }
    if let Some(price) = change.price.as_ref().filter(|_| change.is.is_about_price()) {
        line.price = Some(price.clone());
    }
    for date in &change.dates {
        line.dates.retain(|known| known.is != date.is);
    }
    line.dates.extend(change.dates.iter().cloned());
    if change.pack.is_some() {
        (line.pack, line.inner_pack) = (change.pack, change.inner_pack);
    }
}

/// `line 003, item 550003`, as far as the change names them.
fn name(change: &LineChange) -> String {
    match (&change.line, change.item.is_empty()) {
        (Some(line), true) => format!("line {line}"),
        (Some(line), false) => format!("line {line}, item {}", change.item.label()),
        (None, _) => format!("item {}", change.item.label()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn eaches(count: &str) -> Value {
        json!({ "value": count, "unit": "EA" })
    }

    /// 24 of 550001 at 3.61 and 12 of 550002 at 5.50, to one place.
    fn order(ship_to: &str) -> Order {
        let line = |line: &str, item: &str, count: &str, price: &str| json!({ "line": line, "item": { "buyer": item }, "quantity": eaches(count), "price": { "amount": price } });
        let place = json!({ "role": "ship_to", "code": { "by": "buyer", "value": ship_to } });
        let order = json!({
            "po_number": "45", "ordered_on": "2026-03-02", "parties": [place],
            "dates": [{ "is": "ship_not_after", "on": "2026-03-06" }],
            "lines": [line("001", "550001", "24", "3.61"), line("002", "550002", "12", "5.50")],
        });
        serde_json::from_value(order).unwrap()
    }

    fn change(purpose: &str, changes: Value) -> OrderChange {
        serde_json::from_value(json!({ "po_number": "45", "purpose": purpose, "changes": changes })).unwrap()
    }

    fn minute(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    /// `001 550001 24 at 3.61`, line by line of every order.
    fn lines(wanted: &Wanted) -> Vec<String> {
        let all = wanted.orders().flat_map(|order| &order.lines);
        all.map(|line| {
            let price = line.price.as_ref().map(|price| format!(" at {}", price.amount)).unwrap_or_default();
            format!("{} {} {}{price}", line.line, line.item.label(), line.quantity.value)
        })
        .collect()
    }

    /// What a change of the order leaves of it, and what could not be applied.
    fn check(change: &OrderChange, expect: &[&str], untold: &[&str]) {
        let mut wanted = Wanted::default();
        wanted.place(order("6021"), minute(0));
        assert_eq!(wanted.apply(change, minute(1)), untold);
        assert_eq!(lines(&wanted), expect);
    }

    #[test]
    fn a_line_changes_in_what_its_kind_of_change_speaks_of() {
        let with = |is: &str| {
            let line = json!([{ "is": is, "line": "1", "quantity": eaches("18"), "price": { "amount": "3.50" } }]);
            change("change", line)
        };
        check(&with("quantity_decrease"), &["001 550001 18 at 3.61", "002 550002 12 at 5.50"], &[]);
        check(&with("price"), &["001 550001 24 at 3.50", "002 550002 12 at 5.50"], &[]);
        check(&with("replace_all"), &["001 550001 18 at 3.50", "002 550002 12 at 5.50"], &[]);
        check(&with("unchanged"), &["001 550001 24 at 3.61", "002 550002 12 at 5.50"], &[]);
        check(&with("delete"), &["001 550001 0 at 3.61", "002 550002 12 at 5.50"], &[]);
    }

    #[test]
    fn lines_come_and_items_take_the_place_of_others() {
        let line = |is: &str, line: &str| json!([{ "is": is, "line": line, "item": { "buyer": "550009" }, "quantity": eaches("6") }]);
        let added = ["001 550001 24 at 3.61", "002 550002 12 at 5.50", "003 550009 6"];
        check(&change("change", line("add", "003")), &added, &[]);
        let replaced = ["001 550001 24 at 3.61", "002 550002 0 at 5.50", "002 550009 6 at 5.50"];
        check(&change("change", line("replace_item", "002")), &replaced, &[]);
    }

    #[test]
    fn what_took_the_place_of_an_item_is_what_its_line_means_from_then_on() {
        let line = |is: &str, item: Value, count: &str| json!({ "is": is, "line": "002", "item": item, "quantity": eaches(count) });
        let mut wanted = Wanted::default();
        wanted.place(order("6021"), minute(0));
        wanted.apply(&change("change", json!([line("replace_item", json!({ "buyer": "550009" }), "6")])), minute(1));
        assert_eq!(wanted.apply(&change("change", json!([line("change", json!({}), "7")])), minute(2)), [""; 0]);
        assert_eq!(lines(&wanted), ["001 550001 24 at 3.61", "002 550002 0 at 5.50", "002 550009 7 at 5.50"]);
    }

    #[test]
    fn a_new_line_may_be_of_an_item_that_is_ordered_already() {
        let line = json!([{ "is": "add", "line": "003", "item": { "buyer": "550001" }, "quantity": eaches("6") }]);
        check(&change("change", line), &["001 550001 24 at 3.61", "002 550002 12 at 5.50", "003 550001 6"], &[]);
    }

    #[test]
    fn a_cancellation_takes_everything_back_and_a_replacement_what_it_does_not_name() {
        check(&change("cancel", json!([])), &["001 550001 0 at 3.61", "002 550002 0 at 5.50"], &[]);
        let only = json!([{ "is": "unchanged", "item": { "buyer": "550002" } }]);
        check(&change("replace", only), &["001 550001 0 at 3.61", "002 550002 12 at 5.50"], &[]);
    }

    #[test]
    fn what_cannot_be_brought_to_a_line_is_told_and_changes_nothing() {
        let same = ["001 550001 24 at 3.61", "002 550002 12 at 5.50"];
        let line = |json: Value| change("change", json!([json]));
        check(&line(json!({ "is": "delete", "line": "007" })), &same, &["line 007 is not in the order"]);
        let other = json!({ "is": "delete", "line": "001", "item": { "buyer": "550002" } });
        check(&line(other), &same, &["line 001, item 550002 is item 550001 in the order"]);
        let unknown = json!({ "is": "TI", "line": "001", "quantity": eaches("1") });
        check(&line(unknown), &same, &["line 001: what TI changes is not known"]);
    }

    #[test]
    fn a_line_that_was_not_what_its_change_says_tells_that_a_change_is_missing() {
        let line = json!([{ "is": "quantity_decrease", "line": "001", "before": { "quantity": eaches("30") },
                            "quantity": eaches("18") }]);
        let untold = "line 001 was 30 EA before it, and is 24 EA: a change may be missing";
        check(&change("change", line), &["001 550001 18 at 3.61", "002 550002 12 at 5.50"], &[untold]);
    }

    #[test]
    fn of_split_orders_only_the_one_that_is_named_changes() {
        let mut wanted = Wanted::default();
        wanted.place(order("6021"), minute(0));
        wanted.place(order("6022"), minute(0));
        let mut less = change("change", json!([{ "is": "delete", "line": "001" }]));
        assert_eq!(wanted.apply(&less, minute(1)), ["line 001 is in several orders of that number"]);
        less.parties.clone_from(&order("6022").parties);
        assert_eq!(wanted.apply(&less, minute(1)), [""; 0]);
        let counts: Vec<String> = lines(&wanted).iter().map(|line| line[11..13].trim().to_owned()).collect();
        assert_eq!(counts, ["24", "12", "0", "12"]);
    }

    #[test]
    fn an_order_that_is_stated_anew_holds_the_changes_that_were_known_before() {
        let less = change("change", json!([{ "is": "delete", "line": "001" }]));
        let check = |purpose: Purpose, at: i64, expect: &str| {
            let mut revised = order("6021");
            revised.header.purpose = purpose;
            let mut wanted = Wanted::default();
            wanted.place(revised, minute(5));
            wanted.apply(&less, minute(at));
            assert_eq!(lines(&wanted)[0], expect);
        };
        check(Purpose::Replace, 4, "001 550001 24 at 3.61");
        check(Purpose::Replace, 6, "001 550001 0 at 3.61");
        // An original that comes late was placed before.
        check(Purpose::Original, 4, "001 550001 0 at 3.61");
    }

    #[test]
    fn windows_are_moved() {
        let mut later = change("change", json!([]));
        later.dates = serde_json::from_value(json!([{ "is": "ship_not_after", "on": "2026-03-20" }])).unwrap();
        let mut wanted = Wanted::default();
        wanted.place(order("6021"), minute(0));
        wanted.apply(&later, minute(1));
        assert_eq!(wanted.orders().next().unwrap().dates, later.dates);
    }

    #[test]
    fn changes_have_their_turn_by_their_numbers() {
        let numbered = |sequence: &str| OrderChange { sequence: Some(sequence.to_owned()), ..OrderChange::default() };
        assert!(numbered("2").place() < numbered("10").place());
        assert!(numbered("002").place() < numbered("3").place());
    }
}
