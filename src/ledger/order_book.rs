//! Which orders are to be held against their documents, and with which.
//!
//! ```text
//! document recorded ──► its transmission unjoined ──► joined: tied to the orders of what it names, and of what names it
//!                                                       └──► the books of those orders are due ──► held against their documents
//! ```
//!
//! The mark is written with the documents, one for all that a transmission brought, so that no crash loses it. An order is recomputed from its own documents, by the index that
//! finds them: what comes out cannot depend on the order in which they came, and one document costs as much as its order has
//! documents, however many orders there are. Documents that come together are one recomputation.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::document::{StoredDocument, plain};
use super::engine::gathering::Expected;
use super::engine::{Row, Session};
use super::{Error, Id, Transaction};
use crate::document::{Document, Kind, Order};

/// What was recorded longer ago than this was so before there were books, since what comes in is joined at once: after an upgrade
/// nobody is told of orders that are long over.
const LONG_OVER: SignedDuration = SignedDuration::from_hours(31 * 24);

/// Everything that was told about one order.
#[derive(Debug, Clone, Default)]
pub struct Papers {
    /// With whom.
    pub partner: String,
    /// The buyer's number.
    pub po_number: String,
    /// The orders of that number as they were first placed; a buyer may split one by ship-to.
    pub originals: Vec<Order>,
    /// Every document about it in its latest revision, the orders among them.
    pub documents: Vec<StoredDocument>,
}

/// A transmission whose documents are not joined yet, those up to one of them excepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unjoined {
    id: Id,
    transmission: Id,
    joined: String,
}

/// Marks the transmissions whose documents are to be joined; their rows end a group of writes.
pub(super) fn post(session: &mut Session, brought: &[(Id, String)]) -> Result<(), Error> {
    let sql = "INSERT INTO unjoined (id, partner, transmission, joined) VALUES ($1, $2, $3, '')";
    for (transmission, source) in brought {
        session.gather(sql, &[(&Id::new()).into(), source.into(), transmission.into()], Expected::Anything)?;
    }
    Ok(())
}

/// An order by partner and number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderKey {
    /// With whom.
    pub partner: String,
    /// The buyer's number.
    pub po_number: String,
}

fn order_key(row: &Row) -> Result<OrderKey, Error> {
    Ok(OrderKey { partner: row.text(0)?, po_number: row.text(1)? })
}

