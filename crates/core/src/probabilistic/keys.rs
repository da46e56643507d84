//! Blocking: the keys under which two records become candidates.

use super::dataset::Table;
use super::features::{Address, Form, Name, NONE};
use super::text::{hash, mix};
use super::Dataset;

/// The most records that may hold `key`: held by more it tells nothing, and a finer key of the same record finds the
/// pair. A whole value (a phone, an email, a street, a birth date, a name) may be held by more than a combination of
/// approximations.
pub fn key_limit(key: u64) -> usize {
    if key & WHOLE == 0 {
        15
    } else {
        100
    }
}

/// The bit of a key that tells whole values from combinations.
const WHOLE: u64 = 1;

/// What a record offers to be found by.
struct Parts<'a> {
    name: Option<&'a Name>,
    /// Name parts by sound, given and family alike, because they are swapped.
    sounds: Vec<u64>,
    /// Name parts by spelling.
    spelt: Vec<u64>,
    address: Option<&'a Address>,
    keys: Vec<u64>,
}

impl Parts<'_> {
    /// A key of type `tag` from two hashes, the second 1 for a whole value; none where either is missing.
    fn add(&mut self, tag: u64, a: u64, b: u64) {
        if a != 0 && b != 0 {
            let whole = if b == 1 { WHOLE } else { 0 };
            self.keys.push(mix(mix(tag, a), b) & !WHOLE | whole);
        }
    }

    /// A key of type `tag` for each name part by sound, with `value`.
    fn with_sound(&mut self, tag: u64, value: u64) {
        for at in 0..self.sounds.len() {
            self.add(tag, self.sounds[at], value);
        }
    }

    fn with_spelt(&mut self, tag: u64, value: u64) {
        for at in 0..self.spelt.len() {
            self.add(tag, self.spelt[at], value);
        }
    }
}

