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
CREATE INDEX transmission_leased ON transmission (leased_by) WHERE state = 'captured';

-- Listings of all partners, the newest first.

CREATE INDEX transmission_newest ON transmission (at, id);
CREATE INDEX document_newest ON document (at, id);
CREATE INDEX delivery_newest ON delivery (created, id);
CREATE INDEX expectation_newest ON expectation (opened, id);
CREATE INDEX finding_newest ON finding (opened, id);
CREATE INDEX event_newest ON event (at, partner, sequence);

CREATE INDEX document_order_document ON document_order (document);

-- Once.

ALTER TABLE transmission ADD COLUMN message_id TEXT;
-- 1 while something of it was taken or may yet be: what comes again is then a duplicate of it.
ALTER TABLE transmission ADD COLUMN taken BIGINT NOT NULL DEFAULT 0 CHECK (taken IN (0, 1));
UPDATE transmission SET taken = 1
WHERE direction = 'in'
  AND (state IN ('captured', 'processed')
       OR (state = 'quarantined' AND EXISTS (SELECT 1 FROM interchange
                                             WHERE interchange.transmission = transmission.id
                                               AND interchange.state = 'accepted')));
-- Each finds the first of its kind at once, however many repetitions there were.
DROP INDEX transmission_bytes;
CREATE INDEX transmission_bytes ON transmission (partner, sha256, id) WHERE taken = 1;
CREATE INDEX transmission_message ON transmission (partner, message_id, id) WHERE taken = 1 AND message_id IS NOT NULL;
CREATE INDEX interchange_accepted ON interchange (partner, control_number, sender, receiver, id)
    WHERE direction = 'in' AND state = 'accepted';
DROP INDEX interchange_transmission;
CREATE INDEX interchange_transmission ON interchange (transmission, byte_start);

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

-- Every content has its row here, also one whose bytes are a file or object of the archive (encoding 'file', no bytes):
-- taking bytes in and removing them meet at this row. How many they are says when to stop unpacking.
ALTER TABLE content ADD COLUMN encoding TEXT NOT NULL DEFAULT 'plain' CHECK (encoding IN ('plain', 'zstd', 'file'));
ALTER TABLE content ADD COLUMN size BIGINT;
CREATE INDEX transmission_content ON transmission (sha256);

-- Bytes that retention removed; the event of that number in the partner's journal names them too.
CREATE TABLE pruned (
    sha256   TEXT PRIMARY KEY,
    partner  TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    removed  BIGINT
);
CREATE INDEX pruned_unfinished ON pruned (sha256) WHERE removed IS NULL;
-- Backlog.

CREATE INDEX delivery_parked ON delivery (created) WHERE state = 'parked';
CREATE INDEX expectation_overdue ON expectation (owed_by) WHERE state = 'overdue';
