//! What is taken for the same message and what is not, by example: what providers do to messages
//! on one side, near misses on the other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use clawback_mail::likeness::{Difference, Likeness};

const HEAD: &str = "From: billing@shop.example.net\r\nSubject: Your invoice\r\n\
    Message-ID: <a@shop.example.net>\r\nMIME-Version: 1.0\r\n";
const WORDS: &str = "Dear Anna, please find attached the invoice for your order of last week. \
    The total is 100.00 € and is due within fourteen days. Thank you for your business!";

/// What a careful sender puts beside the HTML.
const BESIDE: &str = "Your invoice over 100.00 EUR is ready. Please open this mail with a program \
    that shows HTML.";

fn html(body: &str) -> String {
    format!("{HEAD}Content-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n")
}

fn text(body: &str) -> String {
    format!("{HEAD}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n")
}

fn mixed(parts: &[&str]) -> String {
    let parts: String = parts.iter().map(|part| format!("--b\r\n{part}\r\n")).collect();
    format!("{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--\r\n")
}

fn words() -> String {
    format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{WORDS}")
}

fn page(body: &str) -> String {
    html(&format!("<html><body><p>{WORDS}</p>{body}</body></html>"))
}

fn file(kind: &str, name: &str, content: &str) -> String {
    format!(
        "Content-Type: {kind}; name=\"{name}\"\r\n\
         Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{content}"
    )
}

fn picture(name: &str, content: &str) -> String {
    format!(
        "Content-Type: image/png{name}\r\nContent-ID: <logo@x>\r\n\
         Content-Disposition: inline\r\n\r\n{content}"
    )
}

fn attached(inner: &str) -> String {
    format!("Content-Type: message/rfc822\r\n\r\n{inner}")
}

fn compare(journaled: &str, live: &str) -> Result<(), Difference> {
    Likeness::of(journaled.as_bytes()).compare(&Likeness::of(live.as_bytes()))
}

/// So many words that stand nowhere else.
fn noise(count: usize) -> String {
    (0..count).map(|n| format!("w{n}x ")).collect()
}

