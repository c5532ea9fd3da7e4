//! A faithful local Amazon Flexible Payments Service.
//!
//! Amazon closed FPS in 2015. This is the service itself, on one port or in one process: the API of 2010-08-28, 2008-09-17
//! and 2007-01-08, the buyer pages that go with them, accounts with balances, and a ledger in which every cent is
//! somewhere. No money moves.
//!
//! ```
//! use fps_sandbox::{Buyer, Sandbox, people};
//!
//! let sandbox = Sandbox::new();
//! // The transport to give to a client, the address, and the keys:
//! let (http, endpoint) = (sandbox.http(), sandbox.endpoint());
//! let credentials = people::shop_credentials();
//! // Somebody who walks the pages as a browser would:
//! let john = Buyer::new(people::JOHN, "john");
//! # let _ = (http, endpoint, credentials, john);
//! ```
//!
//! As a program: `fps-sandbox serve`.
//!
#![doc = include_str!("docs/control.md")]
//!
#![doc = include_str!("docs/v2007.md")]
#![forbid(unsafe_code)]

mod answer;
mod api;
pub mod buyer;
mod clock;
mod faults;
mod gatekeeper;
mod ids;
mod journal;
mod key;
pub mod ledger;
mod log;
mod mistake;
pub mod notices;
mod pages;
pub mod people;
mod sandbox;
mod serve;
mod subscribe;

pub use buyer::{Buyer, Page};
pub use clock::SandboxClock;
pub use faults::{EVERY, Fault, FaultError, Faults, NOTICE, PIPELINE, Rule};
pub use journal::JournalError;
pub use key::{ServiceKey, ServiceKeyError};
pub use ledger::{FeeTable, Ledger};
pub use sandbox::{DataLost, Sandbox, SandboxBuilder};
pub use subscribe::{NewSubscription, SubscribeError};
