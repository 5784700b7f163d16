//! Delivering one update: what the account holds, what of the update is sent, permit, intent, try, and again, until its
//! outcome is on the disk.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::known::{Read, Tickets};
use super::{Courier, LastUpdate, Parcel, Sent};
use crate::checkpoint::{Agreed, Attempt, Before, CheckpointError, Effect, Entry, Receipt, Writer};
use crate::gorgias::{Answer, Transport};
use crate::record::{Action, Cause, CauseKind, Settled, State, Target};
use crate::update::{Agreement, Choice, Digest, Facts, Sends, Writes, body, choose, compare};

/// Everything that the deliveries of one run share.
#[derive(Debug)]
pub struct Delivery<T> {
    /// What takes requests to the account.
    pub courier: Courier<T>,
    /// Where outcomes go.
    pub writer: Writer,
    /// How much of an update is sent.
    pub writes: Writes,
    /// Whether each message is kept as it was before, so that the update can be undone.
    pub keeps_images: bool,
    /// The side effect that every update asks the account for.
    pub action: Option<Action>,
    /// Tickets that were read, for as long as their messages are being sent.
    pub tickets: Tickets,
}

/// What became of one parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Where it went.
    pub target: Target,
    /// Its state now; `None` where the run stopped before it was touched.
    pub state: Option<State>,
    /// Why, unless it is updated.
    pub cause: Option<Cause>,
    /// The run must stop, for this reason.
    pub stop: Option<StopCause>,
}

/// A reason for which no update of this run can work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopCause(pub Cause);

/// The failure of a delivery: its outcome could not be recorded.
pub(super) type Unrecorded = Arc<CheckpointError>;

/// An update on its way, as it goes out.
struct Letter<'a> {
    parcel: &'a Parcel,
    body: Map<String, Value>,
    before: Option<Box<Before>>,
    /// What it changes, where that is known and no image tells it.
    effect: Option<Effect>,
    /// How it is settled that nobody knew whether it had arrived; `None` where that is its first way.
    settled: Option<Settled>,
}

impl<T: Transport> Delivery<T> {
    /// Delivers `parcel`; returns once its outcome is committed.
    ///
    /// # Errors
    /// When the checkpoint can't be written. Then nothing more may be sent.
    pub async fn deliver(&self, parcel: Parcel) -> Result<Delivered, Unrecorded> {
        let read = match self.what_is_there(&parcel).await {
            Ok(read) => read,
            Err(unread) => return self.unreadable(&parcel, unread).await,
        };
        let (content, settled) = match read {
            Read::Unasked => {
                let settled = parcel.doubt.map(|_| Settled::SentAgain);
                let letter = Letter { parcel: &parcel, body: parcel.body.clone(), before: None, effect: None, settled };
                return self.write(letter).await;
            }
            Read::EditedSince => {
                let cause =
                    Cause::new(CauseKind::EditedSince, "somebody changed it in Gorgias while it was not confirmed");
                return self.settle(&parcel, State::Blocked, Some(cause), None, Some(Settled::EditedSince)).await;
            }
            Read::Holds(content, settled) => (content, settled),
        };
        let is_ours = parcel.image.as_ref().is_some_and(|image| image.wrote_id(&content));
        let choice = choose(&Facts::of(&parcel.body), &Facts::of(&content), &self.writes.over(is_ours));
        match choice {
            // The side effect is asked for all the same.
            Choice::Unchanged if self.action_for(&parcel).is_some() => {
                self.send(&parcel, &content, Sends::NOTHING_NEW, None).await
            }
            Choice::Blocked(cause) => self.settle(&parcel, State::Blocked, Some(cause), None, None).await,
            Choice::Unchanged if has_arrived(&parcel, settled) => self.found(&parcel, &content).await,
            Choice::Unchanged if is_known_from_us(&parcel) => self.stands(&parcel).await,
            Choice::Unchanged => self.settle(&parcel, State::Unchanged, None, None, None).await,
            Choice::Send(sends) => {
                // What arrived is not what is planned now: it is sent for the first time.
                self.send(&parcel, &content, sends, settled.filter(|settled| *settled != Settled::Found)).await
            }
        }
    }

