//! Stored tokens: the buyer approves once, and the shop charges as often as the limits allow.

use fps_core::PipelineParameters;
use fps_core::checkout::Checkout;
use fps_core::pipeline::SignedLink;

use super::Shop;
use super::span::within;
use crate::error::{Error, Result};
use crate::order::{
    Event, Fate, Order, OrderId, PayTerms, Product, Report, Source, State, Subject, Token, TokenName,
    TokenRefusal, TokenTerms,
};

/// A link to the buyer pages, and the stored token that it asks for.
#[derive(Clone, Debug)]
pub struct BegunToken {
    token: Token,
    link: SignedLink,
}

impl BegunToken {
    /// Where to send the buyer: a signed link to the payment pages.
    ///
    /// # Security
    ///
    /// Whoever has the link can approve this token, and nothing else.
    #[must_use]
    pub fn link(&self) -> &fps_core::url::Url {
        self.link.url()
    }

    /// The token as it is stored.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }
}

/// A stored token about to begin: made by [`Shop::begin_token`], sent by awaiting it.
#[derive(Debug)]
#[must_use = "a token begins when this is awaited"]
pub struct BeginToken {
    shop: Shop,
    name: TokenName,
    terms: TokenTerms,
    return_query: Vec<(String, String)>,
}

impl BeginToken {
    /// Gives the return address parameters of the shop's own, as [`Begin::return_query`](super::Begin::return_query) does.
    pub fn return_query<N: Into<String>, V: Into<String>>(
        mut self,
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.return_query = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        self
    }
}

impl IntoFuture for BeginToken {
    type Output = Result<BegunToken>;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Result<BegunToken>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { shop, name, terms, return_query } = self;
            shop.begin_stored(&name, terms, return_query).await
        })
    }
}

/// An order about to be charged to a stored token: made by [`Shop::charge_token`], sent by awaiting it.
#[derive(Debug)]
#[must_use = "an order is charged when this is awaited"]
pub struct ChargeToken {
    shop: Shop,
    token: TokenName,
    parameters: Result<PipelineParameters, fps_core::CheckoutError>,
    order: OrderId,
    terms: PayTerms,
}

impl ChargeToken {
    /// What Pay carries beside the product, frozen with the order.
    pub fn terms(mut self, terms: PayTerms) -> Self {
        self.terms = terms;
        self
    }
}

impl IntoFuture for ChargeToken {
    type Output = Result<Order>;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Result<Order>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { shop, token, parameters, order, terms } = self;
            let product = Product::freeze(parameters?, terms, false, shop.now()).with_token(token.clone());
            shop.charge_stored(&token, order, product).await
        })
    }
}

impl Shop {
    /// Asks a buyer for a stored token: freezes the terms in the store, then returns the signed link to the buyer pages, where the
    /// buyer approves many payments within limits. [`Shop::charge_token`] makes them.
    ///
    /// Begun again under the same name with the same terms it returns the same link. After a decline, an abandonment, an expiry or a
    /// cancellation it begins a new attempt, whose limits count from nothing.
    ///
    /// ```no_run
    /// use fps_checkout::{Amount, Checkout, OrderId, Shop, TokenName, TokenTerms};
    ///
    /// # async fn f(shop: Shop, song: &(dyn Checkout + Sync)) -> Result<(), Box<dyn std::error::Error>> {
    /// let (buyer, terms) = (TokenName::new("customer-4711")?, TokenTerms::at_most(Amount::usd("50")));
    /// let begun = shop.begin_token(&terms, buyer.clone()).await?;
    /// // Send the buyer to `begun.link()`. Then, whenever there is something to pay:
    /// let order = shop.charge_token(&buyer, song, OrderId::new("2026-11.4711")?).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Product`] or [`Error::Link`] if the terms cannot be sent, [`Error::TokenRefused`] if they ended already,
    /// [`Error::OtherTerms`] if the name was used for others, [`Error::NothingToApprove`] if the token is held,
    /// [`Error::TokensNotInstalled`] in version 2007-01-08 before [`Shop::install_tokens`], [`Error::Storage`].
    pub fn begin_token(&self, terms: &TokenTerms, name: TokenName) -> BeginToken {
        BeginToken { shop: self.clone(), name, terms: terms.clone(), return_query: Vec::new() }
    }

