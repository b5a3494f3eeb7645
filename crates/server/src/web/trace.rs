//! Mail trace: which messages came in, what they are, and where each is now.

use std::fmt::Write as _;

use askama::Template;
use axum::extract::{Query as Params, State};
use axum::response::Html;
use clawback_core::record::Arrival;
use clawback_core::trace::{Key, Query};
use clawback_core::{Disposition, MessageId, UnixMillis};
use clawback_store::error::StoreError;
use clawback_store::view::{Cursor, TracePage as Found, TraceRow};
use serde::Deserialize;
use url::form_urlencoded;

use super::assets;
use super::error::WebError;
use super::marks as m;
use super::overview;
use super::range::Range;
use super::shell::Shell;
use super::state::WebState;
use super::text as t;
use super::when as w;

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    q: Option<String>,
    range: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "trace.html")]
pub(super) struct TracePage {
    pub(super) shell: Shell,
    pub(super) q: String,
    pub(super) range: Range,
    pub(super) first_page: bool,
    pub(super) found: Found,
    pub(super) facets: Vec<Facet>,
    /// Why the query cannot be answered.
    pub(super) trouble: Option<String>,
    /// Where journal reports are to be sent: shown while nothing ever came.
    pub(super) journal_addresses: Option<Vec<String>>,
}

/// One disposition above the table: how many there are, and the way to see them only.
#[derive(Clone, Debug)]
pub(super) struct Facet {
    pub(super) disposition: Disposition,
    pub(super) count: u64,
    pub(super) pressed: bool,
    pub(super) url: String,
}

/// The page.
pub(super) async fn show(
    State(state): State<WebState>,
    shell: Shell,
    Params(asked): Params<Asked>,
) -> Result<Html<String>, WebError> {
    let q = asked.q.unwrap_or_default().trim().to_owned();
    let cursor = asked.after.as_deref().map(read_cursor).transpose()?;
    let parsed = Query::parse(&q);
    let dated = parsed.as_ref().is_ok_and(names_a_date) && asked.range.is_none();
    let range = if dated { Range::All } else { Range::named(asked.range.as_deref()) };
    let answer = match &parsed {
        Ok(query) => look(&state, &shell, query, &q, range, cursor).await,
        Err(error) => Err(Look::Trouble(error.to_string())),
    };
    let (found, counts, trouble) = match answer {
        Ok((found, counts)) => (found, counts, None),
        Err(Look::Trouble(text)) => (Found::default(), Vec::new(), Some(text)),
        Err(Look::Failed(error)) => return Err(error),
    };
    let facets = facets(&q, parsed.as_ref().ok(), range, &counts);
    let nothing = found.rows.is_empty() && q.is_empty() && cursor.is_none();
    let journal_addresses = match nothing && !ever(&state, &shell).await? {
        true => Some(overview::journal_addresses(&state, &shell).await?),
        false => None,
    };
    let first_page = cursor.is_none();
    let page = TracePage { shell, q, range, first_page, found, facets, trouble, journal_addresses };
    Ok(Html(page.render()?))
}

/// Why there is no answer: the query's fault, told in the page, or ours.
enum Look {
    Failed(WebError),
    Trouble(String),
}

impl From<StoreError> for Look {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unsupported { .. } | StoreError::UnsupportedValue { .. } => {
                Self::Trouble(error.to_string())
            }
            error => Self::Failed(error.into()),
        }
    }
}

type Answer = (Found, Vec<(Disposition, u64)>);

/// The rows, and the counts of every disposition the rest of the query leaves.
async fn look(
    state: &WebState,
    shell: &Shell,
    query: &Query,
    q: &str,
    range: Range,
    cursor: Option<Cursor>,
) -> Result<Answer, Look> {
    let tenant = state.tenant(shell.operator.tenant());
    let span = range.span(shell.now);
    let found = tenant.trace(query, span, cursor, ROWS).await?;
    let chooses = |query: &Query| query.terms.iter().any(|t| t.key == Some(Key::Disposition));
    if !chooses(query) {
        let counts = found.counts.clone();
        return Ok((found, counts));
    }
    let rest = Query::parse(&without_disposition(q)).unwrap_or_default();
    let counts = tenant.trace(&rest, span, None, 1).await?.counts;
    Ok((found, counts))
}

/// Whether any mail ever came in.
async fn ever(state: &WebState, shell: &Shell) -> Result<bool, WebError> {
    let tenant = state.tenant(shell.operator.tenant());
    let seen = tenant.overview(Range::Hour.span(shell.now), 1).await?;
    Ok(seen.processed_ever > 0)
}

fn names_a_date(query: &Query) -> bool {
    query.terms.iter().any(|term| matches!(term.key, Some(Key::After | Key::Before)))
}

