//! golden_record: the PostgreSQL shell around `golden_record_core`.
//!
//! ```text
//! api, feed, attach  →  ingest  →  resolve  →  publish        one statement of a writer
//! api, ingest        →  rebuild                →  publish      the whole set: rebuild, verify, digest, large statements
//!                       all of them  →  store                  the only place with SQL on our tables
//! ```
//!
//! No matching logic here, no arithmetic on scores: what decides is in the engine. `sql/schema` has the tables, views
//! and grants, `sql/query` the statements.

// pgrx gives set-returning functions and its error report these shapes.
#![allow(clippy::result_large_err, clippy::type_complexity)]

mod access;
mod alias;
mod api;
mod attach;
mod audit;
mod clearance;
mod clock;
mod configuration;
mod drift;
mod erasure;
mod error;
mod feed;
mod finger;
mod guc;
mod ingest;
mod isolation;
mod jsonb;
mod keyring;
mod lock;
mod lookup;
mod memory;
mod model;
mod overrides;
mod owner;
mod parallel;
mod progress;
mod publish;
mod rebuild;
mod regclass;
mod resolve;
mod retry;
mod steward;
mod store;
mod suppress;
mod transaction;
mod why;

/// Work on a million records allocates some hundred million times, on several threads: the system's allocator spends
/// half of the time on it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pgrx::pg_module_magic!(name, version);

pgrx::extension_sql_file!("../sql/schema/00_guard.sql", name = "guard", bootstrap);
pgrx::extension_sql_file!("../sql/schema/10_configuration.sql", name = "configuration", requires = ["guard"]);
pgrx::extension_sql_file!("../sql/schema/20_source.sql", name = "source", requires = ["configuration"]);
pgrx::extension_sql_file!("../sql/schema/30_match.sql", name = "match", requires = ["source"]);
pgrx::extension_sql_file!("../sql/schema/40_golden.sql", name = "golden", requires = ["match"]);
pgrx::extension_sql_file!("../sql/schema/45_privacy.sql", name = "privacy", requires = ["golden"]);
pgrx::extension_sql_file!("../sql/schema/46_history.sql", name = "history", requires = ["privacy"]);
pgrx::extension_sql_file!("../sql/schema/50_events.sql", name = "events", requires = ["history"]);
pgrx::extension_sql_file!(
    "../sql/schema/60_views.sql",
    name = "views",
    requires = [
        "events",
        api::privacy::cleared,
        api::privacy::key_status,
        api::privacy::open_payload,
        api::privacy::open_raw,
        api::privacy::open_values,
        api::privacy::unmask,
        api::profile::open_lineage
    ]
);
pgrx::extension_sql_file!(
    "../sql/schema/65_status.sql",
    name = "status",
    requires = ["views", api::privacy::key_status, attach::trigger::attached_change]
);
pgrx::extension_sql_file!(
    "../sql/schema/70_functions.sql",
    name = "functions",
    requires = [
        "views",
        feed::feed_begin,
        feed::feed_row,
        feed::feed_end,
        attach::trigger::attached_change,
        api::ingest::ingest,
        api::profile::lookup_golden,
        api::progress::running,
        api::value::merge_golden_final
    ]
);
pgrx::extension_sql_file!(
    "../sql/schema/75_as_of.sql",
    name = "as_of",
    requires = ["functions", api::history::remembered, api::why::whose_value]
);
pgrx::extension_sql_file!("../sql/schema/90_finish.sql", name = "finish", finalize);

/// Called by PostgreSQL when the library is loaded.
#[pgrx::pg_guard]
pub extern "C-unwind" fn _PG_init() {
    guc::register();
}
