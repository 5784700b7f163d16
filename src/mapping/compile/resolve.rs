//! Paths and conditions: read, given their scope, and entered into the shape of what is read.

use std::ops::Range;

use super::Compiler;
use super::dom::Written;
use crate::mapping::file::FilePart;
use crate::mapping::nearest;
use crate::mapping::recipe::{Each, Hop, Path, PathRoot, PathStep, Template, TemplatePiece, When};
use crate::mapping::shape::{Keys, Shape};
use crate::mapping::syntax::{self, PathSyntax, Piece, Root, Step, SyntaxError};

/// The values that a path can start at, from the record inwards: where each stands in the shape of a record. It may
/// stand in several places, of which a record has one.
#[derive(Debug, Clone)]
pub(super) struct Scope(Vec<Vec<Vec<u32>>>);

impl Scope {
    /// The record itself.
    pub(super) fn record() -> Self {
        Self(vec![vec![Vec::new()]])
    }

    /// The number of the innermost scope.
    pub(super) fn depth(&self) -> usize {
        self.0.len() - 1
    }

    /// The scope of the elements at one of these paths.
    pub(super) fn each(&self, paths: &[Each]) -> Self {
        let mut scope = self.clone();
        let mut places = Vec::new();
        for path in paths {
            let steps = path.hops.iter().flat_map(|hop| &hop.steps);
            let keys: Vec<_> = steps
                .filter_map(|step| match step {
                    PathStep::Child(number) => Some(*number),
                    PathStep::Index(_) | PathStep::FromEnd(_) => None,
                })
                .collect();
            places.extend(self.0[path.scope].iter().map(|place| [place.as_slice(), &keys].concat()));
        }
        scope.0.push(places);
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

    /// Reads and resolves the path to the elements of a list, or to one; it stays inside the record.
    pub(super) fn each(&mut self, written: &Written, scope: &Scope) -> Option<Each> {
        let path = match syntax::path(&written.text) {
            Ok(path) => path,
            Err(error) => {
                self.add_syntax_error(error, written);
                return None;
            }
        };
        let up = match path.root {
            Root::Here { up } => up,
            Root::Row { .. } | Root::File { .. } => {
                let what = if matches!(path.root, Root::Row { .. }) { "a lookup" } else { "the file's name" };
                let message = format!("`each` can't read from {what}");
                self.findings.add(written.inner(), message, "a path inside the record is needed");
                return None;
            }
        };
        let depth = self.outwards(up, path.span.clone(), written, scope)?;
        let places = scope.0[depth].clone();
        Some(Each { scope: depth, hops: self.hops(&path, places, written)?, text: written.text.clone() })
    }

    /// The ways from one list to the next: `path` starts at `places` and is cut at each `[]`.
    fn hops(&mut self, path: &PathSyntax, mut places: Vec<Vec<u32>>, written: &Written) -> Option<Vec<Hop>> {
        let mut hops = Vec::new();
        let mut steps = Vec::new();
        let mut start = path.span.start;
        for step in &path.steps {
            let Step::Every(span) = step else {
                steps.extend(self.enter(step, &mut places, written));
                continue;
            };
            if steps.is_empty() {
                self.findings.add(written.part(span.clone()), "`[]` behind `[]`", "a key is needed between them");
                return None;
            }
            let text = within(&written.text, start..span.start);
            hops.push(Hop { steps: std::mem::take(&mut steps), text });
            start = span.end;
        }
        // Behind the last `[]` the elements stand anyway.
        if !steps.is_empty() || hops.is_empty() {
            hops.push(Hop { steps, text: within(&written.text, start..path.span.end) });
        }
        Some(hops)
    }

    /// Reads and resolves a template.
    pub(super) fn template(&mut self, written: &Written, name: &str, scope: &Scope) -> Option<Template> {
        let pieces = match syntax::template(&written.text) {
            Ok(pieces) => pieces,
            Err(error) => {
                self.add_syntax_error(error, written);
                return None;
            }
        };
        if !pieces.iter().any(|piece| matches!(piece, Piece::Path(_))) {
            let message = format!("the template of `{name}` has no path in it");
            self.findings.add(written.inner(), message, "a text that is always the same is a `value`");
            return None;
        }
        // All of them, so that each mistake is found.
        let pieces: Vec<_> = pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => Some(TemplatePiece::Text(text)),
                Piece::Path(path) => self.resolve(path, written, scope).map(TemplatePiece::Path),
            })
            .collect();
        pieces.into_iter().collect::<Option<_>>().map(Template)
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
        let every = path.steps.iter().find_map(|step| match step {
            Step::Every(span) => Some(span.clone()),
            Step::Key(..) | Step::Index(_) => None,
        });
        if let Some(span) = every {
            let label = "write which one: `[0]` is the first, `[-1]` the last";
            self.findings.add(written.part(span), "`[]` goes into each element, and only `each` can", label);
            return None;
        }
        let text = written.text.get(path.span.clone()).unwrap_or_default().to_owned();
        match path.root {
            Root::Here { up } => {
                let depth = self.outwards(up, path.span, written, scope)?;
                let mut places = scope.0[depth].clone();
                let steps = path.steps.iter().filter_map(|step| self.enter(step, &mut places, written)).collect();
                Some(Path { root: PathRoot::Scope(depth), steps, text })
            }
            Root::File { part, written: span } => {
                let Some(part) = FilePart::ALL.into_iter().find(|one| one.word() == part) else {
                    let message = format!("unknown part `{part}` of @file");
                    self.findings.add_unknown(written.part(span), message, &part, FilePart::ALL.map(FilePart::word));
                    return None;
                };
                Some(Path { root: PathRoot::File(part), steps: Vec::new(), text })
            }
            Root::Row { lookup, written: span, key } => {
                let key = Box::new(self.resolve(*key, written, scope)?);
                let Some(index) = self.lookups.iter().position(|plan| plan.name == lookup) else {
                    // Once: one table declares it for all that use it.
                    if !self.unknown_lookups.contains(&lookup) {
                        self.add_unknown_lookup(&lookup, written.part(span));
                        self.unknown_lookups.push(lookup);
                    }
                    return None;
                };
                let (shape, mut places) = (&mut self.lookups[index].shape, vec![Vec::new()]);
                let place = |span| (self.block, written.part(span));
                let enter = |step| enter(step, shape, &mut places, &mut self.keys, place);
                let steps = path.steps.iter().filter_map(enter).collect();
                Some(Path { root: PathRoot::Row { lookup: index, key }, steps, text })
            }
        }
    }

    fn add_unknown_lookup(&mut self, lookup: &str, place: Range<usize>) {
        let names = || self.lookups.iter().map(|plan| plan.name.as_str());
        let declaration = || {
            let known = nearest::valid(names()).map(|valid| format!("{valid}; ")).unwrap_or_default();
            Some(format!(
                "{known}it is declared as [lookups.{lookup}], with files = [\"{lookup}*.json*\"] and key = \"id\""
            ))
        };
        let (label, hint) = match nearest::did_you_mean(lookup, names()) {
            Some(label) => (label, nearest::valid(names())),
            None => ("it is not declared".to_owned(), declaration()),
        };
        self.findings.add_hinted(place, format!("unknown lookup `{lookup}`"), label, hint);
    }

    /// The scope that lies `up` scopes further out than `scope`.
    fn outwards(&mut self, up: usize, span: Range<usize>, written: &Written, scope: &Scope) -> Option<usize> {
        let depth = scope.depth().checked_sub(up);
        if depth.is_none() {
            let outermost = match scope.depth() {
                0 => "the record itself is the message here: it has no parent".to_owned(),
                depth => format!("there are {depth} values around this one"),
            };
            self.findings.add(written.part(span), "`parent` leads out of the record", outermost);
        }
        depth
    }

    /// Enters one step of a path that has come to `places` in the record, and takes them one step further.
    fn enter(&mut self, step: &Step, places: &mut [Vec<u32>], written: &Written) -> Option<PathStep> {
        enter(step, &mut self.shape, places, &mut self.keys, |span| (self.block, written.part(span)))
    }
}

/// Enters one step of a path that has come to `places` in `shape`, and takes them one step further; `place` says in which
/// block and where a part of the path is written. None for `[]`, which enters nothing.
pub(super) fn enter(
    step: &Step,
    shape: &mut Shape,
    places: &mut [Vec<u32>],
    keys: &mut Keys,
    place: impl Fn(Range<usize>) -> (u16, Range<usize>),
) -> Option<PathStep> {
    match step {
        Step::Key(name, span) => {
            let (block, written) = place(span.clone());
            let mut number = None;
            for place in places {
                let entered = shape.at(place).enter(name, block, &written, keys);
                place.push(entered);
                number = Some(PathStep::Child(entered));
            }
            number
        }
        // The elements of a list share one shape.
        Step::Index(index) => {
            // A list has no more elements than fit into memory.
            let count = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
            Some(if *index < 0 { PathStep::FromEnd(count) } else { PathStep::Index(count) })
        }
        Step::Every(_) => None,
    }
}

/// A part of a path, without the dot that joins it to what stands before.
fn within(path: &str, part: Range<usize>) -> String {
    let part = path.get(part).unwrap_or_default();
    part.strip_prefix('.').filter(|rest| !rest.is_empty()).unwrap_or(part).to_owned()
}
