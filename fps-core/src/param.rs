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
        AMOUNT_TYPE = "amountType";
        AWS_SIGNATURE = "awsSignature";
        CALLER_KEY = "callerKey";
        CALLER_REFERENCE = "callerReference";
        CALLER_REFERENCE_FUNDING = "callerReferenceFunding";
        CALLER_REFERENCE_REFUND = "callerReferenceRefund";
        CALLER_REFERENCE_SENDER = "callerReferenceSender";
        CALLER_REFERENCE_SETTLEMENT = "callerReferenceSettlement";
        CERTIFICATE_URL = "certificateUrl";
        CITY = "city";
        COBRANDING_STYLE = "cobrandingStyle";
        COBRANDING_URL = "cobrandingUrl";
        COLLECT_SHIPPING_ADDRESS = "collectShippingAddress";
        COUNTRY = "country";
        CREDIT_INSTRUMENT_ID = "creditInstrumentID";
        CREDIT_LIMIT = "creditLimit";
        CREDIT_SENDER_TOKEN_ID = "creditSenderTokenID";
        CURRENCY_CODE = "currencyCode";
        DISCOUNT = "discount";
        /// Of the EditToken link: small `d`, unlike in returns.
        EDIT_TOKEN_ID = "tokenId";
        ERROR_MESSAGE = "errorMessage";
        EXPIRY = "expiry";
        FUNDING_AMOUNT = "fundingAmount";
        FUNDING_TOKEN_ID = "fundingTokenID";
        GIFT_WRAPPING = "giftWrapping";
        GLOBAL_AMOUNT_LIMIT = "globalAmountLimit";
        HANDLING = "handling";
        IS_RECIPIENT_COBRANDING = "isRecipientCobranding";
        ITEM_TOTAL = "itemTotal";
        MAX_FIXED_FEE = "maxFixedFee";
        MAX_VARIABLE_FEE = "maxVariableFee";
        PAYMENT_METHOD = "paymentMethod";
        PAYMENT_REASON = "paymentReason";
        PHONE_NUMBER = "phoneNumber";
        PIPELINE_NAME = "pipelineName";
        PREPAID_INSTRUMENT_ID = "prepaidInstrumentID";
        PREPAID_SENDER_TOKEN_ID = "prepaidSenderTokenID";
        RECIPIENT_PAYS_FEE = "recipientPaysFee";
        RECIPIENT_TOKEN = "recipientToken";
        RECIPIENT_TOKEN_LIST = "recipientTokenList";
        RECURRING_PERIOD = "recurringPeriod";
        REFUND_TOKEN_ID = "refundTokenID";
        RESERVE = "reserve";
        RETURN_URL = "returnURL";
        SETTLEMENT_TOKEN_ID = "settlementTokenID";
        SHIPPING = "shipping";
        SIGNATURE = "signature";
        SIGNATURE_METHOD = "signatureMethod";
        SIGNATURE_VERSION = "signatureVersion";
        STATE = "state";
        STATUS = "status";
        TAX = "tax";
        TOKEN_ID = "tokenID";
        TRANSACTION_AMOUNT = "transactionAmount";
        USAGE_LIMIT_PERIOD_1 = "usageLimitPeriod1";
        USAGE_LIMIT_PERIOD_2 = "usageLimitPeriod2";
        USAGE_LIMIT_TYPE_1 = "usageLimitType1";
        USAGE_LIMIT_TYPE_2 = "usageLimitType2";
        USAGE_LIMIT_VALUE_1 = "usageLimitValue1";
        USAGE_LIMIT_VALUE_2 = "usageLimitValue2";
        VALIDITY_EXPIRY = "validityExpiry";
        VALIDITY_START = "validityStart";
        VERSION = "version";
        WARNING_CODE = "warningCode";
        WARNING_MESSAGE = "warningMessage";
        WEBSITE_DESCRIPTION = "websiteDescription";
        ZIP = "zip";
    }
}

/// Names of notices. The four signature fields are those of [`pipeline`].
pub mod notice {
    names! {
        ADDRESS_COUNTRY = "addressCountry";
        ADDRESS_FULL_NAME = "addressFullName";
        ADDRESS_LINE_1 = "addressLine1";
        ADDRESS_LINE_2 = "addressLine2";
        ADDRESS_PHONE = "addressPhone";
        ADDRESS_STATE = "addressState";
        ADDRESS_ZIP = "addressZip";
        BUYER_EMAIL = "buyerEmail";
        BUYER_NAME = "buyerName";
        CALLER_REFERENCE = "callerReference";
        CUSTOMER_EMAIL = "customerEmail";
        CUSTOMER_NAME = "customerName";
        DATE_INSTALLED = "dateInstalled";
        IS_SHIPPING_ADDRESS_PROVIDED = "isShippingAddressProvided";
        NOTIFICATION_TYPE = "notificationType";
        OPERATION = "operation";
        PARENT_TRANSACTION_ID = "parentTransactionId";
        PAYMENT_METHOD = "paymentMethod";
        PAYMENT_REASON = "paymentReason";
        RECIPIENT_EMAIL = "recipientEmail";
        RECIPIENT_NAME = "recipientName";
        STATUS = "status";
        STATUS_CODE = "statusCode";
        STATUS_MESSAGE = "statusMessage";
        TOKEN_ID = "tokenId";
        TOKEN_TYPE = "tokenType";
        TRANSACTION_AMOUNT = "transactionAmount";
        TRANSACTION_DATE = "transactionDate";
        TRANSACTION_ID = "transactionId";
        TRANSACTION_STATUS = "transactionStatus";
    }
}

