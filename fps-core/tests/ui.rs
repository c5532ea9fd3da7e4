//! What the compiler says about a wrong product, to the letter.
//!
//! Messages change with the compiler, so this runs on the one that `rust-version` names. After a change:
//! `TRYBUILD=overwrite cargo test -p fps-core --features derive --test ui`, and read every line of the difference.

const COMPILER: &str = "1.95";

mod ui {
    #[test]
    #[rustversion::attr(
        not(stable(1.95)),
        ignore = "messages are those of Rust 1.95; run `cargo +1.95 test -p fps-core --features derive --test ui`"
    )]
    fn the_compiler_explains_every_mistake() {
        let cases = trybuild::TestCases::new();
        cases.compile_fail("tests/ui/*/fail/*.rs");
        cases.pass("tests/ui/*/pass/*.rs");
    }
}

#[test]
fn the_compiler_of_these_messages_is_the_one_that_the_manifest_names() {
    assert_eq!(env!("CARGO_PKG_RUST_VERSION"), COMPILER);
}
