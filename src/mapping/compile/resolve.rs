//! Paths and conditions: read, given their scope, and entered into the shape of what is read.

use std::ops::Range;

use super::Compiler;
use super::dom::Written;
use crate::mapping::recipe::{Path, PathRoot, PathStep, When};
use crate::mapping::shape::Shape;
use crate::mapping::syntax::{self, PathSyntax, Root, Step, SyntaxError};

/// The values that a path can start at, from the record inwards: where each stands in the shape of a record.
#[derive(Debug, Clone)]
pub(super) struct Scope(Vec<Vec<u32>>);

impl Scope {
    /// The record itself.
    pub(super) fn record() -> Self {
        Self(vec![Vec::new()])
    }

    /// The number of the innermost scope.
    pub(super) fn depth(&self) -> usize {
        self.0.len() - 1
    }

    /// The scope of the elements of the list at `path`.
    pub(super) fn each(&self, path: &Path) -> Self {
        let mut scope = self.clone();
        let mut place = match path.root {
            PathRoot::Scope(depth) => scope.0[depth].clone(),
            // `Compiler::each` takes no such path.
            PathRoot::Row { .. } => Vec::new(),
        };
        place.extend(path.steps.iter().filter_map(|step| match step {
            PathStep::Child(number) => Some(*number),
            PathStep::Index(_) => None,
        }));
        scope.0.push(place);
        scope
    }
}

impl Compiler<'_> {
    /// Reads and resolves a path.
    pub(super) fn path(&mut self, written: &Written, scope: &Scope) -> Option<Path> {
        match syntax::path(&written.text) {
            Ok(path) => self.resolve(path, written, scope),
            Err(error) => {
                self.add_syntax_error(error, written);
                None
            }
        }
    }

    /// Reads and resolves the path to a list; it can't start at a lookup.
    pub(super) fn each(&mut self, written: &Written, scope: &Scope) -> Option<Path> {
        let path = self.path(written, scope)?;
        if matches!(path.root, PathRoot::Row { .. }) {
            self.findings.add(written.inner(), "`each` can't read from a lookup", "a path inside the record is needed");
            return None;
        }
        Some(path)
    }

    /// Reads and resolves a condition.
    pub(super) fn condition(&mut self, written: &Written, scope: &Scope) -> Option<When> {
        match syntax::condition(&written.text) {
            Ok(condition) => {
                let condition = condition.resolve(&mut |path| self.resolve(path, written, scope))?;
                Some(When { condition, text: written.text.clone() })
            }
            Err(error) => {
                self.add_syntax_error(error, written);
                None
            }
        }
    }

    fn add_syntax_error(&mut self, error: SyntaxError, written: &Written) {
        self.findings.add(written.part(error.span), error.message, error.label);
    }

    fn resolve(&mut self, path: PathSyntax, written: &Written, scope: &Scope) -> Option<Path> {
        let text = written.text.get(path.span.clone()).unwrap_or_default().to_owned();
        match path.root {
            Root::Here { up } => {
                let Some(depth) = scope.depth().checked_sub(up) else {
                    let outermost = match scope.depth() {
                        0 => "the record itself is the message here: it has no parent".to_owned(),
                        depth => format!("there are {depth} values around this one"),
                    };
                    self.findings.add(written.part(path.span), "`parent` leads out of the record", outermost);
                    return None;
                };
                let shape = self.shape.at(&scope.0[depth]);
                let steps = enter(shape, path.steps, |span| written.part(span));
                Some(Path { root: PathRoot::Scope(depth), steps, text })
            }
            Root::Row { lookup, written: span, key } => {
                let key = Box::new(self.resolve(*key, written, scope)?);
                let Some(index) = self.lookups.iter().position(|plan| plan.name == lookup) else {
                    let names: Vec<_> = self.lookups.iter().map(|plan| plan.name.clone()).collect();
                    let message = format!("unknown lookup `{lookup}`");
                    self.findings.add_unknown(written.part(span), message, &lookup, names.iter().map(String::as_str));
                    return None;
                };
                let steps = enter(&mut self.lookups[index].shape, path.steps, |span| written.part(span));
                Some(Path { root: PathRoot::Row { lookup: index, key }, steps, text })
            }
        }
    }
}

/// Enters the steps of a path into the shape that it starts at.
pub(super) fn enter(
    mut shape: &mut Shape,
    steps: Vec<Step>,
    place: impl Fn(Range<usize>) -> Range<usize>,
) -> Vec<PathStep> {
    let mut entered = Vec::with_capacity(steps.len());
    for step in steps {
        match step {
            Step::Key(name, span) => {
                let number = shape.enter(&name, &place(span));
                shape = shape.at(&[number]);
                entered.push(PathStep::Child(number));
            }
            // The elements of a list share one shape.
            Step::Index(index) => entered.push(PathStep::Index(index)),
        }
    }
    entered
}
