//! What `parameters()` of a derived product costs, beside the same written by hand.

use std::hint::black_box;

use fps_core::checkout::{AsText, Charge, Charges, CheckoutError, PaymentMethod, PaymentMethods};
use fps_core::{Amount, Checkout, PipelineParameters};
use fps_figures::{Meter, Pair, Side};

/// The song of the README.
pub(crate) fn song() -> Pair {
    pair("derive_song", song::new(), song::ByHand(song::new()))
}

/// Every charge, and a reason that is known while compiling.
pub(crate) fn parcel() -> Pair {
    pair("derive_parcel", parcel::new(), parcel::ByHand(parcel::new()))
}

fn pair(name: &'static str, derived: impl Checkout + 'static, by_hand: impl Checkout + 'static) -> Pair {
    Pair { name, batch: 1000, floor: Box::new(Product(by_hand)), ours: Box::new(Product(derived)) }
}

struct Product<T>(T);

impl<T: Checkout> Side for Product<T> {
    fn run(&mut self, times: u32, meter: &mut dyn Meter) {
        meter.measure(&mut || repeat(&self.0, times));
    }
}

#[inline(never)]
fn repeat(product: &impl Checkout, times: u32) {
    for _ in 0..times {
        drop(black_box(black_box(product).parameters().expect("a payment")));
    }
}

mod song {
    use super::*;

    #[derive(Checkout)]
    #[checkout(payment_reason = "{title} - {artist}", payment_methods(ABT, CC))]
    pub(super) struct Derived {
        pub(super) title: String,
        pub(super) artist: String,
        #[checkout(item_total)]
        pub(super) price: Amount,
        #[checkout(tax)]
        pub(super) sales_tax: Option<Amount>,
    }

    pub(super) struct ByHand(pub(super) Derived);

    impl Checkout for ByHand {
        fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
            let song = &self.0;
            let mut charges = Charges::new();
            charges.add(Charge::ItemTotal, song.price)?;
            if let Some(tax) = song.sales_tax {
                charges.add(Charge::Tax, tax)?;
            }
            Ok(PipelineParameters::new(charges)?
                .with_payment_reason(format!("{} - {}", AsText(&song.title), AsText(&song.artist)))
                .with_payment_methods(PaymentMethods::of(&[PaymentMethod::Abt, PaymentMethod::Cc])))
        }
    }

    pub(super) fn new() -> Derived {
        Derived {
            title: "Now and Forever".to_owned(),
            artist: "Richard Marx".to_owned(),
            price: Amount::usd("0.10"),
            sales_tax: Some(Amount::usd("0.01")),
        }
    }
}

mod parcel {
    use super::*;

    #[derive(Checkout)]
    #[checkout(payment_reason = "A parcel", reserve)]
    pub(super) struct Derived {
        #[checkout(item_total)]
        pub(super) price: Amount,
        #[checkout(shipping)]
        pub(super) postage: Amount,
        #[checkout(handling)]
        pub(super) packing: Amount,
        #[checkout(gift_wrapping)]
        pub(super) ribbon: Option<Amount>,
        #[checkout(discount)]
        pub(super) voucher: Option<Amount>,
        #[checkout(tax)]
        pub(super) vat: Amount,
    }

    pub(super) struct ByHand(pub(super) Derived);

    impl Checkout for ByHand {
        fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
            let parcel = &self.0;
            let mut charges = Charges::new();
            charges.add(Charge::ItemTotal, parcel.price)?;
            charges.add(Charge::Shipping, parcel.postage)?;
            charges.add(Charge::Handling, parcel.packing)?;
            if let Some(ribbon) = parcel.ribbon {
                charges.add(Charge::GiftWrapping, ribbon)?;
            }
            if let Some(voucher) = parcel.voucher {
                charges.add(Charge::Discount, voucher)?;
            }
            charges.add(Charge::Tax, parcel.vat)?;
            Ok(PipelineParameters::new(charges)?.with_payment_reason("A parcel").with_reserve(true))
        }
    }

    pub(super) fn new() -> Derived {
        Derived {
            price: Amount::usd("20.00"),
            postage: Amount::usd("4.99"),
            packing: Amount::usd("0.50"),
            ribbon: None,
            voucher: Some(Amount::usd("5.00")),
            vat: Amount::usd("1.47"),
        }
    }
}
