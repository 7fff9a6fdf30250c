-- Orders held against everything that was told about them.

-- Documents that were recorded and are not yet joined with those that they are about.
CREATE TABLE unreconciled (
    document TEXT PRIMARY KEY,
    partner  TEXT NOT NULL
);
INSERT INTO unreconciled (document, partner) SELECT id, partner FROM document;

-- What documents name by its number, so that it finds them when it comes later than they do.
CREATE TABLE mention (
    partner  TEXT NOT NULL,
    number   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (partner, number, kind, document)
);

-- An order: when it is to be held against its documents, at once or once a time has passed; and since when nothing of it is open.
CREATE TABLE order_book (
    partner   TEXT NOT NULL,
    po_number TEXT NOT NULL,
    look      BIGINT,
    settled   BIGINT,
    PRIMARY KEY (partner, po_number)
);
CREATE INDEX order_book_look ON order_book (look) WHERE look IS NOT NULL;
CREATE INDEX order_book_settled ON order_book (partner, settled);
