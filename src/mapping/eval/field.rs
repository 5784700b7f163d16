//! One field: try its alternatives, and take the first that yields something.

use jiff::Timestamp;

use super::scene::Scene;
use super::witness::{Event, Nobody, Witness};
use crate::mapping::coverage::looks_like_address;
use crate::mapping::expression::Expression;
use crate::mapping::node::Node;
use crate::mapping::recipe::{Alternative, Origin, Path, Recipe, Template, TemplatePiece, Unknown, When};
use crate::mapping::transform;
use crate::mapping::value::{Type, Value};

/// Why a field can't be made, without its name and without message content.
pub(super) type Reason = String;

/// What ends the making of a field.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The message is blocked.
    Blocks(Reason),
    /// The message is left out, as the mapping says.
    Skips(Reason),
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        Self::Blocks(reason)
    }
}

impl<'n> Scene<'n> {
    /// The value that `recipe` yields, or none.
    pub(super) fn value(&self, recipe: &'n Recipe) -> Result<Option<Value<'n>>, Stop> {
        self.value_before(&mut Nobody, recipe)
    }

    /// The same, every step of it before `witness`.
    pub(super) fn value_before(
        &self,
        witness: &mut impl Witness,
        recipe: &'n Recipe,
    ) -> Result<Option<Value<'n>>, Stop> {
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
    ) -> Result<Option<Value<'n>>, Stop> {
        let table = alternative.table.and_then(|index| self.tables.get(index));
        witness.see(Event::Tries(table, alternative.test.as_ref()));
        let default = alternative.default.as_ref().map(|constant| constant.value());
        let origin = match &alternative.origin {
            Origin::Constant(constant) => {
                witness.see(Event::Constant(constant));
                Some(constant.value())
            }
            Origin::Paths(paths) => {
                let takes_list =
                    alternative.apply.first().is_some_and(|one| one.transform.accepts.contains(&Type::List));
                self.first(witness, paths, skips_blank, takes_list)?
            }
            Origin::Template(template) => self.filled(witness, template, skips_blank)?,
            Origin::Expression(expression, with) => self.expression(witness, expression, with)?,
        };
        let Some(mut value) = origin else {
            if let Some(constant) = &alternative.default {
                witness.see(Event::Defaulted(constant));
            }
            return Ok(default);
        };
        for transform in &alternative.apply {
            let Some(made) = transform.apply(value)? else {
                witness.see(Event::FoundNothing(transform));
                if let Some(constant) = &alternative.default {
                    witness.see(Event::Defaulted(constant));
                }
                return Ok(default);
            };
            value = made;
            witness.see(Event::Applied(transform, &value));
        }
        // Only an expression can give one here: whatever else does is refused when the mapping is compiled.
        if value.kind() == Type::List && (table.is_some() || alternative.test.is_some()) {
            return Err("a list, where a single value is needed: add `join` or `item`".to_owned().into());
        }
        if let Some(table) = table {
            match (table.rows.get(&*value.text_form()), alternative.unknown, &alternative.default) {
                (Some(constant), _, _) => {
                    witness.see(Event::Translated(table, constant));
                    value = constant.value();
                }
                (None, Unknown::Default, Some(constant)) => {
                    witness.see(Event::NotIn(table, &value));
                    witness.see(Event::Defaulted(constant));
                    return Ok(default);
                }
                (None, Unknown::Skip, _) => {
                    witness.see(Event::NotIn(table, &value));
                    return Err(Stop::Skips(not_in(&value.text_form(), &table.name)));
                }
                (None, Unknown::Block | Unknown::Default, _) => {
                    witness.see(Event::NotIn(table, &value));
                    return Err(not_in(&value.text_form(), &table.name).into());
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
        takes_list: bool,
    ) -> Result<Option<Value<'n>>, Reason> {
        for path in paths {
            let list = if takes_list { self.find(path).and_then(Value::of_list) } else { None };
            let value = if list.is_some() { list } else { self.single(path)? };
            let Some(value) = value else {
                witness.see(Event::Absent(self, path));
                continue;
            };
            if skips_blank && is_blank(&value) {
                witness.see(Event::Blank(path));
                continue;
            }
            witness.see(Event::Read(path, &value));
            return Ok(Some(value));
        }
        Ok(None)
    }

    fn expression(
        &self,
        witness: &mut impl Witness,
        expression: &Expression,
        with: &[(String, Path)],
    ) -> Result<Option<Value<'n>>, Reason> {
        let mut values = Vec::with_capacity(with.len());
        for (name, path) in with {
            let node = self.find(path);
            let value = node.and_then(|node| Value::of(node).or_else(|| Value::of_list(node)));
            if node.is_some() && value.is_none() {
                return Err(format!("`{}` is neither a single value nor a list of them", path.text));
            }
            values.push((name.as_str(), value));
        }
        let value = expression.eval(&values)?;
        witness.see(Event::Computed(expression, value.as_ref()));
        Ok(value)
    }

