//! fps-derive
