//! `expr = "…"` and the values that it is given: `with = { name = "path" }`.

use toml::de::DeTable;

use super::Compiler;
use super::dom::{self, Written};
use super::resolve::Scope;
use crate::mapping::expression::{Expression, FILTERS, LONGEST, Name, TESTS, Use, names};
use crate::mapping::recipe::{Origin, Path};

impl Compiler<'_> {
    /// Compiles the expression of a spec.
    pub(super) fn expression(&mut self, spec: &DeTable<'_>, scope: &Scope) -> Option<Origin> {
        let written = self.findings.text_at(spec, "expr")?;
        let with = self.with(spec, scope);
        let length = written.text.chars().count();
        if length > LONGEST {
            let message = format!("`expr` has {length} characters, of {LONGEST} at most");
            self.findings.add(written.inner(), message, "make several ways of it, or transforms");
            return None;
        }
        let expression = match Expression::compile(&written.text) {
            Ok(expression) => expression,
            Err(what) => {
                self.findings.add(written.inner(), format!("`expr` can't be read: {what}"), "this is no expression");
                return None;
            }
        };
        let before = self.findings.len();
        let given: Vec<_> = with.iter().map(|(name, _)| name.text.as_str()).collect();
        let names = names(&written.text);
        for name in &names {
            self.check_name(name, &written, &given);
        }
        let is_needed = |given: &str| names.iter().any(|name| name.used_as == Use::Value && name.word == given);
        for (name, _) in with.iter().filter(|(name, _)| !is_needed(&name.text)) {
            let message = format!("`expr` does not use `{}`", name.text);
            self.findings.add(name.span.clone(), message, "leave it out, or use it");
        }
        if self.findings.len() > before {
            return None;
        }
        let with = with.into_iter().map(|(name, path)| Some((name.text, path?)));
        Some(Origin::Expression(expression, with.collect::<Option<_>>()?))
    }

    /// What an expression is given: names, and paths that could be read.
    fn with(&mut self, spec: &DeTable<'_>, scope: &Scope) -> Vec<(Written, Option<Path>)> {
        let Some(table) = self.findings.table_at(spec, "with") else { return Vec::new() };
        let entries = dom::entries(table).into_iter();
        let values = entries.map(|entry| {
            let path = self.findings.as_text(entry.key, entry.value).and_then(|path| self.path(&path, scope));
            (Written::of_key(entry.key, entry.span), path)
        });
        values.collect()
    }

    fn check_name(&mut self, name: &Name, written: &Written, given: &[&str]) {
        let place = written.part(name.span.clone());
        let word = &name.word;
        match name.used_as {
            Use::Value if !given.contains(&word.as_str()) => {
                let message = format!("`{word}` is not among what `expr` is given");
                self.findings.add_unknown(place, message, word, given.iter().copied());
            }
            Use::Filter if !FILTERS.contains(&word.as_str()) => {
                self.findings.add_unknown(place, format!("unknown filter `{word}`"), word, FILTERS);
            }
            Use::Test if !TESTS.contains(&word.as_str()) => {
                self.findings.add_unknown(place, format!("unknown test `{word}`"), word, TESTS);
            }
            Use::Function => {
                self.findings.add(
                    place,
                    format!("unknown function `{word}`"),
                    "an expression has filters, but no functions",
                );
            }
            Use::Method => {
                let label = "an expression has filters, but no functions: write a | upper";
                self.findings.add(place, "a value has no functions", label);
            }
            Use::Value | Use::Filter | Use::Test => {}
        }
    }
}
