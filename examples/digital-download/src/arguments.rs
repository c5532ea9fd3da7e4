//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use fps_checkout::Version;
use fps_checkout::fps_core::url::Url;

/// DigitalDownload: a shop for songs and a video, and the payment service it sells with, in one program.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Arguments {
    /// Keep the orders in this SQLite file. [default: digital-download.db, with --auto none]
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,

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

    /// Sell by this version of the payment service's protocol: 2007-01-08, 2008-09-17 or 2010-08-28.
    #[arg(long, value_name = "VERSION", default_value = "2010-08-28", value_parser = version)]
    pub(crate) api: Version,

    /// Let John buy the first song by himself, print every page and call, and end.
    #[arg(long)]
    pub(crate) auto: bool,
}

impl Arguments {
    /// Where the orders are kept: with `--auto` no longer than the payment service that this program starts.
    pub(crate) fn storage_url(&self) -> String {
        match (&self.storage, &self.data) {
            (Some(url), _) => url.clone(),
            (None, Some(file)) => format!("sqlite:{}", file.display()),
            (None, None) if self.auto => "memory:".to_owned(),
            (None, None) => "sqlite:digital-download.db".to_owned(),
        }
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

fn version(text: &str) -> Result<Version, String> {
    let known = [Version::V2007_01_08, Version::V2008_09_17, Version::V2010_08_28];
    known
        .into_iter()
        .find(|version| version.as_str() == text)
        .ok_or_else(|| "use 2007-01-08, 2008-09-17 or 2010-08-28".to_owned())
}
