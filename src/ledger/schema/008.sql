-- People: who signs in, from where, and which programs read in their name.

CREATE TABLE person (
    name     TEXT PRIMARY KEY,
    role     TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    -- The partners that they see, as a JSON list; all where there is none.
    partners TEXT,
    -- argon2id in the PHC form; none for who comes by a proxy alone.
    password TEXT,
    created  BIGINT NOT NULL,
    disabled BIGINT
);

-- A sign-in that lasts; its id is the hash of what the browser holds.
CREATE TABLE sign_in (
    id      TEXT PRIMARY KEY,
    person  TEXT NOT NULL REFERENCES person (name),
    address TEXT NOT NULL,
    began   BIGINT NOT NULL,
    seen    BIGINT NOT NULL
);
CREATE INDEX sign_in_person ON sign_in (person);
CREATE INDEX sign_in_began ON sign_in (began);

-- What programs show to read in somebody's name, by its hash.
CREATE TABLE person_token (
    id      TEXT PRIMARY KEY,
    person  TEXT NOT NULL REFERENCES person (name),
    created BIGINT NOT NULL
);
CREATE INDEX person_token_person ON person_token (person);

-- Sign-ins that failed: `person mary` or `address 192.0.2.7`, how often in a row, and until when the next one waits.
CREATE TABLE sign_in_failure (
    whose    TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    last     BIGINT NOT NULL,
    until    BIGINT
);
CREATE INDEX sign_in_failure_last ON sign_in_failure (last);
