//! The values of many records by attribute, each kept once: what is counted, and what features are read from.

use crate::block::Key;
use crate::entity::EntityType;
use crate::kind::Kind;
use crate::normalise::{is_filler, is_junk, MAX_BYTES};
use crate::record::Node;
use crate::text::soundex;
use crate::threads::{self, Threads};
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use std::hash::BuildHasher;

/// "Says nothing."
pub(crate) const NONE: u32 = u32::MAX;

/// The values of one attribute.
#[derive(Default)]
pub(crate) struct Column<'a> {
    /// Each once.
    pub(crate) values: Vec<Value<'a>>,
    /// By record: the number of its value; [`NONE`] where it states none.
    pub(crate) of: Vec<u32>,
    numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

/// A value of an attribute.
#[derive(Clone, Copy)]
pub(crate) struct Value<'a> {
    pub(crate) text: &'a str,
    /// The text of what the attribute's kind could not read.
    pub(crate) unreadable: bool,
    /// Junk by form.
    pub(crate) junk: bool,
    /// Counts for nothing: junk, empty, too long to be read or, once that is known, generic.
    pub(crate) absent: bool,
}

impl<'a> Column<'a> {
    fn push(&mut self, kind: Kind, said: Said<'a>) {
        let (text, unreadable) = match said {
            Said::Nothing => return self.of.push(NONE),
            Said::Value(text) => (text, false),
            Said::Unreadable(text) => (text, true),
        };
        let hash = |text: &str, unreadable: bool| self.hasher.hash_one((text, unreadable));
        let same = |&at: &u32| {
            let known = &self.values[at as usize];
            known.text == text && known.unreadable == unreadable
        };
        let hashed = hash(text, unreadable);
        let at = match self.numbers.find(hashed, same) {
            Some(&at) => at,
            None => {
                let at = self.values.len() as u32;
                let junk = if unreadable { is_filler(kind, text) } else { is_junk(kind, text) };
                // What is too long to be read is no slip of a value.
                let absent = junk || text.is_empty() || unreadable && text.len() > MAX_BYTES;
                self.values.push(Value { text, unreadable, junk, absent });
                let values = &self.values;
                self.numbers
                    .insert_unique(hashed, at, |&at| hash(values[at as usize].text, values[at as usize].unreadable));
                at
            }
        };
        self.of.push(at);
    }
}

/// What a record says of an attribute.
#[derive(Clone, Copy)]
enum Said<'a> {
    Nothing,
    Value(&'a str),
    Unreadable(&'a str),
}

/// The values of records, which are known by their positions.
pub(crate) struct Columns<'a> {
    /// In the order of the entity type's attributes.
    pub(crate) columns: Vec<Column<'a>>,
    pub(crate) records: usize,
    /// Who work on them.
    pub(crate) threads: Threads<'a>,
}

/// Records that are looked at at a time, so that what is between the two steps stays small.
const PIECE: usize = 1 << 15;

impl<'a> Columns<'a> {
    /// The values of `nodes`; `threads` only shorten the wait.
    pub(crate) fn of(entity: &EntityType, nodes: &[Node<'a>], threads: Threads<'a>) -> Columns<'a> {
        let attributes = &entity.attributes;
        // When something happened is behaviour: nobody counts or compares it.
        let kept = |at: &usize| attributes[*at].kind != Kind::Timestamp;
        let mut by_name: Vec<usize> = (0..attributes.len()).filter(kept).collect();
        by_name.sort_unstable_by(|&a, &b| attributes[a].name.cmp(&attributes[b].name));
        let width = by_name.len();
        let mut places: Vec<usize> = vec![width; attributes.len()];
        by_name.iter().enumerate().for_each(|(place, &at)| places[at] = place);
        let mut columns: Vec<Column<'a>> = Vec::new();
        columns.resize_with(attributes.len(), Column::default);
        let mut said = vec![Said::Nothing; width * PIECE.min(nodes.len())];
        for piece in nodes.chunks(PIECE) {
            // Record by record what each says, then attribute by attribute which value that is.
            let share = threads.share(piece.len());
            let parts = piece.chunks(share).zip(said.chunks_mut((share * width).max(1))).collect();
            threads::map(parts, threads, |(nodes, out): (&[Node<'a>], &mut [Said<'a>])| {
                for (node, out) in nodes.iter().zip(out.chunks_exact_mut(width.max(1))) {
                    says(entity, &by_name, node, out);
                }
            });
            let wanted = columns.iter_mut().enumerate().filter(|(at, _)| places[*at] < width).collect();
            threads::map(wanted, threads, |(at, column): (usize, &mut Column<'a>)| {
                let mine = said.iter().skip(places[at]).step_by(width).take(piece.len());
                mine.for_each(|&one| column.push(attributes[at].kind, one));
            });
        }
        for column in &mut columns {
            column.numbers = HashTable::new();
        }
        Columns { columns, records: nodes.len(), threads }
    }

