//! The derives without the compiler: expansions as files, and no input that makes them panic.

use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use proc_macro2::{Group, TokenTree};
use proptest::collection::vec;
use proptest::prelude::*;
use quote::quote;

use super::*;

/// Each file begins with its input as a comment and goes on with the expansion. A new file with an input alone is
/// completed by `UPDATE_EXPECT=1 cargo test -p fps-derive`, as is one whose expansion changed.
#[test]
fn expansions_are_what_the_snapshots_show() {
    let mut files: Vec<PathBuf> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 10, "the snapshots are gone");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let comment: Vec<&str> = text.lines().take_while(|line| line.starts_with("//")).collect();
        let input: String = comment.iter().map(|line| format!("{}\n", line[2..].trim_start())).collect();
        let tokens = input.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let expansion = expand_as_text(&input, tokens);
        expect_file![file].assert_eq(&format!("{}\n\n{expansion}", comment.join("\n")));
    }
}

fn expand_as_text(input: &str, tokens: TokenStream) -> String {
    let expansion = if input.contains("derive(IntoAmount)") {
        into_amount(tokens, Home::Core)
    } else {
        checkout(tokens, Home::Core)
    };
    // The printer lays out calls, but not what stands in a macro's brackets; so macros pass as calls for a moment.
    prettyplease::unparse(&syn::parse2(with_macros_as_calls(expansion)).unwrap())
        .replace("::__macro(", "!(")
        .replace("    #[automatically_derived]", "\n    #[automatically_derived]")
        .replace("        }\n        #[inline", "        }\n\n        #[inline")
}

fn with_macros_as_calls(tokens: TokenStream) -> TokenStream {
    let mut trees = tokens.into_iter();
    let mut output = TokenStream::new();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Ident(name) if name == "format_args" => {
                trees.next();
                output.extend(quote!(#name::__macro));
            }
            TokenTree::Group(group) => {
                let inner = Group::new(group.delimiter(), with_macros_as_calls(group.stream()));
                output.extend([TokenTree::Group(inner)]);
            }
            other => output.extend([other]),
        }
    }
    output
}

#[test]
fn a_shop_gets_paths_of_its_own() {
    let input = "struct Song { #[checkout(item_total)] price: Amount }";
    let core = checkout(input.parse().unwrap(), Home::Core).to_string();
    let shop = checkout(input.parse().unwrap(), Home::Shop).to_string();
    assert!(shop.contains(":: fps_checkout :: __private"));
    assert_eq!(shop.replace("fps_checkout", "fps_core"), core);
}

#[test]
fn all_errors_of_one_input_come_at_once_beside_a_stub() {
    let input = r#"
        #[checkout(payment_reason = "{titel}", payment_methods(ABT, CASH), tax_rate = "8.25", shiping = "1.00")]
        struct Song {
            title: String,
            #[checkout(item_total, tax)]
            price: Amount,
            list_price: Option<Amount>,
            #[checkout(reserve)]
            later: bool,
        }"#;
    let expansion = checkout(input.parse().unwrap(), Home::Core).to_string();
    assert_eq!(expansion.matches("compile_error").count(), 7, "{expansion}");
    assert!(expansion.contains("impl __fps :: Checkout for Song"), "{expansion}");
}

/// Any text that lexes as Rust, made of what the derives look at.
fn rust_text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        8 => prop::sample::select(WORDS).prop_map(str::to_owned),
        1 => r#""[^"\\]{0,12}""#,
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => "[a-z_]{1,6}",
    ];
    vec(word, 0..24)
        .prop_recursive(4, 64, 4, |inner| {
            vec((prop::sample::select(&[("(", ")"), ("[", "]"), ("{", "}"), ("", "")][..]), inner), 1..4)
                .prop_map(|groups| {
                    groups
                        .into_iter()
                        .flat_map(|((open, close), words)| {
                            std::iter::once(open.to_owned()).chain(words).chain([close.to_owned()])
                        })
                        .collect()
                })
        })
        .prop_map(|words| words.join(" "))
}

/// A type that parses, with attributes that may not.
fn product() -> impl Strategy<Value = String> {
    let attribute = || {
        vec(rust_text(), 0..2)
            .prop_map(|words| words.into_iter().map(|w| format!("#[checkout({w})]")).collect::<String>())
    };
    let field = (
        attribute(),
        prop::sample::select(&["Amount", "Option<Decimal>", "T", "f64", "[u8; N]", "m!()"][..]),
    );
    (
        attribute(),
        prop::sample::select(&["struct P<'a, T: Clone, const N: usize>", "enum E", "union U"][..]),
        vec(field, 0..4),
    )
        .prop_map(|(attribute, head, fields)| {
            let fields: String =
                fields.iter().enumerate().map(|(at, (words, ty))| format!("{words} f{at}: {ty},")).collect();
            if head.starts_with("enum") {
                format!("{attribute} {head} {{ {attribute} A {{ {fields} }}, B({attribute} Amount), C }}")
            } else {
                format!("{attribute} {head} {{ {fields} }}")
            }
        })
}

fn never_panics(text: &str) -> Result<(), TestCaseError> {
    let Ok(tokens) = text.parse::<TokenStream>() else { return Ok(()) };
    for expansion in [
        checkout(tokens.clone(), Home::Core),
        checkout(tokens.clone(), Home::Shop),
        into_amount(tokens, Home::Core),
    ] {
        prop_assert!(syn::parse2::<syn::File>(expansion.clone()).is_ok(), "{}", expansion);
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_token_stream_is_expanded_or_refused(text in rust_text()) {
        never_panics(&text)?;
    }

    #[test]
    fn any_product_is_expanded_or_refused(text in product()) {
        never_panics(&text)?;
    }

    #[test]
    fn any_reason_is_expanded_or_refused(reason in "[ -~äß<>{}.:$?()]{0,40}") {
        never_panics(&format!(
            "#[checkout(payment_reason = {reason:?})] struct P {{ a: String, #[checkout(item_total)] b: Amount }}"
        ))?;
    }
}

const WORDS: &[&str] = &[
    "item_total",
    "shipping",
    "handling",
    "gift_wrapping",
    "discount",
    "tax",
    "payment_reason",
    "quantity",
    "items",
    "address",
    "skip",
    "payment_methods",
    "reserve",
    "collect_shipping_address",
    "tax_rate",
    "tax_on",
    "crate",
    "checkout",
    "struct",
    "enum",
    "union",
    "Amount",
    "Option",
    "Self",
    "r#type",
    "'a",
    "where",
    "pub",
    "$",
    "#",
    "=",
    ",",
    ":",
    "::",
    ";",
    "<",
    ">",
    "!",
    "?",
    "&",
    "ABT",
    "\"9.99\"",
    "\"8.25%\"",
    "\"{title}\"",
    "\"::x\"",
    "\"<b>\"",
    "b'x'",
    "1.5",
    "-",
    "dyn",
    "fn",
];
