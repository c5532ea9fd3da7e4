//! What derived products say about their payment, and what they refuse.

mod by_hand;
mod carts;
mod charges;
mod hygiene;
mod properties;
mod reasons;
mod shapes;
mod terms;

use fps_core::checkout::Charge;
use fps_core::{Amount, Checkout, PipelineParameters};

#[derive(Checkout)]
#[checkout(payment_reason = "{title} - {artist}", payment_methods(ABT, ACH, CC))]
struct Song {
    title: &'static str,
    artist: &'static str,
    #[checkout(item_total)]
    price: Amount,
    #[checkout(tax)]
    sales_tax: Option<Amount>,
}

const SONG: Song =
    Song { title: "Now and Forever", artist: "Richard Marx", price: Amount::usd("0.10"), sales_tax: None };

#[track_caller]
fn charged(parameters: &PipelineParameters, expected: &[(Charge, &str)], total: &str) {
    let charges: Vec<_> = parameters.charges().iter().collect();
    let expected: Vec<_> = expected.iter().map(|(charge, amount)| (*charge, Amount::usd(amount))).collect();
    assert_eq!(charges, expected);
    assert_eq!(parameters.transaction_amount(), Amount::usd(total));
}
