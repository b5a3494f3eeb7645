//! The filters that streams of a PDF are packed with.

use crate::codec;
use crate::octets::piece;
use crate::pdf::object::{Dict, Value, unhex};

/// What a stream gives.
#[derive(Debug)]
pub(crate) enum Decoded {
    /// Its octets.
    Plain(Vec<u8>),
    /// A picture in a format of its own (`DCTDecode`, …), as far as the filters before it go.
    Picture(Vec<u8>, &'static str),
}

/// Undoes the filters of a stream, one behind the other.
pub(crate) fn decode(packed: &[u8], dict: &Dict, max: usize) -> Decoded {
    let mut octets = packed.to_vec();
    let parameters = dict.get("DecodeParms").or_else(|| dict.get("DP"));
    for (at, filter) in filters(dict).iter().take(FILTERS_MAX).enumerate() {
        let its = match parameters {
            Some(Value::List(list)) => list.get(at).and_then(Value::dict),
            Some(Value::Dict(dict)) if at == 0 => Some(dict),
            _ => None,
        };
        octets = match filter.as_slice() {
            b"FlateDecode" | b"Fl" => unpredict(codec::zlib(&octets, max).octets, its),
            b"LZWDecode" | b"LZW" => unpredict(lzw(&octets, its, max), its),
            b"ASCIIHexDecode" | b"AHx" => unhex(&octets),
            b"ASCII85Decode" | b"A85" => ascii85(&octets),
            b"RunLengthDecode" | b"RL" => run_length(&octets, max),
            b"DCTDecode" | b"DCT" => return Decoded::Picture(octets, "jpg"),
            b"JPXDecode" => return Decoded::Picture(octets, "jp2"),
            b"CCITTFaxDecode" | b"CCF" => return Decoded::Picture(octets, "fax"),
            b"JBIG2Decode" => return Decoded::Picture(octets, "jbig2"),
            _ => octets,
        };
    }
    Decoded::Plain(octets)
}

fn filters(dict: &Dict) -> Vec<Vec<u8>> {
    match dict.get("Filter").or_else(|| dict.get("F")) {
        Some(Value::Name(name)) => vec![name.clone()],
        Some(Value::List(list)) => {
            let names = list.iter().filter_map(|value| match value {
                Value::Name(name) => Some(name.clone()),
                _ => None,
            });
            names.collect()
        }
        _ => Vec::new(),
    }
}

fn lzw(octets: &[u8], parameters: Option<&Dict>, max: usize) -> Vec<u8> {
    let early =
        parameters.and_then(|dict| dict.number("EarlyChange")).is_none_or(|early| early != 0.0);
    let order = weezl::BitOrder::Msb;
    let mut decoder = if early {
        weezl::decode::Decoder::with_tiff_size_switch(order, 8)
    } else {
        weezl::decode::Decoder::new(order, 8)
    };
    let mut plain = vec![0u8; octets.len().saturating_mul(4).clamp(4096, max.max(4096))];
    let (mut read, mut written) = (0usize, 0usize);
    loop {
        let into = plain.get_mut(written..).unwrap_or_default();
        let result = decoder.decode_bytes(crate::octets::from(octets, read), into);
        read += result.consumed_in;
        written += result.consumed_out;
        let is_stuck = result.consumed_in == 0 && result.consumed_out == 0;
        match result.status {
            Ok(weezl::LzwStatus::Ok) if !is_stuck && written < max => {
                let len = plain.len().saturating_mul(2).min(max.max(4096));
                plain.resize(len.max(written), 0);
            }
            _ => break,
        }
    }
    plain.truncate(written.min(max));
    plain
}

fn ascii85(octets: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(octets.len());
    let mut group: Vec<u32> = Vec::with_capacity(5);
    for octet in octets {
        match octet {
            b'z' if group.is_empty() => plain.extend([0; 4]),
            b'!'..=b'u' => group.push(u32::from(octet - b'!')),
            b'~' => break,
            _ => {}
        }
        if group.len() == 5 {
            plain.extend(group85(&group));
            group.clear();
        }
    }
    if group.len() > 1 {
        let len = group.len() - 1;
        group.resize(5, 84);
        plain.extend(piece(&group85(&group), 0, len));
    }
    plain
}

fn group85(group: &[u32]) -> [u8; 4] {
    let number = group.iter().fold(0u32, |sum, digit| sum.wrapping_mul(85).wrapping_add(*digit));
    number.to_be_bytes()
}

fn run_length(octets: &[u8], max: usize) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut at = 0usize;
    while let Some(len) = octets.get(at).copied() {
        at += 1;
        match len {
            0..=127 => {
                let count = usize::from(len) + 1;
                plain.extend_from_slice(piece(octets, at, count));
                at += count;
            }
            128 => break,
            _ => {
                let octet = octets.get(at).copied().unwrap_or_default();
                plain.resize(plain.len() + 257 - usize::from(len), octet);
                at += 1;
            }
        }
        if plain.len() >= max {
            plain.truncate(max);
            break;
        }
    }
    plain
}

