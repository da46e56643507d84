//! Settings, all under the prefix `golden_record`. None of them is an input of the digest, and none that any user may SET
//! (USERSET) grants anything by itself. No secret is the value of one.

use crate::error::Result;
use golden_record_core::error::Error;
use pgrx::guc::{GucContext, GucFlags, GucRegistry, GucSetting};
use pgrx::pg_sys;
use std::ffi::{CStr, CString};
use std::sync::OnceLock;

/// Share of refused records above which a feed raises an alert.
pub static ALERT_ERROR_RATE: GucSetting<f64> = GucSetting::<f64>::new(0.01);
/// Width in seconds of the window over which that share is taken.
pub static ALERT_WINDOW: GucSetting<i32> = GucSetting::<i32>::new(300);
/// Whether change events wake those who listen to the channel `golden_record_change`.
pub static NOTIFY: GucSetting<bool> = GucSetting::<bool>::new(false);

/// The file with the master key, outside the database; relative to the data directory.
pub static KEY_FILE: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(Some(c"golden_record.key"));
/// What a cleared reader reads raw values for.
static PURPOSE: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(Some(c""));

/// How many look-ups of one login may find nothing within a minute.
pub static LOOKUP_MISSES: GucSetting<i32> = GucSetting::<i32>::new(60);

/// Memory in kB that work on a whole entity type may hold; 0: three quarters of the machine's.
pub static WORK_MEM: GucSetting<i32> = GucSetting::<i32>::new(0);

/// The settings that decide for others than the session, and are not its to set.
const GUARDED: [&CStr; 5] = [
    c"golden_record.key_file",
    c"golden_record.lookup_misses",
    c"golden_record.alert_error_rate",
    c"golden_record.alert_window",
    c"golden_record.notify",
];

/// The first of them whose configured value is lost to this session.
static LOST: OnceLock<&CStr> = OnceLock::new();

/// Refuses to work on with a default where something else may be configured.
///
/// Before the library is loaded PostgreSQL takes any value for its settings, from the client too (`PGOPTIONS`), in the place of
/// what the server is configured with. Once it knows who may set them it drops that value, and what was configured is gone.
///
/// Errors: `55000`.
pub fn check() -> Result<()> {
    let Some(name) = LOST.get() else { return Ok(()) };
    let name = name.to_string_lossy();
    Err(Error::new("55000", format!("setting {name} was given to this session by who may not set it"))
        .detail("What the server is configured with is not known to this session any more.")
        .hint("Connect without it (PGOPTIONS, options, ALTER ROLE, ALTER DATABASE), or add golden_record to shared_preload_libraries.")
        .into())
}

/// PostgreSQL's record of a setting, which stays where it is once the setting is defined.
fn setting(name: &CStr) -> Option<*mut pg_sys::config_generic> {
    // SAFETY: PostgreSQL's own list of all settings and its length.
    let settings = unsafe {
        #[cfg(feature = "pg15")]
        let (all, count) = (pg_sys::get_guc_variables(), pg_sys::GetNumConfigOptions());
        #[cfg(not(feature = "pg15"))]
        let (all, count) = {
            let mut count = 0;
            (pg_sys::get_guc_variables(&mut count), count)
        };
        std::slice::from_raw_parts(all, count as usize)
    };
    // SAFETY: each is a setting with a name.
    let is_it = |setting: &*mut pg_sys::config_generic| unsafe { CStr::from_ptr((**setting).name) };
    settings.iter().copied().find(|setting| is_it(setting).to_bytes().eq_ignore_ascii_case(name.to_bytes()))
}

/// Where the values come from to which the guarded settings are reset: one of `PGC_S_…` each, the default where there is none.
fn sources() -> [pg_sys::GucSource::Type; GUARDED.len()] {
    // SAFETY: a setting that PostgreSQL has.
    GUARDED.map(|name| {
        setting(name).map_or(pg_sys::GucSource::PGC_S_DEFAULT, |setting| unsafe { (*setting).reset_source })
    })
}

thread_local! {
    static PURPOSE_SETTING: Option<*mut pg_sys::config_generic> = setting(c"golden_record.purpose");
}

/// What the session, or its client when it connected, says that it reads for. What the owner of the database, a role's setting or
/// `postgresql.conf` says for all sessions is nobody's purpose.
pub fn purpose() -> Option<String> {
    let said = PURPOSE_SETTING.with(|setting| {
        // SAFETY: a setting that PostgreSQL has; the library defines it when it is loaded.
        setting.is_some_and(|setting| unsafe { (*setting).source } >= pg_sys::GucSource::PGC_S_CLIENT)
    });
    let purpose = PURPOSE.get().filter(|_| said)?.to_string_lossy().trim().to_owned();
    (!purpose.is_empty()).then_some(purpose)
}

/// Called once when the library is loaded.
pub fn register() {
    let given = sources();
    define();
    let lost = |(given, now)| given > pg_sys::GucSource::PGC_S_FILE && now == pg_sys::GucSource::PGC_S_DEFAULT;
    if let Some(at) = given.into_iter().zip(sources()).position(lost) {
        LOST.get_or_init(|| GUARDED[at]);
    }
}

fn define() {
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
    GucRegistry::define_string_guc(
        c"golden_record.key_file",
        c"File with the master key that personal data is sealed under.",
        c"Made at first use when it is not there. Relative to the data directory; keep it outside of it, and out of backups.",
        &KEY_FILE,
        GucContext::Sighup,
        GucFlags::SUPERUSER_ONLY,
    );
    GucRegistry::define_int_guc(
        c"golden_record.lookup_misses",
        c"How many look-ups of one login may find nothing within a minute.",
        c"Then all look-ups of the login are refused for a while: nobody shall try numbers until one is held.",
        &LOOKUP_MISSES,
        1,
        1_000_000,
        GucContext::Suset,
        GucFlags::default(),
    );
    GucRegistry::define_string_guc(
        c"golden_record.purpose",
        c"What this session reads personal data for.",
        c"Views show raw values to members of golden_record_pii within their scope while the session or its client sets it, and record it in access_log.",
        &PURPOSE,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_int_guc(
        c"golden_record.work_mem",
        c"Memory that backfill, rebuild, train, verify and large statements may hold.",
        c"0 stands for three quarters of the machine's memory. Beyond it they end with error 53200 and change nothing.",
        &WORK_MEM,
        0,
        i32::MAX,
        GucContext::Userset,
        GucFlags::UNIT_KB,
    );
    // SAFETY: called from _PG_init with a static, NUL-terminated prefix.
    unsafe {
        pgrx::pg_sys::MarkGUCPrefixReserved(c"golden_record".as_ptr());
    }
}

/// PostgreSQL's own settings, changed until the end of the scope.
pub struct Settings(i32);

impl Settings {
    /// Sets each to its value, whoever the user is that may set it.
    pub fn with(settings: &[(&CStr, &CStr)]) -> Settings {
        // SAFETY: a nest level of settings of our own, closed by drop, or by PostgreSQL when the transaction aborts.
        unsafe {
            let level = pg_sys::NewGUCNestLevel();
            for (name, value) in settings {
                pg_sys::set_config_option(
                    name.as_ptr(),
                    value.as_ptr(),
                    pg_sys::GucContext::PGC_USERSET,
                    pg_sys::GucSource::PGC_S_SESSION,
                    pg_sys::GucAction::GUC_ACTION_SAVE,
                    true,
                    0,
                    false,
                );
            }
            Settings(level)
        }
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        // SAFETY: the level that `with` opened. As if it failed: then also what others set within it is undone.
        unsafe { pg_sys::AtEOXact_GUC(false, self.0) }
    }
}
