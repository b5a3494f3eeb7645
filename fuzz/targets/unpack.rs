//! Files: any octets come apart into a tree within its limits, each node tells its own length and
//! stands below an earlier one, and every scanner comes back.

#![no_main]

use clawback_unpack::{
    File, Kind, Options, digest, exif, explode, flavors, html, ics, javascript, lnk, office,
    oletools, pdf, qr, text, vba, xml, zip,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let passwords = ["Kw7!".to_owned()];
    let file = File { name: "a.bin", content_type: "", octets };
    let tree = explode(&file, &Options { passwords: &passwords });
    assert!(!tree.nodes.is_empty() && tree.nodes.len() <= 501);
    for (at, node) in tree.nodes.iter().enumerate() {
        assert!(node.id == at && node.size == node.octets.len());
        assert!(at == 0 || node.parent.is_some_and(|parent| parent < at));
        assert!(node.kind == Kind::of(&node.octets));
        scan(&node.octets, node.kind);
    }
    assert!(tree.defects.iter().all(|defect| defect.node < tree.nodes.len()));
});

fn scan(octets: &[u8], kind: Kind) {
    let strings = text::strings(octets);
    for line in strings.strings.iter().take(20) {
        assert!(text::urls(line).iter().all(|url| !url.is_empty()), "a URL says something");
    }
    assert!((0.0..=8.0).contains(&digest::entropy(octets)), "bits an octet");
    let _ = (flavors(octets, kind), html::scan(octets), xml::scan(octets), javascript::scan(octets));
    let _ = (pdf::scan(octets, &[]), exif::scan(octets), office::docx(octets), office::pptx(octets));
    let _ = (zip(octets), oletools::scan(octets), vba::scan(octets), ics::scan(octets));
    let _ = (lnk::scan(octets), qr::scan(octets));
}
