-- What an order is about (JSON); whether its copies are still to be looked up, and from where the
-- look goes on (JSON); what an operator said of it since; since when its failures are tried again;
-- whether any of that is still to be carried out on its copies; and the order that undid it.
ALTER TABLE jobs ADD COLUMN selection TEXT NOT NULL DEFAULT '{"of":"verdict"}';
ALTER TABLE jobs ADD COLUMN selecting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN selected TEXT NOT NULL DEFAULT 'null';
ALTER TABLE jobs ADD COLUMN control TEXT NOT NULL DEFAULT 'run';
ALTER TABLE jobs ADD COLUMN retried INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN pending INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN undone_by BLOB;
CREATE INDEX jobs_pending ON jobs (region, tenant, created, id) WHERE pending = 1;

-- Whether the copy's turn comes before the usual ones; the order that follows when the present one
-- is at its end; and the steps it has taken under the present one, with the provider's answers
-- (JSON).
ALTER TABLE copies ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
ALTER TABLE copies ADD COLUMN next_job BLOB;
ALTER TABLE copies ADD COLUMN next_destination TEXT;
ALTER TABLE copies ADD COLUMN steps TEXT NOT NULL DEFAULT '[]';

-- When all folders are looked through again for what an index did not show before; how often they
-- were. A time of 0 is never.
ALTER TABLE copies ADD COLUMN sweep_due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE copies ADD COLUMN sweeps INTEGER NOT NULL DEFAULT 0;
CREATE INDEX copies_sweeps ON copies (region, sweep_due) WHERE sweep_due > 0;

DROP INDEX copies_by_job;
CREATE INDEX copies_by_job ON copies (tenant, region, job, state) WHERE job IS NOT NULL;
CREATE INDEX copies_by_next_job ON copies (tenant, region, next_job) WHERE next_job IS NOT NULL;

-- As before, and what comes first comes first.
DROP INDEX copies_turns;
CREATE INDEX copies_turns ON copies (region, tenant, rank, looked, stretch, message, due)
    WHERE state IN ('planned', 'waiting', 'held', 'uncertain', 'moved');

-- Orders of copies that came under another one since, as they ended.
CREATE TABLE past_orders (
    tenant      BLOB NOT NULL,
    region      TEXT NOT NULL,
    job         BLOB NOT NULL,
    copy        BLOB NOT NULL,
    message     BLOB NOT NULL,
    destination TEXT NOT NULL,
    state       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    tries       INTEGER NOT NULL,
    looks       INTEGER NOT NULL,
    failures    INTEGER NOT NULL,
    due         INTEGER NOT NULL,
    since       INTEGER NOT NULL,
    steps       TEXT NOT NULL,
    PRIMARY KEY (tenant, region, job, copy)
) STRICT, WITHOUT ROWID;

CREATE INDEX past_orders_by_message ON past_orders (tenant, region, message);

-- What an operator decided about a message, whatever its verdict (JSON).
ALTER TABLE messages ADD COLUMN decision TEXT;
