//! The access log, which outlives the reader's ROLLBACK: a background worker commits each entry before the value is given.
//!
//! A worker needs no entry in shared_preload_libraries, only a free slot of max_worker_processes. Where none can be had,
//! or on a standby, nothing can be recorded and so nothing is shown.

use crate::error::{Failure, Result};
use crate::guc;
use crate::owner::as_owner;
use crate::store::access as store;
pub use crate::store::access::{Entry, Outcome};
use golden_record_core::error::Error;
use pgrx::bgworkers::{BackgroundWorker, BackgroundWorkerBuilder};
use pgrx::datum::Uuid;
use pgrx::{pg_guard, pg_sys, IntoDatum, Spi};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::CStr;
use std::sync::atomic::{AtomicU32, Ordering};
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

    /// Commits the entry, in a transaction of its own. Errors: `55000` when that cannot be done.
    pub fn record(self) -> Result<()> {
        // SAFETY: reads shared state.
        if unsafe { pg_sys::RecoveryInProgress() } {
            return Err(cannot("a standby writes nothing", "Read raw values on the primary."));
        }
        let text = serde_json::to_vec(&self)?;
        let segment = Segment::create(&text)?;
        let worker = BackgroundWorkerBuilder::new("golden_record access log")
            .set_type("golden_record access log")
            .set_library("golden_record")
            .set_function("golden_record_access_worker")
            .set_argument(segment.handle().into_datum())
            // SAFETY: a plain global of the backend.
            .set_notify_pid(unsafe { pg_sys::MyProcPid })
            .set_restart_time(None)
            .enable_spi_access()
            .load_dynamic()
            .map_err(|_| cannot("no background worker is free", "Raise max_worker_processes, or try again."))?;
        let ended = worker.wait_for_shutdown();
        if ended.is_ok() && segment.is_committed() {
            return Ok(());
        }
        Err(cannot("the background worker did not commit it", "See the server's log."))
    }
}

fn cannot(detail: &str, hint: &str) -> Failure {
    Error::new("55000", "the access cannot be recorded, so it is refused")
        .detail(format!("Here {detail}."))
        .hint(hint)
        .into()
}

/// Shared memory between a backend and its worker: a header, then the entry as JSON.
struct Segment(*mut pg_sys::dsm_segment);

#[repr(C)]
struct Header {
    committed: AtomicU32,
    database: u32,
    length: u32,
}

impl Segment {
    fn create(text: &[u8]) -> Result<Segment> {
        // SAFETY: a new segment of that size, mapped until it is detached or the resource owner ends.
        unsafe {
            let segment = pg_sys::dsm_create(size_of::<Header>() + text.len(), 0);
            let start: *mut Header = pg_sys::dsm_segment_address(segment).cast();
            start.write(Header {
                committed: AtomicU32::new(0),
                database: pg_sys::MyDatabaseId.to_u32(),
                length: text.len() as u32,
            });
            std::ptr::copy_nonoverlapping(text.as_ptr(), start.add(1).cast(), text.len());
            Ok(Segment(segment))
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

    fn is_committed(&self) -> bool {
        self.header().committed.load(Ordering::Acquire) == 1
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        // SAFETY: detached once; an abort detaches it by the resource owner, and does not come here.
        unsafe { pg_sys::dsm_detach(self.0) }
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
    let text = unsafe {
        std::slice::from_raw_parts((&raw const *header).add(1).cast::<u8>(), header.length as usize).to_vec()
    };
    let database = pg_sys::Oid::from(header.database);
    BackgroundWorker::connect_worker_to_spi_by_oid(Some(database), None);
    BackgroundWorker::transaction(move || {
        // No function pins it here, and a database may have another.
        let pinned = Spi::run("SET LOCAL search_path = pg_catalog, pg_temp").map_err(Failure::from);
        let written = pinned
            .and_then(|()| Ok(serde_json::from_slice::<Entry>(&text)?))
            .and_then(|entry| as_owner(|| store::write(&entry)));
        if let Err(failure) = written {
            failure.raise();
        }
    });
    segment.header().committed.store(1, Ordering::Release);
}

thread_local! {
    /// When the last look-ups of this session missed that could not be recorded.
    static UNRECORDED: RefCell<VecDeque<Instant>> = const { RefCell::new(VecDeque::new()) };
}

/// Refuses more look-ups when this login's last ones found nothing too often, and puts that on record. Errors: `53400`.
pub fn check_misses() -> Result<()> {
    // SAFETY: reads the backend's user state.
    let login = role_name(unsafe { pg_sys::GetSessionUserId() });
    let here = UNRECORDED.with_borrow_mut(|misses| {
        misses.retain(|at| at.elapsed() < Duration::from_secs(60));
        misses.len() as i64
    });
    if here + store::misses(&login)? < i64::from(guc::LOOKUP_MISSES.get()) {
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
/// does not count. A standby records nothing; there the session counts, and goes slowly.
pub fn missed() -> Result<()> {
    // SAFETY: reads shared state.
    if unsafe { pg_sys::RecoveryInProgress() } {
        UNRECORDED.with_borrow_mut(|misses| misses.push_back(Instant::now()));
        std::thread::sleep(Duration::from_millis(100));
        return Ok(());
    }
    let entry = Entry::of_caller("lookup", Outcome::Missed)?;
    // SAFETY: interrupts are held until the worker ends; PostgreSQL lets go of them itself when an error is raised.
    unsafe { pg_sys::InterruptHoldoffCount += 1 };
    let recorded = entry.record();
    // SAFETY: as above.
    unsafe { pg_sys::InterruptHoldoffCount -= 1 };
    recorded
}
