//! Gives money back.

use fps_core::Amount;

use super::Shop;
use super::settle::check_cents;
use crate::error::Result;
use crate::order::{Kind, Order, OrderId, RefundId};

impl Shop {
    /// Refunds a paid order: that amount, or all that is left of it.
    ///
    /// `refund` is the merchant's own name for the refund. Asked for again under the same name, for the same amount or for
    /// all, it is the same refund; so a double click gives money back once. Partial refunds have a name each.
    ///
    /// The service usually answers Pending; handlers hear [`News::Refunded`](crate::News::Refunded) when it is done.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) unless the order is Paid, for more than is left, or if the name was used for another amount;
    /// [`Error::Amount`](crate::Error::Amount) for an amount that cannot be sent; [`Error::Storage`](crate::Error::Storage).
    pub async fn refund(&self, id: &OrderId, refund: RefundId, amount: Option<Amount>) -> Result<Order> {
        check_cents(amount)?;
        let (order, planned) = self
            .change(&id.into(), |order, now| {
                let machine = order.machine();
                if let Some(known) = machine.refund(&refund)
                    && amount.is_none_or(|amount| amount == machine.operations()[known].amount)
                {
                    return Ok(None);
                }
                let left = machine.paid().checked_sub(machine.refunded()).unwrap_or(Amount::ZERO);
                self.plan(order, Kind::Refund, amount.unwrap_or(left), Some(refund.clone()), now).map(Some)
            })
            .await?;
        match planned {
            Some(operation) => {
                let order = self.send(order, operation).await?;
                self.tell_fresh(order).await
            }
            None => Ok(order),
        }
    }
}
