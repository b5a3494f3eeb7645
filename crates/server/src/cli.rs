//! The command line: what can be asked of the binary.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::eval::{self, EvalArgs};
use crate::sources::SourceArgs;
use crate::{admin, allocator, demo, register, rules, scan, serve};

/// Takes bad mail back out of mailboxes: receives journaled mail, judges it, and retracts what is
/// bad through Microsoft Graph, verified and on record.
#[derive(Debug, Parser)]
#[command(name = "clawback", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// Write the log as one JSON object a line.
    #[arg(long, global = true)]
    pub(crate) log_json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show everything at once: clawback, a simulated Microsoft 365 and a stream of mail.
    Demo(DemoArgs),
    /// Run clawback.
    Serve(ConfigArgs),
    /// Judge mail in files, offline: .eml files, folders, mbox files, `-` for standard input.
    Scan(ScanArgs),
    /// Measure the judge: on one's own mail, or on a labelled collection. Nothing is sent.
    Eval(EvalArgs),
    /// Rules in Message Query Language: check them, test them, see what they cost.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Run the simulated Microsoft 365 and Google Workspace alone.
    Sim(SimArgs),
    /// Customer organisations.
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// People who may sign in to the dashboard.
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// Indicators somebody says are bad.
    #[command(subcommand)]
    Intel(IntelCommand),
    /// A tenant's allow, block and trusted-domain lists.
    #[command(subcommand)]
    List(ListCommand),
    /// The key that raw mail is sealed with.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The app registration that mailboxes in Microsoft 365 are reached by.
    #[command(subcommand)]
    Microsoft(MicrosoftCommand),
    /// Say whether a configuration file works, and what would run.
    CheckConfig(ConfigArgs),
}

/// `clawback demo`
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The folder that holds everything the demo remembers.
    #[arg(long, value_name = "DIR", default_value = "clawback-demo")]
    pub(crate) dir: PathBuf,
    /// Where the dashboard listens; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8480")]
    pub(crate) http: SocketAddr,
    /// Where journal reports come in; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:2525")]
    pub(crate) smtp: SocketAddr,
    /// Where the simulated Microsoft 365 listens; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8481")]
    pub(crate) sim: SocketAddr,
    /// Where the simulated Google Workspace listens; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8482")]
    pub(crate) google: SocketAddr,
    /// Milliseconds between two messages, on average.
    #[arg(long, value_name = "MS", default_value_t = 1_500, value_parser = clap::value_parser!(u64).range(10..=600_000))]
    pub(crate) pace: u64,
    /// Let the simulated services answer at once instead of as slowly as the real ones.
    #[arg(long)]
    pub(crate) no_delays: bool,
}

/// The configuration file.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// The configuration file; see docs/config.md.
    #[arg(long, value_name = "FILE", default_value = "clawback.toml")]
    pub(crate) config: PathBuf,
}

/// `clawback scan`
#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// How results are written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) knowledge: KnowledgeArgs,
    /// Files, folders, mbox files, or `-`.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

/// What mail in files is judged by.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct KnowledgeArgs {
    /// A file of bad indicators: a plain list or CSV with a header. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) intel: Vec<PathBuf>,
    /// A domain of the organisation whose mail this is. May be given several times.
    #[arg(long, value_name = "D")]
    pub(crate) org_domain: Vec<String>,
    /// A folder of further rules, with their lists. May be given several times.
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Vec<PathBuf>,
    /// Leave clawback's own rule pack out.
    #[arg(long)]
    pub(crate) no_own_pack: bool,
}

/// How `scan` writes its results.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For a person at a terminal.
    Human,
    /// One JSON object a line.
    Json,
}

/// `clawback rules`
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Read, check and compile every rule below some folders, and say what became of each.
    ///
    /// `complete` rules do all that they say. `degraded` ones use something that clawback does not
    /// have, which is null for them; `off` ones can never be true without it. Exit code 1 where a
    /// file is wrong.
    Check {
        /// How the result is written; as JSON it is one object.
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
        /// A folder of lists that the rules speak of, beside those in their own folders.
        #[arg(long, value_name = "DIR")]
        lists: Vec<PathBuf>,
        /// Folders of rule files; lists are read from folders named `lists` in them.
        #[arg(required = true, value_name = "DIR")]
        dirs: Vec<PathBuf>,
    },
    /// Ask every rule about the messages that its file says it must and must not match.
    ///
    /// A rule file names them below `tests`, as `match` and `no_match`. Where an answer is not
    /// what the file says, it is shown which part of the rule is why. Exit code 1 then.
    Test {
        /// A domain that counts as the organisation's. May be given several times.
        #[arg(long, value_name = "D", default_value = "corp.example")]
        org_domain: Vec<String>,
        /// Only this rule. May be given several times.
        #[arg(long, value_name = "NAME")]
        rule: Vec<String>,
        /// Folders of rule files.
        #[arg(required = true, value_name = "DIR")]
        dirs: Vec<PathBuf>,
    },
    /// Show what each rule costs on some mail, dearest first.
    Profile {
        /// Mail: files, folders, mbox files. May be given several times.
        #[arg(long, required = true, value_name = "PATH")]
        mail: Vec<PathBuf>,
        /// How many rules are shown.
        #[arg(long, value_name = "N", default_value_t = 30)]
        top: usize,
        /// Folders of rule files.
        #[arg(required = true, value_name = "DIR")]
        dirs: Vec<PathBuf>,
    },
}