    async fn begin_stored(
        &self,
        name: &TokenName,
        terms: TokenTerms,
        return_query: Vec<(String, String)>,
    ) -> Result<BegunToken> {
        let now = self.now();
        if let Some(ended) = terms.expires().filter(|expires| *expires <= now) {
            return Err(refused(name, TokenRefusal::Over { ended }));
        }
        let product = Product::freeze_terms(terms, now)?.with_return_query(return_query);
        let span = tracing::info_span!("begin_token", token = %name);
        let empty = Order::freeze_token(name, self.0.version, product);
        let (document, link) = within(span, self.begin_document(&empty)).await?;
        Ok(BegunToken { token: token(document)?, link })
    }

    /// A stored token as it stands now.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownToken`], [`Error::Storage`] or [`Error::Record`].
    pub async fn token(&self, name: &TokenName) -> Result<Token> {
        token(self.load(&name.into()).await?)
    }

    /// Charges an order to a stored token, without the buyer: freezes the product, and pays it exactly once.
    ///
    /// The order is one like any other, under its own name and references: the worker finishes it, handlers hear of it, it is
    /// refunded by [`Shop::refund`]. Asked for again, the same order is not charged twice: it is returned as it stands. Only one that
    /// was declined or cancelled is tried anew.
    ///
    /// What the terms do not allow is refused before anything is sent. The service counts for itself: what it refuses makes the
    /// order `Declined`, with its code as the reason.
    ///
    /// A product that reserves is reserved, and settled by [`Shop::settle`].
    ///
    /// # Errors
    ///
    /// [`Error::TokenRefused`] with the limit, what is spent and what was asked for; [`Error::UnknownToken`]; [`Error::Product`],
    /// [`Error::Terms`] or [`Error::NotInVersion`] if the product cannot be paid for so; [`Error::OtherProduct`] if the order's name
    /// was used for another product or another token; [`Error::Service`] if a token that rested for six days cannot be looked at
    /// now; [`Error::Storage`]. Call it again after each of the last two.
    pub fn charge_token<P: Checkout + ?Sized>(
        &self,
        token: &TokenName,
        product: &P,
        order: OrderId,
    ) -> ChargeToken {
        let parameters = product.parameters();
        ChargeToken {
            shop: self.clone(),
            token: token.clone(),
            parameters,
            order,
            terms: PayTerms::default(),
        }
    }

    async fn charge_stored(&self, name: &TokenName, id: OrderId, product: Product) -> Result<Order> {
        let span = tracing::info_span!("charge_token", token = %name, order = %id);
        within(span, self.charge_once(name, id, product)).await
    }

    async fn charge_once(&self, name: &TokenName, id: OrderId, product: Product) -> Result<Order> {
        let stored = match self.order(&id).await {
            Err(Error::UnknownOrder { .. }) => None,
            known => Some(known?),
        };
        if let Some(stored) = &stored {
            if !stored.product().says_the_same(&product) {
                return Err(Error::OtherProduct { order: id });
            }
            if !stored.state().allows_new_attempt() {
                return Ok(stored.clone());
            }
        }
        let token = self.load(&name.into()).await?;
        let fresh = match stored {
            Some(stored) => stored,
            None => self.to_charge(&token, &id, product).await?,
        };
        let token = self.spend(name, &fresh).await?;
        let found = self.look_before(&token, &fresh).await?;
        let (order, planned) = self.lend(&token, fresh, found.as_ref()).await?;
        let order = match planned {
            Some(operation) => self.send(order, operation).await?,
            None => order,
        };
        let order = self.tell_fresh(order).await?;
        if order.state() == State::Declined {
            // What is not known of the token now shows at the next charge.
            let _ = self.look_after_refusal(token).await;
        }
        Ok(order)
    }

