//! A user's crate that has renamed its dependency, so that no path may begin at `::fps_checkout` or `::fps_core`.

use payments::{Amount, Checkout, IntoAmount};

/// Money of one's own.
#[derive(Debug, IntoAmount)]
#[checkout(crate = "::payments")]
pub struct Price(pub Amount);

/// A product.
#[derive(Debug, Checkout)]
#[checkout(crate = "::payments", payment_reason = "{title}", shipping = "1.00")]
pub struct Song {
    /// What it is called.
    pub title: &'static str,
    /// What it costs.
    #[checkout(item_total)]
    pub price: Price,
}

fps_tests_shopkit::money!(TheirPrice);
fps_tests_shopkit::product! {
    /// A product that another crate's macro declares.
    Theirs, "{title}!", item_total: TheirPrice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renamed_dependency_is_named_by_the_type() {
        let song = Song { title: "Hazard", price: Price(Amount::usd("0.10")) };
        assert_eq!(song.parameters().unwrap().transaction_amount(), Amount::usd("1.10"));
    }

    #[test]
    fn a_macro_of_another_crate_declares_a_product() {
        let theirs = Theirs { title: "Hazard", price: TheirPrice(Amount::usd("0.10")) };
        let parameters = theirs.parameters().unwrap();
        assert_eq!(parameters.transaction_amount(), Amount::usd("0.10"));
        assert_eq!(parameters.payment_reason(), Some("Hazard!"));
    }
}
