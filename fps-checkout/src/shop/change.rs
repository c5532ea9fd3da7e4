//! One committed step of one order.

use fps_core::Timestamp;

use super::Shop;
use crate::error::{Error, Result};
use crate::metrics;
use crate::order::{Order, Refusal, State, Subject};
use crate::storage::{Record, StoreError};

impl Shop {
    /// Changes an order, or a stored token: loads it, lets `step` change it, and stores it if it changed and if nobody else was faster; else
    /// begins again with what is there then. So `step` may run several times, and must depend on nothing but its arguments.
    ///
    /// Returns the order as it is stored, and what the step returned.
    pub(super) async fn change<T>(
        &self,
        of: &Subject,
        step: impl FnMut(&mut Order, Timestamp) -> Result<T, Refusal> + Send,
    ) -> Result<(Order, T)> {
        self.change_loaded(self.load(of).await?, true, step).await
    }

    /// The same, beginning with an order that was read or committed a moment ago, which spares a look. Should it be outdated,
    /// the store takes nothing over it, and what the step says of it alone, that there is nothing to change or that it
    /// cannot be, does not count: then it begins again with what is there.
    pub(super) async fn change_held<T>(
        &self,
        held: Order,
        step: impl FnMut(&mut Order, Timestamp) -> Result<T, Refusal> + Send,
    ) -> Result<(Order, T)> {
        self.change_loaded(held, false, step).await
    }

    async fn change_loaded<T>(
        &self,
        mut before: Order,
        mut is_fresh: bool,
        mut step: impl FnMut(&mut Order, Timestamp) -> Result<T, Refusal> + Send,
    ) -> Result<(Order, T)> {
        let of = before.subject();
        for _ in 0..MOST_TRIES {
            let mut order = before.clone();
            match step(&mut order, self.now()) {
                Ok(result) if order != before => {
                    if self.commit(&mut order).await? {
                        metrics::moved(&order, before.state());
                        return Ok((order, result));
                    }
                    metrics::conflicted();
                }
                Ok(result) if is_fresh => return Ok((order, result)),
                Err(source) if is_fresh => return Err(Error::Refused { of, source }),
                Ok(_) | Err(_) => {}
            }
            (before, is_fresh) = (self.load(&of).await?, true);
        }
        Err(Error::Busy { of })
    }

    /// Stores an order over the version that it was read from. `false` if somebody else was faster.
    async fn commit(&self, order: &mut Order) -> Result<bool> {
        let version = order.version();
        let record = order.write_record(write_id())?;
        for _ in 0..MOST_TRIES {
            match self.0.store.update(&record, version).await {
                Ok(()) => {
                    tracing::debug!(order = %order.label(), state = %order.state(), version = version + 1, "committed");
                    order.committed_as(version + 1);
                    return Ok(true);
                }
                Err(StoreError::Conflict { .. }) => return Ok(false),
                Err(StoreError::Ambiguous { .. }) => match self.0.store.load(record.key()).await? {
                    Some(there) if there.version == version => {}
                    Some(there) => return own_write(order, &there),
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
                    order.committed_as(1);
                    return Ok(true);
                }
                Err(StoreError::AlreadyExists { .. }) => return Ok(false),
                Err(StoreError::Ambiguous { .. }) => match self.0.store.load(record.key()).await? {
                    None => {}
                    Some(there) => return own_write(order, &there),
                },
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Busy { of: order.subject() })
    }
}

/// Whether what is there is what was just written, by the name of the write.
fn own_write(order: &mut Order, there: &Record) -> Result<bool> {
    let is_own = Order::from_record(there)?.write() == order.write();
    if is_own {
        order.committed_as(there.version);
    }
    Ok(is_own)
}

/// A name for one write, never used again.
fn write_id() -> String {
    format!("{:016x}", rand::random::<u64>())
}

/// How often one step begins again because somebody else was faster.
const MOST_TRIES: usize = 32;
