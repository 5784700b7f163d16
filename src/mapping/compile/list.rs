//! Lists made of lists: `attachments`, and `source.to`, `.cc`, `.bcc`.

use toml::de::DeTable;

use super::Compiler;
use super::dom::{self, Value};
use super::field::stronger;
use super::resolve::Scope;
use super::want::Want;
use crate::mapping::recipe::{ListAlternative, ListRecipe, Missing};

/// What an element is made of, in the order in which the evaluator takes the parts.
pub(super) struct Parts {
    pub(super) names: &'static [(&'static str, Want)],
    pub(super) needed: &'static [&'static str],
}

/// The parts of an attachment.
pub(super) const ATTACHMENT: Parts = Parts {
    names: &[("url", Want::Text), ("name", Want::Text), ("size", Want::Integer), ("content_type", Want::Text)],
    needed: &["url", "name", "content_type"],
};

/// The parts of an address.
pub(super) const ADDRESS: Parts =
    Parts { names: &[("name", Want::Filled), ("address", Want::Filled)], needed: &["address"] };

/// The keys of a list.
pub(super) const KEYS: &[&str] = &["each", "when", "skip", "fields", "required", "when_missing"];

impl Compiler<'_> {
    /// Compiles the list `name`. Without a recipe, the reason was noted.
    pub(super) fn list(&mut self, name: &str, value: &Value<'_>, parts: &Parts, scope: &Scope) -> Option<ListRecipe> {
        let mut missing = Missing::Keep;
        let mut alternatives = Vec::new();
        for (spec, span) in self.specs(name, value) {
            self.findings.check_keys(spec, "key", &format!(" of `{name}`"), KEYS);
            missing = stronger(missing, self.missing(spec, name, name == "attachments"));
            if dom::get(spec, "each").is_none() {
                self.findings.add(span, format!("`{name}` has no `each`"), "the path to a list is needed");
            }
            alternatives.push(self.list_alternative(spec, name, parts, scope));
        }
        let alternatives = alternatives.into_iter().collect::<Option<Vec<_>>>()?;
        (!alternatives.is_empty()).then(|| ListRecipe { name: name.to_owned(), alternatives, missing })
    }

    fn list_alternative(
        &mut self,
        spec: &DeTable<'_>,
        name: &str,
        parts: &Parts,
        scope: &Scope,
    ) -> Option<ListAlternative> {
        let when = self.when(spec, scope);
        let written = self.findings.text_at(spec, "each")?;
        let each = self.each(&written, scope)?;
        let inner = scope.each(&each);
        let skip = match self.findings.text_at(spec, "skip") {
            Some(written) => Some(self.condition(&written, &inner)?),
            None => None,
        };
        let names: Vec<_> = parts.names.iter().map(|(part, _)| *part).collect();
        let Some(fields) = self.findings.table_at(spec, "fields") else {
            if dom::get(spec, "fields").is_none() {
                let hint = Some(format!("valid: {}", names.join(", ")));
                self.findings.add_hinted(
                    written.span,
                    format!("`{name}` has no `fields`"),
                    "what is read of each element?",
                    hint,
                );
            }
            return None;
        };
        self.findings.check_keys(fields, "part", &format!(" of `{name}`"), &names);
        for part in parts.needed.iter().filter(|part| dom::get(fields, part).is_none()) {
            self.findings.add(
                written.span.clone(),
                format!("`{name}` has no `{part}`"),
                format!("its `fields` must map `{part}`"),
            );
        }
        let recipes = parts.names.iter().map(|(part, want)| {
            let value = dom::get(fields, part)?;
            self.recipe(&format!("{name}.{part}"), value, *want, &inner)
        });
        let recipes = recipes.collect();
        Some(ListAlternative { when: when?, each, depth: inner.depth(), skip, parts: recipes })
    }
}
