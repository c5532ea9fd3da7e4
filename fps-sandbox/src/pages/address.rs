//! The page for those who are asked where to send it.

use askama::Template;
use fps_core::Pairs;
use http::{Response, StatusCode};

use super::page;
use super::sign_in::Summary;
use super::visit::{Next, Step, Visit};
use crate::ledger::Ledger;
use crate::ledger::account::Address;

#[derive(Template)]
#[template(path = "address.html")]
struct AddressPage<'a> {
    id: &'a str,
    summary: Summary<'a>,
    address: &'a Address,
    trouble: &'a str,
}

pub(super) fn show(ledger: &Ledger, visit: &Visit, id: &str, trouble: &str) -> Response<Vec<u8>> {
    let known =
        visit.address.as_ref().or_else(|| visit.buyer(ledger).and_then(|buyer| buyer.address.as_ref()));
    let address = known.cloned().unwrap_or_default();
    let status = if trouble.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, &AddressPage { id, summary: Summary::of(ledger, visit), address: &address, trouble })
}

pub(super) fn take(visit: &mut Visit, fields: &Pairs) -> Next {
    let part = |name| fields.get(name).unwrap_or_default().trim().chars().take(128).collect::<String>();
    let address = Address {
        name: part("name"),
        line_1: part("line1"),
        line_2: part("line2"),
        city: part("city"),
        state: part("state").to_ascii_uppercase(),
        zip: part("zip"),
        phone: part("phone"),
    };
    let wrong = is_wrong(&address);
    visit.address = Some(address);
    match wrong {
        Some(trouble) => {
            visit.step = Step::Address;
            Next::Again(trouble.to_owned())
        }
        None => Next::Page(visit.after(Step::Address)),
    }
}

/// What is wrong with an address, by the rules of this sandbox.
pub(super) fn is_wrong(address: &Address) -> Option<&'static str> {
    let zip = address.zip.strip_prefix(|first: char| first.is_ascii_digit()).map(|_| address.zip.as_str());
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let zip_fits = zip.is_some_and(|zip| match zip.split_once('-') {
        Some((five, four)) => five.len() == 5 && four.len() == 4 && digits(five) && digits(four),
        None => zip.len() == 5 && digits(zip),
    });
    let state_fits = address.state.len() == 2 && address.state.bytes().all(|byte| byte.is_ascii_alphabetic());
    if address.name.is_empty() || address.line_1.is_empty() || address.city.is_empty() {
        Some("Please fill in name, street and city.")
    } else if !state_fits {
        Some("Please give the state in two letters, such as WA.")
    } else if !zip_fits {
        Some("Please give the ZIP code in five digits, such as 98101.")
    } else {
        None
    }
}
