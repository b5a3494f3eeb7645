//! Tricks that are meant to keep programs from seeing what people see: the same phish in plain and
//! in disguise gets the same disposition or a worse one, and a trick that no honest mail uses is
//! itself a finding.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clawback_core::verdict::{Disposition, Verdict};
use harness::{judged, rules, zip};

const WORDS: &str = "Your account has been suspended. You must verify your account within 24 \
    hours or it will be deleted.";
const HEAD: &str = "From: Desk <desk@notice.example>\r\nTo: ben@corp.example\r\nSubject: Hello\r\n\
    Message-ID: <1@notice.example>\r\nMIME-Version: 1.0\r\n";

/// A page with words to a reader, and a link.
fn page(words: &str) -> String {
    format!("<html><body><p>{words}</p><p><a href=\"https://login.page.example/a\">open</a></p>")
}

/// A mail of one part that holds a page.
fn mail(page: &str) -> Vec<u8> {
    format!("{HEAD}Content-Type: text/html; charset=utf-8\r\n\r\n{page}\r\n").into_bytes()
}

/// A mail whose fields of content come with its body.
fn part(fields: &str, body: &[u8]) -> Vec<u8> {
    [format!("{HEAD}{fields}\r\n\r\n").as_bytes(), body, b"\r\n"].concat()
}

/// A mail with one file.
fn file(name: &str, octets: &[u8]) -> Vec<u8> {
    let octets = STANDARD.encode(octets);
    part(
        "Content-Type: multipart/mixed; boundary=b",
        format!(
            "--b\r\nContent-Type: text/plain\r\n\r\nThe invoice.\r\n--b\r\n\
             Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\
             Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{octets}\r\n--b--"
        )
        .as_bytes(),
    )
}

/// A mail with a link to a page that the intel knows.
fn link(markup: &str) -> Vec<u8> {
    mail(&format!("<html>{markup}<p>The minutes are here.</p>"))
}

/// Each letter through a function.
fn letters(text: &str, change: impl Fn(char) -> String) -> String {
    text.chars().map(|c| if c.is_ascii_alphabetic() { change(c) } else { c.into() }).collect()
}

