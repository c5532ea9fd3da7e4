//! What a caller asks a buyer or seller for, read from the link.

use std::borrow::Cow;
use std::time::Duration;

use fps_core::checkout::PaymentMethod;
use fps_core::param::pipeline as name;
use fps_core::{Amount, CallerReference, Pairs, Timestamp, TokenId};
use serde::{Deserialize, Serialize};
use url::Url;

use super::finish::Scheme;
use crate::ledger::account::Address;
use crate::ledger::token::Most;
use crate::ledger::words::AmountType;
use crate::ledger::{Account, AccountId, Ledger, Limit, Period, Token, TokenRole, TokenType};

/// What the caller asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ask {
    pub(crate) caller: AccountId,
    pub(crate) kind: Kind,
    /// `callerReference`, or the first of two.
    pub(crate) reference: CallerReference,
    pub(crate) return_url: Url,
    /// How the answer is signed.
    pub(crate) scheme: Scheme,
    /// The charges that were sent, in the order in which they are shown.
    pub(crate) charges: Vec<(Cow<'static, str>, Amount)>,
    pub(crate) reason: Option<String>,
    pub(crate) methods: Vec<PaymentMethod>,
    pub(crate) collects_address: bool,
    pub(crate) address: Option<Address>,
    pub(crate) recipients: Vec<AccountId>,
    pub(crate) starts: Option<Timestamp>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) site: Option<String>,
    pub(crate) logo: Option<String>,
    /// Whether the recipient's name stands on the pages instead of the caller's.
    pub(crate) recipient_brand: bool,
}

/// Which pipeline, and what only it has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Kind {
    SingleUse {
        amount: Amount,
        reserve: bool,
    },
    MultiUse {
        amount: Option<Amount>,
        amount_type: AmountType,
        global_limit: Amount,
        limits: Vec<Limit>,
    },
    Recurring {
        amount: Amount,
        period: Period,
    },
    Recipient {
        refund_reference: CallerReference,
        max_fixed_fee: Option<Amount>,
        max_variable_fee: Option<Amount>,
        pays_fee: bool,
    },
    Prepaid {
        sender_reference: CallerReference,
        limit: Amount,
    },
    Postpaid {
        settlement_reference: CallerReference,
        credit_limit: Amount,
        global_limit: Amount,
        limits: Vec<Limit>,
    },
    EditToken {
        token: TokenId,
    },
}

impl Ask {
    /// The reference that comes back; prepaid and postpaid returns carry none.
    pub(crate) fn returned_reference(&self) -> Option<CallerReference> {
        let two = matches!(self.kind, Kind::Prepaid { .. } | Kind::Postpaid { .. });
        (!two).then(|| self.reference.clone())
    }
}

impl Kind {
    /// Whether the one who signs in will pay, and not be paid.
    pub(crate) const fn is_sender(&self) -> bool {
        !matches!(self, Self::Recipient { .. })
    }

    /// What stands beside every page's form: a label and an amount.
    pub(crate) fn headline(&self) -> Option<(&'static str, Amount)> {
        match self {
            Self::SingleUse { amount, .. } => Some(("Total", *amount)),
            Self::MultiUse { global_limit, .. } => Some(("At most in all", *global_limit)),
            Self::Recurring { amount, .. } => Some(("Each payment", *amount)),
            Self::Prepaid { limit, .. } => Some(("Prepaid balance up to", *limit)),
            Self::Postpaid { credit_limit, .. } => Some(("Credit up to", *credit_limit)),
            Self::Recipient { .. } | Self::EditToken { .. } => None,
        }
    }
}

