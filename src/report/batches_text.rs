//! How the plan's batches stand, as a table.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::checkpoint::{Batch, Standing};
use crate::record::{State, grouped};

/// Batches that follow each other and are shown in one line.
struct Row<'a> {
    first: &'a Batch,
    last: &'a Batch,
    batches: Vec<&'a Batch>,
}

/// The batches as a table; those that follow each other and are all done, or all pending, share a line.
pub fn batches_text(batches: &[Batch]) -> String {
    let rows = rows(batches);
    let numbers: Vec<_> = rows.iter().map(numbers).collect();
    let width = numbers.iter().map(|numbers| numbers.chars().count()).max().unwrap_or_default();
    let mut text = format!("  {:<width$}  {:<11}  messages\n", "batch", "", width = width.max(5));
    for (row, numbers) in rows.iter().zip(&numbers) {
        let standing = row.first.standing().words();
        let messages = grouped(row.batches.iter().map(|batch| batch.messages()).sum());
        let width = width.max(5);
        // Writing into a string can't fail.
        let _ = writeln!(text, "  {numbers:<width$}  {standing:<11}  {messages:>8}: {}", outcomes(&row.batches));
    }
    text + &unfinished(batches)
}

/// The batches as JSON, each by itself.
pub fn batches_json(batches: &[Batch]) -> Value {
    let batches = batches.iter().map(|batch| {
        let outcomes: Map<_, _> =
            batch.states.iter().map(|(state, number)| (state.word().to_owned(), (*number).into())).collect();
        json!({
            "batch": batch.number,
            "standing": batch.standing().words(),
            "messages": batch.messages(),
            "outcomes": outcomes,
        })
    });
    batches.collect()
}

fn rows(batches: &[Batch]) -> Vec<Row<'_>> {
    let is_folded = |a: &Batch, b: &Batch| {
        a.standing() == b.standing() && matches!(a.standing(), Standing::Done | Standing::Pending)
    };
    let runs = batches.chunk_by(is_folded);
    let rows =
        runs.filter_map(|run| Some(Row { first: run.first()?, last: run.last()?, batches: run.iter().collect() }));
    rows.collect()
}

fn numbers(row: &Row<'_>) -> String {
    let (first, last) = (row.first.number, row.last.number);
    // As they are typed behind --batch, where a comma separates them.
    if first == last { first.to_string() } else { format!("{first}–{last}") }
}

fn outcomes(batches: &[&Batch]) -> String {
    let of = |state: State| -> u64 {
        let states = batches.iter().flat_map(|batch| &batch.states);
        states.filter(|(known, _)| *known == state).map(|(_, number)| number).sum()
    };
    let numbers = State::ALL.into_iter().map(|state| (state, of(state))).filter(|(_, number)| *number > 0);
    numbers.map(|(state, number)| format!("{} {}", grouped(number), state.word())).collect::<Vec<_>>().join(", ")
}

/// How many batches are in which state, in one line.
fn unfinished(batches: &[Batch]) -> String {
    let standings = [Standing::Done, Standing::PartlyDone, Standing::Failed, Standing::Pending];
    let numbers = standings.map(|standing| (standing, batches.iter().filter(|one| one.standing() == standing).count()));
    let numbers = numbers.into_iter().filter(|(_, number)| *number > 0);
    let numbers: Vec<_> =
        numbers.map(|(standing, number)| format!("{} {}", grouped(number as u64), standing.words())).collect();
    let all =
        if batches.len() == 1 { "1 batch".to_owned() } else { format!("{} batches", grouped(batches.len() as u64)) };
    format!("\n  {all}: {}\n", if numbers.is_empty() { "the plan is empty".to_owned() } else { numbers.join(", ") })
}
