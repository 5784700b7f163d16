//! The stand-in for Gorgias: an account in memory that behaves as the API is documented to, and badly when asked to.
//!
//! It is there for rehearsals (`--simulate`, `deskferry simulator`) and for our own tests, so it must not share our
//! mistakes: nothing here imports another part of the crate. It is written from the facts about the API alone, and
//! where those are silent it takes the side that hurts the client most, because a client that survives that survives
//! the real one.
//!
//! It comes in two layers:
//!
//! - a pure core, [`Simulator`]: `(request, now) → answer`, without clock, thread or file, so that a night's run can be
//!   played in virtual time. What an answer should suffer on the wire is part of it, as a [`Fate`];
//! - a shell around it, [`Server`]: HTTP on a loopback address, which carries the fates out, and [`Store`], which keeps
//!   what was applied in a file, so that several runs meet the same account.
//!
//! An account is not alone: [`Event`]s are what other people do to it meanwhile, [`Reactions`] what its own automation
//! does after an update, and [`Storing`] what it changes of what it is given. All of that, but for how answers look, is
//! kept as [`Change`]s.
//!
//! Besides the API it answers under `/simulator`, where tests and curious people ask what it has seen:
//! `GET /simulator/state`, `/simulator/messages` and `/simulator/requests`, and `POST /simulator/seed`.

mod account;
mod answer;
mod bucket;
mod change;
mod check;
mod control;
mod core;
mod faults;
mod field;
mod happening;
mod hexadecimal;
mod html;
mod index;
mod journal;
mod lists;
mod luck;
mod message;
mod moment;
mod page;
mod people;
mod query;
mod reaction;
mod route;
mod seeding;
mod serve;
mod server;
mod settings;
mod shape;
mod spoil;
mod store;
mod storing;
mod ticket;
mod wire;

pub use self::account::{Account, Target};
pub use self::answer::{Answer, Fate, MAX_BODY, Request};
pub use self::change::{Action, Change, Happened, Reacted, Seed, SeedLine, TicketSeed, Update};
pub use self::core::Simulator;
pub use self::faults::{Fault, Faults, FaultsError, Moment, Strike};
pub use self::happening::{Event, HappeningError};
pub use self::journal::{Counters, Entry, InFlight};
pub use self::message::{Message, Received};
pub use self::reaction::{Reaction, Reactions, ReactionsError};
pub use self::seeding::SeedError;
pub use self::server::{Server, ServerError};
pub use self::settings::{Access, Limit, LimitError, Settings};
pub use self::store::{Store, StoreError};
pub use self::storing::Storing;
pub use self::ticket::Ticket;
