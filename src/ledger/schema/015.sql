-- What changes whenever a document of a partner gets another revision: until it does, whatever was in its latest revision still is.
CREATE TABLE revised (
    partner TEXT PRIMARY KEY,
    mark    TEXT NOT NULL
);
