//! Faults: the service's answer to a request that it does not carry out.

mod code;

use std::fmt;

use http::StatusCode;

pub use code::FaultCode;

use crate::RequestId;
use crate::response::{Document, Element};
use crate::wire::wire_enums;

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

wire_enums! {
    /// Whose failure an error of 2007-01-08 is: `ErrorType`.
    ErrorType {
        /// The service's own.
        System = "System",
        /// The request's, or one of its parties'.
        Business = "Business",
    }
}

/// One error of the service. When it reports several, only the first is kept, as the service itself documents; of several in
/// 2007-01-08 the one that leaves most open.
///
/// `Debug` and `Display` hide whatever in the message looks like a token or an e-mail address; [`Fault::message`] has it
/// whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Fault {
    code: FaultCode,
    message: Box<str>,
    request_id: Option<RequestId>,
    status: StatusCode,
    class: Option<Box<Class>>,
}

/// What only version 2007-01-08 says about an error. In a box, for most faults have none and all errors carry a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Class {
    error_type: ErrorType,
    retriable: Option<bool>,
}

impl Fault {
    /// A fault of that code, as if the service had answered it with that status.
    #[must_use]
    pub fn new(
        code: FaultCode,
        message: impl Into<Box<str>>,
        request_id: Option<RequestId>,
        status: StatusCode,
    ) -> Self {
        Self { code, message: message.into(), request_id, status, class: None }
    }

