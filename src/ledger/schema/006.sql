-- The books: findings with what they cost and who sees to them, and compliance clocks.

-- A finding is somebody's, or was given up for a reason, or was resolved by an event; the table is made anew, since its states are.
ALTER TABLE finding RENAME TO finding_before;
CREATE TABLE finding (
    id          TEXT PRIMARY KEY,
    partner     TEXT NOT NULL,
    rule        TEXT NOT NULL,
    subject     TEXT NOT NULL,
    severity    TEXT NOT NULL CHECK (severity IN ('note', 'warning', 'error')),
    record      TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('open', 'assigned', 'waived', 'resolved')),
    opened      BIGINT NOT NULL,
    document    TEXT,
    po_number   TEXT,
    -- What is at stake: a decimal and its ISO 4217 code.
    money       TEXT,
    currency    TEXT,
    -- Who sees to it, and why it was waived.
    owner       TEXT,
    reason      TEXT,
    -- When its state changed, by whom, and by which line of the partner's journal.
    changed     BIGINT,
    changed_by  TEXT,
    event       BIGINT,
    UNIQUE (partner, rule, subject)
);
INSERT INTO finding (id, partner, rule, subject, severity, record, state, opened, document)
SELECT id, partner, rule, subject, severity, record, state, opened, document FROM finding_before;
DROP TABLE finding_before;
CREATE INDEX finding_opened ON finding (partner, opened);
CREATE INDEX finding_newest ON finding (opened, id);
CREATE INDEX finding_unsettled ON finding (partner, opened, id) WHERE state IN ('open', 'assigned');
CREATE INDEX finding_po ON finding (partner, po_number);
CREATE INDEX finding_document ON finding (document) WHERE document IS NOT NULL;

-- One rule of a partner held against one chain of documents.
CREATE TABLE clock (
    id        TEXT PRIMARY KEY,
    partner   TEXT NOT NULL,
    -- The rule by its name in the partner file, and what it is about: `856 SHP0000777`.
    rule      TEXT NOT NULL,
    subject   TEXT NOT NULL,
    document  TEXT,
    po_number TEXT,
    state     TEXT NOT NULL CHECK (state IN ('idle', 'running', 'at_risk', 'met', 'broken', 'waived')),
    severity  TEXT NOT NULL CHECK (severity IN ('note', 'warning', 'error')),
    opened    BIGINT NOT NULL,
    due       BIGINT,
    -- When to judge again though nothing new was told.
    look      BIGINT,
    closed    BIGINT,
    money     TEXT,
    currency  TEXT,
    -- What a person is told, and the same as data, of which it can be said anew at any time.
    line      TEXT NOT NULL,
    judgment  TEXT NOT NULL DEFAULT 'null',
    -- Who gave it up, and why.
    waived_by TEXT,
    reason    TEXT,
    UNIQUE (partner, rule, subject)
);
CREATE INDEX clock_look ON clock (look) WHERE look IS NOT NULL;
CREATE INDEX clock_subject ON clock (partner, subject);
CREATE INDEX clock_newest ON clock (opened, id);
CREATE INDEX clock_opened ON clock (partner, opened);
-- What is at risk and broken is counted from it alone.
CREATE INDEX clock_unsettled ON clock (partner, due, id, state) WHERE state IN ('running', 'at_risk', 'broken');
CREATE INDEX clock_po ON clock (partner, po_number);

-- Deliveries of one document among several.
CREATE INDEX waiting_document_document ON waiting_document (document);

-- How far a partner's journal was read for its clocks: what an event is about is judged again, and the event is the mark for that.
CREATE TABLE clock_reader (
    partner  TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL,
    -- Counts what was recorded: of two nodes that judge by the same facts, one records.
    turn     BIGINT NOT NULL,
    -- The rules by which it was judged, as a hash.
    rules    TEXT NOT NULL
);

-- Serial numbers of cartons and pallets where a rule says that none comes again, with who used each.
CREATE TABLE clock_serial (
    partner TEXT NOT NULL,
    value   TEXT NOT NULL,
    subject TEXT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (partner, value, subject)
);
