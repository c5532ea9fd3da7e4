//! An operation's parameters as the query interface writes them.

use std::borrow::Cow;

use url::Url;

use crate::amount::AmountError;
use crate::param::api;
use crate::{
    Amount, CallerReference, InstrumentId, Pairs, SubscriptionId, Timestamp, TokenId, TransactionId, Version,
};

/// The parameters of one request as they are collected.
///
/// Structures are flattened with a dot (`TransactionAmount.Value`), repeated values get an index from 1 (`Role.1`). What
/// cannot be sent is refused, never dropped: the first such parameter is the error of
/// [`Parameters::into_pairs`].
#[derive(Debug)]
pub struct Parameters {
    version: Version,
    pairs: Pairs,
    refused: Option<ParameterError>,
}

impl Parameters {
    /// No parameters yet, for a request of that version.
    #[must_use]
    pub const fn new(version: Version) -> Self {
        Self { version, pairs: Pairs::new(), refused: None }
    }

    /// Adds a value, or nothing for `None`.
    pub fn put(&mut self, name: impl Into<Cow<'static, str>>, value: &(impl ParameterValue + ?Sized)) {
        value.put(name.into(), self);
    }

    /// Adds a text of at most so many characters.
    pub fn put_text(&mut self, name: &'static str, text: Option<&str>, max_chars: usize) {
        let chars = text.map_or(0, |text| text.chars().count());
        if chars > max_chars {
            self.refuse(ParameterError::TooLong { parameter: name, chars, max_chars });
        }
        self.put(name, &text);
    }

    /// Adds a value that only the version 2010-08-28 knows.
    pub fn put_since_2010(&mut self, parameter: &'static str, value: &impl ParameterValue) {
        if self.version < Version::V2010_08_28 {
            self.refuse(ParameterError::Version { parameter, version: self.version });
        }
        self.put(parameter, value);
    }

    /// Adds the URL that gets the notices of this request: `OverrideIPNURL`, since 2010-08-28.
    pub fn put_notice_url(&mut self, url: Option<&Url>) {
        let Some(url) = url else { return };
        if !matches!(url.scheme(), "http" | "https") {
            self.refuse(ParameterError::Scheme { parameter: api::OVERRIDE_IPN_URL });
        }
        self.put_since_2010(api::OVERRIDE_IPN_URL, &url.as_str());
    }

    /// The version of the request.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Notes a parameter that cannot be sent; only the first counts.
    pub fn refuse(&mut self, error: ParameterError) {
        self.refused.get_or_insert(error);
    }

    /// The parameters in the order in which they were added.
    ///
    /// # Errors
    ///
    /// The first [`ParameterError`].
    pub fn into_pairs(self) -> Result<Pairs, ParameterError> {
        match self.refused {
            Some(error) => Err(error),
            None => Ok(self.pairs),
        }
    }
}

/// A value that can be a parameter.
pub trait ParameterValue {
    /// Adds the value under the name.
    fn put(&self, name: Cow<'static, str>, to: &mut Parameters);
}

impl ParameterValue for str {
    fn put(&self, name: Cow<'static, str>, to: &mut Parameters) {
        if self.is_empty() {
            to.refuse(ParameterError::Empty { parameter: name.into_owned() });
        } else {
            to.pairs.push(name, self);
        }
    }
}

impl<T: ParameterValue + ?Sized> ParameterValue for &T {
    fn put(&self, name: Cow<'static, str>, to: &mut Parameters) {
        (**self).put(name, to);
    }
}

impl<T: ParameterValue> ParameterValue for Option<T> {
    fn put(&self, name: Cow<'static, str>, to: &mut Parameters) {
        if let Some(value) = self {
            value.put(name, to);
        }
    }
}

impl<T: ParameterValue> ParameterValue for [T] {
    fn put(&self, name: Cow<'static, str>, to: &mut Parameters) {
        for (at, value) in self.iter().enumerate() {
            value.put(Cow::Owned(format!("{name}.{}", at + 1)), to);
        }
    }
}

/// Values that are their own text.
macro_rules! texts {
    ($($type:ty, $text:ident;)*) => {$(
        impl ParameterValue for $type {
            fn put(&self, name: Cow<'static, str>, to: &mut Parameters) {
                self.$text().put(name, to);
            }
        }
    )*};
}

texts! {
    String, as_str;
    CallerReference, as_str;
    TokenId, as_str;
    TransactionId, as_str;
    InstrumentId, as_str;
    SubscriptionId, as_str;
    Timestamp, to_string;
    u32, to_string;
}

/// `….CurrencyCode` and `….Value`: not negative, whole cents.
impl ParameterValue for Amount {
    fn put(&self, name: Cow<'static, str>, to: &mut Parameters) {
        match self.to_wire() {
            Ok(amount) => {
                to.put(format!("{name}.{}", api::CURRENCY_CODE), "USD");
                to.put(format!("{name}.{}", api::VALUE), &amount.to_string());
            }
            Err(source) => to.refuse(ParameterError::Amount { parameter: name.into_owned(), source }),
        }
    }
}

/// A parameter cannot be sent. Nothing was sent; correct the value and try again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// The value has no characters. Leave an optional one out instead.
    #[error("{parameter} is empty; leave it out or give it a value")]
    Empty {
        /// The parameter.
        parameter: String,
    },
    /// The text has more characters than the service takes.
    #[error("{parameter} has {chars} characters; the service takes {max_chars}")]
    TooLong {
        /// The parameter.
        parameter: &'static str,
        /// How many it has.
        chars: usize,
        /// How many it may have.
        max_chars: usize,
    },
    /// The amount is negative or has parts of a cent.
    #[error("{parameter} is not an amount that can be sent")]
    Amount {
        /// The parameter.
        parameter: String,
        /// The rule broken.
        #[source]
        source: AmountError,
    },
    /// The number lies outside of what the service takes.
    #[error("{parameter} is {value}; the service takes {least} to {most}")]
    Range {
        /// The parameter.
        parameter: &'static str,
        /// What it is.
        value: u32,
        /// The least that is taken.
        least: u32,
        /// The most that is taken.
        most: u32,
    },
    /// The URL is neither `http` nor `https`.
    #[error("{parameter} is not an http or https URL")]
    Scheme {
        /// The parameter.
        parameter: &'static str,
    },
    /// The parameter needs another one beside it.
    #[error("{parameter} needs {needs} beside it")]
    Needs {
        /// The parameter.
        parameter: &'static str,
        /// The one that it needs.
        needs: &'static str,
    },
    /// The version of the request does not know the parameter. Use a later one, or leave it out.
    #[error("{parameter} is not in version {version}; use 2010-08-28 or leave it out")]
    Version {
        /// The parameter.
        parameter: &'static str,
        /// The version.
        version: Version,
    },
}
