//! A shop's own references: each names one order for ever.

use fps_core::CallerReference;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Shop;
use crate::error::{Error, Result};
use crate::order::{OrderId, RecordError, References};
use crate::storage::{Key, NewRecord, StoreError};

/// What stands under a reference's key.
#[derive(Debug, Serialize, Deserialize)]
struct Taken {
    format: u32,
    order: OrderId,
}

impl Shop {
    /// Takes the references for that order. Two orders under one Pay reference would be one payment to the service.
    pub(super) async fn take_references(&self, order: &OrderId, own: &References) -> Result<()> {
        if own.approval() == own.pay() {
            return self.take(order, own.pay()).await;
        }
        self.take(order, own.approval()).await?;
        self.take(order, own.pay()).await
    }

    async fn take(&self, order: &OrderId, reference: &CallerReference) -> Result<()> {
        let key = key(reference);
        let json = |source| RecordError::Json { key: key.clone(), source };
        let body = serde_json::to_vec(&Taken { format: 1, order: order.clone() }).map_err(json)?;
        let record = NewRecord::new(key.clone(), "Taken", None, body).map_err(RecordError::from)?;
        for _ in 0..MOST_TRIES {
            match self.0.store.create(&record).await {
                Ok(()) => return Ok(()),
                // Whoever was first has it: another order, or an earlier try of this one.
                Err(StoreError::AlreadyExists { .. } | StoreError::Ambiguous { .. }) => {}
                Err(other) => return Err(other.into()),
            }
            if let Some(there) = self.0.store.load(&key).await? {
                let taken: Taken = serde_json::from_slice(&there.body).map_err(json)?;
                return match taken.order == *order {
                    true => Ok(()),
                    false => Err(Error::ReferenceUsed { order: order.clone() }),
                };
            }
        }
        Err(Error::Busy { of: order.into() })
    }
}

/// `reference/<digest>`: a reference itself may be longer than a key.
fn key(reference: &CallerReference) -> Key {
    let digest = Sha256::digest(reference.as_str().as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Key::new(format!("reference/{digest}")).expect("a digest is short and plain")
}

/// How often a write whose fate is open is tried again.
const MOST_TRIES: usize = 8;
