//! The GateKeeper language: what a token allows.

use std::fmt;

use crate::checkout::{PaymentMethod, PaymentMethods};
use crate::operation::v2007::{Role, TransactionKind};
use crate::{Amount, TokenId};

/// What a token allows, in the GateKeeper language: assertions that must all hold for a transaction, each with a message for when
/// it does not. `Display` writes the text that is installed, one statement a line.
///
/// ```
/// use fps_core::Amount;
/// use fps_core::operation::v2007::PaymentInstruction;
///
/// assert_eq!(PaymentInstruction::caller().to_string(), "MyRole == 'Caller' orSay 'Roles do not match';");
/// let once = PaymentInstruction::recipient()
///     .with_transaction_amount(Amount::usd("2"))
///     .or_say("not the price")?;
/// assert_eq!(
///     once.to_string(),
///     "MyRole == 'Recipient' orSay 'Roles do not match';\nTransactionAmount == 'USD 2.000000' orSay 'not the price';"
/// );
/// # Ok::<(), fps_core::operation::v2007::PaymentInstructionError>(())
/// ```
///
/// The whole language is not documented. What is here was installed in practice; for the rest,
/// [`InstallPaymentInstruction::new`](super::InstallPaymentInstruction::new) takes any text.
///
/// Source: FPS developer guide of 2007 and clients of the time.
#[derive(Clone, PartialEq, Eq)]
pub struct PaymentInstruction {
    first: Assertion,
    more: Vec<Assertion>,
}

#[derive(Clone, PartialEq, Eq)]
struct Assertion {
    symbol: &'static str,
    operator: &'static str,
    literal: String,
    message: Option<String>,
}

impl PaymentInstruction {
    /// The caller's own: `MyRole == 'Caller' orSay 'Roles do not match';`.
    #[must_use]
    pub fn caller() -> Self {
        Self::of(&Role::Caller).matching()
    }

    /// The recipient's: `MyRole == 'Recipient' orSay 'Roles do not match';`.
    #[must_use]
    pub fn recipient() -> Self {
        Self::of(&Role::Recipient).matching()
    }

    /// The original recipient's for paying back: `MyRole == 'Sender';` and `OperationType == 'Refund';`. Its token is good for
    /// one refund if it is of type `SingleUse`.
    #[must_use]
    pub fn refund_sender() -> Self {
        Self::of(&Role::Sender).with_operation(&TransactionKind::Refund)
    }

    /// `OperationType == '…'`: for transactions of that kind only.
    #[must_use]
    pub fn with_operation(self, kind: &TransactionKind) -> Self {
        self.with("OperationType", "==", kind.as_str().to_owned())
    }

    /// `PaymentMethod in 'abt, ach, cc'`: for payments by these methods only.
    #[must_use]
    pub fn with_payment_methods(self, methods: PaymentMethods) -> Self {
        let names = methods.iter().map(|method| match method {
            PaymentMethod::Abt => "abt",
            PaymentMethod::Ach => "ach",
            PaymentMethod::Cc => "cc",
        });
        let list = names.collect::<Vec<_>>().join(", ");
        self.with("PaymentMethod", "in", list)
    }

    /// `TransactionAmount == 'USD 2.000000'`: for that amount only.
    #[must_use]
    pub fn with_transaction_amount(self, amount: Amount) -> Self {
        self.with("TransactionAmount", "==", money(amount))
    }

    /// `TransactionAmount >= 'USD 2.000000'`: for that amount and more. The guide speaks of such limits and shows none: the
    /// operator is our choice, as it is the sandbox's.
    #[must_use]
    pub fn with_least_amount(self, amount: Amount) -> Self {
        self.with("TransactionAmount", ">=", money(amount))
    }

    /// `TransactionAmount <= 'USD 2.000000'`: for that amount and less. The operator is our choice too.
    #[must_use]
    pub fn with_most_amount(self, amount: Amount) -> Self {
        self.with("TransactionAmount", "<=", money(amount))
    }

    /// `SenderToken == '…'`: for payments by that sender's token only.
    #[must_use]
    pub fn with_sender_token(self, token: &TokenId) -> Self {
        self.with("SenderToken", "==", token.as_str().to_owned())
    }

