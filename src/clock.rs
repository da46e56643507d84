//! PostgreSQL's clock, as the engine counts: microseconds since 1970, UTC.

use golden_record_core::value::Micros;
use pgrx::datum::TimestampWithTimeZone;
use pgrx::pg_sys;

/// PostgreSQL counts from 2000-01-01, the engine from 1970-01-01.
const EPOCH_DIFFERENCE: Micros = 946_684_800_000_000;

/// The present.
pub fn now() -> Micros {
    // SAFETY: reads the clock.
    unsafe { pg_sys::GetCurrentTimestamp() }.saturating_add(EPOCH_DIFFERENCE)
}

/// The present as PostgreSQL has it: one time for all rows of a statement.
pub fn present() -> TimestampWithTimeZone {
    timestamp(now())
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
