//! A stored token: what its limits allow, what it knows of its payments, and when it ends.

use fps_core::pipeline::{AmountType, Period, UsageLimit};

use super::*;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn terms() -> TokenTerms {
    TokenTerms::at_most(Amount::usd("10")).with_reason("Songs")
}

/// A token of these terms that was approved at second 2.
fn held(terms: TokenTerms) -> Order {
    let product = Product::freeze_terms(terms, at(0)).unwrap();
    let mut token = Order::freeze_token(&TokenName::new("ann").unwrap(), Version::V2010_08_28, product);
    for (second, event) in [(1, begun(1)), (2, approved(1))] {
        token.happen(event, at(second), &["h"]).unwrap();
    }
    token.outbox_mut().clear();
    token.reschedule(at(2));
    token
}

fn id(text: &str) -> OrderId {
    OrderId::new(text).unwrap()
}

fn read(token: &Order) -> Token {
    Token::read(token.clone()).unwrap()
}

/// Spends so much, under a name of its own.
fn spend(token: &mut Order, name: &str, amount: &'static str, second: i64) -> Result<(), TokenRefusal> {
    token.spend(&id(name), amount.parse().unwrap(), at(second))
}

fn said(refused: Result<(), TokenRefusal>) -> String {
    refused.unwrap_err().to_string()
}

#[test]
fn each_payment_is_exactly_so_much_or_at_most_or_at_least() {
    let limit = Amount::usd("2");
    for (rule, fits, refused) in [
        (AmountType::Exact, &["2"][..], &["1.99", "2.01"][..]),
        (AmountType::Maximum, &["0.01", "2"], &["2.01"]),
        (AmountType::Minimum, &["2", "2.01"], &["1.99"]),
        (AmountType::Other("Odd".to_owned()), &["0.01", "9"], &[]),
    ] {
        for amount in fits {
            assert_eq!(
                spend(&mut held(terms().with_each(limit, rule.clone())), "1", amount, 3),
                Ok(()),
                "{rule}"
            );
        }
        for amount in refused {
            let said = said(spend(&mut held(terms().with_each(limit, rule.clone())), "1", amount, 3));
            assert_eq!(said, format!("each payment is {rule} 2.00, and {amount} is asked for"));
        }
    }
}

#[test]
fn the_whole_is_counted_to_the_last_cent() {
    let mut token = held(terms());
    assert_eq!(spend(&mut token, "1", "9.99", 3), Ok(()));
    assert_eq!(
        said(spend(&mut token, "2", "0.02", 4)),
        "10.00 may be paid in all, 9.99 are spent, and 0.02 more are asked for"
    );
    assert_eq!(spend(&mut token, "2", "0.01", 4), Ok(()));
    assert_eq!((read(&token).spent(), read(&token).payments()), (Amount::usd("10"), 2));
    // The same order again is the same payment.
    assert_eq!(spend(&mut token, "2", "0.01", 5), Ok(()));
    assert_eq!(read(&token).payments(), 2);
}

#[test]
fn periods_follow_each_other_from_the_approval() {
    let two_a_day = UsageLimit::count(2).per(Period::days(1));
    let mut token = held(terms().with_usage_limit(two_a_day));
    for (name, second) in [("1", 2), ("2", 1 + DAY)] {
        assert_eq!(spend(&mut token, name, "1", second), Ok(()));
    }
    assert_eq!(said(spend(&mut token, "3", "1", 1 + DAY)), "2 payments allowed per 1 day, and 2 made");
    // The next day begins a second later.
    for name in ["3", "4"] {
        assert_eq!(spend(&mut token, name, "1", 2 + DAY), Ok(()));
    }
    assert_eq!(said(spend(&mut token, "5", "1", 2 + DAY)), "2 payments allowed per 1 day, and 2 made");

    let three_per_hour = UsageLimit::amount(Amount::usd("3")).per(Period::hours(1));
    let mut token = held(terms().with_usage_limit(three_per_hour));
    assert_eq!(spend(&mut token, "1", "3", 3), Ok(()));
    assert_eq!(
        said(spend(&mut token, "2", "0.01", 1 + HOUR)),
        "3.00 may be paid per 1 hour, 3.00 are spent, and 0.01 more are asked for"
    );
    assert_eq!(spend(&mut token, "2", "0.01", 2 + HOUR), Ok(()));

    let five_in_all = UsageLimit::count(1);
    let mut token = held(terms().with_usage_limit(five_in_all));
    assert_eq!(spend(&mut token, "1", "1", 3), Ok(()));
    assert_eq!(said(spend(&mut token, "2", "1", 3 * DAY)), "1 payment allowed in all, and 1 made");
}

