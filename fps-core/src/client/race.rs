//! Waiting for the first of two futures, without a runtime.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// The work's output, or `None` if the deadline was over first. Ready work wins over a ready deadline.
pub(crate) async fn race<T>(work: impl Future<Output = T>, deadline: impl Future<Output = ()>) -> Option<T> {
    let (mut work, mut deadline) = (pin!(work), pin!(deadline));
    poll_fn(|context| {
        if let Poll::Ready(output) = work.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        deadline.as_mut().poll(context).map(|()| None)
    })
    .await
}
