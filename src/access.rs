//! The access log, which outlives the reader's ROLLBACK: a background worker commits each entry before the value is given.
//!
//! A worker needs no entry in shared_preload_libraries, only a free slot of max_worker_processes, for which it waits a little.
//! Where none can be had, or on a standby, nothing can be recorded and so nothing is shown. A login has half of
//! the slots at most: it does not take all of them from others. The worker's transaction is of our making, whatever
//! the defaults of the database.

use crate::error::{Failure, Result};
use crate::guc;
use crate::lock::Turn;
use crate::owner::{as_owner, as_reader};
use crate::store::access as store;
pub use crate::store::access::{Entry, Outcome};
use golden_record_core::error::Error;
use pgrx::bgworkers::{BackgroundWorker, BackgroundWorkerBuilder, DynamicBackgroundWorker};
use pgrx::datum::Uuid;
use pgrx::pg_sys::panic::CaughtError;
use pgrx::{pg_guard, pg_sys, IntoDatum, PgSqlErrorCode, PgTryBuilder};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::CStr;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

fn role_name(role: pg_sys::Oid) -> String {
    // SAFETY: gives a palloc'd string, or null for a role that is gone.
    unsafe {
        let name = pg_sys::GetUserNameFromId(role, true);
        if name.is_null() {
            role.to_u32().to_string()
        } else {
            CStr::from_ptr(name).to_string_lossy().into_owned()
        }
    }
}

/// The most that is kept of a text a user gives.
fn short(text: &str) -> String {
    text.chars().take(500).collect()
}

impl Entry {
    /// An attempt of the role that called us.
    pub fn of_caller(object: &str, outcome: Outcome) -> Result<Entry> {
        // SAFETY: reads the backend's user state.
        let (login, user) = unsafe { (pg_sys::GetSessionUserId(), pg_sys::GetUserId()) };
        Ok(Entry {
            login_role: role_name(login),
            role: role_name(user),
            client_addr: store::client_addr()?,
            object: short(object),
            golden_id: None,
            attribute: None,
            purpose: None,
            outcome,
        })
    }

    /// The entry, about one value.
    pub fn about(mut self, golden: Option<Uuid>, attribute: Option<&str>) -> Entry {
        self.golden_id = golden.map(|id| id.to_string());
        self.attribute = attribute.map(short);
        self
    }

    /// The entry, with what the access was for.
    pub fn purpose(mut self, purpose: Option<&str>) -> Entry {
        self.purpose = purpose.map(short);
        self
    }

    /// Commits the entry, in a transaction of its own. Errors: `55000` when that cannot be done, or what the transaction
    /// ended with, as `55P03`.
    pub fn record(self) -> Result<()> {
        // SAFETY: reads shared state.
        if unsafe { pg_sys::RecoveryInProgress() } {
            return Err(cannot("a standby writes nothing", "Read raw values on the primary."));
        }
        // SAFETY: a plain global of the backend.
        let slots = unsafe { pg_sys::max_worker_processes };
        let none = || {
            cannot(
                "no background worker is free",
                "Try again, or raise max_worker_processes where parallel queries hold all slots.",
            )
        };
        if slots == 0 {
            return Err(none());
        }
        let asked = Instant::now();
        // Reads may wait for a synchronous standby; who may not be cancelled waits for none.
        let missed = self.outcome == Outcome::Missed;
        let _turn = patiently(asked, || turn(&self.login_role, missed, slots)).ok_or_else(none)?;
        let text = serde_json::to_vec(&self)?;
        let segment = Segment::create(&text);
        let worker = patiently(asked, || start(&segment)).ok_or_else(none)?;
        let sqlstate = if worker.wait_for_shutdown().is_ok() { segment.sqlstate() } else { UNKNOWN };
        if sqlstate == COMMITTED {
            return Ok(());
        }
        Err(cannot("the background worker did not commit it", "See the server's log.").with_code(sqlstate))
    }
}

/// How long an access waits for its turn and a slot together, and how long between two looks.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(2);

/// Tries until something is there or the patience of `asked` is over. Looked for, not waited for as a lock is: no `lock_timeout`
/// of the caller may end it, nor may it last where interrupts are held, but for the end of the session.
fn patiently<T>(asked: Instant, attempt: impl Fn() -> Option<T>) -> Option<T> {
    loop {
        // SAFETY: a plain global of the backend.
        let ending = unsafe { pg_sys::ProcDiePending != 0 };
        match attempt() {
            None if !ending && asked.elapsed() < PATIENCE => {
                pgrx::check_for_interrupts!();
                std::thread::sleep(LOOK);
            }
            found => return found,
        }
    }
}

