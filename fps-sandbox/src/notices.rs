//! Notices (IPN): what the service posts to a caller when a transaction moves or a token is cancelled.
//!
//! They are queued when it happens, and delivered by a step of their own: [`Sandbox::deliver_notices`], which
//! [`Sandbox::serve`] takes a few times in a second.

pub(crate) mod wire;
mod write;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fps_core::Timestamp;
use fps_core::client::Clock;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use serde::Serialize;
use url::{Position, Url};

use crate::Sandbox;
use crate::faults::{Fault, Faults, NOTICE};
use crate::journal::Beside;
use crate::ledger::{Event, Ledger};
use crate::sandbox::Inner;

/// A notice and what became of it.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct Notice {
    /// Counted from 1, in the order in which things happened.
    pub number: u64,
    /// Where it goes.
    pub url: Url,
    /// What it is about: `PAY SUCCESS`, `TokenCancellation`.
    pub subject: String,
    /// The caller reference of the transaction or token.
    pub reference: String,
    /// When it happened.
    pub at: Timestamp,
    /// How often it was sent.
    pub attempts: u32,
    /// What the last attempt came to: an HTTP status, or why there is none.
    pub last: String,
    /// Where it stands.
    pub state: NoticeState,
    #[serde(skip)]
    pairs: Vec<(&'static str, String)>,
    #[serde(skip)]
    copies: u32,
}

/// Without what it says, which may name a token.
impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notice")
            .field("number", &self.number)
            .field("subject", &self.subject)
            .field("reference", &self.reference)
            .field("attempts", &self.attempts)
            .field("last", &self.last)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoticeState {
    /// To be sent at that time.
    Waiting(Timestamp),
    /// Answered with 2xx.
    Delivered,
    /// Not answered with 2xx for a day, or never sent because a fault said so.
    GivenUp,
}

/// The notices of a sandbox.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    queue: VecDeque<Notice>,
    count: u64,
    faults: Faults,
}

impl Notices {
    pub(crate) fn new(faults: Faults) -> Self {
        Self { faults, ..Self::default() }
    }

    /// Queues what an event gives notice of, if there is an address for it.
    pub(crate) fn note(&mut self, ledger: &Ledger, event: &Event) {
        let Some(draft) = write::draft(ledger, event) else { return };
        self.count += 1;
        let mut notice = Notice {
            number: self.count,
            url: draft.url,
            subject: draft.subject,
            reference: draft.reference,
            at: draft.at,
            attempts: 0,
            last: String::new(),
            state: NoticeState::Waiting(draft.at),
            pairs: draft.pairs,
            copies: 1,
        };
        match self.faults.strike(NOTICE) {
            Some(Fault::NoticeNever) => {
                notice.state = NoticeState::GivenUp;
                "never sent, as the fault script says".clone_into(&mut notice.last);
            }
            Some(Fault::NoticeTwice) => notice.copies = 2,
            Some(Fault::NoticeLate(millis)) => {
                notice.state = NoticeState::Waiting(draft.at.after(Duration::from_millis(millis)));
            }
            _ => {}
        }
        if self.queue.len() >= MOST_NOTICES {
            self.queue.pop_front();
        }
        self.queue.push_back(notice);
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Notice> {
        self.queue.iter().rev()
    }

    /// Whether there is a notice of that number.
    pub(crate) fn has(&self, number: u64) -> bool {
        self.queue.iter().any(|notice| notice.number == number)
    }

    /// Sends a notice again, whatever became of it. False if there is none of that number.
    pub(crate) fn again(&mut self, number: u64, now: Timestamp) -> bool {
        match self.queue.iter_mut().find(|notice| notice.number == number) {
            Some(notice) => {
                notice.state = NoticeState::Waiting(now);
                notice.copies = 1;
                true
            }
            None => false,
        }
    }

    fn due(&self, now: Timestamp) -> Vec<Notice> {
        let is_due = |notice: &&Notice| matches!(notice.state, NoticeState::Waiting(at) if at <= now);
        self.queue.iter().filter(is_due).cloned().collect()
    }

    /// Takes in what an attempt came to.
    pub(crate) fn record(&mut self, number: u64, answer: Result<u16, String>, now: Timestamp) {
        let Some(notice) = self.queue.iter_mut().find(|notice| notice.number == number) else { return };
        notice.attempts += 1;
        let delivered = answer.as_ref().is_ok_and(|status| (200..300).contains(status));
        notice.last = answer.map_or_else(|reason| reason, |status| status.to_string());
        let pause = PAUSES.get(notice.attempts as usize - 1).copied().unwrap_or(LAST_PAUSE);
        notice.state = if delivered {
            NoticeState::Delivered
        } else if now.after(pause).since(notice.at) > GIVE_UP_AFTER {
            NoticeState::GivenUp
        } else {
            NoticeState::Waiting(now.after(pause))
        };
    }
}

impl Sandbox {
    /// Sends every notice that is due, oldest first, and says how many were answered with 2xx.
    ///
    /// An answer other than 2xx, or none within 10 seconds, is tried again after 1, 5, 15 and 30 minutes and then hourly, for
    /// a day of the sandbox's clock. Addresses off loopback are not called unless the builder allowed it.
    pub async fn deliver_notices(&self) -> usize {
        let inner = &self.inner;
        let due = inner.shared().notices.due(inner.clock.now());
        let mut delivered = 0;
        for notice in due {
            let mut answer = Err(String::new());
            for _ in 0..notice.copies {
                answer = self.deliver(&notice).await;
            }
            delivered += usize::from(answer.as_ref().is_ok_and(|status| (200..300).contains(status)));
            let tried = Beside::NoticeTried { number: notice.number, at: inner.clock.now(), answer };
            if let Err(error) = inner.locked().keep(tried) {
                tracing::warn!(%error, "a notice was sent, and will be sent again");
            }
        }
        delivered
    }

