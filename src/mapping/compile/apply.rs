//! Chains of transforms: `apply = ["trim", { truncate = 80 }]`.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::Compiler;
use super::dom::{self, Value};
use crate::mapping::transform::{Argument, Given, Prepared, Transform};
use crate::mapping::value::{Constant, Type};

const WANTED: &str = "a transform's name, or a table with its argument such as { truncate = 80 }";

impl Compiler<'_> {
    /// Compiles the chain; `kind` and `end` follow what it gives, and where that is written.
    pub(super) fn apply(&mut self, spec: &DeTable<'_>, kind: &mut Type, end: &mut Range<usize>) -> Vec<Prepared> {
        let Some(value) = dom::get(spec, "apply") else { return Vec::new() };
        let steps = match value.get_ref() {
            DeValue::Array(list) => list.iter().collect(),
            _ => vec![value],
        };
        let mut chain = Vec::with_capacity(steps.len());
        for step in steps {
            let Some((transform, place)) = self.transform(step) else {
                *kind = Type::Any;
                continue;
            };
            if *kind != Type::Any && !transform.accepts.contains(kind) {
                let message = format!("`{}` takes {}", transform.name, transform.takes());
                self.findings.add(place, message, format!("what comes before gives {}", kind.words()));
            }
            *kind = transform.gives;
            *end = step.span();
            chain.extend(self.prepared(transform, step));
        }
        chain
    }

    /// The transform that a step names, and where it does.
    fn transform(&mut self, step: &Value<'_>) -> Option<(&'static Transform, Range<usize>)> {
        let (name, place) = match step.get_ref() {
            DeValue::String(name) => (name.clone().into_owned(), self.findings.place(step)),
            DeValue::Table(table) => {
                let entries = dom::entries(table);
                let [only] = entries.as_slice() else {
                    let label = "each transform is a table of its own";
                    self.findings.add(step.span(), "a transform with more than one name, or none", label);
                    return None;
                };
                (only.key.to_owned(), only.span.clone())
            }
            _ => {
                self.findings.add_wrong_type("apply", step, WANTED);
                return None;
            }
        };
        let transform = Transform::from_name(&name);
        if transform.is_none() {
            let names = Transform::ALL.iter().map(|transform| transform.name);
            self.findings.add_unknown(place.clone(), format!("unknown transform `{name}`"), &name, names);
        }
        Some((transform?, place))
    }

    /// The transform with its argument.
    fn prepared(&mut self, transform: &'static Transform, step: &Value<'_>) -> Option<Prepared> {
        let name = transform.name;
        let argument = match step.get_ref() {
            DeValue::Table(table) => dom::get(table, name),
            _ => None,
        };
        let Some(argument) = argument else {
            if let Argument::Needed(what) = transform.argument {
                let label = format!("written as {{ {name} = … }}: {what}");
                self.findings.add(self.findings.place(step), format!("`{name}` needs an argument"), label);
                return None;
            }
            return self.prepare(transform, &[], step.span());
        };
        if transform.argument == Argument::None {
            self.findings.add(argument.span(), format!("`{name}` has no argument"), format!("write \"{name}\""));
            return None;
        }
        let values = self.argument(name, argument)?;
        let (constants, written): (Vec<_>, Vec<_>) = values.into_iter().unzip();
        let given = Given { values: &constants, timezone: self.timezone.as_ref() };
        match transform.prepare(&given) {
            Ok(prepared) => Some(prepared),
            Err(bad) => {
                let place = written.get(bad.index).map(|value| self.findings.part_of(value, bad.part));
                let place = place.unwrap_or_else(|| argument.span());
                self.findings.add(place, format!("`{name}`: {}", bad.message), bad.label);
                None
            }
        }
    }

    fn prepare(&mut self, transform: &'static Transform, values: &[Constant], place: Range<usize>) -> Option<Prepared> {
        let given = Given { values, timezone: self.timezone.as_ref() };
        match transform.prepare(&given) {
            Ok(prepared) => Some(prepared),
            Err(bad) => {
                self.findings.add(place, format!("`{}`: {}", transform.name, bad.message), bad.label);
                None
            }
        }
    }

    /// The values of an argument, and how they are written: one, or those of a list.
    fn argument<'a, 'i>(&mut self, name: &str, value: &'a Value<'i>) -> Option<Vec<(Constant, &'a Value<'i>)>> {
        let values = match value.get_ref() {
            DeValue::Array(list) => list.iter().collect(),
            _ => vec![value],
        };
        let constants = values.into_iter().map(|value| Some((self.findings.as_constant(name, value)?, value)));
        constants.collect::<Vec<_>>().into_iter().collect()
    }
}
