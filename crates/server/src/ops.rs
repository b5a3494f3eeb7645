//! What a machine asks: is it alive, is it ready, and how is it doing.
//!
//! `/metrics` is answered on loopback only: counts say much about a company's mail.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use clawback_core::Region;
use clawback_store::Store;
use metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// What these routes read.
#[derive(Clone)]
pub(crate) struct Ops {
    /// Asked whether it answers.
    pub(crate) store: Store,
    /// The region this process serves.
    pub(crate) region: Region,
    /// Renders the metrics.
    pub(crate) metrics: Arc<PrometheusHandle>,
}

/// The routes for machines.
pub(crate) fn router(ops: Ops) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(ops)
}

/// Sets up the one recorder of this process.
pub(crate) fn install_metrics() -> anyhow::Result<Arc<PrometheusHandle>> {
    use metrics_exporter_prometheus::Matcher;
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(
            Matcher::Full("clawback_time_to_retract_seconds".into()),
            &[0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0],
        )?
        .set_buckets_for_metric(
            Matcher::Suffix("_seconds".into()),
            &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0],
        )?
        .build_recorder();
    let handle = recorder.handle();
    // A second node in one process (tests) shares the first one's recorder.
    if metrics::set_global_recorder(recorder).is_ok() {
        describe();
    }
    Ok(Arc::new(handle))
}

fn describe() {
    describe_counter!("clawback_received_total", "Messages answered with 250");
    describe_counter!("clawback_recorded_total", "Messages judged, by disposition");
    describe_counter!(
        "clawback_knowledge_swaps_total",
        "Times that what mail is judged by changed"
    );
    describe_counter!("clawback_retractions_total", "Changes of copies' states, by the new state");
    describe_histogram!("clawback_receive_seconds", "Last octet received to durable");
    describe_histogram!("clawback_judge_seconds", "Unwrap, parse, detect and judge one message");
    describe_histogram!("clawback_time_to_retract_seconds", "Received to verified gone");
    describe_gauge!("clawback_segment_lag", "Durable segments not recorded yet");
}

async fn ready(State(ops): State<Ops>) -> Response {
    match ops.store.region(&ops.region).lag().await {
        Ok(_) => "ready\n".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n").into_response(),
    }
}

async fn metrics(
    State(ops): State<Ops>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    // Behind a proxy on this machine everybody comes from loopback.
    let forwarded = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
    if !peer.ip().is_loopback() || forwarded.iter().any(|name| headers.contains_key(*name)) {
        return (StatusCode::FORBIDDEN, "metrics are answered on loopback only\n").into_response();
    }
    if let Ok(lag) = ops.store.region(&ops.region).lag().await {
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        gauge!("clawback_segment_lag").set(lag.segments as f64);
    }
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, ops.metrics.render()).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use clawback_core::{Clock, Entropy, UnixMillis};
    use clawback_store::{Records, RootKey, Settings};
    use tower::ServiceExt as _;

    use super::*;

    struct Still;

    impl Clock for Still {
        fn now(&self) -> UnixMillis {
            UnixMillis(20_000 * 86_400_000)
        }
    }

    impl Entropy for Still {
        fn fill(&self, octets: &mut [u8]) {
            octets.fill(7);
        }
    }

    async fn ops(dir: &std::path::Path) -> Ops {
        let settings = Settings {
            records: Records::Sqlite(dir.join("clawback.db")),
            segments_dir: dir.join("segments"),
            root_key: RootKey::load_or_create(&dir.join("root.key"), &Still).unwrap(),
            reserve_octets: 0,
        };
        let store = Store::open(settings, Arc::new(Still), Arc::new(Still)).await.unwrap();
        Ops { store, region: Region::global(), metrics: install_metrics().unwrap() }
    }

    async fn status(ops: &Ops, path: &str, peer: &str, header: Option<&str>) -> StatusCode {
        let mut request = Request::get(path);
        if let Some(name) = header {
            request = request.header(name, "192.0.2.1");
        }
        let peer: SocketAddr = peer.parse().unwrap();
        let request = request.extension(ConnectInfo(peer)).body(Body::empty()).unwrap();
        router(ops.clone()).oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn metrics_are_for_this_machine_and_not_for_those_a_proxy_on_it_speaks_for() {
        let dir = tempfile::tempdir().unwrap();
        let ops = ops(dir.path()).await;
        let here = "127.0.0.1:41000";
        assert_eq!(status(&ops, "/metrics", here, None).await, StatusCode::OK);
        assert_eq!(status(&ops, "/metrics", "[::1]:41000", None).await, StatusCode::OK);
        assert_eq!(status(&ops, "/metrics", "192.0.2.7:41000", None).await, StatusCode::FORBIDDEN);
        for name in ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"] {
            let found = status(&ops, "/metrics", here, Some(name)).await;
            assert_eq!(found, StatusCode::FORBIDDEN, "{name}");
        }
    }

    #[tokio::test]
    async fn ready_is_who_has_a_store_that_answers_and_alive_is_who_runs() {
        let dir = tempfile::tempdir().unwrap();
        let ops = ops(dir.path()).await;
        let anywhere = "192.0.2.7:41000";
        assert_eq!(status(&ops, "/readyz", anywhere, None).await, StatusCode::OK);

        let broken = tempfile::tempdir().unwrap();
        let ops = self::ops(broken.path()).await;
        // The disk gives back rubbish.
        for name in ["clawback.db", "clawback.db-wal"] {
            let path = broken.path().join(name);
            let octets = std::fs::metadata(&path).map_or(0, |file| file.len());
            std::fs::write(&path, vec![0xff; usize::try_from(octets).unwrap()]).unwrap();
        }
        let found = status(&ops, "/readyz", anywhere, None).await;
        assert_eq!(found, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status(&ops, "/healthz", anywhere, None).await, StatusCode::OK);
    }
}
