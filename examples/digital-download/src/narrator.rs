//! Tells which calls the shop makes.

use std::sync::Arc;

use fps_checkout::async_trait;
use fps_checkout::fps_core::Pairs;
use fps_checkout::fps_core::client::{HttpSend, SendError};
use fps_checkout::fps_core::http::{Request, Response};

/// A way to the payment service that prints the name of each call.
#[derive(Debug)]
pub(crate) struct Narrator(pub(crate) Arc<dyn HttpSend>);

#[async_trait]
impl HttpSend for Narrator {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, SendError> {
        let form = Pairs::decode(&String::from_utf8_lossy(request.body())).unwrap_or_default();
        if let Some(action) = form.get("Action") {
            crate::step(&format!("DigitalDownload calls {action}"));
        }
        self.0.send(request).await
    }
}
