-- Most events are about no delivery, most deliveries answer nothing: what a row is not about needs no place in an index.
DROP INDEX event_po;
CREATE INDEX event_po ON event (partner, po_number, sequence) WHERE po_number IS NOT NULL;
DROP INDEX event_transmission;
CREATE INDEX event_transmission ON event (transmission) WHERE transmission IS NOT NULL;
DROP INDEX event_document;
CREATE INDEX event_document ON event (document) WHERE document IS NOT NULL;
DROP INDEX event_delivery;
CREATE INDEX event_delivery ON event (delivery) WHERE delivery IS NOT NULL;
DROP INDEX delivery_document;
CREATE INDEX delivery_document ON delivery (document) WHERE document IS NOT NULL;
DROP INDEX delivery_answers;
CREATE INDEX delivery_answers ON delivery (answers) WHERE answers IS NOT NULL;
DROP INDEX delivery_batch;
CREATE INDEX delivery_batch ON delivery (batch) WHERE batch IS NOT NULL;
