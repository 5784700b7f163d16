//! Where in a JSON document its records are.

/// The setting `records`: a dotted path to the records, such as `comments` or `data.tickets`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Records {
    /// Not set: a top-level array, or the only top-level key that holds an array of objects.
    Only,
    /// Down these steps; none at all means the top-level values themselves.
    At(Vec<Step>),
}

/// One step of the way from a document's top to its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Into the value of this key.
    Key(String),
    /// Into every element of an array, written `*`.
    Every,
}

impl Records {
    /// Reads the setting; `None` when it is not a path.
    pub(super) fn parse(text: Option<&str>) -> Option<Self> {
        let Some(text) = text else {
            return Some(Self::Only);
        };
        if text == "." {
            return Some(Self::At(Vec::new()));
        }
        let step = |word: &str| match word {
            "" => None,
            "*" => Some(Step::Every),
            key => Some(Step::Key(key.to_owned())),
        };
        text.split('.').map(step).collect::<Option<_>>().map(Self::At)
    }

    /// The step behind the first `taken` ones.
    pub(super) fn step(&self, taken: usize) -> Option<&Step> {
        match self {
            Self::Only => None,
            Self::At(steps) => steps.get(taken),
        }
    }

    /// How an operator wrote it, or would call it.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Only => "array of objects at its top level".to_owned(),
            Self::At(steps) => {
                let words: Vec<_> = steps
                    .iter()
                    .map(|step| match step {
                        Step::Key(key) => key.as_str(),
                        Step::Every => "*",
                    })
                    .collect();
                format!("array or object at `{}`", words.join("."))
            }
        }
    }
}