/// Each word torn open, with something in it.
fn torn(text: &str, inside: &str) -> String {
    let words = text.split(' ').map(|word| match word.split_at_checked(2) {
        Some((front, rest)) => format!("{front}{inside}{rest}"),
        None => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Judges each disguise: never milder than the plain mail.
#[track_caller]
fn no_milder<'a>(plain: &[u8], disguised: impl IntoIterator<Item = (&'a str, Vec<u8>)>) {
    let plain = judged(plain);
    assert!(plain.disposition >= Disposition::Suspicious, "the plain one: {:?}", rules(&plain));
    for (trick, raw) in disguised {
        let verdict = judged(&raw);
        let (one, other) = (verdict.disposition, plain.disposition);
        assert!(one >= other, "{trick}: {one} and not {other}, {:?}", rules(&verdict));
    }
}

#[track_caller]
fn finds(raw: &[u8], rule: &str) -> Verdict {
    let verdict = judged(raw);
    assert!(rules(&verdict).contains(&rule), "{rule}: {:?}", rules(&verdict));
    verdict
}

#[test]
fn characters_that_show_nothing() {
    let entity = |entity: &str| page(&letters(WORDS, |c| format!("{c}{entity}")));
    let marks = page(&torn(WORDS, "\u{200e}\u{2066}\u{2069}"));
    no_milder(
        &mail(&page(WORDS)),
        [
            ("zero width", mail(&entity("\u{200b}"))),
            ("zero width, as an entity", mail(&entity("&#8203;"))),
            ("joiners", mail(&entity("&zwnj;"))),
            ("soft hyphens", mail(&entity("&shy;"))),
            ("word joiners", mail(&entity("\u{2060}"))),
            ("marks of direction", mail(&marks)),
            ("NUL", mail(&page(&torn(WORDS, "\0")))),
        ],
    );
    finds(&mail(&page(&torn(WORDS, "\0"))), "malformed");
    let subject = "Subject: =?utf-8?Q?A=E2=80=8Bc=E2=80=8Bc=E2=80=8Bount?=";
    let raw = String::from_utf8(mail("<p>x")).unwrap().replace("Subject: Hello", subject);
    finds(raw.as_bytes(), "invisible-characters-in-name");
}

#[test]
fn text_that_runs_backwards() {
    let turned = |word: &str| word.chars().rev().collect::<String>();
    let words: Vec<String> =
        WORDS.split(' ').map(|word| format!("\u{202e}{}\u{202c}", turned(word))).collect();
    let words = mail(&page(&words.join(" ")));
    let markup = mail(&page(&format!("<bdo dir=\"rtl\">{}</bdo>", turned(WORDS))));
    no_milder(&mail(&page(WORDS)), [("words", words.clone()), ("markup", markup.clone())]);
    finds(&words, "direction-override");
    finds(&markup, "direction-override");
}

#[test]
fn text_that_people_do_not_see() {
    let hidden = |markup: &str| mail(&page(&torn(WORDS, markup)));
    let class = page(&torn(WORDS, "<span class=h>qx</span>"));
    let padding = "The weather was fine in the garden of the house. ".repeat(200);
    let padded = format!("<div style=\"display:none\">{padding}</div>{}", page(WORDS));
    no_milder(
        &mail(&page(WORDS)),
        [
            ("display", hidden("<span style=\"display:none\">qx</span>")),
            ("visibility", hidden("<span style=\"visibility:hidden\">qx</span>")),
            ("size", hidden("<span style=\"font-size:0\">qx</span>")),
            ("a dot's size", hidden("<span style=\"font-size:1px\">qx</span>")),
            ("colour", hidden("<font color=white>qx</font>")),
            ("colour by style", hidden("<span style=\"color:#fff\">qx</span>")),
            ("opacity", hidden("<span style=\"opacity:0\">qx</span>")),
            ("place", hidden("<span style=\"position:absolute;left:-9999px\">qx</span>")),
            ("a class", mail(&format!("<style>.h{{display:none}}</style>{class}"))),
            ("comments", hidden("<!-- qx -->")),
            ("tags", hidden("<b></b>")),
            ("padding", mail(&padded)),
        ],
    );
    finds(&mail(&padded), "hidden-text-padding");
}

#[test]
fn letters_by_other_names() {
    let odd = |change: fn(char) -> String| mail(&page(&letters(WORDS, change)));
    let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).unwrap().to_string();
    let bold = |c: char| char::from_u32(0x1d41a + (u32::from(c) | 32) - 97).unwrap().to_string();
    let cyrillic = |c: char| match c {
        'a' => "\u{430}".to_owned(),
        'e' => "\u{435}".to_owned(),
        'o' => "\u{43e}".to_owned(),
        _ => c.to_string(),
    };
    no_milder(
        &mail(&page(WORDS)),
        [
            ("decimal", odd(|c| format!("&#{};", u32::from(c)))),
            ("hexadecimal, long", odd(|c| format!("&#x0000{:X};", u32::from(c)))),
            ("not closed", mail(&page(&WORDS.replace('u', "&#117")))),
            ("hard spaces", mail(&page(&WORDS.replace(' ', "&nbsp;")))),
            ("many lines", mail(&page(&WORDS.replace(' ', "\r\n\t ")))),
            ("full width", odd(wide)),
            ("mathematical", odd(bold)),
            ("look-alikes", odd(cyrillic)),
        ],
    );
    finds(&odd(wide), "text-in-odd-letters");
    finds(&odd(bold), "text-in-odd-letters");
    finds(&odd(cyrillic), "mixed-script-words");
}

#[test]
fn charsets_and_encodings() {
    let plain = page(WORDS);
    let wide: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let seven = plain.replace('+', "+-").replace('<', "+ADw-").replace('>', "+AD4-");
    let base64 = |octets: &[u8]| STANDARD.encode(octets).into_bytes();
    let lines = |octets: &[u8]| {
        let encoded = base64(octets);
        encoded.chunks(76).collect::<Vec<_>>().join(b"\r\n".as_slice())
    };
    let pads = plain.as_bytes().chunks(10).map(base64).collect::<Vec<_>>();
    let quoted = plain.bytes().fold(String::new(), |mut all, octet| {
        write!(all, "={octet:02X}{}", if all.len() % 70 > 66 { "=\r\n" } else { "" }).unwrap();
        all
    });
    let html = |charset: &str, encoding: &str| {
        format!(
            "Content-Type: text/html; charset={charset}\r\nContent-Transfer-Encoding: {encoding}"
        )
    };
    let twice = format!("Content-Transfer-Encoding: base64\r\n{}", html("utf-8", "7bit"));
    let junk = html("\"x-none-such\"", "8bit");
    no_milder(
        &mail(&plain),
        [
            ("UTF-7", part(&html("utf-7", "7bit"), seven.as_bytes())),
            ("UTF-16", part(&html("utf-16le", "base64"), &lines(&wide))),
            ("unknown charset", part(&junk, plain.as_bytes())),
            ("base64", part(&html("utf-8", "base64"), &lines(plain.as_bytes()))),
            ("a comment", part(&html("utf-8", "base64 (x)"), &lines(plain.as_bytes()))),
            ("quoted name", part(&html("utf-8", "\"base64\""), &lines(plain.as_bytes()))),
            ("more than a name", part(&html("utf-8", " BASE64 ;"), &lines(plain.as_bytes()))),
            ("padding inside", part(&html("utf-8", "base64"), &pads.concat())),
            ("every octet", part(&html("utf-8", "quoted-printable"), quoted.as_bytes())),
            ("two encodings", part(&twice, &lines(plain.as_bytes()))),
        ],
    );
    finds(&part(&junk, plain.as_bytes()), "malformed");
    finds(&part(&twice, &lines(plain.as_bytes())), "text-still-encoded");
}

