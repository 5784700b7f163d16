//! The wire to a virtual account, on which a test makes things happen to single requests.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deskferry::deliver::{Backoff, Courier, Pace, Pacer, Rate};
use deskferry::gorgias::{Answer, Lost, Request, Transport};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::sleep;

use super::virtual_account::VirtualAccount;

/// What happens to a request.
pub enum Turn {
    /// Nothing.
    Goes,
    /// It goes so much later, as after a laptop was closed.
    GoesAfter(Duration),
    /// Its cursor is not taken.
    Refused,
    /// What is asked for was merged, and nobody says into what.
    Merged,
    /// There is no connection.
    Lost,
    /// The answer's body is changed on its way.
    Comes(fn(&mut Value)),
}

type Script = dyn Fn(u64, &Request) -> Turn + Send + Sync;

/// The wire to an account; its script says what happens to the n-th request, from 1.
#[derive(Clone)]
pub struct Wire {
    account: VirtualAccount,
    asked: Arc<AtomicU64>,
    script: Arc<Script>,
}

impl Wire {
    pub fn to(account: &VirtualAccount, script: impl Fn(u64, &Request) -> Turn + Send + Sync + 'static) -> Self {
        Self { account: account.clone(), asked: Arc::default(), script: Arc::new(script) }
    }

    /// A wire on which nothing happens.
    pub fn plain(account: &VirtualAccount) -> Self {
        Self::to(account, |_, _| Turn::Goes)
    }

    /// How many requests were made on it.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// A courier along it, without a limit of its own.
    pub fn courier(&self, stopping: watch::Receiver<bool>) -> Courier<Self> {
        Courier {
            transport: self.clone(),
            pacer: Arc::new(Pacer::new(Pace::typed(Rate::Unlimited), Backoff::default())),
            backoff: Backoff::default(),
            clock: self.account.clock(),
            stopping,
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wire({} asked)", self.asked())
    }
}

impl Transport for Wire {
    async fn send(&self, request: Request) -> Result<Answer, Lost> {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        match (self.script)(turn, &request) {
            Turn::Goes => self.account.send(request).await,
            Turn::GoesAfter(wait) => {
                sleep(wait).await;
                self.account.send(request).await
            }
            Turn::Refused => {
                let body = json!({"error": {"msg": "Invalid cursor."}}).to_string().into_bytes();
                Ok(Answer { status: 400, body, ..Answer::default() })
            }
            Turn::Merged => Ok(Answer { status: 301, ..Answer::default() }),
            Turn::Lost => Err(Lost::NotReached("the cable is out".into())),
            Turn::Comes(change) => {
                let mut answer = self.account.send(request).await?;
                let mut body = serde_json::from_slice(&answer.body).expect("JSON");
                change(&mut body);
                answer.body = body.to_string().into_bytes();
                Ok(answer)
            }
        }
    }
}
