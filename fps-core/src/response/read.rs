//! Typed values from an answer's elements.

use crate::response::{Element, XmlError};
use crate::{Amount, InstrumentId, RequestId, SubscriptionId, Timestamp, TokenId, TransactionId};

/// A value that is read from an element of an answer.
pub trait FromElement: Sized {
    /// Reads the value.
    ///
    /// # Errors
    ///
    /// [`AnswerError`] naming the element that is missing or cannot be read.
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError>;
}

impl Element<'_> {
    /// The child of that name, which must be there.
    ///
    /// # Errors
    ///
    /// [`AnswerError::Missing`] if it is not there, and what reading it gives.
    pub fn required<T: FromElement>(&self, name: &'static str) -> Result<T, AnswerError> {
        match self.child(name) {
            child if child.is_present() => T::from_element(child),
            _ => Err(AnswerError::Missing { element: name }),
        }
    }

    /// The child of that name, if it is there.
    ///
    /// # Errors
    ///
    /// What reading it gives.
    pub fn optional<T: FromElement>(&self, name: &str) -> Result<Option<T>, AnswerError> {
        match self.child(name) {
            child if child.is_present() => T::from_element(child).map(Some),
            _ => Ok(None),
        }
    }

    /// All children of that name, in order.
    ///
    /// # Errors
    ///
    /// What reading the first unreadable one gives.
    pub fn repeated<T: FromElement>(&self, name: &str) -> Result<Vec<T>, AnswerError> {
        self.children().filter(|child| child.name() == name).map(T::from_element).collect()
    }
}

impl FromElement for String {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        Ok(element.text().to_owned())
    }
}

/// Identifiers are taken as they are.
macro_rules! identifiers {
    ($($id:ident),*) => {$(
        impl FromElement for $id {
            fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
                Ok(Self::new(element.text()))
            }
        }
    )*};
}

identifiers!(TransactionId, TokenId, RequestId, InstrumentId, SubscriptionId);

impl FromElement for i64 {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        element.text().parse().map_err(|source| AnswerError::malformed(element, source))
    }
}

/// `CurrencyCode` and `Value`, in 2007-01-08 `Amount`; the currency is dollars or nothing. Zero fees come as a bare `0`, fees of refunds are
/// negative.
impl FromElement for Amount {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        let currency = element.child("CurrencyCode");
        if currency.is_present() && currency.text() != "USD" {
            return Err(AnswerError::Currency { element: element.name().to_owned() });
        }
        let value = ["Value", "Amount"].map(|name| element.child(name)).into_iter().find(Element::is_present);
        let value = value.ok_or(AnswerError::Missing { element: "Value" })?;
        Self::parse(value.text()).map_err(|source| AnswerError::malformed(element, source))
    }
}

/// A date and time; without an offset it is taken as UTC.
impl FromElement for Timestamp {
    fn from_element(element: Element<'_>) -> Result<Self, AnswerError> {
        let text = element.text();
        text.parse()
            .or_else(|error| format!("{text}Z").parse().map_err(|_| error))
            .map_err(|source: crate::TimestampError| AnswerError::malformed(element, source))
    }
}

/// An answer came whole, but is not what the operation answers with. The outcome is unknown: look before sending again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// Not XML, or more than is read.
    #[error("the answer is not a document that can be read")]
    Xml(#[from] XmlError),
    /// A response, but with the HTTP status of a failure.
    #[error("the answer is a response with the status of a failure")]
    Status,
    /// Neither the operation's response nor an error document.
    #[error("the answer's root is neither `{expected}` nor an error")]
    Root {
        /// The root that was expected.
        expected: String,
    },
    /// An answer in the shape of the other generation of the protocol. It was not made for this request.
    #[error("the answer has the shape of another generation of the protocol than the request")]
    Generation,
    /// An element that must be there is not.
    #[error("the answer has no `{element}`")]
    Missing {
        /// The element.
        element: &'static str,
    },
    /// An element's text is not of its type.
    #[error("the answer's `{element}` cannot be read")]
    Malformed {
        /// The element.
        element: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An amount in another currency than US dollars.
    #[error("the answer's `{element}` is not in US dollars")]
    Currency {
        /// The element.
        element: String,
    },
}

impl AnswerError {
    pub(crate) fn malformed(
        element: Element<'_>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Malformed { element: element.name().to_owned(), source: source.into() }
    }
}