/// `clawback sim`
#[derive(Debug, Args)]
pub(crate) struct SimArgs {
    /// Where it listens; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8481")]
    pub(crate) http: SocketAddr,
    /// Where the simulated Google listens.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8482")]
    pub(crate) google: SocketAddr,
    /// A file to write the key of the simulated Google's service account to.
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
}

/// `clawback tenant`
#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Add an organisation and print its journaling address.
    Add {
        #[command(flatten)]
        config: ConfigArgs,
        /// Its name on pages.
        #[arg(long)]
        name: String,
        /// A domain whose mailboxes are its own. May be given several times.
        #[arg(long, required = true, value_name = "DOMAIN")]
        domain: Vec<String>,
        /// Its directory (tenant) id at Microsoft.
        #[arg(long, value_name = "GUID")]
        microsoft_tenant: Option<String>,
        #[command(flatten)]
        google: GoogleArgs,
        /// A person others like to pretend to be: `Dana Reyes <dana@corp.example>`. May be given
        /// several times.
        #[arg(long, value_name = "NAME <ADDRESS>")]
        protect: Vec<String>,
        /// The domain of its journaling address: where this clawback receives mail.
        #[arg(long, value_name = "DOMAIN")]
        journal_domain: String,
        #[command(flatten)]
        sources: SourceArgs,
    },
    /// Say where an organisation's reports come from, and how much of its mail is kept; without
    /// more, show it.
    Set {
        #[command(flatten)]
        config: ConfigArgs,
        /// The organisation, by its name.
        #[arg(long)]
        tenant: String,
        #[command(flatten)]
        google: GoogleArgs,
        #[command(flatten)]
        sources: SourceArgs,
    },
    /// List organisations and their journaling addresses.
    List {
        #[command(flatten)]
        config: ConfigArgs,
    },
}

/// `clawback microsoft`
#[derive(Debug, Subcommand)]
pub(crate) enum MicrosoftCommand {
    /// Make a key and a certificate, and a script that creates the app registration with the
    /// permissions that retraction needs. Nothing is sent anywhere.
    Register {
        /// What the app registration is called.
        #[arg(long, default_value = "clawback")]
        name: String,
        /// The folder for the key, the certificate and the script.
        #[arg(long, value_name = "DIR", default_value = "microsoft")]
        out: PathBuf,
        /// How many days the certificate holds.
        #[arg(long, value_name = "N", default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=730))]
        days: u16,
        /// The address of the dashboard: administrators come back to it from Microsoft.
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8480")]
        public_url: url::Url,
        /// What runs the script.
        #[arg(long, value_enum, default_value_t = ShellKind::Powershell)]
        shell: ShellKind,
        /// Also ask to read the members of groups, for lists that a report did not expand.
        #[arg(long)]
        groups: bool,
    },
}

/// What runs a script.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ShellKind {
    /// PowerShell with the module Microsoft.Graph.
    Powershell,
    /// The Azure CLI.
    Az,
}

/// What an administrator says of a Google Workspace. What is left out stays as it is.
#[derive(Debug, Default, Args)]
pub(crate) struct GoogleArgs {
    /// The administrator of its Google Workspace, in whose name its directory is read; `none`
    /// where its mailboxes are not at Google any more.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) google_admin: Option<String>,
    /// Make a new key for the routing rule that sends us copies, and print it; the old one counts
    /// no more.
    #[arg(long)]
    pub(crate) new_copy_key: bool,
}

/// `clawback keys`
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Copy the root key into a new file: keep it where a thief of this machine does not find it.
    /// The copy can be used in the place of the first one.
    Backup {
        #[command(flatten)]
        config: ConfigArgs,
        /// The file to write; it must not be there yet.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Show the root key's fingerprint, which says nothing about the key, and when it was last
    /// backed up.
    Show {
        #[command(flatten)]
        config: ConfigArgs,
    },
}

