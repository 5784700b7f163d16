//! The tables, and how an older file becomes a newer one.

use rusqlite::Connection;

use super::CheckpointError;

/// Marks a SQLite file as ours: `DKFY` in ASCII.
pub(super) const APPLICATION_ID: i64 = 0x444B_4659;

/// Each step brings a file from the version that is its index to the next.
const STEPS: &[&str] = &[
    r"
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
",
    r"
-- By which rule the target was found; of the fields that are sent, which the account lacked, which it held otherwise,
-- and which of them can't be put back. The last three are unknown (null) where nothing is known of what it held.
ALTER TABLE message ADD COLUMN matched INTEGER;
ALTER TABLE message ADD COLUMN fills INTEGER;
ALTER TABLE message ADD COLUMN replaces INTEGER;
ALTER TABLE message ADD COLUMN lost INTEGER;
ALTER TABLE past ADD COLUMN fills INTEGER;
ALTER TABLE past ADD COLUMN replaces INTEGER;
ALTER TABLE past ADD COLUMN lost INTEGER;

-- Where several messages of the account may be the one: all of them, for the operator to choose.
CREATE TABLE candidate (
    external_id TEXT NOT NULL,
    ticket_id   INTEGER NOT NULL,
    message_id  INTEGER NOT NULL,
    rule        INTEGER NOT NULL,
    PRIMARY KEY (external_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_by_target ON message (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX past_by_target ON past (message_id);

-- What the account answered to the last update of each message: how that agrees with what was sent, what it held then,
-- and how it was settled if its outcome was not known for a while. The row is there as soon as an update goes out:
-- whether the account has confirmed it is known by `confirmed` (2 while its undo is on the wire). `at` is when the account
-- told what it holds, in milliseconds since 1970.
CREATE TABLE receipt (
    message_id INTEGER PRIMARY KEY,
    agreement  INTEGER,
    readback   BLOB,
    settled    INTEGER,
    confirmed  INTEGER NOT NULL,
    at         INTEGER
) STRICT;

-- What undo needs: what each message was before the first update, and what the updates since then sent (null once they
-- were undone). Where there were several: what it was before the last one, too.
CREATE TABLE image (
    message_id INTEGER PRIMARY KEY,
    ticket_id  INTEGER NOT NULL,
    before     BLOB NOT NULL,
    prior      BLOB,
    sent       BLOB
) STRICT;

-- What verify found of each updated message, and what undo could not put back.
CREATE TABLE verified (
    message_id INTEGER PRIMARY KEY,
    verdict    INTEGER NOT NULL,
    fields     INTEGER NOT NULL,
    classes    INTEGER NOT NULL,
    readback   BLOB
) STRICT;
CREATE TABLE kept (
    message_id INTEGER PRIMARY KEY,
    reason     INTEGER NOT NULL,
    fields     INTEGER NOT NULL
) STRICT;
",
    r"
-- What the mapping met in the export and did not expect, and what was done: counted for each field and value.
CREATE TABLE surprise (
    field    TEXT NOT NULL,
    what     TEXT NOT NULL,
    done     TEXT NOT NULL,
    messages INTEGER NOT NULL,
    PRIMARY KEY (field, what, done)
) STRICT, WITHOUT ROWID;
",
    r"
-- Which rows the present run is to send, where it is told to send only some; of no meaning while none is alive.
CREATE TABLE chosen (turn INTEGER PRIMARY KEY) STRICT;

-- One row while a run is alive: what it was asked from another process, when it last gave a sign of life (milliseconds
-- since 1970), and what it said then, as JSON.
CREATE TABLE control (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    asked TEXT,
    beat  INTEGER,
    said  TEXT
) STRICT;

-- The side effect that the operator asked the account for, where they did: retry, force or cancel.
ALTER TABLE run ADD COLUMN action TEXT;

-- Until now the default was noted as if it had been typed.
DELETE FROM pin WHERE name = 'rate' AND value = '40/20s';
",
];

/// The format that this version of the tool writes.
pub(super) const VERSION: i64 = 4;
const _: () = assert!(STEPS.len() == 4, "a step more is a version more");

/// Brings the file to [`VERSION`], in one transaction: whoever looks meanwhile, or after a kill, finds no version in
/// between.
pub(super) fn migrate(connection: &mut Connection, from: i64) -> Result<(), CheckpointError> {
    if from == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    for (step, _) in STEPS.iter().zip(1_i64..).filter(|&(_, version)| version > from) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.commit()?;
    Ok(())
}
