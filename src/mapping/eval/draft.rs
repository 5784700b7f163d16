//! A draft: every field of a block made, and everything that stands against it.

use super::field::{self, Reason, Stop};
use super::scene::{Found, Scene};
use super::witness::{Event, Witness};
use crate::mapping::mapped::MappedResult;
use crate::mapping::node::Node;
use crate::mapping::recipe::{ListAlternative, ListRecipe, Message, Missing, PersonRecipe, Recipe, SourceRecipe};
use crate::mapping::value::Value;
use crate::record::{Cause, CauseKind};
use crate::update::{Address, Attachment, Channel, Draft, Field, Person, Source, Via};

/// Makes the fields of one message and collects the reasons why one can't be made.
pub(super) struct DraftMaker<'n, 'w, W> {
    scene: Scene<'n>,
    witness: &'w mut W,
    reasons: Vec<String>,
    /// Why the message is left out, if it is.
    skipped: Option<String>,
    is_unsafe: bool,
}

/// Makes one element of a list, if there is one.
type MakeElement<'n, 'w, W, T> = for<'s> fn(&mut DraftMaker<'n, 'w, W>, &Scene<'s>, &'s ListAlternative) -> Option<T>;

impl<'n, 'w, W: Witness> DraftMaker<'n, 'w, W> {
    pub(super) fn new(scene: Scene<'n>, witness: &'w mut W) -> Self {
        Self { scene, witness, reasons: Vec::new(), skipped: None, is_unsafe: false }
    }

    /// The draft, or why there is none.
    pub(super) fn make(mut self, message: &'n Message) -> MappedResult {
        let fields = &message.fields;
        let mut draft = Draft {
            channel: self.value(fields.channel.as_ref(), |value| named(value, "channel", Channel::from_name)),
            external_id: self.field(fields.external_id.as_ref(), field::text),
            from_agent: self.value(fields.from_agent.as_ref(), field::boolean),
            via: self.value(fields.via.as_ref(), |value| named(value, "via", Via::from_name)),
            ..Draft::default()
        };
        draft.sent_datetime = self.field(fields.sent_datetime.as_ref(), field::time);
        // A message without a time is dangerous where Gorgias could send it; a time that can't be read is a fault to
        // mend.
        self.is_unsafe = draft.sent_datetime == Field::Keep
            && draft.channel != Some(Channel::InternalNote)
            && fields.sent_datetime.as_ref().is_some_and(|recipe| self.scene.value(recipe) == Ok(None));
        draft.attachments = self.list(fields.attachments.as_ref(), Self::attachment);
        draft.body_html = self.field(fields.body_html.as_ref(), field::text);
        draft.body_text = self.field(fields.body_text.as_ref(), field::text);
        draft.failed_datetime = self.field(fields.failed_datetime.as_ref(), field::time);
        draft.message_id = self.field(fields.message_id.as_ref(), field::text);
        draft.receiver = self.person(fields.receiver.as_ref());
        draft.sender = self.person(fields.sender.as_ref());
        draft.source = self.source(fields.source.as_ref());
        draft.subject = self.field(fields.subject.as_ref(), field::text);
        self.check_around(message);
        // What is left out on purpose need not be right.
        if let Some(reason) = self.skipped {
            return MappedResult::Skipped(Cause::new(CauseKind::SkipRule, reason));
        }
        if self.reasons.is_empty() {
            return MappedResult::Message(Box::new(draft));
        }
        let kind = if self.is_unsafe { CauseKind::Unsafe } else { CauseKind::Unmapped };
        MappedResult::Blocked(Cause::new(kind, self.reasons.join("; ")))
    }

    /// A draft of those only whom the message is from and to, as far as they can be read.
    pub(super) fn people(mut self, message: &'n Message) -> Draft {
        let fields = &message.fields;
        Draft {
            receiver: self.person(fields.receiver.as_ref()),
            sender: self.person(fields.sender.as_ref()),
            source: self.source(fields.source.as_ref()),
            ..Draft::default()
        }
    }

    /// Makes sure that what goes with the message can be read: a damaged ticket id would put it out of order.
    fn check_around(&mut self, message: &'n Message) {
        self.value(message.ticket.as_ref(), field::text);
        self.value(message.newest.as_ref(), field::version);
        if let Some((ticket, message)) = &message.target {
            self.value(Some(ticket), field::count);
            self.value(Some(message), field::count);
        }
    }