/// Undoes the prediction of each row from the one before.
fn unpredict(octets: Vec<u8>, parameters: Option<&Dict>) -> Vec<u8> {
    let number = |key: &str, default: usize| {
        parameters.and_then(|dict| dict.get(key)).map_or(default, Value::count)
    };
    let predictor = number("Predictor", 1);
    if predictor < 2 {
        return octets;
    }
    let bits = number("BitsPerComponent", 8).clamp(1, 16);
    let colors = number("Colors", 1).clamp(1, 32);
    let columns = number("Columns", 1).clamp(1, COLUMNS_MAX);
    let row_len = (colors * bits * columns).div_ceil(8);
    let step = (colors * bits).div_ceil(8);
    if predictor == 2 {
        return tiff_rows(octets, row_len, step, bits);
    }
    png_rows(&octets, row_len, step)
}

fn tiff_rows(mut octets: Vec<u8>, row_len: usize, step: usize, bits: usize) -> Vec<u8> {
    if bits == 8 {
        for row in octets.chunks_mut(row_len) {
            for at in step..row.len() {
                let left = row.get(at - step).copied().unwrap_or_default();
                if let Some(octet) = row.get_mut(at) {
                    *octet = octet.wrapping_add(left);
                }
            }
        }
    }
    octets
}

/// Undoes the filters of PNG; each row begins with the number of its filter.
pub(crate) fn png_rows(octets: &[u8], row_len: usize, step: usize) -> Vec<u8> {
    let mut plain: Vec<u8> = Vec::with_capacity(octets.len());
    let mut before = vec![0u8; row_len];
    let mut row = vec![0u8; row_len];
    for packed in octets.chunks(row_len + 1) {
        let Some((filter, body)) = packed.split_first() else { break };
        row.clear();
        row.extend_from_slice(body);
        match filter {
            1 => {
                for at in step..row.len() {
                    let left = row.get(at - step).copied().unwrap_or_default();
                    add(&mut row, at, left);
                }
            }
            2 => {
                row.iter_mut().zip(&before).for_each(|(octet, up)| *octet = octet.wrapping_add(*up))
            }
            3 | 4 => {
                for at in 0..row.len() {
                    let earlier = |row: &[u8]| {
                        at.checked_sub(step).and_then(|at| row.get(at)).copied().unwrap_or_default()
                    };
                    let (left, corner) = (earlier(&row), earlier(&before));
                    let up = before.get(at).copied().unwrap_or_default();
                    let is_mean = *filter == 3;
                    let guess =
                        if is_mean { u8::midpoint(left, up) } else { paeth(left, up, corner) };
                    add(&mut row, at, guess);
                }
            }
            _ => {}
        }
        plain.extend_from_slice(&row);
        row.resize(row_len, 0);
        std::mem::swap(&mut before, &mut row);
    }
    plain
}

fn add(row: &mut [u8], at: usize, guess: u8) {
    if let Some(octet) = row.get_mut(at) {
        *octet = octet.wrapping_add(guess);
    }
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let guess = a + b - c;
    let (da, db, dc) = ((guess - a).abs(), (guess - b).abs(), (guess - c).abs());
    if da <= db && da <= dc {
        left
    } else if db <= dc {
        up
    } else {
        corner
    }
}

/// Filters of one stream: a chain of a thousand is a bomb of another kind.
const FILTERS_MAX: usize = 8;
const COLUMNS_MAX: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::object::Lexer;

    fn plain(packed: &[u8], dict: &str) -> Vec<u8> {
        let Some(Value::Dict(dict)) = Lexer::new(dict.as_bytes(), 0).value() else {
            panic!("a dict")
        };
        match decode(packed, &dict, 1 << 20) {
            Decoded::Plain(octets) => octets,
            Decoded::Picture(..) => panic!("plain"),
        }
    }

    #[test]
    fn each_filter_gives_back_the_text() {
        assert_eq!(plain(b"6865 6c6c6f>", "<</Filter/AHx>>"), b"hello");
        assert_eq!(plain(b"87cURDZ~>", "<</Filter[/A85]>>"), b"Hello");
        assert_eq!(
            plain(&[4, b'h', b'e', b'l', b'l', b'o', 254, b'!', 128], "<</Filter/RL>>"),
            b"hello!!!"
        );
        let mut encoder = weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
        let packed = encoder.encode(&b"lzw ".repeat(5000)).unwrap();
        assert_eq!(plain(&packed, "<</Filter/LZWDecode>>"), b"lzw ".repeat(5000));
    }

    #[test]
    fn rows_are_predicted_from_the_row_before() {
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(&[2, 1, 2, 3, 2, 1, 1, 1], 6);
        let dict = "<</Filter/Fl/DecodeParms<</Predictor 15/Columns 3>>>>";
        assert_eq!(plain(&packed, dict), [1, 2, 3, 2, 3, 4]);
    }
}
