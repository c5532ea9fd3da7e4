//! The client as a user has it: over a scripted way out, on a virtual clock, without a runtime.

mod client;
mod returns;
mod support;
