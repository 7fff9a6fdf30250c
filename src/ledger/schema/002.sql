-- Custody on one machine or many: what several nodes, policies of duplicates, deliveries and retention need.

-- Nodes and leases.

CREATE TABLE node (
    id      TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    process BIGINT NOT NULL,
    version TEXT NOT NULL,
    started BIGINT NOT NULL,
    seen    BIGINT NOT NULL
);

CREATE TABLE lease (
    resource TEXT PRIMARY KEY,
    partner  TEXT NOT NULL,
    node     TEXT NOT NULL,
    since    BIGINT NOT NULL,
    until    BIGINT NOT NULL
);

ALTER TABLE transmission ADD COLUMN leased_by TEXT;
ALTER TABLE transmission ADD COLUMN leased_until BIGINT;
ALTER TABLE delivery ADD COLUMN leased_by TEXT;
ALTER TABLE delivery ADD COLUMN leased_until BIGINT;

-- Once.

-- Deliveries.

-- In whose journal a delivery's story is told, and under which order: what its lines need, so that no document is read for them.
ALTER TABLE delivery ADD COLUMN journal TEXT;
ALTER TABLE delivery ADD COLUMN po_number TEXT;
-- Since when it fails, while it does.
ALTER TABLE delivery ADD COLUMN failing_since BIGINT;
-- When a person gave it up; it stays parked and holds nobody.
ALTER TABLE delivery ADD COLUMN waived BIGINT;
-- The batch whose documents it carries, where they are several.
ALTER TABLE delivery ADD COLUMN batch TEXT;

UPDATE delivery
SET journal = COALESCE((SELECT document.partner FROM document WHERE document.id = delivery.document), delivery.partner),
    po_number = (SELECT MIN(document_order.po_number) FROM document_order
                 WHERE document_order.document = delivery.document);

-- One lane per partner and endpoint; every column that the fetch compares stands in the index.
DROP INDEX delivery_due;
CREATE INDEX delivery_lane ON delivery (partner, endpoint, due, id, state) WHERE state IN ('pending', 'retrying');
-- The line of an endpoint that keeps the order; a parked delivery stands in it as well.
CREATE INDEX delivery_line ON delivery (partner, endpoint, id, state) WHERE state <> 'sent' AND waived IS NULL;
CREATE INDEX delivery_batch ON delivery (batch);

-- Documents that wait to go out together; each is in one batch at most, and for ever.
CREATE TABLE waiting_document (
    id        TEXT PRIMARY KEY,
    partner   TEXT NOT NULL,
    rule      TEXT NOT NULL,
    document  TEXT NOT NULL REFERENCES document (id),
    label     TEXT NOT NULL,
    po_number TEXT,
    journal   TEXT NOT NULL,
    size      BIGINT NOT NULL,
    since     BIGINT NOT NULL,
    batch     TEXT,
    UNIQUE (partner, rule, document)
);
CREATE INDEX waiting_document_open ON waiting_document (partner, rule, id) WHERE batch IS NULL;
CREATE INDEX waiting_document_batch ON waiting_document (batch);

-- Archive.
