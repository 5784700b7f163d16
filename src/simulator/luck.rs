//! The dice: which fault strikes which request.

use std::collections::HashMap;

use super::account::Target;
use super::faults::{Fault, Faults, Moment, Reach, Strike};

#[derive(Debug)]
pub(super) struct Luck {
    faults: Faults,
    seed: u64,
    updates: u64,
    /// How often each method and path was asked for, by their hash.
    asked: HashMap<u64, u64>,
}

impl Luck {
    pub(super) fn new(faults: Faults, seed: u64) -> Self {
        Self { faults, seed, updates: 0, asked: HashMap::new() }
    }

    /// What strikes this request, if anything. `updated` is the message that it updates; `path` comes without its
    /// query.
    pub(super) fn strike(&mut self, method: &str, path: &str, updated: Option<Target>) -> Option<Strike> {
        let asked = self.asked.entry(hash(method, path)).or_default();
        *asked += 1;
        let attempt = *asked;
        match updated {
            Some(target) => {
                self.updates += 1;
                self.scripted(target, attempt)
            }
            None if self.faults.reads => None,
            None => return None,
        }
        .or_else(|| self.drawn(hash(method, path), attempt))
    }

    fn scripted(&self, target: Target, attempt: u64) -> Option<Strike> {
        let due = |moment: &Moment| match *moment {
            Moment::Update(turn) => turn == self.updates,
            Moment::Attempt { message_id, attempt: due } => message_id == target.message_id && due == attempt,
        };
        let found = self.faults.script.iter().find(|(moment, _)| due(moment));
        found.map(|(_, strike)| *strike)
    }

    fn drawn(&self, asked: u64, attempt: u64) -> Option<Strike> {
        let mut dice = fastrand::Rng::with_seed(mixed(mixed(mixed(self.seed) ^ asked) ^ attempt));
        let mut left = dice.f64();
        for (fault, chance) in &self.faults.chances {
            if left < *chance {
                return Some(Strike { fault: *fault, applied: applied(*fault, &mut dice) });
            }
            left -= chance;
        }
        None
    }
}

fn applied(fault: Fault, dice: &mut fastrand::Rng) -> bool {
    match fault.reach() {
        Reach::Never => false,
        Reach::Always => true,
        Reach::Either => dice.bool(),
    }
}

/// FNV-1a: the standard library's hashes may differ from one compiler to the next, and with them the faults of a seed.
fn hash(method: &str, path: &str) -> u64 {
    let bytes = method.bytes().chain([b' ']).chain(path.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The finish of `SplitMix64`: neighbouring seeds give unrelated dice.
fn mixed(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
