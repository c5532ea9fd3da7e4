//! What may stand in a field marked `items`.

use std::rc::Rc;
use std::sync::Arc;

use crate::checkout::{Checkout, CheckoutError, Line};

/// A product, or anything whose reference iterates over products: `Option`, `Vec`, an array, a slice, a set, or a
/// collection of your own; also a reference, `Rc` or `Arc` of one.
///
/// The `Kind` tells the cases apart and is inferred. For a map, name the method that iterates over its products:
/// `#[checkout(items(values))]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a product nor a collection of products",
    label = "expected a type that implements `Checkout`, or whose reference iterates over such types",
    note = "add `#[derive(Checkout)]` to the type of the items",
    note = "where a method iterates over the items, as a map's `values` does, name it: `#[checkout(items(values))]`"
)]
pub trait Items<Kind> {
    /// Adds each product as a line.
    ///
    /// # Errors
    ///
    /// As [`Line::items`].
    fn add_to(&self, line: &mut Line) -> Result<(), CheckoutError>;
}

/// One product.
#[derive(Debug)]
pub enum One {}

/// A collection of products.
#[derive(Debug)]
pub enum Many {}

/// A pointer to a collection of products.
#[derive(Debug)]
pub enum ManyBehind {}

impl<T: Checkout + ?Sized> Items<One> for T {
    fn add_to(&self, line: &mut Line) -> Result<(), CheckoutError> {
        line.items([self])
    }
}

impl<T: ?Sized> Items<Many> for T
where
    for<'a> &'a T: IntoIterator<Item: Checkout>,
{
    fn add_to(&self, line: &mut Line) -> Result<(), CheckoutError> {
        line.items(self)
    }
}

macro_rules! behind_pointers {
    ($($pointer:ty),*) => {$(
        impl<T: ?Sized> Items<ManyBehind> for $pointer
        where
            for<'a> &'a T: IntoIterator<Item: Checkout>,
        {
            fn add_to(&self, line: &mut Line) -> Result<(), CheckoutError> {
                line.items(&**self)
            }
        }
    )*};
}

behind_pointers!(&T, Rc<T>, Arc<T>);
