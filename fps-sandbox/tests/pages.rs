//! What the buyer pages show and give back: addresses, brands, reasons, limits, and every way out of every pipeline.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/caller.rs"]
mod caller;

use std::sync::{Arc, Mutex};

use fps_core::checkout::{Charge, Charges, PaymentMethod};
use fps_core::client::HttpSend;
use fps_core::pipeline::SingleUse;
use fps_core::{Amount, CallerReference, Endpoint, Pairs, PipelineParameters, signature};
use fps_sandbox::{Buyer, Page, Sandbox, SandboxClock, people};

use caller::{Caller, john, sandbox};

/// The texts of the pages that a buyer sees.
fn seeing(buyer: Buyer) -> (Buyer, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let pages = Arc::clone(&seen);
    (buyer.on_page(move |page| pages.lock().unwrap().push(page.text.to_owned())), seen)
}

const ONE: [(&str, &str); 1] = [("transactionAmount", "1.00")];

#[tokio::test]
async fn an_address_is_asked_for_shown_or_warned_about() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let home = [
        ("addressName", "Ann"),
        ("addressLine1", "2 Side Street"),
        ("city", "Portland"),
        ("state", "OR"),
        ("zip", "97201"),
    ];
    // Asked for: what was sent is ignored, and the buyer's comes back.
    let (buyer, seen) = seeing(john());
    let collects = [&home[..], &[("collectShippingAddress", "True")]].concat();
    let back = shop.buy(buyer, "a1", &collects).await;
    assert_eq!(back.get("addressName"), Some("John Customer"));
    for (name, value) in
        [("addressLine1", "1 Main Street"), ("city", "Seattle"), ("state", "WA"), ("zip", "98101")]
    {
        assert_eq!(back.get(name), Some(value), "{name}");
    }
    assert_eq!((back.get("phoneNumber"), back.get("country")), (Some("206-555-0100"), None));
    assert!(!seen.lock().unwrap().iter().any(|page| page.contains("Portland")));
    // Shown and not given back.
    let (buyer, seen) = seeing(john());
    let back = shop.buy(buyer, "a2", &home).await;
    assert!(seen.lock().unwrap().last().unwrap().contains("Portland, OR 97201"));
    assert_eq!((back.get("addressName"), back.get("warningCode")), (None, None));
    // Wrong: the token is made all the same.
    for (number, wrong) in [("zip", "97"), ("state", "Oregon"), ("city", "")].into_iter().enumerate() {
        let back = shop.buy(john(), &format!("w{number}"), &[&home[..], &[wrong]].concat()).await;
        assert_eq!(back.get("warningCode"), Some("invalidShippingAddress"), "{wrong:?}");
        assert!(back.get("warningMessage").is_some() && back.get("tokenID").is_some(), "{wrong:?}");
    }
    // Every sender's pipeline asks.
    for (pipeline, more) in SENDERS {
        let name = format!("c-{pipeline}");
        let link = [&[("pipelineName", *pipeline), ("collectShippingAddress", "True")], *more].concat();
        let back = shop.walk(john(), &named(&link, &name)).await;
        assert_eq!(back.get("zip"), Some("98101"), "{pipeline}");
    }
}

/// The pipelines of those who pay, with what each needs.
const SENDERS: &[(&str, &[(&str, &str)])] = &[
    ("SingleUse", &[("callerReference", "?"), ("transactionAmount", "1.00")]),
    ("MultiUse", &[("callerReference", "?"), ("globalAmountLimit", "10")]),
    ("Recurring", &[("callerReference", "?"), ("transactionAmount", "1.00"), ("recurringPeriod", "1 Month")]),
    (
        "SetupPrepaid",
        &[("callerReferenceFunding", "?f"), ("callerReferenceSender", "?s"), ("fundingAmount", "10")],
    ),
    (
        "SetupPostpaid",
        &[
            ("callerReferenceSender", "?s"),
            ("callerReferenceSettlement", "?t"),
            ("creditLimit", "10"),
            ("globalAmountLimit", "10"),
        ],
    ),
];

/// With a name of its own where there is a `?`.
fn named<'a>(pairs: &[(&'a str, &'a str)], name: &str) -> Vec<(&'a str, &'a str)> {
    // Leaked, so that pairs stay pairs of texts; a test ends soon.
    let own = |value: &'a str| -> &'a str { String::leak(value.replace('?', name)) };
    pairs.iter().map(|(key, value)| (*key, own(value))).collect()
}

