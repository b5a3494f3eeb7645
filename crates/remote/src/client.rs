//! The one place where an HTTP client is made, and where its answers are read.
//!
//! Promises: TLS unless the host is this machine, no redirects, no proxy, a limit on time and on
//! the size of an answer. What failed is told by kind only, since error texts of the library hold
//! addresses of pages, and those hold addresses of people.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use clawback_core::{Clock, UnixMillis};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, Request, Response, StatusCode, redirect};
use url::{Host, Url};

use crate::error::{Cause, ProviderError};
use crate::heard;
use crate::provider::RAW_OCTETS_MAX;

/// A client for machines we do not run.
#[derive(Clone)]
pub(crate) struct HttpClient {
    client: Client,
    clock: Arc<dyn Clock>,
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Until there is a connection.
    pub(crate) connect: Duration,
    /// From the first octet sent to the last received.
    pub(crate) request: Duration,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body, or why that did not arrive whole.
    pub(crate) body: Result<Vec<u8>, Cause>,
}

/// No answer at all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NoAnswer {
    /// The request may have arrived.
    MaybeSent(Cause),
    /// The request never left.
    NotSent(Cause),
}

impl HttpClient {
    /// Makes a client that talks to these endpoints. `None` where the machine cannot do TLS.
    pub(crate) fn new(
        endpoints: &[&Endpoint],
        limits: Limits,
        clock: Arc<dyn Clock>,
    ) -> Option<Self> {
        let builder = Client::builder()
            .connect_timeout(limits.connect)
            .timeout(limits.request)
            .pool_idle_timeout(POOL_IDLE)
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .user_agent(concat!("clawback/", env!("CARGO_PKG_VERSION")));
        // Without TLS the machine's root certificates are not asked for: it may have none.
        let builder = match endpoints.iter().any(|endpoint| endpoint.is_tls()) {
            true => builder.https_only(endpoints.iter().all(|endpoint| endpoint.is_tls())),
            false => builder.tls_certs_only([]),
        };
        builder.build().ok().map(|client| Self { client, clock })
    }

    /// A request to be filled in.
    pub(crate) fn request(&self, method: reqwest::Method, url: Url) -> reqwest::RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends a request and gives its answer, good or not. A question is asked twice where no
    /// connection came; a change leaves once.
    pub(crate) async fn ask(
        &self,
        intent: Intent,
        request: impl Fn() -> Result<Request, ProviderError>,
    ) -> Result<Answer, ProviderError> {
        let mut tries = if intent == Intent::Write { 1 } else { READ_TRIES_MAX };
        loop {
            tries -= 1;
            let mut request = request()?;
            if intent == Intent::Download {
                *request.timeout_mut() = Some(DOWNLOAD_TIMEOUT);
            }
            match self.exchange(request, intent.octets_max()).await {
                Ok(answer) => return Ok(answer),
                Err(NoAnswer::NotSent(_)) if tries > 0 => {}
                Err(NoAnswer::NotSent(cause)) => return Err(ProviderError::Failed(cause)),
                Err(NoAnswer::MaybeSent(cause)) => return Err(intent.unclear(cause)),
            }
        }
    }

    /// Sends a request once and reads the whole answer.
    pub(crate) async fn send(&self, request: Request) -> Result<Answer, NoAnswer> {
        self.exchange(request, Intent::Read.octets_max()).await
    }

    async fn exchange(&self, request: Request, octets_max: usize) -> Result<Answer, NoAnswer> {
        let listening = heard::listen(&request, &*self.clock);
        match self.client.execute(request).await {
            Ok(response) => {
                let answer = read(response, octets_max).await;
                listening.answered(&answer);
                Ok(answer)
            }
            Err(error) if error.is_builder() || error.is_connect() => {
                Err(NoAnswer::NotSent(Cause::Connect))
            }
            Err(error) => Err(NoAnswer::MaybeSent(cause(&error))),
        }
    }
}

async fn read(mut response: Response, octets_max: usize) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut octets = Vec::new();
    let body = loop {
        match response.chunk().await {
            Ok(Some(chunk)) if octets.len() + chunk.len() > octets_max => {
                break Err(Cause::TooLarge);
            }
            Ok(Some(chunk)) => octets.extend_from_slice(&chunk),
            Ok(None) => break Ok(octets),
            Err(error) => break Err(cause(&error)),
        }
    };
    Answer { status, headers, body }
}

fn cause(error: &reqwest::Error) -> Cause {
    if error.is_timeout() { Cause::Timeout } else { Cause::Cut }
}

/// The root of a service: a scheme, a host, a port and no path.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint(Url);

impl Endpoint {
    /// Takes a URL from the configuration.
    pub(crate) fn new(url: &Url) -> Result<Self, EndpointError> {
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !is_bare || !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::NotARoot);
        }
        match url.scheme() {
            "https" => Ok(Self(url.clone())),
            "http" if is_this_machine(url) => Ok(Self(url.clone())),
            "http" => Err(EndpointError::NotEncrypted),
            _ => Err(EndpointError::NotARoot),
        }
    }

    /// The root without a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// An address of something below a path of this service. Every segment is escaped: ids are
    /// case-sensitive and hold `/`, `+` and `=`.
    pub(crate) fn address(
        &self,
        below: &str,
        segments: &[&str],
        options: &[(&str, &str)],
    ) -> Result<Url, ProviderError> {
        let mut text = format!("{}{below}", self.as_str());
        for segment in segments {
            // Such a segment would be taken for a step up, however it is escaped.
            if segment.bytes().all(|byte| byte == b'.') {
                return Err(ProviderError::Failed(Cause::Unreadable));
            }
            text.push('/');
            text.push_str(&escaped(segment));
        }
        for (at, (name, value)) in options.iter().enumerate() {
            text.push(if at == 0 { '?' } else { '&' });
            text.push_str(name);
            text.push('=');
            text.push_str(&escaped(value));
        }
        Url::parse(&text).map_err(|_| ProviderError::Failed(Cause::Unreadable))
    }

    /// The host's name.
    pub(crate) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether a URL leads to this service and no other.
    pub(crate) fn has(&self, url: &Url) -> bool {
        url.origin() == self.0.origin() && url.username().is_empty() && url.password().is_none()
    }

    fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
        Some(Host::Ipv6(address)) => Ipv6Addr::is_loopback(&address),
        None => false,
    }
}

