//! Quota units: what each request costs, for its user and for the whole project, each minute.
// spec: gmail:quota

use std::collections::HashMap;

use axum::http::StatusCode;
use jiff::Timestamp;

use super::GoogleBehaviour;
use super::error::GoogleError;
use super::route::Work;
use crate::clock::later;

/// What was used in the present minute, by user; the project under the empty name.
#[derive(Debug, Default)]
pub(crate) struct Quotas(HashMap<String, Window>);

#[derive(Clone, Copy, Debug)]
struct Window {
    began: Timestamp,
    used: u32,
}

impl Quotas {
    /// Counts a request; refuses it where it is too much for its user or for the project.
    pub(crate) fn take(
        &mut self,
        user_id: &str,
        units: u32,
        now: Timestamp,
        behaviour: &GoogleBehaviour,
        retry_after: Option<u32>,
    ) -> Result<(), GoogleError> {
        let status = behaviour.quota_status();
        if !self.fits(user_id, units, now, behaviour.user_units) {
            return Err(GoogleError::over_quota(status, "userRateLimitExceeded", retry_after));
        }
        if !self.fits("", units, now, behaviour.project_units) {
            return Err(GoogleError::over_quota(status, "rateLimitExceeded", retry_after));
        }
        Ok(())
    }

    fn fits(&mut self, whose: &str, units: u32, now: Timestamp, units_max: u32) -> bool {
        let fresh = Window { began: now, used: 0 };
        let window = self.0.entry(whose.to_owned()).or_insert(fresh);
        if later(window.began, MINUTE_MS) <= now {
            *window = fresh;
        }
        window.used = window.used.saturating_add(units);
        window.used <= units_max
    }
}

/// What a request costs. The prices of the table of May 2026 where they are known, which has made
/// `get` dearer; those of the older table for the rest.
pub(crate) fn units(work: Work) -> u32 {
    match work {
        Work::Directory => 0,
        Work::Labels | Work::Profile => 1,
        Work::List | Work::Modify | Work::Trash | Work::Untrash => 5,
        Work::Delete => 10,
        Work::Get => 20,
        Work::Insert => 25,
        Work::BatchDelete | Work::BatchModify => 50,
    }
}

impl GoogleBehaviour {
    fn quota_status(&self) -> StatusCode {
        match self.quota_is_forbidden {
            true => StatusCode::FORBIDDEN,
            false => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

const MINUTE_MS: u64 = 60_000;