/// Reads the link of one pipeline. Whatever is wrong is named in `wrong`; nothing is returned if a part is missing that
/// nothing can be done without.
pub(super) fn read(
    ledger: &Ledger,
    caller: &Account,
    pairs: &Pairs,
    return_url: &Url,
    now: Timestamp,
    strict: bool,
    wrong: &mut Vec<&'static str>,
) -> Option<Ask> {
    let given = Given { pairs, exact: strict };
    let mut reader = Reader { ledger, caller, given: &given, now, wrong };
    let pipeline = given.text(name::PIPELINE_NAME).unwrap_or_default();
    let (kind, reference) = match pipeline {
        "SingleUse" => (reader.single_use(), reader.new_reference(name::CALLER_REFERENCE)),
        "MultiUse" => (reader.multi_use(), reader.new_reference(name::CALLER_REFERENCE)),
        "Recurring" => (reader.recurring(), reader.new_reference(name::CALLER_REFERENCE)),
        "Recipient" => (reader.recipient(), reader.new_reference(name::CALLER_REFERENCE)),
        "SetupPrepaid" => (reader.prepaid(), reader.new_reference(name::CALLER_REFERENCE_FUNDING)),
        "SetupPostpaid" => (reader.postpaid(), reader.new_reference(name::CALLER_REFERENCE_SENDER)),
        "EditToken" => (reader.edit_token(), reader.new_reference(name::CALLER_REFERENCE)),
        _ => {
            reader.wrong(name::PIPELINE_NAME);
            return None;
        }
    };
    let charges = if pipeline == "SingleUse" { reader.charges() } else { Vec::new() };
    if let (Some(Kind::SingleUse { amount, .. }), true) = (&kind, strict && !charges.is_empty()) {
        let sum = charges.iter().try_fold(Amount::ZERO, |sum, (_, charge)| sum.checked_add(*charge));
        if sum != Some(*amount) {
            reader.wrong(name::TRANSACTION_AMOUNT);
        }
    }
    if given.text(name::CURRENCY_CODE).is_some_and(|currency| currency != "USD") {
        reader.wrong(name::CURRENCY_CODE);
    }
    let methods =
        reader.methods(matches!(pipeline, "Recurring" | "Recipient" | "SetupPostpaid" | "EditToken"));
    let collects_address = reader.boolean(name::COLLECT_SHIPPING_ADDRESS).unwrap_or(false);
    let recipients = reader.recipients();
    let recipient_brand = reader.boolean(name::IS_RECIPIENT_COBRANDING).unwrap_or(false);
    if recipient_brand && recipients.is_empty() {
        reader.wrong(name::IS_RECIPIENT_COBRANDING);
    }
    let (starts, expires) = reader.validity(pipeline);
    Some(Ask {
        caller: caller.id.clone(),
        kind: kind?,
        reference: reference?,
        return_url: return_url.clone(),
        scheme: Scheme::Certificate,
        charges,
        reason: given.text(name::PAYMENT_REASON).map(str::to_owned),
        methods,
        collects_address: collects_address && pipeline != "Recipient" && pipeline != "EditToken",
        address: given.address(),
        recipients,
        starts,
        expires,
        site: given.text(name::WEBSITE_DESCRIPTION).map(str::to_owned),
        logo: given.text(name::COBRANDING_URL).filter(|url| url.starts_with("https://")).map(str::to_owned),
        recipient_brand,
    })
}

/// Reads parameters and remembers which are wrong.
struct Reader<'a> {
    ledger: &'a Ledger,
    caller: &'a Account,
    given: &'a Given<'a>,
    now: Timestamp,
    wrong: &'a mut Vec<&'static str>,
}