#[test]
fn a_token_can_be_charged_from_its_start_to_its_end_and_counts_from_then() {
    let token = || held(terms().with_start(at(DAY)).with_expiry(at(2 * DAY)));
    assert_eq!(spend(&mut token(), "1", "1", DAY - 1), Err(TokenRefusal::NotYet { starts: at(DAY) }));
    assert_eq!(spend(&mut token(), "1", "1", DAY), Ok(()));
    assert_eq!(spend(&mut token(), "1", "1", 2 * DAY - 1), Ok(()));
    assert_eq!(spend(&mut token(), "1", "1", 2 * DAY), Err(TokenRefusal::Over { ended: at(2 * DAY) }));
    assert_eq!((token().token_ends(), token().due()), (Some(at(2 * DAY)), Some(at(2 * DAY))));
    // A year after its start, or after its approval.
    assert_eq!(held(terms().with_start(at(DAY))).token_ends(), Some(at(366 * DAY)));
    assert_eq!(held(terms().with_start(at(1))).token_ends(), Some(at(2 + 365 * DAY)));
    assert_eq!(held(terms()).token_ends(), Some(at(2 + 365 * DAY)));
    // An order's token is one for three hours.
    assert_eq!(after(false, &[begun(1), approved(1)]).token_ends(), Some(at(2 + 3 * HOUR)));
    let mut by_hour =
        held(terms().with_start(at(DAY)).with_usage_limit(UsageLimit::count(1).per(Period::days(1))));
    assert_eq!(spend(&mut by_hour, "1", "1", DAY), Ok(()));
    assert!(spend(&mut by_hour, "2", "1", 2 * DAY - 1).is_err());
    assert_eq!(spend(&mut by_hour, "2", "1", 2 * DAY), Ok(()));
}

#[test]
fn only_a_held_token_pays() {
    let mut token = held(terms());
    for (event, state) in [
        (Event::TokenExpired, State::Expired),
        (Event::TokenWithdrawn, State::Cancelled),
        (Event::CancelledByShop, State::Cancelled),
    ] {
        let mut ended = token.clone();
        ended.happen(event.clone(), at(5), &["h"]).unwrap();
        assert_eq!(spend(&mut ended, "1", "1", 6), Err(TokenRefusal::NotHeld { state }));
        assert_eq!(ended.token_ends(), None);
        assert_eq!(ended.replay().as_ref(), Ok(ended.machine()));
        // It says so once, and nothing of it moves the token any more.
        let unwanted = event == Event::CancelledByShop;
        assert_eq!(ended.unwanted(), if unwanted { vec![1] } else { vec![] });
        assert_eq!(news(&ended), [if state == State::Expired { "Expired" } else { "Cancelled" }]);
        assert_eq!(ended.outbox()[0].id.as_str(), "token/ann-e2");
        assert_eq!(ended.happen(Event::TokenWithdrawn, at(7), &["h"]), Ok(false));
        // While the service has to hear of it, its name is needed.
        ended.outbox_mut().clear();
        assert_eq!(ended.is_at_rest(), !unwanted);
    }
    let product = Product::freeze_terms(terms(), at(0)).unwrap();
    token = Order::freeze_token(&TokenName::new("ann").unwrap(), Version::V2010_08_28, product);
    token.happen(begun(1), at(1), &[]).unwrap();
    let refused = spend(&mut token, "1", "1", 6);
    assert_eq!(refused, Err(TokenRefusal::NotHeld { state: State::AwaitingBuyer }));
    let mut order = after(false, &[begun(1), approved(1)]);
    assert!(spend(&mut order, "2", "0.01", 6).is_err(), "an order lends no token");
}

#[test]
fn what_became_of_payments_is_taken_down() {
    let mut token = held(terms());
    for (name, second) in [("paid", 3), ("less", 4), ("nothing", 5), ("gone", 6), ("slow", 7), ("open", 8)] {
        spend(&mut token, name, "1", second).unwrap();
    }
    let fates = [
        (id("paid"), Fate::Paid(Amount::usd("1"))),
        (id("less"), Fate::Paid(Amount::usd("0.40"))),
        (id("nothing"), Fate::Nothing),
        (id("gone"), Fate::Unknown),
        (id("slow"), Fate::Unknown),
        (id("open"), Fate::Open),
    ];
    token.settle_uses(&fates, at(10), at(6 + 600));
    // No limit counts them one by one, so those that are settled are a sum now.
    let names: Vec<_> = read(&token).uses().iter().map(|one| one.order.to_string()).collect();
    assert_eq!(names, ["slow", "open"]);
    assert_eq!((read(&token).spent(), read(&token).payments()), (Amount::usd("3.40"), 4));
    let changed = token.clone();
    token.settle_uses(&fates, at(10), at(6 + 600));
    assert_eq!(token, changed, "said again it changes nothing");
    token.settle_uses(&[(id("slow"), Fate::Unknown)], at(10), at(7 + 600));
    assert_eq!(token.open_uses(), [id("open")]);
}

