//! The people who are there from the start.
//!
//! | e-mail | password | what is special |
//! |---|---|---|
//! | [`JOHN`] | `john` | balance 100.00, bank account, card; **no default method**, so he is asked |
//! | [`BETTY`] | `betty` | balance 100.00, bank account, card; pays from the balance by default |
//! | [`CARL`] | `carl` | card only; pays with it by default |
//! | [`NORA`] | `nora` | nothing to pay with: PE |
//! | [`ULLA`] | `ulla` | e-mail address not verified: NP |
//! | [`NINA`] | `nina` | balance 0.00, which she pays from by default: Pay is refused with InsufficientBalance |
//! | [`DORA`] | `dora` | a card that is declined: Pay is pending, then Failure |
//! | [`EARL`] | `earl` | a card that has expired: InactiveInstrument |
//! | [`SUSI`] | `susi` | her account is suspended: NP |
//! | [`SHOP`] | `shop` | DigitalDownload, the caller of the guide's story; keys [`SHOP_ACCESS_KEY`], [`SHOP_SECRET_KEY`] |
//! | [`SMALL_SHOP`] | `small` | a caller that is not registered for third parties: NM; keys [`SMALL_SHOP_ACCESS_KEY`], … |
//! | [`MALLORY`] | `mallory` | a second caller, for attacks; keys [`MALLORY_ACCESS_KEY`], … |
//! | [`ARTIST`] | `artist` | a seller with a business account, [`ARTIST_TOKEN`] |
//! | [`BUSKER`] | `busker` | a seller with a personal account, which cannot take cards: NP; [`BUSKER_TOKEN`] |
//! | [`CLOSED`] | `closed` | a seller whose account is closed: NP; [`CLOSED_TOKEN`] |
//!
//! The keys are public: they open nothing but a sandbox.

use fps_core::checkout::PaymentMethod;
use fps_core::{Amount, CallerReference, Credentials, Timestamp, TokenId};

use crate::ledger::account::Address;
use crate::ledger::words::AmountType;
use crate::ledger::{
    Account, AccountId, AccountState, BankAccount, Card, Event, Token, TokenRole, TokenType,
};

/// John, who buys a song: password `john`.
pub const JOHN: &str = "john@example.com";
/// Betty, who has a default method: password `betty`.
pub const BETTY: &str = "betty@example.com";
/// Carl, who has a card and nothing else: password `carl`.
pub const CARL: &str = "carl@example.com";
/// Nora, who has nothing to pay with: password `nora`.
pub const NORA: &str = "nora@example.com";
/// Ulla, whose e-mail address is not verified: password `ulla`.
pub const ULLA: &str = "ulla@example.com";
/// Nina, who has no money: password `nina`.
pub const NINA: &str = "nina@example.com";
/// Dora, whose card is declined: password `dora`.
pub const DORA: &str = "dora@example.com";
/// Earl, whose card has expired: password `earl`.
pub const EARL: &str = "earl@example.com";
/// Susi, whose account is suspended: password `susi`.
pub const SUSI: &str = "susi@example.com";
/// DigitalDownload, the shop: password `shop`.
pub const SHOP: &str = "shop@digitaldownload.example";
/// A shop that is not registered for third parties: password `small`.
pub const SMALL_SHOP: &str = "small@smallshop.example";
/// A caller who means harm: password `mallory`.
pub const MALLORY: &str = "mallory@mallory.example";
/// A seller with a business account: password `artist`.
pub const ARTIST: &str = "artist@example.com";
/// A seller with a personal account: password `busker`.
pub const BUSKER: &str = "busker@example.com";
/// A seller whose account is closed: password `closed`.
pub const CLOSED: &str = "closed@example.com";

/// DigitalDownload's access key id.
pub const SHOP_ACCESS_KEY: &str = "FPSSANDBOXSHOP000001";
/// DigitalDownload's secret key.
pub const SHOP_SECRET_KEY: &str = "sandbox-only/not-a-secret+DigitalDownload";
/// SmallShop's access key id.
pub const SMALL_SHOP_ACCESS_KEY: &str = "FPSSANDBOXSMALL00001";
/// SmallShop's secret key.
pub const SMALL_SHOP_SECRET_KEY: &str = "sandbox-only/not-a-secret+SmallShop00000";
/// Mallory's access key id.
pub const MALLORY_ACCESS_KEY: &str = "FPSSANDBOXMALLORY001";
/// Mallory's secret key.
pub const MALLORY_SECRET_KEY: &str = "sandbox-only/not-a-secret+Mallory0000000";

