//! Shortcuts of Windows: what they start, with which words, and whose machine made them.

use crate::octets::{
    array, find, from, piece, size, text_until_nul, u16_le, u32_le, utf16_le_until_nul,
};

/// What a shortcut says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Lnk {
    /// The words given to the program.
    pub command_line_arguments: Option<String>,
    /// What Windows shows about it.
    pub description: Option<String>,
    /// The serial number of the drive, in hexadecimal.
    pub drive_serial_number: Option<String>,
    /// `Fixed Disk`, `Removable Media`, ….
    pub drive_type: Option<&'static str>,
    /// Where its picture comes from.
    pub icon_location: Option<String>,
    /// The program, with its path.
    pub local_base_path: Option<String>,
    /// The hardware address of the machine that made it.
    pub mac: Option<String>,
    /// The name of the machine that made it.
    pub machine_id: Option<String>,
    /// The program, from where the shortcut lies.
    pub relative_path: Option<String>,
    /// How its window is shown: `Normal`, `Minimized`, ….
    pub run_window: &'static str,
    /// The size that it says its target has.
    pub target_file_size: u32,
    /// The name of the drive.
    pub volume_label: Option<String>,
    /// Where the program starts.
    pub working_dir: Option<String>,
}

/// Reads a shortcut; `None` for what is none.
#[must_use]
pub fn scan(octets: &[u8]) -> Option<Lnk> {
    if !octets.starts_with(&[0x4c, 0, 0, 0, 1, 0x14, 2, 0]) {
        return None;
    }
    let flags = u32_le(octets, 20)?;
    let mut lnk = Lnk {
        target_file_size: u32_le(octets, 52).unwrap_or_default(),
        run_window: match u32_le(octets, 60) {
            Some(2 | 7) => "Show Minimized No Activate",
            Some(3) => "Show Maximized",
            _ => "Normal",
        },
        ..Lnk::default()
    };
    let mut at = 76usize;
    if flags & 1 != 0 {
        at = at.saturating_add(2).saturating_add(u16_le(octets, at).unwrap_or_default().into());
    }
    if flags & 2 != 0 {
        let len = u32_le(octets, at).map_or(0, size);
        place(piece(octets, at, len), &mut lnk);
        at = at.saturating_add(len);
    }
    let is_wide = flags & 0x80 != 0;
    let fields: [(u32, &mut Option<String>); 5] = [
        (4, &mut lnk.description),
        (8, &mut lnk.relative_path),
        (0x10, &mut lnk.working_dir),
        (0x20, &mut lnk.command_line_arguments),
        (0x40, &mut lnk.icon_location),
    ];
    for (flag, field) in fields {
        if flags & flag == 0 {
            continue;
        }
        let Some(count) = u16_le(octets, at) else { break };
        let len = usize::from(count) * if is_wide { 2 } else { 1 };
        let body = piece(octets, at.saturating_add(2), len);
        *field = Some(if is_wide { utf16_le_until_nul(body) } else { text_until_nul(body) });
        at = at.saturating_add(2).saturating_add(len);
    }
    tracker(from(octets, at), &mut lnk);
    Some(lnk)
}

/// The drive and the path on it.
fn place(info: &[u8], lnk: &mut Lnk) {
    let flags = u32_le(info, 8).unwrap_or_default();
    if flags & 1 == 0 {
        return;
    }
    let volume = from(info, u32_le(info, 12).map_or(usize::MAX, size));
    lnk.drive_type = u32_le(volume, 4).and_then(|kind| {
        Some(match kind {
            2 => "Removable Media",
            3 => "Fixed Disk",
            4 => "Remote Drive",
            5 => "CD-ROM",
            6 => "Ram Disk",
            _ => return None,
        })
    });
    lnk.drive_serial_number =
        u32_le(volume, 8).map(|number| format!("{:04X}-{:04X}", number >> 16, number & 0xffff));
    let label = from(volume, u32_le(volume, 12).map_or(usize::MAX, size));
    lnk.volume_label = Some(text_until_nul(label)).filter(|label| !label.is_empty());
    let path = from(info, u32_le(info, 16).map_or(usize::MAX, size));
    lnk.local_base_path = Some(text_until_nul(path)).filter(|path| !path.is_empty());
}

/// The block by which Windows finds a target that was moved: it names the machine.
fn tracker(blocks: &[u8], lnk: &mut Lnk) {
    let Some(at) = find(blocks, &[0x03, 0, 0, 0xa0]) else { return };
    let body = from(blocks, at.saturating_add(12));
    lnk.machine_id = Some(text_until_nul(piece(body, 0, 16))).filter(|name| !name.is_empty());
    // A name of this kind ends in the hardware address of the machine.
    if let Some(address) = array::<6>(body, 16 + 16 + 10) {
        let parts: Vec<String> = address.iter().map(|octet| format!("{octet:02X}")).collect();
        lnk.mac = Some(parts.join(":")).filter(|_| address != [0; 6]);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn shortcut(arguments: &str) -> Vec<u8> {
        let mut file = vec![0u8; 76];
        file[..8].copy_from_slice(&[0x4c, 0, 0, 0, 1, 0x14, 2, 0]);
        file[20..24].copy_from_slice(&0xa8u32.to_le_bytes());
        file[60] = 7;
        for text in ["..\\cmd.exe", arguments] {
            file.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
            file.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        }
        file
    }

    #[test]
    fn a_shortcut_tells_what_it_starts() {
        let lnk = scan(&shortcut("/c mshta https://corp.example")).unwrap();
        assert_eq!(lnk.relative_path.as_deref(), Some("..\\cmd.exe"));
        assert_eq!(lnk.command_line_arguments.as_deref(), Some("/c mshta https://corp.example"));
        assert_eq!(lnk.run_window, "Show Minimized No Activate");
        assert_eq!(scan(b"no"), None);
    }

    #[test]
    fn a_shortcut_that_is_cut_tells_what_it_has() {
        let whole = shortcut("x");
        for len in 0..whole.len() {
            let _ = scan(&whole[..len]);
        }
        assert_eq!(scan(&whole[..98]).unwrap().command_line_arguments, None);
        assert!(scan(&whole[..97]).unwrap().relative_path.is_some());
    }
}
