//! Carries out what is ordered of jobs: copies to be looked up, paused, resumed, withdrawn, tried
//! again. Step by step, each in a transaction of its own, so that it stops and goes on anywhere.

use std::sync::Arc;
use std::time::Duration;

use clawback_store::RegionStore;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Runs until `stop`. `ordered` is rung when an operator ordered something, `due` is for whoever
/// waits for copies.
pub(crate) async fn settle(
    region: RegionStore,
    ordered: Arc<Notify>,
    due: Arc<Notify>,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        let more = region.settle_jobs().await.unwrap_or_else(|error| {
            tracing::error!(%error, "what was ordered of jobs could not be carried out");
            false
        });
        due.notify_one();
        if !more {
            let rest = tokio::time::timeout(LOOK_EVERY, ordered.notified());
            let _ = stop.run_until_cancelled(rest).await;
        }
    }
}

/// What no bell was rung for: a release while a job was being paused, another process.
const LOOK_EVERY: Duration = Duration::from_secs(1);
