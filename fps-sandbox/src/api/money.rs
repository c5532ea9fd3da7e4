//! What every movement of money has to pass.

use std::time::Duration;

use fps_core::param::api as name;
use fps_core::{Amount, CallerReference, Timestamp, TokenId};

use super::arguments::Arguments;
use super::refusal::Refusal;
use super::{Desk, FIRST_VERSION};
use crate::ids;
use crate::ledger::token::{Use, Violation};
use crate::ledger::{
    Account, AccountId, AccountKind, Book, Due, History, Instrument, InstrumentId, Operation, PayMethod,
    Role, Status, StatusCode, Token, TokenRole, Transaction,
};

/// What a payment is to be.
pub(super) struct Terms<'a> {
    pub(super) operation: Operation,
    pub(super) token: &'a Token,
    pub(super) amount: Amount,
    pub(super) sender: &'a Account,
    pub(super) recipient: &'a Account,
    pub(super) recipient_token: Option<&'a Token>,
    pub(super) fee_to_caller: bool,
    pub(super) fixed_fee: Option<Amount>,
    pub(super) variable_fee: Option<Amount>,
    pub(super) timeout_minutes: Option<i64>,
}

/// Who is paid, and by which token.
pub(super) struct Recipient<'a> {
    pub(super) account: &'a Account,
    pub(super) token: Option<&'a Token>,
}

/// The sender's token, if this caller may use it now.
pub(super) fn sender_token<'a>(
    desk: &Desk<'a>,
    caller: &Account,
    id: &TokenId,
) -> Result<&'a Token, Refusal> {
    simulated(id, SENDER_SIMULATIONS)?;
    let Some(token) = desk.ledger.token(id) else {
        return Err(Refusal::new("InvalidTokenId_Sender", "Sender token is not valid."));
    };
    if token.caller != caller.id {
        let message = "The sender token was installed by another application.";
        return Err(Refusal::new("IncompatibleTokens", message));
    }
    if token.is_spent() {
        let message = "The sender token has been used in an earlier transaction.";
        return Err(Refusal::new("SameTokenIdUsedMultipleTimes", message));
    }
    if token.cancelled {
        return Err(Refusal::new("TokenNotActive_Sender", "Sender token not active."));
    }
    if token.has_expired(desk.now) {
        return Err(Refusal::new("IncompatibleTokens", "The sender token has expired."));
    }
    if token.first_moment() > desk.now {
        return Err(Refusal::new("IncompatibleTokens", "The sender token is not valid yet."));
    }
    Ok(token)
}

/// Whose token it is, if he may pay.
pub(super) fn sender<'a>(desk: &Desk<'a>, token: &Token) -> Result<&'a Account, Refusal> {
    let account = desk.ledger.account(&token.holder).filter(|account| account.is_active());
    let Some(account) = account else {
        let message = "Sender account cannot participate in the transaction.";
        return Err(Refusal::new("InvalidAccountState_Sender", message));
    };
    if !account.email_verified {
        let message = "Sender's e-mail address is not verified.";
        return Err(Refusal::new("UnverifiedEmailAddress_Sender", message));
    }
    Ok(account)
}

/// Who is to be paid: the caller, or whoever gave the recipient token, if the sender's token allows it.
pub(super) fn recipient<'a>(
    desk: &'a Desk<'_>,
    caller: &'a Account,
    sender_token: &Token,
    id: Option<&TokenId>,
) -> Result<Recipient<'a>, Refusal> {
    let (account, token) = match id {
        None => (caller, None),
        Some(id) => {
            let token = recipient_token(desk, caller, id)?;
            let account = desk.ledger.account(&token.holder).filter(|account| account.is_active());
            let Some(account) = account else {
                let message = "Recipient account cannot participate in the transaction.";
                return Err(Refusal::new("InvalidAccountState_Recipient", message));
            };
            (account, Some(token))
        }
    };
    may_receive(caller, sender_token, account)?;
    Ok(Recipient { account, token })
}

