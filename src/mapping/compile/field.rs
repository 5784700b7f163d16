//! A field with a single value: one way to make it, or a list of ways.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::Compiler;
use super::dom::Value;
use super::resolve::Scope;
use super::spec::Wish;
use super::want::Want;
use crate::mapping::recipe::{Alternative, Missing, Origin, Recipe};

/// The fields with a single value that can be emptied in Gorgias.
pub(super) const CLEARABLE: [&str; 5] = ["body_html", "body_text", "failed_datetime", "message_id", "subject"];

impl Compiler<'_> {
    /// The tables of a field: one, or a list of alternatives.
    pub(super) fn specs<'a, 'i>(&mut self, name: &str, value: &'a Value<'i>) -> Vec<(&'a DeTable<'i>, Range<usize>)> {
        let wanted = "a table such as { from = \"…\" }, or a list of them";
        match value.get_ref() {
            DeValue::Table(spec) => vec![(spec, value.span())],
            DeValue::Array(list) => {
                if list.is_empty() {
                    self.findings.add_wrong_type(name, value, wanted);
                }
                let mut specs = Vec::new();
                for value in list {
                    match value.get_ref() {
                        DeValue::Table(spec) => specs.push((spec, value.span())),
                        _ => self.findings.add_wrong_type(name, value, wanted),
                    }
                }
                specs
            }
            _ => {
                self.findings.add_wrong_type(name, value, wanted);
                Vec::new()
            }
        }
    }

    /// Compiles the field `name`, which takes `want`. Without a recipe, the reason was noted.
    pub(super) fn recipe(&mut self, name: &str, value: &Value<'_>, want: Want, scope: &Scope) -> Option<Recipe> {
        let may_clear = CLEARABLE.contains(&name);
        // Without these there is no update at all, so that a missing one is told with its reason.
        let is_needed = matches!(name, "channel" | "from_agent" | "via");
        let mut missing = if is_needed { Missing::Block } else { Missing::Keep };
        let specs = self.specs(name, value);
        let mut alternatives = Vec::with_capacity(specs.len());
        let mut sure: Option<Range<usize>> = None;
        for (spec, span) in specs {
            if let Some(before) = sure.take() {
                self.findings.add(before, "the alternatives after this one are never used", "it needs a `when`");
            }
            let wish = self.missing(spec, name, may_clear);
            let alternative = self.alternative(spec, span.clone(), name, want, scope);
            let alternative = alternative.map(|one| Alternative { skips: wish == Wish::Skip, ..one });
            missing = stronger(missing, wish);
            if alternative.as_ref().is_some_and(|one| one.when.is_none() && is_constant(one)) {
                sure = Some(span);
            }
            alternatives.push(alternative);
        }
        let alternatives = alternatives.into_iter().collect::<Option<Vec<_>>>()?;
        let skips_blank = want == Want::Filled;
        (!alternatives.is_empty()).then(|| Recipe { name: name.to_owned(), alternatives, missing, skips_blank })
    }
}

fn is_constant(alternative: &Alternative) -> bool {
    matches!(alternative.origin, Origin::Constant(_)) || alternative.default.is_some()
}

/// Of two alternatives' wishes, the one that lets less slip by. To skip is a wish of the one alternative alone, and only
/// where it applies.
pub(super) fn stronger(one: Missing, other: Wish) -> Missing {
    match (one, other) {
        (Missing::Block, _) | (_, Wish::Block) => Missing::Block,
        (Missing::Clear, _) | (_, Wish::Clear) => Missing::Clear,
        (Missing::Keep, Wish::Keep | Wish::Skip) => Missing::Keep,
    }
}
