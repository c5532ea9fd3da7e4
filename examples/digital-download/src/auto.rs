//! John by himself: he walks the whole purchase over HTTP, through the same forms that a browser would submit.

mod history;
mod page;

use std::sync::Arc;
use std::time::Duration;

use fps_checkout::fps_core::TransactionId;
use fps_checkout::fps_core::checkout::PaymentMethod;
use fps_checkout::fps_core::client::{Client, HttpSend, ReqwestSend};
use fps_checkout::fps_core::http::{Method, Request, Response, StatusCode, header};
use fps_checkout::fps_core::url::{Url, form_urlencoded};
use fps_sandbox::{Buyer, people};

use self::page::Page;
use crate::{Problem, step};

/// Buys the first thing on the shelf of the shop at `home`, pays from John's balance, and prints each step. Gives the transaction.
pub(crate) async fn john_buys_a_song(home: &Url) -> Result<TransactionId, Problem> {
    let john = John { http: Arc::new(ReqwestSend::new()?) };

    step("John opens the shop");
    let shelf = john.open(home).await?;
    let form = shelf.form().ok_or("the shop's page has no form")?;

    step("He clicks Download Now, and the shop sends him to the payment pages");
    let link = redirect(home, &john.submit(&home.join(&form.action)?, &form.fields).await?)?;

    let buyer = Buyer::new(people::JOHN, "john").method(PaymentMethod::Abt).on_page(|seen| {
        step(&format!("On the page \"{}\" he presses {}", seen.heading, seen.press));
    });
    let back = buyer.approve(&john.http, &link).await?;

    step("The payment pages send him back to the shop, which verifies the answer and charges him");
    let result = redirect(&back, &john.get(&back).await?)?;

    let page = john.result(&result).await?;
    let fact = |name: &str| page.fact(name).ok_or_else(|| format!("the result page says: {}", page.text()));
    let (pay, transaction, id) =
        (fact("a. Pay request")?, fact("b. Transaction")?, fact("c. Transaction id")?);
    if pay != "Success" || transaction != "Success" {
        return Err(format!("the result page says: {}", page.text()).into());
    }

    let download = page.link_to("Download").ok_or("the result page has no download")?;
    let song = john.get(&result.join(&download)?).await?;
    if song.status() != StatusCode::OK {
        return Err(format!("the download answers {}", song.status()).into());
    }
    step(&format!("He downloads his song, {} bytes", song.body().len()));

    println!("a. Pay request: {pay}");
    println!("b. Transaction: {transaction}");
    println!("c. Transaction id: {id}");
    Ok(TransactionId::new(id))
}

/// What the guide of 2007 looks at afterwards: the transaction, the history, and both balances.
pub(crate) async fn look_back(
    client: &Client,
    service: &Url,
    transaction: TransactionId,
) -> Result<(), Problem> {
    history::tell(client, transaction).await?;
    let john = John { http: Arc::new(ReqwestSend::new()?) };
    println!("John's balance: {}", john.balance(service).await?);
    Ok(())
}

/// John's browser at the shop. At the payment pages he uses [`Buyer`]'s.
struct John {
    http: Arc<dyn HttpSend>,
}

impl John {
    /// The page of the order, as soon as it says more than that it is looking.
    async fn result(&self, address: &Url) -> Result<Page, Problem> {
        for _ in 0..60 {
            let page = self.open(address).await?;
            if !page.looks_again() {
                step("The result page says what became of it");
                return Ok(page);
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        Err("the result page does not come to an end within half a minute".into())
    }

    /// What his account page at the payment service says that he has.
    async fn balance(&self, service: &Url) -> Result<String, Problem> {
        let fields = [("email", people::JOHN), ("password", "john")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let signed_in = self.submit(&service.join("account/sign-in")?, &fields).await?;
        let cookie =
            signed_in.headers().get(header::SET_COOKIE).ok_or("John cannot sign in to his account")?;
        let cookie = cookie.to_str()?.split(';').next().unwrap_or_default();
        let account = service.join("account")?;
        let request = Request::builder().uri(account.as_str()).header(header::COOKIE, cookie);
        let answer = self.http.send(request.body(Vec::new())?).await?;
        let page = Page::new(String::from_utf8_lossy(answer.body()).into_owned());
        Ok(page.fact("Balance").ok_or_else(|| format!("John's account page says: {}", page.text()))?)
    }

    async fn open(&self, address: &Url) -> Result<Page, Problem> {
        let answer = self.get(address).await?;
        let html = String::from_utf8_lossy(answer.body()).into_owned();
        if answer.status() != StatusCode::OK {
            return Err(format!(
                "{} answers {}: {}",
                address.path(),
                answer.status(),
                Page::new(html).text()
            )
            .into());
        }
        Ok(Page::new(html))
    }

    async fn get(&self, address: &Url) -> Result<Response<Vec<u8>>, Problem> {
        let request = Request::builder().uri(address.as_str()).body(Vec::new())?;
        Ok(self.http.send(request).await?)
    }

    async fn submit(&self, address: &Url, fields: &[(String, String)]) -> Result<Response<Vec<u8>>, Problem> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let request = Request::builder()
            .method(Method::POST)
            .uri(address.as_str())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.finish().into_bytes())?;
        Ok(self.http.send(request).await?)
    }
}

/// Where an answer sends the browser.
fn redirect(from: &Url, answer: &Response<Vec<u8>>) -> Result<Url, Problem> {
    let said = || Page::new(String::from_utf8_lossy(answer.body()).into_owned()).text();
    match answer.headers().get(header::LOCATION) {
        Some(location) if answer.status() == StatusCode::SEE_OTHER => Ok(from.join(location.to_str()?)?),
        _ => Err(format!("{} answers {}: {}", from.path(), answer.status(), said()).into()),
    }
}
