//! A mapping at work on one input.

use super::awaited::Awaited;
use super::draft::DraftMaker;
use super::field;
use super::noticing::Noticing;
use super::scene::{Found, Scene};
use super::story::{Story, Teller};
use super::witness::{Event, Nobody, Witness};
use crate::export::Content;
use crate::mapping::compiled::Mapping;
use crate::mapping::file::FileFacts;
use crate::mapping::lookup::Lookups;
use crate::mapping::mapped::{Mapped, MappedResult};
use crate::mapping::node::Node;
use crate::mapping::recipe::{Each, Message, Recipe, SkipRule};
use crate::mapping::surprise::Surprise;
use crate::record::{Cause, CauseKind, MessageId, Target, TicketId};

/// A mapping that knows the name and the columns of its input. Threads may share it.
#[derive(Debug)]
pub struct Reader<'m> {
    mapping: &'m Mapping,
    file: FileFacts,
    /// The blocks that are for this file.
    blocks: Vec<Block<'m>>,
    /// For each key that they read, its column; empty for JSON.
    columns: Vec<(u32, usize)>,
    lookup_names: Vec<&'m str>,
}

/// A `[[message]]` block and its number.
#[derive(Debug, Clone, Copy)]
struct Block<'m> {
    number: u16,
    message: &'m Message,
    /// Its name, where that says something.
    kind: Option<&'m str>,
}

impl<'m> Reader<'m> {
    pub(crate) fn new(mapping: &'m Mapping, file: FileFacts, blocks: &[u16], columns: Vec<(u32, usize)>) -> Self {
        let lookup_names = mapping.lookups().iter().map(|need| need.name.as_str()).collect();
        let has_kinds =
            mapping.messages.len() > 1 || mapping.messages.iter().any(|message| message.name != "message 1");
        let blocks = (0_u16..).zip(&mapping.messages).filter(|(number, _)| blocks.contains(number));
        let block = |(number, message): (u16, &'m Message)| Block {
            number,
            message,
            kind: has_kinds.then_some(message.name.as_str()),
        };
        let blocks = blocks.map(block).collect();
        Self { mapping, file, blocks, columns, lookup_names }
    }

    /// Maps one record: adds a [`Mapped`] to `out` for each message in it.
    ///
    /// A record that can't be read is one blocked message, so that nothing is lost without a trace.
    pub fn map(&self, content: Content<'_>, lookups: &Lookups, out: &mut Vec<Mapped>) {
        self.read(content, lookups, &mut |mapped, _: Nobody| out.push(mapped));
    }

    /// Maps one record as [`Self::map`] does, and gives each message to `out` with what was not expected in it, if it can be
    /// carried over.
    pub fn map_noticing(&self, content: Content<'_>, lookups: &Lookups, out: &mut impl FnMut(Mapped, Vec<Surprise>)) {
        self.read(content, lookups, &mut |mapped, noticing: Noticing| {
            let noticed = match mapped.result {
                MappedResult::Message(_) => noticing.noticed(),
                // That has a cause of its own.
                MappedResult::Skipped(_) | MappedResult::Blocked(_) => Vec::new(),
            };
            out(mapped, noticed);
        });
    }

    /// Maps one record as [`Self::map`] does, and tells of each message how it came about.
    pub fn explain(&self, content: Content<'_>, lookups: &Lookups) -> Vec<Story> {
        let mut stories = Vec::new();
        self.read(content, lookups, &mut |mapped, teller: Teller| stories.push(teller.story(mapped)));
        stories
    }

    /// Looks which of the words that the mapping waits for are in a record; one that can't be read has none.
    pub fn look_for(&self, content: Content<'_>, lookups: &Lookups, awaited: &mut Awaited<'_>) {
        let Ok(record @ Node::Object(_)) = self.node(content) else { return };
        let scene = self.scene(&record, lookups);
        for block in &self.blocks {
            awaited.see(block.number, true, &scene);
            if block.message.when.as_ref().is_none_or(|when| scene.holds(when)) {
                block.visit(scene, &mut |message| awaited.see(block.number, false, &message));
            }
        }
    }

    /// Gives to `out` what becomes of each message of a record, and who has watched it.
    fn read<W: Witness + Default>(&self, content: Content<'_>, lookups: &Lookups, out: &mut impl FnMut(Mapped, W)) {
        match self.node(content) {
            Ok(record @ Node::Object(_)) => self.record(&record, lookups, out),
            Ok(_) => out(unreadable("the record is not a JSON object"), W::default()),
            Err(error) => out(unreadable(&broken(&error)), W::default()),
        }
    }

    fn node<'c>(&self, content: Content<'c>) -> Result<Node<'c>, serde_json::Error> {
        match content {
            Content::Json(bytes) => Node::from_json(bytes, &self.mapping.shape),
            Content::Row(row) => Ok(Node::from_row(row, &self.columns)),
        }
    }

    fn scene<'n>(&'n self, record: &'n Node<'n>, lookups: &'n Lookups) -> Scene<'n> {
        Scene::new(record, &self.file, lookups, &self.mapping.tables, &self.lookup_names)
    }

    fn record<W: Witness + Default>(&self, record: &Node<'_>, lookups: &Lookups, out: &mut impl FnMut(Mapped, W)) {
        let scene = self.scene(record, lookups);
        let mut is_for_none = true;
        for block in &self.blocks {
            if block.message.when.as_ref().is_none_or(|when| scene.holds(when)) {
                is_for_none = false;
                block.read(scene, out);
            }
        }
        if is_for_none {
            let detail = "no [[message]] block of the mapping is for this record";
            out(Mapped::unreadable(Cause::new(CauseKind::Unmapped, detail)), W::default());
        }
    }
}

