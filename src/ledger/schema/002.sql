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
CREATE INDEX transmission_leased ON transmission (leased_by) WHERE state = 'captured';
CREATE INDEX delivery_leased ON delivery (leased_by) WHERE state IN ('pending', 'retrying');

-- Listings of all partners, the newest first.

CREATE INDEX transmission_newest ON transmission (at, id);
CREATE INDEX document_newest ON document (at, id);
CREATE INDEX delivery_newest ON delivery (created, id);
CREATE INDEX expectation_newest ON expectation (opened, id);
CREATE INDEX finding_newest ON finding (opened, id);
CREATE INDEX event_newest ON event (at, partner, sequence);

-- Once.

-- Deliveries.

-- Archive.
