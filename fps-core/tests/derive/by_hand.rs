//! The same product derived and written by hand.

use fps_core::checkout::{AsText, Charge, Charges, CheckoutError, PaymentMethod, PaymentMethods};
use fps_core::{Amount, Checkout, PipelineParameters};

#[derive(Checkout)]
#[checkout(payment_reason = "<i>{title}</i>", payment_methods(ABT, CC), reserve)]
struct Derived {
    title: &'static str,
    #[checkout(item_total)]
    price: Amount,
    #[checkout(shipping)]
    postage: Option<Amount>,
}

struct Written {
    title: &'static str,
    price: Amount,
    postage: Option<Amount>,
}

impl Checkout for Written {
    fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
        let mut charges = Charges::new();
        charges.add(Charge::ItemTotal, self.price)?;
        if let Some(postage) = self.postage {
            charges.add(Charge::Shipping, postage)?;
        }
        Ok(PipelineParameters::new(charges)?
            .with_payment_reason(format!("<i>{}</i>", AsText(&self.title)))
            .with_payment_methods(PaymentMethods::of(&[PaymentMethod::Abt, PaymentMethod::Cc]))
            .with_reserve(true))
    }
}

#[test]
fn a_product_written_by_hand_says_the_same() {
    for (title, price, postage) in
        [("Hazard", "1", None), ("<b>", "0.10", Some("4.99")), ("", "-1", None), ("", "1", Some("0.001"))]
    {
        let (price, postage) = (Amount::usd(price), postage.map(Amount::usd));
        assert_eq!(
            Derived { title, price, postage }.parameters(),
            Written { title, price, postage }.parameters(),
            "{title} {price}"
        );
    }
}
