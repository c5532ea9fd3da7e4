//! A user's crate with fps-checkout as its only dependency, whose macro derives products in crates that do not even know
//! the name.

/// For the macro below: the way to the framework from wherever it is used.
#[doc(hidden)]
pub use fps_checkout as fps;

/// Declares a product with a title and a price.
#[macro_export]
macro_rules! product {
    ($(#[$attribute:meta])* $name:ident, $reason:literal, $word:ident: $price:ty) => {
        $(#[$attribute])*
        #[derive($crate::fps::Checkout)]
        #[checkout(crate = $crate::fps, payment_reason = $reason, payment_methods(ABT))]
        pub struct $name {
            /// What it is called.
            pub title: &'static str,
            /// What it costs.
            #[checkout($word)]
            pub price: $price,
        }
    };
}

/// Declares money of one's own.
#[macro_export]
macro_rules! money {
    ($name:ident) => {
        /// Money of one's own.
        #[derive($crate::fps::IntoAmount)]
        #[checkout(crate = $crate::fps)]
        pub struct $name(pub $crate::fps::Amount);
    };
}

#[cfg(test)]
mod tests {
    use fps_checkout::{Amount, Checkout, IntoAmount};

    #[derive(IntoAmount)]
    struct Price(Amount);

    #[derive(Checkout)]
    #[checkout(payment_reason = "{title}", tax_rate = "10%")]
    struct Song {
        title: &'static str,
        #[checkout(item_total)]
        price: Price,
    }

    #[derive(Checkout)]
    struct Cart {
        #[checkout(items)]
        songs: Vec<Song>,
    }

    #[test]
    fn fps_checkout_is_the_only_dependency_that_a_product_needs() {
        let cart = Cart { songs: vec![Song { title: "Hazard", price: Price(Amount::usd("1.00")) }] };
        let parameters = cart.parameters().unwrap();
        assert_eq!(parameters.transaction_amount(), Amount::usd("1.10"));
        assert_eq!(parameters.payment_reason(), Some("Hazard"));
    }
}
