//! Stylesheet, scripts and icons: embedded, and named by their content so that a browser may
//! keep them for good.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "../../dashboard/assets"]
struct Files;

/// The address of an asset: `/assets/clawback-0f3a….css`.
pub(super) fn url(name: &'static str) -> &'static str {
    table().urls.get(name).map_or("/assets/missing", String::as_str)
}

/// Serves an asset by the name that [`url()`] gave it; another hash is another file, and not here.
pub(super) async fn serve(Path(hashed): Path<String>, asked: HeaderMap) -> Response {
    let Some(name) = table().names.get(&hashed) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some(file) = Files::get(name) else { return StatusCode::NOT_FOUND.into_response() };
    // Weak: the same tag stands for the compressed form. The name holds the hash.
    let tag = format!("W/\"{hashed}\"");
    let known = asked.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let is_known = known.is_some_and(|tags| tags.split(',').any(|one| one.trim() == tag));
    let Ok(tag) = HeaderValue::from_str(&tag) else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(media_type(name))),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (ETAG, tag),
    ];
    match is_known {
        true => (StatusCode::NOT_MODIFIED, headers).into_response(),
        false => (headers, file.data.into_owned()).into_response(),
    }
}

struct Table {
    urls: BTreeMap<String, String>,
    names: BTreeMap<String, String>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let (mut urls, mut names) = (BTreeMap::new(), BTreeMap::new());
        for name in Files::iter() {
            let Some(file) = Files::get(&name) else { continue };
            let digest = hex::encode(file.metadata.sha256_hash());
            let hash = digest.get(..HASH_DIGITS).unwrap_or_default();
            let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
            let hashed = format!("{stem}-{hash}.{extension}");
            urls.insert(name.to_string(), format!("/assets/{hashed}"));
            names.insert(hashed, name.to_string());
        }
        Table { urls, names }
    })
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

const HASH_DIGITS: usize = 16;
