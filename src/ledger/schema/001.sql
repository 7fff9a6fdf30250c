-- One text for SQLite and PostgreSQL: TEXT, BIGINT, BYTEA; times are microseconds UTC; ids are UUIDs made by us.
-- Every table carries the partner, so that the ledger can be sharded by it.

CREATE TABLE content (
    sha256 TEXT PRIMARY KEY,
    bytes  BYTEA NOT NULL
);

CREATE TABLE transmission (
    id           TEXT PRIMARY KEY,
    partner      TEXT NOT NULL,
    direction    TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    endpoint     TEXT NOT NULL,
    name         TEXT NOT NULL,
    claim        TEXT UNIQUE,
    sha256       TEXT NOT NULL,
    size         BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('captured', 'processed', 'duplicate', 'quarantined', 'built')),
    duplicate_of TEXT
);
CREATE INDEX transmission_waiting ON transmission (at, id) WHERE state = 'captured';
CREATE INDEX transmission_bytes ON transmission (partner, endpoint, sha256);
CREATE INDEX transmission_at ON transmission (partner, at);
CREATE INDEX transmission_name ON transmission (name);

CREATE TABLE diagnostic (
    transmission TEXT NOT NULL REFERENCES transmission (id),
    ordinal      BIGINT NOT NULL,
    partner      TEXT NOT NULL,
    code         TEXT NOT NULL,
    severity     TEXT NOT NULL CHECK (severity IN ('note', 'warning', 'error')),
    record       TEXT NOT NULL,
    PRIMARY KEY (transmission, ordinal)
);

CREATE TABLE interchange (
    id             TEXT PRIMARY KEY,
    partner        TEXT NOT NULL,
    direction      TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    transmission   TEXT NOT NULL REFERENCES transmission (id),
    sender         TEXT NOT NULL,
    receiver       TEXT NOT NULL,
    control_number TEXT NOT NULL,
    byte_start     BIGINT NOT NULL,
    byte_end       BIGINT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('accepted', 'rejected', 'sent'))
);
CREATE INDEX interchange_number ON interchange (control_number, sender, receiver);
CREATE INDEX interchange_transmission ON interchange (transmission);

CREATE TABLE functional_group (
    id             TEXT PRIMARY KEY,
    partner        TEXT NOT NULL,
    direction      TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    interchange    TEXT NOT NULL REFERENCES interchange (id),
    functional_id  TEXT NOT NULL,
    control_number BIGINT NOT NULL,
    verdict        TEXT
);
CREATE INDEX functional_group_number ON functional_group (partner, direction, functional_id, control_number);
CREATE INDEX functional_group_interchange ON functional_group (interchange);

CREATE TABLE transaction_set (
    id               TEXT PRIMARY KEY,
    partner          TEXT NOT NULL,
    functional_group TEXT NOT NULL REFERENCES functional_group (id),
    ordinal          BIGINT NOT NULL,
    code             TEXT NOT NULL,
    control_number   TEXT NOT NULL,
    byte_start       BIGINT NOT NULL,
    byte_end         BIGINT NOT NULL,
    verdict          TEXT,
    document         TEXT
);
CREATE INDEX transaction_set_group ON transaction_set (functional_group, ordinal);

CREATE TABLE document (
    id           TEXT PRIMARY KEY,
    partner      TEXT NOT NULL,
    kind         TEXT NOT NULL,
    business_key TEXT NOT NULL,
    revision     BIGINT NOT NULL,
    number       TEXT NOT NULL,
    source       TEXT NOT NULL,
    test         BIGINT NOT NULL CHECK (test IN (0, 1)),
    body         TEXT NOT NULL,
    transmission TEXT NOT NULL REFERENCES transmission (id),
    at           BIGINT NOT NULL,
    UNIQUE (partner, kind, business_key, revision)
);
CREATE INDEX document_number ON document (number);
CREATE INDEX document_at ON document (partner, at);
CREATE INDEX document_transmission ON document (transmission);

CREATE TABLE document_order (
    partner   TEXT NOT NULL,
    po_number TEXT NOT NULL,
    document  TEXT NOT NULL REFERENCES document (id),
    PRIMARY KEY (po_number, partner, document)
);