#[tokio::test]
async fn every_pipeline_has_its_ways_out() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let small = Caller::new(&sandbox, people::small_shop_credentials());
    let multi = [("pipelineName", "MultiUse"), ("callerReference", "to-edit"), ("globalAmountLimit", "10")];
    let token = shop.walk(john(), &multi).await.get("tokenID").unwrap().to_owned();
    let edit: &[(&str, &str)] = &[("callerReference", "?"), ("tokenId", token.as_str())];
    let pages = [Page::SignIn, Page::Method, Page::Confirm];
    for (pipeline, more) in SENDERS.iter().copied().chain([("EditToken", edit)]) {
        let link = |name: &str| {
            named(&[&[("pipelineName", pipeline), ("paymentMethod", "ABT,CC")], more].concat(), name)
        };
        for page in pages {
            let name = format!("{pipeline}-{page}").replace(' ', "-");
            let left = shop.walk(john().cancel_at(page), &link(&name)).await;
            assert_eq!(left.get("status"), Some("A"), "{name}");
            assert!(!left.encode().contains("ID="), "{name}");
        }
        if pipeline == "EditToken" {
            continue;
        }
        for (email, password, status) in [
            (people::NORA, "nora", "PE"),
            (people::ULLA, "ulla", "NP"),
            (people::SUSI, "susi", "NP"),
            (people::SHOP, "shop", "NP"),
        ] {
            let name = format!("{pipeline}-{password}");
            let refused = shop.walk(Buyer::new(email, password), &link(&name)).await;
            assert_eq!(refused.get("status"), Some(status), "{name}");
        }
        for (method, status) in [(PaymentMethod::Abt, "SA"), (PaymentMethod::Cc, "SC")] {
            let name = format!("{pipeline}-{method}");
            let done = shop.walk(john().method(method), &link(&name)).await;
            assert_eq!(done.get("status"), Some(status), "{name}");
            assert_eq!(done.get("expiry"), (status == "SC").then_some("08/2035"), "{name}");
        }
        for (fault, status) in
            [(fps_sandbox::Fault::SystemError, "SE"), (fps_sandbox::Fault::CallerException, "CE")]
        {
            sandbox.faults().on_next("Pipeline", fault);
            let name = format!("{pipeline}-{status}");
            let struck = shop.walk(john(), &link(&name)).await;
            assert_eq!(struck.get("status"), Some(status), "{name}");
        }
    }
    // Who is not registered for third parties.
    let seller = [("pipelineName", "Recipient"), ("callerReference", "r1"), ("recipientPaysFee", "True")];
    assert_eq!(small.walk(Buyer::new(people::ARTIST, "artist"), &seller).await.get("status"), Some("NM"));
    let left = shop.walk(Buyer::new(people::ARTIST, "artist").cancel_at(Page::Confirm), &seller).await;
    assert_eq!(left.get("status"), Some("A"));
    let closed = shop.walk(Buyer::new(people::CLOSED, "closed"), &seller).await;
    assert_eq!(closed.get("status"), Some("NP"));
    // Tokens that cannot be edited.
    let other = [("pipelineName", "EditToken"), ("callerReference", "e1"), ("tokenId", token.as_str())];
    assert_eq!(shop.walk(Buyer::new(people::BETTY, "betty"), &other).await.get("status"), Some("UT"));
    let single = shop.buy(john(), "single", &[]).await.get("tokenID").unwrap().to_owned();
    for token in [single.as_str(), people::ARTIST_TOKEN, "NONE"] {
        let edit = [("pipelineName", "EditToken"), ("callerReference", "e2"), ("tokenId", token)];
        assert_eq!(shop.walk(john(), &edit).await.get("status"), Some("IT"), "{token}");
    }
}

#[tokio::test]
async fn the_same_link_after_leaving_is_refused_in_that_browser_only() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let link = shop.link(&[ONE[0], ("callerReference", "a1")]);
    let open = async |cookie: &str| {
        let request =
            http::Request::get(link.as_str()).header("host", "fps.localhost").header("cookie", cookie);
        sandbox.send(request.body(Vec::new()).unwrap()).await.unwrap()
    };
    let first = open("").await;
    assert_eq!(first.status(), 303);
    let cookie = first.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = first.headers()["location"].to_str().unwrap().to_owned();
    let cancel =
        http::Request::post(&page).header("cookie", &cookie).body(b"step=sign-in&choice=cancel".to_vec());
    let left = sandbox.send(cancel.unwrap()).await.unwrap();
    assert_eq!(left.status(), 302);
    assert!(left.headers()["location"].to_str().unwrap().contains("status=A&"));
    let again = open(&cookie).await;
    let back = again.headers()["location"].to_str().unwrap().to_owned();
    let query = Pairs::decode(back.split_once('?').unwrap().1).unwrap();
    assert_eq!(
        (again.status().as_u16(), query.get("status"), query.get("callerReference")),
        (302, Some("NP"), None)
    );
    assert_eq!(query.get("errorMessage"), Some("User Error: The pipeline was aborted and restarted"));
    assert_eq!(open("").await.status(), 303, "another browser begins anew");
    // Somebody else's visit cannot be taken over.
    let stolen = http::Request::get(&page).header("cookie", "fps-session=00000000000000000000000000000000");
    assert_eq!(sandbox.send(stolen.body(Vec::new()).unwrap()).await.unwrap().status(), 404);
}

