//! The handler that writes each sale down.

use fps_checkout::{HandlerError, Happened, News, ReturnHandler, async_trait};

use crate::sales::{Sale, Sales};

/// Records a sale as soon as the money has moved.
#[derive(Debug)]
pub(crate) struct RecordSale(pub(crate) Sales);

#[async_trait]
impl ReturnHandler for RecordSale {
    fn name(&self) -> &str {
        "record-sale"
    }

    fn priority(&self) -> i32 {
        0
    }

    async fn handle(&self, happened: &Happened) -> Result<(), HandlerError> {
        let News::Paid { amount, transaction } = happened.news() else { return Ok(()) };
        self.0.record(&Sale {
            effect: happened.effect().to_string(),
            order: happened.order().id().to_string(),
            transaction: transaction.as_ref().map(ToString::to_string),
            amount: amount.to_string(),
        })?;
        Ok(())
    }
}
