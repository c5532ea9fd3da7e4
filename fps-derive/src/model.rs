//! What the derive accepts, each part with the syntax it came from.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Data, DeriveInput, Expr, ExprLit, Fields, Lit, LitStr, Member, Type};

use crate::errors::Errors;
use crate::input::{self, Broken, Root, Word};
use crate::number;
use crate::symbol::{self, Charge, Place};
use crate::template::Template;

/// A type that derives `Checkout`.
pub(crate) struct Product<'a> {
    pub(crate) original: &'a DeriveInput,
    /// Where the paths of the expansion begin, if the type says so itself.
    pub(crate) root: Option<Root>,
    pub(crate) shape: Shape<'a>,
}

pub(crate) enum Shape<'a> {
    Struct(Body<'a>),
    Enum(Vec<Body<'a>>),
}

impl<'a> Shape<'a> {
    pub(crate) fn bodies(&self) -> &[Body<'a>] {
        match self {
            Self::Struct(body) => std::slice::from_ref(body),
            Self::Enum(bodies) => bodies,
        }
    }
}

/// A struct, or a variant of an enum.
pub(crate) struct Body<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) fields: Vec<Field<'a>>,
    /// Its own words, and those of its enum that it does not say itself.
    pub(crate) words: Words,
    pub(crate) broken: Broken,
}

impl<'a> Body<'a> {
    pub(crate) fn charges(&self, charge: Charge) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter().filter(move |field| matches!(field.role, Some(Role::Charge(c)) if c == charge))
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.name() == name)
    }

    pub(crate) fn quantity(&self) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| matches!(field.role, Some(Role::Quantity)))
    }

    pub(crate) fn is_cart(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.role, Some(Role::Items(_))))
    }
}

pub(crate) struct Field<'a> {
    pub(crate) original: &'a syn::Field,
    pub(crate) member: Member,
    /// What the field is for; `None` where it carries no word.
    pub(crate) role: Option<Role>,
    pub(crate) broken: Broken,
}

impl Field<'_> {
    /// Its name as a template writes it: without `r#`, a number for a tuple's field.
    pub(crate) fn name(&self) -> String {
        match &self.member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }
}

/// What a field is for.
#[derive(Clone, Debug)]
pub(crate) enum Role {
    Charge(Charge),
    PaymentReason,
    Quantity,
    /// Products, by the method that iterates over them if one is named.
    Items(Option<Ident>),
    Address,
    Skip,
}

/// The words of a struct, an enum or a variant.
#[derive(Clone, Default)]
pub(crate) struct Words {
    pub(crate) payment_reason: Option<Reason>,
    pub(crate) payment_methods: Option<Vec<&'static str>>,
    pub(crate) reserve: Option<Span>,
    pub(crate) collect_shipping_address: Option<Span>,
    pub(crate) charges: Vec<Fixed>,
    pub(crate) tax_rate: Option<Rate>,
    pub(crate) tax_on: Option<TaxOn>,
}

#[derive(Clone)]
pub(crate) struct Reason {
    pub(crate) literal: LitStr,
    pub(crate) template: Template,
}

/// A charge with its amount in cents.
#[derive(Clone)]
pub(crate) struct Fixed {
    pub(crate) charge: Charge,
    pub(crate) cents: i64,
    pub(crate) literal: LitStr,
}

#[derive(Clone)]
pub(crate) struct Rate {
    pub(crate) millionths: u32,
}

#[derive(Clone)]
pub(crate) struct TaxOn {
    pub(crate) charges: Vec<Charge>,
    pub(crate) span: Span,
}

impl Words {
    /// These, and of the others what these do not say.
    fn or(mut self, common: &Self) -> Self {
        for fixed in &common.charges {
            if !self.charges.iter().any(|own| own.charge == fixed.charge) {
                self.charges.push(fixed.clone());
            }
        }
        Self {
            payment_reason: self.payment_reason.or_else(|| common.payment_reason.clone()),
            payment_methods: self.payment_methods.or_else(|| common.payment_methods.clone()),
            reserve: self.reserve.or(common.reserve),
            collect_shipping_address: self.collect_shipping_address.or(common.collect_shipping_address),
            charges: self.charges,
            tax_rate: self.tax_rate.or_else(|| common.tax_rate.clone()),
            tax_on: self.tax_on.or_else(|| common.tax_on.clone()),
        }
    }
}