/// Whether that account may be paid by that sender's token, through this caller.
pub(super) fn may_receive(caller: &Account, sender_token: &Token, account: &Account) -> Result<(), Refusal> {
    if !account.email_verified {
        let message = "Recipient's e-mail address is not verified.";
        return Err(Refusal::new("UnverifiedEmailAddress_Recipient", message));
    }
    // Who pays from his own account needs nobody's leave.
    let pays_himself = sender_token.role == TokenRole::Own;
    let allowed = match sender_token.recipients.as_slice() {
        [] => pays_himself || account.id == caller.id,
        listed => listed.contains(&account.id),
    };
    if !allowed {
        let message = "The sender token does not allow payments to this recipient.";
        return Err(Refusal::new("IncompatibleTokens", message));
    }
    if account.id != caller.id && !pays_himself && !caller.third_party {
        return Err(Refusal::new(
            "NotMarketplaceApp",
            "The caller is not registered as a marketplace application.",
        ));
    }
    if account.id == sender_token.holder {
        return Err(Refusal::new("SameSenderAndRecipient", "Sender and recipient are the same account."));
    }
    Ok(())
}

fn recipient_token<'a>(desk: &Desk<'a>, caller: &Account, id: &TokenId) -> Result<&'a Token, Refusal> {
    simulated(id, RECIPIENT_SIMULATIONS)?;
    let token = desk.ledger.token(id).filter(|token| token.role == TokenRole::Recipient);
    let Some(token) = token else {
        return Err(Refusal::new("InvalidTokenId_Recipient", "Recipient token is not valid."));
    };
    if token.caller != caller.id {
        let message = "The recipient token was installed by another application.";
        return Err(Refusal::new("IncompatibleTokens", message));
    }
    if token.cancelled {
        return Err(Refusal::new("TokenNotActive_Recipient", "Recipient token not active."));
    }
    if token.has_expired(desk.now) {
        return Err(Refusal::new("IncompatibleTokens", "The recipient token has expired."));
    }
    Ok(token)
}

/// The transaction of a payment that passes everything.
pub(super) fn charge(desk: &Desk<'_>, caller: &Account, terms: &Terms<'_>) -> Result<Transaction, Refusal> {
    let Some((method, instrument)) = paying_with(desk, terms)? else {
        let message = "The sender token has no payment method.";
        return Err(Refusal::new("PaymentMethodNotDefined", message));
    };
    check_amount(desk, terms.amount, method)?;
    check_receiving(desk, terms, method)?;
    check_limits(desk, terms)?;
    let declined = check_method(desk, terms, method)?;
    let mut transaction = blank(desk, terms.operation, method, terms.amount);
    transaction.caller = caller.id.clone();
    transaction.sender = terms.sender.id.clone();
    transaction.recipient = terms.recipient.id.clone();
    transaction.sender_token = Some(terms.token.id.clone());
    transaction.recipient_token = terms.recipient_token.map(|token| token.id.clone());
    transaction.reason = terms.token.reason.clone();
    transaction.instrument = instrument;
    transaction.reserved = (terms.operation == Operation::Reserve).then_some(terms.amount);
    transaction.fee = desk.settings.fees.fee(method, terms.amount);
    transaction.marketplace_fee = marketplace_fee(caller, terms, transaction.fee)?;
    if terms.fee_to_caller && terms.recipient.id != caller.id {
        transaction.fee_paid_by = Role::Caller;
        let earned = desk.ledger.available(&caller.id).checked_add(transaction.marketplace_fee);
        if earned.is_none_or(|earned| earned < transaction.fee) {
            let message = "The caller has insufficient balance for the fee.";
            return Err(Refusal::new("InsufficientBalance", message));
        }
    }
    check_funds(desk, &transaction)?;
    schedule(desk, &mut transaction, declined, terms.timeout_minutes);
    Ok(transaction)
}

