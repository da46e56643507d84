//! Locks between writers.
//!
//! Which there are, who takes them in which order, and what is late: docs/architecture.md, "Locks and isolation".

use crate::transaction;
use pgrx::datum::Uuid;
use pgrx::pg_sys;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

/// Locks that one transaction may take.
const MOST: usize = 1_536;
/// Records of one statement, each with some twenty locks, that leave room for other writers.
const FEW: usize = 10;

/// Slots of a feed's counters, more than write at once, and how many there are while few write.
const SLOTS: i32 = 1 << 15;
const FEW_SLOTS: i32 = 8;

/// What is locked. In `pg_locks`: the `objsubid` of an object of the catalog of extensions, whose own have none. No statement
/// of a user takes such a lock, as any login could take an advisory one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u16)]
enum Class {
    Entity = 1,
    Record,
    Key,
    Block,
    Component,
    Feed,
    Note,
    Seal,
    Access,
    Golden,
}

thread_local! {
    // A transaction, and how many locks it took.
    static TAKEN: Cell<(u64, usize)> = const { Cell::new((0, 0)) };
    // A transaction, and the entity types that it took together with others. Of a part that was rolled back too many.
    static SHARED: RefCell<(u64, BTreeSet<i32>)> = const { RefCell::new((0, BTreeSet::new())) };
}

/// The transaction under way, which has an id since it locked the entity type.
fn under_way() -> u64 {
    // SAFETY: reads the backend's state.
    unsafe { pg_sys::GetTopFullTransactionId() }.value
}

/// Counts locks that this transaction is about to take; gives how many that makes.
fn count(more: usize) -> usize {
    let (transaction, (of, before)) = (under_way(), TAKEN.get());
    let taken = if of == transaction { before + more } else { more };
    TAKEN.set((transaction, taken));
    taken
}

/// The name of a lock.
fn tag(class: Class, number: i32) -> pg_sys::LOCKTAG {
    pg_sys::LOCKTAG {
        // SAFETY: a plain global of the backend.
        locktag_field1: unsafe { pg_sys::MyDatabaseId }.to_u32(),
        locktag_field2: pg_sys::ExtensionRelationId.to_u32(),
        locktag_field3: number as u32,
        locktag_field4: class as u16,
        locktag_type: pg_sys::LockTagType::LOCKTAG_OBJECT as u8,
        locktag_lockmethodid: pg_sys::DEFAULT_LOCKMETHOD as u8,
    }
}

/// Takes a lock to the end of the transaction; gives whether it could be had, for which it waits where it is told to.
fn acquire(class: Class, number: i32, mode: u32, wait: bool) -> bool {
    lock(&tag(class, number), mode, false, wait)
}

/// Takes a lock to the end of the transaction or of the session.
fn lock(tag: &pg_sys::LOCKTAG, mode: u32, session: bool, wait: bool) -> bool {
    // SAFETY: the lock manager copies the tag.
    let result = unsafe { pg_sys::LockAcquire(tag, mode as i32, session, !wait) };
    result != pg_sys::LockAcquireResult::LOCKACQUIRE_NOT_AVAIL
}

fn take(class: Class, number: i32) {
    acquire(class, number, pg_sys::ExclusiveLock, true);
}

fn take_shared(class: Class, number: i32) {
    acquire(class, number, pg_sys::ShareLock, true);
}

/// Takes a lock that nobody else holds, and tells whether it did.
fn take_free(class: Class, number: i32) -> bool {
    acquire(class, number, pg_sys::ExclusiveLock, false)
}

/// A transaction with an id reads with a fresh snapshot for each statement of ours (READ COMMITTED): after a wait for a
/// lock it sees what its holder committed.
fn see_what_is_committed() {
    transaction::write();
}

/// A slot of a feed's counters that no other transaction under way writes. Nobody waits for a counter: without a free slot it
/// does not count.
pub fn slot(feed: &str) -> Option<i16> {
    // SAFETY: a plain global of the backend.
    let first = unsafe { pg_sys::MyProcPid } % FEW_SLOTS;
    let slots = (0..SLOTS).map(|next| (first + next) % SLOTS);
    slots.map(|slot| slot as i16).find(|slot| take_slot(feed, *slot))
}

/// Takes a slot of a feed's counters; tells whether no other transaction under way has it.
pub fn take_slot(feed: &str, slot: i16) -> bool {
    // Of the feed are the upper bits: two that agree in them share slots, which costs them nothing but some of the numbers.
    take_free(Class::Feed, number_of(feed) & !(SLOTS - 1) | i32::from(slot))
}

/// Takes the right to write a note, named by its parts, that no other transaction under way has; tells whether it is free. Nobody
/// waits for a note: it is left to who comes next. Who holds one may stay open for as long as it likes, and a writer can find a name
/// whose hash is another's: nothing goes by notes that a login must not keep from being written.
pub fn note(parts: &[&str]) -> bool {
    take_free(Class::Note, number_of(&parts.join("\0")))
}

