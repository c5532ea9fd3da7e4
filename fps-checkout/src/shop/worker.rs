//! Finishes what was left open: lost returns, unanswered calls, pending payments, unheard news.

use std::time::Duration;

use fps_core::Timestamp;
use tokio::task::JoinSet;

use super::Shop;
use crate::error::Result;
use crate::metrics;
use crate::order::Subject;

/// What one round of the worker did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Work {
    /// How many orders were due and visited.
    pub visited: usize,
    /// How many of the visits could not be finished, because the store failed or a record is damaged; they come again.
    pub failed: usize,
}

impl Shop {
    /// Works until the future is dropped: visits orders as they become due. Several workers, in one process or on several
    /// machines, share the work.
    pub async fn run_worker(&self) {
        self.run_worker_until(std::future::pending()).await;
    }

    /// Works until `shutdown` is ready, and then finishes what it holds.
    pub async fn run_worker_until(&self, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let pause = match self.work_once().await {
                Ok(work) if work.visited == MOST_AT_ONCE => Duration::ZERO,
                Ok(_) => PAUSE,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the worker cannot read the store"
                    );
                    PAUSE_AFTER_ERROR
                }
            };
            tokio::select! {
                () = &mut shutdown => return,
                () = self.sleep(pause) => {}
            }
        }
    }

    /// Visits the orders that are due now, up to 32 of them.
    ///
    /// # Errors
    ///
    /// [`Error::Storage`](crate::Error::Storage) if the store cannot say what is due.
    pub async fn work_once(&self) -> Result<Work> {
        let now = self.now();
        let due = self.0.store.claim_due(now, self.lease_until(now), MOST_AT_ONCE).await?;
        let mut work = Work { visited: due.len(), failed: 0 };
        let mut visits = JoinSet::new();
        for record in due {
            let Some(of) = Subject::of(&record.key) else {
                work.failed += 1;
                continue;
            };
            let shop = self.clone();
            visits.spawn(async move { (shop.visit(&of).await, of) });
        }
        while let Some(visit) = visits.join_next().await {
            match visit {
                Ok((Ok(_), _)) => {}
                Ok((Err(error), of)) => {
                    tracing::error!(
                        order = of.label(),
                        error = &error as &dyn std::error::Error,
                        "a visit failed"
                    );
                    work.failed += 1;
                }
                Err(_) => work.failed += 1,
            }
        }
        metrics::visited(work.visited - work.failed, work.failed);
        Ok(work)
    }

    /// A lease only spreads work: long enough for a visit, short enough that a dead worker's orders are soon taken up.
    fn lease_until(&self, now: Timestamp) -> Timestamp {
        now.after(
            self.0
                .gateways
                .of(self.0.version)
                .whole_deadline()
                .saturating_mul(3)
                .max(Duration::from_secs(60)),
        )
    }
}

const MOST_AT_ONCE: usize = 32;
const PAUSE: Duration = Duration::from_secs(1);
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(10);
