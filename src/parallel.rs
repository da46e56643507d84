//! Pure work on all cores. Threads never call PostgreSQL: they run with every signal blocked, and the backend's own
//! thread waits for them and hears of a cancel meanwhile.

use crate::error::{Failure, Result};
use crate::memory;
use pgrx::pg_sys;
use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::Arc;
use std::thread::Scope;
use std::time::Duration;

/// Items that a thread takes at a time; with fewer a thread costs more than it saves.
const PIECE: usize = 256;
/// How often the backend looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(20);

thread_local! {
    /// Whether this is a thread that was started here.
    static IN_THREAD: Cell<bool> = const { Cell::new(false) };
}

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
    // A thread does its own alone: the others are at work, and it cannot hear of a cancel.
    if items.len() <= size || threads() < 2 || IN_THREAD.get() {
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
    beside(|others| others.start(work).end())
}

/// What `make` makes of the pieces on the other cores goes to `take` in the backend's own thread, in the order of the
/// pieces; the next ones are made meanwhile.
pub fn pipeline<T: Send, M: Send>(
    pieces: impl IntoIterator<Item = Result<T>>,
    make: impl Fn(T) -> M + Sync,
    mut take: impl FnMut(M) -> Result<()>,
) -> Result<()> {
    let make = &make;
    beside(|others| {
        let mut begun = VecDeque::with_capacity(threads() + 1);
        for piece in pieces {
            let piece = piece?;
            begun.push_back(others.start(move |_| make(piece)));
            if begun.len() > threads() {
                begun.pop_front().map_or(Ok(()), |first| take(first.end()?))?;
            }
        }
        begun.into_iter().try_for_each(|next| take(next.end()?))
    })
}

/// Runs `work`, which may start further work on the other cores and goes on meanwhile. All that was started has ended when
/// this returns, and when an error of PostgreSQL ends it.
pub fn beside<'env, R>(work: impl for<'scope> FnOnce(&Others<'scope, 'env>) -> Result<R>) -> Result<R> {
    let stop = Arc::new(AtomicBool::new(false));
    std::thread::scope(|scope| {
        let _halt = Halt(Arc::clone(&stop));
        work(&Others { scope, stop })
    })
}

/// Tells threads, when it is dropped, that nobody waits for them any more.
struct Halt(Arc<AtomicBool>);

impl Drop for Halt {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Where work beside the backend's own thread is started.
pub struct Others<'scope, 'env: 'scope> {
    scope: &'scope Scope<'scope, 'env>,
    stop: Arc<AtomicBool>,
}

impl<'scope> Others<'scope, '_> {
    /// Starts work, which may look at the flag whether what it does is still wanted.
    pub fn start<R: Send + 'scope>(&self, work: impl FnOnce(&AtomicBool) -> R + Send + 'scope) -> Begun<R> {
        let (tell, told) = mpsc::sync_channel(1);
        let stop = Arc::clone(&self.stop);
        // A handler of the server's must run in the backend's own thread: those made here inherit this mask.
        let _blocked = Blocked::all();
        self.scope.spawn(move || {
            IN_THREAD.set(true);
            step_back();
            if let Ok(result) = catch_unwind(AssertUnwindSafe(|| work(&stop))) {
                let _ = tell.send(result);
            }
        });
        Begun { told, stop: Arc::clone(&self.stop) }
    }
}

/// Work that was started.
pub struct Begun<R> {
    told: mpsc::Receiver<R>,
    stop: Arc<AtomicBool>,
}

impl<R> Begun<R> {
    /// Waits for what it gives; a cancel, or too much memory, ends it.
    pub fn end(self) -> Result<R> {
        let mut full = None;
        let result = loop {
            match self.told.recv_timeout(LOOK) {
                Ok(result) => break Some(result),
                Err(RecvTimeoutError::Disconnected) => break None,
                Err(RecvTimeoutError::Timeout) => {
                    full = full.or_else(|| memory::check().err());
                    if full.is_some() || interrupted() {
                        self.stop.store(true, Ordering::Relaxed);
                    }
                }
            }
        };
        pgrx::check_for_interrupts!();
        match full {
            Some(failure) => Err(failure),
            None => result.ok_or_else(|| Failure::internal("a thread failed")),
        }
    }
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
