//! Pure work on all cores. Threads never call PostgreSQL: they run with every signal blocked, and the backend's own
//! thread waits for them and hears of a cancel meanwhile.

use crate::error::{Failure, Result};
use crate::memory;
use pgrx::pg_sys;
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Items that a thread takes at a time; with fewer a thread costs more than it saves.
const PIECE: usize = 256;
/// How often the backend looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(20);

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// `work` on every item, in the order of the items.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Result<Vec<R>> {
    in_pieces(items, PIECE, work)
}

/// The same where one item is work enough for a thread.
pub fn map_large<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Result<Vec<R>> {
    in_pieces(items, 1, work)
}

fn in_pieces<T: Sync, R: Send>(items: &[T], size: usize, work: impl Fn(&T) -> R + Sync) -> Result<Vec<R>> {
    if items.len() <= size || threads() < 2 {
        return Ok(items.iter().map(work).collect());
    }
    let next = AtomicUsize::new(0);
    let mut parts: Vec<(usize, Vec<R>)> = off_main(|stop| {
        std::thread::scope(|scope| {
            let part = || {
                let mut done = Vec::new();
                loop {
                    let piece = next.fetch_add(1, Ordering::Relaxed);
                    let from = piece * size;
                    if from >= items.len() || stop.load(Ordering::Relaxed) {
                        return done;
                    }
                    let to = (from + size).min(items.len());
                    done.push((piece, items[from..to].iter().map(&work).collect()));
                }
            };
            let running: Vec<_> = (0..threads()).map(|_| scope.spawn(part)).collect();
            running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
        })
    })?;
    parts.sort_unstable_by_key(|(piece, _)| *piece);
    let done: Vec<R> = parts.into_iter().flat_map(|(_, part)| part).collect();
    // A thread that failed leaves its piece out.
    if done.len() == items.len() {
        Ok(done)
    } else {
        Err(Failure::internal("a thread failed"))
    }
}

/// Runs `work` in a thread of its own, so that a cancel is heard meanwhile, and too much memory seen: then `stop` is
/// set, and what `work` gives is thrown away.
pub fn off_main<R: Send>(work: impl FnOnce(&AtomicBool) -> R + Send) -> Result<R> {
    let stop = AtomicBool::new(false);
    let finished = AtomicBool::new(false);
    let waiting = std::thread::current();
    let full = RefCell::new(None);
    let result = std::thread::scope(|scope| {
        let thread = {
            // A handler of the server's must run in the backend's own thread: those made here inherit this mask.
            let _blocked = Blocked::all();
            scope.spawn(|| {
                step_back();
                let result = work(&stop);
                finished.store(true, Ordering::Release);
                waiting.unpark();
                result
            })
        };
        while !finished.load(Ordering::Acquire) && !thread.is_finished() {
            std::thread::park_timeout(LOOK);
            if let Err(failure) = memory::check() {
                full.replace(Some(failure));
                stop.store(true, Ordering::Relaxed);
            }
            if interrupted() {
                stop.store(true, Ordering::Relaxed);
            }
        }
        thread.join()
    });
    pgrx::check_for_interrupts!();
    if let Some(failure) = full.into_inner() {
        return Err(failure);
    }
    result.map_err(|_| Failure::internal("a thread failed"))
}

/// Lets readers and writers of other sessions go first where all cores are busy: the threads made from this one too. The
/// backend itself stays as it is, since it holds locks.
fn step_back() {
    // SAFETY: on Linux the priority of the calling thread alone.
    #[cfg(target_os = "linux")]
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 10);
    }
}

/// Whether PostgreSQL wants this backend to stop what it does.
fn interrupted() -> bool {
    // SAFETY: plain reads of flags that signal handlers set.
    unsafe {
        std::ptr::read_volatile(&raw const pg_sys::InterruptPending) != 0
            && (std::ptr::read_volatile(&raw const pg_sys::QueryCancelPending) != 0
                || std::ptr::read_volatile(&raw const pg_sys::ProcDiePending) != 0)
    }
}

/// Signals blocked in this thread until it is dropped.
struct Blocked(libc::sigset_t);

impl Blocked {
    fn all() -> Blocked {
        // SAFETY: both sets are initialised by the calls that fill them.
        unsafe {
            let (mut all, mut before) = (std::mem::zeroed(), std::mem::zeroed());
            libc::sigfillset(&mut all);
            libc::pthread_sigmask(libc::SIG_BLOCK, &all, &mut before);
            Blocked(before)
        }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        // SAFETY: restores the mask that was in force.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, std::ptr::null_mut()) };
    }
}
