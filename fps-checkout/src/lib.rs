//! fps-checkout

pub mod storage;