impl Transaction<'_> {
    /// Transmissions with documents that are not joined yet, the oldest first.
    pub fn unjoined(&mut self, limit: u32) -> Result<Vec<Unjoined>, Error> {
        let sql = "SELECT id, transmission, joined FROM unjoined ORDER BY id LIMIT $1";
        let unjoined = |row: &Row| Ok(Unjoined { id: row.id(0)?, transmission: row.id(1)?, joined: row.text(2)? });
        self.query(sql, &[limit.into()])?.iter().map(unjoined).collect()
    }

    /// Takes some documents of a transmission, to be joined in this transaction; none when another node was faster.
    pub fn take_unjoined(&mut self, unjoined: &Unjoined, limit: u32) -> Result<Vec<Id>, Error> {
        let sql = "SELECT id FROM document WHERE transmission = $1 AND id > $2 ORDER BY id LIMIT $3";
        let values = [(&unjoined.transmission).into(), unjoined.joined.as_str().into(), (limit + 1).into()];
        let mut documents =
            self.query(sql, &values)?.iter().map(|row| row.id(0)).collect::<Result<Vec<Id>, Error>>()?;
        let goes_on = documents.len() > limit as usize;
        documents.truncate(limit as usize);
        let (id, joined) = ((&unjoined.id).into(), unjoined.joined.as_str().into());
        let taken = match documents.last() {
            Some(last) if goes_on => self
                .execute("UPDATE unjoined SET joined = $3 WHERE id = $1 AND joined = $2", &[id, joined, last.into()])?,
            _ => self.execute("DELETE FROM unjoined WHERE id = $1 AND joined = $2", &[id, joined])?,
        };
        Ok(if taken == 0 { Vec::new() } else { documents })
    }

    /// Joins a document with those that it names and those that name it, and makes the books of its orders due. It returns the
    /// documents whose own mentions are to be looked at anew, itself among them; none where it was recorded long ago.
    pub fn join(&mut self, id: &Id, now: Timestamp) -> Result<Vec<StoredDocument>, Error> {
        let stored = self.document(id)?;
        let partner = stored.partner.as_str();
        for (kind, number) in stored.document.mentions() {
            self.note_mention(partner, kind, number, id)?;
            for po_number in self.orders_of(partner, kind, number)? {
                self.tie(partner, &po_number, id)?;
            }
        }
        let orders = self.po_numbers_about(id)?;
        let is_long_over = now.duration_since(stored.at) > LONG_OVER;
        for po_number in &orders {
            match is_long_over {
                true => self.open_book(partner, po_number)?,
                false => self.make_book_due(partner, po_number, now)?,
            }
        }
        // A payment names a memo, the memo an invoice: what the invoice is about, all three are.
        let mut joined = vec![stored];
        let mut seen = BTreeSet::from([id.clone()]);
        let mut next = 0;
        while let Some(one) = joined.get(next).cloned() {
            for naming in self.documents_naming(&one)? {
                if !seen.insert(naming.clone()) {
                    continue;
                }
                for po_number in &orders {
                    self.tie(&one.partner, po_number, &naming)?;
                    self.judge_order_again(&one.partner, po_number, now)?;
                }
                joined.push(self.document(&naming)?);
            }
            next += 1;
        }
        joined.retain(|one| now.duration_since(one.at) <= LONG_OVER);
        Ok(joined)
    }

    fn documents_naming(&mut self, one: &StoredDocument) -> Result<Vec<Id>, Error> {
        let sql = "SELECT document FROM mention WHERE partner = $1 AND number = $2 AND kind = $3 LIMIT 10000";
        let values = [(&one.partner).into(), one.document.number().into(), one.document.kind().name().into()];
        self.query(sql, &values)?.iter().map(|row| row.id(0)).collect()
    }

    /// A number as it was written, and as an ERP would write it: those by which it is looked up.
    fn note_mention(&mut self, partner: &str, kind: Kind, number: &str, document: &Id) -> Result<(), Error> {
        let mut forms = vec![number.to_owned(), plain(number)];
        forms.dedup();
        for number in forms {
            self.put(
                "INSERT INTO mention (partner, number, kind, document) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                &[partner.into(), number.into(), kind.name().into(), document.into()],
            )?;
        }
        Ok(())
    }

    fn po_numbers_about(&mut self, document: &Id) -> Result<Vec<String>, Error> {
        let sql = "SELECT po_number FROM document_order WHERE document = $1 ORDER BY po_number";
        self.query(sql, &[document.into()])?.iter().map(|row| row.text(0)).collect()
    }

    fn open_book(&mut self, partner: &str, po_number: &str) -> Result<(), Error> {
        self.put(
            "INSERT INTO order_book (partner, po_number) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            &[partner.into(), po_number.into()],
        )
    }

    fn make_book_due(&mut self, partner: &str, po_number: &str, now: Timestamp) -> Result<(), Error> {
        self.put(
            "INSERT INTO order_book (partner, po_number, look) VALUES ($1, $2, $3)
             ON CONFLICT (partner, po_number) DO UPDATE SET look = excluded.look",
            &[partner.into(), po_number.into(), now.into()],
        )
    }

    /// True when the partner has a document of that kind by that number.
    pub fn is_known(&mut self, partner: &str, kind: Kind, number: &str) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM document WHERE number = $1 AND kind = $2 AND partner = $3 LIMIT 1";
        for number in [number.to_owned(), plain(number)] {
            if self.query_one(sql, &[number.into(), kind.name().into(), partner.into()])?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Orders whose books are due.
    pub fn orders_due(&mut self, now: Timestamp, limit: u32) -> Result<Vec<OrderKey>, Error> {
        let sql = "SELECT partner, po_number FROM order_book WHERE look <= $1 ORDER BY look LIMIT $2";
        self.query(sql, &[now.into(), limit.into()])?.iter().map(order_key).collect()
    }

    /// Takes an order up; false when another node did. Whatever comes while it is held makes it due again.
    pub fn take_up_order(&mut self, order: &OrderKey, now: Timestamp) -> Result<bool, Error> {
        let sql = "UPDATE order_book SET look = NULL WHERE partner = $1 AND po_number = $2 AND look <= $3";
        let changed = self.execute(sql, &[(&order.partner).into(), (&order.po_number).into(), now.into()])?;
        Ok(changed > 0)
    }

    /// Puts an order down: when time alone will change something, and whether nothing of it is open.
    pub fn put_down_order(
        &mut self,
        order: &OrderKey,
        look: Option<Timestamp>,
        settled: Option<Timestamp>,
    ) -> Result<(), Error> {
        self.put(
            "UPDATE order_book SET look = $3, settled = $4 WHERE partner = $1 AND po_number = $2",
            &[(&order.partner).into(), (&order.po_number).into(), look.into(), settled.into()],
        )
    }

    /// Orders of which something was open at a time, in the order of their numbers, those behind `after`.
    pub fn orders_open_at(
        &mut self,
        partner: &str,
        at: Timestamp,
        after: &str,
        limit: u32,
    ) -> Result<Vec<OrderKey>, Error> {
        let sql = "SELECT partner, po_number FROM order_book
                   WHERE partner = $1 AND (settled IS NULL OR settled >= $2) AND po_number > $3 ORDER BY po_number LIMIT $4";
        let values = [partner.into(), at.into(), after.into(), limit.into()];
        self.query(sql, &values)?.iter().map(order_key).collect()
    }

    /// The partners who have orders or findings.
    pub fn partners_with_books(&mut self) -> Result<Vec<String>, Error> {
        let rows = self.query("SELECT partner FROM order_book UNION SELECT partner FROM finding ORDER BY 1", &[])?;
        rows.iter().map(|row| row.text(0)).collect()
    }

    /// Everything that was told about an order.
    pub fn papers(&mut self, partner: &str, po_number: &str) -> Result<Papers, Error> {
        self.papers_before(partner, po_number, Timestamp::MAX)
    }

    /// The same as it was at a moment.
    pub fn papers_before(&mut self, partner: &str, po_number: &str, until: Timestamp) -> Result<Papers, Error> {
        let documents = self.documents_about_before(partner, po_number, until)?;
        let is_revised = |one: &StoredDocument| {
            one.document.kind() == Kind::Order && (one.revision > 1 || one.document.takes_a_place())
        };
        let placed = match documents.iter().any(is_revised) {
            true => self.original_orders(partner, po_number)?,
            false => documents.iter().filter(|one| one.document.kind() == Kind::Order).cloned().collect(),
        };
        let as_order = |one: StoredDocument| match one.document {
            Document::Order(order) => Some(order),
            _ => None,
        };
        let originals = placed.into_iter().filter_map(as_order).collect();
        Ok(Papers { partner: partner.to_owned(), po_number: po_number.to_owned(), originals, documents })
    }
}