#[test]
fn parts_that_programs_divide_differently() {
    let plain = page(WORDS);
    let html = format!("Content-Type: text/html; charset=utf-8\r\n\r\n{plain}\r\n");
    let mixed = |fields: &str, body: String| part(fields, body.as_bytes());
    let closed = |boundary: &str| format!("--{boundary}\r\n{html}--{boundary}--");
    let type_of = |parameters: &str| format!("Content-Type: multipart/mixed;{parameters}");
    let nested = (0..15).fold(html.clone(), |inner, at| {
        format!("Content-Type: multipart/mixed; boundary=n{at}z\r\n\r\n--n{at}z\r\n{inner}--n{at}z--\r\n")
    });
    let another = mixed(&type_of(" boundary=other"), closed("b"));
    no_milder(
        &mail(&plain),
        [
            ("folded", mixed(&type_of("\r\n boundary=\r\n \"b\""), closed("b"))),
            ("not closed", mixed(&type_of(" boundary=b"), format!("--b\r\n{html}"))),
            (
                "in mid-line",
                mixed(
                    &type_of(" boundary=b"),
                    format!("--b\r\nContent-Type: text/html\r\n\r\n<p>x --b\r\n{plain}\r\n--b--"),
                ),
            ),
            ("another delimiter", another.clone()),
            ("two boundaries", mixed(&type_of(" boundary=x; boundary=b"), closed("b"))),
            ("two, turned", mixed(&type_of(" boundary=b; boundary=x"), closed("b"))),
            (
                "two types",
                mixed(
                    &format!("{}\r\nContent-Type: text/plain", type_of(" boundary=b")),
                    closed("b"),
                ),
            ),
            (
                "an alternative first",
                mixed(
                    "Content-Type: multipart/alternative; boundary=b",
                    format!("--b\r\nContent-Type: text/plain\r\n\r\nminutes\r\n{}", closed("b")),
                ),
            ),
            ("nested", mixed(&type_of(" boundary=b"), format!("--b\r\n{nested}--b--"))),
        ],
    );
    finds(&another, "malformed");
}

#[test]
fn a_million_parts_and_bottomless_nesting() {
    let html = format!("Content-Type: text/html\r\n\r\n{}\r\n", page(WORDS));
    let many = format!("--b\r\n{html}{}--b--", "--b\r\n\r\n".repeat(1_000_000));
    let before = format!("{}--b\r\n{html}--b--", "--b\r\n\r\n".repeat(1_000_000));
    let deep = (0..2_000).fold(html, |inner, at| {
        format!("Content-Type: multipart/mixed; boundary=n{at}z\r\n\r\n--n{at}z\r\n{inner}")
    });
    let mixed = |body: &str| part("Content-Type: multipart/mixed; boundary=b", body.as_bytes());
    let deep = mixed(&format!("--b\r\n{deep}--b--"));
    no_milder(
        &mail(&page(WORDS)),
        [("behind", mixed(&many)), ("in front", mixed(&before)), ("deep", deep.clone())],
    );
    finds(&mixed(&many), "evasive-form");
    finds(&deep, "evasive-form");
}

#[test]
fn links_that_lead_elsewhere_than_they_seem() {
    let a = |href: &str| link(&format!("<a href=\"{href}\">minutes</a>"));
    let base = "<head><base href=\"https://lure.example/\"></head><a href=\"a\">minutes</a>";
    no_milder(
        &a("https://lure.example/a"),
        [
            ("base", link(base)),
            ("no scheme", a("//lure.example/a")),
            ("backslashes", a("https:\\\\lure.example\\a")),
            ("too many slashes", a("https:////lure.example/a")),
            ("no slashes", a("https:lure.example/a")),
            ("a user", a("https://www.bank.example@lure.example/a")),
            ("a user and a port", a("https://www.bank.example:443@lure.example/a")),
            ("white space", a(" ht\ttps://lu\nre.exam&Tab;ple/a")),
            ("entities", a("&#104;ttps&colon;&sol;&sol;lure&period;example/a")),
            ("percent", a("https://%6cure.example/a")),
            ("full width", a("https://\u{ff4c}ure.example/a")),
            ("another dot", a("https://lure\u{3002}example/a")),
            ("a hyphen", a("https://lu&shy;re.example/a")),
            ("a last dot", a("https://lure.example./a")),
            ("capitals", link("<A HREF=HTTPS://LURE.EXAMPLE/a>minutes</A>")),
            ("form", link("<form action=\"https://lure.example/a\"><input></form>")),
            ("area", link("<map><area href=\"https://lure.example/a\"></map>")),
            ("refresh", link("<meta http-equiv=refresh content=\"0;url=https://lure.example/a\">")),
            (
                "drawing",
                link("<svg><a xlink:href=\"https://lure.example/a\"><text>x</text></a></svg>"),
            ),
            (
                "for Outlook only",
                link("<!--[if mso]><a href=\"https://lure.example/a\">x</a><![endif]-->"),
            ),
            ("redirector", a("https://www.google.com/url?q=https%3A%2F%2Flure.example%2Fa")),
            ("text torn by tags", link("<p>https://lu<b></b>re.example/a in your browser</p>")),
            ("text torn", link("<p>https://lu\u{200b}re.example/a in your browser</p>")),
        ],
    );
    finds(&a("https://www.bank.example@lure.example/a"), "link-user-part");
    finds(&a("https://www.bank.example\\@lure.example/a"), "link-backslash-user");
    finds(&a("https://\u{ff4c}ure.example/a"), "link-broken-host");
}

