-- What a full ledger costs: a value that is a hash lands anywhere in its index, so that every file rewrites, and on a large
-- ledger first reads, one page for each. These do so less often.

-- One index finds a hash, whoever brought it, and the first of a partner's that was taken.
DROP INDEX transmission_bytes;
DROP INDEX transmission_content;
CREATE INDEX transmission_content ON transmission (sha256, partner, taken, id);

-- What a delivery carries comes first, and its id is younger than all before it; the hash tells apart who gets it, by which
-- endpoint and under which name.
UPDATE delivery SET idempotency = COALESCE(document, answers, batch, transmission) || ':' || substr(idempotency, 1, 32);
