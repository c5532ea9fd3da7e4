//! What may stand in a charge's field.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use crate::{Amount, AmountError};

#[cfg(feature = "rust_decimal")]
mod decimal;

/// A type that a charge can be read from.
///
/// [`Amount`], references, `Option` (`None`: there is no such charge), `Box`, `Rc`, `Arc` and `Cow` of those, and
/// `rust_decimal::Decimal` under the feature of that name. A type of your own joins them by one small impl, or by
/// `#[derive(IntoAmount)]` on a newtype:
///
/// ```
/// use fps_core::{Amount, AmountError, IntoAmount};
///
/// struct Cents(u32);
///
/// impl IntoAmount for Cents {
///     fn to_amount(&self) -> Result<Option<Amount>, AmountError> {
///         Ok(Some(Amount::from_cents(self.0.into())))
///     }
/// }
/// ```
///
/// `f32` and `f64` are no money: they cannot hold ten cents exactly, and do not compile here.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not money",
    label = "expected a type that implements `IntoAmount`",
    note = "use `Amount`, or an `Option`, reference, `Box` or `Arc` of it; an integer says no unit: `Amount::from_cents(999)` does",
    note = "for a type of your own, add `#[derive(IntoAmount)]` to it where it wraps an amount, or write the impl"
)]
pub trait IntoAmount {
    /// The amount; `None` where there is no such charge, which is then not sent.
    ///
    /// # Errors
    ///
    /// [`AmountError`] where the value is no [`Amount`]: too large, or with more than six decimals.
    fn to_amount(&self) -> Result<Option<Amount>, AmountError>;
}

impl IntoAmount for Amount {
    #[inline]
    fn to_amount(&self) -> Result<Option<Amount>, AmountError> {
        Ok(Some(*self))
    }
}

impl<T: IntoAmount> IntoAmount for Option<T> {
    #[inline]
    fn to_amount(&self) -> Result<Option<Amount>, AmountError> {
        match self {
            Some(value) => value.to_amount(),
            None => Ok(None),
        }
    }
}

impl<T: IntoAmount + ToOwned + ?Sized> IntoAmount for Cow<'_, T> {
    #[inline]
    fn to_amount(&self) -> Result<Option<Amount>, AmountError> {
        (**self).to_amount()
    }
}

/// Pointers to money are money.
macro_rules! through_pointers {
    ($($pointer:ty),*) => {$(
        impl<T: IntoAmount + ?Sized> IntoAmount for $pointer {
            #[inline]
            fn to_amount(&self) -> Result<Option<Amount>, AmountError> {
                (**self).to_amount()
            }
        }
    )*};
}

through_pointers!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

/// What a float would have to be in order to be money. Nothing implements it.
#[diagnostic::on_unimplemented(
    message = "a float is not money: it cannot hold ten cents exactly",
    label = "use `Amount` here",
    note = "use `Amount`, whose literals are written `Amount::usd(\"9.99\")`, or `rust_decimal::Decimal` under the feature `rust_decimal`"
)]
pub trait HoldsCentsExactly {}

// Only so that a float gets a message of its own. The bound is over every lifetime, because one that names nothing
// generic is refused where it stands; and it is on a reference, because the message is then the bound's.
#[expect(clippy::disallowed_types, reason = "named here in order to be refused")]
impl IntoAmount for f32
where
    for<'a> &'a Self: HoldsCentsExactly,
{
    fn to_amount(&self) -> Result<Option<Amount>, AmountError> {
        Err(AmountError::TooManyDecimals)
    }
}

#[expect(clippy::disallowed_types, reason = "named here in order to be refused")]
impl IntoAmount for f64
where
    for<'a> &'a Self: HoldsCentsExactly,
{
    fn to_amount(&self) -> Result<Option<Amount>, AmountError> {
        Err(AmountError::TooManyDecimals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_through_every_pointer() {
        let price = Amount::usd("9.99");
        let all: [&dyn IntoAmount; 8] = [
            &price,
            &Some(price),
            &&price,
            &Box::new(price),
            &Rc::new(price),
            &Arc::new(Some(price)),
            &Cow::Borrowed(&price),
            &Some(&Box::new(price)),
        ];
        for (at, value) in all.into_iter().enumerate() {
            assert_eq!(value.to_amount(), Ok(Some(price)), "number {at}");
        }
        assert_eq!(None::<Amount>.to_amount(), Ok(None));
    }
}
