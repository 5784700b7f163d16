//! How like each path is to what a field needs: by its name and by its values, half and half.

use super::profile::{Level, Source};
use super::stat::{Sort, Stat, share};
use super::vocabulary::bare;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Id,
    Time,
    Body,
    Subject,
    Ticket,
    Channel,
    MessageId,
    AuthorAddress,
    /// Whether it is an internal note.
    Note,
    /// Whether it may be seen by the customer.
    Public,
    /// Who it comes from: a word or yes and no.
    Author,
}

/// A path that may be the one.
#[derive(Debug, Clone)]
pub(super) struct Candidate<'p> {
    pub(super) role: Role,
    /// As the mapping writes it.
    pub(super) path: String,
    /// From 0 to 100.
    pub(super) score: u32,
    pub(super) stat: &'p Stat,
    /// How many objects there were in which it could have stood.
    pub(super) objects: u64,
}

/// A path of this score is taken; one below it is only asked about.
pub(super) const ENOUGH: u32 = 65;

/// The best one counts only if it is ahead of the next by so much.
const AHEAD: u32 = 8;

impl Role {
    /// Whether the values are what people wrote, however short.
    pub(super) fn is_content(self) -> bool {
        matches!(self, Self::Body | Self::Subject)
    }

    /// The names that say it, the plainest first.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Id => &["id", "messageid", "commentid", "uid", "uuid", "articleid", "postid", "noteid", "number"],
            Self::Time => &[
                "createdat",
                "sentat",
                "created",
                "createdtime",
                "date",
                "timestamp",
                "postedat",
                "sentdatetime",
                "sent",
                "time",
                "createddate",
                "datetime",
                "startedat",
            ],
            Self::Body => &[
                "body",
                "bodyhtml",
                "htmlbody",
                "html",
                "content",
                "text",
                "bodytext",
                "plainbody",
                "message",
                "comment",
                "description",
                "note",
            ],
            Self::Subject => &["subject", "title", "ticketsubject"],
            Self::Ticket => &[
                "ticketid",
                "conversationid",
                "threadid",
                "caseid",
                "ticket",
                "ticketnumber",
                "conversation",
                "issueid",
            ],
            Self::Channel => &["channel", "via", "source", "medium", "origin", "channeltype", "type"],
            Self::MessageId => &["messageid", "rfcmessageid", "internetmessageid", "emailmessageid"],
            Self::AuthorAddress => {
                &["fromemail", "authoremail", "from", "email", "sender", "senderemail", "fromaddress", "address"]
            }
            Self::Note => &["private", "internal", "isnote", "isprivate", "isinternal", "note"],
            Self::Public => &["public", "ispublic", "visible"],
            Self::Author => &[
                "authortype",
                "role",
                "direction",
                "sendertype",
                "type",
                "incoming",
                "inbound",
                "isinbound",
                "isincoming",
                "fromagent",
                "isagent",
                "authorrole",
                "isstaff",
                "sender",
                "author",
            ],
        }
    }

    /// How like the values are to what is looked for, from 0 to 1; below a half it is not the one. Short texts are told by
    /// their `name`.
    fn evidence(self, stat: &Stat, objects: u64, name: f64) -> f64 {
        let there = share(stat.filled, objects);
        match self {
            Self::Id => {
                let kind = stat.part(&[Sort::Whole, Sort::Word, Sort::EpochSeconds, Sort::EpochMillis]);
                kind * there * if stat.uniqueness() > 0.98 { 1.0 } else { 0.0 }
            }
            Self::Time => {
                let times = [
                    Sort::Time,
                    Sort::NaiveTime,
                    Sort::MailTime,
                    Sort::WrittenTime,
                    Sort::EpochSeconds,
                    Sort::EpochMillis,
                ];
                stat.part(&times) * there
            }
            Self::Body => {
                let text = stat.part(&[Sort::Html, Sort::Text, Sort::Word]);
                let is_prose = stat.part(&[Sort::Html]) > 0.3 || stat.length() > 40.0;
                let likeness = match is_prose {
                    true => 1.0,
                    false if name > 0.5 => 0.9,
                    false => 0.4,
                };
                text * there.max(0.6) * likeness
            }
            Self::Subject => stat.part(&[Sort::Text, Sort::Word]) * there.max(0.7),
            Self::Ticket => stat.part(&[Sort::Whole, Sort::Word, Sort::EpochSeconds]) * there,
            Self::Channel => {
                let known = stat.words().unwrap_or_default();
                let hits = known.iter().filter(|(word, _)| super::vocabulary::channel(word).is_some()).count();
                if hits == 0 { 0.0 } else { 0.5 + 0.5 * share(hits as u64, known.len() as u64) }
            }
            Self::MessageId => stat.part(&[Sort::MessageId]),
            Self::AuthorAddress => stat.part(&[Sort::Address]),
            Self::Note | Self::Public => stat.part(&[Sort::Boolean]) * there,
            Self::Author => {
                if stat.part(&[Sort::Boolean]) > 0.95 {
                    return there;
                }
                let words = stat.words().unwrap_or_default();
                let hits = words.iter().filter(|(word, _)| super::vocabulary::is_agent(word).is_some()).count();
                if hits == 0 { 0.0 } else { there * (0.5 + 0.5 * share(hits as u64, words.len() as u64)) }
            }
        }
    }

    /// Whether only a path whose name says it can be the one: yes and no can be about anything.
    fn needs_name(self, stat: &Stat) -> bool {
        match self {
            Self::Note | Self::Public | Self::Ticket => true,
            Self::Author => stat.part(&[Sort::Boolean]) > 0.5,
            _ => false,
        }
    }

    fn name_score(self, path: &str) -> f64 {
        let segments: Vec<String> = path.split('.').map(bare).collect();
        let last = segments.last().map_or("", String::as_str);
        let names = self.names();
        let rank = names.iter().position(|name| *name == last);
        let joined = segments.iter().rev().take(2).rev().cloned().collect::<String>();
        let rank = rank.or_else(|| names.iter().position(|name| *name == joined));
        match rank {
            // A name further down the list, or deeper in the record, says it less plainly.
            Some(rank) => {
                let depth = u32::try_from(segments.len() - 1).unwrap_or(u32::MAX);
                let rank = u32::try_from(rank).unwrap_or(u32::MAX);
                (1.0 - 0.02 * f64::from(rank) - 0.05 * f64::from(depth)).max(0.3)
            }
            None if names.iter().any(|name| name.len() > 3 && last.contains(name)) => 0.4,
            None => 0.0,
        }
    }
}

