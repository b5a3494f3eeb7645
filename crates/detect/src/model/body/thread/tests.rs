//! Conversations as the common programs write them.

use super::*;

/// Texts of all pieces, newest first.
fn texts(threads: &Rc<Threads>) -> Vec<String> {
    let text = |value: &Value| value.get("text").as_str().unwrap_or("").replace('\n', "|");
    let previous = threads.previous();
    std::iter::once(text(&threads.current()))
        .chain(previous.as_list().unwrap().iter().map(text))
        .collect()
}

fn page(html: &str) -> Rc<Threads> {
    Threads::of_page(&Page::new(html))
}

fn plain(text: &str) -> Rc<Threads> {
    Threads::of_text(Text::new(text))
}

#[test]
fn plain_conversations() {
    let rows: &[(&str, &str, &[&str])] = &[
        ("one message", "Hello Ben,\n\nplease pay.\n", &["Hello Ben,||please pay."]),
        (
            "marks",
            "Yes.\n\nOn Tue, Mar 3, 2026 at 10:00 Anna <anna@a.example> wrote:\n> Lunch?\n> Soon?\n",
            &["Yes.", "Lunch?|Soon?"],
        ),
        (
            "answers between",
            "On 3 Mar 2026, Anna <a@a.example> wrote:\n> Lunch?\n\nYes.\n\n> Where?\n\nHere.\n",
            &["Yes.||Here.", "Lunch?||Where?"],
        ),
        (
            "marks in marks",
            "C\n\nOn 2026-03-03 Ben <b@b.example> wrote:\n> B\n>\n> On 2026-03-02 Anna <a@a.example> wrote:\n>> A\n>> A2\n",
            &["C", "B", "A|A2"],
        ),
        (
            "Outlook",
            "Yes.\n\n-----Original Message-----\nFrom: Anna <anna@a.example>\nSent: Tuesday, March 3, 2026 10:00 AM\nTo: Ben\nSubject: Lunch\n\nLunch?\n",
            &["Yes.", "Lunch?"],
        ),
        (
            "Outlook, several",
            "C\n\nFrom: Ben\nSent: x\nTo: Anna\nSubject: x\n\nB\n\nVon: Anna\nGesendet: x\nAn: Ben\nBetreff: x\n\nA\n",
            &["C", "B", "A"],
        ),
        (
            "forwarded",
            "FYI\n\n---------- Forwarded message ---------\nFrom: Anna <anna@a.example>\nDate: Tue, Mar 3, 2026\nSubject: Lunch\nTo: <ben@b.example>\n\nLunch?\n",
            &["FYI", "Lunch?"],
        ),
        ("one arrow is no quotation", "Look:\n> here\nand there\n", &["Look:|> here|and there"]),
        ("nothing but a quotation", "> a\n> b\n", &["", "a|b"]),
        (
            "no end",
            "Le 3 mars 2026, Anna <a@a.example> a écrit :\n\nDéjeuner ?\n",
            &["", "Déjeuner ?"],
        ),
    ];
    for (rule, text, meant) in rows {
        assert_eq!(texts(&plain(text)), *meant, "{rule}");
    }
}

