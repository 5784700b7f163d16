//! Expressions: `expr = "…"`, for what nothing else in a mapping says.
//!
//! The language is that of Jinja templates, without statements, functions and templates. An expression sees what the
//! mapping gives it and nothing else, ends after a fixed number of steps, and its names are checked when the mapping is
//! loaded, because the language itself finds a wrong one only when it comes to it.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use minijinja::value::{Value as JinjaValue, ValueKind};
use minijinja::{Environment, ErrorKind, filters, tests};

use super::value::Value;

/// The most steps of one expression; a long one takes some dozens.
const MOST_STEPS: u64 = 10_000;

/// The filters that an expression may use.
pub(crate) const FILTERS: [&str; 23] = [
    "abs",
    "capitalize",
    "default",
    "first",
    "float",
    "int",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "max",
    "min",
    "replace",
    "reverse",
    "round",
    "sort",
    "split",
    "string",
    "title",
    "trim",
    "unique",
    "upper",
];

/// The tests that an expression may use after `is`.
pub(crate) const TESTS: [&str; 14] = [
    "defined",
    "undefined",
    "none",
    "true",
    "false",
    "string",
    "number",
    "integer",
    "float",
    "boolean",
    "sequence",
    "startingwith",
    "endingwith",
    "in",
];

/// The one environment of all expressions: it never changes.
fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::empty();
        environment.set_fuel(Some(MOST_STEPS));
        add_filters(&mut environment);
        add_tests(&mut environment);
        environment
    })
}

fn add_filters(environment: &mut Environment<'static>) {
    environment.add_filter("abs", filters::abs);
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("default", filters::default);
    environment.add_filter("first", filters::first);
    environment.add_filter("float", filters::float);
    environment.add_filter("int", filters::int);
    environment.add_filter("join", filters::join);
    environment.add_filter("last", filters::last);
    environment.add_filter("length", filters::length);
    environment.add_filter("list", filters::list);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("max", filters::max);
    environment.add_filter("min", filters::min);
    environment.add_filter("replace", filters::replace);
    environment.add_filter("reverse", filters::reverse);
    environment.add_filter("round", filters::round);
    environment.add_filter("sort", filters::sort);
    environment.add_filter("split", filters::split);
    environment.add_filter("string", filters::string);
    environment.add_filter("title", filters::title);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("unique", filters::unique);
    environment.add_filter("upper", filters::upper);
}

fn add_tests(environment: &mut Environment<'static>) {
    environment.add_test("defined", tests::is_defined);
    environment.add_test("undefined", tests::is_undefined);
    environment.add_test("none", tests::is_none);
    environment.add_test("true", tests::is_true);
    environment.add_test("false", tests::is_false);
    environment.add_test("string", tests::is_string);
    environment.add_test("number", tests::is_number);
    environment.add_test("integer", tests::is_integer);
    environment.add_test("float", tests::is_float);
    environment.add_test("boolean", tests::is_boolean);
    environment.add_test("sequence", tests::is_sequence);
    environment.add_test("startingwith", tests::is_startingwith);
    environment.add_test("endingwith", tests::is_endingwith);
    environment.add_test("in", tests::is_in);
}

/// A compiled expression.
pub(crate) struct Expression {
    /// As it is written.
    pub(crate) text: String,
    compiled: minijinja::Expression<'static, 'static>,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A name in an expression: what it is used as, and where in it, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) word: String,
    pub(crate) used_as: Use,
    pub(crate) span: Range<usize>,
}

/// What a name is used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Value,
    Filter,
    Test,
    Function,
}

impl Expression {
    /// Compiles `text`, or says what is wrong with it.
    pub(crate) fn compile(text: &str) -> Result<Self, String> {
        match environment().compile_expression_owned(text.to_owned()) {
            Ok(compiled) => Ok(Self { text: text.to_owned(), compiled }),
            Err(error) => Err(error.detail().unwrap_or("it can't be read").to_owned()),
        }
    }

    /// The names of the values that it needs.
    pub(crate) fn needs(&self) -> HashSet<String> {
        self.compiled.undeclared_variables(false)
    }

