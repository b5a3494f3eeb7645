//! What Linux tells of processes that others run: processor time and memory.

use std::fs;

/// User and system time so far, in milliseconds: of the process, and of children it waited for.
pub(super) fn cpu_ms(pid: u32) -> Option<u64> {
    let (_, ticks) = read(pid)?;
    Some(ticks * TICK_MS)
}

/// The same of a process and of all that came from it.
pub(crate) fn cpu_ms_with_children(pid: u32) -> u64 {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let of_family = pids.filter_map(|other| {
        let (parent, ticks) = read(other)?;
        (other == pid || parent == pid).then_some(ticks)
    });
    of_family.sum::<u64>() * TICK_MS
}

/// The most memory it ever held, in MiB.
pub(super) fn peak_mib(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(super::figure::number(kib) / 1_024.0)
}

/// The parent, and ticks of the process and of children it waited for.
fn read(pid: u32) -> Option<(u32, u64)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let ticks = fields.get(11..15)?.iter().filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Some((fields.get(1)?.parse().ok()?, ticks))
}

/// A hundredth of a second, whatever the kernel's own clock: that is what it shows to programs.
const TICK_MS: u64 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_and_a_parent() {
        let me = std::process::id();
        assert!(peak_mib(me).unwrap() > 1.0);
        assert!(read(me).unwrap().0 > 0);
        assert!(cpu_ms_with_children(me) >= cpu_ms(me).unwrap_or(0).saturating_sub(TICK_MS));
    }
}
