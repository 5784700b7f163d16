//! One way to make a value: `{ from = …, apply = […], … }`.

use std::ops::Range;

use toml::de::DeTable;

use super::Compiler;
use super::dom::{self, Written};
use super::resolve::Scope;
use super::want::Want;
use crate::mapping::recipe::{Alternative, Missing, Origin, Test, When};
use crate::mapping::transform::Transform;
use crate::mapping::value::Type;

/// The keys of a spec.
pub(super) const KEYS: &[&str] =
    &["from", "value", "when", "apply", "table", "is", "is_not", "default", "required", "when_missing"];

/// What `when_missing` can ask for.
pub(super) const WHEN_MISSING: [&str; 3] = ["keep", "clear", "block"];

impl Compiler<'_> {
    /// Compiles one way to make the field `name`, which takes `want`.
    pub(super) fn alternative(
        &mut self,
        spec: &DeTable<'_>,
        span: Range<usize>,
        name: &str,
        want: Want,
        scope: &Scope,
    ) -> Option<Alternative> {
        self.findings.check_keys(spec, "key", &format!(" of `{name}`"), KEYS);
        let when = self.when(spec, scope);
        let (origin, mut kind, mut end) = self.origin(spec, span, name, scope)?;
        let before = self.findings.len();
        let apply = self.apply(spec, &mut kind, &mut end);
        let table = self.table(spec, &mut kind, &mut end, name, want);
        let test = self.test(spec, &mut kind, &mut end);
        match (&origin, apply.is_empty() && table.is_none() && test.is_none()) {
            (Origin::Constant(constant), true) => self.check_constant(name, want, constant, end),
            // A chain that is wrong in the middle is not blamed again for its end; a table's values were checked one by
            // one.
            _ if self.findings.len() > before => {}
            _ if table.is_some() && test.is_none() => {}
            _ => self.check_end(name, want, kind, end),
        }
        let default = dom::get(spec, "default").and_then(|value| {
            let constant = self.findings.as_constant("default", value)?;
            self.check_constant(name, want, &constant, self.findings.place(value));
            Some(constant)
        });
        Some(Alternative { when: when?, origin, apply, table, test, default })
    }

    /// The condition under `when`. The outer option tells whether it could be read.
    #[expect(clippy::option_option, reason = "no condition and a wrong one are two things")]
    pub(super) fn when(&mut self, spec: &DeTable<'_>, scope: &Scope) -> Option<Option<When>> {
        if dom::get(spec, "when").is_none() {
            return Some(None);
        }
        let written = self.findings.text_at(spec, "when")?;
        self.condition(&written, scope).map(Some)
    }

    /// What becomes of a missing value: `required` and `when_missing`.
    pub(super) fn missing(&mut self, spec: &DeTable<'_>, name: &str, may_clear: bool) -> Missing {
        let required = self.findings.flag_at(spec, "required");
        let Some(written) = self.findings.text_at(spec, "when_missing") else {
            return if required { Missing::Block } else { Missing::Keep };
        };
        let missing = match written.text.as_str() {
            "keep" => Missing::Keep,
            "clear" => Missing::Clear,
            "block" => Missing::Block,
            other => {
                let message = format!("unknown choice `{other}`");
                self.findings.add_unknown(written.inner(), message, other, WHEN_MISSING);
                return Missing::Keep;
            }
        };
        if missing == Missing::Clear && !may_clear {
            self.findings.add(written.inner(), format!("`{name}` can't be cleared"), clear_reason(name));
        } else if required && missing != Missing::Block {
            self.findings.add(written.inner(), "`required` and `when_missing` contradict each other", "leave one out");
        }
        missing
    }

    fn origin(
        &mut self,
        spec: &DeTable<'_>,
        span: Range<usize>,
        name: &str,
        scope: &Scope,
    ) -> Option<(Origin, Type, Range<usize>)> {
        match (dom::get(spec, "from"), dom::get(spec, "value")) {
            (Some(from), None) => {
                let written = self.findings.texts_at(spec, "from")?;
                if written.is_empty() {
                    self.findings.add(from.span(), format!("`{name}` reads nothing"), "at least one path is needed");
                }
                let paths: Vec<_> = written.iter().map(|path| self.path(path, scope)).collect();
                let paths = paths.into_iter().collect::<Option<_>>()?;
                Some((Origin::Paths(paths), Type::Any, from.span()))
            }
            (None, Some(value)) => {
                let constant = self.findings.as_constant("value", value)?;
                let kind = constant.kind();
                Some((Origin::Constant(constant), kind, self.findings.place(value)))
            }
            (Some(_), Some(value)) => {
                let message = format!("`{name}` has both `from` and `value`");
                self.findings.add_hinted(
                    value.span(),
                    message,
                    "leave one out",
                    Some("a value for what is missing is `default`".to_owned()),
                );
                None
            }
            (None, None) => {
                // A mistyped `from` was named already.
                if dom::entries(spec).iter().all(|entry| KEYS.contains(&entry.key)) {
                    self.findings.add(
                        span,
                        format!("`{name}` has neither `from` nor `value`"),
                        "nothing to make it from",
                    );
                }
                None
            }
        }
    }

    fn apply(&mut self, spec: &DeTable<'_>, kind: &mut Type, end: &mut Range<usize>) -> Vec<&'static Transform> {
        let mut chain = Vec::new();
        for written in self.findings.texts_at(spec, "apply").unwrap_or_default() {
            let Some(transform) = Transform::from_name(&written.text) else {
                self.add_unknown_transform(&written);
                *kind = Type::Any;
                continue;
            };
            if *kind != Type::Any && !transform.accepts.contains(kind) {
                let message = format!("`{}` takes {}", transform.name, transform.takes());
                self.findings.add(written.inner(), message, format!("what comes before gives {}", kind.words()));
            }
            *kind = transform.gives;
            *end = written.span.clone();
            chain.push(transform);
        }
        chain
    }

    fn add_unknown_transform(&mut self, written: &Written) {
        let names = Transform::ALL.iter().map(|transform| transform.name);
        self.findings.add_unknown(
            written.inner(),
            format!("unknown transform `{}`", written.text),
            &written.text,
            names,
        );
    }

    fn table(
        &mut self,
        spec: &DeTable<'_>,
        kind: &mut Type,
        end: &mut Range<usize>,
        name: &str,
        want: Want,
    ) -> Option<usize> {
        let written = self.findings.text_at(spec, "table")?;
        if *kind == Type::Time {
            self.findings.add(written.inner(), "a table has no times", "what comes before gives a time");
        }
        let Some(index) = self.tables.iter().position(|table| table.name == written.text) else {
            let names: Vec<_> = self.tables.iter().map(|table| table.name.clone()).collect();
            let message = format!("unknown table `{}`", written.text);
            self.findings.add_unknown(written.inner(), message, &written.text, names.iter().map(String::as_str));
            return None;
        };
        // With `is` after it, the table's values are only compared.
        if dom::get(spec, "is").or_else(|| dom::get(spec, "is_not")).is_none() {
            for (constant, span) in self.table_values(index) {
                self.check_constant(name, want, &constant, span);
            }
        }
        *kind = Type::Any;
        *end = written.span;
        Some(index)
    }

    fn test(&mut self, spec: &DeTable<'_>, kind: &mut Type, end: &mut Range<usize>) -> Option<Test> {
        let (key, value) = match (dom::get(spec, "is"), dom::get(spec, "is_not")) {
            (Some(value), None) => ("is", value),
            (None, Some(value)) => ("is_not", value),
            (None, None) => return None,
            (Some(_), Some(value)) => {
                self.findings.add(value.span(), "both `is` and `is_not`", "leave one out");
                return None;
            }
        };
        if *kind == Type::Time {
            self.findings.add(value.span(), format!("`{key}` can't compare times"), "what comes before gives a time");
        }
        *kind = Type::Boolean;
        *end = value.span();
        let constant = self.findings.as_constant(key, value)?;
        Some(Test { constant, equal: key == "is" })
    }
}

fn clear_reason(name: &str) -> &'static str {
    match name {
        "sent_datetime" => "without it Gorgias may mail the message to the customer",
        "external_id" => "it is what every run is for",
        "channel" | "via" | "from_agent" => "the API requires it",
        _ => "only a whole field can be cleared",
    }
}