    /// The notices so far, oldest first.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        self.inner.shared().notices.queue.iter().cloned().collect()
    }

    /// Sends a notice again, whatever became of it. False if there is none of that number, or it cannot be written down.
    pub fn resend_notice(&self, number: u64) -> bool {
        let at = self.inner.clock.now();
        let mut state = self.inner.locked();
        state.notices.has(number) && state.keep(Beside::NoticeAgain { number, at }).is_ok()
    }

    async fn deliver(&self, notice: &Notice) -> Result<u16, String> {
        let inner = &self.inner;
        if !inner.settings.notices_anywhere && !is_loopback(&notice.url) {
            return Err("not sent: the address is not on loopback".to_owned());
        }
        let body =
            write::signed(inner, &notice.url, &notice.pairs).ok_or("not sent: the address is malformed")?;
        let request = Request::builder()
            .method(Method::POST)
            .uri(&notice.url[..Position::AfterQuery])
            .header(http::header::HOST, &notice.url[Position::BeforeHost..Position::AfterPort])
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8")
            .body(body.into_bytes())
            .map_err(|_| "not sent: the address is malformed")?;
        let sender = inner.settings.notices_by.clone();
        let sender = sender.unwrap_or_else(|| Arc::new(wire::PlainHttp));
        let answer = tokio::time::timeout(PATIENCE, sender.send(request)).await;
        match answer {
            Ok(Ok(response)) => Ok(response.status().as_u16()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer within 10 seconds".to_owned()),
        }
    }
}

impl Inner {
    /// Whether anything is to be sent by now.
    pub(crate) fn has_due_notices(&self) -> bool {
        let now = self.clock.now();
        !self.shared().notices.due(now).is_empty()
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

const PATIENCE: Duration = Duration::from_secs(10);
const MOST_NOTICES: usize = 10_000;
const MINUTE: Duration = Duration::from_secs(60);
/// The pauses after the first attempts; the service's own schedule is not known.
const PAUSES: &[Duration] =
    &[MINUTE, Duration::from_secs(5 * 60), Duration::from_secs(15 * 60), Duration::from_secs(30 * 60)];
const LAST_PAUSE: Duration = Duration::from_secs(60 * 60);
const GIVE_UP_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