    /// The value of one recipe, as `take` wants it.
    fn one<'s, T>(
        &mut self,
        scene: &Scene<'s>,
        recipe: &'s Recipe,
        take: impl FnOnce(Value<'s>) -> Result<T, Reason>,
    ) -> Option<T> {
        self.witness.see(Event::Begins(&recipe.name));
        let made = scene.value_before(self.witness, recipe);
        let made = made.and_then(|value| value.map(take).transpose().map_err(Stop::from));
        match made {
            Ok(None) if scene.skips(recipe) => self.leave_out(&recipe.name, &scene.why_none(recipe)),
            Ok(None) if recipe.missing == Missing::Block => self.refuse(&recipe.name, &scene.why_none(recipe)),
            Ok(None) => {
                self.witness.see(Event::Missing(recipe.missing));
                None
            }
            Ok(value) => {
                self.witness.see(Event::Made);
                value
            }
            Err(Stop::Blocks(reason)) => self.refuse(&recipe.name, &reason),
            Err(Stop::Skips(reason)) => self.leave_out(&recipe.name, &reason),
        }
    }

    /// Notes why there can be no draft.
    fn refuse<T>(&mut self, field: &str, reason: &str) -> Option<T> {
        self.witness.see(Event::Refused(reason));
        self.reasons.push(format!("{field}: {reason}"));
        None
    }

    /// Notes why the message is left out.
    fn leave_out<T>(&mut self, field: &str, reason: &str) -> Option<T> {
        self.witness.see(Event::LeavesMessageOut(reason));
        self.skipped.get_or_insert_with(|| format!("{field}: {reason}"));
        None
    }

