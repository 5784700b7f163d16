//! Printing, and what the other end of it is.

use std::env;
use std::io::{self, IsTerminal, Write};

/// What may be done with the stream that text goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terminal {
    /// Somebody looks at it.
    pub(super) is_live: bool,
    has_colour: bool,
}

impl Terminal {
    /// Standard output, where results go.
    pub(super) fn of_stdout() -> Self {
        Self::of(&io::stdout())
    }

    /// Standard error, where progress and errors go.
    pub(super) fn of_stderr() -> Self {
        Self::of(&io::stderr())
    }

    fn of(stream: &impl IsTerminal) -> Self {
        let is_live = stream.is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb");
        let wants_none = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { is_live, has_colour: is_live && !wants_none }
    }

    /// `text` in red, where there is colour.
    pub(super) fn red(self, text: &str) -> String {
        self.styled("1;31", text)
    }

    /// `text` in yellow, where there is colour.
    pub(super) fn yellow(self, text: &str) -> String {
        self.styled("33", text)
    }

    /// `text` in green, where there is colour.
    pub(super) fn green(self, text: &str) -> String {
        self.styled("32", text)
    }

    /// `text` in bold, where there is colour.
    pub(super) fn bold(self, text: &str) -> String {
        self.styled("1", text)
    }

    fn styled(self, code: &str, text: &str) -> String {
        if self.has_colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Prints a result to standard output. A reader that has gone away (`| head`) is no error.
pub(super) fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints a line for a person to standard error.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
