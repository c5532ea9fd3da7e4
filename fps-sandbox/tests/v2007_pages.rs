//! The buyer pages of version 2007-01-08: links and returns signed with `awsSignature`.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

#[path = "support/first.rs"]
mod first;

use fps_core::checkout::PaymentMethod;
use fps_core::pipeline::v2007::verify_return;
use fps_core::signature::pages_2007::Space;
use fps_core::{Credentials, Pairs};
use fps_sandbox::buyer::BuyerError;
use fps_sandbox::{Buyer, Fault, Page, people};
use url::Url;

use first::{Shop, builder, john, returned, shop};

const KEY: &str = "AKEXAMPLE00000000001";
const SECRET: &str = "secretkeyEXAMPLE/0123456789abcdefghijklm";

/// The guide's own link, its string to sign and its signatures computed with another implementation.
const LINK: &str = "callerKey=AKEXAMPLE00000000001&callerReference=DigitalDownload1177495829105&paymentMethod=abt%2Cba%2Ccc\
                    &paymentReason=Now+and+Forever+-+Richard+Marx&pipelineName=SingleUse\
                    &returnURL=http%3A%2F%2Flocalhost%3A8080%2Famazonfpssdk%2Fusecases%2FdigitalDownload%2FpaymentDetails.jsp\
                    %3FPaymentAmount%3D0.10%26Download%3DNow%2Band%2BForever%2B-%2BRichard%2BMarx%26uniqueId%3D1177495829105\
                    &transactionAmount=0.10";
const SIGNED_WITH_PLUS: &str = "LRMj8UY%2F10p0ruP%2BPnXTjOdflQ4%3D";
const SIGNED_WITH_PERCENT_20: &str = "Ng9nNtZOMoDJaQhzxdaHtuY%2FcQI%3D";

fn example() -> Shop {
    let credentials = Credentials::new(KEY, SECRET);
    Shop::new(&builder().caller(&credentials).build(), credentials)
}

fn start(shop: &Shop, query: &str) -> Url {
    let mut url = shop.base.join("cobranded-ui/actions/start").unwrap();
    url.set_query(Some(query));
    url
}

/// Where the first request of a link leads: the pages, or back.
async fn led(shop: &Shop, link: &Url) -> (u16, String) {
    let request = http::Request::get(link.as_str()).body(Vec::new()).unwrap();
    let response = shop.http.send(request).await.unwrap();
    let location = response.headers().get(http::header::LOCATION);
    let location = location.map(|location| location.to_str().unwrap().to_owned());
    (response.status().as_u16(), location.unwrap_or_default())
}

#[tokio::test]
async fn the_guides_link_is_taken_with_both_of_its_signatures() {
    let shop = example();
    let link = |signature: &str, space: &str| {
        start(&shop, &format!("{}&awsSignature={signature}", LINK.replace("+-+", space)))
    };
    // Which form a space is sent in plays no part; which was signed does, and both are taken.
    for (signature, space) in [(SIGNED_WITH_PLUS, "+-+"), (SIGNED_WITH_PERCENT_20, "%20-%20")] {
        let (status, location) = led(&shop, &link(signature, space)).await;
        assert_eq!(status, 303, "{location}");
        assert!(location.starts_with("/cobranded-ui/visits/"), "{location}");
    }
    let back = john().approve(&shop.http, &link(SIGNED_WITH_PLUS, "+-+")).await.unwrap();
    let page =
        Url::parse("http://localhost:8080/amazonfpssdk/usecases/digitalDownload/paymentDetails.jsp").unwrap();
    let secret = fps_core::SecretKey::new(SECRET);
    let returned = verify_return(&page, back.query().unwrap(), &[&secret]).unwrap();
    let answer = returned.single_use();
    assert!(answer.approved().is_some(), "{back}");
    assert_eq!(answer.caller_reference.unwrap().as_str(), "DigitalDownload1177495829105");
    let own: Vec<_> = answer.own.iter().collect();
    let (name, song) = ("Download", "Now and Forever - Richard Marx");
    assert_eq!(own, [("PaymentAmount", "0.10"), (name, song), ("uniqueId", "1177495829105")]);
}

