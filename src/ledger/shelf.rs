//! Documents that were read lately, so that one more document of a long order does not cost that all of them are read again.
//!
//! ```text
//! an order of 1,000 documents, one more comes     1,001 ids are asked for, 1 document is read
//! ```
//!
//! What stands here cannot be out of date, whoever else writes to the ledger: a document never changes once it is recorded. Which
//! documents an order has, and which of them a later revision took the place of, does change: the ledger is asked for it each time,
//! of a long order (`shelf/orders.rs`) whether anything was revised. A document whose transaction was undone is asked for by nobody.

pub(super) mod orders;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::document::StoredDocument;
use super::order_book::OrderKey;
use super::{Error, Id};
use orders::LongOrders;

/// How much text a board holds; the documents read from it take three to six times as much.
const BOARD: usize = 2 << 20;

/// Documents that were read; whoever has a copy has the same shelf.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    boards: Arc<Mutex<Boards>>,
    orders: Arc<Mutex<LongOrders>>,
}

/// Two boards. What is used stands on the near one; when that is full it becomes the far one, and what nobody has taken from there
/// since goes.
#[derive(Debug, Default)]
struct Boards {
    near: Board,
    far: Board,
}

#[derive(Debug, Default)]
struct Board {
    documents: HashMap<Id, Volume>,
    /// The text of all of them.
    length: usize,
}

/// A document with the length of its text.
#[derive(Debug)]
pub(super) struct Volume {
    document: Arc<StoredDocument>,
    length: usize,
}

impl Volume {
    /// A document that was read from a text of that length.
    pub(super) fn of(document: StoredDocument, length: usize) -> Volume {
        Volume { document: Arc::new(document), length }
    }
}

impl Shelf {
    /// The documents of these ids, in no order. Those that are not here are read, all at once, and put here.
    pub(super) fn take(
        &self,
        ids: &[Id],
        read: impl FnOnce(&[Id]) -> Result<Vec<Volume>, Error>,
    ) -> Result<Vec<Arc<StoredDocument>>, Error> {
        let (mut taken, mut missing) = (Vec::with_capacity(ids.len()), Vec::new());
        let mut boards = self.boards();
        for id in ids {
            match boards.find(id) {
                Some(document) => taken.push(document),
                None => missing.push(id.clone()),
            }
        }
        drop(boards);
        if !missing.is_empty() {
            let read = read(&missing)?;
            let mut boards = self.boards();
            for volume in read {
                taken.push(Arc::clone(&volume.document));
                boards.put(volume);
            }
        }
        Ok(taken)
    }

    /// True for an order that was found to be long.
    pub(super) fn knows_as_long(&self, order: &OrderKey) -> bool {
        self.orders().has(order)
    }

    pub(super) fn note_as_long(&self, order: &OrderKey) {
        self.orders().add(order);
    }

    /// Documents of an order: those that are known to be the latest under a mark, and the others.
    pub(super) fn latest_among(&self, order: &OrderKey, mark: &str, documents: Vec<Id>) -> (Vec<Id>, Vec<Id>) {
        self.orders().latest_among(order, mark, documents)
    }

    /// Learns that these documents of an order are the latest under a mark.
    pub(super) fn learn_latest(&self, order: &OrderKey, mark: &str, latest: &[Id]) {
        self.orders().learn(order, mark, latest);
    }