/// A transaction received now, from nobody to nobody.
pub(super) fn blank(desk: &Desk<'_>, operation: Operation, method: PayMethod, amount: Amount) -> Transaction {
    let nobody = AccountId::new("");
    Transaction {
        id: ids::transaction(),
        operation,
        caller: nobody.clone(),
        sender: nobody.clone(),
        recipient: nobody,
        method,
        amount,
        reserved: None,
        fee: Amount::ZERO,
        fee_paid_by: Role::Recipient,
        marketplace_fee: Amount::ZERO,
        // Every operation that opens a transaction has a reference; `describe` writes it.
        caller_reference: CallerReference::new("-").expect("a dash is a reference"),
        caller_description: None,
        sender_description: None,
        reason: None,
        sender_token: None,
        recipient_token: None,
        instrument: None,
        original: None,
        refund_policy: None,
        notice_url: None,
        caller_date: desk.sent,
        received: desk.now,
        completed: None,
        expires: None,
        status: Status::Pending,
        code: StatusCode::PendingNetworkResponse,
        due: None,
        history: Vec::new(),
        first: None,
    }
}

/// What the caller says about it.
pub(super) fn describe(transaction: &mut Transaction, arguments: &Arguments<'_>) {
    if let Some(reference) = arguments.reference() {
        transaction.caller_reference = reference;
    }
    transaction.caller_description = arguments.owned(name::CALLER_DESCRIPTION);
    transaction.sender_description = arguments.owned(name::SENDER_DESCRIPTION);
    transaction.notice_url = arguments.owned(name::OVERRIDE_IPN_URL);
}

/// When and how it will end. Balances answer at once, cards after a moment, banks after days.
pub(super) fn schedule(
    desk: &Desk<'_>,
    transaction: &mut Transaction,
    declined: bool,
    timeout_minutes: Option<i64>,
) {
    let success =
        if transaction.operation == Operation::Reserve { Status::Reserved } else { Status::Success };
    match delay(desk, transaction.method) {
        None => {
            transaction.status = success;
            transaction.code = StatusCode::Success;
            transaction.completed = Some(desk.now);
        }
        Some(delay) => {
            let (status, code) = match declined {
                true => (Status::Failure, StatusCode::TransactionDenied),
                false => (success, StatusCode::Success),
            };
            let mut due = Due { at: desk.now.after(delay), status, code };
            if let Some(expires) = timeout_minutes.and_then(|minutes| expiry(desk.now, minutes)) {
                transaction.expires = Some(expires);
                if expires < due.at {
                    due = Due { at: expires, status: Status::Failure, code: StatusCode::Expired };
                }
            }
            transaction.due = Some(due);
        }
    }
    transaction.history = vec![History {
        at: desk.now,
        status: transaction.status,
        code: transaction.code,
        amount: transaction.amount,
    }];
}

/// How long a method takes to answer, if it does not at once.
pub(super) fn delay(desk: &Desk<'_>, method: PayMethod) -> Option<Duration> {
    match method {
        PayMethod::Cc => Some(desk.settings.card_delay),
        PayMethod::Ach => Some(desk.settings.bank_delay),
        _ => None,
    }
}

/// Whether the card or the bank of a charge's sender says no to everything.
pub(super) fn will_be_declined(desk: &Desk<'_>, transaction: &Transaction) -> bool {
    let sender = desk.ledger.account(&transaction.sender).filter(|_| transaction.operation.is_charge());
    sender.is_some_and(|sender| match transaction.method {
        PayMethod::Cc => sender.card.as_ref().is_some_and(|card| card.declined),
        PayMethod::Ach => sender.bank.as_ref().is_some_and(|bank| bank.declined),
        _ => false,
    })
}

/// The payments that count against a token's limits, made since then, newest first.
pub(super) fn uses(desk: &Desk<'_>, token: &Token, since: Timestamp) -> Vec<Use> {
    let made = token.uses.iter().rev().filter_map(|id| desk.ledger.transaction(id));
    made.take_while(|one| one.received >= since)
        .filter(|one| !matches!(one.status, Status::Failure | Status::Cancelled))
        .map(|one| Use { at: one.received, amount: one.amount })
        .collect()
}

