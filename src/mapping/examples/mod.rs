//! Examples of a mapping: records, and what must become of them.
//!
//! They stand beside the mapping, as `mine.test.toml` beside `mine.toml`, and are checked as it is: a mistake in them is
//! shown at its place before any of them runs. An example names the fields that it is about; others are not looked at. What
//! the mapping makes must also be a valid update, as in a run.
//!
//! ```text
//! text ─▶ read (and sorts: what each field holds) ─▶ Example
//! Example ─▶ mapped, taken to pieces (parts) ─▶ compare ─▶ Mismatch
//! ```

mod compare;
mod expected;
mod parts;
mod read;
mod sorts;

pub use compare::Mismatch;
pub use read::Example;
