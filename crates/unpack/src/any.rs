//! Laws that hold for any octets: everything comes back, within its limits.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::explode::{File, Options, Tree, explode};

/// Calls everything there is, for every file found.
fn exercise(octets: &[u8]) -> Tree {
    let passwords = ["Kw7!".to_owned()];
    let options = Options { passwords: &passwords };
    let tree = explode(&File { name: "a.bin", content_type: "", octets }, &options);
    assert!(tree.nodes.len() <= 501);
    for (at, node) in tree.nodes.iter().enumerate() {
        assert_eq!((node.id, node.size), (at, node.octets.len()));
        let is_below = node.parent.is_some_and(|parent| parent < at);
        assert!(is_below || at == 0);
        scan_all(&node.octets);
    }
    let unpacked: usize = tree.nodes.iter().skip(1).map(|node| node.size).sum();
    assert!(unpacked <= 64 * 1024 * 1024);
    assert!(tree.defects.iter().all(|defect| defect.node < tree.nodes.len()));
    tree
}

fn scan_all(octets: &[u8]) {
    let strings = crate::text::strings(octets);
    for text in strings.strings.iter().take(50) {
        for url in crate::text::urls(text) {
            assert!(!url.is_empty());
        }
    }
    let _ = crate::flavors(octets, crate::Kind::of(octets));
    let _ = (crate::html::scan(octets), crate::xml::scan(octets), crate::javascript::scan(octets));
    let _ = (crate::pdf::scan(octets, &[]), crate::exif::scan(octets), crate::qr::scan(octets));
    let _ = (crate::office::docx(octets), crate::office::pptx(octets), crate::zip(octets));
    let _ = (crate::oletools::scan(octets), crate::vba::scan(octets), crate::ics::scan(octets));
    let _ = (crate::lnk::scan(octets), crate::digest::hashes(octets));
    let entropy = crate::digest::entropy(octets);
    assert!((0.0..=8.0).contains(&entropy));
}

/// One file of each kind that can be made here.
fn files() -> Vec<Vec<u8>> {
    let zip = crate::archive::zip::tests::Writer::default()
        .file("a.js", b"eval('1')")
        .locked("b.txt", b"text", "Kw7!")
        .finish();
    let mut ole = crate::vba::tests::workbook("Attribute VB_Name\r\nSub AutoOpen()\r\n");
    ole.truncate(20_000);
    vec![
        zip,
        ole,
        crate::office::tests::document(),
        crate::pdf::tests::lure(),
        crate::lnk::tests::shortcut("/c x"),
        crate::image::tests::png_of(&crate::qr::tests::code("https://corp.example", 3, false)),
        b"<html><script>var a = 'x';</script><a href='data:text/html,<b>'>y</a>".to_vec(),
        b"{\\rtf1 a{\\object{\\*\\objdata 0105000002000000080000005061636b61676500}}}".to_vec(),
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nATTACH;ENCODING=BASE64:QUJD\nEND:VEVENT\n".to_vec(),
        b"From: a@corp.example\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--"
            .to_vec(),
    ]
}

#[test]
fn every_file_cut_anywhere_comes_back() {
    for file in files() {
        let step = (file.len() / 150).max(1);
        for len in (0..file.len()).step_by(step) {
            exercise(&file[..len]);
        }
    }
}

#[test]
fn a_matryoshka_of_forty_archives_stops_at_the_depth() {
    let mut file = b"core".to_vec();
    for at in 0..40 {
        let name = format!("{at}.zip");
        file = crate::archive::zip::tests::Writer::default().file(&name, &file).finish();
    }
    let tree = exercise(&file);
    assert_eq!(tree.nodes.len(), 9);
    assert_eq!(tree.defects[0].kind, crate::DefectKind::DepthLimit);
}

#[test]
fn bombs_in_bombs_share_one_budget() {
    let mut writer = crate::archive::zip::tests::Writer::default();
    let bomb = crate::archive::zip::tests::Writer::default().file("z", &vec![0; 8 << 20]).finish();
    for at in 0..100 {
        writer = writer.file(&format!("{at}.zip"), &bomb);
    }
    exercise(&writer.finish());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_octets_come_back(octets in vec(any::<u8>(), 0..3000)) {
        exercise(&octets);
    }

    #[test]
    fn any_file_with_octets_changed_comes_back(
        which in any::<prop::sample::Index>(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let files = files();
        let mut file = files[which.index(files.len())].clone();
        for (place, octet) in changes {
            let at = place.index(file.len());
            file[at] = octet;
        }
        exercise(&file);
    }

    #[test]
    fn any_octets_behind_any_signature_come_back(
        which in any::<prop::sample::Index>(),
        octets in vec(any::<u8>(), 0..2000),
    ) {
        const SIGNATURES: &[&[u8]] = &[
            b"PK\x03\x04", b"%PDF-1.4\n1 0 obj<<", b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00",
            b"7z\xbc\xaf\x27\x1c", b"MSCF", b"\x1f\x8b\x08\x00", b"BZh9", b"\xfd7zXZ\x00",
            b"\x28\xb5\x2f\xfd", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x89PNG\r\n\x1a\n", b"GIF89a",
            b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBPVP8 ", b"RIFF\0\0\0\0WEBPVP8L", b"BM", b"{\\rtf1",
            b"<html>", b"BEGIN:VCALENDAR\n", b"L\0\0\0\x01\x14\x02\0", b"!<arch>\n", b"II*\0", b"MM\0*",
        ];
        let signature = SIGNATURES[which.index(SIGNATURES.len())];
        exercise(&[signature, &octets].concat());
    }
}
