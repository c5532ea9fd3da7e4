//! Links as the buyer pages of 2007-01-08 take them.

use url::Position;

use crate::checkout::{PaymentMethod, PaymentMethods};
use crate::param::pipeline;
use crate::pipeline::parameters::{LinkPairs, Value};
use crate::pipeline::{PipelineError, SignedLink};
use crate::signature::pages_2007::{Space, string_to_sign};
use crate::signature::{SignatureMethod, escape, hmac};
use crate::{Credentials, Endpoint, Pairs, Version};

/// Signs a link of what a pipeline has pushed for the later version: what has another form here gets it, what has none is refused.
pub(crate) fn sign(
    pipeline_name: &'static str,
    pushed: LinkPairs<'_>,
    credentials: &Credentials,
    endpoint: &Endpoint,
) -> Result<SignedLink, PipelineError> {
    let only_item_total = pushed.names().filter(|name| CHARGES.contains(name)).eq([pipeline::ITEM_TOTAL]);
    let mut pairs = Pairs::new();
    for (parameter, value) in pushed.into_pairs() {
        if is_lacking(pipeline_name, parameter) {
            return Err(PipelineError::Version { parameter, version: Version::V2007_01_08 });
        }
        match parameter {
            // Dollars are the only currency, and the guide's own links do not name them.
            pipeline::CURRENCY_CODE => {}
            // There is one way to sign, and it has no name.
            pipeline::SIGNATURE_METHOD | pipeline::SIGNATURE_VERSION => {}
            // A breakdown of one part says no more than `transactionAmount` does.
            pipeline::ITEM_TOTAL if only_item_total => {}
            pipeline::EDIT_TOKEN_ID => pairs.push(pipeline::TOKEN_ID, text(value)),
            _ => pairs.push(parameter, text(value)),
        }
    }
    let pages = endpoint.pages();
    let signed = string_to_sign(pages.path(), &pairs, Space::Plus);
    let signature = hmac::sign(SignatureMethod::HmacSha1, credentials.secret_key(), &signed);
    let mut link = [&pages[..Position::BeforePath], &signed, "&", pipeline::AWS_SIGNATURE, "="].concat();
    escape::push_form(&mut link, &signature);
    Ok(SignedLink::new(link))
}

/// Whether the pages of 2007 have no such parameter.
fn is_lacking(pipeline_name: &str, parameter: &str) -> bool {
    match parameter {
        pipeline::COBRANDING_STYLE | pipeline::COBRANDING_URL | pipeline::WEBSITE_DESCRIPTION => true,
        pipeline::PAYMENT_REASON => pipeline_name == "Recipient",
        _ => false,
    }
}

fn text(value: Value<'_>) -> String {
    match value {
        Value::Plain(text) | Value::Text(text) => text.to_owned(),
        Value::Owned(text) => text,
        Value::Amount(amount) => amount.to_string(),
        Value::Methods(methods) => methods_of_2007(methods),
    }
}

/// `abt,ba,cc`: in small letters, and a bank account is `ba`.
fn methods_of_2007(methods: PaymentMethods) -> String {
    let names = methods.iter().map(|method| match method {
        PaymentMethod::Abt => "abt",
        PaymentMethod::Ach => "ba",
        PaymentMethod::Cc => "cc",
    });
    names.collect::<Vec<_>>().join(",")
}

