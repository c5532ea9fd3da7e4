//! What stands in for an implementation that could not be made, so that one mistake is not echoed by ten.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::expand::in_block;
use crate::input::Root;

/// An implementation that is never run, because the error stands beside it.
pub(crate) fn checkout(input: &DeriveInput, root: &Root) -> TokenStream {
    let ident = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    in_block(
        &root.0,
        &quote! {
            #[automatically_derived]
            impl #impl_generics __fps::Checkout for #ident #ty_generics #where_clause {
                fn parameters(&self) -> __fps::Result<__fps::PipelineParameters, __fps::CheckoutError> {
                    loop {}
                }
            }
        },
    )
}

/// The same for `IntoAmount`.
pub(crate) fn into_amount(input: &DeriveInput, root: &Root) -> TokenStream {
    let ident = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    in_block(
        &root.0,
        &quote! {
            #[automatically_derived]
            impl #impl_generics __fps::IntoAmount for #ident #ty_generics #where_clause {
                fn to_amount(&self) -> __fps::Result<__fps::Option<__fps::Amount>, __fps::AmountError> {
                    loop {}
                }
            }
        },
    )
}
