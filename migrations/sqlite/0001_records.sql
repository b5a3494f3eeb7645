-- Ids are 16 octets; times are milliseconds since 1970; words are those of the API.
-- Every key of a row that belongs to a tenant begins with the tenant, then the region.

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Versions of what messages are judged by; grow with every change.
CREATE TABLE versions (
    name  TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO versions (name, value) VALUES ('lists', 0), ('intel', 0);

CREATE TABLE tenants (
    id               BLOB NOT NULL PRIMARY KEY,
    name             TEXT NOT NULL,
    domains          TEXT NOT NULL,
    microsoft_tenant TEXT,
    protected_people TEXT NOT NULL,
    created          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE journal_addresses (
    address_key TEXT NOT NULL PRIMARY KEY,
    address     TEXT NOT NULL,
    tenant      BLOB NOT NULL REFERENCES tenants (id),
    region      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE operators (
    id            BLOB NOT NULL PRIMARY KEY,
    tenant        BLOB NOT NULL REFERENCES tenants (id),
    email         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    digest   BLOB NOT NULL PRIMARY KEY,
    operator BLOB NOT NULL REFERENCES operators (id),
    created  INTEGER NOT NULL,
    used     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_operator ON sessions (operator);

-- Wrong passwords by the address that was tried.
CREATE TABLE logins (
    email    TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    last     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE list_entries (
    tenant        BLOB NOT NULL REFERENCES tenants (id),
    list          TEXT NOT NULL,
    pattern       TEXT NOT NULL,
    verify_sender INTEGER NOT NULL,
    note          TEXT NOT NULL,
    added         INTEGER NOT NULL,
    PRIMARY KEY (tenant, list, pattern)
) STRICT, WITHOUT ROWID;

CREATE TABLE intel (
    sequence   INTEGER NOT NULL PRIMARY KEY,
    kind       TEXT NOT NULL,
    value      TEXT NOT NULL,
    source     TEXT NOT NULL,
    confidence INTEGER NOT NULL,
    note       TEXT NOT NULL,
    added      INTEGER NOT NULL,
    UNIQUE (kind, value, source)
) STRICT;

CREATE TABLE settings (
    tenant       BLOB NOT NULL PRIMARY KEY REFERENCES tenants (id),
    version      INTEGER NOT NULL,
    auto_retract TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Data keys, wrapped by the root key. Deleting a row erases that day's raw mail of the tenant.
CREATE TABLE data_keys (
    tenant  BLOB NOT NULL,
    day     INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (tenant, day)
) STRICT, WITHOUT ROWID;

-- state: open, done, damaged. The only way out of open is a fenced transition.
CREATE TABLE segments (
    region      TEXT NOT NULL,
    id          BLOB NOT NULL,
    state       TEXT NOT NULL,
    entries     INTEGER NOT NULL,
    octets      INTEGER NOT NULL,
    began       INTEGER NOT NULL,
    worker      TEXT NOT NULL DEFAULT '',
    lease_until INTEGER NOT NULL DEFAULT 0,
    fence       INTEGER NOT NULL DEFAULT 0,
    messages    INTEGER NOT NULL DEFAULT 0,
    merged      INTEGER NOT NULL DEFAULT 0,
    jobs        INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (region, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX segments_open ON segments (region, id) WHERE state = 'open';
CREATE INDEX segments_damaged ON segments (region) WHERE state = 'damaged';

-- What makes two mails the same message; never divided by day, so that forks merge over midnight.
CREATE TABLE identities (
    tenant  BLOB NOT NULL,
    region  TEXT NOT NULL,
    digest  BLOB NOT NULL,
    message BLOB NOT NULL,
    PRIMARY KEY (tenant, region, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    n             INTEGER NOT NULL PRIMARY KEY,
    tenant        BLOB NOT NULL,
    region        TEXT NOT NULL,
    id            BLOB NOT NULL,
    received      INTEGER NOT NULL,
    judged        INTEGER NOT NULL,
    arrival       TEXT NOT NULL,
    segment       BLOB NOT NULL,
    place         INTEGER NOT NULL,
    message_id    TEXT NOT NULL,
    report_id     TEXT,
    disposition   TEXT NOT NULL,
    decided_by    TEXT NOT NULL,
    reason        TEXT NOT NULL,
    from_name     TEXT NOT NULL,
    from_address  TEXT NOT NULL,
    subject       TEXT NOT NULL,
    first_to      TEXT NOT NULL,
    recipients    INTEGER NOT NULL,
    attachments   INTEGER NOT NULL,
    links         INTEGER NOT NULL,
    html          INTEGER NOT NULL,
    identity      TEXT NOT NULL,
    summary       TEXT NOT NULL,
    verdict       TEXT NOT NULL,
    defects       TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX messages_by_id ON messages (tenant, region, id);
CREATE INDEX messages_by_time ON messages (tenant, region, received DESC, id DESC, disposition);
CREATE INDEX messages_by_message_id ON messages (tenant, region, message_id);

-- Words of subject and sender; rows are those of messages.
CREATE VIRTUAL TABLE message_words USING fts5 (
    subject, sender, content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 2', prefix = '3'
);

-- Everything the trace can find a message by that is a word: attributes and rules.
CREATE TABLE message_labels (
    tenant   BLOB NOT NULL,
    region   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    label    TEXT NOT NULL,
    received INTEGER NOT NULL,
    message  BLOB NOT NULL,
    PRIMARY KEY (tenant, region, kind, label, received, message)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_labels_by_message ON message_labels (tenant, region, message);

CREATE TABLE recipients (
    tenant      BLOB NOT NULL,
    region      TEXT NOT NULL,
    message     BLOB NOT NULL,
    ordinal     INTEGER NOT NULL,
    address_key TEXT NOT NULL,
    written     TEXT NOT NULL,
    address     TEXT,
    kind        TEXT NOT NULL,
    via         TEXT,
    reach       TEXT NOT NULL,
    PRIMARY KEY (tenant, region, message, ordinal)
) STRICT, WITHOUT ROWID;

CREATE INDEX recipients_by_address ON recipients (tenant, region, address_key, message);

-- value: the first 8 octets of SHA-256 of the canonical text.
CREATE TABLE indicators (
    tenant  BLOB NOT NULL,
    region  TEXT NOT NULL,
    kind    INTEGER NOT NULL,
    value   INTEGER NOT NULL,
    day     INTEGER NOT NULL,
    message BLOB NOT NULL,
    PRIMARY KEY (tenant, region, kind, value, day, message)
) STRICT, WITHOUT ROWID;

-- Verdicts that were replaced, oldest first.
CREATE TABLE verdicts (
    tenant  BLOB NOT NULL,
    region  TEXT NOT NULL,
    message BLOB NOT NULL,
    ordinal INTEGER NOT NULL,
    judged  INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    PRIMARY KEY (tenant, region, message, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
    tenant      BLOB NOT NULL,
    region      TEXT NOT NULL,
    id          BLOB NOT NULL,
    ordered_by  TEXT NOT NULL,
    destination TEXT NOT NULL,
    reason      TEXT NOT NULL,
    created     INTEGER NOT NULL,
    PRIMARY KEY (tenant, region, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_by_time ON jobs (tenant, region, created DESC, id DESC);

CREATE TABLE copies (
    tenant      BLOB NOT NULL,
    region      TEXT NOT NULL,
    id          BLOB NOT NULL,
    message     BLOB NOT NULL,
    received    INTEGER NOT NULL,
    mailbox     TEXT NOT NULL,
    mailbox_key TEXT NOT NULL,
    ordinal     INTEGER NOT NULL,
    reach       TEXT NOT NULL,
    folder      TEXT NOT NULL,
    place       TEXT NOT NULL,
    job         BLOB,
    destination TEXT,
    state       TEXT,
    reason      TEXT,
    tries       INTEGER NOT NULL DEFAULT 0,
    looks       INTEGER NOT NULL DEFAULT 0,
    failures    INTEGER NOT NULL DEFAULT 0,
    due         INTEGER NOT NULL DEFAULT 0,
    since       INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER NOT NULL DEFAULT 0,
    fence       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, region, id),
    FOREIGN KEY (tenant, region, job) REFERENCES jobs (tenant, region, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX copies_by_message ON copies (tenant, region, message);
CREATE INDEX copies_by_job ON copies (tenant, region, job) WHERE job IS NOT NULL;
CREATE INDEX copies_by_received ON copies (tenant, region, received, state) WHERE job IS NOT NULL;
CREATE INDEX copies_due ON copies (region, due)
    WHERE state IN ('planned', 'waiting', 'held', 'uncertain', 'moved');
CREATE INDEX copies_asked ON copies (region) WHERE state = 'asked';
CREATE INDEX copies_leased ON copies (region, lease_until) WHERE lease_until > 0;

CREATE TABLE audit (
    tenant   BLOB NOT NULL,
    region   TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    actor    TEXT NOT NULL,
    action   TEXT NOT NULL,
    target   TEXT NOT NULL,
    details  TEXT NOT NULL,
    seal     BLOB,
    PRIMARY KEY (tenant, region, sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_by_target ON audit (tenant, region, target);
CREATE INDEX audit_unsealed ON audit (region, tenant, sequence) WHERE seal IS NULL;

CREATE TABLE counters (
    tenant BLOB NOT NULL,
    region TEXT NOT NULL,
    name   TEXT NOT NULL,
    value  INTEGER NOT NULL,
    PRIMARY KEY (tenant, region, name)
) STRICT, WITHOUT ROWID;