/// `clawback operator`
#[derive(Debug, Subcommand)]
pub(crate) enum OperatorCommand {
    /// Let a person sign in; prints a password once.
    Add {
        #[command(flatten)]
        config: ConfigArgs,
        /// The address they sign in with.
        #[arg(long)]
        email: String,
        /// The name that stands in the audit log.
        #[arg(long)]
        name: String,
        /// The organisation they work for, by its name.
        #[arg(long)]
        tenant: String,
    },
}

/// `clawback intel`
#[derive(Debug, Subcommand)]
pub(crate) enum IntelCommand {
    /// Add the indicators of a file: a plain list or CSV with a header.
    Import {
        #[command(flatten)]
        config: ConfigArgs,
        /// Who says so; shown as evidence.
        #[arg(long)]
        source: String,
        /// The file.
        file: PathBuf,
    },
}

/// `clawback list`
#[derive(Debug, Subcommand)]
pub(crate) enum ListCommand {
    /// Add an entry; it holds for the next message.
    Add {
        #[command(flatten)]
        config: ConfigArgs,
        #[command(flatten)]
        entry: ListEntryArgs,
        /// An allow entry holds only where DMARC passed.
        #[arg(long)]
        verify_sender: bool,
        /// Why it is there.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Remove an entry.
    Remove {
        #[command(flatten)]
        config: ConfigArgs,
        #[command(flatten)]
        entry: ListEntryArgs,
    },
    /// Show a tenant's entries.
    Show {
        #[command(flatten)]
        config: ConfigArgs,
        /// The organisation, by its name.
        #[arg(long)]
        tenant: String,
    },
}

/// One entry of a list.
#[derive(Debug, Args)]
pub(crate) struct ListEntryArgs {
    /// The organisation, by its name.
    #[arg(long)]
    pub(crate) tenant: String,
    /// Which list.
    #[arg(long, value_enum)]
    pub(crate) list: ListName,
    /// An address or a domain.
    pub(crate) pattern: String,
}

/// A list a tenant keeps.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum ListName {
    /// Senders whose mail is not taken for SPAM, SPOOF or BULK.
    Allow,
    /// Senders whose mail is MALICIOUS here.
    Block,
    /// Recipients whose copies no policy moves, such as a mailbox for reported phish.
    ExemptRecipient,
    /// Partners' domains: their look-alikes are watched for.
    TrustedDomain,
    /// Senders whose mail is CLEAN whatever is found, such as phishing simulations. Use it with
    /// --verify-sender.
    TrustedSender,
}

impl Cli {
    /// Does what was asked.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        if let Command::Scan(args) = &self.command {
            return scan::run(args);
        }
        if let Command::Eval(args) = &self.command {
            return eval::run(args);
        }
        if let Command::Rules(command) = &self.command {
            return rules::run(command);
        }
        if matches!(self.command, Command::Serve(_) | Command::Demo(_)) {
            allocator::set();
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            // Each has a heap of its own, and more of them than this make nothing faster.
            .max_blocking_threads(BLOCKING_THREADS_MAX)
            // Mail is nested by strangers: room for what our limits let through.
            .thread_stack_size(STACK_OCTETS)
            .build()?;
        runtime.block_on(async {
            match self.command {
                Command::Demo(args) => demo::run(args).await?,
                Command::Serve(args) => serve::run(&args.config).await?,
                Command::Sim(args) => demo::run_sim(args).await?,
                Command::Tenant(command) => admin::tenant(command).await?,
                Command::Operator(command) => admin::operator(command).await?,
                Command::Intel(command) => admin::intel(command).await?,
                Command::List(command) => admin::list(command).await?,
                Command::Keys(command) => admin::keys(command).await?,
                Command::Microsoft(command) => register::run(command)?,
                Command::CheckConfig(args) => serve::check(&args.config)?,
                Command::Eval(_) | Command::Rules(_) | Command::Scan(_) => {}
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

const BLOCKING_THREADS_MAX: usize = 24;
const STACK_OCTETS: usize = 8 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn fixed_names_are_there() {
        for line in [
            "clawback demo --dir d --http 127.0.0.1:0 --smtp 127.0.0.1:0 --sim 127.0.0.1:0",
            "clawback serve --config clawback.toml",
            "clawback scan --format json --intel i.txt --org-domain corp.example -",
            "clawback eval --maildir m n --org-domain corp.example --class ham --format json",
            "clawback sim --http 127.0.0.1:0",
            "clawback check-config",
            "clawback list add --tenant X --list trusted-domain partner.example.org",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
    }
}
