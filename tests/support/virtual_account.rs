//! An account in virtual time: the simulator's core on tokio's clock, without socket and thread.
//!
//! For tests with a paused clock: a night's run then takes seconds, and what is measured is exact.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use deskferry::deliver::Clock;
use deskferry::gorgias::{Answer, Lost, Method, Request, RetryAfter, Transport};
use deskferry::simulator::{self, Counters, Fate, Seed, Settings, Simulator};
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

/// When every virtual night begins.
const START: Timestamp = Timestamp::constant(1_800_000_000, 0);
/// How long the real client waits for an answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// An account in virtual time. Clones are the same account: one is sent through, another looked at.
#[derive(Debug, Clone)]
pub struct VirtualAccount(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// When the account was made, on tokio's clock.
    origin: Instant,
    /// Answers take up to so long beyond the simulator's own latency.
    jitter: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    simulator: Simulator,
    dice: fastrand::Rng,
    exchanges: Vec<Exchange>,
    /// When others ask something of the account, the next time first.
    others: VecDeque<Duration>,
    /// How many of their requests the account has refused.
    others_refused: u64,
    outages: Vec<Outage>,
}

/// A time in which the account is away.
#[derive(Debug, Clone)]
pub struct Outage {
    pub time: Range<Duration>,
    pub how: Away,
}

/// How an account is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    /// There is no connection.
    NoConnection,
    /// Nothing is answered.
    Silent,
    /// Everything is answered with 503.
    Down,
    /// The same, and each answer asks for so many seconds.
    Asking(u64),
    /// Updates are answered with 500 after they were written; what is read is there.
    FailingUpdates,
}

/// A request and when its answer came, in time since the account was made.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub begun: Duration,
    /// When the client knew what came of it.
    pub ended: Duration,
    pub is_update: bool,
    /// Ticket and message, where it is about one.
    pub target: Option<(u64, u64)>,
    /// The status that the client saw.
    pub status: Option<u16>,
}

impl VirtualAccount {
    /// An account that behaves as `settings` say and holds the messages `targets`, tickets first.
    pub fn new(settings: Settings, jitter: Duration, targets: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let dice = fastrand::Rng::with_seed(settings.seed);
        let mut simulator = Simulator::new(settings);
        for (ticket, message) in targets {
            simulator.seed(Seed::new(ticket, message)).expect("the account takes it");
        }
        let state = State {
            simulator,
            dice,
            exchanges: Vec::new(),
            others: VecDeque::new(),
            others_refused: 0,
            outages: Vec::new(),
        };
        Self(Arc::new(Shared { origin: Instant::now(), jitter, state: Mutex::new(state) }))
    }

    /// Others use it, too: one request at each of `times`.
    pub fn used_by_others(&self, times: impl IntoIterator<Item = Duration>) {
        let mut times: Vec<_> = times.into_iter().collect();
        times.sort();
        self.state().others = times.into();
    }

    /// How many requests of others it has refused, because the bucket was full.
    pub fn others_refused(&self) -> u64 {
        self.state().others_refused
    }

    /// It is away for a time.
    pub fn is_away(&self, time: Range<Duration>, how: Away) {
        self.state().outages.push(Outage { time, how });
    }

    /// The time of day there.
    pub fn clock(&self) -> Clock {
        let origin = self.0.origin;
        Clock::new(move || time_of_day(origin.elapsed()))
    }

    /// How long the account has been there.
    pub fn elapsed(&self) -> Duration {
        self.0.origin.elapsed()
    }

    pub fn counters(&self) -> Counters {
        self.state().simulator.counters()
    }

    pub fn with<T>(&self, look: impl FnOnce(&mut Simulator) -> T) -> T {
        look(&mut self.state().simulator)
    }

    /// Everything that was asked, in the order in which it was asked.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.state().exchanges.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().expect("no test panics in here")
    }
}

impl Transport for VirtualAccount {
    async fn send(&self, request: Request) -> Result<Answer, Lost> {
        let method = match request.method {
            Method::Get => "GET",
            Method::Put => "PUT",
        };
        let begun = self.elapsed();
        let (number, in_flight, answer, late) = {
            let mut state = self.state();
            state.let_others_ask(begun);
            let in_flight = state.simulator.begin(method, &request.path);
            let body = request.body.as_deref().unwrap_or_default();
            let asked = simulator::Request { method, path: &request.path, authorization: None, body };
            let away = state.away(begun).filter(|away| *away != Away::FailingUpdates || method == "PUT");
            let reaches = away.is_none_or(|away| away == Away::FailingUpdates);
            let answer = reaches.then(|| state.simulator.answer(&asked, time_of_day(begun)));
            let late = self.0.jitter.mul_f64(state.dice.f64());
            let is_update = request.method == Method::Put;
            let target = target(&request.path);
            state.exchanges.push(Exchange { begun, ended: Duration::MAX, is_update, target, status: None });
            (state.exchanges.len() - 1, in_flight, answer.filter(|_| away.is_none()).ok_or(away), late)
        };
        let lost = |reason: &str| Err(Lost::NoAnswer(reason.to_owned()));
        let status = |status| Ok(Answer { status, ..Answer::default() });
        let (wait, heard) = match answer {
            Err(Some(Away::NoConnection)) => (late, Err(Lost::NotReached("no route".to_owned()))),
            Err(Some(Away::Down)) => (late, status(503)),
            Err(Some(Away::Asking(seconds))) => {
                let retry_after = Some(RetryAfter::Seconds(seconds));
                (late, Ok(Answer { status: 503, retry_after, ..Answer::default() }))
            }
            Err(Some(Away::FailingUpdates)) => (late, status(500)),
            Err(Some(Away::Silent) | None) => (PATIENCE, lost("no answer in time")),
            Ok(answer) => match answer.fate {
                Fate::Answered { after } => (after + late, Ok(read(answer))),
                Fate::Truncated { after } => (after + late, lost("half an answer")),
                Fate::Reset => (late, lost("connection reset")),
                Fate::Hang => (PATIENCE, lost("no answer in time")),
            },
        };
        sleep(wait).await;
        let mut state = self.state();
        state.simulator.finish(in_flight);
        let exchange = &mut state.exchanges[number];
        exchange.ended = self.0.origin.elapsed();
        exchange.status = heard.as_ref().ok().map(|answer| answer.status);
        heard
    }
}

impl State {
    /// Everything that others ask until `now` comes first.
    fn let_others_ask(&mut self, now: Duration) {
        while let Some(at) = self.others.pop_front_if(|at| *at <= now) {
            let asked = simulator::Request {
                method: "GET",
                path: "/api/account",
                authorization: None,
                body: Default::default(),
            };
            let answer = self.simulator.answer(&asked, time_of_day(at));
            self.others_refused += u64::from(answer.status == 429);
        }
    }

    fn away(&self, now: Duration) -> Option<Away> {
        self.outages.iter().find(|outage| outage.time.contains(&now)).map(|outage| outage.how)
    }
}

fn time_of_day(elapsed: Duration) -> Timestamp {
    START + SignedDuration::try_from(elapsed).expect("a night")
}

/// Reads `/api/tickets/5/messages/50`.
fn target(path: &str) -> Option<(u64, u64)> {
    let (ticket, message) = path.strip_prefix("/api/tickets/")?.split_once("/messages/")?;
    Some((ticket.parse().ok()?, message.parse().ok()?))
}

/// What the client would make of an answer that arrives whole.
fn read(answer: simulator::Answer) -> Answer {
    let head = Answer::head(answer.status, |name| answer.header(name));
    Answer { body: answer.body, ..head }
}
