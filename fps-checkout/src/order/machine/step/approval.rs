//! The buyer's walk through the pages: what came of an attempt, and of its token.

use fps_core::CallerReference;
use fps_core::checkout::PaymentMethod;

use super::{Done, Step};
use crate::order::event::{News, Source};
use crate::order::machine::{Approval, Attempt};
use crate::order::state::{State, Trigger};

impl Step {
    pub(super) fn begun(&mut self, reference: &CallerReference) -> Done {
        if self.machine.attempts.last().is_some_and(|attempt| attempt.reference == *reference) {
            return Ok(());
        }
        if self.machine.state != State::Created && !self.machine.state.allows_new_attempt() {
            return self.not_now("a new attempt needs Declined, Abandoned, Expired or Cancelled");
        }
        self.go(Trigger::Begin, State::AwaitingBuyer)?;
        self.machine.attempts.push(Attempt {
            reference: reference.clone(),
            begun_at: self.now,
            approval: Approval::Waiting,
        });
        Ok(())
    }

    pub(super) fn approved(&mut self, number: u32, method: Option<PaymentMethod>, by: Source) -> Done {
        let (holder, payable, at) = (self.machine.held(), self.machine.takes_late_approval(), self.now);
        let attempt = self.attempt(number)?;
        if attempt.approval.has_token() {
            return Ok(());
        }
        if holder.is_some() || !payable {
            attempt.approval = Approval::Unwanted;
            return Ok(());
        }
        attempt.approval = Approval::Held { method, by, at };
        self.go(Trigger::Approve, State::TokenHeld)?;
        // That a stored token is lent is no news: the buyer approved it long ago.
        if by != Source::Stored {
            self.news.push(News::Approved { method });
        }
        Ok(())
    }

    pub(super) fn left(&mut self, number: u32) -> Done {
        self.turned_away(number, Approval::Left, Trigger::Leave, State::Abandoned, News::Abandoned)
    }

    pub(super) fn refused(&mut self, number: u32, status: &str) -> Done {
        let reason = status.to_owned();
        self.turned_away(
            number,
            Approval::Refused(status.to_owned()),
            Trigger::Refuse,
            State::Declined,
            News::Declined { reason },
        )
    }

    pub(super) fn never_came(&mut self, number: u32) -> Done {
        self.turned_away(number, Approval::Expired, Trigger::Expire, State::Expired, News::Expired)
    }

    /// The pages ended without a token.
    fn turned_away(&mut self, number: u32, how: Approval, on: Trigger, to: State, news: News) -> Done {
        let current = self.machine.current_attempt();
        let attempt = self.attempt(number)?;
        if attempt.approval != Approval::Waiting {
            return Ok(());
        }
        attempt.approval = how;
        if number == current && self.machine.state == State::AwaitingBuyer {
            self.go(on, to)?;
            self.news.push(news);
        }
        Ok(())
    }

    pub(super) fn token_cancelled(&mut self, number: u32) -> Done {
        let attempt = self.attempt(number)?;
        if attempt.approval == Approval::Unwanted {
            attempt.approval = Approval::Discarded;
        }
        Ok(())
    }

    pub(super) fn token_expired(&mut self) -> Done {
        if self.machine.state != State::TokenHeld {
            return Ok(());
        }
        self.release_token(Approval::Released)?;
        self.go(Trigger::Expire, State::Expired)?;
        self.news.push(News::Expired);
        Ok(())
    }

    pub(super) fn token_withdrawn(&mut self) -> Done {
        if self.machine.state != State::TokenHeld {
            return Ok(());
        }
        self.release_token(Approval::Released)?;
        self.go(Trigger::Cancel, State::Cancelled)?;
        self.news.push(News::Cancelled);
        Ok(())
    }

    pub(super) fn cancelled_by_shop(&mut self) -> Done {
        match self.machine.state {
            State::Cancelled => Ok(()),
            State::AwaitingBuyer => {
                self.go(Trigger::Cancel, State::Cancelled)?;
                self.news.push(News::Cancelled);
                Ok(())
            }
            State::TokenHeld => {
                self.release_token(Approval::Unwanted)?;
                self.go(Trigger::Cancel, State::Cancelled)?;
                self.news.push(News::Cancelled);
                Ok(())
            }
            _ => self.not_now("only an order that waits for its buyer or holds a token is cancelled so"),
        }
    }

    /// The token that the order held is not charged any more.
    pub(super) fn release_token(&mut self, how: Approval) -> Done {
        if let Some(number) = self.machine.held() {
            self.attempt(number)?.approval = how;
        }
        Ok(())
    }
}