    fn orders(&self) -> MutexGuard<'_, LongOrders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn boards(&self) -> MutexGuard<'_, Boards> {
        // Nothing panics while it holds this lock, and a document that is missing is read.
        self.boards.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Boards {
    fn find(&mut self, id: &Id) -> Option<Arc<StoredDocument>> {
        if let Some(volume) = self.near.documents.get(id) {
            return Some(Arc::clone(&volume.document));
        }
        let volume = self.far.documents.remove(id)?;
        let document = Arc::clone(&volume.document);
        self.put(volume);
        Some(document)
    }

    /// Puts a document on the near board; one that is longer than a board has it for itself.
    fn put(&mut self, volume: Volume) {
        if self.near.length + volume.length > BOARD {
            self.far = std::mem::take(&mut self.near);
        }
        self.near.length += volume.length;
        if let Some(known) = self.near.documents.insert(volume.document.id.clone(), volume) {
            // Two read it at once.
            self.near.length -= known.length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::tests::{at, order};

    fn volume(id: usize, length: usize) -> Volume {
        let document = StoredDocument {
            id: Id(id.to_string()),
            partner: "mega".to_owned(),
            source: "mega".to_owned(),
            revision: 1,
            at: at(0),
            transmission: Id("in".to_owned()),
            document: order(&id.to_string()),
        };
        Volume::of(document, length)
    }

    /// Takes documents of a length from a shelf; which of them had to be read.
    fn read_for(shelf: &Shelf, ids: impl IntoIterator<Item = usize>, length: usize) -> Vec<usize> {
        let ids: Vec<Id> = ids.into_iter().map(|id| Id(id.to_string())).collect();
        let mut read = Vec::new();
        let taken = shelf.take(&ids, |missing| {
            read = missing.iter().map(|id| id.0.parse().unwrap()).collect();
            Ok(read.iter().map(|id| volume(*id, length)).collect())
        });
        let mut taken: Vec<Id> = taken.unwrap().iter().map(|one| one.id.clone()).collect();
        taken.sort_by_key(|id| ids.iter().position(|asked| asked == id));
        assert_eq!(taken, ids);
        read
    }

    fn length(shelf: &Shelf) -> usize {
        let boards = shelf.boards();
        let lengths = |board: &Board| board.documents.values().map(|volume| volume.length).sum::<usize>();
        lengths(&boards.near) + lengths(&boards.far)
    }

    #[test]
    fn a_document_is_read_once() {
        let shelf = Shelf::default();
        assert_eq!(read_for(&shelf, [1, 2], 100), [1, 2]);
        assert_eq!(read_for(&shelf, [2, 3, 1], 100), [3]);
        assert_eq!(read_for(&shelf.clone(), [1, 2, 3], 100), [0; 0]);
    }

    #[test]
    fn it_holds_no_more_than_two_boards_however_much_is_read() {
        let shelf = Shelf::default();
        for id in 0..1_000 {
            read_for(&shelf, [id], BOARD / 100);
            assert!(length(&shelf) <= 2 * BOARD, "{}", length(&shelf));
        }
        assert!(length(&shelf) > BOARD, "{}", length(&shelf));
    }

    #[test]
    fn what_is_used_stays_and_what_nobody_takes_goes() {
        let shelf = Shelf::default();
        read_for(&shelf, [0, 1], BOARD / 10);
        for id in 2..50 {
            read_for(&shelf, [id], BOARD / 10);
            assert_eq!(read_for(&shelf, [0], BOARD / 10), [0; 0]);
        }
        assert_eq!(read_for(&shelf, [1], BOARD / 10), [1]);
    }

    #[test]
    fn a_document_that_is_longer_than_a_board_stays_while_it_is_used() {
        let shelf = Shelf::default();
        read_for(&shelf, [0], 3 * BOARD);
        for id in 1..50 {
            assert_eq!(read_for(&shelf, [id], BOARD / 10), [id]);
            assert_eq!(read_for(&shelf, [0], 3 * BOARD), [0; 0]);
        }
        assert!(length(&shelf) <= 4 * BOARD, "{}", length(&shelf));
    }

    #[test]
    fn the_same_document_read_by_two_at_once_is_counted_once() {
        let shelf = Shelf::default();
        shelf.boards().put(volume(1, 100));
        shelf.boards().put(volume(1, 100));
        let counted = shelf.boards().near.length;
        assert_eq!((counted, length(&shelf)), (100, 100));
    }
}
