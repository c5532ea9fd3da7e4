//! Every name that goes over the wire, once.
//!
//! Pipelines and what comes back from them write names with a small first letter, operations with a capital one.

/// A list of names as documented string constants.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $(#[doc = concat!("`", $text, "`.")] $(#[$doc])* pub const $name: &str = $text;)*
    };
}

/// Names of the buyer pages: links there and returns from there.
pub mod pipeline {
    names! {
        ADDRESS_LINE_1 = "addressLine1";
        ADDRESS_LINE_2 = "addressLine2";
        ADDRESS_NAME = "addressName";
        CALLER_KEY = "callerKey";
        CALLER_REFERENCE = "callerReference";
        CERTIFICATE_URL = "certificateUrl";
        CITY = "city";
        COBRANDING_STYLE = "cobrandingStyle";
        COBRANDING_URL = "cobrandingUrl";
        COLLECT_SHIPPING_ADDRESS = "collectShippingAddress";
        COUNTRY = "country";
        CURRENCY_CODE = "currencyCode";
        DISCOUNT = "discount";
        ERROR_MESSAGE = "errorMessage";
        EXPIRY = "expiry";
        GIFT_WRAPPING = "giftWrapping";
        HANDLING = "handling";
        IS_RECIPIENT_COBRANDING = "isRecipientCobranding";
        ITEM_TOTAL = "itemTotal";
        PAYMENT_METHOD = "paymentMethod";
        PAYMENT_REASON = "paymentReason";
        PHONE_NUMBER = "phoneNumber";
        PIPELINE_NAME = "pipelineName";
        RECIPIENT_TOKEN = "recipientToken";
        RESERVE = "reserve";
        RETURN_URL = "returnURL";
        SHIPPING = "shipping";
        SIGNATURE = "signature";
        SIGNATURE_METHOD = "signatureMethod";
        SIGNATURE_VERSION = "signatureVersion";
        STATE = "state";
        STATUS = "status";
        TAX = "tax";
        TOKEN_ID = "tokenID";
        TRANSACTION_AMOUNT = "transactionAmount";
        VERSION = "version";
        WARNING_CODE = "warningCode";
        WARNING_MESSAGE = "warningMessage";
        WEBSITE_DESCRIPTION = "websiteDescription";
        ZIP = "zip";
    }
}

/// Names of the API: requests and answers.
pub mod api {
    names! {
        ACTION = "Action";
        AWS_ACCESS_KEY_ID = "AWSAccessKeyId";
        CALLER_DESCRIPTION = "CallerDescription";
        CALLER_REFERENCE = "CallerReference";
        CHARGE_FEE_TO = "ChargeFeeTo";
        CURRENCY_CODE = "CurrencyCode";
        HTTP_PARAMETERS = "HttpParameters";
        OVERRIDE_IPN_URL = "OverrideIPNURL";
        RECIPIENT_TOKEN_ID = "RecipientTokenId";
        REFUND_AMOUNT = "RefundAmount";
        SENDER_DESCRIPTION = "SenderDescription";
        SENDER_TOKEN_ID = "SenderTokenId";
        SIGNATURE = "Signature";
        SIGNATURE_METHOD = "SignatureMethod";
        SIGNATURE_VERSION = "SignatureVersion";
        TIMESTAMP = "Timestamp";
        TOKEN_ID = "TokenId";
        TRANSACTION_AMOUNT = "TransactionAmount";
        TRANSACTION_ID = "TransactionId";
        TRANSACTION_TIMEOUT_IN_MINS = "TransactionTimeoutInMins";
        URL_END_POINT = "UrlEndPoint";
        VALUE = "Value";
        VERSION = "Version";
    }
}