#[tokio::test]
async fn a_link_that_was_tampered_with_comes_back_unsigned() {
    let shop = example();
    let good = format!("{LINK}&awsSignature={SIGNED_WITH_PLUS}");
    let mut tampered = 0;
    for at in 0..good.len() {
        let byte = good.as_bytes()[at];
        // One letter or digit becomes another.
        let other = match byte {
            b'0'..=b'8' => byte + 1,
            b'a'..=b'y' | b'A'..=b'Y' => byte + 1,
            _ => continue,
        };
        let mut query = good.clone().into_bytes();
        query[at] = other;
        let query = String::from_utf8(query).unwrap();
        let (status, location) = led(&shop, &start(&shop, &query)).await;
        let is_started = location.starts_with("/cobranded-ui/visits/");
        // The signature's last digits hold bits that decode to nothing, and %2f is %2F.
        let same = Pairs::decode(&query).is_ok_and(|pairs| {
            let good = Pairs::decode(&good).unwrap();
            pairs.iter().eq(good.iter())
        });
        assert_eq!(is_started, same, "byte {at} of {query}: {status} {location}");
        assert!(!location.contains("awsSignature"), "a stranger got a signature: {location}");
        tampered += usize::from(!same);
    }
    assert!(tampered > 300, "{tampered}");

    // The maker of the link is told, and so is who looks at the control page.
    let bad = good.replace("0.10&aws", "0.01&aws");
    let (status, location) = led(&shop, &start(&shop, &bad)).await;
    assert_eq!(status, 302);
    let url = Url::parse(&location).unwrap();
    assert_eq!(returned(&url, "status").as_deref(), Some("CE"));
    assert_eq!(
        returned(&url, "errorMessage").as_deref(),
        Some("The signature of the request does not match")
    );
    let secret = fps_core::SecretKey::new(SECRET);
    assert!(verify_return(&url, url.query().unwrap(), &[&secret]).is_err());
    let nowhere = good.replace("returnURL", "returnUri");
    assert_eq!(led(&shop, &start(&shop, &nowhere)).await.0, 400);
    let nobody = good.replace(KEY, "NOBODY");
    assert_eq!(led(&shop, &start(&shop, &nobody)).await.0, 400);
    let unsigned = LINK.to_owned();
    assert_eq!(led(&shop, &start(&shop, &unsigned)).await.0, 400);
    // A name of the later version makes it a link of that version, which knows no awsSignature.
    let later = shop.link(&[("callerReference", "a"), ("transactionAmount", "1"), ("version", "2009-01-09")]);
    assert_eq!(led(&shop, &later).await.0, 400);
}

#[tokio::test]
async fn one_changed_byte_of_a_return_is_noticed() {
    let (shop, _) = shop().await;
    let back = shop.walk(john(), &[("callerReference", "a1"), ("transactionAmount", "1.00")]).await;
    let secret = fps_core::SecretKey::new(people::SHOP_SECRET_KEY);
    let query = back.query().unwrap();
    assert!(verify_return(&back, query, &[&secret]).is_ok());
    for at in 0..query.len() {
        let byte = query.as_bytes()[at];
        if !byte.is_ascii_alphanumeric() {
            continue;
        }
        let mut changed = query.as_bytes().to_vec();
        changed[at] = if byte == b'z' || byte == b'Z' || byte == b'9' { byte - 1 } else { byte + 1 };
        let changed = String::from_utf8(changed).unwrap();
        let genuine = verify_return(&back, &changed, &[&secret]).is_ok();
        // The last digit before the padding holds two bits that decode to nothing.
        let is_padding = at == query.len() - 2;
        assert!(!genuine || is_padding, "byte {at}: {changed}");
    }
    let elsewhere = Url::parse("http://localhost:8080/other").unwrap();
    assert!(verify_return(&elsewhere, query, &[&secret]).is_err());
}

#[tokio::test]
async fn the_signature_stands_bare_unless_asked_for() {
    let secret = fps_core::SecretKey::new(people::SHOP_SECRET_KEY);
    let (mut bare_plus, mut number) = (false, 0);
    let shop = Shop::new(&builder().build(), people::shop_credentials());
    // A signature has a plus in one of about three.
    while !bare_plus {
        number += 1;
        let reference = format!("a{number}");
        let back = shop.walk(john(), &[("callerReference", &reference), ("transactionAmount", "1.00")]).await;
        let query = back.query().unwrap();
        let signature = query.rsplit_once("&awsSignature=").unwrap().1;
        assert!(signature.len() == 28 && signature.ends_with('=') && !signature.contains('%'), "{signature}");
        bare_plus = signature.contains('+');
        assert!(verify_return(&back, query, &[&secret]).is_ok(), "{query}");
        // As a framework gives it back that has read the query as a form.
        let spaced = query.replace(signature, &signature.replace('+', "%20"));
        assert!(verify_return(&back, &spaced, &[&secret]).is_ok(), "{spaced}");
        assert!(number < 200, "no signature with a plus");
    }
    let encoding = Shop::new(&builder().encode_aws_signature(true).build(), people::shop_credentials());
    let back = encoding.walk(john(), &[("callerReference", "a1"), ("transactionAmount", "1.00")]).await;
    let signature = back.query().unwrap().rsplit_once("&awsSignature=").unwrap().1;
    assert!(signature.ends_with("%3D") && !signature.contains(['+', '/', '=']), "{signature}");
    assert!(verify_return(&back, back.query().unwrap(), &[&secret]).is_ok());
}

