//! What went wrong when rules looked into attached files: a limit that was reached is evidence
//! about who packed the file, or at least says that not all of it was seen.

use clawback_core::verdict::{Evidence, Finding};
use clawback_unpack::DefectKind;

use crate::catalogue::{EVASIVE_FILE, FILE_NOT_FULLY_READ};
use crate::model::{FileDefect, Model};

pub(super) fn look(model: &Model, findings: &mut Vec<Finding>) {
    let defects = model.file_defects();
    let of = |wanted: Kind| {
        let all = defects.iter().filter(move |defect| kind(defect) == Some(wanted));
        all.map(|defect| {
            let place = format!("attachment {}", defect.attachment);
            Evidence::new(place, defect.file.as_str(), told(defect.kind))
        })
    };
    findings.extend(EVASIVE_FILE.found_all(of(Kind::Evasive)));
    findings.extend(FILE_NOT_FULLY_READ.found_all(of(Kind::Limit)));
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Evasive,
    Limit,
}

fn kind(defect: &FileDefect) -> Option<Kind> {
    match defect.kind {
        // Mails that were forwarded within mails are no archives.
        DefectKind::DepthLimit if defect.archives >= ARCHIVES_MIN => Some(Kind::Evasive),
        DefectKind::RatioLimit if defect.archives > 0 => Some(Kind::Evasive),
        DefectKind::DepthLimit
        | DefectKind::EntryLimit
        | DefectKind::NodeLimit
        | DefectKind::ObjectLimit
        | DefectKind::PixelLimit
        | DefectKind::RatioLimit
        | DefectKind::SizeLimit => Some(Kind::Limit),
        DefectKind::Failed
        | DefectKind::Locked
        | DefectKind::Malformed
        | DefectKind::Unsupported => None,
    }
}

fn told(kind: DefectKind) -> &'static str {
    match kind {
        DefectKind::DepthLimit => "files within files, deeper than is followed",
        DefectKind::EntryLimit | DefectKind::NodeLimit => "more files than are looked at",
        DefectKind::ObjectLimit => "more objects than are read",
        DefectKind::PixelLimit => "a picture of more pixels than are decoded",
        DefectKind::RatioLimit => "gives hundreds of times its own length",
        DefectKind::SizeLimit => "gives more octets than are kept",
        other => other.as_str(),
    }
}

/// Nobody packs what is packed so often.
const ARCHIVES_MIN: usize = 5;
