//! PostgreSQL's clock, as the engine counts: microseconds since 1970, UTC.

use golden_record_core::value::Micros;
use pgrx::datum::TimestampWithTimeZone;
use pgrx::pg_sys;
use std::cell::Cell;

/// PostgreSQL counts from 2000-01-01, the engine from 1970-01-01.
const EPOCH_DIFFERENCE: Micros = 946_684_800_000_000;

/// The present.
pub fn now() -> Micros {
    // SAFETY: reads the clock.
    unsafe { pg_sys::GetCurrentTimestamp() }.saturating_add(EPOCH_DIFFERENCE)
}

thread_local! {
    static STANDING: Cell<Option<Micros>> = const { Cell::new(None) };
}

/// As long as it lives the present stands still, so that golden records and who belongs to them change at one moment.
pub struct Moment(Option<Micros>);

impl Moment {
    /// Stops the present where it is, unless it stands still already.
    pub fn begin() -> Moment {
        Moment(STANDING.replace(STANDING.get().or_else(|| Some(now()))))
    }
}

impl Drop for Moment {
    fn drop(&mut self) {
        STANDING.set(self.0);
    }
}

/// The present as PostgreSQL has it.
pub fn present() -> TimestampWithTimeZone {
    timestamp(STANDING.get().unwrap_or_else(now))
}

/// When the transaction began.
pub fn transaction_start() -> Micros {
    // SAFETY: reads the backend's transaction state.
    unsafe { pg_sys::GetCurrentTransactionStartTimestamp() }.saturating_add(EPOCH_DIFFERENCE)
}

/// A moment of PostgreSQL's.
pub fn micros(at: TimestampWithTimeZone) -> Micros {
    Micros::from(at).saturating_add(EPOCH_DIFFERENCE)
}

/// A moment as PostgreSQL has it.
pub fn timestamp(at: Micros) -> TimestampWithTimeZone {
    let at = at.saturating_sub(EPOCH_DIFFERENCE);
    TimestampWithTimeZone::try_from(at).unwrap_or_else(|_| TimestampWithTimeZone::positive_infinity())
}
