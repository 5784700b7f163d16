//! The report as JSON, for machines; the same numbers as the text.

use serde_json::{Value, json};

use super::Report;
use super::run_text::per_second;
use crate::record::State;

/// The name and version of the schema; raised when a field changes its meaning or goes.
pub const SCHEMA: &str = "deskferry.report/1";

/// The report as JSON. `kind` is `plan`, `run` or `status`.
pub fn to_json(report: &Report, kind: &str) -> Value {
    let totals = &report.totals;
    let outcomes: serde_json::Map<_, _> =
        State::ALL.into_iter().map(|state| (state.word().to_owned(), totals.of(state).into())).collect();
    let by_channel: Vec<_> = totals
        .states
        .iter()
        .map(|row| json!({"state": row.state.word(), "channel": row.channel, "kind": row.kind, "messages": row.count}))
        .collect();
    let causes: Vec<_> = totals
        .causes
        .iter()
        .map(|row| {
            json!({
                "code": format!("C{}", row.id),
                "state": row.state.word(),
                "kind": row.cause.kind.name(),
                "detail": row.cause.detail,
                "advice": row.cause.kind.advice(),
                "messages": row.count,
                "example": {
                    "file": report.input_name(row.example.place.input),
                    "line": row.example.place.line,
                    "external_id": row.example.external_id,
                },
            })
        })
        .collect();
    let runs: Vec<_> = report
        .runs
        .iter()
        .map(|run| {
            json!({
                "run": run.id,
                "command": run.command,
                "started": run.started.to_string(),
                "finished": run.finished.map(|at| at.to_string()),
                "requests": run.requests,
                "throttled": run.throttled,
                "per_second": per_second(run),
                "ended": run.ended,
            })
        })
        .collect();
    json!({
        "schema": SCHEMA,
        "report": kind,
        "made": report.at.to_string(),
        "account": report.side.account,
        "system": report.system,
        "mapping": report.pins.mapping_origin,
        "write": report.pins.writes.write.word(),
        "also": report.pins.writes.also.iter().map(|also| also.word()).collect::<Vec<_>>(),
        "inputs": report.inputs().iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        "records": report.pins.records,
        "messages": totals.messages,
        "outcomes": outcomes,
        "balanced": report.balanced(),
        "batch_size": report.pins.batch_size,
        "batches": totals.messages.div_ceil(report.pins.batch_size.max(1)),
        "source_tickets": totals.source_tickets,
        "target_tickets": totals.target_tickets,
        "first_sent": totals.span.map(|(first, _)| first.to_string()),
        "last_sent": totals.span.map(|(_, last)| last.to_string()),
        "by_channel": by_channel,
        "causes": causes,
        "unsafe_blocked": report.unsafe_blocked(),
        "written": report.written().iter().map(|(field, number)| json!({"field": field.name(), "messages": number})).collect::<Vec<_>>(),
        "not_written": report.unwritten().iter().map(|(field, number)| json!({"field": field.name(), "messages": number})).collect::<Vec<_>>(),
        "inline_images": report.inline_images(),
        "forecast": {
            "messages": report.to_send(),
            "requests": report.forecast().requests,
            "seconds": report.forecast().time.map(|time| time.as_secs_f64()),
            "rate": report.side.rate.to_string(),
        },
        "delta": report.delta.map(|delta| json!({
            "new": delta.new, "changed": delta.changed, "kept": delta.kept, "gone": delta.gone,
        })),
        "attempts": totals.attempts,
        "runs": runs,
        "this_run": report.counters.map(|counters| json!({
            "requests": counters.requests,
            "throttled": counters.throttled,
            "bucket_peak": counters.peak,
        })),
    })
}
