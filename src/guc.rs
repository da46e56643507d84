//! Settings, all under the prefix `golden_record`. None of them is an input of the digest, and none is a security
//! switch: any user may SET what is marked USERSET.

use pgrx::guc::{GucContext, GucFlags, GucRegistry, GucSetting};

/// Share of refused records above which a feed raises an alert.
pub static ALERT_ERROR_RATE: GucSetting<f64> = GucSetting::<f64>::new(0.01);
/// Width in seconds of the window over which that share is taken.
pub static ALERT_WINDOW: GucSetting<i32> = GucSetting::<i32>::new(300);
/// Whether change events wake those who listen to the channel `golden_record_change`.
pub static NOTIFY: GucSetting<bool> = GucSetting::<bool>::new(false);

/// Called once when the library is loaded.
pub fn register() {
    GucRegistry::define_float_guc(
        c"golden_record.alert_error_rate",
        c"Share of refused records above which a feed raises an alert.",
        c"Taken over golden_record.alert_window; 0.01 is one percent.",
        &ALERT_ERROR_RATE,
        0.0,
        1.0,
        GucContext::Suset,
        GucFlags::default(),
    );
    GucRegistry::define_int_guc(
        c"golden_record.alert_window",
        c"Window over which a feed's error rate is taken.",
        c"Five minutes unless set. Counters are kept by the minute.",
        &ALERT_WINDOW,
        60,
        86_400,
        GucContext::Suset,
        GucFlags::UNIT_S,
    );
    GucRegistry::define_bool_guc(
        c"golden_record.notify",
        c"Whether change events wake those who LISTEN to golden_record_change.",
        c"Off unless set, since NOTIFY makes commits wait for each other. The payload is the entity type.",
        &NOTIFY,
        GucContext::Suset,
        GucFlags::default(),
    );
    // SAFETY: called from _PG_init with a static, NUL-terminated prefix.
    #[cfg(any(feature = "pg15", feature = "pg16", feature = "pg17", feature = "pg18"))]
    unsafe {
        pgrx::pg_sys::MarkGUCPrefixReserved(c"golden_record".as_ptr());
    }
}
