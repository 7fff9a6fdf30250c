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

-- Archive.

-- Backlog.

CREATE INDEX delivery_parked ON delivery (created) WHERE state = 'parked';
CREATE INDEX expectation_overdue ON expectation (owed_by) WHERE state = 'overdue';
