//! From the model to the code that a person would have written. Cannot fail.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{GenericParam, Generics, Index, LitStr, Member, Type, WherePredicate, parse_quote};

use crate::input::{Root, mentions};
use crate::model::{Body, Field, Product, Rate, Reason, Role, Shape, Words};
use crate::symbol::Charge;
use crate::template::{self, Piece, Step, Value};

/// The implementation of `Checkout`.
pub(crate) fn expand(product: &Product<'_>, default_root: &Root) -> TokenStream {
    let root = &product.root.as_ref().unwrap_or(default_root).0;
    let ident = &product.original.ident;
    let generics = with_bounds(product);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let description = describe(&product.shape);
    in_block(
        root,
        &quote! {
            #[automatically_derived]
            #[allow(deprecated)]
            impl #impl_generics __fps::Checkout for #ident #ty_generics #where_clause {
                #[inline]
                fn parameters(&self) -> __fps::Result<__fps::PipelineParameters, __fps::CheckoutError> {
                    __fps::Line::parameters_of(self)
                }

                #[inline(always)]
                fn describe(&self, __fps_line: &mut __fps::Line) -> __fps::Result<(), __fps::CheckoutError> {
                    #description
                    __fps::Result::Ok(())
                }
            }
        },
    )
}

/// A block that the user's names cannot reach into, nor its names out of.
pub(crate) fn in_block(root: &syn::Path, items: &TokenStream) -> TokenStream {
    quote! {
        const _: () = {
            use #root::__private as __fps;

            #items
        };
    }
}

