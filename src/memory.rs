//! Memory of work on whole sets: an end to it that is an error, before the kernel makes one.

use crate::error::{Failure, Result};
use crate::guc;
use golden_record_core::error::Error;
use pgrx::PgMemoryContexts;
use std::fs;
use std::sync::OnceLock;

/// Gives the system back what work on a whole set let go of.
pub fn give_back() {
    // SAFETY: frees nothing that is in use.
    unsafe { libmimalloc_sys::mi_collect(true) };
}

/// What is left to others of the machine's memory where `golden_record.work_mem` names no limit: a quarter.
const SHARE: (u64, u64) = (3, 4);

/// A line of `/proc/…` that begins with `name:`, in kB. `None` on systems without it: nothing is checked there.
fn kilobytes(file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// The machine's memory, or what a container may have of it, in kB.
fn machine() -> Option<u64> {
    static KNOWN: OnceLock<Option<u64>> = OnceLock::new();
    *KNOWN.get_or_init(|| {
        let total = kilobytes("/proc/meminfo", "MemTotal")?;
        let contained = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
        let contained = contained.and_then(|text| Some(text.trim().parse::<u64>().ok()? / 1024));
        Some(contained.map_or(total, |contained| contained.min(total)))
    })
}

/// Runs `work` in a memory context of its own: what it hands to PostgreSQL, such as the arrays that a statement takes, is
/// freed when it ends and not with the user's statement, of which a million records are one.
pub fn scoped<R>(work: impl FnOnce() -> Result<R>) -> Result<R> {
    let mut context = PgMemoryContexts::new("golden_record piece");
    // SAFETY: nothing that is allocated in it is kept: what work gives back is Rust's own.
    unsafe { context.switch_to(|_| work()) }
}

/// Whether this backend holds more memory of its own (without shared buffers) than `golden_record.work_mem` allows.
///
/// Errors: `53200`.
pub fn check() -> Result<()> {
    let limit = match u64::try_from(guc::WORK_MEM.get()) {
        Ok(0) | Err(_) => machine().map(|total| total / SHARE.1 * SHARE.0),
        Ok(limit) => Some(limit),
    };
    let (Some(limit), Some(held)) = (limit, kilobytes("/proc/self/status", "RssAnon")) else { return Ok(()) };
    if held <= limit {
        return Ok(());
    }
    Err(Failure::from(
        Error::new("53200", "work on the whole entity type needs more memory than golden_record.work_mem allows")
            .detail(format!("Held: {} MB; allowed: {} MB. Nothing was changed.", held / 1024, limit / 1024))
            .hint("Raise golden_record.work_mem, or send the rows in statements of fewer than 1000."),
    ))
}
