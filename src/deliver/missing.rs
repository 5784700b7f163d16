//! `--write missing`: read the message first, and write what it lacks.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::delivery::Unrecorded;
use super::tries::{Next, Tries};
use super::verdict::{Verdict, judge};
use super::{Delivered, Delivery, Parcel};
use crate::checkpoint::Entry;
use crate::gorgias::{Answer, Lost, Request, Transport};
use crate::record::{Cause, CauseKind, State};
use crate::update::{Channel, FieldName, Via};

/// What reading the message came to.
enum Read {
    /// What the account holds.
    Held(Map<String, Value>),
    /// It can't be read, for good.
    Refused(Cause),
    /// The run stops before it could be read.
    Stopped(Option<Cause>),
}

impl<T: Transport> Delivery<T> {
    /// Reads the message and writes what it lacks; nothing, if it lacks nothing.
    pub(super) async fn write_missing(&self, parcel: &Parcel) -> Result<Delivered, Unrecorded> {
        let held = match self.read(parcel).await {
            Read::Held(held) => held,
            Read::Stopped(cause) => return Ok(Delivered::untouched(parcel, cause)),
            Read::Refused(cause) => {
                // What can't be read can't be written either: it takes the way of a refused update. What an earlier run
                // may have written stays unconfirmed for as long as nobody has seen it.
                let is_unseen = parcel.may_be_written && cause.kind == CauseKind::TriesUsedUp;
                let state = if is_unseen { State::Unconfirmed } else { State::Failed };
                self.writer.record(Entry::Intent { turn: parcel.turn }).await?;
                return self.settle(parcel, state, Some(cause), None).await;
            }
        };
        if holds_another(&held, parcel.external_id.as_str()) {
            let cause = Cause::new(CauseKind::OtherExternalId, "its target already holds another external_id");
            return self.settle(parcel, State::Blocked, Some(cause), None).await;
        }
        let body = only_missing(&parcel.body, &held);
        if may_be_mailed(&body) {
            let detail = "the account holds no internal note there, and sent_datetime is missing";
            return self.settle(parcel, State::Blocked, Some(Cause::new(CauseKind::Unsafe, detail)), None).await;
        }
        if body.iter().all(|(name, value)| holds(&held, name, value)) {
            return self.settle(parcel, State::Unchanged, None, None).await;
        }
        self.write(parcel, &body).await
    }

    async fn read(&self, parcel: &Parcel) -> Read {
        if !self.courier.permit().await {
            return Read::Stopped(None);
        }
        let mut tries = Tries::default();
        loop {
            let answer = self.courier.ask(Request::message(parcel.target)).await;
            if let Some(held) = message_in(&answer) {
                return Read::Held(held);
            }
            let (setback, cause) = match judge(&answer, &parcel.external_id) {
                Verdict::Stop(cause) => return Read::Stopped(Some(cause)),
                Verdict::Refused(cause) => return Read::Refused(cause),
                // An empty answer confirms an update; as an answer to a question it is none.
                Verdict::Updated => {
                    return Read::Refused(Cause::new(CauseKind::Refused, "an empty answer when it was read"));
                }
                Verdict::Again(setback, cause) => (setback, cause),
            };
            match tries.next(setback, &self.courier.backoff, &self.courier.pacer) {
                Next::Wait(wait) => {
                    if !self.courier.pause(wait).await {
                        return Read::Stopped(None);
                    }
                }
                Next::Stop => return Read::Stopped(Some(cause)),
                Next::GiveUp => return Read::Refused(Cause::new(CauseKind::TriesUsedUp, cause.detail)),
            }
        }
    }
}

fn message_in(answer: &Result<Answer, Lost>) -> Option<Map<String, Value>> {
    let answer = answer.as_ref().ok().filter(|answer| answer.status == 200)?;
    serde_json::from_slice(&answer.body).ok()
}

/// The part of `planned` that fills what `held` lacks, with the ids and whatever the API requires.
///
/// What the API requires is sent as the account has it, where it has it and an update may say it.
fn only_missing(planned: &Map<String, Value>, held: &Map<String, Value>) -> Map<String, Value> {
    FieldName::ALL
        .into_iter()
        .filter_map(|field| {
            let name = field.name();
            let planned = planned.get(name)?;
            let held = held.get(name).filter(|value| !is_nothing(value));
            let value = match (field, held) {
                (FieldName::ExternalId | FieldName::MessageId, _) | (_, None) => planned,
                (FieldName::Channel, Some(held)) => writable(held, planned, |name| Channel::from_name(name).is_some()),
                (FieldName::Via, Some(held)) => writable(held, planned, |name| Via::from_name(name).is_some()),
                (FieldName::FromAgent, Some(held)) => held,
                (FieldName::SentDatetime, Some(held)) => return Some((name.to_owned(), in_utc(held, planned))),
                (_, Some(_)) => return None,
            };
            Some((name.to_owned(), value.clone()))
        })
        .collect()
}

/// Whether Gorgias may mail a customer what `body` makes of a message.
///
/// The plan lets a note be without a time. Where the account holds something else than a note and that is kept, the
/// note's freedom ends.
fn may_be_mailed(body: &Map<String, Value>) -> bool {
    let is_note = body.get("channel").and_then(Value::as_str) == Some(Channel::InternalNote.name());
    !is_note && body.get("sent_datetime").is_none_or(Value::is_null)
}

/// Whether the account holds `value` already; a time is the same with and without the offset that it means.
fn holds(held: &Map<String, Value>, name: &str, value: &Value) -> bool {
    let is_time = name == FieldName::SentDatetime.name();
    held.get(name).is_some_and(|held| held == value || is_time && in_utc(held, &Value::Null) == *value)
}

/// Whether `held` already belongs to a message with another id.
fn holds_another(held: &Map<String, Value>, ours: &str) -> bool {
    held.get("external_id").and_then(Value::as_str).is_some_and(|id| !id.is_empty() && id != ours)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The API answers with values that it does not take, such as custom channels.
fn writable<'a>(held: &'a Value, planned: &'a Value, is_known: impl Fn(&str) -> bool) -> &'a Value {
    if held.as_str().is_some_and(is_known) { held } else { planned }
}

/// A time that the account holds, with the offset that the API leaves out and means.
fn in_utc(held: &Value, planned: &Value) -> Value {
    let Some(text) = held.as_str() else { return planned.clone() };
    if text.parse::<Timestamp>().is_ok() {
        return held.clone();
    }
    let naive = text.parse::<DateTime>().ok().and_then(|time| time.to_zoned(TimeZone::UTC).ok());
    naive.map_or_else(|| planned.clone(), |_| json!(format!("{text}+00:00")))
}
