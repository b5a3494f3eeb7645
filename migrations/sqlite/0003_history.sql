-- What was looked up for a message before it was judged (JSON): kept with its verdict, so that the
-- verdict can be reached again.
ALTER TABLE messages ADD COLUMN gathered TEXT;
ALTER TABLE verdicts ADD COLUMN gathered TEXT;

-- Whom a tenant exchanges mail with, by registrable domain and by address; the key of an address
-- begins with the domain, so that both are on one page. A time of 0 is never. Days are counted and
-- not messages: what comes again on the same day costs no write, and that is most mail. Found by
-- its key alone: an index by age would cost a write more; rows that go are found by walking over
-- the keys.
CREATE TABLE counterparties (
    tenant       BLOB NOT NULL,
    region       TEXT NOT NULL,
    key          TEXT NOT NULL,
    first_heard  INTEGER NOT NULL,
    last_heard   INTEGER NOT NULL,
    heard_days   INTEGER NOT NULL,
    last_written INTEGER NOT NULL,
    written_days INTEGER NOT NULL,
    bad          INTEGER NOT NULL,
    benign       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, region, key)
) STRICT, WITHOUT ROWID;

-- How far back that goes for a tenant; how many rows it has above; where the walk over them is.
CREATE TABLE histories (
    tenant      BLOB NOT NULL,
    region      TEXT NOT NULL,
    heard       INTEGER NOT NULL,
    heard_began INTEGER NOT NULL,
    heard_last  INTEGER NOT NULL,
    heard_days  INTEGER NOT NULL,
    wrote       INTEGER NOT NULL,
    wrote_began INTEGER NOT NULL,
    wrote_last  INTEGER NOT NULL,
    wrote_days  INTEGER NOT NULL,
    rows        INTEGER NOT NULL,
    walked      TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, region)
) STRICT, WITHOUT ROWID;

-- How many senders (addresses, domains) there are by the days on which they were heard of: class n
-- has those with 2^n to 2^(n+1)-1 days.
CREATE TABLE sender_classes (
    tenant  BLOB NOT NULL,
    region  TEXT NOT NULL,
    kind    TEXT NOT NULL,
    class   INTEGER NOT NULL,
    senders INTEGER NOT NULL,
    PRIMARY KEY (tenant, region, kind, class)
) STRICT, WITHOUT ROWID;