#[tokio::test]
async fn reasons_brands_and_limits_stand_on_the_pages() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let html = async |pairs: &[(&str, &str)]| {
        let first = sandbox
            .send(http::Request::get(shop.link(pairs).as_str()).body(Vec::new()).unwrap())
            .await
            .unwrap();
        let cookie = first.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let page = first.headers()["location"].to_str().unwrap();
        let request = http::Request::get(page).header("cookie", cookie).body(Vec::new()).unwrap();
        String::from_utf8(sandbox.send(request).await.unwrap().into_body()).unwrap()
    };
    let reason = "<b onclick=\"x()\">Bold</b> <script>alert(1)</script><a href=\"http://evil.example\">link</a> & <br><img src=x>";
    let page = html(&[ONE[0], ("callerReference", "r1"), ("paymentReason", reason)]).await;
    assert!(page.contains("<b>Bold</b>") && page.contains("link") && page.contains("&amp;"), "{page}");
    for gone in ["onclick", "alert(1)", "<script", "evil.example", "<img src=x"] {
        assert!(!page.contains(gone), "{gone:?} is on {page}");
    }
    let logo = "https://shop.example/logo.png";
    let page = html(&[
        ONE[0],
        ("callerReference", "r2"),
        ("cobrandingUrl", logo),
        ("websiteDescription", "The <Shop>"),
    ])
    .await;
    assert!(page.contains(&format!("src=\"{logo}\"")), "{page}");
    assert!(
        page.contains("return to The &#60;Shop&#62;") || page.contains("return to The &lt;Shop&gt;"),
        "{page}"
    );
    let plain =
        html(&[ONE[0], ("callerReference", "r3"), ("cobrandingUrl", "http://shop.example/logo.png")]).await;
    assert!(!plain.contains("logo.png") && plain.contains("DigitalDownload"), "{plain}");
    let recipient = [("recipientToken", people::ARTIST_TOKEN), ("isRecipientCobranding", "True")];
    let branded = html(&[&ONE[..], &[("callerReference", "r4")], &recipient].concat()).await;
    assert!(branded.contains("Richard&#39;s Records") || branded.contains("Richard's Records"), "{branded}");
    let (buyer, seen) = seeing(john());
    let link = [
        ("pipelineName", "MultiUse"),
        ("callerReference", "r5"),
        ("globalAmountLimit", "10"),
        ("validityStart", "1286452800"),
        ("validityExpiry", "1289131200"),
    ];
    shop.walk(buyer, &link).await;
    let confirm = seen.lock().unwrap().last().unwrap().clone();
    for part in
        ["At most in all $10.00", "Valid from 2010-10-07 12:00 UTC.", "Valid until 2010-11-07 12:00 UTC."]
    {
        assert!(confirm.contains(part), "{part:?} is not in {confirm}");
    }
}

