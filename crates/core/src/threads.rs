//! Pure work on several threads: they only shorten the wait, never change a result.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// How many threads work on all records of a type.
pub(crate) fn all() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The numbers below `count` in as many parts as there are threads to work on them.
pub(crate) fn parts(count: usize, threads: usize) -> Vec<Range<usize>> {
    let size = count.div_ceil(threads.max(1)).max(1);
    (0..count).step_by(size).map(|from| from..(from + size).min(count)).collect()
}

/// What `work` gives for each item, in the order of the items.
pub(crate) fn map<T: Send, R: Send>(items: Vec<T>, threads: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    if threads < 2 || items.len() < 2 {
        return items.into_iter().map(work).collect();
    }
    let mut done: Vec<Option<R>> = Vec::new();
    done.resize_with(items.len(), || None);
    let (threads, waiting) = (threads.min(items.len()), Mutex::new(items.into_iter().zip(&mut done)));
    let (waiting, work) = (&waiting, &work);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(move || loop {
                let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((item, slot)) = next else { break };
                *slot = Some(work(item));
            });
        }
    });
    done.into_iter().flatten().collect()
}

/// What two works give that have nothing to do with each other.
pub(crate) fn both<A: Send, B>(threads: usize, one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    if threads < 2 {
        return (one(), other());
    }
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), other)
    })
}
