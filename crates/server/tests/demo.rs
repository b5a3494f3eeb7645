//! The demo keeps its promises: bad mail is verified gone within forty seconds, Ctrl-C ends it
//! cleanly, and started again on the same folder it goes on with its records.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

struct Demo {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Demo {
    fn start(dir: &Path) -> Self {
        let free = "127.0.0.1:0";
        let mut child = Command::new(env!("CARGO_BIN_EXE_clawback"))
            .args(["demo", "--http", free, "--smtp", free, "--sim", free, "--pace", "300"])
            .arg("--dir")
            .arg(dir)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Reads what it says until a line tells of at least so much: judged, retracted.
    async fn until(&mut self, judged: u64, retracted: u64) -> (u64, u64) {
        loop {
            let line = self.lines.next_line().await.unwrap().expect("the demo ended");
            let Some(counts) = counts(&line) else { continue };
            if counts.0 >= judged && counts.1 >= retracted {
                return counts;
            }
        }
    }

    async fn interrupt(mut self) {
        let pid = self.child.id().unwrap().to_string();
        Command::new("kill").args(["-INT", &pid]).status().await.unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await;
        assert!(ended.expect("ends after Ctrl-C").unwrap().success());
    }
}

/// `12 messages judged · 3 copies retracted and verified …`
fn counts(line: &str) -> Option<(u64, u64)> {
    let (judged, rest) = line.split_once(" messages judged · ")?;
    let (retracted, _) = rest.split_once(" copies retracted and verified")?;
    Some((judged.parse().ok()?, retracted.parse().ok()?))
}

#[tokio::test]
async fn bad_mail_is_gone_within_forty_seconds_and_a_restart_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut demo = Demo::start(dir.path());
    let seen = tokio::time::timeout(Duration::from_secs(40), demo.until(6, 3)).await;
    let (judged, _) = seen.expect("three bad messages are retracted within forty seconds");
    demo.interrupt().await;

    let mut again = Demo::start(dir.path());
    let seen = tokio::time::timeout(Duration::from_secs(40), again.until(judged + 1, 3)).await;
    seen.expect("it goes on with its records");
    again.interrupt().await;
}