    /// Sends of a parcel what is to be sent to a message that holds `content`.
    async fn send(
        &self,
        parcel: &Parcel,
        content: &Map<String, Value>,
        sends: Sends,
        settled: Option<Settled>,
    ) -> Result<Delivered, Unrecorded> {
        let body = body(&parcel.body, content, &sends);
        let before = self.keeps(parcel).then(|| Box::new(Before::new(parcel.target, content, &body)));
        // Where nothing else is kept of it, this is what verify goes by.
        let Sends { fills, replaces, lost, .. } = sends;
        let effect = before.is_none().then_some(Effect { fills, replaces, lost });
        self.write(Letter { parcel, body, before, effect, settled }).await
    }

    /// Whether what the target is before the update is kept. Once it was, each further update is noted beside it; where an
    /// earlier one went out and nothing was kept, what it was before is lost.
    pub(super) fn keeps(&self, parcel: &Parcel) -> bool {
        match &parcel.image {
            Some(image) => self.keeps_images || image.sent.is_some(),
            None => self.keeps_images && parcel.last == LastUpdate::None,
        }
    }

    /// The side effect that is asked for with this parcel: none that may have happened with it already, and would again.
    fn action_for(&self, parcel: &Parcel) -> Option<Action> {
        self.action.filter(|action| parcel.doubt.is_none() || !action.happens_each_time())
    }

    /// Writes a letter, try by try.
    async fn write(&self, letter: Letter<'_>) -> Result<Delivered, Unrecorded> {
        let Letter { parcel, body, before, effect, settled } = letter;
        if let Err(halt) = self.courier.permit().await {
            return Ok(Delivered::untouched(parcel, halt.cause()));
        }
        self.writer.record(Entry::Intent { turn: parcel.turn, before, effect }).await?;
        let external_id = Some(parcel.external_id.as_str());
        let action = self.action_for(parcel);
        let (sent, attempt) = self.courier.update(parcel.target, &body, action, external_id, &self.writer).await?;
        match sent {
            Sent::Updated(_) if action == Some(Action::Cancel) => {
                let cause = Cause::new(CauseKind::Cancelled, "deleted in Gorgias by --action cancel");
                self.settle(parcel, State::Absent, Some(cause), attempt, None).await
            }
            Sent::Updated(answer) => {
                let receipt = Receipt { settled, ..receipt(&answer, &body) };
                self.updated(parcel, receipt, attempt).await
            }
            Sent::Refused(cause) => self.settle(parcel, State::Failed, Some(cause), attempt, settled).await,
            Sent::Lost(cause) => self.settle(parcel, State::Unconfirmed, Some(cause), attempt, settled).await,
            Sent::Stopped { cause, may_be_written } => {
                self.release(parcel, may_be_written || parcel.doubt.is_some(), attempt, cause).await
            }
        }
    }

    /// It was read, and an update that was not confirmed had arrived.
    async fn found(&self, parcel: &Parcel, content: &Map<String, Value>) -> Result<Delivered, Unrecorded> {
        self.writer.record(Entry::Unsent { turn: parcel.turn }).await?;
        let receipt = Receipt { settled: Some(Settled::Found), ..receipt_of(content, &parcel.body) };
        self.updated(parcel, receipt, None).await
    }

    /// The account holds it because we wrote it, and has confirmed that: it is to be verified, and can be undone.
    async fn stands(&self, parcel: &Parcel) -> Result<Delivered, Unrecorded> {
        self.writer.record(Entry::Unsent { turn: parcel.turn }).await?;
        self.settle(parcel, State::Updated, None, None, None).await
    }