#[tokio::test]
async fn strict_refuses_what_is_only_warned_about_otherwise() {
    let clock = || SandboxClock::virtual_at("2010-10-06T12:00:00Z".parse().unwrap());
    for strict in [false, true] {
        let sandbox = Sandbox::builder().clock(clock()).strict(strict).build();
        let shop = Caller::new(&sandbox, people::shop_credentials());
        let log = async || {
            let page = http::Request::get("http://fps.localhost/sandbox").body(Vec::new()).unwrap();
            String::from_utf8(sandbox.send(page).await.unwrap().into_body()).unwrap()
        };
        for (name, more, wrong, warning) in [
            ("sum", &[("itemTotal", "0.50")][..], "[transactionAmount]", "the charges come to 0.50"),
            ("version", &[("version", "-")], "[version]", "version is missing"),
        ] {
            let back = shop.buy(john(), name, more).await;
            let message = back.get("errorMessage").unwrap_or_default();
            assert_eq!(back.get("status"), Some(if strict { "CE" } else { "SA" }), "{name}: {message}");
            assert_eq!(message.ends_with(wrong), strict, "{name}: {message}");
            assert_eq!(log().await.contains(warning), !strict, "{name}");
        }
        // The capitalised spelling of some clients of the time.
        let mut link = sandbox.endpoint().pages().clone();
        let mut pairs = Pairs::from_iter([
            ("callerKey", people::SHOP_ACCESS_KEY),
            ("pipelineName", "SingleUse"),
            ("returnUrl", "http://shop.example/return"),
            ("SignatureMethod", "HmacSHA256"),
            ("SignatureVersion", "2"),
            ("version", "2009-01-09"),
            ("callerReference", "spelling"),
            ("transactionAmount", "1.00"),
        ]);
        let text = signature::string_to_sign(signature::Method::Get, &link, &pairs).unwrap();
        let credentials = people::shop_credentials();
        let method = signature::SignatureMethod::HmacSha256;
        pairs.push("Signature", signature::hmac::sign(method, credentials.secret_key(), &text));
        link.set_query(Some(&pairs.encode()));
        assert_eq!(john().approve(&shop.http, &link).await.is_ok(), !strict);
        assert_eq!(log().await.contains("returnUrl is documented as returnURL"), !strict);

        let about = |url: &'static str| {
            let parameters = "signature=x&certificateUrl=c&signatureMethod=RSA-SHA1&signatureVersion=2";
            [("UrlEndPoint", url), ("HttpParameters", parameters)]
        };
        let local = shop.call("VerifySignature", &about("http://localhost/return")).await;
        assert_eq!(local.status, if strict { 400 } else { 200 }, "{}", local.body);
        for (version, refused) in [("2008-09-17", false), ("2010-08-28", strict)] {
            let common = [("Action", "VerifySignature"), ("Version", version)];
            let unsigned = shop.bare(&[&common[..], &about("http://a.example/return")].concat()).await;
            assert_eq!(unsigned.status, if refused { 403 } else { 200 }, "{version}: {}", unsigned.body);
        }
        let few =
            shop.call("GetAccountActivity", &[("StartDate", "2010-10-06"), ("MaxBatchSize", "19")]).await;
        assert_eq!(few.status, if strict { 400 } else { 200 }, "{}", few.body);
    }
}

#[tokio::test]
async fn a_link_may_be_signed_for_where_the_pages_were() {
    for strict in [false, true] {
        let clock = SandboxClock::virtual_at("2010-10-06T12:00:00Z".parse().unwrap());
        let sandbox = Sandbox::builder().clock(clock).strict(strict).build();
        for (reference, service) in [("a", Endpoint::production()), ("b", Endpoint::sandbox())] {
            let mut charges = Charges::new();
            charges.add(Charge::ItemTotal, Amount::usd("1")).unwrap();
            let product = PipelineParameters::new(charges).unwrap();
            let return_url = "http://shop.example/return".parse().unwrap();
            let signed = SingleUse::new(CallerReference::new(reference).unwrap(), &product, return_url)
                .link(&people::shop_credentials(), &service)
                .unwrap();
            let mut link = sandbox.endpoint().pages().clone();
            link.set_query(signed.url().query());
            assert_eq!(john().approve(&sandbox.http(), &link).await.is_ok(), !strict, "{reference}");
        }
    }
}

#[tokio::test]
async fn the_request_log_shows_what_came_and_both_strings_of_a_refused_signature() {
    let sandbox = sandbox();
    let shop = Caller::new(&sandbox, people::shop_credentials());
    let mut url = sandbox.url();
    let mut pairs = Pairs::from_iter([
        ("AWSAccessKeyId", people::SHOP_ACCESS_KEY),
        ("Action", "Cancel"),
        ("Description", "changed my mind"),
        ("SignatureMethod", "HmacSHA256"),
        ("SignatureVersion", "2"),
        ("Timestamp", "2010-10-06T12:00:00.000Z"),
        ("Version", "2010-08-28"),
    ]);
    let right = signature::string_to_sign(signature::Method::Get, &url, &pairs).unwrap();
    let wrong = right.replace("%20", "+");
    let method = signature::SignatureMethod::HmacSha256;
    pairs.push("Signature", signature::hmac::sign(method, people::shop_credentials().secret_key(), &wrong));
    url.set_query(Some(&pairs.encode()));
    assert_eq!(
        sandbox.send(http::Request::get(url.as_str()).body(Vec::new()).unwrap()).await.unwrap().status(),
        403
    );
    assert_eq!(shop.call("GetAccountBalance", &[]).await.status, 200);
    let page = http::Request::get("http://fps.localhost/sandbox").body(Vec::new()).unwrap();
    let page = String::from_utf8(sandbox.send(page).await.unwrap().into_body()).unwrap();
    for part in [
        "spaces were signed as + instead of %20",
        "<ins>%20my%20mind",
        "<del>+my+mind",
        "Description = changed my mind",
        "GET GetAccountBalance",
    ] {
        assert!(page.contains(part), "{part:?} is not on {page}");
    }
    assert!(!page.contains("Signature = "), "{page}");
}
