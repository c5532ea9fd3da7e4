//! Begins an order: freezes the product, and makes the link to the buyer pages.

use fps_core::checkout::Checkout;
use fps_core::pipeline::SignedLink;
use fps_core::url::Url;
use fps_core::{CallerReference, Generation, PipelineParameters, ReferenceError, Version};

use super::Shop;
use super::span::within;
use crate::error::{Error, Result};
use crate::order::{
    BuyerSide, Event, Order, OrderId, PayTerms, Product, References, Refusal, State, Subject,
    approval_reference,
};

/// A link to the buyer pages, and the order that it pays.
#[derive(Clone, Debug)]
pub struct Begun {
    order: Order,
    link: SignedLink,
}

impl Begun {
    /// Where to send the buyer: a signed link to the payment pages.
    ///
    /// # Security
    ///
    /// Whoever has the link can pay this order, and nothing else.
    #[must_use]
    pub fn link(&self) -> &Url {
        self.link.url()
    }

    /// The order as it is stored.
    #[must_use]
    pub fn order(&self) -> &Order {
        &self.order
    }
}

/// An order about to begin: made by [`Shop::begin`], sent by awaiting it.
#[derive(Debug)]
#[must_use = "an order begins when this is awaited"]
pub struct Begin {
    shop: Shop,
    parameters: Result<PipelineParameters, fps_core::CheckoutError>,
    order: OrderId,
    terms: PayTerms,
    references: Option<References>,
    return_query: Vec<(String, String)>,
    deferred: bool,
}

impl Begin {
    /// What Pay carries beside the product, frozen with the order.
    pub fn terms(mut self, terms: PayTerms) -> Self {
        self.terms = terms;
        self
    }

    /// Gives the order references of the shop's own: that of the buyer's approval, and that of the Pay or Reserve. They are
    /// stored before they are used, and every later look-up goes by them.
    ///
    /// Each names one order for ever: a reference that this store knows from another order is refused. A later attempt of the
    /// same order has `-a2` and so on behind them. Default: made from the order's name.
    pub fn references(mut self, approval: CallerReference, pay: CallerReference) -> Self {
        self.references = Some(References::new(approval, pay));
        self
    }

    /// Gives the return address parameters of the shop's own, which come back with the buyer, signed with the rest. Their names are
    /// none of the service's, nor `fps`, and none stands twice.
    ///
    /// ```no_run
    /// # async fn f(shop: fps_checkout::Shop, song: fps_checkout::fps_core::PipelineParameters) -> fps_checkout::Result<()> {
    /// # struct Song(fps_checkout::fps_core::PipelineParameters);
    /// # impl fps_checkout::Checkout for Song {
    /// #     fn parameters(&self) -> Result<fps_checkout::fps_core::PipelineParameters, fps_checkout::CheckoutError> { Ok(self.0.clone()) }
    /// # }
    /// # let (song, order) = (Song(song), fps_checkout::OrderId::new("1").unwrap());
    /// let begun = shop.begin(&song, order).return_query([("uniqueId", "1177495829105")]).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn return_query<N: Into<String>, V: Into<String>>(
        mut self,
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.return_query = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        self
    }

    /// Holds the buyer's token instead of charging it at once: [`Shop::charge`] charges it, within three hours.
    pub fn deferred(mut self) -> Self {
        self.deferred = true;
        self
    }
}

impl IntoFuture for Begin {
    type Output = Result<Begun>;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Result<Begun>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { shop, parameters, order, terms, references, return_query, deferred } = self;
            let product = Product::freeze(parameters?, terms, deferred, shop.now())
                .with_references(references)
                .with_return_query(return_query);
            shop.begin_order(order, product).await
        })
    }
}

impl Shop {
    /// Begins an order for a product: freezes its price and reason in the store, then returns the signed link to the buyer
    /// pages.
    ///
    /// Begun again for the same order and the same product it returns the same link, so that a double click makes one order.
    /// After a decline, an abandonment or an expiry it begins a new attempt under the same order.
    ///
    /// # Errors
    ///
    /// [`Error::Product`], [`Error::Link`], [`Error::Terms`] or [`Error::NotInVersion`] if the product cannot be paid for so,
    /// [`Error::OtherProduct`] if the order's name was used for another, [`Error::ReferenceUsed`] if a reference was,
    /// [`Error::NothingToApprove`] if it is paid or being paid, [`Error::TokensNotInstalled`] in version 2007-01-08 before
    /// [`Shop::install_tokens`], [`Error::Storage`].
    pub fn begin<P: Checkout + ?Sized>(&self, product: &P, order: OrderId) -> Begin {
        Begin {
            shop: self.clone(),
            parameters: product.parameters(),
            order,
            terms: PayTerms::default(),
            references: None,
            return_query: Vec::new(),
            deferred: false,
        }
    }

