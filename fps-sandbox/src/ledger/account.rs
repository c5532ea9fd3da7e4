//! Accounts and what they can pay with.

use std::fmt;
use std::sync::Arc;

use fps_core::checkout::PaymentMethod;
use fps_core::{SecretKey, Timestamp};
use serde::{Deserialize, Serialize};

/// The service's name for an account, such as `JOHN`. Every transaction has some, so clones share the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct AccountId(Arc<str>);

impl AccountId {
    /// An account of that name.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for AccountId {
    fn from(id: String) -> Self {
        Self::new(id)
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.as_str().to_owned()
    }
}

/// Somebody who pays, is paid, or calls.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    /// The service's name for it.
    pub id: AccountId,
    /// Personal or business.
    pub kind: AccountKind,
    /// The contact's name of a personal account, the business's name of another.
    pub name: String,
    /// Signs in.
    pub email: String,
    /// Signs in.
    pub password: Secret,
    /// Whether the address answered.
    pub email_verified: bool,
    /// Open, suspended or closed.
    pub state: AccountState,
    /// Whether it has an Amazon Payments balance to pay from.
    pub has_balance: bool,
    /// Its card.
    pub card: Option<Card>,
    /// Its bank account.
    pub bank: Option<BankAccount>,
    /// What it pays with unless asked.
    pub default_method: Option<PaymentMethod>,
    /// Its key pairs for the API.
    pub keys: Vec<Key>,
    /// Whether it may call for third parties: move money between two others.
    pub third_party: bool,
    /// Whether it may receive without a monthly limit.
    pub unlimited: bool,
    /// Where its notices go, unless a request says otherwise.
    pub notice_url: Option<String>,
    /// Where it lives, for `collectShippingAddress`.
    pub address: Option<Address>,
}

impl Account {
    /// A personal account in good order, with a balance and nothing else.
    pub fn personal(id: &str, name: &str, email: &str, password: &str) -> Self {
        Self {
            id: AccountId::new(id),
            kind: AccountKind::Personal,
            name: name.to_owned(),
            email: email.to_owned(),
            password: Secret::new(password),
            email_verified: true,
            state: AccountState::Active,
            has_balance: true,
            card: None,
            bank: None,
            default_method: None,
            keys: Vec::new(),
            third_party: false,
            unlimited: false,
            notice_url: None,
            address: None,
        }
    }

    /// A business account in good order, which may call for third parties with these keys.
    pub fn business(id: &str, name: &str, email: &str, password: &str, keys: &[(&str, &str)]) -> Self {
        let keys = keys.iter().map(|(access_key, secret)| Key {
            access_key: (*access_key).to_owned(),
            secret_key: Secret::new(*secret),
        });
        Self {
            kind: AccountKind::Business,
            keys: keys.collect(),
            third_party: true,
            unlimited: true,
            ..Self::personal(id, name, email, password)
        }
    }

    /// Whether it has this way to pay.
    #[must_use]
    pub fn has(&self, method: PaymentMethod) -> bool {
        match method {
            PaymentMethod::Abt => self.has_balance,
            PaymentMethod::Ach => self.bank.is_some(),
            PaymentMethod::Cc => self.card.is_some(),
        }
    }

    /// What it signs with under this access key id.
    pub(crate) fn signing_keys(&self, access_key: &str) -> impl Iterator<Item = &SecretKey> {
        self.keys
            .iter()
            .filter(move |one| one.access_key == access_key)
            .map(|one| one.secret_key.signing_key())
    }

    /// Whether it is neither suspended nor closed.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state == AccountState::Active
    }
}

/// Who holds an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountKind {
    /// A person. Cannot receive card payments.
    Personal,
    /// A business or a developer.
    Business,
}

/// How an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountState {
    /// In good order.
    Active,
    /// Stopped for now.
    Suspended,
    /// Gone for good.
    Closed,
}

/// A credit card. The sandbox knows its last digits only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Card {
    /// The network's name.
    pub network: String,
    /// Its last four digits.
    pub last_four: String,
    /// Its last month, 1 to 12.
    pub expiry_month: u8,
    /// The year of its last month.
    pub expiry_year: u16,
    /// Whether the issuer says no to everything.
    pub declined: bool,
}

impl Card {
    /// As returns carry it: `08/2035`.
    #[must_use]
    pub fn expiry(&self) -> String {
        format!("{:02}/{}", self.expiry_month, self.expiry_year)
    }

    /// Whether its last month is over.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        let today = now.to_string();
        let this_month = today.get(..7).unwrap_or_default();
        *this_month > *format!("{:04}-{:02}", self.expiry_year, self.expiry_month)
    }
}

/// A bank account. The sandbox knows its last digits only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BankAccount {
    /// The bank's name.
    pub bank: String,
    /// Its last four digits.
    pub last_four: String,
    /// Whether the bank says no to everything.
    pub declined: bool,
}

/// A postal address, by the names of the pipelines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Who lives there.
    pub name: String,
    /// Street and number.
    pub line_1: String,
    /// Anything more.
    pub line_2: String,
    /// The city.
    pub city: String,
    /// The state, in two letters.
    pub state: String,
    /// The postal code.
    pub zip: String,
    /// A telephone number.
    pub phone: String,
}

/// A key pair for the API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Key {
    /// Names the account.
    pub access_key: String,
    /// Signs for it.
    pub secret_key: Secret,
}

/// A password or a secret key. `Debug` prints `[redacted]`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Secret(SecretKey);

impl Secret {
    /// Takes the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretKey::new(text))
    }

    /// The text itself.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }

    /// The same as a key, which remembers how its signatures begin.
    pub(crate) fn signing_key(&self) -> &SecretKey {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<Secret> for String {
    fn from(secret: Secret) -> Self {
        secret.expose_secret().to_owned()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_good_through_its_last_month() {
        let card = Card {
            network: "Visa".to_owned(),
            last_four: "1111".to_owned(),
            expiry_month: 2,
            expiry_year: 2011,
            declined: false,
        };
        assert_eq!(card.expiry(), "02/2011");
        for (now, expired) in [("2011-02-28T23:59:59Z", false), ("2011-03-01T00:00:00Z", true)] {
            assert_eq!(card.has_expired(now.parse().unwrap()), expired, "{now}");
        }
    }

    #[test]
    fn secrets_never_show() {
        let account =
            Account::business("A", "A", "a@example.com", "SECRET_MARKER", &[("K", "SECRET_MARKER")]);
        assert!(!format!("{account:?}").contains("SECRET_MARKER"));
    }
}
