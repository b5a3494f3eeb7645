//! Ours beside the peers: the same messages, in one run, one after the other.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;

use super::corpus::{Corpus, Rows};
use super::ours::{Ablation, Figures, Ours, Report};
use super::peers::{Kind, Opinion, Peer};
use crate::bench::figure::number;

/// What a peer made of a sample.
struct Measured {
    kind: Kind,
    opinions: BTreeMap<String, Opinion>,
    seconds: f64,
    cpu_ms: u64,
}

/// Rows by name: of the sample, how many there are, and what each program caught.
type Rates = BTreeMap<String, (u64, BTreeMap<&'static str, u64>)>;

/// Measures ours and every peer that is installed, and gives the table of it.
pub(super) fn measure(
    ours: &Ours,
    corpus: &Corpus,
    strip: &'static str,
    most: usize,
    scratch: &Path,
) -> anyhow::Result<String> {
    let list = scratch.join("sample.tsv");
    corpus.sample(most, &list)?;
    let export = scratch.join("sample");
    if export.exists() {
        fs::remove_dir_all(&export)?;
    }
    let folder = export.display().to_string();
    let [told, untold] =
        ["as-found", "absent"].map(|authentication| Ablation { strip, authentication });
    let alone = ["--threads", "1"];
    let reports = [
        ours.measure(corpus, &list, told, &[&alone[..], &["--export", &folder]].concat())?,
        ours.measure(corpus, &list, untold, &alone)?,
    ];
    let mail = mails(&list, &export)?;
    let mut measured = Vec::new();
    for kind in Kind::ALL {
        println!("{} on {} messages", kind.name(), mail.len());
        match ask_all(kind, &mail) {
            Ok(done) => measured.push(done),
            Err(error) => println!("{} is not measured: {error:#}", kind.name()),
        }
    }
    let rates = rates(&list, corpus, &measured)?;
    Ok(table(strip, &reports, &measured, &rates))
}

/// The messages of the list that lie in the half: those that were exported.
fn mails(list: &Path, export: &Path) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let text = fs::read_to_string(list).context("the sample's list")?;
    let rows = Rows::of(&text);
    let paths = rows.rows.iter().map(|row| rows.cell(row, "path"));
    let read = paths.filter_map(|path| fs::read(export.join(&path)).ok().map(|mail| (path, mail)));
    Ok(read.collect())
}

fn ask_all(kind: Kind, mail: &[(String, Vec<u8>)]) -> anyhow::Result<Measured> {
    let peer = Peer::start(kind)?;
    // Once over some of it, so that what is made at first use is made.
    for (_, octets) in mail.iter().take(WARM_UP) {
        peer.ask(octets)?;
    }
    let (cpu, began) = (peer.cpu_ms(), Instant::now());
    let mut opinions = BTreeMap::new();
    for (path, octets) in mail {
        opinions.insert(path.clone(), peer.ask(octets)?);
    }
    let seconds = began.elapsed().as_secs_f64();
    Ok(Measured { kind, opinions, seconds, cpu_ms: peer.cpu_ms().saturating_sub(cpu) })
}

fn rates(list: &Path, corpus: &Corpus, measured: &[Measured]) -> anyhow::Result<Rates> {
    let text = fs::read_to_string(list).context("the sample's list")?;
    let rows = Rows::of(&text);
    let labels = corpus.labelled()?;
    let mut rates = Rates::new();
    for row in &rows.rows {
        let path = rows.cell(row, "path");
        let mut names = vec![format!("{} {}", rows.cell(row, "class"), rows.cell(row, "source"))];
        let delivered = rows.cell(row, "scl").parse::<i32>().is_ok_and(|scl| scl <= 1);
        let stratum = if delivered { "delivered" } else { "rest" };
        names.extend(labels.get(&path).map(|label| format!("{stratum} {label}")));
        for name in names {
            let opinions =
                measured.iter().filter_map(|it| Some((it.kind, it.opinions.get(&path)?)));
            let (all, hits) = rates.entry(name).or_default();
            for (at, (kind, opinion)) in opinions.enumerate() {
                *all += u64::from(at == 0);
                let [junk, more] = columns(kind);
                *hits.entry(junk).or_default() += u64::from(*opinion == Opinion::Junk);
                *hits.entry(more).or_default() += u64::from(*opinion >= Opinion::Greylist);
            }
        }
    }
    Ok(rates)
}

/// The names of a peer's two columns.
fn columns(kind: Kind) -> [&'static str; 2] {
    match kind {
        Kind::Rspamd => ["rspamd", "or greylist"],
        Kind::SpamAssassin => ["SpamAssassin", ""],
    }
}

fn table(strip: &str, reports: &[Report; 2], measured: &[Measured], rates: &Rates) -> String {
    let [told, untold] = reports;
    let mut heads = vec!["ours", "ours, no auth."];
    let peers = measured.iter().flat_map(|it| columns(it.kind));
    heads.extend(peers.filter(|name| !name.is_empty()));
    let heads: String = heads.iter().map(|head| format!("{head:>16}")).collect();
    let mut text = format!(
        "\nbeside others, {strip} stripped: called bad (spam, malicious: caught; ham: false)\n\
         {:32}{:>6}{heads}\n",
        "", "n"
    );
    for (name, (all, hits)) in rates.iter().filter(|(_, (all, _))| *all > 0) {
        let ours = [told, untold].map(|report| {
            let caught = figures(report, name).map(|figures| figures.caught.hits);
            caught.map_or_else(|| "-".to_owned(), |hits| cell(hits, *all))
        });
        text.push_str(&format!("{name:32}{all:>6}"));
        for cell in ours {
            text.push_str(&format!("{cell:>16}"));
        }
        for peer in measured.iter().flat_map(|it| columns(it.kind)).filter(|name| !name.is_empty())
        {
            let hits = hits.get(peer).copied().unwrap_or_default();
            text.push_str(&format!("{:>16}", cell(number(hits), *all)));
        }
        text.push('\n');
    }
    text.push_str(&speed(told, measured));
    text
}

/// The figures of a row by the name it has here.
fn figures<'a>(report: &'a Report, name: &str) -> Option<&'a Figures> {
    let of_source = |class: &str, source: &str| name == format!("{class} {source}");
    let sources = report.sources.iter().filter(|row| row.era.is_none());
    let source = sources.into_iter().find(|row| of_source(&row.class, &row.source));
    let label = report.labels.iter().find(|row| of_source(&row.stratum, &row.label));
    source.map(|row| &row.figures).or(label.map(|row| &row.figures))
}

fn cell(hits: f64, all: u64) -> String {
    format!("{hits:.0} {:.1} %", hits / number(all.max(1)) * 100.0)
}

fn speed(ours: &Report, measured: &[Measured]) -> String {
    let mut text = format!(
        "one worker: ours {:.0}/s, {:.3} ms of processor time a message (reading files apart)\n",
        ours.cost.per_second_and_core,
        ours.cost.mean_us / 1e3
    );
    for it in measured {
        let count = number(it.opinions.len() as u64).max(1.0);
        let each = number(it.cpu_ms) / count;
        text.push_str(&format!(
            "one worker: {} {:.0}/s, {each:.2} ms of processor time a message, {:.1} times ours\n",
            it.kind.name(),
            count / it.seconds.max(0.001),
            each * 1e3 / ours.cost.mean_us.max(0.001)
        ));
    }
    text
}

const WARM_UP: usize = 50;
