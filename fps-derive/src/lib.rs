//! The derives of fps. Use them through `fps_core` or `fps_checkout`, which re-export them.

mod check;
mod derive;
mod errors;
mod expand;
mod fallback;
mod input;
mod model;
mod number;
mod symbol;
mod template;

use proc_macro::TokenStream;

use crate::derive::Home;

/// A derive under two names, whose paths begin at fps-core or at fps-checkout; the documentation is the same.
macro_rules! checkout_for {
    ($home:expr, $name:ident, $function:ident) => {
        #[doc = include_str!("docs/checkout.md")]
        #[doc = expansion!("A struct, which reads a template and charges", "song")]
        #[doc = expansion!("A quantity and a fixed charge", "quantity")]
        #[doc = expansion!("A cart", "cart")]
        #[doc = expansion!("A tax rate", "tax_rate")]
        #[doc = expansion!("An address", "address")]
        #[doc = expansion!("An enum", "variants")]
        #[doc = expansion!("A template with parts, methods and formats", "template")]
        #[doc = expansion!("Generics", "generics")]
        #[proc_macro_derive($name, attributes(checkout))]
        pub fn $function(input: TokenStream) -> TokenStream {
            derive::checkout(input.into(), $home).into()
        }
    };
}

macro_rules! into_amount_for {
    ($home:expr, $name:ident, $function:ident) => {
        #[doc = include_str!("docs/into_amount.md")]
        #[doc = expansion!("What it becomes", "into_amount")]
        #[proc_macro_derive($name, attributes(checkout))]
        pub fn $function(input: TokenStream) -> TokenStream {
            derive::into_amount(input.into(), $home).into()
        }
    };
}

/// One of the files that the tests compare expansions with, folded.
macro_rules! expansion {
    ($title:literal, $file:literal) => {
        concat!(
            "<details><summary>",
            $title,
            "</summary>\n\n```rust,ignore\n",
            include_str!(concat!("../tests/snapshots/", $file, ".rs")),
            "```\n\n</details>\n",
        )
    };
}

checkout_for!(Home::Core, Checkout, checkout);
checkout_for!(Home::Shop, ShopCheckout, shop_checkout);
into_amount_for!(Home::Core, IntoAmount, into_amount);
into_amount_for!(Home::Shop, ShopIntoAmount, shop_into_amount);