    fn value<T>(&mut self, recipe: Option<&'n Recipe>, take: impl FnOnce(Value<'n>) -> Result<T, Reason>) -> Option<T> {
        let scene = self.scene;
        self.one(&scene, recipe?, take)
    }

    fn field<T>(&mut self, recipe: Option<&'n Recipe>, take: impl FnOnce(Value<'n>) -> Result<T, Reason>) -> Field<T> {
        let Some(recipe) = recipe else { return Field::Keep };
        let scene = self.scene;
        match self.one(&scene, recipe, take) {
            Some(value) => Field::Set(value),
            None if recipe.missing == Missing::Clear => Field::Clear,
            None => Field::Keep,
        }
    }

    fn person(&mut self, recipe: Option<&'n PersonRecipe>) -> Field<Person> {
        let Some(recipe) = recipe else { return Field::Keep };
        let person = Person {
            id: self.value(recipe.id.as_ref(), field::count),
            email: self.value(recipe.email.as_ref(), field::text),
        };
        if person == Person::default() { Field::Keep } else { Field::Set(person) }
    }

    fn source(&mut self, recipe: Option<&'n SourceRecipe>) -> Field<Source> {
        let Some(recipe) = recipe else { return Field::Keep };
        let from = Address {
            name: self.value(recipe.from_name.as_ref(), field::text),
            address: self.value(recipe.from_address.as_ref(), field::text),
        };
        let source = Source {
            r#type: self.value(recipe.kind.as_ref(), field::text),
            from: (from != Address::default()).then_some(from),
            to: self.addresses(recipe.to.as_ref()),
            cc: self.addresses(recipe.cc.as_ref()),
            bcc: self.addresses(recipe.bcc.as_ref()),
        };
        if source == Source::default() { Field::Keep } else { Field::Set(source) }
    }

    fn addresses(&mut self, recipe: Option<&'n ListRecipe>) -> Vec<Address> {
        match self.list(recipe, Self::address) {
            Field::Set(addresses) => addresses,
            Field::Keep | Field::Clear => Vec::new(),
        }
    }

    fn list<T>(&mut self, recipe: Option<&'n ListRecipe>, make: MakeElement<'n, 'w, W, T>) -> Field<Vec<T>> {
        let Some(recipe) = recipe else { return Field::Keep };
        let scene = self.scene;
        self.witness.see(Event::BeginsList(&recipe.name));
        let mut skips = false;
        for alternative in &recipe.alternatives {
            if !scene.applies(self.witness, alternative.when.as_ref()) {
                continue;
            }
            skips |= alternative.skips;
            let elements = self.elements(&scene, &recipe.name, alternative, make);
            // An empty list sent would take away what the account has; only `when_missing = "clear"` asks for that.
            if !elements.is_empty() {
                return Field::Set(elements);
            }
        }
        if skips || recipe.missing == Missing::Block {
            let paths = recipe.alternatives.iter().filter_map(|one| Some(format!("`{}`", one.each.as_ref()?.text)));
            let paths: Vec<_> = paths.collect();
            let what = if paths.is_empty() { "element".to_owned() } else { paths.join(" or ") };
            let reason = format!("there is no {what}");
            let _: Option<()> =
                if skips { self.leave_out(&recipe.name, &reason) } else { self.refuse(&recipe.name, &reason) };
            return Field::Keep;
        }
        self.witness.see(Event::Missing(recipe.missing));
        if recipe.missing == Missing::Clear { Field::Clear } else { Field::Keep }
    }

    /// The elements that one way to make a list yields.
    fn elements<T>(
        &mut self,
        scene: &Scene<'n>,
        name: &str,
        from: &'n ListAlternative,
        make: MakeElement<'n, 'w, W, T>,
    ) -> Vec<T> {
        let Some(each) = &from.each else {
            self.witness.see(Event::One);
            let mut kept = Vec::new();
            self.element(scene, 0, from, make, &mut kept);
            self.witness.see(Event::EndsList(kept.len()));
            return kept;
        };
        if scene.start(each).is_none() {
            self.witness.see(Event::NoList(&each.text));
            return Vec::new();
        }
        let mut count = 0;
        scene.walk(each, &mut |found| count += usize::from(matches!(found, Found::Element(_) | Found::One(_))));
        self.witness.see(Event::Each(&each.text, count));
        let mut kept = Vec::with_capacity(count);
        let mut index = 0;
        scene.walk(each, &mut |found| {
            let (Found::Element(node) | Found::One(node)) = found else { return };
            if from.apply.is_empty() {
                self.element(&scene.with(from.depth, node), index, from, make, &mut kept);
                index += 1;
                return;
            }
            for node in self.list_made_of(node, name, from) {
                self.element(&scene.with(from.depth, &node), index, from, make, &mut kept);
                index += 1;
            }
        });
        self.witness.see(Event::EndsList(kept.len()));
        kept
    }

    /// The elements that the transforms of a list make of one value.
    fn list_made_of(&mut self, node: &Node<'_>, name: &str, from: &ListAlternative) -> Vec<Node<'static>> {
        let Some(mut value) = Value::of(node) else {
            let _: Option<()> = self.refuse(name, "an element is neither text nor a number, which `apply` works on");
            return Vec::new();
        };
        for transform in &from.apply {
            match transform.apply(value) {
                Ok(Some(made)) => value = made,
                Ok(None) => return Vec::new(),
                Err(reason) => {
                    let _: Option<()> = self.refuse(name, &reason);
                    return Vec::new();
                }
            }
            self.witness.see(Event::Applied(transform, &value));
        }
        let Value::List(values) = value else { return Vec::new() };
        values.into_iter().map(|value| Node::Text(value.text_form().into_owned().into())).collect()
    }

    /// One element, if it is not left out.
    fn element<'s, T>(
        &mut self,
        scene: &Scene<'s>,
        index: usize,
        from: &'s ListAlternative,
        make: MakeElement<'n, 'w, W, T>,
        kept: &mut Vec<T>,
    ) {
        if let Some(skip) = from.skip.as_ref().filter(|skip| scene.holds(skip)) {
            self.witness.see(Event::LeavesOut(index, skip));
            return;
        }
        self.witness.see(Event::Element(index));
        kept.extend(make(self, scene, from));
    }

    fn attachment<'s>(&mut self, scene: &Scene<'s>, from: &'s ListAlternative) -> Option<Attachment> {
        let url = self.part(scene, from, 0, field::text);
        // Where nothing says that there is one, there is none; an element of a list without it is a fault to mend.
        if url.is_none() && from.each.is_none() {
            return None;
        }
        Some(Attachment {
            url: url.unwrap_or_default(),
            name: self.part(scene, from, 1, field::text).unwrap_or_default(),
            size: self.part(scene, from, 2, field::count),
            content_type: self.part(scene, from, 3, field::text).unwrap_or_default(),
        })
    }

    /// An object that holds neither, as `to: {}` on a web form, is nobody.
    fn address<'s>(&mut self, scene: &Scene<'s>, from: &'s ListAlternative) -> Option<Address> {
        let address =
            Address { name: self.part(scene, from, 0, field::text), address: self.part(scene, from, 1, field::text) };
        (address != Address::default()).then_some(address)
    }

    /// One part of an element: the parts stand in the order of `compile::list`.
    fn part<'s, T>(
        &mut self,
        scene: &Scene<'s>,
        from: &'s ListAlternative,
        index: usize,
        take: impl FnOnce(Value<'s>) -> Result<T, Reason>,
    ) -> Option<T> {
        let recipe = from.parts.get(index)?.as_ref()?;
        self.one(scene, recipe, take)
    }
}

fn named<T>(value: Value<'_>, list: &str, from_name: fn(&str) -> Option<T>) -> Result<T, Reason> {
    let name = field::text(value)?;
    from_name(&name).ok_or_else(|| match name.chars().count() {
        0..=40 => format!("`{name}` is no {list} that Gorgias takes"),
        length => format!("a value of {length} characters is no {list} that Gorgias takes"),
    })
}
