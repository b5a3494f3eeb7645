//! Archives: formats that hold files with names.

pub(crate) mod ar;
pub(crate) mod cab;
pub(crate) mod iso;
pub(crate) mod rar;
pub(crate) mod sevenz;
pub(crate) mod tar;
pub(crate) mod zip;

#[cfg(test)]
mod tests {
    pub(super) fn gzip(content: &[u8]) -> Vec<u8> {
        let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        packed.extend(miniz_oxide::deflate::compress_to_vec(content, 6));
        packed.extend(crc32fast::hash(content).to_le_bytes());
        packed.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        packed
    }
}