impl Reader<'_> {
    fn single_use(&mut self) -> Option<Kind> {
        let amount = self.some_amount(name::TRANSACTION_AMOUNT);
        let reserve = self.boolean(name::RESERVE).unwrap_or(false);
        Some(Kind::SingleUse { amount: amount?, reserve })
    }

    fn multi_use(&mut self) -> Option<Kind> {
        let amount = self.amount(name::TRANSACTION_AMOUNT);
        let amount_type = match self.given.text(name::AMOUNT_TYPE) {
            None => AmountType::Exact,
            Some(word) => AmountType::from_wire(word).unwrap_or_else(|| {
                self.wrong(name::AMOUNT_TYPE);
                AmountType::Exact
            }),
        };
        let limits = self.limits();
        let global_limit = self.some_amount(name::GLOBAL_AMOUNT_LIMIT);
        Some(Kind::MultiUse { amount, amount_type, global_limit: global_limit?, limits })
    }

    fn recurring(&mut self) -> Option<Kind> {
        let amount = self.some_amount(name::TRANSACTION_AMOUNT);
        let period = self.given.text(name::RECURRING_PERIOD).and_then(Period::parse);
        if period.is_none() {
            self.wrong(name::RECURRING_PERIOD);
        }
        Some(Kind::Recurring { amount: amount?, period: period? })
    }

    fn recipient(&mut self) -> Option<Kind> {
        let max_fixed_fee = self.amount(name::MAX_FIXED_FEE);
        let max_variable_fee = self.percent(name::MAX_VARIABLE_FEE);
        let pays_fee = self.boolean(name::RECIPIENT_PAYS_FEE);
        if pays_fee.is_none() {
            self.wrong(name::RECIPIENT_PAYS_FEE);
        }
        // Without a name of its own, the refund token is found by the recipient token's.
        let refund_reference = match self.given.text(name::CALLER_REFERENCE_REFUND) {
            Some(_) => self.new_reference(name::CALLER_REFERENCE_REFUND),
            None => self.given.text(name::CALLER_REFERENCE).and_then(|text| CallerReference::new(text).ok()),
        };
        Some(Kind::Recipient {
            refund_reference: refund_reference?,
            max_fixed_fee,
            max_variable_fee,
            pays_fee: pays_fee?,
        })
    }

    fn prepaid(&mut self) -> Option<Kind> {
        let sender_reference = self.new_reference(name::CALLER_REFERENCE_SENDER);
        let limit = self.some_amount(name::FUNDING_AMOUNT);
        Some(Kind::Prepaid { sender_reference: sender_reference?, limit: limit? })
    }

    fn postpaid(&mut self) -> Option<Kind> {
        let settlement_reference = self.new_reference(name::CALLER_REFERENCE_SETTLEMENT);
        let credit_limit = self.some_amount(name::CREDIT_LIMIT);
        let global_limit = self.some_amount(name::GLOBAL_AMOUNT_LIMIT);
        let limits = self.limits();
        Some(Kind::Postpaid {
            settlement_reference: settlement_reference?,
            credit_limit: credit_limit?,
            global_limit: global_limit?,
            limits,
        })
    }

    /// Whether the token can be edited is seen later; here only whether one is named.
    fn edit_token(&mut self) -> Option<Kind> {
        let token = self.given.text(name::EDIT_TOKEN_ID).filter(|token| !token.is_empty());
        if token.is_none() {
            self.wrong(name::EDIT_TOKEN_ID);
        }
        Some(Kind::EditToken { token: TokenId::new(token?) })
    }

    /// A reference that no token has. One of an attempt that came to nothing can be used again.
    fn new_reference(&mut self, name: &'static str) -> Option<CallerReference> {
        let reference = self.given.text(name).and_then(|text| CallerReference::new(text).ok());
        let taken = |reference: &CallerReference| {
            self.ledger.token_by_reference(&self.caller.id, reference).is_some()
        };
        let reference = reference.filter(|reference| !taken(reference));
        if reference.is_none() {
            self.wrong(name);
        }
        reference
    }

    fn charges(&mut self) -> Vec<(Cow<'static, str>, Amount)> {
        let mut charges = Vec::new();
        for (name, label) in CHARGES {
            charges.extend(self.amount(name).map(|amount| (Cow::Borrowed(*label), amount)));
        }
        // A minus in front of a discount means the same.
        match self.given.text(name::DISCOUNT).map(|text| Amount::parse(text.trim_start_matches('-'))) {
            Some(Ok(discount)) if discount.to_wire().is_ok() => {
                charges.push((Cow::Borrowed("Discount"), discount.checked_neg().unwrap_or(discount)));
            }
            Some(_) => self.wrong(name::DISCOUNT),
            None => {}
        }
        charges
    }

    fn limits(&mut self) -> Vec<Limit> {
        let mut limits = Vec::new();
        for [kind, value, period] in LIMITS {
            let Some(word) = self.given.text(kind) else { continue };
            let most = match (word, self.given.text(value)) {
                ("Amount", Some(text)) => Amount::parse(text)
                    .ok()
                    .filter(|most| most.to_wire().is_ok() && !most.is_zero())
                    .map(Most::Amount),
                ("Count", Some(text)) => text.parse().ok().filter(|most| *most > 0).map(Most::Count),
                (_, None) => None,
                _ => {
                    self.wrong(kind);
                    continue;
                }
            };
            let Some(most) = most else {
                self.wrong(value);
                continue;
            };
            match self.given.text(period).map(Period::parse) {
                None => limits.push(Limit { most, period: None }),
                Some(Some(period)) => limits.push(Limit { most, period: Some(period) }),
                Some(None) => self.wrong(period),
            }
        }
        limits
    }

    /// Seconds since 1970. A start a little in the past is a clock that is a little slow.
    fn validity(&mut self, pipeline: &str) -> (Option<Timestamp>, Option<Timestamp>) {
        if matches!(pipeline, "SingleUse" | "EditToken") {
            return (None, None);
        }
        let mut read = |name| {
            let text = self.given.text(name)?;
            let time = text.parse().ok().map(Timestamp::from_unix_seconds);
            let fits = |time: &Timestamp| time.after(SKEW) >= self.now;
            let time = time.filter(fits);
            if time.is_none() && !self.wrong.contains(&name) {
                self.wrong.push(name);
            }
            time
        };
        let (starts, expires) = (read(name::VALIDITY_START), read(name::VALIDITY_EXPIRY));
        if starts.is_some_and(|starts| starts > self.now.after(Token::MULTI_USE_LIFE)) {
            self.wrong(name::VALIDITY_START);
        }
        if expires.is_some_and(|expires| expires <= starts.unwrap_or(self.now)) {
            self.wrong(name::VALIDITY_EXPIRY);
        }
        (starts.filter(|starts| *starts > self.now), expires)
    }

    /// ABT unless given, or all; `BA` is what the first generation called ACH.
    fn methods(&mut self, all: bool) -> Vec<PaymentMethod> {
        let Some(text) = self.given.text(name::PAYMENT_METHOD) else {
            return if all { PaymentMethod::ALL.to_vec() } else { vec![PaymentMethod::Abt] };
        };
        let mut methods = Vec::new();
        for word in text.split(',').map(|word| word.trim().to_ascii_uppercase()) {
            let word = if word == "BA" { "ACH" } else { word.as_str() };
            match PaymentMethod::ALL.into_iter().find(|method| method.as_str() == word) {
                Some(method) if !methods.contains(&method) => methods.push(method),
                Some(_) => {}
                None => {
                    self.wrong(name::PAYMENT_METHOD);
                    break;
                }
            }
        }
        methods
    }

    /// Who may be paid: one recipient token, or a list.
    fn recipients(&mut self) -> Vec<AccountId> {
        let mut recipients = Vec::new();
        for name in [name::RECIPIENT_TOKEN, name::RECIPIENT_TOKEN_LIST] {
            let Some(text) = self.given.text(name) else { continue };
            for id in text.split(',').map(str::trim) {
                let token = self.ledger.token(&TokenId::new(id));
                let ours =
                    |token: &&Token| token.caller == self.caller.id && token.role == TokenRole::Recipient;
                match token.filter(ours) {
                    Some(token) if !token.cancelled => recipients.push(token.holder.clone()),
                    _ => self.wrong(name),
                }
            }
        }
        recipients
    }

    fn amount(&mut self, name: &'static str) -> Option<Amount> {
        let text = self.given.text(name)?;
        let amount = Amount::parse(text).ok().and_then(|amount| amount.to_wire().ok());
        if amount.is_none() {
            self.wrong(name);
        }
        amount.map(|amount| amount.amount())
    }

    /// An amount that has to be there and more than zero.
    fn some_amount(&mut self, name: &'static str) -> Option<Amount> {
        let amount = self.amount(name).filter(|amount| !amount.is_zero());
        if amount.is_none() {
            self.wrong(name);
        }
        amount
    }

    fn percent(&mut self, name: &'static str) -> Option<Amount> {
        let text = self.given.text(name)?;
        let percent =
            Amount::parse(text).ok().filter(|percent| !percent.is_negative() && *percent <= HUNDRED);
        if percent.is_none() {
            self.wrong(name);
        }
        percent
    }

    fn boolean(&mut self, name: &'static str) -> Option<bool> {
        let text = self.given.text(name)?;
        let value = match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        if value.is_none() {
            self.wrong(name);
        }
        value
    }

    fn wrong(&mut self, name: &'static str) {
        if !self.wrong.contains(&name) {
            self.wrong.push(name);
        }
    }
}