impl<'a> Product<'a> {
    /// Reads a type; `None` for a union, which is reported.
    pub(crate) fn read(original: &'a DeriveInput, errors: &Errors) -> Option<Self> {
        let (found, broken) = input::words(&original.attrs, Place::Type, errors);
        let (common, root, broken) = words(found, Place::Type, broken, errors);
        let shape = match &original.data {
            Data::Struct(data) => Shape::Struct(body(&original.ident, &data.fields, common, broken, errors)),
            Data::Enum(data) => Shape::Enum(
                data.variants
                    .iter()
                    .map(|variant| {
                        let (found, own) = input::words(&variant.attrs, Place::Variant, errors);
                        let (own, _, broken) = words(found, Place::Variant, Broken(own.0 | broken.0), errors);
                        let mut body = body(&variant.ident, &variant.fields, own, broken, errors);
                        let own_reason =
                            body.fields.iter().any(|field| matches!(field.role, Some(Role::PaymentReason)));
                        let said_already = body.words.payment_reason.is_some();
                        body.words = std::mem::take(&mut body.words).or(&common);
                        if own_reason && !said_already {
                            body.words.payment_reason = None;
                        }
                        body
                    })
                    .collect(),
            ),
            Data::Union(data) => {
                errors.on(
                    data.union_token,
                    "a union cannot say which of its fields holds the price; derive `Checkout` on a struct or enum",
                );
                return None;
            }
        };
        Some(Self { original, root, shape })
    }
}

fn body<'a>(name: &'a Ident, fields: &'a Fields, words: Words, broken: Broken, errors: &Errors) -> Body<'a> {
    let fields: Vec<Field<'a>> = fields
        .iter()
        .zip(fields.members())
        .map(|(original, member)| field(original, member, errors))
        .collect();
    let broken = Broken(broken.0 || fields.iter().any(|field| field.broken.0));
    Body { name, fields, words, broken }
}

fn field<'a>(original: &'a syn::Field, member: Member, errors: &Errors) -> Field<'a> {
    let (words, mut broken) = input::words(&original.attrs, Place::Field, errors);
    let mut role = None;
    let mut first: Option<Word> = None;
    for word in words {
        if let Some(first) = &first {
            let message = if first.name == word.name {
                format!("`{}` stands here twice", word.name)
            } else {
                format!("a field carries one word; this one is `{}` already", first.name)
            };
            errors.on(word.meta.path(), message);
            continue;
        }
        role = self::role(&word, errors);
        broken.0 |= role.is_none();
        first = Some(word);
    }
    Field { original, member, role, broken }
}

fn role(word: &Word, errors: &Errors) -> Option<Role> {
    if word.name == symbol::ITEMS && !matches!(word.meta, syn::Meta::Path(_)) {
        let methods = match &word.meta {
            syn::Meta::List(_) => word.names(Place::Field, &Errors::silent()),
            _ => None,
        };
        return match methods.as_deref() {
            Some([method]) => Some(Role::Items(Some(method.clone()))),
            _ => {
                errors.on(
                    &word.meta,
                    "on a field, write `#[checkout(items)]`, or name one method that iterates over the products: \
                     `#[checkout(items(values))]`",
                );
                None
            }
        };
    }
    if let (Some(value), false) = (word.value(), word.name == symbol::ITEMS) {
        let what = match Charge::named(&word.name) {
            Some(_) => "; a fixed charge belongs on the struct or variant",
            None if word.name == symbol::PAYMENT_REASON => "; a template belongs on the struct or variant",
            None => "",
        };
        errors.on(
            value,
            format_args!("on a field `{}` stands alone, and the field is the value{what}", word.name),
        );
        return None;
    }
    if !word.bare(Place::Field, errors) {
        return None;
    }
    Some(match word.name.as_str() {
        symbol::PAYMENT_REASON => Role::PaymentReason,
        symbol::QUANTITY => Role::Quantity,
        symbol::ITEMS => Role::Items(None),
        symbol::ADDRESS => Role::Address,
        symbol::SKIP => Role::Skip,
        charge => Role::Charge(Charge::named(charge)?),
    })
}

/// Lowers the words of a struct, enum or variant.
fn words(
    found: Vec<Word>,
    place: Place,
    mut broken: Broken,
    errors: &Errors,
) -> (Words, Option<Root>, Broken) {
    let mut words = Words::default();
    let mut root = None;
    let mut seen: Vec<String> = Vec::new();
    for word in found {
        if seen.contains(&word.name) {
            errors.on(word.meta.path(), format_args!("`{}` stands here twice; say it once", word.name));
            continue;
        }
        seen.push(word.name.clone());
        let read = match word.name.as_str() {
            symbol::PAYMENT_REASON => reason(&word, place, errors).map(|it| words.payment_reason = Some(it)),
            symbol::PAYMENT_METHODS => {
                methods(&word, place, errors).map(|it| words.payment_methods = Some(it))
            }
            symbol::RESERVE => word.bare(place, errors).then(|| words.reserve = Some(word.meta.span())),
            symbol::COLLECT_SHIPPING_ADDRESS => {
                word.bare(place, errors).then(|| words.collect_shipping_address = Some(word.meta.span()))
            }
            symbol::TAX_RATE => rate(&word, place, errors).map(|it| words.tax_rate = Some(it)),
            symbol::TAX_ON => tax_on(&word, place, errors).map(|it| words.tax_on = Some(it)),
            symbol::CRATE => match word.value() {
                Some(value) => Root::read(value, errors).map(|it| root = Some(it)),
                None => word.text(place, errors).map(|_| ()),
            },
            charge => Charge::named(charge)
                .and_then(|charge| fixed(&word, charge, place, errors))
                .map(|it| words.charges.push(it)),
        };
        broken.0 |= read.is_none();
    }
    (words, root, broken)
}