    /// The run stops between two tries: pending again if nothing can have been written, else unconfirmed.
    async fn release(
        &self,
        parcel: &Parcel,
        may_be_written: bool,
        attempt: Option<Attempt>,
        stop: Option<Cause>,
    ) -> Result<Delivered, Unrecorded> {
        let delivered = if may_be_written {
            let cause = Cause::new(CauseKind::LostAnswer, "the run stopped before it was confirmed");
            self.settle(parcel, State::Unconfirmed, Some(cause), attempt, None).await?
        } else {
            self.settle(parcel, State::Pending, None, attempt, None).await?
        };
        Ok(Delivered { stop: stop.map(StopCause), ..delivered })
    }

    async fn updated(
        &self,
        parcel: &Parcel,
        receipt: Receipt,
        attempt: Option<Attempt>,
    ) -> Result<Delivered, Unrecorded> {
        let receipt = Receipt { at: Some(self.courier.clock.now()), ..receipt };
        let receipt = Some((parcel.target.message, receipt));
        self.record(parcel, State::Updated, None, attempt, receipt).await
    }

    pub(super) async fn settle(
        &self,
        parcel: &Parcel,
        state: State,
        cause: Option<Cause>,
        mut attempt: Option<Attempt>,
        settled: Option<Settled>,
    ) -> Result<Delivered, Unrecorded> {
        if let Some(attempt) = &mut attempt {
            attempt.cause = attempt.cause.take().or_else(|| cause.clone());
        }
        let at = (settled == Some(Settled::EditedSince)).then(|| self.courier.clock.now());
        let receipt = settled
            .map(|settled| (parcel.target.message, Receipt { settled: Some(settled), at, ..Receipt::default() }));
        self.record(parcel, state, cause, attempt, receipt).await
    }

    async fn record(
        &self,
        parcel: &Parcel,
        state: State,
        cause: Option<Cause>,
        attempt: Option<Attempt>,
        receipt: Option<(crate::record::MessageId, Receipt)>,
    ) -> Result<Delivered, Unrecorded> {
        let turn = parcel.turn;
        self.writer.record(Entry::Outcome { turn, state, cause: cause.clone(), attempt, receipt }).await?;
        Ok(Delivered { target: parcel.target, state: Some(state), cause, stop: None })
    }
}

/// Whether the account holds the update because it was sent before.
fn has_arrived(parcel: &Parcel, settled: Option<Settled>) -> bool {
    // Where nothing is kept of what it held before, this is all that can be known: it went out, and is there.
    settled == Some(Settled::Found) || (settled.is_some() && parcel.image.is_none())
}

/// Whether what the account holds is known from our own updates.
fn is_known_from_us(parcel: &Parcel) -> bool {
    parcel.held.is_some() && parcel.image.as_ref().is_some_and(|image| image.sent.is_some())
}

/// What an answer to an update tells; nothing, where it was empty.
fn receipt(answer: &Answer, sent: &Map<String, Value>) -> Receipt {
    let held = serde_json::from_slice::<Map<String, Value>>(&answer.body).ok();
    held.map(|held| receipt_of(&held, sent)).unwrap_or_default()
}

fn receipt_of(held: &Map<String, Value>, sent: &Map<String, Value>) -> Receipt {
    let agreed = compare(sent, held).into_iter().map(|(_, agreement)| match agreement {
        Agreement::Equal => Agreed::Equal,
        Agreement::Normalised(_) => Agreed::Normalised,
        Agreement::Different => Agreed::Different,
    });
    Receipt { agreement: agreed.max(), readback: Some(Digest::of_held(held)), ..Receipt::default() }
}

impl Delivered {
    /// The parcel was not sent: the run stops, for the reason `stop` if it has one of its own.
    pub(super) fn untouched(parcel: &Parcel, stop: Option<Cause>) -> Self {
        Self { target: parcel.target, state: None, cause: None, stop: stop.map(StopCause) }
    }
}
