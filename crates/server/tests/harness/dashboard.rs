//! The dashboard as a browser without a script has it: forms and cookies.

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};

use super::{EMAIL, Installation, Running};

/// Somebody who is signed in.
pub(crate) struct Dashboard {
    client: Client,
    root: String,
    cookie: String,
}

impl Dashboard {
    /// Signs in.
    pub(crate) async fn open(installation: &Installation, running: &Running) -> Self {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        let root = format!("http://{}", running.http);
        let form = [("email", EMAIL), ("password", installation.password.as_str())];
        let answer = client.post(format!("{root}/login")).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let set = answer.headers().get_all(SET_COOKIE).iter();
        let pairs: Vec<&str> =
            set.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap()).collect();
        Self { client, root, cookie: pairs.join("; ") }
    }

    /// What proves who is signed in.
    pub(crate) fn session(&self) -> &str {
        let pair = self.cookie.split(';').next().unwrap();
        pair.split_once('=').unwrap().1
    }

    /// A page, or a file.
    pub(crate) async fn get(&self, path: &str) -> String {
        let url = format!("{}{path}", self.root);
        let answer = self.client.get(url).header(COOKIE, &self.cookie).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    /// Sends a form; says where it leads to, or how it was refused.
    pub(crate) async fn post(
        &self,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<String, StatusCode> {
        let url = format!("{}{path}", self.root);
        let post = self.client.post(url).header(COOKIE, &self.cookie).form(form);
        let answer = post.send().await.unwrap();
        match answer.status() {
            StatusCode::SEE_OTHER => {
                Ok(answer.headers().get(LOCATION).unwrap().to_str().unwrap().to_owned())
            }
            status => Err(status),
        }
    }

    /// The value of a hidden field of a page.
    pub(crate) async fn field(&self, path: &str, name: &str) -> String {
        let page = self.get(path).await;
        let mark = format!("name=\"{name}\" value=\"");
        let (_, after) = page.split_once(&mark).unwrap_or_else(|| panic!("{name} in {path}"));
        after.split('"').next().unwrap().to_owned()
    }

    /// The id of the only message that a search finds.
    pub(crate) async fn message(&self, query: &str) -> Option<String> {
        let page = self.get(&format!("/trace?range=all&q={query}")).await;
        let (_, after) = page.split_once("data-key=\"")?;
        Some(after.split('"').next().unwrap().to_owned())
    }

    /// Retracts a message by hand; says which job that is.
    pub(crate) async fn retract(&self, message: &str, destination: &str) -> String {
        let job = self.field(&format!("/retract?id={message}"), "job").await;
        let form = [
            ("id", message),
            ("job", job.as_str()),
            ("destination", destination),
            ("acknowledge", "yes"),
            ("reason", "INC-20418"),
        ];
        self.post("/retract", &form).await.unwrap()
    }

    /// Undoes a job; says which job does it.
    pub(crate) async fn undo(&self, job: &str) -> String {
        let path = format!("{job}/undo");
        let undo = self.field(&path, "job").await;
        self.post(&path, &[("job", undo.as_str())]).await.unwrap()
    }

    /// Every copy of a job.
    pub(crate) async fn copies(&self, job: &str) -> Vec<serde_json::Value> {
        let lines = self.get(&format!("{job}/files/copies.ndjson")).await;
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
