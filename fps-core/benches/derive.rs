//! Instructions of derived `parameters()` against the same written by hand, counted by callgrind.
//!
//! `cargo bench -p fps-core --no-default-features --features derive --bench derive` prints both and their ratio for each
//! product, and fails where it is over 1.02. Needs valgrind. A count is the difference between two runs of different
//! lengths, so that what the program does besides falls out.

use std::env;
use std::hint::black_box;
use std::process::{Command, ExitCode};

use fps_core::checkout::{AsText, Charge, Charges, CheckoutError, PaymentMethod, PaymentMethods};
use fps_core::{Amount, Checkout, PipelineParameters};

/// The song of the README.
mod song {
    use super::*;

    #[derive(Checkout)]
    #[checkout(payment_reason = "{title} - {artist}", payment_methods(ABT, CC))]
    pub(crate) struct Derived {
        pub(crate) title: String,
        pub(crate) artist: String,
        #[checkout(item_total)]
        pub(crate) price: Amount,
        #[checkout(tax)]
        pub(crate) sales_tax: Option<Amount>,
    }

    pub(crate) struct ByHand(pub(crate) Derived);

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

    pub(crate) fn new() -> Derived {
        Derived {
            title: "Now and Forever".to_owned(),
            artist: "Richard Marx".to_owned(),
            price: Amount::usd("0.10"),
            sales_tax: Some(Amount::usd("0.01")),
        }
    }
}

/// Every charge, and a reason that is known while compiling.
mod parcel {
    use super::*;

    #[derive(Checkout)]
    #[checkout(payment_reason = "A parcel", reserve)]
    pub(crate) struct Derived {
        #[checkout(item_total)]
        pub(crate) price: Amount,
        #[checkout(shipping)]
        pub(crate) postage: Amount,
        #[checkout(handling)]
        pub(crate) packing: Amount,
        #[checkout(gift_wrapping)]
        pub(crate) ribbon: Option<Amount>,
        #[checkout(discount)]
        pub(crate) voucher: Option<Amount>,
        #[checkout(tax)]
        pub(crate) vat: Amount,
    }

    pub(crate) struct ByHand(pub(crate) Derived);

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

    pub(crate) fn new() -> Derived {
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

const CASES: [&str; 2] = ["song", "parcel"];
const LIMIT_PERCENT: u64 = 102;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["run", case, way, times] => {
            run(case, way, times.parse().expect("a number of times"));
            ExitCode::SUCCESS
        }
        _ if arguments.iter().any(|argument| argument == "--bench") => compare(),
        _ => {
            println!(
                "run me by `cargo bench -p fps-core --no-default-features --features derive --bench derive`"
            );
            ExitCode::SUCCESS
        }
    }
}

fn compare() -> ExitCode {
    let mut slow = false;
    for case in CASES {
        let [derived, by_hand] = ["derived", "by-hand"].map(|way| instructions(case, way));
        slow |= derived * 100 > by_hand * LIMIT_PERCENT;
        println!(
            "{case}: derived {derived} instructions, by hand {by_hand}, ratio {}.{:03}",
            derived / by_hand,
            derived * 1000 / by_hand % 1000
        );
    }
    if slow {
        println!("over {LIMIT_PERCENT} %");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Instructions of one call, by the difference between long and short runs.
fn instructions(case: &str, way: &str) -> u64 {
    let [long, short] = [2_000, 1_000].map(|times| collected(case, way, times));
    (long - short) / 1_000
}

fn collected(case: &str, way: &str, times: u32) -> u64 {
    let this = env::current_exe().expect("the path of this program");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args(["run", case, way, &times.to_string()])
        .output()
        .expect("valgrind is installed");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    text.lines()
        .find_map(|line| line.split_once("Collected : "))
        .and_then(|(_, number)| number.trim().parse().ok())
        .unwrap_or_else(|| panic!("no count in {text}"))
}

fn run(case: &str, way: &str, times: u32) {
    match (case, way) {
        ("song", "derived") => repeat(&song::new(), times),
        ("song", _) => repeat(&song::ByHand(song::new()), times),
        ("parcel", "derived") => repeat(&parcel::new(), times),
        ("parcel", _) => repeat(&parcel::ByHand(parcel::new()), times),
        _ => panic!("no product `{case}`"),
    }
}

#[inline(never)]
fn repeat(product: &impl Checkout, times: u32) {
    for _ in 0..times {
        drop(black_box(black_box(product).parameters().expect("a payment")));
    }
}
