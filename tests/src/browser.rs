//! Headless Chromium, driven by WebDriver as a person drives it: by clicks and typing.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use thirtyfour::ChromiumLikeCapabilities as _;
use thirtyfour::prelude::*;

use crate::Program;

/// One browser with a profile of its own, gone when its test ends.
///
/// All of [`WebDriver`]'s methods are its own.
#[derive(Debug)]
pub struct Browser {
    driver: WebDriver,
    shots: PathBuf,
    taken: std::cell::Cell<u32>,
    _chromedriver: Program,
    _profile: TempDir,
}

impl Browser {
    /// Starts Debian's Chromium. Screenshots go to `artefacts/<story>/`.
    ///
    /// # Panics
    ///
    /// If Chromium or its driver does not start; `tests/run` installs them.
    pub async fn open(story: &str) -> Self {
        // The driver's HTTP client asks for one even where it speaks plain HTTP only. Another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut chromedriver = Program::start("chromedriver", ["--port=0"]);
        let port = chromedriver.wait_for("started successfully on port");
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let mut wanted = DesiredCapabilities::chrome();
        for flag in FLAGS {
            wanted.add_arg(flag).expect("a flag is a text");
        }
        wanted.add_arg(&format!("--user-data-dir={}", profile.path().display())).expect("a flag is a text");
        let address = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
        let driver = WebDriver::new(address, wanted).await.expect("Chromium starts");
        let shots = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../artefacts")).join(story);
        std::fs::create_dir_all(&shots).expect("a folder for the screenshots");
        Self { driver, shots, taken: std::cell::Cell::new(0), _chromedriver: chromedriver, _profile: profile }
    }

    /// Keeps a picture of the page as it is now, numbered in the order of the story.
    ///
    /// # Panics
    ///
    /// If the browser has gone.
    pub async fn shoot(&self, name: &str) {
        self.taken.set(self.taken.get() + 1);
        let file = self.shots.join(format!("{:02}-{name}.png", self.taken.get()));
        self.driver.screenshot(&file).await.expect("a screenshot");
    }

    /// Keeps a picture of the whole page, however long it is.
    ///
    /// # Panics
    ///
    /// If the browser has gone.
    pub async fn shoot_whole(&self, name: &str) {
        let before = self.driver.get_window_rect().await.expect("the window has a size");
        let script = "return document.documentElement.scrollHeight";
        let height = self.driver.execute(script, Vec::new()).await.expect("the browser is there");
        let height = u32::try_from(height.json().as_u64().unwrap_or(900).clamp(900, 6000)).expect("a height");
        let width = u32::try_from(before.width).expect("a width");
        self.driver.set_window_rect(0, 0, width, height + 150).await.expect("the window grows");
        self.shoot(name).await;
        let height = u32::try_from(before.height).expect("a height");
        self.driver.set_window_rect(0, 0, width, height).await.expect("the window shrinks");
    }

    /// Clicks the button or link that says so.
    ///
    /// # Panics
    ///
    /// If there is no such button or link within some seconds.
    pub async fn click(&self, says: &str) {
        let found = self.button(says).await;
        found.click().await.unwrap_or_else(|error| panic!("{says:?} cannot be clicked: {error}"));
    }

    /// Clicks it twice, as fast as people do who think that everything wants a double click.
    ///
    /// # Panics
    ///
    /// If there is no such button or link within some seconds.
    pub async fn double_click(&self, says: &str) {
        let found = self.button(says).await;
        let twice = self.driver.action_chain().double_click_element(&found).perform().await;
        twice.unwrap_or_else(|error| panic!("{says:?} cannot be clicked twice: {error}"));
    }

    async fn button(&self, says: &str) -> WebElement {
        let words = format!("normalize-space(.)={says:?}");
        let path = format!("(//button[{words}] | //a[{words}])[1]");
        match self.driver.query(By::XPath(path)).first().await {
            Ok(found) => found,
            Err(error) => {
                panic!("nothing to click says {says:?} on this page: {}\n{error}", self.text().await)
            }
        }
    }

    /// Types into the field that the label with these words belongs to.
    ///
    /// # Panics
    ///
    /// If there is no such field.
    pub async fn type_into(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field.send_keys(text).await.unwrap_or_else(|error| panic!("cannot type into {label:?}: {error}"));
    }

    /// Empties the field that the label with these words belongs to.
    ///
    /// # Panics
    ///
    /// If there is no such field.
    pub async fn clear(&self, label: &str) {
        let field = self.field(label).await;
        field.clear().await.unwrap_or_else(|error| panic!("cannot empty {label:?}: {error}"));
    }

    async fn field(&self, label: &str) -> WebElement {
        let path = format!(
            "//input[@id=//label[contains(normalize-space(.), {label:?})]/@for] | //label[contains(normalize-space(.), {label:?})]//input"
        );
        let field = self.driver.query(By::XPath(path)).first().await;
        match field {
            Ok(field) => field,
            Err(error) => panic!("no field {label:?} on this page: {}\n{error}", self.text().await),
        }
    }

    /// Picks the choice whose label has these words.
    ///
    /// # Panics
    ///
    /// If there is no such label.
    pub async fn choose(&self, label: &str) {
        let path = format!("//label[contains(normalize-space(.), {label:?})]");
        let found = self.driver.query(By::XPath(path)).first().await;
        let found = found.unwrap_or_else(|error| panic!("no label {label:?} on this page: {error}"));
        found.click().await.unwrap_or_else(|error| panic!("{label:?} cannot be picked: {error}"));
    }

    /// What the page says, as a person reads it.
    ///
    /// # Panics
    ///
    /// If the browser has gone.
    pub async fn text(&self) -> String {
        // In one call, so that a page which is just being left does no harm.
        let script = "return document.body ? document.body.innerText : ''";
        let text = self.driver.execute(script, Vec::new()).await.expect("the browser is there");
        text.json().as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page says this.
    ///
    /// # Panics
    ///
    /// If it does not within half a minute.
    pub async fn wait_for(&self, words: &str) {
        for _ in 0..150 {
            if self.text().await.contains(words) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        panic!("the page never says {words:?}; it says:\n{}", self.text().await);
    }

    /// Closes the browser.
    ///
    /// # Panics
    ///
    /// If it has gone before.
    pub async fn close(self) {
        self.driver.clone().quit().await.expect("the browser closes");
    }
}

impl Deref for Browser {
    type Target = WebDriver;

    fn deref(&self) -> &WebDriver {
        &self.driver
    }
}

/// No sandbox, because tests may run as root; nothing that calls out of this machine by itself.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1000,900",
];