/// One of the turns that a login has in this database for look-ups that missed, or for other accesses: half of the slots.
fn turn(login: &str, missed: bool, slots: i32) -> Option<Turn> {
    (0..(slots / 2).clamp(1, Turn::MOST)).find_map(|number| Turn::take(login, missed, number))
}

/// Starts the worker of a segment, where there is a slot for it.
fn start(segment: &Segment) -> Option<DynamicBackgroundWorker> {
    let worker = BackgroundWorkerBuilder::new("golden_record access log")
        .set_type("golden_record access log")
        .set_library("golden_record")
        .set_function("golden_record_access_worker")
        .set_argument(segment.handle().into_datum())
        // SAFETY: a plain global of the backend.
        .set_notify_pid(unsafe { pg_sys::MyProcPid })
        .set_restart_time(None)
        .enable_spi_access()
        .load_dynamic();
    worker.ok()
}

fn cannot(detail: &str, hint: &str) -> Failure {
    Error::new("55000", "the access cannot be recorded, so it is refused")
        .detail(format!("Here {detail}."))
        .hint(hint)
        .into()
}

/// How the worker ended: with the SQLSTATE of an error, without a word, or well.
const UNKNOWN: i32 = PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE as i32;
const COMMITTED: i32 = PgSqlErrorCode::ERRCODE_SUCCESSFUL_COMPLETION as i32;

/// Shared memory between a backend and its worker: a header, then the entry as JSON.
struct Segment(*mut pg_sys::dsm_segment);

#[repr(C)]
struct Header {
    sqlstate: AtomicI32,
    database: u32,
    length: u32,
}

impl Segment {
    fn create(text: &[u8]) -> Segment {
        // SAFETY: a new segment of that size, mapped until it is detached or the resource owner ends.
        unsafe {
            let segment = pg_sys::dsm_create(size_of::<Header>() + text.len(), 0);
            let start: *mut Header = pg_sys::dsm_segment_address(segment).cast();
            start.write(Header {
                sqlstate: AtomicI32::new(UNKNOWN),
                database: pg_sys::MyDatabaseId.to_u32(),
                length: text.len() as u32,
            });
            std::ptr::copy_nonoverlapping(text.as_ptr(), start.add(1).cast(), text.len());
            Segment(segment)
        }
    }

    fn handle(&self) -> i64 {
        // SAFETY: the segment lives.
        i64::from(unsafe { pg_sys::dsm_segment_handle(self.0) })
    }

    fn header(&self) -> &Header {
        // SAFETY: the segment begins with a header and lives.
        unsafe { &*pg_sys::dsm_segment_address(self.0).cast() }
    }

    fn sqlstate(&self) -> i32 {
        self.header().sqlstate.load(Ordering::Acquire)
    }

    fn end(&self, sqlstate: i32) {
        self.header().sqlstate.store(sqlstate, Ordering::Release);
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        // SAFETY: detached once: here, or by the resource owner where PostgreSQL ends the backend.
        unsafe { pg_sys::dsm_detach(self.0) }
    }
}

/// What the worker's transaction is like, as PostgreSQL sees to it for autovacuum: no default of the database stands above it.
const OWN: &[(&CStr, &CStr)] = &[
    (c"search_path", c"pg_catalog, pg_temp"),
    (c"default_transaction_isolation", c"read committed"),
    (c"default_transaction_read_only", c"off"),
    // The reader waits for it, and of a look-up that missed hears no cancel meanwhile.
    (c"lock_timeout", c"5s"),
    #[cfg(any(feature = "pg17", feature = "pg18"))]
    (c"transaction_timeout", c"0"),
];

fn set(name: &CStr, value: &CStr) {
    // SAFETY: a setting of PostgreSQL's and a value that it takes, outside of a transaction.
    unsafe {
        pg_sys::SetConfigOption(
            name.as_ptr(),
            value.as_ptr(),
            pg_sys::GucContext::PGC_SUSET,
            pg_sys::GucSource::PGC_S_OVERRIDE,
        )
    }
}

/// No crash of the server may take an entry away. A miss is worth that much, and no waiting for a standby.
fn set_durability(outcome: Outcome) {
    // SAFETY: a plain global.
    let off = unsafe { pg_sys::synchronous_commit } == pg_sys::SyncCommitLevel::SYNCHRONOUS_COMMIT_OFF as i32;
    match outcome {
        Outcome::Missed => set(c"synchronous_commit", c"local"),
        Outcome::Granted | Outcome::Refused if off => set(c"synchronous_commit", c"on"),
        Outcome::Granted | Outcome::Refused => {}
    }
}

