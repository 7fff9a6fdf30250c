-- Alerts.

-- Failures: every event that tells one, numbered among its like, so that their history is a few looks at an index.
CREATE TABLE failure (
    partner    TEXT NOT NULL,
    -- The event of the partner's journal that tells it.
    sequence   BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    kind       TEXT NOT NULL,
    code       TEXT NOT NULL,
    severity   TEXT NOT NULL CHECK (severity IN ('note', 'warning', 'error')),
    who        TEXT NOT NULL CHECK (who IN ('sender', 'us', 'transport')),
    -- What it is about, by which the event that settles it is known: a delivery, a transmission, what is in trouble.
    subject    TEXT NOT NULL,
    -- Where in documents: `PO107`; empty where it is no place in one.
    place      TEXT NOT NULL,
    -- The how manieth of this code with this partner, and of those in the same place.
    nth        BIGINT NOT NULL,
    nth_here   BIGINT NOT NULL,
    -- When it was over, and by which event of the journal.
    settled    BIGINT,
    settled_by BIGINT,
    -- What the alerts have not heard: 1 that it began, 2 that it is over, 3 both.
    news       BIGINT NOT NULL DEFAULT 1 CHECK (news IN (0, 1, 2, 3)),
    PRIMARY KEY (partner, sequence)
);
CREATE INDEX failure_nth ON failure (partner, code, nth);
CREATE INDEX failure_here ON failure (partner, code, place, nth_here);
CREATE INDEX failure_settled ON failure (partner, code, nth) WHERE settled IS NOT NULL;
CREATE INDEX failure_standing ON failure (subject, partner) WHERE settled IS NULL;
CREATE INDEX failure_unsettled ON failure (partner, code) WHERE settled IS NULL;
CREATE INDEX failure_news ON failure (at, partner, sequence) WHERE news > 0;
CREATE INDEX failure_newest ON failure (at, partner, sequence);

-- What a person lets pass as it is: known numbers and keys of this transmission hinder nothing.
CREATE TABLE acceptance (
    transmission TEXT PRIMARY KEY REFERENCES transmission (id),
    partner      TEXT NOT NULL,
    accepted_by  TEXT NOT NULL,
    at           BIGINT NOT NULL
);

-- What one target is told of one kind of failure with one partner, from its beginning to its end and over again.
CREATE TABLE alert (
    target  TEXT NOT NULL,
    partner TEXT NOT NULL,
    kind    TEXT NOT NULL,
    code    TEXT NOT NULL,
    -- The how manieth time it began, since when, and its newest failure.
    round   BIGINT NOT NULL,
    since   BIGINT NOT NULL,
    latest  BIGINT NOT NULL,
    -- How many failures there were in this round, and how many of them are in messages.
    count   BIGINT NOT NULL,
    told    BIGINT NOT NULL,
    -- Since when none of them stands, and whether a message says so.
    over    BIGINT,
    closed  BIGINT NOT NULL CHECK (closed IN (0, 1)),
    -- When the newest message was made, and when the next one is.
    told_at BIGINT,
    due     BIGINT,
    PRIMARY KEY (target, partner, kind, code)
);
CREATE INDEX alert_due ON alert (target, due) WHERE due IS NOT NULL;

-- Messages to targets, as they go out: one after the other, each the same at every attempt.
CREATE TABLE alert_message (
    id       TEXT PRIMARY KEY,
    target   TEXT NOT NULL,
    made     BIGINT NOT NULL,
    subject  TEXT NOT NULL,
    body     TEXT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('pending', 'sent')),
    attempts BIGINT NOT NULL DEFAULT 0,
    due      BIGINT NOT NULL,
    error    TEXT,
    sent     BIGINT
);
CREATE UNIQUE INDEX alert_message_pending ON alert_message (target) WHERE state = 'pending';
CREATE INDEX alert_message_made ON alert_message (target, made);

-- Until when each target was told by a digest.
CREATE TABLE alert_digest (
    target TEXT PRIMARY KEY,
    until  BIGINT NOT NULL
);