/// Names of the API: requests and answers.
pub mod api {
    names! {
        ACTION = "Action";
        ADJUSTMENT_AMOUNT = "AdjustmentAmount";
        AMOUNT = "Amount";
        AWS_ACCESS_KEY_ID = "AWSAccessKeyId";
        CALLER_DESCRIPTION = "CallerDescription";
        CALLER_REFERENCE = "CallerReference";
        CALLER_TOKEN_ID = "CallerTokenId";
        CANCEL_REASON = "CancelReason";
        CHARGE_FEE_TO = "ChargeFeeTo";
        CREDIT_INSTRUMENT_ID = "CreditInstrumentId";
        CS_NUMBER_OF = "CSNumberOf";
        CS_OWNER = "CSOwner";
        CURRENCY_CODE = "CurrencyCode";
        DESCRIPTION = "Description";
        DESCRIPTOR_POLICY = "DescriptorPolicy";
        END_DATE = "EndDate";
        FPS_OPERATION = "FPSOperation";
        FUNDING_AMOUNT = "FundingAmount";
        HTTP_PARAMETERS = "HttpParameters";
        IMPLICIT_RETRY_TIMEOUT_IN_MINS = "ImplicitRetryTimeoutInMins";
        INSTRUMENT_STATUS = "InstrumentStatus";
        MARKETPLACE_FIXED_FEE = "MarketplaceFixedFee";
        MARKETPLACE_REFUND_POLICY = "MarketplaceRefundPolicy";
        MARKETPLACE_VARIABLE_FEE = "MarketplaceVariableFee";
        MAX_BATCH_SIZE = "MaxBatchSize";
        MAX_RESULTS_COUNT = "MaxResultsCount";
        META_DATA = "MetaData";
        NOTIFICATION_OPERATION_NAME = "NotificationOperationName";
        OPERATION = "Operation";
        ORIGINAL_TRANSACTION_ID = "OriginalTransactionId";
        OVERRIDE_IPN_URL = "OverrideIPNURL";
        PAYMENT_INSTRUCTION = "PaymentInstruction";
        PAYMENT_METHOD = "PaymentMethod";
        PAYMENT_REASON = "PaymentReason";
        PREPAID_INSTRUMENT_ID = "PrepaidInstrumentId";
        REASON_TEXT = "ReasonText";
        RECIPIENT_DESCRIPTION = "RecipientDescription";
        RECIPIENT_REFERENCE = "RecipientReference";
        RECIPIENT_TOKEN_ID = "RecipientTokenId";
        REFUND_AMOUNT = "RefundAmount";
        REFUND_RECIPIENT_DESCRIPTION = "RefundRecipientDescription";
        REFUND_RECIPIENT_REFERENCE = "RefundRecipientReference";
        REFUND_SENDER_DESCRIPTION = "RefundSenderDescription";
        REFUND_SENDER_REFERENCE = "RefundSenderReference";
        REFUND_SENDER_TOKEN_ID = "RefundSenderTokenId";
        RESERVE_TRANSACTION_ID = "ReserveTransactionId";
        RESPONSE_GROUP = "ResponseGroup";
        ROLE = "Role";
        SENDER_DESCRIPTION = "SenderDescription";
        SENDER_REFERENCE = "SenderReference";
        SENDER_TOKEN_ID = "SenderTokenId";
        SETTLEMENT_AMOUNT = "SettlementAmount";
        SIGNATURE = "Signature";
        SIGNATURE_METHOD = "SignatureMethod";
        SIGNATURE_VERSION = "SignatureVersion";
        SOFT_DESCRIPTOR_TYPE = "SoftDescriptorType";
        SORT_ORDER_BY_DATE = "SortOrderByDate";
        START_DATE = "StartDate";
        STATUS = "Status";
        SUBSCRIPTION_ID = "SubscriptionId";
        TEMPORARY_DECLINE_POLICY = "TemporaryDeclinePolicy";
        TEMPORARY_DECLINE_POLICY_TYPE = "TemporaryDeclinePolicyType";
        TIMESTAMP = "Timestamp";
        TOKEN_FRIENDLY_NAME = "TokenFriendlyName";
        TOKEN_ID = "TokenId";
        TOKEN_STATUS = "TokenStatus";
        TOKEN_TYPE = "TokenType";
        TRANSACTION_AMOUNT = "TransactionAmount";
        TRANSACTION_DATE = "TransactionDate";
        TRANSACTION_ID = "TransactionId";
        TRANSACTION_IDS = "TransactionIds";
        TRANSACTION_STATUS = "TransactionStatus";
        TRANSACTION_TIMEOUT_IN_MINS = "TransactionTimeoutInMins";
        URL_END_POINT = "UrlEndPoint";
        VALUE = "Value";
        VERSION = "Version";
        WEB_SERVICE_API_URL = "WebServiceAPIURL";
    }
}
