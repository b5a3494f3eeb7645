//! PDFs made here: small, and broken on purpose.

use super::*;
use crate::explode::{File, Options, explode};
use crate::octets::from;

fn deflated(dict: &str, content: &[u8]) -> Vec<u8> {
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(content, 6);
    let mut stream =
        format!("<<{dict}/Filter/FlateDecode/Length {}>>stream\r\n", packed.len()).into_bytes();
    stream.extend(packed);
    stream.extend(b"\nendstream");
    stream
}

/// A file of these objects, numbered from one.
fn file(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut octets = b"%PDF-1.7\n".to_vec();
    for (at, object) in objects.iter().enumerate() {
        octets.extend(format!("{} 0 obj\n", at + 1).as_bytes());
        octets.extend(object);
        octets.extend(b"\nendobj\n");
    }
    octets.extend(format!("trailer\n<</Root 1 0 R{trailer}>>\n%%EOF").as_bytes());
    octets
}

pub(crate) fn lure() -> Vec<u8> {
    let drawing = b"BT /F1 12 Tf (Open the ) Tj [(docu) -20 (ment) -300 (now)] TJ 0 -14 Td \
        (at https://text.corp.example/x) Tj ET";
    let table =
        b"1 beginbfchar <41> <0042> endbfchar 1 beginbfrange <0043> <0044> <0061> endbfrange";
    file(
        &[
            b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>"
                .to_vec(),
            b"<</Type/Pages/Kids[3 0 R]/Count 1/Resources<</Font<</F2 8 0 R>>>>>>".to_vec(),
            b"<</Type/Page/Parent 2 0 R/Contents[4 0 R 9 0 R]/Annots[5 0 R]>>".to_vec(),
            deflated("", drawing),
            b"<</Type/Annot/A<</S/URI/URI(https://link.corp.example/a?b=1)>>>>".to_vec(),
            b"<</Type/Filespec/UF(run.js)/F(x)/EF<</F 7 0 R>>>>".to_vec(),
            deflated("/Type/EmbeddedFile", b"var evil = document.cookie;"),
            b"<</Type/Font/ToUnicode 10 0 R>>".to_vec(),
            b"<<>>stream\nBT /F2 9 Tf (ACD) Tj ET\nendstream".to_vec(),
            deflated("", table),
            b"<</Producer(Maker)/Title<FEFF00D6>>>".to_vec(),
        ],
        "/Info 11 0 R",
    )
}

#[test]
fn a_lure_tells_links_text_scripts_and_files() {
    let octets = lure();
    let pdf = scan(&octets, &[]).unwrap();
    assert_eq!(pdf.urls, ["https://link.corp.example/a?b=1", "https://text.corp.example/x"]);
    assert!(pdf.text.starts_with("Open the document now\nat https"), "{:?}", pdf.text);
    assert!(pdf.text.contains("Bab"), "the font's table: {:?}", pdf.text);
    assert_eq!(pdf.scripts, ["app.alert(1)"]);
    assert_eq!((pdf.page_count, pdf.version.as_deref()), (1, Some("1.7")));
    assert_eq!(pdf.info, [("Producer".into(), "Maker".into()), ("Title".into(), "Ö".into())]);
    let tree =
        explode(&File { name: "a.pdf", content_type: "", octets: &octets }, &Options::default());
    let names: Vec<&str> = tree.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["a.pdf", "text", "script_0.js", "run.js"]);
}

#[test]
fn an_object_within_a_stream_is_read() {
    let inner = b"20 0 21 34 <</S/URI/URI(https://a.corp.example)>>  [1 2]";
    let octets =
        file(&[b"<</Type/Catalog>>".to_vec(), deflated("/Type/ObjStm/N 2/First 11", inner)], "");
    assert_eq!(scan(&octets, &[]).unwrap().urls, ["https://a.corp.example"]);
}