/// Takes the right to seal the audit log, unless another transaction under way has it.
pub fn seal() -> bool {
    take_free(Class::Seal, 0)
}

/// A turn of a login to put an access on record, which ends when it is dropped, or with the session.
pub struct Turn(pg_sys::LOCKTAG);

impl Turn {
    /// So many turns are told apart.
    pub const MOST: i32 = 8;

    /// One by number, for look-ups that `missed` or for other accesses, where it is free. Not on a standby.
    pub fn take(login: &str, missed: bool, number: i32) -> Option<Turn> {
        let name = number_of(login) & !(2 * Turn::MOST - 1) | (2 * number) | i32::from(missed);
        let tag = tag(Class::Access, name);
        lock(&tag, pg_sys::ExclusiveLock, true, false).then(|| Turn(tag))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // SAFETY: it was acquired as this.
        unsafe { pg_sys::LockRelease(&self.0, pg_sys::ExclusiveLock as i32, true) };
    }
}

/// FNV-1a over the name: any stable spread will do.
fn number_of(name: &str) -> i32 {
    name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)) as i32
}

/// Taken by every writer of an entity type, together with others.
pub fn entity_shared(entity_type: &str) {
    see_what_is_committed();
    take_shared(Class::Entity, number_of(entity_type));
    SHARED.with_borrow_mut(|(of, shared)| {
        if *of != under_way() {
            (*of, *shared) = (under_way(), BTreeSet::new());
        }
        shared.insert(number_of(entity_type));
    });
}

/// Whether this transaction took the entity type together with others.
fn is_shared(entity_type: &str) -> bool {
    see_what_is_committed();
    SHARED.with_borrow(|(of, shared)| *of == under_way() && shared.contains(&number_of(entity_type)))
}

/// Taken by whole-set work and changes of configuration: alone. Readers take no lock.
pub fn entity_exclusive(entity_type: &str) {
    see_what_is_committed();
    take(Class::Entity, number_of(entity_type));
}

/// What a statement holds.
pub struct Held {
    entity: i32,
    /// The entity type alone: nothing else is needed.
    alone: bool,
    locks: BTreeSet<(Class, i32)>,
}

impl Held {
    fn of(entity_type: &str, alone: bool) -> Held {
        Held { entity: number_of(entity_type), alone, locks: BTreeSet::new() }
    }

    /// Takes an entity type for a statement that writes so many records: alone, where they are many. But not where the
    /// transaction has it together with others: two that want it alone then wait for each other, as the second half of two
    /// `INSERT … ON CONFLICT DO UPDATE` would.
    pub fn writing(entity_type: &str, records: usize) -> Held {
        if records > FEW && !is_shared(entity_type) {
            return Held::alone(entity_type);
        }
        entity_shared(entity_type);
        Held::of(entity_type, false)
    }

    /// Takes an entity type alone.
    pub fn alone(entity_type: &str) -> Held {
        entity_exclusive(entity_type);
        Held::of(entity_type, true)
    }

    /// Locks records, by the digests of their names, ascending.
    pub fn records(&mut self, names: impl IntoIterator<Item = i64>) {
        self.lock(Class::Record, names);
    }

    /// Locks the keys of values not yet held, ascending; tells whether there were any.
    pub fn keys(&mut self, keys: impl IntoIterator<Item = i64>) -> bool {
        self.lock(Class::Key, keys)
    }

    /// Locks blocks not yet held, ascending; tells whether there were any.
    pub fn blocks(&mut self, blocks: impl IntoIterator<Item = i64>) -> bool {
        self.lock(Class::Block, blocks)
    }

    /// Locks golden ids not yet held, ascending: those that nobody lives under are of no component.
    pub fn goldens(&mut self, ids: impl IntoIterator<Item = Uuid>) {
        let number = |id: Uuid| id.as_bytes()[..8].iter().fold(0, |number, byte| number << 8 | i64::from(*byte));
        self.lock(Class::Golden, ids.into_iter().map(number));
    }

    /// Locks components not yet held, ascending; tells whether there were any.
    pub fn components(&mut self, components: impl IntoIterator<Item = i64>) -> bool {
        self.lock(Class::Component, components)
    }

    fn lock(&mut self, class: Class, numbers: impl IntoIterator<Item = i64>) -> bool {
        if self.alone {
            return false;
        }
        // The last two bits of a key tell what it is of.
        let spread = |n: i64| if class == Class::Key { n >> 2 } else { n };
        // All 32 bits that a lock has: transactions of some thousand locks hardly ever meet by chance.
        let locks = numbers.into_iter().map(|n| (class, spread(n) as i32));
        let wanted: BTreeSet<(Class, i32)> = locks.filter(|lock| !self.locks.contains(lock)).collect();
        if wanted.is_empty() {
            return false;
        }
        if count(wanted.len()) > MOST {
            take(Class::Entity, self.entity);
            self.alone = true;
            return true;
        }
        wanted.iter().for_each(|(class, name)| take(*class, *name));
        self.locks.extend(wanted);
        true
    }
}
