//! Moves money, as the shop's own methods do.

use super::Ending;
use super::arguments::{Part, Refund};
use super::output::Output;
use super::show::changed;
use crate::Shop;
use crate::order::OrderId;
use crate::storage::BoxError;

pub(super) async fn charge(shop: &Shop, part: &Part, output: &mut Output) -> Result<Ending, BoxError> {
    changed(&shop.charge(&part.order, part.amount).await?, output)
}

pub(super) async fn settle(shop: &Shop, part: &Part, output: &mut Output) -> Result<Ending, BoxError> {
    changed(&shop.settle(&part.order, part.amount).await?, output)
}

pub(super) async fn cancel(shop: &Shop, order: &OrderId, output: &mut Output) -> Result<Ending, BoxError> {
    changed(&shop.cancel(order).await?, output)
}

pub(super) async fn refund(shop: &Shop, refund: &Refund, output: &mut Output) -> Result<Ending, BoxError> {
    changed(&shop.refund(&refund.order, refund.id.clone(), refund.amount).await?, output)
}
