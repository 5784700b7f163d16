//! The report as JSON, for machines; the same numbers as the text.

use serde_json::{Value, json};

use super::effects::why_lost;
use super::run_text::per_second;
use super::warnings::warnings;
use super::{Report, SeenScan};
use crate::export::shown;
use crate::record::{Action, State};
use crate::run::Excluded;
use crate::update::FieldName;

/// The name and version of the schema; raised when a field changes its meaning or goes.
pub const SCHEMA: &str = "deskferry.report/1";

/// The report as JSON. `kind` is `plan`, `run` or `status`.
pub fn to_json(report: &Report, kind: &str) -> Value {
    let mut all = what_for(report, kind);
    for part in [numbers(report), changes(report), sending(report)] {
        if let (Value::Object(all), Value::Object(part)) = (&mut all, part) {
            all.extend(part);
        }
    }
    all
}

/// What the report is of.
fn what_for(report: &Report, kind: &str) -> Value {
    json!({
        "schema": SCHEMA,
        "report": kind,
        "made": report.at.to_string(),
        "account": report.side.account,
        "system": report.system,
        "mapping": report.pins.mapping_origin,
        "write": report.pins.writes.write.word(),
        "also": report.pins.writes.also.iter().map(|also| also.word()).collect::<Vec<_>>(),
        "undo": report.undo,
        "selected": report.selected.as_ref().map(|selected| selected.typed.trim()),
        "action": report.action.map(Action::word),
        "waived": report.waived(),
        "checks": report.preflight.as_ref().map(|preflight| &preflight.checks),
        "scan": report.scan.as_ref().map(|seen| scan(report, seen)),
        "at_work": report.at_work.as_ref().map(|at_work| at_work.to_json(report.at)),
        "inputs": report.inputs().iter().map(|path| shown(path)).collect::<Vec<_>>(),
        "records": report.pins.records,
    })
}

/// How many messages there are, of which sort, and what became of them.
fn numbers(report: &Report) -> Value {
    let totals = &report.totals;
    let outcomes: serde_json::Map<_, _> =
        State::ALL.into_iter().map(|state| (state.word().to_owned(), totals.of(state).into())).collect();
    let by_channel: Vec<_> = totals
        .states
        .iter()
        .map(|row| json!({"state": row.state.word(), "channel": row.channel, "kind": row.kind, "messages": row.count}))
        .collect();
    let matched = totals.matched.iter().map(|(rule, number)| json!({"rule": rule.word(), "messages": number}));
    let settled = totals.settled.iter().map(|(settled, number)| json!({"how": settled.words(), "messages": number}));
    let unexpected = report
        .unexpected
        .iter()
        .map(|one| json!({"field": one.field, "what": one.what, "done": one.done, "times": one.times}));
    json!({
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
        "matched": matched.collect::<Vec<_>>(),
        "settled": settled.collect::<Vec<_>>(),
        "causes": causes(report),
        "warnings": warnings(report),
        "unexpected": unexpected.collect::<Vec<_>>(),
        "excluded": report.excluded.as_ref().map(excluded),
        "unsafe_blocked": report.unsafe_blocked(),
    })
}

fn excluded(excluded: &Excluded) -> Value {
    let lines = excluded.unmatched.iter().map(|(path, line)| json!({"file": shown(path), "line": line}));
    json!({
        "entries": excluded.entries,
        "unmatched": excluded.unmatched.len(),
        "unmatched_lines": lines.collect::<Vec<_>>(),
        "out_of_reach": excluded.out_of_reach,
        "updated_earlier": excluded.updated_earlier,
    })
}

fn causes(report: &Report) -> Vec<Value> {
    let causes = report.totals.causes.iter().map(|row| {
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
    });
    causes.collect()
}

/// What the plan changes in the account.
fn changes(report: &Report) -> Value {
    let for_good = report.for_good().into_iter();
    let for_good =
        for_good.map(|(field, number)| json!({"field": field.name(), "messages": number, "why": why_lost(field)}));
    json!({
        "written": fields(&report.written()),
        "fills": fields(&report.fills()),
        "replaces": fields(&report.replaces()),
        "not_written": fields(&report.unwritten()),
        "for_good": for_good.collect::<Vec<_>>(),
        "inline_images": report.inline_images(),
        "delta": report.delta.map(|delta| json!({
            "new": delta.new, "changed": delta.changed, "kept": delta.kept, "gone": delta.gone,
        })),
    })
}

/// What sending takes, and took.
fn sending(report: &Report) -> Value {
    let forecast = report.forecast();
    let runs = report.runs.iter().map(|run| {
        json!({
            "run": run.id,
            "command": run.command,
            "started": run.started.to_string(),
            "finished": run.finished.map(|at| at.to_string()),
            "requests": run.requests,
            "throttled": run.throttled,
            "per_second": per_second(run),
            "ended": run.ended,
            "action": run.asked.map(|(action, messages)| json!({"action": action.word(), "messages": messages})),
        })
    });
    json!({
        "forecast": {
            "messages": report.to_send(),
            "requests": forecast.requests,
            "ticket_reads": forecast.ticket_reads,
            "message_reads": forecast.message_reads,
            "seconds": forecast.time.map(|time| time.as_secs_f64()),
            "rate": report.side.pace.rate.to_string(),
            "reserve": report.side.pace.reserve.to_string(),
        },
        "attempts": report.totals.attempts,
        "runs": runs.collect::<Vec<_>>(),
        "this_run": report.counters.map(|counters| json!({
            "requests": counters.requests,
            "throttled": counters.throttled,
            "bucket_peak": counters.peak,
        })),
    })
}

fn fields(fields: &[(FieldName, u64)]) -> Vec<Value> {
    fields.iter().map(|(field, number)| json!({"field": field.name(), "messages": number})).collect()
}

fn scan(report: &Report, seen: &SeenScan) -> Value {
    json!({
        "path": seen.pinned.path.display().to_string(),
        "id": seen.pinned.id,
        "mode": seen.pinned.mode.word(),
        "finished": seen.finished.map(|at| at.to_string()),
        "age_seconds": seen.finished.map(|at| report.at.duration_since(at).as_secs()),
    })
}