/// Whether a request changes something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Intent {
    /// It asks for a whole message, which may be large.
    Download,
    /// It asks.
    Read,
    /// It changes something: what is unclear may have happened.
    Write,
}

impl Intent {
    /// How long an answer may be.
    fn octets_max(self) -> usize {
        match self {
            Self::Download => DOWNLOAD_OCTETS_MAX,
            Self::Read | Self::Write => BODY_OCTETS_MAX,
        }
    }

    /// The error for a request that left and got no clear answer.
    pub(crate) fn unclear(self, cause: Cause) -> ProviderError {
        match self {
            Self::Download | Self::Read => ProviderError::Failed(cause),
            Self::Write => ProviderError::Unanswered(cause),
        }
    }
}

/// How long the service asks to wait, in seconds or until a date.
// spec: rfc9110#10.2.3
pub(crate) fn retry_after(headers: &HeaderMap, now: UnixMillis) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_millisecond();
            UnixMillis(u64::try_from(at).ok()?).since(now)
        }
    };
    Some(wait.min(WAIT_MAX))
}

/// Why a URL is not one we talk to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EndpointError {
    /// It has a path, a query or credentials in it, or it is of another kind than the web.
    #[error("must be https://host[:port] and nothing more")]
    NotARoot,
    /// It would send secrets in the clear.
    #[error("must begin with https:// (http:// is for this machine only)")]
    NotEncrypted,
}

/// An answer of ours has at most some fifty items without bodies, or one message with its body.
const BODY_OCTETS_MAX: usize = 4 * 1024 * 1024;
/// A large message takes longer than any other answer; a question as a whole ends soon after.
const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest message that we fetch, as Gmail sends it: base64 in JSON.
const DOWNLOAD_OCTETS_MAX: usize = RAW_OCTETS_MAX / 3 * 4 + 64 * 1024;
/// Shorter than a service keeps an idle connection, so that a change rarely meets a closed one.
const POOL_IDLE: Duration = Duration::from_secs(30);

const READ_TRIES_MAX: u32 = 2;
/// A longer wait is not believed: it would take a mailbox out of service by one bad header.
const WAIT_MAX: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoint_table() {
        let rows = [
            ("https", "https://graph.corp.example", Ok(())),
            ("https with a port", "https://graph.corp.example:8443/", Ok(())),
            ("http on loopback", "http://127.0.0.1:4321", Ok(())),
            ("http on loopback, v6", "http://[::1]:4321", Ok(())),
            ("http on localhost", "http://localhost:4321", Ok(())),
            ("http elsewhere", "http://graph.corp.example", Err(EndpointError::NotEncrypted)),
            ("like loopback", "http://127.0.0.1.corp.example", Err(EndpointError::NotEncrypted)),
            ("private, not loopback", "http://10.0.0.1", Err(EndpointError::NotEncrypted)),
            ("a path", "https://graph.corp.example/v1.0", Err(EndpointError::NotARoot)),
            ("credentials", "https://a:b@graph.corp.example", Err(EndpointError::NotARoot)),
            ("another scheme", "ftp://graph.corp.example", Err(EndpointError::NotARoot)),
        ];
        for (rule, url, meant) in rows {
            let got = Endpoint::new(&url.parse().unwrap()).map(|_| ());
            assert_eq!(got, meant, "{rule}");
        }
    }

    #[test]
    fn another_origin_is_another_service() {
        let endpoint = Endpoint::new(&"https://graph.corp.example".parse().unwrap()).unwrap();
        let has = |url: &str| endpoint.has(&url.parse().unwrap());
        assert!(has("https://graph.corp.example/v1.0/users?$skip=10"));
        assert!(!has("https://graph.corp.example.evil.example/v1.0"));
        assert!(!has("http://graph.corp.example/v1.0"));
        assert!(!has("https://graph.corp.example@evil.example/"));
        assert!(!has("https://a@graph.corp.example/"));
    }

    #[test]
    fn a_wait_is_seconds_or_a_date_and_never_endless() {
        let now = UnixMillis(1_757_923_920_000); // 2025-09-15T08:12:00Z
        let rows = [
            ("7", Some(7)),
            ("0", Some(0)),
            ("Mon, 15 Sep 2025 08:12:30 GMT", Some(30)),
            ("Mon, 15 Sep 2025 08:00:00 GMT", Some(0)),
            ("99999999999", Some(3_600)),
            ("-1", None),
            ("soon", None),
        ];
        for (text, meant) in rows {
            let got = {
                let mut headers = HeaderMap::new();
                headers.insert(RETRY_AFTER, text.parse().unwrap());
                retry_after(&headers, now)
            };
            assert_eq!(got, meant.map(Duration::from_secs), "{text}");
        }
    }
}