#[test]
fn what_providers_do_is_no_difference() {
    let link = "<a href=\"https://shop.example.net/pay?a=1&amp;b=2\">Pay now</a>";
    let safe = "<a href=\"https://eur05.safelinks.protection.outlook.com/?url=https%3A%2F%2F\
        shop.example.net%2Fpay%3Fa%3D1%26b%3D2&amp;data=05\">Pay now</a>";
    let rendered = format!(
        "<html><head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\
         </head><body><p>{}</p></body></html>",
        WORDS.replace(' ', "\r\n ").replace("100.00 €", "100.00&nbsp;&#8364;")
    );
    let both = format!(
        "{HEAD}Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{BESIDE}\r\n--b\r\n\
         Content-Type: text/html; charset=utf-8\r\n\r\n<p>{WORDS}</p>\r\n--b--\r\n"
    );
    let coded = format!(
        "{HEAD}Content-Transfer-Encoding: quoted-printable\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
        WORDS.replace('€', "=E2=82=AC").replace("find attached", "find a=\r\nttached")
    );
    let pdf = file("application/pdf", "a.pdf", "%PDF-1");
    let banner = format!("<div>CAUTION: from outside. {}</div>", noise(60));
    let inner = text("Inside it says one thing and no other.");
    let rows = [
        ("itself", page(""), page("")),
        ("rendered anew", page(""), html(&rendered)),
        ("a text beside the HTML", html(&format!("<p>{WORDS}</p>")), both.clone()),
        ("another text beside the HTML", both.clone(), html(&format!("<p>{WORDS}</p>"))),
        ("text made of HTML", page(""), text(WORDS)),
        ("HTML made of text", text(WORDS), page("")),
        ("only its text is left", both.clone(), text(BESIDE)),
        ("transfer encoding", text(WORDS), coded),
        ("case and signs", text(WORDS), text(&WORDS.to_uppercase().replace([',', '!'], ""))),
        ("invisible signs", text(WORDS), text(&WORDS.replace("ice", "i\u{200b}c\u{ad}e"))),
        ("a banner", page(""), html(&format!("{banner}<p>{WORDS}</p>"))),
        ("a footer", page(""), page(&format!("<hr>{}", noise(240)))),
        ("a banner on text", text(WORDS), text(&format!("From outside!\r\n\r\n{WORDS}"))),
        (
            "a banner with a link and a sign",
            mixed(&[&words(), &pdf]),
            mixed(&[
                &format!(
                    "Content-Type: text/html\r\n\r\n<a href='https://corp.example/b'>?</a>\
                    <p>{}</p>",
                    WORDS.replace('€', "&euro;")
                ),
                &picture("", "PNG-sign"),
                &pdf,
            ]),
        ),
        ("rewritten links", page(link), page(safe)),
        ("links rewritten back", page(safe), page(link)),
        (
            "a rewritten link in text",
            text(&format!("{WORDS} https://shop.example.net/pay")),
            text(&format!(
                "{WORDS} https://eur05.safelinks.protection.outlook.com/?url=https%3A%2F%2Fshop.example.net%2Fpay&data=05"
            )),
        ),
        (
            "an attachment's name",
            mixed(&[&words(), &pdf]),
            mixed(&[&words(), &file("application/pdf", "b.pdf", "%PDF-1")]),
        ),
        (
            "attachments in another order",
            mixed(&[&words(), &pdf, &file("text/csv", "b.csv", "1;2")]),
            mixed(&[&words(), &file("text/csv", "b.csv", "1;2"), &pdf]),
        ),
        (
            "a picture's name",
            mixed(&[&words(), &picture("; name=logo.png", "PNG")]),
            mixed(&[&words(), &picture("", "PNG")]),
        ),
        (
            "a picture's name in a text",
            text(&format!("[cid:logo@x] {WORDS}")),
            text(&format!("{WORDS} [image001.png]")),
        ),
        (
            "a signature that broke",
            mixed(&[&words(), &file("application/pkcs7-signature", "smime.p7s", "x")]),
            text(WORDS),
        ),
        (
            "an attached message that was rendered",
            mixed(&[&words(), &attached(&inner)]),
            mixed(&[&words(), &attached(&html("<p>Inside it says one thing and no other.</p>"))]),
        ),
        (
            "a banner on few words",
            text("See you on Monday"),
            text("From outside! See you on Monday"),
        ),
        (
            "a banner above a linked picture",
            html("<a href='https://s.example/abc'><img src=x></a>"),
            html("<p>From outside!</p><a href='https://s.example/abc'><img src=x></a>"),
        ),
        ("nothing at all", text(""), text("\r\n\r\n")),
        (
            "few words and something attached",
            mixed(&["\r\nSee.", &pdf]),
            mixed(&["\r\nFrom outside! See.", &pdf]),
        ),
        ("without spaces", text("請於本週內支付發票"), text("請於本週\r\n內支付發票")),
    ];
    for (rule, journaled, live) in rows {
        assert_eq!(compare(&journaled, &live), Ok(()), "{rule}");
    }
}

