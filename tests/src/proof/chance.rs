//! Faults by chance: the same seed, the same faults.

use std::collections::BTreeMap;

use super::seam::{Effect, Fault};

/// SplitMix64: the same seed gives the same day, whatever becomes of other crates.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 to below `sides`.
    pub(super) fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides.max(1)
    }

    /// One of them.
    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let at = self.throw(u64::try_from(from.len()).unwrap_or(1));
        from[usize::try_from(at).unwrap_or(0)]
    }

    /// Whether one in so many throws hits.
    pub(super) fn hits(&mut self, one_in: u64) -> bool {
        self.throw(one_in) == 0
    }

    /// Dice of their own, which do not depend on what is thrown here later.
    pub(super) fn split(&mut self) -> Self {
        Self(self.throw(u64::MAX))
    }
}

/// What goes wrong by chance at one process's effects.
#[derive(Clone, Debug)]
pub(super) struct Chance {
    dice: Dice,
    one_in: u64,
    /// How many more calls do not get through: the process is cut off from the service.
    cut_off: u32,
    /// How many faults of each kind have struck.
    pub(super) struck: BTreeMap<Fault, usize>,
}

impl Chance {
    /// One fault in so many effects.
    pub(super) const fn new(dice: Dice, one_in: u64) -> Self {
        Self { dice, one_in, cut_off: 0, struck: BTreeMap::new() }
    }

    pub(super) fn strike(&mut self, effect: Effect) -> Option<Fault> {
        let fault = if effect == Effect::Call && self.cut_off > 0 {
            self.cut_off -= 1;
            self.dice.pick(&[Fault::NotDone, Fault::ErrorThoughDone])
        } else if self.dice.hits(self.one_in) {
            if effect == Effect::Call && self.dice.hits(8) {
                self.cut_off = CUT_OFF_FOR;
            }
            self.dice.pick(effect.faults())
        } else {
            return None;
        };
        *self.struck.entry(fault).or_default() += 1;
        Some(fault)
    }
}

const CUT_OFF_FOR: u32 = 12;
