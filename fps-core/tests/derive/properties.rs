//! Whatever the charges are, the parameters add up.

use fps_core::checkout::{Charge, TaxRate};
use fps_core::{Amount, Checkout, PipelineParameters};
use proptest::prelude::*;

#[derive(Clone, Debug, Checkout)]
#[checkout(payment_reason = "{name}")]
struct Product {
    name: String,
    #[checkout(item_total)]
    price: Amount,
    #[checkout(quantity)]
    count: u8,
    #[checkout(shipping)]
    postage: Option<Amount>,
    #[checkout(handling)]
    packing: Option<Amount>,
    #[checkout(gift_wrapping)]
    ribbon: Option<Amount>,
    #[checkout(discount)]
    voucher: Option<Amount>,
    #[checkout(tax)]
    vat: Option<Amount>,
}

#[derive(Debug, Checkout)]
#[checkout(tax_rate = "8.25%", tax_on(item_total, shipping, handling, gift_wrapping))]
struct Cart {
    #[checkout(items)]
    lines: Vec<Product>,
}

fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        8 => (0i64..100_000).prop_map(Amount::from_cents),
        1 => any::<i64>().prop_map(Amount::from_micros),
        1 => Just(Amount::ZERO),
    ]
}

fn product() -> impl Strategy<Value = Product> {
    let some = || proptest::option::of(amount());
    (".{0,8}", amount(), any::<u8>(), some(), some(), some(), some(), some()).prop_map(
        |(name, price, count, postage, packing, ribbon, voucher, vat)| Product {
            name,
            price,
            count,
            postage,
            packing,
            ribbon,
            voucher,
            vat,
        },
    )
}

/// Adds up in another way: signed, in 128 bits.
fn sum(parameters: &PipelineParameters) -> i128 {
    Charge::ALL
        .into_iter()
        .map(|charge| {
            let micros = i128::from(parameters.charges().get(charge).unwrap_or(Amount::ZERO).micros());
            if charge == Charge::Discount { -micros } else { micros }
        })
        .sum()
}

proptest! {
    #[test]
    fn charges_add_up_to_the_transaction_amount(product in product()) {
        if let Ok(parameters) = product.parameters() {
            let total = parameters.transaction_amount();
            prop_assert_eq!(sum(&parameters), i128::from(total.micros()));
            prop_assert!(total > Amount::ZERO && total.to_wire().is_ok());
            for (charge, amount) in parameters.charges().iter() {
                prop_assert!(amount.to_wire().is_ok(), "{} {}", charge, amount);
            }
            let items = i128::from(product.price.micros()) * i128::from(product.count);
            let said = parameters.charges().get(Charge::ItemTotal).map(|amount| i128::from(amount.micros()));
            prop_assert_eq!(said, Some(items));
            let json = serde_json::to_string(&parameters).unwrap();
            prop_assert_eq!(serde_json::from_str::<PipelineParameters>(&json).unwrap(), parameters);
        }
    }

    #[test]
    fn a_cart_is_the_sum_of_its_lines(lines in proptest::collection::vec(product(), 0..5)) {
        let lines: Vec<_> = lines.into_iter().map(|line| Product { vat: None, ..line }).collect();
        let cart = Cart { lines: lines.clone() };
        if let Ok(parameters) = cart.parameters() {
            prop_assert_eq!(sum(&parameters), i128::from(parameters.transaction_amount().micros()));
            let lines: Option<Vec<_>> = lines.iter().map(|line| line.parameters().ok()).collect();
            // A line may be free, and then is no payment by itself.
            if let Some(lines) = lines {
                let untaxed: i128 = lines.iter().map(sum).sum();
                let tax = parameters.charges().get(Charge::Tax).unwrap();
                prop_assert_eq!(untaxed + i128::from(tax.micros()), sum(&parameters));
            }
        }
    }

    #[test]
    fn a_reason_never_holds_a_tag_of_a_value(product in product()) {
        if let Ok(parameters) = product.parameters() {
            let reason = parameters.payment_reason().unwrap();
            prop_assert!(!reason.contains('<'));
            prop_assert_eq!(reason.replace("&lt;", "<").replace("&amp;", "&"), product.name);
        }
    }

    #[test]
    fn a_tax_is_within_half_a_cent_of_the_exact_one(cents in 0i64..1_000_000_000, millionths in 0u32..=1_000_000) {
        let tax = TaxRate::from_millionths(millionths).tax_on(Amount::from_cents(cents)).unwrap();
        // In millionths of a millionth of a dollar.
        let exact = i128::from(cents) * 10_000 * i128::from(millionths);
        let error = i128::from(tax.micros()) * 1_000_000 - exact;
        prop_assert!((-5_000_000_000..=5_000_000_000).contains(&error) && error != -5_000_000_000);
        prop_assert!(tax.to_wire().is_ok());
    }
}
