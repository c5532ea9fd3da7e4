//! What people read: journals, answers and news as text.

use super::*;

#[test]
fn a_journal_reads_as_sentences() {
    let refund = Event::Planned {
        kind: Kind::Refund,
        amount: PRICE,
        reference: Some(reference("s-1-a1-refund-r1")),
        refund: Some(RefundId::new("r1").unwrap()),
        of: None,
    };
    let (by, evidence) = ("ann".to_owned(), "the bank's letter".to_owned());
    for (event, text) in [
        (begun(1), "the buyer has the link, under s-1-a1"),
        (approved(1), "attempt 1: the buyer approved"),
        (
            Event::Approved { attempt: 2, method: None, by: Source::LookUp },
            "attempt 2: the buyer's approval was found",
        ),
        (Event::Left { attempt: 1 }, "attempt 1: the buyer left"),
        (Event::Refused { attempt: 1, status: "PE".to_owned() }, "attempt 1: the pages refused with PE"),
        (Event::NeverCame { attempt: 3 }, "attempt 3: the buyer never came back"),
        (Event::Approved { attempt: 1, method: None, by: Source::Stored }, "attempt 1: a stored token pays"),
        (Event::TokenExpired, "the held token grew too old"),
        (Event::TokenWithdrawn, "the held token was taken back at the service"),
        (Event::TokenCancelled { attempt: 1 }, "attempt 1: its token is cancelled"),
        (refund, "Refund r1 of 0.10 is planned"),
        (planned(Kind::Pay), "Pay of 0.10 is planned"),
        (claimed(0, 5), "operation 0: is being sent, until 1970-01-12T13:46:45.000Z at the latest"),
        (answered(0, 2, silent()), "operation 0, sending 2: no answer"),
        (
            Event::Reported { operation: 1, report: report(Outcome::Pending) },
            "operation 1: asked for, Pending, transaction T1",
        ),
        (
            Event::Doubted { operation: 0, why: "six days of silence".to_owned() },
            "operation 0: six days of silence",
        ),
        (Event::CancelledByShop, "the shop cancelled"),
        (
            Event::Dropped {
                effect: EffectId::new(&Subject::Order(OrderId::new("1").unwrap()), 2),
                handler: "mail".to_owned(),
                by: by.clone(),
                reason: "told by telephone".to_owned(),
            },
            "ann dropped 1-e2 for `mail`: told by telephone",
        ),
        (
            Event::AlarmClosed { alarm: 0, by: by.clone(), evidence: evidence.clone() },
            "ann closed alarm 0: the bank's letter",
        ),
        (Event::Resolved { to: State::Paid, by, evidence }, "ann resolved it to Paid: the bank's letter"),
    ] {
        assert_eq!(event.to_string(), text);
    }
}

#[test]
fn an_answer_says_what_came() {
    let full = Report { amount: Some(PRICE), code: Some("Success".to_owned()), ..report(Outcome::Success) };
    for (answer, text) in [
        (Answer::Accepted(full), "Success 0.10 (Success), transaction T1"),
        (accepted(Outcome::Reserved), "Reserved, transaction T1"),
        (not_done("Throttling"), "not done (Throttling)"),
        (refused("InsufficientBalance"), "refused (InsufficientBalance)"),
        (
            Answer::Spent { code: "DuplicateRequest".to_owned(), request: None },
            "used before (DuplicateRequest)",
        ),
        (
            Answer::Silent { code: Some("InternalError".to_owned()), request: None },
            "no known answer (InternalError)",
        ),
        (silent(), "no answer"),
    ] {
        assert_eq!(answer.to_string(), text);
    }
}

#[test]
fn news_says_why_where_there_is_a_why() {
    let transaction = || TransactionId::new("T1");
    let refund = RefundId::new("r1").unwrap();
    for (news, text) in [
        (News::Approved { method: None }, "Approved"),
        (News::Paid { amount: PRICE, transaction: None }, "Paid"),
        (News::Pending { transaction: transaction() }, "Pending"),
        (News::Reserved { amount: PRICE, transaction: transaction() }, "Reserved"),
        (News::Declined { reason: "PE".to_owned() }, "Declined (PE)"),
        (News::Abandoned, "Abandoned"),
        (News::Expired, "Expired"),
        (News::Cancelled, "Cancelled"),
        (News::Refunded { refund, amount: PRICE, transaction: transaction() }, "Refunded"),
        (News::Alarm { what: "two transactions".to_owned() }, "Alarm (two transactions)"),
    ] {
        assert_eq!(news.to_string(), text);
        assert!(text.starts_with(news.name()), "{text}");
    }
}

#[test]
fn states_and_operations_have_the_names_that_stores_and_the_wire_know() {
    for state in State::ALL {
        assert_eq!(
            (state.to_string(), format!("{state:?}")),
            (state.as_str().to_owned(), state.as_str().to_owned())
        );
    }
    assert_eq!(format!("{:>6}|{:<6}|", State::Paid, State::Paid), "  Paid|Paid  |", "lists line them up");
    let kinds = [Kind::Pay, Kind::Reserve, Kind::Settle, Kind::Cancel, Kind::Refund, Kind::Retry];
    let names = kinds.map(|kind| kind.to_string());
    assert_eq!(names, ["Pay", "Reserve", "Settle", "Cancel", "Refund", "RetryTransaction"]);
    assert_eq!(kinds.map(Kind::is_charge), [true, true, false, false, false, false]);
    assert_eq!(kinds.map(Kind::is_fenced), [false, false, true, true, false, true]);
}
