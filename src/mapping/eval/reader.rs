//! A mapping at work on one input.

use super::draft::DraftMaker;
use super::field;
use super::scene::Scene;
use super::story::{Story, Teller};
use super::witness::{Event, Nobody, Witness};
use crate::export::Content;
use crate::mapping::compiled::Mapping;
use crate::mapping::lookup::Lookups;
use crate::mapping::mapped::{Mapped, MappedResult};
use crate::mapping::node::Node;
use crate::mapping::recipe::{Message, Recipe, SkipRule};
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
        self.read(content, lookups, &mut |mapped, _: Nobody| out.push(mapped));
    }

    /// Maps one record as [`Self::map`] does, and tells of each message how it came about.
    pub fn explain(&self, content: Content<'_>, lookups: &Lookups) -> Vec<Story> {
        let mut stories = Vec::new();
        self.read(content, lookups, &mut |mapped, teller: Teller| stories.push(teller.story(mapped)));
        stories
    }

    /// Gives to `out` what becomes of each message of a record, and who has watched it.
    fn read<W: Witness + Default>(&self, content: Content<'_>, lookups: &Lookups, out: &mut impl FnMut(Mapped, W)) {
        let record = match content {
            Content::Json(bytes) => Node::from_json(bytes, &self.mapping.shape),
            Content::Row(row) => Ok(Node::from_row(row, &self.columns)),
        };
        match record {
            Ok(record @ Node::Object(_)) => self.record(&record, lookups, out),
            Ok(_) => out(unreadable("the record is not a JSON object"), W::default()),
            Err(error) => out(unreadable(&broken(&error)), W::default()),
        }
    }

    fn record<W: Witness + Default>(&self, record: &Node<'_>, lookups: &Lookups, out: &mut impl FnMut(Mapped, W)) {
        let scene = Scene::new(record, lookups, &self.mapping.tables, &self.lookup_names);
        for (block, message) in (0_u16..).zip(&self.mapping.messages) {
            let Some(each) = &message.each else {
                put(out, |witness| Self::message(scene, message, witness, (block, 0)));
                continue;
            };
            match scene.find(each) {
                Some(Node::List(items)) => {
                    for (item, node) in (0_u32..).zip(items) {
                        put(out, |witness| Self::item(scene.with(1, node), node, message, witness, (block, item)));
                    }
                }
                Some(node @ Node::Object(_)) => {
                    put(out, |witness| Self::item(scene.with(1, node), node, message, witness, (block, 0)));
                }
                Some(_) => {
                    let cause = Cause::new(CauseKind::Unmapped, format!("`{}` is not a list", each.text));
                    put(out, |_| Self::without_item(scene, message, block, MappedResult::Blocked(cause)));
                }
                None => put(out, |witness| {
                    let about_parent = message.skip.iter().filter(|rule| rule.about_parent);
                    let result = skip(scene, about_parent, witness).unwrap_or_else(|| {
                        let detail = format!("the record has no `{}`", each.text);
                        MappedResult::Blocked(Cause::new(CauseKind::Unreadable, detail))
                    });
                    Self::without_item(scene, message, block, result)
                }),
            }
        }
    }

    fn item(
        scene: Scene<'_>,
        node: &Node<'_>,
        message: &Message,
        witness: &mut impl Witness,
        (block, item): (u16, u32),
    ) -> Mapped {
        if matches!(node, Node::Object(_)) {
            return Self::message(scene, message, witness, (block, item));
        }
        let each = message.each.as_ref().map_or("", |path| &path.text);
        let cause = Cause::new(CauseKind::Unreadable, format!("an item of `{each}` is not an object"));
        Mapped { item, ..Self::without_item(scene, message, block, MappedResult::Blocked(cause)) }
    }

    fn message(scene: Scene<'_>, message: &Message, witness: &mut impl Witness, (block, item): (u16, u32)) -> Mapped {
        let result = skip(scene, message.skip.iter(), witness).unwrap_or_else(|| {
            match DraftMaker::new(scene, witness).make(message) {
                Ok(draft) => MappedResult::Message(Box::new(draft)),
                Err(cause) => MappedResult::Blocked(cause),
            }
        });
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

/// Makes one message before a witness of its own.
fn put<W: Witness + Default>(out: &mut impl FnMut(Mapped, W), make: impl FnOnce(&mut W) -> Mapped) {
    let mut witness = W::default();
    let mapped = make(&mut witness);
    out(mapped, witness);
}

/// What the first of `rules` that holds makes of the message.
fn skip<'r>(
    scene: Scene<'_>,
    mut rules: impl Iterator<Item = &'r SkipRule>,
    witness: &mut impl Witness,
) -> Option<MappedResult> {
    let rule = rules.find(|rule| scene.holds(&rule.when))?;
    witness.see(Event::Skips(&rule.when));
    Some(MappedResult::Skipped(Cause::new(CauseKind::SkipRule, rule.reason.clone())))
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
    Mapped::unreadable(Cause::new(CauseKind::Unreadable, detail))
}

/// The reader's words, without its line and column: they count from the record's start and would mislead.
fn broken(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    format!("not valid JSON: {words}")
}
