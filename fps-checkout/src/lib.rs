//! fps-checkout
