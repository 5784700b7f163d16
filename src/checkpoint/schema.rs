//! The tables, and how an older file becomes a newer one.

use rusqlite::Connection;

use super::CheckpointError;

/// Marks a SQLite file as ours: `DKFY` in ASCII.
pub(super) const APPLICATION_ID: i64 = 0x444B_4659;

/// Each step brings a file from the version that is its index to the next.
const STEPS: &[&str] = &[r"
-- What the plan was made from and for: one value a name.
CREATE TABLE pin (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- The files it was made from; export files are numbered from 0 as in message.input.
CREATE TABLE file (
    role     TEXT NOT NULL,
    number   INTEGER NOT NULL,
    path     TEXT NOT NULL,
    format   TEXT NOT NULL,
    columns  TEXT,
    size     INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    digest   BLOB NOT NULL,
    PRIMARY KEY (role, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE cause (
    id     INTEGER PRIMARY KEY,
    kind   TEXT NOT NULL,
    detail TEXT NOT NULL,
    UNIQUE (kind, detail)
) STRICT;

-- The plan: every message of the export, in the order of sending.
CREATE TABLE message (
    turn          INTEGER PRIMARY KEY,
    input         INTEGER NOT NULL,
    ordinal       INTEGER NOT NULL,
    line          INTEGER NOT NULL,
    offset        INTEGER NOT NULL,
    length        INTEGER NOT NULL,
    block         INTEGER NOT NULL,
    item          INTEGER NOT NULL,
    external_id   TEXT,
    source_ticket TEXT,
    ticket_id     INTEGER,
    message_id    INTEGER,
    sent_at       INTEGER,
    channel       TEXT,
    kind          TEXT,
    fields        INTEGER NOT NULL,
    digest        BLOB,
    state         INTEGER NOT NULL,
    cause         INTEGER REFERENCES cause (id)
) STRICT;
-- Pending, sending, updated, failed, unconfirmed, unchanged: the accepted rows, whose ids are unique.
CREATE UNIQUE INDEX accepted ON message (external_id) WHERE state IN (0, 1, 2, 3, 4, 8);

-- Outcomes of earlier plans, of messages that the present plan does not hold, or holds with another update that has not
-- gone out yet: a plan that is made and not sent forgets nothing.
CREATE TABLE past (
    external_id TEXT PRIMARY KEY,
    ticket_id   INTEGER NOT NULL,
    message_id  INTEGER NOT NULL,
    digest      BLOB NOT NULL,
    state       INTEGER NOT NULL,
    cause       INTEGER REFERENCES cause (id)
) STRICT, WITHOUT ROWID;

-- The runs, and every attempt that one of them made.
CREATE TABLE run (
    id        INTEGER PRIMARY KEY,
    command   TEXT NOT NULL,
    started   INTEGER NOT NULL,
    finished  INTEGER,
    requests  INTEGER NOT NULL DEFAULT 0,
    throttled INTEGER NOT NULL DEFAULT 0,
    ended     TEXT
) STRICT;
CREATE TABLE attempt (
    run        INTEGER NOT NULL REFERENCES run (id),
    ticket_id  INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    started    INTEGER NOT NULL,
    took       INTEGER NOT NULL,
    status     INTEGER,
    cause      INTEGER REFERENCES cause (id)
) STRICT;
"];

/// The format that this version of the tool writes.
pub(super) const VERSION: i64 = 1;
const _: () = assert!(STEPS.len() == 1, "a step more is a version more");

/// Brings the file to [`VERSION`], step by step, each in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection, from: i64) -> Result<(), CheckpointError> {
    for (step, version) in STEPS.iter().zip(1_i64..).filter(|&(_, version)| version > from) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.commit()?;
    }
    Ok(())
}
