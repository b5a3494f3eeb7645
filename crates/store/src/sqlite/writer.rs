//! The one thread that writes: requests that wait together are committed together.
//!
//! Each request runs in a savepoint of its own: one that fails changes nothing and hurts no other.
//! A request is answered after the commit. `BEGIN IMMEDIATE`: nothing is upgraded half-way.

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::backend::Result;
use crate::error::StoreError;

type Answer = Box<dyn FnOnce(Result<()>) + Send>;
type Work = Box<dyn FnOnce(&Connection) -> (bool, Answer) + Send>;

pub(super) struct Writer {
    queue: mpsc::Sender<Work>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self> {
        let (queue, requests) = mpsc::channel(QUEUE_MAX);
        std::thread::Builder::new()
            .name("clawback-records".to_owned())
            .spawn(move || serve(&connection, requests))?;
        Ok(Self { queue })
    }

    /// Runs `work` in the writer's transaction; returns when it is committed.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = oneshot::channel();
        let request: Work = Box::new(move |connection| {
            let result = work(connection);
            let fine = result.is_ok();
            let answer = move |committed: Result<()>| {
                let _ = sender.send(match committed {
                    Err(error) if fine => Err(error),
                    _ => result,
                });
            };
            (fine, Box::new(answer))
        });
        self.queue.send(request).await.map_err(|_| stopped())?;
        receiver.await.map_err(|_| stopped())?
    }
}

fn serve(connection: &Connection, mut requests: mpsc::Receiver<Work>) {
    while let Some(first) = requests.blocking_recv() {
        let mut answers = Vec::new();
        let committed = group(connection, first, &mut requests, &mut answers);
        if let Err(error) = &committed {
            tracing::error!(
                error = error as &dyn std::error::Error,
                "a transaction could not be committed"
            );
            let _ = connection.execute_batch("ROLLBACK");
        }
        for answer in answers {
            answer(match &committed {
                Ok(()) => Ok(()),
                Err(StoreError::Full) => Err(StoreError::Full),
                Err(_) => Err(StoreError::unavailable("the transaction was not committed")),
            });
        }
    }
}

fn group(
    connection: &Connection,
    first: Work,
    requests: &mut mpsc::Receiver<Work>,
    answers: &mut Vec<Answer>,
) -> Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let mut next = Some(first);
    while let Some(work) = next {
        connection.execute_batch("SAVEPOINT request")?;
        let (fine, answer) = work(connection);
        answers.push(answer);
        let end = if fine { "RELEASE request" } else { "ROLLBACK TO request; RELEASE request" };
        connection.execute_batch(end)?;
        next = if answers.len() < GROUP_MAX { requests.try_recv().ok() } else { None };
    }
    connection.execute_batch("COMMIT")?;
    Ok(())
}

fn stopped() -> StoreError {
    StoreError::unavailable("the records are closed")
}

const GROUP_MAX: usize = 64;
const QUEUE_MAX: usize = 1_024;
