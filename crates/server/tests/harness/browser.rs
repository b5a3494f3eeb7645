//! A real browser, for tests of what the dashboard shows.

use std::process::Stdio;
use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::process::{Child, Command};

/// The visible words of an element.
pub(crate) async fn text(page: &Client, selector: &str) -> String {
    page.find(Locator::Css(selector)).await.unwrap().text().await.unwrap()
}

/// Types into an empty field.
pub(crate) async fn type_into(page: &Client, selector: &str, words: &str) {
    let field = page.find(Locator::Css(selector)).await.unwrap();
    field.clear().await.unwrap();
    field.send_keys(words).await.unwrap();
}

/// Clicks.
pub(crate) async fn press(page: &Client, selector: &str) {
    page.find(Locator::Css(selector)).await.unwrap().click().await.unwrap();
}

/// Clicks what leads to another page, and waits until that one is there: whoever goes on before
/// takes the request back.
pub(crate) async fn follow(page: &Client, selector: &str) {
    page.execute("document.documentElement.dataset.left = 'yes';", Vec::new()).await.unwrap();
    press(page, selector).await;
    let arrived = "return document.readyState === 'complete' \
                   && document.documentElement.dataset.left === undefined;";
    super::until("the next page is there", async || {
        page.execute(arrived, Vec::new()).await.is_ok_and(|arrived| arrived == true)
    })
    .await;
}

/// Fills in the form of the sign-in page.
pub(crate) async fn sign_in(page: &Client, password: &str) {
    type_into(page, "#email", super::EMAIL).await;
    type_into(page, "#password", password).await;
    follow(page, "main form button").await;
}

/// Debian's Chromium, headless, driven by its chromedriver.
pub(crate) struct Browser {
    pub(crate) client: Client,
    http: reqwest::Client,
    base: String,
    driver: Child,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// `None`, said aloud, where there is no browser; with `CLAWBACK_BROWSER=required` that fails.
    pub(crate) async fn start() -> Option<Self> {
        let required = std::env::var("CLAWBACK_BROWSER").is_ok_and(|value| value == "required");
        if !std::path::Path::new("/usr/bin/chromedriver").exists() {
            assert!(!required, "install chromium and chromium-driver");
            eprintln!("skipped: no /usr/bin/chromedriver (install chromium-driver)");
            return None;
        }
        let port = {
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            free.local_addr().unwrap().port()
        };
        let driver = Command::new("/usr/bin/chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let profile = tempfile::tempdir().unwrap();
        let mut capabilities = serde_json::Map::new();
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-sync".to_owned(),
            "--no-first-run".to_owned(),
            "--window-size=1440,1000".to_owned(),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        capabilities.insert("goog:chromeOptions".into(), serde_json::json!({ "args": arguments }));
        capabilities.insert("goog:loggingPrefs".into(), serde_json::json!({ "browser": "ALL" }));
        for _ in 0..100 {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.clone());
            if let Ok(client) = builder.connect(&format!("http://127.0.0.1:{port}")).await {
                let session = client.session_id().await.unwrap().unwrap();
                let base = format!("http://127.0.0.1:{port}/session/{session}");
                let http = reqwest::Client::new();
                return Some(Self { client, http, base, driver, _profile: profile });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("chromedriver does not answer");
    }

    /// What the console says since the last time: what a script threw, and whatever the page's
    /// policy refused.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let said = self.command("se/log", &serde_json::json!({ "type": "browser" })).await;
        let lines = said["value"].as_array().unwrap().iter();
        let grave = lines.filter(|line| line["level"] == "SEVERE" || line["level"] == "WARNING");
        grave.map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Makes the window a phone's or a desk's.
    pub(crate) async fn resize(&self, width: u32, height: u32, is_phone: bool) {
        let metrics = serde_json::json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone,
        });
        let call = serde_json::json!({
            "cmd": "Emulation.setDeviceMetricsOverride", "params": metrics,
        });
        self.command("goog/cdp/execute", &call).await;
    }

    async fn command(&self, path: &str, body: &serde_json::Value) -> serde_json::Value {
        let url = format!("{}/{path}", self.base);
        let answer = self.http.post(url).json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    pub(crate) async fn stop(mut self) {
        let _ = self.client.close().await;
        let _ = self.driver.kill().await;
    }
}
