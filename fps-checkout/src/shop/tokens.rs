//! The shop's own tokens, which every payment of version 2007-01-08 carries beside the buyer's.

use fps_core::{TokenId, Version};
use serde::{Deserialize, Serialize};

use super::Shop;
use crate::error::{Error, Result};
use crate::gateway::OwnToken;
use crate::order::RecordError;
use crate::storage::{Key, NewRecord, Record, StoreError};

/// The tokens that a shop installed on its own account: version 2007-01-08 wants them beside the buyer's.
///
/// Made by [`Shop::install_tokens`] and kept in the store under the shop's own key `shop/tokens`. `Debug` does not show them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InstalledTokens {
    /// `CallerTokenId`: allows the shop to call.
    pub caller: TokenId,
    /// `RecipientTokenId`: allows the shop to be paid.
    pub recipient: TokenId,
    /// `RefundSenderTokenId`: allows the shop to give money back.
    pub refund_sender: TokenId,
}

/// How they are stored.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    format: u32,
    tokens: InstalledTokens,
}

impl Shop {
    /// Installs the caller, recipient and refund-sender tokens that orders of version 2007-01-08 need, once in the shop's life,
    /// and keeps them in the store.
    ///
    /// Call it as often as you like, at every start say: a token is installed under a reference made from the shop's own name, so
    /// that one whose answer was lost, or that another process installed, is found again. A token that was cancelled meanwhile
    /// is replaced. Where the store has the tokens and the service cannot be asked, they are taken as they are.
    ///
    /// ```no_run
    /// # async fn f(shop: fps_checkout::Shop) -> fps_checkout::Result<()> {
    /// shop.install_tokens().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Service`] if the service refuses or cannot be asked: call it again. [`Error::TokensNotInstalled`] if a hundred
    /// tokens of a kind were cancelled. [`Error::Storage`] or [`Error::Record`].
    pub async fn install_tokens(&self) -> Result<InstalledTokens> {
        let stored = self.load_tokens().await?;
        let kept = stored.as_ref().map(|(_, tokens)| tokens.clone());
        let tokens = match (self.find_or_install(kept.is_some()).await, kept) {
            (Ok(tokens), Some(kept)) if tokens == kept => return Ok(kept),
            (Err(Error::Service(error)), Some(kept)) => {
                tracing::warn!(%error, "the installed tokens could not be looked at");
                return Ok(kept);
            }
            (found, _) => found?,
        };
        self.store_tokens(stored.map(|(record, _)| record), &tokens).await?;
        tracing::info!("the shop's own tokens are installed");
        Ok(tokens)
    }

    /// The installed tokens, if they are.
    pub(super) async fn tokens(&self) -> Result<Option<InstalledTokens>> {
        Ok(self.load_tokens().await?.map(|(_, tokens)| tokens))
    }

    async fn find_or_install(&self, look_first: bool) -> Result<InstalledTokens> {
        Ok(InstalledTokens {
            caller: self.own_token(OwnToken::Caller, look_first).await?,
            recipient: self.own_token(OwnToken::Recipient, look_first).await?,
            refund_sender: self.own_token(OwnToken::RefundSender, look_first).await?,
        })
    }

    /// The first active token of that kind under the shop's references, or a new one under the first reference that is free.
    async fn own_token(&self, own: OwnToken, look_first: bool) -> Result<TokenId> {
        let gateway = self.0.gateways.of(Version::V2007_01_08);
        for number in 1..=MOST_OF_A_KIND {
            let reference = self.0.id.own_token(own.as_str(), number)?;
            let mut found = None;
            if look_first {
                found = gateway.find_token(&reference).await.map_err(Box::new)?;
            }
            if found.is_none() {
                if let Some(token) = gateway.install_token(own, &reference).await.map_err(Box::new)? {
                    return Ok(token);
                }
                found = gateway.find_token(&reference).await.map_err(Box::new)?;
            }
            if let Some(found) = found.filter(|found| found.is_active) {
                return Ok(found.token);
            }
        }
        Err(Error::TokensNotInstalled)
    }

    async fn load_tokens(&self) -> Result<Option<(Record, InstalledTokens)>> {
        let key = key();
        let Some(record) = self.0.store.load(&key).await? else {
            return Ok(None);
        };
        let stored: Stored =
            serde_json::from_slice(&record.body).map_err(|source| RecordError::Json { key, source })?;
        Ok(Some((record, stored.tokens)))
    }

    async fn store_tokens(&self, before: Option<Record>, tokens: &InstalledTokens) -> Result<()> {
        let stored = Stored { format: 1, tokens: tokens.clone() };
        let body = serde_json::to_vec(&stored).map_err(|source| RecordError::Json { key: key(), source })?;
        let record = NewRecord::new(key(), "Tokens", None, body).map_err(RecordError::from)?;
        let written = match before {
            Some(before) => self.0.store.update(&record, before.version).await,
            None => self.0.store.create(&record).await,
        };
        match written {
            // Another process was faster. The references are the same, so the tokens are.
            Ok(()) | Err(StoreError::AlreadyExists { .. } | StoreError::Conflict { .. }) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }
}

fn key() -> Key {
    Key::new(TOKENS_KEY).expect("the literal is a key")
}

const TOKENS_KEY: &str = "shop/tokens";
/// How many cancelled tokens of a kind are looked past.
const MOST_OF_A_KIND: u32 = 100;
