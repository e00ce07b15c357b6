//! `POST /cache/load`: a file of availability, loaded as it arrives; `GET /cache/load`: how far the load under way is.

use std::sync::Arc;

use bytes::Bytes;
use gateway_load::Mode;
use gateway_transport::listener::{BodyStream, Streaming};
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::admin::cross_site;
use crate::front::Front;
use crate::load::{self, Busy, Desk, Ending, Feed, Format, Grounds, Job, Outcome, Seen};
use crate::respond;

/// Where files are taken.
pub const PATH: &str = "/cache/load";

/// Characters of a file's name that are shown.
const NAME_CHARACTERS: usize = 120;

/// Takes uploads, one at a time.
#[must_use]
pub fn uploads(front: Arc<Front>, desk: Desk) -> Streaming {
    Streaming::new(
        |parts| parts.method == Method::POST && parts.uri.path() == PATH,
        move |request| take(Arc::clone(&front), desk.clone(), request),
    )
}

/// How far the load under way is.
#[must_use]
pub fn under_way(desk: &Desk) -> Response<Bytes> {
    let shown = match desk.under_way() {
        None => json!({ "under_way": false }),
        Some(Seen { name, summary }) => json!({
            "under_way": true, "name": name, "rows": summary.rows, "bytes": summary.bytes, "taken": summary.taken,
            "rejected": summary.rejected,
        }),
    };
    answer(StatusCode::OK, &shown)
}

async fn take(front: Arc<Front>, desk: Desk, request: Request<BodyStream>) -> Response<Bytes> {
    let (parts, mut body) = request.into_parts();
    if let Some(refusal) = cross_site::refuse(&parts.headers) {
        return refusal.answer();
    }
    let (job, name) = match job(parts.uri.query().unwrap_or_default()) {
        Ok(job) => job,
        Err(reason) => return refused(StatusCode::BAD_REQUEST, &reason),
    };
    let turn = match desk.begin(name.clone()) {
        Ok(turn) => turn,
        Err(busy @ Busy::UnderWay { .. }) => return refused(StatusCode::CONFLICT, &busy.to_string()),
        Err(busy @ Busy::Closing) => return refused(StatusCode::SERVICE_UNAVAILABLE, &busy.to_string()),
    };
    let grounds = front.look(Grounds::of);
    let (feed, intake) = load::intake();
    let loading = tokio::task::spawn_blocking(move || load::run(&grounds, &job, intake, &turn));
    pump(&mut body, feed, &desk).await;
    let Ok(outcome) = loading.await else {
        return refused(StatusCode::INTERNAL_SERVER_ERROR, "the load ended without an outcome");
    };
    outcome.log(&name);
    answer(status(&outcome, &desk), &outcome.to_json())
}

/// Brings the body to the load, until its end or until the load needs no more.
async fn pump(body: &mut BodyStream, feed: Feed, desk: &Desk) {
    loop {
        let next = tokio::select! {
            next = body.next() => next,
            () = desk.closing().cancelled() => return feed.break_off("the gateway is shutting down").await,
        };
        match next {
            Ok(Some(bytes)) => {
                if !feed.bring(bytes).await {
                    return;
                }
            }
            Ok(None) => return feed.end().await,
            Err(rejection) => return feed.break_off(rejection.to_string()).await,
        }
    }
}

fn status(outcome: &Outcome, desk: &Desk) -> StatusCode {
    match outcome.ending {
        Ending::Complete => StatusCode::OK,
        Ending::BadFile(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Ending::BrokenOff(_) if desk.closing().is_cancelled() => StatusCode::SERVICE_UNAVAILABLE,
        Ending::BrokenOff(_) => StatusCode::BAD_REQUEST,
        Ending::Cancelled => StatusCode::SERVICE_UNAVAILABLE,
        Ending::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What the parameters ask for, and what the file is called.
fn job(query: &str) -> Result<(Job, String), String> {
    let (mut job, mut name) = (Job::default(), "an upload".to_owned());
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        let wrong = |expected: &str| format!("`{key}`: expected {expected}, found `{value}`");
        match key.as_ref() {
            "mode" => {
                job.mode = match value.as_ref() {
                    "delta" => Mode::Delta,
                    "full" => Mode::Full,
                    _ => return Err(wrong("`delta` or `full`")),
                }
            }
            "dry_run" => job.dry_run = value.parse().map_err(|_| wrong("`true` or `false`"))?,
            "max_bad_rows" => job.bad_row_limit = Some(value.parse().map_err(|_| wrong("a whole number"))?),
            "format" => job.format = Some(Format::named(&value).ok_or_else(|| wrong("`csv` or `xml`"))?),
            "name" => name = shown(&value),
            _ => {
                return Err(format!(
                    "unknown parameter `{key}`, expected `mode`, `dry_run`, `max_bad_rows`, `format` or `name`"
                ));
            }
        }
    }
    Ok((job, name))
}

/// A name fit for a line of the log.
fn shown(name: &str) -> String {
    let letters = name.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter });
    letters.take(NAME_CHARACTERS).collect()
}

fn refused(status: StatusCode, reason: &str) -> Response<Bytes> {
    answer(status, &json!({ "complete": false, "stopped": reason }))
}

fn answer(status: StatusCode, value: &Value) -> Response<Bytes> {
    let mut response = respond::shown("application/json", format!("{value:#}\n"));
    *response.status_mut() = status;
    response
}
