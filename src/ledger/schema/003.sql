-- Deliveries: what a full ledger costs. A value that is a hash lands anywhere in its index, so that every file rewrites, and on a large
-- ledger first reads, one page for each.

-- What a delivery carries comes first, and its id is younger than all before it; the hash tells apart who gets it, by which
-- endpoint and under which name.
UPDATE delivery SET idempotency = COALESCE(document, answers, batch, transmission) || ':' || substr(idempotency, 1, 32);

-- Files that were taken from a partner's server and still stand there: left to be remembered, or not yet put away. What is in
-- their place once they are gone is a new file, whatever its name, size and time.
CREATE TABLE held_file (
    claim        TEXT PRIMARY KEY,
    partner      TEXT NOT NULL,
    endpoint     TEXT NOT NULL,
    transmission TEXT NOT NULL REFERENCES transmission (id)
);
CREATE INDEX held_file_endpoint ON held_file (partner, endpoint);
