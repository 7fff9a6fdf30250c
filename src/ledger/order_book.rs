//! Which orders are to be held against their documents, and with which.
//!
//! ```text
//! document recorded ──► its transmission unjoined ──► joined: tied to the orders of what it names
//!                                                       ├──► what names it has news, and is tied anew
//!                                                       └──► the books of its orders are due ──► held against their documents
//! ```
//!
//! The mark is written with the documents, one for all that a transmission brought, so that no crash loses it. An order is recomputed
//! from its own documents, by the index that finds them: what comes out cannot depend on the order in which they came, nor on how
//! many orders there are. Of an order that was looked at lately only what is new is read, since the rest stands on the [`Shelf`]; that
//! each document counts is a sum in memory. Documents that come together are one recomputation; a payment of a thousand orders is
//! read once for all of them, and tied anew once however many of its invoices came.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::document::{MOST, StoredDocument};
use super::engine::gathering::Expected;
use super::engine::{Row, Session};
use super::shelf::Shelf;
use super::shelf::orders::LONG;
use super::{Error, Id, Transaction};
use crate::document::keys::plain_number;
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
    pub documents: Vec<Arc<StoredDocument>>,
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

    /// Joins a document with the orders of those that it names, makes the books of its orders due, and leaves word with those that
    /// name it. It returns the document, whose own mentions are to be looked at; none where it was recorded long ago.
    pub fn join(&mut self, id: &Id, shelf: &Shelf, now: Timestamp) -> Result<Option<Arc<StoredDocument>>, Error> {
        let stored = self.document_on(shelf, id)?;
        self.note_mentions(&stored)?;
        let tied = self.tie_to_named(&stored)?;
        let is_fresh = !is_long_over(&stored, now);
        let taken_back = if stored.revision > 1 { self.orders_of_revisions(&stored)? } else { Vec::new() };
        for po_number in tied.all.iter().chain(&taken_back) {
            self.touch_book(&stored.partner, po_number, is_fresh.then_some(now))?;
        }
        for po_number in &tied.new {
            self.judge_order_again(&stored.partner, po_number, now)?;
        }
        self.leave_word(&stored, is_fresh)?;
        Ok(is_fresh.then_some(stored))
    }

    /// Documents of whose mentions news came.
    pub fn mention_news(&mut self, limit: u32) -> Result<Vec<Id>, Error> {
        let sql = "SELECT document FROM mention_news ORDER BY document LIMIT $1";
        self.query(sql, &[limit.into()])?.iter().map(|row| row.id(0)).collect()
    }

    /// Ties a document anew to the orders of those that it names; the document, whose own mentions are to be looked at again.
    /// Nothing when another node was faster.
    pub fn take_up_news(
        &mut self,
        id: &Id,
        shelf: &Shelf,
        now: Timestamp,
    ) -> Result<Option<Arc<StoredDocument>>, Error> {
        let sql = "DELETE FROM mention_news WHERE document = $1 RETURNING fresh";
        let Some(news) = self.query_one(sql, &[id.into()])? else { return Ok(None) };
        let is_fresh = news.int(0)? != 0;
        let stored = self.document_on(shelf, id)?;
        let tied = self.tie_to_named(&stored)?;
        for po_number in &tied.new {
            self.touch_book(&stored.partner, po_number, is_fresh.then_some(now))?;
            self.judge_order_again(&stored.partner, po_number, now)?;
        }
        // A payment names a memo, the memo an invoice: what the invoice is about, all three are.
        if !tied.new.is_empty() {
            self.leave_word(&stored, is_fresh)?;
        }
        Ok((!is_long_over(&stored, now)).then_some(stored))
    }

    /// Leaves word with the documents that name one.
    fn leave_word(&mut self, named: &StoredDocument, is_fresh: bool) -> Result<(), Error> {
        let sql = "SELECT document FROM mention WHERE partner = $1 AND number = $2 AND kind = $3 LIMIT 10000";
        let partner = named.partner.as_str();
        let values = [partner.into(), named.document.number().into(), named.document.kind().name().into()];
        for row in self.query(sql, &values)? {
            let naming = row.id(0)?;
            self.put(
                "INSERT INTO mention_news (document, partner, fresh) VALUES ($1, $2, $3)
                 ON CONFLICT (document) DO UPDATE SET fresh = excluded.fresh WHERE excluded.fresh = 1",
                &[(&naming).into(), partner.into(), is_fresh.into()],
            )?;
        }
        Ok(())
    }

    /// Ties a document to the orders of those that it names.
    fn tie_to_named(&mut self, stored: &StoredDocument) -> Result<Tied, Error> {
        let mentions = stored.document.mentions();
        if mentions.is_empty() {
            // It was tied to the orders that it names itself when it was recorded.
            let all = stored.document.po_numbers().into_iter().map(str::to_owned).collect();
            return Ok(Tied { all, new: Vec::new() });
        }
        let mut all: BTreeSet<String> = self.po_numbers_about(&stored.id)?.into_iter().collect();
        let mut new = Vec::new();
        for po_number in self.orders_of(&stored.partner, &mentions)? {
            if all.insert(po_number.clone()) {
                self.tie(&stored.partner, &po_number, &stored.id)?;
                new.push(po_number);
            }
        }
        Ok(Tied { all: all.into_iter().collect(), new })
    }

    /// Numbers as they were written, and as an ERP would write them: those by which a document is looked up.
    fn note_mentions(&mut self, stored: &StoredDocument) -> Result<(), Error> {
        for (kind, number) in stored.document.mentions() {
            let mut forms = vec![number.to_owned(), plain_number(number)];
            forms.dedup();
            for number in forms {
                self.put(
                    "INSERT INTO mention (partner, number, kind, document) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                    &[(&stored.partner).into(), number.into(), kind.name().into(), (&stored.id).into()],
                )?;
            }
        }
        Ok(())
    }

    fn po_numbers_about(&mut self, document: &Id) -> Result<Vec<String>, Error> {
        let sql = "SELECT po_number FROM document_order WHERE document = $1 ORDER BY po_number";
        self.query(sql, &[document.into()])?.iter().map(|row| row.text(0)).collect()
    }

    /// The orders that any revision of a document is about: one may be about an order no longer.
    fn orders_of_revisions(&mut self, stored: &StoredDocument) -> Result<Vec<String>, Error> {
        let sql = "SELECT DISTINCT document_order.po_number
                   FROM document JOIN document_order ON document_order.document = document.id
                   WHERE document.partner = $1 AND document.kind = $2 AND document.business_key = $3";
        let (partner, kind) = (stored.partner.as_str(), stored.document.kind().name());
        let values = [partner.into(), kind.into(), stored.document.business_key().into()];
        self.query(sql, &values)?.iter().map(|row| row.text(0)).collect()
    }

    /// Opens the book of an order, and makes it due where there is a time to, once it has rested.
    fn touch_book(&mut self, partner: &str, po_number: &str, due: Option<Timestamp>) -> Result<(), Error> {
        // Whoever set the clock back does not make it rest longer.
        let latest = due.and_then(|due| due.checked_add(rest_of(MOST)).ok());
        self.put(
            "INSERT INTO order_book (partner, po_number, look, found) VALUES ($1, $2, $3, 0)
             ON CONFLICT (partner, po_number) DO UPDATE
             SET look = CASE WHEN order_book.rests_until BETWEEN excluded.look AND $4 THEN order_book.rests_until
                             ELSE excluded.look END
             WHERE excluded.look IS NOT NULL",
            &[partner.into(), po_number.into(), due.into(), latest.into()],
        )
    }

    /// Orders whose books are due.
    pub fn orders_due(&mut self, now: Timestamp, limit: u32) -> Result<Vec<OrderKey>, Error> {
        let sql = "SELECT partner, po_number FROM order_book WHERE look <= $1 ORDER BY look LIMIT $2";
        self.query(sql, &[now.into(), limit.into()])?.iter().map(order_key).collect()
    }

    /// Takes an order up; nothing when another node did. Whatever comes while it is held makes it due again.
    pub fn take_up_order(&mut self, order: &OrderKey, now: Timestamp) -> Result<Option<Standing>, Error> {
        let sql = "UPDATE order_book SET look = NULL WHERE partner = $1 AND po_number = $2 AND look <= $3
                   RETURNING settled, found";
        let taken = self.query_one(sql, &[(&order.partner).into(), (&order.po_number).into(), now.into()])?;
        taken
            .map(|row| {
                Ok(Standing { settled: row.optional_time(0)?, found: row.optional_int(1)?.map(|found| found != 0) })
            })
            .transpose()
    }

    /// Puts an order down: when time alone will change something, until when it rests whatever comes, and how it stands now.
    pub fn put_down_order(
        &mut self,
        order: &OrderKey,
        (look, rests_until): (Option<Timestamp>, Option<Timestamp>),
        (stood, stands): (Standing, Standing),
    ) -> Result<(), Error> {
        if look.is_none() && rests_until.is_none() && stood == stands {
            return Ok(());
        }
        let found = stands.found.map(i64::from);
        self.put(
            "UPDATE order_book SET look = $3, rests_until = $4, settled = $5, found = $6 WHERE partner = $1 AND po_number = $2",
            &[
                (&order.partner).into(),
                (&order.po_number).into(),
                look.into(),
                rests_until.into(),
                stands.settled.into(),
                found.into(),
            ],
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
        let documents = self.documents_about(partner, po_number)?;
        self.papers_of(partner, po_number, documents.into_iter().map(Arc::new).collect())
    }

    /// The same; what stands on the shelf is taken from there.
    pub fn papers_on(&mut self, shelf: &Shelf, order: &OrderKey) -> Result<Papers, Error> {
        let documents = self.documents_about_order(order, shelf)?;
        self.papers_of(&order.partner, &order.po_number, documents)
    }

    /// The same as it was at a moment.
    pub fn papers_before(
        &mut self,
        partner: &str,
        po_number: &str,
        until: Timestamp,
        shelf: &Shelf,
    ) -> Result<Papers, Error> {
        let documents = self.documents_about_before(partner, po_number, until, shelf)?;
        self.papers_of(partner, po_number, documents)
    }

    fn papers_of(
        &mut self,
        partner: &str,
        po_number: &str,
        documents: Vec<Arc<StoredDocument>>,
    ) -> Result<Papers, Error> {
        let is_revised = |one: &StoredDocument| {
            one.document.kind() == Kind::Order && (one.revision > 1 || one.document.takes_a_place())
        };
        let as_order = |one: &StoredDocument| match &one.document {
            Document::Order(order) => Some(order.clone()),
            _ => None,
        };
        let originals = match documents.iter().any(|one| is_revised(one)) {
            true => self.original_orders(partner, po_number)?.iter().filter_map(as_order).collect(),
            false => documents.iter().filter_map(|one| as_order(one)).collect(),
        };
        Ok(Papers { partner: partner.to_owned(), po_number: po_number.to_owned(), originals, documents })
    }
}

/// The orders that a document is tied to.
struct Tied {
    all: Vec<String>,
    /// Those that it was not tied to before.
    new: Vec<String>,
}

/// How an order stood when it was judged last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Since when nothing of it is open.
    pub settled: Option<Timestamp>,
    /// Whether anything is found; not known for one that was not judged since it is noted.
    pub found: Option<bool>,
}

/// How long an order rests after it was judged. That costs as much as it has documents, and so it is done the less often: whatever
/// comes for orders takes no more than a share of the time, however long they are.
pub fn rest_of(documents: usize) -> SignedDuration {
    let millis = if documents < LONG { 0 } else { documents };
    SignedDuration::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

fn is_long_over(stored: &StoredDocument, now: Timestamp) -> bool {
    now.duration_since(stored.at) > LONG_OVER
}
