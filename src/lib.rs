//! golden_record: the PostgreSQL shell around `golden_record_core`.
pgrx::pg_module_magic!(name, version);
