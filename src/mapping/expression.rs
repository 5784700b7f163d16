//! Expressions: `expr = "…"`, for what nothing else in a mapping says.
//!
//! The language is that of Jinja templates, without statements, functions and templates. An expression sees what the
//! mapping gives it and nothing else, ends after a fixed number of steps, and its names are checked when the mapping is
//! loaded, because the language itself finds a wrong one only when it comes to it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use minijinja::value::{Value as JinjaValue, ValueKind};
use minijinja::{Environment, ErrorKind, filters, tests};

use super::value::Value;

/// The most characters of an expression: its parser calls itself for what is nested, and a mapping may come from anywhere.
pub(crate) const LONGEST: usize = 1_000;

/// The most steps of one expression. One takes some dozens, and a step more for every 64 bytes that a filter reads or
/// writes: a text of 1 MB through a filter takes some 33,000, letter by letter a million. This many end within a second.
const MOST_STEPS: u64 = 2_000_000;

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
    /// A function that hangs on a value, as in `a.upper()`.
    Method,
}

impl Expression {
    /// Compiles `text`, or says what is wrong with it.
    pub(crate) fn compile(text: &str) -> Result<Self, String> {
        match environment().compile_expression_owned(text.to_owned()) {
            Ok(compiled) => Ok(Self { text: text.to_owned(), compiled }),
            Err(error) => Err(error.detail().unwrap_or("it can't be read").to_owned()),
        }
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
    let mut before = Before::Nothing;
    let mut at = 0;
    while let Some(sign) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = if sign == '"' || sign == '\'' {
            before = Before::Value;
            quoted(rest, sign)
        } else if sign.is_ascii_digit() {
            let is_place = matches!(before, Before::Dot);
            before = Before::Value;
            number(rest, is_place)
        } else if is_of_word(sign) {
            let length = word(rest);
            let (word, after) = (&rest[..length], rest[length..].trim_start());
            names.extend(before.makes(word, after).map(|used_as| Name {
                word: word.to_owned(),
                used_as,
                span: at..at + length,
            }));
            before = before.after(word);
            length
        } else {
            if sign == '(' && matches!(before, Before::Value) {
                names.push(Name { word: sign.to_string(), used_as: Use::Method, span: at..at + 1 });
            }
            match sign {
                '|' => before = Before::Bar,
                '.' => before = Before::Dot,
                ')' | ']' | '}' => before = Before::Value,
                sign if sign.is_whitespace() => {}
                _ => before = Before::Nothing,
            }
            sign.len_utf8()
        };
        at += length;
    }
    names
}

/// What stands before the next name, white space left out.
#[derive(Clone, Copy)]
enum Before {
    Nothing,
    /// The end of a value that is no name.
    Value,
    Bar,
    Dot,
    /// The word `is`.
    Is,
}

impl Before {
    /// What the word after it is a name of, with `rest` behind the word.
    fn makes(self, word: &str, rest: &str) -> Option<Use> {
        let is_call = rest.starts_with('(');
        // The name of an argument, as in `default(value='x')`.
        let is_argument = rest.starts_with('=') && !rest.starts_with("==");
        match self {
            Self::Bar => Some(Use::Filter),
            Self::Is if word != "not" => Some(Use::Test),
            Self::Dot if is_call => Some(Use::Method),
            Self::Dot | Self::Is => None,
            Self::Nothing | Self::Value if is_argument || KEYWORDS.contains(&word) => None,
            Self::Nothing | Self::Value if is_call => Some(Use::Function),
            Self::Nothing | Self::Value => Some(Use::Value),
        }
    }

    /// What stands before the name after `word`.
    fn after(self, word: &str) -> Self {
        match (self, word) {
            (Self::Nothing | Self::Value, "is") | (Self::Is, "not") => Self::Is,
            _ => Self::Nothing,
        }
    }
}

fn is_of_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

/// How long the word or the digits are that `text` begins with.
fn word(text: &str) -> usize {
    text.find(|sign: char| !is_of_word(sign)).unwrap_or(text.len())
}

/// How long the number is that `text` begins with, such as `1e3`; the place of an element, as in `a.0.b`, has no
/// fraction.
fn number(text: &str, is_place: bool) -> usize {
    let whole = word(text);
    let fraction = text[whole..]
        .strip_prefix('.')
        .filter(|rest| !is_place && rest.starts_with(|sign: char| sign.is_ascii_digit()));
    whole + fraction.map_or(0, |fraction| 1 + word(fraction))
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
