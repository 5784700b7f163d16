//! The tables of a scan.

/// Marks a SQLite file as a scan of ours: `DKFS` in ASCII.
pub(super) const APPLICATION_ID: i64 = 0x444B_4653;

/// The format that this version writes. A scan is not brought from one format to another: it is made again.
pub(super) const VERSION: i64 = 1;

/// A blank file becomes a scan.
pub(super) const TABLES: &str = r"
BEGIN;
-- What it is a copy of, how it was read, and how far it is: one value a name.
CREATE TABLE mark (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Every message that the account holds, as it was read.
CREATE TABLE held (
    message_id  INTEGER PRIMARY KEY,
    ticket_id   INTEGER NOT NULL,
    created     INTEGER,
    sent        INTEGER,
    external_id TEXT,
    message_ref TEXT,
    kind        TEXT,
    text_key    INTEGER NOT NULL,
    html_key    INTEGER NOT NULL,
    facts       BLOB NOT NULL,
    content     BLOB NOT NULL,
    pass        INTEGER NOT NULL
) STRICT;
CREATE INDEX held_by_ticket ON held (ticket_id, pass);
CREATE INDEX held_by_external_id ON held (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX held_by_message_ref ON held (message_ref) WHERE message_ref IS NOT NULL;

-- Its tickets, and those that messages name and the account does not show. `shown` is 0 for one that is in no list and
-- was not looked at yet, 1 for one that the account shows, 2 for one that was looked at and is not there any more.
-- `home` is the ticket that has its messages now: itself, or the one that it was merged into.
CREATE TABLE ticket (
    ticket_id   INTEGER PRIMARY KEY,
    external_id TEXT,
    messages    INTEGER,
    shown       INTEGER NOT NULL,
    home        INTEGER NOT NULL,
    pass        INTEGER NOT NULL
) STRICT;
CREATE INDEX ticket_by_external_id ON ticket (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX ticket_by_home ON ticket (home) WHERE home <> ticket_id;
CREATE INDEX ticket_to_look_at ON ticket (ticket_id) WHERE shown = 0;

-- Read ticket by ticket: the foreign ids that were looked for, and what came of each.
CREATE TABLE sought (external_id TEXT PRIMARY KEY, fate TEXT NOT NULL) STRICT, WITHOUT ROWID;
PRAGMA application_id = 1145783891;
PRAGMA user_version = 1;
COMMIT;
";

const _: () = assert!(APPLICATION_ID == 1_145_783_891 && VERSION == 1, "the pragmas above say the same");
