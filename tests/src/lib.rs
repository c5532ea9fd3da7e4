//! What tests across the rooms share: a shop and its service in one process, programs of ours as processes of their own, and
//! a real browser.

mod browser;
mod buyers;
#[cfg(unix)]
mod postgres;
mod program;
pub mod proof;
mod reopened;
mod say;
mod service;
#[cfg(target_os = "linux")]
mod small_disk;
mod tampering;
mod world;

pub use browser::Browser;
pub use buyers::{cancel_on, john_pays, pays, take_back};
#[cfg(unix)]
pub use postgres::PostgresServer;
pub use program::{Program, Said};
pub use reopened::a_stored_token_outlives_its_processes;
pub use say::say;
pub use service::Service;
#[cfg(target_os = "linux")]
pub use small_disk::SmallDisk;
pub use tampering::{Tampered, tampered};
pub use world::{NOW_AND_FOREVER, Song, Told, VERSIONS, World};

/// The README's code blocks are compiled as tests of this crate.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