/// The candidates for `role` among the paths of `level`, the likeliest first; `before` is how a mapping gets there.
pub(super) fn candidates<'p>(role: Role, level: &'p Level, before: &str) -> Vec<Candidate<'p>> {
    let scored = level.paths.iter().filter_map(|(path, stat)| {
        let name = role.name_score(path);
        let evidence = role.evidence(stat, level.objects, name);
        if evidence < 0.5 || (name == 0.0 && role.needs_name(stat)) {
            return None;
        }
        let score = percent(0.5 * name + 0.5 * evidence);
        Some(Candidate { role, path: format!("{before}{path}"), score, stat, objects: level.objects })
    });
    let mut scored: Vec<_> = scored.collect();
    scored.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.path.cmp(&b.path)));
    scored
}

/// The one of `candidates` that is plainly the best.
pub(super) fn plain<'c, 'p>(candidates: &'c [Candidate<'p>]) -> Option<&'c Candidate<'p>> {
    let (first, rest) = candidates.split_first()?;
    let is_ahead = rest.first().is_none_or(|next| first.score >= next.score + AHEAD);
    (first.score >= ENOUGH && is_ahead).then_some(first)
}

/// A place where messages may stand.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The source's number, and the list in its records.
    pub(super) source: usize,
    pub(super) list: String,
    /// Whether it has all that a message must have: an id, a time and a text.
    pub(super) is_whole: bool,
    score: u32,
}

/// Where the messages stand, the likeliest first; a place where nothing is like a part of one is none.
pub(super) fn messages(sources: &[Source]) -> Vec<Place> {
    let mut places = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        for (path, level) in &source.levels {
            let best = |role| candidates(role, level, "").first().map_or(0, |one| one.score);
            let (id, time, body) = (best(Role::Id), best(Role::Time), best(Role::Body));
            // Anything may be unlike its neighbours: an id alone must be called one.
            if time == 0 && body == 0 && id < ENOUGH {
                continue;
            }
            // What stands in a list in a ticket is likelier a message than the ticket is.
            let nested = if path.is_empty() { 0 } else { 10 };
            let is_whole = id > 0 && time > 0 && body > 0;
            places.push(Place { source: number, list: path.clone(), is_whole, score: (id + time + body) / 3 + nested });
        }
    }
    places.sort_by_key(|place| std::cmp::Reverse((place.is_whole, place.score)));
    places
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 1")]
fn percent(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u32
}
