//! `[message.fields]`: the 14 fields of an update.

use toml::de::DeTable;

use super::Compiler;
use super::dom::{self, Entry};
use super::list::{ADDRESS, ATTACHMENT};
use super::resolve::Scope;
use super::want::Want;
use crate::mapping::recipe::{Fields, PersonRecipe, SourceRecipe};
use crate::update::FieldName;

/// The parts of `sender` and `receiver`.
pub(super) const PERSON: &[&str] = &["id", "email"];
/// The parts of `source`.
pub(super) const SOURCE: &[&str] = &["type", "from", "to", "cc", "bcc"];
/// The parts of `source.from`.
pub(super) const FROM: &[&str] = &["name", "address"];

impl Compiler<'_> {
    /// Compiles the fields of one block.
    pub(super) fn fields(&mut self, table: &DeTable<'_>, scope: &Scope) -> Fields {
        let mut fields = Fields::default();
        for entry in dom::entries(table) {
            if let Some(name) = FieldName::from_name(entry.key) {
                self.field(&mut fields, name, &entry, scope);
            } else {
                let names = FieldName::ALL.iter().map(|name| name.name());
                self.findings.add_unknown(entry.span, format!("unknown field `{}`", entry.key), entry.key, names);
            }
        }
        fields
    }

    fn field(&mut self, fields: &mut Fields, name: FieldName, entry: &Entry<'_, '_>, scope: &Scope) {
        let value = entry.value;
        let mut recipe = |want| self.recipe(name.name(), value, want, scope);
        match name {
            FieldName::BodyHtml => fields.body_html = recipe(Want::Text),
            FieldName::BodyText => fields.body_text = recipe(Want::Text),
            FieldName::Channel => fields.channel = recipe(Want::Channel),
            FieldName::ExternalId => fields.external_id = recipe(Want::Text),
            FieldName::FailedDatetime => fields.failed_datetime = recipe(Want::Time),
            FieldName::FromAgent => fields.from_agent = recipe(Want::Boolean),
            FieldName::MessageId => fields.message_id = recipe(Want::Filled),
            FieldName::SentDatetime => fields.sent_datetime = recipe(Want::Time),
            FieldName::Subject => fields.subject = recipe(Want::Text),
            FieldName::Via => fields.via = recipe(Want::Via),
            FieldName::Attachments => fields.attachments = self.list(name.name(), value, &ATTACHMENT, scope),
            FieldName::Receiver => fields.receiver = self.person(name, entry, scope),
            FieldName::Sender => fields.sender = self.person(name, entry, scope),
            FieldName::Source => fields.source = self.source(entry, scope),
        }
    }

    fn person(&mut self, name: FieldName, entry: &Entry<'_, '_>, scope: &Scope) -> Option<PersonRecipe> {
        let name = name.name();
        let parts = self.parts(name, entry, PERSON)?;
        let mut part = |part: &str, want| self.recipe(&format!("{name}.{part}"), dom::get(parts, part)?, want, scope);
        Some(PersonRecipe { id: part("id", Want::Integer), email: part("email", Want::Filled) })
    }

    fn source(&mut self, entry: &Entry<'_, '_>, scope: &Scope) -> Option<SourceRecipe> {
        let parts = self.parts("source", entry, SOURCE)?;
        let mut source = SourceRecipe::default();
        if let Some(value) = dom::get(parts, "type") {
            source.kind = self.recipe("source.type", value, Want::Filled, scope);
        } else {
            self.findings.add(entry.span.clone(), "`source` has no `type`", "map `source.type`: Gorgias needs it");
        }
        for part in dom::entries(parts) {
            let mut list = |name| self.list(name, part.value, &ADDRESS, scope);
            match part.key {
                "to" => source.to = list("source.to"),
                "cc" => source.cc = list("source.cc"),
                "bcc" => source.bcc = list("source.bcc"),
                "from" => {
                    if let Some(from) = self.parts("source.from", &part, FROM) {
                        let mut one = |name: &str, key| self.recipe(name, dom::get(from, key)?, Want::Filled, scope);
                        source.from_name = one("source.from.name", "name");
                        source.from_address = one("source.from.address", "address");
                    }
                }
                _ => {}
            }
        }
        Some(source)
    }

    /// The parts of a field that is an object, none but `valid`.
    fn parts<'a, 'i>(&mut self, name: &str, entry: &Entry<'a, 'i>, valid: &[&str]) -> Option<&'a DeTable<'i>> {
        let toml::de::DeValue::Table(parts) = entry.value.get_ref() else {
            let wanted = format!("made of parts, such as `{name}.{} = {{ from = \"…\" }}`", valid[0]);
            self.findings.add_wrong_type(name, entry.value, &wanted);
            return None;
        };
        self.findings.check_keys(parts, "part", &format!(" of `{name}`"), valid);
        Some(parts)
    }
}
