//! What DigitalDownload sells.

use fps_checkout::fps_core::PipelineParameters;
use fps_checkout::{Amount, Checkout, CheckoutError};

/// A song: the derive turns it into what the payment pages ask for.
#[derive(Debug, Checkout)]
#[checkout(payment_reason = "{title} - {artist}", payment_methods(ABT, ACH, CC))]
pub(crate) struct Song {
    pub(crate) title: &'static str,
    pub(crate) artist: &'static str,
    #[checkout(item_total)]
    pub(crate) price: Amount,
}

/// A video, which is taxed where DigitalDownload is at home.
#[derive(Debug, Checkout)]
#[checkout(payment_reason = "{title} (video) - {artist}", payment_methods(ABT, ACH, CC))]
pub(crate) struct Video {
    pub(crate) title: &'static str,
    pub(crate) artist: &'static str,
    #[checkout(item_total)]
    pub(crate) price: Amount,
    #[checkout(tax)]
    pub(crate) sales_tax: Amount,
}

/// One thing on the shelf.
#[derive(Debug)]
pub(crate) enum Item {
    Song(Song),
    Video(Video),
}

/// Everything on the shelf, each under the name it has in forms and order ids.
pub(crate) const CATALOGUE: &[(&str, Item)] = &[
    ("now-and-forever", song("Now and Forever", "Richard Marx", "0.10")),
    ("right-here-waiting", song("Right Here Waiting", "Richard Marx", "0.99")),
    ("angelia", song("Angelia", "Richard Marx", "1.29")),
    ("hazard", video("Hazard", "Richard Marx", "2.50", "0.21")),
];

/// The item of that name.
pub(crate) fn find(slug: &str) -> Option<&'static Item> {
    CATALOGUE.iter().find(|(name, _)| *name == slug).map(|(_, item)| item)
}

impl Item {
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Song(song) => song.title,
            Self::Video(video) => video.title,
        }
    }

    pub(crate) fn artist(&self) -> &'static str {
        match self {
            Self::Song(song) => song.artist,
            Self::Video(video) => video.artist,
        }
    }

    pub(crate) fn price(&self) -> Amount {
        match self {
            Self::Song(song) => song.price,
            Self::Video(video) => video.price,
        }
    }

    pub(crate) fn tax(&self) -> Option<Amount> {
        match self {
            Self::Song(_) => None,
            Self::Video(video) => Some(video.sales_tax),
        }
    }
}

/// Whatever is on the shelf can be paid for as what it is.
impl Checkout for Item {
    fn parameters(&self) -> Result<PipelineParameters, CheckoutError> {
        match self {
            Self::Song(song) => song.parameters(),
            Self::Video(video) => video.parameters(),
        }
    }
}

const fn song(title: &'static str, artist: &'static str, price: &str) -> Item {
    Item::Song(Song { title, artist, price: Amount::usd(price) })
}

const fn video(title: &'static str, artist: &'static str, price: &str, sales_tax: &str) -> Item {
    Item::Video(Video { title, artist, price: Amount::usd(price), sales_tax: Amount::usd(sales_tax) })
}
