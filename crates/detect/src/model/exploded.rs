//! Files inside files as rules see them: a tree, and what each scanner finds in a node when it is
//! asked.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use clawback_mql::{RecordType, Value};
use clawback_unpack::{Node as Inside, Options, Tree, explode, flavors};

use crate::model::attachment::{Around, File};
use crate::model::lazy::{Fields, Lazy, known};
use crate::model::scan::Scan;
use crate::model::types::files::{EXPLODED, SCAN_FLAVORS};

/// One file of a tree.
pub(crate) struct Exploded {
    pub(crate) tree: Rc<Tree>,
    pub(crate) id: usize,
    pub(crate) around: Around,
    /// The files inside, where somebody takes this one apart once more.
    pub(crate) exploded: OnceCell<Value>,
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
            exploded: OnceCell::new(),
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
