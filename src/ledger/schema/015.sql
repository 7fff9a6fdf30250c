-- What changes whenever a document of a partner gets another revision: until it does, whatever was in its latest revision still is.
CREATE TABLE revised (
    partner TEXT PRIMARY KEY,
    mark    TEXT NOT NULL
);
-- Until when an order rests after it was judged, however much comes; nothing for one of few documents.
ALTER TABLE order_book ADD COLUMN rests_until BIGINT;