/// A recipient token of [`ARTIST`] for DigitalDownload: fees up to 1.00 and 20 %.
pub const ARTIST_TOKEN: &str = "ARTISTR3C1P13NTT0KEN4D1G1TALD0WNL0AD0000000000000000000000000001";
/// A recipient token of [`BUSKER`] for DigitalDownload.
pub const BUSKER_TOKEN: &str = "BUSKERR3C1P13NTT0KEN4D1G1TALD0WNL0AD0000000000000000000000000002";
/// A recipient token of [`CLOSED`] for DigitalDownload.
pub const CLOSED_TOKEN: &str = "CL0SEDR3C1P13NTT0KEN4D1G1TALD0WNL0AD0000000000000000000000000003";
/// A recipient token of [`ARTIST`] for SmallShop.
pub const SMALL_SHOP_TOKEN: &str = "ARTISTR3C1P13NTT0KEN4SMALLSH0P0000000000000000000000000000000004";

/// DigitalDownload's key pair.
#[must_use]
pub fn shop_credentials() -> Credentials {
    Credentials::new(SHOP_ACCESS_KEY, SHOP_SECRET_KEY)
}

/// SmallShop's key pair.
#[must_use]
pub fn small_shop_credentials() -> Credentials {
    Credentials::new(SMALL_SHOP_ACCESS_KEY, SMALL_SHOP_SECRET_KEY)
}

/// Mallory's key pair.
#[must_use]
pub fn mallory_credentials() -> Credentials {
    Credentials::new(MALLORY_ACCESS_KEY, MALLORY_SECRET_KEY)
}

/// The events that put everybody in place.
pub(crate) fn everybody(now: Timestamp) -> Vec<Event> {
    let mut events = Vec::new();
    let mut open = |account: Account, balance: &str| {
        let id = account.id.clone();
        events.push(Event::AccountSet { account: Box::new(account) });
        match Amount::parse(balance) {
            Ok(amount) if !amount.is_zero() => events.push(Event::Deposited { account: id, amount }),
            _ => {}
        }
    };
    for (account, balance) in buyers() {
        open(account, balance);
    }
    for (account, balance) in sellers() {
        open(account, balance);
    }
    for (token, caller, holder) in [
        (ARTIST_TOKEN, "SHOP", "ARTIST"),
        (BUSKER_TOKEN, "SHOP", "BUSKER"),
        (CLOSED_TOKEN, "SHOP", "CLOSED"),
        (SMALL_SHOP_TOKEN, "SMALLSHOP", "ARTIST"),
    ] {
        let token = recipient_token(token, caller, holder, now);
        events.extend(token.map(|token| Event::TokenInstalled { token: Box::new(token) }));
    }
    events
}

/// The events that open an account for another buyer.
pub(crate) fn buyer(email: &str) -> [Event; 2] {
    let name = email.split('@').next().unwrap_or_default();
    let account = Account::personal(&format!("BUYER-{email}"), name, email, name);
    let account = Account { card: Some(card(2035, false)), bank: Some(bank()), ..account };
    let deposited = Event::Deposited { account: account.id.clone(), amount: Amount::usd("100") };
    [Event::AccountSet { account: Box::new(account) }, deposited]
}

