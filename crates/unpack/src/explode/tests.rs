//! Files that hide or choke, taken apart.

use super::{File, Options, Tree, explode};
use crate::archive::zip::tests::Writer;
use crate::defect::DefectKind;

fn tree(name: &str, octets: &[u8]) -> Tree {
    explode(&File { name, content_type: "", octets }, &Options::default())
}

fn names(tree: &Tree) -> Vec<&str> {
    tree.nodes.iter().map(|node| node.name.as_str()).collect()
}

#[test]
fn a_program_among_thousands_of_files_is_kept() {
    let many = (0..3_000).fold(Writer::default(), |zip, at| zip.file(&format!("{at}"), b"x"));
    let tree = tree("a.zip", &many.file("pay.pdf.EXE", b"MZ").finish());
    assert!(names(&tree).contains(&"pay.pdf.EXE"));
    assert!(tree.defects.iter().any(|defect| defect.kind == DefectKind::NodeLimit));
}

#[test]
fn what_begins_as_a_picture_and_ends_as_an_archive_is_both() {
    let zip = Writer::default().file("pay.exe", b"MZ").finish();
    let both = [b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".as_slice(), &zip].concat();
    assert_eq!(names(&tree("a.gif", &both)), ["a.gif", "pay.exe"]);
    let longer = [both.as_slice(), b"more"].concat();
    assert_eq!(names(&tree("a.zip", &longer)), ["a.zip", "pay.exe"]);
    assert_eq!(names(&tree("a.gif", &longer)), ["a.gif"], "what goes on behind it holds it");
}