#[tokio::test]
async fn every_pipeline_gives_its_tokens_back() {
    let (shop, _) = shop().await;
    let secret = fps_core::SecretKey::new(people::SHOP_SECRET_KEY);
    let multi_use: &[(&str, &str)] = &[
        ("pipelineName", "MultiUse"),
        ("callerReference", "m1"),
        ("globalAmountLimit", "50"),
        ("amountType", "Maximum"),
        ("transactionAmount", "5"),
        ("validityExpiry", "1255000000"),
    ];
    let recurring: &[(&str, &str)] = &[
        ("pipelineName", "Recurring"),
        ("callerReference", "r1"),
        ("transactionAmount", "1"),
        ("recurringPeriod", "7 Days"),
        ("paymentReason", "<b>News</b>"),
    ];
    let recipient: &[(&str, &str)] = &[
        ("pipelineName", "Recipient"),
        ("callerReference", "x1"),
        ("callerReferenceRefund", "x2"),
        ("recipientPaysFee", "False"),
    ];
    let prepaid: &[(&str, &str)] = &[
        ("pipelineName", "SetupPrepaid"),
        ("callerReferenceSender", "p1"),
        ("callerReferenceFunding", "p2"),
        ("fundingAmount", "20"),
    ];
    let postpaid: &[(&str, &str)] = &[
        ("pipelineName", "SetupPostpaid"),
        ("callerReferenceSender", "c1"),
        ("callerReferenceSettlement", "c2"),
        ("creditLimit", "20"),
        ("globalAmountLimit", "50"),
    ];
    let single: &[(&str, &str)] = &[("callerReference", "s1"), ("transactionAmount", "1")];
    let card = || john().method(PaymentMethod::Cc);
    let artist = || Buyer::new(people::ARTIST, "artist");
    for (buyer, pairs, expected) in [
        (card(), single, "status expiry tokenID callerReference awsSignature"),
        (john(), multi_use, "status tokenID callerReference awsSignature"),
        (john(), recurring, "status tokenID callerReference awsSignature"),
        (artist(), recipient, "status tokenID refundTokenID callerReference awsSignature"),
        (john(), prepaid, "status prepaidInstrumentID prepaidSenderTokenID fundingTokenID awsSignature"),
        // The order of the one return that was kept.
        (
            card(),
            postpaid,
            "status expiry creditSenderTokenID settlementTokenID creditInstrumentID awsSignature",
        ),
    ] {
        let back = shop.walk(buyer, pairs).await;
        let query = back.query().unwrap();
        let names: Vec<_> = query.split('&').skip(3).map(|pair| pair.split('=').next().unwrap()).collect();
        assert_eq!(names.join(" "), expected, "{back}");
        assert!(verify_return(&back, query, &[&secret]).is_ok(), "{back}");
    }
    // EditToken names its token with a capital D in this version.
    let found = shop.call("GetTokenByCaller", &[("CallerReference", "m1")]).await;
    let edit = [("pipelineName", "EditToken"), ("callerReference", "e1"), ("tokenID", found.text("TokenId"))];
    let same = shop.walk(john(), &edit).await;
    assert_eq!(returned(&same, "status").as_deref(), Some("SU"));
    let edit = [("pipelineName", "EditToken"), ("callerReference", "e2"), ("tokenID", found.text("TokenId"))];
    let back = shop.walk(card(), &edit).await;
    assert_eq!(returned(&back, "status").as_deref(), Some("SC"));
    let token = shop.call("GetTokenByCaller", &[("CallerReference", "e2")]).await;
    assert_eq!(token.text("OldTokenId"), found.text("TokenId"));
}