    /// The same as version 2007-01-08 answers it: whose failure it is, and whether the same request may be carried out later.
    #[must_use]
    pub fn with_retriable(mut self, error_type: ErrorType, retriable: bool) -> Self {
        self.class = Some(Box::new(Class { error_type, retriable: Some(retriable) }));
        self
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

    /// Reads the errors of an answer of 2007-01-08, which come with a status of 200; `None` if there are none.
    ///
    /// ```text
    /// <ns3:PayResponse xmlns:ns3="…">
    ///   <Status>Failure</Status>
    ///   <Errors><Errors><ErrorType/><IsRetriable/><ErrorCode/><ReasonText/></Errors>…</Errors>
    ///   <RequestId/>
    /// </ns3:PayResponse>
    /// ```
    ///
    /// The messages of all are kept, one after the other.
    #[must_use]
    pub fn read_inline(root: Element<'_>, status: StatusCode) -> Option<Self> {
        let request_id = root.child("RequestId");
        let request_id = request_id.is_present().then(|| RequestId::new(request_id.text()));
        let errors = root.child("Errors").children().filter(|error| error.child("ErrorCode").is_present());
        let faults: Vec<_> =
            errors.map(|error| Self::read_service_error(error, &request_id, status)).collect();
        let messages: Vec<_> = faults.iter().map(Self::message).filter(|text| !text.is_empty()).collect();
        let message = messages.join("; ").into_boxed_str();
        let fault = faults.into_iter().min_by_key(|fault| match fault.verdict() {
            Verdict::Spent => 0,
            Verdict::Unknown => 1,
            Verdict::NotDone => 2,
            Verdict::Final => 3,
        })?;
        Some(Self { message, ..fault })
    }

    fn read_service_error(error: Element<'_>, request_id: &Option<RequestId>, status: StatusCode) -> Self {
        let retriable = match error.child("IsRetriable").text() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        let error_type = ErrorType::from_wire(error.child("ErrorType").text());
        Self {
            code: FaultCode::from_wire(error.child("ErrorCode").text()),
            message: error.child("ReasonText").text().into(),
            request_id: request_id.clone(),
            status,
            class: Some(Box::new(Class { error_type, retriable })),
        }
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

    /// `ErrorType`: whose failure it is. Only version 2007-01-08 says.
    #[must_use]
    pub fn error_type(&self) -> Option<&ErrorType> {
        self.class.as_ref().map(|class| &class.error_type)
    }

    /// `IsRetriable`: whether the same request may be carried out later. Only version 2007-01-08 says, and its word counts more
    /// than any list of codes.
    #[must_use]
    pub fn is_retriable(&self) -> Option<bool> {
        self.class.as_ref().and_then(|class| class.retriable)
    }

    /// What it says about the money: the code's verdict, but
    ///
    /// - a refusal with a status of 500 and up, or of type `System`, is unknown;
    /// - a refusal that the service calls retriable has not been carried out, and is no end: the same request may be sent again.
    ///   A lack of money (`InsufficientBalance`, `AccountLimitsExceeded`) stays an end: it passes when a person does something
    ///   about it, and the buyer should be asked.
    ///
    /// That something is retriable never makes [`Verdict::Unknown`] or [`Verdict::Spent`] harmless.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let of_the_service = self.status.is_server_error() || self.error_type() == Some(&ErrorType::System);
        let lacks_money =
            matches!(self.code, FaultCode::InsufficientBalance | FaultCode::AccountLimitsExceeded);
        match self.code.verdict() {
            Verdict::Final if of_the_service => Verdict::Unknown,
            Verdict::Final if self.is_retriable() == Some(true) && !lacks_money => Verdict::NotDone,
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
            .field("class", &self.class)
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
    fn what_the_service_calls_retriable_is_no_end_and_nothing_unknown_becomes_harmless() {
        for (code, retriable, not_retriable) in [
            (FaultCode::OriginalTransactionIncomplete, Verdict::NotDone, Verdict::Final),
            (FaultCode::TransactionDenied, Verdict::NotDone, Verdict::Final),
            (FaultCode::InsufficientBalance, Verdict::Final, Verdict::Final),
            (FaultCode::AccountLimitsExceeded, Verdict::Final, Verdict::Final),
            (FaultCode::ConcurrentModification, Verdict::Unknown, Verdict::Unknown),
            (FaultCode::InternalError, Verdict::Unknown, Verdict::Unknown),
            (FaultCode::Other("New".to_owned()), Verdict::Unknown, Verdict::Unknown),
            (FaultCode::DuplicateRequest, Verdict::Spent, Verdict::Spent),
            (FaultCode::TokenUsageError, Verdict::Spent, Verdict::Spent),
        ] {
            let of = |error_type, retriable| {
                let fault = Fault::new(code.clone(), "", None, StatusCode::OK);
                fault.with_retriable(error_type, retriable).verdict()
            };
            assert_eq!(of(ErrorType::Business, true), retriable, "{code}");
            assert_eq!(of(ErrorType::Business, false), not_retriable, "{code}");
            assert_ne!(of(ErrorType::System, false), Verdict::Final, "{code}");
        }
    }

    #[test]
    fn of_several_errors_the_one_that_leaves_most_open_counts() {
        let error = |code: &str, text: &str| {
            format!(
                "<Errors><ErrorType>Business</ErrorType><IsRetriable>false</IsRetriable><ErrorCode>{code}</ErrorCode><ReasonText>{text}</ReasonText></Errors>"
            )
        };
        let text = format!(
            "<PayResponse><Status>Failure</Status><Errors>{}{}</Errors><RequestId>r-1:0</RequestId></PayResponse>",
            error("AmountOutOfRange", "too much"),
            error("TokenUsageError", "used before"),
        );
        let document = Document::parse(text.as_bytes()).unwrap();
        let fault = Fault::read_inline(document.root(), StatusCode::OK).unwrap();
        assert_eq!((fault.code(), fault.message()), (&FaultCode::TokenUsageError, "too much; used before"));
        assert_eq!((fault.error_type(), fault.is_retriable()), (Some(&ErrorType::Business), Some(false)));
        assert_eq!(fault.request_id().map(RequestId::as_str), Some("r-1:0"));
        let empty = Document::parse(b"<PayResponse><Status>Failure</Status><Errors/></PayResponse>").unwrap();
        assert_eq!(Fault::read_inline(empty.root(), StatusCode::OK), None);
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
