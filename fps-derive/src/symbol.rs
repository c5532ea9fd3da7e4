//! Every word of the attribute, once.

pub(crate) const ATTRIBUTE: &str = "checkout";

pub(crate) const ADDRESS: &str = "address";
pub(crate) const COLLECT_SHIPPING_ADDRESS: &str = "collect_shipping_address";
pub(crate) const CRATE: &str = "crate";
pub(crate) const ITEMS: &str = "items";
pub(crate) const PAYMENT_METHODS: &str = "payment_methods";
pub(crate) const PAYMENT_REASON: &str = "payment_reason";
pub(crate) const QUANTITY: &str = "quantity";
pub(crate) const RESERVE: &str = "reserve";
pub(crate) const SKIP: &str = "skip";
pub(crate) const TAX_ON: &str = "tax_on";
pub(crate) const TAX_RATE: &str = "tax_rate";

/// A kind of charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charge {
    ItemTotal,
    Shipping,
    Handling,
    GiftWrapping,
    Discount,
    Tax,
}

impl Charge {
    pub(crate) const ALL: [Self; 6] =
        [Self::ItemTotal, Self::Shipping, Self::Handling, Self::GiftWrapping, Self::Discount, Self::Tax];

    /// Those that a tax can be computed on.
    pub(crate) const TAXABLE: [Self; 5] =
        [Self::ItemTotal, Self::Shipping, Self::Handling, Self::GiftWrapping, Self::Discount];

    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|charge| charge.word() == word)
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::ItemTotal => "item_total",
            Self::Shipping => "shipping",
            Self::Handling => "handling",
            Self::GiftWrapping => "gift_wrapping",
            Self::Discount => "discount",
            Self::Tax => "tax",
        }
    }

    /// Its variant in the expansion.
    pub(crate) fn variant(self) -> &'static str {
        match self {
            Self::ItemTotal => "ItemTotal",
            Self::Shipping => "Shipping",
            Self::Handling => "Handling",
            Self::GiftWrapping => "GiftWrapping",
            Self::Discount => "Discount",
            Self::Tax => "Tax",
        }
    }
}

/// Where an attribute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Field,
    /// The struct or enum itself.
    Type,
    Variant,
}

/// A word with how it is written in each place; `None` where it does not belong.
pub(crate) struct Word {
    pub(crate) name: &'static str,
    pub(crate) on_field: Option<&'static str>,
    pub(crate) on_type: Option<&'static str>,
    pub(crate) on_variant: bool,
}

impl Word {
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        WORDS.iter().find(|word| word.name == name)
    }

    /// How it is written in that place.
    pub(crate) fn form(&self, place: Place) -> Option<&'static str> {
        match place {
            Place::Field => self.on_field,
            Place::Type => self.on_type,
            Place::Variant => self.on_type.filter(|_| self.on_variant),
        }
    }

    /// The place where it belongs, in words.
    pub(crate) fn home(&self) -> &'static str {
        match (self.on_field, self.on_type, self.on_variant) {
            (Some(_), None, _) => "on a field",
            (None, _, false) => "on the struct or enum itself",
            _ => "on the struct, enum or variant",
        }
    }
}

/// The words that may stand in a place.
pub(crate) fn words_for(place: Place) -> impl Iterator<Item = &'static str> {
    WORDS.iter().filter(move |word| word.form(place).is_some()).map(|word| word.name)
}

/// The known word that is nearest to an unknown one, if it is near at all.
pub(crate) fn nearest(word: &str, known: impl IntoIterator<Item = impl AsRef<str>>) -> Option<String> {
    known
        .into_iter()
        .map(|known| known.as_ref().to_owned())
        .filter_map(|known| {
            let begins = word.len() >= 3 && (word.starts_with(&known) || known.starts_with(word));
            let distance = if begins { 1 } else { distance(word, &known) };
            (distance <= 1 + known.len().min(word.len()) / 4).then_some((distance, known))
        })
        .min()
        .map(|(_, known)| known)
}

/// How many characters must be added, removed or replaced (Levenshtein), letter case and `-` for `_` not counted.
fn distance(a: &str, b: &str) -> usize {
    let [a, b] = [a, b].map(|text| text.to_lowercase().replace(['_', '-'], ""));
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

const fn word(
    name: &'static str,
    on_field: Option<&'static str>,
    on_type: Option<&'static str>,
    on_variant: bool,
) -> Word {
    Word { name, on_field, on_type, on_variant }
}

const WORDS: [Word; 17] = [
    word("item_total", Some("item_total"), Some("item_total = \"9.99\""), true),
    word("shipping", Some("shipping"), Some("shipping = \"4.99\""), true),
    word("handling", Some("handling"), Some("handling = \"1.50\""), true),
    word("gift_wrapping", Some("gift_wrapping"), Some("gift_wrapping = \"2.00\""), true),
    word("discount", Some("discount"), Some("discount = \"1.00\""), true),
    word("tax", Some("tax"), Some("tax = \"0.80\""), true),
    word(PAYMENT_REASON, Some("payment_reason"), Some("payment_reason = \"{title} - {artist}\""), true),
    word(QUANTITY, Some("quantity"), None, false),
    word(ITEMS, Some("items"), None, false),
    word(ADDRESS, Some("address"), None, false),
    word(SKIP, Some("skip"), None, false),
    word(PAYMENT_METHODS, None, Some("payment_methods(ABT, ACH, CC)"), true),
    word(RESERVE, None, Some("reserve"), true),
    word(COLLECT_SHIPPING_ADDRESS, None, Some("collect_shipping_address"), true),
    word(TAX_RATE, None, Some("tax_rate = \"8.25%\""), true),
    word(TAX_ON, None, Some("tax_on(item_total, shipping)"), true),
    word(CRATE, None, Some("crate = \"::path\""), false),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_and_a_far_one_is_not() {
        for (unknown, offered) in [
            ("itm_total", Some("item_total")),
            ("itemTotal", Some("item_total")),
            ("gift-wrapping", Some("gift_wrapping")),
            ("payment_method", Some("payment_methods")),
            ("taxes", Some("tax")),
            ("price", None),
            ("", None),
        ] {
            let found = nearest(unknown, WORDS.iter().map(|word| word.name));
            assert_eq!(found.as_deref(), offered, "{unknown}");
        }
    }
}
