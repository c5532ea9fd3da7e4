//! The parameters of one action: which there are, and what they may be.

use fps_core::param::api as name;
use fps_core::{Amount, CallerReference, Generation, Pairs, Timestamp, TokenId, TransactionId};

use super::FIRST_VERSION;
use super::refusal::Refusal;
use crate::ids;

/// A parameter that an action takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) required: bool,
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Text of at most so many characters.
    Text(usize),
    /// 1 to 128 characters.
    Reference,
    /// 64 upper-case letters and digits.
    Token,
    /// 35 upper-case letters and digits.
    Transaction,
    /// `Name.Value` and `Name.CurrencyCode`.
    Money,
    /// A percentage.
    Percent,
    /// An integer from, to.
    Integer(i64, i64),
    /// A date or a date with time.
    Time,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Any of these words: `Name.1`, `Name.2`, or a bare `Name`.
    Words(&'static [&'static str]),
    /// Text of at most so many bytes.
    Bytes(usize),
    /// A reference of 1 to 49 characters, as InstallPaymentInstruction of the first generation takes it.
    ShortReference,
    /// 64 upper-case letters and digits.
    Instrument,
    /// Any number of transactions: `Name.1`, `Name.2`, or a bare `Name`.
    Transactions,
    /// An absolute address; since 2010-08-28 only.
    NoticeUrl,
}

impl Parameter {
    pub(crate) const fn required(name: &'static str, shape: Shape) -> Self {
        Self { name, shape, required: true }
    }

    pub(crate) const fn optional(name: &'static str, shape: Shape) -> Self {
        Self { name, shape, required: false }
    }

