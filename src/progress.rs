//! Progress of work on whole sets, readable while it runs: rows in a table would be seen after the commit only, so each
//! backend that works keeps a small file, without personal data, in the server's directory for temporary statistics.
//! Whoever waits at a terminal is told too.

use crate::error::Result;
use crate::memory;
use pgrx::pg_sys;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Relative to the data directory, where a backend runs.
const DIRECTORY: &str = "pg_stat_tmp";
const PREFIX: &str = "golden_record_progress.";
/// How often a file is read that was being written.
const LOOKS: usize = 3;
/// How long work may go on before its client hears of it, and between two notices.
const PATIENCE: Duration = Duration::from_secs(5);

/// What one backend is doing.
#[derive(Clone, Serialize, Deserialize)]
pub struct State {
    /// The backend.
    pub pid: i32,
    /// The database it works in.
    database: u32,
    /// `backfill`, `rebuild`, …
    pub command: String,
    /// The attached table, or the entity type.
    pub relation: String,
    /// What is done now.
    pub phase: String,
    /// How much of it is done.
    pub done: i64,
    /// How much there is; 0: not known.
    pub total: i64,
    /// When the command began, in microseconds since 2000, as PostgreSQL counts.
    pub started_at: i64,
}

struct Running {
    state: State,
    file: Option<File>,
    began: Instant,
    told: Instant,
}

impl Running {
    /// Writes what is done now over what was. The same file all the time: to put a new one in its place has file systems
    /// write it out and free the old one's blocks, with which a backfill spent a twentieth of its time.
    fn write(&self) {
        let (Some(file), Ok(text)) = (&self.file, serde_json::to_string(&self.state)) else { return };
        let _ = file.write_all_at(twice(&text).as_bytes(), 0);
    }
}

/// A text as it stands in a file that is written while others read it.
fn twice(text: &str) -> String {
    format!("{text}\n{text}\n")
}

/// The text in such a file; `None` where it was being written: then its two lines differ.
fn whole(text: &str) -> Option<&str> {
    let mut lines = text.lines();
    lines.next().filter(|first| lines.next() == Some(first))
}

thread_local! {
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
}

/// Reports on a command until it is dropped. Within another command it is silent: that one reports.
pub struct Progress {
    outermost: bool,
}

impl Progress {
    /// A command begins.
    pub fn begin(command: &str, relation: &str) -> Progress {
        let outermost = RUNNING.with_borrow(Option::is_none);
        if outermost {
            // SAFETY: plain reads of the backend's state and the clock.
            let (pid, started_at) = unsafe { (pg_sys::MyProcPid, pg_sys::GetCurrentTimestamp()) };
            let state = State {
                pid,
                database: database(),
                command: command.to_owned(),
                relation: relation.to_owned(),
                phase: "starting".to_owned(),
                done: 0,
                total: 0,
                started_at,
            };
            let (now, file) = (Instant::now(), File::create(path(pid)).ok());
            // Until this backend closes it, or ends however it ends.
            let _ = file.as_ref().map(File::lock);
            RUNNING.set(Some(Running { state, file, began: now, told: now }));
        }
        Progress { outermost }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.outermost {
            RUNNING.set(None);
            // SAFETY: a plain read.
            let _ = std::fs::remove_file(path(unsafe { pg_sys::MyProcPid }));
            memory::give_back();
        }
    }
}

/// The database of this backend: the directory is one for all of the server.
fn database() -> u32 {
    // SAFETY: a plain global of the backend.
    unsafe { pg_sys::MyDatabaseId }.to_u32()
}

fn path(pid: i32) -> PathBuf {
    PathBuf::from(DIRECTORY).join(format!("{PREFIX}{pid}"))
}

/// The running command enters a phase with so much to do (0: not known). Errors: `57014` where it is cancelled, `53200` where
/// it holds too much memory.
pub fn phase(name: &str, total: usize) -> Result<()> {
    let elapsed = RUNNING.with_borrow(|running| running.as_ref().map(|running| running.began.elapsed()));
    if let Some(elapsed) = elapsed {
        pgrx::debug1!("golden_record: {name} ({total}) after {} ms", elapsed.as_millis());
    }
    report(|state| {
        state.phase = name.to_owned();
        (state.done, state.total) = (0, total as i64);
    })
}

/// So much of the phase is done. Errors: as for [`phase`].
pub fn done(count: usize) -> Result<()> {
    report(|state| state.done = count as i64)
}

/// Reporting is a courtesy: what cannot be written is not worth an error. But here, where work begins and goes on, a cancel
/// is heard and the memory is looked at.
fn report(change: impl FnOnce(&mut State)) -> Result<()> {
    if RUNNING.with_borrow(Option::is_none) {
        return Ok(());
    }
    let notice = RUNNING.with_borrow_mut(|running| {
        let running = running.as_mut()?;
        change(&mut running.state);
        running.write();
        let told = running.told.elapsed() >= PATIENCE;
        told.then(|| {
            running.told = Instant::now();
            let State { command, relation, phase, done, total, .. } = &running.state;
            let of = if *total > 0 { format!(", {done} of {total}") } else { String::new() };
            format!("{command} of {relation}: {phase}{of} after {} s", running.began.elapsed().as_secs())
        })
    });
    if let Some(notice) = notice {
        pgrx::notice!("{notice}");
    }
    pgrx::check_for_interrupts!();
    memory::check()
}

/// What the backends of this database that run now are doing. Files of others are left over from a crash, and are removed: so is
/// that of a backend which works on nothing and got the number of one that did.
pub fn all() -> Result<Vec<State>> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(DIRECTORY) else { return Ok(found) };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse::<i32>().ok()) else { continue };
        // SAFETY: looks the process up in shared memory; NULL when there is none.
        let runs = !unsafe { pg_sys::BackendPidGetProc(pid) }.is_null();
        let read = || serde_json::from_str::<State>(whole(&std::fs::read_to_string(entry.path()).ok()?)?).ok();
        let state = (0..LOOKS).find_map(|_| read());
        // What is empty is just being made.
        let left = || state.is_some() && File::open(entry.path()).is_ok_and(|file| file.try_lock_shared().is_ok());
        if !runs || left() {
            let _ = std::fs::remove_file(entry.path());
            continue;
        }
        found.extend(state.filter(|state| (state.pid, state.database) == (pid, database())));
    }
    found.sort_by_key(|state| state.pid);
    Ok(found)
}
