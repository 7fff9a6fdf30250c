-- Attempts of which it is not known whether anything was left. Each is a row like every other; the next one goes out under the same
-- key, so that the other side or the folder can tell that it is the same.

ALTER TABLE attempt ADD COLUMN unclear BIGINT NOT NULL DEFAULT 0 CHECK (unclear IN (0, 1));
-- How many of the attempts were such ones.
ALTER TABLE delivery ADD COLUMN unclear BIGINT NOT NULL DEFAULT 0;
