//! GateKeeper: the rules that version 2007-01-08 installs with a token, and that every payment has to keep.
//!
//! ```text
//! program   := statement*
//! statement := symbol op literal [ 'orSay' string ] ';'
//! op        := '==' | '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in'
//! literal   := string | number
//! string    := "'" any character but "'" "'"
//! symbol    := letter (letter | digit)*
//! ```
//!
//! | symbol | compared by | with |
//! |---|---|---|
//! | `MyRole`, which has to be there | `==` `=` `!=` `in` | `'Caller'`, `'Recipient'`, `'Sender'` |
//! | `OperationType` | `==` `=` `!=` `in` | `'Pay'`, `'Refund'`, … |
//! | `PaymentMethod` | `==` `=` `!=` `in` | `'ABT'`, `'ACH'` or `'BA'`, `'CC'`, `'Debt'`, `'Prepaid'`, upper and lower case alike |
//! | `TransactionAmount` | all but `in` | `'USD 2.00'`, or a number of dollars |
//! | `SenderToken` | `==` `=` `!=` `in` | a token's id |
//!
//! `in` takes one string with commas. The service's own grammar was never published in full: this is what its samples show,
//! and the relations that its documentation speaks of.

mod condition;
mod lex;
mod parse;

use fps_core::{Amount, TokenId};

use crate::ledger::{Operation, PayMethod, Role};

use condition::Condition;

/// The rules of one token.
#[derive(Debug)]
pub(crate) struct Rules {
    assertions: Vec<Assertion>,
}

/// One thing that has to be so.
#[derive(Debug)]
struct Assertion {
    condition: Condition,
    or_say: Option<String>,
}

/// A payment that is held against the rules of its tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payment<'a> {
    pub(crate) operation: Operation,
    pub(crate) method: PayMethod,
    pub(crate) amount: Amount,
    pub(crate) sender_token: &'a TokenId,
}

/// A mistake in a program, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// Where, to order them by.
    at: Place,
    pub(crate) kind: MistakeKind,
    pub(crate) text: String,
}

/// Which error code a mistake has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MistakeKind {
    /// `BadRule`.
    Rule,
    /// `InvalidPaymentMethod`.
    Method,
}

/// A place in a program, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    line: usize,
    column: usize,
}

