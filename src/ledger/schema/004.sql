-- Bytes: who brought them is looked up by their own row. An index over the hashes of all transmissions costs every file a page
-- anywhere in it, twice; so it holds only those that the row of their bytes does not name.

-- The transmission that brought these bytes first.
ALTER TABLE content ADD COLUMN transmission TEXT;
-- 1 when the row of its bytes names another transmission, or is gone: retention removed it, or there never was one.
ALTER TABLE transmission ADD COLUMN repeats BIGINT NOT NULL DEFAULT 0 CHECK (repeats IN (0, 1));

UPDATE content
SET transmission = (SELECT MIN(transmission.id) FROM transmission WHERE transmission.sha256 = content.sha256);
UPDATE transmission SET repeats = 1
WHERE NOT EXISTS (SELECT 1 FROM content
                  WHERE content.sha256 = transmission.sha256 AND content.transmission = transmission.id);

DROP INDEX transmission_bytes;
DROP INDEX transmission_content;
CREATE INDEX transmission_bytes ON transmission (partner, sha256, id) WHERE repeats = 1 AND taken = 1;
CREATE INDEX transmission_content ON transmission (sha256, id) WHERE repeats = 1;

-- What was handed in under a key of its sender: the same key answers the same for ever, whatever became of the first, and on
-- whichever node it comes again.
CREATE TABLE handed_in (
    partner      TEXT NOT NULL,
    endpoint     TEXT NOT NULL,
    message_id   TEXT NOT NULL,
    transmission TEXT NOT NULL REFERENCES transmission (id),
    PRIMARY KEY (partner, endpoint, message_id)
);

-- APIs that are polled.

-- How far each was read; what came before it is durable.
CREATE TABLE watermark (
    partner  TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    value    TEXT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (partner, endpoint)
);

-- The refresh token that a token endpoint gave us last. It goes with the token that the configuration names, by the hash of
-- that one, and is sealed with it: when a person puts another there, it is void.
CREATE TABLE refresh_token (
    partner  TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    lineage  TEXT NOT NULL,
    sealed   TEXT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (partner, endpoint)
);

-- AS2: receipts that we gave, and receipts that are still to come.

CREATE TABLE given_receipt (
    partner    TEXT NOT NULL,
    endpoint   TEXT NOT NULL,
    message_id TEXT NOT NULL,
    message    TEXT NOT NULL REFERENCES transmission (id),
    receipt    TEXT REFERENCES transmission (id),
    PRIMARY KEY (partner, endpoint, message_id)
);

CREATE TABLE awaited_receipt (
    partner    TEXT NOT NULL,
    message_id TEXT NOT NULL,
    delivery   TEXT NOT NULL REFERENCES delivery (id),
    endpoint   TEXT NOT NULL,
    digests    TEXT NOT NULL,
    PRIMARY KEY (partner, message_id)
);
