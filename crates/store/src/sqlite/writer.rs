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
        // A full disk can end the whole transaction, not only the request that met it.
        if connection.is_autocommit() {
            return Err(StoreError::Full);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(c: &Connection, octets: i64) -> Result<()> {
        c.execute("INSERT INTO filled VALUES (zeroblob(?1))", [octets])?;
        Ok(())
    }

    fn count(c: &Connection) -> Result<i64> {
        Ok(c.query_row("SELECT count(*) FROM filled", [], |row| row.get(0))?)
    }

    #[tokio::test]
    async fn a_full_disk_is_told_as_such_and_passes() {
        let dir = tempfile::tempdir().unwrap();
        let connection = Connection::open(dir.path().join("small.db")).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection.execute_batch("CREATE TABLE filled (octets BLOB)").unwrap();
        connection.pragma_update(None, "max_page_count", 40).unwrap();
        let writer = Writer::start(connection).unwrap();
        writer.run(|c| fill(c, 50_000)).await.unwrap();
        let full = writer.run(|c| fill(c, 500_000)).await;
        assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
        writer.run(|c| fill(c, 5_000)).await.unwrap();
        assert_eq!(writer.run(count).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_request_that_fails_hurts_no_other() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE filled (octets BLOB)").unwrap();
        let writer = Writer::start(connection).unwrap();
        let failing = writer.run(|c| {
            fill(c, 10)?;
            Err::<(), _>(StoreError::Conflict)
        });
        let (one, failed, two) =
            tokio::join!(writer.run(|c| fill(c, 1)), failing, writer.run(|c| fill(c, 2)));
        assert!(one.is_ok() && two.is_ok());
        assert!(matches!(failed, Err(StoreError::Conflict)));
        assert_eq!(writer.run(count).await.unwrap(), 2);
    }
}
