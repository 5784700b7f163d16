//! A mapping at work on one input.

use super::draft::DraftMaker;
use super::field;
use super::scene::Scene;
use crate::export::Content;
use crate::mapping::compiled::Mapping;
use crate::mapping::lookup::Lookups;
use crate::mapping::mapped::{Mapped, MappedResult};
use crate::mapping::node::Node;
use crate::mapping::recipe::{Message, Recipe};
use crate::record::{Cause, CauseKind, MessageId, Target, TicketId};

/// A mapping that knows the columns of its input. Threads may share it.
#[derive(Debug)]
pub struct Reader<'m> {
    mapping: &'m Mapping,
    /// For each key that the mapping reads, its column; empty for JSON.
    columns: Vec<usize>,
    lookup_names: Vec<&'m str>,
}

impl<'m> Reader<'m> {
    pub(crate) fn new(mapping: &'m Mapping, columns: Vec<usize>) -> Self {
        let lookup_names = mapping.lookups().iter().map(|need| need.name.as_str()).collect();
        Self { mapping, columns, lookup_names }
    }

    /// Maps one record: adds a [`Mapped`] to `out` for each message in it.
    ///
    /// A record that can't be read is one blocked message, so that nothing is lost without a trace.
    pub fn map(&self, content: Content<'_>, lookups: &Lookups, out: &mut Vec<Mapped>) {
        let record = match content {
            Content::Json(bytes) => Node::from_json(bytes, &self.mapping.shape),
            Content::Row(row) => Ok(Node::from_row(row, &self.columns)),
        };
        match record {
            Ok(record @ Node::Object(_)) => self.record(&record, lookups, out),
            Ok(_) => out.push(unreadable("the record is not a JSON object")),
            Err(error) => out.push(unreadable(&broken(&error))),
        }
    }

    fn record(&self, record: &Node<'_>, lookups: &Lookups, out: &mut Vec<Mapped>) {
        let scene = Scene::new(record, lookups, &self.mapping.tables);
        for (block, message) in (0_u16..).zip(&self.mapping.messages) {
            let Some(each) = &message.each else {
                out.push(self.message(scene, message, block, 0));
                continue;
            };
            match scene.find(each) {
                Some(Node::List(items)) => {
                    for (item, node) in (0_u32..).zip(items) {
                        out.push(self.item(scene.with(1, node), node, message, (block, item)));
                    }
                }
                Some(node @ Node::Object(_)) => out.push(self.item(scene.with(1, node), node, message, (block, 0))),
                Some(_) => {
                    let cause = Cause::new(CauseKind::Unmapped, format!("`{}` is not a list", each.text));
                    out.push(Self::without_item(scene, message, block, MappedResult::Blocked(cause)));
                }
                None => {
                    let about_parent = message.skip.iter().filter(|rule| rule.about_parent);
                    let result = match about_parent.into_iter().find(|rule| scene.holds(&rule.when)) {
                        Some(rule) => MappedResult::Skipped(Cause::new(CauseKind::SkipRule, rule.reason.clone())),
                        None => MappedResult::Blocked(Cause::new(
                            CauseKind::Unreadable,
                            format!("the record has no `{}`", each.text),
                        )),
                    };
                    out.push(Self::without_item(scene, message, block, result));
                }
            }
        }
    }

    fn item(&self, scene: Scene<'_>, node: &Node<'_>, message: &Message, (block, item): (u16, u32)) -> Mapped {
        if matches!(node, Node::Object(_)) {
            return self.message(scene, message, block, item);
        }
        let each = message.each.as_ref().map_or("", |path| &path.text);
        let cause = Cause::new(CauseKind::Unreadable, format!("an item of `{each}` is not an object"));
        Mapped { item, ..Self::without_item(scene, message, block, MappedResult::Blocked(cause)) }
    }

    fn message(&self, scene: Scene<'_>, message: &Message, block: u16, item: u32) -> Mapped {
        let skip = message.skip.iter().find(|rule| scene.holds(&rule.when));
        let result = match skip {
            Some(rule) => MappedResult::Skipped(Cause::new(CauseKind::SkipRule, rule.reason.clone())),
            None => match DraftMaker::new(scene, &self.lookup_names).make(message) {
                Ok(draft) => MappedResult::Message(Box::new(draft)),
                Err(cause) => MappedResult::Blocked(cause),
            },
        };
        // What can't be read of these blocks the message, which the draft says; of a skipped one it does not matter.
        let sent = message.fields.sent_datetime.as_ref();
        let newest = message.newest.as_ref().or(sent);
        Mapped {
            block,
            item,
            external_id: text(scene, message.fields.external_id.as_ref()),
            ticket: text(scene, message.ticket.as_ref()),
            version: newest.and_then(|recipe| field::version(scene.value(recipe).ok()??).ok()),
            target: target(scene, message),
            result,
        }
    }

    /// A row for a record whose messages are not there.
    fn without_item(scene: Scene<'_>, message: &Message, block: u16, result: MappedResult) -> Mapped {
        Mapped {
            block,
            item: 0,
            external_id: None,
            // Mostly the ticket's id stands around the messages, so it is known all the same.
            ticket: text(scene.with(1, &Node::Null), message.ticket.as_ref()),
            version: None,
            target: None,
            result,
        }
    }
}

fn text(scene: Scene<'_>, recipe: Option<&Recipe>) -> Option<String> {
    field::text(scene.value(recipe?).ok()??).ok()
}

fn target(scene: Scene<'_>, message: &Message) -> Option<Target> {
    let (ticket, message) = message.target.as_ref()?;
    let id = |recipe| field::count(scene.value(recipe).ok()??).ok();
    Some(Target { ticket: TicketId(id(ticket)?), message: MessageId(id(message)?) })
}

fn unreadable(detail: &str) -> Mapped {
    Mapped {
        block: 0,
        item: 0,
        external_id: None,
        ticket: None,
        version: None,
        target: None,
        result: MappedResult::Blocked(Cause::new(CauseKind::Unreadable, detail)),
    }
}

/// The reader's words, without its line and column: they count from the record's start and would mislead.
fn broken(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    format!("not valid JSON: {words}")
}
