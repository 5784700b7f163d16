//! `epoch_seconds`.

use jiff::Timestamp;

use super::{Transform, epoch};
use crate::mapping::value::Type;

pub(super) const TRANSFORM: Transform = Transform {
    name: "epoch_seconds",
    about: "reads seconds since 1970, as a number or as text",
    accepts: &[Type::Integer, Type::Text],
    gives: Type::Time,
    run: |value| epoch::read(&value, Timestamp::from_second),
};
