//! A database's connections: those that were used a moment ago, before a pool of the others.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::{Connection, Database, Pool};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};

/// At most so many connections to one database.
///
/// The driver's pool asks every connection that comes back whether it is well, which costs each call one more way to the
/// server and back. Here a connection whose call succeeded is kept for the next call as it is, the last one first; any
/// other goes to the pool, and so does a kept one from time to time.
#[derive(Debug)]
pub(super) struct Connections<DB: Database> {
    pool: Pool<DB>,
    /// One for each connection that may be in use.
    permits: Semaphore,
    /// `None` when closed.
    kept: Mutex<Option<Vec<Kept<DB>>>>,
    /// How long a call may wait for its turn.
    patience: Duration,
}

/// A connection with the times when it left the pool and when it was last used.
#[derive(Debug)]
struct Kept<DB: Database> {
    connection: PoolConnection<DB>,
    taken: Instant,
    used: Instant,
}

impl<DB: Database> Connections<DB> {
    /// At most `most` connections as `options` say, of which a call gets one within `patience`.
    pub(super) fn new(
        most: u32,
        patience: Duration,
        pool: PoolOptions<DB>,
        options: <DB::Connection as Connection>::Options,
    ) -> Self {
        let pool = pool
            .max_connections(most)
            .acquire_timeout(patience)
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > TRUSTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        let permits = Semaphore::new(most as usize);
        Self { pool, permits, kept: Mutex::new(Some(Vec::new())), patience }
    }

    /// Waits for a connection.
    ///
    /// # Errors
    ///
    /// If none became free in time, the server cannot be reached, or all was closed.
    pub(super) async fn acquire(&self) -> sqlx::Result<Lent<'_, DB>> {
        let acquired = timeout(self.patience, async {
            let permit = self.permits.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
            let (connection, taken) = match self.last_kept() {
                Some(kept) => (kept.connection, kept.taken),
                None => (self.pool.acquire().await?, Instant::now()),
            };
            Ok(Lent { owner: self, connection: Some(connection), taken, _permit: permit })
        });
        acquired.await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }

    /// The connection that was used last. Those that were kept for too long go to the pool.
    fn last_kept(&self) -> Option<Kept<DB>> {
        let now = Instant::now();
        let mut kept = self.kept();
        let kept = kept.as_mut()?;
        drop::<Vec<_>>(
            kept.extract_if(.., |kept| now - kept.used > TRUSTED || now - kept.taken > KEPT_AT_MOST)
                .collect(),
        );
        kept.pop()
    }

    /// Waits until running calls are done and closes all connections; later calls fail.
    pub(super) async fn close(&self) {
        self.permits.close();
        drop(self.kept().take());
        self.pool.close().await;
    }

    fn kept(&self) -> MutexGuard<'_, Option<Vec<Kept<DB>>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<DB: Database> Drop for Connections<DB> {
    fn drop(&mut self) {
        // Given back they would be looked at by a task, and there may be no runtime any more.
        for kept in self.kept().take().into_iter().flatten() {
            drop(kept.connection.detach());
        }
    }
}

/// A connection for one call.
#[derive(Debug)]
pub(super) struct Lent<'a, DB: Database> {
    owner: &'a Connections<DB>,
    /// There until the end.
    connection: Option<PoolConnection<DB>>,
    taken: Instant,
    /// Given back after the connection.
    _permit: SemaphorePermit<'a>,
}

impl<DB: Database> Lent<'_, DB> {
    /// The call succeeded, so the next one can have the connection as it is.
    pub(super) fn keep(mut self) {
        if let (Some(kept), Some(connection)) = (self.owner.kept().as_mut(), self.connection.take()) {
            kept.push(Kept { connection, taken: self.taken, used: Instant::now() });
        }
    }
}

/// The call failed, or nobody waits for it any more: the pool looks at the connection, and at those that were kept.
impl<DB: Database> Drop for Lent<'_, DB> {
    fn drop(&mut self) {
        if let (Some(kept), Some(_)) = (self.owner.kept().as_mut(), self.connection.take()) {
            kept.clear();
        }
    }
}

impl<DB: Database> Deref for Lent<'_, DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &Self::Target {
        self.connection.as_ref().expect(THERE)
    }
}

impl<DB: Database> DerefMut for Lent<'_, DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.connection.as_mut().expect(THERE)
    }
}

const THERE: &str = "only the end takes the connection";

