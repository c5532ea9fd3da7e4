//! The user's own names do no harm.

/// A crate without a prelude, where every name that the expansion needs means something else.
#[no_implicit_prelude]
mod nothing_in_scope {
    #![allow(dead_code, non_camel_case_types, unused_macros)]

    pub(super) mod core {}
    pub(super) mod std {}
    pub(super) mod fps_core {}
    pub(super) mod fps_checkout {}
    pub(super) mod __private {}
    pub(super) struct Result;
    pub(super) struct Option;
    pub(super) struct Some;
    pub(super) struct Ok;
    pub(super) struct Err;
    pub(super) struct String;
    pub(super) struct Line;
    pub(super) struct Charge;
    pub(super) struct CheckoutError;
    pub(super) struct PipelineParameters;
    pub(super) trait IntoAmount {}
    pub(super) trait Checkout {}
    pub(super) trait Items {}
    pub(super) trait Meddles {
        fn charge(self, _: u8)
        where
            Self: ::core::marker::Sized,
        {
        }
        fn to_amount(&self) {}
        fn payment_reason(&self) {}
    }
    impl<T: ?::core::marker::Sized> Meddles for T {}
    macro_rules! format_args {
        ($($any:tt)*) => {
            ::core::compile_error!("not this one")
        };
    }

    /// Named as ours is, and not ours: only its trait counts.
    #[derive(::fps_core::IntoAmount)]
    pub(super) struct Amount(pub(super) ::fps_core::Amount);

    #[derive(::fps_core::Checkout)]
    #[checkout(
        payment_reason = "{title} {title:>4}",
        payment_methods(ABT, CC),
        tax_rate = "10%",
        shipping = "1.00",
        reserve
    )]
    pub(super) struct Product {
        pub(super) title: &'static str,
        #[checkout(item_total)]
        pub(super) price: Amount,
        #[checkout(quantity)]
        pub(super) count: u8,
        #[checkout(items)]
        pub(super) more: ::std::vec::Vec<More>,
        #[checkout(address)]
        pub(super) to: ::core::option::Option<::fps_core::checkout::ShippingAddress>,
    }

    #[derive(::fps_core::Checkout)]
    pub(super) enum More {
        #[checkout(payment_reason = "{0}", reserve)]
        Some(u8, #[checkout(item_total)] Amount),
        #[checkout(item_total = "1.00", reserve)]
        None,
    }
}

#[test]
fn names_like_ours_and_no_prelude_do_no_harm() {
    use fps_core::{Amount, Checkout};
    use nothing_in_scope::{More, Product};

    let product = Product {
        title: "a",
        price: nothing_in_scope::Amount(Amount::usd("2")),
        count: 2,
        more: vec![More::Some(1, nothing_in_scope::Amount(Amount::usd("1"))), More::None],
        to: None,
    };
    let parameters = product.parameters().unwrap();
    assert_eq!(parameters.transaction_amount(), Amount::usd("7.60"));
    assert_eq!(parameters.payment_reason(), Some("a    a"));
}

/// Inside a function, after names that a careless expansion would pick up.
#[test]
fn a_product_inside_a_function_works() {
    use fps_core::{Amount, Checkout};

    #[derive(Checkout)]
    #[checkout(payment_reason = "{line}")]
    struct Local {
        line: u8,
        #[checkout(item_total)]
        __fps_line: Amount,
    }
    #[derive(Checkout)]
    enum LocalEnum {
        #[checkout(payment_reason = "{line} {fps}")]
        A {
            line: u8,
            fps: u8,
            #[checkout(item_total)]
            amount: Amount,
        },
    }
    let local = Local { line: 1, __fps_line: Amount::usd("1") };
    assert_eq!(local.parameters().unwrap().payment_reason(), Some("1"));
    let local = LocalEnum::A { line: 1, fps: 2, amount: Amount::usd("1") };
    assert_eq!(local.parameters().unwrap().payment_reason(), Some("1 2"));
}

#[test]
fn a_deprecated_field_warns_at_its_uses_and_not_in_the_expansion() {
    #![deny(deprecated)]

    use fps_core::{Amount, Checkout};

    #[derive(Checkout)]
    struct Old {
        #[checkout(item_total)]
        #[deprecated]
        price: Amount,
    }
    #[expect(deprecated, reason = "made here on purpose")]
    let old = Old { price: Amount::usd("1") };
    assert!(old.parameters().is_ok());
}

mod reexports {
    pub(crate) mod fps {
        pub(crate) use fps_core::*;
    }
}

#[test]
fn another_root_is_named_by_the_type() {
    use reexports::fps::{Amount, Checkout, IntoAmount};

    #[derive(IntoAmount)]
    #[checkout(crate = "crate::hygiene::reexports::fps")]
    struct Price(Amount);

    #[derive(Checkout)]
    #[checkout(crate = crate::hygiene::reexports::fps)]
    struct Product(#[checkout(item_total)] Price);

    assert!(Product(Price(Amount::usd("1"))).parameters().is_ok());
}
