//! What a session knows of the keys that systems send. As long as nothing is new in their records, it counts them here and
//! writes the counts now and then: what is missing is a sixty-fourth at most, the last minute's, and lost with the session.

use super::meaning;
use crate::configuration::Entity;
use crate::transaction;
use golden_record_core::drift::SystemKeys;
use golden_record_core::record::{State, Version};
use pgrx::pg_sys;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};

/// Counts are written once they are more than this share of what was written …
const SHARE: u64 = 64;
/// … or more than so many records …
const MOST: u64 = 256;
/// … or older than so many seconds.
const OLDEST: i64 = 60;

/// What is known of one system of one feed.
pub struct Kept {
    /// As it was written last.
    written: SystemKeys,
    /// With what was counted since.
    now: SystemKeys,
    /// What other slots counted.
    others: SystemKeys,
    /// Keys that are noted as gone.
    gone: BTreeSet<String>,
    since: i64,
}

impl Kept {
    /// What was written just now.
    pub fn new(written: SystemKeys, others: SystemKeys, gone: BTreeSet<String>, since: i64) -> Kept {
        Kept { now: written.clone(), written, others, gone, since }
    }

    /// Counts records in which nothing is new; does nothing and tells so where something may be, or where it is time to
    /// write.
    fn add(&mut self, entity: &Entity, versions: &[(&Version, &State)], now: i64) -> bool {
        let pending = self.now.records - self.written.records + versions.len() as u64;
        if pending > MOST || pending * SHARE > self.written.records || now - self.since > OLDEST {
            return false;
        }
        let Some(counted) = self.now.with(&self.others, &self.gone, meaning(entity), versions, now) else {
            return false;
        };
        self.now = counted;
        // What a transaction counted that is rolled back never came.
        transaction::on_rollback(&WATCHING, forget);
        true
    }
}

type Systems = HashMap<(String, String), Kept>;

thread_local! {
    static KEPT: RefCell<Systems> = RefCell::new(Systems::new());
    // The table and the configuration that it is about.
    static OF: Cell<(pg_sys::Oid, i64)> = const { Cell::new((pg_sys::InvalidOid, 0)) };
    static WATCHING: Cell<bool> = const { Cell::new(false) };
}

/// The table of counts: another where the extension was made anew.
fn table() -> pg_sys::Oid {
    // SAFETY: syscache look-ups.
    unsafe {
        let schema = pg_sys::get_namespace_oid(c"golden_record".as_ptr(), true);
        pg_sys::get_relname_relid(c"feed_keys".as_ptr(), schema)
    }
}

fn forget() {
    KEPT.with_borrow_mut(Systems::clear);
}

/// Counts the records of a system here, where nothing is new in them.
pub fn add(feed: &str, system: &str, entity: &Entity, versions: &[(&Version, &State)], now: i64) -> bool {
    if KEPT.with_borrow(Systems::is_empty) {
        return false;
    }
    if OF.get() != (table(), entity.version) {
        forget();
        return false;
    }
    let name = (feed.to_owned(), system.to_owned());
    KEPT.with_borrow_mut(|kept| kept.get_mut(&name).is_some_and(|kept| kept.add(entity, versions, now)))
}

/// Adds what was counted here to what is stored.
pub fn give_back(feed: &str, system: &str, stored: &mut SystemKeys) {
    let name = (feed.to_owned(), system.to_owned());
    let Some(kept) = KEPT.with_borrow_mut(|kept| kept.remove(&name)) else { return };
    stored.add_since(&kept.written, kept.now);
}

/// Keeps what was stored. What a transaction wrote that is rolled back must not be taken for known.
pub fn keep(feed: &str, system: &str, entity: &Entity, kept: Kept) {
    transaction::on_rollback(&WATCHING, forget);
    let of = (table(), entity.version);
    if OF.replace(of) != of {
        forget();
    }
    KEPT.with_borrow_mut(|all| all.insert((feed.to_owned(), system.to_owned()), kept));
}
