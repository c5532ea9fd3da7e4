//! A buyer who walks the pages as a browser would.

mod html;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use fps_core::checkout::PaymentMethod;
use fps_core::client::{HttpSend, SendError};
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{Method, Request, Response};
use url::{Position, Url, form_urlencoded};

use html::Form;

/// Somebody who signs in, picks a method, gives an address where asked, and confirms — or cancels.
///
/// He reads the real HTML forms and submits them, keeps cookies and follows redirects, over any [`HttpSend`]: the sandbox
/// itself, or a real connection to one.
///
/// ```
/// # async fn walk(link: url::Url, sandbox: fps_sandbox::Sandbox) -> Result<(), fps_sandbox::buyer::BuyerError> {
/// use fps_core::checkout::PaymentMethod;
/// use fps_sandbox::{Buyer, people};
///
/// let john = Buyer::new(people::JOHN, "john").method(PaymentMethod::Abt);
/// let return_url = john.approve(&sandbox.http(), &link).await?;
/// assert!(return_url.query().is_some_and(|query| query.contains("status=SA")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Buyer {
    email: String,
    password: String,
    method: Option<PaymentMethod>,
    cancel_at: Option<Page>,
    stop_at: Option<Page>,
    on_page: Option<Arc<Watcher>>,
}

/// What is told of every page.
type Watcher = dyn Fn(&PageSeen<'_>) + Send + Sync;

/// A page of the buyer's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Page {
    /// E-mail and password.
    SignIn,
    /// Which payment method.
    Method,
    /// Where to send it.
    Address,
    /// What for, how much, and with what.
    Confirm,
}

/// A page as the buyer sees it.
#[derive(Clone, Copy, Debug)]
pub struct PageSeen<'a> {
    /// Which.
    pub page: Page,
    /// Its heading.
    pub heading: &'a str,
    /// Its visible text, white space run together.
    pub text: &'a str,
    /// What he will press: `Sign in`, `Continue`, `Confirm`, `Cancel`.
    pub press: &'a str,
}

impl Buyer {
    /// Somebody with that e-mail address and password.
    pub fn new(email: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            email: email.into(),
            password: password.into(),
            method: None,
            cancel_at: None,
            stop_at: None,
            on_page: None,
        }
    }

    /// Picks this method where asked; the first that is offered unless said.
    #[must_use]
    pub fn method(mut self, method: PaymentMethod) -> Self {
        self.method = Some(method);
        self
    }

    /// Presses Cancel on that page.
    #[must_use]
    pub fn cancel_at(mut self, page: Page) -> Self {
        self.cancel_at = Some(page);
        self
    }

    /// Closes the browser on that page: [`Buyer::approve`] ends in [`BuyerError::Stopped`].
    #[must_use]
    pub fn stop_at(mut self, page: Page) -> Self {
        self.stop_at = Some(page);
        self
    }

    /// Calls back with every page before it is submitted.
    #[must_use]
    pub fn on_page(mut self, seen: impl Fn(&PageSeen<'_>) + Send + Sync + 'static) -> Self {
        self.on_page = Some(Arc::new(seen));
        self
    }

    /// Walks from the shop's link to the redirect that leads back to the shop, and gives that address with its query,
    /// as the `Location` header had it. It is not opened.
    ///
    /// # Errors
    ///
    /// [`BuyerError`] if the service cannot be reached, shows something that is not a page of the way, or does not let the
    /// buyer in.
    pub async fn approve(&self, http: &Arc<dyn HttpSend>, link: &Url) -> Result<Url, BuyerError> {
        let mut browser = Browser { http, cookies: BTreeMap::new() };
        let mut at = link.clone();
        let mut response = browser.open(&at).await?;
        for _ in 0..MOST_STEPS {
            if response.status().is_redirection() {
                let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
                let target =
                    location.and_then(|location| at.join(location).ok()).ok_or_else(|| unreadable(&at))?;
                if target.origin() != link.origin() || !target.path().starts_with(PAGES) {
                    return Ok(target);
                }
                response = browser.open(&target).await?;
                at = target;
                continue;
            }
            let form = self.read(&at, &response)?;
            let target = at.join(&form.action).map_err(|_| unreadable(&at))?;
            let fields = self.fill(&form)?;
            response = browser.submit(&target, &fields).await?;
            at = target;
        }
        Err(BuyerError::Lost { steps: MOST_STEPS })
    }

    /// The form of a page, after the page was looked at.
    fn read(&self, at: &Url, response: &Response<Vec<u8>>) -> Result<Form, BuyerError> {
        let page = str::from_utf8(response.body()).ok().and_then(|html| html::read(html).ok());
        let page = page.ok_or_else(|| unreadable(at))?;
        let refused = || BuyerError::Refused {
            status: response.status().as_u16(),
            heading: page.heading.clone(),
            message: page.alert.clone().unwrap_or_default(),
        };
        if !response.status().is_success() {
            return Err(refused());
        }
        page.forms.into_iter().find(|form| step(form).is_some()).ok_or_else(|| unreadable(at)).inspect(
            |form| {
                if let (Some(seen), Some(step)) = (&self.on_page, step(form)) {
                    let press = self.button(form, step).map_or("", |button| button.label.as_str());
                    seen(&PageSeen { page: step, heading: &page.heading, text: &page.text, press });
                }
            },
        )
    }

    /// The fields that a browser would send after this buyer filled the form in.
    fn fill(&self, form: &Form) -> Result<Vec<(String, String)>, BuyerError> {
        let Some(page) = step(form) else { return Ok(Vec::new()) };
        if self.stop_at == Some(page) {
            return Err(BuyerError::Stopped { page });
        }
        let mut fields = Vec::new();
        for field in &form.fields {
            let value = match (field.name.as_str(), field.kind.as_str()) {
                ("email", _) => self.email.clone(),
                ("password", _) => self.password.clone(),
                (_, "radio") => match self.method {
                    Some(method) if field.value == method.as_str() => field.value.clone(),
                    None if field.checked => field.value.clone(),
                    _ => continue,
                },
                (_, "checkbox") if !field.checked => continue,
                _ => field.value.clone(),
            };
            fields.push((field.name.clone(), value));
        }
        let wanted = self.method.filter(|_| page == Page::Method);
        if let Some(method) =
            wanted.filter(|wanted| !fields.iter().any(|(_, value)| value == wanted.as_str()))
        {
            return Err(BuyerError::NotOffered { method });
        }
        if let Some(button) = self.button(form, page).filter(|button| !button.name.is_empty()) {
            fields.push((button.name.clone(), button.value.clone()));
        }
        Ok(fields)
    }

    fn button<'a>(&self, form: &'a Form, page: Page) -> Option<&'a html::Button> {
        let wanted = if self.cancel_at == Some(page) { "cancel" } else { "continue" };
        form.buttons.iter().find(|button| button.value == wanted)
    }
}

