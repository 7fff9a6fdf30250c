//! Everything known about one number: from whatever a person has in hand to the whole story.

use std::collections::BTreeSet;

use serde::Serialize;

use super::engine::Value;
use super::event::{self, Event};
use super::{Error, Id, Transaction};

/// What a number led to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Trace {
    /// The orders that it is about: partner and PO number.
    pub orders: Vec<(String, String)>,
    /// Transmissions that it names itself or whose documents it names.
    pub transmissions: Vec<String>,
    /// Everything that happened, in order.
    pub events: Vec<Event>,
}

impl Trace {
    /// True when the number is unknown.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.transmissions.is_empty() && self.events.is_empty()
    }
}

/// How much of one number's story is read; a number with more is a sign of something else.
const LIMIT: i64 = 10_000;

impl Transaction<'_> {
    /// Follows a PO, shipment or invoice number, a control number, a file name or an id.
    pub fn trace(&mut self, key: &str) -> Result<Trace, Error> {
        let key = key.trim();
        let mut transmissions = self.transmissions_named(key)?;
        let mut orders = BTreeSet::new();
        let sql = "SELECT partner, po_number FROM document_order WHERE po_number = $1
                   UNION SELECT document_order.partner, document_order.po_number
                   FROM document JOIN document_order ON document_order.document = document.id
                   WHERE document.number = $1 OR document.id = $1 LIMIT $2";
        for row in self.query(sql, &[key.into(), LIMIT.into()])? {
            orders.insert((row.text(0)?, row.text(1)?));
        }
        for transmission in transmissions.clone() {
            let sql = "SELECT document_order.partner, document_order.po_number
                       FROM document JOIN document_order ON document_order.document = document.id
                       WHERE document.transmission = $1
                          OR document.id IN (SELECT document FROM delivery WHERE transmission = $1)
                          OR document.id IN (SELECT waiting_document.document FROM waiting_document
                                             JOIN delivery ON delivery.batch = waiting_document.batch
                                             WHERE delivery.transmission = $1) LIMIT $2";
            for row in self.query(sql, &[transmission.as_str().into(), LIMIT.into()])? {
                orders.insert((row.text(0)?, row.text(1)?));
            }
        }
        let mut events = Vec::new();
        for (partner, po_number) in &orders {
            // An event names one order; its document may be about several. Each question has an index of its own.
            let order = [partner.into(), po_number.into()];
            events.extend(self.events_where("WHERE partner = $1 AND po_number = $2", &order)?);
            let sql = "WHERE document IN (SELECT document FROM document_order WHERE partner = $1 AND po_number = $2)";
            events.extend(self.events_where(sql, &order)?);
        }
        for transmission in &transmissions {
            events.extend(self.events_where("WHERE transmission = $1", &[transmission.as_str().into()])?);
        }
        // What is about no order has its story under its own number, whatever file told of it.
        let sql = "WHERE document IN (SELECT id FROM document WHERE number = $1 OR id = $1)";
        events.extend(self.events_where(sql, &[key.into()])?);
        // What happened to the transmissions of the orders' documents belongs to the story as well.
        let told: BTreeSet<Id> = events.iter().filter_map(|event| event.refs.transmission.clone()).collect();
        for transmission in told.iter().filter(|id| !transmissions.contains(&id.0)) {
            events.extend(self.events_where("WHERE transmission = $1 AND po_number IS NULL", &[transmission.into()])?);
        }
        for transmission in &told {
            // Our answers to what came in.
            let sql = "WHERE delivery IN (SELECT delivery.id FROM delivery JOIN interchange ON interchange.id = delivery.answers
                                          WHERE interchange.transmission = $1)";
            events.extend(self.events_where(sql, &[transmission.into()])?);
        }
        events.sort_by(|a, b| (a.at, &a.partner, a.sequence).cmp(&(b.at, &b.partner, b.sequence)));
        events.dedup_by(|a, b| (&a.partner, a.sequence) == (&b.partner, b.sequence));
        transmissions.extend(told.into_iter().map(|id| id.0));
        transmissions.sort();
        transmissions.dedup();
        Ok(Trace { orders: orders.into_iter().collect(), transmissions, events })
    }

    fn transmissions_named(&mut self, key: &str) -> Result<Vec<String>, Error> {
        let number = key.parse::<i64>().ok();
        let padded = number.map(|number| format!("{number:09}"));
        let sql = "SELECT id FROM transmission WHERE id = $1 OR name = $1
                   UNION SELECT transmission FROM interchange WHERE control_number IN ($1, $2)
                   UNION SELECT transmission FROM delivery WHERE id = $1
                   UNION SELECT transmission FROM document
                   WHERE (number = $1 OR id = $1)
                     AND NOT EXISTS (SELECT 1 FROM document_order WHERE document_order.document = document.id)
                   LIMIT $3";
        let rows = self.query(sql, &[key.into(), padded.into(), LIMIT.into()])?;
        rows.iter().map(|row| row.text(0)).collect()
    }

    fn events_where(&mut self, which: &str, values: &[Value]) -> Result<Vec<Event>, Error> {
        let sql = format!("SELECT {} FROM event {which} ORDER BY partner, sequence LIMIT {LIMIT}", event::COLUMNS);
        self.query(&sql, values)?.iter().map(event::event).collect()
    }
}
