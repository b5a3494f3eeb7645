-- Where a tenant's reports may come from (JSON), and how much raw mail is kept for it.
ALTER TABLE tenants ADD COLUMN sources TEXT NOT NULL DEFAULT '{}';
ALTER TABLE tenants ADD COLUMN quota_octets INTEGER;

-- Claims of a segment that no record followed; the run of the program that claimed it last; the
-- place of the mail that is judged; and how often the program ended under which mail (JSON).
ALTER TABLE segments ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE segments ADD COLUMN run INTEGER NOT NULL DEFAULT 0;
ALTER TABLE segments ADD COLUMN trial INTEGER;
ALTER TABLE segments ADD COLUMN suspects TEXT NOT NULL DEFAULT '{}';

-- Whose turn it is: copies nobody looked at before those looked at, by tenant; then by stretches of
-- 16 seconds in which they are due, by message. One step in this index leads from one message with
-- due copies to the next, however many copies each has.
ALTER TABLE copies ADD COLUMN looked INTEGER GENERATED ALWAYS AS
    (state IS NOT 'planned' OR looks + failures + tries > 0) VIRTUAL;
ALTER TABLE copies ADD COLUMN stretch INTEGER GENERATED ALWAYS AS (due >> 14) VIRTUAL;
DROP INDEX copies_due;
CREATE INDEX copies_turns ON copies (region, tenant, looked, stretch, message, due)
    WHERE state IN ('planned', 'waiting', 'held', 'uncertain', 'moved');

-- Octets of raw mail as they lie in segments, by the day of their data key: for quotas, and for
-- retention.
CREATE TABLE raw_usage (
    tenant BLOB NOT NULL,
    region TEXT NOT NULL,
    day    INTEGER NOT NULL,
    octets INTEGER NOT NULL,
    PRIMARY KEY (tenant, region, day)
) STRICT, WITHOUT ROWID;

-- What was observed in each message (rows are those of messages): one word an indicator, made of
-- tenant, kind and eight octets of the hash of its text. An index of words is kept in sorted runs
-- that are merged: a row of a table for each indicator costs forty times the writes, for each goes
-- to a page of its own.
CREATE VIRTUAL TABLE observed USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
INSERT INTO observed (rowid, words)
    SELECT m.n, group_concat(
        lower(substr(hex(i.tenant), 17)) || i.kind || printf('%016x', i.value), ' ')
    FROM indicators AS i
    JOIN messages AS m ON m.tenant = i.tenant AND m.region = i.region AND m.id = i.message
    GROUP BY m.n ORDER BY m.n;
DROP TABLE indicators;

-- Wrong passwords are counted by the process that is asked.
DROP TABLE logins;
