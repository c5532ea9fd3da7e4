//! The counter: how an order begins, and what DigitalDownload says of it beside what is bought.

use fps_checkout::fps_core::{CallerReference, Generation};
use fps_checkout::shop::Begun;
use fps_checkout::{ChargeFeeTo, Checkout as _, Error, OrderId, PayTerms, Shop, Version};

use crate::catalogue::Item;

/// Begins orders in one version of the protocol.
#[derive(Clone, Debug)]
pub(crate) struct Counter {
    pub(crate) shop: Shop,
    pub(crate) api: Version,
    /// Whether John is the buyer, as in the guide: then the first order has the guide's own names.
    pub(crate) as_in_the_guide: bool,
}

impl Counter {
    /// Begins the order of a ticket. Version 2007-01-08 takes more with a payment than later ones do.
    pub(crate) async fn begin(&self, item: &Item, order: &OrderId, ticket: &str) -> Result<Begun, Error> {
        if self.api.generation() == Generation::Second {
            return self.shop.begin(item, order.clone()).await;
        }
        if self.as_in_the_guide {
            match self.begin_as(item, order, &Names::of_the_guide()).await {
                // They name another order, or this one has other names: the guide's story was told on this store before.
                Err(Error::ReferenceUsed { .. } | Error::OtherProduct { .. }) => {}
                begun => return begun,
            }
        }
        self.begin_as(item, order, &Names::of(ticket)).await
    }

    async fn begin_as(&self, item: &Item, order: &OrderId, names: &Names) -> Result<Begun, Error> {
        let product = item.parameters()?;
        let what = format!("{} - {}", item.title(), item.artist());
        let mut terms = PayTerms::new()
            .with_charge_fee_to(ChargeFeeTo::Recipient)
            .with_caller_description("DigitalDownload web site")
            .with_meta_data(format!("Digital Content downloaded: {what}"));
        if self.as_in_the_guide {
            terms = terms
                .with_sender_description("John Customer of DigitalDownload")
                .with_sender_reference("johndigitaldownload");
        }
        self.shop
            .begin(item, order.clone())
            .references(CallerReference::new(&*names.approval)?, CallerReference::new(&*names.pay)?)
            .return_query([
                ("PaymentAmount", product.transaction_amount().to_string()),
                ("Download", what),
                ("uniqueId", names.unique_id.clone()),
            ])
            .terms(terms)
            .await
    }
}

/// What DigitalDownload calls one purchase.
#[derive(Debug)]
struct Names {
    approval: String,
    pay: String,
    unique_id: String,
}

impl Names {
    fn of_the_guide() -> Self {
        Self {
            approval: "DigitalDownload1177495829105".to_owned(),
            pay: "MP3DownloadId-AF12ES".to_owned(),
            unique_id: "1177495829105".to_owned(),
        }
    }

    fn of(ticket: &str) -> Self {
        Self {
            approval: format!("DigitalDownload{ticket}"),
            pay: format!("MP3DownloadId-{ticket}"),
            unique_id: ticket.to_owned(),
        }
    }
}
