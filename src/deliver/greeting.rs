//! The first word with an account: is it there, and does it let us in?

use tokio::time::sleep;

use super::verdict::{not_now, stops, unanswered};
use super::{Delivery, Halt, StopCause};
use crate::gorgias::{Answer, Lost, Request, Transport};
use crate::record::{Cause, CauseKind};

/// Tries for the first word: a wrong address should be told in seconds.
const GREETINGS: u32 = 4;

impl<T: Transport> Delivery<T> {
    /// Asks for the account itself, so that a wrong domain or key is known before an update is on its way.
    ///
    /// # Errors
    /// With the reason for which no update of this run could work.
    pub async fn greet(&self) -> Result<(), StopCause> {
        let mut tried = 0;
        loop {
            tried += 1;
            match self.courier.permit().await {
                Ok(()) => {}
                Err(Halt::Stopping) => return Ok(()),
                Err(Halt::CutOff(cause)) => return Err(StopCause(cause)),
            }
            match read(&self.courier.ask(Request::account()).await) {
                Greeting::Welcome => return Ok(()),
                Greeting::Stop(cause) => return Err(StopCause(cause)),
                Greeting::Again(cause) if tried >= GREETINGS => return Err(StopCause(cause)),
                Greeting::Again(_) => sleep(self.courier.backoff.wait(tried, fastrand::f64())).await,
            }
        }
    }
}

enum Greeting {
    Welcome,
    Again(Cause),
    Stop(Cause),
}

fn read(answer: &Result<Answer, Lost>) -> Greeting {
    let answer = match answer {
        Ok(answer) => answer,
        Err(lost) => return Greeting::Again(unanswered(lost).1),
    };
    if let Some(cause) = stops(answer) {
        return Greeting::Stop(cause);
    }
    if let Some((_, detail)) = not_now(answer) {
        return Greeting::Again(Cause::new(CauseKind::Unavailable, detail));
    }
    match answer.status {
        200..=299 => Greeting::Welcome,
        status => {
            let detail = format!("{status} to the first request: this does not answer as a Gorgias account does");
            Greeting::Stop(Cause::new(CauseKind::WrongDomain, detail))
        }
    }
}