impl fmt::Debug for Buyer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buyer")
            .field("email", &self.email)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SignIn => "sign in",
            Self::Method => "payment method",
            Self::Address => "shipping address",
            Self::Confirm => "confirm",
        })
    }
}

/// The buyer could not finish.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuyerError {
    /// The service did not answer. Check that it runs.
    #[error("the payment pages did not answer")]
    Send(#[from] SendError),
    /// The pages do not let him on: a wrong password, a link that is not signed rightly. `message` says what.
    #[error("the payment pages answered {status}: {heading}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The page's heading.
        heading: String,
        /// What the page says is wrong.
        message: String,
    },
    /// The method that he wants cannot be picked.
    #[error("the payment pages do not offer {method}")]
    NotOffered {
        /// Which.
        method: PaymentMethod,
    },
    /// He closed the browser, as [`Buyer::stop_at`] told him to.
    #[error("the buyer closed the browser on the page \"{page}\"")]
    Stopped {
        /// On which page.
        page: Page,
    },
    /// What came is not a page of the sandbox.
    #[error("what {path} shows is not a payment page")]
    Unreadable {
        /// Where, without query.
        path: String,
    },
    /// The pages lead in a circle.
    #[error("the payment pages do not end after {steps} steps")]
    Lost {
        /// How many were taken.
        steps: usize,
    },
}

/// What a browser does beside showing pages.
struct Browser<'a> {
    http: &'a Arc<dyn HttpSend>,
    cookies: BTreeMap<String, String>,
}

impl Browser<'_> {
    async fn open(&mut self, url: &Url) -> Result<Response<Vec<u8>>, BuyerError> {
        self.send(Method::GET, url, None).await
    }

    async fn submit(
        &mut self,
        url: &Url,
        fields: &[(String, String)],
    ) -> Result<Response<Vec<u8>>, BuyerError> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, url, Some(body)).await
    }

    async fn send(
        &mut self,
        method: Method,
        url: &Url,
        form: Option<String>,
    ) -> Result<Response<Vec<u8>>, BuyerError> {
        let mut request =
            Request::builder().method(method).uri(&url[..Position::AfterQuery]).header(HOST, host(url));
        if !self.cookies.is_empty() {
            let cookies: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(COOKIE, cookies.join("; "));
        }
        if form.is_some() {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request.body(form.unwrap_or_default().into_bytes()).map_err(|_| unreadable(url))?;
        let response = self.http.send(request).await?;
        for cookie in response.headers().get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok())
        {
            let pair = cookie.split(';').next().and_then(|pair| pair.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
        Ok(response)
    }
}

/// Which page a form belongs to.
fn step(form: &Form) -> Option<Page> {
    let step = form.fields.iter().find(|field| field.name == "step")?;
    match step.value.as_str() {
        "sign-in" => Some(Page::SignIn),
        "method" => Some(Page::Method),
        "address" => Some(Page::Address),
        "confirm" => Some(Page::Confirm),
        _ => None,
    }
}

fn host(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

fn unreadable(url: &Url) -> BuyerError {
    BuyerError::Unreadable { path: url.path().to_owned() }
}

/// Where the pages lie; a redirect to elsewhere leads out.
const PAGES: &str = "/cobranded-ui/";
const MOST_STEPS: usize = 30;