    /// An order that has not begun, after a look whether it can be sent at all.
    async fn to_charge(&self, token: &Order, id: &OrderId, product: Product) -> Result<Order> {
        let empty = Order::freeze(id.clone(), token.api(), product);
        self.fresh(&empty).await?;
        Ok(empty)
    }

    /// Writes the payment down in the token's record, if its limits allow it. What came to nothing meanwhile makes room.
    async fn spend(&self, name: &TokenName, order: &Order) -> Result<Order> {
        let of = Subject::from(name);
        let (id, amount) = (order.id(), order.total());
        let (token, spent) = self.change(&of, |token, now| Ok(token.spend(id, amount, now))).await?;
        match spent {
            Ok(()) => return Ok(token),
            Err(TokenRefusal::Amount { .. } | TokenRefusal::Count { .. })
                if !token.open_uses().is_empty() => {}
            Err(source) => return Err(refused(name, source)),
        }
        self.settle_uses(token).await?;
        let (token, spent) = self.change(&of, |token, now| Ok(token.spend(id, amount, now))).await?;
        match spent {
            Ok(()) => Ok(token),
            Err(source) => Err(refused(name, source)),
        }
    }

    /// A restored store may lack charges, and a reference that is older than seven days protects none of them. So a token whose counts
    /// were not compared for six days is asked for its use; if the service counts more than we do, the account's activity tells
    /// whether this order is paid already.
    async fn look_before(&self, token: &Order, order: &Order) -> Result<Option<Report>> {
        if !token.must_agree(self.now()) {
            return Ok(None);
        }
        let held =
            token.machine().held().and_then(|held| Some((token.side(held)?, token.machine().attempt(held)?)));
        let (Some((side, attempt)), Some(terms)) = (held, token.token_terms()) else { return Ok(None) };
        let Some(id) = &side.token else { return Ok(None) };
        let gateway = self.gateway(token);
        // In this order: what is paid in between makes the service's count higher, never ours.
        self.settle_uses(token.clone()).await?;
        let spent = gateway.spent(id, terms).await.map_err(Box::new)?;
        let (_, agrees) = self
            .change(&token.subject(), |token, now| {
                let agrees = token.agrees_with(spent, order.id());
                if agrees {
                    token.agreed(now);
                }
                Ok(agrees)
            })
            .await?;
        if agrees {
            return Ok(None);
        }
        let (mut planned, next) = (order.clone(), self.next_reference(order)?);
        let refused = |source| Error::Refused { of: order.subject(), source };
        self.begin_attempt(&mut planned, next).map_err(refused)?;
        let operation = self.plan_stored(&mut planned, token, self.now()).map_err(refused)?;
        match &planned.machine().operations()[operation].reference {
            Some(reference) => {
                Ok(gateway.find_transaction(reference, attempt.begun_at).await.map_err(Box::new)?)
            }
            None => Ok(None),
        }
    }

    /// Lends the token to the order: its approval and the planned charge, with the right to send it, are one commit. Returns the
    /// order as it is stored, and the charge if it is ours to send.
    async fn lend(
        &self,
        token: &Order,
        fresh: Order,
        found: Option<&Report>,
    ) -> Result<(Order, Option<usize>)> {
        let next = self.next_reference(&fresh)?;
        let handlers = self.handler_names();
        let step = |order: &mut Order, now| {
            self.begin_attempt(order, next.clone())?;
            let operation = self.plan_stored(order, token, now)?;
            match found {
                Some(report) => {
                    let report = report.clone();
                    order.happen(Event::Reported { operation, report }, now, &handlers)?;
                    Ok(None)
                }
                None => {
                    self.claim(order, operation, now)?;
                    Ok(Some(operation))
                }
            }
        };
        let of = fresh.subject();
        if fresh.state() == State::Created {
            let mut order = fresh;
            let planned =
                step(&mut order, self.now()).map_err(|source| Error::Refused { of: of.clone(), source })?;
            if self.create(&mut order).await? {
                return Ok((order, planned));
            }
            // Somebody else was faster, and charges it.
            return Ok((self.load(&of).await?, None));
        }
        self.change(&of, |order, now| {
            // Somebody else may have begun that attempt in the meantime: then it is theirs.
            if order.state().allows_new_attempt() && self.next_reference(order).as_ref() == Ok(&next) {
                step(order, now)
            } else {
                Ok(None)
            }
        })
        .await
    }