fn buyers() -> Vec<(Account, &'static str)> {
    let home = |name: &str| Address {
        name: name.to_owned(),
        line_1: "1 Main Street".to_owned(),
        line_2: String::new(),
        city: "Seattle".to_owned(),
        state: "WA".to_owned(),
        zip: "98101".to_owned(),
        phone: "206-555-0100".to_owned(),
    };
    let person = |id: &str, name: &str, email: &str, password: &str| Account {
        address: Some(home(name)),
        ..Account::personal(id, name, email, password)
    };
    let all = |account: Account| Account { card: Some(card(2035, false)), bank: Some(bank()), ..account };
    let paying = |account: Account, method| Account { default_method: Some(method), ..account };
    vec![
        (all(person("JOHN", "John Customer", JOHN, "john")), "100.00"),
        (paying(all(person("BETTY", "Betty Balance", BETTY, "betty")), PaymentMethod::Abt), "100.00"),
        (
            Account {
                has_balance: false,
                card: Some(card(2035, false)),
                ..paying(person("CARL", "Carl Card", CARL, "carl"), PaymentMethod::Cc)
            },
            "0",
        ),
        (Account { has_balance: false, ..person("NORA", "Nora Nothing", NORA, "nora") }, "0"),
        (Account { email_verified: false, ..all(person("ULLA", "Ulla Unverified", ULLA, "ulla")) }, "100.00"),
        (paying(person("NINA", "Nina Nomoney", NINA, "nina"), PaymentMethod::Abt), "0"),
        (
            Account {
                card: Some(card(2035, true)),
                ..paying(person("DORA", "Dora Declined", DORA, "dora"), PaymentMethod::Cc)
            },
            "100.00",
        ),
        (
            Account {
                card: Some(card(2009, false)),
                ..paying(person("EARL", "Earl Expired", EARL, "earl"), PaymentMethod::Cc)
            },
            "100.00",
        ),
        (
            Account { state: AccountState::Suspended, ..all(person("SUSI", "Susi Suspended", SUSI, "susi")) },
            "100.00",
        ),
    ]
}

fn sellers() -> Vec<(Account, &'static str)> {
    let shop = [(SHOP_ACCESS_KEY, SHOP_SECRET_KEY)];
    let small = [(SMALL_SHOP_ACCESS_KEY, SMALL_SHOP_SECRET_KEY)];
    let mallory = [(MALLORY_ACCESS_KEY, MALLORY_SECRET_KEY)];
    let small_shop = Account::business("SMALLSHOP", "SmallShop", SMALL_SHOP, "small", &small);
    vec![
        (Account::business("SHOP", "DigitalDownload", SHOP, "shop", &shop), "0"),
        (Account { third_party: false, ..small_shop }, "0"),
        (Account::business("MALLORY", "Mallory Music", MALLORY, "mallory", &mallory), "0"),
        (Account::business("ARTIST", "Richard's Records", ARTIST, "artist", &[]), "0"),
        (Account::personal("BUSKER", "Bernd Busker", BUSKER, "busker"), "0"),
        (
            Account {
                state: AccountState::Closed,
                ..Account::business("CLOSED", "Closed Records", CLOSED, "closed", &[])
            },
            "0",
        ),
    ]
}

fn recipient_token(id: &str, caller: &str, holder: &str, now: Timestamp) -> Option<Token> {
    let reference = CallerReference::new(format!("sandbox-recipient-{holder}")).ok()?;
    let (caller, holder) = (AccountId::new(caller), AccountId::new(holder));
    let token = Token::single_use(TokenId::new(id), caller, holder, reference, now);
    Some(Token {
        role: TokenRole::Recipient,
        kind: TokenType::MultiUse,
        expires: None,
        amount_type: AmountType::Minimum,
        max_fixed_fee: Some(Amount::usd("1.00")),
        max_variable_fee: Some(Amount::usd("20")),
        recipient_pays_fee: Some(true),
        ..token
    })
}

/// A card of this sandbox.
pub(crate) fn card(expiry_year: u16, declined: bool) -> Card {
    let last_four = if declined { "0002" } else { "1111" };
    Card {
        network: "Visa".to_owned(),
        last_four: last_four.to_owned(),
        expiry_month: 8,
        expiry_year,
        declined,
    }
}

/// A bank account of this sandbox.
pub(crate) fn bank() -> BankAccount {
    BankAccount { bank: "Sandbox Savings Bank".to_owned(), last_four: "6789".to_owned(), declined: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger;

    #[test]
    fn everybody_is_there_and_the_books_balance() {
        let mut ledger = Ledger::new();
        for event in everybody(Timestamp::default()) {
            ledger.apply(&event);
            assert_eq!(ledger.sum(), 0, "{event:?}");
        }
        assert_eq!(ledger.balance_of("John@Example.com"), Amount::usd("100"));
        assert_eq!(ledger.account_by_key(SHOP_ACCESS_KEY).unwrap().email, SHOP);
        for token in [ARTIST_TOKEN, BUSKER_TOKEN, CLOSED_TOKEN, SMALL_SHOP_TOKEN] {
            assert_eq!(token.len(), 64, "{token}");
            assert!(ledger.token(&TokenId::new(token)).is_some(), "{token}");
        }
    }
}
