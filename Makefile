# PostgreSQL's own way to test an extension. `make installcheck` runs tests/pg_regress and tests/isolation against the
# server that PGHOST, PGPORT and PGUSER lead to; ./test and scripts/with-cluster provide one.
#     make install                          build with cargo-pgrx and install into PG_CONFIG's PostgreSQL
#     make installcheck REGRESS=install     one file
PG_CONFIG ?= /usr/lib/postgresql/15/bin/pg_config
CARGO_TARGET_DIR ?= target

# install.sql first, the rest by name: a new file in sql/ or specs/ needs no entry here.
names = $(sort $(basename $(notdir $(wildcard $(1)))))
REGRESS = install $(filter-out install, $(call names, tests/pg_regress/sql/*.sql))
REGRESS_OPTS = --inputdir=tests/pg_regress --outputdir=$(CARGO_TARGET_DIR)/regress
ISOLATION = $(call names, tests/isolation/specs/*.spec)
ISOLATION_OPTS = --inputdir=tests/isolation --outputdir=$(CARGO_TARGET_DIR)/isolation

REGRESS_PREP = output

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

.PHONY: output pgrx-install
output:
	mkdir -p $(CARGO_TARGET_DIR)/regress $(CARGO_TARGET_DIR)/isolation
install: pgrx-install
pgrx-install:
	cargo pgrx install --release --pg-config $(PG_CONFIG)