/// How long a connection that nobody used is believed to be well without being asked.
const TRUSTED: Duration = Duration::from_secs(5);

/// How long a connection is kept from the pool, which closes those that are too old.
const KEPT_AT_MOST: Duration = Duration::from_secs(60);

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqlitePoolOptions};
    use sqlx::{Executor, Row};

    use super::*;

    fn connections(most: u32, patience: u64) -> Connections<Sqlite> {
        let options = SqliteConnectOptions::new().in_memory(true);
        Connections::new(most, Duration::from_millis(patience), SqlitePoolOptions::new(), options)
    }

    /// A mark that only this connection has.
    async fn mark(lent: &mut Lent<'_, Sqlite>, mark: &'static str) {
        lent.execute(mark).await.expect("a mark");
    }

    async fn mark_of(lent: &mut Lent<'_, Sqlite>) -> i64 {
        lent.fetch_one("PRAGMA cache_size").await.expect("a mark").get(0)
    }

    #[tokio::test]
    async fn a_connection_is_kept_for_the_next_call_the_last_one_first() {
        let connections = connections(3, 1_000);
        let (mut one, mut two) = (connections.acquire().await.unwrap(), connections.acquire().await.unwrap());
        mark(&mut one, "PRAGMA cache_size = 101").await;
        mark(&mut two, "PRAGMA cache_size = 102").await;
        two.keep();
        one.keep();
        for _ in 0..3 {
            let mut lent = connections.acquire().await.unwrap();
            assert_eq!(mark_of(&mut lent).await, 101);
            lent.keep();
        }
        assert_eq!((connections.pool.size(), connections.pool.num_idle()), (2, 0));
    }

    #[tokio::test]
    async fn a_call_that_fails_sends_all_connections_to_be_looked_at() {
        let connections = connections(3, 1_000);
        let (one, two) = (connections.acquire().await.unwrap(), connections.acquire().await.unwrap());
        one.keep();
        drop(two);
        assert_eq!(connections.kept().as_ref().map(Vec::len), Some(0));
        while connections.pool.num_idle() < 2 {
            tokio::task::yield_now().await;
        }
        connections.acquire().await.unwrap().keep();
        assert_eq!(connections.pool.size(), 2);
    }

    #[tokio::test]
    async fn what_was_kept_for_too_long_goes_to_the_pool() {
        let connections = connections(1, 1_000);
        for (unused, out) in [(TRUSTED, Duration::ZERO), (Duration::ZERO, KEPT_AT_MOST)] {
            connections.acquire().await.unwrap().keep();
            for kept in connections.kept().iter_mut().flatten() {
                kept.used -= unused + Duration::from_millis(1);
                kept.taken -= out + Duration::from_millis(1);
            }
            let before = Instant::now();
            let lent = connections.acquire().await.unwrap();
            assert!(lent.taken >= before, "it was not in the pool");
            lent.keep();
        }
        assert_eq!(connections.pool.size(), 1);
    }

    #[tokio::test]
    async fn no_more_are_in_use_than_allowed_and_those_who_wait_come_in_order() {
        let connections = connections(2, 60);
        let (one, two) = (connections.acquire().await.unwrap(), connections.acquire().await.unwrap());
        let error = connections.acquire().await.unwrap_err();
        assert!(matches!(error, sqlx::Error::PoolTimedOut), "{error:?}");
        let next = async {
            let lent = connections.acquire().await.unwrap();
            assert_eq!(connections.pool.size(), 2);
            lent.keep();
        };
        tokio::join!(next, async { one.keep() });
        drop(two);
    }

    #[tokio::test]
    async fn closing_waits_for_running_calls_and_stops_later_ones() {
        let connections = connections(2, 1_000);
        let (one, two) = (connections.acquire().await.unwrap(), connections.acquire().await.unwrap());
        one.keep();
        let mut closing = Box::pin(connections.close());
        assert!(timeout(Duration::from_millis(50), &mut closing).await.is_err(), "a call was running");
        let error = connections.acquire().await.unwrap_err();
        assert!(matches!(error, sqlx::Error::PoolClosed), "{error:?}");
        two.keep();
        closing.await;
        assert_eq!(connections.pool.size(), 0);
    }

    #[test]
    fn they_can_be_dropped_where_no_runtime_is() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let connections = runtime.block_on(async {
            let connections = connections(2, 1_000);
            connections.acquire().await.unwrap().keep();
            connections
        });
        drop(runtime);
        drop(connections);
    }
}
