//! The parameters of a link, as its pipeline gives them.

use url::Url;

use crate::amount::WireAmount;
use crate::checkout::PaymentMethods;
use crate::param::pipeline;
use crate::signature::{escape, hmac};

/// Takes the parameters of a link one by one: names are of our own constants, values borrow where they can.
pub(crate) trait LinkParameters<'a> {
    fn push(&mut self, name: &'static str, value: impl Into<Value<'a>>);

    #[inline(always)]
    fn push_some(&mut self, name: &'static str, value: Option<impl Into<Value<'a>>>) {
        if let Some(value) = value {
            self.push(name, value);
        }
    }
}

/// A parameter's value.
pub(crate) enum Value<'a> {
    /// Letters, digits and `-_.~` only.
    Plain(&'static str),
    Text(&'a str),
    Owned(String),
    Amount(WireAmount),
    Methods(PaymentMethods),
}

/// The parameters as they are, in the order in which they came.
#[derive(Default)]
pub(crate) struct LinkPairs<'a>(Vec<(&'static str, Value<'a>)>);

impl<'a> LinkPairs<'a> {
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }

    pub(crate) fn into_pairs(self) -> impl Iterator<Item = (&'static str, Value<'a>)> {
        self.0.into_iter()
    }
}

impl<'a> LinkParameters<'a> for LinkPairs<'a> {
    fn push(&mut self, name: &'static str, value: impl Into<Value<'a>>) {
        self.0.push((name, value.into()));
    }
}

/// The parameters written to the address of a link at once, as they are signed.
///
/// A link is signed for each buyer who comes by, and should cost little more than its HMAC. So pipelines give their usual
/// parameters in the order of signing, and only a link with unusual ones is put in order afterwards.
pub(crate) struct LinkQuery {
    text: String,
    /// Where the query begins.
    begin: usize,
    /// The last name.
    last: &'static str,
    sorted: bool,
}

impl LinkQuery {
    pub(crate) fn at(pages: &Url) -> Self {
        let mut text = String::with_capacity(USUAL_LINK);
        text.push_str(pages.as_str());
        text.push('?');
        Self { begin: text.len(), text, last: "", sorted: true }
    }

    /// Puts the pairs in the order of signing, by name.
    pub(crate) fn sort(&mut self) {
        if !self.sorted {
            let mut pairs: Vec<&str> = self.to_sign().split('&').collect();
            pairs.sort_unstable_by_key(|pair| pair.split_once('=').map(|(name, _)| name));
            let sorted = pairs.join("&");
            self.text.truncate(self.begin);
            self.text.push_str(&sorted);
        }
    }

    /// The query, without the signature.
    pub(crate) fn to_sign(&self) -> &str {
        &self.text[self.begin..]
    }

    /// The whole address.
    pub(crate) fn signed(self, signature: &[u8; 32]) -> String {
        let mut text = self.text;
        text.push('&');
        text.push_str(pipeline::SIGNATURE);
        text.push('=');
        hmac::push_escaped(&mut text, signature);
        text
    }
}

impl<'a> LinkParameters<'a> for LinkQuery {
    /// Always inlined: name and kind of value are known where it is called, so that little is left to do when it runs.
    #[inline(always)]
    fn push(&mut self, name: &'static str, value: impl Into<Value<'a>>) {
        let text = &mut self.text;
        if !self.last.is_empty() {
            text.push('&');
        }
        self.sorted &= are_sorted(self.last, name);
        self.last = name;
        text.push_str(name);
        text.push('=');
        match value.into() {
            Value::Plain(value) => text.push_str(value),
            Value::Text(value) => escape::push(text, value),
            Value::Owned(value) => escape::push(text, &value),
            Value::Amount(amount) => amount.push_to(text),
            Value::Methods(methods) => methods.push_escaped_to(text),
        }
    }
}

/// Whether two names are in the order of signing. The first eight bytes tell nearly all names apart, as one number.
#[inline(always)]
fn are_sorted(one: &str, other: &str) -> bool {
    match (one.as_bytes().first_chunk::<8>(), other.as_bytes().first_chunk::<8>()) {
        (Some(one), Some(other)) if one != other => u64::from_be_bytes(*one) < u64::from_be_bytes(*other),
        _ => one.bytes().le(other.bytes()),
    }
}

impl<'a> From<&'a str> for Value<'a> {
    #[inline(always)]
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    #[inline(always)]
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<String> for Value<'_> {
    #[inline(always)]
    fn from(text: String) -> Self {
        Self::Owned(text)
    }
}

impl From<WireAmount> for Value<'_> {
    #[inline(always)]
    fn from(amount: WireAmount) -> Self {
        Self::Amount(amount)
    }
}

impl From<PaymentMethods> for Value<'_> {
    #[inline(always)]
    fn from(methods: PaymentMethods) -> Self {
        Self::Methods(methods)
    }
}

/// Bytes of a link that is longer than most. Allocators are slower beyond a kilobyte.
const USUAL_LINK: usize = 1000;