#[test]
fn pages_by_program() {
    let rows: &[(&str, &str, &[&str])] = &[
        ("one message", "<p>Hello</p><p>pay</p>", &["Hello||pay"]),
        (
            "Gmail",
            "<div dir=ltr>Yes.</div><br><div class=gmail_quote><div dir=ltr class=gmail_attr>On Tue, Mar 3, 2026 at 10:00 AM Anna &lt;<a href=mailto:anna@a.example>anna@a.example</a>&gt; wrote:<br></div><blockquote class=gmail_quote style='margin:0'>Lunch?</blockquote></div>",
            &["Yes.", "Lunch?"],
        ),
        (
            "Gmail in a language that is not known here",
            "<div>Ndiyo.</div><div class=gmail_quote><div class=gmail_attr>Siku ya Jumanne Anna aliandika:<br></div><blockquote class=gmail_quote>Chakula?</blockquote></div>",
            &["Ndiyo.", "Chakula?"],
        ),
        (
            "Gmail, forwarded",
            "<div>FYI</div><div class=gmail_quote><div class=gmail_attr>---------- Forwarded message ---------<br>From: <strong>Anna</strong> &lt;anna@a.example&gt;<br>Date: Tue, Mar 3, 2026<br>Subject: Lunch<br>To: &lt;ben@b.example&gt;<br></div><br><div>Lunch?</div></div>",
            &["FYI", "Lunch?"],
        ),
        (
            "Outlook on the web",
            "<div>Yes.</div><div id=appendonsend></div><hr><div id=divRplyFwdMsg><font><b>Från:</b> Anna<br><b>Skickat:</b> tisdag<br><b>Till:</b> Ben<br><b>Ämne:</b> x</font></div><div>Lunch?</div>",
            &["Yes.", "Lunch?"],
        ),
        (
            "Outlook in a language that is not known here",
            "<div>Ndiyo.</div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0 0 0'><p><b>Kutoka:</b> Anna<br><b>Imetumwa:</b> x<br><b>Kwa:</b> Ben<br><b>Mada:</b> x</p></div><p>Chakula?</p>",
            &["Ndiyo.", "Chakula?"],
        ),
        (
            "Outlook, several",
            "<p>C</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>From:</b> Ben<br><b>Sent:</b> x<br><b>To:</b> Anna<br><b>Subject:</b> x</p></div><p>B</p><div style='border:none;border-top:solid #B5C4DF 1.0pt'><p><b>Von:</b> Anna<br><b>Gesendet:</b> x<br><b>An:</b> Ben<br><b>Betreff:</b> x</p></div><p>A</p>",
            &["C", "B", "A"],
        ),
        (
            "Apple",
            "<div>Yes.</div><br><blockquote type=cite><div>On 3 Mar 2026, at 10:00, Anna &lt;anna@a.example&gt; wrote:</div><br><div>Lunch?</div></blockquote>",
            &["Yes.", "Lunch?"],
        ),
        (
            "Apple, forwarded",
            "FYI<br><blockquote type=cite><div>Begin forwarded message:</div><br><div><b>From: </b>Anna</div><div><b>Subject: </b>x</div><div><b>Date: </b>3 March 2026</div><div><b>To: </b>Ben</div><br><div>Lunch?</div></blockquote>",
            &["FYI", "Lunch?"],
        ),
        (
            "Thunderbird, answered below",
            "<div class=moz-cite-prefix>Am 03.03.26 um 10:00 schrieb Anna:<br></div><blockquote type=cite><p>Essen?</p></blockquote><p>Ja.</p>",
            &["Ja.", "Essen?"],
        ),
        (
            "Yahoo",
            "<div>Yes.</div><div id=yahoo_quoted_1 class=yahoo_quoted><div>On Tuesday, March 3, 2026, 10:00 AM, Anna &lt;anna@a.example&gt; wrote:</div><div>Lunch?</div></div>",
            &["Yes.", "Lunch?"],
        ),
        (
            "Proton",
            "<div>Yes.</div><div class=protonmail_quote>On Tuesday, March 3rd, 2026 at 10:00, Anna &lt;anna@a.example&gt; wrote:<br><blockquote class=protonmail_quote type=cite>Lunch?</blockquote></div>",
            &["Yes.", "Lunch?"],
        ),
        (
            "a phone",
            "<div>Yes.</div><div>-------- Original message --------</div><div>From: Anna &lt;anna@a.example&gt;</div><div>Date: 03/03/2026</div><div>To: Ben</div><div>Subject: x</div><div><br></div><div>Lunch?</div>",
            &["Yes.", "Lunch?"],
        ),
        (
            "a quotation of an author's own",
            "<p>As the poet says</p><blockquote>Roses are red</blockquote><p>Bye</p>",
            &["As the poet says||Roses are red||Bye"],
        ),
    ];
    for (rule, html, meant) in rows {
        assert_eq!(texts(&page(html)), *meant, "{rule}");
    }
}

