//! golden_record: the PostgreSQL shell around `golden_record_core`.
//!
//! ```text
//! api, feed, attach  →  ingest  →  resolve  →  publish        one statement of a writer
//! api, ingest        →  rebuild                →  publish      the whole set: rebuild, verify, digest, large statements
//!                       all of them  →  store                  the only place with SQL
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
mod memory;
mod model;
mod overrides;
mod owner;
mod parallel;
mod progress;
mod publish;
mod rebuild;
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
        api::privacy::unmask
    ]
);
pgrx::extension_sql_file!(
    "../sql/schema/65_status.sql",
    name = "status",
    requires = ["views", api::privacy::key_status, attach::attached_change]
);
pgrx::extension_sql_file!(
    "../sql/schema/70_functions.sql",
    name = "functions",
    requires = [
        "views",
        feed::feed_begin,
        feed::feed_row,
        feed::feed_end,
        attach::attached_change,
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
pgrx::extension_sql_file!(
    "../sql/schema/80_comments.sql",
    name = "comments",
    requires = [
        "as_of",
        api::configuration::define_entity,
        api::configuration::map_attribute,
        api::configuration::rebuild,
        api::configuration::register_source,
        api::configuration::set_merge_rules,
        api::configuration::set_policy,
        api::configuration::train,
        api::configuration::use_model,
        api::history::changes_since,
        api::history::forget_history,
        api::history::remembered,
        api::history::written_here,
        api::privacy::erase_subject,
        api::privacy::export_subject,
        api::privacy::grant_scope,
        api::privacy::reveal,
        api::privacy::revoke_scope,
        api::privacy::unsuppress,
        api::steward::attach_source,
        api::steward::backfill,
        api::steward::clear_override,
        api::steward::decide,
        api::steward::decide_all,
        api::steward::detach_source,
        api::steward::link,
        api::steward::override_value,
        api::steward::retry_rejected,
        api::steward::revert_decision,
        api::steward::unlink,
        api::steward::unmerge,
        api::trust::audit_head,
        api::trust::audit_verify,
        api::trust::digest_of,
        api::trust::digest_text,
        api::trust::rotate_key,
        api::trust::verify,
        api::value::identity_key,
        api::value::mask,
        api::value::match_explain,
        api::value::match_score,
        api::value::merge_golden,
        api::value::normalize_email,
        api::value::normalize_name,
        api::value::normalize_phone,
        api::value::normalize_value,
        api::value::score_pair,
        api::value::similarity,
        api::why::whose_value,
        api::why::why_not,
        api::why::why_together
    ]
);
pgrx::extension_sql_file!("../sql/schema/90_finish.sql", name = "finish", finalize);

/// Called by PostgreSQL when the library is loaded.
#[pgrx::pg_guard]
pub extern "C-unwind" fn _PG_init() {
    guc::register();
    memory::init();
}
