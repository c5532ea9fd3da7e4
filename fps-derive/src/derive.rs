//! The derives from tokens to tokens: read, check, expand, or report.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Data, DeriveInput, parse_quote};

use crate::check::check;
use crate::errors::Errors;
use crate::input::{self, Root};
use crate::model::Product;
use crate::symbol::{self, Place};
use crate::{expand, fallback};

/// Which crate the user has: the expansion's paths begin there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Home {
    Core,
    Shop,
}

impl Home {
    fn root(self) -> Root {
        Root(match self {
            Self::Core => parse_quote!(::fps_core),
            Self::Shop => parse_quote!(::fps_checkout),
        })
    }
}

/// `#[derive(Checkout)]`.
pub(crate) fn checkout(input: TokenStream, home: Home) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let errors = Errors::new();
    let product = Product::read(&input, &errors);
    if let Some(product) = &product {
        check(product, &errors);
    }
    let stated = product.as_ref().and_then(|product| product.root.clone());
    match (errors.finish(), product) {
        (Ok(()), Some(product)) => expand::expand(&product, &home.root()),
        (result, _) => {
            let mut tokens = fallback::checkout(&input, &stated.unwrap_or_else(|| home.root()));
            tokens.extend(result.err().map(syn::Error::into_compile_error));
            tokens
        }
    }
}

/// `#[derive(IntoAmount)]`.
pub(crate) fn into_amount(input: TokenStream, home: Home) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let errors = Errors::new();
    let root = root(&input, &errors).unwrap_or_else(|| home.root());
    let mut only = None;
    match &input.data {
        Data::Struct(data) => {
            let mut fields = data.fields.iter().zip(data.fields.members());
            match (fields.next(), fields.next()) {
                (Some((field, member)), None) => only = Some((member, field.ty.clone())),
                (None, _) => errors.on(&input.ident, "`IntoAmount` needs one field: the amount"),
                (_, Some((second, _))) => errors.on(
                    second,
                    "`IntoAmount` is derived on a struct with one field, the amount; for more, write the impl",
                ),
            }
        }
        Data::Enum(_) | Data::Union(_) => errors.on(
            &input.ident,
            "`IntoAmount` is derived on a struct with one field, the amount; for an enum or union, write the impl",
        ),
    }
    match (errors.finish(), only) {
        (Ok(()), Some((member, ty))) => {
            expand::expand_into_amount(&input.ident, &input.generics, &member, &ty, &root)
        }
        (result, _) => {
            let mut tokens = fallback::into_amount(&input, &root);
            tokens.extend(result.err().map(syn::Error::into_compile_error));
            tokens
        }
    }
}

/// The one word that `IntoAmount` knows: `crate`.
fn root(input: &DeriveInput, errors: &Errors) -> Option<Root> {
    let (words, _) = input::words(&input.attrs, Place::Type, errors);
    let mut root = None;
    for word in words {
        match (word.name.as_str(), word.value()) {
            (symbol::CRATE, Some(value)) => root = Root::read(value, errors),
            _ => errors.on(word.meta.to_token_stream(), "`IntoAmount` knows one word: `crate = \"::path\"`"),
        }
    }
    root
}

#[cfg(test)]
mod tests;
