//! Pure work on all cores. Threads never call PostgreSQL: they run with every signal blocked, and the backend's own
//! thread waits for them and hears of a cancel meanwhile.

use crate::error::{Failure, Result};
use crate::memory;
use golden_record_core::error::Error;
use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, Scope};
use std::time::Duration;

/// Items that a thread takes at a time; with fewer a thread costs more than it saves.
const PIECE: usize = 256;
/// How often the backend looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(20);

thread_local! {
    /// Whether this is a thread that was started here.
    static IN_THREAD: Cell<bool> = const { Cell::new(false) };
}

/// How many threads work at once.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Hears of a cancel, where work that threads share is done by the backend's own.
pub fn heed() {
    if !IN_THREAD.get() {
        pgrx::check_for_interrupts!();
    }
}

/// `work` on every item, in the order of the items.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Result<Vec<R>> {
    in_pieces(items, PIECE, work)
}

/// `work` on every item, where one is work enough for a thread.
pub fn map_large<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Result<Vec<R>> {
    in_pieces(items, 1, work)
}

fn in_pieces<T: Sync, R: Send>(items: &[T], size: usize, work: impl Fn(&T) -> R + Sync) -> Result<Vec<R>> {
    // A thread does its own alone: the others are at work, and it cannot hear of a cancel.
    if items.len() <= size || IN_THREAD.get() {
        return Ok(items.iter().map(work).collect());
    }
    let next = AtomicUsize::new(0);
    let part = |stop: &AtomicBool| {
        let mut done: Vec<(usize, Vec<R>)> = Vec::new();
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
    let part = &part;
    let parts: Vec<Vec<(usize, Vec<R>)>> = beside(|others| {
        let running = (0..threads()).map(|_| others.start(part)).collect::<Result<Vec<Begun<_>>>>()?;
        running.into_iter().map(Begun::end).collect()
    })?;
    let mut parts: Vec<(usize, Vec<R>)> = parts.into_iter().flatten().collect();
    parts.sort_unstable_by_key(|(piece, _)| *piece);
    Ok(parts.into_iter().flat_map(|(_, part)| part).collect())
}

/// Runs `work` in a thread of its own, so that a cancel is heard meanwhile, and too much memory seen: then the flag that it is
/// given is set.
pub fn off_main<R: Send>(work: impl FnOnce(&AtomicBool) -> R + Send) -> Result<R> {
    beside(|others| others.start(work)?.end())
}

/// What `make` makes of the pieces on the other cores goes to `take` in the backend's own thread, in the order of the
/// pieces; the next ones are made meanwhile.
pub fn pipeline<T: Send, M: Send>(
    pieces: impl IntoIterator<Item = Result<T>>,
    make: impl Fn(T) -> M + Sync,
    take: impl FnMut(M) -> Result<()>,
) -> Result<()> {
    pipeline_beside(pieces, make, take, || Ok(false))
}

/// A [`pipeline`] for a backend's own thread that has something to do while it waits: `meanwhile` does a bit of it, and tells
/// whether there is more.
pub fn pipeline_beside<T: Send, M: Send>(
    pieces: impl IntoIterator<Item = Result<T>>,
    make: impl Fn(T) -> M + Sync,
    mut take: impl FnMut(M) -> Result<()>,
    mut meanwhile: impl FnMut() -> Result<bool>,
) -> Result<()> {
    let make = &make;
    beside(|others| others.pipeline(pieces, make, |begun| take(begun.end_beside(&mut meanwhile)?)))
}

/// Runs `work`, which may start further work on the other cores and goes on meanwhile. All that was started has ended when
/// this returns, and when an error of PostgreSQL ends it.
pub fn beside<'env, R>(work: impl for<'scope> FnOnce(&Others<'scope, 'env>) -> Result<R>) -> Result<R> {
    let stop = Arc::new(AtomicBool::new(false));
    std::thread::scope(|scope| {
        let _halt = Halt(Arc::clone(&stop));
        let (jobs, waiting) = mpsc::channel();
        work(&Others { scope, stop, jobs, waiting: Arc::new(Mutex::new(waiting)), threads: Cell::new(0) })
    })
}

/// Tells threads, when it is dropped, that nobody waits for them any more.
struct Halt(Arc<AtomicBool>);

