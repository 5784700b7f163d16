//! Lists made of lists: `attachments`, and `source.to`, `.cc`, `.bcc`.

use std::ops::Range;

use toml::de::DeTable;

use super::Compiler;
use super::dom::{self, Value};
use super::field::stronger;
use super::resolve::Scope;
use super::spec::Wish;
use super::want::Want;
use crate::mapping::recipe::{ListAlternative, ListRecipe, Missing};
use crate::mapping::transform::Prepared;
use crate::mapping::value::Type;

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
pub(super) const KEYS: &[&str] = &["each", "apply", "when", "skip", "fields", "required", "when_missing"];

impl Compiler<'_> {
    /// Compiles the list `name`. Without a recipe, the reason was noted.
    pub(super) fn list(&mut self, name: &str, value: &Value<'_>, parts: &Parts, scope: &Scope) -> Option<ListRecipe> {
        let mut missing = Missing::Keep;
        let mut alternatives = Vec::new();
        for (spec, span) in self.specs(name, value) {
            self.findings.check_keys(spec, "key", &format!(" of `{name}`"), KEYS);
            let wish = self.missing(spec, name, name == "attachments");
            let alternative = self.list_alternative(spec, span, name, parts, scope);
            alternatives.push(alternative.map(|one| ListAlternative { skips: wish == Wish::Skip, ..one }));
            missing = stronger(missing, wish);
        }
        let alternatives = alternatives.into_iter().collect::<Option<Vec<_>>>()?;
        (!alternatives.is_empty()).then(|| ListRecipe { name: name.to_owned(), alternatives, missing })
    }

    fn list_alternative(
        &mut self,
        spec: &DeTable<'_>,
        span: Range<usize>,
        name: &str,
        parts: &Parts,
        scope: &Scope,
    ) -> Option<ListAlternative> {
        let when = self.when(spec, scope);
        // Without `each`, the one element is made of what is around it.
        let (each, inner, place) = if dom::get(spec, "each").is_some() {
            let written = self.findings.text_at(spec, "each")?;
            let each = self.each(&written, scope)?;
            let inner = scope.each(std::slice::from_ref(&each));
            (Some(each), inner, written.span)
        } else {
            (None, scope.clone(), span)
        };
        let apply = self.apply_to_elements(spec, name, each.is_some());
        let skip = match self.findings.text_at(spec, "skip") {
            Some(written) => Some(self.condition(&written, &inner)?),
            None => None,
        };
        let names: Vec<_> = parts.names.iter().map(|(part, _)| *part).collect();
        let Some(fields) = self.findings.table_at(spec, "fields") else {
            if dom::get(spec, "fields").is_none() {
                let hint = Some(format!("valid: {}", names.join(", ")));
                let label = "what is read of each element?";
                self.findings.add_hinted(place, format!("`{name}` has no `fields`"), label, hint);
            }
            return None;
        };
        self.findings.check_keys(fields, "part", &format!(" of `{name}`"), &names);
        for part in parts.needed.iter().filter(|part| dom::get(fields, part).is_none()) {
            let label = format!("its `fields` must map `{part}`");
            self.findings.add(place.clone(), format!("`{name}` has no `{part}`"), label);
        }
        let recipes = parts.names.iter().map(|(part, want)| {
            let value = dom::get(fields, part)?;
            self.recipe(&format!("{name}.{part}"), value, *want, &inner)
        });
        let recipes = recipes.collect();
        let depth = inner.depth();
        Some(ListAlternative { when: when?, each, apply, depth, skip, skips: false, parts: recipes })
    }
    /// The chain that makes a list of what stands where a list should be.
    fn apply_to_elements(&mut self, spec: &DeTable<'_>, name: &str, has_each: bool) -> Vec<Prepared> {
        let Some(value) = dom::get(spec, "apply") else { return Vec::new() };
        if !has_each {
            self.findings.add(value.span(), format!("`{name}` has `apply`, but no `each`"), "what should it work on?");
        }
        let (mut kind, mut end) = (Type::Any, value.span());
        let before = self.findings.len();
        let chain = self.apply(spec, &mut kind, &mut end);
        if kind != Type::List && self.findings.len() == before {
            let label = format!("this gives {}", kind.words());
            let hint = Some("end it with `addresses`, or with `split` and a separator".to_owned());
            self.findings.add_hinted(end, format!("`apply` of `{name}` must give a list"), label, hint);
        }
        chain
    }
}
