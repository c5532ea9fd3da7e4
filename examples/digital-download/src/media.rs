//! The goods themselves: a tune of our own for each song, a small moving picture for each video. No floats needed.

use crate::catalogue::Item;

/// A file as it is delivered.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) media_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// Name of the file that an item is delivered as.
pub(crate) fn file_name(item: &Item) -> String {
    let ending = match item {
        Item::Song(_) => "wav",
        Item::Video(_) => "y4m",
    };
    format!("{} - {}.{ending}", item.title(), item.artist())
}

/// Makes the file.
pub(crate) fn file(item: &Item) -> File {
    let name = file_name(item);
    match item {
        Item::Song(song) => File { name, media_type: "audio/wav", bytes: tune(song.title) },
        Item::Video(video) => File { name, media_type: "video/x-yuv4mpeg", bytes: picture(video.title) },
    }
}

/// A WAV file: one note of a pentatonic scale for each letter of the title.
fn tune(title: &str) -> Vec<u8> {
    let mut samples = Vec::new();
    for letter in title.bytes().filter(u8::is_ascii_alphabetic) {
        let pitch = SCALE[usize::from(letter) % SCALE.len()];
        for at in 0..NOTE {
            samples.extend(note(pitch, at).to_le_bytes());
        }
    }
    let length = u32::try_from(samples.len()).expect("a title is short");
    let mut file = Vec::with_capacity(samples.len() + 44);
    file.extend(b"RIFF");
    file.extend((length + 36).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes()); // of format
    file.extend(1_u16.to_le_bytes()); // plain samples
    file.extend(1_u16.to_le_bytes()); // one channel
    file.extend(RATE.to_le_bytes());
    file.extend((RATE * 2).to_le_bytes()); // bytes a second
    file.extend(2_u16.to_le_bytes()); // bytes a sample
    file.extend(16_u16.to_le_bytes()); // bits a sample
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    file.extend(samples);
    file
}

/// A triangle wave that fades.
fn note(pitch: u32, at: u32) -> i16 {
    let phase = (at * pitch % RATE) * 4 * LOUD / RATE;
    let wave = match phase / LOUD {
        0 => i64::from(phase),
        1 | 2 => i64::from(2 * LOUD) - i64::from(phase),
        _ => i64::from(phase) - i64::from(4 * LOUD),
    };
    let faded = wave * i64::from(NOTE - at) / i64::from(NOTE);
    i16::try_from(faded).expect("LOUD fits")
}

/// A YUV4MPEG2 file of three seconds: bands of colour that wander, in an order that the title gives.
fn picture(title: &str) -> Vec<u8> {
    let seed = title.bytes().fold(0_usize, |sum, byte| sum + usize::from(byte));
    let mut file = format!("YUV4MPEG2 W{WIDTH} H{HEIGHT} F15:1 Ip A1:1 C420jpeg\n").into_bytes();
    for frame in 0..45 {
        file.extend(b"FRAME\n");
        let plane = |width: usize, height: usize, step: usize| {
            (0..height)
                .flat_map(move |y| (0..width).map(move |x| (x * step + y + seed + frame * step * 3) as u8))
        };
        file.extend(plane(WIDTH, HEIGHT, 2));
        file.extend(plane(WIDTH / 2, HEIGHT / 2, 3));
        file.extend(plane(WIDTH / 2, HEIGHT / 2, 5));
    }
    file
}

const RATE: u32 = 22_050;
const NOTE: u32 = RATE / 4;
const LOUD: u32 = 12_000;
/// Cycles a second of A minor pentatonic, rounded.
const SCALE: [u32; 7] = [220, 262, 294, 330, 392, 440, 523];
const WIDTH: usize = 96;
const HEIGHT: usize = 72;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::CATALOGUE;

    #[test]
    fn every_item_is_a_file_that_players_know() {
        for (slug, item) in CATALOGUE {
            let file = file(item);
            let begins: &[u8] = if matches!(item, Item::Song(_)) { b"RIFF" } else { b"YUV4MPEG2 " };
            assert!(file.bytes.starts_with(begins), "{slug}");
            assert!(file.bytes.len() > 10_000, "{slug}: {}", file.bytes.len());
        }
    }

    #[test]
    fn no_two_items_are_the_same_file() {
        for (at, (slug, item)) in CATALOGUE.iter().enumerate() {
            for (other_slug, other) in &CATALOGUE[at + 1..] {
                assert_ne!(file(item).bytes, file(other).bytes, "{slug}, {other_slug}");
            }
        }
    }
}
