//! A draft: every field of a block made, and everything that stands against it.

use super::field::{self, Reason, blocks};
use super::scene::Scene;
use super::witness::{Event, Witness};
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
    is_unsafe: bool,
}

impl<'n, 'w, W: Witness> DraftMaker<'n, 'w, W> {
    pub(super) fn new(scene: Scene<'n>, witness: &'w mut W) -> Self {
        Self { scene, witness, reasons: Vec::new(), is_unsafe: false }
    }

    /// The draft, or why there is none.
    pub(super) fn make(mut self, message: &'n Message) -> Result<Draft, Cause> {
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
        draft.attachments =
            self.list(fields.attachments.as_ref(), |maker, scene, from| Some(maker.attachment(scene, from)));
        draft.body_html = self.field(fields.body_html.as_ref(), field::text);
        draft.body_text = self.field(fields.body_text.as_ref(), field::text);
        draft.failed_datetime = self.field(fields.failed_datetime.as_ref(), field::time);
        draft.message_id = self.field(fields.message_id.as_ref(), field::text);
        draft.receiver = self.person(fields.receiver.as_ref());
        draft.sender = self.person(fields.sender.as_ref());
        draft.source = self.source(fields.source.as_ref());
        draft.subject = self.field(fields.subject.as_ref(), field::text);
        self.check_around(message);
        if self.reasons.is_empty() {
            return Ok(draft);
        }
        let kind = if self.is_unsafe { CauseKind::Unsafe } else { CauseKind::Unmapped };
        Err(Cause::new(kind, self.reasons.join("; ")))
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
    fn one<T>(
        &mut self,
        scene: &Scene<'n>,
        recipe: &'n Recipe,
        take: impl FnOnce(Value<'n>) -> Result<T, Reason>,
    ) -> Option<T> {
        self.witness.see(Event::Begins(&recipe.name));
        let made = scene.value_before(self.witness, recipe).and_then(|value| value.map(take).transpose());
        match made {
            Ok(None) if blocks(recipe) => self.refuse(&recipe.name, &scene.why_none(recipe)),
            Ok(None) => {
                self.witness.see(Event::Missing(recipe.missing));
                None
            }
            Ok(value) => {
                self.witness.see(Event::Made);
                value
            }
            Err(reason) => self.refuse(&recipe.name, &reason),
        }
    }

    /// Notes why there can be no draft.
    fn refuse<T>(&mut self, field: &str, reason: &str) -> Option<T> {
        self.witness.see(Event::Refused(reason));
        self.reasons.push(format!("{field}: {reason}"));
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

    fn list<T>(
        &mut self,
        recipe: Option<&'n ListRecipe>,
        make: fn(&mut Self, &Scene<'n>, &'n ListAlternative) -> Option<T>,
    ) -> Field<Vec<T>> {
        let Some(recipe) = recipe else { return Field::Keep };
        let scene = self.scene;
        self.witness.see(Event::BeginsList(&recipe.name));
        for alternative in &recipe.alternatives {
            if !scene.applies(self.witness, alternative.when.as_ref()) {
                continue;
            }
            let Some(node) = scene.find(&alternative.each) else {
                self.witness.see(Event::Absent(&scene, &alternative.each));
                continue;
            };
            let elements: &[Node] = match node {
                Node::List(elements) => elements,
                one => std::slice::from_ref(one),
            };
            self.witness.see(Event::Each(&alternative.each, elements.len()));
            let mut kept = Vec::with_capacity(elements.len());
            for (index, element) in elements.iter().enumerate() {
                let scene = scene.with(alternative.depth, element);
                if let Some(skip) = alternative.skip.as_ref().filter(|skip| scene.holds(skip)) {
                    self.witness.see(Event::LeavesOut(index, skip));
                    continue;
                }
                self.witness.see(Event::Element(index));
                kept.extend(make(self, &scene, alternative));
            }
            self.witness.see(Event::EndsList(kept.len()));
            if !kept.is_empty() {
                return Field::Set(kept);
            }
            // An empty list sent would take away what the account has; only `when_missing = "clear"` asks for that.
            break;
        }
        if recipe.missing == Missing::Block {
            let paths: Vec<_> = recipe.alternatives.iter().map(|one| format!("`{}`", one.each.text)).collect();
            self.refuse::<()>(&recipe.name, &format!("there is no {}", paths.join(" or ")));
            return Field::Keep;
        }
        self.witness.see(Event::Missing(recipe.missing));
        if recipe.missing == Missing::Clear { Field::Clear } else { Field::Keep }
    }

    fn attachment(&mut self, scene: &Scene<'n>, from: &'n ListAlternative) -> Attachment {
        Attachment {
            url: self.part(scene, from, 0, field::text).unwrap_or_default(),
            name: self.part(scene, from, 1, field::text).unwrap_or_default(),
            size: self.part(scene, from, 2, field::count),
            content_type: self.part(scene, from, 3, field::text).unwrap_or_default(),
        }
    }

    /// An object that holds neither, as `to: {}` on a web form, is nobody.
    fn address(&mut self, scene: &Scene<'n>, from: &'n ListAlternative) -> Option<Address> {
        let address =
            Address { name: self.part(scene, from, 0, field::text), address: self.part(scene, from, 1, field::text) };
        (address != Address::default()).then_some(address)
    }

    /// One part of an element: the parts stand in the order of `compile::list`.
    fn part<T>(
        &mut self,
        scene: &Scene<'n>,
        from: &'n ListAlternative,
        index: usize,
        take: impl FnOnce(Value<'n>) -> Result<T, Reason>,
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
