//! What a buyer is asked to allow, and what of it is left.

use fps_core::checkout::{Charge, Charges, CheckoutError, PaymentMethods, PipelineParameters};
use fps_core::pipeline::{AmountType, UsageLimit, UsageValue};
use fps_core::{Amount, Timestamp};
use serde::{Deserialize, Serialize};

use super::YEAR;
use super::refusal::TokenRefusal;
use super::spending::Spending;

/// What a buyer is asked to allow: many payments within limits. Frozen when the token begins.
///
/// | term | parameter of the link |
/// |---|---|
/// | [`at_most`](Self::at_most) | `globalAmountLimit` |
/// | [`with_each`](Self::with_each) | `transactionAmount`, `amountType` |
/// | [`with_usage_limit`](Self::with_usage_limit) | `usageLimitType1` and its siblings, at most two |
/// | [`with_start`](Self::with_start), [`with_expiry`](Self::with_expiry) | `validityStart`, `validityExpiry` |
/// | [`with_reason`](Self::with_reason) | `paymentReason` |
/// | [`with_payment_methods`](Self::with_payment_methods) | `paymentMethod` |
/// | [`with_collect_shipping_address`](Self::with_collect_shipping_address) | `collectShippingAddress` |
///
/// ```
/// use fps_checkout::fps_core::pipeline::{AmountType, Period, UsageLimit};
/// use fps_checkout::{Amount, TokenTerms};
///
/// let terms = TokenTerms::at_most(Amount::usd("50"))
///     .with_each(Amount::usd("5"), AmountType::Maximum)
///     .with_usage_limit(UsageLimit::amount(Amount::usd("10")).per(Period::months(1)))
///     .with_reason("Songs, whenever you like one");
/// # let _ = terms;
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenTerms {
    limit: Amount,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    each: Option<(Amount, AmountType)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    usage_limits: Vec<UsageLimit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    starts: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    methods: PaymentMethods,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    collect_address: bool,
}

impl TokenTerms {
    /// At most so much in the token's whole life; dollars, whole cents, more than nothing.
    #[must_use]
    pub const fn at_most(limit: Amount) -> Self {
        Self {
            limit,
            each: None,
            usage_limits: Vec::new(),
            starts: None,
            expires: None,
            reason: None,
            methods: PaymentMethods::ALL,
            collect_address: false,
        }
    }

    /// What each payment is: exactly so much, at most, or at least. Default: anything within the other limits.
    #[must_use]
    pub fn with_each(mut self, amount: Amount, amount_type: AmountType) -> Self {
        self.each = Some((amount, amount_type));
        self
    }

    /// How much, or how often, in each period or in the token's whole life. The service takes two such limits.
    #[must_use]
    pub fn with_usage_limit(mut self, limit: UsageLimit) -> Self {
        self.usage_limits.push(limit);
        self
    }

    /// From when on it can be charged, at most a year ahead. Default: at once.
    #[must_use]
    pub const fn with_start(mut self, start: Timestamp) -> Self {
        self.starts = Some(start);
        self
    }

    /// Until when it can be charged. Default: a year after its start.
    #[must_use]
    pub const fn with_expiry(mut self, expiry: Timestamp) -> Self {
        self.expires = Some(expiry);
        self
    }

    /// What the buyer sees the payments are for; limited HTML.
    #[must_use]
    pub fn with_reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// How the buyer may pay. Default: every method.
    #[must_use]
    pub const fn with_payment_methods(mut self, methods: PaymentMethods) -> Self {
        self.methods = methods;
        self
    }

    /// Has the pages ask for a shipping address, found afterwards in [`Token::buyer`](super::Token::buyer).
    #[must_use]
    pub const fn with_collect_shipping_address(mut self) -> Self {
        self.collect_address = true;
        self
    }

    /// The most that all payments together may be.
    #[must_use]
    pub const fn limit(&self) -> Amount {
        self.limit
    }

    /// What each payment is.
    #[must_use]
    pub const fn each(&self) -> Option<&(Amount, AmountType)> {
        self.each.as_ref()
    }

    /// How much, or how often, in which time.
    #[must_use]
    pub fn usage_limits(&self) -> &[UsageLimit] {
        &self.usage_limits
    }

    /// From when on it can be charged, if not at once.
    #[must_use]
    pub const fn starts(&self) -> Option<Timestamp> {
        self.starts
    }

    /// Until when it can be charged, if not for a year.
    #[must_use]
    pub const fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// The terms as the parameters of one payment of all that is allowed: what an order's document holds of them.
    pub(crate) fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
        let mut charges = Charges::new();
        charges.add(Charge::ItemTotal, self.limit)?;
        let mut parameters = PipelineParameters::new(charges)?
            .with_payment_methods(self.methods)
            .with_collect_shipping_address(self.collect_address);
        if let Some(reason) = &self.reason {
            parameters = parameters.with_payment_reason(reason.clone());
        }
        Ok(parameters)
    }

    /// When a token that was approved at that time begins to count.
    pub(super) fn first_moment(&self, approved_at: Timestamp) -> Timestamp {
        self.starts.map_or(approved_at, |starts| starts.max(approved_at))
    }

    /// Until when a token that was approved at that time can be charged.
    pub(crate) fn ends(&self, approved_at: Timestamp) -> Timestamp {
        self.expires.unwrap_or_else(|| self.first_moment(approved_at).after(YEAR))
    }

    /// What keeps a payment from being made.
    pub(super) fn refusal(
        &self,
        spending: &Spending,
        approved_at: Timestamp,
        asked: Amount,
        now: Timestamp,
    ) -> Result<(), TokenRefusal> {
        if let Some(starts) = self.starts.filter(|starts| now < *starts) {
            return Err(TokenRefusal::NotYet { starts });
        }
        let ended = self.ends(approved_at);
        if now >= ended {
            return Err(TokenRefusal::Over { ended });
        }
        if let Some((amount, rule)) = &self.each {
            let fits = match rule {
                AmountType::Maximum => asked <= *amount,
                AmountType::Minimum => asked >= *amount,
                // What this version does not know is the service's to judge.
                AmountType::Other(_) => true,
                _ => asked == *amount,
            };
            if !fits {
                let (rule, amount) = (rule.clone(), *amount);
                return Err(TokenRefusal::Each { rule, amount, asked });
            }
        }
        let first = self.first_moment(approved_at);
        let whole = UsageLimit::amount(self.limit);
        for limit in std::iter::once(&whole).chain(&self.usage_limits) {
            let since = limit.period().map_or(first, |period| period.began(first, now));
            let used = spending.tally(limit.period().map(|_| since));
            let period = limit.period();
            match limit.value() {
                UsageValue::Amount(limit) if used.amount.checked_add(asked).is_none_or(|sum| sum > limit) => {
                    return Err(TokenRefusal::Amount { limit, period, spent: used.amount, asked });
                }
                UsageValue::Count(limit) if used.count >= u64::from(limit) => {
                    return Err(TokenRefusal::Count { limit, period, used: used.count });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// When the earliest of the periods began that count now.
    pub(super) fn earliest_period(&self, approved_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let first = self.first_moment(approved_at);
        self.usage_limits.iter().filter_map(|limit| Some(limit.period()?.began(first, now))).min()
    }
}
