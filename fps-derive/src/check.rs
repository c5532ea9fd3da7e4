//! The rules that span several words or fields, one function each.

use syn::spanned::Spanned as _;

use crate::errors::Errors;
use crate::model::{self, Body, Product, Role, Shape};
use crate::number;
use crate::symbol::{self, Charge, nearest};
use crate::template::{Piece, Step};

/// Checks every rule and reports all that are broken.
pub(crate) fn check(product: &Product<'_>, errors: &Errors) {
    if let Shape::Enum(bodies) = &product.shape
        && bodies.is_empty()
    {
        errors.on(&product.original.ident, "an enum without variants is no product");
    }
    for body in product.shape.bodies() {
        money_carries_a_word(body, errors);
        single_words_stand_once(body, errors);
        something_is_sold(body, errors);
        quantity_multiplies_something(body, errors);
        address_is_given_or_collected(body, errors);
        only_cards_are_reserved(body, errors);
        tax_on_has_a_rate(body, errors);
        templates_name_fields(body, errors);
        literals_add_up(body, errors);
    }
}

fn money_carries_a_word(body: &Body<'_>, errors: &Errors) {
    for field in &body.fields {
        if is_forgotten_money(field) {
            let list = Charge::ALL.map(Charge::word).join("`, `");
            errors.on(
                &field.original.ty,
                format_args!(
                    "this is money without a word: say which charge it is, `#[checkout(…)]` with one of `{list}`, or \
                     `#[checkout(skip)]` if it is none"
                ),
            );
        }
    }
}

fn is_forgotten_money(field: &model::Field<'_>) -> bool {
    field.role.is_none() && !field.broken.0 && model::is_plainly_money(&field.original.ty)
}

fn single_words_stand_once(body: &Body<'_>, errors: &Errors) {
    for (word, is_role) in [
        (symbol::PAYMENT_REASON, (|role| matches!(role, Role::PaymentReason)) as fn(&Role) -> bool),
        (symbol::QUANTITY, |role| matches!(role, Role::Quantity)),
        (symbol::ADDRESS, |role| matches!(role, Role::Address)),
    ] {
        let mut fields = body.fields.iter().filter(|field| field.role.as_ref().is_some_and(is_role));
        let Some(first) = fields.next() else { continue };
        for field in fields {
            errors.on(
                word_of(field),
                format_args!("`{word}` is said twice; it is on the field `{}` already", first.name()),
            );
        }
        if word == symbol::PAYMENT_REASON && body.words.payment_reason.is_some() {
            errors.on(
                word_of(first),
                "the reason is said twice: by this field and by the template; remove one, or name the field in the \
                 template",
            );
        }
    }
}

fn something_is_sold(body: &Body<'_>, errors: &Errors) {
    let sold = body.charges(Charge::ItemTotal).next().is_some()
        || body.words.charges.iter().any(|fixed| fixed.charge == Charge::ItemTotal)
        || body.is_cart();
    // Forgotten money is most likely the price, and has its own error.
    if !sold && !body.broken.0 && !body.fields.iter().any(is_forgotten_money) {
        errors.on(
            body.name,
            format_args!(
                "`{}` has no item total: mark its price with `#[checkout(item_total)]`, its products with \
                 `#[checkout(items)]`, or fix one: `#[checkout(item_total = \"9.99\")]`",
                body.name
            ),
        );
    }
}

fn quantity_multiplies_something(body: &Body<'_>, errors: &Errors) {
    let Some(quantity) = body.quantity() else { return };
    let has_own = body.charges(Charge::ItemTotal).next().is_some()
        || body.words.charges.iter().any(|fixed| fixed.charge == Charge::ItemTotal);
    if !has_own && body.is_cart() && !body.broken.0 {
        errors.on(
            word_of(quantity),
            "`quantity` multiplies the item total, and this has none of its own; each of its `items` has its own \
             quantity",
        );
    }
}

fn address_is_given_or_collected(body: &Body<'_>, errors: &Errors) {
    let address = body.fields.iter().find(|field| matches!(field.role, Some(Role::Address)));
    if let (Some(address), Some(_)) = (address, body.words.collect_shipping_address) {
        errors.on(
            word_of(address),
            "FPS ignores the address where it collects one; keep `address` or `collect_shipping_address`, not both",
        );
    }
}

fn only_cards_are_reserved(body: &Body<'_>, errors: &Errors) {
    if let (Some(reserve), Some(methods)) = (body.words.reserve, &body.words.payment_methods)
        && !methods.contains(&"CC")
    {
        errors.at(reserve, "only a credit card can be reserved; accept it: `payment_methods(CC)`");
    }
}

