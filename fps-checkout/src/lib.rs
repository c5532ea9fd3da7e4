//! fps-checkout

pub mod registry;
pub mod storage;
