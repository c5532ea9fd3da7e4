//! Syntax: the words of `#[checkout(…)]` attributes, each with its tokens.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, MacroDelimiter, Meta, Path, Token};

use crate::errors::Errors;
use crate::symbol::{self, Place};

/// One word as it is written: `tax`, `shipping = "4.99"` or `items(values)`.
pub(crate) struct Word {
    pub(crate) name: String,
    pub(crate) meta: Meta,
}

impl Word {
    /// Checks that the word stands alone.
    pub(crate) fn bare(&self, place: Place, errors: &Errors) -> bool {
        let bare = matches!(self.meta, Meta::Path(_));
        if !bare {
            errors.on(&self.meta, self.form(place));
        }
        bare
    }

    /// The text after `=`.
    pub(crate) fn text(&self, place: Place, errors: &Errors) -> Option<LitStr> {
        let Meta::NameValue(pair) = &self.meta else {
            errors.on(&self.meta, self.form(place));
            return None;
        };
        let text = literal_text(&pair.value);
        if text.is_none() {
            errors.on(&pair.value, self.form(place));
        }
        text
    }

    /// The value after `=`, whatever it is.
    pub(crate) fn value(&self) -> Option<&Expr> {
        match &self.meta {
            Meta::NameValue(pair) => Some(&pair.value),
            Meta::Path(_) | Meta::List(_) => None,
        }
    }

    /// The names in brackets, at least one.
    pub(crate) fn names(&self, place: Place, errors: &Errors) -> Option<Vec<Ident>> {
        let names = match &self.meta {
            Meta::List(list) => list.parse_args_with(Punctuated::<Name, Token![,]>::parse_terminated).ok(),
            Meta::Path(_) | Meta::NameValue(_) => None,
        };
        match names {
            Some(names) if !names.is_empty() => Some(names.into_iter().map(|name| name.0).collect()),
            _ => {
                errors.on(&self.meta, self.form(place));
                None
            }
        }
    }

    /// How the word is written here.
    fn form(&self, place: Place) -> String {
        let form = symbol::Word::named(&self.name).and_then(|word| word.form(place)).unwrap_or("a word");
        match place {
            Place::Field => format!("on a field, write `#[checkout({form})]`"),
            Place::Type | Place::Variant => format!("here, write `{form}`"),
        }
    }
}

/// The words of all `checkout` attributes of a place, in their order. What is no word at all is reported and left out.
pub(crate) fn words(attributes: &[Attribute], place: Place, errors: &Errors) -> (Vec<Word>, Broken) {
    let mut words = Vec::new();
    let mut broken = Broken(false);
    for attribute in attributes.iter().filter(|a| a.path().is_ident(symbol::ATTRIBUTE)) {
        match &attribute.meta {
            Meta::List(list) if matches!(list.delimiter, MacroDelimiter::Paren(_)) => {
                if let Err(error) = list.parse_args_with(|input: ParseStream<'_>| read(input, &mut words)) {
                    errors.push(error);
                    broken.0 = true;
                }
            }
            meta => {
                let example = match place {
                    Place::Field => "#[checkout(item_total)]",
                    Place::Type | Place::Variant => "#[checkout(payment_methods(ABT, ACH, CC))]",
                };
                errors.on(meta, format_args!("the words stand in round brackets: `{example}`"));
                broken.0 = true;
            }
        }
    }
    words.retain(|word| {
        let known = is_known(word, place, errors);
        broken.0 |= !known;
        known
    });
    (words, broken)
}

/// Whether something could not be read; then what seems to be missing may be there, and is not complained of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Broken(pub(crate) bool);

/// Reads words up to the first that is none, so that those before it count.
fn read(input: ParseStream<'_>, words: &mut Vec<Word>) -> syn::Result<()> {
    while !input.is_empty() {
        if input.peek(Lit) {
            return Err(input.error("a word stands without quotes: `#[checkout(item_total)]`"));
        }
        let meta: Meta = input.parse()?;
        words.push(Word { name: name_of(meta.path()), meta });
        if !input.is_empty() && input.parse::<Token![,]>().is_err() {
            return Err(input.error("expected a comma between two words"));
        }
    }
    Ok(())
}

fn name_of(path: &Path) -> String {
    match path.get_ident() {
        Some(ident) => ident.unraw().to_string(),
        None => path.segments.iter().map(|s| s.ident.to_string()).collect::<Vec<_>>().join("::"),
    }
}

/// Reports a word that is unknown, or known and in the wrong place.
fn is_known(word: &Word, place: Place, errors: &Errors) -> bool {
    match symbol::Word::named(&word.name) {
        Some(known) if known.form(place).is_some() => true,
        Some(known) => {
            let form = known.form(Place::Type).or(known.form(Place::Field)).unwrap_or(known.name);
            errors.on(
                word.meta.path(),
                format_args!("`{}` belongs {}: `#[checkout({form})]`", known.name, known.home()),
            );
            false
        }
        None => {
            let list = symbol::words_for(place).collect::<Vec<_>>().join("`, `");
            let all = symbol::words_for(place)
                .chain(symbol::words_for(Place::Type))
                .chain(symbol::words_for(Place::Field));
            let hint = match symbol::nearest(&word.name, all) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("expected one of `{list}`"),
            };
            errors.on(word.meta.path(), format_args!("unknown word `{}`; {hint}", word.name));
            false
        }
    }
}

/// The string of a literal, also where a macro has wrapped it in an invisible group.
pub(crate) fn literal_text(value: &Expr) -> Option<LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
        Expr::Group(group) => literal_text(&group.expr),
        _ => None,
    }
}

/// A name of any kind, keywords included.
struct Name(Ident);

impl Parse for Name {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ident::parse_any(input).map(Self)
    }
}

/// The root of the paths in the expansion.
#[derive(Clone)]
pub(crate) struct Root(pub(crate) Path);

impl Root {
    /// Reads `crate = "::name"`; a macro may also give a path without quotes, `crate = $crate::name`.
    pub(crate) fn read(value: &Expr, errors: &Errors) -> Option<Self> {
        let path = match (literal_text(value), value) {
            (Some(text), _) => text.parse_with(Path::parse_mod_style).map_err(|_| text.span()),
            (None, Expr::Path(path)) if path.qself.is_none() => Ok(path.path.clone()),
            (None, Expr::Group(group)) => return Self::read(&group.expr, errors),
            _ => Err(value.span()),
        };
        let path = match path {
            Ok(path) => path,
            Err(span) => {
                errors.at(span, "`crate` is a path in quotes: `crate = \"::fps_checkout\"`");
                return None;
            }
        };
        let first = path.segments.first().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if path.leading_colon.is_some() || first == "crate" || first == "$crate" {
            return Some(Self(path));
        }
        let shown = name_of(&path);
        let message = match first.as_str() {
            "self" | "super" => format!(
                "`crate` must be the same path everywhere, and `{first}` is not; begin with `::` or `crate::`"
            ),
            _ => format!("`crate` must be an absolute path; write `crate = \"::{shown}\"`"),
        };
        errors.on(value, message);
        None
    }
}

/// Whether any of those names stands in the tokens.
pub(crate) fn mentions(tokens: TokenStream, names: &[&Ident]) -> bool {
    tokens.into_iter().any(|tree| match tree {
        proc_macro2::TokenTree::Ident(ident) => names.contains(&&ident),
        proc_macro2::TokenTree::Group(group) => mentions(group.stream(), names),
        proc_macro2::TokenTree::Punct(_) | proc_macro2::TokenTree::Literal(_) => false,
    })
}
