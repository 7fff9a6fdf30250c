//! Documents: immutable, one row per revision, found by key and by the orders they are about.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::delivery::among;
use super::engine::{Row, Value};
use super::order_book::OrderKey;
use super::shelf::orders::LONG;
use super::shelf::{Shelf, Volume};
use super::transmission::{from_json, to_json};
use super::{Error, Id, Transaction};
use crate::document::keys::plain_number;
use crate::document::wanted::Wanted;
use crate::document::{Document, Kind, Purpose};

/// A document to be recorded.
#[derive(Debug, Clone)]
pub struct NewDocument<'a> {
    /// The trading partner whose purchase it belongs to.
    pub partner: &'a str,
    /// The partner who sent it.
    pub source: &'a str,
    /// The transmission that brought it.
    pub transmission: &'a Id,
    /// The document.
    pub document: &'a Document,
    /// The same as text.
    pub body: &'a Body,
    /// When.
    pub at: Timestamp,
}

/// A document as the ledger keeps it.
#[derive(Debug, Clone)]
pub struct Body(String);

impl Body {
    /// Writes a document.
    pub fn of(document: &Document) -> Result<Body, Error> {
        to_json(document).map(Body)
    }
}

/// What recording found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It is new.
    New(Id),
    /// It was known, with the same content.
    Same(Id),
    /// Its key was known, with other content; nothing was recorded.
    Changed(Id),
    /// It is the original of what came in before and takes its place: it was recorded as the revision before that.
    Earlier(Id),
}

/// A recorded document.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDocument {
    /// Its id.
    pub id: Id,
    /// The trading partner whose purchase it belongs to.
    pub partner: String,
    /// The partner who sent it.
    pub source: String,
    /// Which revision, from 1; 0 for an original that came after what takes its place.
    pub revision: u32,
    /// When it was recorded.
    pub at: Timestamp,
    /// The transmission that brought it.
    pub transmission: Id,
    /// The document.
    pub document: Document,
}

/// Which numbers are known.
pub(super) const NUMBERS: &str = "SELECT DISTINCT document.number, document.number FROM document";

/// How many numbers are looked up in one query.
const NAMED_AT_ONCE: usize = 256;

/// How many documents about one order are looked at.
pub(super) const MOST: usize = 10_000;

pub(super) const COLUMNS: &str = "document.id, document.partner, document.revision, document.at, document.body, document.transmission, document.source";

/// The revisions of a document, the latest first.
pub(super) const OF_KEY: &str = "WHERE partner = $1 AND kind = $2 AND business_key = $3 ORDER BY revision DESC";

/// The same, the first one first.
const OF_KEY_FROM_THE_FIRST: &str = "WHERE partner = $1 AND kind = $2 AND business_key = $3 ORDER BY revision";

pub(super) fn stored(row: &Row) -> Result<StoredDocument, Error> {
    Ok(StoredDocument {
        id: row.id(0)?,
        partner: row.text(1)?,
        revision: u32::try_from(row.int(2)?).unwrap_or(1),
        at: row.time(3)?,
        document: from_json(&row.text(4)?)?,
        transmission: row.id(5)?,
        source: row.text(6)?,
    })
}

