//! What a statement means.

use fps_core::Amount;

use super::parse::{Literal, Statement};
use super::{Mistake, MistakeKind, Payment, Place};
use crate::ledger::{Operation, PayMethod, Role};

/// What has to be so.
#[derive(Debug)]
pub(super) enum Condition {
    Role(Set<Role>),
    Operation(Set<Operation>),
    Method(Set<PayMethod>),
    SenderToken(Set<String>),
    Amount(Relation, Amount),
    /// Something that this service does not know, taken to be so.
    Unknown,
}

/// One of some values, or none of them.
#[derive(Debug)]
pub(super) struct Set<T> {
    values: Vec<T>,
    is_without: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Relation {
    Equal,
    Unequal,
    Below,
    AtMost,
    Above,
    AtLeast,
}

impl<T: PartialEq> Set<T> {
    pub(super) fn has(&self, value: &T) -> bool {
        self.values.contains(value) != self.is_without
    }
}

impl Condition {
    /// What a statement means, or what is wrong with it.
    pub(super) fn read(statement: &Statement, permissive: bool) -> Result<Self, Mistake> {
        Ok(match statement.symbol.as_str() {
            "MyRole" => Self::Role(set(statement, Role::from_wire, &words(Role::ALL, Role::as_str))?),
            "OperationType" => {
                let known = words(Operation::ALL, Operation::as_str);
                Self::Operation(set(statement, Operation::from_wire, &known)?)
            }
            "PaymentMethod" => {
                let known = words(PayMethod::ALL, PayMethod::as_str);
                let methods = set(statement, method, &known);
                Self::Method(methods.map_err(|mistake| Mistake { kind: MistakeKind::Method, ..mistake })?)
            }
            "SenderToken" => Self::SenderToken(set(statement, |text| Some(text.to_owned()), "")?),
            "TransactionAmount" => Self::Amount(relation(statement)?, amount(statement)?),
            _ if permissive => Self::Unknown,
            other => return Err(mistake(statement.symbol_at, &format!("unknown symbol: {other}"))),
        })
    }

    /// Whether it is so for a token that plays this role.
    pub(super) fn holds(&self, role: Role, payment: &Payment<'_>) -> bool {
        match self {
            Self::Role(set) => set.has(&role),
            Self::Operation(set) => set.has(&payment.operation),
            Self::Method(set) => set.has(&payment.method),
            Self::SenderToken(set) => set.has(&payment.sender_token.as_str().to_owned()),
            Self::Amount(relation, amount) => relation.holds(payment.amount, *amount),
            Self::Unknown => true,
        }
    }
}

impl Relation {
    fn holds(self, one: Amount, other: Amount) -> bool {
        match self {
            Self::Equal => one == other,
            Self::Unequal => one != other,
            Self::Below => one < other,
            Self::AtMost => one <= other,
            Self::Above => one > other,
            Self::AtLeast => one >= other,
        }
    }
}

fn set<T>(statement: &Statement, read: impl Fn(&str) -> Option<T>, known: &str) -> Result<Set<T>, Mistake> {
    let text = match &statement.literal {
        Literal::Text(text) | Literal::Number(text) => text.as_str(),
    };
    let (texts, is_without) = match statement.operator.as_str() {
        "==" | "=" => (vec![text], false),
        "!=" => (vec![text], true),
        "in" => (text.split(',').map(str::trim).collect(), false),
        _ => return Err(incomparable(statement)),
    };
    let wrong = |text: &str| mistake(statement.literal_at, &format!("'{text}' is not one of {known}"));
    let values = texts.into_iter().map(|text| read(text).ok_or_else(|| wrong(text)));
    Ok(Set { values: values.collect::<Result<_, _>>()?, is_without })
}

fn relation(statement: &Statement) -> Result<Relation, Mistake> {
    Ok(match statement.operator.as_str() {
        "==" | "=" => Relation::Equal,
        "!=" => Relation::Unequal,
        "<" => Relation::Below,
        "<=" => Relation::AtMost,
        ">" => Relation::Above,
        ">=" => Relation::AtLeast,
        _ => return Err(incomparable(statement)),
    })
}

fn amount(statement: &Statement) -> Result<Amount, Mistake> {
    let (text, number) = match &statement.literal {
        Literal::Text(text) => (text, text.strip_prefix("USD ").map(str::trim)),
        Literal::Number(text) => (text, Some(text.as_str())),
    };
    let amount = number.and_then(|number| Amount::parse(number).ok()).filter(|amount| !amount.is_negative());
    amount.ok_or_else(|| {
        mistake(statement.literal_at, &format!("'{text}' is not an amount such as 'USD 2.00'"))
    })
}

/// `BA` is the older word for ACH.
fn method(text: &str) -> Option<PayMethod> {
    if text.eq_ignore_ascii_case("ba") {
        return Some(PayMethod::Ach);
    }
    PayMethod::ALL.iter().copied().find(|method| method.as_str().eq_ignore_ascii_case(text))
}

fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> String {
    all.iter().map(|one| word(*one)).collect::<Vec<_>>().join(", ")
}

fn incomparable(statement: &Statement) -> Mistake {
    let text = format!("{} cannot be compared by {}", statement.symbol, statement.operator);
    mistake(statement.operator_at, &text)
}

fn mistake(at: Place, text: &str) -> Mistake {
    Mistake::rule(at, format!("line {}:{}: {text}", at.line, at.column))
}
