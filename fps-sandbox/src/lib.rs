//! fps-sandbox
