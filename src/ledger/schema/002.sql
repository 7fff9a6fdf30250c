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