#[test]
fn what_stands_above_is_read() {
    let threads = plain(
        "Yes.\n\nFrom: Anna Berg <anna@a.example>\nSent: Tuesday, March 3, 2026 10:00 AM\n\
         To: Ben <ben@b.example>; Carl\nCc: d@d.example\nSubject: RE: Lunch\n\nLunch?\n",
    );
    let previous = threads.previous();
    let first = previous.as_list().unwrap()[0].clone();
    let text = |value: Value| value.as_str().unwrap_or("-").to_owned();
    assert_eq!(text(first.get("sender").get("display_name")), "Anna Berg");
    assert_eq!(text(first.get("sender").get("email").get("email")), "anna@a.example");
    assert_eq!(text(first.get("date")), "2026-03-03T10:00:00Z");
    assert_eq!(text(first.get("subject").get("base")), "Lunch");
    assert_eq!(first.get("recipients").get("to").as_list().unwrap().len(), 2);
    assert_eq!(first.get("recipients").get("cc").as_list().unwrap().len(), 1);
    assert_eq!(first.get("index").as_int(), Some(1));
    assert!(text(first.get("preamble")).starts_with("From: Anna Berg"));
}

#[test]
fn who_wrote() {
    let rows = [
        (
            "On Tue, Mar 3, 2026 at 10:00 AM Anna Berg <anna@a.example> wrote:",
            "Anna Berg anna@a.example",
        ),
        ("On 3 Mar 2026, at 10:00, Anna Berg wrote:", "Anna Berg -"),
        ("Am 03.03.2026 um 10:00 schrieb Anna Berg:", "Anna Berg -"),
        (
            "Le mar. 3 mars 2026 à 10:00, Anna Berg <anna@a.example> a écrit :",
            "Anna Berg anna@a.example",
        ),
        ("Op di 3 mrt 2026 om 10:00 schreef Anna <anna@a.example>:", "Anna anna@a.example"),
    ];
    for (line, meant) in rows {
        let sender = introduced(line);
        let text = |value: Value| value.as_str().unwrap_or("-").to_owned();
        let got = format!(
            "{} {}",
            text(sender.get("display_name")),
            text(sender.get("email").get("email"))
        );
        assert_eq!(got, meant, "{line}");
    }
}

#[test]
fn warnings_are_apart_and_links_belong_to_their_piece() {
    let threads = page(
        "<div>CAUTION: This email originated from outside of the organization. <a href=https://help.corp.example/>Why</a></div>\
         <p>Pay <a href=https://lure.example/>here</a></p><div class=gmail_quote><div class=gmail_attr>On 3 Mar 2026 Anna &lt;a@a.example&gt; wrote:</div>\
         <blockquote class=gmail_quote><a href=https://old.example/>old</a></blockquote></div>",
    );
    assert_eq!(texts(&threads), ["Pay here", "old"]);
    let urls = |value: &Value| {
        let links = value.get("links");
        let url = |link: &Value| link.get("href_url").get("url").as_str().unwrap_or("").to_owned();
        links.as_list().unwrap().iter().map(url).collect::<Vec<_>>()
    };
    let current = threads.current();
    assert_eq!(urls(&current), ["https://lure.example/"]);
    assert_eq!(urls(&threads.previous().as_list().unwrap()[0]), ["https://old.example/"]);
    let banners = current.get("banners");
    let banner = &banners.as_list().unwrap()[0];
    assert!(banner.get("text").as_str().unwrap().starts_with("CAUTION"));
    assert_eq!(urls(banner), ["https://help.corp.example/"]);
}

proptest::proptest! {
    #[test]
    fn any_text_comes_apart(text in "(>|From: |To: |Subject: |Sent: |On 2026 a@a.example wrote:|\n|-----Original Message-----| |\\PC){0,60}") {
        let whole = texts(&plain(&text));
        assert!(!whole.is_empty());
        let html = text.replace('\n', "<br>").replace('>', "<blockquote type=cite>");
        let _ = texts(&page(&html));
    }
}
