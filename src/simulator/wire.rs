//! Between hyper and the core: a request read, an answer's fate carried out.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH};
use hyper::{Response, StatusCode};

use super::answer::{Answer, Fate, MAX_BODY, Request};
use super::journal::InFlight;
use super::server::Shared;

/// The body of an answer; its error is a connection dropped on purpose.
type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Answers one request. An error makes hyper drop the connection without a word.
pub(super) async fn handle(shared: Arc<Shared>, request: hyper::Request<Incoming>) -> io::Result<Response<Body>> {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let under_way = UnderWay::begin(&shared, head.method.as_str(), path);
    let body = read(body).await?;
    let authorization = head.headers.get(AUTHORIZATION);
    let answer = shared.answer(&Request {
        method: head.method.as_str(),
        path,
        authorization: authorization.and_then(|value| value.to_str().ok()),
        body: &body,
    });
    match answer.fate {
        Fate::Answered { after } => {
            wait(after).await;
            drop(under_way);
            Ok(respond(answer))
        }
        Fate::Truncated { after } => {
            wait(after).await;
            drop(under_way);
            Ok(respond_by_half(answer))
        }
        Fate::Reset => Err(dropped()),
        Fate::Hang => {
            // It ends here for the account: a client that gives up on it and asks again overlaps with nothing.
            drop(under_way);
            pending().await
        }
    }
}

/// An update on its way, over when this is dropped: also where the client goes before it is answered.
struct UnderWay<'a> {
    shared: &'a Shared,
    in_flight: Option<InFlight>,
}

impl<'a> UnderWay<'a> {
    fn begin(shared: &'a Shared, method: &str, path: &str) -> Self {
        let in_flight = shared.with(|simulator| simulator.begin(method, path));
        Self { shared, in_flight: Some(in_flight) }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if let Some(in_flight) = self.in_flight.take() {
            self.shared.with(|simulator| simulator.finish(in_flight));
        }
    }
}

/// The body, of which no more is held than shows that it is too large. The rest is read all the same: a client that is
/// still sending would not hear the answer.
async fn read(mut body: Incoming) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(io::Error::other)?.into_data() {
            let room = (MAX_BODY + 1).saturating_sub(bytes.len());
            bytes.extend_from_slice(&data[..data.len().min(room)]);
        }
    }
    Ok(bytes)
}

async fn wait(after: Duration) {
    if !after.is_zero() {
        tokio::time::sleep(after).await;
    }
}

fn respond(mut answer: Answer) -> Response<Body> {
    let body = std::mem::take(&mut answer.body);
    let whole = Full::new(Bytes::from(body)).map_err(|never: Infallible| match never {});
    headed(&answer, whole.boxed_unsync())
}

/// Promises the whole body, gives the first half, and breaks off.
fn respond_by_half(mut answer: Answer) -> Response<Body> {
    let whole = Bytes::from(std::mem::take(&mut answer.body));
    let half = whole.slice(..whole.len() / 2);
    let given = stream::iter([Ok(Frame::data(half))]);
    let broken = stream::once(async {
        // hyper sends what it holds when the body makes it wait, and throws it away when the body fails.
        tokio::task::yield_now().await;
        Err(dropped())
    });
    let mut response = headed(&answer, StreamBody::new(given.chain(broken)).boxed_unsync());
    response.headers_mut().insert(CONTENT_LENGTH, whole.len().into());
    response
}

fn headed(answer: &Answer, body: Body) -> Response<Body> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    // Statuses and header names are ours; a value that is no header (a path echoed in `Location`) can't be told.
    response.body(body).unwrap_or_else(|_| {
        let mut plain = Response::new(Full::default().map_err(|never: Infallible| match never {}).boxed_unsync());
        *plain.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        plain
    })
}

fn dropped() -> io::Error {
    io::Error::from(io::ErrorKind::ConnectionAborted)
}