    /// `… orSay '…'`: what is said when the assertion added last does not hold.
    ///
    /// # Errors
    ///
    /// [`PaymentInstructionError`] if the message has an apostrophe, which the language cannot quote.
    pub fn or_say(mut self, message: impl Into<String>) -> Result<Self, PaymentInstructionError> {
        let message = message.into();
        if message.contains('\'') {
            return Err(PaymentInstructionError);
        }
        self.more.last_mut().unwrap_or(&mut self.first).message = Some(message);
        Ok(self)
    }

    fn of(role: &Role) -> Self {
        let first =
            Assertion { symbol: "MyRole", operator: "==", literal: role.as_str().to_owned(), message: None };
        Self { first, more: Vec::new() }
    }

    fn matching(mut self) -> Self {
        self.first.message = Some("Roles do not match".to_owned());
        self
    }

    fn with(mut self, symbol: &'static str, operator: &'static str, literal: String) -> Self {
        self.more.push(Assertion { symbol, operator, literal, message: None });
        self
    }
}

impl fmt::Display for PaymentInstruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        self.more.iter().try_for_each(|assertion| write!(f, "\n{assertion}"))
    }
}

impl fmt::Display for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} '{}'", self.symbol, self.operator, self.literal)?;
        if let Some(message) = &self.message {
            write!(f, " orSay '{message}'")?;
        }
        f.write_str(";")
    }
}

impl From<PaymentInstruction> for String {
    fn from(instruction: PaymentInstruction) -> Self {
        instruction.to_string()
    }
}

/// The symbols only: a literal may be a token.
impl fmt::Debug for PaymentInstruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let symbols = std::iter::once(&self.first).chain(&self.more).map(|assertion| assertion.symbol);
        f.write_str("PaymentInstruction")?;
        f.debug_list().entries(symbols).finish()
    }
}

/// An amount as the language writes it: with its currency and six decimals.
fn money(amount: Amount) -> String {
    let text = amount.to_string();
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    format!("USD {text}{}", "0".repeat(6usize.saturating_sub(decimals)))
}

/// A message cannot be quoted. Write it without an apostrophe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message has an apostrophe, which the GateKeeper language cannot quote; write it without")]
pub struct PaymentInstructionError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_those_that_were_installed_in_practice() {
        assert_eq!(
            PaymentInstruction::caller().to_string(),
            "MyRole == 'Caller' orSay 'Roles do not match';"
        );
        assert_eq!(
            PaymentInstruction::recipient().with_payment_methods(PaymentMethods::ALL).to_string(),
            "MyRole == 'Recipient' orSay 'Roles do not match';\nPaymentMethod in 'abt, ach, cc';"
        );
        assert_eq!(
            PaymentInstruction::refund_sender().to_string(),
            "MyRole == 'Sender';\nOperationType == 'Refund';"
        );
        let bound = PaymentInstruction::recipient()
            .or_say("Role does not match")
            .unwrap()
            .with_transaction_amount(Amount::usd("2"))
            .with_sender_token(&TokenId::new("SECRET_MARKER"));
        assert_eq!(
            bound.to_string(),
            "MyRole == 'Recipient' orSay 'Role does not match';\nTransactionAmount == 'USD 2.000000';\nSenderToken == 'SECRET_MARKER';"
        );
        assert_eq!(
            format!("{bound:?}"),
            "PaymentInstruction[\"MyRole\", \"TransactionAmount\", \"SenderToken\"]"
        );
        let cents = PaymentInstruction::caller().with_transaction_amount(Amount::usd("0.125"));
        assert!(cents.to_string().ends_with("'USD 0.125000';"));
        let between = PaymentInstruction::recipient()
            .with_least_amount(Amount::usd("1"))
            .with_most_amount(Amount::usd("12.50"));
        assert!(
            between
                .to_string()
                .ends_with(";\nTransactionAmount >= 'USD 1.000000';\nTransactionAmount <= 'USD 12.500000';")
        );
        assert_eq!(PaymentInstruction::caller().or_say("don't"), Err(PaymentInstructionError));
    }
}
