//! Files inside files as rules see them: a tree, and what each scanner finds in a node when it is
//! asked.

use std::rc::Rc;
use std::sync::Arc;

use clawback_mql::{RecordType, Value};
use clawback_unpack::{DefectKind, Node as Inside, Options, Tree, explode, flavors};

use crate::model::attachment::{Around, File, Opened};
use crate::model::lazy::{Fields, Lazy, known, made_of};
use crate::model::scan::Scan;
use crate::model::types::files::{EXPLODED, SCAN_FLAVORS};

/// One file of a tree.
pub(crate) struct Exploded {
    pub(crate) tree: Rc<Tree>,
    pub(crate) id: usize,
    pub(crate) around: Around,
    pub(crate) opened: Opened,
}

/// Takes a file apart; words of the message may open what is locked.
pub(crate) fn nodes(name: &str, declared: &str, octets: &[u8], around: &Around) -> Value {
    let file = clawback_unpack::File { name, content_type: declared, octets };
    let tree = Rc::new(explode(&file, &Options { passwords: &around.passwords }));
    let node = |id| {
        Lazy::value(Exploded {
            tree: Rc::clone(&tree),
            id,
            around: around.clone(),
            opened: Opened::default(),
        })
    };
    Value::list((0..tree.nodes.len()).map(node))
}

/// The files inside files as attachments, without those that hold them.
pub(crate) fn inner_files(
    name: &str,
    declared: &str,
    octets: &[u8],
    around: &Around,
) -> Vec<Value> {
    let file = clawback_unpack::File { name, content_type: declared, octets };
    let tree = explode(&file, &Options { passwords: &around.passwords });
    let inner = tree.nodes.into_iter().filter(|node| node.depth > 0);
    let files = inner.map(|node| File::own(&node.name, node.octets, around.clone()));
    files.map(Lazy::value).collect()
}

/// Something that went wrong in an attached file.
pub(crate) struct FileDefect {
    /// The attachment's name.
    pub(crate) attachment: String,
    /// The name of the file inside that has it.
    pub(crate) file: String,
    /// What it is.
    pub(crate) kind: DefectKind,
    /// How many archives are around the file inside, itself counted.
    pub(crate) archives: usize,
}

/// The defects of those attachments that somebody took apart; takes apart none itself.
pub(crate) fn defects(message: &Value) -> Vec<FileDefect> {
    let attachments = message.get("attachments");
    let mut found = Vec::new();
    for attachment in attachments.as_list().into_iter().flat_map(|list| list.iter()) {
        let Some(file) = made_of::<File>(attachment) else { continue };
        let nodes = file.opened.exploded.get().and_then(Value::as_list);
        let root = nodes.and_then(|nodes| made_of::<Exploded>(nodes.first()?));
        let Some(root) = root else { continue };
        found.extend(root.tree.defects.iter().map(|defect| FileDefect {
            attachment: file.name.to_string(),
            file: root.tree.nodes.get(defect.node).map(|it| it.name.clone()).unwrap_or_default(),
            kind: defect.kind,
            archives: archives(&root.tree, defect.node),
        }));
    }
    found
}

fn archives(tree: &Tree, node: usize) -> usize {
    let above = std::iter::successors(tree.nodes.get(node), |node| tree.nodes.get(node.parent?));
    above.filter(|node| node.kind.is_archive()).count()
}

impl Exploded {
    pub(crate) fn node(&self) -> Option<&Inside> {
        self.tree.nodes.get(self.id)
    }

    pub(crate) fn octets(&self) -> Arc<[u8]> {
        self.node().map_or_else(|| Arc::from([]), |node| Arc::clone(&node.octets))
    }

    fn flavors(&self, node: &Inside) -> Value {
        known(
            &SCAN_FLAVORS,
            [
                ("external", Value::texts(node.external.iter().copied())),
                ("mime", Value::text(node.mime)),
                ("yara", Value::texts(flavors(&node.octets, node.kind))),
            ],
        )
    }
}

impl Fields for Exploded {
    const TYPE: &'static RecordType = &EXPLODED;

    fn compute(&self, name: &'static str) -> Value {
        let Some(node) = self.node() else { return Value::Null };
        match name {
            "depth" => Value::int(node.depth),
            "file_extension" => Value::text_or_null(node.extension.as_deref()),
            "file_name" => Value::filled(&node.name),
            "flavors" => self.flavors(node),
            "node_id" => Value::text(node.id.to_string()),
            "parent_node_id" => Value::text_or_null(node.parent.map(|parent| parent.to_string())),
            "scan" => Lazy::value(Scan {
                tree: Rc::clone(&self.tree),
                id: self.id,
                around: self.around.clone(),
            }),
            "size" => Value::int(node.size),
            "source" => Value::filled(node.source),
            _ => Value::Null,
        }
    }
}