    /// The text that `template` makes; none where a part of it is missing.
    fn filled(
        &self,
        witness: &mut impl Witness,
        template: &Template,
        skips_blank: bool,
    ) -> Result<Option<Value<'n>>, Reason> {
        let mut filled = String::new();
        for piece in &template.0 {
            let path = match piece {
                TemplatePiece::Text(text) => {
                    filled.push_str(text);
                    continue;
                }
                TemplatePiece::Path(path) => path,
            };
            let Some(value) = self.single(path)? else {
                witness.see(Event::Absent(self, path));
                return Ok(None);
            };
            witness.see(Event::Part(path, &value));
            let written = transform::write(value).map_err(|reason| format!("`{}`: {reason}", path.text))?;
            filled.push_str(&written.text_form());
        }
        let value = Value::Text(filled.into());
        witness.see(Event::Filled(&value));
        Ok(Some(value).filter(|value| !skips_blank || !is_blank(value)))
    }

    /// The single value at `path`; none where it is absent or null.
    fn single(&self, path: &Path) -> Result<Option<Value<'n>>, Reason> {
        let Some(node) = self.find(path) else { return Ok(None) };
        let what = if matches!(node, Node::List(_)) { "a list" } else { "an object" };
        let value = Value::of(node).ok_or_else(|| format!("`{}` is {what}, where a single value is needed", path.text));
        value.map(Some)
    }

    /// Whether `recipe`, which yields nothing, leaves the message out: one of the ways that apply says so.
    pub(super) fn skips(&self, recipe: &Recipe) -> bool {
        recipe.alternatives.iter().any(|one| one.skips && one.when.as_ref().is_none_or(|when| self.holds(when)))
    }

    /// Why `recipe` yields nothing.
    pub(super) fn why_none(&self, recipe: &'n Recipe) -> Reason {
        let mut seeker = Seeker::default();
        for alternative in &recipe.alternatives {
            if alternative.when.as_ref().is_none_or(|when| self.holds(when)) {
                // That it yields nothing is known; what it tells on the way is why.
                let _ = self.alternative(&mut seeker, alternative, recipe.skips_blank);
            }
        }
        let reasons = seeker.reasons;
        if reasons.is_empty() { "none of its conditions holds".to_owned() } else { reasons.join(", ") }
    }
}

/// Notes why there is nothing.
#[derive(Default)]
struct Seeker {
    reasons: Vec<Reason>,
    /// What was made last, in words.
    place: String,
}

impl Witness for Seeker {
    fn see(&mut self, event: Event<'_>) {
        match event {
            Event::Read(path, _) => self.place = format!("`{}`", path.text),
            Event::Filled(value) => {
                "its text".clone_into(&mut self.place);
                if is_blank(value) {
                    self.reasons.push("its text is empty".to_owned());
                }
            }
            Event::Computed(_, Some(_)) => "what `expr` gives".clone_into(&mut self.place),
            Event::Computed(_, None) => self.reasons.push("`expr` gives nothing".to_owned()),
            Event::Constant(_) => "its value".clone_into(&mut self.place),
            Event::Absent(scene, path) => self.reasons.push(scene.why_missing(path)),
            Event::Blank(path) => self.reasons.push(format!("`{}` is empty", path.text)),
            Event::FoundNothing(transform) => {
                self.reasons.push(format!("`{}` found nothing in {}", transform.transform.name, self.place));
            }
            _ => {}
        }
    }
}

fn is_blank(value: &Value<'_>) -> bool {
    matches!(value, Value::Text(text) if text.trim().is_empty())
}

/// Why a table does not know `value`.
///
/// The values of a closed list are short words. Anything longer is no such value, and might be message content, as an
/// address or a phone number is.
pub(super) fn not_in(value: &str, table: &str) -> Reason {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let is_phone = value.starts_with('+') && digits > 5;
    match value.chars().count() {
        _ if looks_like_address(value) => format!("an address is not in table {table}"),
        _ if is_phone => format!("a phone number is not in table {table}"),
        0..=40 => format!("`{value}` is not in table {table}"),
        length => format!("a value of {length} characters is not in table {table}"),
    }
}

/// The value as text.
pub(super) fn text(value: Value<'_>) -> Result<String, Reason> {
    match value {
        Value::Text(text) => Ok(text.into_owned()),
        Value::Integer(_) | Value::Boolean(_) => {
            Err(format!("{}, where text is needed: add `to_string`", value.kind().words()))
        }
        Value::List(_) => Err("a list, where text is needed: add `join`".to_owned()),
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
