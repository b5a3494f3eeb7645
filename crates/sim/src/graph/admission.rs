//! Whether a request may run, how long its answer takes, and what the client did wrong in asking.
//!
//! A refusal tells how long to wait. Who comes back earlier is written down: for a mailbox
//! whatever it asks of that mailbox, in the directory only the same question.
// spec: graph:throttling-limits

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::Call;
use super::error::GraphError;
use crate::config::Fault;
use crate::operations::{By, Operation, OperationKind};
use crate::throttle::{Admission, Admitted, Throttle};
use crate::world::{Tenant, World};

/// When a request came, on both clocks and in its turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) at: Timestamp,
    pub(crate) began: Instant,
    /// The so-maniest over the wire.
    pub(crate) number: u64,
}

/// Lets a request in and waits as long as its answer takes.
pub(crate) async fn admit(
    world: &World,
    call: &Call,
    mailbox: Option<&str>,
) -> Result<Admitted, GraphError> {
    let latency = {
        let now = world.now();
        let mut tenant = world.tenant();
        note_impatience(&mut tenant, call, mailbox);
        enter(&mut tenant, mailbox, now)?
    };
    let admitted = Admitted::counted(world, mailbox);
    if mailbox.is_some() {
        world.in_flight_changed();
        world.until_released().await;
    }
    if !latency.is_zero() {
        tokio::time::sleep_until(call.arrival.began + latency).await;
    }
    Ok(admitted)
}

/// Counts a request where it is counted; gives how long its answer takes.
fn enter(
    tenant: &mut Tenant,
    mailbox: Option<&str>,
    now: Timestamp,
) -> Result<Duration, GraphError> {
    let Tenant { behaviour, random, throttles, application, traffic, .. } = tenant;
    let retry_after = behaviour.retry_after_seconds;
    let Some(at_once) = application.admit(behaviour.application_max) else {
        application.tell_to_wait(now, retry_after);
        tenant.mistake(mailbox.unwrap_or_default(), TOO_MANY_IN_ALL, now);
        return Err(GraphError::over_limit(APPLICATION, retry_after));
    };
    traffic.at_once_most = traffic.at_once_most.max(at_once);
    if let Some(user_id) = mailbox {
        let throttle = throttles.entry(user_id.to_owned()).or_insert_with(|| Throttle::new(now));
        let limit = match throttle.admit(now, behaviour) {
            Admission::Admitted => None,
            Admission::TooManyAtOnce => Some("MailboxConcurrency"),
            Admission::WindowFull => Some("MailboxRequests"),
        };
        if let Some(limit) = limit {
            throttle.tell_at(now, retry_after, traffic.round_trips);
            application.leave();
            if limit == "MailboxConcurrency" {
                tenant.mistake(user_id, TOO_MANY_AT_MAILBOX, now);
            }
            return Err(GraphError::over_limit(limit, retry_after));
        }
    }
    Ok(Duration::from_millis(random.within(&behaviour.latency_ms)))
}

/// What a fault that refuses says; the client is held to its wait.
pub(crate) fn refused(
    world: &World,
    call: &Call,
    mailbox: Option<&str>,
    fault: Fault,
) -> Option<GraphError> {
    let (error, wait) = match fault {
        Fault::Status429 { retry_after } => (GraphError::too_many(retry_after), retry_after),
        Fault::Status503 { retry_after } => (GraphError::unavailable(retry_after), retry_after),
        _ => return None,
    };
    let now = world.now();
    let mut tenant = world.tenant();
    note_impatience(&mut tenant, call, mailbox);
    if wait.is_some() {
        let number = tenant.traffic.round_trips;
        let throttle = tenant.throttles.entry(asked(call, mailbox).to_owned());
        throttle.or_insert_with(|| Throttle::new(now)).tell_at(now, wait, number);
    }
    Some(error)
}

fn note_impatience(tenant: &mut Tenant, call: &Call, mailbox: Option<&str>) {
    let throttle = tenant.throttles.get(asked(call, mailbox));
    let Arrival { at, number, .. } = call.arrival;
    if throttle.is_some_and(|it| it.is_early_for(at, number)) || tenant.application.is_early(at) {
        let (user_id, item) = (mailbox.unwrap_or_default().to_owned(), String::new());
        let kind = OperationKind::Impatient;
        tenant.record(Operation { at, user_id, item, by: By::Application, kind });
    }
}

/// What a wait is about: the mailbox, or else the question.
fn asked<'a>(call: &'a Call, mailbox: Option<&'a str>) -> &'a str {
    mailbox.unwrap_or(&call.query)
}

/// The provider does not document what such a refusal says; that it names no mailbox is assumed.
const APPLICATION: &str = "ApplicationConcurrency";
const TOO_MANY_AT_MAILBOX: &str = "more requests to one mailbox at once than it bears";
const TOO_MANY_IN_ALL: &str = "more requests at once than the application may have";