#[test]
fn a_look_that_is_older_than_a_payment_says_nothing_of_it() {
    for (looked_at, left) in [(2, 1), (3, 0)] {
        let mut token = held(terms());
        spend(&mut token, "1", "1", 3).unwrap();
        token.settle_uses(&[(id("1"), Fate::Nothing)], at(looked_at), at(4));
        assert_eq!(token.open_uses().len(), left, "{looked_at}");
    }
}

#[test]
fn settled_payments_are_kept_one_by_one_while_a_period_counts_them() {
    let daily = UsageLimit::count(5).per(Period::days(1));
    let hourly = UsageLimit::count(4).per(Period::hours(1));
    let mut token = held(terms().with_usage_limit(daily).with_usage_limit(hourly));
    // In the first second of the period.
    spend(&mut token, "1", "1", 2).unwrap();
    let fates = [(id("1"), Fate::Paid(Amount::usd("1")))];
    token.settle_uses(&fates, at(5), at(1 + DAY));
    assert_eq!((read(&token).uses().len(), token.open_uses().len()), (1, 0));
    token.settle_uses(&fates, at(5), at(2 + DAY));
    assert_eq!((read(&token).uses().len(), read(&token).spent()), (0, Amount::usd("1")));
}

#[test]
fn payments_are_looked_at_an_hour_after_the_last_and_then_ever_more_rarely() {
    let mut token = held(terms());
    assert_eq!(token.due(), token.token_ends());
    spend(&mut token, "1", "1", 3).unwrap();
    spend(&mut token, "2", "1", 50).unwrap();
    assert_eq!(token.due(), Some(at(50 + HOUR)));
    // One that is open for days, as a bank's payment is, is looked at once a day.
    for (quiet, hours) in (1..).zip([2, 4, 8, 16, 32, 56, 80]) {
        let visited_at = token.due().unwrap();
        token.visited(Visit { quiet, failed: 0 }, visited_at);
        assert_eq!(token.due(), Some(at(50 + hours * HOUR)), "{quiet}");
    }
    let fates = [id("1"), id("2")].map(|order| (order, Fate::Paid(Amount::usd("1"))));
    token.settle_uses(&fates, at(61), at(81 * HOUR));
    assert_eq!(token.due(), token.token_ends());
}

#[test]
fn another_token_counts_from_nothing() {
    let mut token = held(terms());
    spend(&mut token, "1", "1", 3).unwrap();
    token.agreed(at(4));
    for event in [Event::TokenExpired, begun(2), approved(2)] {
        assert_eq!(read(&token).payments(), 1);
        token.happen(event, at(5), &[]).unwrap();
    }
    assert_eq!((read(&token).spent(), read(&token).payments()), (Amount::ZERO, 0));
    assert!(!token.must_agree(at(5 + 6 * DAY)) && token.must_agree(at(6 + 6 * DAY)));
}

#[test]
fn counts_are_compared_when_the_last_agreement_is_six_days_old() {
    let mut token = held(terms());
    assert!(!token.must_agree(at(2 + 6 * DAY)) && token.must_agree(at(3 + 6 * DAY)));
    spend(&mut token, "1", "1", 6 * DAY).unwrap();
    assert!(token.must_agree(at(3 + 6 * DAY)), "a payment is no agreement");
    token.agreed(at(7 * DAY));
    assert!(!token.must_agree(at(13 * DAY)) && token.must_agree(at(13 * DAY + 1)));
}

#[test]
fn only_what_is_paid_by_other_orders_stands_for_what_the_service_counts() {
    let mut token = held(terms().with_usage_limit(UsageLimit::count(9).per(Period::days(1))));
    for (name, second) in [("old", 3), ("paid", DAY + 3), ("open", DAY + 4), ("this", DAY + 5)] {
        spend(&mut token, name, "1", second).unwrap();
    }
    let fates = [("old", "1"), ("paid", "1"), ("this", "3")];
    let fates = fates.map(|(name, amount)| (id(name), Fate::Paid(amount.parse().unwrap())));
    token.settle_uses(&fates, at(DAY + 6), at(DAY + 6));
    let this = id("this");
    for (spent, agrees) in [(Some("0"), true), (Some("2"), true), (Some("2.01"), false), (None, false)] {
        let spent = spent.map(|amount| amount.parse().unwrap());
        assert_eq!(token.agrees_with(spent, &this), agrees, "{spent:?}");
    }
}

