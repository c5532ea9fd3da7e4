//! How many pieces.

use std::num::{NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize};

use crate::checkout::CheckoutError;

/// An integer that multiplies the item total: every integer of the language up to 64 bits, and the `NonZero` of the
/// unsigned ones.
///
/// At run time a quantity is 1 to 9,223,372,036,854,775,807; zero and less are refused.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a quantity",
    label = "expected an integer",
    note = "a quantity counts whole pieces: use `u32` or another integer type"
)]
pub trait Quantity {
    /// The number of pieces.
    ///
    /// # Errors
    ///
    /// [`CheckoutError::NoPieces`] for zero and less, [`CheckoutError::TooManyPieces`] for more than an `i64` holds.
    fn to_pieces(&self) -> Result<i64, CheckoutError>;
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl Quantity for $integer {
            #[inline]
            fn to_pieces(&self) -> Result<i64, CheckoutError> {
                match i64::try_from(*self) {
                    Ok(pieces) if pieces > 0 => Ok(pieces),
                    Ok(pieces) => Err(CheckoutError::NoPieces { pieces }),
                    Err(_) => Err(CheckoutError::TooManyPieces),
                }
            }
        }
    )*};
}

integers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

macro_rules! non_zero_integers {
    ($($integer:ty),*) => {$(
        impl Quantity for $integer {
            #[inline]
            fn to_pieces(&self) -> Result<i64, CheckoutError> {
                self.get().to_pieces()
            }
        }
    )*};
}

non_zero_integers!(NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize);

impl<T: Quantity + ?Sized> Quantity for &T {
    #[inline]
    fn to_pieces(&self) -> Result<i64, CheckoutError> {
        (**self).to_pieces()
    }
}

/// What a float would have to be in order to count pieces. Nothing implements it.
#[diagnostic::on_unimplemented(
    message = "a float is not a quantity: it does not count whole pieces",
    label = "use an integer such as `u32` here",
    note = "for goods by weight or length, compute the price in your own type and mark that `item_total`"
)]
pub trait CountsWholePieces {}

// Only so that a float gets a message of its own. The bound is over every lifetime, because one that names nothing
// generic is refused where it stands; and it is on a reference, because the message is then the bound's.
#[expect(clippy::disallowed_types, reason = "named here in order to be refused")]
impl Quantity for f32
where
    for<'a> &'a Self: CountsWholePieces,
{
    fn to_pieces(&self) -> Result<i64, CheckoutError> {
        Err(CheckoutError::TooManyPieces)
    }
}

#[expect(clippy::disallowed_types, reason = "named here in order to be refused")]
impl Quantity for f64
where
    for<'a> &'a Self: CountsWholePieces,
{
    fn to_pieces(&self) -> Result<i64, CheckoutError> {
        Err(CheckoutError::TooManyPieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_is_at_least_one() {
        assert_eq!(3u8.to_pieces(), Ok(3));
        assert_eq!(Quantity::to_pieces(&&NonZeroU32::MIN), Ok(1));
        assert_eq!(0usize.to_pieces(), Err(CheckoutError::NoPieces { pieces: 0 }));
        assert_eq!((-1i8).to_pieces(), Err(CheckoutError::NoPieces { pieces: -1 }));
        assert_eq!(u64::MAX.to_pieces(), Err(CheckoutError::TooManyPieces));
    }
}
