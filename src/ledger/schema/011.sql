-- Documents that were recorded and are not yet joined with those that they are about: a mark for all that a transmission brought
-- at a time, with the last of them that is joined.
CREATE TABLE unjoined (
    id           TEXT PRIMARY KEY,
    partner      TEXT NOT NULL,
    transmission TEXT NOT NULL,
    joined       TEXT NOT NULL
);
INSERT INTO unjoined (id, partner, transmission, joined)
SELECT transmission, MIN(source), transmission, ''
FROM document WHERE id IN (SELECT document FROM unreconciled) GROUP BY transmission;
DROP TABLE unreconciled;
DROP INDEX document_transmission;
CREATE INDEX document_transmission ON document (transmission, id);
