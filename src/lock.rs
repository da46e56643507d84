//! Locks between writers.
//!
//! Order: entity type (shared; exclusive for whole-set work) → stripes of the records written, ascending → of all keys they
//! held and hold, ascending → of components, ascending. Whoever changes what a record says holds its record stripe, so the
//! keys are known for good before the first of them is locked.
//! Stripes, because the lock table is finite: a batch of any size takes at most `STRIPES` locks of each class. All are
//! held to the end of the transaction.

use pgrx::{direct_function_call, pg_sys, IntoDatum};
use std::collections::BTreeSet;

/// Record, key and component stripes each.
const STRIPES: i64 = 1024;

// The first of the two numbers of an advisory lock: "grE", "grR", "grK" and "grC" in ASCII, so that users can tell them
// apart.
const ENTITY: i32 = 0x67_72_45;
const RECORD: i32 = 0x67_72_52;
const KEY: i32 = 0x67_72_4b;
const COMPONENT: i32 = 0x67_72_43;

fn take(class: i32, number: i32) {
    // SAFETY: a plain call of a built-in function with two int4 arguments.
    unsafe {
        direct_function_call::<()>(pg_sys::pg_advisory_xact_lock_int4, &[class.into_datum(), number.into_datum()])
    };
}

fn take_shared(class: i32, number: i32) {
    // SAFETY: as above.
    unsafe {
        direct_function_call::<()>(
            pg_sys::pg_advisory_xact_lock_shared_int4,
            &[class.into_datum(), number.into_datum()],
        )
    };
}

/// A transaction with an id reads with a fresh snapshot for each statement of ours (READ COMMITTED): after a wait for a
/// lock it sees what its holder committed.
fn see_what_is_committed() {
    // SAFETY: assigns the transaction id, or raises an error on a standby.
    unsafe { pg_sys::GetCurrentTransactionId() };
}

/// FNV-1a over the name: any stable spread will do.
fn entity_number(entity_type: &str) -> i32 {
    entity_type.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)) as i32
}

/// Taken by every writer of an entity type, together with others.
pub fn entity_shared(entity_type: &str) {
    see_what_is_committed();
    take_shared(ENTITY, entity_number(entity_type));
}

/// Taken by whole-set work and changes of configuration: alone. Readers take no lock.
pub fn entity_exclusive(entity_type: &str) {
    see_what_is_committed();
    take(ENTITY, entity_number(entity_type));
}

/// What a statement holds.
#[derive(Default)]
pub struct Held {
    /// The entity type alone: no stripe is needed.
    whole: bool,
    records: BTreeSet<i32>,
    keys: BTreeSet<i32>,
    components: BTreeSet<i32>,
}

impl Held {
    /// Everything of an entity type, taken by [`entity_exclusive`].
    pub fn whole() -> Held {
        Held { whole: true, ..Held::default() }
    }

    /// Whether no other writer of the type goes on meanwhile.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Locks the stripes of records, by the digests of their names, ascending.
    pub fn records(&mut self, names: impl IntoIterator<Item = i64>) {
        self.lock(RECORD, names);
    }

    /// Locks the stripes of keys not yet held, ascending; tells whether there were any.
    pub fn keys(&mut self, keys: impl IntoIterator<Item = i64>) -> bool {
        self.lock(KEY, keys)
    }

    /// Locks the stripes of components not yet held, ascending; tells whether there were any.
    pub fn components(&mut self, components: impl IntoIterator<Item = i64>) -> bool {
        self.lock(COMPONENT, components)
    }

    fn lock(&mut self, class: i32, numbers: impl IntoIterator<Item = i64>) -> bool {
        if self.whole {
            return false;
        }
        let held = match class {
            RECORD => &mut self.records,
            KEY => &mut self.keys,
            _ => &mut self.components,
        };
        // The last two bits of a key tell what it is of.
        let spread = |n: i64| if class == KEY { n >> 2 } else { n };
        let stripes = numbers.into_iter().map(|n| spread(n).rem_euclid(STRIPES) as i32);
        let wanted: BTreeSet<i32> = stripes.filter(|stripe| !held.contains(stripe)).collect();
        for stripe in &wanted {
            take(class, *stripe);
        }
        let grew = !wanted.is_empty();
        held.extend(wanted);
        grew
    }
}