/// The prepaid or postpaid instrument behind a token, if it is good.
pub(super) fn instrument<'a>(desk: &Desk<'a>, id: &InstrumentId) -> Result<&'a Instrument, Refusal> {
    let Some(instrument) = desk.ledger.instrument(id) else {
        return Err(Refusal::new("InvalidPaymentInstrument", "The payment instrument is not valid."));
    };
    if instrument.expires.is_some_and(|expires| expires <= desk.now) {
        return Err(Refusal::new("InstrumentExpired", "The prepaid or postpaid instrument has expired."));
    }
    Ok(instrument)
}

fn paying_with(
    desk: &Desk<'_>,
    terms: &Terms<'_>,
) -> Result<Option<(PayMethod, Option<InstrumentId>)>, Refusal> {
    let (method, id) = match &terms.token.role {
        TokenRole::PrepaidSender(id) => (PayMethod::Prepaid, id),
        TokenRole::CreditSender(id) => (PayMethod::Debt, id),
        TokenRole::Funding(id) | TokenRole::Settlement(id) => {
            let method = terms.token.method.map(PayMethod::from);
            return Ok(method.map(|method| (method, Some(id.clone()))));
        }
        _ => return Ok(terms.token.method.map(|method| (method.into(), None))),
    };
    let instrument = instrument(desk, id)?;
    if instrument.recipient != terms.recipient.id {
        let message = "The instrument was set up for another recipient.";
        return Err(Refusal::new("InstrumentAccessDenied", message));
    }
    Ok(Some((method, Some(id.clone()))))
}

fn check_amount(desk: &Desk<'_>, amount: Amount, method: PayMethod) -> Result<(), Refusal> {
    let by_card = matches!(method, PayMethod::Cc | PayMethod::Ach);
    let least = match (by_card, desk.version) {
        (true, FIRST_VERSION) => LEAST,
        (true, _) => LEAST_BY_CARD,
        (false, FIRST_VERSION) => LEAST_AT_FIRST,
        (false, _) => LEAST,
    };
    if amount < least || amount > MOST {
        let message = format!("The amount is out of range: {method} takes {least} to {MOST} dollars.");
        return Err(Refusal::new("AmountOutOfRange", message));
    }
    Ok(())
}

/// Who is verified, and no more, receives only so much in a month.
fn check_receiving(desk: &Desk<'_>, terms: &Terms<'_>, method: PayMethod) -> Result<(), Refusal> {
    if terms.recipient.unlimited || matches!(method, PayMethod::Prepaid | PayMethod::Debt) {
        return Ok(());
    }
    let since = desk.now.before(MONTH);
    let lately = desk.ledger.transactions_of(&terms.recipient.id, since..=desk.now);
    let counts = |one: &&Transaction| {
        one.recipient == terms.recipient.id
            && one.operation.is_charge()
            && !matches!(one.method, PayMethod::Prepaid | PayMethod::Debt)
            && !matches!(one.status, Status::Failure | Status::Cancelled)
    };
    let sum = lately.filter(counts).try_fold(terms.amount, |sum, one| sum.checked_add(one.amount));
    if sum.is_none_or(|sum| sum > MOST_IN_A_MONTH) {
        let message = "The recipient's account has reached its limit for receiving payments.";
        return Err(Refusal::new("AccountLimitsExceeded", message));
    }
    Ok(())
}

fn check_limits(desk: &Desk<'_>, terms: &Terms<'_>) -> Result<(), Refusal> {
    let since = terms.token.earliest_window(desk.now);
    let uses = since.map(|since| uses(desk, terms.token, since)).unwrap_or_default();
    match terms.token.violation(desk.now, terms.amount, &uses) {
        None => Ok(()),
        Some(Violation::Amount) => {
            let message = "The amount is not one that the sender token allows.";
            Err(Refusal::new("IncompatibleTokens", message))
        }
        Some(Violation::Usage) => Err(used_up(terms.token)),
    }
}