    fn takes(&self, given: &str, generation: Generation) -> bool {
        match self.shape {
            Shape::Money => given
                .strip_prefix(self.name)
                .and_then(|part| part.strip_prefix('.'))
                .is_some_and(|part| part == amount_part(generation) || part == name::CURRENCY_CODE),
            Shape::Words(_) | Shape::Transactions => {
                let rest = given.strip_prefix(self.name);
                rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix('.').is_some_and(is_index))
            }
            _ => given == self.name,
        }
    }

    fn check(&self, arguments: &Arguments<'_>) -> Result<(), Refusal> {
        let generation = arguments.generation;
        let given = self.name_of_value(generation);
        let text = arguments.first(self, &given);
        let Some(text) = text.filter(|text| generation == Generation::Second || !text.is_empty()) else {
            return if self.required { Err(self.missing(generation)) } else { Ok(()) };
        };
        let valid = match self.shape {
            Shape::Text(most) => text.chars().count() <= most && !(self.required && text.is_empty()),
            Shape::Reference => CallerReference::new(text).is_ok(),
            Shape::Token => ids::is_token(text),
            Shape::Transaction => ids::is_transaction(text),
            Shape::Money => return self.check_money(arguments, text),
            Shape::Percent => Amount::parse(text).is_ok_and(|percent| !percent.is_negative()),
            Shape::Integer(least, most) => {
                text.parse::<i64>().is_ok_and(|number| (least..=most).contains(&number))
            }
            Shape::Time => time(text).is_some(),
            Shape::Word(words) => words.contains(&text),
            Shape::Words(words) => arguments.list(self.name).all(|word| words.contains(&word)),
            Shape::NoticeUrl => {
                url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
            }
            Shape::Bytes(most) => text.len() <= most,
            Shape::ShortReference => {
                CallerReference::new(text).is_ok() && text.chars().count() <= SHORT_REFERENCE
            }
            Shape::Instrument => ids::is_token(text),
            Shape::Transactions => arguments.list(self.name).all(ids::is_transaction),
        };
        if valid { Ok(()) } else { Err(self.malformed(text)) }
    }

    fn check_money(&self, arguments: &Arguments<'_>, value: &str) -> Result<(), Refusal> {
        match arguments.pairs.get(&format!("{}.{}", self.name, name::CURRENCY_CODE)) {
            Some("USD") => {}
            Some(other) => {
                let message = format!("\"{}\" has to be in USD. Specified value: {other}", small(self.name));
                return Err(Refusal::params(message));
            }
            None => {
                let message = format!("\"{}.currencyCode\" is required.", small(self.name));
                return Err(Refusal::params(message));
            }
        }
        // The first generation moved parts of a cent.
        let valid = Amount::parse(value).is_ok_and(|amount| match arguments.generation {
            Generation::First => !amount.is_negative(),
            Generation::Second => amount.to_wire().is_ok(),
        });
        if valid { Ok(()) } else { Err(self.malformed(value)) }
    }

    fn name_of_value(&self, generation: Generation) -> String {
        match self.shape {
            Shape::Money => format!("{}.{}", self.name, amount_part(generation)),
            _ => self.name.to_owned(),
        }
    }

    fn missing(&self, generation: Generation) -> Refusal {
        Refusal::params(match generation {
            Generation::First => format!("{} can not be empty", small(self.name)),
            Generation::Second => format!("\"{}\" is required.", small(self.name)),
        })
    }

    fn malformed(&self, text: &str) -> Refusal {
        let name = small(self.name);
        Refusal::params(match self.shape {
            Shape::Token => format!("\"{name}\" has to be a valid token ID. Specified value: {text}"),
            Shape::Transaction | Shape::Transactions => {
                format!("{name} has to be a valid transaction ID. Specified value: {text}")
            }
            Shape::Instrument => format!("{} : {text} is invalid", self.name),
            Shape::Bytes(most) => format!("\"{name}\" has to have at most {most} bytes."),
            Shape::ShortReference => {
                format!("\"{name}\" has to have 1 to {SHORT_REFERENCE} characters. Specified value: {text}")
            }
            Shape::Money => {
                format!(
                    "\"{name}\" has to be a valid amount with at most two decimals. Specified value: {text}"
                )
            }
            Shape::Reference => {
                format!("\"{name}\" has to have 1 to 128 characters. Specified value: {text}")
            }
            Shape::Text(most) => format!("\"{name}\" has to have at most {most} characters."),
            Shape::Integer(least, most) => {
                format!("\"{name}\" has to be an integer from {least} to {most}. Specified value: {text}")
            }
            Shape::Percent => format!("\"{name}\" has to be a percentage. Specified value: {text}"),
            Shape::Time => format!("\"{name}\" has to be in ISO8601 format. Specified value: {text}"),
            Shape::Word(words) | Shape::Words(words) => {
                format!("\"{name}\" has to be one of {}. Specified value: {text}", words.join(", "))
            }
            Shape::NoticeUrl => format!("\"{name}\" has to be a valid URL. Specified value: {text}"),
        })
    }
}

/// The parameters of a call, checked against what its action takes.
#[derive(Debug)]
pub(crate) struct Arguments<'a> {
    pairs: &'a Pairs,
    generation: Generation,
}

impl<'a> Arguments<'a> {
    /// Refuses what the action does not take, what is missing and what is malformed, in this order.
    pub(crate) fn check(pairs: &'a Pairs, parameters: &[Parameter], version: &str) -> Result<Self, Refusal> {
        let generation = if version == FIRST_VERSION { Generation::First } else { Generation::Second };
        for (given, _) in pairs.iter().filter(|(given, _)| !COMMON.contains(given)) {
            let known = parameters.iter().find(|one| one.takes(given, generation));
            let early =
                matches!(known, Some(Parameter { shape: Shape::NoticeUrl, .. }) if version < "2010-08-28");
            if known.is_none() || early {
                return Err(unknown(given, version));
            }
        }
        if let Some(repeated) = pairs.repeated() {
            let list = |one: &Parameter| {
                matches!(one.shape, Shape::Words(_) | Shape::Transactions) && one.name == repeated
            };
            if !parameters.iter().any(list) {
                return Err(Refusal::params(format!("\"{}\" is specified more than once.", small(repeated))));
            }
        }
        let arguments = Self { pairs, generation };
        for parameter in parameters {
            parameter.check(&arguments)?;
        }
        Ok(arguments)
    }

