//! Terms: methods, reserve, addresses.

use fps_core::checkout::{PaymentMethod, PaymentMethods, ShippingAddress};
use fps_core::{Amount, Checkout};

#[derive(Checkout)]
#[checkout(payment_methods(CC, ABT), reserve, collect_shipping_address)]
struct Preorder(#[checkout(item_total)] Amount);

#[test]
fn terms_stand_on_the_struct() {
    let parameters = Preorder(Amount::usd("1")).parameters().unwrap();
    assert_eq!(parameters.payment_methods(), PaymentMethods::of(&[PaymentMethod::Abt, PaymentMethod::Cc]));
    assert!(parameters.reserve());
    assert!(parameters.collect_shipping_address());
    assert_eq!(parameters.address(), None);
}

#[derive(Checkout)]
struct Gift<A> {
    #[checkout(item_total)]
    price: Amount,
    #[checkout(address)]
    to: A,
}

#[test]
fn an_address_is_a_field() {
    let berlin = ShippingAddress { city: Some("Berlin".to_owned()), ..ShippingAddress::default() };
    let price = Amount::usd("1");
    for parameters in [
        Gift { price, to: berlin.clone() }.parameters(),
        Gift { price, to: &berlin }.parameters(),
        Gift { price, to: Some(Box::new(berlin.clone())) }.parameters(),
    ] {
        assert_eq!(parameters.unwrap().address(), Some(&berlin));
    }
    assert_eq!(Gift { price, to: None::<ShippingAddress> }.parameters().unwrap().address(), None);
}