#[test]
fn a_lent_token_is_no_news_and_moves_an_order_along_the_same_edges() {
    let lent = Event::Approved { attempt: 1, method: Some(PaymentMethod::Cc), by: Source::Stored };
    let order = after(false, &[begun(1), lent, planned(Kind::Pay), claimed(0, 100)]);
    assert_eq!((order.state(), order.outbox().len()), (State::Charging, 0));
    assert_eq!(order.method(), Some(PaymentMethod::Cc));
}

#[test]
fn terms_tell_what_was_asked_for() {
    let daily = UsageLimit::count(5).per(Period::days(1));
    let all = terms()
        .with_each(Amount::usd("2"), AmountType::Exact)
        .with_usage_limit(daily)
        .with_start(at(DAY))
        .with_expiry(at(2 * DAY));
    assert_eq!((all.limit(), all.each()), (Amount::usd("10"), Some(&(Amount::usd("2"), AmountType::Exact))));
    assert_eq!(all.usage_limits(), [daily]);
    assert_eq!((all.starts(), all.expires()), (Some(at(DAY)), Some(at(2 * DAY))));
    let few = terms();
    assert_eq!((few.each(), few.usage_limits(), few.starts(), few.expires()), (None, &[][..], None, None));
}

#[test]
fn a_token_tells_what_is_known_of_it() {
    let document = held(terms());
    let before = read(&document);
    assert_eq!(
        (before.api(), before.due(), before.needs_a_person()),
        (Version::V2010_08_28, document.token_ends(), false)
    );
    assert_eq!((before.buyer(), before.address(), before.outbox().len()), (None, None, 0));
    assert_eq!(before.journal(), document.journal());
    assert_eq!(before.journal().len(), 2);

    let product = Product::freeze_terms(terms().with_collect_shipping_address(), at(0)).unwrap();
    let mut old = Order::freeze_token(&TokenName::new("ann").unwrap(), Version::V2007_01_08, product);
    let mut side = BuyerSide::new("https://shop.example/".parse().unwrap(), None);
    side.address = Some(fps_core::checkout::ShippingAddress {
        city: Some("Springfield".to_owned()),
        ..Default::default()
    });
    old.begin(begun(1), side.clone(), at(1)).unwrap();
    assert_eq!(read(&old).buyer(), Some(&side), "of the attempt under way");
    old.happen(approved(1), at(2), &["h"]).unwrap();
    let token = read(&old);
    assert_eq!((token.api(), token.buyer()), (Version::V2007_01_08, Some(&side)));
    assert_eq!(token.address().and_then(|address| address.city.as_deref()), Some("Springfield"));
    assert_eq!((token.outbox(), token.outbox().len(), token.needs_a_person()), (old.outbox(), 1, false));

    old.outbox_mut()[0].waiting[0].give_up("no such address".to_owned());
    assert!(read(&old).needs_a_person(), "a handler could not hear that it was approved");
}

#[test]
fn a_token_is_stored_read_and_exported_under_its_own_name() {
    let mut token = held(
        terms()
            .with_each(Amount::usd("2"), AmountType::Minimum)
            .with_usage_limit(UsageLimit::amount(Amount::usd("5")).per(Period::months(3)))
            .with_start(at(1))
            .with_expiry(at(DAY))
            .with_collect_shipping_address(),
    );
    spend(&mut token, "1", "2", 3).unwrap();
    let record = token.write_record("w".to_owned()).unwrap();
    assert_eq!((record.key().as_str(), record.state()), ("token/ann", "TokenHeld"));
    token.committed_as(1);
    assert_eq!(Order::from_record(&record.into_record(1)).unwrap(), token);
    let export: Export = serde_json::from_str(&serde_json::to_string(&token.export()).unwrap()).unwrap();
    assert_eq!(export.subject(), Subject::Token(TokenName::new("ann").unwrap()));
    assert_eq!(export.replay(), Ok(()));
    assert_eq!(order(false).export().subject(), Subject::Order(id("1")));
    assert!(Token::read(order(false)).is_none());
    let token = read(&token);
    assert_eq!((token.name().as_str(), token.method()), ("ann", Some(PaymentMethod::Abt)));
    assert!(token.product().parameters().collect_shipping_address());
    // An order that has nothing to do with tokens is stored as before.
    let json = serde_json::to_string(&order(false)).unwrap();
    assert!(!json.contains("token") && !json.contains("spending"), "{json}");
}