impl Drop for Halt {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A piece of work on its way to a thread.
type Job<'scope> = Box<dyn FnOnce() + Send + 'scope>;

/// Where work beside the backend's own thread is started. A thread does one piece after another, so that the memory it has
/// from one serves the next.
pub struct Others<'scope, 'env: 'scope> {
    scope: &'scope Scope<'scope, 'env>,
    stop: Arc<AtomicBool>,
    /// The threads end when this is dropped.
    jobs: mpsc::Sender<Job<'scope>>,
    waiting: Arc<Mutex<mpsc::Receiver<Job<'scope>>>>,
    threads: Cell<usize>,
}

impl<'scope> Others<'scope, '_> {
    /// Starts work, which may look at the flag whether what it does is still wanted, and unwind where it is not. Errors: `53000`
    /// where the system gives not one thread.
    pub fn start<R: Send + 'scope>(&self, work: impl FnOnce(&AtomicBool) -> R + Send + 'scope) -> Result<Begun<R>> {
        if self.threads.get() < threads() {
            match self.hire() {
                Ok(()) => self.threads.set(self.threads.get() + 1),
                // Those that there are do it all.
                Err(_) if self.threads.get() > 0 => {}
                Err(error) => {
                    return Err(Error::new("53000", format!("could not start a thread: {error}"))
                        .hint(
                            "Raise what limits the number of threads: ulimit -u, pids.max of the service or container.",
                        )
                        .into())
                }
            }
        }
        let (tell, told) = mpsc::sync_channel(1);
        let stop = Arc::clone(&self.stop);
        // Where no thread is left to take it, `tell` goes with it, and who waits hears of that.
        let _ = self.jobs.send(Box::new(move || {
            if let Ok(result) = catch_unwind(AssertUnwindSafe(|| work(&stop))) {
                let _ = tell.send(result);
            }
        }));
        Ok(Begun { told })
    }

    /// Starts `make` on the pieces, as many ahead as there are threads, and gives what was begun to `take`, in their order.
    pub fn pipeline<T: Send + 'scope, M: Send + 'scope>(
        &self,
        pieces: impl IntoIterator<Item = Result<T>>,
        make: impl Fn(T) -> M + Copy + Send + 'scope,
        mut take: impl FnMut(Begun<M>) -> Result<()>,
    ) -> Result<()> {
        let mut begun = VecDeque::with_capacity(threads() + 1);
        for piece in pieces {
            let piece = piece?;
            begun.push_back(self.start(move |_| make(piece))?);
            if begun.len() > threads() {
                begun.pop_front().map_or(Ok(()), &mut take)?;
            }
        }
        begun.into_iter().try_for_each(take)
    }

    /// Makes a thread, which does what waits.
    fn hire(&self) -> std::io::Result<()> {
        let (waiting, stop) = (Arc::clone(&self.waiting), Arc::clone(&self.stop));
        // A handler of the server's must run in the backend's own thread: those made here inherit this mask.
        let _blocked = Blocked::all();
        let work = move || {
            IN_THREAD.set(true);
            step_back();
            let next = || waiting.lock().ok()?.recv().ok();
            while let Some(job) = next() {
                // What nobody wants any more is dropped, and who waits for it hears of that.
                if !stop.load(Ordering::Relaxed) {
                    job();
                }
            }
        };
        Builder::new().spawn_scoped(self.scope, work).map(drop)
    }
}

/// Work that was started.
pub struct Begun<R> {
    told: mpsc::Receiver<R>,
}

impl<R> Begun<R> {
    /// Waits for what it gives, and does bits of other work until there are none or it is there.
    pub fn end_beside(self, meanwhile: &mut impl FnMut() -> Result<bool>) -> Result<R> {
        loop {
            match self.told.try_recv() {
                Ok(result) => return Ok(result),
                Err(TryRecvError::Empty) if meanwhile()? => {}
                Err(_) => return self.end(),
            }
        }
    }

    /// Waits for what it gives; a cancel, or too much memory, ends it. Others wait for this backend meanwhile, as who drops a
    /// database does, and are heard.
    pub fn end(self) -> Result<R> {
        loop {
            match self.told.recv_timeout(LOOK) {
                Ok(result) => return Ok(result),
                Err(RecvTimeoutError::Disconnected) => return Err(Failure::internal("a thread failed")),
                Err(RecvTimeoutError::Timeout) => {
                    pgrx::check_for_interrupts!();
                    memory::check()?;
                }
            }
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