#[test]
fn addresses_of_machines_in_other_notations() {
    let a = |host: &str| link(&format!("<a href=\"http://{host}/a\">minutes</a>"));
    let hosts = ["0300.0.02.0102", "0xc0.0x0.0x2.0x42", "3221226050", "192.0.578"];
    no_milder(
        &a("192.0.2.66"),
        hosts.into_iter().chain(["[::ffff:192.0.2.66]"]).map(|host| (host, a(host))),
    );
    for host in ["0300.0.02.0102", "0xc0.0x0.0x2.0x42", "3221226050"] {
        finds(&a(host), "link-odd-ip");
    }
}

#[test]
fn names_of_files_that_lie() {
    let program =
        [b"MZ".as_slice(), &[0; 58], b"\x80\0\0\0", &[0; 64], b"PE\0\0", &[0; 200]].concat();
    let turned = format!("=?utf-8?B?{}?=", STANDARD.encode("invoice\u{202e}fdp.exe"));
    let spaces = format!("invoice.pdf{}.exe", " ".repeat(60));
    no_milder(
        &file("invoice.exe", &program),
        [
            ("double", file("invoice.pdf.exe", &program)),
            ("far away", file(&spaces, &program)),
            ("turned", file(&turned, &program)),
            ("another", file("invoice.pdf", &program)),
            ("a last dot", file("invoice.exe.", &program)),
            ("a last space", file("invoice.exe ", &program)),
        ],
    );
    for name in ["invoice.pdf.exe", spaces.as_str(), turned.as_str(), "invoice.pdf"] {
        finds(&file(name, &program), "double-ending");
    }
    let inline = "--b\r\nContent-Type: application/octet-stream; name=a.html\r\n\
         Content-Disposition: inline\r\n\r\n<html><form action=\"https://page.example/a\">\
         <input type=\"password\" name=p></form></html>\r\n--b--";
    finds(
        &part("Content-Type: multipart/mixed; boundary=b", inline.as_bytes()),
        "html-sign-in-page",
    );
}

#[test]
fn archives_that_hide_or_choke() {
    let program = [b"MZ".as_slice(), &[0; 300]].concat();
    let packed = zip(&[("invoice.exe", &program)]);
    let again = |inner: Vec<u8>, times: usize| {
        (0..times).fold(inner, |inner, _| zip(&[("more.zip", &inner)]))
    };
    let zeros = vec![0; 100 << 20];
    let names: Vec<String> = (0..3_000).map(|at| format!("{at}.txt")).collect();
    let mut many: Vec<(&str, &[u8])> =
        names.iter().map(|name| (&**name, b"x".as_slice())).collect();
    many.push(("invoice.exe", &program));
    let bomb = zip(&[("bomb.bin", &zeros), ("invoice.exe", &program)]);
    no_milder(
        &file("invoice.zip", &packed),
        [
            ("five times", file("invoice.zip", &again(packed.clone(), 5))),
            ("behind a picture", file("invoice.zip", &[b"GIF89a\0\0\0\0", &*packed].concat())),
            ("behind a bomb", file("invoice.zip", &bomb)),
            ("among thousands", file("invoice.zip", &zip(&many))),
        ],
    );
    finds(&file("invoice.zip", &bomb), "evasive-file");
    let large = zip(&[("bomb.bin", &vec![0; 400 << 20])]);
    finds(&file("invoice.zip", &large), "evasive-file");
    let deep = finds(&file("invoice.zip", &again(packed.clone(), 40)), "evasive-file");
    assert_eq!(deep.disposition, Disposition::Suspicious);
    finds(&file("invoice.zip", &zip(&many)), "file-not-fully-read");
}