const CHARGES: &[&str] = &[
    pipeline::ITEM_TOTAL,
    pipeline::SHIPPING,
    pipeline::HANDLING,
    pipeline::GIFT_WRAPPING,
    pipeline::TAX,
    pipeline::DISCOUNT,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::{Charge, Charges, PipelineParameters, ShippingAddress};
    use crate::operation::Percent;
    use crate::pipeline::{
        AmountType, CobrandingStyle, EditToken, MultiUse, Period, Recipient, Recurring, SetupPostpaid,
        SetupPrepaid, SingleUse, UsageLimit,
    };
    use crate::{Amount, CallerReference, Timestamp, TokenId};

    const RETURN: &str = "http://localhost:8080/amazonfpssdk/usecases/digitalDownload/paymentDetails.jsp?PaymentAmount=0.10&Download=Now+and+Forever+-+Richard+Marx&uniqueId=1177495829105";

    fn reference(text: &str) -> CallerReference {
        CallerReference::new(text).unwrap()
    }

    fn product(charges: &[(Charge, &str)]) -> PipelineParameters {
        let mut sum = Charges::new();
        for (charge, amount) in charges {
            sum.add(*charge, amount.parse().unwrap()).unwrap();
        }
        PipelineParameters::new(sum).unwrap()
    }

    fn shop() -> url::Url {
        "https://shop.example/return".parse().unwrap()
    }

    /// The query of the link without its signature, in the order of signing, after the signature was found right.
    fn query(link: impl Fn(Version, &Credentials, &Endpoint) -> Result<SignedLink, PipelineError>) -> String {
        let credentials =
            Credentials::new("AKEXAMPLE00000000001", "secretkeyEXAMPLE/0123456789abcdefghijklm");
        let link = link(Version::V2007_01_08, &credentials, &Endpoint::sandbox()).unwrap();
        let pairs = Pairs::decode(link.url().query().unwrap()).unwrap();
        assert_eq!(pairs.repeated(), None);
        let text = string_to_sign(link.url().path(), &pairs, Space::Plus);
        let signature = pairs.get("awsSignature").unwrap();
        assert!(hmac::verify(SignatureMethod::HmacSha1, credentials.secret_key(), &text, signature));
        assert!(!format!("{link:?}").contains(signature));
        let query = text.strip_prefix("/cobranded-ui/actions/start?").unwrap();
        assert!(link.url().query().unwrap().starts_with(query), "what is sent is what was signed");
        query.to_owned()
    }

    fn refused(
        link: impl Fn(Version, &Credentials, &Endpoint) -> Result<SignedLink, PipelineError>,
    ) -> String {
        let credentials = Credentials::new("AKEXAMPLE00000000001", "secret");
        link(Version::V2007_01_08, &credentials, &Endpoint::sandbox()).unwrap_err().to_string()
    }

    #[test]
    fn the_guides_own_link_is_made_to_the_letter() {
        let product =
            product(&[(Charge::ItemTotal, "0.10")]).with_payment_reason("Now and Forever - Richard Marx");
        let link =
            SingleUse::new(reference("DigitalDownload1177495829105"), &product, RETURN.parse().unwrap());
        let credentials =
            Credentials::new("AKEXAMPLE00000000001", "secretkeyEXAMPLE/0123456789abcdefghijklm");
        let signed = link.link_in(Version::V2007_01_08, &credentials, &Endpoint::sandbox()).unwrap();
        assert_eq!(
            signed.as_str(),
            "https://authorize.payments-sandbox.amazon.com/cobranded-ui/actions/start?callerKey=AKEXAMPLE00000000001\
             &callerReference=DigitalDownload1177495829105&paymentMethod=abt%2Cba%2Ccc\
             &paymentReason=Now+and+Forever+-+Richard+Marx&pipelineName=SingleUse\
             &returnURL=http%3A%2F%2Flocalhost%3A8080%2Famazonfpssdk%2Fusecases%2FdigitalDownload%2FpaymentDetails.jsp%3FPaymentAmount%3D0.10%26Download%3DNow%2Band%2BForever%2B-%2BRichard%2BMarx%26uniqueId%3D1177495829105\
             &transactionAmount=0.10&awsSignature=LRMj8UY%2F10p0ruP%2BPnXTjOdflQ4%3D"
        );
    }

    #[test]
    fn later_versions_get_the_link_of_today() {
        let (product, credentials) = (product(&[(Charge::ItemTotal, "1")]), Credentials::new("AK", "secret"));
        let link = SingleUse::new(reference("r"), &product, shop()).with_website_description("a shop");
        let today = link.link(&credentials, &Endpoint::sandbox()).unwrap();
        for version in [Version::V2008_09_17, Version::V2010_08_28] {
            assert_eq!(link.link_in(version, &credentials, &Endpoint::sandbox()).unwrap(), today);
        }
    }

    #[test]
    fn a_single_use_link_has_every_parameter() {
        let address = ShippingAddress {
            name: Some("John Doe".to_owned()),
            line1: Some("1 Main St".to_owned()),
            line2: Some("#2".to_owned()),
            city: Some("Seattle".to_owned()),
            state: Some("WA".to_owned()),
            country: Some("US".to_owned()),
            zip: Some("98101".to_owned()),
            phone_number: Some("+1 206".to_owned()),
        };
        let product = product(&[
            (Charge::ItemTotal, "10"),
            (Charge::Shipping, "4.99"),
            (Charge::Handling, "1"),
            (Charge::GiftWrapping, "0.50"),
            (Charge::Tax, "0.83"),
            (Charge::Discount, "2"),
        ])
        .with_payment_methods(PaymentMethods::of(&[PaymentMethod::Cc]))
        .with_reserve(true)
        .with_address(address);
        let link = SingleUse::new(reference("r"), &product, shop())
            .with_recipient_token(TokenId::new("R1"))
            .with_recipient_cobranding(true);
        assert_eq!(
            query(|version, credentials, endpoint| link.link_in(version, credentials, endpoint)),
            "addressLine1=1+Main+St&addressLine2=%232&addressName=John+Doe&callerKey=AKEXAMPLE00000000001\
             &callerReference=r&city=Seattle&country=US&discount=2.00&giftWrapping=0.50&handling=1.00\
             &isRecipientCobranding=True&itemTotal=10.00&paymentMethod=cc&phoneNumber=%2B1+206\
             &pipelineName=SingleUse&recipientToken=R1&reserve=True\
             &returnURL=https%3A%2F%2Fshop.example%2Freturn&shipping=4.99&state=WA&tax=0.83\
             &transactionAmount=15.32&zip=98101"
        );
    }

    #[test]
    fn the_other_six_have_every_parameter_too() {
        let multi_use = MultiUse::new(reference("r"), Amount::usd("50"), shop())
            .with_transaction_amount(Amount::usd("5"), AmountType::Maximum)
            .with_usage_limit(UsageLimit::amount(Amount::usd("10")).per(Period::months(6)))
            .with_recipient_token(TokenId::new("R1"))
            .with_recipient_token(TokenId::new("R2"))
            .with_payment_methods(PaymentMethods::of(&[PaymentMethod::Abt, PaymentMethod::Ach]))
            .with_payment_reason("songs & more")
            .with_collect_shipping_address()
            .with_validity_start(Timestamp::from_unix_seconds(1))
            .with_validity_expiry(Timestamp::from_unix_seconds(2));
        assert_eq!(
            query(|version, credentials, endpoint| multi_use.link_in(version, credentials, endpoint)),
            "amountType=Maximum&callerKey=AKEXAMPLE00000000001&callerReference=r&collectShippingAddress=True\
             &globalAmountLimit=50.00&paymentMethod=abt%2Cba&paymentReason=songs+%26+more&pipelineName=MultiUse\
             &recipientTokenList=R1%2CR2&returnURL=https%3A%2F%2Fshop.example%2Freturn&transactionAmount=5.00\
             &usageLimitPeriod1=6+Months&usageLimitType1=Amount&usageLimitValue1=10.00&validityExpiry=2\
             &validityStart=1"
        );
        let recurring = Recurring::new(reference("r"), Amount::usd("5"), Period::months(1), shop())
            .with_recipient_token(TokenId::new("R1"))
            .with_recipient_cobranding(true);
        assert_eq!(
            query(|version, credentials, endpoint| recurring.link_in(version, credentials, endpoint)),
            "callerKey=AKEXAMPLE00000000001&callerReference=r&isRecipientCobranding=True&pipelineName=Recurring\
             &recipientToken=R1&recurringPeriod=1+Month&returnURL=https%3A%2F%2Fshop.example%2Freturn\
             &transactionAmount=5.00"
        );
        let recipient = Recipient::new(reference("r"), true, shop())
            .with_caller_reference_refund(reference("r-refund"))
            .with_max_fixed_fee(Amount::usd("0.50"))
            .with_max_variable_fee(Percent::parse("0.25").unwrap())
            .with_payment_methods(PaymentMethods::ALL)
            .with_validity_expiry(Timestamp::from_unix_seconds(2));
        assert_eq!(
            query(|version, credentials, endpoint| recipient.link_in(version, credentials, endpoint)),
            "callerKey=AKEXAMPLE00000000001&callerReference=r&callerReferenceRefund=r-refund&maxFixedFee=0.50\
             &maxVariableFee=0.25&paymentMethod=abt%2Cba%2Ccc&pipelineName=Recipient&recipientPaysFee=True\
             &returnURL=https%3A%2F%2Fshop.example%2Freturn&validityExpiry=2"
        );
        let prepaid = SetupPrepaid::new(reference("s"), reference("f"), Amount::usd("100"), shop());
        assert_eq!(
            query(|version, credentials, endpoint| prepaid.link_in(version, credentials, endpoint)),
            "callerKey=AKEXAMPLE00000000001&callerReferenceFunding=f&callerReferenceSender=s&fundingAmount=100.00\
             &pipelineName=SetupPrepaid&returnURL=https%3A%2F%2Fshop.example%2Freturn"
        );
        let postpaid =
            SetupPostpaid::new(reference("s"), reference("d"), Amount::usd("20"), Amount::usd("200"), shop());
        assert_eq!(
            query(|version, credentials, endpoint| postpaid.link_in(version, credentials, endpoint)),
            "callerKey=AKEXAMPLE00000000001&callerReferenceSender=s&callerReferenceSettlement=d&creditLimit=20.00\
             &globalAmountLimit=200.00&pipelineName=SetupPostpaid&returnURL=https%3A%2F%2Fshop.example%2Freturn"
        );
        let edit = EditToken::new(reference("r"), TokenId::new("S1"), shop());
        assert_eq!(
            query(|version, credentials, endpoint| edit.link_in(version, credentials, endpoint)),
            "callerKey=AKEXAMPLE00000000001&callerReference=r&pipelineName=EditToken\
             &returnURL=https%3A%2F%2Fshop.example%2Freturn&tokenID=S1"
        );
    }

    #[test]
    fn what_these_pages_do_not_have_is_refused() {
        let product = product(&[(Charge::ItemTotal, "1")]);
        let single_use = || SingleUse::new(reference("r"), &product, shop());
        for (link, parameter) in [
            (single_use().with_cobranding_style(CobrandingStyle::Logo), "cobrandingStyle"),
            (single_use().with_cobranding_url(shop()), "cobrandingUrl"),
            (single_use().with_website_description("a shop"), "websiteDescription"),
        ] {
            assert_eq!(
                refused(|version, credentials, endpoint| link.link_in(version, credentials, endpoint)),
                format!(
                    "{parameter} is not in version 2007-01-08 of these pages; leave it out or use 2010-08-28"
                )
            );
        }
        let recipient = Recipient::new(reference("r"), true, shop()).with_payment_reason("to sell");
        assert_eq!(
            refused(|version, credentials, endpoint| recipient.link_in(version, credentials, endpoint)),
            "paymentReason is not in version 2007-01-08 of these pages; leave it out or use 2010-08-28"
        );
        let own_name =
            SingleUse::new(reference("r"), &product, "https://shop.example/?status=x".parse().unwrap());
        assert_eq!(
            refused(|version, credentials, endpoint| own_name.link_in(version, credentials, endpoint)),
            "returnURL has a parameter `status` of its own, which the service also adds; rename it"
        );
    }
}
