//! One committed step of one order.

use fps_core::Timestamp;

use super::Shop;
use crate::error::{Error, Result};
use crate::metrics;
use crate::order::{Order, Refusal, State, Subject};
use crate::storage::StoreError;

impl Shop {
    /// Changes an order, or a stored token: loads it, lets `step` change it, and stores it if it changed and if nobody else was faster; else
    /// begins again with what is there then. So `step` may run several times, and must depend on nothing but its arguments.
    ///
    /// Returns the order as it is stored, and what the step returned.
    pub(super) async fn change<T>(
        &self,
        of: &Subject,
        mut step: impl FnMut(&mut Order, Timestamp) -> Result<T, Refusal> + Send,
    ) -> Result<(Order, T)> {
        for _ in 0..MOST_TRIES {
            let Some(record) = self.0.store.load(&of.key()).await? else {
                return Err(Error::unknown(of));
            };
            let before = Order::from_record(&record)?;
            let mut order = before.clone();
            let result =
                step(&mut order, self.now()).map_err(|source| Error::Refused { of: of.clone(), source })?;
            if order == before {
                return Ok((order, result));
            }
            if self.commit(&mut order, record.version).await? {
                metrics::moved(&order, before.state());
                return Ok((order, result));
            }
            metrics::conflicted();
        }
        Err(Error::Busy { of: of.clone() })
    }

    /// Stores an order over that version. `false` if somebody else was faster.
    async fn commit(&self, order: &mut Order, version: u64) -> Result<bool> {
        let record = order.write_record(write_id())?;
        for _ in 0..MOST_TRIES {
            match self.0.store.update(&record, version).await {
                Ok(()) => {
                    tracing::debug!(order = %order.label(), state = %order.state(), version = version + 1, "committed");
                    return Ok(true);
                }
                Err(StoreError::Conflict { .. }) => return Ok(false),
                Err(StoreError::Ambiguous { .. }) => match self.0.store.load(record.key()).await? {
                    Some(there) if there.version == version => {}
                    Some(there) => return Ok(Order::from_record(&there)?.write() == order.write()),
                    None => return Ok(false),
                },
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Busy { of: order.subject() })
    }

    /// Stores a new order. `false` if its name is taken.
    pub(super) async fn create(&self, order: &mut Order) -> Result<bool> {
        let record = order.write_record(write_id())?;
        for _ in 0..MOST_TRIES {
            match self.0.store.create(&record).await {
                Ok(()) => {
                    metrics::moved(order, State::Created);
                    tracing::debug!(order = %order.label(), state = %order.state(), version = 1, "committed");
                    return Ok(true);
                }
                Err(StoreError::AlreadyExists { .. }) => return Ok(false),
                Err(StoreError::Ambiguous { .. }) => match self.0.store.load(record.key()).await? {
                    None => {}
                    Some(there) => return Ok(Order::from_record(&there)?.write() == order.write()),
                },
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Busy { of: order.subject() })
    }
}

/// A name for one write, never used again.
fn write_id() -> String {
    format!("{:016x}", rand::random::<u64>())
}

/// How often one step begins again because somebody else was faster.
const MOST_TRIES: usize = 32;