/// The refusal of a token whose limits are reached.
pub(super) fn used_up(token: &Token) -> Refusal {
    let message = format!("The token \"{}\" has violated its usage policy.", token.id.as_str());
    Refusal::new("TokenUsageError", message)
}

/// Whether the method can be used at all, and whether it will be declined.
fn check_method(desk: &Desk<'_>, terms: &Terms<'_>, method: PayMethod) -> Result<bool, Refusal> {
    if terms.operation == Operation::Reserve && method != PayMethod::Cc {
        return Err(Refusal::new(
            "PaymentInstrumentNotCC",
            "Only a credit card can be used for a reservation.",
        ));
    }
    let gone = || Refusal::new("InactiveInstrument", "The payment instrument is not active.");
    let mut declined = match method {
        PayMethod::Cc => {
            if terms.recipient.kind == AccountKind::Personal {
                let message = "The recipient's account cannot receive credit card payments.";
                return Err(Refusal::new("InvalidRecipientForCCTransaction", message));
            }
            let card = terms.sender.card.as_ref().ok_or_else(gone)?;
            if card.has_expired(desk.now) {
                return Err(gone());
            }
            card.declined
        }
        PayMethod::Ach => terms.sender.bank.as_ref().ok_or_else(gone)?.declined,
        _ => false,
    };
    if desk.settings.simulate_amounts && desk.version != FIRST_VERSION {
        // The first decimal: 6 for a process that is not there, 7 for a payment that fails.
        match terms.amount.micros() / 100_000 % 10 {
            6 | 7 if method == PayMethod::Abt => {
                let message = "The transaction was denied (simulated by its amount).";
                return Err(Refusal::new("TransactionDenied", message));
            }
            6 | 7 => declined = true,
            _ => {}
        }
    }
    Ok(declined)
}

fn marketplace_fee(caller: &Account, terms: &Terms<'_>, fee: Amount) -> Result<Amount, Refusal> {
    if terms.fixed_fee.is_none() && terms.variable_fee.is_none() {
        return Ok(Amount::ZERO);
    }
    let (fixed, variable) =
        (terms.fixed_fee.unwrap_or(Amount::ZERO), terms.variable_fee.unwrap_or(Amount::ZERO));
    if terms.recipient.id == caller.id {
        let message = "Marketplace fees can be charged to another recipient only.";
        return Err(Refusal::params(message));
    }
    let maxima = terms.recipient_token.map(|token| (token.max_fixed_fee, token.max_variable_fee));
    let defined = |given: Option<Amount>, most: Option<Amount>| given.is_none() || most.is_some();
    let Some((most_fixed, most_variable)) = maxima.filter(|(most_fixed, most_variable)| {
        defined(terms.fixed_fee, *most_fixed) && defined(terms.variable_fee, *most_variable)
    }) else {
        let message = "Maximum values of marketplace fees not defined in Recipient token or are unreadable.";
        return Err(Refusal::new("IncompatibleTokens", message));
    };
    if most_fixed.is_some_and(|most| fixed > most) || most_variable.is_some_and(|most| variable > most) {
        let message = "The marketplace fees exceed the maximum values defined in Recipient token.";
        return Err(Refusal::new("IncompatibleTokens", message));
    }
    let share = i128::from(terms.amount.micros()) * i128::from(variable.micros()) / 100_000_000;
    let cents = (share + 5_000).div_euclid(10_000);
    let total = i64::try_from(cents).ok().map(Amount::from_cents).and_then(|share| share.checked_add(fixed));
    let liability = total.and_then(|total| total.checked_add(fee));
    match (total, liability) {
        (Some(total), Some(liability)) if liability < terms.amount => Ok(total),
        _ => Err(Refusal::params("Transaction amount must be greater than Recipient Fee liability.")),
    }
}