impl Block<'_> {
    /// The path to the messages in this record; none where the record is the message.
    fn way(&self, scene: &Scene<'_>) -> Option<&Each> {
        let each = &self.message.each;
        let is_there = |each: &&Each| matches!(scene.start(each), Some(Node::List(_) | Node::Object(_)));
        // What holds neither is passed over only if another follows.
        each.iter().find(is_there).or(each.last())
    }

    /// Shows `visit` each message of this kind in the record.
    fn visit<'n>(&self, scene: Scene<'n>, visit: &mut impl FnMut(Scene<'n>)) {
        let Some(each) = self.way(&scene) else { return visit(scene) };
        scene.walk(each, &mut |found| {
            if let Found::Element(node @ Node::Object(_)) | Found::One(node @ Node::Object(_)) = found {
                visit(scene.with(1, node));
            }
        });
    }

    /// Gives to `out` what becomes of each message of this kind in the record.
    fn read<W: Witness + Default>(&self, scene: Scene<'_>, out: &mut impl FnMut(Mapped, W)) {
        let Some(each) = self.way(&scene) else {
            self.put(out, |witness| self.make(scene, witness, 0));
            return;
        };
        let mut item = 0;
        scene.walk(each, &mut |found| {
            // A list that is not there has no messages; an item of it without what it should hold may be a lost one.
            if matches!(found, Found::Nothing(0)) && self.message.optional {
                return;
            }
            self.put(out, |witness| match found {
                Found::Element(node @ Node::Object(_)) | Found::One(node @ Node::Object(_)) => {
                    self.make(scene.with(1, node), witness, item)
                }
                Found::Element(_) => {
                    let detail = format!("an item of `{}` is not an object", each.text);
                    self.blocked(scene, item, Cause::new(CauseKind::Unreadable, detail))
                }
                Found::One(_) | Found::NoList => {
                    let detail = format!("`{}` is not a list", each.text);
                    self.blocked(scene, item, Cause::new(CauseKind::Unmapped, detail))
                }
                Found::Nothing(hop) => self.absent(scene, witness, item, (each, hop)),
            });
            item += 1;
        });
    }

    /// Makes one message of this kind before a witness of its own.
    fn put<W: Witness + Default>(&self, out: &mut impl FnMut(Mapped, W), make: impl FnOnce(&mut W) -> Mapped) {
        let mut witness = W::default();
        if let Some(kind) = self.kind {
            witness.see(Event::Kind(kind));
        }
        let mapped = make(&mut witness);
        out(mapped, witness);
    }

    /// A row for messages that are not there: the hop with this index leads to nothing.
    fn absent(&self, scene: Scene<'_>, witness: &mut impl Witness, item: u32, (each, hop): (&Each, usize)) -> Mapped {
        let about_parent = self.message.skip.iter().filter(|rule| rule.about_parent);
        let result = skip(scene, about_parent, witness).unwrap_or_else(|| {
            let detail = if hop == 0 {
                let lists = self.message.each.iter().filter_map(|each| each.hops.first());
                let lists: Vec<_> = lists.map(|hop| format!("`{}`", hop.text)).collect();
                format!("the record has no {}", lists.join(" or "))
            } else {
                let before: Vec<_> = each.hops.iter().take(hop).map(|hop| hop.text.as_str()).collect();
                let wanted = each.hops.get(hop).map_or("", |hop| &hop.text);
                format!("an item of `{}` has no `{wanted}`", before.join("[]."))
            };
            MappedResult::Blocked(Cause::new(CauseKind::Unreadable, detail))
        });
        self.without_item(scene, item, result)
    }

    fn make(&self, scene: Scene<'_>, witness: &mut impl Witness, item: u32) -> Mapped {
        let message = self.message;
        let result =
            skip(scene, message.skip.iter(), witness).unwrap_or_else(|| DraftMaker::new(scene, witness).make(message));
        // What can't be read of these blocks the message, which the draft says; of a skipped one it does not matter.
        let sent = message.fields.sent_datetime.as_ref();
        let newest = message.newest.as_ref().or(sent);
        let addresses = match result {
            MappedResult::Message(_) => Vec::new(),
            MappedResult::Skipped(_) | MappedResult::Blocked(_) => {
                DraftMaker::new(scene, &mut Nobody).people(message).addresses().cloned().collect()
            }
        };
        Mapped {
            block: self.number,
            item,
            external_id: text(scene, message.fields.external_id.as_ref()),
            ticket: text(scene, message.ticket.as_ref()),
            version: newest.and_then(|recipe| field::version(scene.value(recipe).ok()??).ok()),
            addresses,
            target: target(scene, message),
            result,
        }
    }

    fn blocked(&self, scene: Scene<'_>, item: u32, cause: Cause) -> Mapped {
        self.without_item(scene, item, MappedResult::Blocked(cause))
    }

    /// A row for a message that is not there, or can't be read.
    fn without_item(&self, scene: Scene<'_>, item: u32, result: MappedResult) -> Mapped {
        Mapped {
            block: self.number,
            item,
            external_id: None,
            // Mostly the ticket's id stands around the messages, so it is known all the same.
            ticket: text(scene.with(1, &Node::Null), self.message.ticket.as_ref()),
            version: None,
            addresses: Vec::new(),
            target: None,
            result,
        }
    }
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