impl Rules {
    /// Reads a program. A symbol that is not known is a mistake unless `permissive`; then it is taken to hold.
    pub(crate) fn read(program: &str, permissive: bool) -> Result<Self, Vec<Mistake>> {
        let (statements, mut mistakes) = parse::statements(program);
        let mut assertions = Vec::new();
        for statement in statements {
            match Condition::read(&statement, permissive) {
                Ok(condition) => assertions.push(Assertion { condition, or_say: statement.or_say }),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        if mistakes.is_empty() && !assertions.iter().any(|one| matches!(one.condition, Condition::Role(_))) {
            let text = "MyRole is not defined: begin with a statement such as MyRole == 'Caller';";
            mistakes.push(Mistake::rule(Place { line: 1, column: 1 }, text));
        }
        mistakes.sort_by_key(|mistake| mistake.at);
        if mistakes.is_empty() { Ok(Self { assertions }) } else { Err(mistakes) }
    }

    /// What keeps a token with these rules from playing a role in a payment: the text that the first broken assertion says,
    /// if it has one.
    pub(crate) fn broken_by(&self, role: Role, payment: &Payment<'_>) -> Option<Option<&str>> {
        let broken = self.assertions.iter().find(|one| !one.condition.holds(role, payment));
        broken.map(|one| one.or_say.as_deref())
    }
}

impl Mistake {
    fn rule(at: Place, text: impl Into<String>) -> Self {
        Self { at, kind: MistakeKind::Rule, text: text.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(program: &str, role: Role, operation: Operation, method: PayMethod, amount: &str) -> bool {
        let token = TokenId::new("T1");
        let payment =
            Payment { operation, method, amount: Amount::parse(amount).unwrap(), sender_token: &token };
        let rules = Rules::read(program, false).unwrap_or_else(|mistakes| panic!("{program}: {mistakes:?}"));
        rules.broken_by(role, &payment).is_none()
    }

    #[test]
    fn the_programs_of_the_guide_are_read_and_kept() {
        let pay = |program, role| holds(program, role, Operation::Pay, PayMethod::Abt, "2.00");
        for program in [
            "MyRole == 'Caller' orSay 'Roles do not match';",
            "MyRole == 'Caller';",
            "MyRole=='Caller';",
            "\n  MyRole\n=='Caller'\torSay'x';\r\n",
        ] {
            assert!(pay(program, Role::Caller), "{program}");
            assert!(!pay(program, Role::Recipient), "{program}");
        }
        let methods = "MyRole=='Recipient' orSay 'Roles do not match';\nPaymentMethod in 'abt, ach, cc';";
        assert!(pay(methods, Role::Recipient));
        assert!(!holds(methods, Role::Recipient, Operation::Pay, PayMethod::Prepaid, "2.00"));
        let refund = "MyRole == 'Sender';\nOperationType = 'Refund';";
        assert!(holds(refund, Role::Sender, Operation::Refund, PayMethod::Abt, "1"));
        assert!(!pay(refund, Role::Sender));
        let bound = "MyRole == 'Recipient' orSay 'Role does not match';\nTransactionAmount == 'USD 2.000000';\n\
                     SenderToken == 'T1';";
        assert!(pay(bound, Role::Recipient));
        assert!(!holds(bound, Role::Recipient, Operation::Pay, PayMethod::Abt, "2.01"));
        assert!(!pay(&bound.replace("T1", "T2"), Role::Recipient));
    }

    #[test]
    fn every_operator_holds_where_it_should() {
        for (operator, below, equal, above) in [
            ("==", false, true, false),
            ("=", false, true, false),
            ("!=", true, false, true),
            ("<", true, false, false),
            ("<=", true, true, false),
            (">", false, false, true),
            (">=", false, true, true),
        ] {
            for literal in ["'USD 2'", "2.0", "'USD 2.000000'"] {
                let program = format!("MyRole == 'Sender'; TransactionAmount {operator} {literal};");
                for (amount, expected) in [("1.999999", below), ("2", equal), ("2.000001", above)] {
                    let held = holds(&program, Role::Sender, Operation::Pay, PayMethod::Abt, amount);
                    assert_eq!(held, expected, "{program} with {amount}");
                }
            }
        }
        for (program, held) in [
            ("MyRole in 'Caller, Sender'; OperationType in 'Pay,Reserve';", true),
            ("MyRole in 'Caller, Sender'; OperationType != 'Pay';", false),
            ("MyRole != 'Recipient'; PaymentMethod == 'BA';", false),
            ("MyRole != 'Recipient'; PaymentMethod != 'BA';", true),
            ("MyRole != 'Sender';", false),
            ("MyRole == 'Sender'; SenderToken in 'T0, T1';", true),
        ] {
            assert_eq!(holds(program, Role::Sender, Operation::Pay, PayMethod::Abt, "1"), held, "{program}");
        }
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        for (program, mistakes) in [
            (
                "Invalid instruction's",
                &["line 1:9: unexpected token: instruction", "expecting ''', found '<EOF>'"][..],
            ),
            ("MyRole == 'Caller'", &["line 1:19: expecting ';', found '<EOF>'"]),
            ("MyRole == ;", &["line 1:11: unexpected token: ;"]),
            ("== 'Caller';", &["line 1:1: unexpected token: =="]),
            (
                "MyRole 'Caller';\n 1;\nMyRole == 'Caller';",
                &["line 1:8: unexpected token: 'Caller'", "line 2:2: unexpected token: 1"],
            ),
            ("MyRole == 'Caller' orSay 7;", &["line 1:26: unexpected token: 7"]),
            ("MyRole == 'Caller'; $", &["line 1:21: unexpected char: '$'"]),
            ("", &["MyRole is not defined: begin with a statement such as MyRole == 'Caller';"]),
            (
                "OperationType == 'Pay';",
                &["MyRole is not defined: begin with a statement such as MyRole == 'Caller';"],
            ),
            ("MyRole == 'Cook';", &["line 1:11: 'Cook' is not one of Sender, Caller, Recipient"]),
            ("MyRole < 'Caller';", &["line 1:8: MyRole cannot be compared by <"]),
            ("MyRole == 'Caller'; Weather == 'fair';", &["line 1:21: unknown symbol: Weather"]),
            (
                "MyRole == 'Caller'; TransactionAmount <= 'EUR 2';",
                &["line 1:42: 'EUR 2' is not an amount such as 'USD 2.00'"],
            ),
            (
                "MyRole == 'Caller'; TransactionAmount in 'USD 2';",
                &["line 1:39: TransactionAmount cannot be compared by in"],
            ),
            (
                "MyRole == 'Caller'; PaymentMethod in 'abt, cash';",
                &["line 1:38: 'cash' is not one of ABT, ACH, CC, Prepaid, Debt"],
            ),
        ] {
            let found = Rules::read(program, false).unwrap_err();
            let found: Vec<_> = found.iter().map(|mistake| mistake.text.as_str()).collect();
            assert_eq!(found, mistakes, "{program:?}");
        }
        let cash = Rules::read("MyRole == 'Caller'; PaymentMethod == 'cash';", false).unwrap_err();
        assert_eq!(cash[0].kind, MistakeKind::Method);
        assert!(Rules::read("MyRole == 'Caller'; Weather == 'fair';", true).is_ok());
    }

    #[test]
    fn what_a_broken_assertion_says_is_given_back() {
        let token = TokenId::new("T1");
        let payment = Payment {
            operation: Operation::Pay,
            method: PayMethod::Abt,
            amount: Amount::usd("1"),
            sender_token: &token,
        };
        let rules = Rules::read("MyRole == 'Caller' orSay 'Roles do not match';", false).unwrap();
        assert_eq!(rules.broken_by(Role::Sender, &payment), Some(Some("Roles do not match")));
        assert_eq!(rules.broken_by(Role::Caller, &payment), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(program in "[ -~\\n]{0,80}|(MyRole|==|in|orSay|'|'Caller'|;| |\\n|USD 1|<=){0,20}") {
            if let Err(mistakes) = Rules::read(&program, true) {
                proptest::prop_assert!(!mistakes.is_empty());
            }
        }
    }
}
