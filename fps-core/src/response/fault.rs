//! Faults: the service's answer to a request that it does not carry out.

mod code;

use std::fmt;

use http::StatusCode;

pub use code::FaultCode;

use crate::RequestId;
use crate::response::Document;

/// What an outcome says about the money.
///
/// The verdict is about one send alone. When an earlier send of the same request got no answer, [`NotDone`] and
/// [`Final`] end nothing: the earlier one may have been carried out.
///
/// [`NotDone`]: Self::NotDone
/// [`Final`]: Self::Final
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Verdict {
    /// The request was turned away at the door: nothing happened. Repair the cause and send again.
    NotDone,
    /// The service looked at the request and refused it: nothing happened, and the same request gets the same answer.
    Final,
    /// Nobody can tell. Look, or send again under the same caller reference.
    Unknown,
    /// The reference or the token is used up already: evidence that something was carried out. Look; never start anew.
    Spent,
}

/// One error of the service. When it reports several, only the first is kept, as the service itself documents.
///
/// `Debug` and `Display` hide whatever in the message looks like a token or an e-mail address; [`Fault::message`] has it
/// whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Fault {
    code: FaultCode,
    message: String,
    request_id: Option<RequestId>,
    status: StatusCode,
}

impl Fault {
    /// A fault of that code, as if the service had answered it with that status.
    #[must_use]
    pub fn new(
        code: FaultCode,
        message: impl Into<String>,
        request_id: Option<RequestId>,
        status: StatusCode,
    ) -> Self {
        Self { code, message: message.into(), request_id, status }
    }

    /// Reads an error document in any of its three shapes; `None` if it is none.
    ///
    /// ```text
    /// <Response><Errors><Error><Code/><Message/></Error></Errors><RequestID/></Response>      what is really sent
    /// <Response><RequestId/><Errors><Error><Code/><Message/></Error></Errors></Response>      the id first
    /// <ErrorResponse xmlns="…"><Error><Type/><Code/><Message/></Error><RequestId/></ErrorResponse>    the schema's
    /// ```
    #[must_use]
    pub fn read(document: &Document<'_>, status: StatusCode) -> Option<Self> {
        let root = document.root();
        let error = match root.name() {
            "Response" => root.child("Errors").child("Error"),
            "ErrorResponse" => root.child("Error"),
            _ => return None,
        };
        let code = error.child("Code");
        if !code.is_present() {
            return None;
        }
        let request_id = root
            .children()
            .find(|child| child.name().eq_ignore_ascii_case("RequestId"))
            .map(|id| RequestId::new(id.text()));
        Some(Self::new(FaultCode::from_wire(code.text()), error.child("Message").text(), request_id, status))
    }

    /// Which fault.
    #[must_use]
    pub fn code(&self) -> &FaultCode {
        &self.code
    }

    /// The service's own words, for a log that may hold tokens; not stable.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The service's name for this answer.
    #[must_use]
    pub fn request_id(&self) -> Option<&RequestId> {
        self.request_id.as_ref()
    }

    /// The answer's HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What it says about the money: the code's verdict, but a refusal with a status of 500 and up is unknown.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.code.verdict() {
            Verdict::Final if self.status.is_server_error() => Verdict::Unknown,
            verdict => verdict,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if !self.message.is_empty() {
            write!(f, ", {}", Redacted(&self.message))?;
        }
        match &self.request_id {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("code", &self.code)
            .field("message", &format_args!("{:?}", Redacted(&self.message).to_string()))
            .field("request_id", &self.request_id)
            .field("status", &self.status)
            .finish()
    }
}

/// A message with every word hidden that may be a token (25 letters and digits or more in a row) or an address of a
/// person (it has an `@`).
struct Redacted<'a>(&'a str);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.0.split(' ').enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            let longest = word.split(|c: char| !c.is_ascii_alphanumeric()).map(str::len).max().unwrap_or(0);
            f.write_str(if longest >= 25 || word.contains('@') { "[redacted]" } else { word })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, status: u16) -> Option<Fault> {
        Fault::read(&Document::parse(text.as_bytes()).unwrap(), StatusCode::from_u16(status).unwrap())
    }

    #[test]
    fn all_three_shapes_are_read() {
        for text in [
            "<?xml version=\"1.0\"?>\n<Response><Errors><Error><Code>InvalidTokenId_Sender</Code><Message>No such token.</Message></Error></Errors><RequestID>r-1</RequestID></Response>",
            "<Response><RequestId>r-1</RequestId><Errors><Error><Code>InvalidTokenId_Sender</Code><Message>No such token.</Message></Error><Error><Code>Other</Code></Error></Errors></Response>",
            "<ErrorResponse xmlns=\"http://fps.amazonaws.com/doc/2010-08-28/\"><Error><Type>Sender</Type><Code> InvalidTokenId_Sender </Code><Message>No such token.</Message><Detail><x/></Detail></Error><RequestId>r-1</RequestId></ErrorResponse>",
        ] {
            let fault = read(text, 400).expect(text);
            assert_eq!(fault.code(), &FaultCode::InvalidTokenIdSender);
            assert_eq!(fault.message(), "No such token.");
            assert_eq!(fault.request_id().map(RequestId::as_str), Some("r-1"));
        }
        for text in
            ["<PayResponse/>", "<Response/>", "<Response><Errors/></Response>", "<html><Code>x</Code></html>"]
        {
            assert_eq!(read(text, 400), None, "{text}");
        }
    }

    #[test]
    fn a_refusal_with_a_server_error_is_unknown() {
        let fault =
            |code, status| Fault::new(code, "", None, StatusCode::from_u16(status).unwrap()).verdict();
        assert_eq!(fault(FaultCode::InsufficientBalance, 400), Verdict::Final);
        assert_eq!(fault(FaultCode::InsufficientBalance, 500), Verdict::Unknown);
        assert_eq!(fault(FaultCode::Throttling, 503), Verdict::NotDone);
        assert_eq!(fault(FaultCode::DuplicateRequest, 500), Verdict::Spent);
        assert_eq!(fault(FaultCode::Other("New".to_owned()), 400), Verdict::Unknown);
    }

    #[test]
    fn tokens_and_addresses_in_messages_never_show() {
        let token = "E3FR7BARJV3PB631PMKV74PGKCJLBHI1Q1KMQN7BJ2JJICPDKN3N1CJIKFZ8D7NN";
        let message = format!("The token \"{token}\" of john@example.com has violated its usage policy.");
        let fault = Fault::new(
            FaultCode::TokenUsageError,
            message,
            Some(RequestId::new("r-1")),
            StatusCode::BAD_REQUEST,
        );
        assert_eq!(
            fault.to_string(),
            "TokenUsageError, The token [redacted] of [redacted] has violated its usage policy. (request r-1)"
        );
        let debug = format!("{fault:?}");
        assert!(!debug.contains(token) && !debug.contains("john@"), "{debug}");
        assert!(fault.message().contains(token));
    }
}