impl Transaction<'_> {
    /// Records a document unless its key is known.
    pub fn record_document(&mut self, new: &NewDocument<'_>) -> Result<Recorded, Error> {
        // Most documents are new, so the row is tried first and what is known is looked at only when it was refused.
        if let Some(id) = self.insert_document(new, 1)? {
            return Ok(Recorded::New(id));
        }
        match self.latest(new.partner, new.document.kind(), &new.document.business_key())? {
            Some(known) if known.document == *new.document => Ok(Recorded::Same(known.id)),
            Some(known) if new.document.kind() == Kind::Order => self.record_late_original(new, known),
            Some(known) => Ok(Recorded::Changed(known.id)),
            None => Err(Error::Contended),
        }
    }

    /// Records an order as revision 0 where nothing but what takes its place is known of it: nobody could replace what was not
    /// ordered, so that an original which comes afterwards is the one that was meant.
    fn record_late_original(&mut self, new: &NewDocument<'_>, latest: StoredDocument) -> Result<Recorded, Error> {
        let sql = format!("SELECT {COLUMNS} FROM document {OF_KEY_FROM_THE_FIRST} LIMIT 1");
        let key = [new.partner.into(), new.document.kind().name().into(), new.document.business_key().into()];
        let first = self.query_one(&sql, &key)?.as_ref().map(stored).transpose()?.unwrap_or_else(|| latest.clone());
        let is_the_first = new.document.header().purpose == Purpose::Original;
        if first.revision == 0 && first.document == *new.document {
            return Ok(Recorded::Same(first.id));
        }
        if !is_the_first || !first.document.takes_a_place() {
            return Ok(Recorded::Changed(latest.id));
        }
        self.insert_document(new, 0)?.map(Recorded::Earlier).ok_or(Error::Contended)
    }

    /// Records a document as the next revision of its key.
    pub fn record_revision(&mut self, new: &NewDocument<'_>) -> Result<Recorded, Error> {
        match self.latest(new.partner, new.document.kind(), &new.document.business_key())? {
            Some(known) if known.document == *new.document => Ok(Recorded::Same(known.id)),
            Some(known) => self.insert_next(new, known.revision + 1),
            None => self.insert_next(new, 1),
        }
    }

    /// Inserts the revision after the newest one; another node may have done so at this moment.
    fn insert_next(&mut self, new: &NewDocument<'_>, revision: u32) -> Result<Recorded, Error> {
        self.insert_document(new, revision)?.map(Recorded::New).ok_or(Error::Contended)
    }

    /// Inserts a revision; `None` when there is one already.
    fn insert_document(&mut self, new: &NewDocument<'_>, revision: u32) -> Result<Option<Id>, Error> {
        let id = Id::new();
        let is_new = self.changes_a_row(
            "INSERT INTO document (id, partner, kind, business_key, revision, number, source, test, body, transmission, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             ON CONFLICT (partner, kind, business_key, revision) DO NOTHING",
            &[
                (&id).into(),
                new.partner.into(),
                new.document.kind().name().into(),
                new.document.business_key().into(),
                revision.into(),
                new.document.number().into(),
                new.source.into(),
                new.document.header().test.into(),
                new.body.0.as_str().into(),
                new.transmission.into(),
                new.at.into(),
            ],
        )?;
        if !is_new {
            return Ok(None);
        }
        if revision != 1 {
            self.mark_as_revised(new.partner, &id)?;
        }
        self.unposted()?.brought_documents(new.transmission, new.source);
        for po_number in new.document.po_numbers() {
            self.tie(new.partner, po_number, &id)?;
        }
        // It is about the orders of what it names as well: a payment about those of the invoices that it pays.
        for po_number in self.orders_of(new.partner, &new.document.mentions())? {
            self.tie(new.partner, &po_number, &id)?;
        }
        Ok(Some(id))
    }

    pub(super) fn tie(&mut self, partner: &str, po_number: &str, document: &Id) -> Result<(), Error> {
        self.put(
            "INSERT INTO document_order (partner, po_number, document) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            &[partner.into(), po_number.into(), document.into()],
        )
    }

    /// The orders of the partner's documents of those kinds and numbers, each once.
    pub(super) fn orders_of(&mut self, partner: &str, named: &[(Kind, &str)]) -> Result<BTreeSet<String>, Error> {
        let select = "SELECT DISTINCT document.number, document_order.po_number
                      FROM document JOIN document_order ON document_order.document = document.id";
        Ok(self.of_named(partner, named, select)?.into_values().flatten().collect())
    }

    /// What of these the partner has no document of, neither by that number nor as an ERP would write it.
    pub fn unknown_of<'n>(&mut self, partner: &str, named: &[(Kind, &'n str)]) -> Result<Vec<(Kind, &'n str)>, Error> {
        let found = self.of_named(partner, named, NUMBERS)?;
        Ok(named.iter().copied().filter(|one| !found.contains_key(one)).collect())
    }

    /// What a query says of the partner's documents of those kinds and numbers, many at a time; where a number is not known as it
    /// is written, of the number as an ERP would write it.
    fn of_named<'n>(
        &mut self,
        partner: &str,
        named: &[(Kind, &'n str)],
        select: &str,
    ) -> Result<HashMap<(Kind, &'n str), Vec<String>>, Error> {
        let mut found: HashMap<(Kind, &str), Vec<String>> = HashMap::new();
        for form in [str::to_owned as fn(&str) -> String, plain_number] {
            let left: Vec<(Kind, &str)> = named.iter().copied().filter(|one| !found.contains_key(one)).collect();
            for of_kind in
                left.chunk_by(|one, other| one.0 == other.0).flat_map(|of_kind| of_kind.chunks(NAMED_AT_ONCE))
            {
                let numbers: Vec<String> = of_kind.iter().map(|(_, number)| form(number)).collect();
                let (among, numbers_asked) = among(3, &numbers);
                let sql = by_numbers(select, &among);
                let asked = [vec![partner.into(), of_kind[0].0.name().into()], numbers_asked].concat();
                let mut told: HashMap<String, Vec<String>> = HashMap::new();
                for row in self.query(&sql, &asked)? {
                    told.entry(row.text(0)?).or_default().push(row.text(1)?);
                }
                for (one, number) in of_kind.iter().zip(&numbers) {
                    found.extend(told.get(number).map(|values| (*one, values.clone())));
                }
            }
        }
        Ok(found)
    }

    /// The partners whose orders or documents a document names, each once.
    pub fn partners_named_by(&mut self, document: &Document) -> Result<Vec<String>, Error> {
        let mut partners = BTreeSet::new();
        for po_number in document.po_numbers() {
            let sql = "SELECT DISTINCT partner FROM document_order WHERE po_number = $1 LIMIT 10";
            for row in self.query(sql, &[po_number.into()])? {
                partners.insert(row.text(0)?);
            }
        }
        for (kind, number) in document.mentions() {
            let sql = "SELECT DISTINCT partner FROM document WHERE number = $1 AND kind = $2 LIMIT 10";
            for row in self.query(sql, &[number.into(), kind.name().into()])? {
                partners.insert(row.text(0)?);
            }
        }
        Ok(partners.into_iter().collect())
    }

    fn latest(&mut self, partner: &str, kind: Kind, business_key: &str) -> Result<Option<StoredDocument>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM document {OF_KEY} LIMIT 1");
        let row = self.query_one(&sql, &[partner.into(), kind.name().into(), business_key.into()])?;
        row.as_ref().map(stored).transpose()
    }

    /// The revision of a document that has this very content, if one of the latest hundred has.
    pub fn revision_with_content(&mut self, partner: &str, document: &Document) -> Result<Option<u32>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM document {OF_KEY} LIMIT 100");
        let key = [partner.into(), document.kind().name().into(), document.business_key().into()];
        for row in self.query(&sql, &key)? {
            let known = stored(&row)?;
            if known.document == *document {
                return Ok(Some(known.revision));
            }
        }
        Ok(None)
    }

    /// The reports of stock that somebody sent since a time, the newest first.
    pub fn inventories_since(&mut self, partner: &str, since: Timestamp) -> Result<Vec<StoredDocument>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM document WHERE partner = $1 AND kind = 'inventory' AND at >= $2 ORDER BY at DESC, id DESC LIMIT 100"
        );
        self.query(&sql, &[partner.into(), since.into()])?.iter().map(stored).collect()
    }

    /// The orders of that number at every partner, each in its latest revision.
    pub fn orders_by_po(&mut self, po_number: &str) -> Result<Vec<StoredDocument>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM document_order JOIN document ON document.id = document_order.document
             WHERE document_order.po_number = $1 AND document.kind = 'order'
             ORDER BY document.partner, document.business_key, document.revision DESC LIMIT 1000"
        );
        let mut orders: Vec<StoredDocument> = Vec::new();
        for row in self.query(&sql, &[po_number.into()])? {
            let order = stored(&row)?;
            let key = |one: &StoredDocument| (one.partner.clone(), one.document.business_key());
            if orders.last().is_none_or(|last| key(last) != key(&order)) {
                orders.push(order);
            }
        }
        Ok(orders)
    }

    /// The orders of that number at a partner as they were first placed.
    pub(super) fn original_orders(&mut self, partner: &str, po_number: &str) -> Result<Vec<StoredDocument>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM document_order JOIN document ON document.id = document_order.document
             WHERE document_order.po_number = $1 AND document_order.partner = $2 AND document.kind = 'order'
               AND NOT EXISTS (SELECT 1 FROM document earlier
                               WHERE earlier.partner = document.partner AND earlier.kind = document.kind
                                 AND earlier.business_key = document.business_key
                                 AND earlier.revision < document.revision)
             LIMIT 1000"
        );
        self.query(&sql, &[po_number.into(), partner.into()])?.iter().map(stored).collect()
    }

    /// Every document about an order of a partner, latest revisions, oldest first.
    pub fn documents_about(&mut self, partner: &str, po_number: &str) -> Result<Vec<StoredDocument>, Error> {
        let sql = about(COLUMNS, "");
        self.query(&sql, &[po_number.into(), partner.into(), Timestamp::MAX.into()])?.iter().map(stored).collect()
    }

    /// The same as it was at a moment: what came later, and later revisions, are not there yet. Those that stand on the shelf are not
    /// read again.
    pub(super) fn documents_about_before(
        &mut self,
        partner: &str,
        po_number: &str,
        until: Timestamp,
        shelf: &Shelf,
    ) -> Result<Vec<Arc<StoredDocument>>, Error> {
        let ids = self.ids(&about("document.id", ""), &[po_number.into(), partner.into(), until.into()])?;
        self.documents_on(shelf, &ids)
    }

    /// The same as it is now; of a long order only what was tied to it since it was looked at last is asked for a later revision,
    /// unless a document of the partner was revised.
    pub(super) fn documents_about_order(
        &mut self,
        order: &OrderKey,
        shelf: &Shelf,
    ) -> Result<Vec<Arc<StoredDocument>>, Error> {
        if !shelf.knows_as_long(order) {
            let documents = self.documents_about_before(&order.partner, &order.po_number, Timestamp::MAX, shelf)?;
            if documents.len() >= LONG {
                shelf.note_as_long(order);
            }
            return Ok(documents);
        }
        // The mark comes first: what is revised from now on gives the partner another one.
        let mark = self.mark_of_revisions(&order.partner)?;
        let sql = format!("SELECT document FROM document_order WHERE po_number = $1 AND partner = $2 LIMIT {MOST}");
        let tied = self.ids(&sql, &[(&order.po_number).into(), (&order.partner).into()])?;
        if tied.len() == MOST {
            return self.documents_about_before(&order.partner, &order.po_number, Timestamp::MAX, shelf);
        }
        let (mut latest, others) = shelf.latest_among(order, &mark, tied);
        let new = self.latest_among(&others)?;
        shelf.learn_latest(order, &mark, &new);
        latest.extend(new);
        self.documents_on(shelf, &latest)
    }

    /// What of these documents is in its latest revision.
    fn latest_among(&mut self, ids: &[Id]) -> Result<Vec<Id>, Error> {
        let mut latest = Vec::new();
        for ids in ids.chunks(NAMED_AT_ONCE) {
            let (among, values) = among(2, ids);
            let sql =
                format!("SELECT document.id FROM document WHERE document.id IN ({among}) AND {}", is_latest("$1"));
            latest.extend(self.ids(&sql, &[vec![Timestamp::MAX.into()], values].concat())?);
        }
        Ok(latest)
    }

    /// Gives a partner another mark, since one of its documents got another revision.
    fn mark_as_revised(&mut self, partner: &str, revision: &Id) -> Result<(), Error> {
        self.put(
            "INSERT INTO revised (partner, mark) VALUES ($1, $2) ON CONFLICT (partner) DO UPDATE SET mark = excluded.mark",
            &[partner.into(), revision.into()],
        )
    }

    fn mark_of_revisions(&mut self, partner: &str) -> Result<String, Error> {
        let mark = self.query_one("SELECT mark FROM revised WHERE partner = $1", &[partner.into()])?;
        mark.map_or_else(|| Ok(String::new()), |row| row.text(0))
    }

    fn ids(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Id>, Error> {
        self.query(sql, values)?.iter().map(|row| row.id(0)).collect()
    }

    /// The documents of these ids, the oldest first; those that do not stand on the shelf are read and put there.
    fn documents_on(&mut self, shelf: &Shelf, ids: &[Id]) -> Result<Vec<Arc<StoredDocument>>, Error> {
        let mut documents = shelf.take(ids, |missing| self.read_documents(missing))?;
        documents.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
        Ok(documents)
    }

    /// The document of that id, from the shelf or put there.
    pub(super) fn document_on(&mut self, shelf: &Shelf, id: &Id) -> Result<Arc<StoredDocument>, Error> {
        let found = self.documents_on(shelf, std::slice::from_ref(id))?.pop();
        found.ok_or_else(|| Error::NoSuch { what: "document", id: id.to_string() })
    }

    /// The documents of these ids, many at a time.
    fn read_documents(&mut self, ids: &[Id]) -> Result<Vec<Volume>, Error> {
        let mut read = Vec::with_capacity(ids.len());
        for ids in ids.chunks(NAMED_AT_ONCE) {
            let (among, values) = among(1, ids);
            let sql = format!("SELECT {COLUMNS} FROM document WHERE id IN ({among})");
            for row in self.query(&sql, &values)? {
                read.push(Volume::of(stored(&row)?, row.text(4)?.len()));
            }
        }
        Ok(read)
    }

    /// The orders of that number at a partner as they are wanted now.
    pub fn wanted(&mut self, partner: &str, po_number: &str) -> Result<Wanted, Error> {
        let sql = about(COLUMNS, "AND document.kind IN ('order', 'order_change')");
        let rows = self.query(&sql, &[po_number.into(), partner.into(), Timestamp::MAX.into()])?;
        let documents = rows.iter().map(stored).collect::<Result<Vec<StoredDocument>, Error>>()?;
        Ok(Wanted::of(documents.iter().map(|one| (&one.document, one.at))))
    }

    /// The newest documents of a kind, whosever they are.
    pub fn newest_of(&mut self, kind: Kind, limit: u32) -> Result<Vec<StoredDocument>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM document WHERE kind = $1 ORDER BY at DESC, id DESC LIMIT $2");
        self.query(&sql, &[kind.name().into(), limit.into()])?.iter().map(stored).collect()
    }

    /// The latest revision of a document of that kind and number that we sent a partner, whoever gave it to us.
    pub fn document_sent_to(
        &mut self,
        partner: &str,
        kind: Kind,
        number: &str,
    ) -> Result<Option<StoredDocument>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM document
             WHERE number = $1 AND kind = $2 AND partner = $3 AND source <> $3 ORDER BY revision DESC, at DESC LIMIT 1"
        );
        for number in [number.to_owned(), plain_number(number)] {
            if let Some(row) = self.query_one(&sql, &[number.into(), kind.name().into(), partner.into()])? {
                return stored(&row).map(Some);
            }
        }
        Ok(None)
    }

    /// The document of that id, and who gave it to us.
    pub fn document_with_source(&mut self, id: &Id) -> Result<(StoredDocument, String), Error> {
        let sql = format!("SELECT {COLUMNS}, document.source FROM document WHERE id = $1");
        let row = self.query_one(&sql, &[id.into()])?;
        let row = row.ok_or_else(|| Error::NoSuch { what: "document", id: id.to_string() })?;
        Ok((stored(&row)?, row.text(6)?))
    }

    /// The document of that id.
    pub fn document(&mut self, id: &Id) -> Result<StoredDocument, Error> {
        let sql = format!("SELECT {COLUMNS} FROM document WHERE id = $1");
        let row = self.query_one(&sql, &[id.into()])?;
        stored(&row.ok_or_else(|| Error::NoSuch { what: "document", id: id.to_string() })?)
    }
}

/// What of a partner's documents of a kind have one of these numbers. The numbers choose the index: a partner has many of a kind.
pub(super) fn by_numbers(select: &str, among: &str) -> String {
    format!("{select} WHERE document.number IN ({among}) AND document.kind || '' = $2 AND document.partner || '' = $1")
}

/// The latest revisions about an order of a partner as it was at a moment, the oldest first.
fn about(columns: &str, of_kinds: &str) -> String {
    format!(
        "SELECT {columns} FROM document_order JOIN document ON document.id = document_order.document
         WHERE document_order.po_number = $1 AND document_order.partner = $2 AND document.at < $3 {of_kinds}
           AND {} ORDER BY document.at, document.id LIMIT {MOST}",
        is_latest("$3")
    )
}

/// True of a document that had no later revision at a moment.
fn is_latest(until: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM document later
                     WHERE later.partner = document.partner AND later.kind = document.kind
                       AND later.business_key = document.business_key AND later.revision > document.revision
                       AND later.at < {until})"
    )
}
