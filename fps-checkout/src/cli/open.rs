//! From the environment and the arguments to a shop.

use fps_core::url::Url;
use fps_core::{Credentials, Endpoint};

use super::arguments::{Configuration, Person};
use crate::Shop;
use crate::error::OpenShopError;
use crate::shop::ShopBuilder;
use crate::storage::{BoxError, Namespace};

impl Configuration {
    /// The shop's space in its store.
    pub(super) fn namespace(&self) -> Result<Namespace, BoxError> {
        match self.namespace.clone().or_else(|| variable(NAMESPACE)) {
            Some(name) => Ok(Namespace::new(name)?),
            None => Ok(Namespace::default()),
        }
    }
}

impl Person {
    /// Who decides.
    pub(super) fn name(&self) -> Result<String, BoxError> {
        let name = self.by.clone().or_else(|| variable("USER")).or_else(|| variable("LOGNAME"));
        name.ok_or_else(|| "say who decides, by --by NAME; it goes into the journal".into())
    }
}

/// A builder with all that the environment and the arguments say; what they do not say may be added.
pub(super) fn builder(given: &Configuration) -> Result<ShopBuilder, BoxError> {
    let mut shop = Shop::builder().namespace(given.namespace()?);
    // A program that has its keys from elsewhere needs none here.
    if let Ok(credentials) = Credentials::from_env() {
        shop = shop.credentials(credentials);
    }
    if let Some(url) = given.storage.as_deref() {
        shop = shop.storage_url(store_url(url)?);
    } else if let Some(url) = variable(STORAGE) {
        shop = shop.storage_url(url);
    }
    if let Some(url) = url(given.endpoint.as_ref(), ENDPOINT)? {
        shop = shop.endpoint(Endpoint::at(url)?);
    }
    if let Some(url) = url(given.public_url.as_ref(), PUBLIC_URL)? {
        shop = shop.public_url(url);
    }
    Ok(shop)
}

/// What is missing for the builder is missing in the environment for whoever sits at the command line.
pub(super) fn explain(error: OpenShopError) -> BoxError {
    let OpenShopError::Missing { what, method } = error else { return error.into() };
    let remedy = match method {
        "credentials" => "set FPS_ACCESS_KEY and FPS_SECRET_KEY",
        "storage_url" => "set FPS_STORAGE or say --storage URL",
        "endpoint" => "set FPS_ENDPOINT or say --endpoint URL",
        "public_url" => "set FPS_PUBLIC_URL or say --public-url URL",
        _ => return error.into(),
    };
    format!("the shop was not given {what}; {remedy}").into()
}

/// A store's URL as an argument: without a password, or the name of the variable that holds it.
pub(super) fn store_url(argument: &str) -> Result<String, BoxError> {
    if let Some(name) = argument.strip_prefix("env:") {
        return variable(name).ok_or_else(|| {
            format!("the variable {name} is unset or empty; put the store's URL there").into()
        });
    }
    if Url::parse(argument).is_ok_and(|url| url.password().is_some()) {
        return Err(
            "a password on the command line can be read by every user of this machine; put the URL into a \
                    variable and write env:VARIABLE in its place"
                .into(),
        );
    }
    Ok(argument.to_owned())
}

fn url(given: Option<&Url>, name: &str) -> Result<Option<Url>, BoxError> {
    match (given, variable(name)) {
        (Some(url), _) => Ok(Some(url.clone())),
        (None, Some(text)) => match text.parse() {
            Ok(url) => Ok(Some(url)),
            Err(error) => Err(format!("the variable {name} holds no URL: {error}").into()),
        },
        (None, None) => Ok(None),
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

const STORAGE: &str = "FPS_STORAGE";
const NAMESPACE: &str = "FPS_NAMESPACE";
const ENDPOINT: &str = "FPS_ENDPOINT";
const PUBLIC_URL: &str = "FPS_PUBLIC_URL";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_no_argument_and_does_not_show() {
        let error = store_url("postgres://shop:SECRET_MARKER@db/shop").unwrap_err().to_string();
        assert!(error.contains("env:VARIABLE") && !error.contains("SECRET"), "{error}");
        for good in ["sqlite:shop.db", "postgres://shop@db/shop", "memory:"] {
            assert_eq!(store_url(good).unwrap(), good);
        }
        let error = store_url("env:FPS_NO_SUCH_VARIABLE").unwrap_err().to_string();
        assert!(error.contains("FPS_NO_SUCH_VARIABLE is unset"), "{error}");
    }
}