fn describe(shape: &Shape<'_>) -> TokenStream {
    match shape {
        Shape::Struct(body) => statements(body, &Access::OfSelf),
        Shape::Enum(bodies) => {
            let arms = bodies.iter().map(|body| {
                let variant = body.name;
                let statements = statements(body, &Access::Bound);
                let bindings = body.fields.iter().filter(|field| is_used(field, body)).map(|field| {
                    let (member, binding) = (&field.member, binding(field));
                    quote!(#member: #binding,)
                });
                quote!(Self::#variant { #(#bindings)* .. } => { #statements })
            });
            quote!(match self { #(#arms)* })
        }
    }
}

/// How a field is reached: through `self`, or by the name that a pattern bound.
enum Access {
    OfSelf,
    Bound,
}

impl Access {
    /// The field itself.
    fn place(&self, field: &Field<'_>) -> TokenStream {
        let member = &field.member;
        match self {
            Self::OfSelf => quote!(self.#member),
            Self::Bound => binding(field).into_token_stream(),
        }
    }

    /// A reference to the field.
    fn reference(&self, field: &Field<'_>) -> TokenStream {
        let place = self.place(field);
        match self {
            Self::OfSelf => quote!(&#place),
            Self::Bound => place,
        }
    }
}

fn binding(field: &Field<'_>) -> Ident {
    format_ident!("__fps_field_{}", field.name())
}

fn is_used(field: &Field<'_>, body: &Body<'_>) -> bool {
    let in_reason = || {
        body.words.payment_reason.iter().flat_map(|reason| &reason.template.pieces).any(|piece| match piece {
            Piece::Text(_) => false,
            Piece::Value(value) => {
                value.first == Step::Field(field.name()) || value.counts.contains(&field.name())
            }
        })
    };
    !matches!(field.role, None | Some(Role::Skip)) || in_reason()
}

/// What a struct or variant writes into its line. The terms come before the items, since they decide over theirs; the
/// tax comes last, since it is on what is there.
fn statements(body: &Body<'_>, access: &Access) -> TokenStream {
    let terms = terms(&body.words);
    let reason = body.words.payment_reason.as_ref().map(|reason| self::reason(reason, body, access));
    let fields = body.fields.iter().filter_map(|field| field_term(field, access));
    let charges = Charge::ALL.into_iter().map(|charge| charges(charge, body, access));
    let items = body.fields.iter().filter_map(|field| items(field, access));
    let tax = body.words.tax_rate.as_ref().map(|rate| tax(rate, &body.words));
    quote! {
        #(#charges)*
        #reason
        #terms
        #(#fields)*
        #(#items)*
        #tax
    }
}

fn terms(words: &Words) -> TokenStream {
    let methods = words.payment_methods.as_ref().map(|methods| {
        let methods = methods.iter().map(|method| match *method {
            "ABT" => format_ident!("Abt"),
            "ACH" => format_ident!("Ach"),
            _ => format_ident!("Cc"),
        });
        quote!(__fps_line.payment_methods(__fps::PaymentMethods::of(&[#(__fps::PaymentMethod::#methods),*]));)
    });
    let reserve = words.reserve.map(|_| quote!(__fps_line.reserve();));
    let collect = words.collect_shipping_address.map(|_| quote!(__fps_line.collect_shipping_address()?;));
    quote!(#methods #reserve #collect)
}

fn field_term(field: &Field<'_>, access: &Access) -> Option<TokenStream> {
    let reference = access.reference(field);
    match field.role {
        Some(Role::PaymentReason) => {
            let text = read_by(&field.original.ty, "ReasonText", "reason_text", &reference);
            Some(quote!(__fps_line.payment_reason_text(#text);))
        }
        Some(Role::Address) => {
            let address = read_by(&field.original.ty, "IntoAddress", "to_address", &reference);
            Some(quote!(__fps_line.address(#address)?;))
        }
        _ => None,
    }
}

fn charges(charge: Charge, body: &Body<'_>, access: &Access) -> TokenStream {
    let kind = format_ident!("{}", charge.variant());
    let pieces = match charge {
        Charge::ItemTotal => body
            .quantity()
            .map(|field| read_by(&field.original.ty, "Quantity", "to_pieces", &access.reference(field))),
        _ => None,
    };
    let from_fields = body.charges(charge).map(|field| {
        let amount = read_by(&field.original.ty, "IntoAmount", "to_amount", &access.reference(field));
        match &pieces {
            Some(pieces) => quote!(__fps_line.charge_times(__fps::Charge::#kind, #amount, #pieces?)?;),
            None => quote!(__fps_line.charge(__fps::Charge::#kind, #amount)?;),
        }
    });
    let fixed = body.words.charges.iter().filter(|fixed| fixed.charge == charge).map(|fixed| {
        let cents = proc_macro2::Literal::i64_unsuffixed(fixed.cents);
        let amount = quote!(__fps::Amount::from_cents(#cents));
        match &pieces {
            Some(pieces) => {
                quote! {
                    __fps_line.charge_times(
                        __fps::Charge::#kind,
                        __fps::IntoAmount::to_amount(&#amount),
                        #pieces?,
                    )?;
                }
            }
            None => quote!(__fps_line.fixed_charge(__fps::Charge::#kind, #amount)?;),
        }
    });
    quote!(#(#from_fields)* #(#fixed)*)
}

fn items(field: &Field<'_>, access: &Access) -> Option<TokenStream> {
    match &field.role {
        Some(Role::Items(None)) => {
            let (ty, reference) = (&field.original.ty, access.reference(field));
            let path = quote_spanned!(ty.span()=> <#ty as __fps::Items<_>>::add_to);
            Some(quote!(#path(#reference, __fps_line)?;))
        }
        Some(Role::Items(Some(method))) => {
            let place = access.place(field);
            Some(quote!(__fps_line.items(#place.#method())?;))
        }
        _ => None,
    }
}

fn tax(rate: &Rate, words: &Words) -> TokenStream {
    let millionths = proc_macro2::Literal::u32_unsuffixed(rate.millionths);
    let on = words.tax_on.as_ref().map_or(&[Charge::ItemTotal][..], |on| &on.charges);
    let on = on.iter().map(|charge| format_ident!("{}", charge.variant()));
    quote!(__fps_line.tax_rate(__fps::TaxRate::from_millionths(#millionths), &[#(__fps::Charge::#on),*])?;)
}

/// `<Type as Trait>::method(value)`, with the type's own tokens, so that an unfit type is underlined where it stands.
fn read_by(ty: &Type, of: &str, method: &str, reference: &TokenStream) -> TokenStream {
    let (of, method) = (format_ident!("{of}"), format_ident!("{method}"));
    let path = quote_spanned!(ty.span()=> <#ty as __fps::#of>::#method);
    quote!(#path(#reference))
}

fn reason(reason: &Reason, body: &Body<'_>, access: &Access) -> TokenStream {
    let mut format = String::new();
    let mut values = Vec::new();
    for piece in &reason.template.pieces {
        match piece {
            Piece::Text(text) => format.push_str(&text.replace('{', "{{").replace('}', "}}")),
            Piece::Value(value) => {
                format.push_str("{}");
                values.push(self::value(value, reason, body, access));
            }
        }
    }
    if let [Piece::Text(text)] = &reason.template.pieces[..] {
        let text = LitStr::new(text, reason.literal.span());
        return quote!(__fps_line.fixed_reason(#text););
    }
    let format = LitStr::new(&format, reason.literal.span());
    quote!(__fps_line.payment_reason(::core::format_args!(#format #(, #values)*));)
}

/// A value of a reason, with what could be read as a tag escaped.
fn value(value: &Value, reason: &Reason, body: &Body<'_>, access: &Access) -> TokenStream {
    let span = reason.literal.span();
    let mut place = match &value.first {
        Step::Call(method) => quote!(self.#method()),
        Step::Field(name) => body.field(name).map(|field| access.place(field)).unwrap_or_default(),
    };
    for step in &value.rest {
        place = match step {
            Step::Call(method) => quote!(#place.#method()),
            Step::Field(name) if name.bytes().all(|byte| byte.is_ascii_digit()) => {
                let index = Index { index: name.parse().unwrap_or_default(), span };
                quote!(#place.#index)
            }
            Step::Field(name) => {
                let field = template::identifier(name, &reason.literal);
                quote!(#place.#field)
            }
        };
    }
    if value.spec.is_empty() {
        let is_reference =
            value.rest.is_empty() && matches!((&value.first, access), (Step::Field(_), Access::Bound));
        let reference = if is_reference { place } else { quote!(&#place) };
        return quote_spanned!(span=> __fps::AsText(#reference));
    }
    let format = LitStr::new(&format!("{{:{}}}", value.spec), span);
    let counts = value.counts.iter().filter_map(|name| {
        let field = body.field(name)?;
        let (argument, place) = (template::identifier(name, &reason.literal), access.place(field));
        let deref = matches!(access, Access::Bound).then(|| quote!(*));
        Some(quote!(, #argument = #deref #place))
    });
    quote_spanned!(span=> __fps::AsText(&::core::format_args!(#format, #place #(#counts)*)))
}

/// The type's generics, and for each field of a generic type the trait that its word needs.
fn with_bounds(product: &Product<'_>) -> Generics {
    let mut generics = product.original.generics.clone();
    let parameters: Vec<&Ident> = product
        .original
        .generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(&parameter.ident),
            GenericParam::Lifetime(_) | GenericParam::Const(_) => None,
        })
        .collect();
    if parameters.is_empty() {
        return generics;
    }
    let mut bounds: Vec<WherePredicate> = Vec::new();
    for body in product.shape.bodies() {
        for field in &body.fields {
            let ty = &field.original.ty;
            if !mentions(ty.to_token_stream(), &parameters) {
                continue;
            }
            bounds
                .extend(bound_of(field).map(|bound| -> WherePredicate { parse_quote!(#ty: __fps::#bound) }));
            bounds.extend(
                shown_as(field, body).map(|bound| -> WherePredicate { parse_quote!(#ty: __fps::#bound) }),
            );
        }
    }
    if !bounds.is_empty() {
        generics.make_where_clause().predicates.extend(bounds);
    }
    generics
}

/// The trait that a field's word reads it by. Products in `items` have many forms, so their bound is the user's.
fn bound_of(field: &Field<'_>) -> Option<Ident> {
    match field.role {
        Some(Role::Charge(_)) => Some(format_ident!("IntoAmount")),
        Some(Role::Quantity) => Some(format_ident!("Quantity")),
        Some(Role::PaymentReason) => Some(format_ident!("ReasonText")),
        Some(Role::Address) => Some(format_ident!("IntoAddress")),
        Some(Role::Items(_) | Role::Skip) | None => None,
    }
}

/// The formatting traits by which the reason shows a field itself.
fn shown_as<'a>(field: &'a Field<'_>, body: &'a Body<'_>) -> impl Iterator<Item = Ident> + 'a {
    body.words.payment_reason.iter().flat_map(|reason| &reason.template.pieces).filter_map(
        |piece| match piece {
            Piece::Value(value) if value.rest.is_empty() && value.first == Step::Field(field.name()) => {
                Some(format_ident!("{}", formatting_trait(&value.spec)))
            }
            _ => None,
        },
    )
}

fn formatting_trait(spec: &str) -> &'static str {
    let kind = spec.trim_end();
    let kind = &kind[kind.rfind(|c: char| !c.is_ascii_alphabetic() && c != '?').map_or(0, |at| at + 1)..];
    match kind {
        "?" | "x?" | "X?" => "Debug",
        "x" => "LowerHex",
        "X" => "UpperHex",
        "o" => "Octal",
        "b" => "Binary",
        "e" => "LowerExp",
        "E" => "UpperExp",
        "p" => "Pointer",
        _ => "Display",
    }
}

/// The implementation of `IntoAmount` for a newtype.
pub(crate) fn expand_into_amount(
    ident: &Ident,
    generics: &Generics,
    member: &Member,
    ty: &Type,
    root: &Root,
) -> TokenStream {
    let mut generics = generics.clone();
    let parameters: Vec<Ident> = generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    if mentions(ty.to_token_stream(), &parameters.iter().collect::<Vec<_>>()) {
        generics.make_where_clause().predicates.push(parse_quote!(#ty: __fps::IntoAmount));
    }
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let amount = read_by(ty, "IntoAmount", "to_amount", &quote!(&self.#member));
    in_block(
        &root.0,
        &quote! {
            #[automatically_derived]
            #[allow(deprecated)]
            impl #impl_generics __fps::IntoAmount for #ident #ty_generics #where_clause {
                #[inline]
                fn to_amount(&self) -> __fps::Result<__fps::Option<__fps::Amount>, __fps::AmountError> {
                    #amount
                }
            }
        },
    )
}
