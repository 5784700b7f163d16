//! Stage 2: map a record to a draft of an update, as a TOML file says.
//!
//! A mapping is data and not a program. It is compiled once: every path becomes a list of key numbers in one tree of
//! what is read (its shape), every name an index, every chain of transforms is checked for its types, and what can't be
//! right is refused with the line and a mark under the word ([`Diagnostic`]). What it can't express (`action`, a
//! cleared
//! `sent_datetime`, a message without one that is no note) can't happen later.
//!
//! ```text
//! text ─▶ dom ─▶ compile (syntax, types, proofs) ─▶ Mapping
//! record ─▶ node, pruned by the shape ─▶ eval ─▶ Mapped: a draft, skipped, or blocked, each with its reason
//! ```

pub mod builtin;
mod compile;
mod compiled;
mod coverage;
mod diagnostic;
mod doubles;
mod eval;
mod examples;
mod expression;
mod file;
mod lookup;
mod mapped;
mod matching;
mod nearest;
mod node;
pub mod proposal;
mod recipe;
mod shape;
mod surprise;
mod syntax;
mod transform;
mod value;

pub use compile::schema::{SCHEMA_FILE, schema};
pub use compiled::Mapping;
pub use coverage::{Coverage, NeverThere, Sample, SampleKind, Unread, kinds_of, looks_like_address};
pub use diagnostic::{Diagnostic, MappingError};
pub use doubles::Doubles;
pub use eval::{Awaited, FieldStory, Outcome, Reader, Seen, Step, Story, Unmet};
pub use examples::{Example, Mismatch};
pub use lookup::{Lookup, LookupBuilder, LookupNeed, Lookups};
pub use mapped::{Mapped, MappedResult};
pub use matching::Matching;
pub use surprise::{Done, Surprise, Surprises};
pub use transform::Transform;
pub(crate) use transform::mailbox::{address, list as addresses};
pub use value::Type;