/// One facet a disposition, worst first: choosing it adds or takes away its word.
fn facets(
    q: &str,
    query: Option<&Query>,
    range: Range,
    counts: &[(Disposition, u64)],
) -> Vec<Facet> {
    let terms = query.map(|query| query.terms.as_slice()).unwrap_or_default();
    let named = terms.iter().filter(|t| t.key == Some(Key::Disposition) && !t.negated);
    let chosen: Vec<Disposition> =
        named.flat_map(|term| &term.any_of).filter_map(|word| word.parse().ok()).collect();
    let rest = without_disposition(q);
    let facet = |disposition: Disposition| {
        let pressed = chosen.contains(&disposition);
        let kept = chosen.iter().copied().filter(|d| *d != disposition);
        let all: Vec<String> = kept
            .chain((!pressed).then_some(disposition))
            .map(|d| d.as_str().to_lowercase())
            .collect();
        let mut next = rest.clone();
        if !all.is_empty() {
            let _ = write!(next, " disposition:{}", all.join(","));
        }
        let count = counts.iter().find(|(d, _)| *d == disposition).map_or(0, |(_, n)| *n);
        Facet { disposition, count, pressed, url: url(next.trim(), range, None) }
    };
    let hidden = |f: &Facet| f.disposition == Disposition::Unknown && f.count == 0 && !f.pressed;
    Disposition::ALL.into_iter().map(facet).filter(|f| !hidden(f)).collect()
}

/// The query without its `disposition:` words; quoted phrases stay whole.
fn without_disposition(q: &str) -> String {
    let (mut kept, mut word, mut in_quotes) = (Vec::new(), String::new(), false);
    for character in q.chars().chain([' ']) {
        if character == '"' {
            in_quotes = !in_quotes;
        }
        if character.is_whitespace() && !in_quotes {
            let lower = word.trim_start_matches('-').to_ascii_lowercase();
            if !word.is_empty() && !lower.starts_with("disposition:") {
                kept.push(std::mem::take(&mut word));
            }
            word.clear();
        } else {
            word.push(character);
        }
    }
    kept.join(" ")
}

/// The address of a trace.
pub(super) fn url(q: &str, range: Range, after: Option<Cursor>) -> String {
    let start = String::from("/trace?");
    let end = start.len();
    let mut pairs = url::form_urlencoded::Serializer::for_suffix(start, end);
    pairs.append_pair("range", range.word());
    if !q.is_empty() {
        pairs.append_pair("q", q);
    }
    if let Some(cursor) = after {
        pairs.append_pair("after", &format!("{}-{}", cursor.received.0, cursor.id));
    }
    pairs.finish()
}

fn read_cursor(text: &str) -> Result<Cursor, WebError> {
    let (received, id) = text.split_once('-').ok_or(WebError::BadRequest)?;
    let received = received.parse().map(UnixMillis).map_err(|_| WebError::BadRequest)?;
    let id: MessageId = id.parse().map_err(|_| WebError::BadRequest)?;
    Ok(Cursor { received, id })
}

impl TracePage {
    /// Where everything that was found is retracted.
    fn retract_url(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.q).append_pair("range", self.range.word());
        format!("/retract?{}", query.finish())
    }

    fn all_url(&self) -> String {
        url(&self.q, Range::All, None)
    }

    fn newest(&self) -> String {
        url(&self.q, self.range, None)
    }

    fn clear_url(&self) -> String {
        url("", self.range, None)
    }

    fn older(&self) -> Option<String> {
        self.found.next.map(|cursor| url(&self.q, self.range, Some(cursor)))
    }

    fn is_no_report(&self, row: &TraceRow) -> bool {
        matches!(row.arrival, Arrival::Unexpected | Arrival::PlainCopy)
    }

    fn is_unverified(&self, row: &TraceRow) -> bool {
        row.arrival == Arrival::Unverified
    }

    fn status(&self, row: &TraceRow) -> m::Status {
        m::whereabouts(row.disposition, &row.folders, &row.tally).named(self.shell.is_at_google)
    }

    /// How many match, as far as they were counted.
    fn matching(&self) -> u64 {
        self.found.counts.iter().map(|(_, count)| *count).sum()
    }

    fn sender<'a>(&self, row: &'a TraceRow) -> &'a str {
        if row.from_name.trim().is_empty() { &row.from_address } else { &row.from_name }
    }
}

/// Rows a page: a screen or two, and quick to draw again.
const ROWS: usize = 50;

/// Which entry of the navigation this page belongs to.
const HERE: &str = "trace";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_disposition_table() {
        let rows = [
            ("", ""),
            ("disposition:spam", ""),
            ("from:a -disposition:spam  to:b", "from:a to:b"),
            (
                "subject:\"a disposition:x b\" Disposition:spam,bulk",
                "subject:\"a disposition:x b\"",
            ),
        ];
        for (q, meant) in rows {
            assert_eq!(without_disposition(q), meant, "{q}");
        }
    }

    #[test]
    fn a_facet_adds_its_word_and_takes_it_away_again() {
        let q = "from:a disposition:spam";
        let query = Query::parse(q).unwrap();
        let facets = facets(q, Some(&query), Range::Day, &[(Disposition::Spam, 3)]);
        let of = |d| facets.iter().find(|f| f.disposition == d).unwrap();
        assert!(of(Disposition::Spam).pressed);
        assert_eq!(of(Disposition::Spam).count, 3);
        assert_eq!(of(Disposition::Spam).url, "/trace?range=24h&q=from%3Aa");
        assert_eq!(
            of(Disposition::Bulk).url,
            "/trace?range=24h&q=from%3Aa+disposition%3Aspam%2Cbulk"
        );
    }

    #[test]
    fn a_cursor_that_is_none_is_a_bad_request() {
        for text in ["", "1", "x-00", "1-zz", "-"] {
            assert!(matches!(read_cursor(text), Err(WebError::BadRequest)), "{text}");
        }
    }
}