#[test]
fn nesting_and_loops_end() {
    for nest in ["[", "<</A", "[<</K["] {
        let deep = nest.repeat(200_000).into_bytes();
        let octets = file(&[deep, b"<</S/URI/URI(https://a.corp.example)>>".to_vec()], "");
        let _ = scan(&octets, &[]);
    }
    let looped = file(
        &[
            b"<</Pages 2 0 R>>".to_vec(),
            b"<</Kids[2 0 R 2 0 R 3 0 R]/Parent 2 0 R>>".to_vec(),
            b"3 0 R".to_vec(),
        ],
        "",
    );
    assert_eq!(scan(&looped, &[]).unwrap().page_count, 0);
}

#[test]
fn a_form_that_draws_itself_ends() {
    let form = "/Subtype/Form/Resources<</XObject<</X 3 0 R>>>>";
    let octets = file(
        &[
            b"<</Pages 2 0 R>>".to_vec(),
            b"<</Type/Page/Contents 3 0 R/Resources<</XObject<</X 3 0 R>>>>>>".to_vec(),
            deflated(form, b"/X Do /X Do BT (x) Tj ET"),
        ],
        "",
    );
    assert!(scan(&octets, &[]).unwrap().text.contains('x'));
}

#[test]
fn what_is_cut_anywhere_comes_back() {
    let octets = lure();
    for len in 0..octets.len() {
        let _ = scan(&octets[..len], &[]);
    }
}

#[test]
fn a_lock_without_a_password_is_open() {
    // RC4 with 40 bits: the key is made here as the format says, with an empty password.
    let padding: &[u8; 32] =
        b"\x28\xbf\x4e\x5e\x4e\x75\x8a\x41\x64\x00\x4e\x56\xff\xfa\x01\x08\x2e\x2e\
        \x00\xb6\xd0\x68\x3e\x80\x2f\x0c\xa9\xfe\x64\x53\x69\x7a";
    let owner = [7u8; 32];
    let seed = [padding.as_slice(), &owner, &(-4i32).to_le_bytes(), b"id"].concat();
    let key = md5::Md5::digest(&seed)[..5].to_vec();
    let user = crate::crypt::rc4(&key, padding);
    let of_object = md5::Md5::digest([key.as_slice(), &[2, 0, 0, 0, 0]].concat());
    let link = crate::crypt::rc4(&of_object[..10], b"https://locked.corp.example");
    let hex = crate::digest::hex;
    let objects = [
        b"<</Type/Catalog>>".to_vec(),
        format!("<</S/URI/URI<{}>>>", hex(&link)).into_bytes(),
        format!("<</Filter/Standard/V 1/R 2/P -4/O<{}>/U<{}>>>", hex(&owner), hex(&user))
            .into_bytes(),
    ];
    let octets = file(&objects, "/Encrypt 3 0 R/ID[(id)(id)]");
    let pdf = scan(&octets, &[]).unwrap();
    assert_eq!(pdf.urls, ["https://locked.corp.example"]);
    assert_eq!(pdf.encryption.as_deref(), Some("Standard V1.2 (40-bit)"));
    let other = file(&objects, "/Encrypt 3 0 R/ID[(other)(id)]");
    assert!(scan(&other, &[]).unwrap().is_locked);
}

#[test]
fn a_picture_with_a_code_is_a_file_that_can_be_read() {
    let grey = crate::qr::tests::code("https://qr.corp.example", 4, false);
    let dict = format!(
        "/Subtype/Image/Width {}/Height {}/BitsPerComponent 8/ColorSpace/DeviceGray",
        grey.width, grey.height
    );
    let octets = file(&[b"<</Type/Catalog>>".to_vec(), deflated(&dict, &grey.pixels)], "");
    let tree =
        explode(&File { name: "a.pdf", content_type: "", octets: &octets }, &Options::default());
    let codes = crate::qr::scan(&tree.nodes[1].octets).unwrap();
    assert_eq!(codes[0].url.as_deref(), Some("https://qr.corp.example"));
}

#[test]
fn equal_kinds_of_objects_have_one_hash() {
    let octets = lure();
    let other = String::from_utf8_lossy(&octets).replace("link.corp", "else.corp");
    let hash = scan(&octets, &[]).unwrap().object_hash();
    assert_eq!(hash.len(), 32);
    assert_eq!(scan(other.as_bytes(), &[]).unwrap().object_hash(), hash);
    assert!(from(&octets, 0).starts_with(b"%PDF"));
}