    /// What it comes to with `values`; none where that is nothing. Without message content where it can't be told.
    pub(crate) fn eval<'a>(&self, values: &[(&str, Option<Value<'_>>)]) -> Result<Option<Value<'a>>, String> {
        let there = values.iter().filter_map(|(name, value)| Some((*name, given(value.as_ref()?))));
        let context: BTreeMap<&str, JinjaValue> = there.collect();
        let result = self.compiled.eval(JinjaValue::from(context)).map_err(|error| match error.kind() {
            ErrorKind::OutOfFuel => format!("`expr` takes more than {MOST_STEPS} steps"),
            // Its details may quote the values.
            kind => format!("`expr`: {kind}"),
        })?;
        taken(&result)
    }
}

/// A value as an expression sees it.
fn given(value: &Value<'_>) -> JinjaValue {
    match value {
        Value::Text(text) => JinjaValue::from(&**text),
        Value::Integer(number) => JinjaValue::from(*number),
        Value::Fraction(number) => JinjaValue::from(*number),
        Value::Boolean(value) => JinjaValue::from(*value),
        Value::Time(at) => JinjaValue::from(at.to_string()),
        Value::List(values) => values.iter().map(given).collect(),
    }
}

/// What an expression gives as a value of the mapping.
fn taken<'a>(value: &JinjaValue) -> Result<Option<Value<'a>>, String> {
    let unusable = || "`expr` gives neither text, number, true, false nor a list of them".to_owned();
    Ok(Some(match value.kind() {
        ValueKind::Undefined | ValueKind::None => return Ok(None),
        ValueKind::Bool => Value::Boolean(value.is_true()),
        ValueKind::Number if value.is_integer() => {
            Value::Integer(i128::try_from(value.clone()).map_err(|_| unusable())?)
        }
        ValueKind::Number => Value::Fraction(f64::try_from(value.clone()).map_err(|_| unusable())?),
        ValueKind::String => Value::Text(value.as_str().ok_or_else(unusable)?.to_owned().into()),
        ValueKind::Seq | ValueKind::Iterable => {
            let elements = value.try_iter().map_err(|_| unusable())?;
            let elements = elements.map(|element| match taken(&element)? {
                Some(Value::List(_)) => Err(unusable()),
                single => Ok(single),
            });
            Value::List(elements.filter_map(Result::transpose).collect::<Result<_, _>>()?)
        }
        _ => return Err(unusable()),
    }))
}

/// The words of the language, which are no names.
const KEYWORDS: [&str; 13] =
    ["and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None"];

/// The names in `text`, in their order.
pub(crate) fn names(text: &str) -> Vec<Name> {
    let mut names = Vec::new();
    // What stands before the next name, white space left out: `|`, `.`, or the word `is`.
    let mut before = Before::Nothing;
    let mut at = 0;
    while let Some(sign) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = if sign == '"' || sign == '\'' {
            before = Before::Nothing;
            quoted(rest, sign)
        } else if sign.is_alphabetic() || sign == '_' {
            let length = rest.find(|sign: char| !sign.is_alphanumeric() && sign != '_').unwrap_or(rest.len());
            let word = &rest[..length];
            let is_call = rest[length..].trim_start().starts_with('(');
            if let Some(used_as) = before.makes(word, is_call) {
                names.push(Name { word: word.to_owned(), used_as, span: at..at + length });
            }
            before = match (word, before) {
                ("is", _) | ("not", Before::Is) => Before::Is,
                _ => Before::Nothing,
            };
            length
        } else {
            match sign {
                '|' => before = Before::Bar,
                '.' => before = Before::Dot,
                sign if sign.is_whitespace() => {}
                _ => before = Before::Nothing,
            }
            sign.len_utf8()
        };
        at += length;
    }
    names
}

#[derive(Clone, Copy)]
enum Before {
    Nothing,
    Bar,
    Dot,
    Is,
}

impl Before {
    /// What the word after it is a name of.
    fn makes(self, word: &str, is_call: bool) -> Option<Use> {
        match self {
            Self::Bar => Some(Use::Filter),
            Self::Is if word != "not" => Some(Use::Test),
            Self::Dot | Self::Is => None,
            Self::Nothing if KEYWORDS.contains(&word) => None,
            Self::Nothing if is_call => Some(Use::Function),
            Self::Nothing => Some(Use::Value),
        }
    }
}

/// How long the text in quotes is that `text` begins with.
fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, sign) in text.char_indices().skip(1) {
        if sign == quote && !is_escaped {
            return at + 1;
        }
        is_escaped = sign == '\\' && !is_escaped;
    }
    text.len()
}
