//! The command line of a shop that keeps its orders in SQLite or redb and writes receipts: `cargo run -p desk -- --help`.
//!
//! A shop without handlers of its own needs no more than `fps_checkout::cli::main()`.

use std::process::ExitCode;

use receipts_jsonl::ReceiptsFile;
use storage_redb as _;

fn main() -> ExitCode {
    fps_checkout::cli::with(|shop| Ok(shop.provide(ReceiptsFile::new("receipts.jsonl"))))
}
