//! `deskferry` carries the messages of another helpdesk into Gorgias.
//!
//! It works in two passes, and data only ever goes forward through them:
//!
//! ```text
//! pass 1   export ─▶ mapping ─▶ update ─▶ plan        reads everything, sends nothing
//! pass 2   plan ─▶ deliver ─▶ outcome ─▶ report       follows the plan, at the account's pace
//! ```
//!
//! Each stage is a module and knows only the types of the one before it; [`run`] joins them, and [`checkpoint`] keeps
//! what they come to. [`record`] holds the words that all of them share. [`account`] looks at what the account holds,
//! before and after, and [`scan`] keeps a copy of it on this machine. [`gorgias`] talks to the account, and [`simulator`]
//! stands in for it. No stage prints, reads the environment or asks for the time by itself: [`cli`] hands
//! those in.

pub mod account;
pub mod checkpoint;
pub mod cli;
pub mod deliver;
pub mod export;
pub mod gorgias;
pub mod mapping;
pub mod plan;
pub mod record;
pub mod report;
pub mod run;
pub mod scan;
pub mod simulator;
pub mod update;
