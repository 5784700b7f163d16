//! Why a record is not simply updated: a closed list of kinds, each with a stable name, what it means, and what to do.

/// A reason, as stored and as counted: the kind, and what it says in this case.
///
/// `detail` holds no message content, so that causes can be shown and passed on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cause {
    /// What sort of reason it is.
    pub kind: CauseKind,
    /// One sentence fragment for the operator, such as `author 17 is not in lookup users`.
    pub detail: String,
}

impl Cause {
    /// A cause of `kind` with its own words.
    pub fn new(kind: CauseKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

macro_rules! cause_kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $advice:literal;)+) => {
        /// What sort of reason a [`Cause`] is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum CauseKind {
            $($(#[$doc])* $variant,)+
        }

        impl CauseKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its stable name in the checkpoint, in reports and in `--json`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What the operator can do about it.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice),+ }
            }
        }
    };
}

cause_kinds! {
    /// A `skip` rule of the mapping.
    SkipRule = "skip-rule", "nothing to do, unless the mapping's skip rule is wrong";
    /// The operator has excluded it.
    Excluded = "excluded", "nothing to do: --exclude leaves it out";
    /// The same message stands in the export again; of what is written, nothing differs.
    Doubled = "doubled", "nothing to do: it is carried over once";
    /// The same message stands in the export in a newer form.
    OlderCopy = "older-copy", "nothing to do: the newer form is carried over";
    /// A newer form of the same message stands in the export and is blocked, so this one must not go out.
    NewerBlocked = "newer-blocked", "see the newer copy: mend what blocks it, then retry";
    /// The same message stands in the export in another form, and the mapping does not choose between them.
    Differing = "differing", "correct the export, or say in the mapping which one counts: `doubles`";
    /// Neither the ids file nor the export says where it is in Gorgias.
    NoTarget = "no-target", "add it to the ids file, or bring it over by other means";
    /// It is older than the oldest message that the account holds.
    TooOld = "too-old", "Gorgias's importers bring over a limited past: bring it over by other means";
    /// Gorgias's importers bring over 250 messages of a ticket, and this is a later one.
    BeyondLimit = "beyond-limit", "Gorgias's importers bring over 250 messages of a ticket: bring it over by other means";
    /// The account has no ticket with the foreign id.
    NoTicket = "no-ticket", "bring its ticket over first, or add the message to the ids file";
    /// The account has the ticket, and not this message in it.
    NotInTicket = "not-in-ticket", "look at the ticket in Gorgias; if the message is there, add it to the ids file";
    /// The account was read ticket by ticket, and not this ticket.
    NotScanned = "not-scanned", "scan again with this export: `deskferry scan EXPORT --mapping NAME`";
    /// The operator had it deleted in Gorgias.
    Cancelled = "cancelled", "nothing to do: you had it deleted in Gorgias";
    /// The export can't be read at this place.
    Unreadable = "unreadable", "export it again, or mend the file at this place";
    /// The mapping can't make a field's value from this record.
    Unmapped = "unmapped", "mend the mapping, or the lookup it joins with, then retry";
    /// The update would break a rule of the API.
    Invalid = "invalid", "mend the mapping or the export, then retry";
    /// Without a `sent_datetime` Gorgias may mail the customer.
    Unsafe = "unsafe", "map sent_datetime from a time that the export has, then retry";
    /// Two records would be written to one message.
    SharedTarget = "shared-target", "correct the ids file: each target belongs to one message";
    /// Several messages of the account may be the one, or the ids file names several targets for it.
    Ambiguous = "ambiguous", "`deskferry errors --ambiguous` lists the candidates: leave one line of each message in the ids file";
    /// The target already holds another `external_id`.
    OtherExternalId = "other-external-id", "check which message it is; if ours is the right id, `deskferry run EXPORT` with --replace-external-id writes it";
    /// Somebody changed the message in Gorgias since it was sent or read.
    EditedSince = "edited-since", "look at the message in Gorgias; retry writes ours over it";
    /// An update that was taken back.
    Undone = "undone", "run again to send it anew, or leave it as it is";
    /// The API refused it (400, 404, 409, 413, 301 and the like).
    Refused = "refused", "read the API's message; after a correction, retry";
    /// Every try was answered with an error (429, 5xx).
    TriesUsedUp = "tries-used-up", "retry later";
    /// The account confirmed it with an `external_id` that we did not send.
    WrongAnswer = "wrong-answer", "look at the message in Gorgias before a retry";
    /// The last answer was lost: time-out, reset, or a broken body.
    LostAnswer = "lost-answer", "resume: it is read, and sent again if it has not arrived";
    /// The process ended while it was on the wire.
    Interrupted = "interrupted", "resume: it is read, and sent again if it has not arrived";
    /// Nearly all messages fail with one cause.
    SameAgain = "same-again", "it is not about single messages: see `deskferry errors`, mend the mapping, the export or the account, then `deskferry retry`; --keep-going sends on all the same";
    /// More messages failed than the operator allows.
    TooManyFailures = "too-many-failures", "see `deskferry errors` for the causes";
    /// 401: the credentials are wrong or expired.
    Credentials = "credentials", "check GORGIAS_EMAIL and GORGIAS_API_KEY (or GORGIAS_ACCESS_TOKEN)";
    /// 403: the user's role lacks the permission.
    Permission = "permission", "use the key of a user who may edit tickets";
    /// 404 as HTML: there is no such account.
    WrongDomain = "wrong-domain", "check GORGIAS_DOMAIN: if it is wrong, run with the right one; if it is right, wait a while";
    /// The account answers, but with errors (429, 5xx) only.
    Unavailable = "unavailable", "Gorgias has trouble at the moment: wait a while";
    /// No connection to the account, again and again.
    Unreachable = "unreachable", "check the network, and at a rehearsal that the simulator runs";
}

impl CauseKind {
    /// The kind that is stored as `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}
