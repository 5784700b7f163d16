//! One field: try its alternatives, and take the first that yields something.

use jiff::Timestamp;

use super::scene::Scene;
use super::witness::{Event, Nobody, Witness};
use crate::mapping::coverage::looks_like_address;
use crate::mapping::node::Node;
use crate::mapping::recipe::{Alternative, Missing, Origin, Path, Recipe, When};
use crate::mapping::value::Value;

/// Why a field can't be made, without its name and without message content.
pub(super) type Reason = String;

impl<'n> Scene<'n> {
    /// The value that `recipe` yields, or none.
    pub(super) fn value(&self, recipe: &'n Recipe) -> Result<Option<Value<'n>>, Reason> {
        self.value_before(&mut Nobody, recipe)
    }

    /// The same, every step of it before `witness`.
    pub(super) fn value_before(
        &self,
        witness: &mut impl Witness,
        recipe: &'n Recipe,
    ) -> Result<Option<Value<'n>>, Reason> {
        for alternative in &recipe.alternatives {
            if !self.applies(witness, alternative.when.as_ref()) {
                continue;
            }
            if let Some(value) = self.alternative(witness, alternative, recipe.skips_blank)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// Whether the alternative under the condition `when` applies.
    pub(super) fn applies(&self, witness: &mut impl Witness, when: Option<&When>) -> bool {
        let Some(when) = when else { return true };
        let holds = self.holds(when);
        witness.see(if holds { Event::Holds(when) } else { Event::PassedOver(when) });
        holds
    }

    fn alternative(
        &self,
        witness: &mut impl Witness,
        alternative: &'n Alternative,
        skips_blank: bool,
    ) -> Result<Option<Value<'n>>, Reason> {
        let table = alternative.table.and_then(|index| self.tables.get(index));
        witness.see(Event::Tries(table, alternative.test.as_ref()));
        let default = alternative.default.as_ref().map(|constant| constant.value());
        let origin = match &alternative.origin {
            Origin::Constant(constant) => {
                witness.see(Event::Constant(constant));
                Some(constant.value())
            }
            Origin::Paths(paths) => self.first(witness, paths, skips_blank)?,
        };
        let Some(mut value) = origin else {
            if let Some(constant) = &alternative.default {
                witness.see(Event::Defaulted(constant));
            }
            return Ok(default);
        };
        for transform in &alternative.apply {
            value = transform.apply(value)?;
            witness.see(Event::Applied(transform, &value));
        }
        if let Some(table) = table {
            match (table.rows.get(&*value.text_form()), &alternative.default) {
                (Some(constant), _) => {
                    witness.see(Event::Translated(table, constant));
                    value = constant.value();
                }
                (None, Some(constant)) => {
                    witness.see(Event::NotIn(table));
                    witness.see(Event::Defaulted(constant));
                    return Ok(default);
                }
                (None, None) => {
                    witness.see(Event::NotIn(table));
                    return Err(not_in(&value.text_form(), &table.name));
                }
            }
        }
        if let Some(test) = &alternative.test {
            value = Value::Boolean(test.constant.is(&value) == test.equal);
            witness.see(Event::Tested(test, &value));
        }
        Ok(Some(value))
    }

    fn first(
        &self,
        witness: &mut impl Witness,
        paths: &[Path],
        skips_blank: bool,
    ) -> Result<Option<Value<'n>>, Reason> {
        for path in paths {
            let Some(node) = self.find(path) else {
                witness.see(Event::Absent(self, path));
                continue;
            };
            let Some(value) = Value::of(node) else {
                let what = if matches!(node, Node::List(_)) { "a list" } else { "an object" };
                return Err(format!("`{}` is {what}, where a single value is needed", path.text));
            };
            let blank = matches!(&value, Value::Text(text) if text.trim().is_empty());
            if skips_blank && blank {
                witness.see(Event::Blank(path));
                continue;
            }
            witness.see(Event::Read(path, &value));
            return Ok(Some(value));
        }
        Ok(None)
    }

    /// Why `recipe` yields nothing.
    pub(super) fn why_none(&self, recipe: &Recipe) -> Reason {
        let mut reasons = Vec::new();
        for alternative in &recipe.alternatives {
            if alternative.when.as_ref().is_some_and(|when| !self.holds(when)) {
                continue;
            }
            if let Origin::Paths(paths) = &alternative.origin {
                reasons.extend(paths.iter().map(|path| self.why_missing(path)));
            }
        }
        if reasons.is_empty() { "none of its conditions holds".to_owned() } else { reasons.join(", ") }
    }
}

fn not_in(value: &str, table: &str) -> Reason {
    // The values of a closed list are short. Anything longer is no such value, and might be message content.
    match value.chars().count() {
        _ if looks_like_address(value) => format!("an address is not in table {table}"),
        0..=40 => format!("`{value}` is not in table {table}"),
        length => format!("a value of {length} characters is not in table {table}"),
    }
}

/// What `recipe` does where it yields nothing.
pub(super) fn blocks(recipe: &Recipe) -> bool {
    recipe.missing == Missing::Block
}

/// The value as text.
pub(super) fn text(value: Value<'_>) -> Result<String, Reason> {
    match value {
        Value::Text(text) => Ok(text.into_owned()),
        Value::Integer(_) | Value::Boolean(_) => {
            Err(format!("{}, where text is needed: add `to_string`", value.kind().words()))
        }
        Value::Fraction(_) | Value::Time(_) => Err(format!("{}, where text is needed", value.kind().words())),
    }
}

/// The value as a time. That every chain for one ends with a time is proven when the mapping is compiled.
pub(super) fn time(value: Value<'_>) -> Result<Timestamp, Reason> {
    match value {
        Value::Time(at) => Ok(at),
        other => Err(format!("{}, where a time is needed: add `datetime`", other.kind().words())),
    }
}

/// The value as a boolean.
pub(super) fn boolean(value: Value<'_>) -> Result<bool, Reason> {
    match value {
        Value::Boolean(value) => Ok(value),
        other => Err(format!("{}, where a boolean is needed: add `boolean`", other.kind().words())),
    }
}

/// The value as a whole number that is not negative, such as an id or a size.
pub(super) fn count(value: Value<'_>) -> Result<u64, Reason> {
    match value {
        Value::Integer(number) => {
            u64::try_from(number).map_err(|_| "a negative number or one that is too large".to_owned())
        }
        other => Err(format!("{}, where a whole number is needed: add `integer`", other.kind().words())),
    }
}

/// The value as a version: a whole number as it is, a time in microseconds.
pub(super) fn version(value: Value<'_>) -> Result<i64, Reason> {
    match value {
        Value::Integer(number) => i64::try_from(number).map_err(|_| "a number that is too large".to_owned()),
        Value::Time(at) => Ok(at.as_microsecond()),
        other => Err(format!("{}, where a whole number or a time is needed", other.kind().words())),
    }
}
