-- Listings: each is read along an index that ends with its order, also of one partner and where a file brought thousands at once;
-- what few rows have is found by an index of its own.

DROP INDEX transmission_at;
CREATE INDEX transmission_at ON transmission (partner, at, id);
DROP INDEX document_at;
CREATE INDEX document_at ON document (partner, at, id);
DROP INDEX delivery_created;
CREATE INDEX delivery_created ON delivery (partner, created, id);
DROP INDEX expectation_opened;
CREATE INDEX expectation_opened ON expectation (partner, opened, id);
DROP INDEX finding_opened;
CREATE INDEX finding_opened ON finding (partner, opened, id);
DROP INDEX event_at;
CREATE INDEX event_at ON event (partner, at, sequence);

CREATE INDEX document_kind ON document (kind, at, id);
CREATE INDEX transmission_duplicate ON transmission (at, id) WHERE state = 'duplicate';
CREATE INDEX transmission_quarantined ON transmission (at, id) WHERE state = 'quarantined';
CREATE INDEX expectation_late ON expectation (opened, id) WHERE state = 'met_late';
CREATE INDEX expectation_violated ON expectation (opened, id) WHERE state = 'violated';
CREATE INDEX expectation_waived ON expectation (opened, id) WHERE state = 'waived';
-- Events of a kind that not every document leads to.
CREATE INDEX event_rare ON event (kind, at, partner, sequence)
    WHERE kind NOT IN ('received', 'accepted', 'acknowledged', 'delivered', 'acknowledgment_received');
