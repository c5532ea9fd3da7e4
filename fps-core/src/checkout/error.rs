//! Why a product is no payment.

use std::fmt;

use crate::checkout::{Charge, PaymentMethods};
use crate::{Amount, AmountError};

/// Why a product's values do not make a payment.
///
/// Lines of a cart are counted from 1, in the order of its fields and of the items in them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckoutError {
    /// A charge's value is no amount at all: too large, or with too many decimals. Look at the conversion of its type.
    #[error("{charge} is not an amount")]
    NotAnAmount {
        /// Which charge.
        charge: Charge,
        /// What is wrong with it.
        source: AmountError,
    },
    /// A charge is less than nothing. A discount is written as a positive amount.
    #[error("{charge} is {amount}; a charge is zero or more")]
    Negative {
        /// Which charge.
        charge: Charge,
        /// What it is.
        amount: Amount,
    },
    /// A charge has parts of a cent. Round by a rule of your own before.
    #[error("{charge} is {amount}; a charge has at most two decimals")]
    MoreThanCents {
        /// Which charge.
        charge: Charge,
        /// What it is.
        amount: Amount,
    },
    /// The sum does not fit an [`Amount`].
    #[error("adding {charge} takes the sum over what an amount can hold")]
    Overflow {
        /// The charge whose addition was too much.
        charge: Charge,
    },
    /// The discount is more than all that is charged.
    #[error("the discount of {discount} is more than the charges of {charges}")]
    DiscountTooLarge {
        /// The discount.
        discount: Amount,
        /// The sum of the charges.
        charges: Amount,
    },
    /// There is nothing to pay. Hand over free goods without a payment.
    #[error("the total is zero; there is nothing to pay")]
    NothingToPay,
    /// Every field that is marked as the item total is `None`.
    #[error("there is no itemTotal; every value that is marked so is absent")]
    NoItemTotal,
    /// The cart has no lines, and no item total of its own. Check before you begin a payment.
    #[error("the cart is empty; there is nothing to pay for")]
    EmptyCart,
    /// A quantity below one. Leave the line out instead.
    #[error("the quantity is {pieces}; it is at least 1")]
    NoPieces {
        /// What it is.
        pieces: i64,
    },
    /// A quantity over 9,223,372,036,854,775,807.
    #[error("the quantity is over 9223372036854775807")]
    TooManyPieces,
    /// The cart computes a tax, and a line brings one too. Leave one of them out.
    #[error("line {line} has a tax of its own, and the cart's tax rate would tax it again")]
    TaxedTwice {
        /// The first line with a tax.
        line: usize,
    },
    /// One line wants its money reserved, another wants it paid at once. Say `reserve` on the cart, or pay for them
    /// apart.
    #[error("line {reserved} is to be reserved and line {paid} is not; a payment is one or the other")]
    ReserveConflict {
        /// A line that wants to be reserved.
        reserved: usize,
        /// A line that does not.
        paid: usize,
    },
    /// No method is accepted by all. Pay for them apart.
    #[error("line {line} can be paid by {accepts} only, and the rest of the cart by {others} only")]
    MethodConflict {
        /// The line.
        line: usize,
        /// What it accepts.
        accepts: PaymentMethods,
        /// What the cart and the lines before it accept.
        others: PaymentMethods,
    },
    /// Two parts of a cart go to different addresses, or one has an address and another wants it collected.
    #[error("{} and {} do not agree on the shipping address", Part(*first), Part(*second))]
    AddressConflict {
        /// The line that said it first; 0 is the cart itself.
        first: usize,
        /// The line that says otherwise.
        second: usize,
    },
    /// A line of a cart is wrong by itself.
    #[error("line {line} of the cart is no payment")]
    Line {
        /// Which line.
        line: usize,
        /// What is wrong with it.
        source: Box<Self>,
    },
    /// A stored list of payment methods has none in it.
    #[error("there is no payment method; at least one of ABT, ACH, CC is needed")]
    NoPaymentMethod,
    /// A stored payment whose total is not the sum of its charges: it was changed by another hand.
    #[error("the stored transactionAmount is {stored}, but the sum of the charges is {sum}")]
    TotalMismatch {
        /// What was stored.
        stored: Amount,
        /// What the charges add up to.
        sum: Amount,
    },
    /// A stored payment has an address and also asks for one.
    #[error("there is an address and collectShippingAddress; the service ignores the address then")]
    AddressIgnored,
}

/// A part of a cart in words.
struct Part(usize);

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("the cart"),
            line => write!(f, "line {line}"),
        }
    }
}
