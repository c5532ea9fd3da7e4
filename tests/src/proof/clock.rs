//! A clock that stands still while anything moves, and jumps when everything waits.

use std::time::Duration;

use fps_checkout::async_trait;
use fps_core::Timestamp;
use fps_core::client::Clock;

/// The paused clock of the runtime, from a fixed beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct PausedClock {
    start: tokio::time::Instant,
}

impl PausedClock {
    pub(super) fn new() -> Self {
        Self { start: tokio::time::Instant::now() }
    }
}

#[async_trait]
impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(BEGINNING).after(self.start.elapsed())
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// 2010-10-06T05:49:52Z.
pub(super) const BEGINNING: i64 = 1_286_344_192;
