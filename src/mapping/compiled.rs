//! A compiled mapping, and what the other stages ask of it.

use super::compile;
use super::diagnostic::{Findings, MappingError};
use super::eval::Reader;
use super::lookup::{LookupNeed, LookupPlan};
use super::matching::Matching;
use super::nearest;
use super::recipe::{Message, Table};
use super::shape::Shape;
use crate::export::{Format, Header};
use crate::update::FieldName;

/// A mapping that is compiled and proven: each of its messages has an id, a channel, a direction and a time, or none at
/// all comes of the record.
#[derive(Debug)]
pub struct Mapping {
    pub(crate) name: String,
    pub(crate) system: String,
    pub(crate) format: Option<Format>,
    pub(crate) files: Vec<String>,
    pub(crate) records: Option<String>,
    pub(crate) lookup_needs: Vec<LookupNeed>,
    /// As many as the needs, in the same order.
    pub(crate) lookup_plans: Vec<LookupPlan>,
    pub(crate) tables: Vec<Table>,
    /// What all blocks together read of a record.
    pub(crate) shape: Shape,
    pub(crate) messages: Vec<Message>,
    pub(crate) matching: Matching,
    pub(crate) text: String,
    pub(crate) file: String,
}

impl Mapping {
    /// Compiles the mapping `text`; `file_name` is how mistakes name its file.
    ///
    /// # Errors
    /// With every mistake in it.
    pub fn compile(text: &str, file_name: &str) -> Result<Self, MappingError> {
        compile::compile(text, file_name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The system that it is for, as reports call it.
    pub fn system(&self) -> &str {
        &self.system
    }

    /// The format of the export, where the mapping says it.
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// Patterns (`*` and `?`) of the files that hold records.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// The path to the records in a JSON document.
    pub fn records(&self) -> Option<&str> {
        self.records.as_deref()
    }

    /// The lookups that it declares, in the order of the file.
    pub fn lookups(&self) -> &[LookupNeed] {
        &self.lookup_needs
    }

    /// The text that it was compiled from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The fields that some block may set.
    pub fn sets(&self) -> Vec<FieldName> {
        FieldName::ALL
            .into_iter()
            .filter(|&field| self.messages.iter().any(|message| message.fields.sets(field)))
            .collect()
    }

    /// Whether it finds targets in the export itself, so that no ids file is needed.
    pub fn has_targets(&self) -> bool {
        self.messages.iter().any(|message| message.target.is_some())
    }

    /// How its messages are found in the account.
    pub fn matching(&self) -> &Matching {
        &self.matching
    }

    /// What reports call the kinds of message that it makes: one name for each block, in the order of the file.
    pub fn block_names(&self) -> Vec<String> {
        (1..=self.messages.len()).map(|number| format!("message {number}")).collect()
    }

    /// The columns of a CSV that it reads.
    pub(crate) fn columns_read(&self) -> impl Iterator<Item = &str> {
        self.shape.children().iter().map(|child| &*child.name)
    }

    /// Makes it ready for one input; a CSV is read by its `header`.
    ///
    /// # Errors
    /// When the header lacks a column that the mapping reads.
    pub fn reader(&self, header: Option<&Header>) -> Result<Reader<'_>, MappingError> {
        let Some(header) = header else {
            return Ok(Reader::new(self, Vec::new()));
        };
        let names = || header.0.iter().map(String::as_str);
        let mut findings = Findings::new(&self.text, &self.file);
        let mut columns = Vec::new();
        for child in self.shape.children() {
            let position = header.0.iter().position(|column| **column == *child.name);
            if let Some(inner) = child.shape.children().first() {
                let message = format!("`{}` is read inside a column, but a CSV has no values in values", inner.name);
                findings.add(child.written.clone(), message, "a column is a single name");
            } else if position.is_none() {
                let label = nearest::did_you_mean(&child.name, names());
                let hint = Some(format!("columns: {}", header.0.join(", ")));
                let message = format!("the export has no column `{}`", child.name);
                let label = label.unwrap_or_else(|| "read here".to_owned());
                findings.add_hinted(child.written.clone(), message, label, hint);
            }
            columns.extend(position);
        }
        if findings.is_empty() { Ok(Reader::new(self, columns)) } else { Err(findings.into_error()) }
    }
}

impl super::recipe::Fields {
    /// Whether there is a recipe for `field`.
    fn sets(&self, field: FieldName) -> bool {
        match field {
            FieldName::Attachments => self.attachments.is_some(),
            FieldName::BodyHtml => self.body_html.is_some(),
            FieldName::BodyText => self.body_text.is_some(),
            FieldName::Channel => self.channel.is_some(),
            FieldName::ExternalId => self.external_id.is_some(),
            FieldName::FailedDatetime => self.failed_datetime.is_some(),
            FieldName::FromAgent => self.from_agent.is_some(),
            FieldName::MessageId => self.message_id.is_some(),
            FieldName::Receiver => self.receiver.is_some(),
            FieldName::Sender => self.sender.is_some(),
            FieldName::SentDatetime => self.sent_datetime.is_some(),
            FieldName::Source => self.source.is_some(),
            FieldName::Subject => self.subject.is_some(),
            FieldName::Via => self.via.is_some(),
        }
    }
}
