//! Everything that is for people: the buyer pages, the account pages and the control page.

mod account;
mod address;
mod ask;
mod confirm;
mod control;
mod finish;
mod install;
mod method;
mod pipeline;
mod reason;
mod sign_in;
mod v2007;
pub(crate) mod visit;
mod warnings;

use askama::Template;
use fps_core::Pairs;
use http::header::{CACHE_CONTROL, COOKIE, HeaderName, HeaderValue, REFERRER_POLICY, SET_COOKIE};
use http::{Method, Request, Response, StatusCode};

use crate::answer::with_body;
use crate::ids;
use crate::sandbox::Inner;

/// Answers a request to any address but the API's.
pub(crate) fn answer(inner: &Inner, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let (method, path) = (request.method(), request.uri().path());
    let reading = matches!(*method, Method::GET | Method::HEAD);
    if !reading && is_foreign(request) {
        return refused(
            StatusCode::FORBIDDEN,
            "This form was sent by another site",
            "Open the page here, and send it again.",
        );
    }
    match path.trim_matches('/').split('/').collect::<Vec<_>>().as_slice() {
        ["cobranded-ui", "actions", "start"] if reading => pipeline::start(inner, request),
        ["cobranded-ui", "visits", id] if reading => visit::show(inner, request, id),
        ["cobranded-ui", "visits", id] => visit::step(inner, request, id),
        ["certs", _, "PKICert.pem"] if reading => {
            with_body(StatusCode::OK, "application/x-pem-file", inner.key.certificate_pem())
        }
        ["assets", "fps.css"] if reading => {
            with_body(StatusCode::OK, "text/css; charset=utf-8", include_str!("../templates/fps.css"))
        }
        ["account", rest @ ..] => account::answer(inner, request, rest),
        ["sandbox", rest @ ..] => control::answer(inner, request, rest),
        _ => refused(
            StatusCode::NOT_FOUND,
            "There is no such page",
            "The API is at /, the buyer pages begin at /cobranded-ui/actions/start, accounts are at /account, and the \
             control page is at /sandbox.",
        ),
    }
}

/// A page that says what is wrong.
#[derive(Template)]
#[template(path = "refused.html")]
struct Refused<'a> {
    title: &'a str,
    message: &'a str,
    details: &'a str,
}

pub(crate) fn refused(status: StatusCode, title: &str, message: &str) -> Response<Vec<u8>> {
    refused_with(status, title, message, "")
}

pub(crate) fn refused_with(
    status: StatusCode,
    title: &str,
    message: &str,
    details: &str,
) -> Response<Vec<u8>> {
    page(status, &Refused { title, message, details })
}

/// A page, with the headers that keep it from being stored, framed or scripted.
fn page(status: StatusCode, template: &impl Template) -> Response<Vec<u8>> {
    let Ok(html) = template.render() else {
        return with_body(
            StatusCode::INTERNAL_SERVER_ERROR,
            "text/plain; charset=utf-8",
            "the page cannot be shown",
        );
    };
    private(with_body(status, "text/html; charset=utf-8", html))
}

fn private(mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("content-security-policy"), HeaderValue::from_static(POLICY));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    response
}

/// The browser's session, from its cookie.
fn session(request: &Request<Vec<u8>>) -> Option<&str> {
    let cookies = request.headers().get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut cookies =
        cookies.flat_map(|header| header.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.find(|(name, _)| *name == SESSION).map(|(_, value)| value).filter(|value| value.len() == 32)
}

/// The browser's session, or a new one with the cookie to set.
fn session_or_new(request: &Request<Vec<u8>>) -> (String, Option<HeaderValue>) {
    match session(request) {
        Some(session) => (session.to_owned(), None),
        None => {
            let session = ids::secret();
            let cookie = format!("{SESSION}={session}; Path=/; HttpOnly; SameSite=Lax");
            (session, HeaderValue::from_str(&cookie).ok())
        }
    }
}

fn with_cookie(mut response: Response<Vec<u8>>, cookie: Option<HeaderValue>) -> Response<Vec<u8>> {
    if let Some(cookie) = cookie {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// The fields of a submitted form.
fn form(request: &Request<Vec<u8>>) -> Pairs {
    str::from_utf8(request.body()).ok().and_then(|body| Pairs::decode(body).ok()).unwrap_or_default()
}

/// Browsers say where a form comes from.
fn is_foreign(request: &Request<Vec<u8>>) -> bool {
    request.headers().get("sec-fetch-site").is_some_and(|site| site == "cross-site")
}

const SESSION: &str = "fps-session";
/// Styles and pictures only. No `form-action`: browsers would apply it to the redirect back to the shop as well.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' https: data:; base-uri 'none'; frame-ancestors 'none'";
