//! `html_to_text`.

use super::{Argument, Transform, of_text};
use crate::mapping::value::Type;

pub(super) const TRANSFORM: Transform = Transform {
    name: "html_to_text",
    about: "writes HTML as people read it: paragraphs as lines, links behind their words",
    argument: Argument::None,
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |_| Ok(of_text(|html| Ok(Some(crate::update::text_of_html(html))))),
};
