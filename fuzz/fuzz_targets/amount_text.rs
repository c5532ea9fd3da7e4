//! Any text as an amount: what is read prints to text that reads back to the same, and no digit is lost.
#![no_main]

use fps_core::Amount;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(amount) = text.parse::<Amount>() {
        assert_eq!(amount.to_string().parse::<Amount>(), Ok(amount));
        let digits = |text: &str| {
            let text = text.trim_start_matches('-').trim_start_matches('0');
            let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
            text.to_owned()
        };
        assert_eq!(digits(&amount.to_string()), digits(text));
    }
});