/// The blocking keys of a record, sorted, each once. They depend on its values alone.
pub fn keys(data: &Dataset, record: usize) -> Vec<u64> {
    let row = data.row(record);
    let tokens = &data.tokens;
    let mut parts = Parts { name: None, sounds: vec![], spelt: vec![], address: None, keys: Vec::with_capacity(64) };
    for field in &data.fields {
        let id = row[field.slots.start];
        if id == NONE {
            continue;
        }
        match &field.table {
            Table::Names(list) => {
                let name = &list[id as usize];
                parts.name = Some(name);
                for &part in [name.given[0], name.given[1], name.family_all].iter().chain(&name.family) {
                    if part != NONE && tokens.text(part).len() > 1 {
                        parts.sounds.push(tokens.sound(part));
                        parts.spelt.push(tokens.hash(part));
                    }
                }
                parts.sounds.sort_unstable();
                parts.sounds.dedup();
                parts.spelt.sort_unstable();
                parts.spelt.dedup();
            }
            Table::Addresses(list) => parts.address = list.get(id as usize),
            _ => {}
        }
    }
    let (mut initial, mut family, mut family_sound) = (0, 0, 0);
    if let Some(name) = parts.name {
        let (given, last) = (tokens.hash(name.given[0]), tokens.hash(name.family_all));
        (family, family_sound) = (last, tokens.sound(name.family_all));
        initial = tokens.text(name.given[0]).chars().next().map_or(0, |c| u64::from(c) + 1);
        if given != 0 && last != 0 {
            parts.add(1, mix(given.min(last), given.max(last)), 1);
        }
        let sound = tokens.sound(name.given[0]);
        parts.add(2, sound.min(family_sound), sound.max(family_sound));
        parts.add(3, initial, last);
        for &extra in name.extra.iter().take(4) {
            parts.with_sound(4, tokens.hash(extra));
        }
        for &word in &name.family {
            if word != NONE && word != name.family_all && given != 0 {
                parts.add(1, mix(given.min(tokens.hash(word)), given.max(tokens.hash(word))), 1);
            }
        }
    }
    if let Some(address) = parts.address {
        let (line, postcode, city) =
            (tokens.hash(address.line), tokens.hash(address.postcode), tokens.hash(address.city));
        let (street, number) = (tokens.hash(address.street), tokens.hash(address.number));
        parts.add(10, line, 1);
        parts.add(11, line, postcode);
        parts.add(11, line, city);
        parts.add(12, street, postcode);
        parts.add(13, number, postcode);
        parts.with_sound(14, postcode);
        parts.with_sound(15, line);
        parts.with_sound(16, street);
        parts.with_sound(17, city);
        parts.with_spelt(18, city);
        let who = if initial == 0 || family == 0 { 0 } else { mix(initial, family) };
        parts.add(19, who, city);
        parts.add(20, who, number);
        parts.add(21, who, postcode);
    }
    let mut singles: Vec<(u64, u64)> = vec![];
    for (at, field) in data.fields.iter().enumerate() {
        let tag = 1000 + at as u64 * 16;
        for &id in row[field.slots.clone()].iter().take_while(|&&id| id != NONE) {
            match &field.table {
                Table::Emails(list) => {
                    let email = &list[id as usize];
                    let (local, domain) = (tokens.hash(email.local), tokens.hash(email.domain));
                    parts.add(tag, mix(local, domain), 1);
                    parts.add(tag + 1, local, 1);
                    parts.with_sound(tag + 2, domain);
                    let start: String = tokens.text(email.local).chars().take(5).collect();
                    parts.add(tag + 3, hash(start.as_bytes()), domain);
                    parts.with_sound(tag + 4, hash(start.as_bytes()));
                }
                Table::Phones(list) => {
                    let digits = tokens.text(list[id as usize].token).as_bytes();
                    parts.add(tag, hash(digits), 1);
                    let tail = &digits[digits.len().saturating_sub(7)..];
                    parts.add(tag + 1, hash(tail), 1);
                    let (head, last) = tail.split_at(tail.len() / 2);
                    parts.with_sound(tag + 2, hash(last));
                    parts.with_sound(tag + 3, hash(head));
                }
                Table::Dates(list) => {
                    let date = &list[id as usize];
                    let whole = tokens.hash(date.token);
                    let (y, m, d) = (hash(date.year()), hash(date.month()), hash(date.day()));
                    parts.add(tag, whole, 1);
                    parts.with_sound(tag + 1, whole);
                    parts.with_sound(tag + 2, mix(y, m));
                    parts.with_sound(tag + 3, mix(m.min(d), m.max(d)));
                    parts.with_sound(tag + 4, mix(y, d).rotate_left(1));
                    parts.with_spelt(tag + 5, y);
                    parts.add(tag + 6, mix(initial, family_sound), if initial * family_sound == 0 { 0 } else { y });
                    if let Some(address) = parts.address {
                        parts.add(tag + 7, whole, tokens.hash(address.postcode));
                        parts.add(tag + 8, whole, tokens.hash(address.city));
                        parts.add(tag + 9, mix(y, m), tokens.hash(address.postcode));
                    }
                    singles.push((tag, whole));
                }
                Table::Words(list) => {
                    let words = &list[id as usize];
                    let whole = tokens.hash(words.whole);
                    match field.form {
                        Form::Identifier => {
                            parts.add(tag, whole, 1);
                            let digits = tokens.text(words.whole).as_bytes();
                            let (head, last) = digits.split_at(digits.len() / 2);
                            parts.with_sound(tag + 1, hash(head));
                            parts.with_sound(tag + 2, hash(last));
                        }
                        Form::Organization => {
                            parts.add(tag, whole, 1);
                            parts.with_sound(tag + 1, whole);
                            for &word in words.words.iter().take(4) {
                                let word = tokens.sound(word);
                                if let Some(address) = parts.address {
                                    parts.add(tag + 2, word, tokens.hash(address.postcode));
                                    parts.add(tag + 3, word, tokens.hash(address.city));
                                    parts.add(tag + 4, word, tokens.hash(address.line));
                                }
                            }
                            for pair in words.words.windows(2).take(3) {
                                parts.add(tag + 5, tokens.sound(pair[0]), tokens.sound(pair[1]));
                            }
                        }
                        _ => {
                            parts.add(tag, whole, 1);
                            parts.with_spelt(tag + 1, whole);
                            singles.push((tag, whole));
                        }
                    }
                }
                Table::Names(_) | Table::Addresses(_) => {}
            }
        }
    }
    for (at, &(tag, value)) in singles.iter().take(8).enumerate() {
        for &(other_tag, other) in singles.iter().take(8).skip(at + 1) {
            parts.add(mix(tag, other_tag), value, other);
        }
    }
    parts.keys.sort_unstable();
    parts.keys.dedup();
    parts.keys
}
