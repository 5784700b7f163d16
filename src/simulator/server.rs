//! The shell: a thread of its own that serves the core over HTTP on a loopback address.
//!
//! It has a runtime of its own, so that it works beside whatever runtime its caller has, or none.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;
use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;

use super::answer::{Answer, Request};
use super::change::{Change, Seed, TicketSeed};
use super::core::Simulator;
use super::store::{Store, StoreError};
use super::{SeedError, wire};

/// A stand-in that serves HTTP. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Why the stand-in can't serve.
#[derive(Debug, Error)]
pub enum ServerError {
    /// Whoever reaches it may change what it holds.
    #[error("{0} is no loopback address: the simulator listens to this machine alone, such as at 127.0.0.1")]
    NotLoopback(SocketAddr),
    /// The address is taken, or the like.
    #[error("failed to listen at {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// There is no thread or runtime to be had.
    #[error("failed to start the simulator's thread")]
    Thread(#[source] io::Error),
    /// What was to be seeded contradicts the account.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// What was seeded could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    started: Timestamp,
    since: Instant,
}

#[derive(Debug)]
struct State {
    simulator: Simulator,
    store: Option<Store>,
}

impl Server {
    /// Starts to serve at `bind`, a loopback address; with port 0 the system chooses one. What the store holds must be
    /// in the simulator already, as [`Store::open`] leaves it.
    pub fn start(simulator: Simulator, bind: SocketAddr, store: Option<Store>) -> Result<Self, ServerError> {
        if !bind.ip().is_loopback() {
            return Err(ServerError::NotLoopback(bind));
        }
        let refused = |source| ServerError::Bind { address: bind, source };
        let listener = TcpListener::bind(bind).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(ServerError::Thread)?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener).map_err(refused)?
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(State { simulator, store }),
            started: Timestamp::now(),
            since: Instant::now(),
        });
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("simulator".to_owned())
            .spawn(move || serve(&runtime, &listener, &served, stopped))
            .map_err(ServerError::Thread)?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Looks at the simulator, changes how it behaves, or lets something happen in it; no request is answered meanwhile.
    /// What happens is stored. What is seeded here is not: [`Server::seed`] does that.
    pub fn with<T>(&self, look: impl FnOnce(&mut Simulator) -> T) -> T {
        let mut state = self.shared.lock();
        let seen = look(&mut state.simulator);
        state.keep_what_happened();
        seen
    }

    /// Makes messages exist, keeps them in the store, and returns how many of them are new.
    pub fn seed(&self, seeds: impl IntoIterator<Item = Seed>) -> Result<usize, ServerError> {
        self.seed_each(seeds, Simulator::seed)
    }

    /// Gives tickets their properties, keeps those in the store, and returns how many tickets had none before.
    pub fn seed_tickets(&self, seeds: impl IntoIterator<Item = TicketSeed>) -> Result<usize, ServerError> {
        self.seed_each(seeds, Simulator::seed_ticket)
    }

    fn seed_each<S>(
        &self,
        seeds: impl IntoIterator<Item = S>,
        each: impl Fn(&mut Simulator, S) -> Result<Option<Change>, SeedError>,
    ) -> Result<usize, ServerError> {
        let mut state = self.shared.lock();
        let mut changes = Vec::new();
        let mut refused = None;
        for seed in seeds {
            match each(&mut state.simulator, seed) {
                Ok(change) => changes.extend(change),
                Err(error) => {
                    refused = Some(error);
                    break;
                }
            }
        }
        state.keep(&changes)?;
        refused.map_or(Ok(changes.len()), |error| Err(error.into()))
    }

    /// Closes every connection and ends the thread.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It fails only where the thread has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has ended too, and there is nothing left to stop.
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

impl State {
    fn keep(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.store.as_mut().map_or(Ok(()), |store| store.keep(changes))
    }

    /// Keeps what happened apart from a request. Where that fails it stays due, and the next answer tells.
    fn keep_what_happened(&mut self) {
        let happened = std::mem::take(self.simulator.unstored());
        if self.keep(&happened).is_err() {
            *self.simulator.unstored() = happened;
        }
    }
}

impl Shared {
    /// Answers a request now, and keeps what it changed before anybody hears of it.
    pub(super) fn answer(&self, request: &Request<'_>) -> Answer {
        let mut state = self.lock();
        let answer = state.simulator.answer(request, self.now());
        match state.keep(&answer.changes) {
            Ok(()) => answer,
            Err(error) => Answer::refusal(500, &error.to_string()),
        }
    }

    /// Does something with the simulator that needs no answer.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Simulator) -> T) -> T {
        act(&mut self.lock().simulator)
    }

    /// The wall's time at the start and the steady clock since: it never goes back.
    fn now(&self) -> Timestamp {
        let since = SignedDuration::try_from(self.since.elapsed()).unwrap_or(SignedDuration::MAX);
        self.started.checked_add(since).unwrap_or(Timestamp::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves a state that is still worth looking at.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn serve(
    runtime: &Runtime,
    listener: &tokio::net::TcpListener,
    shared: &Arc<Shared>,
    mut stopped: oneshot::Receiver<()>,
) {
    // Dropping the runtime afterwards drops the connections with it.
    runtime.block_on(async {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = &mut stopped => break,
            };
            let Ok((stream, _)) = accepted else {
                // Out of descriptors, most likely: others must end first.
                tokio::task::yield_now().await;
                continue;
            };
            // It fails on a connection that is gone already.
            let _ = stream.set_nodelay(true);
            let shared = Arc::clone(shared);
            tokio::spawn(async move {
                let service = service_fn(|request| wire::handle(Arc::clone(&shared), request));
                // An error here is a client that went, or a fate that we chose.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
}
