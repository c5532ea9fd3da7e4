//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use fps_checkout::fps_core::url::Url;

/// DigitalDownload: a shop for songs and a video, and the payment service it sells with, in one program.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Arguments {
    /// Keep the orders in this SQLite file.
    #[arg(long, value_name = "FILE", default_value = "digital-download.db")]
    pub(crate) data: PathBuf,

    /// Keep the orders in the store at this URL instead: memory:, sqlite:shop.db, or a plugin's.
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub(crate) storage: Option<String>,

    /// Write sales down in this file, one line of JSON for each.
    #[arg(long, value_name = "FILE", default_value = "digital-download.sales.jsonl")]
    pub(crate) sales: PathBuf,

    /// Where the shop listens; port 0 takes any free one. [default: 127.0.0.1:8080, with --auto 127.0.0.1:0]
    #[arg(long, value_name = "ADDR")]
    pub(crate) shop_addr: Option<SocketAddr>,

    /// Where the payment service listens; port 0 takes any free one. [default: 127.0.0.1:8081, with --auto 127.0.0.1:0]
    #[arg(long, value_name = "ADDR", conflicts_with = "sandbox")]
    pub(crate) sandbox_addr: Option<SocketAddr>,

    /// Use the fps-sandbox at this address instead of starting one.
    #[arg(long, value_name = "URL")]
    pub(crate) sandbox: Option<Url>,

    /// Let John buy the first song by himself, print every step, and end.
    #[arg(long)]
    pub(crate) auto: bool,
}

impl Arguments {
    /// Where the orders are kept.
    pub(crate) fn storage_url(&self) -> String {
        self.storage.clone().unwrap_or_else(|| format!("sqlite:{}", self.data.display()))
    }

    /// Where the shop listens.
    pub(crate) fn shop_addr(&self) -> SocketAddr {
        self.shop_addr.unwrap_or_else(|| self.loopback(8080))
    }

    /// Where the payment service listens.
    pub(crate) fn sandbox_addr(&self) -> SocketAddr {
        self.sandbox_addr.unwrap_or_else(|| self.loopback(8081))
    }

    fn loopback(&self, port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], if self.auto { 0 } else { port }))
    }
}