    async fn begin_order(&self, id: OrderId, product: Product) -> Result<Begun> {
        let span = tracing::info_span!("begin", order = %id);
        let empty = Order::freeze(id, self.0.version, product);
        let (order, link) = within(span, self.begin_document(&empty)).await?;
        Ok(Begun { order, link })
    }

    /// Begins an order or a stored token, or a new attempt of it, so that it waits for its buyer; with his link.
    pub(super) async fn begin_document(&self, empty: &Order) -> Result<(Order, SignedLink)> {
        let of = empty.subject();
        // References of the order's own are taken before it is stored, so it is looked for before that.
        let known = if empty.product().references().is_some() { self.find(&of).await? } else { None };
        let stored = match known {
            Some(known) => known,
            None => {
                let (mut fresh, link) = self.fresh(empty).await?;
                if self.create(&mut fresh).await? {
                    return Ok((begun(fresh)?, link));
                }
                // It was begun before, or a second click was faster.
                self.load(&of).await?
            }
        };
        if !stored.product().says_the_same(empty.product()) {
            return Err(match of {
                Subject::Order(order) => Error::OtherProduct { order },
                Subject::Token(token) => Error::OtherTerms { token },
            });
        }
        let next = self.next_reference(&stored)?;
        let (order, ()) = self
            .change(&of, |order, _| {
                // Somebody else may have begun that attempt in the meantime: then it is theirs and ours.
                if order.state().allows_new_attempt() && self.next_reference(order).as_ref() == Ok(&next) {
                    self.begin_attempt(order, next.clone())?;
                }
                Ok(())
            })
            .await?;
        let order = begun(order)?;
        let link = self.link(&order)?;
        Ok((order, link))
    }

    /// An order with its first attempt, and the link of that. What cannot be sent or linked to is refused before it is stored.
    pub(super) async fn fresh(&self, empty: &Order) -> Result<(Order, SignedLink)> {
        let mut fresh = empty.clone();
        let first = self.next_reference(&fresh)?;
        self.begin_attempt(&mut fresh, first)
            .map_err(|source| Error::Refused { of: empty.subject(), source })?;
        self.gateway(&fresh).check(&fresh)?;
        let link = self.link(&fresh)?;
        if fresh.api().generation() == Generation::First && self.tokens().await?.is_none() {
            return Err(Error::TokensNotInstalled);
        }
        if let Some(own) = fresh.product().references() {
            self.take_references(fresh.id(), own).await?;
        }
        Ok((fresh, link))
    }

    /// The reference of an order's next attempt.
    pub(super) fn next_reference(&self, order: &Order) -> Result<CallerReference, ReferenceError> {
        let next = order.machine().current_attempt() + 1;
        approval_reference(order.product().references(), &self.0.id, &order.subject(), next)
    }

    pub(super) fn begin_attempt(&self, order: &mut Order, reference: CallerReference) -> Result<(), Refusal> {
        let attempt = order.machine().current_attempt() + 1;
        let mut return_url = self.0.return_url.clone();
        let own = order.product().return_query();
        if !own.is_empty() {
            return_url.query_pairs_mut().extend_pairs(own);
        }
        let return_url = self.0.mark.put(&return_url, &order.subject(), attempt);
        // The other versions cannot say where notices go.
        let notice_url = (order.api() == Version::V2010_08_28)
            .then(|| self.0.mark.put(&self.0.notice_url, &order.subject(), attempt));
        order.begin(Event::Begun { reference }, BuyerSide::new(return_url, notice_url), self.now())
    }

    /// The link of the current attempt.
    pub(super) fn link(&self, order: &Order) -> Result<SignedLink> {
        let (Some(attempt), Some(side)) = (order.attempts().last(), order.buyer()) else {
            return Err(nothing_to_approve(order));
        };
        Ok(self.gateway(order).link(&attempt.reference, order.product(), &side.return_url)?)
    }
}

/// The order, if it waits for its buyer.
fn begun(order: Order) -> Result<Order> {
    if order.state() != State::AwaitingBuyer {
        return Err(nothing_to_approve(&order));
    }
    tracing::info!(order = %order.label(), attempt = order.machine().current_attempt(), "the buyer has the link");
    Ok(order)
}

fn nothing_to_approve(order: &Order) -> Error {
    Error::NothingToApprove { of: order.subject(), state: order.state() }
}