/// The parameters of a link, found without regard to case; an exact match wins.
pub(super) struct Given<'a> {
    pub(super) pairs: &'a Pairs,
    /// Whether only an exact match counts.
    pub(super) exact: bool,
}

impl<'a> Given<'a> {
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        let any_case =
            || self.pairs.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        self.pairs.get(name).or_else(|| if self.exact { None } else { any_case() })
    }

    /// A reference as it was sent, for the return of a failure.
    pub(super) fn reference(&self) -> Option<CallerReference> {
        self.text(name::CALLER_REFERENCE).and_then(|text| CallerReference::new(text).ok())
    }

    fn address(&self) -> Option<Address> {
        let part = |name| self.text(name).unwrap_or_default().to_owned();
        let address = Address {
            name: part(name::ADDRESS_NAME),
            line_1: part(name::ADDRESS_LINE_1),
            line_2: part(name::ADDRESS_LINE_2),
            city: part(name::CITY),
            state: part(name::STATE),
            zip: part(name::ZIP),
            phone: part(name::PHONE_NUMBER),
        };
        (address != Address::default()).then_some(address)
    }
}

/// Why a token cannot be edited by anybody: `IT`.
pub(super) fn is_editable(token: Option<&Token>, caller: &AccountId, now: Timestamp) -> bool {
    token.is_some_and(|token| {
        token.caller == *caller
            && token.role == TokenRole::Sender
            && matches!(token.kind, TokenType::MultiUse | TokenType::Recurring)
            && token.is_active(now)
    })
}

const SKEW: Duration = Duration::from_secs(5 * 60);
const HUNDRED: Amount = Amount::usd("100");

const CHARGES: &[(&str, &str)] = &[
    (name::ITEM_TOTAL, "Items"),
    (name::SHIPPING, "Shipping"),
    (name::HANDLING, "Handling"),
    (name::GIFT_WRAPPING, "Gift wrapping"),
    (name::TAX, "Tax"),
];

const LIMITS: [[&str; 3]; 2] = [
    [name::USAGE_LIMIT_TYPE_1, name::USAGE_LIMIT_VALUE_1, name::USAGE_LIMIT_PERIOD_1],
    [name::USAGE_LIMIT_TYPE_2, name::USAGE_LIMIT_VALUE_2, name::USAGE_LIMIT_PERIOD_2],
];