    /// Plans the charge of an order whose attempt has just begun, by that token.
    fn plan_stored(
        &self,
        order: &mut Order,
        token: &Order,
        now: fps_core::Timestamp,
    ) -> Result<usize, crate::order::Refusal> {
        let attempt = order.machine().current_attempt();
        let approved = Event::Approved { attempt, method: token.method(), by: Source::Stored };
        order.happen(approved, now, &self.handler_names())?;
        let held = token.machine().held().and_then(|held| token.side(held));
        if let Some(side) = order.side_mut(attempt) {
            side.token = held.and_then(|held| held.token.clone());
        }
        self.plan_unsent(order, now)
    }

    /// Learns what became of the payments whose end the token does not know.
    pub(super) async fn settle_uses(&self, token: Order) -> Result<Order> {
        let looked_at = self.now();
        let mut fates = Vec::new();
        for id in token.open_uses() {
            let fate = match self.order(&id).await {
                Err(Error::UnknownOrder { .. }) => Fate::Unknown,
                known => fate(&known?),
            };
            fates.push((id, fate));
        }
        let (token, ()) = self
            .change(&token.subject(), |token, now| {
                token.settle_uses(&fates, looked_at, now);
                Ok(())
            })
            .await?;
        Ok(token)
    }

    /// A charge was refused: takes it down, and asks whether the buyer took the token back.
    async fn look_after_refusal(&self, token: Order) -> Result<Order> {
        let token = self.settle_uses(token).await?;
        self.look_at_token(token).await
    }

    /// Asks the service whether a held token can still be used.
    pub(super) async fn look_at_token(&self, token: Order) -> Result<Order> {
        let held = token.machine().held().filter(|_| token.state() == State::TokenHeld);
        let Some(attempt) = held.and_then(|held| token.machine().attempt(held)) else {
            return Ok(token);
        };
        let found = self.gateway(&token).find_token(&attempt.reference).await.map_err(Box::new)?;
        if found.is_none_or(|found| found.is_active) {
            return Ok(token);
        }
        let event = match token.token_ends() {
            Some(end) if self.now() >= end => Event::TokenExpired,
            _ => Event::TokenWithdrawn,
        };
        let token = self.happen(&token.subject(), event).await?;
        self.tell_fresh(token).await
    }

    /// Takes a stored token back: nothing is charged to it from now on, and the service is told. What is under way by it comes to
    /// its own end. A token that still waits for its buyer is given up.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownToken`]; [`Error::Refused`] if the buyer did not approve, or its time is over; [`Error::Storage`].
    pub async fn cancel_token(&self, name: &TokenName) -> Result<Token> {
        let document = self.happen(&name.into(), Event::CancelledByShop).await?;
        let document = self.tell_fresh(document).await?;
        token(self.cancel_unwanted(document).await?)
    }

    /// Forgets the buyer of a stored token that is at rest, as [`Shop::forget`] does of an order: cancel it before.
    ///
    /// Orders that were charged to it hold a copy of the service's id of it; forget them too.
    ///
    /// # Errors
    ///
    /// [`Error::NotAtRest`] while it is held, or anything is under way; [`Error::UnknownToken`]; [`Error::Storage`].
    pub async fn forget_token(&self, name: &TokenName) -> Result<Token> {
        token(self.forget_buyer(&name.into()).await?)
    }
}

/// What became of a payment, by its order.
fn fate(order: &Order) -> Fate {
    match order.state() {
        State::Paid => Fate::Paid(order.machine().paid()),
        state if state.allows_new_attempt() => Fate::Nothing,
        _ => Fate::Open,
    }
}

/// The stored token that a document is of.
pub(super) fn token(document: Order) -> Result<Token> {
    let of = document.subject();
    Token::read(document).ok_or_else(|| Error::unknown(&of))
}

fn refused(name: &TokenName, source: TokenRefusal) -> Error {
    Error::TokenRefused { token: name.clone(), source }
}
