//! Pure work on several threads: they only shorten the wait, never change a result. Who waits may tell that he does so no
//! more: then it ends wherever it is.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{available_parallelism, Builder};

/// The threads that share some work, and who waits for it.
#[derive(Clone, Copy)]
pub struct Threads<'a> {
    /// How many they are.
    pub(crate) count: usize,
    pub(crate) until: Until<'a>,
}

/// How they hear that nobody waits any more.
#[derive(Clone, Copy)]
pub(crate) enum Until<'a> {
    /// Not at all.
    Done,
    /// It is true by then.
    Stopped(&'a AtomicBool),
    /// By asking, which unwinds.
    Asked(fn()),
}

/// What work unwinds with, without a word, once nobody waits for it any more: so no half of a result is taken for the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

impl<'a> Threads<'a> {
    /// The thread of who waits, to the end.
    pub const ALONE: Threads<'static> = Threads { count: 1, until: Until::Done };

    /// One for each core, until `stop` is true. Then the work unwinds with [`Stopped`]: who sets it lets nobody but
    /// [`std::panic::catch_unwind`] wait.
    pub fn until(stop: &'a AtomicBool) -> Threads<'a> {
        Threads { until: Until::Stopped(stop), ..Threads::ALONE }.all()
    }

    /// The thread of who waits, who asks himself by `ask` whether he still does, and unwinds by it where not.
    pub fn asking(ask: fn()) -> Threads<'static> {
        Threads { until: Until::Asked(ask), ..Threads::ALONE }
    }

    /// As many as there are cores, for who waits for these; who asks himself is alone.
    pub(crate) fn all(self) -> Threads<'a> {
        match self.until {
            Until::Asked(_) => self,
            _ => Threads { count: available_parallelism().map_or(1, usize::from), ..self },
        }
    }

    /// The share of each in so many items.
    pub(crate) fn share(self, items: usize) -> usize {
        items.div_ceil(self.count).max(1)
    }

    /// Goes on if somebody waits. For every few thousandths of a second of work; it costs nothing beside them.
    pub(crate) fn look(self) {
        match self.until {
            Until::Stopped(stop) if stop.load(Ordering::Relaxed) => resume_unwind(Box::new(Stopped)),
            Until::Asked(ask) => ask(),
            _ => {}
        }
    }
}

/// The numbers below `count` in as many parts as there are threads to work on them.
pub(crate) fn parts(count: usize, threads: Threads) -> Vec<Range<usize>> {
    let size = threads.share(count);
    (0..count).step_by(size).map(|from| from..(from + size).min(count)).collect()
}

/// What `work` gives for each item, in the order of the items.
pub(crate) fn map<T: Send, R: Send>(items: Vec<T>, threads: Threads, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let work = |item: T| {
        threads.look();
        work(item)
    };
    if threads.count < 2 || items.len() < 2 {
        return items.into_iter().map(work).collect();
    }
    let mut done: Vec<Option<R>> = Vec::new();
    done.resize_with(items.len(), || None);
    let (count, waiting) = (threads.count.min(items.len()), Mutex::new(items.into_iter().zip(&mut done)));
    let (waiting, work) = (&waiting, &work);
    std::thread::scope(|scope| {
        let one = || loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((item, slot)) = next else { break };
            *slot = Some(work(item));
        };
        // Where the system gives fewer, these do it all; where it gives none, who waits does.
        let begun: Vec<_> = (0..count).map_while(|_| Builder::new().spawn_scoped(scope, one).ok()).collect();
        if begun.is_empty() {
            one();
        }
        for thread in begun {
            thread.join().unwrap_or_else(|unwound| resume_unwind(unwound));
        }
    });
    done.into_iter().flatten().collect()
}

/// What two works give that have nothing to do with each other.
pub(crate) fn both<A: Send, B>(threads: Threads, one: impl Fn() -> A + Sync, other: impl FnOnce() -> B) -> (A, B) {
    if threads.count < 2 {
        return (one(), other());
    }
    std::thread::scope(|scope| {
        let begun = Builder::new().spawn_scoped(scope, &one);
        let other = other();
        let one = match begun {
            Ok(thread) => thread.join().unwrap_or_else(|unwound| resume_unwind(unwound)),
            Err(_) => one(),
        };
        (one, other)
    })
}