fn reason(word: &Word, place: Place, errors: &Errors) -> Option<Reason> {
    let literal = word.text(place, errors)?;
    let (template, messages) = Template::parse(&literal);
    for message in messages {
        errors.on(&literal, message);
    }
    Some(Reason { literal, template })
}

fn methods(word: &Word, place: Place, errors: &Errors) -> Option<Vec<&'static str>> {
    let names = word.names(place, errors)?;
    let mut methods = Vec::new();
    let mut wrong = false;
    for name in names {
        let text = name.to_string();
        match METHODS.iter().find(|(method, _)| *method == text) {
            Some((method, _)) if methods.contains(method) => {
                errors.on(&name, format_args!("`{method}` stands here twice"));
                wrong = true;
            }
            Some((method, _)) => methods.push(*method),
            None => {
                let near = symbol::nearest(&text, METHODS.map(|(method, _)| method));
                let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
                let list = METHODS.map(|(method, what)| format!("`{method}` ({what})")).join(", ");
                errors.on(&name, format_args!("no payment method `{text}`; {near}there are {list}"));
                wrong = true;
            }
        }
    }
    (!wrong).then_some(methods)
}

fn fixed(word: &Word, charge: Charge, place: Place, errors: &Errors) -> Option<Fixed> {
    if let Some(Expr::Lit(ExprLit { lit: lit @ (Lit::Float(_) | Lit::Int(_)), .. })) = word.value() {
        let text = quote::ToTokens::to_token_stream(lit).to_string();
        errors.on(
            lit,
            format_args!("write the amount as text, so that it is exact: `{} = \"{text}\"`", word.name),
        );
        return None;
    }
    let literal = word.text(place, errors)?;
    match number::cents(&literal.value()) {
        Ok(cents) => Some(Fixed { charge, cents, literal }),
        Err(message) => {
            errors.on(&literal, message);
            None
        }
    }
}

fn rate(word: &Word, place: Place, errors: &Errors) -> Option<Rate> {
    let literal = word.text(place, errors)?;
    match number::rate(&literal.value()) {
        Ok(millionths) => Some(Rate { millionths }),
        Err(message) => {
            errors.on(&literal, message);
            None
        }
    }
}

fn tax_on(word: &Word, place: Place, errors: &Errors) -> Option<TaxOn> {
    let mut charges = Vec::new();
    let mut wrong = false;
    for name in word.names(place, errors)? {
        let text = name.unraw().to_string();
        match Charge::TAXABLE.into_iter().find(|charge| charge.word() == text) {
            Some(charge) if charges.contains(&charge) => {
                errors.on(&name, format_args!("`{text}` stands here twice"));
                wrong = true;
            }
            Some(charge) => charges.push(charge),
            None => {
                let list = Charge::TAXABLE.map(Charge::word).join("`, `");
                errors
                    .on(&name, format_args!("a tax is on charges: expected `{list}` (which is subtracted)"));
                wrong = true;
            }
        }
    }
    (!wrong).then_some(TaxOn { charges, span: word.meta.span() })
}

/// Whether a type is plainly money by its spelling: the one place where spelling counts, so that money is not forgotten.
pub(crate) fn is_plainly_money(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_plainly_money(&group.elem),
        Type::Paren(paren) => is_plainly_money(&paren.elem),
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "Option" => match &last.arguments {
                syn::PathArguments::AngleBracketed(arguments) => arguments.args.iter().any(|argument| {
                    matches!(argument, syn::GenericArgument::Type(inner) if is_plainly_money(inner))
                }),
                _ => false,
            },
            Some(last) => last.ident == "Amount" || last.ident == "Decimal",
            None => false,
        },
        _ => false,
    }
}

const METHODS: [(&str, &str); 3] =
    [("ABT", "the buyer's balance"), ("ACH", "a bank account"), ("CC", "a credit card")];
