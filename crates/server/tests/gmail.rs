//! The promise to people whose mail is at Google, over real sockets: a routing rule's copy comes in
//! by SMTP, the phish is gone from the mailbox, the page tells, and it can be put back as it was.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;

use std::sync::Arc;

use clawback_core::retraction::State;
use clawback_core::trace::Span;
use clawback_core::{Clock as _, Destination, Region, UnixMillis};
use clawback_remote::google::{Gmail, GoogleSettings, ServiceAccount as Account};
use clawback_remote::{MailboxProvider as _, MailboxRef, Secret};
use clawback_sim::google::{Copy, copy, scope};
use clawback_sim::{Behaviour, Config, Delivery, Folder, Organisation, ServiceAccount, World};
use harness::{EMAIL, HOSTNAME, Installation, Now, Running, ham, journaler, phish, until};
use tokio::net::TcpListener;

const ADMIN: &str = "admin@gsuite.example";

/// A simulated Google Workspace, and a clawback that is set up for it.
struct Suite {
    world: World,
    root: String,
    key_file: String,
    installation: Installation,
    /// Name and value of what the routing rule adds.
    key: (String, String),
}

impl Suite {
    async fn new(behaviour: Behaviour) -> Self {
        let account = ServiceAccount::generate().unwrap();
        let world = World::new(Config { behaviour, ..Config::google(account.clone()) });
        for user in Organisation::suite().users() {
            world.add_user(user);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(clawback_sim::serve(listener, world.clone(), std::future::pending()));
        let dir = tempfile::tempdir().unwrap();
        let key_file = account.key_file(&format!("{root}/token"));
        std::fs::write(dir.path().join("account.json"), &key_file).unwrap();
        let text = format!(
            "[http]\nlisten = \"127.0.0.1:0\"\n\
             [smtp]\nlisten = \"127.0.0.1:0\"\nhostname = \"{HOSTNAME}\"\n\
             [google]\nservice_account_file = \"account.json\"\ntoken_url = \"{root}/token\"\n\
             gmail_url = \"{root}\"\ndirectory_url = \"{root}\"\n"
        );
        std::fs::write(dir.path().join("clawback.toml"), text).unwrap();
        let add = [
            "tenant",
            "add",
            "--name",
            "Example Suite",
            "--domain",
            "gsuite.example",
            "--journal-domain",
            HOSTNAME,
            "--google-admin",
            ADMIN,
        ];
        let said = harness::run(dir.path(), &add).await;
        let journal_address = said.lines().last().unwrap().trim().to_owned();
        let key = said.lines().find_map(|line| line.split_once(": ")).unwrap();
        let key = (key.0.to_owned(), key.1.to_owned());
        let operator = [
            "operator",
            "add",
            "--email",
            EMAIL,
            "--name",
            "Dana Reyes",
            "--tenant",
            "Example Suite",
        ];
        let said = harness::run(dir.path(), &operator).await;
        let password = said.lines().last().unwrap().trim().to_owned();
        let feed = dir.path().join("feed.txt");
        std::fs::write(&feed, clawback_sim::stream::intel_list()).unwrap();
        let import = ["intel", "import", "--source", "demo feed", feed.to_str().unwrap()];
        harness::run(dir.path(), &import).await;
        let installation = Installation { dir, journal_address, password };
        Self { world, root, key_file, installation, key }
    }

    fn to(&self) -> String {
        self.world.users()[0].mail.clone().unwrap()
    }

    /// Puts a message into the first mailbox and builds the routing rule's copy of it.
    fn deliver(&self, raw: &[u8]) -> Vec<u8> {
        let to = self.to();
        self.world.deliver(&Delivery { raw: raw.to_vec(), recipients: vec![to.clone()] });
        let custom = Some((self.key.0.as_str(), self.key.1.as_str()));
        copy(&Copy { original: raw, recipient: &to, custom, marks: (false, false) })
    }

    fn lies(&self, id: &str) -> Option<Folder> {
        let items = self.world.items(&self.world.users()[0].id);
        items.into_iter().find(|it| it.internet_message_id.contains(id)).map(|it| it.folder)
    }

    fn connection(&self) -> Gmail {
        let account = Account::read(&Secret::new(self.key_file.clone())).unwrap();
        let root: url::Url = self.root.parse().unwrap();
        let settings = GoogleSettings {
            token_url: root.clone(),
            gmail_url: root.clone(),
            directory_url: root,
            admin: ADMIN.to_owned(),
            ..GoogleSettings::new(account)
        };
        Gmail::new(settings, Arc::new(Now)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_destination_is_where_gmail_has_it() {
    let suite = Suite::new(Behaviour { arrival_delay_ms: 0..=400, ..Behaviour::default() }).await;
    let destinations = [
        (Destination::NoAction, Some(Folder::Inbox)),
        (Destination::Junk, Some(Folder::JunkEmail)),
        (Destination::Trash, Some(Folder::DeletedItems)),
        (Destination::SoftDelete, Some(Folder::DeletedItems)),
        (Destination::HardDelete, Some(Folder::Purges)),
    ];
    let to = suite.to();
    for (number, (destination, meant)) in (1..).zip(destinations) {
        suite.installation.send_bad_mail_to(destination).await;
        let running = Running::start(&suite.installation).await;
        let mut journaler = journaler(&suite.installation, &running);
        let (bad, good) = (format!("bad-{number}"), format!("good-{number}"));
        journaler.send(&suite.deliver(&phish(&bad, &to))).await.unwrap();
        journaler.send(&suite.deliver(&ham(&good, &to))).await.unwrap();
        until(&format!("{destination} is done"), async || suite.lies(&bad) == meant).await;
        until("it is verified", async || {
            let wanted = f64::from(u8::from(destination != Destination::NoAction));
            running.metric("clawback_time_to_retract_seconds_count").await >= wanted
        })
        .await;
        assert_eq!(suite.lies(&good), Some(Folder::Inbox), "the good one stays");
        assert!(running.stop().await);
    }
    assert!(suite.world.complaints().is_empty(), "{:?}", suite.world.complaints());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_is_put_back_as_it_was() {
    let suite = Suite::new(Behaviour::default()).await;
    suite.installation.send_bad_mail_to(Destination::Trash).await;
    let user = suite.world.users()[0].id.clone();
    let copy = suite.deliver(&phish("bad-1", &suite.to()));
    let label = suite.world.owner_makes_label(&user, "Bank").unwrap();
    let item = suite.world.items(&user)[0].immutable_id.clone();
    suite.world.owner_labels(&user, &item, &[&label, "STARRED"], &["INBOX"]).unwrap();
    let was = suite.world.items(&user)[0].labels.clone();
    let running = Running::start(&suite.installation).await;
    journaler(&suite.installation, &running).send(&copy).await.unwrap();
    until("it is gone", async || suite.lies("bad-1") == Some(Folder::DeletedItems)).await;
    until("it is verified", async || {
        running.metric("clawback_time_to_retract_seconds_count").await >= 1.0
    })
    .await;
    assert!(running.stop().await);

    let store = suite.installation.store().await;
    let tenant = store.control().tenants().await.unwrap().remove(0);
    let records = store.tenant(tenant.id, &Region::global());
    let everything = clawback_core::trace::Query::default();
    let ever = Span { from: UnixMillis(0), to: UnixMillis(Now.now().0 + 60_000) };
    let page = records.trace(&everything, ever, None, 10).await.unwrap();
    let message = records.message(page.rows[0].id).await.unwrap().unwrap();
    let copy = message.copies.iter().find(|copy| copy.order.is_some()).unwrap();
    assert_eq!(copy.order.as_ref().unwrap().retraction.state, State::Retracted);
    let place = &copy.place;
    let mailbox = MailboxRef::new(place.mailbox_id.clone().unwrap());
    let before = place.before.clone().unwrap();
    let item = place.item_id.as_deref().unwrap();
    suite.connection().put_back(&mailbox, item, &before).await.unwrap();
    assert_eq!(suite.world.items(&user)[0].labels, was);
    assert!(suite.world.complaints().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_message_to_several_people_is_one_message_with_a_copy_each() {
    let suite = Suite::new(Behaviour::default()).await;
    suite.installation.send_bad_mail_to(Destination::Trash).await;
    let people: Vec<String> =
        suite.world.users().iter().filter_map(|user| user.mail.clone()).take(3).collect();
    let raw = phish("bad-1", &people.join(", "));
    suite.world.deliver(&Delivery { raw: raw.clone(), recipients: people.clone() });
    let running = Running::start(&suite.installation).await;
    let mut journaler = journaler(&suite.installation, &running);
    for person in &people {
        let custom = Some((suite.key.0.as_str(), suite.key.1.as_str()));
        let made = copy(&Copy { original: &raw, recipient: person, custom, marks: (false, false) });
        journaler.send(&made).await.unwrap();
    }
    until("all three are verified gone", async || {
        running.metric("clawback_time_to_retract_seconds_count").await >= 3.0
    })
    .await;
    assert!(running.stop().await);
    let store = suite.installation.store().await;
    let tenant = store.control().tenants().await.unwrap().remove(0);
    let records = store.tenant(tenant.id, &Region::global());
    let ever = Span { from: UnixMillis(0), to: UnixMillis(Now.now().0 + 60_000) };
    let page = records.trace(&clawback_core::trace::Query::default(), ever, None, 10).await;
    let rows = page.unwrap().rows;
    assert_eq!(rows.len(), 1, "one message");
    let message = records.message(rows[0].id).await.unwrap().unwrap();
    assert_eq!(message.copies.len(), 3, "a copy in each mailbox");
    assert!(suite.world.complaints().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_routing_rules_own_copies_are_acted_on() {
    let suite = Suite::new(Behaviour::default()).await;
    suite.installation.send_bad_mail_to(Destination::Trash).await;
    let running = Running::start(&suite.installation).await;
    let mut journaler = journaler(&suite.installation, &running);
    let to = suite.to();
    // A stranger who knows the address and not the key, with a copy and with a report of Exchange.
    let raw = phish("forged", &to);
    suite.deliver(&raw);
    for custom in [None, Some((suite.key.0.as_str(), "guessed"))] {
        let forged = copy(&Copy { original: &raw, recipient: &to, custom, marks: (false, false) });
        journaler.send(&forged).await.unwrap();
    }
    let report = clawback_sim::journal::report(&clawback_sim::journal::Report {
        original: &raw,
        mail_from: "a@portal-check.example.net",
        recipients: &[clawback_sim::journal::Recipient::plain(&to)],
        tenant_domain: "gsuite.example",
        tenant_id: "C01example",
        id: uuid::Uuid::from_u128(1),
        at: jiff::Timestamp::from_second(1_795_000_000).unwrap(),
    });
    journaler.send(&report).await.unwrap();
    // What its sender writes does not make the rule's own copy anything else.
    let disguises = [
        ("marked", "X-MS-Journal-Report:\r\n"),
        ("probe", "X-Priority: 1\r\nSender: O365ConnectorValidation@gsuite.example\r\n"),
        ("returned", "X-MS-Exchange-Message-Is-Ndr: yes\r\nX-Clawback-Key: mine\r\n"),
    ];
    for (id, fields) in disguises {
        let disguised = [fields.as_bytes(), &phish(id, &to)].concat();
        journaler.send(&suite.deliver(&disguised)).await.unwrap();
        until(&format!("{id} is gone"), async || suite.lies(id) == Some(Folder::DeletedItems))
            .await;
    }
    assert_eq!(suite.lies("forged"), Some(Folder::Inbox));
    assert!(running.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_which_scope_is_missing() {
    let mut behaviour = Behaviour::default();
    behaviour.google.delegated.remove(scope::FULL);
    let suite = Suite::new(behaviour).await;
    let running = Running::start(&suite.installation).await;
    let jar = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = jar.build().unwrap();
    let root = format!("http://{}", running.http);
    let form = [("email", EMAIL), ("password", suite.installation.password.as_str())];
    let signed_in = client.post(format!("{root}/login")).form(&form).send().await.unwrap();
    let cookies = signed_in.headers().get_all(reqwest::header::SET_COOKIE).iter();
    let cookies = cookies.map(|it| it.to_str().unwrap().split(';').next().unwrap());
    let cookie = cookies.collect::<Vec<_>>().join("; ");
    let page = async |request: reqwest::RequestBuilder| {
        let answer = request.header("cookie", &cookie).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.text().await.unwrap()
    };
    let url = format!("{root}/settings/email/google");
    let shown = page(client.get(&url)).await;
    assert!(shown.contains("104711000000000000001"), "the client id to paste");
    assert!(shown.contains(ADMIN) && shown.contains(scope::MODIFY));
    assert!(!shown.contains("Missing"), "nothing was tried yet");
    let shown = page(client.post(format!("{url}/check"))).await;
    let row = |scope: &str| {
        let at = shown.rfind(&format!("<code>{scope}</code>")).unwrap();
        shown[at..].split("</tr>").next().unwrap().to_owned()
    };
    assert!(row(scope::MODIFY).contains("Delegated"), "{shown}");
    assert!(row(scope::FULL).contains("Missing") && row(scope::FULL).contains("Hard Delete"));
    let shown = page(client.get(format!("{root}/settings/email/retract"))).await;
    assert!(shown.contains("is Trash at Gmail</") && shown.contains("deleted for ever"), "{shown}");
    assert!(running.stop().await);
}
