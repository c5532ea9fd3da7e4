//! How a subscription begins, now that there are no Simple Pay buttons.

use fps_core::checkout::PaymentMethod;
use fps_core::client::Clock;
use fps_core::{Amount, CallerReference, SubscriptionId};
use url::Url;

use crate::ids;
use crate::ledger::subscription::Promotion;
use crate::ledger::words::{AmountType, SubscriptionStatus};
use crate::ledger::{Event, Ledger, Period, PeriodUnit, Subscription, Token, TokenType};
use crate::sandbox::{DataLost, Inner, Sandbox};

/// A subscription that is to begin now: regular payments from a buyer to a caller.
///
/// Buttons of Simple Pay made them, and the API never could. Here it is [`Sandbox::subscribe`], or the control page. The
/// service makes the payments itself, by the sandbox's clock; a payment that is refused is a transaction in Failure, and
/// the next is tried in its time.
///
/// ```
/// use fps_core::Amount;
/// use fps_sandbox::ledger::Period;
/// use fps_sandbox::{NewSubscription, Sandbox, people};
///
/// let sandbox = Sandbox::new();
/// let monthly = Period::parse("1 month").expect("a period");
/// let wanted = NewSubscription::new(people::BETTY, people::SHOP, Amount::usd("9.99"), monthly)
///     .with_description("Songs without end")
///     .with_promotion(Amount::usd("0.99"), 3);
/// let id = sandbox.subscribe(&wanted)?;
/// assert_eq!(sandbox.ledger().subscription(&id).unwrap().transactions.len(), 1);
/// assert_eq!(sandbox.ledger().balance_of(people::BETTY), Amount::usd("99.01"));
/// # Ok::<(), fps_sandbox::SubscribeError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct NewSubscription {
    buyer: String,
    seller: String,
    amount: Amount,
    every: Period,
    lasts: Option<Period>,
    promotion: Option<Promotion>,
    description: String,
    method: Option<PaymentMethod>,
    notice_url: Option<Url>,
}

impl NewSubscription {
    /// So much every so often, from the account of one e-mail address to that of another. Days, weeks, months or years.
    pub fn new(buyer: impl Into<String>, seller: impl Into<String>, amount: Amount, every: Period) -> Self {
        Self {
            buyer: buyer.into(),
            seller: seller.into(),
            amount,
            every,
            lasts: None,
            promotion: None,
            description: "Subscription".to_owned(),
            method: None,
            notice_url: None,
        }
    }

    /// How long it lasts; until it is cancelled unless given.
    pub fn with_length(mut self, lasts: Period) -> Self {
        self.lasts = Some(lasts);
        self
    }

    /// What the first `count` payments cost.
    pub fn with_promotion(mut self, amount: Amount, count: u32) -> Self {
        self.promotion = Some(Promotion { amount, count });
        self
    }

    /// What for.
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// What the buyer pays with; his default method, else the first that he has, unless given.
    pub fn with_method(mut self, method: PaymentMethod) -> Self {
        self.method = Some(method);
        self
    }

    /// Where its notices go, instead of the seller's address.
    pub fn with_notice_url(mut self, url: Url) -> Self {
        self.notice_url = Some(url);
        self
    }

    fn events(
        &self,
        ledger: &Ledger,
        now: fps_core::Timestamp,
    ) -> Result<(SubscriptionId, Vec<Event>), SubscribeError> {
        let account = |email: &str| {
            let unknown = || SubscribeError::NoAccount { email: email.to_owned() };
            ledger.account_by_email(email).ok_or_else(unknown)
        };
        let (buyer, seller) = (account(&self.buyer)?, account(&self.seller)?);
        if buyer.id == seller.id {
            return Err(SubscribeError::SameAccount);
        }
        if seller.keys.is_empty() {
            return Err(SubscribeError::NoCaller { email: self.seller.clone() });
        }
        let prices = [Some(self.amount), self.promotion.map(|promotion| promotion.amount)];
        if prices.into_iter().flatten().any(|price| price.is_zero() || price.to_wire().is_err()) {
            return Err(SubscribeError::Amount);
        }
        if [Some(self.every), self.lasts].into_iter().flatten().any(|period| period.unit == PeriodUnit::Hour)
        {
            return Err(SubscribeError::Hours);
        }
        let method = self.method.or(buyer.default_method).filter(|method| buyer.has(*method));
        let method = match self.method {
            Some(_) => method,
            None => method.or_else(|| PaymentMethod::ALL.into_iter().find(|method| buyer.has(*method))),
        };
        let method = method.ok_or_else(|| SubscribeError::NoMethod { email: self.buyer.clone() })?;
        let id = SubscriptionId::new(ids::request());
        let reference = CallerReference::new(id.as_str()).expect("a UUID is a reference");
        let token = Token::single_use(ids::token(), seller.id.clone(), buyer.id.clone(), reference, now);
        let most = prices.into_iter().flatten().max().unwrap_or(self.amount);
        let token = Token {
            kind: TokenType::Recurring,
            expires: None,
            reason: Some(self.description.clone()),
            method: Some(method),
            amount: Some(most),
            amount_type: AmountType::Maximum,
            ..token
        };
        let subscription = Subscription {
            id: id.clone(),
            caller: seller.id.clone(),
            sender: buyer.id.clone(),
            token: token.id.clone(),
            description: self.description.clone(),
            amount: self.amount,
            promotion: self.promotion,
            starts: now,
            frequency: self.every,
            lasts: self.lasts,
            notice_url: self.notice_url.as_ref().map(Url::to_string),
            status: SubscriptionStatus::Active,
            next: Some(now),
            transactions: Vec::new(),
        };
        let token = Event::TokenInstalled { token: Box::new(token) };
        Ok((id, vec![token, Event::SubscriptionOpened { subscription: Box::new(subscription) }]))
    }
}

impl Sandbox {
    /// Begins a subscription; its first payment is made at once.
    ///
    /// # Errors
    ///
    /// [`SubscribeError`] if it cannot be.
    pub fn subscribe(&self, wanted: &NewSubscription) -> Result<SubscriptionId, SubscribeError> {
        begin(&self.inner, wanted)
    }
}

pub(crate) fn begin(inner: &Inner, wanted: &NewSubscription) -> Result<SubscriptionId, SubscribeError> {
    let now = inner.clock.now();
    let mut state = inner.locked();
    let (id, events) = wanted.events(&state.ledger, now)?;
    state.commit(&events)?;
    drop(state);
    // What is due now happens when the state is locked.
    drop(inner.locked());
    Ok(id)
}

/// A subscription cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubscribeError {
    /// Name an account that is there.
    #[error("nobody has the address {email:?}")]
    NoAccount {
        /// Whose.
        email: String,
    },
    /// Only a caller can be subscribed to: give the account a key pair.
    #[error("the account {email:?} has no access key, so it cannot be subscribed to")]
    NoCaller {
        /// Whose.
        email: String,
    },
    /// Buyer and seller have to be two.
    #[error("the buyer and the seller are the same account")]
    SameAccount,
    /// The buyer lacks the method, or any: give him one.
    #[error("the account {email:?} has no such payment method")]
    NoMethod {
        /// Whose.
        email: String,
    },
    /// Amounts are more than zero and have at most two decimals.
    #[error("the amounts of a subscription have to be more than zero, with at most two decimals")]
    Amount,
    /// Subscriptions know days, weeks, months and years.
    #[error("a subscription counts in days, weeks, months or years, not in hours")]
    Hours,
    /// There is a data file, and it cannot be written.
    #[error(transparent)]
    DataLost(#[from] DataLost),
}
