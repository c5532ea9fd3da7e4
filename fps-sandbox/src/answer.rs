//! One request in, one answer out, whatever carried it.

use http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Method, Request, Response, StatusCode};

use crate::faults::Fault;
use crate::{Sandbox, api, pages};

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Reply {
    /// An answer.
    Whole(Response<Vec<u8>>),
    /// The connection breaks without one.
    Lost,
    /// The connection breaks in the middle of it.
    Cut(Response<Vec<u8>>),
}

impl Sandbox {
    /// Answers a request to any of the sandbox's addresses.
    pub(crate) async fn answer(&self, request: Request<Vec<u8>>) -> Reply {
        let path = request.uri().path();
        if path.is_empty() || path == "/" {
            return self.answer_api(request).await;
        }
        Reply::Whole(pages::answer(&self.inner, &request))
    }

    async fn answer_api(&self, request: Request<Vec<u8>>) -> Reply {
        use fps_core::client::Clock;

        let inner = &self.inner;
        if is_browser(&request) {
            return Reply::Whole(see_other("/account"));
        }
        let mut call = api::Call::read(&request, &inner.url());
        let Some(fault) = inner.faults.strike(call.action()) else {
            return Reply::Whole(api::answer(inner, &call));
        };
        api::note_fault(inner, &call, fault);
        let millis = std::time::Duration::from_millis;
        match fault {
            Fault::LoseRequest => Reply::Lost,
            Fault::LoseAnswer => {
                api::answer(inner, &call);
                Reply::Lost
            }
            Fault::DelayAnswer(by) => {
                let answer = api::answer(inner, &call);
                inner.clock.sleep(millis(by)).await;
                Reply::Whole(answer)
            }
            Fault::DelayRequest(by) => {
                inner.clock.sleep(millis(by)).await;
                Reply::Whole(api::answer(inner, &call))
            }
            Fault::Duplicate => {
                api::answer(inner, &call);
                Reply::Whole(api::answer(inner, &call))
            }
            Fault::Status(503) => Reply::Whole(api::refuse(inner, &call, &api::Refusal::unavailable())),
            Fault::Status(_) => Reply::Whole(api::refuse(inner, &call, &api::Refusal::internal())),
            Fault::Throttle => Reply::Whole(api::refuse(inner, &call, &api::Refusal::throttled())),
            Fault::FailAfter => {
                api::answer(inner, &call);
                Reply::Whole(api::refuse(inner, &call, &api::Refusal::internal()))
            }
            Fault::CutAnswer => Reply::Cut(api::answer(inner, &call)),
            Fault::NoticeFirst => {
                let answer = api::answer(inner, &call);
                self.deliver_notices().await;
                Reply::Whole(answer)
            }
            Fault::TemporaryDecline => {
                call.declines = true;
                Reply::Whole(api::answer(inner, &call))
            }
            // Faults of pipelines and notices do nothing here.
            _ => Reply::Whole(api::answer(inner, &call)),
        }
    }
}

/// Somebody who types the address into a browser wants to see something.
fn is_browser(request: &Request<Vec<u8>>) -> bool {
    request.method() == Method::GET
        && request.uri().query().is_none_or(str::is_empty)
        && request
            .headers()
            .get(http::header::ACCEPT)
            .is_some_and(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html")))
}

/// An answer with a body.
pub(crate) fn with_body(
    status: StatusCode,
    kind: &'static str,
    body: impl Into<Vec<u8>>,
) -> Response<Vec<u8>> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A redirect that the browser follows by GET.
pub(crate) fn see_other(location: &str) -> Response<Vec<u8>> {
    redirect(StatusCode::SEE_OTHER, location)
}

/// A redirect of that status.
pub(crate) fn redirect(status: StatusCode, location: &str) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}
