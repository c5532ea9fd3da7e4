//! An order as it leaves the shop, to be kept, looked at and replayed elsewhere.

use fps_core::{Amount, Version};
use serde::{Deserialize, Serialize};

use super::id::{OrderId, Subject};
use super::machine::{Machine, Refusal};
use super::record::{Entry, Order};
use super::state::State;

/// One order's or stored token's journal and where it stands: what an auditor or a support desk needs, and nothing personal. No token, no
/// address, none of the buyer pages' words.
///
/// It is made by [`Order::export`], and is one JSON document by serde.
///
/// ```
/// # async fn archive(shop: &fps_checkout::Shop, id: &fps_checkout::OrderId) -> Result<(), Box<dyn std::error::Error>> {
/// let export = shop.order(id).await?.export();
/// let line = serde_json::to_string(&export)?;
/// // Years later:
/// let export: fps_checkout::order::Export = serde_json::from_str(&line)?;
/// export.replay()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    format: u32,
    order: OrderId,
    /// Whether `order` is the name of a stored token.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    token: bool,
    api: Version,
    total: Amount,
    reserve: bool,
    journal: Vec<Entry>,
    machine: Machine,
}

impl Export {
    pub(super) fn new(order: &Order) -> Self {
        Self {
            format: FORMAT,
            order: order.id().clone(),
            token: order.is_token(),
            api: order.api(),
            total: order.product().total(),
            reserve: order.product().parameters().reserve(),
            journal: order.journal().to_vec(),
            machine: order.machine().clone(),
        }
    }

    /// What it is of.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::named(&self.order, self.token)
    }

    /// Where the order was.
    #[must_use]
    pub fn state(&self) -> State {
        self.machine.state()
    }

    /// All that happened, the first thing first.
    #[must_use]
    pub fn journal(&self) -> &[Entry] {
        &self.journal
    }

    /// Lets the journal happen once more, from an empty order: it must lead to where the order stood.
    ///
    /// # Errors
    ///
    /// [`ReplayError`] if it does not: the export was changed, or this crate reads journals otherwise than the one that
    /// wrote it.
    pub fn replay(&self) -> Result<(), ReplayError> {
        if self.format > FORMAT {
            return Err(ReplayError::Newer { format: self.format });
        }
        match replay(self.total, self.reserve, &self.journal) {
            Ok(machine) if machine == self.machine => Ok(()),
            Ok(machine) => Err(ReplayError::Differs { stored: self.state(), replayed: machine.state() }),
            Err((entry, source)) => Err(ReplayError::Refused { entry, source }),
        }
    }
}

/// The machine of a journal alone; or the entry, counted from 1, that cannot happen.
pub(super) fn replay(total: Amount, reserve: bool, journal: &[Entry]) -> Result<Machine, (usize, Refusal)> {
    let empty = Machine::new(total, reserve);
    (1..).zip(journal).try_fold(empty, |machine, (at, entry)| {
        Ok(machine.apply(&entry.event, entry.at).map_err(|refusal| (at, refusal))?.0)
    })
}

/// Why a journal does not lead to where its order stood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The export was written by a newer version of this crate. Replay it with that one.
    #[error(
        "the export has format {format}, this version reads up to {FORMAT}; use the version that wrote it"
    )]
    Newer {
        /// Its format.
        format: u32,
    },
    /// An entry cannot happen after those before it: the journal was changed, or lacks one.
    #[error("entry {entry} of the journal cannot happen after those before it")]
    Refused {
        /// Which entry, from 1.
        entry: usize,
        /// Why it cannot.
        source: Refusal,
    },
    /// The journal leads elsewhere.
    #[error(
        "the journal does not lead to where the order stood: it is {stored} there and {replayed} here, or differs in a detail"
    )]
    Differs {
        /// Where the order stood.
        stored: State,
        /// Where the journal leads.
        replayed: State,
    },
}

const FORMAT: u32 = 1;
