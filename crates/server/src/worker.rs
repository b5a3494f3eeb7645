//! Claims durable segments and takes each along the straight line.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::pipeline::{Line, process};

/// How many of them work side by side: while one waits for its record, another judges.
pub(crate) fn count() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from).clamp(2, WORKERS_MAX)
}

/// Works off segments until `stop`; the segment in hand is recorded first.
pub(crate) async fn run(line: Arc<Line>, orders: Arc<Notify>, stop: CancellationToken) {
    let region = line.store.region(&line.region);
    let mut failures = 0;
    while !stop.is_cancelled() {
        let claimed = match region.claim_segment(WORKER, LEASE).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(%error, "no segment could be claimed");
                None
            }
        };
        let Some(segment) = claimed else {
            let rest = tokio::time::timeout(POLL_EVERY, region.notified());
            let _ = stop.run_until_cancelled(rest).await;
            continue;
        };
        match process(&line, &segment).await {
            Ok(recorded) => {
                failures = 0;
                if recorded.jobs > 0 {
                    orders.notify_one();
                }
            }
            Err(error) => {
                failures += 1;
                tracing::error!(%error, segment = %segment.id, "a segment could not be recorded; it will be done again");
                let pause = PAUSE_MIN.saturating_mul(1 << failures.min(6));
                let _ = stop.run_until_cancelled(tokio::time::sleep(pause)).await;
            }
        }
    }
}

const LEASE: Duration = Duration::from_secs(120);
const PAUSE_MIN: Duration = Duration::from_millis(250);
const POLL_EVERY: Duration = Duration::from_millis(500);
const WORKER: &str = "worker";
const WORKERS_MAX: usize = 8;
