//! Somebody who watches only for what is not expected; nothing is allocated as long as nothing is.

use super::field::not_in;
use super::witness::{Event, Witness};
use crate::mapping::recipe::{Missing, PathRoot};
use crate::mapping::surprise::{Done, Surprise};

/// Takes note of surprises in one message.
#[derive(Default)]
pub(super) struct Noticing {
    field: String,
    /// What surprised so far on the way to the field, or to a part of it.
    pending: Vec<String>,
    noticed: Vec<Surprise>,
}

impl Noticing {
    /// Each surprise once: several ways to a field may meet the same one.
    pub(super) fn noticed(mut self) -> Vec<Surprise> {
        self.noticed.sort_unstable();
        self.noticed.dedup();
        self.noticed
    }

    fn settle(&mut self, done: &Done) {
        for what in self.pending.drain(..) {
            self.noticed.push(Surprise { field: self.field.clone(), what, done: done.clone() });
        }
    }
}

impl Witness for Noticing {
    fn see(&mut self, event: Event<'_>) {
        match event {
            Event::Begins(name) | Event::BeginsList(name) => {
                self.pending.clear();
                self.field.clear();
                self.field.push_str(name);
            }
            Event::Absent(scene, path) if matches!(path.root, PathRoot::Row { .. }) => {
                self.pending.extend(scene.lookup_without_row(path).map(|name| format!("no row in lookup {name}")));
            }
            Event::NotIn(table, value) => self.pending.push(not_in(&value.text_form(), &table.name)),
            Event::Defaulted(constant) => {
                if self.pending.is_empty() {
                    self.pending.push("nothing in the export".to_owned());
                }
                self.settle(&Done::Default(constant.value().text_form().into_owned()));
            }
            Event::Made => self.settle(&Done::AnotherWay),
            Event::Missing(Missing::Clear) => self.settle(&Done::Cleared),
            Event::Missing(_) => self.settle(&Done::NotSent),
            // One of several paths held something, which is what they are there for; or the message is blocked or left out,
            // which has a cause of its own.
            Event::Read(..) | Event::Refused(_) | Event::LeavesMessageOut(_) => self.pending.clear(),
            _ => {}
        }
    }
}
