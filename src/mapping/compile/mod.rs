//! The compiler: from TOML to a [`Mapping`], or to every mistake in it.
//!
//! One file for each part of the language. Nothing stops at the first mistake: what can't be compiled is noted and left
//! out, and only at the end is the mapping refused.

mod apply;
pub(super) mod dom;
mod expr;
mod field;
mod fields;
mod head;
mod list;
mod matching;
mod message;
mod resolve;
pub(super) mod schema;
mod spec;
mod want;

use std::ops::Range;

use toml::de::DeTable;

use super::compiled::Mapping;
use super::diagnostic::{Findings, MappingError};
use super::lookup::{LookupNeed, LookupPlan};
use super::recipe::Table;
use super::shape::{Keys, Shape};
use super::transform::Zone;
use super::value::Constant;

/// The keys of a mapping.
const KEYS: &[&str] = &[
    "name",
    "system",
    "experimental",
    "format",
    "encoding",
    "separator",
    "files",
    "records",
    "timezone",
    "optional_columns",
    "doubles",
    "lookups",
    "tables",
    "match",
    "message",
];

/// What the compiler has found so far.
struct Compiler<'t> {
    findings: Findings<'t>,
    lookup_needs: Vec<LookupNeed>,
    lookups: Vec<LookupPlan>,
    /// Those that are used and not declared.
    unknown_lookups: Vec<String>,
    tables: Vec<Table>,
    /// For each table its values and where they are written, so that the fields that use them can blame them.
    table_places: Vec<PlacedTable>,
    /// What is read of a record.
    shape: Shape,
    /// What a time without a zone means.
    timezone: Option<Zone>,
    /// The keys that are read, of a record or of a lookup's row.
    keys: Keys,
    /// The number of the block in hand.
    block: u16,
}

/// A table's values and where they are written.
type PlacedTable = Vec<(Constant, Range<usize>)>;

/// Compiles the mapping `text`, which stands in `file`.
pub(super) fn compile(text: &str, file: &str) -> Result<Mapping, MappingError> {
    let mut findings = Findings::new(text, file);
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        // Only the first: the parser goes on after a mistake, and then stumbles over what follows from it.
        if let Some(error) = errors.first() {
            findings.add_hinted(
                error.span().unwrap_or(0..0),
                format!("not valid TOML: {}", error.message()),
                "",
                Some("look above this line, too: a bracket or a quote that is not closed is noticed late".to_owned()),
            );
        }
        return Err(findings.into_error());
    }
    if document.get_ref().is_empty() {
        let hint =
            "`deskferry mapping new EXPORT --output FILE` writes one, and `deskferry mapping show NAME` a built-in one";
        findings.add_hinted(0..0, "the mapping is empty", "", Some(hint.to_owned()));
        return Err(findings.into_error());
    }
    let mut compiler = Compiler {
        findings,
        lookup_needs: Vec::new(),
        lookups: Vec::new(),
        unknown_lookups: Vec::new(),
        tables: Vec::new(),
        table_places: Vec::new(),
        shape: Shape::default(),
        timezone: None,
        keys: Keys::default(),
        block: 0,
    };
    let mapping = compiler.document(document.get_ref(), file);
    if compiler.findings.is_empty() { Ok(mapping) } else { Err(compiler.findings.into_error()) }
}

impl Compiler<'_> {
    fn document(&mut self, document: &DeTable<'_>, file: &str) -> Mapping {
        self.findings.check_keys(document, "key", "", KEYS);
        let name = self.needed_text(document, "name");
        let system = self.needed_text(document, "system");
        let is_experimental = self.findings.flag_at(document, "experimental");
        let format = self.format(document);
        let (encoding, separator) = (self.encoding(document), self.separator(document));
        let files = self.files(document);
        let records = self.findings.text_at(document, "records").map(|written| written.text);
        self.timezone = self.timezone(document);
        self.declare_lookups(document);
        self.declare_tables(document);
        let messages = self.messages(document);
        let optional_columns = self.optional_columns(document, format);
        let matching = self.matching(document);
        let doubles = self.doubles(document);
        Mapping {
            name,
            system,
            is_experimental,
            format,
            encoding,
            separator,
            files,
            records,
            lookup_needs: std::mem::take(&mut self.lookup_needs),
            lookup_plans: std::mem::take(&mut self.lookups),
            tables: std::mem::take(&mut self.tables),
            shape: std::mem::take(&mut self.shape),
            optional_columns,
            messages,
            matching,
            doubles,
            text: self.findings.text().to_owned(),
            file: file.to_owned(),
        }
    }

    /// The values of a table with their places.
    fn table_values(&self, index: usize) -> PlacedTable {
        self.table_places.get(index).cloned().unwrap_or_default()
    }
}
