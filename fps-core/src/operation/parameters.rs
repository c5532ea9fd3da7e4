//! An operation's parameters as the query interface writes them.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use url::Url;

use crate::amount::AmountError;
use crate::param::api;
use crate::signature::SignatureVersion;
use crate::{
    Amount, CallerReference, Generation, InstrumentId, Pairs, SubscriptionId, Timestamp, TokenId,
    TransactionId, Version,
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

    /// Adds a text of at most so many bytes in UTF-8.
    pub fn put_bytes(&mut self, name: &'static str, text: Option<&str>, max_bytes: usize) {
        let bytes = text.map_or(0, str::len);
        if bytes > max_bytes {
            self.refuse(ParameterError::TooManyBytes { parameter: name, bytes, max_bytes });
        }
        self.put(name, &text);
    }

    /// Adds a number within what the service takes.
    pub fn put_number(&mut self, name: &'static str, number: Option<u32>, taken: RangeInclusive<u32>) {
        if let Some(value) = number.filter(|number| !taken.contains(number)) {
            self.refuse(ParameterError::Range {
                parameter: name,
                value,
                least: *taken.start(),
                most: *taken.end(),
            });
        }
        self.put(name, &number);
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
    u32, to_string;
}

/// UTC, with milliseconds except in 2007-01-08, whose clients send whole seconds.
impl ParameterValue for Timestamp {
    fn put(&self, name: Cow<'static, str>, to: &mut Parameters) {
        let text = match to.version.generation() {
            Generation::First => self.to_shortest(),
            Generation::Second => self.to_string(),
        };
        text.put(name, to);
    }
}

/// `….CurrencyCode` and `….Value`, in 2007-01-08 `….Amount`: not negative, whole cents.
impl ParameterValue for Amount {
    fn put(&self, name: Cow<'static, str>, to: &mut Parameters) {
        match self.to_wire() {
            Ok(amount) => {
                to.put(format!("{name}.{}", api::CURRENCY_CODE), "USD");
                let part = match to.version.generation() {
                    Generation::First => api::AMOUNT,
                    Generation::Second => api::VALUE,
                };
                to.put(format!("{name}.{part}"), &amount.to_string());
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
    /// The text has more bytes in UTF-8 than the service takes.
    #[error("{parameter} has {bytes} bytes; the service takes {max_bytes}")]
    TooManyBytes {
        /// The parameter.
        parameter: &'static str,
        /// How many it has.
        bytes: usize,
        /// How many it may have.
        max_bytes: usize,
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
    /// The parameter cannot have this value, though answers have it.
    #[error("{parameter} cannot be {value}; leave it out")]
    Value {
        /// The parameter.
        parameter: &'static str,
        /// What it is.
        value: &'static str,
    },
    /// The URL is neither `http` nor `https`.
    #[error("{parameter} is not an http or https URL")]
    Scheme {
        /// The parameter.
        parameter: &'static str,
    },
    /// The URL is not `https`.
    #[error("{parameter} is not an https URL")]
    Https {
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
    /// The operation, in this form, is not in the version of the request.
    #[error("{action} in this form is not in version {version}; {}", remedy(*version))]
    Operation {
        /// The operation.
        action: &'static str,
        /// The version.
        version: Version,
    },
    /// The version of the request is not signed so.
    #[error("version {version} is signed by signature version 2 only, not by {}", signature.as_str())]
    SignatureVersion {
        /// The version.
        version: Version,
        /// The signature that was asked for.
        signature: SignatureVersion,
    },
}

fn remedy(version: Version) -> &'static str {
    match version.generation() {
        Generation::First => "send one of `operation::v2007`, or by a client of 2010-08-28",
        Generation::Second => "send one of `operation`, or by a client of 2007-01-08",
    }
}
