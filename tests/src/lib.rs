//! What tests across the rooms share: programs of ours as processes of their own, and a real browser.

mod browser;
#[cfg(unix)]
mod postgres;
mod program;

pub use browser::Browser;
#[cfg(unix)]
pub use postgres::PostgresServer;
pub use program::{Program, Said};

/// The README's code blocks are compiled as tests of this crate.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