    /// A text, if given.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.pairs.get(name)
    }

    /// A text to be kept.
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// An amount, if given.
    pub(crate) fn money(&self, name: &str) -> Option<Amount> {
        let given = format!("{name}.{}", amount_part(self.generation));
        self.pairs.get(&given).and_then(|text| Amount::parse(text).ok())
    }

    /// A percentage, if given: 5 is 5 %.
    pub(crate) fn percent(&self, name: &str) -> Option<Amount> {
        self.text(name).and_then(|text| Amount::parse(text).ok())
    }

    /// An integer, if given.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        self.text(name).and_then(|text| text.parse().ok())
    }

    /// A time, if given.
    pub(crate) fn time(&self, name: &str) -> Option<Timestamp> {
        self.text(name).and_then(time)
    }

    /// A token, if given.
    pub(crate) fn token(&self, name: &str) -> Option<TokenId> {
        self.text(name).map(TokenId::new)
    }

    /// A transaction, if given.
    pub(crate) fn transaction(&self, name: &str) -> Option<TransactionId> {
        self.text(name).map(TransactionId::new)
    }

    /// The caller's reference, if the action has one.
    pub(crate) fn reference(&self) -> Option<CallerReference> {
        self.text(name::CALLER_REFERENCE).and_then(|text| CallerReference::new(text).ok())
    }

    /// The values of a list.
    pub(crate) fn list(&self, name: &'static str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter_map(move |(given, value)| {
            let rest = given.strip_prefix(name)?;
            (rest.is_empty() || rest.strip_prefix('.').is_some_and(is_index)).then_some(value)
        })
    }

    /// What makes one request another: everything but who signed it, when and how.
    pub(crate) fn business(&self) -> Vec<(&'a str, &'a str)> {
        let mut pairs: Vec<_> = self.pairs.iter().filter(|(name, _)| !NOT_BUSINESS.contains(name)).collect();
        pairs.sort_unstable();
        pairs
    }

    fn first(&self, parameter: &Parameter, given: &str) -> Option<&'a str> {
        match parameter.shape {
            Shape::Words(_) | Shape::Transactions => self.list(parameter.name).next(),
            _ => self.pairs.get(given),
        }
    }
}

/// The part of an amount beside its currency.
const fn amount_part(generation: Generation) -> &'static str {
    match generation {
        Generation::First => "Amount",
        Generation::Second => name::VALUE,
    }
}

fn unknown(given: &str, version: &str) -> Refusal {
    let message = format!(
        "The request doesn't conform to the interface specification in the WSDL. Element/Parameter \
         \"http://fps.amazonaws.com/doc/{version}/:{given}\" in request is either invalid or is found at unexpected location"
    );
    Refusal::new("InvalidRequest", message)
}

/// The name as the service's messages write it: with a small first letter.
fn small(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map_or_else(String::new, |first| format!("{}{}", first.to_ascii_lowercase(), letters.as_str()))
}

/// A date with time and offset, without offset (UTC), or a bare date.
fn time(text: &str) -> Option<Timestamp> {
    text.parse()
        .ok()
        .or_else(|| format!("{text}Z").parse().ok())
        .or_else(|| format!("{text}T00:00:00Z").parse().ok())
}

fn is_index(text: &str) -> bool {
    !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit())
}

const SHORT_REFERENCE: usize = 49;
/// What every request may carry.
const COMMON: &[&str] = &[
    name::ACTION,
    name::AWS_ACCESS_KEY_ID,
    name::SIGNATURE,
    name::SIGNATURE_METHOD,
    name::SIGNATURE_VERSION,
    name::TIMESTAMP,
    name::VERSION,
];

const NOT_BUSINESS: &[&str] = &[
    name::AWS_ACCESS_KEY_ID,
    name::SIGNATURE,
    name::SIGNATURE_METHOD,
    name::SIGNATURE_VERSION,
    name::TIMESTAMP,
    name::VERSION,
];
