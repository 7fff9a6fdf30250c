-- Documents that name others of which news came: they are tied to the orders of those anew, once however much came. Fresh is news
-- of what was recorded lately; what is long over makes no order due.
CREATE TABLE mention_news (
    document TEXT PRIMARY KEY,
    partner  TEXT NOT NULL,
    fresh    BIGINT NOT NULL
);
-- Whether anything of an order is found; unknown where it was not judged since.
ALTER TABLE order_book ADD COLUMN found BIGINT;