/// Whether the sender of a charge has what it takes from a balance.
pub(super) fn check_funds(desk: &Desk<'_>, transaction: &Transaction) -> Result<(), Refusal> {
    let amount = transaction.amount;
    match (transaction.method, &transaction.instrument) {
        (PayMethod::Abt, _) if desk.ledger.available(&transaction.sender) < amount => {
            Err(Refusal::new("InsufficientBalance", "The sender has insufficient balance."))
        }
        (PayMethod::Prepaid, Some(id)) if desk.ledger.book(&Book::Prepaid(id.clone())) < amount => {
            Err(Refusal::new("InsufficientBalance", "The prepaid balance is insufficient."))
        }
        (PayMethod::Debt, Some(id)) => {
            let debt = desk.ledger.book(&Book::Debt(id.clone()));
            let limit = instrument(desk, id)?.limit;
            if debt.checked_add(amount).is_none_or(|debt| debt > limit) {
                let message = "The payment exceeds the credit limit of the instrument.";
                return Err(Refusal::new("InsufficientBalance", message));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn simulated(id: &TokenId, simulations: &[(&str, &'static str, &str)]) -> Result<(), Refusal> {
    match simulations.iter().find(|(token, ..)| *token == id.as_str()) {
        Some((_, code, message)) => Err(Refusal::new(code, *message)),
        None => Ok(()),
    }
}

fn expiry(now: Timestamp, minutes: i64) -> Option<Timestamp> {
    Some(now.after(Duration::from_secs(u64::try_from(minutes).ok()?.checked_mul(60)?)))
}

const LEAST: Amount = Amount::usd("0.01");
const LEAST_AT_FIRST: Amount = Amount::usd("0.001");
const LEAST_BY_CARD: Amount = Amount::usd("0.02");
const MOST: Amount = Amount::usd("10000");
/// What an account receives in a month that is verified, but not without limit.
const MOST_IN_A_MONTH: Amount = Amount::usd("10000");
const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Tokens of Amazon's own sandbox whose holders are in trouble, from its developer guide.
const SENDER_SIMULATIONS: &[(&str, &str, &str)] = &[
    (
        "E3FR7BARJV3PB631PMKV74PGKCJLBHI1Q1KMQN7BJ2JJICPDKN3N1CJIKFZ8D7NN",
        "UnverifiedEmailAddress_Sender",
        "Sender's e-mail address is not verified.",
    ),
    (
        "H216UECZ8ZM1G8G4QA3V7RKF8JDFZ9SI3SJAFSGUKBBNDHX1NVM8GUQRZNRNAHER",
        "InvalidAccountState_Sender",
        "Sender account is suspended.",
    ),
    (
        "Z1LGRXR4HMDZBSFKXELA32KZASGWD8IHMHZCK4DETR784LDLD1GMFW4P3WT8VTGX",
        "InvalidAccountState_Sender",
        "Sender account is closed.",
    ),
];

/// The same for recipients.
const RECIPIENT_SIMULATIONS: &[(&str, &str, &str)] = &[
    (
        "C4LGSEMXN11FTUXZ2X2C7QVFHN5DVBGQJNF17AIQXXXQSX4DRG4KJFCN2KRFUUZI",
        "UnverifiedEmailAddress_Recipient",
        "Recipient's e-mail address is not verified.",
    ),
    (
        "R3VK49XVGCAZTJSXKN7ZSBHPMFGKM5VEEQTXGMVE8CFUZ2G5RLLMAB4J6TQRL6BU",
        "InvalidAccountState_Recipient",
        "Recipient account is suspended.",
    ),
    (
        "P1LL7A1LHK935DBGI5NAYCXOCLVEBHBNIU7PBXBAMRKKNLDEPI8M3MUSLZT2VANZ",
        "InvalidAccountState_Recipient",
        "Recipient account is closed.",
    ),
];
