//! The sandbox's clock, which tests and the control page move.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use fps_core::Timestamp;
use fps_core::client::Clock;
use tokio::sync::watch;

/// The one clock of a sandbox: system time with an offset, or a virtual time that moves only when told to.
///
/// It implements [`Clock`], so a shop in the same process can share it. Whoever sleeps on it wakes as soon as it shows the
/// time, also when it was moved there. Clones are the same clock.
///
/// ```
/// use std::time::Duration;
/// use fps_core::client::Clock as _;
/// use fps_sandbox::SandboxClock;
///
/// let clock = SandboxClock::virtual_at("2010-10-06T05:49:52Z".parse()?);
/// clock.advance(Duration::from_secs(3600));
/// assert_eq!(clock.now().to_string(), "2010-10-06T06:49:52.000Z");
/// # Ok::<(), fps_core::TimestampError>(())
/// ```
#[derive(Clone)]
pub struct SandboxClock {
    reading: std::sync::Arc<watch::Sender<Reading>>,
    skips: bool,
}

/// What the clock was last set to.
#[derive(Clone, Copy, Debug)]
enum Reading {
    /// System time moved by so many milliseconds.
    System { offset: i64 },
    /// This time, standing still.
    Virtual { at: Timestamp },
}

impl SandboxClock {
    /// System time, until it is moved.
    #[must_use]
    pub fn system() -> Self {
        Self::reading(Reading::System { offset: 0 })
    }

    /// A virtual clock that stands at `at` until it is moved.
    #[must_use]
    pub fn virtual_at(at: Timestamp) -> Self {
        Self::reading(Reading::Virtual { at })
    }

    /// The same clock, but whoever sleeps on it moves it: a sleep ends at once and the time is that much later. For
    /// tests of one task, in which nobody else would move the clock.
    #[must_use]
    pub fn skipping_sleeps(mut self) -> Self {
        self.skips = true;
        self
    }

    /// Moves the clock forward. Whoever's sleep ends by then wakes.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.reading.send_modify(|reading| match reading {
            Reading::System { offset } => *offset = offset.saturating_add(by),
            Reading::Virtual { at } => {
                *at = Timestamp::from_unix_millis(at.unix_millis().saturating_add(by));
            }
        });
    }

    /// Sets the clock, forwards or backwards.
    pub fn set(&self, now: Timestamp) {
        self.reading.send_modify(|reading| match reading {
            Reading::System { offset } => {
                *offset = now.unix_millis().saturating_sub(system_millis());
            }
            Reading::Virtual { at } => *at = now,
        });
    }

    /// Whether the time moves only when told to.
    #[must_use]
    pub fn is_virtual(&self) -> bool {
        matches!(*self.reading.borrow(), Reading::Virtual { .. })
    }

    fn reading(reading: Reading) -> Self {
        Self { reading: std::sync::Arc::new(watch::Sender::new(reading)), skips: false }
    }

    /// How long to wait for `until` by real time; `None` if only a move can bring it.
    fn wait(&self, until: Timestamp) -> Option<Duration> {
        (!self.is_virtual()).then(|| until.since(self.now()))
    }
}

impl Default for SandboxClock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for SandboxClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SandboxClock").field(&*self.reading.borrow()).finish()
    }
}

#[async_trait]
impl Clock for SandboxClock {
    fn now(&self) -> Timestamp {
        match *self.reading.borrow() {
            Reading::System { offset } => Timestamp::from_unix_millis(system_millis().saturating_add(offset)),
            Reading::Virtual { at } => at,
        }
    }

    async fn sleep(&self, duration: Duration) {
        if self.skips {
            self.advance(duration);
            return tokio::task::yield_now().await;
        }
        let mut moved = self.reading.subscribe();
        let until = self.now().after(duration);
        while self.now() < until {
            match self.wait(until) {
                Some(rest) => {
                    // A millisecond more, because readings are cut to whole ones.
                    let rest = rest + Duration::from_millis(1);
                    let _moved_or_over = tokio::time::timeout(rest, moved.changed()).await;
                }
                None => {
                    let _the_sender_lives_in_self = moved.changed().await;
                }
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place of the sandbox that reads the system's clock")]
fn system_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_is_moved() {
        for clock in [SandboxClock::system(), SandboxClock::virtual_at(Timestamp::default())] {
            let sleeper = tokio::spawn({
                let clock = clock.clone();
                async move { clock.sleep(Duration::from_secs(3600)).await }
            });
            tokio::task::yield_now().await;
            clock.advance(Duration::from_secs(1800));
            tokio::task::yield_now().await;
            assert!(!sleeper.is_finished(), "{clock:?} woke half way");
            clock.advance(Duration::from_secs(1800));
            sleeper.await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_skipping_clock_moves_itself() {
        let clock = SandboxClock::virtual_at(Timestamp::default()).skipping_sleeps();
        clock.sleep(Duration::from_secs(5)).await;
        assert_eq!(clock.now(), Timestamp::from_unix_seconds(5));
    }

    #[test]
    fn setting_is_exact_on_a_virtual_clock_and_close_on_the_system_clock() {
        let at: Timestamp = "2011-02-10T00:00:00Z".parse().unwrap();
        let clock = SandboxClock::virtual_at(Timestamp::default());
        clock.set(at);
        assert_eq!(clock.now(), at);
        let clock = SandboxClock::system();
        clock.set(at);
        assert!(clock.now().since(at) < Duration::from_secs(10), "{clock:?}");
    }
}
