//! What the API answers: a small XML tree, values read from it, and errors in their three shapes.

pub mod fault;
mod read;
pub mod xml;

pub use fault::{ErrorType, Fault, FaultCode, Verdict};
pub use read::{AnswerError, FromElement};
pub use xml::{Document, Element, XmlError};
