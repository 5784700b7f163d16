//! `epoch_millis`.

use super::{Argument, Transform, epoch, plain};
use crate::mapping::value::Type;

pub(super) const TRANSFORM: Transform = Transform {
    name: "epoch_millis",
    about: "reads milliseconds since 1970, whole or with a fraction",
    argument: Argument::None,
    accepts: &[Type::Integer, Type::Fraction, Type::Text],
    gives: Type::Time,
    prepare: |_| Ok(plain(|value| epoch::read(&value, 1000))),
};