#[test]
fn near_misses_are_differences() {
    use Difference::{Attachments, Links, Text};
    let other = "The minutes of the last meeting of the board are ready for you to read, and the \
        next one is on Monday at nine in the large room on the second floor.";
    let pdf = file("application/pdf", "a.pdf", "%PDF-1");
    let link = |host: &str| page(&format!("<a href=\"https://{host}/pay\">Pay now</a>"));
    let two = format!("<p>{WORDS}</p><p>{other}</p>");
    let inner = |says: &str| mixed(&[&words(), &attached(&text(says))]);
    let rows = [
        ("same fields, another body", text(WORDS), text(other), Text),
        ("another sum", text(WORDS), text(&WORDS.replace("100.00", "900.00")), Text),
        ("another currency", text(WORDS), text(&WORDS.replace('€', "$")), Text),
        (
            "one word more in between",
            text(WORDS),
            text(&WORDS.replace("is due", "is not due")),
            Text,
        ),
        ("one word less", text(WORDS), text(&WORDS.replace("fourteen", "")), Text),
        ("a paragraph less", html(&two), page(""), Text),
        (
            "a paragraph replaced",
            html(&two),
            html(&format!("<p>{WORDS}</p><p>{}</p>", noise(29))),
            Text,
        ),
        (
            "paragraphs the other way round",
            html(&two),
            html(&format!("<p>{other}</p><p>{WORDS}</p>")),
            Text,
        ),
        ("a banner that is a letter", text(WORDS), text(&format!("{} {WORDS}", noise(81))), Text),
        ("a footer that is a letter", text(WORDS), text(&format!("{WORDS} {}", noise(251))), Text),
        ("few words, found in anything", text("Thank you"), text(WORDS), Text),
        (
            "few words more behind few",
            text("See you on Monday"),
            text("See you on Monday at nine"),
            Text,
        ),
        ("nothing, and something", text(""), text(WORDS), Text),
        ("something, and nothing", text(WORDS), text(""), Text),
        (
            "a link by the same shortener",
            html("<a href='https://s.example/abc'><img src=x></a>"),
            html(&format!("<a href='https://s.example/def'>x</a> {WORDS}")),
            Text,
        ),
        ("nothing, and a link", html("<p></p>"), html("<a href='https://a.example'></a>"), Links),
        ("HTML, and nothing", page(""), text(""), Text),
        (
            "HTML without words and with a link, and nothing",
            html("<a href='https://a.example'></a>"),
            text(""),
            Links,
        ),
        (
            "another host behind the same words",
            link("shop.example.net"),
            link("shop.evil.example"),
            Links,
        ),
        ("a link less", link("shop.example.net"), page("<b>Pay now</b>"), Links),
        (
            "many links more",
            page(""),
            page(
                &(0..4)
                    .map(|n| format!("<a href='https://h{n}.example/'>x</a>"))
                    .collect::<String>(),
            ),
            Links,
        ),
        (
            "led to another host by the provider's page",
            link("shop.example.net"),
            page(
                "<a href=\"https://eur05.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example%2F\">Pay now</a>",
            ),
            Links,
        ),
        (
            "another attachment",
            mixed(&[&words(), &pdf]),
            mixed(&[&words(), &file("application/pdf", "a.pdf", "%PDF-2")]),
            Attachments,
        ),
        ("a missing attachment", mixed(&[&words(), &pdf]), text(WORDS), Attachments),
        ("an attachment more", text(WORDS), mixed(&[&words(), &pdf]), Attachments),
        (
            "one attachment twice",
            mixed(&[&words(), &pdf]),
            mixed(&[&words(), &pdf, &pdf]),
            Attachments,
        ),
        (
            "another picture, where all is a picture",
            mixed(&["\r\n", &picture("", "PNG-1")]),
            mixed(&["\r\n", &picture("", "PNG-2")]),
            Attachments,
        ),
        (
            "another message attached",
            inner("Inside it says one thing and no other."),
            inner("Inside it says another thing and no other."),
            Attachments,
        ),
        ("without spaces", text("請於本週內支付發票"), text("請於下週內支付發票"), Text),
    ];
    for (rule, journaled, live, meant) in rows {
        assert_eq!(compare(&journaled, &live), Err(meant), "{rule}");
    }
}

#[test]
fn what_is_kept_is_small_however_large_the_message() {
    let long = noise(60_000);
    let journaled = text(&long);
    assert_eq!(compare(&journaled, &journaled), Ok(()));
    assert_eq!(compare(&journaled, &text(&format!("From outside! {long}"))), Ok(()));
    assert_eq!(compare(&journaled, &text(&noise(30_000))), Err(Difference::Text));
    assert_eq!(compare(&journaled, &text(&long.replacen("w9x", "w", 1))), Err(Difference::Text));
    let kept = Likeness::of(journaled.as_bytes());
    assert_eq!(format!("{kept:?}"), "<redacted 160000 octets>");
}

proptest::proptest! {
    #[test]
    fn a_word_in_between_makes_another_message(says in "(https?://|[.]png|[\\[\\]<>.,/?=&]|[a-z]{1,4}| |\\PC){0,60}") {
        let (journaled, live) = (format!("first {says} last"), format!("first {says} not last"));
        proptest::prop_assert_eq!(compare(&text(&journaled), &text(&live)), Err(Difference::Text));
    }

    #[test]
    fn every_message_is_like_itself(raw in "(--b\r\n|Content-Type: multipart/mixed; boundary=b\r\n|\r\n|Content-Type: message/rfc822\r\n|<a href='https://a.example'>|cid:x.png|\\PC){0,60}") {
        proptest::prop_assert_eq!(compare(&raw, &raw), Ok(()));
    }
}