    /// Marks the values that `generic` tells as absent.
    pub(crate) fn judge(mut self, entity: &EntityType, generic: &dyn Fn(&Key) -> bool) -> Columns<'a> {
        for (attribute, column) in entity.attributes.iter().zip(&mut self.columns) {
            if matches!(attribute.kind, Kind::Email | Kind::Phone | Kind::Identifier) {
                for value in column.values.iter_mut().filter(|value| !value.absent && !value.unreadable) {
                    self.threads.look();
                    value.absent = Key::of_value(attribute, value.text).is_some_and(|key| generic(&key));
                }
            }
        }
        self
    }

    /// An order of the records in which those that are likely to be compared, of one name by sound, stand together: what
    /// one comparison brought into the processor's caches serves the next.
    pub(crate) fn by_sound(&self, entity: &EntityType) -> Vec<u32> {
        let mut sounds = vec![0u64; self.records];
        // What says it best comes last, and in the upper half what more records have in common.
        for (kind, upper) in [
            (Kind::Organization, true),
            (Kind::FullName, false),
            (Kind::FullName, true),
            (Kind::GivenName, false),
            (Kind::FamilyName, true),
        ] {
            let Some(at) = entity.attributes.iter().position(|attribute| attribute.kind == kind) else { continue };
            let sound = |value: &Value| {
                self.threads.look();
                let mut words = value.text.split(' ');
                let last = kind == Kind::FullName && upper;
                let sound = soundex(if last { words.next_back() } else { words.next() }.unwrap_or_default());
                (sound ^ sound >> 32) & 0xffff_ffff
            };
            let of: Vec<u64> = self.columns[at].values.iter().map(sound).collect();
            for (slot, &value) in sounds.iter_mut().zip(&self.columns[at].of).filter(|(_, value)| **value != NONE) {
                let sound = of[value as usize];
                *slot = if upper { *slot & 0xffff_ffff | sound << 32 } else { *slot & !0xffff_ffff | sound };
            }
        }
        let mut order: Vec<(u64, u32)> = sounds.into_iter().zip(0..).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, record)| record).collect()
    }

    /// Numbers the records anew: first comes `order[0]`.
    pub(crate) fn arrange(&mut self, order: &[u32]) {
        let columns = self.columns.iter_mut().filter(|column| !column.of.is_empty()).collect();
        threads::map(columns, self.threads, |column: &mut Column| {
            column.of = order.iter().map(|&record| column.of[record as usize]).collect();
        });
    }

    /// The texts of several attributes together.
    pub(crate) fn joined(&self, attributes: &[usize]) -> Joined<'a> {
        let mut joined = Joined { texts: Vec::new(), attributes: attributes.to_vec(), numbers: Vec::new() };
        if let [only] = attributes {
            let values = &self.columns[*only].values;
            if !values.iter().any(|value| value.unreadable) {
                joined.texts = values.iter().map(|value| value.text).collect();
                joined.numbers.push((0..values.len() as u32).collect());
                return joined;
            }
        }
        let mut known: HashMap<&str, u32> = HashMap::new();
        let mut number = |value: &Value<'a>| {
            self.threads.look();
            *known.entry(value.text).or_insert_with(|| {
                joined.texts.push(value.text);
                joined.texts.len() as u32 - 1
            })
        };
        for &at in attributes {
            joined.numbers.push(self.columns[at].values.iter().map(&mut number).collect());
        }
        joined
    }
}

/// The texts of some attributes, each once however many of them state it.
pub(crate) struct Joined<'a> {
    pub(crate) texts: Vec<&'a str>,
    attributes: Vec<usize>,
    /// By attribute, by value: the number of its text.
    numbers: Vec<Vec<u32>>,
}

impl Joined<'_> {
    /// The values that attributes can read: attribute, value and the number of its text.
    pub(crate) fn readable<'b>(&'b self, columns: &'b Columns) -> impl Iterator<Item = (usize, usize, u32)> + 'b {
        self.attributes.iter().zip(&self.numbers).flat_map(|(&at, numbers)| {
            let values = columns.columns[at].values.iter().zip(numbers).enumerate();
            values.filter(|(_, (value, _))| !value.unreadable).map(move |(value, (_, &number))| (at, value, number))
        })
    }

    /// The numbers of what a record says, as far as it can be read.
    pub(crate) fn each(&self, columns: &Columns, record: u32, mut visit: impl FnMut(u32)) {
        for (&at, numbers) in self.attributes.iter().zip(&self.numbers) {
            let column = &columns.columns[at];
            let value = column.of.get(record as usize).copied().unwrap_or(NONE);
            if value != NONE && !column.values[value as usize].unreadable {
                visit(numbers[value as usize]);
            }
        }
    }

    /// The first of them.
    pub(crate) fn first(&self, columns: &Columns, record: u32) -> Option<u32> {
        let mut first = None;
        self.each(columns, record, |number| first = first.or(Some(number)));
        first
    }

    /// The numbers of what a record says, as far as it counts.
    pub(crate) fn told(&self, columns: &Columns, record: usize, out: &mut Vec<u32>) {
        for (&at, numbers) in self.attributes.iter().zip(&self.numbers) {
            let column = &columns.columns[at];
            let value = column.of[record];
            let counts = value != NONE && !column.values[value as usize].absent;
            out.extend(counts.then(|| numbers[value as usize]));
        }
    }
}

/// What `node` says of the attributes `by_name`, which ascend as what it holds does.
fn says<'a>(entity: &EntityType, by_name: &[usize], node: &Node<'a>, out: &mut [Said<'a>]) {
    let (mut held, mut unreadable) = (node.state.held().peekable(), node.state.unreadable().peekable());
    for (&at, out) in by_name.iter().zip(out) {
        let name = entity.attributes[at].name.as_str();
        while held.next_if(|(known, _)| *known < name).is_some() {}
        while unreadable.next_if(|(known, _)| *known < name).is_some() {}
        *out = match (held.peek(), unreadable.peek()) {
            (Some((known, held)), _) if *known == name => Said::Value(held.current.canonical),
            (_, Some((known, text))) if *known == name => Said::Unreadable(text),
            _ => Said::Nothing,
        };
    }
}
