//! One way to make a value: `{ from = …, apply = […], … }`.

use std::ops::Range;

use toml::de::DeTable;

use super::Compiler;
use super::dom;
use super::resolve::Scope;
use super::want::Want;
use crate::mapping::recipe::{Alternative, Origin, Path, PathRoot, Test, Unknown, When};
use crate::mapping::value::Type;

/// The keys of a spec.
pub(super) const KEYS: &[&str] = &[
    "from",
    "value",
    "template",
    "expr",
    "with",
    "when",
    "apply",
    "table",
    "is",
    "is_not",
    "default",
    "required",
    "when_missing",
    "when_unknown",
];

/// The keys of a spec that say where the value comes from.
pub(super) const SOURCES: [&str; 4] = ["from", "value", "template", "expr"];

/// What one way to make a value wishes where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Keep,
    Clear,
    Block,
    Skip,
}

impl Wish {
    const ALL: [(&'static str, Self); 4] =
        [("keep", Self::Keep), ("clear", Self::Clear), ("block", Self::Block), ("skip", Self::Skip)];
}

/// What `when_missing` can ask for.
pub(super) const WHEN_MISSING: [&str; 4] = ["keep", "clear", "block", "skip"];

/// What `when_unknown` can ask for.
pub(super) const WHEN_UNKNOWN: [&str; 3] = ["default", "block", "skip"];

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
        if let Some(with) = dom::get(spec, "with").filter(|_| dom::get(spec, "expr").is_none()) {
            self.findings.add(with.span(), "`with` without `expr`", "only an expression is given values by name");
        }
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
        let unknown = self.unknown(spec);
        Some(Alternative { when: when?, origin, apply, table, test, default, unknown, skips: false })
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
    pub(super) fn missing(&mut self, spec: &DeTable<'_>, name: &str, may_clear: bool) -> Wish {
        let required = self.findings.flag_at(spec, "required");
        let Some(written) = self.findings.text_at(spec, "when_missing") else {
            return if required { Wish::Block } else { Wish::Keep };
        };
        let Some((_, wish)) = Wish::ALL.into_iter().find(|(word, _)| *word == written.text) else {
            let message = format!("unknown choice `{}`", written.text);
            self.findings.add_unknown(written.inner(), message, &written.text, WHEN_MISSING);
            return Wish::Keep;
        };
        if wish == Wish::Clear && !may_clear {
            self.findings.add(written.inner(), format!("`{name}` can't be cleared"), clear_reason(name));
        } else if required && wish != Wish::Block {
            self.findings.add(written.inner(), "`required` and `when_missing` contradict each other", "leave one out");
        }
        wish
    }

    /// What becomes of a value that the table does not know.
    fn unknown(&mut self, spec: &DeTable<'_>) -> Unknown {
        let default = dom::get(spec, "default").is_some();
        let usual = if default { Unknown::Default } else { Unknown::Block };
        let Some(written) = self.findings.text_at(spec, "when_unknown") else {
            return usual;
        };
        if dom::get(spec, "table").is_none() {
            self.findings.add(
                written.inner(),
                "`when_unknown` without `table`",
                "it is about what a table does not know",
            );
        }
        match written.text.as_str() {
            "block" => Unknown::Block,
            "skip" => Unknown::Skip,
            "default" => {
                if !default {
                    self.findings.add(written.inner(), "there is no `default`", "add `default`, or leave this out");
                }
                Unknown::Default
            }
            other => {
                let message = format!("unknown choice `{other}`");
                self.findings.add_unknown(written.inner(), message, other, WHEN_UNKNOWN);
                usual
            }
        }
    }

    fn origin(
        &mut self,
        spec: &DeTable<'_>,
        span: Range<usize>,
        name: &str,
        scope: &Scope,
    ) -> Option<(Origin, Type, Range<usize>)> {
        let mut sources = SOURCES.into_iter().filter_map(|key| Some((key, dom::get(spec, key)?)));
        match (sources.next(), sources.next()) {
            (Some((first, _)), Some((second, value))) => {
                let message = format!("`{name}` has both `{first}` and `{second}`");
                let hint = (second == "value").then(|| "a value for what is missing is `default`".to_owned());
                self.findings.add_hinted(value.span(), message, "leave one out", hint);
                None
            }
            (Some(("from", from)), None) => {
                let paths = self.paths(spec, from.span(), name, scope)?;
                let is_text = !paths.is_empty() && paths.iter().all(|path| matches!(path.root, PathRoot::File(_)));
                let kind = if is_text { Type::Text } else { Type::Any };
                Some((Origin::Paths(paths), kind, from.span()))
            }
            (Some(("value", value)), None) => {
                let constant = self.findings.as_constant("value", value)?;
                let kind = constant.kind();
                Some((Origin::Constant(constant), kind, self.findings.place(value)))
            }
            (Some(("expr", expr)), None) => Some((self.expression(spec, scope)?, Type::Any, expr.span())),
            (Some((_, template)), None) => {
                let written = self.findings.text_at(spec, "template")?;
                let made = self.template(&written, name, scope)?;
                Some((Origin::Template(made), Type::Text, template.span()))
            }
            (None, _) => {
                // A mistyped `from` was named already.
                if dom::entries(spec).iter().all(|entry| KEYS.contains(&entry.key)) {
                    let hint = Some(format!("one of: {}", SOURCES.join(", ")));
                    let message = format!("`{name}` has no source");
                    self.findings.add_hinted(span, message, "nothing to make it from", hint);
                }
                None
            }
        }
    }

    /// The paths under `from`.
    fn paths(&mut self, spec: &DeTable<'_>, span: Range<usize>, name: &str, scope: &Scope) -> Option<Vec<Path>> {
        let written = self.findings.texts_at(spec, "from")?;
        if written.is_empty() {
            self.findings.add(span, format!("`{name}` reads nothing"), "at least one path is needed");
        }
        // All of them, so that each mistake is found.
        let paths: Vec<_> = written.iter().map(|path| self.path(path, scope)).collect();
        paths.into_iter().collect()
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
        if *kind == Type::List {
            self.add_list_before(written.inner(), "table");
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
        if *kind == Type::List {
            self.add_list_before(value.span(), key);
        }
        *kind = Type::Boolean;
        *end = value.span();
        let constant = self.findings.as_constant(key, value)?;
        Some(Test { constant, equal: key == "is" })
    }

    /// Notes that a list comes before `key`, which takes a single value.
    fn add_list_before(&mut self, place: Range<usize>, key: &str) {
        let hint = Some("add `join` or `item` to `apply`".to_owned());
        let message = format!("`{key}` takes a single value");
        self.findings.add_hinted(place, message, "what comes before gives a list", hint);
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