#[tokio::test]
async fn without_a_method_all_are_offered_and_names_have_any_case() {
    let (shop, _) = shop().await;
    let pairs = [("callerReference", "a1"), ("transactionAmount", "1.00"), ("returnURL", "-")];
    let back = "http://shop.example/back";
    for (number, method) in
        [PaymentMethod::Abt, PaymentMethod::Ach, PaymentMethod::Cc].into_iter().enumerate()
    {
        let reference = format!("a{number}");
        // As REMIT sent it.
        let more = [("callerReference", reference.as_str()), ("ReturnUrl", back), ("PAYMENTREASON", "x y")];
        let link = shop.link(&[&pairs[..], &more].concat());
        assert!(!link.as_str().contains("returnURL"), "{link}");
        let url = john().method(method).approve(&shop.http, &link).await.unwrap();
        let status = returned(&url, "status").unwrap();
        assert_eq!(status, ["SA", "SB", "SC"][number], "{url}");
    }
    for space in [Space::Plus, Space::Percent20] {
        let reference = format!("{space:?}");
        let more = [("callerReference", reference.as_str()), ("paymentReason", "a b+c*~ü")];
        let link = shop.link_in(space, &[&[("transactionAmount", "1.00")][..], &more].concat());
        assert_eq!(led(&shop, &link).await.0, 303, "{link}");
    }
}

#[tokio::test]
async fn who_does_not_finish_comes_back_with_the_reason() {
    let (shop, _) = shop().await;
    let secret = fps_core::SecretKey::new(people::SHOP_SECRET_KEY);
    let busker = ("recipientToken", people::BUSKER_TOKEN);
    let small = Shop::new(&shop.sandbox, people::small_shop_credentials());
    let nobody = Buyer::new(people::JOHN, "john");
    let shop_itself = Buyer::new(people::SHOP, "shop");
    for (number, (buyer, more, status)) in [
        (john().cancel_at(Page::Confirm), ("paymentReason", "x"), "A"),
        (Buyer::new(people::NORA, "nora"), ("paymentReason", "x"), "PE"),
        (Buyer::new(people::ULLA, "ulla"), ("paymentReason", "x"), "NP"),
        (Buyer::new(people::CARL, "carl"), ("paymentMethod", "abt,ba"), "PE"),
        (shop_itself, ("paymentReason", "x"), "NP"),
        (nobody.clone(), busker, "NP"),
        (nobody.clone(), ("transactionAmount", "0"), "CE"),
        (nobody.clone(), ("paymentMethod", "cash"), "CE"),
        (nobody, ("pipelineName", "Gift"), "CE"),
    ]
    .into_iter()
    .enumerate()
    {
        let reference = format!("a{number}");
        let pairs = [("transactionAmount", "1.00"), ("callerReference", &reference), more];
        let back = shop.walk(buyer, &pairs).await;
        assert_eq!(returned(&back, "status").as_deref(), Some(status), "{number} {back}");
        assert_eq!(returned(&back, "tokenID"), None);
        assert_eq!(returned(&back, "errorMessage").is_some(), status != "A", "{back}");
        assert!(verify_return(&back, back.query().unwrap(), &[&secret]).is_ok(), "{back}");
    }
    let third =
        [("transactionAmount", "1"), ("callerReference", "t"), ("recipientToken", people::SMALL_SHOP_TOKEN)];
    assert_eq!(returned(&small.walk(john(), &third).await, "status").as_deref(), Some("NM"));
    shop.sandbox.faults().on_next("Pipeline", Fault::SystemError);
    let pairs = [("transactionAmount", "1.00"), ("callerReference", "b1")];
    assert_eq!(returned(&shop.walk(john(), &pairs).await, "status").as_deref(), Some("SE"));
    // Whoever left may come back by the same link; a reference that has a token is taken.
    let pairs = [("transactionAmount", "1.00"), ("callerReference", "a0")];
    assert_eq!(returned(&shop.walk(john(), &pairs).await, "status").as_deref(), Some("SA"));
    assert_eq!(returned(&shop.walk(john(), &pairs).await, "status").as_deref(), Some("CE"));
    let link = shop.link(&[("transactionAmount", "1.00"), ("callerReference", "w1")]);
    let wrong = Buyer::new(people::JOHN, "jane").approve(&shop.http, &link).await;
    assert!(matches!(wrong, Err(BuyerError::Refused { status: 422, .. })));
}

#[tokio::test]
async fn the_address_that_was_asked_for_comes_back() {
    let (shop, _) = shop().await;
    let pairs =
        [("transactionAmount", "1.00"), ("callerReference", "a1"), ("collectShippingAddress", "True")];
    let back = shop.walk(john(), &pairs).await;
    assert_eq!(returned(&back, "addressLine1").as_deref(), Some("1 Main Street"));
    assert_eq!(returned(&back, "zip").as_deref(), Some("98101"));
    let secret = fps_core::SecretKey::new(people::SHOP_SECRET_KEY);
    assert!(verify_return(&back, back.query().unwrap(), &[&secret]).is_ok());
}