fn tax_on_has_a_rate(body: &Body<'_>, errors: &Errors) {
    if let (Some(on), None) = (&body.words.tax_on, &body.words.tax_rate)
        && !body.broken.0
    {
        errors.at(
            on.span,
            "`tax_on` says what a rate applies to, and there is none; add `tax_rate = \"8.25%\"`",
        );
    }
}

fn templates_name_fields(body: &Body<'_>, errors: &Errors) {
    let Some(reason) = &body.words.payment_reason else { return };
    for piece in &reason.template.pieces {
        let Piece::Value(value) = piece else { continue };
        let first = match &value.first {
            Step::Field(name) => Some(name),
            Step::Call(_) => None,
        };
        for name in first.into_iter().chain(&value.counts) {
            if body.field(name).is_some() {
                continue;
            }
            let names: Vec<String> = body.fields.iter().map(model::Field::name).collect();
            let hint = match nearest(name, &names) {
                Some(near) => format!("did you mean `{near}`? its fields are `{}`", names.join("`, `")),
                None if names.is_empty() => "it has no fields".to_owned(),
                None => format!("its fields are `{}`", names.join("`, `")),
            };
            let method = match syn::parse_str::<syn::Ident>(name) {
                Ok(_) => format!("; a method is written `{{{name}()}}`"),
                Err(_) => String::new(),
            };
            errors.on(&reason.literal, format_args!("`{}` has no field `{name}`; {hint}{method}", body.name));
        }
    }
}

/// Where every charge is a literal, the total is known now.
fn literals_add_up(body: &Body<'_>, errors: &Errors) {
    let from_fields = body
        .fields
        .iter()
        .any(|field| matches!(field.role, Some(Role::Charge(_) | Role::Items(_) | Role::Quantity)));
    if from_fields || body.broken.0 || !errors.is_empty() {
        return;
    }
    let cents = |charge: Charge| {
        body.words
            .charges
            .iter()
            .filter(move |fixed| fixed.charge == charge)
            .map(|fixed| fixed.cents)
            .sum::<i64>()
    };
    let taxable = body.words.tax_on.as_ref().map_or(&[Charge::ItemTotal][..], |on| &on.charges);
    let base: i128 = taxable
        .iter()
        .map(|charge| i128::from(cents(*charge)) * if *charge == Charge::Discount { -1 } else { 1 })
        .sum();
    let rate = body.words.tax_rate.as_ref();
    let Ok(base) = i64::try_from(base.max(0)) else { return too_large(body, errors) };
    let computed = rate.map_or(0, |rate| number::tax(rate.millionths, base));
    let charged: i128 = Charge::ALL
        .into_iter()
        .filter(|charge| *charge != Charge::Discount)
        .map(|charge| i128::from(cents(charge)))
        .sum::<i128>()
        + i128::from(computed);
    if charged > i128::from(number::MOST_CENTS) {
        return too_large(body, errors);
    }
    let discount = cents(Charge::Discount);
    let charged = i64::try_from(charged).unwrap_or(number::MOST_CENTS);
    let Some(fixed) = body
        .words
        .charges
        .iter()
        .find(|fixed| fixed.charge == if discount > 0 { Charge::Discount } else { Charge::ItemTotal })
    else {
        return;
    };
    if discount > charged {
        errors.on(
            &fixed.literal,
            format_args!(
                "the discount of {} is more than the charges of {}",
                number::dollars(discount),
                number::dollars(charged)
            ),
        );
    } else if discount == charged {
        errors.on(&fixed.literal, "the total is zero; there would be nothing to pay");
    }
}

fn too_large(body: &Body<'_>, errors: &Errors) {
    if let Some(largest) = body.words.charges.iter().max_by_key(|fixed| fixed.cents) {
        errors
            .on(&largest.literal, "with this charge the total is over the limit of 9223372036854.77 dollars");
    }
}

/// The tokens of a field's word: what stands in its `checkout` attribute.
fn word_of<'a>(field: &'a model::Field<'_>) -> impl quote::ToTokens + 'a {
    let attribute =
        field.original.attrs.iter().find(|attribute| attribute.path().is_ident(symbol::ATTRIBUTE));
    match attribute.map(|attribute| &attribute.meta) {
        Some(syn::Meta::List(list)) => list.tokens.clone(),
        _ => quote::quote_spanned!(field.original.span()=> checkout),
    }
}