CREATE TABLE delivery (
    id           TEXT PRIMARY KEY,
    partner      TEXT NOT NULL,
    endpoint     TEXT NOT NULL,
    transmission TEXT NOT NULL REFERENCES transmission (id),
    name         TEXT NOT NULL,
    label        TEXT NOT NULL,
    idempotency  TEXT NOT NULL UNIQUE,
    document     TEXT,
    answers      TEXT,
    state        TEXT NOT NULL CHECK (state IN ('pending', 'retrying', 'sent', 'parked')),
    due          BIGINT NOT NULL,
    attempts     BIGINT NOT NULL DEFAULT 0,
    last_error   TEXT,
    receipt      TEXT,
    created      BIGINT NOT NULL,
    sent         BIGINT
);
CREATE INDEX delivery_due ON delivery (due, id) WHERE state IN ('pending', 'retrying');
CREATE INDEX delivery_created ON delivery (partner, created);
CREATE INDEX delivery_document ON delivery (document);
CREATE INDEX delivery_answers ON delivery (answers);
CREATE INDEX delivery_transmission ON delivery (transmission);

CREATE TABLE attempt (
    delivery TEXT NOT NULL REFERENCES delivery (id),
    number   BIGINT NOT NULL,
    partner  TEXT NOT NULL,
    at       BIGINT NOT NULL,
    outcome  TEXT NOT NULL CHECK (outcome IN ('sent', 'failed')),
    detail   TEXT NOT NULL,
    PRIMARY KEY (delivery, number)
);

CREATE TABLE expectation (
    id                   TEXT PRIMARY KEY,
    partner              TEXT NOT NULL,
    what                 TEXT NOT NULL,
    owed_by              TEXT NOT NULL CHECK (owed_by IN ('partner', 'us')),
    delivery             TEXT NOT NULL REFERENCES delivery (id),
    document             TEXT,
    label                TEXT NOT NULL,
    interchange_number   BIGINT,
    functional_id        TEXT,
    group_number         BIGINT,
    set_id               TEXT,
    set_number           TEXT,
    opened               BIGINT NOT NULL,
    within               BIGINT NOT NULL,
    due                  BIGINT,
    state                TEXT NOT NULL
        CHECK (state IN ('waiting', 'pending', 'met', 'met_late', 'overdue', 'violated', 'waived')),
    closed               BIGINT,
    detail               TEXT,
    UNIQUE (partner, what, delivery, set_number)
);
CREATE INDEX expectation_due ON expectation (due) WHERE state = 'pending';
CREATE INDEX expectation_group ON expectation (partner, owed_by, functional_id, group_number);
CREATE INDEX expectation_interchange ON expectation (partner, owed_by, interchange_number);
CREATE INDEX expectation_delivery ON expectation (delivery);
CREATE INDEX expectation_opened ON expectation (partner, opened);

CREATE TABLE acknowledgment (
    id           TEXT PRIMARY KEY,
    partner      TEXT NOT NULL,
    transmission TEXT NOT NULL REFERENCES transmission (id),
    kind         TEXT NOT NULL CHECK (kind IN ('997', 'ta1')),
    body         TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('unmatched', 'matched', 'orphan')),
    at           BIGINT NOT NULL
);
CREATE INDEX acknowledgment_open ON acknowledgment (at) WHERE state = 'unmatched';
CREATE INDEX acknowledgment_orphan ON acknowledgment (at) WHERE state = 'orphan';
CREATE INDEX acknowledgment_transmission ON acknowledgment (transmission);

CREATE TABLE finding (
    id       TEXT PRIMARY KEY,
    partner  TEXT NOT NULL,
    rule     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('note', 'warning', 'error')),
    record   TEXT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('open', 'resolved')),
    opened   BIGINT NOT NULL,
    document TEXT,
    UNIQUE (partner, rule, subject)
);
CREATE INDEX finding_opened ON finding (partner, opened);

CREATE TABLE number (
    counter TEXT NOT NULL,
    partner TEXT NOT NULL,
    value   BIGINT NOT NULL,
    PRIMARY KEY (counter, partner)
);

CREATE TABLE sscc (
    code     TEXT PRIMARY KEY,
    partner  TEXT NOT NULL,
    shipment TEXT NOT NULL
);

CREATE TABLE event (
    partner      TEXT NOT NULL,
    sequence     BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    kind         TEXT NOT NULL,
    transmission TEXT,
    document     TEXT,
    delivery     TEXT,
    po_number    TEXT,
    text         TEXT NOT NULL,
    data         TEXT NOT NULL,
    previous     TEXT NOT NULL,
    hash         TEXT NOT NULL,
    PRIMARY KEY (partner, sequence)
);
CREATE INDEX event_po ON event (partner, po_number, sequence);
CREATE INDEX event_transmission ON event (transmission);
CREATE INDEX event_document ON event (document);
CREATE INDEX event_delivery ON event (delivery);
CREATE INDEX event_at ON event (partner, at);

-- The head of each chain: a journal whose tail was cut off ends somewhere else.
CREATE TABLE event_head (
    partner  TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL,
    hash     TEXT NOT NULL
);
