//! The order in which people list files: `part2` before `part10`.

use std::cmp::Ordering;

/// Compares with runs of digits as numbers and letters without case; what is equal so, as it is written.
pub(super) fn order(left: &str, right: &str) -> Ordering {
    let (mut a, mut b) = (left, right);
    while let (Some(x), Some(y)) = (a.chars().next(), b.chars().next()) {
        let (run_a, run_b) = (digits(a), digits(b));
        let (step, taken_a, taken_b) = if run_a.is_empty() || run_b.is_empty() {
            (x.to_lowercase().cmp(y.to_lowercase()), x.len_utf8(), y.len_utf8())
        } else {
            let (p, q) = (run_a.trim_start_matches('0'), run_b.trim_start_matches('0'));
            (p.len().cmp(&q.len()).then(p.cmp(q)), run_a.len(), run_b.len())
        };
        if step.is_ne() {
            return step;
        }
        (a, b) = (&a[taken_a..], &b[taken_b..]);
    }
    a.len().cmp(&b.len()).then(left.cmp(right))
}

fn digits(text: &str) -> &str {
    let end = text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}
