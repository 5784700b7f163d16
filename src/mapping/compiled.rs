//! A compiled mapping, and what the other stages ask of it.

use std::path::Path;

use super::compile;
use super::diagnostic::{Findings, MappingError};
use super::doubles::Doubles;
use super::eval::Reader;
use super::file::FileFacts;
use super::lookup::{LookupNeed, LookupPlan};
use super::matching::Matching;
use super::nearest;
use super::recipe::{Message, Table};
use super::shape::Shape;
use crate::export::{Encoding, Format, Header};
use crate::update::FieldName;

/// A mapping that is compiled and proven: each of its messages has an id, a channel, a direction and a time, or none at
/// all comes of the record.
#[derive(Debug)]
pub struct Mapping {
    pub(crate) name: String,
    pub(crate) system: String,
    pub(crate) is_experimental: bool,
    pub(crate) format: Option<Format>,
    pub(crate) encoding: Option<Encoding>,
    /// The format of rows that the mapping's `separator` makes.
    pub(crate) separator: Option<Format>,
    pub(crate) files: Vec<String>,
    pub(crate) records: Option<String>,
    pub(crate) lookup_needs: Vec<LookupNeed>,
    /// As many as the needs, in the same order.
    pub(crate) lookup_plans: Vec<LookupPlan>,
    pub(crate) tables: Vec<Table>,
    /// What all blocks together read of a record.
    pub(crate) shape: Shape,
    /// Columns that a CSV may lack.
    pub(crate) optional_columns: Vec<String>,
    pub(crate) messages: Vec<Message>,
    pub(crate) matching: Matching,
    pub(crate) doubles: Doubles,
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

    /// Whether no real export was at hand when it was written.
    pub fn is_experimental(&self) -> bool {
        self.is_experimental
    }

    /// What reports call the kinds of message that it makes: one name for each block, in the order of the file.
    pub fn block_names(&self) -> Vec<&str> {
        self.messages.iter().map(|message| message.name.as_str()).collect()
    }

    /// Whether it tells kinds of message apart by the names of files.
    pub fn tells_by_file(&self) -> bool {
        self.messages.iter().all(|message| !message.files.is_empty())
    }

    /// Those of the blocks whose messages say nobody's address.
    pub fn blocks_without_people(&self) -> Vec<&str> {
        let nameless = self.messages.iter().filter(|message| !message.fields.names_people());
        nameless.map(|message| message.name.as_str()).collect()
    }

    /// The format of the export, where the mapping says it.
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// What text that is not UTF-8 is written in, where the mapping says it.
    pub fn encoding(&self) -> Option<Encoding> {
        self.encoding
    }

    /// The format of a CSV's rows, where the mapping says what separates their cells.
    pub fn separator(&self) -> Option<Format> {
        self.separator
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

    /// Which of two different records with one `external_id` is carried over.
    pub fn doubles(&self) -> Doubles {
        self.doubles
    }

    /// The columns of a CSV that it reads.
    pub(crate) fn columns_read(&self) -> impl Iterator<Item = &str> {
        self.shape.children().iter().map(|child| &*child.name)
    }

    /// Makes it ready for one input: `file` is its name as an operator knows it, and a CSV is read by its `header`.
    ///
    /// # Errors
    /// When the header lacks a column that a block for this file reads, unless the mapping says that it may.
    pub fn reader(&self, header: Option<&Header>, file: &Path) -> Result<Reader<'_>, MappingError> {
        let file = FileFacts::of(file);
        let is_for_file = |message: &Message| message.files.is_empty() || file.is_like_one_of(&message.files);
        let blocks = (0_u16..).zip(&self.messages).filter(|(_, message)| is_for_file(message));
        let blocks: Vec<_> = blocks.map(|(block, _)| block).collect();
        let columns = header.map(|header| self.columns(header, &blocks)).transpose()?;
        Ok(Reader::new(self, file, &blocks, columns.unwrap_or_default()))
    }

    /// For each key that `blocks` read, the column that it is.
    fn columns(&self, header: &Header, blocks: &[u16]) -> Result<Vec<(u32, usize)>, MappingError> {
        let names = || header.0.iter().map(String::as_str);
        let mut findings = Findings::new(&self.text, &self.file);
        let mut columns = Vec::new();
        for child in self.shape.children() {
            let Some(written) = child.written_in(blocks) else { continue };
            let position = header.0.iter().position(|column| **column == *child.name);
            if let Some(inner) = child.shape.children().iter().find(|inner| inner.written_in(blocks).is_some()) {
                let message = format!("`{}` is read inside a column, but a CSV has no values in values", inner.name);
                findings.add(written.clone(), message, "a column is a single name");
            } else if position.is_none() && !self.may_lack(&child.name, header) {
                let label = nearest::did_you_mean(&child.name, names());
                let hint = Some(format!("columns: {}", header.0.join(", ")));
                let message = format!("the export has no column `{}`", child.name);
                let label = label.unwrap_or_else(|| "read here".to_owned());
                findings.add_hinted(written.clone(), message, label, hint);
            }
            columns.extend(position.map(|position| (child.number, position)));
        }
        if findings.is_empty() { Ok(columns) } else { Err(findings.into_error()) }
    }

    /// Whether a file under this header may be without the column `name`.
    ///
    /// Not where it stands there in another spelling, and nobody reads that: `Subject` for `subject` would be a field lost
    /// in silence.
    fn may_lack(&self, name: &str, header: &Header) -> bool {
        let is_other_spelling =
            |column: &String| nearest::is_same_but_for_spelling(column, name) && self.shape.child(column).is_none();
        self.optional_columns.iter().any(|column| column == name) && !header.0.iter().any(is_other_spelling)
    }
}

impl super::recipe::Fields {
    /// Whether there is a recipe for anybody's address.
    fn names_people(&self) -> bool {
        let mut people = [&self.sender, &self.receiver].into_iter().flatten();
        let mut sources = self.source.iter();
        people.any(|person| person.email.is_some())
            || sources.any(|source| {
                let lists = [&source.to, &source.cc, &source.bcc];
                source.from_address.is_some() || lists.iter().any(|list| list.is_some())
            })
    }

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
