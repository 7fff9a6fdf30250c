-- Answers are asked for by the transaction set that they are about; what we owe is about the set that came in.
UPDATE expectation
SET set_id = COALESCE((SELECT MIN(transaction_set.code) FROM delivery
                       JOIN functional_group ON functional_group.interchange = delivery.answers
                       JOIN transaction_set ON transaction_set.functional_group = functional_group.id
                       WHERE delivery.id = expectation.delivery), '')
WHERE owed_by = 'us';
CREATE INDEX expectation_set ON expectation (set_id, opened, id);

-- The failures that stand, the newest first.
CREATE INDEX failure_open ON failure (at, partner, sequence) WHERE settled IS NULL;