/// The worker: one entry, one transaction.
#[pg_guard]
#[no_mangle]
pub extern "C-unwind" fn golden_record_access_worker(argument: pg_sys::Datum) {
    // SAFETY: what a worker does first; the argument is the handle that `record` gave it.
    let segment = unsafe {
        pg_sys::BackgroundWorkerUnblockSignals();
        pg_sys::CurrentResourceOwner =
            pg_sys::ResourceOwnerCreate(std::ptr::null_mut(), c"golden_record access log".as_ptr());
        let segment = pg_sys::dsm_attach(argument.value() as pg_sys::dsm_handle);
        if segment.is_null() {
            // The reader is gone, and with it the question.
            return;
        }
        // Mapped beyond the transaction, whose end releases what the resource owner holds.
        pg_sys::dsm_pin_mapping(segment);
        Segment(segment)
    };
    let header = segment.header();
    // SAFETY: the entry lies behind the header.
    let text = unsafe { std::slice::from_raw_parts((&raw const *header).add(1).cast::<u8>(), header.length as usize) };
    let Ok(entry) = serde_json::from_slice::<Entry>(text) else { return };
    for (name, value) in OWN {
        set(name, value);
    }
    BackgroundWorker::connect_worker_to_spi_by_oid(Some(pg_sys::Oid::from(header.database)), None);
    set_durability(entry.outcome);
    let write = || {
        if let Err(failure) = as_owner(|| store::write(&entry)) {
            failure.raise();
        }
    };
    PgTryBuilder::new(|| BackgroundWorker::transaction(write))
        .catch_others(|error| {
            let (CaughtError::PostgresError(report)
            | CaughtError::ErrorReport(report)
            | CaughtError::RustPanic { ereport: report, .. }) = &error;
            segment.end(report.sql_error_code() as i32);
            error.rethrow()
        })
        .execute();
    segment.end(COMMITTED);
}

thread_local! {
    /// When the last look-ups of this session missed that could not be recorded.
    static UNRECORDED: RefCell<VecDeque<Instant>> = const { RefCell::new(VecDeque::new()) };
}

/// Refuses more look-ups of the role that called us when its login's last ones found nothing too often, and puts that on record.
/// Errors: `53400`.
pub fn check_misses() -> Result<()> {
    // SAFETY: reads the backend's user state.
    let login = role_name(unsafe { pg_sys::GetSessionUserId() });
    let here = UNRECORDED.with_borrow_mut(|misses| {
        misses.retain(|at| at.elapsed() < Duration::from_secs(60));
        misses.len() as i64
    });
    if here + as_reader(|| store::misses(&login))? < i64::from(guc::LOOKUP_MISSES.get()) {
        return Ok(());
    }
    // A standby records nothing.
    // SAFETY: reads shared state.
    if !unsafe { pg_sys::RecoveryInProgress() } {
        Entry::of_caller("lookup", Outcome::Refused)?.record()?;
    }
    Err(Error::new("53400", "too many look-ups that found nothing")
        .hint("Wait a minute. Setting golden_record.lookup_misses is the number allowed in one.")
        .into())
}

/// Counts a look-up of a value that nobody holds, before the caller learns of it: a cancel in between would be an answer that
/// does not count, and so would an error. What is not on record counts in the session, after its wait for a slot; a standby
/// records nothing, and goes slowly.
pub fn missed() -> Result<()> {
    UNRECORDED.with_borrow_mut(|misses| misses.push_back(Instant::now()));
    // SAFETY: reads shared state.
    if unsafe { pg_sys::RecoveryInProgress() } {
        std::thread::sleep(Duration::from_millis(100));
        return Ok(());
    }
    let entry = Entry::of_caller("lookup", Outcome::Missed)?;
    // SAFETY: interrupts are held until the worker ends, or for as long as one is waited for; PostgreSQL lets go of them
    // itself when an error is raised.
    unsafe { pg_sys::InterruptHoldoffCount += 1 };
    let recorded = entry.record();
    // SAFETY: as above.
    unsafe { pg_sys::InterruptHoldoffCount -= 1 };
    recorded?;
    UNRECORDED.with_borrow_mut(VecDeque::pop_back);
    Ok(())
}
