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

/// Makes a product one that can be paid for.
#[proc_macro_derive(Checkout, attributes(checkout))]
pub fn checkout(input: TokenStream) -> TokenStream {
    derive::checkout(input.into(), Home::Core).into()
}

/// Makes a newtype around an amount one that charges can be read from.
#[proc_macro_derive(IntoAmount, attributes(checkout))]
pub fn into_amount(input: TokenStream) -> TokenStream {
    derive::into_amount(input.into(), Home::Core).into()
}

/// `Checkout` for those who depend on `fps_checkout`.
#[doc(hidden)]
#[proc_macro_derive(ShopCheckout, attributes(checkout))]
pub fn shop_checkout(input: TokenStream) -> TokenStream {
    derive::checkout(input.into(), Home::Shop).into()
}

/// `IntoAmount` for those who depend on `fps_checkout`.
#[doc(hidden)]
#[proc_macro_derive(ShopIntoAmount, attributes(checkout))]
pub fn shop_into_amount(input: TokenStream) -> TokenStream {
    derive::into_amount(input.into(), Home::Shop).into()
}
